/* FilePlugin.c: files and directories.
 *
 * A file handle is a ByteArray: the session's number, then the file device's id (devices/file.h). Handles
 * that a snapshot kept are of another session and fail.
 */
#include <string.h>

#include "devices/clock.h"
#include "devices/file.h"
#include "devices/process.h"
#include "plugins/FilePlugin.h"
#include "plugins/plugin.h"
#include "primitives/checks.h"

struct file_handle {
  uint32_t session;
  int32_t id;
};

static uint32_t session(void) {
  static uint32_t number;
  while (number == 0) dev_random(&number, sizeof number);
  return number;
}

static oop handle_oop(int32_t id) {
  const struct file_handle handle = {session(), id};
  oop o = mem_new_bytes(CIX_BYTE_ARRAY, sizeof handle);
  if (o != 0) memcpy(obj_bytes(o), &handle, sizeof handle);
  return o;
}

/* The id of an open file, or -1. */
static int32_t file_id(oop o) {
  struct file_handle handle;
  if (!oop_is_bytes(o) || obj_byte_size(o) != sizeof handle) return -1;
  memcpy(&handle, obj_bytes(o), sizeof handle);
  return handle.session == session() && dev_file_is_open(handle.id) ? handle.id : -1;
}

static oop os_failure(double error) {
  interp.prim_os_error = int_oop((int32_t)error);
  return prim_fail(PRIM_ERR_OS_ERROR);
}

/* Path names: byte objects. */
static bool path(oop o, const char **chars, uint32_t *length) {
  if (!oop_is_bytes(o)) return false;
  *chars = (const char *)obj_bytes(o);
  *length = obj_byte_size(o);
  return true;
}

/* ---- open files ---- */

static oop open_path(const char *chars, uint32_t length, bool writable, bool exclusive) {
  int32_t id = dev_file_open(chars, length, writable, exclusive);
  if (id < 0) return os_failure(id);
  oop handle = handle_oop(id);
  if (handle == 0) dev_file_close(id);
  return prim_or_no_memory(handle);
}

oop file_plugin_open(const char *chars, uint32_t length) { return open_path(chars, length, false, false); }

static oop open_file(oop name, bool writable, bool exclusive) {
  const char *chars;
  uint32_t length;
  if (!path(name, &chars, &length)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return open_path(chars, length, writable, exclusive);
}

static oop primitiveFileOpen(oop *args, uint32_t argc) {
  bool writable;
  if (!prim_bool(args[2], &writable)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return open_file(args[1], writable, false);
}
/* The file must not be there yet. */
static oop primitiveFileOpenNew(oop *args, uint32_t argc) { return open_file(args[1], true, true); }

/* What needs just the handle. A closed or stale handle is a bad argument. */
#define ON_FILE(name, call)                              \
  static oop name(oop *args, uint32_t argc) {            \
    int32_t id = file_id(args[1]);                       \
    if (id < 0) return prim_fail(PRIM_ERR_BAD_ARGUMENT); \
    double result = (call);                              \
    return result < 0 ? os_failure(result) : args[0];    \
  }
ON_FILE(primitiveFileClose, dev_file_close(id))
ON_FILE(primitiveFileFlush, dev_file_flush(id, false))
ON_FILE(primitiveFileSync, dev_file_flush(id, true))

#define FROM_FILE(name, call, result_oop)                \
  static oop name(oop *args, uint32_t argc) {            \
    int32_t id = file_id(args[1]);                       \
    if (id < 0) return prim_fail(PRIM_ERR_BAD_ARGUMENT); \
    double result = (call);                              \
    if (result < 0) return os_failure(result);           \
    return result_oop;                                   \
  }
FROM_FILE(primitiveFileAtEnd, dev_file_at_end(id), mem_bool(result != 0))
FROM_FILE(primitiveFileGetPosition, dev_file_position(id),
          prim_or_no_memory(mem_new_uint64((uint64_t)result)))
FROM_FILE(primitiveFileSize, dev_file_size(id), prim_or_no_memory(mem_new_uint64((uint64_t)result)))

#define WITH_POSITION(name, call)                                                            \
  static oop name(oop *args, uint32_t argc) {                                                \
    uint64_t position;                                                                       \
    int32_t id = file_id(args[1]);                                                           \
    if (id < 0 || !prim_uint64(args[2], &position)) return prim_fail(PRIM_ERR_BAD_ARGUMENT); \
    int32_t result = (call);                                                                 \
    return result < 0 ? os_failure(result) : args[0];                                        \
  }
WITH_POSITION(primitiveFileSetPosition, dev_file_set_position(id, (double)position))
WITH_POSITION(primitiveFileTruncate, dev_file_truncate(id, (double)position))

/* ---- reading and writing: file, buffer, startIndex, count; counted in the buffer's elements ---- */

struct transfer {
  int32_t id;
  uint8_t *bytes;
  uint32_t count;   /* bytes */
  uint32_t element; /* bytes of an element */
};

/* 0, or a failure. */
static oop prepare(oop *args, uint32_t argc, struct transfer *t) {
  uint32_t start, count;
  oop buffer = args[2];
  t->id = file_id(args[1]);
  if (t->id < 0 || !oop_is_pointer(buffer) || !prim_index(args[3], &start) || !prim_index(args[4], &count))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint32_t format = obj_format(buffer), size;
  if (fmt_is_bytes(format)) {
    t->element = 1;
    size = obj_byte_size(buffer);
  } else if (format == FMT_32 || format == FMT_32 + 1) {
    t->element = 4;
    size = obj_slots(buffer) - (format & 1);
  } else if (format >= FMT_16 && format < FMT_8) {
    t->element = 2;
    size = obj_slots(buffer) * 2 - (format & 3);
  } else if (format == FMT_64) {
    t->element = 8;
    size = obj_slots(buffer) / 2;
  } else {
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  }
  if (start < 1 || start - 1 > size || count > size - (start - 1)) return prim_fail(PRIM_ERR_BAD_INDEX);
  t->bytes = obj_bytes(buffer) + (size_t)(start - 1) * t->element;
  t->count = count * t->element;
  return 0;
}

static oop primitiveFileRead(oop *args, uint32_t argc) {
  struct transfer t;
  oop failure = prepare(args, argc, &t);
  if (failure) return failure;
  if (obj_is_immutable(args[2])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  int32_t n = dev_file_read(t.id, t.bytes, t.count);
  if (n == DEV_ERR_WOULD_BLOCK) n = 0;
  return n < 0 ? os_failure(n) : int_oop(n / (int32_t)t.element);
}

static oop primitiveFileWrite(oop *args, uint32_t argc) {
  struct transfer t;
  oop failure = prepare(args, argc, &t);
  if (failure) return failure;
  if (!dev_file_is_writable(t.id)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  int32_t n = dev_file_write(t.id, t.bytes, t.count);
  return n < 0 ? os_failure(n) : int_oop(n / (int32_t)t.element);
}

/* ---- standard streams ---- */

static oop primitiveFileStdioHandles(oop *args, uint32_t argc) {
  oop array = mem_new_array(3);
  if (array == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
  for (int32_t i = DEV_STDIN; i <= DEV_STDERR; i++) {
    oop handle = handle_oop(i);
    if (handle == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
    mem_store(array, (uint32_t)i, handle);
  }
  return array;
}

/* What a descriptor is: 1 a terminal, 2 a pipe, 3 a file, -1 nothing. */
static oop primitiveFileDescriptorType(oop *args, uint32_t argc) {
  if (!oop_is_int(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  enum dev_file_kind kind = dev_file_kind(oop_int(args[1]));
  return int_oop(kind == DEV_KIND_NONE ? -1 : (int32_t)kind);
}

/* A handle for a descriptor, which can only be one of the standard streams. */
static oop primitiveConnectToFileDescriptor(oop *args, uint32_t argc) {
  bool writable;
  if (!oop_is_int(args[1]) || !prim_bool(args[2], &writable)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  int32_t id = oop_int(args[1]);
  if (id < DEV_STDIN || id > DEV_STDERR || (writable && !dev_file_is_writable(id)))
    return prim_fail(PRIM_ERR_UNSUPPORTED);
  return prim_or_no_memory(handle_oop(id));
}

static oop primitiveConnectToFile(oop *args, uint32_t argc) { return prim_fail(PRIM_ERR_UNSUPPORTED); }
static oop primitiveWaitForDataWithSemaphore(oop *args, uint32_t argc) {
  return prim_fail(PRIM_ERR_UNSUPPORTED);
}

/* ---- names ---- */

#define ON_PATH(name, call)                                                       \
  static oop name(oop *args, uint32_t argc) {                                     \
    const char *chars;                                                            \
    uint32_t length;                                                              \
    if (!path(args[1], &chars, &length)) return prim_fail(PRIM_ERR_BAD_ARGUMENT); \
    int32_t result = call(chars, length);                                         \
    return result < 0 ? os_failure(result) : args[0];                             \
  }
ON_PATH(primitiveFileDelete, dev_file_delete)
ON_PATH(primitiveDirectoryCreate, dev_dir_create)
ON_PATH(primitiveDirectoryDelete, dev_dir_delete)

static oop primitiveFileRename(oop *args, uint32_t argc) {
  const char *from, *to;
  uint32_t from_length, to_length;
  if (!path(args[1], &from, &from_length) || !path(args[2], &to, &to_length))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  int32_t result = dev_file_rename(from, from_length, to, to_length);
  return result < 0 ? os_failure(result) : args[0];
}

static oop primitiveDirectoryDelimitor(oop *args, uint32_t argc) {
  oop slash = mem_char('/');
  return slash != 0 ? slash : prim_fail(PRIM_ERR_INAPPROPRIATE);
}

/* Classic Mac OS file types: accepted and forgotten; asking for them finds none. */
static oop primitiveDirectorySetMacTypeAndCreator(oop *args, uint32_t argc) {
  for (int i = 1; i <= 3; i++)
    if (!oop_is_bytes(args[i]) || (i > 1 && obj_byte_size(args[i]) != 4))
      return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return args[0];
}
static oop primitiveDirectoryGetMacTypeAndCreator(oop *args, uint32_t argc) {
  return prim_fail(PRIM_ERR_UNSUPPORTED);
}

/* ---- directory entries: name, creation, modification, is directory, size, permissions, is link ---- */

/* Seconds of local time since 1901, as the image counts them. */
static uint64_t local_seconds(double us_since_1970) {
  double seconds = us_since_1970 / 1e6 + (double)DEV_SQUEAK_EPOCH_S + dev_tz_offset_s();
  return seconds > 0 ? (uint64_t)seconds : 0;
}

static oop entry_array(const struct dev_entry *e, const char *name, uint32_t length) {
  enum { NAME, CREATED, MODIFIED, IS_DIR, SIZE, MODE, IS_LINK, FIELDS };
  oop fields[FIELDS] = {
      [NAME] = mem_new_string(name, length),
      [CREATED] = mem_new_uint64(local_seconds(e->created_us)),
      [MODIFIED] = mem_new_uint64(local_seconds(e->modified_us)),
      [IS_DIR] = mem_bool(e->is_dir),
      [SIZE] = mem_new_uint64(e->size > 0 ? (uint64_t)e->size : 0),
      [MODE] = int_oop((int32_t)(e->mode & 07777)),
      [IS_LINK] = mem_bool(e->is_symlink),
  };
  oop array = mem_new_array(FIELDS);
  if (array == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
  for (uint32_t i = 0; i < FIELDS; i++) {
    if (fields[i] == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
    mem_store(array, i, fields[i]);
  }
  return array;
}

/* An empty path is the root folder, as images take it. */
static void root_if_empty(const char **chars, uint32_t *length) {
  if (*length != 0) return;
  *chars = "/";
  *length = 1;
}

/* Entry `index` (from 1) of a folder; nil past the last. */
static oop primitiveDirectoryLookup(oop *args, uint32_t argc) {
  const char *chars;
  uint32_t length, index;
  struct dev_entry entry;
  if (!path(args[1], &chars, &length) || !prim_index(args[2], &index))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (index < 1) return prim_fail(PRIM_ERR_BAD_INDEX);
  root_if_empty(&chars, &length);
  int32_t result = dev_dir_entry(chars, length, index - 1, &entry);
  if (result < 0) return os_failure(result);
  return result == 0 ? mem.nil : entry_array(&entry, entry.name, entry.name_length);
}

/* The entry of that name in a folder; nil when there is none. */
static oop primitiveDirectoryEntry(oop *args, uint32_t argc) {
  const char *folder, *name;
  uint32_t folder_length, name_length;
  struct dev_entry entry;
  char full[sizeof entry.name * 4];
  if (!path(args[1], &folder, &folder_length) || !path(args[2], &name, &name_length))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  root_if_empty(&folder, &folder_length);
  if ((uint64_t)folder_length + name_length + 1 > sizeof full) return prim_fail(PRIM_ERR_LIMIT_EXCEEDED);
  memcpy(full, folder, folder_length);
  uint32_t n = folder_length;
  if (full[n - 1] != '/') full[n++] = '/';
  memcpy(full + n, name, name_length);
  /* The entry before the folder: a folder that may be read can lie in one that may not. */
  int32_t result = dev_stat(full, n + name_length, &entry);
  if (result >= 0) return entry_array(&entry, name, name_length);
  if (result != DEV_ERR_NOT_FOUND) return os_failure(result);
  result = dev_stat(folder, folder_length, &entry);
  if (result >= 0 && !entry.is_dir) result = DEV_ERR_NOT_DIR;
  return result < 0 ? os_failure(result) : mem.nil;
}

#define FILE_PRIMITIVES(X)                        \
  X(primitiveConnectToFile, 2, 2)                 \
  X(primitiveConnectToFileDescriptor, 2, 2)       \
  X(primitiveDirectoryCreate, 1, 1)               \
  X(primitiveDirectoryDelete, 1, 1)               \
  X(primitiveDirectoryDelimitor, 0, 0)            \
  X(primitiveDirectoryEntry, 2, 2)                \
  X(primitiveDirectoryGetMacTypeAndCreator, 3, 3) \
  X(primitiveDirectoryLookup, 2, 2)               \
  X(primitiveDirectorySetMacTypeAndCreator, 3, 3) \
  X(primitiveFileAtEnd, 1, 1)                     \
  X(primitiveFileClose, 1, 1)                     \
  X(primitiveFileDelete, 1, 1)                    \
  X(primitiveFileDescriptorType, 1, 1)            \
  X(primitiveFileFlush, 1, 1)                     \
  X(primitiveFileGetPosition, 1, 1)               \
  X(primitiveFileOpen, 2, 2)                      \
  X(primitiveFileOpenNew, 1, 1)                   \
  X(primitiveFileRead, 4, 4)                      \
  X(primitiveFileRename, 2, 2)                    \
  X(primitiveFileSetPosition, 2, 2)               \
  X(primitiveFileSize, 1, 1)                      \
  X(primitiveFileStdioHandles, 0, 0)              \
  X(primitiveFileSync, 1, 1)                      \
  X(primitiveFileTruncate, 2, 2)                  \
  X(primitiveFileWrite, 4, 4)                     \
  X(primitiveWaitForDataWithSemaphore, 2, 2)
PLUGIN_DEFINE(FilePlugin, FILE_PRIMITIVES)
