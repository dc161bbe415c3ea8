/* engine.c: the work buffer, what else an engine has, and its transforms. */
#include <math.h>
#include <string.h>

#include "devices/clock.h"
#include "plugins/balloon/balloon.h"

/* ---- statistics ---- */

bool balloon_profiles;
uint64_t balloon_profile_start(void) { return balloon_profiles ? dev_clock_us() : 0; }
void balloon_profile(struct balloon *b, enum work_field count, uint64_t start) {
  if (!balloon_profiles) return;
  b->work[count]++;
  b->work[count - 1] += (int32_t)((dev_clock_us() - start) / 1000);
}

/* ---- loading ---- */

static bool counts_are_good(const struct balloon *b) {
  const int32_t *w = b->work;
  if (w[WORK_OBJECTS_USED] < 0 || w[WORK_GET_USED] < 0 || w[WORK_AET_USED] < 0 || w[WORK_GET_START] < 0 ||
      w[WORK_AET_START] < 0 || w[WORK_TOP] < WORK_HEADER || (uint32_t)w[WORK_TOP] > b->size)
    return false;
  return (int64_t)WORK_HEADER + w[WORK_OBJECTS_USED] + w[WORK_GET_USED] + w[WORK_AET_USED] <= b->size;
}

uint32_t balloon_load_work(struct balloon *b, oop work) {
  enum { BUDGET = 1 << 25 };
  if (!oop_is_pointer(work)) return BALLOON_WORK_IS_INTEGER;
  if (!oop_is_words(work)) return BALLOON_WORK_IS_POINTERS;
  if (obj_slots(work) < WORK_MINIMUM) return BALLOON_WORK_TOO_SMALL;
  if (obj_is_immutable(work)) return PRIM_ERR_NO_MODIFICATION;
  *b = (struct balloon){.work = AT(int32_t, obj_body(work)), .size = obj_slots(work), .budget = BUDGET};
  if (b->work[WORK_MAGIC] != BALLOON_MAGIC) return BALLOON_WORK_BAD_MAGIC;
  if ((uint32_t)b->work[WORK_SIZE] != b->size) return BALLOON_WORK_WRONG_SIZE;
  if (b->work[WORK_OBJECTS_START] != WORK_HEADER) return BALLOON_WORK_START_WRONG;
  if (!counts_are_good(b)) return BALLOON_WORK_TOO_BIG;
  b->objects_used = b->work[WORK_OBJECTS_USED];
  return 0;
}

static uint32_t check_engine(oop engine) {
  if (!oop_is_pointer(engine)) return BALLOON_ENGINE_IS_INTEGER;
  if (!oop_has_fields(engine, 0)) return BALLOON_ENGINE_IS_WORDS;
  return obj_slots(engine) < ENGINE_FIELDS ? BALLOON_ENGINE_TOO_SMALL : 0;
}

uint32_t balloon_load(struct balloon *b, oop engine) {
  uint32_t error = check_engine(engine);
  if (error == 0) error = balloon_load_work(b, obj_slot(engine, ENGINE_WORK));
  if (error != 0) return error;
  b->engine = engine;
  b->work[WORK_STOP_REASON] = 0;
  return 0;
}

uint32_t balloon_load_in(struct balloon *b, oop engine, int32_t state, int32_t or_state) {
  const uint32_t error = balloon_load(b, engine);
  if (error != 0) return error;
  if (b->work[WORK_STATE] == state || b->work[WORK_STATE] == or_state) return 0;
  b->work[WORK_STOP_REASON] = STOP_BAD_STATE;
  return BALLOON_WRONG_STATE;
}

/* The last word of the span is never used. */
uint32_t balloon_load_span(struct balloon *b) {
  const oop span = obj_slot(b->engine, ENGINE_SPAN);
  if (!oop_has_class_index(span, CIX_BITMAP) || !oop_is_words(span) || obj_slots(span) == 0)
    return BALLOON_CLASS_MISMATCH;
  if (obj_is_immutable(span)) return PRIM_ERR_NO_MODIFICATION;
  b->span = AT(uint32_t, obj_body(span));
  b->span_size = obj_slots(span) - 1;
  b->work[WORK_SPAN_SIZE] = (int32_t)b->span_size;
  return 0;
}

uint32_t balloon_load_bitblt(struct balloon *b) {
  return bitblt_read(obj_slot(b->engine, ENGINE_BITBLT), &b->blit) == 0 && !rule_takes_alpha(b->blit.rule)
             ? 0
             : BALLOON_BITBLT_LOAD_FAILED;
}

/* The pictures that bitmap fills name. */
uint32_t balloon_load_forms(struct balloon *b) {
  const oop forms = obj_slot(b->engine, ENGINE_FORMS);
  if (!oop_is_array(forms)) return BALLOON_FORM_LOAD_FAILED;
  for (uint32_t i = 0; i < obj_slots(forms); i++) {
    struct form f;
    if (!bitblt_read_form(obj_slot(forms, i), &f)) return BALLOON_FORM_LOAD_FAILED;
  }
  b->forms = forms;
  return 0;
}

void balloon_initialize(oop work) {
  static const float edge_identity[6] = {1, 0, 0, 0, 1, 0}, color_identity[8] = {1, 0, 1, 0, 1, 0, 1, 0};
  struct balloon b = {.work = AT(int32_t, obj_body(work)), .size = obj_slots(work)};
  static const uint8_t zeros[] = {
      WORK_STATE,       WORK_GET_START,   WORK_GET_USED,           WORK_AET_START,          WORK_AET_USED,
      WORK_STOP_REASON, WORK_NEEDS_FLUSH, WORK_CLIP_MIN_X,         WORK_CLIP_MAX_X,         WORK_CLIP_MIN_Y,
      WORK_CLIP_MAX_Y,  WORK_CURRENT_Z,   WORK_HAS_EDGE_TRANSFORM, WORK_HAS_COLOR_TRANSFORM};
  for (uint32_t i = 0; i < sizeof zeros; i++) b.work[zeros[i]] = 0;
  for (int i = WORK_TIME_INITIALIZING; i < WORK_STATISTICS_END; i++) b.work[i] = 0;
  b.work[WORK_MAGIC] = BALLOON_MAGIC;
  b.work[WORK_SIZE] = b.work[WORK_TOP] = (int32_t)b.size;
  b.work[WORK_OBJECTS_START] = WORK_HEADER;
  memcpy(&b.work[WORK_EDGE_TRANSFORM], edge_identity, sizeof edge_identity);
  memcpy(&b.work[WORK_COLOR_TRANSFORM], color_identity, sizeof color_identity);
  b.work[WORK_OBJECTS_USED] = FILL_BASE_SIZE; /* object 0: that no other has this name */
  *obj(&b, 0, OBJ_TYPE) = TYPE_FILL;
  *obj(&b, 0, OBJ_LENGTH) = FILL_BASE_SIZE;
  *obj(&b, 0, OBJ_INDEX) = 0;
}

/* The masks have the bits of a pixel that are left when as many as there are subpixels are added. */
void balloon_set_aa_level(struct balloon *b, int32_t level) {
  static const uint32_t color_masks[3] = {0xFFFFFFFF, 0xFCFCFCFC, 0xF0F0F0F0};
  const int32_t shift = level >= 4 ? 2 : level >= 2 ? 1 : 0;
  b->work[WORK_AA_LEVEL] = 1 << shift;
  b->work[WORK_AA_SHIFT] = b->work[WORK_AA_HALF_PIXEL] = shift;
  b->work[WORK_AA_COLOR_MASK] = (int32_t)color_masks[shift];
  b->work[WORK_AA_SCAN_MASK] = (1 << shift) - 1;
  b->work[WORK_AA_COLOR_SHIFT] = 2 * shift;
}

/* ---- room ---- */

bool balloon_has_space(struct balloon *b, int64_t words) {
  const int64_t used =
      (int64_t)WORK_HEADER + b->objects_used + b->work[WORK_GET_USED] + b->work[WORK_AET_USED];
  if (words >= 0 && used + words <= b->work[WORK_TOP]) return true;
  balloon_stop(b, STOP_NO_SPACE);
  return false;
}

int32_t balloon_new(struct balloon *b, int32_t type, int32_t size) {
  if (!balloon_has_space(b, size)) return 0;
  const int32_t object = b->objects_used, tables = b->work[WORK_GET_USED] + b->work[WORK_AET_USED];
  if (tables > 0) memmove(obj(b, object, size), obj(b, object, 0), 4 * (size_t)tables);
  b->objects_used += size;
  *obj(b, object, OBJ_TYPE) = type;
  *obj(b, object, OBJ_LENGTH) = size;
  *obj(b, object, OBJ_INDEX) = 0;
  return object;
}

bool balloon_push(struct balloon *b, int32_t words) {
  if (!balloon_has_space(b, words)) return false;
  b->work[WORK_TOP] -= words;
  return true;
}
void balloon_clear_stack(struct balloon *b) { b->work[WORK_TOP] = (int32_t)b->size; }
int32_t balloon_stack_size(struct balloon *b) { return (int32_t)b->size - b->work[WORK_TOP]; }

/* ---- transforms ---- */

static double transform_at(const struct balloon *b, uint32_t base, uint32_t i) {
  float f;
  memcpy(&f, &b->work[base + i], sizeof f);
  return (double)f;
}

static bool coordinate(oop o, int32_t *v) {
  double d;
  if (!(oop_is_int(o) || oop_is_float(o)) || !prim_double(o, &d)) return false;
  *v = balloon_int(d);
  return true;
}
bool balloon_read_point(oop o, struct balloon_point *p) {
  return oop_has_fields(o, POINT_FIELDS) && mem_class_of(o) == mem_special(SPECIAL_CLASS_POINT) &&
         coordinate(obj_slot(o, POINT_X), &p->x) && coordinate(obj_slot(o, POINT_Y), &p->y);
}

/* To subpixels of the destination. */
void balloon_transform(struct balloon *b, struct balloon_point *p) {
  const int32_t level = b->work[WORK_AA_LEVEL];
  if (b->work[WORK_HAS_EDGE_TRANSFORM] == 0) {
    p->x = (p->x + b->work[WORK_OFFSET_X]) * level;
    p->y = (p->y + b->work[WORK_OFFSET_Y]) * level;
    return;
  }
  double m[6];
  for (uint32_t i = 0; i < 6; i++) m[i] = transform_at(b, WORK_EDGE_TRANSFORM, i);
  const struct balloon_point from = *p;
  p->x = balloon_int((m[0] * from.x + m[1] * from.y + m[2]) * level);
  p->y = balloon_int((m[3] * from.x + m[4] * from.y + m[5]) * level);
}

/* What becomes of a vector of the length. */
static int32_t transformed_length(struct balloon *b, struct balloon_point origin, struct balloon_point p) {
  balloon_transform(b, &p);
  const double dx = (double)p.x - origin.x, dy = (double)p.y - origin.y;
  return (balloon_int(sqrt(dx * dx + dy * dy)) + 128) >> 8;
}

int32_t balloon_transform_width(struct balloon *b, int32_t width) {
  enum { PRECISION = 256 };
  struct balloon_point origin = {0, 0};
  if (width == 0) return 0;
  balloon_transform(b, &origin);
  const int32_t across = transformed_length(b, origin, (struct balloon_point){width * PRECISION, 0});
  const int32_t down = transformed_length(b, origin, (struct balloon_point){0, width * PRECISION});
  const int32_t least = down < across ? down : across;
  return least == 0 ? 1 : least;
}

static uint32_t clamped(double v) { return v >= 255 ? 255 : v > 0 ? (uint32_t)v : 0; }

/* A color, alpha in the high byte; other fills stay. Translucent ones go on what has been drawn, so the image
 * must draw that first. */
int32_t balloon_transform_color(struct balloon *b, int32_t fill) {
  if (fill != 0 && !fill_is_color(fill)) return fill;
  const uint32_t color = (uint32_t)fill;
  uint32_t alpha = color >> 24, result = color;
  if (b->work[WORK_HAS_COLOR_TRANSFORM] != 0) {
    const double scale =
        (alpha * transform_at(b, WORK_COLOR_TRANSFORM, 6) + transform_at(b, WORK_COLOR_TRANSFORM, 7)) / alpha;
    alpha = clamped(alpha * scale);
    result = alpha << 24;
    for (uint32_t i = 0; i < 3; i++) {
      const double v = (color >> (16 - 8 * i) & 255) * transform_at(b, WORK_COLOR_TRANSFORM, 2 * i) +
                       transform_at(b, WORK_COLOR_TRANSFORM, 2 * i + 1);
      result |= clamped(v * scale) << (16 - 8 * i);
    }
  }
  if (alpha < 1) return 0;
  if (alpha < 255 && b->work[WORK_NEEDS_FLUSH] != 0) balloon_stop(b, STOP_NEED_FLUSH);
  return (int32_t)result;
}

/* A bitmap's pixel. */
int32_t balloon_transform_pixel(struct balloon *b, int32_t pixel) {
  enum { LEAST_ALPHA = 16 };
  if (b->work[WORK_HAS_COLOR_TRANSFORM] == 0) return pixel;
  uint32_t result = 0;
  for (uint32_t i = 0; i < 4; i++) {
    const uint32_t field = 2 * i, shift = i < 3 ? 16 - 8 * i : 24;
    const double v = ((uint32_t)pixel >> shift & 255) * transform_at(b, WORK_COLOR_TRANSFORM, field) +
                     transform_at(b, WORK_COLOR_TRANSFORM, field + 1);
    result |= clamped(v) << shift;
  }
  return result >> 24 < LEAST_ALPHA ? 0 : (int32_t)result;
}

/* n floats: words, or an Array of numbers. nil: there is no transform. */
static bool read_transform(oop o, float *floats, uint32_t n, bool *present) {
  *present = o != mem.nil;
  if (!*present) return true;
  if (oop_is_words(o)) {
    if (obj_slots(o) != n) return false;
    memcpy(floats, obj_bytes(o), sizeof *floats * n);
    return true;
  }
  if (!oop_is_array(o) || obj_slots(o) != n) return false;
  for (uint32_t i = 0; i < n; i++) {
    double v;
    if (!(oop_is_int(obj_slot(o, i)) || oop_is_float(obj_slot(o, i))) || !prim_double(obj_slot(o, i), &v))
      return false;
    floats[i] = (float)v;
  }
  return true;
}

bool balloon_read_edge_transform(struct balloon *b, oop o) {
  float m[6];
  bool present;
  b->work[WORK_HAS_EDGE_TRANSFORM] = 0;
  if (!read_transform(o, m, 6, &present)) return false;
  if (!present) return true;
  m[2] += (float)b->work[WORK_OFFSET_X];
  m[5] += (float)b->work[WORK_OFFSET_Y];
  memcpy(&b->work[WORK_EDGE_TRANSFORM], m, sizeof m);
  b->work[WORK_HAS_EDGE_TRANSFORM] = 1;
  return true;
}

bool balloon_read_color_transform(struct balloon *b, oop o) {
  float m[8];
  bool present;
  b->work[WORK_HAS_COLOR_TRANSFORM] = 0;
  if (!read_transform(o, m, 8, &present)) return false;
  if (!present) return true;
  for (int i = 1; i < 8; i += 2) m[i] *= 256;
  memcpy(&b->work[WORK_COLOR_TRANSFORM], m, sizeof m);
  b->work[WORK_HAS_COLOR_TRANSFORM] = 1;
  return true;
}

bool balloon_fill_is_good(struct balloon *b, int32_t fill) {
  if (fill == 0 || fill_is_color(fill)) return true;
  return fill < b->objects_used && (obj_type(b, fill) & TYPE_FILLS) != 0;
}
