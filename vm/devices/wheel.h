/* wheel.h: the wheel of the mouse. */
#ifndef VM_DEVICES_WHEEL_H
#define VM_DEVICES_WHEEL_H

#include "devices/events.h"

enum dev_event_fate dev_wheel_event(const struct dev_event *event);

/* Images know the wheel as events of its own only when they say so (vmParameter 48, bit 5). To all others a
 * notch is the arrow key up or down, with the control key. */
void dev_wheel_send_events(bool own_events);
bool dev_wheel_sends_events(void);

#endif
