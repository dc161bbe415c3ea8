/* segment_store.c: storing image segments (segment.h). The objects are found with the mark bits, copied with
 * their references mapped by a table beside the heap, and nothing in the heap is changed before all fits. */
#include <stdlib.h>
#include <string.h>

#include "memory/segment_internal.h"

/* ---- what only the roots lead to ---- */

static struct word_stack stack;
/* The objects of the segment; those outside that they refer to. */
static struct word_stack inside, outside;

static void mark(oop o) {
  if (!oop_is_pointer(o) || obj_is_marked(o)) return;
  put32(o + 4, at32(o + 4) | HDR_MARKED);
  word_push(&stack, o);
}
static void unmark(oop o) {
  if (oop_is_pointer(o)) put32(o + 4, at32(o + 4) & ~(uint32_t)HDR_MARKED);
}
static void visit_mark(oop *slot) { mark(*slot); }

static void mark_references(oop o, uint32_t from) {
  uint32_t slots = obj_pointer_slots(o);
  if (obj_class_index(o) >= CIX_FIRST_REAL) mark(mem_class_of(o));
  if (obj_format(o) == FMT_WEAK) slots = mem_fixed_fields(o); /* a weak reference holds nothing outside */
  for (uint32_t i = from; i < slots; i++) mark(obj_slot(o, i));
}

/* Marks what can be reached without the roots. The class table holds only the classes that the VM knows. */
static void mark_outside(oop roots) {
  static const uint32_t pages = CLASS_TABLE_PAGES;
  put32(roots + 4, at32(roots + 4) | HDR_MARKED);
  for (uint32_t i = 0, n = obj_slots(roots); i < n; i++)
    if (oop_is_pointer(obj_slot(roots, i)))
      put32(obj_slot(roots, i) + 4, at32(obj_slot(roots, i) + 4) | HDR_MARKED);
  mark(obj_slot(mem.hidden_roots, 0));
  for (uint32_t i = pages, n = obj_slots(mem.hidden_roots); i < n; i++) mark(obj_slot(mem.hidden_roots, i));
  visit_roots(visit_mark, true);
  while (stack.count > 0) mark_references(word_pop(&stack), 0);
  for (uint32_t i = 0, n = obj_slots(roots); i < n; i++) unmark(obj_slot(roots, i));
  unmark(roots);
  const oop constants[] = {mem.nil, mem.true_, mem.false_};
  for (uint32_t i = 0; i < 3; i++) put32(constants[i] + 4, at32(constants[i] + 4) | HDR_MARKED);
}

/* Lists what is unmarked from the array of roots on. */
static void collect_inside(oop roots) {
  mark(roots);
  while (stack.count > 0) {
    const oop o = word_pop(&stack);
    word_push(&inside, o);
    mark(mem_class_of(o));
    for (uint32_t i = 0, n = obj_pointer_slots(o); i < n; i++) mark(obj_slot(o, i));
  }
}

static void unmark_all(void) {
  mem_seal();
  for (oop o = old_first(); o != 0; o = old_next(o)) unmark(o);
}

/* Whether a context's state is in a frame: its sender field then is a SmallInteger. */
static bool is_in_frame(oop o) {
  return obj_class_index(o) == CIX_CONTEXT && obj_slots(o) > 0 && oop_is_int(obj_slot(o, 0));
}

static bool is_class(oop o) { return mem_known_class_index(o) != 0; }

/* Brings the classes to the front, behind the array of roots. */
static uint32_t move_classes_forward(void) {
  uint32_t count = 0;
  for (uint32_t i = 1; i < inside.count; i++) {
    const oop o = inside.items[i];
    if (!is_class(o)) continue;
    count++;
    inside.items[i] = inside.items[count];
    inside.items[count] = o;
  }
  return count;
}

/* ---- from an oop to what stands for it in the segment: an open hash table ---- */

static struct {
  struct place {
    oop o;
    uint32_t reference; /* an offset, or SEGMENT_OUT and 4 times an index */
  } * places;
  uint32_t mask, count;
} table;

static struct place *place_of(oop o) {
  uint32_t i = (o >> 3) * 2654435761u & table.mask; /* Knuth's multiplicative hash */
  while (table.places[i].o != 0 && table.places[i].o != o) i = (i + 1) & table.mask;
  return &table.places[i];
}

static bool table_make(uint32_t size) {
  table.places = calloc(size, sizeof *table.places);
  table.mask = size - 1;
  table.count = 0;
  return table.places != NULL;
}

static bool table_grow(void) {
  struct place *old = table.places;
  const uint32_t old_mask = table.mask, count = table.count;
  if (!table_make(2 * (old_mask + 1))) {
    table.places = old;
    table.mask = old_mask;
    table.count = count;
    return false;
  }
  for (uint32_t i = 0; i <= old_mask; i++)
    if (old[i].o != 0) *place_of(old[i].o) = old[i];
  table.count = count;
  free(old);
  return true;
}

static bool table_put(oop o, uint32_t reference) {
  if (2 * table.count > table.mask && !table_grow()) return false;
  *place_of(o) = (struct place){o, reference};
  table.count++;
  return true;
}

/* ---- the copies ---- */

static int place_all(uint32_t room, uint32_t classes, uint32_t *bytes) {
  uint64_t at = 0;
  for (uint32_t i = 0; i < inside.count; i++) {
    const oop o = inside.items[i];
    if (is_in_frame(o)) return MEM_ERR_INAPPROPRIATE;
    if (!table_put(o, (uint32_t)(at + (o - mem_object_start(o))))) return MEM_ERR_NO_MEMORY;
    at += mem_object_end(o) - mem_object_start(o);
    if (at + SEGMENT_VERSION_BYTES > room) return MEM_ERR_WRITE_PAST_OBJECT;
    if (i == classes && at / SEGMENT_UNIT + CIX_FIRST_PUN >= SEGMENT_OUT_CLASS) return MEM_ERR_LIMIT_EXCEEDED;
  }
  *bytes = (uint32_t)at;
  return MEM_OK;
}

/* What stands for an object in the segment; SEGMENT_OUT + 4 * room when there are too many outside. */
static bool reference_to(oop o, uint32_t *reference) {
  const struct place *place = place_of(o);
  if (place->o == o) {
    *reference = place->reference;
    return true;
  }
  *reference = SEGMENT_OUT | outside.count * 4;
  word_push(&outside, o);
  return table_put(o, *reference);
}

static bool class_reference(oop class_, uint32_t *index) {
  uint32_t reference;
  if (!reference_to(class_, &reference)) return false;
  *index = reference & SEGMENT_OUT ? SEGMENT_OUT_CLASS | (reference & ~SEGMENT_OUT) / 4
                                   : reference / SEGMENT_UNIT + CIX_FIRST_PUN;
  return true;
}

/* Writes an object's copy; its own references are mapped. */
static int copy_object(oop o, uint8_t *to) {
  const uint32_t header = o - mem_object_start(o), slots = obj_slots(o), pointers = obj_pointer_slots(o);
  uint32_t words[2], class_index;
  if (!class_reference(mem_class_of(o), &class_index)) return MEM_ERR_NO_MEMORY;
  memcpy(to, AT(void, mem_object_start(o)), mem_object_end(o) - mem_object_start(o));
  words[0] = (at32(o) & ~(HDR_CLASS_MASK | HDR_GREY | HDR_REMEMBERED | HDR_PINNED)) | class_index;
  words[1] = at32(o + 4) & ~(uint32_t)HDR_MARKED;
  if (is_class(o)) {
    words[0] |= HDR_REMEMBERED;
    words[1] &= ~(uint32_t)HDR_HASH_MASK;
  }
  memcpy(to + header, words, sizeof words);
  uint8_t *body = to + header + HDR_BYTES;
  for (uint32_t i = 0; i < pointers; i++) {
    uint32_t v = obj_slot(o, i);
    if (oop_is_pointer(v) && !reference_to(v, &v)) return MEM_ERR_NO_MEMORY;
    memcpy(body + 4 * (size_t)i, &v, sizeof v);
  }
  memset(body + 4 * (size_t)slots, 0, obj_body_bytes(slots) - 4 * (size_t)slots);
  return MEM_OK;
}

static int copy_all(uint8_t *to, uint32_t max_outside) {
  uint32_t limit = max_outside < SEGMENT_OUT_CLASS ? max_outside : SEGMENT_OUT_CLASS;
  for (uint32_t i = 0; i < inside.count; i++) {
    const oop o = inside.items[i];
    const int error = copy_object(o, to);
    if (error != MEM_OK) return error;
    if (outside.count > limit) return limit < max_outside ? MEM_ERR_LIMIT_EXCEEDED : MEM_ERR_BAD_INDEX;
    to += mem_object_end(o) - mem_object_start(o);
  }
  return MEM_OK;
}

/* ---- the whole ---- */

/* Whether mem_shorten can cut it so: it leaves no rest of 8 bytes. */
static bool can_be_cut(oop o, uint32_t slots) {
  return obj_body_bytes(obj_slots(o)) - obj_body_bytes(slots) != SEGMENT_UNIT;
}

static int write_results(oop words, oop out_pointers, const uint8_t *copies, uint32_t bytes) {
  const uint32_t slots = (SEGMENT_VERSION_BYTES + bytes) / 4;
  if (!can_be_cut(words, slots)) return MEM_ERR_WRITE_PAST_OBJECT;
  if (!can_be_cut(out_pointers, outside.count)) return MEM_ERR_BAD_INDEX;
  put32(obj_body(words), SEGMENT_FORMAT | SEGMENT_ORDER << SEGMENT_ORDER_SHIFT);
  put32(obj_body(words) + 4, SEGMENT_FORMAT | SEGMENT_ORDER << SEGMENT_ORDER_SHIFT);
  memcpy(obj_bytes(words) + SEGMENT_VERSION_BYTES, copies, bytes);
  for (uint32_t i = 0; i < outside.count; i++) mem_store(out_pointers, i, outside.items[i]);
  (void)mem_shorten(words, slots);
  (void)mem_shorten(out_pointers, outside.count);
  return MEM_OK;
}

static int store(oop words, oop out_pointers) {
  const uint32_t classes = move_classes_forward();
  uint32_t bytes;
  int error = place_all(obj_slots(words) * 4, classes, &bytes);
  if (error != MEM_OK) return error;
  uint8_t *copies = malloc(bytes);
  if (copies == NULL) return MEM_ERR_NO_MEMORY;
  error = copy_all(copies, obj_slots(out_pointers));
  if (error == MEM_OK) error = write_results(words, out_pointers, copies, bytes);
  free(copies);
  return error;
}

int mem_store_segment(oop roots, oop words, oop out_pointers) {
  if (obj_is_immutable(words) || obj_is_immutable(out_pointers)) return MEM_ERR_NO_MODIFICATION;
  if (obj_is_pinned(words) || obj_is_pinned(out_pointers)) return MEM_ERR_OBJECT_IS_PINNED;
  mark_outside(roots);
  collect_inside(roots);
  unmark_all();
  int error = table_make(1024) ? store(words, out_pointers) : MEM_ERR_NO_MEMORY;
  free(table.places);
  word_stack_free(&stack);
  word_stack_free(&inside);
  word_stack_free(&outside);
  return error;
}
