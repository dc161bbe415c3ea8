/* midi.c: musical instruments: messages to and from them (service.h). */
#include "devices/service.h"

/* ports: for each its name as the host knows it, 'input' or 'output', a name for people.   open, close: that
 * name; of an open input come events: name, bytes, milliseconds.   send: name, bytes, and milliseconds from
 * now. */
SERVICE(midi, {"ports", ""}, {"open", "s"}, {"close", "s"}, {"send", "sb?n"})
