/* frame_return.c: the returns that are more than popping a frame (frame.h).
 *
 * A return kills what it leaves: frames are popped, contexts lose sender and pc (Blue Book p. 610), so that a
 * later return into them is found out.
 */
#include "interpreter/frame_chain.h"
#include "interpreter/lookup.h"

/* Sends the selector with num_args arguments, all pushed; the receiver is a context. */
static void send_to_context(uint32_t special_selector, uint32_t num_args) {
  oop receiver = at32(interp.sp - 4 * num_args), selector = special_or_nil(special_selector);
  struct lookup_entry *found =
      selector == mem.nil ? NULL : interp_lookup(selector, oop_class_index(receiver));
  if (found == NULL || !oop_is_pointer(found->method) || !fmt_is_method(obj_format(found->method))) {
    frame_stop(special_selector == SPECIAL_SELECTOR_CANNOT_RETURN
                   ? "a method returned to no caller, and the image has no cannotReturn:"
                   : "a non-local return must unwind, and the image has no aboutToReturn:through:");
    return;
  }
  interp.selector = selector;
  interp.restructured = true; /* whoever waits for the returning frame's result waits on */
  (void)interp_activate_method(found->method, num_args);
}

/* The next bytecode is the return itself again: no image expects the send to answer. Operands go, so that
 * one that answers all the same cannot make the stack grow. */
static void back_to_return_bytecode(void) {
  addr pc = interp.fp + FRAME_PC;
  if (at32(pc) > method_first_pc(frame_method(interp.fp))) put32(pc, at32(pc) - 1);
  addr last = frame_slot(interp.fp, frame_min_slots(interp.fp)) - 4;
  if (interp.sp > last) interp.sp = last;
}

/* The beginning of a message to the running frame's context about the return of `value`. False: no memory. */
static bool push_context_and(oop value) {
  oop context = frame_marry(interp.fp);
  if (context == 0) {
    frame_out_of_memory();
    return false;
  }
  back_to_return_bytecode();
  interp_push(context);
  interp_push(value);
  return true;
}

void frame_cannot_return(oop value) {
  if (!push_context_and(value)) return;
  send_to_context(SPECIAL_SELECTOR_CANNOT_RETURN, 1);
  /* Where the send answers at once, this is the only thing in the circle that can take a check. */
  if (--interp.countdown < 0 && interp.stop == RUN_ON) interp_check();
}

static void about_to_return(oop value, oop unwind_context) {
  if (!push_context_and(value)) return;
  interp_push(unwind_context);
  send_to_context(SPECIAL_SELECTOR_ABOUT_TO_RETURN, 2);
}

/* Goes on in `context`, which no page runs for, with `result` pushed. */
static void return_to(oop context, oop result) {
  if (!frame_activate_context(context, 1)) {
    frame_stop("a return found its caller's context damaged");
    return;
  }
  interp.sp += 4;
  put32(interp.sp, result);
}

void frame_return(oop result) {
  addr fp = interp.fp;
  if (frame_is_base(fp)) {
    if (!context_is_resumable(at32(frame_base_caller_slot(fp)), 1)) {
      frame_cannot_return(result);
      return;
    }
    return_to(frame_pop_top(), result);
    return;
  }
  (void)frame_pop_top();
  interp.sp += 4;
  put32(interp.sp, result);
}

oop frame_home(addr fp) {
  if (at32(fp + FRAME_FLAGS) & FRAME_IS_OLD_BLOCK) {
    oop home = obj_slot(frame_context(fp), BCTX_HOME);
    return oop_is_context(home) ? home : 0;
  }
  oop closure = at32(frame_pushed(fp));
  for (uint32_t hops = 0; hops < CHAIN_MOST_HOPS && oop_has_fields(closure, CLO_COPIED); hops++) {
    oop context = obj_slot(closure, CLO_OUTER);
    if (!oop_is_context(context)) return 0;
    closure = context_closure(context);
    if (closure == mem.nil) return context;
  }
  return 0;
}

/* Pops frames and kills contexts until `home` is the running frame, or is single: then answers false. */
static bool unwind_to(oop home) {
  while (frame_running != NULL) {
    if (frame_context(interp.fp) == home) return true;
    oop caller = frame_pop_top();
    if (caller == 0) continue;
    while (caller != home && oop_is_context(caller) && context_frame(caller) == 0) {
      oop next = context_single_sender(caller);
      context_kill(caller);
      caller = next;
    }
    if (!oop_is_context(caller) || context_frame(caller) == 0) return false;
    if (!frame_activate_context(caller, 1)) {
      frame_stop("a non-local return found a context on its way damaged");
      return true;
    }
  }
  return false;
}

void frame_non_local_return(oop value) {
  oop home = frame_home(interp.fp);
  struct chain c = chain_of_frame(interp.fp), unwind = {0};
  while (home != 0 && chain_next(&c) && !chain_is(&c, home))
    if (chain_is_end(&unwind) && chain_has_primitive(&c, PRIM_MARK_UNWIND)) unwind = c;
  if (home == 0 || chain_is_end(&c)) {
    frame_cannot_return(value);
    return;
  }
  bool home_returns = true;
  if (c.fp == 0)
    home_returns = context_is_resumable(context_single_sender(c.context), 1);
  else if (frame_is_base(c.fp))
    home_returns = context_is_resumable(at32(frame_base_caller_slot(c.fp)), 1);
  if (!home_returns) {
    frame_cannot_return(value);
    return;
  }
  if (!chain_is_end(&unwind) && special_or_nil(SPECIAL_SELECTOR_ABOUT_TO_RETURN) != mem.nil) {
    oop unwind_context = chain_context(&unwind);
    if (unwind_context != 0) about_to_return(value, unwind_context);
    return;
  }
  interp.restructured = true;
  if (unwind_to(home)) {
    if (interp.stop != STOP_ERROR) frame_return(value);
    return;
  }
  oop caller = context_single_sender(home);
  context_kill(home);
  return_to(caller, value);
}
