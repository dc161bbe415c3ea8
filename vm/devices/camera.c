/* camera.c: pictures from a camera (service.h). */
#include "devices/service.h"

/* list: names.   take: width and height that are wanted: width, height, RGBA bytes of a picture.   stop: the
 * camera is off from then on. */
SERVICE(camera, {"list", ""}, {"take", "ii"}, {"stop", ""})
