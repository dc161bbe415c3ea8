/* value.c: where values are while a method is translated (emit.h). */
#include "translator/emit.h"

static uint64_t valid_bit(uint32_t temp) { return temp < 63 ? 2ull << temp : 0; }

static struct value local_value(uint32_t local, bool in_memory) {
  return (struct value){.kind = VALUE_LOCAL, .local = local, .in_memory = in_memory, .type = TYPE_ANY};
}

/* ---- temporaries and receiver ---- */

static void temp_address(struct tr *t, uint32_t i, uint32_t *offset) {
  if (i < t->cfg->num_args) {
    get(t, t->local_base);
    *offset = 4 * (i + 1);
  } else {
    get(t, 0);
    *offset = FRAME_TEMPS + 4 * (i - t->cfg->num_args);
  }
}

static void temp_load(struct tr *t, uint32_t i) {
  uint32_t offset;
  temp_address(t, i, &offset);
  load(t, offset);
}

void temp_validate(struct tr *t, uint32_t i) {
  if (t->valid & valid_bit(i)) return;
  temp_load(t, i);
  set(t, t->local_temps + i);
  t->valid |= valid_bit(i);
}

static uint8_t temp_type(const struct tr *t, uint32_t i) {
  return i < TYPES_MAX_TEMPS ? t->temp_types[i] : (uint8_t)TYPE_ANY;
}

/* ---- boxes ---- */

static void push_float_words(struct tr *t, uint32_t number) {
  enum { WORD_BITS = 32 };
  get(t, number);
  op(t, W_I64_REINTERPRET_F64);
  op(t, W_I32_WRAP_I64);
  get(t, number);
  op(t, W_I64_REINTERPRET_F64);
  wasm_emit(t->f, W_I64_CONST, WORD_BITS, 0);
  op(t, W_I64_SHR_U);
  op(t, W_I32_WRAP_I64);
}

enum { FLOAT_SLOTS = 2, FLOAT_BYTES = HDR_BYTES + 8 };

void emit_eden_room(struct tr *t, uint32_t end) {
  constant(t, t->env->eden_limit);
  load(t, 0);
  constant(t, t->env->eden_free);
  load(t, 0);
  tee(t, end);
  op(t, W_I32_SUB);
}

void emit_new_float(struct tr *t, uint32_t box, uint32_t number) {
  emit_eden_room(t, box);
  constant(t, FLOAT_BYTES);
  op(t, W_I32_LT_U);
  begin_rarely(t);
  push_float_words(t, number);
  call(t, TRH_NEW_FLOAT);
  set(t, box);
  op(t, W_ELSE);
  get(t, box);
  wasm_emit(t->f, W_I64_CONST, FMT_32 << HDR_FORMAT_SHIFT | CIX_FLOAT, FLOAT_SLOTS << HDR_SLOTS_SHIFT);
  wasm_emit(t->f, W_I64_STORE, 0, ALIGN_8);
  get(t, box);
  get(t, number);
  wasm_emit(t->f, W_F64_STORE, HDR_BYTES, ALIGN_8);
  constant(t, t->env->eden_free);
  get(t, box);
  constant(t, FLOAT_BYTES);
  op(t, W_I32_ADD);
  store(t, 0);
  end(t);
}

/* Boxes an unboxed Float. */
static void emit_box(struct tr *t, uint32_t box, uint32_t number, bool cold) {
  get(t, box);
  op(t, W_I32_EQZ);
  begin(t, W_IF, 0);
  if (cold) {
    push_float_words(t, number);
    call(t, TRH_NEW_FLOAT);
    set(t, box);
  } else {
    emit_new_float(t, box, number);
  }
  end(t);
}

static void temp_box(struct tr *t, uint32_t i, bool cold) {
  if (temp_type(t, i) & TYPE_FLOAT) emit_box(t, t->local_temps + i, t->local_float_temps + i, cold);
}

/* ---- temporaries, again ---- */

void temp_push(struct tr *t, uint32_t i) {
  temp_validate(t, i);
  temp_box(t, i, false);
  get(t, t->local_temps + i);
}

static void temp_write(struct tr *t, uint32_t i, bool cold) {
  uint32_t offset;
  temp_box(t, i, cold);
  temp_address(t, i, &offset);
  get(t, t->local_temps + i);
  store(t, offset);
}

/* The temporaries of a set into the frame. */
static void write_temps(struct tr *t, uint64_t which, bool cold) {
  for (uint32_t i = 0; i < t->cfg->num_temps; i++)
    if (which & valid_bit(i)) temp_write(t, i, cold);
}

static void temps_flush(struct tr *t, uint64_t which) {
  write_temps(t, t->dirty & which, false);
  t->dirty &= ~which;
}

/* The local of temporary i was set. */
static void temp_changed(struct tr *t, uint32_t i, uint8_t type) {
  if (i >= TYPES_MAX_TEMPS) {
    temp_write(t, i, false);
    return;
  }
  t->temp_types[i] = type;
  t->valid |= valid_bit(i);
  t->dirty |= valid_bit(i);
}

void temp_init(struct tr *t, uint32_t i) {
  set(t, t->local_temps + i);
  temp_changed(t, i, TYPE_ANY);
}

/* Entries that are equal to the temporary's value keep it when that changes. */
static void keep_equal_entries(struct tr *t, uint32_t i) {
  for (uint32_t d = 0; d < t->depth; d++) {
    struct value *v = &t->stack[d];
    if (v->kind != VALUE_TEMP || v->temp != i) continue;
    temp_push(t, i);
    set(t, t->local_stack + d);
    *v = local_value(t->local_stack + d, v->in_memory);
    v->type = temp_type(t, i);
    if (v->type == TYPE_FLOAT) {
      get(t, t->local_float_temps + i);
      set(t, t->local_float_stack + d);
    } else if (v->type & TYPE_FLOAT) {
      v->type = TYPE_ANY; /* it was boxed */
    }
  }
}

void temp_assign(struct tr *t, uint32_t i) {
  const uint32_t top = t->depth - 1;
  value_materialize(t, top);
  if (t->stack[top].kind == VALUE_TEMP && t->stack[top].temp == i) return;
  t->depth--;
  keep_equal_entries(t, i);
  t->depth++;
  struct value *v = &t->stack[top];
  const uint8_t type = value_type(t, top);
  /* Two locals with one Float share its box. */
  const bool is_shared =
      v->kind == VALUE_TEMP || (v->kind == VALUE_LOCAL && v->local != t->local_stack + top);
  if (is_shared || i >= TYPES_MAX_TEMPS || t->types.shared)
    value_push(t, top);
  else
    value_push_local(t, top);
  set(t, t->local_temps + i);
  if ((type & TYPE_FLOAT) != 0 && i < TYPES_MAX_TEMPS && !t->types.shared) {
    get(t, value_float_local(t, top));
    set(t, t->local_float_temps + i);
  }
  temp_changed(t, i, t->types.shared ? (uint8_t)TYPE_ANY : type);
  if (v->kind == VALUE_LOCAL && i < TYPES_MAX_TEMPS)
    *v = (struct value){.kind = VALUE_TEMP, .temp = i, .in_memory = v->in_memory};
}

void self_push(struct tr *t) {
  if ((t->valid & 1) == 0) {
    get(t, 0);
    load(t, FRAME_RECEIVER);
    tee(t, t->local_self);
    t->valid |= 1;
  } else {
    get(t, t->local_self);
  }
}

/* ---- the operand stack ---- */

uint8_t value_type(const struct tr *t, uint32_t d) {
  const struct value *v = &t->stack[d];
  switch (v->kind) {
    case VALUE_LOCAL: return v->type;
    case VALUE_CONST: return oop_is_int(v->constant) ? TYPE_INT : TYPE_OBJECT;
    case VALUE_TEMP: return temp_type(t, v->temp);
    case VALUE_SELF: return types_of_self(&t->types);
    default: return TYPE_ANY;
  }
}

uint32_t value_float_local(const struct tr *t, uint32_t d) {
  const struct value *v = &t->stack[d];
  return v->kind == VALUE_TEMP ? t->local_float_temps + v->temp
                               : t->local_float_stack + (v->local - t->local_stack);
}

void value_push_local(struct tr *t, uint32_t d) {
  const struct value *v = &t->stack[d];
  switch (v->kind) {
    case VALUE_MEMORY:
      get(t, 0);
      load(t, slot_offset(t, d));
      break;
    case VALUE_LOCAL: get(t, v->local); break;
    case VALUE_CONST: constant(t, v->constant); break;
    case VALUE_TEMP: get(t, t->local_temps + v->temp); break;
    case VALUE_SELF: get(t, t->local_self); break;
  }
}

static void value_box(struct tr *t, uint32_t d, bool cold) {
  const struct value *v = &t->stack[d];
  if ((value_type(t, d) & TYPE_FLOAT) == 0) return;
  emit_box(t, v->kind == VALUE_TEMP ? t->local_temps + v->temp : v->local, value_float_local(t, d), cold);
}

void value_push(struct tr *t, uint32_t d) {
  value_box(t, d, false);
  value_push_local(t, d);
}

void value_materialize(struct tr *t, uint32_t d) {
  if (t->stack[d].kind != VALUE_MEMORY) return;
  value_push(t, d);
  set(t, t->local_stack + d);
  t->stack[d] = local_value(t->local_stack + d, true);
}

void stack_push_value(struct tr *t, struct value v) {
  v.in_memory = false;
  t->stack[t->depth++] = v;
}

void stack_push_typed(struct tr *t, uint8_t type) {
  set(t, t->local_stack + t->depth);
  struct value v = local_value(t->local_stack + t->depth, false);
  v.type = type;
  stack_push_value(t, v);
}

void stack_push_local(struct tr *t) { stack_push_typed(t, TYPE_ANY); }

void stack_push_const(struct tr *t, oop o) {
  stack_push_value(t, (struct value){.kind = VALUE_CONST, .constant = o});
}

void stack_pop(struct tr *t, uint32_t n) { t->depth -= n; }

static void spill(struct tr *t, uint32_t d, bool cold) {
  if (t->stack[d].kind == VALUE_MEMORY || t->stack[d].in_memory) return;
  value_box(t, d, cold);
  get(t, 0);
  value_push_local(t, d);
  store(t, slot_offset(t, d));
}

void value_write(struct tr *t, uint32_t d) { spill(t, d, false); }

static void entries_flush(struct tr *t, uint32_t n) {
  for (uint32_t d = 0; d < n; d++) {
    spill(t, d, false);
    t->stack[d].in_memory = true;
  }
}

void stack_flush(struct tr *t, uint32_t n) {
  temps_flush(t, t->dirty);
  entries_flush(t, n);
}

void edge_flush(struct tr *t, int32_t to, uint32_t n) {
  if (to < 0) return;
  temps_flush(t, t->dirty & ~t->types.dirty[to]);
  for (uint32_t i = 0; i < t->cfg->num_temps && i < TYPES_MAX_TEMPS; i++)
    VM_ASSERT((t->temp_types[i] & ~t->types.temps[(uint32_t)to * TYPES_MAX_TEMPS + i]) == 0);
  entries_flush(t, n);
}

void stack_forget(struct tr *t) {
  for (uint32_t d = 0; d < t->depth; d++)
    t->stack[d] = (struct value){.kind = VALUE_MEMORY, .in_memory = true};
  for (uint32_t i = 0; i < TYPES_MAX_TEMPS; i++) t->temp_types[i] = types_after_send(t->temp_types[i]);
  t->valid = t->dirty = 0;
}

void cold_spill(struct tr *t, uint32_t n) {
  write_temps(t, t->dirty, true);
  for (uint32_t d = 0; d < n; d++) spill(t, d, true);
}

/* SmallIntegers need not be loaded again; nor does the number of a Float. */
void cold_reload(struct tr *t, uint32_t n) {
  for (uint32_t d = 0; d < n; d++) {
    const struct value *v = &t->stack[d];
    /* An entry made by dup shares the local of the one below, which is loaded by that. */
    if (v->kind != VALUE_LOCAL || v->local != t->local_stack + d || v->type == TYPE_INT) continue;
    get(t, 0);
    load(t, slot_offset(t, d));
    set(t, v->local);
  }
  if (t->valid & 1) {
    get(t, 0);
    load(t, FRAME_RECEIVER);
    set(t, t->local_self);
  }
  for (uint32_t i = 0; i < t->cfg->num_temps; i++) {
    if ((t->valid & valid_bit(i)) == 0 || temp_type(t, i) == TYPE_INT) continue;
    temp_load(t, i);
    set(t, t->local_temps + i);
  }
}

/* ---- leaving ---- */

void emit_bail(struct tr *t, uint32_t pc, uint32_t depth) {
  cold_frame(t);
  put_pc(t, pc);
  get(t, 0);
  push_sp(t, depth);
  call(t, TRH_BAIL);
  op(t, W_RETURN);
}

void emit_unfit(struct tr *t) {
  cold_frame(t);
  cold_spill(t, t->depth);
  put_pc(t, t->insn->pc);
  get(t, 0);
  push_sp(t, t->depth);
  call(t, TRH_UNFIT);
  op(t, W_RETURN);
}

void emit_return_if_bail(struct tr *t, uint32_t local) {
  get(t, local);
  op(t, W_I32_EQZ);
  begin_rarely(t);
  if (t->is_home) {
    get(t, 0);
    call(t, TRH_UNWOUND);
  } else {
    constant(t, RESULT_BAIL);
  }
  op(t, W_RETURN);
  end(t);
}

void emit_call_with_stack(struct tr *t, enum tr_helper helper, uint32_t what) {
  stack_flush(t, t->depth);
  put_pc(t, t->insn->next);
  get(t, 0);
  push_sp(t, t->depth);
  constant(t, what);
  call(t, helper);
}

/* ---- objects ---- */

void emit_barrier(struct tr *t, uint32_t object, uint32_t value) {
  /* Old object, young value: the remembered set decides the rest. Most objects that are stored into are
   * young, or what is stored is no object. */
  get(t, object);
  constant(t, t->env->new_end);
  op(t, W_I32_GE_U);
  begin_rarely(t);
  get(t, value);
  constant(t, OOP_TAG_MASK);
  op(t, W_I32_AND);
  op(t, W_I32_EQZ);
  get(t, value);
  constant(t, t->env->new_end);
  op(t, W_I32_LT_U);
  op(t, W_I32_AND);
  begin_rarely(t);
  get(t, object);
  call(t, TRH_REMEMBER);
  end(t);
  end(t);
}

enum { OVERFLOW_COUNT_BEFORE = 8 };

void emit_slots(struct tr *t, uint32_t local) {
  get(t, local);
  load_byte(t, HEADER_SLOTS_BYTE);
  tee(t, t->local_y);
  constant(t, HDR_SLOTS_OVERFLOW);
  op(t, W_I32_EQ);
  begin_rarely(t);
  get(t, local);
  constant(t, OVERFLOW_COUNT_BEFORE);
  op(t, W_I32_SUB);
  load(t, 0);
  set(t, t->local_y);
  end(t);
  get(t, t->local_y);
}

void emit_class_page(struct tr *t, uint32_t local) {
  get(t, local);
  constant(t, CLASS_TABLE_PAGE_BITS);
  op(t, W_I32_SHR_U);
  constant(t, 2);
  op(t, W_I32_SHL);
  constant(t, t->env->hidden_roots);
  load(t, 0);
  op(t, W_I32_ADD);
  load(t, HDR_BYTES);
}

void emit_class_in_page(struct tr *t, uint32_t local) {
  get(t, local);
  constant(t, CLASS_TABLE_PAGE_SLOTS - 1);
  op(t, W_I32_AND);
  constant(t, 2);
  op(t, W_I32_SHL);
  op(t, W_I32_ADD);
  load(t, HDR_BYTES);
}
