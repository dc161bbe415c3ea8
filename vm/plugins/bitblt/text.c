/* text.c: the loops around copyBits: lines, and the glyphs of a string; and how far a string goes on a line.
 */
#include "plugins/bitblt/bitblt.h"
#include "plugins/bitblt/text.h"
#include "primitives/checks.h"

/* ---- lines ---- */

static int64_t sign(int64_t n) { return (n > 0) - (n < 0); }

/* Bresenham's: the longer way takes a step each time, the shorter one when its error says so. The end is
 * reached but not drawn. */
bool line_run(struct blit *b, int64_t across, int64_t down) {
  const bool flat = (across < 0 ? -across : across) > (down < 0 ? -down : down);
  int64_t *const long_at = flat ? &b->dest_x : &b->dest_y, *const short_at = flat ? &b->dest_y : &b->dest_x;
  const int64_t long_way = flat ? across : down, short_way = flat ? down : across;
  const int64_t steps = long_way * sign(long_way), rise = short_way * sign(short_way);
  int64_t error = steps / 2;
  for (int64_t i = 1; i <= steps; i++) {
    *long_at += sign(long_way);
    error -= rise;
    if (error < 0) {
      *short_at += sign(short_way);
      error += steps;
    }
    if (i < steps && bitblt_clip(b, false) && !bitblt_run(b)) return false;
  }
  return true;
}

/* ---- strings ---- */

bool glyphs_read(oop map, oop x_table, struct glyphs *g) {
  enum { BYTES = 256 };
  if (!oop_is_array(map) || obj_slots(map) != BYTES || !oop_is_array(x_table)) return false;
  g->map = map;
  g->x_table = x_table;
  return true;
}

/* Where a character's glyph is in the strike; false when it has none. */
static bool find_glyph(const struct glyphs *g, uint8_t character, int64_t *x, int64_t *width) {
  uint32_t index;
  if (!prim_index(obj_slot(g->map, character), &index)) return false;
  if ((uint64_t)index + 2 > obj_slots(g->x_table)) return false;
  const oop from = obj_slot(g->x_table, index), to = obj_slot(g->x_table, index + 1);
  if (!oop_is_int(from) || !oop_is_int(to)) return false;
  *x = oop_int(from);
  *width = (int64_t)oop_int(to) - *x;
  return true;
}

bool text_run(struct blit *b, const struct glyphs *g, const uint8_t *text, uint32_t n, int64_t kern) {
  int64_t x, width, end = b->dest_x;
  for (uint32_t i = 0; i < n; i++) {
    if (!find_glyph(g, text[i], &x, &width)) return false;
    end += width + kern;
  }
  if (!int_fits(end)) return false;
  for (uint32_t i = 0; i < n; i++) {
    (void)find_glyph(g, text[i], &b->source_x, &b->width);
    if (bitblt_clip(b, false) && !bitblt_run(b)) return false;
    b->dest_x += b->width + kern;
  }
  return true;
}

/* ---- how far ---- */

enum { /* fields of CharacterScanner */ SCAN_DEST_X, SCAN_LAST_INDEX, SCAN_X_TABLE, SCAN_MAP, SCAN_FIELDS };
enum { STOP_END_OF_RUN = 256, STOP_CROSSED_X, STOPS }; /* after those of characters */

/* scanCharactersFrom: start to: stop in: string rightX: limit stopConditions: stops kern: kern
 * The first stop condition met: a character's, or one of crossing the limit or reaching the end. */
oop prim_scan_characters(oop *args, uint32_t argc) {
  const oop scanner = args[0], string = args[3], stops = args[5];
  struct glyphs g;
  uint32_t start, stop;
  if (!oop_is_pointer(scanner) || obj_format(scanner) > FMT_FIXED_INDEXABLE ||
      obj_slots(scanner) < SCAN_FIELDS || !oop_is_int(obj_slot(scanner, SCAN_DEST_X)) ||
      !glyphs_read(obj_slot(scanner, SCAN_MAP), obj_slot(scanner, SCAN_X_TABLE), &g))
    return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!prim_index(args[1], &start) || !prim_index(args[2], &stop) || !oop_is_bytes(string) ||
      !oop_is_int(args[4]) || !oop_is_int(args[6]) || !oop_is_array(stops) || obj_slots(stops) < STOPS)
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (start == 0 || stop == 0 || stop > obj_byte_size(string)) return prim_fail(PRIM_ERR_BAD_INDEX);
  if (obj_is_immutable(scanner)) return prim_fail(PRIM_ERR_NO_MODIFICATION);

  int64_t at = oop_int(obj_slot(scanner, SCAN_DEST_X)), x, width;
  uint32_t i = start, last = stop;
  oop result = obj_slot(stops, STOP_END_OF_RUN);
  for (; i <= stop; i++) {
    const uint8_t character = obj_bytes(string)[i - 1];
    const oop condition = obj_slot(stops, character);
    const bool stopped = condition != mem.nil;
    if (!stopped && !find_glyph(&g, character, &x, &width)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
    if (stopped || at + width > oop_int(args[4])) {
      result = stopped ? condition : obj_slot(stops, STOP_CROSSED_X);
      last = i;
      break;
    }
    at += width + oop_int(args[6]);
  }
  if (!int_fits(at)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  obj_put_raw(scanner, SCAN_DEST_X, int_oop((int32_t)at));
  obj_put_raw(scanner, SCAN_LAST_INDEX, int_oop((int32_t)last));
  return result;
}
