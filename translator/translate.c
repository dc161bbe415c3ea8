/* translate.c: bytecode to WebAssembly, instruction by instruction (translate.h). */
#include "translator/emit.h"

#include "interpreter/lookup.h"

#include <stdlib.h>
#include <string.h>

const struct wasm_import tr_imports[TRH_COUNT] = {
#define X(name, export, params, result) {#export, params, result},
    TR_HELPERS(X)
#undef X
};

static bool refuse(struct tr *t, struct tr_refusal *refusal, const char *reason) {
  refusal->pc = t->insn != NULL ? t->insn->pc : 0;
  refusal->reason = reason;
  return false;
}

/* ---- prologue, checks, returns ---- */

/* Counts the countdown down and leaves whether it is over on the wasm stack. */
static void count_down(struct tr *t, uint32_t by) {
  constant(t, t->env->countdown);
  constant(t, t->env->countdown);
  load(t, 0);
  constant(t, by);
  op(t, W_I32_SUB);
  tee(t, t->local_y);
  store(t, 0);
  get(t, t->local_y);
  constant(t, 0);
  op(t, W_I32_LT_S);
}

/* In a cold path: PC is where a bail resumes. */
static void call_check(struct tr *t, uint32_t pc, uint32_t depth) {
  cold_spill(t, depth);
  put_pc(t, pc);
  get(t, 0);
  push_sp(t, depth);
  call(t, TRH_CHECK);
  begin_rarely(t);
  constant(t, RESULT_BAIL);
  op(t, W_RETURN);
  end(t);
  cold_reload(t, depth);
}

enum { EDGES_AT_ONCE = 32 };

/* At a back-edge to pc. Back-edges are counted in a local and the countdown hears of several at once, so that
 * short loops do not wait for memory. */
static void emit_edge_check(struct tr *t, uint32_t pc) {
  get(t, t->local_edges);
  constant(t, 1);
  op(t, W_I32_SUB);
  tee(t, t->local_edges);
  constant(t, 0);
  op(t, W_I32_LT_S);
  begin_rarely(t);
  constant(t, EDGES_AT_ONCE - 1);
  set(t, t->local_edges);
  count_down(t, EDGES_AT_ONCE);
  begin_rarely(t);
  call_check(t, pc, t->depth);
  end(t);
  end(t);
}

/* Makes the frame before the instruction at pc, and looks whether the countdown is over or the frame beyond
 * the limit. Activations that make none fit into the page's slack and end soon. */
static void emit_frame(struct tr *t, uint32_t pc) {
  emit_frame_header(t);
  t->framed = true;
  enum { OVER = 0, ON = 1 };
  begin(t, W_BLOCK, 0);
  begin(t, W_BLOCK, 0);
  count_down(t, 1);
  br_rarely(t, OVER);
  get(t, 0);
  constant(t, t->env->stack_limit);
  load(t, 0);
  op(t, W_I32_GT_U);
  br_rarely(t, OVER);
  br(t, ON);
  end(t);
  call_check(t, pc, t->depth);
  end(t);
}

static void push_base(struct tr *t) {
  get(t, 0);
  constant(t, 4 * (t->cfg->num_args + 1));
  op(t, W_I32_SUB);
  tee(t, t->local_base);
}

/* A continuation finds its frame made. What its blocks take for loaded is loaded once. */
static void emit_resumption(struct tr *t) {
  push_base(t);
  op(t, W_DROP);
  t->valid = t->cfg->blocks[0].valid_in;
  memset(t->temp_types, TYPE_ANY, TYPES_MAX_TEMPS); /* of what type it may be, it is loaded */
  cold_reload(t, 0);
}

static void emit_receiver_check(struct tr *t) {
  self_push(t);
  constant(t, OOP_INT_TAG);
  op(t, W_I32_AND);
  op(t, W_I32_EQZ);
  begin_rarely(t);
  emit_unfit(t);
  end(t);
}

static void emit_prologue(struct tr *t) {
  const struct cfg *cfg = t->cfg;
  if (t->env->primitive != 0) emit_primitive(t);
  push_base(t);
  load(t, 0);
  set(t, t->local_self);
  if (cfg->is_block) emit_block_receiver(t);
  t->valid = 1;
  if (cfg->is_block) emit_copied_values(t);
  for (uint32_t i = cfg->num_args + cfg->copied; i < cfg->num_temps; i++) {
    constant(t, t->env->nil);
    temp_init(t, i);
  }
  if (cfg->error_temp >= 0) emit_primitive_error(t);
  memcpy(t->temp_types, t->types.temps, TYPES_MAX_TEMPS);
  edge_flush(t, 0, 0);
  t->framed = false;
  t->insn = &cfg->insns[cfg->blocks[0].first];
  if (t->types.assumed.self_is_int) emit_receiver_check(t);
  if (t->framed_in[0]) emit_frame(t, cfg->first_pc);
}

static bool is_young_context_done_in_line(const struct tr *t) {
  enum { MAX_TEMPS_IN_LINE = 6 };
  if (!t->cfg->makes_blocks || t->cfg->num_temps > MAX_TEMPS_IN_LINE) return false;
  for (uint32_t i = 0; i < t->cfg->num_temps; i++)
    if (t->temp_types[i] & TYPE_FLOAT) return false;
  return true;
}

/* What frame_context_returns() does, for an activation that is likely to have made its context lately: that
 * is young, so that stores need no barrier. Else the core does it. */
static void emit_context_returns(struct tr *t) {
  const struct cfg *cfg = t->cfg;
  const uint32_t count = cfg->start_pc != 0 ? cfg->num_args + cfg->copied : cfg->num_temps;
  const uint64_t valid = t->valid;
  get(t, 0);
  load(t, FRAME_CONTEXT);
  tee(t, t->local_y);
  constant(t, t->env->new_end);
  op(t, W_I32_LT_U);
  begin(t, W_IF, 0);
  for (uint32_t i = 0; i < count; i++) {
    get(t, t->local_y);
    temp_push(t, i);
    store(t, HDR_BYTES + 4 * (CTX_TEMPS + i));
  }
  t->valid = valid;
  get(t, t->local_y);
  wasm_emit(t->f, W_I64_CONST, t->env->nil, t->env->nil);
  wasm_emit(t->f, W_I64_STORE, HDR_BYTES + 4 * CTX_SENDER, ALIGN_8); /* and the pc */
  get(t, t->local_y);
  constant(t, int_oop((int32_t)count));
  store(t, HDR_BYTES + 4 * CTX_STACKP);
  op(t, W_ELSE);
  cold_spill(t, 0);
  get(t, 0);
  call(t, TRH_CONTEXT_RETURNS);
  end(t);
}

/* Returns the value on the wasm stack. The frame of a continuation may be its page's base. */
static void emit_return(struct tr *t) {
  if (!t->framed) {
    op(t, W_RETURN);
    return;
  }
  set(t, t->local_x);
  get(t, 0);
  load(t, FRAME_CONTEXT);
  constant(t, t->env->nil);
  op(t, W_I32_NE);
  if (t->cfg->entry_pc == 0 && is_young_context_done_in_line(t)) {
    begin(t, W_IF, 0);
    emit_context_returns(t);
    end(t);
    get(t, t->local_x);
    op(t, W_RETURN);
    return;
  }
  if (t->cfg->entry_pc != 0) {
    get(t, 0);
    load(t, FRAME_SAVED_FP);
    op(t, W_I32_EQZ);
    op(t, W_I32_OR);
  }
  begin_rarely(t);
  cold_spill(t, 0); /* it takes the temporaries over */
  if (t->cfg->entry_pc != 0) put_pc(t, t->insn->next);
  get(t, 0);
  if (t->cfg->entry_pc != 0) {
    push_sp(t, 0);
    get(t, t->local_x);
    call(t, TRH_RETURN);
    op(t, W_RETURN);
  } else {
    call(t, TRH_CONTEXT_RETURNS);
  }
  end(t);
  get(t, t->local_x);
  op(t, W_RETURN);
}

/* ---- jumps ---- */

/* The label depth of the scope that a branch from here to block `to` uses. */
static uint32_t label_of(const struct tr *t, int32_t to, bool back) {
  for (uint32_t k = t->open_count; k-- > 0;) {
    const struct cfg_scope *s = t->open[k];
    if (back ? s->is_loop && s->first == (uint32_t)to : !s->is_loop && s->last + 1 == (uint32_t)to)
      return t->open_count - 1 - k + t->nest;
  }
  VM_ASSERT(!"a jump without its scope");
  return 0;
}

/* Whether block `to` stands before the end of `block`: in a continuation a jump backwards in the method may
 * go on to the loop. */
static bool goes_back(const struct tr *t, const struct cfg_block *block, int32_t to) {
  return to <= block - t->cfg->blocks;
}

static void emit_jump(struct tr *t, const struct cfg_block *block) {
  const int32_t to = block->succ[1];
  const bool back = goes_back(t, block, to);
  edge_flush(t, to, t->depth);
  if (back) emit_edge_check(t, cfg_jump_target(t->insn));
  wasm_emit(t->f, W_BR, label_of(t, to, back), 0);
}

bool jumps_forward(const struct tr *t, const struct cfg_block *block) {
  return !goes_back(t, block, block->succ[1]);
}

/* Jumps to the block's second successor when the condition on the wasm stack is so; backwards after a poll.
 */
static void jump_if(struct tr *t, const struct cfg_block *block) {
  const int32_t to = block->succ[1];
  if (jumps_forward(t, block)) {
    br_if(t, label_of(t, to, false));
    return;
  }
  begin(t, W_IF, 0);
  emit_edge_check(t, cfg_jump_target(t->insn));
  wasm_emit(t->f, W_BR, label_of(t, to, true), 0);
  end(t);
}

static void push_truth_wanted(struct tr *t, const struct cfg_insn *jump) {
  if (jump->insn.op == OP_JUMP_FALSE) op(t, W_I32_EQZ);
}

void emit_branch_forward(struct tr *t, const struct cfg_block *block, const struct cfg_insn *jump) {
  push_truth_wanted(t, jump);
  br_if(t, label_of(t, block->succ[1], false));
}

void emit_branch(struct tr *t, const struct cfg_block *block, const struct cfg_insn *jump) {
  t->insn = jump;
  get(t, t->local_cond);
  push_truth_wanted(t, jump);
  jump_if(t, block);
}

/* What depth entries the successors of a block expect in the frame. */
static void flush_for_both(struct tr *t, const struct cfg_block *block, uint32_t depth) {
  edge_flush(t, block->succ[0], depth);
  edge_flush(t, block->succ[1], depth);
}

static void emit_conditional_jump(struct tr *t, const struct cfg_block *block, bool when_true) {
  const uint32_t top = t->depth - 1;
  value_materialize(t, top);
  flush_for_both(t, block, top);
  stack_pop(t, 1);
  value_push(t, top);
  constant(t, when_true ? t->env->true_ : t->env->false_);
  op(t, W_I32_EQ);
  jump_if(t, block);
  value_push(t, top);
  constant(t, when_true ? t->env->false_ : t->env->true_);
  op(t, W_I32_NE);
  begin_rarely(t);
  t->depth++;
  cold_spill(t, t->depth);
  emit_bail(t, t->insn->pc, t->depth); /* the interpreter sends mustBeBoolean */
  t->depth--;
  end(t);
}

/* isNil or notNil, with the conditional jump after it if there is one. A Float that has no box is 0. */
static void emit_nil_test(struct tr *t, const struct cfg_block *block, const struct cfg_insn *jump) {
  const uint32_t top = t->depth - 1;
  value_materialize(t, top);
  if (jump != NULL) flush_for_both(t, block, top);
  stack_pop(t, 1);
  if (jump == NULL) {
    constant(t, t->env->true_);
    constant(t, t->env->false_);
  }
  value_push_local(t, top);
  constant(t, t->env->nil);
  op(t, t->insn->insn.op == OP_IS_NIL ? W_I32_EQ : W_I32_NE);
  if (jump == NULL) {
    op(t, W_SELECT);
    stack_push_local(t);
  } else {
    set(t, t->local_cond);
    emit_branch(t, block, jump);
  }
}

/* ---- variables ---- */

static void push_literal_object(struct tr *t, uint32_t index) {
  if (t->framed) {
    get(t, 0);
    load(t, FRAME_METHOD);
  } else {
    constant(t, t->env->method_cell);
    load(t, 0);
  }
  load(t, HDR_BYTES + 4 * (METHOD_LITERAL_START + index));
}

static void emit_push_literal(struct tr *t, uint32_t index) {
  const oop literal = method_literal(t->method, index);
  if (!oop_is_pointer(literal) || literal == t->env->nil || literal == t->env->true_ ||
      literal == t->env->false_) {
    stack_push_const(t, literal);
    return;
  }
  push_literal_object(t, index);
  stack_push_typed(t, types_of_literal(literal));
  if (types_of_literal(literal) != TYPE_FLOAT) return;
  value_push_local(t, t->depth - 1);
  wasm_emit(t->f, W_F64_LOAD, HDR_BYTES, ALIGN_8);
  set(t, value_float_local(t, t->depth - 1));
}

/* Stores into an immutable object, which is in local_y, are the interpreter's. */
static void emit_mutable_check(struct tr *t) {
  get(t, t->local_y);
  load(t, 0);
  constant(t, HDR_IMMUTABLE);
  op(t, W_I32_AND);
  begin_rarely(t);
  cold_spill(t, t->depth);
  emit_bail(t, t->insn->pc, t->depth);
  end(t);
}

/* Stores the top entry into slot `slot` of the object in local_y. */
static void emit_store_slot(struct tr *t, uint32_t slot, bool pop) {
  const uint32_t top = t->depth - 1;
  value_materialize(t, top);
  emit_mutable_check(t);
  get(t, t->local_y);
  value_push(t, top);
  store(t, HDR_BYTES + 4 * slot);
  if (t->stack[top].kind != VALUE_CONST) {
    value_push(t, top);
    set(t, t->local_x);
    emit_barrier(t, t->local_y, t->local_x);
  }
  if (pop) stack_pop(t, 1);
}

static void emit_push_instvar(struct tr *t, uint32_t index) {
  if (t->env->careful) {
    emit_call_with_stack(t, TRH_FETCH_FIELD, index);
  } else {
    self_push(t);
    load(t, HDR_BYTES + 4 * index);
  }
  stack_push_local(t);
}

static void emit_store_instvar(struct tr *t, uint32_t index, bool pop) {
  self_push(t);
  set(t, t->local_y);
  if (!t->env->careful) {
    emit_store_slot(t, index, pop);
    return;
  }
  emit_mutable_check(t);
  emit_call_with_stack(t, TRH_STORE_FIELD, index | (uint32_t)pop << 16);
  begin_rarely(t);
  constant(t, RESULT_BAIL);
  op(t, W_RETURN);
  end(t);
  if (pop) stack_pop(t, 1);
}

enum { ASSOCIATION_VALUE = 1 };

static void emit_store_temp(struct tr *t, uint32_t i, bool pop) {
  temp_assign(t, i);
  if (pop) stack_pop(t, 1);
}

/* ---- instructions ---- */

static bool emit_insn(struct tr *t, const struct cfg_block *block, struct tr_refusal *refusal) {
  const struct bytecode_insn *insn = &t->insn->insn;
  const uint32_t a = (uint32_t)insn->a, b = (uint32_t)insn->b;
  switch (insn->op) {
    case OP_NOP:
    case OP_CALL_PRIMITIVE: return true; /* whoever called this has tried it */
    case OP_PUSH_RECEIVER:
      self_push(t);
      op(t, W_DROP);
      stack_push_value(t, (struct value){.kind = VALUE_SELF});
      return true;
    case OP_PUSH_TEMP:
      if (a >= TYPES_MAX_TEMPS) {
        temp_push(t, a);
        stack_push_local(t);
        return true;
      }
      temp_validate(t, a);
      stack_push_value(t, (struct value){.kind = VALUE_TEMP, .temp = a});
      return true;
    case OP_PUSH_NIL: stack_push_const(t, t->env->nil); return true;
    case OP_PUSH_TRUE: stack_push_const(t, t->env->true_); return true;
    case OP_PUSH_FALSE: stack_push_const(t, t->env->false_); return true;
    case OP_PUSH_INT: stack_push_const(t, int_oop(insn->a)); return true;
    case OP_PUSH_CHAR: stack_push_const(t, char_oop(a)); return true;
    case OP_PUSH_LITERAL: emit_push_literal(t, a); return true;
    case OP_PUSH_INSTVAR: emit_push_instvar(t, a); return true;
    case OP_PUSH_LITVAR:
      push_literal_object(t, a);
      load(t, HDR_BYTES + 4 * ASSOCIATION_VALUE);
      stack_push_local(t);
      return true;
    case OP_PUSH_REMOTE_TEMP:
      temp_push(t, b);
      load(t, HDR_BYTES + 4 * a);
      stack_push_local(t);
      return true;
    case OP_STORE_INSTVAR:
    case OP_POP_INSTVAR: emit_store_instvar(t, a, insn->op == OP_POP_INSTVAR); return true;
    case OP_STORE_LITVAR:
    case OP_POP_LITVAR:
      push_literal_object(t, a);
      set(t, t->local_y);
      emit_store_slot(t, ASSOCIATION_VALUE, insn->op == OP_POP_LITVAR);
      return true;
    case OP_STORE_REMOTE_TEMP:
    case OP_POP_REMOTE_TEMP:
      temp_push(t, b);
      set(t, t->local_y);
      emit_store_slot(t, a, insn->op == OP_POP_REMOTE_TEMP);
      return true;
    case OP_STORE_TEMP:
    case OP_POP_TEMP: emit_store_temp(t, a, insn->op == OP_POP_TEMP); return true;
    case OP_POP: stack_pop(t, 1); return true;
    case OP_DUP:
      value_materialize(t, t->depth - 1);
      stack_push_value(t, t->stack[t->depth - 1]);
      return true;
    case OP_JUMP: emit_jump(t, block); return true;
    case OP_JUMP_TRUE:
    case OP_JUMP_FALSE: emit_conditional_jump(t, block, insn->op == OP_JUMP_TRUE); return true;
    case OP_SEND:
      if (is_value_send(t, a, b, false))
        emit_value_send(t, a, b, false);
      else
        emit_send(t, a, b, false);
      return true;
    case OP_SEND_SUPER: emit_send_super(t, a, b); return true;
    case OP_PUSH_FULL_CLOSURE:
    case OP_PUSH_CLOSURE:
    case OP_PUSH_ARRAY:
    case OP_POP_PUSH_ARRAY:
    case OP_PUSH_CONTEXT: emit_closure_insn(t); return true;
    case OP_BLOCK_RETURN_TOP:
    case OP_BLOCK_RETURN_NIL:
      if (!t->cfg->is_block || (t->cfg->sista && a != 0)) return refuse(t, refusal, "a block's return");
      if (insn->op == OP_BLOCK_RETURN_TOP)
        value_push(t, t->depth - 1);
      else
        constant(t, t->env->nil);
      emit_return(t);
      return true;
    case OP_RETURN_RECEIVER: self_push(t); break;
    case OP_RETURN_TRUE: constant(t, t->env->true_); break;
    case OP_RETURN_FALSE: constant(t, t->env->false_); break;
    case OP_RETURN_NIL: constant(t, t->env->nil); break;
    case OP_RETURN_TOP: value_push(t, t->depth - 1); break;
    default: return refuse(t, refusal, "a bytecode that tier 1 does not translate yet");
  }
  if (t->cfg->is_block)
    emit_non_local_return(t);
  else
    emit_return(t);
  return true;
}

/* A comparison fused with the conditional jump after it. Answers whether it was. */
static bool emit_special_insn(struct tr *t, const struct cfg_block *block, uint32_t *k) {
  const struct cfg_insn *next = *k + 1 < block->end ? t->insn + 1 : NULL;
  const bool jumps = next != NULL && (next->insn.op == OP_JUMP_TRUE || next->insn.op == OP_JUMP_FALSE);
  const uint32_t index = (uint32_t)t->insn->insn.a;
  if (t->insn->insn.op != OP_SEND_SPECIAL) {
    emit_nil_test(t, block, jumps ? next : NULL);
    if (!jumps) return false;
  } else if (is_value_send(t, index, special_selector_args(index), true)) {
    emit_value_send(t, index, special_selector_args(index), true);
    return false;
  } else if (!emit_special(t, index, block, jumps ? next : NULL)) {
    return false;
  }
  ++*k;
  return true;
}

static bool may_be_fused(const struct cfg_insn *i) {
  return i->insn.op == OP_SEND_SPECIAL || i->insn.op == OP_IS_NIL || i->insn.op == OP_NOT_NIL;
}

static void open_scopes(struct tr *t, uint32_t b, uint32_t *next_scope) {
  while (*next_scope < t->cfg->scope_count && t->cfg->scopes[*next_scope].first == b) {
    const struct cfg_scope *s = &t->cfg->scopes[(*next_scope)++];
    wasm_emit(t->f, s->is_loop ? W_LOOP : W_BLOCK, 0, 0);
    t->open[t->open_count++] = s;
  }
}

static void close_scopes(struct tr *t, uint32_t b) {
  while (t->open_count > 0 && t->open[t->open_count - 1]->last < b) {
    op(t, W_END);
    t->open_count--;
  }
}

/* Whether instruction k is where a block makes the frame for those after it: its last, with the comparison
 * that may be fused with it. */
static bool is_exit(const struct cfg *cfg, const struct cfg_block *block, uint32_t k) {
  return k + 1 == block->end || (k + 2 == block->end && may_be_fused(&cfg->insns[k]));
}

static bool emit_block(struct tr *t, const struct cfg_block *block, struct tr_refusal *refusal) {
  t->depth = t->cfg->insns[block->first].depth;
  stack_forget(t);
  const uint32_t b = (uint32_t)(block - t->cfg->blocks);
  memcpy(t->temp_types, &t->types.temps[b * TYPES_MAX_TEMPS], TYPES_MAX_TEMPS);
  t->valid = block->valid_in;
  t->dirty = t->types.dirty[b];
  t->framed = t->framed_in[b];
  for (uint32_t k = block->first; k < block->end; k++) {
    t->insn = &t->cfg->insns[k];
    if (t->depth + 2 > TR_MAX_DEPTH) return refuse(t, refusal, "the operand stack is too deep");
    const char *name = bytecode_name(t->cfg->sista, t->insn->insn.code);
    wasm_note(t->f, "pc %u: %s %d %d", t->insn->pc, name, t->insn->insn.a, t->insn->insn.b);
    if (!t->framed &&
        (insn_needs_frame(t, t->insn) || (is_exit(t->cfg, block, k) && block_ends_framed(t, block))))
      emit_frame(t, t->insn->pc);
    if (may_be_fused(t->insn)) {
      emit_special_insn(t, block, &k);
    } else if (!emit_insn(t, block, refusal)) {
      return false;
    }
  }
  edge_flush(t, block->succ[0], t->depth);
  if (block->succ[0] >= 0 && block->succ[0] != block - t->cfg->blocks + 1)
    wasm_emit(t->f, W_BR, label_of(t, block->succ[0], false), 0);
  return true;
}

static uint32_t count_sends(const struct cfg *cfg) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < cfg->insn_count; i++)
    n += cfg->insns[i].insn.op == OP_SEND || cfg->insns[i].insn.op == OP_SEND_SUPER ||
         cfg->insns[i].insn.op == OP_SEND_SPECIAL;
  return n;
}

bool tr_translate(oop method, const struct cfg *cfg, const struct tr_env *env, struct wasm_func *func,
                  uint32_t *site_count, struct tr_refusal *refusal) {
  struct tr *t = calloc(1, sizeof *t);
  VM_ASSERT(t != NULL);
  *func = (struct wasm_func){0};
  *t = (struct tr){.cfg = cfg, .env = env, .f = func, .method = method};
  t->is_home = !cfg->is_block && cfg->makes_blocks;
  t->local_base = 1;
  t->local_self = 2;
  t->local_x = 3;
  t->local_y = 4;
  t->local_cond = 5;
  t->local_edges = 6;
  t->local_temps = 7;
  t->local_stack = t->local_temps + cfg->num_temps;
  t->local_short = t->local_stack + cfg->max_depth;
  t->local_wide = t->local_short + SHORT_LOCALS;
  func->locals = t->local_wide - 1;
  func->locals_i64 = 1;
  t->local_number = t->local_wide + 1;
  t->local_float_temps = t->local_number + 1;
  t->local_float_stack = t->local_float_temps + cfg->num_temps;
  types_find(cfg, method, env->assumed, &t->types);
  func->locals_f64 = 1 + (t->types.has_floats ? cfg->num_temps + cfg->max_depth : 0);
  bool fine = cfg->scope_count <= TR_MAX_SCOPES || refuse(t, refusal, "jumps are nested too deeply");
  if (fine && count_sends(cfg) > env->site_room) fine = refuse(t, refusal, "too many sends");
  if (fine) {
    find_frames(t);
    wasm_note(func, "frame");
    if (cfg->entry_pc != 0)
      emit_resumption(t);
    else
      emit_prologue(t);
    uint32_t next_scope = 0;
    for (uint32_t b = 0; fine && b < cfg->block_count; b++) {
      close_scopes(t, b);
      open_scopes(t, b, &next_scope);
      fine = emit_block(t, &cfg->blocks[b], refusal);
    }
    close_scopes(t, UINT32_MAX);
    op(t, W_UNREACHABLE);
  }
  *site_count = t->site_count;
  if (!fine) wasm_func_free(func);
  free(t->framed_in);
  types_free(&t->types);
  free(t);
  return fine;
}
