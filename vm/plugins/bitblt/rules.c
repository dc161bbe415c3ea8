/* rules.c: the combination rules, a run of words at a time: rules.def is the table of them.
 *
 * Each word is 32 / depth pixels, and what is said of pixels or of their components is done for all of a word
 * at once: `fields` divides it into fields of equal width, whose highest bits carry from one field's
 * arithmetic to nowhere. The loops have no branches, so that compilers make vector instructions of them.
 */
#include "plugins/bitblt/bitblt.h"
#include "plugins/bitblt/vectors.h"

enum { RULES = 42 };

#define WORDS(...)                         \
  for (uint32_t i = 0; i < n; i++) {       \
    const uint32_t s = src[i], d = dst[i]; \
    (void)s, (void)d;                      \
    dst[i] = __VA_ARGS__;                  \
  }
#define RUN(name)                                                                                          \
  static void name(struct blit *b, const uint32_t *restrict src, uint32_t *restrict dst, const uint32_t n, \
                   const uint32_t mask)
#define BITWISE(name, ...) \
  RUN(name) { WORDS(__VA_ARGS__) }

BITWISE(clear, 0)
BITWISE(and, (s & d))
BITWISE(and_not, s & ~d)
BITWISE(store, s)
BITWISE(erase, (~s & d))
BITWISE(xor, s ^ d)
BITWISE(or, s | d)
BITWISE(nor, ~(s | d))
BITWISE(equivalence, ~s ^ d)
BITWISE(invert, ~d)
BITWISE(or_not, s | ~d)
BITWISE(store_inverted, ~s)
BITWISE(not_or, ~s | d)
BITWISE(nand, ~s | ~d)
BITWISE(add_word, s + d)
BITWISE(subtract_word, s - d)
RUN(keep) {}

/* ---- fields ---- */

struct fields {
  uint32_t high; /* the highest bit of each field */
  uint32_t top;  /* its distance from the lowest */
  uint32_t used; /* bits that belong to a field */
};
static struct fields fields_of_width(uint32_t width) {
  static const uint32_t lowest[] = {UINT32_MAX, 0x55555555, 0x11111111, 0x01010101, 0x00010001, 1};
  const uint32_t index = (uint32_t)__builtin_ctz(width);
  return (struct fields){lowest[index] << (width - 1), width - 1, UINT32_MAX};
}
static struct fields pixel_fields(const struct blit *b) { return fields_of_width(b->dest.depth); }
static struct fields component_fields(const struct blit *b) {
  if (b->dest.depth == 16) return (struct fields){0x42104210, 4, 0x7FFF7FFF};
  return fields_of_width(b->dest.depth < 8 ? b->dest.depth : 8);
}
/* All ones in the fields whose highest bit is in `bits`, which has no others. */
static inline uint32_t filled(struct fields f, uint32_t bits) { return (bits << 1) - (bits >> f.top); }
static inline uint32_t not_zero(struct fields f, uint32_t x) {
  return filled(f, (((x & ~f.high) + ~f.high) | x) & f.high);
}
static inline uint32_t at_least(struct fields f, uint32_t x, uint32_t y) {
  const uint32_t rest = (x | f.high) - (y & ~f.high);
  return filled(f, ((x & ~y) | (~(x ^ y) & rest)) & f.high);
}
static inline uint32_t maximum(struct fields f, uint32_t x, uint32_t y) {
  const uint32_t m = at_least(f, x, y);
  return (x & m) | (y & ~m);
}
static inline uint32_t minimum(struct fields f, uint32_t x, uint32_t y) {
  const uint32_t m = at_least(f, x, y);
  return (y & m) | (x & ~m);
}
static inline uint32_t sum(struct fields f, uint32_t x, uint32_t y) {
  const uint32_t low = (x & ~f.high) + (y & ~f.high);
  const uint32_t carry = ((x & y) | ((x | y) & low)) & f.high;
  return (low ^ ((x ^ y) & f.high)) | filled(f, carry);
}
/* The greater minus the smaller never borrows. */
static inline uint32_t difference(struct fields f, uint32_t x, uint32_t y) {
  return maximum(f, x, y) - minimum(f, x, y);
}

#define BY_COMPONENTS(name, source, ...)                       \
  RUN(name) {                                                  \
    const struct fields f = component_fields(b);               \
    for (uint32_t i = 0; i < n; i++) {                         \
      const uint32_t s = (source)&f.used, d = dst[i] & f.used; \
      dst[i] = __VA_ARGS__;                                    \
    }                                                          \
  }
BY_COMPONENTS(rgb_add, src[i], sum(f, s, d))
BY_COMPONENTS(rgb_difference, src[i], difference(f, s, d))
BY_COMPONENTS(rgb_max, src[i], maximum(f, s, d))
BY_COMPONENTS(rgb_min, src[i], minimum(f, s, d))
BY_COMPONENTS(rgb_min_inverted, ~src[i], minimum(f, s, d))

#define BY_PIXELS(name, ...)                 \
  RUN(name) {                                \
    const struct fields f = pixel_fields(b); \
    WORDS(__VA_ARGS__)                       \
  }
BY_PIXELS(paint, s | (d & ~not_zero(f, s)))
BY_PIXELS(mask_pixels, d & ~not_zero(f, s))
BY_PIXELS(clear_equal, not_zero(f, s ^ d) & d)

RUN(swap_pixels) {
  static const uint32_t lower[] = {0x55555555, 0x33333333, 0x0F0F0F0F, 0x00FF00FF, 0x0000FFFF};
  for (uint32_t i = 0; i < n; i++) {
    uint32_t w = dst[i];
    for (uint32_t level = (uint32_t)__builtin_ctz(b->dest.depth); level < 5; level++)
      w = (w >> (1u << level) & lower[level]) | (w & lower[level]) << (1u << level);
    dst[i] = w;
  }
}

/* ---- products ---- */

static void multiply_bytes(const uint32_t *restrict src, uint32_t *restrict dst, uint32_t n) {
  const uint8_t *restrict s = (const uint8_t *)src;
  uint8_t *restrict d = (uint8_t *)dst;
  for (uint32_t i = 0; i < 4 * n; i++) d[i] = (uint8_t)(((s[i] + 1) * (d[i] + 1) - 1) >> 8);
}
static inline uint32_t multiply_fields(uint32_t s, uint32_t d, uint32_t width, uint32_t fields) {
  const uint32_t m = (1u << width) - 1;
  uint32_t r = 0;
  for (uint32_t at = 0; at < width * fields; at += width)
    r |= ((((s >> at & m) + 1) * ((d >> at & m) + 1) - 1) >> width) << at;
  return r;
}
RUN(rgb_multiply) {
  const uint32_t depth = b->dest.depth;
  if (depth == 8 || depth == 32) {
    multiply_bytes(src, dst, n);
  } else if (depth == 16) {
    WORDS(multiply_fields(s, d, 5, 3) | multiply_fields(s >> 16, d >> 16, 5, 3) << 16)
  } else {
    WORDS(multiply_fields(s, d, depth, 32 / depth))
  }
}

/* ---- blends ---- */

/* Four words at once, those that are left over with zeros. */
#define BY_FOUR(...)                                                           \
  uint32_t i = 0;                                                              \
  for (; i + 4 <= n; i += 4) {                                                 \
    const words4 s = load4(src + i), d = load4(dst + i);                       \
    store4(dst + i, __VA_ARGS__);                                              \
  }                                                                            \
  if (i < n) {                                                                 \
    const words4 s = load_some(src + i, n - i), d = load_some(dst + i, n - i); \
    store_some(dst + i, n - i, __VA_ARGS__);                                   \
  }

/* Sums of products by 255, rounded up: no more than 255 × 255 each. */
static inline halves8 by_255(halves8 sums) {
  const halves8 x = sums + 254;
  return (x + 1 + (x >> 8)) >> 8;
}
static inline words4 blended(words4 s, words4 d, words4 alpha) {
  const halves8 a = for_bytes(alpha), rest = 255 - a;
  return of_bytes(by_255(even_bytes(s) * a + even_bytes(d) * rest),
                  by_255(odd_bytes(s) * a + odd_bytes(d) * rest));
}
/* For alpha 0 this is d, and for 255 it is s. */
RUN(alpha_blend) { BY_FOUR(blended(s | 0xFF000000, d, s >> 24)) }

static inline halves8 at_most_255(halves8 x) { return (x | (0 - (x >> 8))) & 255; }
static inline words4 scaled(words4 s, words4 d) {
  const halves8 rest = 255 - for_bytes(s >> 24);
  return of_bytes(at_most_255((even_bytes(d) * rest >> 8) + even_bytes(s)),
                  at_most_255((odd_bytes(d) * rest >> 8) + odd_bytes(s)));
}
RUN(blend_scaled){BY_FOUR(scaled(s, d))} uint32_t rule_blend_scaled_word(uint32_t s, uint32_t d) {
  return scaled((words4){s}, (words4){d})[0];
}
/* From one form to another, both of 32 bits: what is transparent leaves the destination as it is. */
void rule_blend_scaled_over(struct blit *b, const uint32_t *restrict src, uint32_t *restrict dst, uint32_t n,
                            uint32_t mask) {
  BY_FOUR(select4(is_zero4(s >> 24), d, scaled(s, d)))
}

/* Pixels of 16 bits, two a word: those of s that are 0 leave d as it is if `paint`. */
static uint32_t blend_16(uint32_t s, uint32_t d, uint32_t alpha, bool paint) {
  uint32_t r = 0;
  for (uint32_t pixel = 0; pixel < 32; pixel += 16) {
    if (paint && (s >> pixel & 0xFFFF) == 0) {
      r |= d & 0xFFFFu << pixel;
      continue;
    }
    for (uint32_t at = pixel; at < pixel + 15; at += 5)
      r |= ((s >> at & 31) * alpha + (d >> at & 31) * (255 - alpha) + 254) / 255 << at;
  }
  return r;
}
RUN(blend_constant) {
  const uint32_t alpha = b->alpha;
  if (b->dest.depth == 32) {
    BY_FOUR(blended(s, d, (words4){0} + alpha))
  } else if (b->dest.depth == 16) {
    WORDS(blend_16(s, d, alpha, false))
  }
}
RUN(paint_constant) {
  const uint32_t alpha = b->alpha;
  if (b->dest.depth == 32) {
    BY_FOUR(select4(is_zero4(s), d, blended(s, d, (words4){0} + alpha)))
  } else if (b->dest.depth == 16) {
    WORDS(blend_16(s, d, alpha, true))
  }
}
RUN(fix_alpha) {
  if (b->dest.depth != 32) return;
  WORDS(d != 0 && d >> 24 == 0 ? d | (s & 0xFF000000) : d)
}

uint32_t rule_component_alpha_word(const struct component_alpha *c, uint32_t s, uint32_t d) {
  if (s == 0) return d;
  uint32_t r = 0;
  for (uint32_t at = 0; at < 32; at += 8) {
    uint32_t alpha = s >> at & 255, from = d >> at & 255, to = at == 24 ? 255 : c->colour >> at & 255;
    if (c->alpha != 255) alpha = alpha * c->alpha >> 8;
    if (at == 24) {
      const uint32_t a = (from * (255 - alpha) >> 8) + alpha;
      r |= a << 24;
      continue;
    }
    if (c->ungamma != NULL) from = c->ungamma[from], to = c->ungamma[to];
    uint32_t v = (from * (255 - alpha) >> 8) + (to * alpha >> 8);
    if (c->gamma != NULL) v = c->gamma[v];
    r |= v << at;
  }
  return r;
}
/* The same without tables. The alpha of the colour is taken for 256, so that its product is the source's. */
static inline words4 component_alpha_plain(const struct component_alpha *c, words4 s, words4 d) {
  const words4 colour = (words4){0} + c->colour;
  halves8 even = even_bytes(s), odd = odd_bytes(s);
  if (c->alpha != 255) {
    even = even * (uint16_t)c->alpha >> 8;
    odd = odd * (uint16_t)c->alpha >> 8;
  }
  const halves8 to_odd = (halves8)((colour >> 8 & 255) | 0x01000000);
  return of_bytes((even_bytes(d) * (255 - even) >> 8) + (even_bytes(colour) * even >> 8),
                  (odd_bytes(d) * (255 - odd) >> 8) + (to_odd * odd >> 8));
}

static uint32_t component_alpha_16(const struct component_alpha *c, uint32_t s, uint32_t d) {
  if (s == 0) return d;
  const uint32_t v =
      rule_component_alpha_word(c, colour_16_to_32(s) | 0xFF000000, colour_16_to_32(d) | 0xFF000000);
  return colour_rgb(v, 8, 5);
}
/* Of words of 32 bits; those without any of the bits that matter leave the destination as it is. */
static void component_alpha_32(const struct component_alpha *c, const uint32_t *restrict src,
                               uint32_t *restrict dst, uint32_t n, uint32_t matters) {
  if (c->gamma != NULL || c->ungamma != NULL) {
    WORDS((s & matters) == 0 ? d : rule_component_alpha_word(c, s, d))
  } else {
    const struct component_alpha plain = *c;
    BY_FOUR(select4(is_zero4(s & matters), d, component_alpha_plain(&plain, s, d)))
  }
}
RUN(component_alpha) {
  const struct component_alpha *c = &b->component;
  if (b->dest.depth == 32) {
    component_alpha_32(c, src, dst, n, UINT32_MAX);
  } else if (b->dest.depth == 16) {
    WORDS(component_alpha_16(c, s & 0xFFFF, d & 0xFFFF) | component_alpha_16(c, s >> 16, d >> 16) << 16)
  }
}
void rule_component_alpha_over(struct blit *b, const uint32_t *restrict src, uint32_t *restrict dst,
                               uint32_t n, uint32_t mask) {
  component_alpha_32(&b->component, src, dst, n, 0xFFFFFF);
}

/* ---- counts, which leave the destination as it is ---- */

static uint32_t three_added(uint32_t components, uint32_t width) {
  const uint32_t m = (1u << width) - 1;
  return (components & m) + (components >> width & m) + (components >> 2 * width & m);
}
RUN(count_difference) {
  const uint32_t depth = b->dest.depth;
  const struct fields f = depth < 16 ? pixel_fields(b) : component_fields(b);
  uint64_t count = 0;
  for (uint32_t i = 0; i < n; i++) {
    if (depth < 16) {
      count += (uint32_t)__builtin_popcount(not_zero(f, src[i] ^ dst[i]) & f.high);
      continue;
    }
    const uint32_t unlike = difference(f, src[i] & f.used, dst[i] & f.used);
    count += depth == 32 ? three_added(unlike, 8) : three_added(unlike, 5) + three_added(unlike >> 16, 5);
  }
  b->count += count;
}

static void tally_pixels(struct blit *b, const uint32_t *dst, uint32_t n, uint32_t mask) {
  const struct colour_map *m = &b->map;
  const uint32_t depth = b->dest.depth, pixel = form_pixel_mask(&b->dest);
  if (m->table == NULL) return;
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t at = 0; at < 32; at += depth) {
      if ((mask >> at & pixel) == 0) continue;
      uint32_t p = dst[i] >> at & pixel;
      if (depth >= 16) p = colour_rgb(p, depth == 16 ? 5 : 8, m->bits_per_colour);
      m->table[p & m->table_mask]++;
    }
}
RUN(tally) { tally_pixels(b, dst, n, mask); }
RUN(tally_words) { tally_pixels(b, dst, n, UINT32_MAX); }

static rule_function *const functions[RULES] = {
#define RULE(number, function, result) [number] = function,
#include "plugins/bitblt/rules.def"
#undef RULE
};

rule_function *rule_named(uint32_t rule) { return rule < RULES ? functions[rule] : NULL; }
