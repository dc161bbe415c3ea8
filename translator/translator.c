/* translator.c: translation at run time (translator.h).
 *
 * A hot method waits in a queue until a batch is full or it has waited a little; the batch becomes one
 * module. A translation is given up when its method is replaced; since lookup never finds a replaced method
 * again and every inline cache is cleared, its function cannot be called any more.
 */
#include "translator/translator.h"

#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "devices/clock.h"
#include "devices/code.h"
#include "interpreter/lookup.h"
#include "translator/translate.h"

struct translator_stats translator_stats;

enum {
  TRANSLATE_ALWAYS = 2,  /* of option translate */
  BATCH = 24,            /* methods in a module; a module costs about as much as ten methods */
  TABLE_STEP = 2048,     /* slots the table grows by: growing is dear with many modules */
  MAX_WAIT_US = 2000,    /* in the queue: a lone hot method does not wait for a full batch */
  CELL_BLOCK = 256 << 10 /* bytes of method cells and inline caches taken at once */
};

/* What is kept of an installed translation. */
struct translation {
  addr cell;  /* the word with the method's oop */
  addr sites; /* its inline caches */
  uint32_t site_count;
  uint32_t info;
  uint32_t slot;
};
static struct translation *translations; /* index 0 is never used */
static uint32_t translation_count, translation_room;

static uint32_t queue[BATCH];
static uint32_t queue_count;
static uint64_t queued_since_us; /* the first of the queue */

static uint32_t next_slot, end_slot; /* free table slots */
static addr next_cell, end_cell;
static bool enabled, busy;

/* ---- cells ---- */

static addr take_cells(uint32_t bytes) {
  if (end_cell - next_cell < bytes) {
    const uint32_t size = bytes > CELL_BLOCK ? bytes : CELL_BLOCK;
    next_cell = space_take(size);
    if (next_cell == 0) {
      end_cell = 0;
      return 0;
    }
    end_cell = next_cell + size;
  }
  const addr at = next_cell;
  next_cell += bytes;
  return at;
}

static void each_root(void (*visit)(oop *slot), bool full) {
  (void)full;
  for (uint32_t i = 1; i < translation_count; i++)
    if (translations[i].cell != 0) visit(AT(oop, translations[i].cell));
}

/* ---- invalidation ---- */

static void clear_sites(void) {
  for (uint32_t i = 1; i < translation_count; i++)
    for (uint32_t s = 0; s < translations[i].site_count; s++)
      AT(struct tr_site, translations[i].sites)[s].class_index = 0;
}

static void flush_selector(oop selector) {
  (void)selector;
  clear_sites();
}

/* The method is not to be found any more, or its bytecode was changed in place. */
static void flush_method(oop method) {
  clear_sites();
  for (uint32_t i = 1; i < translation_count; i++) {
    struct translation *t = &translations[i];
    if (t->cell == 0 || at32(t->cell) != method) continue;
    struct method_info *info = &method_infos[t->info];
    if (info->translation == i) {
      method_info_set_slot(t->info, 0);
      info->translation = 0;
      info->activations = 0;
    }
    translator_stats.live--;
    /* Its function may be running: the cell stays for that, but names no method. */
    *t = (struct translation){0};
  }
}

/* Class indices are reused after a full collection, and nil, true and false must be where the code expects
 * them. */
static void objects_moved(bool full) {
  if (full) clear_sites();
}

/* ---- translating ---- */

struct batch {
  struct wasm_func funcs[BATCH];
  struct translation made[BATCH];
  uint32_t count;
};

/* An instance variable of a context is no plain slot (frame.h): methods that any context can run are left to
 * the interpreter when they name instance variables. */
static bool may_run_on_contexts(oop method) {
  enum { MAX_SUPERCLASSES = 100, SUPERCLASS = 0, VALUE = 1 };
  while (cfg_is_compiled_block(method)) method = method_literal(method, method_num_literals(method) - 1);
  if (method_num_literals(method) == 0) return true;
  const oop binding = method_literal(method, method_num_literals(method) - 1);
  if (!oop_is_pointer(binding) || !fmt_is_pointers(obj_format(binding)) || obj_slots(binding) <= VALUE)
    return true;
  const oop class_ = obj_slot(binding, VALUE), contexts = mem_class_at(CIX_CONTEXT);
  oop c = class_;
  for (int i = 0; i < MAX_SUPERCLASSES && c != mem.nil && oop_is_pointer(c); i++, c = obj_slot(c, SUPERCLASS))
    if (c == contexts) return true;
  c = contexts;
  for (int i = 0; i < MAX_SUPERCLASSES && c != mem.nil && oop_is_pointer(c); i++, c = obj_slot(c, SUPERCLASS))
    if (c == class_) return true;
  return false;
}

/* The numbers that always fail, and mark the methods of ensure:, ifCurtailed: and on:do:. */
static bool primitive_always_fails(oop method) {
  enum { MARK_UNWIND = 198, MARK_HANDLER = 199 };
  const uint32_t number = method_primitive(method);
  return number == MARK_UNWIND || number == MARK_HANDLER;
}

static bool names_instvars(const struct cfg *cfg) {
  for (uint32_t i = 0; i < cfg->insn_count; i++) {
    const uint8_t op = cfg->insns[i].insn.op;
    if (op == OP_PUSH_INSTVAR || op == OP_POP_INSTVAR || op == OP_STORE_INSTVAR) return true;
  }
  return false;
}

/* The address that translated code uses for a variable of the core. */
static addr core_address(const void *p) { return (addr)(uintptr_t)p; }

static bool translate_one(oop method, uint32_t start_pc, struct wasm_func *func, struct translation *made,
                          struct tr_refusal *refusal) {
  struct cfg cfg;
  *refusal = (struct tr_refusal){0, NULL};
  if (!fmt_is_method(obj_format(method))) {
    refusal->reason = "it is no CompiledMethod";
    return false;
  }
  if (start_pc == 0 && method_has_primitive(method) && !primitive_always_fails(method)) {
    refusal->reason = "its primitive answers instead of its code";
    return false;
  }
  if (!cfg_build(method, start_pc, &cfg, refusal)) return false;
  bool fine = true;
  if (names_instvars(&cfg) && may_run_on_contexts(method)) {
    refusal->reason = "it reads instance variables that contexts have";
    fine = false;
  }
  if (fine) {
    const uint32_t room = 2 * cfg.insn_count; /* a send has two at most */
    const addr cell = take_cells(8), sites = take_cells(room * (uint32_t)sizeof(struct tr_site));
    fine = cell != 0 && sites != 0;
    if (!fine) refusal->reason = "there is no memory for its inline caches";
    if (fine) {
      put32(cell, method);
      const struct tr_env env = {.method_cell = cell,
                                 .sites = sites,
                                 .site_room = room,
                                 .stack_limit = core_address(&interp.stack_limit),
                                 .countdown = core_address(&interp.countdown),
                                 .moves = core_address(&interp.moves),
                                 .nil = mem.nil,
                                 .true_ = mem.true_,
                                 .false_ = mem.false_,
                                 .new_end = mem.new_end};
      uint32_t used = 0;
      fine = tr_translate(method, &cfg, &env, func, &used, refusal);
      *made = (struct translation){.cell = cell, .sites = sites, .site_count = used};
      /* Give back what the sites did not need; nothing was taken since. */
      next_cell = fine ? sites + used * (uint32_t)sizeof(struct tr_site) : cell;
    }
  }
  cfg_free(&cfg);
  return fine;
}

static bool reserve_slots(uint32_t count) {
  if (end_slot - next_slot >= count) return true;
  const uint32_t first = dev_code_grow(TABLE_STEP);
  if (first == 0) return false;
  next_slot = first;
  end_slot = first + TABLE_STEP;
  return true;
}

static void keep(const struct translation *made) {
  if (translation_count == translation_room) {
    translation_room = translation_room == 0 ? 256 : 2 * translation_room;
    translations = realloc(translations, translation_room * sizeof *translations);
    VM_ASSERT(translations != NULL);
    if (translation_count == 0) translations[translation_count++] = (struct translation){0};
  }
  method_infos[made->info].translation = translation_count;
  method_info_set_slot(made->info, made->slot);
  translations[translation_count++] = *made;
}

static void install(struct batch *batch) {
  struct wasm_module module = {.imports = tr_imports,
                               .import_count = TRH_COUNT,
                               .funcs = batch->funcs,
                               .func_count = batch->count,
                               .first_slot = next_slot};
  struct text bytes = {0};
  wasm_encode(&module, &bytes);
  if (dev_code_install(bytes.chars, (uint32_t)bytes.length, next_slot, batch->count)) {
    for (uint32_t i = 0; i < batch->count; i++) {
      batch->made[i].slot = next_slot + i;
      keep(&batch->made[i]);
    }
    next_slot += batch->count;
    translator_stats.methods += batch->count;
    translator_stats.live += batch->count;
    translator_stats.modules++;
    translator_stats.code_bytes += (uint32_t)bytes.length;
  } else {
    for (uint32_t i = 0; i < batch->count; i++)
      method_infos[batch->made[i].info].flags |= METHOD_INFO_NEVER_TRANSLATE;
    translator_stats.refused += batch->count;
  }
  text_free(&bytes);
}

void translator_flush_queue(void) {
  if (queue_count == 0 || busy) return;
  busy = true;
  const uint64_t start = dev_clock_us();
  struct batch *batch = calloc(1, sizeof *batch);
  VM_ASSERT(batch != NULL);
  for (uint32_t i = 0; i < queue_count; i++) {
    const uint32_t info = queue[i];
    struct tr_refusal refusal;
    method_infos[info].flags &= ~(uint32_t)METHOD_INFO_QUEUED;
    if (method_infos[info].method == 0) continue;
    if (translate_one(method_infos[info].method, method_infos[info].start_pc, &batch->funcs[batch->count],
                      &batch->made[batch->count], &refusal)) {
      batch->made[batch->count].info = info;
      batch->count++;
    } else {
      method_infos[info].flags |= METHOD_INFO_NEVER_TRANSLATE;
      translator_stats.refused++;
    }
  }
  queue_count = 0;
  if (batch->count > 0) {
    if (reserve_slots(batch->count))
      install(batch);
    else
      enabled = false;
  }
  for (uint32_t i = 0; i < batch->count; i++) wasm_func_free(&batch->funcs[i]);
  free(batch);
  translator_stats.translate_us += dev_clock_us() - start;
  busy = false;
}

static void method_hot(uint32_t index) {
  struct method_info *info = &method_infos[index];
  if (vm_options.translate == 0) info->activations = info->back_edges = 0; /* it may be turned on later */
  if (!enabled || vm_options.translate == 0 || info->slot != 0 ||
      translator_stats.methods >= vm_options.translate_limit ||
      (info->flags & (METHOD_INFO_NEVER_TRANSLATE | METHOD_INFO_QUEUED)) != 0)
    return;
  info->flags |= METHOD_INFO_QUEUED;
  if (queue_count == 0) queued_since_us = dev_clock_us();
  queue[queue_count++] = index;
  if (queue_count == BATCH || vm_options.translate == TRANSLATE_ALWAYS) translator_flush_queue();
}

static void safepoint(uint64_t now_us) {
  if (queue_count > 0 && now_us - queued_since_us >= MAX_WAIT_US) translator_flush_queue();
}

void translator_start(void) {
  translator_stats = (struct translator_stats){0};
  queue_count = 0;
  translation_count = translation_room = 0;
  free(translations);
  translations = NULL;
  enabled = reserve_slots(1);
  if (vm_options.translate == TRANSLATE_ALWAYS) vm_options.hot_activations = 1;
  interp_hooks.method_hot = method_hot;
  interp_hooks.safepoint = safepoint;
  interp_hooks.flush_all = clear_sites;
  interp_hooks.flush_selector = flush_selector;
  interp_hooks.flush_method = flush_method;
  interp_hooks.objects_moved = objects_moved;
  interp_add_roots(each_root);
}

/* ---- dumping ---- */

static void put_hex(const struct text *bytes, struct text *out) {
  for (size_t i = 0; i < bytes->length; i++)
    text_printf(out, "%02x%s", (unsigned)(uint8_t)bytes->chars[i], i % 32 == 31 ? "\n" : "");
  text_printf(out, "\n");
}

err_t translator_dump(oop method, const char *name, bool as_text, struct text *out) {
  struct wasm_func func = {0};
  struct translation made;
  struct tr_refusal refusal;
  if (!translate_one(method, 0, &func, &made, &refusal))
    return err_format("%s is not translated: %s (pc %u)", name, refusal.reason, refusal.pc);
  func.name = strdup(name);
  const struct wasm_module module = {.imports = tr_imports,
                                     .import_count = TRH_COUNT,
                                     .funcs = &func,
                                     .func_count = 1,
                                     .first_slot = next_slot};
  if (as_text) {
    wasm_print(&module, out);
  } else {
    struct text bytes = {0};
    wasm_encode(&module, &bytes);
    put_hex(&bytes, out);
    text_free(&bytes);
  }
  wasm_func_free(&func);
  return NULL;
}
