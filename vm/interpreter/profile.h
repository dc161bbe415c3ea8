/* profile.h: samples for a profiler in the image: at the first safepoint after a time that it asked for, the
 * process that runs is noted and a semaphore signalled (Squeak's primitiveProfileStart and its like). */
#ifndef VM_INTERPRETER_PROFILE_H
#define VM_INTERPRETER_PROFILE_H

#include "interpreter/interp.h"

/* Nothing is sampled until profile_begin(). */
void profile_start(void);
/* nil for none; forgets the last sample. */
void profile_set_semaphore(oop semaphore_or_nil);
/* Asks for one sample so many microseconds from now; 0: none. */
void profile_begin(uint32_t after_us);
/* The process of the last sample, which is forgotten; nil when there is none. */
oop profile_take(void);

extern uint64_t profile_due_us; /* 0: no sample is wanted */
void profile_sample(void);
/* At a safepoint, while a process runs. */
static inline void profile_check(uint64_t now_us) {
  if (profile_due_us != 0 && now_us >= profile_due_us) profile_sample();
}

#endif
