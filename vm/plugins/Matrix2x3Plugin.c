/* Matrix2x3Plugin.c: points and rectangles through MatrixTransform2x3, which is six 32-bit floats:
 * a11 a12 a13 a21 a22 a23. Coordinates are rounded: half is added and the fraction dropped. */
#include "plugins/plugin.h"
#include "primitives/checks.h"

enum { A11, A12, A13, A21, A22, A23, MATRIX_SIZE };
enum { RECT_ORIGIN, RECT_CORNER, RECT_FIELDS };

struct point {
  double x, y;
};
/* False: there is no such point. */
typedef bool mapping(const float *m, struct point from, struct point *to);

static const float *matrix_of(oop o) {
  return oop_is_words(o) && obj_slots(o) == MATRIX_SIZE ? AT(float, obj_body(o)) : NULL;
}

static bool coordinate(oop o, double *v) { return (oop_is_int(o) || oop_is_float(o)) && prim_double(o, v); }
static bool read_point(oop o, struct point *p) {
  return oop_has_fields(o, POINT_FIELDS) && mem_class_of(o) == mem_special(SPECIAL_CLASS_POINT) &&
         coordinate(obj_slot(o, POINT_X), &p->x) && coordinate(obj_slot(o, POINT_Y), &p->y);
}

static bool transformed(const float *m, struct point from, struct point *to) {
  to->x = from.x * (double)m[A11] + from.y * (double)m[A12] + (double)m[A13];
  to->y = from.x * (double)m[A21] + from.y * (double)m[A22] + (double)m[A23];
  return true;
}

static bool inverted(const float *m, struct point from, struct point *to) {
  const double x = from.x - (double)m[A13], y = from.y - (double)m[A23];
  const double determinant = (double)m[A11] * (double)m[A22] - (double)m[A12] * (double)m[A21];
  if (determinant == 0) return false;
  to->x = (x * (double)m[A22] - (double)m[A12] * y) * (1.0 / determinant);
  to->y = ((double)m[A11] * y - x * (double)m[A21]) * (1.0 / determinant);
  return true;
}

static bool rounded(double v, oop *o) {
  v += 0.5;
  if (!(v >= SMALLINT_MIN && v <= SMALLINT_MAX)) return false;
  *o = int_oop((int32_t)v);
  return true;
}

/* A Point, or a failure. */
static oop rounded_point(double x, double y) {
  oop x_oop, y_oop;
  if (!rounded(x, &x_oop) || !rounded(y, &y_oop)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return prim_new_point(x_oop, y_oop);
}

static oop map_point(const oop *args, mapping *f) {
  const float *m = matrix_of(args[0]);
  struct point p;
  if (m == NULL) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!read_point(args[1], &p) || !f(m, p, &p)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return rounded_point(p.x, p.y);
}

/* The rectangle around what becomes of the four corners, into another Rectangle. */
static oop map_rectangle(const oop *args, mapping *f) {
  const float *m = matrix_of(args[0]);
  const oop source = args[1], dest = args[2];
  struct point origin, corner, p, least, most;
  if (m == NULL) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!oop_has_fields(source, RECT_FIELDS) || !oop_has_fields(dest, RECT_FIELDS) ||
      obj_slots(source) != RECT_FIELDS || obj_slots(dest) != RECT_FIELDS ||
      mem_class_of(source) != mem_class_of(dest) || !read_point(obj_slot(source, RECT_ORIGIN), &origin) ||
      !read_point(obj_slot(source, RECT_CORNER), &corner) || !f(m, origin, &least))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(dest)) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  most = least;
  const struct point others[3] = {corner, {corner.x, origin.y}, {origin.x, corner.y}};
  for (int i = 0; i < 3; i++) {
    (void)f(m, others[i], &p);
    if (p.x < least.x) least.x = p.x;
    if (p.y < least.y) least.y = p.y;
    if (p.x > most.x) most.x = p.x;
    if (p.y > most.y) most.y = p.y;
  }
  const oop new_origin = rounded_point(least.x, least.y);
  if (new_origin == PRIM_FAILED) return PRIM_FAILED;
  const oop new_corner = rounded_point(most.x, most.y);
  if (new_corner == PRIM_FAILED) return PRIM_FAILED;
  mem_store(dest, RECT_ORIGIN, new_origin);
  mem_store(dest, RECT_CORNER, new_corner);
  return dest;
}

static oop primitiveTransformPoint(oop *args, uint32_t argc) { return map_point(args, transformed); }
static oop primitiveInvertPoint(oop *args, uint32_t argc) { return map_point(args, inverted); }
static oop primitiveTransformRectInto(oop *args, uint32_t argc) { return map_rectangle(args, transformed); }
static oop primitiveInvertRectInto(oop *args, uint32_t argc) { return map_rectangle(args, inverted); }

/* composedWith: matrix into: result */
static oop primitiveComposeMatrix(oop *args, uint32_t argc) {
  const float *a = matrix_of(args[0]), *b = matrix_of(args[1]);
  double product[MATRIX_SIZE];
  if (a == NULL) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (b == NULL || matrix_of(args[2]) == NULL) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(args[2])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  for (int row = 0; row < MATRIX_SIZE; row += A21)
    for (int column = 0; column < 3; column++)
      product[row + column] = (double)a[row] * (double)b[column] +
                              (double)a[row + 1] * (double)b[A21 + column] +
                              (column == 2 ? (double)a[row + 2] : 0);
  float *result = AT(float, obj_body(args[2]));
  for (int i = 0; i < MATRIX_SIZE; i++) result[i] = (float)product[i];
  return args[2];
}

static oop primitiveIsPureTranslation(oop *args, uint32_t argc) {
  const float *m = matrix_of(args[0]);
  if (m == NULL) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  return mem_bool(m[A11] == 1 && m[A12] == 0 && m[A21] == 0 && m[A22] == 1);
}
static oop primitiveIsIdentity(oop *args, uint32_t argc) {
  const float *m = matrix_of(args[0]);
  const oop translation = primitiveIsPureTranslation(args, argc);
  return translation == mem.true_ ? mem_bool(m[A13] == 0 && m[A23] == 0) : translation;
}

#define MATRIX_PRIMITIVES(X)          \
  X(primitiveComposeMatrix, 2, 2)     \
  X(primitiveInvertPoint, 1, 1)       \
  X(primitiveInvertRectInto, 2, 2)    \
  X(primitiveIsIdentity, 0, 0)        \
  X(primitiveIsPureTranslation, 0, 0) \
  X(primitiveTransformPoint, 1, 1)    \
  X(primitiveTransformRectInto, 2, 2)
PLUGIN_DEFINE(Matrix2x3Plugin, MATRIX_PRIMITIVES)
