/* inline.h: what the inlined special sends share (inline.c, arithmetic.c, indexed.c).
 *
 * Shape of an inlined operation:  block $done  block $slow  test; br_if $slow; …; br $done  end  full send
 * end
 */
#ifndef TRANSLATOR_INLINE_H
#define TRANSLATOR_INLINE_H

#include "translator/emit.h"

enum { DONE = 1, SLOW = 0 }; /* labels inside the two blocks */

/* The number of entry d, if it is a constant. */
static inline struct known_int known_int_of(const struct tr *t, uint32_t d) {
  const struct value *v = &t->stack[d];
  if (v->kind != VALUE_CONST || !oop_is_int(v->constant)) return (struct known_int){.known = false};
  return (struct known_int){.known = true, .value = oop_int(v->constant)};
}

void begin_inline(struct tr *t);
/* The fast result is in local_x; the operands are the num_args + 1 top entries. */
void end_inline(struct tr *t, uint32_t index, uint32_t num_args);
/* Inside $slow's end: the full send, for an operation whose fast path ends otherwise. Answers in local_x,
 * after reloading what the fast path keeps; the operands are at depth d on. */
void slow_send(struct tr *t, uint32_t index, uint32_t d, uint32_t num_args);

/* ---- arithmetic.c ---- */

void emit_arithmetic(struct tr *t, uint32_t index);
/* As emit_special(). */
bool emit_comparison(struct tr *t, uint32_t index, const struct cfg_block *block,
                     const struct cfg_insn *jump);

/* ---- indexed.c ---- */

void emit_at(struct tr *t);
void emit_at_put(struct tr *t);
void emit_size(struct tr *t);
void emit_class(struct tr *t);

#endif
