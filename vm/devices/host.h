/* host.h: the whole boundary between the core and its host: one list of imported functions.
 *
 * In the wasm build each is an import of module "host" (web/runtime supplies it); in the native build
 * host_native.c supplies it with POSIX calls. Strings are bytes (UTF-8) with a length, never
 * zero-terminated. Addresses are linear-memory pointers. Errors are the negative numbers of errors.h;
 * DENIED is by permission: outside the allowed folders, or read-only.
 * Only files in vm/devices include this header.
 */
#ifndef VM_DEVICES_HOST_H
#define VM_DEVICES_HOST_H

#include <stdint.h>

#include "devices/errors.h"

#ifdef __wasm__
#define HOST(name) __attribute__((import_module("host"), import_name(#name)))
#else
#define HOST(name)
#endif

/* ---- clocks ---- */
HOST(clock_us) double host_clock_us(void); /* monotonic, microseconds, arbitrary start */
HOST(utc_us) double host_utc_us(void);     /* microseconds since 1970, UTC */
/* The image has looked at a clock, or whether there is input. Answers whether that made time pass, which it
 * does where nothing else does. */
HOST(clock_look) int32_t host_clock_look(void);
HOST(tz_offset_s) int32_t host_tz_offset_s(double utc_us); /* local minus UTC, seconds, at that moment */

/* ---- files: handles are small non-negative integers; 0, 1, 2 are the standard streams ---- */
enum {
  HOST_OPEN_READ = 1,
  HOST_OPEN_WRITE = 2,
  HOST_OPEN_CREATE = 4,
  HOST_OPEN_TRUNCATE = 8,
  HOST_OPEN_EXCLUSIVE = 16
};
HOST(file_open) int32_t host_file_open(const char *path, uint32_t length, uint32_t flags);
HOST(file_close) int32_t host_file_close(int32_t handle);
HOST(file_read)
int32_t host_file_read(int32_t handle, double at, void *bytes, uint32_t count); /* at < 0: stream */
HOST(file_write) int32_t host_file_write(int32_t handle, double at, const void *bytes, uint32_t count);
HOST(file_size) double host_file_size(int32_t handle);
HOST(file_truncate) int32_t host_file_truncate(int32_t handle, double size);
HOST(file_flush) int32_t host_file_flush(int32_t handle, int32_t to_disk); /* fsync when to_disk */
HOST(file_is_terminal) int32_t host_file_is_terminal(int32_t handle);
HOST(file_delete) int32_t host_file_delete(const char *path, uint32_t length);
HOST(file_rename)
int32_t host_file_rename(const char *from, uint32_t from_length, const char *to, uint32_t to_length);
HOST(dir_create) int32_t host_dir_create(const char *path, uint32_t length);
HOST(dir_delete) int32_t host_dir_delete(const char *path, uint32_t length);

/* Facts of one directory entry. */
struct host_stat {
  double size;        /* bytes */
  double modified_us; /* since 1970 UTC */
  double created_us;
  uint32_t is_dir;
  uint32_t is_symlink;
  uint32_t mode;        /* POSIX permission bits */
  uint32_t name_length; /* filled by dir_entry */
};
HOST(file_stat) int32_t host_file_stat(const char *path, uint32_t length, struct host_stat *stat);
/* Entry `index` (from 0) of a directory, in name order; its name goes to `name` (at most `room` bytes).
 * 1: there; 0: past the end; or an error. */
HOST(dir_entry)
int32_t host_dir_entry(const char *path, uint32_t length, uint32_t index, char *name, uint32_t room,
                       struct host_stat *stat);
HOST(working_dir) int32_t host_working_dir(char *path, uint32_t room); /* its length */

/* ---- process ---- */
/* System attribute `index` as in Smalltalk getSystemAttribute: (0 VM path, 1 image path, 2… arguments,
 * 1001…): its length, or -1 for none. Arguments and environment are what the host chose to show. */
HOST(attribute) int32_t host_attribute(int32_t index, char *text, uint32_t room);
HOST(env_get) int32_t host_env_get(const char *name, uint32_t length, char *value, uint32_t room);
HOST(env_at) int32_t host_env_at(uint32_t index, char *pair, uint32_t room); /* "NAME=value" or -1 */
HOST(random) void host_random(void *bytes, uint32_t count);                  /* cryptographic */
/* One line for a person, from the VM itself: level 0 trace, 1 note, 2 warning, 3 error. */
HOST(log) void host_log(int32_t level, const char *text, uint32_t length);
/* The locale tag, such as "en-GB": its length. */
HOST(locale) int32_t host_locale(char *tag, uint32_t room);

/* ---- devices without functions of their own: the host knows them by their name in devices.def ---- */
struct host_device_info {
  uint32_t present, granted; /* by permission */
  uint32_t host_length, reason_length;
  char host[64];    /* what serves it */
  char reason[192]; /* why it is absent */
};
HOST(device_info)
int32_t host_device_info(const char *name, uint32_t length, struct host_device_info *info);
/* A handle, UNSUPPORTED where it is absent, or DENIED. */
HOST(device_open) int32_t host_device_open(const char *name, uint32_t length);
/* Does one of the operations that the device's file numbers. `in` goes to the host, and what it answers to
 * `out`: its whole length, so more than `room` means cut off; or an error. */
HOST(device_call)
int32_t host_device_call(int32_t handle, uint32_t operation, const void *in, uint32_t length, void *out,
                         uint32_t room);
HOST(device_close) int32_t host_device_close(int32_t handle);

/* ---- translated code ---- */
/* Compiles and instantiates a module whose functions go to table slots first … first + count - 1 (the module
 * has an active element segment for them). 0 or a negative error; the text of a failure is logged. */
HOST(install_module)
int32_t host_install_module(const void *bytes, uint32_t length, uint32_t first, uint32_t count);
/* Grows the function table; answers the old size or -1. */
HOST(table_grow) int32_t host_table_grow(uint32_t by);
/* Takes all functions out of slots from `first` on and forgets their modules. None of them may be running. */
HOST(table_renew) void host_table_renew(uint32_t first);

#endif
