/* text.h: lines and strings, drawn by copyBits after copyBits. */
#ifndef VM_PLUGINS_BITBLT_TEXT_H
#define VM_PLUGINS_BITBLT_TEXT_H

#include "plugins/bitblt/bitblt.h"

/* A strike font: the glyph's index of each character, and where each begins. */
struct glyphs {
  oop map, x_table;
};
bool glyphs_read(oop map, oop x_table, struct glyphs *g);

/* Both move b->dest_x (and dest_y) as they draw. They answer false without memory; text_run also, having
 * drawn nothing, when a character has no glyph. */
bool line_run(struct blit *b, int64_t across, int64_t down);
bool text_run(struct blit *b, const struct glyphs *g, const uint8_t *text, uint32_t n, int64_t kern);

#endif
