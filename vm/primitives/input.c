/* input.c: mouse, keyboard, events, clipboard: what the devices of vm/devices know, for images that poll and
 * for images that take events. Numbers: Blue Book p. 650; Squeak's EventSensor and InputSensor. */
#include "devices/clipboard.h"
#include "devices/events.h"
#include "devices/keyboard.h"
#include "devices/pointer.h"
#include "primitives/checks.h"

/* ---- polled ---- */

oop prim_mouse_point(oop *args, uint32_t argc) {
  int32_t x, y;
  prim_look();
  dev_pointer_position(&x, &y);
  return prim_new_point(int_oop(x), int_oop(y));
}

oop prim_mouse_buttons(oop *args, uint32_t argc) {
  prim_look();
  return int_oop((int32_t)dev_pointer_buttons());
}

static oop key_or_nil(int32_t key) {
  prim_look();
  return key >= 0 ? int_oop(key) : mem.nil;
}
oop prim_keyboard_next(oop *args, uint32_t argc) { return key_or_nil(dev_keyboard_next()); }
oop prim_keyboard_peek(oop *args, uint32_t argc) { return key_or_nil(dev_keyboard_peek()); }
oop prim_input_word(oop *args, uint32_t argc) { return prim_fail(PRIM_ERR_UNSUPPORTED); }

/* ---- events ---- */

/* The index of an external semaphore that events signal (or, before events, the semaphore itself, which
 * nothing signals: such images poll). */
oop prim_input_semaphore(oop *args, uint32_t argc) {
  uint32_t index;
  if (prim_index(args[1], &index)) dev_events_set_semaphore(index);
  return args[0];
}

/* Fills in an event record: type 0 is none. */
oop prim_get_next_event(oop *args, uint32_t argc) {
  oop record = args[1];
  if (!oop_is_array(record) || obj_slots(record) < EVENT_WORDS) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(record)) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  prim_look();
  struct dev_event event;
  (void)dev_event_next(&event);
  for (uint32_t i = 0; i < EVENT_WORDS; i++) {
    const int32_t word = event.words[i];
    const bool fits = word >= SMALLINT_MIN && word <= SMALLINT_MAX;
    obj_put_raw(record, i, int_oop(fits ? word : 0));
  }
  return args[0];
}

oop prim_set_interrupt_key(oop *args, uint32_t argc) {
  if (!oop_is_int(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  dev_keyboard_set_interrupt_key(oop_int(args[1]));
  return args[0];
}

/* Registers the semaphore of the interrupt key; anything else unregisters. */
oop prim_interrupt_semaphore(oop *args, uint32_t argc) {
  bool is_semaphore =
      oop_is_pointer(args[1]) && mem_class_of(args[1]) == mem_special(SPECIAL_CLASS_SEMAPHORE);
  mem_store(mem.special, SPECIAL_INTERRUPT_SEMAPHORE, is_semaphore ? args[1] : mem.nil);
  return args[0];
}

oop prim_beep(oop *args, uint32_t argc) { return args[0]; }

/* ---- clipboard ---- */

oop prim_clipboard(oop *args, uint32_t argc) {
  if (argc == 0) {
    uint32_t length;
    const char *text = dev_clipboard_read(&length);
    return prim_or_no_memory(mem_new_string(text, length));
  }
  if (!oop_is_bytes(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return dev_clipboard_write((const char *)obj_bytes(args[1]), obj_byte_size(args[1]))
             ? args[0]
             : prim_fail(PRIM_ERR_NO_C_MEMORY);
}
