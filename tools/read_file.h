/* read_file.h: a whole file, for the tools. */
#ifndef TOOLS_READ_FILE_H
#define TOOLS_READ_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The bytes, which the caller frees; NULL: it cannot be read. */
static inline uint8_t *read_file(const char *path, uint32_t *size) {
  FILE *f = fopen(path, "rb");
  if (f == NULL) return NULL;
  fseek(f, 0, SEEK_END);
  long n = ftell(f);
  rewind(f);
  uint8_t *bytes = n < 0 ? NULL : malloc((size_t)n + 1);
  if (bytes != NULL && fread(bytes, 1, (size_t)n, f) != (size_t)n) {
    free(bytes);
    bytes = NULL;
  }
  fclose(f);
  *size = (uint32_t)n;
  return bytes;
}

#endif
