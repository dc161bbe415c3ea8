/* value.c: where values are while a method is translated (emit.h). */
#include "translator/emit.h"

static uint64_t valid_bit(uint32_t temp) { return temp < 63 ? 2ull << temp : 0; }

static struct value local_value(uint32_t local, bool in_memory) {
  return (struct value){.kind = VALUE_LOCAL, .local = local, .in_memory = in_memory};
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

void temp_push(struct tr *t, uint32_t i) {
  if (t->valid & valid_bit(i)) {
    get(t, t->local_temps + i);
    return;
  }
  temp_load(t, i);
  tee(t, t->local_temps + i);
  t->valid |= valid_bit(i);
}

void temp_set(struct tr *t, uint32_t i) {
  set(t, t->local_x);
  /* Entries that were equal to the old value keep it. */
  for (uint32_t d = 0; d < t->depth; d++) {
    if (t->stack[d].kind != VALUE_TEMP || t->stack[d].temp != i) continue;
    get(t, t->local_temps + i);
    set(t, t->local_stack + d);
    t->stack[d] = local_value(t->local_stack + d, t->stack[d].in_memory);
  }
  uint32_t offset;
  temp_address(t, i, &offset);
  get(t, t->local_x);
  tee(t, t->local_temps + i);
  store(t, offset);
  t->valid |= valid_bit(i);
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

void value_push(struct tr *t, uint32_t d) {
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

void stack_push_local(struct tr *t) {
  set(t, t->local_stack + t->depth);
  stack_push_value(t, local_value(t->local_stack + t->depth, false));
}

void stack_push_const(struct tr *t, oop o) {
  stack_push_value(t, (struct value){.kind = VALUE_CONST, .constant = o});
}

void stack_pop(struct tr *t, uint32_t n) { t->depth -= n; }

static void spill(struct tr *t, uint32_t d) {
  if (t->stack[d].kind == VALUE_MEMORY || t->stack[d].in_memory) return;
  get(t, 0);
  value_push(t, d);
  store(t, slot_offset(t, d));
}

void stack_flush(struct tr *t, uint32_t n) {
  for (uint32_t d = 0; d < n; d++) {
    spill(t, d);
    t->stack[d].in_memory = true;
  }
}

void stack_forget(struct tr *t) {
  for (uint32_t d = 0; d < t->depth; d++)
    t->stack[d] = (struct value){.kind = VALUE_MEMORY, .in_memory = true};
  t->valid = 0;
}

void cold_spill(struct tr *t, uint32_t n) {
  for (uint32_t d = 0; d < n; d++) spill(t, d);
}

void cold_reload(struct tr *t, uint32_t n) {
  for (uint32_t d = 0; d < n; d++) {
    const struct value *v = &t->stack[d];
    /* An entry made by dup shares the local of the one below, which is loaded by that. */
    if (v->kind != VALUE_LOCAL || v->local != t->local_stack + d) continue;
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
    if ((t->valid & valid_bit(i)) == 0) continue;
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

void emit_return_if_bail(struct tr *t, uint32_t local) {
  get(t, local);
  op(t, W_I32_EQZ);
  begin(t, W_IF, 0);
  if (t->is_home) {
    get(t, 0);
    call(t, TRH_UNWOUND);
  } else {
    constant(t, RESULT_BAIL);
  }
  op(t, W_RETURN);
  end(t);
}

/* ---- objects ---- */

void emit_barrier(struct tr *t, uint32_t object, uint32_t value) {
  /* young value, old object: the remembered set decides the rest */
  get(t, value);
  constant(t, OOP_TAG_MASK);
  op(t, W_I32_AND);
  op(t, W_I32_EQZ);
  get(t, value);
  constant(t, t->env->new_end);
  op(t, W_I32_LT_U);
  op(t, W_I32_AND);
  get(t, object);
  constant(t, t->env->new_end);
  op(t, W_I32_GE_U);
  op(t, W_I32_AND);
  begin(t, W_IF, 0);
  get(t, object);
  call(t, TRH_REMEMBER);
  end(t);
}

enum { SLOT_COUNT_BYTE = 7, OVERFLOW_COUNT_BEFORE = 8 };

void emit_slots(struct tr *t, uint32_t local) {
  get(t, local);
  wasm_emit(t->f, W_I32_LOAD8_U, SLOT_COUNT_BYTE, 0);
  tee(t, t->local_y);
  constant(t, HDR_SLOTS_OVERFLOW);
  op(t, W_I32_EQ);
  begin(t, W_IF, 0);
  get(t, local);
  constant(t, OVERFLOW_COUNT_BEFORE);
  op(t, W_I32_SUB);
  load(t, 0);
  set(t, t->local_y);
  end(t);
  get(t, t->local_y);
}
