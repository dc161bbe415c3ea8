/* plugin_scratch_test.c: ScratchPlugin: filters of pixels, sounds, and arguments that are none. */
#include "prim_support.h"

#include "devices/clipboard.h"

#define SCRATCH(primitive, ...) NAMED("ScratchPlugin", primitive, mem.nil, ##__VA_ARGS__)

#define PIXELS(...) pixels_of((const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / 4)
static oop pixels_of(const uint32_t *pixels, size_t count) {
  oop o = words_of((uint32_t)count);
  for (uint32_t i = 0; i < count; i++) obj_put_raw(o, i, pixels[i]);
  return o;
}
#define assert_pixels(o, ...)                                     \
  do {                                                            \
    const uint32_t expected[] = {__VA_ARGS__};                    \
    assert_int_equal(obj_slots(o), sizeof expected / 4);          \
    assert_memory_equal(obj_bytes(o), expected, sizeof expected); \
  } while (0)
#define assert_done(call) assert_oop(call, mem.nil)

/* ---- colours ---- */

static void hue_goes_round(void **state) {
  (void)state;
  const oop in = PIXELS(0xFF0000, 0x0000FF, 0, 0x1, 0xFFFFFF), out = PIXELS(7, 7, 7, 7, 7);
  assert_done(SCRATCH("primitiveHueShift", in, out, I(120)));
  /* 1000 × 1000 / 3922 is 254. Black is tinted as if a little bright, white as if a little red. */
  assert_pixels(out, 0x00FE00, 0xFE0000, 7, 0x001C00, 0xE8FEE8);
  const oop back = PIXELS(0, 0, 0, 0, 0);
  assert_done(SCRATCH("primitiveHueShift", out, back, I(-120 - 3600)));
  assert_int_equal(obj_slot(back, 0), 0xFD0000);
  assert_int_equal(obj_slot(back, 1), 0x0000FD);
}

static void saturation_leaves_greys(void **state) {
  (void)state;
  const oop in = PIXELS(0xFF0000, 0x808080, 0x1, 0, 0x804040), out = PIXELS(7, 7, 7, 7, 7);
  assert_done(SCRATCH("primitiveSaturationShift", in, out, I(-100)));
  assert_pixels(out, 0xFEFEFE, 7, 7, 7, 0x7F7F7F);
  assert_done(SCRATCH("primitiveSaturationShift", in, out, I(50)));
  assert_pixels(out, 0xFE0000, 7, 7, 7, 0x7F0000);
}

static void brightness_never_makes_a_pixel_transparent(void **state) {
  (void)state;
  const oop in = PIXELS(0xFF0000, 0x808080, 0, 0x1), out = PIXELS(7, 7, 7, 7);
  assert_done(SCRATCH("primitiveBrightnessShift", in, out, I(-1000000)));
  assert_pixels(out, 1, 1, 7, 1);
  assert_done(SCRATCH("primitiveBrightnessShift", in, out, I(1000000)));
  assert_pixels(out, 0xFE0000, 0xFEFEFE, 7, 0x0000FE);
}

/* ---- places ---- */

static void blur_is_the_mean_of_what_is_there(void **state) {
  (void)state;
  const oop in = PIXELS(0x102030, 0, 0, 0, 0x304050, 0, 0, 0, 0, 0, 0, 0), out = words_of(12);
  assert_done(SCRATCH("primitiveBlur", in, out, I(3)));
  assert_pixels(out, 0, 0, 0, 0, 0x203040, 0, 0, 0x304050, 0, 0, 0, 0);
}

static void a_pixel_between_pixels(void **state) {
  (void)state;
  const oop in = PIXELS(0x100000, 0x300000, 0x000010, 0);
  assert_oop(SCRATCH("primitiveInterpolate", in, I(2), I(512), I(0)), I(0x200000));
  assert_oop(SCRATCH("primitiveInterpolate", in, I(2), I(512), I(512)), I(0x100008));
  assert_oop(SCRATCH("primitiveInterpolate", in, I(2), I(1023), I(1024)), I(0x10));
  assert_oop(SCRATCH("primitiveInterpolate", in, I(2), I(2047), I(2047)), I(0));
  assert_oop(SCRATCH("primitiveInterpolate", in, I(2), I(2048), I(0)), I(0));
  assert_oop(SCRATCH("primitiveInterpolate", in, I(2), I(0), I(-1)), I(0));
  assert_oop(SCRATCH("primitiveInterpolate", in, I(5), I(0), I(0)), I(0));
}

static void warps_keep_one_colour(void **state) {
  (void)state;
  enum { WIDTH = 7, HEIGHT = 5 };
  for (int amount = -300; amount <= 300; amount += 100) {
    oop in = words_of(WIDTH * HEIGHT), out = words_of(WIDTH * HEIGHT);
    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) obj_put_raw(in, i, 0xFF123456);
    assert_done(SCRATCH("primitiveFisheye", in, out, I(WIDTH), I(amount)));
    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) assert_int_equal(obj_slot(out, i), 0x123456);
    assert_done(SCRATCH("primitiveWhirl", in, out, I(WIDTH), I(amount)));
    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) assert_int_equal(obj_slot(out, i), 0x123456);
  }
}

static void warps_move_pixels(void **state) {
  (void)state;
  /* Half a turn about the middle, and less outside. */
  const oop in = PIXELS(1, 2, 3, 4, 5, 6, 7, 8, 9), whirled = words_of(9);
  assert_done(SCRATCH("primitiveWhirl", in, whirled, I(3), I(180)));
  assert_pixels(whirled, 0, 0, 0, 0, 5, 0, 0, 0, 0); /* the radius is 1: only the middle is inside */
  const oop row = PIXELS(10, 20, 30, 40, 50, 10, 20, 30, 40, 50, 10, 20, 30, 40, 50), bent = words_of(15);
  assert_done(SCRATCH("primitiveFisheye", row, bent, I(5), I(200)));
  assert_int_equal(obj_slot(bent, 5), 10);
  assert_int_equal(obj_slot(bent, 6), 25); /* half as far is a quarter as far: at 1.5 of 0 to 4 */
  assert_int_equal(obj_slot(bent, 7), 30);
}

static void sizes_change(void **state) {
  (void)state;
  const oop one = PIXELS(0xFF102030), four = words_of(4);
  assert_done(SCRATCH("primitiveScale", one, I(1), I(1), four, I(2), I(2)));
  assert_pixels(four, 0xFF102030, 0xFF102030, 0xFF102030, 0xFF102030);
  const oop row = PIXELS(0xFF000000, 0xFF000020), wider = words_of(4);
  assert_done(SCRATCH("primitiveScale", row, I(2), I(1), wider, I(4), I(1)));
  assert_pixels(wider, 0xFF000001, 0xFF000010, 0xFF000020, 0xFF000020);
  const oop hole = PIXELS(0, 0xFF000020);
  assert_done(SCRATCH("primitiveScale", hole, I(2), I(1), wider, I(4), I(1)));
  assert_pixels(wider, 0, 0, 0xFF000020, 0xFF000020);

  const oop nine = words_of(9);
  assert_done(SCRATCH("primitiveDoubleSize", one, I(1), I(1), nine, I(3), I(3), I(0), I(0)));
  assert_pixels(nine, 0xFF102030, 0xFF102030, 0, 0xFF102030, 0xFF102030, 0, 0, 0, 0);
  assert_fails(SCRATCH("primitiveDoubleSize", one, I(1), I(1), nine, I(3), I(3), I(1), I(0)),
               PRIM_ERR_BAD_ARGUMENT);

  const oop in = PIXELS(9, 9, 9, 9, 0x10, 0x20, 9, 0x30, 0x44), out = words_of(2);
  assert_done(SCRATCH("primitiveHalfSizeAverage", in, I(3), I(3), out, I(2), I(1), I(1), I(1), I(1), I(0),
                      I(1), I(1)));
  assert_pixels(out, 0, 0x29);
  assert_done(SCRATCH("primitiveHalfSizeDiagonal", in, I(3), I(3), out, I(2), I(1), I(1), I(1), I(0), I(0),
                      I(1), I(1)));
  assert_pixels(out, 0x2A, 0x29);
}

static void waves_spread(void **state) {
  (void)state;
  enum { WIDTH = 7, SIZE = WIDTH * WIDTH, MIDDLE = SIZE / 2 };
  oop in = words_of(SIZE), out = words_of(SIZE), now = words_of(2 * SIZE), before = words_of(2 * SIZE);
  for (uint32_t i = 0; i < SIZE; i++) obj_put_raw(in, i, i + 1);
  assert_done(SCRATCH("primitiveWaterRipples1", in, out, I(WIDTH), I(1), now, before));
  assert_memory_equal(obj_bytes(out), obj_bytes(in), 4 * SIZE);
  AT(double, obj_body(before))[MIDDLE] = 1;
  assert_done(SCRATCH("primitiveWaterRipples1", in, out, I(WIDTH), I(1), now, before));
  const double *height = AT(double, obj_body(before));
  assert_true(height[MIDDLE] == 0);
  assert_true(height[MIDDLE + 1] == 0.25 * 0.9 && height[MIDDLE - WIDTH] == 0.25 * 0.9);
  assert_true(height[MIDDLE + 1 + WIDTH] == 0.125 * 0.9);
  assert_true(height[MIDDLE + 2] == 0);
  /* Right of the crest light comes from two pixels left of there, left of it from two pixels right. */
  assert_int_equal(obj_slot(out, MIDDLE + 1), obj_slot(in, MIDDLE - 1));
  assert_int_equal(obj_slot(out, MIDDLE - 1), obj_slot(in, MIDDLE + 1));
  for (int i = 0; i < 50; i++)
    assert_done(SCRATCH("primitiveWaterRipples1", in, out, I(WIDTH), I(100), now, before));
  for (uint32_t i = 0; i < SIZE; i++) assert_in_range(obj_slot(out, i), 1, SIZE);
  assert_fails(SCRATCH("primitiveWaterRipples1", in, out, I(WIDTH), I(0), now, before),
               PRIM_ERR_BAD_ARGUMENT);
  assert_fails(SCRATCH("primitiveWaterRipples1", in, out, I(WIDTH), I(1), now, now), PRIM_ERR_BAD_ARGUMENT);
}

/* ---- sounds ---- */

static void sounds_get_shorter(void **state) {
  (void)state;
  const int16_t samples[] = {1, -5, 3, 2, -32768, 0};
  oop sound = words_of(3), out = words_of(2);
  memcpy(obj_bytes(sound), samples, sizeof samples);
  assert_done(SCRATCH("primitiveCondenseSound", sound, out, I(2)));
  const int16_t loudest[] = {5, 3, -32768, 0};
  assert_memory_equal(obj_bytes(out), loudest, sizeof loudest);
  assert_fails(SCRATCH("primitiveCondenseSound", sound, out, I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(SCRATCH("primitiveCondenseSound", sound, out, I(0)), PRIM_ERR_BAD_ARGUMENT);

  assert_done(SCRATCH("primitiveExtractChannel", sound, out, mem.true_));
  const int16_t right[] = {-5, 2, 0, 0};
  assert_memory_equal(obj_bytes(out), right, sizeof right);
  assert_done(SCRATCH("primitiveExtractChannel", sound, words_of(1), mem.false_));
  assert_fails(SCRATCH("primitiveExtractChannel", sound, words_of(0), mem.false_), PRIM_ERR_BAD_ARGUMENT);
}

/* ---- the rest ---- */

static void folders_and_names(void **state) {
  (void)state;
  setenv("HOME", "/home/anna", 1);
  assert_string(SCRATCH("primitiveGetFolderPath", I(1)), "/home/anna");
  assert_string(SCRATCH("primitiveGetFolderPath", I(3)), "/home/anna/Documents");
  assert_string(SCRATCH("primitiveGetFolderPath", I(-7)), "/home/anna");
  unsetenv("HOME");
  assert_string(SCRATCH("primitiveGetFolderPath", I(5)), "");
  assert_fails(SCRATCH("primitiveGetFolderPath", mem.nil), PRIM_ERR_BAD_ARGUMENT);
  assert_oop(SCRATCH("primitiveIsHidden", str("/x/.hidden")), mem.false_);
  assert_fails(SCRATCH("primitiveIsHidden", mem_new_bytes(CIX_BYTE_ARRAY, 1000)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(SCRATCH("primitiveShortToLongPath", str("a")), PRIM_ERR_UNSUPPORTED);
  assert_done(SCRATCH("primitiveSetWindowTitle", str("Scratch")));
  assert_fails(SCRATCH("primitiveSetWindowTitle", I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_done(SCRATCH("primitiveOpenURL", str("http://127.0.0.1/")));
  assert_fails(SCRATCH("primitiveOpenURL", mem_new_bytes(CIX_BYTE_ARRAY, 2000)), PRIM_ERR_BAD_ARGUMENT);
  assert_oop(SCRATCH("primPortCount"), I(0));
  assert_oop(SCRATCH("primIsPortOpen", I(1)), mem.false_);
  assert_fails(SCRATCH("primRead", I(1), str("buffer")), PRIM_ERR_NOT_FOUND);
}

static void the_paste_buffer_is_the_clipboard(void **state) {
  (void)state;
  /* An a, an ä, a euro, a character of two units, half of one. */
  const uint16_t units[] = {'a', 0xE4, 0x20AC, 0xD83D, 0xDE00, 0xD83D};
  uint32_t length;
  assert_done(SCRATCH("primitiveSetUnicodePasteBuffer", bytes_of(units, sizeof units)));
  const char *text = dev_clipboard_read(&length);
  assert_int_equal(length, 13);
  assert_memory_equal(text, "a\u00E4\u20AC\U0001F600\uFFFD", 13);
  assert_done(SCRATCH("primitiveSetUnicodePasteBuffer", str("")));
  (void)dev_clipboard_read(&length);
  assert_int_equal(length, 0);
}

/* ---- arguments that are none ---- */

static uint32_t seed = 1;
static uint32_t chance(uint32_t below) {
  seed = seed * 1664525 + 1013904223;
  return (seed >> 8) % below;
}

static oop any_argument(const oop *bitmaps, uint32_t count) {
  static const int32_t numbers[] = {0, 1, 2, 3, 4, 6, 8, 100, -1, -100, 0x3FFFFFFF, -0x40000000};
  switch (chance(8)) {
    case 0: return mem.nil;
    case 1: return mem.true_;
    case 2: return bitmaps[chance(count)];
    case 3: return I(numbers[chance(sizeof numbers / sizeof *numbers)]);
    default: return chance(3) == 0 ? I((int32_t)chance(5)) : bitmaps[chance(count)];
  }
}

/* Whatever they are given, they stay inside of it: the sanitizer says so, and what lies around. */
static void nonsense_is_refused(void **state) {
  (void)state;
  static const struct {
    const char *name;
    uint32_t arguments;
    const char *kinds; /* b: a bitmap, n: a number */
  } primitives[] = {{"primitiveBlur", 3, "bbn"},
                    {"primitiveBrightnessShift", 3, "bbn"},
                    {"primitiveCondenseSound", 3, "bbn"},
                    {"primitiveDoubleSize", 8, "bnnbnnnn"},
                    {"primitiveExtractChannel", 3, "bbn"},
                    {"primitiveFisheye", 4, "bbnn"},
                    {"primitiveHalfSizeAverage", 12, "bnnbnnnnnnnn"},
                    {"primitiveHalfSizeDiagonal", 12, "bnnbnnnnnnnn"},
                    {"primitiveHueShift", 3, "bbn"},
                    {"primitiveInterpolate", 4, "bnnn"},
                    {"primitiveSaturationShift", 3, "bbn"},
                    {"primitiveScale", 6, "bnnbnn"},
                    {"primitiveWaterRipples1", 6, "bbnnbb"},
                    {"primitiveWhirl", 4, "bbnn"}};
  enum { BITMAPS = 12, ROUNDS = 40000, GUARD = 0x5A5A5A5A };
  oop bitmaps[BITMAPS], guards[BITMAPS];
  for (uint32_t i = 0; i < BITMAPS; i++) {
    bitmaps[i] = i == 0 ? frozen(words_of(4)) : i == 1 ? str("abcd") : words_of(i * i / 4);
    guards[i] = words_of(2);
    obj_put_raw(guards[i], 0, GUARD);
    obj_put_raw(guards[i], 1, GUARD);
  }
  uint32_t done = 0;
  for (uint32_t round = 0; round < ROUNDS; round++) {
    const uint32_t p = chance(sizeof primitives / sizeof *primitives);
    oop operands[13] = {mem.nil};
    for (uint32_t i = 0; i < primitives[p].arguments; i++)
      operands[i + 1] = chance(30) == 0                 ? any_argument(bitmaps, BITMAPS)
                        : primitives[p].kinds[i] == 'b' ? bitmaps[2 + chance(BITMAPS - 2)]
                                                        : I((int32_t)chance(7));
    prim_fn f = prim_named_for("ScratchPlugin", 13, primitives[p].name, (uint32_t)strlen(primitives[p].name),
                               primitives[p].arguments);
    done += prim_call(f, primitives[p].arguments + 1, operands) != PRIM_FAILED;
    for (uint32_t i = 0; i < BITMAPS; i++)
      assert_true(obj_slot(guards[i], 0) == GUARD && obj_slot(guards[i], 1) == GUARD);
  }
  assert_in_range(done, ROUNDS / 50, ROUNDS);
  assert_pixels(bitmaps[0], 0, 0, 0, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      PRIM_TEST(hue_goes_round),
      PRIM_TEST(saturation_leaves_greys),
      PRIM_TEST(brightness_never_makes_a_pixel_transparent),
      PRIM_TEST(blur_is_the_mean_of_what_is_there),
      PRIM_TEST(a_pixel_between_pixels),
      PRIM_TEST(warps_keep_one_colour),
      PRIM_TEST(warps_move_pixels),
      PRIM_TEST(sizes_change),
      PRIM_TEST(waves_spread),
      PRIM_TEST(sounds_get_shorter),
      PRIM_TEST(folders_and_names),
      PRIM_TEST(the_paste_buffer_is_the_clipboard),
      PRIM_TEST(nonsense_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
