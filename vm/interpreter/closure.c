/* closure.c: closures and arrays made from what is on the stack (closure.h). */
#include "interpreter/closure.h"

#include "interpreter/bytecode.h"

/* A BlockClosure of SistaV1's 250 and V3's 143: `copied` values are popped into it, it is pushed. */
bool closure_push(uint32_t num_args, uint32_t copied, uint32_t start_pc) {
  oop outer = frame_marry(interp.fp);
  oop closure = outer == 0 ? 0 : mem_new(CIX_BLOCK_CLOSURE, FMT_FIXED_INDEXABLE, CLO_COPIED + copied);
  if (closure == 0) return false;
  mem_store(closure, CLO_OUTER, outer);
  obj_put_raw(closure, CLO_START_PC_OR_METHOD, int_oop((int32_t)(start_pc - HDR_BYTES + 1)));
  obj_put_raw(closure, CLO_NUM_ARGS, int_oop((int32_t)num_args));
  for (uint32_t i = 0; i < copied; i++)
    mem_store(closure, CLO_COPIED + i, at32(interp.sp - 4 * (copied - 1 - i)));
  interp.sp -= 4 * copied;
  interp_push(closure);
  return true;
}

/* SistaV1's 249. `flags` is the instruction's third byte. */
bool closure_push_full(oop code, uint32_t flags) {
  uint32_t copied = flags & FULL_CLOSURE_COPIED_MASK;
  bool ignore_outer =
      (flags & FULL_CLOSURE_IGNORE_OUTER) != 0 || (method_header(code) & METHOD_NO_OUTER_CONTEXT) != 0;
  oop outer = ignore_outer ? mem.nil : frame_marry(interp.fp);
  oop closure = outer == 0 ? 0 : mem_new(CIX_FULL_CLOSURE, FMT_FIXED_INDEXABLE, FULL_CLO_COPIED + copied);
  if (closure == 0) return false;
  mem_store(closure, CLO_OUTER, outer);
  mem_store(closure, CLO_START_PC_OR_METHOD, code);
  obj_put_raw(closure, CLO_NUM_ARGS, int_oop((int32_t)method_num_args(code)));
  for (uint32_t i = 0; i < copied; i++)
    mem_store(closure, FULL_CLO_COPIED + i, at32(interp.sp - 4 * (copied - 1 - i)));
  interp.sp -= 4 * copied;
  /* The receiver was pushed before the copied values. */
  mem_store(closure, FULL_CLO_RECEIVER,
            flags & FULL_CLOSURE_RECEIVER_ON_STACK ? interp_pop() : frame_receiver(interp.fp));
  interp_push(closure);
  return true;
}

/* An Array, of nils or of the topmost `count` values. */
bool closure_push_array(uint32_t count, bool pop) {
  oop array = mem_new_array(count);
  if (array == 0) return false;
  if (pop) {
    for (uint32_t i = 0; i < count; i++) mem_store(array, i, at32(interp.sp - 4 * (count - 1 - i)));
    interp.sp -= 4 * count;
  }
  interp_push(array);
  return true;
}
