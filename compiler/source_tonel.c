/* source_tonel.c: the Tonel format (a comment, a type, a STON-like map; then methods, each with a map,
 * `Class >> pattern [ body ]`). */
#include "compiler/lexer.h"
#include "compiler/source.h"

#include <stdio.h>

struct tonel {
  struct cc_reader *r;
  struct cc_lexer lexer;
  struct cc_token token;
  bool failed;
};

static void advance(struct tonel *t) {
  t->token = cc_next_token(&t->lexer);
  if (t->token.kind == TOK_ERROR) t->failed = true;
}

static void fail(struct tonel *t, const char *message) {
  if (!t->failed) cc_error_at(t->r->diag, t->r->text, t->token.pos, "%s", message);
  t->failed = true;
}

static bool is_text(const struct cc_token *t) {
  return t->kind == TOK_SYMBOL || t->kind == TOK_STRING || t->kind == TOK_IDENTIFIER;
}

/* ---- maps: { #key : value, … } ---- */

struct map_entry {
  struct cc_str key;
  struct cc_str value; /* one text */
  struct cc_strs list; /* or a list of them */
};

struct map {
  struct map_entry *items;
  uint32_t count, capacity;
  uint32_t pos;
};

static void read_list(struct tonel *t, struct cc_strs *list) {
  advance(t); /* [ */
  while (!t->failed && t->token.kind != TOK_RBRACKET) {
    if (is_text(&t->token)) {
      CC_PUSH(t->r->arena, *list, t->token.text);
      advance(t);
    } else if (t->token.kind == TOK_BINARY && CC_STR_IS(t->token.text, ",")) {
      advance(t);
    } else {
      fail(t, "a name, ',' or ']' expected");
    }
  }
  advance(t);
}

/* { … }; the present token is the brace. `#key :` reads as a symbol and a colon, `#key:` as one symbol. */
static void read_map(struct tonel *t, struct map *map) {
  map->pos = t->token.pos;
  advance(t);
  while (!t->failed && t->token.kind != TOK_RBRACE) {
    struct map_entry e = {0};
    if (!is_text(&t->token) && t->token.kind != TOK_KEYWORD) {
      fail(t, "a key such as #name, or '}', expected");
      return;
    }
    e.key = t->token.text;
    bool colon = e.key.n > 0 && e.key.p[e.key.n - 1] == ':';
    if (colon) e.key.n--;
    advance(t);
    if (!colon) {
      if (t->token.kind != TOK_COLON)
        fail(t, "':' expected after the key");
      else
        advance(t);
    }
    if (t->token.kind == TOK_LBRACKET) {
      read_list(t, &e.list);
    } else if (is_text(&t->token) || t->token.kind == TOK_NUMBER) {
      e.value = t->token.text;
      advance(t);
    } else {
      fail(t, "a name, a string or a list expected");
    }
    CC_PUSH(t->r->arena, *map, e);
    if (t->token.kind == TOK_BINARY && CC_STR_IS(t->token.text, ","))
      advance(t);
    else if (t->token.kind != TOK_RBRACE)
      fail(t, "',' or '}' expected");
  }
}

static const struct map_entry *map_at(const struct map *map, const char *key) {
  for (uint32_t i = 0; i < map->count; i++)
    if (cc_str_eq(map->items[i].key, cc_str_z(key))) return &map->items[i];
  return NULL;
}
static struct cc_str map_text(const struct map *map, const char *key) {
  const struct map_entry *e = map_at(map, key);
  return e == NULL ? (struct cc_str){0} : e->value;
}
static struct cc_strs map_list(const struct map *map, const char *key) {
  const struct map_entry *e = map_at(map, key);
  return e == NULL ? (struct cc_strs){0} : e->list;
}

/* ---- the class ---- */

/* A leading comment: its text with doubled quotes single. */
static struct cc_str leading_comment(struct cc_reader *r) {
  struct cc_str s = r->text->s;
  uint32_t i = 0;
  if (s.n >= 3 && memcmp(s.p, "\xEF\xBB\xBF", 3) == 0) i = 3;
  while (i < s.n && (uint8_t)s.p[i] <= ' ') i++;
  if (i >= s.n || s.p[i] != '"') return (struct cc_str){0};
  char *text = cc_alloc(r->arena, s.n - i);
  uint32_t n = 0;
  for (i++; i < s.n; i++) {
    if (s.p[i] == '"') {
      if (i + 1 >= s.n || s.p[i + 1] != '"') break;
      i++;
    }
    text[n++] = s.p[i];
  }
  uint32_t start = 0; /* blank lines around it are layout */
  while (n > 0 && (uint8_t)text[n - 1] <= ' ') n--;
  while (start < n && (text[start] == '\n' || text[start] == '\r')) start++;
  return cc_str(text + start, n - start);
}

static void add_class(struct tonel *t, const struct map *map, struct cc_str comment, uint32_t pos) {
  struct cc_item item = {.kind = CC_ITEM_CLASS, .text = t->r->text, .pos = pos, .comment = comment};
  item.class_name = map_text(map, "name");
  item.superclass = map_text(map, "superclass");
  item.category = map_text(map, "category");
  if (item.category.n == 0) item.category = map_text(map, "package");
  item.inst_vars = map_list(map, "instVars");
  item.class_vars = map_list(map, "classVars");
  item.class_inst_vars = map_list(map, "classInstVars");
  item.pools = map_list(map, "pools");
  if (item.pools.count == 0) item.pools = map_list(map, "poolDictionaries");
  struct cc_str type = map_text(map, "type");
  if (type.n != 0 && !cc_class_type_named(type, &item.type))
    cc_error_at(t->r->diag, t->r->text, pos, "unknown #type '%.*s'", (int)type.n, type.p);
  if (item.class_name.n == 0) cc_error_at(t->r->diag, t->r->text, pos, "the class has no #name");
  if (item.superclass.n == 0) cc_error_at(t->r->diag, t->r->text, pos, "the class has no #superclass");
  CC_PUSH(t->r->arena, *t->r->out, item);
}

/* ---- methods ---- */

static uint32_t skip_blank(struct cc_str s, uint32_t i) {
  for (;;) {
    while (i < s.n && (uint8_t)s.p[i] <= ' ') i++;
    if (i >= s.n || s.p[i] != '"') return i;
    do i++;
    while (i < s.n && s.p[i] != '"');
    i++;
  }
}

/* `Name >>` or `Name class >>` at i. */
static bool method_head_at(struct cc_str s, uint32_t i) {
  uint32_t start = i;
  for (int word = 0; word < 2; word++) {
    while (i < s.n && (cc_is_letter((uint8_t)s.p[i]) || (s.p[i] >= '0' && s.p[i] <= '9'))) i++;
    if (i == start) return false;
    while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t')) i++;
    if (i + 1 < s.n && s.p[i] == '>' && s.p[i + 1] == '>') return true;
    start = i;
  }
  return false;
}

/* The bracket that ends the body opened at `open`. Where brackets do not balance, the first one at the start
 * of a line ends it, so that one broken method does not hide the next. */
static uint32_t body_end(struct cc_str s, uint32_t open) {
  uint32_t end = cc_matching_bracket(s, open, s.n);
  if (end != UINT32_MAX) {
    uint32_t next = skip_blank(s, end + 1);
    if (next >= s.n || s.p[next] == '{' || method_head_at(s, next)) return end;
  }
  for (uint32_t i = open; i + 1 < s.n; i++)
    if (s.p[i] == '\n' && s.p[i + 1] == ']') return i + 1;
  return end;
}

/* Where the pattern's bracket stands: patterns hold no brackets but in comments. */
static uint32_t pattern_end(struct cc_str s, uint32_t i) {
  for (; i < s.n && s.p[i] != '['; i++) {
    if (s.p[i] != '"') continue;
    do i++;
    while (i < s.n && s.p[i] != '"');
  }
  return i;
}

/* The present token is the class name. Leaves the token behind the method. */
static void read_method(struct tonel *t, struct cc_str category) {
  struct cc_str s = t->r->text->s;
  struct cc_item item = {
      .kind = CC_ITEM_METHOD, .text = t->r->text, .pos = t->token.pos, .category = category};
  item.class_name = t->token.text;
  advance(t);
  if (t->token.kind == TOK_IDENTIFIER &&
      (CC_STR_IS(t->token.text, "class") || CC_STR_IS(t->token.text, "classSide"))) {
    item.is_meta = true;
    advance(t);
  }
  /* `Foo >> > other`: the lexer would join what stands close, so look at the text */
  uint32_t i = t->token.pos;
  if (t->failed || i + 1 >= s.n || s.p[i] != '>' || s.p[i + 1] != '>') {
    fail(t, "'>>' expected");
    return;
  }
  item.pattern.start = i + 2;
  item.pattern.end = pattern_end(s, i + 2);
  if (item.pattern.end >= s.n) {
    fail(t, "'[' expected before the method's body");
    return;
  }
  uint32_t end = body_end(s, item.pattern.end);
  if (end == UINT32_MAX) {
    t->token.pos = item.pattern.end;
    fail(t, "this method has no closing bracket");
    return;
  }
  item.pos = skip_blank(s, item.pattern.start);
  item.body = (struct cc_range){item.pattern.end + 1, end};
  CC_PUSH(t->r->arena, *t->r->out, item);
  t->lexer.pos = end + 1;
  advance(t);
}

static void read_methods(struct tonel *t) {
  while (!t->failed && t->token.kind != TOK_END) {
    struct cc_str category = CC_STR("as yet unclassified");
    if (t->token.kind == TOK_LBRACE) {
      struct map map = {0};
      read_map(t, &map);
      if (!t->failed) advance(t);
      if (map_at(&map, "category") != NULL) category = map_text(&map, "category");
    }
    if (t->failed) return;
    if (t->token.kind == TOK_IDENTIFIER)
      read_method(t, category);
    else
      fail(t, "a method such as `Name >> selector [ … ]` expected");
  }
}

void cc_read_tonel(struct cc_reader *r) {
  struct tonel t = {.r = r, .lexer = {r->text, r->arena, r->diag, 0, r->text->s.n}};
  struct cc_str comment = leading_comment(r);
  advance(&t);
  uint32_t pos = t.token.pos;
  struct cc_str type = t.token.kind == TOK_IDENTIFIER ? t.token.text : (struct cc_str){0};
  struct map map = {0};
  if (t.token.kind == TOK_END && !t.failed) return;
  advance(&t);
  if (t.failed) return;
  if (type.n == 0 || t.token.kind != TOK_LBRACE) {
    cc_error_at(r->diag, r->text, pos, "a Tonel file begins with Class, Extension or Package and a { … }");
    return;
  }
  read_map(&t, &map);
  if (t.failed) return;
  if (CC_STR_IS(type, "Trait")) {
    cc_error_at(r->diag, r->text, pos, "traits are not supported");
    return;
  }
  if (CC_STR_IS(type, "Class")) add_class(&t, &map, comment, pos);
  if (CC_STR_IS(type, "Package")) return;
  advance(&t);
  read_methods(&t);
}
