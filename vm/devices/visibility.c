/* visibility.c: whether anybody can see the display (service.h). */
#include "devices/service.h"

/* isVisible.   watch: an event with the same whenever it changes. */
SERVICE(visibility, {"isVisible", ""}, {"watch", ""})
