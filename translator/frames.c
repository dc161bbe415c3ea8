/* frames.c: where a translation makes its frame (emit.h).
 *
 * Many activations end before anything can look at them: accessors, tests that answer at once, the leaves of
 * a recursion. So a frame's header is written where it is first needed: before a send, a loop, or whatever
 * else a safepoint is in. Until then METHOD, CONTEXT, FLAGS and RECEIVER are missing, no other code runs but
 * helpers that do not look, and nobody can have a context of the activation. A slow path on the way makes the
 * frame for itself alone; see send_from_new_frame() for how it comes back.
 */
#include "translator/emit.h"

#include <stdlib.h>

bool insn_needs_frame(const struct tr *t, const struct cfg_insn *i) {
  switch (i->insn.op) {
    case OP_PUSH_FULL_CLOSURE:
    case OP_PUSH_CLOSURE:
    case OP_PUSH_ARRAY:
    case OP_POP_PUSH_ARRAY:
    case OP_PUSH_CONTEXT: return true;
    case OP_RETURN_RECEIVER:
    case OP_RETURN_TRUE:
    case OP_RETURN_FALSE:
    case OP_RETURN_NIL:
    case OP_RETURN_TOP: return t->cfg->is_block; /* it returns from its home */
    case OP_PUSH_INSTVAR:
    case OP_STORE_INSTVAR:
    case OP_POP_INSTVAR: return t->env->careful;
    default: return cfg_is_full_send(t->cfg, i);
  }
}

static bool block_needs_frame(const struct tr *t, const struct cfg_block *block) {
  for (uint32_t k = block->first; k < block->end; k++)
    if (insn_needs_frame(t, &t->cfg->insns[k])) return true;
  return false;
}

static bool is_loop_head(const struct cfg *cfg, uint32_t b) {
  for (uint32_t s = 0; s < cfg->scope_count; s++)
    if (cfg->scopes[s].is_loop && cfg->scopes[s].first == b) return true;
  return false;
}

bool block_ends_framed(const struct tr *t, const struct cfg_block *block) {
  for (int s = 0; s < 2; s++)
    if (block->succ[s] >= 0 && t->framed_in[block->succ[s]]) return true;
  return false;
}

/* A block has the frame at its beginning when one before it has it at its end; all others before it make it
 * at theirs then. */
void find_frames(struct tr *t) {
  const struct cfg *cfg = t->cfg;
  t->framed_in = calloc(cfg->block_count, sizeof *t->framed_in);
  VM_ASSERT(t->framed_in != NULL);
  for (uint32_t b = 0; b < cfg->block_count; b++)
    t->framed_in[b] = cfg->entry_pc != 0 || is_loop_head(cfg, b); /* a continuation finds its frame made */
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t b = 0; b < cfg->block_count; b++) {
      const struct cfg_block *block = &cfg->blocks[b];
      if (!t->framed_in[b] && !block_needs_frame(t, block) && !block_ends_framed(t, block)) continue;
      for (int s = 0; s < 2; s++) {
        if (block->succ[s] < 0 || t->framed_in[block->succ[s]]) continue;
        t->framed_in[block->succ[s]] = changed = true;
      }
    }
  }
}

/* Short forms of the instance variable bytecodes must not touch a context directly, whoever runs them. */
static uint32_t frame_flags(const struct tr *t) {
  const uint32_t flags = frame_flags_for(t->method, t->cfg->num_args, t->cfg->is_block ? FRAME_IS_BLOCK : 0);
  const bool careful = t->env->careful && !t->cfg->is_block && !t->cfg->sista;
  return flags | FRAME_TRANSLATED | (careful ? (uint32_t)FRAME_SET_V3_CONTEXT << FRAME_SET_SHIFT : 0);
}

void emit_frame_header(struct tr *t) {
  get(t, 0);
  constant(t, t->env->method_cell);
  load(t, 0);
  store(t, FRAME_METHOD);
  get(t, 0);
  wasm_emit(t->f, W_I64_CONST, t->env->nil, frame_flags(t));
  wasm_emit(t->f, W_I64_STORE, FRAME_CONTEXT, ALIGN_8);
  get(t, 0);
  self_push(t);
  store(t, FRAME_RECEIVER);
}

void cold_frame(struct tr *t) {
  if (!t->framed) emit_frame_header(t);
}
