/* keyboard.h: the keyboard. */
#ifndef VM_DEVICES_KEYBOARD_H
#define VM_DEVICES_KEYBOARD_H

#include "devices/events.h"

enum dev_event_fate dev_keyboard_event(const struct dev_event *event);
uint32_t dev_keyboard_modifiers(void); /* enum dev_modifier */
void dev_keyboard_set_modifiers(int32_t modifiers);

/* For images that poll: the next character, with the modifiers in bits 8 to 11; -1: none waits. */
int32_t dev_keyboard_next(void);
int32_t dev_keyboard_peek(void);

/* The character, with modifiers as above, that interrupts whatever runs. No image sees it. */
void dev_keyboard_set_interrupt_key(int32_t key);

#endif
