/* bytecode_sista_test.c: each bytecode of SistaV1 (BYTECODES_SISTA), extensions and inlined primitives
 * included. */
#include "bytecode_support.h"

#define METHOD(...) method_of((struct test_method){.sista = true, __VA_ARGS__})
#define RUN0(receiver, ...) test_run(METHOD(.code = {__VA_ARGS__}), receiver)
#define SPECIAL(name) (SISTA_SEND_SPECIAL + SPSEL_##name)
#define A(n) SISTA_EXT_A, (n)
#define B(n) SISTA_EXT_B, (n)
#define OP(name) SISTA_##name
#include "bytecode_both.h"

static void pushes_instance_variables(void **state) {
  (void)state;
  assert_oop(RUN0(three_fields(), SISTA_PUSH_INSTVAR + 1, SISTA_RETURN_TOP), I(22));
  assert_oop(RUN0(three_fields(), SISTA_LONG_PUSH_INSTVAR, 2, SISTA_RETURN_TOP), I(33));
  oop big = mem_new_array(300);
  mem_store(big, 299, I(5));
  assert_oop(RUN0(big, A(1), SISTA_LONG_PUSH_INSTVAR, 299 - 256, SISTA_RETURN_TOP), I(5));
}

static void pushes_temporaries(void **state) {
  (void)state;
  oop m = METHOD(.args = 1, .temps = 1, .code = {SISTA_PUSH_TEMP, SISTA_RETURN_TOP});
  assert_oop(test_run(m, I(1), I(2)), I(2));
  m = METHOD(.args = 1, .temps = 1, .code = {SISTA_LONG_PUSH_TEMP, 1, SISTA_RETURN_TOP});
  assert_oop(test_run(m, I(1), I(2)), mem.nil);
}

static void pushes_literals(void **state) {
  (void)state;
  assert_oop(
      test_run(METHOD(.literals = {I(5), I(6)}, .code = {SISTA_PUSH_LITERAL + 1, SISTA_RETURN_TOP}), I(0)),
      I(6));
  assert_oop(
      test_run(METHOD(.literals = {I(5), I(6)}, .code = {SISTA_LONG_PUSH_LITERAL, 0, SISTA_RETURN_TOP}),
               I(0)),
      I(5));
  oop a = association(I(7));
  assert_oop(test_run(METHOD(.literals = {I(5), a}, .code = {SISTA_PUSH_LITVAR + 1, SISTA_RETURN_TOP}), I(0)),
             I(7));
  assert_oop(test_run(METHOD(.literals = {a}, .code = {SISTA_LONG_PUSH_LITVAR, 0, SISTA_RETURN_TOP}), I(0)),
             I(7));
}

/* 300 literals: those past 255 need extension A. */
static void extension_a_reaches_far_literals(void **state) {
  (void)state;
  enum { LITERALS = 300, FAR = 290 };
  for (int variable = 0; variable < 2; variable++) {
    oop few =
        METHOD(.literals = {I(1)}, .code = {A(1), variable ? SISTA_LONG_PUSH_LITVAR : SISTA_LONG_PUSH_LITERAL,
                                            FAR - 256, SISTA_RETURN_TOP});
    uint32_t total = 4 * (1 + LITERALS) + 6, slots = (total + 3) / 4;
    oop m = mem_new_old(obj_class_index(few), FMT_METHOD + slots * 4 - total, slots);
    obj_put_raw(m, 0, (obj_slot(few, 0) & ~1u) + 2 * (LITERALS - 1) + 1);
    for (uint32_t i = 0; i < LITERALS; i++) obj_put_raw(m, 1 + i, I((int32_t)i));
    mem_store(m, 1 + FAR, variable ? association(I(-5)) : I(-5));
    memcpy(obj_bytes(m) + 4 * (1 + LITERALS), obj_bytes(few) + 8, 5);
    assert_oop(test_run(m, I(0)), I(-5));
  }
}

static void pushes_small_integers(void **state) {
  (void)state;
  assert_oop(RUN0(I(9), SISTA_PUSH_SMALL, SISTA_RETURN_TOP), I(0));
  assert_oop(RUN0(I(9), SISTA_PUSH_SMALL + 1, SISTA_RETURN_TOP), I(1));
}

/* The first B byte carries the sign; later ones shift it up. */
static void extension_b_is_signed(void **state) {
  (void)state;
  assert_oop(RUN0(I(9), SISTA_PUSH_INT, 200, SISTA_RETURN_TOP), I(200));
  assert_oop(RUN0(I(9), B(1), SISTA_PUSH_INT, 2, SISTA_RETURN_TOP), I(258));
  assert_oop(RUN0(I(9), B(0xFF), SISTA_PUSH_INT, 255, SISTA_RETURN_TOP), I(-1));
  assert_oop(RUN0(I(9), B(0x80), SISTA_PUSH_INT, 0, SISTA_RETURN_TOP), I(-32768));
  assert_oop(RUN0(I(9), B(0), B(0x80), SISTA_PUSH_INT, 0, SISTA_RETURN_TOP), I(32768));
  assert_oop(RUN0(I(9), B(0xFF), B(0x7F), SISTA_PUSH_INT, 255, SISTA_RETURN_TOP), I(-32769));
  assert_oop(RUN0(I(9), B(0xC0), B(0), B(0), SISTA_PUSH_INT, 0, SISTA_RETURN_TOP), I(SMALLINT_MIN));
  assert_oop(RUN0(I(9), B(0xFF), SISTA_PUSH_INT, 255, SISTA_PUSH_INT, 3, SISTA_RETURN_TOP), I(3));
}

static void pushes_characters(void **state) {
  (void)state;
  assert_oop(RUN0(I(9), SISTA_PUSH_CHAR, 'a', SISTA_RETURN_TOP), char_oop('a'));
  assert_oop(RUN0(I(9), B(1), B(0xF6), SISTA_PUSH_CHAR, 0x00, SISTA_RETURN_TOP), char_oop(0x1F600));
}

static void does_nothing(void **state) {
  (void)state;
  assert_oop(RUN0(I(1), A(1), B(1), SISTA_NOP, SISTA_PUSH_INT, 2, SISTA_RETURN_TOP), I(2));
}

static void stores_instance_variables(void **state) {
  (void)state;
  oop o = three_fields();
  RUN0(o, SISTA_PUSH_TRUE, SISTA_POP_INSTVAR + 1, SISTA_RETURN_NIL);
  assert_oop(RUN0(o, SISTA_PUSH_FALSE, SISTA_LONG_STORE_INSTVAR, 2, SISTA_RETURN_TOP), mem.false_);
  assert_oop(RUN0(o, SISTA_PUSH_NIL, SISTA_PUSH_TRUE, SISTA_LONG_POP_INSTVAR, 0, SISTA_RETURN_TOP), mem.nil);
  assert_oop(obj_slot(o, 0), mem.true_);
  assert_oop(obj_slot(o, 1), mem.true_);
  assert_oop(obj_slot(o, 2), mem.false_);
}

static void stores_temporaries(void **state) {
  (void)state;
  assert_oop(test_run(METHOD(.temps = 1,
                             .code = {SISTA_PUSH_TRUE, SISTA_POP_TEMP, SISTA_PUSH_TEMP, SISTA_RETURN_TOP}),
                      I(0)),
             mem.true_);
  assert_oop(test_run(METHOD(.args = 1, .code = {SISTA_PUSH_TRUE, SISTA_LONG_STORE_TEMP, 0, SISTA_POP,
                                                 SISTA_PUSH_TEMP, SISTA_RETURN_TOP}),
                      I(0), I(1)),
             mem.true_);
  assert_oop(test_run(METHOD(.args = 1, .code = {SISTA_PUSH_NIL, SISTA_PUSH_TRUE, SISTA_LONG_POP_TEMP, 0,
                                                 SISTA_RETURN_TOP}),
                      I(0), I(1)),
             mem.nil);
}

static void stores_literal_variables(void **state) {
  (void)state;
  oop a = association(I(7));
  assert_oop(test_run(METHOD(.literals = {a},
                             .code = {SISTA_PUSH_TRUE, SISTA_LONG_STORE_LITVAR, 0, SISTA_RETURN_TOP}),
                      I(0)),
             mem.true_);
  assert_oop(obj_slot(a, 1), mem.true_);
  test_run(METHOD(.literals = {a}, .code = {SISTA_PUSH_FALSE, SISTA_LONG_POP_LITVAR, 0, SISTA_RETURN_NIL}),
           I(0));
  assert_oop(obj_slot(a, 1), mem.false_);
}

static void a_store_into_an_immutable_object_sends(void **state) {
  (void)state;
  oop o = association(I(7));
  put32(o, at32(o) | HDR_IMMUTABLE);
  install_attempt_to_assign();
  assert_oop(RUN0(o, SISTA_PUSH_NIL, SISTA_PUSH_TRUE, SISTA_POP_INSTVAR + 2, SISTA_RETURN_TOP), I(3));
  assert_oop(RUN0(o, SISTA_PUSH_TRUE, SISTA_LONG_STORE_INSTVAR, 0, SISTA_RETURN_TOP), I(1));
  oop m = METHOD(.literals = {o},
                 .code = {SISTA_PUSH_NIL, SISTA_PUSH_TRUE, SISTA_LONG_POP_LITVAR, 0, SISTA_RETURN_TOP});
  assert_oop(test_run(m, I(0)), I(2));
  assert_oop(obj_slot(o, 1), I(7));
}

static void jumps(void **state) {
  (void)state;
  assert_oop(RUN0(I(1), SISTA_PUSH_TRUE, SISTA_JUMP, SISTA_RETURN_NIL, SISTA_RETURN_TOP), mem.true_);
  assert_oop(RUN0(I(1), SISTA_PUSH_TRUE, SISTA_LONG_JUMP, 1, SISTA_RETURN_NIL, SISTA_RETURN_TOP), mem.true_);
  assert_oop(RUN0(I(1), SISTA_PUSH_TRUE, SISTA_JUMP_TRUE, SISTA_RETURN_NIL, SISTA_RETURN_TRUE), mem.true_);
  assert_oop(RUN0(I(1), SISTA_PUSH_FALSE, SISTA_JUMP_TRUE, SISTA_RETURN_NIL, SISTA_RETURN_TRUE), mem.nil);
}

/* n := 0. [n < arg] whileTrue: [n := n + 1]. ^n */
static void loops_backwards(void **state) {
  (void)state;
  oop m = METHOD(.args = 1, .temps = 1,
                 .code = {SISTA_PUSH_SMALL, SISTA_POP_TEMP + 1, SISTA_PUSH_TEMP + 1, SISTA_PUSH_TEMP,
                          SPECIAL(LESS), SISTA_JUMP_FALSE + 7, SISTA_PUSH_TEMP + 1, SISTA_PUSH_SMALL + 1,
                          SPECIAL(ADD), SISTA_POP_TEMP + 1, B(0xFF), SISTA_LONG_JUMP, 256 - 12,
                          SISTA_PUSH_TEMP + 1, SISTA_RETURN_TOP});
  assert_oop(test_run(m, mem.nil, I(1000)), I(1000));
  assert_true(method_infos[method_info_of(m)].back_edges > 0);
}

static void a_condition_that_is_no_boolean_is_told(void **state) {
  (void)state;
  install_must_be_boolean();
  assert_oop(
      RUN0(I(1), SISTA_PUSH_NIL, SISTA_PUSH_INT, 2, SISTA_JUMP_TRUE, SISTA_RETURN_TOP, SISTA_RETURN_NIL),
      I(2));
  assert_oop(RUN0(I(1), SISTA_PUSH_NIL, SISTA_PUSH_INT, 2, SISTA_LONG_JUMP_TRUE, 1, SISTA_RETURN_TOP,
                  SISTA_RETURN_NIL),
             I(2));
}

static void sends_with_arguments(void **state) {
  (void)state;
  oop s0 = test_symbol("zero"), s1 = test_symbol("one:"), s2 = test_symbol("two:two:"),
      s9 = test_symbol("nine");
  install_last_argument(s0, 0);
  install_last_argument(s1, 1);
  install_last_argument(s2, 2);
  install_last_argument(s9, 9);
#define LITERALS .literals = {s0, s1, s2, s9}
#define PUSH3 SISTA_PUSH_INT, 5, SISTA_PUSH_INT, 6, SISTA_PUSH_INT, 7
  assert_oop(test_run(METHOD(LITERALS, .code = {SISTA_PUSH_RECEIVER, SISTA_SEND_0, SISTA_RETURN_TOP}), I(9)),
             I(9));
  assert_oop(test_run(METHOD(LITERALS, .code = {PUSH3, SISTA_SEND_1 + 1, SISTA_RETURN_TOP}), I(9)), I(7));
  assert_oop(test_run(METHOD(LITERALS, .code = {PUSH3, SISTA_SEND_2 + 2, SISTA_RETURN_TOP}), I(9)), I(7));
  assert_oop(test_run(METHOD(LITERALS, .code = {PUSH3, SISTA_LONG_SEND, 2 << 3 | 2, SISTA_RETURN_TOP}), I(9)),
             I(7));
  assert_oop(test_run(METHOD(LITERALS, .large = true,
                             .code = {PUSH3, PUSH3, PUSH3, SISTA_PUSH_INT, 8, B(1), SISTA_LONG_SEND,
                                      3 << 3 | 1, SISTA_RETURN_TOP}),
                      I(9)),
             I(8));
#undef LITERALS
#undef PUSH3
}

static void super_sends(void **state) {
  (void)state;
  oop s = test_symbol("who"), middle = test_class(FMT_FIXED, 0), below = test_class(FMT_FIXED, 0);
  mem_store(below, CLASS_SUPERCLASS, middle);
  test_install(test_object_class(), s, TEST_METHOD(.code = {V3_RETURN_TRUE}));
  test_install(middle, s, TEST_METHOD(.code = {V3_RETURN_NIL}));
  test_install(below, s, TEST_METHOD(.code = {V3_RETURN_FALSE}));
  oop receiver = mem_instantiate(below, 0), binding = association(below), upper = association(middle);
  oop m =
      METHOD(.literals = {s, binding}, .code = {SISTA_PUSH_RECEIVER, SISTA_LONG_SUPER, 0, SISTA_RETURN_TOP});
  assert_oop(test_run(m, receiver), mem.nil);
  /* Directed: the search starts above the class on the stack, not above the method's. */
  m = METHOD(.literals = {s, upper, binding}, .code = {SISTA_PUSH_RECEIVER, SISTA_PUSH_LITVAR + 1, B(64),
                                                       SISTA_LONG_SUPER, 0, SISTA_RETURN_TOP});
  assert_oop(test_run(m, receiver), mem.true_);
}

/* ---- special sends: the code is shared with V3, whose test has the details ---- */

static void arithmetic(void **state) {
  (void)state;
  static const struct {
    uint8_t code;
    int32_t a, b, expected;
  } all[] = {{SPECIAL(ADD), 3, 4, 7},       {SPECIAL(SUBTRACT), 3, 4, -1}, {SPECIAL(MULTIPLY), 3, 4, 12},
             {SPECIAL(DIVIDE), 12, 4, 3},   {SPECIAL(MOD), -7, 3, 2},      {SPECIAL(DIV), -7, 3, -3},
             {SPECIAL(BIT_AND), 12, 10, 8}, {SPECIAL(BIT_OR), 12, 10, 14}, {SPECIAL(BIT_SHIFT), 3, 4, 48}};
  for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
    assert_oop(special(I(all[i].a), all[i].code, I(all[i].b)), I(all[i].expected));
}

static void comparisons(void **state) {
  (void)state;
  static const struct {
    uint8_t code;
    bool less, equal, greater;
  } all[] = {{SPECIAL(LESS), 1, 0, 0},       {SPECIAL(GREATER), 0, 0, 1},
             {SPECIAL(LESS_EQUAL), 1, 1, 0}, {SPECIAL(GREATER_EQUAL), 0, 1, 1},
             {SPECIAL(EQUAL), 0, 1, 0},      {SPECIAL(NOT_EQUAL), 1, 0, 1},
             {SPECIAL(IDENTICAL), 0, 1, 0},  {SPECIAL(NOT_IDENTICAL), 1, 0, 1}};
#define TWO SISTA_PUSH_RECEIVER, SISTA_PUSH_TEMP, all[i].code
  for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
    for (int b = -1; b <= 1; b++) {
      bool expected = b == 1 ? all[i].less : b == 0 ? all[i].equal : all[i].greater;
      assert_oop(special(I(0), all[i].code, I(b)), mem_bool(expected));
      const oop methods[] = {
          METHOD(.args = 1, .code = {TWO, SISTA_JUMP_FALSE, SISTA_RETURN_TRUE, SISTA_RETURN_FALSE}),
          METHOD(.args = 1, .code = {TWO, SISTA_JUMP_TRUE, SISTA_RETURN_FALSE, SISTA_RETURN_TRUE}),
          METHOD(.args = 1, .code = {TWO, SISTA_LONG_JUMP_FALSE, 1, SISTA_RETURN_TRUE, SISTA_RETURN_FALSE}),
          METHOD(.args = 1, .code = {TWO, SISTA_LONG_JUMP_TRUE, 1, SISTA_RETURN_FALSE, SISTA_RETURN_TRUE}),
          METHOD(.args = 1,
                 .code = {TWO, B(0), SISTA_LONG_JUMP_FALSE, 1, SISTA_RETURN_TRUE, SISTA_RETURN_FALSE})};
      for (unsigned k = 0; k < sizeof methods / sizeof *methods; k++)
        assert_oop(test_run(methods[k], I(0), I(b)), mem_bool(expected));
    }
#undef TWO
}

static void the_special_selectors_are_sent_by_index(void **state) {
  (void)state;
  install_dnu();
  for (uint32_t i = 0; i < SPSEL_COUNT; i++) {
    if (i == SPSEL_IDENTICAL || i == SPSEL_NOT_IDENTICAL || i == SPSEL_CLASS) continue; /* never sent */
    uint32_t args = special_selector_args(i);
    uint8_t which = (uint8_t)(SISTA_SEND_SPECIAL + i);
    oop o = three_fields(), r;
    if (args == 0)
      r = RUN0(o, SISTA_PUSH_RECEIVER, which, SISTA_RETURN_TOP);
    else if (args == 1)
      r = special(o, which, I(2));
    else
      r = RUN0(o, SISTA_PUSH_RECEIVER, SISTA_PUSH_NIL, SISTA_PUSH_NIL, which, SISTA_RETURN_TOP);
    assert_not_understood(r, test_special_selector(i), args);
  }
  assert_oop(RUN0(I(1), SISTA_PUSH_RECEIVER, SPECIAL(CLASS), SISTA_RETURN_TOP),
             mem_class_at(CIX_SMALLINTEGER));
}

/* ---- remote instance variables, contexts ---- */

/* The high bit of the second operand: a field of the object in the temporary, which may be immutable. */
static void remote_instance_variables(void **state) {
  (void)state;
  oop o = three_fields();
  oop read = METHOD(.args = 1, .code = {SISTA_PUSH_REMOTE_TEMP, 2, 0x80, SISTA_RETURN_TOP});
  assert_oop(test_run(read, I(0), o), I(33));
  oop write =
      METHOD(.args = 1, .code = {SISTA_PUSH_TRUE, SISTA_POP_REMOTE_TEMP, 1, 0x80, SISTA_RETURN_RECEIVER});
  test_run(write, I(0), o);
  assert_oop(obj_slot(o, 1), mem.true_);
  put32(o, at32(o) | HDR_IMMUTABLE);
  install_attempt_to_assign();
  test_run(write, I(0), o);
  oop store =
      METHOD(.args = 1, .code = {SISTA_PUSH_FALSE, SISTA_STORE_REMOTE_TEMP, 1, 0x80, SISTA_RETURN_TOP});
  assert_oop(test_run(store, I(0), o), I(2));
  assert_oop(obj_slot(o, 1), mem.true_);
}

static void contexts_and_the_process(void **state) {
  (void)state;
  oop m = METHOD(.code = {SISTA_PUSH_CONTEXT, SISTA_RETURN_TOP});
  oop context = test_run(m, I(5));
  assert_true(oop_has_class_index(context, CIX_CONTEXT));
  assert_oop(obj_slot(context, CTX_METHOD), m);
  assert_oop(RUN0(I(5), B(1), SISTA_PUSH_CONTEXT, SISTA_RETURN_TOP), process_active());
}

/* ---- closures ---- */

/* A block's method of the same set, whose last literal would be its outer code. */
#define BLOCK(...) method_of((struct test_method){.sista = true, __VA_ARGS__})

static void full_closures(void **state) {
  (void)state;
  /* [:x | | t | t := x + copied. t] value: 2: argument, then the copied value, then t. */
  oop block = BLOCK(.args = 1, .temps = 2,
                    .code = {SISTA_PUSH_TEMP, SISTA_PUSH_TEMP + 1, SPECIAL(ADD), SISTA_POP_TEMP + 2,
                             SISTA_PUSH_TEMP + 2, SISTA_BLOCK_RETURN_TOP});
  oop m = METHOD(.literals = {block}, .code = {SISTA_PUSH_INT, 40, SISTA_PUSH_FULL_CLOSURE, 0, 1,
                                               SISTA_PUSH_INT, 2, SPECIAL(VALUE_ARG), SISTA_RETURN_TOP});
  assert_oop(test_run(m, I(0)), I(42));
}

static void full_closure_flags(void **state) {
  (void)state;
  oop block = BLOCK(.code = {SISTA_PUSH_RECEIVER, SISTA_BLOCK_RETURN_TOP});
  oop plain = METHOD(.literals = {block}, .code = {SISTA_PUSH_FULL_CLOSURE, 0, 0, SISTA_RETURN_TOP});
  oop closure = test_run(plain, I(9));
  assert_true(oop_has_class_index(closure, CIX_FULL_CLOSURE));
  assert_oop(obj_slot(closure, CLO_START_PC_OR_METHOD), block);
  assert_oop(obj_slot(closure, CLO_NUM_ARGS), I(0));
  assert_oop(obj_slot(closure, FULL_CLO_RECEIVER), I(9));
  assert_true(oop_has_class_index(obj_slot(closure, CLO_OUTER), CIX_CONTEXT));
  oop clean = METHOD(.literals = {block}, .code = {SISTA_PUSH_FULL_CLOSURE, 0, 0x40, SISTA_RETURN_TOP});
  assert_oop(obj_slot(test_run(clean, I(9)), CLO_OUTER), mem.nil);
  oop with_receiver = METHOD(.literals = {block}, .code = {SISTA_PUSH_INT, 7, SISTA_PUSH_FULL_CLOSURE, 0,
                                                           0xC0, SPECIAL(VALUE), SISTA_RETURN_TOP});
  assert_oop(test_run(with_receiver, I(9)), I(7));
}

static void a_block_answers_nil(void **state) {
  (void)state;
  oop block = BLOCK(.code = {SISTA_BLOCK_RETURN_NIL});
  oop m =
      METHOD(.literals = {block}, .code = {SISTA_PUSH_FULL_CLOSURE, 0, 0, SPECIAL(VALUE), SISTA_RETURN_TOP});
  assert_oop(test_run(m, I(0)), mem.nil);
}

/* 250, from before full blocks: one argument, one copied value, the code in line. */
static void embedded_closures(void **state) {
  (void)state;
  oop m = METHOD(.code = {SISTA_PUSH_INT, 40, SISTA_PUSH_CLOSURE, 1 << 3 | 1, 4, SISTA_PUSH_TEMP,
                          SISTA_PUSH_TEMP + 1, SPECIAL(ADD), SISTA_BLOCK_RETURN_TOP, SISTA_PUSH_INT, 2,
                          SPECIAL(VALUE_ARG), SISTA_RETURN_TOP});
  assert_oop(test_run(m, I(0)), I(42));
}

/* ---- primitives ---- */

static void call_primitive(void **state) {
  (void)state;
  oop s = test_symbol("at:"), array = mem_new_array(1), table = mem_new_array(5);
  mem_store(array, 0, I(5));
  mem_store(table, PRIM_ERR_BAD_INDEX - 1, I(77));
  mem_store(mem.special, SPECIAL_PRIM_ERROR_TABLE, table);
  test_install(mem_class_at(CIX_ARRAY), s,
               METHOD(.args = 1, .temps = 1, .primitive = 60,
                      .code = {SISTA_LONG_STORE_TEMP, 1, SISTA_PUSH_TEMP + 1, SISTA_RETURN_TOP}));
  oop m = METHOD(.args = 1, .literals = {s},
                 .code = {SISTA_PUSH_RECEIVER, SISTA_PUSH_TEMP, SISTA_SEND_1, SISTA_RETURN_TOP});
  assert_oop(test_run(m, array, I(1)), I(5));
  assert_oop(test_run(m, array, I(2)), I(77));
}

/* An inlined primitive over what the three arguments push. */
static oop inlined(uint32_t number, uint32_t operands, oop a, oop b, oop c) {
  uint8_t low = (uint8_t)number, high = (uint8_t)(0x80 | number >> 8);
  oop m;
  if (operands == 1)
    m = METHOD(.args = 3, .code = {SISTA_PUSH_TEMP, SISTA_CALL_PRIMITIVE, low, high, SISTA_RETURN_TOP});
  else if (operands == 2)
    m = METHOD(.args = 3, .code = {SISTA_PUSH_TEMP, SISTA_PUSH_TEMP + 1, SISTA_CALL_PRIMITIVE, low, high,
                                   SISTA_RETURN_TOP});
  else
    m = METHOD(.args = 3, .code = {SISTA_PUSH_TEMP, SISTA_PUSH_TEMP + 1, SISTA_PUSH_TEMP + 2,
                                   SISTA_CALL_PRIMITIVE, low, high, SISTA_RETURN_TOP});
  return test_run(m, I(0), a, b, c);
}

static void inlined_unary_primitives(void **state) {
  (void)state;
  oop bytes = mem_new_bytes(CIX_BYTE_ARRAY, 5), o = three_fields(), n = mem.nil;
  assert_oop(inlined(1000, 1, I(1), n, n), mem_class_at(CIX_SMALLINTEGER));
  assert_oop(inlined(1001, 1, o, n, n), I(3));
  assert_oop(inlined(1002, 1, bytes, n, n), I(5));
  assert_oop(inlined(1004, 1, mem_new(CIX_BITMAP, FMT_32, 2), n, n), I(2));
  assert_int_equal(obj_slots(inlined(1011, 1, fixture_plain(), n, n)), 3);
  assert_oop(inlined(1020, 1, o, n, n), I((int32_t)mem_hash(o)));
  assert_oop(inlined(1021, 1, I(-4), n, n), I(-4));
  assert_oop(inlined(1022, 1, char_oop(65), n, n), I(65));
  assert_oop(inlined(1024, 1, fixture_plain(), n, n), I((int32_t)mem_class_index_of(fixture_plain())));
  assert_oop(inlined(1030, 1, char_oop(65), n, n), I(65));
  assert_float(inlined(1032, 1, I(3), n, n), 3);
  assert_oop(inlined(1039, 1, o, n, n), o);
  assert_oop(inlined(1040, 1, I(3), n, n), I(3));
  assert_oop(inlined(1041, 1, o, n, n), o);
}

static void inlined_binary_primitives(void **state) {
  (void)state;
  static const struct {
    uint32_t number;
    int32_t a, b, expected;
  } integers[] = {{2000, 3, 4, 7},    {2001, 3, 4, -1},  {2002, 3, 4, 12},  {2003, 12, 4, 3},
                  {2004, -7, 3, -3},  {2005, -7, 3, 2},  {2006, -7, 3, -2}, {2016, 12, 10, 8},
                  {2017, 12, 10, 14}, {2018, 12, 10, 6}, {2019, 3, 4, 48},  {2020, -48, 4, -3}};
  for (unsigned i = 0; i < sizeof integers / sizeof *integers; i++)
    assert_oop(inlined(integers[i].number, 2, I(integers[i].a), I(integers[i].b), mem.nil),
               I(integers[i].expected));
  static const bool less[] = {0, 1, 0, 1, 0, 1, 0, 1}, equal[] = {0, 0, 1, 1, 1, 0, 1, 0};
  for (uint32_t i = 0; i < 8; i++) {
    assert_oop(inlined(2032 + i, 2, I(1), I(2), mem.nil), mem_bool(less[i]));
    assert_oop(inlined(2032 + i, 2, I(2), I(2), mem.nil), mem_bool(equal[i]));
  }
  oop bytes = mem_new_bytes(CIX_BYTE_ARRAY, 5), words = mem_new(CIX_BITMAP, FMT_32, 2), o = three_fields();
  obj_bytes(bytes)[1] = 200;
  obj_put_raw(words, 1, 70000);
  assert_int_equal(obj_slots(inlined(2048, 2, fixture_array_class, I(4), mem.nil)), 4);
  assert_oop(inlined(2064, 2, o, I(2), mem.nil), I(22));
  assert_oop(inlined(2065, 2, o, I(3), mem.nil), I(33));
  assert_oop(inlined(2066, 2, bytes, I(2), mem.nil), I(200));
  assert_oop(inlined(2068, 2, words, I(2), mem.nil), I(70000));
}

static void inlined_trinary_primitives(void **state) {
  (void)state;
  oop bytes = mem_new_bytes(CIX_BYTE_ARRAY, 5), words = mem_new(CIX_BITMAP, FMT_32, 2), o = three_fields();
  assert_oop(inlined(3000, 3, o, I(1), mem.true_), mem.true_);
  assert_oop(inlined(3001, 3, o, I(2), mem.true_), mem.true_);
  assert_oop(inlined(3003, 3, o, I(3), mem.true_), mem.true_);
  for (uint32_t i = 0; i < 3; i++) assert_oop(obj_slot(o, i), mem.true_);
  assert_oop(inlined(3004, 3, bytes, I(2), I(200)), I(200));
  assert_int_equal(obj_bytes(bytes)[1], 200);
  assert_oop(inlined(3006, 3, words, I(2), I(70000)), I(70000));
  assert_int_equal(obj_slot(words, 1), 70000);
}

/* Jumps by inlined primitives: the distance counts from the next instruction. */
static void inlined_jumps(void **state) {
  (void)state;
  oop c = mem_class_at(CIX_SMALLINTEGER), classes = mem_new_array(2), o = three_fields();
  mem_store(classes, 1, c);
  const struct {
    uint32_t number;
    oop tested, with;
    bool taken;
  } all[] = {{8000, I(1), c, true},        {8000, mem.nil, c, false},   {8001, I(1), c, false},
             {8001, mem.nil, c, true},     {8002, I(1), classes, true}, {8002, o, classes, false},
             {8003, I(1), classes, false}, {8003, o, classes, true},    {7016, o, 0, true},
             {7017, o, 0, false},          {7018, o, 0, true},          {7019, o, 0, false}};
  for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
    uint8_t low = (uint8_t)all[i].number, high = (uint8_t)(0x80 | all[i].number >> 8);
    oop m = all[i].with != 0
                ? METHOD(.args = 2,
                         .code = {SISTA_PUSH_TEMP, SISTA_PUSH_TEMP + 1, SISTA_PUSH_SMALL + 1,
                                  SISTA_CALL_PRIMITIVE, low, high, SISTA_RETURN_FALSE, SISTA_RETURN_TRUE})
                : METHOD(.args = 2, .code = {SISTA_PUSH_TEMP, SISTA_PUSH_SMALL + 1, SISTA_CALL_PRIMITIVE, low,
                                             high, SISTA_RETURN_FALSE, SISTA_RETURN_TRUE});
    assert_oop(test_run(m, I(0), all[i].tested, all[i].with != 0 ? all[i].with : mem.nil),
               mem_bool(all[i].taken));
  }
  /* 6000: back, over the jump that led here. */
  oop back = METHOD(.code = {SISTA_JUMP, SISTA_RETURN_TRUE, B(0xFF), SISTA_PUSH_INT, 256 - 8,
                             SISTA_CALL_PRIMITIVE, 0x70, 0x97});
  assert_oop(test_run(back, I(0)), mem.true_);
}

/* What an inlined primitive does not accept, and what there is none for, is an unknown bytecode. */
static void inlined_primitives_check_their_operands(void **state) {
  (void)state;
  oop selector = mem_special(SPECIAL_SELECTOR_UNKNOWN_BYTECODE);
  obj_put_raw(mem.special, SPECIAL_SELECTOR_UNKNOWN_BYTECODE, mem.nil);
  const struct {
    uint32_t number, operands;
    oop a, b, c;
  } wrong[] = {{1001, 1, I(1), 0, 0},
               {1002, 1, three_fields(), 0, 0},
               {1011, 1, I(1), 0, 0},
               {2000, 2, I(SMALLINT_MAX), I(1), 0},
               {2000, 2, I(1), mem.nil, 0},
               {2003, 2, I(1), I(0), 0},
               {2064, 2, three_fields(), I(4), 0},
               {2066, 2, mem_new_bytes(CIX_BYTE_ARRAY, 5), I(6), 0},
               {3000, 3, three_fields(), I(4), mem.nil},
               {3004, 3, mem_new_bytes(CIX_BYTE_ARRAY, 5), I(0), I(1)},
               {999, 1, I(1), 0, 0},
               {5000, 3, I(1), I(1), I(1)}};
  for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    test_go_on();
    oop b = wrong[i].b != 0 ? wrong[i].b : mem.nil, c = wrong[i].c != 0 ? wrong[i].c : mem.nil;
    assert_int_equal(inlined(wrong[i].number, wrong[i].operands, wrong[i].a, b, c), RESULT_BAIL);
    assert_int_equal(interp.stop, STOP_ERROR);
  }
  mem_store(mem.special, SPECIAL_SELECTOR_UNKNOWN_BYTECODE, selector);
  fixture_assert_sound();
}

static void a_trap_is_told_to_the_context(void **state) {
  (void)state;
  test_install(mem_class_at(CIX_CONTEXT), mem_special(SPECIAL_SELECTOR_CLASS_TRAP),
               TEST_METHOD(.code = {V3_RETURN_TRUE}));
  assert_oop(RUN0(I(0), SISTA_PUSH_NIL, SISTA_TRAP, SISTA_RETURN_TOP), mem.true_);
}

static void unused_bytecodes_stop_an_image_without_handler(void **state) {
  (void)state;
  static const uint8_t unused[] = {SISTA_UNUSED_84,  SISTA_UNUSED_218, SISTA_UNUSED_230,
                                   SISTA_UNUSED_246, SISTA_UNUSED_254, SISTA_MAPPED_PRIMITIVE};
  obj_put_raw(mem.special, SPECIAL_SELECTOR_UNKNOWN_BYTECODE, mem.nil);
  for (unsigned i = 0; i < sizeof unused; i++) {
    test_go_on();
    assert_int_equal(RUN0(I(0), unused[i], 1, 1, SISTA_RETURN_NIL), RESULT_BAIL);
    assert_int_equal(interp.stop, STOP_ERROR);
  }
}

static void every_row_was_run(void **state) {
  (void)state;
  assert_all_rows_used(true);
}

#define T(name) cmocka_unit_test_setup_teardown(name, test_heap_setup, test_heap_teardown)
int main(void) {
  const struct CMUnitTest tests[] = {
      T(pushes_instance_variables),
      T(pushes_temporaries),
      T(pushes_literals),
      T(extension_a_reaches_far_literals),
      T(pushes_small_integers),
      T(extension_b_is_signed),
      T(pushes_characters),
      T(does_nothing),
      T(stores_instance_variables),
      T(stores_temporaries),
      T(stores_literal_variables),
      T(a_store_into_an_immutable_object_sends),
      T(jumps),
      T(loops_backwards),
      T(a_condition_that_is_no_boolean_is_told),
      T(sends_with_arguments),
      T(super_sends),
      T(arithmetic),
      T(comparisons),
      T(the_special_selectors_are_sent_by_index),
      T(remote_instance_variables),
      T(contexts_and_the_process),
      T(full_closures),
      T(full_closure_flags),
      T(a_block_answers_nil),
      T(embedded_closures),
      T(call_primitive),
      T(inlined_unary_primitives),
      T(inlined_binary_primitives),
      T(inlined_trinary_primitives),
      T(inlined_jumps),
      T(inlined_primitives_check_their_operands),
      T(a_trap_is_told_to_the_context),
      T(unused_bytecodes_stop_an_image_without_handler),
      TESTS_OF_BOTH,
      T(every_row_was_run),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
