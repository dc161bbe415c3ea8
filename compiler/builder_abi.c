/* builder_abi.c: the image builder as the host sees it (abi.h, vm_build_…). */
#include "abi.h"
#include "compiler/builder.h"

static struct cc_buffer built;

err_t vm_build_begin(void) {
  cc_buffer_free(&built);
  cc_build_begin();
  return NULL;
}

err_t vm_build_add(const char *name, uint32_t name_length, const char *text, uint32_t length) {
  char terminated[4096];
  if (name_length >= sizeof terminated) return "the name of a source file is too long";
  memcpy(terminated, name, name_length);
  terminated[name_length] = 0;
  cc_build_add(terminated, cc_str(text, length), CC_FORMAT_AUTO);
  return NULL;
}

err_t vm_build_finish(void) { return cc_build_finish(&built); }
const uint8_t *vm_build_bytes(void) { return (const uint8_t *)built.p; }
uint32_t vm_build_size(void) { return built.n; }
