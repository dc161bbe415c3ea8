/* bitblt.h: what the files of BitBltPlugin share.
 *
 * A primitive reads its BitBlt object into a `struct blit` (form.c, colour_map.c), which checks everything
 * that memory safety depends on: after that the rectangle lies within both forms and the forms within their
 * bits. No object is read after that and none is made before the primitive answers, so the bits are plain
 * pointers. copy_loop.c does the copying, a run of words at a time: fetch.c makes words of destination pixels
 * out of the source's, the halftone is ANDed to them, and a function of rules.c combines them with the
 * destination. blend.c has the blends whose source and destination are unlike, warp.c WarpBlt, text.c lines
 * and text.
 *
 * The definition: the Blue Book, chapter 18, and for what Squeak added (rules from 16, colour maps, WarpBlt)
 * VMMaker's BitBltSimulation. Where that takes whole words of the destination into account, the pixels of a
 * word that are outside of the rectangle count as zeros, in source and destination.
 */
#ifndef VM_PLUGINS_BITBLT_BITBLT_H
#define VM_PLUGINS_BITBLT_BITBLT_H

#include "base/oop.h"

/* The fields of BitBlt and WarpBlt. */
enum bitblt_field {
  BB_DEST,
  BB_SOURCE,
  BB_HALFTONE,
  BB_RULE,
  BB_DEST_X,
  BB_DEST_Y,
  BB_WIDTH,
  BB_HEIGHT,
  BB_SOURCE_X,
  BB_SOURCE_Y,
  BB_CLIP_X,
  BB_CLIP_Y,
  BB_CLIP_WIDTH,
  BB_CLIP_HEIGHT,
  BB_COLOR_MAP,
  BB_FIELDS,
  BB_WARP = BB_FIELDS, /* four corners of x, y, z */
  BB_WARP_FIELDS = BB_WARP + 12,
};
enum form_field { FORM_BITS, FORM_WIDTH, FORM_HEIGHT, FORM_DEPTH, FORM_FIELDS };
enum color_map_field { MAP_SHIFTS, MAP_MASKS, MAP_COLORS, MAP_FIELDS };

struct form {
  uint32_t *bits;
  int32_t width, height;
  uint32_t depth, pitch; /* pitch: words a row */
  bool lsb;              /* negative depth: the leftmost pixel is in a word's low bits */
  oop object, bits_object;
};

/* How a source pixel becomes one of the destination: by shifts and masks, then by the table. */
struct colour_map {
  bool present, new_style; /* as objects: a ColorMap is of the new style, a Bitmap is a table alone */
  bool has_shifts;
  uint32_t masks[4], left[4], right[4];
  uint32_t *table; /* NULL: none */
  uint32_t table_mask, bits_per_colour;
};

/* What rule 41 needs besides the pixels. */
struct component_alpha {
  uint32_t colour, alpha;
  const uint8_t *gamma, *ungamma; /* 256 bytes each, or NULL */
};

struct blit;
/* Combines n words of source into the destination, pixels outside of `mask` being zeros in both. Source and
 * destination do not overlap. */
typedef void rule_function(struct blit *b, const uint32_t *restrict src, uint32_t *restrict dst, uint32_t n,
                           uint32_t mask);

struct blit {
  struct form dest, source;
  bool has_source;
  const uint32_t *halftone; /* NULL: none */
  uint32_t halftone_height;
  uint32_t rule;
  rule_function *combine;
  struct colour_map map;
  uint32_t alpha; /* of rules 30 and 31 */
  struct component_alpha component;
  /* The fields as they are, the clipping rectangle cut to the destination. */
  int64_t dest_x, dest_y, width, height, source_x, source_y, clip_x, clip_y, clip_width, clip_height;
  /* Clipped: from (sx, sy) of the source to (dx, dy), w × h pixels. */
  int32_t dx, dy, w, h, sx, sy;
  uint64_t count;          /* of rules 22 and 32 */
  uint32_t two_colours[2]; /* of a source of 1 bit, mapped */
};

/* ---- form.c ---- */
/* A SmallInteger, a Float that fits, or nil, which stands for if_nil. */
bool bitblt_whole(oop o, int64_t if_nil, int64_t *value);
/* Reads a Form. Answers false unless its bits are long enough. */
bool bitblt_read_form(oop o, struct form *f);
/* Reads all of a BitBlt but what comes in arguments. Answers a PRIM_ERR_… or 0. */
uint32_t bitblt_read(oop o, struct blit *b);
/* Cuts the rectangle to the clipping rectangle and, unless `to_dest_only`, to the source. Answers false when
 * nothing is left. */
bool bitblt_clip(struct blit *b, bool to_dest_only);

/* ---- colour_map.c ---- */
bool bitblt_read_map(oop o, struct blit *b);
/* Makes the map one from `from` bits a component to `to`. */
void colour_map_convert(struct colour_map *m, uint32_t from, uint32_t to);
/* Maps n pixels in place and cuts them to `mask`. */
void colour_map_pixels(const struct colour_map *m, uint32_t *pixels, uint32_t n, uint32_t mask);
/* A colour of `from` bits a component with `to`; none but 0 becomes 0 by having fewer. */
uint32_t colour_rgb(uint32_t pixel, uint32_t from, uint32_t to);
static inline uint32_t colour_16_to_32(uint32_t p) {
  return (p & 0x7C00) << 9 | (p & 0x3E0) << 6 | (p & 0x1F) << 3;
}

/* ---- rules.c ---- */
/* The function of a rule; NULL when there is none. */
rule_function *rule_named(uint32_t rule);
rule_function rule_blend_scaled_over, rule_component_alpha_over;
uint32_t rule_blend_scaled_word(uint32_t s, uint32_t d);
uint32_t rule_component_alpha_word(const struct component_alpha *c, uint32_t s, uint32_t d);
static inline bool rule_counts(uint32_t rule) { return rule == 22 || rule == 32; }
static inline bool rule_tallies(uint32_t rule) { return rule == 23 || rule == 33; }
/* Rules whose result does not depend on source and halftone, which need not be there then. */
static inline bool rule_ignores_source(uint32_t rule) {
  return rule == 0 || rule == 5 || rule == 10 || rule == 15;
}
static inline bool rule_takes_alpha(uint32_t rule) { return rule == 30 || rule == 31; }

/* ---- fetch.c ---- */
static inline uint32_t form_pixel_mask(const struct form *f) { return UINT32_MAX >> (32 - f->depth); }
static inline uint32_t form_per_word(const struct form *f) { return 32 / f->depth; }
static inline uint32_t *form_row(const struct form *f, int32_t y) {
  return f->bits + (size_t)(uint32_t)y * f->pitch;
}
static inline uint32_t form_shift(const struct form *f, int32_t x) {
  uint32_t bit = ((uint32_t)x * f->depth) & 31;
  return f->lsb ? bit : 32 - f->depth - bit;
}
static inline uint32_t form_pixel(const struct form *f, int32_t x, int32_t y) {
  return form_row(f, y)[(uint64_t)(uint32_t)x * f->depth / 32] >> form_shift(f, x) & form_pixel_mask(f);
}
/* n pixels of row y from x, one a word; and 32/depth of them packed to a word of f's, n a multiple of that.
 */
void form_unpack(const struct form *f, int32_t x, int32_t y, uint32_t n, uint32_t *restrict pixels);
void form_pack(const struct form *f, const uint32_t *restrict pixels, uint32_t n, uint32_t *restrict words);

/* A run of words of a destination's row, with the masks of its first and last word. */
struct run {
  uint32_t *dst;
  uint32_t n, first_mask, last_mask;
  int32_t x, w; /* its pixels that are to be written */
};
/* n pixels at (x, y) of the destination. */
struct run run_at(const struct form *f, int32_t x, int32_t y, int32_t w);
/* The words first … first + n - 1 of a run. */
struct run run_part(const struct form *f, const struct run *whole, uint32_t first, uint32_t n);
/* Pixels of the run before its first one in the first word. */
static inline uint32_t run_lead(const struct form *f, const struct run *r) {
  return (uint32_t)r->x & (form_per_word(f) - 1);
}
void run_combine(struct blit *b, const struct run *r, const uint32_t *src);
/* The same for destination pixels that are one a word, with room for RUN_PIXELS: masks them with the halftone
 * of row y. */
void run_combine_pixels(struct blit *b, const struct run *r, int32_t y, const uint32_t *pixels);
enum { RUN_WORDS = 128, RUN_PIXELS = 2048, RUN_ROOM = RUN_PIXELS + 4 };
/* Words of a run that are worth dividing a row into: no more than RUN_WORDS, nor than RUN_PIXELS pixels. */
static inline uint32_t run_words(const struct form *f) {
  uint32_t words = RUN_PIXELS / form_per_word(f);
  return words < RUN_WORDS ? words : RUN_WORDS;
}
/* The source words of a run, aligned as the destination's, where both have the same pixels. */
void fetch_same(const struct blit *b, const struct run *r, int32_t source_y, uint32_t *words);
/* The source pixels of a run, mapped, after run_lead() zeros and with zeros to the end of its last word.
 * There is room for RUN_ROOM pixels. */
void fetch_mapped(const struct blit *b, const struct run *r, int32_t source_y, uint32_t *pixels);

/* ---- copy_loop.c ---- */
/* Copies the clipped rectangle. Answers false, having changed nothing, without memory for a copy of a source
 * that shares its bits with the destination. */
bool bitblt_run(struct blit *b);
/* When b->source's bits are the destination's too, copies them: b->source is of the copy then, which the
 * caller frees; NULL when they are not. Answers false without memory. */
bool bitblt_copy_source(struct blit *b, uint32_t **copy);
static inline uint32_t halftone_word(const struct blit *b, int32_t y) {
  return b->halftone == NULL ? UINT32_MAX : b->halftone[(uint32_t)y % b->halftone_height];
}

/* ---- blend.c ---- */
/* Rules 34 and 41 between different forms, the source of 32 bits, ignore halftone and, from 16 bits, colour
 * map. Answers true where they go pixel by pixel, by blend_run(): to fewer bits, which they dither. */
bool blend_takes_over(struct blit *b);
void blend_run(struct blit *b);

/* ---- warp.c ---- */
struct warp {
  int64_t corners[4][2]; /* x and y in source pixels × 2^14: top left, bottom left, bottom right, top right */
  uint32_t smoothing;    /* subpixels a side of a pixel */
  const uint32_t *source_map; /* colours of the source's pixels when smoothing; for depths below 16 */
};
uint32_t warp_read(oop o, struct warp *w);
bool warp_run(struct blit *b, struct warp *w);

#endif
