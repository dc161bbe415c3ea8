/* segment_internal.h: the format of image segments, for the two files that store and load them (segment.h).
 */
#ifndef VM_MEMORY_SEGMENT_INTERNAL_H
#define VM_MEMORY_SEGMENT_INTERNAL_H

#include "memory/heap.h"
#include "memory/segment.h"

enum {
  SEGMENT_VERSION_BYTES = 8,
  SEGMENT_FORMAT = 6521,     /* of the image, in the low three bytes */
  SEGMENT_FORMAT_SETS = 512, /* may be added, where methods use two bytecode sets */
  SEGMENT_FORMAT_MASK = 0xFFFFFF,
  SEGMENT_ORDER_SHIFT = 24,   /* above it the fourth letter of doesNotUnderstand:, which is the first on a */
  SEGMENT_ORDER = 's',        /* machine of the other byte order */
  SEGMENT_UNIT = 8,           /* of class offsets */
  SEGMENT_OUT_CLASS = 1 << 21 /* the top bit of class indices */
};
#define SEGMENT_OUT 0x80000000u

#endif
