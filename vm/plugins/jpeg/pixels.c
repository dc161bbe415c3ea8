/* pixels.c: samples out of coefficients, as many of each component as of the finest, and their colours. */
#include <stdlib.h>
#include <string.h>

#include "plugins/jpeg/jpeg.h"

/* ---- samples ---- */

static bool make_samples(struct jpeg_picture *p, struct jpeg_component *c) {
  const uint32_t stride = c->stride_blocks * JPEG_BLOCK;
  const uint16_t *quantization = p->quantization[c->quantization];
  c->samples = malloc((size_t)stride * c->rows_blocks * JPEG_BLOCK);
  if (c->samples == NULL) return false;
  for (uint32_t y = 0; y < c->rows_blocks; y++)
    for (uint32_t x = 0; x < c->stride_blocks; x++) {
      const int16_t *block = c->coefficients + ((size_t)y * c->stride_blocks + x) * JPEG_BLOCK_SIZE;
      int32_t coefficients[JPEG_BLOCK_SIZE];
      for (int i = 0; i < JPEG_BLOCK_SIZE; i++) coefficients[i] = block[i] * quantization[i];
      jpeg_idct(coefficients, c->samples + (size_t)y * JPEG_BLOCK * stride + x * JPEG_BLOCK, stride);
    }
  return true;
}

static const uint8_t *sample_row(const struct jpeg_component *c, int64_t y) {
  if (y < 0) y = 0;
  if (y >= c->height) y = c->height - 1;
  return c->samples + (size_t)y * c->stride_blocks * JPEG_BLOCK;
}

/* Twice as many across: each is three parts of the nearer and one of the farther neighbour. */
static void double_across(const uint8_t *in, uint32_t n, uint8_t *out) {
  for (uint32_t i = 0; i < n; i++) {
    const uint32_t before = in[i > 0 ? i - 1 : 0], after = in[i + 1 < n ? i + 1 : i];
    out[2 * i] = (uint8_t)((3u * in[i] + before + 1) >> 2);
    out[2 * i + 1] = (uint8_t)((3u * in[i] + after + 2) >> 2);
  }
}

/* The same of a row that is itself three parts of `near` and one of `far`. */
static void double_both(const uint8_t *near, const uint8_t *far, uint32_t n, uint8_t *out) {
  for (uint32_t i = 0; i < n; i++) {
    const uint32_t b = i > 0 ? i - 1 : 0, a = i + 1 < n ? i + 1 : i;
    const uint32_t here = 3u * near[i] + far[i], before = 3u * near[b] + far[b],
                   after = 3u * near[a] + far[a];
    out[2 * i] = (uint8_t)((3 * here + before + 8) >> 4);
    out[2 * i + 1] = (uint8_t)((3 * here + after + 7) >> 4);
  }
}

/* A row of the picture's size, with room for what whole samples give more. */
static void full_row(const struct jpeg_picture *p, const struct jpeg_component *c, uint32_t y, uint8_t *out) {
  enum { SMOOTH_FROM = 3 }; /* samples across, from which the neighbours count */
  const uint32_t across = p->h_max / c->h, down = p->v_max / c->v;
  const uint32_t row = y / down;
  const uint8_t *in = sample_row(c, row);
  if (across == 2 && down <= 2 && c->width >= SMOOTH_FROM) {
    if (down == 1)
      double_across(in, c->width, out);
    else
      double_both(in, sample_row(c, y % 2 == 0 ? (int64_t)row - 1 : (int64_t)row + 1), c->width, out);
    return;
  }
  for (uint32_t x = 0; x < p->header.width; x++) out[x] = in[x / across];
}

/* ---- colours ---- */

static enum colour_space space_of(const struct jpeg_picture *p) {
  const struct jpeg_component *c = p->component;
  if (p->header.components == 1) return COLOUR_GREY;
  if (p->header.components == 4) return p->has_adobe && p->adobe_transform == 2 ? COLOUR_YCCK : COLOUR_CMYK;
  if (p->has_jfif) return COLOUR_YCC;
  if (p->has_adobe) return p->adobe_transform == 0 ? COLOUR_RGB : COLOUR_YCC;
  return c[0].id == 'R' && c[1].id == 'G' && c[2].id == 'B' ? COLOUR_RGB : COLOUR_YCC;
}

/* With 16 bits of fraction. */
static void ycc_to_rgb(uint8_t *pixel) {
  enum { HALF = 1 << 15, RED = 91881, BLUE = 116130, GREEN_CB = 22554, GREEN_CR = 46802 };
  const int32_t y = pixel[0], cb = pixel[1] - 128, cr = pixel[2] - 128;
  pixel[0] = jpeg_clamp(y + ((RED * cr + HALF) >> 16));
  pixel[1] = jpeg_clamp(y + ((HALF - GREEN_CB * cb - GREEN_CR * cr) >> 16));
  pixel[2] = jpeg_clamp(y + ((BLUE * cb + HALF) >> 16));
}

/* Inks, which Adobe's programs write inverted: as light. */
static void cmyk_to_rgb(uint8_t *pixel, uint32_t k, bool inverted) {
  for (int i = 0; i < 3; i++)
    pixel[i] = (uint8_t)((inverted ? pixel[i] * k : (255u - pixel[i]) * (255u - k)) / 255);
}

static void to_rgb(const struct jpeg_picture *p, enum colour_space space, uint8_t *pixel, uint32_t k) {
  if (space == COLOUR_YCC || space == COLOUR_YCCK) ycc_to_rgb(pixel);
  if (space == COLOUR_YCCK)
    for (int i = 0; i < 3; i++) pixel[i] = (uint8_t)(255 - pixel[i]);
  if (space == COLOUR_YCCK || space == COLOUR_CMYK) cmyk_to_rgb(pixel, k, p->has_adobe);
}

static uint8_t luminance(const uint8_t *rgb) {
  enum { RED = 19595, GREEN = 38470, BLUE = 7471, HALF = 1 << 15 };
  return (uint8_t)((RED * rgb[0] + GREEN * rgb[1] + BLUE * rgb[2] + HALF) >> 16);
}

/* A row of pixels out of a row of each component. */
static void convert_row(const struct jpeg_picture *p, uint8_t *const rows[JPEG_COMPONENTS], uint8_t *out,
                        uint32_t components) {
  const enum colour_space space = space_of(p);
  const bool luminance_alone = components == 1 && (space == COLOUR_GREY || space == COLOUR_YCC);
  for (uint32_t x = 0; x < p->header.width; x++, out += components) {
    uint8_t pixel[3] = {rows[0][x], rows[0][x], rows[0][x]};
    if (!luminance_alone && space != COLOUR_GREY) {
      pixel[1] = rows[1][x];
      pixel[2] = rows[2][x];
      to_rgb(p, space, pixel, p->header.components == 4 ? rows[3][x] : 0);
    }
    if (components == 1)
      *out = luminance_alone ? pixel[0] : luminance(pixel);
    else
      memcpy(out, pixel, 3);
  }
}

uint8_t *jpeg_pixels(struct jpeg_picture *p, uint32_t components) {
  const struct jpeg_header *h = &p->header;
  const size_t row_bytes = (size_t)h->width + 2 * JPEG_BLOCK;
  uint8_t *pixels = NULL, *room = malloc(row_bytes * JPEG_COMPONENTS), *rows[JPEG_COMPONENTS];
  bool good = room != NULL;
  for (uint32_t i = 0; good && i < h->components; i++) good = make_samples(p, &p->component[i]);
  if (good) pixels = malloc((size_t)h->width * h->height * components);
  if (pixels != NULL) {
    for (uint32_t i = 0; i < JPEG_COMPONENTS; i++) rows[i] = room + i * row_bytes;
    for (uint32_t y = 0; y < h->height; y++) {
      for (uint32_t i = 0; i < h->components; i++) full_row(p, &p->component[i], y, rows[i]);
      convert_row(p, rows, pixels + (size_t)y * h->width * components, components);
    }
  }
  free(room);
  return pixels;
}
