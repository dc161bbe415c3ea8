/* Compiles what it is given: as a method, a do-it or a source file. Whatever compiles must pass the verifier.
 */
#include "compiler/compile.h"
#include "compiler/source.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void *binding(void *context, struct cc_str name, uint32_t pos) {
  return name.n > 0 && name.p[0] == 'u' ? NULL : context; /* some names are undeclared */
}

static void compile(struct cc_arena *arena, struct cc_diag *diag, struct cc_method *m) {
  static struct cc_str names[] = {{"a", 1}, {"b", 1}, {"c", 1}};
  struct cc_env env = {{names, 3, 3}, binding, arena};
  struct cc_code *code = m == NULL ? NULL : cc_compile(arena, diag, m, &env);
  if (code == NULL) return;
  err_t e = cc_verify_code(code, 3);
  if (e != NULL) {
    fprintf(stderr, "the verifier refuses compiled code: %s\n", e);
    abort();
  }
  struct cc_buffer out = {0};
  cc_disassemble(&out, code);
  cc_buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 1 || size > 1 << 16) return 0;
  struct cc_arena arena = {0};
  struct cc_diag diag = {.arena = &arena};
  struct cc_str s = cc_str((const char *)data + 1, (uint32_t)size - 1);
  struct cc_text text = {"fuzz", s};
  struct cc_range all = {0, s.n}, none = {s.n, s.n};
  switch (data[0] & 7) {
    case 0:
    case 1:
      compile(&arena, &diag, cc_parse(&arena, &diag, &text, (enum cc_source_kind)(data[0] & 1), all, none));
      break;
    default: {
      static const char *const names[] = {
          "a.class.st", "a.cs", "P.package/A.class/instance/a.st", "P.package/A.class/properties.json",
          "a.st",       "A.som"};
      struct cc_items items = {0};
      cc_read_source(&arena, &diag, names[(data[0] & 7) - 2], s, CC_FORMAT_AUTO, &items);
      for (uint32_t i = 0; i < items.count; i++) {
        const struct cc_item *item = &items.items[i];
        if (item->kind != CC_ITEM_METHOD && item->kind != CC_ITEM_DOIT) continue;
        compile(&arena, &diag, cc_parse_item(&arena, &diag, item));
        cc_item_source(&arena, item);
      }
    }
  }
  struct cc_buffer out = {0};
  cc_print_errors(&out, &diag);
  cc_buffer_free(&out);
  cc_arena_free(&arena);
  return 0;
}
