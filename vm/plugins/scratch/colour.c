/* colour.c: filters that change each pixel's hue, saturation or brightness. */
#include "plugins/scratch/filters.h"

enum {
  FULL = 1000, /* of saturation and brightness */
  PER_PERCENT = FULL / 100,
  CIRCLE = 360,
  SEXTANT = CIRCLE / 6,
  WHITE = 255,
  TO_BYTE = 3922, /* FULL × FULL / 255, and a little more */
  BLACK = 1,
  RGB = 0xFFFFFF,
  /* What is darker or greyer is tinted as if it were this, so that a change of hue shows. */
  LEAST_BRIGHTNESS = 110,
  LEAST_SATURATION = 90,
};

struct hsv {
  int32_t hue, saturation, brightness;
};

static int32_t hue_of(int32_t r, int32_t g, int32_t b, int32_t max, int32_t span) {
  int32_t hue;
  if (span == 0) return 0;
  if (r == max)
    hue = SEXTANT * (g - b) / span;
  else if (g == max)
    hue = 2 * SEXTANT + SEXTANT * (b - r) / span;
  else
    hue = 4 * SEXTANT + SEXTANT * (r - g) / span;
  return hue < 0 ? hue + CIRCLE : hue;
}

static struct hsv hsv_of(uint32_t pixel) {
  const int32_t r = (int32_t)(pixel >> 16 & 0xFF), g = (int32_t)(pixel >> 8 & 0xFF),
                b = (int32_t)(pixel & 0xFF);
  int32_t max = r, min = r;
  if (g > max) max = g;
  if (b > max) max = b;
  if (g < min) min = g;
  if (b < min) min = b;
  return (struct hsv){.hue = hue_of(r, g, b, max, max - min),
                      .saturation = max == 0 ? 0 : (max - min) * FULL / max,
                      .brightness = max * FULL / WHITE};
}

static uint32_t pixel_of(struct hsv c) {
  const int32_t part = c.hue % SEXTANT;
  const int32_t strong = c.brightness * FULL / TO_BYTE;
  const int32_t weak = (FULL - c.saturation) * c.brightness / TO_BYTE;
  const int32_t falling = (FULL - c.saturation * part / SEXTANT) * c.brightness / TO_BYTE;
  const int32_t rising = (FULL - c.saturation * (SEXTANT - part) / SEXTANT) * c.brightness / TO_BYTE;
  const int32_t rgb[6][3] = {{strong, rising, weak},  {falling, strong, weak}, {weak, strong, rising},
                             {weak, falling, strong}, {rising, weak, strong},  {strong, weak, falling}};
  const int32_t *components = rgb[c.hue / SEXTANT];
  const uint32_t pixel =
      (uint32_t)components[0] << 16 | (uint32_t)components[1] << 8 | (uint32_t)components[2];
  return pixel != 0 ? pixel : BLACK;
}

/* A value of 0 to FULL, changed by percents. */
static int32_t shifted(int32_t value, int32_t percents) {
  const int64_t sum = value + (int64_t)percents * PER_PERCENT;
  return sum < 0 ? 0 : sum > FULL ? FULL : (int32_t)sum;
}

#define EACH_PIXEL(i, from) \
  for (uint32_t i = 0, i##_count = (from)->width * (from)->height; i < i##_count; i++)

void filter_hue(const struct picture *from, const struct picture *to, int32_t amount) {
  EACH_PIXEL(i, from) {
    const uint32_t pixel = from->pixels[i] & RGB;
    if (pixel == 0) continue;
    struct hsv c = hsv_of(pixel);
    if (c.brightness < LEAST_BRIGHTNESS) {
      c.brightness = LEAST_BRIGHTNESS;
      c.saturation = FULL;
    }
    if (c.saturation < LEAST_SATURATION) c.saturation = LEAST_SATURATION;
    if (c.brightness == LEAST_BRIGHTNESS || c.saturation == LEAST_SATURATION) c.hue = 0;
    c.hue = (c.hue + amount % CIRCLE + CIRCLE) % CIRCLE;
    to->pixels[i] = pixel_of(c);
  }
}

void filter_saturation(const struct picture *from, const struct picture *to, int32_t amount) {
  EACH_PIXEL(i, from) {
    const uint32_t pixel = from->pixels[i] & RGB;
    struct hsv c = hsv_of(pixel);
    if (pixel <= BLACK || c.saturation == 0) continue;
    c.saturation = shifted(c.saturation, amount);
    to->pixels[i] = pixel_of(c);
  }
}

void filter_brightness(const struct picture *from, const struct picture *to, int32_t amount) {
  EACH_PIXEL(i, from) {
    const uint32_t pixel = from->pixels[i] & RGB;
    if (pixel == 0) continue;
    struct hsv c = hsv_of(pixel);
    c.brightness = shifted(c.brightness, amount);
    to->pixels[i] = pixel_of(c);
  }
}
