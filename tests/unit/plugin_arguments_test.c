/* plugin_arguments_test.c: every primitive of every plugin with every kind of receiver and argument: numbers
 * at the limits, nil, wrong classes, objects too short or too long, immutable and freed ones. None may crash,
 * read outside an object (the sanitizers see that), leave the heap unsound, or answer what is no object. */
#include "prim_support.h"

#include <math.h>
#include <unistd.h>

#include "plugins/plugin.h"

enum { ROUNDS = 400, COLLECT_EVERY = 64, MAX_OPERANDS = 16, MOST_FIELDS = 24, RECORD_SIZES = 4 };

static uint32_t seed;
static uint32_t pick(uint32_t n) {
  seed = seed * 1664525 + 1013904223;
  return (uint32_t)((uint64_t)seed * n >> 32);
}

/* Classes of objects with fixed fields, as Form, BitBlt and sounds are. */
static oop record_class[RECORD_SIZES];
static const uint32_t record_fields[RECORD_SIZES] = {4, 8, 16, MOST_FIELDS};

static oop small_number(void) {
  static const int32_t values[] = {0,      1,          -1,           2,           3,  4,   5,    8,
                                   15,     16,         17,           31,          32, 255, 1000, 65535,
                                   -32768, 0x00FFFFFF, SMALLINT_MAX, SMALLINT_MIN};
  return I(values[pick(sizeof values / sizeof *values)]);
}

static oop large_number(void) {
  switch (pick(5)) {
    case 0: return mem_new_uint64(UINT64_MAX);
    case 1: return mem_new_int64(INT64_MIN);
    case 2: return mem_new_uint64(UINT32_MAX);
    case 3: return mem_new_int64((int64_t)SMALLINT_MAX + 1);
  }
  oop o = mem_new(CIX_LARGE_POSITIVE, FMT_8, 8);
  memset(obj_bytes(o), 0xFF, 32);
  return o;
}

static oop float_number(void) {
  static const double values[] = {0, -0.0, 0.5, 1e300, -1e300, 1e-310, 4294967296.0};
  uint32_t i = pick(9);
  return mem_new_float(i < 7 ? values[i] : i == 7 ? (double)NAN : (double)INFINITY);
}

/* Bits of any width and of an awkward size, zeroed or random. */
static oop some_bits(void) {
  static const uint32_t sizes[] = {0, 1, 2, 3, 4, 7, 8, 16, 20, 64, 89, 255, 256, 1000};
  static const uint32_t formats[] = {FMT_8, FMT_16, FMT_32, FMT_64};
  uint32_t n = sizes[pick(sizeof sizes / sizeof *sizes)], format = formats[pick(4)];
  oop o = format == FMT_8    ? mem_new_bytes(pick(2) ? CIX_BYTE_ARRAY : CIX_STRING, n)
          : format == FMT_16 ? mem_new(CIX_BITMAP, FMT_16 + (n & 1), (n + 1) / 2)
          : format == FMT_32 ? words_of(n)
                             : mem_new(CIX_BITMAP, FMT_64, 2 * n);
  uint32_t bytes = obj_slots(o) * 4;
  if (format == FMT_8) bytes = obj_byte_size(o);
  if (format == FMT_16) bytes -= 2 * (n & 1);
  for (uint32_t i = 0; pick(3) > 0 && i < bytes; i++)
    obj_bytes(o)[i] = (uint8_t)(pick(2) ? pick(256) : pick(4));
  return o;
}

/* Names that exist nowhere, or only in the folder that the test made for itself. */
static oop some_text(void) {
  static const char *const texts[] = {"", "x", "no such file", "folder/none", "\xC3\xA9", "a\tb", "%s%n"};
  return str(texts[pick(sizeof texts / sizeof *texts)]);
}

static oop any(uint32_t depth);

static oop some_record(uint32_t depth) {
  uint32_t i = pick(RECORD_SIZES);
  oop o = mem_instantiate(record_class[i], 0);
  bool numbers = pick(2) > 0; /* mostly numbers, as a record that the VM reads has */
  for (uint32_t f = 0; f < record_fields[i]; f++)
    mem_store(o, f, numbers && pick(3) > 0 ? I((int32_t)pick(40)) : any(depth + 1));
  return o;
}

static oop some_array(uint32_t depth) {
  static const uint32_t sizes[] = {0, 1, 2, 5, 9, 24};
  oop o = mem_new_array(sizes[pick(6)]);
  for (uint32_t i = 0; i < obj_slots(o); i++) mem_store(o, i, any(depth + 1));
  return o;
}

/* An oop of any kind; what has fields has others in them. */
static oop any(uint32_t depth) {
  oop o;
  switch (pick(depth > 2 ? 11 : 15)) {
    case 0: return mem.nil;
    case 1: return pick(2) ? mem.true_ : mem.false_;
    case 2: return mem_char(pick(2) ? 'A' : 0x10FFFF);
    case 3: return large_number();
    case 4: return float_number();
    case 5:
    case 6: return small_number();
    case 7: o = some_text(); break;
    case 8:
    case 9: o = some_bits(); break;
    case 10:
      o = fixture_class(FMT_FIXED, 3);
      obj_set_class_index(o, mem_class_index_of(fixture_plain()));
      break;
    case 11: return frame_marry(interp.fp);
    case 12:
    case 13: o = some_record(depth); break;
    default: o = some_array(depth); break;
  }
  return pick(16) == 0 ? frozen(o) : o;
}

static void call_once(const struct plugin *plugin, const struct plugin_primitive *primitive) {
  oop operands[MAX_OPERANDS];
  uint32_t argc = primitive->least + pick(primitive->most - primitive->least + 1u);
  for (uint32_t i = 0; i <= argc; i++) operands[i] = any(0);
  if (pick(2)) operands[0] = some_record(0);
  oop result = prim_call(primitive->function, argc + 1, operands);
  if (result == PRIM_FAILED) {
    if (interp.prim_error == 0) fail_msg("%s.%s fails without saying why", plugin->name, primitive->name);
  } else if (result == 0 || mem_class_of(result) == mem.nil) {
    fail_msg("%s.%s answers %x", plugin->name, primitive->name, result);
  }
}

static void collect(const struct plugin *plugin, const struct plugin_primitive *primitive) {
  err_t e = mem_check_heap();
  if (e != NULL) fail_msg("after %s.%s: %s", plugin->name, primitive->name, e);
  mem_full_gc();
}

static void make_classes(void) {
  for (uint32_t i = 0; i < RECORD_SIZES; i++) {
    record_class[i] = test_class(FMT_FIXED, record_fields[i]);
    fixture_root[i] = record_class[i];
  }
}

static void no_argument_crashes(void **state) {
  (void)state;
  char folder[] = "/tmp/catalyst-arguments-XXXXXX", before[1024];
  assert_non_null(getcwd(before, sizeof before));
  assert_non_null(mkdtemp(folder));
  assert_int_equal(chdir(folder), 0);
  make_classes();
  for (uint32_t p = 0; plugin_at(p) != NULL; p++) {
    const struct plugin *plugin = plugin_at(p);
    for (uint32_t i = 0; i < plugin->count; i++) {
      const struct plugin_primitive *primitive = &plugin->primitives[i];
      seed = p << 16 | i;
      for (uint32_t round = 0; round < ROUNDS; round++) {
        call_once(plugin, primitive);
        if (round % COLLECT_EVERY != COLLECT_EVERY - 1) continue;
        collect(plugin, primitive);
        for (uint32_t k = 0; k < RECORD_SIZES; k++) record_class[k] = fixture_root[k];
      }
    }
  }
  assert_int_equal(chdir(before), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {PRIM_TEST(no_argument_crashes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
