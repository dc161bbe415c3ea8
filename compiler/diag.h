/* diag.h: errors in source text: file, line, column, the line itself and a caret. */
#ifndef COMPILER_DIAG_H
#define COMPILER_DIAG_H

#include "compiler/arena.h"

enum { CC_MAX_ERRORS = 20 };

/* A whole source text and what to call it. Positions are byte offsets into it. */
struct cc_text {
  const char *file;
  struct cc_str s;
};

struct cc_error {
  const char *file;
  uint32_t pos;          /* byte offset into the text; UINT32_MAX: about the file as a whole */
  uint32_t line, column; /* from 1; columns count characters, a tab is one */
  const char *message;
  struct cc_str line_text;
};

struct cc_diag {
  struct cc_arena *arena;
  struct cc_error errors[CC_MAX_ERRORS];
  uint32_t count; /* may exceed CC_MAX_ERRORS: the rest is only counted */
};

void cc_error_at(struct cc_diag *diag, const struct cc_text *text, uint32_t pos, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
void cc_line_column(struct cc_str s, uint32_t pos, uint32_t *line, uint32_t *column,
                    struct cc_str *line_text);
/* `file:line:column: error: message`, the line, the caret. */
void cc_print_error(struct cc_buffer *out, const struct cc_error *e);
/* All of them, and how many more there were. */
void cc_print_errors(struct cc_buffer *out, const struct cc_diag *diag);

#endif
