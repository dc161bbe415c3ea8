/* verify.c: runs code abstractly, following only the number of operands (verify.h). Each instruction that can
 * be reached is visited once. The compiler's own verifier (compiler/verify.c) asks for more: that the code is
 * well made, not only harmless. */
#include "interpreter/verify.h"

#include <stdlib.h>
#include <string.h>

#include "interpreter/bytecode.h"
#include "memory/memory.h"

enum { UNSEEN = -1, INSIDE = -2 };

/* The work area: per byte of the code the depth of the instruction that begins there. Kept between calls. */
static int16_t *depths;
static uint32_t *work;
static uint32_t room;

struct walk {
  const uint8_t *code;
  uint32_t size, temps, literals, fields, num_work;
  uint8_t kind;
  bool sista;
  err_t error;
};

static bool make_room(uint32_t size) {
  enum { LEAST = 1024 };
  if (size <= room) return true;
  const uint32_t wanted = size < LEAST ? LEAST : size;
  int16_t *more_depths = realloc(depths, wanted * sizeof *depths);
  if (more_depths == NULL) return false;
  depths = more_depths;
  uint32_t *more_work = realloc(work, wanted * sizeof *work);
  if (more_work == NULL) return false;
  work = more_work;
  room = wanted;
  return true;
}

static bool fail(struct walk *w, uint32_t pc, const char *what) {
  w->error = err_format("damaged method: bytecode %u %s", pc, what);
  return false;
}

static bool flow(struct walk *w, uint32_t from, int64_t to, int32_t depth) {
  if (to < 0 || to >= w->size) return fail(w, from, "leads out of the code");
  if (depths[to] == INSIDE) return fail(w, from, "leads into the middle of another");
  if (depths[to] == UNSEEN) {
    depths[to] = (int16_t)depth;
    work[w->num_work++] = (uint32_t)to;
    return true;
  }
  return depths[to] == depth || fail(w, from, "leads to where the stack has another depth");
}

static bool check_operand(struct walk *w, uint32_t pc, const struct bytecode_insn *i, int32_t depth) {
  const uint32_t a = (uint32_t)i->a, b = (uint32_t)i->b;
  const uint32_t temps = w->kind == VERIFY_METHOD     ? w->temps
                         : w->kind == VERIFY_EMBEDDED ? w->temps + (uint32_t)depth
                                                      : UINT32_MAX; /* looked at when they are used */
  switch (i->op) {
    case OP_PUSH_TEMP:
    case OP_STORE_TEMP:
    case OP_POP_TEMP: return a < temps || fail(w, pc, "names a temporary that is not there");
    case OP_PUSH_REMOTE_TEMP:
    case OP_STORE_REMOTE_TEMP:
    case OP_POP_REMOTE_TEMP:
      if (w->kind == VERIFY_OLD_BLOCK) return fail(w, pc, "names a temporary of a frame that has none");
      return (w->sista ? b & ~(uint32_t)REMOTE_IS_INSTVAR : b) < temps ||
             fail(w, pc, "names a temporary that is not there");
    case OP_PUSH_LITERAL:
    case OP_PUSH_LITVAR:
    case OP_STORE_LITVAR:
    case OP_POP_LITVAR:
    case OP_SEND:
    case OP_SEND_SUPER:
    case OP_SEND_DIRECTED_SUPER:
    case OP_PUSH_FULL_CLOSURE: return a < w->literals || fail(w, pc, "names a literal that is not there");
    case OP_PUSH_INSTVAR:
    case OP_STORE_INSTVAR:
    case OP_POP_INSTVAR:
      if (a > UINT16_MAX - 1) return fail(w, pc, "names an instance variable that no object has");
      if (a >= w->fields) w->fields = a + 1;
      return true;
    default: return true;
  }
}

/* Whether the instruction at pc is the store of a primitive's error code, which takes no operand: the value
 * lies in the last temporary, and is what a failed primitive's frame begins with. */
static bool stores_error_code(const struct walk *w, uint32_t pc, const struct bytecode_insn *i) {
  return i->op == OP_STORE_TEMP && w->kind == VERIFY_METHOD && w->temps > 0 && pc <= 3;
}

enum { INLINE_JUMP_BACK = 6000, INLINE_JUMPS_LAST = 8999 };

/* An inlined jump's distance is an operand. When the instruction before pushes it, with `depth` operands
 * below, it is known where that leads; where any other would lead is looked up when it is taken. */
static bool flow_of_inlined_jump(struct walk *w, uint32_t pc, int32_t depth, int32_t distance) {
  struct bytecode_insn i;
  if (!w->sista || !bytecode_decode(true, w->code + pc, w->size - pc, &i)) return true;
  if (i.op != OP_INLINE_PRIMITIVE || i.a < INLINE_JUMP_BACK || i.a > INLINE_JUMPS_LAST) return true;
  const int32_t after = depth + 1 + bytecode_effect(&i);
  return after < 0 || flow(w, pc, (int64_t)pc + i.bytes + distance, after);
}

static bool step(struct walk *w, uint32_t pc) {
  struct bytecode_insn i;
  const int32_t depth = depths[pc];
  if (!bytecode_decode(w->sista, w->code + pc, w->size - pc, &i)) return fail(w, pc, "is cut short");
  for (uint32_t k = 1; k < i.bytes; k++) {
    if (depths[pc + k] >= 0) return fail(w, pc, "overlaps another");
    depths[pc + k] = INSIDE;
  }
  if (depth < bytecode_needs(&i) && !(depth == 0 && stores_error_code(w, pc, &i)))
    return fail(w, pc, "takes more operands than there are");
  if (!check_operand(w, pc, &i, depth)) return false;
  const int32_t after = depth + bytecode_effect(&i);
  if (after < 0) return fail(w, pc, "takes more operands than there are");
  if ((uint32_t)after + w->temps > VERIFY_MOST_WORDS) return fail(w, pc, "pushes more than a frame holds");
  const int64_t next = (int64_t)pc + i.bytes;
  if (i.op == OP_PUSH_INT && !flow_of_inlined_jump(w, (uint32_t)next, depth, i.a)) return false;
  switch (i.op) {
    case OP_JUMP: return flow(w, pc, next + i.a, depth);
    case OP_JUMP_TRUE:
    case OP_JUMP_FALSE: return flow(w, pc, next + i.a, after) && flow(w, pc, next, after);
    case OP_UNUSED: /* tried again when the message about it answers */
    case OP_MAPPED_PRIMITIVE:
    case OP_RETURN_RECEIVER:
    case OP_RETURN_TRUE:
    case OP_RETURN_FALSE:
    case OP_RETURN_NIL:
    case OP_RETURN_TOP:
    case OP_BLOCK_RETURN_TOP:
    case OP_BLOCK_RETURN_NIL: return true;
    case OP_INLINE_PRIMITIVE: return i.a == INLINE_JUMP_BACK || flow(w, pc, next, after);
    case OP_PUSH_CLOSURE: return flow(w, pc, next + i.c, after);
    default: return flow(w, pc, next, after);
  }
}

/* Fills `depths` for the whole code; the method's first bytecode has index 0. */
static err_t walk_code(const struct verify_entry *e, struct walk *w) {
  enum { MOST_CODE = 1 << 17 };
  *w = (struct walk){.kind = e->kind, .temps = e->temps};
  if (!oop_is_pointer(e->method) || !fmt_is_method(obj_format(e->method)))
    return "a block's code is no method";
  const uint32_t first = method_first_pc(e->method), end = method_end_pc(e->method);
  if (end <= first || end - first > MOST_CODE || e->pc < first || e->pc >= end)
    return "damaged method: its code begins outside of it";
  if (e->temps > VERIFY_MOST_WORDS) return "damaged method: it has more temporaries than a frame holds";
  w->code = AT(uint8_t, e->method + first);
  w->size = end - first;
  w->literals = method_num_literals(e->method);
  w->sista = method_alternate_set(e->method);
  if (!make_room(w->size)) return "no memory to verify a method";
  for (uint32_t i = 0; i < w->size; i++) depths[i] = UNSEEN;
  (void)flow(w, e->pc - first, e->pc - first, e->kind == VERIFY_OLD_BLOCK ? (int32_t)e->temps : 0);
  while (w->num_work > 0 && step(w, work[--w->num_work])) {
  }
  return w->error;
}

err_t verify_code(const struct verify_entry *e, uint32_t *fields) {
  struct walk w;
  const err_t error = walk_code(e, &w);
  *fields = w.fields;
  return error;
}

bool verify_covers(const struct verify_entry *e, uint32_t pc) {
  struct walk w;
  if (walk_code(e, &w) != NULL) return true;
  const uint32_t first = method_first_pc(e->method);
  return pc < first || (pc - first < w.size && depths[pc - first] != UNSEEN);
}

/* ---- depths that were asked for ---- */

enum { KNOWN = 256 };
static struct known {
  struct verify_entry entry; /* method 0: empty */
  uint32_t pc, fields;
  int32_t depth;
} known[KNOWN];

void verify_forget(void) { memset(known, 0, sizeof known); }

static bool is_known(const struct known *k, const struct verify_entry *e, uint32_t pc) {
  return k->entry.method == e->method && k->pc == pc && k->entry.pc == e->pc && k->entry.kind == e->kind &&
         k->entry.temps == e->temps;
}

int32_t verify_depth(const struct verify_entry *e, uint32_t pc, uint32_t *fields) {
  struct known *k = &known[((e->method >> 3) + pc) % KNOWN];
  if (!is_known(k, e, pc)) {
    struct walk w;
    if (walk_code(e, &w) != NULL) return -1;
    const uint32_t first = method_first_pc(e->method);
    if (pc < first || pc - first >= w.size || depths[pc - first] < 0) return -1;
    *k = (struct known){*e, pc, w.fields, depths[pc - first]};
  }
  *fields = k->fields;
  return k->depth;
}
