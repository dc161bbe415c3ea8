/* gamepad.c: gamepads, with all their buttons and axes (service.h). */
#include "devices/service.h"

/* list: for each gamepad its number, name, how many buttons and axes.   read: number: an array of its buttons
 * from 0 to 1, an array of its axes from -1 to 1.   watch: events 'connected' or 'disconnected', number,
 * name. rumble: number, strength from 0 to 1, milliseconds. */
SERVICE(gamepad, {"list", ""}, {"read", "i"}, {"watch", ""}, {"rumble", "ini"})
