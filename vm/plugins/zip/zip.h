/* zip.h: what the files of ZipPlugin share.
 *
 * A primitive reads its stream object into a struct, works on that, and writes the fields back when all went
 * well: one that fails has at most written bytes past the end of what the stream says it holds.
 *
 * The definition: RFC 1951 for the format, and for what the primitives do with the image's streams VMMaker's
 * InflatePlugin and DeflatePlugin.
 */
#ifndef VM_PLUGINS_ZIP_ZIP_H
#define VM_PLUGINS_ZIP_ZIP_H

#include "base/oop.h"

enum {
  ZIP_MIN_MATCH = 3,
  ZIP_MAX_MATCH = 258,
  ZIP_WINDOW = 1 << 15,
  ZIP_HASH_SIZE = 1 << 15,
  ZIP_LITERAL_CODES = 286,
  ZIP_DISTANCE_CODES = 30,
  ZIP_LENGTH_CODE = 257, /* the first code of a match's length */
  ZIP_LENGTH_CODES = 28,
  ZIP_END_OF_BLOCK = 256,
  ZIP_MAX_BITS = 16,
};

/* The fields of any stream. */
enum stream_field { STREAM_COLLECTION, STREAM_POSITION, STREAM_READ_LIMIT, STREAM_FIELDS };

/* Bits that are sent or read, the first one lowest. */
struct zip_bits {
  uint64_t buffer;
  uint32_t count;
};

/* A code of RFC 1951's tables: the least value it stands for, and how many bits follow for the rest. */
struct zip_code {
  uint16_t base;
  uint8_t extra_bits;
};
extern const struct zip_code zip_distance_codes[ZIP_DISTANCE_CODES];
extern const struct zip_code zip_length_codes[ZIP_LENGTH_CODES];
/* Which code has a match's length less ZIP_MIN_MATCH (0 … 255, from 0) and a distance less 1 (0 … 32767). */
uint32_t zip_length_code(uint32_t length);
uint32_t zip_distance_code(uint32_t distance);

/* A field that is a SmallInteger, not negative. */
bool zip_field(oop o, uint32_t index, uint32_t *value);
/* The fields of the first class, from the receiver's up, that has fewer than `limit`: where the fields of the
 * streams that the primitives know begin, in every image of the family. False: there is no such class. */
bool zip_inherited_fields(oop receiver, uint32_t limit, uint32_t *count);

/* ---- inflate.c ---- */
struct inflater {
  const uint8_t *source;
  uint8_t *out;
  uint32_t source_size, source_at, source_limit; /* bytes; what has been read; where reading ends */
  uint32_t out_size, out_count;
  uint32_t state;
  struct zip_bits bits;
  const uint32_t *literals, *distances;
  uint32_t literals_size, distances_size;
};
/* Goes on until the block ends, the source ends, or there is no room. False: a table is none, or the source
 * ended in the middle of a code. */
bool zip_inflate(struct inflater *z);

/* ---- deflate.c ---- */
struct deflater {
  const uint8_t *bytes;
  uint32_t size, end; /* end: where the bytes end that are to be deflated */
  uint32_t *head, *tail;
  uint32_t hash, at;
  uint8_t *literals;
  uint32_t *distances, *literal_counts, *distance_counts;
  uint32_t capacity, count, matches;
};
/* Deflates from `at` to `last`, a byte that there is. Answers whether the block is to be sent now. */
bool zip_deflate(struct deflater *z, uint32_t last, int32_t chain_length, int32_t good_match);

/* A Huffman code: bit lengths and, in reverse, the bits of each value. */
struct zip_tree {
  const uint32_t *lengths, *codes;
  uint32_t size;
};
struct sender {
  uint8_t *out;
  uint32_t out_size, out_count;
  struct zip_bits bits;
  const uint8_t *literals;
  const uint32_t *distances;
  uint32_t at, limit; /* of both */
  struct zip_tree literal_tree, distance_tree;
};
/* Sends literals and matches while there is room. Answers the bytes that they stand for; ZIP_CANNOT_SEND when
 * a tree has no code for one. */
uint64_t zip_send(struct sender *z);
#define ZIP_CANNOT_SEND UINT64_MAX

/* ---- checksum.c ---- */
uint32_t zip_adler32(uint32_t sum, const uint8_t *bytes, uint32_t n);
/* Without the complement before and after, which is the image's. */
uint32_t zip_crc32(uint32_t crc, const uint8_t *bytes, uint32_t n);

#endif
