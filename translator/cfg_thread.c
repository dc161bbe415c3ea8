/* cfg_thread.c: conditions that are known, or that have just been found, are not made values (cfg.h). */
#include "translator/cfg.h"

#include "base/error.h"

#include <stdlib.h>

struct threading {
  struct cfg *cfg;
  bool *is_head; /* by block: something goes back to it */
};

static const struct bytecode_insn *only_insn(const struct cfg *cfg, uint32_t b) {
  const struct cfg_block *block = &cfg->blocks[b];
  return block->end == block->first + 1 ? &cfg->insns[block->first].insn : NULL;
}

/* A conditional jump forwards, or a return, alone in its block, which is not where a loop begins. */
static bool is_alone(const struct threading *t, uint32_t b) {
  const struct bytecode_insn *insn = only_insn(t->cfg, b);
  const struct cfg_block *block = &t->cfg->blocks[b];
  if (insn == NULL || b == 0 || t->is_head[b]) return false;
  switch (insn->op) {
    case OP_JUMP_TRUE:
    case OP_JUMP_FALSE: return block->succ[0] > (int32_t)b && block->succ[1] > (int32_t)b;
    case OP_RETURN_TOP: return !t->cfg->is_block; /* from the home it is long */
    case OP_BLOCK_RETURN_TOP: return true;
    default: return false;
  }
}

/* What all go to that went to `from`. */
static void redirect(struct cfg *cfg, int32_t from, int32_t to) {
  for (uint32_t b = 0; b < cfg->block_count; b++)
    for (int s = 0; s < 2; s++)
      if (cfg->blocks[b].succ[s] == from) cfg->blocks[b].succ[s] = to;
}

/* The block pushes true or false last, but for a jump, and goes on to the conditional jump `to`: past it. */
static bool skip_jump(const struct threading *t, uint32_t b, uint32_t to) {
  struct cfg *cfg = t->cfg;
  struct cfg_block *block = &cfg->blocks[b];
  uint32_t pushes = block->end - 1;
  if (cfg->insns[pushes].insn.op == OP_JUMP && pushes > block->first) pushes--;
  const uint8_t pushed = cfg->insns[pushes].insn.op, jump = only_insn(cfg, to)->op;
  if (pushed != OP_PUSH_TRUE && pushed != OP_PUSH_FALSE) return false;
  if (jump != OP_JUMP_TRUE && jump != OP_JUMP_FALSE) return false;
  if (pushes == block->first && (b == 0 || t->is_head[b])) return false;
  block->end = pushes;
  block->succ[0] = cfg->blocks[to].succ[(pushed == OP_PUSH_TRUE) == (jump == OP_JUMP_TRUE)];
  block->succ[1] = -1;
  if (pushes == block->first) redirect(cfg, (int32_t)b, block->succ[0]); /* nobody comes here */
  return true;
}

/* The block goes on to `to`: it ends in a copy of it, for which there must be a place. */
static bool take_over(struct cfg *cfg, struct cfg_block *block, const struct cfg_block *to) {
  if (cfg->insns[block->end - 1].insn.op == OP_JUMP)
    cfg->insns[block->end - 1] = cfg->insns[to->first];
  else if (block->end == to->first)
    block->end = to->end;
  else
    return false;
  block->succ[0] = to->succ[0];
  block->succ[1] = to->succ[1];
  return true;
}

static bool thread_block(const struct threading *t, uint32_t b) {
  struct cfg_block *block = &t->cfg->blocks[b];
  if (block->end == block->first || (block->succ[0] >= 0) == (block->succ[1] >= 0)) return false;
  const int32_t to = block->succ[0] >= 0 ? block->succ[0] : block->succ[1];
  if (to <= (int32_t)b || !is_alone(t, (uint32_t)to)) return false;
  return skip_jump(t, b, (uint32_t)to) || take_over(t->cfg, block, &t->cfg->blocks[to]);
}

/* Blocks that nothing goes to any more are taken out. */
static void remove_unreached(struct cfg *cfg) {
  int32_t *index = calloc(cfg->block_count, sizeof *index); /* 1 + the new one, once it is reached */
  VM_ASSERT(index != NULL);
  index[0] = 1;
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t b = 0; b < cfg->block_count; b++)
      for (int s = 0; s < 2 && index[b] != 0; s++) {
        const int32_t to = cfg->blocks[b].succ[s];
        if (to < 0 || index[to] != 0) continue;
        index[to] = 1;
        changed = true;
      }
  }
  uint32_t count = 0;
  for (uint32_t b = 0; b < cfg->block_count; b++)
    if (index[b] != 0) index[b] = (int32_t)++count;
  for (uint32_t b = 0; b < cfg->block_count; b++) {
    if (index[b] == 0) continue;
    struct cfg_block block = cfg->blocks[b];
    for (int s = 0; s < 2; s++)
      if (block.succ[s] >= 0) block.succ[s] = index[block.succ[s]] - 1;
    cfg->blocks[index[b] - 1] = block;
  }
  cfg->block_count = count;
  free(index);
}

void cfg_thread_jumps(struct cfg *cfg) {
  struct threading t = {.cfg = cfg, .is_head = calloc(cfg->block_count, sizeof *t.is_head)};
  VM_ASSERT(t.is_head != NULL);
  for (uint32_t b = 0; b < cfg->block_count; b++)
    for (int s = 0; s < 2; s++) {
      const int32_t to = cfg->blocks[b].succ[s];
      if (to >= 0 && to <= (int32_t)b) t.is_head[to] = true;
    }
  bool any = false;
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t b = 0; b < cfg->block_count; b++) changed |= thread_block(&t, b);
    any |= changed;
  }
  if (any) remove_unreached(cfg);
  free(t.is_head);
}
