/* window.h: the window that the display is in. */
#ifndef VM_DEVICES_WINDOW_H
#define VM_DEVICES_WINDOW_H

#include "devices/events.h"

/* After WINDOW_RESIZED and WINDOW_PAINT everything is shown anew; the image finds the display's new size when
 * it asks. */
enum dev_event_fate dev_window_event(const struct dev_event *event);

#endif
