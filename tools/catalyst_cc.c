/* catalyst_cc: the Smalltalk compiler as a native tool.
 *
 *   catalyst_cc --check PATH…            parses every file (folders recursively) and prints the errors
 *   catalyst_cc --build PATH… -o IMAGE   builds an image from these sources; with --lenient undeclared
 *                                        variables are listed, and nil in the image;
 *                                        --outer-contexts: blocks always keep theirs (see compile.h)
 *   catalyst_cc --disassemble PATH…      compiles every method alone and prints its bytecode
 *
 * Exit codes: 0 fine, 1 errors in the sources, 2 wrong usage. */
#include "compiler/builder.h"
#include "compiler/compile.h"
#include "compiler/source.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct paths {
  char **items;
  uint32_t count, capacity;
};

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static bool is_source(const char *name) {
  static const char *const tails[] = {".st",      ".som", ".cs", ".changes", ".sources", "properties.json",
                                      "README.md"};
  size_t n = strlen(name);
  for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
    size_t k = strlen(tails[i]);
    if (n >= k && strcmp(name + n - k, tails[i]) == 0) return true;
  }
  return false;
}

/* Adds the file, or the source files below the folder, in the order of their names. */
static bool add_path(struct cc_arena *arena, struct paths *list, const char *path, bool named) {
  struct stat st;
  if (stat(path, &st) != 0) {
    fprintf(stderr, "catalyst_cc: cannot read %s\n", path);
    return false;
  }
  if (!S_ISDIR(st.st_mode)) {
    const char *base = strrchr(path, '/');
    bool filetree_only = strstr(path, ".json") != NULL || strstr(path, ".md") != NULL;
    bool in_class = strstr(path, ".class/") != NULL || strstr(path, ".extension/") != NULL;
    if (named || (is_source(base == NULL ? path : base + 1) && (!filetree_only || in_class)))
      CC_PUSH(arena, *list, (char *)cc_str_copy(arena, cc_str_z(path)).p);
    return true;
  }
  struct paths entries = {0};
  DIR *dir = opendir(path);
  if (dir == NULL) {
    fprintf(stderr, "catalyst_cc: cannot read the folder %s\n", path);
    return false;
  }
  for (struct dirent *e; (e = readdir(dir)) != NULL;)
    if (e->d_name[0] != '.')
      CC_PUSH(arena, entries, (char *)cc_str_format(arena, "%s/%s", path, e->d_name).p);
  closedir(dir);
  if (entries.count > 0) qsort(entries.items, entries.count, sizeof *entries.items, by_name);
  bool ok = true;
  for (uint32_t i = 0; i < entries.count; i++) ok = add_path(arena, list, entries.items[i], false) && ok;
  return ok;
}

static bool read_file(struct cc_arena *arena, const char *path, struct cc_str *text) {
  FILE *f = fopen(path, "rb");
  if (f == NULL) return false;
  struct cc_buffer b = {0};
  char piece[16384];
  size_t n;
  while ((n = fread(piece, 1, sizeof piece, f)) > 0) cc_put(&b, piece, (uint32_t)n);
  fclose(f);
  *text = cc_str_copy(arena, cc_str(b.p, b.n));
  cc_buffer_free(&b);
  return true;
}

static int finish(const struct cc_diag *diag) {
  struct cc_buffer out = {0};
  cc_print_errors(&out, diag);
  fwrite(out.p, 1, out.n, stderr);
  cc_buffer_free(&out);
  return diag->count == 0 ? 0 : 1;
}

static bool read_all(struct cc_arena *arena, struct cc_diag *diag, const struct paths *paths,
                     struct cc_items *items) {
  for (uint32_t i = 0; i < paths->count; i++) {
    struct cc_str text;
    if (!read_file(arena, paths->items[i], &text)) {
      fprintf(stderr, "catalyst_cc: cannot read %s\n", paths->items[i]);
      return false;
    }
    cc_read_source(arena, diag, paths->items[i], text, CC_FORMAT_AUTO, items);
  }
  return true;
}

static int check(struct cc_arena *arena, struct cc_diag *diag, const struct paths *paths) {
  struct cc_items items = {0};
  if (!read_all(arena, diag, paths, &items)) return 2;
  uint32_t methods = 0, classes = 0;
  for (uint32_t i = 0; i < items.count; i++) {
    const struct cc_item *item = &items.items[i];
    if (item->kind == CC_ITEM_CLASS) classes++;
    if (item->kind != CC_ITEM_METHOD && item->kind != CC_ITEM_DOIT) continue;
    struct cc_arena scratch = {0};
    cc_parse_item(&scratch, diag, item);
    cc_arena_free(&scratch);
    methods++;
  }
  if (diag->count == 0)
    printf("%u files, %u classes, %u methods: no errors\n", paths->count, classes, methods);
  return finish(diag);
}

/* Any name is a global here. */
static void *any_binding(void *context, struct cc_str name, uint32_t pos) { return context; }

/* The instance variables of the class, if one of these files defines it. */
static struct cc_strs inst_vars_of(const struct cc_items *items, const struct cc_item *method) {
  for (uint32_t i = 0; i < items->count; i++) {
    const struct cc_item *c = &items->items[i];
    if (c->kind == CC_ITEM_CLASS && cc_str_eq(c->class_name, method->class_name))
      return method->is_meta ? c->class_inst_vars : c->inst_vars;
  }
  return (struct cc_strs){0};
}

static int disassemble(struct cc_arena *arena, struct cc_diag *diag, const struct paths *paths) {
  struct cc_items items = {0};
  struct cc_buffer out = {0};
  if (!read_all(arena, diag, paths, &items)) return 2;
  for (uint32_t i = 0; i < items.count; i++) {
    const struct cc_item *item = &items.items[i];
    if (item->kind != CC_ITEM_METHOD && item->kind != CC_ITEM_DOIT) continue;
    struct cc_env env = {inst_vars_of(&items, item), any_binding, arena};
    struct cc_method *m = cc_parse_item(arena, diag, item);
    struct cc_code *code = m == NULL ? NULL : cc_compile(arena, diag, m, &env);
    if (code == NULL) continue;
    cc_disassemble(&out, code);
    err_t e = cc_verify_code(code, env.inst_vars.count);
    if (e != NULL) cc_error_at(diag, item->text, item->pos, "the verifier refuses this: %s", e);
  }
  if (out.n > 0) fwrite(out.p, 1, out.n, stdout);
  cc_buffer_free(&out);
  return finish(diag);
}

static bool write_file(const char *path, const struct cc_buffer *b) {
  FILE *f = fopen(path, "wb");
  if (f == NULL) return false;
  bool fine = fwrite(b->p, 1, b->n, f) == b->n;
  return fclose(f) == 0 && fine;
}

static int build(struct cc_arena *arena, const struct paths *paths, const char *output, bool lenient) {
  struct cc_buffer image = {0};
  cc_build_begin();
  cc_build_lenient(lenient);
  for (uint32_t i = 0; i < paths->count; i++) {
    struct cc_str text;
    if (!read_file(arena, paths->items[i], &text)) {
      fprintf(stderr, "catalyst_cc: cannot read %s\n", paths->items[i]);
      return 2;
    }
    cc_build_add(paths->items[i], text, CC_FORMAT_AUTO);
  }
  err_t e = cc_build_finish(&image);
  if (e != NULL) {
    fprintf(stderr, "%s%s", e, e[strlen(e) - 1] == '\n' ? "" : "\n");
    return 1;
  }
  const struct cc_strs *missing = cc_build_undeclared();
  for (uint32_t i = 0; i < missing->count; i++)
    fprintf(stderr, "undeclared: %.*s\n", (int)missing->items[i].n, missing->items[i].p);
  if (!write_file(output, &image)) {
    fprintf(stderr, "catalyst_cc: cannot write %s\n", output);
    return 2;
  }
  printf("%s: %u bytes from %u files: %u classes, %u methods, %u symbols\n", output, image.n,
         cc_build_counts.files, cc_build_counts.classes, cc_build_counts.methods, cc_build_counts.symbols);
  cc_buffer_free(&image);
  return 0;
}

static int usage(void) {
  fprintf(stderr,
          "usage: catalyst_cc --check PATH…\n"
          "       catalyst_cc --build PATH… -o IMAGE\n"
          "       catalyst_cc --disassemble PATH…\n");
  return 2;
}

int main(int argc, char **argv) {
  struct cc_arena arena = {0};
  struct cc_diag diag = {.arena = &arena};
  struct paths paths = {0};
  const char *output = NULL;
  bool lenient = false;
  if (argc < 3) return usage();
  for (int i = 2; i < argc; i++) {
    if (strcmp(argv[i], "-o") == 0 && i + 1 < argc)
      output = argv[++i];
    else if (strcmp(argv[i], "--lenient") == 0)
      lenient = true;
    else if (!add_path(&arena, &paths, argv[i], true))
      return 2;
  }
  int code;
  if (strcmp(argv[1], "--check") == 0)
    code = check(&arena, &diag, &paths);
  else if (strcmp(argv[1], "--disassemble") == 0)
    code = disassemble(&arena, &diag, &paths);
  else if (strcmp(argv[1], "--build") == 0 && output != NULL)
    code = build(&arena, &paths, output, lenient);
  else
    code = usage();
  cc_arena_free(&arena);
  return code;
}
