/* object.h: the Spur 32 object format: headers, formats, class indices, raw slots.
 *
 * Inline accessors only; nothing here allocates or collects. The definition is Spur's
 * (Miranda and Béra, "A partial read barrier for efficient support of live object-oriented
 * programming", 2015, and the class comment of SpurMemoryManager):
 *
 *   [overflow word pair: slot count in the low 56 bits, 255 in the top byte]   if numSlots = 255
 *   header low word   classIndex:22 unused:1 immutable:1 format:5 remembered:1 pinned:1 grey:1
 *   header high word  identityHash:22 unused:1 marked:1 numSlots:8
 *   slots             at least one 8-byte unit
 *
 * An oop is the address of the header's low word.
 */
#ifndef VM_MEMORY_OBJECT_H
#define VM_MEMORY_OBJECT_H

#include "base/oop.h"

enum {
  HDR_BYTES = 8,
  HDR_CLASS_MASK = 0x3FFFFF,
  HDR_IMMUTABLE = 1 << 23,
  HDR_FORMAT_SHIFT = 24,
  HDR_FORMAT_MASK = 31,
  HDR_REMEMBERED = 1 << 29,
  HDR_PINNED = 1 << 30,
  HDR_HASH_MASK = 0x3FFFFF, /* in the high word */
  HDR_MARKED = 1 << 23,     /* in the high word */
  HDR_SLOTS_SHIFT = 24,     /* in the high word */
  HDR_SLOTS_OVERFLOW = 255,
};
#define HDR_GREY 0x80000000u

/* Formats: X(name, first value, instances) */
enum obj_format {
  FMT_EMPTY = 0,     /* no fields (nil, true, Object new) */
  FMT_FIXED = 1,     /* fixed fields */
  FMT_INDEXABLE = 2, /* indexed pointer fields */
  FMT_FIXED_INDEXABLE = 3,
  FMT_WEAK = 4,      /* fixed strong fields, weak indexed fields */
  FMT_EPHEMERON = 5, /* fixed fields; the first is the key */
  FMT_FORWARDED = 7,
  FMT_64 = 9,
  FMT_32 = 10,     /* 10..11: low bit = unused 32-bit units */
  FMT_16 = 12,     /* 12..15 */
  FMT_8 = 16,      /* 16..23: low bits = unused bytes */
  FMT_METHOD = 24, /* 24..31: literals, then bytes */
};

/* Class indices with a fixed meaning. */
enum class_index {
  CIX_FREE = 0,
  CIX_SMALLINTEGER = 1,
  CIX_CHARACTER = 2,
  CIX_SMALLINTEGER_2 = 3, /* in the class table: the second tag pattern of SmallInteger */
  CIX_BRIDGE = 3,         /* in a header: the bridge at the end of a segment */
  CIX_FORWARDED = 8,
  /* Puns (16..31) are indices of no class: objects with one are hidden from enumeration. */
  CIX_FIRST_PUN = 16,
  CIX_ARRAY_HIDDEN = 16, /* hidden arrays: the class table and its pages */
  CIX_WORDS_HIDDEN = 18, /* hidden word arrays: the free list object, pages of object stacks */
  CIX_LONGS_HIDDEN = 19, /* the same of 64-bit words */
  CIX_FIRST_REAL = 32,
  CIX_LARGE_NEGATIVE = 32,
  CIX_LARGE_POSITIVE = 33,
  CIX_FLOAT = 34,
  CIX_MESSAGE = 35,
  CIX_CONTEXT = 36,
  CIX_BLOCK_CLOSURE = 37,
  CIX_FULL_CLOSURE = 38,
  CIX_BYTE_ARRAY = 50,
  CIX_ARRAY = 51,
  CIX_STRING = 52,
  CIX_BITMAP = 53,
};

static inline uint32_t obj_class_index(oop o) { return at32(o) & HDR_CLASS_MASK; }
static inline uint32_t obj_format(oop o) { return at32(o) >> HDR_FORMAT_SHIFT & HDR_FORMAT_MASK; }
static inline bool obj_is_immutable(oop o) { return (at32(o) & HDR_IMMUTABLE) != 0; }
static inline bool obj_is_pinned(oop o) { return (at32(o) & HDR_PINNED) != 0; }
static inline bool obj_is_remembered(oop o) { return (at32(o) & HDR_REMEMBERED) != 0; }
static inline uint32_t obj_hash_bits(oop o) { return at32(o + 4) & HDR_HASH_MASK; }
static inline void obj_set_immutable(oop o, bool immutable) {
  put32(o, immutable ? at32(o) | HDR_IMMUTABLE : at32(o) & ~(uint32_t)HDR_IMMUTABLE);
}
static inline void obj_set_class_index(oop o, uint32_t class_index) {
  put32(o, (at32(o) & ~(uint32_t)HDR_CLASS_MASK) | class_index);
}
/* Raw: whoever gives an object in the class table another hash breaks the table. */
static inline void obj_set_hash_bits(oop o, uint32_t hash) {
  put32(o + 4, (at32(o + 4) & ~(uint32_t)HDR_HASH_MASK) | (hash & HDR_HASH_MASK));
}
static inline bool obj_is_marked(oop o) { return (at32(o + 4) & HDR_MARKED) != 0; }

/* Slots (32-bit units) of the body, as counted by the header. */
static inline uint32_t obj_slots(oop o) {
  uint32_t n = at32(o + 4) >> HDR_SLOTS_SHIFT;
  return n == HDR_SLOTS_OVERFLOW ? at32(o - 8) : n;
}
/* The address of slot 0. */
static inline addr obj_body(oop o) { return o + HDR_BYTES; }
static inline oop obj_slot(oop o, uint32_t i) { return at32(o + HDR_BYTES + 4 * i); }
static inline uint8_t *obj_bytes(oop o) { return AT(uint8_t, o + HDR_BYTES); }
/* Bytes of the body including padding: a multiple of 8, at least 8. */
static inline uint32_t obj_body_bytes(uint32_t slots) { return slots == 0 ? 8 : (slots * 4 + 7) & ~7u; }

static inline bool fmt_is_pointers(uint32_t f) { return f <= FMT_EPHEMERON; }
static inline bool fmt_is_weak(uint32_t f) { return f == FMT_WEAK; }
static inline bool fmt_is_bytes(uint32_t f) { return f >= FMT_8 && f < FMT_METHOD; }
static inline bool fmt_is_method(uint32_t f) { return f >= FMT_METHOD; }
static inline bool fmt_is_bits(uint32_t f) { return f >= FMT_64; }

/* Size in bytes of a byte object or of a method (literals included). */
static inline uint32_t obj_byte_size(oop o) { return obj_slots(o) * 4 - (obj_format(o) & 7); }

static inline bool oop_is_method(oop o) { return oop_is_pointer(o) && fmt_is_method(obj_format(o)); }
static inline bool oop_has_class_index(oop o, uint32_t cix) {
  return oop_is_pointer(o) && obj_class_index(o) == cix;
}
/* The class index of any oop, immediates included: one compare in an inline cache. */
static inline uint32_t oop_class_index(oop o) {
  return oop_is_pointer(o) ? obj_class_index(o) : (o & 1) ? CIX_SMALLINTEGER : CIX_CHARACTER;
}

/* A raw store: only for immediates, nil/true/false (they are old for ever), raw words, or an object
 * fresh from eden in which no allocation has happened since. Everything else: mem_store(). */
static inline void obj_put_raw(oop o, uint32_t i, uint32_t v) { put32(o + HDR_BYTES + 4 * i, v); }

/* CompiledMethod. Header (slot 0, a SmallInteger): literals:15, hasPrimitive bit 16,
 * large frame bit 17, temps:6 at 18, args:4 at 24, alternate bytecode set = sign bit. Bit positions are
 * of the untagged value. */
/* A CompiledBlock that neither returns from its method nor asks for thisContext: its closures need no outer
 * context. The bit is free in the format (a hint of Sista's optimizer), and other VMs do not look at it,
 * where the flag of the push instruction that says the same stops some. */
enum { METHOD_NO_OUTER_CONTEXT = 1 << 15 };
enum { METHOD_LITERAL_START = 1, METHOD_SMALL_FRAME = 16, METHOD_LARGE_FRAME = 56 };
static inline int32_t method_header(oop m) { return oop_int(obj_slot(m, 0)); }
/* Where the header keeps the literal count, and which of its bits say that there is a primitive: images of
 * the pre-Spur formats keep their own method headers (memory.h, "conventions"), so these are variables. */
struct method_layout {
  uint32_t literal_shift, literal_mask, primitive_mask;
};
extern struct method_layout method_layout;
static inline uint32_t method_num_literals(oop m) {
  return (uint32_t)method_header(m) >> method_layout.literal_shift & method_layout.literal_mask;
}
static inline bool method_has_primitive(oop m) {
  return ((uint32_t)method_header(m) & method_layout.primitive_mask) != 0;
}
static inline uint32_t method_frame_slots(oop m) {
  return method_header(m) & 0x20000 ? METHOD_LARGE_FRAME : METHOD_SMALL_FRAME;
}
static inline uint32_t method_num_temps(oop m) {
  return (uint32_t)method_header(m) >> 18 & 63;
} /* arguments included */
static inline uint32_t method_num_args(oop m) { return (uint32_t)method_header(m) >> 24 & 15; }
static inline bool method_alternate_set(oop m) { return method_header(m) < 0; }
static inline oop method_literal(oop m, uint32_t i) { return obj_slot(m, METHOD_LITERAL_START + i); }
/* Byte offset of the first bytecode from the method's oop: frame pcs are such offsets. */
static inline uint32_t method_first_pc(oop m) {
  return HDR_BYTES + 4 * (METHOD_LITERAL_START + method_num_literals(m));
}
/* Byte offset from the oop just past the last byte (the trailer included). */
static inline uint32_t method_end_pc(oop m) { return HDR_BYTES + obj_byte_size(m); }

#endif
