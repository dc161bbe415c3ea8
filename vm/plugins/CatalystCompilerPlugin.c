/* CatalystCompilerPlugin.c: the compiler for the image (module CatalystCompiler). docs/default-image.md,
 * "Compiling at run time", is the contract. */
#include "compiler/map.h"
#include "compiler/materialize.h"
#include "compiler/source.h"
#include "plugins/plugin.h"
#include "primitives/checks.h"

#include <stdlib.h>

/* ---- the classes of what is made, found by their names ---- */

static bool class_has_name(oop class_, const char *name) {
  if (class_ == mem.nil || !fmt_is_pointers(obj_format(class_)) || obj_slots(class_) <= CLASS_NAME)
    return false;
  oop text = obj_slot(class_, CLASS_NAME);
  uint32_t n = (uint32_t)strlen(name);
  return oop_is_bytes(text) && obj_byte_size(text) == n && memcmp(obj_bytes(text), name, n) == 0;
}

static uint32_t find_class(const char *name) {
  for (uint32_t page = 0; page < CLASS_TABLE_PAGES; page++) {
    if (obj_slot(mem.hidden_roots, page) == mem.nil) break;
    for (uint32_t i = 0; i < CLASS_TABLE_PAGE_SLOTS; i++) {
      uint32_t index = page << CLASS_TABLE_PAGE_BITS | i;
      if (class_has_name(mem_class_at(index), name)) return index;
    }
  }
  return 0;
}

/* Class indices stay, names seldom change: the last ones found are tried first. */
static bool find_classes(struct cc_code_classes *classes) {
  static struct cc_code_classes known;
  bool found = true;
#define X(field, name, needed)                                               \
  if (known.field == 0 || !class_has_name(mem_class_at(known.field), #name)) \
    known.field = find_class(#name);                                         \
  if (known.field == 0 && needed) found = false;
  CC_CODE_CLASSES(X)
#undef X
  *classes = known;
  return found;
}

/* ---- Strings in and out ---- */

/* A String as UTF-8. False: no String, or code points that are none. */
static bool read_string(struct cc_arena *arena, oop o, struct cc_str *out) {
  if (oop_is_bytes(o)) {
    *out = cc_latin1_to_utf8(arena, cc_str((char *)obj_bytes(o), obj_byte_size(o)));
    return true;
  }
  if (!oop_is_words(o)) return false;
  uint32_t n = obj_slots(o) - (obj_format(o) & 1);
  char *p = cc_alloc(arena, (size_t)n * 4 + 1);
  uint32_t k = 0;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t code = obj_slot(o, i);
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
    k += cc_utf8_encode(p + k, code);
  }
  *out = cc_str(p, k);
  return true;
}

/* The 1-based index in the String of a byte position in its UTF-8. */
static uint32_t string_index(struct cc_str s, uint32_t pos) {
  uint32_t n = 1;
  for (uint32_t i = 0; i < pos && i < s.n; i++) n += (s.p[i] & 0xC0) != 0x80;
  return n;
}

static oop new_object(uint32_t class_index, uint32_t format, uint32_t slots) {
  return mem_new(class_index, format, slots);
}

/* ---- one compilation ---- */

struct compilation {
  struct cc_arena arena;
  struct cc_diag diag;
  struct cc_text text;
  struct cc_maker maker;
  struct cc_map symbols, bindings; /* name to oop, each once */
  struct made {
    oop *items;
    uint32_t count, capacity;
  } symbol_list, binding_list;
};

static oop symbol_of(void *context, struct cc_str name) {
  struct compilation *c = context;
  void *known = cc_map_at(&c->symbols, name);
  if (known != NULL) return (oop)(uintptr_t)known;
  oop o = cc_make_symbol(&c->maker, name);
  cc_map_put(&c->arena, &c->symbols, name, (void *)(uintptr_t)o);
  CC_PUSH(&c->arena, c->symbol_list, o);
  return o;
}

/* name -> position of the first use. */
static oop binding_named(struct compilation *c, struct cc_str name, uint32_t pos) {
  void *known = cc_map_at(&c->bindings, name);
  if (known != NULL) return (oop)(uintptr_t)known;
  oop key = cc_make_string(&c->maker, name);
  oop o = cc_make_association(&c->maker, key, int_oop((int32_t)string_index(c->text.s, pos)));
  cc_map_put(&c->arena, &c->bindings, name, (void *)(uintptr_t)o);
  CC_PUSH(&c->arena, c->binding_list, o);
  return o;
}

static oop binding_of(void *context, const struct cc_literal *l) {
  return binding_named(context, l->text, l->pos);
}

/* Any name may be a variable of the image. */
static void *any_binding(void *context, struct cc_str name, uint32_t pos) { return context; }

static oop list_of(struct compilation *c, const struct made *list) {
  oop a = mem_new_array(list->count);
  if (a == 0) {
    c->maker.error = "no memory";
    return mem.nil;
  }
  for (uint32_t i = 0; i < list->count; i++) obj_put_raw(a, i, list->items[i]);
  return a;
}

static oop names_of(struct compilation *c, const struct cc_str *names, uint32_t count) {
  struct made list = {0};
  for (uint32_t i = 0; i < count; i++) CC_PUSH(&c->arena, list, cc_make_string(&c->maker, names[i]));
  return list_of(c, &list);
}

/* An Array of up to nine elements. */
static oop answer(struct compilation *c, const oop *items, uint32_t count) {
  struct made list = {(oop *)items, count, count};
  return list_of(c, &list);
}

/* { message. position. line. column. line text } */
static oop error_answer(struct compilation *c) {
  const struct cc_error *e = &c->diag.errors[0];
  bool placed = e->pos != UINT32_MAX;
  oop items[] = {cc_make_string(&c->maker, cc_str_z(e->message)),
                 int_oop(placed ? (int32_t)string_index(c->text.s, e->pos) : 1),
                 int_oop(placed ? (int32_t)e->line : 1), int_oop(placed ? (int32_t)e->column : 1),
                 cc_make_string(&c->maker, e->line_text)};
  return answer(c, items, 5);
}

static bool literal_uses_super(const struct cc_code *code) {
  for (uint32_t i = 0; i < code->num_literals; i++) {
    const struct cc_literal *l = code->literals[i];
    if (l->kind == LIT_CLASS_BINDING || (l->kind == LIT_CODE && literal_uses_super(l->code))) return true;
  }
  return false;
}

/* { method. selector. symbols. bindings. temps } */
static oop method_answer(struct compilation *c, const struct cc_code *code) {
  c->maker.method_class = mem.nil;
  c->maker.class_binding = literal_uses_super(code) ? binding_named(c, CC_STR("super"), 0) : mem.nil;
  oop items[5];
  items[0] = cc_make_method(&c->maker, code);
  items[1] = cc_make_string(&c->maker, code->selector);
  items[2] = list_of(c, &c->symbol_list);
  items[3] = list_of(c, &c->binding_list);
  items[4] = names_of(c, code->temp_names, code->num_temps);
  return answer(c, items, 5);
}

static bool read_names(struct compilation *c, oop array, struct cc_strs *names) {
  if (!oop_is_array(array)) return false;
  for (uint32_t i = 0; i < obj_slots(array); i++) {
    struct cc_str name;
    if (!oop_is_pointer(obj_slot(array, i)) || !read_string(&c->arena, obj_slot(array, i), &name))
      return false;
    CC_PUSH(&c->arena, *names, name);
  }
  return true;
}

static void start(struct compilation *c) {
  *c = (struct compilation){0};
  c->diag.arena = &c->arena;
  c->maker =
      (struct cc_maker){.allocate = new_object, .symbol = symbol_of, .binding = binding_of, .context = c};
}

static oop finish(struct compilation *c, oop result) {
  bool failed = c->maker.error != NULL;
  cc_arena_free(&c->arena);
  return failed ? prim_fail(PRIM_ERR_NO_MEMORY) : result;
}

/* source, kind (0 method, 1 do-it), instance variable names. */
static oop primitiveCompile(oop *args, uint32_t argc) {
  struct compilation compilation, *c = &compilation;
  struct cc_env env = {.binding = any_binding, .context = c};
  uint32_t kind;
  start(c);
  c->text.file = "source";
  if (!oop_is_pointer(args[1]) || !read_string(&c->arena, args[1], &c->text.s) ||
      !prim_index(args[2], &kind) || kind > 1 || !read_names(c, args[3], &env.inst_vars)) {
    cc_arena_free(&c->arena);
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  }
  if (!find_classes(&c->maker.classes)) {
    cc_arena_free(&c->arena);
    return prim_fail(PRIM_ERR_UNSUPPORTED);
  }
  struct cc_range all = {0, c->text.s.n}, none = {c->text.s.n, c->text.s.n};
  struct cc_method *tree =
      cc_parse(&c->arena, &c->diag, &c->text, kind == 0 ? CC_METHOD : CC_DOIT, all, none);
  struct cc_code *code = tree == NULL ? NULL : cc_compile(&c->arena, &c->diag, tree, &env);
  return finish(c, code == NULL ? error_answer(c) : method_answer(c, code));
}

/* ---- reading source files ---- */

static oop string_or_nil(struct compilation *c, struct cc_str s) {
  return s.n == 0 ? mem.nil : cc_make_string(&c->maker, s);
}

static oop line_of(const struct cc_item *item) {
  uint32_t line, column, pos = item->pattern.start;
  const struct cc_str s = item->text->s;
  while (pos < s.n && (uint8_t)s.p[pos] <= ' ') pos++; /* the source is given without blank lines before it */
  cc_line_column(s, pos, &line, &column, NULL);
  return int_oop((int32_t)line);
}

static oop class_answer(struct compilation *c, const struct cc_item *item) {
  oop items[] = {cc_make_string(&c->maker, CC_STR("class")),
                 cc_make_string(&c->maker, item->class_name),
                 string_or_nil(c, item->superclass),
                 names_of(c, item->inst_vars.items, item->inst_vars.count),
                 names_of(c, item->class_vars.items, item->class_vars.count),
                 names_of(c, item->class_inst_vars.items, item->class_inst_vars.count),
                 names_of(c, item->pools.items, item->pools.count),
                 cc_make_string(&c->maker, item->category),
                 cc_make_string(&c->maker, cc_str_z(cc_class_type_names[item->type])),
                 string_or_nil(c, item->comment)};
  return answer(c, items, 10);
}

static oop item_answer(struct compilation *c, const struct cc_item *item) {
  switch (item->kind) {
    case CC_ITEM_CLASS: return class_answer(c, item);
    case CC_ITEM_COMMENT: {
      oop items[] = {cc_make_string(&c->maker, CC_STR("comment")),
                     cc_make_string(&c->maker, item->class_name), cc_make_string(&c->maker, item->comment)};
      return answer(c, items, 3);
    }
    case CC_ITEM_METHOD: {
      oop items[] = {cc_make_string(&c->maker, CC_STR("method")),
                     cc_make_string(&c->maker, item->class_name),
                     mem_bool(item->is_meta),
                     cc_make_string(&c->maker, item->category),
                     cc_make_string(&c->maker, cc_item_source(&c->arena, item)),
                     line_of(item)};
      return answer(c, items, 6);
    }
    default: {
      oop items[] = {cc_make_string(&c->maker, CC_STR("doIt")),
                     cc_make_string(&c->maker, cc_item_source(&c->arena, item)), line_of(item)};
      return answer(c, items, 3);
    }
  }
}

static bool read_format(oop format, uint32_t *value) {
  return prim_index(format, value) && *value <= CC_FORMAT_SOM;
}

/* text, file name, format (enum cc_format; 0: by name and contents). */
static oop primitiveParseSource(oop *args, uint32_t argc) {
  struct compilation compilation, *c = &compilation;
  struct cc_str name;
  uint32_t format;
  start(c);
  if (!oop_is_pointer(args[1]) || !read_string(&c->arena, args[1], &c->text.s) || !oop_is_pointer(args[2]) ||
      !read_string(&c->arena, args[2], &name) || !read_format(args[3], &format)) {
    cc_arena_free(&c->arena);
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  }
  if (!find_classes(&c->maker.classes)) {
    cc_arena_free(&c->arena);
    return prim_fail(PRIM_ERR_UNSUPPORTED);
  }
  struct cc_items items = {0};
  struct made list = {0};
  cc_read_source(&c->arena, &c->diag, cc_str_copy(&c->arena, name).p, c->text.s, (enum cc_format)format,
                 &items);
  if (c->diag.count > 0) return finish(c, error_answer(c));
  for (uint32_t i = 0; i < items.count; i++) CC_PUSH(&c->arena, list, item_answer(c, &items.items[i]));
  return finish(c, list_of(c, &list));
}

#define COMPILER_PRIMITIVES(X) X(primitiveCompile, 3, 3) X(primitiveParseSource, 3, 3)
PLUGIN_DEFINE(CatalystCompiler, COMPILER_PRIMITIVES)
