/* prim_array_test.c: elements of every format: at:, at:put:, size, instVarAt:, replaceFrom:… and streams. */
#include "prim_support.h"

/* A fresh object with three elements for each bits format, and its largest element. */
static const struct {
  uint32_t format, slots;
  uint64_t max;
} bits_formats[] = {
    {FMT_64, 6, UINT64_MAX}, {FMT_32, 3, UINT32_MAX}, {FMT_16 + 1, 2, UINT16_MAX}, {FMT_8 + 1, 1, UINT8_MAX}};
enum { BITS_FORMATS = 4, ELEMENTS = 3 };

static oop bits_object(int i) { return mem_new(CIX_BITMAP, bits_formats[i].format, bits_formats[i].slots); }

static void elements_of_bits(void **state) {
  (void)state;
  for (int i = 0; i < BITS_FORMATS; i++) {
    oop o = bits_object(i), max = mem_new_uint64(bits_formats[i].max);
    assert_oop(PRIM(62, o), I(ELEMENTS));
    assert_oop(PRIM(61, o, I(3), max), max);
    uint64_t v;
    assert_true(prim_uint64(PRIM(60, o, I(3)), &v) && v == bits_formats[i].max);
    assert_oop(PRIM(60, o, I(2)), I(0));
    assert_fails(PRIM(60, o, I(0)), PRIM_ERR_BAD_INDEX);
    assert_fails(PRIM(60, o, I(ELEMENTS + 1)), PRIM_ERR_BAD_INDEX);
    assert_fails(PRIM(60, o, I(-1)), PRIM_ERR_BAD_INDEX);
    assert_fails(PRIM(60, o, mem.nil), PRIM_ERR_BAD_ARGUMENT);
    assert_fails(PRIM(61, o, I(ELEMENTS + 1), I(0)), PRIM_ERR_BAD_INDEX);
    assert_fails(PRIM(61, o, I(1), I(-1)), PRIM_ERR_BAD_ARGUMENT);
    assert_fails(PRIM(61, o, I(1), mem.nil), PRIM_ERR_BAD_ARGUMENT);
    if (bits_formats[i].max < UINT64_MAX)
      assert_fails(PRIM(61, o, I(1), mem_new_uint64(bits_formats[i].max + 1)), PRIM_ERR_BAD_ARGUMENT);
    assert_fails(PRIM(61, frozen(o), I(1), I(0)), PRIM_ERR_NO_MODIFICATION);
  }
  fixture_assert_sound();
}

static void elements_of_pointers(void **state) {
  (void)state;
  oop a = mem_new_array(3), s = str("x");
  assert_oop(PRIM(61, a, I(2), s), s);
  assert_oop(PRIM(60, a, I(2)), s);
  assert_oop(PRIM(60, a, I(1)), mem.nil);
  assert_oop(PRIM(62, a), I(3));
  assert_fails(PRIM(60, a, I(4)), PRIM_ERR_BAD_INDEX);
  assert_fails(PRIM(61, a, I(0), s), PRIM_ERR_BAD_INDEX);
  assert_fails(PRIM(61, frozen(a), I(1), s), PRIM_ERR_NO_MODIFICATION);
  oop fixed = mem_instantiate(fixture_plain(), 0);
  assert_fails(PRIM(60, fixed, I(1)), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(62, fixed), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(60, I(3), I(1)), PRIM_ERR_BAD_RECEIVER);
  /* mirror: the object is an argument */
  assert_oop(PRIM(60, mem.nil, a, I(2)), s);
  assert_oop(PRIM(62, mem.nil, a), I(3));
}

static void indexed_fields_come_after_the_named(void **state) {
  (void)state;
  oop o = mem_instantiate(test_class(FMT_FIXED_INDEXABLE, 2), 3);
  assert_oop(PRIM(62, o), I(3));
  assert_oop(PRIM(61, o, I(1), I(11)), I(11));
  assert_oop(obj_slot(o, 2), I(11));
  assert_oop(PRIM(73, o, I(3)), I(11));
  assert_oop(PRIM(74, o, I(1), I(22)), I(22));
  assert_oop(obj_slot(o, 0), I(22));
  assert_oop(PRIM(173, o, I(1)), I(22));
  assert_fails(PRIM(60, o, I(4)), PRIM_ERR_BAD_INDEX);
  assert_fails(PRIM(73, o, I(6)), PRIM_ERR_BAD_INDEX);
  assert_fails(PRIM(74, o, I(0), I(1)), PRIM_ERR_BAD_INDEX);
  assert_fails(PRIM(73, I(1), I(1)), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(73, o, mem.nil), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(74, frozen(o), I(1), I(1)), PRIM_ERR_NO_MODIFICATION);
}

static void stores_into_old_objects_are_remembered(void **state) {
  (void)state;
  oop old = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, 4), other = mem_new_array(4);
  fixture_root[0] = old;
  (void)PRIM(61, old, I(1), str("young"));
  mem_store(other, 2, str("copied"));
  (void)PRIM(105, mem_new_old(CIX_ARRAY, FMT_INDEXABLE, 4), I(1), I(4), other, I(1));
  fixture_assert_sound();
  mem_scavenge();
  fixture_assert_sound();
  assert_string(obj_slot(fixture_root[0], 0), "young");
}

static void strings_hold_characters(void **state) {
  (void)state;
  oop s = str("abc"), wide = words_of(2);
  assert_oop(PRIM(63, s, I(2)), char_oop('b'));
  assert_oop(PRIM(64, s, I(2), char_oop(255)), char_oop(255));
  assert_oop(PRIM(63, s, I(2)), char_oop(255));
  assert_oop(PRIM(64, wide, I(1), char_oop(0x1F600)), char_oop(0x1F600));
  assert_oop(PRIM(63, wide, I(1)), char_oop(0x1F600));
  assert_fails(PRIM(64, s, I(1), char_oop(256)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(64, s, I(1), I(65)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(63, s, I(4)), PRIM_ERR_BAD_INDEX);
  assert_fails(PRIM(64, s, I(4), char_oop('x')), PRIM_ERR_BAD_INDEX);
  assert_fails(PRIM(63, mem_new_array(1), I(1)), PRIM_ERR_BAD_RECEIVER);
  obj_put_raw(wide, 1, UINT32_MAX);
  assert_fails(PRIM(63, wide, I(2)), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(64, frozen(s), I(1), char_oop('x')), PRIM_ERR_NO_MODIFICATION);
}

static void methods_keep_their_shape(void **state) {
  (void)state;
  oop m = TEST_METHOD(.literals = {I(5), I(6)}, .code = {V3_PUSH_NIL, V3_RETURN_TOP});
  assert_oop(PRIM(68, m, I(2)), I(5));
  assert_oop(PRIM(69, m, I(3), I(7)), I(7));
  assert_oop(method_literal(m, 1), I(7));
  assert_fails(PRIM(68, m, I(4)), PRIM_ERR_BAD_INDEX);
  assert_fails(PRIM(68, m, I(0)), PRIM_ERR_BAD_INDEX);
  assert_fails(PRIM(69, m, I(1), I(3)), PRIM_ERR_BAD_ARGUMENT); /* other literal count */
  assert_fails(PRIM(69, m, I(1), mem.nil), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(68, mem.nil, I(1)), PRIM_ERR_BAD_RECEIVER);
  int32_t first = (int32_t)(method_first_pc(m) - HDR_BYTES) + 1;
  assert_oop(PRIM(60, m, I(first)), I(V3_PUSH_NIL));
  assert_oop(PRIM(61, m, I(first), I(V3_PUSH_TEMP)), I(V3_PUSH_TEMP));
  assert_fails(PRIM(61, m, I(first - 1), I(0)), PRIM_ERR_BAD_INDEX); /* a literal's byte */
  assert_fails(PRIM(73, m, I(1)), PRIM_ERR_UNSUPPORTED);
  fixture_assert_sound();
}

static void contexts_are_read_through_their_frames(void **state) {
  (void)state;
  oop context = frame_marry(interp.fp);
  assert_oop(PRIM(73, context, I(CTX_METHOD + 1)), frame_method(interp.fp));
  assert_fails(PRIM(73, context, I(1000)), PRIM_ERR_BAD_INDEX);
  assert_fails(PRIM(105, context, I(1), I(1), mem_new_array(3), I(1)), PRIM_ERR_INAPPROPRIATE);
}

static void replacing_copies_between_like_formats(void **state) {
  (void)state;
  oop to = str("abcdef"), from = bytes_of("123456", 6);
  assert_oop(PRIM(105, to, I(2), I(4), from, I(3)), to);
  assert_string(to, "a345ef");
  assert_oop(PRIM(105, to, I(3), I(2), from, I(1)), to); /* nothing */
  assert_string(to, "a345ef");
  oop text = str("abcdef");
  (void)PRIM(105, text, I(1), I(5), text, I(2)); /* down */
  assert_string(text, "bcdeff");
  (void)PRIM(105, text, I(2), I(6), text, I(1)); /* up: the first element spreads, as images expect */
  assert_string(text, "bbbbbb");
  oop a = mem_new_array(4), b = array_of(2, (oop[]){I(1), I(2)});
  (void)PRIM(105, a, I(3), I(4), b, I(1));
  assert_oop(obj_slot(a, 3), I(2));
  assert_fails(PRIM(105, to, I(0), I(4), from, I(1)), PRIM_ERR_BAD_INDEX);
  assert_fails(PRIM(105, to, I(1), I(7), from, I(1)), PRIM_ERR_BAD_INDEX);
  assert_fails(PRIM(105, to, I(1), I(6), from, I(2)), PRIM_ERR_BAD_INDEX);
  assert_fails(PRIM(105, to, I(1), I(2), from, I(0)), PRIM_ERR_BAD_INDEX);
  assert_fails(PRIM(105, to, I(1), I(SMALLINT_MAX), from, I(SMALLINT_MAX)), PRIM_ERR_BAD_INDEX);
  assert_fails(PRIM(105, to, I(1), I(2), a, I(1)), PRIM_ERR_INAPPROPRIATE);
  assert_fails(PRIM(105, to, I(1), I(2), words_of(2), I(1)), PRIM_ERR_INAPPROPRIATE);
  assert_fails(PRIM(105, to, I(1), mem.nil, from, I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(105, to, I(1), I(2), I(3), I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(105, I(1), I(1), I(2), from, I(1)), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(105, frozen(to), I(1), I(2), from, I(1)), PRIM_ERR_NO_MODIFICATION);
}

static void other_views(void **state) {
  (void)state;
  oop w = words_of(2);
  assert_oop(PRIM(144, w, I(4), I(-2)), I(-2));
  assert_oop(PRIM(143, w, I(4)), I(-2));
  assert_oop(PRIM(143, w, I(3)), I(0));
  assert_fails(PRIM(143, w, I(5)), PRIM_ERR_BAD_INDEX);
  assert_fails(PRIM(144, w, I(1), I(40000)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(143, mem_new_array(3), I(1)), PRIM_ERR_BAD_RECEIVER);
  assert_int64(PRIM(166, w, I(1), mem_new_int64(INT32_MIN)), INT32_MIN);
  assert_int64(PRIM(165, w, I(1)), INT32_MIN);
  assert_fails(PRIM(165, w, I(3)), PRIM_ERR_BAD_INDEX);
  assert_fails(PRIM(166, w, I(1), mem_new_int64(1ll << 31)), PRIM_ERR_BAD_ARGUMENT);
  for (int i = 0; i < BITS_FORMATS; i++) {
    oop o = bits_object(i);
    assert_oop(PRIM(145, o, I(200)), o);
    assert_oop(PRIM(60, o, I(ELEMENTS)), I(200));
    assert_fails(PRIM(145, o, I(-1)), PRIM_ERR_BAD_ARGUMENT);
    assert_fails(PRIM(145, frozen(o), I(1)), PRIM_ERR_NO_MODIFICATION);
  }
  assert_fails(PRIM(145, mem_new_array(1), I(1)), PRIM_ERR_BAD_RECEIVER);
  assert_oop(PRIM(156, str("ab"), str("ab")), mem.true_);
  assert_oop(PRIM(156, str("ab"), str("abc")), mem.false_);
  assert_fails(PRIM(156, str("ab"), I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_true(oop_int(PRIM(158, str("ab"), str("ac"))) < 0);
  assert_oop(PRIM(158, str("ab"), str("ab")), I(0));
  assert_true(oop_int(PRIM(158, str("abc"), str("ab"))) > 0);
}

static void streams_move_on(void **state) {
  (void)state;
  oop stream = mem_new_array(4);
  mem_store(mem.special, SPECIAL_CLASS_STRING, mem_class_at(CIX_STRING));
  mem_store(stream, 0, str("ab"));
  obj_put_raw(stream, 1, I(0));
  obj_put_raw(stream, 2, I(2));
  obj_put_raw(stream, 3, I(2));
  assert_oop(PRIM(67, stream), mem.false_);
  assert_oop(PRIM(65, stream), char_oop('a'));
  assert_oop(PRIM(66, stream, char_oop('z')), char_oop('z'));
  assert_string(obj_slot(stream, 0), "az");
  assert_oop(PRIM(67, stream), mem.true_);
  assert_fails(PRIM(65, stream), PRIM_ERR_BAD_INDEX);
  assert_fails(PRIM(66, stream, char_oop('z')), PRIM_ERR_BAD_INDEX);
  obj_put_raw(stream, 2, I(9)); /* a limit beyond the collection */
  assert_fails(PRIM(65, stream), PRIM_ERR_BAD_INDEX);
  assert_oop(obj_slot(stream, 1), I(2));
  obj_put_raw(stream, 1, mem.nil);
  assert_fails(PRIM(65, stream), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(67, mem_new_array(1)), PRIM_ERR_BAD_RECEIVER);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      PRIM_TEST(elements_of_bits),
      PRIM_TEST(elements_of_pointers),
      PRIM_TEST(indexed_fields_come_after_the_named),
      PRIM_TEST(stores_into_old_objects_are_remembered),
      PRIM_TEST(strings_hold_characters),
      PRIM_TEST(methods_keep_their_shape),
      PRIM_TEST(contexts_are_read_through_their_frames),
      PRIM_TEST(replacing_copies_between_like_formats),
      PRIM_TEST(other_views),
      PRIM_TEST(streams_move_on),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
