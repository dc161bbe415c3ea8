/* storage.c: making, copying and changing objects (70, 71, 75, 79, 115, 129, 132, 148, 160 to 184, 596 to
 * 599). Collection, become: and enumeration are in collect.c. */
#include <string.h>

#include "primitives/checks.h"

/* ---- new ---- */

/* Format and slots of an instance with `indexed` elements. False when the class has no such instances. */
static bool instance_shape(oop class_, uint32_t indexed, uint32_t *format, uint32_t *slots) {
  uint32_t spec = class_inst_spec(class_), fixed = class_inst_size(class_);
  uint64_t n = indexed;
  bool has_indexed = spec >= FMT_INDEXABLE && spec != FMT_EPHEMERON;
  if (!has_indexed && indexed != 0) return false;
  *format = spec;
  switch (spec) {
    case FMT_EMPTY:
    case FMT_FIXED:
    case FMT_INDEXABLE:
    case FMT_FIXED_INDEXABLE:
    case FMT_WEAK:
    case FMT_EPHEMERON: n += fixed; break;
    case FMT_64: n *= 2; break;
    case FMT_32: break;
    case FMT_16:
      *format += indexed & 1;
      n = (n + 1) / 2;
      break;
    case FMT_8:
      *format += (0 - indexed) & 3;
      n = (n + 3) / 4;
      break;
    default: return false; /* methods are made by primitive 79, immediates not at all */
  }
  if (n > SMALLINT_MAX) return false;
  *slots = (uint32_t)n;
  return true;
}

/* new objects, wherever they are to live */
enum place { ANYWHERE, OLD_SPACE, PINNED };

static oop instantiate(oop class_, uint32_t indexed, enum place place) {
  uint32_t format, slots, cix;
  if (place == ANYWHERE) return mem_instantiate(class_, indexed);
  if (!instance_shape(class_, indexed, &format, &slots)) {
    mem_why_not = 1;
    return 0;
  }
  mem_why_not = 2;
  cix = mem_class_index_of(class_);
  if (cix != 0 && !mem_shape_fits(cix, format, slots)) {
    mem_why_not = 1;
    return 0;
  }
  oop o = cix == 0 ? 0 : mem_new_old(cix, format, slots);
  /* An old object is pinned where it is. */
  if (o != 0 && place == PINNED) o = mem_pin(o, true);
  return o;
}

static oop new_instance(oop *args, uint32_t argc, uint32_t with_size, enum place place) {
  oop class_ = args[argc - with_size];
  uint32_t indexed = 0;
  if (!oop_is_behavior(class_)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (class_inst_spec(class_) >= FMT_METHOD) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (with_size && !prim_uint32(args[argc], &indexed)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  oop o = instantiate(class_, indexed, place);
  if (o != 0) return o;
  if (mem_why_not == 1) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  /* Out of memory: what a full collection frees may do. */
  mem_full_gc();
  o = instantiate(args[argc - with_size], indexed, place);
  return o != 0 ? prim_done(argc, o) : prim_fail(PRIM_ERR_NO_MEMORY);
}

oop prim_new(oop *args, uint32_t argc) { return new_instance(args, argc, 0, ANYWHERE); }
oop prim_new_with_arg(oop *args, uint32_t argc) { return new_instance(args, argc, 1, ANYWHERE); }
oop prim_new_old_space(oop *args, uint32_t argc) { return new_instance(args, argc, 0, OLD_SPACE); }
oop prim_new_with_arg_old_space(oop *args, uint32_t argc) { return new_instance(args, argc, 1, OLD_SPACE); }
oop prim_new_pinned(oop *args, uint32_t argc) { return new_instance(args, argc, 0, PINNED); }
oop prim_new_with_arg_pinned(oop *args, uint32_t argc) { return new_instance(args, argc, 1, PINNED); }

/* newMethod: byteCount header: header. The literals are nil. */
oop prim_new_method(oop *args, uint32_t argc) {
  oop class_ = args[argc - 2], header = args[argc];
  uint32_t bytes;
  if (!oop_is_behavior(class_) || class_inst_spec(class_) != FMT_METHOD)
    return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!prim_index(args[argc - 1], &bytes) || !oop_is_int(header)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint32_t pointers = method_header_literals(header) + METHOD_LITERAL_START;
  uint32_t cix = mem_class_index_of(class_);
  if (cix == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
  if (!mem_shape_fits(cix, FMT_METHOD, pointers)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  oop method = mem_new(cix, FMT_METHOD + ((0 - bytes) & 3), pointers + (bytes + 3) / 4);
  if (method == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
  obj_put_raw(method, 0, header);
  for (uint32_t i = METHOD_LITERAL_START; i < pointers; i++) obj_put_raw(method, i, mem.nil);
  return method;
}

/* shallowCopy */
oop prim_clone(oop *args, uint32_t argc) {
  oop o = args[argc];
  if (!oop_is_pointer(o)) return o;
  return prim_or_no_memory(oop_is_context(o) ? context_copy(o) : mem_clone(o));
}

/* copyFrom: another instance of the same class and size. */
oop prim_copy_object(oop *args, uint32_t argc) {
  oop to = args[argc - 1], from = args[argc];
  if (!oop_is_pointer(to) || oop_is_context(to)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!oop_is_pointer(from) || oop_is_context(from)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_class_index(to) != obj_class_index(from) || obj_format(to) != obj_format(from) ||
      obj_slots(to) != obj_slots(from) || fmt_is_method(obj_format(to)))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(to)) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  uint32_t slots = obj_slots(to);
  if (fmt_is_pointers(obj_format(to)))
    for (uint32_t i = 0; i < slots; i++) mem_store(to, i, obj_slot(from, i));
  else
    memmove(obj_bytes(to), obj_bytes(from), 4 * (size_t)slots);
  return to;
}

/* ---- changing an object's class ---- */

/* The format that o has as an instance of class_, or an error code below 0. */
static int32_t adopted_format(oop o, oop class_) {
  uint32_t format = obj_format(o), spec = class_inst_spec(class_), slots = obj_slots(o);
  if (spec <= FMT_EPHEMERON) {
    uint32_t fixed = class_inst_size(class_);
    bool exact = spec <= FMT_FIXED || spec == FMT_EPHEMERON;
    if (!fmt_is_pointers(format)) return -PRIM_ERR_INAPPROPRIATE;
    if (slots < fixed || (exact && slots > fixed)) return -PRIM_ERR_BAD_RECEIVER;
    return (int32_t)spec;
  }
  if (spec == FMT_METHOD) return fmt_is_method(format) ? (int32_t)format : -PRIM_ERR_INAPPROPRIATE;
  if (!fmt_is_bits(format) || fmt_is_method(format)) return -PRIM_ERR_INAPPROPRIATE;
  uint32_t unused = format >= FMT_8 ? format & 7 : format >= FMT_16 ? 2 * (format & 3) : 0;
  switch (spec) {
    case FMT_64: return slots % 2 == 0 && unused == 0 ? FMT_64 : -PRIM_ERR_BAD_RECEIVER;
    case FMT_32: return unused == 0 ? FMT_32 : -PRIM_ERR_BAD_RECEIVER;
    case FMT_16: return unused % 2 == 0 ? FMT_16 + (int32_t)unused / 2 : -PRIM_ERR_BAD_RECEIVER;
    case FMT_8: return FMT_8 + (int32_t)unused;
  }
  return -PRIM_ERR_BAD_ARGUMENT;
}

/* 0, or an error code. */
static uint32_t change_class(oop o, oop class_) {
  if (!oop_is_behavior(class_)) return PRIM_ERR_BAD_ARGUMENT;
  if (!oop_is_pointer(o) || oop_is_context(o)) return PRIM_ERR_BAD_RECEIVER;
  if (obj_is_immutable(o)) return PRIM_ERR_NO_MODIFICATION;
  int32_t format = adopted_format(o, class_);
  if (format < 0) return (uint32_t)-format;
  uint32_t cix = mem_class_index_of(class_);
  if (cix == 0) return PRIM_ERR_NO_MEMORY;
  /* Contexts have state in frames: no object becomes one by the back door. */
  if (cix == CIX_CONTEXT || cix == frame_block_context_cix ||
      !mem_shape_fits(cix, (uint32_t)format, obj_slots(o)))
    return PRIM_ERR_INAPPROPRIATE;
  uint32_t header = at32(o) & ~(HDR_CLASS_MASK | (uint32_t)HDR_FORMAT_MASK << HDR_FORMAT_SHIFT);
  put32(o, header | cix | (uint32_t)format << HDR_FORMAT_SHIFT);
  return 0;
}

/* primitiveChangeClassTo: an instance of the new class. */
oop prim_change_class(oop *args, uint32_t argc) {
  oop o = args[argc - 1], other = args[argc];
  if (!oop_is_pointer(o)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!oop_is_pointer(other)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint32_t error = change_class(o, mem_class_of(other));
  return error == 0 ? args[0] : prim_fail(error);
}

/* aClass adoptInstance: anObject */
oop prim_adopt_instance(oop *args, uint32_t argc) {
  if (!oop_is_behavior(args[argc - 1])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!oop_is_pointer(args[argc])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint32_t error = change_class(args[argc], args[argc - 1]);
  /* Here the class is the receiver, so these two change places. */
  if (error == PRIM_ERR_BAD_RECEIVER)
    error = PRIM_ERR_BAD_ARGUMENT;
  else if (error == PRIM_ERR_BAD_ARGUMENT)
    error = PRIM_ERR_BAD_RECEIVER;
  return error == 0 ? args[0] : prim_fail(error);
}

/* ---- identity ---- */

oop prim_identity_hash(oop *args, uint32_t argc) {
  if (!oop_is_pointer(args[argc])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  return int_oop((int32_t)mem_hash(args[argc]));
}

/* A class's hash is its class index; this gives it one. */
oop prim_behavior_hash(oop *args, uint32_t argc) {
  oop class_ = args[argc];
  if (!oop_is_behavior(class_)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (mem_conventions.v3) return int_oop((int32_t)mem_hash(class_));
  uint32_t cix = mem_class_index_of(class_);
  return cix != 0 ? int_oop((int32_t)cix) : prim_fail(PRIM_ERR_NO_MEMORY);
}

oop prim_max_identity_hash(oop *args, uint32_t argc) { return int_oop((int32_t)mem_conventions.hash_mask); }

/* Without an argument: whether the receiver has a hash. With one: sets it and answers the old one. */
oop prim_set_identity_hash(oop *args, uint32_t argc) {
  oop o = args[0];
  uint32_t hash;
  if (argc == 0) return mem_bool(oop_is_pointer(o) && obj_hash_bits(o) != 0);
  if (argc == 2) return prim_fail(PRIM_ERR_UNSUPPORTED); /* moving a class in the class table */
  if (!oop_is_pointer(o)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!prim_index(args[1], &hash) || hash > mem_conventions.hash_mask)
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint32_t old = obj_hash_bits(o);
  if (old != 0 && mem_class_at(old) == o) return prim_fail(PRIM_ERR_INAPPROPRIATE); /* the class's index */
  put32(o + 4, (at32(o + 4) & ~(uint32_t)HDR_HASH_MASK) | hash);
  return int_oop((int32_t)old);
}

oop prim_as_character(oop *args, uint32_t argc) {
  uint32_t code;
  if (!prim_index(args[argc], &code) || code > UINT32_MAX >> 2)
    return prim_fail(argc == 0 ? PRIM_ERR_BAD_RECEIVER : PRIM_ERR_BAD_ARGUMENT);
  oop character = mem_char(code);
  return character != 0 ? character : prim_fail(PRIM_ERR_BAD_ARGUMENT);
}

oop prim_immediate_as_integer(oop *args, uint32_t argc) {
  oop o = args[argc];
  if (oop_is_int(o)) return o;
  if (oop_is_char(o)) return int_oop((int32_t)oop_char(o));
  return prim_fail(PRIM_ERR_BAD_RECEIVER);
}

/* ---- immutability and pinning ---- */

oop prim_get_immutability(oop *args, uint32_t argc) { return mem_bool(!oop_is_mutable(args[argc])); }

/* What the VM itself must be able to write stays mutable. */
static bool can_be_immutable(oop o) {
  uint32_t format = obj_format(o);
  if (format == FMT_WEAK || format == FMT_EPHEMERON || oop_is_context(o) || o == mem.special) return false;
  oop class_ = mem_class_of(o);
  return class_ != mem_special(SPECIAL_CLASS_SEMAPHORE) && class_ != mem_special(SPECIAL_CLASS_PROCESS) &&
         class_ != mem_special(SPECIAL_CLASS_MUTEX);
}

oop prim_set_immutability(oop *args, uint32_t argc) {
  oop o = args[argc - 1];
  bool on;
  if (!oop_is_pointer(o)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!prim_bool(args[argc], &on)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (on && !can_be_immutable(o)) return prim_fail(PRIM_ERR_INAPPROPRIATE);
  bool was = obj_is_immutable(o);
  put32(o, on ? at32(o) | HDR_IMMUTABLE : at32(o) & ~(uint32_t)HDR_IMMUTABLE);
  return mem_bool(was);
}

oop prim_is_pinned(oop *args, uint32_t argc) {
  if (!oop_is_pointer(args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  return mem_bool(obj_is_pinned(args[0]));
}

/* Answers whether it was pinned before. */
oop prim_pin(oop *args, uint32_t argc) {
  bool on;
  if (!oop_is_pointer(args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!prim_bool(args[1], &on)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  bool was = obj_is_pinned(args[0]);
  if (was == on) return mem_bool(was);
  if (mem_pin(args[0], on) == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
  return prim_done(argc, mem_bool(was));
}

/* ---- sizes and references ---- */

static oop bytes_of_shape(uint32_t slots) {
  uint32_t header = slots >= HDR_SLOTS_OVERFLOW ? 2 * HDR_BYTES : HDR_BYTES;
  return prim_or_no_memory(mem_new_uint64((uint64_t)header + obj_body_bytes(slots)));
}

oop prim_size_in_bytes(oop *args, uint32_t argc) {
  return oop_is_pointer(args[argc]) ? bytes_of_shape(obj_slots(args[argc])) : int_oop(0);
}

/* byteSizeOfInstance, byteSizeOfInstanceOfSize: */
oop prim_size_of_instance(oop *args, uint32_t argc) {
  uint32_t indexed = 0, format, slots;
  if (!oop_is_behavior(args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (argc >= 1 && !prim_index(args[1], &indexed)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (!instance_shape(args[0], indexed, &format, &slots)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  return bytes_of_shape(slots);
}

oop prim_object_points_to(oop *args, uint32_t argc) {
  oop o = args[argc - 1], target = args[argc];
  if (!oop_is_pointer(o)) return mem.false_;
  if (oop_is_context(o)) {
    for (uint32_t i = 0, n = context_num_fields(o); i < n; i++)
      if (context_fetch(o, i) == target) return mem.true_;
    return mem.false_;
  }
  uint32_t format = obj_format(o);
  uint32_t pointers = fmt_is_pointers(format) ? obj_slots(o)
                      : fmt_is_method(format) ? method_num_literals(o) + METHOD_LITERAL_START
                                              : 0;
  for (uint32_t i = 0; i < pointers; i++)
    if (obj_slot(o, i) == target) return mem.true_;
  return mem.false_;
}

oop prim_special_objects(oop *args, uint32_t argc) { return mem.special; }
