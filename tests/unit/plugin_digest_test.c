/* plugin_digest_test.c: MD5Plugin, SHA256Plugin and DSAPrims. */
#include "prim_support.h"

#define CALL(module, primitive, ...) NAMED(module, primitive, mem.nil, ##__VA_ARGS__)

/* "abc" as the only block of a message: a 1 bit, zeros, and its length in bits, from either end. */
static oop abc_block(bool length_low_first) {
  oop block = mem_new_bytes(CIX_BYTE_ARRAY, 64);
  memcpy(obj_bytes(block), "abc\x80", 4);
  obj_bytes(block)[length_low_first ? 56 : 63] = 24;
  return block;
}
static void assert_hex(const uint8_t *bytes, const char *hex) {
  for (uint32_t i = 0; hex[2 * i] != 0; i++) {
    const char digits[3] = {hex[2 * i], hex[2 * i + 1], 0};
    assert_int_equal(bytes[i], strtoul(digits, NULL, 16));
  }
}

/* The digests of "abc" are those of RFC 1321 and FIPS 180. */
static void md5_digests(void **state) {
  (void)state;
  oop s = mem_new_bytes(CIX_BYTE_ARRAY, 16);
  assert_oop(CALL("MD5Plugin", "primitivePluginAvailable"), mem.true_);
  assert_oop(CALL("MD5Plugin", "primitiveInitializeState", s), mem.nil);
  assert_oop(CALL("MD5Plugin", "primitiveProcessBufferWithState", abc_block(true), s), mem.nil);
  assert_oop(CALL("MD5Plugin", "primitiveDecodeState", s), mem.nil);
  assert_hex(obj_bytes(s), "900150983cd24fb0d6963f7d28e17f72");
  assert_fails(CALL("MD5Plugin", "primitiveProcessBufferWithState", str("short"), s), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(CALL("MD5Plugin", "primitiveProcessBufferWithState", abc_block(true), str("short")),
               PRIM_ERR_BAD_ARGUMENT);
  assert_fails(CALL("MD5Plugin", "primitiveInitializeState", I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(CALL("MD5Plugin", "primitiveInitializeState", frozen(s)), PRIM_ERR_NO_MODIFICATION);
}

static void sha256_digests(void **state) {
  (void)state;
  oop s = mem_new_bytes(CIX_BYTE_ARRAY, 32);
  assert_oop(CALL("SHA256Plugin", "primitiveInitializeState", s), mem.nil);
  assert_oop(CALL("SHA256Plugin", "primitiveProcessBufferWithState", abc_block(false), s), mem.nil);
  assert_oop(CALL("SHA256Plugin", "primitiveFinalHashFromState", s), mem.nil);
  assert_hex(obj_bytes(s), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert_fails(CALL("SHA256Plugin", "primitiveFinalHashFromState", str("short")), PRIM_ERR_BAD_ARGUMENT);
}

static void sha1_digests(void **state) {
  (void)state;
  static const uint32_t start[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  static const uint32_t abc[5] = {0xA9993E36, 0x4706816A, 0xBA3E2571, 0x7850C26C, 0x9CD0D89D};
  oop s = words_of(5), words = words_of(80);
  memcpy(obj_bytes(s), start, sizeof start);
  assert_oop(CALL("DSAPrims", "primitiveHasSecureHashPrimitive"), mem.true_);
  assert_oop(CALL("DSAPrims", "primitiveExpandBlock", abc_block(false), words), mem.nil);
  assert_oop(CALL("DSAPrims", "primitiveHashBlock", words, s), mem.nil);
  assert_memory_equal(obj_bytes(s), abc, sizeof abc);
  assert_fails(CALL("DSAPrims", "primitiveExpandBlock", abc_block(false), words_of(79)),
               PRIM_ERR_BAD_ARGUMENT);
  assert_fails(CALL("DSAPrims", "primitiveExpandBlock", str("short"), words), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(CALL("DSAPrims", "primitiveHashBlock", words, words_of(4)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(CALL("DSAPrims", "primitiveHashBlock", words, frozen(s)), PRIM_ERR_NO_MODIFICATION);
}

static uint32_t next_random(void) {
  static uint32_t random = 11;
  random = random * 1664525 + 1013904223;
  return random >> 16;
}
static oop number(uint32_t n, bool fill) {
  oop o = mem_new_bytes(CIX_LARGE_POSITIVE, n);
  const uint32_t kind = next_random() % 3;
  for (uint32_t i = 0; fill && i < n; i++)
    obj_bytes(o)[i] = (uint8_t)(kind == 0 ? next_random() : kind == 1 ? 255 : (next_random() & 1) * 255);
  return o;
}

/* quotient * divisor + remainder is the dividend, and the remainder is less than the divisor. */
static void long_numbers_are_divided_and_multiplied(void **state) {
  (void)state;
  for (int rounds = 0; rounds < 3000; rounds++) {
    const uint32_t n = 2 + next_random() % 6, m = 1 + next_random() % 6;
    oop div = number(n, true), rem = number(n + m, true), quo = number(m, false),
        product = number(n + m, false);
    uint8_t dividend[16];
    obj_bytes(div)[n - 1] |= 128;
    if (obj_bytes(rem)[n + m - 1] >= obj_bytes(div)[n - 1])
      obj_bytes(rem)[n + m - 1] = obj_bytes(div)[n - 1] - 1;
    memcpy(dividend, obj_bytes(rem), n + m);
    assert_oop(CALL("DSAPrims", "primitiveBigDivide", rem, div, quo), mem.nil);
    assert_true(prim_compare_integers(rem, div) < 0);
    assert_oop(CALL("DSAPrims", "primitiveBigMultiply", quo, div, product), mem.nil);
    uint32_t carry = 0;
    for (uint32_t i = 0; i < n + m; i++) {
      carry += (uint32_t)obj_bytes(product)[i] + obj_bytes(rem)[i];
      assert_int_equal(carry & 255, dividend[i]);
      carry >>= 8;
    }
  }
  assert_fails(CALL("DSAPrims", "primitiveBigDivide", number(5, true), number(2, false), number(3, false)),
               PRIM_ERR_BAD_ARGUMENT);
  assert_fails(CALL("DSAPrims", "primitiveBigDivide", I(1), number(2, true), number(3, false)),
               PRIM_ERR_BAD_ARGUMENT);
  assert_fails(CALL("DSAPrims", "primitiveBigMultiply", number(3, true), number(2, true), number(3, false)),
               PRIM_ERR_BAD_ARGUMENT);
  oop n = number(4, false);
  obj_bytes(n)[1] = 1;
  assert_oop(CALL("DSAPrims", "primitiveHighestNonZeroDigitIndex", n), I(2));
  assert_oop(CALL("DSAPrims", "primitiveHighestNonZeroDigitIndex", number(4, false)), I(1));
  assert_fails(CALL("DSAPrims", "primitiveHighestNonZeroDigitIndex", str("abc")), PRIM_ERR_BAD_ARGUMENT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      PRIM_TEST(md5_digests),
      PRIM_TEST(sha256_digests),
      PRIM_TEST(sha1_digests),
      PRIM_TEST(long_numbers_are_divided_and_multiplied),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
