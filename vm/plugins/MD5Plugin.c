/* MD5Plugin.c: MD5, a block at a time. */
#include "plugins/digests/states.h"
#include "plugins/plugin.h"

static oop primitivePluginAvailable(oop *args, uint32_t argc) { return mem.true_; }
static oop primitiveInitializeState(oop *args, uint32_t argc) {
  return digest_initialize(args, md5_start, MD5_WORDS);
}
static oop primitiveProcessBufferWithState(oop *args, uint32_t argc) {
  return digest_process(args, md5_block, MD5_WORDS);
}
/* The state's bytes are the digest already. */
static oop primitiveDecodeState(oop *args, uint32_t argc) {
  return digest_state(args[1], MD5_WORDS) ? args[0] : prim_fail(PRIM_ERR_BAD_ARGUMENT);
}

#define MD5_PRIMITIVES(X)           \
  X(primitiveDecodeState, 1, 1)     \
  X(primitiveInitializeState, 1, 1) \
  X(primitivePluginAvailable, 0, 0) \
  X(primitiveProcessBufferWithState, 2, 2)
PLUGIN_DEFINE(MD5Plugin, MD5_PRIMITIVES)
