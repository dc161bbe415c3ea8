/* frame.h: the one frame layout, for the interpreter and for translated code alike.
 *
 * Stacks grow upwards, in pages of linear memory. sp is the address of the top word (last pushed).
 *
 *            receiver            pushed by the caller (a block's closure, when a block is activated)
 *            argument 1 … n      pushed by the caller
 *   fp + 0   SAVED_FP            the caller's fp; 0 in a page's base frame
 *   fp + 4   METHOD              oop
 *   fp + 8   CONTEXT             the frame's context, or nil while nobody has looked
 *   fp + 12  FLAGS               argument count, kind: see FRAME_… below; raw bits
 *   fp + 16  PC                  where execution resumes: byte offset from METHOD's oop of the next
 *                                bytecode; written at every safepoint
 *   fp + 20  RECEIVER            self (of the closure, in a block)
 *   fp + 24  temporaries, then the operand stack
 *
 * A return puts its result where the pushed receiver stood, and sp there.
 * In a base frame the word before the pushed receiver holds the caller's context or nil (no caller).
 *
 * A frame with a context ("married"): the context's sender field is fp | 1 (a SmallInteger, as fp is
 * 4-aligned) and its pc field is nil; temps live in the frame only. Returning from, or unwinding, a married
 * frame writes arguments and temporaries back and marks the context dead (sender and pc nil): a SmallInteger
 * sender always means a live frame, so nothing ever needs to guess.
 */
#ifndef VM_INTERPRETER_FRAME_H
#define VM_INTERPRETER_FRAME_H

#include "memory/memory.h"

enum {
  FRAME_SAVED_FP = 0,
  FRAME_METHOD = 4,
  FRAME_CONTEXT = 8,
  FRAME_FLAGS = 12,
  FRAME_PC = 16,
  FRAME_RECEIVER = 20,
  FRAME_TEMPS = 24,
  FRAME_HEADER_BYTES = 24,

  /* FRAME_FLAGS */
  FRAME_NUM_ARGS_MASK = 0xFF,
  FRAME_IS_BLOCK = 0x100,     /* the pushed receiver is a closure */
  FRAME_IS_OLD_BLOCK = 0x200, /* the pushed receiver is a BlockContext; temps are its home's */
  FRAME_TRANSLATED = 0x400,   /* made by translated code: statistics and stack dumps only */
  /* Which copy of the bytecode table runs the frame, at bits 12 and 13 (enum frame_set): derived from the
   * method and the kind of frame, kept here so that a return needs no look at the method. */
  FRAME_SET_SHIFT = 12,
  FRAME_SET_MASK = 3 << FRAME_SET_SHIFT,
};

/* The copies of the bytecode table the dispatch loop has. */
enum frame_set {
  FRAME_SET_V3 = 0,
  FRAME_SET_SISTA = 1,
  FRAME_SET_V3_OLD_BLOCK = 2, /* V3 with temporaries in the home of a BlockContext */
};

/* The flags word of a frame: every maker of frames takes it from here. `kind` is 0, FRAME_IS_BLOCK or
 * FRAME_IS_OLD_BLOCK. */
static inline uint32_t frame_flags_for(oop method, uint32_t num_args, uint32_t kind) {
  uint32_t set = method_alternate_set(method)  ? FRAME_SET_SISTA
                 : kind & FRAME_IS_OLD_BLOCK ? FRAME_SET_V3_OLD_BLOCK
                                             : FRAME_SET_V3;
  return num_args | kind | set << FRAME_SET_SHIFT;
}

static inline addr frame_caller_fp(addr fp) { return at32(fp + FRAME_SAVED_FP); }
static inline oop frame_method(addr fp) { return at32(fp + FRAME_METHOD); }
static inline oop frame_context(addr fp) { return at32(fp + FRAME_CONTEXT); }
static inline uint32_t frame_num_args(addr fp) { return at32(fp + FRAME_FLAGS) & FRAME_NUM_ARGS_MASK; }
static inline bool frame_is_block(addr fp) { return (at32(fp + FRAME_FLAGS) & FRAME_IS_BLOCK) != 0; }
static inline oop frame_receiver(addr fp) { return at32(fp + FRAME_RECEIVER); }
/* The address of the pushed receiver (or closure): what the result replaces. */
static inline addr frame_pushed(addr fp) { return fp - 4 * (frame_num_args(fp) + 1); }
/* The address of temporary i, arguments counted first, of a frame with n arguments. */
static inline addr frame_temp(addr fp, uint32_t i, uint32_t n) {
  return i < n ? fp - 4 * (n - i) : fp + FRAME_TEMPS + 4 * (i - n);
}
static inline bool frame_is_base(addr fp) { return frame_caller_fp(fp) == 0; }
/* The caller's context, of a base frame: nil at the bottom of a process. */
static inline addr frame_base_caller_slot(addr fp) { return frame_pushed(fp) - 4; }
static inline bool frame_is_married(addr fp) { return frame_context(fp) != mem.nil; }

/* Context fields (Blue Book p. 587; Spur keeps them). */
enum { CTX_SENDER, CTX_PC, CTX_STACKP, CTX_METHOD, CTX_CLOSURE, CTX_RECEIVER, CTX_TEMPS };
/* BlockContext of pre-closure images. */
enum { BCTX_CALLER, BCTX_PC, BCTX_STACKP, BCTX_NUM_ARGS, BCTX_START_PC, BCTX_HOME, BCTX_TEMPS };
/* BlockClosure and FullBlockClosure. */
enum {
  CLO_OUTER,
  CLO_START_PC_OR_METHOD,
  CLO_NUM_ARGS,
  CLO_COPIED,
  FULL_CLO_RECEIVER = 3,
  FULL_CLO_COPIED = 4
};

/* ---- stack pages (frame_*.c) ---- */

struct stack_page {
  addr start, limit;     /* [start, limit + slack); a frame may begin only below limit */
  addr base_fp;          /* 0: the page is free */
  addr head_fp, head_sp; /* top frame, while the page is not the running one */
  uint32_t last_use;     /* for choosing the victim */
};

/* Allocates option stack_pages pages of stack_page_bytes. */
err_t frame_pages_init(void) NODISCARD;

/* The frame's context, made now if need be (allocates; never moves). 0 when memory is exhausted.
 * The frame keeps running as it was. pc and sp of a running frame must be in the frame / in interp. */
oop frame_marry(addr fp);
/* The live frame of a context, or 0 if it is single or dead. */
addr context_frame(oop context);
/* Reading and writing any field of a context, married or not, as the image sees it: sender (marries the
 * caller), pc (1-based, from the method's first byte, or nil), stackp, method, closure, receiver, temps.
 * Writing sender, pc, stackp or method of a married context first divorces its page's upper part;
 * interp.restructured is then set. `context_store` has the barrier. */
oop context_fetch(oop context, uint32_t index);
bool context_store(oop context, uint32_t index, oop value);
uint32_t context_num_fields(oop context); /* for size, at: and instVarAt: bounds */

/* Writes a married frame's state into its context and marks it dead, when it returns normally. */
void frame_context_returns(addr fp);
/* Turns all frames of a page, or of all pages, into single contexts (snapshot, page eviction). The running
 * process's top context is answered. */
oop frame_divorce_all(void);
/* Makes `context` (single or married) the running activation: its page becomes the running one, or a new page
 * is made with it as base frame. Sets interp.fp, sp. Sets interp.restructured. */
void frame_activate_context(oop context);

#endif
