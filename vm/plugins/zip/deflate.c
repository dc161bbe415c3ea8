/* deflate.c: finds matches in the window that a stream keeps, and sends literals and matches as bits. */
#include "plugins/zip/zip.h"

const struct zip_code zip_distance_codes[ZIP_DISTANCE_CODES] = {
    {0, 0},     {1, 0},     {2, 0},     {3, 0},      {4, 1},      {6, 1},      {8, 2},     {12, 2},
    {16, 3},    {24, 3},    {32, 4},    {48, 4},     {64, 5},     {96, 5},     {128, 6},   {192, 6},
    {256, 7},   {384, 7},   {512, 8},   {768, 8},    {1024, 9},   {1536, 9},   {2048, 10}, {3072, 10},
    {4096, 11}, {6144, 11}, {8192, 12}, {12288, 12}, {16384, 13}, {24576, 13},
};

/* Without the code that RFC 1951 has for the longest match alone: the image's tables do not use it. */
const struct zip_code zip_length_codes[ZIP_LENGTH_CODES] = {
    {0, 0},  {1, 0},  {2, 0},  {3, 0},   {4, 0},   {5, 0},   {6, 0},   {7, 0},   {8, 1},  {10, 1},
    {12, 1}, {14, 1}, {16, 2}, {20, 2},  {24, 2},  {28, 2},  {32, 3},  {40, 3},  {48, 3}, {56, 3},
    {64, 4}, {80, 4}, {96, 4}, {112, 4}, {128, 5}, {160, 5}, {192, 5}, {224, 5},
};

static uint32_t top_bit(uint32_t v) { return 31 - (uint32_t)__builtin_clz(v); }

/* Codes come in twos for each power of 2, in fours for lengths. */
uint32_t zip_distance_code(uint32_t distance) {
  if (distance < 4) return distance;
  const uint32_t top = top_bit(distance);
  return 2 * top + (distance >> (top - 1) & 1);
}

uint32_t zip_length_code(uint32_t length) {
  if (length < 8) return length;
  const uint32_t top = top_bit(length);
  return 4 * (top - 1) + (length >> (top - 2) & 3);
}

/* ---- finding matches ---- */

struct match {
  uint32_t at, length;
};

/* The hash of the 3 bytes from `at`, given that of those before: 5 bits are shifted in by each byte. Past the
 * end there are zeros. */
static uint32_t hash_at(const struct deflater *z, uint32_t at) {
  const uint32_t third = at + ZIP_MIN_MATCH - 1;
  return (z->hash << 5 ^ (third < z->size ? z->bytes[third] : 0)) & (ZIP_HASH_SIZE - 1);
}

static void insert(struct deflater *z, uint32_t at) {
  z->hash = hash_at(z, at);
  z->tail[at & (ZIP_WINDOW - 1)] = z->head[z->hash];
  z->head[z->hash] = at;
}

/* How many bytes are alike, if that may be more than `least`. */
static uint32_t common(const struct deflater *z, uint32_t a, uint32_t b, uint32_t least) {
  const uint8_t *p = z->bytes + a, *q = z->bytes + b; /* b is the earlier one */
  const uint32_t room = z->size - a, most = room < ZIP_MAX_MATCH ? room : ZIP_MAX_MATCH;
  uint32_t n = 0;
  if (least < room && p[least] != q[least]) return 0;
  while (n < most && p[n] == q[n]) n++;
  return n;
}

/* The longest of at most chain_length matches that is longer than `best`, else `best`. Enough is one that is
 * longer than good_match. */
static struct match find_match(const struct deflater *z, uint32_t at, struct match best, int32_t chain_length,
                               int32_t good_match) {
  enum { FAR = ZIP_WINDOW / 4 }; /* matches of 3 bytes farther than that cost more than literals */
  if (best.length >= ZIP_MAX_MATCH) return best;
  const uint32_t limit = at > ZIP_WINDOW ? at - ZIP_WINDOW : 0;
  uint32_t from = z->head[hash_at(z, at)];
  if (from >= at || at - from >= ZIP_WINDOW) return best;
  for (;;) {
    uint32_t length = common(z, at, from, best.length);
    if (length > 0 && at + length > z->end) length = z->end > at ? z->end - at : 0;
    if (length == ZIP_MIN_MATCH && at - from > FAR) length--;
    if (length > best.length) {
      best = (struct match){from, length};
      if (length >= ZIP_MAX_MATCH || (int32_t)length > good_match) return best;
    }
    if (--chain_length <= 0) return best;
    from = z->tail[from & (ZIP_WINDOW - 1)];
    if (from <= limit || from >= at) return best;
  }
}

/* Whether what is being deflated has become so unlike that other codes would be worth their trees. */
static bool should_flush(const struct deflater *z) {
  enum { LOOK_EVERY = 4096 };
  if (z->count == z->capacity) return true;
  if (z->count % LOOK_EVERY != 0 || (uint64_t)z->matches * 10 <= z->count) return false;
  const int64_t literals = (int64_t)z->count - z->matches;
  return literals > z->matches && literals * 4 <= z->matches;
}

static bool put_literal(struct deflater *z, uint8_t literal) {
  z->literals[z->count] = literal;
  z->distances[z->count++] = 0;
  z->literal_counts[literal]++;
  return should_flush(z);
}

static bool put_match(struct deflater *z, uint32_t at, struct match m) {
  const uint32_t length = m.length - ZIP_MIN_MATCH, distance = at - m.at;
  z->literals[z->count] = (uint8_t)length;
  z->distances[z->count++] = distance;
  z->literal_counts[ZIP_LENGTH_CODE + zip_length_code(length)]++;
  z->distance_counts[zip_distance_code(distance - 1)]++;
  z->matches++;
  return should_flush(z);
}

bool zip_deflate(struct deflater *z, uint32_t last, int32_t chain_length, int32_t good_match) {
  if (z->at > last) return false;
  if (z->count >= z->capacity) return true;
  struct match here = {0, 0};
  bool looked = false, full = false;
  uint32_t at = z->at;
  while (at <= last && !full) {
    if (!looked) {
      here = find_match(z, at, (struct match){at, ZIP_MIN_MATCH - 1}, chain_length, good_match);
      insert(z, at);
    }
    /* A match is taken unless the next byte begins a better one. */
    const struct match next = find_match(z, at + 1, here, chain_length, good_match);
    looked = here.length < next.length || here.length < ZIP_MIN_MATCH;
    if (!looked) {
      full = put_match(z, at, here);
      for (uint32_t i = 1; i < here.length; i++) insert(z, ++at);
      at++;
    } else {
      full = put_literal(z, z->bytes[at++]);
      if (at <= last && !full) insert(z, at);
      here = next;
    }
  }
  z->at = at;
  return full;
}

/* ---- sending ---- */

static bool put_bits(struct sender *z, uint32_t n, uint32_t value) {
  if (n > ZIP_MAX_BITS || value >= 1u << n) return false;
  z->bits.buffer |= (uint64_t)value << z->bits.count;
  z->bits.count += n;
  while (z->bits.count >= 8 && z->out_count < z->out_size) {
    z->out[z->out_count++] = (uint8_t)z->bits.buffer;
    z->bits.buffer >>= 8;
    z->bits.count -= 8;
  }
  return true;
}

static bool put_code(struct sender *z, const struct zip_tree *tree, uint32_t value) {
  return value < tree->size && put_bits(z, tree->lengths[value], tree->codes[value]);
}

/* The distance is less 1, the length less ZIP_MIN_MATCH. */
static bool send_match(struct sender *z, uint32_t length, uint32_t distance) {
  if (distance >= ZIP_WINDOW) return false;
  const uint32_t length_code = zip_length_code(length), distance_code = zip_distance_code(distance);
  const struct zip_code l = zip_length_codes[length_code], d = zip_distance_codes[distance_code];
  return put_code(z, &z->literal_tree, ZIP_LENGTH_CODE + length_code) &&
         put_bits(z, l.extra_bits, length - l.base) && put_code(z, &z->distance_tree, distance_code) &&
         put_bits(z, d.extra_bits, distance - d.base);
}

uint64_t zip_send(struct sender *z) {
  enum { ROOM = 4 }; /* bytes that are left free behind what a pass of the loop sends */
  uint64_t sum = 0;
  put_bits(z, 0, 0);
  while (z->at < z->limit && z->out_count + ROOM < z->out_size) {
    const uint32_t literal = z->literals[z->at], distance = z->distances[z->at];
    z->at++;
    sum += distance == 0 ? 1 : literal + ZIP_MIN_MATCH;
    if (distance == 0 ? !put_code(z, &z->literal_tree, literal) : !send_match(z, literal, distance - 1))
      return ZIP_CANNOT_SEND;
  }
  return sum;
}
