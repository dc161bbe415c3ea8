/* integer.c: SmallInteger and 64-bit integer primitives (1 to 18, 20 to 37, 159).
 *
 * 1 to 17 are SmallInteger's: both operands are SmallIntegers, the result is exact whatever its size.
 * 20 to 37 take any integers of 64 bits and fail where the exact result has more; the image then goes on
 * with the LargeIntegers plugin.
 */
#include "memory/image.h"
#include "primitives/checks.h"

/* -- the operations, on 64 bits; each answers false when it has no exact 64-bit result -- */

static bool op_add(int64_t a, int64_t b, int64_t *r) { return !__builtin_add_overflow(a, b, r); }
static bool op_subtract(int64_t a, int64_t b, int64_t *r) { return !__builtin_sub_overflow(a, b, r); }
static bool op_multiply(int64_t a, int64_t b, int64_t *r) {
  if ((int32_t)a == a && (int32_t)b == b) {
    *r = a * b;
    return true;
  }
  return !__builtin_mul_overflow(a, b, r);
}
static bool divisible(int64_t a, int64_t b) { return b != 0 && !(a == INT64_MIN && b == -1); }
static bool op_divide(int64_t a, int64_t b, int64_t *r) {
  if (!divisible(a, b) || a % b != 0) return false;
  *r = a / b;
  return true;
}
static bool op_mod(int64_t a, int64_t b, int64_t *r) { /* takes the divisor's sign */
  if (!divisible(a, b)) return false;
  *r = a % b;
  if (*r != 0 && (*r ^ b) < 0) *r += b;
  return true;
}
static bool op_div(int64_t a, int64_t b, int64_t *r) { /* rounds down */
  if (!divisible(a, b)) return false;
  *r = a / b - (a % b != 0 && (a ^ b) < 0);
  return true;
}
static bool op_quo(int64_t a, int64_t b, int64_t *r) { /* rounds towards zero */
  if (!divisible(a, b)) return false;
  *r = a / b;
  return true;
}
static bool op_rem(int64_t a, int64_t b, int64_t *r) { /* takes the dividend's sign */
  if (!divisible(a, b)) return false;
  *r = a % b;
  return true;
}
static bool op_bit_shift(int64_t a, int64_t by, int64_t *r) {
  /* Images from before closures shift magnitudes, later ones round down; both are right for positives. */
  if (a < 0 && by < 0 && !image_info.closures && image_info.format != 0) return false;
  if (by <= -64 || (by < 0 && -by >= 63))
    *r = a < 0 ? -1 : 0;
  else if (by < 0)
    *r = a >> -by;
  else if (a == 0)
    *r = 0;
  else if (by >= 63)
    return false;
  else {
    *r = (int64_t)((uint64_t)a << by);
    return *r >> by == a;
  }
  return true;
}

/* -- SmallInteger's own -- */

#define SMALL_ARITHMETIC(name, operation)                                                            \
  oop name(oop *args, uint32_t argc) {                                                               \
    int64_t r;                                                                                       \
    if (!oop_is_int(args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);                               \
    if (!oop_is_int(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);                               \
    if (!operation(oop_int(args[0]), oop_int(args[1]), &r)) return prim_fail(PRIM_ERR_BAD_ARGUMENT); \
    return int_fits(r) ? int_oop((int32_t)r) : prim_or_no_memory(mem_new_int64(r));                  \
  }
SMALL_ARITHMETIC(prim_add, op_add)
SMALL_ARITHMETIC(prim_subtract, op_subtract)
SMALL_ARITHMETIC(prim_multiply, op_multiply)
SMALL_ARITHMETIC(prim_divide, op_divide)
SMALL_ARITHMETIC(prim_mod, op_mod)
SMALL_ARITHMETIC(prim_div, op_div)
SMALL_ARITHMETIC(prim_quo, op_quo)

#define COMPARISON(name, is_operand, test)                             \
  oop name(oop *args, uint32_t argc) {                                 \
    if (!is_operand(args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER); \
    if (!is_operand(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT); \
    return mem_bool(test);                                             \
  }

/* Tagged SmallIntegers compare as their values do. */
#define SMALL_COMPARISON(name, relation) \
  COMPARISON(name, oop_is_int, (int32_t)args[0] relation(int32_t) args[1])
SMALL_COMPARISON(prim_less, <)
SMALL_COMPARISON(prim_greater, >)
SMALL_COMPARISON(prim_less_equal, <=)
SMALL_COMPARISON(prim_greater_equal, >=)
SMALL_COMPARISON(prim_equal, ==)
SMALL_COMPARISON(prim_not_equal, !=)

/* -- the bits: SmallInteger's accept large operands too, as the image's own do -- */

typedef enum { BIT_AND, BIT_OR, BIT_XOR } bit_op;

static uint64_t bit_logic(uint64_t a, uint64_t b, bit_op op) {
  return op == BIT_AND ? a & b : op == BIT_OR ? a | b : a ^ b;
}

/* Two's complement where both fit 64 signed bits, else plain 64-bit logic on two positives. */
static oop large_bits(oop *args, bit_op op) {
  int64_t a, b;
  uint64_t ua, ub;
  if (!oop_is_integer(args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!oop_is_integer(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (prim_uint64(args[0], &ua) && prim_uint64(args[1], &ub))
    return prim_or_no_memory(mem_new_uint64(bit_logic(ua, ub, op)));
  /* Images from before closures take the bits of a negative number's magnitude. */
  if (!image_info.closures && image_info.format != 0) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (!prim_int64(args[0], &a) || !prim_int64(args[1], &b)) return prim_fail(PRIM_ERR_LIMIT_EXCEEDED);
  return prim_or_no_memory(mem_new_int64((int64_t)bit_logic((uint64_t)a, (uint64_t)b, op)));
}

#define BITS(name, large_name, op)                                                                 \
  oop large_name(oop *args, uint32_t argc) { return large_bits(args, op); }                        \
  oop name(oop *args, uint32_t argc) {                                                             \
    if (oop_both_int(args[0], args[1])) return (oop)bit_logic(args[0], args[1], op) | OOP_INT_TAG; \
    return large_bits(args, op);                                                                   \
  }
BITS(prim_bit_and, prim_large_bit_and, BIT_AND)
BITS(prim_bit_or, prim_large_bit_or, BIT_OR)
BITS(prim_bit_xor, prim_large_bit_xor, BIT_XOR)

/* -- 64 bits -- */

#define LARGE_ARITHMETIC(name, operation)                                  \
  oop name(oop *args, uint32_t argc) {                                     \
    int64_t a, b, r;                                                       \
    if (!prim_int64(args[0], &a)) return prim_fail(PRIM_ERR_BAD_RECEIVER); \
    if (!prim_int64(args[1], &b)) return prim_fail(PRIM_ERR_BAD_ARGUMENT); \
    if (!operation(a, b, &r)) return prim_fail(PRIM_ERR_LIMIT_EXCEEDED);   \
    return prim_or_no_memory(mem_new_int64(r));                            \
  }
LARGE_ARITHMETIC(prim_large_rem, op_rem)
LARGE_ARITHMETIC(prim_large_add, op_add)
LARGE_ARITHMETIC(prim_large_subtract, op_subtract)
LARGE_ARITHMETIC(prim_large_multiply, op_multiply)
LARGE_ARITHMETIC(prim_large_divide, op_divide)
LARGE_ARITHMETIC(prim_large_mod, op_mod)
LARGE_ARITHMETIC(prim_large_div, op_div)
LARGE_ARITHMETIC(prim_large_quo, op_quo)
LARGE_ARITHMETIC(prim_large_bit_shift, op_bit_shift)
SMALL_ARITHMETIC(prim_bit_shift, op_bit_shift)

/* Exact at any size. */
#define LARGE_COMPARISON(name, relation) \
  COMPARISON(name, oop_is_integer, prim_compare_integers(args[0], args[1]) relation 0)
LARGE_COMPARISON(prim_large_less, <)
LARGE_COMPARISON(prim_large_greater, >)
LARGE_COMPARISON(prim_large_less_equal, <=)
LARGE_COMPARISON(prim_large_greater_equal, >=)
LARGE_COMPARISON(prim_large_equal, ==)
LARGE_COMPARISON(prim_large_not_equal, !=)

/* -- others -- */

/* x @ y */
oop prim_make_point(oop *args, uint32_t argc) {
  oop x = args[0], y = args[1];
  if (!oop_is_integer(x) && !oop_is_float(x)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!oop_is_integer(y) && !oop_is_float(y)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return prim_new_point(x, y);
}

/* Integer>>hashMultiply: one step of the linear congruential generator 1664525, in 28 bits. */
oop prim_hash_multiply(oop *args, uint32_t argc) {
  enum { MULTIPLIER = 1664525, MASK = 0xFFFFFFF };
  uint8_t room[4];
  uint32_t n, low = 0;
  bool negative;
  if (!oop_is_integer(args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  const uint8_t *p = prim_magnitude(args[0], room, &n, &negative);
  for (uint32_t i = n < 4 ? n : 4; i-- > 0;) low = low << 8 | p[i];
  if (negative) low = 0 - low;
  return int_oop((int32_t)(low * MULTIPLIER & MASK));
}
