/* segment_load.c: loading image segments (segment.h). All of a segment is checked first; then its objects are
 * made in old space, filled, and given their classes. A word of the segment that is not what a VM would have
 * written refuses the whole. */
#include <stdlib.h>
#include <string.h>

#include "memory/segment_internal.h"

/* An object of the segment: where its header's last word pair is, and what it says. */
struct item {
  uint32_t at, class_reference, format, slots, pointers;
  oop object; /* the one that is made of it */
};

static struct {
  uint32_t *words; /* behind the version */
  uint32_t bytes;
  struct item *items;
  uint32_t count, capacity;
  uint32_t *item_at; /* for each 8 bytes: 1 + the index of the item there, or 0 */
  oop out;
  uint32_t out_count;
} seg;

/* ---- reading ---- */

static bool is_version(uint32_t word) {
  const uint32_t format = word & SEGMENT_FORMAT_MASK & ~(uint32_t)SEGMENT_FORMAT_SETS;
  return format == (SEGMENT_FORMAT & ~SEGMENT_FORMAT_SETS) && word >> SEGMENT_ORDER_SHIFT == SEGMENT_ORDER;
}

/* Copies the words, turned round where they were kept in the other order. */
static int read_words(oop words) {
  const uint32_t count = obj_slots(words), first = count > 0 ? obj_slot(words, 0) : 0;
  const bool swapped = !is_version(first);
  enum { LEAST = SEGMENT_VERSION_BYTES / 4 + 4, VERSION_WORDS = SEGMENT_VERSION_BYTES / 4 };
  if (count < LEAST || (swapped && !is_version(__builtin_bswap32(first)))) return MEM_ERR_BAD_ARGUMENT;
  seg.bytes = (count - VERSION_WORDS) * 4;
  if (seg.bytes % SEGMENT_UNIT != 0) return MEM_ERR_BAD_ARGUMENT;
  seg.words = malloc(seg.bytes);
  seg.item_at = calloc(seg.bytes / SEGMENT_UNIT + 1, sizeof *seg.item_at);
  if (seg.words == NULL || seg.item_at == NULL) return MEM_ERR_NO_MEMORY;
  for (uint32_t i = VERSION_WORDS; i < count; i++) {
    const uint32_t word = obj_slot(words, i);
    seg.words[i - VERSION_WORDS] = swapped ? __builtin_bswap32(word) : word;
  }
  return MEM_OK;
}

static uint32_t word_at(uint32_t at) { return seg.words[at / 4]; }
static uint32_t slot_of(const struct item *item, uint32_t i) { return word_at(item->at + HDR_BYTES + 4 * i); }

static bool add_item(struct item item) {
  if (seg.count == seg.capacity) {
    const uint32_t capacity = seg.capacity == 0 ? 256 : 2 * seg.capacity;
    struct item *items = realloc(seg.items, capacity * sizeof *items);
    if (items == NULL) return false;
    seg.items = items;
    seg.capacity = capacity;
  }
  seg.items[seg.count++] = item;
  seg.item_at[item.at / SEGMENT_UNIT] = seg.count;
  return true;
}

/* Whether a body of so many slots can have this format. */
static bool format_fits(uint32_t format, uint32_t slots) {
  if (format <= FMT_EPHEMERON) return true;
  if (format == FMT_64) return slots % 2 == 0;
  if (format == FMT_32) return true;
  const uint32_t first = format >= FMT_METHOD ? FMT_METHOD : format >= FMT_8 ? FMT_8 : FMT_16;
  if (format < FMT_16 || format - first > (first == FMT_16 ? 1u : 3u)) return false;
  return slots > 0 || (format == first && format != FMT_METHOD);
}

/* How many slots of a method hold references; 0: it is none. */
static uint32_t method_pointers(uint32_t header, uint32_t format, uint32_t slots) {
  if (!oop_is_int(header)) return 0;
  const uint32_t literals =
      (uint32_t)oop_int(header) >> method_layout.literal_shift & method_layout.literal_mask;
  const uint32_t pointers = METHOD_LITERAL_START + literals;
  return pointers > slots || 4 * pointers > 4 * slots - (format & 3) ? 0 : pointers;
}

static int read_item(uint32_t *at) {
  struct item item = {.at = *at};
  bool overflow = word_at(item.at + 4) >> HDR_SLOTS_SHIFT == HDR_SLOTS_OVERFLOW;
  if (overflow) {
    item.slots = word_at(item.at);
    if ((word_at(item.at + 4) & 0xFFFFFF) != 0 || item.slots < HDR_SLOTS_OVERFLOW)
      return MEM_ERR_INAPPROPRIATE;
    item.at += HDR_BYTES;
  }
  if (seg.bytes - item.at < 2 * HDR_BYTES) return MEM_ERR_INAPPROPRIATE; /* a header and 8 bytes */
  const uint32_t low = word_at(item.at), high = word_at(item.at + 4);
  if (!overflow) item.slots = high >> HDR_SLOTS_SHIFT;
  if (overflow != (high >> HDR_SLOTS_SHIFT == HDR_SLOTS_OVERFLOW) || (high & HDR_MARKED) != 0)
    return MEM_ERR_INAPPROPRIATE;
  if (item.slots > seg.bytes / 4 || obj_body_bytes(item.slots) > seg.bytes - item.at - HDR_BYTES)
    return MEM_ERR_BAD_INDEX;
  item.class_reference = low & HDR_CLASS_MASK;
  item.format = low >> HDR_FORMAT_SHIFT & HDR_FORMAT_MASK;
  if (!format_fits(item.format, item.slots)) return MEM_ERR_INAPPROPRIATE;
  if (fmt_is_pointers(item.format)) item.pointers = item.slots;
  if (fmt_is_method(item.format)) {
    item.pointers = method_pointers(slot_of(&item, 0), item.format, item.slots);
    if (item.pointers == 0) return MEM_ERR_INAPPROPRIATE;
  }
  *at = item.at + HDR_BYTES + obj_body_bytes(item.slots);
  return add_item(item) ? MEM_OK : MEM_ERR_NO_MEMORY;
}

static int read_items(void) {
  for (uint32_t at = 0; at < seg.bytes;) {
    if (seg.bytes - at < 2 * HDR_BYTES) return MEM_ERR_INAPPROPRIATE;
    const int error = read_item(&at);
    if (error != MEM_OK) return error;
  }
  return seg.items[0].format == FMT_INDEXABLE ? MEM_OK : MEM_ERR_INAPPROPRIATE;
}

/* ---- references ---- */

/* The item at an offset, NULL when none begins there. */
static struct item *item_at(uint32_t offset) {
  if (offset >= seg.bytes || offset % SEGMENT_UNIT != 0) return NULL;
  const uint32_t index = seg.item_at[offset / SEGMENT_UNIT];
  return index == 0 ? NULL : &seg.items[index - 1];
}

/* What a word refers to: an item of the segment (*item) or any oop (*item is NULL). False: nothing. */
static bool find_referent(uint32_t word, struct item **item, oop *object) {
  *item = NULL;
  *object = word;
  if (!oop_is_pointer(word)) return true;
  if (word & SEGMENT_OUT) {
    const uint32_t index = (word & ~SEGMENT_OUT) / 4;
    if (index >= seg.out_count) return false;
    *object = obj_slot(seg.out, index);
    return true;
  }
  *item = item_at(word);
  return *item != NULL;
}

/* The same for the class of an item. */
static bool find_class(const struct item *of, struct item **item, oop *class_) {
  const uint32_t reference = of->class_reference;
  if (reference & SEGMENT_OUT_CLASS)
    return find_referent(SEGMENT_OUT | (reference - SEGMENT_OUT_CLASS) * 4, item, class_);
  return reference >= CIX_FIRST_PUN &&
         find_referent((reference - CIX_FIRST_PUN) * SEGMENT_UNIT, item, class_);
}

/* Format and number of slots of something a word refers to; false for immediates. */
static bool shape_of(uint32_t word, uint32_t *format, uint32_t *slots) {
  struct item *item;
  oop o;
  if (!find_referent(word, &item, &o) || !oop_is_pointer(word)) return false;
  if (item == NULL && !oop_is_pointer(o)) return false;
  *format = item != NULL ? item->format : obj_format(o);
  *slots = item != NULL ? item->slots : obj_slots(o);
  return true;
}
static bool is_nil(uint32_t word) {
  struct item *item;
  oop o;
  return find_referent(word, &item, &o) && item == NULL && o == mem.nil;
}
static bool has_slots(uint32_t word, uint32_t count) {
  uint32_t format, slots;
  return shape_of(word, &format, &slots) && fmt_is_pointers(format) && slots >= count;
}

/* Slot i of an object of references that a word refers to, as a word that find_referent understands: of
 * objects outside only what they are is asked, so their slots' contents are left out. */
static bool inside_slot(uint32_t word, uint32_t i, uint32_t *slot) {
  struct item *item;
  oop o;
  if (!find_referent(word, &item, &o) || item == NULL) return false;
  *slot = slot_of(item, i);
  return true;
}

/* ---- checks ---- */

/* As lookup needs it: a class of the segment with its method dictionary (memory.h: its fields). */
static bool is_sound_class(const struct item *c) {
  if (!fmt_is_pointers(c->format) || c->slots < BEHAVIOR_FIELDS || !oop_is_int(slot_of(c, CLASS_FORMAT)))
    return false;
  const uint32_t super = slot_of(c, CLASS_SUPERCLASS), dictionary = slot_of(c, CLASS_METHOD_DICT);
  uint32_t methods, format, slots;
  if (!is_nil(super) && !has_slots(super, BEHAVIOR_FIELDS)) return false;
  if (is_nil(dictionary)) return true;
  if (!has_slots(dictionary, DICT_KEYS) || !shape_of(dictionary, &format, &slots)) return false;
  if (!inside_slot(dictionary, DICT_METHODS, &methods) || is_nil(methods)) return true;
  return has_slots(methods, slots - DICT_KEYS);
}

/* A class outside: one that has instances, or may have. */
static bool is_outside_class(oop o) {
  return oop_has_fields(o, BEHAVIOR_FIELDS) && oop_is_int(obj_slot(o, CLASS_FORMAT));
}

/* Whether an instance of a class with this format word can have this shape. */
static bool fits_class(const struct item *i, uint32_t format_bits) {
  const uint32_t spec = format_bits >> 16 & HDR_FORMAT_MASK, fixed = format_bits & 0xFFFF;
  if (spec <= FMT_EPHEMERON)
    return i->format == spec && i->slots >= fixed &&
           (i->slots == fixed || (spec != FMT_EMPTY && spec != FMT_FIXED && spec != FMT_EPHEMERON));
  const uint32_t group = i->format >= FMT_METHOD ? FMT_METHOD
                         : i->format >= FMT_8    ? FMT_8
                         : i->format >= FMT_16   ? FMT_16
                                                 : i->format;
  return spec == group;
}

/* A context of no frame, with a stack pointer inside it (CompiledMethod, pc and the rest are looked at when
 * it is taken up). */
static bool is_sound_context(const struct item *c) {
  enum { SENDER, STACKP = 2, FIXED = 6 };
  if (c->format != FMT_FIXED_INDEXABLE || c->slots < FIXED || oop_is_int(slot_of(c, SENDER))) return false;
  const uint32_t stackp = slot_of(c, STACKP);
  return is_nil(stackp) ||
         (oop_is_int(stackp) && oop_int(stackp) >= 0 && (uint32_t)oop_int(stackp) <= c->slots - FIXED);
}

static bool is_sound_closure(const struct item *c) {
  enum { NUM_ARGS = 2 };
  return oop_is_int(slot_of(c, NUM_ARGS)) && oop_int(slot_of(c, NUM_ARGS)) >= 0;
}

/* What the VM knows by its class index must be so in detail. */
static bool is_sound_instance(const struct item *item, uint32_t class_index) {
  switch (class_index) {
    case CIX_CONTEXT: return is_sound_context(item);
    case CIX_BLOCK_CLOSURE:
    case CIX_FULL_CLOSURE: return is_sound_closure(item);
    case CIX_FLOAT: return item->format == FMT_32 && item->slots == 2;
    case CIX_SMALLINTEGER:
    case CIX_CHARACTER: return false;
  }
  return true;
}

static bool has_class_bit(const struct item *item) { return (word_at(item->at) & HDR_REMEMBERED) != 0; }

static int check_item(const struct item *item) {
  struct item *class_item, *referent;
  oop o;
  if (!find_class(item, &class_item, &o)) return MEM_ERR_BAD_INDEX;
  if (class_item != NULL) {
    if (!has_class_bit(class_item) || !is_sound_class(class_item) ||
        !fits_class(item, (uint32_t)oop_int(slot_of(class_item, CLASS_FORMAT))))
      return MEM_ERR_INAPPROPRIATE;
  } else if (!is_outside_class(o) || !fits_class(item, class_format_bits(o)) ||
             !is_sound_instance(item, mem_known_class_index(o))) {
    return MEM_ERR_INAPPROPRIATE;
  }
  if (has_class_bit(item) && (!is_sound_class(item) || (word_at(item->at + 4) & HDR_HASH_MASK) != 0))
    return MEM_ERR_INAPPROPRIATE;
  for (uint32_t i = 0; i < item->pointers; i++)
    if (!find_referent(slot_of(item, i), &referent, &o)) return MEM_ERR_BAD_INDEX;
  return MEM_OK;
}

/* ---- making the objects ---- */

/* Until they have their classes they are hidden ones, which no enumeration shows. */
static bool make_object(struct item *item) {
  oop o = mem_new_old(CIX_WORDS_HIDDEN, item->format, item->slots);
  if (o == 0) return false;
  for (uint32_t i = 0; i < item->pointers; i++) obj_put_raw(o, i, mem.nil);
  if (fmt_is_method(item->format)) obj_put_raw(o, 0, slot_of(item, 0)); /* says how many literals there are */
  item->object = o;
  return true;
}

static void fill_object(const struct item *item) {
  struct item *referent;
  oop o;
  for (uint32_t i = 0; i < item->slots; i++) {
    const uint32_t word = slot_of(item, i);
    if (i >= item->pointers)
      obj_put_raw(item->object, i, word);
    else if (find_referent(word, &referent, &o))
      mem_store(item->object, i, referent != NULL ? referent->object : o);
  }
  if (!has_class_bit(item))
    obj_set_hash_bits(item->object, word_at(item->at + 4) & mem_conventions.hash_mask);
}

/* Classes get their indices first, in an order of their own, then all objects the indices of their classes.
 */
static bool enter_classes(void) {
  for (uint32_t i = 0; i < seg.count; i++)
    if (has_class_bit(&seg.items[i]) && mem_class_index_of(seg.items[i].object) == 0) return false;
  for (uint32_t i = 0; i < seg.count; i++) {
    struct item *class_item;
    oop class_;
    if (!find_class(&seg.items[i], &class_item, &class_)) return false;
    if (class_item == NULL && mem_class_index_of(class_) == 0) return false;
  }
  return true;
}

static void set_class(const struct item *item) {
  struct item *class_item;
  oop class_;
  if (!find_class(item, &class_item, &class_)) return;
  obj_set_class_index(item->object, mem_class_index_of(class_item != NULL ? class_item->object : class_));
  obj_set_immutable(item->object, (word_at(item->at) & HDR_IMMUTABLE) != 0);
}

static oop make_objects(void) {
  const oop loaded = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, seg.count);
  if (loaded == 0) return 0;
  for (uint32_t i = 0; i < seg.count; i++)
    if (!make_object(&seg.items[i])) return 0;
  for (uint32_t i = 0; i < seg.count; i++) fill_object(&seg.items[i]);
  if (!enter_classes()) return 0;
  for (uint32_t i = 0; i < seg.count; i++) {
    set_class(&seg.items[i]);
    mem_store(loaded, i, seg.items[i].object);
  }
  return loaded;
}

/* ---- the whole ---- */

/* The words object becomes the array of all objects. */
static int forward(oop words, oop loaded) {
  const oop from = mem_new_array(1), to = mem_new_array(1);
  if (from == 0 || to == 0) return MEM_ERR_NO_MEMORY;
  mem_store(from, 0, words);
  mem_store(to, 0, loaded);
  return mem_become(from, to, false, false);
}

static int load(oop words, oop *roots) {
  int error = read_words(words);
  if (error == MEM_OK) error = read_items();
  for (uint32_t i = 0; i < seg.count && error == MEM_OK; i++) error = check_item(&seg.items[i]);
  if (error != MEM_OK) return error;
  const oop loaded = make_objects();
  if (loaded == 0) return MEM_ERR_NO_MEMORY;
  *roots = seg.items[0].object;
  return forward(words, loaded);
}

int mem_load_segment(oop words, oop out_pointers, oop *roots) {
  if (obj_is_immutable(words)) return MEM_ERR_NO_MODIFICATION;
  if (obj_is_pinned(words)) return MEM_ERR_OBJECT_IS_PINNED;
  memset(&seg, 0, sizeof seg);
  seg.out = out_pointers;
  seg.out_count = obj_slots(out_pointers);
  const int error = load(words, roots);
  free(seg.words);
  free(seg.items);
  free(seg.item_at);
  memset(&seg, 0, sizeof seg);
  return error;
}
