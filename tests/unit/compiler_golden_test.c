/* Golden files: tests/compiler/NAME.golden. A file holds cases, each
 *
 *   === method: title      or context: title, doit: title, or source FILE.st: title
 *   …source…
 *   --- expected
 *   …disassembly, or the errors; of sources the items…
 *
 * Instance variables are a, b and c, in a `context` case sender, pc and stackp; any capitalized name is a
 * global, and so are `shared` and `workspace`. CATALYST_ACCEPT=1 writes what comes out as what is expected.
 */
#include "compiler_support.h"

#include "compiler/compile.h"
#include "compiler/source.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define FOLDER "tests/compiler"
#define CASE_MARK "=== "
#define EXPECTED_MARK "--- expected\n"

static void *binding(void *context, struct cc_str name, uint32_t pos) {
  bool known =
      (name.p[0] >= 'A' && name.p[0] <= 'Z') || CC_STR_IS(name, "shared") || CC_STR_IS(name, "workspace");
  return known ? context : NULL;
}

static void print_code(struct cc_arena *arena, struct cc_diag *diag, struct cc_method *m, bool of_context,
                       struct cc_buffer *out) {
  static struct cc_str names[] = {{"a", 1}, {"b", 1}, {"c", 1}};
  static struct cc_str context_names[] = {{"sender", 6}, {"pc", 2}, {"stackp", 6}};
  struct cc_env env = {{of_context ? context_names : names, 3, 3}, binding, arena};
  struct cc_code *code = m == NULL ? NULL : cc_compile(arena, diag, m, &env);
  if (code == NULL) return;
  cc_disassemble(out, code);
  err_t e = cc_verify_code(code, 3);
  if (e != NULL) cc_putf(out, "VERIFIER: %s\n", e);
}

static void print_strs(struct cc_buffer *out, const char *what, const struct cc_strs *list) {
  if (list->count == 0) return;
  cc_putf(out, "  %s:", what);
  for (uint32_t i = 0; i < list->count; i++) cc_putf(out, " %.*s", (int)list->items[i].n, list->items[i].p);
  cc_putf(out, "\n");
}

static void print_item(struct cc_arena *arena, struct cc_buffer *out, const struct cc_item *item) {
  uint32_t line, column;
  cc_line_column(item->text->s, item->pos, &line, &column, NULL);
  if (item->kind == CC_ITEM_CLASS) {
    cc_putf(out, "%u: class %.*s < %.*s, %s, category %.*s\n", line, (int)item->class_name.n,
            item->class_name.p, (int)item->superclass.n, item->superclass.p, cc_class_type_names[item->type],
            (int)item->category.n, item->category.p);
    print_strs(out, "instance variables", &item->inst_vars);
    print_strs(out, "class variables", &item->class_vars);
    print_strs(out, "class-side instance variables", &item->class_inst_vars);
    print_strs(out, "pools", &item->pools);
    if (item->comment.n > 0) cc_putf(out, "  comment: %.*s\n", (int)item->comment.n, item->comment.p);
    return;
  }
  if (item->kind == CC_ITEM_COMMENT) {
    cc_putf(out, "%u: comment of %.*s: %.*s\n", line, (int)item->class_name.n, item->class_name.p,
            (int)item->comment.n, item->comment.p);
    return;
  }
  struct cc_str source = cc_item_source(arena, item);
  if (item->kind == CC_ITEM_METHOD)
    cc_putf(out, "%u: %.*s%s, %.*s:\n", line, (int)item->class_name.n, item->class_name.p,
            item->is_meta ? " class" : "", (int)item->category.n, item->category.p);
  else
    cc_putf(out, "%u: do-it:\n", line);
  cc_putf(out, "%.*s\n.\n", (int)source.n, source.p);
}

static void run_case(struct cc_str head, struct cc_str source, struct cc_buffer *out) {
  struct cc_arena arena = {0};
  struct cc_diag diag = {.arena = &arena};
  struct cc_text text = {"source", source};
  struct cc_range all = {0, source.n}, none = {source.n, source.n};
  if (memcmp(head.p, "source ", 7) == 0) {
    struct cc_items items = {0};
    const char *end = memchr(head.p, ':', head.n);
    struct cc_str name = cc_str_copy(&arena, cc_str(head.p + 7, (uint32_t)(end - head.p - 7)));
    cc_read_source(&arena, &diag, name.p, source, CC_FORMAT_AUTO, &items);
    for (uint32_t i = 0; i < items.count; i++) {
      print_item(&arena, out, &items.items[i]);
      if (items.items[i].kind == CC_ITEM_METHOD) cc_parse_item(&arena, &diag, &items.items[i]);
    }
  } else {
    bool of_context = memcmp(head.p, "context", 7) == 0;
    bool method = of_context || memcmp(head.p, "method", 6) == 0;
    print_code(&arena, &diag, cc_parse(&arena, &diag, &text, method ? CC_METHOD : CC_DOIT, all, none),
               of_context, out);
  }
  cc_print_errors(out, &diag);
  cc_arena_free(&arena);
}

/* Runs each case of the file; `fresh` gets the file with what came out. */
static uint32_t run_file(struct cc_str s, const char *path, struct cc_buffer *fresh) {
  uint32_t failures = 0;
  const char *p = s.p, *end = s.p + s.n;
  while (p < end) {
    const char *head_end = strchr(p, '\n') + 1, *mark = strstr(head_end, EXPECTED_MARK);
    assert_memory_equal(p, CASE_MARK, sizeof CASE_MARK - 1);
    if (mark == NULL) fail_msg("%s: a case has no \"--- expected\"", path);
    const char *expected = mark + sizeof EXPECTED_MARK - 1, *next = strstr(expected - 1, "\n" CASE_MARK);
    next = next == NULL ? end : next + 1;
    struct cc_str head =
        cc_str(p + sizeof CASE_MARK - 1, (uint32_t)(head_end - p - (sizeof CASE_MARK - 1) - 1));
    struct cc_buffer out = {0};
    run_case(head, cc_str(head_end, (uint32_t)(mark - head_end)), &out);
    if (!cc_str_eq(cc_str(out.p, out.n), cc_str(expected, (uint32_t)(next - expected)))) {
      print_error("%s: %.*s: got\n%.*s", path, (int)head.n, head.p, (int)out.n, out.n > 0 ? out.p : "");
      print_error("instead of\n%.*s\n", (int)(next - expected), expected);
      failures++;
    }
    cc_put(fresh, p, (uint32_t)(expected - p));
    cc_put(fresh, out.p, out.n);
    cc_buffer_free(&out);
    p = next;
  }
  return failures;
}

static void golden_files(void **state) {
  (void)state;
  DIR *dir = opendir(FOLDER);
  uint32_t failures = 0, files = 0;
  assert_non_null(dir);
  for (struct dirent *e; (e = readdir(dir)) != NULL;) {
    char path[512];
    size_t n = strlen(e->d_name);
    if (n < 7 || strcmp(e->d_name + n - 7, ".golden") != 0) continue;
    snprintf(path, sizeof path, FOLDER "/%s", e->d_name);
    struct cc_buffer text = read_file(path);
    struct cc_buffer fresh = {0};
    uint32_t wrong = run_file(cc_str(text.p, text.n), path, &fresh);
    if (wrong > 0 && getenv("CATALYST_ACCEPT") != NULL) {
      FILE *f = fopen(path, "wb");
      assert_non_null(f);
      fwrite(fresh.p, 1, fresh.n, f);
      fclose(f);
      wrong = 0;
    }
    failures += wrong;
    files++;
    cc_buffer_free(&fresh);
    cc_buffer_free(&text);
  }
  closedir(dir);
  assert_true(files > 0);
  assert_int_equal(failures, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(golden_files)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
