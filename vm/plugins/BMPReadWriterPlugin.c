/* BMPReadWriterPlugin.c: rows of BMP files of 24 bits a pixel: blue, green, red. */
#include "plugins/plugin.h"
#include "primitives/checks.h"

/* pixelLine, formBits, index (from 1), width. Answers 0 or an error. */
static uint32_t check(const oop *args, uint32_t *first, uint32_t *width) {
  if (!oop_is_bytes(args[1]) || !oop_is_words(args[2]) || !prim_index(args[3], first) ||
      !prim_index(args[4], width) || *first == 0 || *width == 0)
    return PRIM_ERR_BAD_ARGUMENT;
  if ((uint64_t)*first - 1 + *width > obj_slots(args[2]) || (uint64_t)*width * 3 > obj_byte_size(args[1]))
    return PRIM_ERR_BAD_INDEX;
  return 0;
}

/* read24BmpLine: pixelLine into: formBits startingAt: index width: width. Black is not transparent. */
static oop primitiveRead24BmpLine(oop *args, uint32_t argc) {
  uint32_t first, width;
  const uint32_t error = check(args, &first, &width);
  if (error != 0) return prim_fail(error);
  if (obj_is_immutable(args[2])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  const uint8_t *line = obj_bytes(args[1]);
  uint32_t *bits = AT(uint32_t, obj_body(args[2])) + first - 1;
  for (uint32_t i = 0; i < width; i++, line += 3) {
    const uint32_t rgb = (uint32_t)line[0] | (uint32_t)line[1] << 8 | (uint32_t)line[2] << 16;
    bits[i] = rgb == 0 ? 0xFF000001u : 0xFF000000u | rgb;
  }
  return args[0];
}

/* write24BmpLine: pixelLine from: formBits startingAt: index width: width */
static oop primitiveWrite24BmpLine(oop *args, uint32_t argc) {
  uint32_t first, width;
  const uint32_t error = check(args, &first, &width);
  if (error != 0) return prim_fail(error);
  if (obj_is_immutable(args[1])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  uint8_t *line = obj_bytes(args[1]);
  const uint32_t *bits = AT(uint32_t, obj_body(args[2])) + first - 1;
  for (uint32_t i = 0; i < width; i++)
    for (uint32_t k = 0; k < 3; k++) *line++ = (uint8_t)(bits[i] >> (8 * k));
  return args[0];
}

#define BMP_PRIMITIVES(X)         \
  X(primitiveRead24BmpLine, 4, 4) \
  X(primitiveWrite24BmpLine, 4, 4)
PLUGIN_DEFINE(BMPReadWriterPlugin, BMP_PRIMITIVES)
