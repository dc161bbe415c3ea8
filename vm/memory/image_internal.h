/* image_internal.h: what the parts of the image loader share. A load is: header (image_header.c), then the
 * format's own reader, which fills [start, end) of old space with Spur 32 objects, then the check of the
 * whole (image_check.c), then mem_load_end(). */
#ifndef VM_MEMORY_IMAGE_INTERNAL_H
#define VM_MEMORY_IMAGE_INTERNAL_H

#include "memory/image.h"

#include <string.h>

enum {
  IMAGE_HEADER_BYTES = 64,       /* of 32-bit images, and the least we accept */
  IMAGE_HEADER_BYTES_WIDE = 128, /* of 64-bit images as written */
  IMAGE_HEADER_USED_WIDE = 88,   /* of which this many hold fields */
  IMAGE_PREFIX_BYTES = 512,      /* may precede the header: an interpreter line or a Macintosh header */
  IMAGE_BRIDGE_BYTES = 16,       /* ends each segment: span to the next one, bytes of the next one */
  IMAGE_BASE = 0x01000000,       /* the address we save at */

  FORMAT_V3 = 6502,
  FORMAT_V3_CLOSURES = 6504,
  FORMAT_V3_NATIVE_FLOATS = 6505,
  FORMAT_SPUR_32 = 6521,
  FORMAT_SPUR_64 = 68021,
  FORMAT_MULTIPLE_SETS = 512, /* added when methods use two bytecode sets */
  FORMAT_WIDE_BASE = 68000,   /* formats from here on are 64-bit */
  /* Our own: Spur 32 object memory of an image with v3 conventions (memory.h). No other VM could run it, and
   * none takes it for its own. Odd, as with the formats it came from: the image knows floats in platform
   * order. */
  FORMAT_V3_IN_SPUR = 16520,
  FORMAT_V3_IN_SPUR_NATIVE_FLOATS = 16521,

  CLASS_TABLE_PAGE = CLASS_TABLE_PAGE_SLOTS,
  HIDDEN_ROOTS = CLASS_TABLE_PAGES + 8, /* the eight: object stacks and the like */
  FREE_LISTS = 32,

  NONE_BYTES = HDR_BYTES + 8, /* of nil, true and false */
  FREE_LISTS_BYTES = HDR_BYTES + 4 * FREE_LISTS,
  HIDDEN_ROOTS_BYTES = 2 * HDR_BYTES + 4 * HIDDEN_ROOTS,
  CLASS_PAGE_BYTES = 2 * HDR_BYTES + 4 * CLASS_TABLE_PAGE,
};

/* The file, after its header was understood. */
struct image_source {
  const uint8_t *heap; /* the first object's header in the file */
  uint64_t heap_bytes;
  uint64_t base, special, first_segment;
  uint32_t format; /* without FORMAT_MULTIPLE_SETS */
  bool swapped, wide;
};

/* What a reader leaves: Spur 32 objects in [start, end), nil first. */
struct image_heap {
  addr start, end;
  oop special, hidden_roots;
  uint64_t *starts; /* a bit for each 8 bytes: an object that can be referred to begins here */
};

static inline uint32_t image_swap32(uint32_t w) { return __builtin_bswap32(w); }

static inline uint32_t image_word(const struct image_source *s, uint64_t at) {
  uint32_t w;
  memcpy(&w, s->heap + at, sizeof w);
  return s->swapped ? image_swap32(w) : w;
}

/* A 64-bit word of a 64-bit image. */
static inline uint64_t image_long(const struct image_source *s, uint64_t at) {
  uint64_t w;
  memcpy(&w, s->heap + at, sizeof w);
  return s->swapped ? __builtin_bswap64(w) : w;
}

err_t image_parse_header(const uint8_t *data, uint32_t size, struct image_source *source) NODISCARD;

/* The readers. Each answers an image_heap without `starts`, or an error. */
err_t image_read_spur32(const struct image_source *s, struct image_heap *heap) NODISCARD;
err_t image_read_spur64(const struct image_source *s, struct image_heap *heap) NODISCARD;
err_t image_read_v3(const struct image_source *s, struct image_heap *heap) NODISCARD;

/* The first part of a segment's chain (both Spur formats): where its objects lie in the file and where they
 * were. Answers the number of segments, at most IMAGE_MAX_SEGMENTS. */
enum { IMAGE_MAX_SEGMENTS = 1024 };
struct image_segment {
  uint64_t file, bytes; /* within the heap part of the file, without the bridge */
  uint64_t old_start;   /* address when saved */
  uint64_t new_start;   /* where the reader put it; the reader's business */
};
err_t image_segments(const struct image_source *s, struct image_segment *segments, uint32_t *count) NODISCARD;
/* The one of `count` (at least one) segments that held the address when the image was saved; NULL: none. */
const struct image_segment *image_segment_of(const struct image_segment *segments, uint32_t count,
                                             uint64_t old);

/* ---- building objects (image_build.c) ---- */

/* Writes an object's header, with overflow word if it needs one, at the free address `at`; answers its oop.
 */
oop image_put_header(addr at, uint32_t class_index, uint32_t format, uint32_t hash, uint32_t slots);
/* Bytes that an object of so many slots takes, headers included. */
static inline uint64_t image_object_bytes(uint64_t slots) {
  uint64_t body = slots == 0 ? 8 : (slots * 4 + 7) & ~7ull;
  return body + HDR_BYTES + (slots >= HDR_SLOTS_OVERFLOW ? 8 : 0);
}
/* Writes free lists, hidden roots and `pages` empty class table pages from `at` on. Answers the end. */
addr image_put_hidden(addr at, oop nil, uint32_t pages, oop *hidden_roots);
void image_put_class(oop hidden_roots, uint32_t class_index, oop class_);
uint32_t image_hidden_bytes(uint32_t pages);

/* ---- checks (image_check.c) ---- */

/* Walks [heap->start, heap->end): headers, sizes, formats; makes heap->starts (caller frees). Clears the
 * collector's header bits. Objects of class index 0 and 8 (free, forwarded) have no bit set. */
err_t image_walk(struct image_heap *heap) NODISCARD;
static inline bool image_starts_at(const struct image_heap *h, addr a) {
  uint32_t unit = (a - h->start) >> 3;
  return a >= h->start && a < h->end && (a & 7) == 0 && (h->starts[unit >> 6] >> (unit & 63) & 1) != 0;
}
/* Checks what image_walk does not: every reference, class index, method, context, class; the special objects.
 */
err_t image_check(const struct image_heap *heap) NODISCARD;

/* How many slots of an object hold references: all of a pointer object, a context's up to its stack pointer,
 * a method's header and literals, none of the rest. */
uint32_t image_pointer_slots(oop o);

#endif
