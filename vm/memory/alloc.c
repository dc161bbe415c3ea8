/* alloc.c: making objects: the slow paths, instances of classes, strings, numbers, methods, copies. */
#include "memory/heap.h"

#include "base/options.h"

#include <string.h>

static void fill_new(oop o, uint32_t format, uint32_t slots) {
  mem_fill(obj_body(o), obj_body_bytes(slots), fmt_is_pointers(format) ? mem.nil : 0);
  if (fmt_is_method(format)) obj_put_raw(o, 0, int_oop(0)); /* no literals: sound whenever looked at */
}

/* An object in old space with an unfilled body. It begins its life remembered, so that raw stores into it
 * are good until the next safepoint, like those into a new object in eden. */
static oop new_old_raw(uint32_t class_index, uint32_t format, uint32_t slots) {
  if (slots > MAX_SLOTS) return 0;
  uint32_t bytes = object_bytes(slots);
  addr start = old_alloc(bytes);
  if (start == 0) {
    request_gc(GC_FULL); /* whoever asked may try again after the safepoint */
    return 0;
  }
  mem.allocated_bytes += bytes;
  oop o = write_header(start, class_index, format, slots);
  if (slots > 0 && (fmt_is_pointers(format) || fmt_is_method(format))) mem_remember(o);
  return o;
}

oop mem_new_old(uint32_t class_index, uint32_t format, uint32_t slots) {
  oop o = new_old_raw(class_index, format, slots);
  if (o != 0) fill_new(o, format, slots);
  return o;
}

static oop new_eden_raw(uint32_t class_index, uint32_t format, uint32_t slots) {
  uint32_t bytes = object_bytes(slots);
  if (bytes > EDEN_MAX_OBJECT || heap.eden_end - mem.eden_free < bytes) return 0;
  oop o = write_header(mem.eden_free, class_index, format, slots);
  mem.eden_free += bytes;
  return o;
}

/* In eden if it fits, else in old space; the body is unfilled. Requests a scavenge when eden's soft limit is
 * crossed, and always under stress. */
static oop new_raw(uint32_t class_index, uint32_t format, uint32_t slots) {
  if (slots > MAX_SLOTS) return 0;
  uint32_t bytes = object_bytes(slots);
  if (heap.exhausted) {
    request_gc(GC_FULL);
    return 0;
  }
  bool large = bytes > EDEN_MAX_OBJECT, over = mem.eden_limit - mem.eden_free < bytes;
  oop o = new_eden_raw(class_index, format, slots);
  if (vm_options.gc_stress) {
    request_gc(GC_SCAVENGE);
    set_eden_limit(); /* the next one comes here too */
  } else if (over && !large) {
    if (mem.gc_wanted == GC_NONE) request_gc(GC_SCAVENGE);
    mem.eden_limit = heap.eden_end; /* the reserve */
  } else if (mem.eden_limit < mem.eden_free) {
    mem.eden_limit = mem.eden_free;
  }
  return o != 0 ? o : new_old_raw(class_index, format, slots);
}

oop mem_new_slow(uint32_t class_index, uint32_t format, uint32_t slots) {
  oop o = new_raw(class_index, format, slots);
  if (o != 0) fill_new(o, format, slots);
  return o;
}

/* ---- instances ---- */

/* Format and slots of an instance with `indexed` elements; false: the class has no such instances. */
static bool instance_shape(oop class_, uint32_t indexed, uint32_t *format, uint32_t *slots) {
  uint32_t spec = class_inst_spec(class_), fixed = class_inst_size(class_);
  *format = spec;
  switch (spec) {
    case FMT_EMPTY:
    case FMT_FIXED: *slots = fixed; return indexed == 0;
    case FMT_EPHEMERON: *slots = fixed; return indexed == 0 && fixed > 0;
    case FMT_INDEXABLE:
    case FMT_FIXED_INDEXABLE:
    case FMT_WEAK: *slots = indexed > MAX_SLOTS ? indexed : fixed + indexed; return true;
    case FMT_64: *slots = indexed > MAX_SLOTS / 2 ? MAX_SLOTS + 1 : 2 * indexed; return true;
    case FMT_32: *slots = indexed; return true;
    case FMT_16:
      *slots = indexed / 2 + (indexed & 1);
      *format += indexed & 1;
      return true;
    case FMT_8:
      *slots = indexed / 4 + ((indexed & 3) != 0);
      *format += -indexed & 3;
      return true;
    default: return false; /* immediates; methods, whose size the class does not know */
  }
}

uint32_t mem_block_context_index;

bool mem_shape_fits(uint32_t class_index, uint32_t format, uint32_t slots) {
  enum { CONTEXT_FIELDS = 6, CLOSURE_FIELDS = 3, FULL_CLOSURE_FIELDS = 4, FLOAT_WORDS = 2 };
  if (class_index < CIX_FIRST_REAL || (format == FMT_EPHEMERON && slots == 0)) return false;
  if (class_index == mem_block_context_index) return format == FMT_FIXED_INDEXABLE && slots >= CONTEXT_FIELDS;
  switch (class_index) {
    case CIX_CONTEXT: return format == FMT_FIXED_INDEXABLE && slots >= CONTEXT_FIELDS;
    case CIX_BLOCK_CLOSURE: return fmt_is_pointers(format) && slots >= CLOSURE_FIELDS;
    case CIX_FULL_CLOSURE: return fmt_is_pointers(format) && slots >= FULL_CLOSURE_FIELDS;
    case CIX_FLOAT: return format == FMT_32 && slots == FLOAT_WORDS;
    default: return true;
  }
}

oop mem_instantiate(oop class_, uint32_t indexed) {
  uint32_t format, slots, class_index = oop_is_pointer(class_) ? obj_hash_bits(class_) : 0;
  if (class_index == 0 || mem_class_at(class_index) != class_) class_index = mem_class_index_of(class_);
  mem_why_not = 1;
  if (class_index == 0) {
    mem_why_not = oop_is_pointer(class_) && obj_slots(class_) > CLASS_FORMAT ? 2 : 1;
    return 0;
  }
  if (!instance_shape(class_, indexed, &format, &slots)) return 0;
  if (!mem_shape_fits(class_index, format, slots)) return 0;
  if (slots > MAX_SLOTS) {
    mem_why_not = 2;
    return 0;
  }
  oop o = mem_new(class_index, format, slots);
  mem_why_not = o == 0 ? 2 : 0;
  return o;
}

oop mem_new_bytes(uint32_t class_index, uint32_t byte_count) {
  return mem_new(class_index, FMT_8 + (-byte_count & 3), byte_count / 4 + ((byte_count & 3) != 0));
}

oop mem_new_string(const char *bytes, uint32_t byte_count) {
  oop o = mem_new_bytes(CIX_STRING, byte_count);
  if (o != 0 && byte_count > 0) memcpy(obj_bytes(o), bytes, byte_count);
  return o;
}

oop mem_new_array(uint32_t slots) { return mem_new(CIX_ARRAY, FMT_INDEXABLE, slots); }

oop mem_new_method(uint32_t class_index, oop header, uint32_t byte_count) {
  uint32_t pointers = METHOD_LITERAL_START + ((uint32_t)oop_int(header) & 0x7FFF);
  if (byte_count < 4 * pointers) return 0;
  uint32_t slots = byte_count / 4 + ((byte_count & 3) != 0);
  oop o = class_index < CIX_FIRST_REAL ? 0 : mem_new(class_index, FMT_METHOD + (-byte_count & 3), slots);
  if (o == 0) return 0;
  obj_put_raw(o, 0, header);
  for (uint32_t i = METHOD_LITERAL_START; i < pointers; i++) obj_put_raw(o, i, mem.nil);
  return o;
}

/* ---- numbers ---- */

oop mem_new_float(double v) {
  oop o = mem_new(CIX_FLOAT, FMT_32, 2);
  if (o != 0) mem_set_float(o, v);
  return o;
}

double mem_float(oop f) {
  double v;
  memcpy(&v, obj_bytes(f), sizeof v);
  return v;
}

void mem_set_float(oop f, double v) { memcpy(obj_bytes(f), &v, sizeof v); }

/* A LargeInteger of the fewest bytes, least significant first. */
static oop new_large(uint32_t class_index, uint64_t magnitude) {
  uint32_t bytes = 0;
  for (uint64_t m = magnitude; m != 0; m >>= 8) bytes++;
  oop o = mem_new_bytes(class_index, bytes);
  if (o == 0) return 0;
  for (uint32_t i = 0; i < bytes; i++) obj_bytes(o)[i] = (uint8_t)(magnitude >> 8 * i);
  return o;
}

oop mem_new_int64(int64_t v) {
  if (int_fits(v)) return int_oop((int32_t)v);
  return v < 0 ? new_large(CIX_LARGE_NEGATIVE, -(uint64_t)v) : new_large(CIX_LARGE_POSITIVE, (uint64_t)v);
}

oop mem_new_uint64(uint64_t v) {
  return v <= SMALLINT_MAX ? int_oop((int32_t)v) : new_large(CIX_LARGE_POSITIVE, v);
}

/* ---- copies, sizes ---- */

oop mem_clone(oop o) {
  enum { FEW = 128 }; /* bytes for which a call of memcpy costs more, in WebAssembly */
  uint32_t slots = obj_slots(o), bytes = obj_body_bytes(slots);
  oop copy = new_raw(obj_class_index(o), obj_format(o), slots);
  if (copy == 0) return 0;
  uint64_t *to = AT(uint64_t, obj_body(copy));
  const uint64_t *from = AT(uint64_t, obj_body(o));
  if (bytes > FEW)
    memcpy(to, from, bytes);
  else
    for (uint32_t i = 0; i < bytes / 8; i++) to[i] = from[i];
  return copy;
}

uint32_t mem_fixed_fields(oop o) {
  if (!oop_is_pointer(o) || !fmt_is_pointers(obj_format(o))) return 0;
  uint32_t f = obj_format(o);
  if (f == FMT_EMPTY || f == FMT_FIXED || f == FMT_EPHEMERON) return obj_slots(o);
  oop class_ = mem_class_of(o);
  return class_ == mem.nil ? 0 : class_inst_size(class_);
}

uint32_t mem_indexable_size(oop o) {
  if (!oop_is_pointer(o)) return 0;
  uint32_t f = obj_format(o), slots = obj_slots(o);
  switch (f) {
    case FMT_INDEXABLE:
    case FMT_FIXED_INDEXABLE:
    case FMT_WEAK: {
      uint32_t fixed = mem_fixed_fields(o);
      return slots > fixed ? slots - fixed : 0;
    }
    case FMT_64: return slots / 2;
    case FMT_32:
    case FMT_32 + 1: return slots - (f & 1);
    case FMT_16:
    case FMT_16 + 1:
    case FMT_16 + 2:
    case FMT_16 + 3: return slots * 2 - (f & 3);
    default: return f >= FMT_8 ? obj_byte_size(o) : 0;
  }
}

bool mem_shorten(oop o, uint32_t slots) {
  uint32_t now = obj_slots(o), old_end = mem_object_end(o);
  if (slots > now) return false;
  uint32_t freed = obj_body_bytes(now) - obj_body_bytes(slots);
  if (freed == 8) return false; /* 8 bytes cannot be a chunk */
  if (mem_object_start(o) != o)
    put32(o - 8, slots); /* keeps its two headers */
  else
    put32(o + 4, (at32(o + 4) & ~(0xFFu << HDR_SLOTS_SHIFT)) | slots << HDR_SLOTS_SHIFT);
  if (freed == 0) return true;
  if (o >= mem.new_end)
    free_add(old_end - freed, freed);
  else if (old_end == mem.eden_free)
    mem.eden_free -= freed;
  else
    free_write(old_end - freed, freed);
  return true;
}
