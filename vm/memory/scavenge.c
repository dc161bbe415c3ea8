/* scavenge.c: the young generation: Cheney's copying collector with tenuring.
 *
 * Live objects of eden and of the past survivor space are copied to the other survivor space, or to old
 * space ("tenured"). Tenuring goes by the pressure on the survivor space, as in Spur (Ungar's feedback, made
 * simple): while the survivors fill less than half of it, nothing is tenured by age; above that, the next
 * scavenge tenures the share of the past space by which it was too full, those copied first, first. Objects
 * that do not fit are tenured too. So short-lived data never reaches old space while there is room, and a
 * program that keeps much is not copied for ever.
 */
#include "memory/heap.h"

#include "base/options.h"

#include <string.h>

/* A scavenge in progress. */
static struct {
  addr to_start, to_free, to_end; /* the survivor space being filled */
  bool tenure_all;
  struct word_stack tenured;    /* copied to old space, not yet scanned */
  struct word_stack weak;       /* weak objects met: their weak slots wait for the end */
  struct word_stack ephemerons; /* met with a key not yet reached */
} s;

void mem_remember(oop o) {
  if (obj_is_remembered(o)) return;
  put32(o, at32(o) | HDR_REMEMBERED);
  word_push(&heap.remembered, o);
}

/* A reference to an object that is, or was, in the spaces being emptied. */
static inline bool in_from_space(oop v) {
  return oop_is_pointer(v) && v - mem.new_start < mem.new_end - mem.new_start &&
         v - s.to_start >= heap.survivor_bytes;
}

static inline bool in_to_space(oop v) { return oop_is_pointer(v) && v - s.to_start < heap.survivor_bytes; }

static inline bool is_forwarded(oop o) { return obj_class_index(o) == CIX_FORWARDED; }

NORETURN static void no_room(void) {
  vm_panic(__FILE__, __LINE__, "out of memory: the host has none left for objects that survived a scavenge");
}

/* Copies a live object, leaving a forwarder. */
static oop copy_object(oop o) {
  addr start = mem_object_start(o), to;
  uint32_t bytes = mem_object_end(o) - start;
  bool fits = !s.tenure_all && s.to_end - s.to_free >= bytes, tenure = o < heap.tenure_below || !fits;
  if (tenure && (to = old_alloc(bytes)) != 0) {
    word_push(&s.tenured, to + (o - start));
    mem.tenured_objects++;
  } else if (fits) {
    to = s.to_free;
    s.to_free += bytes;
  } else {
    no_room();
  }
  memcpy(AT(void, to), AT(void, start), bytes);
  put32(o, (uint32_t)FMT_FORWARDED << HDR_FORMAT_SHIFT | CIX_FORWARDED);
  obj_put_raw(o, 0, to + (o - start));
  return to + (o - start);
}

static inline oop copied(oop o) { return is_forwarded(o) ? obj_slot(o, 0) : copy_object(o); }

/* Copies what `count` slots at `p` refer to; answers whether one of them now refers to a young object. */
static inline bool scan_slots(addr p, uint32_t count) {
  bool young = false;
  for (; count > 0; count--, p += 4) {
    oop v = at32(p);
    if (!in_from_space(v)) continue;
    v = copied(v);
    put32(p, v);
    young |= v < mem.new_end;
  }
  return young;
}

static bool has_young(oop o) {
  uint32_t n = obj_pointer_slots(o);
  for (uint32_t i = 0; i < n; i++)
    if (in_to_space(obj_slot(o, i))) return true;
  return false;
}

/* Slots before the weak ones. The class may be anywhere on its way. */
static uint32_t strong_slots_of_weak(oop o) {
  oop c = mem_class_of(o);
  if (c == mem.nil) return 0;
  if (in_from_space(c) && is_forwarded(c)) c = obj_slot(c, 0);
  uint32_t fixed = class_inst_size(c), slots = obj_slots(o);
  return fixed < slots ? fixed : slots;
}

/* Scans an object that has been reached. Answers whether it refers to young objects; of weak objects and
 * waiting ephemerons that is found out at the end. */
static bool scan_object(oop o) {
  uint32_t f = obj_format(o);
  if (f == FMT_WEAK) {
    word_push(&s.weak, o);
    scan_slots(obj_body(o), strong_slots_of_weak(o));
    return false;
  }
  if (f == FMT_EPHEMERON && in_from_space(obj_slot(o, 0)) && !is_forwarded(obj_slot(o, 0))) {
    word_push(&s.ephemerons, o);
    return false;
  }
  if (obj_class_index(o) == CIX_CONTEXT && fmt_is_pointers(f)) context_clear_dead(o);
  return scan_slots(obj_body(o), obj_pointer_slots(o));
}

static void scan_old_object(oop o) {
  if (scan_object(o)) mem_remember(o);
}

/* Objects that drop out of the set here and still turn out to hold young ones come back by mem_remember. */
static void scan_remembered_set(void) {
  struct word_stack *r = &heap.remembered;
  uint32_t kept = 0, count = r->count;
  for (uint32_t i = 0; i < count; i++) {
    oop o = r->items[i];
    if (scan_object(o))
      r->items[kept++] = o;
    else
      put32(o, at32(o) & ~(uint32_t)HDR_REMEMBERED);
  }
  r->count = kept;
}

static void visit_root(oop *slot) {
  if (in_from_space(*slot)) *slot = copied(*slot);
}

void visit_roots(void (*visit)(oop *slot), bool full) {
  visit(&mem.special);
  for (uint32_t i = 0; i < heap.mourners.count; i++) visit(&heap.mourners.items[i]);
  if (mem_hooks.each_root) mem_hooks.each_root(visit, full);
}

/* Scans what was copied until there is nothing new. */
static addr scan_copied(addr scan) {
  while (scan != s.to_free || s.tenured.count > 0) {
    while (scan != s.to_free) {
      oop o = mem_object_at(scan);
      scan_object(o);
      scan = mem_object_end(o);
    }
    while (s.tenured.count > 0) scan_old_object(word_pop(&s.tenured));
  }
  return scan;
}

static bool key_reached(oop ephemeron) {
  oop key = obj_slot(ephemeron, 0);
  return !in_from_space(key) || is_forwarded(key);
}

static void scan_ephemeron(oop o) {
  bool young = scan_slots(obj_body(o), obj_slots(o));
  if (young && o >= mem.new_end) mem_remember(o);
}

/* Ephemerons whose keys were reached are scanned, which may reach other keys; when that ends, the keys of
 * the rest are held by ephemerons only, and these fire together (Hayes, "Ephemerons: a new finalization
 * mechanism", 1997). A fired one becomes an ordinary object that holds its key. */
static addr process_ephemerons(addr scan) {
  while (s.ephemerons.count > 0) {
    uint32_t count = s.ephemerons.count, waiting = 0;
    for (uint32_t i = 0; i < count; i++) {
      oop o = s.ephemerons.items[i];
      if (key_reached(o))
        scan_ephemeron(o);
      else
        s.ephemerons.items[waiting++] = o;
    }
    s.ephemerons.count = waiting;
    scan = scan_copied(scan);
    if (waiting < count) continue;
    struct word_stack fired = s.ephemerons;
    s.ephemerons = (struct word_stack){0};
    for (uint32_t i = 0; i < fired.count; i++) {
      ephemeron_fire(fired.items[i]);
      scan_ephemeron(fired.items[i]);
    }
    word_stack_free(&fired);
    scan = scan_copied(scan);
  }
  return scan;
}

void ephemeron_fire(oop o) {
  put32(o, (at32(o) & ~((uint32_t)HDR_FORMAT_MASK << HDR_FORMAT_SHIFT)) | FMT_FIXED << HDR_FORMAT_SHIFT);
  word_push(&heap.mourners, o);
  if (mem_hooks.finalization_pending) mem_hooks.finalization_pending();
}

oop mem_next_mourner(void) { return heap.mourners.count == 0 ? 0 : word_pop(&heap.mourners); }

static void process_weak(void) {
  bool lost = false;
  for (uint32_t i = 0; i < s.weak.count; i++) {
    oop o = s.weak.items[i];
    uint32_t slots = obj_slots(o);
    for (uint32_t j = strong_slots_of_weak(o); j < slots; j++) {
      oop v = obj_slot(o, j);
      if (!in_from_space(v)) continue;
      lost |= !is_forwarded(v);
      obj_put_raw(o, j, is_forwarded(v) ? obj_slot(v, 0) : mem.nil);
    }
    if (o >= mem.new_end && has_young(o)) mem_remember(o);
  }
  s.weak.count = 0;
  if (lost && mem_hooks.finalization_pending) mem_hooks.finalization_pending();
}

/* What the next scavenge tenures: nothing while the survivors fill less than half of their space, all of
 * them when they fill it. */
static addr next_tenure_below(addr past, addr free) {
  uint32_t used = free - past, half = heap.survivor_bytes / 2;
  if (used <= half) return past;
  uint32_t excess = (used - half) * 2;
  return past + (excess < used ? excess : used);
}

static void flip(void) {
  addr from = heap.survivor[heap.past];
  if (vm_options.heap_check) { /* whoever kept an address shall notice */
    enum { POISON = 0xBADF00D8u };
    mem_fill(from, heap.past_free - from, POISON);
    mem_fill(heap.eden_start, mem.eden_free - heap.eden_start, POISON);
  }
  heap.past = 1 - heap.past;
  heap.past_free = s.to_free;
  heap.tenure_below = next_tenure_below(s.to_start, s.to_free);
  mem.eden_free = heap.eden_start;
  set_eden_limit();
}

static void scavenge(bool tenure_all) {
  mem.allocated_bytes += mem.eden_free - heap.eden_start;
  mem.gc_wanted = GC_NONE; /* tenuring may ask for a full collection */
  s.to_start = s.to_free = heap.survivor[1 - heap.past];
  s.to_end = s.to_start + heap.survivor_bytes;
  s.tenure_all = tenure_all;
  heap.may_exceed_limit = true;
  scan_remembered_set();
  visit_roots(visit_root, false);
  addr scan = scan_copied(s.to_start);
  scan = process_ephemerons(scan);
  VM_ASSERT(scan == s.to_free);
  process_weak();
  heap.may_exceed_limit = false;
  flip();
  mem.scavenges++;
}

void scavenge_tenure_all(void) {
  scavenge(true);
  VM_ASSERT(heap.past_free == heap.survivor[heap.past] && heap.remembered.count == 0);
}

void mem_scavenge(void) {
  uint64_t start = clock_us();
  heap_check_or_die("before a scavenge");
  scavenge(false);
  if (is_over_limit(0)) request_gc(GC_FULL);
  heap_check_or_die("after a scavenge");
  if (mem_hooks.objects_moved) mem_hooks.objects_moved(false);
  mem.scavenge_us += clock_us() - start;
}

void mem_collect_at_safepoint(void) {
  if (mem.gc_wanted == GC_NONE) return;
  bool stress_full = vm_options.gc_stress && vm_options.gc_stress_full != 0 &&
                     ++heap.stress_count % vm_options.gc_stress_full == 0;
  if (mem.gc_wanted != GC_FULL && !stress_full) mem_scavenge();
  if (mem.gc_wanted == GC_FULL || stress_full) mem_full_gc();
}

void scavenge_free_stacks(void) {
  word_stack_free(&s.tenured);
  word_stack_free(&s.weak);
  word_stack_free(&s.ephemerons);
}
