/* The image builder: what it refuses, that it always makes the same bytes, and that what it makes runs. */
#include "compiler_support.h"

#include "abi.h"
#include "base/options.h"
#include "compiler/builder.h"
#include "interpreter/interp.h"
#include "memory/memory.h"

#include <stdio.h>
#include <stdlib.h>

static void add_file(const char *path) {
  struct cc_buffer b = read_file(path);
  cc_build_add(path, cc_str(b.p, b.n), CC_FORMAT_AUTO);
  cc_buffer_free(&b);
}

#define KERNEL "tests/compiler/kernel.cs"
#define SEMANTICS "tests/compiler/semantics.cs"

static void expect_error(const char *source, const char *part) {
  struct cc_buffer image = {0};
  cc_build_begin();
  add_file(KERNEL);
  add_file(SEMANTICS);
  cc_build_add("zz.cs", cc_str_z(source), CC_FORMAT_CHUNK);
  err_t e = cc_build_finish(&image);
  assert_non_null(e);
  if (strstr(e, part) == NULL) fail_msg("got: %s", e);
  cc_buffer_free(&image);
  cc_build_begin();
}

#define CLASS(super, name) super " subclass: #" name " instanceVariableNames: '' category: 'T'!\n"

static void errors(void **state) {
  expect_error(CLASS("Nothing", "A"), "zz.cs:1:1: error: the superclass is missing: Nothing");
  expect_error(CLASS("Object", "Array"), "defined already in tests/compiler/kernel.cs");
  expect_error(CLASS("A", "B") CLASS("B", "A"), "inherits from itself");
  expect_error("!Nothing methodsFor: 'x'!\nfoo! !", "a method for a class that is not there: Nothing");
  expect_error("!Object methodsFor: 'x'!\nfoo! \nfoo! !", "Object >> foo is defined already in zz.cs:2");
  expect_error("!Object methodsFor: 'x'!\nfoo\n\t^ 3 +! !", "zz.cs:3:7: error: an expression expected");
  expect_error("!Object methodsFor: 'x'!\nfoo\n\t^ nowhere! !",
               "zz.cs:3:4: error: undeclared variable 'nowhere'");
  expect_error("3 + 4!", "cannot run while the image is built");
  expect_error("Object subclass: #A instanceVariableNames: 'a a' category: 'T'!", "there twice: a");
  expect_error("Point subclass: #A instanceVariableNames: 'x' category: 'T'!", "there twice: x");
  expect_error("Object variableByteSubclass: #A instanceVariableNames: 'x' category: 'T'!",
               "cannot have instance variables");
  expect_error("Object subclass: #A instanceVariableNames: '' poolDictionaries: 'Nowhere' category: 'T'!",
               "a pool is a class");
}

/* Without the kernel each missing class is named. */
static void missing_kernel(void **state) {
  struct cc_buffer image = {0};
  cc_build_begin();
  err_t e = cc_build_finish(&image);
  assert_non_null(strstr(e, "no source files"));
  cc_build_begin();
  cc_build_add("a.cs", cc_str_z("nil subclass: #ProtoObject instanceVariableNames: '' category: 'K'!"),
               CC_FORMAT_CHUNK);
  e = cc_build_finish(&image);
  assert_non_null(strstr(e, "the class Object is missing"));
  assert_non_null(strstr(e, "more errors"));
  cc_build_begin();
  struct cc_buffer kernel = read_file(KERNEL);
  char *point = strstr(kernel.p, "'x y'");
  assert_non_null(point);
  memcpy(point, "'y x'", 5);
  cc_build_add(KERNEL, cc_str(kernel.p, kernel.n), CC_FORMAT_AUTO);
  add_file(SEMANTICS);
  e = cc_build_finish(&image);
  assert_non_null(strstr(e, "the instance variables of Point must begin with: x y"));
  cc_buffer_free(&kernel);
  cc_build_begin();
}

static void build(struct cc_buffer *image, bool other_order) {
  cc_build_begin();
  if (other_order) add_file(SEMANTICS);
  add_file(KERNEL);
  if (!other_order) add_file(SEMANTICS);
  err_t e = cc_build_finish(image);
  if (e != NULL) fail_msg("%s", e);
  cc_build_begin();
}

static void same_bytes(void **state) {
  struct cc_buffer a = {0}, b = {0};
  build(&a, false);
  uint32_t seed = vm_options.seed;
  vm_options.seed = 99;
  build(&b, true);
  vm_options.seed = seed;
  assert_int_equal(a.n, b.n);
  assert_memory_equal(a.p, b.p, a.n);
  cc_buffer_free(&a);
  cc_buffer_free(&b);
}

/* semantics.cs runs one test method after the other and quits with the number of the one that failed. */
static void compiled_code_runs(void **state) {
  struct cc_buffer image = {0};
  build(&image, false);
  assert_null(vm_load_image((const uint8_t *)image.p, image.n));
  assert_null(mem_check_heap());
  assert_null(vm_start());
  int32_t stop = RUN_ON;
  for (int i = 0; i < 1000 && (stop == RUN_ON || stop == STOP_BUDGET); i++) stop = vm_run(10000);
  if (stop == STOP_ERROR) fail_msg("%s", vm_error());
  assert_int_equal(stop, STOP_QUIT);
  assert_int_equal(vm_exit_code(), 0);
  cc_buffer_free(&image);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(errors),
      cmocka_unit_test(missing_kernel),
      cmocka_unit_test(same_bytes),
      cmocka_unit_test(compiled_code_runs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
