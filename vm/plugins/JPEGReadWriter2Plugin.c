/* JPEGReadWriter2Plugin.c: reads a JPEG file onto a Form and writes a Form as one; plugins/jpeg does the
 * work.
 *
 * The image asks how large the structures are that its ByteArrays must have room for, and hands these along.
 * In the one for reading is what the header said; the others are not used.
 */
#include <stdlib.h>
#include <string.h>

#include "plugins/bitblt/bitblt.h"
#include "plugins/jpeg/jpeg.h"
#include "plugins/plugin.h"
#include "primitives/checks.h"

enum { STRUCT_MARK = 0x4A504547, UNUSED_STRUCT_BYTES = 4, DEFAULT_QUALITY = 75 };

struct decompress_struct {
  uint32_t mark;
  struct jpeg_header header;
};

static oop primJPEGPluginIsPresent(oop *args, uint32_t argc) { return mem.true_; }
static oop primSupports8BitGrayscaleJPEGs(oop *args, uint32_t argc) { return mem.true_; }
static oop primJPEGCompressStructSize(oop *args, uint32_t argc) { return int_oop(UNUSED_STRUCT_BYTES); }
static oop primJPEGErrorMgr2StructSize(oop *args, uint32_t argc) { return int_oop(UNUSED_STRUCT_BYTES); }
static oop primJPEGDecompressStructSize(oop *args, uint32_t argc) {
  return int_oop(sizeof(struct decompress_struct));
}

static bool has_bytes(oop o, uint32_t n) { return oop_is_bytes(o) && obj_byte_size(o) >= n; }

/* ---- what the header says ---- */

static bool read_struct(oop o, struct decompress_struct *s) {
  if (!has_bytes(o, sizeof *s)) return false;
  memcpy(s, obj_bytes(o), sizeof *s);
  return s->mark == STRUCT_MARK;
}

static oop primImageWidth(oop *args, uint32_t argc) {
  struct decompress_struct s;
  return read_struct(args[1], &s) ? int_oop((int32_t)(s.header.width & 0xFFFF))
                                  : prim_fail(PRIM_ERR_BAD_ARGUMENT);
}
static oop primImageHeight(oop *args, uint32_t argc) {
  struct decompress_struct s;
  return read_struct(args[1], &s) ? int_oop((int32_t)(s.header.height & 0xFFFF))
                                  : prim_fail(PRIM_ERR_BAD_ARGUMENT);
}
static oop primImageNumComponents(oop *args, uint32_t argc) {
  struct decompress_struct s;
  return read_struct(args[1], &s) ? int_oop((int32_t)(s.header.components & 0xFF))
                                  : prim_fail(PRIM_ERR_BAD_ARGUMENT);
}

/* primJPEGReadHeader: aDecompressStruct fromByteArray: source errorMgr: anErrorStruct */
static oop primJPEGReadHeaderfromByteArrayerrorMgr(oop *args, uint32_t argc) {
  struct decompress_struct s = {.mark = STRUCT_MARK};
  if (!has_bytes(args[1], sizeof s) || !oop_is_bytes(args[2])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(args[1])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  if (!jpeg_read_header(obj_bytes(args[2]), obj_byte_size(args[2]), &s.header))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  memcpy(obj_bytes(args[1]), &s, sizeof s);
  return args[0];
}

/* ---- reading ---- */

/* Five bits of eight, as Form>>orderedDither32To16 makes them: the 16 thresholds of the first and the second
 * pixel of a word, in four rows of two words. */
static uint32_t dithered(uint32_t v, uint32_t x, uint32_t y) {
  static const uint8_t thresholds[2][8] = {{2, 0, 14, 12, 1, 3, 13, 15}, {10, 8, 6, 4, 9, 11, 5, 7}};
  const uint32_t scaled = v * 496 >> 8, threshold = thresholds[x & 1][(y & 3) << 1 | (x >> 1 & 1)];
  return (scaled >> 4) + (threshold < (scaled & 15) ? 1 : 0);
}

/* A destination pixel: rows count from 1 for dithering. */
static uint32_t pixel_word(const uint8_t *rgb, uint32_t depth, bool dither, uint32_t x, uint32_t y) {
  if (depth == 8) return rgb[0];
  if (depth == 32) return 0xFF000000u | (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];
  uint32_t word = 0x8000;
  for (int i = 0; i < 3; i++)
    word |= (dither ? dithered(rgb[i], x, y + 1) : (uint32_t)rgb[i] >> 3) << (10 - 5 * i);
  return word;
}

static void put_pixels(const struct form *f, const struct jpeg_header *h, const uint8_t *pixels,
                       bool dither) {
  const uint32_t components = f->depth == 8 ? 1 : 3;
  for (uint32_t y = 0; y < h->height; y++) {
    uint32_t *row = form_row(f, (int32_t)y);
    for (uint32_t x = 0; x < h->width; x++, pixels += components) {
      uint32_t *word = row + (size_t)x * f->depth / 32;
      const uint32_t shift = form_shift(f, (int32_t)x), mask = form_pixel_mask(f) << shift;
      *word = (*word & ~mask) | pixel_word(pixels, f->depth, dither, x, y) << shift;
    }
  }
}

static bool depth_is_known(const struct form *f) { return f->depth == 8 || f->depth == 16 || f->depth == 32; }

/* primJPEGReadImage: aDecompressStruct fromByteArray: source onForm: form doDithering: aBoolean errorMgr:
 * anErrorStruct. The Form is at least as large as the picture. */
static oop primJPEGReadImagefromByteArrayonFormdoDitheringerrorMgr(oop *args, uint32_t argc) {
  struct form f;
  struct jpeg_header h;
  bool dither;
  if (!oop_is_bytes(args[1]) || !oop_is_bytes(args[2]) || !bitblt_read_form(args[3], &f) ||
      !depth_is_known(&f) || !prim_bool(args[4], &dither))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(f.bits_object)) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  const uint8_t *source = obj_bytes(args[2]);
  const uint32_t n = obj_byte_size(args[2]);
  if (!jpeg_read_header(source, n, &h) || h.width > (uint32_t)f.width || h.height > (uint32_t)f.height)
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint8_t *pixels = jpeg_read(source, n, f.depth == 8 ? 1 : 3);
  if (pixels == NULL) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  put_pixels(&f, &h, pixels, dither);
  free(pixels);
  return args[0];
}

/* ---- writing ---- */

static uint8_t *pixels_of(const struct form *f, uint32_t components) {
  uint8_t *pixels = malloc((size_t)f->width * (size_t)f->height * components), *to = pixels;
  if (pixels == NULL) return NULL;
  for (int32_t y = 0; y < f->height; y++)
    for (int32_t x = 0; x < f->width; x++, to += components) {
      const uint32_t pixel = form_pixel(f, x, y);
      for (uint32_t i = 0; i < components; i++)
        to[i] = (uint8_t)(f->depth == 8    ? pixel
                          : f->depth == 16 ? (pixel >> (10 - 5 * i) & 31) << 3
                                           : pixel >> (16 - 8 * i));
    }
  return pixels;
}

/* primJPEGWriteImage: aCompressStruct onByteArray: destination form: form quality: quality progressiveJPEG:
 * aBoolean errorMgr: anErrorStruct: how many bytes were written, 0 if there are not enough of them. A quality
 * below 1 means the usual one. Files are sequential, whatever was asked for. */
static oop primJPEGWriteImageonByteArrayformqualityprogressiveJPEGerrorMgr(oop *args, uint32_t argc) {
  struct form f;
  bool progressive;
  if (!oop_is_bytes(args[1]) || !oop_is_bytes(args[2]) || !bitblt_read_form(args[3], &f) ||
      !depth_is_known(&f) || f.width == 0 || f.height == 0 || !oop_is_int(args[4]) ||
      !prim_bool(args[5], &progressive))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(args[2])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  const int32_t quality = oop_int(args[4]);
  const uint32_t components = f.depth == 8 ? 1 : 3;
  uint8_t *pixels = pixels_of(&f, components);
  if (pixels == NULL) return prim_fail(PRIM_ERR_NO_C_MEMORY);
  const size_t size = jpeg_write(pixels, (uint32_t)f.width, (uint32_t)f.height, components,
                                 quality < 1 ? DEFAULT_QUALITY : (uint32_t)quality, obj_bytes(args[2]),
                                 obj_byte_size(args[2]));
  free(pixels);
  return int_oop((int32_t)size);
}

#define JPEG_PRIMITIVES(X)                                                 \
  X(primImageHeight, 1, 1)                                                 \
  X(primImageNumComponents, 1, 1)                                          \
  X(primImageWidth, 1, 1)                                                  \
  X(primJPEGCompressStructSize, 0, 0)                                      \
  X(primJPEGDecompressStructSize, 0, 0)                                    \
  X(primJPEGErrorMgr2StructSize, 0, 0)                                     \
  X(primJPEGPluginIsPresent, 0, 0)                                         \
  X(primJPEGReadHeaderfromByteArrayerrorMgr, 3, 3)                         \
  X(primJPEGReadImagefromByteArrayonFormdoDitheringerrorMgr, 5, 5)         \
  X(primJPEGWriteImageonByteArrayformqualityprogressiveJPEGerrorMgr, 6, 6) \
  X(primSupports8BitGrayscaleJPEGs, 0, 0)
PLUGIN_DEFINE(JPEGReadWriter2Plugin, JPEG_PRIMITIVES)
