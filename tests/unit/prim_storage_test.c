/* prim_storage_test.c: making, copying, changing, collecting, exchanging and enumerating objects. */
#include "prim_support.h"

static void new_makes_instances(void **state) {
  (void)state;
  oop fixed = test_class(FMT_FIXED, 2), indexed = test_class(FMT_FIXED_INDEXABLE, 1),
      bytes = test_class(FMT_8, 0);
  const uint32_t without[] = {70, 596, 598}, with[] = {71, 597, 599};
  for (int i = 0; i < 3; i++) {
    oop o = PRIM(without[i], fixed);
    assert_oop(mem_class_of(o), fixed);
    assert_int_equal(obj_slots(o), 2);
    assert_oop(obj_slot(o, 1), mem.nil);
    o = PRIM(with[i], indexed, I(3));
    assert_int_equal(obj_slots(o), 4);
    o = PRIM(with[i], bytes, I(5));
    assert_int_equal(obj_byte_size(o), 5);
    assert_int_equal(obj_is_pinned(o), i == 2);
    if (i > 0) assert_false(oop_is_young(o));
    assert_fails(PRIM(without[i], mem.nil), PRIM_ERR_BAD_RECEIVER);
    assert_fails(PRIM(with[i], fixed, I(1)), PRIM_ERR_BAD_RECEIVER);
    assert_fails(PRIM(with[i], bytes, I(-1)), PRIM_ERR_BAD_ARGUMENT);
    assert_fails(PRIM(with[i], bytes, mem.nil), PRIM_ERR_BAD_ARGUMENT);
  }
  assert_fails(PRIM(71, fixture_root[TEST_ROOT_METHOD_CLASS], I(8)), PRIM_ERR_BAD_RECEIVER);
  fixture_assert_sound();
}

static void new_without_memory_fails(void **state) {
  (void)state;
  fixture_root[0] = test_class(FMT_INDEXABLE, 0);
  uint32_t limit = vm_options.memory_limit;
  vm_options.memory_limit = 8 << 20;
  oop result = PRIM(71, fixture_root[0], I(100 << 20));
  vm_options.memory_limit = limit;
  assert_oop(result, PRIM_FAILED);
  assert_int_equal(interp.prim_error, PRIM_ERR_NO_MEMORY);
  fixture_assert_sound();
}

static void methods_are_made(void **state) {
  (void)state;
  oop class_ = fixture_root[TEST_ROOT_METHOD_CLASS];
  oop m = PRIM(79, class_, I(5), I(2));
  assert_int_equal(method_num_literals(m), 2);
  assert_oop(method_literal(m, 1), mem.nil);
  assert_int_equal(obj_byte_size(m), 12 + 5);
  assert_fails(PRIM(79, test_class(FMT_8, 0), I(5), I(2)), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(79, class_, I(-1), I(2)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(79, class_, I(5), mem.nil), PRIM_ERR_BAD_ARGUMENT);
  fixture_assert_sound();
}

static void copies(void **state) {
  (void)state;
  oop a = array_of(2, (oop[]){I(1), I(2)}), b = PRIM(148, a);
  assert_true(a != b);
  assert_oop(obj_slot(b, 1), I(2));
  assert_oop(PRIM(148, I(5)), I(5));
  oop c = mem_new_array(2);
  assert_oop(PRIM(168, c, a), c);
  assert_oop(obj_slot(c, 0), I(1));
  assert_fails(PRIM(168, c, mem_new_array(3)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(168, c, str("ab")), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(168, I(1), a), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(168, frozen(c), a), PRIM_ERR_NO_MODIFICATION);
  oop context = frame_marry(interp.fp), copy = PRIM(148, context);
  assert_int_equal(context_frame(copy), 0);
}

static void classes_change(void **state) {
  (void)state;
  oop two = test_class(FMT_FIXED, 2), other = test_class(FMT_FIXED, 2), three = test_class(FMT_FIXED, 3);
  oop o = mem_instantiate(two, 0);
  assert_oop(PRIM(115, o, mem_instantiate(other, 0)), o);
  assert_oop(mem_class_of(o), other);
  assert_oop(PRIM(160, two, o), two);
  assert_oop(mem_class_of(o), two);
  assert_fails(PRIM(160, three, o), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(160, mem.nil, o), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(160, two, I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(115, o, I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(115, str("ab"), o), PRIM_ERR_INAPPROPRIATE);
  assert_fails(PRIM(115, frozen(o), mem_instantiate(other, 0)), PRIM_ERR_NO_MODIFICATION);
  /* bits keep their bytes */
  oop s = str("abcd"), five = str("abcde");
  (void)PRIM(160, test_class(FMT_16, 0), s);
  assert_oop(PRIM(62, s), I(2));
  (void)PRIM(160, test_class(FMT_32, 0), s);
  assert_oop(PRIM(62, s), I(1));
  assert_fails(PRIM(160, test_class(FMT_32, 0), five), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(160, test_class(FMT_INDEXABLE, 0), five), PRIM_ERR_INAPPROPRIATE);
  fixture_assert_sound();
}

static void identity(void **state) {
  (void)state;
  oop a = str("a"), class_ = test_class(FMT_FIXED, 0);
  assert_oop(PRIM(161, a), mem.false_);
  oop hash = PRIM(75, a);
  assert_oop(PRIM(75, a), hash);
  assert_oop(PRIM(161, a), mem.true_);
  assert_oop(PRIM(161, a, I(77)), hash);
  assert_oop(PRIM(75, a), I(77));
  assert_fails(PRIM(161, a, I(-1)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(161, class_, I(5)), PRIM_ERR_INAPPROPRIATE);
  assert_fails(PRIM(75, I(1)), PRIM_ERR_BAD_RECEIVER);
  assert_oop(PRIM(175, class_), I((int32_t)mem_class_index_of(class_)));
  assert_fails(PRIM(175, a), PRIM_ERR_BAD_RECEIVER);
  assert_oop(PRIM(176, mem.nil), I(HDR_HASH_MASK));
  assert_oop(PRIM(170, I(0x1F600)), char_oop(0x1F600));
  assert_fails(PRIM(170, I(-1)), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(170, mem.nil, I(-1)), PRIM_ERR_BAD_ARGUMENT);
  assert_oop(PRIM(171, char_oop(65)), I(65));
  assert_oop(PRIM(171, I(65)), I(65));
  assert_fails(PRIM(171, a), PRIM_ERR_BAD_RECEIVER);
  assert_oop(PRIM(129, mem.nil), mem.special);
}

static void immutability_and_pinning(void **state) {
  (void)state;
  oop a = str("a");
  assert_oop(PRIM(163, a), mem.false_);
  assert_oop(PRIM(164, a, mem.true_), mem.false_);
  assert_oop(PRIM(163, a), mem.true_);
  assert_oop(PRIM(164, a, mem.false_), mem.true_);
  assert_oop(PRIM(163, I(1)), mem.true_);
  assert_fails(PRIM(164, a, I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(164, I(1), mem.true_), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(164, frame_marry(interp.fp), mem.true_), PRIM_ERR_INAPPROPRIATE);
  fixture_root[0] = a;
  assert_oop(PRIM(183, a), mem.false_);
  assert_oop(PRIM(184, a, mem.true_), mem.false_);
  assert_oop(PRIM(183, fixture_root[0]), mem.true_);
  assert_oop(PRIM(184, fixture_root[0], mem.false_), mem.true_);
  assert_fails(PRIM(184, fixture_root[0], I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(184, I(1), mem.true_), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(183, I(1)), PRIM_ERR_BAD_RECEIVER);
}

static void sizes(void **state) {
  (void)state;
  assert_oop(PRIM(182, mem_new_array(3)), I(8 + 16));
  assert_oop(PRIM(182, mem_new_array(300)), I(16 + 1200));
  assert_oop(PRIM(182, I(1)), I(0));
  assert_oop(PRIM(181, test_class(FMT_FIXED, 3)), I(8 + 16));
  assert_oop(PRIM(181, mem_class_at(CIX_STRING), I(9)), I(8 + 16));
  assert_fails(PRIM(181, mem.nil), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(181, test_class(FMT_FIXED, 3), I(1)), PRIM_ERR_BAD_RECEIVER);
  oop s = str("a"), a = array_of(1, &s);
  assert_oop(PRIM(132, a, s), mem.true_);
  assert_oop(PRIM(132, a, str("a")), mem.false_);
  assert_oop(PRIM(132, s, a), mem.false_);
  assert_oop(PRIM(132, I(1), a), mem.false_);
}

static void become_exchanges(void **state) {
  (void)state;
  oop a = fixture_root[0] = str("one"), b = fixture_root[1] = str("two-two");
  (void)PRIM(128, array_of(1, &a), array_of(1, &b));
  assert_string(fixture_root[0], "two-two");
  assert_string(fixture_root[1], "one");
  a = fixture_root[0], b = fixture_root[1];
  (void)PRIM(72, array_of(1, &a), array_of(1, &b));
  assert_string(fixture_root[0], "one");
  assert_oop(fixture_root[0], fixture_root[1]);
  assert_fails(PRIM(128, I(1), mem_new_array(1)), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(128, mem_new_array(2), mem_new_array(1)), PRIM_ERR_BAD_ARGUMENT);
  oop one = I(1), s = str("s");
  assert_oop(PRIM(128, array_of(1, &one), array_of(1, &s)), PRIM_FAILED);
  assert_fails(PRIM(249, mem_new_array(0), mem_new_array(0), I(1)), PRIM_ERR_BAD_ARGUMENT);
  fixture_assert_sound();
}

static void become_keeps_or_copies_the_hash(void **state) {
  (void)state;
  for (int copy = 0; copy < 2; copy++) {
    oop a = fixture_root[0] = str("one"), b = fixture_root[1] = str("two");
    uint32_t ha = mem_hash(a), hb = mem_hash(b);
    (void)PRIM(249, array_of(1, &a), array_of(1, &b), mem_bool(copy));
    assert_string(fixture_root[0], "two");
    assert_int_equal(mem_hash(fixture_root[0]), copy ? ha : hb);
  }
}

static void become_of_contexts_takes_them_off_the_stack(void **state) {
  (void)state;
  oop context = frame_marry(interp.fp), s = fixture_root[0] = str("s");
  (void)context;
  oop method = frame_method(interp.fp);
  oop from = array_of(1, &s), to = array_of(1, &context);
  interp_push(from);
  interp_push(to);
  oop result = prim_numbered_for(72, 1)(AT(oop, interp.sp - 4), 1);
  assert_oop(result, PRIM_DONE);
  interp_pop();
  assert_true(oop_is_context(fixture_root[0]));
  assert_oop(context_fetch(fixture_root[0], CTX_METHOD), method);
  assert_oop(frame_method(interp.fp), method);
  fixture_assert_sound();
}

static void collecting_answers_free_bytes(void **state) {
  (void)state;
  fixture_root[0] = str("kept");
  int64_t free;
  assert_true(prim_int64(PRIM(130, mem.nil), &free) && free > 0);
  assert_true(prim_int64(PRIM(131, mem.nil), &free) && free > 0);
  assert_true(prim_int64(PRIM(112, mem.nil), &free) && free > 0);
  assert_string(fixture_root[0], "kept");
  assert_oop(PRIM(125, mem.nil, I(1000)), mem.nil);
  assert_int_equal(mem_low_space_threshold, 1000);
  assert_fails(PRIM(125, mem.nil, mem.nil), PRIM_ERR_BAD_ARGUMENT);
  assert_true(prim_int64(PRIM(180, mem.nil, I(1 << 20)), &free) && free >= 1 << 20);
  assert_fails(PRIM(180, mem.nil, mem.nil), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(172, mem.nil), PRIM_ERR_NOT_FOUND);
  (void)PRIM(124, mem.nil, str("no semaphore"));
  assert_oop(mem_special(SPECIAL_LOW_SPACE_SEMAPHORE), mem.nil);
}

static void enumeration_finds_all(void **state) {
  (void)state;
  oop class_ = test_class(FMT_FIXED, 1);
  assert_fails(PRIM(77, class_), PRIM_ERR_NOT_FOUND);
  oop a = fixture_root[0] = mem_instantiate(class_, 0), b = fixture_root[1] = mem_instantiate(class_, 0);
  oop first = PRIM(77, class_), second = PRIM(78, first);
  assert_true((first == a && second == b) || (first == b && second == a));
  assert_fails(PRIM(78, second), PRIM_ERR_NOT_FOUND);
  assert_fails(PRIM(78, I(1)), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(77, mem.nil), PRIM_ERR_BAD_RECEIVER);
  oop all = PRIM(177, class_);
  assert_int_equal(obj_slots(all), 2);
  assert_fails(PRIM(177, mem.nil), PRIM_ERR_BAD_RECEIVER);
  uint32_t count = 0;
  for (oop o = PRIM(138, mem.nil); o != I(0); o = PRIM(139, o)) count++;
  assert_true(count > 50);
  oop objects = PRIM(178, mem.nil);
  assert_true(obj_slots(objects) >= count);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      PRIM_TEST(new_makes_instances),
      PRIM_TEST(new_without_memory_fails),
      PRIM_TEST(methods_are_made),
      PRIM_TEST(copies),
      PRIM_TEST(classes_change),
      PRIM_TEST(identity),
      PRIM_TEST(immutability_and_pinning),
      PRIM_TEST(sizes),
      PRIM_TEST(become_exchanges),
      PRIM_TEST(become_keeps_or_copies_the_hash),
      PRIM_TEST(become_of_contexts_takes_them_off_the_stack),
      PRIM_TEST(collecting_answers_free_bytes),
      PRIM_TEST(enumeration_finds_all),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
