/* frame_context.c: marriage of frames and contexts, and contexts as the image sees them (frame.h).
 *
 * The heap object of a married context holds its class, method, closure and receiver; everything else is in
 * the frame. BlockContexts of pre-closure images have the same first three fields and the same first
 * temporary's index as contexts, so the two share the code below.
 */
#include "interpreter/closure.h"
#include "interpreter/frame_internal.h"
#include "interpreter/verify.h"

enum { CONTEXT_FIXED_FIELDS = CTX_TEMPS };
_Static_assert((int)CTX_TEMPS == (int)BCTX_TEMPS, "one code for both kinds of context");
_Static_assert((int)CTX_SENDER == (int)BCTX_CALLER && (int)CTX_PC == (int)BCTX_PC &&
                   (int)CTX_STACKP == (int)BCTX_STACKP,
               "one code for both kinds of context");

static uint32_t context_capacity(oop context) {
  uint32_t slots = obj_slots(context);
  return slots < CONTEXT_FIXED_FIELDS ? 0 : slots - CONTEXT_FIXED_FIELDS;
}

oop frame_marry(addr fp) {
  if (frame_is_married(fp)) return frame_context(fp);
  oop method = frame_method(fp);
  oop c = mem_new(CIX_CONTEXT, FMT_FIXED_INDEXABLE, CONTEXT_FIXED_FIELDS + method_frame_slots(method));
  if (c == 0) return 0;
  obj_put_raw(c, CTX_SENDER, fp | 1);
  obj_put_raw(c, CTX_STACKP, int_oop(0));
  mem_store(c, CTX_METHOD, method);
  if (frame_is_block(fp)) mem_store(c, CTX_CLOSURE, at32(frame_pushed(fp)));
  mem_store(c, CTX_RECEIVER, frame_receiver(fp));
  put32(fp + FRAME_CONTEXT, c);
  return c;
}

/* Arguments and temporaries of an activation with so many arguments of the method, or of the closure if that
 * is not nil. */
static uint32_t activation_slots(oop method, oop closure, uint32_t num_args) {
  if (closure == mem.nil || obj_class_index(closure) == CIX_FULL_CLOSURE)
    return frame_temps_of_method(method);
  return num_args + obj_slots(closure) - CLO_COPIED;
}

uint32_t frame_min_slots(addr fp) {
  uint32_t flags = at32(fp + FRAME_FLAGS);
  if (flags & FRAME_IS_OLD_BLOCK) return 0;
  return activation_slots(frame_method(fp), flags & FRAME_IS_BLOCK ? at32(frame_pushed(fp)) : mem.nil,
                          frame_num_args(fp));
}

/* Copies the first `count` words of the frame's arguments, temporaries and operands into its context. */
static void write_slots(addr fp, oop context, uint32_t count) {
  uint32_t room = context_capacity(context);
  if (count > room) count = room;
  for (uint32_t i = 0; i < count; i++) mem_store(context, CTX_TEMPS + i, at32(frame_slot(fp, i)));
  obj_put_raw(context, CTX_STACKP, int_oop((int32_t)count));
}

void frame_write_context(addr fp, addr last, oop sender) {
  oop c = frame_context(fp);
  write_slots(fp, c, frame_slot_count(fp, last));
  mem_store(c, CTX_SENDER, sender);
  obj_put_raw(c, CTX_PC, int_oop((int32_t)(at32(fp + FRAME_PC) - PC_IMAGE_TO_FRAME)));
}

void context_kill(oop context) {
  obj_put_raw(context, CTX_SENDER, mem.nil);
  obj_put_raw(context, CTX_PC, mem.nil);
}

void frame_context_returns(addr fp) {
  oop c = frame_context(fp);
  if (!(at32(fp + FRAME_FLAGS) & FRAME_IS_OLD_BLOCK)) write_slots(fp, c, frame_min_slots(fp));
  context_kill(c);
}

oop context_single_sender(oop context) {
  oop sender = obj_slot(context, CTX_SENDER);
  return oop_is_int(sender) || !oop_is_context(sender) ? mem.nil : sender;
}

oop context_closure(oop context) {
  return oop_is_block_context(context) ? mem.nil : obj_slot(context, CTX_CLOSURE);
}

static bool is_closure(oop o) {
  return oop_is_pointer(o) && fmt_is_pointers(obj_format(o)) && obj_slots(o) >= CLO_COPIED &&
         oop_is_int(obj_slot(o, CLO_NUM_ARGS));
}

/* What frame_min_slots() will be of a single context's frame; 0 while its method or closure is none. */
static uint32_t context_min_slots(oop c) {
  if (oop_is_block_context(c)) return 0;
  oop method = obj_slot(c, CTX_METHOD), closure = obj_slot(c, CTX_CLOSURE);
  if (!oop_is_method(method) || (closure != mem.nil && !is_closure(closure))) return 0;
  const uint32_t args = closure != mem.nil ? (uint32_t)oop_int(obj_slot(closure, CLO_NUM_ARGS)) : 0;
  uint32_t count = activation_slots(method, closure, args), room = context_capacity(c);
  return count < room ? count : room;
}

static bool pc_is_inside(oop method, int32_t image_pc) {
  if (image_pc < 0) return false;
  uint32_t pc = (uint32_t)image_pc + PC_IMAGE_TO_FRAME;
  return pc >= method_first_pc(method) && pc < method_end_pc(method);
}

bool frame_can_go_on_at(addr fp, uint32_t pc, addr sp) {
  const oop method = frame_method(fp), closure = frame_is_block(fp) ? at32(frame_pushed(fp)) : mem.nil;
  const bool embedded = closure != mem.nil && obj_class_index(closure) != CIX_FULL_CLOSURE;
  const struct verify_entry e = {.method = method,
                                 .pc = embedded ? closure_start_pc(closure) : method_first_pc(method),
                                 .kind = embedded ? VERIFY_EMBEDDED : VERIFY_METHOD,
                                 .temps = frame_min_slots(fp)};
  uint32_t fields;
  const int32_t depth = verify_depth(&e, pc, &fields), has = (int32_t)(frame_slot_count(fp, sp) - e.temps);
  return depth >= 0 && has >= depth;
}

/* How the code of a single context was entered, whose method or home's method it is. */
static struct verify_entry entry_of_context(oop c, oop method) {
  struct verify_entry e = {.method = method};
  const oop closure = context_closure(c);
  if (oop_is_block_context(c)) {
    e.kind = VERIFY_OLD_BLOCK;
    e.pc = (uint32_t)oop_int(obj_slot(c, BCTX_START_PC)) + PC_IMAGE_TO_FRAME;
    e.temps = (uint32_t)oop_int(obj_slot(c, BCTX_NUM_ARGS));
  } else if (closure == mem.nil || obj_class_index(closure) == CIX_FULL_CLOSURE) {
    e.kind = VERIFY_METHOD;
    e.pc = method_first_pc(method);
    e.temps = frame_temps_of_method(method);
  } else {
    e.kind = VERIFY_EMBEDDED;
    e.pc = closure_start_pc(closure);
    e.temps = (uint32_t)oop_int(obj_slot(closure, CLO_NUM_ARGS)) + obj_slots(closure) - CLO_COPIED;
  }
  return e;
}

bool context_receiver_fits(oop c) {
  const oop home = oop_is_block_context(c) ? obj_slot(c, BCTX_HOME) : c;
  const struct verify_entry e = entry_of_context(c, obj_slot(home, CTX_METHOD));
  uint32_t fields;
  if (verify_depth(&e, e.pc, &fields) < 0) return false;
  return fields == 0 || oop_has_fields(obj_slot(home, CTX_RECEIVER), fields);
}

/* Whether the verifier accepts the code, and the context has as many operands as that expects where it
 * stands, and its receiver the fields. In V3 code, which has a copy of the table that looks, it need not have
 * them: old images set the receiver of a context to nil that is to suspend its process and never to go on. */
static bool code_fits(oop c, oop home, uint32_t answers) {
  const oop closure = context_closure(c), method = obj_slot(home, CTX_METHOD);
  if (closure != mem.nil && obj_class_index(closure) == CIX_FULL_CLOSURE &&
      (obj_slot(closure, CLO_START_PC_OR_METHOD) != method ||
       obj_slot(closure, CLO_NUM_ARGS) != int_oop((int32_t)method_num_args(method))))
    return false;
  const struct verify_entry e = entry_of_context(c, method);
  uint32_t fields;
  const int32_t depth = verify_depth(&e, (uint32_t)oop_int(obj_slot(c, CTX_PC)) + PC_IMAGE_TO_FRAME, &fields);
  const int32_t count = oop_int(obj_slot(c, CTX_STACKP)),
                temps = e.kind == VERIFY_OLD_BLOCK ? 0 : (int32_t)e.temps,
                operands = count > temps ? count - temps : 0;
  return depth >= 0 && operands + (int32_t)answers >= depth && operands <= VERIFY_MOST_WORDS &&
         (!method_alternate_set(method) || context_receiver_fits(c));
}

bool context_is_resumable(oop c, uint32_t answers) {
  if (!oop_is_context(c) || obj_slots(c) < CONTEXT_FIXED_FIELDS) return false;
  if (context_frame(c) != 0) return true;
  oop pc = obj_slot(c, CTX_PC), stackp = obj_slot(c, CTX_STACKP);
  if (!oop_both_int(pc, stackp) || oop_int(stackp) < 0) return false;
  uint32_t count = (uint32_t)oop_int(stackp);
  if (count > context_capacity(c) || count > FRAME_MAX_STACK_SLOTS) return false;
  oop home = c;
  if (oop_is_block_context(c)) {
    home = obj_slot(c, BCTX_HOME);
    if (!oop_has_class_index(home, CIX_CONTEXT) || obj_slots(home) < CONTEXT_FIXED_FIELDS ||
        !oop_both_int(obj_slot(c, BCTX_START_PC), obj_slot(c, BCTX_NUM_ARGS)))
      return false;
  }
  oop method = obj_slot(home, CTX_METHOD);
  if (!oop_is_method(method) || !pc_is_inside(method, oop_int(pc))) return false;
  const oop closure = context_closure(c);
  return (closure == mem.nil || is_closure(closure)) && code_fits(c, home, answers);
}

/* ---- reading ---- */

/* Arguments, temporaries and operands that the image sees. */
static uint32_t context_count(oop context) {
  addr fp = context_frame(context);
  if (fp != 0) return frame_slot_count(fp, frame_last_word(fp));
  oop stackp = obj_slot(context, CTX_STACKP);
  if (!oop_is_int(stackp) || oop_int(stackp) < 0) return 0;
  uint32_t room = context_capacity(context), count = (uint32_t)oop_int(stackp);
  return count < room ? count : room;
}

uint32_t context_num_fields(oop context) { return CONTEXT_FIXED_FIELDS + context_count(context); }

/* Whether the frame has word i; asks for the frame's end, which takes a walk, only when it must. */
static bool frame_has_slot(addr fp, uint32_t i) {
  return i < frame_min_slots(fp) || i < frame_slot_count(fp, frame_last_word(fp));
}

static oop fetch_married(oop context, addr fp, uint32_t index) {
  switch (index) {
    case CTX_SENDER: {
      addr caller = frame_caller_fp(fp);
      if (caller == 0) return at32(frame_base_caller_slot(fp));
      oop sender = frame_marry(caller);
      if (sender == 0) frame_out_of_memory();
      return sender == 0 ? mem.nil : sender;
    }
    case CTX_PC: return int_oop((int32_t)(at32(fp + FRAME_PC) - PC_IMAGE_TO_FRAME));
    case CTX_STACKP: return int_oop((int32_t)frame_slot_count(fp, frame_last_word(fp)));
    default:
      if (index < CONTEXT_FIXED_FIELDS) return obj_slot(context, index);
      index -= CONTEXT_FIXED_FIELDS;
      return frame_has_slot(fp, index) ? at32(frame_slot(fp, index)) : mem.nil;
  }
}

oop context_fetch(oop context, uint32_t index) {
  addr fp = context_frame(context);
  if (fp != 0) return fetch_married(context, fp, index);
  if (index == CTX_SENDER) return context_single_sender(context);
  if (index >= CONTEXT_FIXED_FIELDS && index >= context_num_fields(context)) return mem.nil;
  return obj_slot(context, index);
}

oop context_copy(oop context) {
  oop copy = mem_new(obj_class_index(context), obj_format(context), obj_slots(context));
  if (copy == 0) return 0;
  uint32_t count = context_num_fields(context);
  for (uint32_t i = 0; i < count; i++) mem_store(copy, i, context_fetch(context, i));
  return copy;
}

/* ---- writing ---- */

static bool store_sender_married(addr fp, oop value) {
  if (!frame_is_base(fp)) {
    addr caller = frame_caller_fp(fp);
    if (frame_is_married(caller) && frame_context(caller) == value) return true;
    fp = frame_split(fp);
    if (fp == 0) {
      frame_out_of_memory();
      return false;
    }
  }
  put32(frame_base_caller_slot(fp), value);
  interp.restructured = true;
  return true;
}

static bool store_single(oop context, uint32_t index, oop value);

/* Sets the number of words of a frame that is not the running one; new ones are nil. Arguments and
 * temporaries always stay: Context>>jump pops one off a context that has no operand and returns it there, to
 * be dropped or never to be looked at. */
static bool store_stackp_married(oop context, addr fp, oop value) {
  const uint32_t count = frame_slot_count(fp, frame_last_word(fp));
  if (!oop_is_int(value) || oop_int(value) < 0) return false;
  uint32_t wanted = (uint32_t)oop_int(value);
  if (wanted < frame_min_slots(fp)) wanted = frame_min_slots(fp);
  if (wanted == count) return true;
  if (wanted > context_capacity(context) || wanted > FRAME_MAX_STACK_SLOTS || fp == interp.fp) return false;
  /* Looked at again when it goes on. */
  return frame_divorce(fp) != 0 && store_single(context, CTX_STACKP, int_oop((int32_t)wanted));
}

static bool store_married(oop context, addr fp, uint32_t index, oop value) {
  switch (index) {
    case CTX_SENDER: return (value == mem.nil || oop_is_context(value)) && store_sender_married(fp, value);
    case CTX_PC:
      if (oop_is_int(value) && !pc_is_inside(frame_method(fp), oop_int(value))) return false;
      break;
    case CTX_STACKP: return store_stackp_married(context, fp, value);
    default:
      if (index >= CONTEXT_FIXED_FIELDS) {
        index -= CONTEXT_FIXED_FIELDS;
        if (!frame_has_slot(fp, index)) return false;
        /* Translated code does not load numbers again: it is to leave. */
        const oop old = at32(frame_slot(fp, index));
        if (oop_is_int(old) || oop_has_class_index(old, CIX_FLOAT)) interp.restructured = true;
        put32(frame_slot(fp, index), value);
        return true;
      }
      if (oop_is_block_context(context) &&
          index != BCTX_HOME) { /* its arity and start: no state of the frame */
        mem_store(context, index, value);
        return true;
      }
  }
  /* What no live frame can take on: the context goes on as a single one. */
  if (fp == interp.fp || frame_divorce(fp) == 0) return false;
  return store_single(context, index, value);
}

static bool store_single(oop context, uint32_t index, oop value) {
  switch (index) {
    case CTX_SENDER:
      if (value != mem.nil && !oop_is_context(value)) return false;
      break;
    case CTX_STACKP: {
      if (!oop_is_int(value) || oop_int(value) < 0) return false;
      uint32_t wanted = (uint32_t)oop_int(value);
      if (wanted > context_capacity(context)) return false;
      if (wanted < context_min_slots(context)) wanted = context_min_slots(context);
      value = int_oop((int32_t)wanted);
      for (uint32_t i = context_count(context); i < wanted; i++) obj_put_raw(context, CTX_TEMPS + i, mem.nil);
      break;
    }
    default:
      if (index >= CONTEXT_FIXED_FIELDS && index >= context_num_fields(context)) return false;
  }
  mem_store(context, index, value);
  return true;
}

bool context_store(oop context, uint32_t index, oop value) {
  addr fp = context_frame(context);
  return fp != 0 ? store_married(context, fp, index, value) : store_single(context, index, value);
}

/* ---- pre-closure blocks ---- */

oop frame_home_temp(addr fp, uint32_t i) {
  oop home = obj_slot(frame_context(fp), BCTX_HOME);
  if (UNLIKELY(!oop_has_class_index(home, CIX_CONTEXT))) return mem.nil;
  addr home_fp = context_frame(home);
  if (home_fp != 0) return LIKELY(i < frame_min_slots(home_fp)) ? at32(frame_slot(home_fp, i)) : mem.nil;
  return i < context_capacity(home) ? obj_slot(home, CTX_TEMPS + i) : mem.nil;
}

void frame_set_home_temp(addr fp, uint32_t i, oop value) {
  oop home = obj_slot(frame_context(fp), BCTX_HOME);
  if (UNLIKELY(!oop_has_class_index(home, CIX_CONTEXT))) return;
  addr home_fp = context_frame(home);
  if (home_fp == 0) {
    if (i < context_capacity(home)) mem_store(home, CTX_TEMPS + i, value);
  } else if (i < frame_min_slots(home_fp)) {
    put32(frame_slot(home_fp, i), value);
  }
}
