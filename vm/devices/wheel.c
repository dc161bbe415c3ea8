/* wheel.c: the wheel of the mouse (wheel.h). */
#include "devices/wheel.h"

#include <string.h>

#include "devices/device.h"
#include "devices/keyboard.h"

enum { ARROW_UP = 30, ARROW_DOWN = 31, NOTCH = 120, MOST_NOTCHES = 20 };

static struct { int32_t own_events, rest; /* rest: of a notch, turned but not told yet */ } wheel;

static void start(void) { memset(&wheel, 0, sizeof wheel); }

void dev_wheel_send_events(bool own_events) { wheel.own_events = own_events; }
bool dev_wheel_sends_events(void) { return wheel.own_events != 0; }

static void press_arrow(int32_t key, const struct dev_event *event) {
  static const int32_t actions[] = {KEY_DOWN, KEY_CHAR, KEY_UP};
  for (int i = 0; i < 3; i++) {
    const struct dev_event press = {{[EVENT_TYPE] = EVENT_KEYBOARD,
                                     [EVENT_TIME] = event->words[EVENT_TIME],
                                     [KEY_CODE] = key,
                                     [KEY_ACTION] = actions[i],
                                     [KEY_MODIFIERS] = event->words[WHEEL_MODIFIERS] | MODIFIER_CTRL,
                                     [KEY_UNICODE] = key}};
    if (dev_keyboard_event(&press) == FATE_QUEUE) dev_event_queue(&press);
  }
  dev_keyboard_set_modifiers(event->words[WHEEL_MODIFIERS]);
}

enum dev_event_fate dev_wheel_event(const struct dev_event *event) {
  dev_keyboard_set_modifiers(event->words[WHEEL_MODIFIERS]);
  if (wheel.own_events) return FATE_QUEUE;
  const int64_t turned = (int64_t)wheel.rest + event->words[WHEEL_UP];
  const int64_t notches = turned / NOTCH;
  wheel.rest = (int32_t)(turned % NOTCH);
  for (int64_t i = 0; i < (notches < 0 ? -notches : notches) && i < MOST_NOTCHES; i++)
    press_arrow(notches > 0 ? ARROW_UP : ARROW_DOWN, event);
  return FATE_DROP;
}

static void get_state(struct text *to) { text_add(to, &wheel, sizeof wheel); }

static bool set_state(const uint8_t *bytes, uint32_t length) {
  if (length != sizeof wheel) return false;
  memcpy(&wheel, bytes, length);
  return true;
}

const struct device_record device_wheel = {.start = start, .get_state = get_state, .set_state = set_state};
