/* check.c: the whole heap verified: what every other part of the VM relies on. */
#include "memory/heap.h"

#include "base/options.h"

#include <stdio.h>
#include <stdlib.h>

static uint8_t *starts; /* a bit for each 8 bytes from `low`: an object's oop is there */
static addr low, high;
static err_t found; /* the first fault */

static void set_start(oop o) { starts[(o - low) >> 6] |= (uint8_t)(1u << ((o - low) >> 3 & 7)); }

static bool is_start(oop o) {
  return o % 8 == 0 && o >= low && o < high && (starts[(o - low) >> 6] >> ((o - low) >> 3 & 7) & 1) != 0;
}

static err_t fault(oop o, const char *what) {
  return err_format("heap check: object at 0x%08x (class index %u, format %u, %u slots): %s", o,
                    obj_class_index(o), obj_format(o), obj_slots(o), what);
}

/* ---- first pass: headers and sizes ---- */

static err_t check_header(oop o, bool young) {
  uint32_t index = obj_class_index(o), f = obj_format(o);
  if (index == CIX_FREE) return NULL;
  if (index == CIX_FORWARDED || f == FMT_FORWARDED) return fault(o, "a forwarder outside of a collection");
  if (index < CIX_FIRST_PUN) return fault(o, "the class index of no object");
  if (f == 6 || f == 8) return fault(o, "no such format");
  if (obj_is_marked(o)) return fault(o, "marked outside of a collection");
  if (at32(o) & HDR_GREY) return fault(o, "grey outside of become:");
  if (young && (obj_is_remembered(o) || obj_is_pinned(o))) return fault(o, "young, but remembered or pinned");
  if (fmt_is_method(f)) {
    if (obj_slots(o) == 0 || !oop_is_int(obj_slot(o, 0))) return fault(o, "a method without a header");
    if (obj_pointer_slots(o) > obj_slots(o)) return fault(o, "more literals than slots");
  }
  return NULL;
}

/* Objects from start to end; free bytes are added up. */
static err_t check_region(addr start, addr end, bool young, uint32_t *free_bytes) {
  for (addr a = start; a < end;) {
    oop o = mem_object_at(a);
    uint32_t slots = obj_slots(o);
    if (slots > MAX_SLOTS || end - o < HDR_BYTES + obj_body_bytes(slots))
      return fault(o, "its size reaches over the end of its space");
    err_t e = check_header(o, young);
    if (e != NULL) return e;
    set_start(o);
    if (obj_class_index(o) == CIX_FREE) *free_bytes += mem_object_end(o) - a;
    a = mem_object_end(o);
  }
  return NULL;
}

static err_t check_segment(uint32_t i, uint32_t *free_bytes) {
  struct mem_segment seg = heap.segments[i];
  addr end = seg.start + seg.bytes - MEM_BRIDGE_BYTES;
  if (seg.start < mem.new_end) return "heap check: a segment below new space";
  err_t e = check_region(seg.start, end, false, free_bytes);
  if (e != NULL) return e;
  oop bridge = mem_object_at(end);
  addr next = i + 1 < heap.segment_count ? heap.segments[i + 1].start : seg.start + seg.bytes;
  if (!is_bridge(bridge) || mem_object_end(bridge) != next)
    return fault(bridge, "not the bridge it should be");
  return NULL;
}

/* ---- second pass: references ---- */

static bool valid_oop(oop v) { return !oop_is_pointer(v) || (is_start(v) && obj_class_index(v) != CIX_FREE); }

static err_t check_object(oop o, uint32_t *remembered) {
  uint32_t index = obj_class_index(o), n = obj_pointer_slots(o);
  if (index == CIX_FREE) return NULL;
  if (index >= CIX_FIRST_REAL) {
    oop page = obj_slot(mem.hidden_roots, index >> CLASS_TABLE_PAGE_BITS);
    if (page == mem.nil || mem_class_at(index) == mem.nil)
      return fault(o, "its class is not in the class table");
    if (!valid_oop(mem_class_at(index))) return fault(o, "its class is no object");
  }
  bool young = false;
  for (uint32_t i = 0; i < n; i++) {
    oop v = obj_slot(o, i);
    if (!valid_oop(v))
      return err_format(
          "heap check: object at 0x%08x (class index %u, format %u): slot %u holds 0x%08x, "
          "which is no object",
          o, index, obj_format(o), i, v);
    young |= oop_is_young(v);
  }
  if (o >= mem.new_end && young && !obj_is_remembered(o))
    return fault(o, "old, refers to young, not remembered");
  *remembered += obj_is_remembered(o);
  return NULL;
}

static err_t check_references(void) {
  uint32_t remembered = 0;
  err_t e = NULL;
  for (oop o = new_first(); o != 0 && e == NULL; o = new_next(o)) e = check_object(o, &remembered);
  for (oop o = old_first(); o != 0 && e == NULL; o = old_next(o)) e = check_object(o, &remembered);
  if (e != NULL) return e;
  for (uint32_t i = 0; i < heap.remembered.count; i++) {
    oop o = heap.remembered.items[i];
    if (!is_start(o) || !obj_is_remembered(o))
      return fault(o, "in the remembered set, but not marked as remembered");
  }
  if (remembered != heap.remembered.count)
    return err_format("heap check: %u objects are marked as remembered, the set has %u", remembered,
                      heap.remembered.count);
  return NULL;
}

/* ---- roots, free lists, class table ---- */

static void visit_check(oop *slot) {
  if (found == NULL && *slot >= OOP_FIRST_VALID && !valid_oop(*slot))
    found = err_format("heap check: a root holds 0x%08x, which is no object", *slot);
}

static err_t check_free_list(oop chunk, uint32_t *bytes) {
  for (; chunk != 0; chunk = obj_slot(chunk, 0)) {
    if (!is_start(chunk) || obj_class_index(chunk) != CIX_FREE)
      return err_format("heap check: a free list holds 0x%08x, which is no free chunk", chunk);
    *bytes += mem_object_end(chunk) - mem_object_start(chunk);
    if (*bytes > heap.old_bytes) return "heap check: a free list is a ring";
  }
  return NULL;
}

static err_t check_free_lists(uint32_t free_bytes) {
  uint32_t listed = 0;
  err_t e = NULL;
  for (uint32_t i = 0; i < SMALL_LISTS && e == NULL; i++) e = check_free_list(heap.small_list[i], &listed);
  for (uint32_t i = 0; i < LARGE_LISTS && e == NULL; i++) e = check_free_list(heap.large_list[i], &listed);
  if (e != NULL) return e;
  if (listed != heap.listed_bytes || old_free_bytes() != free_bytes)
    return err_format("heap check: %u bytes are free, %u in the lists, %u are counted", free_bytes, listed,
                      old_free_bytes());
  return NULL;
}

static err_t check_class_table(void) {
  for (uint32_t page = 0; page < CLASS_TABLE_PAGES; page++) {
    oop p = obj_slot(mem.hidden_roots, page);
    if (p == mem.nil) continue;
    if (!valid_oop(p) || obj_class_index(p) != CIX_ARRAY_HIDDEN || obj_slots(p) != CLASS_TABLE_PAGE_SLOTS)
      return fault(p, "not the class table page it should be");
    for (uint32_t i = 0; i < CLASS_TABLE_PAGE_SLOTS && page > 0; i++) {
      oop c = obj_slot(p, i);
      /* A second entry of a class, left by a one-way become: of classes, stays until a full collection. */
      if (c != mem.nil && obj_hash_bits(c) != (page << CLASS_TABLE_PAGE_BITS | i) &&
          mem_class_at(obj_hash_bits(c)) != c)
        return err_format("heap check: class at 0x%08x has the index %u in the class table, but the hash %u",
                          c, page << CLASS_TABLE_PAGE_BITS | i, obj_hash_bits(c));
    }
  }
  return NULL;
}

static err_t check_everything(void) {
  uint32_t free_bytes = 0, new_free = 0;
  addr past = heap.survivor[heap.past];
  err_t e = check_region(past, heap.past_free, true, &new_free);
  if (e == NULL) e = check_region(heap.eden_start, mem.eden_free, true, &new_free);
  for (uint32_t i = 0; i < heap.segment_count && e == NULL; i++) e = check_segment(i, &free_bytes);
  if (e == NULL) e = check_free_lists(free_bytes);
  oop fixed[] = {mem.nil, mem.true_, mem.false_, mem.hidden_roots};
  for (int i = 0; i < 4 && e == NULL; i++)
    if (!is_start(fixed[i])) e = "heap check: nil, true, false or the class table is not where it should be";
  if (e == NULL) e = check_references();
  if (e == NULL) e = check_class_table();
  if (e != NULL) return e;
  found = NULL;
  visit_roots(visit_check, true);
  if (mem_hooks.each_weak_root) mem_hooks.each_weak_root(visit_check);
  return found;
}

err_t mem_check_heap(void) {
  if (heap.segment_count == 0) return NULL;
  struct mem_segment last = heap.segments[heap.segment_count - 1];
  low = mem.new_start;
  high = last.start + last.bytes;
  starts = calloc(((size_t)(high - low) >> 6) + 1, 1);
  if (starts == NULL) return "heap check: the host has no memory for it";
  mem_seal();
  err_t e = check_everything();
  free(starts);
  starts = NULL;
  return e;
}

void heap_check_or_die(const char *when) {
  if (!vm_options.heap_check) return;
  err_t e = mem_check_heap();
  if (e == NULL) return;
  fprintf(stderr, "catalyst: %s: %s\n", when, e);
  vm_panic(__FILE__, __LINE__, "the heap is damaged");
}
