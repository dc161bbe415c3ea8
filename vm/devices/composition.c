/* composition.c: characters that are put together of several keys (an input method) (service.h). */
#include "devices/service.h"

/* watch: events from then on: 'start', 'update' or 'end', and the text so far. What was put together comes as
 * characters of the keyboard.   unwatch: no more of them.   place: where the text goes, so that the input
 * method's window is there: x, y. */
SERVICE(composition, {"watch", ""}, {"unwatch", ""}, {"place", "ii"})
