/* ADPCMCodecPlugin.c: the inner loops of ADPCMCodec: 16-bit samples as differences of 2 to 5 bits from a
 * prediction (the IMA's reference algorithm, with tables that the codec brings along). A stream consists of
 * frames: a sample of 16 bits and a step's index of 6, of each side, then differences; the highest bit comes
 * first. All checks are made before the first sample: how many bits a call reads or writes follows from its
 * count.
 */
#include "plugins/plugin.h"
#include "plugins/samples.h"

/* Fields of ADPCMCodec. `predicted` and `index` are SmallIntegers, in stereo SoundBuffers of two. */
enum { CODEC_PREDICTED, CODEC_INDEX, CODEC_SIGN_MASK, CODEC_VALUE_MASK, CODEC_HIGH_BIT, CODEC_FRAME_MASK };
enum { CODEC_BYTE = 6, CODEC_BIT, CODEC_BYTE_INDEX, CODEC_BYTES, CODEC_SAMPLES, CODEC_RIGHT_SAMPLES };
enum { CODEC_SAMPLE_INDEX = 12, CODEC_WIDTH, CODEC_STEPS, CODEC_CHANGES, CODEC_FIELDS };

enum { STEPS = 89, SAMPLE_BITS = 16, INDEX_BITS = 6, BYTE_BITS = 8, MAX_WIDTH = 8, SIDES = 2 };
/* Only the steps that 6 bits can name begin a frame. */
enum { FIRST_STEPS = 62, LARGEST_FIRST = 63 };

struct side {
  int64_t predicted, index, step;
  int16_t *samples; /* the next one */
};

struct codec {
  oop object;
  struct side side[SIDES];
  uint32_t sides;
  int64_t sign_mask, value_mask, high_bit, frame_mask, width;
  int64_t byte, bit, byte_index, sample_index; /* bit: of `byte` that are left to read, or already written */
  struct samples steps, changes;
  uint8_t *bytes;
  uint32_t count, room; /* samples of this call; bytes there are */
};

/* ---- bits ---- */

static uint32_t get_bits(struct codec *c, int64_t width) {
  uint32_t result = 0;
  c->byte &= (1 << c->bit) - 1;
  for (;;) {
    const int64_t more = width - c->bit;
    if (more <= 0) {
      c->bit -= width;
      result += (uint32_t)(c->byte >> c->bit);
      c->byte &= (1 << c->bit) - 1;
      return result;
    }
    result += (uint32_t)c->byte << more;
    width = more;
    c->byte = c->bytes[c->byte_index++];
    c->bit = BYTE_BITS;
  }
}

static void put_bits(struct codec *c, int64_t width, uint32_t value) {
  value &= (1u << width) - 1;
  while (width > BYTE_BITS - c->bit) {
    width -= BYTE_BITS - c->bit;
    c->bytes[c->byte_index++] = (uint8_t)(c->byte | value >> width);
    value &= (1u << width) - 1;
    c->byte = c->bit = 0;
  }
  c->bit += width;
  c->byte |= value << (BYTE_BITS - c->bit);
}

/* ---- samples ---- */

static bool begins_frame(const struct codec *c, uint32_t i) { return (i & c->frame_mask) == 1; }

static int64_t clamped(int64_t v, int64_t least, int64_t most) {
  return v < least ? least : v > most ? most : v;
}

/* Takes a difference from the prediction. */
static void predict(const struct codec *c, struct side *s, int64_t difference, bool down, int64_t value) {
  s->predicted = clamped(s->predicted + (down ? -difference : difference), INT16_MIN, INT16_MAX);
  s->index = clamped(s->index + c->changes.at[value], 0, STEPS - 1);
}

static void decode_side(struct codec *c, struct side *s, uint32_t coded) {
  int64_t step = c->steps.at[s->index], difference = 0;
  for (int64_t bit = c->high_bit; bit > 0; bit >>= 1, step >>= 1)
    if (coded & bit) difference += step;
  predict(c, s, difference + step, (coded & c->sign_mask) > 0, coded & c->value_mask);
}

static void decode_header(struct codec *c, struct side *s) {
  s->predicted = (int16_t)get_bits(c, SAMPLE_BITS);
  s->index = get_bits(c, INDEX_BITS);
}

static void decode(struct codec *c) {
  for (uint32_t i = 1; i <= c->count; i++) {
    uint32_t coded[SIDES];
    if (begins_frame(c, i)) {
      for (uint32_t k = 0; k < c->sides; k++) decode_header(c, &c->side[k]);
    } else {
      for (uint32_t k = 0; k < c->sides; k++) coded[k] = get_bits(c, c->width);
      for (uint32_t k = 0; k < c->sides; k++) decode_side(c, &c->side[k], coded[k]);
    }
    for (uint32_t k = 0; k < c->sides; k++) *c->side[k].samples++ = (int16_t)c->side[k].predicted;
  }
}

/* The smallest first step that reaches from one sample to the next. */
static int64_t first_index(const struct codec *c, int64_t from, int64_t to) {
  const int64_t distance = from < to ? to - from : from - to;
  for (int64_t i = 0; i < FIRST_STEPS; i++)
    if (c->steps.at[i] >= distance) return i + 1;
  return LARGEST_FIRST;
}

static void encode_sample(struct codec *c, struct side *s, int64_t sample) {
  int64_t step = s->step, left = sample - s->predicted, difference = 0, value = 0;
  const bool down = left < 0;
  if (down) left = -left;
  for (int64_t bit = c->high_bit; bit > 0; bit >>= 1, step >>= 1)
    if (left >= step) {
      value += bit;
      difference += step;
      left -= step;
    }
  predict(c, s, difference + step, down && c->sign_mask > 0, value);
  s->step = c->steps.at[s->index];
  put_bits(c, c->width, (uint32_t)((down ? c->sign_mask : 0) | value));
}

/* The step after a frame's header is still the one before it: so the codec of the image does it. */
static void encode(struct codec *c) {
  struct side *s = &c->side[0];
  s->step = c->steps.at[0];
  for (uint32_t i = 1; i <= c->count; i++) {
    const int16_t sample = *s->samples++;
    if (begins_frame(c, i)) {
      s->predicted = sample;
      put_bits(c, SAMPLE_BITS, (uint16_t)sample);
      if (i < c->count) s->index = first_index(c, sample, *s->samples);
      put_bits(c, INDEX_BITS, (uint32_t)s->index);
    } else {
      encode_sample(c, s, sample);
    }
  }
  if (c->bit > 0) c->bytes[c->byte_index++] = (uint8_t)c->byte;
}

/* ---- the codec object ---- */

/* Bits of `count` samples of all sides. */
static uint64_t bits_of(const struct codec *c) {
  uint64_t bits = 0;
  for (uint32_t i = 1; i <= c->count; i++)
    bits += begins_frame(c, i) ? SAMPLE_BITS + INDEX_BITS : (uint64_t)c->width;
  return bits * c->sides;
}

static bool read_side(struct codec *c, uint32_t k, oop samples_oop) {
  struct samples samples, predicted, index;
  struct side *s = &c->side[k];
  if (!samples_of(samples_oop, &samples)) return false;
  if (c->sample_index < 0 || c->sample_index + c->count > samples.count) return false;
  s->samples = samples.at + c->sample_index;
  if (c->sides == 1) {
    if (!READ_INT_FIELDS(c->object, {CODEC_PREDICTED, &s->predicted}, {CODEC_INDEX, &s->index})) return false;
  } else {
    if (!samples_of(obj_slot(c->object, CODEC_PREDICTED), &predicted) || predicted.count < SIDES ||
        !samples_of(obj_slot(c->object, CODEC_INDEX), &index) || index.count < SIDES)
      return false;
    s->predicted = predicted.at[k];
    s->index = index.at[k];
  }
  return s->index >= 0 && s->index < STEPS;
}

/* All that the loops take for granted. */
static bool read_codec(struct codec *c, oop object, oop count, uint32_t sides) {
  *c = (struct codec){.object = object, .sides = sides};
  if (!has_plain_fields(object, CODEC_FIELDS) || !prim_index(count, &c->count)) return false;
  const oop bytes = obj_slot(object, CODEC_BYTES);
  if (!oop_is_bytes(bytes) || !samples_of(obj_slot(object, CODEC_STEPS), &c->steps) ||
      !samples_of(obj_slot(object, CODEC_CHANGES), &c->changes) ||
      !READ_INT_FIELDS(object, {CODEC_SIGN_MASK, &c->sign_mask}, {CODEC_VALUE_MASK, &c->value_mask},
                       {CODEC_HIGH_BIT, &c->high_bit}, {CODEC_FRAME_MASK, &c->frame_mask},
                       {CODEC_BYTE, &c->byte}, {CODEC_BIT, &c->bit}, {CODEC_BYTE_INDEX, &c->byte_index},
                       {CODEC_SAMPLE_INDEX, &c->sample_index}, {CODEC_WIDTH, &c->width}))
    return false;
  c->bytes = obj_bytes(bytes);
  c->room = obj_byte_size(bytes);
  if (c->width < 1 || c->width > MAX_WIDTH || c->bit < 0 || c->bit > BYTE_BITS || c->byte < 0 ||
      c->byte > UINT8_MAX || c->byte_index < 0 || c->byte_index > c->room)
    return false;
  /* What indexes the table of changes: the value's bits, or a sum of the high bit and those below. */
  if (c->value_mask < 0 || c->value_mask >= c->changes.count || c->high_bit < 0 ||
      2 * c->high_bit > c->changes.count || c->steps.count < STEPS || c->sign_mask < 0)
    return false;
  return read_side(c, 0, obj_slot(object, CODEC_SAMPLES)) &&
         (sides == 1 || read_side(c, 1, obj_slot(object, CODEC_RIGHT_SAMPLES)));
}

static void write_codec(const struct codec *c) {
  struct samples predicted, index;
  for (uint32_t k = 0; k < c->sides; k++)
    if (c->sides == 1) {
      put_int_field(c->object, CODEC_PREDICTED, c->side[0].predicted);
      put_int_field(c->object, CODEC_INDEX, c->side[0].index);
    } else if (samples_of(obj_slot(c->object, CODEC_PREDICTED), &predicted) &&
               samples_of(obj_slot(c->object, CODEC_INDEX), &index)) {
      predicted.at[k] = (int16_t)c->side[k].predicted;
      index.at[k] = (int16_t)c->side[k].index;
    }
  put_int_field(c->object, CODEC_BYTE, c->byte);
  put_int_field(c->object, CODEC_BIT, c->bit);
  put_int_field(c->object, CODEC_BYTE_INDEX, c->byte_index);
  put_int_field(c->object, CODEC_SAMPLE_INDEX, c->sample_index + c->count);
}

static oop run_decoder(oop *args, uint32_t sides) {
  struct codec c;
  if (!read_codec(&c, args[0], args[1], sides)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  const uint64_t bits = bits_of(&c), present = (uint64_t)c.bit;
  if (bits > present && (bits - present + BYTE_BITS - 1) / BYTE_BITS > (uint64_t)(c.room - c.byte_index))
    return prim_fail(PRIM_ERR_BAD_INDEX);
  if (obj_is_immutable(c.object) || obj_is_immutable(obj_slot(c.object, CODEC_SAMPLES)) ||
      (sides > 1 && (obj_is_immutable(obj_slot(c.object, CODEC_RIGHT_SAMPLES)) ||
                     obj_is_immutable(obj_slot(c.object, CODEC_PREDICTED)) ||
                     obj_is_immutable(obj_slot(c.object, CODEC_INDEX)))))
    return prim_fail(PRIM_ERR_NO_MODIFICATION);
  decode(&c);
  write_codec(&c);
  return args[0];
}

static oop primitiveDecodeMono(oop *args, uint32_t argc) { return run_decoder(args, 1); }
static oop primitiveDecodeStereo(oop *args, uint32_t argc) { return run_decoder(args, SIDES); }

static oop primitiveEncodeMono(oop *args, uint32_t argc) {
  struct codec c;
  if (!read_codec(&c, args[0], args[1], 1)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (((uint64_t)c.bit + bits_of(&c) + BYTE_BITS - 1) / BYTE_BITS > (uint64_t)(c.room - c.byte_index))
    return prim_fail(PRIM_ERR_BAD_INDEX);
  if (obj_is_immutable(c.object) || obj_is_immutable(obj_slot(c.object, CODEC_BYTES)))
    return prim_fail(PRIM_ERR_NO_MODIFICATION);
  encode(&c);
  write_codec(&c);
  return args[0];
}

/* The codec of the image has none either: it fails, and the image says so. */
static oop primitiveEncodeStereo(oop *args, uint32_t argc) { return prim_fail(PRIM_ERR_UNSUPPORTED); }

#define ADPCM_PRIMITIVES(X)      \
  X(primitiveDecodeMono, 1, 1)   \
  X(primitiveDecodeStereo, 1, 1) \
  X(primitiveEncodeMono, 1, 1)   \
  X(primitiveEncodeStereo, 1, 1)
PLUGIN_DEFINE(ADPCMCodecPlugin, ADPCM_PRIMITIVES)
