/* cursor.c: the pointer's shape (cursor.h). */
#include "devices/cursor.h"

#include <stddef.h>

#include "devices/device.h"
#include "devices/host.h"

enum { LARGEST = 128, UNKNOWN = -1000 };
enum { TRANSPARENT = 0 };
static const uint32_t black = 0xFF000000u, white = 0xFFFFFFFFu;

static int32_t handle = UNKNOWN;

static void start(void) { handle = UNKNOWN; }
static void stop(void) {
  if (handle >= 0) (void)host_device_close(handle);
  start();
}

static uint32_t pixel(const struct dev_surface *shape, const struct dev_surface *mask, uint32_t x,
                      uint32_t y) {
  const uint32_t value = dev_pixel(shape, x, y);
  if (shape->depth == 1) {
    if (value != 0) return black;
    return mask != NULL && dev_pixel(mask, x, y) != 0 ? white : TRANSPARENT;
  }
  if (value == 0) return TRANSPARENT;
  const uint32_t color = dev_pixel_rgba(value, shape->depth);
  return shape->depth == 32 ? (color & 0xFFFFFF) | (value & 0xFF000000u) : color;
}

bool dev_cursor_show(const struct dev_surface *shape, const struct dev_surface *mask, int32_t hot_x,
                     int32_t hot_y) {
  uint32_t pixels[LARGEST * LARGEST];
  if (handle == UNKNOWN) handle = host_device_open("cursor", 6);
  if (handle < 0 || shape->width > LARGEST || shape->height > LARGEST) return false;
  for (uint32_t y = 0; y < shape->height; y++)
    for (uint32_t x = 0; x < shape->width; x++) pixels[y * shape->width + x] = pixel(shape, mask, x, y);
  const struct dev_cursor_shape message = {
      .pixels = pixels, .width = shape->width, .height = shape->height, .hot_x = hot_x, .hot_y = hot_y};
  return host_device_call(handle, CURSOR_SHAPE, &message, sizeof message, NULL, 0) >= 0;
}

const struct device_record device_cursor = {.start = start, .stop = stop};
