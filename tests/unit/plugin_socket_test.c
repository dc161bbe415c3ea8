/* plugin_socket_test.c: SocketPlugin against a host that keeps what it is asked. */
#include "prim_support.h"

#include "devices/device.h"
#include "devices/errors.h"
#include "devices/host_native.h"
#include "devices/resolver.h"
#include "devices/sockets.h"

#define SOCKET_CALL(primitive, ...) NAMED("SocketPlugin", primitive, mem.nil, ##__VA_ARGS__)

static struct {
  uint32_t operation, id, length;
  uint8_t in[256];
  int32_t answer;
  uint8_t out[64];
  uint32_t out_length;
} host;

static int32_t serve(uint32_t request, const void *in, uint32_t length, void *out, uint32_t room) {
  host.operation = request & 255;
  host.id = request >> 8;
  host.length = length;
  copy_some(host.in, in, length < sizeof host.in ? length : sizeof host.in);
  copy_some(out, host.out, host.out_length < room ? host.out_length : room);
  return host.answer;
}

static int setup(void **state) {
  memset(&host, 0, sizeof host);
  host_native_serve("sockets", serve);
  host_native_serve("resolver", serve);
  dev_start_all();
  return test_heap_setup(state);
}

static int teardown(void **state) {
  dev_stop_all();
  host_native_serve("sockets", NULL);
  host_native_serve("resolver", NULL);
  return test_heap_teardown(state);
}

static oop new_socket(int32_t id) {
  host.answer = id;
  return SOCKET_CALL("primitiveSocketCreate3Semaphores", I(0), I(0), I(1000), I(1000), I(4), I(5), I(6));
}

static void a_socket_is_made_and_connects(void **state) {
  (void)state;
  oop socket = new_socket(3);
  assert_int_equal(host.operation, SOCKET_CREATE);
  assert_memory_equal(host.in, ((const uint32_t[]){SOCKET_TCP, 4, 5, 6}), 16);
  host.answer = 0;
  assert_oop(SOCKET_CALL("primitiveSocketConnectToPort", socket, bytes_of("\x7f\0\0\1", 4), I(80)), mem.nil);
  assert_int_equal(host.operation, SOCKET_CONNECT);
  assert_int_equal(host.id, 3);
  assert_memory_equal(host.in, ((const uint32_t[]){0x7F000001, 80}), 8);
  host.answer = SOCKET_CONNECTED;
  assert_oop(SOCKET_CALL("primitiveSocketConnectionStatus", socket), I(SOCKET_CONNECTED));
  host.answer = 99;
  assert_oop(SOCKET_CALL("primitiveSocketConnectionStatus", socket), I(SOCKET_INVALID));
  host.answer = 0;
  assert_fails(SOCKET_CALL("primitiveSocketConnectToPort", socket, bytes_of("\x7f\0\0\1", 4), I(65536)),
               PRIM_ERR_OS_ERROR);
  assert_fails(SOCKET_CALL("primitiveSocketConnectToPort", socket, bytes_of("\x7f\0\0", 3), I(80)),
               PRIM_ERR_BAD_ARGUMENT);
  (void)SOCKET_CALL("primitiveSocketListenWithOrWithoutBacklog", socket, I(8080), I(5));
  assert_memory_equal(host.in, ((const uint32_t[]){0, 8080, 5}), 12);
}

static void bytes_stay_within_their_object(void **state) {
  (void)state;
  oop socket = new_socket(3), buffer = mem_new_bytes(CIX_BYTE_ARRAY, 10);
  memcpy(host.out, "abcdef", 6);
  host.answer = (int32_t)(host.out_length = 6);
  assert_oop(SOCKET_CALL("primitiveSocketReceiveDataBufCount", socket, buffer, I(3), I(8)), I(6));
  assert_memory_equal(obj_bytes(buffer), "\0\0abcdef\0\0", 10);
  assert_oop(SOCKET_CALL("primitiveSocketReceiveDataBufCount", socket, buffer, I(10), I(1)), I(1));
  for (int32_t start = -1; start <= 12; start++)
    for (int32_t count = -1; count <= 12; count++)
      if (start < 1 || count < 0 || start + count > 11) {
        assert_fails(SOCKET_CALL("primitiveSocketReceiveDataBufCount", socket, buffer, I(start), I(count)),
                     PRIM_ERR_BAD_ARGUMENT);
        assert_fails(SOCKET_CALL("primitiveSocketSendDataBufCount", socket, buffer, I(start), I(count)),
                     PRIM_ERR_BAD_ARGUMENT);
      }
  assert_fails(SOCKET_CALL("primitiveSocketReceiveDataBufCount", socket, frozen(buffer), I(1), I(1)),
               PRIM_ERR_NO_MODIFICATION);
  host.answer = 3;
  assert_oop(SOCKET_CALL("primitiveSocketSendDataBufCount", socket, str("hello"), I(2), I(4)), I(3));
  assert_int_equal(host.length, 4);
  assert_memory_equal(host.in, "ello", 4);
  host.answer = DEV_ERR_FAILED;
  assert_fails(SOCKET_CALL("primitiveSocketSendDataBufCount", socket, str("hello"), I(1), I(5)),
               PRIM_ERR_OS_ERROR);
}

static void what_is_no_socket_is_refused(void **state) {
  (void)state;
  oop socket = new_socket(3), other = bytes_of("12345678", 8);
  assert_fails(SOCKET_CALL("primitiveSocketDestroy", other), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(SOCKET_CALL("primitiveSocketSendDone", I(3)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(SOCKET_CALL("primitiveSocketLocalPort", mem.nil), PRIM_ERR_BAD_ARGUMENT);
  assert_oop(SOCKET_CALL("primitiveSocketConnectionStatus", other), I(SOCKET_INVALID));
  obj_bytes(socket)[7] = 0x80; /* an id that none has */
  assert_fails(SOCKET_CALL("primitiveSocketDestroy", socket), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(SOCKET_CALL("primitiveSocketCreate", I(0), mem.nil, I(0), I(0), I(1)), PRIM_ERR_BAD_ARGUMENT);
  SOCKET_CALL("primitiveDisableSocketAccess");
  assert_oop(SOCKET_CALL("primitiveHasSocketAccess"), mem.false_);
  assert_oop(new_socket(5), PRIM_FAILED);
}

static void datagrams_have_their_sender(void **state) {
  (void)state;
  oop socket = new_socket(3), buffer = mem_new_bytes(CIX_BYTE_ARRAY, 4);
  const uint32_t head[] = {0x0A000002, 5353, 1};
  memcpy(host.out, head, sizeof head);
  memcpy(host.out + sizeof head, "datagram", 8);
  host.answer = (int32_t)(host.out_length = sizeof head + 8);
  oop answer = SOCKET_CALL("primitiveSocketReceiveUDPDataBufCount", socket, buffer, I(1), I(4));
  assert_oop(obj_slot(answer, 0), I(4));
  assert_memory_equal(obj_bytes(obj_slot(answer, 1)), "\x0a\0\0\2", 4);
  assert_oop(obj_slot(answer, 2), I(5353));
  assert_oop(obj_slot(answer, 3), mem.true_);
  assert_memory_equal(obj_bytes(buffer), "data", 4);
}

static void names_are_looked_up(void **state) {
  (void)state;
  assert_oop(SOCKET_CALL("primitiveResolverStatus"), I(RESOLVER_UNINITIALIZED));
  assert_oop(SOCKET_CALL("primitiveInitializeNetwork", I(9)), mem.nil);
  (void)SOCKET_CALL("primitiveResolverStartNameLookup", str("localhost"));
  assert_int_equal(host.operation, RESOLVER_FIND_ADDRESS);
  assert_memory_equal(host.in, "\x09\0\0\0localhost", 13);
  oop address = SOCKET_CALL("primitiveResolverNameLookupResult");
  assert_oop(address, mem.nil); /* the host had none */
  memcpy(host.out, &(const uint32_t){0x7F000001}, 4);
  host.answer = (int32_t)(host.out_length = 4);
  address = SOCKET_CALL("primitiveResolverNameLookupResult");
  assert_memory_equal(obj_bytes(address), "\x7f\0\0\1", 4);
  char longest[400];
  memset(longest, 'a', sizeof longest);
  assert_fails(SOCKET_CALL("primitiveResolverStartNameLookup", bytes_of(longest, sizeof longest)),
               PRIM_ERR_OS_ERROR);
}

#define SOCKET_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      SOCKET_TEST(a_socket_is_made_and_connects), SOCKET_TEST(bytes_stay_within_their_object),
      SOCKET_TEST(what_is_no_socket_is_refused),  SOCKET_TEST(datagrams_have_their_sender),
      SOCKET_TEST(names_are_looked_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
