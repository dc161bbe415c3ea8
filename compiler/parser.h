/* parser.h: Smalltalk source to syntax trees. */
#ifndef COMPILER_PARSER_H
#define COMPILER_PARSER_H

#include "compiler/ast.h"

/* Limits that keep every pass within a 1 MB C stack, with a clear error beyond. */
enum { CC_MAX_NESTING = 200, CC_MAX_TREE_DEPTH = 1000 };

struct cc_range {
  uint32_t start, end;
};

enum cc_source_kind { CC_METHOD, CC_DOIT };

/* Parses a method: pattern and body. In Tonel they are apart (body.start is behind the bracket); elsewhere
 * body is an empty range at the pattern's end and the body follows the pattern. A do-it has statements only
 * (and temporaries); its selector is `DoIt`, and it answers its last statement.
 * NULL: an error was reported to diag. */
struct cc_method *cc_parse(struct cc_arena *arena, struct cc_diag *diag, const struct cc_text *text,
                           enum cc_source_kind kind, struct cc_range pattern, struct cc_range body);

/* The selector of a method pattern alone; false: it is none. */
bool cc_parse_pattern(struct cc_arena *arena, struct cc_diag *diag, const struct cc_text *text,
                      struct cc_range pattern, struct cc_str *selector);

#endif
