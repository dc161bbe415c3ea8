/* machine.c: processors, memory and load of the machine (service.h). */
#include "devices/service.h"

/* processors: how many.   memory: bytes in all, and free, or nil.   load: runnable processes, on average of a
 * minute, or nil.   name: system and processor, as the host calls them. */
SERVICE(machine, {"processors", ""}, {"memory", ""}, {"load", ""}, {"name", ""})
