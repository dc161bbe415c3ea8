/* plugin.h: how a file of named primitives makes itself known.
 *
 * A plugin is one file, plugins/NAME.c, with one X-macro of its primitives:
 *
 *   #define FOO_PRIMITIVES(X) X(primitiveBar, 1, 1) X(primitiveBaz, 0, 2)
 *   static oop primitiveBar(oop *args, uint32_t argc) { … }
 *   PLUGIN_DEFINE(FooPlugin, FOO_PRIMITIVES)
 *
 * and one row in plugins.def. What is too much for a file is in a folder beside it, plugins/bitblt. The
 * figures are the fewest and the most arguments. Primitives are written as primitives/primitive.h says.
 */
#ifndef VM_PLUGINS_PLUGIN_H
#define VM_PLUGINS_PLUGIN_H

#include "primitives/primitive.h"

struct plugin_primitive {
  const char *name;
  prim_fn function;
  uint8_t least, most; /* arguments */
};

struct plugin {
  const char *name;
  const struct plugin_primitive *primitives;
  uint32_t count;
};

/* The plugins in table order, from 0; NULL past the end. */
const struct plugin *plugin_at(uint32_t index);

#define PLUGIN_ROW(function, least, most) {#function, function, least, most},
#define PLUGIN_DEFINE(module, LIST) PLUGIN_DEFINE_AS(module, #module, LIST)
/* The same for a plugin whose name in images is another. */
#define PLUGIN_DEFINE_AS(module, image_name, LIST)                           \
  static const struct plugin_primitive module##_rows[] = {LIST(PLUGIN_ROW)}; \
  const struct plugin plugin_##module = {.name = image_name,                 \
                                         .primitives = module##_rows,        \
                                         .count = sizeof module##_rows / sizeof *module##_rows};

#endif
