/* light.c: how light it is (service.h). */
#include "devices/service.h"

/* read: lux.   watch: events with the same. */
SERVICE(light, {"read", ""}, {"watch", ""})
