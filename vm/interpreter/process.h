/* process.h: processes, semaphores and what wakes them: the part of process.c that primitives, the run loop
 * and the snapshot use besides interp.h. */
#ifndef VM_INTERPRETER_PROCESS_H
#define VM_INTERPRETER_PROCESS_H

#include "interpreter/interp.h"

/* Fields (Blue Book p. 645; Spur images keep them). */
enum { LINK_NEXT = 0 };
enum { PROCESS_NEXT, PROCESS_CONTEXT, PROCESS_PRIORITY, PROCESS_LIST, PROCESS_FIELDS };
enum { LIST_FIRST, LIST_LAST, LIST_FIELDS };
enum { SEMAPHORE_EXCESS = LIST_FIELDS, MUTEX_OWNER = LIST_FIELDS };
enum { SCHEDULER_LISTS, SCHEDULER_ACTIVE, SCHEDULER_FIELDS };

/* A preempted process goes to the back of its list (the image's default), or else to the front: bit 2 of
 * vmParameter 48, kept in the image header. */
extern bool process_preemption_yields;

/* Takes up the active process of a loaded image: interp_start() calls it when the pages exist. */
err_t process_start(void) NODISCARD;

/* mem_hooks.finalization_pending and .low_space: signalled at the next safepoint. */
void process_finalization_pending(void);
void process_low_space(void);

/* ---- the running process waits, yields, goes ---- */

bool process_is_list(oop o);      /* LinkedList, Semaphore or Mutex by its shape */
bool process_is_process(oop o);   /* by its shape */
bool process_is_semaphore(oop o); /* by its shape */
bool process_is_run_queue(oop o); /* one of the scheduler's lists of processes that could run */
bool process_wait(oop semaphore); /* takes a signal or puts the running process on the list and switches */
void process_block_on(oop list);  /* puts the running process at the list's end and switches */
void process_give_way(void);      /* primitive 167 */
void process_suspend_active(void);
bool process_list_remove(oop list, oop process);
void process_list_add_last(oop list, oop process);
oop process_list_remove_first(oop list); /* 0: empty */
/* The active process is the idle one, and no other can run before a timer or the host signals. */
bool process_others_wait_for_events(void);

/* ---- timers ---- */
void process_set_timer(oop semaphore_or_nil, uint64_t due_us); /* of dev_clock_us() */
/* Delivers a timer that is set, due or not. An image file does not keep it: who saves an image that does not
 * know of it, wakes whom it was to wake, who then sets it anew. Those who wait for a time look at the clock.
 */
void process_deliver_timer(void);

/* ---- snapshot ---- */

/* Puts every activation into contexts and the running one into the active process's suspendedContext: what
 * the image file needs. The result of the primitive is on the stack already. Answers false without memory.
 * Nothing runs until process_after_snapshot(). */
bool process_before_snapshot(void);
void process_after_snapshot(void);

#endif
