/* bitblt_reference.h: what BitBlt is, pixel by pixel: the slow definition that BitBltPlugin is compared with.
 *
 * Written from the Blue Book, chapter 18, and the description of BitBltSimulation, and sharing nothing with
 * the plugin: it knows no words but where a rule is defined on words, no clipping but to ask of each pixel of
 * the destination whether it is to be written, and no overlap, as it reads a copy of the source.
 */
#ifndef TESTS_UNIT_BITBLT_REFERENCE_H
#define TESTS_UNIT_BITBLT_REFERENCE_H

#include <stdbool.h>
#include <stdint.h>

struct ref_form {
  uint32_t *words;
  int32_t width, height, depth; /* depth is negative where the leftmost pixel is in the low bits */
};

/* A colour map: shifts and masks (NULL: none), then a table (NULL: none). A plain Bitmap has `implied`
 * conversion between colours of different depth, as has no map at all. */
struct ref_map {
  bool present, implied;
  const int32_t *shifts;
  const uint32_t *masks;
  uint32_t *table;
  uint32_t table_size;
};

struct ref_blit {
  struct ref_form dest, source;
  bool has_source, same_form; /* same_form: the Form object, not only its bits */
  int rule;
  int64_t dest_x, dest_y, width, height, source_x, source_y, clip_x, clip_y, clip_width, clip_height;
  const uint32_t *halftone; /* NULL: none */
  uint32_t halftone_height;
  struct ref_map map;
  uint32_t alpha, colour; /* of rules 30, 31 and 41 */
  const uint8_t *gamma, *ungamma;
  /* WarpBlt */
  bool warping;
  int64_t corners[4][2];
  int smoothing;
  const uint32_t *source_map;
};

/* Changes the destination, and for rules 23 and 33 the table. Answers what rules 22 and 32 count. */
uint64_t ref_copy_bits(const struct ref_blit *b);
/* Lines and strings, as copyBits after copyBits; both move the destination. */
void ref_draw_loop(struct ref_blit *b, int across, int down);
void ref_display_string(struct ref_blit *b, const uint8_t *text, int n, const int *map, const int *x_table,
                        int kern);
uint32_t ref_pixel(const struct ref_form *f, int x, int y);

#endif
