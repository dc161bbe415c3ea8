/* printer.c: pictures and texts on paper (service.h). */
#include "devices/service.h"

/* text: title, text.   picture: title, width, height, RGBA bytes. */
SERVICE(printer, {"text", "ss"}, {"picture", "siib"})
