/* service.h: devices that images use through DevicePlugin: operations by name, with values as arguments and
 * answers, and events.
 *
 * A device's file lists its operations. A call is checked against that list and goes to the host; the answer
 * comes as a message, at once or later, and events come as messages too. Of each the host signals the
 * semaphore with which the device was opened. Values are bytes: a letter, and what it needs, numbers with the
 * low byte first:
 *
 *   n nil   t true   f false   i an int32   d a double   s a text: length, UTF-8   b bytes: length, bytes
 *   a an array: count, values
 *
 * A request is an array: the operation's name and its arguments. A message is one too: the number of the
 * request or 0, enum dev_message_kind, a value.
 */
#ifndef VM_DEVICES_SERVICE_H
#define VM_DEVICES_SERVICE_H

#include "devices/device.h"

/* What host_device_call is asked for; web/runtime/devices/service.js has the numbers. */
enum dev_service_operation {
  SERVICE_LISTEN = 1, /* in: a semaphore's index, or 0 */
  SERVICE_CALL = 2,   /* in: a request; the answer: its number, from 1 */
  SERVICE_NEXT = 3,   /* out: a message, gone if there was room; the answer: its length, 0: none */
};

enum dev_message_kind { MESSAGE_ANSWER = 0, MESSAGE_FAILURE = 1, MESSAGE_EVENT = 2 };

enum { DEV_VALUE_DEPTH = 16 }; /* arrays within arrays */

/* The record of a device whose operations follow: each a name and the letters of its arguments. In these a
 * number n is i or d, a boolean t is t or f, * is anything, and what follows a ? may be left out. */
#define SERVICE(name, ...)                                               \
  static const struct dev_operation operations_##name[] = {__VA_ARGS__}; \
  const struct device_record device_##name = {                           \
      .operations = operations_##name,                                   \
      .operation_count = sizeof operations_##name / sizeof *operations_##name};

/* Opens a device for an image: its id, which is never used twice; NOT_FOUND where there is no such service,
 * else as host_device_open. */
int32_t dev_service_open(const char *name, uint32_t length, uint32_t semaphore);
/* The request's number; NOT_FOUND: there is no such operation; FAILED: it takes other arguments. */
int32_t dev_service_call(int32_t id, const uint8_t *request, uint32_t length);
/* The next message: its length, or 0. It stays where there is not enough room. */
int32_t dev_service_next(int32_t id, uint8_t *message, uint32_t room);
int32_t dev_service_close(int32_t id);
/* Ends all that are open. */
void dev_service_close_all(void);

/* Whether the bytes are one value, from the first to the last. */
bool dev_value_is_whole(const uint8_t *bytes, uint32_t length);

#endif
