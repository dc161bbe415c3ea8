/* arena.c: arenas, growing arrays and texts, UTF-8. */
#include "compiler/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHUNK_BYTES = 64 << 10 };

struct cc_arena_chunk {
  struct cc_arena_chunk *next;
  size_t used, size;
};

static void *must(void *p) {
  if (p == NULL) vm_panic(__FILE__, __LINE__, "the compiler is out of memory");
  return p;
}

void *cc_alloc(struct cc_arena *arena, size_t bytes) {
  struct cc_arena_chunk *c = arena->chunks;
  bytes = (bytes + 7) & ~(size_t)7;
  if (c == NULL || c->size - c->used < bytes) {
    size_t size = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
    struct cc_arena_chunk *fresh = must(malloc(sizeof *fresh + size));
    fresh->used = 0;
    fresh->size = size;
    if (c != NULL && bytes > CHUNK_BYTES / 4) { /* a big one goes behind: the current chunk keeps filling */
      fresh->next = c->next;
      c->next = fresh;
    } else {
      fresh->next = c;
      arena->chunks = fresh;
    }
    c = fresh;
  }
  void *p = (char *)(c + 1) + c->used;
  c->used += bytes;
  arena->total += bytes;
  return memset(p, 0, bytes);
}

void cc_arena_free(struct cc_arena *arena) {
  for (struct cc_arena_chunk *c = arena->chunks; c != NULL;) {
    struct cc_arena_chunk *next = c->next;
    free(c);
    c = next;
  }
  arena->chunks = NULL;
  arena->total = 0;
}

void *cc_grow(struct cc_arena *arena, void *items, uint32_t *capacity, uint32_t needed, size_t item_size) {
  if (needed <= *capacity) return items;
  uint32_t wanted = *capacity == 0 ? 8 : *capacity * 2;
  if (wanted < needed) wanted = needed;
  void *fresh = cc_alloc(arena, item_size * wanted);
  if (*capacity != 0) memcpy(fresh, items, item_size * *capacity);
  *capacity = wanted;
  return fresh;
}

int cc_str_compare(struct cc_str a, struct cc_str b) {
  uint32_t n = a.n < b.n ? a.n : b.n;
  int c = n == 0 ? 0 : memcmp(a.p, b.p, n);
  return c != 0 ? c : a.n < b.n ? -1 : a.n > b.n;
}

uint32_t cc_str_hash(struct cc_str s) { /* FNV-1a */
  uint32_t h = 2166136261u;
  for (uint32_t i = 0; i < s.n; i++) h = (h ^ (uint8_t)s.p[i]) * 16777619u;
  return h;
}

struct cc_str cc_str_copy(struct cc_arena *arena, struct cc_str s) {
  char *p = cc_alloc(arena, (size_t)s.n + 1);
  if (s.n != 0) memcpy(p, s.p, s.n);
  return cc_str(p, s.n);
}

struct cc_str cc_str_format(struct cc_arena *arena, const char *fmt, ...) {
  va_list args, again;
  va_start(args, fmt);
  va_copy(again, args);
  int n = vsnprintf(NULL, 0, fmt, args);
  char *p = cc_alloc(arena, (size_t)n + 1);
  vsnprintf(p, (size_t)n + 1, fmt, again);
  va_end(args);
  va_end(again);
  return cc_str(p, (uint32_t)n);
}

static void reserve(struct cc_buffer *b, uint32_t more) {
  if (b->capacity - b->n >= more) return;
  uint32_t wanted = b->capacity == 0 ? 256 : b->capacity * 2;
  while (wanted - b->n < more) wanted *= 2;
  b->p = must(realloc(b->p, wanted));
  b->capacity = wanted;
}

void cc_put(struct cc_buffer *b, const char *p, uint32_t n) {
  reserve(b, n + 1);
  if (n != 0) memcpy(b->p + b->n, p, n);
  b->n += n;
  b->p[b->n] = 0;
}

void cc_putf(struct cc_buffer *b, const char *fmt, ...) {
  va_list args, again;
  va_start(args, fmt);
  va_copy(again, args);
  int n = vsnprintf(NULL, 0, fmt, args);
  reserve(b, (uint32_t)n + 1);
  vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
  b->n += (uint32_t)n;
  va_end(args);
  va_end(again);
}

void cc_buffer_free(struct cc_buffer *b) {
  free(b->p);
  *b = (struct cc_buffer){0};
}

uint32_t cc_utf8_decode(const char *p, const char *end, uint32_t *code) {
  const uint8_t *u = (const uint8_t *)p;
  size_t left = (size_t)(end - p);
  if (left == 0) return 0;
  if (u[0] < 0x80) {
    *code = u[0];
    return 1;
  }
  uint32_t n = u[0] >= 0xF0 && u[0] < 0xF5   ? 4
               : u[0] >= 0xE0 && u[0] < 0xF0 ? 3
               : u[0] >= 0xC2 && u[0] < 0xE0 ? 2
                                             : 0;
  if (n == 0 || left < n) return 0;
  uint32_t c = u[0] & (0xFFu >> (n + 1));
  for (uint32_t i = 1; i < n; i++) {
    if ((u[i] & 0xC0) != 0x80) return 0;
    c = c << 6 | (u[i] & 0x3F);
  }
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return 0;
  *code = c;
  return n;
}

uint32_t cc_utf8_encode(char *p, uint32_t code) {
  if (code < 0x80) {
    p[0] = (char)code;
    return 1;
  }
  uint32_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (uint32_t i = n - 1; i > 0; i--, code >>= 6) p[i] = (char)(0x80 | (code & 0x3F));
  static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
  p[0] = (char)(lead[n] | code);
  return n;
}

bool cc_utf8_valid(struct cc_str s) {
  const char *p = s.p, *end = s.p + s.n;
  uint32_t code;
  while (p < end) {
    uint32_t n = cc_utf8_decode(p, end, &code);
    if (n == 0) return false;
    p += n;
  }
  return true;
}

struct cc_str cc_latin1_to_utf8(struct cc_arena *arena, struct cc_str s) {
  char *p = cc_alloc(arena, (size_t)s.n * 2 + 1);
  uint32_t n = 0;
  for (uint32_t i = 0; i < s.n; i++) n += cc_utf8_encode(p + n, (uint8_t)s.p[i]);
  return cc_str(p, n);
}
