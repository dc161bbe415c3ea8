/* cursor.h: the shape of the pointer on the display. */
#ifndef VM_DEVICES_CURSOR_H
#define VM_DEVICES_CURSOR_H

#include "devices/pixels.h"

/* What host_device_call is asked for; web/runtime/devices/display.js has the number. */
enum dev_cursor_operation {
  CURSOR_SHAPE = 1, /* in: struct dev_cursor_shape */
};

struct dev_cursor_shape {
  const uint32_t *pixels; /* RGBA; good during the call */
  uint32_t width, height;
  int32_t hot_x, hot_y; /* the pixel that points */
};

/* Shows a cursor. Of depth 1 with a mask (of depth 1 and the same size): black where both have a pixel, white
 * where the mask alone has one; without a mask, black where there is a pixel. Deeper: its colours and, at
 * depth 32, its alpha. false: it is too large, or the host does not show cursors. */
bool dev_cursor_show(const struct dev_surface *shape, const struct dev_surface *mask, int32_t hot_x,
                     int32_t hot_y);

#endif
