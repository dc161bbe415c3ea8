/* image_read.c: from the bytes of a file to a running heap: header, the format's reader, the check, the
 * take-over. */
#include "memory/image_internal.h"

#include <stdlib.h>

static err_t read_objects(const struct image_source *s, struct image_heap *heap) {
  switch (s->format) {
    case FORMAT_SPUR_32:
    case FORMAT_V3_IN_SPUR:
    case FORMAT_V3_IN_SPUR_NATIVE_FLOATS: return image_read_spur32(s, heap);
    case FORMAT_SPUR_64: return image_read_spur64(s, heap);
    default: return image_read_v3(s, heap);
  }
}

static bool has_class_at(oop special, uint32_t index) {
  oop c = obj_slot(special, index);
  return c != mem.nil && oop_is_pointer(c);
}

err_t image_read(const uint8_t *data, uint32_t size) {
  struct image_source source;
  err_t e = image_parse_header(data, size, &source);
  if (e != NULL) return e;
  bool spur = source.format == FORMAT_SPUR_32 || source.format == FORMAT_SPUR_64;
  bool ours = source.format == FORMAT_V3_IN_SPUR || source.format == FORMAT_V3_IN_SPUR_NATIVE_FLOATS;
  mem_set_conventions(!spur);
  mem_conventions.float_high_word_first = !spur && (source.format & 1) == 0;
  image_info.converted = source.format != FORMAT_SPUR_32 && !ours;
  struct image_heap heap = {0};
  e = read_objects(&source, &heap);
  if (e == NULL && heap.starts == NULL) e = image_walk(&heap);
  if (e == NULL) e = image_check(&heap);
  free(heap.starts);
  if (e != NULL) return e;
  mem_add_segment(heap.start, heap.end - heap.start);
  e = mem_adopt_heap_roots(heap.special);
  if (image_info.last_hash != 0) mem.last_hash = image_info.last_hash;
  if (e == NULL) image_info.closures = has_class_at(mem.special, SPECIAL_CLASS_BLOCK_CLOSURE);
  return e;
}
