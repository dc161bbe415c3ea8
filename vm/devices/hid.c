/* hid.c: devices that people hold or look at, by reports of bytes (service.h). */
#include "devices/service.h"

/* list: for each its number, vendor, product, and name.   open, close: number; of an open one come events:
 * number, report, bytes.   send: number, report, bytes. */
SERVICE(hid, {"list", ""}, {"open", "i"}, {"close", "i"}, {"send", "iib"})
