/* UUIDPlugin.c: random UUIDs (RFC 9562, version 4). */
#include "devices/process.h"
#include "plugins/plugin.h"
#include "primitives/checks.h"

enum { UUID_BYTES = 16, VERSION_BYTE = 6, VARIANT_BYTE = 8 };

/* Fills the receiver, 16 bytes. */
static oop primitiveMakeUUID(oop *args, uint32_t argc) {
  oop o = args[0];
  if (!oop_is_bytes(o) || obj_byte_size(o) != UUID_BYTES) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (obj_is_immutable(o)) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  uint8_t *bytes = obj_bytes(o);
  dev_random(bytes, UUID_BYTES);
  bytes[VERSION_BYTE] = (uint8_t)((bytes[VERSION_BYTE] & 0x0F) | 0x40);
  bytes[VARIANT_BYTE] = (uint8_t)((bytes[VARIANT_BYTE] & 0x3F) | 0x80);
  return o;
}

#define UUID_PRIMITIVES(X) X(primitiveMakeUUID, 0, 0)
PLUGIN_DEFINE(UUIDPlugin, UUID_PRIMITIVES)
