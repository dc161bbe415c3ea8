/* interp.c: starting, running in slices, and the safepoint (interp.h). */
#include "interpreter/interp.h"

#include "base/options.h"
#include "devices/clock.h"
#include "interpreter/lookup.h"
#include "interpreter/loop.h"
#include "interpreter/process.h"
#include "interpreter/profile.h"

struct interp interp;
struct interp_hooks interp_hooks;

static uint64_t slice_end_us;

/* ---- roots ---- */

enum { MAX_ROOT_PROVIDERS = 8 };
static void (*root_providers[MAX_ROOT_PROVIDERS])(void (*visit)(oop *slot), bool full);
static uint32_t root_provider_count;

void interp_add_roots(void (*each)(void (*visit)(oop *slot), bool full)) {
  for (uint32_t i = 0; i < root_provider_count; i++)
    if (root_providers[i] == each) return;
  VM_ASSERT(root_provider_count < MAX_ROOT_PROVIDERS);
  root_providers[root_provider_count++] = each;
}

static void visit_if_set(void (*visit)(oop *slot), oop *slot) {
  if (*slot != 0) visit(slot);
}

static void each_root(void (*visit)(oop *slot), bool full) {
  visit_if_set(visit, &interp.new_method);
  visit_if_set(visit, &interp.selector);
  visit_if_set(visit, &interp.prim_os_error);
  frame_each_root(visit, full);
  lookup_each_root(visit, full);
  for (uint32_t i = 0; i < root_provider_count; i++) root_providers[i](visit, full);
}

static void objects_moved(bool full) {
  interp.moves++;
  lookup_objects_moved(full);
  if (interp_hooks.objects_moved != NULL) interp_hooks.objects_moved(full);
}

/* ---- start and run ---- */

err_t interp_start(void) {
  interp = (struct interp){0};
  lookup_reset();
  mem_hooks.each_root = each_root;
  mem_hooks.each_weak_root = lookup_each_weak_root;
  mem_hooks.objects_moved = objects_moved;
  mem_hooks.finalization_pending = process_finalization_pending;
  mem_hooks.low_space = process_low_space;
  mem_hooks.request_safepoint = interp_request_check;
  mem_hooks.clock_us = dev_clock_us;
  profile_start();
  err_t error = frame_pages_init();
  if (error == NULL) error = loop_start();
  if (error == NULL) error = process_start();
  return error;
}

void interp_request_check(void) {
  interp.check_pending = true;
  interp.stack_limit = 0;
  interp.countdown = 0;
}

void interp_check(void) {
  interp.check_pending = false;
  interp.nlr_home = 0; /* the process may change */
  interp.countdown = INTERP_CHECK_INTERVAL;
  interp.stack_limit = interp.page_limit;
  if (interp.fp > interp.page_limit) frame_overflow();
  if (mem.gc_wanted) mem_collect_at_safepoint();
  uint64_t now = dev_clock_us();
  process_check_events(now);
  if (interp_hooks.safepoint != NULL) interp_hooks.safepoint(now);
  if (now >= slice_end_us && interp.stop == RUN_ON) interp.stop = STOP_BUDGET;
}

enum interp_stop interp_run(uint32_t budget_us) {
  if (interp.stop == STOP_QUIT || interp.stop == STOP_ERROR) return (enum interp_stop)interp.stop;
  interp.stop = RUN_ON;
  if (interp_hooks.slice != NULL) interp_hooks.slice();
  uint64_t now = dev_clock_us();
  slice_end_us = now + budget_us;
  interp.countdown = INTERP_CHECK_INTERVAL;
  process_check_events(now);
  interp.restructured = false;
  if (interp.stop == RUN_ON) loop_run(0);
  return (enum interp_stop)interp.stop;
}
