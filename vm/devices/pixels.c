/* pixels.c: Form pixels to RGBA (pixels.h).
 *
 * Colours of indexed depths: Squeak's Color class>>initializeIndexedColors. Depth 16 has 5 bits of red, green
 * and blue below an unused one; depth 32 has 8, below alpha, which a display does not look at. Pixel 0, which
 * is transparent in a Form, is white at depths up to 8 and black above.
 */
#include "devices/pixels.h"

enum { INDEXED = 256, CUBE = 6 };

static uint32_t palette[INDEXED];

static uint32_t rgba(uint32_t red, uint32_t green, uint32_t blue) {
  return 0xFF000000u | blue << 16 | green << 8 | red;
}

/* A component of numerator / denominator: Color keeps 10 bits, rounded, of which the display has the upper 8.
 */
static uint32_t component(uint32_t numerator, uint32_t denominator) {
  const uint32_t full = 1023;
  return (2 * numerator * full + denominator) / (2 * denominator) >> 2;
}

static uint32_t gray(uint32_t numerator, uint32_t denominator) {
  const uint32_t c = component(numerator, denominator);
  return rgba(c, c, c);
}

static void fill_palette(void) {
  const uint32_t first[] = {rgba(255, 255, 255), rgba(0, 0, 0),    rgba(255, 255, 255), gray(1, 2),
                            rgba(255, 0, 0),     rgba(0, 255, 0),  rgba(0, 0, 255),     rgba(0, 255, 255),
                            rgba(255, 255, 0),   rgba(255, 0, 255)};
  uint32_t at = 0;
  while (at < sizeof first / sizeof *first) palette[at] = first[at], at++;
  for (uint32_t eighth = 1; eighth < 8; eighth++)
    if (eighth != 4) palette[at++] = gray(eighth, 8);
  for (uint32_t i = 1; i < 32; i++)
    if (i % 4 != 0) palette[at++] = gray(i, 32);
  for (uint32_t red = 0; red < CUBE; red++)
    for (uint32_t blue = 0; blue < CUBE; blue++)
      for (uint32_t green = 0; green < CUBE; green++)
        palette[at++] = rgba(component(red, 5), component(green, 5), component(blue, 5));
}

static inline uint32_t of_16(uint32_t value) {
  const uint32_t red = value >> 10 & 31, green = value >> 5 & 31, blue = value & 31;
  return rgba(red << 3 | red >> 2, green << 3 | green >> 2, blue << 3 | blue >> 2);
}

static inline uint32_t of_32(uint32_t value) {
  return 0xFF000000u | (value & 255) << 16 | (value & 0xFF00) | (value >> 16 & 255);
}

uint32_t dev_pixel_rgba(uint32_t value, uint32_t depth) {
  if (palette[0] == 0) fill_palette();
  return depth == 32 ? of_32(value) : depth == 16 ? of_16(value) : palette[value];
}

void dev_pixels_rgba(const struct dev_surface *from, struct dev_rect rect, uint32_t *to) {
  if (palette[0] == 0) fill_palette();
  for (uint32_t y = (uint32_t)rect.top; y < (uint32_t)rect.bottom; y++) {
    uint32_t *row = to + (uint64_t)y * from->width;
    const uint32_t left = (uint32_t)rect.left, right = (uint32_t)rect.right;
    if (from->depth == 32)
      for (uint32_t x = left; x < right; x++) row[x] = of_32(from->words[y * from->pitch + x]);
    else if (from->depth == 16)
      for (uint32_t x = left; x < right; x++) row[x] = of_16(dev_pixel(from, x, y));
    else
      for (uint32_t x = left; x < right; x++) row[x] = palette[dev_pixel(from, x, y)];
  }
}
