/* frame_chain.h: walking a sender chain through frames and single contexts without marrying anything. */
#ifndef VM_INTERPRETER_FRAME_CHAIN_H
#define VM_INTERPRETER_FRAME_CHAIN_H

#include "interpreter/frame_internal.h"

/* More than fit into memory: a longer chain goes in a circle, in a damaged image, and ends. */
enum { CHAIN_MOST_HOPS = 1 << 24 };

/* A place in a chain: a live frame, or a single context (fp 0), or the end (both 0). */
struct chain {
  addr fp;
  oop context;
  uint32_t hops; /* from where the walk began */
};

static inline bool chain_is_end(const struct chain *c) { return c->fp == 0 && c->context == 0; }
static inline struct chain chain_of_frame(addr fp) { return (struct chain){fp, 0, 0}; }
struct chain chain_of_context(oop context_or_nil);
/* To the sender. False at the end. */
bool chain_next(struct chain *c);
bool chain_is(const struct chain *c, oop context);
/* Whether it is an activation of a method (no block) with that primitive. */
bool chain_has_primitive(const struct chain *c, uint32_t number);
/* The context, made if need be; 0 when memory is exhausted (interp.stop is set). */
oop chain_context(const struct chain *c);

#endif
