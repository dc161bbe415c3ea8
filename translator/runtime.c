/* runtime.c: what translated code calls in the core (TR_HELPERS). Each is exported under its name. */
#include <string.h>

#include "abi.h"
#include "base/options.h"
#include "interpreter/arithmetic.h"
#include "interpreter/at.h"
#include "interpreter/bytecode.h"
#include "interpreter/closure.h"
#include "interpreter/process.h"
#include "interpreter/send.h"
#include "translator/translate.h"
#include "translator/translator.h"

#include <string.h>

#define HELPER(name) EXPORT(name)

HELPER(tr_send) oop tr_send(addr fp, addr sp, addr site_at);
HELPER(tr_find) uint32_t tr_find(addr site_at, uint32_t class_index);
HELPER(tr_find_pushed) uint32_t tr_find_pushed(addr sp, addr site_at);
HELPER(tr_send_super) oop tr_send_super(addr fp, addr sp, addr site_at);
HELPER(tr_send_special) oop tr_send_special(addr fp, addr sp, uint32_t which);
HELPER(tr_check) uint32_t tr_check(addr fp, addr sp);
HELPER(tr_bail) oop tr_bail(addr fp, addr sp);
HELPER(tr_context_returns) void tr_context_returns(addr fp);
HELPER(tr_return) oop tr_return(addr fp, addr sp, oop value);
HELPER(tr_remember) void tr_remember(oop object);
HELPER(tr_at) oop tr_at(oop receiver, oop index);
HELPER(tr_at_put) oop tr_at_put(oop receiver, oop index, oop value);
HELPER(tr_size) oop tr_size(oop receiver);
HELPER(tr_arithmetic) oop tr_arithmetic(uint32_t index, oop a, oop b);
HELPER(tr_fetch_field) oop tr_fetch_field(addr fp, addr sp, uint32_t index);
HELPER(tr_store_field) uint32_t tr_store_field(addr fp, addr sp, uint32_t what);
HELPER(tr_primitive) uint32_t tr_primitive(addr fp, addr cell, uint32_t num_args);
HELPER(tr_primitive_error) oop tr_primitive_error(void);
HELPER(tr_new_float) oop tr_new_float(uint32_t low, uint32_t high);
HELPER(tr_unfit) oop tr_unfit(addr fp, addr sp);
HELPER(tr_perform) uint32_t tr_perform(addr fp, uint32_t num_args);
HELPER(tr_push_full_closure) oop tr_push_full_closure(addr fp, addr sp, uint32_t what);
HELPER(tr_push_closure) oop tr_push_closure(addr fp, addr sp, uint32_t what);
HELPER(tr_push_array) oop tr_push_array(addr fp, addr sp, uint32_t what);
HELPER(tr_push_context) oop tr_push_context(addr fp, addr sp, uint32_t which);
HELPER(tr_enter_block) oop tr_enter_block(addr fp, uint32_t num_args);
HELPER(tr_non_local_return) oop tr_non_local_return(addr fp, addr sp, oop value);
HELPER(tr_unwound) oop tr_unwound(addr fp);
HELPER(tr_value) oop tr_value(addr fp, addr sp, addr site_at);

/* ---- leaving and polling ---- */

static void externalize(addr fp, addr sp) {
  interp.fp = fp;
  interp.sp = sp;
}

/* What is special about the instruction is the interpreter's: it is not to be tried again at once. */
oop tr_bail(addr fp, addr sp) {
  externalize(fp, sp);
  put32(fp + FRAME_FLAGS, at32(fp + FRAME_FLAGS) & ~(uint32_t)FRAME_TRANSLATED);
  interp.bails++;
  tr_note_bail(fp);
  return RESULT_BAIL;
}

oop tr_unfit(addr fp, addr sp) {
  externalize(fp, sp);
  interp.bails++;
  tr_note_unfit(fp);
  return RESULT_BAIL;
}

/* Whether option bail_stress says to bail here: a linear congruential sequence, so that a run can be
 * repeated. */
static bool stress_says_bail(void) {
  static uint32_t state;
  if (vm_options.bail_stress == 0) return false;
  interp.countdown = 0; /* so that the next safepoint comes here too */
  if (state == 0) state = vm_options.seed | 1;
  state = state * 1664525u + 1013904223u;
  return (state >> 8) % vm_options.bail_stress == 0;
}

/* Nonzero: return RESULT_BAIL. */
uint32_t tr_check(addr fp, addr sp) {
  externalize(fp, sp);
  interp_check();
  if (interp.restructured || interp.stop != RUN_ON || stress_says_bail()) {
    interp.bails++;
    return 1;
  }
  return 0;
}

/* ---- sends ---- */

static oop special_selector(uint32_t index) {
  return send_field(mem_special(SPECIAL_SPECIAL_SELECTORS), 2 * index);
}

/* Quick methods as functions that inline caches can call like translations: receiver and arguments are pushed
 * below fp, and no frame is made. */
#define QUICK_FIELDS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)
#define X(i) \
  static oop quick_field_##i(addr fp) { return obj_slot(at32(fp - 4), i); }
QUICK_FIELDS(X)
#undef X
static const translated_fn quick_fields[] = {
#define X(i) quick_field_##i,
    QUICK_FIELDS(X)
#undef X
};
enum { QUICK_FIELD_COUNT = sizeof quick_fields / sizeof *quick_fields };

static oop quick_self(addr fp) { return at32(fp - 4); }
static oop quick_true(addr fp) { return (void)fp, mem.true_; }
static oop quick_false(addr fp) { return (void)fp, mem.false_; }
static oop quick_nil(addr fp) { return (void)fp, mem.nil; }

/* A function's slot in the table is its address in WebAssembly. */
static uint32_t slot_of(translated_fn f) { return (uint32_t)(uintptr_t)f; }

/* The table slot that does by itself, given fp, the send that found `e`; 0: more is needed. */
static uint32_t slot_of_entry(const struct lookup_entry *e, uint32_t num_args) {
  const uint32_t operand = e->shape & LOOKUP_PC_MASK;
  if ((e->flags & FRAME_NUM_ARGS_MASK) != num_args) return 0;
  switch (lookup_kind(e)) {
    case LOOKUP_ACTIVATE:
    case LOOKUP_ACTIVATE_FIELDS:
    case LOOKUP_PRIMITIVE: return e->slot;
    case LOOKUP_FIELD: return operand < QUICK_FIELD_COUNT ? slot_of(quick_fields[operand]) : 0;
    case LOOKUP_SELF: return num_args == 0 ? slot_of(quick_self) : 0;
    case LOOKUP_CONSTANT: {
      const oop o = lookup_constant(operand);
      return o == mem.true_    ? slot_of(quick_true)
             : o == mem.false_ ? slot_of(quick_false)
             : o == mem.nil    ? slot_of(quick_nil)
                               : 0;
    }
    default: return 0;
  }
}

/* A new way comes first while there is room. Which of six are met often shows by and by, see tr_find(). */
static void fill_way(struct tr_site *site, struct tr_way way) {
  if (site->ways[TR_SITE_WAYS - 1].class_index != 0) return;
  memmove(site->ways + 1, site->ways, (TR_SITE_WAYS - 1) * sizeof way);
  site->ways[0] = way;
}

/* What sends without arguments load by themselves. */
static bool fill_value(struct tr_site *site, const struct lookup_entry *e) {
  const uint32_t operand = e->shape & LOOKUP_PC_MASK;
  switch (lookup_kind(e)) {
    case LOOKUP_FIELD:
      site->value_mask = UINT32_MAX;
      site->value_at = HDR_BYTES + 4 * operand;
      return true;
    case LOOKUP_CONSTANT: {
      const oop o = lookup_constant(operand);
      const oop *at = o == mem.true_ ? &mem.true_ : o == mem.false_ ? &mem.false_ : &mem.nil;
      if (*at != o) return false;
      site->value_mask = 0;
      site->value_at = (uint32_t)(uintptr_t)at;
      return true;
    }
    default: return false;
  }
}

/* A send that the site's cell does not answer: looked up once, from class_index on. What is found goes into
 * the cell under `key` when a function of the table does it alone. */
static oop send_and_cache(struct tr_site *site, oop selector, uint32_t class_index, uint32_t key) {
  const uint32_t num_args = site->num_args;
  struct lookup_entry *e = lookup_first_probe(selector, class_index);
  if (UNLIKELY(!lookup_hit(e, selector, class_index))) e = interp_lookup(selector, class_index);
  if (UNLIKELY(e == NULL || lookup_kind(e) == LOOKUP_OBJECT))
    return interp_send_from_class(selector, num_args, class_index);
  const uint32_t slot = slot_of_entry(e, num_args);
  if (site->loads_value && site->value_class == 0 && fill_value(site, e))
    site->value_class = key;
  else if (slot != 0)
    fill_way(site, (struct tr_way){.class_index = key, .slot = slot});
  return interp_send_found(e, selector, num_args);
}

/* Not by the method's cell: that is empty when the translation was dropped while this ran. */
static oop site_selector(const struct tr_site *site, addr fp) {
  return site->is_special ? special_selector(site->selector)
                          : method_literal(frame_method(fp), site->selector);
}

/* The table slot for a receiver that none of the site's fast ways is for: of one of its other
 * ways or, when those are all taken, by the global cache. 0: there is more to do. */
uint32_t tr_find(addr site_at, uint32_t class_index) {
  enum { SWAP_SECOND = 8, SWAP_FIRST = 64, REPLACE = 64 }; /* every so many detours */
  struct tr_site *site = AT(struct tr_site, site_at);
  struct tr_way *last = &site->ways[TR_SITE_WAYS - 1];
  for (struct tr_way *way = site->ways + TR_SITE_FAST_WAYS; way <= last; way++) {
    if (way->class_index != class_index) continue;
    const struct tr_way found = *way;
    if (++site->detours % SWAP_SECOND == 0) {
      struct tr_way *faster = &site->ways[site->detours % SWAP_FIRST == 0 ? 0 : 1];
      *way = *faster;
      *faster = found;
    }
    return found.slot;
  }
  const oop method = at32(site->method_cell);
  if (last->class_index == 0 || method == 0) return 0;
  const oop selector =
      site->is_special ? special_selector(site->selector) : method_literal(method, site->selector);
  const struct lookup_entry *e = lookup_first_probe(selector, class_index);
  if (!lookup_hit(e, selector, class_index)) return 0;
  const uint32_t slot = slot_of_entry(e, site->num_args);
  if (slot != 0 && ++site->detours % REPLACE == 0) *last = (struct tr_way){class_index, slot};
  return slot;
}

/* The same for the receiver and arguments at sp, of all ways. */
uint32_t tr_find_pushed(addr sp, addr site_at) {
  const struct tr_site *site = AT(struct tr_site, site_at);
  const uint32_t class_index = oop_class_index(at32(sp - 4 * site->num_args));
  for (uint32_t i = 0; i < TR_SITE_FAST_WAYS; i++)
    if (site->ways[i].class_index == class_index) return site->ways[i].slot;
  return tr_find(site_at, class_index);
}

oop tr_send(addr fp, addr sp, addr site_at) {
  externalize(fp, sp);
  struct tr_site *site = AT(struct tr_site, site_at);
  const uint32_t class_index = oop_class_index(at32(sp - 4 * site->num_args));
  return send_and_cache(site, site_selector(site, fp), class_index, class_index);
}

oop tr_send_super(addr fp, addr sp, addr site_at) {
  externalize(fp, sp);
  struct tr_site *site = AT(struct tr_site, site_at);
  return send_and_cache(site, site_selector(site, fp), send_super_class_index(frame_method(fp)),
                        TR_SITE_ANY_CLASS);
}

/* Changes whenever the cell of a translation that may be running has lost its method. */
static uint32_t translations_gone(void) { return translator_stats.invalidations + translator_stats.replaced; }

/* A slow path of an activation that had made no frame and goes on without (frames.c). So the safepoint of its
 * entry is here; and it leaves when somebody has got a context of it meanwhile, or when its translation was
 * dropped, whose cell names no method any more. */
static oop send_from_new_frame(addr fp, addr sp, uint32_t index, uint32_t bytes) {
  const uint32_t gone = translations_gone(), num_args = special_selector_args(index);
  if (fp > interp.stack_limit || --interp.countdown < 0) {
    put32(fp + FRAME_PC, at32(fp + FRAME_PC) - bytes);
    if (tr_check(fp, sp) != 0) return RESULT_BAIL;
    put32(fp + FRAME_PC, at32(fp + FRAME_PC) + bytes);
  }
  const oop result = interp_send_from_translated(special_selector(index), num_args);
  if (!result_is_oop(result) || (!frame_is_married(fp) && translations_gone() == gone)) return result;
  externalize(fp, sp - 4 * num_args);
  put32(interp.sp, result);
  interp.bails++;
  return RESULT_BAIL;
}

oop tr_send_special(addr fp, addr sp, uint32_t which) {
  externalize(fp, sp);
  return send_from_new_frame(fp, sp, which & ((1 << TR_SEND_BYTES_SHIFT) - 1), which >> TR_SEND_BYTES_SHIFT);
}

/* ---- methods with primitives ---- */

/* fp is where the frame of the method would begin. PRIM_FAILED: its code is to run. */
uint32_t tr_primitive(addr fp, addr cell, uint32_t num_args) {
  externalize(at32(fp + FRAME_SAVED_FP), fp - 4);
  const uint32_t result = interp_try_primitive((prim_fn)(uintptr_t)at32(cell + 4), at32(cell), num_args);
  if (result == PRIM_FAILED && at32(cell) == 0)
    return interp_activate_failed(num_args); /* dropped meanwhile */
  return result;
}

/* perform:…: the table slot of what the selector names; 0: the primitive is to find out what happens. With a
 * slot the arguments are moved over the selector: the frame begins a word lower. */
uint32_t tr_perform(addr fp, uint32_t num_args) {
  oop *args = AT(oop, fp - 4 * (num_args + 1));
  const struct lookup_entry *e = interp_lookup(args[1], oop_class_index(args[0]));
  if (e == NULL || lookup_kind(e) == LOOKUP_OBJECT || method_num_args(e->method) != num_args - 1) return 0;
  const uint32_t slot = slot_of_entry(e, num_args - 1);
  if (slot == 0) return 0;
  const addr caller = at32(fp + FRAME_SAVED_FP);
  memmove(args + 1, args + 2, (num_args - 1) * sizeof *args);
  put32(fp - 4 + FRAME_SAVED_FP, caller);
  return slot;
}

oop tr_primitive_error(void) { return send_error_object(); }

/* ---- blocks ---- */

/* The next three pop their operands and answer the new object; 0 without memory: the interpreter says so. */
oop tr_push_full_closure(addr fp, addr sp, uint32_t what) {
  externalize(fp, sp);
  return closure_push_full(method_literal(frame_method(fp), what & 0xFFFF), what >> 16) ? at32(interp.sp) : 0;
}

oop tr_push_closure(addr fp, addr sp, uint32_t what) {
  externalize(fp, sp);
  return closure_push(what & 0xFFFF, what >> 16, at32(fp + FRAME_PC)) ? at32(interp.sp) : 0;
}

oop tr_push_array(addr fp, addr sp, uint32_t what) {
  externalize(fp, sp);
  return closure_push_array(what & 0xFFFF, what >> 16 != 0) ? at32(interp.sp) : 0;
}

oop tr_push_context(addr fp, addr sp, uint32_t which) {
  externalize(fp, sp);
  return which == 0 ? frame_marry(fp) : process_active();
}

/* A block whose closure is not of the shape it was translated for: as the interpreter activates it. */
oop tr_enter_block(addr fp, uint32_t num_args) {
  externalize(at32(fp + FRAME_SAVED_FP), fp - 4);
  interp_activate_closure(at32(fp - 4 * (num_args + 1)), num_args);
  interp.bails++;
  return RESULT_BAIL;
}

oop tr_non_local_return(addr fp, addr sp, oop value) {
  externalize(fp, sp);
  interp_non_local_return(value);
  return RESULT_BAIL;
}

/* A value send to a closure, of the right arity, whose code the cell before the site's does not name. */
oop tr_value(addr fp, addr sp, addr site_at) {
  externalize(fp, sp);
  struct tr_site *site = AT(struct tr_site, site_at);
  const uint32_t num_args = site->num_args;
  const oop closure = at32(sp - 4 * num_args);
  if (!site->is_special) {
    /* value and value: are done without lookup; the others might be redefined. */
    const oop selector = method_literal(frame_method(fp), site->selector);
    const struct lookup_entry *found = interp_lookup(selector, obj_class_index(closure));
    if (found == NULL || lookup_kind(found) != LOOKUP_BLOCK_VALUE)
      return interp_send_from_translated(selector, num_args);
  }
  const struct lookup_entry *e = send_closure_entry(closure, num_args);
  if (e != NULL && e->slot != 0) {
    struct tr_site *cell = site - 1;
    cell->ways[0].class_index = e->method;
    cell->selector = obj_slot(closure, CLO_START_PC_OR_METHOD);
    cell->ways[0].slot = e->slot;
    cell->num_args = interp.moves;
  }
  return interp_value_from_translated(num_args);
}

/* Called when a send from the activation at fp answered RESULT_BAIL: the value, if it has returned by that.
 */
oop tr_unwound(addr fp) {
  if (interp.nlr_home != fp) return RESULT_BAIL;
  interp.nlr_home = 0;
  interp.restructured = false;
  return interp_pop();
}

/* ---- fields of receivers that may be contexts ---- */

oop tr_fetch_field(addr fp, addr sp, uint32_t index) {
  externalize(fp, sp);
  const oop receiver = frame_receiver(fp);
  return oop_is_context(receiver) ? context_fetch(receiver, index) : obj_slot(receiver, index);
}

/* `what`: the index, and 1 << 16 when the value is popped. Nonzero: return RESULT_BAIL. */
uint32_t tr_store_field(addr fp, addr sp, uint32_t what) {
  const uint32_t index = what & 0xFFFF;
  const oop receiver = frame_receiver(fp), value = at32(sp);
  externalize(fp, what >> 16 != 0 ? sp - 4 : sp);
  if (!oop_is_context(receiver)) {
    mem_store(receiver, index, value);
    return 0;
  }
  (void)context_store(receiver, index, value); /* what a context cannot take is not stored */
  if (!interp.restructured && interp.stop == RUN_ON) return 0;
  interp.bails++;
  return 1;
}

/* ---- frames and objects: none of these collects ---- */

void tr_context_returns(addr fp) { frame_context_returns(fp); }

/* A continuation returns from a frame that has a context or, on its page, no caller. */
oop tr_return(addr fp, addr sp, oop value) {
  if (!frame_is_base(fp)) {
    if (frame_is_married(fp)) frame_context_returns(fp);
    return value;
  }
  externalize(fp, sp);
  frame_return(value);
  return RESULT_BAIL;
}

void tr_remember(oop object) {
  if (!obj_is_remembered(object)) mem_remember(object);
}

/* The three answer 0 for what is left to a full send. */
oop tr_at(oop receiver, oop index) { return fast_at(receiver, index); }
oop tr_at_put(oop receiver, oop index, oop value) { return fast_at_put(receiver, index, value) ? value : 0; }
oop tr_size(oop receiver) { return fast_size(receiver); }

/* The special sends of numbers beyond what is inlined, as the dispatch loop has them: 0 for a full send. */
static oop float_arithmetic(uint32_t index, double x, double y) {
  switch (index) {
    case SPSEL_ADD: return mem_new_float(x + y);
    case SPSEL_SUBTRACT: return mem_new_float(x - y);
    case SPSEL_MULTIPLY: return mem_new_float(x * y);
    case SPSEL_DIVIDE: return y != 0 ? mem_new_float(x / y) : 0;
    case SPSEL_LESS: return mem_bool(x < y);
    case SPSEL_GREATER: return mem_bool(x > y);
    case SPSEL_LESS_EQUAL: return mem_bool(x <= y);
    case SPSEL_GREATER_EQUAL: return mem_bool(x >= y);
    case SPSEL_EQUAL: return mem_bool(x == y);
    case SPSEL_NOT_EQUAL: return mem_bool(x != y);
    default: return 0;
  }
}

/* What the inlined SmallInteger paths leave: exact division, negative divisors, shifts. */
static oop integer_arithmetic(uint32_t index, int32_t a, int32_t b) {
  switch (index) {
    case SPSEL_DIVIDE: return b != 0 && a % b == 0 && int_fits(a / b) ? int_oop(a / b) : 0;
    case SPSEL_DIV: {
      if (b == 0) return 0;
      const int32_t q = floor_div(a, b);
      return int_fits(q) ? int_oop(q) : 0;
    }
    case SPSEL_MOD: return b != 0 ? int_oop(floor_mod(a, b)) : 0;
    case SPSEL_BIT_SHIFT: return int_shift(a, b);
    default: return 0;
  }
}

oop tr_arithmetic(uint32_t index, oop a, oop b) {
  double x, y;
  if (oop_both_int(a, b)) return integer_arithmetic(index, oop_int(a), oop_int(b));
  return float_operands(a, b, &x, &y) ? float_arithmetic(index, x, y) : 0;
}

/* For a number that has no box yet, given as the words of its bits. */
oop tr_new_float(uint32_t low, uint32_t high) {
  const uint64_t bits = (uint64_t)high << 32 | low;
  double value;
  memcpy(&value, &bits, sizeof value);
  const oop box = mem_new_float(value);
  if (LIKELY(box != 0)) return box;
  interp.stop = STOP_ERROR;
  interp.error = "out of memory for a Float; --memory sets the limit";
  return mem.nil;
}
