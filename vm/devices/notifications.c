/* notifications.c: notes to a person who looks elsewhere (service.h). */
#include "devices/service.h"

/* show: title, text, and a tag: a note of the same tag is replaced. Events: tag, 'clicked' or 'closed'.
 * close: tag. */
SERVICE(notifications, {"show", "ss?s"}, {"close", "s"})
