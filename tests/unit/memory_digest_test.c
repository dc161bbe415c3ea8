/* memory_digest_test.c: equal graphs have equal digests wherever they lie; what differs shows. */
#include "memory_fixture.h"

#include <math.h>

#define root fixture_root

static uint32_t digest(oop o) {
  uint32_t value;
  assert_true(mem_digest(o, false, &value));
  return value;
}

/* An array that refers to a string, to a float, twice to one more array, and to itself. */
static oop graph(void) {
  oop a = mem_new_array(6), shared = mem_new_array(1);
  mem_store(a, 0, mem_new_string("abc", 3));
  mem_store(a, 1, mem_new_float(1.5));
  mem_store(a, 2, shared);
  mem_store(a, 3, shared);
  mem_store(a, 4, a);
  mem_store(a, 5, int_oop(7));
  return a;
}

static void equal_graphs_are_equal_after_moving(void **state) {
  (void)state;
  root[0] = graph();
  const uint32_t first = digest(root[0]);
  assert_int_equal(digest(graph()), first);
  mem_scavenge();
  assert_int_equal(digest(root[0]), first);
  mem_full_gc();
  assert_int_equal(digest(root[0]), first);
}

static void what_differs_shows(void **state) {
  (void)state;
  root[0] = graph();
  const uint32_t first = digest(root[0]);
  mem_store(root[0], 5, int_oop(8));
  assert_int_not_equal(digest(root[0]), first);
  mem_store(root[0], 5, int_oop(7));
  assert_int_equal(digest(root[0]), first);
  mem_store(root[0], 3, mem_new_array(1)); /* equal but another */
  assert_int_not_equal(digest(root[0]), first);
  mem_store(root[0], 3, obj_slot(root[0], 2));
  obj_bytes(obj_slot(root[0], 0))[2] = 'd';
  assert_int_not_equal(digest(root[0]), first);
  obj_bytes(obj_slot(root[0], 0))[2] = 'c';
  obj_set_immutable(obj_slot(root[0], 0), true);
  assert_int_not_equal(digest(root[0]), first);
  obj_set_immutable(obj_slot(root[0], 0), false);
  assert_int_equal(digest(root[0]), first);
  (void)mem_hash(obj_slot(root[0], 0));
  assert_int_not_equal(digest(root[0]), first);
}

static void every_nan_is_the_same(void **state) {
  (void)state;
  assert_int_equal(digest(mem_new_float(NAN)), digest(mem_new_float(-NAN)));
  assert_int_not_equal(digest(mem_new_float(0.0)), digest(mem_new_float(-0.0)));
}

static void a_long_chain_and_its_classes_are_followed(void **state) {
  (void)state;
  root[0] = mem.nil;
  for (int i = 0; i < 1000; i++) {
    oop link = mem_new_array(1);
    mem_store(link, 0, root[0]);
    root[0] = link;
  }
  const uint32_t first = digest(root[0]);
  oop last = root[0];
  while (obj_slot(last, 0) != mem.nil) last = obj_slot(last, 0);
  mem_store(last, 0, fixture_plain());
  const uint32_t with_class = digest(root[0]);
  assert_int_not_equal(with_class, first);
  obj_put_raw(fixture_plain(), CLASS_METHOD_DICT, int_oop(1));
  assert_int_equal(digest(root[0]), with_class); /* a leaf */
}

#define T(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      T(equal_graphs_are_equal_after_moving),
      T(what_differs_shows),
      T(every_nan_is_the_same),
      T(a_long_chain_and_its_classes_are_followed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
