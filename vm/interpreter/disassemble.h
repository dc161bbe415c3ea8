/* disassemble.h: a method's bytecode as text, for dumps and test failures. */
#ifndef VM_INTERPRETER_DISASSEMBLE_H
#define VM_INTERPRETER_DISASSEMBLE_H

#include "interpreter/bytecode.h"

/* One line for an instruction: "  12 <hex bytes> push temp 1". `pc` is the byte offset from the method's oop;
 * printed 1-based from the method's first byte, as images count. Answers the offset of the next one, or 0 at
 * the end of the code. */
uint32_t disassemble_one(oop method, uint32_t pc, char *text, size_t room);
/* Every instruction of a method, a call of `line` each. The trailer is not shown. */
void disassemble_method(oop method, void (*line)(const char *text, void *context), void *context);
/* The byte offset just past the last instruction: without the trailer that names the source. */
uint32_t method_code_end(oop method);
/* A short form of any object for dumps: nil, 42, #symbol, 'string', a class's name. */
void object_print_short(oop o, char *text, size_t room);

#endif
