/* text.h: a growing text, for the JSON and the dumps that the core hands to its host. */
#ifndef VM_BASE_TEXT_H
#define VM_BASE_TEXT_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct text {
  char *chars; /* zero-terminated once something was added; owned */
  size_t length, room;
};

/* Empties it and keeps its memory. */
void text_clear(struct text *t);
void text_free(struct text *t);
void text_add(struct text *t, const void *chars, size_t length);
void text_printf(struct text *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The characters as a JSON string with its quotes; bytes that are no UTF-8 are taken as Latin-1. */
void text_json(struct text *t, const char *chars, size_t length);

#endif
