/* cfg.c: control-flow graph, stack depths, and scopes (cfg.h). */
#include "translator/cfg.h"

#include "base/error.h"
#include "interpreter/interp.h"
#include "translator/nil_tests.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_INSNS = 3000, MAX_METHOD_BYTES = 16384, UNSEEN = 0xFFFF, MAX_SCOPES = 400 };

static bool refuse(struct tr_refusal *refusal, uint32_t pc, const char *reason) {
  refusal->pc = pc;
  refusal->reason = reason;
  return false;
}

static bool is_jump(uint8_t op) { return op == OP_JUMP || op == OP_JUMP_TRUE || op == OP_JUMP_FALSE; }

static bool is_end(uint8_t op) {
  switch (op) {
    case OP_JUMP:
    case OP_RETURN_RECEIVER:
    case OP_RETURN_TRUE:
    case OP_RETURN_FALSE:
    case OP_RETURN_NIL:
    case OP_RETURN_TOP:
    case OP_BLOCK_RETURN_TOP:
    case OP_BLOCK_RETURN_NIL: return true;
    default: return false;
  }
}

bool cfg_is_full_send(const struct cfg *cfg, const struct cfg_insn *i) {
  switch (i->insn.op) {
    case OP_SEND:
    case OP_SEND_SUPER: return true;
    case OP_SEND_SPECIAL:
      switch (i->insn.a) {
        case SPSEL_ADD:
        case SPSEL_SUBTRACT:
        case SPSEL_LESS:
        case SPSEL_GREATER:
        case SPSEL_LESS_EQUAL:
        case SPSEL_GREATER_EQUAL:
        case SPSEL_EQUAL:
        case SPSEL_NOT_EQUAL:
        case SPSEL_MULTIPLY:
        case SPSEL_DIVIDE:
        case SPSEL_DIV:
        case SPSEL_MOD:
        case SPSEL_BIT_SHIFT:
        case SPSEL_BIT_AND:
        case SPSEL_BIT_OR:
        case SPSEL_IDENTICAL:
        case SPSEL_CLASS:
        case SPSEL_AT:
        case SPSEL_AT_PUT:
        case SPSEL_SIZE: return false;
        case SPSEL_NOT_IDENTICAL: return cfg->block_copies;
        default: return true;
      }
    default: return false;
  }
}

/* The pc where execution goes on after an instruction that does not jump: behind the code of a block. */
static uint32_t pc_after(const struct bytecode_insn *insn, uint32_t pc) {
  return pc + insn->bytes + (insn->op == OP_PUSH_CLOSURE ? (uint32_t)insn->c : 0);
}

/* ---- decoding by reachability ---- */

struct decoder {
  oop method;
  uint32_t first_pc, end_pc;
  uint16_t *depth_at; /* by pc - first_pc: depth before, or UNSEEN */
  uint32_t *work;
  uint32_t work_count, seen;
};

static bool reach(struct decoder *d, uint32_t pc, int32_t depth, struct tr_refusal *refusal) {
  if (pc < d->first_pc || pc >= d->end_pc) return refuse(refusal, pc, "execution leaves the method");
  const uint32_t at = pc - d->first_pc;
  if (depth < 0 || depth > METHOD_LARGE_FRAME) return refuse(refusal, pc, "operand stack out of range");
  if (d->depth_at[at] == UNSEEN) {
    d->depth_at[at] = (uint16_t)depth;
    d->work[d->work_count++] = pc;
    d->seen++;
    return true;
  }
  return d->depth_at[at] == depth || refuse(refusal, pc, "stack depths differ at a merge");
}

static bool decode_at(const struct decoder *d, bool sista, uint32_t pc, struct bytecode_insn *insn) {
  return bytecode_decode(sista, AT(uint8_t, d->method + pc), d->end_pc - pc, insn);
}

/* Depth before, pops and operand ranges of one instruction. */
static bool check_operands(const struct cfg *cfg, oop method, const struct bytecode_insn *insn, uint32_t pc,
                           int32_t depth, struct tr_refusal *refusal) {
  const uint32_t literals = method_num_literals(method);
  const uint32_t a = (uint32_t)insn->a, b = (uint32_t)insn->b;
  int32_t needs = 0;
  bool fine = true;
  switch (insn->op) {
    case OP_PUSH_TEMP: fine = a < cfg->num_temps; break;
    case OP_STORE_TEMP:
    case OP_POP_TEMP:
      fine = a < cfg->num_temps;
      needs = 1;
      break;
    case OP_PUSH_LITERAL:
    case OP_PUSH_LITVAR: fine = a < literals; break;
    case OP_STORE_LITVAR:
    case OP_POP_LITVAR:
      fine = a < literals;
      needs = 1;
      break;
    case OP_PUSH_REMOTE_TEMP: fine = b < cfg->num_temps; break;
    case OP_STORE_REMOTE_TEMP:
    case OP_POP_REMOTE_TEMP:
      fine = b < cfg->num_temps;
      needs = 1;
      break;
    case OP_SEND:
    case OP_SEND_SUPER:
      fine = a < literals;
      needs = insn->b + 1;
      break;
    case OP_PUSH_FULL_CLOSURE:
      fine = a < literals && oop_is_pointer(method_literal(method, a)) &&
             fmt_is_method(obj_format(method_literal(method, a)));
      needs = 1 - bytecode_effect(insn);
      break;
    case OP_PUSH_CLOSURE:
    case OP_POP_PUSH_ARRAY: needs = 1 - bytecode_effect(insn); break;
    case OP_SEND_SPECIAL: needs = (int32_t)special_selector_args(a) + 1; break;
    case OP_POP:
    case OP_DUP:
    case OP_JUMP_TRUE:
    case OP_JUMP_FALSE:
    case OP_RETURN_TOP:
    case OP_BLOCK_RETURN_TOP:
    case OP_STORE_INSTVAR:
    case OP_POP_INSTVAR: needs = 1; break;
    default: break;
  }
  if (!fine) return refuse(refusal, pc, "an operand is out of range");
  if (depth < needs) return refuse(refusal, pc, "the operand stack is too short");
  return true;
}

static bool makes_block(const struct cfg *cfg, const struct bytecode_insn *insn) {
  return insn->op == OP_PUSH_CLOSURE || insn->op == OP_PUSH_FULL_CLOSURE ||
         (insn->op == OP_SEND_SPECIAL && insn->a == SPSEL_NOT_IDENTICAL && cfg->block_copies);
}

/* Marks everything reachable; fills depth_at. */
static bool explore(struct decoder *d, struct cfg *cfg, struct tr_refusal *refusal) {
  if (!reach(d, d->first_pc, 0, refusal)) return false;
  while (d->work_count > 0) {
    const uint32_t pc = d->work[--d->work_count];
    const int32_t depth = d->depth_at[pc - d->first_pc];
    struct bytecode_insn insn;
    if (!decode_at(d, cfg->sista, pc, &insn)) return refuse(refusal, pc, "an instruction is cut short");
    if (!check_operands(cfg, d->method, &insn, pc, depth, refusal)) return false;
    if (d->seen > MAX_INSNS) return refuse(refusal, pc, "the method is too long");
    cfg->makes_blocks |= makes_block(cfg, &insn);
    const uint32_t next = pc_after(&insn, pc);
    if (is_jump(insn.op)) {
      const int32_t after = insn.op == OP_JUMP ? depth : depth - 1;
      if (!reach(d, (uint32_t)((int32_t)next + insn.a), after, refusal)) return false;
      if (insn.op != OP_JUMP && !reach(d, next, after, refusal)) return false;
      continue;
    }
    if (is_end(insn.op)) continue;
    if (!reach(d, next, depth + bytecode_effect(&insn), refusal)) return false;
  }
  return true;
}

/* ---- the order of the code ----
 *
 * Blocks stand in bytecode order, but a continuation that begins inside loops must not jump into their
 * middle: what is left of the innermost loop's body stands first, on its own, then that loop and what is left
 * of the body of the next one around it, and so on. So the code is a row of stretches of the method, each
 * wider than the one before. A jump goes to the first stretch, from its own on, that has the target; that is
 * backwards only where a whole loop lies in its stretch.
 */

enum { MAX_NESTING = 16, MAX_LOOPS = 200 };

/* The code [from, to) of the method. */
struct stretch {
  uint32_t from, to;
};

enum { PLACE_UNSEEN, PLACE_REACHED, PLACE_LEADER }; /* LEADER: a block begins there */

struct order {
  struct stretch stretches[MAX_NESTING + 1];
  uint32_t first_place[MAX_NESTING + 1]; /* a place is a byte of a stretch: they count through all of them */
  uint32_t count, places;
  uint8_t *state;    /* by place: PLACE_… */
  int32_t *block_at; /* by place: the block that begins there, or -1 */
};

static bool is_inside(const struct stretch *s, uint32_t pc) { return pc >= s->from && pc < s->to; }

/* Where execution in stretch `s` goes when it goes to pc; o->places: nowhere. */
static uint32_t place_of(const struct order *o, uint32_t s, uint32_t pc) {
  for (; s < o->count; s++)
    if (is_inside(&o->stretches[s], pc)) return o->first_place[s] + (pc - o->stretches[s].from);
  return o->places;
}

static uint32_t stretch_at(const struct order *o, uint32_t place) {
  uint32_t s = o->count - 1;
  while (o->first_place[s] > place) s--;
  return s;
}

/* The loops of the method, those that cross made one in the other. UINT32_MAX: too many. */
static uint32_t find_loops(const struct decoder *d, bool sista, struct stretch *loops) {
  uint32_t count = 0;
  for (uint32_t at = 0; at < d->end_pc - d->first_pc; at++) {
    struct bytecode_insn insn;
    const uint32_t pc = d->first_pc + at;
    if (d->depth_at[at] == UNSEEN || !decode_at(d, sista, pc, &insn) || !is_jump(insn.op)) continue;
    const uint32_t next = pc + insn.bytes, target = (uint32_t)((int32_t)next + insn.a);
    if (target > pc) continue;
    uint32_t i = 0;
    while (i < count && loops[i].from != target) i++;
    if (i == MAX_LOOPS) return UINT32_MAX;
    if (i == count) loops[count++] = (struct stretch){target, next};
    if (loops[i].to < next) loops[i].to = next;
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t i = 0; i < count; i++)
      for (uint32_t j = 0; j < count; j++) {
        if (!(loops[i].from < loops[j].from && is_inside(&loops[i], loops[j].from))) continue;
        if (loops[i].to >= loops[j].to) continue;
        loops[i].to = loops[j].to;
        changed = true;
      }
  }
  return count;
}

static int inner_first(const void *p, const void *q) {
  const struct stretch *a = p, *b = q;
  return a->from > b->from ? -1 : a->from < b->from;
}

static bool make_stretches(const struct decoder *d, const struct cfg *cfg, struct order *o,
                           struct tr_refusal *refusal) {
  struct stretch loops[MAX_LOOPS];
  uint32_t around = 0; /* of the loops, those that the entry is in the middle of */
  if (cfg->entry_pc != 0) {
    const uint32_t count = find_loops(d, cfg->sista, loops);
    if (count == UINT32_MAX) return refuse(refusal, cfg->entry_pc, "too many loops");
    for (uint32_t i = 0; i < count; i++)
      if (loops[i].from != cfg->entry_pc && is_inside(&loops[i], cfg->entry_pc)) loops[around++] = loops[i];
    if (around > MAX_NESTING) return refuse(refusal, cfg->entry_pc, "loops are nested too deeply");
    qsort(loops, around, sizeof *loops, inner_first);
  }
  uint32_t from = cfg->entry_pc != 0 ? cfg->entry_pc : cfg->first_pc;
  for (uint32_t i = 0; i <= around; i++) {
    o->stretches[o->count] = (struct stretch){from, i < around ? loops[i].to : d->end_pc};
    o->first_place[o->count] = o->places;
    o->places += o->stretches[o->count].to - from;
    o->count++;
    if (i < around) from = loops[i].from;
  }
  return true;
}

static bool mark_place(struct order *o, uint32_t *work, uint32_t *work_count, uint32_t place, bool leader) {
  if (place == o->places) return false;
  if (o->state[place] == PLACE_UNSEEN) {
    o->state[place] = PLACE_REACHED;
    work[(*work_count)++] = place;
  }
  if (leader) o->state[place] = PLACE_LEADER;
  return true;
}

/* Marks what can be reached from the entry. */
static bool mark_places(const struct decoder *d, const struct cfg *cfg, struct order *o,
                        struct tr_refusal *refusal) {
  uint32_t *work = malloc(o->places * sizeof *work), work_count = 0, seen = 0;
  VM_ASSERT(work != NULL);
  bool fine = mark_place(o, work, &work_count, 0, true);
  while (fine && work_count > 0) {
    const uint32_t place = work[--work_count], s = stretch_at(o, place);
    const uint32_t pc = o->stretches[s].from + (place - o->first_place[s]);
    struct bytecode_insn insn;
    (void)decode_at(d, cfg->sista, pc, &insn);
    const uint32_t next = pc_after(&insn, pc);
    if (is_jump(insn.op))
      fine = mark_place(o, work, &work_count, place_of(o, s, (uint32_t)((int32_t)next + insn.a)), true);
    if (fine && !is_end(insn.op)) {
      const uint32_t to = place_of(o, s, next);
      const bool leader = is_jump(insn.op) || insn.op == OP_PUSH_CLOSURE || to != place + insn.bytes;
      fine = mark_place(o, work, &work_count, to, leader);
    }
    fine = fine && ++seen <= MAX_INSNS;
  }
  free(work);
  return fine || refuse(refusal, cfg->entry_pc, "the code is too long");
}

/* Sends that stand for a comparison become one. */
static void simplify(oop method, struct bytecode_insn *insn) {
  if (insn->op != OP_SEND || insn->b != 0) return;
  const oop selector = method_literal(method, (uint32_t)insn->a);
  if (selector == tr_nil_tests.is_nil) insn->op = OP_IS_NIL;
  if (selector == tr_nil_tests.not_nil) insn->op = OP_NOT_NIL;
}

static void collect_insn(const struct decoder *d, struct cfg *cfg, struct order *o, uint32_t place,
                         uint32_t pc) {
  const uint32_t index = cfg->insn_count++;
  struct cfg_insn *i = &cfg->insns[index];
  i->pc = pc;
  i->depth = d->depth_at[pc - d->first_pc];
  (void)decode_at(d, cfg->sista, pc, &i->insn);
  simplify(d->method, &i->insn);
  i->next = pc + i->insn.bytes;
  const uint32_t after = i->depth + 1; /* no instruction that is translated pushes more than one */
  if (after > cfg->max_depth) cfg->max_depth = after;
  o->block_at[place] = -1;
  if (o->state[place] == PLACE_LEADER) {
    o->block_at[place] = (int32_t)cfg->block_count;
    cfg->blocks[cfg->block_count++].first = index;
  }
  cfg->blocks[cfg->block_count - 1].end = index + 1;
}

static void collect_insns(const struct decoder *d, struct cfg *cfg, struct order *o) {
  uint32_t count = 0;
  for (uint32_t place = 0; place < o->places; place++) count += o->state[place] != PLACE_UNSEEN;
  cfg->insns = calloc(count, sizeof *cfg->insns);
  cfg->blocks = calloc(count, sizeof *cfg->blocks);
  VM_ASSERT(cfg->insns != NULL && cfg->blocks != NULL);
  for (uint32_t s = 0; s < o->count; s++)
    for (uint32_t pc = o->stretches[s].from; pc < o->stretches[s].to; pc++) {
      const uint32_t place = o->first_place[s] + (pc - o->stretches[s].from);
      if (o->state[place] != PLACE_UNSEEN) collect_insn(d, cfg, o, place, pc);
    }
}

/* Where instructions overlap, a block ends whose next instruction begins none. */
static bool link_block(struct cfg *cfg, const struct order *o, struct cfg_block *block, uint32_t s,
                       struct tr_refusal *refusal) {
  const struct cfg_insn *last = &cfg->insns[block->end - 1];
  const bool goes_on = !is_end(last->insn.op);
  block->succ[0] = block->succ[1] = -1;
  if (goes_on) block->succ[0] = o->block_at[place_of(o, s, pc_after(&last->insn, last->pc))];
  if (is_jump(last->insn.op)) block->succ[1] = o->block_at[place_of(o, s, cfg_jump_target(last))];
  return !goes_on || block->succ[0] >= 0 || refuse(refusal, last->pc, "instructions overlap");
}

static bool link_blocks(struct cfg *cfg, const struct order *o, struct tr_refusal *refusal) {
  for (uint32_t place = 0, b = 0; place < o->places; place++)
    if (o->state[place] == PLACE_LEADER &&
        !link_block(cfg, o, &cfg->blocks[b++], stretch_at(o, place), refusal))
      return false;
  return true;
}

/* Fills in instructions and blocks. */
static bool put_in_order(const struct decoder *d, struct cfg *cfg, struct tr_refusal *refusal) {
  struct order o = {.count = 0};
  if (!make_stretches(d, cfg, &o, refusal)) return false;
  o.state = calloc(o.places, 1);
  o.block_at = malloc(o.places * sizeof *o.block_at);
  VM_ASSERT(o.state != NULL && o.block_at != NULL);
  bool fine = mark_places(d, cfg, &o, refusal);
  if (fine) {
    collect_insns(d, cfg, &o);
    fine = link_blocks(cfg, &o, refusal);
  }
  free(o.state);
  free(o.block_at);
  return fine;
}

/* ---- scopes ---- */

static bool add_scope(struct cfg *cfg, uint32_t first, uint32_t last, bool is_loop) {
  for (uint32_t i = 0; i < cfg->scope_count; i++) {
    struct cfg_scope *s = &cfg->scopes[i];
    if (s->is_loop != is_loop) continue;
    if (is_loop ? s->first == first : s->last == last) {
      if (is_loop && last > s->last) s->last = last;
      if (!is_loop && first < s->first) s->first = first;
      return true;
    }
  }
  if (cfg->scope_count == MAX_SCOPES) return false;
  cfg->scopes[cfg->scope_count++] = (struct cfg_scope){first, last, is_loop};
  return true;
}

/* Widens one of two scopes that cross. Answers false when they nest already. */
static bool widen(struct cfg_scope *a, struct cfg_scope *b) {
  /* a opens first and ends inside b. */
  if (!(a->first < b->first && b->first <= a->last && a->last < b->last)) return false;
  if (b->is_loop)
    a->last = a->is_loop ? b->last : a->last; /* a block into a loop: found irreducible later */
  else
    b->first = a->first;
  return !(b->is_loop && !a->is_loop);
}

static int outer_first(const void *p, const void *q) {
  const struct cfg_scope *a = p, *b = q;
  if (a->first != b->first) return a->first < b->first ? -1 : 1;
  if (a->last != b->last) return a->last > b->last ? -1 : 1;
  return (int)a->is_loop - (int)b->is_loop;
}

static bool find_scopes(struct cfg *cfg, struct tr_refusal *refusal) {
  cfg->scopes = calloc(MAX_SCOPES, sizeof *cfg->scopes);
  VM_ASSERT(cfg->scopes != NULL);
  for (uint32_t b = 0; b < cfg->block_count; b++)
    for (int s = 0; s < 2; s++) {
      const int32_t to = cfg->blocks[b].succ[s];
      if (to < 0 || (s == 0 && to == (int32_t)b + 1)) continue;
      const bool back = (uint32_t)to <= b;
      if (!(back ? add_scope(cfg, (uint32_t)to, b, true) : add_scope(cfg, b, (uint32_t)to - 1, false)))
        return refuse(refusal, 0, "too many jumps");
    }
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t i = 0; i < cfg->scope_count; i++)
      for (uint32_t j = 0; j < cfg->scope_count; j++)
        if (i != j) changed |= widen(&cfg->scopes[i], &cfg->scopes[j]);
  }
  for (uint32_t i = 0; i < cfg->scope_count; i++)
    for (uint32_t j = 0; j < cfg->scope_count; j++) {
      const struct cfg_scope *a = &cfg->scopes[i], *b = &cfg->scopes[j];
      if (a->first < b->first && b->first <= a->last && a->last < b->last)
        return refuse(refusal, 0, "a jump goes into the middle of a loop");
    }
  qsort(cfg->scopes, cfg->scope_count, sizeof *cfg->scopes, outer_first);
  return true;
}

/* ---- which wasm locals hold good copies: available values, by iteration to the greatest fixpoint ---- */

static uint64_t temp_bit(int32_t temp) { return temp < 63 ? 2ull << temp : 0; }

static uint64_t transfer(const struct cfg *cfg, const struct cfg_block *block, uint64_t valid) {
  for (uint32_t k = block->first; k < block->end; k++) {
    const struct cfg_insn *i = &cfg->insns[k];
    if (cfg_is_full_send(cfg, i)) valid = 0;
    switch (i->insn.op) {
      case OP_PUSH_TEMP:
      case OP_STORE_TEMP:
      case OP_POP_TEMP: valid |= temp_bit(i->insn.a); break;
      default: break;
    }
  }
  return valid;
}

bool cfg_has_loops(const struct cfg *cfg) {
  for (uint32_t i = 0; i < cfg->scope_count; i++)
    if (cfg->scopes[i].is_loop) return true;
  return false;
}

/* What a continuation loads before it begins: what its code names, so that a loop at the entry finds no less
 * than one that was come to from before. */
uint64_t cfg_named_values(const struct cfg *cfg) {
  uint64_t named = 1;
  for (uint32_t k = 0; k < cfg->insn_count; k++) {
    const struct bytecode_insn *insn = &cfg->insns[k].insn;
    switch (insn->op) {
      case OP_PUSH_TEMP:
      case OP_STORE_TEMP:
      case OP_POP_TEMP: named |= temp_bit(insn->a); break;
      case OP_PUSH_REMOTE_TEMP:
      case OP_STORE_REMOTE_TEMP:
      case OP_POP_REMOTE_TEMP: named |= temp_bit(insn->b); break;
      default: break;
    }
  }
  return named;
}

static void mark_valid(struct cfg *cfg) {
  const uint64_t all = ~0ull;
  uint64_t at_entry = 1; /* the receiver, and the temporaries that were just set to nil */
  for (uint32_t i = cfg->num_args; i < cfg->num_temps; i++) at_entry |= temp_bit((int32_t)i);
  if (cfg->entry_pc != 0) at_entry = cfg_named_values(cfg);
  for (uint32_t b = 0; b < cfg->block_count; b++) cfg->blocks[b].valid_in = b == 0 ? at_entry : all;
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t b = 0; b < cfg->block_count; b++) {
      const uint64_t out = transfer(cfg, &cfg->blocks[b], cfg->blocks[b].valid_in);
      for (int s = 0; s < 2; s++) {
        const int32_t to = cfg->blocks[b].succ[s];
        if (to < 0) continue;
        const uint64_t in = cfg->blocks[to].valid_in & out;
        changed |= in != cfg->blocks[to].valid_in;
        cfg->blocks[to].valid_in = in;
      }
    }
  }
}

/* ---- blocks ---- */

bool cfg_is_compiled_block(oop method) {
  const uint32_t literals = method_num_literals(method);
  if (literals == 0) return false;
  const oop last = method_literal(method, literals - 1);
  return oop_is_pointer(last) && fmt_is_method(obj_format(last));
}

/* How many values closures of the CompiledBlock copy: the code around it, which makes them, says so. Its
 * closures are checked when they are activated. */
static bool find_copied(oop block, uint32_t *copied) {
  const oop outer = method_literal(block, method_num_literals(block) - 1);
  const uint32_t end = method_end_pc(outer);
  struct bytecode_insn insn;
  for (uint32_t pc = method_first_pc(outer);
       pc < end && bytecode_decode(method_alternate_set(outer), AT(uint8_t, outer + pc), end - pc, &insn);
       pc += insn.bytes) {
    if (insn.op != OP_PUSH_FULL_CLOSURE || (uint32_t)insn.a >= method_num_literals(outer) ||
        method_literal(outer, (uint32_t)insn.a) != block)
      continue;
    *copied = (uint32_t)insn.b;
    return true;
  }
  return false;
}

/* The instruction that makes closures of the code at start_pc, which follows it. */
static bool find_push_closure(const struct cfg *cfg, oop method, struct bytecode_insn *insn) {
  const uint32_t end = method_end_pc(method);
  for (uint32_t pc = method_first_pc(method);
       pc < cfg->start_pc && bytecode_decode(cfg->sista, AT(uint8_t, method + pc), end - pc, insn);
       pc += insn->bytes)
    if (insn->op == OP_PUSH_CLOSURE && pc + insn->bytes == cfg->start_pc) return insn->c > 0;
  return false;
}

/* A block inside its method's code: the instruction before it has its shape. Temporaries of its own are
 * operands that its first instructions push as nils; those that are named become temporaries here too. */
static bool embedded_block(oop method, struct cfg *cfg, struct tr_refusal *refusal) {
  const uint32_t start = cfg->start_pc, end = method_end_pc(method);
  const uint8_t push_nil = cfg->sista ? SISTA_PUSH_NIL : V3_PUSH_NIL;
  struct bytecode_insn insn;
  if (start >= end || !find_push_closure(cfg, method, &insn))
    return refuse(refusal, start, "no block begins here");
  cfg->num_args = (uint32_t)insn.a;
  cfg->copied = (uint32_t)insn.b;
  cfg->num_temps = cfg->num_args + cfg->copied;
  const uint32_t block_end = start + (uint32_t)insn.c < end ? start + (uint32_t)insn.c : end;
  uint32_t nils = 0, named = cfg->num_temps;
  while (start + nils < block_end && *AT(uint8_t, method + start + nils) == push_nil) nils++;
  for (uint32_t pc = start; pc < block_end; pc += insn.bytes) {
    if (!bytecode_decode(cfg->sista, AT(uint8_t, method + pc), block_end - pc, &insn))
      return refuse(refusal, pc, "an instruction is cut short");
    uint32_t temp = 0;
    switch (insn.op) {
      case OP_PUSH_TEMP:
      case OP_STORE_TEMP:
      case OP_POP_TEMP: temp = (uint32_t)insn.a + 1; break;
      case OP_PUSH_REMOTE_TEMP:
      case OP_STORE_REMOTE_TEMP:
      case OP_POP_REMOTE_TEMP: temp = (uint32_t)insn.b + 1; break;
      case OP_PUSH_CLOSURE: pc += (uint32_t)insn.c; break; /* its temporaries are its own */
      default: break;
    }
    if (temp > named) named = temp;
  }
  if (named > cfg->num_temps + nils) return refuse(refusal, start, "temporaries that are not pushed first");
  cfg->first_pc = start + (named - cfg->num_temps);
  cfg->num_temps = named;
  return true;
}

/* Whoever runs the method's code has tried its primitive, and does what the first store does (send.h). */
static bool skip_primitive(oop method, struct cfg *cfg) {
  const uint32_t end = method_end_pc(method);
  struct bytecode_insn insn;
  if (!method_has_primitive(method)) return true;
  const uint8_t call = cfg->sista ? SISTA_CALL_PRIMITIVE : V3_CALL_PRIMITIVE;
  if (*AT(uint8_t, method + cfg->first_pc) == call) cfg->first_pc += bytecode_bytes(cfg->sista, call);
  if (cfg->first_pc >= end ||
      *AT(uint8_t, method + cfg->first_pc) != (cfg->sista ? SISTA_LONG_STORE_TEMP : V3_EXT_STORE))
    return true;
  if (!bytecode_decode(cfg->sista, AT(uint8_t, method + cfg->first_pc), end - cfg->first_pc, &insn) ||
      insn.op != OP_STORE_TEMP || (uint32_t)insn.a >= cfg->num_temps || cfg->num_temps <= cfg->num_args)
    return false;
  cfg->error_temp = insn.a;
  cfg->first_pc += insn.bytes;
  return true;
}

bool cfg_build(oop method, uint32_t start_pc, uint32_t entry_pc, struct cfg *cfg,
               struct tr_refusal *refusal) {
  *cfg = (struct cfg){.sista = method_alternate_set(method),
                      .is_block = start_pc != 0 || cfg_is_compiled_block(method),
                      .start_pc = start_pc,
                      .entry_pc = entry_pc,
                      .block_copies = interp.selector_24_is_sent,
                      .first_pc = method_first_pc(method),
                      .num_args = method_num_args(method),
                      .num_temps = method_num_temps(method),
                      .error_temp = -1};
  if (start_pc == 0 && !skip_primitive(method, cfg))
    return refuse(refusal, cfg->first_pc, "the code of its primitive's failure begins with another store");
  if (start_pc != 0) {
    if (!embedded_block(method, cfg, refusal)) return false;
  } else if (cfg->is_block) {
    if (!find_copied(method, &cfg->copied))
      return refuse(refusal, cfg->first_pc, "the code around the block does not make it");
    if (cfg->num_args + cfg->copied > cfg->num_temps)
      return refuse(refusal, cfg->first_pc, "the block has too few temporaries for what it copies");
  }
  struct decoder d = {.method = method, .first_pc = cfg->first_pc, .end_pc = method_end_pc(method)};
  if (d.end_pc <= d.first_pc || d.end_pc - d.first_pc > MAX_METHOD_BYTES)
    return refuse(refusal, d.first_pc, "the method is too long");
  const uint32_t bytes = d.end_pc - d.first_pc;
  d.depth_at = malloc(bytes * sizeof *d.depth_at);
  d.work = malloc(bytes * sizeof *d.work);
  VM_ASSERT(d.depth_at != NULL && d.work != NULL);
  memset(d.depth_at, 0xFF, bytes * sizeof *d.depth_at);
  bool fine = explore(&d, cfg, refusal);
  if (fine && entry_pc != 0 &&
      (entry_pc < d.first_pc || entry_pc >= d.end_pc || d.depth_at[entry_pc - d.first_pc] == UNSEEN))
    fine = refuse(refusal, entry_pc, "no instruction begins there");
  fine = fine && put_in_order(&d, cfg, refusal);
  if (fine) cfg_thread_jumps(cfg);
  fine = fine && find_scopes(cfg, refusal);
  if (fine)
    mark_valid(cfg);
  else
    cfg_free(cfg);
  free(d.depth_at);
  free(d.work);
  return fine;
}

void cfg_free(struct cfg *cfg) {
  free(cfg->insns);
  free(cfg->blocks);
  free(cfg->scopes);
  cfg->insns = NULL;
  cfg->blocks = NULL;
  cfg->scopes = NULL;
}
