/* inflate.c: decodes a block by Huffman tables that the image made.
 *
 * A table begins with a word whose high byte says how many bits to read; the entry at that number's index is
 * the value, or, where bits 24 to 29 are not all zeros, says how many more bits to read and where their
 * entries are.
 */
#include "plugins/zip/zip.h"

enum {
  STATE_NO_MORE_DATA = 1, /* the bit of the state that the end of a block leaves */
  TABLE_FIRST = 1,        /* the index of the first entry, from 0 */
  ENTRY_BITS_SHIFT = 24,
  ENTRY_IS_TABLE = 0x3F000000,
  EXTRA_SHIFT = 16, /* a value's extra bits are in its high half */
};

/* The next n bits, at most 32; false where the source has no more. */
static bool next_bits(struct inflater *z, uint32_t n, uint32_t *value) {
  while (z->bits.count < n) {
    if (z->source_at >= z->source_size) return false;
    z->bits.buffer |= (uint64_t)z->source[z->source_at++] << z->bits.count;
    z->bits.count += 8;
  }
  *value = (uint32_t)(z->bits.buffer & ((1u << n) - 1));
  z->bits.buffer >>= n;
  z->bits.count -= n;
  return true;
}

static bool decode(struct inflater *z, const uint32_t *table, uint32_t size, uint32_t *value) {
  uint32_t first = TABLE_FIRST, bits = size > 0 ? table[0] >> ENTRY_BITS_SHIFT : UINT32_MAX, index;
  while (bits <= ZIP_MAX_BITS && next_bits(z, bits, &index)) {
    index += first;
    if (index >= size) return false;
    *value = table[index];
    if ((*value & ENTRY_IS_TABLE) == 0) return true;
    if ((*value & 0xFFFF) == 0) return false;
    first = (*value & 0xFFFF) - 1; /* a table's index is from 1 */
    bits = *value >> ENTRY_BITS_SHIFT;
  }
  return false;
}

/* A length or a distance: what the low half of the value says, and the extra bits. */
static bool with_extra_bits(struct inflater *z, uint32_t value, uint32_t extra, uint32_t *number) {
  uint32_t more = 0;
  if (extra > ZIP_MAX_BITS || !next_bits(z, extra, &more)) return false;
  *number = (value & 0xFFFF) + more;
  return true;
}

bool zip_inflate(struct inflater *z) {
  while (z->out_count < z->out_size && z->source_at <= z->source_limit) {
    const struct zip_bits bits = z->bits;
    const uint32_t source_at = z->source_at;
    uint32_t value, length, distance;
    if (!decode(z, z->literals, z->literals_size, &value)) return false;
    if (value < ZIP_END_OF_BLOCK) {
      z->out[z->out_count++] = (uint8_t)value;
      continue;
    }
    if (value == ZIP_END_OF_BLOCK) {
      z->state &= STATE_NO_MORE_DATA;
      return true;
    }
    if (!with_extra_bits(z, value, value >> EXTRA_SHIFT == 0 ? 0 : (value >> EXTRA_SHIFT) - 1, &length) ||
        !decode(z, z->distances, z->distances_size, &value) ||
        !with_extra_bits(z, value, value >> EXTRA_SHIFT, &distance) || distance > z->out_count)
      return false;
    if (length >= z->out_size - z->out_count) { /* the image makes room first */
      z->bits = bits;
      z->source_at = source_at;
      return true;
    }
    uint8_t *to = z->out + z->out_count;
    for (uint32_t i = 0; i < length; i++) to[i] = *(to + i - distance);
    z->out_count += length;
  }
  return true;
}
