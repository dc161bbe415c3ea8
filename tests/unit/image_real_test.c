/* image_real_test.c: real images load, with as many objects as they have, soundly; saved and loaded again
 * they are the same graph. */
#include "image_support.h"

static void free_bytes(struct bytes *b) { free(b->data); }

/* Loads, checks, saves, loads: the same graph, and the same file the second time. */
static void check_image(const char *name, uint32_t format, uint32_t objects) {
  struct bytes original = real_image(name);
  assert_loads(&original);
  assert_int_equal(image_info.format, format);
  assert_int_equal(image_info.objects, objects);
  uint64_t digest = heap_digest();
  struct bytes first = saved();
  assert_loads(&first);
  assert_int_equal(image_info.objects, objects);
  assert_int_equal(heap_digest(), digest);
  struct bytes second = saved();
  assert_int_equal(first.size, second.size);
  assert_memory_equal(first.data, second.data, first.size);
  mem_shutdown();
  free_bytes(&original);
  free_bytes(&first);
  free_bytes(&second);
}

/* Counts of objects that programs can see: those of the collection's list are eight greater, by the hidden
 * ones. */
static void cuis(void **state) { check_image("cuis-5.0-3121.image", 6521, 80769 - 8); }
static void awfy(void **state) { check_image("awfy-cuis-5.0.image", 6521, 86089); }
static void headless(void **state) { check_image("headless.image", 6521, 2444); }
static void mini(void **state) { check_image("mini-2.2.image", 6502, 17692); }
static void benchmark(void **state) { check_image("benchmark.image", 6502, 17041); }
static void bootstrapped(void **state) { check_image("bootstrapped.image", 6505, 2525); }

/* The list counts 29,904: nine are hidden; each distinct immediate float and wide SmallInteger is a new
 * object. */
static void pharo_64(void **state) { check_image("pharo-8-kernel-64.image", 68021, 29904 - 8 + 357); }

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cuis),     cmocka_unit_test(awfy),      cmocka_unit_test(headless),
      cmocka_unit_test(mini),     cmocka_unit_test(benchmark), cmocka_unit_test(bootstrapped),
      cmocka_unit_test(pharo_64),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
