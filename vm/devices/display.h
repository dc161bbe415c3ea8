/* display.h: the virtual display: shows the Form that an image has made its Display.
 *
 * The Form is the image's: whoever runs the VM calls dev_display_present() once per time slice with the bits
 * as they are. What is shown is what was damaged since: rectangles that the image named, and, unless it has
 * asked for updates to be deferred, whatever differs from what was shown last. So a blit, a plugin and
 * Smalltalk code that writes into the bits are all seen, and none needs to say so. Without a host's display
 * nothing of this costs anything.
 */
#ifndef VM_DEVICES_DISPLAY_H
#define VM_DEVICES_DISPLAY_H

#include "devices/pixels.h"

/* What host_device_call is asked for; web/runtime/devices/display.js has the numbers. */
enum dev_display_operation {
  DISPLAY_SIZE = 1,        /* out: two words, width and height */
  DISPLAY_FRAME = 2,       /* in: struct dev_display_frame */
  DISPLAY_MODE = 3,        /* in: four words, width, height, depth, full screen; out: as DISPLAY_SIZE */
  DISPLAY_FULL_SCREEN = 4, /* in: a word, 0 or 1 */
  DISPLAY_TITLE = 5,       /* in: the title of its window, UTF-8 */
};

enum { DEV_DISPLAY_RECTS = 16, DEV_DISPLAY_WIDTH = 1024, DEV_DISPLAY_HEIGHT = 768 };

struct dev_display_frame {
  const uint32_t *pixels; /* RGBA, the whole display; good during the call */
  uint32_t width, height, count;
  struct dev_rect rects[DEV_DISPLAY_RECTS]; /* what changed */
};

/* Of the host's display, or what images get to see without one (DEV_DISPLAY_WIDTH × DEV_DISPLAY_HEIGHT). */
void dev_display_size(uint32_t *width, uint32_t *height);
/* false: the host's display does not do that. */
bool dev_display_set_mode(uint32_t width, uint32_t height, uint32_t depth, bool full_screen);
bool dev_display_set_full_screen(bool full_screen);
bool dev_display_set_title(const char *title, uint32_t length);

void dev_display_defer(bool deferred);
/* The rectangle is to be shown; what lies outside of the display does not matter. */
void dev_display_damage(struct dev_rect rect);
/* All of it is. */
void dev_display_damage_all(void);
/* Is there anything to present to? */
bool dev_display_is_open(void);
/* Shows what is damaged. The surface may be another each time. */
void dev_display_present(const struct dev_surface *surface);

#endif
