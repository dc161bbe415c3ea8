/* snapshot.h: saving the heap as an image file. */
#ifndef VM_PRIMITIVES_SNAPSHOT_H
#define VM_PRIMITIVES_SNAPSHOT_H

#include "base/error.h"

#include <stdint.h>

/* Turns all frames into contexts, collects, and writes the image to `path` (UTF-8): to a temporary file
 * beside it that is flushed to disk and then renamed, so that the old or the new image is there at every
 * moment. The running process is what a loader will take up. Execution can go on afterwards. GC. */
err_t snapshot_save(const char *path, uint32_t length) NODISCARD;
/* The same for an image that has not asked for it and so will not set its timer again: it goes off now. */
err_t snapshot_save_from_outside(const char *path, uint32_t length) NODISCARD;

#endif
