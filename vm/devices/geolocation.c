/* geolocation.c: where on earth this is (service.h). */
#include "devices/service.h"

/* position: latitude and longitude in degrees, metres of accuracy, metres above the sea or nil.   watch: an
 * event with the same whenever it changes. */
SERVICE(geolocation, {"position", ""}, {"watch", ""})
