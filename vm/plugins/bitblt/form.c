/* form.c: reads BitBlt and Form objects, whatever is in them, and clips. */
#include "plugins/bitblt/bitblt.h"
#include "primitives/checks.h"

bool bitblt_whole(oop o, int64_t if_nil, int64_t *value) {
  if (oop_is_int(o)) {
    *value = oop_int(o);
    return true;
  }
  if (o == mem.nil) {
    *value = if_nil;
    return true;
  }
  if (!oop_is_float(o)) return false;
  double d = mem_float(o);
  if (!(d >= INT32_MIN && d <= INT32_MAX)) return false;
  *value = (int64_t)d;
  return true;
}

static bool has_fields(oop o, uint32_t n) {
  return oop_is_pointer(o) && fmt_is_pointers(obj_format(o)) && obj_slots(o) >= n;
}

/* Bytes of an object of bits, of whatever unit; 0 for any other. */
static uint32_t bits_size(oop o) {
  if (!oop_is_pointer(o) || !fmt_is_bits(obj_format(o)) || fmt_is_method(obj_format(o))) return 0;
  if (fmt_is_bytes(obj_format(o))) return obj_byte_size(o);
  uint32_t unused_16 = obj_format(o) >= FMT_16 ? obj_format(o) & 3 : 0;
  return obj_slots(o) * 4 - 2 * unused_16;
}

bool bitblt_read_form(oop o, struct form *f) {
  if (!has_fields(o, FORM_FIELDS)) return false;
  int64_t width, height;
  const oop bits = obj_slot(o, FORM_BITS), depth_oop = obj_slot(o, FORM_DEPTH);
  if (!bitblt_whole(obj_slot(o, FORM_WIDTH), -1, &width) ||
      !bitblt_whole(obj_slot(o, FORM_HEIGHT), -1, &height) || !oop_is_int(depth_oop))
    return false;
  const int32_t depth = oop_int(depth_oop);
  f->lsb = depth < 0;
  f->depth = (uint32_t)(depth < 0 ? -depth : depth);
  if (width < 0 || height < 0 || f->depth == 0 || f->depth > 32 || (f->depth & (f->depth - 1)) != 0)
    return false;
  /* Both are below 2^31 and the pitch is no more than the width: the product fits in 64 bits. */
  const uint64_t pitch = ((uint64_t)width * f->depth + 31) / 32;
  if (!oop_is_pointer(bits) || !fmt_is_bits(obj_format(bits)) || fmt_is_method(obj_format(bits)) ||
      pitch * (uint64_t)height * 4 > bits_size(bits))
    return false;
  f->width = (int32_t)width;
  f->height = (int32_t)height;
  f->pitch = (uint32_t)pitch;
  f->bits = AT(uint32_t, obj_body(bits));
  f->object = o;
  f->bits_object = bits;
  return true;
}

/* A Form, of whose rows only the first word counts, or words alone. */
static bool read_halftone(oop o, struct blit *b) {
  if (o == mem.nil || rule_ignores_source(b->rule)) return true;
  oop bits = o;
  uint32_t height;
  if (has_fields(o, FORM_FIELDS)) {
    bits = obj_slot(o, FORM_BITS);
    if (!oop_is_words(bits)) return true;
    if (!prim_index(obj_slot(o, FORM_HEIGHT), &height) || height > obj_slots(bits)) return false;
  } else {
    if (!oop_is_words(o)) return false;
    height = obj_slots(o);
  }
  if (height == 0) return false;
  b->halftone = AT(uint32_t, obj_body(bits));
  b->halftone_height = height;
  return true;
}

static bool read_rectangle(oop o, struct blit *b) {
  if (!bitblt_whole(obj_slot(o, BB_DEST_X), 0, &b->dest_x) ||
      !bitblt_whole(obj_slot(o, BB_DEST_Y), 0, &b->dest_y) ||
      !bitblt_whole(obj_slot(o, BB_WIDTH), b->dest.width, &b->width) ||
      !bitblt_whole(obj_slot(o, BB_HEIGHT), b->dest.height, &b->height) ||
      !bitblt_whole(obj_slot(o, BB_CLIP_X), 0, &b->clip_x) ||
      !bitblt_whole(obj_slot(o, BB_CLIP_Y), 0, &b->clip_y) ||
      !bitblt_whole(obj_slot(o, BB_CLIP_WIDTH), b->dest.width, &b->clip_width) ||
      !bitblt_whole(obj_slot(o, BB_CLIP_HEIGHT), b->dest.height, &b->clip_height))
    return false;
  if (b->clip_x < 0) b->clip_width += b->clip_x, b->clip_x = 0;
  if (b->clip_y < 0) b->clip_height += b->clip_y, b->clip_y = 0;
  if (b->clip_x + b->clip_width > b->dest.width) b->clip_width = b->dest.width - b->clip_x;
  if (b->clip_y + b->clip_height > b->dest.height) b->clip_height = b->dest.height - b->clip_y;
  return true;
}

static bool read_source(oop o, struct blit *b) {
  const oop source = obj_slot(o, BB_SOURCE);
  b->has_source = source != mem.nil && !rule_ignores_source(b->rule);
  if (!b->has_source) return true;
  return bitblt_read_form(source, &b->source) && bitblt_read_map(obj_slot(o, BB_COLOR_MAP), b) &&
         bitblt_whole(obj_slot(o, BB_SOURCE_X), 0, &b->source_x) &&
         bitblt_whole(obj_slot(o, BB_SOURCE_Y), 0, &b->source_y);
}

uint32_t bitblt_read(oop o, struct blit *b) {
  *b = (struct blit){0};
  if (!has_fields(o, BB_FIELDS) || !prim_index(obj_slot(o, BB_RULE), &b->rule)) return PRIM_ERR_BAD_RECEIVER;
  b->combine = rule_named(b->rule);
  if (b->combine == NULL) return PRIM_ERR_UNSUPPORTED;
  if (!bitblt_read_form(obj_slot(o, BB_DEST), &b->dest) || !read_rectangle(o, b) || !read_source(o, b) ||
      !read_halftone(obj_slot(o, BB_HALFTONE), b))
    return PRIM_ERR_BAD_RECEIVER;
  if (obj_is_immutable(b->dest.bits_object)) return PRIM_ERR_NO_MODIFICATION;
  return 0;
}

/* One dimension: from `at` of the destination and `from` of the source, `n` pixels. */
static void clip_dimension(int64_t *at, int64_t *from, int64_t *n, int64_t clip, int64_t clip_size) {
  if (*at < clip) {
    *from += clip - *at;
    *n -= clip - *at;
    *at = clip;
  }
  if (*at + *n > clip + clip_size) *n = clip + clip_size - *at;
}
static void clip_to_source(int64_t *at, int64_t *from, int64_t *n, int64_t size) {
  if (*from < 0) {
    *at -= *from;
    *n += *from;
    *from = 0;
  }
  if (*from + *n > size) *n = size - *from;
}

bool bitblt_clip(struct blit *b, bool to_dest_only) {
  int64_t dx = b->dest_x, dy = b->dest_y, sx = b->source_x, sy = b->source_y, w = b->width, h = b->height;
  clip_dimension(&dx, &sx, &w, b->clip_x, b->clip_width);
  clip_dimension(&dy, &sy, &h, b->clip_y, b->clip_height);
  if (b->has_source && !to_dest_only) {
    clip_to_source(&dx, &sx, &w, b->source.width);
    clip_to_source(&dy, &sy, &h, b->source.height);
  }
  if (w <= 0 || h <= 0) return false;
  b->dx = (int32_t)dx;
  b->dy = (int32_t)dy;
  b->w = (int32_t)w;
  b->h = (int32_t)h;
  b->sx = (int32_t)sx;
  b->sy = (int32_t)sy;
  return true;
}
