/* image_formats_test.c: every image format, either byte order, with prefix, trailing bytes and two segments,
 * from synthetic files; and damaged ones. CATALYST_WRITE_CORPUS=FOLDER writes the files as seeds for the
 * fuzzer. */
#include "image_synthetic.h"

#include "primitives/primitive.h"

static const uint32_t all_formats[] = {6502, 6504, 6505, 6521, 7033, 68021, 68533};
enum { FORMATS = sizeof all_formats / sizeof *all_formats };

static oop probe(uint32_t i) { return obj_slot(mem_special(SPECIAL_SMALLTALK), i); }

static void check_code(void) {
  oop method = probe(PROBE_METHOD), context = probe(PROBE_CONTEXT), block = probe(PROBE_BLOCK);
  assert_int_equal(method_num_literals(method), 2);
  assert_true(method_has_primitive(method));
  assert_int_equal(method_num_args(method), 1);
  assert_int_equal(method_num_temps(method), 3);
  assert_int_equal(oop_int(method_literal(method, 0)), -7);
  assert_true(method_literal(method, 1) == probe(PROBE_CLASS));
  uint32_t skip = mem_conventions.v3 ? 0 : 3, first = method_first_pc(method);
  assert_int_equal(AT(uint8_t, method)[first + skip], 0x70);
  assert_int_equal(obj_byte_size(method), 12 + skip + 5);
  if (mem_conventions.v3) assert_int_equal(method_v3_primitive(method), 60);
  assert_int_equal(obj_class_index(context), CIX_CONTEXT);
  /* Program counters are 1-based from the first byte of the method's body. */
  assert_int_equal(oop_int(obj_slot(context, 1)), first - HDR_BYTES + skip + 3);
  assert_true(obj_slot(context, 3) == method);
  assert_int_equal(oop_int(obj_slot(context, 6)), 99);
  assert_true(obj_slot(context, 7) == mem.nil);
  if (image_info.closures) {
    assert_int_equal(obj_class_index(block), CIX_BLOCK_CLOSURE);
    assert_int_equal(oop_int(obj_slot(block, 1)), first - HDR_BYTES + skip + 4);
  } else {
    assert_int_equal(obj_slots(context), 6 + METHOD_SMALL_FRAME);
    assert_int_equal(obj_slots(block), 6 + METHOD_LARGE_FRAME);
    assert_int_equal(oop_int(obj_slot(block, 4)), first - HDR_BYTES + 3);
  }
}

static void check_wide_values(void) {
  oop wide = probe(PROBE_WIDE), negative = probe(PROBE_NEGATIVE_WIDE);
  assert_int_equal(obj_class_index(wide), CIX_LARGE_POSITIVE);
  assert_int_equal(obj_byte_size(wide), 6);
  assert_memory_equal(obj_bytes(wide), "\0\0\0\0\0\1", 6);
  assert_int_equal(obj_class_index(negative), CIX_LARGE_NEGATIVE);
  assert_memory_equal(obj_bytes(negative), "\1\0\0\0\0\1", 6);
  assert_true(mem_float(probe(PROBE_TENTH)) == 0.1);
  assert_true(probe(PROBE_TENTH) == probe(PROBE_TENTH_AGAIN));
  double zero = mem_float(probe(PROBE_MINUS_ZERO));
  assert_true(zero == 0 && __builtin_signbit(zero));
}

/* What every format must have made of the graph. */
static void check_loaded(uint32_t format) {
  assert_int_equal(image_info.format, format);
  assert_int_equal(image_info.last_hash, 4711);
  assert_int_equal(oop_int(probe(PROBE_INT)), -123456);
  uint32_t code = 0;
  assert_true(mem_char_code(probe(PROBE_CHAR), &code));
  assert_int_equal(code, 'x');
  assert_true(mem_char('x') == probe(PROBE_CHAR));
  assert_int_equal(obj_class_index(probe(PROBE_FLOAT)), CIX_FLOAT);
  assert_true(mem_float(probe(PROBE_FLOAT)) == -2.5e100);
  assert_int_equal(obj_class_index(probe(PROBE_TEXT)), CIX_STRING);
  assert_int_equal(obj_byte_size(probe(PROBE_TEXT)), 7);
  assert_memory_equal(obj_bytes(probe(PROBE_TEXT)), "seven c", 7);
  assert_int_equal(obj_slots(probe(PROBE_WORDS)), 3);
  assert_int_equal(obj_slot(probe(PROBE_WORDS), 0), 0x01020304);
  assert_int_equal(obj_format(probe(PROBE_WEAK)), FMT_WEAK);
  oop plain = probe(PROBE_CLASS), zero_hash = probe(PROBE_ZERO_HASH);
  assert_int_equal(class_inst_size(plain), 2);
  assert_int_equal(class_inst_spec(plain), FMT_FIXED);
  assert_true(mem_class_of(zero_hash) == plain);
  assert_int_equal(mem_class_index_of(plain), obj_class_index(zero_hash));
  assert_int_equal(mem_class_index_of(mem_special(SPECIAL_CLASS_ARRAY)), CIX_ARRAY);
  assert_true(obj_slots(mem.special) >= SPECIAL_OBJECTS_SIZE);
  assert_int_equal(mem_fixed_fields(zero_hash), 2);
  if (mem_conventions.v3) {
    assert_int_equal(mem_hash(zero_hash), 0);
    assert_int_equal(mem_hash(plain), 100 + 7 * (uint32_t)graph.things[its.probe].values[PROBE_CLASS].n);
    assert_true(mem_class_at(CIX_LARGE_NEGATIVE) == mem_special(SPECIAL_CLASS_LARGE_NEGATIVE));
    assert_true(mem_special(SPECIAL_CLASS_LARGE_NEGATIVE) != mem.nil);
  } else {
    assert_true(probe(PROBE_FORWARDED) == probe(PROBE_WORDS));
  }
  check_code();
  if (graph.wordsize == 8) check_wide_values();
}

/* Loads it, checks it, saves it, and does so again with what was saved. */
static void check_file(struct bytes file, uint32_t format) {
  assert_loads(&file);
  check_loaded(format);
  uint64_t digest = heap_digest();
  uint32_t hash = image_info.last_hash;
  struct bytes again = saved();
  assert_loads(&again);
  assert_int_equal(heap_digest(), digest);
  assert_int_equal(image_info.last_hash, hash);
  assert_true(image_info.format == 6521 || mem_conventions.v3);
  check_loaded(image_info.format);
  free(again.data);
  free(file.data);
}

static void every_format_loads(void **state) {
  for (int i = 0; i < FORMATS; i++) check_file(synthetic(all_formats[i], false, false, 0), all_formats[i]);
}

static void either_byte_order(void **state) {
  for (int i = 0; i < FORMATS; i++) {
    check_file(synthetic(all_formats[i], true, false, 0), all_formats[i]);
    struct bytes b = synthetic(all_formats[i], true, false, 0);
    assert_loads(&b);
    assert_true(image_info.swapped);
    uint64_t digest = heap_digest();
    free(b.data);
    b = synthetic(all_formats[i], false, false, 0);
    assert_loads(&b);
    assert_false(image_info.swapped);
    assert_int_equal(heap_digest(), digest);
    free(b.data);
  }
}

static void prefix_and_trailing_bytes(void **state) {
  for (int i = 0; i < FORMATS; i++) {
    struct bytes b = synthetic(all_formats[i], false, false, 512);
    bytes_put(&b, "trailing bytes", 14);
    check_file(b, all_formats[i]);
  }
}

static void segments_with_a_gap(void **state) {
  const uint32_t formats[] = {6521, 68021};
  for (int i = 0; i < 2; i++) {
    check_file(synthetic(formats[i], false, true, 0), formats[i]);
    check_file(synthetic(formats[i], true, true, 0), formats[i]);
  }
}

/* An image reads a Float's words in the order that its format keeps them in. */
static void float_words_in_the_order_of_the_image(void **state) {
  for (int i = 0; i < FORMATS; i++) {
    struct bytes b = synthetic(all_formats[i], false, false, 0);
    assert_loads(&b);
    double value = -2.5e100;
    uint64_t bits, word;
    memcpy(&bits, &value, sizeof bits);
    bool high_first = all_formats[i] == 6502 || all_formats[i] == 6504;
    oop args[] = {probe(PROBE_FLOAT), int_oop(1)};
    oop result = prim_numbered(60)(args, 1);
    assert_true(prim_uint64(result, &word));
    assert_int_equal(word, high_first ? bits >> 32 : bits & 0xFFFFFFFF);
    free(b.data);
  }
}

/* A class that the image made keeps the low bits of its hash when it gets its first instance. */
static void new_classes_keep_their_v3_hash(void **state) {
  struct bytes b = synthetic(6502, false, false, 0);
  assert_loads(&b);
  oop plain = probe(PROBE_CLASS), fresh = mem_clone(plain);
  uint32_t hash = mem_hash(fresh), index = mem_class_index_of(fresh);
  assert_in_range(hash, 0, 4095);
  assert_in_range(index, 4096, HDR_CLASS_MASK);
  assert_int_equal(mem_hash(fresh), hash);
  assert_true(mem_class_of(mem_instantiate(fresh, 0)) == fresh);
  assert_true(mem_class_of(mem_instantiate(mem_special(SPECIAL_CLASS_FLOAT), 2)) ==
              mem_special(SPECIAL_CLASS_FLOAT));
  assert_null(mem_check_heap());
  free(b.data);
}

/* ---- damage ---- */

static void truncated_files_are_refused(void **state) {
  for (int i = 0; i < FORMATS; i++) {
    struct bytes b = synthetic(all_formats[i], false, false, 0);
    uint32_t whole = b.size;
    for (uint32_t size = 0; size < whole; size += size < 160 ? 1 : 4 * (1 + whole / 400)) {
      b.size = size;
      err_t e = load(&b);
      assert_non_null(e);
      assert_true(strlen(e) > 10 && strchr(e, '\n') == NULL);
    }
    free(b.data);
  }
}

static void not_images_are_refused(void **state) {
  struct bytes b = {0};
  assert_non_null(load(&b));
  uint32_t x = 1;
  for (int i = 0; i < 2000; i++) {
    x = x * 1664525 + 1013904223;
    bytes_put(&b, &x, 4);
  }
  assert_non_null(load(&b));
  free(b.data);
}

/* Any byte of a file may be wrong: the answer is an error or a sound heap, never a crash. */
static void single_wrong_bytes(void **state) {
  uint32_t x = 42;
  for (int i = 0; i < FORMATS; i++) {
    struct bytes b = synthetic(all_formats[i], false, false, 0);
    for (int n = 0; n < 400; n++) {
      x = x * 1664525 + 1013904223;
      /* The class table is most of a small Spur image, and nil: aim outside of it two times in three. */
      uint32_t at = (x >> 8) % b.size;
      if (n % 3 != 0) at = n % 2 ? at % 400 : b.size - 1 - at % (b.size / 5);
      uint8_t was = b.data[at];
      b.data[at] ^= (uint8_t)(1u << (x >> 3) % 8);
      if (n % 5 == 0) b.data[at] = (uint8_t)(x >> 24);
      if (load(&b) == NULL) assert_null(mem_check_heap());
      b.data[at] = was;
    }
    free(b.data);
  }
}

static void errors_name_the_cause(void **state) {
  struct bytes b = synthetic(6521, false, false, 0);
  uint32_t bad = 9999;
  memcpy(b.data, &bad, 4);
  err_t e = load(&b);
  assert_non_null(strstr(e, "9999"));
  free(b.data);
  b = synthetic(6521, false, false, 0);
  b.size -= 100;
  e = load(&b);
  assert_non_null(strstr(e, "cut off"));
  free(b.data);
}

/* Found by fuzzing: an entry whose class cannot be found by its hash. */
static void a_class_of_foreign_hash_is_refused(void **state) {
  struct bytes b = synthetic(6521, false, false, 0);
  /* The class Plain's header: its high word holds the hash. */
  uint32_t hash, wrong = 77777, at = (uint32_t)(synthetic_address(its.plain) - SYNTH_BASE) + 64 + 4;
  memcpy(&hash, b.data + at, 4);
  assert_int_equal(hash & HDR_HASH_MASK, graph.things[its.plain].class_index);
  hash = (hash & ~(uint32_t)HDR_HASH_MASK) | wrong;
  memcpy(b.data + at, &hash, 4);
  err_t e = load(&b);
  assert_non_null(e);
  assert_non_null(strstr(e, "hash"));
  free(b.data);
}

/* Found by fuzzing: slots of what is free or forwarded are not looked at, so it cannot be the class table. */
static void a_class_table_that_is_free_is_refused(void **state) {
  enum { FREE_LISTS_AT = 64 + 3 * 16, FREE_LISTS_BYTES = HDR_BYTES + 32 * 4, OVERFLOW_BYTES = 8 };
  const uint32_t at = FREE_LISTS_AT + FREE_LISTS_BYTES + OVERFLOW_BYTES, none[] = {CIX_FREE, CIX_FORWARDED};
  for (int i = 0; i < 2; i++) {
    struct bytes b = synthetic(6521, false, false, 0);
    uint32_t header;
    memcpy(&header, b.data + at, 4);
    assert_int_equal(header & HDR_CLASS_MASK, CIX_ARRAY_HIDDEN);
    header = (header & ~(uint32_t)HDR_CLASS_MASK) | none[i];
    memcpy(b.data + at, &header, 4);
    err_t e = load(&b);
    assert_non_null(e);
    assert_non_null(strstr(e, "class table"));
    free(b.data);
  }
}

static void seeds_for_the_fuzzer(void **state) {
  const char *folder = getenv("CATALYST_WRITE_CORPUS");
  if (folder == NULL) skip();
  for (int i = 0; i < FORMATS; i++)
    for (int swapped = 0; swapped < 2; swapped++) {
      char path[1000];
      snprintf(path, sizeof path, "%s/%u%s.image", folder, all_formats[i], swapped ? "-swapped" : "");
      struct bytes b = synthetic(all_formats[i], swapped != 0, swapped != 0 && all_formats[i] > 6505, 0);
      FILE *f = fopen(path, "wb");
      assert_non_null(f);
      assert_int_equal(fwrite(b.data, 1, b.size, f), b.size);
      fclose(f);
      free(b.data);
    }
}

static int shut_down(void **state) {
  mem_shutdown();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_format_loads),
      cmocka_unit_test(either_byte_order),
      cmocka_unit_test(prefix_and_trailing_bytes),
      cmocka_unit_test(segments_with_a_gap),
      cmocka_unit_test(float_words_in_the_order_of_the_image),
      cmocka_unit_test(new_classes_keep_their_v3_hash),
      cmocka_unit_test(truncated_files_are_refused),
      cmocka_unit_test(not_images_are_refused),
      cmocka_unit_test(single_wrong_bytes),
      cmocka_unit_test(errors_name_the_cause),
      cmocka_unit_test(a_class_of_foreign_hash_is_refused),
      cmocka_unit_test(a_class_table_that_is_free_is_refused),
      cmocka_unit_test(seeds_for_the_fuzzer),
  };
  return cmocka_run_group_tests(tests, NULL, shut_down);
}
