/* imageinfo.c: loads an image file and prints what its header says and how many instances each class has.
 *   imageinfo FILE [-c] [-o OUT]     -c: the classes, most instances first; -o: saves it as Spur 32 */
#include "memory/image.h"
#include "tools/read_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t *counts; /* by class index */

static bool count_object(oop o, void *context) {
  (void)context;
  counts[obj_class_index(o)]++;
  return true;
}

static int by_count(const void *a, const void *b) {
  uint32_t x = counts[*(const uint32_t *)a], y = counts[*(const uint32_t *)b];
  return x < y ? 1 : x > y ? -1 : 0;
}

/* The name of a class, or of a metaclass's class with `suffix`; at most `room` bytes. */
static void class_name(oop c, char *text, size_t room) {
  enum { CLASS_NAME = 6 };
  const char *suffix = "";
  if (obj_slots(c) <= CLASS_NAME || !oop_is_pointer(obj_slot(c, CLASS_NAME)) ||
      !fmt_is_bytes(obj_format(obj_slot(c, CLASS_NAME)))) {
    suffix = " class";
    for (uint32_t i = CLASS_FORMAT + 1; i < obj_slots(c); i++) {
      oop v = obj_slot(c, i);
      if (!oop_is_pointer(v) || !fmt_is_pointers(obj_format(v)) || obj_slots(v) <= CLASS_NAME) continue;
      oop name = obj_slot(v, CLASS_NAME);
      if (oop_is_pointer(name) && fmt_is_bytes(obj_format(name)) && mem_class_of(v) == c) c = v;
    }
  }
  snprintf(text, room, "?");
  if (obj_slots(c) <= CLASS_NAME) return;
  oop name = obj_slot(c, CLASS_NAME);
  if (!oop_is_pointer(name) || !fmt_is_bytes(obj_format(name))) return;
  snprintf(text, room, "%.*s%s", (int)obj_byte_size(name), (const char *)obj_bytes(name), suffix);
}

static void print_classes(void) {
  uint32_t *indices = malloc((HDR_CLASS_MASK + 1) * sizeof *indices), n = 0;
  for (uint32_t i = 0; i <= HDR_CLASS_MASK; i++)
    if (counts[i] != 0) indices[n++] = i;
  qsort(indices, n, sizeof *indices, by_count);
  for (uint32_t i = 0; i < n; i++) {
    char name[100];
    class_name(mem_class_at(indices[i]), name, sizeof name);
    printf("%8u  %6u  %s\n", counts[indices[i]], indices[i], name);
  }
  free(indices);
}

static bool put_file(void *sink, const void *bytes, uint32_t count) {
  return fwrite(bytes, 1, count, sink) == count;
}

static err_t save(const char *path) {
  FILE *f = fopen(path, "wb");
  if (f == NULL) return err_format("%s: cannot be written", path);
  err_t e = image_write(put_file, f);
  if (fclose(f) != 0 && e == NULL) e = err_format("%s: cannot be written", path);
  return e;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: imageinfo FILE [-c] [-o OUT]\n");
    return 2;
  }
  uint32_t size;
  uint8_t *bytes = read_file(argv[1], &size);
  if (bytes == NULL) {
    fprintf(stderr, "%s: cannot be read\n", argv[1]);
    return 3;
  }
  err_t e = mem_init(0);
  if (e == NULL) e = image_read(bytes, size);
  free(bytes);
  if (e != NULL) {
    fprintf(stderr, "%s: %s\n", argv[1], e);
    return 3;
  }
  const struct image_info *i = &image_info;
  printf("format %u%s%s, %s, header %u bytes, saved at 0x%08X\n", i->format,
         i->swapped ? ", byte-swapped" : "", i->converted ? ", converted" : "",
         i->closures ? "closures" : "block contexts", i->header_bytes, i->old_base);
  printf("%llu objects in %llu bytes; last hash %u; screen %ux%u; flags 0x%X; %u external semaphores\n",
         (unsigned long long)i->objects, (unsigned long long)i->bytes, i->last_hash, i->screen_size >> 16,
         i->screen_size & 0xFFFF, i->flags, i->max_external_semaphores);
  for (int a = 2; a < argc; a++) {
    if (strcmp(argv[a], "-c") == 0) {
      counts = calloc(HDR_CLASS_MASK + 1, sizeof *counts);
      mem_each_object(count_object, NULL);
      print_classes();
      free(counts);
    } else if (strcmp(argv[a], "-o") == 0 && a + 1 < argc) {
      e = save(argv[++a]);
      if (e != NULL) {
        fprintf(stderr, "%s\n", e);
        return 1;
      }
    }
  }
  mem_shutdown();
  return 0;
}
