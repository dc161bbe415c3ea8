/* conventions.c: the few facts that differ between Spur images and images of the pre-Spur formats, which keep
 * their own method headers, class formats and Character objects (memory.h, "conventions"). */
#include "memory/memory.h"

/* Header bits of a method, of the untagged value. Spur: literals 0..14, primitive flag 16. V3
 * (CompiledMethod's class comment in Squeak 3): primitive 0..8 and 28, literals 9..16. */
static const struct method_layout spur_methods = {0, 0x7FFF, 0x10000};
static const struct method_layout v3_methods = {9, 0xFF, 0x100001FF};

enum {
  V3_HASH_MASK = 0xFFF,
  V3_PRIMITIVE_LOW = 0x1FF,
  V3_PRIMITIVE_HIGH = 0x10000000,
  V3_PRIMITIVE_HIGH_SHIFT = 19
};

struct method_layout method_layout = {0, 0x7FFF, 0x10000};
struct mem_conventions mem_conventions = {.hash_mask = HDR_HASH_MASK};

void mem_set_conventions(bool v3) {
  method_layout = v3 ? v3_methods : spur_methods;
  mem_conventions.v3 = v3;
  mem_conventions.float_high_word_first = false;
  mem_conventions.hash_mask = v3 ? V3_HASH_MASK : HDR_HASH_MASK;
}

uint32_t method_v3_primitive(oop m) {
  if (!mem_conventions.v3) return 0;
  uint32_t header = (uint32_t)method_header(m);
  return (header & V3_PRIMITIVE_LOW) | (header & V3_PRIMITIVE_HIGH) >> V3_PRIMITIVE_HIGH_SHIFT;
}

oop mem_v3_char(uint32_t code) {
  oop table = mem_special(SPECIAL_CHARACTER_TABLE);
  if (!oop_is_pointer(table) || !fmt_is_pointers(obj_format(table)) || code >= obj_slots(table)) return 0;
  return obj_slot(table, code);
}

bool mem_char_code(oop o, uint32_t *code) {
  if (oop_is_char(o)) {
    *code = oop_char(o);
    return true;
  }
  if (!mem_conventions.v3 || !oop_is_pointer(o) || !fmt_is_pointers(obj_format(o)) || obj_slots(o) == 0)
    return false;
  if (mem_class_of(o) != mem_special(SPECIAL_CLASS_CHARACTER)) return false;
  oop value = obj_slot(o, 0);
  if (!oop_is_int(value) || oop_int(value) < 0) return false;
  *code = (uint32_t)oop_int(value);
  return true;
}

/* Behavior's format word before Spur: size + 1 in bits 1..6 and 16..17, kind in 7..10 (Behavior>>instSpec and
 * instSize of Squeak 3; the compact class index between them is the image's own business). */
uint32_t class_v3_inst_size(uint32_t format_bits) {
  uint32_t size = (format_bits >> 10 & 0xC0) | (format_bits >> 1 & 0x3F);
  return size == 0 ? 0 : size - 1;
}

uint32_t class_v3_inst_spec(uint32_t format_bits) {
  static const uint8_t spur[16] = {FMT_EMPTY,  FMT_FIXED,  FMT_INDEXABLE, FMT_FIXED_INDEXABLE,
                                   FMT_WEAK,   FMT_WEAK,   FMT_32,        FMT_32,
                                   FMT_8,      FMT_8,      FMT_8,         FMT_8,
                                   FMT_METHOD, FMT_METHOD, FMT_METHOD,    FMT_METHOD};
  return spur[format_bits >> 7 & 15];
}
