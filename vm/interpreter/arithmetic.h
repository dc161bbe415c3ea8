/* arithmetic.h: numbers as the special sends have them without a lookup: SmallIntegers, Floats, and the two
 * mixed. Shared by the dispatch loop and translated code. Nothing here collects. */
#ifndef VM_INTERPRETER_ARITHMETIC_H
#define VM_INTERPRETER_ARITHMETIC_H

#include "memory/memory.h"

static inline bool is_float(oop o) { return oop_has_class_index(o, CIX_FLOAT); }

/* Both operands as floats, when at least one is a Float and the other a Float or SmallInteger. */
static inline bool float_operands(oop a, oop b, double *x, double *y) {
  if (is_float(a)) {
    *x = mem_float(a);
    if (oop_is_int(b)) {
      *y = oop_int(b);
      return true;
    }
    if (!is_float(b)) return false;
    *y = mem_float(b);
    return true;
  }
  if (!oop_is_int(a) || !is_float(b)) return false;
  *x = oop_int(a);
  *y = mem_float(b);
  return true;
}

/* Floored division, as // and \\ have it. The divisor is not 0. */
static inline int32_t floor_div(int32_t a, int32_t b) {
  int32_t q = a / b; /* no overflow: SmallIntegers have 31 bits */
  return (a % b != 0 && (a < 0) != (b < 0)) ? q - 1 : q;
}
static inline int32_t floor_mod(int32_t a, int32_t b) {
  int32_t r = a % b;
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

/* bitShift: of SmallIntegers; 0: does not fit. */
static inline oop int_shift(int32_t v, int32_t by) {
  if (by <= 0) return int_oop(by <= -31 ? (v < 0 ? -1 : 0) : v >> -by);
  if (by > 30) return v == 0 ? int_oop(0) : 0;
  int64_t r = (int64_t)v * ((int64_t)1 << by);
  return int_fits(r) ? int_oop((int32_t)r) : 0;
}

/* ---- the operations: the answer goes into *result; false: send it ---- */

static inline bool answer_float(double number, oop *result) { return (*result = mem_new_float(number)) != 0; }

static inline bool fast_add(oop a, oop b, oop *result) {
  double x, y;
  if (LIKELY(oop_both_int(a, b)))
    return !UNLIKELY(__builtin_add_overflow((int32_t)a, (int32_t)(b - 1), (int32_t *)result));
  return float_operands(a, b, &x, &y) && answer_float(x + y, result);
}
static inline bool fast_subtract(oop a, oop b, oop *result) {
  double x, y;
  if (LIKELY(oop_both_int(a, b)))
    return !UNLIKELY(__builtin_sub_overflow((int32_t)a, (int32_t)(b - 1), (int32_t *)result));
  return float_operands(a, b, &x, &y) && answer_float(x - y, result);
}
static inline bool fast_multiply(oop a, oop b, oop *result) {
  double x, y;
  if (LIKELY(oop_both_int(a, b))) {
    int32_t r;
    if (UNLIKELY(__builtin_mul_overflow((int32_t)(a - 1), oop_int(b), &r))) return false;
    *result = (oop)r + 1;
    return true;
  }
  return float_operands(a, b, &x, &y) && answer_float(x * y, result);
}
static inline bool fast_divide(oop a, oop b, oop *result) {
  double x, y;
  if (oop_both_int(a, b)) {
    const int32_t n = oop_int(a), d = oop_int(b);
    if (d == 0 || n % d != 0 || !int_fits(n / d)) return false;
    *result = int_oop(n / d);
    return true;
  }
  return float_operands(a, b, &x, &y) && y != 0 && answer_float(x / y, result);
}
static inline bool fast_mod(oop a, oop b, oop *result) {
  if (!oop_both_int(a, b) || b == int_oop(0)) return false;
  *result = int_oop(floor_mod(oop_int(a), oop_int(b)));
  return true;
}
static inline bool fast_div(oop a, oop b, oop *result) {
  if (!oop_both_int(a, b) || b == int_oop(0)) return false;
  const int32_t q = floor_div(oop_int(a), oop_int(b));
  if (!int_fits(q)) return false;
  *result = int_oop(q);
  return true;
}
static inline bool fast_bit_shift(oop a, oop b, oop *result) {
  return oop_both_int(a, b) && (*result = int_shift(oop_int(a), oop_int(b))) != 0;
}
static inline bool fast_bit_and(oop a, oop b, oop *result) {
  *result = a & b;
  return oop_both_int(a, b);
}
static inline bool fast_bit_or(oop a, oop b, oop *result) {
  *result = a | b;
  return oop_both_int(a, b);
}

#endif
