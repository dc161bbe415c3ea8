/* verify.c: checks bytecode of any set by running it abstractly: only the depth of the operand stack is
 * followed. Each reachable instruction is visited once with one depth. */
#include "compiler/compile.h"
#include "interpreter/bytecode.h"

#include <stdlib.h>

enum { UNSEEN = -1, INSIDE = -2, MAX_STACK = 1024 };

/* Code that shares a frame: the method, or a closure's code inside it (V3). */
struct region {
  uint32_t temps; /* fixed ones; in closures the operands below count as temporaries too */
  bool is_block, stack_temps;
};

struct verifier {
  const uint8_t *code;
  uint32_t size;
  const struct cc_verify_limits *limits;
  int16_t *depth;   /* per byte: of the instruction that starts there, UNSEEN, or INSIDE one */
  uint16_t *region; /* per byte */
  struct region *regions;
  uint32_t num_regions;
  uint32_t *work;
  uint32_t num_work;
  err_t error;
};

static bool fail(struct verifier *v, uint32_t pc, const char *what) {
  if (v->error == NULL) v->error = err_format("bytecode %u: %s", pc, what);
  return false;
}

/* Execution can come to `to` with this depth. */
static bool flow(struct verifier *v, uint32_t from, int64_t to, int32_t depth, uint32_t region) {
  if (to < 0 || to >= v->size)
    return fail(v, from, to == v->size ? "runs off the end of the code" : "jumps out of the code");
  if (v->depth[to] == INSIDE) return fail(v, from, "jumps into the middle of an instruction");
  if (v->depth[to] == UNSEEN) {
    v->depth[to] = (int16_t)depth;
    v->region[to] = (uint16_t)region;
    v->work[v->num_work++] = (uint32_t)to;
    return true;
  }
  if (v->region[to] != region) return fail(v, from, "jumps between a method and a block in it");
  return v->depth[to] == depth || fail(v, from, "paths meet with different stack depths");
}

static bool check_operands(struct verifier *v, uint32_t pc, const struct bytecode_insn *i,
                           const struct region *r, int32_t depth) {
  const struct cc_verify_limits *l = v->limits;
  uint32_t a = (uint32_t)i->a, b = (uint32_t)i->b;
  uint32_t temps = r->temps + (r->stack_temps ? (uint32_t)depth : 0);
  switch (i->op) {
    case OP_PUSH_TEMP:
    case OP_STORE_TEMP:
    case OP_POP_TEMP: return a < temps || fail(v, pc, "names a temporary that is not there");
    case OP_PUSH_REMOTE_TEMP:
    case OP_STORE_REMOTE_TEMP:
    case OP_POP_REMOTE_TEMP:
      return (b & 0x7F) < temps || fail(v, pc, "names a temporary vector that is not there");
    case OP_PUSH_LITERAL:
    case OP_PUSH_LITVAR:
    case OP_STORE_LITVAR:
    case OP_POP_LITVAR:
    case OP_SEND:
    case OP_SEND_SUPER:
    case OP_SEND_DIRECTED_SUPER:
    case OP_PUSH_FULL_CLOSURE: return a < l->num_literals || fail(v, pc, "names a literal that is not there");
    case OP_PUSH_INSTVAR:
    case OP_STORE_INSTVAR:
    case OP_POP_INSTVAR:
      return a < l->num_inst_vars || fail(v, pc, "names an instance variable that is not there");
    case OP_BLOCK_RETURN_TOP:
    case OP_BLOCK_RETURN_NIL: return r->is_block || fail(v, pc, "returns from a block outside one");
    case OP_CALL_PRIMITIVE: return pc == 0 || fail(v, pc, "calls a primitive behind the start of the method");
    case OP_UNUSED: return fail(v, pc, "is no instruction of this set");
    default: return true;
  }
}

static bool enter_closure(struct verifier *v, uint32_t pc, const struct bytecode_insn *i) {
  struct region *r = &v->regions[v->num_regions];
  *r = (struct region){(uint32_t)(i->a + i->b), true, true};
  return flow(v, pc, (int64_t)pc + i->bytes, 0, v->num_regions++);
}

static bool step(struct verifier *v, uint32_t pc) {
  struct bytecode_insn i;
  int32_t depth = v->depth[pc];
  uint32_t region = v->region[pc];
  const struct region *r = &v->regions[region];
  if (!bytecode_decode(v->limits->sista, v->code + pc, v->size - pc, &i)) return fail(v, pc, "is cut short");
  for (uint32_t k = 1; k < i.bytes; k++) {
    if (v->depth[pc + k] >= 0) return fail(v, pc, "overlaps another instruction");
    v->depth[pc + k] = INSIDE;
  }
  /* The error code of a primitive is stored with no operand: it lies in the last temporary. */
  bool error_store = i.op == OP_STORE_TEMP && depth == 0 && pc == 3;
  if (depth < bytecode_needs(&i) && !error_store)
    return fail(v, pc, "takes more operands than the stack has");
  if (!check_operands(v, pc, &i, r, depth)) return false;
  int32_t after = depth + bytecode_effect(&i);
  if (after < 0) return fail(v, pc, "takes more operands than the stack has");
  if (after > (int32_t)v->limits->max_stack || after > MAX_STACK)
    return fail(v, pc, "makes the stack too deep");
  int64_t next = (int64_t)pc + i.bytes;
  switch (i.op) {
    case OP_JUMP: return flow(v, pc, next + i.a, depth, region);
    case OP_JUMP_TRUE:
    case OP_JUMP_FALSE: return flow(v, pc, next + i.a, after, region) && flow(v, pc, next, after, region);
    case OP_RETURN_RECEIVER:
    case OP_RETURN_TRUE:
    case OP_RETURN_FALSE:
    case OP_RETURN_NIL:
    case OP_RETURN_TOP:
    case OP_BLOCK_RETURN_TOP:
    case OP_BLOCK_RETURN_NIL: return true;
    case OP_PUSH_CLOSURE: return enter_closure(v, pc, &i) && flow(v, pc, next + i.c, after, region);
    default: return flow(v, pc, next, after, region);
  }
}

err_t cc_verify(const uint8_t *code, uint32_t size, const struct cc_verify_limits *limits) {
  struct verifier v = {.code = code, .size = size, .limits = limits};
  if (size == 0) return "there is no bytecode";
  if (size > 1 << 17) return "there is too much bytecode";
  v.depth = malloc(size * sizeof *v.depth);
  v.region = malloc(size * sizeof *v.region);
  v.regions = malloc((size / 4 + 2) * sizeof *v.regions); /* a closure takes four bytes */
  v.work = malloc(size * sizeof *v.work);
  if (v.depth == NULL || v.region == NULL || v.regions == NULL || v.work == NULL) {
    v.error = "no memory for the verifier";
  } else {
    memset(v.depth, 0xFF, size * sizeof *v.depth);
    v.regions[v.num_regions++] = (struct region){limits->num_temps, limits->is_block, false};
    flow(&v, 0, 0, 0, 0);
    while (v.num_work > 0 && step(&v, v.work[--v.num_work])) {
    }
  }
  free(v.depth);
  free(v.region);
  free(v.regions);
  free(v.work);
  return v.error;
}

err_t cc_verify_code(const struct cc_code *c, uint32_t num_inst_vars) {
  struct cc_verify_limits limits = {true,         c->is_block,  c->num_temps, c->num_literals,
                                    c->max_stack, num_inst_vars};
  err_t e = cc_verify(c->bytes, c->num_bytes, &limits);
  for (uint32_t i = 0; e == NULL && i < c->num_literals; i++)
    if (c->literals[i]->kind == LIT_CODE) e = cc_verify_code(c->literals[i]->code, num_inst_vars);
  return e;
}
