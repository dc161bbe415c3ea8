/* SocketPlugin.c: sockets and names of machines, as Squeak's Socket and NetNameResolver ask for them: IPv4
 * addresses in ByteArrays of 4, ports as SmallIntegers. A socket is a ByteArray: the number of this session,
 * and the id of vm/devices/sockets.h; one out of another session is none. */
#include "devices/process.h"
#include "devices/resolver.h"
#include "devices/sockets.h"
#include "plugins/plugin.h"
#include "primitives/checks.h"

#include <string.h>

enum { HANDLE_SESSION, HANDLE_ID, HANDLE_WORDS };
enum { ADDRESS_BYTES = 4, LONGEST_NAME = 256, NO_SUCH_OPTION = 1 };

static uint32_t session(void) {
  static uint32_t number;
  while (number == 0) dev_random(&number, sizeof number);
  return number;
}

static oop handle_of(int32_t id) {
  const uint32_t words[HANDLE_WORDS] = {session(), (uint32_t)id};
  oop handle = mem_new_bytes(CIX_BYTE_ARRAY, sizeof words);
  if (handle == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
  memcpy(obj_bytes(handle), words, sizeof words);
  return handle;
}

static bool socket_id(oop handle, int32_t *id) {
  uint32_t words[HANDLE_WORDS];
  if (!oop_is_bytes(handle) || obj_byte_size(handle) != sizeof words) return false;
  memcpy(words, obj_bytes(handle), sizeof words);
  *id = (int32_t)words[HANDLE_ID];
  return words[HANDLE_SESSION] == session() && *id > 0;
}

/* Checks the socket that is argument `n`; fails the primitive where it is none. */
#define SOCKET(n, id) \
  int32_t id;         \
  if (!socket_id(args[n], &(id))) return prim_fail(PRIM_ERR_BAD_ARGUMENT)

static bool address_argument(oop o, uint32_t *address) {
  if (!oop_is_bytes(o) || obj_byte_size(o) != ADDRESS_BYTES) return false;
  const uint8_t *b = obj_bytes(o);
  *address = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
  return true;
}

static oop address_object(uint32_t address) {
  oop o = mem_new_bytes(CIX_BYTE_ARRAY, ADDRESS_BYTES);
  if (o == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
  for (uint32_t i = 0; i < ADDRESS_BYTES; i++)
    obj_bytes(o)[i] = (uint8_t)(address >> 8 * (ADDRESS_BYTES - 1 - i));
  return o;
}

/* The receiver, or a failure. */
static oop done_or_failed(oop *args, int32_t error) {
  return error < 0 ? prim_fail(PRIM_ERR_OS_ERROR) : args[0];
}

/* ---- the network and its names ---- */

static oop primitiveInitializeNetwork(oop *args, uint32_t argc) {
  uint32_t semaphore;
  if (!prim_index(args[1], &semaphore)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (dev_sockets_open() < 0) return prim_fail(PRIM_ERR_UNSUPPORTED);
  return done_or_failed(args, dev_resolver_open(semaphore));
}

static oop primitiveHasSocketAccess(oop *args, uint32_t argc) { return mem_bool(dev_sockets_open() == 0); }
static oop primitiveDisableSocketAccess(oop *args, uint32_t argc) {
  dev_sockets_disable();
  return args[0];
}

static oop primitiveResolverStatus(oop *args, uint32_t argc) {
  return int_oop((int32_t)dev_resolver_status());
}
static oop primitiveResolverError(oop *args, uint32_t argc) {
  return int_oop(dev_resolver_status() == RESOLVER_FAILED);
}
static oop primitiveResolverAbortLookup(oop *args, uint32_t argc) {
  dev_resolver_abort();
  return args[0];
}

static oop primitiveResolverStartNameLookup(oop *args, uint32_t argc) {
  if (!oop_is_bytes(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return done_or_failed(args,
                        dev_resolver_find_address((const char *)obj_bytes(args[1]), obj_byte_size(args[1])));
}
static oop primitiveResolverStartAddressLookup(oop *args, uint32_t argc) {
  uint32_t address;
  if (!address_argument(args[1], &address)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return done_or_failed(args, dev_resolver_find_name(address));
}

static oop primitiveResolverNameLookupResult(oop *args, uint32_t argc) {
  uint32_t address;
  return dev_resolver_address(&address) < 0 ? mem.nil : address_object(address);
}

static oop name_object(int32_t length, const char *name) {
  if (length < 0 || length > LONGEST_NAME) return mem.nil;
  return prim_or_no_memory(mem_new_string(name, (uint32_t)length));
}
static oop primitiveResolverAddressLookupResult(oop *args, uint32_t argc) {
  char name[LONGEST_NAME];
  return name_object(dev_resolver_name(name, sizeof name), name);
}

static oop primitiveResolverLocalAddress(oop *args, uint32_t argc) {
  uint32_t address;
  return dev_resolver_own_address(&address) < 0 ? prim_fail(PRIM_ERR_NOT_FOUND) : address_object(address);
}
static oop primitiveResolverHostNameSize(oop *args, uint32_t argc) {
  char name[LONGEST_NAME];
  const int32_t length = dev_resolver_own_name(name, sizeof name);
  return length < 0 ? prim_fail(PRIM_ERR_NOT_FOUND) : int_oop(length);
}
static oop primitiveResolverHostNameResult(oop *args, uint32_t argc) {
  char name[LONGEST_NAME];
  const int32_t length = dev_resolver_own_name(name, sizeof name);
  if (!oop_is_bytes(args[1]) || obj_is_immutable(args[1]) || length < 0 || length > LONGEST_NAME ||
      obj_byte_size(args[1]) < (uint32_t)length)
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  memcpy(obj_bytes(args[1]), name, (uint32_t)length);
  return args[0];
}

/* ---- making and ending ---- */

/* The semaphores from argument `first` on: one for everything, or three. */
static bool new_socket(oop *args, uint32_t kind, uint32_t first, uint32_t count, struct dev_socket_new *s) {
  uint32_t indices[3];
  for (uint32_t i = 0; i < 3; i++)
    if (!prim_index(args[first + (i < count ? i : 0)], &indices[i])) return false;
  *s = (struct dev_socket_new){
      .kind = kind, .changed = indices[0], .readable = indices[1], .writable = indices[2]};
  return true;
}

static oop create(oop *args, uint32_t semaphores) {
  enum { TYPE = 2, FIRST_SEMAPHORE = 5 };
  uint32_t kind;
  struct dev_socket_new socket;
  if (!prim_index(args[TYPE], &kind) || !new_socket(args, kind, FIRST_SEMAPHORE, semaphores, &socket))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const int32_t id = dev_socket_create(&socket);
  return id > 0 ? handle_of(id) : prim_fail(PRIM_ERR_UNSUPPORTED);
}
/* network type, socket type, receive and send buffer, semaphores */
static oop primitiveSocketCreate(oop *args, uint32_t argc) { return create(args, 1); }
static oop primitiveSocketCreate3Semaphores(oop *args, uint32_t argc) { return create(args, 3); }

static oop accept_from(oop *args, uint32_t semaphores) {
  enum { FIRST_SEMAPHORE = 4 };
  struct dev_socket_new socket;
  SOCKET(1, id);
  if (!new_socket(args, SOCKET_TCP, FIRST_SEMAPHORE, semaphores, &socket))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const int32_t accepted = dev_socket_accept(id, &socket);
  return accepted > 0 ? handle_of(accepted) : prim_fail(PRIM_ERR_OS_ERROR);
}
/* listening socket, receive and send buffer, semaphores */
static oop primitiveSocketAccept(oop *args, uint32_t argc) { return accept_from(args, 1); }
static oop primitiveSocketAccept3Semaphores(oop *args, uint32_t argc) { return accept_from(args, 3); }

static oop primitiveSocketDestroy(oop *args, uint32_t argc) {
  SOCKET(1, id);
  dev_socket_destroy(id);
  return args[0];
}
static oop primitiveSocketCloseConnection(oop *args, uint32_t argc) {
  SOCKET(1, id);
  return done_or_failed(args, dev_socket_do(id, SOCKET_CLOSE));
}
static oop primitiveSocketAbortConnection(oop *args, uint32_t argc) {
  SOCKET(1, id);
  return done_or_failed(args, dev_socket_do(id, SOCKET_ABORT));
}

/* ---- connecting ---- */

static oop primitiveSocketConnectToPort(oop *args, uint32_t argc) {
  struct dev_socket_name to;
  SOCKET(1, id);
  if (!address_argument(args[2], &to.address) || !prim_index(args[3], &to.port))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return done_or_failed(args, dev_socket_connect(id, to));
}

/* socket, port, and where they are given: backlog, address of the interface. */
static oop listen_at(oop *args, uint32_t argc) {
  struct dev_socket_name at = {0};
  uint32_t backlog = 0;
  SOCKET(1, id);
  if (!prim_index(args[2], &at.port) || (argc >= 3 && !prim_index(args[3], &backlog)) ||
      (argc >= 4 && !address_argument(args[4], &at.address)))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return done_or_failed(args, dev_socket_listen(id, at, backlog));
}
#define LISTEN(name) \
  static oop name(oop *args, uint32_t argc) { return listen_at(args, argc); }
LISTEN(primitiveSocketListenWithOrWithoutBacklog)
LISTEN(primitiveSocketListenOnPort)
LISTEN(primitiveSocketListenOnPortBacklog)
LISTEN(primitiveSocketListenOnPortBacklogInterface)

static oop primitiveSocketConnectionStatus(oop *args, uint32_t argc) {
  int32_t id;
  return int_oop(socket_id(args[1], &id) ? dev_socket_status(id) : SOCKET_INVALID);
}
static oop primitiveSocketError(oop *args, uint32_t argc) {
  SOCKET(1, id);
  return int_oop(dev_socket_do(id, SOCKET_ERROR) & SMALLINT_MAX);
}

/* ---- what goes through ---- */

static oop primitiveSocketReceiveDataAvailable(oop *args, uint32_t argc) {
  SOCKET(1, id);
  return mem_bool(dev_socket_do(id, SOCKET_AVAILABLE) > 0);
}
static oop primitiveSocketSendDone(oop *args, uint32_t argc) {
  SOCKET(1, id);
  return mem_bool(dev_socket_do(id, SOCKET_SEND_DONE) > 0);
}

/* The bytes of an object that a first index and a count name; of words, the count is of words. */
struct part {
  uint8_t *bytes;
  uint32_t count, unit;
};
static bool part_of(oop o, oop start_oop, oop count_oop, struct part *part) {
  uint32_t start, count;
  if (!oop_is_bytes(o) && !oop_is_words(o)) return false;
  if (!prim_index(start_oop, &start) || !prim_index(count_oop, &count) || start == 0) return false;
  part->unit = oop_is_bytes(o) ? 1 : 4;
  const uint32_t size = obj_byte_size(o) / part->unit;
  if (start - 1 > size || count > size - (start - 1)) return false;
  part->bytes = obj_bytes(o) + (start - 1) * part->unit;
  part->count = count * part->unit;
  return true;
}

static oop primitiveSocketReceiveDataBufCount(oop *args, uint32_t argc) {
  struct part part;
  SOCKET(1, id);
  if (!part_of(args[2], args[3], args[4], &part)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(args[2])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  const int32_t n = dev_socket_receive(id, part.bytes, part.count);
  return n < 0 ? prim_fail(PRIM_ERR_OS_ERROR) : int_oop(n / (int32_t)part.unit);
}

static oop primitiveSocketSendDataBufCount(oop *args, uint32_t argc) {
  struct part part;
  SOCKET(1, id);
  if (!part_of(args[2], args[3], args[4], &part)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const int32_t n = dev_socket_send(id, part.bytes, part.count);
  return n < 0 ? prim_fail(PRIM_ERR_OS_ERROR) : int_oop(n / (int32_t)part.unit);
}

/* socket, bytes, address, port, first index, count */
static oop primitiveSocketSendUDPDataBufCount(oop *args, uint32_t argc) {
  struct part part;
  struct dev_socket_name to;
  SOCKET(1, id);
  if (!part_of(args[2], args[5], args[6], &part) || !address_argument(args[3], &to.address) ||
      !prim_index(args[4], &to.port))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const int32_t n = dev_socket_send_to(id, to, part.bytes, part.count);
  return n < 0 ? prim_fail(PRIM_ERR_OS_ERROR) : int_oop(n / (int32_t)part.unit);
}

/* Answers {count. address. port. more}. */
static oop primitiveSocketReceiveUDPDataBufCount(oop *args, uint32_t argc) {
  enum { COUNT, ADDRESS, PORT, MORE, FIELDS };
  struct part part;
  struct dev_socket_name from = {0};
  bool more = false;
  SOCKET(1, id);
  if (!part_of(args[2], args[3], args[4], &part)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(args[2])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  oop answer = mem_new_array(FIELDS), address = mem_new_bytes(CIX_BYTE_ARRAY, ADDRESS_BYTES);
  if (answer == 0 || address == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
  const int32_t n = dev_socket_receive_from(id, part.bytes, part.count, &from, &more);
  if (n < 0) return prim_fail(PRIM_ERR_OS_ERROR);
  for (uint32_t i = 0; i < ADDRESS_BYTES; i++)
    obj_bytes(address)[i] = (uint8_t)(from.address >> 8 * (ADDRESS_BYTES - 1 - i));
  mem_store(answer, COUNT, int_oop(n / (int32_t)part.unit));
  mem_store(answer, ADDRESS, address);
  mem_store(answer, PORT, int_oop((int32_t)from.port));
  mem_store(answer, MORE, mem_bool(more));
  return answer;
}

/* ---- names and options ---- */

static oop address_at_end(oop *args, bool remote) {
  struct dev_socket_name name;
  SOCKET(1, id);
  (void)dev_socket_name(id, remote, &name);
  return address_object(name.address);
}
static oop port_at_end(oop *args, bool remote) {
  struct dev_socket_name name;
  SOCKET(1, id);
  (void)dev_socket_name(id, remote, &name);
  return int_oop((int32_t)(name.port & SMALLINT_MAX));
}
static oop primitiveSocketLocalAddress(oop *args, uint32_t argc) { return address_at_end(args, false); }
static oop primitiveSocketRemoteAddress(oop *args, uint32_t argc) { return address_at_end(args, true); }
static oop primitiveSocketLocalPort(oop *args, uint32_t argc) { return port_at_end(args, false); }
static oop primitiveSocketRemotePort(oop *args, uint32_t argc) { return port_at_end(args, true); }

/* Answers {error. value}. */
static oop option_result(int32_t value) {
  oop pair = mem_new_array(2);
  if (pair == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
  mem_store(pair, 0, int_oop(value < 0 ? NO_SUCH_OPTION : 0));
  mem_store(pair, 1, int_oop(value < 0 ? 0 : value & SMALLINT_MAX));
  return pair;
}
static oop primitiveSocketGetOptions(oop *args, uint32_t argc) {
  SOCKET(1, id);
  if (!oop_is_bytes(args[2])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return option_result(dev_socket_get_option(id, (const char *)obj_bytes(args[2]), obj_byte_size(args[2])));
}
static oop primitiveSocketSetOptions(oop *args, uint32_t argc) {
  uint32_t value = args[3] == mem.true_;
  SOCKET(1, id);
  if (!oop_is_bytes(args[2])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (args[3] != mem.true_ && args[3] != mem.false_ && !prim_index(args[3], &value) &&
      (!oop_is_bytes(args[3]) || obj_byte_size(args[3]) != sizeof value))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (oop_is_bytes(args[3])) memcpy(&value, obj_bytes(args[3]), sizeof value);
  return option_result(
      dev_socket_set_option(id, (const char *)obj_bytes(args[2]), obj_byte_size(args[2]), value));
}

#define SOCKET_PRIMITIVES(X)                           \
  X(primitiveDisableSocketAccess, 0, 0)                \
  X(primitiveHasSocketAccess, 0, 0)                    \
  X(primitiveInitializeNetwork, 1, 1)                  \
  X(primitiveResolverAbortLookup, 0, 0)                \
  X(primitiveResolverAddressLookupResult, 0, 0)        \
  X(primitiveResolverError, 0, 0)                      \
  X(primitiveResolverHostNameResult, 1, 1)             \
  X(primitiveResolverHostNameSize, 0, 0)               \
  X(primitiveResolverLocalAddress, 0, 0)               \
  X(primitiveResolverNameLookupResult, 0, 0)           \
  X(primitiveResolverStartAddressLookup, 1, 1)         \
  X(primitiveResolverStartNameLookup, 1, 1)            \
  X(primitiveResolverStatus, 0, 0)                     \
  X(primitiveSocketAbortConnection, 1, 1)              \
  X(primitiveSocketAccept, 4, 4)                       \
  X(primitiveSocketAccept3Semaphores, 6, 6)            \
  X(primitiveSocketCloseConnection, 1, 1)              \
  X(primitiveSocketConnectToPort, 3, 3)                \
  X(primitiveSocketConnectionStatus, 1, 1)             \
  X(primitiveSocketCreate, 5, 5)                       \
  X(primitiveSocketCreate3Semaphores, 7, 7)            \
  X(primitiveSocketDestroy, 1, 1)                      \
  X(primitiveSocketError, 1, 1)                        \
  X(primitiveSocketGetOptions, 2, 2)                   \
  X(primitiveSocketListenOnPort, 2, 2)                 \
  X(primitiveSocketListenOnPortBacklog, 3, 3)          \
  X(primitiveSocketListenOnPortBacklogInterface, 4, 4) \
  X(primitiveSocketListenWithOrWithoutBacklog, 2, 3)   \
  X(primitiveSocketLocalAddress, 1, 1)                 \
  X(primitiveSocketLocalPort, 1, 1)                    \
  X(primitiveSocketReceiveDataAvailable, 1, 1)         \
  X(primitiveSocketReceiveDataBufCount, 4, 4)          \
  X(primitiveSocketReceiveUDPDataBufCount, 4, 4)       \
  X(primitiveSocketRemoteAddress, 1, 1)                \
  X(primitiveSocketRemotePort, 1, 1)                   \
  X(primitiveSocketSendDataBufCount, 4, 4)             \
  X(primitiveSocketSendDone, 1, 1)                     \
  X(primitiveSocketSendUDPDataBufCount, 6, 6)          \
  X(primitiveSocketSetOptions, 3, 3)
PLUGIN_DEFINE(SocketPlugin, SOCKET_PRIMITIVES)
