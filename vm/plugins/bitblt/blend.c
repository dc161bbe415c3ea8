/* blend.c: rules 34 and 41 from colours of 32 bits to another form of 32, 16 or 8 (alphaSourceBlendBits and
 * rgbComponentAlpha of BitBltSimulation). 16 bits are dithered by a matrix of thresholds, 8 by a chequered
 * pattern; pixels of 8 bits are taken for colours of the standard palette, and the colour map finds them. */
#include "devices/pixels.h"
#include "plugins/bitblt/bitblt.h"

enum { RULE_BLEND_SCALED = 34, RULE_COMPONENT_ALPHA = 41 };

bool blend_takes_over(struct blit *b) {
  if (!b->has_source || b->source.depth != 32 || b->source.object == b->dest.object) return false;
  const bool scaled = b->rule == RULE_BLEND_SCALED;
  if (!scaled && b->rule != RULE_COMPONENT_ALPHA) return false;
  if (b->dest.depth == 32) {
    b->combine = scaled ? rule_blend_scaled_over : rule_component_alpha_over;
    b->halftone = NULL;
    b->map = (struct colour_map){0};
    return false;
  }
  return b->dest.depth == 16 || (b->dest.depth == 8 && (!scaled || b->map.present));
}

/* A component of 8 bits to 5: one less, or not, as what is cut off is to the threshold. */
static uint32_t dithered(uint32_t component, uint32_t threshold) {
  static const uint8_t limits[8] = {0, 2, 4, 6, 8, 12, 14, 16};
  const uint32_t fifth = component >> 3;
  return (fifth > 0 ? fifth - 1 : 0) + (threshold < limits[component & 7]);
}

static uint32_t to_16(uint32_t p, int32_t x, int32_t y) {
  static const uint8_t thresholds[4][4] = {{0, 8, 2, 10}, {12, 4, 14, 6}, {3, 11, 1, 9}, {15, 7, 13, 5}};
  const uint32_t t = thresholds[y & 3][x & 3];
  const uint32_t q = dithered(p >> 16 & 255, t) << 10 | dithered(p >> 8 & 255, t) << 5 | dithered(p & 255, t);
  return q == 0 ? 1 : q;
}

/* The colour of a pixel of 8 bits, which is of Squeak's palette: alpha highest, blue lowest. 0 is
 * transparent, and black, which would be it with fewer bits, has a trace of blue. */
static uint32_t standard_colour(uint32_t index) {
  if (index == 0) return 0;
  const uint32_t p = dev_pixel_rgba(index, 8), rgb = (p & 255) << 16 | (p & 0xFF00) | (p >> 16 & 255);
  return 0xFF000000 | (rgb == 0 ? 1 : rgb);
}

static void put_pixel(const struct form *f, int32_t x, int32_t y, uint32_t pixel) {
  uint32_t *word = form_row(f, y) + (uint64_t)(uint32_t)x * f->depth / 32;
  const uint32_t shift = form_shift(f, x), mask = form_pixel_mask(f) << shift;
  *word = (*word & ~mask) | (pixel << shift & mask);
}

/* The colour over another, by the rule. */
static uint32_t over(const struct blit *b, uint32_t s, uint32_t d) {
  return b->rule == RULE_BLEND_SCALED ? rule_blend_scaled_word(s, d)
                                      : rule_component_alpha_word(&b->component, s, d);
}

static void blend_to_16(struct blit *b, int32_t x, int32_t y, int32_t sx, uint32_t s) {
  const uint32_t matters = b->rule == RULE_BLEND_SCALED ? 0xFF000000 : 0x00FFFFFF;
  if ((s & matters) == 0) return;
  if (b->rule != RULE_BLEND_SCALED || s >> 24 != 255)
    s = over(b, s, colour_16_to_32(form_pixel(&b->dest, x, y)) | 0xFF000000);
  put_pixel(&b->dest, x, y, to_16(s, sx, y));
}

static void blend_to_8(struct blit *b, int32_t x, int32_t y, bool odd, uint32_t s) {
  enum { TRANSPARENT = 31, OPAQUE = 224 };
  if (odd) s |= 0x1F1F1F1F;
  const bool scaled = b->rule == RULE_BLEND_SCALED;
  const uint32_t alpha = scaled ? s >> 24 : ((s >> 16 & 255) + (s >> 8 & 255) + (s & 255)) / 3;
  if (alpha <= TRANSPARENT) return;
  if (!scaled && alpha > OPAQUE) s = UINT32_MAX;
  if (!scaled || alpha < OPAQUE) s = over(b, s, standard_colour(form_pixel(&b->dest, x, y)));
  colour_map_pixels(&b->map, &s, 1, 255);
  put_pixel(&b->dest, x, y, s);
}

void blend_run(struct blit *b) {
  for (int32_t row = 0; row < b->h; row++) {
    const uint32_t *src = form_row(&b->source, b->sy + row) + b->sx;
    const uint32_t parity = (uint32_t)(b->dx + b->dy) + (uint32_t)row * ((uint32_t)b->w + 1);
    for (int32_t i = 0; i < b->w; i++)
      if (b->dest.depth == 16)
        blend_to_16(b, b->dx + i, b->dy + row, b->sx + i, src[i]);
      else
        blend_to_8(b, b->dx + i, b->dy + row, (parity + (uint32_t)i) & 1, src[i]);
  }
}
