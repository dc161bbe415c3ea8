/* image_spur64.c: reads 64-bit Spur images by rebuilding each object as Spur 32.
 *
 * Immediate floats and SmallIntegers beyond 31 bits become objects, one for each value, so that what was
 * identical stays so. Literals shrink from 8 bytes to 4, so program counters, which count from the method's
 * first byte, shrink with them. Class indices and hashes are the same in both. */
#include "memory/image_internal.h"

#include <stdlib.h>

enum {
  TAG_MASK_64 = 7,
  TAG_INT_64 = 1,
  TAG_CHAR_64 = 2,
  TAG_FLOAT_64 = 4,
  TAG_BITS_64 = 3,
  WORD_64 = 8,

  /* An immediate float is an IEEE double rotated left by one, its exponent moved by this
   * (Spur64BitMemoryManager, "60-bit immediate Floats"). */
  SMALL_FLOAT_EXPONENT_OFFSET = 896,
  DOUBLE_MANTISSA_BITS = 52,

  CTX_PC = 1,
  CTX_STACKP = 2,
  CTX_METHOD = 3,
  CTX_FIXED = 6,
  CLO_OUTER_CONTEXT = 0,
  CLO_START_PC = 1,

  HOPS = 1000, /* along forwarders */
};
static const uint64_t NOWHERE = UINT64_MAX;

/* Values that become objects: an open-addressed table of the tagged word and the object's number. */
struct boxes {
  uint64_t *values; /* by number */
  uint32_t *slots;  /* 1 + number; 0 is empty */
  uint32_t count, capacity;
};

struct spur64 {
  const struct image_source *s;
  struct image_segment segments[IMAGE_MAX_SEGMENTS];
  uint32_t count;
  /* By 8-byte unit of the heap in the file: 0, or 1 + (offset in the new heap) / 8 of the object whose header
   * is there, or UNPLACED for one that gets no place. */
  uint32_t *map;
  uint64_t special, nil, roots; /* positions: file offsets of headers */
  uint32_t pages;
  struct boxes boxes;
  uint32_t boxes_at; /* offset of the first box in the new heap */
};
#define UNPLACED UINT32_MAX
#define HIDDEN (UINT32_MAX - 1) /* the class table, which is built anew */

/* ---- the file's objects ---- */

static uint32_t low_word(const struct spur64 *r, uint64_t o) { return image_word(r->s, o); }
static uint32_t high_word(const struct spur64 *r, uint64_t o) { return image_word(r->s, o + 4); }
static uint32_t class_index_of(const struct spur64 *r, uint64_t o) { return low_word(r, o) & HDR_CLASS_MASK; }
static uint32_t format_of(const struct spur64 *r, uint64_t o) {
  return low_word(r, o) >> HDR_FORMAT_SHIFT & HDR_FORMAT_MASK;
}
static uint64_t slots_of(const struct spur64 *r, uint64_t o) {
  uint32_t n = high_word(r, o) >> HDR_SLOTS_SHIFT;
  if (n != HDR_SLOTS_OVERFLOW) return n;
  return (uint64_t)(image_word(r->s, o - 4) & 0xFFFFFF) << 32 | image_word(r->s, o - 8);
}
static uint64_t slot(const struct spur64 *r, uint64_t o, uint64_t i) {
  return image_long(r->s, o + HDR_BYTES + i * WORD_64);
}

static uint64_t file_offset(const struct spur64 *r, uint64_t address) {
  const struct image_segment *g = image_segment_of(r->segments, r->count, address);
  return g != NULL ? g->file + (address - g->old_start) : NOWHERE;
}

/* The object that a reference names, behind any forwarders; NOWHERE if there is none. A forwarder to an
 * immediate answers NOWHERE and leaves the immediate in *reference. */
static uint64_t object_at(const struct spur64 *r, uint64_t *reference) {
  for (int hops = 0; hops < HOPS; hops++) {
    if ((*reference & TAG_MASK_64) != 0) return NOWHERE;
    uint64_t o = file_offset(r, *reference);
    if (o == NOWHERE || r->map[o / WORD_64] == 0) return NOWHERE;
    if (class_index_of(r, o) != CIX_FORWARDED) return o;
    if (slots_of(r, o) == 0) return NOWHERE;
    *reference = slot(r, o, 0);
  }
  return NOWHERE;
}

static uint64_t object_in(const struct spur64 *r, uint64_t o, uint64_t i) {
  if (o == NOWHERE || !fmt_is_pointers(format_of(r, o)) || i >= slots_of(r, o)) return NOWHERE;
  uint64_t reference = slot(r, o, i);
  return object_at(r, &reference);
}

static int64_t int_value(uint64_t word) { return (int64_t)word >> TAG_BITS_64; }
static bool is_int(uint64_t word) { return (word & TAG_MASK_64) == TAG_INT_64; }
static bool needs_box(uint64_t word) {
  uint32_t tag = word & TAG_MASK_64;
  return tag == TAG_FLOAT_64 || (tag == TAG_INT_64 && !int_fits(int_value(word)));
}

static bool is_method(const struct spur64 *r, uint64_t o) {
  return o != NOWHERE && fmt_is_method(format_of(r, o)) && class_index_of(r, o) >= CIX_FIRST_REAL;
}
static uint32_t literals_of(const struct spur64 *r, uint64_t method) {
  return (uint32_t)int_value(slot(r, method, 0)) & 0x7FFF;
}
static uint64_t byte_size(const struct spur64 *r, uint64_t o) {
  return slots_of(r, o) * WORD_64 - (format_of(r, o) & 7);
}

/* Slots that hold references or immediates. */
static uint64_t pointer_slots(const struct spur64 *r, uint64_t o) {
  uint32_t format = format_of(r, o);
  uint64_t slots = slots_of(r, o);
  if (fmt_is_method(format)) return 1 + literals_of(r, o);
  if (!fmt_is_pointers(format)) return 0;
  if (class_index_of(r, o) != CIX_CONTEXT || slots < CTX_FIXED) return slots;
  uint64_t stackp = slot(r, o, CTX_STACKP);
  int64_t depth = is_int(stackp) && int_value(stackp) > 0 ? int_value(stackp) : 0;
  return (uint64_t)depth < slots - CTX_FIXED ? CTX_FIXED + (uint64_t)depth : slots;
}

/* ---- scanning ---- */

static err_t check_body(const struct spur64 *r, uint64_t o) {
  uint32_t format = format_of(r, o);
  uint64_t slots = slots_of(r, o);
  bool good = format <= FMT_EPHEMERON || format == FMT_64 || format == FMT_32;
  if (format > FMT_32) good = slots > 0 || format == FMT_16 || format == FMT_8;
  if (fmt_is_method(format) && slots > 0)
    good = is_int(slot(r, o, 0)) && 1ull + literals_of(r, o) <= slots &&
           (1ull + literals_of(r, o)) * WORD_64 <= byte_size(r, o);
  if (class_index_of(r, o) == CIX_CONTEXT) good = good && format == FMT_FIXED_INDEXABLE && slots >= CTX_FIXED;
  if (good) return NULL;
  return err_format("damaged image: the object at heap offset %llu has format %u with %llu slots",
                    (unsigned long long)o, format, (unsigned long long)slots);
}

static err_t scan_segment(struct spur64 *r, const struct image_segment *g) {
  uint64_t end = g->file + g->bytes;
  for (uint64_t at = g->file; at < end;) {
    uint64_t o = at;
    if (image_word(r->s, at + 4) >> HDR_SLOTS_SHIFT == HDR_SLOTS_OVERFLOW) o += 8;
    if (end - at < 16 || end - o < 16)
      return err_format("damaged image: no room for the object at heap offset %llu", (unsigned long long)at);
    if (o != at && high_word(r, o) >> HDR_SLOTS_SHIFT != HDR_SLOTS_OVERFLOW)
      return err_format("damaged image: the object at heap offset %llu has a bad size",
                        (unsigned long long)at);
    uint64_t slots = slots_of(r, o), left = (end - o - HDR_BYTES) / WORD_64;
    if (slots > left)
      return err_format("damaged image: the object at heap offset %llu has %llu slots, %llu are left",
                        (unsigned long long)at, (unsigned long long)slots, (unsigned long long)left);
    uint32_t class_index = class_index_of(r, o);
    if (class_index != CIX_FREE) r->map[o / WORD_64] = UNPLACED;
    if (class_index >= CIX_FIRST_REAL) {
      err_t e = check_body(r, o);
      if (e != NULL) return e;
    }
    at = o + HDR_BYTES + (slots == 0 ? 1 : slots) * WORD_64;
  }
  return NULL;
}

static uint64_t next_object(const struct spur64 *r, uint64_t o) {
  uint64_t slots = slots_of(r, o), at = o + HDR_BYTES + (slots == 0 ? 1 : slots) * WORD_64;
  const struct image_segment *g = &r->segments[0];
  if (at - g->file >= g->bytes) return NOWHERE;
  return image_word(r->s, at + 4) >> HDR_SLOTS_SHIFT == HDR_SLOTS_OVERFLOW ? at + 8 : at;
}

/* nil, false, true, free lists and hidden roots begin the first segment. */
static err_t find_landmarks(struct spur64 *r) {
  r->nil = r->segments[0].file;
  uint64_t o = r->nil;
  for (int i = 0; i < 3 && o != NOWHERE; i++) {
    if (r->map[o / WORD_64] == 0 || slots_of(r, o) > 1) o = NOWHERE;
    if (o != NOWHERE) o = next_object(r, o);
  }
  r->roots = o == NOWHERE ? NOWHERE : next_object(r, o);
  if (r->roots == NOWHERE || format_of(r, r->roots) != FMT_INDEXABLE || slots_of(r, r->roots) != HIDDEN_ROOTS)
    return "damaged image: nil, false, true and the class table do not begin the heap";
  uint64_t reference = r->s->special;
  r->special = object_at(r, &reference);
  if (r->special == NOWHERE || !fmt_is_pointers(format_of(r, r->special)) ||
      slots_of(r, r->special) <= SPECIAL_EXTERNAL_OBJECTS)
    return err_format("damaged image: no special objects array where the header says, 0x%llX",
                      (unsigned long long)r->s->special);
  while (r->pages < CLASS_TABLE_PAGES && object_in(r, r->roots, r->pages) != r->nil) {
    uint64_t page = object_in(r, r->roots, r->pages);
    if (page == NOWHERE || format_of(r, page) != FMT_INDEXABLE || slots_of(r, page) != CLASS_TABLE_PAGE)
      return err_format("damaged image: page %u of the class table is none", r->pages);
    r->map[page / WORD_64] = HIDDEN;
    r->pages++;
  }
  r->map[r->roots / WORD_64] = HIDDEN;
  return r->pages > 0 ? NULL : "damaged image: the class table is empty";
}

/* ---- boxes ---- */

static uint32_t *box_slot(const struct boxes *b, uint64_t value) {
  uint64_t h = value * 0x9E3779B97F4A7C15ull;
  for (uint32_t i = (uint32_t)(h >> 32) & (b->capacity - 1);; i = (i + 1) & (b->capacity - 1))
    if (b->slots[i] == 0 || b->values[b->slots[i] - 1] == value) return &b->slots[i];
}

static bool grow_boxes(struct boxes *b) {
  struct boxes old = *b;
  b->capacity = old.capacity == 0 ? 256 : 2 * old.capacity;
  b->slots = calloc(b->capacity, sizeof *b->slots);
  uint64_t *values = realloc(old.values, (size_t)b->capacity / 2 * sizeof *values);
  b->values = values != NULL ? values : old.values;
  if (b->slots == NULL || values == NULL) {
    free(b->slots);
    b->slots = old.slots;
    b->capacity = old.capacity;
    return false;
  }
  for (uint32_t n = 0; n < b->count; n++) *box_slot(b, b->values[n]) = n + 1;
  free(old.slots);
  return true;
}

static bool add_box(struct boxes *b, uint64_t value) {
  if (b->count >= b->capacity / 2 && !grow_boxes(b)) return false;
  uint32_t *s = box_slot(b, value);
  if (*s != 0) return true;
  b->values[b->count] = value;
  *s = ++b->count;
  return true;
}

static uint32_t box_offset(const struct spur64 *r, uint64_t value) {
  return r->boxes_at + (*box_slot(&r->boxes, value) - 1) * NONE_BYTES;
}

/* An immediate float's bits as a double's. */
static uint64_t double_bits(uint64_t word) {
  uint64_t rotated = word >> TAG_BITS_64, sign = rotated & 1, magnitude = rotated >> 1;
  if (magnitude != 0) magnitude += (uint64_t)SMALL_FLOAT_EXPONENT_OFFSET << DOUBLE_MANTISSA_BITS;
  return magnitude | sign << 63;
}

static void put_box(addr at, uint64_t word) {
  uint64_t bits;
  if ((word & TAG_MASK_64) == TAG_FLOAT_64) {
    image_put_header(at, CIX_FLOAT, FMT_32, 0, 2);
    bits = double_bits(word);
  } else {
    int64_t value = int_value(word);
    bits = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint32_t bytes = 0;
    for (uint64_t rest = bits; rest != 0; rest >>= 8) bytes++;
    uint32_t slots = (bytes + 3) / 4;
    image_put_header(at, value < 0 ? CIX_LARGE_NEGATIVE : CIX_LARGE_POSITIVE, FMT_8 + (slots * 4 - bytes), 0,
                     slots);
  }
  put32(at + HDR_BYTES, (uint32_t)bits);
  put32(at + HDR_BYTES + 4, (uint32_t)(bits >> 32));
}

/* ---- sizes ---- */

struct shape {
  uint32_t format;
  uint64_t slots;
};

/* The format and slots that an object has in 32 bits. */
static struct shape new_shape(const struct spur64 *r, uint64_t o) {
  uint32_t format = format_of(r, o);
  uint64_t slots = slots_of(r, o);
  if (fmt_is_pointers(format)) {
    bool lengthen = o == r->special && slots < SPECIAL_OBJECTS_SIZE;
    return (struct shape){format, lengthen ? SPECIAL_OBJECTS_SIZE : slots};
  }
  if (format == FMT_64) return (struct shape){FMT_64, slots * 2};
  if (format < FMT_16) return (struct shape){FMT_32, slots * 2 - (format & 1)};
  if (format < FMT_8) {
    uint64_t halves = slots * 4 - (format & 3);
    return (struct shape){FMT_16 + (halves & 1), (halves + 1) / 2};
  }
  uint64_t bytes = byte_size(r, o);
  if (fmt_is_method(format)) bytes -= 4 * (1ull + literals_of(r, o));
  uint64_t words = (bytes + 3) / 4;
  return (struct shape){(fmt_is_method(format) ? FMT_METHOD : FMT_8) + (uint32_t)(words * 4 - bytes), words};
}

/* Objects that a program can see. An Array may carry the hidden arrays' class index. */
static bool is_wanted(const struct spur64 *r, uint64_t o) {
  if (r->map[o / WORD_64] == 0 || r->map[o / WORD_64] == HIDDEN) return false;
  uint32_t class_index = class_index_of(r, o);
  return class_index >= CIX_FIRST_REAL ||
         (class_index == CIX_ARRAY_HIDDEN && fmt_is_pointers(format_of(r, o)));
}

static err_t place_object(struct spur64 *r, uint64_t o, uint64_t *at) {
  struct shape shape = new_shape(r, o);
  uint64_t bytes = image_object_bytes(shape.slots), pointers = pointer_slots(r, o);
  for (uint64_t i = 0; i < pointers; i++) {
    uint64_t word = slot(r, o, i);
    if ((word & TAG_MASK_64) == 0) object_at(r, &word); /* a forwarder may lead to an immediate */
    if (needs_box(word) && !(fmt_is_method(format_of(r, o)) && i == 0) && !add_box(&r->boxes, word))
      return "not enough memory to read the image";
  }
  bool first = o < r->nil + 3 * NONE_BYTES && o >= r->nil;
  uint64_t place = first ? o - r->nil : *at + (shape.slots >= HDR_SLOTS_OVERFLOW ? 8 : 0);
  r->map[o / WORD_64] = 1 + (uint32_t)(place / 8);
  if (!first) *at += bytes;
  return *at < UINT32_MAX / 2 ? NULL : "not enough memory for the image: it is too large for 32 bits";
}

/* Calls f for each object that is carried over, in the file's order, until it answers an error. */
static err_t each_object(struct spur64 *r, err_t (*f)(struct spur64 *r, uint64_t o, void *context),
                         void *context) {
  for (uint32_t i = 0; i < r->count; i++) {
    const struct image_segment *g = &r->segments[i];
    for (uint64_t at = g->file; at < g->file + g->bytes; at += WORD_64) {
      if (!is_wanted(r, at)) continue;
      err_t e = f(r, at, context);
      if (e != NULL) return e;
    }
  }
  return NULL;
}

static err_t place(struct spur64 *r, uint64_t o, void *context) { return place_object(r, o, context); }

/* ---- bodies ---- */

static err_t convert(const struct spur64 *r, const struct image_heap *h, uint64_t o, uint64_t i,
                     oop *result) {
  uint64_t word = slot(r, o, i), was = word, target = object_at(r, &word);
  if (target != NOWHERE && r->map[target / WORD_64] < HIDDEN)
    *result = h->start + (r->map[target / WORD_64] - 1) * 8;
  else if (needs_box(word))
    *result = h->start + box_offset(r, word);
  else if (is_int(word))
    *result = int_oop((int32_t)int_value(word));
  else if ((word & TAG_MASK_64) == TAG_CHAR_64 && word >> TAG_BITS_64 < 1u << 30)
    *result = char_oop((uint32_t)(word >> TAG_BITS_64));
  else
    return err_format(
        "damaged image: slot %llu of the object at heap offset %llu is 0x%llX, where no object is",
        (unsigned long long)i, (unsigned long long)o, (unsigned long long)was);
  return NULL;
}

/* The sign of a method header chooses the bytecode set; between sign and fields there may be anything. */
static oop method_header_32(uint64_t word) {
  int64_t value = int_value(word);
  uint32_t bits = (uint32_t)value & (uint32_t)SMALLINT_MAX;
  return int_oop(value < 0 ? (int32_t)bits + SMALLINT_MIN : (int32_t)bits);
}

/* The literals before a program counter take 4 bytes less each. */
static void shrink_pc(const struct spur64 *r, uint64_t method, oop to, uint32_t i) {
  oop pc = obj_slot(to, i);
  if (oop_is_int(pc) && is_method(r, method))
    obj_put_raw(to, i, int_oop(oop_int(pc) - 4 * (1 + (int32_t)literals_of(r, method))));
}

static void mend_pcs(const struct spur64 *r, uint64_t o, oop to) {
  uint32_t class_index = obj_class_index(to);
  if (class_index == CIX_CONTEXT && obj_slots(to) >= CTX_FIXED)
    shrink_pc(r, object_in(r, o, CTX_METHOD), to, CTX_PC);
  if (class_index != CIX_BLOCK_CLOSURE || obj_slots(to) <= CLO_START_PC) return;
  uint64_t outer = object_in(r, o, CLO_OUTER_CONTEXT);
  if (outer != NOWHERE && class_index_of(r, outer) == CIX_CONTEXT)
    shrink_pc(r, object_in(r, outer, CTX_METHOD), to, CLO_START_PC);
}

/* Bits: the file has them in units of the format's width, in its own byte order. */
static void copy_bits(const struct spur64 *r, uint64_t from, oop to, uint32_t first) {
  uint32_t format = obj_format(to), slots = obj_slots(to);
  memcpy(obj_bytes(to) + 4 * first, r->s->heap + from, 4 * (slots - first));
  if (!r->s->swapped) return;
  if (format == FMT_64 || obj_class_index(to) == CIX_FLOAT) {
    for (uint32_t i = 0; i + 1 < slots; i += 2) {
      uint32_t w = image_swap32(obj_slot(to, i));
      obj_put_raw(to, i, image_swap32(obj_slot(to, i + 1)));
      obj_put_raw(to, i + 1, w);
    }
  } else if (format < FMT_16) {
    for (uint32_t i = 0; i < slots; i++) obj_put_raw(to, i, image_swap32(obj_slot(to, i)));
  } else if (format < FMT_8) {
    uint8_t *b = obj_bytes(to);
    for (uint32_t i = 0; i < 4 * slots; i += 2) {
      uint8_t t = b[i];
      b[i] = b[i + 1];
      b[i + 1] = t;
    }
  }
}

static err_t build_object(struct spur64 *r, uint64_t o, void *context) {
  struct image_heap *h = context;
  struct shape shape = new_shape(r, o);
  uint32_t class_index = class_index_of(r, o), hash = high_word(r, o) & HDR_HASH_MASK;
  oop to = h->start + (r->map[o / WORD_64] - 1) * 8;
  addr at = shape.slots >= HDR_SLOTS_OVERFLOW ? to - 8 : to;
  image_put_header(at, class_index == CIX_ARRAY_HIDDEN ? CIX_ARRAY : class_index, shape.format, hash,
                   (uint32_t)shape.slots);
  put32(to, at32(to) | (low_word(r, o) & (HDR_IMMUTABLE | HDR_PINNED)));
  uint32_t pointers = (uint32_t)pointer_slots(r, o);
  if (fmt_is_pointers(shape.format))
    for (uint32_t i = pointers; i < shape.slots; i++) obj_put_raw(to, i, h->start);
  else
    copy_bits(r, o + HDR_BYTES + (uint64_t)pointers * WORD_64, to, pointers);
  for (uint32_t i = 0; i < pointers; i++) {
    oop value = 0;
    err_t e = NULL;
    if (i == 0 && fmt_is_method(shape.format))
      value = method_header_32(slot(r, o, 0));
    else
      e = convert(r, h, o, i, &value);
    if (e != NULL) return e;
    obj_put_raw(to, i, value);
  }
  mend_pcs(r, o, to);
  return NULL;
}

static err_t build_class_table(const struct spur64 *r, const struct image_heap *h) {
  for (uint32_t p = 0; p < r->pages; p++) {
    uint64_t page = object_in(r, r->roots, p);
    for (uint32_t i = 0; i < CLASS_TABLE_PAGE; i++) {
      oop c = 0;
      err_t e = convert(r, h, page, i, &c);
      if (e != NULL) return e;
      image_put_class(h->hidden_roots, p * CLASS_TABLE_PAGE + i, c);
    }
  }
  return NULL;
}

static err_t rebuild(struct spur64 *r, struct image_heap *h) {
  for (uint32_t i = 0; i < r->count; i++) {
    err_t e = scan_segment(r, &r->segments[i]);
    if (e != NULL) return e;
  }
  err_t e = find_landmarks(r);
  if (e != NULL) return e;
  uint64_t total = 3 * NONE_BYTES + image_hidden_bytes(r->pages);
  e = each_object(r, place, &total);
  if (e != NULL) return e;
  r->boxes_at = (uint32_t)total;
  total += (uint64_t)r->boxes.count * NONE_BYTES;
  h->start = total < UINT32_MAX ? mem_take_segment((uint32_t)total) : 0;
  if (h->start == 0)
    return err_format("not enough memory for the image: it needs %llu bytes; --memory raises the limit",
                      (unsigned long long)total);
  h->end = h->start + (uint32_t)total;
  image_put_hidden(h->start + 3 * NONE_BYTES, h->start, r->pages, &h->hidden_roots);
  e = each_object(r, build_object, h);
  if (e == NULL) e = build_class_table(r, h);
  if (e != NULL) return e;
  for (uint32_t n = 0; n < r->boxes.count; n++)
    put_box(h->start + r->boxes_at + n * NONE_BYTES, r->boxes.values[n]);
  if (r->map[r->special / WORD_64] >= HIDDEN) return "damaged image: the special objects array is hidden";
  h->special = h->start + (r->map[r->special / WORD_64] - 1) * 8;
  return NULL;
}

static struct spur64 reader; /* too large for the stack of a wasm instance */

err_t image_read_spur64(const struct image_source *s, struct image_heap *h) {
  struct spur64 *r = &reader;
  memset(r, 0, sizeof *r);
  r->s = s;
  err_t e = image_segments(s, r->segments, &r->count);
  if (e != NULL) return e;
  if (r->count == 0 || r->segments[0].bytes < 5 * NONE_BYTES) return "damaged image: it has no objects";
  r->map = calloc(s->heap_bytes / WORD_64 + 1, sizeof *r->map);
  e = r->map != NULL && grow_boxes(&r->boxes) ? rebuild(r, h) : "not enough memory to read the image";
  free(r->map);
  free(r->boxes.values);
  free(r->boxes.slots);
  return e;
}
