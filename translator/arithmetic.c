/* arithmetic.c: arithmetic and comparison inlined: SmallIntegers first, then two Floats (inline.h). */
#include "translator/inline.h"

/* ---- arithmetic ---- */

/* Branches to $slow unless both entries are SmallIntegers. */
static void check_ints(struct tr *t, uint32_t a, uint32_t b) {
  const bool a_known = is_int_const(&t->stack[a]), b_known = is_int_const(&t->stack[b]);
  if (a_known && b_known) return;
  if (!a_known) value_push(t, a);
  if (!b_known) value_push(t, b);
  if (!a_known && !b_known) op(t, W_I32_AND);
  constant(t, OOP_INT_TAG);
  op(t, W_I32_AND);
  op(t, W_I32_EQZ);
  br_if(t, SLOW);
}

enum { FLOAT_SLOTS = 2, FLOAT_BYTES = HDR_BYTES + 8, FLOAT_ALIGNMENT = 3 /* log2 */ };

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

/* Whether the operation is worth an inlined path for two Floats. */
static bool may_be_floats(const struct tr *t, uint32_t index, uint32_t a, uint32_t b) {
  return float_operation(index) != W_UNREACHABLE && t->stack[a].kind != VALUE_CONST &&
         t->stack[b].kind != VALUE_CONST;
}

static void push_float(struct tr *t, uint32_t d) {
  value_push(t, d);
  wasm_emit(t->f, W_F64_LOAD, HDR_BYTES, FLOAT_ALIGNMENT);
}

/* Branches to label 0 unless both entries are Floats; else leaves the operation's result on the wasm stack.
 */
static void apply_to_floats(struct tr *t, uint32_t index, uint32_t a, uint32_t b) {
  value_push(t, a);
  value_push(t, b);
  op(t, W_I32_OR);
  constant(t, OOP_TAG_MASK);
  op(t, W_I32_AND);
  br_if(t, 0);
  for (uint32_t d = a; d <= b; d++) {
    value_push(t, d);
    load(t, 0);
    constant(t, HDR_CLASS_MASK);
    op(t, W_I32_AND);
    constant(t, CIX_FLOAT);
    op(t, W_I32_NE);
    br_if(t, 0);
  }
  if (index == SPSEL_DIVIDE) {
    push_float(t, b);
    wasm_emit(t->f, W_F64_CONST, 0, 0);
    op(t, W_F64_EQ);
    br_if(t, 0);
  }
  push_float(t, a);
  push_float(t, b);
  op(t, float_operation(index));
}

/* Two Floats to a new one, allocated in eden: in local_x, and leaves $done. Goes on when that cannot be. */
static void try_floats(struct tr *t, uint32_t index, uint32_t a, uint32_t b) {
  begin(t, W_BLOCK, 0);
  constant(t, t->env->eden_limit);
  load(t, 0);
  constant(t, t->env->eden_free);
  load(t, 0);
  tee(t, t->local_x);
  op(t, W_I32_SUB);
  constant(t, FLOAT_BYTES);
  op(t, W_I32_LT_U);
  br_if(t, 0);
  get(t, t->local_x);
  apply_to_floats(t, index, a, b);
  wasm_emit(t->f, W_F64_STORE, HDR_BYTES, FLOAT_ALIGNMENT);
  get(t, t->local_x);
  wasm_emit(t->f, W_I64_CONST, FMT_32 << HDR_FORMAT_SHIFT | CIX_FLOAT, FLOAT_SLOTS << HDR_SLOTS_SHIFT);
  wasm_emit(t->f, W_I64_STORE, 0, FLOAT_ALIGNMENT);
  constant(t, t->env->eden_free);
  get(t, t->local_x);
  constant(t, FLOAT_BYTES);
  op(t, W_I32_ADD);
  store(t, 0);
  br(t, DONE);
  end(t);
}

/* Where the SmallInteger path gave up: Floats and what else the helper does without a send. Leaves $done with
 * the answer in local_x, or goes on to the full send. */
static void try_helper(struct tr *t, uint32_t index, uint32_t a, uint32_t b) {
  constant(t, index);
  value_push(t, a);
  value_push(t, b);
  call(t, TRH_ARITHMETIC);
  tee(t, t->local_x);
  br_if(t, DONE - 1);
}

/* The end of inlined arithmetic or comparison of the two top entries; the fast result is in local_x. */
static void end_arithmetic(struct tr *t, uint32_t index, bool helped) {
  const uint32_t a = t->depth - 2, b = t->depth - 1;
  br(t, DONE);
  end(t);
  if (may_be_floats(t, index, a, b)) try_floats(t, index, a, b);
  if (helped) try_helper(t, index, a, b);
  slow_send(t, index, a, 1);
  end(t);
  stack_pop(t, 2);
  get(t, t->local_x);
  stack_push_local(t);
}

static void emit_add(struct tr *t, uint32_t a, uint32_t b) {
  value_push(t, a);
  value_push(t, b);
  constant(t, OOP_INT_TAG);
  op(t, W_I32_SUB);
  op(t, W_I32_ADD);
  tee(t, t->local_x);
  value_push(t, a);
  op(t, W_I32_XOR);
  get(t, t->local_x);
  value_push(t, b);
  op(t, W_I32_XOR);
  op(t, W_I32_AND);
  constant(t, 0);
  op(t, W_I32_LT_S);
  br_if(t, SLOW);
}

static void emit_subtract(struct tr *t, uint32_t a, uint32_t b) {
  value_push(t, a);
  value_push(t, b);
  constant(t, OOP_INT_TAG);
  op(t, W_I32_SUB);
  op(t, W_I32_SUB);
  tee(t, t->local_x);
  value_push(t, a);
  op(t, W_I32_XOR);
  value_push(t, a);
  value_push(t, b);
  op(t, W_I32_XOR);
  op(t, W_I32_AND);
  constant(t, 0);
  op(t, W_I32_LT_S);
  br_if(t, SLOW);
}

/* a + c for a known number c (tagged difference): overflow shows in one comparison. */
static void emit_add_const(struct tr *t, uint32_t a, int32_t difference) {
  value_push(t, a);
  constant(t, (uint32_t)difference);
  op(t, W_I32_ADD);
  tee(t, t->local_x);
  value_push(t, a);
  op(t, difference >= 0 ? W_I32_LT_S : W_I32_GT_S);
  br_if(t, SLOW);
}

static void emit_multiply(struct tr *t, uint32_t a, uint32_t b) {
  value_push(t, a);
  constant(t, 1);
  op(t, W_I32_SHR_S);
  op(t, W_I64_EXTEND_I32_S);
  value_push(t, b);
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
  br_if(t, SLOW);
  get(t, t->local_x);
  constant(t, OOP_INT_TAG);
  op(t, W_I32_OR);
  set(t, t->local_x);
}

/* // and \\ round towards negative infinity; only positive divisors are inlined. */
static void emit_divide(struct tr *t, uint32_t a, uint32_t b, bool quotient) {
  value_push(t, b);
  constant(t, int_oop(1));
  op(t, W_I32_LT_S);
  br_if(t, SLOW);
  value_push(t, a);
  constant(t, 1);
  op(t, W_I32_SHR_S);
  value_push(t, b);
  constant(t, 1);
  op(t, W_I32_SHR_S);
  tee(t, t->local_y);
  op(t, W_I32_REM_S);
  set(t, t->local_x); /* remainder with the sign of a */
  if (quotient) {
    value_push(t, a);
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
  constant(t, 1);
  op(t, W_I32_SHL);
  constant(t, OOP_INT_TAG);
  op(t, W_I32_OR);
  set(t, t->local_x);
}

void emit_arithmetic(struct tr *t, uint32_t index) {
  const uint32_t a = t->depth - 2, b = t->depth - 1;
  const bool b_const = is_int_const(&t->stack[b]);
  const int32_t difference = b_const ? (int32_t)(t->stack[b].constant - OOP_INT_TAG) : 0;
  begin_inline(t);
  check_ints(t, a, b);
  switch (index) {
    case SPSEL_ADD:
      if (b_const)
        emit_add_const(t, a, difference);
      else
        emit_add(t, a, b);
      break;
    case SPSEL_SUBTRACT:
      /* The negation of the least SmallInteger's difference does not fit. */
      if (b_const && difference != INT32_MIN)
        emit_add_const(t, a, -difference);
      else
        emit_subtract(t, a, b);
      break;
    case SPSEL_MULTIPLY: emit_multiply(t, a, b); break;
    case SPSEL_DIV: emit_divide(t, a, b, true); break;
    case SPSEL_MOD: emit_divide(t, a, b, false); break;
    case SPSEL_BIT_AND:
    case SPSEL_BIT_OR:
      value_push(t, a);
      value_push(t, b);
      op(t, index == SPSEL_BIT_AND ? W_I32_AND : W_I32_OR);
      set(t, t->local_x);
      break;
    default: break;
  }
  end_arithmetic(t, index, index != SPSEL_BIT_AND && index != SPSEL_BIT_OR);
}

/* Shifts by a known number are inlined, to the left with a look at what is lost. */
void emit_shift(struct tr *t) {
  const uint32_t a = t->depth - 2, b = t->depth - 1;
  enum { MAX_SHIFT = 29 };
  const int32_t by = is_int_const(&t->stack[b]) ? oop_int(t->stack[b].constant) : 0;
  begin_inline(t);
  if (by == 0 || by > MAX_SHIFT || by < -MAX_SHIFT) {
    br(t, SLOW);
  } else {
    check_ints(t, a, b);
    value_push(t, a);
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
      value_push(t, a);
      op(t, W_I32_NE);
      br_if(t, SLOW);
      get(t, t->local_x);
    } else {
      constant(t, (uint32_t)-by);
      op(t, W_I32_SHR_S);
    }
    constant(t, OOP_INT_TAG);
    op(t, W_I32_OR);
    set(t, t->local_x);
  }
  end_arithmetic(t, SPSEL_BIT_SHIFT, true);
}

/* `/` is left to the helper: exact quotients and Floats. */
void emit_exact_division(struct tr *t) {
  begin_inline(t);
  br(t, SLOW);
  end_arithmetic(t, SPSEL_DIVIDE, true);
}

/* ---- comparison ---- */

static enum wasm_opcode comparison(uint32_t index) {
  switch (index) {
    case SPSEL_LESS: return W_I32_LT_S;
    case SPSEL_GREATER: return W_I32_GT_S;
    case SPSEL_LESS_EQUAL: return W_I32_LE_S;
    case SPSEL_GREATER_EQUAL: return W_I32_GE_S;
    case SPSEL_EQUAL:
    case SPSEL_IDENTICAL: return W_I32_EQ;
    default: return W_I32_NE;
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
  begin(t, W_IF, 0);
  get(t, 0);
  get(t, t->local_x);
  store(t, slot_offset(t, d));
  emit_bail(t, jump->pc, d + 1);
  end(t);
}

/* A comparison whose operands are not both SmallIntegers. */
static void compare_slowly(struct tr *t, uint32_t index, uint32_t a, uint32_t b,
                           const struct cfg_insn *jump) {
  if (may_be_floats(t, index, a, b)) {
    begin(t, W_BLOCK, 0);
    apply_to_floats(t, index, a, b);
    set(t, t->local_cond);
    if (jump == NULL) {
      push_boolean(t);
      set(t, t->local_x);
    }
    br(t, DONE);
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
  br_if(t, SLOW);
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

bool emit_comparison(struct tr *t, uint32_t index, const struct cfg_insn *jump) {
  const uint32_t a = t->depth - 2, b = t->depth - 1;
  const bool identity = index == SPSEL_IDENTICAL || index == SPSEL_NOT_IDENTICAL;
  if (jump != NULL) stack_flush(t, a);
  if (!identity) {
    begin_inline(t);
    check_ints(t, a, b);
  }
  value_push(t, a);
  value_push(t, b);
  op(t, comparison(index));
  if (identity && jump == NULL) {
    set(t, t->local_cond);
    push_boolean(t);
    set(t, t->local_x);
  } else {
    set(t, t->local_cond);
    if (jump == NULL) {
      push_boolean(t);
      set(t, t->local_x);
    }
  }
  if (!identity) {
    br(t, DONE);
    end(t);
    compare_slowly(t, index, a, b, jump);
    end(t);
  }
  stack_pop(t, 2);
  if (jump != NULL) return true;
  get(t, t->local_x);
  stack_push_local(t);
  return false;
}
