/* AsynchFilePlugin.c: files whose transfers are started, signalled and asked for (AsyncFile). The host's
 * files answer at once, so a transfer is done when it is started: its semaphore is signalled at the next
 * safepoint, and the result waits.
 *
 * A handle is a ByteArray: the session's number and the file device's id, which is never used twice.
 */
#include <stdlib.h>
#include <string.h>

#include "devices/file.h"
#include "devices/process.h"
#include "plugins/plugin.h"
#include "primitives/checks.h"

enum { MOST_FILES = 64, MOST_BYTES = 16 << 20, TRANSFER_FAILED = -1 };

struct handle {
  uint32_t session;
  int32_t id;
};

/* An open file, `id` 0 where there is none. */
static struct async_file {
  int32_t id;
  uint32_t semaphore;
  uint8_t *bytes; /* read and not yet asked for */
  uint32_t size;
  int32_t written;
} files[MOST_FILES];

static uint32_t session(void) {
  static uint32_t number;
  while (number == 0) dev_random(&number, sizeof number);
  return number;
}

static struct async_file *file_of(oop o) {
  struct handle handle;
  if (!oop_is_bytes(o) || obj_byte_size(o) != sizeof handle) return NULL;
  memcpy(&handle, obj_bytes(o), sizeof handle);
  for (uint32_t i = 0; i < MOST_FILES; i++)
    if (files[i].id == handle.id && handle.id > 0 && handle.session == session()) return &files[i];
  return NULL;
}

static void forget(struct async_file *f) {
  free(f->bytes);
  *f = (struct async_file){0};
}

/* open: fileName forWrite: aBoolean semaIndex: index */
static oop primitiveAsyncFileOpen(oop *args, uint32_t argc) {
  bool writable;
  uint32_t semaphore, at = 0;
  if (!oop_is_bytes(args[1]) || !prim_bool(args[2], &writable) || !prim_index(args[3], &semaphore))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  while (at < MOST_FILES && files[at].id != 0) at++;
  if (at == MOST_FILES) return prim_fail(PRIM_ERR_LIMIT_EXCEEDED);
  const struct handle none = {session(), 0};
  oop o = mem_new_bytes(CIX_BYTE_ARRAY, sizeof none);
  if (o == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
  const int32_t id = dev_file_open((const char *)obj_bytes(args[1]), obj_byte_size(args[1]), writable, false);
  if (id < 0) {
    interp.prim_os_error = int_oop(id);
    return prim_fail(PRIM_ERR_OS_ERROR);
  }
  const struct handle handle = {none.session, id};
  memcpy(obj_bytes(o), &handle, sizeof handle);
  files[at] = (struct async_file){.id = id, .semaphore = semaphore};
  return o;
}

static oop primitiveAsyncFileClose(oop *args, uint32_t argc) {
  struct async_file *f = file_of(args[1]);
  if (f == NULL) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  (void)dev_file_close(f->id);
  forget(f);
  return args[0];
}

/* Goes to a position; a negative one is the present one. */
static bool go_to(const struct async_file *f, oop position) {
  return oop_int(position) < 0 || dev_file_set_position(f->id, oop_int(position)) >= 0;
}

/* How much of `count` a read can bring. */
static uint32_t readable(const struct async_file *f, uint32_t count) {
  const double left =
      dev_file_is_stream(f->id) ? MOST_BYTES : dev_file_size(f->id) - dev_file_position(f->id);
  if (left < count) count = left > 0 ? (uint32_t)left : 0;
  return count < MOST_BYTES ? count : MOST_BYTES;
}

/* readStart: handle fPosition: position count: bytes */
static oop primitiveAsyncFileReadStart(oop *args, uint32_t argc) {
  struct async_file *f = file_of(args[1]);
  uint32_t count;
  if (f == NULL || !oop_is_int(args[2]) || !prim_index(args[3], &count))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (!go_to(f, args[2])) return prim_fail(PRIM_ERR_BAD_INDEX);
  count = readable(f, count);
  uint8_t *bytes = malloc(count + 1);
  if (bytes == NULL) return prim_fail(PRIM_ERR_NO_C_MEMORY);
  const int32_t read = dev_file_read(f->id, bytes, count);
  free(f->bytes);
  f->bytes = bytes;
  f->size = read > 0 ? (uint32_t)read : 0;
  process_signal_index(f->semaphore);
  return args[0];
}

/* The bytes of a buffer (of bytes or words) from an element on. */
static bool part_of(oop buffer, oop start_oop, oop count_oop, uint8_t **bytes, uint32_t *size) {
  uint32_t start, count;
  if ((!oop_is_bytes(buffer) && !oop_is_words(buffer)) || !prim_index(start_oop, &start) ||
      !prim_index(count_oop, &count) || start < 1)
    return false;
  const uint32_t width = oop_is_words(buffer) ? 4 : 1;
  const uint64_t room = width == 4 ? (uint64_t)mem_indexable_size(buffer) * 4 : obj_byte_size(buffer);
  if (((uint64_t)start - 1 + count) * width > room) return false;
  *bytes = obj_bytes(buffer) + (size_t)(start - 1) * width;
  *size = count * width;
  return true;
}

/* readResult: handle intoBuffer: buffer at: start count: elements. Answers the number of bytes. */
static oop primitiveAsyncFileReadResult(oop *args, uint32_t argc) {
  struct async_file *f = file_of(args[1]);
  uint8_t *to;
  uint32_t size;
  if (f == NULL || !part_of(args[2], args[3], args[4], &to, &size)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(args[2])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  if (f->bytes == NULL) return int_oop(TRANSFER_FAILED);
  if (f->size < size) size = f->size;
  memcpy(to, f->bytes, size);
  free(f->bytes);
  f->bytes = NULL;
  return int_oop((int32_t)size);
}

/* writeStart: handle fPosition: position fromBuffer: buffer at: start count: elements */
static oop primitiveAsyncFileWriteStart(oop *args, uint32_t argc) {
  struct async_file *f = file_of(args[1]);
  uint8_t *from;
  uint32_t size;
  if (f == NULL || !oop_is_int(args[2]) || !part_of(args[3], args[4], args[5], &from, &size))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (!dev_file_is_writable(f->id)) return prim_fail(PRIM_ERR_INAPPROPRIATE);
  if (!go_to(f, args[2])) return prim_fail(PRIM_ERR_BAD_INDEX);
  f->written = dev_file_write(f->id, from, size);
  process_signal_index(f->semaphore);
  return args[0];
}

static oop primitiveAsyncFileWriteResult(oop *args, uint32_t argc) {
  const struct async_file *f = file_of(args[1]);
  if (f == NULL) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return int_oop(f->written < 0 ? TRANSFER_FAILED : f->written);
}

#define ASYNCH_FILE_PRIMITIVES(X)        \
  X(primitiveAsyncFileClose, 1, 1)       \
  X(primitiveAsyncFileOpen, 3, 3)        \
  X(primitiveAsyncFileReadResult, 4, 4)  \
  X(primitiveAsyncFileReadStart, 3, 3)   \
  X(primitiveAsyncFileWriteResult, 1, 1) \
  X(primitiveAsyncFileWriteStart, 5, 5)
PLUGIN_DEFINE(AsynchFilePlugin, ASYNCH_FILE_PRIMITIVES)
