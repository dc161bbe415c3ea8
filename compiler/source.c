/* source.c: choosing the format of a source file; what the formats share. */
#include "compiler/source.h"

const char *const cc_class_type_names[] = {
#define X(name, keyword, tonel) tonel,
    CC_CLASS_TYPES(X)
#undef X
};

bool cc_class_type_named(struct cc_str word, enum cc_class_type *type) {
  static const struct {
    const char *word;
    enum cc_class_type type;
  } words[] = {
#define X(name, keyword, tonel) {keyword, CC_CLASS_##name}, {tonel, CC_CLASS_##name},
      CC_CLASS_TYPES(X)
#undef X
      /* other spellings in use */
      {"byte", CC_CLASS_BYTES},
      {"variableByte", CC_CLASS_BYTES},
      {"ByteLayout", CC_CLASS_BYTES},
      {"word", CC_CLASS_WORDS},
      {"variableWord", CC_CLASS_WORDS},
      {"WordLayout", CC_CLASS_WORDS},
      {"DoubleByteLayout", CC_CLASS_SHORTS},
      {"DoubleWordLayout", CC_CLASS_LONGS},
      {"EphemeronLayout", CC_CLASS_EPHEMERON},
      {"ephemeronSubclass", CC_CLASS_EPHEMERON},
  };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (cc_str_eq(word, cc_str_z(words[i].word))) {
      *type = words[i].type;
      return true;
    }
  return false;
}

struct cc_strs cc_words(struct cc_arena *arena, struct cc_str s) {
  struct cc_strs list = {0};
  for (uint32_t i = 0; i < s.n;) {
    while (i < s.n && (uint8_t)s.p[i] <= ' ') i++;
    uint32_t start = i;
    while (i < s.n && (uint8_t)s.p[i] > ' ') i++;
    if (i > start) CC_PUSH(arena, list, cc_str(s.p + start, i - start));
  }
  return list;
}

static bool ends_with(const char *s, const char *tail) {
  size_t n = strlen(s), k = strlen(tail);
  return n >= k && strcmp(s + n - k, tail) == 0;
}

/* The first word behind blanks and comments. */
static struct cc_str first_word(struct cc_str s) {
  uint32_t i = 0;
  if (s.n >= 3 && memcmp(s.p, "\xEF\xBB\xBF", 3) == 0) i = 3;
  for (;;) {
    while (i < s.n && (uint8_t)s.p[i] <= ' ') i++;
    if (i >= s.n || s.p[i] != '"') break;
    do i++;
    while (i < s.n && s.p[i] != '"');
    i++;
  }
  uint32_t start = i;
  while (i < s.n && (uint8_t)s.p[i] > ' ' && s.p[i] != '{') i++;
  return i > start ? cc_str(s.p + start, i - start) : (struct cc_str){0};
}

static bool has_chunk_end(struct cc_str s) { /* a bang at the end of a line */
  for (uint32_t i = 0; i < s.n; i++) {
    if (s.p[i] == '!' && (i + 1 == s.n || s.p[i + 1] == '\n' || s.p[i + 1] == '\r' || s.p[i + 1] == ' '))
      return true;
  }
  return false;
}

static enum cc_format guess(const char *file, struct cc_str s) {
  if (ends_with(file, ".som")) return CC_FORMAT_SOM;
  struct cc_str word = first_word(s);
  if (CC_STR_IS(word, "Class") || CC_STR_IS(word, "Extension") || CC_STR_IS(word, "Package") ||
      CC_STR_IS(word, "Trait"))
    if (memchr(s.p, '{', s.n) != NULL) return CC_FORMAT_TONEL;
  if (ends_with(file, ".class.st") || ends_with(file, ".extension.st") || ends_with(file, "package.st"))
    return CC_FORMAT_TONEL;
  if (strstr(file, ".class/") != NULL || strstr(file, ".extension/") != NULL) return CC_FORMAT_FILETREE;
  if (ends_with(file, ".cs") || ends_with(file, ".changes") || ends_with(file, ".sources"))
    return CC_FORMAT_CHUNK;
  return has_chunk_end(s) ? CC_FORMAT_CHUNK : CC_FORMAT_SCRIPT;
}

static void read_script(struct cc_reader *r) {
  struct cc_item item = {.kind = CC_ITEM_DOIT, .text = r->text};
  uint32_t start = 0;
  if (r->text->s.n >= 2 && memcmp(r->text->s.p, "#!", 2) == 0) /* a Unix script's first line */
    while (start < r->text->s.n && r->text->s.p[start] != '\n') start++;
  item.pos = start;
  item.pattern = (struct cc_range){start, r->text->s.n};
  CC_PUSH(r->arena, *r->out, item);
}

void cc_read_source(struct cc_arena *arena, struct cc_diag *diag, const char *file, struct cc_str text,
                    enum cc_format format, struct cc_items *out) {
  if (!cc_utf8_valid(text)) text = cc_latin1_to_utf8(arena, text);
  struct cc_text *t = CC_NEW(arena, struct cc_text);
  t->file = cc_str_copy(arena, cc_str_z(file)).p;
  t->s = text;
  struct cc_reader r = {arena, diag, t, out};
  if (text.n > UINT32_MAX / 4) {
    cc_error_at(diag, t, UINT32_MAX, "the file is too large");
    return;
  }
  if (format == CC_FORMAT_AUTO) format = guess(file, text);
  switch (format) {
    case CC_FORMAT_TONEL: cc_read_tonel(&r); break;
    case CC_FORMAT_CHUNK: cc_read_chunks(&r); break;
    case CC_FORMAT_FILETREE: cc_read_filetree(&r); break;
    case CC_FORMAT_SOM: cc_read_som(&r); break;
    default: read_script(&r); break;
  }
}

static struct cc_str without_tail(struct cc_str s) {
  while (s.n > 0 && (uint8_t)s.p[s.n - 1] <= ' ') s.n--;
  return s;
}

/* Lines stay where they are relative to each other, so that an error's line can be told. */
struct cc_str cc_item_source(struct cc_arena *arena, const struct cc_item *item) {
  const char *p = item->text->s.p;
  uint32_t start = item->pattern.start, body = item->body.start;
  while (start < item->pattern.end && (uint8_t)p[start] <= ' ') start++;
  struct cc_str pattern = without_tail(cc_str(p + start, item->pattern.end - start));
  struct cc_str rest = without_tail(cc_str(p + body, item->body.end - body));
  if (rest.n == 0) return pattern;
  uint32_t blank = 0;
  while (blank < rest.n && (rest.p[blank] == ' ' || rest.p[blank] == '\t' || rest.p[blank] == '\r')) blank++;
  bool own_line = rest.p[blank] == '\n';
  if (own_line) blank++;
  return cc_str_format(arena, "%.*s%s%.*s", (int)pattern.n, pattern.p, own_line ? "\n" : " ",
                       (int)(rest.n - blank), rest.p + blank);
}
