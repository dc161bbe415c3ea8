/* scope.c: the scope pass. It visits the tree in the order of evaluation.
 *
 * A variable that a closure uses is copied into it when it is created, unless it can change afterwards: it
 * is assigned in a closure, or later than the closure was made, or in a loop that makes the closure again.
 * Then it lives in a vector (an Array) that frame and closures share. A scope has one vector; a block inlined
 * in a loop makes a fresh one in each turn. */
#include "compiler/scope.h"

#include <stdio.h>

struct pass {
  struct cc_arena *arena;
  struct cc_diag *diag;
  const struct cc_text *text;
  const struct cc_env *env;
  struct cc_scope *scope;
  struct cc_scopes all;
  struct cc_vars outside; /* instance variables and bindings met so far */
  uint32_t events;
  uint32_t errors;
};

static void visit(struct pass *p, struct cc_node *n);

#define FAIL(p, pos, ...) ((p)->errors++, cc_error_at((p)->diag, (p)->text, (pos), __VA_ARGS__))
/* A name as an argument of the format's %.*s. */
#define NAME(s) (int)(s).n, (s).p

/* ---- scopes ---- */

static struct cc_scope *push_scope(struct pass *p, bool real) {
  struct cc_scope *s = CC_NEW(p->arena, struct cc_scope);
  s->parent = p->scope;
  s->real = real ? s : p->scope->real;
  CC_PUSH(p->arena, p->all, s);
  p->scope = s;
  return s;
}
static void pop_scope(struct pass *p) { p->scope = p->scope->parent; }

static struct cc_var *new_local(struct pass *p, struct cc_str name) {
  struct cc_var *v = CC_NEW(p->arena, struct cc_var);
  v->kind = VAR_LOCAL;
  v->name = name;
  v->scope = p->scope;
  CC_PUSH(p->arena, p->scope->vars, v);
  return v;
}

static bool is_reserved(struct cc_str name) {
  return CC_STR_IS(name, "self") || CC_STR_IS(name, "super") || CC_STR_IS(name, "nil") ||
         CC_STR_IS(name, "true") || CC_STR_IS(name, "false") || CC_STR_IS(name, "thisContext");
}

static void declare(struct pass *p, struct cc_names *names, bool is_param) {
  for (uint32_t i = 0; i < names->count; i++) {
    struct cc_name *name = &names->items[i];
    if (is_reserved(name->name))
      FAIL(p, name->pos, "'%.*s' is reserved and cannot be declared", NAME(name->name));
    for (uint32_t k = 0; k < p->scope->vars.count; k++)
      if (cc_str_eq(p->scope->vars.items[k]->name, name->name))
        FAIL(p, name->pos, "'%.*s' is declared twice", NAME(name->name));
    name->var = new_local(p, name->name);
    name->var->is_param = is_param;
  }
}

/* ---- names ---- */

static struct cc_var *outside_var(struct pass *p, enum cc_var_kind kind, struct cc_str name) {
  struct cc_var *v = CC_NEW(p->arena, struct cc_var);
  v->kind = kind;
  v->name = name;
  CC_PUSH(p->arena, p->outside, v);
  return v;
}

static struct cc_var *find(struct pass *p, struct cc_str name, uint32_t pos) {
  for (struct cc_scope *s = p->scope; s != NULL; s = s->parent)
    for (uint32_t i = s->vars.count; i-- > 0;)
      if (cc_str_eq(s->vars.items[i]->name, name)) return s->vars.items[i];
  for (uint32_t i = 0; i < p->outside.count; i++)
    if (cc_str_eq(p->outside.items[i]->name, name)) return p->outside.items[i];
  static const struct {
    const char *name;
    enum cc_var_kind kind;
  } pseudo[] = {{"self", VAR_SELF}, {"super", VAR_SUPER}, {"nil", VAR_NIL},
                {"true", VAR_TRUE}, {"false", VAR_FALSE}, {"thisContext", VAR_CONTEXT}};
  for (size_t i = 0; i < sizeof pseudo / sizeof *pseudo; i++)
    if (cc_str_eq(name, cc_str_z(pseudo[i].name))) return outside_var(p, pseudo[i].kind, name);
  for (uint32_t i = 0; i < p->env->inst_vars.count; i++)
    if (cc_str_eq(p->env->inst_vars.items[i], name)) {
      struct cc_var *v = outside_var(p, VAR_INST, name);
      v->index = i;
      return v;
    }
  void *binding = p->env->binding(p->env->context, name, pos);
  if (binding == NULL) FAIL(p, pos, "undeclared variable '%.*s'", NAME(name));
  struct cc_var *v = outside_var(p, VAR_BINDING, name);
  v->literal = CC_NEW(p->arena, struct cc_literal);
  v->literal->kind = LIT_BINDING;
  v->literal->pos = pos;
  v->literal->text = name;
  v->literal->binding = binding;
  return v;
}

/* The outermost loop between here and the variable's declaration. */
static struct cc_scope *loop_of(struct pass *p, const struct cc_var *v) {
  struct cc_scope *loop = NULL;
  for (struct cc_scope *s = p->scope; s != v->scope; s = s->parent)
    if (s->is_loop) loop = s;
  return loop;
}

static void add_loop(struct pass *p, struct cc_scopes *list, struct cc_scope *loop) {
  if (loop == NULL) return;
  for (uint32_t i = 0; i < list->count; i++)
    if (list->items[i] == loop) return;
  CC_PUSH(p->arena, *list, loop);
}

static void note_capture(struct pass *p, struct cc_var *v) {
  if (!v->captured) v->first_capture = p->events;
  v->captured = true;
  add_loop(p, &v->capture_loops, loop_of(p, v));
  for (struct cc_scope *s = p->scope->real; s != v->scope->real; s = s->parent->real) {
    bool known = false;
    for (uint32_t i = 0; i < s->captures.count && !known; i++) known = s->captures.items[i] == v;
    if (!known) CC_PUSH(p->arena, s->captures, v);
  }
}

static void note_outer(struct pass *p) { /* this block and all around it need their outer contexts */
  for (struct cc_scope *s = p->scope->real; s->parent != NULL; s = s->parent->real) s->needs_outer = true;
}

static void note_use(struct pass *p, struct cc_var *v, bool write) {
  p->events++;
  if (v->kind == VAR_CONTEXT) note_outer(p);
  if (v->kind != VAR_LOCAL) return;
  if (!v->seen) v->set_first = write && p->scope == v->scope;
  v->seen = true;
  bool inside = p->scope->real != v->scope->real;
  if (inside) note_capture(p, v);
  if (!write) return;
  v->last_write = p->events;
  if (inside) v->written_in_closure = true;
  add_loop(p, &v->write_loops, loop_of(p, v));
}

static bool must_share(const struct cc_var *v) {
  if (!v->captured) return false;
  if (v->written_in_closure || v->last_write > v->first_capture) return true;
  for (uint32_t i = 0; i < v->capture_loops.count; i++)
    for (uint32_t k = 0; k < v->write_loops.count; k++)
      if (v->capture_loops.items[i] == v->write_loops.items[k]) return true;
  return false;
}

/* ---- inlined messages ---- */

static bool is_block(const struct cc_node *n, uint32_t params) {
  return n != NULL && n->kind == NODE_BLOCK && n->block->params.count == params;
}
static bool is_block_upto(const struct cc_node *n, uint32_t params) {
  return n != NULL && n->kind == NODE_BLOCK && n->block->params.count <= params;
}
static bool is_literal_step(const struct cc_node *n) {
  if (n->kind != NODE_LITERAL) return false;
  if (n->literal->kind == LIT_FLOAT) return n->literal->number != 0;
  return n->literal->kind == LIT_INTEGER && n->literal->integer.count != 0;
}

static enum cc_inline inline_kind(const struct cc_node *n) {
  struct cc_str s = n->send.selector;
  struct cc_node *r = n->send.receiver, **a = n->send.args;
  if (r->kind == NODE_VARIABLE && CC_STR_IS(r->variable.name, "super")) return INLINE_NONE;
#define IS(text) CC_STR_IS(s, text)
  switch (n->send.num_args) {
    case 0:
      if (!is_block(r, 0)) return INLINE_NONE;
      if (IS("repeat")) return INLINE_REPEAT;
      if (r->block->statements.count == 0) return INLINE_NONE;
      return IS("whileTrue")    ? INLINE_WHILE_TRUE_ALONE
             : IS("whileFalse") ? INLINE_WHILE_FALSE_ALONE
                                : INLINE_NONE;
    case 1:
      if (IS("ifNotNil:") && is_block_upto(a[0], 1)) return INLINE_IF_NOT_NIL;
      if (!is_block(a[0], 0)) return INLINE_NONE;
      if (IS("ifTrue:")) return INLINE_IF_TRUE;
      if (IS("ifFalse:")) return INLINE_IF_FALSE;
      if (IS("and:")) return INLINE_AND;
      if (IS("or:")) return INLINE_OR;
      if (IS("ifNil:")) return INLINE_IF_NIL;
      if (IS("timesRepeat:")) return INLINE_TIMES_REPEAT;
      if (!is_block(r, 0) || r->block->statements.count == 0) return INLINE_NONE;
      return IS("whileTrue:") ? INLINE_WHILE_TRUE : IS("whileFalse:") ? INLINE_WHILE_FALSE : INLINE_NONE;
    case 2:
      if (IS("to:do:") && is_block(a[1], 1)) return INLINE_TO_DO;
      if (IS("ifNil:ifNotNil:") && is_block(a[0], 0) && is_block_upto(a[1], 1))
        return INLINE_IF_NIL_IF_NOT_NIL;
      if (IS("ifNotNil:ifNil:") && is_block(a[1], 0) && is_block_upto(a[0], 1))
        return INLINE_IF_NOT_NIL_IF_NIL;
      if (!is_block(a[0], 0) || !is_block(a[1], 0)) return INLINE_NONE;
      return IS("ifTrue:ifFalse:")   ? INLINE_IF_TRUE_IF_FALSE
             : IS("ifFalse:ifTrue:") ? INLINE_IF_FALSE_IF_TRUE
                                     : INLINE_NONE;
    case 3:
      return IS("to:by:do:") && is_literal_step(a[1]) && is_block(a[2], 1) ? INLINE_TO_BY_DO : INLINE_NONE;
    default: return INLINE_NONE;
  }
#undef IS
}

static void visit_body(struct pass *p, struct cc_block *b) {
  for (uint32_t i = 0; i < b->statements.count; i++) visit(p, b->statements.items[i]);
}

/* A block whose code goes into its surroundings. */
static void visit_inlined(struct pass *p, struct cc_node *n) {
  struct cc_block *b = n->block;
  b->scope = push_scope(p, false);
  declare(p, &b->params, true);
  for (uint32_t i = 0; i < b->params.count; i++)
    b->params.items[i].var->seen = b->params.items[i].var->set_first = true;
  declare(p, &b->temps, false);
  visit_body(p, b);
  pop_scope(p);
}

static void visit_inlined_parts(struct pass *p, struct cc_node *n) {
  enum cc_inline kind = (enum cc_inline)n->inlined;
  struct cc_node **a = n->send.args;
  bool loop = kind >= INLINE_WHILE_TRUE;
  bool block_receiver = kind >= INLINE_WHILE_TRUE && kind <= INLINE_REPEAT;
  if (!block_receiver) visit(p, n->send.receiver);
  if (kind == INLINE_TO_DO || kind == INLINE_TO_BY_DO) visit(p, a[0]);
  if (loop) push_scope(p, false)->is_loop = true;
  if (block_receiver) visit_inlined(p, n->send.receiver);
  for (uint32_t i = 0; i < n->send.num_args; i++)
    if (a[i]->kind == NODE_BLOCK && !(i == 0 && (kind == INLINE_TO_DO || kind == INLINE_TO_BY_DO)))
      visit_inlined(p, a[i]);
  if (loop) pop_scope(p);
}

/* ---- the visit ---- */

static void visit_real_block(struct pass *p, struct cc_node *n) {
  struct cc_block *b = n->block;
  p->events++;
  b->scope = push_scope(p, true);
  declare(p, &b->params, true);
  b->scope->num_params = b->params.count;
  declare(p, &b->temps, false);
  if (b->params.count > CC_MAX_ARGS) FAIL(p, n->pos, "a block has at most 15 arguments");
  visit_body(p, b);
  pop_scope(p);
}

static void visit_assign(struct pass *p, struct cc_node *n) {
  struct cc_node *target = n->assign.target;
  visit(p, n->assign.value);
  struct cc_var *v = target->variable.var = find(p, target->variable.name, target->pos);
  if (v->kind >= VAR_SELF) FAIL(p, target->pos, "'%.*s' cannot be assigned to", NAME(v->name));
  if (v->kind == VAR_LOCAL && v->is_param)
    FAIL(p, target->pos, "'%.*s' is an argument: it cannot be assigned to", NAME(v->name));
  note_use(p, v, true);
}

static void visit(struct pass *p, struct cc_node *n) {
  switch (n->kind) {
    case NODE_LITERAL: break;
    case NODE_VARIABLE:
      n->variable.var = find(p, n->variable.name, n->pos);
      note_use(p, n->variable.var, false);
      break;
    case NODE_ASSIGN: visit_assign(p, n); break;
    case NODE_SEND:
      if (n->send.num_args > CC_MAX_ARGS) FAIL(p, n->pos, "a message has at most 15 arguments");
      if (n->send.receiver != NULL && (n->inlined = (uint8_t)inline_kind(n)) != INLINE_NONE) {
        visit_inlined_parts(p, n);
        break;
      }
      if (n->send.receiver != NULL) visit(p, n->send.receiver);
      for (uint32_t i = 0; i < n->send.num_args; i++) visit(p, n->send.args[i]);
      break;
    case NODE_CASCADE:
      visit(p, n->cascade.receiver);
      for (uint32_t i = 0; i < n->cascade.count; i++) visit(p, n->cascade.parts[i]);
      break;
    case NODE_BLOCK: visit_real_block(p, n); break;
    case NODE_BRACE:
      for (uint32_t i = 0; i < n->brace.count; i++) visit(p, n->brace.items[i]);
      break;
    case NODE_RETURN:
      visit(p, n->value);
      note_outer(p);
      break;
    default: break;
  }
}

/* ---- after the visit: who shares, who copies ---- */

static void settle(struct pass *p) {
  for (uint32_t i = 0; i < p->all.count; i++) {
    struct cc_scope *s = p->all.items[i];
    uint32_t declared = s->vars.count;
    for (uint32_t k = 0; k < declared; k++) {
      struct cc_var *v = s->vars.items[k];
      v->remote = must_share(v);
      if (!v->remote || s->vector != NULL) continue;
      s->vector = CC_NEW(p->arena, struct cc_var);
      s->vector->kind = VAR_LOCAL;
      s->vector->scope = s;
    }
  }
  for (uint32_t i = 0; i < p->all.count; i++) {
    struct cc_scope *s = p->all.items[i];
    for (uint32_t k = 0; k < s->captures.count; k++) {
      struct cc_var *v = s->captures.items[k];
      if (v->remote) v = v->scope->vector;
      bool known = false;
      for (uint32_t j = 0; j < s->copied.count && !known; j++) known = s->copied.items[j] == v;
      if (!known) CC_PUSH(p->arena, s->copied, v);
    }
  }
}

bool cc_analyze(struct cc_arena *arena, struct cc_diag *diag, struct cc_method *method,
                const struct cc_env *env, struct cc_var *primitive_error) {
  struct pass pass = {.arena = arena, .diag = diag, .text = method->text, .env = env}, *p = &pass;
  struct cc_scope *s = CC_NEW(arena, struct cc_scope);
  s->real = s;
  CC_PUSH(arena, p->all, s);
  p->scope = method->body.scope = s;
  declare(p, &method->body.params, true);
  s->num_params = method->body.params.count;
  if (s->num_params > CC_MAX_ARGS)
    FAIL(p, method->body.params.items[CC_MAX_ARGS].pos, "a method has at most 15 arguments");
  declare(p, &method->body.temps, false);
  if (primitive_error != NULL) { /* set before the first statement */
    *primitive_error =
        (struct cc_var){.kind = VAR_LOCAL, .name = primitive_error->name, .scope = s, .seen = true};
    bool declared = false;
    for (uint32_t i = 0; i < s->vars.count; i++)
      declared |= cc_str_eq(s->vars.items[i]->name, primitive_error->name);
    if (declared)
      FAIL(p, method->body.pos, "the primitive's error variable '%.*s' is declared twice",
           NAME(primitive_error->name));
    CC_PUSH(arena, s->vars, primitive_error);
    note_use(p, primitive_error, true);
  }
  visit_body(p, &method->body);
  settle(p);
  return p->errors == 0;
}
