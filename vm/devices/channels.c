/* channels.c: messages among the VMs of a page or process (service.h). */
#include "devices/service.h"

/* open, close: the channel's name.   post: name, a value: it comes to all others that have the channel open.
 * Events: name, value. */
SERVICE(channels, {"open", "s"}, {"close", "s"}, {"post", "s*"})
