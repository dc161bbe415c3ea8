/* plugin_misc_test.c: MiscPrimitivePlugin, FloatArrayPlugin and the small plugins. */
#include "prim_support.h"

#include <unistd.h>

#include "devices/device.h"
#include "devices/display.h"
#include "memory/image.h"

#include <math.h>

#define MISC(primitive, ...) NAMED("MiscPrimitivePlugin", primitive, mem.nil, ##__VA_ARGS__)
#define FLOATS(primitive, ...) NAMED("FloatArrayPlugin", primitive, __VA_ARGS__)

static oop table(bool fold) {
  oop t = mem_new_bytes(CIX_BYTE_ARRAY, 256);
  for (int i = 0; i < 256; i++) obj_bytes(t)[i] = (uint8_t)(fold && i >= 'A' && i <= 'Z' ? i + 32 : i);
  return t;
}

static void strings_compare(void **state) {
  (void)state;
  const struct {
    const char *a, *b;
    int plain, folded;
  } cases[] = {
      {"abc", "abc", 2, 2},
      {"abc", "abd", 1, 1},
      {"b", "a", 3, 3},
      {"ab", "abc", 1, 1},
      {"abc", "", 3, 3},
      {"ABC", "abc", 1, 2},
      {"long common beginning X", "long common beginning x", 1, 2},
      {"12345678a", "12345678B", 3, 1},
  };
  for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
    oop a = str(cases[i].a), b = str(cases[i].b);
    assert_oop(MISC("primitiveCompareString", a, b, table(false)), I(cases[i].plain));
    assert_oop(MISC("primitiveCompareString", a, b, table(true)), I(cases[i].folded));
  }
  assert_fails(MISC("primitiveCompareString", str("a"), str("b"), str("short")), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(MISC("primitiveCompareString", I(1), str("b"), table(false)), PRIM_ERR_BAD_ARGUMENT);
}

static void strings_are_searched(void **state) {
  (void)state;
  oop body = str("Hello World");
  assert_oop(MISC("primitiveFindSubstring", str("wor"), body, I(1), table(true)), I(7));
  assert_oop(MISC("primitiveFindSubstring", str("wor"), body, I(1), table(false)), I(0));
  assert_oop(MISC("primitiveFindSubstring", str("l"), body, I(5), table(true)), I(10));
  assert_oop(MISC("primitiveFindSubstring", str(""), body, I(1), table(true)), I(0));
  assert_oop(MISC("primitiveFindSubstring", str("longer than the body"), body, I(1), table(true)), I(0));
  assert_oop(MISC("primitiveFindSubstring", str("d"), body, I(1000), table(true)), I(0));
  assert_fails(MISC("primitiveFindSubstring", body, body, mem.nil, table(true)), PRIM_ERR_BAD_ARGUMENT);
  assert_oop(MISC("primitiveIndexOfAsciiInString", I('o'), body, I(6)), I(8));
  assert_oop(MISC("primitiveIndexOfAsciiInString", I('x'), body, I(1)), I(0));
  assert_oop(MISC("primitiveIndexOfAsciiInString", I(1000), body, I(1)), I(0));
  assert_oop(MISC("primitiveIndexOfAsciiInString", I('o'), body, I(100)), I(0));
  assert_fails(MISC("primitiveIndexOfAsciiInString", I('o'), body, I(0)), PRIM_ERR_BAD_INDEX);
  oop set = mem_new_bytes(CIX_BYTE_ARRAY, 256);
  obj_bytes(set)['W'] = 1;
  assert_oop(MISC("primitiveFindFirstInString", body, set, I(1)), I(7));
  assert_oop(MISC("primitiveFindFirstInString", body, set, I(8)), I(0));
  assert_fails(MISC("primitiveFindFirstInString", body, set, I(0)), PRIM_ERR_BAD_INDEX);
  oop copy = str("HELLO");
  (void)MISC("primitiveTranslateStringWithTable", copy, I(2), I(4), table(true));
  assert_string(copy, "HellO");
  assert_fails(MISC("primitiveTranslateStringWithTable", copy, I(1), I(6), table(true)), PRIM_ERR_BAD_INDEX);
  assert_fails(MISC("primitiveTranslateStringWithTable", frozen(copy), I(1), I(2), table(true)),
               PRIM_ERR_NO_MODIFICATION);
}

static void strings_hash(void **state) {
  (void)state;
  uint32_t hash = 99;
  for (const char *p = "abc"; *p; p++) hash = (hash + (uint8_t)*p) * 0x19660D;
  assert_oop(MISC("primitiveStringHash", str("abc"), I(99)), I((int32_t)(hash & 0xFFFFFFF)));
  assert_fails(MISC("primitiveStringHash", I(1), I(99)), PRIM_ERR_BAD_ARGUMENT);
}

static void bitmaps_round_trip(void **state) {
  (void)state;
  uint32_t random = 1;
  for (uint32_t size = 0; size < 3000; size = size * 2 + 7) {
    oop bitmap = words_of(size), back = words_of(size);
    oop bytes = mem_new_bytes(CIX_BYTE_ARRAY, size * 4 + 7 + size / 1984 * 3);
    for (uint32_t i = 0; i < size; i++) {
      random = random * 1664525 + 1013904223;
      obj_put_raw(bitmap, i, random >> 30 == 0 ? random : random >> 30 == 1 ? 0x07070707 : 0x12345678);
    }
    oop used = MISC("primitiveCompressToByteArray", bitmap, bytes);
    assert_true(oop_is_int(used) && oop_int(used) <= (int32_t)obj_byte_size(bytes));
    oop exact = bytes_of(obj_bytes(bytes), (uint32_t)oop_int(used));
    int32_t start = size <= 223 ? 2 : 3;
    assert_oop(MISC("primitiveDecompressFromByteArray", back, exact, I(start)), mem.nil);
    assert_memory_equal(obj_bytes(back), obj_bytes(bitmap), size * 4);
    if (size > 0) {
      assert_fails(MISC("primitiveDecompressFromByteArray", words_of(size - 1), exact, I(start)),
                   PRIM_ERR_BAD_INDEX);
      oop cut = bytes_of(obj_bytes(bytes), (uint32_t)oop_int(used) - 1);
      assert_oop(MISC("primitiveDecompressFromByteArray", back, cut, I(start)), PRIM_FAILED);
      assert_fails(MISC("primitiveCompressToByteArray", bitmap, mem_new_bytes(CIX_BYTE_ARRAY, size)),
                   PRIM_ERR_UNSUPPORTED);
    }
  }
  assert_fails(MISC("primitiveDecompressFromByteArray", str("x"), str("x"), I(1)), PRIM_ERR_BAD_ARGUMENT);
}

static void samples_widen(void **state) {
  (void)state;
  oop out = words_of(2);
  (void)MISC("primitiveConvert8BitSigned", bytes_of("\x01\xFF\x80", 3), out);
  assert_oop(PRIM(143, out, I(1)), I(256));
  assert_oop(PRIM(143, out, I(2)), I(-256));
  assert_oop(PRIM(143, out, I(3)), I(-32768));
  assert_fails(MISC("primitiveConvert8BitSigned", bytes_of("12345", 5), out), PRIM_ERR_BAD_ARGUMENT);
}

static oop floats_of(float a, float b) {
  oop o = words_of(2);
  memcpy(obj_bytes(o), &a, 4);
  memcpy(obj_bytes(o) + 4, &b, 4);
  return o;
}

static void float_arrays_compute(void **state) {
  (void)state;
  oop a = floats_of(3, 4);
  assert_float(FLOATS("primitiveAt", a, I(2)), 4);
  assert_float(FLOATS("primitiveLength", a), 5);
  assert_float(FLOATS("primitiveSum", a), 7);
  assert_float(FLOATS("primitiveDotProduct", a, floats_of(2, 10)), 46);
  assert_oop(FLOATS("primitiveAddFloatArray", a, floats_of(1, 1)), a);
  (void)FLOATS("primitiveMulScalar", a, I(2));
  (void)FLOATS("primitiveSubFloatArray", a, floats_of(0, 2));
  (void)FLOATS("primitiveDivFloatArray", a, floats_of(4, 4));
  (void)FLOATS("primitiveMulFloatArray", a, floats_of(2, 3));
  (void)FLOATS("primitiveAddScalar", a, mem_new_float(1));
  (void)FLOATS("primitiveSubScalar", a, I(2));
  (void)FLOATS("primitiveDivScalar", a, I(1)); /* (3+1)*2/4*2+1-2 = 3, ((4+1)*2-2)/4*3+1-2 = 5 */
  assert_oop(FLOATS("primitiveEqual", a, floats_of(3, 5)), mem.true_);
  assert_oop(FLOATS("primitiveEqual", a, words_of(1)), mem.false_);
  oop value = mem_new_float(0.5);
  assert_oop(FLOATS("primitiveAtPut", a, I(1), value), value);
  assert_float(FLOATS("primitiveAt", a, I(1)), 0.5);
  (void)FLOATS("primitiveNormalize", floats_of(3, 4));
  assert_oop(FLOATS("primitiveHashArray", words_of(3)), I(0));
}

static void float_arrays_fail(void **state) {
  (void)state;
  oop a = floats_of(1, 2);
  assert_fails(FLOATS("primitiveAt", a, I(3)), PRIM_ERR_BAD_INDEX);
  assert_fails(FLOATS("primitiveAt", a, I(0)), PRIM_ERR_BAD_INDEX);
  assert_fails(FLOATS("primitiveAt", str("a"), I(1)), PRIM_ERR_BAD_RECEIVER);
  assert_fails(FLOATS("primitiveAtPut", a, I(1), mem.nil), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(FLOATS("primitiveAddFloatArray", a, words_of(3)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(FLOATS("primitiveDivFloatArray", a, floats_of(1, 0)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(FLOATS("primitiveDivScalar", a, I(0)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(FLOATS("primitiveNormalize", floats_of(0, 0)), PRIM_ERR_BAD_RECEIVER);
  assert_fails(FLOATS("primitiveLength", floats_of(0, 0)), PRIM_ERR_BAD_RECEIVER);
  assert_fails(FLOATS("primitiveAddScalar", frozen(a), I(1)), PRIM_ERR_NO_MODIFICATION);
  assert_fails(FLOATS("primitiveAtPut", a, I(1), I(1)), PRIM_ERR_NO_MODIFICATION);
}

static void uuids_are_version_4(void **state) {
  (void)state;
  oop a = mem_new_bytes(CIX_BYTE_ARRAY, 16), b = mem_new_bytes(CIX_BYTE_ARRAY, 16);
  (void)NAMED("UUIDPlugin", "primitiveMakeUUID", a);
  (void)NAMED("UUIDPlugin", "primitiveMakeUUID", b);
  assert_int_equal(obj_bytes(a)[6] >> 4, 4);
  assert_int_equal(obj_bytes(a)[8] >> 6, 2);
  assert_memory_not_equal(obj_bytes(a), obj_bytes(b), 16);
  assert_fails(NAMED("UUIDPlugin", "primitiveMakeUUID", str("short")), PRIM_ERR_BAD_RECEIVER);
}

static void small_plugins_answer(void **state) {
  (void)state;
  setenv("CATALYST_TEST", "value", 1);
  assert_string(NAMED("CatalystPlugin", "primitiveGetenv", mem.nil, str("CATALYST_TEST")), "value");
  assert_oop(NAMED("CatalystPlugin", "primitiveGetenv", mem.nil, str("CATALYST_NO_SUCH")), mem.nil);
  assert_true(oop_is_bytes(NAMED("CatalystPlugin", "primitiveEnvironmentAt", mem.nil, I(1))));
  assert_oop(NAMED("CatalystPlugin", "primitiveEnvironmentAt", mem.nil, I(100000)), mem.nil);
  assert_true(obj_byte_size(NAMED("CatalystPlugin", "primitiveWorkingDirectory", mem.nil)) > 0);
  oop mode = NAMED("CatalystPlugin", "primitiveTranslateMode", mem.nil, I(0));
  assert_oop(NAMED("CatalystPlugin", "primitiveTranslateMode", mem.nil, mode), I(0));
  assert_fails(NAMED("CatalystPlugin", "primitiveTranslateMode", mem.nil, I(3)), PRIM_ERR_BAD_ARGUMENT);
  oop stat = NAMED("CatalystPlugin", "primitiveStat", mem.nil);
  assert_string(obj_slot(stat, 0), "bytecodes");
  assert_true(oop_is_integer(obj_slot(stat, 1)));
  assert_oop(NAMED("SecurityPlugin", "primitiveCanWriteImage", mem.nil), mem.true_);
  assert_int_equal(obj_byte_size(NAMED("LocalePlugin", "primitiveLanguage", mem.nil)), 3);
  assert_true(oop_is_int(NAMED("LocalePlugin", "primitiveTimezoneOffset", mem.nil)));
}

static void the_vm_itself_answers(void **state) {
  (void)state;
  char here[4096];
  assert_non_null(getcwd(here, sizeof here));
  assert_string(NAMED("", "primitiveGetCurrentWorkingDirectory", mem.nil), here);
  assert_string(NAMED("", "primitiveGetCurrentWorkingDirectory", mem.nil, str("a buffer")), here);
  assert_string(NAMED("UnixOSProcessPlugin", "primitiveGetCurrentWorkingDirectory", mem.nil), here);
  assert_oop(NAMED("", "primitiveDisableModuleLoading", mem.true_), mem.true_);
  oop old = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, 1), young = mem_new_array(1);
  mem_store(old, 0, young);
  assert_oop(NAMED("", "primitiveIsRoot", mem.nil, old), mem.true_);
  assert_oop(NAMED("", "primitiveIsRoot", young), mem.false_);
  assert_oop(NAMED("", "primitiveIsRoot", I(3)), mem.false_);
  assert_oop(PRIM(122, old), old);
}

static void entropy_is_gathered(void **state) {
  (void)state;
  oop a = mem_new_bytes(CIX_BYTE_ARRAY, 32), none = mem_new_bytes(CIX_BYTE_ARRAY, 32);
  assert_oop(NAMED("CroquetPlugin", "primitiveGatherEntropy", mem.nil, a), mem.true_);
  assert_memory_not_equal(obj_bytes(a), obj_bytes(none), 32);
  assert_fails(NAMED("CroquetPlugin", "primitiveGatherEntropy", mem.nil, frozen(a)),
               PRIM_ERR_NO_MODIFICATION);
  assert_fails(NAMED("CroquetPlugin", "primitiveGatherEntropy", mem.nil, I(1)), PRIM_ERR_BAD_ARGUMENT);
}

/* In images from before closures numbers mean what named primitives do now. */
static void old_numbers_are_named_primitives(void **state) {
  (void)state;
  const struct image_info saved = image_info;
  static const struct {
    uint32_t number, argc;
    const char *module, *name;
  } rows[] = {{172, 0, "SoundPlugin", "primitiveSoundStop"},
              {181, 5, "SoundGenerationPlugin", "primitiveMixPluckedSound"},
              {541, 3, "AsynchFilePlugin", "primitiveAsyncFileOpen"},
              {552, 1, "ADPCMCodecPlugin", "primitiveEncodeMono"}};
  image_info.format = 6502;
  image_info.closures = false;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    assert_ptr_equal(prim_numbered_for(rows[i].number, rows[i].argc),
                     prim_named(rows[i].module, (uint32_t)strlen(rows[i].module), rows[i].name,
                                (uint32_t)strlen(rows[i].name)));
  image_info = saved;
}

static void the_window_is_the_display(void **state) {
  (void)state;
#define WINDOW(primitive, ...) NAMED("HostWindowPlugin", primitive, mem.nil, __VA_ARGS__)
  oop size = WINDOW("primitiveHostWindowSize", I(1));
  assert_oop(obj_slot(size, 0), I(DEV_DISPLAY_WIDTH));
  assert_oop(obj_slot(size, 1), I(DEV_DISPLAY_HEIGHT));
  size = WINDOW("primitiveHostWindowSizeSet", I(1), I(640), I(480)); /* no host: it stays as it is */
  assert_oop(obj_slot(size, 0), I(DEV_DISPLAY_WIDTH));
  assert_oop(obj_slot(WINDOW("primitiveHostWindowPosition", I(1)), 1), I(0));
  assert_fails(WINDOW("primitiveHostWindowSize", I(2)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(WINDOW("primitiveHostWindowTitle", I(1), I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(WINDOW("primitiveHostWindowTitle", I(1), str("title")), PRIM_ERR_UNSUPPORTED);
  assert_fails(WINDOW("primitiveCreateHostWindow", I(1), I(1), I(1), I(1), mem.nil), PRIM_ERR_UNSUPPORTED);
}

static void the_clipboard_has_formats(void **state) {
  (void)state;
#define CLIPBOARD(primitive, ...) NAMED("ClipboardExtendedPlugin", primitive, mem.nil, __VA_ARGS__)
  dev_start_all();
  const oop c = NAMED("ClipboardExtendedPlugin", "ioCreateClipboard", mem.nil);
  assert_oop(CLIPBOARD("ioClearClipboard", c), mem.nil);
  assert_oop(CLIPBOARD("ioGetClipboardFormat", c, I(1)), mem.nil);
  assert_oop(CLIPBOARD("ioReadClipboardData", c, str("image/png")), mem.nil);
  assert_oop(CLIPBOARD("ioAddClipboardData", c, str("text"), str("text/plain")), mem.nil);
  assert_oop(CLIPBOARD("ioAddClipboardData", c, str("pixels"), str("image/png")), mem.nil);
  assert_oop(CLIPBOARD("ioAddClipboardData", c, str("others"), str("image/png")), mem.nil);
  assert_string(CLIPBOARD("ioGetClipboardFormat", c, I(2)), "UTF8_STRING");
  assert_string(CLIPBOARD("ioGetClipboardFormat", c, I(4)), "image/png");
  assert_oop(CLIPBOARD("ioGetClipboardFormat", c, I(5)), mem.nil);
  assert_string(CLIPBOARD("ioReadClipboardData", c, str("UTF8_STRING")), "text");
  assert_string(CLIPBOARD("ioReadClipboardData", c, str("image/png")), "others");
  assert_string(PRIM(141, mem.nil), "text"); /* the plain primitive has the same */
  assert_fails(CLIPBOARD("ioReadClipboardData", I(2), str("text/plain")), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(CLIPBOARD("ioReadClipboardData", c, I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(CLIPBOARD("ioGetClipboardFormat", c, I(0)), PRIM_ERR_BAD_ARGUMENT);
  assert_oop(CLIPBOARD("ioClearClipboard", c), mem.nil);
  dev_stop_all();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      PRIM_TEST(strings_compare),
      PRIM_TEST(strings_are_searched),
      PRIM_TEST(strings_hash),
      PRIM_TEST(bitmaps_round_trip),
      PRIM_TEST(samples_widen),
      PRIM_TEST(float_arrays_compute),
      PRIM_TEST(float_arrays_fail),
      PRIM_TEST(uuids_are_version_4),
      PRIM_TEST(small_plugins_answer),
      PRIM_TEST(the_vm_itself_answers),
      PRIM_TEST(entropy_is_gathered),
      PRIM_TEST(the_window_is_the_display),
      PRIM_TEST(the_clipboard_has_formats),
      PRIM_TEST(old_numbers_are_named_primitives),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
