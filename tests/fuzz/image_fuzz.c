/* image_fuzz.c: any bytes either fail to load with an error or make a sound heap that saves and loads again. */
#include "base/options.h"
#include "memory/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sink {
  uint8_t *data;
  uint32_t size, capacity;
};

static bool put(void *context, const void *bytes, uint32_t count) {
  struct sink *s = context;
  if (s->size + count > s->capacity) {
    s->capacity = 2 * (s->size + count);
    s->data = realloc(s->data, s->capacity);
    if (s->data == NULL) return false;
  }
  memcpy(s->data + s->size, bytes, count);
  s->size += count;
  return true;
}

static void must(err_t e, const char *what) {
  if (e == NULL) return;
  fprintf(stderr, "%s: %s\n", what, e);
  abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  vm_options.memory_limit = 256u << 20;
  must(mem_init(1 << 16), "mem_init");
  if (image_read(data, (uint32_t)size) == NULL) {
    must(mem_check_heap(), "the loaded heap");
    struct sink s = {0};
    must(image_write(put, &s), "image_write");
    uint64_t objects = image_info.objects;
    must(mem_init(1 << 16), "mem_init");
    must(image_read(s.data, s.size), "image_read of what was written");
    if (image_info.objects != objects) abort();
    free(s.data);
  }
  mem_shutdown();
  return 0;
}
