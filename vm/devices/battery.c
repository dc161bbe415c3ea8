/* battery.c: how full the battery is, and whether it is charged (service.h). */
#include "devices/service.h"

/* state: level from 0 to 1 or nil, whether it is charged, seconds until it is full, and until it is empty, or
 * nil. watch: an event with the same whenever it changes. */
SERVICE(battery, {"state", ""}, {"watch", ""})
