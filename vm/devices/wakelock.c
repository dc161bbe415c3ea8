/* wakelock.c: keeps the screen from going dark (service.h). */
#include "devices/service.h"

/* acquire, release.   isHeld: whether it is kept from it: the host may end that. */
SERVICE(wakelock, {"acquire", ""}, {"release", ""}, {"isHeld", ""})
