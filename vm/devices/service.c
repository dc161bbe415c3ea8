/* service.c: devices that images use through DevicePlugin (service.h). */
#include "devices/service.h"

#include <string.h>

#include "devices/host.h"

enum { MOST_OPEN = 64, NUMBER_BYTES = 4, DOUBLE_BYTES = 8 };

static struct {
  int32_t id, handle; /* id 0: free */
  const struct device *device;
} opened[MOST_OPEN];
static int32_t last_id;

/* ---- values ---- */

static uint32_t number_at(const uint8_t *p) {
  return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The length of the value at the start of the bytes; 0: there is none. */
static uint32_t value_length(const uint8_t *bytes, uint32_t length, uint32_t depth) {
  if (length == 0 || depth > DEV_VALUE_DEPTH) return 0;
  switch (bytes[0]) {
    case 'n':
    case 't':
    case 'f': return 1;
    case 'd': return length > DOUBLE_BYTES ? 1 + DOUBLE_BYTES : 0;
  }
  const uint32_t head = 1 + NUMBER_BYTES;
  if (length < head) return 0;
  const uint32_t n = number_at(bytes + 1);
  switch (bytes[0]) {
    case 'i': return head;
    case 's':
    case 'b': return n <= length - head ? head + n : 0;
    case 'a': break;
    default: return 0;
  }
  uint32_t at = head;
  for (uint32_t i = 0; i < n; i++) {
    const uint32_t element = value_length(bytes + at, length - at, depth + 1);
    if (element == 0) return 0;
    at += element;
  }
  return at;
}

bool dev_value_is_whole(const uint8_t *bytes, uint32_t length) {
  return length > 0 && value_length(bytes, length, 0) == length;
}

static bool fits(char letter, uint8_t value) {
  switch (letter) {
    case '*': return true;
    case 'n': return value == 'i' || value == 'd';
    case 't': return value == 't' || value == 'f';
  }
  return (uint8_t)letter == value;
}

/* Whether the values are `count` arguments such as the letters say. */
static bool arguments_fit(const char *letters, const uint8_t *bytes, uint32_t length, uint32_t count) {
  bool optional = false;
  for (; *letters != 0; letters++) {
    if (*letters == '?') {
      optional = true;
      continue;
    }
    if (count == 0) return optional;
    if (!fits(*letters, bytes[0]) && !(optional && bytes[0] == 'n')) return false;
    const uint32_t n = value_length(bytes, length, 1);
    bytes += n;
    length -= n;
    count--;
  }
  return count == 0;
}

/* ---- the devices ---- */

static int32_t find_open(int32_t id) {
  for (int32_t i = 0; i < MOST_OPEN; i++)
    if (id > 0 && opened[i].id == id) return i;
  return -1;
}

static const struct device *find_service(const char *name, uint32_t length) {
  const struct device *device;
  for (uint32_t i = 0; (device = dev_at(i)) != NULL; i++)
    if (strlen(device->name) == length && memcmp(device->name, name, length) == 0)
      return device->record != NULL && device->record->operations != NULL ? device : NULL;
  return NULL;
}

int32_t dev_service_open(const char *name, uint32_t length, uint32_t semaphore) {
  const struct device *device = find_service(name, length);
  if (device == NULL) return DEV_ERR_NOT_FOUND;
  int32_t at = 0;
  while (at < MOST_OPEN && opened[at].id != 0) at++;
  if (at == MOST_OPEN || last_id == INT32_MAX >> 1) return DEV_ERR_NO_SPACE;
  const int32_t handle = host_device_open(device->name, length);
  if (handle < 0) return handle;
  const int32_t error = host_device_call(handle, SERVICE_LISTEN, &semaphore, sizeof semaphore, NULL, 0);
  if (error < 0) {
    (void)host_device_close(handle);
    return error;
  }
  opened[at].id = ++last_id;
  opened[at].handle = handle;
  opened[at].device = device;
  return last_id;
}

/* The operation that a request names; NULL: none. */
static const struct dev_operation *operation_of(const struct device *device, const uint8_t *name,
                                                uint32_t length) {
  for (uint32_t i = 0; i < device->record->operation_count; i++) {
    const struct dev_operation *operation = &device->record->operations[i];
    if (strlen(operation->name) == length && memcmp(operation->name, name, length) == 0) return operation;
  }
  return NULL;
}

int32_t dev_service_call(int32_t id, const uint8_t *request, uint32_t length) {
  enum { ARRAY_HEAD = 1 + NUMBER_BYTES, NAME_HEAD = 1 + NUMBER_BYTES };
  const int32_t at = find_open(id);
  if (at < 0) return DEV_ERR_BAD_HANDLE;
  if (!dev_value_is_whole(request, length) || request[0] != 'a' || number_at(request + 1) == 0 ||
      request[ARRAY_HEAD] != 's')
    return DEV_ERR_FAILED;
  const uint32_t name_length = number_at(request + ARRAY_HEAD + 1),
                 head = ARRAY_HEAD + NAME_HEAD + name_length;
  const struct dev_operation *operation =
      operation_of(opened[at].device, request + ARRAY_HEAD + NAME_HEAD, name_length);
  if (operation == NULL) return DEV_ERR_NOT_FOUND;
  if (!arguments_fit(operation->arguments, request + head, length - head, number_at(request + 1) - 1))
    return DEV_ERR_FAILED;
  return host_device_call(opened[at].handle, SERVICE_CALL, request, length, NULL, 0);
}

int32_t dev_service_next(int32_t id, uint8_t *message, uint32_t room) {
  const int32_t at = find_open(id);
  return at < 0 ? DEV_ERR_BAD_HANDLE
                : host_device_call(opened[at].handle, SERVICE_NEXT, NULL, 0, message, room);
}

int32_t dev_service_close(int32_t id) {
  const int32_t at = find_open(id);
  if (at < 0) return DEV_ERR_BAD_HANDLE;
  opened[at].id = 0;
  return host_device_close(opened[at].handle);
}

void dev_service_close_all(void) {
  for (int32_t i = 0; i < MOST_OPEN; i++)
    if (opened[i].id != 0) (void)dev_service_close(opened[i].id);
}
