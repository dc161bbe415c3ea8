/* touch.c: fingers on the display, each with a number (service.h). */
#include "devices/service.h"

/* watch: events from then on: 'start', 'move', 'end' or 'cancel', the finger's number, x, y, force from 0
 * to 1. The first finger is the mouse besides.   unwatch: no more of them. */
SERVICE(touch, {"watch", ""}, {"unwatch", ""})
