/* shapes.c: ovals, polygons and shapes, each made of lines and curves. */
#include <math.h>
#include <string.h>

#include "plugins/balloon/balloon.h"

/* ---- ovals: sixteen curves ---- */

enum { OVAL_SEGMENTS = 16 };

/* Cosines of the 33 halves of segments. The definition has them as decimal fractions, some of which are not
 * quite what a function gives; so has this. */
static const double cosines[2 * OVAL_SEGMENTS + 1] = {1.0,
                                                      0.98078528040323,
                                                      0.923879532511287,
                                                      0.831469612302545,
                                                      0.7071067811865475,
                                                      0.555570233019602,
                                                      0.38268343236509,
                                                      0.1950903220161286,
                                                      0.0,
                                                      -0.1950903220161283,
                                                      -0.3826834323650896,
                                                      -0.555570233019602,
                                                      -0.707106781186547,
                                                      -0.831469612302545,
                                                      -0.9238795325112865,
                                                      -0.98078528040323,
                                                      -1.0,
                                                      -0.98078528040323,
                                                      -0.923879532511287,
                                                      -0.831469612302545,
                                                      -0.707106781186548,
                                                      -0.555570233019602,
                                                      -0.3826834323650903,
                                                      -0.1950903220161287,
                                                      0.0,
                                                      0.1950903220161282,
                                                      0.38268343236509,
                                                      0.555570233019602,
                                                      0.707106781186547,
                                                      0.831469612302545,
                                                      0.9238795325112865,
                                                      0.98078528040323,
                                                      1.0};
static const double sines[2 * OVAL_SEGMENTS + 1] = {0.0,
                                                    0.1950903220161282,
                                                    0.3826834323650897,
                                                    0.555570233019602,
                                                    0.707106781186547,
                                                    0.831469612302545,
                                                    0.923879532511287,
                                                    0.98078528040323,
                                                    1.0,
                                                    0.98078528040323,
                                                    0.923879532511287,
                                                    0.831469612302545,
                                                    0.7071067811865475,
                                                    0.555570233019602,
                                                    0.38268343236509,
                                                    0.1950903220161286,
                                                    0.0,
                                                    -0.1950903220161283,
                                                    -0.3826834323650896,
                                                    -0.555570233019602,
                                                    -0.707106781186547,
                                                    -0.831469612302545,
                                                    -0.9238795325112865,
                                                    -0.98078528040323,
                                                    -1.0,
                                                    -0.98078528040323,
                                                    -0.923879532511287,
                                                    -0.831469612302545,
                                                    -0.707106781186548,
                                                    -0.555570233019602,
                                                    -0.3826834323650903,
                                                    -0.1950903220161287,
                                                    0.0};

void balloon_add_oval(struct balloon *b, struct balloon_point from, struct balloon_point to, struct stroke s,
                      int32_t left_fill, int32_t right_fill) {
  const int32_t w = (to.x - from.x) >> 1, h = (to.y - from.y) >> 1;
  const int32_t center_x = (to.x + from.x) >> 1, center_y = (to.y + from.y) >> 1;
  for (int i = 0; i < OVAL_SEGMENTS && !b->stopped; i++) {
    struct balloon_point p[3];
    for (int k = 0; k < 3; k++) {
      p[k].x = balloon_int(cosines[2 * i + k] * w + center_x);
      p[k].y = balloon_int(sines[2 * i + k] * h + center_y);
    }
    /* The middle one is on the curve: the one that controls it is twice as far. */
    p[1].x = p[1].x * 2 - ((p[0].x + p[2].x) >> 1);
    p[1].y = p[1].y * 2 - ((p[0].y + p[2].y) >> 1);
    for (int k = 0; k < 3; k++) balloon_transform(b, &p[k]);
    balloon_add_bezier(b, p[0], p[1], p[2], s, left_fill, right_fill);
  }
}

/* ---- points ---- */

bool balloon_read_points(oop o, int32_t count, struct balloon_points *points) {
  *points = (struct balloon_points){.array = o, .is_array = oop_is_array(o)};
  if (count < 0 || (!points->is_array && !oop_is_words(o))) return false;
  const int64_t size = obj_slots(o);
  points->is_short = size == count;
  return size == count || (!points->is_array && size == 2 * (int64_t)count);
}

bool balloon_point_at(const struct balloon_points *points, uint32_t i, struct balloon_point *p) {
  if (points->is_array) return balloon_read_point(obj_slot(points->array, i), p);
  if (points->is_short) {
    int16_t halves[2];
    memcpy(halves, obj_bytes(points->array) + 4 * (size_t)i, sizeof halves);
    *p = (struct balloon_point){halves[0], halves[1]};
  } else {
    memcpy(p, obj_bytes(points->array) + 8 * (size_t)i, sizeof *p);
  }
  return true;
}

static bool same(struct balloon_point a, struct balloon_point c) { return a.x == c.x && a.y == c.y; }

/* ---- polygons and shapes ---- */

bool balloon_add_polygon(struct balloon *b, const struct balloon_points *points, int32_t count,
                         struct stroke s, int32_t fill) {
  struct balloon_point last, next;
  if (count == 0) return true;
  if (!balloon_point_at(points, 0, &last)) return false;
  for (int32_t i = 1; i < count && !b->stopped; i++, last = next) {
    if (!balloon_point_at(points, (uint32_t)i, &next)) return false;
    struct balloon_point from = last, to = next;
    balloon_transform(b, &from);
    balloon_transform(b, &to);
    balloon_add_line(b, from, to, s, fill, 0);
  }
  return true;
}

static void add_segment(struct balloon *b, struct balloon_point p[3], struct stroke s, int32_t left_fill,
                        int32_t right_fill) {
  if (left_fill == right_fill && !stroke_is_seen(s)) return;
  const bool straight = same(p[0], p[1]) || same(p[1], p[2]);
  if (straight && same(p[0], p[2])) return;
  for (int k = 0; k < 3; k++) balloon_transform(b, &p[k]);
  if (straight)
    balloon_add_line(b, p[0], p[2], s, left_fill, right_fill);
  else
    balloon_add_bezier(b, p[0], p[1], p[2], s, left_fill, right_fill);
}

/* Of Points; which of them make a line is tested as the definition does. */
static void add_array_segment(struct balloon *b, struct balloon_point p[3], struct stroke s, int32_t fill) {
  for (int k = 0; k < 3; k++) balloon_transform(b, &p[k]);
  if ((p[0].x == p[0].y && p[1].x == p[1].y) || same(p[1], p[2]))
    balloon_add_line(b, p[0], p[2], s, fill, 0);
  else
    balloon_add_bezier(b, p[0], p[1], p[2], s, fill, 0);
}

bool balloon_add_shape(struct balloon *b, const struct balloon_points *points, int32_t segments,
                       struct stroke s, int32_t fill) {
  for (int32_t i = 0; i < segments && !b->stopped; i++) {
    struct balloon_point p[3];
    for (uint32_t k = 0; k < 3; k++)
      if (!balloon_point_at(points, (uint32_t)i * 3 + k, &p[k])) return false;
    if (points->is_array)
      add_array_segment(b, p, s, fill);
    else
      add_segment(b, p, s, fill, 0);
  }
  return true;
}

/* ---- compressed shapes ---- */

static uint32_t run_length(oop runs, uint32_t i) { return obj_slot(runs, i) >> 16; }
static uint32_t run_value(oop runs, uint32_t i) { return obj_slot(runs, i) & 0xFFFF; }

/* Runs for all segments, of values that are not above `most`. */
static bool check_runs(oop runs, int32_t segments, uint32_t most) {
  uint64_t sum = 0;
  if (!oop_is_words(runs)) return false;
  for (uint32_t i = 0; i < obj_slots(runs); i++) {
    if (run_value(runs, i) > most) return false;
    sum += run_length(runs, i);
  }
  return sum == (uint64_t)segments;
}

bool balloon_check_compressed(struct balloon *b, const struct compressed_shape *s) {
  if (s->segments < 0 || !oop_is_words(s->fills)) return false;
  const uint32_t fills = obj_slots(s->fills);
  for (uint32_t i = 0; i < fills; i++)
    if (!balloon_fill_is_good(b, (int32_t)obj_slot(s->fills, i))) return false;
  return check_runs(s->left_fills, s->segments, fills) && check_runs(s->right_fills, s->segments, fills) &&
         check_runs(s->line_fills, s->segments, fills) && check_runs(s->widths, s->segments, UINT16_MAX);
}

struct run_reader {
  oop runs;
  uint32_t next;
  int32_t left, value;
};
/* True where a run begins: its value is new. An empty run stands for one segment. */
static bool next_value(struct run_reader *r) {
  if (--r->left > 0 || r->next >= obj_slots(r->runs)) return false;
  r->left = (int32_t)run_length(r->runs, r->next);
  r->value = (int32_t)run_value(r->runs, r->next++);
  return true;
}
static void next_fill(struct run_reader *r, oop fills) {
  if (next_value(r) && r->value != 0) r->value = (int32_t)obj_slot(fills, (uint32_t)r->value - 1);
}

void balloon_add_compressed(struct balloon *b, const struct compressed_shape *s) {
  struct run_reader left = {.runs = s->left_fills}, right = {.runs = s->right_fills};
  struct run_reader widths = {.runs = s->widths}, lines = {.runs = s->line_fills};
  for (int32_t i = 0; i < s->segments && !b->stopped; i++) {
    struct balloon_point p[3];
    next_fill(&left, s->fills);
    next_fill(&right, s->fills);
    next_fill(&lines, s->fills);
    if (next_value(&widths)) widths.value = balloon_transform_width(b, widths.value);
    for (uint32_t k = 0; k < 3; k++) (void)balloon_point_at(&s->points, (uint32_t)i * 3 + k, &p[k]);
    const int32_t left_fill = left.value == 0 ? 0 : balloon_transform_color(b, left.value);
    const int32_t right_fill = right.value == 0 ? 0 : balloon_transform_color(b, right.value);
    if (!b->stopped) add_segment(b, p, (struct stroke){widths.value, lines.value}, left_fill, right_fill);
  }
}
