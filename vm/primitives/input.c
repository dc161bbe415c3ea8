/* input.c: mouse, keyboard, clipboard: what a VM without them answers, so that an image that expects them
 * goes on. */
#include <stdlib.h>
#include <string.h>

#include "primitives/checks.h"

enum { EVENT_SLOTS = 8 };

/* ---- mouse and keyboard: nothing ever happens ---- */

oop prim_mouse_point(oop *args, uint32_t argc) { return prim_new_point(int_oop(0), int_oop(0)); }
oop prim_mouse_buttons(oop *args, uint32_t argc) { return int_oop(0); }
oop prim_keyboard_next(oop *args, uint32_t argc) { return mem.nil; }
oop prim_keyboard_peek(oop *args, uint32_t argc) { return mem.nil; }
oop prim_input_word(oop *args, uint32_t argc) { return prim_fail(PRIM_ERR_UNSUPPORTED); }

/* The index of an external semaphore that an event would signal (or, before events, the semaphore itself). */
oop prim_input_semaphore(oop *args, uint32_t argc) { return args[0]; }

/* Fills in an event record: type 0 is none. */
oop prim_get_next_event(oop *args, uint32_t argc) {
  oop record = args[1];
  if (!oop_is_array(record) || obj_slots(record) < EVENT_SLOTS) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(record)) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  for (uint32_t i = 0; i < EVENT_SLOTS; i++) obj_put_raw(record, i, int_oop(0));
  return args[0];
}

oop prim_set_interrupt_key(oop *args, uint32_t argc) {
  return oop_is_int(args[1]) ? args[0] : prim_fail(PRIM_ERR_BAD_ARGUMENT);
}

/* Registers the semaphore of the interrupt key; anything else unregisters. */
oop prim_interrupt_semaphore(oop *args, uint32_t argc) {
  bool is_semaphore =
      oop_is_pointer(args[1]) && mem_class_of(args[1]) == mem_special(SPECIAL_CLASS_SEMAPHORE);
  mem_store(mem.special, SPECIAL_INTERRUPT_SEMAPHORE, is_semaphore ? args[1] : mem.nil);
  return args[0];
}

oop prim_beep(oop *args, uint32_t argc) { return args[0]; }

/* ---- the clipboard is the VM's own ---- */

static char *clipboard;
static uint32_t clipboard_length;

oop prim_clipboard(oop *args, uint32_t argc) {
  if (argc == 0) return prim_or_no_memory(mem_new_string(clipboard, clipboard_length));
  if (!oop_is_bytes(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint32_t length = obj_byte_size(args[1]);
  char *copy = malloc(length + 1);
  if (copy == NULL) return prim_fail(PRIM_ERR_NO_C_MEMORY);
  memcpy(copy, obj_bytes(args[1]), length);
  free(clipboard);
  clipboard = copy;
  clipboard_length = length;
  return args[0];
}
