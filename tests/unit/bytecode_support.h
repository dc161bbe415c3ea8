/* bytecode_support.h: what the tests of the two bytecode sets share: methods are run, and which rows of the
 * table they used is noted, so that a row without a test is found. */
#ifndef TESTS_UNIT_BYTECODE_SUPPORT_H
#define TESTS_UNIT_BYTECODE_SUPPORT_H

#include "test_heap.h"

static bool row_was_used[2][256];

static inline void note_rows(oop method) {
  bool sista = method_alternate_set(method);
  for (uint32_t pc = method_first_pc(method), end = method_end_pc(method) - 1; pc < end;) {
    uint8_t code = *AT(uint8_t, method + pc);
    row_was_used[sista][code] = true;
    pc += bytecode_bytes(sista, code);
  }
}

/* A method of the test's set. */
static inline oop method_of(struct test_method t) {
  oop m = test_method(&t);
  note_rows(m);
  return m;
}

/* Every row must have been in a method that a test ran. */
static inline void assert_all_rows_used(bool sista) {
  for (int c = 0; c < 256;) {
    const char *name = bytecode_name(sista, (uint8_t)c);
    bool used = false;
    for (; c < 256 && strcmp(bytecode_name(sista, (uint8_t)c), name) == 0; c++)
      used = used || row_was_used[sista][c];
    if (!used) fail_msg("no test runs %s", name);
  }
}

/* An object with three fields 11, 22, 33. */
static inline oop three_fields(void) {
  oop o = mem_instantiate(fixture_plain(), 0);
  for (uint32_t i = 0; i < 3; i++) obj_put_raw(o, i, I(11 * (int32_t)(i + 1)));
  return o;
}
static inline oop association(oop value) {
  oop o = three_fields();
  mem_store(o, 1, value);
  return o;
}

/* Expects the double. */
static inline void assert_float(oop o, double value) {
  assert_true(oop_has_class_index(o, CIX_FLOAT));
  assert_true(mem_float(o) == value);
}

/* A method of Object that answers its last argument, or the receiver when it has none. */
static inline void install_last_argument(oop selector, uint32_t args) {
  oop m = args == 0 ? TEST_METHOD(.code = {V3_RETURN_RECEIVER})
                    : TEST_METHOD(.args = args, .code = {(uint8_t)(V3_PUSH_TEMP + args - 1), V3_RETURN_TOP});
  test_install(test_object_class(), selector, m);
}
/* attemptToAssign: value withIndex: i answers i. */
static inline void install_attempt_to_assign(void) {
  install_last_argument(mem_special(SPECIAL_SELECTOR_ATTEMPT_TO_ASSIGN), 2);
}
static inline void install_must_be_boolean(void) {
  install_last_argument(mem_special(SPECIAL_SELECTOR_MUST_BE_BOOLEAN), 0);
}

/* A method that answers the message it was sent with, for what is not understood. */
static inline void install_dnu(void) { install_last_argument(mem_special(SPECIAL_SELECTOR_DNU), 1); }
static inline void assert_not_understood(oop message, oop selector, uint32_t num_args) {
  assert_true(oop_has_class_index(message, CIX_MESSAGE));
  assert_oop(obj_slot(message, 0), selector);
  assert_int_equal(obj_slots(obj_slot(message, 1)), num_args);
}

#endif
