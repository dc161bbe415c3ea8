/* speech.c: texts that are spoken (service.h). */
#include "devices/service.h"

/* speak: text, and a voice's name, rate and pitch (1 is usual): answers when it has been spoken.
 * voices: for each its name and language.   cancel: it is silent at once. */
SERVICE(speech, {"speak", "s?snn"}, {"voices", ""}, {"cancel", ""})
