/* warp.c: WarpBlt: copies from any quadrilateral of the source, a pixel (or the mean of n × n subpixels) for
 * each of the destination. Coordinates of the source are whole numbers of 2^-14 pixels. */
#include <stdlib.h>

#include "plugins/bitblt/bitblt.h"
#include "primitives/checks.h"

enum { FRACTION_BITS = 14, ONE = 1 << FRACTION_BITS, RULE_PAINT = 25 };

uint32_t warp_read(oop o, struct warp *w) {
  if (obj_slots(o) < BB_WARP_FIELDS) return PRIM_ERR_BAD_RECEIVER;
  for (uint32_t corner = 0; corner < 4; corner++)
    for (uint32_t i = 0; i < 2; i++) {
      const oop field = obj_slot(o, BB_WARP + 3 * corner + i);
      if (field == mem.nil || !bitblt_whole(field, 0, &w->corners[corner][i])) return PRIM_ERR_BAD_RECEIVER;
    }
  return 0;
}

/* A side of the quadrilateral: where its steps begin, and one step. No sum of what is made of these passes
 * 2^36: a side of steps is no longer than the way between its corners and a pixel a step. */
struct side {
  int64_t at, step;
};
static struct side side_between(int64_t from, int64_t to, int64_t steps) {
  if (to > from) return (struct side){from, (to - from + ONE) / (steps + 1) + 1};
  if (to == from) return (struct side){from, 0};
  const int64_t step = -((from - to + ONE) / (steps + 1) + 1);
  return (struct side){to - steps * step, step};
}

struct walk {
  struct side left[2], right[2]; /* x and y, down the left and the right side */
  int64_t at[2], across[2];      /* the pixel, and the step to the next in its row */
};

/* The colour map for the means of subpixels, which have 8 bits a component. */
static void map_from_means(struct blit *b) {
  if (b->map.new_style) return;
  b->map.has_shifts = false;
  if (b->map.table != NULL)
    colour_map_convert(&b->map, 8, b->map.bits_per_colour);
  else if (b->dest.depth == 16)
    colour_map_convert(&b->map, 8, 5);
}

static uint32_t pixel_at(const struct form *f, int64_t x, int64_t y) {
  if (x < 0 || y < 0) return 0;
  x >>= FRACTION_BITS;
  y >>= FRACTION_BITS;
  return x < f->width && y < f->height ? form_pixel(f, (int32_t)x, (int32_t)y) : 0;
}

static uint32_t colour_of(const struct blit *b, const struct warp *w, uint32_t pixel) {
  if (b->source.depth < 16) return w->source_map[pixel];
  return b->source.depth == 16 ? colour_16_to_32(pixel) : pixel;
}

/* The mean colour around a pixel, as one of 32 bits. Painted, transparent subpixels do not count, and
 * where they are the most the pixel is transparent. */
static uint32_t mean_at(const struct blit *b, const struct warp *w, const struct walk *at) {
  const int64_t n = w->smoothing;
  const int64_t across[2] = {at->across[0] / n, at->across[1] / n};
  const int64_t down[2] = {at->left[0].step / n, at->left[1].step / n};
  uint64_t sums[4] = {0}, count = 0;
  for (int64_t j = 0; j < n; j++)
    for (int64_t k = 0; k < n; k++) {
      const uint32_t pixel = pixel_at(&b->source, at->at[0] + j * down[0] + k * across[0],
                                      at->at[1] + j * down[1] + k * across[1]);
      if (pixel == 0 && b->rule == RULE_PAINT) continue;
      const uint32_t colour = colour_of(b, w, pixel);
      for (uint32_t c = 0; c < 4; c++) sums[c] += colour >> 8 * c & 255;
      count++;
    }
  if (count == 0 || (b->rule == RULE_PAINT && (int64_t)count < n * n / 2)) return 0;
  uint32_t mean = 0;
  for (uint32_t c = 0; c < 4; c++) mean |= (uint32_t)(sums[c] / count) << 8 * c;
  colour_map_pixels(&b->map, &mean, 1, form_pixel_mask(&b->dest));
  return mean;
}

static void warp_pixels(const struct blit *b, const struct warp *w, struct walk *at, uint32_t n,
                        uint32_t *pixels) {
  for (uint32_t i = 0; i < n; i++) {
    pixels[i] = w->smoothing > 1 ? mean_at(b, w, at) : pixel_at(&b->source, at->at[0], at->at[1]);
    at->at[0] += at->across[0];
    at->at[1] += at->across[1];
  }
  if (w->smoothing <= 1) colour_map_pixels(&b->map, pixels, n, form_pixel_mask(&b->dest));
}

static void warp_row(struct blit *b, const struct warp *w, struct walk *at, int32_t y) {
  const struct run whole = run_at(&b->dest, b->dx, y, b->w);
  const uint32_t step = run_words(&b->dest);
  for (uint32_t first = 0; first < whole.n; first += step) {
    const struct run r = run_part(&b->dest, &whole, first, whole.n - first < step ? whole.n - first : step);
    uint32_t pixels[RUN_PIXELS] = {0};
    warp_pixels(b, w, at, (uint32_t)r.w, pixels + run_lead(&b->dest, &r));
    run_combine_pixels(b, &r, y, pixels);
  }
}

bool warp_run(struct blit *b, struct warp *w) {
  uint32_t *copy;
  if (!bitblt_copy_source(b, &copy)) return false;
  if (w->smoothing > 1) map_from_means(b);
  const int64_t down = b->height > 2 ? b->height - 1 : 1, across = b->width > 2 ? b->width - 1 : 1;
  const int64_t above = b->dest_y < b->clip_y ? b->clip_y - b->dest_y : 0;
  const int64_t before = b->dest_x < b->clip_x ? b->clip_x - b->dest_x : 0;
  struct walk at;
  for (uint32_t i = 0; i < 2; i++) {
    at.left[i] = side_between(w->corners[0][i], w->corners[1][i], down);
    at.right[i] = side_between(w->corners[3][i], w->corners[2][i], down);
    at.left[i].at += above * at.left[i].step;
    at.right[i].at += above * at.right[i].step;
  }
  for (int32_t y = b->dy; y < b->dy + b->h; y++) {
    for (uint32_t i = 0; i < 2; i++) {
      const struct side row = side_between(at.left[i].at, at.right[i].at, across);
      at.across[i] = row.step;
      at.at[i] = row.at + before * row.step;
      at.left[i].at += at.left[i].step;
      at.right[i].at += at.right[i].step;
    }
    warp_row(b, w, &at, y);
  }
  free(copy);
  return true;
}
