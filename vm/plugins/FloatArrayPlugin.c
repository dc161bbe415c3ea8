/* FloatArrayPlugin.c: arithmetic on FloatArrays: words objects that hold 32-bit floats. Sums are made in
 * double precision, elements rounded when they are stored. */
#include <math.h>
#include <string.h>

#include "plugins/plugin.h"
#include "primitives/checks.h"

static float *floats(oop o) { return AT(float, obj_body(o)); }

/* Float or SmallInteger. */
static bool scalar(oop o, double *value) {
  return (oop_is_int(o) || oop_is_float(o)) && prim_double(o, value);
}

static oop float_result(double v) { return prim_or_no_memory(mem_new_float(v)); }

/* ---- elements ---- */

static oop check_element(oop array, oop index_oop, uint32_t *index) {
  if (!oop_is_words(array)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!oop_is_int(index_oop)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (!prim_index(index_oop, index) || *index < 1 || *index > obj_slots(array))
    return prim_fail(PRIM_ERR_BAD_INDEX);
  --*index;
  return 0;
}

static oop primitiveAt(oop *args, uint32_t argc) {
  uint32_t i;
  oop failure = check_element(args[0], args[1], &i);
  return failure ? failure : float_result(floats(args[0])[i]);
}

static oop primitiveAtPut(oop *args, uint32_t argc) {
  uint32_t i;
  double value;
  oop failure = check_element(args[0], args[1], &i);
  if (failure) return failure;
  if (!scalar(args[2], &value)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(args[0])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  floats(args[0])[i] = (float)value;
  return args[2];
}

/* ---- the receiver changed by an array or a scalar ---- */

/* 0, or a failure. */
static oop check_arrays(const oop *args) {
  if (!oop_is_words(args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!oop_is_words(args[1]) || obj_slots(args[0]) != obj_slots(args[1]))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return 0;
}

#define WITH_ARRAY(name, operation)                                            \
  static oop name(oop *args, uint32_t argc) {                                  \
    oop failure = check_arrays(args);                                          \
    if (failure) return failure;                                               \
    if (obj_is_immutable(args[0])) return prim_fail(PRIM_ERR_NO_MODIFICATION); \
    float *a = floats(args[0]);                                                \
    const float *b = floats(args[1]);                                          \
    for (uint32_t i = 0, n = obj_slots(args[0]); i < n; i++)                   \
      a[i] = (float)((double)a[i] operation(double) b[i]);                     \
    return args[0];                                                            \
  }
WITH_ARRAY(primitiveAddFloatArray, +)
WITH_ARRAY(primitiveSubFloatArray, -)
WITH_ARRAY(primitiveMulFloatArray, *)
WITH_ARRAY(divide_arrays, /)

/* Fails when any divisor is zero: the image then signals it. */
static oop primitiveDivFloatArray(oop *args, uint32_t argc) {
  oop failure = check_arrays(args);
  if (failure) return failure;
  const float *b = floats(args[1]);
  for (uint32_t i = 0, n = obj_slots(args[1]); i < n; i++)
    if (b[i] == 0) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return divide_arrays(args, argc);
}

#define WITH_SCALAR(name, operation)                                                                   \
  static oop name(oop *args, uint32_t argc) {                                                          \
    double b;                                                                                          \
    if (!oop_is_words(args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);                               \
    if (!scalar(args[1], &b)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);                                 \
    if (obj_is_immutable(args[0])) return prim_fail(PRIM_ERR_NO_MODIFICATION);                         \
    float *a = floats(args[0]);                                                                        \
    for (uint32_t i = 0, n = obj_slots(args[0]); i < n; i++) a[i] = (float)((double)a[i] operation b); \
    return args[0];                                                                                    \
  }
WITH_SCALAR(primitiveAddScalar, +)
WITH_SCALAR(primitiveSubScalar, -)
WITH_SCALAR(primitiveMulScalar, *)
WITH_SCALAR(divide_by_scalar, /)

static oop primitiveDivScalar(oop *args, uint32_t argc) {
  double b;
  if (scalar(args[1], &b) && b == 0) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return divide_by_scalar(args, argc);
}

/* ---- one number out of arrays ---- */

static oop primitiveSum(oop *args, uint32_t argc) {
  if (!oop_is_words(args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  double sum = 0;
  for (uint32_t i = 0, n = obj_slots(args[0]); i < n; i++) sum += (double)floats(args[0])[i];
  return float_result(sum);
}

static double dot(oop a, oop b) {
  double sum = 0;
  for (uint32_t i = 0, n = obj_slots(a); i < n; i++) sum += (double)floats(a)[i] * (double)floats(b)[i];
  return sum;
}

static oop primitiveDotProduct(oop *args, uint32_t argc) {
  oop failure = check_arrays(args);
  return failure ? failure : float_result(dot(args[0], args[1]));
}

static oop primitiveLength(oop *args, uint32_t argc) {
  if (!oop_is_words(args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  double square = dot(args[0], args[0]);
  return square > 0 ? float_result(sqrt(square)) : prim_fail(PRIM_ERR_BAD_RECEIVER);
}

static oop primitiveNormalize(oop *args, uint32_t argc) {
  if (!oop_is_words(args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  double square = dot(args[0], args[0]);
  if (!(square > 0)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (obj_is_immutable(args[0])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  float *a = floats(args[0]);
  for (uint32_t i = 0, n = obj_slots(args[0]); i < n; i++) a[i] = (float)((double)a[i] / sqrt(square));
  return args[0];
}

static oop primitiveEqual(oop *args, uint32_t argc) {
  if (!oop_is_words(args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!oop_is_words(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint32_t n = obj_slots(args[0]);
  if (n != obj_slots(args[1])) return mem.false_;
  for (uint32_t i = 0; i < n; i++)
    if (floats(args[0])[i] != floats(args[1])[i]) return mem.false_;
  return mem.true_;
}

/* The sum of the elements' bits, in 29 bits. */
static oop primitiveHashArray(oop *args, uint32_t argc) {
  uint32_t sum = 0;
  if (!oop_is_words(args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  for (uint32_t i = 0, n = obj_slots(args[0]); i < n; i++) sum += obj_slot(args[0], i);
  return int_oop((int32_t)(sum & 0x1FFFFFFF));
}

#define FLOAT_ARRAY_PRIMITIVES(X) \
  X(primitiveAddFloatArray, 1, 1) \
  X(primitiveAddScalar, 1, 1)     \
  X(primitiveAt, 1, 1)            \
  X(primitiveAtPut, 2, 2)         \
  X(primitiveDivFloatArray, 1, 1) \
  X(primitiveDivScalar, 1, 1)     \
  X(primitiveDotProduct, 1, 1)    \
  X(primitiveEqual, 1, 1)         \
  X(primitiveHashArray, 0, 0)     \
  X(primitiveLength, 0, 0)        \
  X(primitiveMulFloatArray, 1, 1) \
  X(primitiveMulScalar, 1, 1)     \
  X(primitiveNormalize, 0, 0)     \
  X(primitiveSubFloatArray, 1, 1) \
  X(primitiveSubScalar, 1, 1)     \
  X(primitiveSum, 0, 0)
PLUGIN_DEFINE(FloatArrayPlugin, FLOAT_ARRAY_PRIMITIVES)
