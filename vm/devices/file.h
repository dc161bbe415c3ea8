/* file.h: the virtual file device: open files with positions, directories, and saving a file atomically.
 *
 * Paths are bytes as the host takes them (UTF-8), with a length. Functions that can fail answer a
 * negative enum dev_err.
 */
#ifndef VM_DEVICES_FILE_H
#define VM_DEVICES_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "devices/errors.h"

/* A few words for a person. */
const char *dev_err_text(int32_t error);

/* ---- open files: an id names one until it is closed; ids are never used twice ---- */

enum { DEV_STDIN = 0, DEV_STDOUT = 1, DEV_STDERR = 2 };
/* What kind of thing an open file is (the values of FilePlugin's primitiveFileDescriptorType). */
enum dev_file_kind { DEV_KIND_NONE = 0, DEV_KIND_TERMINAL = 1, DEV_KIND_PIPE = 2, DEV_KIND_FILE = 3 };

/* Opens for reading, or for reading and writing; then the file is made if it is not there. `exclusive`:
 * it must not be there. Answers its id. */
int32_t dev_file_open(const char *path, uint32_t length, bool writable, bool exclusive);
int32_t dev_file_close(int32_t id);
bool dev_file_is_open(int32_t id);
bool dev_file_is_stream(int32_t id); /* no position: a terminal or a pipe */
bool dev_file_is_writable(int32_t id);
enum dev_file_kind dev_file_kind(int32_t id);
int32_t dev_file_read(int32_t id, void *bytes, uint32_t count); /* bytes read; 0 at the end */
int32_t dev_file_write(int32_t id, const void *bytes, uint32_t count);
double dev_file_position(int32_t id); /* of a stream: bytes moved so far */
int32_t dev_file_set_position(int32_t id, double position);
double dev_file_size(int32_t id);
int32_t dev_file_truncate(int32_t id, double size);
int32_t dev_file_flush(int32_t id, bool to_disk);
/* 1 when a read would find nothing, 0, or an error. */
int32_t dev_file_at_end(int32_t id);

/* ---- directories ---- */

struct dev_entry {
  double size;        /* bytes */
  double modified_us; /* since 1970 UTC */
  double created_us;
  bool is_dir, is_symlink;
  uint32_t mode; /* POSIX permission bits */
  char name[1024];
  uint32_t name_length;
};

int32_t dev_file_delete(const char *path, uint32_t length);
int32_t dev_file_rename(const char *from, uint32_t from_length, const char *to, uint32_t to_length);
int32_t dev_dir_create(const char *path, uint32_t length);
int32_t dev_dir_delete(const char *path, uint32_t length);
/* Facts of a path; the entry's name is left empty. */
int32_t dev_stat(const char *path, uint32_t length, struct dev_entry *entry);
/* Entry `index` (from 0), in name order: 1 there, 0 past the end, or an error. */
int32_t dev_dir_entry(const char *path, uint32_t length, uint32_t index, struct dev_entry *entry);

/* ---- saving: all or nothing ---- */

/* Writes what `produce` puts to a temporary file beside `path`, flushes it to disk and renames it over
 * `path`. On any error the temporary file is removed and `path` is as before. Temporary files of `path` that
 * killed processes left there are removed when nobody has written to them for DEV_STALE_US. */
enum { DEV_STALE_US = 60000000 };
typedef bool (*dev_put)(void *sink, const void *bytes, uint32_t count);
err_t dev_save(const char *path, uint32_t length, err_t (*produce)(dev_put put, void *sink)) NODISCARD;

#endif
