/* storage.c: how much may be stored, and whether it stays (service.h). */
#include "devices/service.h"

/* estimate: bytes used, bytes that may be used in all, or nil.   persist: asks that the host never throws it
 * away; answers whether it does not. */
SERVICE(storage, {"estimate", ""}, {"persist", ""})
