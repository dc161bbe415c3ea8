/* frame_fixture.h: methods, closures and activations made by hand on the memory fixture's heap. */
#ifndef TESTS_UNIT_FRAME_FIXTURE_H
#define TESTS_UNIT_FRAME_FIXTURE_H

#include "memory_fixture.h"

#include "interpreter/frame_internal.h"
#include "primitives/primitive.h"

/* A method of so many arguments, temporaries (arguments included) and bytes of code, in old space. */
static inline oop fixture_method(uint32_t args, uint32_t temps, bool has_primitive, uint32_t primitive) {
  enum { LITERALS = 2, CODE_BYTES = 12 };
  oop m = mem_new_old(mem_class_index_of(fixture_plain_class), FMT_METHOD,
                      METHOD_LITERAL_START + LITERALS + CODE_BYTES / 4);
  int32_t header = (int32_t)(LITERALS | temps << 18 | args << 24 | (has_primitive ? 0x10000 : 0));
  obj_put_raw(m, 0, int_oop(header));
  for (uint32_t i = 0; i < LITERALS; i++) obj_put_raw(m, METHOD_LITERAL_START + i, mem.nil);
  uint8_t *code = AT(uint8_t, m + method_first_pc(m));
  enum { PUSH_NIL = 115, POP = 135, RETURN_RECEIVER = 120 }; /* of the V3 set */
  for (uint32_t i = 0; i < CODE_BYTES; i++) code[i] = (i & 1) == (has_primitive ? 1 : 0) ? PUSH_NIL : POP;
  code[CODE_BYTES - 1] = RETURN_RECEIVER;
  if (has_primitive) { /* callPrimitive: of the V3 set with closures */
    code[0] = 139;
    code[1] = (uint8_t)primitive;
    code[2] = (uint8_t)(primitive >> 8);
  }
  return m;
}

/* A single context about to run the method's first bytecode. */
static inline oop fixture_context(oop method, oop receiver, oop sender) {
  oop c = mem_new(CIX_CONTEXT, FMT_FIXED_INDEXABLE, CTX_TEMPS + method_frame_slots(method));
  mem_store(c, CTX_SENDER, sender);
  obj_put_raw(c, CTX_PC, int_oop((int32_t)(method_first_pc(method) - PC_IMAGE_TO_FRAME)));
  obj_put_raw(c, CTX_STACKP, int_oop((int32_t)method_num_temps(method)));
  mem_store(c, CTX_METHOD, method);
  mem_store(c, CTX_RECEIVER, receiver);
  return c;
}

static inline void fixture_push(oop o) {
  interp.sp += 4;
  put32(interp.sp, o);
}

/* Activates a method whose receiver and arguments are pushed. */
static inline addr fixture_call(oop method, uint32_t kind) {
  uint32_t args = method_num_args(method);
  oop pushed = at32(interp.sp - 4 * args);
  addr fp = interp.sp + 4;
  put32(fp + FRAME_SAVED_FP, interp.fp);
  put32(fp + FRAME_METHOD, method);
  put32(fp + FRAME_CONTEXT, mem.nil);
  put32(fp + FRAME_FLAGS, frame_flags_for(method, args, kind));
  put32(fp + FRAME_PC, method_first_pc(method));
  put32(fp + FRAME_RECEIVER, kind & FRAME_IS_BLOCK ? int_oop(77) : pushed);
  interp.fp = fp;
  interp.sp = fp + FRAME_TEMPS - 4;
  for (uint32_t i = args; i < method_num_temps(method); i++) fixture_push(mem.nil);
  if (fp > interp.page_limit) frame_overflow();
  return interp.fp;
}

/* Receiver n, argument n + 1, second temporary n + 2, one operand n + 3. */
static inline addr fixture_call_numbered(oop method, int32_t n) {
  fixture_push(int_oop(n));
  fixture_push(int_oop(n + 1));
  fixture_call(method, 0);
  put32(frame_slot(interp.fp, 1), int_oop(n + 2));
  fixture_push(int_oop(n + 3));
  return interp.fp;
}

static inline void fixture_assert_numbered(oop context, int32_t n) {
  assert_int_equal(context_fetch(context, CTX_RECEIVER), int_oop(n));
  assert_int_equal(context_fetch(context, CTX_TEMPS), int_oop(n + 1));
  assert_int_equal(context_fetch(context, CTX_TEMPS + 1), int_oop(n + 2));
}

static oop fixture_method_1_2; /* one argument, two temporaries; kept by a root */

static inline void frame_fixture_roots(void (*visit)(oop *slot), bool full) {
  fixture_each_root(visit, full);
  frame_each_root(visit, full);
  visit(&fixture_method_1_2);
}

/* Pages, and a bottom activation of a method without arguments. */
static inline int frame_fixture_setup(void **state) {
  (void)state;
  vm_set_option("stack_pages", 4);
  vm_set_option("stack_page_bytes", 1024);
  fixture_start(FIXTURE_EDEN * 4);
  memset(&interp, 0, sizeof interp);
  err_t e = frame_pages_init();
  if (e != NULL) fail_msg("%s", e);
  fixture_method_1_2 = fixture_method(1, 2, false, 0);
  mem_hooks.each_root = frame_fixture_roots;
  oop bottom = fixture_context(fixture_method(0, 0, false, 0), int_oop(-1), mem.nil);
  assert_true(frame_activate_context(bottom, 0));
  return 0;
}

static inline int frame_fixture_teardown(void **state) {
  frame_pages_shutdown();
  return fixture_teardown(state);
}

#endif
