/* at.h: `at:`, `at:put:` and `size` as the special sends have them: by the class's entry of the at cache,
 * where the standard primitives would serve the class. Shared by the dispatch loop and translated code.
 * Nothing here collects. */
#ifndef VM_INTERPRETER_AT_H
#define VM_INTERPRETER_AT_H

#include "interpreter/lookup.h"

static inline oop *slots_of(oop o) { return AT(oop, o) + HDR_BYTES / 4; }

/* What tells a class's entry: the class index, and of the format what distinguishes pointers, words, shorts,
 * bytes and methods, whatever the class's instances are elsewhere in a damaged heap. */
enum { AT_KEY_MASK = HDR_CLASS_MASK | 28 << HDR_FORMAT_SHIFT };
static inline uint32_t at_key(oop receiver) { return at32(receiver) & AT_KEY_MASK; }
/* Element i lies in one of `slots` behind the fixed ones. */
static inline bool at_inside(uint32_t i, const struct at_entry *e, uint32_t slots) {
  return (uint64_t)i + e->fixed < slots;
}

/* at: by the class's entry of the at cache; 0: send it. */
static inline oop fast_at(oop receiver, oop index) {
  if (!oop_is_int(index) || !oop_is_pointer(receiver)) return 0;
  uint32_t key = at_key(receiver), i = (uint32_t)oop_int(index) - 1;
  const struct at_entry *e = &at_cache[AT_GET][key % AT_CACHE_ENTRIES];
  if (UNLIKELY(e->key != key)) e = at_cache_fill(AT_GET, receiver);
  switch (e->kind) {
    case AT_POINTERS: {
      uint32_t slots = obj_slots(receiver);
      return at_inside(i, e, slots) ? slots_of(receiver)[i + e->fixed] : 0;
    }
    case AT_BYTES: return i < obj_byte_size(receiver) ? int_oop(obj_bytes(receiver)[i]) : 0;
    case AT_STRING: return i < obj_byte_size(receiver) ? mem_char(obj_bytes(receiver)[i]) : 0;
    case AT_WORDS: {
      if (i >= obj_slots(receiver)) return 0;
      uint32_t word = slots_of(receiver)[i];
      return word <= SMALLINT_MAX ? int_oop((int32_t)word) : 0;
    }
    case AT_WIDE_STRING: return i < obj_slots(receiver) ? mem_char(slots_of(receiver)[i]) : 0;
    case AT_SHORTS:
      return i < obj_slots(receiver) * 2 - (obj_format(receiver) & 3)
                 ? int_oop(AT(uint16_t, receiver + HDR_BYTES)[i])
                 : 0;
    default: return 0;
  }
}

/* at:put:; false: send it. */
static inline bool fast_at_put(oop receiver, oop index, oop value) {
  if (!oop_is_int(index) || !oop_is_pointer(receiver) || obj_is_immutable(receiver)) return false;
  uint32_t key = at_key(receiver), i = (uint32_t)oop_int(index) - 1;
  const struct at_entry *e = &at_cache[AT_SET][key % AT_CACHE_ENTRIES];
  if (UNLIKELY(e->key != key)) e = at_cache_fill(AT_SET, receiver);
  switch (e->kind) {
    case AT_POINTERS: {
      uint32_t slots = obj_slots(receiver);
      if (!at_inside(i, e, slots)) return false;
      mem_store(receiver, i + e->fixed, value);
      return true;
    }
    case AT_BYTES:
      if (i >= obj_byte_size(receiver) || !oop_is_int(value) || (uint32_t)oop_int(value) > 255) return false;
      obj_bytes(receiver)[i] = (uint8_t)oop_int(value);
      return true;
    case AT_STRING:
      if (i >= obj_byte_size(receiver) || !oop_is_char(value) || oop_char(value) > 255) return false;
      obj_bytes(receiver)[i] = (uint8_t)oop_char(value);
      return true;
    case AT_WORDS:
      if (i >= obj_slots(receiver) || !oop_is_int(value) || oop_int(value) < 0) return false;
      slots_of(receiver)[i] = (uint32_t)oop_int(value);
      return true;
    case AT_WIDE_STRING:
      if (i >= obj_slots(receiver) || !oop_is_char(value)) return false;
      slots_of(receiver)[i] = oop_char(value);
      return true;
    default: return false;
  }
}

/* size; 0: send it. */
static inline oop fast_size(oop receiver) {
  if (!oop_is_pointer(receiver)) return 0;
  uint32_t key = at_key(receiver);
  const struct at_entry *e = &at_cache[AT_SIZE][key % AT_CACHE_ENTRIES];
  if (UNLIKELY(e->key != key)) e = at_cache_fill(AT_SIZE, receiver);
  switch (e->kind) {
    case AT_POINTERS:
      return obj_slots(receiver) >= e->fixed ? int_oop((int32_t)(obj_slots(receiver) - e->fixed)) : 0;
    case AT_BYTES: return int_oop((int32_t)obj_byte_size(receiver));
    case AT_WORDS: return int_oop((int32_t)obj_slots(receiver));
    default: return 0;
  }
}

#endif
