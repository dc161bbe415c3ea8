/* fetch.c: words of a row: from the source's pixels to words as the destination has them. */
#include <string.h>

#include "plugins/bitblt/bitblt.h"
#include "plugins/bitblt/vectors.h"

/* ---- pixels, one a word ---- */

/* Pixels up to the next word of the source one by one, then all of a word at a time, then what is left. */
#define ALL(bits) (32 / bits)
#define PIXEL(bits) \
  (row[at / ALL(bits)] >> (f->lsb ? at % ALL(bits) * bits : 32 - bits - at % ALL(bits) * bits))
#define UNPACK(bits)                                                                                    \
  case bits:                                                                                            \
    for (; n > 0 && at % ALL(bits) != 0; n--, at++) *pixels++ = PIXEL(bits) & low_mask;                 \
    for (; n >= ALL(bits); n -= ALL(bits), at += ALL(bits), pixels += ALL(bits)) {                      \
      const uint32_t word = row[at / ALL(bits)];                                                        \
      if (f->lsb)                                                                                       \
        for (uint32_t p = 0; p < ALL(bits); p++) pixels[p] = word >> p * bits & low_mask;               \
      else                                                                                              \
        for (uint32_t p = 0; p < ALL(bits); p++) pixels[p] = word >> (32 - bits - p * bits) & low_mask; \
    }                                                                                                   \
    for (; n > 0; n--, at++) *pixels++ = PIXEL(bits) & low_mask;                                        \
    break;
void form_unpack(const struct form *f, int32_t x, int32_t y, uint32_t n, uint32_t *restrict pixels) {
  const uint32_t *row = form_row(f, y);
  const uint32_t low_mask = form_pixel_mask(f);
  uint32_t at = (uint32_t)x;
  switch (f->depth) {
    UNPACK(1)
    UNPACK(2)
    UNPACK(4)
    UNPACK(8)
    UNPACK(16)
    default: memcpy(pixels, row + x, 4 * (size_t)n);
  }
}

#define PACK(bits)                                                                    \
  case bits:                                                                          \
    for (uint32_t i = 0; i < n; i += 32 / bits) {                                     \
      uint32_t word = 0;                                                              \
      if (f->lsb)                                                                     \
        for (uint32_t p = 32 / bits; p-- > 0;) word = word << bits | pixels[i + p];   \
      else                                                                            \
        for (uint32_t p = 0; p < 32 / bits; p++) word = word << bits | pixels[i + p]; \
      *words++ = word;                                                                \
    }                                                                                 \
    break;
void form_pack(const struct form *f, const uint32_t *restrict pixels, uint32_t n, uint32_t *restrict words) {
  switch (f->depth) {
    PACK(1)
    PACK(2)
    PACK(4)
    PACK(8)
    PACK(16)
    default: memcpy(words, pixels, 4 * (size_t)n);
  }
}

/* Masks of four pixels of a bit each, the leftmost being the highest bit. */
#define BIT(four, i) ((four) >> (3 - (i)) & 1 ? UINT32_MAX : 0)
#define FOUR(four) \
  { BIT(four, 0), BIT(four, 1), BIT(four, 2), BIT(four, 3) }
static const words4 four_bits[16] = {FOUR(0),  FOUR(1),  FOUR(2),  FOUR(3), FOUR(4),  FOUR(5),
                                     FOUR(6),  FOUR(7),  FOUR(8),  FOUR(9), FOUR(10), FOUR(11),
                                     FOUR(12), FOUR(13), FOUR(14), FOUR(15)};
static uint32_t reversed(uint32_t w) {
  w = (w >> 1 & 0x55555555) | (w & 0x55555555) << 1;
  w = (w >> 2 & 0x33333333) | (w & 0x33333333) << 2;
  w = (w >> 4 & 0x0F0F0F0F) | (w & 0x0F0F0F0F) << 4;
  return __builtin_bswap32(w);
}
/* Pixels of a bit each as one of two colours. Writes up to three more than n. */
static void unpack_two(const struct form *f, int32_t x, int32_t y, uint32_t n, const uint32_t colours[2],
                       uint32_t *pixels) {
  const uint32_t *row = form_row(f, y) + (x >> 5);
  const words4 zero = (words4){0} + colours[0], change = zero ^ colours[1];
  uint32_t skip = (uint32_t)x & 31;
  while (n > 0) {
    const uint32_t some = 32 - skip < n ? 32 - skip : n;
    uint32_t word = (f->lsb ? reversed(*row) : *row) << skip;
    row++;
    for (uint32_t i = 0; i < some; i += 4, word <<= 4)
      store4(pixels + i, zero ^ (change & four_bits[word >> 28]));
    pixels += some;
    n -= some;
    skip = 0;
  }
}

/* ---- runs ---- */

/* The pixels of a word from its position `from` on, and those before its position `to`, which is not 0. */
static uint32_t mask_from(const struct form *f, uint32_t from) {
  return f->lsb ? UINT32_MAX << from * f->depth : UINT32_MAX >> from * f->depth;
}
static uint32_t mask_before(const struct form *f, uint32_t to) {
  const uint32_t rest = 32 - to * f->depth;
  return f->lsb ? UINT32_MAX >> rest : UINT32_MAX << rest;
}

struct run run_at(const struct form *f, int32_t x, int32_t y, int32_t w) {
  const uint32_t per_word = form_per_word(f), first = (uint32_t)x / per_word;
  const uint32_t last_pixel = (uint32_t)x + (uint32_t)w - 1, last = last_pixel / per_word;
  struct run r = {.dst = form_row(f, y) + first, .n = last - first + 1, .x = x, .w = w};
  r.first_mask = mask_from(f, (uint32_t)x % per_word);
  r.last_mask = mask_before(f, last_pixel % per_word + 1);
  if (r.n == 1) r.first_mask = r.last_mask = r.first_mask & r.last_mask;
  return r;
}

struct run run_part(const struct form *f, const struct run *whole, uint32_t first, uint32_t n) {
  const int32_t per_word = (int32_t)form_per_word(f);
  struct run r = *whole;
  r.dst += first;
  r.n = n;
  if (first + n < whole->n) r.last_mask = UINT32_MAX;
  if (first > 0) r.first_mask = UINT32_MAX;
  if (r.n == 1) r.first_mask = r.last_mask = r.first_mask & r.last_mask;
  const int64_t start = (whole->x / per_word + (int64_t)first) * per_word;
  const int64_t end = start + (int64_t)n * per_word, whole_end = (int64_t)whole->x + whole->w;
  if (start > whole->x) r.x = (int32_t)start;
  r.w = (int32_t)((end < whole_end ? end : whole_end) - r.x);
  return r;
}

static void combine_word(struct blit *b, uint32_t src, uint32_t *dst, uint32_t mask) {
  const uint32_t s = src & mask, old = *dst;
  uint32_t d = old & mask;
  b->combine(b, &s, &d, 1, mask);
  *dst = (old & ~mask) | (d & mask);
}

void run_combine(struct blit *b, const struct run *r, const uint32_t *src) {
  uint32_t *dst = r->dst;
  uint32_t n = r->n;
  const bool last_is_cut = n > 1 && r->last_mask != UINT32_MAX;
  if (r->first_mask != UINT32_MAX) {
    combine_word(b, *src++, dst++, r->first_mask);
    n--;
  }
  if (last_is_cut) n--;
  if (n > 0) b->combine(b, src, dst, n, UINT32_MAX);
  if (last_is_cut) combine_word(b, src[n], dst + n, r->last_mask);
}

void run_combine_pixels(struct blit *b, const struct run *r, int32_t y, const uint32_t *pixels) {
  uint32_t words[RUN_WORDS];
  const uint32_t halftone = halftone_word(b, y);
  if (b->dest.depth == 32 && halftone == UINT32_MAX) {
    run_combine(b, r, pixels);
    return;
  }
  form_pack(&b->dest, pixels, r->n * form_per_word(&b->dest), words);
  if (halftone != UINT32_MAX)
    for (uint32_t i = 0; i < r->n; i++) words[i] &= halftone;
  run_combine(b, r, words);
}

/* ---- from the source ---- */

/* A run's words are shifted words of the source. Only words with pixels of the rectangle are read: those that
 * would give nothing else count as 0. */
void fetch_same(const struct blit *b, const struct run *r, int32_t source_y, uint32_t *restrict words) {
  const struct form *f = &b->source;
  const int64_t x = (int64_t)b->sx + (r->x - b->dx);
  const int64_t bit = (x - run_lead(&b->dest, r)) * f->depth; /* where the first word's first pixel is */
  const uint32_t shift = (uint32_t)bit & 31, n = r->n;
  const int64_t first = (bit - shift) / 32, last_read = ((x + r->w) * f->depth - 1) / 32;
  const int64_t first_read = x * f->depth / 32;
  const uint32_t *row = form_row(f, source_y);
  if (shift == 0) {
    memcpy(words, row + first, 4 * (size_t)n);
    return;
  }
  const uint32_t left = f->lsb ? 32 - shift : shift, right = 32 - left;
#define JOINED(a, c) (f->lsb ? (a) >> right | (c) << left : (a) << left | (c) >> right)
  words[0] = JOINED(first >= first_read ? row[first] : 0, first + 1 <= last_read ? row[first + 1] : 0);
  if (n == 1) return;
  const uint32_t *a = row + first + 1;
  if (f->lsb) {
    for (uint32_t i = 0; i + 2 < n; i++) words[i + 1] = a[i] >> right | a[i + 1] << left;
  } else {
    for (uint32_t i = 0; i + 2 < n; i++) words[i + 1] = a[i] << left | a[i + 1] >> right;
  }
  words[n - 1] = JOINED(a[n - 2], first + n <= last_read ? a[n - 1] : 0);
#undef JOINED
}

void fetch_mapped(const struct blit *b, const struct run *r, int32_t source_y, uint32_t *pixels) {
  const uint32_t lead = run_lead(&b->dest, r), n = (uint32_t)r->w, mask = form_pixel_mask(&b->dest);
  const uint32_t whole = r->n * form_per_word(&b->dest);
  const int32_t x = b->sx + (r->x - b->dx);
  for (uint32_t i = 0; i < lead; i++) pixels[i] = 0;
  if (b->source.depth == 1) {
    unpack_two(&b->source, x, source_y, n, b->two_colours, pixels + lead);
  } else {
    form_unpack(&b->source, x, source_y, n, pixels + lead);
    colour_map_pixels(&b->map, pixels + lead, n, mask);
  }
  for (uint32_t i = lead + n; i < whole; i++) pixels[i] = 0;
}
