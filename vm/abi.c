/* abi.c: what the core exports to its host (abi.h). */
#include "abi.h"

#include "base/config.h"
#include "base/options.h"
#include "base/text.h"
#include "primitives/snapshot.h"
#include "translator/translator.h"
#include "interpreter/counters.h"
#include "interpreter/lookup.h"
#include "memory/image.h"
#include "primitives/primitive.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void *vm_alloc(uint32_t bytes) { return malloc(bytes); }
void vm_free(void *p) { free(p); }

int32_t vm_option(const char *name, uint32_t length, uint32_t value) {
  char text[64];
  if (length >= sizeof text) return -1;
  memcpy(text, name, length);
  text[length] = 0;
  if (!vm_set_option(text, value)) return -1;
  mem_options_changed();
  return 0;
}

err_t vm_load_image(const uint8_t *bytes, uint32_t size) {
  err_t error = mem_init(VM_EDEN_BYTES);
  return error != NULL ? error : image_read(bytes, size);
}

err_t vm_start(void) {
  err_t error = interp_start();
  if (error == NULL) translator_start();
  return error;
}

int32_t vm_run(uint32_t budget_us) { return (int32_t)interp_run(budget_us); }
int32_t vm_exit_code(void) { return interp.exit_code; }
err_t vm_error(void) { return interp.error; }
double vm_idle_until(void) {
  return interp.idle_until_us == UINT64_MAX ? -1.0 : (double)interp.idle_until_us;
}

void vm_interrupt(void) {
  interp.interrupt_pending = true;
  interp_request_check();
}

void vm_signal(uint32_t external_semaphore) { process_signal_index(external_semaphore); }

err_t vm_save(const char *path, uint32_t length) { return snapshot_save_from_outside(path, length); }

/* ---- reports ---- */

/* The counters of --stats: rows as in counters.h. */
#define STATS(X)                                                      \
  RUN_COUNTERS(X)                                                     \
  X(translated_methods, , translator_stats.methods)                   \
  X(live_translations, , translator_stats.live)                       \
  X(refused_methods, , translator_stats.refused)                      \
  X(invalidations, , translator_stats.invalidations)                  \
  X(replaced_translations, , translator_stats.replaced)               \
  X(evictions, , translator_stats.evictions)                          \
  X(continuations, , translator_stats.continuations)                  \
  X(continued, , translator_stats.continued)                          \
  X(sent_back, , translator_stats.sent_back)                          \
  X(generations, , translator_stats.generations)                      \
  X(modules, , translator_stats.modules)                              \
  X(code_bytes, , translator_stats.code_bytes)                        \
  X(translate_us, , translator_stats.translate_us)                    \
  X(run_us, , translator_stats.run_us)                                \
  X(translate_ns_per_bytecode, , translator_figures().unit_ns)        \
  X(interpret_ns_per_bytecode, , translator_figures().interpreted_ns) \
  X(translate_threshold, , translator_figures().typical_threshold)    \
  MEMORY_COUNTERS(X)                                                  \
  X(new_used_bytes, , mem_new_used_bytes())                           \
  X(segments, , mem_segment_count())                                  \
  X(allocated_bytes, , mem.allocated_bytes)                           \
  X(becomes, , mem.become_count)

static struct text report;

const char *vm_stats_json(void) {
  text_clear(&report);
  const char *separator = "{";
#define X(name, of_image, value)                                            \
  text_printf(&report, "%s\"" #name "\":%.0f", separator, (double)(value)); \
  separator = ",";
  STATS(X)
#undef X
  text_printf(&report, ",\"refusals\":");
  translator_refusals_json(&report);
  text_add(&report, "}", 1);
  return report.chars;
}

const char *vm_refusals_json(void) {
  text_clear(&report);
  translator_survey_json(&report);
  return report.chars;
}

const char *vm_image_json(void) {
  const struct image_info *i = &image_info;
  text_clear(&report);
  text_printf(
      &report,
      "{\"format\":%u,\"swapped\":%s,\"converted\":%s,\"closures\":%s,\"objects\":%.0f,\"bytes\":%.0f,"
      "\"width\":%u,\"height\":%u}",
      i->format, i->swapped ? "true" : "false", i->converted ? "true" : "false",
      i->closures ? "true" : "false", (double)i->objects, (double)i->bytes, i->screen_size >> 16,
      i->screen_size & 0xFFFF);
  return report.chars;
}

static void stack_line(const char *line) { text_printf(&report, "%s\n", line); }

const char *vm_stack_text(void) {
  text_clear(&report);
  interp_print_stack(stack_line);
  return report.chars != NULL ? report.chars : "";
}

/* ---- the primitives that an image's methods name ---- */

/* One primitive and how many methods name it. Numbered ones have no strings. */
struct named_primitive {
  uint32_t number;
  oop module, name; /* 0 or byte objects */
  uint32_t methods;
  bool have;
};

struct primitive_census {
  struct named_primitive *rows;
  size_t count, room;
};

static bool is_bytes(oop o) { return o != 0 && oop_is_pointer(o) && fmt_is_bytes(obj_format(o)); }

static bool same_bytes(oop a, oop b) {
  if (!is_bytes(a) || !is_bytes(b)) return is_bytes(a) == is_bytes(b);
  uint32_t n = obj_byte_size(a);
  return n == obj_byte_size(b) && memcmp(obj_bytes(a), obj_bytes(b), n) == 0;
}

/* The module and name of a method with primitive 117: its first literal is #(module name …). */
static void external_names(oop method, oop *module, oop *name) {
  *module = *name = 0;
  if (method_num_literals(method) == 0) return;
  oop spec = method_literal(method, 0);
  if (!oop_has_class_index(spec, CIX_ARRAY) || obj_slots(spec) < 2) return;
  if (is_bytes(obj_slot(spec, 0))) *module = obj_slot(spec, 0);
  if (is_bytes(obj_slot(spec, 1))) *name = obj_slot(spec, 1);
}

static bool count_primitive(oop o, void *context) {
  struct primitive_census *census = context;
  if (!fmt_is_method(obj_format(o)) || !oop_is_int(obj_slot(o, 0)) || !method_has_primitive(o)) return true;
  struct named_primitive row = {.number = method_primitive(o), .methods = 1};
  if (row.number == 0) return true;
  if (row.number == 117) external_names(o, &row.module, &row.name);
  for (size_t i = 0; i < census->count; i++) {
    struct named_primitive *known = &census->rows[i];
    if (known->number != row.number || !same_bytes(known->module, row.module) ||
        !same_bytes(known->name, row.name))
      continue;
    known->methods++;
    return true;
  }
  bool quick = row.number >= 256 && row.number < 520;
  row.have = quick || prim_of_method(o) != NULL;
  if (census->count == census->room) {
    census->room = 2 * census->room + 64;
    census->rows = realloc(census->rows, census->room * sizeof *census->rows);
    VM_ASSERT(census->rows != NULL);
  }
  census->rows[census->count++] = row;
  return true;
}

static int by_number(const void *a, const void *b) {
  const struct named_primitive *p = a, *q = b;
  if (p->number != q->number) return p->number < q->number ? -1 : 1;
  return p->methods != q->methods ? (p->methods > q->methods ? -1 : 1)
                                  : (p->name > q->name) - (p->name < q->name);
}

/* The name that the VM's own table gives a number. */
struct name_search {
  uint32_t number;
  const char *name;
};
static void match_number(const char *module, const char *name, uint32_t number, void *context) {
  struct name_search *search = context;
  if (number != 0 && number == search->number) search->name = name;
}

static void add_name(const char *key, oop bytes, const char *otherwise) {
  text_printf(&report, ",\"%s\":", key);
  if (is_bytes(bytes))
    text_json(&report, (const char *)obj_bytes(bytes), obj_byte_size(bytes));
  else
    text_json(&report, otherwise, strlen(otherwise));
}

const char *vm_primitives_json(void) {
  struct primitive_census census = {0};
  mem_each_object(count_primitive, &census);
  if (census.count > 0) qsort(census.rows, census.count, sizeof *census.rows, by_number);
  text_clear(&report);
  text_add(&report, "[", 1);
  for (size_t i = 0; i < census.count; i++) {
    struct named_primitive *row = &census.rows[i];
    struct name_search search = {.number = row->number, .name = ""};
    prim_each(match_number, &search);
    text_printf(&report, "%s{\"number\":%u,\"methods\":%u,\"have\":%s", i == 0 ? "" : ",", row->number,
                row->methods, row->have ? "true" : "false");
    add_name("module", row->module, "");
    add_name("name", row->name, search.name);
    text_add(&report, "}", 1);
  }
  text_add(&report, "]", 1);
  free(census.rows);
  return report.chars;
}
