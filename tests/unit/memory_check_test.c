/* memory_check_test.c: the heap check finds each kind of damage, and says where. */
#include "memory_fixture.h"

static void assert_found(const char *what) {
  err_t e = mem_check_heap();
  if (e == NULL) fail_msg("not found: %s", what);
  if (strstr(e, what) == NULL) fail_msg("found something else: %s", e);
}

static oop old_array;

static int setup(void **state) {
  fixture_setup(state);
  old_array = fixture_root[0] = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, 4);
  mem_scavenge();
  assert_null(mem_check_heap());
  return 0;
}

static void a_reference_to_no_object(void **state) {
  (void)state;
  obj_put_raw(old_array, 1, old_array + 8);
  assert_found("slot 1 holds");
  obj_put_raw(old_array, 1, 0);
  assert_found("slot 1 holds");
}

static void a_forgotten_write_barrier(void **state) {
  (void)state;
  obj_put_raw(old_array, 1, mem_new_array(1));
  assert_found("not remembered");
}

static void a_wrong_size(void **state) {
  (void)state;
  put32(old_array + 4, 200u << HDR_SLOTS_SHIFT);
  assert_true(mem_check_heap() != NULL);
}

static void an_unknown_class(void **state) {
  (void)state;
  obj_set_class_index(old_array, 60);
  assert_found("class table");
}

static void a_format_that_does_not_exist(void **state) {
  (void)state;
  put32(old_array, 6u << HDR_FORMAT_SHIFT | CIX_ARRAY);
  assert_found("format");
}

static void a_forwarder(void **state) {
  (void)state;
  put32(old_array, (uint32_t)FMT_FORWARDED << HDR_FORMAT_SHIFT | CIX_FORWARDED);
  assert_found("forwarder");
}

static void a_mark_left_behind(void **state) {
  (void)state;
  put32(old_array + 4, at32(old_array + 4) | HDR_MARKED);
  assert_found("marked");
}

static void a_remembered_bit_without_entry(void **state) {
  (void)state;
  put32(old_array, at32(old_array) | HDR_REMEMBERED);
  assert_found("remembered");
}

static void a_root_that_is_no_object(void **state) {
  (void)state;
  fixture_root[3] = old_array + 16;
  assert_found("a root holds");
}

static void a_method_with_too_many_literals(void **state) {
  (void)state;
  oop m = mem_new_method(CIX_BYTE_ARRAY, int_oop(1), 12);
  obj_put_raw(m, 0, int_oop(100));
  assert_found("literals");
}

static void a_class_that_lost_its_hash(void **state) {
  (void)state;
  obj_set_hash_bits(fixture_plain(), 7);
  assert_found("hash");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, fixture_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      T(a_reference_to_no_object),
      T(a_forgotten_write_barrier),
      T(a_wrong_size),
      T(an_unknown_class),
      T(a_format_that_does_not_exist),
      T(a_forwarder),
      T(a_mark_left_behind),
      T(a_remembered_bit_without_entry),
      T(a_root_that_is_no_object),
      T(a_method_with_too_many_literals),
      T(a_class_that_lost_its_hash),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
