/* SHA256Plugin.c: SHA-256, a block at a time. */
#include "plugins/digests/states.h"
#include "plugins/plugin.h"

static oop primitivePluginAvailable(oop *args, uint32_t argc) { return mem.true_; }
static oop primitiveInitializeState(oop *args, uint32_t argc) {
  return digest_initialize(args, sha256_start, SHA256_WORDS);
}
static oop primitiveProcessBufferWithState(oop *args, uint32_t argc) {
  return digest_process(args, sha256_block, SHA256_WORDS);
}
/* The digest has the high byte of each word first. */
static oop primitiveFinalHashFromState(oop *args, uint32_t argc) {
  if (!digest_state(args[1], SHA256_WORDS)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(args[1])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  uint32_t *words = AT(uint32_t, obj_body(args[1]));
  for (uint32_t i = 0; i < SHA256_WORDS; i++) words[i] = __builtin_bswap32(words[i]);
  return args[0];
}

#define SHA256_PRIMITIVES(X)           \
  X(primitiveFinalHashFromState, 1, 1) \
  X(primitiveInitializeState, 1, 1)    \
  X(primitivePluginAvailable, 0, 0)    \
  X(primitiveProcessBufferWithState, 2, 2)
PLUGIN_DEFINE(SHA256Plugin, SHA256_PRIMITIVES)
