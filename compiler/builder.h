/* builder.h: builds an image from source files, with no other image's help. docs/default-image.md says what
 * is in it. The heap (memory.h) is used for it and left holding the new image. */
#ifndef COMPILER_BUILDER_H
#define COMPILER_BUILDER_H

#include "compiler/source.h"

/* Forgets earlier sources and results. */
void cc_build_begin(void);
/* Adds a source file; name and text are copied. */
void cc_build_add(const char *name, struct cc_str text, enum cc_format format);
/* Undeclared variables become globals that are nil, listed in cc_build_undeclared(), instead of errors: for
 * sources that are not complete yet. */
void cc_build_lenient(bool lenient);
const struct cc_strs *cc_build_undeclared(void);
/* Reads, checks, compiles, makes the heap and writes it into `image`. Same sources, same bytes: files are
 * taken in the order of their names. On failure the errors as text, up to 20 of them, good until the next
 * cc_build_begin(). */
err_t cc_build_finish(struct cc_buffer *image) NODISCARD;

struct cc_build_counts {
  uint32_t files, classes, methods, symbols;
};
extern struct cc_build_counts cc_build_counts;

#endif
