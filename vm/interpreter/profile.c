/* profile.c: samples for a profiler in the image (profile.h). */
#include "interpreter/profile.h"

#include "devices/clock.h"

uint64_t profile_due_us;
static oop semaphore, sampled; /* 0: none */

static void each_root(void (*visit)(oop *slot), bool full) {
  (void)full;
  if (semaphore != 0) visit(&semaphore);
  if (sampled != 0) visit(&sampled);
}

void profile_start(void) {
  profile_due_us = 0;
  semaphore = sampled = 0;
  interp_add_roots(each_root);
}

void profile_set_semaphore(oop semaphore_or_nil) {
  semaphore = semaphore_or_nil == mem.nil ? 0 : semaphore_or_nil;
  sampled = 0;
}

void profile_begin(uint32_t after_us) { profile_due_us = after_us == 0 ? 0 : dev_clock_us() + after_us; }

void profile_sample(void) {
  profile_due_us = 0;
  sampled = process_active();
  if (semaphore != 0) process_signal(semaphore);
}

oop profile_take(void) {
  const oop process = sampled != 0 ? sampled : mem.nil;
  sampled = 0;
  return process;
}
