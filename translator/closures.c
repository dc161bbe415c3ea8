/* closures.c: closures, and the code of blocks (emit.h).
 *
 * A block is translated like a method. Its frame differs at the entry: what the caller pushed is the closure,
 * which has the receiver and the copied values. `^` in it is done by the core, which leaves the stack as if
 * the home had returned; see interp_non_local_return().
 */
#include "base/error.h"
#include "interpreter/lookup.h"
#include "translator/emit.h"

/* ---- making closures ---- */

/* A helper's third argument: a in the low half, b in the high half. */
static uint32_t two(uint32_t a, uint32_t b) { return a | b << 16; }

void emit_closure_insn(struct tr *t) {
  const struct bytecode_insn *insn = &t->insn->insn;
  const uint32_t a = (uint32_t)insn->a, b = (uint32_t)insn->b;
  const uint32_t pops = (uint32_t)(1 - bytecode_effect(insn));
  enum tr_helper helper = TRH_PUSH_CONTEXT;
  uint32_t what = a;
  switch (insn->op) {
    case OP_PUSH_FULL_CLOSURE:
      helper = TRH_PUSH_FULL_CLOSURE;
      what = two(a, b | (uint32_t)insn->c);
      break;
    case OP_PUSH_CLOSURE:
      helper = TRH_PUSH_CLOSURE;
      what = two(a, b);
      break;
    case OP_PUSH_ARRAY:
    case OP_POP_PUSH_ARRAY:
      helper = TRH_PUSH_ARRAY;
      what = two(a, insn->op == OP_POP_PUSH_ARRAY);
      break;
    default: break;
  }
  /* The core pops what it takes from the frame; nothing moves, so locals stay good. */
  emit_call_with_stack(t, helper, what);
  tee(t, t->local_x);
  op(t, W_I32_EQZ);
  begin_rarely(t);
  emit_bail(t, t->insn->pc, t->depth); /* the interpreter runs out of memory */
  end(t);
  stack_pop(t, pops);
  get(t, t->local_x);
  stack_push_local(t);
}

/* ---- evaluating closures ---- */

static uint32_t closure_field(uint32_t index) { return HDR_BYTES + 4 * index; }

bool is_value_send(const struct tr *t, uint32_t selector, uint32_t num_args, bool special) {
  if (special) return selector == SPSEL_VALUE || selector == SPSEL_VALUE_ARG;
  return lookup_is_block_value(method_literal(t->method, selector),
                               t->cfg->sista ? CIX_FULL_CLOSURE : CIX_BLOCK_CLOSURE, num_args);
}

enum { OTHER = 0 }; /* label of an ordinary send */

/* And on the condition: no object has moved since the cell was filled. */
static void test_moves(struct tr *t, addr cell) {
  constant(t, t->env->moves);
  load(t, 0);
  constant(t, cell);
  load(t, offsetof(struct tr_site, num_args));
  op(t, W_I32_EQ);
  op(t, W_I32_AND);
}

/* The field of closure local_x that names its code must be what the cell says; BlockClosures name a method
 * and a pc in it. Pushes the condition. */
static void test_code(struct tr *t, addr cell) {
  if (t->cfg->sista) {
    get(t, t->local_x);
    load(t, closure_field(CLO_START_PC_OR_METHOD));
    constant(t, cell);
    load(t, offsetof(struct tr_site, ways[0].class_index));
    op(t, W_I32_EQ);
    test_moves(t, cell);
    return;
  }
  get(t, t->local_x);
  load(t, closure_field(CLO_OUTER));
  tee(t, t->local_y);
  constant(t, OOP_TAG_MASK);
  op(t, W_I32_AND);
  br_rarely(t, OTHER);
  get(t, t->local_y);
  load(t, 0);
  constant(t, HDR_CLASS_MASK);
  op(t, W_I32_AND);
  constant(t, CIX_CONTEXT);
  op(t, W_I32_NE);
  br_rarely(t, OTHER);
  get(t, t->local_y);
  load(t, closure_field(CTX_METHOD));
  constant(t, cell);
  load(t, offsetof(struct tr_site, ways[0].class_index));
  op(t, W_I32_EQ);
  get(t, t->local_x);
  load(t, closure_field(CLO_START_PC_OR_METHOD));
  constant(t, cell);
  load(t, offsetof(struct tr_site, selector));
  op(t, W_I32_EQ);
  op(t, W_I32_AND);
  test_moves(t, cell);
}

/* Calls the translation that the cell names, leaving its answer: directly if it is the one that was seen. */
static void call_code(struct tr *t, addr cell) {
  const uint32_t callee_fp = slot_offset(t, t->depth);
  const int32_t seen = seen_block(t, cell);
  if (seen >= 0) {
    constant(t, cell);
    load(t, offsetof(struct tr_site, ways[0].slot));
    constant(t, t->env->targets[seen].slot);
    op(t, W_I32_EQ);
    begin(t, W_IF, WASM_I32);
    link_callee(t, callee_fp);
    wasm_emit(t->f, W_CALL, TRH_COUNT + (uint32_t)seen, 0);
    op(t, W_ELSE);
  }
  link_callee(t, callee_fp);
  constant(t, cell);
  load(t, offsetof(struct tr_site, ways[0].slot));
  wasm_emit(t->f, W_CALL_INDIRECT, WASM_TYPE_METHOD, 0);
  if (seen >= 0) end(t);
}

/* block $done  block $other  is it a closure of this arity?  call its code; br $done  end  send  end */
void emit_value_send(struct tr *t, uint32_t selector, uint32_t num_args, bool special) {
  const uint32_t rcvr = t->depth - num_args - 1, result = t->local_stack + rcvr;
  /* The ordinary send's cell comes after the closure's: tr_value() relies on it. */
  const addr cell = new_code_cell(t), site = cell + (uint32_t)sizeof(struct tr_site);
  stack_flush(t, t->depth);
  put_pc(t, t->insn->next);
  begin(t, W_BLOCK, 0);
  begin(t, W_BLOCK, 0);
  value_push(t, rcvr);
  tee(t, t->local_x);
  constant(t, OOP_TAG_MASK);
  op(t, W_I32_AND);
  br_rarely(t, OTHER);
  get(t, t->local_x);
  load(t, 0);
  constant(t, HDR_CLASS_MASK);
  op(t, W_I32_AND);
  constant(t, t->cfg->sista ? CIX_FULL_CLOSURE : CIX_BLOCK_CLOSURE);
  op(t, W_I32_NE);
  br_rarely(t, OTHER);
  get(t, t->local_x);
  load(t, closure_field(CLO_NUM_ARGS));
  constant(t, int_oop((int32_t)num_args));
  op(t, W_I32_NE);
  br_rarely(t, OTHER);
  test_code(t, cell);
  begin(t, W_IF, WASM_I32);
  call_code(t, cell);
  op(t, W_ELSE);
  get(t, 0);
  push_sp(t, t->depth);
  constant(t, site);
  call(t, TRH_VALUE);
  end(t);
  set(t, result);
  emit_return_if_bail(t, result);
  br(t, OTHER + 1);
  end(t);
  emit_send(t, selector, num_args, special);
  VM_ASSERT(t->stack[rcvr].kind == VALUE_LOCAL && t->stack[rcvr].local == result);
  end(t);
}

/* ---- blocks ---- */

static uint32_t first_copied(const struct tr *t) {
  return t->cfg->start_pc != 0 ? (uint32_t)CLO_COPIED : (uint32_t)FULL_CLO_COPIED;
}

void emit_block_receiver(struct tr *t) {
  get(t, t->local_self);
  tee(t, t->local_y);
  load_byte(t, HEADER_SLOTS_BYTE);
  constant(t, first_copied(t) + t->cfg->copied);
  op(t, W_I32_NE);
  begin_rarely(t);
  get(t, 0);
  constant(t, t->cfg->num_args);
  call(t, TRH_ENTER_BLOCK);
  op(t, W_RETURN);
  end(t);
  get(t, t->local_y);
  if (t->cfg->start_pc != 0) {
    load(t, closure_field(CLO_OUTER));
    load(t, closure_field(CTX_RECEIVER));
  } else {
    load(t, closure_field(FULL_CLO_RECEIVER));
  }
  set(t, t->local_self);
}

void emit_copied_values(struct tr *t) {
  for (uint32_t i = 0; i < t->cfg->copied; i++) {
    get(t, t->local_y);
    load(t, closure_field(first_copied(t) + i));
    temp_init(t, t->cfg->num_args + i);
  }
}

void emit_non_local_return(struct tr *t) {
  set(t, t->local_x);
  stack_flush(t, t->depth);
  put_pc(t, t->insn->next);
  get(t, 0);
  push_sp(t, t->depth);
  get(t, t->local_x);
  call(t, TRH_NON_LOCAL_RETURN);
  op(t, W_RETURN);
}
