/* keyboard.c: the keyboard (keyboard.h). */
#include "devices/keyboard.h"

#include <string.h>

#include "devices/device.h"

enum { KEYS = 64, CODE_BITS = 8, ALL_MODIFIERS = 15 };
/* Command-period: Squeak's usual interrupt key, in force until the image sets its own. */
enum { COMMAND_PERIOD = MODIFIER_CMD << CODE_BITS | '.' };

static struct keyboard {
  int32_t modifiers, interrupt_key;
  uint32_t first, count;
  int32_t keys[KEYS];
} keyboard = {.interrupt_key = COMMAND_PERIOD};

static void start(void) {
  memset(&keyboard, 0, sizeof keyboard);
  keyboard.interrupt_key = COMMAND_PERIOD;
}

static void add_key(int32_t key) {
  if (keyboard.count == KEYS) return; /* nobody looks */
  keyboard.keys[(keyboard.first + keyboard.count++) % KEYS] = key;
}

enum dev_event_fate dev_keyboard_event(const struct dev_event *event) {
  dev_keyboard_set_modifiers(event->words[KEY_MODIFIERS]);
  const int32_t key = (event->words[KEY_CODE] & ((1 << CODE_BITS) - 1)) | keyboard.modifiers << CODE_BITS;
  if (event->words[KEY_ACTION] == KEY_CHAR) {
    if (key == keyboard.interrupt_key) return FATE_INTERRUPT;
    if (!dev_events_are_taken()) add_key(key);
  }
  return FATE_QUEUE;
}

uint32_t dev_keyboard_modifiers(void) { return (uint32_t)keyboard.modifiers; }
void dev_keyboard_set_modifiers(int32_t modifiers) { keyboard.modifiers = modifiers & ALL_MODIFIERS; }

int32_t dev_keyboard_peek(void) { return keyboard.count > 0 ? keyboard.keys[keyboard.first % KEYS] : -1; }

int32_t dev_keyboard_next(void) {
  const int32_t key = dev_keyboard_peek();
  if (key >= 0) {
    keyboard.first++;
    keyboard.count--;
  }
  return key;
}

void dev_keyboard_set_interrupt_key(int32_t key) { keyboard.interrupt_key = key; }

static void get_state(struct text *to) { text_add(to, &keyboard, sizeof keyboard); }

static bool set_state(const uint8_t *bytes, uint32_t length) {
  if (length != sizeof keyboard) return false;
  struct keyboard saved;
  memcpy(&saved, bytes, length);
  if (saved.count > KEYS) return false;
  keyboard = saved;
  return true;
}

const struct device_record device_keyboard = {.start = start, .get_state = get_state, .set_state = set_state};
