/* scale.c: how many pixels of the screen a pixel of the display has (service.h). */
#include "devices/service.h"

/* factor: such as 2 where the screen is fine.   watch: an event with it whenever it changes. */
SERVICE(scale, {"factor", ""}, {"watch", ""})
