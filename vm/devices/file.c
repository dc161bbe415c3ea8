/* file.c: the virtual file device (file.h). */
#include "devices/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/host.h"

const char *dev_err_text(int32_t error) {
  switch (error) {
#define X(name, number, text) \
  case number: return text;
    DEV_ERRORS(X)
#undef X
  }
  return "failed";
}

/* ---- open files ---- */

struct open_file {
  bool open, writable, stream, at_end;
  int32_t handle; /* the host's */
  double position;
};

enum { STANDARD_FILES = 3 };
static struct open_file standard_files[STANDARD_FILES];
static bool standard_ready;
static struct open_file *files; /* index: id - first_id */
static uint32_t file_count;

/* The standard streams may be files too (redirected); then they have positions only for their host. */
static void prepare_standard(void) {
  for (int32_t i = 0; i < STANDARD_FILES; i++)
    standard_files[i] =
        (struct open_file){.open = true, .writable = i != DEV_STDIN, .stream = true, .handle = i};
  standard_ready = true;
}

static struct open_file *file_of(int32_t id) {
  if (!standard_ready) prepare_standard();
  if (id < 0) return NULL;
  struct open_file *f = id < STANDARD_FILES                          ? &standard_files[id]
                        : (uint32_t)id - STANDARD_FILES < file_count ? &files[id - STANDARD_FILES]
                                                                     : NULL;
  return f != NULL && f->open ? f : NULL;
}

/* Ids are not reused, so that a stale one in an image is found out; entries are a few words each. */
static int32_t new_id(struct open_file f) {
  if (file_count % 64 == 0) {
    struct open_file *more = realloc(files, (file_count + 64) * sizeof *files);
    if (more == NULL) return DEV_ERR_FAILED;
    files = more;
  }
  files[file_count] = f;
  return (int32_t)file_count++ + STANDARD_FILES;
}

int32_t dev_file_open(const char *path, uint32_t length, bool writable, bool exclusive) {
  uint32_t flags = HOST_OPEN_READ | (writable ? HOST_OPEN_WRITE | HOST_OPEN_CREATE : 0) |
                   (exclusive ? HOST_OPEN_EXCLUSIVE : 0);
  int32_t handle = host_file_open(path, length, flags);
  if (handle < 0) return handle;
  struct open_file f = {.open = true, .writable = writable, .handle = handle};
  f.stream = host_file_size(handle) < 0;
  int32_t id = new_id(f);
  if (id < 0) host_file_close(handle);
  return id;
}

int32_t dev_file_close(int32_t id) {
  struct open_file *f = file_of(id);
  if (f == NULL) return DEV_ERR_BAD_HANDLE;
  if (id < STANDARD_FILES) return 0; /* the VM's own */
  f->open = false;
  return host_file_close(f->handle);
}

bool dev_file_is_open(int32_t id) { return file_of(id) != NULL; }

bool dev_file_is_stream(int32_t id) {
  struct open_file *f = file_of(id);
  return f != NULL && f->stream;
}

bool dev_file_is_writable(int32_t id) {
  struct open_file *f = file_of(id);
  return f != NULL && f->writable;
}

enum dev_file_kind dev_file_kind(int32_t id) {
  struct open_file *f = file_of(id);
  if (f == NULL) return DEV_KIND_NONE;
  if (host_file_is_terminal(f->handle) > 0) return DEV_KIND_TERMINAL;
  return f->stream && !(host_file_size(f->handle) > 0) ? DEV_KIND_PIPE : DEV_KIND_FILE;
}

static double host_position(const struct open_file *f) { return f->stream ? -1.0 : f->position; }

int32_t dev_file_read(int32_t id, void *bytes, uint32_t count) {
  struct open_file *f = file_of(id);
  if (f == NULL) return DEV_ERR_BAD_HANDLE;
  if (count == 0) return 0;
  int32_t n = host_file_read(f->handle, host_position(f), bytes, count);
  if (n < 0) return n;
  if ((uint32_t)n > count) return DEV_ERR_FAILED;
  f->at_end = n == 0;
  f->position += n;
  return n;
}

int32_t dev_file_write(int32_t id, const void *bytes, uint32_t count) {
  struct open_file *f = file_of(id);
  if (f == NULL) return DEV_ERR_BAD_HANDLE;
  if (!f->writable) return DEV_ERR_DENIED;
  uint32_t done = 0;
  while (done < count) {
    int32_t n = host_file_write(f->handle, host_position(f), (const char *)bytes + done, count - done);
    if (n <= 0 || (uint32_t)n > count - done) return done > 0 ? (int32_t)done : n < 0 ? n : DEV_ERR_FAILED;
    done += (uint32_t)n;
    f->position += n;
  }
  return (int32_t)done;
}

double dev_file_position(int32_t id) {
  struct open_file *f = file_of(id);
  return f != NULL ? f->position : DEV_ERR_BAD_HANDLE;
}

int32_t dev_file_set_position(int32_t id, double position) {
  struct open_file *f = file_of(id);
  if (f == NULL) return DEV_ERR_BAD_HANDLE;
  if (f->stream || !(position >= 0)) return DEV_ERR_UNSUPPORTED;
  f->position = position;
  f->at_end = false;
  return 0;
}

double dev_file_size(int32_t id) {
  struct open_file *f = file_of(id);
  return f != NULL ? host_file_size(f->handle) : DEV_ERR_BAD_HANDLE;
}

int32_t dev_file_truncate(int32_t id, double size) {
  struct open_file *f = file_of(id);
  if (f == NULL) return DEV_ERR_BAD_HANDLE;
  if (!f->writable || f->stream) return DEV_ERR_DENIED;
  return host_file_truncate(f->handle, size);
}

int32_t dev_file_flush(int32_t id, bool to_disk) {
  struct open_file *f = file_of(id);
  return f != NULL ? host_file_flush(f->handle, to_disk) : DEV_ERR_BAD_HANDLE;
}

int32_t dev_file_at_end(int32_t id) {
  struct open_file *f = file_of(id);
  if (f == NULL) return DEV_ERR_BAD_HANDLE;
  if (f->stream) return f->at_end;
  double size = host_file_size(f->handle);
  return size < 0 ? (int32_t)size : f->position >= size;
}

/* ---- directories ---- */

int32_t dev_file_delete(const char *path, uint32_t length) { return host_file_delete(path, length); }
int32_t dev_file_rename(const char *from, uint32_t from_length, const char *to, uint32_t to_length) {
  return host_file_rename(from, from_length, to, to_length);
}
int32_t dev_dir_create(const char *path, uint32_t length) { return host_dir_create(path, length); }
int32_t dev_dir_delete(const char *path, uint32_t length) { return host_dir_delete(path, length); }

static void fill(struct dev_entry *entry, const struct host_stat *stat) {
  entry->size = stat->size;
  entry->modified_us = stat->modified_us;
  entry->created_us = stat->created_us;
  entry->is_dir = stat->is_dir != 0;
  entry->is_symlink = stat->is_symlink != 0;
  entry->mode = stat->mode;
  entry->name_length = stat->name_length < sizeof entry->name ? stat->name_length : sizeof entry->name;
}

int32_t dev_stat(const char *path, uint32_t length, struct dev_entry *entry) {
  struct host_stat stat = {0};
  int32_t result = host_file_stat(path, length, &stat);
  stat.name_length = 0;
  fill(entry, &stat);
  return result;
}

int32_t dev_dir_entry(const char *path, uint32_t length, uint32_t index, struct dev_entry *entry) {
  struct host_stat stat = {0};
  int32_t result = host_dir_entry(path, length, index, entry->name, sizeof entry->name, &stat);
  fill(entry, &stat);
  return result;
}

/* ---- saving ---- */

enum { SAVE_BUFFER = 1 << 18 };

struct save {
  int32_t handle, error;
  double position;
  uint32_t used;
  uint8_t buffer[SAVE_BUFFER];
};

static bool save_write(struct save *s, const uint8_t *bytes, uint32_t count) {
  while (count > 0) {
    int32_t n = host_file_write(s->handle, s->position, bytes, count);
    if (n <= 0 || (uint32_t)n > count) {
      s->error = n < 0 ? n : DEV_ERR_FAILED;
      return false;
    }
    bytes += n;
    count -= (uint32_t)n;
    s->position += n;
  }
  return true;
}

static bool save_drain(struct save *s) {
  uint32_t n = s->used;
  s->used = 0;
  return save_write(s, s->buffer, n);
}

static bool save_put(void *sink, const void *bytes, uint32_t count) {
  struct save *s = sink;
  if (s->error != 0) return false;
  if (count > SAVE_BUFFER - s->used && !save_drain(s)) return false;
  if (count > SAVE_BUFFER) return save_write(s, bytes, count);
  memcpy(s->buffer + s->used, bytes, count);
  s->used += count;
  return true;
}

/* path.tmp-XXXXXXXX: beside the file, so that the rename stays within one file system; and not always the
 * same, so that two who save to one path at the same time do not write into one file. */
static const char TEMPORARY[] = ".tmp-";
enum { TAG_DIGITS = 8, TEMPORARY_ROOM = sizeof TEMPORARY + TAG_DIGITS };

static char *temporary_name(const char *path, uint32_t length, uint32_t *name_length) {
  uint32_t tag;
  char *name = malloc(length + TEMPORARY_ROOM);
  if (name == NULL) return NULL;
  host_random(&tag, sizeof tag);
  memcpy(name, path, length);
  *name_length = length + (uint32_t)snprintf(name + length, TEMPORARY_ROOM, "%s%08x", TEMPORARY, tag);
  return name;
}

static bool is_temporary(const struct dev_entry *entry, const char *base, uint32_t base_length) {
  uint32_t fixed = base_length + (uint32_t)sizeof TEMPORARY - 1;
  if (entry->is_dir || entry->name_length != fixed + TAG_DIGITS) return false;
  if (memcmp(entry->name, base, base_length) != 0) return false;
  if (memcmp(entry->name + base_length, TEMPORARY, sizeof TEMPORARY - 1) != 0) return false;
  for (uint32_t i = fixed; i < entry->name_length; i++)
    if (memchr("0123456789abcdef", entry->name[i], 16) == NULL) return false;
  return true;
}

/* A save that is still going on loses nothing if the clocks of two machines differ so much that its file
 * goes: its rename fails. */
static void remove_stale(const char *path, uint32_t length) {
  uint32_t folder = length; /* the folder's length with its slash */
  while (folder > 0 && path[folder - 1] != '/') folder--;
  char *name = malloc(length + TEMPORARY_ROOM);
  struct dev_entry entry;
  for (uint32_t i = 0; name != NULL; i++) {
    if (dev_dir_entry(folder > 0 ? path : ".", folder > 0 ? folder : 1, i, &entry) != 1) break;
    if (!is_temporary(&entry, path + folder, length - folder)) continue;
    if (host_utc_us() - entry.modified_us < DEV_STALE_US) continue;
    memcpy(name, path, folder);
    memcpy(name + folder, entry.name, entry.name_length);
    host_file_delete(name, folder + entry.name_length);
  }
  free(name);
}

static err_t save_to(struct save *s, err_t (*produce)(dev_put put, void *sink)) {
  err_t error = produce(save_put, s);
  if (s->error == 0 && error == NULL) save_drain(s);
  if (s->error == 0 && error == NULL) s->error = host_file_flush(s->handle, 1);
  int32_t closed = host_file_close(s->handle);
  if (s->error == 0 && closed < 0) s->error = closed;
  if (s->error < 0) return err_format("cannot write the file: %s", dev_err_text(s->error));
  return error;
}

err_t dev_save(const char *path, uint32_t length, err_t (*produce)(dev_put put, void *sink)) {
  uint32_t name_length;
  char *name = temporary_name(path, length, &name_length);
  struct save *s = calloc(1, sizeof *s);
  err_t error = name == NULL || s == NULL ? "cannot save: no memory" : NULL;
  if (error == NULL) {
    s->handle = host_file_open(name, name_length, HOST_OPEN_WRITE | HOST_OPEN_CREATE | HOST_OPEN_EXCLUSIVE);
    if (s->handle < 0)
      error = err_format("cannot create %.*s: %s", (int)name_length, name, dev_err_text(s->handle));
  }
  if (error == NULL) {
    error = save_to(s, produce);
    if (error == NULL) {
      int32_t renamed = host_file_rename(name, name_length, path, length);
      if (renamed < 0)
        error = err_format("cannot rename %.*s: %s", (int)name_length, name, dev_err_text(renamed));
    }
    if (error != NULL)
      host_file_delete(name, name_length);
    else
      remove_stale(path, length);
  }
  free(s);
  free(name);
  return error;
}
