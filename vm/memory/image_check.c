/* image_check.c: what makes a loaded heap trustworthy. image_walk() checks that objects follow each other
 * without gap and that each can be what its header says; image_check() checks what they refer to. After both,
 * no reference leads astray, no class index lacks a class, no method or context reaches outside itself. */
#include "memory/image_internal.h"

#include <stdlib.h>

/* Fields that the VM itself reads of contexts and the scheduler. */
enum {
  CONTEXT_SENDER = 0,
  CONTEXT_PC = 1,
  CONTEXT_STACKP = 2,
  CONTEXT_METHOD = 3,
  CONTEXT_FIELDS = 6,

  CLOSURE_NUM_ARGS = 2,

  BINDING_VALUE = 1,
  SCHEDULER_ACTIVE = 1,
  PROCESS_FIELDS = 4,
  SPECIAL_SELECTOR_SLOTS = 64, /* 32 selectors, each with its number of arguments */
};

uint32_t image_pointer_slots(oop o) {
  uint32_t format = obj_format(o), slots = obj_slots(o);
  if (fmt_is_method(format)) return METHOD_LITERAL_START + method_num_literals(o);
  if (!fmt_is_pointers(format)) return 0;
  if (obj_class_index(o) != CIX_CONTEXT || slots < CONTEXT_FIELDS) return slots;
  /* Above its stack pointer a context holds left-overs that nothing may look at. */
  oop stackp = obj_slot(o, CONTEXT_STACKP);
  int32_t depth = oop_is_int(stackp) ? oop_int(stackp) : 0;
  if (depth < 0) depth = 0;
  return (uint32_t)depth < slots - CONTEXT_FIELDS ? CONTEXT_FIELDS + (uint32_t)depth : slots;
}

/* ---- the walk ---- */

/* Whether a body of so many slots can have this format. */
static bool format_fits(uint32_t format, uint32_t slots) {
  if (format <= FMT_EPHEMERON) return format != FMT_EPHEMERON || slots > 0;
  if (format == FMT_64) return slots % 2 == 0;
  if (format == FMT_32) return true;
  if (format >= FMT_16 && format <= FMT_16 + 1) return slots > 0 || format == FMT_16;
  if (format >= FMT_8 && format <= FMT_8 + 3) return slots > 0 || format == FMT_8;
  if (format >= FMT_METHOD && format <= FMT_METHOD + 3) return slots > 0;
  return false;
}

static err_t check_header(const struct image_heap *heap, oop o, addr limit) {
  uint32_t class_index = obj_class_index(o), format = obj_format(o), slots = obj_slots(o);
  unsigned at = o - heap->start;
  if ((uint64_t)o + HDR_BYTES + (((uint64_t)slots * 4 + 7) & ~7ull) > limit)
    return err_format("damaged image: the object at heap offset %u has %u slots, beyond the heap's end", at,
                      slots);
  if (class_index == CIX_FREE || class_index == CIX_FORWARDED) return NULL;
  if (!format_fits(format, slots))
    return err_format("damaged image: the object at heap offset %u has format %u with %u slots", at, format,
                      slots);
  if (fmt_is_method(format)) {
    uint32_t needed = oop_is_int(obj_slot(o, 0)) ? METHOD_LITERAL_START + method_num_literals(o) : UINT32_MAX;
    if (needed > slots || obj_byte_size(o) < 4 * needed)
      return err_format(
          "damaged image: the method at heap offset %u has a header of 0x%08X and only %u bytes", at,
          obj_slot(o, 0), obj_byte_size(o));
  }
  if (class_index == CIX_CONTEXT && (format != FMT_FIXED_INDEXABLE || slots < CONTEXT_FIELDS))
    return err_format("damaged image: the context at heap offset %u has format %u and %u slots", at, format,
                      slots);
  return NULL;
}

err_t image_walk(struct image_heap *heap) {
  uint32_t units = (heap->end - heap->start) / 8;
  heap->starts = calloc(units / 64 + 1, sizeof *heap->starts);
  if (heap->starts == NULL) return "not enough memory to check the image";
  for (addr a = heap->start; a < heap->end;) {
    oop o = a;
    if (heap->end - a < NONE_BYTES)
      return err_format("damaged image: %u bytes behind the last object", heap->end - a);
    if (at32(a + 4) >> HDR_SLOTS_SHIFT == HDR_SLOTS_OVERFLOW) {
      o = a + 8;
      if (heap->end - o < NONE_BYTES || at32(o + 4) >> HDR_SLOTS_SHIFT != HDR_SLOTS_OVERFLOW ||
          (at32(a + 4) & 0xFFFFFF) != 0)
        return err_format("damaged image: the object at heap offset %u has a bad size", a - heap->start);
    }
    err_t e = check_header(heap, o, heap->end);
    if (e != NULL) return e;
    put32(o, at32(o) & ~(HDR_GREY | HDR_REMEMBERED));
    put32(o + 4, at32(o + 4) & ~(uint32_t)HDR_MARKED);
    uint32_t unit = (o - heap->start) / 8;
    if (obj_class_index(o) != CIX_FREE) heap->starts[unit / 64] |= 1ull << unit % 64;
    a = mem_object_end(o);
  }
  return NULL;
}

/* ---- the check ---- */

static bool is_object(const struct image_heap *h, oop o) {
  return oop_is_pointer(o) && image_starts_at(h, o) && obj_class_index(o) >= CIX_FIRST_REAL;
}

/* An object with at least so many fields that hold references. */
static bool has_fields(const struct image_heap *h, oop o, uint32_t fields) {
  return is_object(h, o) && fmt_is_pointers(obj_format(o)) && obj_slots(o) >= fields;
}

static bool is_method(const struct image_heap *h, oop o) {
  return is_object(h, o) && fmt_is_method(obj_format(o));
}

static oop class_at(const struct image_heap *h, uint32_t class_index) {
  oop page = obj_slot(h->hidden_roots, class_index / CLASS_TABLE_PAGE);
  return page == h->start ? h->start : obj_slot(page, class_index % CLASS_TABLE_PAGE);
}

/* nil, or something that lookup can search. */
static bool is_class_or_nil(const struct image_heap *h, oop c) {
  oop nil = h->start;
  if (c == nil) return true;
  if (!has_fields(h, c, BEHAVIOR_FIELDS) || !oop_is_int(obj_slot(c, CLASS_FORMAT))) return false;
  oop super = obj_slot(c, CLASS_SUPERCLASS), dict = obj_slot(c, CLASS_METHOD_DICT);
  if (super != nil && !has_fields(h, super, BEHAVIOR_FIELDS)) return false;
  if (dict == nil) return true;
  if (!has_fields(h, dict, DICT_KEYS)) return false;
  oop methods = obj_slot(dict, DICT_METHODS);
  return methods == nil || has_fields(h, methods, obj_slots(dict) - DICT_KEYS);
}

static err_t check_class_table(const struct image_heap *h) {
  oop nil = h->start, roots = h->hidden_roots;
  bool ended = false;
  for (uint32_t p = 0; p < CLASS_TABLE_PAGES; p++) {
    oop page = obj_slot(roots, p);
    if (page == nil) {
      ended = true;
      continue;
    }
    if (ended || !oop_is_pointer(page) || !image_starts_at(h, page) ||
        obj_class_index(page) != CIX_ARRAY_HIDDEN || obj_format(page) != FMT_INDEXABLE ||
        obj_slots(page) != CLASS_TABLE_PAGE)
      return err_format("damaged image: page %u of the class table is none", p);
    for (uint32_t i = 0; i < CLASS_TABLE_PAGE; i++)
      if (!is_class_or_nil(h, obj_slot(page, i)))
        return err_format("damaged image: class table entry %u is no class", p * CLASS_TABLE_PAGE + i);
  }
  if (obj_slot(roots, 0) == nil) return "damaged image: the class table is empty";
  static const uint32_t needed[] = {CIX_SMALLINTEGER, CIX_CHARACTER, CIX_SMALLINTEGER_2, CIX_LARGE_POSITIVE,
                                    CIX_FLOAT,        CIX_MESSAGE,   CIX_CONTEXT,        CIX_BYTE_ARRAY,
                                    CIX_ARRAY,        CIX_STRING};
  for (unsigned i = 0; i < sizeof needed / sizeof *needed; i++)
    if (class_at(h, needed[i]) == nil)
      return err_format("damaged image: the class table lacks the class of index %u", needed[i]);
  return NULL;
}

static err_t check_context(const struct image_heap *h, oop o) {
  oop nil = h->start, method = obj_slot(o, CONTEXT_METHOD), pc = obj_slot(o, CONTEXT_PC);
  unsigned at = o - h->start;
  oop stackp = obj_slot(o, CONTEXT_STACKP);
  if (oop_is_int(stackp) &&
      (oop_int(stackp) < 0 || (uint32_t)oop_int(stackp) > obj_slots(o) - CONTEXT_FIELDS))
    return err_format("damaged image: the context at heap offset %u has stack pointer %d in %u slots", at,
                      oop_int(stackp), obj_slots(o));
  /* A SmallInteger is how a running VM marks contexts whose frame lives on the stack; in a file none does. */
  if (oop_is_int(obj_slot(o, CONTEXT_SENDER))) {
    obj_put_raw(o, CONTEXT_SENDER, nil);
    obj_put_raw(o, CONTEXT_PC, nil);
    return NULL;
  }
  if (!oop_is_int(pc)) return NULL; /* it has returned */
  if (!is_method(h, method))
    return err_format("damaged image: the context at heap offset %u has no method", at);
  int32_t value = oop_int(pc), first = (int32_t)(4 * (METHOD_LITERAL_START + method_num_literals(method)));
  if (!oop_is_int(stackp) || value <= first || value > (int32_t)obj_byte_size(method))
    return err_format("damaged image: the context at heap offset %u has pc %d in a method of %u bytes", at,
                      value, obj_byte_size(method));
  return NULL;
}

static err_t check_closure(const struct image_heap *h, oop o) {
  if (!oop_is_int(obj_slot(o, CLOSURE_NUM_ARGS)) || oop_int(obj_slot(o, CLOSURE_NUM_ARGS)) < 0)
    return err_format("damaged image: the closure at heap offset %u has no argument count",
                      (unsigned)(o - h->start));
  return NULL;
}

static err_t check_references(const struct image_heap *h, oop o) {
  uint32_t count = image_pointer_slots(o);
  for (uint32_t i = 0; i < count; i++) {
    oop v = obj_slot(o, i);
    if (oop_is_pointer(v) && !is_object(h, v))
      return err_format(
          "damaged image: slot %u of the object at heap offset %u refers to 0x%08X, where no object is", i,
          (unsigned)(o - h->start), v);
  }
  return NULL;
}

/* A class is found in the table by its hash. It may have other entries besides: a bootstrapped image keeps
 * those of its making. The first page has puns, and classes whose hash is an older convention's. */
static err_t check_class_hashes(const struct image_heap *h) {
  for (uint32_t p = 1; p < CLASS_TABLE_PAGES; p++) {
    oop page = obj_slot(h->hidden_roots, p);
    if (page == h->start) break;
    for (uint32_t i = 0; i < CLASS_TABLE_PAGE; i++) {
      oop c = obj_slot(page, i);
      if (c != h->start && class_at(h, obj_hash_bits(c)) != c)
        return err_format("damaged image: the class at index %u of the class table has hash %u",
                          p * CLASS_TABLE_PAGE + i, obj_hash_bits(c));
    }
  }
  return NULL;
}

static err_t check_object(const struct image_heap *h, oop o) {
  uint32_t class_index = obj_class_index(o);
  if (class_index < CIX_FIRST_REAL || class_at(h, class_index) == h->start)
    return err_format("damaged image: the object at heap offset %u has class index %u, which is no class",
                      (unsigned)(o - h->start), class_index);
  /* A class's second entry: its instances get the first one's index (class_renumber_instance). */
  const oop class_ = class_at(h, class_index);
  if (class_at(h, obj_hash_bits(class_)) == class_) class_index = obj_hash_bits(class_);
  if (!mem_shape_fits(class_index, obj_format(o), obj_slots(o)))
    return err_format(
        "damaged image: the object at heap offset %u, of class index %u, has format %u and %u slots",
        (unsigned)(o - h->start), class_index, obj_format(o), obj_slots(o));
  err_t e = check_references(h, o);
  if (e != NULL) return e;
  switch (class_index) {
    case CIX_CONTEXT: return check_context(h, o);
    case CIX_BLOCK_CLOSURE:
    case CIX_FULL_CLOSURE: return check_closure(h, o);
  }
  return NULL;
}

static err_t check_special_objects(const struct image_heap *h) {
  oop s = h->special, nil = h->start;
  if (!has_fields(h, s, SPECIAL_OBJECTS_SIZE))
    return err_format("damaged image: no special objects array at 0x%08X", s);
  if (obj_slot(s, SPECIAL_NIL) != nil || obj_slot(s, SPECIAL_FALSE) != nil + NONE_BYTES ||
      obj_slot(s, SPECIAL_TRUE) != nil + 2 * NONE_BYTES)
    return "damaged image: nil, false and true do not begin the heap";
  oop binding = obj_slot(s, SPECIAL_SCHEDULER);
  if (!has_fields(h, binding, BINDING_VALUE + 1) ||
      !has_fields(h, obj_slot(binding, BINDING_VALUE), SCHEDULER_ACTIVE + 1) ||
      !has_fields(h, obj_slot(obj_slot(binding, BINDING_VALUE), SCHEDULER_ACTIVE), PROCESS_FIELDS))
    return "damaged image: the special objects array names no process scheduler with an active process";
  if (!has_fields(h, obj_slot(s, SPECIAL_SPECIAL_SELECTORS), SPECIAL_SELECTOR_SLOTS))
    return "damaged image: the special objects array lacks the special selectors";
  if (!is_object(h, obj_slot(s, SPECIAL_SELECTOR_DNU)) || obj_slot(s, SPECIAL_SELECTOR_DNU) == nil)
    return "damaged image: the special objects array lacks the selector doesNotUnderstand:";
  if (mem_conventions.v3 && !has_fields(h, obj_slot(s, SPECIAL_CHARACTER_TABLE), 256))
    return "damaged image: the special objects array lacks the character table";
  return NULL;
}

/* Of BlockContext, where there is one: its instances are looked at as contexts are. */
static uint32_t block_context_index(const struct image_heap *h) {
  const oop nil = h->start;
  if (!has_fields(h, h->special, SPECIAL_CLASS_BLOCK_CONTEXT + 1)) return 0;
  const oop class_ = obj_slot(h->special, SPECIAL_CLASS_BLOCK_CONTEXT);
  if (class_ == nil || !is_object(h, class_)) return 0;
  for (uint32_t i = CIX_FIRST_REAL; i < CLASS_TABLE_PAGE; i++)
    if (class_at(h, i) == class_) return i;
  const uint32_t hash = obj_hash_bits(class_);
  return hash >= CIX_FIRST_REAL && class_at(h, hash) == class_ ? hash : 0;
}

err_t image_check(const struct image_heap *h) {
  err_t e = check_class_table(h);
  if (e == NULL) e = check_class_hashes(h);
  if (e != NULL) return e;
  mem_block_context_index = block_context_index(h);
  uint64_t objects = 0;
  for (addr a = h->start; a < h->end;) {
    oop o = mem_object_at(a);
    a = mem_object_end(o);
    uint32_t class_index = obj_class_index(o);
    if (class_index == CIX_FREE) continue;
    bool hidden = class_index == CIX_ARRAY_HIDDEN || class_index == CIX_WORDS_HIDDEN;
    e = hidden ? NULL : check_object(h, o);
    if (e != NULL) return e;
    objects += !hidden;
  }
  image_info.objects = objects;
  image_info.bytes = h->end - h->start;
  return check_special_objects(h);
}
