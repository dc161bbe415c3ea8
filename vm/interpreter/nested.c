/* nested.c: the doors through which translated code sends (interp.h). What they cannot run to its end in
 * translated code or by a primitive runs in a nested dispatch loop, which ends when its first frame returns.
 */
#include "interpreter/closure.h"
#include "interpreter/loop.h"
#include "interpreter/send.h"

/* Translated functions that were entered through here and have not answered: each has several of the engine's
 * frames below it, of which there are not many. */
enum { MAX_DOORS = 600 };

#ifdef __wasm__
static bool may_enter(uint32_t slot) { return slot != 0 && interp.doors < MAX_DOORS; }

/* Calls a translation for what is pushed. */
static oop enter(uint32_t slot) {
  addr fp = interp.sp + 4;
  put32(fp + FRAME_SAVED_FP, interp.fp); /* a caller links the frame: translated code relies on it */
  interp.translated_calls++;
  interp.doors++;
  oop result = ((translated_fn)(uintptr_t)slot)(fp);
  interp.doors--;
  return result;
}
#endif

/* Runs the frame that was just made on top of `caller_fp`. When there is none, the stack is not what it was,
 * or loops are nested deep, the answer is RESULT_BAIL: the frames say where to go on. */
static oop run_nested(addr caller_fp) {
  if (interp.restructured || interp.stop != RUN_ON || interp.depth >= INTERP_MAX_DEPTH ||
      interp.doors >= MAX_DOORS || frame_caller_fp(interp.fp) != caller_fp) {
    interp.bails++;
    return RESULT_BAIL;
  }
  interp.depth++;
  oop result = loop_run(interp.fp);
  interp.depth--;
  return result;
}

static oop drop_and_answer(uint32_t num_args, oop result) {
  interp.sp -= 4 * (num_args + 1);
  return result;
}

/* A primitive that arranged the stack itself: it answered in its caller's frame, or made a frame. */
static oop after_primitive(addr caller_fp) {
  if (interp.restructured || interp.stop != RUN_ON || interp.fp != caller_fp) return run_nested(caller_fp);
  return interp_pop();
}

uint32_t interp_try_primitive(prim_fn primitive, oop method, uint32_t num_args) {
  addr caller_fp = interp.fp;
  interp.new_method = method;
  interp.primitives_called++;
  oop result = primitive(AT(oop, interp.sp - 4 * num_args), num_args);
  if (LIKELY(result_is_oop(result) && !interp.restructured)) return drop_and_answer(num_args, result);
  if (result_is_oop(result)) { /* what runs assumes something that the primitive has changed */
    interp.sp -= 4 * num_args;
    put32(interp.sp, result);
    return RESULT_BAIL;
  }
  return result == PRIM_DONE ? after_primitive(caller_fp) : PRIM_FAILED;
}

oop interp_activate_failed(uint32_t num_args) {
  addr caller_fp = interp.fp;
  send_activate_failed(num_args);
  return run_nested(caller_fp);
}

static oop call_primitive(const struct lookup_entry *e, uint32_t num_args) {
  const uint32_t result = interp_try_primitive(e->primitive, e->method, num_args);
  return result != PRIM_FAILED ? result : interp_activate_failed(num_args);
}

/* Sends that find it in translated code count as activations of a method whose primitive answers. */
static oop send_primitive(const struct lookup_entry *e, uint32_t num_args) {
  const struct lookup_entry found = *e;
  if (found.slot == 0) send_count_activation(found.info);
  return call_primitive(&found, num_args);
}

/* What is about to be activated may have a translation after this. */
static void announce(const struct lookup_entry *e) {
  if (e->slot == 0 && method_infos[e->info].activations + 1 == vm_options.hot_activations &&
      interp_hooks.method_hot != NULL)
    interp_hooks.method_hot(e->info);
}

static oop activate(const struct lookup_entry *e, uint32_t num_args) {
  addr caller_fp = interp.fp;
  announce(e);
#ifdef __wasm__
  if (may_enter(e->slot)) return enter(e->slot);
#endif
  if (!interp_activate_method(e->method, num_args)) return RESULT_BAIL;
  return run_nested(caller_fp);
}

/* Runs the closure's block: by its translation when it has one. The class and arity are right. */
static oop value_of_closure(oop closure, uint32_t num_args) {
  addr caller_fp = interp.fp;
#ifdef __wasm__
  struct lookup_entry *e = send_closure_entry(closure, num_args);
  if (e != NULL) announce(e);
  if (e != NULL && may_enter(e->slot)) return enter(e->slot);
#endif
  interp_activate_closure(closure, num_args);
  return run_nested(caller_fp);
}

oop interp_send_found(const struct lookup_entry *e, oop selector, uint32_t num_args) {
  interp.sends++;
  interp.selector = selector;
  interp.num_args = num_args;
  const oop receiver = at32(interp.sp - 4 * num_args);
  const uint32_t operand = e->shape & LOOKUP_PC_MASK;
  if (UNLIKELY((e->flags & FRAME_NUM_ARGS_MASK) != num_args)) {
    send_refuse(e, num_args);
    return RESULT_BAIL;
  }
  switch (lookup_kind(e)) {
    case LOOKUP_SELF: return drop_and_answer(num_args, receiver);
    case LOOKUP_CONSTANT: return drop_and_answer(num_args, lookup_constant(operand));
    case LOOKUP_FIELD: return drop_and_answer(num_args, send_field(receiver, operand));
    case LOOKUP_CONTEXT_FIELD: return drop_and_answer(num_args, context_fetch(receiver, operand));
    case LOOKUP_BLOCK_VALUE:
      if (closure_takes(receiver, num_args)) return value_of_closure(receiver, num_args);
      return call_primitive(e, num_args);
    case LOOKUP_PRIMITIVE: return send_primitive(e, num_args);
    default: return activate(e, num_args);
  }
}

oop interp_send_from_class(oop selector, uint32_t num_args, uint32_t class_index) {
  const struct lookup_entry *e = lookup_first_probe(selector, class_index);
  if (lookup_hit(e, selector, class_index) && lookup_kind(e) != LOOKUP_OBJECT)
    return interp_send_found(e, selector, num_args);
  e = send_resolve(selector, num_args, class_index);
  return e != NULL ? interp_send_found(e, interp.selector, interp.num_args) : RESULT_BAIL;
}

oop interp_send_from_translated(oop selector, uint32_t num_args) {
  return interp_send_from_class(selector, num_args, oop_class_index(at32(interp.sp - 4 * num_args)));
}

oop interp_value_from_translated(uint32_t num_args) {
  return value_of_closure(at32(interp.sp - 4 * num_args), num_args);
}

/* Whoever runs a frame above the home answers RESULT_BAIL, as interp.restructured asks for; whoever runs the
 * home finds its own frame in nlr_home and answers what was pushed: interp stands as if the home had returned
 * plainly. That holds until the next safepoint, which forgets nlr_home. */
void interp_non_local_return(oop value) {
  oop context = frame_home(interp.fp);
  addr home = context != 0 ? context_frame(context) : 0, caller = 0, pushed = 0;
  const struct stack_page *page = frame_running;
  if (home != 0 && !interp.restructured && home >= page->start && home < interp.fp) {
    caller = frame_caller_fp(home);
    pushed = frame_pushed(home);
  }
  frame_non_local_return(value);
  if (caller != 0 && frame_running == page && interp.fp == caller && interp.sp == pushed &&
      interp.restructured && interp.stop == RUN_ON)
    interp.nlr_home = home;
}
