#include "bitblt_reference.h"

#include <stdlib.h>
#include <string.h>

/* ---- pixels ---- */

static int depth_of(const struct ref_form *f) { return abs(f->depth); }
static int per_word(const struct ref_form *f) { return 32 / depth_of(f); }
static int words_a_row(const struct ref_form *f) { return (f->width + per_word(f) - 1) / per_word(f); }
static uint32_t all_ones(int bits) { return (uint32_t)((1ull << bits) - 1); }

/* How far the pixel in column x is from its word's lowest bit. */
static int bit_position(const struct ref_form *f, int x) {
  int place = x % per_word(f);
  return f->depth < 0 ? place * depth_of(f) : (per_word(f) - 1 - place) * depth_of(f);
}
static uint32_t *word_of(const struct ref_form *f, int x, int y) {
  return &f->words[y * words_a_row(f) + x / per_word(f)];
}
uint32_t ref_pixel(const struct ref_form *f, int x, int y) {
  return *word_of(f, x, y) >> bit_position(f, x) & all_ones(depth_of(f));
}
static void set_pixel(const struct ref_form *f, int x, int y, uint32_t pixel) {
  uint32_t here = all_ones(depth_of(f)) << bit_position(f, x), *word = word_of(f, x, y);
  *word = (*word & ~here) | (pixel << bit_position(f, x) & here);
}

/* ---- colours ---- */

static int colour_bits(int depth) { return depth == 16 ? 5 : depth == 32 ? 8 : 0; }
static uint32_t component(uint32_t pixel, int index, int bits) {
  return pixel >> index * bits & all_ones(bits);
}
/* Red, green and blue of `from` bits with `to` bits each; alpha is lost. */
static uint32_t convert(uint32_t pixel, int from, int to) {
  uint32_t result = 0;
  for (int i = 0; i < 3; i++) {
    uint32_t c = component(pixel, i, from);
    c = to < from ? c >> (from - to) : c << (to - from);
    result |= c << i * to;
  }
  return result;
}
/* What is not 0 (transparent) does not become so by losing bits. */
static uint32_t still_visible(uint32_t pixel, uint32_t before) {
  return pixel == 0 && before != 0 ? 1 : pixel;
}

static int bits_of_table(uint32_t size) { return size == 512 ? 3 : size == 4096 ? 4 : size == 32768 ? 5 : 0; }

static uint32_t shifted(const struct ref_map *m, uint32_t pixel) {
  uint32_t result = 0;
  for (int i = 0; i < 4; i++) {
    uint64_t part = pixel & m->masks[i];
    int by = m->shifts[i];
    if (by >= 32 || by <= -32) continue;
    result |= (uint32_t)(by < 0 ? part >> -by : part << by);
  }
  return result;
}
static bool is_identity(const struct ref_map *m) {
  static const uint32_t whole[4] = {0xFF0000, 0xFF00, 0xFF, 0xFF000000};
  for (int i = 0; i < 4; i++)
    if (m->shifts[i] != 0 || m->masks[i] != whole[i]) return false;
  return true;
}

/* Maps a pixel that has `from` bits a component (0: is no colour). */
static uint32_t map_pixel(const struct ref_blit *b, uint32_t pixel, int from) {
  const struct ref_map *m = &b->map;
  uint32_t p = pixel;
  if (m->implied) {
    int to = m->table_size != 0 ? bits_of_table(m->table_size) : 0;
    if (b->warping && b->smoothing > 1 && m->table_size != 0)
      p = still_visible(convert(pixel, from, to), pixel);
    else {
      if (to == 0) to = colour_bits(depth_of(&b->dest));
      if (from != 0 && to != 0 && from != to) p = still_visible(convert(pixel, from, to), pixel);
    }
  } else if (m->shifts != NULL && m->masks != NULL && !is_identity(m)) {
    p = still_visible(shifted(m, pixel), pixel);
  }
  if (m->table_size != 0) p = m->table[p % m->table_size];
  return p & all_ones(depth_of(&b->dest));
}

/* ---- rules ---- */

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

static uint32_t of_components(int rule, uint32_t s, uint32_t d, int bits) {
  uint32_t all = all_ones(bits);
  switch (rule) {
    case 20: return least(s + d, all);
    case 21: return s > d ? s - d : d - s;
    case 27: return s > d ? s : d;
    case 28: return least(s, d);
    case 29: return least(all - s, d);
    default: return ((s + 1) * (d + 1) - 1) / (all + 1);
  }
}
static uint32_t by_components(int rule, uint32_t s, uint32_t d, int depth) {
  int bits = depth == 16 ? 5 : depth == 32 ? 8 : depth, count = depth == 16 ? 3 : depth == 32 ? 4 : 1;
  uint32_t result = 0;
  for (int i = 0; i < count; i++)
    result |= of_components(rule, component(s, i, bits), component(d, i, bits), bits) << i * bits;
  return result;
}

/* alpha of 255 parts of s, the rest of d, rounded up. */
static uint32_t mix(uint32_t s, uint32_t d, uint32_t alpha) {
  return (s * alpha + d * (255 - alpha) + 254) / 255;
}

static uint32_t alpha_blend(uint32_t s, uint32_t d) {
  uint32_t alpha = s >> 24, result = mix(255, d >> 24, alpha) << 24;
  if (alpha == 0) return d;
  if (alpha == 255) return s;
  for (int i = 0; i < 3; i++) result |= mix(component(s, i, 8), component(d, i, 8), alpha) << 8 * i;
  return result;
}
static uint32_t blend_scaled(uint32_t s, uint32_t d) {
  uint32_t rest = 255 - (s >> 24), result = 0;
  for (int i = 0; i < 4; i++)
    result |= least(255, component(s, i, 8) + component(d, i, 8) * rest / 256) << 8 * i;
  return result;
}
static uint32_t blend_constant(uint32_t s, uint32_t d, uint32_t alpha, int depth) {
  int bits = colour_bits(depth), count = depth == 16 ? 3 : 4;
  uint32_t result = 0;
  if (bits == 0) return d;
  for (int i = 0; i < count; i++)
    result |= mix(component(s, i, bits), component(d, i, bits), alpha) << i * bits;
  return result;
}
static uint32_t component_alpha(const struct ref_blit *b, uint32_t s, uint32_t d) {
  uint32_t result = 0;
  for (int i = 0; i < 4; i++) {
    uint32_t a = component(s, i, 8), from = component(d, i, 8), to = component(b->colour, i, 8);
    if (b->alpha != 255) a = a * b->alpha / 256;
    if (i == 3) {
      result |= (from * (255 - a) / 256 + a) << 24;
      continue;
    }
    if (b->ungamma != NULL) from = b->ungamma[from], to = b->ungamma[to];
    uint32_t v = from * (255 - a) / 256 + to * a / 256;
    result |= (b->gamma != NULL ? b->gamma[v] : v) << 8 * i;
  }
  return result;
}
static uint32_t component_alpha_of_depth(const struct ref_blit *b, uint32_t s, uint32_t d) {
  if (s == 0 || depth_of(&b->dest) < 16) return d;
  if (depth_of(&b->dest) == 32) return component_alpha(b, s, d);
  uint32_t v = component_alpha(b, convert(s, 5, 8) | 0xFF000000, convert(d, 5, 8) | 0xFF000000);
  return still_visible(convert(v, 8, 5), v);
}

static uint32_t boolean(int rule, uint32_t s, uint32_t d) {
  if (rule == 15) return d;
  uint32_t result = 0; /* the rule's bits say the result for s = d = 1, s = 1 d = 0, s = 0 d = 1, both 0 */
  if (rule & 1) result |= s & d;
  if (rule & 2) result |= s & ~d;
  if (rule & 4) result |= ~s & d;
  if (rule & 8) result |= ~s & ~d;
  return result;
}

static uint32_t combine(const struct ref_blit *b, uint32_t s, uint32_t d) {
  int depth = depth_of(&b->dest);
  if (b->rule < 16) return boolean(b->rule, s, d);
  switch (b->rule) {
    case 25: return s == 0 ? d : s;
    case 26: return s == 0 ? d : 0;
    case 30: return blend_constant(s, d, b->alpha, depth);
    case 31: return s == 0 ? d : blend_constant(s, d, b->alpha, depth);
    case 39: return s == d ? 0 : d;
    case 40: return depth == 32 && d != 0 && d >> 24 == 0 ? d | (s & 0xFF000000) : d;
    case 41: return component_alpha_of_depth(b, s, d);
    case 22:
    case 23:
    case 32:
    case 33: return d;
    default: return by_components(b->rule, s, d, depth);
  }
}

/* Rules that are defined on words: the pixels of the word that are not to be written are 0. */
static bool is_of_words(int rule) {
  return rule == 18 || rule == 19 || rule == 24 || (rule >= 34 && rule <= 36) || rule == 38;
}
static uint32_t combine_words(const struct ref_blit *b, uint32_t s, uint32_t d) {
  int depth = depth_of(&b->dest);
  uint32_t result = 0;
  switch (b->rule) {
    case 18: return s + d;
    case 19: return s - d;
    case 24: return alpha_blend(s, d);
    case 38:
      for (int at = 0; at < 32; at += depth) result |= (d >> at & all_ones(depth)) << (32 - depth - at);
      return result;
    default: return blend_scaled(s, d);
  }
}

/* ---- which pixels ---- */

static bool within(int64_t n, int64_t from, int64_t size) { return n >= from && n - from < size; }

static bool is_written(const struct ref_blit *b, int x, int y) {
  if (!within(x, b->dest_x, b->width) || !within(y, b->dest_y, b->height)) return false;
  if (!within(x, b->clip_x, b->clip_width) || !within(y, b->clip_y, b->clip_height)) return false;
  if (!b->has_source || b->warping) return true;
  return within(x - b->dest_x + b->source_x, 0, b->source.width) &&
         within(y - b->dest_y + b->source_y, 0, b->source.height);
}

/* ---- WarpBlt ---- */

static uint32_t warp_pixel(const struct ref_form *f, int64_t x, int64_t y) {
  if (x < 0 || y < 0 || x / 16384 >= f->width || y / 16384 >= f->height) return 0;
  return ref_pixel(f, (int)(x / 16384), (int)(y / 16384));
}
/* The k-th of the places from `from` to `to`, which are `count` (a place more than steps); and its step. */
static int64_t place(int64_t from, int64_t to, int64_t count, int64_t k, int64_t *step) {
  int64_t steps = count > 2 ? count - 1 : 1;
  int64_t size = to == from ? 0 : (llabs(to - from) + 16384) / (steps + 1) + 1;
  *step = to < from ? -size : size;
  return (to < from ? to + steps * size : from) + k * *step;
}
static uint32_t warped(const struct ref_blit *b, int x, int y) {
  const int64_t(*c)[2] = b->corners;
  int64_t at[2], down[2], across[2], unused, row = y - b->dest_y, column = x - b->dest_x;
  for (int i = 0; i < 2; i++) {
    int64_t left = place(c[0][i], c[1][i], b->height, row, &down[i]);
    int64_t right = place(c[3][i], c[2][i], b->height, row, &unused);
    at[i] = place(left, right, b->width, column, &across[i]);
  }
  const int n = b->smoothing, depth = depth_of(&b->source);
  if (n == 1) return map_pixel(b, warp_pixel(&b->source, at[0], at[1]), colour_bits(depth));
  uint64_t sums[4] = {0}, count = 0;
  for (int j = 0; j < n * n; j++) {
    uint32_t p = warp_pixel(&b->source, at[0] + j / n * (down[0] / n) + j % n * (across[0] / n),
                            at[1] + j / n * (down[1] / n) + j % n * (across[1] / n));
    if (p == 0 && b->rule == 25) continue;
    count++;
    if (depth < 16) p = b->source_map[p];
    if (depth == 16) p = convert(p, 5, 8);
    for (int i = 0; i < 4; i++) sums[i] += component(p, i, 8);
  }
  if (count == 0 || (b->rule == 25 && count < (uint64_t)(n * n / 2))) return 0;
  uint32_t mean = 0;
  for (int i = 0; i < 4; i++) mean |= (uint32_t)(sums[i] / count) << 8 * i;
  return map_pixel(b, mean, 8);
}

/* The source's pixel for one of the destination: mapped, and ANDed with the halftone. */
static uint32_t source_pixel(const struct ref_blit *b, const struct ref_form *copy, int x, int y) {
  uint32_t s = all_ones(depth_of(&b->dest));
  if (b->has_source) {
    if (b->warping)
      s = warped(b, x, y);
    else
      s = map_pixel(b,
                    ref_pixel(copy, (int)(x - b->dest_x + b->source_x), (int)(y - b->dest_y + b->source_y)),
                    colour_bits(depth_of(copy)));
  }
  if (b->halftone != NULL && b->rule != 0 && b->rule != 5 && b->rule != 10 && b->rule != 15)
    s &= b->halftone[(uint32_t)y % b->halftone_height] >> bit_position(&b->dest, x);
  return s & all_ones(depth_of(&b->dest));
}

/* ---- from 32 bits to fewer ---- */

/* Bayer's matrix of 4 by 4. */
static uint32_t threshold_at(int64_t x, int64_t y) {
  int64_t a = x ^ y;
  return (uint32_t)((a & 1) << 3 | (y & 1) << 2 | (a & 2) | (y & 2) >> 1);
}
static uint32_t dithered(uint32_t pixel, uint32_t threshold) {
  static const uint32_t needed[8] = {0, 2, 4, 6, 8, 12, 14, 16};
  uint32_t result = 0;
  for (int i = 0; i < 3; i++) {
    uint32_t c = component(pixel, i, 8), v = c / 8 > 0 ? c / 8 - 1 : 0;
    if (threshold < needed[c % 8]) v++;
    result |= v << 5 * i;
  }
  return result == 0 ? 1 : result;
}
static uint32_t palette(uint32_t index) {
  static const char *const first =
      "000000"
      "000001"
      "ffffff"
      "808080"
      "ff0000"
      "00ff00"
      "0000ff"
      "00ffff"
      "ffff00"
      "ff00ff"
      "202020"
      "404040"
      "606060"
      "9f9f9f"
      "bfbfbf"
      "dfdfdf";
  uint32_t table[256], n = 0;
  for (; n < 16; n++) {
    char hex[7] = {0};
    memcpy(hex, first + 6 * n, 6);
    table[n] = (uint32_t)strtoul(hex, NULL, 16);
  }
  for (uint32_t eighth = 1; eighth < 32; eighth++) /* greys that are not among the first */
    if (eighth % 4 != 0) table[n++] = (eighth * 255 / 32 + (eighth < 16)) * 0x010101;
  for (uint32_t r = 0; r < 6; r++)
    for (uint32_t b = 0; b < 6; b++)
      for (uint32_t g = 0; g < 6; g++) table[n++] = (r << 16 | g << 8 | b) * 51;
  table[40] = 1;
  return index == 0 ? 0 : table[index] | 0xFF000000;
}

/* Rules 34 and 41 from another form of 32 bits to one of 32, 16 or 8 bits. Answers whether it is one of
 * these, with the pixel, which may be the old one. */
static bool from_32(const struct ref_blit *b, uint32_t s, uint32_t d, int x, int y, uint32_t *result) {
  int depth = depth_of(&b->dest);
  bool scaled = b->rule == 34;
  if ((!scaled && b->rule != 41) || !b->has_source || b->warping || depth_of(&b->source) != 32 ||
      b->same_form)
    return false;
  if (depth < 8 || (depth == 8 && scaled && !b->map.present)) return false;
  *result = d;
  if (depth >= 16 && (scaled ? s >> 24 : s & 0xFFFFFF) == 0) return true;
  if (depth == 32) {
    *result = scaled ? blend_scaled(s, d) : component_alpha(b, s, d);
  } else if (depth == 16) {
    uint32_t under = convert(d, 5, 8) | 0xFF000000;
    if (scaled)
      s = s >> 24 == 255 ? s : blend_scaled(s, under);
    else
      s = component_alpha(b, s, under);
    *result = dithered(s, threshold_at(x - b->dest_x + b->source_x, y));
  } else {
    /* What is chequered is the rectangle that is written, of which the first pixel and the width count. */
    int64_t left = -1, top = -1, width = 0, at = 0;
    for (int j = 0; j < b->dest.height && top < 0; j++)
      for (int i = 0; i < b->dest.width; i++)
        if (is_written(b, i, j)) {
          if (top < 0) left = i, top = j;
          width++;
        }
    at = left + top + (y - top) * (width + 1) + (x - left);
    if (at & 1) s |= 0x1F1F1F1F;
    uint32_t alpha = scaled ? s >> 24 : (component(s, 0, 8) + component(s, 1, 8) + component(s, 2, 8)) / 3;
    if (alpha < 32) return true;
    if (scaled && alpha < 224) s = blend_scaled(s, palette(d));
    if (!scaled) s = component_alpha(b, alpha > 224 ? 0xFFFFFFFF : s, palette(d));
    *result = map_pixel(b, s, 8);
  }
  return true;
}

/* ---- counts ---- */

static uint64_t unlike(const struct ref_blit *b, uint32_t s, uint32_t d) {
  int bits = colour_bits(depth_of(&b->dest));
  uint64_t count = 0;
  if (bits == 0) return s != d;
  for (int i = 0; i < 3; i++)
    count += (uint64_t)llabs((int64_t)component(s, i, bits) - (int64_t)component(d, i, bits));
  return count;
}
static void tally(const struct ref_blit *b, uint32_t d) {
  int bits = colour_bits(depth_of(&b->dest));
  if (b->map.table_size == 0 || !b->has_source) return;
  int to = bits_of_table(b->map.table_size);
  if (bits != 0) d = bits == to ? d & 0x7FFF : still_visible(convert(d, bits, to), d);
  b->map.table[d % b->map.table_size]++;
}

/* ---- copyBits ---- */

static void do_words(const struct ref_blit *b, const struct ref_form *copy, const struct ref_form *old,
                     int y) {
  int n = per_word(&b->dest);
  for (int first = 0; first < b->dest.width; first += n) {
    uint32_t s = 0, d = 0;
    for (int x = first; x < first + n && x < b->dest.width; x++) {
      if (!is_written(b, x, y)) continue;
      s |= source_pixel(b, copy, x, y) << bit_position(&b->dest, x);
      d |= ref_pixel(old, x, y) << bit_position(&b->dest, x);
    }
    uint32_t result = combine_words(b, s, d);
    for (int x = first; x < first + n && x < b->dest.width; x++) {
      uint32_t pixel;
      if (!is_written(b, x, y)) continue;
      uint32_t raw = b->has_source && !b->warping ? ref_pixel(copy, (int)(x - b->dest_x + b->source_x),
                                                              (int)(y - b->dest_y + b->source_y))
                                                  : 0;
      if (!from_32(b, raw, ref_pixel(old, x, y), x, y, &pixel))
        pixel = result >> bit_position(&b->dest, x) & all_ones(depth_of(&b->dest));
      set_pixel(&b->dest, x, y, pixel);
    }
  }
}

/* Rule 23 counts a 0 for each pixel that is not written in a word of which others are. */
static void tally_rest(const struct ref_blit *b, int y) {
  int n = per_word(&b->dest);
  for (int first = 0; first < b->dest.width; first += n) {
    int written = 0;
    for (int x = first; x < first + n && x < b->dest.width; x++) written += is_written(b, x, y);
    for (int i = written; written > 0 && i < n; i++) tally(b, 0);
  }
}

static struct ref_form copied(const struct ref_form *f) {
  struct ref_form copy = *f;
  size_t bytes = 4 * (size_t)words_a_row(f) * (size_t)f->height;
  copy.words = malloc(bytes + 1);
  memcpy(copy.words, f->words, bytes);
  return copy;
}

uint64_t ref_copy_bits(const struct ref_blit *original) {
  struct ref_blit blit = *original, *b = &blit;
  if (b->rule == 0 || b->rule == 5 || b->rule == 10 || b->rule == 15) b->has_source = false;
  if (b->warping && !b->has_source) return 0;
  struct ref_form source = {0}, old = copied(&b->dest);
  if (b->has_source) source = copied(&b->source);
  if (b->has_source) b->source = source;
  uint64_t count = 0;
  for (int y = 0; y < b->dest.height; y++) {
    if (is_of_words(b->rule)) {
      do_words(b, &source, &old, y);
      continue;
    }
    for (int x = 0; x < b->dest.width; x++) {
      if (!is_written(b, x, y)) continue;
      uint32_t d = ref_pixel(&old, x, y), s = source_pixel(b, &source, x, y), result;
      uint32_t raw = b->has_source && !b->warping ? ref_pixel(&source, (int)(x - b->dest_x + b->source_x),
                                                              (int)(y - b->dest_y + b->source_y))
                                                  : 0;
      if (!from_32(b, raw, d, x, y, &result)) result = combine(b, s, d);
      if (b->rule == 22 || b->rule == 32) count += unlike(b, s, d);
      if (b->rule == 23 || b->rule == 33) tally(b, d);
      set_pixel(&b->dest, x, y, result);
    }
    if (b->rule == 23) tally_rest(b, y);
  }
  free(old.words);
  free(source.words);
  return count;
}

/* ---- lines and strings ---- */

void ref_draw_loop(struct ref_blit *b, int across, int down) {
  int n = abs(across) > abs(down) ? abs(across) : abs(down);
  int64_t x = b->dest_x, y = b->dest_y;
  bool flat = abs(across) > abs(down);
  for (int i = 1; i <= n; i++) {
    /* The shorter way is at i × its length / n, rounded: halves stay back, but for the odd unit of n. */
    int64_t small = flat ? abs(down) : abs(across), moved = 0;
    if (n > 0) moved = (i * small + n - n / 2 - 1) / n;
    if (flat) {
      b->dest_x = x + (across < 0 ? -i : i);
      b->dest_y = y + (down < 0 ? -moved : moved);
    } else {
      b->dest_y = y + (down < 0 ? -i : i);
      b->dest_x = x + (across < 0 ? -moved : moved);
    }
    if (i < n) (void)ref_copy_bits(b);
  }
}

void ref_display_string(struct ref_blit *b, const uint8_t *text, int n, const int *map, const int *x_table,
                        int kern) {
  for (int i = 0; i < n; i++) {
    int glyph = map[text[i]];
    b->source_x = x_table[glyph];
    b->width = x_table[glyph + 1] - x_table[glyph];
    (void)ref_copy_bits(b);
    b->dest_x += b->width + kern;
  }
}
