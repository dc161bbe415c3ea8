/* pen.c: a pen on the display, with pressure and tilt (service.h). */
#include "devices/service.h"

/* watch: events from then on: 'start', 'move', 'end' or 'cancel', x, y, pressure from 0 to 1, tilt to the
 * right and towards the person in degrees, its buttons. The pen is the mouse besides.   unwatch: no more of
 * them. */
SERVICE(pen, {"watch", ""}, {"unwatch", ""})
