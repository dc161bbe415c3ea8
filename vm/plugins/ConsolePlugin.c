/* ConsolePlugin.c: a line on the console, for headless images that log with `primitiveLog:level:`. */
#include "devices/file.h"
#include "plugins/plugin.h"
#include "primitives/checks.h"

#include <string.h>

static bool is_level(oop o, const char *name) {
  return obj_byte_size(o) == strlen(name) && memcmp(obj_bytes(o), name, strlen(name)) == 0;
}

/* aString level: 'log' | 'info' | 'warn' | 'error': answers the receiver. */
static oop log_with_level(oop *args, uint32_t argc) {
  oop message = args[argc - 1], level = args[argc];
  if (!oop_is_bytes(message) || !oop_is_bytes(level)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const int32_t to = is_level(level, "warn") || is_level(level, "error") ? DEV_STDERR : DEV_STDOUT;
  dev_file_write(to, obj_bytes(message), obj_byte_size(message));
  dev_file_write(to, "\n", 1);
  return args[0];
}

static const struct plugin_primitive rows[] = {{"primitiveLog:level:", log_with_level, 2, 2}};
const struct plugin plugin_ConsolePlugin = {
    .name = "ConsolePlugin", .primitives = rows, .count = sizeof rows / sizeof *rows};
