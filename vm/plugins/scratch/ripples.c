/* ripples.c: waves on water. Each pixel has a height now and before; how steep the water is bends the light.
 */
#include "plugins/scratch/filters.h"

enum { REACH = 4, RIM = 25, DROP_POWERS = 8 }; /* of a drop: pixels to each side; the square of its radius */
static const double DAMPING = 0.9, FARTHEST = 2;

/* Which drops fall where need not be unforeseeable; the same in each run is better for tests. */
static uint32_t chance(uint32_t below) {
  static uint32_t state = 1;
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return (state >> 1) % below;
}

static void fall(const struct picture *p, double *heights) {
  const int64_t x = chance(p->width), y = chance(p->height);
  const double power = chance(DROP_POWERS);
  for (int64_t dx = -REACH; dx <= REACH; dx++)
    for (int64_t dy = -REACH; dy <= REACH; dy++) {
      const int64_t square = dx * dx + dy * dy, column = x + dx, line = y + dy;
      if (square > 0 && square < RIM && column > 0 && line > 0 && column < p->width && line < p->height)
        heights[line * p->width + column] = power * (1.0 - (double)square / RIM);
    }
}

/* What `now` becomes follows from the heights around before. */
static void spread(const struct picture *p, double *now, const double *before) {
  const uint32_t w = p->width;
  for (uint32_t y = 1; y + 1 < p->height; y++)
    for (uint32_t x = 1; x + 1 < w; x++) {
      const double *here = before + y * w + x;
      const double sum = here[1] + here[-1] + here[w] + *(here - w) + *(here - 1 - w) / 2 + here[w - 1] / 2 +
                         *(here + 1 - w) / 2 + here[w + 1] / 2;
      now[y * w + x] = (sum / 4 - now[y * w + x]) * DAMPING;
    }
}

static double at_most(double value, double most) {
  return value < -most ? -most : value > most ? most : value;
}

static uint32_t refracted(const struct picture *p, const double *heights, uint32_t x, uint32_t y) {
  const uint32_t w = p->width, i = y * w + x;
  if (x <= 1 || x + 1 >= w || y <= 1 || y + 1 >= p->height) return p->pixels[i];
  const double *here = heights + i;
  const double dx = at_most(((here[0] - here[-1]) + (here[1] - here[0])) * 64, FARTHEST);
  const double dy = at_most(((here[0] - *(here - w)) + (here[w] - here[0])) / 64, FARTHEST);
  const double place = (y + dy) * w + (x + dx);
  return p->pixels[place > -1 && place < (double)w * p->height ? (uint32_t)(int64_t)place : i];
}

void filter_ripples(const struct picture *from, const struct picture *to, int32_t drops, double *now,
                    double *before) {
  const uint32_t count = from->width * from->height;
  if (count == 0) return;
  const int32_t falling = ((int32_t)chance((uint32_t)(drops < 0 ? -drops : drops)) - 1) / 2;
  for (int32_t i = 0; i < falling; i++) fall(from, now);
  spread(from, now, before);
  for (uint32_t i = 0; i < count; i++) {
    const double height = before[i];
    before[i] = now[i];
    now[i] = height;
  }
  for (uint32_t y = 0; y < from->height; y++)
    for (uint32_t x = 0; x < from->width; x++) to->pixels[y * to->width + x] = refracted(from, now, x, y);
}
