/* errors.h: what can go wrong at the host boundary and in the devices: one table. The JavaScript hosts have
 * the numbers in web/runtime/errors.js; a test compares them. */
#ifndef VM_DEVICES_ERRORS_H
#define VM_DEVICES_ERRORS_H

/* X(name, number, a few words for a person) */
#define DEV_ERRORS(X)               \
  X(FAILED, -1, "failed")           \
  X(NOT_FOUND, -2, "not found")     \
  X(DENIED, -3, "not permitted")    \
  X(EXISTS, -4, "exists already")   \
  X(NOT_DIR, -5, "not a directory") \
  X(IS_DIR, -6, "is a directory")   \
  X(NO_SPACE, -7, "no space left")  \
  X(BAD_HANDLE, -8, "not open")     \
  X(WOULD_BLOCK, -9, "would block") \
  X(UNSUPPORTED, -10, "not supported here")

enum dev_err {
#define X(name, number, text) DEV_ERR_##name = (number),
  DEV_ERRORS(X)
#undef X
};

#endif
