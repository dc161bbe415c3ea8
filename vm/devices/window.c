/* window.c: the window that the display is in (window.h). */
#include "devices/window.h"

#include "devices/display.h"

enum dev_event_fate dev_window_event(const struct dev_event *event) {
  const int32_t action = event->words[WINDOW_ACTION];
  if (action == WINDOW_RESIZED || action == WINDOW_PAINT) dev_display_damage_all();
  return FATE_QUEUE;
}
