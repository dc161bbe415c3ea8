/* types_test.c: what is known of temporaries at the beginning of each block. */
#include "test_heap.h"

#include "base/text.h"
#include "translator/types.h"

enum {
  ON_FALSE = V3_LONG_JUMP_FALSE,
  BACK = V3_LONG_JUMP + 3,
  ADD = V3_SEND_SPECIAL + SPSEL_ADD,
  TIMES = V3_SEND_SPECIAL + SPSEL_MULTIPLY,
  LESS = V3_SEND_SPECIAL + SPSEL_LESS,
  ZERO = V3_PUSH_SMALL + 1,
  ONE = V3_PUSH_SMALL + 2,
  TEMP = V3_PUSH_TEMP,
  POP_TEMP = V3_POP_TEMP,
  LITERAL = V3_PUSH_LITERAL,
};

static void print_type(struct text *out, uint8_t type) {
  static const char *const names[] = {"-",      "int", "float",        "int|float",
                                      "object", "any", "float|object", "mixed"};
  text_printf(out, " %s", names[type]);
}

static const struct types_assumed nothing = {.operands_suit = false}, suiting = {.operands_suit = true};

/* Each block as `index: types of the temporaries / those that may be dirty`. */
static void assert_types(oop method, struct types_assumed assumed, const char *expected) {
  struct cfg cfg;
  struct types types;
  struct tr_refusal refusal;
  struct text out = {0};
  if (!cfg_build(method, 0, 0, &cfg, &refusal)) fail_msg("refused: %s", refusal.reason);
  types_find(&cfg, method, assumed, &types);
  for (uint32_t b = 0; b < cfg.block_count; b++) {
    text_printf(&out, "%u:", b);
    for (uint32_t i = 0; i < cfg.num_temps; i++) print_type(&out, types.temps[b * TYPES_MAX_TEMPS + i]);
    text_printf(&out, " /");
    for (uint32_t i = 0; i < cfg.num_temps; i++)
      if (types.dirty[b] & 2ull << i) text_printf(&out, " %u", i);
    text_printf(&out, "\n");
  }
  assert_string_equal(out.chars, expected);
  text_free(&out);
  types_free(&types);
  cfg_free(&cfg);
}

/* :n | i s | i := 0. s := 0. [i < n] whileTrue: [s := s + i. i := i + 1]. ^s */
static oop sum(void) {
  return TEST_METHOD(.args = 1, .temps = 2,
                     .code = {ZERO,           POP_TEMP + 1, ZERO,         POP_TEMP + 2, TEMP + 1,     TEMP,
                              LESS,           ON_FALSE,     10,           TEMP + 2,     TEMP + 1,     ADD,
                              POP_TEMP + 2,   TEMP + 1,     ONE,          ADD,          POP_TEMP + 1, BACK,
                              (uint8_t)(-15), TEMP + 2,     V3_RETURN_TOP});
}

static void a_counter_is_an_integer(void **state) {
  assert_types(sum(), suiting,
               "0: any object object / 1 2\n"
               "1: any int int / 1 2\n"
               "2: any int int / 1 2\n"
               "3: any int int / 1 2\n");
}

/* | x | x := self + 1. x < self ifTrue: [^nil]. ^x */
static void a_receiver_may_be_taken_for_an_integer(void **state) {
  const oop m = TEST_METHOD(.temps = 1, .code = {V3_PUSH_RECEIVER, ONE, ADD, POP_TEMP, TEMP, V3_PUSH_RECEIVER,
                                                 LESS, ON_FALSE, 1, V3_RETURN_NIL, TEMP, V3_RETURN_TOP});
  assert_types(m, (struct types_assumed){.operands_suit = true, .self_is_int = true},
               "0: object / 0\n1: int / 0\n2: int / 0\n");
  assert_types(m, suiting, "0: object / 0\n1: any / 0\n2: any / 0\n");
}

static void what_overflowed_may_do_so_again(void **state) {
  assert_types(sum(), nothing,
               "0: any object object / 1 2\n"
               "1: any any mixed / 1 2\n"
               "2: any any mixed / 1 2\n"
               "3: any any mixed / 1 2\n");
}

/* :n | x y | x := 0.5. y := x * n. [y < n] whileTrue: [y := y * x]. self send. ^y */
static void floats_stay_unboxed_until_a_send(void **state) {
  oop m = TEST_METHOD(.args = 1, .temps = 2, .literals = {test_symbol("send"), mem_new_float(0.5), I(0)},
                      .code = {LITERAL + 1,
                               POP_TEMP + 1,
                               TEMP + 1,
                               TEMP,
                               TIMES,
                               POP_TEMP + 2,
                               TEMP + 2,
                               TEMP,
                               LESS,
                               ON_FALSE,
                               6,
                               TEMP + 2,
                               TEMP + 1,
                               TIMES,
                               POP_TEMP + 2,
                               BACK,
                               (uint8_t)(-11),
                               V3_PUSH_RECEIVER,
                               V3_SEND_0,
                               ON_FALSE,
                               1,
                               V3_RETURN_NIL,
                               TEMP + 2,
                               V3_RETURN_TOP});
  assert_types(m, suiting,
               "0: any object object / 1 2\n"
               "1: any float float / 1 2\n"
               "2: any float float / 1 2\n"
               "3: any float float / 1 2\n"
               "4: any object object /\n"
               "5: any object object /\n");
}

/* :n | x | x := n * n. x < n ifTrue: [x := x + x]. ^x: nothing is known of n, so it may be either. */
static void what_arithmetic_uses_may_be_unboxed(void **state) {
  oop m = TEST_METHOD(.args = 1, .temps = 1,
                      .code = {TEMP, TEMP, TIMES, POP_TEMP + 1, TEMP + 1, TEMP, LESS, ON_FALSE, 4, TEMP + 1,
                               TEMP + 1, ADD, POP_TEMP + 1, TEMP + 1, V3_RETURN_TOP});
  assert_types(m, suiting,
               "0: any object / 1\n"
               "1: any mixed / 1\n"
               "2: any mixed / 1\n");
}

/* A loop that sends finds its temporaries in the frame: they are written before it. */
static void nothing_is_dirty_that_is_not_good(void **state) {
  oop m = TEST_METHOD(.temps = 1, .literals = {test_symbol("send"), I(0)},
                      .code = {V3_PUSH_RECEIVER, V3_SEND_0, ON_FALSE, 4, ONE, V3_POP, BACK, (uint8_t)(-8),
                               TEMP, V3_RETURN_TOP});
  assert_types(m, suiting,
               "0: object /\n"
               "1: object /\n"
               "2: object /\n");
}

/* What tier 1 refuses only when it comes to it: an inlined primitive that pushes. */
static void what_is_not_translated_has_its_effect(void **state) {
  oop m = TEST_METHOD(.sista = true, .args = 1, .temps = 1,
                      .code = {SISTA_CALL_PRIMITIVE, 11, 0x80, SISTA_POP, SISTA_CALL_PRIMITIVE, 11, 0x80,
                               SISTA_POP_TEMP + 1, SISTA_PUSH_TEMP, SISTA_PUSH_TEMP + 1,
                               SISTA_SEND_SPECIAL + SPSEL_ADD, SISTA_RETURN_TOP});
  assert_types(m, suiting, "0: any object / 1\n");
}

static void results(void **state) {
  const struct known_int unknown = {.known = false}, two = {.known = true, .value = 2},
                         minus_two = {.known = true, .value = -2};
  const uint8_t i = TYPE_INT, f = TYPE_FLOAT, any = TYPE_ANY;
  assert_int_equal(types_result(SPSEL_MOD, i, i, two, false, false), TYPE_INT);
  assert_int_equal(types_result(SPSEL_MOD, i, i, minus_two, false, true), TYPE_ANY);
  assert_int_equal(types_result(SPSEL_BIT_SHIFT, i, i, minus_two, false, false), TYPE_INT);
  assert_int_equal(types_result(SPSEL_BIT_SHIFT, i, i, two, false, true), TYPE_ANY);
  assert_int_equal(types_result(SPSEL_BIT_AND, any, i, two, true, true), TYPE_ANY);
  assert_int_equal(types_result(SPSEL_MULTIPLY, i, i, unknown, false, true), TYPE_INT);
  assert_int_equal(types_result(SPSEL_MULTIPLY, i, i, unknown, false, false), TYPE_ANY);
  assert_int_equal(types_result(SPSEL_DIVIDE, i, i, two, true, true), TYPE_ANY);
  assert_int_equal(types_result(SPSEL_DIVIDE, i, f, unknown, false, true), TYPE_FLOAT);
  assert_int_equal(types_result(SPSEL_DIVIDE, f, any, unknown, true, false), TYPE_MIXED);
  assert_int_equal(types_result(SPSEL_ADD, any, i, two, true, true), TYPE_ANY);
  assert_int_equal(types_result(SPSEL_ADD, TYPE_MIXED, i, two, true, true), TYPE_MIXED);
  assert_int_equal(types_result(SPSEL_ADD, any, any, unknown, false, true), TYPE_ANY);
}

#define T(name) cmocka_unit_test_setup_teardown(name, test_heap_setup, test_heap_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      T(a_counter_is_an_integer),
      T(what_overflowed_may_do_so_again),
      T(a_receiver_may_be_taken_for_an_integer),
      T(floats_stay_unboxed_until_a_send),
      T(what_arithmetic_uses_may_be_unboxed),
      T(nothing_is_dirty_that_is_not_good),
      T(what_is_not_translated_has_its_effect),
      T(results),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
