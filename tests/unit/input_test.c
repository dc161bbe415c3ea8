/* input_test.c: events from the ring to the image: polled, queued, interrupting; wheel, drop, clipboard. */
#include "prim_support.h"

#include "devices/clipboard.h"
#include "devices/device.h"
#include "devices/drop.h"
#include "devices/errors.h"
#include "devices/events.h"
#include "devices/host_native.h"
#include "devices/keyboard.h"
#include "devices/wheel.h"

static int setup(void **state) {
  int result = test_heap_setup(state);
  dev_start_all();
  return result;
}
static int teardown(void **state) {
  dev_stop_all();
  return test_heap_teardown(state);
}

static void put(int32_t type, int32_t a, int32_t b, int32_t c, int32_t d, int32_t e) {
  dev_event_ring.events[dev_event_ring.written % EVENT_SLOTS] =
      (struct dev_event){{type, 1000, a, b, c, d, e, 0}};
  dev_event_ring.written++;
}
static void press(int32_t code, int32_t modifiers) {
  put(EVENT_KEYBOARD, code, KEY_DOWN, modifiers, code, 0);
  put(EVENT_KEYBOARD, code, KEY_CHAR, modifiers, code, 0);
  put(EVENT_KEYBOARD, code, KEY_UP, modifiers, code, 0);
}

/* The words of the next event, or only its type when `count` is 1. */
static oop event;
static void assert_event(uint32_t count, const int32_t *words) {
  assert_oop(PRIM(94, mem.nil, event), mem.nil);
  for (uint32_t i = 0; i < count; i++) assert_oop(obj_slot(event, i), I(words[i]));
}
#define ASSERT_EVENT(...) \
  assert_event(sizeof((int32_t[]){__VA_ARGS__}) / sizeof(int32_t), (const int32_t[]){__VA_ARGS__})

static void images_that_poll_find_what_is(void **state) {
  (void)state;
  put(EVENT_MOUSE, 70, 50, BUTTON_RED, MODIFIER_SHIFT, 1);
  press('a', MODIFIER_CMD);
  press('b', 0);
  assert_oop(PRIM(107, mem.nil), I(0));
  const struct dev_events_taken taken = dev_events_take();
  assert_false(taken.queued);
  assert_false(taken.interrupt);
  oop where = PRIM(90, mem.nil);
  assert_oop(obj_slot(where, 0), I(70));
  assert_oop(obj_slot(where, 1), I(50));
  assert_oop(PRIM(107, mem.nil), I(BUTTON_RED)); /* the keys came without shift */
  assert_oop(PRIM(109, mem.nil), I('a' | MODIFIER_CMD << 8));
  assert_oop(PRIM(108, mem.nil), I('a' | MODIFIER_CMD << 8));
  assert_oop(PRIM(108, mem.nil), I('b'));
  assert_oop(PRIM(108, mem.nil), mem.nil);
  put(EVENT_MOUSE, 70, 50, 0, MODIFIER_CTRL | MODIFIER_SHIFT, 0);
  (void)dev_events_take();
  assert_oop(PRIM(107, mem.nil), I((MODIFIER_CTRL | MODIFIER_SHIFT) << 3));
  for (int i = 0; i < 1000; i++) {
    press('x', 0);
    (void)dev_events_take();
  }
  int waiting = 0;
  while (PRIM(108, mem.nil) != mem.nil) waiting++;
  assert_int_equal(waiting, 64);
}

static void images_that_take_events_get_them_in_order(void **state) {
  (void)state;
  event = mem_new_array(8);
  put(EVENT_MOUSE, 1, 1, 0, 0, 0);
  (void)dev_events_take(); /* nobody took events yet */
  assert_oop(PRIM(93, mem.nil, I(3)), mem.nil);
  assert_int_equal(dev_events_semaphore(), 3);
  ASSERT_EVENT(EVENT_NONE, 0, 0, 0, 0, 0, 0, 0);
  put(EVENT_MOUSE, 70, 50, BUTTON_YELLOW, 0, 2);
  put(EVENT_KEYBOARD, 0xE4, KEY_CHAR, 0, 0x20AC, 0);
  put(EVENT_WINDOW, WINDOW_RESIZED, 0, 0, 640, 480);
  put(EVENT_DROP, DROP_DROPPED, 5, 6, MODIFIER_CTRL, 2);
  put(99, 1, 2, 3, 4, 5);
  assert_true(dev_events_take().queued);
  ASSERT_EVENT(EVENT_MOUSE, 1000, 70, 50, BUTTON_YELLOW, 0, 2, 0);
  ASSERT_EVENT(EVENT_KEYBOARD, 1000, 0xE4, KEY_CHAR, 0, 0x20AC, 0, 0);
  ASSERT_EVENT(EVENT_WINDOW, 1000, WINDOW_RESIZED, 0, 0, 640, 480, 0);
  ASSERT_EVENT(EVENT_DROP, 1000, DROP_DROPPED, 5, 6, MODIFIER_CTRL, 2, 0);
  ASSERT_EVENT(EVENT_NONE);
  assert_oop(PRIM(108, mem.nil), mem.nil);
  put(EVENT_MOUSE, INT32_MAX, 0, 0, 0, 0);
  (void)dev_events_take();
  ASSERT_EVENT(EVENT_MOUSE, 1000, 0); /* not a SmallInteger */
  assert_fails(PRIM(94, mem.nil, mem_new_array(7)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(PRIM(94, mem.nil, frozen(mem_new_array(8))), PRIM_ERR_NO_MODIFICATION);
}

static void a_queue_that_nobody_empties_keeps_the_newest(void **state) {
  (void)state;
  event = mem_new_array(8);
  (void)PRIM(94, mem.nil, event);
  for (int32_t i = 0; i < 1000; i++) {
    put(EVENT_MOUSE, i, 0, 0, 0, 0);
    if (i % 7 == 0) (void)dev_events_take();
  }
  (void)dev_events_take();
  ASSERT_EVENT(EVENT_MOUSE, 1000, 1000 - EVENT_SLOTS);
  dev_event_ring.written += 5 * EVENT_SLOTS; /* a host that counts wrong */
  (void)dev_events_take();
  assert_int_equal(dev_event_ring.read, dev_event_ring.written);
}

static void the_interrupt_key_interrupts_and_is_not_seen(void **state) {
  (void)state;
  event = mem_new_array(8);
  (void)PRIM(94, mem.nil, event);
  put(EVENT_KEYBOARD, '.', KEY_CHAR, MODIFIER_CMD, '.', 0);
  const struct dev_events_taken taken = dev_events_take();
  assert_true(taken.interrupt);
  assert_false(taken.queued);
  assert_oop(PRIM(133, mem.nil, I('c' | MODIFIER_CTRL << 8)), mem.nil);
  put(EVENT_KEYBOARD, '.', KEY_CHAR, MODIFIER_CMD, '.', 0);
  assert_false(dev_events_take().interrupt);
  put(EVENT_KEYBOARD, 'c', KEY_CHAR, MODIFIER_CTRL, 'c', 0);
  assert_true(dev_events_take().interrupt);
}

static void a_notch_of_the_wheel_is_an_arrow_key_or_an_event(void **state) {
  (void)state;
  event = mem_new_array(8);
  (void)PRIM(94, mem.nil, event);
  put(EVENT_WHEEL, 0, 60, 0, MODIFIER_SHIFT, 0);
  assert_false(dev_events_take().queued);
  put(EVENT_WHEEL, 0, 60, 0, MODIFIER_SHIFT, 0);
  put(EVENT_WHEEL, 0, -120, 0, 0, 0);
  assert_true(dev_events_take().queued);
  ASSERT_EVENT(EVENT_KEYBOARD, 1000, 30, KEY_DOWN, MODIFIER_SHIFT | MODIFIER_CTRL, 30);
  ASSERT_EVENT(EVENT_KEYBOARD, 1000, 30, KEY_CHAR, MODIFIER_SHIFT | MODIFIER_CTRL, 30);
  ASSERT_EVENT(EVENT_KEYBOARD, 1000, 30, KEY_UP);
  ASSERT_EVENT(EVENT_KEYBOARD, 1000, 31, KEY_DOWN, MODIFIER_CTRL);
  ASSERT_EVENT(EVENT_KEYBOARD);
  ASSERT_EVENT(EVENT_KEYBOARD);
  ASSERT_EVENT(EVENT_NONE);
  assert_int_equal(dev_keyboard_modifiers(), 0);
  assert_oop(PRIM(254, mem.nil, I(48), I(32)), I(0));
  assert_oop(PRIM(254, mem.nil, I(48)), I(32));
  put(EVENT_WHEEL, 7, -60, BUTTON_RED, MODIFIER_CMD, 0);
  (void)dev_events_take();
  ASSERT_EVENT(EVENT_WHEEL, 1000, 7, -60, BUTTON_RED, MODIFIER_CMD);
  assert_oop(PRIM(254, mem.nil, I(48), I(0)), I(32));
}

static void input_survives_a_snapshot(void **state) {
  (void)state;
  struct text saved = {0}, again = {0};
  event = mem_new_array(8);
  (void)PRIM(93, mem.nil, I(9));
  put(EVENT_MOUSE, 70, 50, BUTTON_RED, MODIFIER_CTRL, 1);
  press('q', MODIFIER_CTRL);
  (void)dev_events_take();
  (void)PRIM(141, mem.nil, str("clip"));
  dev_get_states(&saved);
  dev_start_all();
  assert_string(PRIM(141, mem.nil), "");
  assert_true(dev_set_states((const uint8_t *)saved.chars, (uint32_t)saved.length));
  dev_get_states(&again);
  assert_int_equal(again.length, saved.length);
  assert_memory_equal(again.chars, saved.chars, saved.length);
  assert_string(PRIM(141, mem.nil), "clip");
  assert_oop(PRIM(107, mem.nil), I(BUTTON_RED | MODIFIER_CTRL << 3));
  assert_int_equal(dev_events_semaphore(), 9);
  ASSERT_EVENT(EVENT_MOUSE, 1000, 70, 50);
  ASSERT_EVENT(EVENT_KEYBOARD, 1000, 'q', KEY_DOWN);
  text_free(&saved);
  text_free(&again);
}

/* ---- what the host serves ---- */

static char shared[16];
static uint32_t shared_length;

static int32_t serve_clipboard(uint32_t operation, const void *in, uint32_t length, void *out,
                               uint32_t room) {
  if (operation == CLIPBOARD_READ) {
    copy_some(out, shared, shared_length < room ? shared_length : room);
    return (int32_t)shared_length;
  }
  if (operation != CLIPBOARD_WRITE || length > sizeof shared) return DEV_ERR_UNSUPPORTED;
  copy_some(shared, in, length);
  shared_length = length;
  return 0;
}

static void a_host_may_have_a_clipboard(void **state) {
  (void)state;
  host_native_serve("clipboard", serve_clipboard);
  dev_start_all();
  assert_string(PRIM(141, mem.nil), "");
  assert_oop(PRIM(141, mem.nil, str("to the host")), mem.nil);
  assert_int_equal(shared_length, 11);
  memcpy(shared, "from it", 7);
  shared_length = 7;
  assert_string(PRIM(141, mem.nil), "from it");
  shared_length = 0;
  assert_string(PRIM(141, mem.nil), "");
  assert_oop(PRIM(141, mem.nil, str("longer than the host takes")), mem.nil);
  host_native_serve("clipboard", NULL);
}

static int32_t serve_drop(uint32_t operation, const void *in, uint32_t length, void *out, uint32_t room) {
  uint32_t index;
  assert_int_equal(length, sizeof index);
  memcpy(&index, in, sizeof index);
  const char *const names[] = {"CMakeLists.txt", "/nonexistent"};
  if (operation != DROP_NAME || index > 1) return DEV_ERR_NOT_FOUND;
  const uint32_t n = (uint32_t)strlen(names[index]);
  memcpy(out, names[index], n < room ? n : room);
  return (int32_t)n;
}

static void dropped_files_have_names_and_handles(void **state) {
  (void)state;
  host_native_serve("drop", serve_drop);
  dev_start_all();
  assert_string(NAMED("DropPlugin", "primitiveDropRequestFileName", mem.nil, I(1)), "CMakeLists.txt");
  assert_string(NAMED("DropPlugin", "primitiveDropRequestFileName", mem.nil, I(2)), "/nonexistent");
  assert_oop(NAMED("DropPlugin", "primitiveDropRequestFileName", mem.nil, I(3)), mem.nil);
  assert_oop(NAMED("DropPlugin", "primitiveDropRequestFileName", mem.nil, I(0)), mem.nil);
  assert_oop(NAMED("DropPlugin", "primitiveDropRequestFileName", mem.nil, mem.nil), mem.nil);
  oop handle = NAMED("DropPlugin", "primitiveDropRequestFileHandle", mem.nil, I(1));
  assert_true(oop_is_bytes(handle));
  oop buffer = mem_new_bytes(CIX_STRING, 5);
  assert_oop(NAMED("FilePlugin", "primitiveFileRead", mem.nil, handle, buffer, I(1), I(5)), I(5));
  assert_string(buffer, "cmake");
  assert_oop(NAMED("FilePlugin", "primitiveFileClose", mem.nil, handle), mem.nil);
  assert_fails(NAMED("DropPlugin", "primitiveDropRequestFileHandle", mem.nil, I(2)), PRIM_ERR_OS_ERROR);
  host_native_serve("drop", NULL);
  dev_start_all();
  assert_oop(NAMED("DropPlugin", "primitiveDropRequestFileHandle", mem.nil, I(1)), mem.nil);
}

#define INPUT_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      INPUT_TEST(images_that_poll_find_what_is),
      INPUT_TEST(images_that_take_events_get_them_in_order),
      INPUT_TEST(a_queue_that_nobody_empties_keeps_the_newest),
      INPUT_TEST(the_interrupt_key_interrupts_and_is_not_seen),
      INPUT_TEST(a_notch_of_the_wheel_is_an_arrow_key_or_an_event),
      INPUT_TEST(input_survives_a_snapshot),
      INPUT_TEST(a_host_may_have_a_clipboard),
      INPUT_TEST(dropped_files_have_names_and_handles),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
