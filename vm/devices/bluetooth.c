/* bluetooth.c: devices nearby, by radio (service.h). */
#include "devices/service.h"

/* isAvailable.   request: a service's name: the number and the name of the device that the person chose.
 * read: number, service, characteristic: bytes.   write: the same, and bytes. */
SERVICE(bluetooth, {"isAvailable", ""}, {"request", "s"}, {"read", "iss"}, {"write", "issb"})
