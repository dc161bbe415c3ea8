/* image_write.c: saves the heap as a Spur 32 image of one segment without free space, in the order that other
 * VMs expect: nil, false, true, free lists, hidden roots, class table pages, then everything else by address.
 *
 * An object's address in the file is found by counting: a bit for every 8 bytes of the heap says whether they
 * belong to an object that is written, and a running count of these bits is kept for every 64 of them. */
#include "memory/image_internal.h"

#include <stdlib.h>

enum { BUFFER_BYTES = 64 << 10, UNIT = 8, UNITS_IN_WORD = 64 };

struct writer {
  bool (*put)(void *sink, const void *bytes, uint32_t count);
  void *sink;
  uint8_t *buffer;
  uint32_t used;
  bool failed; /* the sink refused */

  addr low, high;      /* the heap's address range */
  uint64_t *live;      /* a bit for each unit */
  uint32_t *before;    /* live units before each word of `live` */
  uint32_t pages;      /* of the class table */
  uint32_t objects_at; /* offset of the first object behind the class table */
  uint32_t bytes;      /* of the heap in the file, bridge included */
  bool two_sets;       /* some method uses the alternate bytecode set */
  err_t error;
};

/* ---- output ---- */

static void flush(struct writer *w) {
  if (!w->failed && w->used > 0 && !w->put(w->sink, w->buffer, w->used)) w->failed = true;
  w->used = 0;
}

static void put_bytes(struct writer *w, const void *bytes, uint32_t count) {
  if (count > BUFFER_BYTES - w->used) flush(w);
  if (count > BUFFER_BYTES) {
    if (!w->failed && !w->put(w->sink, bytes, count)) w->failed = true;
    return;
  }
  memcpy(w->buffer + w->used, bytes, count);
  w->used += count;
}

static void put_word(struct writer *w, uint32_t word) { put_bytes(w, &word, sizeof word); }
static void put_half(struct writer *w, uint32_t half) {
  uint16_t h = (uint16_t)half;
  put_bytes(w, &h, sizeof h);
}
static void put_words(struct writer *w, uint32_t word, uint32_t count) {
  while (count-- > 0) put_word(w, word);
}

/* ---- addresses ---- */

static bool is_first(oop o) { return o == mem.nil || o == mem.false_ || o == mem.true_; }

static uint32_t unit_of(const struct writer *w, addr a) { return (a - w->low) / UNIT; }
static bool is_live(const struct writer *w, oop o) {
  uint32_t unit = unit_of(w, o);
  return o >= w->low && o < w->high && (w->live[unit / UNITS_IN_WORD] >> unit % UNITS_IN_WORD & 1) != 0;
}

static oop file_oop(struct writer *w, oop o) {
  if (!oop_is_pointer(o)) return o;
  if (o == mem.nil) return IMAGE_BASE;
  if (o == mem.false_) return IMAGE_BASE + NONE_BYTES;
  if (o == mem.true_) return IMAGE_BASE + 2 * NONE_BYTES;
  if (!is_live(w, o)) {
    w->error = err_format("cannot save: 0x%08X is referred to and is no object", o);
    return IMAGE_BASE;
  }
  uint32_t unit = unit_of(w, o), i = unit / UNITS_IN_WORD;
  uint64_t below = w->live[i] & ((1ull << unit % UNITS_IN_WORD) - 1);
  return IMAGE_BASE + w->objects_at + UNIT * (w->before[i] + (uint32_t)__builtin_popcountll(below));
}

static bool mark_live(oop o, void *context) {
  struct writer *w = context;
  if (is_first(o)) return true;
  if (fmt_is_method(obj_format(o)) && method_alternate_set(o)) w->two_sets = true;
  if (obj_class_index(o) == CIX_CONTEXT && oop_is_int(obj_slot(o, 0)))
    w->error = err_format("cannot save: the context at 0x%08X still lives in a stack frame", o);
  uint32_t end = unit_of(w, mem_object_end(o));
  for (uint32_t unit = unit_of(w, mem_object_start(o)); unit < end; unit++)
    w->live[unit / UNITS_IN_WORD] |= 1ull << unit % UNITS_IN_WORD;
  return true;
}

static err_t survey(struct writer *w) {
  struct mem_segment last = mem_segment(mem_segment_count() - 1);
  w->low = mem.new_start;
  w->high = last.start + last.bytes;
  uint32_t words = unit_of(w, w->high) / UNITS_IN_WORD + 1;
  w->buffer = malloc(BUFFER_BYTES);
  w->live = calloc(words, sizeof *w->live);
  w->before = malloc(words * sizeof *w->before);
  if (w->buffer == NULL || w->live == NULL || w->before == NULL) return "not enough memory to save the image";
  mem_each_object(mark_live, w);
  uint64_t units = 0;
  for (uint32_t i = 0; i < words; i++) {
    w->before[i] = (uint32_t)units;
    units += (uint32_t)__builtin_popcountll(w->live[i]);
  }
  while (w->pages < CLASS_TABLE_PAGES && obj_slot(mem.hidden_roots, w->pages) != mem.nil) w->pages++;
  w->objects_at = 3 * NONE_BYTES + image_hidden_bytes(w->pages);
  uint64_t bytes = w->objects_at + units * UNIT + IMAGE_BRIDGE_BYTES;
  if (bytes > UINT32_MAX - IMAGE_BASE) return "cannot save: the heap is too large for a 32-bit image";
  w->bytes = (uint32_t)bytes;
  return w->error;
}

/* ---- the file ---- */

static uint32_t format_of(const struct writer *w) {
  uint32_t format = !mem_conventions.v3                     ? FORMAT_SPUR_32
                    : mem_conventions.float_high_word_first ? FORMAT_V3_IN_SPUR
                                                            : FORMAT_V3_IN_SPUR_NATIVE_FLOATS;
  return w->two_sets ? format + FORMAT_MULTIPLE_SETS : format;
}

static void put_file_header(struct writer *w) {
  const struct image_info *i = &image_info;
  put_word(w, format_of(w));
  put_word(w, IMAGE_HEADER_BYTES);
  put_word(w, w->bytes);
  put_word(w, IMAGE_BASE);
  put_word(w, file_oop(w, mem.special));
  put_word(w, mem.last_hash);
  put_word(w, i->screen_size);
  put_word(w, i->flags);
  put_word(w, i->extra_vm_memory);
  put_half(w, i->desired_stack_pages);
  put_half(w, i->desired_code_size);
  put_word(w, i->desired_eden_bytes);
  put_half(w, i->max_external_semaphores);
  put_half(w, 0);
  put_word(w, w->bytes); /* of the first segment */
  put_words(w, 0, 3);    /* free space in it; padding */
}

static void put_header(struct writer *w, uint32_t low, uint32_t high, uint32_t slots) {
  if (slots >= HDR_SLOTS_OVERFLOW) {
    put_word(w, slots);
    put_word(w, (uint32_t)HDR_SLOTS_OVERFLOW << HDR_SLOTS_SHIFT);
    high |= (uint32_t)HDR_SLOTS_OVERFLOW << HDR_SLOTS_SHIFT;
  } else {
    high |= slots << HDR_SLOTS_SHIFT;
  }
  put_word(w, low);
  put_word(w, high);
}

static void put_class_table(struct writer *w) {
  const uint32_t hidden_array = CIX_ARRAY_HIDDEN | (uint32_t)FMT_INDEXABLE << HDR_FORMAT_SHIFT;
  put_header(w, CIX_WORDS_HIDDEN | (uint32_t)FMT_32 << HDR_FORMAT_SHIFT, 0, FREE_LISTS);
  put_words(w, 0, FREE_LISTS);
  put_header(w, hidden_array, 0, HIDDEN_ROOTS);
  uint32_t page = IMAGE_BASE + 3 * NONE_BYTES + FREE_LISTS_BYTES + HIDDEN_ROOTS_BYTES + HDR_BYTES;
  for (uint32_t p = 0; p < w->pages; p++) put_word(w, page + p * CLASS_PAGE_BYTES);
  put_words(w, IMAGE_BASE, HIDDEN_ROOTS - w->pages);
  for (uint32_t p = 0; p < w->pages; p++) {
    put_header(w, hidden_array, 0, CLASS_TABLE_PAGE);
    for (uint32_t i = 0; i < CLASS_TABLE_PAGE; i++)
      put_word(w, file_oop(w, mem_class_at(p * CLASS_TABLE_PAGE + i)));
  }
}

static void put_object(struct writer *w, oop o) {
  uint32_t slots = obj_slots(o), high = at32(o + 4) & HDR_HASH_MASK, pointers = image_pointer_slots(o);
  uint32_t low = at32(o) & ~(HDR_GREY | (uint32_t)HDR_REMEMBERED);
  if (mem_object_start(o) != o && slots < HDR_SLOTS_OVERFLOW) {
    /* Shortened in place: it keeps its overflow word. */
    put_word(w, slots);
    put_word(w, (uint32_t)HDR_SLOTS_OVERFLOW << HDR_SLOTS_SHIFT);
    put_word(w, low);
    put_word(w, high | (uint32_t)HDR_SLOTS_OVERFLOW << HDR_SLOTS_SHIFT);
  } else {
    put_header(w, low, high, slots);
  }
  for (uint32_t i = 0; i < pointers; i++) put_word(w, file_oop(w, obj_slot(o, i)));
  bool all_pointers = fmt_is_pointers(obj_format(o));
  if (all_pointers)
    put_words(w, IMAGE_BASE, slots - pointers);
  else
    put_bytes(w, obj_bytes(o) + 4 * pointers, 4 * (slots - pointers));
  put_words(w, 0, obj_body_bytes(slots) / 4 - slots);
}

static bool put_if_not_first(oop o, void *context) {
  struct writer *w = context;
  if (!is_first(o)) put_object(w, o);
  return !w->failed && w->error == NULL;
}

static void put_bridge(struct writer *w) {
  put_word(w, CIX_BRIDGE | (uint32_t)FMT_32 << HDR_FORMAT_SHIFT | HDR_PINNED);
  put_word(w, HDR_MARKED);
  put_words(w, 0, 2); /* bytes of the next segment: there is none */
}

static err_t write_file(struct writer *w) {
  put_file_header(w);
  put_object(w, mem.nil);
  put_object(w, mem.false_);
  put_object(w, mem.true_);
  put_class_table(w);
  mem_each_object(put_if_not_first, w);
  put_bridge(w);
  flush(w);
  if (w->failed && w->error == NULL) w->error = "the image could not be written: the file took no more bytes";
  return w->error;
}

err_t image_write(bool (*put)(void *sink, const void *bytes, uint32_t count), void *sink) {
  struct writer w = {.put = put, .sink = sink};
  err_t e = survey(&w);
  if (e == NULL) e = write_file(&w);
  free(w.buffer);
  free(w.live);
  free(w.before);
  return e;
}
