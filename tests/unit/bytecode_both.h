/* bytecode_both.h: tests of what the two bytecode sets have alike. The test of each includes it after it has
 * defined OP(name), the set's bytecode, and METHOD, RUN0 and SPECIAL. */
#ifndef TESTS_UNIT_BYTECODE_BOTH_H
#define TESTS_UNIT_BYTECODE_BOTH_H

#include "bytecode_support.h"

static oop special(oop a, uint8_t which, oop b) {
  oop m = METHOD(.args = 1, .code = {OP(PUSH_RECEIVER), OP(PUSH_TEMP), which, OP(RETURN_TOP)});
  return test_run(m, a, b);
}

static void pushes_the_receiver_and_constants(void **state) {
  (void)state;
  assert_oop(RUN0(I(9), OP(PUSH_RECEIVER), OP(RETURN_TOP)), I(9));
  assert_oop(RUN0(I(9), OP(PUSH_TRUE), OP(RETURN_TOP)), mem.true_);
  assert_oop(RUN0(I(9), OP(PUSH_FALSE), OP(RETURN_TOP)), mem.false_);
  assert_oop(RUN0(I(9), OP(PUSH_NIL), OP(RETURN_TOP)), mem.nil);
}

static void returns_the_receiver_and_constants(void **state) {
  (void)state;
  assert_oop(RUN0(I(9), OP(RETURN_RECEIVER)), I(9));
  assert_oop(RUN0(I(9), OP(RETURN_TRUE)), mem.true_);
  assert_oop(RUN0(I(9), OP(RETURN_FALSE)), mem.false_);
  assert_oop(RUN0(I(9), OP(RETURN_NIL)), mem.nil);
}

static void pops_and_duplicates(void **state) {
  (void)state;
  assert_oop(RUN0(I(1), OP(PUSH_TRUE), OP(PUSH_FALSE), OP(POP), OP(RETURN_TOP)), mem.true_);
  assert_oop(RUN0(I(2), OP(PUSH_RECEIVER), OP(DUP), SPECIAL(ADD), OP(RETURN_TOP)), I(4));
}

/* Conditions over what both sets have; V3 has no short jump on true. */
static void conditional_jumps(void **state) {
  (void)state;
  for (int truth = 0; truth < 2; truth++) {
    uint8_t condition = truth ? OP(PUSH_TRUE) : OP(PUSH_FALSE);
    oop if_false = truth ? mem.nil : mem.true_, if_true = truth ? mem.true_ : mem.nil;
    assert_oop(RUN0(I(1), condition, OP(JUMP_FALSE), OP(RETURN_NIL), OP(RETURN_TRUE)), if_false);
    assert_oop(RUN0(I(1), condition, OP(LONG_JUMP_FALSE), 1, OP(RETURN_NIL), OP(RETURN_TRUE)), if_false);
    assert_oop(RUN0(I(1), condition, OP(LONG_JUMP_TRUE), 1, OP(RETURN_NIL), OP(RETURN_TRUE)), if_true);
  }
}

static void makes_arrays(void **state) {
  (void)state;
  oop r = RUN0(I(1), OP(PUSH_ARRAY), 3, OP(RETURN_TOP));
  assert_int_equal(obj_slots(r), 3);
  assert_oop(obj_slot(r, 2), mem.nil);
  r = RUN0(I(1), OP(PUSH_TRUE), OP(PUSH_FALSE), OP(PUSH_ARRAY), 0x82, OP(RETURN_TOP));
  assert_oop(obj_slot(r, 0), mem.true_);
  assert_oop(obj_slot(r, 1), mem.false_);
}

static void remote_temporaries(void **state) {
  (void)state;
  oop m = METHOD(.temps = 1, .code = {OP(PUSH_ARRAY), 2, OP(POP_TEMP), OP(PUSH_TRUE), OP(STORE_REMOTE_TEMP),
                                      0, 0, OP(POP_REMOTE_TEMP), 1, 0, OP(PUSH_REMOTE_TEMP), 1, 0,
                                      OP(PUSH_REMOTE_TEMP), 0, 0, OP(PUSH_ARRAY), 0x82, OP(RETURN_TOP)});
  oop r = test_run(m, I(0));
  assert_oop(obj_slot(r, 0), mem.true_);
  assert_oop(obj_slot(r, 1), mem.true_);
}

/* In the lists of tests. */
#define TESTS_OF_BOTH                                                                                  \
  T(pushes_the_receiver_and_constants), T(returns_the_receiver_and_constants), T(pops_and_duplicates), \
      T(conditional_jumps), T(makes_arrays), T(remote_temporaries)

#endif
