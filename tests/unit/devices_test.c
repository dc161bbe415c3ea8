/* devices_test.c: the registry of virtual hardware, and what needs no image: pixels, display, cursor. */
#include "test_heap.h"

#include "devices/cursor.h"
#include "devices/device.h"
#include "devices/display.h"
#include "devices/errors.h"
#include "devices/host_native.h"

/* ---- the registry ---- */

static const struct device *device_named(const char *name) {
  for (uint32_t i = 0; dev_at(i) != NULL; i++)
    if (strcmp(dev_at(i)->name, name) == 0) return dev_at(i);
  return NULL;
}

static int32_t serve_nothing(uint32_t operation, const void *in, uint32_t length, void *out, uint32_t room) {
  (void)operation, (void)in, (void)length, (void)out, (void)room;
  return DEV_ERR_UNSUPPORTED;
}

static void the_registry_says_how_a_device_stands(void **unused) {
  (void)unused;
  struct device_state state;
  dev_state(device_named("clock"), &state);
  assert_true(state.present);
  assert_string_equal(state.host, "POSIX");
  assert_string_equal(state.reason, "");
  dev_state(device_named("display"), &state);
  assert_false(state.present);
  assert_string_equal(state.reason, "a native tool has none");
  host_native_serve("display", serve_nothing);
  dev_state(device_named("display"), &state);
  assert_true(state.present);
  host_native_serve("display", NULL);
  assert_string_equal(device_named("files")->permission, "files");
}

static void states_are_read_whole_or_not_at_all(void **unused) {
  (void)unused;
  struct text saved = {0}, again = {0};
  dev_start_all();
  dev_display_defer(true);
  dev_get_states(&saved);
  dev_start_all();
  for (uint32_t n = 1; n < saved.length; n++) {
    const bool known = dev_set_states((const uint8_t *)saved.chars, n);
    if (known) dev_start_all(); /* a whole number of devices */
  }
  dev_get_states(&again);
  assert_true(again.length == saved.length && memcmp(again.chars, saved.chars, saved.length) != 0);
  assert_true(dev_set_states((const uint8_t *)saved.chars, (uint32_t)saved.length));
  text_clear(&again);
  dev_get_states(&again);
  assert_memory_equal(again.chars, saved.chars, saved.length);
  const uint8_t unknown[] = {3, 'x', 'y', 'z', 1, 0, 0, 0, 7};
  assert_true(dev_set_states(unknown, sizeof unknown));
  const uint8_t odd[] = {7, 'd', 'i', 's', 'p', 'l', 'a', 'y', 1, 0, 0, 0, 9};
  assert_true(dev_set_states(odd, sizeof odd));
  text_clear(&again);
  dev_get_states(&again);
  assert_memory_equal(again.chars, saved.chars, saved.length);
  text_free(&saved);
  text_free(&again);
  dev_stop_all();
}

/* ---- pixels ---- */

enum { RED = 0xFF0000FF, GREEN = 0xFF00FF00, BLUE = 0xFFFF0000, WHITE = 0xFFFFFFFF, BLACK = 0xFF000000 };

static void each_depth_has_its_colours(void **unused) {
  (void)unused;
  assert_int_equal(dev_pixel_rgba(0, 1), WHITE);
  assert_int_equal(dev_pixel_rgba(1, 1), BLACK);
  assert_int_equal(dev_pixel_rgba(3, 2), 0xFF808080);
  assert_int_equal(dev_pixel_rgba(4, 4), RED);
  assert_int_equal(dev_pixel_rgba(15, 4), 0xFFDFDFDF);
  assert_int_equal(dev_pixel_rgba(16, 8), 0xFF080808);
  assert_int_equal(dev_pixel_rgba(28, 8), 0xFF878787);
  assert_int_equal(dev_pixel_rgba(40, 8), BLACK);
  assert_int_equal(dev_pixel_rgba(41, 8), 0xFF003300);      /* green first, */
  assert_int_equal(dev_pixel_rgba(40 + 6, 8), 0xFF330000);  /* then blue, */
  assert_int_equal(dev_pixel_rgba(40 + 36, 8), 0xFF000033); /* then red */
  assert_int_equal(dev_pixel_rgba(255, 8), WHITE);
  assert_int_equal(dev_pixel_rgba(31 << 10, 16), RED);
  assert_int_equal(dev_pixel_rgba(0x8000 | 31, 16), BLUE);
  assert_int_equal(dev_pixel_rgba(16 << 5, 16), 0xFF008400);
  assert_int_equal(dev_pixel_rgba(0x00FF0000, 32), RED);
  assert_int_equal(dev_pixel_rgba(0x12345678, 32), 0xFF785634);
}

/* A row of pixels 0, 1, 2, … at each depth, either way round, converted whole and in parts. */
static void each_depth_is_read_in_both_orders(void **unused) {
  (void)unused;
  enum { WIDTH = 37, HEIGHT = 3 };
  for (uint32_t depth = 1; depth <= 32; depth *= 2)
    for (int lsb = 0; lsb <= 1; lsb++) {
      uint32_t words[WIDTH * HEIGHT] = {0}, rgba[WIDTH * HEIGHT];
      const uint32_t per_word = 32 / depth, mask = depth == 32 ? UINT32_MAX : (1u << depth) - 1;
      const struct dev_surface s = {.words = words,
                                    .width = WIDTH,
                                    .height = HEIGHT,
                                    .depth = depth,
                                    .pitch = dev_surface_pitch(WIDTH, depth),
                                    .lsb = lsb};
      for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
        const uint32_t x = i % WIDTH, at = x % per_word;
        words[i / WIDTH * s.pitch + x / per_word] |= (i * 40503 & mask)
                                                     << (lsb ? at : per_word - 1 - at) * depth;
      }
      memset(rgba, 0, sizeof rgba);
      dev_pixels_rgba(&s, (struct dev_rect){1, 1, WIDTH - 1, HEIGHT}, rgba);
      for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
        const uint32_t x = i % WIDTH, y = i / WIDTH;
        const bool inside = x > 0 && x < WIDTH - 1 && y > 0;
        assert_int_equal(dev_pixel(&s, x, y), i * 40503 & mask);
        assert_int_equal(rgba[i], inside ? dev_pixel_rgba(i * 40503 & mask, depth) : 0);
      }
    }
}

/* ---- the display, served by a function that keeps the last frame ---- */

static struct {
  uint32_t frames, count;
  struct dev_rect rects[DEV_DISPLAY_RECTS];
  uint32_t pixels[64 * 64];
} seen;

static int32_t serve_display(uint32_t operation, const void *in, uint32_t length, void *out, uint32_t room) {
  if (operation == DISPLAY_SIZE) {
    assert_int_equal(room, 8);
    memcpy(out, (const uint32_t[]){64, 48}, 8);
    return 8;
  }
  if (operation != DISPLAY_FRAME) return DEV_ERR_UNSUPPORTED;
  struct dev_display_frame frame;
  assert_int_equal(length, sizeof frame);
  memcpy(&frame, in, sizeof frame);
  seen.frames++;
  seen.count = frame.count;
  memcpy(seen.rects, frame.rects, sizeof seen.rects);
  memcpy(seen.pixels, frame.pixels, 4 * frame.width * frame.height);
  return 0;
}

static int display_setup(void **unused) {
  (void)unused;
  memset(&seen, 0, sizeof seen);
  host_native_serve("display", serve_display);
  dev_start_all();
  return 0;
}

static int display_teardown(void **unused) {
  (void)unused;
  dev_stop_all();
  host_native_serve("display", NULL);
  return 0;
}

#define assert_rect(r, l, t, ri, b)  \
  do {                               \
    assert_int_equal((r).left, l);   \
    assert_int_equal((r).top, t);    \
    assert_int_equal((r).right, ri); \
    assert_int_equal((r).bottom, b); \
  } while (0)

static void what_differs_is_shown_and_nothing_else(void **unused) {
  (void)unused;
  uint32_t words[64 * 48] = {0}, width, height;
  struct dev_surface s = {.words = words, .width = 64, .height = 48, .depth = 32, .pitch = 64};
  dev_display_size(&width, &height);
  assert_true(width == 64 && height == 48);
  dev_display_present(&s);
  assert_int_equal(seen.frames, 1);
  assert_rect(seen.rects[0], 0, 0, 64, 48);
  dev_display_present(&s);
  assert_int_equal(seen.frames, 1);
  words[10 * 64 + 5] = 0xFF0000;
  words[11 * 64 + 7] = 0xFF0000;
  dev_display_present(&s);
  assert_int_equal(seen.count, 1);
  assert_rect(seen.rects[0], 5, 10, 8, 12);
  assert_int_equal(seen.pixels[10 * 64 + 5], RED);
  words[0] = words[47 * 64 + 63] = 1;
  dev_display_present(&s);
  assert_int_equal(seen.count, 2);
}

static void a_form_larger_than_any_screen_is_not_shown(void **unused) {
  (void)unused;
  enum { SIDE = 32768 }; /* whose pixels as RGBA are 2^32 bytes */
  uint32_t *words = calloc(SIDE / 32, SIDE * sizeof *words);
  assert_non_null(words);
  dev_display_present(
      &(struct dev_surface){.words = words, .width = SIDE, .height = SIDE, .depth = 1, .pitch = SIDE / 32});
  assert_int_equal(seen.frames, 0);
  free(words);
}

static void deferred_updates_show_what_was_named(void **unused) {
  (void)unused;
  uint32_t words[64 * 48] = {0};
  struct dev_surface s = {.words = words, .width = 64, .height = 48, .depth = 32, .pitch = 64};
  dev_display_present(&s);
  dev_display_defer(true);
  for (uint32_t i = 0; i < 64 * 48; i++) words[i] = 0xFF;
  dev_display_present(&s);
  assert_int_equal(seen.frames, 1);
  dev_display_damage((struct dev_rect){-5, -5, 2, 3});
  dev_display_damage((struct dev_rect){60, 40, 1 << 29, 1 << 29});
  dev_display_damage((struct dev_rect){9, 9, 9, 20});
  dev_display_present(&s);
  assert_int_equal(seen.frames, 2);
  assert_int_equal(seen.count, 2);
  assert_rect(seen.rects[0], 0, 0, 2, 3);
  assert_rect(seen.rects[1], 60, 40, 64, 48);
  assert_int_equal(seen.pixels[0], BLUE);
  assert_int_equal(seen.pixels[3], BLACK);
  for (int32_t i = 0; i < 200; i++)
    dev_display_damage((struct dev_rect){i % 60, i * 7 % 40, i % 60 + 1, i * 7 % 40 + 1});
  dev_display_present(&s);
  for (int32_t i = 0; i < 200; i++) assert_int_equal(seen.pixels[i * 7 % 40 * 64 + i % 60], BLUE);
  dev_display_defer(false);
  dev_display_present(&s);
  for (uint32_t i = 0; i < 64 * 48; i++) assert_int_equal(seen.pixels[i], BLUE);
}

static void a_form_of_another_depth_is_shown_whole(void **unused) {
  (void)unused;
  uint32_t words[64 * 48] = {0};
  struct dev_surface s = {.words = words, .width = 64, .height = 48, .depth = 32, .pitch = 64};
  dev_display_present(&s);
  s.depth = 1;
  s.pitch = 2;
  words[2] = 1;
  dev_display_present(&s);
  assert_rect(seen.rects[0], 0, 0, 64, 48);
  assert_int_equal(seen.pixels[64 + 31], BLACK);
  assert_int_equal(seen.pixels[64 + 32], WHITE);
  words[2] = 3;
  dev_display_present(&s);
  assert_rect(seen.rects[0], 0, 1, 32, 2);
}

static struct dev_cursor_shape shape;
static uint32_t shape_pixels[16];

static int32_t serve_cursor(uint32_t operation, const void *in, uint32_t length, void *out, uint32_t room) {
  (void)out, (void)room;
  assert_int_equal(operation, CURSOR_SHAPE);
  assert_int_equal(length, sizeof shape);
  memcpy(&shape, in, sizeof shape);
  memcpy(shape_pixels, shape.pixels, 4 * shape.width * shape.height);
  return 0;
}

static void a_cursor_has_its_mask(void **unused) {
  (void)unused;
  host_native_serve("cursor", serve_cursor);
  dev_start_all();
  const uint32_t bits[] = {0xC0000000, 0}, mask_bits[] = {0xA0000000, 0};
  const struct dev_surface form = {.words = bits, .width = 4, .height = 2, .depth = 1, .pitch = 1};
  const struct dev_surface mask = {.words = mask_bits, .width = 4, .height = 2, .depth = 1, .pitch = 1};
  assert_true(dev_cursor_show(&form, &mask, 1, 2));
  const uint32_t with_mask[] = {BLACK, BLACK, WHITE, 0, 0, 0, 0, 0};
  assert_memory_equal(shape_pixels, with_mask, sizeof with_mask);
  assert_int_equal(shape.hot_y, 2);
  assert_true(dev_cursor_show(&form, NULL, 0, 0));
  assert_int_equal(shape_pixels[2], 0);
  const uint32_t deep[] = {0x80FF0000};
  const struct dev_surface alpha = {.words = deep, .width = 1, .height = 1, .depth = 32, .pitch = 1};
  assert_true(dev_cursor_show(&alpha, NULL, 0, 0));
  assert_int_equal(shape_pixels[0], 0x800000FF);
  dev_stop_all();
  host_native_serve("cursor", NULL);
}

#define DISPLAY_TEST(f) cmocka_unit_test_setup_teardown(f, display_setup, display_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_registry_says_how_a_device_stands),
      cmocka_unit_test(states_are_read_whole_or_not_at_all),
      cmocka_unit_test(each_depth_has_its_colours),
      cmocka_unit_test(each_depth_is_read_in_both_orders),
      DISPLAY_TEST(what_differs_is_shown_and_nothing_else),
      DISPLAY_TEST(a_form_larger_than_any_screen_is_not_shown),
      DISPLAY_TEST(deferred_updates_show_what_was_named),
      DISPLAY_TEST(a_form_of_another_depth_is_shown_whole),
      cmocka_unit_test(a_cursor_has_its_mask),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
