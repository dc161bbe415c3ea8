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
  FRAME_TRANSLATED = 0x400,   /* translated code ran it last, and may do so again from its PC on */
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
  /* V3 with self a context, whose fields the short forms then must not touch directly (pre-closure images:
   * later compilers use the long forms). Chosen by the lookup cache; any other maker of such a frame adds it
   * with frame_flags_with_receiver(). */
  FRAME_SET_V3_CONTEXT = 3,
};

/* Arguments and temporaries of a method's frame, whatever a damaged header says of the two. */
static inline uint32_t frame_temps_of_method(oop method) {
  const uint32_t temps = method_num_temps(method), args = method_num_args(method);
  return temps > args ? temps : args;
}

/* The flags word of a frame: every maker of frames takes it from here. `kind` is 0, FRAME_IS_BLOCK or
 * FRAME_IS_OLD_BLOCK. */
static inline uint32_t frame_flags_for(oop method, uint32_t num_args, uint32_t kind) {
  uint32_t set = method_alternate_set(method) ? FRAME_SET_SISTA
                 : kind & FRAME_IS_OLD_BLOCK  ? FRAME_SET_V3_OLD_BLOCK
                                              : FRAME_SET_V3;
  return num_args | kind | set << FRAME_SET_SHIFT;
}

static inline bool oop_is_context(oop o);
static inline uint32_t frame_flags_with_receiver(uint32_t flags, oop receiver) {
  return (flags & FRAME_SET_MASK) == 0 && oop_is_context(receiver)
             ? flags | (uint32_t)FRAME_SET_V3_CONTEXT << FRAME_SET_SHIFT
             : flags;
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

/* ---- stack pages (frame_pages.c) ----
 *
 * Everything below wants interp.fp, interp.sp and the running frame's PC to be up to date, and whoever calls
 * reloads fp, sp and pc from interp afterwards. Nothing here collects, but where it says so. Whatever changes
 * the stack other than by pushing and popping on the running page sets interp.restructured.
 *
 * When memory is exhausted these functions set interp.stop = STOP_ERROR with interp.error; callers leave
 * the loop when interp.stop is set.
 */

struct stack_page {
  addr start, limit;     /* [start, limit + slack); a frame may begin only at or below limit */
  addr base_fp;          /* 0: the page is free */
  addr head_fp, head_sp; /* top frame, while the page is not the running one */
  uint32_t last_use;     /* for choosing the victim */
};

extern struct stack_page *frame_pages;
extern uint32_t frame_page_count;
extern struct stack_page *frame_running; /* the running process's page; NULL while no process runs */

/* Allocates option stack_pages pages of stack_page_bytes. */
err_t frame_pages_init(void) NODISCARD;
void frame_pages_shutdown(void);

/* Moves the running frame, which begins above interp.page_limit, to a new page as its base frame. The least
 * recently used page is turned into contexts when none is free. For interp_check(). */
void frame_overflow(void);

/* Whether the verified code of a frame has an instruction at `pc` that expects what the stack has up to `sp`.
 */
bool frame_can_go_on_at(addr fp, uint32_t pc, addr sp);

/* Whether a frame of any page is an activation of the method or of a block in it. */
bool frame_runs(oop method);
/* After a become:. Code whose receiver has lost instance variables that it names looks at each from now on;
 * old images do that to controllers that still run. false: there is code that cannot (SistaV1). */
bool frame_settle_receivers(void);

/* mem_hooks.each_root calls this: every slot of every frame. */
void frame_each_root(void (*visit)(oop *slot), bool full);

/* ---- returns (frame_return.c) ---- */

/* A return from the running frame in every case that is not the plain one. The plain one (not base, not
 * married) is the loop's own: sp = frame_pushed(fp), result there, fp = caller. A base frame continues in its
 * caller's context, wherever that lives; nil or a dead context there sends cannotReturn:. */
void frame_return(oop result);
/* `^ value` in the running block frame (closure or BlockContext): returns from its home method. Sends
 * aboutToReturn:through: when an unwind-protect frame (primitive 198) stands in between, cannotReturn: when
 * the home has returned or is no caller of this frame. */
void frame_non_local_return(oop value);
/* The context that `^` in the block frame returns from; 0 when it has none (a clean block). */
oop frame_home(addr fp);
/* Sends cannotReturn: value to the running frame's context. If that send answers, the return bytecode is run
 * again. GC: takes the check when one is due. So do the two above. */
void frame_cannot_return(oop value);

/* The same for old names: a return from a base frame. */
static inline void frame_base_return(oop result) { frame_return(result); }

/* ---- contexts (frame_context.c) ---- */

extern uint32_t frame_block_context_cix; /* class index of BlockContext; 0 in images without */

/* Contexts and BlockContexts: their fields are read and written through context_fetch and context_store by
 * whoever may meet one: the instance variable bytecodes (short forms too, in pre-closure images, and quick
 * primitives 264 …), at:, at:put:, size, instVarAt:, instVarAt:put:, shallowCopy (context_copy). */
static inline bool oop_is_context(oop o) {
  if (!oop_is_pointer(o)) return false;
  uint32_t cix = obj_class_index(o);
  return cix == CIX_CONTEXT || (cix == frame_block_context_cix && cix != 0);
}
static inline bool oop_is_block_context(oop o) {
  return frame_block_context_cix != 0 && oop_has_class_index(o, frame_block_context_cix);
}

/* The frame's context, made now if need be (allocates; never moves). 0 when memory is exhausted.
 * The frame keeps running as it was. pc and sp of a running frame must be in the frame / in interp. */
oop frame_marry(addr fp);
/* The live frame of a context, or 0 if it is single or dead. */
addr context_frame(oop context);
/* Reading and writing any field of a context (0-based slot index), married or not, as the image sees it:
 * sender (marries the caller), pc (1-based, from the method's first byte, or nil), stackp, method, closure,
 * receiver, temps. Reading past stackp answers nil. Writing may split or divorce the frame:
 * interp.restructured is then set, and the running frame may have moved. context_store answers false when the
 * value cannot be stored (sender no context, pc out of the method, index past stackp …). */
oop context_fetch(oop context, uint32_t index);
bool context_store(oop context, uint32_t index, oop value);
/* Fields that at:, instVarAt: and size see: 6 and the temporaries and operands up to stackp. */
uint32_t context_num_fields(oop context);
/* A single context with the same state (shallowCopy). 0 when memory is exhausted. */
oop context_copy(oop context);

/* Temporary i of the home of a FRAME_IS_OLD_BLOCK frame: in the home's frame while it lives, else in its
 * context. */
oop frame_home_temp(addr fp, uint32_t i);
void frame_set_home_temp(addr fp, uint32_t i, oop value);

/* Writes a married frame's arguments and temporaries into its context and marks that dead, when the frame
 * returns. */
void frame_context_returns(addr fp);
/* Turns all frames of all pages into single contexts (snapshot, become: on contexts). Answers the running
 * frame's context, which frame_activate_context() takes up again; nil when no process runs; 0 when
 * memory is exhausted. */
oop frame_divorce_all(void);
/* Makes `context` (single or married) the running activation: its page becomes the running one, or a new page
 * is made with it as base frame. Sets interp.fp, sp and interp.restructured. The page that ran before is
 * left as it is, to be taken up again through its top frame's context. `answers` operands will be pushed at
 * once. False: the context is dead or damaged (nothing changed), or memory is exhausted. */
bool frame_activate_context(oop context, uint32_t answers);
/* Leaves the running page: its top frame's context, or 0 when memory is exhausted. */
oop frame_suspend(void);

/* ---- sender chains, for the exception primitives (frame_chain.c) ---- */

/* The first context from `context`'s sender on, before `limit` (or the end), whose method has primitive 198
 * (ensure:, ifCurtailed:); nil when there is none. */
oop context_next_unwind(oop context, oop limit);
/* The first context from `context` itself on whose method has primitive 199 (on:do: and what else stops the
 * search); nil when there is none. */
oop context_next_handler(oop context);
/* Makes `target` (or nil) the sender of `context`; kills the contexts in between if it was among the
 * senders. False when it cannot be. */
bool context_terminate_to(oop context, oop target);

#endif
