/* balloon.h: what the files of B2DPlugin share: a scan-line renderer of filled and stroked shapes.
 *
 * All of the engine's state is in a work buffer, words that the image keeps and may look at, copy, or write
 * to: a header, then objects (edges and fills, named by their index), the global edge table (GET: edges that
 * have not begun, sorted by where they do), the active edge table (AET: those that cross the scan line, from
 * left to right), room, and from the end down a stack: of fills while scanning, of curves while loading. The
 * image may have edges and fills of its own: the engine stops where one comes, and is called again.
 *
 * The definition is VMMaker's BalloonEngineBase, BalloonEnginePlugin and their constants: coordinates are
 * integers, subpixels of 1, 1/2 or 1/4 pixel (anti-aliasing levels 1, 2, 4), and what is in the span buffer
 * and where is the same bit by bit.
 *
 * Safety: balloon_load() verifies the header's counts, and nothing but them is in the header that is used as
 * an index. Objects, tables, stack and spans are reached through the functions below, which check each
 * access: one that is out of bounds reads and writes a word of the engine's own and stops it for good
 * (`broken`). Loops whose rounds depend on objects spend a budget. All arithmetic wraps (these files are
 * compiled with -fwrapv).
 */
#ifndef VM_PLUGINS_BALLOON_BALLOON_H
#define VM_PLUGINS_BALLOON_BALLOON_H

#include "plugins/bitblt/bitblt.h"
#include "primitives/checks.h"

enum { BALLOON_MAGIC = 1097753705, WORK_HEADER = 128, WORK_MINIMUM = 256, FAR_RIGHT = 999999999 };

/* Words of the header. */
enum work_field {
  WORK_MAGIC = 0,
  WORK_SIZE = 1,
  WORK_STATE = 2,
  WORK_OBJECTS_START = 8,
  WORK_OBJECTS_USED = 9,
  WORK_TOP = 10, /* of the stack */
  WORK_GET_START = 11,
  WORK_GET_USED = 12,
  WORK_AET_START = 13,
  WORK_AET_USED = 14,
  WORK_HAS_EDGE_TRANSFORM = 16,
  WORK_HAS_COLOR_TRANSFORM = 17,
  WORK_EDGE_TRANSFORM = 18,  /* 6 floats */
  WORK_COLOR_TRANSFORM = 24, /* 8 floats: scale and offset of red, green, blue, alpha */
  WORK_SPAN_START = 32,
  WORK_SPAN_SIZE = 33,
  WORK_SPAN_END = 34,
  WORK_SPAN_END_AA = 35,
  WORK_FILL_MIN_X = 36, /* the clipping rectangle in subpixels */
  WORK_FILL_MAX_X = 37,
  WORK_FILL_MIN_Y = 38,
  WORK_FILL_MAX_Y = 39,
  WORK_CLIP_MIN_X = 42,
  WORK_CLIP_MAX_X = 43,
  WORK_CLIP_MIN_Y = 44,
  WORK_CLIP_MAX_Y = 45,
  WORK_OFFSET_X = 46,
  WORK_OFFSET_Y = 47,
  WORK_AA_LEVEL = 48,
  WORK_AA_SHIFT = 49,
  WORK_AA_COLOR_SHIFT = 50,
  WORK_AA_COLOR_MASK = 51,
  WORK_AA_SCAN_MASK = 52,
  WORK_AA_HALF_PIXEL = 53,
  WORK_NEEDS_FLUSH = 63,
  WORK_STOP_REASON = 64,
  WORK_LAST_EDGE = 65, /* what was handed to the image */
  WORK_LAST_FILL = 66,
  WORK_LAST_LEFT_X = 67,
  WORK_LAST_RIGHT_X = 68,
  WORK_CLEAR_SPAN = 69,
  WORK_CURRENT_Y = 88,
  WORK_TIME_INITIALIZING = 90, /* times and counts, by turns */
  WORK_COUNT_INITIALIZING = 91,
  WORK_COUNT_FINISH_TEST = 93,
  WORK_COUNT_NEXT_GET = 95,
  WORK_COUNT_ADD_AET = 97,
  WORK_COUNT_NEXT_FILL = 99,
  WORK_COUNT_MERGE_FILL = 101,
  WORK_COUNT_DISPLAY_SPAN = 103,
  WORK_COUNT_NEXT_AET = 105,
  WORK_COUNT_CHANGE_AET = 107,
  WORK_MONOTONE_SUBDIVISIONS = 108,
  WORK_HEIGHT_SUBDIVISIONS = 109,
  WORK_OVERFLOW_SUBDIVISIONS = 110,
  WORK_LINE_CONVERSIONS = 111,
  WORK_STATISTICS_END = 112,
  WORK_CURRENT_Z = 113,
};

enum balloon_state {
  STATE_UNLOCKED,
  STATE_ADDING_FROM_GET,
  STATE_WAITING_FOR_EDGE,
  STATE_SCANNING_AET,
  STATE_WAITING_FOR_FILL,
  STATE_BLIT_BUFFER,
  STATE_UPDATE_EDGES,
  STATE_WAITING_CHANGE,
  STATE_COMPLETED,
};
/* Why the engine stopped; the image looks at it. */
enum stop_reason {
  STOP_NO_SPACE = 1,
  STOP_BAD_STATE,
  STOP_NEED_FLUSH,
  STOP_GET_ENTRY,
  STOP_FILL_ENTRY,
  STOP_AET_ENTRY,
};
/* Why a primitive failed, besides the codes of all primitives. */
enum balloon_failure {
  BALLOON_ENGINE_IS_INTEGER = 101,
  BALLOON_ENGINE_IS_WORDS,
  BALLOON_ENGINE_TOO_SMALL,
  BALLOON_ENGINE_STOPPED,
  BALLOON_WORK_IS_INTEGER,
  BALLOON_WORK_IS_POINTERS,
  BALLOON_WORK_TOO_SMALL,
  BALLOON_WORK_BAD_MAGIC,
  BALLOON_WORK_WRONG_SIZE,
  BALLOON_WORK_START_WRONG,
  BALLOON_WORK_TOO_BIG,
  BALLOON_EDGE_DATA_TOO_SMALL,
  BALLOON_FILL_DATA_TOO_SMALL,
  BALLOON_CLASS_MISMATCH,
  BALLOON_SIZE_MISMATCH,
  BALLOON_WRONG_STATE,
  BALLOON_WRONG_FILL,
  BALLOON_WRONG_EDGE,
  BALLOON_ENTITY_LOAD_FAILED,
  BALLOON_ENTITY_CHECK_FAILED,
  BALLOON_BAD_POINT,
  BALLOON_BITBLT_LOAD_FAILED,
  BALLOON_FORM_LOAD_FAILED,
};

/* Types of objects: edges in the low byte (odd: wide), fills in the next; above them a flag. */
enum object_type {
  TYPE_WIDE = 1,
  TYPE_EDGE = 2, /* the image's own */
  TYPE_LINE = 4,
  TYPE_BEZIER = 6,
  TYPE_KIND = 254, /* of an edge without its width */
  TYPE_EDGES = 255,
  TYPE_FILL = 256, /* the image's own */
  TYPE_LINEAR = 512,
  TYPE_RADIAL = 768,
  TYPE_BITMAP = 1024,
  TYPE_FILLS = 0xFF00,
  TYPE_MASK = 0xFFFF,
  TYPE_FILLS_INVALID = 0x10000, /* a wide edge that does not separate its fills on this line */
};

/* Words of objects. */
enum {
  OBJ_TYPE,
  OBJ_LENGTH,
  OBJ_INDEX, /* the image's */
  EDGE_X = 4,
  EDGE_Y,
  EDGE_Z,
  EDGE_LINES, /* that are left */
  EDGE_LEFT_FILL,
  EDGE_RIGHT_FILL,
  EDGE_SIZE,
};
enum {
  LINE_X_DIRECTION = EDGE_SIZE,
  LINE_Y_DIRECTION,
  LINE_X_INCREMENT,
  LINE_ERROR,
  LINE_END_X,
  LINE_ERROR_UP = LINE_END_X, /* once it has begun; the end is not needed any more then */
  LINE_END_Y,
  LINE_ERROR_DOWN = LINE_END_Y,
  LINE_SIZE,
  LINE_WIDE_FILL = LINE_SIZE,
  LINE_WIDE_WIDTH,
  LINE_WIDE_ENTRY,
  LINE_WIDE_EXIT,
  LINE_WIDE_EXTENT,
  LINE_WIDE_SIZE,
};
/* Forward differences of a curve: in 1/256 subpixels, steps in 1/2^24. */
enum { UPDATE_X, UPDATE_Y, UPDATE_DX, UPDATE_DY, UPDATE_DDX, UPDATE_DDY, UPDATE_SIZE };
enum {
  BEZIER_UPDATE = EDGE_SIZE, /* shares its words with the points, as the line's errors do with its end */
  BEZIER_VIA_X = 12,
  BEZIER_VIA_Y,
  BEZIER_END_X,
  BEZIER_END_Y,
  BEZIER_SIZE,
  BEZIER_WIDE_FILL = BEZIER_SIZE,
  BEZIER_WIDE_WIDTH,
  BEZIER_WIDE_ENTRY,
  BEZIER_WIDE_EXIT,
  BEZIER_WIDE_EXTENT,
  BEZIER_FINAL_X,
  BEZIER_WIDE_UPDATE, /* of the other side */
  BEZIER_WIDE_SIZE = BEZIER_WIDE_UPDATE + UPDATE_SIZE,
};
enum {
  FILL_ORIGIN_X = 4,
  FILL_ORIGIN_Y,
  FILL_DIRECTION_X,
  FILL_DIRECTION_Y,
  FILL_NORMAL_X,
  FILL_NORMAL_Y,
  FILL_BASE_SIZE = 4, /* of the image's own */
  GRADIENT_LENGTH = 10,
  GRADIENT_RAMP = 12,
  BITMAP_WIDTH = 10,
  BITMAP_HEIGHT,
  BITMAP_DEPTH,
  BITMAP_SIZE,
  BITMAP_RASTER,
  BITMAP_COLORS_SIZE,
  BITMAP_TILED,
  BITMAP_COLORS = 18,
};

/* Fields of BalloonEngine, and of what it hands edges and fills to the image in. */
enum { ENGINE_WORK, ENGINE_SPAN, ENGINE_BITBLT, ENGINE_FORMS, ENGINE_FIELDS = 12 };
enum { EDGE_DATA_INDEX, EDGE_DATA_X, EDGE_DATA_Y, EDGE_DATA_Z, EDGE_DATA_LINES, EDGE_DATA_FIELDS = 6 };
enum { FILL_DATA_INDEX, FILL_DATA_MIN_X, FILL_DATA_MAX_X, FILL_DATA_Y, FILL_DATA_FIELDS = 6 };

struct balloon {
  oop engine, forms;
  int32_t *work;
  uint32_t size;
  uint32_t *span;
  uint32_t span_size;
  int32_t objects_used; /* written back when a primitive succeeds */
  bool stopped, broken;
  int32_t scratch; /* what an access out of bounds gets */
  uint32_t budget;
  struct blit blit;
};
struct balloon_point {
  int32_t x, y;
};

/* ---- access ---- */

static inline void balloon_stop(struct balloon *b, int32_t reason) {
  b->work[WORK_STOP_REASON] = reason;
  b->stopped = true;
}
static inline int32_t *balloon_broken(struct balloon *b) {
  b->broken = true;
  balloon_stop(b, STOP_BAD_STATE);
  b->scratch = 0;
  return &b->scratch;
}
/* False when the engine has worked long enough on one call. */
static inline bool balloon_spend(struct balloon *b) {
  if (b->budget == 0) balloon_broken(b);
  if (b->broken) return false;
  b->budget--;
  return true;
}
/* The same for a whole line. */
static inline bool balloon_spend_line(struct balloon *b) {
  enum { LINE_COST = 128 };
  b->budget = b->budget > LINE_COST ? b->budget - LINE_COST : 0;
  return balloon_spend(b);
}
static inline int32_t *balloon_word(struct balloon *b, int64_t i) {
  return i >= WORK_HEADER && i < b->size ? &b->work[i] : balloon_broken(b);
}
static inline int32_t *obj(struct balloon *b, int32_t object, int32_t field) {
  return balloon_word(b, (int64_t)WORK_HEADER + object + field);
}
static inline int32_t *get_at(struct balloon *b, int32_t i) {
  return balloon_word(b, (int64_t)WORK_HEADER + b->objects_used + i);
}
static inline int32_t *aet_at(struct balloon *b, int32_t i) {
  return balloon_word(b, (int64_t)WORK_HEADER + b->objects_used + b->work[WORK_GET_USED] + i);
}
static inline int32_t obj_type(struct balloon *b, int32_t object) {
  return *obj(b, object, OBJ_TYPE) & TYPE_MASK;
}
static inline bool edge_is_wide(struct balloon *b, int32_t edge) {
  return (obj_type(b, edge) & TYPE_WIDE) != 0;
}
static inline bool fill_is_color(int32_t fill) { return ((uint32_t)fill & 0xFF000000u) != 0; }
/* Half of a line's width is on the left and above. */
static inline int32_t half_width(int32_t width) { return width >> 1; }
static inline int32_t balloon_int(double v) { return v > INT32_MIN && v < INT32_MAX ? (int32_t)v : 0; }
/* 1, 2 or 4, and its logarithm. */
static inline int32_t aa_level(const struct balloon *b) {
  const int32_t level = b->work[WORK_AA_LEVEL];
  return level == 2 || level == 4 ? level : 1;
}
static inline uint32_t aa_shift(const struct balloon *b) { return (uint32_t)aa_level(b) >> 1; }

/* ---- engine.c ---- */

/* What is needed of a BalloonEngine, each an error or 0. The work buffer in any state; in one of two. */
uint32_t balloon_load(struct balloon *b, oop engine);
uint32_t balloon_load_in(struct balloon *b, oop engine, int32_t state, int32_t or_state);
uint32_t balloon_load_work(struct balloon *b, oop work);
uint32_t balloon_load_span(struct balloon *b);
uint32_t balloon_load_bitblt(struct balloon *b);
uint32_t balloon_load_forms(struct balloon *b);
void balloon_initialize(oop work);
void balloon_set_aa_level(struct balloon *b, int32_t level);
bool balloon_has_space(struct balloon *b, int64_t words);
/* A new object of so many words, named; 0 without space. */
int32_t balloon_new(struct balloon *b, int32_t type, int32_t size);
bool balloon_push(struct balloon *b, int32_t words);
void balloon_clear_stack(struct balloon *b);
int32_t balloon_stack_size(struct balloon *b);
/* Transforms; widths are of lines. */
bool balloon_read_point(oop o, struct balloon_point *p);
void balloon_transform(struct balloon *b, struct balloon_point *p);
int32_t balloon_transform_width(struct balloon *b, int32_t width);
int32_t balloon_transform_color(struct balloon *b, int32_t fill);
int32_t balloon_transform_pixel(struct balloon *b, int32_t pixel);
bool balloon_read_edge_transform(struct balloon *b, oop o);
bool balloon_read_color_transform(struct balloon *b, oop o);
bool balloon_fill_is_good(struct balloon *b, int32_t fill);

/* ---- edges.c, beziers.c: edges from points, and their steps from line to line ---- */

struct stroke {
  int32_t width, fill;
};
void balloon_add_line(struct balloon *b, struct balloon_point from, struct balloon_point to, struct stroke s,
                      int32_t left_fill, int32_t right_fill);
void balloon_add_bezier(struct balloon *b, struct balloon_point from, struct balloon_point via,
                        struct balloon_point to, struct stroke s, int32_t left_fill, int32_t right_fill);
void line_first(struct balloon *b, int32_t line, int32_t y);
void line_next(struct balloon *b, int32_t line);
void wide_line_first(struct balloon *b, int32_t line, int32_t y);
void wide_line_next(struct balloon *b, int32_t line);
void bezier_first(struct balloon *b, int32_t bezier, int32_t y);
void bezier_next(struct balloon *b, int32_t bezier, int32_t y);
void wide_bezier_first(struct balloon *b, int32_t bezier, int32_t y);
void wide_bezier_next(struct balloon *b, int32_t bezier, int32_t y);
static inline bool stroke_is_seen(struct stroke s) { return s.width != 0 && s.fill != 0; }
static inline void edge_fills(struct balloon *b, int32_t edge, bool valid) {
  *obj(b, edge, OBJ_TYPE) = valid ? obj_type(b, edge) : obj_type(b, edge) | TYPE_FILLS_INVALID;
}

/* ---- shapes.c ---- */

void balloon_add_oval(struct balloon *b, struct balloon_point from, struct balloon_point to, struct stroke s,
                      int32_t left_fill, int32_t right_fill);
/* Points of n segments of three: an Array of Points, or pairs of words or half words. */
struct balloon_points {
  oop array;
  bool is_array, is_short;
};
bool balloon_read_points(oop o, int32_t count, struct balloon_points *points);
/* False: one is no Point. */
bool balloon_point_at(const struct balloon_points *points, uint32_t i, struct balloon_point *p);
bool balloon_add_polygon(struct balloon *b, const struct balloon_points *points, int32_t count,
                         struct stroke s, int32_t fill);
bool balloon_add_shape(struct balloon *b, const struct balloon_points *points, int32_t segments,
                       struct stroke s, int32_t fill);
/* Runs of words, each a length and a value: of left and right fills, widths, and fills of lines. */
struct compressed_shape {
  struct balloon_points points;
  int32_t segments;
  oop left_fills, right_fills, widths, line_fills, fills;
};
bool balloon_check_compressed(struct balloon *b, const struct compressed_shape *s);
void balloon_add_compressed(struct balloon *b, const struct compressed_shape *s);

/* ---- fills.c ---- */

/* Where a fill begins and which way it goes: the points that an image gives. */
struct orientation {
  struct balloon_point origin, direction, normal;
};
int32_t balloon_new_gradient(struct balloon *b, oop ramp, struct orientation o, bool radial);
/* 0 with `*bad` set when the Form or its colours are none. */
int32_t balloon_new_bitmap(struct balloon *b, oop form, oop colors, bool tiled, struct orientation o,
                           int32_t index, bool *bad);
/* Fills from left to right; true: the fill is the image's. */
bool balloon_fill_span(struct balloon *b, int32_t fill, int32_t left, int32_t right);
/* Of pixels that the image made. */
void balloon_merge_fill(struct balloon *b, const uint32_t *pixels, int32_t left, int32_t right);
void balloon_clear_span(struct balloon *b);

/* ---- scan.c ---- */

void balloon_begin(struct balloon *b);
void balloon_remove_first(struct balloon *b);
void balloon_resort_first(struct balloon *b);
void balloon_insert(struct balloon *b, int32_t edge);
/* Each true where the image's code must do something first. */
bool balloon_next_edges(struct balloon *b);
bool balloon_next_fills(struct balloon *b);
bool balloon_next_updates(struct balloon *b);
void balloon_display(struct balloon *b);
void balloon_start_scanning(struct balloon *b);
void balloon_render_line(struct balloon *b);
void balloon_render_image(struct balloon *b);

/* Statistics, when the image has turned them on. */
extern bool balloon_profiles;
uint64_t balloon_profile_start(void);
void balloon_profile(struct balloon *b, enum work_field count, uint64_t start);

#endif
