/* loop_frame.h: frames as the dispatch loop has them, through pointers to their words. */
#ifndef VM_INTERPRETER_LOOP_FRAME_H
#define VM_INTERPRETER_LOOP_FRAME_H

#include "interpreter/at.h"
#include "interpreter/closure.h"

/* Words of a frame, from fp as a pointer to words. */
enum {
  W_SAVED_FP = FRAME_SAVED_FP / 4,
  W_METHOD = FRAME_METHOD / 4,
  W_CONTEXT = FRAME_CONTEXT / 4,
  W_FLAGS = FRAME_FLAGS / 4,
  W_PC = FRAME_PC / 4,
  W_RECEIVER = FRAME_RECEIVER / 4,
  W_TEMPS = FRAME_TEMPS / 4,
};

/* Temporary i, arguments counted first. */
static inline oop *temp_at(oop *fp, uint32_t num_args, uint32_t i) {
  return fp + ((int32_t)i - (int32_t)num_args + (i < num_args ? 0 : W_TEMPS));
}

/* A field of what may be any object: nil where it has none. What literals and temporaries refer to is
 * nobody's promise. */
static inline oop field_of(oop o, uint32_t i) {
  return LIKELY(oop_has_fields(o, i + 1)) ? slots_of(o)[i] : mem.nil;
}
enum { VARIABLE_VALUE = 1 }; /* of the association that a literal variable is */

/* The frame of a block at nfp, all but its link to the caller and its context. Answers the top of its stack.
 * The entry is the code's, the arguments are pushed. */
static inline oop *full_block_frame(oop *nfp, oop closure, const struct lookup_entry *entry) {
  const oop code = slots_of(closure)[CLO_START_PC_OR_METHOD], *from = slots_of(closure) + FULL_CLO_COPIED;
  const uint32_t copied = obj_slots(closure) - FULL_CLO_COPIED;
  oop *to = nfp + W_RECEIVER;
  nfp[W_METHOD] = code;
  nfp[W_FLAGS] = entry->flags | FRAME_IS_BLOCK;
  *to = slots_of(closure)[FULL_CLO_RECEIVER];
  for (uint32_t i = 0; i < copied; i++) *++to = from[i];
  /* Its temporaries count the copied values. */
  const uint32_t temps = entry->shape >> LOOKUP_TEMPS_SHIFT & LOOKUP_TEMPS_MASK;
  for (uint32_t i = copied; i < temps; i++) *++to = mem.nil;
  return to;
}

/* The same of a block that lies in its method, whose outer context is good. */
static inline oop *embedded_block_frame(oop *nfp, oop closure, uint32_t num_args) {
  const oop outer = slots_of(closure)[CLO_OUTER], method = slots_of(outer)[CTX_METHOD];
  const oop *from = slots_of(closure) + CLO_COPIED;
  const uint32_t copied = obj_slots(closure) - CLO_COPIED;
  oop *to = nfp + W_RECEIVER;
  nfp[W_METHOD] = method;
  nfp[W_FLAGS] = frame_flags_for(method, num_args, FRAME_IS_BLOCK);
  *to = slots_of(outer)[CTX_RECEIVER];
  for (uint32_t i = 0; i < copied; i++) *++to = from[i];
  return to;
}

#endif
