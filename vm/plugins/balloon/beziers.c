/* beziers.c: quadratic curves: split until each goes one way only and is neither long nor flat, then stepped
 * by forward differences. */
#include "plugins/balloon/balloon.h"

/* Curves that wait on the stack: six words each; the name is the height of the stack with the curve on it. */
enum { CURVE_START_X, CURVE_START_Y, CURVE_VIA_X, CURVE_VIA_Y, CURVE_END_X, CURVE_END_Y, CURVE_SIZE };
enum { MAX_LINES = 255, MAX_FLATNESS = 32 }; /* what forward differences can do: lines, and how flat */

struct curve {
  struct balloon_point start, via, end;
};

static int32_t *curve_word(struct balloon *b, int32_t curve, int32_t word) {
  return balloon_word(b, (int64_t)b->size - curve + word);
}
static struct curve read_curve(struct balloon *b, int32_t curve) {
  return (struct curve){{*curve_word(b, curve, CURVE_START_X), *curve_word(b, curve, CURVE_START_Y)},
                        {*curve_word(b, curve, CURVE_VIA_X), *curve_word(b, curve, CURVE_VIA_Y)},
                        {*curve_word(b, curve, CURVE_END_X), *curve_word(b, curve, CURVE_END_Y)}};
}
static void write_curve(struct balloon *b, int32_t curve, const struct curve *c) {
  *curve_word(b, curve, CURVE_START_X) = c->start.x;
  *curve_word(b, curve, CURVE_START_Y) = c->start.y;
  *curve_word(b, curve, CURVE_VIA_X) = c->via.x;
  *curve_word(b, curve, CURVE_VIA_Y) = c->via.y;
  *curve_word(b, curve, CURVE_END_X) = c->end.x;
  *curve_word(b, curve, CURVE_END_Y) = c->end.y;
}
/* A new curve on the stack; 0 without space. */
static int32_t push_curve(struct balloon *b) {
  return balloon_push(b, CURVE_SIZE) ? balloon_stack_size(b) : 0;
}

/* ---- splitting ---- */

/* The first part stays, the second is pushed and named. */
static int32_t write_parts(struct balloon *b, int32_t curve, const struct curve *first,
                           const struct curve *second) {
  const int32_t new = push_curve(b);
  if (b->stopped) return 0;
  write_curve(b, curve, first);
  write_curve(b, new, second);
  return new;
}

static int32_t middle(int32_t from, int32_t to) { return from + ((to - from) >> 1); }
static struct balloon_point middle_point(struct balloon_point a, struct balloon_point c) {
  return (struct balloon_point){middle(a.x, c.x), middle(a.y, c.y)};
}
static int32_t split_in_half(struct balloon *b, int32_t curve) {
  const struct curve c = read_curve(b, curve);
  const struct balloon_point left = middle_point(c.start, c.via), right = middle_point(c.via, c.end);
  const struct balloon_point shared = middle_point(right, left);
  return write_parts(b, curve, &(struct curve){c.start, left, shared}, &(struct curve){shared, right, c.end});
}

static int32_t between(int32_t v, int32_t a, int32_t c) {
  const int32_t low = a < c ? a : c, high = a < c ? c : a;
  return v < low ? low : v > high ? high : v;
}
static struct balloon_point point_between(struct balloon_point a, struct balloon_point c, double t) {
  return (struct balloon_point){a.x + balloon_int(((double)c.x - a.x) * t),
                                a.y + balloon_int(((double)c.y - a.y) * t)};
}
static int32_t split_at(struct balloon *b, int32_t curve, double t) {
  const struct curve c = read_curve(b, curve);
  struct balloon_point left = point_between(c.start, c.via, t), right = point_between(c.via, c.end, t);
  const struct balloon_point shared = point_between(left, right, t);
  left.y = between(left.y, c.start.y, shared.y);
  right.y = between(right.y, shared.y, c.end.y);
  return write_parts(b, curve, &(struct curve){c.start, left, shared}, &(struct curve){shared, right, c.end});
}

/* Where a curve turns back in a dimension it is split. Answers the second part, else the curve. */
static int32_t split_where_it_turns(struct balloon *b, int32_t curve, int32_t dimension) {
  const int64_t start = *curve_word(b, curve, CURVE_START_X + dimension);
  const int64_t via = *curve_word(b, curve, CURVE_VIA_X + dimension);
  const int64_t end = *curve_word(b, curve, CURVE_END_X + dimension);
  const int64_t there = via - start, back = end - via;
  if (there == 0 || back == 0 || (there < 0) == (back < 0)) return curve;
  b->work[WORK_MONOTONE_SUBDIVISIONS]++;
  const double total = (double)(back - there);
  return split_at(b, curve, (there < 0 ? -(double)there : (double)there) / (total < 0 ? -total : total));
}

static int32_t greater(int32_t a, int32_t c) { return a > c ? a : c; }

/* The last of the parts. */
static int32_t make_monotone(struct balloon *b, int32_t curve, bool in_x) {
  enum { X, Y };
  const int32_t second = split_where_it_turns(b, curve, Y);
  int32_t last = second;
  if (!in_x || b->stopped) return last;
  last = greater(split_where_it_turns(b, curve, X), last);
  if (second != curve && !b->stopped) last = greater(split_where_it_turns(b, second, X), last);
  return last;
}

static int32_t distance(int32_t a, int32_t c) { return a > c ? a - c : c - a; }

/* Splits until it is short and steep enough; the last of the parts. */
static int32_t subdivide(struct balloon *b, int32_t curve) {
  const struct curve c = read_curve(b, curve);
  const int32_t lines = distance(c.end.y, c.start.y);
  if (lines == 0) return curve;
  if (lines > MAX_LINES)
    b->work[WORK_HEIGHT_SUBDIVISIONS]++;
  else if (lines * MAX_FLATNESS < distance(c.end.x, c.start.x))
    b->work[WORK_OVERFLOW_SUBDIVISIONS]++;
  else
    return curve;
  const int32_t other = split_in_half(b, curve);
  if (b->stopped) return 0;
  const int32_t last = subdivide(b, curve);
  return b->stopped ? 0 : greater(subdivide(b, other), last);
}

/* ---- edges of curves ---- */

static void new_bezier(struct balloon *b, const struct curve *c, struct stroke s, int32_t left_fill,
                       int32_t right_fill) {
  const bool wide = stroke_is_seen(s), down = c->end.y >= c->start.y;
  const struct balloon_point top = down ? c->start : c->end, bottom = down ? c->end : c->start;
  const int32_t above = wide ? half_width(s.width) : 0;
  const int32_t bezier =
      balloon_new(b, wide ? TYPE_BEZIER | TYPE_WIDE : TYPE_BEZIER, wide ? BEZIER_WIDE_SIZE : BEZIER_SIZE);
  if (b->stopped) return;
  *obj(b, bezier, EDGE_X) = top.x;
  *obj(b, bezier, EDGE_Y) = top.y - above;
  *obj(b, bezier, EDGE_Z) = b->work[WORK_CURRENT_Z];
  *obj(b, bezier, EDGE_LEFT_FILL) = left_fill;
  *obj(b, bezier, EDGE_RIGHT_FILL) = right_fill;
  *obj(b, bezier, BEZIER_VIA_X) = c->via.x;
  *obj(b, bezier, BEZIER_VIA_Y) = c->via.y - above;
  *obj(b, bezier, BEZIER_END_X) = bottom.x;
  *obj(b, bezier, BEZIER_END_Y) = bottom.y - above;
  if (!wide) return;
  *obj(b, bezier, BEZIER_WIDE_FILL) = s.fill;
  *obj(b, bezier, BEZIER_WIDE_WIDTH) = s.width;
  *obj(b, bezier, BEZIER_WIDE_EXTENT) = s.width;
}

void balloon_add_bezier(struct balloon *b, struct balloon_point from, struct balloon_point via,
                        struct balloon_point to, struct stroke s, int32_t left_fill, int32_t right_fill) {
  const int32_t first = push_curve(b);
  if (b->stopped) return;
  write_curve(b, first, &(struct curve){from, via, to});
  int32_t last = make_monotone(b, first, stroke_is_seen(s));
  for (int32_t curve = first; curve <= last && !b->stopped; curve += CURVE_SIZE)
    last = greater(subdivide(b, curve), last);
  if (!b->stopped && !balloon_has_space(b, (int64_t)(last / CURVE_SIZE) * BEZIER_SIZE)) return;
  for (int32_t curve = last; curve > 0 && !b->stopped; curve -= CURVE_SIZE) {
    const struct curve c = read_curve(b, curve);
    new_bezier(b, &c, s, left_fill, right_fill);
  }
  if (!b->stopped) balloon_clear_stack(b);
}

/* ---- stepping ---- */

/* The square of a number below 1 with 24 bits of fraction. */
static int32_t squared(int32_t v) {
  const uint32_t low = (uint32_t)v & 0xFFFF, high = (uint32_t)v >> 16 & 255;
  return (int32_t)((((low * low) >> 16) + low * high * 2 + (high * high << 16)) >> 8);
}

/* Until the line is reached, or the curve does not go down any more. */
static void step_down(struct balloon *b, int32_t bezier, int32_t update, int32_t y) {
  enum { HALF = 1 << 15 };
  int32_t *const u = obj(b, bezier, update);
  if (obj(b, bezier, update + UPDATE_SIZE - 1) != u + UPDATE_SIZE - 1) return;
  while (y * 256 > u[UPDATE_Y] && u[UPDATE_DY] >= 0 && balloon_spend(b)) {
    u[UPDATE_X] += (u[UPDATE_DX] + HALF) >> 16;
    u[UPDATE_Y] += (u[UPDATE_DY] + HALF) >> 16;
    u[UPDATE_DX] += u[UPDATE_DDX];
    u[UPDATE_DY] += u[UPDATE_DDY];
  }
}

void bezier_next(struct balloon *b, int32_t bezier, int32_t y) {
  step_down(b, bezier, BEZIER_UPDATE, y);
  *obj(b, bezier, EDGE_X) = *obj(b, bezier, BEZIER_UPDATE + UPDATE_X) >> 8;
}

/* The differences of one dimension, in steps of 1/2^24 of the curve. */
static void set_differences(struct balloon *b, int32_t bezier, int32_t which, int32_t start, int32_t via,
                            int32_t end, int32_t step) {
  const int32_t second = (start + end - via * 2) * squared(step) * 2;
  *obj(b, bezier, BEZIER_UPDATE + UPDATE_X + which) = start * 256;
  *obj(b, bezier, BEZIER_UPDATE + UPDATE_DX + which) = (via - start) * 2 * step + (second >> 1);
  *obj(b, bezier, BEZIER_UPDATE + UPDATE_DDX + which) = second;
}

void bezier_first(struct balloon *b, int32_t bezier, int32_t y) {
  enum { ONE = 1 << 24, X = 0, Y = 1 };
  const struct balloon_point start = {*obj(b, bezier, EDGE_X), *obj(b, bezier, EDGE_Y)};
  const struct balloon_point via = {*obj(b, bezier, BEZIER_VIA_X), *obj(b, bezier, BEZIER_VIA_Y)};
  const struct balloon_point end = {*obj(b, bezier, BEZIER_END_X), *obj(b, bezier, BEZIER_END_Y)};
  if (!edge_is_wide(b, bezier) && y >= end.y) {
    *obj(b, bezier, EDGE_LINES) = 0;
    return;
  }
  const int32_t lines = end.y - start.y, steps = lines * 2 < 2 ? 2 : lines * 2, step = ONE / steps;
  set_differences(b, bezier, X, start.x, via.x, end.x, step);
  set_differences(b, bezier, Y, start.y, via.y, end.y, step);
  *obj(b, bezier, EDGE_LINES) = lines;
  if (start.y == y) return;
  bezier_next(b, bezier, y);
  *obj(b, bezier, EDGE_LINES) = lines - (y - start.y);
}

/* ---- wide curves: two of them, a brush apart ---- */

static void set_band(struct balloon *b, int32_t bezier) {
  const int32_t one = *obj(b, bezier, BEZIER_UPDATE + UPDATE_X) >> 8;
  const int32_t other = *obj(b, bezier, BEZIER_WIDE_UPDATE + UPDATE_X) >> 8;
  const int32_t extent = *obj(b, bezier, BEZIER_WIDE_EXTENT), apart = one > other ? one - other : other - one;
  *obj(b, bezier, EDGE_X) = one > other ? other : one;
  *obj(b, bezier, BEZIER_WIDE_WIDTH) = apart > extent ? apart : extent;
}

void wide_bezier_next(struct balloon *b, int32_t bezier, int32_t y) {
  const int32_t entry = ++*obj(b, bezier, BEZIER_WIDE_ENTRY), exit = ++*obj(b, bezier, BEZIER_WIDE_EXIT);
  const int32_t half = half_width(*obj(b, bezier, BEZIER_WIDE_EXTENT));
  if (entry >= half) edge_fills(b, bezier, true);
  if (exit >= 0) edge_fills(b, bezier, false);
  if (exit + half < 0)
    step_down(b, bezier, BEZIER_UPDATE, y);
  else
    *obj(b, bezier, BEZIER_UPDATE + UPDATE_X) = *obj(b, bezier, BEZIER_FINAL_X) * 256;
  step_down(b, bezier, BEZIER_WIDE_UPDATE, y);
  set_band(b, bezier);
}

/* One of the two begins at the top of the brush, the other at its bottom, on the side that the curve leaves.
 */
static void set_sides(struct balloon *b, int32_t bezier, int32_t end_x) {
  const int32_t extent = *obj(b, bezier, BEZIER_WIDE_EXTENT), half = half_width(extent);
  const bool right = *obj(b, bezier, BEZIER_UPDATE + UPDATE_DX) >= 0;
  *obj(b, bezier, BEZIER_UPDATE + UPDATE_X) += (right ? half : -half) * 256;
  *obj(b, bezier, BEZIER_WIDE_UPDATE + UPDATE_X) += (right ? half - extent : extent - half) * 256;
  *obj(b, bezier, BEZIER_WIDE_UPDATE + UPDATE_Y) += extent * 256;
  *obj(b, bezier, BEZIER_FINAL_X) = end_x - half + (right ? extent : 0);
}

void wide_bezier_first(struct balloon *b, int32_t bezier, int32_t y) {
  const int32_t extent = *obj(b, bezier, BEZIER_WIDE_EXTENT), half = half_width(extent);
  const int32_t end_x = *obj(b, bezier, BEZIER_END_X), start = *obj(b, bezier, EDGE_Y);
  bezier_first(b, bezier, start);
  const int32_t lines = *obj(b, bezier, EDGE_LINES);
  for (int32_t i = 0; i < UPDATE_SIZE; i++)
    *obj(b, bezier, BEZIER_WIDE_UPDATE + i) = *obj(b, bezier, BEZIER_UPDATE + i);
  set_sides(b, bezier, end_x);
  if (lines == 0) *obj(b, bezier, BEZIER_UPDATE + UPDATE_X) = *obj(b, bezier, BEZIER_FINAL_X) * 256;
  *obj(b, bezier, EDGE_LINES) = lines + extent;
  *obj(b, bezier, BEZIER_WIDE_ENTRY) = 0;
  *obj(b, bezier, BEZIER_WIDE_EXIT) = 0 - lines - half;
  edge_fills(b, bezier, 0 >= half && 0 - lines - half < 0);
  set_band(b, bezier);
  for (int32_t i = start; i < y && balloon_spend(b); i++) wide_bezier_next(b, bezier, i);
  if (start != y) *obj(b, bezier, EDGE_LINES) -= y - start;
}
