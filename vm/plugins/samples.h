/* samples.h: what the plugins that compute sounds share: buffers of 16-bit samples, and objects whose fields
 * they read and write as the sound classes of the image lay them out. Every field is checked before a plugin
 * begins, so that it fails with nothing changed. */
#ifndef VM_PLUGINS_SAMPLES_H
#define VM_PLUGINS_SAMPLES_H

#include "primitives/checks.h"

/* A SoundBuffer: words (older images) or 16-bit units, which hold signed samples in the host's byte order. */
struct samples {
  int16_t *at;
  uint32_t count;
};

static inline bool samples_of(oop o, struct samples *samples) {
  if (!oop_is_pointer(o)) return false;
  uint32_t format = obj_format(o);
  if (format < FMT_32 || format >= FMT_8) return false;
  samples->at = AT(int16_t, obj_body(o));
  samples->count = obj_slots(o) * 2 - (format >= FMT_16 ? format & 3 : 2 * (format & 1));
  return true;
}

/* An object of at least so many fields, and no context, whose fields are elsewhere while it runs. */
static inline bool has_plain_fields(oop o, uint32_t count) {
  return oop_has_fields(o, count) && !oop_is_context(o);
}

/* Reads SmallInteger fields into int64_t variables: that is wide enough for every product of the formulas. */
struct field_read {
  uint32_t index;
  int64_t *to;
};
static inline bool read_int_fields(oop o, const struct field_read *fields, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    oop v = obj_slot(o, fields[i].index);
    if (!oop_is_int(v)) return false;
    *fields[i].to = oop_int(v);
  }
  return true;
}
/* Writes one back, cut to what a SmallInteger can hold. */
static inline void put_int_field(oop o, uint32_t index, int64_t v) {
  if (v > SMALLINT_MAX) v = SMALLINT_MAX;
  if (v < SMALLINT_MIN) v = SMALLINT_MIN;
  obj_put_raw(o, index, int_oop((int32_t)v));
}
#define READ_INT_FIELDS(o, ...)                                \
  read_int_fields(o, (const struct field_read[]){__VA_ARGS__}, \
                  sizeof((const struct field_read[]){__VA_ARGS__}) / sizeof(struct field_read))

#endif
