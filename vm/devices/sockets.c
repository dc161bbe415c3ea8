/* sockets.c: TCP connections and UDP datagrams (sockets.h). */
#include "devices/sockets.h"

#include <string.h>

#include "devices/device.h"
#include "devices/host.h"

enum { UNKNOWN = -1000, ID_SHIFT = 8, MOST_ID = INT32_MAX >> ID_SHIFT };
enum { LONGEST_OPTION = 64, LONGEST_DATAGRAM = 65507, FROM_BYTES = 12, MOST_PORT = 65535 };
static int32_t handle = UNKNOWN;
static bool disabled;

static void start(void) {
  handle = UNKNOWN;
  disabled = false;
}

static void stop(void) {
  if (handle >= 0) (void)host_device_close(handle);
  start();
}

int32_t dev_sockets_open(void) {
  if (disabled) return DEV_ERR_DENIED;
  if (handle < 0) handle = host_device_open("sockets", 7);
  return handle < 0 ? handle : 0;
}

void dev_sockets_disable(void) {
  stop();
  disabled = true;
}

static int32_t call(int32_t id, enum dev_socket_operation operation, const void *in, uint32_t length,
                    void *out, uint32_t room) {
  if (handle < 0 || id < 0 || id > MOST_ID) return DEV_ERR_BAD_HANDLE;
  return host_device_call(handle, (uint32_t)id << ID_SHIFT | operation, in, length, out, room);
}

int32_t dev_socket_create(const struct dev_socket_new *socket) {
  const int32_t error = dev_sockets_open();
  return error < 0 ? error : call(0, SOCKET_CREATE, socket, sizeof *socket, NULL, 0);
}

void dev_socket_destroy(int32_t id) { (void)call(id, SOCKET_DESTROY, NULL, 0, NULL, 0); }

int32_t dev_socket_status(int32_t id) {
  const int32_t status = call(id, SOCKET_STATUS, NULL, 0, NULL, 0);
  return status < 0 || status > SOCKET_THIS_END_CLOSED ? SOCKET_INVALID : status;
}

int32_t dev_socket_connect(int32_t id, struct dev_socket_name to) {
  if (to.port > MOST_PORT) return DEV_ERR_FAILED;
  return call(id, SOCKET_CONNECT, &to, sizeof to, NULL, 0);
}

int32_t dev_socket_listen(int32_t id, struct dev_socket_name at, uint32_t backlog) {
  const uint32_t request[] = {at.address, at.port, backlog};
  if (at.port > MOST_PORT) return DEV_ERR_FAILED;
  return call(id, SOCKET_LISTEN, request, sizeof request, NULL, 0);
}

int32_t dev_socket_accept(int32_t id, const struct dev_socket_new *socket) {
  return call(id, SOCKET_ACCEPT, socket, sizeof *socket, NULL, 0);
}

int32_t dev_socket_do(int32_t id, enum dev_socket_operation operation) {
  return call(id, operation, NULL, 0, NULL, 0);
}

/* What a host answers is not more than it was given, or had room for. */
static int32_t at_most(int32_t count, uint32_t limit) {
  return count > 0 && (uint32_t)count > limit ? (int32_t)limit : count;
}

int32_t dev_socket_receive(int32_t id, void *bytes, uint32_t count) {
  return at_most(call(id, SOCKET_RECEIVE, NULL, 0, bytes, count), count);
}

int32_t dev_socket_send(int32_t id, const void *bytes, uint32_t count) {
  return at_most(call(id, SOCKET_SEND, bytes, count, NULL, 0), count);
}

int32_t dev_socket_name(int32_t id, bool remote, struct dev_socket_name *name) {
  *name = (struct dev_socket_name){0};
  return call(id, remote ? SOCKET_REMOTE_NAME : SOCKET_LOCAL_NAME, NULL, 0, name, sizeof *name);
}

int32_t dev_socket_set_option(int32_t id, const char *name, uint32_t length, uint32_t value) {
  uint8_t request[sizeof value + LONGEST_OPTION];
  if (length > LONGEST_OPTION) return DEV_ERR_NOT_FOUND;
  memcpy(request, &value, sizeof value);
  memcpy(request + sizeof value, name, length);
  return call(id, SOCKET_SET_OPTION, request, (uint32_t)sizeof value + length, NULL, 0);
}

int32_t dev_socket_get_option(int32_t id, const char *name, uint32_t length) {
  if (length > LONGEST_OPTION) return DEV_ERR_NOT_FOUND;
  return call(id, SOCKET_GET_OPTION, name, length, NULL, 0);
}

static uint8_t datagram[FROM_BYTES + LONGEST_DATAGRAM];

int32_t dev_socket_send_to(int32_t id, struct dev_socket_name to, const void *bytes, uint32_t count) {
  if (count > LONGEST_DATAGRAM || to.port > MOST_PORT) return DEV_ERR_FAILED;
  memcpy(datagram, &to, sizeof to);
  memcpy(datagram + sizeof to, bytes, count);
  return at_most(call(id, SOCKET_SEND_TO, datagram, (uint32_t)sizeof to + count, NULL, 0), count);
}

int32_t dev_socket_receive_from(int32_t id, void *bytes, uint32_t count, struct dev_socket_name *from,
                                bool *more) {
  const int32_t length =
      at_most(call(id, SOCKET_RECEIVE_FROM, NULL, 0, datagram, sizeof datagram), sizeof datagram);
  if (length < FROM_BYTES) return length < 0 ? length : 0;
  uint32_t head[FROM_BYTES / 4];
  memcpy(head, datagram, sizeof head);
  *from = (struct dev_socket_name){.address = head[0], .port = head[1]};
  *more = head[2] != 0;
  const uint32_t size = (uint32_t)length - FROM_BYTES, n = size < count ? size : count;
  memcpy(bytes, datagram + FROM_BYTES, n);
  return (int32_t)n;
}

const struct device_record device_sockets = {.start = start, .stop = stop};
