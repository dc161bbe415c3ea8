/* flips.h: which bits of an image file a hostile variant has flipped. */
#ifndef TESTS_HOSTILE_FLIPS_H
#define TESTS_HOSTILE_FLIPS_H

#include <stdbool.h>
#include <stdint.h>

enum { MAX_FLIPS = 64 };

/* Places in a file that decide more than others do. */
enum place {
  PLACE_HEADER,  /* of an object */
  PLACE_CLASS,   /* the class table, and fields of what may be a class */
  PLACE_METHOD,  /* a method's header and its literals */
  PLACE_CODE,    /* its first bytecodes */
  PLACE_SPECIAL, /* the special objects array */
  PLACE_CONTEXT, /* fields of contexts and closures, and of small objects, which processes and links are */
  PLACE_KINDS
};

struct span {
  uint32_t at, bytes;
};
struct places {
  uint32_t heap; /* where the object memory begins in the file */
  struct span *spans[PLACE_KINDS];
  uint32_t count[PLACE_KINDS], room[PLACE_KINDS];
};

struct flips {
  uint32_t count;
  uint32_t at[MAX_FLIPS];
  uint8_t bit[MAX_FLIPS];
};

/* Looks through an image file of any format. False: it is none, or there is no memory. */
bool places_find(struct places *p, const uint8_t *image, uint32_t size);
void places_free(struct places *p);

/* 1 to 64 bits behind the file's header, few more often than many; in two variants of three all or some of
 * them at places of one kind. */
void flips_choose(struct flips *f, const struct places *p, uint32_t size, uint32_t seed, uint32_t variant);

#endif
