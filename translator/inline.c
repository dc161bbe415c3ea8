/* inline.c: special sends with their common cases inlined, and ordinary sends through inline caches.
 *
 * Shape of an inlined operation:  block $done  block $slow  test; br_if $slow; …; br $done  end  full send
 * end
 */
#include "translator/emit.h"

enum { DONE = 1, SLOW = 0 };                              /* labels inside the two blocks */
enum { SLOT_OFFSET_OF_TAGGED_INDEX = HDR_BYTES - 4 - 2 }; /* element i is at object + 2 * (2i + 1) + this */

static bool is_int_const(const struct value *v) { return v->kind == VALUE_CONST && oop_is_int(v->constant); }

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

/* The slow path of a special send with its operands at depth d on: answers in local_x, after reloading what
 * the fast path keeps. */
static void slow_send(struct tr *t, uint32_t index, uint32_t d, uint32_t num_args) {
  cold_spill(t, d + num_args + 1);
  put_pc(t, t->insn->next);
  get(t, 0);
  push_sp(t, d + num_args + 1);
  constant(t, index);
  call(t, TRH_SEND_SPECIAL);
  set(t, t->local_x);
  emit_return_if_bail(t, t->local_x);
  cold_reload(t, d);
}

static void begin_inline(struct tr *t) {
  begin(t, W_BLOCK, 0);
  begin(t, W_BLOCK, 0);
}

/* The fast result is in local_x. */
static void end_inline(struct tr *t, uint32_t index, uint32_t num_args) {
  const uint32_t d = t->depth - num_args - 1;
  br(t, DONE);
  end(t);
  slow_send(t, index, d, num_args);
  end(t);
  stack_pop(t, num_args + 1);
  get(t, t->local_x);
  stack_push_local(t);
}

/* ---- arithmetic ---- */

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

static void emit_arithmetic(struct tr *t, uint32_t index) {
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
static void emit_shift(struct tr *t) {
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
static void emit_exact_division(struct tr *t) {
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

static bool emit_comparison(struct tr *t, uint32_t index, const struct cfg_insn *jump) {
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

/* ---- indexed access ---- */

/* Branches to $slow unless entry a refers to an object; leaves whether it is an Array on the wasm stack. */
static void test_array(struct tr *t, uint32_t a) {
  value_push(t, a);
  constant(t, OOP_TAG_MASK);
  op(t, W_I32_AND);
  br_if(t, SLOW);
  value_push(t, a);
  load(t, 0);
  constant(t, HDR_CLASS_MASK);
  op(t, W_I32_AND);
  constant(t, t->env->array_index);
  op(t, W_I32_EQ);
}

/* Inside the `if` of test_array (labels are one deeper): bounds of the SmallInteger index in entry i. */
static void check_index(struct tr *t, uint32_t object_local, uint32_t i) {
  if (!is_int_const(&t->stack[i])) {
    value_push(t, i);
    constant(t, OOP_INT_TAG);
    op(t, W_I32_AND);
    op(t, W_I32_EQZ);
    br_if(t, SLOW + 1);
  }
  value_push(t, i);
  constant(t, int_oop(1));
  op(t, W_I32_SUB);
  constant(t, 1);
  op(t, W_I32_SHR_U);
  emit_slots(t, object_local);
  op(t, W_I32_GE_U);
  br_if(t, SLOW + 1);
}

/* Pushes the address from which the element of tagged index i is at SLOT_OFFSET_OF_TAGGED_INDEX. */
static void push_element_base(struct tr *t, uint32_t a, uint32_t i) {
  value_push(t, a);
  value_push(t, i);
  constant(t, 1);
  op(t, W_I32_SHL);
  op(t, W_I32_ADD);
}

/* The object entry in a local of its own. */
static uint32_t object_local(struct tr *t, uint32_t a) {
  value_push(t, a);
  set(t, t->local_cond);
  return t->local_cond;
}

static void emit_at(struct tr *t) {
  const uint32_t a = t->depth - 2, i = t->depth - 1;
  begin_inline(t);
  const uint32_t object = object_local(t, a);
  test_array(t, a);
  begin(t, W_IF, 0);
  check_index(t, object, i);
  push_element_base(t, a, i);
  load(t, SLOT_OFFSET_OF_TAGGED_INDEX);
  set(t, t->local_x);
  op(t, W_ELSE);
  get(t, object);
  value_push(t, i);
  call(t, TRH_AT);
  tee(t, t->local_x);
  op(t, W_I32_EQZ);
  br_if(t, SLOW + 1);
  end(t);
  end_inline(t, SPSEL_AT, 1);
}

static void emit_at_put(struct tr *t) {
  const uint32_t a = t->depth - 3, i = t->depth - 2, v = t->depth - 1;
  begin_inline(t);
  const uint32_t object = object_local(t, a);
  test_array(t, a);
  begin(t, W_IF, 0);
  get(t, object);
  load(t, 0);
  constant(t, HDR_IMMUTABLE);
  op(t, W_I32_AND);
  br_if(t, SLOW + 1);
  check_index(t, object, i);
  push_element_base(t, a, i);
  value_push(t, v);
  store(t, SLOT_OFFSET_OF_TAGGED_INDEX);
  value_push(t, v);
  set(t, t->local_x);
  if (t->stack[v].kind != VALUE_CONST) emit_barrier(t, object, t->local_x);
  op(t, W_ELSE);
  get(t, object);
  value_push(t, i);
  value_push(t, v);
  call(t, TRH_AT_PUT);
  tee(t, t->local_x);
  op(t, W_I32_EQZ);
  br_if(t, SLOW + 1);
  end(t);
  end_inline(t, SPSEL_AT_PUT, 2);
}

static void emit_size(struct tr *t) {
  const uint32_t a = t->depth - 1;
  begin_inline(t);
  const uint32_t object = object_local(t, a);
  test_array(t, a);
  begin(t, W_IF, 0);
  emit_slots(t, object);
  constant(t, 1);
  op(t, W_I32_SHL);
  constant(t, OOP_INT_TAG);
  op(t, W_I32_OR);
  set(t, t->local_x);
  op(t, W_ELSE);
  get(t, object);
  call(t, TRH_SIZE);
  tee(t, t->local_x);
  op(t, W_I32_EQZ);
  br_if(t, SLOW + 1);
  end(t);
  end_inline(t, SPSEL_SIZE, 0);
}

static void emit_class(struct tr *t) {
  value_push(t, t->depth - 1);
  call(t, TRH_CLASS);
  stack_pop(t, 1);
  stack_push_local(t);
}

/* ---- the dispatch among special sends ---- */

bool emit_special(struct tr *t, uint32_t index, const struct cfg_insn *fused_jump) {
  const uint32_t num_args = special_selector_args(index);
  for (uint32_t d = t->depth - num_args - 1; d < t->depth; d++) value_materialize(t, d);
  switch (index) {
    case SPSEL_IDENTICAL:
    case SPSEL_NOT_IDENTICAL: return emit_comparison(t, index, fused_jump);
    case SPSEL_LESS:
    case SPSEL_GREATER:
    case SPSEL_LESS_EQUAL:
    case SPSEL_GREATER_EQUAL:
    case SPSEL_EQUAL:
    case SPSEL_NOT_EQUAL: return emit_comparison(t, index, fused_jump);
    case SPSEL_ADD:
    case SPSEL_SUBTRACT:
    case SPSEL_MULTIPLY:
    case SPSEL_DIV:
    case SPSEL_MOD:
    case SPSEL_BIT_AND:
    case SPSEL_BIT_OR: emit_arithmetic(t, index); return false;
    case SPSEL_BIT_SHIFT: emit_shift(t); return false;
    case SPSEL_DIVIDE: emit_exact_division(t); return false;
    case SPSEL_AT: emit_at(t); return false;
    case SPSEL_AT_PUT: emit_at_put(t); return false;
    case SPSEL_SIZE: emit_size(t); return false;
    case SPSEL_CLASS: emit_class(t); return false;
    default: emit_send(t, index, num_args, true); return false;
  }
}

/* ---- ordinary sends ---- */

addr new_site(struct tr *t, uint32_t selector, uint32_t num_args, bool special) {
  const addr site = t->env->sites + t->site_count * (uint32_t)sizeof(struct tr_site);
  *AT(struct tr_site, site) = (struct tr_site){
      .selector = selector, .num_args = num_args, .method_cell = t->env->method_cell, .is_special = special};
  t->site_count++;
  return site;
}

/* Pushes the class index of the oop in `local`. */
static void push_class_index(struct tr *t, uint32_t local) {
  get(t, local);
  constant(t, OOP_TAG_MASK);
  op(t, W_I32_AND);
  begin(t, W_IF, WASM_I32);
  constant(t, CIX_SMALLINTEGER);
  constant(t, CIX_CHARACTER);
  get(t, local);
  constant(t, OOP_INT_TAG);
  op(t, W_I32_AND);
  op(t, W_SELECT);
  op(t, W_ELSE);
  get(t, local);
  load(t, 0);
  constant(t, HDR_CLASS_MASK);
  op(t, W_I32_AND);
  end(t);
}

/* Receiver and arguments are in the frame, and local_y has what the site's cell is compared with: calls what
 * the first way that matches says, or the helper. The result is pushed. */
static void call_by_site(struct tr *t, addr site, uint32_t num_args, enum tr_helper helper) {
  const uint32_t callee_fp = slot_offset(t, t->depth);
  enum { HIT = 0, CALLED = 1 };
  begin(t, W_BLOCK, 0);
  begin(t, W_BLOCK, 0);
  for (uint32_t i = 0; i < (helper == TRH_SEND ? TR_SITE_WAYS : 1u); i++) {
    const uint32_t way = i * (uint32_t)sizeof(struct tr_way);
    constant(t, site);
    load(t, way + offsetof(struct tr_way, slot));
    set(t, t->local_x);
    get(t, t->local_y);
    constant(t, site);
    load(t, way + offsetof(struct tr_way, class_index));
    op(t, W_I32_EQ);
    br_if(t, HIT);
  }
  get(t, 0);
  push_sp(t, t->depth);
  constant(t, site);
  call(t, helper);
  set(t, t->local_x);
  br(t, CALLED);
  end(t);
  get(t, 0);
  get(t, 0);
  store(t, callee_fp + FRAME_SAVED_FP);
  get(t, 0);
  constant(t, callee_fp);
  op(t, W_I32_ADD);
  get(t, t->local_x);
  wasm_emit(t->f, W_CALL_INDIRECT, WASM_TYPE_METHOD, 0);
  set(t, t->local_x);
  end(t);
  stack_pop(t, num_args + 1);
  stack_forget(t);
  get(t, t->local_x);
  stack_push_local(t);
  emit_return_if_bail(t, t->local_stack + t->depth - 1);
}

void emit_send(struct tr *t, uint32_t selector, uint32_t num_args, bool special) {
  const uint32_t rcvr = t->depth - num_args - 1;
  const addr site = new_site(t, selector, num_args, special);
  stack_flush(t, t->depth);
  put_pc(t, t->insn->next);
  value_push(t, rcvr);
  set(t, t->local_x);
  push_class_index(t, t->local_x);
  set(t, t->local_y);
  call_by_site(t, site, num_args, TRH_SEND);
}

void emit_send_super(struct tr *t, uint32_t selector, uint32_t num_args) {
  const addr site = new_site(t, selector, num_args, false);
  stack_flush(t, t->depth);
  put_pc(t, t->insn->next);
  constant(t, TR_SITE_ANY_CLASS);
  set(t, t->local_y);
  call_by_site(t, site, num_args, TRH_SEND_SUPER);
}
