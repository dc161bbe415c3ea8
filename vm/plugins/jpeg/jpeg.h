/* jpeg.h: whole JPEG files (ITU T.81): what their header says, their pixels, and pixels as a file.
 *
 * What is read: sequential and progressive files with Huffman codes, 8 bits a sample, of 1, 3 or 4
 * components. Transform, upsampling and colours are calculated as the Independent JPEG Group's library does
 * by default, so the pixels are those that other VMs give. What is written is sequential, with that library's
 * tables.
 *
 * A file that is cut short or damaged after its header gives what could be read of it. decode.c reads,
 * pixels.c makes pixels of coefficients, dct.c has the transforms, encode.c writes.
 */
#ifndef VM_PLUGINS_JPEG_JPEG_H
#define VM_PLUGINS_JPEG_JPEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JPEG_BLOCK = 8, JPEG_BLOCK_SIZE = 64, JPEG_COMPONENTS = 4 };

struct jpeg_header {
  uint32_t width, height, components;
};
/* False: it is no JPEG that can be read. */
bool jpeg_read_header(const uint8_t *bytes, size_t n, struct jpeg_header *header);
/* The pixels, `components` bytes each (1: grey; 3: red, green, blue), row by row; the caller frees them.
 * NULL: it cannot be read, or there is no memory. */
uint8_t *jpeg_read(const uint8_t *bytes, size_t n, uint32_t components);
/* Writes pixels as jpeg_read answers them, 65,535 a side at most. Answers the size of the file; 0 when it
 * does not fit in `room` or there is no memory. */
size_t jpeg_write(const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t components,
                  uint32_t quality, uint8_t *out, size_t room);

/* ---- for the files of this folder ---- */

/* Where the coefficients of a block belong, in the order in which files have them. */
extern const uint8_t jpeg_natural_order[JPEG_BLOCK_SIZE];

enum colour_space { COLOUR_GREY, COLOUR_YCC, COLOUR_RGB, COLOUR_CMYK, COLOUR_YCCK };

struct jpeg_component {
  uint32_t id, h, v; /* sampling factors */
  uint32_t quantization;
  uint32_t dc_table, ac_table;         /* of this scan */
  uint32_t width, height;              /* samples */
  uint32_t blocks_across, blocks_down; /* that have samples of the picture */
  uint32_t stride_blocks, rows_blocks; /* that are there, whole MCUs */
  int32_t dc;                          /* the last block's first coefficient */
  int16_t *coefficients;               /* JPEG_BLOCK_SIZE a block */
  uint8_t *samples;                    /* stride_blocks * JPEG_BLOCK a row */
};

struct jpeg_picture {
  struct jpeg_header header;
  struct jpeg_component component[JPEG_COMPONENTS];
  uint32_t h_max, v_max, mcus_across, mcus_down;
  bool progressive;
  bool has_adobe, has_jfif;
  uint32_t adobe_transform;
  uint16_t quantization[4][JPEG_BLOCK_SIZE]; /* in natural order */
};

/* pixels.c: makes samples of the coefficients, and pixels of these. */
uint8_t *jpeg_pixels(struct jpeg_picture *p, uint32_t components);

/* dct.c. Numbers wrap: of any input there is an output. The result of the one-dimensional inverse has 13 bits
 * of fraction more than its input. */
void jpeg_idct_1d(const int32_t in[JPEG_BLOCK], int32_t out[JPEG_BLOCK]);
/* From coefficients, times their quantization, to samples 0 … 255. */
void jpeg_idct(const int32_t coefficients[JPEG_BLOCK_SIZE], uint8_t *samples, uint32_t stride);
/* In place: from samples less 128 to coefficients times 8. */
void jpeg_fdct(int32_t block[JPEG_BLOCK_SIZE]);

static inline uint8_t jpeg_clamp(int32_t v) { return v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v; }

#endif
