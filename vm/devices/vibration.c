/* vibration.c: shakes the machine that is held (service.h). */
#include "devices/service.h"

/* pulse: milliseconds of shaking and of rest in turn.   stop. */
SERVICE(vibration, {"pulse", "a"}, {"stop", ""})
