/* orientation.c: how this machine is held (service.h). */
#include "devices/service.h"

/* read: degrees around z, x, y.   watch: events with the same. */
SERVICE(orientation, {"read", ""}, {"watch", ""})
