/* base_test.c: tags, options, the address space. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/config.h"
#include "base/error.h"
#include "base/oop.h"
#include "base/options.h"

static void small_integers_round_trip(void **state) {
  (void)state;
  const int32_t values[] = {0, 1, -1, SMALLINT_MAX, SMALLINT_MIN, 42};
  for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
    oop o = int_oop(values[i]);
    assert_true(oop_is_int(o));
    assert_false(oop_is_pointer(o));
    assert_int_equal(oop_int(o), values[i]);
  }
  assert_false(int_fits((int64_t)SMALLINT_MAX + 1));
  assert_false(int_fits((int64_t)SMALLINT_MIN - 1));
}

static void characters_round_trip(void **state) {
  (void)state;
  assert_true(oop_is_char(char_oop(0x1F600)));
  assert_false(oop_is_int(char_oop(0x1F600)));
  assert_int_equal(oop_char(char_oop(0x1F600)), 0x1F600);
}

static void options_are_found_by_name(void **state) {
  (void)state;
  assert_true(vm_set_option("gc_stress", 1));
  assert_int_equal(vm_options.gc_stress, 1);
  assert_true(vm_set_option("gc_stress", 0));
  assert_false(vm_set_option("no_such_option", 1));
}

static void the_space_gives_zeroed_memory(void **state) {
  (void)state;
  assert_true(space_init());
  addr a = space_take(100000), b = space_take(1);
  assert_true(a != 0 && b != 0 && (b < a || b >= a + 100000));
  assert_int_equal(a % 65536, 0);
  assert_int_equal(at32(a + 99996), 0);
  put32(b, 7);
  assert_int_equal(at32(b), 7);
  assert_int_equal(addr_of(AT(uint32_t, b)), b);
  put32(a, 7);
  space_give(b, 1);
  space_give(a, 100000);
  addr c = space_take(131072 + 65536); /* the two joined again */
  assert_int_equal(c, a < b ? a : b);
  assert_int_equal(at32(a), 0);
  space_give(c, 131072 + 65536);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(small_integers_round_trip),
      cmocka_unit_test(characters_round_trip),
      cmocka_unit_test(options_are_found_by_name),
      cmocka_unit_test(the_space_gives_zeroed_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
