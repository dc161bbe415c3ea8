/* closure.h: closures, for the dispatch loop and translated code: which can be activated, and how they and
 * arrays are made from what is on the stack.
 *
 * interp.fp, interp.sp and the running frame's PC are up to date. The operands are popped, the result is
 * pushed. False: there is no memory. They allocate and may marry the running frame; they never collect. */
#ifndef VM_INTERPRETER_CLOSURE_H
#define VM_INTERPRETER_CLOSURE_H

#include "interpreter/interp.h"

/* Where the code of a block begins that lies in its method: a frame's PC. */
static inline uint32_t closure_start_pc(oop closure) {
  return HDR_BYTES - 1 + (uint32_t)oop_int(obj_slot(closure, CLO_START_PC_OR_METHOD));
}
/* Whether the receiver of value… is a closure that can be activated with so many arguments. */
static inline bool closure_takes(oop closure, uint32_t num_args) {
  if (!oop_is_pointer(closure)) return false;
  const uint32_t cix = obj_class_index(closure);
  return cix - CIX_BLOCK_CLOSURE <= CIX_FULL_CLOSURE - CIX_BLOCK_CLOSURE &&
         obj_slot(closure, CLO_NUM_ARGS) == int_oop((int32_t)num_args) &&
         (cix == CIX_FULL_CLOSURE || oop_is_context(obj_slot(closure, CLO_OUTER)));
}

/* A BlockClosure of SistaV1's 250 and V3's 143, with `copied` values; its code begins at start_pc, a byte
 * offset from the method's oop. */
bool closure_push(uint32_t num_args, uint32_t copied, uint32_t start_pc);
/* A FullBlockClosure of SistaV1's 249; `flags` is the instruction's third byte. */
bool closure_push_full(oop code, uint32_t flags);
/* An Array, of nils or of the topmost `count` values. */
bool closure_push_array(uint32_t count, bool pop);

#endif
