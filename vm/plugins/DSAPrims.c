/* DSAPrims.c: SHA-1, and the long multiplication and division of the image's digital signatures. */
#include "plugins/digests/digests.h"
#include "plugins/plugin.h"
#include "primitives/checks.h"

/* ---- SHA-1 ---- */

static uint32_t *words(oop o) { return AT(uint32_t, obj_body(o)); }
static bool has_words(oop o, uint32_t n) { return oop_is_words(o) && obj_slots(o) == n; }

static oop primitiveHasSecureHashPrimitive(oop *args, uint32_t argc) { return mem.true_; }

/* expandBlock: aByteArray into: wordArray */
static oop primitiveExpandBlock(oop *args, uint32_t argc) {
  if (!oop_is_bytes(args[1]) || obj_byte_size(args[1]) != DIGEST_BLOCK || !has_words(args[2], SHA1_EXPANDED))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(args[2])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  sha1_expand(obj_bytes(args[1]), words(args[2]));
  return args[0];
}

/* hashBlock: wordArray using: state */
static oop primitiveHashBlock(oop *args, uint32_t argc) {
  if (!has_words(args[1], SHA1_EXPANDED) || !has_words(args[2], SHA1_WORDS))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(args[2])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  sha1_block(words(args[2]), words(args[1]));
  return args[0];
}

/* ---- long numbers, byte by byte, the lowest first ---- */

static bool is_number(oop o) { return oop_has_class_index(o, CIX_LARGE_POSITIVE) && oop_is_bytes(o); }

/* How many bytes there are up to the highest that is not 0; at least 1. */
static oop primitiveHighestNonZeroDigitIndex(oop *args, uint32_t argc) {
  if (!is_number(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint32_t n = obj_byte_size(args[1]);
  while (n > 1 && obj_bytes(args[1])[n - 1] == 0) n--;
  return int_oop(n == 0 ? 1 : (int32_t)n);
}

/* bigMultiply: f1 by: f2 into: product, which is all zeros and as long as both together. */
static oop primitiveBigMultiply(oop *args, uint32_t argc) {
  if (!is_number(args[1]) || !is_number(args[2]) || !is_number(args[3]))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(args[3])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  const uint32_t a_size = obj_byte_size(args[1]), b_size = obj_byte_size(args[2]);
  if (obj_byte_size(args[3]) != (uint64_t)a_size + b_size) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const uint8_t *a = obj_bytes(args[1]), *b = obj_bytes(args[2]);
  uint8_t *product = obj_bytes(args[3]);
  for (uint32_t i = 0; i < a_size; i++) {
    uint32_t carry = 0;
    for (uint32_t j = 0; j < b_size; j++) {
      carry += (uint32_t)a[i] * b[j] + product[i + j];
      product[i + j] = (uint8_t)carry;
      carry >>= 8;
    }
    product[i + b_size] = (uint8_t)carry;
  }
  return args[0];
}

/* Takes the divisor times q away. Answers whether that was too much. */
static bool subtract(uint8_t *rem, const uint8_t *div, uint32_t n, uint32_t q) {
  uint32_t borrow = 0;
  for (uint32_t i = 0; i <= n; i++) {
    const uint32_t product = (i < n ? div[i] * q : 0) + borrow;
    const int32_t left = (int32_t)rem[i] - (int32_t)(product & 255);
    rem[i] = (uint8_t)left;
    borrow = (product >> 8) + (left < 0 ? 1 : 0);
  }
  return borrow != 0;
}

static void add_back(uint8_t *rem, const uint8_t *div, uint32_t n) {
  uint32_t carry = 0;
  for (uint32_t i = 0; i <= n; i++) {
    carry += rem[i] + (i < n ? div[i] : 0u);
    rem[i] = (uint8_t)carry;
    carry >>= 8;
  }
}

/* Knuth, "The art of computer programming", volume 2, 4.3.1, algorithm D: the divisor's highest bit is set,
 * and the remainder's highest byte is not above the divisor's. */
static void divide(uint8_t *rem, uint32_t rem_size, const uint8_t *div, uint32_t n, uint8_t *quo) {
  const uint32_t high = div[n - 1], next = div[n - 2];
  for (uint32_t j = rem_size - n; j-- > 0;) {
    const uint32_t top = (uint32_t)rem[j + n] << 8 | rem[j + n - 1];
    uint32_t q = top / high < 255 ? top / high : 255, rest = top - q * high;
    for (; rest < 256 && q * next > (rest << 8 | rem[j + n - 2]); q--) rest += high;
    if (subtract(rem + j, div, n, q)) {
      add_back(rem + j, div, n);
      q--;
    }
    quo[j] = (uint8_t)q;
  }
}

/* bigDivide: rem by: div into: quo, which is all zeros; the remainder is left in rem. */
static oop primitiveBigDivide(oop *args, uint32_t argc) {
  if (!is_number(args[1]) || !is_number(args[2]) || !is_number(args[3]))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(args[1]) || obj_is_immutable(args[3])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  const uint32_t rem_size = obj_byte_size(args[1]), n = obj_byte_size(args[2]);
  uint8_t *rem = obj_bytes(args[1]);
  const uint8_t *div = obj_bytes(args[2]);
  if (rem_size <= n) return args[0];
  if (n < 2 || div[n - 1] < 128 || rem[rem_size - 1] > div[n - 1] || obj_byte_size(args[3]) < rem_size - n)
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  divide(rem, rem_size, div, n, obj_bytes(args[3]));
  return args[0];
}

#define DSA_PRIMITIVES(X)                  \
  X(primitiveBigDivide, 3, 3)              \
  X(primitiveBigMultiply, 3, 3)            \
  X(primitiveExpandBlock, 2, 2)            \
  X(primitiveHasSecureHashPrimitive, 0, 0) \
  X(primitiveHashBlock, 2, 2)              \
  X(primitiveHighestNonZeroDigitIndex, 1, 1)
PLUGIN_DEFINE(DSAPrims, DSA_PRIMITIVES)
