/* ZipPlugin.c: the primitives of the image's InflateStream, DeflateStream and ZipEncoder; the work is done in
 * plugins/zip.
 *
 * The streams inherit from classes that have more or fewer fields in different images, so where their own
 * fields begin is found out (zip_inherited_fields).
 */
#include "plugins/plugin.h"
#include "plugins/zip/zip.h"
#include "primitives/checks.h"

/* Fields of the streams, counted from the first that their superclass has not. */
enum inflate_field { IN_STATE, IN_BIT_BUFFER, IN_BIT_COUNT, IN_SOURCE, IN_SOURCE_POSITION, IN_SOURCE_LIMIT };
enum deflate_field {
  DE_HASH_HEAD,
  DE_HASH_TAIL,
  DE_HASH,
  DE_BLOCK_POSITION,
  DE_BLOCK_START,
  DE_LITERALS,
  DE_DISTANCES,
  DE_LITERAL_COUNTS,
  DE_DISTANCE_COUNTS,
  DE_COUNT,
  DE_MATCHES,
  DE_FIELDS
};
enum encoder_field { EN_BIT_BUFFER, EN_BIT_COUNT, EN_FIELDS };
enum tree_field { TREE_LENGTHS, TREE_CODES, TREE_FIELDS };
/* The inherited fields are fewer than these. */
enum { INFLATE_FIELDS_LIMIT = 13, INFLATE_FIELDS = 8, WRITE_FIELDS_LIMIT = 7 };
enum { MAX_BITS_KEPT = 24 };

bool zip_field(oop o, uint32_t index, uint32_t *value) { return prim_index(obj_slot(o, index), value); }

bool zip_inherited_fields(oop receiver, uint32_t limit, uint32_t *count) {
  enum { MAX_DEPTH = 256 };
  oop class_ = mem_class_of(receiver);
  for (int i = 0; i < MAX_DEPTH && oop_is_behavior(class_); i++) {
    *count = class_inst_size(class_);
    if (*count < limit) return true;
    class_ = obj_slot(class_, CLASS_SUPERCLASS);
  }
  return false;
}

static bool bytes_field(oop o, uint32_t index, uint8_t **bytes, uint32_t *size) {
  const oop field = obj_slot(o, index);
  if (!oop_is_bytes(field)) return false;
  *bytes = obj_bytes(field);
  *size = obj_byte_size(field);
  return true;
}
static bool words_field(oop o, uint32_t index, uint32_t **words, uint32_t *size) {
  const oop field = obj_slot(o, index);
  if (!oop_is_words(field)) return false;
  *words = AT(uint32_t, obj_body(field));
  *size = obj_slots(field);
  return true;
}
/* Whether a field's object may be written to, as the receiver may. */
static bool mutable_field(oop o, uint32_t index) { return !obj_is_immutable(obj_slot(o, index)); }
static void write_field(oop o, uint32_t index, uint32_t value) {
  obj_put_raw(o, index, int_oop((int32_t)value));
}
static bool bits_fields(oop o, uint32_t index, struct zip_bits *bits) {
  uint32_t buffer;
  if (!zip_field(o, index, &buffer) || !zip_field(o, index + 1, &bits->count) ||
      bits->count > MAX_BITS_KEPT || buffer >> bits->count != 0)
    return false;
  bits->buffer = buffer;
  return true;
}
static void write_bits(oop o, uint32_t index, const struct zip_bits *bits) {
  write_field(o, index, (uint32_t)bits->buffer);
  write_field(o, index + 1, bits->count);
}

/* ---- inflating ---- */

static bool read_inflater(oop o, uint32_t own, struct inflater *z) {
  uint8_t *source;
  if (!oop_has_fields(o, own + INFLATE_FIELDS) || !bytes_field(o, STREAM_COLLECTION, &z->out, &z->out_size) ||
      !zip_field(o, STREAM_READ_LIMIT, &z->out_count) || !zip_field(o, own + IN_STATE, &z->state) ||
      !bits_fields(o, own + IN_BIT_BUFFER, &z->bits) ||
      !bytes_field(o, own + IN_SOURCE, &source, &z->source_size) ||
      !zip_field(o, own + IN_SOURCE_POSITION, &z->source_at) ||
      !zip_field(o, own + IN_SOURCE_LIMIT, &z->source_limit))
    return false;
  z->source = source;
  return z->out_count <= z->out_size;
}

/* decompressBlock: literalTable with: distanceTable */
static oop primitiveInflateDecompressBlock(oop *args, uint32_t argc) {
  const oop o = args[0];
  struct inflater z;
  uint32_t own;
  if (!oop_is_words(args[1]) || !oop_is_words(args[2])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (!oop_has_fields(o, STREAM_FIELDS) || !zip_inherited_fields(o, INFLATE_FIELDS_LIMIT, &own) ||
      !read_inflater(o, own, &z))
    return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (obj_is_immutable(o) || !mutable_field(o, STREAM_COLLECTION)) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  z.literals = AT(uint32_t, obj_body(args[1]));
  z.literals_size = obj_slots(args[1]);
  z.distances = AT(uint32_t, obj_body(args[2]));
  z.distances_size = obj_slots(args[2]);
  if (!zip_inflate(&z)) return prim_fail(PRIM_ERR_BAD_INDEX);
  write_field(o, STREAM_READ_LIMIT, z.out_count);
  write_field(o, own + IN_STATE, z.state);
  write_bits(o, own + IN_BIT_BUFFER, &z.bits);
  write_field(o, own + IN_SOURCE_POSITION, z.source_at);
  return o;
}

/* ---- deflating ---- */

static bool read_deflater(oop o, uint32_t own, struct deflater *z) {
  uint8_t *bytes;
  uint32_t heads, tails, distances, literal_codes, distance_codes;
  if (!oop_has_fields(o, own + DE_FIELDS) || !bytes_field(o, STREAM_COLLECTION, &bytes, &z->size) ||
      !zip_field(o, STREAM_POSITION, &z->end) || !words_field(o, own + DE_HASH_HEAD, &z->head, &heads) ||
      !words_field(o, own + DE_HASH_TAIL, &z->tail, &tails) || !zip_field(o, own + DE_HASH, &z->hash) ||
      !zip_field(o, own + DE_BLOCK_POSITION, &z->at) ||
      !bytes_field(o, own + DE_LITERALS, &z->literals, &z->capacity) ||
      !words_field(o, own + DE_DISTANCES, &z->distances, &distances) ||
      !words_field(o, own + DE_LITERAL_COUNTS, &z->literal_counts, &literal_codes) ||
      !words_field(o, own + DE_DISTANCE_COUNTS, &z->distance_counts, &distance_codes) ||
      !zip_field(o, own + DE_COUNT, &z->count) || !zip_field(o, own + DE_MATCHES, &z->matches))
    return false;
  z->bytes = bytes;
  return z->end <= z->size && heads == ZIP_HASH_SIZE && tails == ZIP_WINDOW && distances >= z->capacity &&
         literal_codes == ZIP_LITERAL_CODES && distance_codes == ZIP_DISTANCE_CODES;
}

static bool deflater_is_mutable(oop o, uint32_t own) {
  return !obj_is_immutable(o) && mutable_field(o, own + DE_HASH_HEAD) &&
         mutable_field(o, own + DE_HASH_TAIL) && mutable_field(o, own + DE_LITERALS) &&
         mutable_field(o, own + DE_DISTANCES) && mutable_field(o, own + DE_LITERAL_COUNTS) &&
         mutable_field(o, own + DE_DISTANCE_COUNTS);
}

/* deflateBlock: lastIndex chainLength: chainLength goodMatch: goodMatch */
static oop primitiveDeflateBlock(oop *args, uint32_t argc) {
  const oop o = args[0];
  struct deflater z;
  uint32_t own;
  if (!oop_is_int(args[1]) || !oop_is_int(args[2]) || !oop_is_int(args[3]))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (!oop_has_fields(o, STREAM_FIELDS) || !zip_inherited_fields(o, WRITE_FIELDS_LIMIT, &own) ||
      !read_deflater(o, own, &z))
    return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!deflater_is_mutable(o, own)) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  const int32_t last = oop_int(args[1]);
  if (last < 0) return mem.false_;
  if ((uint32_t)last >= z.size) return prim_fail(PRIM_ERR_BAD_INDEX);
  const bool full = zip_deflate(&z, (uint32_t)last, oop_int(args[2]), oop_int(args[3]));
  write_field(o, own + DE_HASH, z.hash);
  write_field(o, own + DE_BLOCK_POSITION, z.at);
  write_field(o, own + DE_COUNT, z.count);
  write_field(o, own + DE_MATCHES, z.matches);
  return mem_bool(full);
}

/* updateHashTable: table delta: delta, after the window has moved. */
static oop primitiveDeflateUpdateHashTable(oop *args, uint32_t argc) {
  if (!oop_is_words(args[1]) || !oop_is_int(args[2])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(args[1])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  int32_t *table = AT(int32_t, obj_body(args[1]));
  const int32_t delta = oop_int(args[2]);
  for (uint32_t i = 0, n = obj_slots(args[1]); i < n; i++)
    table[i] = table[i] >= delta ? (int32_t)((uint32_t)table[i] - (uint32_t)delta) : 0;
  return args[0];
}

/* ---- sending ---- */

static bool read_tree(oop o, struct zip_tree *tree) {
  uint32_t *lengths, *codes, size;
  if (!oop_has_fields(o, TREE_FIELDS) || !words_field(o, TREE_LENGTHS, &lengths, &tree->size) ||
      !words_field(o, TREE_CODES, &codes, &size) || size != tree->size)
    return false;
  tree->lengths = lengths;
  tree->codes = codes;
  return true;
}

/* What is to be sent: of both streams the same positions. */
static bool read_sent(oop literals, oop distances, struct sender *z) {
  uint8_t *bytes;
  uint32_t *words, size, at, limit;
  if (!oop_has_fields(literals, STREAM_FIELDS) || !oop_has_fields(distances, STREAM_FIELDS) ||
      !bytes_field(literals, STREAM_COLLECTION, &bytes, &size) ||
      !zip_field(literals, STREAM_POSITION, &z->at) || !zip_field(literals, STREAM_READ_LIMIT, &z->limit) ||
      z->at > z->limit || z->limit > size || !words_field(distances, STREAM_COLLECTION, &words, &size) ||
      !zip_field(distances, STREAM_POSITION, &at) || !zip_field(distances, STREAM_READ_LIMIT, &limit))
    return false;
  z->literals = bytes;
  z->distances = words;
  return z->limit <= size && at == z->at && limit == z->limit;
}

/* sendBlock: literals with: distances with: literalTree with: distanceTree: how many bytes were sent. */
static oop primitiveZipSendBlock(oop *args, uint32_t argc) {
  const oop o = args[0];
  struct sender z;
  uint32_t own;
  if (!oop_has_fields(o, STREAM_FIELDS) || !zip_inherited_fields(o, WRITE_FIELDS_LIMIT, &own) ||
      !oop_has_fields(o, own + EN_FIELDS) || !bytes_field(o, STREAM_COLLECTION, &z.out, &z.out_size) ||
      !zip_field(o, STREAM_POSITION, &z.out_count) || z.out_count > z.out_size ||
      !bits_fields(o, own + EN_BIT_BUFFER, &z.bits))
    return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!read_sent(args[1], args[2], &z) || !read_tree(args[3], &z.literal_tree) ||
      !read_tree(args[4], &z.distance_tree))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(o) || !mutable_field(o, STREAM_COLLECTION) || obj_is_immutable(args[1]) ||
      obj_is_immutable(args[2]))
    return prim_fail(PRIM_ERR_NO_MODIFICATION);
  const uint64_t sum = zip_send(&z);
  if (sum > SMALLINT_MAX) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  write_field(o, STREAM_POSITION, z.out_count);
  write_bits(o, own + EN_BIT_BUFFER, &z.bits);
  write_field(args[1], STREAM_POSITION, z.at);
  write_field(args[2], STREAM_POSITION, z.at);
  return int_oop((int32_t)sum);
}

/* ---- checksums ---- */

/* update: sum from: start to: stop in: bytes */
static oop update(const oop *args, uint32_t (*sum_of)(uint32_t sum, const uint8_t *bytes, uint32_t n)) {
  uint32_t sum, start, stop;
  if (!prim_uint32(args[1], &sum) || !prim_index(args[2], &start) || !prim_index(args[3], &stop) ||
      !oop_is_bytes(args[4]))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (start == 0 || stop < start || stop > obj_byte_size(args[4])) return prim_fail(PRIM_ERR_BAD_INDEX);
  return prim_or_no_memory(mem_new_uint64(sum_of(sum, obj_bytes(args[4]) + start - 1, stop - start + 1)));
}
static oop primitiveUpdateAdler32(oop *args, uint32_t argc) { return update(args, zip_adler32); }
static oop primitiveUpdateGZipCrc32(oop *args, uint32_t argc) { return update(args, zip_crc32); }

#define ZIP_PRIMITIVES(X)                  \
  X(primitiveInflateDecompressBlock, 2, 2) \
  X(primitiveDeflateBlock, 3, 3)           \
  X(primitiveDeflateUpdateHashTable, 2, 2) \
  X(primitiveZipSendBlock, 4, 4)           \
  X(primitiveUpdateAdler32, 4, 4)          \
  X(primitiveUpdateGZipCrc32, 4, 4)
PLUGIN_DEFINE(ZipPlugin, ZIP_PRIMITIVES)
