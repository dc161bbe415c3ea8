/* base.c: options, errors and panics. */
#include "base/config.h"
#include "base/error.h"
#include "base/options.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct vm_options vm_options = {
#define X(name, initial, meaning) .name = (initial),
    VM_OPTIONS(X)
#undef X
};

bool vm_set_option(const char *name, uint32_t value) {
#define X(option, initial, meaning) \
  if (strcmp(name, #option) == 0) { \
    vm_options.option = value;      \
    return true;                    \
  }
  VM_OPTIONS(X)
#undef X
  return false;
}

err_t err_format(const char *fmt, ...) {
  static char text[512];
  va_list args;
  va_start(args, fmt);
  vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  return text;
}

void vm_panic(const char *file, int line, const char *what) {
  fprintf(stderr, "catalyst: internal error at %s:%d: %s\n", file, line, what);
  abort();
}
