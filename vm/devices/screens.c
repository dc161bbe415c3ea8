/* screens.c: the screens: place, size and scale of each (service.h). */
#include "devices/service.h"

/* list: for each screen left, top, width, height, scale, bits of a pixel, whether it is the first one, name.
 * watch: an event with the same whenever it changes. */
SERVICE(screens, {"list", ""}, {"watch", ""})
