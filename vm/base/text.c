/* text.c: a growing text (text.h). */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_clear(struct text *t) {
  t->length = 0;
  if (t->chars != NULL) t->chars[0] = 0;
}

void text_free(struct text *t) {
  free(t->chars);
  *t = (struct text){0};
}

/* Room for `more` characters and the terminator. Texts are for people and small: no memory is a panic. */
static void reserve(struct text *t, size_t more) {
  if (t->length + more + 1 <= t->room) return;
  size_t room = 2 * (t->length + more) + 64;
  t->chars = realloc(t->chars, room);
  VM_ASSERT(t->chars != NULL);
  t->room = room;
}

void text_add(struct text *t, const void *chars, size_t length) {
  reserve(t, length);
  memcpy(t->chars + t->length, chars, length);
  t->length += length;
  t->chars[t->length] = 0;
}

void text_printf(struct text *t, const char *fmt, ...) {
  va_list args, again;
  va_start(args, fmt);
  va_copy(again, args);
  int length = vsnprintf(NULL, 0, fmt, args);
  va_end(args);
  VM_ASSERT(length >= 0);
  reserve(t, (size_t)length);
  vsnprintf(t->chars + t->length, (size_t)length + 1, fmt, again);
  va_end(again);
  t->length += (size_t)length;
}

/* Length of the well-formed UTF-8 sequence at s, or 0. */
static size_t utf8_length(const unsigned char *s, size_t room) {
  size_t n = s[0] < 0x80                   ? 1
             : s[0] >= 0xC2 && s[0] < 0xE0 ? 2
             : (s[0] & 0xF0) == 0xE0       ? 3
             : s[0] >= 0xF0 && s[0] < 0xF5 ? 4
                                           : 0;
  if (n == 0 || n > room) return 0;
  for (size_t i = 1; i < n; i++)
    if ((s[i] & 0xC0) != 0x80) return 0;
  return n;
}

void text_json(struct text *t, const char *chars, size_t length) {
  const unsigned char *s = (const unsigned char *)chars;
  text_add(t, "\"", 1);
  for (size_t i = 0; i < length;) {
    size_t n = utf8_length(s + i, length - i);
    if (n == 1 && (s[i] < 0x20 || s[i] == '"' || s[i] == '\\')) {
      text_printf(t, "\\u%04x", s[i]);
    } else if (n > 0) {
      text_add(t, s + i, n);
    } else {
      text_printf(t, "\\u%04x", s[i]);
      n = 1;
    }
    i += n;
  }
  text_add(t, "\"", 1);
}
