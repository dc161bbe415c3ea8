/* image.h: image files. Reading never trusts: every size, offset, class index and reference of a file is
 * checked before the heap is used, and the error names what was wrong. */
#ifndef VM_MEMORY_IMAGE_H
#define VM_MEMORY_IMAGE_H

#include "memory/memory.h"

/* What the header said; kept for vmParameters and for writing back. */
struct image_info {
  uint32_t format;          /* 6502, 6504, 6505, 6521, 7033, 68021, 68533 … */
  const char *kind;         /* what that is, for a person */
  bool swapped;             /* the file's byte order was not ours */
  bool converted;           /* not mapped: objects were rebuilt as Spur 32 */
  bool closures;            /* false: BlockContext blocks (pre-closure V3) */
  bool float_words_swapped; /* 6505 keeps floats in platform order */
  uint32_t header_bytes;    /* of the file */
  uint32_t old_base;        /* address the file was saved at */
  uint32_t last_hash;
  uint32_t screen_size; /* width << 16 | height as saved */
  uint32_t flags;       /* full-screen and other header flags as saved */
  uint32_t extra_vm_memory;
  uint32_t desired_stack_pages, desired_code_size, desired_eden_bytes;
  uint32_t max_external_semaphores;
  uint64_t objects, bytes; /* of the heap as loaded */
};
extern struct image_info image_info;

/* Loads an image from `size` bytes at `data` into the heap (mem_init has been called). On success the special
 * objects array is mem.special, and every object is Spur 32. The bytes are not needed afterwards.
 * On failure the VM cannot be used further. */
err_t image_read(const uint8_t *data, uint32_t size) NODISCARD;

/* Writes the heap as a Spur 32 image. The caller has put every process into contexts, stored the active
 * process and collected. `put` is called with successive pieces and answers false to stop with an error.
 * Format 6521, or 7033 when a method uses the alternate set. Does not change the heap. */
err_t image_write(bool (*put)(void *sink, const void *bytes, uint32_t count), void *sink) NODISCARD;

#endif
