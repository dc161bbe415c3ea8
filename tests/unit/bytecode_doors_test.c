/* bytecode_doors_test.c: sends from translated code, activation across pages, the safepoint, the lookup cache
 * and the side table of methods. */
#include "bytecode_support.h"

#define SPECIAL(name) (V3_SEND_SPECIAL + SPSEL_##name)

/* The running frame stands for a translated one: its PC is written. Sends from it through the door. */
static oop send(oop selector, oop receiver, uint32_t num_args, const oop *args) {
  interp_push(receiver);
  for (uint32_t i = 0; i < num_args; i++) interp_push(args[i]);
  return interp_send_from_translated(selector, num_args);
}

static void doors_answer_every_kind_of_method(void **state) {
  (void)state;
  oop s = test_symbol("foo:"), q = test_symbol("quick"), p = test_symbol("at:");
  test_install(test_object_class(), s, TEST_METHOD(.args = 1, .code = {V3_PUSH_TEMP, V3_RETURN_TOP}));
  test_install(test_object_class(), q, TEST_METHOD(.primitive = 257, .code = {V3_RETURN_NIL}));
  test_install(mem_class_at(CIX_ARRAY), p,
               TEST_METHOD(.args = 1, .primitive = 60, .code = {V3_RETURN_FALSE}));
  addr fp = interp.fp, sp = interp.sp;
  oop array = mem_new_array(1);
  assert_oop(send(s, I(3), 1, (oop[]){I(4)}), I(4));
  assert_oop(send(q, I(3), 0, NULL), mem.true_);
  assert_oop(send(p, array, 1, (oop[]){I(1)}), mem.nil);
  assert_oop(send(p, array, 1, (oop[]){I(2)}), mem.false_); /* the primitive fails, the body runs nested */
  assert_int_equal(interp.fp, fp);
  assert_int_equal(interp.sp, sp);
  assert_int_equal(interp.depth, 0);
}

static void a_door_evaluates_closures(void **state) {
  (void)state;
  oop closure = test_run(TEST_METHOD(.code = {V3_PUSH_CLOSURE, 1, 0, 4, V3_PUSH_TEMP, V3_PUSH_SMALL + 2,
                                              SPECIAL(ADD), V3_BLOCK_RETURN_TOP, V3_RETURN_TOP}),
                         I(0));
  addr sp = interp.sp;
  interp_push(closure);
  interp_push(I(41));
  assert_oop(interp_value_from_translated(1), I(42));
  assert_int_equal(interp.sp, sp);
}

static void too_deep_a_door_bails_with_the_frame_made(void **state) {
  (void)state;
  oop s = test_symbol("foo");
  test_install(test_object_class(), s, TEST_METHOD(.code = {V3_RETURN_RECEIVER}));
  addr fp = interp.fp;
  interp.depth = INTERP_MAX_DEPTH;
  assert_int_equal(send(s, I(3), 0, NULL), RESULT_BAIL);
  interp.depth = 0;
  assert_int_equal(frame_caller_fp(interp.fp), fp); /* the base loop would go on in the callee */
  assert_oop(frame_receiver(interp.fp), I(3));
}

/* count: n  ^n = 0 ifTrue: [0] ifFalse: [(self count: n - 1) + 1] */
static void install_count(oop s) {
  test_install(test_object_class(), s,
               TEST_METHOD(.args = 1, .literals = {s},
                           .code = {V3_PUSH_TEMP, V3_PUSH_SMALL + 1, SPECIAL(EQUAL), V3_JUMP_FALSE + 1,
                                    V3_PUSH_SMALL + 1, V3_RETURN_TOP, V3_PUSH_RECEIVER, V3_PUSH_TEMP,
                                    V3_PUSH_SMALL + 2, SPECIAL(SUBTRACT), V3_SEND_1, V3_PUSH_SMALL + 2,
                                    SPECIAL(ADD), V3_RETURN_TOP}));
}

/* Runs `(receiver selector: n)` in the base loop, slice after slice, and answers the result. */
static oop run_base(oop s, int32_t n) {
  oop binding = association(mem.nil);
  fixture_root[0] = binding;
  oop m = TEST_METHOD(.literals = {s, binding, I(n)}, .code = {V3_PUSH_RECEIVER, V3_PUSH_LITERAL + 2,
                                                               V3_SEND_1, V3_EXT_POP, 0xC1, V3_RETURN_NIL});
  interp_push(mem.nil);
  interp_activate_method(m, 0);
  while (interp_run(1000000) == STOP_BUDGET) {
  }
  return obj_slot(fixture_root[0], 1);
}

/* Recursion goes from page to page; pages that are full become contexts, and come back. */
static void recursion_is_limited_by_memory_alone(void **state) {
  (void)state;
  oop s = test_symbol("count:");
  install_count(s);
  assert_oop(run_base(s, 300000), I(300000));
}

static void endless_recursion_ends_in_an_error(void **state) {
  (void)state;
  oop s = test_symbol("down:");
  test_install(test_object_class(), s,
               TEST_METHOD(.args = 1, .literals = {s},
                           .code = {V3_PUSH_RECEIVER, V3_PUSH_TEMP, V3_SEND_1, V3_RETURN_TOP}));
  uint32_t limit = vm_options.memory_limit;
  vm_options.memory_limit = 32u << 20;
  (void)run_base(s, 1);
  vm_options.memory_limit = limit;
  assert_int_equal(interp.stop, STOP_ERROR);
  assert_non_null(strstr(interp.error, "memory"));
}

static void a_slice_ends_and_goes_on(void **state) {
  (void)state;
  /* [true] whileTrue. */
  oop m = TEST_METHOD(.code = {V3_LONG_JUMP + 3, 256 - 2});
  interp_push(mem.nil);
  interp_activate_method(m, 0);
  uint64_t before = interp.bytecodes;
  assert_int_equal(interp_run(1000), STOP_BUDGET);
  assert_int_equal(interp_run(1000), STOP_BUDGET);
  assert_true(interp.bytecodes > before + 2 * INTERP_CHECK_INTERVAL);
}

static uint32_t hot_info, hot_count;
static void note_hot(uint32_t info) {
  hot_info = info;
  hot_count++;
}

static void a_hot_method_is_told_once_by_activations_and_once_by_loops(void **state) {
  (void)state;
  oop s = test_symbol("hot");
  oop hot = TEST_METHOD(.code = {V3_RETURN_RECEIVER});
  test_install(test_object_class(), s, hot);
  interp_hooks.method_hot = note_hot;
  hot_count = 0;
  oop caller = TEST_METHOD(.literals = {s}, .code = {V3_PUSH_RECEIVER, V3_SEND_0, V3_RETURN_TOP});
  for (uint32_t i = 0; i + 1 < vm_options.hot_activations; i++) test_run(caller, I(0));
  assert_int_equal(hot_count, 0);
  test_run(caller, I(0));
  test_run(caller, I(0));
  assert_int_equal(hot_count, 2); /* the caller too */
  assert_int_equal(method_infos[method_info_of(hot)].activations, vm_options.hot_activations + 1);
  interp_hooks.method_hot = NULL;
}

static void the_side_table_follows_methods_that_move(void **state) {
  (void)state;
  fixture_root[0] = TEST_METHOD(.code = {V3_RETURN_RECEIVER});
  fixture_root[1] = TEST_METHOD(.code = {V3_RETURN_TRUE});
  uint32_t kept = method_info_of(fixture_root[0]), dropped = method_info_of(fixture_root[1]);
  method_info_set_slot(kept, 5);
  assert_int_not_equal(kept, dropped);
  method_infos[kept].activations = 7;
  mem_full_gc();
  assert_oop(method_infos[kept].method, fixture_root[0]);
  assert_int_equal(method_info_of(fixture_root[0]), kept);
  assert_int_equal(method_infos[kept].slot, 5);
  assert_int_equal(method_infos[kept].activations, 7);
  assert_oop(method_infos[dropped].method, fixture_root[1]);
  /* Both methods die: the index of the translated one waits for the translator. */
  method_infos[kept].translation = 1;
  fixture_root[0] = fixture_root[1] = mem.nil;
  mem_full_gc();
  assert_int_equal(method_infos[dropped].is_used, 0);
  assert_int_equal(method_infos[kept].method, 0);
  assert_int_equal(method_infos[kept].is_used, 1);
  method_info_set_slot(kept, 0);
  method_infos[kept].translation = 0;
  method_info_released(kept);
  assert_int_equal(method_infos[kept].is_used, 0);
}

/* A new method is found at once when the image flushes what named the old one. */
static void flushing_forgets(void **state) {
  (void)state;
  oop s = test_symbol("foo");
  uint32_t cix = CIX_SMALLINTEGER;
  oop old = TEST_METHOD(.code = {V3_RETURN_TRUE}), new_ = TEST_METHOD(.code = {V3_RETURN_FALSE});
  test_install(test_object_class(), s, old);
  assert_oop(interp_lookup(s, cix)->method, old);
  oop values = obj_slot(obj_slot(test_object_class(), CLASS_METHOD_DICT), 1);
  for (uint32_t i = 0; i < TEST_DICT_SIZE; i++)
    if (obj_slot(values, i) == old) mem_store(values, i, new_);
  assert_oop(interp_lookup(s, cix)->method, old); /* from the cache */
  interp_flush_method(old);
  assert_oop(interp_lookup(s, cix)->method, new_);
  interp_flush_selector(s);
  assert_oop(interp_lookup(s, cix)->method, new_);
  assert_null(interp_lookup(test_symbol("no"), cix));
}

#define T(name) cmocka_unit_test_setup_teardown(name, test_heap_setup, test_heap_teardown)
int main(void) {
  const struct CMUnitTest tests[] = {
      T(doors_answer_every_kind_of_method),
      T(a_door_evaluates_closures),
      T(too_deep_a_door_bails_with_the_frame_made),
      T(recursion_is_limited_by_memory_alone),
      T(endless_recursion_ends_in_an_error),
      T(a_slice_ends_and_goes_on),
      T(a_hot_method_is_told_once_by_activations_and_once_by_loops),
      T(the_side_table_follows_methods_that_move),
      T(flushing_forgets),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
