/* float.c: Float primitives (38 to 59; 541 to 559 are the same for images that came from 64 bits).
 *
 * Operands are Floats or SmallIntegers, which convert exactly. A LargeInteger operand fails: whether to
 * round it or to compare exactly is the image's decision.
 */
#include <math.h>

#include "primitives/checks.h"

static inline bool operand(oop o, double *value) {
  if (oop_is_float(o))
    *value = mem_float(o);
  else if (oop_is_int(o))
    *value = oop_int(o);
  else
    return false;
  return true;
}

static oop float_result(double v) { return prim_or_no_memory(mem_new_float(v)); }

#define FLOAT_ARITHMETIC(name, expression, condition)                   \
  oop name(oop *args, uint32_t argc) {                                  \
    double a, b;                                                        \
    if (!operand(args[0], &a)) return prim_fail(PRIM_ERR_BAD_RECEIVER); \
    if (!operand(args[1], &b)) return prim_fail(PRIM_ERR_BAD_ARGUMENT); \
    if (!(condition)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);          \
    return float_result(expression);                                    \
  }
FLOAT_ARITHMETIC(prim_float_add, a + b, true)
FLOAT_ARITHMETIC(prim_float_subtract, a - b, true)
FLOAT_ARITHMETIC(prim_float_multiply, a *b, true)
FLOAT_ARITHMETIC(prim_float_divide, a / b, b != 0)

#define FLOAT_COMPARISON(name, relation)                                \
  oop name(oop *args, uint32_t argc) {                                  \
    double a, b;                                                        \
    if (!operand(args[0], &a)) return prim_fail(PRIM_ERR_BAD_RECEIVER); \
    if (!operand(args[1], &b)) return prim_fail(PRIM_ERR_BAD_ARGUMENT); \
    return mem_bool(a relation b);                                      \
  }
FLOAT_COMPARISON(prim_float_less, <)
FLOAT_COMPARISON(prim_float_greater, >)
FLOAT_COMPARISON(prim_float_less_equal, <=)
FLOAT_COMPARISON(prim_float_greater_equal, >=)
FLOAT_COMPARISON(prim_float_equal, ==)
FLOAT_COMPARISON(prim_float_not_equal, !=)

#define FLOAT_FUNCTION(name, expression, condition)                     \
  oop name(oop *args, uint32_t argc) {                                  \
    double a;                                                           \
    if (!operand(args[0], &a)) return prim_fail(PRIM_ERR_BAD_RECEIVER); \
    if (!(condition)) return prim_fail(PRIM_ERR_BAD_RECEIVER);          \
    return float_result(expression);                                    \
  }
FLOAT_FUNCTION(prim_float_sqrt, sqrt(a), !(a < 0))
FLOAT_FUNCTION(prim_float_sin, sin(a), true)
FLOAT_FUNCTION(prim_float_arctan, atan(a), true)
FLOAT_FUNCTION(prim_float_ln, log(a), true)
FLOAT_FUNCTION(prim_float_exp, exp(a), true)
FLOAT_FUNCTION(prim_float_fraction_part, a - trunc(a), isfinite(a))

oop prim_as_float(oop *args, uint32_t argc) {
  double v;
  if (!oop_is_integer(args[argc]) || !prim_double(args[argc], &v)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  return float_result(v);
}

oop prim_float_truncated(oop *args, uint32_t argc) {
  const double limit = 9223372036854775808.0; /* 2^63 */
  double a;
  if (!operand(args[0], &a)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!(a >= -limit && a < limit)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  return prim_or_no_memory(mem_new_int64((int64_t)a));
}

/* The power of two: 1.0 exponent = 0. */
oop prim_float_exponent(oop *args, uint32_t argc) {
  double a;
  int exponent;
  if (!operand(args[0], &a) || !isfinite(a)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  (void)frexp(a, &exponent);
  return int_oop(exponent - 1);
}

oop prim_float_times_two_power(oop *args, uint32_t argc) {
  double a;
  if (!operand(args[0], &a)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!oop_is_int(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return float_result(ldexp(a, oop_int(args[1])));
}

/* -- the two words of a Float: 1 is the more significant. In memory the less significant comes first. -- */

static oop float_word(oop o, oop index, uint32_t *slot) {
  if (!oop_is_float(o)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!oop_is_int(index)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (oop_int(index) < 1 || oop_int(index) > 2) return prim_fail(PRIM_ERR_BAD_INDEX);
  *slot = 2 - (uint32_t)oop_int(index);
  return 0;
}

oop prim_float_at(oop *args, uint32_t argc) {
  uint32_t slot;
  oop failure = float_word(args[argc - 1], args[argc], &slot);
  if (failure) return failure;
  return prim_or_no_memory(mem_new_uint64(obj_slot(args[argc - 1], slot)));
}

oop prim_float_at_put(oop *args, uint32_t argc) {
  uint32_t slot, value;
  oop o = args[argc - 2], failure = float_word(o, args[argc - 1], &slot);
  if (failure) return failure;
  if (!prim_uint32(args[argc], &value)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(o)) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  obj_put_raw(o, slot, value);
  return args[argc];
}
