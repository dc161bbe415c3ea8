/* sends.c: ordinary and super sends through inline caches (emit.h). */
#include "translator/emit.h"

addr new_site(struct tr *t, uint32_t selector, uint32_t num_args, bool special) {
  const addr site = t->env->sites + t->site_count * (uint32_t)sizeof(struct tr_site);
  *AT(struct tr_site, site) = (struct tr_site){
      .selector = selector, .num_args = num_args, .method_cell = t->env->method_cell, .is_special = special};
  t->site_count++;
  return site;
}

void emit_class_index(struct tr *t, uint32_t local) {
  get(t, local);
  constant(t, OOP_TAG_MASK);
  op(t, W_I32_AND);
  begin(t, W_IF, WASM_I32);
  constant(t, CIX_SMALLINTEGER);
  constant(t, CIX_CHARACTER);
  get(t, local);
  constant(t, OOP_INT_TAG);
  op(t, W_I32_AND);
  op(t, W_SELECT);
  op(t, W_ELSE);
  get(t, local);
  load(t, 0);
  constant(t, HDR_CLASS_MASK);
  op(t, W_I32_AND);
  end(t);
}

/* ---- direct calls ----
 *
 * A call through the table costs more than the rest of a short method. So a send whose selector one of the
 * module's own methods has compares the cell's first way, class index and slot in one, with that method's
 * slot, and calls the function directly. A cleared cell matches nothing: that disarms the direct call too. */

enum { NO_TARGET = -1, WAY_ALIGNMENT = 3 /* log2 */ };

/* The function that a send of the selector is likely to reach: the method itself, or another of the module.
 */
static int32_t find_target(const struct tr *t, oop selector) {
  const struct tr_env *env = t->env;
  if (env->target_count > 0 && env->targets[env->own_target].selector == selector)
    return (int32_t)env->own_target;
  for (uint32_t i = 0; i < env->target_count; i++)
    if (env->targets[i].selector == selector) return (int32_t)i;
  return NO_TARGET;
}

static void link_callee(struct tr *t, uint32_t callee_fp) {
  get(t, 0);
  get(t, 0);
  store(t, callee_fp + FRAME_SAVED_FP);
  get(t, 0);
  constant(t, callee_fp);
  op(t, W_I32_ADD);
}

/* Leaves the block around it with the result in local_x, or goes on. */
static void try_direct(struct tr *t, addr site, int32_t target) {
  enum { OTHER = 0, CALLED = 1 };
  begin(t, W_BLOCK, 0);
  get(t, t->local_y);
  op(t, W_I64_EXTEND_I32_S);
  wasm_emit(t->f, W_I64_CONST, 0, t->env->targets[target].slot);
  op(t, W_I64_OR);
  constant(t, site);
  wasm_emit(t->f, W_I64_LOAD, 0, WAY_ALIGNMENT);
  op(t, W_I64_NE);
  br_if(t, OTHER);
  link_callee(t, slot_offset(t, t->depth));
  wasm_emit(t->f, W_CALL, TRH_COUNT + (uint32_t)target, 0);
  set(t, t->local_x);
  br(t, CALLED);
  end(t);
}

/* ---- ways ---- */

/* Loads the way's slot into local_x and pushes whether it is for the class. */
static void try_way(struct tr *t, addr site, uint32_t i) {
  const uint32_t way = i * (uint32_t)sizeof(struct tr_way);
  constant(t, site);
  load(t, way + offsetof(struct tr_way, slot));
  set(t, t->local_x);
  get(t, t->local_y);
  constant(t, site);
  load(t, way + offsetof(struct tr_way, class_index));
  op(t, W_I32_EQ);
}

/* Methods that answer an instance variable or a constant need no call. Leaves the second block around it with
 * the answer in local_x, or goes on. */
static void try_value(struct tr *t, addr site) {
  enum { CALLED = 2 };
  get(t, t->local_y);
  constant(t, site);
  load(t, offsetof(struct tr_site, value_class));
  op(t, W_I32_EQ);
  begin(t, W_IF, 0);
  get(t, 0);
  load(t, slot_offset(t, t->depth - 1));
  constant(t, site);
  load(t, offsetof(struct tr_site, value_mask));
  op(t, W_I32_AND);
  constant(t, site);
  load(t, offsetof(struct tr_site, value_at));
  op(t, W_I32_ADD);
  load(t, 0);
  set(t, t->local_x);
  br(t, CALLED);
  end(t);
}

/* ---- sends ---- */

/* Receiver and arguments are in the frame, and local_y has what the site's cell is compared with: calls what
 * the first way that matches says, or the helper. The result is pushed. */
static void call_by_site(struct tr *t, addr site, uint32_t num_args, int32_t target, enum tr_helper helper) {
  enum { HIT = 0, CALLED = 1 };
  begin(t, W_BLOCK, 0);
  if (target != NO_TARGET) try_direct(t, site, target);
  begin(t, W_BLOCK, 0);
  try_way(t, site, 0);
  br_if(t, HIT);
  if (helper == TRH_SEND) {
    if (num_args == 0) try_value(t, site);
    try_way(t, site, 1);
    br_if(t, HIT);
    constant(t, site);
    get(t, t->local_y);
    call(t, TRH_FIND);
    tee(t, t->local_x);
    br_if(t, HIT);
  }
  get(t, 0);
  push_sp(t, t->depth);
  constant(t, site);
  call(t, helper);
  set(t, t->local_x);
  br(t, CALLED);
  end(t);
  link_callee(t, slot_offset(t, t->depth));
  get(t, t->local_x);
  wasm_emit(t->f, W_CALL_INDIRECT, WASM_TYPE_METHOD, 0);
  set(t, t->local_x);
  end(t);
  stack_pop(t, num_args + 1);
  stack_forget(t);
  get(t, t->local_x);
  stack_push_local(t);
  emit_return_if_bail(t, t->local_stack + t->depth - 1);
}

void emit_send(struct tr *t, uint32_t selector, uint32_t num_args, bool special) {
  const uint32_t rcvr = t->depth - num_args - 1;
  const addr site = new_site(t, selector, num_args, special);
  AT(struct tr_site, site)->loads_value = num_args == 0;
  stack_flush(t, t->depth);
  put_pc(t, t->insn->next);
  value_push(t, rcvr);
  set(t, t->local_x);
  emit_class_index(t, t->local_x);
  set(t, t->local_y);
  const oop name = special ? obj_slot(mem_special(SPECIAL_SPECIAL_SELECTORS), 2 * selector)
                           : method_literal(t->method, selector);
  call_by_site(t, site, num_args, find_target(t, name), TRH_SEND);
}

void emit_send_pushed(struct tr *t, uint32_t index, uint32_t depth, uint32_t num_args) {
  const addr site = new_site(t, index, num_args, true);
  push_sp(t, depth);
  constant(t, site);
  call(t, TRH_FIND_PUSHED);
  tee(t, t->local_x);
  begin(t, W_IF, WASM_I32);
  link_callee(t, slot_offset(t, depth));
  get(t, t->local_x);
  wasm_emit(t->f, W_CALL_INDIRECT, WASM_TYPE_METHOD, 0);
  op(t, W_ELSE);
  get(t, 0);
  push_sp(t, depth);
  constant(t, site);
  call(t, TRH_SEND);
  end(t);
  set(t, t->local_x);
}

void emit_send_super(struct tr *t, uint32_t selector, uint32_t num_args) {
  const addr site = new_site(t, selector, num_args, false);
  stack_flush(t, t->depth);
  put_pc(t, t->insn->next);
  constant(t, TR_SITE_ANY_CLASS);
  set(t, t->local_y);
  call_by_site(t, site, num_args, find_target(t, method_literal(t->method, selector)), TRH_SEND_SUPER);
}
