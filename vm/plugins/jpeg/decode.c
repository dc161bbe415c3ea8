/* decode.c: the segments of a file, and the coefficients that its scans have. */
#include <stdlib.h>
#include <string.h>

#include "plugins/jpeg/jpeg.h"

const uint8_t jpeg_natural_order[JPEG_BLOCK_SIZE] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

/* Markers, after the byte 0xFF. */
enum marker {
  M_SOF0 = 0xC0,
  M_SOF1 = 0xC1,
  M_SOF2 = 0xC2,
  M_DHT = 0xC4,
  M_SOF15 = 0xCF,
  M_JPG = 0xC8,
  M_DAC = 0xCC,
  M_RST0 = 0xD0,
  M_RST7 = 0xD7,
  M_SOI = 0xD8,
  M_EOI = 0xD9,
  M_SOS = 0xDA,
  M_DQT = 0xDB,
  M_DRI = 0xDD,
  M_APP0 = 0xE0,
  M_APP14 = 0xEE,
  M_TEM = 0x01,
};
/* A file of more scans is meant to take long: each can go through the whole picture. */
enum { MAX_SCANS = 256, TABLES = 4, MAX_CODE = 16, LOOK_BITS = 8 };

struct huffman {
  bool there;
  uint8_t values[256];
  uint16_t
      look[1 << LOOK_BITS];   /* length and value of the code that these bits begin with; 0: a longer one */
  int32_t past[MAX_CODE + 2]; /* the first number of so many bits that is no code; of the last: none is */
  int32_t first_index[MAX_CODE + 1]; /* index of a length's first value, less its code */
};

struct reader {
  const uint8_t *at, *end;
  /* Bits of a scan, the first one highest; behind a marker and the end come zeros, which are counted. */
  uint32_t buffer, count, made_up;
};

struct decoder {
  struct jpeg_picture picture;
  struct reader r;
  struct huffman dc[TABLES], ac[TABLES];
  uint32_t restart_interval;
  uint32_t scans;
  /* The scan: its components, and for progressive files which coefficients, and which of their bits. */
  struct jpeg_component *in_scan[JPEG_COMPONENTS];
  uint32_t scan_components, from, to, high, low;
  uint32_t end_of_band; /* blocks that have nothing more */
};

/* ---- bits ---- */

static void fill(struct reader *r) {
  while (r->count <= 24) {
    uint32_t byte = 0;
    if (r->at >= r->end || (r->at[0] == 0xFF && (r->end - r->at < 2 || r->at[1] != 0)))
      r->made_up += 8;
    else if ((byte = *r->at++) == 0xFF)
      r->at++;
    r->buffer |= byte << (24 - r->count);
    r->count += 8;
  }
}
static bool ran_out(const struct reader *r) { return r->made_up > r->count; }

/* n from 0 to 16. */
static uint32_t bits(struct reader *r, uint32_t n) {
  if (n == 0) return 0;
  if (r->count < n) fill(r);
  const uint32_t v = r->buffer >> (32 - n);
  r->buffer <<= n;
  r->count -= n;
  return v;
}

/* A number of n bits whose first bit is 0 when it is negative. */
static int32_t signed_bits(struct reader *r, uint32_t n) {
  const int32_t v = (int32_t)bits(r, n);
  return n == 0 || v >> (n - 1) != 0 ? v : v - (1 << n) + 1;
}

/* The value of the code that comes; -1 where none does. */
static int32_t decode(struct reader *r, const struct huffman *h) {
  if (r->count < MAX_CODE) fill(r);
  const uint32_t look = h->look[r->buffer >> (32 - LOOK_BITS)];
  if (look != 0) {
    r->buffer <<= look >> 8;
    r->count -= look >> 8;
    return (int32_t)(look & 255);
  }
  const int32_t next = (int32_t)(r->buffer >> (32 - MAX_CODE));
  uint32_t n = LOOK_BITS + 1;
  while (n <= MAX_CODE && next >> (MAX_CODE - n) >= h->past[n]) n++;
  if (n > MAX_CODE) return -1;
  r->buffer <<= n;
  r->count -= n;
  return h->values[(h->first_index[n] + (next >> (MAX_CODE - n))) & 255];
}

static bool make_huffman(struct huffman *h, const uint8_t counts[MAX_CODE], const uint8_t *values,
                         uint32_t n) {
  memset(h, 0, sizeof *h);
  memcpy(h->values, values, n);
  int32_t code = 0, index = 0;
  for (uint32_t length = 1; length <= MAX_CODE; length++, code <<= 1) {
    h->first_index[length] = index - code;
    for (uint32_t i = 0; i < counts[length - 1]; i++, code++, index++) {
      if (code >= 1 << length) return false;
      if (length > LOOK_BITS) continue;
      const uint32_t spread = 1u << (LOOK_BITS - length);
      for (uint32_t j = 0; j < spread; j++)
        h->look[(uint32_t)code * spread + j] = (uint16_t)(length << 8 | h->values[index]);
    }
    h->past[length] = code;
  }
  h->there = true;
  return true;
}

/* ---- blocks: false where the scan has no more that can be read ---- */

static bool sequential_block(struct decoder *d, struct jpeg_component *c, int16_t *block) {
  const int32_t size = decode(&d->r, &d->dc[c->dc_table]);
  if (size < 0 || size > 16) return false;
  c->dc = (int16_t)(c->dc + signed_bits(&d->r, (uint32_t)size));
  block[0] = (int16_t)c->dc;
  for (uint32_t k = 1; k < JPEG_BLOCK_SIZE; k++) {
    const int32_t code = decode(&d->r, &d->ac[c->ac_table]);
    if (code < 0) return false;
    const uint32_t zeros = (uint32_t)code >> 4, n = (uint32_t)code & 15;
    if (n == 0 && zeros < 15) break;
    k += zeros;
    if (k >= JPEG_BLOCK_SIZE) return false;
    if (n != 0) block[jpeg_natural_order[k]] = (int16_t)signed_bits(&d->r, n);
  }
  return true;
}

static bool first_of_dc(struct decoder *d, struct jpeg_component *c, int16_t *block) {
  const int32_t size = decode(&d->r, &d->dc[c->dc_table]);
  if (size < 0 || size > 16) return false;
  c->dc = (int16_t)(c->dc + signed_bits(&d->r, (uint32_t)size));
  block[0] = (int16_t)((uint32_t)c->dc << d->low);
  return true;
}

static bool more_of_dc(struct decoder *d, struct jpeg_component *c, int16_t *block) {
  (void)c;
  if (bits(&d->r, 1) != 0) block[0] = (int16_t)(block[0] | 1 << d->low);
  return true;
}

static bool first_of_ac(struct decoder *d, struct jpeg_component *c, int16_t *block) {
  if (d->end_of_band > 0) {
    d->end_of_band--;
    return true;
  }
  for (uint32_t k = d->from; k <= d->to; k++) {
    const int32_t code = decode(&d->r, &d->ac[c->ac_table]);
    if (code < 0) return false;
    const uint32_t zeros = (uint32_t)code >> 4, n = (uint32_t)code & 15;
    if (n == 0 && zeros < 15) {
      d->end_of_band = (1u << zeros) - 1 + bits(&d->r, zeros);
      break;
    }
    k += zeros;
    if (k > d->to) return false;
    if (n != 0) block[jpeg_natural_order[k]] = (int16_t)((uint32_t)signed_bits(&d->r, n) << d->low);
  }
  return true;
}

/* One more bit of a coefficient that is not 0. */
static void refine(struct decoder *d, int16_t *coefficient) {
  const int32_t bit = 1 << d->low;
  if (bits(&d->r, 1) == 0 || (*coefficient & bit) != 0) return;
  *coefficient = (int16_t)(*coefficient + (*coefficient >= 0 ? bit : -bit));
}

/* Refines from k on, over `zeros` coefficients that are 0 to the next one. */
static uint32_t refine_past(struct decoder *d, int16_t *block, uint32_t k, uint32_t zeros) {
  for (; k <= d->to; k++) {
    int16_t *coefficient = &block[jpeg_natural_order[k]];
    if (*coefficient != 0)
      refine(d, coefficient);
    else if (zeros-- == 0)
      break;
  }
  return k;
}

static bool more_of_ac(struct decoder *d, struct jpeg_component *c, int16_t *block) {
  uint32_t k = d->from;
  while (d->end_of_band == 0 && k <= d->to) {
    const int32_t code = decode(&d->r, &d->ac[c->ac_table]);
    if (code < 0) return false;
    const uint32_t zeros = (uint32_t)code >> 4, n = (uint32_t)code & 15;
    int32_t value = 0;
    if (n == 0 && zeros < 15) {
      d->end_of_band = (1u << zeros) + bits(&d->r, zeros);
      break;
    }
    if (n != 0) value = bits(&d->r, 1) != 0 ? 1 << d->low : -(1 << d->low);
    k = refine_past(d, block, k, zeros);
    if (value != 0 && k <= d->to) block[jpeg_natural_order[k]] = (int16_t)value;
    k++;
  }
  if (d->end_of_band == 0) return true;
  (void)refine_past(d, block, k, UINT32_MAX);
  d->end_of_band--;
  return true;
}

/* ---- scans ---- */

typedef bool block_function(struct decoder *d, struct jpeg_component *c, int16_t *block);

static block_function *block_function_of(const struct decoder *d) {
  if (!d->picture.progressive) return sequential_block;
  if (d->from == 0) return d->high == 0 ? first_of_dc : more_of_dc;
  return d->high == 0 ? first_of_ac : more_of_ac;
}

static void begin_interval(struct decoder *d) {
  for (uint32_t i = 0; i < d->scan_components; i++) d->in_scan[i]->dc = 0;
  d->end_of_band = 0;
  d->r.buffer = d->r.count = d->r.made_up = 0;
}

/* Goes to the restart marker that must come. */
static bool restart(struct decoder *d) {
  struct reader *r = &d->r;
  while (r->end - r->at >= 2 && !(r->at[0] == 0xFF && r->at[1] != 0 && r->at[1] != 0xFF)) r->at++;
  if (r->end - r->at < 2 || r->at[1] < M_RST0 || r->at[1] > M_RST7) return false;
  r->at += 2;
  begin_interval(d);
  return true;
}

static int16_t *block_at(const struct jpeg_component *c, uint32_t x, uint32_t y) {
  return c->coefficients + ((size_t)y * c->stride_blocks + x) * JPEG_BLOCK_SIZE;
}

/* All blocks of one MCU of a scan of several components. */
static bool read_mcu(struct decoder *d, block_function *f, uint32_t mcu_x, uint32_t mcu_y) {
  for (uint32_t i = 0; i < d->scan_components; i++) {
    struct jpeg_component *c = d->in_scan[i];
    for (uint32_t y = 0; y < c->v; y++)
      for (uint32_t x = 0; x < c->h; x++)
        if (!f(d, c, block_at(c, mcu_x * c->h + x, mcu_y * c->v + y))) return false;
  }
  return true;
}

static void read_blocks(struct decoder *d) {
  struct jpeg_component *only = d->scan_components == 1 ? d->in_scan[0] : NULL;
  const uint32_t across = only ? only->blocks_across : d->picture.mcus_across;
  const uint32_t down = only ? only->blocks_down : d->picture.mcus_down;
  block_function *f = block_function_of(d);
  uint32_t left = d->restart_interval;
  begin_interval(d);
  for (uint32_t y = 0; y < down; y++)
    for (uint32_t x = 0; x < across; x++) {
      if (d->restart_interval != 0 && left-- == 0) {
        if (!restart(d)) return;
        left = d->restart_interval - 1;
      }
      if (ran_out(&d->r) || !(only ? f(d, only, block_at(only, x, y)) : read_mcu(d, f, x, y))) return;
    }
}

/* ---- segments: false where the file cannot be read ---- */

static uint32_t get16(const uint8_t *p) { return (uint32_t)p[0] << 8 | p[1]; }

static bool read_quantization(struct decoder *d, const uint8_t *p, uint32_t n) {
  while (n > 0) {
    const uint32_t wide = p[0] >> 4, table = p[0] & 15, size = 1 + (wide ? 2 : 1) * JPEG_BLOCK_SIZE;
    if (wide > 1 || table >= TABLES || n < size) return false;
    for (uint32_t i = 0; i < JPEG_BLOCK_SIZE; i++)
      d->picture.quantization[table][jpeg_natural_order[i]] =
          (uint16_t)(wide ? get16(p + 1 + 2 * i) : p[1 + i]);
    p += size;
    n -= size;
  }
  return true;
}

static bool read_huffman(struct decoder *d, const uint8_t *p, uint32_t n) {
  while (n > MAX_CODE) {
    const uint32_t is_ac = p[0] >> 4, table = p[0] & 15;
    uint32_t values = 0;
    for (int i = 1; i <= MAX_CODE; i++) values += p[i];
    if (is_ac > 1 || table >= TABLES || values > 256 || n < 1 + MAX_CODE + values) return false;
    if (!make_huffman(is_ac ? &d->ac[table] : &d->dc[table], p + 1, p + 1 + MAX_CODE, values)) return false;
    p += 1 + MAX_CODE + values;
    n -= 1 + MAX_CODE + values;
  }
  return n == 0;
}

static uint32_t ceiling(uint32_t a, uint32_t b) { return (a + b - 1) / b; }

static bool lay_out(struct jpeg_picture *p) {
  const struct jpeg_header *h = &p->header;
  for (uint32_t i = 0; i < h->components; i++) {
    if (p->component[i].h > p->h_max) p->h_max = p->component[i].h;
    if (p->component[i].v > p->v_max) p->v_max = p->component[i].v;
  }
  p->mcus_across = ceiling(h->width, p->h_max * JPEG_BLOCK);
  p->mcus_down = ceiling(h->height, p->v_max * JPEG_BLOCK);
  for (uint32_t i = 0; i < h->components; i++) {
    struct jpeg_component *c = &p->component[i];
    if (p->h_max % c->h != 0 || p->v_max % c->v != 0) return false;
    c->width = ceiling(h->width * c->h, p->h_max);
    c->height = ceiling(h->height * c->v, p->v_max);
    c->blocks_across = ceiling(c->width, JPEG_BLOCK);
    c->blocks_down = ceiling(c->height, JPEG_BLOCK);
    c->stride_blocks = p->mcus_across * c->h;
    c->rows_blocks = p->mcus_down * c->v;
  }
  return true;
}

static bool read_frame(struct decoder *d, uint32_t marker, const uint8_t *p, uint32_t n) {
  enum { FIXED = 6, EACH = 3, MAX_SAMPLING = 4 };
  struct jpeg_picture *picture = &d->picture;
  struct jpeg_header *h = &picture->header;
  if (marker > M_SOF2 || h->components != 0 || n < FIXED || p[0] != 8) return false;
  *h = (struct jpeg_header){.height = get16(p + 1), .width = get16(p + 3), .components = p[5]};
  if (h->width == 0 || h->height == 0 || (h->components != 1 && h->components != 3 && h->components != 4) ||
      n != FIXED + EACH * h->components)
    return false;
  picture->progressive = marker == M_SOF2;
  for (uint32_t i = 0; i < h->components; i++) {
    const uint8_t *at = p + FIXED + EACH * i;
    struct jpeg_component *c = &picture->component[i];
    *c = (struct jpeg_component){.id = at[0], .h = at[1] >> 4, .v = at[1] & 15, .quantization = at[2]};
    if (c->h == 0 || c->h > MAX_SAMPLING || c->v == 0 || c->v > MAX_SAMPLING || c->quantization >= TABLES)
      return false;
  }
  return lay_out(picture);
}

static bool has_coefficients(struct jpeg_picture *p) {
  for (uint32_t i = 0; i < p->header.components; i++) {
    struct jpeg_component *c = &p->component[i];
    if (c->coefficients == NULL)
      c->coefficients =
          calloc((size_t)c->stride_blocks * c->rows_blocks, JPEG_BLOCK_SIZE * sizeof *c->coefficients);
    if (c->coefficients == NULL) return false;
  }
  return true;
}

static bool has_tables(const struct decoder *d, const struct jpeg_component *c) {
  const bool progressive = d->picture.progressive;
  const bool needs_dc = progressive ? d->from == 0 && d->high == 0 : true;
  const bool needs_ac = progressive ? d->from > 0 : true;
  return (!needs_dc || d->dc[c->dc_table].there) && (!needs_ac || d->ac[c->ac_table].there);
}

static bool read_scan_header(struct decoder *d, const uint8_t *p, uint32_t n) {
  enum { AROUND = 4, MAX_SHIFT = 13 };
  struct jpeg_picture *picture = &d->picture;
  if (n < 1 || p[0] == 0 || p[0] > picture->header.components || n != AROUND + 2u * p[0]) return false;
  d->scan_components = p[0];
  const uint8_t *last = p + 1 + 2 * p[0];
  d->from = last[0];
  d->to = last[1];
  d->high = last[2] >> 4;
  d->low = last[2] & 15;
  if (picture->progressive && (d->from > d->to || d->to >= JPEG_BLOCK_SIZE || d->low > MAX_SHIFT ||
                               (d->from == 0 ? d->to != 0 : d->scan_components != 1)))
    return false;
  for (uint32_t i = 0; i < d->scan_components; i++) {
    struct jpeg_component *c = NULL;
    for (uint32_t j = 0; j < picture->header.components; j++)
      if (picture->component[j].id == p[1 + 2 * i]) c = &picture->component[j];
    if (c == NULL) return false;
    for (uint32_t j = 0; j < i; j++)
      if (d->in_scan[j] == c) return false;
    c->dc_table = p[2 + 2 * i] >> 4;
    c->ac_table = p[2 + 2 * i] & 15;
    if (c->dc_table >= TABLES || c->ac_table >= TABLES || !has_tables(d, c)) return false;
    d->in_scan[i] = c;
  }
  return true;
}

static void read_application(struct decoder *d, uint32_t marker, const uint8_t *p, uint32_t n) {
  if (marker == M_APP0 && n >= 5 && memcmp(p, "JFIF", 5) == 0) d->picture.has_jfif = true;
  if (marker == M_APP14 && n >= 12 && memcmp(p, "Adobe", 5) == 0) {
    d->picture.has_adobe = true;
    d->picture.adobe_transform = p[11];
  }
}

/* The next marker; 0 at the end. */
static uint32_t next_marker(struct reader *r) {
  while (r->end - r->at >= 2) {
    if (r->at[0] != 0xFF || r->at[1] == 0 || r->at[1] == 0xFF) {
      r->at++;
      continue;
    }
    r->at += 2;
    return r->at[-1];
  }
  return 0;
}

static bool stands_alone(uint32_t marker) { return marker == M_TEM || (marker >= M_RST0 && marker <= M_SOI); }

/* One segment with what it says. */
static bool read_segment(struct decoder *d, uint32_t marker, const uint8_t *p, uint32_t n) {
  switch (marker) {
    case M_DQT: return read_quantization(d, p, n);
    case M_DHT: return read_huffman(d, p, n);
    case M_DAC: return false;
    case M_DRI:
      if (n != 2) return false;
      d->restart_interval = get16(p);
      return true;
    case M_SOS:
      if (++d->scans > MAX_SCANS || !read_scan_header(d, p, n) || !has_coefficients(&d->picture))
        return false;
      read_blocks(d);
      return true;
    default:
      if (marker >= M_SOF0 && marker <= M_SOF15 && marker != M_JPG) return read_frame(d, marker, p, n);
      read_application(d, marker, p, n);
      return true;
  }
}

/* Reads segments: up to the frame's or to the end. What goes wrong behind the first scan is the end. */
static bool read_segments(struct decoder *d, bool header_only) {
  struct reader *r = &d->r;
  if (r->end - r->at < 2 || r->at[0] != 0xFF || r->at[1] != M_SOI) return false;
  for (;;) {
    const uint32_t marker = next_marker(r);
    if (marker == 0 || marker == M_EOI) break;
    if (stands_alone(marker)) continue;
    if (r->end - r->at < 2) break;
    const uint32_t n = get16(r->at);
    if (n < 2 || (size_t)(r->end - r->at) < n) break;
    const uint8_t *p = r->at + 2;
    r->at += n;
    if (!read_segment(d, marker, p, n - 2)) break;
    if (header_only && d->picture.header.components != 0) return true;
  }
  return d->scans > 0 && d->picture.component[0].coefficients != NULL;
}

static struct decoder *new_decoder(const uint8_t *bytes, size_t n) {
  struct decoder *d = calloc(1, sizeof *d);
  if (d != NULL) d->r = (struct reader){.at = bytes, .end = bytes + n};
  return d;
}

static void free_decoder(struct decoder *d) {
  for (int i = 0; i < JPEG_COMPONENTS; i++) {
    free(d->picture.component[i].coefficients);
    free(d->picture.component[i].samples);
  }
  free(d);
}

bool jpeg_read_header(const uint8_t *bytes, size_t n, struct jpeg_header *header) {
  struct decoder *d = new_decoder(bytes, n);
  if (d == NULL) return false;
  const bool good = read_segments(d, true);
  *header = d->picture.header;
  free_decoder(d);
  return good;
}

uint8_t *jpeg_read(const uint8_t *bytes, size_t n, uint32_t components) {
  struct decoder *d = new_decoder(bytes, n);
  if (d == NULL) return NULL;
  uint8_t *pixels =
      read_segments(d, false) && has_coefficients(&d->picture) ? jpeg_pixels(&d->picture, components) : NULL;
  free_decoder(d);
  return pixels;
}
