/* build_heap.c: the classes, their methods and their variables as objects. */
#include "compiler/build.h"

#include <stdlib.h>

/* ---- objects ---- */

static oop allocate(struct builder *b, uint32_t class_index, uint32_t format, uint32_t slots) {
  oop o = b->maker.error != NULL ? 0 : mem_new_old(class_index, format, slots);
  if (o == 0 && b->maker.error == NULL) b->maker.error = "no memory for the image: raise the memory limit";
  return o == 0 ? mem.nil : o;
}

oop build_array(struct builder *b, uint32_t size) { return allocate(b, CIX_ARRAY, FMT_INDEXABLE, size); }

static void put(struct builder *b, oop o, uint32_t i, oop value) {
  if (b->maker.error == NULL) obj_put_raw(o, i, value);
}

oop build_symbol(struct builder *b, struct cc_str name) {
  void *known = cc_map_at(&b->symbols, name);
  if (known != NULL) return (oop)(uintptr_t)known;
  oop o = cc_make_symbol(&b->maker, name);
  cc_map_put(&b->arena, &b->symbols, cc_str_copy(&b->arena, name), (void *)(uintptr_t)o);
  b->symbol_list =
      cc_grow(&b->arena, b->symbol_list, &b->symbol_capacity, b->num_symbols + 1, sizeof *b->symbol_list);
  b->symbol_list[b->num_symbols++] = o;
  if (b->maker.error == NULL) mem_hash(o);
  return o;
}

struct build_behavior *build_behavior_of(struct builder *b, const char *class_name) {
  struct build_class *c = build_class_named(b, class_name);
  VM_ASSERT(c != NULL); /* build_check_kernel has seen it */
  return &c->side[0];
}

oop build_instance(struct builder *b, const char *class_name, uint32_t indexed) {
  const struct build_behavior *k = build_behavior_of(b, class_name);
  return allocate(b, k->index, k->spec, k->all.count + indexed);
}

void build_set(struct builder *b, oop o, const struct build_behavior *of, const char *field, oop value) {
  for (uint32_t i = 0; i < of->all.count; i++)
    if (cc_str_eq(of->all.items[i], cc_str_z(field))) {
      put(b, o, i, value);
      return;
    }
  vm_panic(__FILE__, __LINE__, "a kernel class lost a field"); /* build_check_kernel has seen it */
}

/* ---- classes ---- */

enum { FIRST_FREE_INDEX = CLASS_TABLE_PAGE_SLOTS };

/* A class is an instance of its metaclass, a metaclass of Metaclass: indices first, then objects. */
static void make_classes(struct builder *b) {
  uint32_t next = FIRST_FREE_INDEX;
  for (uint32_t i = 0; i < b->classes.count; i++) {
    struct build_class *c = b->classes.items[i];
    c->side[0].index = build_fixed_index(c->name);
    for (int k = 0; k < 2; k++)
      if (c->side[k].index == 0) c->side[k].index = next++;
  }
  const struct build_behavior *metaclass = build_behavior_of(b, "Metaclass");
  for (uint32_t i = 0; i < b->classes.count; i++) {
    struct build_class *c = b->classes.items[i];
    c->side[1].object = allocate(b, metaclass->index, FMT_FIXED, metaclass->all.count);
    c->side[0].object = allocate(b, c->side[1].index, FMT_FIXED, c->side[1].all.count);
    for (int k = 0; k < 2 && b->maker.error == NULL; k++)
      if (!mem_class_at_put(c->side[k].index, c->side[k].object))
        b->maker.error = "no memory for the class table";
    if (c->side[0].index == CIX_SMALLINTEGER) mem_class_at_put(CIX_SMALLINTEGER_2, c->side[0].object);
  }
#define X(field, name, needed)                                 \
  {                                                            \
    struct build_class *c = build_class_named(b, #name);       \
    b->maker.classes.field = c == NULL ? 0 : c->side[0].index; \
  }
  CC_CODE_CLASSES(X)
#undef X
}

static oop name_array(struct builder *b, const struct cc_strs *names) {
  oop a = build_array(b, names->count);
  for (uint32_t i = 0; i < names->count; i++) put(b, a, i, cc_make_string(&b->maker, names->items[i]));
  return a;
}

/* A Dictionary with its associations in any order: the image rehashes it (Class>>rehashPools). */
static oop class_pool(struct builder *b, const struct build_class *c) {
  if (c->variables.count == 0) return mem.nil;
  uint32_t size = 5;
  while (size * 3 < (c->variables.count + 1) * 4) size = size * 2 + 1;
  const struct build_behavior *dictionary = build_behavior_of(b, "Dictionary");
  oop d = build_instance(b, "Dictionary", 0), array = build_array(b, size);
  for (uint32_t i = 0; i < c->variables.count; i++) put(b, array, i, c->variables.items[i]->association);
  build_set(b, d, dictionary, "tally", int_oop((int32_t)c->variables.count));
  build_set(b, d, dictionary, "array", array);
  return d;
}

static oop pool_list(struct builder *b, const struct build_class *c) {
  const struct cc_strs *pools = &c->item->pools;
  if (pools->count == 0) return mem.nil;
  oop a = build_array(b, pools->count);
  for (uint32_t i = 0; i < pools->count; i++)
    put(b, a, i, ((struct build_class *)cc_map_at(&b->by_name, pools->items[i]))->side[0].object);
  return a;
}

static oop subclass_list(struct builder *b, const struct build_class *c) {
  if (c->subclasses.count == 0) return mem.nil;
  oop a = build_array(b, c->subclasses.count);
  for (uint32_t i = 0; i < c->subclasses.count; i++) put(b, a, i, c->subclasses.items[i]->side[0].object);
  return a;
}

static void fill_behavior(struct builder *b, struct build_behavior *k, const struct build_behavior *layout,
                          oop superclass) {
  /* Spur's class format: instance size in 16 bits, then the format of instances. */
  int32_t format = (int32_t)(k->all.count | k->spec << 16);
  build_set(b, k->object, layout, "superclass", superclass);
  build_set(b, k->object, layout, "format", int_oop(format));
  build_set(b, k->object, layout, "instanceVariables", name_array(b, &k->own));
}

static void fill_class(struct builder *b, struct build_class *c) {
  struct build_behavior *k = &c->side[0], *meta = &c->side[1];
  const struct build_behavior *metaclass = build_behavior_of(b, "Metaclass");
  struct build_class *s = c->superclass;
  fill_behavior(b, k, meta, s == NULL ? mem.nil : s->side[0].object);
  fill_behavior(b, meta, metaclass, s == NULL ? build_behavior_of(b, "Class")->object : s->side[1].object);
  build_set(b, meta->object, metaclass, "thisClass", k->object);
  build_set(b, k->object, meta, "subclasses", subclass_list(b, c));
  build_set(b, k->object, meta, "name", build_symbol(b, c->name));
  build_set(b, k->object, meta, "classPool", class_pool(b, c));
  build_set(b, k->object, meta, "sharedPools", pool_list(b, c));
  if (c->item->category.n > 0) build_set(b, k->object, meta, "category", build_symbol(b, c->item->category));
  if (c->comment.n > 0) build_set(b, k->object, meta, "comment", cc_make_string(&b->maker, c->comment));
}

static void make_variables(struct builder *b) {
  for (uint32_t i = 0; i < b->globals.count; i++) {
    struct build_var *v = b->globals.items[i];
    v->association = cc_make_association(&b->maker, build_symbol(b, v->name), mem.nil);
  }
  for (uint32_t i = 0; i < b->classes.count; i++) {
    struct build_class *c = b->classes.items[i];
    for (uint32_t k = 0; k < c->variables.count; k++) {
      struct build_var *v = c->variables.items[k];
      v->association = cc_make_association(&b->maker, build_symbol(b, v->name), mem.nil);
    }
    put(b, c->global->association, 1, c->side[0].object);
    c->side[0].binding = c->global->association;
    c->side[1].binding = cc_make_association(&b->maker, mem.nil, c->side[1].object);
  }
}

/* ---- methods ---- */

static void *binding_of(void *context, struct cc_str name, uint32_t pos) {
  struct builder *b = ((void **)context)[0];
  struct build_behavior *k = ((void **)context)[1];
  struct build_var *v = build_lookup(b, k->class_, name);
  if (v != NULL && v->association == 0) /* a global that came up just now */
    v->association = cc_make_association(&b->maker, build_symbol(b, v->name), mem.nil);
  return v;
}

static oop binding_oop(void *context, const struct cc_literal *l) {
  return ((struct build_var *)l->binding)->association;
}
static oop symbol_oop(void *context, struct cc_str name) { return build_symbol(context, name); }

static void compile_method(struct builder *b, struct build_behavior *k, struct build_method *m) {
  struct cc_arena scratch = {0};
  void *context[] = {b, k};
  struct cc_env env = {k->all, binding_of, context};
  struct cc_method *tree = cc_parse_item(&scratch, &b->diag, m->item);
  struct cc_code *code = tree == NULL ? NULL : cc_compile(&scratch, &b->diag, tree, &env);
  err_t wrong = code == NULL ? NULL : cc_verify_code(code, k->all.count);
  if (wrong != NULL) {
    cc_error_at(&b->diag, m->item->text, m->item->pos, "the bytecode verifier refuses this method: %s",
                wrong);
  } else if (code != NULL) {
    b->maker.method_class = b->maker.class_binding = k->binding;
    m->method = cc_make_method(&b->maker, code);
  }
  cc_arena_free(&scratch);
}

/* Keys by identity hash, linear probing, a power of two of places: the VM's lookup reads it so. */
static oop method_dictionary(struct builder *b, const struct build_behavior *k) {
  const struct build_behavior *layout = build_behavior_of(b, "MethodDictionary");
  uint32_t size = 1, fixed = layout->all.count;
  while (size * 3 < k->methods.count * 4) size *= 2; /* a quarter free */
  if (size <= k->methods.count) size *= 2;
  oop dictionary = build_instance(b, "MethodDictionary", size), values = build_array(b, size);
  if (b->maker.error != NULL) return mem.nil;
  build_set(b, dictionary, layout, "tally", int_oop((int32_t)k->methods.count));
  build_set(b, dictionary, layout, "array", values);
  for (uint32_t i = 0; i < k->methods.count; i++) {
    oop selector = build_symbol(b, k->methods.items[i].selector);
    uint32_t at = mem_hash(selector) & (size - 1);
    while (obj_slot(dictionary, fixed + at) != mem.nil) at = (at + 1) & (size - 1);
    put(b, dictionary, fixed + at, selector);
    put(b, values, at, k->methods.items[i].method);
  }
  return dictionary;
}

/* Selector and protocol in turn. */
static oop protocols(struct builder *b, const struct build_behavior *k) {
  if (k->methods.count == 0) return mem.nil;
  oop a = build_array(b, 2 * k->methods.count);
  for (uint32_t i = 0; i < k->methods.count; i++) {
    put(b, a, 2 * i, build_symbol(b, k->methods.items[i].selector));
    put(b, a, 2 * i + 1, build_symbol(b, k->methods.items[i].item->category));
  }
  return a;
}

static void make_methods(struct builder *b, struct build_behavior *k, const struct build_behavior *layout) {
  for (uint32_t i = 0; i < k->methods.count; i++) {
    compile_method(b, k, &k->methods.items[i]);
    cc_build_counts.methods++;
  }
  if (b->diag.count > 0) return;
  build_set(b, k->object, layout, "methodDict", method_dictionary(b, k));
  build_set(b, k->object, layout, "organization", protocols(b, k));
}

void build_heap(struct builder *b) {
  b->maker =
      (struct cc_maker){.allocate = mem_new_old, .symbol = symbol_oop, .binding = binding_oop, .context = b};
  make_classes(b);
  obj_set_class_index(mem.nil, build_behavior_of(b, "UndefinedObject")->index);
  obj_set_class_index(mem.false_, build_behavior_of(b, "False")->index);
  obj_set_class_index(mem.true_, build_behavior_of(b, "True")->index);
  make_variables(b);
  for (uint32_t i = 0; i < b->classes.count; i++) fill_class(b, b->classes.items[i]);
  const struct build_behavior *metaclass = build_behavior_of(b, "Metaclass");
  for (uint32_t i = 0; i < b->classes.count; i++) {
    struct build_class *c = b->classes.items[i];
    make_methods(b, &c->side[0], &c->side[1]);
    make_methods(b, &c->side[1], metaclass);
  }
}
