/* DropPlugin.c: the files that a person dropped on the window last, by number from 1 (Squeak's
 * DropFilesEvent). */
#include "devices/drop.h"
#include "plugins/FilePlugin.h"
#include "plugins/plugin.h"
#include "primitives/checks.h"

enum { LONGEST_PATH = 4096 };

/* The path's length; 0: there is no such file. */
static uint32_t dropped(oop number, char path[LONGEST_PATH]) {
  uint32_t index;
  if (!prim_index(number, &index) || index == 0) return 0;
  const int32_t length = dev_drop_name(index - 1, path, LONGEST_PATH);
  return length > 0 && length <= LONGEST_PATH ? (uint32_t)length : 0;
}

static oop primitiveDropRequestFileName(oop *args, uint32_t argc) {
  char path[LONGEST_PATH];
  const uint32_t length = dropped(args[1], path);
  return length > 0 ? prim_or_no_memory(mem_new_string(path, length)) : mem.nil;
}

static oop primitiveDropRequestFileHandle(oop *args, uint32_t argc) {
  char path[LONGEST_PATH];
  const uint32_t length = dropped(args[1], path);
  return length > 0 ? file_plugin_open(path, length) : mem.nil;
}

#define DROP_PRIMITIVES(X) X(primitiveDropRequestFileName, 1, 1) X(primitiveDropRequestFileHandle, 1, 1)
PLUGIN_DEFINE(DropPlugin, DROP_PRIMITIVES)
