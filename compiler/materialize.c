/* materialize.c: compiled code and literals as objects of the heap. */
#include "compiler/materialize.h"

static oop allocate(struct cc_maker *m, uint32_t class_index, uint32_t format, uint32_t slots) {
  if (m->error != NULL) return 0;
  oop o = m->allocate(class_index, format, slots);
  if (o == 0) m->error = "no memory for compiled code";
  return o;
}

static oop new_bytes(struct cc_maker *m, uint32_t class_index, const void *bytes, uint32_t count) {
  oop o = allocate(m, class_index, FMT_8 + (-count & 3), (count + 3) / 4);
  if (o == 0) return mem.nil;
  if (count > 0) memcpy(obj_bytes(o), bytes, count);
  return o;
}

oop cc_make_text(struct cc_maker *m, struct cc_str s, uint32_t byte_class, uint32_t wide_class) {
  const char *end = s.p + s.n;
  uint32_t count = 0, code = 0, largest = 0;
  for (const char *p = s.p; p < end; count++) {
    p += cc_utf8_decode(p, end, &code); /* the lexer has seen that it is well formed */
    if (code > largest) largest = code;
  }
  bool wide = largest > 0xFF;
  if (wide && wide_class == 0) {
    if (m->error == NULL) m->error = "a text beyond Latin-1 needs the class WideString or WideSymbol";
    return mem.nil;
  }
  oop o = wide ? allocate(m, wide_class, FMT_32, count)
               : allocate(m, byte_class, FMT_8 + (-count & 3), (count + 3) / 4);
  if (o == 0) return mem.nil;
  uint32_t i = 0;
  for (const char *p = s.p; p < end; i++) {
    p += cc_utf8_decode(p, end, &code);
    if (wide)
      obj_put_raw(o, i, code);
    else
      obj_bytes(o)[i] = (uint8_t)code;
  }
  return o;
}

oop cc_make_string(struct cc_maker *m, struct cc_str s) {
  return cc_make_text(m, s, CIX_STRING, m->classes.wide_string);
}
oop cc_make_symbol(struct cc_maker *m, struct cc_str s) {
  return cc_make_text(m, s, m->classes.symbol, m->classes.wide_symbol);
}

oop cc_make_association(struct cc_maker *m, oop key, oop value) {
  oop o = allocate(m, m->classes.association, FMT_FIXED, 2);
  if (o == 0) return mem.nil;
  obj_put_raw(o, 0, key);
  obj_put_raw(o, 1, value);
  return o;
}

static oop make_integer(struct cc_maker *m, struct cc_integer i) {
  int32_t small;
  if (cc_integer_small(i, &small)) return int_oop(small);
  return new_bytes(m, i.negative ? CIX_LARGE_NEGATIVE : CIX_LARGE_POSITIVE, i.bytes, i.count);
}

static oop make_float(struct cc_maker *m, double v) {
  oop o = allocate(m, CIX_FLOAT, FMT_32, 2);
  if (o == 0) return mem.nil;
  mem_set_float(o, v);
  return o;
}

static oop make_array(struct cc_maker *m, const struct cc_literal *l) {
  oop o = allocate(m, CIX_ARRAY, FMT_INDEXABLE, l->array.count);
  if (o == 0) return mem.nil;
  for (uint32_t i = 0; i < l->array.count; i++) obj_put_raw(o, i, cc_make_literal(m, l->array.items[i]));
  return o;
}

oop cc_make_literal(struct cc_maker *m, const struct cc_literal *l) {
  switch (l->kind) {
    case LIT_NIL: return mem.nil;
    case LIT_TRUE: return mem.true_;
    case LIT_FALSE: return mem.false_;
    case LIT_INTEGER: return make_integer(m, l->integer);
    case LIT_FLOAT: return make_float(m, l->number);
    case LIT_CHARACTER: return mem_char(l->character);
    case LIT_STRING: return cc_make_string(m, l->text);
    case LIT_SYMBOL: return m->symbol(m->context, l->text);
    case LIT_ARRAY: return make_array(m, l);
    case LIT_BYTES: return new_bytes(m, CIX_BYTE_ARRAY, l->text.p, l->text.n);
    case LIT_BINDING: return m->binding(m->context, l);
    case LIT_CLASS_BINDING: return m->class_binding;
    case LIT_METHOD_CLASS: return m->method_class;
    default: vm_panic(__FILE__, __LINE__, "a literal that is made elsewhere");
  }
}

/* ---- methods ---- */

static oop make_pragma(struct cc_maker *m, const struct cc_pragma *p, oop method) {
  oop args = allocate(m, CIX_ARRAY, FMT_INDEXABLE, p->num_args);
  oop o = allocate(m, m->classes.pragma, FMT_FIXED, 3);
  if (o == 0 || args == 0) return mem.nil;
  for (uint32_t i = 0; i < p->num_args; i++) obj_put_raw(args, i, cc_make_literal(m, p->args[i]));
  obj_put_raw(o, 0, method);
  obj_put_raw(o, 1, m->symbol(m->context, p->selector));
  obj_put_raw(o, 2, args);
  return o;
}

static oop make_state(struct cc_maker *m, const struct cc_code *c, oop method) {
  if (m->classes.method_state == 0 ||
      m->classes.pragma == 0) /* an image without pragmas: the selector alone */
    return m->symbol(m->context, c->selector);
  oop o = allocate(m, m->classes.method_state, FMT_FIXED_INDEXABLE, 2 + c->num_pragmas);
  if (o == 0) return mem.nil;
  obj_put_raw(o, 0, method);
  obj_put_raw(o, 1, m->symbol(m->context, c->selector));
  for (uint32_t i = 0; i < c->num_pragmas; i++) obj_put_raw(o, 2 + i, make_pragma(m, &c->pragmas[i], method));
  return o;
}

/* The header word of object.h's "CompiledMethod": the alternate bytecode set is SistaV1. */
static oop header_of(const struct cc_code *c) {
  uint32_t no_outer = c->is_block && !c->needs_outer ? METHOD_NO_OUTER_CONTEXT : 0;
  uint32_t bits = c->num_literals | no_outer | (c->primitive != 0 ? 1u << 16 : 0) |
                  (cc_code_large_frame(c) ? 1u << 17 : 0) | c->num_temps << 18 | c->num_args << 24 | 1u << 30;
  return bits << 1 | OOP_INT_TAG;
}

static oop make_code(struct cc_maker *m, const struct cc_code *c, oop outer) {
  enum { TRAILER = 1 }; /* a zero byte: "no trailer" as CompiledMethodTrailer has it */
  uint32_t pointers = METHOD_LITERAL_START + c->num_literals;
  uint32_t bytes = 4 * pointers + c->num_bytes + TRAILER;
  oop o = allocate(m, c->is_block ? m->classes.block : m->classes.method, FMT_METHOD + (-bytes & 3),
                   (bytes + 3) / 4);
  if (o == 0) return mem.nil;
  obj_put_raw(o, 0, header_of(c));
  for (uint32_t i = METHOD_LITERAL_START; i < pointers; i++) obj_put_raw(o, i, mem.nil);
  memcpy(obj_bytes(o) + 4 * pointers, c->bytes, c->num_bytes);
  for (uint32_t i = 0; i < c->num_literals; i++) {
    const struct cc_literal *l = c->literals[i];
    oop value = l->kind == LIT_CODE           ? make_code(m, l->code, o)
                : l->kind == LIT_OUTER_CODE   ? outer
                : l->kind == LIT_METHOD_STATE ? make_state(m, c, o)
                                              : cc_make_literal(m, l);
    obj_put_raw(o, METHOD_LITERAL_START + i, value);
  }
  return o;
}

oop cc_make_method(struct cc_maker *m, const struct cc_code *code) { return make_code(m, code, mem.nil); }
