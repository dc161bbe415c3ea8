/* UnixOSProcessPlugin.c: where the VM was started, which Cuis asks this plugin for. Processes of the host are
 * not an image's business. */
#include "devices/process.h"
#include "plugins/plugin.h"
#include "primitives/checks.h"

static oop primitiveGetCurrentWorkingDirectory(oop *args, uint32_t argc) {
  char path[4096];
  const int32_t length = dev_working_dir(path, sizeof path);
  if (length < 0 || (uint32_t)length > sizeof path) return prim_fail(PRIM_ERR_NOT_FOUND);
  return prim_or_no_memory(mem_new_string(path, (uint32_t)length));
}

#define UNIX_OS_PROCESS_PRIMITIVES(X) X(primitiveGetCurrentWorkingDirectory, 0, 0)
PLUGIN_DEFINE(UnixOSProcessPlugin, UNIX_OS_PROCESS_PRIMITIVES)
