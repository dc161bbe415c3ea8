/* sockets.h: TCP connections and UDP datagrams over IPv4, as SocketPlugin has them.
 *
 * A socket is known by an id, which is never used twice. Nothing waits: what takes time goes on in the host,
 * which signals the socket's external semaphores. Functions that can fail answer a negative enum dev_err.
 */
#ifndef VM_DEVICES_SOCKETS_H
#define VM_DEVICES_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>

/* What host_device_call is asked for, with the socket's id above the lowest 8 bits;
 * web/node/devices/sockets.js has the numbers. */
enum dev_socket_operation {
  SOCKET_CREATE = 1,        /* in: struct dev_socket_new; the answer: its id */
  SOCKET_DESTROY = 2,       /* closes it at once, and forgets it */
  SOCKET_STATUS = 3,        /* the answer: enum dev_socket_status */
  SOCKET_CONNECT = 4,       /* in: address, port */
  SOCKET_LISTEN = 5,        /* in: address, port, backlog */
  SOCKET_ACCEPT = 6,        /* in: struct dev_socket_new; the answer: the id of what was accepted */
  SOCKET_CLOSE = 7,         /* when what was sent has gone */
  SOCKET_ABORT = 8,         /* at once */
  SOCKET_AVAILABLE = 9,     /* the answer: bytes that wait */
  SOCKET_RECEIVE = 10,      /* out: bytes; the answer: how many */
  SOCKET_SEND = 11,         /* in: bytes; the answer: how many were taken */
  SOCKET_SEND_DONE = 12,    /* the answer: 1 when it takes more */
  SOCKET_ERROR = 13,        /* the answer: a system's error number */
  SOCKET_LOCAL_NAME = 14,   /* out: address, port */
  SOCKET_REMOTE_NAME = 15,  /* out: address, port */
  SOCKET_SET_OPTION = 16,   /* in: its value, then its name */
  SOCKET_GET_OPTION = 17,   /* in: its name; the answer: its value */
  SOCKET_SEND_TO = 18,      /* in: address, port, bytes; the answer: how many were taken */
  SOCKET_RECEIVE_FROM = 19, /* out: address, port, 1 if more waits, bytes; the answer: the length of all */
};

enum dev_socket_status {
  SOCKET_INVALID = -1,
  SOCKET_UNCONNECTED = 0,
  SOCKET_WAITING = 1,
  SOCKET_CONNECTED = 2,
  SOCKET_OTHER_END_CLOSED = 3,
  SOCKET_THIS_END_CLOSED = 4,
};

enum dev_socket_kind { SOCKET_TCP = 0, SOCKET_UDP = 1 };
struct dev_socket_new {
  uint32_t kind;
  uint32_t changed, readable, writable; /* indices of the external semaphores; 0: none */
};

/* An IPv4 address, its first number in the highest byte, and a port. */
struct dev_socket_name {
  uint32_t address, port;
};

/* 0 when sockets can be made; DENIED, or UNSUPPORTED. */
int32_t dev_sockets_open(void);
/* The image gives up its right to them. */
void dev_sockets_disable(void);

int32_t dev_socket_create(const struct dev_socket_new *socket);
void dev_socket_destroy(int32_t id);
int32_t dev_socket_status(int32_t id);
int32_t dev_socket_connect(int32_t id, struct dev_socket_name to);
int32_t dev_socket_listen(int32_t id, struct dev_socket_name at, uint32_t backlog);
int32_t dev_socket_accept(int32_t id, const struct dev_socket_new *socket);
/* CLOSE, ABORT, AVAILABLE, SEND_DONE, ERROR. */
int32_t dev_socket_do(int32_t id, enum dev_socket_operation operation);
int32_t dev_socket_receive(int32_t id, void *bytes, uint32_t count);
int32_t dev_socket_send(int32_t id, const void *bytes, uint32_t count);
int32_t dev_socket_name(int32_t id, bool remote, struct dev_socket_name *name);
int32_t dev_socket_set_option(int32_t id, const char *name, uint32_t length, uint32_t value);
int32_t dev_socket_get_option(int32_t id, const char *name, uint32_t length);
/* Datagrams; what does not fit is lost. `more`: another waits. */
int32_t dev_socket_send_to(int32_t id, struct dev_socket_name to, const void *bytes, uint32_t count);
int32_t dev_socket_receive_from(int32_t id, void *bytes, uint32_t count, struct dev_socket_name *from,
                                bool *more);

#endif
