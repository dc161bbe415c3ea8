/* memory_fixture.h: a small heap with the classes that the memory tests make instances of. */
#ifndef TESTS_UNIT_MEMORY_FIXTURE_H
#define TESTS_UNIT_MEMORY_FIXTURE_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/config.h"
#include "base/options.h"
#include "memory/memory.h"

enum { FIXTURE_EDEN = 64 << 10, FIXTURE_ROOTS = 64 };

/* Roots of the test: what the stack is to the VM. */
static oop fixture_root[FIXTURE_ROOTS];
static int fixture_finalizations, fixture_low_space;

static inline void fixture_each_root(void (*visit)(oop *slot), bool full) {
  (void)full;
  for (int i = 0; i < FIXTURE_ROOTS; i++) visit(&fixture_root[i]);
}
static inline void fixture_finalization_pending(void) { fixture_finalizations++; }
static inline void fixture_low_space_signal(void) { fixture_low_space++; }

static inline oop fixture_new_class_old(void) { return mem_new_old(CIX_WORDS_HIDDEN, FMT_FIXED, 3); }

/* A class of the given instance spec and fixed fields; the class Class is not needed for that. */
static inline oop fixture_class(uint32_t spec, uint32_t fixed) {
  oop c = fixture_new_class_old();
  assert_true(c != 0);
  obj_put_raw(c, CLASS_FORMAT, (uint32_t)int_oop((int32_t)(spec << 16 | fixed)));
  return c;
}

static inline oop fixture_class_at(uint32_t index, uint32_t spec, uint32_t fixed) {
  oop c = fixture_class(spec, fixed);
  assert_true(mem_class_at_put(index, c));
  return c;
}

/* The class of all classes and of the odd objects below. */
static oop fixture_plain_class, fixture_array_class, fixture_weak_class, fixture_ephemeron_class;

static inline void fixture_start(uint32_t eden_bytes) {
  mem_hooks = (struct mem_hooks){.each_root = fixture_each_root,
                                 .finalization_pending = fixture_finalization_pending,
                                 .low_space = fixture_low_space_signal};
  fixture_finalizations = fixture_low_space = 0;
  err_t e = mem_init(eden_bytes);
  if (e == NULL) e = mem_bootstrap();
  if (e != NULL) fail_msg("%s", e);
  for (int i = 0; i < FIXTURE_ROOTS; i++) fixture_root[i] = mem.nil;
  fixture_class_at(CIX_SMALLINTEGER, FMT_FORWARDED, 0);
  fixture_class_at(CIX_CHARACTER, FMT_FORWARDED, 0);
  mem_class_at_put(CIX_SMALLINTEGER_2, mem_class_at(CIX_SMALLINTEGER));
  fixture_class_at(CIX_LARGE_NEGATIVE, FMT_8, 0);
  fixture_class_at(CIX_LARGE_POSITIVE, FMT_8, 0);
  fixture_class_at(CIX_FLOAT, FMT_32, 0);
  fixture_class_at(CIX_CONTEXT, FMT_FIXED_INDEXABLE, 6);
  fixture_class_at(CIX_BYTE_ARRAY, FMT_8, 0);
  fixture_array_class = fixture_class_at(CIX_ARRAY, FMT_INDEXABLE, 0);
  fixture_class_at(CIX_STRING, FMT_8, 0);
  fixture_class_at(CIX_BITMAP, FMT_32, 0);
  fixture_plain_class = fixture_class(FMT_FIXED, 3);
  uint32_t plain = mem_class_index_of(fixture_plain_class);
  for (uint32_t i = 0; i < CLASS_TABLE_PAGE_SLOTS; i++)
    if (mem_class_at(i) != mem.nil) obj_set_class_index(mem_class_at(i), plain);
  obj_set_class_index(fixture_plain_class, plain);
  obj_set_class_index(mem.nil, plain);
  obj_set_class_index(mem.true_, plain);
  obj_set_class_index(mem.false_, plain);
  fixture_weak_class = fixture_class(FMT_WEAK, 1);
  fixture_ephemeron_class = fixture_class(FMT_EPHEMERON, 2);
  obj_set_class_index(fixture_weak_class, plain);
  obj_set_class_index(fixture_ephemeron_class, plain);
  /* The classes stay alive through the special objects array, as in an image. */
  obj_put_raw(mem.special, SPECIAL_CLASS_POINT, fixture_plain_class);
  obj_put_raw(mem.special, SPECIAL_CLASS_PROCESS, fixture_weak_class);
  obj_put_raw(mem.special, SPECIAL_CLASS_MUTEX, fixture_ephemeron_class);
}

static inline int fixture_setup(void **state) {
  (void)state;
  fixture_start(FIXTURE_EDEN);
  return 0;
}

static inline int fixture_teardown(void **state) {
  (void)state;
  mem_shutdown();
  mem_hooks = (struct mem_hooks){0};
  vm_set_option("gc_stress", 0);
  vm_set_option("heap_check", 0);
  vm_set_option("compact", 1);
  vm_set_option("grow_bytes", VM_GROW_BYTES);
  return 0;
}

static inline void fixture_assert_sound(void) {
  err_t e = mem_check_heap();
  if (e != NULL) fail_msg("%s", e);
}

/* The fixture's classes after collections may have moved them. */
static inline oop fixture_plain(void) { return mem_special(SPECIAL_CLASS_POINT); }
static inline oop fixture_weak(void) { return mem_special(SPECIAL_CLASS_PROCESS); }
static inline oop fixture_ephemeron(void) { return mem_special(SPECIAL_CLASS_MUTEX); }

#endif
