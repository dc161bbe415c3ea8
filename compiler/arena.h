/* arena.h: memory that is freed all at once: syntax trees, tokens' texts, compiled code.
 *
 * Also the two string types that the compiler passes around. */
#ifndef COMPILER_ARENA_H
#define COMPILER_ARENA_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A piece of text, not terminated; UTF-8 wherever it is Smalltalk text. */
struct cc_str {
  const char *p;
  uint32_t n;
};

#define CC_STR(literal) ((struct cc_str){(literal), sizeof(literal) - 1})
static inline struct cc_str cc_str(const char *p, uint32_t n) { return (struct cc_str){p, n}; }
static inline struct cc_str cc_str_z(const char *z) { return (struct cc_str){z, (uint32_t)strlen(z)}; }
static inline bool cc_str_eq(struct cc_str a, struct cc_str b) {
  return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
#define CC_STR_IS(s, literal) cc_str_eq((s), CC_STR(literal))
int cc_str_compare(struct cc_str a, struct cc_str b);
uint32_t cc_str_hash(struct cc_str s);

struct cc_arena_chunk;
struct cc_arena {
  struct cc_arena_chunk *chunks;
  size_t total;
};

/* Zeroed memory, 8-byte aligned, good until the arena is freed. Never NULL: exhausted memory panics. */
void *cc_alloc(struct cc_arena *arena, size_t bytes);
#define CC_NEW(arena, type) ((type *)cc_alloc((arena), sizeof(type)))
#define CC_NEW_ARRAY(arena, type, n) ((type *)cc_alloc((arena), sizeof(type) * (size_t)(n)))
/* A copy with a terminating zero that is not counted. */
struct cc_str cc_str_copy(struct cc_arena *arena, struct cc_str s);
struct cc_str cc_str_format(struct cc_arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3);
void cc_arena_free(struct cc_arena *arena);

/* A growing array in an arena: X *items; uint32_t count, capacity. Old copies stay until the arena goes. */
void *cc_grow(struct cc_arena *arena, void *items, uint32_t *capacity, uint32_t needed, size_t item_size);
#define CC_PUSH(arena, list, item)                                                                           \
  do {                                                                                                       \
    (list).items = cc_grow((arena), (list).items, &(list).capacity, (list).count + 1, sizeof *(list).items); \
    (list).items[(list).count++] = (item);                                                                   \
  } while (0)

struct cc_strs {
  struct cc_str *items;
  uint32_t count, capacity;
};

/* A growing text in malloc memory. */
struct cc_buffer {
  char *p;
  uint32_t n, capacity;
};
void cc_put(struct cc_buffer *b, const char *p, uint32_t n);
void cc_putf(struct cc_buffer *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void cc_buffer_free(struct cc_buffer *b);

/* Decodes the UTF-8 sequence at p (end - p bytes left); answers its length, 0 when it is malformed. */
uint32_t cc_utf8_decode(const char *p, const char *end, uint32_t *code);
/* Writes 1 to 4 bytes; answers how many. */
uint32_t cc_utf8_encode(char *p, uint32_t code);
bool cc_utf8_valid(struct cc_str s);
/* Latin-1 bytes as UTF-8. */
struct cc_str cc_latin1_to_utf8(struct cc_arena *arena, struct cc_str s);

#endif
