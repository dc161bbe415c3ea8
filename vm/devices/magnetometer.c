/* magnetometer.c: the magnetic field (service.h). */
#include "devices/service.h"

/* read: x, y, z in microtesla.   watch: events with the same. */
SERVICE(magnetometer, {"read", ""}, {"watch", ""})
