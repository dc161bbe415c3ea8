/* memory_become_test.c: identities exchanged and forwarded, and pinning. */
#include "memory_fixture.h"
#include "primitives/primitive.h"

#define root fixture_root

static oop array_of(oop a, oop b) {
  oop o = mem_new_array(b == 0 ? 1 : 2);
  mem_store(o, 0, a);
  if (b != 0) mem_store(o, 1, b);
  return o;
}

static void make_old(void) {
  mem_full_gc();
  fixture_assert_sound();
}

static int become(oop a, oop b, bool two_way, bool copy_hash) {
  fixture_assert_sound();
  int error = mem_become(array_of(a, 0), array_of(b, 0), two_way, copy_hash);
  fixture_assert_sound();
  return error;
}

static void error_codes_are_those_of_primitives(void **state) {
  (void)state;
  assert_int_equal(MEM_ERR_BAD_RECEIVER, PRIM_ERR_BAD_RECEIVER);
  assert_int_equal(MEM_ERR_BAD_ARGUMENT, PRIM_ERR_BAD_ARGUMENT);
  assert_int_equal(MEM_ERR_BAD_INDEX, PRIM_ERR_BAD_INDEX);
  assert_int_equal(MEM_ERR_LIMIT_EXCEEDED, PRIM_ERR_LIMIT_EXCEEDED);
  assert_int_equal(MEM_ERR_WRITE_PAST_OBJECT, PRIM_ERR_WRITE_PAST_OBJECT);
  assert_int_equal(MEM_ERR_INAPPROPRIATE, PRIM_ERR_INAPPROPRIATE);
  assert_int_equal(MEM_ERR_NO_MODIFICATION, PRIM_ERR_NO_MODIFICATION);
  assert_int_equal(MEM_ERR_NO_MEMORY, PRIM_ERR_NO_MEMORY);
  assert_int_equal(MEM_ERR_OBJECT_IS_PINNED, PRIM_ERR_OBJECT_IS_PINNED);
}

/* Each combination of young and old, of equal and of different size. */
static void two_way_exchanges_what_references_find(void **state) {
  (void)state;
  for (int mode = 0; mode < 16; mode++) {
    uint32_t na = mode & 4 ? 300 : 5, nb = mode & 8 ? 300 : 6;
    root[0] = mem_new_array(na);
    mem_store(root[0], 0, mem_new_string("a", 1));
    if (mode & 1) make_old();
    root[1] = mode & 2 ? mem_new_old(CIX_ARRAY, FMT_INDEXABLE, nb) : mem_new_array(nb);
    mem_store(root[1], 0, mem_new_string("b", 1));
    root[2] = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, 2);
    mem_store(root[2], 0, root[0]);
    mem_store(root[2], 1, root[1]);
    uint32_t hash_a = mem_hash(root[0]), hash_b = mem_hash(root[1]);
    assert_int_equal(become(root[0], root[1], true, false), MEM_OK);
    assert_int_equal(obj_slots(root[0]), nb);
    assert_int_equal(obj_slots(root[1]), na);
    assert_memory_equal(obj_bytes(obj_slot(root[0], 0)), "b", 1);
    assert_memory_equal(obj_bytes(obj_slot(root[1], 0)), "a", 1);
    assert_int_equal(obj_slot(root[2], 0), root[0]);
    assert_int_equal(obj_slot(root[2], 1), root[1]);
    assert_int_equal(mem_hash(root[0]), hash_a); /* the hash goes with the identity */
    assert_int_equal(mem_hash(root[1]), hash_b);
    mem_scavenge();
    assert_memory_equal(obj_bytes(obj_slot(root[0], 0)), "b", 1);
    mem_full_gc();
    fixture_assert_sound();
    assert_memory_equal(obj_bytes(obj_slot(root[1], 0)), "a", 1);
  }
}

static void two_way_exchanges_formats_too(void **state) {
  (void)state;
  root[0] = mem_new_string("bytes", 5);
  root[1] = mem_new_array(2);
  mem_store(root[1], 0, mem_new_string("x", 1));
  make_old();
  mem_store(root[1], 1, mem_new_string("young", 5));
  assert_int_equal(become(root[0], root[1], true, false), MEM_OK);
  assert_int_equal(obj_class_index(root[0]), CIX_ARRAY);
  assert_int_equal(obj_class_index(root[1]), CIX_STRING);
  mem_scavenge();
  fixture_assert_sound();
  assert_memory_equal(obj_bytes(root[1]), "bytes", 5);
  assert_memory_equal(obj_bytes(obj_slot(root[0], 1)), "young", 5);
}

static void one_way_forwards_every_reference(void **state) {
  (void)state;
  for (int mode = 0; mode < 8; mode++) {
    bool copy_hash = (mode & 4) != 0;
    root[0] = mem_new_array(5);
    if (mode & 1) make_old();
    root[1] = mode & 2 ? mem_new_old(CIX_BITMAP, FMT_32, 3) : mem_new(CIX_BITMAP, FMT_32, 3);
    root[2] = array_of(root[0], root[1]);
    root[3] = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, 1);
    mem_store(root[3], 0, root[0]);
    uint32_t hash_a = mem_hash(root[0]), hash_b = mem_hash(root[1]);
    oop was = root[0];
    assert_int_equal(become(root[0], root[1], false, copy_hash), MEM_OK);
    assert_int_equal(root[0], root[1]);
    assert_int_equal(obj_slot(root[2], 0), root[1]);
    assert_int_equal(obj_slot(root[3], 0), root[1]);
    assert_int_equal(mem_hash(root[1]), copy_hash ? hash_a : hash_b);
    for (oop o = mem_next_object(0); o != 0; o = mem_next_object(o)) assert_int_not_equal(o, was);
    mem_full_gc();
    fixture_assert_sound();
  }
}

static void one_way_to_an_immediate_and_in_chains(void **state) {
  (void)state;
  root[0] = mem_new_array(1);
  root[1] = mem_new_array(1);
  root[2] = mem_new_array(1);
  assert_int_equal(become(root[0], int_oop(7), false, false), MEM_OK);
  assert_int_equal(root[0], int_oop(7));
  assert_int_equal(mem_become(array_of(root[1], root[2]), array_of(root[2], char_oop(65)), false, false),
                   MEM_OK);
  assert_int_equal(root[1], char_oop(65));
  assert_int_equal(root[2], char_oop(65));
  fixture_assert_sound();
}

static void what_cannot_become_is_refused_and_nothing_changes(void **state) {
  (void)state;
  root[0] = mem_new_array(1);
  root[1] = mem_new_array(2);
  assert_int_equal(become(int_oop(1), root[0], false, false), MEM_ERR_INAPPROPRIATE);
  assert_int_equal(become(root[0], int_oop(1), true, false), MEM_ERR_INAPPROPRIATE);
  assert_int_equal(become(root[0], int_oop(1), false, true), MEM_ERR_INAPPROPRIATE);
  assert_int_equal(become(mem.nil, root[0], false, false), MEM_ERR_INAPPROPRIATE);
  obj_set_immutable(root[0], true);
  assert_int_equal(become(root[0], root[1], true, false), MEM_ERR_NO_MODIFICATION);
  obj_set_immutable(root[0], false);
  root[0] = mem_pin(root[0], true);
  assert_int_equal(become(root[0], root[1], true, false), MEM_ERR_OBJECT_IS_PINNED);
  root[0] = mem_pin(root[0], false);
  assert_int_equal(mem_become(root[1], mem_new_array(3), true, false), MEM_ERR_BAD_ARGUMENT);
  assert_int_equal(mem_become(int_oop(1), root[1], true, false), MEM_ERR_BAD_RECEIVER);
  assert_int_equal(mem_become(array_of(root[0], root[0]), array_of(root[1], root[1]), true, false),
                   MEM_ERR_BAD_ARGUMENT);
  assert_int_equal(mem_become(array_of(root[0], root[0]), array_of(root[1], mem.nil), false, false),
                   MEM_ERR_BAD_ARGUMENT);
  assert_int_equal(mem_become(array_of(root[0], root[1]), array_of(root[1], root[0]), false, false),
                   MEM_ERR_BAD_ARGUMENT); /* a ring */
  assert_int_equal(obj_slots(root[0]), 1);
  assert_int_equal(obj_slots(root[1]), 2);
  fixture_assert_sound();
  assert_int_equal(mem.become_count, 0);
}

static void a_sweep_passes_free_chunks_by(void **state) {
  (void)state;
  root[0] = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, 100);
  oop dead = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, 100), young = mem_new_array(1);
  for (uint32_t i = 0; i < 100; i++) obj_put_raw(dead, i, root[0]);
  assert_true(mem_shorten(dead, 0)); /* what was in it lies in a free chunk now */
  assert_int_equal(become(root[0], young, false, false), MEM_OK);
  fixture_assert_sound();
}

static void many_pairs_share_one_sweep(void **state) {
  (void)state;
  enum { N = 500 };
  for (int two_way = 0; two_way < 2; two_way++) {
    root[0] = mem_new_array(N);
    root[1] = mem_new_array(N);
    for (uint32_t i = 0; i < N; i++) {
      mem_store(root[0], i, mem_new_bytes(CIX_BYTE_ARRAY, i));
      mem_store(root[1], i, mem_new(CIX_BITMAP, FMT_32, i));
    }
    root[2] = mem_clone(root[0]);
    if (two_way) make_old();
    assert_int_equal(mem_become(root[0], root[1], two_way, false), MEM_OK);
    fixture_assert_sound();
    for (uint32_t i = 0; i < N; i++) {
      assert_int_equal(obj_class_index(obj_slot(root[2], i)), CIX_BITMAP);
      assert_int_equal(obj_slots(obj_slot(root[2], i)), i);
      assert_int_equal(obj_class_index(obj_slot(root[1], i)), two_way ? CIX_BYTE_ARRAY : CIX_BITMAP);
    }
  }
}

static oop new_class(uint32_t fixed) {
  oop c = mem_new(mem_class_index_of(fixture_plain()), FMT_FIXED, 3);
  obj_put_raw(c, CLASS_FORMAT, int_oop((int32_t)(FMT_FIXED << 16 | fixed)));
  return c;
}

static void instances_follow_their_class(void **state) {
  (void)state;
  for (int two_way = 0; two_way < 2; two_way++) {
    for (int copy_hash = 0; copy_hash < 2; copy_hash++) {
      for (int known = 0; known < 3; known++) { /* which of the two are in the class table */
        root[0] = new_class(2);
        root[1] = new_class(3);
        root[2] = mem_instantiate(root[0], 0);
        root[3] = known > 0 ? mem_instantiate(root[1], 0) : mem.nil;
        if (known == 2) mem_hash(root[1]);
        oop b = root[1];
        assert_int_equal(become(root[0], root[1], two_way, copy_hash && !two_way), MEM_OK);
        assert_int_equal(mem_class_of(root[2]), root[0]);
        if (!two_way) assert_int_equal(root[0], b);
        uint32_t index = mem_class_index_of(root[0]);
        assert_int_equal(obj_class_index(root[2]), index);
        assert_int_equal(mem_next_instance(0, index) != 0, 1);
        if (known > 0) assert_int_equal(mem_class_of(root[3]), root[1]);
        mem_full_gc();
        fixture_assert_sound();
        assert_int_equal(mem_class_of(root[2]), root[0]);
        for (int i = 0; i < 4; i++) root[i] = mem.nil;
      }
    }
  }
}

static void a_class_of_fixed_index_keeps_it(void **state) {
  (void)state;
  root[0] = new_class(3);
  obj_put_raw(root[0], CLASS_FORMAT, int_oop(FMT_INDEXABLE << 16));
  root[1] = mem_instantiate(root[0], 3);
  assert_int_equal(become(mem_class_at(CIX_ARRAY), root[0], false, false), MEM_OK);
  assert_int_equal(mem_class_at(CIX_ARRAY), root[0]);
  assert_int_equal(obj_class_index(root[1]), CIX_ARRAY);
  assert_int_equal(mem_class_index_of(root[0]), CIX_ARRAY);
}

static void pinning_a_young_object_moves_it_once(void **state) {
  (void)state;
  root[0] = mem_new_array(400);
  mem_store(root[0], 399, mem_new_string("in", 2));
  root[1] = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, 1);
  mem_store(root[1], 0, root[0]);
  uint32_t hash = mem_hash(root[0]);
  oop p = mem_pin(root[0], true);
  fixture_assert_sound();
  assert_int_equal(root[0], p);
  assert_int_equal(obj_slot(root[1], 0), p);
  assert_int_equal(mem_hash(p), hash);
  assert_true(p >= mem.new_end);
  for (int i = 0; i < 4; i++) {
    mem_new_old(CIX_BITMAP, FMT_32, 100);
    i & 1 ? mem_full_gc() : mem_scavenge();
    fixture_assert_sound();
    assert_int_equal(root[0], p);
    assert_memory_equal(obj_bytes(obj_slot(p, 399)), "in", 2);
  }
  assert_int_equal(mem_pin(p, false), p);
  assert_false(obj_is_pinned(p));
  assert_int_equal(mem_pin(int_oop(3), true), int_oop(3));
}

#define T(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      T(error_codes_are_those_of_primitives),   T(two_way_exchanges_what_references_find),
      T(two_way_exchanges_formats_too),         T(one_way_forwards_every_reference),
      T(one_way_to_an_immediate_and_in_chains), T(what_cannot_become_is_refused_and_nothing_changes),
      T(a_sweep_passes_free_chunks_by),         T(many_pairs_share_one_sweep),
      T(instances_follow_their_class),          T(a_class_of_fixed_index_keeps_it),
      T(pinning_a_young_object_moves_it_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
