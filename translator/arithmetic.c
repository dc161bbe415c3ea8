/* arithmetic.c: arithmetic and comparison inlined (inline.h), by what is known of the operands (types.h):
 * SmallIntegers alone, Floats alone, or SmallIntegers first, then two Floats, then what else there is. */
#include "translator/inline.h"

#include <string.h>

/* ---- what the operands are ---- */

/* Branches to $slow unless both entries are SmallIntegers. */
static void check_ints(struct tr *t, uint32_t a, uint32_t b) {
  const bool a_known = value_type(t, a) == TYPE_INT, b_known = value_type(t, b) == TYPE_INT;
  if (a_known && b_known) return;
  if (!a_known) value_push_local(t, a);
  if (!b_known) value_push_local(t, b);
  if (!a_known && !b_known) op(t, W_I32_AND);
  constant(t, OOP_INT_TAG);
  op(t, W_I32_AND);
  op(t, W_I32_EQZ);
  br_rarely(t, SLOW);
}

static enum wasm_opcode float_operation(uint32_t index) {
  switch (index) {
    case SPSEL_ADD: return W_F64_ADD;
    case SPSEL_SUBTRACT: return W_F64_SUB;
    case SPSEL_MULTIPLY: return W_F64_MUL;
    case SPSEL_DIVIDE: return W_F64_DIV;
    case SPSEL_LESS: return W_F64_LT;
    case SPSEL_GREATER: return W_F64_GT;
    case SPSEL_LESS_EQUAL: return W_F64_LE;
    case SPSEL_GREATER_EQUAL: return W_F64_GE;
    case SPSEL_EQUAL: return W_F64_EQ;
    case SPSEL_NOT_EQUAL: return W_F64_NE;
    default: return W_UNREACHABLE; /* none */
  }
}

static void push_int_as_float(struct tr *t, uint32_t d) {
  const struct known_int n = known_int_of(t, d);
  if (n.known) {
    const double value = n.value;
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    wasm_emit(t->f, W_F64_CONST, (uint32_t)bits, (uint32_t)(bits >> 32));
    return;
  }
  value_push_local(t, d);
  constant(t, 1);
  op(t, W_I32_SHR_S);
  op(t, W_F64_CONVERT_I32_S);
}

/* The number of entry d, which is no unboxed Float and, where that is wanted, no SmallInteger. Leaves $fail
 * when it is no Float. */
static void push_boxed_number(struct tr *t, uint32_t d, uint32_t fail) {
  value_push_local(t, d);
  constant(t, OOP_TAG_MASK);
  op(t, W_I32_AND);
  leave_rarely(t, fail);
  value_push_local(t, d);
  load(t, 0);
  constant(t, HDR_CLASS_MASK);
  op(t, W_I32_AND);
  constant(t, CIX_FLOAT);
  op(t, W_I32_NE);
  leave_rarely(t, fail);
  value_push_local(t, d);
  wasm_emit(t->f, W_F64_LOAD, HDR_BYTES, ALIGN_8);
}

/* The number of entry d as an f64; leaves $fail when it has none. */
static void push_number(struct tr *t, uint32_t d, uint32_t fail, bool ints_too) {
  const uint8_t type = value_type(t, d);
  if (type == TYPE_FLOAT) {
    get(t, value_float_local(t, d));
    return;
  }
  if (type == TYPE_INT) {
    push_int_as_float(t, d);
    return;
  }
  const bool unboxed = (type & TYPE_FLOAT) != 0, ints = ints_too && (type & TYPE_INT) != 0;
  if (unboxed) {
    value_push_local(t, d);
    op(t, W_I32_EQZ);
    begin(t, W_IF, WASM_F64);
    get(t, value_float_local(t, d));
    op(t, W_ELSE);
  }
  if (ints) {
    value_push_local(t, d);
    constant(t, OOP_INT_TAG);
    op(t, W_I32_AND);
    begin(t, W_IF, WASM_F64);
    push_int_as_float(t, d);
    op(t, W_ELSE);
  }
  push_boxed_number(t, d, fail);
  if (ints) end(t);
  if (unboxed) end(t);
}

/* Leaves $fail unless both entries have numbers; else the result of the operation on them is on the wasm
 * stack. */
static void apply_to_numbers(struct tr *t, uint32_t index, uint32_t a, uint32_t b, uint32_t fail,
                             bool ints_too) {
  push_number(t, a, fail, ints_too);
  push_number(t, b, fail, ints_too);
  if (index == SPSEL_DIVIDE) {
    tee(t, t->local_number);
    wasm_emit(t->f, W_F64_CONST, 0, 0);
    op(t, W_F64_EQ);
    leave_rarely(t, fail);
    get(t, t->local_number);
  }
  op(t, float_operation(index));
}

/* The result of arithmetic, on the wasm stack: into local_x and, unboxed, the float local of entry d. */
static void take_number(struct tr *t, uint32_t d, uint8_t type) {
  if (type & TYPE_FLOAT) {
    set(t, t->local_float_stack + d);
    constant(t, 0);
    set(t, t->local_x);
    return;
  }
  set(t, t->local_number);
  emit_new_float(t, t->local_x, t->local_number);
}

/* Inside $done: goes there when both entries are numbers of which one is a Float at least. */
static void try_floats(struct tr *t, uint32_t index, uint32_t a, uint32_t b, uint8_t type) {
  const uint8_t type_a = value_type(t, a), type_b = value_type(t, b);
  const bool ints_too = ((type_a | type_b) & TYPE_FLOAT) != 0;
  const uint32_t done = t->nest, fail = begin_block(t);
  if (ints_too && (type_a & type_b & TYPE_INT) != 0) { /* two whose result did not fit */
    value_push_local(t, a);
    value_push_local(t, b);
    op(t, W_I32_AND);
    constant(t, OOP_INT_TAG);
    op(t, W_I32_AND);
    leave_rarely(t, fail);
  }
  apply_to_numbers(t, index, a, b, fail, ints_too);
  take_number(t, a, type);
  leave(t, done);
  end(t);
}

/* Where the inlined paths gave up: what the helper does without a send. Leaves $done with the answer in
 * local_x, or goes on to the full send. */
static void try_helper(struct tr *t, uint32_t index, uint32_t a, uint32_t b) {
  constant(t, index);
  value_push(t, a);
  value_push(t, b);
  call(t, TRH_ARITHMETIC);
  tee(t, t->local_x);
  br_if(t, DONE - 1);
}

/* ---- SmallIntegers: both entries are, the result goes into local_x, or they leave $slow ---- */

static void emit_add(struct tr *t, uint32_t a, uint32_t b) {
  value_push_local(t, a);
  value_push_local(t, b);
  constant(t, OOP_INT_TAG);
  op(t, W_I32_SUB);
  op(t, W_I32_ADD);
  tee(t, t->local_x);
  value_push_local(t, a);
  op(t, W_I32_XOR);
  get(t, t->local_x);
  value_push_local(t, b);
  op(t, W_I32_XOR);
  op(t, W_I32_AND);
  constant(t, 0);
  op(t, W_I32_LT_S);
  br_rarely(t, SLOW);
}

static void emit_subtract(struct tr *t, uint32_t a, uint32_t b) {
  value_push_local(t, a);
  value_push_local(t, b);
  constant(t, OOP_INT_TAG);
  op(t, W_I32_SUB);
  op(t, W_I32_SUB);
  tee(t, t->local_x);
  value_push_local(t, a);
  op(t, W_I32_XOR);
  value_push_local(t, a);
  value_push_local(t, b);
  op(t, W_I32_XOR);
  op(t, W_I32_AND);
  constant(t, 0);
  op(t, W_I32_LT_S);
  br_rarely(t, SLOW);
}

/* a + c for a known number c (tagged difference): overflow shows in one comparison. */
static void emit_add_const(struct tr *t, uint32_t a, int32_t difference) {
  value_push_local(t, a);
  constant(t, (uint32_t)difference);
  op(t, W_I32_ADD);
  tee(t, t->local_x);
  value_push_local(t, a);
  op(t, difference >= 0 ? W_I32_LT_S : W_I32_GT_S);
  br_rarely(t, SLOW);
}

static void emit_multiply(struct tr *t, uint32_t a, uint32_t b) {
  value_push_local(t, a);
  constant(t, 1);
  op(t, W_I32_SHR_S);
  op(t, W_I64_EXTEND_I32_S);
  value_push_local(t, b);
  constant(t, OOP_INT_TAG);
  op(t, W_I32_SUB);
  op(t, W_I64_EXTEND_I32_S);
  op(t, W_I64_MUL);
  tee(t, t->local_wide);
  get(t, t->local_wide);
  op(t, W_I32_WRAP_I64);
  tee(t, t->local_x);
  op(t, W_I64_EXTEND_I32_S);
  op(t, W_I64_NE);
  br_rarely(t, SLOW);
  get(t, t->local_x);
  constant(t, OOP_INT_TAG);
  op(t, W_I32_OR);
  set(t, t->local_x);
}

static bool is_power_of_two(int32_t n) { return n > 0 && (n & (n - 1)) == 0; }

static uint32_t log2_of(int32_t n) {
  uint32_t k = 0;
  while (1 << k < n) k++;
  return k;
}

/* // and \\ round towards negative infinity; only positive divisors are inlined. */
static void emit_divide(struct tr *t, uint32_t a, uint32_t b, bool quotient) {
  const struct known_int divisor = known_int_of(t, b);
  if (divisor.known && is_power_of_two(divisor.value)) {
    value_push_local(t, a);
    constant(t, quotient ? log2_of(divisor.value) : int_oop(divisor.value - 1));
    op(t, quotient ? W_I32_SHR_S : W_I32_AND);
    if (quotient) {
      constant(t, OOP_INT_TAG);
      op(t, W_I32_OR);
    }
    set(t, t->local_x);
    return;
  }
  if (!divisor.known || divisor.value <= 0) {
    value_push_local(t, b);
    constant(t, int_oop(1));
    op(t, W_I32_LT_S);
    br_rarely(t, SLOW);
  }
  value_push_local(t, a);
  constant(t, 1);
  op(t, W_I32_SHR_S);
  value_push_local(t, b);
  constant(t, 1);
  op(t, W_I32_SHR_S);
  tee(t, t->local_y);
  op(t, W_I32_REM_S);
  set(t, t->local_x); /* remainder with the sign of a */
  if (quotient) {
    value_push_local(t, a);
    constant(t, 1);
    op(t, W_I32_SHR_S);
    get(t, t->local_y);
    op(t, W_I32_DIV_S);
    get(t, t->local_x);
    constant(t, 31);
    op(t, W_I32_SHR_S);
    op(t, W_I32_ADD); /* one less if the remainder is negative */
  } else {
    get(t, t->local_x);
    get(t, t->local_y);
    get(t, t->local_x);
    constant(t, 31);
    op(t, W_I32_SHR_S);
    op(t, W_I32_AND);
    op(t, W_I32_ADD);
  }
  tag_int(t);
  set(t, t->local_x);
}

/* By a known number, to the left with a look at what is lost. */
static void emit_shift(struct tr *t, uint32_t a, int32_t by) {
  value_push_local(t, a);
  if (by > 0) {
    constant(t, OOP_INT_TAG);
    op(t, W_I32_SUB);
    constant(t, (uint32_t)by);
    op(t, W_I32_SHL);
    tee(t, t->local_x);
    constant(t, (uint32_t)by);
    op(t, W_I32_SHR_S);
    constant(t, OOP_INT_TAG);
    op(t, W_I32_OR);
    value_push_local(t, a);
    op(t, W_I32_NE);
    br_rarely(t, SLOW);
    get(t, t->local_x);
  } else {
    constant(t, (uint32_t)-by);
    op(t, W_I32_SHR_S);
  }
  constant(t, OOP_INT_TAG);
  op(t, W_I32_OR);
  set(t, t->local_x);
}

/* Whether SmallIntegers are inlined: `/` is left to the helper, and shifts by what is not known. */
static bool has_int_operation(uint32_t index, struct known_int b) {
  if (index == SPSEL_BIT_SHIFT)
    return b.known && b.value != 0 && b.value <= TYPES_MAX_SHIFT && b.value >= -TYPES_MAX_SHIFT;
  return index != SPSEL_DIVIDE;
}

static void emit_int_operation(struct tr *t, uint32_t index, uint32_t a, uint32_t b) {
  const struct known_int known = known_int_of(t, b);
  const int32_t difference = known.known ? (int32_t)(t->stack[b].constant - OOP_INT_TAG) : 0;
  switch (index) {
    case SPSEL_ADD:
      if (known.known)
        emit_add_const(t, a, difference);
      else
        emit_add(t, a, b);
      return;
    case SPSEL_SUBTRACT:
      /* The negation of the least SmallInteger's difference does not fit. */
      if (known.known && difference != INT32_MIN)
        emit_add_const(t, a, -difference);
      else
        emit_subtract(t, a, b);
      return;
    case SPSEL_MULTIPLY: emit_multiply(t, a, b); return;
    case SPSEL_DIV: emit_divide(t, a, b, true); return;
    case SPSEL_MOD: emit_divide(t, a, b, false); return;
    case SPSEL_BIT_SHIFT: emit_shift(t, a, known.value); return;
    default:
      value_push_local(t, a);
      value_push_local(t, b);
      op(t, index == SPSEL_BIT_AND ? W_I32_AND : W_I32_OR);
      set(t, t->local_x);
  }
}

/* ---- arithmetic ---- */

static void known_ints(struct tr *t, uint32_t index, uint32_t a, uint32_t b) {
  if (types_never_fails(index, known_int_of(t, b))) {
    emit_int_operation(t, index, a, b);
    return;
  }
  begin_inline(t);
  emit_int_operation(t, index, a, b);
  br(t, DONE);
  end(t);
  emit_unfit(t);
  end(t);
}

static void known_floats(struct tr *t, uint32_t index, uint32_t a, uint32_t b, uint8_t type) {
  begin(t, W_BLOCK, 0);
  try_floats(t, index, a, b, type);
  if (type == TYPE_FLOAT) {
    emit_unfit(t);
  } else {
    try_helper(t, index, a, b);
    slow_send(t, index, a, 1);
  }
  end(t);
}

static void generic(struct tr *t, uint32_t index, uint32_t a, uint32_t b, uint8_t type) {
  begin_inline(t);
  if (has_int_operation(index, known_int_of(t, b))) {
    check_ints(t, a, b);
    emit_int_operation(t, index, a, b);
    br(t, DONE);
  }
  end(t);
  if (types_try_floats(index, value_type(t, a), value_type(t, b))) try_floats(t, index, a, b, type);
  if (index != SPSEL_BIT_AND && index != SPSEL_BIT_OR) try_helper(t, index, a, b);
  slow_send(t, index, a, 1);
  end(t);
}

void emit_arithmetic(struct tr *t, uint32_t index) {
  const uint32_t a = t->depth - 2, b = t->depth - 1;
  const uint8_t type_a = value_type(t, a), type_b = value_type(t, b);
  const bool numeric = t->types.numeric[t->insn - t->cfg->insns] != 0;
  const uint8_t type =
      types_result(index, type_a, type_b, known_int_of(t, b), numeric, t->types.assumed.operands_suit);
  switch (types_plan(index, type_a, type_b)) {
    case PLAN_INT:
      if (type == TYPE_INT)
        known_ints(t, index, a, b);
      else
        generic(t, index, a, b, type);
      break;
    case PLAN_FLOAT: known_floats(t, index, a, b, type); break;
    case PLAN_GENERIC: generic(t, index, a, b, type); break;
  }
  stack_pop(t, 2);
  get(t, t->local_x);
  stack_push_typed(t, type);
}

/* ---- comparison ---- */

enum wasm_opcode int_comparison(uint32_t index) {
  switch (index) {
    case SPSEL_LESS: return W_I32_LT_S;
    case SPSEL_GREATER: return W_I32_GT_S;
    case SPSEL_LESS_EQUAL: return W_I32_LE_S;
    case SPSEL_GREATER_EQUAL: return W_I32_GE_S;
    case SPSEL_EQUAL:
    case SPSEL_IDENTICAL: return W_I32_EQ;
    case SPSEL_NOT_EQUAL:
    case SPSEL_NOT_IDENTICAL: return W_I32_NE;
    default: return W_UNREACHABLE;
  }
}

/* The boolean oop of local_cond. */
static void push_boolean(struct tr *t) {
  constant(t, t->env->true_);
  constant(t, t->env->false_);
  get(t, t->local_cond);
  op(t, W_SELECT);
}

/* local_cond from the oop in local_x; what is no Boolean goes back to the interpreter at the jump, which
 * sends mustBeBoolean. `d` entries are below it. */
static void condition_of_result(struct tr *t, uint32_t d, const struct cfg_insn *jump) {
  get(t, t->local_x);
  constant(t, t->env->true_);
  op(t, W_I32_EQ);
  tee(t, t->local_cond);
  get(t, t->local_x);
  constant(t, t->env->false_);
  op(t, W_I32_EQ);
  op(t, W_I32_OR);
  op(t, W_I32_EQZ);
  begin_rarely(t);
  get(t, 0);
  get(t, t->local_x);
  store(t, slot_offset(t, d));
  emit_bail(t, jump->pc, d + 1);
  end(t);
}

/* A comparison whose operands are not both SmallIntegers, inside $done. */
static void compare_slowly(struct tr *t, uint32_t index, uint32_t a, uint32_t b,
                           const struct cfg_insn *jump) {
  const uint8_t types = value_type(t, a) | value_type(t, b);
  if (types_try_floats(index, value_type(t, a), value_type(t, b))) {
    const uint32_t done = t->nest, fail = begin_block(t);
    apply_to_numbers(t, index, a, b, fail, (types & TYPE_FLOAT) != 0);
    set(t, t->local_cond);
    if (jump == NULL) {
      push_boolean(t);
      set(t, t->local_x);
    }
    leave(t, done);
    end(t);
  }
  if (jump == NULL) {
    try_helper(t, index, a, b);
    slow_send(t, index, a, 1);
    return;
  }
  begin(t, W_BLOCK, 0);
  begin(t, W_BLOCK, 0);
  constant(t, index);
  value_push(t, a);
  value_push(t, b);
  call(t, TRH_ARITHMETIC);
  tee(t, t->local_x);
  op(t, W_I32_EQZ);
  br_rarely(t, SLOW);
  get(t, t->local_x);
  constant(t, t->env->true_);
  op(t, W_I32_EQ);
  set(t, t->local_cond);
  br(t, DONE);
  end(t);
  slow_send(t, index, a, 1);
  condition_of_result(t, a, jump);
  end(t);
}

/* Of two SmallIntegers, or the identity of any: into local_cond, and without a jump into local_x. */
static void compare_words(struct tr *t, uint32_t index, uint32_t a, uint32_t b, bool jumps) {
  value_push(t, a);
  value_push(t, b);
  op(t, int_comparison(index));
  set(t, t->local_cond);
  if (jumps) return;
  push_boolean(t);
  set(t, t->local_x);
}

/* Where SmallIntegers jump by themselves the engine compares and jumps in one. */
static void compare_ints_and_jump(struct tr *t, uint32_t index, uint32_t a, uint32_t b,
                                  const struct cfg_block *block, const struct cfg_insn *jump) {
  enum { JUMPED = DONE + 1 };
  begin(t, W_BLOCK, 0);
  begin(t, W_BLOCK, 0);
  begin(t, W_BLOCK, 0);
  check_ints(t, a, b);
  value_push(t, a);
  value_push(t, b);
  op(t, int_comparison(index));
  emit_branch_forward(t, block, jump);
  br(t, JUMPED);
  end(t);
  compare_slowly(t, index, a, b, jump);
  end(t);
  stack_pop(t, 2);
  emit_branch(t, block, jump);
  end(t);
}

/* Into local_cond, and without a jump into local_x. */
static void compare(struct tr *t, uint32_t index, uint32_t a, uint32_t b, enum arithmetic_plan plan,
                    const struct cfg_insn *jump) {
  begin(t, W_BLOCK, 0);
  if (plan == PLAN_GENERIC) {
    begin(t, W_BLOCK, 0);
    check_ints(t, a, b);
    compare_words(t, index, a, b, jump != NULL);
    br(t, DONE);
    end(t);
  }
  compare_slowly(t, index, a, b, jump);
  end(t);
}

bool emit_comparison(struct tr *t, uint32_t index, const struct cfg_block *block,
                     const struct cfg_insn *jump) {
  const uint32_t a = t->depth - 2, b = t->depth - 1;
  const bool identity = index == SPSEL_IDENTICAL || index == SPSEL_NOT_IDENTICAL;
  const enum arithmetic_plan plan = types_plan(index, value_type(t, a), value_type(t, b));
  const bool is_sure = identity || plan == PLAN_INT;
  if (jump != NULL) {
    edge_flush(t, block->succ[0], a);
    edge_flush(t, block->succ[1], a);
    if (!is_sure && plan == PLAN_GENERIC && jumps_forward(t, block)) {
      compare_ints_and_jump(t, index, a, b, block, jump);
      return true;
    }
  }
  if (is_sure)
    compare_words(t, index, a, b, jump != NULL);
  else
    compare(t, index, a, b, plan, jump);
  stack_pop(t, 2);
  if (jump != NULL) {
    emit_branch(t, block, jump);
    return true;
  }
  get(t, t->local_x);
  stack_push_typed(t, is_sure ? TYPE_OBJECT : TYPE_ANY);
  return false;
}
