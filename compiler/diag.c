/* diag.c: errors in source text. */
#include "compiler/diag.h"

#include <stdarg.h>
#include <stdio.h>

void cc_line_column(struct cc_str s, uint32_t pos, uint32_t *line, uint32_t *column,
                    struct cc_str *line_text) {
  if (pos > s.n) pos = s.n;
  uint32_t start = 0, number = 1;
  for (uint32_t i = 0; i < pos; i++) {
    bool lone_cr = s.p[i] == '\r' && (i + 1 >= s.n || s.p[i + 1] != '\n');
    if (s.p[i] == '\n' || lone_cr) {
      number++;
      start = i + 1;
    }
  }
  uint32_t end = pos;
  while (end < s.n && s.p[end] != '\n' && s.p[end] != '\r') end++;
  uint32_t chars = 0;
  for (uint32_t i = start; i < pos; i++) chars += (s.p[i] & 0xC0) != 0x80;
  *line = number;
  *column = chars + 1;
  if (line_text != NULL) *line_text = cc_str(s.p + start, end - start);
}

void cc_error_at(struct cc_diag *diag, const struct cc_text *text, uint32_t pos, const char *fmt, ...) {
  if (diag->count++ >= CC_MAX_ERRORS) return;
  struct cc_error *e = &diag->errors[diag->count - 1];
  char message[512];
  va_list args;
  va_start(args, fmt);
  vsnprintf(message, sizeof message, fmt, args);
  va_end(args);
  *e = (struct cc_error){.file = text->file, .pos = pos};
  e->message = cc_str_copy(diag->arena, cc_str_z(message)).p;
  if (pos == UINT32_MAX) return;
  cc_line_column(text->s, pos, &e->line, &e->column, &e->line_text);
  e->line_text = cc_str_copy(diag->arena, e->line_text);
}

void cc_print_error(struct cc_buffer *out, const struct cc_error *e) {
  if (e->line == 0) {
    cc_putf(out, "%s: error: %s\n", e->file, e->message);
    return;
  }
  cc_putf(out, "%s:%u:%u: error: %s\n", e->file, e->line, e->column, e->message);
  uint32_t shown = e->line_text.n < 200 ? e->line_text.n : 200;
  cc_put(out, e->line_text.p, shown);
  cc_put(out, "\n", 1);
  uint32_t column = 1;
  for (uint32_t i = 0; i < shown && column < e->column; i++) { /* a tab stays a tab, so the caret fits */
    if ((e->line_text.p[i] & 0xC0) == 0x80) continue;
    cc_put(out, e->line_text.p[i] == '\t' ? "\t" : " ", 1);
    column++;
  }
  cc_put(out, "^\n", 2);
}

void cc_print_errors(struct cc_buffer *out, const struct cc_diag *diag) {
  uint32_t shown = diag->count < CC_MAX_ERRORS ? diag->count : CC_MAX_ERRORS;
  for (uint32_t i = 0; i < shown; i++) cc_print_error(out, &diag->errors[i]);
  if (diag->count > shown) cc_putf(out, "and %u more errors\n", diag->count - shown);
}
