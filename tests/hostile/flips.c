/* flips.c: where the objects of an image file lie, and bits to flip there (flips.h). It reads files in this
 * machine's byte order, and knows of each format only as much as finds the places. */
#include "tests/hostile/flips.h"

#include <stdlib.h>
#include <string.h>

static uint32_t word(const uint8_t *image, uint64_t at) {
  uint32_t w;
  memcpy(&w, image + at, 4);
  return w;
}

static bool add(struct places *p, enum place kind, uint64_t at, uint64_t bytes) {
  if (p->count[kind] == p->room[kind]) {
    const uint32_t room = p->room[kind] == 0 ? 256 : 2 * p->room[kind];
    struct span *grown = realloc(p->spans[kind], room * sizeof *grown);
    if (grown == NULL) return false;
    p->spans[kind] = grown;
    p->room[kind] = room;
  }
  p->spans[kind][p->count[kind]++] = (struct span){(uint32_t)at, (uint32_t)bytes};
  return true;
}

/* ---- what an object's header says, whatever the format ---- */

struct object {
  uint64_t header, header_bytes, body, bytes; /* the body without padding is enough */
  uint32_t format, class_index;
  bool is_method, is_free;
};

enum { CODE_BYTES = 40, FEW_FIELDS = 8, CLASS_FIELDS = 3 };

static bool add_places(struct places *p, const uint8_t *image, const struct object *o, uint32_t unit) {
  enum { FIRST_CONTEXT = 36, LAST_CLOSURE = 38, HIDDEN = 16, MOST_CLASS_FIELDS = 20, LAST_POINTERS = 5 };
  if (!add(p, PLACE_HEADER, o->header, o->header_bytes)) return false;
  if (o->bytes < unit) return true;
  if (o->is_method) {
    const uint64_t literals = (word(image, o->body) >> 1 & 0x7FFF) * unit + unit;
    if (literals >= o->bytes) return add(p, PLACE_METHOD, o->body, unit);
    const uint64_t code = o->bytes - literals;
    return add(p, PLACE_METHOD, o->body, literals) &&
           add(p, PLACE_CODE, o->body + literals, code < CODE_BYTES ? code : CODE_BYTES);
  }
  if (o->format > LAST_POINTERS) return true;
  const uint64_t fields = o->bytes / unit;
  if (o->class_index == HIDDEN) return add(p, PLACE_CLASS, o->body, o->bytes);
  if (fields >= CLASS_FIELDS && fields <= MOST_CLASS_FIELDS &&
      !add(p, PLACE_CLASS, o->body, CLASS_FIELDS * unit))
    return false;
  const bool context = o->class_index >= FIRST_CONTEXT && o->class_index <= LAST_CLOSURE;
  return (!context && fields > FEW_FIELDS) ||
         add(p, PLACE_CONTEXT, o->body, fields > FEW_FIELDS ? FEW_FIELDS * unit : o->bytes);
}

/* ---- Spur ---- */

/* The object whose header, or the size before it, is at `at`. */
static struct object spur_object(const uint8_t *image, uint64_t at, uint32_t unit) {
  enum { OVERFLOW = 255, METHOD = 24 };
  uint64_t slots = word(image, at + 4) >> 24, header = at;
  if (slots == OVERFLOW) {
    slots = word(image, at) | (uint64_t)(word(image, at + 4) & 0xFFFFFF) << 32;
    header += 8;
  }
  const uint32_t format = word(image, header) >> 24 & 31, class_index = word(image, header) & 0x3FFFFF;
  return (struct object){at,     header + 8 - at, header + 8,       slots * unit,
                         format, class_index,     format >= METHOD, class_index == 0};
}

static bool find_spur(struct places *p, const uint8_t *image, uint32_t size, uint32_t unit,
                      uint64_t special) {
  for (uint64_t at = p->heap; at + 16 < size;) {
    const struct object o = spur_object(image, at, unit);
    const uint64_t next = o.body + (o.bytes < 8 ? 8 : (o.bytes + 7) & ~7ull);
    if (next > size) break;
    if (!o.is_free && !add_places(p, image, &o, unit)) return false;
    if (o.body - 8 == special && !add(p, PLACE_SPECIAL, o.body, o.bytes)) return false;
    at = next;
  }
  return true;
}

/* ---- before Spur ---- */

/* Headers have one word, two or three, by the low bits of the first, whose last is the one with the format.
 */
static struct object v3_object(const uint8_t *image, uint64_t at) {
  enum { THREE = 0, TWO = 1, METHOD = 12 };
  const uint32_t kind = word(image, at) & 3, words = kind == THREE ? 3 : kind == TWO ? 2 : 1;
  const uint64_t base = at + 4 * (words - 1);
  const uint32_t header = word(image, base), format = header >> 8 & 15;
  const uint64_t bytes = kind == THREE ? word(image, at) & ~3u : header & 0xFC;
  return (struct object){at,     4 * words, base + 4,         bytes < 4 ? 0 : bytes - 4,
                         format, 0,         format >= METHOD, kind == 2};
}

static bool find_v3(struct places *p, const uint8_t *image, uint32_t size, uint64_t special) {
  for (uint64_t at = p->heap; at + 12 < size;) {
    struct object o = v3_object(image, at);
    if (o.is_free) { /* the word holds the chunk's size */
      o.bytes = (word(image, at) & ~3u) - 4;
      if (o.bytes > size) break;
    }
    if (o.body + o.bytes > size) break;
    if (!o.is_free && !add_places(p, image, &o, 4)) return false;
    if (o.body - 4 == special && !add(p, PLACE_SPECIAL, o.body, o.bytes)) return false;
    at = o.body + o.bytes;
  }
  return true;
}

bool places_find(struct places *p, const uint8_t *image, uint32_t size) {
  enum { LEAST = 128, SPUR = 6521, SPUR_64 = 68021, MULTIPLE_SETS = 512 };
  *p = (struct places){0};
  if (size < LEAST) return false;
  const uint32_t format = word(image, 0) & ~(uint32_t)MULTIPLE_SETS;
  p->heap = word(image, 4);
  if (p->heap >= size || p->heap < 64) return false;
  const bool wide = word(image, 0) >= SPUR_64;
  uint64_t base = word(image, wide ? 16 : 12), special = word(image, wide ? 24 : 16);
  if (wide) {
    base |= (uint64_t)word(image, 20) << 32;
    special |= (uint64_t)word(image, 28) << 32;
  }
  special = special - base + p->heap;
  if (wide) return find_spur(p, image, size, 8, special);
  return format == (SPUR & ~(uint32_t)MULTIPLE_SETS) || word(image, 0) == 16521 || word(image, 0) == 16520
             ? find_spur(p, image, size, 4, special)
             : find_v3(p, image, size, special);
}

void places_free(struct places *p) {
  for (int i = 0; i < PLACE_KINDS; i++) free(p->spans[i]);
  *p = (struct places){0};
}

/* ---- the choice ---- */

/* mulberry32, as tests/random has it. */
static uint32_t next(uint32_t *state) {
  uint32_t z = *state += 0x6D2B79F5;
  z = (z ^ z >> 15) * (z | 1);
  z ^= z + (z ^ z >> 7) * (z | 61);
  return z ^ z >> 14;
}

static uint32_t place_of(const struct places *p, enum place kind, uint32_t *state) {
  const struct span s = p->spans[kind][next(state) % p->count[kind]];
  return s.at + next(state) % s.bytes;
}

void flips_choose(struct flips *f, const struct places *p, uint32_t size, uint32_t seed, uint32_t variant) {
  enum { ANYWHERE = 4, CHOICES = PLACE_KINDS + ANYWHERE, FEW = 4 };
  uint32_t state = seed * 0x9E3779B1u + variant;
  for (int i = 0; i < 3; i++) next(&state);
  const uint32_t choice = next(&state) % CHOICES, share = 1 + next(&state) % 4;
  f->count = 1 + next(&state) % (next(&state) % 4 == 0 ? MAX_FLIPS : FEW);
  for (uint32_t i = 0; i < f->count; i++) {
    const bool chosen = choice < PLACE_KINDS && p->count[choice] > 0 && next(&state) % 4 < share;
    f->at[i] = chosen ? place_of(p, (enum place)choice, &state) : p->heap + next(&state) % (size - p->heap);
    f->bit[i] = next(&state) & 7;
  }
}
