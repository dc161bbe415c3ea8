/* warp.c: filters that take each pixel from elsewhere: blurred, bent, scaled. */
#include "plugins/scratch/filters.h"

#include <math.h>

enum { ONE = 1024, FRACTION = ONE - 1, FRACTION_BITS = 10, BLACK = 1, RGB = 0xFFFFFF };
static const double PI = 3.141592653589793;

static uint32_t red(uint32_t pixel) { return pixel >> 16 & 0xFF; }
static uint32_t green(uint32_t pixel) { return pixel >> 8 & 0xFF; }
static uint32_t blue(uint32_t pixel) { return pixel & 0xFF; }
static uint32_t rgb(uint32_t r, uint32_t g, uint32_t b) { return r << 16 | g << 8 | b; }

/* ---- blur ---- */

static uint32_t mean_around(const struct picture *p, uint32_t x, uint32_t y) {
  uint32_t count = 0, r = 0, g = 0, b = 0;
  for (uint32_t row = y - 1; row <= y + 1; row++)
    for (uint32_t column = x - 1; column <= x + 1; column++) {
      const uint32_t pixel = p->pixels[row * p->width + column] & RGB;
      if (pixel == 0) continue;
      r += red(pixel);
      g += green(pixel);
      b += blue(pixel);
      count++;
    }
  return count == 0 ? 0 : rgb(r / count, g / count, b / count);
}

void filter_blur(const struct picture *from, const struct picture *to, int32_t amount) {
  (void)amount;
  for (uint32_t y = 1; y + 1 < from->height; y++)
    for (uint32_t x = 1; x + 1 < from->width; x++) to->pixels[y * to->width + x] = mean_around(from, x, y);
}

/* ---- between pixels ---- */

/* Transparent pixels do not count. */
static uint32_t blend(uint32_t first, uint32_t second, uint32_t part) {
  if (first == 0) return second;
  if (second == 0) return first;
  const uint32_t rest = ONE - part;
  const uint32_t pixel =
      rgb((rest * red(first) + part * red(second)) / ONE, (rest * green(first) + part * green(second)) / ONE,
          (rest * blue(first) + part * blue(second)) / ONE);
  return pixel != 0 ? pixel : BLACK;
}

static uint32_t along_row(const uint32_t *row, uint32_t x, uint32_t part) {
  const uint32_t pixel = row[x] & RGB;
  return part == 0 ? pixel : blend(pixel, row[x + 1] & RGB, part);
}

uint32_t filter_pixel_between(const struct picture *from, int64_t x, int64_t y) {
  const int64_t column = x >> FRACTION_BITS, line = y >> FRACTION_BITS;
  if (column < 0 || column >= from->width || line < 0 || line >= from->height) return 0;
  const uint32_t right = column == from->width - 1 ? 0 : (uint32_t)(x & FRACTION);
  const uint32_t down = line == from->height - 1 ? 0 : (uint32_t)(y & FRACTION);
  const uint32_t *row = from->pixels + line * from->width;
  const uint32_t above = along_row(row, (uint32_t)column, right);
  return down == 0 ? above : blend(above, along_row(row + from->width, (uint32_t)column, right), down);
}

/* Both distances from the middle are 1 at the rim. */
void filter_fisheye(const struct picture *from, const struct picture *to, int32_t amount) {
  const uint32_t middle_x = from->width / 2, middle_y = from->height / 2;
  const double power = amount / 100.0;
  for (uint32_t y = 0; y < from->height; y++)
    for (uint32_t x = 0; x < from->width; x++) {
      const double dx = ((double)x - middle_x) / middle_x, dy = ((double)y - middle_y) / middle_y;
      const double distance = pow(sqrt(dx * dx + dy * dy), power);
      int64_t from_x = (int64_t)x * ONE, from_y = (int64_t)y * ONE;
      if (middle_x > 0 && middle_y > 0 && distance <= 1.0) {
        const double angle = atan2(dy, dx);
        from_x = (int64_t)(ONE * (middle_x + distance * cos(angle) * middle_x));
        from_y = (int64_t)(ONE * (middle_y + distance * sin(angle) * middle_y));
      }
      to->pixels[y * to->width + x] = filter_pixel_between(from, from_x, from_y);
    }
}

/* In the ellipse that touches the picture's sides; the angle grows with the square of the nearness to the
 * middle. */
void filter_whirl(const struct picture *from, const struct picture *to, int32_t amount) {
  const uint32_t middle_x = from->width / 2, middle_y = from->height / 2;
  const uint32_t radius = middle_x < middle_y ? middle_x : middle_y;
  const double scale_x = middle_x < middle_y ? (double)middle_y / middle_x : 1.0;
  const double scale_y = middle_y < middle_x ? (double)middle_x / middle_y : 1.0;
  const double radians = -PI * amount / 180.0;
  for (uint32_t y = 0; y < from->height; y++)
    for (uint32_t x = 0; x < from->width; x++) {
      const double dx = scale_x * ((double)x - middle_x), dy = scale_y * ((double)y - middle_y);
      const double square = dx * dx + dy * dy;
      if (!(square < (double)radius * radius)) continue;
      const double nearness = 1.0 - sqrt(square) / radius;
      const double angle = radians * (nearness * nearness);
      const double sine = sin(angle), cosine = cos(angle);
      to->pixels[y * to->width + x] =
          filter_pixel_between(from, (int64_t)(ONE * ((cosine * dx - sine * dy) / scale_x + middle_x)),
                               (int64_t)(ONE * ((sine * dx + cosine * dy) / scale_y + middle_y)));
    }
}

/* ---- other sizes ---- */

enum { CORNERS = 4, WEIGHT_BITS = 20, MOSTLY_TRANSPARENT = 500000, OPAQUE = 0xFF << 24 };

static uint32_t weighed(const uint32_t pixels[CORNERS], const uint32_t weights[CORNERS], uint32_t shift) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < CORNERS; i++) sum += weights[i] * (pixels[i] >> shift & 0xFF);
  return (sum >> WEIGHT_BITS & 0xFF) << shift;
}

/* Corners are left above, right above, left below, right below. A transparent one has its neighbour's colour.
 */
static uint32_t mixed(uint32_t pixels[CORNERS], const uint32_t weights[CORNERS]) {
  uint32_t transparent = 0;
  for (uint32_t i = 0; i < CORNERS; i++)
    if (pixels[i] == 0) {
      pixels[i] = pixels[i ^ 1];
      transparent += weights[i];
    }
  if (transparent >= MOSTLY_TRANSPARENT) return 0;
  for (uint32_t row = 0; row < CORNERS; row += 2)
    if (pixels[row] == 0) {
      pixels[row] = pixels[row ^ 2];
      pixels[row + 1] = pixels[(row ^ 2) + 1];
    }
  const uint32_t colour =
      weighed(pixels, weights, 16) | weighed(pixels, weights, 8) | weighed(pixels, weights, 0);
  return (colour != 0 ? colour : BLACK) | OPAQUE;
}

void filter_scale(const struct picture *from, const struct picture *to) {
  const uint32_t step_x = (uint32_t)((uint64_t)from->width * ONE / to->width);
  const uint32_t step_y = (uint32_t)((uint64_t)from->height * ONE / to->height);
  for (uint32_t line = 0; line < to->height; line++) {
    const uint64_t y = (uint64_t)line * step_y;
    const uint32_t down = y & FRACTION, row = (uint32_t)(y >> FRACTION_BITS) * from->width;
    const uint32_t below = (y >> FRACTION_BITS) + 1 < from->height ? row + from->width : row;
    for (uint32_t column = 0; column < to->width; column++) {
      const uint64_t x = (uint64_t)column * step_x;
      const uint32_t part = x & FRACTION, left = (uint32_t)(x >> FRACTION_BITS);
      const uint32_t right = left + 1 < from->width ? left + 1 : left;
      uint32_t pixels[CORNERS] = {from->pixels[row + left], from->pixels[row + right],
                                  from->pixels[below + left], from->pixels[below + right]};
      const uint32_t weights[CORNERS] = {(ONE - part) * (ONE - down), part * (ONE - down),
                                         (ONE - part) * down, part * down};
      to->pixels[line * to->width + column] = mixed(pixels, weights);
    }
  }
}

static uint32_t *at(const struct picture_part *p, uint32_t x, uint32_t y) {
  return p->of.pixels + (p->y + y) * p->of.width + p->x + x;
}

void filter_double_size(const struct picture *from, const struct picture_part *to) {
  for (uint32_t y = 0; y < from->height; y++)
    for (uint32_t x = 0; x < from->width; x++) {
      const uint32_t pixel = from->pixels[y * from->width + x];
      for (uint32_t i = 0; i < CORNERS; i++) *at(to, 2 * x + (i & 1), 2 * y + (i >> 1)) = pixel;
    }
}

void filter_half_size(const struct picture_part *from, const struct picture_part *to, uint32_t width,
                      uint32_t height, bool diagonal) {
  for (uint32_t y = 0; y < height; y++)
    for (uint32_t x = 0; x < width; x++) {
      uint32_t r = 0, g = 0, b = 0;
      for (uint32_t i = 0; i < CORNERS; i += diagonal ? CORNERS - 1 : 1) {
        const uint32_t pixel = *at(from, 2 * x + (i & 1), 2 * y + (i >> 1));
        r += red(pixel);
        g += green(pixel);
        b += blue(pixel);
      }
      const uint32_t bits = diagonal ? 1 : 2;
      *at(to, x, y) = rgb(r >> bits, g >> bits, b >> bits);
    }
}
