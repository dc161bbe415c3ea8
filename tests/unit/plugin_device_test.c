/* plugin_device_test.c: DevicePlugin and what checks its requests, against a host that keeps what it is asked
 * and plays back messages. */
#include "prim_support.h"

#include "devices/errors.h"
#include "devices/host_native.h"
#include "devices/service.h"

#define DEVICE(primitive, ...) NAMED("DevicePlugin", primitive, mem.nil, ##__VA_ARGS__)

static struct {
  uint32_t semaphore, calls, length;
  uint8_t request[4096];
  const char *message; /* to be fetched next */
  uint32_t message_length;
  int32_t answer;
} host;

static int32_t serve(uint32_t operation, const void *in, uint32_t length, void *out, uint32_t room) {
  switch (operation) {
    case SERVICE_LISTEN: memcpy(&host.semaphore, in, sizeof host.semaphore); return 0;
    case SERVICE_CALL:
      assert_true(length <= sizeof host.request);
      copy_some(host.request, in, length);
      host.length = length;
      host.calls++;
      return host.answer;
    case SERVICE_NEXT:
      copy_some(out, host.message, host.message_length < room ? host.message_length : room);
      return (int32_t)host.message_length;
  }
  return DEV_ERR_UNSUPPORTED;
}

static int setup(void **state) {
  memset(&host, 0, sizeof host);
  host.answer = 1;
  host_native_serve("channels", serve);
  host_native_serve("battery", serve);
  return test_heap_setup(state);
}

static int teardown(void **state) {
  dev_service_close_all();
  host_native_serve("channels", NULL);
  host_native_serve("battery", NULL);
  return test_heap_teardown(state);
}

static oop open_device(const char *name) { return DEVICE("primitiveDeviceOpen", str(name), I(7)); }

static void the_devices_are_listed(void **state) {
  (void)state;
  oop names = DEVICE("primitiveDeviceList");
  uint32_t count = 0;
  while (dev_at(count) != NULL) count++;
  assert_int_equal(obj_slots(names), count);
  assert_true(count >= 54);
  oop info = DEVICE("primitiveDeviceInfo", str("battery"));
  assert_string(obj_slot(info, 0), "battery");
  assert_oop(obj_slot(info, 1), mem.true_);
  assert_string(obj_slot(info, 3), "power");
  assert_int_equal(obj_slots(obj_slot(info, 7)), 2);
  info = DEVICE("primitiveDeviceInfo", str("camera"));
  assert_oop(obj_slot(info, 1), mem.false_);
  assert_string(obj_slot(info, 5), "a native tool has none");
  assert_fails(DEVICE("primitiveDeviceInfo", str("flux capacitor")), PRIM_ERR_NOT_FOUND);
}

static void only_services_are_opened(void **state) {
  (void)state;
  oop id = open_device("battery");
  assert_true(oop_is_int(id));
  assert_int_equal(host.semaphore, 7);
  assert_fails(open_device("files"), PRIM_ERR_NOT_FOUND);
  assert_fails(open_device("display"), PRIM_ERR_NOT_FOUND);
  assert_fails(open_device("nothing"), PRIM_ERR_NOT_FOUND);
  assert_fails(open_device("camera"), PRIM_ERR_UNSUPPORTED);
  assert_fails(DEVICE("primitiveDeviceOpen", I(3), I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_oop(DEVICE("primitiveDeviceClose", id), mem.nil);
  assert_fails(DEVICE("primitiveDeviceClose", id), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(DEVICE("primitiveDeviceNext", id), PRIM_ERR_BAD_ARGUMENT);
  oop last = id;
  for (int i = 0; i < 1000 && last != PRIM_FAILED; i++) last = open_device("battery");
  assert_int_equal(interp.prim_error, PRIM_ERR_LIMIT_EXCEEDED);
}

static void arguments_are_checked_before_the_host_sees_them(void **state) {
  (void)state;
  oop id = open_device("channels"), name = str("c");
#define CALL(operation, ...)                        \
  DEVICE("primitiveDeviceCall", id, str(operation), \
         array_of(PRIM_COUNT(__VA_ARGS__), PRIM_OPERANDS(__VA_ARGS__)))
  assert_oop(CALL("open", name), I(1));
  assert_int_equal(host.calls, 1);
  assert_fails(CALL("open", I(1)), PRIM_ERR_OS_ERROR);
  assert_fails(CALL("open", name, name), PRIM_ERR_OS_ERROR);
  assert_fails(CALL("post", name), PRIM_ERR_OS_ERROR);
  assert_fails(CALL("shut", name), PRIM_ERR_NOT_FOUND);
  assert_fails(CALL("open", mem.special), PRIM_ERR_OS_ERROR);
  oop loop = array_of(1, &name);
  mem_store(loop, 0, loop);
  assert_fails(CALL("post", name, loop), PRIM_ERR_OS_ERROR);
  assert_int_equal(host.calls, 1);
  assert_fails(DEVICE("primitiveDeviceCall", I(99), str("open"), array_of(1, &name)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(DEVICE("primitiveDeviceCall", id, str("open"), name), PRIM_ERR_BAD_ARGUMENT);
  host.answer = DEV_ERR_UNSUPPORTED;
  assert_fails(CALL("open", name), PRIM_ERR_UNSUPPORTED);
}

static void values_go_to_the_host_and_come_back(void **state) {
  (void)state;
  oop id = open_device("channels");
  const oop inner[] = {mem.nil, mem.true_, mem.false_};
  const oop value[] = {I(-5),
                       mem_new_float(2.5),
                       str("text"),
                       bytes_of("\1\2", 2),
                       array_of(3, inner),
                       mem_new_int64(1ll << 40)};
  const oop arguments[] = {str("c"), array_of(6, value)};
  assert_oop(DEVICE("primitiveDeviceCall", id, str("post"), array_of(2, arguments)), I(1));
  assert_true(dev_value_is_whole(host.request, host.length));
  host.message = (const char *)host.request; /* the request is as good a message as any */
  host.message_length = host.length;
  oop back = DEVICE("primitiveDeviceNext", id);
  assert_string(obj_slot(back, 0), "post");
  back = obj_slot(back, 2);
  assert_oop(obj_slot(back, 0), I(-5));
  assert_float(obj_slot(back, 1), 2.5);
  assert_string(obj_slot(back, 2), "text");
  assert_oop(mem_class_of(obj_slot(back, 3)), mem_class_of(value[3]));
  assert_int_equal(obj_bytes(obj_slot(back, 3))[1], 2);
  assert_oop(obj_slot(obj_slot(back, 4), 1), mem.true_);
  assert_float(obj_slot(back, 5), (double)(1ll << 40));
  host.message_length = 0;
  assert_oop(DEVICE("primitiveDeviceNext", id), mem.nil);
}

/* Whatever is cut off, or changed, is no value; or is one that lies within its bytes. */
static void what_is_no_value_is_none(void **state) {
  (void)state;
  static const uint8_t whole[] = {'a', 3,   0, 0, 0, 'i', 1,   2, 3, 4, 's', 2, 0, 0, 0, 'h',
                                  'i', 'a', 1, 0, 0, 0,   'd', 0, 0, 0, 0,   0, 0, 0, 0};
  assert_true(dev_value_is_whole(whole, sizeof whole));
  for (uint32_t n = 0; n < sizeof whole; n++) assert_false(dev_value_is_whole(whole, n));
  oop id = open_device("channels");
  for (uint32_t i = 0; i < sizeof whole; i++)
    for (int bit = 0; bit < 8; bit++) {
      uint8_t changed[sizeof whole];
      memcpy(changed, whole, sizeof whole);
      changed[i] ^= (uint8_t)(1 << bit);
      host.message = (const char *)changed;
      host.message_length = sizeof changed;
      oop answer = DEVICE("primitiveDeviceNext", id);
      assert_true(answer == PRIM_FAILED || oop_is_pointer(answer) || oop_is_int(answer));
      assert_int_equal(answer != PRIM_FAILED, dev_value_is_whole(changed, sizeof changed));
    }
  uint8_t deep[5 * 40];
  for (uint32_t i = 0; i < sizeof deep; i += 5) memcpy(deep + i, "a\1\0\0\0", 5);
  assert_false(dev_value_is_whole(deep, sizeof deep));
}

#define DEVICE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      DEVICE_TEST(the_devices_are_listed),
      DEVICE_TEST(only_services_are_opened),
      DEVICE_TEST(arguments_are_checked_before_the_host_sees_them),
      DEVICE_TEST(values_go_to_the_host_and_come_back),
      DEVICE_TEST(what_is_no_value_is_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
