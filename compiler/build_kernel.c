/* build_kernel.c: what the VM and the image must agree on: the kernel classes and their fields, the special
 * objects array, the scheduler with its first process. docs/default-image.md has it in words. */
#include "compiler/build.h"
#include "interpreter/bytecode.h"

/* X(class, class index or 0, first fields, type): shapes that the VM reads or makes. */
#define KERNEL_CLASSES(X)                                                                          \
  X(ProtoObject, 0, "", NORMAL)                                                                    \
  X(Object, 0, "", NORMAL)                                                                         \
  X(UndefinedObject, 0, "", NORMAL)                                                                \
  X(True, 0, "", NORMAL)                                                                           \
  X(False, 0, "", NORMAL)                                                                          \
  X(Behavior, 0, "superclass methodDict format", NORMAL)                                           \
  X(ClassDescription, 0, "superclass methodDict format instanceVariables organization", NORMAL)    \
  X(Class, 0,                                                                                      \
    "superclass methodDict format instanceVariables organization subclasses name classPool "       \
    "sharedPools environment category comment",                                                    \
    NORMAL)                                                                                        \
  X(Metaclass, 0, "superclass methodDict format instanceVariables organization thisClass", NORMAL) \
  X(MethodDictionary, 0, "tally array", VARIABLE)                                                  \
  X(CompiledMethod, 0, "", METHOD)                                                                 \
  X(CompiledBlock, 0, "", METHOD)                                                                  \
  X(AdditionalMethodState, 0, "method selector", VARIABLE)                                         \
  X(Pragma, 0, "method keyword arguments", NORMAL)                                                 \
  X(SmallInteger, CIX_SMALLINTEGER, "", IMMEDIATE)                                                 \
  X(Character, CIX_CHARACTER, "", IMMEDIATE)                                                       \
  X(LargeNegativeInteger, CIX_LARGE_NEGATIVE, "", BYTES)                                           \
  X(LargePositiveInteger, CIX_LARGE_POSITIVE, "", BYTES)                                           \
  X(BoxedFloat64, CIX_FLOAT, "", WORDS)                                                            \
  X(Message, CIX_MESSAGE, "selector args lookupClass", NORMAL)                                     \
  X(Context, CIX_CONTEXT, "sender pc stackp method closureOrNil receiver", VARIABLE)               \
  X(BlockClosure, CIX_BLOCK_CLOSURE, "outerContext startpc numArgs", VARIABLE)                     \
  X(FullBlockClosure, CIX_FULL_CLOSURE, "outerContext startpc numArgs receiver", VARIABLE)         \
  X(ByteArray, CIX_BYTE_ARRAY, "", BYTES)                                                          \
  X(Array, CIX_ARRAY, "", VARIABLE)                                                                \
  X(ByteString, CIX_STRING, "", BYTES)                                                             \
  X(Bitmap, CIX_BITMAP, "", WORDS)                                                                 \
  X(WideString, 0, "", WORDS)                                                                      \
  X(ByteSymbol, 0, "", BYTES)                                                                      \
  X(WideSymbol, 0, "", WORDS)                                                                      \
  X(Association, 0, "key value", NORMAL)                                                           \
  X(Dictionary, 0, "tally array", NORMAL)                                                          \
  X(Process, 0, "nextLink suspendedContext priority myList name environment", NORMAL)              \
  X(LinkedList, 0, "firstLink lastLink", NORMAL)                                                   \
  X(Semaphore, 0, "firstLink lastLink excessSignals", NORMAL)                                      \
  X(Mutex, 0, "firstLink lastLink owner", NORMAL)                                                  \
  X(ProcessorScheduler, 0, "quiescentProcessLists activeProcess", NORMAL)                          \
  X(Point, 0, "x y", NORMAL)                                                                       \
  X(SmalltalkImage, 0, "", NORMAL)

struct kernel_class {
  const char *name;
  uint32_t index;
  const char *fields;
  enum cc_class_type type;
};
static const struct kernel_class kernel_classes[] = {
#define X(name, index, fields, type) {#name, index, fields, CC_CLASS_##type},
    KERNEL_CLASSES(X)
#undef X
};
enum { KERNEL_COUNT = sizeof kernel_classes / sizeof *kernel_classes };

uint32_t build_fixed_index(struct cc_str name) {
  for (uint32_t i = 0; i < KERNEL_COUNT; i++)
    if (cc_str_eq(name, cc_str_z(kernel_classes[i].name))) return kernel_classes[i].index;
  return 0;
}

static void check_class(struct builder *b, const struct kernel_class *k) {
  static const struct cc_text nowhere = {"kernel", {"", 0}};
  const struct build_class *c = build_class_named(b, k->name);
  if (c == NULL) {
    cc_error_at(&b->diag, &nowhere, UINT32_MAX, "the class %s is missing: the VM needs it", k->name);
    return;
  }
  struct cc_strs wanted = cc_words(&b->arena, cc_str_z(k->fields));
  const struct cc_strs *all = &c->side[0].all;
  bool fine = all->count >= wanted.count;
  for (uint32_t i = 0; fine && i < wanted.count; i++) fine = cc_str_eq(all->items[i], wanted.items[i]);
  if (!fine)
    cc_error_at(&b->diag, c->item->text, c->item->pos, "the instance variables of %s must begin with: %s",
                k->name, k->fields);
  if (c->type != k->type)
    cc_error_at(&b->diag, c->item->text, c->item->pos, "the #type of %s must be #%s", k->name,
                cc_class_type_names[k->type]);
}

void build_check_kernel(struct builder *b) {
  for (uint32_t i = 0; i < KERNEL_COUNT; i++) check_class(b, &kernel_classes[i]);
}

/* ---- the special objects array ---- */

/* X(entry, kind, name) */
#define SPECIAL_CONTENTS(X)                                                 \
  X(SCHEDULER, GLOBAL, "Processor")                                         \
  X(SMALLTALK, GLOBAL, "Smalltalk")                                         \
  X(CLASS_BITMAP, CLASS, "Bitmap")                                          \
  X(CLASS_SMALLINTEGER, CLASS, "SmallInteger")                              \
  X(CLASS_STRING, CLASS, "ByteString")                                      \
  X(CLASS_ARRAY, CLASS, "Array")                                            \
  X(CLASS_FLOAT, CLASS, "BoxedFloat64")                                     \
  X(CLASS_CONTEXT, CLASS, "Context")                                        \
  X(CLASS_POINT, CLASS, "Point")                                            \
  X(CLASS_LARGE_POSITIVE, CLASS, "LargePositiveInteger")                    \
  X(CLASS_MESSAGE, CLASS, "Message")                                        \
  X(CLASS_COMPILED_METHOD, CLASS, "CompiledMethod")                         \
  X(CLASS_SEMAPHORE, CLASS, "Semaphore")                                    \
  X(CLASS_CHARACTER, CLASS, "Character")                                    \
  X(SELECTOR_DNU, SYMBOL, "doesNotUnderstand:")                             \
  X(SELECTOR_CANNOT_RETURN, SYMBOL, "cannotReturn:")                        \
  X(SELECTOR_MUST_BE_BOOLEAN, SYMBOL, "mustBeBoolean")                      \
  X(CLASS_BYTE_ARRAY, CLASS, "ByteArray")                                   \
  X(CLASS_PROCESS, CLASS, "Process")                                        \
  X(CLASS_DOUBLE_BYTE_ARRAY, CLASS, "DoubleByteArray")                      \
  X(CLASS_WORD_ARRAY, CLASS, "WordArray")                                   \
  X(CLASS_DOUBLE_WORD_ARRAY, CLASS, "DoubleWordArray")                      \
  X(SELECTOR_CANNOT_INTERPRET, SYMBOL, "cannotInterpret:")                  \
  X(CLASS_BLOCK_CLOSURE, CLASS, "BlockClosure")                             \
  X(CLASS_FULL_CLOSURE, CLASS, "FullBlockClosure")                          \
  X(CLASS_MUTEX, CLASS, "Mutex")                                            \
  X(CLASS_LARGE_NEGATIVE, CLASS, "LargeNegativeInteger")                    \
  X(SELECTOR_ABOUT_TO_RETURN, SYMBOL, "aboutToReturn:through:")             \
  X(SELECTOR_RUN_WITH_IN, SYMBOL, "run:with:in:")                           \
  X(SELECTOR_ATTEMPT_TO_ASSIGN, SYMBOL, "attemptToAssign:withIndex:")       \
  X(SELECTOR_UNKNOWN_BYTECODE, SYMBOL, "unusedBytecode")                    \
  X(SELECTOR_COUNTER_TRIPPED, SYMBOL, "conditionalBranchCounterTrippedOn:") \
  X(SELECTOR_CLASS_TRAP, SYMBOL, "classTrapFor:")

/* The names of primitive errors, in the order of enum prim_error; the first has none. */
static const char *const primitive_errors[] = {
    NULL,
    "bad receiver",
    "bad argument",
    "bad index",
    "bad number of arguments",
    "inappropriate operation",
    "unsupported operation",
    "no modification",
    "insufficient object memory",
    "insufficient C memory",
    "not found",
    "bad method",
    "internal error in named primitive machinery",
    "object may move",
    "resource limit exceeded",
    "object is pinned",
    "primitive write beyond end of object",
    "object moved",
    "object not pinned",
    "callback error",
    "operating system error",
};

static void put(struct builder *b, oop o, uint32_t i, oop value) {
  if (b->maker.error == NULL) obj_put_raw(o, i, value);
}

static oop special_content(struct builder *b, char kind, const char *name) {
  if (kind == 'S') return build_symbol(b, cc_str_z(name));
  if (kind == 'G') return build_global(b, name)->association;
  const struct build_class *c = build_class_named(b, name);
  return c == NULL ? mem.nil : c->side[0].object;
}

static oop special_selectors(struct builder *b) {
  oop a = build_array(b, 2 * SPSEL_COUNT);
  for (uint32_t i = 0; i < SPSEL_COUNT; i++) {
    put(b, a, 2 * i, build_symbol(b, cc_str_z(cc_special_selectors[i])));
    put(b, a, 2 * i + 1, int_oop((int32_t)special_selector_args(i)));
  }
  return a;
}

static oop error_table(struct builder *b) {
  uint32_t n = sizeof primitive_errors / sizeof *primitive_errors;
  oop a = build_array(b, n);
  for (uint32_t i = 0; i < n; i++)
    if (primitive_errors[i] != NULL) put(b, a, i, build_symbol(b, cc_str_z(primitive_errors[i])));
  return a;
}

static oop character_table(struct builder *b) {
  oop a = build_array(b, 256);
  for (uint32_t i = 0; i < 256; i++) put(b, a, i, char_oop(i));
  return a;
}

static void fill_special_objects(struct builder *b) {
#define X(entry, kind, name) put(b, mem.special, SPECIAL_##entry, special_content(b, #kind[0], name));
  SPECIAL_CONTENTS(X)
#undef X
  put(b, mem.special, SPECIAL_SPECIAL_SELECTORS, special_selectors(b));
  put(b, mem.special, SPECIAL_PRIM_ERROR_TABLE, error_table(b));
  put(b, mem.special, SPECIAL_CHARACTER_TABLE, character_table(b));
  put(b, mem.special, SPECIAL_EXTERNAL_OBJECTS, build_array(b, 0));
}

/* ---- the first process ---- */

enum { PRIORITIES = 80, FIRST_PRIORITY = 40 };

static oop boot_method(struct builder *b) {
  struct build_class *c = build_class_named(b, "SmalltalkImage");
  for (; c != NULL; c = c->superclass)
    for (uint32_t i = 0; i < c->side[0].methods.count; i++)
      if (CC_STR_IS(c->side[0].methods.items[i].selector, "boot")) return c->side[0].methods.items[i].method;
  return 0;
}

/* A context that is about to execute the method's first bytecode. */
static oop first_context(struct builder *b, oop method, oop receiver) {
  const struct build_behavior *k = build_behavior_of(b, "Context");
  oop context = build_instance(b, "Context", method_frame_slots(method));
  uint32_t pc = 4 * (METHOD_LITERAL_START + method_num_literals(method)) + 1; /* from 1, header included */
  build_set(b, context, k, "pc", int_oop((int32_t)pc));
  build_set(b, context, k, "stackp", int_oop((int32_t)method_num_temps(method)));
  build_set(b, context, k, "method", method);
  build_set(b, context, k, "receiver", receiver);
  return context;
}

static oop make_scheduler(struct builder *b, oop context) {
  const struct build_behavior *k = build_behavior_of(b, "ProcessorScheduler"),
                              *p = build_behavior_of(b, "Process");
  oop scheduler = build_instance(b, "ProcessorScheduler", 0), lists = build_array(b, PRIORITIES);
  oop process = build_instance(b, "Process", 0);
  for (uint32_t i = 0; i < PRIORITIES; i++) put(b, lists, i, build_instance(b, "LinkedList", 0));
  build_set(b, process, p, "suspendedContext", context);
  build_set(b, process, p, "priority", int_oop(FIRST_PRIORITY));
  build_set(b, scheduler, k, "quiescentProcessLists", lists);
  build_set(b, scheduler, k, "activeProcess", process);
  return scheduler;
}

static void set_global(struct builder *b, const char *name, oop value) {
  put(b, build_global(b, name)->association, 1, value);
}

void build_system(struct builder *b) {
  oop boot = boot_method(b);
  if (boot == 0) {
    const struct build_class *c = build_class_named(b, "SmalltalkImage");
    cc_error_at(&b->diag, c->item->text, c->item->pos,
                "SmalltalkImage >> boot is missing: the image begins with it");
    return;
  }
  oop smalltalk = build_instance(b, "SmalltalkImage", 0);
  set_global(b, "Smalltalk", smalltalk);
  set_global(b, "Processor", make_scheduler(b, first_context(b, boot, smalltalk)));
  fill_special_objects(b);
  oop globals = build_array(b, b->globals.count);
  for (uint32_t i = 0; i < b->globals.count; i++) put(b, globals, i, b->globals.items[i]->association);
  set_global(b, "GlobalsSeed", globals);
  oop symbols = build_array(b, b->num_symbols);
  for (uint32_t i = 0; i < b->num_symbols; i++) put(b, symbols, i, b->symbol_list[i]);
  set_global(b, "SymbolTableSeed", symbols);
  cc_build_counts.symbols = b->num_symbols;
}
