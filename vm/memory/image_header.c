/* image_header.c: finds and reads the header of an image file, in either byte order, with or without the
 * 512-byte prefix. Field order: StackInterpreter>>writeImageHeader of OpenSmalltalk. */
#include "memory/image_internal.h"

struct image_info image_info;

/* Formats that we read; each also with FORMAT_MULTIPLE_SETS added. */
static const struct format {
  uint32_t number;
  const char *kind;
} formats[] = {
    {FORMAT_V3, "Squeak before closures, 32 bits"},
    {FORMAT_V3_CLOSURES, "Squeak with closures, before Spur, 32 bits"},
    {FORMAT_V3_NATIVE_FLOATS, "Squeak and Pharo before Spur, 32 bits, floats in the machine's order"},
    {FORMAT_SPUR_32, "Spur, 32 bits"},
    {FORMAT_SPUR_64, "Spur, 64 bits"},
    {FORMAT_V3_IN_SPUR, "Catalyst's own: an image from before Spur in Spur's object memory"},
    {FORMAT_V3_IN_SPUR_NATIVE_FLOATS,
     "Catalyst's own: an image from before Spur in Spur's object memory, floats in the machine's order"},
};

static uint32_t plain_format(uint32_t f) { return f & ~(uint32_t)FORMAT_MULTIPLE_SETS; }

/* What the format is, for a person; NULL where it is none that we read. */
static const char *format_kind(uint32_t number) {
  for (unsigned i = 0; i < sizeof formats / sizeof *formats; i++)
    if (plain_format(number) == formats[i].number) return formats[i].kind;
  return NULL;
}

/* Reads fields one after the other. */
struct cursor {
  const uint8_t *at;
  bool swapped, wide;
};

static uint32_t next_word(struct cursor *c) {
  uint32_t w;
  memcpy(&w, c->at, sizeof w);
  c->at += sizeof w;
  return c->swapped ? image_swap32(w) : w;
}

static uint32_t next_half(struct cursor *c) {
  uint16_t h;
  memcpy(&h, c->at, sizeof h);
  c->at += sizeof h;
  return c->swapped ? __builtin_bswap16(h) : h;
}

/* A field as wide as the image's words. */
static uint64_t next_long(struct cursor *c) {
  if (!c->wide) return next_word(c);
  uint64_t w;
  memcpy(&w, c->at, sizeof w);
  c->at += sizeof w;
  return c->swapped ? __builtin_bswap64(w) : w;
}

/* Where the header is and how to read it: tries both byte orders at the start and behind the prefix. */
static bool find_header(const uint8_t *data, uint32_t size, uint32_t *prefix, struct cursor *c) {
  for (*prefix = 0; *prefix <= IMAGE_PREFIX_BYTES; *prefix += IMAGE_PREFIX_BYTES) {
    if (size < IMAGE_HEADER_BYTES || size - IMAGE_HEADER_BYTES < *prefix) return false;
    for (int swapped = 0; swapped < 2; swapped++) {
      *c = (struct cursor){data + *prefix, swapped != 0, false};
      uint32_t format = next_word(c);
      const char *kind = format_kind(format);
      if (kind == NULL) continue;
      image_info.format = format;
      image_info.kind = kind;
      c->wide = format >= FORMAT_WIDE_BASE;
      return true;
    }
  }
  return false;
}

static void read_fields(struct cursor *c, struct image_source *s) {
  image_info.header_bytes = next_word(c);
  s->heap_bytes = next_long(c);
  s->base = next_long(c);
  s->special = next_long(c);
  image_info.last_hash = (uint32_t)next_long(c);
  image_info.screen_size = (uint32_t)next_long(c);
  image_info.flags = (uint32_t)next_long(c);
  image_info.extra_vm_memory = next_word(c);
  image_info.desired_stack_pages = next_half(c);
  image_info.desired_code_size = next_half(c);
  image_info.desired_eden_bytes = next_word(c);
  image_info.max_external_semaphores = next_half(c);
  (void)next_half(c); /* the image's own version number */
  s->first_segment = next_long(c);
}

err_t image_parse_header(const uint8_t *data, uint32_t size, struct image_source *s) {
  memset(s, 0, sizeof *s);
  memset(&image_info, 0, sizeof image_info);
  if (size < IMAGE_HEADER_BYTES)
    return err_format("not an image: only %u bytes, too short for a header", size);
  uint32_t prefix;
  struct cursor c;
  if (!find_header(data, size, &prefix, &c)) {
    uint32_t first;
    memcpy(&first, data, sizeof first);
    return err_format("not an image that this VM can read: it begins with format %u (0x%08X)", first, first);
  }
  uint32_t least = c.wide ? IMAGE_HEADER_USED_WIDE : IMAGE_HEADER_BYTES;
  if (size - prefix < least) return err_format("the image is cut off in its header");
  s->swapped = c.swapped;
  s->wide = c.wide;
  s->format = plain_format(image_info.format);
  read_fields(&c, s);
  if (image_info.header_bytes < least || image_info.header_bytes > size - prefix)
    return err_format("the image header gives %u bytes as its own size, in a file of %u",
                      image_info.header_bytes, size);
  uint32_t present = size - prefix - image_info.header_bytes;
  if (s->heap_bytes > present)
    return err_format("the image is cut off: its objects should take %llu bytes, there are %u",
                      (unsigned long long)s->heap_bytes, present);
  s->heap = data + prefix + image_info.header_bytes;
  image_info.swapped = s->swapped;
  image_info.old_base = (uint32_t)s->base;
  return NULL;
}
