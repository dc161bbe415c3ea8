/* memory_gc_test.c: scavenges and full collections: what lives, what dies, where it goes. */
#include "memory_fixture.h"

#define root fixture_root

static oop plain(oop a, oop b, oop c) {
  oop o = mem_instantiate(fixture_plain(), 0);
  mem_store(o, 0, a);
  mem_store(o, 1, b);
  mem_store(o, 2, c);
  return o;
}

static uint32_t count_instances(uint32_t class_index) {
  uint32_t n = 0;
  for (oop o = mem_next_instance(0, class_index); o != 0; o = mem_next_instance(o, class_index)) n++;
  return n;
}

static void collect(bool full) {
  fixture_assert_sound();
  full ? mem_full_gc() : mem_scavenge();
  fixture_assert_sound();
}

static void what_roots_reach_survives_and_the_rest_dies(void **state) {
  (void)state;
  for (int full = 0; full < 2; full++) {
    root[0] = plain(int_oop(1), mem_new_string("kept", 4), mem_new_array(300));
    uint32_t hash = mem_hash(root[0]);
    for (int i = 0; i < 50; i++) mem_new_string("lost", 4);
    collect(full);
    assert_int_equal(count_instances(CIX_STRING), 1);
    assert_int_equal(obj_slot(root[0], 0), int_oop(1));
    assert_memory_equal(obj_bytes(obj_slot(root[0], 1)), "kept", 4);
    assert_int_equal(obj_slots(obj_slot(root[0], 2)), 300);
    assert_int_equal(mem_hash(root[0]), hash);
    assert_int_equal(oop_is_young(root[0]), !full);
    root[0] = mem.nil;
    mem_full_gc();
  }
}

static void every_format_survives_with_its_content(void **state) {
  (void)state;
  oop method = mem_new_method(mem_class_index_of(fixture_plain()), int_oop(2), 12 + 7);
  obj_put_raw(method, 1, mem_new_string("literal", 7));
  memcpy(obj_bytes(method) + 12, "\x01\x02\x03\x04\x05\x06\x07", 7);
  root[0] = method;
  root[1] = mem_new(CIX_BITMAP, FMT_32, 3);
  obj_put_raw(root[1], 0, root[0]); /* bits that look like a reference are none */
  uint32_t bits = obj_slot(root[1], 0);
  root[2] = mem_new_float(3.25);
  root[3] = mem_new_bytes(CIX_BYTE_ARRAY, 5000);
  memset(obj_bytes(root[3]), 0xA5, 5000);
  root[4] = mem_new(mem_class_index_of(fixture_plain()), FMT_16 + 1, 2);
  root[5] = mem_new(mem_class_index_of(fixture_plain()), FMT_64, 4);
  for (int i = 0; i < 6; i++) {
    collect(i >= 3);
    assert_int_equal(method_num_literals(root[0]), 2);
    assert_memory_equal(obj_bytes(method_literal(root[0], 0)), "literal", 7);
    assert_memory_equal(obj_bytes(root[0]) + 12, "\x01\x02\x03\x04\x05\x06\x07", 7);
    assert_int_equal(obj_slot(root[1], 0), bits);
    assert_true(mem_float(root[2]) == 3.25);
    assert_int_equal(obj_byte_size(root[3]), 5000);
    for (int j = 0; j < 5000; j++) assert_int_equal(obj_bytes(root[3])[j], 0xA5);
  }
}

static void old_objects_keep_young_ones_through_the_remembered_set(void **state) {
  (void)state;
  root[0] = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, 10);
  mem_full_gc();
  assert_false(obj_is_remembered(root[0]));
  mem_store(root[0], 3, mem_new_string("young", 5));
  assert_true(obj_is_remembered(root[0]));
  collect(false);
  assert_true(obj_is_remembered(root[0]));
  assert_true(oop_is_young(obj_slot(root[0], 3)));
  assert_memory_equal(obj_bytes(obj_slot(root[0], 3)), "young", 5);
  mem_store(root[0], 3, mem.nil);
  collect(false);
  assert_false(obj_is_remembered(root[0]));
}

static void survivors_are_tenured_when_they_crowd_their_space(void **state) {
  (void)state;
  root[0] = mem_new_array(500); /* 2 KB in a survivor space of 12 KB: stays young */
  for (int i = 0; i < 5; i++) collect(false);
  assert_true(oop_is_young(root[0]));
  for (int i = 1; i < 6; i++) root[i] = mem_new_array(500);
  collect(false);
  collect(false);
  int old = 0;
  for (int i = 0; i < 6; i++) old += !oop_is_young(root[i]);
  assert_in_range(old, 1, 6);
  /* what does not fit at all is tenured at once */
  for (int i = 6; i < 14; i++) root[i] = mem_new_array(1000);
  collect(false);
  assert_true(mem.tenured_objects >= 5);
  for (int i = 0; i < 14; i++) assert_int_equal(obj_slots(root[i]), i < 6 ? 500 : 1000);
}

static void tenured_objects_with_young_references_are_remembered(void **state) {
  (void)state;
  /* A long list, longer than the survivor space. */
  root[0] = mem.nil;
  for (int i = 0; i < 1500; i++) root[0] = plain(int_oop(i), root[0], mem.nil);
  for (int n = 0; n < 4; n++) {
    collect(n == 3);
    int i = 1500;
    for (oop o = root[0]; o != mem.nil; o = obj_slot(o, 1)) assert_int_equal(obj_slot(o, 0), int_oop(--i));
    assert_int_equal(i, 0);
  }
}

static void deep_structures_do_not_need_a_deep_stack(void **state) {
  (void)state;
  root[0] = mem.nil;
  for (int i = 0; i < 300000; i++) {
    root[0] = plain(int_oop(i), root[0], mem.nil);
    if (mem.gc_wanted) mem_collect_at_safepoint();
  }
  mem_full_gc();
  int n = 0;
  for (oop o = root[0]; o != mem.nil; o = obj_slot(o, 1)) n++;
  assert_int_equal(n, 300000);
  root[0] = mem.nil;
  uint32_t before = mem_old_bytes();
  collect(true);
  assert_true(mem_old_bytes() <= before);
  assert_in_range(mem_old_bytes() - mem_old_free_bytes(), 1, 100000);
}

static oop weak_array(uint32_t n) { return mem_instantiate(fixture_weak(), n); }

static void weak_references_are_nilled_when_nothing_else_holds_the_object(void **state) {
  (void)state;
  for (int full = 0; full < 2; full++) {
    for (int old = 0; old < 2; old++) {
      fixture_finalizations = 0;
      root[0] = weak_array(3);
      root[1] = mem_new_string("held", 4);
      if (old) mem_full_gc();
      mem_store(root[0], 0, mem_new_string("strong", 6)); /* the fixed field */
      mem_store(root[0], 1, root[1]);
      mem_store(root[0], 2, mem_new_string("lost", 4));
      mem_store(root[0], 3, int_oop(5));
      collect(full);
      assert_int_equal(fixture_finalizations, 1);
      assert_memory_equal(obj_bytes(obj_slot(root[0], 0)), "strong", 6);
      assert_int_equal(obj_slot(root[0], 1), root[1]);
      assert_int_equal(obj_slot(root[0], 2), mem.nil);
      assert_int_equal(obj_slot(root[0], 3), int_oop(5));
      collect(full);
      assert_int_equal(fixture_finalizations, 1);
    }
  }
}

static oop ephemeron(oop key, oop value) {
  oop o = mem_instantiate(fixture_ephemeron(), 0);
  mem_store(o, 0, key);
  mem_store(o, 1, value);
  return o;
}

static void ephemerons_fire_when_their_key_is_lost(void **state) {
  (void)state;
  for (int full = 0; full < 2; full++) {
    for (int old = 0; old < 2; old++) {
      fixture_finalizations = 0;
      oop key = mem_new_string("key", 3);
      root[0] = key;
      root[1] = ephemeron(key, plain(key, mem.nil, mem.nil)); /* the value refers back to the key */
      if (old) mem_full_gc();
      collect(full);
      assert_int_equal(fixture_finalizations, 0);
      assert_int_equal(mem_next_mourner(), 0);
      assert_int_equal(obj_format(root[1]), FMT_EPHEMERON);
      assert_int_equal(obj_slot(root[1], 0), root[0]);
      root[0] = mem.nil;
      if (old && !full) { /* an old key is beyond a scavenge */
        collect(false);
        assert_int_equal(fixture_finalizations, 0);
      }
      collect(full || old);
      assert_int_equal(fixture_finalizations, 1);
      collect(full); /* the queue is a root */
      assert_int_equal(mem_next_mourner(), root[1]);
      assert_int_equal(mem_next_mourner(), 0);
      assert_int_equal(obj_format(root[1]), FMT_FIXED);
      assert_memory_equal(obj_bytes(obj_slot(root[1], 0)), "key", 3);
      assert_int_equal(obj_slot(obj_slot(root[1], 1), 0), obj_slot(root[1], 0));
    }
  }
}

static void an_old_ephemeron_with_a_young_key_fires_in_a_scavenge(void **state) {
  (void)state;
  root[0] = ephemeron(int_oop(1), mem.nil);
  mem_full_gc();
  mem_store(root[0], 0, mem_new_string("k", 1));
  root[1] = obj_slot(root[0], 0);
  collect(false);
  assert_true(obj_is_remembered(root[0]));
  assert_int_equal(obj_slot(root[0], 0), root[1]);
  root[1] = mem.nil;
  collect(false);
  assert_int_equal(mem_next_mourner(), root[0]);
}

static void chains_of_ephemerons_hold_while_the_first_key_is_held(void **state) {
  (void)state;
  enum { N = 20 };
  for (int full = 0; full < 2; full++) {
    /* ephemeron i: key i -> key i + 1; listed backwards, so that each round reaches one more */
    oop key = mem_new_string("k", 1), list = mem_new_array(N);
    root[0] = key;
    root[1] = list;
    for (uint32_t i = 0; i < N; i++) {
      oop next = mem_new_string("k", 1);
      mem_store(list, N - 1 - i, ephemeron(key, next));
      key = next;
    }
    collect(full);
    for (uint32_t i = 0; i < N; i++) {
      oop e = obj_slot(root[1], i);
      assert_int_equal(obj_format(e), FMT_EPHEMERON);
      assert_int_equal(obj_class_index(obj_slot(e, 0)), CIX_STRING);
      if (i > 0) assert_int_equal(obj_slot(e, 1), obj_slot(obj_slot(root[1], i - 1), 0));
    }
    root[0] = mem.nil;
    collect(full);
    uint32_t fired = 0;
    while (mem_next_mourner() != 0) fired++;
    assert_int_equal(fired, N);
    root[1] = mem.nil;
    collect(true);
  }
}

static void contexts_lose_what_lies_above_their_stack_pointer(void **state) {
  (void)state;
  for (int full = 0; full < 2; full++) {
    oop c = mem_new(CIX_CONTEXT, FMT_FIXED_INDEXABLE, 6 + 16);
    obj_put_raw(c, 2, int_oop(2));
    for (uint32_t i = 6; i < 12; i++) mem_store(c, i, mem_new_string("temp", 4));
    root[0] = c;
    collect(full);
    assert_int_equal(count_instances(CIX_STRING), 2);
    assert_int_equal(obj_slot(root[0], 8), mem.nil);
    root[0] = mem.nil;
    mem_full_gc();
  }
}

static void pinned_objects_stay_and_the_others_slide_around_them(void **state) {
  (void)state;
  enum { N = 40 };
  oop pinned[N];
  for (int round = 0; round < 3; round++) {
    oop list = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, 3 * N);
    root[0] = list;
    for (uint32_t i = 0; i < N; i++) {
      mem_new_old(CIX_BITMAP, FMT_32, 10 + 37 * i); /* garbage */
      oop p = mem_pin(mem_new_bytes(CIX_BYTE_ARRAY, 8 + 400 * (i % 5)), true);
      assert_true(p >= mem.new_end && obj_is_pinned(p));
      obj_bytes(p)[0] = (uint8_t)i;
      mem_store(list, 3 * i, p);
      mem_new_old(CIX_BITMAP, FMT_32, 5 * i);
      mem_store(list, 3 * i + 1, plain(int_oop((int32_t)i), p, mem.nil));
      mem_store(list, 3 * i + 2, mem_new_old(CIX_BITMAP, FMT_32, i * i));
      obj_put_raw(obj_slot(list, 3 * i + 2), 0, i);
      pinned[i] = p;
    }
    for (int n = 0; n < 3; n++) {
      collect(true);
      for (uint32_t i = 0; i < N; i++) {
        assert_int_equal(obj_slot(root[0], 3 * i), pinned[i]);
        assert_int_equal(obj_bytes(pinned[i])[0], i);
        assert_int_equal(obj_slot(obj_slot(root[0], 3 * i + 1), 0), int_oop((int32_t)i));
        assert_int_equal(obj_slot(obj_slot(root[0], 3 * i + 1), 1), pinned[i]);
        assert_int_equal(obj_slot(obj_slot(root[0], 3 * i + 2), 0), i);
        if (n == 1) mem_store(root[0], 3 * i + 2, mem_clone(obj_slot(root[0], 3 * i + 2)));
      }
    }
    for (uint32_t i = 0; i < N; i += 1 + round) mem_pin(pinned[i], false);
    root[0] = mem.nil;
  }
  collect(true);
}

static void old_space_grows_and_shrinks_by_segments(void **state) {
  (void)state;
  enum { N = 60 };
  root[0] = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, N);
  for (uint32_t i = 0; i < N; i++) {
    mem_store(root[0], i, mem_new_old(CIX_BITMAP, FMT_32, 250000)); /* 1 MB */
    obj_put_raw(obj_slot(root[0], i), 249999, i);
  }
  assert_true(mem_segment_count() >= 4);
  assert_true(mem.gc_wanted == GC_FULL); /* it grew enough for a collection */
  collect(true);
  for (uint32_t i = 0; i < N; i += 2) mem_store(root[0], i, mem.nil);
  collect(true);
  for (uint32_t i = 1; i < N; i += 2) assert_int_equal(obj_slot(obj_slot(root[0], i), 249999), i);
  assert_in_range(mem_old_bytes(), 30u << 20, 65u << 20);
  root[0] = mem.nil;
  collect(true);
  assert_in_range(mem_segment_count(), 1, 2);
  assert_int_equal(mem_next_instance(0, CIX_BITMAP), 0);
}

static void an_object_larger_than_a_growth_step_gets_its_own_segment(void **state) {
  (void)state;
  root[0] = mem_new_array(8 << 20); /* 32 MB */
  mem_store(root[0], (8 << 20) - 1, mem_new_string("end", 3));
  collect(false);
  collect(true);
  assert_int_equal(obj_slots(root[0]), 8 << 20);
  assert_memory_equal(obj_bytes(obj_slot(root[0], (8 << 20) - 1)), "end", 3);
  root[0] = mem.nil;
  collect(true);
  assert_true(mem_old_bytes() < 32u << 20);
}

static void unused_classes_leave_the_class_table_and_their_indices_come_back(void **state) {
  (void)state;
  uint32_t plain_index = mem_class_index_of(fixture_plain());
  oop c = mem_new(plain_index, FMT_FIXED, 3);
  obj_put_raw(c, CLASS_FORMAT, int_oop(FMT_FIXED << 16 | 1));
  uint32_t index = mem_class_index_of(c);
  assert_true(index > plain_index);
  root[0] = mem_instantiate(c, 0);
  collect(false);
  collect(true); /* its instance holds it */
  assert_int_not_equal(mem_class_at(index), mem.nil);
  assert_int_equal(mem_class_index_of(mem_class_of(root[0])), index);
  root[0] = mem.nil;
  collect(true);
  assert_int_equal(mem_class_at(index), mem.nil);
  c = mem_new(plain_index, FMT_FIXED, 3);
  obj_put_raw(c, CLASS_FORMAT, int_oop(FMT_FIXED << 16 | 1));
  assert_int_equal(mem_class_index_of(c), index);
  /* a class of the first page stays, used or not */
  assert_int_not_equal(mem_class_at(CIX_FLOAT), mem.nil);
}

static void collections_happen_at_safepoints_when_eden_is_full(void **state) {
  (void)state;
  uint32_t made = 0;
  while (!mem.gc_wanted) made++, mem_new_array(10);
  assert_in_range(made, 500, 1400);
  /* allocation goes on, in the reserve and then in old space, and moves nothing */
  root[0] = mem_new_string("here", 4);
  oop before = root[0], o = 0;
  for (int i = 0; i < 2000; i++) {
    o = mem_new_array(10);
    assert_true(o != 0);
  }
  assert_false(oop_is_young(o));
  obj_put_raw(o, 0, root[0]); /* raw stores into a new object are good wherever it is */
  root[1] = o;
  assert_int_equal(root[0], before);
  fixture_assert_sound();
  mem_collect_at_safepoint();
  assert_int_not_equal(root[0], before);
  assert_int_equal(obj_slot(root[1], 0), root[0]);
  assert_int_equal(mem.gc_wanted, GC_NONE);
  assert_int_equal(mem.scavenges, 1);
  fixture_assert_sound();
}

static void stress_collects_after_every_allocation(void **state) {
  (void)state;
  vm_set_option("gc_stress", 1);
  vm_set_option("gc_stress_full", 5);
  vm_set_option("heap_check", 1);
  mem_options_changed();
  root[0] = mem_new_array(100);
  for (uint32_t i = 0; i < 100; i++) {
    oop s = mem_new_string("stress", 6);
    assert_true(mem.gc_wanted);
    mem_store(root[0], i, s);
    mem_collect_at_safepoint();
    assert_false(mem.gc_wanted);
  }
  for (uint32_t i = 0; i < 100; i++) assert_memory_equal(obj_bytes(obj_slot(root[0], i)), "stress", 6);
  assert_int_equal(mem.full_gcs, 20);
  assert_int_equal(mem.scavenges, 80);
  vm_set_option("gc_stress_full", 0);
}

/* The upper half of the address space, where a signed comparison goes wrong, up to its very end. */
static void every_address_will_do(void **state) {
  (void)state;
  enum { N = 100, MB = 1 << 20 };
  uint32_t limit = vm_options.memory_limit;
  vm_set_option("memory_limit", 0xFFFF0000u);
  root[0] = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, N);
  addr hole = space_take(0xF0000000u); /* address space only: nothing is touched */
  assert_int_not_equal(hole, 0);
  for (int n = 0; n < 3; n++) {
    for (uint32_t i = 0; i < N; i++) {
      mem_new_old(CIX_BITMAP, FMT_32, MB / 8); /* garbage */
      oop o = plain(int_oop((int32_t)i), mem_new_old(CIX_BITMAP, FMT_32, MB / 8), mem.nil);
      obj_put_raw(obj_slot(o, 1), MB / 8 - 1, i);
      mem_store(root[0], i, n == 1 ? mem_pin(o, i % 10 == 0) : o);
    }
    oop last = obj_slot(obj_slot(root[0], N - 1), 1);
    assert_true(n > 0 || last > 0xF0000000u);
    mem_scavenge();
    for (uint32_t i = n; i < N; i += 3) mem_store(root[0], i, mem.nil);
    collect(true);
    for (uint32_t i = 0; i < N; i++) {
      oop o = obj_slot(root[0], i);
      assert_true((o == mem.nil) == (i >= (uint32_t)n && (i - n) % 3 == 0));
      if (o == mem.nil) continue;
      assert_int_equal(obj_slot(o, 0), int_oop((int32_t)i));
      assert_int_equal(obj_slot(obj_slot(o, 1), MB / 8 - 1), i);
    }
  }
  /* and the end of it: what is left is used up, then the answer is 0 */
  while (mem_new_old(CIX_BITMAP, FMT_32, MB) != 0) continue;
  fixture_assert_sound();
  assert_int_equal(mem_new_array(4 * MB), 0);
  collect(true);
  space_give(hole, 0xF0000000u);
  vm_set_option("memory_limit", limit);
}

static void memory_comes_back_after_it_ran_out(void **state) {
  (void)state;
  uint32_t limit = vm_options.memory_limit;
  vm_set_option("memory_limit", 24u << 20);
  fixture_start(FIXTURE_EDEN);
  root[0] = mem.nil;
  for (;;) {
    oop o = mem_new_array(1000);
    if (o == 0) break;
    mem_store(o, 0, root[0]);
    root[0] = o;
    if (mem.gc_wanted) mem_collect_at_safepoint();
  }
  collect(true);
  collect(false);
  root[0] = mem.nil;
  collect(true);
  assert_int_not_equal(mem_new_array(1 << 20), 0);
  vm_set_option("memory_limit", limit);
}

#define T(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      T(what_roots_reach_survives_and_the_rest_dies),
      T(every_format_survives_with_its_content),
      T(old_objects_keep_young_ones_through_the_remembered_set),
      T(survivors_are_tenured_when_they_crowd_their_space),
      T(tenured_objects_with_young_references_are_remembered),
      T(deep_structures_do_not_need_a_deep_stack),
      T(weak_references_are_nilled_when_nothing_else_holds_the_object),
      T(ephemerons_fire_when_their_key_is_lost),
      T(an_old_ephemeron_with_a_young_key_fires_in_a_scavenge),
      T(chains_of_ephemerons_hold_while_the_first_key_is_held),
      T(contexts_lose_what_lies_above_their_stack_pointer),
      T(pinned_objects_stay_and_the_others_slide_around_them),
      T(old_space_grows_and_shrinks_by_segments),
      T(an_object_larger_than_a_growth_step_gets_its_own_segment),
      T(unused_classes_leave_the_class_table_and_their_indices_come_back),
      T(collections_happen_at_safepoints_when_eden_is_full),
      T(stress_collects_after_every_allocation),
      T(every_address_will_do),
      T(memory_comes_back_after_it_ran_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
