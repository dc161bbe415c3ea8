/* loop.h: the dispatch loop's entries, for interp.c. */
#ifndef VM_INTERPRETER_LOOP_H
#define VM_INTERPRETER_LOOP_H

#include "interpreter/interp.h"

/* Finds out what the loop must know of the image. */
err_t loop_start(void) NODISCARD;
/* Runs from interp.fp on. entry_fp 0: the base loop, which answers when interp.stop is set. Otherwise a
 * nested one for translated code, which answers the result of the frame entry_fp (popped, with receiver and
 * arguments), or RESULT_BAIL. */
oop loop_run(addr entry_fp);

/* An inlined primitive of SistaV1 (sista_inline.c), its operands on the stack at interp.sp; interp.fp's PC is
 * past it and is moved by those that jump. False: there is no such one; nothing was changed. */
bool sista_inline_primitive(uint32_t number);

#endif
