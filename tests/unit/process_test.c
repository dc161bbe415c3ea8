/* process_test.c: the scheduler's lists and rules, semaphores, critical sections, timers, idling. */
#include "frame_fixture.h"

#include "interpreter/process.h"
#include "primitives/table.h"

enum { PRIORITIES = 80, ROOT_SCHEDULER = 10, ROOT_A, ROOT_B, ROOT_C, ROOT_SEMAPHORE };

static oop pointers(uint32_t slots) {
  return mem_new(mem_class_index_of(fixture_plain_class), FMT_FIXED, slots);
}

static oop new_process(int32_t priority, int32_t receiver) {
  oop p = pointers(PROCESS_FIELDS);
  mem_store(p, PROCESS_CONTEXT, fixture_context(fixture_method(0, 0, false, 0), int_oop(receiver), mem.nil));
  obj_put_raw(p, PROCESS_PRIORITY, int_oop(priority));
  return p;
}

static oop new_semaphore(void) {
  oop s = pointers(SEMAPHORE_EXCESS + 1);
  obj_put_raw(s, SEMAPHORE_EXCESS, int_oop(0));
  return s;
}

static oop scheduler(void) { return fixture_root[ROOT_SCHEDULER]; }
static oop list_of(int32_t priority) {
  return obj_slot(obj_slot(scheduler(), SCHEDULER_LISTS), (uint32_t)priority - 1);
}

static int setup(void **state) {
  frame_fixture_setup(state);
  frame_pages_shutdown();
  err_t e = frame_pages_init();
  assert_null(e);
  oop s = pointers(SCHEDULER_FIELDS), lists = mem_new_array(PRIORITIES), association = pointers(2);
  for (uint32_t i = 0; i < PRIORITIES; i++) mem_store(lists, i, pointers(LIST_FIELDS));
  mem_store(s, SCHEDULER_LISTS, lists);
  mem_store(s, SCHEDULER_ACTIVE, new_process(40, 100));
  mem_store(association, 1, s);
  mem_store(mem.special, SPECIAL_SCHEDULER, association);
  fixture_root[ROOT_SCHEDULER] = s;
  fixture_root[ROOT_SEMAPHORE] = new_semaphore();
  e = process_start();
  assert_null(e);
  assert_int_equal(frame_receiver(interp.fp), int_oop(100));
  return 0;
}

static oop semaphore(void) { return fixture_root[ROOT_SEMAPHORE]; }
static int32_t running(void) { return frame_running == NULL ? -1 : oop_int(frame_receiver(interp.fp)); }

/* Calls a primitive as a send would. */
static oop call(prim_fn f, uint32_t argc, oop receiver, oop a1, oop a2) {
  fixture_push(receiver);
  if (argc > 0) fixture_push(a1);
  if (argc > 1) fixture_push(a2);
  oop result = f(AT(oop, interp.sp - 4 * argc), argc);
  if (result == PRIM_FAILED) {
    interp.sp -= 4 * (argc + 1);
  } else if (result != PRIM_DONE) {
    interp.sp -= 4 * argc;
    put32(interp.sp, result);
  }
  return result;
}

static void a_signal_without_a_waiter_is_counted(void **state) {
  (void)state;
  process_signal(semaphore());
  process_signal(semaphore());
  assert_int_equal(obj_slot(semaphore(), SEMAPHORE_EXCESS), int_oop(2));
  call(prim_wait, 0, semaphore(), 0, 0);
  assert_int_equal(obj_slot(semaphore(), SEMAPHORE_EXCESS), int_oop(1));
  assert_int_equal(running(), 100);
}

static void a_resumed_process_of_higher_priority_preempts(void **state) {
  (void)state;
  oop first = process_active(), high = new_process(60, 200);
  addr sp = interp.sp;
  assert_int_equal(call(prim_resume, 0, high, 0, 0), PRIM_DONE);
  assert_int_equal(running(), 200);
  assert_int_equal(process_active(), high);
  assert_int_equal(obj_slot(high, PROCESS_CONTEXT), mem.nil);
  assert_int_equal(obj_slot(list_of(40), LIST_FIRST), first);
  assert_int_equal(obj_slot(first, PROCESS_LIST), list_of(40));
  assert_true(context_frame(obj_slot(first, PROCESS_CONTEXT)) != 0); /* its frames stayed in their page */
  call(prim_wait, 0, semaphore(), 0, 0);
  assert_int_equal(running(), 100);
  assert_int_equal(interp.sp, sp + 4);
  assert_int_equal(at32(interp.sp), high); /* resume answered the process */
  call(prim_signal, 0, semaphore(), 0, 0);
  assert_int_equal(running(), 200);
  assert_int_equal(at32(interp.sp), semaphore());
}

static void equal_and_lower_priorities_queue_up_and_yield_takes_turns(void **state) {
  (void)state;
  call(prim_resume, 0, new_process(40, 200), 0, 0);
  call(prim_resume, 0, new_process(40, 300), 0, 0);
  call(prim_resume, 0, new_process(30, 400), 0, 0);
  assert_int_equal(running(), 100);
  const int32_t turns[] = {200, 300, 100, 200};
  for (int i = 0; i < 4; i++) {
    call(prim_yield, 0, mem.nil, 0, 0);
    assert_int_equal(running(), turns[i]);
  }
  call(prim_suspend, 0, process_active(), 0, 0);
  assert_int_equal(running(), 300);
  call(prim_suspend, 0, process_active(), 0, 0);
  call(prim_suspend, 0, process_active(), 0, 0);
  assert_int_equal(running(), 400);
}

static void the_preempted_goes_to_the_back_or_stays_in_front(void **state) {
  (void)state;
  for (int yields = 0; yields < 2; yields++) {
    process_preemption_yields = yields;
    call(prim_resume, 0, new_process(40, 200), 0, 0);
    call(prim_resume, 0, new_process(50, 300), 0, 0);
    assert_int_equal(running(), 300);
    call(prim_suspend, 0, process_active(), 0, 0);
    assert_int_equal(running(), yields ? 200 : 100);
    if (!yields) call(prim_yield, 0, mem.nil, 0, 0); /* to 200, which goes now */
    call(prim_suspend, 0, process_active(), 0, 0);
    assert_int_equal(running(), 100);
  }
}

static void suspending_a_waiting_process_answers_its_list(void **state) {
  (void)state;
  oop waiting = new_process(60, 200);
  call(prim_resume, 0, waiting, 0, 0);
  call(prim_wait, 0, semaphore(), 0, 0);
  assert_int_equal(running(), 100);
  assert_int_equal(call(prim_suspend, 0, waiting, 0, 0), semaphore());
  assert_int_equal(obj_slot(waiting, PROCESS_LIST), mem.nil);
  assert_int_equal(obj_slot(semaphore(), LIST_FIRST), mem.nil);
  assert_int_equal(call(prim_suspend, 0, waiting, 0, 0), PRIM_FAILED); /* it waits for nothing */
  call(prim_resume, 0, waiting, 0, 0);
  assert_int_equal(running(), 200);
  assert_int_equal(call(prim_resume, 0, waiting, 0, 0), PRIM_FAILED); /* it runs already */
}

static void a_list_loses_its_first_middle_and_last(void **state) {
  (void)state;
  oop list = list_of(7), p[3];
  for (int i = 0; i < 3; i++) process_list_add_last(list, p[i] = new_process(7, i));
  assert_true(process_list_remove(list, p[1]));
  assert_int_equal(obj_slot(p[0], PROCESS_NEXT), p[2]);
  assert_true(process_list_remove(list, p[2]));
  assert_int_equal(obj_slot(list, LIST_LAST), p[0]);
  assert_false(process_list_remove(list, p[2]));
  assert_int_equal(process_list_remove_first(list), p[0]);
  assert_int_equal(obj_slot(list, LIST_FIRST), mem.nil);
  assert_int_equal(process_list_remove_first(list), 0);
}

static void critical_sections_hand_over_ownership(void **state) {
  (void)state;
  oop mutex = pointers(MUTEX_OWNER + 1), first = process_active(), second = new_process(60, 200);
  fixture_root[ROOT_A] = mutex;
  assert_int_equal(call(prim_enter_critical_section, 0, mutex, 0, 0), mem.false_);
  assert_int_equal(call(prim_enter_critical_section, 0, mutex, 0, 0), mem.true_);
  call(prim_resume, 0, second, 0, 0);
  assert_int_equal(call(prim_test_and_set_ownership, 0, mutex, 0, 0), mem.nil);
  call(prim_enter_critical_section, 0, mutex, 0, 0); /* waits */
  assert_int_equal(running(), 100);
  assert_int_equal(obj_slot(mutex, MUTEX_OWNER), first);
  call(prim_exit_critical_section, 0, mutex, 0, 0);
  assert_int_equal(running(), 200);
  assert_int_equal(at32(interp.sp), mem.false_);
  assert_int_equal(obj_slot(mutex, MUTEX_OWNER), second);
  call(prim_exit_critical_section, 0, mutex, 0, 0);
  assert_int_equal(obj_slot(mutex, MUTEX_OWNER), mem.nil);
  assert_int_equal(call(prim_test_and_set_ownership, 0, mutex, 0, 0), mem.false_);
}

static void with_nothing_runnable_the_vm_idles_until_a_signal(void **state) {
  (void)state;
  interp.timer_due_us = 12345;
  call(prim_wait, 0, semaphore(), 0, 0);
  assert_null(frame_running);
  assert_int_equal(interp.stop, STOP_IDLE);
  assert_int_equal(interp.idle_until_us, 12345);
  interp.stop = RUN_ON;
  process_check_events(12344);
  assert_int_equal(interp.stop, STOP_IDLE);
  interp.stop = RUN_ON;
  mem_store(mem.special, SPECIAL_TIMER_SEMAPHORE, semaphore());
  process_check_events(12345);
  assert_int_equal(interp.stop, RUN_ON);
  assert_int_equal(running(), 100);
  assert_int_equal(interp.timer_due_us, 0);
}

static void events_signal_their_semaphores(void **state) {
  (void)state;
  const uint32_t index[] = {SPECIAL_INTERRUPT_SEMAPHORE, SPECIAL_FINALIZATION_SEMAPHORE,
                            SPECIAL_LOW_SPACE_SEMAPHORE};
  for (int i = 0; i < 3; i++) mem_store(mem.special, index[i], new_semaphore());
  oop externals = mem_new_array(3);
  mem_store(mem.special, SPECIAL_EXTERNAL_OBJECTS, externals);
  mem_store(externals, 1, semaphore());
  interp.interrupt_pending = true;
  process_finalization_pending();
  process_low_space();
  process_signal_index(2);
  process_signal_index(2);
  process_signal_index(1);  /* nil there */
  process_signal_index(77); /* past the array */
  process_signal_index(1u << 31);
  process_check_events(0);
  for (int i = 0; i < 3; i++) assert_int_equal(obj_slot(mem_special(index[i]), SEMAPHORE_EXCESS), int_oop(1));
  assert_int_equal(obj_slot(semaphore(), SEMAPHORE_EXCESS), int_oop(2));
  assert_int_equal(mem_special(SPECIAL_LOW_SPACE_PROCESS), process_active());
  process_check_events(0);
  assert_int_equal(obj_slot(semaphore(), SEMAPHORE_EXCESS), int_oop(2));
}

/* A process that is preempted runs on where it was, however many others have used its pages. */
static void many_processes_share_few_pages(void **state) {
  (void)state;
  enum { COUNT = 20 };
  for (int32_t i = 0; i < COUNT; i++) {
    oop p = new_process(40, 1000 * (i + 1));
    call(prim_resume, 0, p, 0, 0);
    interp.sp -= 4;
  }
  for (int round = 0; round < 3; round++)
    for (int32_t i = 0; i <= COUNT; i++) {
      int32_t receiver = i == 0 ? 100 : 1000 * i;
      assert_int_equal(running(), receiver + 10 * round);
      fixture_call_numbered(fixture_method_1_2, receiver + 10 * (round + 1));
      call(prim_yield, 0, mem.nil, 0, 0);
    }
  for (int32_t i = 0; i <= COUNT; i++) {
    int32_t receiver = i == 0 ? 100 : 1000 * i;
    for (int round = 3; round > 0; round--) {
      assert_int_equal(running(), receiver + 10 * round);
      frame_return(int_oop(1));
    }
    assert_int_equal(running(), receiver);
    call(prim_yield, 0, mem.nil, 0, 0);
  }
}

static void a_snapshot_holds_every_activation_in_contexts(void **state) {
  (void)state;
  call(prim_resume, 0, new_process(40, 200), 0, 0);
  fixture_call_numbered(fixture_method_1_2, 10);
  call(prim_yield, 0, mem.nil, 0, 0);
  fixture_call_numbered(fixture_method_1_2, 20);
  assert_true(process_before_snapshot());
  for (uint32_t i = 0; i < frame_page_count; i++) assert_int_equal(frame_pages[i].base_fp, 0);
  oop context = obj_slot(process_active(), PROCESS_CONTEXT);
  fixture_assert_numbered(context, 20);
  mem_full_gc();
  fixture_assert_sound();
  process_after_snapshot();
  assert_int_equal(running(), 20);
  assert_int_equal(obj_slot(process_active(), PROCESS_CONTEXT), mem.nil);
  call(prim_yield, 0, mem.nil, 0, 0);
  assert_int_equal(running(), 10);
}

static void a_snapshot_while_idle_leaves_the_waiting_wait(void **state) {
  (void)state;
  call(prim_wait, 0, semaphore(), 0, 0);
  assert_null(frame_running);
  assert_true(process_before_snapshot());
  process_after_snapshot();
  assert_null(frame_running);
  /* so does the image that is loaded from it, unless another process can run */
  assert_null(process_start());
  assert_null(frame_running);
  process_list_add_last(list_of(20), new_process(20, 200));
  assert_null(process_start());
  assert_int_equal(running(), 200);
  process_signal(semaphore());
  assert_int_equal(running(), 100);
}

static void a_timer_delivered_early_goes_off_once(void **state) {
  (void)state;
  process_set_timer(semaphore(), UINT64_MAX - 1);
  call(prim_wait, 0, semaphore(), 0, 0);
  process_deliver_timer();
  assert_int_equal(running(), 100);
  process_deliver_timer();
  assert_int_equal(obj_slot(semaphore(), SEMAPHORE_EXCESS), int_oop(0));
}

static void an_active_process_with_a_left_over_list_runs(void **state) {
  (void)state;
  oop active = process_active();
  assert_true(process_before_snapshot());
  mem_store(active, PROCESS_LIST, list_of(40)); /* as VMs before Spur leave it */
  assert_null(process_start());
  assert_int_equal(running(), 100);
}

static void a_scheduler_that_is_none_is_an_error(void **state) {
  (void)state;
  obj_put_raw(scheduler(), SCHEDULER_ACTIVE, mem.nil);
  assert_non_null(process_start());
  obj_put_raw(mem.special, SPECIAL_SCHEDULER, int_oop(3));
  assert_non_null(process_start());
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, frame_fixture_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_signal_without_a_waiter_is_counted),
      TEST(a_resumed_process_of_higher_priority_preempts),
      TEST(equal_and_lower_priorities_queue_up_and_yield_takes_turns),
      TEST(the_preempted_goes_to_the_back_or_stays_in_front),
      TEST(suspending_a_waiting_process_answers_its_list),
      TEST(a_list_loses_its_first_middle_and_last),
      TEST(critical_sections_hand_over_ownership),
      TEST(with_nothing_runnable_the_vm_idles_until_a_signal),
      TEST(events_signal_their_semaphores),
      TEST(many_processes_share_few_pages),
      TEST(a_snapshot_holds_every_activation_in_contexts),
      TEST(a_snapshot_while_idle_leaves_the_waiting_wait),
      TEST(a_timer_delivered_early_goes_off_once),
      TEST(an_active_process_with_a_left_over_list_runs),
      TEST(a_scheduler_that_is_none_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
