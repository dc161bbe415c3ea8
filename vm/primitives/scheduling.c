/* scheduling.c: primitives of semaphores, processes, critical sections and timers.
 *
 * Numbers and meanings: Blue Book pp. 649-651; Squeak's Process, Semaphore, Mutex, Delay and
 * ProcessorScheduler. A primitive that may switch process first pushes its result, so that the process is
 * complete when it is left.
 */
#include "devices/clock.h"
#include "interpreter/process.h"
#include "memory/special.h"
#include "primitives/primitive.h"
#include "primitives/table.h"

oop prim_signal(oop *args, uint32_t argc) {
  oop semaphore = args[0];
  if (!process_is_semaphore(semaphore)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  (void)prim_done(argc, semaphore);
  process_signal(semaphore);
  return PRIM_DONE;
}

oop prim_wait(oop *args, uint32_t argc) {
  oop semaphore = args[0];
  if (!process_is_semaphore(semaphore)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  (void)prim_done(argc, semaphore);
  (void)process_wait(semaphore);
  return PRIM_DONE;
}

oop prim_resume(oop *args, uint32_t argc) {
  oop process = args[0];
  if (!process_is_process(process) || process == process_active() ||
      !oop_is_context(obj_slot(process, PROCESS_CONTEXT)))
    return prim_fail(PRIM_ERR_BAD_RECEIVER);
  (void)prim_done(argc, process);
  (void)process_resume(process);
  return PRIM_DONE;
}

/* Answers the list the process was on; the running process answers nil when it is resumed. */
oop prim_suspend(oop *args, uint32_t argc) {
  oop process = args[0];
  if (!process_is_process(process)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (process == process_active()) {
    (void)prim_done(argc, mem.nil);
    process_suspend_active();
    return PRIM_DONE;
  }
  oop list = obj_slot(process, PROCESS_LIST);
  if (!process_is_list(list) || !process_list_remove(list, process)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  obj_put_raw(process, PROCESS_LIST, mem.nil);
  return list;
}

oop prim_yield(oop *args, uint32_t argc) {
  (void)prim_done(argc, args[0]);
  process_give_way();
  return PRIM_DONE;
}

/* ---- critical sections: a list of waiting processes with an owner ---- */

static bool is_mutex(oop o) {
  return oop_is_pointer(o) && fmt_is_pointers(obj_format(o)) && obj_slots(o) > MUTEX_OWNER;
}

/* Answers whether the process owned it already; else it owns it afterwards. The entering process may be an
 * argument (one that enters for another). */
oop prim_enter_critical_section(oop *args, uint32_t argc) {
  oop mutex = args[0], process = argc > 0 ? args[1] : process_active();
  if (!is_mutex(mutex)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  oop owner = obj_slot(mutex, MUTEX_OWNER);
  if (owner == process) return mem.true_;
  if (owner == mem.nil) {
    mem_store(mutex, MUTEX_OWNER, process);
    return mem.false_;
  }
  if (process != process_active()) return prim_fail(PRIM_ERR_UNSUPPORTED);
  (void)prim_done(argc, mem.false_);
  process_block_on(mutex);
  return PRIM_DONE;
}

oop prim_exit_critical_section(oop *args, uint32_t argc) {
  oop mutex = args[0];
  if (!is_mutex(mutex)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  (void)prim_done(argc, mutex);
  oop next = process_list_remove_first(mutex);
  if (next == 0) {
    obj_put_raw(mutex, MUTEX_OWNER, mem.nil);
  } else {
    mem_store(mutex, MUTEX_OWNER, next);
    (void)process_resume(next);
  }
  return PRIM_DONE;
}

/* true: owned already; false: taken now; nil: another process has it. */
oop prim_test_and_set_ownership(oop *args, uint32_t argc) {
  oop mutex = args[0], process = argc > 0 ? args[1] : process_active();
  if (!is_mutex(mutex)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  oop owner = obj_slot(mutex, MUTEX_OWNER);
  if (owner == process) return mem.true_;
  if (owner != mem.nil) return mem.nil;
  mem_store(mutex, MUTEX_OWNER, process);
  return mem.false_;
}

/* ---- time ---- */

/* Delay: signal: aSemaphore atMilliseconds: time, of the millisecond clock, which wraps. What is no
 * semaphore (nil) stops the timer. */
oop prim_signal_at_milliseconds(oop *args, uint32_t argc) {
  if (!process_is_semaphore(args[1])) {
    process_set_timer(mem.nil, 0);
    return args[0];
  }
  if (!oop_is_int(args[2])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint64_t now = dev_clock_us();
  uint32_t now_ms = (uint32_t)(now / 1000) & DEV_MS_CLOCK_MASK;
  uint32_t ahead = ((uint32_t)oop_int(args[2]) - now_ms) & DEV_MS_CLOCK_MASK;
  /* More than half the range ahead is in the past. */
  process_set_timer(args[1], ahead > DEV_MS_CLOCK_MASK / 2 ? now : now - now % 1000 + ahead * 1000ull);
  return args[0];
}

/* The same with a time of the UTC microsecond clock (since 1901). */
oop prim_signal_at_utc_microseconds(oop *args, uint32_t argc) {
  if (!process_is_semaphore(args[1])) {
    process_set_timer(mem.nil, 0);
    return args[0];
  }
  uint64_t target;
  if (!prim_uint64(args[2], &target)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint64_t utc = dev_squeak_utc_us(), now = dev_clock_us();
  process_set_timer(args[1], target <= utc ? now : now + (target - utc));
  return args[0];
}

/* ProcessorScheduler>>relinquishProcessorForMicroseconds: the host may sleep so long, or until the timer.
 * When the idle process says it and all others wait for events, only the timer or the host can change that:
 * the sleep is as long as it takes, and an image without work costs nothing. */
oop prim_relinquish_processor(oop *args, uint32_t argc) {
  if (!oop_is_int(args[1]) || oop_int(args[1]) < 0) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint64_t now = dev_clock_us(), until = now + (uint32_t)oop_int(args[1]);
  if (process_others_wait_for_events()) until = UINT64_MAX;
  if (interp.timer_due_us != 0 && interp.timer_due_us < until) until = interp.timer_due_us;
  if (until > now && !interp.check_pending && interp.stop == RUN_ON) {
    interp.stop = STOP_IDLE;
    interp.idle_until_us = until;
    interp_request_check();
  }
  return args[0];
}
