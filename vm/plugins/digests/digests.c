/* digests.c: MD5, SHA-1 and SHA-256, a block at a time. */
#include "plugins/digests/digests.h"

static uint32_t left(uint32_t v, uint32_t n) { return v << n | v >> (32 - n); }
static uint32_t right(uint32_t v, uint32_t n) { return v >> n | v << (32 - n); }
static uint32_t low_first(const uint8_t *p) {
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
static uint32_t high_first(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

/* Bits of b where those of a are 1, of c where they are 0; and what two of three have. */
static uint32_t choose(uint32_t a, uint32_t b, uint32_t c) { return (a & b) | (~a & c); }
static uint32_t majority(uint32_t a, uint32_t b, uint32_t c) { return (a & b) | (a & c) | (b & c); }

/* ---- MD5 ---- */

const uint32_t md5_start[MD5_WORDS] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};

/* 2^32 |sin i|, i from 1. */
static const uint32_t sines[64] = {
    0xD76AA478, 0xE8C7B756, 0x242070DB, 0xC1BDCEEE, 0xF57C0FAF, 0x4787C62A, 0xA8304613, 0xFD469501,
    0x698098D8, 0x8B44F7AF, 0xFFFF5BB1, 0x895CD7BE, 0x6B901122, 0xFD987193, 0xA679438E, 0x49B40821,
    0xF61E2562, 0xC040B340, 0x265E5A51, 0xE9B6C7AA, 0xD62F105D, 0x02441453, 0xD8A1E681, 0xE7D3FBC8,
    0x21E1CDE6, 0xC33707D6, 0xF4D50D87, 0x455A14ED, 0xA9E3E905, 0xFCEFA3F8, 0x676F02D9, 0x8D2A4C8A,
    0xFFFA3942, 0x8771F681, 0x6D9D6122, 0xFDE5380C, 0xA4BEEA44, 0x4BDECFA9, 0xF6BB4B60, 0xBEBFBC70,
    0x289B7EC6, 0xEAA127FA, 0xD4EF3085, 0x04881D05, 0xD9D4D039, 0xE6DB99E5, 0x1FA27CF8, 0xC4AC5665,
    0xF4292244, 0x432AFF97, 0xAB9423A7, 0xFC93A039, 0x655B59C3, 0x8F0CCC92, 0xFFEFF47D, 0x85845DD1,
    0x6FA87E4F, 0xFE2CE6E0, 0xA3014314, 0x4E0811A1, 0xF7537E82, 0xBD3AF235, 0x2AD7D2BB, 0xEB86D391};
/* Of each quarter: which word comes, as a factor and a start, and by how much is rotated, by turns. */
static const struct {
  uint8_t factor, first, rotations[4];
} md5_quarters[4] = {
    {1, 0, {7, 12, 17, 22}}, {5, 1, {5, 9, 14, 20}}, {3, 5, {4, 11, 16, 23}}, {7, 0, {6, 10, 15, 21}}};

static uint32_t md5_mix(uint32_t quarter, uint32_t b, uint32_t c, uint32_t d) {
  switch (quarter) {
    case 0: return choose(b, c, d);
    case 1: return choose(d, b, c);
    case 2: return b ^ c ^ d;
    default: return c ^ (b | ~d);
  }
}

void md5_block(uint32_t state[MD5_WORDS], const uint8_t block[DIGEST_BLOCK]) {
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  for (uint32_t i = 0; i < 64; i++) {
    const uint32_t q = i / 16, word = (md5_quarters[q].factor * i + md5_quarters[q].first) % 16;
    const uint32_t sum = a + md5_mix(q, b, c, d) + sines[i] + low_first(block + 4 * word);
    a = d;
    d = c;
    c = b;
    b += left(sum, md5_quarters[q].rotations[i % 4]);
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}

/* ---- SHA-1 ---- */

void sha1_expand(const uint8_t block[DIGEST_BLOCK], uint32_t words[SHA1_EXPANDED]) {
  for (int i = 0; i < 16; i++) words[i] = high_first(block + 4 * i);
  for (int i = 16; i < SHA1_EXPANDED; i++)
    words[i] = left(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
}

static uint32_t sha1_mix(int quarter, uint32_t b, uint32_t c, uint32_t d) {
  switch (quarter) {
    case 0: return choose(b, c, d) + 0x5A827999;
    case 1: return (b ^ c ^ d) + 0x6ED9EBA1;
    case 2: return majority(b, c, d) + 0x8F1BBCDC;
    default: return (b ^ c ^ d) + 0xCA62C1D6;
  }
}

void sha1_block(uint32_t state[SHA1_WORDS], const uint32_t words[SHA1_EXPANDED]) {
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  for (int i = 0; i < SHA1_EXPANDED; i++) {
    const uint32_t sum = left(a, 5) + sha1_mix(i / 20, b, c, d) + e + words[i];
    e = d;
    d = c;
    c = left(b, 30);
    b = a;
    a = sum;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
}

/* ---- SHA-256 ---- */

const uint32_t sha256_start[SHA256_WORDS] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                             0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};

/* The first 32 bits of the fractions of the cube roots of the first 64 primes. */
static const uint32_t roots[64] = {
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
    0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
    0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
    0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
    0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
    0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
    0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2};

void sha256_block(uint32_t state[SHA256_WORDS], const uint8_t block[DIGEST_BLOCK]) {
  uint32_t w[64], s[SHA256_WORDS];
  for (int i = 0; i < 16; i++) w[i] = high_first(block + 4 * i);
  for (int i = 16; i < 64; i++) {
    const uint32_t near = right(w[i - 2], 17) ^ right(w[i - 2], 19) ^ w[i - 2] >> 10;
    const uint32_t far = right(w[i - 15], 7) ^ right(w[i - 15], 18) ^ w[i - 15] >> 3;
    w[i] = near + w[i - 7] + far + w[i - 16];
  }
  for (int i = 0; i < SHA256_WORDS; i++) s[i] = state[i];
  for (int i = 0; i < 64; i++) {
    const uint32_t e = right(s[4], 6) ^ right(s[4], 11) ^ right(s[4], 25);
    const uint32_t a = right(s[0], 2) ^ right(s[0], 13) ^ right(s[0], 22);
    const uint32_t sum = s[7] + e + choose(s[4], s[5], s[6]) + roots[i] + w[i];
    const uint32_t first = sum + a + majority(s[0], s[1], s[2]);
    for (int j = SHA256_WORDS - 1; j > 0; j--) s[j] = s[j - 1];
    s[4] += sum;
    s[0] = first;
  }
  for (int i = 0; i < SHA256_WORDS; i++) state[i] += s[i];
}
