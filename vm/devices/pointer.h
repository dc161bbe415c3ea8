/* pointer.h: the mouse. */
#ifndef VM_DEVICES_POINTER_H
#define VM_DEVICES_POINTER_H

#include "devices/events.h"

enum dev_event_fate dev_pointer_event(const struct dev_event *event);
void dev_pointer_position(int32_t *x, int32_t *y);
/* The buttons that are down (enum dev_button), and above them the modifiers: what primitive 107 answers. */
uint32_t dev_pointer_buttons(void);

#endif
