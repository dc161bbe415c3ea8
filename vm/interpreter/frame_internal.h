/* frame_internal.h: what the files frame_*.c and process.c share and nobody else needs. */
#ifndef VM_INTERPRETER_FRAME_INTERNAL_H
#define VM_INTERPRETER_FRAME_INTERNAL_H

#include "interpreter/interp.h"

/* Room past a page's limit. A frame is checked when it has been made, so at the limit there must be room for
 * the largest frame's operands and then the largest frame's arguments, header and temporaries. */
enum { FRAME_SLACK_BYTES = 4096 };
/* The most slots of temporaries and operands that a context may bring onto a page. */
enum { FRAME_MAX_STACK_SLOTS = FRAME_SLACK_BYTES / 4 - 64 };

/* A context's pc counts from 1 at the first byte of the method's body; a frame's from the method's oop. */
enum { PC_IMAGE_TO_FRAME = HDR_BYTES - 1 };

/* Word i (0: the first argument) of the arguments, temporaries and operands of a frame. */
static inline addr frame_slot(addr fp, uint32_t i) { return frame_temp(fp, i, frame_num_args(fp)); }
/* How many such words there are, given the address of the last. */
static inline uint32_t frame_slot_count(addr fp, addr last) {
  return (last + 4 - (fp + FRAME_TEMPS)) / 4 + frame_num_args(fp);
}

/* Top frame and last word of a page, running or not. */
static inline addr page_top_fp(const struct stack_page *p) {
  return p == frame_running ? interp.fp : p->head_fp;
}
static inline addr page_top_sp(const struct stack_page *p) {
  return p == frame_running ? interp.sp : p->head_sp;
}

/* How many of a frame's words are sure to be there: arguments and temporaries; in a BlockClosure's frame,
 * whose own temporaries are not told from its operands, arguments and copied values. */
uint32_t frame_min_slots(addr fp);

struct stack_page *frame_page_of(addr fp);
/* The frame that fp called on the same page, or 0 when fp is the top. */
addr frame_above(addr fp);
/* The address of the last word of a live frame. */
addr frame_last_word(addr fp);

/* Makes the non-base frame `fp` the base of a new page, with all frames above it; its caller stays behind as
 * top of the old page. Answers the frame's new fp; 0 when memory is exhausted. */
addr frame_split(addr fp);
/* Takes a frame off the stack as a single context in the same state (any frame but the top of the running
 * page). Answers the context, 0 when memory is exhausted. */
oop frame_divorce(addr fp);
/* Leaves the frame on top of the running page for good: its context dies. Its page is freed when it was the
 * base, and no page runs then. Answers the caller's context if it was the base, else 0. */
oop frame_pop_top(void);

/* Writes the state of a married frame, whose last word is at `last`, into its context. */
void frame_write_context(addr fp, addr last, oop sender);
/* Whether the receiver of a single, resumable context has the instance variables that the code names. */
bool context_receiver_fits(oop context);
void context_kill(oop single_context);
/* Whether execution can go on in it, after `answers` operands are pushed: live, or single with everything in
 * order. */
bool context_is_resumable(oop context, uint32_t answers);
/* The sender of a single context: a context or nil. */
oop context_single_sender(oop context);
/* Nil, or the closure that a context or frame is an activation of. */
oop context_closure(oop context);

/* Special object, or nil where an old image has a shorter array. */
static inline oop special_or_nil(uint32_t index) {
  return index < obj_slots(mem.special) ? mem_special(index) : mem.nil;
}

void frame_stop(err_t error);
void frame_out_of_memory(void);

#endif
