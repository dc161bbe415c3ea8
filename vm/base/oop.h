/* oop.h: object references and their tags, as the Spur 32 format defines them.
 *
 *   ...00  object reference, 8-byte aligned       ...1  SmallInteger, 31 bits
 *   ...10  Character, 30 bits
 *
 * Addresses 0 and 8 are never objects, so a word below OOP_FIRST_VALID can be a sentinel:
 * no object reference is below it, and tag tests see it as a plain pointer.
 */
#ifndef VM_BASE_OOP_H
#define VM_BASE_OOP_H

#include "base/space.h"

typedef uint32_t oop;

enum {
  OOP_TAG_MASK = 3,
  OOP_INT_TAG = 1,
  OOP_CHAR_TAG = 2,
  OOP_FIRST_VALID = 64, /* sentinels are below, references are not */
};

#define SMALLINT_MAX 1073741823
#define SMALLINT_MIN (-1073741824)

static inline bool oop_is_int(oop o) { return (o & 1) != 0; }
static inline bool oop_is_char(oop o) { return (o & 3) == OOP_CHAR_TAG; }
static inline bool oop_is_pointer(oop o) { return (o & 3) == 0; }
static inline bool oop_both_int(oop a, oop b) { return (a & b & 1) != 0; }

/* The value of a SmallInteger; the caller has checked the tag. */
static inline int32_t oop_int(oop o) { return (int32_t)o >> 1; }
/* The SmallInteger for a value that int_fits() accepts. */
static inline oop int_oop(int32_t v) { return ((oop)v << 1) | 1; }
static inline bool int_fits(int64_t v) { return v >= SMALLINT_MIN && v <= SMALLINT_MAX; }

static inline uint32_t oop_char(oop o) { return o >> 2; }
static inline oop char_oop(uint32_t code) { return (code << 2) | OOP_CHAR_TAG; }

#endif
