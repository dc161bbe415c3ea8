/* nil_tests_test.c: when isNil and notNil are nothing but tests for nil. */
#include "test_heap.h"

#include "interpreter/lookup.h"
#include "translator/nil_tests.h"

/* A method that answers true or false at once. */
static oop quick(bool answer) {
  return TEST_METHOD(.primitive = answer ? LOOKUP_QUICK_TRUE : LOOKUP_QUICK_FALSE,
                     .code = {answer ? V3_RETURN_TRUE : V3_RETURN_FALSE});
}

static oop is_nil, not_nil;

/* nil and everything else answer as they always do. */
static void install_all(void) {
  is_nil = test_symbol("isNil");
  not_nil = test_symbol("notNil");
  test_install(test_object_class(), is_nil, quick(false));
  test_install(test_object_class(), not_nil, quick(true));
  test_install(mem_class_of(mem.nil), is_nil, quick(true));
  test_install(mem_class_of(mem.nil), not_nil, quick(false));
}

static void assert_tests(oop is, oop isnt) {
  assert_oop(tr_nil_tests.is_nil, is);
  assert_oop(tr_nil_tests.not_nil, isnt);
}

static int setup(void **state) {
  test_heap_setup(state);
  tr_nil_tests = (struct nil_tests){0, 0};
  return 0;
}

static int teardown(void **state) {
  tr_nil_tests = (struct nil_tests){0, 0};
  return test_heap_teardown(state);
}

static void nobody_says_otherwise(void **state) {
  (void)state;
  (void)tr_look_at_nil_tests();
  assert_tests(0, 0);
  install_all();
  assert_false(tr_look_at_nil_tests());
  assert_tests(is_nil, not_nil);
  (void)test_class(FMT_FIXED, 1);
  assert_false(tr_look_at_nil_tests());
  assert_tests(is_nil, not_nil);
}

static void a_class_says_otherwise(void **state) {
  (void)state;
  install_all();
  (void)tr_look_at_nil_tests();
  const oop c = test_class(FMT_FIXED, 1);
  test_install(c, is_nil, quick(true));
  assert_true(tr_look_at_nil_tests());
  assert_tests(0, not_nil);
  test_install(c, is_nil, quick(false)); /* the same as all others */
  assert_false(tr_look_at_nil_tests());
  assert_tests(is_nil, not_nil);
  test_install(c, not_nil, TEST_METHOD(.code = {V3_RETURN_TRUE})); /* no quick method: it has a frame */
  assert_true(tr_look_at_nil_tests());
  assert_tests(is_nil, 0);
}

static void a_class_inherits_nothing(void **state) {
  (void)state;
  install_all();
  (void)tr_look_at_nil_tests();
  const oop c = test_class(FMT_FIXED, 1);
  mem_store(c, CLASS_SUPERCLASS, mem.nil);
  assert_true(tr_look_at_nil_tests_of(c));
  assert_tests(0, 0);
}

static void a_class_inherits_from_that_of_nil(void **state) {
  (void)state;
  install_all();
  (void)tr_look_at_nil_tests();
  const oop c = test_class(FMT_FIXED, 1);
  mem_store(c, CLASS_SUPERCLASS, mem_class_of(mem.nil));
  assert_true(tr_look_at_nil_tests());
  assert_tests(0, 0);
}

static void a_class_has_no_dictionary(void **state) {
  (void)state;
  install_all();
  (void)tr_look_at_nil_tests();
  const oop c = test_class(FMT_FIXED, 1);
  mem_store(c, CLASS_METHOD_DICT, mem.nil);
  assert_true(tr_look_at_nil_tests());
  assert_tests(0, 0);
}

/* What counts is when a class may have instances. */
static oop entered;
static void class_entered(oop class_) { entered = class_; }

static void a_class_gets_an_index(void **state) {
  (void)state;
  install_all();
  (void)tr_look_at_nil_tests();
  mem_hooks.class_entered = class_entered;
  const oop abstract = fixture_class(FMT_FIXED, 0);
  obj_set_class_index(abstract, mem_class_index_of(fixture_plain()));
  mem_store(abstract, CLASS_SUPERCLASS, test_object_class());
  test_give_dictionary(abstract);
  test_install(abstract, is_nil, quick(true));
  entered = 0;
  const oop c = test_class(FMT_FIXED, 1);
  assert_oop(entered, c);
  assert_false(tr_look_at_nil_tests_of(c));
  mem_store(c, CLASS_SUPERCLASS, abstract); /* which has no index: it is looked into */
  assert_oop(mem_known_class_index(abstract), 0);
  assert_true(tr_look_at_nil_tests_of(c));
  assert_tests(0, not_nil);
  mem_hooks.class_entered = NULL;
}

/* What has no superclass understands nothing, whatever hash nil has got. */
static void a_class_without_superclass(void **state) {
  (void)state;
  install_all();
  assert_int_not_equal(mem_hash(mem.nil), 0);
  assert_int_equal(mem_known_class_index(mem.nil), 0);
  const oop c = test_class(FMT_FIXED, 1);
  mem_store(c, CLASS_SUPERCLASS, mem.nil);
  (void)tr_look_at_nil_tests();
  assert_tests(0, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {T(nobody_says_otherwise),     T(a_class_says_otherwise),
                                     T(a_class_inherits_nothing),  T(a_class_inherits_from_that_of_nil),
                                     T(a_class_has_no_dictionary), T(a_class_gets_an_index),
                                     T(a_class_without_superclass)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
