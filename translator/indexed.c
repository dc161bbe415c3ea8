/* indexed.c: at:, at:put: and size inlined for Arrays, others by a helper; class (inline.h). */
#include "translator/inline.h"

enum { SLOT_OFFSET_OF_TAGGED_INDEX = HDR_BYTES - 4 - 2 }; /* element i is at object + 2 * (2i + 1) + this */

/* Branches to $slow unless entry a refers to an object; leaves whether it is an Array, and has none of the
 * header bits in `without`, on the wasm stack. */
static void test_array(struct tr *t, uint32_t a, uint32_t without) {
  value_push(t, a);
  constant(t, OOP_TAG_MASK);
  op(t, W_I32_AND);
  br_rarely(t, SLOW);
  value_push_local(t, a);
  load(t, 0);
  constant(t, HDR_CLASS_MASK | without);
  op(t, W_I32_AND);
  constant(t, t->env->array_index);
  op(t, W_I32_EQ);
}

/* Inside the `if` of test_array (labels are one deeper): bounds of the SmallInteger index in entry i. */
static void check_index(struct tr *t, uint32_t object_local, uint32_t i) {
  if (value_type(t, i) != TYPE_INT) {
    value_push(t, i);
    constant(t, OOP_INT_TAG);
    op(t, W_I32_AND);
    op(t, W_I32_EQZ);
    br_rarely(t, SLOW + 1);
  }
  value_push(t, i);
  constant(t, int_oop(1));
  op(t, W_I32_SUB);
  constant(t, 1);
  op(t, W_I32_SHR_U);
  emit_slots(t, object_local);
  op(t, W_I32_GE_U);
  br_rarely(t, SLOW + 1);
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

/* In the else branch, the helper's arguments pushed: what it answers, or the full send. */
static void end_by_helper(struct tr *t, enum tr_helper helper, uint32_t index, uint32_t num_args) {
  call(t, helper);
  tee(t, t->local_x);
  op(t, W_I32_EQZ);
  br_rarely(t, SLOW + 1);
  end(t);
  end_inline(t, index, num_args);
}

void emit_at(struct tr *t) {
  const uint32_t a = t->depth - 2, i = t->depth - 1;
  begin_inline(t);
  const uint32_t object = object_local(t, a);
  test_array(t, a, 0);
  begin(t, W_IF, 0);
  check_index(t, object, i);
  push_element_base(t, a, i);
  load(t, SLOT_OFFSET_OF_TAGGED_INDEX);
  set(t, t->local_x);
  op(t, W_ELSE);
  get(t, object);
  value_push(t, i);
  end_by_helper(t, TRH_AT, SPSEL_AT, 1);
}

void emit_at_put(struct tr *t) {
  const uint32_t a = t->depth - 3, i = t->depth - 2, v = t->depth - 1;
  begin_inline(t);
  const uint32_t object = object_local(t, a);
  test_array(t, a, HDR_IMMUTABLE); /* the helper says no to what is immutable */
  begin(t, W_IF, 0);
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
  end_by_helper(t, TRH_AT_PUT, SPSEL_AT_PUT, 2);
}

void emit_size(struct tr *t) {
  const uint32_t a = t->depth - 1;
  begin_inline(t);
  const uint32_t object = object_local(t, a);
  test_array(t, a, 0);
  begin(t, W_IF, 0);
  emit_slots(t, object);
  tag_int(t);
  set(t, t->local_x);
  op(t, W_ELSE);
  get(t, object);
  end_by_helper(t, TRH_SIZE, SPSEL_SIZE, 0);
}

/* As mem_class_of(): the class with the index, out of the page that the table has it in. */
void emit_class(struct tr *t) {
  value_push(t, t->depth - 1);
  set(t, t->local_x);
  emit_class_index(t, t->local_x);
  set(t, t->local_x);
  emit_class_page(t, t->local_x);
  emit_class_in_page(t, t->local_x);
  stack_pop(t, 1);
  stack_push_local(t);
}
