/* materialize.h: compiled code and literals as objects of the heap.
 *
 * The objects are made with raw stores, which is right until the next safepoint (memory.h): callers reach
 * none while they materialize, and nothing here does. */
#ifndef COMPILER_MATERIALIZE_H
#define COMPILER_MATERIALIZE_H

#include "compiler/compile.h"
#include "memory/memory.h"

/* X(field, class name, needed): the classes of what is made, where the class index is not a fixed one. */
#define CC_CODE_CLASSES(X)                      \
  X(method, CompiledMethod, true)               \
  X(block, CompiledBlock, true)                 \
  X(wide_string, WideString, false)             \
  X(symbol, ByteSymbol, true)                   \
  X(wide_symbol, WideSymbol, false)             \
  X(association, Association, true)             \
  X(method_state, AdditionalMethodState, false) \
  X(pragma, Pragma, false)

struct cc_code_classes {
#define X(field, name, needed) uint32_t field;
  CC_CODE_CLASSES(X)
#undef X
};

struct cc_maker {
  struct cc_code_classes classes; /* class indices; 0: the image has no such class */
  oop (*allocate)(uint32_t class_index, uint32_t format, uint32_t slots);
  /* The Symbol of a name: interned or not. */
  oop (*symbol)(void *context, struct cc_str name);
  /* The Association of a LIT_BINDING. */
  oop (*binding)(void *context, const struct cc_literal *literal);
  /* What LIT_METHOD_CLASS and LIT_CLASS_BINDING stand for. */
  oop method_class, class_binding;
  void *context;
  err_t error; /* the first failure; results are then nil */
};

oop cc_make_text(struct cc_maker *m, struct cc_str utf8, uint32_t byte_class, uint32_t wide_class);
oop cc_make_string(struct cc_maker *m, struct cc_str utf8);
/* A new Symbol object, interned nowhere. */
oop cc_make_symbol(struct cc_maker *m, struct cc_str utf8);
oop cc_make_association(struct cc_maker *m, oop key, oop value);
oop cc_make_literal(struct cc_maker *m, const struct cc_literal *l);
/* The CompiledMethod, its blocks included. */
oop cc_make_method(struct cc_maker *m, const struct cc_code *code);

#endif
