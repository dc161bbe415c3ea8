/* translator.c: translating what policy.c finds worth it (translator.h).
 *
 * A hot method waits in a queue until a batch is full or it has waited a little; the batch becomes one
 * module. Methods whose code is left too often go back to the interpreter for a while.
 */
#include "translator/manage.h"

#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "devices/clock.h"
#include "interpreter/lookup.h"
#include "interpreter/send.h"

struct translator_stats translator_stats;

enum {
  /* Of option translate. */
  TRANSLATE_NEVER = 0,
  TRANSLATE_ALWAYS = 2,

  MAX_WAIT_US = 10000, /* in the queue: a lone hot method does not wait for a full batch */
};

static struct { uint32_t info, entry_pc; /* as in struct translation */ } queue[TR_BATCH];
static uint32_t queue_count;
static uint64_t queued_since_us; /* the first of the queue */
static bool enabled, busy;

/* ---- code that is left too often ---- */

enum {
  BAILS_TOO_MANY = 100,     /* explicit bails of one translation … */
  BAILS_WINDOW_US = 100000, /* … within this time send it back to the interpreter … */
  BAILS_REST = 64,          /* … for this many times the threshold of activations */
};

void tr_note_bail(addr fp) {
  const uint32_t index = send_frame_info(fp);
  const uint32_t translation = index != 0 ? method_infos[index].translation : 0;
  if (translation == 0) return;
  struct translation *t = &tr_translations[translation];
  if (++t->bails < BAILS_TOO_MANY) return;
  t->bails = 0;
  const uint64_t now = dev_clock_us();
  const bool too_many = now - t->bails_since_us < BAILS_WINDOW_US;
  t->bails_since_us = now;
  if (!too_many || vm_options.translate == TRANSLATE_ALWAYS) return;
  tr_drop(translation);
  tr_clear_sites();
  method_infos[index].activations = 0u - BAILS_REST * vm_options.hot_activations;
  method_infos[index].interpreted = 0;
  translator_stats.sent_back++;
}

void tr_note_unfit(addr fp) {
  const uint32_t index = send_frame_info(fp);
  if (index == 0) return;
  method_infos[index].flags |= METHOD_INFO_PLAIN;
  tr_continuations_drop(index);
  if (method_infos[index].translation != 0) {
    tr_drop(method_infos[index].translation);
    /* It has been hot: the next activation translates it again. */
    if (vm_options.hot_activations > 0) method_infos[index].activations = vm_options.hot_activations - 1;
  }
  tr_clear_sites();
  translator_stats.sent_back++;
}

/* ---- translating ---- */

static bool is_pointers(oop o, uint32_t slots) {
  return oop_is_pointer(o) && fmt_is_pointers(obj_format(o)) && obj_slots(o) >= slots;
}

/* Whether `ancestor` is the class or one it inherits from. What a method names as its class need not be one.
 */
static bool inherits_from(oop class_, oop ancestor) {
  enum { MAX_SUPERCLASSES = 100, SUPERCLASS = 0 };
  for (int i = 0; i < MAX_SUPERCLASSES && is_pointers(class_, SUPERCLASS + 1) && class_ != mem.nil; i++) {
    if (class_ == ancestor) return true;
    class_ = obj_slot(class_, SUPERCLASS);
  }
  return false;
}

/* An instance variable of a context is no plain slot (frame.h). */
static bool may_run_on_contexts(oop method) {
  enum { VALUE = 1 };
  while (cfg_is_compiled_block(method)) method = method_literal(method, method_num_literals(method) - 1);
  if (method_num_literals(method) == 0) return true;
  const oop binding = method_literal(method, method_num_literals(method) - 1);
  if (!is_pointers(binding, VALUE + 1)) return true;
  const oop class_ = obj_slot(binding, VALUE), contexts = mem_class_at(CIX_CONTEXT);
  return inherits_from(class_, contexts) || inherits_from(contexts, class_);
}

/* What is to be tried before the method's code, as lookup finds it. False: a send that finds the method does
 * something else. */
static bool primitive_to_try(oop method, uint32_t *number, prim_fn *primitive) {
  enum { QUICK_FIRST = 256, QUICK_LAST = 519 };
  *number = method_primitive(method);
  *primitive = NULL;
  if (*number >= QUICK_FIRST && *number <= QUICK_LAST) return false;
  if (lookup_number_is_block_value(*number)) return false;
  if (*number != 0) *primitive = prim_of_method(method);
  if (*primitive == NULL) *number = 0;
  return true;
}

static bool names_instvars(const struct cfg *cfg) {
  for (uint32_t i = 0; i < cfg->insn_count; i++) {
    const uint8_t op = cfg->insns[i].insn.op;
    if (op == OP_PUSH_INSTVAR || op == OP_POP_INSTVAR || op == OP_STORE_INSTVAR) return true;
  }
  return false;
}

/* Fields are read and written by the core. */
static bool is_careful(oop method, const struct cfg *cfg) {
  return names_instvars(cfg) && may_run_on_contexts(method);
}

static bool speculates(oop method, uint32_t start_pc) {
  const uint32_t index = method_info_find(method, start_pc);
  return index == 0 || (method_infos[index].flags & METHOD_INFO_PLAIN) == 0;
}

/* The address that translated code uses for a variable of the core. */
static addr core_address(const void *p) { return (addr)(uintptr_t)p; }

static bool refuse_because(struct tr_refusal *refusal, const char *reason) {
  refusal->reason = reason;
  return false;
}

/* Whether tier 1 takes the code, from its beginning (entry_pc 0) or as a continuation; its graph. */
static bool analyze(oop method, uint32_t start_pc, uint32_t entry_pc, struct cfg *cfg,
                    struct tr_refusal *refusal) {
  *refusal = (struct tr_refusal){0, NULL};
  if (!fmt_is_method(obj_format(method))) return refuse_because(refusal, "it is no CompiledMethod");
  uint32_t number = 0;
  prim_fn primitive = NULL;
  if (start_pc == 0 && entry_pc == 0 && !primitive_to_try(method, &number, &primitive))
    return refuse_because(refusal, "its primitive answers instead of its code");
  if (!cfg_build(method, start_pc, entry_pc, cfg, refusal)) return false;
  if (entry_pc != 0 || cfg->error_temp < 0 || primitive != NULL) return true;
  cfg_free(cfg);
  return refuse_because(refusal, "it stores the error of a primitive that is not tried");
}

/* The selector the method says it is found under; 0: it does not say. */
static oop own_selector(oop method) {
  enum { FROM_END = 2, STATE_SELECTOR = 1 }; /* of an AdditionalMethodState */
  if (method_num_literals(method) < FROM_END) return 0;
  const oop o = method_literal(method, method_num_literals(method) - FROM_END);
  if (!oop_is_pointer(o)) return 0;
  if (fmt_is_bytes(obj_format(o))) return o;
  return fmt_is_pointers(obj_format(o)) && obj_slots(o) > STATE_SELECTOR ? obj_slot(o, STATE_SELECTOR) : 0;
}

static struct tr_frame_shape shape_at_entry(const struct cfg *cfg) {
  const uint32_t slots = cfg->num_temps - cfg->num_args + cfg->insns[0].depth;
  return (struct tr_frame_shape){.kind = cfg->num_args | (cfg->is_block ? FRAME_IS_BLOCK : 0),
                                 .bytes = FRAME_TEMPS + 4 * slots - 4,
                                 .ints = cfg->entry_ints};
}

/* Adds analyzed code to the batch, whose functions get the slots from tr_next_slot() on. Takes the graph. */
static void add_to_batch(struct tr_batch *batch, uint32_t info, oop method, const struct cfg *cfg) {
  const uint32_t at = batch->count++;
  batch->cfgs[at] = *cfg;
  if (cfg->entry_pc != 0 && cfg_has_loops(cfg)) /* else types do not pay for the test */
    batch->cfgs[at].entry_ints = tr_continuation_ints(info, cfg->entry_pc) & cfg_named_values(cfg);
  batch->made[at].info = info;
  batch->made[at].entry_pc = cfg->entry_pc;
  batch->made[at].shape = shape_at_entry(&batch->cfgs[at]);
  batch->made[at].is_bundled = batch->is_bundle;
  const bool is_sent = !cfg->is_block && cfg->entry_pc == 0;
  batch->targets[at] = (struct tr_target){
      .selector = is_sent ? own_selector(method) : 0,
      .slot = tr_next_slot() + at,
      .old_slot = batch->is_bundle ? method_infos[info].slot : 0,
      .cfg = &batch->cfgs[at],
      .may_stand_in = is_sent && method_primitive(method) == 0 && !is_careful(method, cfg)};
}

/* The sends of a bundle that reached the method of function `at` had SmallIntegers as receivers. */
static bool is_for_ints(oop method, const struct tr_batch *batch, uint32_t at) {
  const uint32_t slot = batch->targets[at].old_slot;
  bool ints = false;
  if (!batch->is_bundle || batch->cfgs[at].is_block || !speculates(method, 0)) return false;
  for (uint32_t i = 0; i < batch->count; i++) {
    const struct translation *caller = &tr_translations[method_infos[batch->made[i].info].translation];
    const struct tr_site *sites = AT(struct tr_site, caller->sites);
    for (uint32_t s = 0; s < caller->site_count; s++)
      for (uint32_t w = 0; w < TR_SITE_WAYS; w++) {
        const struct tr_way *way = &sites[s].ways[w];
        if (way->class_index == 0 || way->slot != slot) continue;
        if (way->class_index != CIX_SMALLINTEGER) return false;
        ints = true;
      }
  }
  return ints;
}

/* Function `at` of the batch. */
static bool translate_one(oop method, struct tr_batch *batch, uint32_t at, struct tr_refusal *refusal) {
  const struct cfg *cfg = &batch->cfgs[at];
  const uint32_t room = 2 * cfg->insn_count; /* a send has two at most */
  const addr cell = tr_take_cells(8 + room * (uint32_t)sizeof(struct tr_site)), sites = cell + 8;
  if (cell == 0) return refuse_because(refusal, "there is no memory for its inline caches");
  uint32_t number = 0;
  prim_fn primitive = NULL;
  if (cfg->start_pc == 0 && cfg->entry_pc == 0) primitive_to_try(method, &number, &primitive);
  put32(cell, method);
  put32(cell + 4, (uint32_t)(uintptr_t)primitive);
  const struct translation *old =
      &tr_translations[batch->is_bundle ? method_infos[batch->made[at].info].translation : 0];
  const struct tr_env env = {.method_cell = cell,
                             .primitive = number,
                             .sites = sites,
                             .site_room = room,
                             .stack_limit = core_address(&interp.stack_limit),
                             .countdown = core_address(&interp.countdown),
                             .moves = core_address(&interp.moves),
                             .eden_free = core_address(&mem.eden_free),
                             .eden_limit = core_address(&mem.eden_limit),
                             .hidden_roots = core_address(&mem.hidden_roots),
                             .nil = mem.nil,
                             .true_ = mem.true_,
                             .false_ = mem.false_,
                             .careful = is_careful(method, cfg),
                             .new_end = mem.new_end,
                             .assumed = {.operands_suit = speculates(method, cfg->start_pc),
                                         .self_is_int = is_for_ints(method, batch, at)},
                             .array_index = tr_arrays_are_standard ? CIX_ARRAY : 0,
                             .targets = batch->targets,
                             .target_count = batch->count,
                             .own_target = at,
                             .seen_sites = batch->is_bundle ? AT(struct tr_site, old->sites) : NULL,
                             .seen_site_count = batch->is_bundle ? old->site_count : 0};
  uint32_t used = 0;
  const bool fine = tr_translate(method, cfg, &env, &batch->funcs[at], &used, refusal);
  struct translation *made = &batch->made[at];
  made->cell = cell;
  made->sites = sites;
  made->site_count = used;
  /* Give back what the sites did not need; nothing was taken since. */
  tr_give_cells(fine ? sites + used * (uint32_t)sizeof(struct tr_site) : cell);
  return fine;
}

static void free_batch(struct tr_batch *batch) {
  for (uint32_t i = 0; i < batch->count; i++) {
    wasm_func_free(&batch->funcs[i]);
    cfg_free(&batch->cfgs[i]);
  }
  free(batch);
}

static void refuse(uint32_t info, uint32_t entry_pc, const char *phase, const struct tr_refusal *refusal) {
  if (entry_pc != 0) {
    tr_continuation_settle(info, entry_pc, TR_CONTINUATION_REFUSED, 0);
    return;
  }
  method_infos[info].flags |= METHOD_INFO_NEVER_TRANSLATE;
  tr_note_refusal(method_infos[info].method, phase, refusal);
}

/* There was no room for it. */
static void put_off(uint32_t info, uint32_t entry_pc) {
  if (entry_pc != 0)
    tr_continuation_settle(info, entry_pc, TR_CONTINUATION_COUNTING, 0);
  else
    method_infos[info].activations = method_infos[info].back_edges = 0; /* it becomes hot again */
}

static void install(struct tr_batch *batch) {
  static const struct tr_refusal by_host = {.reason = "the host refused the module"};
  const enum tr_install_result result = tr_install(batch);
  if (result == TR_INSTALLED) return;
  for (uint32_t i = 0; i < batch->count; i++) {
    const uint32_t info = batch->made[i].info, entry_pc = batch->made[i].entry_pc;
    if (info == 0 || batch->is_bundle) continue;
    if (result == TR_REFUSED_BY_HOST)
      refuse(info, entry_pc, "install", &by_host);
    else
      put_off(info, entry_pc);
  }
}

/* Whether what was put into the queue is wanted still. */
static bool take_from_queue(uint32_t info, uint32_t entry_pc) {
  bool queued = tr_continuation_is_queued(info, entry_pc);
  if (entry_pc == 0) {
    queued = (method_infos[info].flags & METHOD_INFO_QUEUED) != 0;
    method_infos[info].flags &= (uint16_t)~METHOD_INFO_QUEUED;
  }
  return queued && method_infos[info].method != 0;
}

/* The methods, blocks and continuations of the queue that are still wanted and can be translated. */
static void batch_from_queue(struct tr_batch *batch) {
  for (uint32_t i = 0; i < queue_count; i++) {
    const uint32_t index = queue[i].info, entry_pc = queue[i].entry_pc;
    const struct method_info *info = &method_infos[index];
    struct tr_refusal refusal;
    struct cfg cfg;
    if (!take_from_queue(index, entry_pc)) continue;
    if (tr_code_is_full())
      put_off(index, entry_pc);
    else if (!analyze(info->method, info->start_pc, entry_pc, &cfg, &refusal))
      refuse(index, entry_pc, "analysis", &refusal);
    else
      add_to_batch(batch, index, info->method, &cfg);
  }
  queue_count = 0;
}

/* Answers how many there are. What is refused now leaves a function that is never called, because the others
 * have their places. */
static uint32_t translate_batch(struct tr_batch *batch) {
  uint32_t fine = 0;
  for (uint32_t i = 0; i < batch->count; i++) {
    struct tr_refusal refusal = {0, NULL};
    const uint32_t info = batch->made[i].info;
    if (translate_one(method_infos[info].method, batch, i, &refusal)) {
      fine++;
      continue;
    }
    refuse(info, batch->made[i].entry_pc, "translation", &refusal);
    batch->made[i].info = 0;
    wasm_emit(&batch->funcs[i], W_UNREACHABLE, 0, 0);
  }
  return fine;
}

/* Makes a module of what `fill` puts into a batch. */
static void make_module(void (*fill)(struct tr_batch *batch)) {
  busy = true;
  const uint64_t start = dev_clock_us();
  struct tr_batch *batch = calloc(1, sizeof *batch);
  VM_ASSERT(batch != NULL);
  fill(batch);
  const uint32_t fine = translate_batch(batch);
  if (fine > 0 && (fine == batch->count || !batch->is_bundle)) install(batch);
  tr_policy_translated(dev_clock_us() - start, batch);
  free_batch(batch);
  busy = false;
}

void translator_flush_queue(void) {
  if (queue_count > 0 && !busy) make_module(batch_from_queue);
}

/* ---- translating again ---- */

static uint32_t bundle[TR_BUNDLE], bundle_count;

static void batch_from_bundle(struct tr_batch *batch) {
  batch->is_bundle = true;
  for (uint32_t i = 0; i < bundle_count; i++) {
    struct tr_refusal refusal;
    struct cfg cfg;
    const struct method_info *info = &method_infos[bundle[i]];
    if (analyze(info->method, info->start_pc, 0, &cfg, &refusal))
      add_to_batch(batch, bundle[i], info->method, &cfg);
  }
}

static void look_for_bundle(void) {
  if (!tr_may_translate() || vm_options.translate_limit != UINT32_MAX) return;
  bundle_count = tr_choose_bundle(bundle);
  if (bundle_count > 0) make_module(batch_from_bundle);
}

/* ---- the queue ---- */

static void put_into_queue(uint32_t info, uint32_t entry_pc) {
  VM_ASSERT(queue_count < TR_BATCH);
  if (queue_count == 0) queued_since_us = dev_clock_us();
  queue[queue_count].info = info;
  queue[queue_count++].entry_pc = entry_pc;
}

static void enqueue(uint32_t index) {
  method_infos[index].flags |= METHOD_INFO_QUEUED;
  put_into_queue(index, 0);
}

bool tr_enqueue_continuation(uint32_t info, uint32_t pc) {
  if (queue_count == TR_BATCH) return false;
  put_into_queue(info, pc);
  return true;
}

bool tr_may_translate(void) {
  return enabled && !busy && vm_options.translate != TRANSLATE_NEVER && !tr_code_is_full() &&
         translator_stats.methods + translator_stats.continuations < vm_options.translate_limit;
}

bool tr_translates_always(void) { return vm_options.translate == TRANSLATE_ALWAYS; }

static bool may_translate(const struct method_info *info) {
  return tr_may_translate() && info->translation == 0 &&
         (info->flags & (METHOD_INFO_NEVER_TRANSLATE | METHOD_INFO_QUEUED)) == 0;
}

/* ---- what goes along when everything is translated at once ---- */

/* A module for each method would cost more than the methods do. */
static void enqueue_with_blocks(oop code) {
  if (!oop_is_pointer(code) || !fmt_is_method(obj_format(code))) return;
  if (queue_count < TR_BATCH) {
    const uint32_t info = method_info_of(code);
    if (info != 0 && may_translate(&method_infos[info])) enqueue(info);
  }
  const uint32_t own = method_num_literals(code) - (cfg_is_compiled_block(code) ? 1 : 0);
  for (uint32_t i = 0; i < own && queue_count < TR_BATCH; i++) {
    const oop literal = method_literal(code, i);
    if (oop_is_pointer(literal) && fmt_is_method(obj_format(literal)) && cfg_is_compiled_block(literal) &&
        method_literal(literal, method_num_literals(literal) - 1) == code)
      enqueue_with_blocks(literal);
  }
}

/* Its blocks, and the other methods of its class with theirs. */
static void enqueue_companions(oop code) {
  enum { BINDING_VALUE = 1, DICTIONARY_METHODS = 1 };
  if (vm_options.translate_limit != UINT32_MAX) return;
  while (cfg_is_compiled_block(code)) code = method_literal(code, method_num_literals(code) - 1);
  enqueue_with_blocks(code);
  if (method_num_literals(code) == 0) return;
  const oop binding = method_literal(code, method_num_literals(code) - 1);
  if (!is_pointers(binding, BINDING_VALUE + 1)) return;
  const oop class_ = obj_slot(binding, BINDING_VALUE);
  if (!is_pointers(class_, CLASS_METHOD_DICT + 1)) return;
  const oop dictionary = obj_slot(class_, CLASS_METHOD_DICT);
  if (!is_pointers(dictionary, DICTIONARY_METHODS + 1)) return;
  const oop methods = obj_slot(dictionary, DICTIONARY_METHODS);
  if (!is_pointers(methods, 0)) return;
  for (uint32_t i = 0; i < obj_slots(methods) && queue_count < TR_BATCH; i++)
    enqueue_with_blocks(obj_slot(methods, i));
}

static void method_hot(uint32_t index) {
  struct method_info *info = &method_infos[index];
  if (vm_options.translate == TRANSLATE_NEVER)
    info->activations = info->back_edges = 0; /* it may be turned on later */
  if (!may_translate(info)) {
    if (tr_code_is_full()) info->activations = info->back_edges = 0;
    return;
  }
  const bool always = vm_options.translate == TRANSLATE_ALWAYS;
  if (!always && !tr_policy_look(info)) return;
  if (queue_count == TR_BATCH) translator_flush_queue(); /* continuations have filled it */
  enqueue(index);
  if (always) enqueue_companions(method_infos[index].method);
  if (queue_count == TR_BATCH || always) translator_flush_queue();
}

static void safepoint(uint64_t now_us) {
  tr_policy_look_at_clock(now_us);
  tr_check_assumptions();
  if (queue_count > 0 && now_us - queued_since_us >= MAX_WAIT_US) translator_flush_queue();
  look_for_bundle();
  /* A new generation begins between slices. */
  if (tr_code_is_full() && interp.stop == RUN_ON) interp.stop = STOP_BUDGET;
}

static void empty_queue(void) {
  for (uint32_t i = 0; i < queue_count; i++)
    if (take_from_queue(queue[i].info, queue[i].entry_pc)) put_off(queue[i].info, queue[i].entry_pc);
  queue_count = 0;
}

static void slice(void) {
  tr_policy_slice(dev_clock_us());
  const bool never = vm_options.translate == TRANSLATE_NEVER;
  if (never) empty_queue();
  tr_code_slice(never);
}

void translator_start(void) {
  translator_stats = (struct translator_stats){0};
  queue_count = 0;
  tr_policy_start();
  enabled = tr_code_start();
  if (vm_options.translate == TRANSLATE_ALWAYS) vm_options.hot_activations = 1;
  tr_invalidation_start();
  interp_hooks.method_hot = method_hot;
  interp_hooks.continuation = tr_continuation;
  interp_hooks.safepoint = safepoint;
  interp_hooks.slice = slice;
}

/* ---- dumping ---- */

bool tr_try(oop method, const char **phase, struct tr_refusal *refusal) {
  struct tr_batch *batch = calloc(1, sizeof *batch);
  struct cfg cfg;
  VM_ASSERT(batch != NULL);
  *phase = "analysis";
  bool fine = analyze(method, 0, 0, &cfg, refusal);
  if (fine) {
    *phase = "translation";
    add_to_batch(batch, 0, method, &cfg);
    fine = translate_one(method, batch, 0, refusal);
    if (fine) tr_give_cells(batch->made[0].cell);
  }
  free_batch(batch);
  return fine;
}

static void put_hex(const struct text *bytes, struct text *out) {
  for (size_t i = 0; i < bytes->length; i++)
    text_printf(out, "%02x%s", (unsigned)(uint8_t)bytes->chars[i], i % 32 == 31 ? "\n" : "");
  text_printf(out, "\n");
}

err_t translator_dump(oop method, uint32_t entry_pc, const char *name, bool as_text, struct text *out) {
  struct tr_refusal refusal;
  struct tr_batch *batch = calloc(1, sizeof *batch);
  struct cfg cfg;
  VM_ASSERT(batch != NULL);
  bool fine = analyze(method, 0, entry_pc, &cfg, &refusal);
  if (fine) {
    add_to_batch(batch, 0, method, &cfg);
    fine = translate_one(method, batch, 0, &refusal);
  }
  if (fine) {
    batch->funcs[0].name = strdup(name);
    const struct wasm_module module = {.imports = tr_imports,
                                       .import_count = TRH_COUNT,
                                       .funcs = batch->funcs,
                                       .func_count = 1,
                                       .first_slot = tr_next_slot()};
    struct text bytes = {0};
    if (as_text) {
      wasm_print(&module, out);
    } else {
      wasm_encode(&module, &bytes);
      put_hex(&bytes, out);
    }
    text_free(&bytes);
  }
  free_batch(batch);
  return fine ? NULL : err_format("%s is not translated: %s (pc %u)", name, refusal.reason, refusal.pc);
}
