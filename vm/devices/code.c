/* code.c: the host's side of translated code (code.h). */
#include "devices/code.h"

#include "devices/host.h"

bool dev_code_install(const void *bytes, uint32_t length, uint32_t first, uint32_t count) {
  return host_install_module(bytes, length, first, count) == 0;
}

uint32_t dev_code_grow(uint32_t by) {
  const int32_t old = host_table_grow(by);
  return old > 0 ? (uint32_t)old : 0;
}

void dev_code_renew(uint32_t first) { host_table_renew(first); }
