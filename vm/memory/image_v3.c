/* image_v3.c: reads images of the pre-Spur formats (6502, 6504, 6505) by rebuilding each object as Spur 32.
 *
 * Object headers and classes become Spur's; what the image's code itself looks at stays (memory.h,
 * "conventions"). A pre-Spur object has a base header, before it a class word unless its class is compact,
 * before that a size word if it is large; a reference is the address of the base header (ObjectMemory's class
 * comment in Squeak 3). */
#include "memory/image_internal.h"

#include <stdlib.h>

enum {
  V3_TYPE_MASK = 3,
  V3_TYPE_SIZE_AND_CLASS = 0,
  V3_TYPE_CLASS = 1,
  V3_TYPE_FREE = 2,
  V3_TYPE_SHORT = 3,
  V3_SIZE_SHIFT = 2,
  V3_SIZE_MASK = 63,
  V3_FORMAT_SHIFT = 8,
  V3_FORMAT_MASK = 15,
  V3_COMPACT_SHIFT = 12,
  V3_COMPACT_MASK = 31,
  V3_HASH_SHIFT = 17,

  V3_FMT_WEAK = 4,
  V3_FMT_WORDS = 6,
  V3_FMT_BYTES = 8,
  V3_FMT_METHOD = 12,

  V3_LITERALS_SHIFT = 10, /* of the tagged method header */
  V3_LITERALS_MASK = 255,
  V3_LARGE_FRAME = 1 << 18,

  CTX_STACKP_SLOT = 2,
  CTX_METHOD_SLOT = 3, /* a BlockContext has its argument count there */
  CTX_HOME_SLOT = 5,
  CTX_FIXED_SLOTS = 6,
  CLASS_FORMAT_SLOT = 2,
  CLASS_NAME_SLOT = 6,

  V3_HASHES = 4096,
  V3_HASH_ZERO = 1 << 21, /* in Spur's field 0 means none yet; hash_mask takes this bit away again */
  MAX_CLASS_INDEX = HDR_CLASS_MASK,
};

struct v3 {
  const struct image_source *s;
  uint32_t words;        /* of the heap */
  uint32_t *map;         /* by word: 0, or 1 + offset of the object in the new heap */
  uint32_t *class_index; /* by word: of classes */
  uint8_t *taken;        /* class indices in use, a bit each */
  uint32_t pages;        /* of the class table */
  uint32_t compact, special, metaclass, large_negative; /* positions, as everything below */
  uint32_t nil, false_, true_;
  bool high_word_first; /* of Floats */
};

/* An object is known by the position of its base header, in words from the heap's start; 0 is none (the first
 * object's class word or header is there, and the first object is nil, which is looked up by v->nil). */
enum { NOWHERE = 0xFFFFFFFF };

static uint32_t word(const struct v3 *v, uint32_t position) {
  return image_word(v->s, (uint64_t)position * 4);
}
static uint32_t v3_format(const struct v3 *v, uint32_t o) {
  return word(v, o) >> V3_FORMAT_SHIFT & V3_FORMAT_MASK;
}
static uint32_t v3_hash(const struct v3 *v, uint32_t o) {
  return word(v, o) >> V3_HASH_SHIFT & (V3_HASHES - 1);
}
static uint32_t v3_slot(const struct v3 *v, uint32_t o, uint32_t i) { return word(v, o + 1 + i); }

static uint32_t v3_slots(const struct v3 *v, uint32_t o) {
  uint32_t base = word(v, o);
  uint32_t size = (base & V3_TYPE_MASK) == V3_TYPE_SIZE_AND_CLASS ? word(v, o - 2) >> V3_SIZE_SHIFT
                                                                  : base >> V3_SIZE_SHIFT & V3_SIZE_MASK;
  return size - 1;
}

static bool v3_is_pointers(const struct v3 *v, uint32_t o) { return v3_format(v, o) <= V3_FMT_WEAK; }

/* The position of the object that a reference names; NOWHERE if none begins there. */
static uint32_t position_of(const struct v3 *v, uint32_t reference) {
  uint32_t offset = reference - (uint32_t)v->s->base;
  if (offset % 4 != 0 || offset / 4 >= v->words || v->map[offset / 4] == 0) return NOWHERE;
  return offset / 4;
}

/* The object in a slot, NOWHERE for a SmallInteger, a slot that is not there or a bad reference. */
static uint32_t object_in(const struct v3 *v, uint32_t o, uint32_t i) {
  if (o == NOWHERE || !v3_is_pointers(v, o) || i >= v3_slots(v, o)) return NOWHERE;
  uint32_t reference = v3_slot(v, o, i);
  return reference & 1 ? NOWHERE : position_of(v, reference);
}

static uint32_t class_of(const struct v3 *v, uint32_t o) {
  if (o == NOWHERE) return NOWHERE;
  uint32_t base = word(v, o);
  if ((base & V3_TYPE_MASK) != V3_TYPE_SHORT) return position_of(v, word(v, o - 1) & ~(uint32_t)V3_TYPE_MASK);
  uint32_t compact = base >> V3_COMPACT_SHIFT & V3_COMPACT_MASK;
  return compact == 0 ? NOWHERE : object_in(v, v->compact, compact - 1);
}

static bool is_class(const struct v3 *v, uint32_t o) {
  return o != NOWHERE && class_of(v, class_of(v, o)) == v->metaclass;
}

/* ---- scanning ---- */

static uint32_t base_header_at(const struct v3 *v, uint32_t at) {
  switch (word(v, at) & V3_TYPE_MASK) {
    case V3_TYPE_SIZE_AND_CLASS: return at + 2;
    case V3_TYPE_CLASS: return at + 1;
    default: return at;
  }
}

/* Finds every object: v->map gets a mark for each. */
static err_t scan(struct v3 *v) {
  for (uint32_t at = 0; at < v->words;) {
    uint32_t type = word(v, at) & V3_TYPE_MASK, o = base_header_at(v, at);
    if (type == V3_TYPE_FREE) return err_format("damaged image: a free block at heap offset %u", at * 4);
    if (o >= v->words || (word(v, o) & V3_TYPE_MASK) != type)
      return err_format("damaged image: the header words at heap offset %u do not belong together", at * 4);
    uint32_t slots = v3_slots(v, o);
    if (slots >= v->words - o)
      return err_format("damaged image: the object at heap offset %u has %d slots, %u words are left", at * 4,
                        (int)slots, v->words - o - 1);
    v->map[o] = 1;
    at = o + 1 + slots;
  }
  return NULL;
}

/* The objects that everything else hangs on. */
static err_t find_landmarks(struct v3 *v) {
  v->special = position_of(v, (uint32_t)v->s->special);
  v->nil = object_in(v, v->special, SPECIAL_NIL);
  v->false_ = object_in(v, v->special, SPECIAL_FALSE);
  v->true_ = object_in(v, v->special, SPECIAL_TRUE);
  v->compact = object_in(v, v->special, SPECIAL_COMPACT_CLASSES);
  if (v->nil == NOWHERE || v->false_ == NOWHERE || v->true_ == NOWHERE || v->compact == NOWHERE ||
      v3_slots(v, v->special) <= SPECIAL_EXTERNAL_OBJECTS)
    return err_format("damaged image: no special objects array where the header says, 0x%08X",
                      (unsigned)v->s->special);
  if (v->nil == v->false_ || v->nil == v->true_ || v->false_ == v->true_ || v3_slots(v, v->nil) > 2 ||
      v3_slots(v, v->false_) > 2 || v3_slots(v, v->true_) > 2)
    return "damaged image: nil, false and true are not three plain objects";
  uint32_t small_integer = object_in(v, v->special, SPECIAL_CLASS_SMALLINTEGER);
  v->metaclass = class_of(v, class_of(v, small_integer));
  if (v->metaclass == NOWHERE) return "damaged image: the class SmallInteger has no metaclass";
  return NULL;
}

/* ---- the class table ---- */

/* Classes whose index the VM knows. */
static const struct {
  uint8_t special, class_index;
} known_classes[] = {
    {SPECIAL_CLASS_SMALLINTEGER, CIX_SMALLINTEGER},
    {SPECIAL_CLASS_LARGE_NEGATIVE, CIX_LARGE_NEGATIVE},
    {SPECIAL_CLASS_LARGE_POSITIVE, CIX_LARGE_POSITIVE},
    {SPECIAL_CLASS_FLOAT, CIX_FLOAT},
    {SPECIAL_CLASS_MESSAGE, CIX_MESSAGE},
    {SPECIAL_CLASS_CONTEXT, CIX_CONTEXT},
    {SPECIAL_CLASS_BLOCK_CLOSURE, CIX_BLOCK_CLOSURE},
    {SPECIAL_CLASS_BYTE_ARRAY, CIX_BYTE_ARRAY},
    {SPECIAL_CLASS_ARRAY, CIX_ARRAY},
    {SPECIAL_CLASS_STRING, CIX_STRING},
    {SPECIAL_CLASS_BITMAP, CIX_BITMAP},
};

static bool named(const struct v3 *v, uint32_t class_, const char *name) {
  uint32_t o = object_in(v, class_, CLASS_NAME_SLOT), length = (uint32_t)strlen(name);
  if (o == NOWHERE || v3_format(v, o) < V3_FMT_BYTES || v3_format(v, o) >= V3_FMT_METHOD) return false;
  uint32_t bytes = v3_slots(v, o) * 4 - (v3_format(v, o) & 3);
  return bytes == length && memcmp(v->s->heap + (uint64_t)(o + 1) * 4, name, length) == 0;
}

/* Images before 2.3 do not list LargeNegativeInteger among the special objects. */
static uint32_t find_large_negative(const struct v3 *v) {
  uint32_t positive = object_in(v, v->special, SPECIAL_CLASS_LARGE_POSITIVE);
  for (uint32_t o = 0; o < v->words; o++)
    if (v->map[o] != 0 && object_in(v, o, 0) == positive && is_class(v, o) &&
        named(v, o, "LargeNegativeInteger"))
      return o;
  return NOWHERE;
}

static bool take_index(struct v3 *v, uint32_t class_, uint32_t index) {
  if (v->taken[index / 8] >> index % 8 & 1) return false;
  v->taken[index / 8] |= (uint8_t)(1 << index % 8);
  v->class_index[class_] = index;
  if (index / CLASS_TABLE_PAGE >= v->pages) v->pages = index / CLASS_TABLE_PAGE + 1;
  return true;
}

/* A class's index becomes its Spur identity hash, and the image hashes classes by the 12-bit hash that they
 * had. So the index is one with the same low 12 bits, above the first 4096, which hold the classes the VM
 * knows. */
static err_t enter_class(struct v3 *v, uint32_t class_) {
  if (v->class_index[class_] != 0) return NULL;
  if (!v3_is_pointers(v, class_) || v3_slots(v, class_) <= CLASS_FORMAT_SLOT)
    return err_format("damaged image: the object at heap offset %u serves as a class and is none",
                      class_ * 4);
  for (uint32_t index = V3_HASHES + v3_hash(v, class_); index <= MAX_CLASS_INDEX; index += V3_HASHES)
    if (take_index(v, class_, index)) return NULL;
  return "damaged image: more classes than the class table can hold";
}

static err_t number_classes(struct v3 *v) {
  v->large_negative = object_in(v, v->special, SPECIAL_CLASS_LARGE_NEGATIVE);
  if (!is_class(v, v->large_negative)) v->large_negative = find_large_negative(v);
  for (unsigned i = 0; i < sizeof known_classes / sizeof *known_classes; i++) {
    uint32_t c = known_classes[i].special == SPECIAL_CLASS_LARGE_NEGATIVE
                     ? v->large_negative
                     : object_in(v, v->special, known_classes[i].special);
    if (is_class(v, c) && v->class_index[c] == 0) take_index(v, c, known_classes[i].class_index);
  }
  for (uint32_t o = 0; o < v->words; o++) {
    if (v->map[o] == 0) continue;
    uint32_t c = class_of(v, o);
    if (c == NOWHERE) return err_format("damaged image: the object at heap offset %u has no class", o * 4);
    err_t e = enter_class(v, c);
    if (e == NULL && (c == v->metaclass || class_of(v, c) == v->metaclass)) e = enter_class(v, o);
    if (e != NULL) return e;
  }
  return NULL;
}

/* ---- sizes ---- */

static bool is_block_context(const struct v3 *v, uint32_t o) {
  uint32_t c = object_in(v, v->special, SPECIAL_CLASS_BLOCK_CONTEXT);
  return c != NOWHERE && c != v->nil && class_of(v, o) == c;
}

static bool is_method_context(const struct v3 *v, uint32_t o) {
  return v->class_index[class_of(v, o)] == CIX_CONTEXT;
}

/* Early VMs made contexts of 12 or 32 stack slots; ours rely on the sizes of later ones. */
static uint32_t context_slots(const struct v3 *v, uint32_t o) {
  uint32_t slots = v3_slots(v, o), home = is_block_context(v, o) ? object_in(v, o, CTX_HOME_SLOT) : o;
  uint32_t method = object_in(v, home, CTX_METHOD_SLOT);
  bool large = slots > CTX_FIXED_SLOTS + METHOD_SMALL_FRAME;
  if (method != NOWHERE && v3_format(v, method) >= V3_FMT_METHOD && v3_slots(v, method) > 0)
    large = large || (v3_slot(v, method, 0) & V3_LARGE_FRAME) != 0;
  uint32_t least = CTX_FIXED_SLOTS + (large ? METHOD_LARGE_FRAME : METHOD_SMALL_FRAME);
  return slots > least ? slots : least;
}

static uint32_t new_slots(const struct v3 *v, uint32_t o) {
  uint32_t slots = v3_slots(v, o);
  if (o == v->special && slots < SPECIAL_OBJECTS_SIZE) return SPECIAL_OBJECTS_SIZE;
  if (is_method_context(v, o) || is_block_context(v, o)) return context_slots(v, o);
  return slots;
}

/* X(pre-Spur format, Spur format): byte formats keep their two low bits. */
static uint32_t new_format(const struct v3 *v, uint32_t o) {
  uint32_t f = v3_format(v, o);
  if (f == 0) return v3_slots(v, o) == 0 ? FMT_EMPTY : FMT_FIXED;
  if (f <= V3_FMT_WEAK) return f;
  if (f == V3_FMT_WORDS) return FMT_32;
  if (f >= V3_FMT_METHOD) return FMT_METHOD + (f & 3);
  return f >= V3_FMT_BYTES ? FMT_8 + (f & 3) : (uint32_t)FMT_FORWARDED;
}

static err_t check_body(const struct v3 *v, uint32_t o) {
  uint32_t f = new_format(v, o), slots = v3_slots(v, o);
  bool context = is_method_context(v, o) || is_block_context(v, o);
  uint32_t least = context ? CTX_FIXED_SLOTS : v->class_index[class_of(v, o)] == CIX_FLOAT ? 2 : 0;
  if (fmt_is_bytes(f) && (f & 3) != 0) least = 1;
  if (fmt_is_method(f)) {
    least = 1;
    if (slots > 0) least += v3_slot(v, o, 0) >> V3_LITERALS_SHIFT & V3_LITERALS_MASK;
  }
  if (f == FMT_FORWARDED || slots < least || (context && f != FMT_FIXED_INDEXABLE))
    return err_format("damaged image: the object at heap offset %u has format %u with %u slots", o * 4,
                      v3_format(v, o), slots);
  return NULL;
}

/* Gives each object its place in the new heap. Answers the bytes needed, in *total. */
static err_t place_objects(struct v3 *v, uint64_t *total) {
  uint64_t at = 3 * NONE_BYTES + image_hidden_bytes(v->pages);
  v->map[v->nil] = 1;
  v->map[v->false_] = 1 + NONE_BYTES;
  v->map[v->true_] = 1 + 2 * NONE_BYTES;
  for (uint32_t o = 0; o < v->words; o++) {
    if (v->map[o] == 0) continue;
    err_t e = check_body(v, o);
    if (e != NULL) return e;
    if (o == v->nil || o == v->false_ || o == v->true_) continue;
    uint32_t slots = new_slots(v, o);
    if (at > UINT32_MAX / 2) return "not enough memory for the image";
    v->map[o] = 1 + (uint32_t)at + (slots >= HDR_SLOTS_OVERFLOW ? 8 : 0);
    at += image_object_bytes(slots);
  }
  *total = at;
  return NULL;
}

/* ---- bodies ---- */

static err_t convert(const struct v3 *v, const struct image_heap *h, uint32_t o, uint32_t i, oop *result) {
  uint32_t reference = v3_slot(v, o, i);
  uint32_t target = reference & 1 ? 0 : position_of(v, reference);
  if (target == NOWHERE)
    return err_format(
        "damaged image: slot %u of the object at heap offset %u refers to 0x%08X, where no object is", i,
        o * 4, reference);
  *result = reference & 1 ? reference : h->start + v->map[target] - 1;
  return NULL;
}

/* How many slots hold something: a context has left-overs above its stack pointer. */
static uint32_t used_slots(const struct v3 *v, uint32_t o) {
  uint32_t slots = v3_slots(v, o);
  if (!is_method_context(v, o) && !is_block_context(v, o)) return slots;
  uint32_t stackp = v3_slot(v, o, CTX_STACKP_SLOT), depth = stackp & 1 ? stackp >> 1 : 0;
  return depth < slots - CTX_FIXED_SLOTS ? CTX_FIXED_SLOTS + depth : slots;
}

static err_t fill_pointers(const struct v3 *v, const struct image_heap *h, uint32_t o, oop to,
                           uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    oop value = 0;
    err_t e = convert(v, h, o, i, &value);
    if (e != NULL) return e;
    obj_put_raw(to, i, value);
  }
  return NULL;
}

static err_t fill_body(const struct v3 *v, const struct image_heap *h, uint32_t o, oop to) {
  uint32_t format = obj_format(to), slots = v3_slots(v, o), pointers = 0;
  if (fmt_is_pointers(format)) {
    for (uint32_t i = 0; i < obj_slots(to); i++) obj_put_raw(to, i, h->start);
    return fill_pointers(v, h, o, to, used_slots(v, o));
  }
  if (format == FMT_32) {
    for (uint32_t i = 0; i < slots; i++) obj_put_raw(to, i, v3_slot(v, o, i));
    if (obj_class_index(to) == CIX_FLOAT && v->high_word_first) {
      obj_put_raw(to, 0, v3_slot(v, o, 1));
      obj_put_raw(to, 1, v3_slot(v, o, 0));
    }
    return NULL;
  }
  if (fmt_is_method(format)) {
    uint32_t header = v3_slot(v, o, 0);
    if ((header & 1) == 0)
      return err_format("damaged image: the method at heap offset %u has no header", o * 4);
    pointers = 1 + (header >> V3_LITERALS_SHIFT & V3_LITERALS_MASK);
  }
  memcpy(obj_bytes(to) + 4 * pointers, v->s->heap + (uint64_t)(o + 1 + pointers) * 4, (slots - pointers) * 4);
  return fill_pointers(v, h, o, to, pointers);
}

static uint32_t new_hash(const struct v3 *v, uint32_t o) {
  uint32_t hash = v3_hash(v, o) != 0 ? v3_hash(v, o) : V3_HASH_ZERO;
  return v->class_index[o] >= V3_HASHES ? v->class_index[o] : hash;
}

static err_t build_objects(const struct v3 *v, struct image_heap *h) {
  for (uint32_t o = 0; o < v->words; o++) {
    if (v->map[o] == 0) continue;
    uint32_t slots = new_slots(v, o);
    oop to = h->start + v->map[o] - 1;
    addr at = slots >= HDR_SLOTS_OVERFLOW ? to - 8 : to;
    image_put_header(at, v->class_index[class_of(v, o)], new_format(v, o), new_hash(v, o), slots);
    err_t e = fill_body(v, h, o, to);
    if (e != NULL) return e;
  }
  return NULL;
}

static void build_class_table(const struct v3 *v, struct image_heap *h) {
  for (uint32_t o = 0; o < v->words; o++)
    if (v->map[o] != 0 && v->class_index[o] != 0)
      image_put_class(h->hidden_roots, v->class_index[o], h->start + v->map[o] - 1);
  oop pages = obj_slot(h->hidden_roots, 0), small_integer = obj_slot(pages, CIX_SMALLINTEGER);
  obj_put_raw(pages, CIX_SMALLINTEGER_2, small_integer);
  obj_put_raw(pages, CIX_ARRAY_HIDDEN, obj_slot(pages, CIX_ARRAY));
  obj_put_raw(pages, CIX_CHARACTER, obj_slot(h->special, SPECIAL_CLASS_CHARACTER));
  if (obj_slot(pages, CIX_LARGE_NEGATIVE) == h->start)
    obj_put_raw(pages, CIX_LARGE_NEGATIVE, obj_slot(pages, CIX_LARGE_POSITIVE));
}

/* Entries that meant something else in the old days: prototypes where Spur looks for closure classes. */
static void mend_special(const struct v3 *v, struct image_heap *h) {
  if (!is_class(v, object_in(v, v->special, SPECIAL_CLASS_BLOCK_CLOSURE)))
    obj_put_raw(h->special, SPECIAL_CLASS_BLOCK_CLOSURE, h->start);
  obj_put_raw(h->special, SPECIAL_CLASS_FULL_CLOSURE, h->start);
  if (v->large_negative != NOWHERE)
    obj_put_raw(h->special, SPECIAL_CLASS_LARGE_NEGATIVE, h->start + v->map[v->large_negative] - 1);
}

static err_t rebuild(struct v3 *v, struct image_heap *h) {
  uint64_t total;
  err_t e = scan(v);
  if (e == NULL) e = find_landmarks(v);
  if (e == NULL) e = number_classes(v);
  if (e == NULL) e = place_objects(v, &total);
  if (e != NULL) return e;
  h->start = mem_take_segment((uint32_t)total);
  if (h->start == 0)
    return err_format("not enough memory for the image: it needs %u bytes; --memory raises the limit",
                      (unsigned)total);
  h->end = h->start + (uint32_t)total;
  h->special = h->start + v->map[v->special] - 1;
  image_put_hidden(h->start + 3 * NONE_BYTES, h->start, v->pages, &h->hidden_roots);
  e = build_objects(v, h);
  if (e != NULL) return e;
  build_class_table(v, h);
  mend_special(v, h);
  return NULL;
}

err_t image_read_v3(const struct image_source *s, struct image_heap *h) {
  uint32_t words = (uint32_t)(s->heap_bytes / 4);
  struct v3 v = {.s = s, .words = words};
  v.high_word_first = s->swapped || (s->format & 1) == 0;
  image_info.float_words_swapped = v.high_word_first;
  v.map = calloc(words + 1, sizeof *v.map);
  v.class_index = calloc(words + 1, sizeof *v.class_index);
  v.taken = calloc((MAX_CLASS_INDEX + 1) / 8, 1);
  err_t e = "not enough memory to read the image";
  if (v.map != NULL && v.class_index != NULL && v.taken != NULL) e = rebuild(&v, h);
  free(v.map);
  free(v.class_index);
  free(v.taken);
  return e;
}
