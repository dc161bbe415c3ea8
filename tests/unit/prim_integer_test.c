/* prim_integer_test.c: SmallInteger and 64-bit integer primitives. */
#include "prim_support.h"

static void small_integers_compute(void **state) {
  (void)state;
  const struct {
    uint32_t number;
    int32_t a, b;
    int64_t result;
  } cases[] = {
      {1, 3, 4, 7},
      {1, SMALLINT_MAX, 1, (int64_t)SMALLINT_MAX + 1},
      {2, 3, 4, -1},
      {2, SMALLINT_MIN, 1, (int64_t)SMALLINT_MIN - 1},
      {9, SMALLINT_MIN, SMALLINT_MIN, (int64_t)SMALLINT_MIN * SMALLINT_MIN},
      {9, -3, 4, -12},
      {10, 12, -4, -3},
      {10, SMALLINT_MIN, -1, -(int64_t)SMALLINT_MIN},
      {11, -7, 3, 2},
      {11, 7, -3, -2},
      {11, -6, 3, 0},
      {12, -7, 3, -3},
      {12, 7, -3, -3},
      {12, 7, 3, 2},
      {13, -7, 3, -2},
      {13, 7, -3, -2},
      {14, -1, 12, 12},
      {15, 8, 3, 11},
      {16, 7, 2, 5},
      {17, 1, 40, 1ll << 40},
      {17, -1, 40, -(1ll << 40)},
      {17, 1000, -3, 125},
      {17, -3, -1, -2},
      {17, 5, -1000, 0},
      {17, 0, 100000, 0},
  };
  for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_int64(PRIM(cases[i].number, I(cases[i].a), I(cases[i].b)), cases[i].result);
}

static void small_integers_fail(void **state) {
  (void)state;
  for (uint32_t n = 1; n <= 17; n++) {
    if (n < 14 || n > 16) assert_fails(PRIM(n, mem_new_int64(1ll << 40), I(1)), PRIM_ERR_BAD_RECEIVER);
    assert_fails(PRIM(n, mem.nil, I(1)), PRIM_ERR_BAD_RECEIVER);
    assert_fails(PRIM(n, I(1), mem.nil), PRIM_ERR_BAD_ARGUMENT);
    assert_fails(PRIM(n, I(1), mem_new_float(1)), PRIM_ERR_BAD_ARGUMENT);
    assert_fails(PRIM(n, I(1)), PRIM_ERR_BAD_NUM_ARGS);
    assert_fails(PRIM(n, I(1), I(1), I(1)), PRIM_ERR_BAD_NUM_ARGS);
  }
  for (uint32_t n = 10; n <= 13; n++) assert_fails(PRIM(n, I(1), I(0)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(10, I(7), I(2)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(17, I(1), I(63)), PRIM_ERR_BAD_ARGUMENT);
}

static void comparisons_answer_booleans(void **state) {
  (void)state;
  /* less, greater, less or equal, greater or equal, equal, not equal */
  const struct {
    int32_t a, b;
    bool results[6];
  } cases[] = {{-5, 3, {1, 0, 1, 0, 0, 1}},
               {3, 3, {0, 0, 1, 1, 1, 0}},
               {SMALLINT_MAX, SMALLINT_MIN, {0, 1, 0, 1, 0, 1}}};
  for (unsigned i = 0; i < 3; i++)
    for (uint32_t k = 0; k < 6; k++) {
      assert_oop(PRIM(3 + k, I(cases[i].a), I(cases[i].b)), mem_bool(cases[i].results[k]));
      assert_oop(PRIM(23 + k, I(cases[i].a), I(cases[i].b)), mem_bool(cases[i].results[k]));
      oop a = mem_new_int64(cases[i].a * (1ll << 30)), b = mem_new_int64(cases[i].b * (1ll << 30));
      assert_oop(PRIM(23 + k, a, b), mem_bool(cases[i].results[k]));
    }
}

static oop huge(uint32_t cix, uint8_t top) {
  oop o = mem_new_bytes(cix, 20);
  obj_bytes(o)[19] = top;
  return o;
}

static void comparisons_are_exact_beyond_64_bits(void **state) {
  (void)state;
  oop a = huge(CIX_LARGE_POSITIVE, 1), b = huge(CIX_LARGE_POSITIVE, 2), n = huge(CIX_LARGE_NEGATIVE, 2);
  assert_oop(PRIM(23, a, b), mem.true_);
  assert_oop(PRIM(23, n, a), mem.true_);
  assert_oop(PRIM(24, n, I(-5)), mem.false_);
  assert_oop(PRIM(27, a, a), mem.true_);
  assert_fails(PRIM(23, mem.nil, a), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(23, a, mem.nil), PRIM_ERR_BAD_ARGUMENT);
}

static void large_integers_compute_in_64_bits(void **state) {
  (void)state;
  const int64_t big = 1ll << 50;
  const struct {
    uint32_t number;
    int64_t a, b, result;
  } cases[] = {
      {20, -big - 1, 2, -1},
      {21, big, big, 2 * big},
      {22, -big, big, -2 * big},
      {29, big, -8192, INT64_MIN},
      {30, big, 1024, 1ll << 40},
      {31, -big - 1, 10, 10 - (big + 1) % 10},
      {32, -big - 1, 2, -(1ll << 49) - 1},
      {33, -big - 1, 2, -(1ll << 49)},
      {34, big + 5, 7, 5},
      {34, -1, big + 5, big + 5},
      {35, big, 7, big + 7},
      {36, big + 7, 7, big},
      {37, big, 5, 1ll << 55},
      {37, big, -40, 1024},
      {37, -big - 1, -50, -2},
  };
  for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_int64(PRIM(cases[i].number, mem_new_int64(cases[i].a), mem_new_int64(cases[i].b)),
                 cases[i].result);
}

static void large_integers_fail_beyond_64_bits(void **state) {
  (void)state;
  oop max = mem_new_int64(INT64_MAX), min = mem_new_int64(INT64_MIN);
  assert_fails(PRIM(21, max, I(1)), PRIM_ERR_LIMIT_EXCEEDED);
  assert_fails(PRIM(22, min, I(1)), PRIM_ERR_LIMIT_EXCEEDED);
  assert_fails(PRIM(29, max, I(2)), PRIM_ERR_LIMIT_EXCEEDED);
  assert_fails(PRIM(32, min, I(-1)), PRIM_ERR_LIMIT_EXCEEDED);
  assert_fails(PRIM(31, max, I(0)), PRIM_ERR_LIMIT_EXCEEDED);
  assert_fails(PRIM(30, max, I(2)), PRIM_ERR_LIMIT_EXCEEDED);
  assert_fails(PRIM(37, max, I(1)), PRIM_ERR_LIMIT_EXCEEDED);
  assert_fails(PRIM(21, huge(CIX_LARGE_POSITIVE, 1), I(1)), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(21, I(1), huge(CIX_LARGE_POSITIVE, 1)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(34, huge(CIX_LARGE_POSITIVE, 1), I(1)), PRIM_ERR_LIMIT_EXCEEDED);
}

static void points_are_made(void **state) {
  (void)state;
  oop p = PRIM(18, I(3), mem_new_float(4.5));
  assert_oop(mem_class_of(p), mem_special(SPECIAL_CLASS_POINT));
  assert_oop(obj_slot(p, 0), I(3));
  assert_float(obj_slot(p, 1), 4.5);
  assert_fails(PRIM(18, mem.nil, I(1)), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(18, I(1), mem.nil), PRIM_ERR_BAD_ARGUMENT);
}

static void hash_multiply_is_28_bits(void **state) {
  (void)state;
  assert_oop(PRIM(159, I(1)), I(1664525));
  assert_oop(PRIM(159, I(12345678)), I((int32_t)(12345678ll * 1664525 & 0xFFFFFFF)));
  assert_oop(PRIM(159, I(-7)), I((int32_t)(-7ll * 1664525 & 0xFFFFFFF)));
  assert_oop(PRIM(159, mem_new_int64(1ll << 31)), I((int32_t)((1ll << 31) * 1664525 & 0xFFFFFFF)));
  assert_fails(PRIM(159, mem.nil), PRIM_ERR_BAD_RECEIVER);
}

static void integers_convert_at_their_limits(void **state) {
  (void)state;
  int64_t i;
  uint64_t u;
  double d;
  assert_true(prim_int64(mem_new_int64(INT64_MIN), &i) && i == INT64_MIN);
  assert_false(prim_int64(mem_new_uint64(1ull << 63), &i));
  assert_true(prim_uint64(mem_new_uint64(UINT64_MAX), &u) && u == UINT64_MAX);
  assert_false(prim_uint64(I(-1), &u));
  assert_false(prim_uint64(mem_new_int64(-(1ll << 40)), &u));
  assert_true(prim_double(mem_new_int64(-(1ll << 40)), &d) && d == -1099511627776.0);
  assert_false(prim_double(mem.nil, &d));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      PRIM_TEST(small_integers_compute),
      PRIM_TEST(small_integers_fail),
      PRIM_TEST(comparisons_answer_booleans),
      PRIM_TEST(comparisons_are_exact_beyond_64_bits),
      PRIM_TEST(large_integers_compute_in_64_bits),
      PRIM_TEST(large_integers_fail_beyond_64_bits),
      PRIM_TEST(points_are_made),
      PRIM_TEST(hash_multiply_is_28_bits),
      PRIM_TEST(integers_convert_at_their_limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
