/* mark.c: full collections, first half: marking what is reachable. New space is empty by then.
 *
 * The mark stack is explicit, so the depth of the object graph does not matter. Instances keep their
 * classes: the class table's pages are marked but not traced (except the first, whose classes the VM knows),
 * each marked object marks its class, and classes left unmarked leave the table.
 */
#include "memory/heap.h"

static struct word_stack stack, weak, ephemerons;
static struct word_stack *pinned_objects;
static uint32_t last_class_index; /* its class is marked */

static inline void mark(oop v) {
  if (!oop_is_pointer(v) || v < mem.new_end || obj_is_marked(v)) return;
  put32(v + 4, at32(v + 4) | HDR_MARKED);
  word_push(&stack, v);
}

static void visit_mark(oop *slot) { mark(*slot); }

/* After a one-way become: of classes, instances can carry the index of a class that is in the table twice:
 * they get the one that is the class's hash. */
static void mark_class_of(oop o) {
  uint32_t index = obj_class_index(o);
  if (index == last_class_index || index < CIX_FIRST_REAL) return;
  oop c = mem_class_at(index);
  if (c == mem.nil) return;
  uint32_t hash = obj_hash_bits(c);
  if (hash != index && hash >= CIX_FIRST_REAL && mem_class_at(hash) == c)
    obj_set_class_index(o, hash);
  else
    last_class_index = index;
  mark(c);
}

static uint32_t strong_slots_of_weak(oop o) {
  oop c = mem_class_of(o);
  uint32_t fixed = c == mem.nil ? 0 : class_inst_size(c), slots = obj_slots(o);
  return fixed < slots ? fixed : slots;
}

static void mark_slots(oop o, uint32_t count) {
  for (addr p = obj_body(o); count > 0; count--, p += 4) mark(at32(p));
}

static bool key_unmarked(oop ephemeron) {
  oop key = obj_slot(ephemeron, 0);
  return oop_is_pointer(key) && !obj_is_marked(key);
}

static void trace(oop o) {
  uint32_t f = obj_format(o);
  mark_class_of(o);
  if (obj_is_pinned(o)) word_push(pinned_objects, o);
  if (f == FMT_WEAK) {
    word_push(&weak, o);
    mark_slots(o, strong_slots_of_weak(o));
  } else if (f == FMT_EPHEMERON && key_unmarked(o)) {
    word_push(&ephemerons, o);
  } else {
    if (obj_class_index(o) == CIX_CONTEXT && fmt_is_pointers(f)) context_clear_dead(o);
    mark_slots(o, obj_pointer_slots(o));
  }
}

static void drain(void) {
  while (stack.count > 0) trace(word_pop(&stack));
}

static void mark_roots(void) {
  mark(mem.nil);
  mark(mem.false_);
  mark(mem.true_);
  mark(mem_object_at(mem_object_end(mem.true_))); /* the free list object */
  put32(mem.hidden_roots + 4, at32(mem.hidden_roots + 4) | HDR_MARKED);
  uint32_t slots = obj_slots(mem.hidden_roots);
  for (uint32_t i = 0; i < slots; i++) {
    oop v = obj_slot(mem.hidden_roots, i);
    if (v == mem.nil) continue;
    if (i > 0 && i < CLASS_TABLE_PAGES)
      put32(v + 4, at32(v + 4) | HDR_MARKED);
    else
      mark(v);
  }
  visit_roots(visit_mark, true);
}

/* See process_ephemerons() in scavenge.c. */
static void process_ephemerons(void) {
  while (ephemerons.count > 0) {
    uint32_t count = ephemerons.count, waiting = 0;
    for (uint32_t i = 0; i < count; i++) {
      oop o = ephemerons.items[i];
      if (key_unmarked(o))
        ephemerons.items[waiting++] = o;
      else
        mark_slots(o, obj_slots(o));
    }
    ephemerons.count = waiting;
    drain();
    if (waiting < count) continue;
    struct word_stack fired = ephemerons;
    ephemerons = (struct word_stack){0};
    for (uint32_t i = 0; i < fired.count; i++) {
      ephemeron_fire(fired.items[i]);
      mark_slots(fired.items[i], obj_slots(fired.items[i]));
    }
    word_stack_free(&fired);
    drain();
  }
}

static void process_weak(void) {
  bool lost = false;
  for (uint32_t i = 0; i < weak.count; i++) {
    oop o = weak.items[i];
    uint32_t slots = obj_slots(o);
    for (uint32_t j = strong_slots_of_weak(o); j < slots; j++) {
      oop v = obj_slot(o, j);
      if (!oop_is_pointer(v) || obj_is_marked(v)) continue;
      obj_put_raw(o, j, mem.nil);
      lost = true;
    }
  }
  weak.count = 0;
  if (lost && mem_hooks.finalization_pending) mem_hooks.finalization_pending();
}

static void clear_if_dead(oop *slot) {
  if (!obj_is_marked(*slot)) *slot = 0;
}

/* Takes out classes that died and second entries of classes. */
static void expunge_classes(void) {
  for (uint32_t page = 1; page < CLASS_TABLE_PAGES; page++) {
    oop p = obj_slot(mem.hidden_roots, page);
    if (p == mem.nil) continue;
    for (uint32_t i = 0; i < CLASS_TABLE_PAGE_SLOTS; i++) {
      oop c = obj_slot(p, i);
      if (c == mem.nil) continue;
      bool own = obj_hash_bits(c) == (page << CLASS_TABLE_PAGE_BITS | i);
      bool other = !own && mem_class_at(obj_hash_bits(c)) == c;
      if (!obj_is_marked(c) || other) obj_put_raw(p, i, mem.nil);
    }
  }
  heap.class_search = 0; /* freed indices are used again */
}

void mark_heap(struct word_stack *pinned) {
  pinned_objects = pinned;
  last_class_index = 0;
  mark_roots();
  drain();
  process_ephemerons();
  process_weak();
  if (mem_hooks.each_weak_root) mem_hooks.each_weak_root(clear_if_dead);
  expunge_classes();
}

void mark_free_stacks(void) {
  word_stack_free(&stack);
  word_stack_free(&weak);
  word_stack_free(&ephemerons);
}

void mem_full_gc(void) {
  static struct word_stack pinned;
  uint64_t start = clock_us();
  heap_check_or_die("before a full collection");
  scavenge_tenure_all();
  mem.scavenges--; /* counted as what it is part of */
  mem_seal();
  mark_heap(&pinned);
  compact_heap(&pinned);
  word_stack_free(&pinned);
  mark_free_stacks();
  heap.used_after_full = old_used_bytes();
  mem.gc_wanted = GC_NONE;
  heap.exhausted = is_over_limit(0);
  set_eden_limit();
  mem.full_gcs++;
  heap_check_or_die("after a full collection");
  if (mem_hooks.objects_moved) mem_hooks.objects_moved(true);
  if (mem_low_space_threshold != 0) check_low_space();
  mem.full_gc_us += clock_us() - start;
}
