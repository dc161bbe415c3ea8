/* segment.c: image segments (98, 99; memory/segment.h has the format). Images of the formats before Spur read
 * what they store as that format's objects, so there both fail and the image keeps its objects otherwise. */
#include "memory/segment.h"

#include "interpreter/interp.h"
#include "primitives/checks.h"

/* Frames are roots of the collector whoever refers to their contexts, and their state is not in the heap: so all
 * but the running one become contexts first. */
static int store(uint32_t argc) {
  const oop running = frame_divorce_all();
  if (running == 0 || (running != mem.nil && !frame_activate_context(running, 0))) return MEM_ERR_NO_MEMORY;
  mem_full_gc();
  const oop *args = AT(oop, interp.sp - 4 * argc);
  return mem_store_segment(args[1], args[2], args[3]);
}

/* storeSegmentFor: rootsArray into: words outPointers: array. Answers the receiver. */
oop prim_store_image_segment(oop *args, uint32_t argc) {
  if (mem_conventions.v3) return prim_fail(PRIM_ERR_UNSUPPORTED);
  if (!oop_is_array(args[1]) || !oop_is_words(args[2]) || !oop_is_array(args[3]) || args[1] == args[3])
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const int error = store(argc);
  if (error == MEM_OK) return prim_done(argc, at32(interp.sp - 4 * argc));
  return prim_fail_late((uint32_t)error, argc);
}

/* loadSegmentFrom: words outPointers: array. Answers the array of roots; the words object becomes an Array of
 * all objects of the segment. */
oop prim_load_image_segment(oop *args, uint32_t argc) {
  oop roots;
  if (mem_conventions.v3) return prim_fail(PRIM_ERR_UNSUPPORTED);
  if (!oop_is_words(args[1]) || !oop_is_array(args[2])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const int error = mem_load_segment(args[1], args[2], &roots);
  if (error != MEM_OK) return prim_fail((uint32_t)error);
  interp_flush_all();
  return prim_done(argc, roots);
}
