/* device_states.c: what a snapshot keeps of the devices (device_states.h). */
#include "primitives/device_states.h"

#include <stdlib.h>
#include <string.h>

#include "devices/device.h"
#include "devices/file.h"
#include "devices/process.h"

enum { STAMPED_BYTES = 4096, MOST_BYTES = 1 << 24 };
static const char magic[8] = "CatDev1\n";

/* The hash is FNV-1a's, of the beginning alone: an image's header has its size, and the last identity hash.
 */
void image_stamp_add(struct image_stamp *stamp, const void *bytes, uint32_t count) {
  enum { BASIS = 0x811C9DC5u, PRIME = 0x01000193u };
  const uint8_t *p = bytes;
  if (stamp->size == 0) stamp->hash = BASIS;
  for (uint32_t i = 0; i < count && stamp->size + i < STAMPED_BYTES; i++)
    stamp->hash = (stamp->hash ^ p[i]) * PRIME;
  stamp->size += count;
}

static struct text fresh;

void device_states_start(void) {
  text_clear(&fresh);
  dev_get_states(&fresh);
}

/* NAME.devices for NAME.image; for another name, with .devices after it. Zero-terminated. */
static void sidecar_name(struct text *name, const char *image, uint32_t length) {
  static const char extension[] = ".image";
  const uint32_t n = sizeof extension - 1;
  text_add(name, image, length > n && memcmp(image + length - n, extension, n) == 0 ? length - n : length);
  text_printf(name, ".devices");
}

static struct text content;
static err_t produce(dev_put put, void *sink) {
  return put(sink, content.chars, (uint32_t)content.length) ? NULL : "cannot write the devices' states";
}

void device_states_save(const char *image, uint32_t length, struct image_stamp stamp) {
  struct text name = {0}, states = {0};
  sidecar_name(&name, image, length);
  dev_get_states(&states);
  if (states.length == fresh.length && memcmp(states.chars, fresh.chars, states.length) == 0) {
    struct dev_entry entry;
    if (dev_stat(name.chars, (uint32_t)name.length, &entry) >= 0)
      (void)dev_file_delete(name.chars, (uint32_t)name.length);
  } else {
    text_clear(&content);
    text_add(&content, magic, sizeof magic);
    text_add(&content, &stamp, sizeof stamp);
    text_add(&content, states.chars, states.length);
    const err_t error = dev_save(name.chars, (uint32_t)name.length, produce);
    if (error != NULL) dev_log(DEV_LOG_WARNING, error);
  }
  text_free(&states);
  text_free(&name);
}

static void load(const uint8_t *bytes, uint32_t length, struct image_stamp stamp) {
  const uint32_t head = sizeof magic + sizeof stamp;
  if (length < head || memcmp(bytes, magic, sizeof magic) != 0 ||
      memcmp(bytes + sizeof magic, &stamp, sizeof stamp) != 0)
    return;
  if (!dev_set_states(bytes + head, length - head))
    dev_log(DEV_LOG_WARNING, "the devices' states beside the image cannot be read; they are as new");
}

void device_states_load(struct image_stamp stamp) {
  uint32_t length;
  const char *image = dev_image_name(&length);
  struct text name = {0};
  struct dev_entry entry;
  if (length == 0) return;
  sidecar_name(&name, image, length);
  const uint32_t n = (uint32_t)name.length;
  if (dev_stat(name.chars, n, &entry) >= 0 && !entry.is_dir && entry.size <= MOST_BYTES) {
    const uint32_t size = (uint32_t)entry.size;
    uint8_t *bytes = malloc(size + 1);
    const int32_t file = bytes == NULL ? -1 : dev_file_open(name.chars, n, false, false);
    if (file >= 0) {
      if (dev_file_read(file, bytes, size) == (int32_t)size) load(bytes, size, stamp);
      (void)dev_file_close(file);
    }
    free(bytes);
  }
  text_free(&name);
}
