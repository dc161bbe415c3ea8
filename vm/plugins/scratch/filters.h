/* filters.h: what Scratch does to the pixels of costumes (vm/plugins/ScratchPlugin.c).
 *
 * Pixels are 32 bits with red, green and blue in the lower 24; 0 is transparent and black is 1. Definitions:
 * VMMaker's ScratchPlugin, whose integer arithmetic these follow digit by digit, so that costumes look the
 * same.
 */
#ifndef VM_PLUGINS_SCRATCH_FILTERS_H
#define VM_PLUGINS_SCRATCH_FILTERS_H

#include <stdbool.h>
#include <stdint.h>

/* Rows of `width` pixels, one behind the other. */
struct picture {
  uint32_t *pixels;
  uint32_t width, height;
};
/* The part of it that begins at x and y. */
struct picture_part {
  struct picture of;
  uint32_t x, y;
};

/* `to` is as large as `from`. Pixels that a filter has nothing to say about stay as they are in `to`. */
typedef void filter(const struct picture *from, const struct picture *to, int32_t amount);

filter filter_hue;        /* by so many degrees */
filter filter_saturation; /* by percents */
filter filter_brightness; /* by percents */
filter filter_blur;       /* the mean of nine pixels; no amount; the border is left out */
filter filter_fisheye;    /* 100 is none */
filter filter_whirl;      /* degrees in the middle, none at the rim */

/* The pixel at a place between pixels, in 1024ths; 0 outside. */
uint32_t filter_pixel_between(const struct picture *from, int64_t x, int64_t y);
/* The whole in another size. A pixel that is half transparent is. */
void filter_scale(const struct picture *from, const struct picture *to);
void filter_double_size(const struct picture *from, const struct picture_part *to);
/* Each pixel the mean of four (or of two, diagonally), width × height of them. */
void filter_half_size(const struct picture_part *from, const struct picture_part *to, uint32_t width,
                      uint32_t height, bool diagonal);

/* Waves on water: `now` and `before` are its heights, one for each pixel, and change. Up to drops/2 drops
 * fall.
 */
void filter_ripples(const struct picture *from, const struct picture *to, int32_t drops, double *now,
                    double *before);

#endif
