/* pixels.h: from the pixels of a Form, of any depth, to bytes red, green, blue, alpha, as canvases and PNG
 * have them. */
#ifndef VM_DEVICES_PIXELS_H
#define VM_DEVICES_PIXELS_H

#include <stdbool.h>
#include <stdint.h>

/* A Form's bits in memory: rows of whole 32-bit words. The leftmost pixel of a word is in its high bits, or,
 * `lsb` (a Form of negative depth), in its low ones. */
struct dev_surface {
  const uint32_t *words;
  uint32_t width, height, depth, pitch; /* depth: 1, 2, 4, 8, 16 or 32; pitch: words in a row */
  bool lsb;
};

struct dev_rect {
  int32_t left, top, right, bottom; /* right and bottom are outside */
};

/* Words in a row of so many pixels. */
static inline uint32_t dev_surface_pitch(uint32_t width, uint32_t depth) {
  return (uint32_t)(((uint64_t)width * depth + 31) / 32);
}

/* One pixel's value; x and y lie inside. */
static inline uint32_t dev_pixel(const struct dev_surface *s, uint32_t x, uint32_t y) {
  const uint32_t per_word = 32 / s->depth, word = s->words[y * s->pitch + x / per_word];
  const uint32_t at = x % per_word, shift = (s->lsb ? at : per_word - 1 - at) * s->depth;
  return s->depth == 32 ? word : word >> shift & ((1u << s->depth) - 1);
}

/* The colour of a pixel value, opaque, as a word whose low byte is red. */
uint32_t dev_pixel_rgba(uint32_t value, uint32_t depth);

/* Converts a rectangle that lies inside the surface. `to` is the whole picture, of the surface's size. */
void dev_pixels_rgba(const struct dev_surface *from, struct dev_rect rect, uint32_t *to);

#endif
