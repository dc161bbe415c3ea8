/* SecurityPlugin.c: what images ask about their rights. The host decides for each file, so these answers
 * are the plain ones; rights that an image gives up here it does not get back. */
#include "devices/process.h"
#include "plugins/plugin.h"
#include "primitives/checks.h"

static oop primitiveCanWriteImage(oop *args, uint32_t argc) { return mem_bool(dev_may_write_image()); }
static oop primitiveDisableImageWrite(oop *args, uint32_t argc) {
  dev_forbid_image_write();
  return args[0];
}

/* The working folder, for both: there is no other that the host surely permits. */
static oop folder(void) {
  char text[4096];
  int32_t length = dev_working_dir(text, sizeof text);
  if (length < 0 || (uint32_t)length > sizeof text) return prim_fail(PRIM_ERR_NOT_FOUND);
  return prim_or_no_memory(mem_new_string(text, (uint32_t)length));
}
static oop primitiveGetSecureUserDirectory(oop *args, uint32_t argc) { return folder(); }
static oop primitiveGetUntrustedUserDirectory(oop *args, uint32_t argc) { return folder(); }

#define SECURITY_PRIMITIVES(X)             \
  X(primitiveCanWriteImage, 0, 0)          \
  X(primitiveDisableImageWrite, 0, 0)      \
  X(primitiveGetSecureUserDirectory, 0, 0) \
  X(primitiveGetUntrustedUserDirectory, 0, 0)
PLUGIN_DEFINE(SecurityPlugin, SECURITY_PRIMITIVES)
