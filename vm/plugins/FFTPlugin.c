/* FFTPlugin.c: the image's FFT: permutation, scaling and transform of its FloatArrays, in place. */
#include "plugins/plugin.h"
#include "primitives/checks.h"

enum fft_field { FFT_NU, FFT_SIZE, FFT_SINES, FFT_PERMUTATION, FFT_REAL, FFT_IMAGINARY, FFT_FIELDS };

struct fft {
  uint32_t nu, n; /* n = 2^nu */
  const float *sines;
  const uint32_t *pairs; /* indices from 1 of elements that are exchanged */
  uint32_t pairs_size;
  float *real, *imaginary;
};

static bool float_field(oop o, uint32_t index, uint32_t size, float **floats) {
  const oop field = obj_slot(o, index);
  if (!oop_is_words(field) || obj_slots(field) != size) return false;
  *floats = AT(float, obj_body(field));
  return true;
}

/* Answers an error or 0. */
static uint32_t read_fft(oop o, struct fft *f) {
  enum { MAX_NU = 28 };
  float *sines;
  if (!oop_has_fields(o, FFT_FIELDS) || !prim_index(obj_slot(o, FFT_NU), &f->nu) ||
      !prim_index(obj_slot(o, FFT_SIZE), &f->n) || f->nu > MAX_NU || f->n != 1u << f->nu ||
      !float_field(o, FFT_SINES, f->n / 4 + 1, &sines) || !float_field(o, FFT_REAL, f->n, &f->real) ||
      !float_field(o, FFT_IMAGINARY, f->n, &f->imaginary) || !oop_is_words(obj_slot(o, FFT_PERMUTATION)))
    return PRIM_ERR_BAD_RECEIVER;
  const oop pairs = obj_slot(o, FFT_PERMUTATION);
  f->sines = sines;
  f->pairs = AT(uint32_t, obj_body(pairs));
  f->pairs_size = obj_slots(pairs);
  if (f->pairs_size % 2 != 0) return PRIM_ERR_BAD_RECEIVER;
  for (uint32_t i = 0; i < f->pairs_size; i++)
    if (f->pairs[i] == 0 || f->pairs[i] > f->n) return PRIM_ERR_BAD_RECEIVER;
  return obj_is_immutable(obj_slot(o, FFT_REAL)) || obj_is_immutable(obj_slot(o, FFT_IMAGINARY))
             ? PRIM_ERR_NO_MODIFICATION
             : 0;
}

static void exchange(float *a, uint32_t i, uint32_t j) {
  const float kept = a[i];
  a[i] = a[j];
  a[j] = kept;
}

static void permute(const struct fft *f) {
  for (uint32_t i = 0; i < f->pairs_size; i += 2) {
    const uint32_t a = f->pairs[i], b = f->pairs[i + 1];
    if (a > f->n || b > f->n || a == 0 || b == 0) return; /* the table is part of the data */
    exchange(f->real, a - 1, b - 1);
    exchange(f->imaginary, a - 1, b - 1);
  }
}

static void scale(const struct fft *f) {
  const float by = 1.0f / (float)f->n;
  for (uint32_t i = 0; f->n > 1 && i < f->n; i++) {
    f->real[i] *= by;
    f->imaginary[i] *= by;
  }
}

/* Cosine and sine of the angle 2 pi k / n, out of the sines of its first quarter. */
static void turn_of(const struct fft *f, uint32_t k, float *cosine, float *sine) {
  const uint32_t quarter = f->n / 4;
  *cosine = k < quarter ? f->sines[quarter - k] : -f->sines[k - quarter];
  *sine = f->sines[k < quarter ? k : f->n / 2 - k];
}

static void butterflies(const struct fft *f, uint32_t first, uint32_t span, float cosine, float sine) {
  for (uint32_t i = first; i < f->n; i += 2 * span) {
    const uint32_t k = i + span;
    const float real = f->real[k] * cosine - f->imaginary[k] * sine;
    const float imaginary = f->real[k] * sine + f->imaginary[k] * cosine;
    f->real[k] = f->real[i] - real;
    f->imaginary[k] = f->imaginary[i] - imaginary;
    f->real[i] += real;
    f->imaginary[i] += imaginary;
  }
}

static void transform(const struct fft *f, bool forward) {
  permute(f);
  for (uint32_t span = 1; span < f->n; span *= 2)
    for (uint32_t j = 0; j < span; j++) {
      float cosine = 1, sine = 0;
      if (j > 0) turn_of(f, j * (f->n / (2 * span)), &cosine, &sine);
      butterflies(f, j, span, cosine, forward ? sine : -sine);
    }
  if (!forward) scale(f);
}

static oop primitiveFFTPermuteData(oop *args, uint32_t argc) {
  struct fft f;
  const uint32_t error = read_fft(args[0], &f);
  if (error != 0) return prim_fail(error);
  permute(&f);
  return args[0];
}

static oop primitiveFFTScaleData(oop *args, uint32_t argc) {
  struct fft f;
  const uint32_t error = read_fft(args[0], &f);
  if (error != 0) return prim_fail(error);
  scale(&f);
  return args[0];
}

/* transformForward: aBoolean */
static oop primitiveFFTTransformData(oop *args, uint32_t argc) {
  struct fft f;
  bool forward;
  if (!prim_bool(args[1], &forward)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const uint32_t error = read_fft(args[0], &f);
  if (error != 0) return prim_fail(error);
  transform(&f, forward);
  return args[0];
}

#define FFT_PRIMITIVES(X)          \
  X(primitiveFFTPermuteData, 0, 0) \
  X(primitiveFFTScaleData, 0, 0)   \
  X(primitiveFFTTransformData, 1, 1)
PLUGIN_DEFINE(FFTPlugin, FFT_PRIMITIVES)
