/* MiscPrimitivePlugin.c: byte string searches and comparisons, and the run-length code of bitmaps.
 * The operands are the topmost on the stack; the receiver is usually a class and is not looked at. */
#include <string.h>

#include "plugins/plugin.h"
#include "primitives/checks.h"

enum { TABLE_SIZE = 256 };

static bool is_table(oop o) { return oop_is_bytes(o) && obj_byte_size(o) >= TABLE_SIZE; }

/* ---- strings ---- */

/* The first index at which they differ, n if there is none. Eight bytes at a time: most of a comparison is
 * the common beginning. */
static uint32_t mismatch(const uint8_t *a, const uint8_t *b, uint32_t n) {
  uint32_t i = 0;
  for (; i + 8 <= n; i += 8) {
    uint64_t x, y;
    memcpy(&x, a + i, 8);
    memcpy(&y, b + i, 8);
    if (x != y) return i + (uint32_t)__builtin_ctzll(x ^ y) / 8;
  }
  while (i < n && a[i] == b[i]) i++;
  return i;
}

/* compare: a with: b collated: order: 1 less, 2 equal, 3 greater. */
static oop primitiveCompareString(oop *args, uint32_t argc) {
  enum { LESS = 1, EQUAL, GREATER };
  oop a = args[argc - 2], b = args[argc - 1];
  if (!oop_is_bytes(a) || !oop_is_bytes(b) || !is_table(args[argc])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const uint8_t *pa = obj_bytes(a), *pb = obj_bytes(b), *order = obj_bytes(args[argc]);
  uint32_t na = obj_byte_size(a), nb = obj_byte_size(b), n = na < nb ? na : nb;
  for (uint32_t i = 0; (i += mismatch(pa + i, pb + i, n - i)) < n; i++) {
    int difference = order[pa[i]] - order[pb[i]];
    if (difference != 0) return int_oop(difference < 0 ? LESS : GREATER);
  }
  return int_oop(na < nb ? LESS : na == nb ? EQUAL : GREATER);
}

/* translate: aString from: start to: stop table: table, in place. */
static oop primitiveTranslateStringWithTable(oop *args, uint32_t argc) {
  oop string = args[argc - 3];
  if (!oop_is_bytes(string) || !oop_is_int(args[argc - 2]) || !oop_is_int(args[argc - 1]) ||
      !is_table(args[argc]))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(string)) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  int32_t start = oop_int(args[argc - 2]), stop = oop_int(args[argc - 1]);
  if (start < 1 || stop > (int32_t)obj_byte_size(string)) return prim_fail(PRIM_ERR_BAD_INDEX);
  uint8_t *bytes = obj_bytes(string);
  const uint8_t *table = obj_bytes(args[argc]);
  for (int32_t i = start - 1; i < stop; i++) bytes[i] = table[bytes[i]];
  return args[0];
}

/* findFirstInString: aString inSet: inclusionMap startingAt: start: 0 when there is none. */
static oop primitiveFindFirstInString(oop *args, uint32_t argc) {
  oop string = args[argc - 2], map = args[argc - 1];
  if (!oop_is_bytes(string) || !oop_is_bytes(map) || !oop_is_int(args[argc]))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (oop_int(args[argc]) < 1) return prim_fail(PRIM_ERR_BAD_INDEX);
  if (obj_byte_size(map) != TABLE_SIZE) return int_oop(0);
  const uint8_t *bytes = obj_bytes(string), *set = obj_bytes(map);
  uint32_t size = obj_byte_size(string);
  for (uint32_t i = (uint32_t)oop_int(args[argc]) - 1; i < size; i++)
    if (set[bytes[i]] != 0) return int_oop((int32_t)i + 1);
  return int_oop(0);
}

/* indexOfAscii: code inString: aString startingAt: start */
static oop primitiveIndexOfAsciiInString(oop *args, uint32_t argc) {
  oop string = args[argc - 1];
  if (!oop_is_int(args[argc - 2]) || !oop_is_bytes(string) || !oop_is_int(args[argc]))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  int32_t code = oop_int(args[argc - 2]), start = oop_int(args[argc]);
  if (start < 1) return prim_fail(PRIM_ERR_BAD_INDEX);
  uint32_t size = obj_byte_size(string), from = (uint32_t)start - 1;
  if (code < 0 || code > UINT8_MAX || from >= size) return int_oop(0);
  const uint8_t *bytes = obj_bytes(string), *found = memchr(bytes + from, code, size - from);
  return int_oop(found == NULL ? 0 : (int32_t)(found - bytes) + 1);
}

/* findSubstring: key in: body startingAt: start matchTable: matchTable: 0 when there is none. */
static oop primitiveFindSubstring(oop *args, uint32_t argc) {
  oop key = args[argc - 3], body = args[argc - 2];
  if (!oop_is_bytes(key) || !oop_is_bytes(body) || !oop_is_int(args[argc - 1]) || !is_table(args[argc]))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  int32_t start = oop_int(args[argc - 1]);
  uint32_t n = obj_byte_size(key), size = obj_byte_size(body);
  const uint8_t *k = obj_bytes(key), *b = obj_bytes(body), *match = obj_bytes(args[argc]);
  if (n == 0 || n > size) return int_oop(0);
  for (uint32_t i = start > 1 ? (uint32_t)start - 1 : 0; i <= size - n; i++) {
    uint32_t j = 0;
    while (j < n && match[b[i + j]] == match[k[j]]) j++;
    if (j == n) return int_oop((int32_t)i + 1);
  }
  return int_oop(0);
}

/* hashBytes: aByteArray startingWith: hash, in 28 bits. */
static oop primitiveStringHash(oop *args, uint32_t argc) {
  enum { MULTIPLIER = 0x19660D, MASK = 0x0FFFFFFF };
  if (!oop_is_bytes(args[argc - 1]) || !oop_is_int(args[argc])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint32_t hash = (uint32_t)oop_int(args[argc]), n = obj_byte_size(args[argc - 1]);
  const uint8_t *bytes = obj_bytes(args[argc - 1]);
  for (uint32_t i = 0; i < n; i++) hash = (hash + bytes[i]) * MULTIPLIER;
  return int_oop((int32_t)(hash & MASK));
}

/* ---- bitmaps ----
 *
 * A size, then runs. Every number is one byte up to 223, two up to 7935, else 255 and four bytes. A run's
 * number is 4 times its length in words, plus 1: each word is one byte four times (a byte follows); 2: each
 * is the same (a word follows); 3: words follow. Words are big-endian. */

enum { ONE_BYTE_MAX = 223, TWO_BYTE_MAX = 7935, TWO_BYTE_BASE = 224, FOUR_BYTES = 255 };
enum { RUN_OF_BYTE = 1, RUN_OF_WORD = 2, RUN_LITERAL = 3 };

static uint8_t *put_word(uint8_t *to, uint32_t v) {
  for (int shift = 24; shift >= 0; shift -= 8) *to++ = (uint8_t)(v >> shift);
  return to;
}

static uint8_t *put_number(uint8_t *to, uint32_t v) {
  if (v <= ONE_BYTE_MAX) {
    *to++ = (uint8_t)v;
    return to;
  }
  if (v <= TWO_BYTE_MAX) {
    *to++ = (uint8_t)(v / 256 + TWO_BYTE_BASE);
    *to++ = (uint8_t)v;
    return to;
  }
  *to++ = FOUR_BYTES;
  return put_word(to, v);
}

/* Whether the word is one byte four times. */
static bool is_uniform(uint32_t w) { return w == (w & 255) * 0x01010101u; }

static uint8_t *put_run(uint8_t *to, uint32_t length, uint32_t word) {
  if (!is_uniform(word)) return put_word(put_number(to, length * 4 + RUN_OF_WORD), word);
  to = put_number(to, length * 4 + RUN_OF_BYTE);
  *to++ = (uint8_t)word;
  return to;
}

/* compress: bitmap toByteArray: bytes: the number of bytes used. */
static oop primitiveCompressToByteArray(oop *args, uint32_t argc) {
  oop bitmap = args[argc - 1], out = args[argc];
  if (!oop_is_words(bitmap) || !oop_is_bytes(out)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(out)) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  uint32_t size = obj_slots(bitmap);
  const uint32_t *words = AT(uint32_t, obj_body(bitmap));
  /* What the worst bitmap of the size takes: then no store needs a check. */
  if (obj_byte_size(out) < (uint64_t)size * 4 + 7 + size / 1984 * 3) return prim_fail(PRIM_ERR_UNSUPPORTED);
  uint8_t *start = obj_bytes(out), *to = put_number(start, size);
  for (uint32_t k = 0; k < size;) {
    uint32_t end = k + 1;
    while (end < size && words[end] == words[k]) end++;
    if (end > k + 1 || is_uniform(words[k])) {
      to = put_run(to, end - k, words[k]);
    } else { /* different words, up to where a run begins */
      while (end < size && !(end + 1 < size && words[end] == words[end + 1])) end++;
      to = put_number(to, (end - k) * 4 + RUN_LITERAL);
      for (uint32_t i = k; i < end; i++) to = put_word(to, words[i]);
    }
    k = end;
  }
  return int_oop((int32_t)(to - start));
}

struct reader {
  const uint8_t *at, *end;
  bool short_of; /* something was read past the end */
};

static uint32_t get_bytes(struct reader *r, uint32_t count) {
  uint32_t v = 0;
  if ((size_t)(r->end - r->at) < count) {
    r->short_of = true;
    return 0;
  }
  for (uint32_t i = 0; i < count; i++) v = v << 8 | *r->at++;
  return v;
}

static uint32_t get_number(struct reader *r) {
  uint32_t v = get_bytes(r, 1);
  if (v <= ONE_BYTE_MAX) return v;
  return v < FOUR_BYTES ? (v - TWO_BYTE_BASE) * 256 + get_bytes(r, 1) : get_bytes(r, 4);
}

/* decompress: bitmap fromByteArray: bytes at: index, which is past the size. */
static oop primitiveDecompressFromByteArray(oop *args, uint32_t argc) {
  oop bitmap = args[argc - 2], in = args[argc - 1];
  uint32_t index;
  if (!oop_is_words(bitmap) || !oop_is_bytes(in) || !prim_index(args[argc], &index) || index < 1)
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(bitmap)) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  uint32_t size = obj_slots(bitmap), used = 0, bytes = obj_byte_size(in);
  uint32_t *words = AT(uint32_t, obj_body(bitmap));
  struct reader r = {obj_bytes(in) + (index - 1 < bytes ? index - 1 : bytes), obj_bytes(in) + bytes, false};
  while (r.at < r.end) {
    uint32_t run = get_number(&r), length = run >> 2, word = 0;
    if (length > size - used) return prim_fail(PRIM_ERR_BAD_INDEX);
    if ((run & 3) == RUN_OF_BYTE) word = get_bytes(&r, 1) * 0x01010101u;
    if ((run & 3) == RUN_OF_WORD) word = get_bytes(&r, 4);
    if ((run & 3) == 0) continue;
    for (uint32_t i = 0; i < length && !r.short_of; i++)
      words[used + i] = (run & 3) == RUN_LITERAL ? get_bytes(&r, 4) : word;
    used += length;
    if (r.short_of) return prim_fail(PRIM_ERR_BAD_INDEX);
  }
  return args[0];
}

/* convert8bitSignedFrom: aByteArray to16Bit: aSoundBuffer */
static oop primitiveConvert8BitSigned(oop *args, uint32_t argc) {
  oop from = args[argc - 1], to = args[argc];
  if (!oop_is_bytes(from) || !oop_is_pointer(to)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint32_t format = obj_format(to), n = obj_byte_size(from);
  if (!fmt_is_bits(format) || format >= FMT_8) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(to)) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  uint32_t room = obj_slots(to) * 2 - (format >= FMT_16 ? format & 3 : 0); /* in 16-bit units */
  if (room < n) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint16_t *samples = AT(uint16_t, obj_body(to));
  for (uint32_t i = 0; i < n; i++) samples[i] = (uint16_t)(obj_bytes(from)[i] << 8);
  return args[0];
}

#define MISC_PRIMITIVES(X)                  \
  X(primitiveCompareString, 2, 3)           \
  X(primitiveCompressToByteArray, 1, 2)     \
  X(primitiveConvert8BitSigned, 1, 2)       \
  X(primitiveDecompressFromByteArray, 2, 3) \
  X(primitiveFindFirstInString, 2, 3)       \
  X(primitiveFindSubstring, 3, 4)           \
  X(primitiveIndexOfAsciiInString, 2, 3)    \
  X(primitiveStringHash, 1, 2)              \
  X(primitiveTranslateStringWithTable, 3, 4)
PLUGIN_DEFINE(MiscPrimitivePlugin, MISC_PRIMITIVES)
