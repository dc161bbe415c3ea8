/* emit.c: the instruction list, and its encoding in SistaV1 (the table is BYTECODES_SISTA). */
#include "compiler/codegen.h"

static int32_t effect_of(const struct cc_ins *i) {
  struct bytecode_insn insn = {.op = i->op, .a = i->a, .b = i->b, .c = i->c};
  return bytecode_effect(&insn);
}

void cc_emit(struct cc_gen *g, enum bytecode_op op, int32_t a, int32_t b, int32_t c) {
  if (g->dead) return;
  struct cc_ins i = {(uint8_t)op, a, b, c, g->pos, g->end};
  CC_PUSH(g->arena, g->ins, i);
  g->depth += effect_of(&i);
  if (g->depth > g->max_depth) g->max_depth = g->depth;
  VM_DEBUG_ASSERT(g->depth >= 0);
  if (op >= OP_RETURN_RECEIVER && op <= OP_BLOCK_RETURN_NIL) g->dead = true;
}

int32_t cc_new_label(struct cc_gen *g) {
  struct cc_label l = {0};
  CC_PUSH(g->arena, g->labels, l);
  return (int32_t)g->labels.count - 1;
}

/* Paths that meet have the same depth: the code generator's structure sees to it. */
static void reach(struct cc_gen *g, struct cc_label *l) {
  VM_ASSERT(!l->reached || l->depth == g->depth);
  l->reached = true;
  l->depth = g->depth;
}

void cc_place(struct cc_gen *g, int32_t label) {
  struct cc_label *l = &g->labels.items[label];
  l->placed = true;
  if (!g->dead) reach(g, l);
  if (!l->reached) return;
  g->dead = false;
  g->depth = l->depth;
  l->index = g->ins.count;
  struct cc_ins i = {.op = OP_LABEL, .a = label, .pos = g->pos, .end = g->end};
  CC_PUSH(g->arena, g->ins, i);
}

void cc_jump(struct cc_gen *g, enum bytecode_op op, int32_t label) {
  if (g->dead) return;
  cc_emit(g, op, label, 0, 0);
  reach(g, &g->labels.items[label]);
  if (op == OP_JUMP) g->dead = true;
}

/* ---- encoding ---- */

struct bytes {
  uint8_t b[12];
  uint32_t n;
};

static void put(struct bytes *o, uint32_t byte) { o->b[o->n++] = (uint8_t)byte; }

static void put_ext_a(struct bytes *o, uint32_t value) {
  for (int shift = 16; shift >= 0; shift -= 8)
    if (value >> shift != 0) {
      put(o, SISTA_EXT_A);
      put(o, value >> shift & 255);
    }
}

/* The first byte of extension B is signed, the others are appended to it. */
static void put_ext_b(struct bytes *o, int32_t value, uint32_t least) {
  uint32_t n = value == 0 ? 0 : value >= -128 && value < 128 ? 1 : value >= -32768 && value < 32768 ? 2 : 3;
  if (n < least) n = least;
  while (n-- > 0) {
    put(o, SISTA_EXT_B);
    put(o, (uint32_t)(value >> 8 * n) & 255);
  }
}

/* One byte while the index is small, else the long form with extension A. */
static void put_indexed(struct bytes *o, uint32_t index, uint32_t short_code, uint32_t short_count,
                        uint32_t code) {
  if (index < short_count) {
    put(o, short_code + index);
    return;
  }
  put_ext_a(o, index >> 8);
  put(o, code);
  put(o, index & 255);
}

static void put_send(struct bytes *o, uint32_t literal, uint32_t args) {
  static const uint8_t short_codes[] = {SISTA_SEND_0, SISTA_SEND_1, SISTA_SEND_2};
  if (literal < 16 && args < 3) {
    put(o, short_codes[args] + literal);
    return;
  }
  put_ext_a(o, literal >> 5);
  put_ext_b(o, (int32_t)(args >> 3), 0);
  put(o, SISTA_LONG_SEND);
  put(o, (literal & 31) << 3 | (args & 7));
}

static void put_super(struct bytes *o, uint32_t literal, uint32_t args, bool directed) {
  put_ext_a(o, literal >> 5);
  put_ext_b(o, (int32_t)(args >> 3) + (directed ? DIRECTED_SUPER_EXT : 0), 0);
  put(o, SISTA_LONG_SUPER);
  put(o, (literal & 31) << 3 | (args & 7));
}

enum { JUMP_SHORT = 1, JUMP_LONG = 2, JUMP_EXT = 4, JUMP_EXT2 = 6 };

static uint32_t jump_size(enum bytecode_op op, int32_t distance) {
  if (distance == 0 && op == OP_JUMP) return 0; /* goes on anyway */
  if (distance >= 1 && distance <= 8) return JUMP_SHORT;
  if (distance >= 0 && distance < 256) return JUMP_LONG;
  return distance >= -32768 && distance < 32768 ? JUMP_EXT : JUMP_EXT2;
}

static void put_jump(struct bytes *o, enum bytecode_op op, int32_t distance, uint32_t size) {
  uint32_t k = op == OP_JUMP ? 0 : op == OP_JUMP_TRUE ? 1 : 2;
  static const uint8_t shorts[] = {SISTA_JUMP, SISTA_JUMP_TRUE, SISTA_JUMP_FALSE};
  static const uint8_t longs[] = {SISTA_LONG_JUMP, SISTA_LONG_JUMP_TRUE, SISTA_LONG_JUMP_FALSE};
  if (size == 0) return;
  if (size == JUMP_SHORT) {
    put(o, shorts[k] + (uint32_t)distance - 1);
    return;
  }
  put_ext_b(o, distance >> 8, (size - JUMP_LONG) / 2);
  put(o, longs[k]);
  put(o, (uint32_t)distance & 255);
}

static void put_remote(struct bytes *o, uint32_t code, const struct cc_ins *i) {
  put(o, code);
  put(o, (uint32_t)i->a);
  put(o, (uint32_t)i->b);
}

static void put_two(struct bytes *o, uint32_t code, uint32_t operand) {
  put(o, code);
  put(o, operand);
}

/* Everything but jumps. */
static void encode(struct bytes *o, const struct cc_ins *i) {
  uint32_t a = (uint32_t)i->a;
  switch (i->op) {
    case OP_PUSH_INSTVAR:
      put_indexed(o, a, SISTA_PUSH_INSTVAR, i->b != 0 ? 0 : 16, SISTA_LONG_PUSH_INSTVAR);
      break;
    case OP_PUSH_LITVAR: put_indexed(o, a, SISTA_PUSH_LITVAR, 16, SISTA_LONG_PUSH_LITVAR); break;
    case OP_PUSH_LITERAL: put_indexed(o, a, SISTA_PUSH_LITERAL, 32, SISTA_LONG_PUSH_LITERAL); break;
    case OP_PUSH_TEMP: put_indexed(o, a, SISTA_PUSH_TEMP, 12, SISTA_LONG_PUSH_TEMP); break;
    case OP_PUSH_RECEIVER: put(o, SISTA_PUSH_RECEIVER); break;
    case OP_PUSH_TRUE: put(o, SISTA_PUSH_TRUE); break;
    case OP_PUSH_FALSE: put(o, SISTA_PUSH_FALSE); break;
    case OP_PUSH_NIL: put(o, SISTA_PUSH_NIL); break;
    case OP_PUSH_CONTEXT: put(o, SISTA_PUSH_CONTEXT); break;
    case OP_PUSH_INT:
      if (a < 2) {
        put(o, SISTA_PUSH_SMALL + a);
        break;
      }
      put_ext_b(o, i->a >> 8, 0);
      put_two(o, SISTA_PUSH_INT, a & 255);
      break;
    case OP_PUSH_CHAR:
      put_ext_b(o, i->a >> 8, 0);
      put_two(o, SISTA_PUSH_CHAR, a & 255);
      break;
    case OP_PUSH_ARRAY: put_two(o, SISTA_PUSH_ARRAY, a); break;
    case OP_POP_PUSH_ARRAY: put_two(o, SISTA_PUSH_ARRAY, a | 128); break;
    case OP_PUSH_REMOTE_TEMP: put_remote(o, SISTA_PUSH_REMOTE_TEMP, i); break;
    case OP_STORE_REMOTE_TEMP: put_remote(o, SISTA_STORE_REMOTE_TEMP, i); break;
    case OP_POP_REMOTE_TEMP: put_remote(o, SISTA_POP_REMOTE_TEMP, i); break;
    case OP_PUSH_FULL_CLOSURE:
      put_ext_a(o, a >> 8);
      put(o, SISTA_PUSH_FULL_CLOSURE);
      put(o, a & 255);
      put(o, (uint32_t)(i->b | i->c));
      break;
    case OP_STORE_INSTVAR: put_indexed(o, a, 0, 0, SISTA_LONG_STORE_INSTVAR); break;
    case OP_STORE_LITVAR: put_indexed(o, a, 0, 0, SISTA_LONG_STORE_LITVAR); break;
    case OP_STORE_TEMP: put_two(o, SISTA_LONG_STORE_TEMP, a); break;
    case OP_POP_INSTVAR:
      put_indexed(o, a, SISTA_POP_INSTVAR, i->b != 0 ? 0 : 8, SISTA_LONG_POP_INSTVAR);
      break;
    case OP_POP_LITVAR: put_indexed(o, a, 0, 0, SISTA_LONG_POP_LITVAR); break;
    case OP_POP_TEMP: put_indexed(o, a, SISTA_POP_TEMP, 8, SISTA_LONG_POP_TEMP); break;
    case OP_POP: put(o, SISTA_POP); break;
    case OP_DUP: put(o, SISTA_DUP); break;
    case OP_SEND: put_send(o, a, (uint32_t)i->b); break;
    case OP_SEND_SUPER: put_super(o, a, (uint32_t)i->b, false); break;
    case OP_SEND_DIRECTED_SUPER: put_super(o, a, (uint32_t)i->b, true); break;
    case OP_SEND_SPECIAL: put(o, SISTA_SEND_SPECIAL + a); break;
    case OP_RETURN_RECEIVER: put(o, SISTA_RETURN_RECEIVER); break;
    case OP_RETURN_TRUE: put(o, SISTA_RETURN_TRUE); break;
    case OP_RETURN_FALSE: put(o, SISTA_RETURN_FALSE); break;
    case OP_RETURN_NIL: put(o, SISTA_RETURN_NIL); break;
    case OP_RETURN_TOP: put(o, SISTA_RETURN_TOP); break;
    case OP_BLOCK_RETURN_TOP: put(o, SISTA_BLOCK_RETURN_TOP); break;
    case OP_BLOCK_RETURN_NIL: put(o, SISTA_BLOCK_RETURN_NIL); break;
    case OP_CALL_PRIMITIVE:
      put(o, SISTA_CALL_PRIMITIVE);
      put(o, a & 255);
      put(o, a >> 8);
      break;
    default: vm_panic(__FILE__, __LINE__, "no encoding for an operation");
  }
}

static bool is_jump(const struct cc_ins *i) { return i->op >= OP_JUMP && i->op <= OP_JUMP_FALSE; }

/* A jump to a jump goes where that one goes; conditional jumps only forwards. */
static void thread_jumps(struct cc_gen *g) {
  for (uint32_t k = 0; k < g->ins.count; k++) {
    struct cc_ins *i = &g->ins.items[k];
    if (!is_jump(i)) continue;
    for (int hops = 0; hops < 8; hops++) {
      uint32_t t = g->labels.items[i->a].index;
      while (t < g->ins.count && g->ins.items[t].op == OP_LABEL) t++;
      if (t >= g->ins.count || g->ins.items[t].op != OP_JUMP) break;
      uint32_t next = g->labels.items[g->ins.items[t].a].index;
      if (next <= k || t <= k) break; /* a loop's jump back stays the one place that is polled */
      i->a = g->ins.items[t].a;
    }
  }
}

/* Addresses of all instructions for the given jump sizes. */
static uint32_t lay_out(struct cc_gen *g, const uint8_t *sizes, uint32_t *address) {
  uint32_t at = 0;
  for (uint32_t k = 0; k < g->ins.count; k++) {
    address[k] = at;
    at += sizes[k];
  }
  address[g->ins.count] = at;
  return at;
}

static int32_t distance_of(struct cc_gen *g, const uint32_t *address, uint32_t k) {
  return (int32_t)address[g->labels.items[g->ins.items[k].a].index] - (int32_t)address[k + 1];
}

void cc_assemble(struct cc_gen *g) {
  uint32_t n = g->ins.count;
  uint8_t *sizes = cc_alloc(g->arena, n + 1);
  uint32_t *address = CC_NEW_ARRAY(g->arena, uint32_t, n + 1);
  thread_jumps(g);
  for (uint32_t k = 0; k < n; k++) {
    struct bytes o = {.n = 0};
    if (is_jump(&g->ins.items[k]))
      o.n = g->ins.items[k].op == OP_JUMP ? 0 : JUMP_SHORT;
    else if (g->ins.items[k].op != OP_LABEL)
      encode(&o, &g->ins.items[k]);
    sizes[k] = (uint8_t)o.n;
  }
  for (bool changed = true; changed;) { /* jumps only grow, so this ends */
    changed = false;
    lay_out(g, sizes, address);
    for (uint32_t k = 0; k < n; k++) {
      if (!is_jump(&g->ins.items[k])) continue;
      uint32_t size = jump_size((enum bytecode_op)g->ins.items[k].op, distance_of(g, address, k));
      /* Back to itself, in a loop without a body, is no way of going on. */
      if (g->labels.items[g->ins.items[k].a].index < k && size < JUMP_EXT) size = JUMP_EXT;
      if (size <= sizes[k]) continue;
      sizes[k] = (uint8_t)size;
      changed = true;
    }
  }
  struct cc_code *c = g->code;
  c->num_bytes = lay_out(g, sizes, address);
  c->bytes = cc_alloc(g->arena, c->num_bytes + 1);
  c->ranges = CC_NEW_ARRAY(g->arena, struct cc_range_of, n);
  for (uint32_t k = 0; k < n; k++) {
    const struct cc_ins *i = &g->ins.items[k];
    if (i->op == OP_LABEL) continue;
    struct bytes o = {.n = 0};
    if (is_jump(i)) {
      uint32_t size = sizes[k];
      int32_t distance = distance_of(g, address, k);
      if (size == JUMP_SHORT && (distance < 1 || distance > 8)) size = JUMP_LONG;
      put_jump(&o, (enum bytecode_op)i->op, distance, size);
    } else {
      encode(&o, i);
    }
    VM_ASSERT(o.n == sizes[k]);
    if (o.n == 0) continue;
    memcpy(c->bytes + address[k], o.b, o.n);
    struct cc_range_of *last = c->num_ranges > 0 ? &c->ranges[c->num_ranges - 1] : NULL;
    if (last == NULL || last->start != i->pos || last->end != i->end)
      c->ranges[c->num_ranges++] = (struct cc_range_of){address[k], i->pos, i->end};
  }
}
