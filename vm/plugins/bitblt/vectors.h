/* vectors.h: four words, or eight halves of words, at once: vector types as GCC and Clang have them, which
 * are the processor's own, or WebAssembly's SIMD. */
#ifndef VM_PLUGINS_BITBLT_VECTORS_H
#define VM_PLUGINS_BITBLT_VECTORS_H

#include <stdint.h>
#include <string.h>

typedef uint32_t words4 __attribute__((vector_size(16)));
typedef uint16_t halves8 __attribute__((vector_size(16)));

/* Up to four words from wherever they are; the rest are 0. */
static inline words4 load4(const uint32_t *p) {
  words4 v;
  memcpy(&v, p, sizeof v);
  return v;
}
static inline words4 load_some(const uint32_t *p, uint32_t n) {
  words4 v = {0};
  for (uint32_t i = 0; i < n; i++) v[i] = p[i];
  return v;
}
static inline void store4(uint32_t *p, words4 v) { memcpy(p, &v, sizeof v); }
static inline void store_some(uint32_t *p, uint32_t n, words4 v) {
  for (uint32_t i = 0; i < n; i++) p[i] = v[i];
}

/* x where the mask's words are all ones, y where they are 0. */
static inline words4 select4(words4 mask, words4 x, words4 y) { return (x & mask) | (y & ~mask); }
static inline words4 is_zero4(words4 x) { return (words4)(x == 0); }

/* The even bytes of four words as eight numbers, and the odd ones; and words of both again, which are bytes.
 */
static inline halves8 even_bytes(words4 x) { return (halves8)(x & 0x00FF00FF); }
static inline halves8 odd_bytes(words4 x) { return (halves8)(x >> 8 & 0x00FF00FF); }
static inline words4 of_bytes(halves8 even, halves8 odd) { return (words4)even | (words4)odd << 8; }
/* The same number, below 2^16, for all bytes of a word. */
static inline halves8 for_bytes(words4 x) { return (halves8)(x | x << 16); }

#endif
