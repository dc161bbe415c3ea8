/* memory_alloc_test.c: making objects of every format and size, classes, hashes, enumeration. */
#include "memory_fixture.h"

static void the_heap_begins_with_the_objects_every_image_begins_with(void **state) {
  (void)state;
  mem_seal();
  oop o = mem_object_at(mem_segment(0).start);
  assert_int_equal(o, mem.nil);
  o = mem_object_at(mem_object_end(o));
  assert_int_equal(o, mem.false_);
  o = mem_object_at(mem_object_end(o));
  assert_int_equal(o, mem.true_);
  o = mem_object_at(mem_object_end(o));
  assert_int_equal(obj_class_index(o), CIX_WORDS_HIDDEN);
  assert_int_equal(obj_slots(o), 32);
  o = mem_object_at(mem_object_end(o));
  assert_int_equal(o, mem.hidden_roots);
  assert_int_equal(obj_slots(o), 4104);
  assert_true(mem.nil >= mem.new_end);
  fixture_assert_sound();
}

static void new_pointers_are_nil_and_new_bits_are_zero(void **state) {
  (void)state;
  for (uint32_t slots = 0; slots < 600; slots += slots < 10 ? 1 : 7) {
    oop a = mem_new_array(slots), w = mem_new(CIX_BITMAP, FMT_32, slots);
    assert_int_equal(obj_slots(a), slots);
    assert_int_equal(obj_slots(w), slots);
    assert_int_equal(a % 8, 0);
    for (uint32_t i = 0; i < slots; i++) {
      assert_int_equal(obj_slot(a, i), mem.nil);
      assert_int_equal(obj_slot(w, i), 0);
    }
    /* neighbours do not overlap */
    assert_true(mem_object_start(w) >= mem_object_end(a) || mem_object_start(a) >= mem_object_end(w));
  }
  fixture_assert_sound();
}

static void sizes_from_255_slots_have_two_headers(void **state) {
  (void)state;
  const uint32_t sizes[] = {254, 255, 256, 1000, 40000};
  for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    oop o = mem_new_array(sizes[i]);
    assert_int_equal(obj_slots(o), sizes[i]);
    assert_int_equal(o - mem_object_start(o), sizes[i] < 255 ? 0 : 8);
    assert_int_equal(mem_object_at(mem_object_start(o)), o);
    assert_int_equal(mem_object_end(o) - o, 8 + (sizes[i] * 4 + 7) / 8 * 8);
    oop old = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, sizes[i]);
    assert_true(old >= mem.new_end);
    assert_int_equal(obj_slots(old), sizes[i]);
  }
  fixture_assert_sound();
}

static oop instance(uint32_t spec, uint32_t fixed, uint32_t indexed) {
  oop c = fixture_class(spec, fixed);
  obj_set_class_index(c, mem_class_index_of(fixture_plain()));
  return mem_instantiate(c, indexed);
}

static void instances_have_the_shape_their_class_declares(void **state) {
  (void)state;
  struct {
    uint32_t spec, fixed, indexed, format, slots, indexable;
  } rows[] = {
      {FMT_EMPTY, 0, 0, FMT_EMPTY, 0, 0},
      {FMT_FIXED, 4, 0, FMT_FIXED, 4, 0},
      {FMT_INDEXABLE, 0, 5, FMT_INDEXABLE, 5, 5},
      {FMT_FIXED_INDEXABLE, 2, 5, FMT_FIXED_INDEXABLE, 7, 5},
      {FMT_WEAK, 2, 3, FMT_WEAK, 5, 3},
      {FMT_EPHEMERON, 2, 0, FMT_EPHEMERON, 2, 0},
      {FMT_64, 0, 3, FMT_64, 6, 3},
      {FMT_32, 0, 3, FMT_32, 3, 3},
      {FMT_16, 0, 4, FMT_16, 2, 4},
      {FMT_16, 0, 5, FMT_16 + 1, 3, 5},
      {FMT_8, 0, 0, FMT_8, 0, 0},
      {FMT_8, 0, 1, FMT_8 + 3, 1, 1},
      {FMT_8, 0, 2, FMT_8 + 2, 1, 2},
      {FMT_8, 0, 3, FMT_8 + 1, 1, 3},
      {FMT_8, 0, 4, FMT_8, 1, 4},
      {FMT_8, 0, 1021, FMT_8 + 3, 256, 1021},
  };
  for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
    oop o = instance(rows[i].spec, rows[i].fixed, rows[i].indexed);
    assert_true(o != 0);
    assert_int_equal(obj_format(o), rows[i].format);
    assert_int_equal(obj_slots(o), rows[i].slots);
    assert_int_equal(mem_indexable_size(o), rows[i].indexable);
    if (rows[i].spec <= FMT_EPHEMERON) assert_int_equal(mem_fixed_fields(o), rows[i].fixed);
    assert_int_equal(obj_hash_bits(mem_class_of(o)), obj_class_index(o));
  }
  fixture_assert_sound();
}

static void what_cannot_be_instantiated_says_why(void **state) {
  (void)state;
  assert_int_equal(instance(FMT_FIXED, 2, 1), 0);
  assert_int_equal(mem_why_not, 1);
  assert_int_equal(instance(FMT_FORWARDED, 0, 0), 0); /* immediates */
  assert_int_equal(mem_why_not, 1);
  assert_int_equal(instance(FMT_METHOD, 0, 10), 0);
  assert_int_equal(mem_why_not, 1);
  assert_int_equal(mem_instantiate(mem_class_at(CIX_FLOAT), 3), 0);
  assert_int_equal(mem_why_not, 1);
  assert_int_equal(mem_instantiate(int_oop(3), 0), 0);
  assert_int_equal(mem_why_not, 1);
  assert_int_equal(instance(FMT_INDEXABLE, 0, 0x7FFFFFFF), 0);
  assert_int_equal(mem_why_not, 2);
  assert_int_equal(instance(FMT_64, 0, 0x7FFFFFFF), 0);
  assert_int_equal(mem_why_not, 2);
  assert_int_equal(instance(FMT_8, 0, 0xFFFFFFFF), 0);
  assert_int_equal(mem_why_not, 2);
}

static void numbers_become_the_smallest_representation(void **state) {
  (void)state;
  assert_int_equal(mem_new_int64(SMALLINT_MAX), int_oop(SMALLINT_MAX));
  assert_int_equal(mem_new_int64(SMALLINT_MIN), int_oop(SMALLINT_MIN));
  oop o = mem_new_int64((int64_t)SMALLINT_MAX + 1);
  assert_int_equal(obj_class_index(o), CIX_LARGE_POSITIVE);
  assert_int_equal(obj_byte_size(o), 4);
  assert_int_equal(obj_bytes(o)[3], 0x40);
  o = mem_new_int64(INT64_MIN);
  assert_int_equal(obj_class_index(o), CIX_LARGE_NEGATIVE);
  assert_int_equal(obj_byte_size(o), 8);
  assert_int_equal(obj_bytes(o)[7], 0x80);
  o = mem_new_uint64(UINT64_MAX);
  assert_int_equal(obj_byte_size(o), 8);
  o = mem_new_int64(0x123456789A);
  assert_int_equal(obj_byte_size(o), 5);
  assert_int_equal(obj_bytes(o)[0], 0x9A);
  o = mem_new_float(-1.5);
  assert_true(mem_float(o) == -1.5);
  assert_int_equal(obj_slot(o, 0), 0);          /* low word first */
  assert_int_equal(obj_slot(o, 1), 0xBFF80000); /* high word */
  o = mem_new_string("abc", 3);
  assert_int_equal(obj_byte_size(o), 3);
  assert_memory_equal(obj_bytes(o), "abc", 4); /* padding is zero */
}

static void methods_have_nil_literals(void **state) {
  (void)state;
  oop header = int_oop(3);
  oop m = mem_new_method(CIX_BYTE_ARRAY, header, 16 + 5);
  assert_int_equal(obj_byte_size(m), 21);
  assert_int_equal(method_num_literals(m), 3);
  assert_int_equal(obj_pointer_slots(m), 4);
  for (uint32_t i = 0; i < 3; i++) assert_int_equal(method_literal(m, i), mem.nil);
  assert_int_equal(method_end_pc(m) - method_first_pc(m), 5);
  assert_int_equal(mem_new_method(CIX_BYTE_ARRAY, header, 15), 0);
  fixture_assert_sound();
}

static void clones_are_equal_but_not_identical(void **state) {
  (void)state;
  for (uint32_t slots = 1; slots < 40000; slots = slots * 3 + 1) {
    oop a = mem_new_array(slots);
    mem_store(a, slots - 1, int_oop(42));
    mem_hash(a);
    obj_set_immutable(a, true);
    oop b = mem_clone(a);
    assert_int_not_equal(a, b);
    assert_int_equal(obj_slots(b), slots);
    assert_int_equal(obj_slot(b, slots - 1), int_oop(42));
    assert_int_equal(obj_hash_bits(b), 0);
    assert_false(obj_is_immutable(b));
  }
  fixture_assert_sound();
}

static void shortening_leaves_a_sound_heap(void **state) {
  (void)state;
  for (int old = 0; old < 2; old++) {
    for (uint32_t from = 0; from < 300; from += 13) {
      for (uint32_t to = 0; to <= from; to += 7) {
        oop o = old ? mem_new_old(CIX_ARRAY, FMT_INDEXABLE, from) : mem_new_array(from);
        oop next = old ? mem_new_old(CIX_ARRAY, FMT_INDEXABLE, 1) : mem_new_array(1);
        (void)next;
        bool done = mem_shorten(o, to);
        assert_int_equal(obj_slots(o), done ? to : from);
        assert_true(done || obj_body_bytes(from) - obj_body_bytes(to) == 8);
      }
    }
    fixture_assert_sound();
  }
  assert_false(mem_shorten(mem_new_array(3), 4));
}

static void hashes_are_stable_spread_and_repeatable(void **state) {
  (void)state;
  enum { N = 1000 };
  uint32_t first[N];
  for (int round = 0; round < 2; round++) {
    if (round == 1) fixture_start(FIXTURE_EDEN);
    for (int i = 0; i < N; i++) {
      oop o = mem_new_array(1);
      uint32_t h = mem_hash(o);
      assert_true(h != 0 && h <= HDR_HASH_MASK);
      assert_int_equal(mem_hash(o), h);
      if (round == 0)
        first[i] = h;
      else
        assert_int_equal(first[i], h);
    }
  }
  int buckets[16] = {0};
  for (int i = 0; i < N; i++) buckets[first[i] & 15]++;
  for (int i = 0; i < 16; i++) assert_in_range(buckets[i], N / 32, N / 8);
  assert_int_equal(mem_hash(int_oop(7)), 7);
  assert_int_equal(mem_hash(char_oop(65)), 65);
}

static void the_class_table_grows_over_pages(void **state) {
  (void)state;
  enum { N = 2500 };
  oop list = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, N);
  for (uint32_t i = 0; i < N; i++) {
    oop c = fixture_class(FMT_FIXED, 2);
    obj_set_class_index(c, mem_class_index_of(fixture_plain()));
    uint32_t index = mem_class_index_of(c);
    assert_true(index >= 1024);
    assert_int_equal(mem_class_index_of(c), index);
    assert_int_equal(mem_class_at(index), c);
    assert_int_equal(obj_hash_bits(c), index);
    mem_store(list, i, c);
  }
  assert_int_equal(mem_class_at(5000), mem.nil);
  assert_int_equal(mem_class_at(HDR_CLASS_MASK), mem.nil);
  fixture_assert_sound();
}

struct counting {
  oop after;
  uint32_t objects;
};

static bool count_object(oop o, void *context) {
  struct counting *c = context;
  assert_true(obj_class_index(o) >= CIX_FIRST_REAL);
  c->objects++;
  c->after = o;
  return true;
}

static void enumeration_finds_every_object_once(void **state) {
  (void)state;
  struct counting c = {0, 0};
  mem_each_object(count_object, &c);
  uint32_t before = c.objects;
  for (int i = 0; i < 10; i++) {
    mem_new_array(300);
    mem_new_old(CIX_ARRAY, FMT_INDEXABLE, 3);
    mem_new_string("x", 1);
  }
  c.objects = 0;
  mem_each_object(count_object, &c);
  assert_int_equal(c.objects, before + 30);
  uint32_t n = 0;
  for (oop o = mem_next_object(0); o != 0; o = mem_next_object(o)) n++;
  assert_int_equal(n, before + 30);
  n = 0;
  for (oop o = mem_next_instance(0, CIX_STRING); o != 0; o = mem_next_instance(o, CIX_STRING)) n++;
  assert_int_equal(n, 10);
  oop strings = mem_all_instances(mem_class_at(CIX_STRING));
  assert_int_equal(obj_slots(strings), 10);
  oop arrays = mem_all_instances(mem_class_at(CIX_ARRAY));
  for (uint32_t i = 0; i < obj_slots(arrays); i++) assert_int_not_equal(obj_slot(arrays, i), arrays);
  oop all = mem_all_objects();
  assert_int_equal(obj_slots(all), before + 32); /* and the two lists before it */
  assert_int_equal(obj_slots(mem_all_instances(mem.nil)), 0);
  fixture_assert_sound();
}

static void allocation_stops_cleanly_at_the_memory_limit(void **state) {
  (void)state;
  uint32_t limit = vm_options.memory_limit;
  vm_set_option("memory_limit", 40u << 20);
  fixture_start(FIXTURE_EDEN);
  mem_low_space_threshold = 4 << 20;
  uint32_t made = 0;
  while (mem_new(CIX_BITMAP, FMT_32, 1000) != 0) made++;
  assert_in_range(made, 9000, 10500);
  assert_int_equal(fixture_low_space, 1);
  assert_int_equal(mem_new_array(1 << 20), 0);
  assert_int_equal(mem_new_old(CIX_ARRAY, FMT_INDEXABLE, 100000), 0);
  assert_int_equal(mem_new(CIX_BITMAP, FMT_32, 0x3FFFFFFF), 0);
  assert_true(mem.gc_wanted == GC_FULL);
  assert_true(mem_old_bytes() <= 40u << 20);
  fixture_assert_sound();
  vm_set_option("memory_limit", limit);
}

#define T(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      T(the_heap_begins_with_the_objects_every_image_begins_with),
      T(new_pointers_are_nil_and_new_bits_are_zero),
      T(sizes_from_255_slots_have_two_headers),
      T(instances_have_the_shape_their_class_declares),
      T(what_cannot_be_instantiated_says_why),
      T(numbers_become_the_smallest_representation),
      T(methods_have_nil_literals),
      T(clones_are_equal_but_not_identical),
      T(shortening_leaves_a_sound_heap),
      T(hashes_are_stable_spread_and_repeatable),
      T(the_class_table_grows_over_pages),
      T(enumeration_finds_every_object_once),
      T(allocation_stops_cleanly_at_the_memory_limit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
