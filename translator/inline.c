/* inline.c: special sends with their common cases inlined (inline.h), and the dispatch among them. */
#include "translator/inline.h"

/* The slow path of a special send with its operands at depth d on: answers in local_x, after reloading what
 * the fast path keeps. */
void slow_send(struct tr *t, uint32_t index, uint32_t d, uint32_t num_args) {
  cold_frame(t);
  cold_spill(t, d + num_args + 1);
  put_pc(t, t->insn->next);
  if (t->framed) {
    emit_send_pushed(t, index, d + num_args + 1, num_args);
  } else {
    get(t, 0);
    push_sp(t, d + num_args + 1);
    constant(t, index | (t->insn->next - t->insn->pc) << TR_SEND_BYTES_SHIFT);
    call(t, TRH_SEND_SPECIAL);
    set(t, t->local_x);
  }
  emit_return_if_bail(t, t->local_x);
  cold_reload(t, d);
}

void begin_inline(struct tr *t) {
  begin(t, W_BLOCK, 0);
  begin(t, W_BLOCK, 0);
}

/* The fast result is in local_x. */
void end_inline(struct tr *t, uint32_t index, uint32_t num_args) {
  const uint32_t d = t->depth - num_args - 1;
  br(t, DONE);
  end(t);
  slow_send(t, index, d, num_args);
  end(t);
  stack_pop(t, num_args + 1);
  get(t, t->local_x);
  stack_push_local(t);
}

/* ---- the dispatch among special sends ---- */

bool emit_special(struct tr *t, uint32_t index, const struct cfg_block *block,
                  const struct cfg_insn *fused_jump) {
  const uint32_t num_args = special_selector_args(index);
  for (uint32_t d = t->depth - num_args - 1; d < t->depth; d++) value_materialize(t, d);
  switch (index) {
    case SPSEL_NOT_IDENTICAL:
      if (t->cfg->block_copies) {
        emit_send(t, index, num_args, true);
        return false;
      }
      return emit_comparison(t, index, block, fused_jump);
    case SPSEL_IDENTICAL:
    case SPSEL_LESS:
    case SPSEL_GREATER:
    case SPSEL_LESS_EQUAL:
    case SPSEL_GREATER_EQUAL:
    case SPSEL_EQUAL:
    case SPSEL_NOT_EQUAL: return emit_comparison(t, index, block, fused_jump);
    case SPSEL_ADD:
    case SPSEL_SUBTRACT:
    case SPSEL_MULTIPLY:
    case SPSEL_DIV:
    case SPSEL_MOD:
    case SPSEL_BIT_AND:
    case SPSEL_BIT_OR:
    case SPSEL_BIT_SHIFT:
    case SPSEL_DIVIDE: emit_arithmetic(t, index); return false;
    case SPSEL_AT: emit_at(t); return false;
    case SPSEL_AT_PUT: emit_at_put(t); return false;
    case SPSEL_SIZE: emit_size(t); return false;
    case SPSEL_CLASS: emit_class(t); return false;
    default: emit_send(t, index, num_args, true); return false;
  }
}
