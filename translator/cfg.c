/* cfg.c: control-flow graph, stack depths, and scopes (cfg.h). */
#include "translator/cfg.h"

#include "base/error.h"
#include "interpreter/interp.h"

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

/* ---- decoding by reachability ---- */

struct decoder {
  oop method;
  uint32_t first_pc, end_pc;
  uint16_t *depth_at; /* by pc - first_pc: depth before, or UNSEEN */
  uint8_t *is_leader; /* a block begins here */
  uint32_t *work;
  uint32_t work_count, seen;
};

static bool reach(struct decoder *d, uint32_t pc, int32_t depth, bool leader, struct tr_refusal *refusal) {
  if (pc < d->first_pc || pc >= d->end_pc) return refuse(refusal, pc, "execution leaves the method");
  const uint32_t at = pc - d->first_pc;
  if (depth < 0 || depth > METHOD_LARGE_FRAME) return refuse(refusal, pc, "operand stack out of range");
  if (leader) d->is_leader[at] = 1;
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

/* Marks everything reachable; fills depth_at and is_leader. */
static bool explore(struct decoder *d, const struct cfg *cfg, struct tr_refusal *refusal) {
  if (!reach(d, d->first_pc, 0, true, refusal)) return false;
  while (d->work_count > 0) {
    const uint32_t pc = d->work[--d->work_count];
    const int32_t depth = d->depth_at[pc - d->first_pc];
    struct bytecode_insn insn;
    if (!decode_at(d, cfg->sista, pc, &insn)) return refuse(refusal, pc, "an instruction is cut short");
    if (!check_operands(cfg, d->method, &insn, pc, depth, refusal)) return false;
    if (d->seen > MAX_INSNS) return refuse(refusal, pc, "the method is too long");
    uint32_t next = pc + insn.bytes;
    if (is_jump(insn.op)) {
      const int32_t after = insn.op == OP_JUMP ? depth : depth - 1;
      if (!reach(d, (uint32_t)((int32_t)next + insn.a), after, true, refusal)) return false;
      if (insn.op != OP_JUMP && !reach(d, next, after, true, refusal)) return false;
      continue;
    }
    if (is_end(insn.op)) continue;
    if (insn.op == OP_PUSH_CLOSURE) next += (uint32_t)insn.c;
    if (!reach(d, next, depth + bytecode_effect(&insn), false, refusal)) return false;
  }
  return true;
}

static void collect_insns(struct decoder *d, struct cfg *cfg) {
  cfg->insns = calloc(d->seen, sizeof *cfg->insns);
  cfg->blocks = calloc(d->seen, sizeof *cfg->blocks);
  VM_ASSERT(cfg->insns != NULL && cfg->blocks != NULL);
  for (uint32_t at = 0; at < d->end_pc - d->first_pc; at++) {
    if (d->depth_at[at] == UNSEEN) continue;
    const uint32_t index = cfg->insn_count++;
    struct cfg_insn *i = &cfg->insns[index];
    i->pc = d->first_pc + at;
    i->depth = d->depth_at[at];
    (void)decode_at(d, cfg->sista, i->pc, &i->insn);
    i->next = i->pc + i->insn.bytes;
    const uint32_t after = i->depth + 1; /* no instruction that is translated pushes more than one */
    if (after > cfg->max_depth) cfg->max_depth = after;
    const bool after_end = index > 0 && (is_end(i[-1].insn.op) || i[-1].next != i->pc);
    if (d->is_leader[at] || after_end) cfg->blocks[cfg->block_count++].first = index;
    cfg->blocks[cfg->block_count - 1].end = index + 1;
    cfg->has_sends |= i->insn.op == OP_SEND || i->insn.op == OP_SEND_SUPER || i->insn.op == OP_SEND_SPECIAL;
    cfg->has_loops |= i->insn.op == OP_JUMP && i->insn.a < 0;
  }
}

int32_t cfg_block_at(const struct cfg *cfg, uint32_t pc) {
  uint32_t low = 0, high = cfg->block_count;
  while (low < high) {
    const uint32_t mid = (low + high) / 2;
    if (cfg->insns[cfg->blocks[mid].first].pc < pc)
      low = mid + 1;
    else
      high = mid;
  }
  return low < cfg->block_count && cfg->insns[cfg->blocks[low].first].pc == pc ? (int32_t)low : -1;
}

static bool link_blocks(struct cfg *cfg, struct tr_refusal *refusal) {
  for (uint32_t b = 0; b < cfg->block_count; b++) {
    struct cfg_block *block = &cfg->blocks[b];
    const struct cfg_insn *last = &cfg->insns[block->end - 1];
    block->succ[0] = block->succ[1] = -1;
    if (!is_end(last->insn.op)) {
      uint32_t next = last->next;
      if (last->insn.op == OP_PUSH_CLOSURE) next += (uint32_t)last->insn.c;
      block->succ[0] = cfg_block_at(cfg, next);
      if (block->succ[0] != (int32_t)b + 1) return refuse(refusal, last->pc, "blocks are out of order");
    }
    if (is_jump(last->insn.op)) block->succ[1] = cfg_block_at(cfg, cfg_jump_target(last));
  }
  return true;
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
  for (uint32_t b = 0; b < cfg->block_count; b++) {
    const int32_t to = cfg->blocks[b].succ[1];
    if (to < 0) continue;
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

static void mark_valid(struct cfg *cfg) {
  const uint64_t all = ~0ull;
  uint64_t at_entry = 1; /* the receiver, and the temporaries that were just set to nil */
  for (uint32_t i = cfg->num_args; i < cfg->num_temps; i++) at_entry |= temp_bit((int32_t)i);
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

bool cfg_makes_blocks(const struct cfg *cfg) {
  for (uint32_t i = 0; i < cfg->insn_count; i++) {
    const uint8_t op = cfg->insns[i].insn.op;
    if (op == OP_PUSH_CLOSURE || op == OP_PUSH_FULL_CLOSURE) return true;
    if (op == OP_SEND_SPECIAL && cfg->insns[i].insn.a == SPSEL_NOT_IDENTICAL && cfg->block_copies)
      return true;
  }
  return false;
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
  cfg->error_temp = -1;
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

bool cfg_build(oop method, uint32_t start_pc, struct cfg *cfg, struct tr_refusal *refusal) {
  *cfg = (struct cfg){.sista = method_alternate_set(method),
                      .is_block = start_pc != 0 || cfg_is_compiled_block(method),
                      .start_pc = start_pc,
                      .block_copies = interp.selector_24_is_sent,
                      .first_pc = method_first_pc(method),
                      .num_args = method_num_args(method),
                      .num_temps = method_num_temps(method)};
  if (!skip_primitive(method, cfg))
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
  d.is_leader = calloc(bytes, 1);
  d.work = malloc(bytes * sizeof *d.work);
  VM_ASSERT(d.depth_at != NULL && d.is_leader != NULL && d.work != NULL);
  memset(d.depth_at, 0xFF, bytes * sizeof *d.depth_at);
  bool fine = explore(&d, cfg, refusal);
  if (fine) {
    collect_insns(&d, cfg);
    fine = link_blocks(cfg, refusal) && find_scopes(cfg, refusal);
    if (fine)
      mark_valid(cfg);
    else
      cfg_free(cfg);
  }
  free(d.depth_at);
  free(d.is_leader);
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
