/* display.c: primitives of the Display and the cursor. Numbers and arguments: Squeak's DisplayScreen, Cursor,
 * Form. */
#include "primitives/display.h"

#include "devices/cursor.h"
#include "devices/display.h"
#include "primitives/checks.h"

enum { FORM_BITS, FORM_WIDTH, FORM_HEIGHT, FORM_DEPTH, FORM_OFFSET };

/* A display may have that depth; negative ones have the leftmost pixel in a word's low bits. */
static bool is_depth(int32_t depth) {
  const uint32_t bits = (uint32_t)(depth < 0 ? -(int64_t)depth : depth);
  return bits != 0 && bits <= 32 && (bits & (bits - 1)) == 0;
}

static bool read_surface(oop form, struct dev_surface *s) {
  if (!oop_has_fields(form, FORM_DEPTH + 1)) return false;
  const oop bits = obj_slot(form, FORM_BITS), depth = obj_slot(form, FORM_DEPTH);
  if (!prim_index(obj_slot(form, FORM_WIDTH), &s->width) ||
      !prim_index(obj_slot(form, FORM_HEIGHT), &s->height) || !oop_is_int(depth) ||
      !is_depth(oop_int(depth)) || !oop_is_words(bits))
    return false;
  s->lsb = oop_int(depth) < 0;
  s->depth = (uint32_t)(s->lsb ? -oop_int(depth) : oop_int(depth));
  s->pitch = dev_surface_pitch(s->width, s->depth);
  s->words = AT(uint32_t, obj_body(bits));
  return (uint64_t)s->pitch * s->height <= obj_slots(bits);
}

void display_present(void) {
  struct dev_surface surface;
  if (dev_display_is_open() && read_surface(mem_special(SPECIAL_DISPLAY), &surface))
    dev_display_present(&surface);
}

oop prim_screen_size(oop *args, uint32_t argc) {
  uint32_t width, height;
  dev_display_size(&width, &height);
  return prim_new_point(int_oop((int32_t)width), int_oop((int32_t)height));
}

/* Whether the display can have that depth. In images from before events the number moves the cursor: the
 * argument then is a Point. */
oop prim_test_display_depth(oop *args, uint32_t argc) {
  if (!oop_is_int(args[1])) return args[0];
  return mem_bool(is_depth(oop_int(args[1])));
}

/* DisplayScreen: depth, width, height, full screen. */
oop prim_set_display_mode(oop *args, uint32_t argc) {
  uint32_t width, height;
  bool full_screen;
  if (!oop_is_int(args[1]) || !is_depth(oop_int(args[1])) || !prim_index(args[2], &width) ||
      !prim_index(args[3], &height) || !prim_bool(args[4], &full_screen))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const int32_t depth = oop_int(args[1]);
  return mem_bool(dev_display_set_mode(width, height, (uint32_t)(depth < 0 ? -depth : depth), full_screen));
}

oop prim_set_full_screen(oop *args, uint32_t argc) {
  bool full_screen;
  if (!prim_bool(args[1], &full_screen)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  (void)dev_display_set_full_screen(full_screen);
  return args[0];
}

/* The Form's bits may come later: images give them back while they change the display's size. */
oop prim_be_display(oop *args, uint32_t argc) {
  if (!oop_has_fields(args[0], FORM_DEPTH + 1)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  mem_store(mem.special, SPECIAL_DISPLAY, args[0]);
  dev_display_damage_all();
  return args[0];
}

oop prim_defer_updates(oop *args, uint32_t argc) {
  bool deferred;
  if (!prim_bool(args[1], &deferred)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  dev_display_defer(deferred);
  return args[0];
}

/* Left, right, top, bottom, of the Display alone. */
oop prim_show_display_rect(oop *args, uint32_t argc) {
  if (args[0] != mem_special(SPECIAL_DISPLAY)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  for (uint32_t i = 1; i <= 4; i++)
    if (!oop_is_int(args[i])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  dev_display_damage((struct dev_rect){.left = oop_int(args[1]),
                                       .top = oop_int(args[3]),
                                       .right = oop_int(args[2]),
                                       .bottom = oop_int(args[4])});
  return args[0];
}

/* What has been damaged is shown when the time slice ends. */
oop prim_force_display_update(oop *args, uint32_t argc) { return args[0]; }

/* A Cursor, with its mask or alone. Its offset is that of the hot spot, negated. */
oop prim_be_cursor(oop *args, uint32_t argc) {
  struct dev_surface shape, mask;
  if (!read_surface(args[0], &shape)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  const bool has_mask = argc > 0 && args[1] != mem.nil;
  if (has_mask && (!read_surface(args[1], &mask) || mask.depth != 1 || mask.width != shape.width ||
                   mask.height != shape.height))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  int32_t x = 0, y = 0;
  const oop offset = obj_slots(args[0]) > FORM_OFFSET ? obj_slot(args[0], FORM_OFFSET) : mem.nil;
  if (oop_has_fields(offset, POINT_FIELDS) && oop_is_int(obj_slot(offset, POINT_X)) &&
      oop_is_int(obj_slot(offset, POINT_Y))) {
    x = -oop_int(obj_slot(offset, POINT_X));
    y = -oop_int(obj_slot(offset, POINT_Y));
  }
  (void)dev_cursor_show(&shape, has_mask ? &mask : NULL, x, y);
  return args[0];
}
