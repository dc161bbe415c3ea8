/* frame_test.c: stack pages, marriage, context access, divorce, activation, returns across pages. */
#include "frame_fixture.h"

/* A context with a frame still runs; single ones hold their own state. */
static void assert_live(oop context) { assert_true(context_frame(context) != 0); }
static void assert_single(oop context) { assert_int_equal(context_frame(context), 0); }
static void assert_dead(oop context) {
  assert_single(context);
  assert_int_equal(obj_slot(context, CTX_SENDER), mem.nil);
  assert_int_equal(obj_slot(context, CTX_PC), mem.nil);
}

static void a_married_frame_reads_as_its_context(void **state) {
  (void)state;
  addr fp = fixture_call_numbered(fixture_method_1_2, 10);
  oop c = frame_marry(fp);
  assert_int_equal(frame_marry(fp), c);
  assert_live(c);
  fixture_assert_numbered(c, 10);
  assert_int_equal(context_fetch(c, CTX_STACKP), int_oop(3));
  assert_int_equal(context_num_fields(c), CTX_TEMPS + 3);
  assert_int_equal(context_fetch(c, CTX_TEMPS + 2), int_oop(13));
  assert_int_equal(context_fetch(c, CTX_TEMPS + 3), mem.nil); /* past stackp */
  assert_int_equal(context_fetch(c, CTX_METHOD), fixture_method_1_2);
  assert_int_equal(context_fetch(c, CTX_CLOSURE), mem.nil);
  /* A header and two literals of four bytes each: the first bytecode is byte 13. */
  assert_int_equal(context_fetch(c, CTX_PC), int_oop(13));
  oop bottom = context_fetch(c, CTX_SENDER);
  assert_live(bottom);
  assert_int_equal(context_fetch(bottom, CTX_SENDER), mem.nil);
  fixture_call_numbered(fixture_method_1_2, 20); /* its pushed receiver and argument are no operands of c */
  assert_int_equal(context_fetch(c, CTX_STACKP), int_oop(3));
}

static void a_married_frame_is_written_through_its_context(void **state) {
  (void)state;
  addr fp = fixture_call_numbered(fixture_method_1_2, 10);
  oop c = frame_marry(fp);
  assert_true(context_store(c, CTX_TEMPS, int_oop(99)));
  assert_int_equal(at32(fp - 4), int_oop(99));
  assert_false(context_store(c, CTX_TEMPS + 3, mem.nil));
  assert_false(context_store(c, CTX_SENDER, int_oop(4)));
  fixture_call_numbered(fixture_method_1_2, 20);
  assert_false(context_store(c, CTX_PC, int_oop(2)));    /* inside the literals */
  assert_false(context_store(c, CTX_PC, int_oop(1000))); /* past the end */
  assert_true(context_store(c, CTX_PC, int_oop(15)));
  assert_int_equal(context_frame(c), 0); /* whether it can go on there is seen when it does */
  assert_int_equal(context_fetch(c, CTX_PC), int_oop(15));
}

static void a_return_kills_the_context_and_keeps_its_temporaries(void **state) {
  (void)state;
  addr bottom = interp.fp;
  oop c = frame_marry(fixture_call_numbered(fixture_method_1_2, 10));
  frame_return(int_oop(5));
  assert_int_equal(interp.fp, bottom);
  assert_int_equal(at32(interp.sp), int_oop(5));
  assert_dead(c);
  fixture_assert_numbered(c, 10);
  assert_false(frame_activate_context(c, 0));
}

/* 1024 bytes a page: about 23 of these frames. 4 pages, so contexts are made of the rest. */
static void deep_recursion_spills_into_contexts_and_returns_through_them(void **state) {
  (void)state;
  enum { DEPTH = 1000 };
  addr bottom = interp.fp;
  oop bottom_context = frame_marry(bottom);
  for (int32_t i = 0; i < DEPTH; i++) {
    fixture_call_numbered(fixture_method_1_2, 10 * i);
    if (i % 100 == 7) mem_scavenge();
  }
  fixture_assert_sound();
  assert_int_equal(interp.stop, RUN_ON);
  mem_full_gc();
  for (int32_t i = DEPTH - 1; i >= 0; i--) {
    assert_int_equal(frame_receiver(interp.fp), int_oop(10 * i));
    assert_int_equal(at32(frame_slot(interp.fp, 0)), int_oop(10 * i + 1));
    assert_int_equal(at32(frame_slot(interp.fp, 1)), int_oop(10 * i + 2));
    oop operand = at32(interp.sp);
    if (i == DEPTH - 1) {
      assert_int_equal(operand, int_oop(10 * i + 3));
    } else {
      assert_int_equal(operand, int_oop(i + 1)); /* the result below; the operand beneath it */
      assert_int_equal(at32(interp.sp - 4), int_oop(10 * i + 3));
    }
    frame_return(int_oop(i));
  }
  assert_int_equal(at32(interp.sp), int_oop(0));
  assert_true(frame_is_base(interp.fp));
  assert_int_equal(frame_receiver(interp.fp), int_oop(-1));
  (void)bottom_context;
}

static void a_sender_that_is_cut_splits_the_page(void **state) {
  (void)state;
  oop a = frame_marry(fixture_call_numbered(fixture_method_1_2, 10));
  oop b = frame_marry(fixture_call_numbered(fixture_method_1_2, 20));
  oop c = frame_marry(fixture_call_numbered(fixture_method_1_2, 30));
  addr before = interp.fp;
  interp.restructured = false;
  assert_true(context_store(b, CTX_SENDER, a)); /* as it is: nothing happens */
  assert_int_equal(interp.fp, before);
  assert_true(context_store(b, CTX_SENDER, mem.nil));
  assert_true(interp.restructured);
  assert_int_equal(frame_context(interp.fp), c);
  fixture_assert_numbered(a, 10);
  fixture_assert_numbered(b, 20);
  fixture_assert_numbered(c, 30);
  assert_int_equal(context_fetch(c, CTX_SENDER), b);
  assert_int_equal(context_fetch(b, CTX_SENDER), mem.nil);
  assert_true(context_store(b, CTX_SENDER, a));
  frame_return(int_oop(1)); /* from c to b */
  assert_int_equal(frame_context(interp.fp), b);
  frame_return(int_oop(2)); /* to a, on the other page */
  assert_int_equal(frame_context(interp.fp), a);
  assert_int_equal(at32(interp.sp), int_oop(2));
  assert_int_equal(context_fetch(a, CTX_STACKP), int_oop(4));
}

/* Coroutines: c returns into a, past b, which stays alive and can be returned to later. */
static void a_chain_spliced_past_a_frame_leaves_that_frame_alive(void **state) {
  (void)state;
  oop a = frame_marry(fixture_call_numbered(fixture_method_1_2, 10));
  oop b = frame_marry(fixture_call_numbered(fixture_method_1_2, 20));
  oop c = frame_marry(fixture_call_numbered(fixture_method_1_2, 30));
  assert_true(context_store(c, CTX_SENDER, a));
  frame_return(int_oop(1));
  assert_int_equal(frame_context(interp.fp), a);
  assert_dead(c);
  assert_live(b);
  fixture_assert_numbered(b, 20);
  assert_int_equal(context_fetch(b, CTX_SENDER), a);
  assert_true(frame_activate_context(b, 0));
  frame_return(int_oop(2));
  assert_int_equal(frame_context(interp.fp), a);
  assert_int_equal(at32(interp.sp), int_oop(2));
  assert_int_equal(at32(interp.sp - 4), int_oop(1));
}

static void a_pc_of_nil_divorces_the_frame(void **state) {
  (void)state;
  oop a = frame_marry(fixture_call_numbered(fixture_method_1_2, 10));
  oop b = frame_marry(fixture_call_numbered(fixture_method_1_2, 20));
  oop c = frame_marry(fixture_call_numbered(fixture_method_1_2, 30));
  assert_true(context_store(b, CTX_PC, mem.nil));
  assert_single(b);
  fixture_assert_numbered(b, 20);
  assert_int_equal(obj_slot(b, CTX_SENDER), a);
  assert_live(a);
  assert_live(c);
  assert_int_equal(context_fetch(c, CTX_SENDER), b);
  assert_false(context_is_resumable(b, 0));
  assert_false(context_store(c, CTX_PC, mem.nil)); /* the running frame cannot take its own away */
}

static void stackp_of_a_suspended_frame_can_be_moved(void **state) {
  (void)state;
  oop a = frame_marry(fixture_call_numbered(fixture_method_1_2, 10));
  oop b = frame_marry(fixture_call_numbered(fixture_method_1_2, 20));
  assert_true(context_store(a, CTX_STACKP, int_oop(5)));
  assert_int_equal(context_fetch(a, CTX_STACKP), int_oop(5));
  assert_int_equal(context_fetch(a, CTX_TEMPS + 2), int_oop(13));
  assert_int_equal(context_fetch(a, CTX_TEMPS + 4), mem.nil);
  assert_true(context_store(a, CTX_STACKP, int_oop(2)));
  assert_true(context_store(a, CTX_STACKP, int_oop(1)));
  assert_int_equal(context_fetch(a, CTX_STACKP), int_oop(2)); /* its temporaries stay */
  assert_false(context_store(a, CTX_STACKP, int_oop(100)));   /* no context is so large */
  assert_int_equal(context_fetch(b, CTX_SENDER), a);
  frame_return(int_oop(7));
  assert_int_equal(context_fetch(a, CTX_STACKP), int_oop(3));
  assert_int_equal(at32(interp.sp), int_oop(7));
}

static void divorce_of_all_frames_and_back(void **state) {
  (void)state;
  for (int32_t i = 0; i < 40; i++) fixture_call_numbered(fixture_method_1_2, 10 * i);
  oop top = frame_divorce_all();
  assert_true(top != 0 && top != mem.nil);
  assert_null(frame_running);
  fixture_root[0] = top;
  mem_full_gc();
  fixture_assert_sound();
  top = fixture_root[0];
  oop c = top;
  for (int32_t i = 39; i >= 0; i--) {
    assert_single(c);
    fixture_assert_numbered(c, 10 * i);
    assert_int_equal(obj_slot(c, CTX_STACKP), int_oop(3));
    c = obj_slot(c, CTX_SENDER);
  }
  assert_true(frame_activate_context(top, 0));
  for (int32_t i = 39; i >= 0; i--) {
    assert_int_equal(frame_receiver(interp.fp), int_oop(10 * i));
    frame_return(int_oop(i));
  }
  assert_true(frame_is_base(interp.fp));
}

static void a_copy_of_a_live_context_is_single(void **state) {
  (void)state;
  oop a = frame_marry(fixture_call_numbered(fixture_method_1_2, 10));
  oop copy = context_copy(a);
  assert_single(copy);
  fixture_assert_numbered(copy, 10);
  assert_int_equal(obj_slot(copy, CTX_STACKP), int_oop(3));
  assert_int_equal(obj_slot(copy, CTX_SENDER), context_fetch(a, CTX_SENDER));
  assert_int_equal(context_fetch(copy, CTX_PC), context_fetch(a, CTX_PC));
  assert_true(context_is_resumable(copy, 0));
  oop raw = mem_clone(a); /* a copy of the bits alone is no live frame */
  assert_single(raw);
  assert_int_equal(context_fetch(raw, CTX_SENDER), mem.nil);
  assert_false(context_is_resumable(raw, 0));
}

/* Objects in frames follow the collector, and a frame's context follows its page. */
static void frames_are_roots(void **state) {
  (void)state;
  fixture_push(mem_new_array(3));
  fixture_push(mem_new_string("argument", 8));
  addr fp = fixture_call(fixture_method_1_2, 0);
  put32(frame_slot(fp, 1), mem_new_float(2.5));
  fixture_push(mem_new_string("operand", 7));
  oop c = frame_marry(fp);
  assert_true(oop_is_young(c));
  mem_scavenge();
  mem_full_gc();
  fixture_assert_sound();
  assert_int_equal(obj_slots(frame_receiver(interp.fp)), 3);
  assert_memory_equal(obj_bytes(at32(frame_slot(interp.fp, 0))), "argument", 8);
  assert_true(mem_float(at32(frame_slot(interp.fp, 1))) == 2.5);
  assert_memory_equal(obj_bytes(at32(interp.sp)), "operand", 7);
  c = frame_context(interp.fp);
  assert_int_equal(context_frame(c), interp.fp);
  assert_int_equal(context_fetch(c, CTX_TEMPS), at32(frame_slot(interp.fp, 0)));
}

static void terminate_to_kills_what_is_between(void **state) {
  (void)state;
  oop c[6];
  for (int32_t i = 0; i < 6; i++) c[i] = frame_marry(fixture_call_numbered(fixture_method_1_2, 10 * i));
  assert_true(context_terminate_to(c[5], c[1]));
  assert_int_equal(context_fetch(c[5], CTX_SENDER), c[1]);
  for (int32_t i = 2; i < 5; i++) assert_dead(c[i]);
  fixture_assert_numbered(c[3], 30);
  assert_int_equal(frame_context(interp.fp), c[5]);
  frame_return(int_oop(1));
  assert_int_equal(frame_context(interp.fp), c[1]);
  assert_true(context_terminate_to(c[1], mem.nil));
  assert_int_equal(context_fetch(c[1], CTX_SENDER), mem.nil);
  assert_dead(c[0]);
}

static void handlers_and_unwind_blocks_are_found(void **state) {
  (void)state;
  oop ensure = fixture_method(1, 2, true, 198), handler = fixture_method(1, 2, true, 199);
  fixture_root[0] = ensure;
  fixture_root[1] = handler;
  oop on_do = frame_marry(fixture_call_numbered(handler, 10));
  oop ensured = frame_marry(fixture_call_numbered(ensure, 20));
  oop top = frame_marry(fixture_call_numbered(fixture_method_1_2, 30));
  assert_int_equal(context_next_unwind(top, mem.nil), ensured);
  assert_int_equal(context_next_unwind(top, ensured), mem.nil);
  assert_int_equal(context_next_unwind(ensured, mem.nil), mem.nil); /* from its sender on */
  assert_int_equal(context_next_handler(top), on_do);
  assert_int_equal(context_next_handler(on_do), on_do);
  assert_int_equal(context_next_handler(context_fetch(on_do, CTX_SENDER)), mem.nil);
  frame_divorce_all(); /* the same among single contexts */
  assert_int_equal(context_next_unwind(top, mem.nil), ensured);
  assert_int_equal(context_next_handler(top), on_do);
  assert_true(frame_activate_context(top, 0));
}

/* A closure of a frame, as pushClosureCopy makes it. */
static oop closure_in(addr fp) {
  oop outer = frame_marry(fp);
  oop closure = mem_new(CIX_BLOCK_CLOSURE, FMT_FIXED_INDEXABLE, CLO_COPIED);
  mem_store(closure, CLO_OUTER, outer);
  obj_put_raw(closure, CLO_START_PC_OR_METHOD, int_oop(15));
  obj_put_raw(closure, CLO_NUM_ARGS, int_oop(1));
  return closure;
}

static void a_non_local_return_leaves_from_home(void **state) {
  (void)state;
  addr a = fixture_call_numbered(fixture_method_1_2, 10);
  addr home = fixture_call_numbered(fixture_method_1_2, 20);
  oop closure = closure_in(home);
  oop home_context = frame_context(home);
  fixture_root[0] = closure;
  for (int32_t i = 0; i < 150; i++) fixture_call_numbered(fixture_method_1_2, 30); /* over all pages */
  oop between = frame_marry(interp.fp);
  fixture_push(closure);
  fixture_push(int_oop(1));
  fixture_call(fixture_method_1_2, FRAME_IS_BLOCK);
  oop block = frame_marry(interp.fp);
  assert_int_equal(context_fetch(block, CTX_CLOSURE), closure);
  frame_non_local_return(int_oop(55));
  assert_int_equal(frame_receiver(interp.fp), int_oop(10));
  assert_int_equal(at32(interp.sp), int_oop(55));
  assert_dead(home_context);
  assert_dead(between);
  assert_dead(block);
  fixture_assert_numbered(home_context, 20);
  (void)a;
}

static void a_closure_frame_survives_divorce(void **state) {
  (void)state;
  oop closure = closure_in(fixture_call_numbered(fixture_method_1_2, 10));
  fixture_root[0] = closure;
  fixture_push(closure);
  fixture_push(int_oop(8));
  put32(fixture_call(fixture_method_1_2, FRAME_IS_BLOCK) + FRAME_PC, method_first_pc(fixture_method_1_2) + 2);
  oop top = frame_divorce_all();
  assert_int_equal(obj_slot(top, CTX_CLOSURE), closure);
  assert_true(frame_activate_context(top, 0));
  assert_true(frame_is_block(interp.fp));
  assert_int_equal(at32(frame_pushed(interp.fp)), closure);
  assert_int_equal(frame_num_args(interp.fp), 1);
  assert_int_equal(at32(frame_slot(interp.fp, 0)), int_oop(8));
  assert_int_equal(frame_receiver(interp.fp), int_oop(77));
  frame_return(int_oop(3));
  assert_int_equal(frame_receiver(interp.fp), int_oop(10));
}

/* What Context>>jump does to a context about to run its first bytecode: its argument is popped and returned.
 */
static void arguments_survive_being_popped(void **state) {
  (void)state;
  oop c = fixture_context(fixture_method_1_2, int_oop(1), frame_marry(interp.fp));
  obj_put_raw(c, CTX_TEMPS, int_oop(42));
  assert_true(context_store(c, CTX_STACKP, int_oop(0)));
  assert_true(frame_activate_context(c, 0));
  assert_int_equal(at32(frame_slot(interp.fp, 0)), int_oop(42));
  assert_int_equal(at32(frame_slot(interp.fp, 1)), mem.nil);
}

static void damaged_contexts_are_refused(void **state) {
  (void)state;
  oop good = fixture_context(fixture_method_1_2, mem.nil, mem.nil);
  assert_true(context_is_resumable(good, 0));
  const struct {
    uint32_t field;
    oop value;
  } damage[] = {{CTX_PC, mem.nil},     {CTX_PC, int_oop(3)},      {CTX_PC, int_oop(500)},
                {CTX_PC, int_oop(-1)}, {CTX_STACKP, int_oop(-1)}, {CTX_STACKP, int_oop(17)},
                {CTX_METHOD, mem.nil}, {CTX_CLOSURE, mem.true_}};
  for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
    oop bad = mem_clone(good);
    obj_put_raw(bad, damage[i].field, damage[i].value);
    assert_false(context_is_resumable(bad, 0));
    assert_false(frame_activate_context(bad, 0));
  }
  assert_false(frame_activate_context(mem.nil, 0));
  assert_false(frame_activate_context(int_oop(1), 0));
  assert_true(interp.fp != 0); /* what ran before still runs */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, frame_fixture_setup, frame_fixture_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_married_frame_reads_as_its_context),
      TEST(a_married_frame_is_written_through_its_context),
      TEST(a_return_kills_the_context_and_keeps_its_temporaries),
      TEST(deep_recursion_spills_into_contexts_and_returns_through_them),
      TEST(a_sender_that_is_cut_splits_the_page),
      TEST(a_chain_spliced_past_a_frame_leaves_that_frame_alive),
      TEST(a_pc_of_nil_divorces_the_frame),
      TEST(stackp_of_a_suspended_frame_can_be_moved),
      TEST(divorce_of_all_frames_and_back),
      TEST(a_copy_of_a_live_context_is_single),
      TEST(frames_are_roots),
      TEST(terminate_to_kills_what_is_between),
      TEST(handlers_and_unwind_blocks_are_found),
      TEST(a_non_local_return_leaves_from_home),
      TEST(a_closure_frame_survives_divorce),
      TEST(arguments_survive_being_popped),
      TEST(damaged_contexts_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
