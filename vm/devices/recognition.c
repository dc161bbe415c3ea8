/* recognition.c: texts from what is spoken (service.h). */
#include "devices/service.h"

/* listen: the language's tag: the text, and how sure that is, from 0 to 1.   cancel: it is not listened any
 * more. */
SERVICE(recognition, {"listen", "?s"}, {"cancel", ""})
