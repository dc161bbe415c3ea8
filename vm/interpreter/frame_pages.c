/* frame_pages.c: the stack pages: taking, running, splitting and emptying them (frame.h).
 *
 * The mapping of contexts to stack frames follows Miranda, "Context management in VisualWorks 5i" (1999). A
 * page holds a chain of frames of one process; the sender chain of a process may run through several pages
 * and through single contexts. Pages are split where a chain is cut, spliced or returned into, so that a
 * frame that needs another caller is always a base frame: its caller then is one word.
 */
#include "interpreter/frame_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "interpreter/send.h"

struct stack_page *frame_pages;
uint32_t frame_page_count;
struct stack_page *frame_running;
uint32_t frame_block_context_cix;

static addr region;     /* all pages, one after the other */
static uint32_t stride; /* from page to page */
static uint32_t use_clock;

enum { MIN_PAGES = 4, MIN_PAGE_BYTES = 256 };

void frame_stop(err_t error) {
  if (interp.stop == STOP_ERROR) return;
  interp.stop = STOP_ERROR;
  interp.error = error;
  interp_request_check();
}

void frame_out_of_memory(void) {
  frame_stop("out of memory: no room for the stack's contexts (endless recursion?); --memory sets the limit");
}

err_t frame_pages_init(void) {
  frame_pages_shutdown();
  uint32_t bytes =
      vm_options.stack_page_bytes < MIN_PAGE_BYTES ? MIN_PAGE_BYTES : vm_options.stack_page_bytes;
  uint32_t count = vm_options.stack_pages < MIN_PAGES ? MIN_PAGES : vm_options.stack_pages;
  if (bytes > 1u << 24 || count > 4096) return "stack pages: at most 16 MB a page and 4096 pages";
  stride = (bytes + FRAME_SLACK_BYTES + 63) & ~63u;
  frame_pages = calloc(count, sizeof *frame_pages);
  region = frame_pages == NULL ? 0 : space_take(count * stride);
  if (region == 0) {
    free(frame_pages);
    frame_pages = NULL;
    return "no memory for the stack pages";
  }
  frame_page_count = count;
  for (uint32_t i = 0; i < count; i++) {
    frame_pages[i].start = region + i * stride;
    frame_pages[i].limit = frame_pages[i].start + stride - FRAME_SLACK_BYTES;
  }
  oop block_context = special_or_nil(SPECIAL_CLASS_BLOCK_CONTEXT);
  frame_block_context_cix = block_context == mem.nil ? 0 : mem_class_index_of(block_context);
  mem_block_context_index = frame_block_context_cix;
  return NULL;
}

void frame_pages_shutdown(void) {
  if (frame_pages == NULL) return;
  space_give(region, frame_page_count * stride);
  free(frame_pages);
  frame_pages = NULL;
  frame_running = NULL;
  frame_page_count = region = 0;
  interp.fp = interp.sp = 0;
}

struct stack_page *frame_page_of(addr fp) {
  return fp >= region && fp < region + frame_page_count * stride ? &frame_pages[(fp - region) / stride]
                                                                 : NULL;
}

/* The live frame of a context. A sender that names no such frame (a damaged image, a raw copy) counts for
 * nothing. */
addr context_frame(oop context) {
  oop sender = obj_slot(context, CTX_SENDER);
  if (!oop_is_int(sender)) return 0;
  addr fp = sender & ~1u;
  if (fp - region >= frame_page_count * stride || (fp & 3) != 0) return 0;
  return frame_context(fp) == context ? fp : 0;
}

addr frame_above(addr fp) {
  addr above = 0;
  for (addr f = page_top_fp(frame_page_of(fp)); f != fp; f = frame_caller_fp(f)) above = f;
  return above;
}

addr frame_last_word(addr fp) {
  addr above = frame_above(fp);
  return above != 0 ? frame_pushed(above) - 4 : page_top_sp(frame_page_of(fp));
}

/* ---- taking pages ---- */

/* Turns all frames of a page that does not run into single contexts; the page is free then. */
static bool page_empty(struct stack_page *p) {
  for (addr fp = p->head_fp; fp != 0; fp = frame_caller_fp(fp))
    if (frame_marry(fp) == 0) return false;
  addr last = p->head_sp;
  for (addr fp = p->head_fp; fp != 0;) {
    addr caller = frame_caller_fp(fp);
    frame_write_context(fp, last, caller != 0 ? frame_context(caller) : at32(frame_base_caller_slot(fp)));
    last = frame_pushed(fp) - 4;
    fp = caller;
  }
  p->base_fp = 0;
  return true;
}

/* A free page, if need be by emptying the least recently used one; never the running page nor `keep`. */
static struct stack_page *page_take(const struct stack_page *keep) {
  struct stack_page *victim = NULL;
  for (uint32_t i = 0; i < frame_page_count; i++) {
    struct stack_page *p = &frame_pages[i];
    if (p->base_fp == 0) return p;
    if (p == frame_running || p == keep) continue;
    if (victim == NULL || p->last_use < victim->last_use) victim = p;
  }
  if (page_empty(victim)) return victim;
  frame_out_of_memory();
  return NULL;
}

static void page_run(struct stack_page *p) {
  p->last_use = ++use_clock;
  frame_running = p;
  interp.fp = p->head_fp;
  interp.sp = p->head_sp;
  interp.page_limit = p->limit;
  interp.stack_limit = interp.check_pending ? 0 : p->limit;
  interp.restructured = true;
}

/* Keeps the running page's top where others find it; no page runs then. */
static void page_leave(void) {
  if (frame_running == NULL) return;
  frame_running->head_fp = interp.fp;
  frame_running->head_sp = interp.sp;
  frame_running = NULL;
  interp.fp = interp.sp = 0;
  interp.restructured = true;
}

/* ---- splitting ---- */

/* Frames that now lie `delta` higher: their links and their contexts follow. `fp` is the new top. */
static void frames_moved(addr fp, addr base, uint32_t delta) {
  for (;;) {
    if (frame_is_married(fp)) obj_put_raw(frame_context(fp), CTX_SENDER, fp | 1);
    if (fp == base) break;
    put32(fp + FRAME_SAVED_FP, frame_caller_fp(fp) + delta);
    fp = frame_caller_fp(fp);
  }
  put32(base + FRAME_SAVED_FP, 0);
}

addr frame_split(addr fp) {
  struct stack_page *from = frame_page_of(fp);
  addr caller = frame_caller_fp(fp);
  oop caller_context = frame_marry(caller);
  struct stack_page *to = caller_context == 0 ? NULL : page_take(from);
  if (to == NULL) return 0;

  addr first = frame_pushed(fp), last = page_top_sp(from), dest = to->start + 4;
  uint32_t delta = dest - first;
  put32(to->start, caller_context);
  memmove(AT(uint8_t, dest), AT(uint8_t, first), last + 4 - first);
  to->base_fp = fp + delta;
  to->head_fp = page_top_fp(from) + delta;
  to->head_sp = last + delta;
  to->last_use = from->last_use;
  frames_moved(to->head_fp, to->base_fp, delta);

  bool ran = from == frame_running;
  from->head_fp = caller;
  from->head_sp = first - 4;
  if (ran) page_run(to);
  interp.restructured = true;
  return to->base_fp;
}

void frame_overflow(void) {
  if (frame_is_base(interp.fp)) return; /* a whole page was not enough: the slack has to do */
  if (frame_split(interp.fp) == 0) frame_out_of_memory();
}

/* ---- leaving and divorcing frames ---- */

oop frame_pop_top(void) {
  addr fp = interp.fp;
  if (frame_is_married(fp)) frame_context_returns(fp);
  if (frame_is_base(fp)) {
    frame_running->base_fp = 0;
    frame_running = NULL;
    interp.fp = interp.sp = 0;
    interp.restructured = true;
    return at32(frame_base_caller_slot(fp));
  }
  interp.sp = frame_pushed(fp) - 4;
  interp.fp = frame_caller_fp(fp);
  return 0;
}

oop frame_divorce(addr fp) {
  struct stack_page *p = frame_page_of(fp);
  oop context = frame_marry(fp);
  addr above = frame_above(fp);
  if (context == 0 || (above != 0 && frame_split(above) == 0)) {
    frame_out_of_memory();
    return 0;
  }
  addr caller = frame_caller_fp(fp);
  oop sender = caller == 0 ? at32(frame_base_caller_slot(fp)) : frame_marry(caller);
  if (sender == 0) {
    frame_out_of_memory();
    return 0;
  }
  frame_write_context(fp, p->head_sp, sender);
  if (caller == 0) {
    p->base_fp = 0;
  } else {
    p->head_sp = frame_pushed(fp) - 4;
    p->head_fp = caller;
  }
  interp.restructured = true;
  return context;
}

oop frame_suspend(void) {
  oop top = frame_marry(interp.fp);
  if (top == 0) {
    frame_out_of_memory();
    return 0;
  }
  page_leave();
  return top;
}

oop frame_divorce_all(void) {
  oop top = mem.nil;
  if (frame_running != NULL) top = frame_suspend();
  if (top == 0) return 0;
  for (uint32_t i = 0; i < frame_page_count; i++)
    if (frame_pages[i].base_fp != 0 && !page_empty(&frame_pages[i])) {
      frame_out_of_memory();
      if (top != mem.nil) (void)frame_activate_context(top, 0);
      return 0;
    }
  return top;
}

/* ---- activating contexts ---- */

/* Lays out a single, resumable context as the one frame of a free page. */
static void page_fill(struct stack_page *p, oop context) {
  bool old_block = oop_is_block_context(context);
  oop home = old_block ? obj_slot(context, BCTX_HOME) : context;
  oop closure = old_block ? mem.nil : obj_slot(context, CTX_CLOSURE);
  oop method = obj_slot(home, CTX_METHOD), receiver = obj_slot(home, CTX_RECEIVER);
  uint32_t args = old_block            ? 0
                  : closure != mem.nil ? (uint32_t)oop_int(obj_slot(closure, CLO_NUM_ARGS))
                                       : method_num_args(method);
  uint32_t kind = old_block ? FRAME_IS_OLD_BLOCK : closure != mem.nil ? FRAME_IS_BLOCK : 0;
  uint32_t count = (uint32_t)oop_int(obj_slot(context, CTX_STACKP));

  put32(p->start, context_single_sender(context));
  put32(p->start + 4, old_block ? context : closure != mem.nil ? closure : receiver);
  addr fp = p->start + 8 + 4 * args;
  put32(fp + FRAME_SAVED_FP, 0);
  put32(fp + FRAME_METHOD, method);
  put32(fp + FRAME_CONTEXT, context);
  uint32_t flags = frame_flags_with_receiver(frame_flags_for(method, args, kind), receiver);
  if ((flags & FRAME_SET_MASK) == 0 && !context_receiver_fits(context))
    flags |= (uint32_t)FRAME_SET_V3_CONTEXT << FRAME_SET_SHIFT;
  put32(fp + FRAME_FLAGS, flags);
  put32(fp + FRAME_PC, (uint32_t)oop_int(obj_slot(context, CTX_PC)) + PC_IMAGE_TO_FRAME);
  put32(fp + FRAME_RECEIVER, receiver);
  for (uint32_t i = 0; i < count; i++) put32(frame_slot(fp, i), obj_slot(context, CTX_TEMPS + i));
  while (count < frame_min_slots(fp)) put32(frame_slot(fp, count++), mem.nil); /* a context the image made */
  obj_put_raw(context, CTX_SENDER, fp | 1);
  obj_put_raw(context, CTX_PC, mem.nil);
  obj_put_raw(context, CTX_STACKP, int_oop(0));
  p->base_fp = p->head_fp = fp;
  p->head_sp = fp + FRAME_TEMPS + 4 * (count - args) - 4;
}

bool frame_activate_context(oop context, uint32_t answers) {
  if (!context_is_resumable(context, answers)) return false;
  page_leave();
  addr fp = context_frame(context);
  if (fp != 0) {
    addr above = frame_above(fp);
    if (above != 0 && frame_split(above) == 0) {
      frame_out_of_memory();
      return false;
    }
    page_run(frame_page_of(fp));
    return true;
  }
  struct stack_page *p = page_take(NULL);
  if (p == NULL) return false;
  page_fill(p, context);
  page_run(p);
  return true;
}

/* ---- looking through all frames ---- */

static bool each_frame(bool (*is_good)(addr fp, oop what), oop what) {
  for (uint32_t i = 0; i < frame_page_count; i++) {
    if (frame_pages[i].base_fp == 0) continue;
    for (addr fp = page_top_fp(&frame_pages[i]); fp != 0; fp = frame_caller_fp(fp))
      if (!is_good(fp, what)) return false;
  }
  return true;
}

static bool runs_other(addr fp, oop method) { return frame_method(fp) != method; }
bool frame_runs(oop method) { return !each_frame(runs_other, method); }

static bool receiver_fits(addr fp) {
  const bool old_block = (at32(fp + FRAME_FLAGS) & FRAME_IS_OLD_BLOCK) != 0;
  const oop start = old_block ? obj_slot(frame_context(fp), BCTX_START_PC) : 0;
  const uint32_t info = old_block
                            ? method_info_find(frame_method(fp), (uint32_t)oop_int(start) + PC_IMAGE_TO_FRAME)
                            : send_frame_info(fp);
  return info == 0 || method_infos[info].fields == 0 ||
         oop_has_fields(frame_receiver(fp), method_infos[info].fields);
}

static bool settle_receiver(addr fp, oop unused) {
  (void)unused;
  if (receiver_fits(fp)) return true;
  uint32_t flags = at32(fp + FRAME_FLAGS) & ~(uint32_t)FRAME_TRANSLATED;
  if (method_alternate_set(frame_method(fp))) return false;
  if ((flags & FRAME_SET_MASK) == 0) flags |= (uint32_t)FRAME_SET_V3_CONTEXT << FRAME_SET_SHIFT;
  put32(fp + FRAME_FLAGS, flags);
  interp.restructured = true;
  return true;
}
bool frame_settle_receivers(void) { return each_frame(settle_receiver, 0); }

/* ---- roots ---- */

static void visit_words(void (*visit)(oop *slot), addr first, addr last) {
  for (addr a = first; a <= last; a += 4) visit(AT(oop, a));
}

void frame_each_root(void (*visit)(oop *slot), bool full) {
  (void)full;
  for (uint32_t i = 0; i < frame_page_count; i++) {
    const struct stack_page *p = &frame_pages[i];
    if (p->base_fp == 0) continue;
    addr last = page_top_sp(p);
    for (addr fp = page_top_fp(p);; fp = frame_caller_fp(fp)) {
      visit_words(visit, fp + FRAME_TEMPS, last);
      visit(AT(oop, fp + FRAME_METHOD));
      visit(AT(oop, fp + FRAME_CONTEXT));
      visit(AT(oop, fp + FRAME_RECEIVER));
      last = fp - 4; /* the caller's operands, pushed receiver and arguments included */
      if (frame_is_base(fp)) {
        visit_words(visit, p->start, last);
        break;
      }
    }
  }
}
