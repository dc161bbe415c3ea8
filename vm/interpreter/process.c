/* process.c: the scheduler: run queues, switching, semaphores, and the events that signal them.
 *
 * The rules are Squeak's (ProcessorScheduler's class comment; Blue Book pp. 641-648): the highest priority
 * runs, round robin only by yielding; a process that is resumed preempts one of lower priority. When no
 * process is runnable, frame_running is NULL, the loop stops with STOP_IDLE, and the next signal takes up a
 * process.
 */
#include "interpreter/process.h"

#include "devices/clock.h"
#include "devices/events.h"
#include "interpreter/frame_chain.h"
#include "interpreter/profile.h"
#include "memory/image.h"

/* The bit of the image header's flags that keeps "preemption does not yield" (vmParameter 48's bit 2, two
 * bits up, past full-screen and float order). */
enum { IMAGE_FLAG_PREEMPTION_STAYS = 1 << 4 };

bool process_preemption_yields = true;

/* The fields of contexts are the frames' business. */
bool process_is_list(oop o) { return oop_has_fields(o, LIST_FIELDS) && !oop_is_context(o); }
bool process_is_process(oop o) {
  return oop_has_fields(o, PROCESS_FIELDS) && oop_is_int(obj_slot(o, PROCESS_PRIORITY)) && !oop_is_context(o);
}
bool process_is_semaphore(oop o) {
  return oop_has_fields(o, SEMAPHORE_EXCESS + 1) && oop_is_int(obj_slot(o, SEMAPHORE_EXCESS)) &&
         !oop_is_context(o);
}

/* The image can put anything in their places at any time. */
static oop field_or_nil(oop o, uint32_t i) { return oop_has_fields(o, i + 1) ? obj_slot(o, i) : mem.nil; }
static oop scheduler(void) { return field_or_nil(special_or_nil(SPECIAL_SCHEDULER), 1); }
static oop run_queues(void) {
  const oop queues = field_or_nil(scheduler(), SCHEDULER_LISTS);
  return oop_has_fields(queues, 0) ? queues : mem.nil;
}
oop process_active(void) { return field_or_nil(scheduler(), SCHEDULER_ACTIVE); }
static int32_t priority_of(oop process) {
  return process_is_process(process) ? oop_int(obj_slot(process, PROCESS_PRIORITY)) : 0;
}
/* The active process; 0, and the VM stops, when the scheduler has none. */
static oop active_or_stop(void) {
  const oop active = process_active();
  if (process_is_process(active)) return active;
  frame_stop("the scheduler has lost its active process");
  return 0;
}

/* The run queue of a priority; 0 where there is none. */
static oop run_queue(int32_t priority) {
  const oop queues = run_queues();
  if (priority < 1 || (uint32_t)priority > obj_slots(queues)) return 0;
  oop list = obj_slot(queues, (uint32_t)priority - 1);
  return process_is_list(list) ? list : 0;
}

/* Most are empty when one that is not is looked for: that is asked first. What is no queue has nobody in it.
 */
static inline bool is_empty_queue(oop o) {
  return !oop_has_fields(o, LIST_FIELDS) || obj_slot(o, LIST_FIRST) == mem.nil || oop_is_context(o);
}

bool process_is_run_queue(oop o) {
  const oop queues = run_queues();
  for (uint32_t i = 0; i < obj_slots(queues); i++)
    if (obj_slot(queues, i) == o) return o != mem.nil;
  return false;
}

/* ---- lists ---- */

void process_list_add_last(oop list, oop process) {
  const oop last = obj_slot(list, LIST_LAST);
  if (obj_slot(list, LIST_FIRST) == mem.nil || !process_is_process(last))
    mem_store(list, LIST_FIRST, process);
  else
    mem_store(last, LINK_NEXT, process);
  mem_store(list, LIST_LAST, process);
  obj_put_raw(process, LINK_NEXT, mem.nil);
  mem_store(process, PROCESS_LIST, list);
}

static void list_add_first(oop list, oop process) {
  oop first = obj_slot(list, LIST_FIRST);
  mem_store(process, LINK_NEXT, first);
  if (first == mem.nil) mem_store(list, LIST_LAST, process);
  mem_store(list, LIST_FIRST, process);
  mem_store(process, PROCESS_LIST, list);
}

/* Only processes are taken for links: what else an image's list holds ends it. */
oop process_list_remove_first(oop list) {
  oop first = obj_slot(list, LIST_FIRST);
  if (!process_is_process(first)) return 0;
  if (first == obj_slot(list, LIST_LAST)) {
    obj_put_raw(list, LIST_FIRST, mem.nil);
    obj_put_raw(list, LIST_LAST, mem.nil);
  } else {
    mem_store(list, LIST_FIRST, obj_slot(first, LINK_NEXT));
  }
  obj_put_raw(first, LINK_NEXT, mem.nil);
  return first;
}

bool process_list_remove(oop list, oop process) {
  oop previous = mem.nil, link = obj_slot(list, LIST_FIRST);
  for (uint32_t hops = 0; link != process; hops++) {
    if (!process_is_process(link) || hops == CHAIN_MOST_HOPS) return false;
    previous = link;
    link = obj_slot(link, LINK_NEXT);
  }
  oop next = obj_slot(process, LINK_NEXT);
  if (previous == mem.nil)
    mem_store(list, LIST_FIRST, next);
  else
    mem_store(previous, LINK_NEXT, next);
  if (obj_slot(list, LIST_LAST) == process) mem_store(list, LIST_LAST, previous);
  obj_put_raw(process, LINK_NEXT, mem.nil);
  return true;
}

/* ---- switching ---- */

/* Puts the running frame into the active process, which then can be found and resumed again. */
static bool leave_active(void) {
  if (frame_running == NULL) return true;
  const oop active = active_or_stop(), top = active == 0 ? 0 : frame_suspend();
  if (top == 0) return false;
  mem_store(active, PROCESS_CONTEXT, top);
  return true;
}

void process_switch_to(oop process) {
  if (!process_is_process(process) || !oop_has_fields(scheduler(), SCHEDULER_FIELDS)) {
    frame_stop("the scheduler cannot take up a process");
    return;
  }
  if (!leave_active()) return;
  oop context = obj_slot(process, PROCESS_CONTEXT);
  mem_store(scheduler(), SCHEDULER_ACTIVE, process);
  obj_put_raw(process, PROCESS_CONTEXT, mem.nil);
  obj_put_raw(process, PROCESS_LIST, mem.nil);
  interp.process_switches++;
  if (!frame_activate_context(context, 0))
    frame_stop("the scheduler took up a process that has no context to go on in");
}

oop process_wake_highest(void) {
  const oop queues = run_queues();
  for (uint32_t i = obj_slots(queues); i-- > 0;) {
    const oop process =
        is_empty_queue(obj_slot(queues, i)) ? 0 : process_list_remove_first(obj_slot(queues, i));
    if (process != 0) return process;
  }
  return 0;
}

bool process_others_wait_for_events(void) {
  enum { ROCK_BOTTOM = 10 }; /* where the family's images run their idle process */
  const oop queues = run_queues();
  if (priority_of(process_active()) > ROCK_BOTTOM) return false;
  for (uint32_t i = obj_slots(queues); i-- > 0;)
    if (!is_empty_queue(obj_slot(queues, i))) return false;
  return true;
}

/* Nothing can run until a timer or the host signals: the loop returns to the host. */
static void go_idle(void) {
  interp.stop = interp.stop == RUN_ON || interp.stop == STOP_BUDGET ? STOP_IDLE : interp.stop;
  interp.idle_until_us = interp.timer_due_us != 0 ? interp.timer_due_us : UINT64_MAX;
  interp_request_check();
}

/* The active process has been put where it waits; another one runs. */
static void switch_to_highest(void) {
  oop next = process_wake_highest();
  if (next != 0) {
    process_switch_to(next);
    return;
  }
  if (leave_active()) go_idle();
}

bool process_resume(oop process) {
  if (!process_is_process(process)) return false;
  int32_t priority = priority_of(process);
  if (frame_running == NULL) {
    process_switch_to(process);
    return true;
  }
  const oop active = active_or_stop();
  if (active == 0) return false;
  if (priority <= priority_of(active)) {
    oop list = run_queue(priority);
    if (list == 0) return false;
    process_list_add_last(list, process);
    return true;
  }
  oop list = run_queue(priority_of(active));
  if (list == 0) return false;
  if (process_preemption_yields)
    process_list_add_last(list, active);
  else
    list_add_first(list, active);
  process_switch_to(process);
  return true;
}

void process_block_on(oop list) {
  const oop active = active_or_stop();
  if (active == 0) return;
  process_list_add_last(list, active);
  switch_to_highest();
}

void process_give_way(void) {
  const oop active = active_or_stop(), list = active == 0 ? 0 : run_queue(priority_of(active));
  oop next = list == 0 ? 0 : process_list_remove_first(list);
  if (next == 0) return;
  process_list_add_last(list, active);
  process_switch_to(next);
}

void process_suspend_active(void) {
  const oop active = active_or_stop();
  if (active == 0) return;
  obj_put_raw(active, PROCESS_LIST, mem.nil);
  switch_to_highest();
}

/* ---- semaphores ---- */

void process_signal(oop semaphore) {
  if (!process_is_semaphore(semaphore)) return;
  oop waiting = process_list_remove_first(semaphore);
  if (waiting != 0) {
    (void)process_resume(waiting);
    return;
  }
  int32_t excess = oop_int(obj_slot(semaphore, SEMAPHORE_EXCESS));
  if (excess < SMALLINT_MAX) obj_put_raw(semaphore, SEMAPHORE_EXCESS, int_oop(excess + 1));
}

bool process_wait(oop semaphore) {
  if (!process_is_semaphore(semaphore)) return false;
  int32_t excess = oop_int(obj_slot(semaphore, SEMAPHORE_EXCESS));
  if (excess > 0)
    obj_put_raw(semaphore, SEMAPHORE_EXCESS, int_oop(excess - 1));
  else
    process_block_on(semaphore);
  return true;
}

/* ---- events ---- */

/* Signals of the host, counted by external semaphore index (1-based; a slot of special object 38). */
enum { MAX_EXTERNAL_SEMAPHORES = 4096, EXTERNAL_BITS = 32 };
static uint32_t external_counts[MAX_EXTERNAL_SEMAPHORES];
static uint32_t external_last; /* the highest index signalled; 0: none pending */
static bool low_space_pending;

void process_signal_index(uint32_t index) {
  if (index == 0 || index >= MAX_EXTERNAL_SEMAPHORES) return;
  external_counts[index]++;
  if (index > external_last) external_last = index;
  interp_request_check();
}

void process_finalization_pending(void) {
  interp.pending_finalizations++;
  interp_request_check();
}

void process_low_space(void) {
  low_space_pending = true;
  interp_request_check();
}

void process_set_timer(oop semaphore_or_nil, uint64_t due_us) {
  if (process_is_semaphore(semaphore_or_nil)) {
    mem_store(mem.special, SPECIAL_TIMER_SEMAPHORE, semaphore_or_nil);
    interp.timer_due_us = due_us == 0 ? 1 : due_us;
  } else {
    obj_put_raw(mem.special, SPECIAL_TIMER_SEMAPHORE, mem.nil);
    interp.timer_due_us = 0;
  }
}

void process_deliver_timer(void) {
  if (interp.timer_due_us == 0) return;
  interp.timer_due_us = 0;
  process_signal(special_or_nil(SPECIAL_TIMER_SEMAPHORE));
}

static void signal_externals(void) {
  uint32_t last = external_last;
  external_last = 0;
  for (uint32_t i = 1; i <= last; i++)
    for (; external_counts[i] > 0; external_counts[i]--) {
      oop objects = special_or_nil(SPECIAL_EXTERNAL_OBJECTS);
      if (oop_has_fields(objects, i)) process_signal(obj_slot(objects, i - 1));
    }
}

/* Keys, mouse and the like. */
static void take_input(void) {
  const struct dev_events_taken taken = dev_events_take();
  if (taken.interrupt) interp.interrupt_pending = true;
  if (taken.queued) process_signal_index(dev_events_semaphore());
}

void process_check_events(uint64_t now_us) {
  if (frame_running != NULL) profile_check(now_us);
  if (dev_events_waiting()) take_input();
  if (low_space_pending) {
    low_space_pending = false;
    mem_store(mem.special, SPECIAL_LOW_SPACE_PROCESS, process_active());
    process_signal(special_or_nil(SPECIAL_LOW_SPACE_SEMAPHORE));
  }
  if (interp.interrupt_pending) {
    interp.interrupt_pending = false;
    process_signal(special_or_nil(SPECIAL_INTERRUPT_SEMAPHORE));
  }
  if (now_us >= interp.timer_due_us) process_deliver_timer();
  if (interp.pending_finalizations > 0) {
    interp.pending_finalizations = 0;
    process_signal(special_or_nil(SPECIAL_FINALIZATION_SEMAPHORE));
  }
  if (external_last > 0) signal_externals();
  if (frame_running == NULL && interp.stop == RUN_ON) go_idle();
}

/* ---- start and snapshot ---- */

/* In an image saved while nothing could run, the process that was the last to run waits. Its list must hold
 * it: older VMs leave the list in a process that runs. */
static bool is_waiting(oop process) {
  oop list = obj_slot(process, PROCESS_LIST);
  if (!process_is_list(list)) return false;
  oop link = obj_slot(list, LIST_FIRST);
  for (uint32_t hops = 0; link != process && process_is_process(link) && hops < CHAIN_MOST_HOPS; hops++)
    link = obj_slot(link, LINK_NEXT);
  return link == process;
}

err_t process_start(void) {
  process_preemption_yields = (image_info.flags & IMAGE_FLAG_PREEMPTION_STAYS) == 0;
  oop association = special_or_nil(SPECIAL_SCHEDULER);
  oop s = oop_has_fields(association, 2) ? obj_slot(association, 1) : mem.nil;
  if (!oop_has_fields(s, SCHEDULER_FIELDS) || !oop_has_fields(obj_slot(s, SCHEDULER_LISTS), 1))
    return "the image has no process scheduler (special object 3)";
  oop active = obj_slot(s, SCHEDULER_ACTIVE);
  if (!process_is_process(active)) return "the image's scheduler has no active process";
  if (is_waiting(active)) {
    oop next = process_wake_highest();
    if (next != 0) process_switch_to(next);
    return interp.error;
  }
  oop context = obj_slot(active, PROCESS_CONTEXT);
  if (!frame_activate_context(context, 0)) return "the image's active process has no context that can be run";
  obj_put_raw(active, PROCESS_CONTEXT, mem.nil);
  return NULL;
}

bool process_before_snapshot(void) {
  oop top = frame_divorce_all();
  if (top == 0) return false;
  if (top == mem.nil) return true;
  const oop active = active_or_stop();
  if (active != 0) mem_store(active, PROCESS_CONTEXT, top);
  return active != 0;
}

void process_after_snapshot(void) {
  const oop active = process_active();
  if (!process_is_process(active)) return;
  const oop context = obj_slot(active, PROCESS_CONTEXT);
  if (!oop_is_context(context) || is_waiting(active)) return;
  obj_put_raw(active, PROCESS_CONTEXT, mem.nil);
  if (!frame_activate_context(context, 0)) frame_stop("the snapshot lost the running process's context");
}
