/* nested.c: sends from translated code: what its inline caches do not answer themselves (interp.h).
 *
 * A callee that is not translated runs in a nested dispatch loop on the engine's stack. Whatever makes that
 * impossible or pointless (depth, a new stack page, a process switch) is answered by bailing: all frames are
 * in memory, so the base loop simply goes on.
 */
#include "base/options.h"
#include "interpreter/loop.h"
#include "interpreter/send.h"

/* Runs the frame that was just activated for `caller` to its end. */
static oop run_activated(addr caller) {
  if (interp.restructured || interp.stop != RUN_ON || frame_caller_fp(interp.fp) != caller ||
      interp.depth >= INTERP_MAX_DEPTH) {
    interp.bails++;
    return RESULT_BAIL;
  }
  interp.depth++;
  oop result = loop_run(interp.fp);
  interp.depth--;
  return result;
}

/* The result on top of the stack, popped. */
static oop take_result(void) {
  if (interp.restructured || interp.stop != RUN_ON) {
    interp.bails++;
    return RESULT_BAIL;
  }
  return interp_pop();
}

static oop run_primitive(const struct lookup_entry *e, uint32_t argc) {
  const addr caller = interp.fp;
  interp.new_method = e->method;
  interp.primitives_called++;
  oop result = e->primitive(AT(oop, interp.sp - 4 * argc), argc);
  if (result_is_oop(result)) return result;
  if (result == PRIM_DONE) return interp.fp == caller ? take_result() : run_activated(caller);
  send_activate_failed(argc);
  return run_activated(caller);
}

static oop run_method(const struct lookup_entry *e, uint32_t argc) {
  const addr caller = interp.fp;
  if (e->slot == 0 && method_infos[e->info].activations + 1 == vm_options.hot_activations &&
      interp_hooks.method_hot != NULL)
    interp_hooks.method_hot(e->info);
#ifdef __wasm__
  if (e->slot != 0) {
    const addr fp = interp.sp + 4;
    put32(fp + FRAME_SAVED_FP, caller);
    interp.translated_calls++;
    return ((translated_fn)(uintptr_t)e->slot)(fp);
  }
#endif
  interp_activate_method(e->method, argc);
  return run_activated(caller);
}

oop interp_send_from_class(oop selector, uint32_t num_args, uint32_t class_index) {
  interp.sends++;
  const struct lookup_entry *e = lookup_first_probe(selector, class_index);
  if (!lookup_hit(e, selector, class_index) || lookup_kind(e) == LOOKUP_OBJECT) {
    e = send_resolve(selector, num_args, class_index);
    if (e == NULL) return RESULT_BAIL; /* interp.stop says why */
    num_args = interp.num_args;
  } else {
    interp.selector = selector;
    interp.num_args = num_args;
  }
  const oop receiver = at32(interp.sp - 4 * num_args);
  switch (lookup_kind(e)) {
    case LOOKUP_SELF: return receiver;
    case LOOKUP_CONSTANT: return lookup_constant(e->shape & LOOKUP_PC_MASK);
    case LOOKUP_FIELD: return obj_slot(receiver, e->shape & LOOKUP_PC_MASK);
    case LOOKUP_CONTEXT_FIELD: return context_fetch(receiver, e->shape & LOOKUP_PC_MASK);
    case LOOKUP_PRIMITIVE:
    case LOOKUP_BLOCK_VALUE: return run_primitive(e, num_args);
    default: return run_method(e, num_args);
  }
}

oop interp_send_from_translated(oop selector, uint32_t num_args) {
  return interp_send_from_class(selector, num_args, oop_class_index(at32(interp.sp - 4 * num_args)));
}

oop interp_value_from_translated(uint32_t num_args) {
  const addr caller = interp.fp;
  interp_activate_closure(at32(interp.sp - 4 * num_args), num_args);
  return run_activated(caller);
}
