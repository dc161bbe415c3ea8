/* source_som.c: the SOM dialect: `Name = Super ( |fields| methods ---- |fields| methods )`, a class a file.
 *
 * Methods are written anew in this compiler's own syntax: what differs are the frame of a method, the escapes
 * in strings, and the selectors. SOM's library gives many selectors another meaning than the default image
 * (`/` divides integers, `,` appends), so each selector gets a name of its own (`foo:` is `som_foo:`, `//` is
 * `?//`) but for those of the table below, which mean the same and which the compiler knows. The new text
 * keeps the lines of the old. Grammar: SOM-st/SOM, specification/SOM.g4. */
#include "compiler/lexer.h"
#include "compiler/source.h"

/* X(SOM's selector, ours): the same table is in SomSelector of the default image. */
#define SOM_SELECTORS(X)                  \
  X("+", "+")                             \
  X("-", "-")                             \
  X("*", "*")                             \
  X("<", "<")                             \
  X(">", ">")                             \
  X("<=", "<=")                           \
  X(">=", ">=")                           \
  X("=", "=")                             \
  X("==", "==")                           \
  X("~=", "~=")                           \
  X("/", "//")                            \
  X("%", "\\\\")                          \
  X("length", "size")                     \
  X("at:", "at:")                         \
  X("at:put:", "at:put:")                 \
  X("value", "value")                     \
  X("value:", "value:")                   \
  X("value:with:", "value:value:")        \
  X("not", "not")                         \
  X("isNil", "isNil")                     \
  X("notNil", "notNil")                   \
  X("ifNil:", "ifNil:")                   \
  X("ifNotNil:", "ifNotNil:")             \
  X("ifNil:ifNotNil:", "ifNil:ifNotNil:") \
  X("ifNotNil:ifNil:", "ifNotNil:ifNil:") \
  X("ifTrue:", "ifTrue:")                 \
  X("ifFalse:", "ifFalse:")               \
  X("ifTrue:ifFalse:", "ifTrue:ifFalse:") \
  X("ifFalse:ifTrue:", "ifFalse:ifTrue:") \
  X("and:", "and:")                       \
  X("or:", "or:")                         \
  X("whileTrue:", "whileTrue:")           \
  X("whileFalse:", "whileFalse:")         \
  X("to:do:", "to:do:")                   \
  X("to:by:do:", "to:by:do:")             \
  X("timesRepeat:", "timesRepeat:")

enum { SEPARATOR_DASHES = 4 };

struct part { /* of a keyword message: where it stands in the new text */
  uint32_t at, length;
};
struct parts {
  struct part *items;
  uint32_t count, capacity;
};

struct som {
  struct cc_reader *r;
  struct cc_str s;
  uint32_t pos;
  uint32_t counted, line; /* the line of `counted` in the old text */
  struct cc_buffer out;
  uint32_t out_line;
  uint32_t nesting;
  bool failed;
};

static void parse_expression(struct som *p);

/* ---- the old text ---- */

static void fail_at(struct som *p, uint32_t pos, const char *message) {
  if (!p->failed) cc_error_at(p->r->diag, p->r->text, pos, "%s", message);
  p->failed = true;
  p->pos = p->s.n;
}

static char peek(const struct som *p, uint32_t ahead) {
  return p->pos + ahead < p->s.n ? p->s.p[p->pos + ahead] : 0;
}

static void skip(struct som *p) {
  for (;;) {
    while (p->pos < p->s.n && (uint8_t)p->s.p[p->pos] <= ' ') p->pos++;
    if (p->pos + 2 < p->s.n && memcmp(p->s.p + p->pos, "\xEF\xBB\xBF", 3) == 0) {
      p->pos += 3;
      continue;
    }
    if (peek(p, 0) != '"') return;
    uint32_t open = p->pos++;
    while (p->pos < p->s.n && p->s.p[p->pos] != '"') p->pos++;
    if (p->pos >= p->s.n) {
      fail_at(p, open, "this comment has no closing quote");
      return;
    }
    p->pos++;
  }
}

static void fail_expected(struct som *p, const char *what) {
  if (p->failed) return;
  uint32_t n = 1;
  while (p->pos + n < p->s.n && n < 40 && (uint8_t)p->s.p[p->pos + n] > ' ') n++;
  if (p->pos >= p->s.n)
    cc_error_at(p->r->diag, p->r->text, p->s.n, "%s expected, but the source ends here", what);
  else
    cc_error_at(p->r->diag, p->r->text, p->pos, "%s expected, but here is '%.*s'", what, (int)n,
                p->s.p + p->pos);
  p->failed = true;
  p->pos = p->s.n;
}

static bool accept(struct som *p, char c) {
  skip(p);
  if (peek(p, 0) != c || p->pos >= p->s.n) return false;
  p->pos++;
  return true;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return cc_is_letter((uint8_t)c); } /* any byte beyond ASCII is one */
static bool is_operator(char c) { return c != 0 && strchr("~&|*/\\+=><,@%-", c) != NULL; }

static uint32_t word_end(const struct som *p, uint32_t at) {
  while (at < p->s.n && (is_letter(p->s.p[at]) || is_digit(p->s.p[at]))) at++;
  return at;
}

/* Is a word here, with a colon or without? */
static bool at_word(struct som *p, bool keyword) {
  skip(p);
  if (!is_letter(peek(p, 0))) return false;
  uint32_t end = word_end(p, p->pos);
  bool colon = end < p->s.n && p->s.p[end] == ':' && (end + 1 >= p->s.n || p->s.p[end + 1] != '=');
  return colon == keyword;
}

static struct cc_str take_word(struct som *p) { /* a keyword's colon is part of it */
  uint32_t start = p->pos;
  p->pos = word_end(p, start);
  if (peek(p, 0) == ':' && peek(p, 1) != '=') p->pos++;
  return cc_str(p->s.p + start, p->pos - start);
}

static bool at_separator(struct som *p) {
  skip(p);
  for (uint32_t i = 0; i < SEPARATOR_DASHES; i++)
    if (peek(p, i) != '-') return false;
  return true;
}

static struct cc_str take_operator(struct som *p) {
  uint32_t start = p->pos;
  while (is_operator(peek(p, 0))) p->pos++;
  return cc_str(p->s.p + start, p->pos - start);
}

static bool enter(struct som *p) {
  if (++p->nesting <= CC_MAX_NESTING) return true;
  fail_at(p, p->pos, "nested too deeply: split the method");
  return false;
}

/* ---- the new text ---- */

static void put(struct som *p, struct cc_str s) {
  cc_put(&p->out, s.p, s.n);
  for (uint32_t i = 0; i < s.n; i++) p->out_line += s.p[i] == '\n';
}

/* Blank space before a token that stands at `pos` in the old text: its line stays the same. */
static void put_gap(struct som *p, uint32_t pos) {
  for (; p->counted < pos; p->counted++) p->line += p->s.p[p->counted] == '\n';
  if (p->out_line >= p->line) put(p, CC_STR(" "));
  while (p->out_line < p->line) put(p, CC_STR("\n"));
}

static void put_quoted(struct som *p, struct cc_str s) {
  put(p, CC_STR("'"));
  for (uint32_t i = 0; i < s.n; i++) put(p, s.p[i] == '\'' ? CC_STR("''") : cc_str(s.p + i, 1));
  put(p, CC_STR("'"));
}

static struct cc_str own_selector(struct cc_str selector) {
  static const struct {
    const char *som, *own;
  } table[] = {
#define X(som, own) {som, own},
      SOM_SELECTORS(X)
#undef X
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    if (cc_str_eq(selector, cc_str_z(table[i].som))) return cc_str_z(table[i].own);
  return (struct cc_str){0};
}

static void put_unary(struct som *p, struct cc_str selector) {
  struct cc_str own = own_selector(selector);
  if (own.n == 0) put(p, CC_STR("som_"));
  put(p, own.n == 0 ? selector : own);
}

static void put_binary(struct som *p, struct cc_str selector) {
  struct cc_str own = own_selector(selector);
  if (own.n != 0) {
    put(p, own);
    return;
  }
  put(p, CC_STR("?"));
  for (uint32_t i = 0; i < selector.n; i++)
    put(p, selector.p[i] == '|' ? CC_STR("!") : cc_str(selector.p + i, 1));
}

static void replace(struct som *p, struct part part, struct cc_str by) {
  uint32_t tail = part.at + part.length, rest = p->out.n - tail;
  char *copy = cc_alloc(p->r->arena, (size_t)rest + 1);
  memcpy(copy, p->out.p + tail, rest);
  p->out.n = part.at;
  cc_put(&p->out, by.p, by.n);
  cc_put(&p->out, copy, rest);
}

/* A keyword message is known by its last part only: its parts are in the new text already. */
static void rename_parts(struct som *p, const struct parts *parts) {
  struct cc_buffer b = {0};
  for (uint32_t i = 0; i < parts->count; i++)
    cc_put(&b, p->out.p + parts->items[i].at, parts->items[i].length);
  struct cc_str own = own_selector(cc_str(b.p, b.n));
  bool same = cc_str_eq(own, cc_str(b.p, b.n));
  cc_buffer_free(&b);
  if (same || parts->count == 0) return;
  if (own.n == 0) {
    replace(p, (struct part){parts->items[0].at, 0}, CC_STR("som_"));
    return;
  }
  for (uint32_t i = parts->count, end = own.n; i-- > 0;) {
    uint32_t start = end - 1;
    while (start > 0 && own.p[start - 1] != ':') start--;
    replace(p, parts->items[i], cc_str(own.p + start, end - start));
    end = start;
  }
}

static void put_keyword(struct som *p, struct parts *parts) {
  put_gap(p, p->pos);
  struct cc_str word = take_word(p);
  struct part part = {p->out.n, word.n};
  CC_PUSH(p->r->arena, *parts, part);
  put(p, word);
}

/* ---- variables ---- */

static void put_variable(struct som *p, struct cc_str name) {
  put(p, name);
  if (CC_STR_IS(name, "thisContext")) put(p, CC_STR("_"));
}

static struct cc_str take_variable(struct som *p, const char *what) {
  if (!at_word(p, false)) {
    fail_expected(p, what);
    return (struct cc_str){0};
  }
  return take_word(p);
}

/* Does the text from here to `end` assign the name? Reading too much into it costs a temporary, no more. */
static bool is_assigned(const struct som *p, struct cc_str name, uint32_t end) {
  for (uint32_t i = p->pos; i + name.n < end;) {
    if (!is_letter(p->s.p[i])) {
      i++;
      continue;
    }
    uint32_t stop = word_end(p, i), next = stop;
    while (next < end && (uint8_t)p->s.p[next] <= ' ') next++;
    if (next + 1 < end && p->s.p[next] == ':' && p->s.p[next + 1] == '=' &&
        cc_str_eq(cc_str(p->s.p + i, stop - i), name))
      return true;
    i = stop;
  }
  return false;
}

/* Where the method or block that is open here ends, about. */
static uint32_t scope_end(const struct som *p) {
  uint32_t depth = 0;
  for (uint32_t i = p->pos; i < p->s.n; i++) {
    char c = p->s.p[i];
    if (c == '\'' || c == '"') {
      for (i++; i < p->s.n && p->s.p[i] != c; i++)
        if (c == '\'' && p->s.p[i] == '\\') i++;
    } else if (c == '(' || c == '[') {
      depth++;
    } else if ((c == ')' || c == ']') && depth-- == 0) {
      return i;
    }
  }
  return p->s.n;
}

/* Arguments that are assigned come in under another name: a temporary bears theirs. */
static struct cc_strs rename_assigned(struct som *p, const struct cc_strs *arguments, uint32_t end,
                                      const uint32_t *places) {
  uint32_t grown = 0;
  struct cc_strs assigned = {0};
  for (uint32_t i = 0; i < arguments->count; i++) {
    if (!is_assigned(p, arguments->items[i], end)) continue;
    replace(p, (struct part){places[i] + grown + arguments->items[i].n, 0}, CC_STR("_in"));
    grown += 3;
    CC_PUSH(p->r->arena, assigned, arguments->items[i]);
  }
  if (assigned.count == 0) return assigned;
  put(p, CC_STR(" |"));
  for (uint32_t i = 0; i < assigned.count; i++) {
    put(p, CC_STR(" "));
    put(p, assigned.items[i]);
  }
  put(p, CC_STR(" |"));
  return assigned;
}

static void put_copies(struct som *p, const struct cc_strs *assigned) {
  for (uint32_t i = 0; i < assigned->count; i++) {
    struct cc_str n = assigned->items[i];
    put(p, cc_str_format(p->r->arena, " %.*s := %.*s_in.", (int)n.n, n.p, (int)n.n, n.p));
  }
}

struct arguments {
  struct cc_strs names;
  struct {
    uint32_t *items;
    uint32_t count, capacity;
  } places; /* in the new text */
};

static void put_argument(struct som *p, struct arguments *a, const char *what) {
  struct cc_str name = take_variable(p, what);
  if (p->failed) return;
  put_gap(p, p->pos - name.n);
  CC_PUSH(p->r->arena, a->names, name);
  CC_PUSH(p->r->arena, a->places, p->out.n);
  put_variable(p, name);
}

/* ---- literals ---- */

static struct cc_str take_string(struct som *p) { /* at the quote; escapes are resolved */
  static const char escapes[] = "t\tb\bn\nr\rf\f''\\\\";
  uint32_t open = p->pos++;
  uint32_t limit = p->pos;
  while (limit < p->s.n && p->s.p[limit] != '\'') limit += p->s.p[limit] == '\\' ? 2 : 1;
  if (limit >= p->s.n) {
    fail_at(p, open, "this string has no closing quote");
    return (struct cc_str){0};
  }
  char *text = cc_alloc(p->r->arena, (size_t)limit - open);
  uint32_t n = 0;
  for (; p->pos < limit; p->pos++) {
    char c = p->s.p[p->pos];
    if (c == '\\') {
      char e = p->s.p[++p->pos];
      const char *found = NULL;
      for (const char *k = escapes; *k != 0 && found == NULL; k += 2)
        if (*k == e) found = k + 1;
      if (e != '0' && found == NULL) {
        fail_at(p, p->pos - 1, "no such escape in a string: there are \\t \\b \\n \\r \\f \\0 \\' and \\\\");
        return (struct cc_str){0};
      }
      c = e == '0' ? 0 : *found;
    }
    text[n++] = c;
  }
  p->pos = limit + 1;
  return cc_str(text, n);
}

static void parse_number(struct som *p, bool negative) {
  uint32_t start = p->pos;
  while (is_digit(peek(p, 0))) p->pos++;
  if (peek(p, 0) == '.' && is_digit(peek(p, 1))) {
    p->pos++;
    while (is_digit(peek(p, 0))) p->pos++;
  }
  if (negative) put(p, CC_STR("-"));
  put(p, cc_str(p->s.p + start, p->pos - start));
}

static bool at_negative(struct som *p) {
  if (peek(p, 0) != '-') return false;
  uint32_t i = 1;
  while (peek(p, i) == ' ') i++;
  return is_digit(peek(p, i));
}

static void parse_literal(struct som *p) {
  skip(p);
  char c = peek(p, 0);
  put_gap(p, p->pos);
  if (c == '\'') {
    put_quoted(p, take_string(p));
  } else if (is_digit(c)) {
    parse_number(p, false);
  } else if (at_negative(p)) {
    p->pos++;
    skip(p);
    parse_number(p, true);
  } else if (c == '#') {
    p->pos++;
    skip(p);
    c = peek(p, 0);
    if (c == '(') {
      p->pos++;
      put(p, CC_STR("#("));
      if (!enter(p)) return;
      while (!p->failed && !accept(p, ')')) {
        if (p->pos >= p->s.n)
          fail_expected(p, "a literal or ')'");
        else
          parse_literal(p);
      }
      p->nesting--;
      put(p, CC_STR(")"));
      return;
    }
    uint32_t start = p->pos;
    put(p, CC_STR("#"));
    if (c == '\'') {
      put_quoted(p, take_string(p));
    } else if (is_letter(c)) {
      while (is_letter(peek(p, 0))) take_word(p);
      put_quoted(p, cc_str(p->s.p + start, p->pos - start));
    } else if (is_operator(c)) {
      put_quoted(p, take_operator(p));
    } else {
      fail_expected(p, "a symbol or an array after '#'");
    }
  } else {
    fail_expected(p, "a literal");
  }
}

/* ---- expressions ---- */

static void parse_locals(struct som *p) {
  if (!accept(p, '|')) return;
  put_gap(p, p->pos);
  put(p, CC_STR("|"));
  while (!p->failed && !accept(p, '|')) {
    struct cc_str name = take_variable(p, "a local variable or '|'");
    if (p->failed) return;
    put_gap(p, p->pos - name.n);
    put_variable(p, name);
  }
  put(p, CC_STR(" |"));
}

/* Statements up to the closer, which is left. */
static void parse_body(struct som *p, char closer) {
  while (!p->failed) {
    skip(p);
    if (peek(p, 0) == closer) return;
    put_gap(p, p->pos);
    bool exits = accept(p, '^');
    if (exits) put(p, CC_STR("^"));
    parse_expression(p);
    if (accept(p, '.')) {
      put(p, CC_STR("."));
      while (accept(p, '.')) continue;
    } else if (!p->failed && peek(p, 0) != closer) {
      fail_expected(p, closer == ')' ? "'.' or ')'" : "'.' or ']'");
    }
    skip(p);
    if (exits && !p->failed && peek(p, 0) != closer) fail_expected(p, "nothing more after '^'");
  }
}

static void parse_block(struct som *p) {
  struct arguments a = {0};
  struct cc_strs assigned = {0};
  put(p, CC_STR("["));
  if (!enter(p)) return;
  while (accept(p, ':')) {
    put(p, CC_STR(" :"));
    put_argument(p, &a, "a block argument");
  }
  if (a.names.count > 0) {
    skip(p);
    if (peek(p, 0) != ']' && !accept(p, '|')) fail_expected(p, "'|' after the block arguments");
    put(p, CC_STR(" |"));
    if (!p->failed) assigned = rename_assigned(p, &a.names, scope_end(p), a.places.items);
  }
  parse_locals(p);
  put_copies(p, &assigned);
  parse_body(p, ']');
  if (!accept(p, ']')) fail_expected(p, "']'");
  put(p, CC_STR("]"));
  p->nesting--;
}

static void parse_primary(struct som *p) {
  skip(p);
  put_gap(p, p->pos);
  char c = peek(p, 0);
  if (at_word(p, false)) {
    put_variable(p, take_word(p));
  } else if (c == '(') {
    p->pos++;
    put(p, CC_STR("("));
    parse_expression(p);
    if (!accept(p, ')')) fail_expected(p, "')'");
    put(p, CC_STR(")"));
  } else if (c == '[') {
    p->pos++;
    parse_block(p);
  } else if (c == '\'' || c == '#' || is_digit(c) || at_negative(p)) {
    parse_literal(p);
  } else {
    fail_expected(p, "an expression");
  }
}

static void parse_unary_tail(struct som *p) {
  while (!p->failed && at_word(p, false)) {
    put_gap(p, p->pos);
    put_unary(p, take_word(p));
  }
}

static void parse_binary_tail(struct som *p) {
  parse_unary_tail(p);
  for (;;) {
    skip(p);
    if (p->failed || !is_operator(peek(p, 0))) return;
    put_gap(p, p->pos);
    put_binary(p, take_operator(p));
    parse_primary(p);
    parse_unary_tail(p);
  }
}

static bool at_assignment(struct som *p) {
  if (!at_word(p, false)) return false;
  uint32_t i = word_end(p, p->pos);
  while (i < p->s.n && (uint8_t)p->s.p[i] <= ' ') i++;
  return i + 1 < p->s.n && p->s.p[i] == ':' && p->s.p[i + 1] == '=';
}

static void parse_expression(struct som *p) {
  if (!enter(p)) return;
  while (!p->failed && at_assignment(p)) {
    put_gap(p, p->pos);
    put_variable(p, take_word(p));
    skip(p);
    p->pos += 2;
    put(p, CC_STR(" :="));
  }
  struct parts parts = {0};
  parse_primary(p);
  parse_binary_tail(p);
  while (!p->failed && at_word(p, true)) {
    put_keyword(p, &parts);
    parse_primary(p);
    parse_binary_tail(p);
  }
  rename_parts(p, &parts);
  p->nesting--;
}

/* ---- methods and the class ---- */

static void parse_pattern(struct som *p, struct arguments *a, struct cc_buffer *selector) {
  struct parts parts = {0};
  skip(p);
  uint32_t start = p->pos;
  if (at_word(p, true)) {
    while (!p->failed && at_word(p, true)) {
      start = p->pos;
      put_keyword(p, &parts);
      cc_put(selector, p->s.p + start, p->pos - start);
      put_argument(p, a, "an argument");
    }
    uint32_t before = p->out.n;
    rename_parts(p, &parts);
    for (uint32_t i = 0; i < a->places.count; i++) /* the same for all: only the first part grows */
      a->places.items[i] += p->out.n - before;
    return;
  }
  put_gap(p, p->pos);
  if (at_word(p, false)) {
    struct cc_str word = take_word(p);
    cc_put(selector, word.p, word.n);
    put_unary(p, word);
  } else if (is_operator(peek(p, 0))) {
    struct cc_str op = take_operator(p);
    cc_put(selector, op.p, op.n);
    put_binary(p, op);
    put_argument(p, a, "an argument");
  } else {
    fail_expected(p, "a method, '----' or ')'");
  }
}

static bool accept_primitive(struct som *p) {
  if (!at_word(p, false)) return false;
  uint32_t end = word_end(p, p->pos);
  if (!cc_str_eq(cc_str(p->s.p + p->pos, end - p->pos), CC_STR("primitive"))) return false;
  p->pos = end;
  return true;
}

static void parse_method(struct som *p, struct cc_text *text, struct cc_str class_name, bool is_meta) {
  struct cc_item item = {.kind = CC_ITEM_METHOD, .text = text, .class_name = class_name, .is_meta = is_meta};
  struct arguments a = {0};
  struct cc_buffer selector = {0};
  item.category = CC_STR("som");
  skip(p);
  put_gap(p, p->pos);
  item.pattern.start = item.pos = p->out.n;
  parse_pattern(p, &a, &selector);
  if (!accept(p, '=')) fail_expected(p, "'=' after the method's pattern");
  if (accept_primitive(p)) {
    put(p, CC_STR(" ^self som_missingPrimitive: #"));
    put_quoted(p, cc_str(selector.p, selector.n));
  } else if (!accept(p, '(')) {
    fail_expected(p, "'(' or primitive");
  } else {
    struct cc_strs assigned = rename_assigned(p, &a.names, scope_end(p), a.places.items);
    parse_locals(p);
    put_copies(p, &assigned);
    parse_body(p, ')');
    if (!accept(p, ')')) fail_expected(p, "')'");
  }
  cc_buffer_free(&selector);
  item.pattern.end = p->out.n;
  item.body = (struct cc_range){p->out.n, p->out.n};
  if (!p->failed) CC_PUSH(p->r->arena, *p->r->out, item);
}

static void parse_fields(struct som *p, struct cc_strs *fields) {
  if (!accept(p, '|')) return;
  while (!p->failed && !accept(p, '|')) {
    struct cc_str name = take_variable(p, "a field or '|'");
    if (!p->failed) CC_PUSH(p->r->arena, *fields, name);
  }
}

/* The comment that a file begins with. */
static struct cc_str leading_comment(const struct som *p) {
  uint32_t start = 0, end;
  while (start < p->s.n && (uint8_t)p->s.p[start] <= ' ') start++;
  if (start >= p->s.n || p->s.p[start] != '"') return (struct cc_str){0};
  for (end = ++start; end < p->s.n && p->s.p[end] != '"';) end++;
  while (start < end && (uint8_t)p->s.p[start] <= ' ') start++;
  while (end > start && (uint8_t)p->s.p[end - 1] <= ' ') end--;
  return cc_str(p->s.p + start, end - start);
}

static void parse_class(struct som *p, struct cc_text *text) {
  struct cc_item item = {.kind = CC_ITEM_CLASS, .text = p->r->text};
  skip(p);
  item.pos = p->pos;
  item.comment = leading_comment(p);
  item.class_name = take_variable(p, "a class's name");
  if (!accept(p, '=')) fail_expected(p, "'=' after the class's name");
  item.superclass = at_word(p, false) ? take_word(p) : CC_STR("Object");
  item.category = CC_STR("SOM");
  if (!accept(p, '(')) fail_expected(p, "'(' before the class's fields and methods");
  uint32_t index = p->r->out->count;
  parse_fields(p, &item.inst_vars);
  CC_PUSH(p->r->arena, *p->r->out, item);
  bool is_meta = false;
  while (!p->failed && !accept(p, ')')) {
    if (!is_meta && at_separator(p)) {
      while (peek(p, 0) == '-') p->pos++;
      is_meta = true;
      parse_fields(p, &p->r->out->items[index].class_inst_vars);
    } else {
      parse_method(p, text, item.class_name, is_meta);
    }
  }
  skip(p);
  if (!p->failed && p->pos < p->s.n) fail_expected(p, "the end of the file");
}

void cc_read_som(struct cc_reader *r) {
  struct som p = {.r = r, .s = r->text->s, .line = 1, .out_line = 1};
  struct cc_text *text = CC_NEW(r->arena, struct cc_text);
  text->file = r->text->file;
  parse_class(&p, text);
  text->s = cc_str_copy(r->arena, cc_str(p.out.p, p.out.n));
  cc_buffer_free(&p.out);
}
