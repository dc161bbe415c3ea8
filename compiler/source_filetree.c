/* source_filetree.c: FileTree, as Monticello repositories on disk have it: a folder Name.class or
 * Name.extension with `instance/` and `class/` folders of methods (first line the category, then the
 * method), `README.md` for the comment and `properties.json` for the class.
 *
 * A file's place is known from its path alone. */
#include "compiler/lexer.h"
#include "compiler/source.h"

/* The part of the path before `marker`, from the last slash on. */
static struct cc_str folder_before(const char *path, const char *marker) {
  const char *found = NULL;
  for (const char *p = strstr(path, marker); p != NULL; p = strstr(p + 1, marker)) found = p;
  if (found == NULL) return (struct cc_str){0};
  const char *start = found;
  while (start > path && start[-1] != '/') start--;
  return cc_str(start, (uint32_t)(found - start));
}

/* ---- JSON: one object of strings and lists of strings ---- */

struct json {
  struct cc_reader *r;
  uint32_t pos;
};

static char json_peek(struct json *j) {
  struct cc_str s = j->r->text->s;
  while (j->pos < s.n && ((uint8_t)s.p[j->pos] <= ' ' || s.p[j->pos] == ',')) j->pos++;
  return j->pos < s.n ? s.p[j->pos] : 0;
}

static bool json_string(struct json *j, struct cc_str *out) {
  struct cc_str s = j->r->text->s;
  if (json_peek(j) != '"') return false;
  char *p = cc_alloc(j->r->arena, s.n - j->pos);
  uint32_t n = 0;
  for (j->pos++; j->pos < s.n && s.p[j->pos] != '"'; j->pos++) {
    char c = s.p[j->pos];
    if (c == '\\' && j->pos + 1 < s.n) {
      c = s.p[++j->pos];
      c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
    }
    p[n++] = c;
  }
  if (j->pos >= s.n) return false;
  j->pos++;
  *out = cc_str(p, n);
  return true;
}

static bool json_list(struct json *j, struct cc_strs *list) {
  struct cc_str s;
  if (json_peek(j) != '[') return false;
  j->pos++;
  while (json_peek(j) != ']') {
    if (!json_string(j, &s)) return false;
    CC_PUSH(j->r->arena, *list, s);
  }
  j->pos++;
  return true;
}

static void json_key(struct cc_item *item, struct cc_str key, struct cc_str value, struct cc_strs list,
                     struct cc_reader *r) {
  if (CC_STR_IS(key, "name")) item->class_name = value;
  if (CC_STR_IS(key, "super")) item->superclass = value;
  if (CC_STR_IS(key, "category")) item->category = value;
  if (CC_STR_IS(key, "instvars")) item->inst_vars = list;
  if (CC_STR_IS(key, "classvars")) item->class_vars = list;
  if (CC_STR_IS(key, "classinstvars")) item->class_inst_vars = list;
  if (CC_STR_IS(key, "pools")) item->pools = list;
  if (CC_STR_IS(key, "type") && !cc_class_type_named(value, &item->type))
    cc_error_at(r->diag, r->text, 0, "unknown class type '%.*s'", (int)value.n, value.p);
}

static void read_properties(struct cc_reader *r) {
  struct json j = {r, 0};
  struct cc_item item = {.kind = CC_ITEM_CLASS, .text = r->text};
  bool fine = json_peek(&j) == '{';
  j.pos++;
  while (fine && json_peek(&j) != '}') {
    struct cc_str key, value = {0};
    struct cc_strs list = {0};
    fine = json_string(&j, &key) && json_peek(&j) == ':';
    j.pos++;
    fine = fine && (json_peek(&j) == '[' ? json_list(&j, &list) : json_string(&j, &value));
    if (fine) json_key(&item, key, value, list, r);
  }
  if (!fine || item.class_name.n == 0) {
    cc_error_at(r->diag, r->text, j.pos < r->text->s.n ? j.pos : 0, "these are no class properties");
    return;
  }
  CC_PUSH(r->arena, *r->out, item);
}

static void read_method(struct cc_reader *r, struct cc_str class_name, bool is_meta) {
  struct cc_str s = r->text->s;
  uint32_t line = 0;
  while (line < s.n && s.p[line] != '\n' && s.p[line] != '\r') line++;
  struct cc_item item = {.kind = CC_ITEM_METHOD, .text = r->text, .pos = line};
  item.class_name = class_name;
  item.is_meta = is_meta;
  item.category = cc_str(s.p, line);
  item.pattern = (struct cc_range){line, s.n};
  item.body = (struct cc_range){s.n, s.n};
  CC_PUSH(r->arena, *r->out, item);
}

void cc_read_filetree(struct cc_reader *r) {
  const char *path = r->text->file, *name = strrchr(path, '/');
  bool extension = strstr(path, ".extension/") != NULL;
  struct cc_str class_name = folder_before(path, extension ? ".extension/" : ".class/");
  name = name == NULL ? path : name + 1;
  size_t n = strlen(name);
  if (strcmp(name, "properties.json") == 0) {
    if (!extension) read_properties(r);
  } else if (strcmp(name, "README.md") == 0) {
    struct cc_item item = {
        .kind = CC_ITEM_COMMENT, .text = r->text, .class_name = class_name, .comment = r->text->s};
    while (item.comment.n > 0 && (uint8_t)item.comment.p[item.comment.n - 1] <= ' ') item.comment.n--;
    if (class_name.n != 0) CC_PUSH(r->arena, *r->out, item);
  } else if (n > 3 && strcmp(name + n - 3, ".st") == 0) {
    bool meta = strstr(path, "/class/") != NULL;
    if (class_name.n == 0 || !(meta || strstr(path, "/instance/") != NULL))
      cc_error_at(r->diag, r->text, UINT32_MAX,
                  "a FileTree method lies in Name.class/instance or Name.class/class");
    else
      read_method(r, class_name, meta);
  }
}
