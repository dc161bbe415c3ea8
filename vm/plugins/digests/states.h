/* states.h: digests whose states are ByteArrays of words, low byte first: the primitives' common part. */
#ifndef VM_PLUGINS_DIGESTS_STATES_H
#define VM_PLUGINS_DIGESTS_STATES_H

#include <string.h>

#include "plugins/digests/digests.h"
#include "primitives/checks.h"

static inline bool digest_state(oop o, uint32_t words) {
  return oop_is_bytes(o) && obj_byte_size(o) >= 4 * words;
}

/* initializeState: state */
static inline oop digest_initialize(const oop *args, const uint32_t *start, uint32_t words) {
  if (!digest_state(args[1], words)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(args[1])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  memcpy(obj_bytes(args[1]), start, 4 * words);
  return args[0];
}

/* processBuffer: bytes withState: state, which may be one object. */
static inline oop digest_process(const oop *args, void (*step)(uint32_t *state, const uint8_t *block),
                                 uint32_t words) {
  uint8_t block[DIGEST_BLOCK];
  if (!oop_is_bytes(args[1]) || obj_byte_size(args[1]) < DIGEST_BLOCK || !digest_state(args[2], words))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(args[2])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  memcpy(block, obj_bytes(args[1]), sizeof block);
  step(AT(uint32_t, obj_body(args[2])), block);
  return args[0];
}

#endif
