/* closures.c: closures, and the code of blocks (emit.h).
 *
 * A block is translated like a method. Its frame differs at the entry: what the caller pushed is the closure,
 * which has the receiver and the copied values. `^` in it is done by the core, which leaves the stack as if
 * the home had returned; see interp_non_local_return().
 */
#include "translator/emit.h"

/* ---- making closures ---- */

/* A helper's third argument: a in the low half, b in the high half. */
static uint32_t two(uint32_t a, uint32_t b) { return a | b << 16; }

void emit_closure_insn(struct tr *t) {
  const struct bytecode_insn *insn = &t->insn->insn;
  const uint32_t a = (uint32_t)insn->a, b = (uint32_t)insn->b;
  const uint32_t pops = (uint32_t)(1 - bytecode_effect(insn));
  enum tr_helper helper = TRH_PUSH_CONTEXT;
  uint32_t what = a;
  switch (insn->op) {
    case OP_PUSH_FULL_CLOSURE:
      helper = TRH_PUSH_FULL_CLOSURE;
      what = two(a, b | (uint32_t)insn->c);
      break;
    case OP_PUSH_CLOSURE:
      helper = TRH_PUSH_CLOSURE;
      what = two(a, b);
      break;
    case OP_PUSH_ARRAY:
    case OP_POP_PUSH_ARRAY:
      helper = TRH_PUSH_ARRAY;
      what = two(a, insn->op == OP_POP_PUSH_ARRAY);
      break;
    default: break;
  }
  /* The core pops what it takes from the frame; nothing moves, so locals stay good. */
  stack_flush(t, t->depth);
  put_pc(t, t->insn->next);
  get(t, 0);
  push_sp(t, t->depth);
  constant(t, what);
  call(t, helper);
  tee(t, t->local_x);
  op(t, W_I32_EQZ);
  begin(t, W_IF, 0);
  emit_bail(t, t->insn->pc, t->depth); /* the interpreter runs out of memory */
  end(t);
  stack_pop(t, pops);
  get(t, t->local_x);
  stack_push_local(t);
}

/* ---- blocks ---- */

enum { SLOT_COUNT_BYTE = 7 };

static uint32_t closure_field(uint32_t index) { return HDR_BYTES + 4 * index; }

static uint32_t first_copied(const struct tr *t) {
  return t->cfg->start_pc != 0 ? (uint32_t)CLO_COPIED : (uint32_t)FULL_CLO_COPIED;
}

void emit_block_receiver(struct tr *t) {
  get(t, t->local_self);
  tee(t, t->local_y);
  wasm_emit(t->f, W_I32_LOAD8_U, SLOT_COUNT_BYTE, 0);
  constant(t, first_copied(t) + t->cfg->copied);
  op(t, W_I32_NE);
  begin(t, W_IF, 0);
  get(t, 0);
  constant(t, t->cfg->num_args);
  call(t, TRH_ENTER_BLOCK);
  op(t, W_RETURN);
  end(t);
  get(t, t->local_y);
  if (t->cfg->start_pc != 0) {
    load(t, closure_field(CLO_OUTER));
    load(t, closure_field(CTX_RECEIVER));
  } else {
    load(t, closure_field(FULL_CLO_RECEIVER));
  }
  set(t, t->local_self);
}

void emit_copied_values(struct tr *t) {
  for (uint32_t i = 0; i < t->cfg->copied; i++) {
    get(t, t->local_y);
    load(t, closure_field(first_copied(t) + i));
    temp_set(t, t->cfg->num_args + i);
  }
}

void emit_non_local_return(struct tr *t) {
  set(t, t->local_x);
  stack_flush(t, t->depth);
  put_pc(t, t->insn->next);
  get(t, 0);
  push_sp(t, t->depth);
  get(t, t->local_x);
  call(t, TRH_NON_LOCAL_RETURN);
  op(t, W_RETURN);
}
