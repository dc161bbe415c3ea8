/* closure.h: closures and arrays made from what is on the stack, for the dispatch loop and translated code.
 *
 * interp.fp, interp.sp and the running frame's PC are up to date. The operands are popped, the result is
 * pushed. False: there is no memory. They allocate and may marry the running frame; they never collect. */
#ifndef VM_INTERPRETER_CLOSURE_H
#define VM_INTERPRETER_CLOSURE_H

#include "interpreter/interp.h"

/* A BlockClosure of SistaV1's 250 and V3's 143, with `copied` values; its code begins at start_pc, a byte
 * offset from the method's oop. */
bool closure_push(uint32_t num_args, uint32_t copied, uint32_t start_pc);
/* A FullBlockClosure of SistaV1's 249; `flags` is the instruction's third byte. */
bool closure_push_full(oop code, uint32_t flags);
/* An Array, of nils or of the topmost `count` values. */
bool closure_push_array(uint32_t count, bool pop);

#endif
