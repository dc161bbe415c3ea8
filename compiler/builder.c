/* builder.c: source files to an image, from beginning to end. */
#include "compiler/build.h"
#include "memory/image.h"

#include <stdlib.h>

enum { FIRST_HASH = 1 };

struct source_file {
  const char *name;
  struct cc_str text;
  enum cc_format format;
};

struct cc_build_counts cc_build_counts;

static struct {
  struct builder b;
  struct {
    struct source_file *items;
    uint32_t count, capacity;
  } files;
  struct cc_buffer errors;
} build;

void cc_build_begin(void) {
  cc_arena_free(&build.b.arena);
  cc_buffer_free(&build.errors);
  memset(&build, 0, sizeof build);
  build.b.diag.arena = &build.b.arena;
  cc_build_counts = (struct cc_build_counts){0};
}

void cc_build_add(const char *name, struct cc_str text, enum cc_format format) {
  struct cc_arena *arena = &build.b.arena;
  build.b.diag.arena = arena;
  struct source_file f = {cc_str_copy(arena, cc_str_z(name)).p, cc_str_copy(arena, text), format};
  CC_PUSH(arena, build.files, f);
}

void cc_build_lenient(bool lenient) { build.b.lenient = lenient; }
const struct cc_strs *cc_build_undeclared(void) { return &build.b.undeclared; }

static int by_name(const void *a, const void *b) {
  return strcmp(((const struct source_file *)a)->name, ((const struct source_file *)b)->name);
}

static bool put_piece(void *sink, const void *bytes, uint32_t count) {
  cc_put(sink, bytes, count);
  return true;
}

/* Each step needs the one before without an error. */
static err_t run(struct builder *b, struct cc_buffer *image) {
  for (uint32_t i = 0; i < build.files.count; i++) {
    const struct source_file *f = &build.files.items[i];
    cc_read_source(&b->arena, &b->diag, f->name, f->text, f->format, &b->items);
  }
  build_model(b);
  if (b->diag.count == 0) build_check_kernel(b);
  if (b->diag.count > 0) return NULL;
  err_t e = mem_init(0);
  if (e == NULL) e = mem_bootstrap();
  if (e != NULL) return e;
  mem.last_hash = FIRST_HASH; /* whatever seed the VM runs with */
  build_heap(b);
  if (b->diag.count == 0 && b->maker.error == NULL) build_system(b);
  if (b->diag.count > 0 || b->maker.error != NULL) return b->maker.error;
  image->n = 0;
  return image_write(put_piece, image);
}

err_t cc_build_finish(struct cc_buffer *image) {
  struct builder *b = &build.b;
  b->diag.arena = &b->arena;
  cc_build_counts.files = build.files.count;
  if (build.files.count == 0) return "there are no source files to build an image from";
  qsort(build.files.items, build.files.count, sizeof *build.files.items, by_name);
  err_t e = run(b, image);
  cc_build_counts.classes = b->classes.count;
  if (b->diag.count == 0) return e;
  cc_print_errors(&build.errors, &b->diag);
  return build.errors.p;
}
