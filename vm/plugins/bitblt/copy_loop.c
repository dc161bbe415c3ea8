/* copy_loop.c: copies the rectangle, row by row and each row in runs that the processor's cache holds.
 *
 * The result is as if the source had been copied before anything was written. Where both forms share their
 * bits and are laid out alike, the order of rows and runs sees to that, and otherwise the source is copied.
 */
#include <stdlib.h>
#include <string.h>

#include "plugins/bitblt/bitblt.h"

static bool shares_bits(const struct blit *b) {
  return b->has_source && b->source.bits_object == b->dest.bits_object;
}
static bool alike(const struct form *a, const struct form *b) {
  return a->depth == b->depth && a->pitch == b->pitch && a->lsb == b->lsb;
}

bool bitblt_copy_source(struct blit *b, uint32_t **copy) {
  *copy = NULL;
  if (!shares_bits(b)) return true;
  const size_t bytes = 4 * (size_t)b->source.pitch * (uint32_t)b->source.height;
  *copy = malloc(bytes);
  if (*copy == NULL) return false;
  memcpy(*copy, b->source.bits, bytes);
  b->source.bits = *copy;
  b->source.bits_object = 0;
  return true;
}

/* ---- without a source: the halftone alone ---- */

static void fill_run(struct blit *b, const struct run *r, uint32_t word) {
  uint32_t words[RUN_WORDS];
  const uint32_t step = run_words(&b->dest);
  for (uint32_t i = 0; i < r->n && i < step; i++) words[i] = word;
  for (uint32_t at = 0; at < r->n; at += step) {
    const struct run part = run_part(&b->dest, r, at, r->n - at < step ? r->n - at : step);
    run_combine(b, &part, words);
  }
}

/* Rules 0, 3 and 12 only store. */
static void store_run(const struct run *r, uint32_t word) {
  uint32_t *restrict dst = r->dst;
  const uint32_t last = r->n - 1;
  dst[0] = (dst[0] & ~r->first_mask) | (word & r->first_mask);
  if (last == 0) return;
  for (uint32_t i = 1; i < last; i++) dst[i] = word;
  dst[last] = (dst[last] & ~r->last_mask) | (word & r->last_mask);
}

static void run_filling(struct blit *b) {
  const bool stores = b->rule == 0 || b->rule == 3 || b->rule == 12;
  for (int32_t y = b->dy; y < b->dy + b->h; y++) {
    const struct run r = run_at(&b->dest, b->dx, y, b->w);
    uint32_t word = halftone_word(b, y);
    if (b->rule == 0) word = 0;
    if (b->rule == 12) word = ~word;
    if (stores)
      store_run(&r, word);
    else
      fill_run(b, &r, word);
  }
}

/* ---- with a source ---- */

enum way { MAPPED, SHIFTED, ALIGNED, MOVED };

/* ALIGNED: the source's words are used where they are. MOVED: and they only replace others. */
static enum way way_of(const struct blit *b) {
  const struct form *s = &b->source, *d = &b->dest;
  if (s->depth != d->depth || s->lsb != d->lsb || b->map.has_shifts || b->map.table != NULL) return MAPPED;
  const bool in_phase = (((uint32_t)b->sx ^ (uint32_t)b->dx) & (form_per_word(d) - 1)) == 0;
  if (!in_phase || b->halftone != NULL) return SHIFTED;
  if (b->rule == 3) return MOVED;
  return shares_bits(b) && b->sy == b->dy ? SHIFTED : ALIGNED;
}

/* The words may overlap. */
static void move_run(const struct run *r, const uint32_t *src) {
  uint32_t *const dst = r->dst;
  const uint32_t last = r->n - 1, first_word = (dst[0] & ~r->first_mask) | (src[0] & r->first_mask),
                 last_word = (dst[last] & ~r->last_mask) | (src[last] & r->last_mask);
  memmove(dst, src, 4 * (size_t)r->n);
  dst[0] = first_word;
  dst[last] = last_word;
}

static void copy_run(struct blit *b, enum way way, const struct run *r, int32_t y, int32_t source_y) {
  if (way == MAPPED) {
    uint32_t pixels[RUN_ROOM];
    fetch_mapped(b, r, source_y, pixels);
    run_combine_pixels(b, r, y, pixels);
    return;
  }
  uint32_t words[RUN_WORDS];
  fetch_same(b, r, source_y, words);
  const uint32_t halftone = halftone_word(b, y);
  if (halftone != UINT32_MAX)
    for (uint32_t i = 0; i < r->n; i++) words[i] &= halftone;
  run_combine(b, r, words);
}

static void copy_row(struct blit *b, enum way way, int32_t row, bool from_right) {
  const int32_t y = b->dy + row, source_y = b->sy + row;
  const struct run r = run_at(&b->dest, b->dx, y, b->w);
  if (way >= ALIGNED) {
    const uint32_t *src = form_row(&b->source, source_y) + (uint32_t)b->sx / form_per_word(&b->source);
    if (way == MOVED)
      move_run(&r, src);
    else
      run_combine(b, &r, src);
    return;
  }
  const uint32_t step = run_words(&b->dest);
  if (r.n <= step) {
    copy_run(b, way, &r, y, source_y);
    return;
  }
  for (uint32_t at = 0; at < r.n; at += step) {
    const uint32_t first = from_right ? (r.n - 1 - at) / step * step : at;
    const struct run part = run_part(&b->dest, &r, first, r.n - first < step ? r.n - first : step);
    copy_run(b, way, &part, y, source_y);
  }
}

static void run_copying(struct blit *b) {
  const bool shared = shares_bits(b), from_below = shared && b->dy > b->sy;
  const bool from_right = shared && b->dy == b->sy && b->dx > b->sx;
  const enum way way = way_of(b);
  b->two_colours[0] = 0;
  b->two_colours[1] = 1;
  if (way == MAPPED && b->source.depth == 1)
    colour_map_pixels(&b->map, b->two_colours, 2, form_pixel_mask(&b->dest));
  for (int32_t i = 0; i < b->h; i++) copy_row(b, way, from_below ? b->h - 1 - i : i, from_right);
}

bool bitblt_run(struct blit *b) {
  if (b->rule == 5 || b->rule == 15) return true;
  if (!b->has_source) {
    run_filling(b);
    return true;
  }
  uint32_t *copy = NULL;
  const struct form source = b->source;
  const bool special = blend_takes_over(b);
  if ((special || !alike(&b->source, &b->dest)) && !bitblt_copy_source(b, &copy)) return false;
  if (special)
    blend_run(b);
  else
    run_copying(b);
  b->source = source; /* for the next blit of a line or a string */
  free(copy);
  return true;
}
