/* census.c: what a loaded image consists of, as JSON for the host (abi.h): its classes with their instances,
 * its methods by bytecode set, its processes with their stacks, the primitives that its methods name. Nothing
 * here changes the heap. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "base/config.h"
#include "base/text.h"
#include "interpreter/frame.h"
#include "interpreter/lookup.h"
#include "interpreter/process.h"
#include "primitives/primitive.h"

static struct text out;

/* A byte object, and not 0 for none. */
static bool is_bytes(oop o) { return o != 0 && oop_is_pointer(o) && fmt_is_bytes(obj_format(o)); }
static void add_json(const char *key, const char *value) {
  text_printf(&out, "\"%s\":", key);
  text_json(&out, value, strlen(value));
}

/* ---- classes and methods ---- */

struct population {
  uint32_t instances;
  uint64_t bytes; /* headers included */
};

struct census {
  uint32_t classes; /* greatest class index and one */
  struct population *of_class;
  uint32_t methods, alternate_methods; /* those in the other bytecode set */
};

static uint32_t object_bytes(oop o) {
  const uint32_t slots = obj_slots(o);
  return obj_body_bytes(slots) + HDR_BYTES + (slots >= HDR_SLOTS_OVERFLOW ? HDR_BYTES : 0);
}

static bool note_class_index(oop o, void *context) {
  struct census *census = context;
  if (obj_class_index(o) >= census->classes) census->classes = obj_class_index(o) + 1;
  return true;
}

static bool count_object(oop o, void *context) {
  struct census *census = context;
  struct population *population = &census->of_class[obj_class_index(o)];
  population->instances++;
  population->bytes += object_bytes(o);
  if (fmt_is_method(obj_format(o)) && oop_is_int(obj_slot(o, 0))) {
    census->methods++;
    if (method_alternate_set(o)) census->alternate_methods++;
  }
  return true;
}

static void add_classes(const struct census *census) {
  const char *separator = "";
  text_printf(&out, "\"classes\":[");
  for (uint32_t i = 0; i < census->classes; i++) {
    if (census->of_class[i].instances == 0) continue;
    char name[200];
    interp_class_name(mem_class_at(i), name, sizeof name);
    text_printf(&out, "%s{", separator);
    add_json("name", name);
    text_printf(&out, ",\"instances\":%u,\"bytes\":%.0f}", census->of_class[i].instances,
                (double)census->of_class[i].bytes);
    separator = ",";
  }
  text_printf(&out, "]");
}

/* ---- processes ---- */

enum { MAX_SUPERCLASSES = 100 };

/* The class of processes: old images do not tell it, but one always runs. */
static bool is_process(oop o) {
  const oop process_class = mem_class_of(process_active());
  if (!process_is_process(o)) return false;
  oop class_ = mem_class_of(o);
  for (int i = 0; i < MAX_SUPERCLASSES && oop_has_fields(class_, CLASS_SUPERCLASS + 1); i++) {
    if (class_ == process_class) return true;
    class_ = obj_slot(class_, CLASS_SUPERCLASS);
  }
  return false;
}

static void add_state(oop process) {
  const oop list = obj_slot(process, PROCESS_LIST);
  char state[220] = "suspended";
  if (process == process_active())
    strcpy(state, "active");
  else if (!oop_is_context(obj_slot(process, PROCESS_CONTEXT)))
    strcpy(state, "terminated");
  else if (process_is_run_queue(list))
    strcpy(state, "runnable");
  else if (list != mem.nil) {
    char name[200];
    interp_class_name(mem_class_of(list), name, sizeof name);
    snprintf(state, sizeof state, "waits on a %s", name);
  }
  add_json("state", state);
}

static const char *line_separator;
static void add_stack_line(const char *line) {
  text_printf(&out, "%s", line_separator);
  text_json(&out, line, strlen(line));
  line_separator = ",";
}

static bool add_process(oop o, void *context) {
  const char **separator = context;
  if (!is_process(o)) return true;
  text_printf(&out, "%s{\"priority\":%d,", *separator, oop_int(obj_slot(o, PROCESS_PRIORITY)));
  add_state(o);
  text_printf(&out, ",\"stack\":[");
  line_separator = "";
  interp_print_process(o, add_stack_line);
  text_printf(&out, "]}");
  *separator = ",";
  return true;
}

const char *vm_census_json(void) {
  struct census census = {0};
  mem_each_object(note_class_index, &census);
  census.of_class = calloc(census.classes, sizeof *census.of_class);
  VM_ASSERT(census.of_class != NULL);
  mem_each_object(count_object, &census);
  text_clear(&out);
  text_printf(&out, "{\"methods\":%u,\"alternate_methods\":%u,", census.methods, census.alternate_methods);
  add_classes(&census);
  free(census.of_class);
  text_printf(&out, ",\"processes\":[");
  const char *separator = "";
  mem_each_object(add_process, &separator);
  text_printf(&out, "]}");
  return out.chars;
}

/* ---- the primitives that methods name ---- */

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
  if (row.number == PRIM_EXTERNAL_CALL) external_names(o, &row.module, &row.name);
  for (size_t i = 0; i < census->count; i++) {
    struct named_primitive *known = &census->rows[i];
    if (known->number != row.number || !same_bytes(known->module, row.module) ||
        !same_bytes(known->name, row.name))
      continue;
    known->methods++;
    return true;
  }
  row.have = prim_is_had(o);
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
  text_printf(&out, ",\"%s\":", key);
  if (is_bytes(bytes))
    text_json(&out, (const char *)obj_bytes(bytes), obj_byte_size(bytes));
  else
    text_json(&out, otherwise, strlen(otherwise));
}

const char *vm_primitives_json(void) {
  struct primitive_census census = {0};
  mem_each_object(count_primitive, &census);
  if (census.count > 0) qsort(census.rows, census.count, sizeof *census.rows, by_number);
  text_clear(&out);
  text_add(&out, "[", 1);
  for (size_t i = 0; i < census.count; i++) {
    struct named_primitive *row = &census.rows[i];
    struct name_search search = {.number = row->number, .name = ""};
    prim_each(match_number, &search);
    text_printf(&out, "%s{\"number\":%u,\"methods\":%u,\"have\":%s", i == 0 ? "" : ",", row->number,
                row->methods, row->have ? "true" : "false");
    add_name("module", row->module, "");
    add_name("name", row->name, search.name);
    text_add(&out, "}", 1);
  }
  text_add(&out, "]", 1);
  free(census.rows);
  return out.chars;
}
