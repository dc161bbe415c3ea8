/* digests.h: one step of MD5 (RFC 1321), SHA-1 and SHA-256 (FIPS 180-4): a block of 64 bytes into a state. */
#ifndef VM_PLUGINS_DIGESTS_DIGESTS_H
#define VM_PLUGINS_DIGESTS_DIGESTS_H

#include <stdint.h>

enum {
  DIGEST_BLOCK = 64,
  MD5_WORDS = 4,
  SHA1_WORDS = 5,
  SHA1_EXPANDED = 80, /* words of a block, the bytes of each from the high one */
  SHA256_WORDS = 8,
};
extern const uint32_t md5_start[MD5_WORDS], sha256_start[SHA256_WORDS];
void md5_block(uint32_t state[MD5_WORDS], const uint8_t block[DIGEST_BLOCK]);
void sha1_expand(const uint8_t block[DIGEST_BLOCK], uint32_t words[SHA1_EXPANDED]);
void sha1_block(uint32_t state[SHA1_WORDS], const uint32_t words[SHA1_EXPANDED]);
void sha256_block(uint32_t state[SHA256_WORDS], const uint8_t block[DIGEST_BLOCK]);

#endif
