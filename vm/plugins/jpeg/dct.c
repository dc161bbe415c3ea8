/* dct.c: the discrete cosine transform and its inverse, with 13 bits of fraction, by Loeffler, Ligtenberg and
 * Moschytz, "Practical fast 1-D DCT algorithms with 11 multiplications", 1989: a row or column takes 12
 * multiplications here, all of them by constants and independent of each other.
 *
 * The arithmetic is unsigned, so that it wraps where a damaged file leads beyond 32 bits.
 */
#include "plugins/jpeg/jpeg.h"

enum { FRACTION_BITS = 13, KEPT_BITS = 2 }; /* kept between rows and columns */

#define FIX(x) ((uint32_t)(int32_t)((x) * (1 << FRACTION_BITS) + ((x) < 0 ? -0.5 : 0.5)))

static int32_t rounded(uint32_t v, uint32_t bits) { return (int32_t)(v + (1u << (bits - 1))) >> bits; }

/* The odd half of both directions: four numbers, the same four constants and the same sums of pairs. */
struct odd {
  uint32_t a, b, c, d;
};
static struct odd odd_part(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  const uint32_t all = (a + c + b + d) * FIX(1.175875602);
  const uint32_t ad = (a + d) * FIX(-0.899976223), bc = (b + c) * FIX(-2.562915447);
  const uint32_t ac = (a + c) * FIX(-1.961570560) + all, bd = (b + d) * FIX(-0.390180644) + all;
  return (struct odd){a * FIX(0.298631336) + ad + ac, b * FIX(2.053119869) + bc + bd,
                      c * FIX(3.072711026) + bc + ac, d * FIX(1.501321110) + ad + bd};
}

void jpeg_idct_1d(const int32_t in[JPEG_BLOCK], int32_t out[JPEG_BLOCK]) {
  const uint32_t in0 = (uint32_t)in[0], in2 = (uint32_t)in[2], in4 = (uint32_t)in[4], in6 = (uint32_t)in[6];
  const uint32_t rotated = (in2 + in6) * FIX(0.541196100);
  const uint32_t low = rotated + in6 * FIX(-1.847759065), high = rotated + in2 * FIX(0.765366865);
  const uint32_t sum = (in0 + in4) << FRACTION_BITS, difference = (in0 - in4) << FRACTION_BITS;
  const uint32_t even[4] = {sum + high, difference + low, difference - low, sum - high};
  const struct odd o = odd_part((uint32_t)in[7], (uint32_t)in[5], (uint32_t)in[3], (uint32_t)in[1]);
  const uint32_t odd[4] = {o.d, o.c, o.b, o.a};
  for (int i = 0; i < 4; i++) {
    out[i] = (int32_t)(even[i] + odd[i]);
    out[JPEG_BLOCK - 1 - i] = (int32_t)(even[i] - odd[i]);
  }
}

void jpeg_idct(const int32_t coefficients[JPEG_BLOCK_SIZE], uint8_t *samples, uint32_t stride) {
  int32_t kept[JPEG_BLOCK_SIZE], in[JPEG_BLOCK], out[JPEG_BLOCK];
  for (int x = 0; x < JPEG_BLOCK; x++) {
    for (int y = 0; y < JPEG_BLOCK; y++) in[y] = coefficients[y * JPEG_BLOCK + x];
    jpeg_idct_1d(in, out);
    for (int y = 0; y < JPEG_BLOCK; y++)
      kept[y * JPEG_BLOCK + x] = rounded((uint32_t)out[y], FRACTION_BITS - KEPT_BITS);
  }
  for (int y = 0; y < JPEG_BLOCK; y++, samples += stride) {
    jpeg_idct_1d(kept + y * JPEG_BLOCK, out);
    for (int x = 0; x < JPEG_BLOCK; x++)
      samples[x] = jpeg_clamp(rounded((uint32_t)out[x], FRACTION_BITS + KEPT_BITS + 3) + 128);
  }
}

/* Eight numbers that are `step` apart: the first and the fifth result without fraction, the others with it.
 */
static void fdct_1d(int32_t *at, int step, uint32_t bits, bool rows) {
  uint32_t sum[4], difference[4];
  for (int i = 0; i < 4; i++) {
    sum[i] = (uint32_t)(at[i * step] + at[(7 - i) * step]);
    difference[i] = (uint32_t)(at[i * step] - at[(7 - i) * step]);
  }
  const uint32_t outer = sum[0] + sum[3], inner = sum[1] + sum[2];
  const uint32_t p = sum[0] - sum[3], q = sum[1] - sum[2], rotated = (p + q) * FIX(0.541196100);
  at[0] = rows ? (int32_t)((outer + inner) << KEPT_BITS) : rounded(outer + inner, KEPT_BITS);
  at[4 * step] = rows ? (int32_t)((outer - inner) << KEPT_BITS) : rounded(outer - inner, KEPT_BITS);
  at[2 * step] = rounded(rotated + p * FIX(0.765366865), bits);
  at[6 * step] = rounded(rotated + q * FIX(-1.847759065), bits);
  const struct odd o = odd_part(difference[3], difference[2], difference[1], difference[0]);
  at[7 * step] = rounded(o.a, bits);
  at[5 * step] = rounded(o.b, bits);
  at[3 * step] = rounded(o.c, bits);
  at[1 * step] = rounded(o.d, bits);
}

void jpeg_fdct(int32_t block[JPEG_BLOCK_SIZE]) {
  for (int y = 0; y < JPEG_BLOCK; y++) fdct_1d(block + y * JPEG_BLOCK, 1, FRACTION_BITS - KEPT_BITS, true);
  for (int x = 0; x < JPEG_BLOCK; x++) fdct_1d(block + x, JPEG_BLOCK, FRACTION_BITS + KEPT_BITS, false);
}
