/* clipboard_image.c: pictures to copy and paste (service.h). */
#include "devices/service.h"

/* read: width, height, RGBA bytes; nil where there is no picture.   write: width, height, RGBA bytes.
 * formats: the media types of what there is to paste. */
SERVICE(clipboard_image, {"read", ""}, {"write", "iib"}, {"formats", ""})
