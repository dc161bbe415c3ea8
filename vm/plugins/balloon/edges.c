/* edges.c: lines: an edge that keeps to whole subpixels by an error term (Bresenham), and wide ones, which
 * are the band that a square brush leaves. */
#include "plugins/balloon/balloon.h"

void balloon_add_line(struct balloon *b, struct balloon_point from, struct balloon_point to, struct stroke s,
                      int32_t left_fill, int32_t right_fill) {
  const bool wide = stroke_is_seen(s), down = from.y <= to.y;
  const struct balloon_point top = down ? from : to, bottom = down ? to : from;
  const int32_t above = wide ? half_width(s.width) : 0;
  const int32_t line =
      balloon_new(b, wide ? TYPE_LINE | TYPE_WIDE : TYPE_LINE, wide ? LINE_WIDE_SIZE : LINE_SIZE);
  if (b->stopped) return;
  *obj(b, line, EDGE_X) = top.x;
  *obj(b, line, EDGE_Y) = top.y - above;
  *obj(b, line, EDGE_Z) = b->work[WORK_CURRENT_Z];
  *obj(b, line, EDGE_LEFT_FILL) = left_fill;
  *obj(b, line, EDGE_RIGHT_FILL) = right_fill;
  *obj(b, line, LINE_END_X) = bottom.x;
  *obj(b, line, LINE_END_Y) = bottom.y - above;
  *obj(b, line, LINE_Y_DIRECTION) = down ? 1 : -1;
  if (!wide) return;
  *obj(b, line, LINE_WIDE_FILL) = s.fill;
  *obj(b, line, LINE_WIDE_WIDTH) = s.width;
  *obj(b, line, LINE_WIDE_EXTENT) = s.width;
}

void line_next(struct balloon *b, int32_t line) {
  int32_t x = *obj(b, line, EDGE_X) + *obj(b, line, LINE_X_INCREMENT);
  int32_t error = *obj(b, line, LINE_ERROR) + *obj(b, line, LINE_ERROR_UP);
  if (error > 0) {
    x += *obj(b, line, LINE_X_DIRECTION);
    error -= *obj(b, line, LINE_ERROR_DOWN);
  }
  *obj(b, line, LINE_ERROR) = error;
  *obj(b, line, EDGE_X) = x;
}

/* What a line that goes `across` in so many lines does in each. */
static void set_increments(struct balloon *b, int32_t line, int32_t across, int32_t lines) {
  const int32_t direction = across >= 0 ? 1 : -1;
  const int64_t width = across >= 0 ? across : -(int64_t)across;
  int64_t increment = 0, up = 0;
  if (lines == 0) {
    increment = across;
  } else if (lines > width) {
    up = width;
  } else if (lines > 0) {
    increment = width / lines * direction;
    up = width % lines;
  }
  *obj(b, line, LINE_X_DIRECTION) = direction;
  *obj(b, line, LINE_X_INCREMENT) = (int32_t)increment;
  *obj(b, line, LINE_ERROR) = lines == 0 || across >= 0 ? 0 : 1 - lines;
  *obj(b, line, LINE_ERROR_UP) = (int32_t)up;
  *obj(b, line, LINE_ERROR_DOWN) = lines;
}

void line_first(struct balloon *b, int32_t line, int32_t y) {
  if (!edge_is_wide(b, line) && y >= *obj(b, line, LINE_END_Y)) {
    *obj(b, line, EDGE_LINES) = 0;
    return;
  }
  const int32_t start = *obj(b, line, EDGE_Y), lines = *obj(b, line, LINE_END_Y) - start;
  set_increments(b, line, *obj(b, line, LINE_END_X) - *obj(b, line, EDGE_X), lines);
  *obj(b, line, EDGE_LINES) = lines;
  for (int32_t i = start; i < y && balloon_spend(b); i++) line_next(b, line);
  if (start != y) *obj(b, line, EDGE_LINES) = lines - (y - start);
}

/* ---- wide lines ---- */

/* Where the brush is just coming or going the band is as wide as what of the brush is there. */
static void adjust_width(struct balloon *b, int32_t line, int32_t last_x, int32_t next_x) {
  const int32_t extent = *obj(b, line, LINE_WIDE_EXTENT), direction = *obj(b, line, LINE_X_DIRECTION);
  const int32_t left = *obj(b, line, LINE_WIDE_EXIT) + half_width(extent), step = next_x - last_x;
  int32_t *const width = obj(b, line, LINE_WIDE_WIDTH), *const x = obj(b, line, EDGE_X);
  if (*obj(b, line, LINE_WIDE_ENTRY) < extent) {
    *width += direction < 0 ? -step : step;
    if (direction >= 0) *x = last_x;
  }
  if (left == 0) {
    const int32_t increment = *obj(b, line, LINE_X_INCREMENT);
    *width += direction > 0 ? -increment : increment;
    if (direction <= 0) *x = last_x;
  } else if (left > 0) {
    *width += direction < 0 ? step : -step;
    if (direction < 0) *x = last_x;
  }
}

void wide_line_next(struct balloon *b, int32_t line) {
  const int32_t entry = ++*obj(b, line, LINE_WIDE_ENTRY), exit = ++*obj(b, line, LINE_WIDE_EXIT);
  const int32_t extent = *obj(b, line, LINE_WIDE_EXTENT), half = half_width(extent);
  if (entry >= half) edge_fills(b, line, true);
  if (exit >= 0) edge_fills(b, line, false);
  const int32_t last_x = *obj(b, line, EDGE_X);
  line_next(b, line);
  if (entry <= extent || exit + half >= 0) adjust_width(b, line, last_x, *obj(b, line, EDGE_X));
}

/* Entry and exit count lines: the fills are separated from the middle of the brush to its middle. */
void wide_line_first(struct balloon *b, int32_t line, int32_t y) {
  const int32_t extent = *obj(b, line, LINE_WIDE_EXTENT), half = half_width(extent);
  const int32_t start_x = *obj(b, line, EDGE_X), start = *obj(b, line, EDGE_Y);
  line_first(b, line, start);
  const int32_t lines = *obj(b, line, EDGE_LINES), increment = *obj(b, line, LINE_X_INCREMENT);
  const bool right = *obj(b, line, LINE_X_DIRECTION) > 0;
  *obj(b, line, EDGE_X) = start_x - half + (right ? 0 : increment);
  *obj(b, line, EDGE_LINES) = lines + extent;
  *obj(b, line, LINE_WIDE_WIDTH) = right ? extent + increment : extent - increment;
  *obj(b, line, LINE_WIDE_ENTRY) = 0;
  *obj(b, line, LINE_WIDE_EXIT) = 0 - lines - half;
  edge_fills(b, line, 0 >= half && 0 - lines - half < 0);
  for (int32_t i = start; i < y && balloon_spend(b); i++) wide_line_next(b, line);
  if (start != y) *obj(b, line, EDGE_LINES) -= y - start;
}
