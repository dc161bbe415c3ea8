/* image_build.c: the objects that a converting reader makes by itself: headers, the hidden objects that
 * follow true, the class table. */
#include "memory/image_internal.h"

oop image_put_header(addr at, uint32_t class_index, uint32_t format, uint32_t hash, uint32_t slots) {
  uint32_t count = slots;
  if (slots >= HDR_SLOTS_OVERFLOW) {
    put32(at, slots);
    put32(at + 4, (uint32_t)HDR_SLOTS_OVERFLOW << HDR_SLOTS_SHIFT);
    at += 8;
    count = HDR_SLOTS_OVERFLOW;
  }
  put32(at, class_index | format << HDR_FORMAT_SHIFT);
  put32(at + 4, hash | count << HDR_SLOTS_SHIFT);
  return at;
}

uint32_t image_hidden_bytes(uint32_t pages) {
  return FREE_LISTS_BYTES + HIDDEN_ROOTS_BYTES + pages * CLASS_PAGE_BYTES;
}

static oop put_nils(addr at, uint32_t slots, oop nil) {
  oop o = image_put_header(at, CIX_ARRAY_HIDDEN, FMT_INDEXABLE, 0, slots);
  for (uint32_t i = 0; i < slots; i++) obj_put_raw(o, i, nil);
  return o;
}

addr image_put_hidden(addr at, oop nil, uint32_t pages, oop *hidden_roots) {
  at = mem_object_end(image_put_header(at, CIX_WORDS_HIDDEN, FMT_32, 0, FREE_LISTS));
  *hidden_roots = put_nils(at, HIDDEN_ROOTS, nil);
  at = mem_object_end(*hidden_roots);
  for (uint32_t p = 0; p < pages; p++) {
    oop page = put_nils(at, CLASS_TABLE_PAGE, nil);
    obj_put_raw(*hidden_roots, p, page);
    at = mem_object_end(page);
  }
  return at;
}

void image_put_class(oop hidden_roots, uint32_t class_index, oop class_) {
  obj_put_raw(obj_slot(hidden_roots, class_index / CLASS_TABLE_PAGE), class_index % CLASS_TABLE_PAGE, class_);
}
