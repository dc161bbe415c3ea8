/* FilePlugin.h: what other plugins need of files. */
#ifndef VM_PLUGINS_FILEPLUGIN_H
#define VM_PLUGINS_FILEPLUGIN_H

#include "base/oop.h"

#include <stdint.h>

/* Opens a file for reading and answers its handle, as primitiveFileOpen does, or fails. */
oop file_plugin_open(const char *path, uint32_t length);

#endif
