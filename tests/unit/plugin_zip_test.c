/* plugin_zip_test.c: ZipPlugin: streams as the image makes them, round trips, what zlib made, and streams
 * that are no such thing. */
#include "prim_support.h"

#include <stdio.h>

#define ZIP(primitive, ...) NAMED("ZipPlugin", primitive, __VA_ARGS__)

enum { LITERALS = 288, DISTANCES = 32, ROOM = 1 << 17 };
enum { INFLATE_OWN = 3, WRITE_OWN = 4 };
/* Fields from the class's own first one. */
enum { IN_STATE, IN_BITS, IN_BIT_COUNT, IN_SOURCE, IN_SOURCE_AT, IN_SOURCE_LIMIT };
enum {
  DE_HEAD,
  DE_TAIL,
  DE_HASH,
  DE_AT,
  DE_START,
  DE_LITERALS,
  DE_DISTANCES,
  DE_LIT_FREQ,
  DE_DIST_FREQ,
  DE_COUNT
};

/* An instance of a class with `fixed` fields below one with `inherited`. */
static oop stream(uint32_t inherited, uint32_t fixed) {
  oop above = test_class(FMT_FIXED, inherited), class_ = test_class(FMT_FIXED, fixed);
  mem_store(class_, CLASS_SUPERCLASS, above);
  oop o = mem_instantiate(class_, 0);
  assert_true(o != 0);
  for (uint32_t i = 0; i < fixed; i++) mem_store(o, i, I(0));
  return o;
}

/* ---- the fixed Huffman codes of RFC 1951 ---- */

static uint32_t fixed_length(uint32_t value) {
  return value < 144 ? 8 : value < 256 ? 9 : value < 280 ? 7 : 8;
}
static uint32_t reversed(uint32_t bits, uint32_t n) {
  uint32_t r = 0;
  for (uint32_t i = 0; i < n; i++) r |= (bits >> i & 1) << (n - 1 - i);
  return r;
}
/* The code of each value, its first bit lowest. */
static void fixed_codes(uint32_t *codes) {
  uint32_t next[10] = {[7] = 0, [8] = 0x30, [9] = 0x190};
  for (uint32_t i = 0; i < LITERALS; i++) codes[i] = reversed(next[fixed_length(i)]++, fixed_length(i));
}

static oop tree(bool literals) {
  const uint32_t n = literals ? LITERALS : DISTANCES;
  oop lengths = words_of(n), bits = words_of(n);
  uint32_t codes[LITERALS];
  fixed_codes(codes);
  for (uint32_t i = 0; i < n; i++) {
    obj_put_raw(lengths, i, literals ? fixed_length(i) : 5);
    obj_put_raw(bits, i, literals ? codes[i] : reversed(i, 5));
  }
  return array_of(2, PRIM_OPERANDS(lengths, bits));
}

static const uint16_t length_base[] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                       31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
static const uint16_t distance_base[] = {1,    2,    3,    4,    5,    7,    9,    13,    17,    25,
                                         33,   49,   65,   97,   129,  193,  257,  385,   513,   769,
                                         1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};

static uint32_t table_value(bool literals, uint32_t value) {
  if (!literals) return value < 30 ? (value < 4 ? 0 : value / 2 - 1) << 16 | distance_base[value] : 0;
  if (value <= 256 || value > 285) return value;
  const uint32_t i = value - 257;
  return ((i < 8 || i == 28 ? 0 : i / 4 - 1) + 1) << 16 | length_base[i];
}

/* The image's kind of table: for literals 7 bits, then one more, and one more, where a code has them. */
static oop table(bool literals) {
  enum { FIRST = 7, LEVEL = 1 << FIRST };
  uint32_t codes[LITERALS];
  fixed_codes(codes);
  oop t = words_of(1 + (literals ? LEVEL * 7 : DISTANCES));
  obj_put_raw(t, 0, (literals ? (uint32_t)FIRST : 5) << 24);
  for (uint32_t i = 0; i < (literals ? LITERALS : DISTANCES); i++) {
    if (!literals) {
      obj_put_raw(t, 1 + reversed(i, 5), table_value(false, i));
      continue;
    }
    uint32_t at = 1 + codes[i] % LEVEL;
    for (uint32_t n = FIRST; n < fixed_length(i); n++) { /* two entries for each of the level above */
      const uint32_t next = 2 * at + LEVEL - 1;
      obj_put_raw(t, at, 1u << 24 | (next + 1)); /* tables are named by index from 1 */
      at = next + (codes[i] >> n & 1);
    }
    obj_put_raw(t, at, table_value(true, i));
  }
  return t;
}

static oop inflate_stream(oop source, uint32_t skip_bits, uint32_t room) {
  oop o = stream(INFLATE_OWN, 14);
  mem_store(o, 0, mem_new_bytes(CIX_BYTE_ARRAY, room));
  mem_store(o, INFLATE_OWN + IN_STATE, I(9));
  mem_store(o, INFLATE_OWN + IN_BITS, I(obj_bytes(source)[0] >> skip_bits));
  mem_store(o, INFLATE_OWN + IN_BIT_COUNT, I(8 - (int32_t)skip_bits));
  mem_store(o, INFLATE_OWN + IN_SOURCE, source);
  mem_store(o, INFLATE_OWN + IN_SOURCE_AT, I(1));
  mem_store(o, INFLATE_OWN + IN_SOURCE_LIMIT, I((int32_t)obj_byte_size(source)));
  return o;
}

/* ---- what another program made ---- */

static const uint8_t by_zlib[] = {
    0x2b, 0xc8, 0x4c, 0x2e, 0x29, 0x2d, 0x4a, 0x2d, 0x56, 0x48, 0xcc, 0x4b, 0x51, 0x28, 0xc8, 0xac,
    0x48, 0xcd, 0x29, 0xd6, 0x51, 0xc8, 0xc9, 0xcc, 0x4b, 0x55, 0x30, 0xb0, 0x06, 0xf2, 0x71, 0x49,
    0x1a, 0xe2, 0x93, 0x34, 0xc2, 0x27, 0x69, 0x8c, 0x4f, 0xd2, 0x04, 0x9f, 0xa4, 0x29, 0x3e, 0x49,
    0x33, 0x7c, 0x92, 0xa3, 0x5e, 0x19, 0xf5, 0xca, 0xa8, 0x57, 0x06, 0xb5, 0x57, 0x00};

static oop text(void) {
  char all[2000] = "";
  for (int i = 0; i < 40; i++) sprintf(all + strlen(all), "pictures and pixels, line %d; ", i % 7);
  return str(all);
}

static void a_fixed_block_of_zlib_is_inflated(void **state) {
  (void)state;
  oop expected = text(), o = inflate_stream(bytes_of(by_zlib, sizeof by_zlib), 3, 2000);
  const uint32_t n = obj_byte_size(expected);
  assert_oop(ZIP("primitiveInflateDecompressBlock", o, table(true), table(false)), o);
  assert_oop(obj_slot(o, 2), I((int32_t)n));
  assert_memory_equal(obj_bytes(obj_slot(o, 0)), obj_bytes(expected), n);
  assert_oop(obj_slot(o, INFLATE_OWN + IN_STATE), I(1)); /* no more data, and the next block is new */
  assert_oop(obj_slot(o, INFLATE_OWN + IN_SOURCE_AT), I(sizeof by_zlib));
}

static void inflating_stops_for_room_and_goes_on(void **state) {
  (void)state;
  oop expected = text(), o = inflate_stream(bytes_of(by_zlib, sizeof by_zlib), 3, 300);
  assert_oop(ZIP("primitiveInflateDecompressBlock", o, table(true), table(false)), o);
  const uint32_t n = (uint32_t)oop_int(obj_slot(o, 2));
  assert_true(n < 300);
  assert_oop(obj_slot(o, INFLATE_OWN + IN_STATE), I(9)); /* in the middle of the block */
  oop more = mem_new_bytes(CIX_BYTE_ARRAY, 2000);
  memcpy(obj_bytes(more), obj_bytes(obj_slot(o, 0)), n);
  mem_store(o, 0, more);
  assert_oop(ZIP("primitiveInflateDecompressBlock", o, table(true), table(false)), o);
  assert_oop(obj_slot(o, INFLATE_OWN + IN_STATE), I(1));
  assert_memory_equal(obj_bytes(more), obj_bytes(expected), obj_byte_size(expected));
}

static void checksums_are_those_of_zlib(void **state) {
  (void)state;
  oop t = text(), n = I((int32_t)obj_byte_size(t));
  int64_t crc = 0, adler = 0;
  assert_true(
      prim_int64(ZIP("primitiveUpdateGZipCrc32", mem.nil, mem_new_uint64(0xFFFFFFFF), I(1), n, t), &crc));
  assert_true((crc ^ 0xFFFFFFFF) == 0x1A3F2D11);
  assert_true(prim_int64(ZIP("primitiveUpdateAdler32", mem.nil, I(1), I(1), n, t), &adler));
  assert_true(adler == 0x2F8793F3);
  oop first = ZIP("primitiveUpdateAdler32", mem.nil, I(1), I(1), I(99), t); /* in parts the same */
  assert_int64(ZIP("primitiveUpdateAdler32", mem.nil, first, I(100), n, t), adler);
  assert_fails(ZIP("primitiveUpdateAdler32", mem.nil, I(1), I(0), n, t), PRIM_ERR_BAD_INDEX);
  assert_fails(ZIP("primitiveUpdateAdler32", mem.nil, I(1), I(1), I(100000), t), PRIM_ERR_BAD_INDEX);
  assert_fails(ZIP("primitiveUpdateGZipCrc32", mem.nil, I(-1), I(1), I(1), t), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(ZIP("primitiveUpdateGZipCrc32", mem.nil, I(1), I(1), I(1), I(1)), PRIM_ERR_BAD_ARGUMENT);
}

/* ---- round trips ---- */

static oop deflate_stream(const uint8_t *bytes, uint32_t n, uint32_t room) {
  oop o = stream(WRITE_OWN, 15), all = mem_new_bytes(CIX_BYTE_ARRAY, n + 300);
  memcpy(obj_bytes(all), bytes, n);
  mem_store(o, 0, all);
  mem_store(o, 1, I((int32_t)n));
  mem_store(o, WRITE_OWN + DE_HEAD, words_of(1 << 15));
  mem_store(o, WRITE_OWN + DE_TAIL, words_of(1 << 15));
  mem_store(o, WRITE_OWN + DE_LITERALS, mem_new_bytes(CIX_BYTE_ARRAY, room));
  mem_store(o, WRITE_OWN + DE_DISTANCES, words_of(room));
  mem_store(o, WRITE_OWN + DE_LIT_FREQ, words_of(286));
  mem_store(o, WRITE_OWN + DE_DIST_FREQ, words_of(30));
  return o;
}

/* A ReadStream on what a deflater has found so far. */
static oop found(oop deflater, uint32_t field) {
  return array_of(3, PRIM_OPERANDS(obj_slot(deflater, WRITE_OWN + field), I(0),
                                   obj_slot(deflater, WRITE_OWN + DE_COUNT)));
}

static void round_trip(const uint8_t *bytes, uint32_t n, uint32_t room) {
  oop o = deflate_stream(bytes, n, room), encoder = stream(WRITE_OWN, 7),
      out = mem_new_bytes(CIX_BYTE_ARRAY, ROOM);
  mem_store(encoder, 0, out);
  int64_t sent = 0;
  for (bool more = n > 0; more;) {
    oop full = ZIP("primitiveDeflateBlock", o, I((int32_t)n - 1), I(100), I(32));
    assert_true(full == mem.true_ || full == mem.false_);
    more = full == mem.true_;
    oop sum = ZIP("primitiveZipSendBlock", encoder, found(o, DE_LITERALS), found(o, DE_DISTANCES), tree(true),
                  tree(false));
    assert_true(oop_is_int(sum));
    sent += oop_int(sum);
    mem_store(o, WRITE_OWN + DE_COUNT, I(0));
    mem_store(o, WRITE_OWN + DE_COUNT + 1, I(0));
  }
  assert_int_equal(sent, n);
  /* The end of block is 7 zero bits, and there are zeros behind. */
  const uint32_t used = (uint32_t)oop_int(obj_slot(encoder, 1));
  obj_bytes(out)[used] = (uint8_t)oop_int(obj_slot(encoder, WRITE_OWN));
  oop back = inflate_stream(out, 0, n + 1000);
  assert_oop(ZIP("primitiveInflateDecompressBlock", back, table(true), table(false)), back);
  assert_oop(obj_slot(back, 2), I((int32_t)n));
  assert_memory_equal(obj_bytes(obj_slot(back, 0)), bytes, n);
}

static void what_is_deflated_is_inflated_again(void **state) {
  (void)state;
  static uint8_t bytes[60000];
  uint32_t random = 7;
  for (uint32_t kind = 0; kind < 5; kind++) {
    for (uint32_t i = 0; i < sizeof bytes; i++) {
      random = random * 1664525 + 1013904223;
      const uint32_t r = random >> 16;
      bytes[i] = (uint8_t)(kind == 0   ? 'a'
                           : kind == 1 ? r
                           : kind == 2 ? "abcd"[r & 3]
                           : kind == 3 ? (i > 1000 && r % 50 != 0 ? bytes[i - 900] : (uint8_t)r)
                                       : (i > 33000 ? bytes[i - 32767] : (uint8_t)r));
    }
    round_trip(bytes, 1, 100);
    round_trip(bytes, 1000, 100);
    round_trip(bytes, sizeof bytes, 1 << 15);
  }
}

static void hash_tables_move(void **state) {
  (void)state;
  oop t = words_of(4);
  obj_put_raw(t, 0, 100);
  obj_put_raw(t, 1, 50);
  obj_put_raw(t, 2, 0xFFFFFFFF);
  (void)ZIP("primitiveDeflateUpdateHashTable", mem.nil, t, I(60));
  assert_int_equal(obj_slot(t, 0), 40);
  assert_int_equal(obj_slot(t, 1), 0);
  assert_int_equal(obj_slot(t, 2), 0);
  assert_fails(ZIP("primitiveDeflateUpdateHashTable", mem.nil, str("x"), I(60)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(ZIP("primitiveDeflateUpdateHashTable", mem.nil, frozen(t), I(60)), PRIM_ERR_NO_MODIFICATION);
}

/* ---- streams that are none ---- */

/* Whatever is put in a field, the primitive answers or fails; the sanitizer sees what it reads. */
static const uint32_t odd_integers[] = {
    0, 1, 7, 23, 255, 65535, 65536, SMALLINT_MAX, (uint32_t)-1, (uint32_t)SMALLINT_MIN};
static oop odd_object(uint32_t k) {
  switch (k) {
    case 0: return mem.nil;
    case 1: return mem_new_bytes(CIX_BYTE_ARRAY, 0);
    case 2: return mem_new_bytes(CIX_BYTE_ARRAY, 3);
    case 3: return words_of(0);
    case 4: return words_of(1 << 15);
    case 5: return mem_new_array(3);
    case 6: return frozen(mem_new_bytes(CIX_BYTE_ARRAY, 400));
    default: return mem_new_float(1e300);
  }
}
enum {
  ODD_OBJECTS = 8,
  ODD_INTEGERS = sizeof odd_integers / sizeof *odd_integers,
  ODD = ODD_OBJECTS + ODD_INTEGERS
};
static oop odd(uint32_t k) {
  return k < ODD_OBJECTS ? odd_object(k) : I((int32_t)odd_integers[k - ODD_OBJECTS]);
}

static void odd_fields_do_no_harm(void **state) {
  (void)state;
  for (uint32_t k = 0; k < ODD; k++) {
    for (uint32_t field = 0; field < 14; field++) {
      oop in = inflate_stream(bytes_of(by_zlib, sizeof by_zlib), 3, 2000);
      mem_store(in, field, odd(k));
      (void)ZIP("primitiveInflateDecompressBlock", in, table(true), table(false));
    }
    for (uint32_t field = 0; field < 15; field++) {
      oop o = deflate_stream(by_zlib, sizeof by_zlib, 50), encoder = stream(WRITE_OWN, 7);
      mem_store(encoder, 0, mem_new_bytes(CIX_BYTE_ARRAY, 200));
      mem_store(o, field, odd(k));
      (void)ZIP("primitiveDeflateBlock", o, I(sizeof by_zlib - 1), I(100), I(32));
      if (field < 7) mem_store(encoder, field, odd(k));
      oop literals = found(o, DE_LITERALS), distances = found(o, DE_DISTANCES), lengths = tree(true);
      if (field < 3) mem_store(literals, field, odd(k));
      if (field < 2) mem_store(lengths, field, odd(k));
      (void)ZIP("primitiveZipSendBlock", encoder, literals, distances, lengths, tree(false));
    }
    (void)ZIP("primitiveInflateDecompressBlock", odd(k), table(true), table(false));
    (void)ZIP("primitiveInflateDecompressBlock", inflate_stream(str("xx"), 3, 9), odd(k), odd(k));
    (void)ZIP("primitiveDeflateBlock", odd(k), odd(k), odd(k), odd(k));
    (void)ZIP("primitiveDeflateBlock", deflate_stream(by_zlib, 50, 50), odd(k), I(1), I(1));
    (void)ZIP("primitiveZipSendBlock", odd(k), odd(k), odd(k), odd(k), odd(k));
  }
}

static void odd_tables_do_no_harm(void **state) {
  (void)state;
  uint32_t random = 99;
  for (int rounds = 0; rounds < 3000; rounds++) {
    oop literals = table(true), distances = table(false), heads = words_of(1 << 15);
    for (int i = 0; i < 40; i++) {
      random = random * 1664525 + 1013904223;
      oop t = (random >> 30) == 0 ? distances : literals;
      obj_put_raw(t, (random >> 8) % obj_slots(t), random ^ random << 13);
    }
    if (rounds % 4 == 0) obj_put_raw(literals, 0, (random >> 20 & 31) << 24);
    oop in = inflate_stream(bytes_of(by_zlib, sizeof by_zlib), 3, 500);
    (void)ZIP("primitiveInflateDecompressBlock", in, literals, distances);
    if (rounds % 50 != 0) continue;
    for (uint32_t i = 0; i < 1 << 15; i++) obj_put_raw(heads, i, random = random * 1664525 + 1013904223);
    oop o = deflate_stream(by_zlib, sizeof by_zlib, 500);
    mem_store(o, WRITE_OWN + (rounds % 100 != 0 ? DE_HEAD : DE_TAIL), heads);
    (void)ZIP("primitiveDeflateBlock", o, I(sizeof by_zlib - 1), I(1000), I(258));
    oop encoder = stream(WRITE_OWN, 7), trees = tree(true);
    mem_store(encoder, 0, mem_new_bytes(CIX_BYTE_ARRAY, 200));
    mem_store(trees, (uint32_t)rounds / 50 % 2, heads);
    (void)ZIP("primitiveZipSendBlock", encoder, found(o, DE_LITERALS), found(o, DE_DISTANCES), trees,
              tree(false));
  }
}

/* It takes a bit each time round: the source ends. */
static void a_table_that_leads_to_itself_fails(void **state) {
  (void)state;
  oop t = words_of(4), in = inflate_stream(bytes_of(by_zlib, sizeof by_zlib), 3, 500);
  obj_put_raw(t, 0, 1u << 24);
  obj_put_raw(t, 1, 1u << 24 | 4); /* a bit, then a table … */
  obj_put_raw(t, 2, 1u << 24 | 4);
  assert_fails(ZIP("primitiveInflateDecompressBlock", in, t, t), PRIM_ERR_BAD_INDEX);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      PRIM_TEST(a_fixed_block_of_zlib_is_inflated),
      PRIM_TEST(inflating_stops_for_room_and_goes_on),
      PRIM_TEST(checksums_are_those_of_zlib),
      PRIM_TEST(what_is_deflated_is_inflated_again),
      PRIM_TEST(hash_tables_move),
      PRIM_TEST(odd_fields_do_no_harm),
      PRIM_TEST(odd_tables_do_no_harm),
      PRIM_TEST(a_table_that_leads_to_itself_fails),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
