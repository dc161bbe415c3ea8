/* types.c: types of temporaries and operands, and which temporaries the frame may lack (types.h). */
#include "translator/types.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

/* ---- operations ---- */

bool types_is_arithmetic(uint32_t index) {
  switch (index) {
    case SPSEL_ADD:
    case SPSEL_SUBTRACT:
    case SPSEL_MULTIPLY:
    case SPSEL_DIVIDE:
    case SPSEL_DIV:
    case SPSEL_MOD:
    case SPSEL_BIT_SHIFT:
    case SPSEL_BIT_AND:
    case SPSEL_BIT_OR: return true;
    default: return false;
  }
}

static bool is_comparison(uint32_t index) {
  switch (index) {
    case SPSEL_LESS:
    case SPSEL_GREATER:
    case SPSEL_LESS_EQUAL:
    case SPSEL_GREATER_EQUAL:
    case SPSEL_EQUAL:
    case SPSEL_NOT_EQUAL: return true;
    default: return false;
  }
}

bool types_is_float_operation(uint32_t index) {
  return is_comparison(index) || index == SPSEL_ADD || index == SPSEL_SUBTRACT || index == SPSEL_MULTIPLY ||
         index == SPSEL_DIVIDE;
}

enum arithmetic_plan types_plan(uint32_t index, uint8_t a, uint8_t b) {
  if (a == TYPE_INT && b == TYPE_INT) return index == SPSEL_DIVIDE ? PLAN_GENERIC : PLAN_INT;
  if ((a == TYPE_FLOAT || b == TYPE_FLOAT) && types_is_float_operation(index)) return PLAN_FLOAT;
  return PLAN_GENERIC;
}

bool types_try_floats(uint32_t index, uint8_t a, uint8_t b) {
  return types_is_float_operation(index) && (((a | b) & TYPE_FLOAT) != 0 || (a != TYPE_INT && b != TYPE_INT));
}

bool types_never_fails(uint32_t index, struct known_int b) {
  switch (index) {
    case SPSEL_DIV:
    case SPSEL_MOD: return b.known && b.value > 0;
    case SPSEL_BIT_SHIFT: return b.known && b.value < 0 && b.value >= -TYPES_MAX_SHIFT;
    case SPSEL_BIT_AND:
    case SPSEL_BIT_OR: return true;
    default: return is_comparison(index);
  }
}

uint8_t types_result(uint32_t index, uint8_t a, uint8_t b, struct known_int b_value, bool numeric,
                     bool operands_suit) {
  const bool wraps = index == SPSEL_ADD || index == SPSEL_SUBTRACT || index == SPSEL_MULTIPLY;
  switch (types_plan(index, a, b)) {
    case PLAN_INT: return types_never_fails(index, b_value) || (wraps && operands_suit) ? TYPE_INT : TYPE_ANY;
    case PLAN_FLOAT:
      if (operands_suit) return TYPE_FLOAT;
      return numeric ? TYPE_MIXED : TYPE_ANY;
    default: return numeric && types_try_floats(index, a, b) ? TYPE_MIXED : TYPE_ANY;
  }
}

uint8_t types_of_literal(oop literal) {
  if (oop_is_int(literal)) return TYPE_INT;
  return oop_has_class_index(literal, CIX_FLOAT) ? TYPE_FLOAT : TYPE_OBJECT;
}

/* ---- which results arithmetic uses ---- */

enum { NO_PRODUCER = UINT32_MAX };

/* Who made each entry of the operand stack, inside one block. */
struct producers {
  uint32_t of[METHOD_LARGE_FRAME + 2];
  uint32_t depth;
};

static uint32_t pops_of(const struct bytecode_insn *insn) {
  switch (insn->op) {
    case OP_SEND:
    case OP_SEND_SUPER: return (uint32_t)insn->b + 1;
    case OP_SEND_SPECIAL: return special_selector_args((uint32_t)insn->a) + 1;
    case OP_POP_INSTVAR:
    case OP_POP_LITVAR:
    case OP_POP_REMOTE_TEMP:
    case OP_POP_TEMP:
    case OP_POP:
    case OP_JUMP_TRUE:
    case OP_JUMP_FALSE:
    case OP_IS_NIL:
    case OP_NOT_NIL: return 1;
    case OP_PUSH_CLOSURE:
    case OP_PUSH_FULL_CLOSURE:
    case OP_PUSH_ARRAY:
    case OP_POP_PUSH_ARRAY:
    case OP_PUSH_CONTEXT: return (uint32_t)(1 - bytecode_effect(insn));
    default: return 0;
  }
}

static bool pushes(uint8_t op) {
  switch (op) {
    case OP_SEND:
    case OP_SEND_SUPER:
    case OP_SEND_SPECIAL:
    case OP_PUSH_RECEIVER:
    case OP_PUSH_TEMP:
    case OP_PUSH_NIL:
    case OP_PUSH_TRUE:
    case OP_PUSH_FALSE:
    case OP_PUSH_INT:
    case OP_PUSH_CHAR:
    case OP_PUSH_LITERAL:
    case OP_PUSH_INSTVAR:
    case OP_PUSH_LITVAR:
    case OP_PUSH_REMOTE_TEMP:
    case OP_DUP:
    case OP_PUSH_CLOSURE:
    case OP_PUSH_FULL_CLOSURE:
    case OP_PUSH_ARRAY:
    case OP_POP_PUSH_ARRAY:
    case OP_PUSH_CONTEXT:
    case OP_IS_NIL:
    case OP_NOT_NIL: return true;
    default: return false;
  }
}

/* Marks who made operand d, and the temporary that it was pushed from. Answers whether that is news. */
static bool mark_operand(const struct cfg *cfg, const struct producers *p, uint32_t d, uint8_t *numeric,
                         uint64_t *temps) {
  if (p->of[d] == NO_PRODUCER) return false;
  const struct bytecode_insn *by = &cfg->insns[p->of[d]].insn;
  numeric[p->of[d]] = 1;
  if (by->op != OP_PUSH_TEMP || (uint32_t)by->a >= TYPES_MAX_TEMPS) return false;
  const uint64_t temp = 1ull << by->a;
  const bool found = (*temps & temp) == 0;
  *temps |= temp;
  return found;
}

static bool is_int_constant(const struct cfg *cfg, oop method, const struct producers *p, uint32_t d) {
  if (p->of[d] == NO_PRODUCER) return false;
  const struct bytecode_insn *by = &cfg->insns[p->of[d]].insn;
  return by->op == OP_PUSH_INT ||
         (by->op == OP_PUSH_LITERAL && oop_is_int(method_literal(method, (uint32_t)by->a)));
}

/* Marks who made the operands of arithmetic, and who made what numeric temporaries are set to. With a
 * SmallInteger constant it is likely to be one of SmallIntegers, and is not counted. Answers whether a
 * temporary was found to be numeric. */
static bool mark_numeric_in(const struct cfg *cfg, oop method, const struct cfg_block *block,
                            uint8_t *numeric, uint64_t *temps) {
  struct producers p = {.depth = cfg->insns[block->first].depth};
  bool found = false;
  for (uint32_t d = 0; d < p.depth; d++) p.of[d] = NO_PRODUCER;
  for (uint32_t k = block->first; k < block->end; k++) {
    const struct bytecode_insn *insn = &cfg->insns[k].insn;
    const uint32_t pops = pops_of(insn), a = (uint32_t)insn->a;
    while (p.depth < cfg->insns[k].depth) p.of[p.depth++] = NO_PRODUCER;
    p.depth = cfg->insns[k].depth; /* of what tier 1 does not translate the effect is not known here */
    if (insn->op == OP_SEND_SPECIAL && types_is_float_operation(a) &&
        !is_int_constant(cfg, method, &p, p.depth - 1) && !is_int_constant(cfg, method, &p, p.depth - 2)) {
      found |= mark_operand(cfg, &p, p.depth - 2, numeric, temps);
      found |= mark_operand(cfg, &p, p.depth - 1, numeric, temps);
    }
    if ((insn->op == OP_STORE_TEMP || insn->op == OP_POP_TEMP) && a < TYPES_MAX_TEMPS &&
        (*temps & 1ull << a) != 0)
      found |= mark_operand(cfg, &p, p.depth - 1, numeric, temps);
    const uint32_t dup_of = insn->op == OP_DUP ? p.of[p.depth - 1] : k;
    p.depth -= pops;
    if (pushes(insn->op)) p.of[p.depth++] = dup_of;
  }
  return found;
}

static void mark_numeric(const struct cfg *cfg, oop method, uint8_t *numeric) {
  uint64_t temps = 0;
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t b = 0; b < cfg->block_count; b++)
      changed |= mark_numeric_in(cfg, method, &cfg->blocks[b], numeric, &temps);
  }
  for (uint32_t b = 0; b < cfg->block_count; b++)
    mark_numeric_in(cfg, method, &cfg->blocks[b], numeric, &temps);
}

/* ---- one block ---- */

struct state {
  uint8_t temps[TYPES_MAX_TEMPS];
  uint64_t dirty;
  uint8_t stack[METHOD_LARGE_FRAME + 2];
  struct known_int known[METHOD_LARGE_FRAME + 2];
  uint32_t depth;
};

static void push(struct state *s, uint8_t type) {
  s->known[s->depth] = (struct known_int){.known = false};
  s->stack[s->depth++] = type;
}

/* The graph says how deep the stack is: what tier 1 does not translate has an effect that is not known here.
 */
static void set_depth(struct state *s, uint32_t depth) {
  while (s->depth < depth) push(s, TYPE_ANY);
  s->depth = depth;
}

static void push_int(struct state *s, int32_t value) {
  push(s, TYPE_INT);
  s->known[s->depth - 1] = (struct known_int){.known = true, .value = value};
}

static void set_temp(const struct types *types, struct state *s, uint32_t i) {
  if (i >= TYPES_MAX_TEMPS) return;
  s->temps[i] = types->shared ? (uint8_t)TYPE_ANY : s->stack[s->depth - 1];
  s->dirty |= 2ull << i;
}

static void after_send(struct state *s, uint32_t pops) {
  s->depth -= pops;
  for (uint32_t d = 0; d < s->depth; d++) {
    s->stack[d] = TYPE_ANY;
    s->known[d].known = false;
  }
  for (uint32_t i = 0; i < TYPES_MAX_TEMPS; i++) s->temps[i] = types_after_send(s->temps[i]);
  s->dirty = 0;
  push(s, TYPE_ANY);
}

static void special_send(const struct cfg *cfg, struct state *s, const struct cfg_insn *i, bool numeric,
                         bool operands_suit) {
  const uint32_t index = (uint32_t)i->insn.a, pops = pops_of(&i->insn);
  if (cfg_is_full_send(cfg, i)) {
    after_send(s, pops);
    return;
  }
  uint8_t type = TYPE_ANY;
  if (types_is_arithmetic(index))
    type = types_result(index, s->stack[s->depth - 2], s->stack[s->depth - 1], s->known[s->depth - 1],
                        numeric, operands_suit);
  s->depth -= pops;
  push(s, type);
}

static void step(const struct cfg *cfg, oop method, const struct types *types, uint32_t k, struct state *s) {
  const struct cfg_insn *i = &cfg->insns[k];
  const uint32_t a = (uint32_t)i->insn.a;
  set_depth(s, i->depth);
  switch (i->insn.op) {
    case OP_PUSH_RECEIVER: push(s, types_of_self(types)); return;
    case OP_PUSH_TEMP: push(s, a < TYPES_MAX_TEMPS ? s->temps[a] : (uint8_t)TYPE_ANY); return;
    case OP_PUSH_NIL:
    case OP_PUSH_TRUE:
    case OP_PUSH_FALSE:
    case OP_PUSH_CHAR: push(s, TYPE_OBJECT); return;
    case OP_PUSH_INT: push_int(s, i->insn.a); return;
    case OP_PUSH_LITERAL: {
      const oop literal = method_literal(method, a);
      if (oop_is_int(literal))
        push_int(s, oop_int(literal));
      else
        push(s, types_of_literal(literal));
      return;
    }
    case OP_STORE_TEMP: set_temp(types, s, a); return;
    case OP_POP_TEMP:
      set_temp(types, s, a);
      s->depth--;
      return;
    case OP_DUP:
      push(s, s->stack[s->depth - 1]);
      s->known[s->depth - 1] = s->known[s->depth - 2];
      return;
    case OP_SEND:
    case OP_SEND_SUPER: after_send(s, pops_of(&i->insn)); return;
    case OP_SEND_SPECIAL:
      special_send(cfg, s, i, types->numeric[k] != 0, types->assumed.operands_suit);
      return;
    case OP_PUSH_CONTEXT: s->dirty = 0; break;
    default: break;
  }
  s->depth -= pops_of(&i->insn);
  if (pushes(i->insn.op)) push(s, TYPE_ANY);
}

/* ---- the fixpoint ---- */

static void enter(const struct types *types, uint32_t b, struct state *s) {
  memcpy(s->temps, &types->temps[b * TYPES_MAX_TEMPS], TYPES_MAX_TEMPS);
  s->dirty = types->dirty[b];
  s->depth = 0;
}

/* Answers whether anything new was learnt of block `to`. */
static bool join(const struct cfg *cfg, struct types *types, uint32_t to, const struct state *s) {
  bool changed = false;
  for (uint32_t i = 0; i < TYPES_MAX_TEMPS; i++) {
    uint8_t *in = &types->temps[to * TYPES_MAX_TEMPS + i];
    changed |= (s->temps[i] & ~*in) != 0;
    *in |= s->temps[i];
    types->has_floats |= (*in & TYPE_FLOAT) != 0;
  }
  /* What is no good at the entry is written on the way to it. */
  const uint64_t dirty = types->dirty[to] | (s->dirty & cfg->blocks[to].valid_in);
  changed |= dirty != types->dirty[to];
  types->dirty[to] = dirty;
  return changed;
}

/* The entry of a continuation finds the frame as it is, which may be known to hold SmallIntegers. */
static void at_entry(const struct cfg *cfg, struct types *types) {
  const bool begins = cfg->entry_pc == 0, nils = begins && cfg->error_temp < 0 && !types->shared;
  for (uint32_t i = 0; i < TYPES_MAX_TEMPS; i++) {
    const bool is_nil = nils && i >= cfg->num_args + cfg->copied && i < cfg->num_temps;
    const bool is_int = !types->shared && (cfg->entry_ints >> 1 >> i & 1) != 0;
    types->temps[i] = is_nil ? TYPE_OBJECT : is_int ? TYPE_INT : TYPE_ANY;
    if (begins && i >= cfg->num_args && i < cfg->num_temps) types->dirty[0] |= 2ull << i;
  }
  types->dirty[0] &= cfg->blocks[0].valid_in;
}

static bool copies_blocks(const struct cfg *cfg) {
  for (uint32_t k = 0; k < cfg->insn_count && cfg->block_copies; k++)
    if (cfg->insns[k].insn.op == OP_SEND_SPECIAL && cfg->insns[k].insn.a == SPSEL_NOT_IDENTICAL) return true;
  return false;
}

static bool is_reached(const struct types *types, uint32_t b) {
  return types->temps[b * TYPES_MAX_TEMPS] != 0;
}

void types_find(const struct cfg *cfg, oop method, struct types_assumed assumed, struct types *types) {
  *types = (struct types){.assumed = assumed, .shared = copies_blocks(cfg)};
  types->temps = calloc(cfg->block_count, TYPES_MAX_TEMPS);
  types->dirty = calloc(cfg->block_count, sizeof *types->dirty);
  types->numeric = calloc(cfg->insn_count, 1);
  struct state *s = malloc(sizeof *s);
  VM_ASSERT(types->temps != NULL && types->dirty != NULL && types->numeric != NULL && s != NULL);
  mark_numeric(cfg, method, types->numeric);
  at_entry(cfg, types);
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t b = 0; b < cfg->block_count; b++) {
      if (!is_reached(types, b)) continue;
      enter(types, b, s);
      for (uint32_t k = cfg->blocks[b].first; k < cfg->blocks[b].end; k++) {
        step(cfg, method, types, k, s);
        if (s->depth > 0) types->has_floats |= (s->stack[s->depth - 1] & TYPE_FLOAT) != 0;
      }
      for (int n = 0; n < 2; n++)
        if (cfg->blocks[b].succ[n] >= 0) changed |= join(cfg, types, (uint32_t)cfg->blocks[b].succ[n], s);
    }
  }
  free(s);
}

void types_free(struct types *types) {
  free(types->temps);
  free(types->dirty);
  free(types->numeric);
  *types = (struct types){.temps = NULL};
}
