/* classes.c: the class table, identity hashes, and the heap's first objects.
 *
 * A class's identity hash is its index in the class table; its instances carry the index. The table is a
 * hidden array of 4,096 pages of 1,024 classes; the first page is for the classes whose indices are fixed.
 */
#include "memory/heap.h"

/* ---- hashes ---- */

/* Lehmer's generator, the upper bits folded in because the lower ones vary too little. */
static uint32_t next_hash(void) {
  uint32_t hash;
  do {
    mem.last_hash = mem.last_hash * 16807u;
    if (mem.last_hash == 0) mem.last_hash = 1;
    hash = (mem.last_hash + (mem.last_hash >> 4)) & mem_conventions.hash_mask;
  } while (hash == 0);
  return hash;
}

uint32_t mem_hash(oop o) {
  if (oop_is_int(o)) return (uint32_t)oop_int(o);
  if (oop_is_char(o)) return oop_char(o);
  uint32_t hash = obj_hash_bits(o);
  if (hash == 0) obj_set_hash_bits(o, hash = next_hash());
  return hash & mem_conventions.hash_mask;
}

/* ---- the table ---- */

static oop table_page(uint32_t page, bool make) {
  oop p = obj_slot(mem.hidden_roots, page);
  if (p != mem.nil || !make) return p;
  p = mem_new_old(CIX_ARRAY_HIDDEN, FMT_INDEXABLE, CLASS_TABLE_PAGE_SLOTS);
  if (p == 0) return mem.nil;
  obj_put_raw(mem.hidden_roots, page, p);
  return p;
}

static bool looks_like_class(oop o) {
  return oop_is_pointer(o) && o != 0 && fmt_is_pointers(obj_format(o)) && obj_slots(o) > CLASS_FORMAT &&
         oop_is_int(obj_slot(o, CLASS_FORMAT)) && oop_is_pointer(obj_slot(o, CLASS_SUPERCLASS)) &&
         oop_is_pointer(obj_slot(o, CLASS_METHOD_DICT));
}

void class_table_put(uint32_t class_index, oop class_) {
  oop page = table_page(class_index >> CLASS_TABLE_PAGE_BITS, false);
  mem_store(page, class_index & (CLASS_TABLE_PAGE_SLOTS - 1), class_);
}

bool mem_class_at_put(uint32_t class_index, oop class_) {
  if (table_page(class_index >> CLASS_TABLE_PAGE_BITS, true) == mem.nil) return false;
  class_table_put(class_index, class_);
  bool pun =
      class_index == CIX_SMALLINTEGER_2 || (class_index >= CIX_FIRST_PUN && class_index < CIX_FIRST_REAL);
  if (!pun && class_ != mem.nil) obj_set_hash_bits(class_, class_index);
  return true;
}

/* A free index, from where the last search ended; 0: the table is full or a page cannot be made. */
static uint32_t free_class_index(void) {
  uint32_t page = heap.class_search >> CLASS_TABLE_PAGE_BITS;
  if (page == 0) page = 1;
  for (uint32_t n = 1; n < CLASS_TABLE_PAGES; n++) {
    oop p = table_page(page, true);
    if (p == mem.nil) return 0;
    for (uint32_t i = 0; i < CLASS_TABLE_PAGE_SLOTS; i++)
      if (obj_slot(p, i) == mem.nil) return heap.class_search = page << CLASS_TABLE_PAGE_BITS | i;
    page = page + 1 < CLASS_TABLE_PAGES ? page + 1 : 1;
  }
  return 0;
}

/* With v3 conventions the classes of fixed index are found by looking: their hash is the image's own. */
static uint32_t v3_fixed_index(oop class_) {
  for (uint32_t i = CIX_FIRST_REAL; i < CLASS_TABLE_PAGE_SLOTS; i++)
    if (mem_class_at(i) == class_) return i;
  return mem_class_at(CIX_SMALLINTEGER) == class_ ? CIX_SMALLINTEGER : 0;
}

/* And a class keeps the low bits of the hash that the image knows it by, so its index has them too. */
static uint32_t v3_free_class_index(oop class_) {
  uint32_t step = mem_conventions.hash_mask + 1;
  for (uint32_t i = step + mem_hash(class_); i <= HDR_CLASS_MASK; i += step) {
    oop page = table_page(0, false);
    for (uint32_t p = 1; p <= i >> CLASS_TABLE_PAGE_BITS && page != mem.nil; p++) page = table_page(p, true);
    if (page == mem.nil) return 0;
    if (obj_slot(page, i & (CLASS_TABLE_PAGE_SLOTS - 1)) == mem.nil) return i;
  }
  return 0;
}

uint32_t mem_known_class_index(oop class_) {
  if (!oop_is_pointer(class_) || class_ == mem.nil) return 0; /* nil is what empty slots have */
  uint32_t hash = obj_hash_bits(class_);
  if (hash != 0 && mem_class_at(hash) == class_) return hash;
  return mem_conventions.v3 ? v3_fixed_index(class_) : 0;
}

uint32_t mem_class_index_of(oop class_) {
  uint32_t index = mem_known_class_index(class_);
  if (index != 0) return index;
  if (!looks_like_class(class_)) return 0;
  index = mem_conventions.v3 ? v3_free_class_index(class_) : free_class_index();
  if (index == 0 || !mem_class_at_put(index, class_)) return 0;
  if (mem_hooks.class_entered != NULL) mem_hooks.class_entered(class_);
  return index;
}

void class_renumber_instance(oop o) {
  uint32_t index = obj_class_index(o);
  if (index < CIX_FIRST_REAL) return;
  oop c = mem_class_at(index);
  uint32_t hash = c == mem.nil ? index : obj_hash_bits(c);
  if (hash != index && mem_class_at(hash) == c) obj_set_class_index(o, hash);
}

/* ---- the heap's first objects ---- */

/* Where the objects are that every Spur heap begins with, in this order. */
struct first_objects {
  oop nil, false_, true_, free_list, hidden_roots;
};

static struct first_objects find_first_objects(void) {
  struct first_objects f;
  f.nil = mem_object_at(heap.segments[0].start);
  f.false_ = mem_object_at(mem_object_end(f.nil));
  f.true_ = mem_object_at(mem_object_end(f.false_));
  f.free_list = mem_object_at(mem_object_end(f.true_));
  f.hidden_roots = mem_object_at(mem_object_end(f.free_list));
  return f;
}

static void set_first_objects(struct first_objects f) {
  mem.nil = f.nil;
  mem.false_ = f.false_;
  mem.true_ = f.true_;
  mem.hidden_roots = f.hidden_roots;
}

err_t mem_bootstrap(void) {
  if (!mem_grow_old(0)) return "the memory limit leaves no room for old space: raise --memory";
  /* Until nil exists, new pointer slots are filled with 0; hidden_roots and the first page are made after. */
  struct first_objects f;
  f.nil = mem_new_old(CIX_WORDS_HIDDEN, FMT_EMPTY, 0);
  f.false_ = mem_new_old(CIX_WORDS_HIDDEN, FMT_EMPTY, 0);
  f.true_ = mem_new_old(CIX_WORDS_HIDDEN, FMT_EMPTY, 0);
  f.free_list = mem_new_old(CIX_WORDS_HIDDEN, FMT_32, FREE_LIST_SLOTS);
  mem.nil = f.nil;
  f.hidden_roots = mem_new_old(CIX_ARRAY_HIDDEN, FMT_INDEXABLE, HIDDEN_ROOT_SLOTS);
  if (f.hidden_roots == 0) return "no memory for the class table: raise --memory";
  set_first_objects(f);
  if (table_page(0, true) == mem.nil) return "no memory for the class table: raise --memory";
  mem.special = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, SPECIAL_OBJECTS_SIZE);
  if (mem.special == 0) return "no memory for the special objects array: raise --memory";
  obj_put_raw(mem.special, SPECIAL_NIL, mem.nil);
  obj_put_raw(mem.special, SPECIAL_FALSE, mem.false_);
  obj_put_raw(mem.special, SPECIAL_TRUE, mem.true_);
  heap.used_after_full = old_used_bytes();
  return NULL;
}

/* ---- taking over a heap from a file ---- */

static bool is_forwarder(oop o) { return oop_is_pointer(o) && obj_class_index(o) == CIX_FORWARDED; }

/* References to forwarders are replaced by what they stand for: nothing in this VM expects one. */
static void follow_forwarders(oop o) {
  uint32_t n = obj_pointer_slots(o);
  for (uint32_t i = 0; i < n; i++) {
    oop v = obj_slot(o, i);
    if (v == 0 || !is_forwarder(v)) continue;
    do v = obj_slot(v, 0);
    while (is_forwarder(v));
    obj_put_raw(o, i, v);
  }
}

void context_clear_dead(oop o) {
  enum { CONTEXT_STACKP = 2, CONTEXT_TEMPS = 6 };
  uint32_t slots = obj_slots(o);
  if (slots < CONTEXT_TEMPS || !oop_is_int(obj_slot(o, CONTEXT_STACKP))) return;
  int32_t live = oop_int(obj_slot(o, CONTEXT_STACKP));
  for (uint32_t i = CONTEXT_TEMPS + (live > 0 ? (uint32_t)live : 0); i < slots; i++)
    obj_put_raw(o, i, mem.nil);
}

/* Free chunks of the file are in no list of ours; forwarders are garbage once nobody refers to them. Both
 * become free chunks, adjacent ones joined. */
static void collect_free_chunks(void) {
  free_lists_clear();
  for (uint32_t i = 0; i < heap.segment_count; i++) {
    struct mem_segment s = heap.segments[i];
    addr a = s.start, end = s.start + s.bytes - MEM_BRIDGE_BYTES, free_start = 0;
    while (a < end) {
      oop o = mem_object_at(a);
      bool dead = obj_class_index(o) == CIX_FREE || obj_class_index(o) == CIX_FORWARDED;
      if (dead && free_start == 0) free_start = a;
      if (!dead && free_start != 0) {
        free_add(free_start, a - free_start);
        free_start = 0;
      }
      a = mem_object_end(o);
    }
    if (free_start != 0) free_add(free_start, end - free_start);
  }
}

err_t mem_adopt_heap_roots(oop special_objects) {
  struct first_objects f = find_first_objects();
  uint32_t slots = obj_slots(f.hidden_roots);
  if (obj_format(f.hidden_roots) != FMT_INDEXABLE || slots < CLASS_TABLE_PAGES)
    return "the image has no class table where Spur images keep it: the file is damaged";
  set_first_objects(f);
  mem.special = special_objects;
  /* Another VM's object stacks and free lists mean nothing here. */
  for (uint32_t i = CLASS_TABLE_PAGES; i < slots; i++) obj_put_raw(f.hidden_roots, i, f.nil);
  if (fmt_is_bits(obj_format(f.free_list)))
    mem_fill(obj_body(f.free_list), obj_body_bytes(obj_slots(f.free_list)), 0);
  mem_seal();
  for (oop o = old_first(); o != 0; o = old_next(o)) {
    if (obj_class_index(o) == CIX_FREE || obj_class_index(o) == CIX_FORWARDED) continue;
    put32(o, at32(o) & ~(HDR_GREY | (uint32_t)HDR_REMEMBERED));
    put32(o + 4, at32(o + 4) & ~(uint32_t)HDR_MARKED);
    if (obj_class_index(o) == CIX_CONTEXT) context_clear_dead(o);
    follow_forwarders(o);
  }
  /* Second entries of classes, left by become: in a VM that is lazy about it. */
  for (oop o = old_first(); o != 0; o = old_next(o)) class_renumber_instance(o);
  if (is_forwarder(mem.special)) return "the special objects array is a forwarder: the file is damaged";
  collect_free_chunks();
  heap.class_search = 0;
  heap.used_after_full = old_used_bytes();
  return NULL;
}
