/* codegen_inline.c: control messages whose blocks become part of the method: branches, loops, nil tests.
 *
 * A result is wanted on the stack, or not at all, or answered from the method or block: then each branch
 * returns by itself. */
#include "compiler/codegen.h"

static bool wants_answer(enum cc_want want) { return want == WANT_ANSWER || want == WANT_BLOCK_ANSWER; }

/* What is on top of the stack, as wanted. */
static void deliver(struct cc_gen *g, enum cc_want want) {
  if (want == WANT_EFFECT) cc_emit(g, OP_POP, 0, 0, 0);
  if (want == WANT_ANSWER) cc_emit(g, OP_RETURN_TOP, 0, 0, 0);
  if (want == WANT_BLOCK_ANSWER) cc_emit(g, OP_BLOCK_RETURN_TOP, 0, 0, 0);
}

static void deliver_nil(struct cc_gen *g, enum cc_want want) {
  if (want == WANT_VALUE) cc_emit(g, OP_PUSH_NIL, 0, 0, 0);
  if (want == WANT_BLOCK_ANSWER) cc_emit(g, OP_BLOCK_RETURN_NIL, 0, 0, 0);
  if (want != WANT_ANSWER) return;
  if (!g->code->is_block) {
    cc_emit(g, OP_RETURN_NIL, 0, 0, 0);
    return;
  }
  cc_emit(g, OP_PUSH_NIL, 0, 0, 0);
  cc_emit(g, OP_RETURN_TOP, 0, 0, 0);
}

/* An expression as wanted. */
static void gen_wanted(struct cc_gen *g, struct cc_node *n, enum cc_want want) {
  switch (want) {
    case WANT_EFFECT: cc_gen_effect(g, n); break;
    case WANT_VALUE: cc_gen_value(g, n); break;
    default: cc_gen_answer(g, n, want == WANT_BLOCK_ANSWER); break;
  }
}

/* The statements of a block whose scope is entered. */
static void gen_statements(struct cc_gen *g, struct cc_block *b, enum cc_want want) {
  uint32_t count = b->statements.count;
  for (uint32_t i = 0; i + 1 < count && !g->dead; i++) cc_gen_effect(g, b->statements.items[i]);
  if (g->dead) return;
  if (count == 0)
    deliver_nil(g, want);
  else
    gen_wanted(g, b->statements.items[count - 1], want);
}

static void gen_body(struct cc_gen *g, struct cc_node *block, enum cc_want want) {
  uint32_t slots = g->slots;
  cc_enter_scope(g, block->block->scope);
  gen_statements(g, block->block, want);
  cc_leave_scope(g, slots);
}

/* ---- conditions ---- */

static void branch(struct cc_gen *g, struct cc_node *n, bool sense, int32_t label);

/* The same for the value of an inlined block. */
static void branch_on_block(struct cc_gen *g, struct cc_node *block, bool sense, int32_t label) {
  struct cc_block *b = block->block;
  uint32_t slots = g->slots, count = b->statements.count;
  cc_enter_scope(g, b->scope);
  for (uint32_t i = 0; i + 1 < count && !g->dead; i++) cc_gen_effect(g, b->statements.items[i]);
  if (count == 0) {
    cc_emit(g, OP_PUSH_NIL, 0, 0, 0);
    cc_jump(g, sense ? OP_JUMP_TRUE : OP_JUMP_FALSE, label);
  } else {
    branch(g, b->statements.items[count - 1], sense, label);
  }
  cc_leave_scope(g, slots);
}

/* Jumps to the label when the expression is `sense`, else goes on. and: and or: become jumps. */
static void branch(struct cc_gen *g, struct cc_node *n, bool sense, int32_t label) {
  if (n->kind == NODE_SEND && (n->inlined == INLINE_AND || n->inlined == INLINE_OR)) {
    bool decides = n->inlined == INLINE_OR; /* the value of the receiver that settles the whole */
    if (decides == sense) {
      branch(g, n->send.receiver, decides, label);
      branch_on_block(g, n->send.args[0], sense, label);
    } else {
      int32_t on = cc_new_label(g);
      branch(g, n->send.receiver, decides, on);
      branch_on_block(g, n->send.args[0], sense, label);
      cc_place(g, on);
    }
    return;
  }
  if (n->kind == NODE_VARIABLE && (n->variable.var->kind == VAR_TRUE || n->variable.var->kind == VAR_FALSE)) {
    if ((n->variable.var->kind == VAR_TRUE) == sense) cc_jump(g, OP_JUMP, label);
    return;
  }
  cc_gen_value(g, n);
  cc_jump(g, sense ? OP_JUMP_TRUE : OP_JUMP_FALSE, label);
}

/* The other branch, or nil in its place when the value is wanted, behind the one that ends here. */
static void gen_other_branch(struct cc_gen *g, int32_t label, struct cc_node *branch, enum cc_want want) {
  int32_t end = cc_new_label(g);
  bool needed = branch != NULL || want != WANT_EFFECT;
  if (needed && !wants_answer(want)) cc_jump(g, OP_JUMP, end);
  cc_place(g, label);
  if (branch != NULL)
    gen_body(g, branch, want);
  else
    deliver_nil(g, want);
  cc_place(g, end);
}

/* receiver ifTrue: a ifFalse: b; either may be missing. */
static void gen_if(struct cc_gen *g, struct cc_node *n, struct cc_node *on_true, struct cc_node *on_false,
                   enum cc_want want) {
  int32_t otherwise = cc_new_label(g);
  bool sense = on_true == NULL; /* jump over the first branch when the receiver is this */
  struct cc_node *first = on_true != NULL ? on_true : on_false;
  struct cc_node *second = on_true != NULL ? on_false : NULL;
  branch(g, n->send.receiver, sense, otherwise);
  gen_body(g, first, want);
  gen_other_branch(g, otherwise, second, want);
}

/* a and: [b] where the value is wanted. */
static void gen_and_or(struct cc_gen *g, struct cc_node *n, enum cc_want want) {
  bool decides = n->inlined == INLINE_OR;
  int32_t other = cc_new_label(g), end = cc_new_label(g);
  branch(g, n->send.receiver, decides, other);
  gen_body(g, n->send.args[0], want);
  if (!wants_answer(want)) cc_jump(g, OP_JUMP, end);
  cc_place(g, other);
  if (want == WANT_ANSWER && !g->code->is_block) {
    cc_emit(g, decides ? OP_RETURN_TRUE : OP_RETURN_FALSE, 0, 0, 0);
  } else if (want != WANT_EFFECT) {
    cc_emit(g, decides ? OP_PUSH_TRUE : OP_PUSH_FALSE, 0, 0, 0);
    if (want != WANT_VALUE) deliver(g, want);
  }
  cc_place(g, end);
}

/* ---- nil tests ---- */

static void compare_with_nil(struct cc_gen *g) {
  cc_emit(g, OP_PUSH_NIL, 0, 0, 0);
  cc_emit(g, OP_SEND_SPECIAL, SPSEL_IDENTICAL, 0, 0);
}

/* x ifNil: [b]: x itself when it is not nil. */
static void gen_if_nil(struct cc_gen *g, struct cc_node *n, enum cc_want want) {
  int32_t keep = cc_new_label(g), end = cc_new_label(g);
  cc_gen_value(g, n->send.receiver);
  if (want == WANT_EFFECT) {
    compare_with_nil(g);
    cc_jump(g, OP_JUMP_FALSE, end);
    gen_body(g, n->send.args[0], want);
  } else {
    cc_emit(g, OP_DUP, 0, 0, 0);
    compare_with_nil(g);
    cc_jump(g, OP_JUMP_FALSE, keep);
    cc_emit(g, OP_POP, 0, 0, 0);
    gen_body(g, n->send.args[0], want);
    cc_place(g, keep);
    if (want != WANT_VALUE) deliver(g, want);
  }
  cc_place(g, end);
}

/* x ifNotNil: [:v | …], with or without an ifNil: part. */
static void gen_if_not_nil(struct cc_gen *g, struct cc_node *n, struct cc_node *on_nil,
                           struct cc_node *on_value, enum cc_want want) {
  int32_t is_nil = cc_new_label(g);
  uint32_t slots = g->slots;
  struct cc_block *b = on_value->block;
  cc_gen_value(g, n->send.receiver);
  cc_enter_scope(g, b->scope);
  if (b->params.count > 0) cc_store_var(g, b->params.items[0].var);
  compare_with_nil(g);
  cc_jump(g, OP_JUMP_TRUE, is_nil);
  gen_statements(g, b, want);
  cc_leave_scope(g, slots);
  gen_other_branch(g, is_nil, on_nil, want);
}

/* ---- loops ---- */

/* [condition] whileTrue: [body]; body may be NULL. Answers nil. */
static void gen_while(struct cc_gen *g, struct cc_node *n, bool sense, enum cc_want want) {
  int32_t head = cc_new_label(g), exit = cc_new_label(g);
  g->loops++;
  cc_place(g, head);
  branch_on_block(g, n->send.receiver, !sense, exit);
  if (n->send.num_args > 0) gen_body(g, n->send.args[0], WANT_EFFECT);
  cc_jump(g, OP_JUMP, head);
  cc_place(g, exit);
  g->loops--;
  deliver_nil(g, want);
}

static void gen_repeat(struct cc_gen *g, struct cc_node *n) {
  int32_t head = cc_new_label(g);
  g->loops++;
  cc_place(g, head);
  gen_body(g, n->send.receiver, WANT_EFFECT);
  cc_jump(g, OP_JUMP, head);
  g->loops--;
}

/* Pushed anew in each turn without harm: constants, and arguments, which nobody assigns. */
static bool is_constant(const struct cc_node *n) {
  if (n->kind == NODE_LITERAL)
    return n->literal->kind == LIT_INTEGER || n->literal->kind == LIT_FLOAT ||
           n->literal->kind == LIT_CHARACTER;
  return n->kind == NODE_VARIABLE && n->variable.var->kind == VAR_LOCAL && n->variable.var->is_param;
}

static bool is_negative(const struct cc_node *n) {
  return n->literal->kind == LIT_FLOAT ? n->literal->number < 0 : n->literal->integer.negative;
}

/* counter <= limit, or >=; then the jump out. */
static void test_limit(struct cc_gen *g, uint32_t counter, struct cc_node *limit, int32_t limit_slot,
                       bool down, int32_t exit) {
  cc_emit(g, OP_PUSH_TEMP, (int32_t)counter, 0, 0);
  if (limit_slot >= 0)
    cc_emit(g, OP_PUSH_TEMP, limit_slot, 0, 0);
  else
    cc_gen_value(g, limit);
  cc_emit(g, OP_SEND_SPECIAL, down ? SPSEL_GREATER_EQUAL : SPSEL_LESS_EQUAL, 0, 0);
  cc_jump(g, OP_JUMP_FALSE, exit);
}

/* from to: limit by: step do: [:i | …]. Answers `from`. The counter has a slot of its own that the body
 * cannot assign; where closures see it, they copy its value of the turn. */
static void gen_to_do(struct cc_gen *g, struct cc_node *n, enum cc_want want) {
  bool by = n->inlined == INLINE_TO_BY_DO;
  struct cc_node *limit = n->send.args[0], *step = by ? n->send.args[1] : NULL;
  struct cc_node *body = n->send.args[by ? 2 : 1];
  struct cc_var *i = body->block->params.items[0].var;
  int32_t head = cc_new_label(g), exit = cc_new_label(g), limit_slot = -1;
  uint32_t slots = g->slots;
  cc_gen_value(g, n->send.receiver);
  if (want != WANT_EFFECT) cc_emit(g, OP_DUP, 0, 0, 0);
  uint32_t counter = cc_new_slot(g, i->name);
  i->index = counter;
  cc_emit(g, OP_POP_TEMP, (int32_t)counter, 0, 0);
  if (!is_constant(limit)) {
    cc_gen_value(g, limit);
    limit_slot = (int32_t)cc_new_slot(g, (struct cc_str){0});
    cc_emit(g, OP_POP_TEMP, limit_slot, 0, 0);
  }
  g->loops++;
  cc_place(g, head);
  g->pos = n->pos;
  g->end = n->end;
  test_limit(g, counter, limit, limit_slot, by && is_negative(step), exit);
  struct cc_vars all = body->block->scope->vars; /* the counter has its slot */
  uint32_t inner = g->slots;
  body->block->scope->vars.items++;
  body->block->scope->vars.count--;
  cc_enter_scope(g, body->block->scope);
  body->block->scope->vars = all;
  gen_statements(g, body->block, WANT_EFFECT);
  cc_leave_scope(g, inner);
  g->pos = n->pos;
  g->end = n->end;
  cc_emit(g, OP_PUSH_TEMP, (int32_t)counter, 0, 0);
  if (by)
    cc_gen_value(g, step);
  else
    cc_push_int(g, 1);
  cc_emit(g, OP_SEND_SPECIAL, SPSEL_ADD, 0, 0);
  cc_emit(g, OP_POP_TEMP, (int32_t)counter, 0, 0);
  cc_jump(g, OP_JUMP, head);
  cc_place(g, exit);
  g->loops--;
  cc_leave_scope(g, slots);
  if (want != WANT_EFFECT && want != WANT_VALUE) deliver(g, want);
}

/* n timesRepeat: [body]. Answers n. */
static void gen_times_repeat(struct cc_gen *g, struct cc_node *n, enum cc_want want) {
  int32_t head = cc_new_label(g), exit = cc_new_label(g), limit_slot = -1;
  uint32_t slots = g->slots;
  struct cc_node *times = n->send.receiver;
  if (!is_constant(times) || want != WANT_EFFECT) {
    cc_gen_value(g, times);
    if (want != WANT_EFFECT) cc_emit(g, OP_DUP, 0, 0, 0);
    limit_slot = (int32_t)cc_new_slot(g, (struct cc_str){0});
    cc_emit(g, OP_POP_TEMP, limit_slot, 0, 0);
  }
  uint32_t counter = cc_new_slot(g, (struct cc_str){0});
  cc_push_int(g, 1);
  cc_emit(g, OP_POP_TEMP, (int32_t)counter, 0, 0);
  g->loops++;
  cc_place(g, head);
  test_limit(g, counter, times, limit_slot, false, exit);
  gen_body(g, n->send.args[0], WANT_EFFECT);
  cc_emit(g, OP_PUSH_TEMP, (int32_t)counter, 0, 0);
  cc_push_int(g, 1);
  cc_emit(g, OP_SEND_SPECIAL, SPSEL_ADD, 0, 0);
  cc_emit(g, OP_POP_TEMP, (int32_t)counter, 0, 0);
  cc_jump(g, OP_JUMP, head);
  cc_place(g, exit);
  g->loops--;
  cc_leave_scope(g, slots);
  if (want != WANT_EFFECT && want != WANT_VALUE) deliver(g, want);
}

void cc_gen_inlined(struct cc_gen *g, struct cc_node *n, enum cc_want want) {
  struct cc_node **a = n->send.args;
  switch ((enum cc_inline)n->inlined) {
    case INLINE_IF_TRUE: gen_if(g, n, a[0], NULL, want); break;
    case INLINE_IF_FALSE: gen_if(g, n, NULL, a[0], want); break;
    case INLINE_IF_TRUE_IF_FALSE: gen_if(g, n, a[0], a[1], want); break;
    case INLINE_IF_FALSE_IF_TRUE: gen_if(g, n, a[1], a[0], want); break;
    case INLINE_AND:
    case INLINE_OR: gen_and_or(g, n, want); break;
    case INLINE_IF_NIL: gen_if_nil(g, n, want); break;
    case INLINE_IF_NOT_NIL: gen_if_not_nil(g, n, NULL, a[0], want); break;
    case INLINE_IF_NIL_IF_NOT_NIL: gen_if_not_nil(g, n, a[0], a[1], want); break;
    case INLINE_IF_NOT_NIL_IF_NIL: gen_if_not_nil(g, n, a[1], a[0], want); break;
    case INLINE_WHILE_TRUE:
    case INLINE_WHILE_TRUE_ALONE: gen_while(g, n, true, want); break;
    case INLINE_WHILE_FALSE:
    case INLINE_WHILE_FALSE_ALONE: gen_while(g, n, false, want); break;
    case INLINE_REPEAT: gen_repeat(g, n); break;
    case INLINE_TO_DO:
    case INLINE_TO_BY_DO: gen_to_do(g, n, want); break;
    case INLINE_TIMES_REPEAT: gen_times_repeat(g, n, want); break;
    case INLINE_NONE: break;
  }
}
