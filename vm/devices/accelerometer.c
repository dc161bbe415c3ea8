/* accelerometer.c: how this machine is accelerated (service.h). */
#include "devices/service.h"

/* read: x, y, z in metres per second squared, the earth's pull included.   watch: events with the same. */
SERVICE(accelerometer, {"read", ""}, {"watch", ""})
