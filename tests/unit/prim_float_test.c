/* prim_float_test.c: Float primitives, by their old numbers and by those of immediate floats. */
#include "prim_support.h"

#include <math.h>

static oop F(double v) { return mem_new_float(v); }

static void arithmetic(void **state) {
  (void)state;
  for (uint32_t base = 0; base <= 500; base += 500) {
    assert_float(PRIM(base + 41, F(0.1), F(0.2)), 0.1 + 0.2);
    assert_float(PRIM(base + 42, F(1), I(3)), -2);
    assert_float(PRIM(base + 49, F(1.5), I(-2)), -3);
    assert_float(PRIM(base + 50, F(1), F(8)), 0.125);
    assert_fails(PRIM(base + 50, F(1), F(-0.0)), PRIM_ERR_BAD_ARGUMENT);
    for (uint32_t n = 41; n <= 50; n++) {
      assert_fails(PRIM(base + n, mem.nil, F(1)), PRIM_ERR_BAD_RECEIVER);
      assert_fails(PRIM(base + n, F(1), mem.nil), PRIM_ERR_BAD_ARGUMENT);
      assert_fails(PRIM(base + n, F(1), mem_new_int64(1ll << 60)), PRIM_ERR_BAD_ARGUMENT);
    }
  }
}

static void comparison(void **state) {
  (void)state;
  const struct {
    double a, b;
    bool results[6];
  } cases[] = {{1, 2, {1, 0, 1, 0, 0, 1}},
               {0.0, -0.0, {0, 0, 1, 1, 1, 0}},
               {NAN, NAN, {0, 0, 0, 0, 0, 1}},
               {INFINITY, 1, {0, 1, 0, 1, 0, 1}}};
  for (unsigned i = 0; i < 4; i++)
    for (uint32_t k = 0; k < 6; k++)
      assert_oop(PRIM(43 + k, F(cases[i].a), F(cases[i].b)), mem_bool(cases[i].results[k]));
}

static void functions(void **state) {
  (void)state;
  assert_float(PRIM(40, I(7)), 7);
  assert_float(PRIM(40, mem_new_int64(1ll << 53)), 9007199254740992.0);
  assert_fails(PRIM(40, F(1)), PRIM_ERR_BAD_RECEIVER);
  assert_float(PRIM(52, F(-2.75)), -0.75);
  assert_fails(PRIM(52, F(INFINITY)), PRIM_ERR_BAD_RECEIVER);
  assert_float(PRIM(54, F(1.5), I(4)), 24);
  assert_float(PRIM(54, F(1), I(SMALLINT_MAX)), INFINITY);
  assert_fails(PRIM(54, F(1), F(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_float(PRIM(55, F(2)), sqrt(2));
  assert_fails(PRIM(55, F(-1)), PRIM_ERR_BAD_RECEIVER);
  assert_float(PRIM(56, F(1)), sin(1));
  assert_float(PRIM(57, F(1)), atan(1));
  assert_float(PRIM(58, F(10)), log(10));
  assert_float(PRIM(59, F(1)), exp(1));
  for (uint32_t n = 55; n <= 59; n++) assert_fails(PRIM(n, mem.nil), PRIM_ERR_BAD_RECEIVER);
}

static void integers_out_of_floats(void **state) {
  (void)state;
  assert_oop(PRIM(51, F(-2.75)), I(-2));
  assert_int64(PRIM(51, F(1e15)), 1000000000000000ll);
  assert_fails(PRIM(51, F(1e30)), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(51, F(NAN)), PRIM_ERR_BAD_RECEIVER);
  assert_oop(PRIM(53, F(1)), I(0));
  assert_oop(PRIM(53, F(0.75)), I(-1));
  assert_oop(PRIM(53, F(5e-324)), I(-1074));
  assert_fails(PRIM(53, F(INFINITY)), PRIM_ERR_BAD_RECEIVER);
}

static void words(void **state) {
  (void)state;
  oop f = F(1); /* 3FF00000 00000000 */
  assert_int64(PRIM(38, f, I(1)), 0x3FF00000);
  assert_int64(PRIM(38, f, I(2)), 0);
  assert_int64(PRIM(39, f, I(1), mem_new_uint64(0xC0000000)), 0xC0000000);
  assert_float(f, -2);
  assert_fails(PRIM(38, f, I(3)), PRIM_ERR_BAD_INDEX);
  assert_fails(PRIM(38, f, mem.nil), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(38, mem.nil, I(1)), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(39, f, I(1), I(-1)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(39, frozen(f), I(1), I(1)), PRIM_ERR_NO_MODIFICATION);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      PRIM_TEST(arithmetic), PRIM_TEST(comparison), PRIM_TEST(functions), PRIM_TEST(integers_out_of_floats),
      PRIM_TEST(words),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
