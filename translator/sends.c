/* sends.c: ordinary and super sends through inline caches (emit.h). */
#include "translator/emit.h"

#include <string.h>

enum { NO_TARGET = -1 };

/* The function of the module that has, or replaces what has, the slot. */
static int32_t target_of_slot(const struct tr_env *env, uint32_t slot) {
  for (uint32_t i = 0; i < env->target_count && slot != 0; i++)
    if (env->targets[i].slot == slot || env->targets[i].old_slot == slot) return (int32_t)i;
  return NO_TARGET;
}

/* The inline cache that the replaced translation had for the same send; NULL: none. */
static const struct tr_site *seen_by(const struct tr_env *env, const struct tr_site *site) {
  for (uint32_t i = 0; i < env->seen_site_count; i++) {
    const struct tr_site *seen = &env->seen_sites[i];
    if (seen->pc == site->pc && seen->for_code == site->for_code) return seen;
  }
  return NULL;
}

/* What it knows, with the slots that the functions of this module will have. */
static void take_over(const struct tr_env *env, struct tr_site *site) {
  const struct tr_site *seen = seen_by(env, site);
  if (seen == NULL) return;
  memcpy(site->ways, seen->ways, sizeof site->ways);
  site->value_class = seen->value_class;
  site->value_mask = seen->value_mask;
  site->value_at = seen->value_at;
  for (uint32_t i = 0; i < TR_SITE_WAYS; i++) {
    const int32_t target = target_of_slot(env, site->ways[i].slot);
    if (target != NO_TARGET) site->ways[i].slot = env->targets[target].slot;
  }
}

static struct tr_site *next_site(struct tr *t, addr *at) {
  *at = t->env->sites + t->site_count++ * (uint32_t)sizeof(struct tr_site);
  struct tr_site *site = AT(struct tr_site, *at);
  *site = (struct tr_site){.pc = t->insn->pc, .method_cell = t->env->method_cell};
  return site;
}

addr new_site(struct tr *t, uint32_t selector, uint32_t num_args, bool special) {
  addr at;
  struct tr_site *site = next_site(t, &at);
  site->selector = selector;
  site->num_args = num_args;
  site->is_special = special;
  take_over(t->env, site);
  return at;
}

addr new_code_cell(struct tr *t) {
  addr at;
  next_site(t, &at)->for_code = true;
  return at;
}

int32_t seen_block(const struct tr *t, addr cell) {
  const struct tr_site *seen = seen_by(t->env, AT(struct tr_site, cell));
  return seen != NULL ? target_of_slot(t->env, seen->ways[0].slot) : NO_TARGET;
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
 * A call through the table costs more than the rest of a short method. So where one of the module's own
 * methods is likely, by what the site has seen or else by the selector, a way of its cell is compared, class
 * index and slot in one, with that method's slot, and the function is called directly. A cleared cell matches
 * nothing: that disarms the direct call too. */

/* The function that a send of the selector is likely to reach: the method itself, or another of the module.
 */
static int32_t guess_target(const struct tr *t, oop selector) {
  const struct tr_env *env = t->env;
  if (env->target_count > 0 && env->targets[env->own_target].selector == selector)
    return (int32_t)env->own_target;
  for (uint32_t i = 0; i < env->target_count; i++)
    if (env->targets[i].selector == selector) return (int32_t)i;
  return NO_TARGET;
}

void link_callee(struct tr *t, uint32_t callee_fp) {
  get(t, 0);
  get(t, 0);
  store(t, callee_fp + FRAME_SAVED_FP);
  get(t, 0);
  constant(t, callee_fp);
  op(t, W_I32_ADD);
}

enum { DIRECT_WAYS = 3 }; /* of a site are tried */

/* Labels inside the block of an attempt, which is inside the block of the whole call. */
enum { NEXT = 0, CALLED = 1 };

/* A send on its way: receiver and arguments are entries. */
struct send {
  addr site;
  uint32_t num_args;
  bool is_certain;  /* one way alone has been seen */
  bool is_int;      /* the receiver is known to be a SmallInteger */
  bool is_deferred; /* the operands and PC are written where the call is made */
};

static void write_operands(struct tr *t, const struct send *s) {
  if (!s->is_deferred) return;
  for (uint32_t d = t->depth - s->num_args - 1; d < t->depth; d++) value_write(t, d);
  put_pc(t, t->insn->next);
}

static void call_target(struct tr *t, const struct send *s, int32_t target) {
  write_operands(t, s);
  link_callee(t, slot_offset(t, t->depth));
  wasm_emit(t->f, W_CALL, TRH_COUNT + (uint32_t)target, 0);
  set(t, t->local_x);
  br(t, CALLED);
}

/* Goes on at NEXT, with the truth on the wasm stack. */
static void go_on_if(struct tr *t, const struct send *s) {
  if (s->is_certain)
    br_rarely(t, NEXT);
  else
    br_if(t, NEXT);
}

/* Goes on at NEXT unless the site has, at that offset, the class index of local_y and that word after it. */
static void test_pair(struct tr *t, const struct send *s, uint32_t offset, uint32_t word) {
  get(t, t->local_y);
  op(t, W_I64_EXTEND_I32_S);
  wasm_emit(t->f, W_I64_CONST, 0, word);
  op(t, W_I64_OR);
  constant(t, s->site);
  wasm_emit(t->f, W_I64_LOAD, offset, ALIGN_8);
  op(t, W_I64_NE);
  go_on_if(t, s);
}

static void test_way(struct tr *t, const struct send *s, uint32_t way, uint32_t slot) {
  test_pair(t, s, way * (uint32_t)sizeof(struct tr_way), slot);
}

/* Inside the block of an attempt, whose test has passed. */
static void stand_in(struct tr *t, const struct send *s, int32_t target, bool has_int) {
  if (!s->is_deferred) return;
  const struct short_call call = {.callee = &t->env->targets[target],
                                  .rcvr = t->depth - s->num_args - 1,
                                  .has_int = has_int,
                                  .called = t->nest - CALLED};
  emit_short_call(t, &call);
}

static void try_direct(struct tr *t, const struct send *s, uint32_t way, int32_t target) {
  begin(t, W_BLOCK, 0);
  test_way(t, s, way, t->env->targets[target].slot);
  stand_in(t, s, target, false);
  call_target(t, s, target);
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

/* Methods that answer an instance variable or a constant need no call. Leaves the block of that label with
 * the answer in local_x, or goes on. */
static void try_value(struct tr *t, addr site, uint32_t called) {
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
  br(t, called + 1);
  end(t);
}

/* The same where the site has seen what answers: which it is need not be looked up. */
static void try_seen_value(struct tr *t, const struct send *s) {
  const struct tr_site *site = AT(struct tr_site, s->site);
  begin(t, W_BLOCK, 0);
  test_pair(t, s, offsetof(struct tr_site, value_class), site->value_at);
  if (site->value_mask != 0)
    value_push(t, t->depth - 1);
  else
    constant(t, 0);
  load(t, site->value_at);
  set(t, t->local_x);
  br(t, CALLED);
  end(t);
}

/* The receiver, in local_x, was a SmallInteger: its tag is looked at first, and its class index is known. */
static void try_direct_for_integer(struct tr *t, const struct send *s, uint32_t way, int32_t target) {
  begin(t, W_BLOCK, 0);
  if (!s->is_int) {
    get(t, t->local_x);
    constant(t, OOP_INT_TAG);
    op(t, W_I32_AND);
    op(t, W_I32_EQZ);
    go_on_if(t, s);
  }
  constant(t, s->site);
  wasm_emit(t->f, W_I64_LOAD, way * (uint32_t)sizeof(struct tr_way), ALIGN_8);
  wasm_emit(t->f, W_I64_CONST, CIX_SMALLINTEGER, t->env->targets[target].slot);
  op(t, W_I64_NE);
  go_on_if(t, s);
  stand_in(t, s, target, true);
  call_target(t, s, target);
  end(t);
}

/* The receiver is in local_x: its class index into local_y, before which integers may be called for. */
static void find_class(struct tr *t, const struct send *s) {
  const struct tr_way *ways = AT(struct tr_site, s->site)->ways;
  for (uint32_t i = 0; i < DIRECT_WAYS; i++) {
    const int32_t target = target_of_slot(t->env, ways[i].slot);
    if (ways[i].class_index == CIX_SMALLINTEGER && target != NO_TARGET)
      try_direct_for_integer(t, s, i, target);
  }
  if (s->is_int)
    constant(t, CIX_SMALLINTEGER);
  else
    emit_class_index(t, t->local_x);
  set(t, t->local_y);
}

/* The ways that the site has seen. Answers how many. */
static uint32_t try_seen_ways(struct tr *t, const struct send *s) {
  const addr site = s->site;
  const struct tr_way *ways = AT(struct tr_site, site)->ways;
  uint32_t seen = 0;
  if (AT(struct tr_site, site)->value_class != 0) {
    try_seen_value(t, s);
    seen++;
  }
  for (uint32_t i = 0; i < DIRECT_WAYS; i++) {
    if (ways[i].class_index == 0) continue;
    seen++;
    const int32_t target = target_of_slot(t->env, ways[i].slot);
    if (target != NO_TARGET && ways[i].class_index != CIX_SMALLINTEGER) try_direct(t, s, i, target);
  }
  return seen;
}

/* ---- sends ---- */

static bool is_certain(const struct tr_site *site) {
  uint32_t seen = site->value_class != 0;
  for (uint32_t i = 0; i < TR_SITE_WAYS; i++) seen += site->ways[i].class_index != 0;
  return seen == 1;
}

/* Whether something is likely to answer without a call: a field, or a function whose method is short. */
static bool has_short_answer(struct tr *t, addr site, uint32_t num_args, int32_t guess) {
  const struct tr_way *ways = AT(struct tr_site, site)->ways;
  const uint32_t rcvr = t->depth - num_args - 1;
  if (AT(struct tr_site, site)->value_class != 0) return true;
  bool seen = false;
  for (uint32_t i = 0; i < DIRECT_WAYS; i++) {
    if (ways[i].class_index == 0) continue;
    seen = true;
    const int32_t target = target_of_slot(t->env, ways[i].slot);
    if (target == NO_TARGET) continue;
    if (is_short_call(t, &t->env->targets[target], rcvr, ways[i].class_index == CIX_SMALLINTEGER))
      return true;
  }
  return !seen && guess != NO_TARGET && is_short_call(t, &t->env->targets[guess], rcvr, false);
}

/* The receiver of an ordinary send is in local_x: calls what the first way that matches says, or the helper.
 * The result is pushed. */
static void call_by_site(struct tr *t, struct send s, int32_t guess, enum tr_helper helper) {
  const bool super = helper == TRH_SEND_SUPER;
  enum { HIT = 0 };
  begin(t, W_BLOCK, 0);
  if (super) {
    constant(t, TR_SITE_ANY_CLASS);
    set(t, t->local_y);
  } else {
    find_class(t, &s);
  }
  if (try_seen_ways(t, &s) == 0 && guess != NO_TARGET) try_direct(t, &s, 0, guess);
  write_operands(t, &s);
  begin(t, W_BLOCK, 0);
  try_way(t, s.site, 0);
  br_if(t, HIT);
  if (!super) {
    if (s.num_args == 0) try_value(t, s.site, CALLED);
    try_way(t, s.site, 1);
    br_if(t, HIT);
    constant(t, s.site);
    get(t, t->local_y);
    call(t, TRH_FIND);
    tee(t, t->local_x);
    br_if(t, HIT);
  }
  get(t, 0);
  push_sp(t, t->depth);
  constant(t, s.site);
  call(t, helper);
  set(t, t->local_x);
  br(t, CALLED);
  end(t);
  link_callee(t, slot_offset(t, t->depth));
  get(t, t->local_x);
  wasm_emit(t->f, W_CALL_INDIRECT, WASM_TYPE_METHOD, 0);
  set(t, t->local_x);
  end(t);
  stack_pop(t, s.num_args + 1);
  stack_forget(t);
  get(t, t->local_x);
  stack_push_local(t);
  emit_return_if_bail(t, t->local_stack + t->depth - 1);
}

/* What is below the operands is in the frame from now on; the operands and PC are, unless they wait for a
 * call that may not be made. */
static struct send begin_send(struct tr *t, addr site, uint32_t num_args, int32_t guess) {
  const uint32_t rcvr = t->depth - num_args - 1;
  const struct send s = {.site = site,
                         .num_args = num_args,
                         .is_certain = is_certain(AT(struct tr_site, site)),
                         .is_int = value_type(t, rcvr) == TYPE_INT,
                         .is_deferred = has_short_answer(t, site, num_args, guess)};
  if (s.is_deferred) {
    stack_flush(t, rcvr);
    for (uint32_t d = rcvr; d < t->depth; d++) value_materialize(t, d);
  } else {
    stack_flush(t, t->depth);
    put_pc(t, t->insn->next);
  }
  return s;
}

void emit_send(struct tr *t, uint32_t selector, uint32_t num_args, bool special) {
  const addr site = new_site(t, selector, num_args, special);
  AT(struct tr_site, site)->loads_value = num_args == 0;
  const oop name = special ? obj_slot(mem_special(SPECIAL_SPECIAL_SELECTORS), 2 * selector)
                           : method_literal(t->method, selector);
  const int32_t guess = guess_target(t, name);
  const struct send s = begin_send(t, site, num_args, guess);
  value_push(t, t->depth - num_args - 1);
  set(t, t->local_x);
  call_by_site(t, s, guess, TRH_SEND);
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
  const int32_t guess = guess_target(t, method_literal(t->method, selector));
  call_by_site(t, begin_send(t, site, num_args, guess), guess, TRH_SEND_SUPER);
}
