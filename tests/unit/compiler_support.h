/* compiler_support.h: what tests of the compiler share. */
#ifndef TESTS_UNIT_COMPILER_SUPPORT_H
#define TESTS_UNIT_COMPILER_SUPPORT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "compiler/compile.h"

#include <stdio.h>

/* A whole file; the caller frees it. */
static inline struct cc_buffer read_file(const char *path) {
  FILE *f = fopen(path, "rb");
  struct cc_buffer b = {0};
  char piece[4096];
  size_t n;
  assert_non_null(f);
  while ((n = fread(piece, 1, sizeof piece, f)) > 0) cc_put(&b, piece, (uint32_t)n);
  fclose(f);
  return b;
}

#endif
