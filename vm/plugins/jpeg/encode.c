/* encode.c: pixels as a sequential file with the tables of T.81's annex K; colours at half the resolution. */
#include <stdlib.h>
#include <string.h>

#include "plugins/jpeg/jpeg.h"

/* ---- tables: annex K ---- */

/* For quality 50, in natural order: luminance, chrominance. */
static const uint8_t quantization_50[2][JPEG_BLOCK_SIZE] = {
    {16, 11,  10,  16, 24, 40, 51, 61, 12,  12,  14,  19,  26, 58, 60, 55,  14,  13,  16,  24, 40, 57,
     69, 56,  14,  17, 22, 29, 51, 87, 80,  62,  18,  22,  37, 56, 68, 109, 103, 77,  24,  35, 55, 64,
     81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98,  112, 100, 103, 99},
    {17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99,
     99, 99, 47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
     99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99}};

enum { LENGTHS = 16, DC_VALUES = 12, AC_VALUES = 162 };
static const uint8_t dc_counts[2][LENGTHS] = {{0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0},
                                              {0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0}};
static const uint8_t dc_values[DC_VALUES] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
static const uint8_t ac_counts[2][LENGTHS] = {{0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7D},
                                              {0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77}};
static const uint8_t ac_values[2][AC_VALUES] = {
    {0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07, 0x22,
     0x71, 0x14, 0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1, 0x15, 0x52, 0xD1, 0xF0, 0x24, 0x33,
     0x62, 0x72, 0x82, 0x09, 0x0A, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x34,
     0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55,
     0x56, 0x57, 0x58, 0x59, 0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76,
     0x77, 0x78, 0x79, 0x7A, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96,
     0x97, 0x98, 0x99, 0x9A, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5,
     0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4,
     0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE1, 0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF1,
     0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA},
    {0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71, 0x13,
     0x22, 0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xA1, 0xB1, 0xC1, 0x09, 0x23, 0x33, 0x52, 0xF0, 0x15, 0x62,
     0x72, 0xD1, 0x0A, 0x16, 0x24, 0x34, 0xE1, 0x25, 0xF1, 0x17, 0x18, 0x19, 0x1A, 0x26, 0x27, 0x28, 0x29,
     0x2A, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54,
     0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75,
     0x76, 0x77, 0x78, 0x79, 0x7A, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94,
     0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3,
     0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2,
     0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA,
     0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA}};

struct codes {
  uint16_t code[256];
  uint8_t length[256];
};

static void make_codes(struct codes *c, const uint8_t counts[LENGTHS], const uint8_t *values) {
  uint32_t code = 0;
  for (uint32_t length = 1; length <= LENGTHS; length++, code <<= 1)
    for (uint32_t i = 0; i < counts[length - 1]; i++, values++) {
      c->code[*values] = (uint16_t)code++;
      c->length[*values] = (uint8_t)length;
    }
}

/* ---- the encoder ---- */

/* A component's samples: whole blocks of them, the last ones repeated. */
struct plane {
  uint8_t *samples;
  uint32_t stride, blocks_across, blocks_down; /* blocks that have samples of the picture */
  uint32_t h, v, table;
  int32_t dc;
};

struct encoder {
  uint32_t width, height, components;
  struct plane plane[3];
  uint32_t mcus_across, mcus_down;
  uint8_t quantization[2][JPEG_BLOCK_SIZE];
  struct codes dc[2], ac[2];
  uint8_t *out;
  size_t used, room;      /* used can pass room: then it did not fit */
  uint32_t buffer, count; /* bits that wait, the first one highest */
};

static void put(struct encoder *e, uint32_t byte) {
  if (e->used < e->room) e->out[e->used] = (uint8_t)byte;
  e->used++;
}
static void put16(struct encoder *e, uint32_t v) {
  put(e, v >> 8);
  put(e, v);
}
static void put_bytes(struct encoder *e, const void *bytes, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) put(e, ((const uint8_t *)bytes)[i]);
}

/* n is 16 at most. A byte 0xFF is followed by a 0, or it would be a marker. */
static void put_bits(struct encoder *e, uint32_t value, uint32_t n) {
  if (n == 0) return;
  e->count += n;
  e->buffer |= (value & ((1u << n) - 1)) << (32 - e->count);
  for (; e->count >= 8; e->count -= 8, e->buffer <<= 8) {
    put(e, e->buffer >> 24);
    if (e->buffer >> 24 == 0xFF) put(e, 0);
  }
}

/* ---- planes ---- */

static bool make_plane(struct encoder *e, uint32_t i, uint32_t h_max, uint32_t v_max) {
  struct plane *p = &e->plane[i];
  const uint32_t factor_x = h_max / p->h, factor_y = v_max / p->v;
  const uint32_t width = (e->width + factor_x - 1) / factor_x, height = (e->height + factor_y - 1) / factor_y;
  p->blocks_across = (width + JPEG_BLOCK - 1) / JPEG_BLOCK;
  p->blocks_down = (height + JPEG_BLOCK - 1) / JPEG_BLOCK;
  p->stride = e->mcus_across * p->h * JPEG_BLOCK;
  p->samples = malloc((size_t)p->stride * e->mcus_down * p->v * JPEG_BLOCK);
  return p->samples != NULL;
}

/* The picture's last column and row go on to the end of the plane. */
static void to_ycc(const uint8_t *rgb, uint8_t ycc[3]) {
  enum { BITS = 16, HALF = 1 << (BITS - 1), MIDDLE = (128 << BITS) + HALF - 1 };
  const int32_t r = rgb[0], g = rgb[1], b = rgb[2];
  ycc[0] = (uint8_t)((19595 * r + 38470 * g + 7471 * b + HALF) >> BITS);
  ycc[1] = (uint8_t)((MIDDLE - 11059 * r - 21709 * g + 32768 * b) >> BITS);
  ycc[2] = (uint8_t)((MIDDLE + 32768 * r - 27439 * g - 5329 * b) >> BITS);
}

/* One row of the picture as three of the width of the first plane. */
static void full_row(const struct encoder *e, const uint8_t *pixels, uint32_t y, uint8_t *rows[3]) {
  const uint8_t *row = pixels + (size_t)(y < e->height ? y : e->height - 1) * e->width * e->components;
  for (uint32_t x = 0; x < e->plane[0].stride; x++) {
    const uint8_t *pixel = row + (size_t)(x < e->width ? x : e->width - 1) * e->components;
    if (e->components == 1) {
      rows[0][x] = *pixel;
      continue;
    }
    uint8_t ycc[3];
    to_ycc(pixel, ycc);
    for (int i = 0; i < 3; i++) rows[i][x] = ycc[i];
  }
}

/* Means of four; what would always be rounded alike is rounded up and down by turns. */
static void halve(const uint8_t *above, const uint8_t *below, uint32_t n, uint8_t *out) {
  for (uint32_t x = 0; x < n; x++)
    out[x] =
        (uint8_t)((above[2 * x] + above[2 * x + 1] + below[2 * x] + below[2 * x + 1] + 1 + (x & 1)) >> 2);
}

static void copy_last_row_down(struct plane *p, uint32_t from, uint32_t rows) {
  for (uint32_t y = from; y < rows; y++)
    memcpy(p->samples + (size_t)y * p->stride, p->samples + (size_t)(from - 1) * p->stride, p->stride);
}

static bool make_planes(struct encoder *e, const uint8_t *pixels) {
  const uint32_t h = e->plane[0].h, rows_in_all = e->mcus_down * h * JPEG_BLOCK;
  for (uint32_t i = 0; i < e->components; i++)
    if (!make_plane(e, i, h, h)) return false;
  const uint32_t width = e->plane[0].stride;
  uint8_t *room = malloc((size_t)width * 6);
  if (room == NULL) return false;
  const uint32_t rows = (e->height + h - 1) / h * h; /* whole rows of the coarser planes */
  for (uint32_t y = 0; y < rows; y++) {
    uint8_t *row[3];
    for (uint32_t i = 0; i < 3; i++) row[i] = room + (size_t)width * (2 * i + y % 2);
    full_row(e, pixels, y, row);
    memcpy(e->plane[0].samples + (size_t)y * width, row[0], width);
    for (uint32_t i = 1; i < e->components && y % 2 == 1; i++)
      halve(row[i] - width, row[i], width / 2, e->plane[i].samples + (size_t)(y / 2) * e->plane[i].stride);
  }
  copy_last_row_down(&e->plane[0], rows, rows_in_all);
  for (uint32_t i = 1; i < e->components; i++) copy_last_row_down(&e->plane[i], rows / 2, rows_in_all / 2);
  free(room);
  return true;
}

/* ---- blocks ---- */

static uint32_t bits_of(int32_t v) {
  return v == 0 ? 0 : 32 - (uint32_t)__builtin_clz((uint32_t)(v < 0 ? -v : v));
}

/* A number by its size's code and its bits, those of a negative one less 1. */
static void put_number(struct encoder *e, const struct codes *c, uint32_t zeros, int32_t v) {
  const uint32_t n = bits_of(v), symbol = zeros << 4 | n;
  put_bits(e, c->code[symbol], c->length[symbol]);
  put_bits(e, (uint32_t)(v < 0 ? v - 1 : v), n);
}

static void put_block(struct encoder *e, struct plane *p, const int32_t coefficients[JPEG_BLOCK_SIZE]) {
  enum { MOST_ZEROS = 15, SIXTEEN_ZEROS = 0xF0, END = 0 };
  const struct codes *ac = &e->ac[p->table];
  uint32_t zeros = 0;
  put_number(e, &e->dc[p->table], 0, coefficients[0] - p->dc);
  p->dc = coefficients[0];
  for (uint32_t k = 1; k < JPEG_BLOCK_SIZE; k++) {
    const int32_t v = coefficients[jpeg_natural_order[k]];
    if (v == 0) {
      zeros++;
      continue;
    }
    for (; zeros > MOST_ZEROS; zeros -= MOST_ZEROS + 1)
      put_bits(e, ac->code[SIXTEEN_ZEROS], ac->length[SIXTEEN_ZEROS]);
    put_number(e, ac, zeros, v);
    zeros = 0;
  }
  if (zeros > 0) put_bits(e, ac->code[END], ac->length[END]);
}

/* To the nearest multiple; the transform gives coefficients times 8. */
static int32_t quantized(int32_t v, uint32_t by) {
  const int32_t step = (int32_t)by * 8;
  return v < 0 ? -((-v + step / 2) / step) : (v + step / 2) / step;
}

static void block_of(const struct encoder *e, const struct plane *p, uint32_t x, uint32_t y,
                     int32_t block[JPEG_BLOCK_SIZE]) {
  const uint8_t *samples = p->samples + (size_t)y * JPEG_BLOCK * p->stride + x * JPEG_BLOCK;
  for (uint32_t i = 0; i < JPEG_BLOCK_SIZE; i++)
    block[i] = samples[i / JPEG_BLOCK * p->stride + i % JPEG_BLOCK] - 128;
  jpeg_fdct(block);
  for (uint32_t i = 0; i < JPEG_BLOCK_SIZE; i++) block[i] = quantized(block[i], e->quantization[p->table][i]);
}

/* Blocks beyond the picture repeat the first coefficient of the one before, which costs least. */
static void put_mcu(struct encoder *e, uint32_t mcu_x, uint32_t mcu_y) {
  for (uint32_t i = 0; i < e->components; i++) {
    struct plane *p = &e->plane[i];
    for (uint32_t y = mcu_y * p->v; y < (mcu_y + 1) * p->v; y++)
      for (uint32_t x = mcu_x * p->h; x < (mcu_x + 1) * p->h; x++) {
        int32_t block[JPEG_BLOCK_SIZE] = {p->dc};
        if (x < p->blocks_across && y < p->blocks_down) block_of(e, p, x, y, block);
        put_block(e, p, block);
      }
  }
}

/* ---- the file ---- */

static void put_huffman(struct encoder *e, uint32_t id, const uint8_t counts[LENGTHS], const uint8_t *values,
                        uint32_t n) {
  put16(e, 0xFFC4);
  put16(e, 2 + 1 + LENGTHS + n);
  put(e, id);
  put_bytes(e, counts, LENGTHS);
  put_bytes(e, values, n);
}

static void put_headers(struct encoder *e, uint32_t tables) {
  enum { AC = 0x10 };
  static const uint8_t jfif[] = {'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0};
  put16(e, 0xFFD8);
  put16(e, 0xFFE0);
  put16(e, 2 + sizeof jfif);
  put_bytes(e, jfif, sizeof jfif);
  for (uint32_t t = 0; t < tables; t++) {
    put16(e, 0xFFDB);
    put16(e, 2 + 1 + JPEG_BLOCK_SIZE);
    put(e, t);
    for (int i = 0; i < JPEG_BLOCK_SIZE; i++) put(e, e->quantization[t][jpeg_natural_order[i]]);
  }
  put16(e, 0xFFC0);
  put16(e, 8 + 3 * e->components);
  put(e, 8);
  put16(e, e->height);
  put16(e, e->width);
  put(e, e->components);
  for (uint32_t i = 0; i < e->components; i++) {
    put(e, i + 1);
    put(e, e->plane[i].h << 4 | e->plane[i].v);
    put(e, e->plane[i].table);
  }
  for (uint32_t t = 0; t < tables; t++) {
    put_huffman(e, t, dc_counts[t], dc_values, DC_VALUES);
    put_huffman(e, AC | t, ac_counts[t], ac_values[t], AC_VALUES);
  }
  put16(e, 0xFFDA);
  put16(e, 6 + 2 * e->components);
  put(e, e->components);
  for (uint32_t i = 0; i < e->components; i++) {
    put(e, i + 1);
    put(e, e->plane[i].table << 4 | e->plane[i].table);
  }
  put(e, 0);
  put(e, JPEG_BLOCK_SIZE - 1);
  put(e, 0);
}

/* 50 is the tables as they are, 100 all ones. */
static void make_tables(struct encoder *e, uint32_t quality) {
  if (quality < 1) quality = 1;
  if (quality > 100) quality = 100;
  const uint32_t percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  for (uint32_t t = 0; t < 2; t++) {
    for (int i = 0; i < JPEG_BLOCK_SIZE; i++) {
      const uint32_t v = (quantization_50[t][i] * percent + 50) / 100;
      e->quantization[t][i] = (uint8_t)(v < 1 ? 1 : v > 255 ? 255 : v);
    }
    make_codes(&e->dc[t], dc_counts[t], dc_values);
    make_codes(&e->ac[t], ac_counts[t], ac_values[t]);
  }
}

static bool encode(struct encoder *e, const uint8_t *pixels, uint32_t quality) {
  const uint32_t tables = e->components == 1 ? 1 : 2, fine = tables;
  for (uint32_t i = 0; i < e->components; i++)
    e->plane[i] = i == 0 ? (struct plane){.h = fine, .v = fine} : (struct plane){.h = 1, .v = 1, .table = 1};
  e->mcus_across = (e->width + fine * JPEG_BLOCK - 1) / (fine * JPEG_BLOCK);
  e->mcus_down = (e->height + fine * JPEG_BLOCK - 1) / (fine * JPEG_BLOCK);
  make_tables(e, quality);
  if (!make_planes(e, pixels)) return false;
  put_headers(e, tables);
  for (uint32_t y = 0; y < e->mcus_down; y++)
    for (uint32_t x = 0; x < e->mcus_across; x++) put_mcu(e, x, y);
  put_bits(e, 0x7F, 7); /* fills up the last byte */
  put16(e, 0xFFD9);
  return true;
}

size_t jpeg_write(const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t components,
                  uint32_t quality, uint8_t *out, size_t room) {
  enum { MAX_SIDE = 65535 };
  struct encoder *e = calloc(1, sizeof *e);
  size_t used = 0;
  if (e == NULL) return 0;
  *e = (struct encoder){.width = width, .height = height, .components = components, .out = out, .room = room};
  if (width > 0 && width <= MAX_SIDE && height > 0 && height <= MAX_SIDE && encode(e, pixels, quality) &&
      e->used <= room)
    used = e->used;
  for (int i = 0; i < 3; i++) free(e->plane[i].samples);
  free(e);
  return used;
}
