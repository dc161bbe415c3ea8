/* control_test.c: the primitives that call and those on contexts, run by methods: perform:, executeMethod:,
 * both kinds of closures, BlockContexts, non-local returns and what they send when they cannot. */
#include "test_heap.h"

#include "interpreter/frame_internal.h"
#include "primitives/table.h"

enum { MINUS_ONE = V3_PUSH_SMALL, ZERO, ONE, TWO, LITVAR_POP = 0xC0 };

static oop result_association, go, quit;

static oop install(const char *selector, oop method) {
  oop s = test_symbol(selector);
  test_install(test_object_class(), s, method);
  return s;
}

static int setup(void **state) {
  test_heap_setup(state);
  go = test_symbol("go");
  quit = install("quit", TEST_METHOD(.primitive = 113, .code = {V3_RETURN_RECEIVER}));
  result_association = mem_new_old(mem_class_index_of(fixture_plain()), FMT_FIXED, 2);
  return 0;
}

/* A method that stores its last argument (or self) where run() finds it, and ends the run. */
static oop ending_method(uint32_t args, uint32_t which) {
  return TEST_METHOD(.args = args, .literals = {result_association, quit},
                     .code = {V3_PUSH_TEMP + which, V3_EXT_POP, LITVAR_POP | 0, V3_PUSH_RECEIVER,
                              V3_SEND_0 + 1, V3_RETURN_TOP});
}

/* Runs `receiver go` in the base loop, where everything may happen to the stack. */
static oop run(oop method, oop receiver) {
  test_install(test_object_class(), go, method);
  oop wrapper = TEST_METHOD(.large = true, .literals = {go, result_association, quit},
                            .code = {V3_PUSH_RECEIVER, V3_SEND_0, V3_EXT_POP, LITVAR_POP | 1,
                                     V3_PUSH_RECEIVER, V3_SEND_0 + 2, V3_RETURN_TOP});
  interp_push(receiver);
  interp_activate_method(wrapper, 0);
  interp.stop = RUN_ON;
  while (interp_run(1000000) == STOP_BUDGET) continue;
  if (interp.stop == STOP_ERROR) fail_msg("%s", interp.error);
  assert_int_equal(interp.stop, STOP_QUIT);
  interp.stop = RUN_ON;
  return obj_slot(result_association, 1);
}

/* ---- perform: ---- */

static oop perform_selector(uint32_t args, uint32_t primitive) {
  static const char *const names[] = {"", "perform:", "perform:with:", "perform:with:with:"};
  return install(names[args], TEST_METHOD(.args = args, .primitive = primitive,
                                          .code = {MINUS_ONE, V3_RETURN_TOP})); /* -1: the primitive failed */
}

static void perform_finds_the_method_and_shifts_the_arguments(void **state) {
  (void)state;
  oop second = install("first:second:", TEST_METHOD(.args = 2, .code = {V3_PUSH_TEMP + 1, V3_RETURN_TOP}));
  oop perform = perform_selector(3, 83);
  oop r = run(TEST_METHOD(.literals = {second, perform}, .code = {V3_PUSH_RECEIVER, V3_PUSH_LITERAL, ONE, TWO,
                                                                  V3_EXT_SEND, 3 << 5 | 1, V3_RETURN_TOP}),
              I(7));
  assert_oop(r, I(2));
}

static void perform_runs_primitives(void **state) {
  (void)state;
  oop add = install("plus:", TEST_METHOD(.args = 1, .primitive = 1, .code = {V3_RETURN_NIL}));
  oop perform = perform_selector(2, 83);
  oop r = run(TEST_METHOD(.literals = {add, perform},
                          .code = {V3_PUSH_RECEIVER, V3_PUSH_LITERAL, TWO, V3_SEND_2 + 1, V3_RETURN_TOP}),
              I(40));
  assert_oop(r, I(42));
}

static void perform_with_a_wrong_number_of_arguments_fails(void **state) {
  (void)state;
  oop unary = install("unary", TEST_METHOD(.code = {V3_RETURN_TRUE}));
  oop perform = perform_selector(2, 83);
  oop r = run(TEST_METHOD(.literals = {unary, perform},
                          .code = {V3_PUSH_RECEIVER, V3_PUSH_LITERAL, TWO, V3_SEND_2 + 1, V3_RETURN_TOP}),
              I(40));
  assert_oop(r, I(-1));
}

static void perform_of_what_is_not_understood_says_so(void **state) {
  (void)state;
  oop perform = perform_selector(1, 83);
  test_install(test_object_class(), mem_special(SPECIAL_SELECTOR_DNU), ending_method(1, 0));
  oop r = run(TEST_METHOD(.literals = {test_symbol("nobody"), perform},
                          .code = {V3_PUSH_RECEIVER, V3_PUSH_LITERAL, V3_SEND_1 + 1, V3_RETURN_TOP}),
              I(1));
  assert_int_equal(oop_class_index(r), CIX_MESSAGE);
  assert_memory_equal(obj_bytes(obj_slot(r, 0)), "nobody", 6);
}

static oop array2(oop a, oop b) {
  oop array = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, 2);
  mem_store(array, 0, a);
  mem_store(array, 1, b);
  return array;
}

static void perform_with_arguments_spreads_the_array(void **state) {
  (void)state;
  oop second = install("first:second:", TEST_METHOD(.args = 2, .code = {V3_PUSH_TEMP + 1, V3_RETURN_TOP}));
  oop perform = perform_selector(2, 84), array = array2(I(8), I(9));
  oop send = TEST_METHOD(.literals = {second, perform, array},
                         .code = {V3_PUSH_RECEIVER, V3_PUSH_LITERAL, V3_PUSH_LITERAL + 2, V3_SEND_2 + 1,
                                  V3_RETURN_TOP});
  assert_oop(run(send, I(7)), I(9));
  mem_shorten(array, 1);
  assert_oop(run(send, I(7)), I(-1)); /* too few */
  mem_store(send, 3, I(3));
  assert_oop(run(send, I(7)), I(-1)); /* no array */
}

static void perform_in_superclass_starts_there(void **state) {
  (void)state;
  oop who = test_symbol("who"), cls = test_class(FMT_FIXED, 1);
  test_install(cls, who, TEST_METHOD(.code = {TWO, V3_RETURN_TOP}));
  test_install(test_object_class(), who, TEST_METHOD(.code = {ONE, V3_RETURN_TOP}));
  oop perform = perform_selector(3, 100), empty = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, 0);
  oop receiver = mem_instantiate(cls, 0);
  fixture_root[0] = receiver;
  oop send = TEST_METHOD(.literals = {who, perform, empty, test_object_class()},
                         .code = {V3_PUSH_RECEIVER, V3_PUSH_LITERAL, V3_PUSH_LITERAL + 2, V3_PUSH_LITERAL + 3,
                                  V3_EXT_SEND, 3 << 5 | 1, V3_RETURN_TOP});
  assert_oop(run(send, receiver), I(1));
  mem_store(send, 4, cls);
  assert_oop(run(send, receiver), I(2));
  assert_oop(run(send, I(5)), I(-1)); /* not among its superclasses */
}

static void a_method_is_executed_without_lookup(void **state) {
  (void)state;
  oop method = TEST_METHOD(.args = 1, .code = {V3_PUSH_TEMP, V3_RETURN_TOP});
  oop execute = install("with:executeMethod:",
                        TEST_METHOD(.args = 2, .primitive = 189, .code = {MINUS_ONE, V3_RETURN_TOP}));
  oop send = TEST_METHOD(.literals = {method, execute},
                         .code = {V3_PUSH_RECEIVER, TWO, V3_PUSH_LITERAL, V3_SEND_2 + 1, V3_RETURN_TOP});
  assert_oop(run(send, I(1)), I(2));
  mem_store(send, 1, TEST_METHOD(.args = 1, .primitive = 1, .code = {V3_RETURN_NIL}));
  assert_oop(run(send, I(1)), I(3)); /* its primitive runs */
  mem_store(send, 1, TEST_METHOD(.code = {V3_RETURN_TRUE}));
  assert_oop(run(send, I(1)), I(-1)); /* takes no argument */
  oop with_array = install("withArgs:executeMethod:",
                           TEST_METHOD(.args = 2, .primitive = 188, .code = {MINUS_ONE, V3_RETURN_TOP}));
  oop two = TEST_METHOD(.args = 2, .code = {V3_PUSH_TEMP + 1, V3_RETURN_TOP});
  send = TEST_METHOD(.literals = {two, with_array, array2(I(8), I(9))},
                     .code = {V3_PUSH_RECEIVER, V3_PUSH_LITERAL + 2, V3_PUSH_LITERAL, V3_SEND_2 + 1,
                              V3_RETURN_TOP});
  assert_oop(run(send, I(1)), I(9));
}

/* ---- closures ---- */

static void closures_take_their_arguments(void **state) {
  (void)state;
  oop value =
      install("value:value:", TEST_METHOD(.args = 2, .primitive = 203, .code = {MINUS_ONE, V3_RETURN_TOP}));
  oop with_args = install("valueWithArguments:",
                          TEST_METHOD(.args = 1, .primitive = 206, .code = {MINUS_ONE, V3_RETURN_TOP}));
  /* [:a :b | b] value: 1 value: 2 */
  assert_oop(
      run(TEST_METHOD(.literals = {value}, .code = {V3_PUSH_CLOSURE, 2, 0, 2, V3_PUSH_TEMP + 1,
                                                    V3_BLOCK_RETURN_TOP, ONE, TWO, V3_SEND_2, V3_RETURN_TOP}),
          I(0)),
      I(2));
  /* [:a | a] value: 1 value: 2 */
  assert_oop(
      run(TEST_METHOD(.literals = {value}, .code = {V3_PUSH_CLOSURE, 1, 0, 2, V3_PUSH_TEMP,
                                                    V3_BLOCK_RETURN_TOP, ONE, TWO, V3_SEND_2, V3_RETURN_TOP}),
          I(0)),
      I(-1));
  /* [:a :b | a] valueWithArguments: #(8 9) */
  assert_oop(run(TEST_METHOD(.literals = {with_args, array2(I(8), I(9))},
                             .code = {V3_PUSH_CLOSURE, 2, 0, 2, V3_PUSH_TEMP, V3_BLOCK_RETURN_TOP,
                                      V3_PUSH_LITERAL + 1, V3_SEND_1, V3_RETURN_TOP}),
                 I(0)),
             I(8));
}

/* A method that answers `block value`, its block being the argument. */
static oop call_block(uint32_t primitive) {
  oop value = install("value", TEST_METHOD(.primitive = 201, .code = {MINUS_ONE, V3_RETURN_TOP}));
  oop m = TEST_METHOD(.args = 1, .primitive = primitive, .literals = {value},
                      .code = {V3_PUSH_TEMP, V3_SEND_0, V3_RETURN_TOP});
  return install("call:", m);
}

/* go: self call: [^ 2]. ^ 1 */
static oop returning_through(oop call) {
  return TEST_METHOD(.literals = {call}, .code = {V3_PUSH_RECEIVER, V3_PUSH_CLOSURE, 0, 0, 2, TWO,
                                                  V3_RETURN_TOP, V3_SEND_1, V3_POP, ONE, V3_RETURN_TOP});
}

static void a_block_returns_from_its_home(void **state) {
  (void)state;
  assert_oop(run(returning_through(call_block(0)), I(0)), I(2));
}

static void a_return_past_an_unwind_block_asks_the_image(void **state) {
  (void)state;
  oop context_class = mem_class_at(CIX_CONTEXT);
  test_install(context_class, mem_special(SPECIAL_SELECTOR_ABOUT_TO_RETURN), ending_method(2, 1));
  oop unwind = run(returning_through(call_block(198)), I(0));
  assert_int_equal(oop_class_index(unwind), CIX_CONTEXT);
  assert_int_equal(method_primitive(context_fetch(unwind, CTX_METHOD)), 198);
  test_install(context_class, mem_special(SPECIAL_SELECTOR_ABOUT_TO_RETURN), ending_method(2, 0));
  assert_oop(run(returning_through(call_block(198)), I(0)), I(2)); /* the value to return */
}

static void a_return_from_a_dead_home_cannot_be(void **state) {
  (void)state;
  oop context_class = mem_class_at(CIX_CONTEXT);
  test_install(context_class, mem_special(SPECIAL_SELECTOR_CANNOT_RETURN), ending_method(1, 0));
  oop make =
      install("make", TEST_METHOD(.code = {V3_PUSH_CLOSURE, 0, 0, 2, TWO, V3_RETURN_TOP, V3_RETURN_TOP}));
  oop value = install("value", TEST_METHOD(.primitive = 201, .code = {MINUS_ONE, V3_RETURN_TOP}));
  oop send = TEST_METHOD(.literals = {make, value},
                         .code = {V3_PUSH_RECEIVER, V3_SEND_0, V3_SEND_0 + 1, V3_POP, ONE, V3_RETURN_TOP});
  assert_oop(run(send, I(0)), I(2));
}

/* An image whose cannotReturn: answers gets it again, for ever; the stack does not grow by it. */
static void a_cannot_return_that_answers_is_sent_again(void **state) {
  (void)state;
  oop context_class = mem_class_at(CIX_CONTEXT);
  test_install(context_class, mem_special(SPECIAL_SELECTOR_CANNOT_RETURN),
               TEST_METHOD(.args = 1, .code = {V3_RETURN_NIL}));
  while (!frame_is_base(interp.fp)) frame_return(mem.nil);
  addr sp = 0;
  for (int i = 0; i < 5; i++) {
    frame_return(I(3)); /* the process's bottom has no caller */
    assert_false(frame_is_base(interp.fp));
    frame_return(mem.nil);
    assert_true(frame_is_base(interp.fp));
    if (sp != 0) assert_int_equal(interp.sp, sp);
    sp = interp.sp;
  }
  interp.stop = RUN_ON;
  assert_int_equal(interp_run(1000), STOP_BUDGET); /* the slice ends all the same */
}

/* ---- pre-closure blocks ---- */

static oop block_copy, old_value, old_value_1, old_with_args;

static void with_block_contexts(void) {
  oop cls = test_class(FMT_FIXED_INDEXABLE, 6);
  mem_store(mem.special, SPECIAL_CLASS_BLOCK_CONTEXT, cls);
  frame_block_context_cix = mem_class_index_of(cls);
  block_copy =
      install("blockCopy:", TEST_METHOD(.args = 1, .primitive = 80, .code = {MINUS_ONE, V3_RETURN_TOP}));
  old_value = install("oldValue", TEST_METHOD(.primitive = 81, .code = {MINUS_ONE, V3_RETURN_TOP}));
  old_value_1 =
      install("oldValue:", TEST_METHOD(.args = 1, .primitive = 81, .code = {MINUS_ONE, V3_RETURN_TOP}));
  old_with_args =
      install("oldWith:", TEST_METHOD(.args = 1, .primitive = 82, .code = {MINUS_ONE, V3_RETURN_TOP}));
}

/* thisContext blockCopy: n, and the jump around a block of so many bytes. */
#define OLD_BLOCK(n, bytes) V3_PUSH_CONTEXT, (n), V3_SEND_1, V3_LONG_JUMP + 4, (bytes)

static void an_old_block_stores_its_argument_in_its_home(void **state) {
  (void)state;
  with_block_contexts();
  /* | t | t := 1. [:x | t := x. 0] value: 2. ^ t */
  assert_oop(run(TEST_METHOD(.temps = 2, .literals = {block_copy, old_value_1},
                             .code = {ONE, V3_POP_TEMP, OLD_BLOCK(ONE, 5), V3_POP_TEMP + 1, V3_PUSH_TEMP + 1,
                                      V3_POP_TEMP, ZERO, V3_BLOCK_RETURN_TOP, TWO, V3_SEND_1 + 1, V3_POP,
                                      V3_PUSH_TEMP, V3_RETURN_TOP}),
                 I(0)),
             I(2));
}

static void an_old_block_outlives_its_home(void **state) {
  (void)state;
  with_block_contexts();
  /* make: | t | t := 2. ^ [:x | x + t] (the block remembers x in its home too) */
  oop make = install("make", TEST_METHOD(.temps = 2, .literals = {block_copy},
                                         .code = {TWO, V3_POP_TEMP, OLD_BLOCK(ONE, 5), V3_POP_TEMP + 1,
                                                  V3_PUSH_TEMP + 1, V3_PUSH_TEMP, V3_SEND_SPECIAL + SPSEL_ADD,
                                                  V3_BLOCK_RETURN_TOP, V3_RETURN_TOP}));
  oop r = run(TEST_METHOD(.literals = {make, old_value_1, old_with_args, array2(I(5), I(6))},
                          .code = {V3_PUSH_RECEIVER, V3_SEND_0, V3_DUP, TWO, V3_SEND_1 + 1, V3_POP, ONE,
                                   V3_SEND_1 + 1, V3_RETURN_TOP}),
              I(0));
  assert_oop(r, I(3));
  r = run(
      TEST_METHOD(.literals = {make, old_with_args, array2(I(5), I(6))},
                  .code = {V3_PUSH_RECEIVER, V3_SEND_0, V3_PUSH_LITERAL + 2, V3_SEND_1 + 1, V3_RETURN_TOP}),
      I(0));
  assert_oop(r, I(-1)); /* two arguments for one */
}

static void an_old_block_returns_from_its_home(void **state) {
  (void)state;
  with_block_contexts();
  oop call = install("call:", TEST_METHOD(.args = 1, .literals = {old_value},
                                          .code = {V3_PUSH_TEMP, V3_SEND_0, V3_RETURN_TOP}));
  assert_oop(run(TEST_METHOD(.literals = {block_copy, call},
                             .code = {V3_PUSH_RECEIVER, OLD_BLOCK(ZERO, 2), TWO, V3_RETURN_TOP, V3_SEND_1 + 1,
                                      V3_POP, ONE, V3_RETURN_TOP}),
                 I(0)),
             I(2));
}

/* A BlockContext is one activation: evaluating it inside itself fails. | b | b := [b value]. ^ b value */
static void an_old_block_that_runs_cannot_be_evaluated(void **state) {
  (void)state;
  with_block_contexts();
  assert_oop(run(TEST_METHOD(.temps = 1, .literals = {block_copy, old_value},
                             .code = {OLD_BLOCK(ZERO, 3), V3_PUSH_TEMP, V3_SEND_0 + 1, V3_BLOCK_RETURN_TOP,
                                      V3_POP_TEMP, V3_PUSH_TEMP, V3_SEND_0 + 1, V3_RETURN_TOP}),
                 I(0)),
             I(-1));
}

/* ---- failures of single primitives ---- */

static void what_is_no_context_or_closure_fails(void **state) {
  (void)state;
  oop context = frame_marry(interp.fp), nil = mem.nil;
  const struct {
    prim_fn f;
    uint32_t argc;
    oop args[4];
  } failing[] = {
      {prim_closure_value, 0, {nil}},
      {prim_closure_value, 1, {I(3), nil}},
      {prim_closure_value_with_args, 1, {nil, I(1)}},
      {prim_old_block_value, 0, {context}},
      {prim_block_copy, 1, {context, I(0)}}, /* the image has no BlockContext */
      {prim_store_stackp, 1, {nil, I(1)}},
      {prim_store_stackp, 1, {context, nil}},
      {prim_find_next_unwind_context, 1, {nil, nil}},
      {prim_find_next_unwind_context, 1, {context, I(1)}},
      {prim_terminate_to, 1, {nil, nil}},
      {prim_terminate_to, 1, {context, I(1)}},
      {prim_find_handler_context, 0, {nil}},
      {prim_context_at, 1, {nil, I(1)}},
      {prim_context_at, 1, {context, I(0)}},
      {prim_context_at, 1, {context, I(100)}},
      {prim_context_at, 1, {context, nil}},
      {prim_context_at_put, 2, {context, I(0), nil}},
      {prim_context_size, 0, {I(1)}},
      {prim_execute_method, 1, {nil, nil}},
      {prim_execute_method_with_args, 2, {nil, nil, nil}},
  };
  for (size_t i = 0; i < sizeof failing / sizeof *failing; i++) {
    addr sp = interp.sp;
    for (uint32_t a = 0; a <= failing[i].argc; a++) interp_push(failing[i].args[a]);
    oop r = failing[i].f(AT(oop, interp.sp - 4 * failing[i].argc), failing[i].argc);
    if (r != PRIM_FAILED) fail_msg("row %u answered %u", (unsigned)i, (unsigned)r);
    assert_int_equal(interp.sp, sp + 4 * (failing[i].argc + 1));
    interp.sp = sp;
  }
}

static void an_endless_recursion_ends_in_an_error(void **state) {
  (void)state;
  vm_set_option("memory_limit", 8 << 20);
  oop again = install("again", TEST_METHOD(.code = {V3_RETURN_NIL}));
  oop m = TEST_METHOD(.literals = {again}, .code = {V3_PUSH_RECEIVER, V3_SEND_0, V3_RETURN_TOP});
  test_install(test_object_class(), again, m);
  interp_push(I(1));
  interp_activate_method(m, 0);
  interp.stop = RUN_ON;
  while (interp_run(1000000) == STOP_BUDGET) continue;
  assert_int_equal(interp.stop, STOP_ERROR);
  assert_non_null(strstr(interp.error, "memory"));
  vm_set_option("memory_limit", VM_MEMORY_LIMIT);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_heap_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(perform_finds_the_method_and_shifts_the_arguments),
      TEST(perform_runs_primitives),
      TEST(perform_with_a_wrong_number_of_arguments_fails),
      TEST(perform_of_what_is_not_understood_says_so),
      TEST(perform_with_arguments_spreads_the_array),
      TEST(perform_in_superclass_starts_there),
      TEST(a_method_is_executed_without_lookup),
      TEST(closures_take_their_arguments),
      TEST(a_block_returns_from_its_home),
      TEST(a_return_past_an_unwind_block_asks_the_image),
      TEST(a_return_from_a_dead_home_cannot_be),
      TEST(a_cannot_return_that_answers_is_sent_again),
      TEST(an_old_block_stores_its_argument_in_its_home),
      TEST(an_old_block_outlives_its_home),
      TEST(an_old_block_returns_from_its_home),
      TEST(an_old_block_that_runs_cannot_be_evaluated),
      TEST(what_is_no_context_or_closure_fails),
      TEST(an_endless_recursion_ends_in_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
