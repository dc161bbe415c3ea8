/* usb.c: devices at the USB (service.h). */
#include "devices/service.h"

/* list: for each its number, vendor, product, and name.   open, close: number.   transferIn: number,
 * endpoint, length: bytes.   transferOut: number, endpoint, bytes: how many went. */
SERVICE(usb, {"list", ""}, {"open", "i"}, {"close", "i"}, {"transferIn", "iii"}, {"transferOut", "iib"})
