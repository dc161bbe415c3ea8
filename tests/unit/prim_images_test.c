/* prim_images_test.c: every primitive that a real image's methods name takes as many arguments as those
 * methods have; the argument counts of the tables are so checked against what the family's images really
 * call. */
#include "image_support.h"

#include "primitives/primitive.h"

static uint32_t methods, with_primitive, wrong;

static bool check_method(oop o, void *context) {
  (void)context;
  if (!fmt_is_method(obj_format(o))) return true;
  methods++;
  uint32_t number = method_primitive(o);
  if (number == 0) return true;
  with_primitive++;
  if (prim_of_method(o) == prim_bad_num_args) {
    print_message("primitive %u with %u arguments\n", number, method_num_args(o));
    if (number == 117) {
      oop spec = method_literal(o, 0), name = obj_slot(spec, 1);
      print_message("  named %.*s\n", (int)obj_byte_size(name), obj_bytes(name));
    }
    wrong++;
  }
  return true;
}

static void check_image(const char *name, uint32_t expected_wrong) {
  struct bytes image = real_image(name);
  assert_loads(&image);
  methods = with_primitive = wrong = 0;
  mem_each_object(check_method, NULL);
  assert_true(methods > 100 && with_primitive > 20);
  assert_int_equal(wrong, expected_wrong);
  mem_shutdown();
  free(image.data);
}

static void cuis(void **state) { check_image("cuis-5.0-3121.image", 0); }
static void pharo(void **state) { check_image("pharo-8-kernel-64.image", 0); }
/* relinquishProcessor without its argument */
static void headless(void **state) { check_image("headless.image", 1); }
static void bootstrapped(void **state) { check_image("bootstrapped.image", 0); }
/* 7 in methods that no longer run */
static void mini(void **state) { check_image("mini-2.2.image", 2); }
static void benchmark(void **state) { check_image("benchmark.image", 2); }

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cuis),         cmocka_unit_test(pharo), cmocka_unit_test(headless),
      cmocka_unit_test(bootstrapped), cmocka_unit_test(mini),  cmocka_unit_test(benchmark),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
