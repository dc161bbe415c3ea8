/* host_native.c: the host boundary for native tools and tests, with POSIX calls. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "devices/host.h"
#include "devices/host_native.h"

static int32_t last_error(void) {
  switch (errno) {
    case ENOENT: return DEV_ERR_NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS: return DEV_ERR_DENIED;
    case EEXIST:
    case ENOTEMPTY: return DEV_ERR_EXISTS;
    case ENOTDIR: return DEV_ERR_NOT_DIR;
    case EISDIR: return DEV_ERR_IS_DIR;
    case ENOSPC:
    case EDQUOT: return DEV_ERR_NO_SPACE;
    case EBADF: return DEV_ERR_BAD_HANDLE;
    case EAGAIN: return DEV_ERR_WOULD_BLOCK;
  }
  return DEV_ERR_FAILED;
}

static int32_t result_of(int outcome) { return outcome < 0 ? last_error() : outcome; }

/* A zero-terminated copy of a path; NULL (and errno) when it cannot be one. Freed by the caller. */
static char *path_of(const char *path, uint32_t length) {
  if (length == 0 || memchr(path, 0, length) != NULL) {
    errno = ENOENT;
    return NULL;
  }
  return strndup(path, length);
}

/* ---- clocks ---- */

static double us_of(struct timespec t) { return (double)t.tv_sec * 1e6 + (double)(t.tv_nsec / 1000); }

double host_clock_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return us_of(t);
}

double host_utc_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return us_of(t);
}

int32_t host_clock_look(void) { return 0; }

int32_t host_tz_offset_s(double utc_us) {
  time_t seconds = (time_t)(utc_us / 1e6);
  struct tm local;
  return localtime_r(&seconds, &local) != NULL ? (int32_t)local.tm_gmtoff : 0;
}

/* ---- files ---- */

int32_t host_file_open(const char *path, uint32_t length, uint32_t flags) {
  int mode = !(flags & HOST_OPEN_WRITE) ? O_RDONLY : flags & HOST_OPEN_READ ? O_RDWR : O_WRONLY;
  if (flags & HOST_OPEN_CREATE) mode |= O_CREAT;
  if (flags & HOST_OPEN_TRUNCATE) mode |= O_TRUNC;
  if (flags & HOST_OPEN_EXCLUSIVE) mode |= O_EXCL;
  char *name = path_of(path, length);
  if (name == NULL) return last_error();
  int fd = open(name, mode | O_CLOEXEC, 0666);
  int32_t result = result_of(fd);
  free(name);
  struct stat s;
  if (fd >= 0 && fstat(fd, &s) == 0 && S_ISDIR(s.st_mode)) {
    close(fd);
    return DEV_ERR_IS_DIR;
  }
  return result;
}

int32_t host_file_close(int32_t handle) { return handle > 2 ? result_of(close(handle)) : 0; }

int32_t host_file_read(int32_t handle, double at, void *bytes, uint32_t count) {
  if (count > INT32_MAX) count = INT32_MAX;
  ssize_t n;
  do n = at < 0 ? read(handle, bytes, count) : pread(handle, bytes, count, (off_t)at);
  while (n < 0 && errno == EINTR);
  return n < 0 ? last_error() : (int32_t)n;
}

int32_t host_file_write(int32_t handle, double at, const void *bytes, uint32_t count) {
  if (count > INT32_MAX) count = INT32_MAX;
  ssize_t n;
  do n = at < 0 ? write(handle, bytes, count) : pwrite(handle, bytes, count, (off_t)at);
  while (n < 0 && errno == EINTR);
  return n < 0 ? last_error() : (int32_t)n;
}

double host_file_size(int32_t handle) {
  struct stat s;
  if (fstat(handle, &s) < 0) return last_error();
  return S_ISREG(s.st_mode) || S_ISBLK(s.st_mode) ? (double)s.st_size : DEV_ERR_UNSUPPORTED;
}

int32_t host_file_truncate(int32_t handle, double size) { return result_of(ftruncate(handle, (off_t)size)); }

int32_t host_file_flush(int32_t handle, int32_t to_disk) {
  return to_disk && handle > 2 ? result_of(fsync(handle)) : 0;
}

int32_t host_file_is_terminal(int32_t handle) { return isatty(handle) == 1; }

static int32_t with_path(const char *path, uint32_t length, int (*call)(const char *)) {
  char *name = path_of(path, length);
  if (name == NULL) return last_error();
  int32_t result = result_of(call(name));
  free(name);
  return result;
}

int32_t host_file_delete(const char *path, uint32_t length) { return with_path(path, length, unlink); }

/* After the rename the folder goes to disk too: the new name is then as durable as the bytes. */
static void flush_folder(const char *file) {
  char *folder = strdup(file), *slash = folder == NULL ? NULL : strrchr(folder, '/');
  if (slash == folder && slash != NULL) slash++;
  if (slash != NULL) *slash = 0;
  int fd = folder == NULL ? -1 : open(slash == NULL ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    (void)!fsync(fd);
    close(fd);
  }
  free(folder);
}

int32_t host_file_rename(const char *from, uint32_t from_length, const char *to, uint32_t to_length) {
  char *a = path_of(from, from_length), *b = path_of(to, to_length);
  int32_t result = a == NULL || b == NULL ? DEV_ERR_NOT_FOUND : result_of(rename(a, b));
  if (result == 0) flush_folder(b);
  free(a);
  free(b);
  return result;
}

static int make_folder(const char *path) { return mkdir(path, 0777); }
int32_t host_dir_create(const char *path, uint32_t length) { return with_path(path, length, make_folder); }
int32_t host_dir_delete(const char *path, uint32_t length) { return with_path(path, length, rmdir); }

static int32_t fill_stat(int folder, const char *name, struct host_stat *out) {
  struct stat link, s;
  if (fstatat(folder, name, &link, AT_SYMLINK_NOFOLLOW) < 0) return last_error();
  if (fstatat(folder, name, &s, 0) < 0) s = link; /* a dangling link */
  *out = (struct host_stat){.size = S_ISDIR(s.st_mode) ? 0 : (double)s.st_size,
                            .modified_us = us_of(s.st_mtim),
                            .created_us = us_of(s.st_ctim),
                            .is_dir = S_ISDIR(s.st_mode),
                            .is_symlink = S_ISLNK(link.st_mode),
                            .mode = s.st_mode & 07777};
  return 0;
}

int32_t host_file_stat(const char *path, uint32_t length, struct host_stat *stat) {
  char *name = path_of(path, length);
  if (name == NULL) return last_error();
  int32_t result = fill_stat(AT_FDCWD, name, stat);
  free(name);
  return result;
}

static int not_dots(const struct dirent *entry) {
  return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* The folder listed last, so that walking one is not quadratic; index 0 lists it afresh. */
static struct {
  char *folder;
  struct dirent **entries;
  int count;
} listing;

static void forget_listing(void) {
  for (int i = 0; i < listing.count; i++) free(listing.entries[i]);
  free(listing.entries);
  free(listing.folder);
  memset(&listing, 0, sizeof listing);
}

static int by_bytes(const struct dirent **a, const struct dirent **b) {
  return strcmp((*a)->d_name, (*b)->d_name);
}

static int32_t list(char *folder) {
  struct dirent **entries;
  forget_listing();
  int count = scandir(folder, &entries, not_dots, by_bytes);
  if (count < 0) {
    int32_t error = last_error();
    free(folder);
    return error;
  }
  listing.folder = folder;
  listing.entries = entries;
  listing.count = count;
  return 0;
}

int32_t host_dir_entry(const char *path, uint32_t length, uint32_t index, char *name, uint32_t room,
                       struct host_stat *stat) {
  char *folder = path_of(path, length);
  if (folder == NULL) return last_error();
  if (index == 0 || listing.folder == NULL || strcmp(listing.folder, folder) != 0) {
    int32_t error = list(folder);
    if (error < 0) return error;
  } else {
    free(folder);
  }
  if (index >= (uint32_t)listing.count) return 0;
  const char *entry = listing.entries[index]->d_name;
  int fd = open(listing.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int32_t result = fd < 0 ? last_error() : fill_stat(fd, entry, stat);
  if (fd >= 0) close(fd);
  if (result < 0) *stat = (struct host_stat){0}; /* gone meanwhile: its name is still an answer */
  stat->name_length = (uint32_t)strlen(entry);
  memcpy(name, entry, stat->name_length < room ? stat->name_length : room);
  return 1;
}

static int32_t put_text(const char *text, char *to, uint32_t room) {
  if (text == NULL) return -1;
  size_t length = strlen(text);
  memcpy(to, text, length < room ? length : room);
  return (int32_t)length;
}

int32_t host_working_dir(char *path, uint32_t room) {
  char *cwd = getcwd(NULL, 0);
  int32_t result = cwd != NULL ? put_text(cwd, path, room) : last_error();
  free(cwd);
  return result;
}

/* ---- process ---- */

static const char *attribute_vm = "catalyst", *attribute_image;
static const char *const *arguments;
static uint32_t argument_count;

void host_native_set_arguments(const char *vm, const char *image, const char *const *args, uint32_t count) {
  attribute_vm = vm;
  attribute_image = image;
  arguments = args;
  argument_count = count;
}

int32_t host_attribute(int32_t index, char *text, uint32_t room) {
  enum { FIRST_ARGUMENT = 2 };
  switch (index) {
    case 0: return put_text(attribute_vm, text, room);
    case 1: return put_text(attribute_image, text, room);
    case -1: return put_text("--headless", text, room); /* the first of the options given to the VM */
    case 1001: return put_text("unix", text, room);
    case 1002: return put_text("linux", text, room);
    case 1003: return put_text("native", text, room);
    case 1005: return put_text("null", text, room);
  }
  if (index < FIRST_ARGUMENT || (uint32_t)index - FIRST_ARGUMENT >= argument_count) return -1;
  return put_text(arguments[index - FIRST_ARGUMENT], text, room);
}

int32_t host_env_get(const char *name, uint32_t length, char *value, uint32_t room) {
  char *key = path_of(name, length);
  int32_t result = key == NULL ? -1 : put_text(getenv(key), value, room);
  free(key);
  return result;
}

int32_t host_env_at(uint32_t index, char *pair, uint32_t room) {
  uint32_t i = 0;
  while (i < index && environ[i] != NULL) i++;
  return put_text(environ[i], pair, room);
}

void host_random(void *bytes, uint32_t count) {
  uint8_t *p = bytes;
  while (count > 0) {
    ssize_t n = getrandom(p, count, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) abort(); /* there is no sound answer without entropy */
    p += n;
    count -= (uint32_t)n;
  }
}

void host_log(int32_t level, const char *text, uint32_t length) {
  static const char *const levels[] = {"trace", "note", "warning", "error"};
  fprintf(stderr, "catalyst: %s: %.*s\n", levels[level < 0 || level > 3 ? 3 : level], (int)length, text);
}

int32_t host_locale(char *tag, uint32_t room) {
  const char *names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
  const char *value = NULL;
  for (int i = 0; i < 3 && (value == NULL || *value == 0); i++) value = getenv(names[i]);
  char text[32];
  size_t n = value == NULL ? 0 : strcspn(value, ".@");
  if (n < 2 || n >= sizeof text || (n == 5 && strncmp(value, "POSIX", 5) == 0))
    return put_text("en", tag, room);
  memcpy(text, value, n);
  text[n] = 0;
  for (char *p = text; *p != 0; p++)
    if (*p == '_') *p = '-';
  return put_text(text, tag, room);
}

/* ---- devices: those that have functions above are here; others are what the program serves ---- */

enum { MAX_SERVED = 128 };
static struct {
  const char *name;
  host_native_device call;
} served[MAX_SERVED];

static bool is_named(const char *known, const char *name, uint32_t length) {
  return known != NULL && strlen(known) == length && memcmp(known, name, length) == 0;
}

static int32_t find_served(const char *name, uint32_t length) {
  for (int32_t i = 0; i < MAX_SERVED; i++)
    if (is_named(served[i].name, name, length)) return i;
  return -1;
}

void host_native_serve(const char *name, host_native_device call) {
  int32_t at = find_served(name, (uint32_t)strlen(name));
  for (int32_t i = 0; at < 0 && i < MAX_SERVED; i++)
    if (served[i].name == NULL) at = i;
  if (at < 0) abort();
  served[at].name = call == NULL ? NULL : name;
  served[at].call = call;
}

int32_t host_device_info(const char *name, uint32_t length, struct host_device_info *info) {
  static const char *const posix[] = {"clock",       "timezone", "files",  "streams", "attributes",
                                      "environment", "locale",   "random", "log"};
  bool is_posix = false;
  for (size_t i = 0; i < sizeof posix / sizeof *posix; i++) is_posix |= is_named(posix[i], name, length);
  *info = (struct host_device_info){.granted = true};
  info->present = is_posix || find_served(name, length) >= 0;
  const char *host = is_posix ? "POSIX" : info->present ? "the program" : "";
  const char *reason = info->present ? "" : "a native tool has none";
  info->host_length = (uint32_t)put_text(host, info->host, sizeof info->host);
  info->reason_length = (uint32_t)put_text(reason, info->reason, sizeof info->reason);
  return 0;
}

int32_t host_device_open(const char *name, uint32_t length) {
  const int32_t at = find_served(name, length);
  return at >= 0 ? at : DEV_ERR_UNSUPPORTED;
}

int32_t host_device_call(int32_t handle, uint32_t operation, const void *in, uint32_t length, void *out,
                         uint32_t room) {
  if (handle < 0 || handle >= MAX_SERVED || served[handle].call == NULL) return DEV_ERR_BAD_HANDLE;
  return served[handle].call(operation, in, length, out, room);
}

int32_t host_device_close(int32_t handle) {
  return handle >= 0 && handle < MAX_SERVED ? 0 : DEV_ERR_BAD_HANDLE;
}

/* ---- translated code: there is no WebAssembly engine in a native build ---- */

int32_t host_install_module(const void *bytes, uint32_t length, uint32_t first, uint32_t count) {
  (void)bytes, (void)length, (void)first, (void)count;
  return DEV_ERR_UNSUPPORTED;
}
int32_t host_table_grow(uint32_t by) { return by == 0 ? 0 : -1; }
void host_table_renew(uint32_t first) { (void)first; }
