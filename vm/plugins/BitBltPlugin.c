/* BitBltPlugin.c: the primitives of BitBlt, WarpBlt and Form; the work is done in plugins/bitblt.
 *
 * A primitive that fails has drawn nothing, so that the image's own code may do it; but for lines and strings
 * that run out of memory in the middle.
 */
#include "plugins/bitblt/bitblt.h"
#include "plugins/bitblt/text.h"
#include "plugins/plugin.h"
#include "primitives/checks.h"

enum {
  RULE_COMPONENT_ALPHA = 41,
  MAX_STEPS = 1 << 20, /* of a line: longer ones are the image's, which can be interrupted */
  MAX_SMOOTHING = 64,
};

/* What rules 30, 31 and 41 take as arguments, none of which moves: an alpha, or a colour with an alpha and
 * two tables of gamma. */
static bool read_alpha(oop *args, uint32_t argc, struct blit *b) {
  return argc == 1 && prim_index(args[1], &b->alpha) && b->alpha <= 255;
}
static bool read_gamma(oop o, const uint8_t **table) {
  if (!oop_is_bytes(o)) return true;
  *table = obj_bytes(o);
  return obj_byte_size(o) >= 256;
}
static bool read_component_alpha(oop *args, uint32_t argc, struct blit *b) {
  int64_t alpha = 255;
  uint32_t colour;
  if (argc == 0) return false;
  if (oop_is_int(args[1]))
    colour = (uint32_t)oop_int(args[1]);
  else if (!prim_uint32(args[1], &colour))
    return false;
  if (argc >= 2 && !prim_int64(args[2], &alpha)) return false;
  b->component.colour = colour;
  b->component.alpha = (uint32_t)alpha & 255;
  return argc != 4 ||
         (read_gamma(args[3], &b->component.gamma) && read_gamma(args[4], &b->component.ungamma));
}

/* The value of a blit that was done: what rules 22 and 32 counted, else the receiver. */
static oop answer(const struct blit *b, oop receiver) {
  return rule_counts(b->rule) ? prim_or_no_memory(mem_new_uint64(b->count)) : receiver;
}

/* copyBits, copyBitsTranslucent: alpha, copyBitsColor: argbColor alpha: alpha gammaTable: gt ungammaTable: ut
 */
static oop primitiveCopyBits(oop *args, uint32_t argc) {
  struct blit b;
  const uint32_t error = bitblt_read(args[0], &b);
  if (error != 0) return prim_fail(error);
  if (!bitblt_clip(&b, false)) return answer(&b, args[0]);
  if (rule_takes_alpha(b.rule) && !read_alpha(args, argc, &b)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (b.rule == RULE_COMPONENT_ALPHA && !read_component_alpha(args, argc, &b))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (!bitblt_run(&b)) return prim_fail(PRIM_ERR_NO_C_MEMORY);
  return answer(&b, args[0]);
}

/* Those that copy many times have no arguments for an alpha. */
static uint32_t read_repeated(oop o, struct blit *b) {
  const uint32_t error = bitblt_read(o, b);
  if (error != 0) return error;
  return rule_takes_alpha(b->rule) || b->rule == RULE_COMPONENT_ALPHA ? PRIM_ERR_UNSUPPORTED : 0;
}
static void write_position(oop bitblt, enum bitblt_field field, int64_t position) {
  obj_put_raw(bitblt, field, int_oop((int32_t)position));
}

/* drawLoopX: xDelta Y: yDelta */
static oop primitiveDrawLoop(oop *args, uint32_t argc) {
  struct blit b;
  if (!oop_is_int(args[1]) || !oop_is_int(args[2])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const int64_t across = oop_int(args[1]), down = oop_int(args[2]);
  if (across > MAX_STEPS || -across > MAX_STEPS || down > MAX_STEPS || -down > MAX_STEPS)
    return prim_fail(PRIM_ERR_UNSUPPORTED);
  const uint32_t error = read_repeated(args[0], &b);
  if (error != 0) return prim_fail(error);
  if (obj_is_immutable(args[0])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  if (!int_fits(b.dest_x + across) || !int_fits(b.dest_y + down)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!line_run(&b, across, down)) return prim_fail(PRIM_ERR_NO_C_MEMORY);
  write_position(args[0], BB_DEST_X, b.dest_x);
  write_position(args[0], BB_DEST_Y, b.dest_y);
  return args[0];
}

/* displayString: aString from: start to: stop map: glyphMap xTable: table kern: kernDelta */
static oop primitiveDisplayString(oop *args, uint32_t argc) {
  const oop string = args[1];
  struct blit b;
  struct glyphs g;
  uint32_t start, stop;
  if (!oop_is_bytes(string) || !prim_index(args[2], &start) || !prim_index(args[3], &stop) ||
      !glyphs_read(args[4], args[5], &g) || !oop_is_int(args[6]))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (start == 0 || stop > obj_byte_size(string)) return prim_fail(PRIM_ERR_BAD_INDEX);
  const uint32_t error = read_repeated(args[0], &b);
  if (error != 0) return prim_fail(error);
  if (obj_is_immutable(args[0])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  if (stop == 0) return args[0];
  const uint32_t n = stop >= start ? stop - start + 1 : 0;
  if (!int_fits(b.dest_x) || !text_run(&b, &g, obj_bytes(string) + start - 1, n, oop_int(args[6])))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  write_position(args[0], BB_DEST_X, b.dest_x);
  return args[0];
}

/* warpBits, warpBitsSmoothing: n sourceMap: colours */
static oop primitiveWarpBits(oop *args, uint32_t argc) {
  struct blit b;
  struct warp w = {.smoothing = 1};
  uint32_t error = bitblt_read(args[0], &b);
  if (error != 0) return prim_fail(error);
  if (!b.has_source || !bitblt_clip(&b, true)) return args[0];
  if (rule_takes_alpha(b.rule) || b.rule == RULE_COMPONENT_ALPHA) return prim_fail(PRIM_ERR_UNSUPPORTED);
  error = warp_read(args[0], &w);
  if (error != 0) return prim_fail(error);
  if (argc == 2) {
    if (!prim_index(args[1], &w.smoothing) || w.smoothing == 0 || w.smoothing > MAX_SMOOTHING)
      return prim_fail(PRIM_ERR_BAD_ARGUMENT);
    if (b.source.depth < 16) {
      if (!oop_is_words(args[2]) || obj_slots(args[2]) < 1u << b.source.depth)
        return prim_fail(PRIM_ERR_BAD_ARGUMENT);
      w.source_map = AT(uint32_t, obj_body(args[2]));
    }
  }
  return warp_run(&b, &w) ? args[0] : prim_fail(PRIM_ERR_NO_C_MEMORY);
}

/* pixelValueAt: of a Form. */
static oop primitivePixelValueAt(oop *args, uint32_t argc) {
  struct form f;
  if (!oop_is_int(args[1]) || !oop_is_int(args[2])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (!bitblt_read_form(args[0], &f)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  const int32_t x = oop_int(args[1]), y = oop_int(args[2]);
  if (x < 0 || y < 0 || x >= f.width || y >= f.height) return int_oop(0);
  return prim_or_no_memory(mem_new_uint64(form_pixel(&f, x, y)));
}

#define BITBLT_PRIMITIVES(X)      \
  X(primitiveCopyBits, 0, 4)      \
  X(primitiveDrawLoop, 2, 2)      \
  X(primitiveDisplayString, 6, 6) \
  X(primitiveWarpBits, 0, 2)      \
  X(primitivePixelValueAt, 2, 2)
PLUGIN_DEFINE(BitBltPlugin, BITBLT_PRIMITIVES)
