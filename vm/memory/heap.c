/* heap.c: the spaces: new space's layout, old space's segments, bridges, free lists and growth. */
#include "memory/heap.h"

#include "base/config.h"
#include "base/options.h"

#include <stdlib.h>
#include <string.h>

struct mem_state mem;
struct mem_hooks mem_hooks;
struct heap heap;
uint32_t mem_low_space_threshold;
int mem_why_not;

enum { SEGMENT_GRAIN = 1 << 16 }; /* space_take's rounding */

static uint32_t round_up(uint32_t bytes, uint32_t grain) { return (bytes + grain - 1) & ~(grain - 1); }

/* ---- word stacks ---- */

void word_stack_grow(struct word_stack *s) {
  uint32_t capacity = s->capacity ? 2 * s->capacity : 256;
  uint32_t *items = realloc(s->items, (size_t)capacity * sizeof *items);
  if (items == NULL) vm_panic(__FILE__, __LINE__, "out of host memory for the collector's work lists");
  s->items = items;
  s->capacity = capacity;
}

void word_stack_free(struct word_stack *s) {
  free(s->items);
  *s = (struct word_stack){0};
}

/* ---- start and end ---- */

static uint32_t new_space_bytes(void) { return mem.new_end - mem.new_start; }

err_t mem_init(uint32_t eden_bytes) {
  mem_shutdown();
  mem_set_conventions(false);
  if (!space_init()) return "cannot reserve the heap's address space: free some virtual memory";
  if (eden_bytes == 0) eden_bytes = VM_EDEN_BYTES;
  eden_bytes = round_up(eden_bytes < SEGMENT_GRAIN ? SEGMENT_GRAIN : eden_bytes, SEGMENT_GRAIN);
  /* The ratio of the defaults, so that a test with a tiny eden has a tiny survivor space too. */
  uint64_t survivor = (uint64_t)eden_bytes * VM_SURVIVOR_BYTES / VM_EDEN_BYTES;
  heap.survivor_bytes = round_up((uint32_t)survivor, 4096);
  uint32_t bytes = eden_bytes + 2 * heap.survivor_bytes;
  if (bytes > vm_options.memory_limit)
    return err_format("the memory limit of %u bytes does not hold new space (%u bytes): raise --memory",
                      vm_options.memory_limit, bytes);
  addr start = space_take(bytes);
  if (start == 0) return err_format("no memory for new space (%u bytes)", bytes);
  mem.new_start = start;
  mem.new_end = start + bytes;
  heap.survivor[0] = heap.past_free = heap.tenure_below = start;
  heap.survivor[1] = start + heap.survivor_bytes;
  heap.eden_start = mem.eden_free = start + 2 * heap.survivor_bytes;
  heap.eden_end = mem.new_end;
  mem.last_hash = vm_options.seed ? vm_options.seed : 1;
  set_eden_limit();
  return NULL;
}

void mem_shutdown(void) {
  for (uint32_t i = heap.segment_count; i > 0; i--)
    space_give(heap.segments[i - 1].start, heap.segments[i - 1].bytes);
  if (mem.new_start != 0) space_give(mem.new_start, new_space_bytes());
  free(heap.segments);
  word_stack_free(&heap.remembered);
  word_stack_free(&heap.mourners);
  scavenge_free_stacks();
  mark_free_stacks();
  heap = (struct heap){0};
  mem = (struct mem_state){0};
  mem_low_space_threshold = 0;
  mem_block_context_index = 0;
}

/* Eden's soft limit: crossing it takes the slow path, which requests a scavenge and opens the reserve that
 * allocations use until the safepoint comes. Under stress every allocation takes the slow path. */
void set_eden_limit(void) {
  uint32_t eden = heap.eden_end - heap.eden_start;
  uint32_t reserve = EDEN_RESERVE < eden / 8 ? EDEN_RESERVE : eden / 8;
  bool slow = vm_options.gc_stress || mem.gc_wanted || heap.exhausted;
  addr soft = slow ? mem.eden_free : heap.eden_end - reserve;
  mem.eden_limit = soft > mem.eden_free ? soft : mem.eden_free;
}

void mem_options_changed(void) { set_eden_limit(); }

void request_gc(uint32_t kind) {
  if (kind > mem.gc_wanted) mem.gc_wanted = kind;
  if (mem_hooks.request_safepoint) mem_hooks.request_safepoint();
}

/* ---- segments ---- */

/* The heap's order rests on addresses: a block below new space is of no use. An allocator that reuses memory
 * freed before the heap began can answer one; it is kept, so that the next answer is another. */
static addr take_above_new_space(uint32_t bytes) {
  enum { TRIES = 64 };
  for (int i = 0; i < TRIES; i++) {
    addr a = space_take(bytes);
    if (a == 0 || a >= mem.new_end) return a;
  }
  return 0;
}

/* The limit binds the segments, and the bytes in use too, for a scavenge may have had to exceed it. */
static bool within_limit(uint32_t segment_bytes) {
  uint64_t total = (uint64_t)new_space_bytes() + heap.old_bytes + segment_bytes;
  return heap.may_exceed_limit || total <= vm_options.memory_limit;
}

bool is_over_limit(uint32_t more) {
  return (uint64_t)new_space_bytes() + old_used_bytes() + more > vm_options.memory_limit;
}

bool segment_take(uint32_t bytes, struct mem_segment *out) {
  if (bytes > UINT32_MAX - 2 * SEGMENT_GRAIN) return false;
  bytes = round_up(bytes, SEGMENT_GRAIN);
  if (!within_limit(bytes)) return false;
  if (heap.segment_count == heap.segment_capacity) {
    uint32_t capacity = heap.segment_capacity ? 2 * heap.segment_capacity : 16;
    struct mem_segment *grown = realloc(heap.segments, capacity * sizeof *grown);
    if (grown == NULL) return false;
    heap.segments = grown;
    heap.segment_capacity = capacity;
  }
  addr start = take_above_new_space(bytes);
  if (start == 0) return false;
  VM_ASSERT(start >= mem.new_end);
  uint32_t i = heap.segment_count++;
  for (; i > 0 && heap.segments[i - 1].start > start; i--) heap.segments[i] = heap.segments[i - 1];
  heap.segments[i] = (struct mem_segment){start, bytes};
  heap.old_bytes += bytes;
  *out = heap.segments[i];
  return true;
}

void segment_release(uint32_t i) {
  struct mem_segment s = heap.segments[i];
  heap.segment_count--;
  for (; i < heap.segment_count; i++) heap.segments[i] = heap.segments[i + 1];
  heap.old_bytes -= s.bytes;
  space_give(s.start, s.bytes);
}

/* A bridge is a hidden, pinned, marked words object. Spur gives it always two headers, except the last one
 * of the heap, which spans nothing: that one is an object of no slots. */
void segments_bridge(void) {
  for (uint32_t i = 0; i < heap.segment_count; i++) {
    addr end = heap.segments[i].start + heap.segments[i].bytes, at = end - MEM_BRIDGE_BYTES;
    addr next = i + 1 < heap.segment_count ? heap.segments[i + 1].start : end;
    uint32_t low = HDR_PINNED | FMT_32 << HDR_FORMAT_SHIFT | CIX_BRIDGE, slots = (next - end) / 4;
    if (slots == 0) {
      put32(at, low);
      put32(at + 4, HDR_MARKED);
    } else {
      put32(at, slots);
      put32(at + 4, (uint32_t)HDR_SLOTS_OVERFLOW << HDR_SLOTS_SHIFT);
      put32(at + 8, low);
      put32(at + 12, (uint32_t)HDR_SLOTS_OVERFLOW << HDR_SLOTS_SHIFT | HDR_MARKED);
    }
  }
}

bool mem_grow_old(uint32_t bytes) {
  if (bytes > UINT32_MAX - 2 * SEGMENT_GRAIN) return false;
  uint32_t need = bytes + MEM_BRIDGE_BYTES,
           want = need < vm_options.grow_bytes ? vm_options.grow_bytes : need;
  struct mem_segment s;
  bool may_exceed = heap.may_exceed_limit;
  heap.may_exceed_limit = false; /* if need be, by the least */
  bool taken = segment_take(want, &s);
  heap.may_exceed_limit = may_exceed;
  if (!taken && !segment_take(need, &s)) return false;
  free_add(s.start, s.bytes - MEM_BRIDGE_BYTES);
  segments_bridge();
  return true;
}

addr mem_take_segment(uint32_t bytes) {
  /* Room to work in beside what the file brings: an eighth, at least 1 MiB. */
  uint32_t headroom = bytes / 8 < (1u << 20) ? 1u << 20 : bytes / 8;
  struct mem_segment s;
  if (bytes > UINT32_MAX - headroom - SEGMENT_GRAIN) return 0;
  if (!segment_take(bytes + headroom, &s) && !segment_take(bytes + MEM_BRIDGE_BYTES + CHUNK_MIN, &s))
    return 0;
  return s.start;
}

void mem_add_segment(addr start, uint32_t bytes) {
  for (uint32_t i = 0; i < heap.segment_count; i++) {
    struct mem_segment s = heap.segments[i];
    if (s.start != start) continue;
    uint32_t rest = s.bytes - MEM_BRIDGE_BYTES - bytes;
    VM_ASSERT(bytes % 8 == 0 && (rest == 0 || rest >= CHUNK_MIN) && rest < s.bytes);
    if (rest > 0) free_add(start + bytes, rest);
    segments_bridge();
    return;
  }
  VM_ASSERT(!"mem_add_segment without mem_take_segment");
}

uint32_t mem_segment_count(void) { return heap.segment_count; }
struct mem_segment mem_segment(uint32_t i) {
  return heap.segments[i];
}

/* ---- free chunks ---- */

/* The word of a free chunk that links it to the next one of its list. */
static oop free_link(oop chunk) { return obj_slot(chunk, 0); }
static void free_set_link(oop chunk, oop next) { obj_put_raw(chunk, 0, next); }

static uint32_t chunk_bytes(oop chunk) { return mem_object_end(chunk) - mem_object_start(chunk); }

static uint32_t highest_bit(uint32_t n) { return 31 - (uint32_t)__builtin_clz(n); }

/* Of a bits format, so that a walk over references passes it by. */
static oop write_chunk(addr start, uint32_t bytes) {
  uint32_t slots = (bytes - HDR_BYTES) / 4;
  if (slots < HDR_SLOTS_OVERFLOW) return write_header(start, CIX_FREE, FMT_32, slots);
  /* With two headers the count may come out below 255: it is valid all the same. */
  oop o = write_header(start, CIX_FREE, FMT_32, HDR_SLOTS_OVERFLOW);
  put32(start, (bytes - 2 * HDR_BYTES) / 4);
  return o;
}

void free_write(addr start, uint32_t bytes) { free_set_link(write_chunk(start, bytes), 0); }

void free_add(addr start, uint32_t bytes) {
  VM_DEBUG_ASSERT(bytes >= CHUNK_MIN && bytes % 8 == 0);
  oop chunk = write_chunk(start, bytes);
  oop *list;
  if (bytes < SMALL_CHUNK_LIMIT) {
    list = &heap.small_list[bytes / 8];
    heap.small_mask |= 1ull << bytes / 8;
  } else {
    list = &heap.large_list[highest_bit(bytes)];
  }
  free_set_link(chunk, *list);
  *list = chunk;
  heap.listed_bytes += bytes;
}

void free_lists_clear(void) {
  memset(heap.small_list, 0, sizeof heap.small_list);
  memset(heap.large_list, 0, sizeof heap.large_list);
  heap.small_mask = 0;
  heap.listed_bytes = 0;
  heap.bump = heap.bump_limit = 0;
}

/* Writes the header of what is left of the bump chunk. */
void mem_seal(void) {
  if (heap.bump != heap.bump_limit) free_write(heap.bump, heap.bump_limit - heap.bump);
}

static addr bump_take(uint32_t bytes) {
  uint32_t left = heap.bump_limit - heap.bump;
  if (left < bytes || left - bytes == 8) return 0; /* 8 bytes cannot be a chunk */
  addr a = heap.bump;
  heap.bump += bytes;
  return a;
}

static addr small_take(uint32_t i) {
  oop chunk = heap.small_list[i];
  heap.small_list[i] = free_link(chunk);
  if (heap.small_list[i] == 0) heap.small_mask &= ~(1ull << i);
  heap.listed_bytes -= 8 * i;
  return mem_object_start(chunk);
}

/* Unlinks the first chunk of `list` that `bytes` can be cut from. */
static oop large_unlink(oop *list, uint32_t bytes) {
  oop before = 0;
  for (oop chunk = *list; chunk != 0; before = chunk, chunk = free_link(chunk)) {
    uint32_t size = chunk_bytes(chunk);
    if (size != bytes && (size < bytes || size - bytes < CHUNK_MIN)) continue;
    if (before == 0)
      *list = free_link(chunk);
    else
      free_set_link(before, free_link(chunk));
    heap.listed_bytes -= size;
    return chunk;
  }
  return 0;
}

static addr large_take(uint32_t bytes) {
  uint32_t first = bytes < SMALL_CHUNK_LIMIT ? highest_bit(SMALL_CHUNK_LIMIT) : highest_bit(bytes);
  for (uint32_t i = first; i < LARGE_LISTS; i++) {
    oop chunk = large_unlink(&heap.large_list[i], bytes);
    if (chunk == 0) continue;
    addr start = mem_object_start(chunk), rest = start + bytes;
    uint32_t left = chunk_bytes(chunk) - bytes;
    if (left == 0) return start;
    /* The larger of the two rests is bumped from now on. */
    uint32_t bump_left = heap.bump_limit - heap.bump;
    if (left > bump_left) {
      if (bump_left > 0) free_add(heap.bump, bump_left);
      heap.bump = rest;
      heap.bump_limit = rest + left;
    } else {
      free_add(rest, left);
    }
    return start;
  }
  return 0;
}

/* The last resort before growth: cut a small chunk. */
static addr small_cut(uint32_t bytes) {
  for (uint32_t i = bytes / 8 + CHUNK_MIN / 8; i < SMALL_LISTS; i++) {
    if (heap.small_list[i] == 0) continue;
    addr start = small_take(i);
    free_add(start + bytes, 8 * i - bytes);
    return start;
  }
  return 0;
}

static addr try_old_alloc(uint32_t bytes) {
  addr a;
  if (bytes < SMALL_CHUNK_LIMIT && heap.small_mask >> bytes / 8 & 1) return small_take(bytes / 8);
  if ((a = bump_take(bytes)) != 0) return a;
  if ((a = large_take(bytes)) != 0) return a;
  return bytes < SMALL_CHUNK_LIMIT ? small_cut(bytes) : 0;
}

/* Old space has grown by half, and by a growth step at least, since it was last collected. */
static bool full_gc_due(void) {
  uint32_t used = old_used_bytes(), before = heap.used_after_full;
  uint32_t step = before / 2 > vm_options.grow_bytes ? before / 2 : vm_options.grow_bytes;
  return used > before && used - before > step;
}

addr old_alloc(uint32_t bytes) {
  if (!heap.may_exceed_limit && is_over_limit(bytes)) return 0;
  addr a = try_old_alloc(bytes);
  if (a == 0) {
    if (heap.segment_count > 0 && full_gc_due()) request_gc(GC_FULL);
    if (mem_grow_old(bytes)) a = try_old_alloc(bytes);
  }
  if (mem_low_space_threshold != 0) check_low_space();
  return a;
}

/* Tells the image once; it sets the threshold again when it has dealt with it. */
void check_low_space(void) {
  if (mem_low_space_threshold == 0 || mem_bytes_left() >= mem_low_space_threshold) return;
  mem_low_space_threshold = 0;
  if (mem_hooks.low_space) mem_hooks.low_space();
}

/* ---- walking ---- */

/* The object at `a`, or what follows over bridges; 0 at the end of the heap. */
static oop old_object_at(addr a) {
  for (;;) {
    oop o = mem_object_at(a);
    if (!is_bridge(o)) return o;
    addr end = mem_object_end(o);
    struct mem_segment last = heap.segments[heap.segment_count - 1];
    if (end == last.start + last.bytes) return 0;
    a = end;
  }
}

oop old_first(void) { return heap.segment_count == 0 ? 0 : old_object_at(heap.segments[0].start); }
oop old_next(oop o) { return old_object_at(mem_object_end(o)); }

static oop eden_first(void) { return mem.eden_free > heap.eden_start ? mem_object_at(heap.eden_start) : 0; }

oop new_first(void) {
  addr past = heap.survivor[heap.past];
  return heap.past_free > past ? mem_object_at(past) : eden_first();
}

oop new_next(oop o) {
  addr next = mem_object_end(o);
  if (next == mem.eden_free) return 0;
  if (o < heap.eden_start && next == heap.past_free) return eden_first();
  return mem_object_at(next);
}

/* ---- statistics ---- */

uint32_t mem_old_free_bytes(void) { return old_free_bytes(); }
uint32_t mem_old_bytes(void) { return heap.old_bytes; }
uint64_t mem_bytes_left(void) {
  uint64_t used = (uint64_t)new_space_bytes() + old_used_bytes();
  return used < vm_options.memory_limit ? vm_options.memory_limit - used : 0;
}
uint32_t mem_new_used_bytes(void) {
  return (mem.eden_free - heap.eden_start) + (heap.past_free - heap.survivor[heap.past]);
}
