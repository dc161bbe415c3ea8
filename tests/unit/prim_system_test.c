/* prim_system_test.c: dispatch, quick primitives, clocks, names, parameters, the headless screen, snapshots.
 */
#include "prim_support.h"

#include "devices/clock.h"
#include "devices/device.h"
#include "devices/display.h"
#include "devices/file.h"
#include "devices/host_native.h"
#include "devices/process.h"
#include "memory/image.h"
#include "primitives/display.h"
#include "primitives/snapshot.h"

#include <stdio.h>
#include <unistd.h>

static void methods_name_their_primitives(void **state) {
  (void)state;
  assert_int_equal(method_primitive(TEST_METHOD(.primitive = 60, .args = 1, .code = {V3_RETURN_TOP})), 60);
  assert_int_equal(method_primitive(TEST_METHOD(.sista = true, .primitive = 541, .args = 1, .code = {1})),
                   541);
  oop plain = TEST_METHOD(.code = {V3_RETURN_TOP});
  assert_int_equal(method_primitive(plain), 0);
  assert_null(prim_of_method(plain));
  assert_ptr_equal(prim_of_method(TEST_METHOD(.primitive = 60, .args = 1, .code = {V3_RETURN_TOP})), prim_at);
  assert_ptr_equal(prim_of_method(TEST_METHOD(.primitive = 60, .args = 0, .code = {V3_RETURN_TOP})),
                   prim_bad_num_args);
  assert_null(prim_of_method(TEST_METHOD(.primitive = 198, .code = {V3_RETURN_TOP})));
  assert_null(prim_numbered(100000));
}

static oop named_method(const char *module, const char *name, uint32_t args) {
  oop fields[4] = {module != NULL ? str(module) : mem.nil, str(name), I(0), I(0)};
  return TEST_METHOD(.primitive = 117, .args = args, .literals = {array_of(4, fields)},
                     .code = {V3_RETURN_TOP});
}

static void named_primitives_are_found_by_the_first_literal(void **state) {
  (void)state;
  assert_ptr_equal(prim_of_method(named_method("UUIDPlugin", "primitiveMakeUUID", 0)),
                   prim_named("UUIDPlugin", 10, "primitiveMakeUUID", 17));
  interp.new_method = named_method("NoPlugin", "primitiveMakeUUID", 0);
  assert_fails(prim_call(prim_of_method(interp.new_method), 1, &mem.nil), PRIM_ERR_NOT_FOUND);
  interp.new_method = named_method(NULL, "primitiveNothing", 0);
  assert_fails(PRIM(117, mem.nil), PRIM_ERR_NOT_FOUND);
  interp.new_method = named_method("UUIDPlugin", "primitiveMakeUUID", 1);
  assert_ptr_equal(prim_of_method(interp.new_method), prim_bad_num_args);
  assert_fails(PRIM(120, mem.nil), PRIM_ERR_UNSUPPORTED);
  assert_string(PRIM(572, mem.nil, I(1)), "LargeIntegers");
  assert_oop(PRIM(572, mem.nil, I(1000)), mem.nil);
  assert_fails(PRIM(572, mem.nil, I(0)), PRIM_ERR_BAD_ARGUMENT);
}

static void quick_primitives_answer_constants_and_fields(void **state) {
  (void)state;
  oop receiver = mem_instantiate(test_class(FMT_FIXED, 2), 0);
  obj_put_raw(receiver, 1, I(9));
  const oop expected[] = {receiver, mem.true_, mem.false_, mem.nil, I(-1), I(0), I(1), I(2), mem.nil, I(9)};
  for (uint32_t i = 0; i < 10; i++) {
    interp.new_method = TEST_METHOD(.primitive = 256 + i, .code = {V3_RETURN_TOP});
    assert_oop(prim_call(prim_of_method(interp.new_method), 1, &receiver), expected[i]);
  }
  interp.new_method = TEST_METHOD(.primitive = 300, .code = {V3_RETURN_TOP});
  assert_fails(prim_call(prim_of_method(interp.new_method), 1, &receiver), PRIM_ERR_BAD_RECEIVER);
}

static void primitives_call_primitives(void **state) {
  (void)state;
  oop four = I(4);
  assert_oop(PRIM(118, I(3), I(1), array_of(1, &four)), I(7));
  assert_fails(PRIM(118, mem.nil, I(1), array_of(1, &four)), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(118, I(3), I(1), mem_new_array(0)), PRIM_ERR_BAD_NUM_ARGS);
  assert_fails(PRIM(118, I(3), I(999), mem_new_array(0)), PRIM_ERR_UNSUPPORTED);
  assert_fails(PRIM(118, I(3), I(1), I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(118, I(3), I(118), mem_new_array(2)), PRIM_ERR_INAPPROPRIATE);
  oop uuid = mem_new_bytes(CIX_BYTE_ARRAY, 16);
  oop method = named_method("UUIDPlugin", "primitiveMakeUUID", 0);
  assert_oop(PRIM(218, mem.nil, method, uuid, mem_new_array(0)), uuid);
  assert_fails(PRIM(218, mem.nil, method, uuid, mem_new_array(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(218, mem.nil, mem.nil, uuid, mem_new_array(0)), PRIM_ERR_BAD_ARGUMENT);
}

static void clocks_agree(void **state) {
  (void)state;
  int64_t utc, local, seconds;
  assert_true(prim_int64(PRIM(240, mem.nil), &utc) && prim_int64(PRIM(241, mem.nil), &local));
  assert_true(local - utc - (int64_t)dev_tz_offset_s() * 1000000 < 1000000);
  assert_true(prim_int64(PRIM(137, mem.nil), &seconds) && seconds - local / 1000000 < 2);
  oop pair = PRIM(244, mem.nil);
  assert_oop(obj_slot(pair, 1), I(dev_tz_offset_s()));
  assert_true(oop_is_int(PRIM(135, mem.nil)));
  assert_oop(PRIM(243, mem.nil), mem.nil);
}

static void names_and_attributes(void **state) {
  (void)state;
  const char *const arguments[] = {"first", "second"};
  host_native_set_arguments("/opt/catalyst/vm", "/tmp/a.image", arguments, 2);
  assert_string(PRIM(149, mem.nil, I(0)), "/opt/catalyst/vm");
  assert_string(PRIM(149, mem.nil, I(3)), "second");
  assert_fails(PRIM(149, mem.nil, I(4)), PRIM_ERR_NOT_FOUND);
  assert_fails(PRIM(149, mem.nil, mem.nil), PRIM_ERR_BAD_ARGUMENT);
  assert_string(PRIM(142, mem.nil), "/opt/catalyst/");
  assert_string(PRIM(121, mem.nil), "/tmp/a.image");
  assert_oop(PRIM(121, mem.nil, str("/tmp/b.image")), mem.nil);
  assert_string(PRIM(121, mem.nil), "/tmp/b.image");
  assert_fails(PRIM(121, mem.nil, str("")), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(121, mem.nil, I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_oop(PRIM(110, I(1), I(1)), mem.true_);
  assert_oop(PRIM(169, I(1), I(2)), mem.true_);
  assert_oop(PRIM(111, mem_new_array(1)), mem_class_at(CIX_ARRAY));
}

static void quitting_stops_with_the_code(void **state) {
  (void)state;
  (void)PRIM(113, mem.nil, I(7));
  assert_int_equal(interp.stop, STOP_QUIT);
  assert_int_equal(interp.exit_code, 7);
  interp.stop = RUN_ON;
  assert_fails(PRIM(113, mem.nil, mem.nil), PRIM_ERR_BAD_ARGUMENT);
  assert_int_equal(interp.stop, RUN_ON);
  assert_fails(PRIM(114, mem.nil), PRIM_ERR_UNSUPPORTED);
}

static void parameters_read_and_set(void **state) {
  (void)state;
  assert_oop(PRIM(254, mem.nil, I(40)), I(4));
  assert_oop(PRIM(254, mem.nil, I(41)), I(6521));
  oop all = PRIM(254, mem.nil);
  for (uint32_t i = 0; i < obj_slots(all); i++)
    assert_true(obj_slot(all, i) == mem.nil || oop_is_integer(obj_slot(all, i)));
  assert_oop(PRIM(254, mem.nil, I(48), I(4)), I(0));
  assert_oop(PRIM(254, mem.nil, I(48), I(0)), I(4));
  assert_oop(PRIM(254, mem.nil, I(6), I(9)), I(2000));
  assert_oop(PRIM(254, mem.nil, I(6)), I(9));
  assert_fails(PRIM(254, mem.nil, I(1), I(9)), PRIM_ERR_INAPPROPRIATE);
  assert_fails(PRIM(254, mem.nil, I(0)), PRIM_ERR_BAD_INDEX);
  assert_fails(PRIM(254, mem.nil, I(10000)), PRIM_ERR_BAD_INDEX);
  assert_fails(PRIM(254, mem.nil, mem.nil), PRIM_ERR_BAD_ARGUMENT);
}

static void the_screen_is_absent_but_polite(void **state) {
  (void)state;
  oop size = PRIM(106, mem.nil);
  assert_oop(obj_slot(size, 0), I(1024));
  assert_oop(obj_slot(PRIM(90, mem.nil), 1), I(0));
  assert_oop(PRIM(107, mem.nil), I(0));
  assert_oop(PRIM(108, mem.nil), mem.nil);
  oop event = mem_new_array(8);
  assert_oop(PRIM(94, mem.nil, event), mem.nil);
  assert_oop(obj_slot(event, 0), I(0));
  assert_fails(PRIM(94, mem.nil, mem_new_array(7)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(102, size), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(102, I(1)), PRIM_ERR_BAD_RECEIVER);
  assert_oop(PRIM(91, mem.nil, I(32)), mem.true_);
  assert_oop(PRIM(91, mem.nil, I(-8)), mem.true_);
  assert_oop(PRIM(91, mem.nil, I(3)), mem.false_);
  assert_oop(PRIM(92, mem.nil, I(32), I(100), I(100), mem.false_), mem.true_);
  assert_fails(PRIM(92, mem.nil, I(32), I(-1), I(100), mem.false_), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(233, mem.nil, I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(101, size), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(133, mem.nil, mem.nil), PRIM_ERR_BAD_ARGUMENT);
  assert_oop(PRIM(141, mem.nil, str("clip")), mem.nil);
  assert_string(PRIM(141, mem.nil), "clip");
  assert_fails(PRIM(141, mem.nil, I(1)), PRIM_ERR_BAD_ARGUMENT);
}

/* A Form of that size and depth, with bits. */
static oop form_of(int32_t width, int32_t height, int32_t depth, uint32_t words) {
  oop fields[] = {words_of(words), I(width), I(height), I(depth), mem.nil};
  return array_of(5, fields);
}

static uint32_t frames_seen, frame_width;
static int32_t count_frames(uint32_t operation, const void *in, uint32_t length, void *out, uint32_t room) {
  (void)length, (void)out, (void)room;
  if (operation != DISPLAY_FRAME) return DEV_ERR_UNSUPPORTED;
  frames_seen++;
  frame_width = ((const struct dev_display_frame *)in)->width;
  return 0;
}

static void forms_that_are_whole_are_shown(void **state) {
  (void)state;
  host_native_serve("display", count_frames);
  dev_start_all();
  oop display = form_of(40, 2, 1, 4), other = form_of(40, 2, 1, 4);
  assert_oop(PRIM(102, display), display);
  assert_oop(mem_special(SPECIAL_DISPLAY), display);
  display_present();
  assert_int_equal(frames_seen, 1);
  assert_int_equal(frame_width, 40);
  assert_oop(PRIM(126, display, mem.true_), display);
  assert_fails(PRIM(126, display, I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_oop(PRIM(127, display, I(0), I(8), I(0), I(1)), display);
  assert_fails(PRIM(127, other, I(0), I(8), I(0), I(1)), PRIM_ERR_BAD_RECEIVER);
  assert_fails(PRIM(127, display, I(0), mem.nil, I(0), I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_oop(PRIM(231, display), display);
  display_present();
  assert_int_equal(frames_seen, 2);
  const oop broken[] = {form_of(40, 3, 1, 4), form_of(40, 2, 3, 8), form_of(-1, 2, 1, 4), form_of(0, 0, 1, 0),
                        form_of(65536, 65536, 32, 4)};
  for (uint32_t i = 0; i < sizeof broken / sizeof *broken; i++) {
    assert_oop(PRIM(102, broken[i]), broken[i]);
    display_present();
  }
  assert_int_equal(frames_seen, 2);
  oop cursor = form_of(16, 16, 1, 16);
  assert_oop(PRIM(101, cursor, form_of(16, 16, 1, 16)), cursor);
  assert_fails(PRIM(101, form_of(16, 16, 1, 16), form_of(8, 8, 1, 16)), PRIM_ERR_BAD_ARGUMENT);
  dev_stop_all();
  host_native_serve("display", NULL);
}

static void a_snapshot_answers_false_and_leaves_a_file(void **state) {
  (void)state;
  char path[64];
  snprintf(path, sizeof path, "/tmp/catalyst-prim-%d.image", (int)getpid());
  assert_true(dev_set_image_name(path, (uint32_t)strlen(path)));
  interp.new_method = TEST_METHOD(.primitive = 97, .code = {V3_PUSH_NIL, V3_RETURN_TOP});
  oop method = frame_method(interp.fp);
  interp_push(str("receiver"));
  assert_oop(prim_numbered_for(97, 0)(AT(oop, interp.sp), 0), PRIM_DONE);
  assert_oop(interp_pop(), mem.false_);
  assert_int_equal(interp.stop, RUN_ON);
  assert_true(method == frame_method(interp.fp) || oop_is_pointer(frame_method(interp.fp)));
  struct dev_entry entry;
  assert_int_equal(dev_stat(path, (uint32_t)strlen(path), &entry), 0);
  assert_true(entry.size > 1000);
  unlink(path);
  fixture_assert_sound();
}

static void a_snapshot_that_cannot_be_written_fails(void **state) {
  (void)state;
  const char *path = "/nonexistent-folder/x.image";
  assert_true(dev_set_image_name(path, (uint32_t)strlen(path)));
  interp.new_method = TEST_METHOD(.primitive = 97, .code = {V3_PUSH_NIL, V3_RETURN_TOP});
  interp_push(str("receiver"));
  assert_oop(prim_numbered_for(97, 0)(AT(oop, interp.sp), 0), PRIM_DONE);
  /* the method's body is about to run */
  assert_oop(frame_method(interp.fp), interp.new_method);
  assert_string(frame_receiver(interp.fp), "receiver");
  assert_int_equal(interp.prim_error, PRIM_ERR_OS_ERROR);
  fixture_assert_sound();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      PRIM_TEST(methods_name_their_primitives),
      PRIM_TEST(named_primitives_are_found_by_the_first_literal),
      PRIM_TEST(quick_primitives_answer_constants_and_fields),
      PRIM_TEST(primitives_call_primitives),
      PRIM_TEST(clocks_agree),
      PRIM_TEST(names_and_attributes),
      PRIM_TEST(quitting_stops_with_the_code),
      PRIM_TEST(parameters_read_and_set),
      PRIM_TEST(the_screen_is_absent_but_polite),
      PRIM_TEST(forms_that_are_whole_are_shown),
      PRIM_TEST(a_snapshot_answers_false_and_leaves_a_file),
      PRIM_TEST(a_snapshot_that_cannot_be_written_fails),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
