/* JPEGReaderPlugin.c: the inner loops of the image's own JPEGReadStream and JPEGReadWriter: Huffman decoding,
 * inverse transform, and colours with error diffusion. What they calculate, with samples around 127 and
 * without rounding in the transform, is what that Smalltalk code calculates (VMMaker's JPEGReaderPlugin);
 * files as a whole are read by JPEGReadWriter2Plugin.
 */
#include "plugins/jpeg/jpeg.h"
#include "plugins/plugin.h"
#include "primitives/checks.h"

enum { MAX_SAMPLE = 255, SAMPLE_OFFSET = 127, MAX_BLOCKS = 128 };
/* Fields of JPEGColorComponent and of JPEGReadStream. */
enum component_field {
  CC_H_SCALE = 2,
  CC_V_SCALE = 3,
  CC_BLOCKS = 4,
  CC_BLOCKS_ACROSS = 5,
  CC_MCU_WIDTH = 8,
  CC_PRIOR_DC = 10,
  CC_FIELDS
};
enum stream_field { JS_BYTES, JS_POSITION, JS_LIMIT, JS_BIT_BUFFER, JS_BIT_COUNT, JS_FIELDS };

static int32_t *words(oop o) { return AT(int32_t, obj_body(o)); }
static bool is_block(oop o) { return oop_is_words(o) && obj_slots(o) == JPEG_BLOCK_SIZE; }

/* ---- decoding ---- */

struct stream {
  const uint8_t *bytes;
  uint32_t position, limit, buffer, count;
};
enum { MAX_BITS = 16, MAX_BITS_KEPT = 24 };

static bool read_stream(oop o, struct stream *s) {
  if (!oop_has_fields(o, JS_FIELDS) || !oop_is_bytes(obj_slot(o, JS_BYTES)) ||
      !prim_index(obj_slot(o, JS_POSITION), &s->position) || !prim_index(obj_slot(o, JS_LIMIT), &s->limit) ||
      !prim_index(obj_slot(o, JS_BIT_BUFFER), &s->buffer) ||
      !prim_index(obj_slot(o, JS_BIT_COUNT), &s->count) || s->limit > obj_byte_size(obj_slot(o, JS_BYTES)) ||
      s->position >= s->limit || s->count > MAX_BITS_KEPT || s->buffer >> s->count != 0)
    return false;
  s->bytes = obj_bytes(obj_slot(o, JS_BYTES));
  return true;
}

/* The byte 0xFF is data when a 0 follows, else a marker, at which the stream stays. */
static void fill(struct stream *s) {
  while (s->count <= MAX_BITS && s->position < s->limit) {
    const uint8_t byte = s->bytes[s->position];
    if (byte == 0xFF && (s->position + 1 >= s->limit || s->bytes[s->position + 1] != 0)) return;
    s->position += byte == 0xFF ? 2 : 1;
    s->buffer = s->buffer << 8 | byte;
    s->count += 8;
  }
}

static bool next_bits(struct stream *s, uint32_t n, uint32_t *value) {
  if (n > s->count) fill(s);
  if (n > s->count) return false;
  s->count -= n;
  *value = s->buffer >> s->count;
  s->buffer &= (1u << s->count) - 1;
  return true;
}

/* A table as InflateStream has them (zip/inflate.c). */
static bool decode(struct stream *s, oop table, uint32_t *value) {
  enum { BITS_SHIFT = 24, IS_TABLE = 0x3F000000 };
  const uint32_t size = obj_slots(table);
  if (size == 0) return false;
  uint32_t first = 1, bits = obj_slot(table, 0) >> BITS_SHIFT, index;
  while (bits <= MAX_BITS && next_bits(s, bits, &index)) {
    index += first;
    if (index >= size) return false;
    *value = obj_slot(table, index);
    if ((*value & IS_TABLE) == 0) return true;
    if ((*value & 0xFFFF) == 0) return false;
    first = (*value & 0xFFFF) - 1;
    bits = *value >> BITS_SHIFT;
  }
  return false;
}

/* A number of n bits; those that begin with 0 are negative. */
static bool next_number(struct stream *s, uint32_t n, int32_t *value) {
  uint32_t bits = 0;
  if (n > MAX_BITS || !next_bits(s, n, &bits)) return false;
  *value = n == 0 || bits >> (n - 1) != 0 ? (int32_t)bits : (int32_t)bits - (1 << n) + 1;
  return true;
}

static bool decode_block(struct stream *s, int32_t *block, oop dc, oop ac, int32_t *prior) {
  uint32_t code;
  int32_t value;
  if (!decode(s, dc, &code) || !next_number(s, code, &value) || !int_fits((int64_t)*prior + value))
    return false;
  *prior += value;
  block[0] = *prior;
  for (uint32_t i = 1; i < JPEG_BLOCK_SIZE; i++) block[i] = 0;
  for (uint32_t i = 1; i < JPEG_BLOCK_SIZE; i++) {
    if (!decode(s, ac, &code)) return false;
    const uint32_t zeros = code >> 4, n = code & 15;
    if (n == 0 && zeros != 15) return true;
    i += zeros;
    if (i >= JPEG_BLOCK_SIZE) return n == 0;
    if (n == 0) continue;
    if (!next_number(s, n, &value)) return false;
    block[jpeg_natural_order[i]] = value;
  }
  return true;
}

/* decodeBlockInto: block component: component dcTable: dc acTable: ac stream: stream */
static oop primitiveDecodeMCU(oop *args, uint32_t argc) {
  struct stream s;
  const oop component = args[2], stream = args[5];
  if (!is_block(args[1]) || !oop_has_fields(component, CC_FIELDS) ||
      !oop_is_int(obj_slot(component, CC_PRIOR_DC)) || !oop_is_words(args[3]) || !oop_is_words(args[4]) ||
      !read_stream(stream, &s))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(args[1]) || obj_is_immutable(component) || obj_is_immutable(stream))
    return prim_fail(PRIM_ERR_NO_MODIFICATION);
  int32_t prior = oop_int(obj_slot(component, CC_PRIOR_DC));
  if (!decode_block(&s, words(args[1]), args[3], args[4], &prior)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  obj_put_raw(stream, JS_POSITION, int_oop((int32_t)s.position));
  obj_put_raw(stream, JS_BIT_BUFFER, int_oop((int32_t)s.buffer));
  obj_put_raw(stream, JS_BIT_COUNT, int_oop((int32_t)s.count));
  obj_put_raw(component, CC_PRIOR_DC, int_oop(prior));
  return args[0];
}

/* ---- the inverse transform ---- */

static int32_t scaled(int32_t coefficient, int32_t by) {
  return (int32_t)((uint32_t)coefficient * (uint32_t)by);
}

/* A column. One of a first coefficient alone takes the quantization of the first column. */
static void read_column(const int32_t *block, const int32_t *quantization, int x, int32_t in[JPEG_BLOCK]) {
  bool alone = true;
  for (int y = 0; y < JPEG_BLOCK; y++) {
    const int i = y * JPEG_BLOCK + x;
    in[y] = scaled(block[i], quantization[i]);
    if (y > 0 && block[i] != 0) alone = false;
  }
  if (alone)
    for (int y = 0; y < JPEG_BLOCK; y++) in[y] = y == 0 ? scaled(block[x], quantization[0]) : 0;
}

/* idctBlockInt: block qt: quantization, in place. */
static oop primitiveIdctInt(oop *args, uint32_t argc) {
  enum { AFTER_COLUMNS = 11, AFTER_ROWS = 18 };
  int32_t in[JPEG_BLOCK], out[JPEG_BLOCK], kept[JPEG_BLOCK_SIZE];
  if (!is_block(args[1]) || !is_block(args[2])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(args[1])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  int32_t *block = words(args[1]);
  for (int x = 0; x < JPEG_BLOCK; x++) {
    read_column(block, words(args[2]), x, in);
    jpeg_idct_1d(in, out);
    for (int y = 0; y < JPEG_BLOCK; y++) kept[y * JPEG_BLOCK + x] = out[y] >> AFTER_COLUMNS;
  }
  for (int y = 0; y < JPEG_BLOCK; y++) {
    jpeg_idct_1d(kept + y * JPEG_BLOCK, out);
    for (int x = 0; x < JPEG_BLOCK; x++)
      block[y * JPEG_BLOCK + x] = jpeg_clamp((out[x] >> AFTER_ROWS) + SAMPLE_OFFSET);
  }
  return args[0];
}

/* ---- colours ---- */

struct component {
  const int32_t *blocks[MAX_BLOCKS];
  uint32_t count, h_scale, v_scale, blocks_across, width; /* width: of the MCU in pixels */
};

/* A component and its blocks, enough of them for n pixels. */
static bool read_component(oop o, uint32_t n, struct component *c) {
  uint32_t mcu_blocks;
  if (!oop_has_fields(o, CC_FIELDS) || !prim_index(obj_slot(o, CC_H_SCALE), &c->h_scale) ||
      !prim_index(obj_slot(o, CC_V_SCALE), &c->v_scale) ||
      !prim_index(obj_slot(o, CC_BLOCKS_ACROSS), &c->blocks_across) ||
      !prim_index(obj_slot(o, CC_MCU_WIDTH), &mcu_blocks) || mcu_blocks > MAX_BLOCKS)
    return false;
  const oop blocks = obj_slot(o, CC_BLOCKS);
  if (!oop_has_fields(blocks, 0) || obj_slots(blocks) > MAX_BLOCKS) return false;
  c->count = obj_slots(blocks);
  for (uint32_t i = 0; i < c->count; i++) {
    if (!is_block(obj_slot(blocks, i))) return false;
    c->blocks[i] = words(obj_slot(blocks, i));
  }
  c->width = mcu_blocks == 0 ? 1 : mcu_blocks * JPEG_BLOCK;
  if (c->h_scale == 0 || c->v_scale == 0) c->h_scale = c->v_scale = 1;
  if (n == 0) return true;
  /* The last block of the last row is the highest index of all. */
  const uint32_t x = n < c->width ? n - 1 : c->width - 1, y = (n - 1) / c->width;
  const uint64_t last =
      (uint64_t)(y / c->v_scale / JPEG_BLOCK) * c->blocks_across + x / c->h_scale / JPEG_BLOCK;
  return last < c->count;
}

static int32_t sample(const struct component *c, uint32_t i) {
  const uint32_t x = i % c->width / c->h_scale, y = i / c->width / c->v_scale;
  return c->blocks[y / JPEG_BLOCK * c->blocks_across + x / JPEG_BLOCK]
                  [y % JPEG_BLOCK * JPEG_BLOCK + x % JPEG_BLOCK];
}

/* Of a component of a colour as calculated, which takes up the rest of the pixel before, the rest that `mask`
 * says is left to the next one. 0 would be transparent. */
static uint32_t diffused(int64_t v, int32_t *residual, int32_t mask) {
  const int32_t clamped = (int32_t)(v < 0 ? 0 : v > MAX_SAMPLE ? MAX_SAMPLE : v);
  *residual = clamped & mask;
  const int32_t kept = clamped & (MAX_SAMPLE - mask);
  return kept < 1 ? 1 : (uint32_t)kept;
}

/* The arguments that both have. */
static uint32_t check_conversion(const oop *args) {
  if (!oop_is_words(args[2]) || !oop_is_words(args[3]) || obj_slots(args[3]) != 3 || !oop_is_int(args[4]))
    return PRIM_ERR_BAD_ARGUMENT;
  return obj_is_immutable(args[2]) || obj_is_immutable(args[3]) ? PRIM_ERR_NO_MODIFICATION : 0;
}

/* colorConvertMCU: components bits: bits residuals: residuals ditherMask: mask */
static oop primitiveColorConvertMCU(oop *args, uint32_t argc) {
  enum { RED = 91881, GREEN_CB = 22554, GREEN_CR = 46802, BLUE = 116130 }; /* × 2^16 */
  struct component c[3];
  const uint32_t error = check_conversion(args);
  if (error != 0) return prim_fail(error);
  const uint32_t n = obj_slots(args[2]);
  const int32_t mask = oop_int(args[4]);
  int32_t *bits = words(args[2]), *residuals = words(args[3]);
  if (!oop_has_fields(args[1], 3) || obj_slots(args[1]) != 3) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  for (uint32_t i = 0; i < 3; i++)
    if (!read_component(obj_slot(args[1], i), n, &c[i])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  for (uint32_t i = 0; i < n; i++) {
    const int64_t y = sample(&c[0], i), cb = (int64_t)sample(&c[1], i) - SAMPLE_OFFSET,
                  cr = (int64_t)sample(&c[2], i) - SAMPLE_OFFSET;
    const uint32_t red = diffused(y + (RED * cr >> 16) + residuals[0], &residuals[0], mask);
    const uint32_t green =
        diffused(y - (GREEN_CB * cb >> 16) - (GREEN_CR * cr >> 16) + residuals[1], &residuals[1], mask);
    const uint32_t blue = diffused(y + (BLUE * cb >> 16) + residuals[2], &residuals[2], mask);
    bits[i] = (int32_t)(0xFF000000u + (red << 16) + (green << 8) + blue);
  }
  return args[0];
}

/* colorConvertGrayscaleMCU: component bits: bits residuals: residuals ditherMask: mask */
static oop primitiveColorConvertGrayscaleMCU(oop *args, uint32_t argc) {
  struct component c;
  const uint32_t error = check_conversion(args);
  if (error != 0) return prim_fail(error);
  const uint32_t n = obj_slots(args[2]);
  int32_t *bits = words(args[2]), *residuals = words(args[3]);
  if (!read_component(args[1], n, &c)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  for (uint32_t i = 0; i < n; i++) {
    const uint32_t y = diffused((int64_t)sample(&c, i) + residuals[1], &residuals[1], oop_int(args[4]));
    bits[i] = (int32_t)(0xFF000000u + y * 0x010101u);
  }
  return args[0];
}

#define JPEG_READER_PRIMITIVES(X)            \
  X(primitiveColorConvertGrayscaleMCU, 4, 4) \
  X(primitiveColorConvertMCU, 4, 4)          \
  X(primitiveDecodeMCU, 5, 5)                \
  X(primitiveIdctInt, 2, 2)
PLUGIN_DEFINE(JPEGReaderPlugin, JPEG_READER_PRIMITIVES)
