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

static uint32_t closure_field(uint32_t index) { return HDR_BYTES + 4 * index; }

/* What an instruction makes, and by which helper when that is not done in line. */
struct product {
  enum tr_helper helper;
  uint32_t what; /* its last argument */
  uint32_t pops;
  bool has_outer; /* its first field is the context of the activation */
  uint32_t class_index, format, slots;
};

static bool ignores_outer(const struct tr *t) {
  const struct bytecode_insn *insn = &t->insn->insn;
  return (insn->c & FULL_CLOSURE_IGNORE_OUTER) != 0 ||
         (method_header(method_literal(t->method, (uint32_t)insn->a)) & METHOD_NO_OUTER_CONTEXT) != 0;
}

static struct product product_of(const struct tr *t) {
  const struct bytecode_insn *insn = &t->insn->insn;
  const uint32_t a = (uint32_t)insn->a, b = (uint32_t)insn->b;
  struct product p = {.helper = TRH_PUSH_CONTEXT, .what = a, .pops = (uint32_t)(1 - bytecode_effect(insn))};
  p.format = FMT_FIXED_INDEXABLE;
  switch (insn->op) {
    case OP_PUSH_FULL_CLOSURE:
      p.helper = TRH_PUSH_FULL_CLOSURE;
      p.what = two(a, b | (uint32_t)insn->c);
      p.has_outer = !ignores_outer(t);
      p.class_index = CIX_FULL_CLOSURE;
      p.slots = FULL_CLO_COPIED + b;
      break;
    case OP_PUSH_CLOSURE:
      p.helper = TRH_PUSH_CLOSURE;
      p.what = two(a, b);
      p.has_outer = true;
      p.class_index = CIX_BLOCK_CLOSURE;
      p.slots = CLO_COPIED + b;
      break;
    case OP_PUSH_ARRAY:
    case OP_POP_PUSH_ARRAY:
      p.helper = TRH_PUSH_ARRAY;
      p.what = two(a, insn->op == OP_POP_PUSH_ARRAY);
      p.class_index = CIX_ARRAY;
      p.format = FMT_INDEXABLE;
      p.slots = a;
      break;
    default: break;
  }
  return p;
}

static uint32_t bytes_of(uint32_t slots) { return HDR_BYTES + obj_body_bytes(slots); }

/* The end of eden's objects into local_x; leaves `slow` unless so many bytes fit behind it. */
static void take_eden(struct tr *t, uint32_t bytes, uint32_t slow) {
  emit_eden_room(t, t->local_x);
  constant(t, bytes);
  op(t, W_I32_LT_U);
  leave_rarely(t, slow);
}

/* Two constant words into the object in local_x. */
static void put_pair(struct tr *t, uint32_t at, uint32_t first, uint32_t second) {
  get(t, t->local_x);
  wasm_emit(t->f, W_I64_CONST, first, second);
  wasm_emit(t->f, W_I64_STORE, at, at % 8 == 0 ? ALIGN_8 : ALIGN_4);
}

static void put_header(struct tr *t, uint32_t class_index, uint32_t format, uint32_t slots) {
  put_pair(t, 0, format << HDR_FORMAT_SHIFT | class_index, slots << HDR_SLOTS_SHIFT);
}

static void put_nils(struct tr *t, uint32_t from, uint32_t slots) {
  const uint32_t end = bytes_of(slots);
  for (uint32_t at = closure_field(from); at < end; at += 8) put_pair(t, at, t->env->nil, t->env->nil);
}

/* Entry d into field i of the object in local_x, which is young. */
static void put_entry(struct tr *t, uint32_t i, uint32_t d) {
  get(t, t->local_x);
  value_push_local(t, d);
  store(t, closure_field(i));
}

/* The context of the activation at local_x, as frame_marry() makes it. */
static void put_context(struct tr *t) {
  enum { FRAME_TAG = 1 };
  const uint32_t slots = CTX_TEMPS + METHOD_SMALL_FRAME;
  put_header(t, CIX_CONTEXT, FMT_FIXED_INDEXABLE, slots);
  get(t, t->local_x);
  get(t, 0);
  constant(t, FRAME_TAG);
  op(t, W_I32_OR);
  store(t, closure_field(CTX_SENDER));
  put_pair(t, closure_field(CTX_PC), t->env->nil, int_oop(0)); /* and the stack pointer */
  get(t, t->local_x);
  get(t, 0);
  load(t, FRAME_METHOD);
  store(t, closure_field(CTX_METHOD));
  get(t, t->local_x);
  if (t->cfg->is_block) {
    get(t, t->local_base);
    load(t, 0);
  } else {
    constant(t, t->env->nil);
  }
  store(t, closure_field(CTX_CLOSURE));
  get(t, t->local_x);
  get(t, 0);
  load(t, FRAME_RECEIVER);
  store(t, closure_field(CTX_RECEIVER));
  put_nils(t, CTX_TEMPS, slots);
  get(t, 0);
  get(t, t->local_x);
  store(t, FRAME_CONTEXT);
}

/* Room for the object at local_x, and the activation's context in local_y: before it, if there is none yet.
 */
static void take_with_outer(struct tr *t, uint32_t bytes, uint32_t slow) {
  const uint32_t context_bytes = bytes_of(CTX_TEMPS + METHOD_SMALL_FRAME);
  get(t, 0);
  load(t, FRAME_CONTEXT);
  tee(t, t->local_y);
  constant(t, t->env->nil);
  op(t, W_I32_EQ);
  begin(t, W_IF, 0);
  if (method_frame_slots(t->method) != METHOD_SMALL_FRAME) {
    leave(t, slow);
  } else {
    take_eden(t, context_bytes + bytes, slow);
    put_context(t);
    get(t, t->local_x);
    tee(t, t->local_y);
    constant(t, context_bytes);
    op(t, W_I32_ADD);
    set(t, t->local_x);
  }
  op(t, W_ELSE);
  take_eden(t, bytes, slow);
  end(t);
}

/* The fields of a closure between its outer context and the copied values. */
static void put_code(struct tr *t, const struct product *p) {
  const struct bytecode_insn *insn = &t->insn->insn;
  if (p->helper == TRH_PUSH_CLOSURE) {
    const int32_t start_pc = (int32_t)(t->insn->next - HDR_BYTES + 1);
    put_pair(t, closure_field(CLO_START_PC_OR_METHOD), int_oop(start_pc), int_oop(insn->a));
    return;
  }
  const uint32_t literal = (uint32_t)insn->a, rcvr = t->depth - p->pops;
  const uint32_t num_args = method_num_args(method_literal(t->method, literal));
  get(t, t->local_x);
  get(t, 0);
  load(t, FRAME_METHOD);
  load(t, HDR_BYTES + 4 * (METHOD_LITERAL_START + literal));
  store(t, closure_field(CLO_START_PC_OR_METHOD));
  get(t, t->local_x);
  constant(t, int_oop((int32_t)num_args));
  store(t, closure_field(CLO_NUM_ARGS));
  get(t, t->local_x);
  if (insn->c & FULL_CLOSURE_RECEIVER_ON_STACK) {
    value_push_local(t, rcvr);
  } else {
    get(t, 0);
    load(t, FRAME_RECEIVER);
  }
  store(t, closure_field(FULL_CLO_RECEIVER));
}

/* Into local_x. The object is young: no store into it needs a barrier. */
static void put_product(struct tr *t, const struct product *p) {
  const bool is_closure = p->class_index != CIX_ARRAY;
  const uint32_t values = p->helper == TRH_PUSH_ARRAY ? p->pops : (uint32_t)t->insn->insn.b;
  const uint32_t fixed = p->slots - values, padding = (bytes_of(p->slots) - HDR_BYTES) / 4 - p->slots;
  put_header(t, p->class_index, p->format, p->slots);
  if (is_closure) {
    get(t, t->local_x);
    if (p->has_outer)
      get(t, t->local_y);
    else
      constant(t, t->env->nil);
    store(t, closure_field(CLO_OUTER));
    put_code(t, p);
  } else if (values == 0) {
    put_nils(t, 0, p->slots);
    return;
  }
  for (uint32_t i = 0; i < values; i++) put_entry(t, fixed + i, t->depth - values + i);
  if (padding == 0) return;
  get(t, t->local_x);
  constant(t, t->env->nil);
  store(t, closure_field(p->slots));
}

static void call_maker(struct tr *t, const struct product *p) {
  get(t, 0);
  push_sp(t, t->depth);
  constant(t, p->what);
  call(t, p->helper);
  tee(t, t->local_x);
  op(t, W_I32_EQZ);
  begin_rarely(t);
  emit_bail(t, t->insn->pc, t->depth); /* the interpreter runs out of memory */
  end(t);
}

/* In eden while there is room. Nothing looks at the frame, and nothing moves. */
static void make_in_line(struct tr *t, const struct product *p) {
  for (uint32_t d = t->depth - p->pops; d < t->depth; d++) {
    if ((value_type(t, d) & TYPE_FLOAT) == 0) continue;
    value_push(t, d); /* boxes it, which allocates: not later */
    op(t, W_DROP);
  }
  const uint32_t done = begin_block(t), slow = begin_block(t), bytes = bytes_of(p->slots);
  if (p->has_outer)
    take_with_outer(t, bytes, slow);
  else
    take_eden(t, bytes, slow);
  put_product(t, p);
  constant(t, t->env->eden_free);
  get(t, t->local_x);
  constant(t, bytes);
  op(t, W_I32_ADD);
  store(t, 0);
  leave(t, done);
  end(t);
  cold_spill(t, t->depth);
  put_pc(t, t->insn->next);
  call_maker(t, p);
  end(t);
}

void emit_closure_insn(struct tr *t) {
  enum { MAX_SLOTS_IN_LINE = 24 };
  const struct product p = product_of(t);
  if (p.class_index != 0 && p.slots <= MAX_SLOTS_IN_LINE) {
    make_in_line(t, &p);
  } else {
    stack_flush(t, t->depth);
    put_pc(t, t->insn->next);
    call_maker(t, &p);
  }
  stack_pop(t, p.pops);
  get(t, t->local_x);
  stack_push_local(t);
}

/* ---- evaluating closures ---- */

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
