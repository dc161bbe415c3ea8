/* bytecode_v3_test.c: each bytecode of V3 with closures (BYTECODES_V3), run in tiny methods. */
#include "bytecode_support.h"

#define METHOD(...) method_of((struct test_method){__VA_ARGS__})
#define RUN0(receiver, ...) test_run(METHOD(.code = {__VA_ARGS__}), receiver)
#define SPECIAL(name) (V3_SEND_SPECIAL + SPSEL_##name)
#define EXT_INSTVAR(i) (i)
#define EXT_TEMP(i) (0x40 | (i))
#define EXT_LITERAL(i) (0x80 | (i))
#define EXT_LITVAR(i) (0xC0 | (i))
#define OP(name) V3_##name
#include "bytecode_both.h"

static void pushes_instance_variables(void **state) {
  (void)state;
  assert_oop(RUN0(three_fields(), V3_PUSH_INSTVAR + 1, V3_RETURN_TOP), I(22));
  assert_oop(RUN0(three_fields(), V3_EXT_PUSH, EXT_INSTVAR(2), V3_RETURN_TOP), I(33));
  assert_oop(RUN0(three_fields(), V3_DOUBLE_EXT, 0x40, 2, V3_RETURN_TOP), I(33));
}

static void pushes_temporaries_and_arguments(void **state) {
  (void)state;
  oop second = METHOD(.args = 2, .temps = 1, .code = {V3_PUSH_TEMP + 1, V3_RETURN_TOP});
  assert_oop(test_run(second, I(1), I(2), I(3)), I(3));
  oop third = METHOD(.args = 2, .temps = 1, .code = {V3_PUSH_TEMP + 2, V3_RETURN_TOP});
  assert_oop(test_run(third, I(1), I(2), I(3)), mem.nil);
  oop extended = METHOD(.args = 2, .code = {V3_EXT_PUSH, EXT_TEMP(0), V3_RETURN_TOP});
  assert_oop(test_run(extended, I(1), I(2), I(3)), I(2));
}

static void pushes_literals(void **state) {
  (void)state;
  assert_oop(test_run(METHOD(.literals = {I(5), I(6)}, .code = {V3_PUSH_LITERAL + 1, V3_RETURN_TOP}), I(0)),
             I(6));
  assert_oop(
      test_run(METHOD(.literals = {I(5), I(6)}, .code = {V3_EXT_PUSH, EXT_LITERAL(0), V3_RETURN_TOP}), I(0)),
      I(5));
  assert_oop(
      test_run(METHOD(.literals = {I(5), I(6)}, .code = {V3_DOUBLE_EXT, 0x60, 1, V3_RETURN_TOP}), I(0)),
      I(6));
}

static void pushes_literal_variables(void **state) {
  (void)state;
  oop a = association(I(7));
  assert_oop(test_run(METHOD(.literals = {I(5), a}, .code = {V3_PUSH_LITVAR + 1, V3_RETURN_TOP}), I(0)),
             I(7));
  assert_oop(test_run(METHOD(.literals = {a}, .code = {V3_EXT_PUSH, EXT_LITVAR(0), V3_RETURN_TOP}), I(0)),
             I(7));
  assert_oop(test_run(METHOD(.literals = {a}, .code = {V3_DOUBLE_EXT, 0x80, 0, V3_RETURN_TOP}), I(0)), I(7));
}

static void pushes_small_integers(void **state) {
  (void)state;
  for (int i = 0; i < 4; i++) assert_oop(RUN0(I(9), (uint8_t)(V3_PUSH_SMALL + i), V3_RETURN_TOP), I(i - 1));
}

static void stores_instance_variables(void **state) {
  (void)state;
  oop o = three_fields();
  assert_oop(RUN0(o, V3_PUSH_TRUE, V3_POP_INSTVAR + 1, V3_PUSH_INSTVAR + 1, V3_RETURN_TOP), mem.true_);
  assert_oop(RUN0(o, V3_PUSH_FALSE, V3_EXT_STORE, EXT_INSTVAR(2), V3_RETURN_TOP), mem.false_);
  assert_oop(RUN0(o, V3_PUSH_NIL, V3_PUSH_TRUE, V3_EXT_POP, EXT_INSTVAR(0), V3_RETURN_TOP), mem.nil);
  assert_oop(RUN0(o, V3_PUSH_SMALL + 3, V3_DOUBLE_EXT, 0xA0, 0, V3_RETURN_TOP), I(2)); /* store … */
  assert_oop(obj_slot(o, 0), I(2));
  assert_oop(RUN0(o, V3_PUSH_NIL, V3_PUSH_TRUE, V3_DOUBLE_EXT, 0xC0, 0, V3_RETURN_TOP),
             mem.nil); /* … and pop */
  assert_oop(obj_slot(o, 0), mem.true_);
  assert_oop(obj_slot(o, 1), mem.true_);
  assert_oop(obj_slot(o, 2), mem.false_);
}

static void stores_remember_old_objects(void **state) {
  (void)state;
  oop old = mem_new_old(mem_class_index_of(fixture_plain()), FMT_FIXED, 3), young = three_fields();
  oop m = METHOD(.args = 1, .code = {V3_PUSH_TEMP, V3_POP_INSTVAR, V3_RETURN_RECEIVER});
  assert_true(oop_is_young(young));
  test_run(m, old, young);
  assert_true(obj_is_remembered(old));
  fixture_assert_sound();
}

static void stores_temporaries(void **state) {
  (void)state;
  assert_oop(
      test_run(METHOD(.temps = 1, .code = {V3_PUSH_TRUE, V3_POP_TEMP, V3_PUSH_TEMP, V3_RETURN_TOP}), I(0)),
      mem.true_);
  oop store = METHOD(.args = 1,
                     .code = {V3_PUSH_TRUE, V3_EXT_STORE, EXT_TEMP(0), V3_POP, V3_PUSH_TEMP, V3_RETURN_TOP});
  assert_oop(test_run(store, I(0), I(4)), mem.true_);
  oop pop = METHOD(.args = 1, .code = {V3_PUSH_NIL, V3_PUSH_TRUE, V3_EXT_POP, EXT_TEMP(0), V3_RETURN_TOP});
  assert_oop(test_run(pop, I(0), I(4)), mem.nil);
}

static void stores_literal_variables(void **state) {
  (void)state;
  oop a = association(I(7));
  test_run(METHOD(.literals = {a}, .code = {V3_PUSH_TRUE, V3_EXT_STORE, EXT_LITVAR(0), V3_RETURN_TOP}), I(0));
  assert_oop(obj_slot(a, 1), mem.true_);
  test_run(METHOD(.literals = {a}, .code = {V3_PUSH_FALSE, V3_EXT_POP, EXT_LITVAR(0), V3_RETURN_NIL}), I(0));
  assert_oop(obj_slot(a, 1), mem.false_);
  test_run(METHOD(.literals = {a}, .code = {V3_PUSH_NIL, V3_DOUBLE_EXT, 0xE0, 0, V3_RETURN_NIL}), I(0));
  assert_oop(obj_slot(a, 1), mem.nil);
}

static void a_store_into_an_immutable_object_sends(void **state) {
  (void)state;
  oop o = three_fields();
  put32(o, at32(o) | HDR_IMMUTABLE);
  install_attempt_to_assign();
  assert_oop(RUN0(o, V3_PUSH_NIL, V3_PUSH_TRUE, V3_POP_INSTVAR + 1, V3_RETURN_TOP), I(2));
  assert_oop(obj_slot(o, 1), I(22));
}

static void jumps(void **state) {
  (void)state;
  assert_oop(RUN0(I(1), V3_PUSH_TRUE, V3_JUMP, V3_RETURN_NIL, V3_RETURN_TOP), mem.true_);
  assert_oop(RUN0(I(1), V3_PUSH_TRUE, V3_LONG_JUMP + 4, 1, V3_RETURN_NIL, V3_RETURN_TOP), mem.true_);
}

/* | n | n := 0. [n < 100] whileTrue: [n := n + 1]. ^n: more back-edges than between two checks when repeated.
 */
static void loops_backwards(void **state) {
  (void)state;
  oop m = METHOD(.args = 1, .temps = 1,
                 .code = {V3_PUSH_SMALL + 1, V3_POP_TEMP + 1, V3_PUSH_TEMP + 1, V3_PUSH_TEMP, SPECIAL(LESS),
                          V3_JUMP_FALSE + 5, V3_PUSH_TEMP + 1, V3_PUSH_SMALL + 2, SPECIAL(ADD),
                          V3_POP_TEMP + 1, V3_LONG_JUMP + 3, 256 - 10, V3_PUSH_TEMP + 1, V3_RETURN_TOP});
  assert_oop(test_run(m, mem.nil, I(100)), I(100));
  assert_true(method_infos[method_info_of(m)].back_edges > 0);
}

static void a_condition_that_is_no_boolean_is_told(void **state) {
  (void)state;
  install_must_be_boolean();
  assert_oop(RUN0(I(1), V3_PUSH_NIL, V3_PUSH_SMALL + 3, V3_JUMP_FALSE, V3_RETURN_TOP, V3_RETURN_NIL), I(2));
}

static void sends_with_arguments(void **state) {
  (void)state;
  oop s0 = test_symbol("zero"), s1 = test_symbol("one:"), s2 = test_symbol("two:two:"),
      s3 = test_symbol("three");
  install_last_argument(s0, 0);
  install_last_argument(s1, 1);
  install_last_argument(s2, 2);
  install_last_argument(s3, 3);
#define LITERALS .literals = {s0, s1, s2, s3}
#define PUSH3 V3_PUSH_SMALL + 1, V3_PUSH_SMALL + 2, V3_PUSH_SMALL + 3
  assert_oop(test_run(METHOD(LITERALS, .code = {V3_PUSH_RECEIVER, V3_SEND_0, V3_RETURN_TOP}), I(9)), I(9));
  assert_oop(test_run(METHOD(LITERALS, .code = {PUSH3, V3_SEND_1 + 1, V3_RETURN_TOP}), I(9)), I(2));
  assert_oop(test_run(METHOD(LITERALS, .code = {PUSH3, V3_SEND_2 + 2, V3_RETURN_TOP}), I(9)), I(2));
  assert_oop(test_run(METHOD(LITERALS, .code = {PUSH3, V3_EXT_SEND, 1 << 5 | 1, V3_RETURN_TOP}), I(9)), I(2));
  assert_oop(test_run(METHOD(LITERALS, .code = {PUSH3, V3_SECOND_EXT_SEND, 2 << 6 | 2, V3_RETURN_TOP}), I(9)),
             I(2));
  assert_oop(
      test_run(METHOD(LITERALS, .code = {V3_PUSH_NIL, PUSH3, V3_DOUBLE_EXT, 3, 3, V3_RETURN_TOP}), I(9)),
      I(2));
#undef LITERALS
#undef PUSH3
}

static void super_sends_look_above_the_methods_class(void **state) {
  (void)state;
  oop s = test_symbol("who"), below = test_class(FMT_FIXED, 0), binding = association(below);
  test_install(test_object_class(), s, TEST_METHOD(.code = {V3_RETURN_TRUE}));
  test_install(below, s, TEST_METHOD(.code = {V3_RETURN_FALSE}));
  oop receiver = mem_instantiate(below, 0);
  oop by_send = METHOD(.literals = {s, binding}, .code = {V3_PUSH_RECEIVER, V3_SEND_0, V3_RETURN_TOP});
  oop by_super = METHOD(.literals = {s, binding}, .code = {V3_PUSH_RECEIVER, V3_EXT_SUPER, 0, V3_RETURN_TOP});
  oop by_double =
      METHOD(.literals = {s, binding}, .code = {V3_PUSH_RECEIVER, V3_DOUBLE_EXT, 0x20, 0, V3_RETURN_TOP});
  assert_oop(test_run(by_send, receiver), mem.false_);
  assert_oop(test_run(by_super, receiver), mem.true_);
  assert_oop(test_run(by_double, receiver), mem.true_);
}

static void what_is_not_understood_becomes_a_message(void **state) {
  (void)state;
  install_dnu();
  oop s = test_symbol("foo:bar:");
  oop m = METHOD(.literals = {s},
                 .code = {V3_PUSH_RECEIVER, V3_PUSH_TRUE, V3_PUSH_NIL, V3_SEND_2, V3_RETURN_TOP});
  oop message = test_run(m, I(3));
  assert_not_understood(message, s, 2);
  assert_oop(obj_slot(obj_slot(message, 1), 0), mem.true_);
  assert_oop(obj_slot(message, 2), mem_class_at(CIX_SMALLINTEGER));
}

static void without_doesNotUnderstand_the_vm_stops(void **state) {
  (void)state;
  oop m = METHOD(.literals = {test_symbol("foo")}, .code = {V3_PUSH_RECEIVER, V3_SEND_0, V3_RETURN_TOP});
  assert_int_equal(test_run(m, I(3)), RESULT_BAIL);
  assert_int_equal(interp.stop, STOP_ERROR);
  assert_non_null(strstr(interp.error, "'foo'"));
}

/* A class without method dictionary: cannotInterpret: is looked up above it. */
static void a_class_without_dictionary_cannot_interpret(void **state) {
  (void)state;
  oop c = test_class(FMT_FIXED, 0), s = test_symbol("foo");
  obj_put_raw(c, CLASS_METHOD_DICT, mem.nil);
  test_install(test_object_class(), mem_special(SPECIAL_SELECTOR_CANNOT_INTERPRET),
               TEST_METHOD(.args = 1, .code = {V3_PUSH_TEMP, V3_RETURN_TOP}));
  oop m = METHOD(.literals = {s}, .code = {V3_PUSH_RECEIVER, V3_SEND_0, V3_RETURN_TOP});
  assert_not_understood(test_run(m, mem_instantiate(c, 0)), s, 0);
}

/* run: selector with: arguments in: receiver, to what stands in the dictionary in a method's place. */
static void an_object_as_method_is_run(void **state) {
  (void)state;
  oop s = test_symbol("foo:"), stand_in = three_fields();
  test_install(test_object_class(), s, stand_in);
  test_install(mem_class_of(stand_in), mem_special(SPECIAL_SELECTOR_RUN_WITH_IN),
               TEST_METHOD(.args = 3, .code = {V3_PUSH_RECEIVER, V3_PUSH_TEMP, V3_PUSH_TEMP + 1,
                                               V3_PUSH_TEMP + 2, V3_PUSH_ARRAY, 0x84, V3_RETURN_TOP}));
  oop m = METHOD(.literals = {s}, .code = {V3_PUSH_RECEIVER, V3_PUSH_TRUE, V3_SEND_1, V3_RETURN_TOP});
  for (int again = 0; again < 2; again++) { /* looked up, then from the cache */
    oop r = test_run(m, I(3));
    assert_oop(obj_slot(r, 0), stand_in);
    assert_oop(obj_slot(r, 1), s);
    assert_oop(obj_slot(obj_slot(r, 2), 0), mem.true_);
    assert_oop(obj_slot(r, 3), I(3));
  }
}

/* ---- special sends ---- */

static void small_integer_arithmetic(void **state) {
  (void)state;
  assert_oop(special(I(3), SPECIAL(ADD), I(4)), I(7));
  assert_oop(special(I(3), SPECIAL(SUBTRACT), I(4)), I(-1));
  assert_oop(special(I(-3), SPECIAL(MULTIPLY), I(4)), I(-12));
  assert_oop(special(I(12), SPECIAL(DIVIDE), I(-4)), I(-3));
  assert_oop(special(I(-7), SPECIAL(MOD), I(3)), I(2));
  assert_oop(special(I(7), SPECIAL(MOD), I(-3)), I(-2));
  assert_oop(special(I(-7), SPECIAL(DIV), I(3)), I(-3));
  assert_oop(special(I(7), SPECIAL(DIV), I(-3)), I(-3));
  assert_oop(special(I(12), SPECIAL(BIT_AND), I(10)), I(8));
  assert_oop(special(I(12), SPECIAL(BIT_OR), I(10)), I(14));
  assert_oop(special(I(3), SPECIAL(BIT_SHIFT), I(4)), I(48));
  assert_oop(special(I(-48), SPECIAL(BIT_SHIFT), I(-4)), I(-3));
  assert_oop(special(I(-1), SPECIAL(BIT_SHIFT), I(-100)), I(-1));
  assert_oop(special(I(0), SPECIAL(BIT_SHIFT), I(100)), I(0));
}

/* Beyond SmallInteger the message is sent. */
static void arithmetic_that_overflows_is_sent(void **state) {
  (void)state;
  install_dnu();
  assert_not_understood(special(I(SMALLINT_MAX), SPECIAL(ADD), I(1)), test_special_selector(SPSEL_ADD), 1);
  assert_not_understood(special(I(SMALLINT_MIN), SPECIAL(SUBTRACT), I(1)),
                        test_special_selector(SPSEL_SUBTRACT), 1);
  assert_not_understood(special(I(1 << 20), SPECIAL(MULTIPLY), I(1 << 20)),
                        test_special_selector(SPSEL_MULTIPLY), 1);
  assert_not_understood(special(I(SMALLINT_MIN), SPECIAL(DIVIDE), I(-1)), test_special_selector(SPSEL_DIVIDE),
                        1);
  assert_not_understood(special(I(SMALLINT_MIN), SPECIAL(DIV), I(-1)), test_special_selector(SPSEL_DIV), 1);
  assert_not_understood(special(I(7), SPECIAL(DIVIDE), I(2)), test_special_selector(SPSEL_DIVIDE), 1);
  assert_not_understood(special(I(7), SPECIAL(DIVIDE), I(0)), test_special_selector(SPSEL_DIVIDE), 1);
  assert_not_understood(special(I(7), SPECIAL(DIV), I(0)), test_special_selector(SPSEL_DIV), 1);
  assert_not_understood(special(I(7), SPECIAL(MOD), I(0)), test_special_selector(SPSEL_MOD), 1);
  assert_not_understood(special(I(1), SPECIAL(BIT_SHIFT), I(30)), test_special_selector(SPSEL_BIT_SHIFT), 1);
  assert_oop(special(I(SMALLINT_MIN), SPECIAL(ADD), I(SMALLINT_MAX)), I(-1));
  assert_oop(special(I(1 << 15), SPECIAL(MULTIPLY), I(-(1 << 15))), I(SMALLINT_MIN));
  assert_oop(special(I(-1), SPECIAL(BIT_SHIFT), I(30)), I(SMALLINT_MIN));
}

static void float_arithmetic(void **state) {
  (void)state;
  oop x = mem_new_float(1.5);
  assert_float(special(x, SPECIAL(ADD), I(1)), 2.5);
  assert_float(special(I(1), SPECIAL(SUBTRACT), x), -0.5);
  assert_float(special(x, SPECIAL(MULTIPLY), x), 2.25);
  assert_float(special(x, SPECIAL(DIVIDE), I(2)), 0.75);
  assert_oop(special(x, SPECIAL(LESS), I(2)), mem.true_);
  assert_oop(special(x, SPECIAL(EQUAL), x), mem.true_);
  oop nan = mem_new_float(__builtin_nan(""));
  assert_oop(special(nan, SPECIAL(EQUAL), nan), mem.false_);
  assert_oop(special(nan, SPECIAL(NOT_EQUAL), nan), mem.true_);
  assert_oop(special(nan, SPECIAL(GREATER_EQUAL), I(1)), mem.false_);
  install_dnu();
  assert_not_understood(special(x, SPECIAL(DIVIDE), I(0)), test_special_selector(SPSEL_DIVIDE), 1);
  assert_not_understood(special(x, SPECIAL(ADD), mem.nil), test_special_selector(SPSEL_ADD), 1);
}

/* Each comparison alone, and run together with each kind of jump that can follow. */
static void comparisons(void **state) {
  (void)state;
  static const struct {
    uint8_t code;
    bool less, equal, greater;
  } all[] = {{SPECIAL(LESS), 1, 0, 0},       {SPECIAL(GREATER), 0, 0, 1},
             {SPECIAL(LESS_EQUAL), 1, 1, 0}, {SPECIAL(GREATER_EQUAL), 0, 1, 1},
             {SPECIAL(EQUAL), 0, 1, 0},      {SPECIAL(NOT_EQUAL), 1, 0, 1},
             {SPECIAL(IDENTICAL), 0, 1, 0},  {SPECIAL(NOT_IDENTICAL), 1, 0, 1}};
  for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
    for (int b = -1; b <= 1; b++) {
      bool expected = b == 1 ? all[i].less : b == 0 ? all[i].equal : all[i].greater;
      assert_oop(special(I(0), all[i].code, I(b)), mem_bool(expected));
      oop with_short = METHOD(.args = 1, .code = {V3_PUSH_RECEIVER, V3_PUSH_TEMP, all[i].code, V3_JUMP_FALSE,
                                                  V3_RETURN_TRUE, V3_RETURN_FALSE});
      assert_oop(test_run(with_short, I(0), I(b)), mem_bool(expected));
      oop with_long = METHOD(.args = 1, .code = {V3_PUSH_RECEIVER, V3_PUSH_TEMP, all[i].code,
                                                 V3_LONG_JUMP_FALSE, 1, V3_RETURN_TRUE, V3_RETURN_FALSE});
      assert_oop(test_run(with_long, I(0), I(b)), mem_bool(expected));
      oop if_true = METHOD(.args = 1, .code = {V3_PUSH_RECEIVER, V3_PUSH_TEMP, all[i].code, V3_LONG_JUMP_TRUE,
                                               1, V3_RETURN_FALSE, V3_RETURN_TRUE});
      assert_oop(test_run(if_true, I(0), I(b)), mem_bool(expected));
    }
}

static void class_is_answered_at_once(void **state) {
  (void)state;
  assert_oop(RUN0(I(1), V3_PUSH_RECEIVER, SPECIAL(CLASS), V3_RETURN_TOP), mem_class_at(CIX_SMALLINTEGER));
  assert_oop(RUN0(char_oop(65), V3_PUSH_RECEIVER, SPECIAL(CLASS), V3_RETURN_TOP),
             mem_class_at(CIX_CHARACTER));
}

static void element_access(void **state) {
  (void)state;
  oop at = TEST_METHOD(.args = 1, .primitive = 60, .code = {V3_RETURN_NIL});
  oop at_put = TEST_METHOD(.args = 2, .primitive = 61, .code = {V3_RETURN_NIL});
  oop size = TEST_METHOD(.primitive = 62, .code = {V3_RETURN_NIL});
  test_install(test_object_class(), test_special_selector(SPSEL_AT), at);
  test_install(test_object_class(), test_special_selector(SPSEL_AT_PUT), at_put);
  test_install(test_object_class(), test_special_selector(SPSEL_SIZE), size);
  test_install(mem_class_at(CIX_STRING), test_special_selector(SPSEL_AT),
               TEST_METHOD(.args = 1, .primitive = 63, .code = {V3_RETURN_NIL}));
  test_install(mem_class_at(CIX_STRING), test_special_selector(SPSEL_AT_PUT),
               TEST_METHOD(.args = 2, .primitive = 64, .code = {V3_RETURN_NIL}));
  oop array = mem_new_array(3), bytes = mem_new_bytes(CIX_BYTE_ARRAY, 5), string = mem_new_string("abc", 3);
  oop put = METHOD(.args = 2, .code = {V3_PUSH_RECEIVER, V3_PUSH_TEMP, V3_PUSH_TEMP + 1, SPECIAL(AT_PUT),
                                       V3_RETURN_TOP});
  assert_oop(test_run(put, array, I(2), mem.true_), mem.true_);
  assert_oop(special(array, SPECIAL(AT), I(2)), mem.true_);
  assert_oop(test_run(put, bytes, I(5), I(255)), I(255));
  assert_oop(special(bytes, SPECIAL(AT), I(5)), I(255));
  assert_oop(test_run(put, string, I(1), char_oop('x')), char_oop('x'));
  assert_oop(special(string, SPECIAL(AT), I(1)), char_oop('x'));
  assert_oop(RUN0(array, V3_PUSH_RECEIVER, SPECIAL(SIZE), V3_RETURN_TOP), I(3));
  assert_oop(RUN0(bytes, V3_PUSH_RECEIVER, SPECIAL(SIZE), V3_RETURN_TOP), I(5));
  assert_oop(RUN0(string, V3_PUSH_RECEIVER, SPECIAL(SIZE), V3_RETURN_TOP), I(3));
  /* Out of range or of the wrong kind: the primitive fails, and its method's body answers nil. */
  const oop wrong[] = {I(0), I(4), I(-1), mem.nil, mem_new_float(1)};
  for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++)
    assert_oop(special(array, SPECIAL(AT), wrong[i]), mem.nil);
  assert_oop(special(string, SPECIAL(AT), I(4)), mem.nil);
  assert_oop(test_run(put, bytes, I(1), I(256)), mem.nil);
  assert_oop(test_run(put, string, I(1), I(65)), mem.nil);
  put32(array, at32(array) | HDR_IMMUTABLE);
  assert_oop(test_run(put, array, I(2), mem.false_), mem.nil);
  assert_oop(special(array, SPECIAL(AT), I(2)), mem.true_);
}

/* at: that is not the primitive is sent, also after the cache saw the class. */
static void overridden_access_is_sent(void **state) {
  (void)state;
  oop s = test_special_selector(SPSEL_AT), array = mem_new_array(3);
  test_install(mem_class_at(CIX_ARRAY), s, TEST_METHOD(.args = 1, .primitive = 60, .code = {V3_RETURN_NIL}));
  assert_oop(special(array, SPECIAL(AT), I(1)), mem.nil);
  test_install(mem_class_at(CIX_ARRAY), s, TEST_METHOD(.args = 1, .code = {V3_RETURN_TRUE}));
  assert_oop(special(array, SPECIAL(AT), I(1)), mem.true_);
}

static void the_other_special_selectors_are_sent(void **state) {
  (void)state;
  install_dnu();
  static const uint8_t others[] = {SPSEL_MAKE_POINT, SPSEL_NEXT,         SPSEL_NEXT_PUT,    SPSEL_AT_END,
                                   SPSEL_VALUE,      SPSEL_VALUE_ARG,    SPSEL_DO,          SPSEL_NEW,
                                   SPSEL_NEW_ARG,    SPSEL_X_COORDINATE, SPSEL_Y_COORDINATE};
  for (unsigned i = 0; i < sizeof others; i++) {
    uint32_t args = special_selector_args(others[i]);
    uint8_t which = (uint8_t)(V3_SEND_SPECIAL + others[i]);
    oop r = args == 0 ? RUN0(I(1), V3_PUSH_RECEIVER, which, V3_RETURN_TOP) : special(I(1), which, I(2));
    assert_not_understood(r, test_special_selector(others[i]), args);
  }
}

/* ---- quick methods ---- */

static void quick_methods_make_no_frame(void **state) {
  (void)state;
  oop s = test_symbol("quick"), c = fixture_plain();
  oop m = METHOD(.literals = {s}, .code = {V3_PUSH_RECEIVER, V3_SEND_0, V3_RETURN_TOP});
  oop o = three_fields();
  const oop expected[] = {o, mem.true_, mem.false_, mem.nil, I(-1), I(0), I(1), I(2), I(11), I(22), I(33)};
  for (uint32_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    test_install(c, s, TEST_METHOD(.primitive = 256 + i, .code = {V3_PUSH_RECEIVER, V3_RETURN_TOP}));
    uint64_t before = interp.activations;
    assert_oop(test_run(m, o), expected[i]);
    assert_int_equal(interp.activations, before + 1);
  }
}

static void a_primitives_error_code_is_stored(void **state) {
  (void)state;
  oop s = test_symbol("at:"), array = mem_new_array(1), table = mem_new_array(5);
  mem_store(table, PRIM_ERR_BAD_INDEX - 1, I(77));
  mem_store(mem.special, SPECIAL_PRIM_ERROR_TABLE, table);
  test_install(mem_class_at(CIX_ARRAY), s,
               TEST_METHOD(.args = 1, .temps = 1, .primitive = 60,
                           .code = {V3_EXT_STORE, EXT_TEMP(1), V3_PUSH_TEMP + 1, V3_RETURN_TOP}));
  oop m = METHOD(.literals = {s}, .code = {V3_PUSH_RECEIVER, V3_PUSH_SMALL + 3, V3_SEND_1, V3_RETURN_TOP});
  assert_oop(test_run(m, array), I(77));
}

static void call_primitive_in_a_body_does_nothing(void **state) {
  (void)state;
  assert_oop(RUN0(I(4), V3_CALL_PRIMITIVE, 60, 0, V3_RETURN_RECEIVER), I(4));
}

/* ---- closures ---- */

/* [:x | x + copied] value: 2, where copied is the argument. */
static void closures_have_arguments_and_copied_values(void **state) {
  (void)state;
  oop m = METHOD(.args = 1, .code = {V3_PUSH_TEMP, V3_PUSH_CLOSURE, 0x11, 0, 4, V3_PUSH_TEMP,
                                     V3_PUSH_TEMP + 1, SPECIAL(ADD), V3_BLOCK_RETURN_TOP, V3_PUSH_SMALL + 3,
                                     SPECIAL(VALUE_ARG), V3_RETURN_TOP});
  assert_oop(test_run(m, I(0), I(40)), I(42));
}

static void a_closure_knows_self_and_its_fields(void **state) {
  (void)state;
  oop m = METHOD(.code = {V3_PUSH_CLOSURE, 0, 0, 2, V3_PUSH_INSTVAR + 2, V3_BLOCK_RETURN_TOP, SPECIAL(VALUE),
                          V3_RETURN_TOP});
  assert_oop(test_run(m, three_fields()), I(33));
}

static void the_wrong_number_of_arguments_is_sent(void **state) {
  (void)state;
  install_dnu();
  oop m = METHOD(.code = {V3_PUSH_CLOSURE, 1, 0, 2, V3_PUSH_NIL, V3_BLOCK_RETURN_TOP, SPECIAL(VALUE),
                          V3_RETURN_TOP});
  assert_not_understood(test_run(m, I(1)), test_special_selector(SPSEL_VALUE), 0);
}

static void a_closure_without_home_is_sent_the_message(void **state) {
  (void)state;
  install_dnu();
  oop closure = mem_new(CIX_BLOCK_CLOSURE, FMT_FIXED_INDEXABLE, CLO_COPIED);
  obj_put_raw(closure, CLO_NUM_ARGS, I(1));
  assert_not_understood(special(closure, SPECIAL(VALUE_ARG), I(5)), test_special_selector(SPSEL_VALUE_ARG),
                        1);
}

/* A context that is asked for is the same each time, and its method this one. */
static void this_context(void **state) {
  (void)state;
  oop m = METHOD(.code = {V3_PUSH_CONTEXT, V3_PUSH_CONTEXT, V3_PUSH_ARRAY, 0x82, V3_RETURN_TOP});
  oop r = test_run(m, I(5));
  oop context = obj_slot(r, 0);
  assert_oop(context, obj_slot(r, 1));
  assert_true(oop_has_class_index(context, CIX_CONTEXT));
  assert_oop(obj_slot(context, CTX_METHOD), m);
  assert_oop(obj_slot(context, CTX_SENDER), mem.nil); /* it has returned */
}

static void a_return_in_a_block_returns_from_its_home(void **state) {
  (void)state;
  /* outer: ^self inner: [^true]; inner: evaluates and answers false. */
  oop s = test_symbol("inner:");
  test_install(test_object_class(), s,
               TEST_METHOD(.args = 1, .code = {V3_PUSH_TEMP, SPECIAL(VALUE), V3_RETURN_FALSE}));
  oop outer = METHOD(.literals = {s}, .code = {V3_PUSH_RECEIVER, V3_PUSH_CLOSURE, 0, 0, 1, V3_RETURN_TRUE,
                                               V3_SEND_1, V3_RETURN_TOP});
  oop caller_selector = test_symbol("outer");
  test_install(test_object_class(), caller_selector, outer);
  oop binding = association(mem.nil);
  /* The base loop runs it: a nested one leaves at a non-local return. */
  oop m = METHOD(.literals = {caller_selector, binding},
                 .code = {V3_PUSH_RECEIVER, V3_SEND_0, V3_EXT_POP, EXT_LITVAR(1), V3_RETURN_NIL});
  interp_push(I(3));
  interp_activate_method(m, 0);
  loop_run(0); /* ends when nothing is left to return to */
  assert_oop(obj_slot(binding, 1), mem.true_);
}

static void unused_bytecodes_are_told_to_the_context(void **state) {
  (void)state;
  test_install(test_object_class(), mem_special(SPECIAL_SELECTOR_UNKNOWN_BYTECODE),
               TEST_METHOD(.code = {V3_RETURN_RECEIVER}));
  oop m = METHOD(.code = {V3_UNUSED_126, V3_RETURN_NIL});
  interp_push(I(3));
  interp_activate_method(m, 0);
  addr fp = interp.fp;
  /* The handler answers and the bytecode is tried again, until the operand stack is full. */
  (void)loop_run(0);
  assert_int_equal(interp.stop, STOP_ERROR);
  assert_int_equal(at32(fp + FRAME_PC), method_first_pc(m));
  assert_true(oop_has_class_index(at32(interp.sp), CIX_CONTEXT));
}

static void every_row_was_run(void **state) {
  (void)state;
  assert_all_rows_used(false);
}

#define T(name) cmocka_unit_test_setup_teardown(name, test_heap_setup, test_heap_teardown)
int main(void) {
  const struct CMUnitTest tests[] = {
      T(pushes_instance_variables),
      T(pushes_temporaries_and_arguments),
      T(pushes_literals),
      T(pushes_literal_variables),
      T(pushes_small_integers),
      T(stores_instance_variables),
      T(stores_remember_old_objects),
      T(stores_temporaries),
      T(stores_literal_variables),
      T(a_store_into_an_immutable_object_sends),
      T(jumps),
      T(loops_backwards),
      T(a_condition_that_is_no_boolean_is_told),
      T(sends_with_arguments),
      T(super_sends_look_above_the_methods_class),
      T(what_is_not_understood_becomes_a_message),
      T(without_doesNotUnderstand_the_vm_stops),
      T(a_class_without_dictionary_cannot_interpret),
      T(an_object_as_method_is_run),
      T(small_integer_arithmetic),
      T(arithmetic_that_overflows_is_sent),
      T(float_arithmetic),
      T(comparisons),
      T(class_is_answered_at_once),
      T(element_access),
      T(overridden_access_is_sent),
      T(the_other_special_selectors_are_sent),
      T(quick_methods_make_no_frame),
      T(a_primitives_error_code_is_stored),
      T(call_primitive_in_a_body_does_nothing),
      T(closures_have_arguments_and_copied_values),
      T(a_closure_knows_self_and_its_fields),
      T(the_wrong_number_of_arguments_is_sent),
      T(a_closure_without_home_is_sent_the_message),
      T(this_context),
      T(a_return_in_a_block_returns_from_its_home),
      T(unused_bytecodes_are_told_to_the_context),
      TESTS_OF_BOTH,
      T(every_row_was_run),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
