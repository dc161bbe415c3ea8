/* frame_chain.c: sender chains: searches for handlers and unwind blocks, and cutting (frame_chain.h,
 * frame.h). */
#include "interpreter/frame_chain.h"
#include "primitives/primitive.h"

struct chain chain_of_context(oop c) {
  if (!oop_is_context(c)) return (struct chain){0};
  addr fp = context_frame(c);
  return fp != 0 ? chain_of_frame(fp) : (struct chain){.context = c};
}

bool chain_next(struct chain *c) {
  const uint32_t hops = c->hops + 1;
  if (c->fp != 0) {
    addr caller = frame_caller_fp(c->fp);
    *c = caller != 0 ? chain_of_frame(caller) : chain_of_context(at32(frame_base_caller_slot(c->fp)));
  } else if (c->context != 0) {
    *c = chain_of_context(context_single_sender(c->context));
  }
  if (hops > CHAIN_MOST_HOPS) *c = (struct chain){0};
  c->hops = hops;
  return !chain_is_end(c);
}

bool chain_is(const struct chain *c, oop context) {
  if (context == mem.nil) return false; /* an unmarried frame's context is nil too */
  return c->fp != 0 ? frame_context(c->fp) == context : c->context == context;
}

bool chain_has_primitive(const struct chain *c, uint32_t number) {
  oop method;
  if (c->fp != 0) {
    if (at32(c->fp + FRAME_FLAGS) & (FRAME_IS_BLOCK | FRAME_IS_OLD_BLOCK)) return false;
    method = frame_method(c->fp);
  } else {
    if (oop_is_block_context(c->context) || context_closure(c->context) != mem.nil) return false;
    method = obj_slot(c->context, CTX_METHOD);
    if (!oop_is_pointer(method) || !fmt_is_method(obj_format(method))) return false;
  }
  return method_has_primitive(method) && method_primitive(method) == number;
}

oop chain_context(const struct chain *c) {
  oop context = c->fp != 0 ? frame_marry(c->fp) : c->context;
  if (context == 0) frame_out_of_memory();
  return context;
}

oop context_next_unwind(oop context, oop limit) {
  struct chain c = chain_of_context(context);
  while (chain_next(&c) && !chain_is(&c, limit))
    if (chain_has_primitive(&c, PRIM_MARK_UNWIND)) {
      oop found = chain_context(&c);
      return found != 0 ? found : mem.nil;
    }
  return mem.nil;
}

oop context_next_handler(oop context) {
  struct chain c = chain_of_context(context);
  for (; !chain_is_end(&c); chain_next(&c))
    if (chain_has_primitive(&c, PRIM_MARK_HANDLER)) {
      oop found = chain_context(&c);
      return found != 0 ? found : mem.nil;
    }
  return mem.nil;
}

/* Kills a context that nothing on its page was called from. Answers its sender; 0 without memory. */
static oop terminate_one(oop context) {
  oop sender = context_fetch(context, CTX_SENDER);
  addr fp = context_frame(context);
  if (fp != 0 && (fp == interp.fp || frame_divorce(fp) == 0)) return 0;
  context_kill(context);
  return sender;
}

bool context_terminate_to(oop context, oop target) {
  if (target != mem.nil && !oop_is_context(target)) return false;
  struct chain c = chain_of_context(context);
  bool among = false;
  while (!among && chain_next(&c)) among = chain_is(&c, target);
  if (target == mem.nil) among = true;
  oop between = context_fetch(context, CTX_SENDER);
  if (between == target) return true;
  if (!context_store(context, CTX_SENDER, mem.nil)) return false;
  while (among && between != mem.nil && between != target) {
    between = terminate_one(between);
    if (between == 0) return false;
  }
  return context_store(context, CTX_SENDER, target);
}
