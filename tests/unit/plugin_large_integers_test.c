/* plugin_large_integers_test.c: the LargeIntegers plugin against schoolbook arithmetic on bytes, with random
 * operands of all sizes. */
#include "prim_support.h"

enum { MAX_BYTES = 700 };

/* A magnitude in bytes, little-endian, without leading zeros, and a sign. */
struct number {
  uint8_t bytes[2 * MAX_BYTES + 8];
  uint32_t count;
  bool negative;
};

static uint64_t seed = 0x9E3779B97F4A7C15ull;
static uint32_t next_random(void) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return (uint32_t)(seed >> 16);
}

static void trim(struct number *n) {
  while (n->count > 0 && n->bytes[n->count - 1] == 0) n->count--;
}

/* Random bytes with runs of 00 and FF, where carries and guesses of quotient digits go wrong. */
static struct number random_number(uint32_t max_bytes) {
  struct number n = {.count = next_random() % (max_bytes + 1), .negative = next_random() & 1};
  uint32_t run = 0, kind = 0;
  for (uint32_t i = 0; i < n.count; i++) {
    if (run-- == 0) {
      run = next_random() % 12;
      kind = next_random() % 4;
    }
    n.bytes[i] = kind == 0 ? 0 : kind == 1 ? 0xFF : (uint8_t)next_random();
  }
  trim(&n);
  if (n.count == 0) n.negative = false;
  return n;
}

static oop oop_of(const struct number *n) {
  int64_t small = 0;
  if (n->count <= 4) {
    for (uint32_t i = n->count; i-- > 0;) small = small << 8 | n->bytes[i];
    if (n->negative) small = -small;
    if (int_fits(small)) return I((int32_t)small);
  }
  oop o = mem_new_bytes(n->negative ? CIX_LARGE_NEGATIVE : CIX_LARGE_POSITIVE, n->count);
  memcpy(obj_bytes(o), n->bytes, n->count);
  return o;
}

/* Normalized, and the same number. */
static void assert_number(oop o, struct number n) {
  trim(&n);
  if (n.count == 0) n.negative = false;
  oop expected = oop_of(&n);
  if (oop_is_int(expected)) {
    assert_oop(o, expected);
    return;
  }
  assert_true(oop_is_large(o));
  assert_int_equal(obj_class_index(o), obj_class_index(expected));
  assert_int_equal(obj_byte_size(o), n.count);
  assert_memory_equal(obj_bytes(o), n.bytes, n.count);
}

/* -- schoolbook -- */

static int reference_compare(const struct number *a, const struct number *b) {
  if (a->count != b->count) return a->count < b->count ? -1 : 1;
  for (uint32_t i = a->count; i-- > 0;)
    if (a->bytes[i] != b->bytes[i]) return a->bytes[i] < b->bytes[i] ? -1 : 1;
  return 0;
}

static struct number reference_add(const struct number *a, const struct number *b) {
  struct number r = {.count = (a->count > b->count ? a->count : b->count) + 1};
  uint32_t carry = 0;
  for (uint32_t i = 0; i < r.count; i++) {
    carry += (i < a->count ? a->bytes[i] : 0u) + (i < b->count ? b->bytes[i] : 0u);
    r.bytes[i] = (uint8_t)carry;
    carry >>= 8;
  }
  trim(&r);
  return r;
}

static struct number reference_subtract(const struct number *a, const struct number *b) {
  struct number r = {.count = a->count};
  int32_t borrow = 0;
  for (uint32_t i = 0; i < r.count; i++) {
    borrow += a->bytes[i] - (i < b->count ? b->bytes[i] : 0);
    r.bytes[i] = (uint8_t)borrow;
    borrow >>= 8;
  }
  trim(&r);
  return r;
}

static struct number reference_multiply(const struct number *a, const struct number *b) {
  struct number r = {.count = a->count + b->count};
  for (uint32_t i = 0; i < a->count; i++) {
    uint32_t carry = 0;
    for (uint32_t j = 0; j < b->count || carry != 0; j++) {
      carry += r.bytes[i + j] + (j < b->count ? (uint32_t)a->bytes[i] * b->bytes[j] : 0);
      r.bytes[i + j] = (uint8_t)carry;
      carry >>= 8;
    }
  }
  trim(&r);
  return r;
}

/* ---- */

static oop digits(const char *name, oop a, oop b) { return NAMED("LargeIntegers", name, a, b); }

static void sums_and_differences(void **state) {
  (void)state;
  for (int i = 0; i < 400; i++) {
    struct number a = random_number(i < 200 ? 12 : MAX_BYTES), b = random_number(i < 200 ? 12 : MAX_BYTES);
    oop oa = oop_of(&a), ob = oop_of(&b);
    struct number sum = reference_add(&a, &b);
    sum.negative = a.negative;
    assert_number(digits("primDigitAdd", oa, ob), sum);
    int order = reference_compare(&a, &b);
    struct number difference = order < 0 ? reference_subtract(&b, &a) : reference_subtract(&a, &b);
    difference.negative = order < 0 ? !a.negative : a.negative;
    assert_number(digits("primDigitSubtract", oa, ob), difference);
    assert_oop(digits("primDigitCompare", oa, ob), I(order));
  }
  fixture_assert_sound();
}

static void products(void **state) {
  (void)state;
  for (int i = 0; i < 200; i++) {
    struct number a = random_number(i < 150 ? 24 : MAX_BYTES), b = random_number(i < 150 ? 24 : MAX_BYTES);
    struct number product = reference_multiply(&a, &b);
    product.negative = i & 1;
    assert_number(
        NAMED("LargeIntegers", "primDigitMultiplyNegative", oop_of(&a), oop_of(&b), mem_bool(i & 1)),
        product);
  }
}

static struct number number_of(oop o) {
  struct number n = {0};
  uint8_t room[4];
  const uint8_t *p = prim_magnitude(o, room, &n.count, &n.negative);
  memcpy(n.bytes, p, n.count);
  return n;
}

/* quotient * divisor + remainder = dividend, remainder < divisor. */
static void quotients(void **state) {
  (void)state;
  for (int i = 0; i < 600; i++) {
    struct number a = random_number(i < 400 ? 24 : MAX_BYTES),
                  b = random_number(i < 400 ? 16 : MAX_BYTES / 2);
    oop result = NAMED("LargeIntegers", "primDigitDivNegative", oop_of(&a), oop_of(&b), mem_bool(i & 1));
    if (b.count == 0) {
      assert_fails(result, PRIM_ERR_BAD_ARGUMENT);
      continue;
    }
    struct number q = number_of(obj_slot(result, 0)), r = number_of(obj_slot(result, 1));
    assert_true(reference_compare(&r, &b) < 0);
    if (q.count > 0) assert_int_equal(q.negative, i & 1);
    if (r.count > 0) assert_int_equal(r.negative, a.negative);
    struct number back = reference_multiply(&q, &b);
    back = reference_add(&back, &r);
    assert_int_equal(reference_compare(&back, &a), 0);
    assert_number(obj_slot(result, 0), q); /* normalized */
  }
}

static void bits(void **state) {
  (void)state;
  for (int i = 0; i < 200; i++) {
    struct number a = random_number(60), b = random_number(60);
    a.negative = b.negative = false;
    struct number and = {.count = 60}, or = {.count = 60},
                  xor = {
                      .count = 60};
    for (uint32_t k = 0; k < 60; k++) {
      uint8_t x = k < a.count ? a.bytes[k] : 0, y = k < b.count ? b.bytes[k] : 0;
      and.bytes[k] = x & y;
      or.bytes[k] = x | y;
      xor.bytes[k] = x ^ y;
    }
    assert_number(digits("primDigitBitAnd", oop_of(&a), oop_of(&b)), and);
    assert_number(digits("primDigitBitOr", oop_of(&a), oop_of(&b)), or);
    assert_number(digits("primDigitBitXor", oop_of(&a), oop_of(&b)), xor);
  }
  assert_fails(digits("primDigitBitAnd", I(-1), I(1)), PRIM_ERR_BAD_RECEIVER);
  assert_fails(digits("primDigitBitAnd", I(1), I(-1)), PRIM_ERR_BAD_ARGUMENT);
}

static void shifts_and_single_bits(void **state) {
  (void)state;
  for (int i = 0; i < 300; i++) {
    struct number a = random_number(80), shifted = {.negative = a.negative};
    int32_t by = (int32_t)(next_random() % 700) - 350;
    shifted.count = by > 0 ? a.count + (uint32_t)by / 8 + 1 : a.count;
    for (int32_t bit = 0; bit < (int32_t)a.count * 8; bit++)
      if (a.bytes[bit / 8] >> bit % 8 & 1 && bit + by >= 0)
        shifted.bytes[(bit + by) / 8] |= (uint8_t)(1 << (bit + by) % 8);
    oop o = oop_of(&a);
    assert_number(digits("primDigitBitShiftMagnitude", o, I(by)), shifted);
    int32_t from = (int32_t)(next_random() % 650) + 1, to = from + (int32_t)(next_random() % 40) - 3;
    bool any = false;
    for (int32_t bit = from; bit <= to && bit <= (int32_t)a.count * 8; bit++)
      any |= a.bytes[(bit - 1) / 8] >> (bit - 1) % 8 & 1;
    if (to >= 0) assert_oop(NAMED("LargeIntegers", "primAnyBitFromTo", o, I(from), I(to)), mem_bool(any));
  }
  assert_fails(digits("primDigitBitShiftMagnitude", I(1), mem.nil), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(NAMED("LargeIntegers", "primAnyBitFromTo", I(1), I(0), I(1)), PRIM_ERR_BAD_ARGUMENT);
}

/* The Montgomery product times 2^(32 n) is the plain product, modulo m. */
static void montgomery_products(void **state) {
  (void)state;
  assert_oop(NAMED("LargeIntegers", "primMontgomeryDigitLength", I(1)), I(32));
  for (int i = 0; i < 100; i++) {
    struct number m = random_number(40), a, b;
    m.negative = false;
    if (m.count < 5) continue;
    m.bytes[0] |= 1;
    do a = random_number(40);
    while (reference_compare(&a, &m) >= 0);
    do b = random_number(40);
    while (reference_compare(&b, &m) >= 0);
    a.negative = b.negative = false;
    uint32_t m0, inverse = 1;
    memcpy(&m0, m.bytes, 4);
    for (int k = 0; k < 5; k++) inverse *= 2 - m0 * inverse; /* Newton: doubles the right bits */
    oop om = oop_of(&m), product = NAMED("LargeIntegers", "primMontgomeryTimesModulo", oop_of(&a), oop_of(&b),
                                         om, mem_new_uint64((uint32_t)(0 - inverse)));
    struct number p = number_of(product);
    assert_true(reference_compare(&p, &m) < 0);
    uint32_t limbs = (m.count + 3) / 4;
    oop back = digits("primDigitBitShiftMagnitude", product, I((int32_t)(32 * limbs)));
    oop plain = NAMED("LargeIntegers", "primDigitMultiplyNegative", oop_of(&a), oop_of(&b), mem.false_);
    oop r1 = obj_slot(NAMED("LargeIntegers", "primDigitDivNegative", back, om, mem.false_), 1);
    oop r2 = obj_slot(NAMED("LargeIntegers", "primDigitDivNegative", plain, om, mem.false_), 1);
    assert_int_equal(prim_compare_integers(r1, r2), 0);
  }
  assert_fails(
      NAMED("LargeIntegers", "primMontgomeryTimesModulo", mem_new_int64(1ll << 40), I(1), I(3), I(1)),
      PRIM_ERR_BAD_ARGUMENT);
}

static void normalizing(void **state) {
  (void)state;
  oop o = mem_new_bytes(CIX_LARGE_POSITIVE, 12);
  assert_oop(NAMED("LargeIntegers", "primNormalizePositive", o), I(0));
  obj_bytes(o)[0] = 7;
  assert_oop(NAMED("LargeIntegers", "primNormalizePositive", o), I(7));
  obj_bytes(o)[8] = 7;
  oop n = NAMED("LargeIntegers", "primNormalizePositive", o);
  assert_int_equal(obj_byte_size(n), 9);
  assert_oop(NAMED("LargeIntegers", "primNormalizePositive", n), n);
  oop min = mem_new_bytes(CIX_LARGE_NEGATIVE, 4);
  obj_bytes(min)[3] = 0x40;
  assert_oop(NAMED("LargeIntegers", "primNormalizeNegative", min), I(SMALLINT_MIN));
  obj_bytes(min)[0] = 1;
  assert_oop(NAMED("LargeIntegers", "primNormalizeNegative", min), min);
  assert_fails(NAMED("LargeIntegers", "primNormalizePositive", min), PRIM_ERR_BAD_RECEIVER);
  assert_fails(NAMED("LargeIntegers", "primNormalizeNegative", I(1)), PRIM_ERR_BAD_RECEIVER);
  assert_oop(NAMED("LargeIntegers", "primNormalizePositive", mem_new_bytes(CIX_LARGE_POSITIVE, 0)), I(0));
}

static void wrong_operands(void **state) {
  (void)state;
  const char *const names[] = {"primDigitAdd",    "primDigitSubtract", "primDigitCompare",
                               "primDigitBitAnd", "primDigitBitOr",    "primDigitBitXor"};
  for (int i = 0; i < 6; i++) {
    assert_fails(digits(names[i], mem.nil, I(1)), PRIM_ERR_BAD_RECEIVER);
    assert_fails(digits(names[i], I(1), mem_new_float(1)), PRIM_ERR_BAD_ARGUMENT);
  }
  assert_fails(NAMED("LargeIntegers", "primDigitMultiplyNegative", I(1), I(1), I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(NAMED("LargeIntegers", "primDigitDivNegative", I(1), I(0), mem.false_), PRIM_ERR_BAD_ARGUMENT);
  /* what a file left past the end of the bytes is not part of the number */
  oop odd = mem_new_bytes(CIX_LARGE_POSITIVE, 5);
  obj_bytes(odd)[4] = 1;
  obj_bytes(odd)[5] = 0xEE;
  assert_int64(digits("primDigitAdd", odd, I(0)), 1ll << 32);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      PRIM_TEST(sums_and_differences),
      PRIM_TEST(products),
      PRIM_TEST(quotients),
      PRIM_TEST(bits),
      PRIM_TEST(shifts_and_single_bits),
      PRIM_TEST(montgomery_products),
      PRIM_TEST(normalizing),
      PRIM_TEST(wrong_operands),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
