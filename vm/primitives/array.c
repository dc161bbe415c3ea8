/* array.c: reading and writing elements of every object format (60 to 69, 73, 74, 105, 143 to 145, 156,
 * 158, 165, 166, 173, 174).
 *
 * Every index is checked against the object's header, every store against the immutable bit. Contexts go
 * through frame.h, for their fields may live in a stack frame.
 */
#include <string.h>

#include "primitives/checks.h"

/* Bytes of one element of a bits format (methods count as bytes). */
static inline uint32_t element_bytes(uint32_t format) {
  return format >= FMT_8 ? 1 : format >= FMT_16 ? 2 : format >= FMT_32 ? 4 : 8;
}
/* How many such elements the object holds. */
static inline uint32_t element_count(oop o, uint32_t format) {
  uint32_t words = obj_slots(o);
  if (format >= FMT_8) return words * 4 - (format & 7);
  if (format >= FMT_16) return words * 2 - (format & 3);
  if (format >= FMT_32) return words - (format & 1);
  return words / 2;
}

static uint64_t element(oop o, uint32_t format, uint32_t i) {
  const uint8_t *bytes = obj_bytes(o);
  switch (element_bytes(format)) {
    case 1: return bytes[i];
    case 2: return ((const uint16_t *)(const void *)bytes)[i];
    case 4: return ((const uint32_t *)(const void *)bytes)[i];
  }
  uint64_t wide;
  memcpy(&wide, bytes + 8 * (size_t)i, 8);
  return wide;
}

static void set_element(oop o, uint32_t format, uint32_t i, uint64_t v) {
  uint8_t *bytes = obj_bytes(o);
  switch (element_bytes(format)) {
    case 1: bytes[i] = (uint8_t)v; return;
    case 2: ((uint16_t *)(void *)bytes)[i] = (uint16_t)v; return;
    case 4: ((uint32_t *)(void *)bytes)[i] = (uint32_t)v; return;
  }
  memcpy(bytes + 8 * (size_t)i, &v, 8);
}

/* Images of the formats 6502 and 6504 know a Float's high word as its first (memory.h, "conventions"). */
static inline uint32_t element_position(oop o, uint32_t index) {
  bool other_order = mem_conventions.float_high_word_first && obj_class_index(o) == CIX_FLOAT;
  return other_order ? (index - 1) ^ 1 : index - 1;
}

static inline oop integer_oop(uint64_t v) {
  return v <= SMALLINT_MAX ? int_oop((int32_t)v) : prim_or_no_memory(mem_new_uint64(v));
}

/* ---- at:, at:put:, size ---- */

/* Whether o has elements that at: can reach; else fails. */
static oop check_indexable(oop o) {
  if (!oop_is_pointer(o)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  uint32_t format = obj_format(o);
  bool indexable = (format >= FMT_INDEXABLE && format <= FMT_WEAK) || format >= FMT_64;
  return indexable ? 0 : prim_fail(PRIM_ERR_BAD_RECEIVER);
}

/* The slot of the 1-based index of a pointers object; fails beyond its end. */
static inline bool pointer_slot(oop o, uint32_t index, uint32_t *slot) {
  uint32_t fixed = obj_format(o) == FMT_INDEXABLE ? 0 : mem_fixed_fields(o);
  uint32_t slots = oop_is_context(o) ? context_num_fields(o) : obj_slots(o);
  if (fixed > slots || index - 1 >= slots - fixed) return false;
  *slot = fixed + index - 1;
  return true;
}

static oop fetch(oop o, oop index_oop, bool as_character) {
  oop failure = check_indexable(o);
  if (failure) return failure;
  uint32_t index, slot, format = obj_format(o);
  if (!oop_is_int(index_oop)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (!prim_index(index_oop, &index) || index == 0) return prim_fail(PRIM_ERR_BAD_INDEX);
  if (fmt_is_pointers(format)) {
    if (as_character) return prim_fail(PRIM_ERR_BAD_RECEIVER);
    if (!pointer_slot(o, index, &slot)) return prim_fail(PRIM_ERR_BAD_INDEX);
    return oop_is_context(o) ? context_fetch(o, slot) : obj_slot(o, slot);
  }
  if (index > element_count(o, format)) return prim_fail(PRIM_ERR_BAD_INDEX);
  uint64_t v = element(o, format, element_position(o, index));
  if (!as_character) return integer_oop(v);
  oop character = v > UINT32_MAX >> 2 ? 0 : mem_char((uint32_t)v);
  return character != 0 ? character : prim_fail(PRIM_ERR_BAD_RECEIVER);
}

static bool may_set_code(oop method, uint32_t i, uint64_t v) {
  return obj_bytes(method)[i] == v || interp_method_may_change(method, HDR_BYTES + i);
}

static oop store(oop o, oop index_oop, oop value, bool as_character) {
  oop failure = check_indexable(o);
  if (failure) return failure;
  uint32_t index, slot, format = obj_format(o);
  if (!oop_is_int(index_oop)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (!prim_index(index_oop, &index) || index == 0) return prim_fail(PRIM_ERR_BAD_INDEX);
  if (obj_is_immutable(o)) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  if (fmt_is_pointers(format)) {
    if (as_character) return prim_fail(PRIM_ERR_BAD_RECEIVER);
    if (!pointer_slot(o, index, &slot)) return prim_fail(PRIM_ERR_BAD_INDEX);
    if (!oop_is_context(o))
      mem_store(o, slot, value);
    else if (!context_store(o, slot, value))
      return prim_fail(PRIM_ERR_BAD_ARGUMENT);
    return value;
  }
  if (index > element_count(o, format)) return prim_fail(PRIM_ERR_BAD_INDEX);
  if (fmt_is_method(format) && HDR_BYTES + index - 1 < method_first_pc(o))
    return prim_fail(PRIM_ERR_BAD_INDEX); /* header and literals are not bytes */
  uint64_t v;
  if (as_character) {
    uint32_t code;
    if (!mem_char_code(value, &code)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
    v = code;
  } else if (!prim_uint64(value, &v)) {
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  }
  if (fmt_is_method(format) && !may_set_code(o, element_position(o, index), v))
    return prim_fail(PRIM_ERR_INAPPROPRIATE);
  uint32_t width = element_bytes(format);
  if (width < 8 && v >> 8 * width != 0) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  set_element(o, format, element_position(o, index), v);
  return value;
}

/* The common cases without the general path's questions; the rest falls through to it. */
oop prim_at(oop *args, uint32_t argc) {
  oop o = args[argc - 1], index = args[argc];
  if (oop_is_pointer(o) && oop_is_int(index)) {
    uint32_t format = obj_format(o), i = (uint32_t)oop_int(index) - 1;
    if (format == FMT_INDEXABLE && i < obj_slots(o)) return obj_slot(o, i);
    if (fmt_is_bytes(format) && i < obj_byte_size(o)) return int_oop(obj_bytes(o)[i]);
  }
  return fetch(o, index, false);
}

oop prim_at_put(oop *args, uint32_t argc) {
  oop o = args[argc - 2], index = args[argc - 1], value = args[argc];
  if (oop_is_mutable(o) && oop_is_int(index)) {
    uint32_t format = obj_format(o), i = (uint32_t)oop_int(index) - 1;
    if (format == FMT_INDEXABLE && i < obj_slots(o)) {
      mem_store(o, i, value);
      return value;
    }
    if (fmt_is_bytes(format) && i < obj_byte_size(o) && oop_is_int(value) && value >> 1 <= 255) {
      obj_bytes(o)[i] = (uint8_t)(value >> 1);
      return value;
    }
  }
  return store(o, index, value, false);
}

oop prim_string_at(oop *args, uint32_t argc) {
  oop o = args[argc - 1], index = args[argc];
  if (oop_is_bytes(o) && oop_is_int(index)) {
    uint32_t i = (uint32_t)oop_int(index) - 1;
    if (i < obj_byte_size(o) && !mem_conventions.v3) return char_oop(obj_bytes(o)[i]);
  }
  return fetch(o, index, true);
}

oop prim_string_at_put(oop *args, uint32_t argc) {
  oop o = args[argc - 2], index = args[argc - 1], value = args[argc];
  if (oop_is_mutable(o) && oop_is_bytes(o) && oop_is_int(index) && oop_is_char(value)) {
    uint32_t i = (uint32_t)oop_int(index) - 1;
    if (i < obj_byte_size(o) && oop_char(value) <= 255) {
      obj_bytes(o)[i] = (uint8_t)oop_char(value);
      return value;
    }
  }
  return store(o, index, value, true);
}

oop prim_size(oop *args, uint32_t argc) {
  oop o = args[argc];
  oop failure = check_indexable(o);
  if (failure) return failure;
  uint32_t format = obj_format(o);
  if (!fmt_is_pointers(format)) return int_oop((int32_t)element_count(o, format));
  if (format == FMT_INDEXABLE) return int_oop((int32_t)obj_slots(o));
  uint32_t fixed = mem_fixed_fields(o), slots = oop_is_context(o) ? context_num_fields(o) : obj_slots(o);
  return int_oop(slots > fixed ? (int32_t)(slots - fixed) : 0);
}

/* ---- instVarAt: numbers all fields from 1, fixed before indexed; in bits objects the elements ---- */

oop prim_inst_var_at(oop *args, uint32_t argc) {
  oop o = args[argc - 1];
  uint32_t index;
  if (!oop_is_pointer(o)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!oop_is_int(args[argc])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (!prim_index(args[argc], &index) || index == 0) return prim_fail(PRIM_ERR_BAD_INDEX);
  uint32_t format = obj_format(o);
  if (fmt_is_method(format)) return prim_fail(PRIM_ERR_UNSUPPORTED);
  if (!fmt_is_pointers(format)) return fetch(o, args[argc], false);
  if (oop_is_context(o))
    return index <= context_num_fields(o) ? context_fetch(o, index - 1) : prim_fail(PRIM_ERR_BAD_INDEX);
  return index <= obj_slots(o) ? obj_slot(o, index - 1) : prim_fail(PRIM_ERR_BAD_INDEX);
}

oop prim_inst_var_at_put(oop *args, uint32_t argc) {
  oop o = args[argc - 2], value = args[argc];
  uint32_t index;
  if (!oop_is_pointer(o)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!oop_is_int(args[argc - 1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (!prim_index(args[argc - 1], &index) || index == 0) return prim_fail(PRIM_ERR_BAD_INDEX);
  if (obj_is_immutable(o)) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  uint32_t format = obj_format(o);
  if (fmt_is_method(format)) return prim_fail(PRIM_ERR_UNSUPPORTED);
  if (!fmt_is_pointers(format)) return store(o, args[argc - 1], value, false);
  if (oop_is_context(o)) {
    if (index > context_num_fields(o)) return prim_fail(PRIM_ERR_BAD_INDEX);
    if (!context_store(o, index - 1, value)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
    return prim_done(argc, value); /* the running frame may have moved */
  }
  if (index > obj_slots(o)) return prim_fail(PRIM_ERR_BAD_INDEX);
  mem_store(o, index - 1, value);
  return value;
}

/* ---- objectAt: a method's header (1) and literals ---- */

static oop method_slot(oop method, oop index_oop, uint32_t *slot) {
  uint32_t index;
  if (!oop_is_pointer(method) || !fmt_is_method(obj_format(method))) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!oop_is_int(index_oop)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (!prim_index(index_oop, &index) || index == 0 || index > method_num_literals(method) + 1)
    return prim_fail(PRIM_ERR_BAD_INDEX);
  *slot = index - 1;
  return 0;
}

oop prim_object_at(oop *args, uint32_t argc) {
  uint32_t slot;
  oop failure = method_slot(args[argc - 1], args[argc], &slot);
  return failure ? failure : obj_slot(args[argc - 1], slot);
}

oop prim_object_at_put(oop *args, uint32_t argc) {
  oop method = args[argc - 2], value = args[argc];
  uint32_t slot;
  oop failure = method_slot(method, args[argc - 1], &slot);
  if (failure) return failure;
  if (obj_is_immutable(method)) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  /* The header says where the literals end, for the collector too: that cannot change. */
  if (slot == 0 && (!oop_is_int(value) || method_header_literals(value) != method_num_literals(method)))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  /* Literals are looked at where they are used; the header is not. */
  if (slot == 0 && !interp_method_may_change(method, 0)) return prim_fail(PRIM_ERR_INAPPROPRIATE);
  interp_method_changes(method);
  mem_store(method, slot, value);
  return value;
}

/* ---- replaceFrom: start to: stop with: replacement startingAt: replacementStart ---- */

/* Copies upwards element by element where source and destination overlap so that this shows: the image
 * relies on the order. */
static void copy_up(uint8_t *to, const uint8_t *from, size_t bytes, uint32_t width) {
  enum { FEW = 48 }; /* bytes for which a call of memmove costs more, in WebAssembly */
  if (bytes <= FEW) {
    for (size_t i = 0; i < bytes; i++) to[i] = from[i];
    return;
  }
  if (from >= to || from + bytes <= to) {
    memmove(to, from, bytes);
    return;
  }
  for (size_t i = 0; i < bytes; i += width) memmove(to + i, from + i, width);
}

static bool format_matches(uint32_t a, uint32_t b) {
  if (fmt_is_pointers(a)) return fmt_is_pointers(b);
  return !fmt_is_method(a) && !fmt_is_method(b) && a >= FMT_64 && b >= FMT_64 &&
         element_bytes(a) == element_bytes(b);
}

static void replace_pointers(oop o, uint32_t to, oop from, uint32_t at, uint32_t count) {
  copy_up(obj_bytes(o) + 4 * (size_t)to, obj_bytes(from) + 4 * (size_t)at, 4 * (size_t)count, 4);
  if (oop_is_young(o) || obj_is_remembered(o)) return;
  for (uint32_t i = to; i < to + count; i++)
    if (oop_is_young(obj_slot(o, i))) {
      mem_remember(o);
      return;
    }
}

oop prim_replace_from(oop *args, uint32_t argc) {
  oop o = args[0], from = args[3];
  if (!oop_is_pointer(o)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!oop_is_int(args[1]) || !oop_is_int(args[2]) || !oop_is_int(args[4]) || !oop_is_pointer(from))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  int64_t start = oop_int(args[1]), stop = oop_int(args[2]), at = oop_int(args[4]);
  uint32_t format = obj_format(o), from_format = obj_format(from);
  if (!format_matches(format, from_format)) return prim_fail(PRIM_ERR_INAPPROPRIATE);
  if (oop_is_context(o) || oop_is_context(from)) return prim_fail(PRIM_ERR_INAPPROPRIATE);
  if (obj_is_immutable(o) && stop >= start) return prim_fail(PRIM_ERR_NO_MODIFICATION);

  bool pointers = fmt_is_pointers(format);
  uint32_t fixed = 0, from_fixed = 0, size, from_size;
  if (pointers) {
    fixed = format == FMT_INDEXABLE ? 0 : mem_fixed_fields(o);
    from_fixed = from_format == FMT_INDEXABLE ? 0 : mem_fixed_fields(from);
    size = obj_slots(o) > fixed ? obj_slots(o) - fixed : 0;
    from_size = obj_slots(from) > from_fixed ? obj_slots(from) - from_fixed : 0;
  } else {
    size = element_count(o, format);
    from_size = element_count(from, from_format);
  }
  if (start < 1 || start - 1 > stop || stop > size || at < 1 || at + (stop - start) > from_size)
    return prim_fail(PRIM_ERR_BAD_INDEX);
  uint32_t count = (uint32_t)(stop - start + 1);
  if (pointers) {
    replace_pointers(o, fixed + (uint32_t)start - 1, from, from_fixed + (uint32_t)at - 1, count);
  } else {
    uint32_t width = element_bytes(format);
    copy_up(obj_bytes(o) + (size_t)(start - 1) * width, obj_bytes(from) + (size_t)(at - 1) * width,
            (size_t)count * width, width);
  }
  return o;
}

/* ---- other views of bits objects ---- */

/* A bytes or words object seen as elements of `width` bytes; fails for others. */
static oop check_view(oop o, oop index_oop, uint32_t width, uint32_t *index) {
  if (!oop_is_pointer(o) || !(oop_is_words(o) || (width == 2 && oop_is_bytes(o))))
    return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!oop_is_int(index_oop)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint32_t format = obj_format(o), bytes = element_count(o, format) * element_bytes(format);
  if (!prim_index(index_oop, index) || *index == 0 || *index > bytes / width)
    return prim_fail(PRIM_ERR_BAD_INDEX);
  --*index;
  return 0;
}

oop prim_short_at(oop *args, uint32_t argc) {
  uint32_t i;
  int16_t v;
  oop failure = check_view(args[0], args[1], 2, &i);
  if (failure) return failure;
  memcpy(&v, obj_bytes(args[0]) + 2 * (size_t)i, 2);
  return int_oop(v);
}

oop prim_short_at_put(oop *args, uint32_t argc) {
  uint32_t i;
  oop failure = check_view(args[0], args[1], 2, &i);
  if (failure) return failure;
  if (!oop_is_int(args[2]) || oop_int(args[2]) < INT16_MIN || oop_int(args[2]) > INT16_MAX)
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(args[0])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  int16_t v = (int16_t)oop_int(args[2]);
  memcpy(obj_bytes(args[0]) + 2 * (size_t)i, &v, 2);
  return args[2];
}

oop prim_integer_at(oop *args, uint32_t argc) {
  uint32_t i;
  oop failure = check_view(args[0], args[1], 4, &i);
  if (failure) return failure;
  return prim_or_no_memory(mem_new_int64((int32_t)obj_slot(args[0], i)));
}

oop prim_integer_at_put(oop *args, uint32_t argc) {
  uint32_t i;
  int64_t v;
  oop failure = check_view(args[0], args[1], 4, &i);
  if (failure) return failure;
  if (!prim_int64(args[2], &v) || v < INT32_MIN || v > INT32_MAX) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(args[0])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  obj_put_raw(args[0], i, (uint32_t)v);
  return args[2];
}

/* atAllPut: with one bit pattern, for bits objects. */
oop prim_constant_fill(oop *args, uint32_t argc) {
  oop o = args[0];
  uint64_t v;
  if (!oop_is_pointer(o) || !fmt_is_bits(obj_format(o)) || fmt_is_method(obj_format(o)))
    return prim_fail(PRIM_ERR_BAD_RECEIVER);
  uint32_t format = obj_format(o), width = element_bytes(format), count = element_count(o, format);
  if (!prim_uint64(args[1], &v) || (width < 8 && v >> 8 * width != 0))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(o)) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  if (width == 1)
    memset(obj_bytes(o), (int)v, count);
  else
    for (uint32_t i = 0; i < count; i++) set_element(o, format, i, v);
  return o;
}

oop prim_compare_bytes(oop *args, uint32_t argc) {
  if (!oop_is_bytes(args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!oop_is_bytes(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint32_t n = obj_byte_size(args[0]);
  return mem_bool(n == obj_byte_size(args[1]) && memcmp(obj_bytes(args[0]), obj_bytes(args[1]), n) == 0);
}

/* compareWith: other [collated: order]: negative, 0 or positive. */
oop prim_compare_with(oop *args, uint32_t argc) {
  if (!oop_is_bytes(args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!oop_is_bytes(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const uint8_t *order = NULL;
  if (argc == 2) {
    if (!oop_is_bytes(args[2]) || obj_byte_size(args[2]) != 256) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
    order = obj_bytes(args[2]);
  }
  const uint8_t *a = obj_bytes(args[0]), *b = obj_bytes(args[1]);
  uint32_t na = obj_byte_size(args[0]), nb = obj_byte_size(args[1]);
  for (uint32_t i = 0; i < na && i < nb; i++) {
    if (a[i] == b[i]) continue;
    int difference = order == NULL ? a[i] - b[i] : order[a[i]] - order[b[i]];
    if (difference != 0) return int_oop(difference);
  }
  return int_oop((int32_t)na - (int32_t)nb);
}

/* ---- streams on Arrays, Strings and ByteArrays (Blue Book p. 632) ---- */

enum { STREAM_COLLECTION, STREAM_POSITION, STREAM_READ_LIMIT, STREAM_WRITE_LIMIT };

/* Reads a stream's position and a limit; fails where they or the collection make no sense. */
static bool stream_state(oop stream, uint32_t limit_field, uint32_t *position, uint32_t *limit) {
  if (!oop_is_pointer(stream) || !fmt_is_pointers(obj_format(stream)) || oop_is_context(stream) ||
      obj_slots(stream) <= limit_field)
    return false;
  return prim_index(obj_slot(stream, STREAM_POSITION), position) &&
         prim_index(obj_slot(stream, limit_field), limit);
}

oop prim_next(oop *args, uint32_t argc) {
  uint32_t position, limit;
  if (!stream_state(args[0], STREAM_READ_LIMIT, &position, &limit)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (position >= limit) return prim_fail(PRIM_ERR_BAD_INDEX);
  if (obj_is_immutable(args[0])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  oop collection = obj_slot(args[0], STREAM_COLLECTION), result;
  oop index = int_oop((int32_t)position + 1);
  if (oop_is_array(collection) || oop_has_class_index(collection, CIX_BYTE_ARRAY))
    result = fetch(collection, index, false);
  else if (oop_is_pointer(collection) && mem_class_of(collection) == mem_special(SPECIAL_CLASS_STRING))
    result = fetch(collection, index, true);
  else
    return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (result != PRIM_FAILED) obj_put_raw(args[0], STREAM_POSITION, index);
  return result;
}

oop prim_next_put(oop *args, uint32_t argc) {
  uint32_t position, limit;
  if (!stream_state(args[0], STREAM_WRITE_LIMIT, &position, &limit)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (position >= limit) return prim_fail(PRIM_ERR_BAD_INDEX);
  if (obj_is_immutable(args[0])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  oop collection = obj_slot(args[0], STREAM_COLLECTION), result;
  oop index = int_oop((int32_t)position + 1);
  if (oop_is_array(collection) || oop_has_class_index(collection, CIX_BYTE_ARRAY))
    result = store(collection, index, args[1], false);
  else if (oop_is_pointer(collection) && mem_class_of(collection) == mem_special(SPECIAL_CLASS_STRING))
    result = store(collection, index, args[1], true);
  else
    return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (result != PRIM_FAILED) obj_put_raw(args[0], STREAM_POSITION, index);
  return result;
}

oop prim_at_end(oop *args, uint32_t argc) {
  uint32_t position, limit;
  if (!stream_state(args[0], STREAM_READ_LIMIT, &position, &limit)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  return mem_bool(position >= limit);
}
