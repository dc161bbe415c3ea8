/* DevicePlugin.c: the devices that no plugin of the family names: a list of all, and how each stands; opening
 * one, operations by name, and the messages that come (vm/devices/service.h). Values are nil, booleans,
 * numbers, Strings (UTF-8 where they are bytes), ByteArrays, and Arrays of those. */
#include "devices/device.h"
#include "devices/errors.h"
#include "devices/service.h"
#include "plugins/plugin.h"
#include "primitives/checks.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_MESSAGE_BYTES = 1 << 26 };

/* ---- values of the image as bytes ---- */

static void put_number(struct text *to, char letter, uint32_t n) {
  const uint8_t bytes[] = {(uint8_t)letter, n & 255, n >> 8 & 255, n >> 16 & 255, n >> 24};
  text_add(to, bytes, sizeof bytes);
}

static void put_double(struct text *to, double value) {
  uint8_t bytes[9] = {'d'};
  memcpy(bytes + 1, &value, sizeof value);
  text_add(to, bytes, sizeof bytes);
}

static bool put_bytes(struct text *to, char letter, oop o) {
  const uint32_t size = obj_byte_size(o);
  if (size > MOST_MESSAGE_BYTES) return false;
  put_number(to, letter, size);
  text_add(to, obj_bytes(o), size);
  return true;
}

static bool put_value(struct text *to, oop o, uint32_t depth);

static bool put_array(struct text *to, oop o, uint32_t depth) {
  put_number(to, 'a', obj_slots(o));
  for (uint32_t i = 0; i < obj_slots(o); i++)
    if (!put_value(to, obj_slot(o, i), depth + 1)) return false;
  return true;
}

static bool put_value(struct text *to, oop o, uint32_t depth) {
  double value;
  if (depth > DEV_VALUE_DEPTH || to->length > MOST_MESSAGE_BYTES) return false;
  if (o == mem.nil || o == mem.true_ || o == mem.false_)
    text_add(to, o == mem.nil ? "n" : o == mem.true_ ? "t" : "f", 1);
  else if (oop_is_int(o))
    put_number(to, 'i', (uint32_t)oop_int(o));
  else if (oop_is_array(o))
    return put_array(to, o, depth);
  else if (oop_is_bytes(o) && !oop_is_large(o))
    return put_bytes(to, oop_has_class_index(o, CIX_BYTE_ARRAY) ? 'b' : 's', o);
  else if (prim_double(o, &value))
    put_double(to, value);
  else
    return false;
  return true;
}

/* ---- and back; the bytes have been found to be a whole value ---- */

static uint32_t take_number(const uint8_t **at) {
  uint32_t n;
  memcpy(&n, *at, sizeof n);
  *at += sizeof n;
  return n;
}

/* The object, 0 without memory. */
static oop take_value(const uint8_t **at) {
  const uint8_t letter = *(*at)++;
  double value;
  switch (letter) {
    case 'n': return mem.nil;
    case 't': return mem.true_;
    case 'f': return mem.false_;
    case 'i': return mem_new_int64((int32_t)take_number(at));
    case 'd':
      memcpy(&value, *at, sizeof value);
      *at += sizeof value;
      return mem_new_float(value);
  }
  const uint32_t n = take_number(at);
  if (letter == 'a') {
    oop array = mem_new_array(n);
    for (uint32_t i = 0; array != 0 && i < n; i++) {
      oop element = take_value(at);
      if (element == 0) return 0;
      mem_store(array, i, element);
    }
    return array;
  }
  oop o = mem_new_bytes(letter == 's' ? CIX_STRING : CIX_BYTE_ARRAY, n);
  if (o != 0) memcpy(obj_bytes(o), *at, n);
  *at += n;
  return o;
}

/* ---- what there is ---- */

static oop text_object(const char *text) { return mem_new_string(text, (uint32_t)strlen(text)); }

/* Fields from the device's name on; false without memory. */
static bool fill(oop array, const oop *values, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (values[i] == 0) return false;
    mem_store(array, i, values[i]);
  }
  return true;
}

static oop operation_names(const struct device *device) {
  const uint32_t count = device->record == NULL ? 0 : device->record->operation_count;
  oop names = mem_new_array(count);
  for (uint32_t i = 0; names != 0 && i < count; i++) {
    oop name = text_object(device->record->operations[i].name);
    if (name == 0) return 0;
    mem_store(names, i, name);
  }
  return names;
}

static oop info_of(const struct device *device) {
  struct device_state state;
  dev_state(device, &state);
  const oop values[] = {text_object(device->name),       mem_bool(state.present), mem_bool(state.granted),
                        text_object(device->permission), text_object(state.host), text_object(state.reason),
                        text_object(device->purpose),    operation_names(device)};
  enum { FIELDS = sizeof values / sizeof *values };
  oop array = mem_new_array(FIELDS);
  return array != 0 && fill(array, values, FIELDS) ? array : prim_fail(PRIM_ERR_NO_MEMORY);
}

/* The names of all devices. */
static oop primitiveDeviceList(oop *args, uint32_t argc) {
  uint32_t count = 0;
  while (dev_at(count) != NULL) count++;
  oop names = mem_new_array(count);
  for (uint32_t i = 0; names != 0 && i < count; i++) {
    oop name = text_object(dev_at(i)->name);
    if (name == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
    mem_store(names, i, name);
  }
  return prim_or_no_memory(names);
}

/* {name. is it present? is it granted? permission. what serves it. why it is absent. purpose. operations} */
static oop primitiveDeviceInfo(oop *args, uint32_t argc) {
  if (!oop_is_bytes(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const struct device *device;
  for (uint32_t i = 0; (device = dev_at(i)) != NULL; i++)
    if (strlen(device->name) == obj_byte_size(args[1]) &&
        memcmp(device->name, obj_bytes(args[1]), obj_byte_size(args[1])) == 0)
      return info_of(device);
  return prim_fail(PRIM_ERR_NOT_FOUND);
}

/* ---- using one ---- */

static oop failure(int32_t error) {
  switch (error) {
    case DEV_ERR_NOT_FOUND: return prim_fail(PRIM_ERR_NOT_FOUND);
    case DEV_ERR_UNSUPPORTED: return prim_fail(PRIM_ERR_UNSUPPORTED);
    case DEV_ERR_DENIED: return prim_fail(PRIM_ERR_INAPPROPRIATE);
    case DEV_ERR_BAD_HANDLE: return prim_fail(PRIM_ERR_BAD_ARGUMENT);
    case DEV_ERR_NO_SPACE: return prim_fail(PRIM_ERR_LIMIT_EXCEEDED);
  }
  return prim_fail(PRIM_ERR_OS_ERROR);
}

/* A name and the index of an external semaphore, which is signalled when a message has come: an id. */
static oop primitiveDeviceOpen(oop *args, uint32_t argc) {
  uint32_t semaphore;
  if (!oop_is_bytes(args[1]) || !prim_index(args[2], &semaphore)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const int32_t id = dev_service_open((const char *)obj_bytes(args[1]), obj_byte_size(args[1]), semaphore);
  return id < 0 ? failure(id) : int_oop(id);
}

/* An id, the operation's name, an Array of its arguments: the number of the request. */
static oop primitiveDeviceCall(oop *args, uint32_t argc) {
  uint32_t id;
  struct text request = {0};
  if (!prim_index(args[1], &id) || !oop_is_bytes(args[2]) || !oop_is_array(args[3]))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  put_number(&request, 'a', 1 + obj_slots(args[3]));
  int32_t number = DEV_ERR_FAILED;
  bool known = put_bytes(&request, 's', args[2]);
  for (uint32_t i = 0; known && i < obj_slots(args[3]); i++)
    known = put_value(&request, obj_slot(args[3], i), 1);
  if (known) number = dev_service_call((int32_t)id, (const uint8_t *)request.chars, (uint32_t)request.length);
  text_free(&request);
  return number < 0 ? failure(number) : int_oop(number & SMALLINT_MAX);
}

/* An id: the next message, {request or 0. kind. value}; nil when none waits. */
static oop primitiveDeviceNext(oop *args, uint32_t argc) {
  uint32_t id;
  if (!prim_index(args[1], &id)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const int32_t length = dev_service_next((int32_t)id, NULL, 0);
  if (length <= 0) return length < 0 ? failure(length) : mem.nil;
  uint8_t *message = length <= MOST_MESSAGE_BYTES ? malloc((uint32_t)length) : NULL;
  if (message == NULL) return prim_fail(PRIM_ERR_NO_C_MEMORY);
  oop value = 0;
  const bool whole = dev_service_next((int32_t)id, message, (uint32_t)length) == length &&
                     dev_value_is_whole(message, (uint32_t)length);
  const uint8_t *at = message;
  if (whole) value = take_value(&at);
  free(message);
  if (!whole) return prim_fail(PRIM_ERR_OS_ERROR);
  return prim_or_no_memory(value);
}

static oop primitiveDeviceClose(oop *args, uint32_t argc) {
  uint32_t id;
  if (!prim_index(args[1], &id)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const int32_t error = dev_service_close((int32_t)id);
  return error < 0 ? failure(error) : args[0];
}

#define DEVICE_PRIMITIVES(X)    \
  X(primitiveDeviceCall, 3, 3)  \
  X(primitiveDeviceClose, 1, 1) \
  X(primitiveDeviceInfo, 1, 1)  \
  X(primitiveDeviceList, 0, 0)  \
  X(primitiveDeviceNext, 1, 1)  \
  X(primitiveDeviceOpen, 2, 2)
PLUGIN_DEFINE(DevicePlugin, DEVICE_PRIMITIVES)
