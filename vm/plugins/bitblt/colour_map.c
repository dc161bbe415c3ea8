/* colour_map.c: colour maps: which pixel of the destination a pixel of the source is. */
#include "plugins/bitblt/bitblt.h"
#include "primitives/checks.h"

enum { RED, GREEN, BLUE, ALPHA, COMPONENTS };

/* Bits a component of a pixel of that depth; 0 where pixels are no colours. */
static uint32_t component_bits(uint32_t depth) { return depth == 16 ? 5 : depth == 32 ? 8 : 0; }

/* Left (or, negative, right) by any number of bits. */
static void set_shift(struct colour_map *m, uint32_t i, int32_t shift) {
  m->left[i] = shift > 0 ? (uint32_t)shift : 0;
  m->right[i] = shift < 0 ? (uint32_t)-shift : 0;
  if (shift > 31 || shift < -31) m->masks[i] = m->left[i] = m->right[i] = 0;
}

void colour_map_convert(struct colour_map *m, uint32_t from, uint32_t to) {
  if (from == to) return;
  const uint32_t drop = from > to ? from - to : 0;
  const uint32_t mask = ((1u << (from < to ? from : to)) - 1) << drop;
  const int32_t shift = (int32_t)to - (int32_t)from;
  m->masks[RED] = mask << 2 * from;
  m->masks[GREEN] = mask << from;
  m->masks[BLUE] = mask;
  m->masks[ALPHA] = 0;
  set_shift(m, RED, 3 * shift);
  set_shift(m, GREEN, 2 * shift);
  set_shift(m, BLUE, shift);
  set_shift(m, ALPHA, 0);
  m->has_shifts = true;
}

static bool read_table(oop o, struct colour_map *m) {
  if (!oop_is_words(o)) return false;
  const uint32_t size = obj_slots(o);
  if ((size & (size - 1)) != 0) return false;
  if (size == 0) return true;
  m->table = AT(uint32_t, obj_body(o));
  m->table_mask = size - 1;
  m->bits_per_colour = size == 1 << 9 ? 3 : size == 1 << 12 ? 4 : size == 1 << 15 ? 5 : 0;
  return true;
}

static bool is_identity(const struct colour_map *m) {
  static const uint32_t whole[COMPONENTS] = {0xFF0000, 0xFF00, 0xFF, 0xFF000000};
  for (uint32_t i = 0; i < COMPONENTS; i++)
    if (m->masks[i] != whole[i] || m->left[i] != 0 || m->right[i] != 0) return false;
  return true;
}

static bool is_four_words(oop o) { return o == mem.nil || (oop_is_words(o) && obj_slots(o) == COMPONENTS); }

/* A ColorMap object: shifts, masks and a table, each of which may be nil. */
static bool read_color_map(oop o, struct colour_map *m) {
  if (!oop_is_pointer(o) || !fmt_is_pointers(obj_format(o)) || obj_slots(o) < MAP_FIELDS) return false;
  const oop shifts = obj_slot(o, MAP_SHIFTS), masks = obj_slot(o, MAP_MASKS),
            colors = obj_slot(o, MAP_COLORS);
  m->new_style = true;
  if (!is_four_words(shifts) || !is_four_words(masks) || (colors != mem.nil && !read_table(colors, m)))
    return false;
  if (shifts == mem.nil || masks == mem.nil) return true;
  for (uint32_t i = 0; i < COMPONENTS; i++) {
    m->masks[i] = obj_slot(masks, i);
    set_shift(m, i, (int32_t)obj_slot(shifts, i));
  }
  m->has_shifts = !is_identity(m);
  return true;
}

/* Between pixels that are colours a map is implied: to the components that the table is for, or else to those
 * of the destination. */
static void imply_conversion(struct blit *b) {
  const uint32_t from = component_bits(b->source.depth);
  const uint32_t to = b->map.bits_per_colour != 0 ? b->map.bits_per_colour : component_bits(b->dest.depth);
  if (from != 0 && to != 0) colour_map_convert(&b->map, from, to);
}

bool bitblt_read_map(oop o, struct blit *b) {
  b->map.present = o != mem.nil;
  if (oop_is_words(o)) {
    if (!read_table(o, &b->map)) return false;
    if (rule_tallies(b->rule) && obj_is_immutable(o)) return false;
  } else if (b->map.present) {
    if (!read_color_map(o, &b->map)) return false;
    if (rule_tallies(b->rule) && b->map.table != NULL && obj_is_immutable(obj_slot(o, MAP_COLORS)))
      return false;
    return true;
  }
  imply_conversion(b);
  return true;
}

uint32_t colour_rgb(uint32_t pixel, uint32_t from, uint32_t to) {
  const uint32_t keep = (1u << to) - 1, drop = from - to;
  const uint32_t r = pixel >> (2 * from + drop) & keep, g = pixel >> (from + drop) & keep,
                 b = pixel >> drop & keep, rgb = r << 2 * to | g << to | b;
  return rgb == 0 && pixel != 0 && from != to ? 1 : rgb;
}

static void by_shifts(const struct colour_map *map, uint32_t *restrict pixels, uint32_t n) {
  const struct colour_map m = *map; /* which the pixels are not part of */
  for (uint32_t i = 0; i < n; i++) {
    const uint32_t p = pixels[i];
    uint32_t q = 0;
    for (uint32_t c = 0; c < COMPONENTS; c++) q |= (p & m.masks[c]) << m.left[c] >> m.right[c];
    pixels[i] = q | (uint32_t)(q == 0 && p != 0); /* fewer bits do not make a colour transparent */
  }
}

void colour_map_pixels(const struct colour_map *m, uint32_t *pixels, uint32_t n, uint32_t mask) {
  if (m->has_shifts) by_shifts(m, pixels, n);
  if (m->table != NULL) {
    const uint32_t *const table = m->table, table_mask = m->table_mask;
    for (uint32_t i = 0; i < n; i++) pixels[i] = table[pixels[i] & table_mask] & mask;
  } else if (mask != UINT32_MAX) {
    for (uint32_t i = 0; i < n; i++) pixels[i] &= mask;
  }
}
