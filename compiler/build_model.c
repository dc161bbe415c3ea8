/* build_model.c: from source items to classes: superclasses, variables, methods, and everything that can be
 * wrong with them. */
#include "compiler/build.h"

/* X(name): variables that the builder defines, besides a global for each class. */
#define GLOBALS(X)   \
  X(Smalltalk)       \
  X(Processor)       \
  X(Transcript)      \
  X(SymbolTableSeed) \
  X(GlobalsSeed)

#define NAME(s) (int)(s).n, (s).p

static void error_at(struct builder *b, const struct cc_item *item, const char *message, struct cc_str name) {
  cc_error_at(&b->diag, item->text, item->pos, "%s: %.*s", message, NAME(name));
}

static struct build_class *find_class(struct builder *b, struct cc_str name) {
  return cc_map_at(&b->by_name, name);
}

struct build_class *build_class_named(struct builder *b, const char *name) {
  return find_class(b, cc_str_z(name));
}

static struct build_var *new_var(struct builder *b, struct build_vars *list, struct cc_str name) {
  struct build_var *v = CC_NEW(&b->arena, struct build_var);
  v->name = name;
  v->association = 0;
  CC_PUSH(&b->arena, *list, v);
  return v;
}

static struct build_var *new_global(struct builder *b, struct cc_str name) {
  struct build_var *v = new_var(b, &b->globals, name);
  cc_map_put(&b->arena, &b->globals_by_name, name, v);
  return v;
}

struct build_var *build_global(struct builder *b, const char *name) {
  return cc_map_at(&b->globals_by_name, cc_str_z(name));
}

/* ---- classes ---- */

static void define_class(struct builder *b, const struct cc_item *item, struct build_classes *found) {
  struct build_class *old = find_class(b, item->class_name);
  if (old != NULL) {
    uint32_t line, column;
    cc_line_column(old->item->text->s, old->item->pos, &line, &column, NULL);
    cc_error_at(&b->diag, item->text, item->pos, "the class %.*s is defined already in %s:%u",
                NAME(item->class_name), old->item->text->file, line);
    return;
  }
  struct build_class *c = CC_NEW(&b->arena, struct build_class);
  c->name = item->class_name;
  c->item = item;
  c->comment = item->comment;
  c->type = item->type;
  for (int i = 0; i < 2; i++) c->side[i] = (struct build_behavior){.class_ = c, .is_meta = i == 1};
  c->side[0].own = item->inst_vars;
  c->side[1].own = item->class_inst_vars;
  for (uint32_t i = 0; i < item->class_vars.count; i++) new_var(b, &c->variables, item->class_vars.items[i]);
  cc_map_put(&b->arena, &b->by_name, c->name, c);
  CC_PUSH(&b->arena, *found, c);
}

static void link_superclass(struct builder *b, struct build_class *c) {
  if (CC_STR_IS(c->item->superclass, "nil")) return;
  c->superclass = find_class(b, c->item->superclass);
  if (c->superclass == NULL) error_at(b, c->item, "the superclass is missing", c->item->superclass);
}

/* Superclasses before subclasses, otherwise in the order found. Chains are walked up, so their length is no
 * matter. */
static void put_in_order(struct builder *b, struct build_class *c) {
  enum { NEW, ON_PATH, DONE };
  while (c->mark != DONE) {
    struct build_class *next = c;
    while (next->superclass != NULL && next->superclass->mark == NEW) {
      next->mark = ON_PATH;
      next = next->superclass;
    }
    if (next->superclass != NULL && next->superclass->mark == ON_PATH) {
      error_at(b, next->item, "a class inherits from itself", next->name);
      next->superclass = NULL;
    }
    for (struct build_class *k = c; k != next && k != NULL; k = k->superclass) k->mark = NEW;
    next->mark = DONE;
    CC_PUSH(&b->arena, b->classes, next);
    if (next->superclass != NULL) CC_PUSH(&b->arena, next->superclass->subclasses, next);
  }
}

static bool has_name(const struct cc_strs *list, struct cc_str name) {
  for (uint32_t i = 0; i < list->count; i++)
    if (cc_str_eq(list->items[i], name)) return true;
  return false;
}

static void inherit_variables(struct builder *b, struct build_class *c, int side,
                              const struct cc_strs *inherited) {
  struct build_behavior *k = &c->side[side];
  for (uint32_t i = 0; i < inherited->count; i++) CC_PUSH(&b->arena, k->all, inherited->items[i]);
  for (uint32_t i = 0; i < k->own.count; i++) {
    if (has_name(&k->all, k->own.items[i]))
      error_at(b, c->item, "this instance variable is there twice", k->own.items[i]);
    CC_PUSH(&b->arena, k->all, k->own.items[i]);
  }
}

/* The format of instances. A class without a #type of its own is like its superclass. */
static void settle_format(struct builder *b, struct build_class *c) {
  static const uint8_t specs[CC_CLASS_TYPE_COUNT] = {
      [CC_CLASS_BYTES] = FMT_8,
      [CC_CLASS_SHORTS] = FMT_16,
      [CC_CLASS_WORDS] = FMT_32,
      [CC_CLASS_LONGS] = FMT_64,
      [CC_CLASS_WEAK] = FMT_WEAK,
      [CC_CLASS_EPHEMERON] = FMT_EPHEMERON,
      [CC_CLASS_IMMEDIATE] = FMT_FORWARDED,
      [CC_CLASS_METHOD] = FMT_METHOD,
  };
  if (c->type == CC_CLASS_NORMAL && c->superclass != NULL) c->type = c->superclass->type;
  uint32_t fields = c->side[0].all.count;
  c->side[0].spec = specs[c->type];
  if (c->type == CC_CLASS_NORMAL) c->side[0].spec = fields > 0 ? FMT_FIXED : FMT_EMPTY;
  if (c->type == CC_CLASS_VARIABLE) c->side[0].spec = fields > 0 ? FMT_FIXED_INDEXABLE : FMT_INDEXABLE;
  c->side[1].spec = FMT_FIXED;
  bool bits = c->side[0].spec >= FMT_FORWARDED;
  if (bits && fields > 0)
    error_at(b, c->item, "a class of bits or bytes cannot have instance variables", c->name);
}

static void settle_variables(struct builder *b, struct build_class *c) {
  static const struct cc_strs none;
  struct build_class *s = c->superclass;
  inherit_variables(b, c, 0, s != NULL ? &s->side[0].all : &none);
  /* A metaclass adds to what its superclass's has; the root's metaclass is a subclass of Class. */
  inherit_variables(b, c, 1, s != NULL ? &s->side[1].all : &none);
  settle_format(b, c);
}

/* Class's own instance variables come first in every class: known only when all are settled. */
static void prefix_metaclass_variables(struct builder *b) {
  struct build_class *class_class = build_class_named(b, "Class");
  if (class_class == NULL) return;
  for (uint32_t i = 0; i < b->classes.count; i++) {
    struct build_behavior *meta = &b->classes.items[i]->side[1];
    struct cc_strs own = meta->all;
    meta->all = (struct cc_strs){0};
    for (uint32_t k = 0; k < class_class->side[0].all.count; k++)
      CC_PUSH(&b->arena, meta->all, class_class->side[0].all.items[k]);
    for (uint32_t k = 0; k < own.count; k++) CC_PUSH(&b->arena, meta->all, own.items[k]);
  }
}

/* ---- methods ---- */

static void add_method(struct builder *b, const struct cc_item *item) {
  struct build_class *c = find_class(b, item->class_name);
  if (c == NULL) {
    error_at(b, item, "a method for a class that is not there", item->class_name);
    return;
  }
  struct build_behavior *k = &c->side[item->is_meta];
  struct build_method m = {.item = item};
  if (!cc_parse_pattern(&b->arena, &b->diag, item->text, item->pattern, &m.selector)) return;
  const struct cc_item *old = cc_map_at(&k->selectors, m.selector);
  if (old != NULL) {
    uint32_t line, column;
    cc_line_column(old->text->s, old->pos, &line, &column, NULL);
    cc_error_at(&b->diag, item->text, item->pos, "%.*s%s >> %.*s is defined already in %s:%u", NAME(c->name),
                item->is_meta ? " class" : "", NAME(m.selector), old->text->file, line);
    return;
  }
  cc_map_put(&b->arena, &k->selectors, m.selector, (void *)item);
  CC_PUSH(&b->arena, k->methods, m);
}

static void add_rest(struct builder *b, const struct cc_item *item) {
  struct build_class *c;
  switch (item->kind) {
    case CC_ITEM_METHOD: add_method(b, item); break;
    case CC_ITEM_COMMENT:
      c = find_class(b, item->class_name);
      if (c != NULL) c->comment = item->comment;
      break;
    case CC_ITEM_DOIT:
      cc_error_at(&b->diag, item->text, item->pos,
                  "an expression cannot run while the image is built: put it into a class-side initialize");
      break;
    default: break;
  }
}

/* ---- names ---- */

static struct build_var *find_variable(struct build_class *c, struct cc_str name) {
  for (uint32_t i = 0; i < c->variables.count; i++)
    if (cc_str_eq(c->variables.items[i]->name, name)) return c->variables.items[i];
  return NULL;
}

struct build_var *build_lookup(struct builder *b, struct build_class *c, struct cc_str name) {
  for (struct build_class *k = c; k != NULL; k = k->superclass) {
    struct build_var *v = find_variable(k, name);
    for (uint32_t i = 0; v == NULL && i < k->item->pools.count; i++) {
      struct build_class *pool = find_class(b, k->item->pools.items[i]);
      if (pool != NULL) v = find_variable(pool, name);
    }
    if (v != NULL) return v;
  }
  struct build_var *global = cc_map_at(&b->globals_by_name, name);
  if (global != NULL || !b->lenient) return global;
  name = cc_str_copy(&b->arena, name);
  CC_PUSH(&b->arena, b->undeclared, name);
  return new_global(b, name);
}

static void check_pools(struct builder *b, const struct build_class *c) {
  for (uint32_t i = 0; i < c->item->pools.count; i++)
    if (find_class(b, c->item->pools.items[i]) == NULL)
      error_at(b, c->item, "a pool is a class with class variables, and this is none",
               c->item->pools.items[i]);
}

void build_model(struct builder *b) {
  struct build_classes found = {0};
  for (uint32_t i = 0; i < b->items.count; i++)
    if (b->items.items[i].kind == CC_ITEM_CLASS) define_class(b, &b->items.items[i], &found);
  for (uint32_t i = 0; i < found.count; i++) link_superclass(b, found.items[i]);
  for (uint32_t i = 0; i < found.count; i++) put_in_order(b, found.items[i]);
  for (uint32_t i = 0; i < b->classes.count; i++) {
    struct build_class *c = b->classes.items[i];
    settle_variables(b, c);
    c->global = new_global(b, c->name);
  }
  prefix_metaclass_variables(b);
#define X(name) \
  if (build_global(b, #name) == NULL) new_global(b, CC_STR(#name));
  GLOBALS(X)
#undef X
  for (uint32_t i = 0; i < b->classes.count; i++) check_pools(b, b->classes.items[i]);
  for (uint32_t i = 0; i < b->items.count; i++) add_rest(b, &b->items.items[i]);
}
