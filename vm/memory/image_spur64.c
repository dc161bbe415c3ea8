/* image_spur64.c */
#include "memory/image_internal.h"
err_t image_read_spur64(const struct image_source *s, struct image_heap *h) {
  return "64-bit images cannot be read yet";
}
