/* checksum.c: Adler-32 (RFC 1950) and the CRC of gzip (RFC 1952). */
#include "plugins/zip/zip.h"

uint32_t zip_adler32(uint32_t sum, const uint8_t *bytes, uint32_t n) {
  enum { MODULUS = 65521, RUN = 5552 }; /* so many bytes before b can pass 32 bits */
  uint32_t a = sum & 0xFFFF, b = sum >> 16;
  while (n > 0) {
    const uint32_t run = n < RUN ? n : RUN;
    for (uint32_t i = 0; i < run; i++) {
      a += bytes[i];
      b += a;
    }
    a %= MODULUS;
    b %= MODULUS;
    bytes += run;
    n -= run;
  }
  return b << 16 | a;
}

/* What a byte does to the four that follow; table[k] is that k bytes later, so that four are taken at once.
 */
static uint32_t table[4][256];

static void make_table(void) {
  enum { POLYNOMIAL = 0xEDB88320 };
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ ((crc & 1) != 0 ? (uint32_t)POLYNOMIAL : 0);
    table[0][i] = crc;
  }
  for (uint32_t i = 0; i < 256; i++)
    for (int k = 1; k < 4; k++) table[k][i] = table[k - 1][i] >> 8 ^ table[0][table[k - 1][i] & 255];
}

uint32_t zip_crc32(uint32_t crc, const uint8_t *bytes, uint32_t n) {
  if (table[0][1] == 0) make_table();
  for (; n >= 4; n -= 4, bytes += 4) {
    crc ^= (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    crc = table[3][crc & 255] ^ table[2][crc >> 8 & 255] ^ table[1][crc >> 16 & 255] ^ table[0][crc >> 24];
  }
  for (; n > 0; n--) crc = crc >> 8 ^ table[0][(crc ^ *bytes++) & 255];
  return crc;
}
