/* verify.h: the bytecode verifier of running code: what the dispatch loop takes for granted of the code of a
 * frame is true of every code that this accepts, whatever image it comes from.
 *
 * Accepted code never leaves its method's bytes, never pops what it has not pushed, stays within the room of
 * a frame, and names literals and temporaries that are there. What changes while it runs (the receiver, what
 * literals and temporaries refer to) is looked at where it is used, or where the frame is made. */
#ifndef VM_INTERPRETER_VERIFY_H
#define VM_INTERPRETER_VERIFY_H

#include "base/error.h"
#include "base/oop.h"

/* The most temporaries and operands of a frame. Compilers need 56; a page has slack for several times this.
 */
enum { VERIFY_MOST_WORDS = 240 };

enum verify_kind {
  VERIFY_METHOD,    /* and blocks with code of their own */
  VERIFY_EMBEDDED,  /* a closure's code in its method: what it pushes first are its temporaries */
  VERIFY_OLD_BLOCK, /* of a BlockContext: its arguments are pushed, its temporaries are its home's */
};

/* How code is entered. */
struct verify_entry {
  oop method;     /* any oop: what is no method is refused */
  uint32_t pc;    /* a frame's PC */
  uint8_t kind;   /* enum verify_kind */
  uint32_t temps; /* arguments and temporaries of its own; of an old block its arguments */
};

/* NULL when the code reached from the entry is good; *fields then says how many instance variables its
 * receiver must have. */
err_t verify_code(const struct verify_entry *e, uint32_t *fields) NODISCARD;

/* How many operands there are before the instruction at `pc` (a frame's); -1: no accepted code reached from
 * the entry has an instruction there. The answers are kept until verify_forget(): methods moved or changed.
 */
int32_t verify_depth(const struct verify_entry *e, uint32_t pc, uint32_t *fields);
void verify_forget(void);

/* Whether the byte at `pc`, or any of the header in front of the code, decides what the entry's code does. */
bool verify_covers(const struct verify_entry *e, uint32_t pc);

#endif
