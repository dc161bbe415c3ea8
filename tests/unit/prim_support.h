/* prim_support.h: calls primitives as a send would: by number or name, with receiver and arguments on the
 * stack.
 *
 *   assert_oop(PRIM(1, I(3), I(4)), I(7));
 *   assert_fails(PRIM(1, mem.nil, I(4)), PRIM_ERR_BAD_RECEIVER);
 */
#ifndef TESTS_UNIT_PRIM_SUPPORT_H
#define TESTS_UNIT_PRIM_SUPPORT_H

#include "test_heap.h"

#include "primitives/checks.h"

/* The result, or PRIM_FAILED. The stack is as before in both cases. */
static inline oop prim_call(prim_fn f, uint32_t count, const oop *operands) {
  assert_non_null(f);
  addr sp = interp.sp;
  uint32_t argc = count - 1;
  for (uint32_t i = 0; i < count; i++) interp_push(operands[i]);
  interp.prim_error = 0;
  oop result = f(AT(oop, interp.sp - 4 * argc), argc);
  if (result == PRIM_DONE)
    result = at32(interp.sp);
  else
    assert_int_equal(interp.sp, sp + 4 * count);
  interp.sp = sp;
  return result;
}
#define PRIM_OPERANDS(...) ((const oop[]){__VA_ARGS__})
#define PRIM_COUNT(...) (sizeof PRIM_OPERANDS(__VA_ARGS__) / sizeof(oop))
#define PRIM(number, ...)                                                                    \
  prim_call(prim_numbered_for(number, PRIM_COUNT(__VA_ARGS__) - 1), PRIM_COUNT(__VA_ARGS__), \
            PRIM_OPERANDS(__VA_ARGS__))
#define NAMED(module, name, ...)                                                                     \
  prim_call(prim_named_for(module, strlen(module), name, strlen(name), PRIM_COUNT(__VA_ARGS__) - 1), \
            PRIM_COUNT(__VA_ARGS__), PRIM_OPERANDS(__VA_ARGS__))

#define assert_fails(call, code)               \
  do {                                         \
    assert_oop(call, PRIM_FAILED);             \
    assert_int_equal(interp.prim_error, code); \
  } while (0)

static inline oop str(const char *text) { return mem_new_string(text, (uint32_t)strlen(text)); }
static inline oop bytes_of(const void *bytes, uint32_t n) {
  oop o = mem_new_bytes(CIX_BYTE_ARRAY, n);
  memcpy(obj_bytes(o), bytes, n);
  return o;
}
static inline oop words_of(uint32_t n) { return mem_new(CIX_BITMAP, FMT_32, n); }
static inline oop array_of(uint32_t n, const oop *elements) {
  oop o = mem_new_array(n);
  for (uint32_t i = 0; i < n; i++) mem_store(o, i, elements[i]);
  return o;
}
static inline oop frozen(oop o) {
  put32(o, at32(o) | HDR_IMMUTABLE);
  return o;
}
static inline void assert_string(oop o, const char *text) {
  assert_true(oop_is_bytes(o));
  assert_int_equal(obj_byte_size(o), strlen(text));
  assert_memory_equal(obj_bytes(o), text, strlen(text));
}
static inline void assert_float(oop o, double v) {
  assert_true(oop_is_float(o));
  double is = mem_float(o);
  assert_memory_equal(&is, &v, sizeof v);
}
static inline void assert_int64(oop o, int64_t v) {
  int64_t is = 0;
  assert_true(prim_int64(o, &is));
  assert_true(is == v);
}

#define PRIM_TEST(f) cmocka_unit_test_setup_teardown(f, test_heap_setup, test_heap_teardown)

#endif
