/* share.c: gives a text or an address to another program that the person chooses (service.h). */
#include "devices/service.h"

/* send: title, text, and an address. */
SERVICE(share, {"send", "ss?s"})
