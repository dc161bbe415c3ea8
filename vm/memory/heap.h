/* heap.h: what the files of the object memory share and nobody else includes.
 *
 *   new space   [survivor A][survivor B][eden]   one block, reserved first
 *   old space   segments, each above new space; free chunks are objects of class index 0, so every segment
 *               can be walked from end to end; the last 16 bytes of a segment are a bridge, an object whose
 *               size spans the gap to the next segment (Spur's scheme, SpurSegmentManager)
 *
 * Allocation in old space bumps through one large chunk (`bump`) and falls back to free lists: exact ones
 * for small chunks, first fit within powers of two for the rest. The compactor leaves few chunks, so the
 * lists stay short.
 */
#ifndef VM_MEMORY_HEAP_H
#define VM_MEMORY_HEAP_H

#include "memory/memory.h"

enum {
  CHUNK_MIN = 16,             /* the smallest object or free chunk */
  EDEN_RESERVE = 32 << 10,    /* what allocations may still take after the scavenge was requested */
  EDEN_MAX_OBJECT = 64 << 10, /* larger objects go to old space at once: copying them costs more */
  SMALL_CHUNK_LIMIT = 512,
  SMALL_LISTS = SMALL_CHUNK_LIMIT / 8,
  LARGE_LISTS = 32, /* by the highest bit of the size */
  HIDDEN_ROOT_SLOTS = CLASS_TABLE_PAGES + 8,
  FREE_LIST_SLOTS = 32, /* of the image's free list object; this VM keeps it zero */
};
/* More slots than this cannot be asked for: the sizes in bytes must not wrap. */
#define MAX_SLOTS 0x3FFF0000u

/* A growable array of words: remembered set, mark stack, work lists. Never shrinks while in use. */
struct word_stack {
  uint32_t *items;
  uint32_t count, capacity;
};
void word_stack_grow(struct word_stack *s); /* panics when the host has no memory */
static inline void word_push(struct word_stack *s, uint32_t w) {
  if (s->count == s->capacity) word_stack_grow(s);
  s->items[s->count++] = w;
}
static inline uint32_t word_pop(struct word_stack *s) { return s->items[--s->count]; }
void word_stack_free(struct word_stack *s);

struct heap {
  addr survivor[2];
  uint32_t survivor_bytes;
  uint32_t past;             /* which survivor holds objects between scavenges */
  addr past_free;            /* end of the objects in it */
  addr eden_start, eden_end; /* mem.eden_limit may lie below eden_end */
  addr tenure_below;         /* objects of the past survivor below it are tenured next time */

  struct mem_segment *segments;
  uint32_t segment_count, segment_capacity;
  uint32_t old_bytes; /* of all segments */

  addr bump, bump_limit; /* the chunk being cut; empty when equal */
  uint32_t listed_bytes; /* in the free lists, without the bump chunk */
  uint64_t small_mask;   /* which small lists are not empty */
  oop small_list[SMALL_LISTS];
  oop large_list[LARGE_LISTS];

  uint32_t used_after_full; /* old bytes in use after the last full collection */
  bool may_exceed_limit;    /* during a scavenge: tenuring must succeed */
  bool exhausted;           /* live data fills the limit: no allocation succeeds, eden's neither */
  uint32_t stress_count;
  uint32_t class_search; /* where the search for a free class index goes on */

  struct word_stack remembered;
  struct word_stack mourners;
};
extern struct heap heap;

/* Bytes of an object with its header or headers. */
static inline uint32_t object_bytes(uint32_t slots) {
  return (slots < HDR_SLOTS_OVERFLOW ? HDR_BYTES : 2 * HDR_BYTES) + obj_body_bytes(slots);
}
/* Writes the header or headers at `start`; answers the oop. The body is untouched. */
static inline oop write_header(addr start, uint32_t class_index, uint32_t format, uint32_t slots) {
  oop o = start;
  if (slots >= HDR_SLOTS_OVERFLOW) {
    put32(o, slots);
    put32(o + 4, (uint32_t)HDR_SLOTS_OVERFLOW << HDR_SLOTS_SHIFT);
    o += 8;
  }
  put32(o, format << HDR_FORMAT_SHIFT | class_index);
  put32(o + 4, (slots < HDR_SLOTS_OVERFLOW ? slots : HDR_SLOTS_OVERFLOW) << HDR_SLOTS_SHIFT);
  return o;
}

/* ---- heap.c ---- */

/* `bytes` of old space, or 0 at the limit. The chunk's content is arbitrary. */
addr old_alloc(uint32_t bytes);
/* Makes [start, start + bytes) a free chunk in the lists. At least CHUNK_MIN bytes. */
void free_add(addr start, uint32_t bytes);
/* Writes a free chunk's header without listing it. */
void free_write(addr start, uint32_t bytes);
void free_lists_clear(void);
/* Whether `more` bytes in old space would take the heap over its limit. */
bool is_over_limit(uint32_t more);
/* Adds a segment of memory (without formatting it) to the table. False: the limit, or the host's. */
bool segment_take(uint32_t bytes, struct mem_segment *out);
void segment_release(uint32_t i);
void segments_bridge(void); /* writes every segment's bridge */

/* Walks old space: the first object, and the next one after o; 0 at the end. Free chunks are answered too,
 * bridges are not. mem_seal() first. */
oop old_first(void);
oop old_next(oop o);
static inline bool is_bridge(oop o) { return obj_class_index(o) == CIX_BRIDGE; }
/* The same for the two parts of new space. */
oop new_first(void);
oop new_next(oop o);

static inline uint32_t old_free_bytes(void) { return heap.listed_bytes + (heap.bump_limit - heap.bump); }
static inline uint32_t old_used_bytes(void) { return heap.old_bytes - old_free_bytes(); }
/* Whether programs may see the object: it is no free chunk, bridge, forwarder or pun. */
static inline bool is_visible(oop o) { return obj_class_index(o) >= CIX_FIRST_REAL; }

void request_gc(uint32_t kind);
void set_eden_limit(void);
void check_low_space(void);
static inline uint64_t clock_us(void) { return mem_hooks.clock_us ? mem_hooks.clock_us() : 0; }

/* ---- shared by the collectors ---- */

/* Makes everything in new space old: new space and the remembered set are empty afterwards. */
void scavenge_tenure_all(void);
void scavenge_free_stacks(void);
/* Makes an ephemeron whose key is lost an ordinary object and queues it for the image. */
void ephemeron_fire(oop o);
void visit_roots(void (*visit)(oop *slot), bool full);
/* Sets slots of a context above its stack pointer to nil: what lies there is dead, and may be stale. */
void context_clear_dead(oop o);
void heap_check_or_die(const char *when);
/* An entry of the class table whose page exists; no hash is changed. */
void class_table_put(uint32_t class_index, oop class_);
/* An instance of a class that has two entries gets the index that is the class's hash. */
void class_renumber_instance(oop o);
/* Marks everything reachable; weak references, ephemerons and the class table are dealt with. Pinned objects
 * met are left in `pinned`. */
void mark_heap(struct word_stack *pinned);
void mark_free_stacks(void);
/* Slides marked objects together, unmarks them, makes the rest free, gives empty segments back. */
void compact_heap(struct word_stack *pinned);

#endif
