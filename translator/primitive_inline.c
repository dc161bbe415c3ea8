/* primitive_inline.c: the primitives that are called most, as instructions (emit.h). Each returns the answer
 * from the function, or goes on to the call of the core's primitive with nothing changed: whatever is unusual
 * is left to that. Nothing here collects. */
#include "interpreter/lookup.h"
#include "translator/emit.h"

/* Each stands in a block that a branch leaves to go on to the core. In an `if` it is one further out. */
enum { CORE = 0 };

/* ---- operands ---- */

static void push_argument(struct tr *t, uint32_t i) {
  get(t, t->local_base);
  load(t, 4 * (i + 1));
}

/* The test on the wasm stack must be true. */
static void require(struct tr *t, uint32_t label) {
  op(t, W_I32_EQZ);
  br_rarely(t, label);
}

static void require_object(struct tr *t, uint32_t local) {
  get(t, local);
  constant(t, OOP_TAG_MASK);
  op(t, W_I32_AND);
  br_rarely(t, CORE);
}

static void push_and(struct tr *t, uint32_t local, uint32_t mask) {
  get(t, local);
  constant(t, mask);
  op(t, W_I32_AND);
}

static void push_format(struct tr *t, uint32_t local) {
  get(t, local);
  load_byte(t, HEADER_FORMAT_BYTE);
  constant(t, HDR_FORMAT_MASK);
  op(t, W_I32_AND);
}

/* Returns the small natural number on the wasm stack. */
static void return_int(struct tr *t) {
  tag_int(t);
  op(t, W_RETURN);
}

/* ---- new ---- */

/* Goes on to the core unless the class in local_self has the class index in `index_local`. */
static void require_class_index(struct tr *t, uint32_t index_local) {
  emit_class_page(t, index_local);
  tee(t, t->local_x);
  constant(t, t->env->nil);
  op(t, W_I32_EQ);
  br_rarely(t, CORE);
  get(t, t->local_x);
  emit_class_in_page(t, index_local);
  get(t, t->local_self);
  op(t, W_I32_NE);
  br_rarely(t, CORE);
}

/* Returns a new instance of the class in local_self: local_cond is its format, local_y its slots, local_wide
 * two words to fill it with. As mem_new() does it. */
static void return_new(struct tr *t) {
  const uint32_t bytes = t->local_base, header = t->local_cond;
  get(t, t->local_y);
  constant(t, HDR_SLOTS_OVERFLOW);
  op(t, W_I32_GE_U);
  br_rarely(t, CORE);
  get(t, t->local_self);
  load(t, 4);
  constant(t, HDR_HASH_MASK);
  op(t, W_I32_AND);
  set(t, bytes);
  require_class_index(t, bytes);
  get(t, header);
  constant(t, HDR_FORMAT_SHIFT);
  op(t, W_I32_SHL);
  get(t, bytes);
  op(t, W_I32_OR);
  set(t, header);
  get(t, t->local_y); /* a body has one slot at least */
  get(t, t->local_y);
  op(t, W_I32_EQZ);
  op(t, W_I32_ADD);
  constant(t, 2);
  op(t, W_I32_SHL);
  constant(t, HDR_BYTES + 7);
  op(t, W_I32_ADD);
  constant(t, (uint32_t)-8);
  op(t, W_I32_AND);
  set(t, bytes);
  emit_eden_room(t, t->local_x);
  get(t, bytes);
  op(t, W_I32_LT_U);
  br_rarely(t, CORE);
  get(t, t->local_x);
  get(t, header);
  store(t, 0);
  get(t, t->local_x);
  get(t, t->local_y);
  constant(t, HDR_SLOTS_SHIFT);
  op(t, W_I32_SHL);
  store(t, 4);
  const uint32_t end_of_body = t->local_base, at = t->local_y;
  constant(t, t->env->eden_free);
  get(t, t->local_x);
  get(t, bytes);
  op(t, W_I32_ADD);
  tee(t, end_of_body);
  store(t, 0);
  get(t, t->local_x);
  set(t, at);
  begin(t, W_LOOP, 0);
  get(t, at);
  constant(t, 8);
  op(t, W_I32_ADD);
  tee(t, at);
  get(t, t->local_wide);
  wasm_emit(t->f, W_I64_STORE, 0, ALIGN_8);
  get(t, at);
  constant(t, 8);
  op(t, W_I32_ADD);
  get(t, end_of_body);
  op(t, W_I32_LT_U);
  br_if(t, 0);
  end(t);
  get(t, t->local_x);
  op(t, W_RETURN);
}

enum {
  CLASS_SIZE_OF_TAGGED = 0x1FFFE, /* instance size in a class's format word */
  CLASS_SPEC_SHIFT_OF_TAGGED = 17
};

/* Goes on unless local_self is a class; leaves its format word, a SmallInteger, in local_y. */
static void load_class_format(struct tr *t) {
  require_object(t, t->local_self);
  push_format(t, t->local_self);
  constant(t, FMT_FIXED);
  op(t, W_I32_NE);
  br_rarely(t, CORE);
  get(t, t->local_self);
  load_byte(t, HEADER_SLOTS_BYTE);
  constant(t, CLASS_FORMAT);
  op(t, W_I32_LE_U);
  br_rarely(t, CORE);
  get(t, t->local_self);
  load(t, HDR_BYTES + 4 * CLASS_FORMAT);
  set(t, t->local_y);
}

static void fill_with(struct tr *t, uint32_t word) {
  wasm_emit(t->f, W_I64_CONST, word, word);
  set(t, t->local_wide);
}

static void push_fixed_fields(struct tr *t) {
  push_and(t, t->local_y, CLASS_SIZE_OF_TAGGED);
  constant(t, 1);
  op(t, W_I32_SHR_U);
}

/* new, of a class without indexed fields */
static void emit_new(struct tr *t) {
  load_class_format(t);
  push_and(t, t->local_y, ~(uint32_t)(CLASS_SIZE_OF_TAGGED | FMT_FIXED << CLASS_SPEC_SHIFT_OF_TAGGED));
  constant(t, OOP_INT_TAG);
  op(t, W_I32_NE);
  br_rarely(t, CORE);
  get(t, t->local_y);
  constant(t, CLASS_SPEC_SHIFT_OF_TAGGED);
  op(t, W_I32_SHR_U);
  set(t, t->local_cond);
  push_fixed_fields(t);
  set(t, t->local_y);
  fill_with(t, t->env->nil);
  return_new(t);
}

/* new:, of Arrays and their like, and of bytes */
static void emit_new_with_size(struct tr *t) {
  load_class_format(t);
  push_and(t, t->local_y, OOP_INT_TAG);
  require(t, CORE);
  push_argument(t, 0);
  tee(t, t->local_x);
  constant(t, OOP_INT_TAG);
  op(t, W_I32_AND);
  require(t, CORE);
  get(t, t->local_x);
  constant(t, 1);
  op(t, W_I32_SHR_U);
  tee(t, t->local_x);
  constant(t, HDR_SLOTS_OVERFLOW * 4);
  op(t, W_I32_GE_U);
  br_rarely(t, CORE);
  get(t, t->local_y);
  constant(t, CLASS_SPEC_SHIFT_OF_TAGGED);
  op(t, W_I32_SHR_U);
  tee(t, t->local_cond);
  constant(t, FMT_INDEXABLE);
  op(t, W_I32_EQ);
  begin(t, W_IF, 0);
  push_fixed_fields(t);
  get(t, t->local_x);
  op(t, W_I32_ADD);
  set(t, t->local_y);
  fill_with(t, t->env->nil);
  op(t, W_ELSE);
  get(t, t->local_cond);
  constant(t, FMT_8);
  op(t, W_I32_NE);
  br_rarely(t, CORE + 1);
  constant(t, 0);
  get(t, t->local_x);
  op(t, W_I32_SUB);
  constant(t, 3);
  op(t, W_I32_AND);
  get(t, t->local_cond);
  op(t, W_I32_OR);
  set(t, t->local_cond);
  get(t, t->local_x);
  constant(t, 3);
  op(t, W_I32_ADD);
  constant(t, 2);
  op(t, W_I32_SHR_U);
  set(t, t->local_y);
  fill_with(t, 0);
  end(t);
  return_new(t);
}

/* ---- elements ---- */

/* The index, from 0 on, in local_cond; unsigned, what is out of range below is out of range above. The format
 * of the receiver, an object, in local_x. */
static void load_index_and_format(struct tr *t) {
  require_object(t, t->local_self);
  push_argument(t, 0);
  tee(t, t->local_cond);
  constant(t, OOP_INT_TAG);
  op(t, W_I32_AND);
  require(t, CORE);
  get(t, t->local_cond);
  constant(t, 1);
  op(t, W_I32_SHR_S);
  constant(t, 1);
  op(t, W_I32_SUB);
  set(t, t->local_cond);
  push_format(t, t->local_self);
  set(t, t->local_x);
}

static void push_is_array(struct tr *t) {
  get(t, t->local_x);
  constant(t, FMT_INDEXABLE);
  op(t, W_I32_EQ);
}

static void require_bytes(struct tr *t) {
  push_and(t, t->local_x, HDR_FORMAT_MASK & ~7u);
  constant(t, FMT_8);
  op(t, W_I32_NE);
  br_rarely(t, CORE);
}

static void push_byte_size(struct tr *t) {
  emit_slots(t, t->local_self);
  constant(t, 2);
  op(t, W_I32_SHL);
  push_and(t, t->local_x, 7);
  op(t, W_I32_SUB);
}

/* The size is on the wasm stack. */
static void require_index(struct tr *t, uint32_t label) {
  get(t, t->local_cond);
  op(t, W_I32_LE_U);
  br_rarely(t, label);
}

static void push_slot_base(struct tr *t) {
  get(t, t->local_self);
  get(t, t->local_cond);
  constant(t, 2);
  op(t, W_I32_SHL);
  op(t, W_I32_ADD);
}

static void push_byte_base(struct tr *t) {
  get(t, t->local_self);
  get(t, t->local_cond);
  op(t, W_I32_ADD);
}

/* The byte of a bytes object at the index. */
static void push_byte(struct tr *t) {
  require_bytes(t);
  push_byte_size(t);
  require_index(t, CORE);
  push_byte_base(t);
  load_byte(t, HDR_BYTES);
}

static void emit_basic_at(struct tr *t) {
  load_index_and_format(t);
  push_is_array(t);
  begin(t, W_IF, 0);
  emit_slots(t, t->local_self);
  require_index(t, CORE + 1);
  push_slot_base(t);
  load(t, HDR_BYTES);
  op(t, W_RETURN);
  end(t);
  push_byte(t);
  return_int(t);
}

static void emit_string_at(struct tr *t) {
  load_index_and_format(t);
  push_byte(t);
  constant(t, 2);
  op(t, W_I32_SHL);
  constant(t, OOP_CHAR_TAG);
  op(t, W_I32_OR);
  op(t, W_RETURN);
}

static void require_mutable(struct tr *t) {
  get(t, t->local_self);
  load(t, 0);
  constant(t, HDR_IMMUTABLE);
  op(t, W_I32_AND);
  br_rarely(t, CORE);
}

/* Stores the second argument as a byte: it must be an immediate with the tag, of at most 8 bits. */
static void store_byte(struct tr *t, uint32_t tag, uint32_t shift) {
  require_bytes(t);
  push_byte_size(t);
  require_index(t, CORE);
  push_argument(t, 1);
  tee(t, t->local_x);
  constant(t, tag);
  op(t, W_I32_SUB);
  tee(t, t->local_y);
  constant(t, ~(255u << shift));
  op(t, W_I32_AND);
  br_rarely(t, CORE);
  push_byte_base(t);
  get(t, t->local_y);
  constant(t, shift);
  op(t, W_I32_SHR_U);
  wasm_emit(t->f, W_I32_STORE8, HDR_BYTES, 0);
  get(t, t->local_x);
  op(t, W_RETURN);
}

static void emit_basic_at_put(struct tr *t) {
  load_index_and_format(t);
  require_mutable(t);
  push_is_array(t);
  begin(t, W_IF, 0);
  emit_slots(t, t->local_self);
  require_index(t, CORE + 1);
  push_slot_base(t);
  push_argument(t, 1);
  tee(t, t->local_x);
  store(t, HDR_BYTES);
  emit_barrier(t, t->local_self, t->local_x);
  get(t, t->local_x);
  op(t, W_RETURN);
  end(t);
  store_byte(t, OOP_INT_TAG, 1);
}

static void emit_string_at_put(struct tr *t) {
  load_index_and_format(t);
  require_mutable(t);
  store_byte(t, OOP_CHAR_TAG, 2);
}

static void emit_basic_size(struct tr *t) {
  require_object(t, t->local_self);
  push_format(t, t->local_self);
  set(t, t->local_x);
  push_is_array(t);
  begin(t, W_IF, 0);
  emit_slots(t, t->local_self);
  return_int(t);
  end(t);
  require_bytes(t);
  push_byte_size(t);
  return_int(t);
}

/* ---- hashes, Characters, bits ---- */

static void emit_identity_hash(struct tr *t) {
  require_object(t, t->local_self);
  get(t, t->local_self);
  load(t, 4);
  constant(t, HDR_HASH_MASK);
  op(t, W_I32_AND);
  tee(t, t->local_x);
  require(t, CORE);
  get(t, t->local_x);
  return_int(t);
}

static void emit_as_character(struct tr *t) {
  push_and(t, t->local_self, OOP_INT_TAG);
  require(t, CORE);
  get(t, t->local_self);
  constant(t, (uint32_t)int_oop(0));
  op(t, W_I32_LT_S);
  br_rarely(t, CORE);
  get(t, t->local_self);
  constant(t, OOP_INT_TAG);
  op(t, W_I32_SUB);
  constant(t, 1);
  op(t, W_I32_SHL);
  constant(t, OOP_CHAR_TAG);
  op(t, W_I32_OR);
  op(t, W_RETURN);
}

/* Of a Character. The receiver is a SmallInteger besides in few images. */
static void emit_as_integer(struct tr *t) {
  push_and(t, t->local_self, OOP_TAG_MASK);
  constant(t, OOP_CHAR_TAG);
  op(t, W_I32_NE);
  br_rarely(t, CORE);
  get(t, t->local_self);
  constant(t, 2);
  op(t, W_I32_SHR_U);
  return_int(t);
}

static void emit_bit_xor(struct tr *t) {
  push_and(t, t->local_self, OOP_INT_TAG);
  push_argument(t, 0);
  op(t, W_I32_AND);
  require(t, CORE);
  get(t, t->local_self);
  push_argument(t, 0);
  op(t, W_I32_XOR);
  constant(t, OOP_INT_TAG);
  op(t, W_I32_OR);
  op(t, W_RETURN);
}

/* ---- perform: ---- */

/* Calls what the selector names, when that has a table slot, with the arguments moved down by one. */
static void emit_perform(struct tr *t) {
  get(t, 0);
  constant(t, t->cfg->num_args);
  call(t, TRH_PERFORM);
  tee(t, t->local_x);
  require(t, CORE);
  get(t, 0);
  constant(t, 4);
  op(t, W_I32_SUB);
  get(t, t->local_x);
  wasm_emit(t->f, W_CALL_INDIRECT, WASM_TYPE_METHOD, 0);
  op(t, W_RETURN);
}

/* ---- the table ---- */

/* X(number, arguments, emitter): a primitive with another number of arguments, a mirror primitive, is left to
 * the core. */
#define INLINE_PRIMITIVES(X)   \
  X(16, 1, emit_bit_xor)       \
  X(60, 1, emit_basic_at)      \
  X(61, 2, emit_basic_at_put)  \
  X(62, 0, emit_basic_size)    \
  X(63, 1, emit_string_at)     \
  X(64, 2, emit_string_at_put) \
  X(70, 0, emit_new)           \
  X(71, 1, emit_new_with_size) \
  X(75, 0, emit_identity_hash) \
  X(170, 0, emit_as_character) \
  X(171, 0, emit_as_integer)

void emit_inline_primitive(struct tr *t) {
  enum { PERFORM = 83 };
  void (*emit)(struct tr * t) = NULL;
  switch (t->env->primitive) {
#define X(number, arguments, emitter) \
  case number: emit = t->cfg->num_args == (arguments) ? (emitter) : NULL; break;
    INLINE_PRIMITIVES(X)
#undef X
    case PERFORM: emit = t->cfg->num_args > 0 ? emit_perform : NULL; break;
    default: break;
  }
  /* Images of the formats before Spur have other classes, Characters and hashes. */
  if (emit == NULL || mem_conventions.v3) return;
  get(t, 0);
  constant(t, 4 * (t->cfg->num_args + 1));
  op(t, W_I32_SUB);
  tee(t, t->local_base);
  load(t, 0);
  set(t, t->local_self);
  begin(t, W_BLOCK, 0);
  emit(t);
  end(t);
}
