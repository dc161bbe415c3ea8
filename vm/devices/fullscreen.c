/* fullscreen.c: shows the display over the whole screen (service.h). */
#include "devices/service.h"

/* enter, leave: answer whether the display has the whole screen then.   isActive: whether it does. */
SERVICE(fullscreen, {"enter", ""}, {"leave", ""}, {"isActive", ""})
