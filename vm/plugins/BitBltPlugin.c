/* BitBltPlugin.c: copying, filling and combining rectangles of bitmaps (Blue Book chapter 18; the rules past
 * 15 and the colour maps are Squeak's, BitBltSimulation's class comment).
 *
 * This is the plain form: a pixel at a time, each rule and depth by its definition. Rows of equal depth that
 * are stored over or filled go by words. Blits that it does not do fail, and the image's own code takes over.
 */
#include <string.h>

#include "plugins/plugin.h"
#include "primitives/checks.h"

enum { /* fields of BitBlt */
       BB_DEST,
       BB_SOURCE,
       BB_HALFTONE,
       BB_RULE,
       BB_DEST_X,
       BB_DEST_Y,
       BB_WIDTH,
       BB_HEIGHT,
       BB_SOURCE_X,
       BB_SOURCE_Y,
       BB_CLIP_X,
       BB_CLIP_Y,
       BB_CLIP_WIDTH,
       BB_CLIP_HEIGHT,
       BB_COLOR_MAP,
       BB_FIELDS
};
enum { FORM_BITS, FORM_WIDTH, FORM_HEIGHT, FORM_DEPTH, FORM_FIELDS };
enum { MAP_SHIFTS, MAP_MASKS, MAP_COLORS, MAP_FIELDS }; /* a ColorMap object */

enum { /* combination rules with names of their own */
       RULE_CLEAR = 0,
       RULE_STORE = 3,
       RULE_BOOLEAN_LAST = 15,
       RULE_OLD_PAINT = 16,
       RULE_OLD_MASK = 17,
       RULE_ADD_WORD = 18,
       RULE_SUB_WORD = 19,
       RULE_RGB_ADD = 20,
       RULE_RGB_SUB = 21,
       RULE_RGB_DIFF_OLD = 22,
       RULE_TALLY_OLD = 23,
       RULE_ALPHA_BLEND = 24,
       RULE_PIX_PAINT = 25,
       RULE_PIX_MASK = 26,
       RULE_RGB_MAX = 27,
       RULE_RGB_MIN = 28,
       RULE_RGB_MIN_INVERT = 29,
       RULE_BLEND_CONST = 30,
       RULE_PAINT_CONST = 31,
       RULE_RGB_DIFF = 32,
       RULE_TALLY = 33,
       RULE_BLEND_SCALED = 34,
       RULE_RGB_MUL = 37
};

struct form {
  addr bits;
  int32_t width, height;
  uint32_t depth, pitch; /* pitch: 32-bit words a row */
  bool lsb;              /* negative depth: the leftmost pixel is in a word's low bits */
};

struct blit {
  struct form dest, source;
  bool has_source;
  addr halftone;
  uint32_t halftone_height, rule, alpha; /* alpha: of the rules that take one */
  int32_t dx, dy, w, h, sx, sy;
  /* colour map: table lookup, after shifts and masks when there are any */
  addr table;
  uint32_t table_mask;
  bool has_shifts;
  int32_t shifts[4];
  uint32_t masks[4];
  addr tally; /* of rule 33 */
  uint32_t tally_size;
};

/* A whole number: a SmallInteger, or a Float or nil (then the default). */
static bool whole(oop o, int32_t if_nil, int32_t *value) {
  if (oop_is_int(o)) {
    *value = oop_int(o);
    return true;
  }
  if (o == mem.nil) {
    *value = if_nil;
    return true;
  }
  if (!oop_has_class_index(o, CIX_FLOAT)) return false;
  double d = mem_float(o);
  if (!(d > SMALLINT_MIN && d < SMALLINT_MAX)) return false;
  *value = (int32_t)d;
  return true;
}

static bool is_words(oop o) {
  return oop_is_pointer(o) && fmt_is_bits(obj_format(o)) && obj_format(o) < FMT_METHOD;
}

static bool read_form(oop o, struct form *f) {
  int32_t depth;
  if (!oop_is_pointer(o) || !fmt_is_pointers(obj_format(o)) || obj_slots(o) < FORM_FIELDS) return false;
  if (!whole(obj_slot(o, FORM_WIDTH), -1, &f->width) || !whole(obj_slot(o, FORM_HEIGHT), -1, &f->height) ||
      !whole(obj_slot(o, FORM_DEPTH), 0, &depth))
    return false;
  f->lsb = depth < 0;
  f->depth = (uint32_t)(depth < 0 ? -depth : depth);
  if (f->width < 0 || f->height < 0 || f->depth == 0 || f->depth > 32 || (f->depth & (f->depth - 1)) != 0)
    return false;
  oop bits = obj_slot(o, FORM_BITS);
  if (!is_words(bits)) return false;
  uint64_t pitch = ((uint64_t)(uint32_t)f->width * f->depth + 31) / 32;
  if (pitch * (uint32_t)f->height > obj_slots(bits)) return false;
  f->pitch = (uint32_t)pitch;
  f->bits = obj_body(bits);
  return true;
}

static bool read_map(oop o, struct blit *b) {
  if (o == mem.nil) return true;
  oop colors = o;
  if (oop_is_pointer(o) && fmt_is_pointers(obj_format(o)) && obj_slots(o) >= MAP_FIELDS) {
    oop shifts = obj_slot(o, MAP_SHIFTS), masks = obj_slot(o, MAP_MASKS);
    colors = obj_slot(o, MAP_COLORS);
    if (shifts != mem.nil || masks != mem.nil) {
      if (!is_words(shifts) || !is_words(masks) || obj_slots(shifts) < 4 || obj_slots(masks) < 4)
        return false;
      b->has_shifts = true;
      for (uint32_t i = 0; i < 4; i++) {
        b->shifts[i] = (int32_t)obj_slot(shifts, i);
        b->masks[i] = obj_slot(masks, i);
        if (b->shifts[i] < -31 || b->shifts[i] > 31) return false;
      }
    }
    if (colors == mem.nil) return true;
  }
  if (!is_words(colors)) return false;
  uint32_t n = obj_slots(colors);
  if (n == 0 || (n & (n - 1)) != 0) return false;
  b->table = obj_body(colors);
  b->table_mask = n - 1;
  return true;
}

/* ---- pixels ---- */

static uint32_t shift_of(const struct form *f, int32_t x) {
  uint32_t bit = (uint32_t)x * f->depth & 31;
  return f->lsb ? bit : 32 - f->depth - bit;
}
static uint32_t depth_mask(uint32_t depth) { return depth == 32 ? UINT32_MAX : (1u << depth) - 1; }
static addr word_at(const struct form *f, int32_t x, int32_t y) {
  return f->bits + 4 * ((uint32_t)y * f->pitch + (uint32_t)x * f->depth / 32);
}
static uint32_t get_pixel(const struct form *f, int32_t x, int32_t y) {
  return at32(word_at(f, x, y)) >> shift_of(f, x) & depth_mask(f->depth);
}
static void put_pixel(const struct form *f, int32_t x, int32_t y, uint32_t pixel) {
  uint32_t shift = shift_of(f, x), mask = depth_mask(f->depth) << shift;
  addr a = word_at(f, x, y);
  put32(a, (at32(a) & ~mask) | (pixel << shift & mask));
}

/* rgb of 5 bits each to 8 and back. */
static uint32_t expand_16(uint32_t p) {
  return p == 0 ? 0 : 0xFF000000u | (p & 0x7C00) << 9 | (p & 0x3E0) << 6 | (p & 0x1F) << 3;
}
static uint32_t reduce_32(uint32_t p) {
  uint32_t q = (p >> 9 & 0x7C00) | (p >> 6 & 0x3E0) | (p >> 3 & 0x1F);
  return q == 0 && p != 0 ? 1 : q; /* black is not transparent */
}
/* A colour of 16 or 32 bits as an index of `bits` a component. */
static uint32_t rgb_index(uint32_t p, uint32_t depth, uint32_t bits) {
  uint32_t have = depth == 16 ? 5 : 8, drop = have > bits ? have - bits : 0;
  uint32_t m = (1u << have) - 1;
  uint32_t r = (p >> 2 * have & m) >> drop, g = (p >> have & m) >> drop, b = (p & m) >> drop;
  return r << 2 * bits | g << bits | b;
}

static uint32_t map_pixel(const struct blit *b, uint32_t p) {
  uint32_t from = b->source.depth, to = b->dest.depth;
  if (b->has_shifts) {
    uint32_t q = 0;
    for (int i = 0; i < 4; i++) {
      uint32_t part = p & b->masks[i];
      q |= b->shifts[i] < 0 ? part >> -b->shifts[i] : part << b->shifts[i];
    }
    if (b->table != 0) q = at32(b->table + 4 * (q & b->table_mask));
    return q == 0 && p != 0 && b->table == 0 ? 1 : q;
  }
  if (b->table != 0) {
    uint32_t index = p;
    if (from >= 16) index = rgb_index(p, from, b->table_mask < 0x1000 ? 3 + (b->table_mask > 0x1FF) : 5);
    return at32(b->table + 4 * (index & b->table_mask));
  }
  if (from == 16 && to == 32) return expand_16(p);
  if (from == 32 && to == 16) return reduce_32(p);
  return p & depth_mask(to);
}

/* ---- rules ---- */

/* Applies f to each component: 5 bits of three at depth 16, 8 of four at 32, else the whole pixel. */
#define COMPONENTS(expression)                                                            \
  uint32_t bits = depth == 16 ? 5 : depth == 32 ? 8 : depth, m = depth_mask(bits), r = 0; \
  for (uint32_t at = 0; at + bits <= depth; at += bits) {                                 \
    uint32_t s = src >> at & m, d = dst >> at & m;                                        \
    r |= ((expression)&m) << at;                                                          \
  }                                                                                       \
  return r;

static uint32_t rgb_add(uint32_t src, uint32_t dst, uint32_t depth) { COMPONENTS(s + d > m ? m : s + d) }
static uint32_t rgb_sub(uint32_t src, uint32_t dst, uint32_t depth) { COMPONENTS(s > d ? s - d : d - s) }
static uint32_t rgb_max(uint32_t src, uint32_t dst, uint32_t depth) { COMPONENTS(s > d ? s : d) }
static uint32_t rgb_min(uint32_t src, uint32_t dst, uint32_t depth) { COMPONENTS(s < d ? s : d) }
static uint32_t rgb_mul(uint32_t src, uint32_t dst, uint32_t depth) {
  COMPONENTS(((s + 1) * (d + 1) - 1) >> bits)
}
static uint32_t blend_8(uint32_t s, uint32_t d, uint32_t alpha) {
  return (s * alpha + d * (255 - alpha) + 254) / 255;
}
static uint32_t blend(uint32_t src, uint32_t dst, uint32_t alpha) {
  if (alpha == 0) return dst;
  if (alpha == 255) return src;
  uint32_t r = blend_8(255, dst >> 24, alpha) << 24;
  for (uint32_t at = 0; at < 24; at += 8) r |= blend_8(src >> at & 255, dst >> at & 255, alpha) << at;
  return r;
}
static uint32_t blend_scaled(uint32_t src, uint32_t dst) {
  uint32_t keep = 255 - (src >> 24), r = 0;
  for (uint32_t at = 0; at < 32; at += 8) {
    uint32_t c = (src >> at & 255) + ((dst >> at & 255) * keep + 254) / 255;
    r |= (c > 255 ? 255 : c) << at;
  }
  return r;
}
/* A blend of 32-bit colours, for pixels of depth 16 or 32. */
static uint32_t at_depth(const struct blit *b, uint32_t src, uint32_t dst, uint32_t depth) {
  bool is_16 = depth == 16;
  uint32_t s = is_16 && b->has_source ? expand_16(src) : src, d = is_16 ? expand_16(dst) : dst, r;
  if (b->rule == RULE_ALPHA_BLEND)
    r = blend(s, d, s >> 24);
  else if (b->rule == RULE_BLEND_SCALED)
    r = blend_scaled(s, d);
  else
    r = b->rule == RULE_PAINT_CONST && src == 0 ? d : blend(s, d, b->alpha);
  return is_16 ? reduce_32(r) : r;
}

static uint32_t merge(const struct blit *b, uint32_t src, uint32_t dst) {
  uint32_t depth = b->dest.depth;
  switch (b->rule) {
    case 0: return 0;
    case 1: return src & dst;
    case 2: return src & ~dst;
    case 3: return src;
    case 4: return ~src & dst;
    case 5: return dst;
    case 6: return src ^ dst;
    case 7: return src | dst;
    case 8: return ~src & ~dst;
    case 9: return ~src ^ dst;
    case 10: return ~dst;
    case 11: return src | ~dst;
    case 12: return ~src;
    case 13: return ~src | dst;
    case 14: return ~src | ~dst;
    case 15: return dst;
    case RULE_OLD_PAINT: return src != 0 ? src : dst;
    case RULE_OLD_MASK: return src != 0 ? 0 : dst;
    case RULE_ADD_WORD: return src + dst;
    case RULE_SUB_WORD: return src - dst;
    case RULE_RGB_ADD: return rgb_add(src, dst, depth);
    case RULE_RGB_SUB:
    case RULE_RGB_DIFF_OLD:
    case RULE_RGB_DIFF: return rgb_sub(src, dst, depth);
    case RULE_ALPHA_BLEND:
    case RULE_BLEND_CONST:
    case RULE_PAINT_CONST:
    case RULE_BLEND_SCALED: return at_depth(b, src, dst, depth);
    case RULE_PIX_PAINT: return src == 0 ? dst : src;
    case RULE_PIX_MASK: return src == 0 ? dst : 0;
    case RULE_RGB_MAX: return rgb_max(src, dst, depth);
    case RULE_RGB_MIN: return rgb_min(src, dst, depth);
    case RULE_RGB_MIN_INVERT: return rgb_min(~src & depth_mask(depth), dst, depth);
    default: return rgb_mul(src, dst, depth);
  }
}

static bool rule_is_known(const struct blit *b) {
  uint32_t r = b->rule, depth = b->dest.depth;
  if (r == RULE_ALPHA_BLEND || r == RULE_BLEND_CONST || r == RULE_PAINT_CONST || r == RULE_BLEND_SCALED)
    return depth >= 16;
  return r <= RULE_BLEND_SCALED || r == RULE_RGB_MUL;
}

/* ---- the blit ---- */

/* Cuts the rectangle to the clipping rectangle and to both forms (Blue Book p. 338). */
static void clip(struct blit *b, int32_t cx, int32_t cy, int32_t cw, int32_t ch) {
  int32_t left = cx > 0 ? cx : 0, top = cy > 0 ? cy : 0;
  int64_t right = (int64_t)cx + cw, bottom = (int64_t)cy + ch;
  if (right > b->dest.width) right = b->dest.width;
  if (bottom > b->dest.height) bottom = b->dest.height;
  int64_t x0 = b->dx, y0 = b->dy, x1 = x0 + b->w, y1 = y0 + b->h, sx = b->sx, sy = b->sy;
  if (x0 < left) sx += left - x0, x0 = left;
  if (y0 < top) sy += top - y0, y0 = top;
  if (x1 > right) x1 = right;
  if (y1 > bottom) y1 = bottom;
  if (b->has_source) {
    if (sx < 0) x0 -= sx, sx = 0;
    if (sy < 0) y0 -= sy, sy = 0;
    if (x1 - x0 > b->source.width - sx) x1 = x0 + b->source.width - sx;
    if (y1 - y0 > b->source.height - sy) y1 = y0 + b->source.height - sy;
  }
  b->w = x1 > x0 ? (int32_t)(x1 - x0) : 0;
  b->h = y1 > y0 ? (int32_t)(y1 - y0) : 0;
  b->dx = (int32_t)x0;
  b->dy = (int32_t)y0;
  b->sx = (int32_t)sx;
  b->sy = (int32_t)sy;
}

/* The pattern's pixels for a row, as a word of pixels of the destination's depth. */
static uint32_t halftone_pixel(const struct blit *b, int32_t x, int32_t y) {
  if (b->halftone == 0) return UINT32_MAX;
  uint32_t word = at32(b->halftone + 4 * ((uint32_t)y % b->halftone_height));
  return word >> shift_of(&b->dest, x) & depth_mask(b->dest.depth);
}

static void blit_pixel(const struct blit *b, int32_t x, int32_t y) {
  uint32_t src = halftone_pixel(b, b->dx + x, b->dy + y);
  if (b->has_source) src &= map_pixel(b, get_pixel(&b->source, b->sx + x, b->sy + y));
  src &= depth_mask(b->dest.depth);
  uint32_t dst = get_pixel(&b->dest, b->dx + x, b->dy + y);
  if (b->rule == RULE_TALLY || b->rule == RULE_TALLY_OLD) { /* counts pixel values of the destination */
    uint32_t index = b->dest.depth < 16 ? dst
                                        : rgb_index(dst, b->dest.depth,
                                                    b->tally_size > 0x1000 ? 5
                                                    : b->tally_size > 512  ? 4
                                                                           : 3);
    if (index < b->tally_size) put32(b->tally + 4 * index, at32(b->tally + 4 * index) + 1);
    return;
  }
  put_pixel(&b->dest, b->dx + x, b->dy + y, merge(b, src, dst));
}

/* Whole words that are stored or filled: what most blits are. Answers whether the row is done. */
static bool blit_row_by_words(const struct blit *b, int32_t y) {
  uint32_t per_word = 32 / b->dest.depth;
  if (b->rule != RULE_STORE || b->table != 0 || b->has_shifts) return false;
  if (((uint32_t)b->dx | (uint32_t)b->w) % per_word != 0) return false;
  addr to = word_at(&b->dest, b->dx, b->dy + y);
  uint32_t words = (uint32_t)b->w / per_word;
  if (b->has_source) {
    if (b->halftone != 0 || b->source.depth != b->dest.depth || b->source.lsb != b->dest.lsb ||
        (uint32_t)b->sx % per_word != 0)
      return false;
    memmove(AT(void, to), AT(void, word_at(&b->source, b->sx, b->sy + y)), 4 * words);
    return true;
  }
  uint32_t fill =
      b->halftone == 0 ? UINT32_MAX : at32(b->halftone + 4 * ((uint32_t)(b->dy + y) % b->halftone_height));
  for (uint32_t i = 0; i < words; i++) put32(to + 4 * i, fill);
  return true;
}

static void run_blit(const struct blit *b) {
  /* Overlapping copies within a form go from the side that is not overwritten first. */
  bool same = b->has_source && b->source.bits == b->dest.bits;
  bool up = same && b->sy < b->dy, left = same && b->sy == b->dy && b->sx < b->dx;
  for (int32_t i = 0; i < b->h; i++) {
    int32_t y = up ? b->h - 1 - i : i;
    if (blit_row_by_words(b, y)) continue;
    for (int32_t j = 0; j < b->w; j++) blit_pixel(b, left ? b->w - 1 - j : j, y);
  }
}

/* Fills in everything but the rectangle. Answers a failure code or 0. */
static uint32_t read_blit(oop o, struct blit *b) {
  *b = (struct blit){0};
  if (!oop_is_pointer(o) || !fmt_is_pointers(obj_format(o)) || obj_slots(o) < BB_FIELDS)
    return PRIM_ERR_BAD_RECEIVER;
  oop rule = obj_slot(o, BB_RULE), source = obj_slot(o, BB_SOURCE), halftone = obj_slot(o, BB_HALFTONE);
  if (!oop_is_int(rule) || !read_form(obj_slot(o, BB_DEST), &b->dest)) return PRIM_ERR_BAD_RECEIVER;
  b->rule = (uint32_t)oop_int(rule);
  if (!rule_is_known(b)) return PRIM_ERR_UNSUPPORTED;
  b->has_source = source != mem.nil;
  if (b->has_source && !read_form(source, &b->source)) return PRIM_ERR_BAD_RECEIVER;
  if (halftone != mem.nil) {
    oop bits = halftone;
    if (oop_is_pointer(halftone) && fmt_is_pointers(obj_format(halftone)) &&
        obj_slots(halftone) >= FORM_FIELDS)
      bits = obj_slot(halftone, FORM_BITS);
    if (!is_words(bits) || obj_slots(bits) == 0) return PRIM_ERR_BAD_RECEIVER;
    b->halftone = obj_body(bits);
    b->halftone_height = obj_slots(bits);
  }
  if (b->rule == RULE_TALLY || b->rule == RULE_TALLY_OLD) {
    oop map = obj_slot(o, BB_COLOR_MAP);
    if (!is_words(map)) return PRIM_ERR_BAD_RECEIVER;
    b->tally = obj_body(map);
    b->tally_size = obj_slots(map);
    return 0;
  }
  return b->has_source && !read_map(obj_slot(o, BB_COLOR_MAP), b) ? PRIM_ERR_BAD_RECEIVER : 0;
}

static uint32_t read_rectangle(oop o, struct blit *b) {
  int32_t cx, cy, cw, ch;
  if (!whole(obj_slot(o, BB_DEST_X), 0, &b->dx) || !whole(obj_slot(o, BB_DEST_Y), 0, &b->dy) ||
      !whole(obj_slot(o, BB_WIDTH), b->dest.width, &b->w) ||
      !whole(obj_slot(o, BB_HEIGHT), b->dest.height, &b->h) || !whole(obj_slot(o, BB_SOURCE_X), 0, &b->sx) ||
      !whole(obj_slot(o, BB_SOURCE_Y), 0, &b->sy) || !whole(obj_slot(o, BB_CLIP_X), 0, &cx) ||
      !whole(obj_slot(o, BB_CLIP_Y), 0, &cy) || !whole(obj_slot(o, BB_CLIP_WIDTH), b->dest.width, &cw) ||
      !whole(obj_slot(o, BB_CLIP_HEIGHT), b->dest.height, &ch))
    return PRIM_ERR_BAD_RECEIVER;
  clip(b, cx, cy, cw, ch);
  return 0;
}

/* copyBits, copyBitsTranslucent: alpha. */
static oop primitiveCopyBits(oop *args, uint32_t argc) {
  struct blit b;
  uint32_t error = read_blit(args[0], &b);
  if (error != 0) return prim_fail(error);
  if (argc == 1) {
    if (!oop_is_int(args[1]) || oop_int(args[1]) < 0 || oop_int(args[1]) > 255)
      return prim_fail(PRIM_ERR_BAD_ARGUMENT);
    b.alpha = (uint32_t)oop_int(args[1]);
  } else if (b.rule == RULE_BLEND_CONST || b.rule == RULE_PAINT_CONST) {
    return prim_fail(PRIM_ERR_BAD_NUM_ARGS);
  }
  error = read_rectangle(args[0], &b);
  if (error != 0) return prim_fail(error);
  run_blit(&b);
  return args[0];
}

/* pixelValueAt: of a Form. */
static oop primitivePixelValueAt(oop *args, uint32_t argc) {
  struct form f;
  if (!oop_is_int(args[1]) || !oop_is_int(args[2])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (!read_form(args[0], &f)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  int32_t x = oop_int(args[1]), y = oop_int(args[2]);
  if (x < 0 || y < 0 || x >= f.width || y >= f.height) return int_oop(0);
  oop pixel = mem_new_uint64(get_pixel(&f, x, y));
  return pixel != 0 ? pixel : prim_fail(PRIM_ERR_NO_MEMORY);
}

#define BITBLT_PRIMITIVES(X) \
  X(primitiveCopyBits, 0, 1) \
  X(primitivePixelValueAt, 2, 2)
PLUGIN_DEFINE(BitBltPlugin, BITBLT_PRIMITIVES)
