/* CroquetPlugin.c: the one primitive that images other than Croquet's use of it. */
#include "devices/process.h"
#include "plugins/plugin.h"
#include "primitives/checks.h"

/* Fills a byte object with bytes that nobody can foresee, and answers whether it could. */
static oop primitiveGatherEntropy(oop *args, uint32_t argc) {
  if (!oop_is_bytes(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(args[1])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  dev_random(obj_bytes(args[1]), obj_byte_size(args[1]));
  return mem.true_;
}

#define CROQUET_PRIMITIVES(X) X(primitiveGatherEntropy, 1, 1)
PLUGIN_DEFINE(CroquetPlugin, CROQUET_PRIMITIVES)
