/* serial.c: serial lines (service.h). */
#include "devices/service.h"

/* ports: names.   open: name, bits per second: a line's number. send: number, bytes.   close: number.
 * Events: number, bytes; number and nil when the line has gone. */
SERVICE(serial, {"ports", ""}, {"open", "si"}, {"send", "ib"}, {"close", "i"})
