/* plugin_bitblt_test.c: BitBltPlugin by hand, with hostile objects, and by chance against its reference. */
#include "prim_support.h"

#include "bitblt_cases.h"
#include "plugins/bitblt/bitblt.h"

static oop form_of(oop bits, int32_t width, int32_t height, int32_t depth) {
  return array_of(FORM_FIELDS, PRIM_OPERANDS(bits, I(width), I(height), I(depth)));
}
static oop form(int32_t width, int32_t height, int32_t depth) {
  const int32_t per_word = 32 / abs(depth);
  return form_of(words_of((uint32_t)((width + per_word - 1) / per_word * height)), width, height, depth);
}
static uint32_t word_in(oop form_, uint32_t i) { return obj_slot(obj_slot(form_, FORM_BITS), i); }
static void put_word(oop form_, uint32_t i, uint32_t word) {
  obj_put_raw(obj_slot(form_, FORM_BITS), i, word);
}
static void clear(oop form_, uint32_t word) {
  for (uint32_t i = 0; i < obj_slots(obj_slot(form_, FORM_BITS)); i++) put_word(form_, i, word);
}

/* A BitBlt of the whole of dest from the whole of source; what is not given is nil. */
static oop blitter(oop dest, oop source, int32_t rule) {
  oop b = mem_new_array(BB_WARP_FIELDS);
  mem_store(b, BB_DEST, dest);
  mem_store(b, BB_SOURCE, source);
  obj_put_raw(b, BB_RULE, I(rule));
  return b;
}
static void set(oop b, uint32_t field, int32_t value) { obj_put_raw(b, field, I(value)); }
static void move_to(oop b, int32_t x, int32_t y) {
  set(b, BB_DEST_X, x);
  set(b, BB_DEST_Y, y);
}
#define BITBLT(name, ...) NAMED("BitBltPlugin", name, __VA_ARGS__)
#define assert_copies(b, ...)                                                   \
  do {                                                                          \
    const oop receiver = b;                                                     \
    assert_oop(BITBLT("primitiveCopyBits", receiver, ##__VA_ARGS__), receiver); \
  } while (0)
#define assert_word(f, i, expected) assert_int_equal(word_in(f, i), expected)

/* ---- what it does ---- */

static void halftones_fill(void **state) {
  (void)state;
  oop d = form(40, 3, 1), b = blitter(d, mem.nil, 3), grey = words_of(2);
  assert_copies(b);
  assert_word(d, 0, 0xFFFFFFFF);
  assert_word(d, 1, 0xFF000000); /* the row has 40 pixels */
  obj_put_raw(grey, 0, 0x55555555);
  obj_put_raw(grey, 1, 0xAAAAAAAA);
  mem_store(b, BB_HALFTONE, grey);
  move_to(b, 4, 1);
  assert_copies(b);
  assert_word(d, 0, 0xFFFFFFFF);
  assert_word(d, 2, 0xFAAAAAAA);
  assert_word(d, 4, 0xF5555555);
  mem_store(b, BB_HALFTONE, form_of(grey, 32, 1, 1)); /* the height is the Form's */
  assert_copies(b);
  assert_word(d, 2, 0xF5555555);
}

static void pixels_move_in_either_order(void **state) {
  (void)state;
  oop s = form(8, 1, 4), d = form(8, 1, -4), b = blitter(d, s, 3);
  put_word(s, 0, 0x12345678);
  move_to(b, 2, 0);
  assert_copies(b);
  assert_word(d, 0, 0x65432100);
  oop back = form(8, 1, 4);
  b = blitter(back, d, 3);
  assert_copies(b);
  assert_word(back, 0, 0x00123456);
}

static void forms_overlap_themselves(void **state) {
  (void)state;
  oop f = form(8, 2, 8), b = blitter(f, f, 3);
  for (uint32_t i = 0; i < 4; i++) put_word(f, i, 0x01020304 + i * 0x10101010);
  move_to(b, 1, 0);
  assert_copies(b);
  assert_word(f, 0, 0x01010203);
  assert_word(f, 1, 0x04111213);
  move_to(b, 0, 1);
  assert_copies(b);
  assert_word(f, 2, 0x01010203);
  assert_word(f, 3, 0x04111213);
  move_to(b, -1, 0);
  assert_copies(b);
  assert_word(f, 0, 0x01020304);
  assert_word(f, 1, 0x11121313);
}

static void maps_turn_bits_into_colours(void **state) {
  (void)state;
  oop s = form(3, 1, 1), d = form(3, 1, 32), b = blitter(d, s, 25), map = words_of(2);
  put_word(s, 0, 0xA0000000);
  obj_put_raw(map, 1, 0xFF112233);
  mem_store(b, BB_COLOR_MAP, map);
  clear(d, 7);
  assert_copies(b);
  assert_word(d, 0, 0xFF112233);
  assert_word(d, 1, 7);
  assert_word(d, 2, 0xFF112233);
  oop from = form(1, 1, 16), to = form(1, 1, 32);
  put_word(from, 0, 0x7FE10000);
  assert_copies(blitter(to, from, 3));
  assert_word(to, 0, 0x00F8F808); /* without an alpha */
  put_word(to, 0, 0x00030303);
  assert_copies(blitter(from, to, 3));
  assert_word(from, 0, 0x00010000); /* not transparent */
}

static void colours_blend(void **state) {
  (void)state;
  oop s = form(1, 1, 32), d = form(1, 1, 32), b = blitter(d, s, 24);
  put_word(s, 0, 0x80FF0080);
  put_word(d, 0, 0xFF0000FF);
  assert_copies(b);
  assert_word(d, 0, 0xFF8000C0);
  set(b, BB_RULE, 34);
  put_word(d, 0, 0xFF0000FF);
  assert_copies(b);
  assert_word(d, 0, 0xFEFF00FE); /* red is at its most, alpha and blue are cut */
  set(b, BB_RULE, 30);
  put_word(d, 0, 0);
  assert_fails(BITBLT("primitiveCopyBits", b), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(BITBLT("primitiveCopyBits", b, I(256)), PRIM_ERR_BAD_ARGUMENT);
  assert_copies(b, I(255));
  assert_word(d, 0, 0x80FF0080);
  set(b, BB_RULE, 41);
  clear(d, 0);
  assert_copies(b, I(0x204060));
  assert_word(d, 0, 0x801F0030);
}

static void differences_are_counted(void **state) {
  (void)state;
  oop s = form(2, 1, 32), d = form(2, 1, 32), b = blitter(d, s, 32);
  put_word(s, 0, 0x00FF0010);
  put_word(d, 1, 0xFF000001); /* alpha is not compared */
  assert_oop(BITBLT("primitiveCopyBits", b), I(255 + 16 + 1));
  set(b, BB_WIDTH, 0);
  assert_oop(BITBLT("primitiveCopyBits", b), I(0));
  oop big = form(1500, 1000, 32), other = form(1500, 1000, 32);
  clear(big, 0xFFFFFF);
  assert_int64(BITBLT("primitiveCopyBits", blitter(big, other, 22)), 1500ll * 1000 * 765);
}

static void pixel_values_are_tallied(void **state) {
  (void)state;
  oop d = form(6, 2, 4), b = blitter(d, d, 33), map = words_of(16);
  clear(d, 0x11123000);
  mem_store(b, BB_COLOR_MAP, map);
  set(b, BB_WIDTH, 4);
  assert_copies(b);
  assert_int_equal(obj_slot(map, 1), 6);
  assert_int_equal(obj_slot(map, 2), 2);
  assert_int_equal(obj_slot(map, 0), 0);
  set(b, BB_RULE, 23); /* counts a 0 for the rest of the words */
  assert_copies(b);
  assert_int_equal(obj_slot(map, 0), 8);
}

static void paint_of_old_is_for_the_image(void **state) {
  (void)state;
  oop d = form(1, 1, 1);
  for (int32_t rule = -1; rule < 50; rule++) {
    oop b = blitter(d, d, rule);
    if (rule < 0)
      assert_fails(BITBLT("primitiveCopyBits", b), PRIM_ERR_BAD_RECEIVER);
    else if (rule == 16 || rule == 17 || rule > 41)
      assert_fails(BITBLT("primitiveCopyBits", b), PRIM_ERR_UNSUPPORTED);
  }
}

static void pixels_are_read(void **state) {
  (void)state;
  oop f = form(5, 2, 8);
  put_word(f, 3, 0xAB000000);
  assert_oop(BITBLT("primitivePixelValueAt", f, I(4), I(1)), I(0xAB));
  assert_oop(BITBLT("primitivePixelValueAt", f, I(5), I(1)), I(0));
  assert_oop(BITBLT("primitivePixelValueAt", f, I(-1), I(1)), I(0));
  assert_fails(BITBLT("primitivePixelValueAt", f, I(1), mem.nil), PRIM_ERR_BAD_ARGUMENT);
  oop deep = form(1, 1, 32);
  put_word(deep, 0, 0xFFFFFFFF);
  assert_int64(BITBLT("primitivePixelValueAt", deep, I(0), I(0)), 0xFFFFFFFF);
}

static void lines_end_before_their_end(void **state) {
  (void)state;
  oop d = form(8, 8, 8), b = blitter(d, mem.nil, 3);
  set(b, BB_WIDTH, 1);
  set(b, BB_HEIGHT, 1);
  move_to(b, 0, 0);
  assert_oop(BITBLT("primitiveDrawLoop", b, I(4), I(2)), b);
  assert_word(d, 0, 0x00FF0000); /* the start is not drawn either */
  assert_word(d, 2, 0x0000FFFF);
  assert_word(d, 4, 0);
  assert_oop(obj_slot(b, BB_DEST_X), I(4));
  assert_oop(obj_slot(b, BB_DEST_Y), I(2));
  assert_fails(BITBLT("primitiveDrawLoop", b, I(SMALLINT_MAX), I(2)), PRIM_ERR_UNSUPPORTED);
  set(b, BB_RULE, 30);
  assert_fails(BITBLT("primitiveDrawLoop", b, I(4), I(2)), PRIM_ERR_UNSUPPORTED);
}

/* ---- text ---- */

/* Glyphs 0 to 3 of widths 1 to 4, for the characters 'a' to 'd'; others have none. */
static oop glyph_map(void) {
  oop map = mem_new_array(256);
  for (uint32_t i = 0; i < 256; i++) obj_put_raw(map, i, I(i >= 'a' && i <= 'd' ? (int32_t)(i - 'a') : 99));
  return map;
}
static oop x_table(void) { return array_of(5, PRIM_OPERANDS(I(0), I(1), I(3), I(6), I(10))); }

static void strings_are_drawn(void **state) {
  (void)state;
  oop strike = form(10, 1, 1), d = form(16, 1, 1), b = blitter(d, strike, 3), map = glyph_map(),
      xs = x_table();
  put_word(strike, 0, 0xB6800000); /* 1 01 101 1010 */
  move_to(b, 0, 0);
  assert_oop(BITBLT("primitiveDisplayString", b, str("xcab"), I(2), I(4), map, xs, I(1)), b);
  assert_word(d, 0, 0xA9000000); /* 101 1 01, with a column between them */
  assert_oop(obj_slot(b, BB_DEST_X), I(9));
  assert_oop(BITBLT("primitiveDisplayString", b, str(""), I(1), I(0), map, xs, I(1)), b);
  const uint32_t before = word_in(d, 0);
  assert_fails(BITBLT("primitiveDisplayString", b, str("ax"), I(1), I(2), map, xs, I(1)),
               PRIM_ERR_BAD_ARGUMENT);
  assert_fails(BITBLT("primitiveDisplayString", b, str("a"), I(1), I(2), map, xs, I(1)), PRIM_ERR_BAD_INDEX);
  assert_fails(BITBLT("primitiveDisplayString", b, str("a"), I(0), I(1), map, xs, I(1)), PRIM_ERR_BAD_INDEX);
  assert_fails(BITBLT("primitiveDisplayString", b, str("a"), I(1), I(1), xs, map, I(1)),
               PRIM_ERR_BAD_ARGUMENT);
  assert_int_equal(word_in(d, 0), before);
}

static void strings_are_scanned(void **state) {
  (void)state;
  oop stops = mem_new_array(258), text = str("abcd d");
  mem_store(stops, 256, str("end"));
  mem_store(stops, 257, str("crossed"));
  mem_store(stops, ' ', str("space"));
  oop scanner = array_of(4, PRIM_OPERANDS(I(10), mem.nil, x_table(), glyph_map()));
#define SCAN(from, to, right) PRIM(103, scanner, I(from), I(to), text, I(right), stops, I(0))
  assert_string(SCAN(1, 3, 100), "end");
  assert_oop(obj_slot(scanner, 0), I(16));
  assert_oop(obj_slot(scanner, 1), I(3));
  assert_string(SCAN(4, 6, 100), "space");
  assert_oop(obj_slot(scanner, 0), I(20));
  assert_oop(obj_slot(scanner, 1), I(5));
  assert_string(SCAN(6, 6, 23), "crossed");
  assert_oop(obj_slot(scanner, 0), I(20));
  assert_oop(obj_slot(scanner, 1), I(6));
  assert_fails(SCAN(1, 7, 100), PRIM_ERR_BAD_INDEX);
  assert_fails(SCAN(0, 1, 100), PRIM_ERR_BAD_INDEX);
  assert_fails(PRIM(103, I(1), I(1), I(1), text, I(1), stops, I(0)), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(103, scanner, I(1), I(1), text, I(1), stops, mem.true_), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(103, scanner, I(1), I(1), text, I(1), x_table(), I(0)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(103, frozen(mem_clone(scanner)), I(1), I(1), text, I(1), stops, I(0)),
               PRIM_ERR_NO_MODIFICATION);
}

/* ---- WarpBlt ---- */

static void corners(oop b, int32_t left, int32_t top, int32_t right, int32_t bottom) {
  const int32_t xs[] = {left, left, right, right}, ys[] = {top, bottom, bottom, top};
  for (uint32_t i = 0; i < 4; i++) {
    set(b, BB_WARP + 3 * i, xs[i] * 16384);
    set(b, BB_WARP + 3 * i + 1, ys[i] * 16384);
  }
}

static void warps_enlarge_and_smooth(void **state) {
  (void)state;
  oop s = form(2, 2, 32), d = form(4, 4, 32), b = blitter(d, s, 3);
  for (uint32_t i = 0; i < 4; i++) put_word(s, i, i + 1);
  corners(b, 0, 0, 1, 1);
  assert_oop(BITBLT("primitiveWarpBits", b), b);
  const uint32_t enlarged[] = {1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4};
  for (uint32_t i = 0; i < 16; i++) assert_word(d, i, enlarged[i]);
  oop one = form(1, 1, 32);
  for (uint32_t i = 0; i < 4; i++) put_word(s, i, 0x40000000 * i + 0x10 * i);
  b = blitter(one, s, 3);
  corners(b, 0, 0, 2, 2);
  assert_oop(BITBLT("primitiveWarpBits", b, I(1), mem.nil), b);
  for (int32_t n = -1; n < 70; n += n < 4 ? 1 : 30)
    if (n <= 0 || n > 64) assert_fails(BITBLT("primitiveWarpBits", b, I(n), mem.nil), PRIM_ERR_BAD_ARGUMENT);
  oop bits = form(2, 2, 4);
  mem_store(b, BB_SOURCE, bits);
  assert_fails(BITBLT("primitiveWarpBits", b, I(2), mem.nil), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(BITBLT("primitiveWarpBits", b, I(2), words_of(15)), PRIM_ERR_BAD_ARGUMENT);
  assert_oop(BITBLT("primitiveWarpBits", b, I(2), words_of(16)), b);
  mem_store(b, BB_WARP, mem.nil);
  assert_fails(BITBLT("primitiveWarpBits", b), PRIM_ERR_BAD_RECEIVER);
}

/* ---- hostile objects ---- */

/* What might be anywhere. */
static uint32_t hostile_values(oop *values) {
  const oop all[] = {mem.nil,
                     mem.true_,
                     I(0),
                     I(1),
                     I(-1),
                     I(31),
                     I(1 << 16),
                     I(SMALLINT_MAX),
                     I(SMALLINT_MIN),
                     char_oop('x'),
                     mem_new_float(1e300),
                     mem_new_float(-2147483648.0),
                     mem_new_float(2147483647.0),
                     mem_new_float(0.0 / 0.0),
                     str("text"),
                     words_of(0),
                     words_of(3),
                     mem_new_array(0),
                     mem_new_array(3),
                     form(3, 3, 8),
                     form_of(words_of(1), SMALLINT_MAX, SMALLINT_MAX, 32),
                     form_of(words_of(1), 1 << 29, 8, 1),
                     form_of(words_of(3), 32, 4, 1),
                     form_of(str("abcdefghijk"), 32, 3, 1),
                     form_of(mem_new_array(9), 3, 3, 32),
                     form_of(words_of(9), -3, 3, 32),
                     form_of(words_of(9), 3, 3, 0),
                     form_of(words_of(9), 3, 3, 24),
                     form_of(words_of(9), 3, 3, SMALLINT_MIN),
                     form_of(words_of(9), 0, SMALLINT_MAX, 32)};
  memcpy(values, all, sizeof all);
  return sizeof all / sizeof *all;
}

/* Every field is each of those values, and each of a Form's; nothing may happen outside of the bits, which
 * lie in this heap between others: the sanitizers see to the rest. */
static void hostile_fields_are_survived(void **state) {
  (void)state;
  oop values[64];
  const uint32_t n = hostile_values(values);
  const char *const names[] = {"primitiveCopyBits", "primitiveWarpBits"};
  const addr eden = mem.eden_free;
  for (int32_t rule = 0; rule < 42; rule++)
    for (uint32_t field = 0; field < BB_WARP_FIELDS; field++)
      for (uint32_t i = 0; i < n; i++)
        for (uint32_t p = 0; p < 2; p++) {
          oop d = form(5, 4, 8), s = form(6, 3, 16), b = blitter(d, s, rule);
          corners(b, -2, -2, 9, 9);
          mem_store(b, BB_COLOR_MAP, words_of(512));
          mem_store(b, field, values[i]);
          (void)NAMED("BitBltPlugin", names[p], b);
          (void)NAMED("BitBltPlugin", names[p], b, values[i]);
          (void)NAMED("BitBltPlugin", names[p], b, values[i], values[(i + 7) % n]);
          mem.eden_free = eden; /* all but the values is garbage */
        }
}

static void forms_longer_than_their_bits_fail(void **state) {
  (void)state;
  oop good = form(32, 4, 1);
  const struct {
    int32_t words, width, height, depth;
    bool fits;
  } cases[] = {
      {4, 32, 4, 1, true},
      {3, 32, 4, 1, false},
      {4, 33, 4, 1, false},
      {4, 33, 2, -1, true},
      {4, 4, 1, 32, true},
      {4, 5, 1, 32, false},
      {4, 0, 1 << 20, 32, true},
      {4, 1 << 20, 0, 32, true},
      {4, 1 << 28, 1 << 28, 32, false},
      {4, 1 << 27, 1, 32, false},
      {4, SMALLINT_MAX, SMALLINT_MAX, 1, false},
      {4, -1, 1, 8, false},
      {4, 1, -1, 8, false},
      {4, 1, 1, 3, false},
      {4, 1, 1, 64, false},
  };
  for (uint32_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    oop f = form_of(words_of((uint32_t)cases[i].words), cases[i].width, cases[i].height, cases[i].depth);
    for (uint32_t as_source = 0; as_source < 2; as_source++) {
      oop b = blitter(as_source ? good : f, as_source ? f : good, 3);
      if (cases[i].fits)
        assert_copies(b);
      else
        assert_fails(BITBLT("primitiveCopyBits", b), PRIM_ERR_BAD_RECEIVER);
    }
    if (!cases[i].fits) assert_fails(BITBLT("primitivePixelValueAt", f, I(0), I(0)), PRIM_ERR_BAD_RECEIVER);
  }
  uint8_t bytes[16] = {0};
  assert_copies(blitter(form_of(bytes_of(bytes, 16), 32, 4, 1), good, 3));
  assert_fails(BITBLT("primitiveCopyBits", blitter(form_of(bytes_of(bytes, 15), 32, 4, 1), good, 3)),
               PRIM_ERR_BAD_RECEIVER);
  oop constant = form(32, 4, 1);
  (void)frozen(obj_slot(constant, FORM_BITS));
  assert_fails(BITBLT("primitiveCopyBits", blitter(constant, good, 3)), PRIM_ERR_NO_MODIFICATION);
}

static void wrong_patterns_and_maps_fail(void **state) {
  (void)state;
  oop d = form(8, 2, 8);
  const oop halftones[] = {I(1),
                           words_of(0),
                           str("bytes"),
                           form_of(words_of(1), 32, 2, 1),
                           form_of(words_of(1), 32, 0, 1),
                           form_of(words_of(1), 32, -1, 1),
                           mem_new_array(3)};
  for (uint32_t i = 0; i < sizeof halftones / sizeof *halftones; i++) {
    oop b = blitter(d, mem.nil, 3);
    mem_store(b, BB_HALFTONE, halftones[i]);
    assert_fails(BITBLT("primitiveCopyBits", b), PRIM_ERR_BAD_RECEIVER);
  }
  const oop maps[] = {I(1),
                      words_of(3),
                      str("bytes"),
                      mem_new_array(2),
                      array_of(3, PRIM_OPERANDS(words_of(3), words_of(4), mem.nil)),
                      array_of(3, PRIM_OPERANDS(words_of(4), I(4), mem.nil)),
                      array_of(3, PRIM_OPERANDS(mem.nil, mem.nil, words_of(5))),
                      array_of(3, PRIM_OPERANDS(mem.nil, mem.nil, I(5)))};
  for (uint32_t i = 0; i < sizeof maps / sizeof *maps; i++) {
    oop b = blitter(d, form(8, 2, 8), 3);
    mem_store(b, BB_COLOR_MAP, maps[i]);
    assert_fails(BITBLT("primitiveCopyBits", b), PRIM_ERR_BAD_RECEIVER);
  }
  oop b = blitter(d, d, 33);
  mem_store(b, BB_COLOR_MAP, frozen(words_of(256)));
  assert_fails(BITBLT("primitiveCopyBits", b), PRIM_ERR_BAD_RECEIVER);
  b = blitter(form(1, 1, 32), form(1, 1, 32), 41);
  assert_fails(BITBLT("primitiveCopyBits", b), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(BITBLT("primitiveCopyBits", b, I(1), I(1), str("short"), mem.nil), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(BITBLT("primitiveCopyBits", b, mem.nil), PRIM_ERR_BAD_ARGUMENT);
}

static void random_cases_agree(void **state) {
  (void)state;
  enum { CASES = 5000 };
  bitblt_cases_start(1);
  for (uint64_t i = 0; i < CASES; i++) assert_true(bitblt_case(i));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      PRIM_TEST(halftones_fill),
      PRIM_TEST(pixels_move_in_either_order),
      PRIM_TEST(forms_overlap_themselves),
      PRIM_TEST(maps_turn_bits_into_colours),
      PRIM_TEST(colours_blend),
      PRIM_TEST(differences_are_counted),
      PRIM_TEST(pixel_values_are_tallied),
      PRIM_TEST(paint_of_old_is_for_the_image),
      PRIM_TEST(pixels_are_read),
      PRIM_TEST(lines_end_before_their_end),
      PRIM_TEST(strings_are_drawn),
      PRIM_TEST(strings_are_scanned),
      PRIM_TEST(warps_enlarge_and_smooth),
      PRIM_TEST(hostile_fields_are_survived),
      PRIM_TEST(forms_longer_than_their_bits_fail),
      PRIM_TEST(wrong_patterns_and_maps_fail),
      PRIM_TEST(random_cases_agree),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
