/* image_support.h: what the image tests share: files, a growing buffer, and a digest of the heap's graph. */
#ifndef TESTS_IMAGE_SUPPORT_H
#define TESTS_IMAGE_SUPPORT_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "memory/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
  uint8_t *data;
  uint32_t size, capacity;
};

static inline bool bytes_put(void *sink, const void *data, uint32_t count) {
  struct bytes *b = sink;
  if (b->size + count > b->capacity) {
    b->capacity = 2 * (b->size + count);
    b->data = realloc(b->data, b->capacity);
  }
  memcpy(b->data + b->size, data, count);
  b->size += count;
  return true;
}

static inline struct bytes bytes_copy(const struct bytes *from) {
  struct bytes b = {0};
  bytes_put(&b, from->data, from->size);
  return b;
}

/* An image of the collection of real ones; skips the test where it is absent. */
static inline struct bytes real_image(const char *name) {
  const char *folder = getenv("CATALYST_IMAGES");
  char path[1000];
  snprintf(path, sizeof path, "%s/%s", folder != NULL ? folder : "../shared/images", name);
  FILE *f = fopen(path, "rb");
  if (f == NULL) {
    print_message("skipped: there is no %s (set CATALYST_IMAGES)\n", path);
    skip();
  }
  struct bytes b = {0};
  uint8_t chunk[1 << 16];
  for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;) bytes_put(&b, chunk, (uint32_t)n);
  fclose(f);
  return b;
}

static inline err_t load(const struct bytes *b) {
  err_t e = mem_init(1 << 16);
  assert_null(e);
  /* Exactly as long as the image, so that a sanitizer sees a read beyond it. */
  uint8_t *exact = malloc(b->size > 0 ? b->size : 1);
  if (b->size > 0) memcpy(exact, b->data, b->size);
  e = image_read(exact, b->size);
  free(exact);
  return e;
}

static inline void assert_loads(const struct bytes *b) {
  err_t e = load(b);
  if (e != NULL) fail_msg("does not load: %s", e);
  e = mem_check_heap();
  if (e != NULL) fail_msg("the loaded heap is unsound: %s", e);
}

static inline struct bytes saved(void) {
  struct bytes b = {0};
  err_t e = image_write(bytes_put, &b);
  if (e != NULL) fail_msg("does not save: %s", e);
  return b;
}

/* ---- a digest of the heap: equal graphs in equal order have equal digests ---- */

struct digest {
  uint32_t *number; /* of the object at an address / 8 */
  addr low;
  uint32_t count;
  uint64_t hash;
};

static inline void digest_word(struct digest *d, uint64_t w) { d->hash = (d->hash ^ w) * 0x100000001B3ull; }

static inline bool digest_number(oop o, void *context) {
  struct digest *d = context;
  d->number[(o - d->low) / 8] = ++d->count;
  return true;
}

static inline uint64_t digest_of(const struct digest *d, oop v) {
  return oop_is_pointer(v) ? (uint64_t)d->number[(v - d->low) / 8] << 32 : v;
}

static inline bool digest_object(oop o, void *context) {
  struct digest *d = context;
  uint32_t f = obj_format(o), slots = obj_slots(o), pointers = obj_pointer_slots(o);
  digest_word(d, obj_class_index(o));
  digest_word(d, (uint64_t)f << 32 | slots);
  digest_word(d, obj_hash_bits(o));
  digest_word(d, digest_of(d, mem_class_at(obj_class_index(o))));
  for (uint32_t i = 0; i < pointers; i++) digest_word(d, digest_of(d, obj_slot(o, i)));
  for (uint32_t i = pointers; i < slots; i++) digest_word(d, obj_slot(o, i));
  return true;
}

static inline uint64_t heap_digest(void) {
  struct mem_segment last = mem_segment(mem_segment_count() - 1);
  struct digest d = {.low = mem.new_start, .hash = 0xCBF29CE484222325ull};
  d.number = calloc((last.start + last.bytes - d.low) / 8, sizeof *d.number);
  mem_each_object(digest_number, &d);
  mem_each_object(digest_object, &d);
  digest_word(&d, digest_of(&d, mem.special));
  free(d.number);
  return d.hash;
}

#endif
