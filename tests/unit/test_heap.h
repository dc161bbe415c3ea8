/* test_heap.h: a heap in which methods can run: the memory fixture's classes with method dictionaries,
 * special selectors, a scheduler with one process, and an assembler's worth of helpers.
 *
 *   test_heap_start();
 *   oop m = TEST_METHOD(.args = 1, .code = {V3_PUSH_TEMP, V3_RETURN_TOP});
 *   oop r = test_run(m, receiver, argument);
 *
 * test_run() runs the method in a nested loop and answers its result; test_send() sends. No collection
 * happens unless the test asks for one; then only what is in fixture_root[] or on the stack is followed.
 */
#ifndef TESTS_UNIT_TEST_HEAP_H
#define TESTS_UNIT_TEST_HEAP_H

#include "memory_fixture.h"

#include "interpreter/bytecode.h"
#include "interpreter/disassemble.h"
#include "interpreter/loop.h"
#include "interpreter/process.h"
#include "interpreter/send.h"

enum { TEST_MAX_CODE = 64, TEST_MAX_LITERALS = 8, TEST_DICT_SIZE = 32, TEST_PRIORITIES = 80 };

/* The superclass of every class of the heap; holds what all objects understand. In a root, as it may move. */
enum { TEST_ROOT_OBJECT_CLASS = FIXTURE_ROOTS - 1, TEST_ROOT_METHOD_CLASS = FIXTURE_ROOTS - 2 };

struct test_method {
  bool sista;
  uint32_t args, temps; /* temps beyond the arguments */
  bool large;
  uint32_t primitive; /* puts a callPrimitive first */
  oop literals[TEST_MAX_LITERALS];
  uint32_t num_literals; /* 0: up to the last nonzero */
  uint8_t code[TEST_MAX_CODE];
  uint32_t code_bytes; /* 0: up to the last nonzero byte */
};

/* As memcpy, but nothing may be copied from or to nowhere. */
static inline void copy_some(void *to, const void *from, size_t bytes) {
  if (bytes > 0) memcpy(to, from, bytes);
}

static inline oop test_symbol(const char *text) {
  oop s = mem_new_old(CIX_STRING, FMT_8 + (4 - strlen(text) % 4) % 4, (uint32_t)(strlen(text) + 3) / 4);
  assert_true(s != 0);
  memcpy(obj_bytes(s), text, strlen(text));
  return s;
}

/* A CompiledMethod; its last literal is an association to nil unless the test gave literals. */
static inline oop test_method(const struct test_method *t) {
  uint32_t literals = t->num_literals, bytes = t->code_bytes, prefix = t->primitive != 0 ? 3 : 0;
  for (uint32_t i = 0; t->num_literals == 0 && i < TEST_MAX_LITERALS; i++)
    if (t->literals[i] != 0) literals = i + 1;
  for (uint32_t i = 0; t->code_bytes == 0 && i < TEST_MAX_CODE; i++)
    if (t->code[i] != 0) bytes = i + 1;
  uint32_t total = 4 * (1 + literals) + prefix + bytes + 1; /* a trailer byte: none */
  uint32_t slots = (total + 3) / 4;
  oop method_class = fixture_root[TEST_ROOT_METHOD_CLASS];
  oop m = mem_new_old(mem_class_index_of(method_class), FMT_METHOD + slots * 4 - total, slots);
  assert_true(m != 0);
  uint32_t header = literals | (t->primitive != 0) << 16 | (uint32_t)t->large << 17 |
                    (t->args + t->temps) << 18 | t->args << 24 | (t->sista ? 1u << 30 : 0);
  obj_put_raw(m, 0, header << 1 | 1);
  for (uint32_t i = 0; i < literals; i++) mem_store(m, 1 + i, t->literals[i] != 0 ? t->literals[i] : mem.nil);
  uint8_t *code = obj_bytes(m) + 4 * (1 + literals);
  if (prefix != 0) {
    code[0] = t->sista ? SISTA_CALL_PRIMITIVE : V3_CALL_PRIMITIVE;
    code[1] = (uint8_t)t->primitive;
    code[2] = (uint8_t)(t->primitive >> 8);
  }
  memcpy(code + prefix, t->code, bytes);
  return m;
}
#define TEST_METHOD(...) test_method(&(struct test_method){__VA_ARGS__})

static inline void test_give_dictionary(oop class_) {
  oop values = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, TEST_DICT_SIZE);
  oop dictionary = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, 2 + TEST_DICT_SIZE);
  assert_true(values != 0 && dictionary != 0);
  obj_put_raw(dictionary, 0, int_oop(0));
  mem_store(dictionary, 1, values);
  mem_store(class_, CLASS_METHOD_DICT, dictionary);
}

/* Installs a method (or any object) under a selector. */
static inline void test_install(oop class_, oop selector, oop method) {
  oop dictionary = obj_slot(class_, CLASS_METHOD_DICT), values = obj_slot(dictionary, 1);
  uint32_t i = mem_hash(selector) % TEST_DICT_SIZE;
  while (obj_slot(dictionary, 2 + i) != mem.nil && obj_slot(dictionary, 2 + i) != selector)
    i = (i + 1) % TEST_DICT_SIZE;
  mem_store(dictionary, 2 + i, selector);
  mem_store(values, i, method);
  interp_flush_all();
}

static inline oop test_object_class(void) { return fixture_root[TEST_ROOT_OBJECT_CLASS]; }

/* A class below Object with so many fixed fields, entered in the class table. */
static inline oop test_class(uint32_t spec, uint32_t fixed) {
  oop c = fixture_class(spec, fixed);
  obj_set_class_index(c, mem_class_index_of(fixture_plain()));
  mem_store(c, CLASS_SUPERCLASS, test_object_class());
  test_give_dictionary(c);
  (void)mem_class_index_of(c);
  return c;
}

static inline oop test_special_selector(uint32_t i) {
  return obj_slot(mem_special(SPECIAL_SPECIAL_SELECTORS), 2 * i);
}

static inline void test_special_selectors(void) {
  static const char *const names[SPSEL_COUNT] = {
      "+",  "-",         "<",  ">",       "<=",     ">=",  "=",       "~=",   "*",    "/",        "\\\\",
      "@",  "bitShift:", "//", "bitAnd:", "bitOr:", "at:", "at:put:", "size", "next", "nextPut:", "atEnd",
      "==", "class",     "~~", "value",   "value:", "do:", "new",     "new:", "x",    "y"};
  oop array = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, 2 * SPSEL_COUNT);
  for (uint32_t i = 0; i < SPSEL_COUNT; i++) {
    mem_store(array, 2 * i, test_symbol(names[i]));
    obj_put_raw(array, 2 * i + 1, int_oop((int32_t)special_selector_args(i)));
  }
  mem_store(mem.special, SPECIAL_SPECIAL_SELECTORS, array);
  mem_store(mem.special, SPECIAL_SELECTOR_DNU, test_symbol("doesNotUnderstand:"));
  mem_store(mem.special, SPECIAL_SELECTOR_CANNOT_RETURN, test_symbol("cannotReturn:"));
  mem_store(mem.special, SPECIAL_SELECTOR_MUST_BE_BOOLEAN, test_symbol("mustBeBoolean"));
  mem_store(mem.special, SPECIAL_SELECTOR_CANNOT_INTERPRET, test_symbol("cannotInterpret:"));
  mem_store(mem.special, SPECIAL_SELECTOR_ABOUT_TO_RETURN, test_symbol("aboutToReturn:through:"));
  mem_store(mem.special, SPECIAL_SELECTOR_RUN_WITH_IN, test_symbol("run:with:in:"));
  mem_store(mem.special, SPECIAL_SELECTOR_ATTEMPT_TO_ASSIGN, test_symbol("attemptToAssign:withIndex:"));
  mem_store(mem.special, SPECIAL_SELECTOR_UNKNOWN_BYTECODE, test_symbol("unusedBytecode"));
  mem_store(mem.special, SPECIAL_SELECTOR_CLASS_TRAP, test_symbol("trap"));
}

/* A scheduler whose active process is about to run a method that returns nil to nowhere. */
static inline void test_scheduler(void) {
  oop plain = fixture_plain();
  uint32_t cix = mem_class_index_of(plain);
  oop lists = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, TEST_PRIORITIES);
  for (uint32_t i = 0; i < TEST_PRIORITIES; i++) mem_store(lists, i, mem_new_old(cix, FMT_FIXED, 2));
  oop context = mem_new_old(CIX_CONTEXT, FMT_FIXED_INDEXABLE, CTX_TEMPS + METHOD_LARGE_FRAME);
  oop method = TEST_METHOD(.large = true, .code = {V3_PUSH_NIL, V3_RETURN_TOP});
  mem_store(context, CTX_METHOD, method);
  obj_put_raw(context, CTX_PC, int_oop((int32_t)(method_first_pc(method) - HDR_BYTES + 1)));
  obj_put_raw(context, CTX_STACKP, int_oop(0));
  oop process = mem_new_old(cix, FMT_FIXED, 4);
  mem_store(process, PROCESS_CONTEXT, context);
  obj_put_raw(process, PROCESS_PRIORITY, int_oop(40));
  oop scheduler = mem_new_old(cix, FMT_FIXED, 2), association = mem_new_old(cix, FMT_FIXED, 2);
  mem_store(scheduler, SCHEDULER_LISTS, lists);
  mem_store(scheduler, SCHEDULER_ACTIVE, process);
  mem_store(association, 1, scheduler);
  mem_store(mem.special, SPECIAL_SCHEDULER, association);
}

static void (*test_interp_each_root)(void (*visit)(oop *slot), bool full);
static inline void test_each_root(void (*visit)(oop *slot), bool full) {
  fixture_each_root(visit, full);
  test_interp_each_root(visit, full);
}

static inline void test_heap_start(void) {
  fixture_start(1 << 20);
  fixture_root[TEST_ROOT_OBJECT_CLASS] = fixture_class(FMT_EMPTY, 0);
  fixture_root[TEST_ROOT_METHOD_CLASS] = fixture_class(FMT_METHOD, 0);
  uint32_t plain = mem_class_index_of(fixture_plain());
  obj_set_class_index(fixture_root[TEST_ROOT_OBJECT_CLASS], plain);
  obj_set_class_index(fixture_root[TEST_ROOT_METHOD_CLASS], plain);
  fixture_class_at(CIX_MESSAGE, FMT_FIXED, 3);
  fixture_class_at(CIX_BLOCK_CLOSURE, FMT_FIXED_INDEXABLE, 3);
  fixture_class_at(CIX_FULL_CLOSURE, FMT_FIXED_INDEXABLE, 4);
  (void)mem_class_index_of(fixture_root[TEST_ROOT_METHOD_CLASS]);
  test_give_dictionary(test_object_class());
  for (uint32_t i = 1; i < CLASS_TABLE_PAGE_SLOTS; i++) {
    oop c = mem_class_at(i);
    if (c == mem.nil || c == test_object_class()) continue;
    obj_set_class_index(c, plain);
    mem_store(c, CLASS_SUPERCLASS, test_object_class());
    test_give_dictionary(c);
  }
  oop others[] = {fixture_plain(), fixture_weak(), fixture_ephemeron(), fixture_root[TEST_ROOT_METHOD_CLASS]};
  for (uint32_t i = 0; i < sizeof others / sizeof *others; i++) { /* their indices are past the first page */
    mem_store(others[i], CLASS_SUPERCLASS, test_object_class());
    test_give_dictionary(others[i]);
  }
  mem_store(mem.special, SPECIAL_CLASS_MESSAGE, mem_class_at(CIX_MESSAGE));
  mem_store(mem.special, SPECIAL_CLASS_COMPILED_METHOD, fixture_root[TEST_ROOT_METHOD_CLASS]);
  test_special_selectors();
  test_scheduler();
  err_t e = interp_start();
  if (e != NULL) fail_msg("%s", e);
  test_interp_each_root = mem_hooks.each_root;
  mem_hooks.each_root = test_each_root;
  interp.countdown = INTERP_CHECK_INTERVAL;
  interp.restructured = false; /* by taking up the process; the base loop would clear it */
}

/* After a stop: runs again, without a check for a while. */
static inline void test_go_on(void) {
  interp.stop = RUN_ON;
  interp.countdown = INTERP_CHECK_INTERVAL;
  interp.stack_limit = interp.page_limit;
}

static inline int test_heap_setup(void **state) {
  (void)state;
  test_heap_start();
  return 0;
}
static inline int test_heap_teardown(void **state) {
  frame_pages_shutdown();
  return fixture_teardown(state);
}

/* Runs a method to its end in a nested loop: the result, or a sentinel. */
static inline oop test_run_args(oop method, oop receiver, uint32_t num_args, const oop *args) {
  addr sp = interp.sp;
  interp_push(receiver);
  for (uint32_t i = 0; i < num_args; i++) interp_push(args[i]);
  interp_activate_method(method, num_args);
  oop result = loop_run(interp.fp);
  if (result_is_oop(result)) assert_int_equal(interp.sp, sp);
  return result;
}
#define TEST_ARGS(...) ((const oop[]){0, ##__VA_ARGS__})
#define TEST_NUM_ARGS(...) (sizeof TEST_ARGS(__VA_ARGS__) / sizeof(oop) - 1)
#define test_run(method, receiver, ...) \
  test_run_args(method, receiver, TEST_NUM_ARGS(__VA_ARGS__), TEST_ARGS(__VA_ARGS__) + 1)

#define I(n) int_oop(n)
#define assert_oop(actual, expected) assert_int_equal((int64_t)(actual), (int64_t)(expected))

#endif
