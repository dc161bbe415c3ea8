/* locks.c: locks with names, among the VMs of a page or process (service.h). */
#include "devices/service.h"

/* acquire: name: answers when it is held. tryAcquire: name: whether it is held now.   release: name.
 * held: the names of those that are held here. What is held when the image ends is released. */
SERVICE(locks, {"acquire", "s"}, {"tryAcquire", "s"}, {"release", "s"}, {"held", ""})
