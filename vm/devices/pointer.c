/* pointer.c: the mouse (pointer.h). */
#include "devices/pointer.h"

#include <string.h>

#include "devices/device.h"
#include "devices/keyboard.h"

enum { BUTTON_BITS = 3, BUTTONS = (1 << BUTTON_BITS) - 1 };

static struct { int32_t x, y, buttons; } pointer;

static void start(void) { memset(&pointer, 0, sizeof pointer); }

enum dev_event_fate dev_pointer_event(const struct dev_event *event) {
  pointer.x = event->words[MOUSE_X];
  pointer.y = event->words[MOUSE_Y];
  pointer.buttons = event->words[MOUSE_BUTTONS] & BUTTONS;
  dev_keyboard_set_modifiers(event->words[MOUSE_MODIFIERS]);
  return FATE_QUEUE;
}

void dev_pointer_position(int32_t *x, int32_t *y) {
  *x = pointer.x;
  *y = pointer.y;
}

uint32_t dev_pointer_buttons(void) {
  return (uint32_t)pointer.buttons | dev_keyboard_modifiers() << BUTTON_BITS;
}

static void get_state(struct text *to) { text_add(to, &pointer, sizeof pointer); }

static bool set_state(const uint8_t *bytes, uint32_t length) {
  if (length != sizeof pointer) return false;
  memcpy(&pointer, bytes, length);
  return true;
}

const struct device_record device_pointer = {.start = start, .get_state = get_state, .set_state = set_state};
