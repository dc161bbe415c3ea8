/* B2DPlugin.c: the primitives of BalloonEngine and BalloonBuffer; the work is done in plugins/balloon.
 *
 * A primitive that fails may have changed the work buffer, where the image finds the reason
 * (primitiveGetFailureReason), but what it was adding is not there.
 */
#include <string.h>

#include "plugins/balloon/balloon.h"
#include "plugins/plugin.h"

enum { RECT_ORIGIN, RECT_CORNER, RECT_FIELDS };

/* Colors and names of fills are any integers of 32 bits. */
static bool read_fill(oop o, int32_t *fill) {
  uint32_t v;
  if (!prim_uint32(o, &v)) return false;
  *fill = (int32_t)v;
  return true;
}
static bool read_int(oop o, int32_t *v) {
  if (!oop_is_int(o)) return false;
  *v = oop_int(o);
  return true;
}

/* Ends a primitive that adds something: it is there, or the stack is as before. */
static oop added(struct balloon *b, oop result) {
  if (b->stopped) {
    balloon_clear_stack(b);
    return prim_fail(BALLOON_ENGINE_STOPPED);
  }
  b->work[WORK_OBJECTS_USED] = b->objects_used;
  return result;
}
static oop drawn(struct balloon *b, oop receiver) {
  const oop result = added(b, receiver);
  if (result != PRIM_FAILED) b->work[WORK_NEEDS_FLUSH] = 1;
  return result;
}

#define LOAD_IN(b, state)                                                 \
  struct balloon b;                                                       \
  const uint32_t load_error = balloon_load_in(&b, args[0], state, state); \
  if (load_error != 0) return prim_fail(load_error)
#define LOAD(b)                                          \
  struct balloon b;                                      \
  const uint32_t load_error = balloon_load(&b, args[0]); \
  if (load_error != 0) return prim_fail(load_error)
#define REQUIRE(condition, error) \
  if (!(condition)) return prim_fail(error)

/* ---- buffers ---- */

static oop primitiveInitializeBuffer(oop *args, uint32_t argc) {
  REQUIRE(oop_is_words(args[1]) && obj_slots(args[1]) >= WORK_MINIMUM, PRIM_ERR_BAD_ARGUMENT);
  REQUIRE(!obj_is_immutable(args[1]), PRIM_ERR_NO_MODIFICATION);
  balloon_initialize(args[1]);
  return args[1];
}

/* copyBuffer: old into: new, which is as large or larger: the stack stays at its end. */
static oop primitiveCopyBuffer(oop *args, uint32_t argc) {
  struct balloon from, to;
  const oop old = args[1], new = args[2];
  const uint32_t error = balloon_load_work(&from, old);
  REQUIRE(error == 0, error);
  REQUIRE(oop_is_words(new) && mem_class_of(old) == mem_class_of(new), BALLOON_CLASS_MISMATCH);
  REQUIRE(obj_slots(new) >= from.size, BALLOON_SIZE_MISMATCH);
  REQUIRE(!obj_is_immutable(new), PRIM_ERR_NO_MODIFICATION);
  to.work = AT(int32_t, obj_body(new));
  to.size = obj_slots(new);
  const int32_t top = from.work[WORK_TOP], more = (int32_t)(to.size - from.size);
  memmove(to.work + top + more, from.work + top, 4 * (size_t)(from.size - (uint32_t)top));
  memmove(to.work, from.work, 4 * (size_t)top);
  to.work[WORK_TOP] = top + more;
  to.work[WORK_SIZE] = (int32_t)to.size;
  return args[0];
}

/* ---- settings ---- */

static oop primitiveGetAALevel(oop *args, uint32_t argc) {
  LOAD(b);
  return prim_or_no_memory(mem_new_int64(b.work[WORK_AA_LEVEL]));
}
static oop primitiveSetAALevel(oop *args, uint32_t argc) {
  LOAD_IN(b, STATE_UNLOCKED);
  REQUIRE(oop_is_int(args[1]), PRIM_ERR_BAD_ARGUMENT);
  balloon_set_aa_level(&b, oop_int(args[1]));
  return args[0];
}
static oop primitiveGetDepth(oop *args, uint32_t argc) {
  LOAD(b);
  return prim_or_no_memory(mem_new_int64(b.work[WORK_CURRENT_Z]));
}
static oop primitiveSetDepth(oop *args, uint32_t argc) {
  LOAD_IN(b, STATE_UNLOCKED);
  REQUIRE(oop_is_int(args[1]), PRIM_ERR_BAD_ARGUMENT);
  b.work[WORK_CURRENT_Z] = oop_int(args[1]);
  return args[0];
}

static oop point_of(int32_t x, int32_t y) {
  const oop x_oop = prim_or_no_memory(mem_new_int64(x)), y_oop = prim_or_no_memory(mem_new_int64(y));
  return x_oop == PRIM_FAILED || y_oop == PRIM_FAILED ? PRIM_FAILED : prim_new_point(x_oop, y_oop);
}
static oop primitiveGetOffset(oop *args, uint32_t argc) {
  LOAD(b);
  return point_of(b.work[WORK_OFFSET_X], b.work[WORK_OFFSET_Y]);
}
static oop primitiveSetOffset(oop *args, uint32_t argc) {
  struct balloon_point p;
  LOAD_IN(b, STATE_UNLOCKED);
  REQUIRE(balloon_read_point(args[1], &p), PRIM_ERR_BAD_ARGUMENT);
  b.work[WORK_OFFSET_X] = p.x;
  b.work[WORK_OFFSET_Y] = p.y;
  return args[0];
}

static bool is_rectangle(oop o) { return oop_has_fields(o, RECT_FIELDS); }
static oop primitiveGetClipRect(oop *args, uint32_t argc) {
  LOAD(b);
  REQUIRE(is_rectangle(args[1]), PRIM_ERR_BAD_ARGUMENT);
  REQUIRE(!obj_is_immutable(args[1]), PRIM_ERR_NO_MODIFICATION);
  const oop origin = point_of(b.work[WORK_CLIP_MIN_X], b.work[WORK_CLIP_MIN_Y]);
  if (origin == PRIM_FAILED) return PRIM_FAILED;
  const oop corner = point_of(b.work[WORK_CLIP_MAX_X], b.work[WORK_CLIP_MAX_Y]);
  if (corner == PRIM_FAILED) return PRIM_FAILED;
  mem_store(args[1], RECT_ORIGIN, origin);
  mem_store(args[1], RECT_CORNER, corner);
  return args[1];
}
static oop primitiveSetClipRect(oop *args, uint32_t argc) {
  struct balloon_point origin, corner;
  LOAD_IN(b, STATE_UNLOCKED);
  REQUIRE(is_rectangle(args[1]) && balloon_read_point(obj_slot(args[1], RECT_ORIGIN), &origin) &&
              balloon_read_point(obj_slot(args[1], RECT_CORNER), &corner),
          PRIM_ERR_BAD_ARGUMENT);
  b.work[WORK_CLIP_MIN_X] = origin.x;
  b.work[WORK_CLIP_MIN_Y] = origin.y;
  b.work[WORK_CLIP_MAX_X] = corner.x;
  b.work[WORK_CLIP_MAX_Y] = corner.y;
  return args[0];
}

static oop primitiveSetEdgeTransform(oop *args, uint32_t argc) {
  LOAD_IN(b, STATE_UNLOCKED);
  REQUIRE(balloon_read_edge_transform(&b, args[1]), PRIM_ERR_BAD_ARGUMENT);
  return args[0];
}
static oop primitiveSetColorTransform(oop *args, uint32_t argc) {
  LOAD_IN(b, STATE_UNLOCKED);
  REQUIRE(balloon_read_color_transform(&b, args[1]), BALLOON_ENTITY_LOAD_FAILED);
  return args[0];
}

static oop primitiveNeedsFlush(oop *args, uint32_t argc) {
  LOAD(b);
  return mem_bool(b.work[WORK_NEEDS_FLUSH] != 0);
}
static oop primitiveNeedsFlushPut(oop *args, uint32_t argc) {
  bool flush;
  LOAD(b);
  REQUIRE(prim_bool(args[1], &flush), PRIM_ERR_BAD_ARGUMENT);
  b.work[WORK_NEEDS_FLUSH] = flush;
  return args[0];
}

/* The name of the plugin whose BitBlt is used: there is one. */
static oop primitiveSetBitBltPlugin(oop *args, uint32_t argc) {
  static const char name[] = "BitBltPlugin";
  REQUIRE(oop_is_bytes(args[1]) && obj_byte_size(args[1]) == sizeof name - 1 &&
              memcmp(obj_bytes(args[1]), name, sizeof name - 1) == 0,
          PRIM_ERR_BAD_ARGUMENT);
  return args[0];
}

/* ---- shapes ---- */

static bool fills_are_good(struct balloon *b, int32_t one, int32_t other) {
  return balloon_fill_is_good(b, one) && balloon_fill_is_good(b, other);
}

/* addLineFrom: start to: end leftFill: leftFill rightFill: rightFill */
static oop primitiveAddLine(oop *args, uint32_t argc) {
  struct balloon_point from, to;
  int32_t left, right;
  REQUIRE(read_fill(args[3], &left) && read_fill(args[4], &right), PRIM_ERR_BAD_ARGUMENT);
  LOAD_IN(b, STATE_UNLOCKED);
  REQUIRE(fills_are_good(&b, left, right), BALLOON_WRONG_FILL);
  REQUIRE(balloon_read_point(args[1], &from) && balloon_read_point(args[2], &to), BALLOON_BAD_POINT);
  balloon_transform(&b, &from);
  balloon_transform(&b, &to);
  left = balloon_transform_color(&b, left);
  right = balloon_transform_color(&b, right);
  if (!b.stopped) balloon_add_line(&b, from, to, (struct stroke){0, 0}, left, right);
  return added(&b, args[0]);
}

/* addBezierFrom: start to: end via: via leftFill: leftFill rightFill: rightFill */
static oop primitiveAddBezier(oop *args, uint32_t argc) {
  struct balloon_point from, to, via;
  int32_t left, right;
  REQUIRE(read_fill(args[4], &left) && read_fill(args[5], &right), PRIM_ERR_BAD_ARGUMENT);
  LOAD_IN(b, STATE_UNLOCKED);
  REQUIRE(fills_are_good(&b, left, right), BALLOON_WRONG_FILL);
  REQUIRE(balloon_read_point(args[1], &from) && balloon_read_point(args[2], &to) &&
              balloon_read_point(args[3], &via),
          PRIM_ERR_BAD_ARGUMENT);
  balloon_transform(&b, &from);
  balloon_transform(&b, &to);
  balloon_transform(&b, &via);
  left = balloon_transform_color(&b, left);
  right = balloon_transform_color(&b, right);
  if (!b.stopped) balloon_add_bezier(&b, from, via, to, (struct stroke){0, 0}, left, right);
  return added(&b, args[0]);
}

/* fill, border width, border fill: as arguments, then as colors in the engine. */
struct painted {
  int32_t fill;
  struct stroke border;
};
static bool read_painted(const oop *at, struct painted *p) {
  return read_fill(at[0], &p->fill) && read_int(at[1], &p->border.width) && read_fill(at[2], &p->border.fill);
}
static void transform_fills(struct balloon *b, struct painted *p) {
  p->border.fill = balloon_transform_color(b, p->border.fill);
  p->fill = balloon_transform_color(b, p->fill);
}

/* An oval or a rectangle from a point to another, both untransformed. */
static oop add_between(oop *args,
                       void (*add)(struct balloon *b, struct balloon_point from, struct balloon_point to,
                                   struct stroke s, int32_t left_fill, int32_t right_fill)) {
  struct balloon_point from, to;
  struct painted p;
  REQUIRE(read_painted(args + 3, &p), PRIM_ERR_BAD_ARGUMENT);
  LOAD_IN(b, STATE_UNLOCKED);
  REQUIRE(fills_are_good(&b, p.fill, p.border.fill), BALLOON_WRONG_FILL);
  transform_fills(&b, &p);
  REQUIRE(!b.stopped, BALLOON_ENGINE_STOPPED);
  if (p.border.width <= 0 || p.border.fill == 0) p.border.width = 0;
  if (p.fill == 0 && p.border.width == 0) return args[0];
  p.border.width = balloon_transform_width(&b, p.border.width);
  REQUIRE(balloon_read_point(args[1], &from) && balloon_read_point(args[2], &to), BALLOON_BAD_POINT);
  add(&b, from, to, p.border, 0, p.fill);
  return drawn(&b, args[0]);
}

static void add_rectangle(struct balloon *b, struct balloon_point from, struct balloon_point to,
                          struct stroke s, int32_t left_fill, int32_t right_fill) {
  struct balloon_point p[4] = {from, {to.x, from.y}, to, {from.x, to.y}};
  for (int i = 0; i < 4; i++) balloon_transform(b, &p[i]);
  for (int i = 0; i < 4 && !b->stopped; i++)
    balloon_add_line(b, p[i], p[(i + 1) % 4], s, left_fill, right_fill);
}

/* addOvalFrom: start to: end fillIndex: fill borderWidth: width borderColor: borderFill; the same of
 * rectangles. */
static oop primitiveAddOval(oop *args, uint32_t argc) { return add_between(args, balloon_add_oval); }
static oop primitiveAddRect(oop *args, uint32_t argc) { return add_between(args, add_rectangle); }

/* points, count, fill, line width, line fill: each segment of a shape has three points. */
static oop add_points(oop *args, uint32_t points_each,
                      bool (*add)(struct balloon *b, const struct balloon_points *points, int32_t count,
                                  struct stroke s, int32_t fill)) {
  struct painted p;
  struct balloon_points points;
  int32_t count;
  REQUIRE(read_int(args[2], &count) && read_painted(args + 3, &p) && count >= 0 &&
              count <= SMALLINT_MAX / (int32_t)points_each &&
              balloon_read_points(args[1], count * (int32_t)points_each, &points),
          PRIM_ERR_BAD_ARGUMENT);
  LOAD_IN(b, STATE_UNLOCKED);
  REQUIRE(balloon_has_space(&b, (int64_t)count * (stroke_is_seen(p.border) ? LINE_WIDE_SIZE : LINE_SIZE)),
          BALLOON_WORK_TOO_BIG);
  REQUIRE(fills_are_good(&b, p.fill, p.border.fill), BALLOON_WRONG_FILL);
  transform_fills(&b, &p);
  REQUIRE(!b.stopped, BALLOON_ENGINE_STOPPED);
  if (p.fill == 0 && !stroke_is_seen(p.border)) return args[0];
  if (p.border.width != 0) p.border.width = balloon_transform_width(&b, p.border.width);
  if (!add(&b, &points, count, p.border, p.fill)) {
    balloon_clear_stack(&b);
    return prim_fail(BALLOON_ENTITY_LOAD_FAILED);
  }
  return drawn(&b, args[0]);
}
static oop primitiveAddPolygon(oop *args, uint32_t argc) { return add_points(args, 1, balloon_add_polygon); }
static oop primitiveAddBezierShape(oop *args, uint32_t argc) {
  return add_points(args, 3, balloon_add_shape);
}

/* points, segments, left fills, right fills, line widths, line fills, list of fills */
static oop primitiveAddCompressedShape(oop *args, uint32_t argc) {
  struct compressed_shape s = {.left_fills = args[3],
                               .right_fills = args[4],
                               .widths = args[5],
                               .line_fills = args[6],
                               .fills = args[7]};
  REQUIRE(read_int(args[2], &s.segments), PRIM_ERR_BAD_ARGUMENT);
  LOAD_IN(b, STATE_UNLOCKED);
  REQUIRE(s.segments >= 0 && s.segments <= SMALLINT_MAX / 3 && oop_is_words(args[1]) &&
              balloon_read_points(args[1], s.segments * 3, &s.points) && balloon_check_compressed(&b, &s),
          BALLOON_ENTITY_CHECK_FAILED);
  REQUIRE(balloon_has_space(&b, (int64_t)s.segments * LINE_SIZE), BALLOON_WORK_TOO_BIG);
  balloon_add_compressed(&b, &s);
  return drawn(&b, args[0]);
}

/* ---- fills ---- */

static bool read_orientation(const oop *at, struct orientation *o) {
  return balloon_read_point(at[0], &o->origin) && balloon_read_point(at[1], &o->direction) &&
         balloon_read_point(at[2], &o->normal);
}
static oop fill_name(struct balloon *b, int32_t fill) {
  const oop result = added(b, mem.nil);
  return result == PRIM_FAILED ? result : prim_or_no_memory(mem_new_uint64((uint32_t)fill));
}

/* addGradientFill: ramp from: origin along: direction normal: normal radial: isRadial */
static oop primitiveAddGradientFill(oop *args, uint32_t argc) {
  struct orientation o;
  bool radial;
  REQUIRE(prim_bool(args[5], &radial), PRIM_ERR_BAD_ARGUMENT);
  LOAD_IN(b, STATE_UNLOCKED);
  REQUIRE(read_orientation(args + 2, &o), BALLOON_BAD_POINT);
  REQUIRE(oop_has_class_index(args[1], CIX_BITMAP) && oop_is_words(args[1]), BALLOON_ENTITY_LOAD_FAILED);
  return fill_name(&b, balloon_new_gradient(&b, args[1], o, radial));
}

/* addBitmapFill: form colormap: colors tile: tiled from: origin along: direction normal: normal xIndex:
 * index, of the Form in the engine's Array, from 1. */
static oop primitiveAddBitmapFill(oop *args, uint32_t argc) {
  struct orientation o;
  int32_t index;
  bool tiled, bad;
  REQUIRE(read_int(args[7], &index) && index > 0 && prim_bool(args[3], &tiled), PRIM_ERR_BAD_ARGUMENT);
  LOAD_IN(b, STATE_UNLOCKED);
  REQUIRE(read_orientation(args + 4, &o), BALLOON_BAD_POINT);
  const int32_t fill = balloon_new_bitmap(&b, args[1], args[2], tiled, o, index - 1, &bad);
  REQUIRE(!bad, BALLOON_ENTITY_LOAD_FAILED);
  return fill_name(&b, fill);
}

static oop primitiveRegisterExternalFill(oop *args, uint32_t argc) {
  LOAD_IN(b, STATE_UNLOCKED);
  REQUIRE(oop_is_int(args[1]), PRIM_ERR_BAD_ARGUMENT);
  REQUIRE(balloon_has_space(&b, EDGE_SIZE), BALLOON_WORK_TOO_BIG);
  const int32_t fill = balloon_new(&b, TYPE_FILL, FILL_BASE_SIZE);
  *obj(&b, fill, OBJ_INDEX) = oop_int(args[1]);
  return fill_name(&b, fill);
}

/* index, initial x, y and z, left fill, right fill */
static oop primitiveRegisterExternalEdge(oop *args, uint32_t argc) {
  int32_t index, x, y, z, left, right;
  LOAD_IN(b, STATE_UNLOCKED);
  REQUIRE(read_int(args[1], &index) && read_int(args[2], &x) && read_int(args[3], &y) &&
              read_int(args[4], &z) && read_fill(args[5], &left) && read_fill(args[6], &right),
          PRIM_ERR_BAD_ARGUMENT);
  REQUIRE(balloon_has_space(&b, EDGE_SIZE), BALLOON_WORK_TOO_BIG);
  REQUIRE(fills_are_good(&b, left, right), BALLOON_WRONG_FILL);
  const int32_t edge = balloon_new(&b, TYPE_EDGE, EDGE_SIZE);
  *obj(&b, edge, OBJ_INDEX) = index;
  *obj(&b, edge, EDGE_X) = x;
  *obj(&b, edge, EDGE_Y) = y;
  *obj(&b, edge, EDGE_Z) = z;
  *obj(&b, edge, EDGE_LEFT_FILL) = balloon_transform_color(&b, left);
  *obj(&b, edge, EDGE_RIGHT_FILL) = balloon_transform_color(&b, right);
  return added(&b, args[0]);
}

/* ---- what is handed to the image and back ---- */

static bool store_int(oop o, uint32_t field, int32_t v) {
  if (!int_fits(v)) return false;
  obj_put_raw(o, field, int_oop(v));
  return true;
}
static bool is_data(oop o, uint32_t fields) { return oop_has_fields(o, fields) && !obj_is_immutable(o); }

static bool store_edge(struct balloon *b, int32_t edge, oop data) {
  if (!is_data(data, EDGE_DATA_FIELDS)) return false;
  b->work[WORK_LAST_EDGE] = edge;
  return store_int(data, EDGE_DATA_INDEX, *obj(b, edge, OBJ_INDEX)) &&
         store_int(data, EDGE_DATA_X, *obj(b, edge, EDGE_X)) &&
         store_int(data, EDGE_DATA_Y, b->work[WORK_CURRENT_Y]) &&
         store_int(data, EDGE_DATA_Z, *obj(b, edge, EDGE_Z)) &&
         store_int(data, EDGE_DATA_LINES, *obj(b, edge, EDGE_LINES)) && !b->broken;
}

/* The edge that the image has made or changed. */
static bool load_edge(struct balloon *b, oop data, int32_t *edge) {
  int32_t x, y, z, lines;
  *edge = b->work[WORK_LAST_EDGE];
  if (!oop_has_fields(data, EDGE_DATA_FIELDS) || !read_int(obj_slot(data, EDGE_DATA_X), &x) ||
      !read_int(obj_slot(data, EDGE_DATA_Y), &y) || !read_int(obj_slot(data, EDGE_DATA_Z), &z) ||
      !read_int(obj_slot(data, EDGE_DATA_LINES), &lines))
    return false;
  *obj(b, *edge, EDGE_X) = x;
  *obj(b, *edge, EDGE_Y) = y;
  *obj(b, *edge, EDGE_Z) = z;
  *obj(b, *edge, EDGE_LINES) = lines;
  return !b->broken;
}

static bool store_fill(struct balloon *b, oop data) {
  return is_data(data, FILL_DATA_FIELDS) &&
         store_int(data, FILL_DATA_INDEX, *obj(b, b->work[WORK_LAST_FILL], OBJ_INDEX)) &&
         store_int(data, FILL_DATA_MIN_X, b->work[WORK_LAST_LEFT_X]) &&
         store_int(data, FILL_DATA_MAX_X, b->work[WORK_LAST_RIGHT_X]) &&
         store_int(data, FILL_DATA_Y, b->work[WORK_CURRENT_Y]) && !b->broken;
}

/* ---- step by step ---- */

static oop primitiveInitializeProcessing(oop *args, uint32_t argc) {
  const uint64_t start = balloon_profile_start();
  LOAD_IN(b, STATE_UNLOCKED);
  const uint32_t error = balloon_load_span(&b);
  REQUIRE(error == 0, error);
  balloon_begin(&b);
  REQUIRE(!b.stopped, BALLOON_ENGINE_STOPPED);
  b.work[WORK_STATE] = STATE_ADDING_FROM_GET;
  balloon_profile(&b, WORK_COUNT_INITIALIZING, start);
  return args[0];
}

static oop primitiveNextGlobalEdgeEntry(oop *args, uint32_t argc) {
  const uint64_t start = balloon_profile_start();
  LOAD_IN(b, STATE_ADDING_FROM_GET);
  const bool has_edge = balloon_next_edges(&b);
  if (has_edge) {
    REQUIRE(store_edge(&b, *get_at(&b, b.work[WORK_GET_START]), args[1]), BALLOON_WRONG_EDGE);
    b.work[WORK_GET_START]++;
    b.work[WORK_STATE] = STATE_WAITING_FOR_EDGE;
  } else {
    b.work[WORK_STATE] = STATE_SCANNING_AET;
    balloon_start_scanning(&b);
  }
  REQUIRE(!b.broken, BALLOON_WRONG_EDGE);
  balloon_profile(&b, WORK_COUNT_NEXT_GET, start);
  return mem_bool(!has_edge);
}

static oop primitiveAddActiveEdgeEntry(oop *args, uint32_t argc) {
  const uint64_t start = balloon_profile_start();
  int32_t edge;
  LOAD_IN(b, STATE_WAITING_FOR_EDGE);
  REQUIRE(load_edge(&b, args[1], &edge), BALLOON_EDGE_DATA_TOO_SMALL);
  REQUIRE(balloon_has_space(&b, 1), BALLOON_WORK_TOO_BIG);
  balloon_insert(&b, edge);
  REQUIRE(!b.stopped, BALLOON_ENGINE_STOPPED);
  b.work[WORK_STATE] = STATE_ADDING_FROM_GET;
  balloon_profile(&b, WORK_COUNT_ADD_AET, start);
  return args[0];
}

static oop primitiveNextFillEntry(oop *args, uint32_t argc) {
  const uint64_t start = balloon_profile_start();
  LOAD_IN(b, STATE_SCANNING_AET);
  uint32_t error = balloon_load_span(&b);
  if (error == 0) error = balloon_load_forms(&b);
  REQUIRE(error == 0, error);
  if (b.work[WORK_CLEAR_SPAN] != 0 && (b.work[WORK_CURRENT_Y] & b.work[WORK_AA_SCAN_MASK]) == 0)
    balloon_clear_span(&b);
  b.work[WORK_CLEAR_SPAN] = 0;
  const bool has_fill = balloon_next_fills(&b);
  REQUIRE(!b.stopped, BALLOON_ENGINE_STOPPED);
  if (has_fill) {
    REQUIRE(store_fill(&b, args[1]), BALLOON_WRONG_FILL);
    b.work[WORK_STATE] = STATE_WAITING_FOR_FILL;
  } else {
    balloon_clear_stack(&b);
    b.work[WORK_SPAN_END_AA] = 0;
    b.work[WORK_STATE] = STATE_BLIT_BUFFER;
  }
  balloon_profile(&b, WORK_COUNT_NEXT_FILL, start);
  return mem_bool(!has_fill);
}

/* mergeFill: bitmap from: fillData: the pixels of the fill that was handed out. */
static oop primitiveMergeFillFrom(oop *args, uint32_t argc) {
  const uint64_t start = balloon_profile_start();
  const oop bits = args[1], data = args[2];
  int32_t index, left, right;
  LOAD_IN(b, STATE_WAITING_FOR_FILL);
  const uint32_t error = balloon_load_span(&b);
  REQUIRE(error == 0, error);
  REQUIRE(oop_has_class_index(bits, CIX_BITMAP) && oop_is_words(bits), PRIM_ERR_BAD_ARGUMENT);
  REQUIRE(oop_has_fields(data, FILL_DATA_FIELDS), BALLOON_FILL_DATA_TOO_SMALL);
  REQUIRE(read_int(obj_slot(data, FILL_DATA_INDEX), &index) &&
              read_int(obj_slot(data, FILL_DATA_MIN_X), &left) &&
              read_int(obj_slot(data, FILL_DATA_MAX_X), &right) && left == b.work[WORK_LAST_LEFT_X] &&
              right == b.work[WORK_LAST_RIGHT_X] && index == *obj(&b, b.work[WORK_LAST_FILL], OBJ_INDEX) &&
              !b.broken,
          BALLOON_WRONG_FILL);
  REQUIRE((int64_t)obj_slots(bits) >= (int64_t)right - left, PRIM_ERR_BAD_ARGUMENT);
  balloon_merge_fill(&b, AT(uint32_t, obj_body(bits)), left, right);
  REQUIRE(!b.broken, BALLOON_WRONG_FILL);
  b.work[WORK_STATE] = STATE_SCANNING_AET;
  balloon_profile(&b, WORK_COUNT_MERGE_FILL, start);
  return args[0];
}

static oop primitiveDisplaySpanBuffer(oop *args, uint32_t argc) {
  const uint64_t start = balloon_profile_start();
  LOAD_IN(b, STATE_BLIT_BUFFER);
  uint32_t error = balloon_load_span(&b);
  if (error == 0) error = balloon_load_bitblt(&b);
  REQUIRE(error == 0, error);
  balloon_display(&b);
  if (b.work[WORK_STATE] != STATE_COMPLETED) {
    b.work[WORK_AET_START] = 0;
    b.work[WORK_CURRENT_Y]++;
    b.work[WORK_STATE] = STATE_UPDATE_EDGES;
  }
  balloon_profile(&b, WORK_COUNT_DISPLAY_SPAN, start);
  return args[0];
}

static oop primitiveNextActiveEdgeEntry(oop *args, uint32_t argc) {
  const uint64_t start = balloon_profile_start();
  struct balloon b;
  const uint32_t error = balloon_load_in(&b, args[0], STATE_UPDATE_EDGES, STATE_COMPLETED);
  REQUIRE(error == 0, error);
  bool has_edge = false;
  if (b.work[WORK_STATE] != STATE_COMPLETED) {
    has_edge = balloon_next_updates(&b);
    REQUIRE(!b.broken, BALLOON_WRONG_EDGE);
    REQUIRE(!has_edge || store_edge(&b, *aet_at(&b, b.work[WORK_AET_START]), args[1]), BALLOON_WRONG_EDGE);
    b.work[WORK_STATE] = has_edge ? STATE_WAITING_CHANGE : STATE_ADDING_FROM_GET;
  }
  balloon_profile(&b, WORK_COUNT_NEXT_AET, start);
  return mem_bool(!has_edge);
}

static oop primitiveChangedActiveEdgeEntry(oop *args, uint32_t argc) {
  const uint64_t start = balloon_profile_start();
  int32_t edge;
  LOAD_IN(b, STATE_WAITING_CHANGE);
  REQUIRE(load_edge(&b, args[1], &edge), BALLOON_EDGE_DATA_TOO_SMALL);
  if (*obj(&b, edge, EDGE_LINES) == 0) {
    balloon_remove_first(&b);
  } else {
    balloon_resort_first(&b);
    b.work[WORK_AET_START]++;
  }
  REQUIRE(!b.broken, BALLOON_WRONG_EDGE);
  b.work[WORK_STATE] = STATE_UPDATE_EDGES;
  balloon_profile(&b, WORK_COUNT_CHANGE_AET, start);
  return args[0];
}

static oop primitiveAbortProcessing(oop *args, uint32_t argc) {
  LOAD(b);
  b.work[WORK_STATE] = STATE_COMPLETED;
  return args[0];
}
static oop primitiveFinishedProcessing(oop *args, uint32_t argc) {
  const uint64_t start = balloon_profile_start();
  LOAD(b);
  balloon_profile(&b, WORK_COUNT_FINISH_TEST, start);
  return mem_bool(b.work[WORK_STATE] == STATE_COMPLETED);
}

/* ---- all at once ---- */

static uint32_t load_to_render(struct balloon *b, const oop *args) {
  uint32_t error = balloon_load(b, args[0]);
  if (error == 0) error = balloon_load_span(b);
  if (error == 0) error = balloon_load_bitblt(b);
  if (error == 0) error = balloon_load_forms(b);
  if (error != 0) return error;
  if (!is_data(args[1], EDGE_DATA_FIELDS)) return BALLOON_EDGE_DATA_TOO_SMALL;
  if (!is_data(args[2], FILL_DATA_FIELDS)) return BALLOON_FILL_DATA_TOO_SMALL;
  const int32_t state = b->work[WORK_STATE];
  return state == STATE_WAITING_FOR_EDGE || state == STATE_WAITING_FOR_FILL || state == STATE_WAITING_CHANGE
             ? BALLOON_WRONG_STATE
             : 0;
}

/* What the engine stopped for is handed out, and the reason answered. */
static oop stopped_for(struct balloon *b, oop edge_data, oop fill_data) {
  const int32_t reason = b->work[WORK_STOP_REASON];
  REQUIRE(!b->broken, BALLOON_ENGINE_STOPPED);
  if (b->stopped && reason == STOP_GET_ENTRY)
    REQUIRE(store_edge(b, *get_at(b, b->work[WORK_GET_START]++), edge_data), BALLOON_WRONG_EDGE);
  if (b->stopped && reason == STOP_FILL_ENTRY) REQUIRE(store_fill(b, fill_data), BALLOON_WRONG_FILL);
  if (b->stopped && reason == STOP_AET_ENTRY)
    REQUIRE(store_edge(b, *aet_at(b, b->work[WORK_AET_START]), edge_data), BALLOON_WRONG_EDGE);
  return int_oop(reason);
}

/* renderImage: edgeData with: fillData; renderScanline: edgeData with: fillData */
static oop render(const oop *args, void (*proceed)(struct balloon *b)) {
  struct balloon b;
  const uint32_t error = load_to_render(&b, args);
  REQUIRE(error == 0, error);
  proceed(&b);
  return stopped_for(&b, args[1], args[2]);
}
static oop primitiveRenderImage(oop *args, uint32_t argc) { return render(args, balloon_render_image); }
static oop primitiveRenderScanline(oop *args, uint32_t argc) { return render(args, balloon_render_line); }

/* ---- statistics ---- */

static oop primitiveGetFailureReason(oop *args, uint32_t argc) {
  struct balloon b;
  REQUIRE(oop_is_pointer(args[0]), BALLOON_ENGINE_IS_INTEGER);
  REQUIRE(oop_has_fields(args[0], 0), BALLOON_ENGINE_IS_WORDS);
  REQUIRE(obj_slots(args[0]) >= ENGINE_FIELDS, BALLOON_ENGINE_TOO_SMALL);
  const uint32_t error = balloon_load_work(&b, obj_slot(args[0], ENGINE_WORK));
  REQUIRE(error == 0, error);
  return prim_or_no_memory(mem_new_int64(b.work[WORK_STOP_REASON]));
}

/* Adds n words of the header, `step` apart, to those of the argument. */
static oop add_statistics(const oop *args, uint32_t first, uint32_t step, uint32_t n) {
  LOAD(b);
  REQUIRE(oop_is_words(args[1]) && obj_slots(args[1]) >= n, PRIM_ERR_BAD_ARGUMENT);
  REQUIRE(!obj_is_immutable(args[1]), PRIM_ERR_NO_MODIFICATION);
  for (uint32_t i = 0; i < n; i++)
    obj_put_raw(args[1], i, obj_slot(args[1], i) + (uint32_t)b.work[first + step * i]);
  return args[0];
}
enum { STATISTICS = 9, BEZIER_STATISTICS = 4 };
static oop primitiveGetTimes(oop *args, uint32_t argc) {
  return add_statistics(args, WORK_TIME_INITIALIZING, 2, STATISTICS);
}
static oop primitiveGetCounts(oop *args, uint32_t argc) {
  return add_statistics(args, WORK_COUNT_INITIALIZING, 2, STATISTICS);
}
static oop primitiveGetBezierStats(oop *args, uint32_t argc) {
  return add_statistics(args, WORK_MONOTONE_SUBDIVISIONS, 1, BEZIER_STATISTICS);
}
static oop primitiveDoProfileStats(oop *args, uint32_t argc) {
  const bool old = balloon_profiles;
  REQUIRE(prim_bool(args[1], &balloon_profiles), PRIM_ERR_BAD_ARGUMENT);
  return mem_bool(old);
}

#define BALLOON_PRIMITIVES(X)              \
  X(primitiveAbortProcessing, 0, 0)        \
  X(primitiveAddActiveEdgeEntry, 1, 1)     \
  X(primitiveAddBezier, 5, 5)              \
  X(primitiveAddBezierShape, 5, 5)         \
  X(primitiveAddBitmapFill, 7, 7)          \
  X(primitiveAddCompressedShape, 7, 7)     \
  X(primitiveAddGradientFill, 5, 5)        \
  X(primitiveAddLine, 4, 4)                \
  X(primitiveAddOval, 5, 5)                \
  X(primitiveAddPolygon, 5, 5)             \
  X(primitiveAddRect, 5, 5)                \
  X(primitiveChangedActiveEdgeEntry, 1, 1) \
  X(primitiveCopyBuffer, 2, 2)             \
  X(primitiveDisplaySpanBuffer, 0, 0)      \
  X(primitiveDoProfileStats, 1, 1)         \
  X(primitiveFinishedProcessing, 0, 0)     \
  X(primitiveGetAALevel, 0, 0)             \
  X(primitiveGetBezierStats, 1, 1)         \
  X(primitiveGetClipRect, 1, 1)            \
  X(primitiveGetCounts, 1, 1)              \
  X(primitiveGetDepth, 0, 0)               \
  X(primitiveGetFailureReason, 0, 0)       \
  X(primitiveGetOffset, 0, 0)              \
  X(primitiveGetTimes, 1, 1)               \
  X(primitiveInitializeBuffer, 1, 1)       \
  X(primitiveInitializeProcessing, 0, 0)   \
  X(primitiveMergeFillFrom, 2, 2)          \
  X(primitiveNeedsFlush, 0, 0)             \
  X(primitiveNeedsFlushPut, 1, 1)          \
  X(primitiveNextActiveEdgeEntry, 1, 1)    \
  X(primitiveNextFillEntry, 1, 1)          \
  X(primitiveNextGlobalEdgeEntry, 1, 1)    \
  X(primitiveRegisterExternalEdge, 6, 6)   \
  X(primitiveRegisterExternalFill, 1, 1)   \
  X(primitiveRenderImage, 2, 2)            \
  X(primitiveRenderScanline, 2, 2)         \
  X(primitiveSetAALevel, 1, 1)             \
  X(primitiveSetBitBltPlugin, 1, 1)        \
  X(primitiveSetClipRect, 1, 1)            \
  X(primitiveSetColorTransform, 1, 1)      \
  X(primitiveSetDepth, 1, 1)               \
  X(primitiveSetEdgeTransform, 1, 1)       \
  X(primitiveSetOffset, 1, 1)
PLUGIN_DEFINE(B2DPlugin, BALLOON_PRIMITIVES)
