/* codegen.c: SistaV1 code for expressions, blocks and methods. */
#include "compiler/codegen.h"

#include <stdlib.h>

const char *const cc_special_selectors[SPSEL_COUNT] = {
    "+",  "-",         "<",  ">",       "<=",     ">=",  "=",       "~=",   "*",    "/",        "\\\\",
    "@",  "bitShift:", "//", "bitAnd:", "bitOr:", "at:", "at:put:", "size", "next", "nextPut:", "atEnd",
    "==", "class",     "~~", "value",   "value:", "do:", "new",     "new:", "x",    "y"};

enum { MAX_BRACE_ON_STACK = 24 };

void cc_gen_failed(struct cc_gen *g, uint32_t pos, const char *message) {
  if (!g->failed) cc_error_at(g->diag, g->text, pos, "%s", message);
  g->failed = true;
}

/* ---- literals ---- */

uint32_t cc_literal_index(struct cc_gen *g, struct cc_literal *l) {
  for (uint32_t i = 0; i < g->literals.count; i++)
    if (cc_literal_same(g->literals.items[i], l)) return i;
  if (g->literals.count >= CC_MAX_LITERALS - 2) {
    cc_gen_failed(g, l->pos, "too many literals in one method");
    return 0;
  }
  CC_PUSH(g->arena, g->literals, l);
  return g->literals.count - 1;
}

uint32_t cc_symbol_index(struct cc_gen *g, struct cc_str s) {
  struct cc_literal *l = CC_NEW(g->arena, struct cc_literal);
  l->kind = LIT_SYMBOL;
  l->text = s;
  l->pos = g->pos;
  return cc_literal_index(g, l);
}

static void push_literal(struct cc_gen *g, struct cc_literal *l) {
  cc_emit(g, OP_PUSH_LITERAL, (int32_t)cc_literal_index(g, l), 0, 0);
}

void cc_push_int(struct cc_gen *g, int32_t v) {
  if (v >= 0 && v < 256)
    cc_emit(g, OP_PUSH_INT, v, 0, 0);
  else
    push_literal(g, cc_literal_int(g->arena, v));
}

static void push_integer(struct cc_gen *g, struct cc_integer i) {
  int32_t small;
  if (cc_integer_small(i, &small)) {
    cc_push_int(g, small);
    return;
  }
  struct cc_literal *l = CC_NEW(g->arena, struct cc_literal);
  l->kind = LIT_INTEGER;
  l->integer = i;
  push_literal(g, l);
}

/* A scaled decimal or fraction is computed where it stands: no class of the image is built into the code. */
static void push_computed(struct cc_gen *g, const struct cc_literal *l) {
  push_integer(g, l->scaled.numerator);
  push_integer(g, l->scaled.denominator);
  cc_gen_send(g, CC_STR("/"), 1);
  if (l->kind != LIT_SCALED) return;
  cc_push_int(g, (int32_t)l->scaled.scale);
  cc_gen_send(g, CC_STR("asScaledDecimal:"), 1);
}

static void gen_literal(struct cc_gen *g, struct cc_literal *l) {
  switch (l->kind) {
    case LIT_NIL: cc_emit(g, OP_PUSH_NIL, 0, 0, 0); break;
    case LIT_TRUE: cc_emit(g, OP_PUSH_TRUE, 0, 0, 0); break;
    case LIT_FALSE: cc_emit(g, OP_PUSH_FALSE, 0, 0, 0); break;
    case LIT_INTEGER: push_integer(g, l->integer); break;
    case LIT_SCALED:
    case LIT_FRACTION: push_computed(g, l); break;
    case LIT_CHARACTER:
      if (l->character < 256)
        cc_emit(g, OP_PUSH_CHAR, (int32_t)l->character, 0, 0);
      else
        push_literal(g, l);
      break;
    default: push_literal(g, l); break;
  }
}

/* ---- variables ---- */

uint32_t cc_new_slot(struct cc_gen *g, struct cc_str name) {
  if (g->slots >= CC_MAX_TEMPS) {
    cc_gen_failed(g, g->pos, "more than 63 temporaries and arguments: split the method");
    return 0;
  }
  if (g->slots == g->max_slots) {
    g->max_slots++;
    CC_PUSH(g->arena, g->temp_names, name);
  }
  return g->slots++;
}

/* The slot of a local variable or vector in this frame: its own, or the copy. */
static int32_t slot_of(struct cc_gen *g, struct cc_var *v) {
  if (v->scope->real == g->scope) return (int32_t)v->index;
  for (uint32_t i = 0; i < g->scope->copied.count; i++)
    if (g->scope->copied.items[i] == v) return (int32_t)(g->scope->num_params + i);
  vm_panic(__FILE__, __LINE__, "a variable was not captured");
}

static void access(struct cc_gen *g, struct cc_var *v, enum bytecode_op local, enum bytecode_op remote) {
  if (v->remote)
    cc_emit(g, remote, (int32_t)v->index, slot_of(g, v->scope->vector), 0);
  else
    cc_emit(g, local, slot_of(g, v), 0, 0);
}

static int32_t binding_index(struct cc_gen *g, struct cc_var *v) {
  return (int32_t)cc_literal_index(g, v->literal);
}

/* Whether self is a context: its first fields may be in a stack frame, where only the long forms of the
 * instance variable bytecodes look (as EncoderForSistaV1 has it). The names tell, for a class compiled at run
 * time is known by nothing else. */
static int32_t of_context(const struct cc_env *env) {
  static const char *const fields[] = {"sender", "pc", "stackp"};
  for (uint32_t i = 0; i < sizeof fields / sizeof *fields; i++)
    if (i >= env->inst_vars.count || !cc_str_eq(env->inst_vars.items[i], cc_str_z(fields[i]))) return 0;
  return 1;
}

void cc_push_var(struct cc_gen *g, struct cc_var *v) {
  switch (v->kind) {
    case VAR_LOCAL: access(g, v, OP_PUSH_TEMP, OP_PUSH_REMOTE_TEMP); break;
    case VAR_INST: cc_emit(g, OP_PUSH_INSTVAR, (int32_t)v->index, of_context(g->env), 0); break;
    case VAR_BINDING: cc_emit(g, OP_PUSH_LITVAR, binding_index(g, v), 0, 0); break;
    case VAR_SELF:
    case VAR_SUPER: cc_emit(g, OP_PUSH_RECEIVER, 0, 0, 0); break;
    case VAR_NIL: cc_emit(g, OP_PUSH_NIL, 0, 0, 0); break;
    case VAR_TRUE: cc_emit(g, OP_PUSH_TRUE, 0, 0, 0); break;
    case VAR_FALSE: cc_emit(g, OP_PUSH_FALSE, 0, 0, 0); break;
    case VAR_CONTEXT: cc_emit(g, OP_PUSH_CONTEXT, 0, 0, 0); break;
  }
}

void cc_store_var(struct cc_gen *g, struct cc_var *v) {
  if (v->kind == VAR_LOCAL)
    access(g, v, OP_STORE_TEMP, OP_STORE_REMOTE_TEMP);
  else if (v->kind == VAR_INST)
    cc_emit(g, OP_STORE_INSTVAR, (int32_t)v->index, of_context(g->env), 0);
  else
    cc_emit(g, OP_STORE_LITVAR, binding_index(g, v), 0, 0);
}

void cc_pop_var(struct cc_gen *g, struct cc_var *v) {
  if (v->kind == VAR_LOCAL)
    access(g, v, OP_POP_TEMP, OP_POP_REMOTE_TEMP);
  else if (v->kind == VAR_INST)
    cc_emit(g, OP_POP_INSTVAR, (int32_t)v->index, of_context(g->env), 0);
  else
    cc_emit(g, OP_POP_LITVAR, binding_index(g, v), 0, 0);
}

/* Gives the scope's variables their places. In an inlined block a slot may hold an old value: of another
 * block, or of the loop's last turn; it is set to nil unless the block itself begins by setting it. */
void cc_enter_scope(struct cc_gen *g, struct cc_scope *s) {
  uint32_t remotes = 0;
  for (uint32_t i = 0; i < s->vars.count; i++) {
    struct cc_var *v = s->vars.items[i];
    if (v->remote) {
      v->index = remotes++;
      continue;
    }
    if (v->index == CC_ERROR_SLOT) continue;
    bool used_before = g->slots < g->max_slots;
    v->index = cc_new_slot(g, v->name);
    if (s->real != s && (used_before || g->loops > 0) && v->seen && !v->set_first) {
      cc_emit(g, OP_PUSH_NIL, 0, 0, 0);
      cc_emit(g, OP_POP_TEMP, (int32_t)v->index, 0, 0);
    }
  }
  if (s->vector == NULL) return;
  if (remotes > 127) cc_gen_failed(g, g->pos, "too many variables shared with blocks: split the method");
  s->vector->index = cc_new_slot(g, (struct cc_str){0});
  cc_emit(g, OP_PUSH_ARRAY, (int32_t)remotes, 0, 0);
  cc_emit(g, OP_POP_TEMP, (int32_t)s->vector->index, 0, 0);
}

void cc_leave_scope(struct cc_gen *g, uint32_t slots_before) { g->slots = slots_before; }

/* ---- sends ---- */

void cc_gen_send(struct cc_gen *g, struct cc_str selector, uint32_t num_args) {
  for (uint32_t i = 0; i < SPSEL_COUNT; i++)
    if (cc_str_eq(selector, cc_str_z(cc_special_selectors[i]))) {
      cc_emit(g, OP_SEND_SPECIAL, (int32_t)i, 0, 0);
      return;
    }
  cc_emit(g, OP_SEND, (int32_t)cc_symbol_index(g, selector), (int32_t)num_args, 0);
}

static bool is_super(const struct cc_node *n) {
  return n->kind == NODE_VARIABLE && n->variable.var->kind == VAR_SUPER;
}

/* Arguments and the send itself; the receiver is on the stack. A block has no class binding in its last
 * literal, so there a super send names the class on the stack. */
static void gen_message(struct cc_gen *g, struct cc_node *n, bool to_super) {
  for (uint32_t i = 0; i < n->send.num_args; i++) cc_gen_value(g, n->send.args[i]);
  g->pos = n->pos;
  g->end = n->end;
  if (!to_super) {
    cc_gen_send(g, n->send.selector, n->send.num_args);
    return;
  }
  enum bytecode_op op = OP_SEND_SUPER;
  int32_t selector = (int32_t)cc_symbol_index(g, n->send.selector);
  if (g->code->is_block) {
    struct cc_literal *l = CC_NEW(g->arena, struct cc_literal);
    l->kind = LIT_CLASS_BINDING;
    cc_emit(g, OP_PUSH_LITVAR, (int32_t)cc_literal_index(g, l), 0, 0);
    op = OP_SEND_DIRECTED_SUPER;
  }
  cc_emit(g, op, selector, (int32_t)n->send.num_args, 0);
}

static void gen_cascade(struct cc_gen *g, struct cc_node *n) {
  bool to_super = is_super(n->cascade.receiver);
  cc_gen_value(g, n->cascade.receiver);
  for (uint32_t i = 0; i < n->cascade.count; i++) {
    bool last = i + 1 == n->cascade.count;
    if (!last) cc_emit(g, OP_DUP, 0, 0, 0);
    gen_message(g, n->cascade.parts[i], to_super);
    if (!last) cc_emit(g, OP_POP, 0, 0, 0);
  }
}

/* { … }: on the stack while that is shallow, else element by element. */
static void gen_brace(struct cc_gen *g, struct cc_node *n) {
  uint32_t count = n->brace.count;
  if (count <= MAX_BRACE_ON_STACK) {
    for (uint32_t i = 0; i < count; i++) cc_gen_value(g, n->brace.items[i]);
    cc_emit(g, count == 0 ? OP_PUSH_ARRAY : OP_POP_PUSH_ARRAY, (int32_t)count, 0, 0);
    return;
  }
  if (count < 128) {
    cc_emit(g, OP_PUSH_ARRAY, (int32_t)count, 0, 0);
  } else {
    struct cc_literal *l = CC_NEW(g->arena, struct cc_literal);
    l->kind = LIT_BINDING;
    l->pos = n->pos;
    l->text = CC_STR("Array");
    l->binding = g->env->binding(g->env->context, l->text, n->pos);
    if (l->binding == NULL)
      cc_gen_failed(g, n->pos, "a brace array this long needs the class Array, which is undeclared");
    cc_emit(g, OP_PUSH_LITVAR, (int32_t)cc_literal_index(g, l), 0, 0);
    cc_push_int(g, (int32_t)count);
    cc_gen_send(g, CC_STR("new:"), 1);
  }
  for (uint32_t i = 0; i < count; i++) {
    cc_emit(g, OP_DUP, 0, 0, 0);
    cc_push_int(g, (int32_t)i + 1);
    cc_gen_value(g, n->brace.items[i]);
    cc_gen_send(g, CC_STR("at:put:"), 2);
    cc_emit(g, OP_POP, 0, 0, 0);
  }
}

/* ---- blocks ---- */

static struct cc_code *compile_block(struct cc_gen *outer, struct cc_node *n);

static void gen_block(struct cc_gen *g, struct cc_node *n) {
  struct cc_scope *s = n->block->scope;
  struct cc_literal *l = CC_NEW(g->arena, struct cc_literal);
  l->kind = LIT_CODE;
  l->pos = n->pos;
  if (g->dead) return;
  l->code = compile_block(g, n);
  for (uint32_t i = 0; i < s->copied.count; i++)
    cc_emit(g, OP_PUSH_TEMP, slot_of(g, s->copied.items[i]), 0, 0);
  cc_emit(g, OP_PUSH_FULL_CLOSURE, (int32_t)cc_literal_index(g, l), (int32_t)s->copied.count, 0);
}

/* ---- expressions ---- */

static bool is_quiet(const struct cc_node *n) { /* pushing it has no effect */
  return n->kind == NODE_LITERAL ? n->literal->kind != LIT_SCALED && n->literal->kind != LIT_FRACTION
                                 : n->kind == NODE_VARIABLE || n->kind == NODE_BLOCK;
}

void cc_gen_value(struct cc_gen *g, struct cc_node *n) {
  g->pos = n->pos;
  g->end = n->end;
  switch (n->kind) {
    case NODE_LITERAL: gen_literal(g, n->literal); break;
    case NODE_VARIABLE: cc_push_var(g, n->variable.var); break;
    case NODE_ASSIGN:
      cc_gen_value(g, n->assign.value);
      g->pos = n->pos;
      g->end = n->end;
      cc_store_var(g, n->assign.target->variable.var);
      break;
    case NODE_SEND:
      if (n->inlined != INLINE_NONE) {
        cc_gen_inlined(g, n, WANT_VALUE);
        break;
      }
      cc_gen_value(g, n->send.receiver);
      gen_message(g, n, is_super(n->send.receiver));
      break;
    case NODE_CASCADE: gen_cascade(g, n); break;
    case NODE_BLOCK: gen_block(g, n); break;
    case NODE_BRACE: gen_brace(g, n); break;
    case NODE_RETURN: cc_gen_answer(g, n->value, false); break;
    default: break;
  }
}

void cc_gen_effect(struct cc_gen *g, struct cc_node *n) {
  if (n->kind == NODE_ASSIGN) {
    cc_gen_value(g, n->assign.value);
    g->pos = n->pos;
    g->end = n->end;
    cc_pop_var(g, n->assign.target->variable.var);
  } else if (n->kind == NODE_SEND && n->inlined != INLINE_NONE) {
    cc_gen_inlined(g, n, WANT_EFFECT);
  } else if (n->kind == NODE_RETURN) {
    cc_gen_answer(g, n->value, false);
  } else if (!is_quiet(n)) {
    cc_gen_value(g, n);
    cc_emit(g, OP_POP, 0, 0, 0);
  }
}

/* self, true, false and nil have returns of their own; in a block they would leave the block only. */
static bool answer_constant(struct cc_gen *g, const struct cc_node *n, bool in_block) {
  enum cc_var_kind kind = n->kind == NODE_VARIABLE ? n->variable.var->kind : VAR_LOCAL;
  if (in_block) {
    if (kind == VAR_NIL) cc_emit(g, OP_BLOCK_RETURN_NIL, 0, 0, 0);
    return kind == VAR_NIL;
  }
  if (g->code->is_block) return false;
  switch (kind) {
    case VAR_SELF: cc_emit(g, OP_RETURN_RECEIVER, 0, 0, 0); return true;
    case VAR_TRUE: cc_emit(g, OP_RETURN_TRUE, 0, 0, 0); return true;
    case VAR_FALSE: cc_emit(g, OP_RETURN_FALSE, 0, 0, 0); return true;
    case VAR_NIL: cc_emit(g, OP_RETURN_NIL, 0, 0, 0); return true;
    default: return false;
  }
}

void cc_gen_answer(struct cc_gen *g, struct cc_node *n, bool in_block) {
  g->pos = n->pos;
  g->end = n->end;
  if (n->kind == NODE_RETURN) { /* ^ as a block's last statement */
    cc_gen_answer(g, n->value, false);
    return;
  }
  if (n->kind == NODE_SEND && n->inlined != INLINE_NONE) {
    cc_gen_inlined(g, n, in_block ? WANT_BLOCK_ANSWER : WANT_ANSWER);
    return;
  }
  if (answer_constant(g, n, in_block)) return;
  cc_gen_value(g, n);
  cc_emit(g, in_block ? OP_BLOCK_RETURN_TOP : OP_RETURN_TOP, 0, 0, 0);
}

/* ---- methods and blocks as a whole ---- */

static void start_gen(struct cc_gen *g, struct cc_arena *arena, struct cc_diag *diag,
                      const struct cc_text *text, const struct cc_env *env, struct cc_block *body) {
  *g = (struct cc_gen){.arena = arena, .diag = diag, .text = text, .env = env, .scope = body->scope};
  g->code = CC_NEW(arena, struct cc_code);
  g->code->text = text;
  g->pos = body->pos;
  g->end = body->end;
}

static void enter_real_scope(struct cc_gen *g) {
  struct cc_scope *s = g->scope;
  /* Arguments, then copied values, then the rest: arguments are the scope's first variables. */
  struct cc_vars all = s->vars;
  s->vars.count = s->num_params;
  struct cc_var *vector = s->vector;
  s->vector = NULL;
  cc_enter_scope(g, s);
  for (uint32_t i = 0; i < s->copied.count; i++) cc_new_slot(g, s->copied.items[i]->name);
  if (all.count > 0) s->vars.items = all.items + s->num_params;
  s->vars.count = all.count - s->num_params;
  s->vector = vector;
  cc_enter_scope(g, s);
  s->vars = all;
}

static void add_final_literal(struct cc_gen *g, enum cc_literal_kind kind, struct cc_str text,
                              struct cc_code *code) {
  struct cc_literal *l = CC_NEW(g->arena, struct cc_literal);
  l->kind = kind;
  if (kind == LIT_SYMBOL)
    l->text = text;
  else
    l->code = code;
  CC_PUSH(g->arena, g->literals, l); /* always of its own, at the end */
}

static void patch_error_slot(struct cc_gen *g) {
  uint32_t slot = cc_new_slot(g, (struct cc_str){0});
  for (uint32_t i = 0; i < g->ins.count; i++) {
    struct cc_ins *ins = &g->ins.items[i];
    if ((ins->op == OP_PUSH_TEMP || ins->op == OP_STORE_TEMP || ins->op == OP_POP_TEMP) &&
        ins->a == CC_ERROR_SLOT)
      ins->a = (int32_t)slot;
  }
}

/* Code that ends in an endless loop: readers that look for a return at the end, such as the JIT of SqueakJS,
 * find one all the same. */
static void end_with_return(struct cc_gen *g) {
  if (g->ins.count == 0 || g->ins.items[g->ins.count - 1].op != OP_JUMP) return;
  struct cc_ins i = {
      .op = g->code->is_block ? OP_BLOCK_RETURN_NIL : OP_RETURN_RECEIVER, .pos = g->pos, .end = g->end};
  CC_PUSH(g->arena, g->ins, i);
}

static void finish_gen(struct cc_gen *g, bool has_error_slot) {
  struct cc_code *c = g->code;
  if (has_error_slot) {
    g->slots = g->max_slots;
    patch_error_slot(g);
  }
  c->num_args = g->scope->num_params;
  c->num_copied = g->scope->copied.count;
  c->num_temps = g->max_slots;
  c->max_stack = (uint32_t)g->max_depth;
  c->temp_names = g->temp_names.items;
  c->literals = g->literals.items;
  c->num_literals = g->literals.count;
  if (c->num_temps + c->max_stack > CC_FRAME_LARGE)
    cc_gen_failed(g, g->pos, "this needs more than 56 temporaries and operands at once: split it");
  end_with_return(g);
  if (!g->failed) cc_assemble(g);
}

static struct cc_code *compile_block(struct cc_gen *outer, struct cc_node *n) {
  struct cc_block *b = n->block;
  struct cc_gen gen, *g = &gen;
  start_gen(g, outer->arena, outer->diag, outer->text, outer->env, b);
  g->code->is_block = true;
  g->code->selector = outer->code->selector;
  g->code->outer = outer->code;
  g->code->needs_outer = b->scope->needs_outer;
  enter_real_scope(g);
  uint32_t count = b->statements.count;
  for (uint32_t i = 0; i + 1 < count && !g->dead; i++) cc_gen_effect(g, b->statements.items[i]);
  if (count == 0)
    cc_emit(g, OP_BLOCK_RETURN_NIL, 0, 0, 0);
  else if (!g->dead)
    cc_gen_answer(g, b->statements.items[count - 1], true);
  add_final_literal(g, LIT_OUTER_CODE, (struct cc_str){0}, outer->code);
  if (g->scope->copied.count > FULL_CLOSURE_COPIED_MASK)
    cc_gen_failed(g, n->pos, "this block uses too many variables");
  finish_gen(g, false);
  outer->failed |= g->failed;
  return g->code;
}

/* ---- primitives and pragmas ---- */

/* What <primitive: …> says. */
struct primitive {
  uint32_t number;
  struct cc_literal *call; /* named: the first literal, #(module name 0 0) */
  struct cc_str error;
};

static bool is_text(const struct cc_literal *l) { return l->kind == LIT_STRING || l->kind == LIT_SYMBOL; }

static struct cc_literal *named_call(struct cc_arena *arena, struct cc_literal *name,
                                     struct cc_literal *module) {
  struct cc_literal *l = CC_NEW(arena, struct cc_literal);
  l->kind = LIT_ARRAY;
  l->pos = name->pos;
  l->array.count = 4;
  l->array.items = CC_NEW_ARRAY(arena, struct cc_literal *, 4);
  for (int i = 0; i < 2; i++) {
    struct cc_literal *from = i == 0 ? module : name, *to = CC_NEW(arena, struct cc_literal);
    if (from != NULL) {
      to->kind = LIT_SYMBOL;
      to->text = from->text;
    }
    l->array.items[i] = to;
  }
  l->array.items[2] = l->array.items[3] = cc_literal_int(arena, 0);
  return l;
}

static bool read_primitive(struct cc_arena *arena, struct cc_diag *diag, const struct cc_method *m,
                           const struct cc_pragma *p, struct primitive *out) {
  struct cc_str rest = p->selector;
  int32_t number = 0;
  struct cc_literal *first = p->args[0], *module = NULL;
  bool named = is_text(first);
  if (!named && !(first->kind == LIT_INTEGER && cc_integer_small(first->integer, &number) && number > 0 &&
                  number < 32768))
    goto bad;
  rest.p += sizeof "primitive:" - 1;
  rest.n -= sizeof "primitive:" - 1;
  for (uint32_t i = 1; i < p->num_args; i++) {
    uint32_t n = 0;
    while (rest.p[n] != ':') n++;
    struct cc_str key = cc_str(rest.p, n + 1);
    if (!is_text(p->args[i])) goto bad;
    if (CC_STR_IS(key, "module:"))
      module = p->args[i];
    else if (CC_STR_IS(key, "error:") || CC_STR_IS(key, "errorCode:"))
      out->error = p->args[i]->text;
    else
      goto bad;
    rest.p += n + 1;
    rest.n -= n + 1;
  }
  out->number = named ? 117 : (uint32_t)number;
  if (named) out->call = named_call(arena, first, module);
  return true;
bad:
  cc_error_at(diag, m->text, p->pos,
              "a primitive is <primitive: number> or <primitive: 'name' module: 'module'>, with error: name");
  return false;
}

static bool is_primitive(const struct cc_pragma *p) {
  return p->num_args > 0 && p->selector.n >= 10 && memcmp(p->selector.p, "primitive:", 10) == 0;
}

/* Methods that only answer self, a constant or an instance variable are numbered primitives 256 and up. */
static uint32_t quick_primitive(const struct cc_method *m) {
  const struct cc_block *b = &m->body;
  if (m->is_doit || b->params.count > 0 || b->temps.count > 0 || m->pragmas.count > 0) return 0;
  if (b->statements.count == 0) return 256;
  const struct cc_node *n = b->statements.items[0];
  if (b->statements.count != 1 || n->kind != NODE_RETURN) return 0;
  n = n->value;
  if (n->kind == NODE_VARIABLE) {
    switch (n->variable.var->kind) {
      case VAR_SELF: return 256;
      case VAR_TRUE: return 257;
      case VAR_FALSE: return 258;
      case VAR_NIL: return 259;
      case VAR_INST: return n->variable.var->index < 256 ? 264 + n->variable.var->index : 0;
      default: return 0;
    }
  }
  int32_t v;
  if (n->kind != NODE_LITERAL || n->literal->kind != LIT_INTEGER ||
      !cc_integer_small(n->literal->integer, &v))
    return 0;
  return v >= -1 && v <= 2 ? (uint32_t)(261 + v) : 0;
}

/* The primitive call, and its error code's way from the top of the stack (where the VM leaves it, in the
 * last temporary) to its variable: the VM looks for a long store right behind the call. */
static void gen_primitive(struct cc_gen *g, uint32_t number, struct cc_var *error) {
  cc_emit(g, OP_CALL_PRIMITIVE, (int32_t)number, 0, 0);
  if (error != NULL) {
    cc_emit(g, OP_STORE_TEMP, CC_ERROR_SLOT, 0, 0);
    if (!error->remote) error->index = CC_ERROR_SLOT;
  }
}

static void gen_method_body(struct cc_gen *g, const struct cc_method *m) {
  const struct cc_nodes *list = &m->body.statements;
  uint32_t last = m->is_doit && list->count > 0 ? list->count - 1 : list->count;
  for (uint32_t i = 0; i < last && !g->dead; i++) cc_gen_effect(g, list->items[i]);
  g->pos = g->end = m->body.end;
  if (g->dead) return;
  if (last < list->count)
    cc_gen_answer(g, list->items[last], false);
  else if (m->is_doit)
    cc_emit(g, OP_RETURN_NIL, 0, 0, 0);
  else
    cc_emit(g, OP_RETURN_RECEIVER, 0, 0, 0);
}

struct cc_code *cc_compile(struct cc_arena *arena, struct cc_diag *diag, struct cc_method *m,
                           const struct cc_env *env) {
  struct primitive primitive = {0};
  struct cc_var error = {0};
  struct cc_pragmas kept = {0};
  for (uint32_t i = 0; i < m->pragmas.count; i++) {
    const struct cc_pragma *p = &m->pragmas.items[i];
    if (!is_primitive(p))
      CC_PUSH(arena, kept, *p);
    else if (!read_primitive(arena, diag, m, p, &primitive))
      return NULL;
  }
  bool has_error = primitive.error.n != 0;
  error.name = primitive.error;
  if (!cc_analyze(arena, diag, m, env, has_error ? &error : NULL)) return NULL;
  if (primitive.number == 0) primitive.number = quick_primitive(m);

  struct cc_gen gen, *g = &gen;
  start_gen(g, arena, diag, m->text, env, &m->body);
  g->code->selector = m->selector;
  g->code->primitive = primitive.number;
  g->code->pragmas = kept.items;
  g->code->num_pragmas = kept.count;
  if (primitive.call != NULL) cc_literal_index(g, primitive.call);
  if (primitive.number != 0) gen_primitive(g, primitive.number, has_error ? &error : NULL);
  enter_real_scope(g);
  if (has_error && error.remote) {
    cc_emit(g, OP_PUSH_TEMP, CC_ERROR_SLOT, 0, 0);
    cc_pop_var(g, &error);
  }
  gen_method_body(g, m);
  if (kept.count > 0)
    add_final_literal(g, LIT_METHOD_STATE, (struct cc_str){0}, g->code);
  else
    add_final_literal(g, LIT_SYMBOL, m->selector, NULL);
  add_final_literal(g, LIT_METHOD_CLASS, (struct cc_str){0}, NULL);
  finish_gen(g, has_error);
  return g->failed ? NULL : g->code;
}
