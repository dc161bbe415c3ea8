/* memory_image_test.c: the collectors on real images: what a full collection leaves is the same graph, in the
 * same order, after every further one. */
#include "image_support.h"

#include "base/options.h"

static void make_garbage(void) {
  for (uint32_t i = 0; i < 3000; i++) {
    mem_new_string("garbage", 7);
    mem_new_old(CIX_ARRAY, FMT_INDEXABLE, i % 500);
    if (mem.gc_wanted) mem_collect_at_safepoint();
  }
}

static void check_image(const char *name) {
  struct bytes image = real_image(name);
  assert_loads(&image);
  free(image.data);
  vm_set_option("heap_check", 1);
  mem_full_gc();
  uint64_t digest = heap_digest();
  mem_full_gc();
  assert_true(heap_digest() == digest);
  make_garbage();
  mem_scavenge();
  mem_full_gc();
  assert_true(heap_digest() == digest);
  vm_set_option("compact", 0);
  make_garbage();
  mem_full_gc();
  vm_set_option("compact", 1);
  mem_full_gc();
  assert_true(heap_digest() == digest);
  oop classes = mem_all_instances(mem_class_at(CIX_ARRAY));
  assert_true(classes != 0 && obj_slots(classes) > 10);
  vm_set_option("heap_check", 0);
  mem_shutdown();
}

static void cuis(void **state) { check_image("cuis-5.0-3121.image"); }
static void headless(void **state) { check_image("headless.image"); }
static void mini(void **state) { check_image("mini-2.2.image"); }
static void bootstrapped(void **state) { check_image("bootstrapped.image"); }
static void pharo_64(void **state) { check_image("pharo-8-kernel-64.image"); }

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cuis),         cmocka_unit_test(headless), cmocka_unit_test(mini),
      cmocka_unit_test(bootstrapped), cmocka_unit_test(pharo_64),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
