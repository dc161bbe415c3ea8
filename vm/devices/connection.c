/* connection.c: whether there is a network, and of which kind (service.h). */
#include "devices/service.h"

/* state: whether there is one, its kind or nil, megabits per second or nil.   watch: an event with the same
 * whenever it changes. */
SERVICE(connection, {"state", ""}, {"watch", ""})
