/* short_methods.c: what a callee answers at once, in place of its call (emit.h).
 *
 * Where a send's cell names a function of the same module, the beginning of that function's method can be
 * emitted there: as long as it only looks at its receiver, its arguments and their fields, compares and
 * calculates, it needs no frame, and whenever it meets something else (a send, another class than expected,
 * an overflow, a loop), nothing has changed and the call is made after all. So accessors, tests that answer
 * at once, and the last rounds of recursions cost no call. Fields may be stored into where nothing after that
 * can fail.
 *
 * The code is walked as a tree: each way through it ends with an answer or with the call.
 */
#include "base/options.h"
#include "translator/emit.h"

enum {
  MOST_INSNS = 28,  /* of all ways together */
  MOST_OPS = 12000, /* a function that is longer has enough in it */
  SHORT_DEPTH = 6,  /* entries of the operand stack … */
  SHORT_TEMPS = 8,  /* … and temporaries */
};

/* What the callee's code has pushed. */
struct word {
  enum word_kind { WORD_ENTRY, WORD_LOCAL, WORD_CONSTANT } kind;
  uint32_t at;  /* of an entry: 0 is the receiver, 1 the first argument; of a local: its number */
  oop constant; /* an immediate, nil, true or false */
  bool is_int;  /* a local known to have a SmallInteger */
};

/* What is known on one way through the code. */
struct path {
  struct word stack[SHORT_DEPTH], temps[SHORT_TEMPS];
  uint32_t depth, locals;
  uint32_t int_entries; /* a bit for each entry that is a SmallInteger */
  bool has_stored;      /* the call cannot be made any more */
};

struct walk {
  struct tr *t;
  const struct cfg *cfg;
  const struct short_call *call;
  uint32_t give_up; /* the block that is left to make the call */
  uint32_t insns;   /* that may still be emitted */
};

/* ---- words ---- */

static void word_push(const struct walk *w, const struct word *word) {
  switch (word->kind) {
    case WORD_ENTRY: value_push(w->t, w->call->rcvr + word->at); break;
    case WORD_LOCAL: get(w->t, w->t->local_short + word->at); break;
    case WORD_CONSTANT: constant(w->t, word->constant); break;
  }
}

static bool is_int(const struct path *p, const struct word *word) {
  switch (word->kind) {
    case WORD_ENTRY: return (p->int_entries >> word->at & 1) != 0;
    case WORD_CONSTANT: return oop_is_int(word->constant);
    default: return word->is_int;
  }
}

static bool push_word(struct path *p, struct word word) {
  if (p->depth == SHORT_DEPTH) return false;
  p->stack[p->depth++] = word;
  return true;
}

static bool push_constant(struct path *p, oop o) {
  return push_word(p, (struct word){.kind = WORD_CONSTANT, .constant = o});
}

/* The value on the wasm stack. */
static bool push_new(const struct walk *w, struct path *p, bool known_int) {
  if (p->locals == SHORT_LOCALS) return false;
  const struct word word = {.kind = WORD_LOCAL, .at = p->locals++, .is_int = known_int};
  set(w->t, w->t->local_short + word.at);
  return push_word(p, word);
}

/* ---- what may lead to the call ---- */

static void require_int(const struct walk *w, struct path *p, struct word *word) {
  if (is_int(p, word)) return;
  word_push(w, word);
  constant(w->t, OOP_INT_TAG);
  op(w->t, W_I32_AND);
  op(w->t, W_I32_EQZ);
  leave_rarely(w->t, w->give_up);
  if (word->kind == WORD_ENTRY)
    p->int_entries |= 1u << word->at;
  else
    word->is_int = true;
}

static void require_array(const struct walk *w, const struct word *word) {
  word_push(w, word);
  constant(w->t, OOP_TAG_MASK);
  op(w->t, W_I32_AND);
  leave_rarely(w->t, w->give_up);
  word_push(w, word);
  load(w->t, 0);
  constant(w->t, HDR_CLASS_MASK);
  op(w->t, W_I32_AND);
  constant(w->t, w->t->env->array_index);
  op(w->t, W_I32_NE);
  leave_rarely(w->t, w->give_up);
}

/* ---- special sends ---- */

/* Compares the two top words: the truth is on the wasm stack. */
static void compare(const struct walk *w, struct path *p, uint32_t index) {
  struct word *a = &p->stack[p->depth - 2], *b = a + 1;
  if (index != SPSEL_IDENTICAL && index != SPSEL_NOT_IDENTICAL) {
    require_int(w, p, a);
    require_int(w, p, b);
  }
  word_push(w, a);
  word_push(w, b);
  op(w->t, int_comparison(index));
  p->depth -= 2;
}

/* The sum or difference of the two top words, both SmallIntegers. */
static bool calculate(const struct walk *w, struct path *p, bool adds) {
  struct tr *t = w->t;
  struct word a = p->stack[p->depth - 2], b = p->stack[p->depth - 1];
  require_int(w, p, &a);
  require_int(w, p, &b);
  p->depth -= 2;
  word_push(w, &a);
  word_push(w, &b);
  constant(t, OOP_INT_TAG);
  op(t, W_I32_SUB);
  op(t, adds ? W_I32_ADD : W_I32_SUB);
  if (!push_new(w, p, true)) return false;
  const struct word *result = &p->stack[p->depth - 1];
  word_push(w, result);
  word_push(w, &a);
  op(t, W_I32_XOR);
  word_push(w, adds ? result : &a);
  word_push(w, &b);
  op(t, W_I32_XOR);
  op(t, W_I32_AND);
  constant(t, 0);
  op(t, W_I32_LT_S);
  leave_rarely(t, w->give_up);
  return true;
}

/* Both SmallIntegers: the tags stay. */
static bool combine(const struct walk *w, struct path *p, enum wasm_opcode operation) {
  struct word *a = &p->stack[p->depth - 2], *b = a + 1;
  require_int(w, p, a);
  require_int(w, p, b);
  word_push(w, a);
  word_push(w, b);
  op(w->t, operation);
  p->depth -= 2;
  return push_new(w, p, true);
}

/* The number of slots of the Array, in local_cond too. */
static void push_slots(const struct walk *w, const struct word *array) {
  word_push(w, array);
  set(w->t, w->t->local_cond);
  emit_slots(w->t, w->t->local_cond);
}

static bool array_size(const struct walk *w, struct path *p) {
  const struct word *array = &p->stack[p->depth - 1];
  require_array(w, array);
  push_slots(w, array);
  constant(w->t, 1);
  op(w->t, W_I32_SHL);
  constant(w->t, OOP_INT_TAG);
  op(w->t, W_I32_OR);
  p->depth--;
  return push_new(w, p, true);
}

static bool array_at(const struct walk *w, struct path *p) {
  enum { ELEMENT_OF_TAGGED_INDEX = HDR_BYTES - 4 - 2 }; /* element i is at object + 2 * (2i + 1) + this */
  struct tr *t = w->t;
  struct word *array = &p->stack[p->depth - 2], *index = array + 1;
  require_int(w, p, index);
  require_array(w, array);
  word_push(w, index);
  constant(t, int_oop(1));
  op(t, W_I32_SUB);
  constant(t, 1);
  op(t, W_I32_SHR_U);
  push_slots(w, array);
  op(t, W_I32_GE_U);
  leave_rarely(t, w->give_up);
  word_push(w, array);
  word_push(w, index);
  constant(t, 1);
  op(t, W_I32_SHL);
  op(t, W_I32_ADD);
  load(t, ELEMENT_OF_TAGGED_INDEX);
  p->depth -= 2;
  return push_new(w, p, false);
}

/* ---- fields ---- */

static const struct word receiver = {.kind = WORD_ENTRY, .at = 0};

static bool push_field(const struct walk *w, struct path *p, uint32_t index) {
  if (is_int(p, &receiver)) return false;
  word_push(w, &receiver);
  load(w->t, HDR_BYTES + 4 * index);
  return push_new(w, p, false);
}

static bool store_field(const struct walk *w, struct path *p, uint32_t index) {
  struct tr *t = w->t;
  const struct word *value = &p->stack[p->depth - 1];
  if (is_int(p, &receiver)) return false;
  word_push(w, &receiver);
  set(t, t->local_y);
  if (!p->has_stored) {
    get(t, t->local_y);
    load(t, 0);
    constant(t, HDR_IMMUTABLE);
    op(t, W_I32_AND);
    leave_rarely(t, w->give_up);
    p->has_stored = true;
  }
  get(t, t->local_y);
  word_push(w, value);
  store(t, HDR_BYTES + 4 * index);
  if (value->kind == WORD_CONSTANT || is_int(p, value)) return true;
  word_push(w, value);
  set(t, t->local_x);
  emit_barrier(t, t->local_y, t->local_x);
  return true;
}

/* ---- ways ---- */

static bool answer_from(struct walk *w, struct path p, uint32_t k);

/* From an instruction that is jumped to; where nothing is answered, the call is made. */
static bool arm(struct walk *w, const struct path *p, int32_t k) {
  struct tr *t = w->t;
  const uint32_t start = t->f->count, nest = t->nest;
  if (k >= 0 && answer_from(w, *p, (uint32_t)k)) return true;
  t->f->count = start;
  t->nest = nest;
  leave(t, w->give_up);
  return false;
}

/* Where an instruction after k is; negative: none, it goes back. */
static int32_t index_after(const struct walk *w, uint32_t k, uint32_t pc) {
  for (uint32_t i = k + 1; i < w->cfg->insn_count; i++)
    if (w->cfg->insns[i].pc == pc) return (int32_t)i;
  return -1;
}

/* Where the jump k goes to. */
static int32_t target_of(const struct walk *w, uint32_t k) {
  return index_after(w, k, cfg_jump_target(&w->cfg->insns[k]));
}

/* The instruction that runs after k, which need not stand there: jumps have been threaded. */
static int32_t next_of(const struct walk *w, uint32_t k) { return index_after(w, k, w->cfg->insns[k].next); }

/* The conditional jump k, by the truth on the wasm stack. */
static bool both_ways(struct walk *w, const struct path *p, uint32_t k) {
  const int32_t jumped = target_of(w, k), next = next_of(w, k);
  const bool when_true = w->cfg->insns[k].insn.op == OP_JUMP_TRUE;
  begin(w->t, W_IF, 0);
  const bool first = arm(w, p, when_true ? jumped : next);
  op(w->t, W_ELSE);
  const bool second = arm(w, p, when_true ? next : jumped);
  end(w->t);
  return first || second;
}

/* The conditional jump k, by the top word. */
static bool ways_of_word(struct walk *w, struct path *p, uint32_t k) {
  struct tr *t = w->t;
  if (p->depth == 0 || p->has_stored) return false;
  const struct word *condition = &p->stack[--p->depth];
  word_push(w, condition);
  constant(t, t->env->true_);
  op(t, W_I32_EQ);
  word_push(w, condition);
  constant(t, t->env->false_);
  op(t, W_I32_EQ);
  op(t, W_I32_OR);
  op(t, W_I32_EQZ);
  leave_rarely(t, w->give_up);
  word_push(w, condition);
  constant(t, t->env->true_);
  op(t, W_I32_EQ);
  return both_ways(w, p, k);
}

static bool is_conditional_jump(const struct walk *w, uint32_t k) {
  const uint8_t o = w->cfg->insns[k].insn.op;
  return o == OP_JUMP_TRUE || o == OP_JUMP_FALSE;
}

static bool push_truth(const struct walk *w, struct path *p) {
  struct tr *t = w->t;
  set(t, t->local_cond);
  constant(t, t->env->true_);
  constant(t, t->env->false_);
  get(t, t->local_cond);
  op(t, W_SELECT);
  return push_new(w, p, false);
}

enum step { STEP_ON, STEP_JUMPED, STEP_FAILED, STEP_ANSWERED };

static enum step step_if(bool fine) { return fine ? STEP_ON : STEP_FAILED; }

/* The truth on the wasm stack, which instruction k has left there. */
static enum step use_truth(struct walk *w, struct path *p, uint32_t k) {
  const int32_t next = next_of(w, k);
  if (next < 0) return STEP_FAILED;
  if (!is_conditional_jump(w, (uint32_t)next)) return step_if(push_truth(w, p));
  return both_ways(w, p, (uint32_t)next) ? STEP_ANSWERED : STEP_FAILED;
}

static enum step special_send(struct walk *w, struct path *p, uint32_t k, uint32_t index) {
  const bool identity = index == SPSEL_IDENTICAL || (index == SPSEL_NOT_IDENTICAL && !w->cfg->block_copies);
  if (p->depth < special_selector_args(index) + 1u || (p->has_stored && !identity)) return STEP_FAILED;
  switch (index) {
    case SPSEL_ADD: return step_if(calculate(w, p, true));
    case SPSEL_SUBTRACT: return step_if(calculate(w, p, false));
    case SPSEL_BIT_AND: return step_if(combine(w, p, W_I32_AND));
    case SPSEL_BIT_OR: return step_if(combine(w, p, W_I32_OR));
    case SPSEL_SIZE: return step_if(w->t->env->array_index != 0 && array_size(w, p));
    case SPSEL_AT: return step_if(w->t->env->array_index != 0 && array_at(w, p));
    default: break;
  }
  if (int_comparison(index) == W_UNREACHABLE || (index == SPSEL_NOT_IDENTICAL && !identity))
    return STEP_FAILED;
  compare(w, p, index);
  return use_truth(w, p, k);
}

static enum step nil_test(struct walk *w, struct path *p, uint32_t k, bool is_nil) {
  if (p->depth == 0) return STEP_FAILED;
  word_push(w, &p->stack[--p->depth]);
  constant(w->t, w->t->env->nil);
  op(w->t, is_nil ? W_I32_EQ : W_I32_NE);
  return use_truth(w, p, k);
}

static enum step answer(const struct walk *w, const struct word *word) {
  word_push(w, word);
  set(w->t, w->t->local_x);
  leave(w->t, w->call->called);
  return STEP_ANSWERED;
}

static enum step answer_constant(const struct walk *w, oop o) {
  return answer(w, &(struct word){.kind = WORD_CONSTANT, .constant = o});
}

static enum step step(struct walk *w, struct path *p, uint32_t k) {
  const struct bytecode_insn *insn = &w->cfg->insns[k].insn;
  const struct tr_env *env = w->t->env;
  const uint32_t a = (uint32_t)insn->a;
  switch (insn->op) {
    case OP_NOP: return STEP_ON;
    case OP_PUSH_RECEIVER: return step_if(push_word(p, receiver));
    case OP_PUSH_TEMP: return step_if(a < SHORT_TEMPS && push_word(p, p->temps[a]));
    case OP_PUSH_INSTVAR: return step_if(push_field(w, p, a));
    case OP_PUSH_NIL: return step_if(push_constant(p, env->nil));
    case OP_PUSH_TRUE: return step_if(push_constant(p, env->true_));
    case OP_PUSH_FALSE: return step_if(push_constant(p, env->false_));
    case OP_PUSH_INT: return step_if(push_constant(p, int_oop(insn->a)));
    case OP_PUSH_CHAR: return step_if(push_constant(p, char_oop(a)));
    case OP_DUP: return step_if(p->depth > 0 && push_word(p, p->stack[p->depth - 1]));
    case OP_POP: return step_if(p->depth > 0 && p->depth-- > 0);
    case OP_STORE_TEMP:
    case OP_POP_TEMP:
      if (a >= SHORT_TEMPS || p->depth == 0) return STEP_FAILED;
      p->temps[a] = p->stack[p->depth - 1];
      if (insn->op == OP_POP_TEMP) p->depth--;
      return STEP_ON;
    case OP_STORE_INSTVAR:
    case OP_POP_INSTVAR:
      if (p->depth == 0 || !store_field(w, p, a)) return STEP_FAILED;
      if (insn->op == OP_POP_INSTVAR) p->depth--;
      return STEP_ON;
    case OP_JUMP: return STEP_JUMPED;
    case OP_JUMP_TRUE:
    case OP_JUMP_FALSE: return ways_of_word(w, p, k) ? STEP_ANSWERED : STEP_FAILED;
    case OP_SEND_SPECIAL: return special_send(w, p, k, a);
    case OP_IS_NIL:
    case OP_NOT_NIL: return nil_test(w, p, k, insn->op == OP_IS_NIL);
    case OP_RETURN_RECEIVER: return answer(w, &receiver);
    case OP_RETURN_TRUE: return answer_constant(w, env->true_);
    case OP_RETURN_FALSE: return answer_constant(w, env->false_);
    case OP_RETURN_NIL: return answer_constant(w, env->nil);
    case OP_RETURN_TOP: return p->depth > 0 ? answer(w, &p->stack[p->depth - 1]) : STEP_FAILED;
    default: return STEP_FAILED;
  }
}

/* Emits from instruction k on. False: no way leads to an answer, and what was emitted is to be taken back. */
static bool answer_from(struct walk *w, struct path p, uint32_t k) {
  int32_t next = (int32_t)k;
  while (next >= 0 && w->insns > 0) {
    k = (uint32_t)next;
    w->insns--;
    switch (step(w, &p, k)) {
      case STEP_ON: next = next_of(w, k); break;
      case STEP_JUMPED: next = target_of(w, k); break;
      case STEP_FAILED: return false;
      case STEP_ANSWERED: return true;
    }
  }
  return false;
}

/* ---- calls ---- */

/* An unboxed Float among the operands would have to be boxed before it is looked at. */
static bool has_float(const struct tr *t, uint32_t rcvr) {
  for (uint32_t d = rcvr; d < t->depth; d++)
    if (value_type(t, d) & TYPE_FLOAT) return true;
  return false;
}

static struct path path_at_entry(const struct tr *t, const struct short_call *call) {
  struct path p = {0};
  const uint32_t num_args = call->callee->cfg->num_args;
  for (uint32_t i = 0; i < SHORT_TEMPS; i++)
    p.temps[i] = i < num_args ? (struct word){.kind = WORD_ENTRY, .at = i + 1}
                              : (struct word){.kind = WORD_CONSTANT, .constant = t->env->nil};
  for (uint32_t i = 0; i <= num_args; i++)
    if (value_type(t, call->rcvr + i) == TYPE_INT) p.int_entries |= 1u << i;
  if (call->has_int) p.int_entries |= 1;
  return p;
}

bool emit_short_call(struct tr *t, const struct short_call *call) {
  const struct cfg *cfg = call->callee->cfg;
  if (vm_options.short_methods == 0 || !call->callee->may_stand_in ||
      cfg->num_args != t->depth - call->rcvr - 1 || cfg->num_args > SHORT_TEMPS || t->f->count > MOST_OPS ||
      has_float(t, call->rcvr))
    return false;
  const uint32_t start = t->f->count, nest = t->nest;
  wasm_note(t->f, "the callee, as far as it goes");
  struct walk w = {.t = t, .cfg = cfg, .call = call, .insns = MOST_INSNS};
  w.give_up = begin_block(t);
  if (answer_from(&w, path_at_entry(t, call), 0)) {
    end(t);
    return true;
  }
  t->f->count = start;
  t->nest = nest;
  return false;
}

bool is_short_call(struct tr *t, const struct tr_target *callee, uint32_t rcvr, bool has_int) {
  const uint32_t start = t->f->count, nest = t->nest;
  const struct short_call call = {.callee = callee, .rcvr = rcvr, .has_int = has_int, .called = t->nest};
  const bool is = emit_short_call(t, &call);
  t->f->count = start;
  t->nest = nest;
  return is;
}
