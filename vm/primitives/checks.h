/* checks.h: small checks and conversions that the primitives' files share. */
#ifndef VM_PRIMITIVES_CHECKS_H
#define VM_PRIMITIVES_CHECKS_H

#include "primitives/table.h"

/* Answers a new object, or fails with PRIM_ERR_NO_MEMORY when it could not be made. */
static inline oop prim_or_no_memory(oop o) { return o != 0 ? o : prim_fail(PRIM_ERR_NO_MEMORY); }

static inline bool oop_is_bytes(oop o) { return oop_is_pointer(o) && fmt_is_bytes(obj_format(o)); }
static inline bool oop_is_words(oop o) { return oop_is_pointer(o) && (obj_format(o) & ~1u) == FMT_32; }
static inline bool oop_is_array(oop o) {
  return oop_has_class_index(o, CIX_ARRAY) && obj_format(o) == FMT_INDEXABLE;
}
static inline bool oop_is_float(oop o) {
  return oop_has_class_index(o, CIX_FLOAT) && fmt_is_bits(obj_format(o)) && obj_slots(o) >= 2;
}
static inline bool oop_is_mutable(oop o) { return oop_is_pointer(o) && !obj_is_immutable(o); }
/* LargePositiveInteger or LargeNegativeInteger. */
static inline bool oop_is_large(oop o) {
  if (!oop_is_pointer(o)) return false;
  uint32_t cix = obj_class_index(o);
  return (cix == CIX_LARGE_POSITIVE || cix == CIX_LARGE_NEGATIVE) && fmt_is_bytes(obj_format(o));
}
static inline bool oop_is_integer(oop o) { return oop_is_int(o) || oop_is_large(o); }
/* A Behavior: pointers, with at least superclass, methodDict and format. */
static inline bool oop_is_behavior(oop o) {
  return oop_is_pointer(o) && obj_format(o) <= FMT_FIXED_INDEXABLE && obj_slots(o) >= 3 &&
         oop_is_int(obj_slot(o, 2));
}

/* A SmallInteger that is not negative and fits; the usual kind of index, count or size. */
static inline bool prim_index(oop o, uint32_t *value) {
  if (!oop_is_int(o) || oop_int(o) < 0) return false;
  *value = (uint32_t)oop_int(o);
  return true;
}
/* Any integer from 0 to 2^32 - 1. */
static inline bool prim_uint32(oop o, uint32_t *value) {
  uint64_t wide;
  if (prim_index(o, value)) return true;
  if (!prim_uint64(o, &wide) || wide > UINT32_MAX) return false;
  *value = (uint32_t)wide;
  return true;
}
/* true or false. */
static inline bool prim_bool(oop o, bool *value) {
  *value = o == mem.true_;
  return *value || o == mem.false_;
}

/* The literal count that a method header (a SmallInteger) states. */
static inline uint32_t method_header_literals(oop header) {
  return (uint32_t)oop_int(header) >> method_layout.literal_shift & method_layout.literal_mask;
}

/* The image looks at a clock, or whether there is input. Where nothing else makes time pass, a timer may be
 * due. */
void prim_look(void);

/* A new Point of two numbers, or a failure. */
enum { POINT_X, POINT_Y, POINT_FIELDS };
oop prim_new_point(oop x, oop y);

/* A failure after the stack was rebuilt (contexts, snapshot), with receiver and arguments on top of it: puts
 * the frame of the method's body there. Ends the primitive. */
oop prim_fail_late(uint32_t code, uint32_t argc);

/* Compares any two integer oops exactly: -1, 0, 1. */
int prim_compare_integers(oop a, oop b);
/* The bytes of an integer's magnitude without leading zeros; `room` holds a SmallInteger's. */
const uint8_t *prim_magnitude(oop o, uint8_t room[4], uint32_t *length, bool *negative);

#endif
