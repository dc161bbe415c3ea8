/* gyroscope.c: how fast this machine is turned (service.h). */
#include "devices/service.h"

/* read: radians per second around x, y, z.   watch: events with the same. */
SERVICE(gyroscope, {"read", ""}, {"watch", ""})
