/* prim_segment_test.c: image segments: what is stored is loaded alike, beside the original; in the other byte
 * order too; and no damaged segment is loaded or harms the heap. */
#include "prim_support.h"

#include "memory/segment.h"

enum { VERSION = 2, WORDS = 4000, OUT = 60 };
/* Roots of the collector: the arguments of each call, and classes that nothing else holds. */
enum { ROOTS, SEGMENT, OUTS, OTHER, CLASS };

static oop words_array(uint32_t n) { return mem_new_old(CIX_BITMAP, FMT_32, n); }

/* Stores what fixture_root[ROOTS] leads to; the segment and the out pointers are left in the other two. The
 * primitive itself rebuilds the stack: images/default has its test. */
static int store_into(uint32_t words, uint32_t out) {
  fixture_root[SEGMENT] = words_array(words);
  fixture_root[OUTS] = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, out);
  mem_full_gc();
  return mem_store_segment(fixture_root[ROOTS], fixture_root[SEGMENT], fixture_root[OUTS]);
}
static int store(void) { return store_into(WORDS, OUT); }
static oop load(void) { return PRIM(99, mem.true_, fixture_root[SEGMENT], fixture_root[OUTS]); }

static oop record(oop class_, uint32_t fields) {
  oop o = mem_instantiate(class_, 0);
  for (uint32_t i = 0; i < fields; i++) mem_store(o, i, I((int32_t)i));
  return o;
}

/* A graph with a ring, bits of all widths, a long object, a method, and something shared with others. */
static void make_graph(void) {
  oop roots = mem_new_array(3), a = record(fixture_plain(), 3), bits = mem_new_array(300);
  fixture_root[ROOTS] = roots;
  mem_store(roots, 0, a);
  mem_store(roots, 1, bits);
  mem_store(roots, 2, str("text of the segment"));
  mem_store(a, 0, a);
  mem_store(a, 1, obj_slot(roots, 2));
  fixture_root[OTHER] = str("kept by others");
  mem_store(a, 2, fixture_root[OTHER]);
  mem_store(bits, 0, mem_new_float(1.5));
  mem_store(bits, 1, mem_new_uint64(UINT64_MAX));
  mem_store(bits, 2, words_of(5));
  mem_store(bits, 3, char_oop(0x1F600));
  mem_store(bits, 4, TEST_METHOD(.literals = {a, I(7)}, .code = {V3_PUSH_TEMP, V3_RETURN_TOP}));
  mem_store(bits, 5, mem_new_bytes(CIX_BYTE_ARRAY, 0));
  mem_store(bits, 6, frozen(str("immutable")));
  (void)mem_hash(a);
}

static uint32_t digest(oop o) {
  uint32_t d = 0;
  assert_true(mem_digest(o, false, &d));
  return d;
}

static void segments_round_trip(void **state) {
  (void)state;
  make_graph();
  uint32_t before = digest(fixture_root[ROOTS]);
  assert_int_equal(store(), MEM_OK);
  fixture_assert_sound();
  assert_int_equal(digest(fixture_root[ROOTS]), before); /* the original is untouched */
  assert_true(obj_slots(fixture_root[SEGMENT]) < WORDS);
  assert_int_equal(obj_slot(fixture_root[SEGMENT], 0), 6521 | 's' << 24);
  bool other = false;
  for (uint32_t i = 0; i < obj_slots(fixture_root[OUTS]); i++) {
    assert_true(obj_slot(fixture_root[OUTS], i) != mem.nil || i < OUT);
    other |= obj_slot(fixture_root[OUTS], i) == fixture_root[OTHER];
  }
  assert_true(other);
  oop roots = load();
  assert_true(oop_is_array(roots));
  assert_true(roots != fixture_root[ROOTS]);
  fixture_root[CLASS] = roots;
  fixture_assert_sound();
  assert_int_equal(digest(roots), before);
  oop a = obj_slot(roots, 0);
  assert_oop(obj_slot(a, 0), a);
  assert_oop(obj_slot(a, 2), fixture_root[OTHER]);
  assert_oop(method_literal(obj_slot(obj_slot(roots, 1), 4), 0), a);
  /* The words have become the objects. */
  assert_true(oop_is_array(fixture_root[SEGMENT]));
  assert_oop(obj_slot(fixture_root[SEGMENT], 0), roots);
  mem_full_gc();
  fixture_assert_sound();
  assert_int_equal(digest(fixture_root[CLASS]), before);
}

static void other_byte_order_is_turned(void **state) {
  (void)state;
  make_graph();
  uint32_t before = digest(fixture_root[ROOTS]);
  assert_int_equal(store(), MEM_OK);
  oop words = fixture_root[SEGMENT];
  for (uint32_t i = 0; i < obj_slots(words); i++)
    obj_put_raw(words, i, __builtin_bswap32(obj_slot(words, i)));
  assert_int_equal(digest(load()), before);
  fixture_assert_sound();
}

/* A class in the segment takes its instances with it, and gets an index of its own. */
static void classes_are_loaded(void **state) {
  (void)state;
  oop roots = mem_new_array(2), c = test_class(FMT_FIXED, 2), o;
  mem_store(roots, 0, c);
  o = record(c, 2);
  mem_store(roots, 1, o);
  mem_store(o, 1, c);
  fixture_root[ROOTS] = roots;
  assert_int_equal(store(), MEM_OK);
  oop loaded = load();
  oop new_class = obj_slot(loaded, 0), instance = obj_slot(loaded, 1);
  fixture_root[CLASS] = loaded;
  assert_true(new_class != obj_slot(fixture_root[ROOTS], 0));
  assert_oop(mem_class_of(instance), new_class);
  assert_int_equal(mem_known_class_index(new_class), obj_class_index(instance));
  assert_oop(obj_slot(new_class, CLASS_SUPERCLASS), test_object_class());
  assert_oop(obj_slot(instance, 1), new_class);
  fixture_assert_sound();
  mem_full_gc();
  fixture_assert_sound();
}

static void contexts_are_stored_single(void **state) {
  (void)state;
  oop roots = mem_new_array(1),
      context = mem_new_old(CIX_CONTEXT, FMT_FIXED_INDEXABLE, CTX_TEMPS + METHOD_SMALL_FRAME);
  obj_put_raw(context, CTX_STACKP, I(1));
  obj_put_raw(context, CTX_TEMPS, I(77));
  mem_store(roots, 0, context);
  fixture_root[ROOTS] = roots;
  assert_int_equal(store(), MEM_OK);
  oop copy = obj_slot(load(), 0);
  assert_int_equal(obj_class_index(copy), CIX_CONTEXT);
  assert_oop(obj_slot(copy, CTX_TEMPS), I(77));
  fixture_assert_sound();
}

static void what_does_not_fit_fails_unchanged(void **state) {
  (void)state;
  make_graph();
  uint32_t before = digest(fixture_root[ROOTS]);
  assert_int_equal(store_into(100, OUT), MEM_ERR_WRITE_PAST_OBJECT);
  assert_int_equal(store_into(WORDS, 2), MEM_ERR_BAD_INDEX);
  assert_oop(obj_slot(fixture_root[OUTS], 0), mem.nil);
  assert_int_equal(obj_slots(fixture_root[SEGMENT]), WORDS);
  fixture_assert_sound();
  assert_int_equal(digest(fixture_root[ROOTS]), before);
  assert_fails(PRIM(98, mem.nil, mem.nil, fixture_root[SEGMENT], fixture_root[OUTS]), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(98, mem.nil, fixture_root[ROOTS], fixture_root[OUTS], fixture_root[OUTS]),
               PRIM_ERR_BAD_ARGUMENT);
  (void)frozen(fixture_root[SEGMENT]);
  assert_int_equal(mem_store_segment(fixture_root[ROOTS], fixture_root[SEGMENT], fixture_root[OUTS]),
                   MEM_ERR_NO_MODIFICATION);
  assert_fails(load(), PRIM_ERR_NO_MODIFICATION);
  assert_fails(PRIM(99, mem.nil, words_of(8), fixture_root[OUTS]), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(99, mem.nil, words_of(0), fixture_root[OUTS]), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(99, mem.nil, mem.nil, fixture_root[OUTS]), PRIM_ERR_BAD_ARGUMENT);
}

static uint32_t seed = 11;
static uint32_t pick(uint32_t n) {
  seed = seed * 1664525 + 1013904223;
  return (uint32_t)((uint64_t)seed * n >> 32);
}

static uint32_t spoilt(uint32_t word) {
  switch (pick(5)) {
    case 0: return word ^ 1u << pick(32);
    case 1: return pick(256) * 8;
    case 2: return 0x80000000u | pick(80) * 4;
    case 3: return word + 8;
  }
  return seed;
}

/* Any word may be wrong: it is refused, or what comes of it is sound, and collected soundly. */
static void damaged_segments_do_no_harm(void **state) {
  (void)state;
  make_graph();
  mem_store(fixture_root[ROOTS], 0, test_class(FMT_FIXED, 2));
  mem_store(obj_slot(fixture_root[ROOTS], 1), 7, record(obj_slot(fixture_root[ROOTS], 0), 2));
  assert_int_equal(store(), MEM_OK);
  uint32_t n = obj_slots(fixture_root[SEGMENT]), loaded = 0;
  uint32_t *good = malloc(4 * n);
  memcpy(good, obj_bytes(fixture_root[SEGMENT]), 4 * n);
  for (uint32_t round = 0; round < 6000; round++) {
    oop words = fixture_root[SEGMENT] = words_array(n);
    memcpy(obj_bytes(words), good, 4 * n);
    for (uint32_t k = 1 + pick(3); k > 0; k--) {
      uint32_t i = VERSION + pick(pick(3) == 0 ? n - VERSION : 120);
      obj_put_raw(words, i, spoilt(obj_slot(words, i)));
    }
    if (load() != PRIM_FAILED) loaded++;
    if (round % 50 != 0) continue;
    fixture_assert_sound();
    mem_full_gc();
    fixture_assert_sound();
  }
  assert_in_range(loaded, 1, 5900);
  free(good);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      PRIM_TEST(segments_round_trip),        PRIM_TEST(other_byte_order_is_turned),
      PRIM_TEST(classes_are_loaded),         PRIM_TEST(what_does_not_fit_fails_unchanged),
      PRIM_TEST(contexts_are_stored_single), PRIM_TEST(damaged_segments_do_no_harm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
