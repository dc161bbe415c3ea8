/* fills.c: what spans are filled with: colors, gradients, bitmaps. */
#include <math.h>

#include "plugins/balloon/balloon.h"

/* ---- making fills ---- */

/* How far the fill's own coordinates, with 16 bits of fraction, go in a subpixel along each axis. */
static void set_orientation(struct balloon *b, int32_t fill, struct orientation o, int32_t width,
                            int32_t height) {
  const double one = 65536;
  o.direction.x += o.origin.x;
  o.direction.y += o.origin.y;
  o.normal.x += o.origin.x;
  o.normal.y += o.origin.y;
  balloon_transform(b, &o.origin);
  balloon_transform(b, &o.direction);
  balloon_transform(b, &o.normal);
  const double dir_x = (double)o.direction.x - o.origin.x, dir_y = (double)o.direction.y - o.origin.y;
  const double nrm_x = (double)o.normal.x - o.origin.x, nrm_y = (double)o.normal.y - o.origin.y;
  const double dir = dir_x * dir_x + dir_y * dir_y, nrm = nrm_x * nrm_x + nrm_y * nrm_y;
  *obj(b, fill, FILL_ORIGIN_X) = o.origin.x;
  *obj(b, fill, FILL_ORIGIN_Y) = o.origin.y;
  *obj(b, fill, FILL_DIRECTION_X) = dir > 0 ? balloon_int(dir_x * width * one / dir) : 0;
  *obj(b, fill, FILL_DIRECTION_Y) = dir > 0 ? balloon_int(dir_y * width * one / dir) : 0;
  *obj(b, fill, FILL_NORMAL_X) = nrm > 0 ? balloon_int(nrm_x * height * one / nrm) : 0;
  *obj(b, fill, FILL_NORMAL_Y) = nrm > 0 ? balloon_int(nrm_y * height * one / nrm) : 0;
}

/* Colors out of words, transformed where there is a transform. */
static void set_colors(struct balloon *b, int32_t fill, int32_t field, oop colors, int32_t n) {
  for (int32_t i = 0; i < n; i++) {
    const int32_t color = (int32_t)obj_slot(colors, (uint32_t)i);
    *obj(b, fill, field + i) =
        b->work[WORK_HAS_COLOR_TRANSFORM] != 0 ? balloon_transform_color(b, color) : color;
  }
}

int32_t balloon_new_gradient(struct balloon *b, oop ramp, struct orientation o, bool radial) {
  const int32_t n = (int32_t)obj_slots(ramp);
  const int32_t fill = balloon_new(b, radial ? TYPE_RADIAL : TYPE_LINEAR, GRADIENT_RAMP + n);
  if (b->stopped) return 0;
  set_colors(b, fill, GRADIENT_RAMP, ramp, n);
  *obj(b, fill, GRADIENT_LENGTH) = n;
  if (!b->stopped) set_orientation(b, fill, o, n, n);
  return fill;
}

int32_t balloon_new_bitmap(struct balloon *b, oop form, oop colors, bool tiled, struct orientation o,
                           int32_t index, bool *bad) {
  struct form f;
  *bad = !bitblt_read_form(form, &f) || f.lsb ||
         !(colors == mem.nil || (oop_is_words(colors) && obj_slots(colors) == (uint64_t)1 << f.depth));
  if (*bad) return 0;
  const int32_t n = colors == mem.nil ? 0 : (int32_t)obj_slots(colors);
  const int32_t fill = balloon_new(b, TYPE_BITMAP, BITMAP_COLORS + n);
  if (b->stopped) return 0;
  set_colors(b, fill, BITMAP_COLORS, colors, n);
  *obj(b, fill, BITMAP_COLORS_SIZE) = n;
  *obj(b, fill, BITMAP_WIDTH) = f.width;
  *obj(b, fill, BITMAP_HEIGHT) = f.height;
  *obj(b, fill, BITMAP_DEPTH) = (int32_t)f.depth;
  *obj(b, fill, BITMAP_RASTER) = (int32_t)f.pitch;
  *obj(b, fill, BITMAP_SIZE) = (int32_t)(f.pitch * (uint32_t)f.height);
  *obj(b, fill, BITMAP_TILED) = tiled ? 1 : 0;
  *obj(b, fill, OBJ_INDEX) = index;
  if (!b->stopped) set_orientation(b, fill, o, f.width, f.height);
  return fill;
}

/* ---- the span ---- */

/* A span in subpixels. Those of whole pixels, from `first` to `last`, are drawn together with the color of
 * the first one; so the sum of a pixel's subpixels is at most a whole color. */
struct pen {
  int32_t x, first, last, right, level;
  uint32_t shift, mask, whole_mask;
};

static struct pen pen_from(const struct balloon *b, int32_t left, int32_t right) {
  static const uint32_t masks[3] = {0xFFFFFFFF, 0xFCFCFCFC, 0xF0F0F0F0};
  struct pen p = {.x = left, .right = right, .level = aa_level(b), .shift = aa_shift(b)};
  p.first = (left + p.level - 1) & ~(p.level - 1);
  if (p.first > right) p.first = right;
  p.last = (right - 1) & ~(p.level - 1);
  p.mask = masks[p.shift];
  p.whole_mask = p.mask >> p.shift | 0xF0F0F0F0;
  return p;
}
static inline bool is_whole(const struct pen *p) { return p->x >= p->first && p->x < p->last; }
/* How many subpixels the next color is for. */
static inline int32_t pen_step(const struct pen *p) { return is_whole(p) ? p->level : 1; }

static inline void pen_draw(struct balloon *b, const struct pen *p, uint32_t color) {
  const uint32_t i = (uint32_t)(p->x >> p->shift);
  if (i >= b->span_size)
    balloon_broken(b);
  else if (p->level == 1)
    b->span[i] = color;
  else
    b->span[i] += is_whole(p) ? (color & p->whole_mask) >> p->shift : (color & p->mask) >> (2 * p->shift);
}

static void fill_color(struct balloon *b, uint32_t color, int32_t left, int32_t right) {
  for (struct pen p = pen_from(b, left, right); p.x < p.right && !b->broken; p.x += pen_step(&p))
    pen_draw(b, &p, color);
}

void balloon_clear_span(struct balloon *b) {
  const uint32_t shift = aa_shift(b);
  uint32_t end = ((uint32_t)b->work[WORK_SPAN_END] >> shift) + 1;
  if (end > b->span_size) end = b->span_size;
  for (uint32_t i = (uint32_t)b->work[WORK_SPAN_START] >> shift; i < end; i++) b->span[i] = 0;
  b->work[WORK_SPAN_START] = b->work[WORK_SPAN_SIZE];
  b->work[WORK_SPAN_END] = 0;
}

void balloon_merge_fill(struct balloon *b, const uint32_t *pixels, int32_t left, int32_t right) {
  struct pen p = pen_from(b, left, right);
  p.last = p.first; /* each subpixel on its own */
  for (; p.x < right && !b->broken; p.x++) pen_draw(b, &p, *pixels++);
  if (right > b->work[WORK_SPAN_END]) b->work[WORK_SPAN_END] = right;
  if (right > b->work[WORK_SPAN_END_AA]) b->work[WORK_SPAN_END_AA] = right;
}

/* ---- where a span is in a fill ---- */

/* Coordinates in the fill, with 16 bits of fraction, and their steps. */
struct place {
  int32_t s, t, step_s, step_t;
};
static struct place place_at(struct balloon *b, int32_t fill, int32_t x, int32_t y) {
  const int32_t dx = x - *obj(b, fill, FILL_ORIGIN_X), dy = y - *obj(b, fill, FILL_ORIGIN_Y);
  struct place p = {.step_s = *obj(b, fill, FILL_DIRECTION_X), .step_t = *obj(b, fill, FILL_NORMAL_X)};
  p.s = dx * p.step_s + dy * *obj(b, fill, FILL_DIRECTION_Y);
  p.t = dx * p.step_t + dy * *obj(b, fill, FILL_NORMAL_Y);
  return p;
}
static inline void advance(struct place *p, int32_t subpixels) {
  p->s += p->step_s * subpixels;
  p->t += p->step_t * subpixels;
}
static uint32_t ramp_at(struct balloon *b, int32_t fill, int32_t i) {
  return (uint32_t)*obj(b, fill, GRADIENT_RAMP + i);
}

/* ---- linear gradients ---- */

static void fill_linear(struct balloon *b, int32_t fill, int32_t left, int32_t right) {
  const int32_t n = *obj(b, fill, GRADIENT_LENGTH);
  struct place at = place_at(b, fill, left, b->work[WORK_CURRENT_Y]);
  int32_t x = left, i;
  /* What is outside of the ramp has the color of its near end. */
  while (i = at.s >> 16, (i < 0 || i >= n) && x < right) {
    x++;
    advance(&at, 1);
  }
  if (x > left) fill_color(b, ramp_at(b, fill, i < 0 ? 0 : i >= n ? n - 1 : i), left, x);
  struct pen p = pen_from(b, x, right);
  int32_t inside = i;
  while (p.x < right && !b->broken) {
    const int32_t step = pen_step(&p);
    inside = at.s >> 16;
    if (inside < 0 || inside >= n) break;
    pen_draw(b, &p, ramp_at(b, fill, inside));
    p.x += step;
    advance(&at, step);
  }
  if (p.x >= right) return;
  /* With anti-aliasing the rest has the color that the inside began with: so is the definition. */
  if (p.level == 1) i = inside;
  fill_color(b, ramp_at(b, fill, i < 0 ? 0 : i >= n ? n - 1 : i), p.x, right);
}

/* ---- radial gradients ---- */

static int64_t square(int64_t v) { return v * v; }
static int64_t squared_radius(const struct place *at) { return square(at->s >> 16) + square(at->t >> 16); }
static int32_t radius(const struct place *at) { return balloon_int(sqrt((double)squared_radius(at)) + 0.5); }

/* Towards the center. */
static int32_t fill_inwards(struct balloon *b, int32_t fill, struct place *at, int32_t left, int32_t right) {
  const int32_t center = *obj(b, fill, FILL_ORIGIN_X);
  struct pen p = pen_from(b, left, center < right ? center : right);
  int32_t i = radius(at);
  while (p.x < p.right && !b->broken) {
    const int32_t step = pen_step(&p);
    while (i > 0 && squared_radius(at) < square((int64_t)i - 1)) i--;
    pen_draw(b, &p, ramp_at(b, fill, i));
    p.x += step;
    advance(at, step);
  }
  return p.x;
}

/* And away from it, to where the ramp ends; that is looked for where the ramp's next color is due, and where
 * whole pixels begin and end. */
static int32_t fill_outwards(struct balloon *b, int32_t fill, struct place *at, int32_t left, int32_t right) {
  const int64_t end = square((int64_t)*obj(b, fill, GRADIENT_LENGTH) - 1);
  struct pen p = pen_from(b, left, right);
  int32_t i = radius(at);
  bool look = true;
  while (p.x < right && !b->broken) {
    const int64_t here = squared_radius(at);
    if (here > square((int64_t)i + 1)) {
      while (here > square((int64_t)i + 1)) i++;
      look = true;
    }
    if ((look || (p.level > 1 && (p.x == p.first || p.x == p.last))) && here >= end) break;
    look = false;
    const int32_t step = pen_step(&p);
    pen_draw(b, &p, ramp_at(b, fill, i));
    p.x += step;
    advance(at, step);
  }
  return p.x;
}

static void fill_radial(struct balloon *b, int32_t fill, int32_t left, int32_t right) {
  const int32_t n = *obj(b, fill, GRADIENT_LENGTH);
  const int64_t end = square((int64_t)n - 1);
  struct place at = place_at(b, fill, left, b->work[WORK_CURRENT_Y]);
  int32_t x = left;
  while (x < right && squared_radius(&at) >= end) {
    x++;
    advance(&at, 1);
  }
  if (x > left) fill_color(b, ramp_at(b, fill, n - 1), left, x);
  if (x < *obj(b, fill, FILL_ORIGIN_X)) x = fill_inwards(b, fill, &at, x, right);
  if (x < right) x = fill_outwards(b, fill, &at, x, right);
  if (x < right) fill_color(b, ramp_at(b, fill, n - 1), x, right);
}

/* ---- bitmaps ---- */

/* The Form's bits, if it is still the one that the fill was made for. */
static bool load_bits(struct balloon *b, int32_t fill, struct form *f) {
  const int32_t index = *obj(b, fill, OBJ_INDEX);
  return index >= 0 && (uint32_t)index < obj_slots(b->forms) &&
         bitblt_read_form(obj_slot(b->forms, (uint32_t)index), f) &&
         f->width == *obj(b, fill, BITMAP_WIDTH) && f->height == *obj(b, fill, BITMAP_HEIGHT) &&
         (int32_t)f->depth == *obj(b, fill, BITMAP_DEPTH) && !f->lsb;
}

static uint32_t widened(uint32_t five_bits) { return five_bits << 3 | five_bits >> 2; }

static uint32_t bitmap_pixel(struct balloon *b, int32_t fill, const struct form *f, int32_t x, int32_t y) {
  uint32_t v = form_pixel(f, x, y);
  if (f->depth == 32) {
    if (v != 0 && v >> 24 == 0) v |= 0xFF000000;
  } else if (f->depth == 16) {
    if (v != 0) v = 0xFF000000 | widened(v >> 10 & 31) << 16 | widened(v >> 5 & 31) << 8 | widened(v & 31);
  } else {
    const uint32_t colors = (uint32_t)*obj(b, fill, BITMAP_COLORS_SIZE);
    v = v < colors ? (uint32_t)*obj(b, fill, BITMAP_COLORS + (int32_t)v) : 0;
  }
  return (uint32_t)balloon_transform_pixel(b, (int32_t)v);
}

static int32_t repeated(int32_t v, int32_t size) {
  const int64_t period = (int64_t)size * 65536, rest = v % period;
  return (int32_t)(rest < 0 ? rest + period : rest);
}
static int32_t within(int32_t v, int32_t size) { return v < 0 ? 0 : v >= size ? size - 1 : v; }

static void fill_bitmap(struct balloon *b, int32_t fill, int32_t left, int32_t right) {
  struct form f;
  if (!load_bits(b, fill, &f) || f.width == 0 || f.height == 0) return;
  const bool tiled = *obj(b, fill, BITMAP_TILED) == 1;
  struct place at = place_at(b, fill, left, b->work[WORK_CURRENT_Y]);
  struct pen p = pen_from(b, left, right);
  while (p.x < right && !b->broken) {
    const int32_t step = pen_step(&p);
    if (tiled) {
      at.s = repeated(at.s, f.width);
      at.t = repeated(at.t, f.height);
    }
    pen_draw(b, &p, bitmap_pixel(b, fill, &f, within(at.s >> 16, f.width), within(at.t >> 16, f.height)));
    p.x += step;
    advance(&at, step);
  }
}

/* ---- any fill ---- */

bool balloon_fill_span(struct balloon *b, int32_t fill, int32_t left, int32_t right) {
  int32_t *const w = b->work;
  const int64_t end = (int64_t)b->span_size << aa_shift(b);
  if (fill == 0) return false;
  if (left < w[WORK_SPAN_END_AA]) left = w[WORK_SPAN_END_AA];
  if (right > end) right = (int32_t)end;
  if (left < w[WORK_FILL_MIN_X]) left = w[WORK_FILL_MIN_X];
  if (right > w[WORK_FILL_MAX_X]) right = w[WORK_FILL_MAX_X];
  if (left < w[WORK_SPAN_START]) w[WORK_SPAN_START] = left;
  if (right > w[WORK_SPAN_END]) w[WORK_SPAN_END] = right;
  if (right > w[WORK_SPAN_END_AA]) w[WORK_SPAN_END_AA] = right;
  if (left >= right) return false;
  if (fill_is_color(fill)) {
    fill_color(b, (uint32_t)fill, left, right);
    return false;
  }
  w[WORK_LAST_FILL] = fill;
  w[WORK_LAST_LEFT_X] = left;
  w[WORK_LAST_RIGHT_X] = right;
  switch (obj_type(b, fill) & TYPE_FILLS) {
    case 0:
    case TYPE_FILL: return true;
    case TYPE_LINEAR: fill_linear(b, fill, left, right); break;
    case TYPE_RADIAL: fill_radial(b, fill, left, right); break;
    case TYPE_BITMAP:
    case TYPE_BITMAP + TYPE_FILL: fill_bitmap(b, fill, left, right); break;
  }
  return false;
}
