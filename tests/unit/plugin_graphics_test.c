/* plugin_graphics_test.c: Matrix2x3Plugin, FFTPlugin and BMPReadWriterPlugin. */
#include "prim_support.h"

#include <math.h>

#define MATRIX(primitive, ...) NAMED("Matrix2x3Plugin", primitive, __VA_ARGS__)
#define FFT(primitive, ...) NAMED("FFTPlugin", primitive, __VA_ARGS__)
#define BMP(primitive, ...) NAMED("BMPReadWriterPlugin", primitive, mem.nil, __VA_ARGS__)

static void have_points(void) {
  oop class_ = test_class(FMT_FIXED, 2);
  mem_store(mem.special, SPECIAL_CLASS_POINT, class_);
}
static oop point(oop x, oop y) { return prim_new_point(x, y); }
static void assert_point(oop p, int x, int y) {
  assert_true(oop_is_pointer(p) && p != PRIM_FAILED);
  assert_oop(obj_slot(p, 0), I(x));
  assert_oop(obj_slot(p, 1), I(y));
}
static oop matrix(float a, float b, float c, float d, float e, float f) {
  const float all[] = {a, b, c, d, e, f};
  oop o = words_of(6);
  memcpy(obj_bytes(o), all, sizeof all);
  return o;
}

static void points_are_transformed(void **state) {
  (void)state;
  have_points();
  oop m = matrix(2, 0, 10, 0, -3, 0.5f), p = point(I(5), mem_new_float(1.5));
  assert_point(MATRIX("primitiveTransformPoint", m, p), 20, -3); /* -4 + 0.5, the fraction dropped */
  assert_point(MATRIX("primitiveInvertPoint", m, point(I(20), I(-4))), 5, 2);
  assert_fails(MATRIX("primitiveInvertPoint", matrix(1, 1, 0, 1, 1, 0), p), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(MATRIX("primitiveTransformPoint", matrix(1e20f, 0, 0, 0, 1, 0), p), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(MATRIX("primitiveTransformPoint", matrix(NAN, 0, 0, 0, 1, 0), p), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(MATRIX("primitiveTransformPoint", words_of(5), p), PRIM_ERR_BAD_RECEIVER);
  assert_fails(MATRIX("primitiveTransformPoint", m, I(5)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(MATRIX("primitiveTransformPoint", m, point(mem.nil, I(1))), PRIM_ERR_BAD_ARGUMENT);
}

static void rectangles_are_transformed(void **state) {
  (void)state;
  have_points();
  oop class_ = test_class(FMT_FIXED, 2), source = mem_instantiate(class_, 0),
      dest = mem_instantiate(class_, 0);
  mem_store(source, 0, point(I(1), I(2)));
  mem_store(source, 1, point(I(4), I(6)));
  oop turned = matrix(0, -1, 100, 1, 0, 0); /* x becomes y */
  assert_oop(MATRIX("primitiveTransformRectInto", turned, source, dest), dest);
  assert_point(obj_slot(dest, 0), 94, 1);
  assert_point(obj_slot(dest, 1), 98, 4);
  oop back = mem_instantiate(class_, 0);
  assert_oop(MATRIX("primitiveInvertRectInto", turned, dest, back), back);
  assert_point(obj_slot(back, 0), 1, 2);
  assert_point(obj_slot(back, 1), 4, 6);
  assert_fails(MATRIX("primitiveTransformRectInto", turned, source, mem_new_array(2)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(MATRIX("primitiveTransformRectInto", turned, I(1), dest), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(MATRIX("primitiveTransformRectInto", turned, source, frozen(dest)), PRIM_ERR_NO_MODIFICATION);
}

static void matrices_are_composed(void **state) {
  (void)state;
  oop a = matrix(1, 2, 3, 4, 5, 6), b = matrix(7, 8, 9, 10, 11, 12), result = words_of(6);
  static const float expected[] = {27, 30, 36, 78, 87, 102};
  assert_oop(MATRIX("primitiveComposeMatrix", a, b, result), result);
  assert_memory_equal(obj_bytes(result), expected, sizeof expected);
  assert_oop(MATRIX("primitiveComposeMatrix", a, b, a), a); /* into itself */
  assert_memory_equal(obj_bytes(a), expected, sizeof expected);
  assert_oop(MATRIX("primitiveIsIdentity", matrix(1, 0, 0, 0, 1, 0)), mem.true_);
  assert_oop(MATRIX("primitiveIsIdentity", matrix(1, 0, 2, 0, 1, 0)), mem.false_);
  assert_oop(MATRIX("primitiveIsPureTranslation", matrix(1, 0, 2, 0, 1, 0)), mem.true_);
  assert_oop(MATRIX("primitiveIsPureTranslation", a), mem.false_);
  assert_fails(MATRIX("primitiveComposeMatrix", a, b, words_of(7)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(MATRIX("primitiveIsIdentity", str("x")), PRIM_ERR_BAD_RECEIVER);
}

/* As the image makes it: sines of a quarter, and the pairs of indices whose bits are each other's reverse. */
static oop fft(uint32_t nu) {
  const uint32_t n = 1u << nu;
  oop sines = words_of(n / 4 + 1), all = mem_new_array(6), pairs;
  uint32_t table[256], count = 0;
  for (uint32_t i = 0; i <= n / 4; i++) {
    const float s = (float)sin(2 * acos(-1) * i / n);
    memcpy(obj_bytes(sines) + 4 * i, &s, 4);
  }
  for (uint32_t i = 0; i < n; i++) {
    uint32_t r = 0;
    for (uint32_t b = 0; b < nu; b++) r |= (i >> b & 1) << (nu - 1 - b);
    if (i < r) table[count++] = i + 1, table[count++] = r + 1;
  }
  pairs = words_of(count);
  memcpy(obj_bytes(pairs), table, 4 * count);
  const oop fields[] = {I((int32_t)nu), I((int32_t)n), sines, pairs, words_of(n), words_of(n)};
  for (uint32_t i = 0; i < 6; i++) mem_store(all, i, fields[i]);
  return all;
}
static float *floats(oop o, uint32_t field) { return (float *)obj_bytes(obj_slot(o, field)); }

static void signals_are_transformed(void **state) {
  (void)state;
  enum { NU = 5, N = 1 << NU };
  oop f = fft(NU);
  double in[N];
  for (uint32_t i = 0; i < N; i++) floats(f, 4)[i] = (float)(in[i] = i * i % 7 - 3.0);
  assert_oop(FFT("primitiveFFTTransformData", f, mem.true_), f);
  for (uint32_t k = 0; k < N; k++) {
    double real = 0, imaginary = 0;
    for (uint32_t i = 0; i < N; i++) {
      real += in[i] * cos(2 * acos(-1) * i * k / N);
      imaginary += in[i] * sin(2 * acos(-1) * i * k / N);
    }
    assert_true(fabs(real - (double)floats(f, 4)[k]) < 1e-3 &&
                fabs(imaginary - (double)floats(f, 5)[k]) < 1e-3);
  }
  assert_oop(FFT("primitiveFFTTransformData", f, mem.false_), f);
  for (uint32_t i = 0; i < N; i++)
    assert_true(fabs(in[i] - (double)floats(f, 4)[i]) < 1e-5 && fabs((double)floats(f, 5)[i]) < 1e-5);
  assert_oop(FFT("primitiveFFTPermuteData", f), f);
  assert_true(fabs(in[16] - (double)floats(f, 4)[1]) < 1e-5);
  assert_oop(FFT("primitiveFFTScaleData", f), f);
  assert_true(fabs(in[16] / N - (double)floats(f, 4)[1]) < 1e-5);
}

static void signals_that_are_none_fail(void **state) {
  (void)state;
  oop odd[] = {I(0), I(28), I(-1), I(31), mem.nil, words_of(3), str("x"), words_of(1 << 6)};
  for (uint32_t k = 0; k < sizeof odd / sizeof *odd; k++)
    for (uint32_t field = 0; field < 6; field++) {
      oop f = fft(5);
      mem_store(f, field, odd[k]);
      assert_oop(FFT("primitiveFFTTransformData", f, mem.true_), PRIM_FAILED);
    }
  oop f = fft(5);
  obj_put_raw(obj_slot(f, 3), 2, 33);
  assert_fails(FFT("primitiveFFTPermuteData", f), PRIM_ERR_BAD_RECEIVER);
  mem_store(f, 3, obj_slot(f, 4)); /* a table that is the data */
  for (uint32_t i = 0; i < 32; i++) obj_put_raw(obj_slot(f, 4), i, 1 + i % 7);
  mem_store(f, 5, words_of(32));
  assert_oop(FFT("primitiveFFTTransformData", f, mem.true_), f);
  (void)FFT("primitiveFFTTransformData", fft(0), mem.true_);
  (void)FFT("primitiveFFTTransformData", fft(1), mem.true_);
  assert_fails(FFT("primitiveFFTTransformData", fft(3), I(1)), PRIM_ERR_BAD_ARGUMENT);
}

static void rows_of_bmp_files(void **state) {
  (void)state;
  oop line = bytes_of("\x10\x20\x30\0\0\0", 6), bits = words_of(3), back = mem_new_bytes(CIX_BYTE_ARRAY, 6);
  assert_oop(BMP("primitiveRead24BmpLine", line, bits, I(2), I(2)), mem.nil);
  assert_int_equal(obj_slot(bits, 0), 0);
  assert_int_equal(obj_slot(bits, 1), 0xFF302010u);
  assert_int_equal(obj_slot(bits, 2), 0xFF000001u);
  assert_oop(BMP("primitiveWrite24BmpLine", back, bits, I(2), I(2)), mem.nil);
  assert_memory_equal(obj_bytes(back), "\x10\x20\x30\1\0\0", 6);
  assert_fails(BMP("primitiveRead24BmpLine", line, bits, I(3), I(2)), PRIM_ERR_BAD_INDEX);
  assert_fails(BMP("primitiveRead24BmpLine", line, bits, I(1), I(3)), PRIM_ERR_BAD_INDEX);
  assert_fails(BMP("primitiveRead24BmpLine", line, bits, I(SMALLINT_MAX), I(SMALLINT_MAX)),
               PRIM_ERR_BAD_INDEX);
  assert_fails(BMP("primitiveRead24BmpLine", line, bits, I(0), I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(BMP("primitiveWrite24BmpLine", bits, line, I(1), I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(BMP("primitiveWrite24BmpLine", frozen(back), bits, I(2), I(2)), PRIM_ERR_NO_MODIFICATION);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      PRIM_TEST(points_are_transformed),     PRIM_TEST(rectangles_are_transformed),
      PRIM_TEST(matrices_are_composed),      PRIM_TEST(signals_are_transformed),
      PRIM_TEST(signals_that_are_none_fail), PRIM_TEST(rows_of_bmp_files),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
