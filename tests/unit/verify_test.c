/* What the verifier of running code accepts and refuses, and that the VM stops where it refuses, whatever the
 * heap holds. */
#include "bytecode_support.h"

#include "interpreter/verify.h"

#define BYTES(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

/* A V3 method with these bytes, one literal, and `temps` temporaries. */
static struct verify_entry entry_of(const uint8_t *bytes, uint32_t size, uint32_t temps) {
  oop m = mem_new_method(mem_class_index_of(fixture_plain()), int_oop(1 | (int32_t)temps << 18), 8 + size);
  memcpy(AT(uint8_t, m + method_first_pc(m)), bytes, size);
  return (struct verify_entry){.method = m, .pc = method_first_pc(m), .kind = VERIFY_METHOD, .temps = temps};
}

static bool accepts(const uint8_t *bytes, uint32_t size) {
  const struct verify_entry e = entry_of(bytes, size, 2);
  uint32_t fields;
  return verify_code(&e, &fields) == NULL;
}

static void good_code_is_accepted(void **state) {
  (void)state;
  assert_true(accepts(BYTES(V3_PUSH_TEMP + 1, V3_RETURN_TOP)));
  assert_true(accepts(BYTES(V3_PUSH_TRUE, V3_JUMP_FALSE, V3_RETURN_NIL, V3_PUSH_LITERAL, V3_RETURN_TOP)));
  assert_true(accepts(BYTES(V3_RETURN_NIL, 255, 255))); /* a trailer is no code */
}

static void harmful_code_is_refused(void **state) {
  (void)state;
  assert_false(accepts(BYTES(V3_PUSH_NIL)));                    /* leads out */
  assert_false(accepts(BYTES(V3_JUMP + 7, V3_RETURN_NIL)));     /* jumps out */
  assert_false(accepts(BYTES(V3_LONG_JUMP, 0, V3_RETURN_NIL))); /* back, out */
  assert_false(accepts(BYTES(V3_RETURN_TOP)));                  /* of nothing */
  assert_false(accepts(BYTES(V3_POP, V3_RETURN_NIL)));
  assert_false(accepts(BYTES(V3_PUSH_TEMP + 2, V3_RETURN_TOP)));    /* has two */
  assert_false(accepts(BYTES(V3_PUSH_LITERAL + 1, V3_RETURN_TOP))); /* has one */
  assert_false(accepts(BYTES(V3_EXT_PUSH)));                        /* cut short */
  /* A loop that pushes each time. */
  assert_false(accepts(BYTES(V3_PUSH_NIL, V3_LONG_JUMP + 3, 256 - 3, V3_RETURN_NIL)));
}

static void fields_and_depths_are_told(void **state) {
  (void)state;
  const struct verify_entry e =
      entry_of(BYTES(V3_PUSH_INSTVAR + 4, V3_PUSH_RECEIVER, V3_POP_INSTVAR + 2, V3_RETURN_TOP), 0);
  uint32_t fields;
  assert_null(verify_code(&e, &fields));
  assert_int_equal(fields, 5);
  assert_int_equal(verify_depth(&e, e.pc + 2, &fields), 2);
  assert_int_equal(verify_depth(&e, e.pc + 3, &fields), 1);
  assert_int_equal(verify_depth(&e, e.pc - 1, &fields), -1);
  assert_true(verify_covers(&e, e.pc + 3) && verify_covers(&e, e.pc - 1));
}

static void assert_stops(oop result) {
  assert_int_equal(result, RESULT_BAIL);
  assert_int_equal(interp.stop, STOP_ERROR);
  test_go_on();
  fixture_assert_sound();
}

static void a_receiver_must_have_the_fields(void **state) {
  (void)state;
  oop m = TEST_METHOD(.code = {V3_PUSH_INSTVAR + 2, V3_RETURN_TOP});
  assert_oop(test_run(m, three_fields()), I(33));
  m = TEST_METHOD(.code = {V3_PUSH_INSTVAR + 3, V3_RETURN_TOP});
  assert_stops(test_run(m, three_fields()));
  assert_stops(test_run(m, I(3)));
  assert_stops(test_run(m, mem_new_bytes(CIX_BYTE_ARRAY, 40)));
}

static void a_literal_variable_may_be_anything(void **state) {
  (void)state;
  assert_oop(test_run(TEST_METHOD(.literals = {I(1)}, .code = {V3_PUSH_LITVAR, V3_RETURN_TOP}), I(0)),
             mem.nil);
  assert_stops(test_run(
      TEST_METHOD(.literals = {I(1)}, .code = {V3_PUSH_TRUE, V3_EXT_STORE, 0xC0, V3_RETURN_TOP}), I(0)));
}

static void a_method_takes_what_its_message_has(void **state) {
  (void)state;
  oop s = test_symbol("unary");
  test_install(mem_class_at(CIX_SMALLINTEGER), s,
               TEST_METHOD(.args = 2, .code = {V3_PUSH_TEMP, V3_RETURN_TOP}));
  assert_stops(
      test_run(TEST_METHOD(.literals = {s}, .code = {V3_PUSH_RECEIVER, V3_SEND_0, V3_RETURN_TOP}), I(0)));
}

#define T(name) cmocka_unit_test_setup_teardown(name, test_heap_setup, test_heap_teardown)
int main(void) {
  const struct CMUnitTest tests[] = {
      T(good_code_is_accepted),
      T(harmful_code_is_refused),
      T(fields_and_depths_are_told),
      T(a_receiver_must_have_the_fields),
      T(a_literal_variable_may_be_anything),
      T(a_method_takes_what_its_message_has),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
