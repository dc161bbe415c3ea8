/* source_chunk.c: bang-separated chunk files, as fileOut writes them and the changes file holds.
 *
 * A chunk ends at a bang that is not doubled. A chunk that begins with a bang names a reader:
 * `!Foo class methodsFor: 'x' stamp: '…'!` is followed by methods, a chunk each, until an empty one;
 * `!Foo commentStamp: '…' prior: 0!` by the class comment. Anything else is a do-it, of which class
 * definitions and comments are recognized. */
#include "compiler/lexer.h"
#include "compiler/source.h"

struct chunk {
  uint32_t start, end; /* of the text without its bang */
};

/* The next chunk from *pos; false at the end of the file. */
static bool next_chunk(struct cc_str s, uint32_t *pos, struct chunk *c) {
  while (*pos < s.n && (uint8_t)s.p[*pos] <= ' ') ++*pos;
  if (*pos >= s.n) return false;
  c->start = *pos;
  uint32_t i = *pos;
  while (i < s.n) {
    if (s.p[i] == '!') {
      if (i + 1 < s.n && s.p[i + 1] == '!')
        i++;
      else
        break;
    }
    i++;
  }
  c->end = i;
  *pos = i < s.n ? i + 1 : i;
  return true;
}

static bool has_bang(struct cc_str s, struct chunk c) {
  return c.end > c.start && memchr(s.p + c.start, '!', c.end - c.start) != NULL;
}

/* The text of a chunk for the parser. With doubled bangs it becomes a text of its own, padded in front with
 * the file's earlier part so that positions and lines stay right (a doubled bang shifts only its own line).
 */
static const struct cc_text *chunk_text(struct cc_reader *r, struct chunk *c) {
  if (!has_bang(r->text->s, *c)) return r->text;
  struct cc_text *t = CC_NEW(r->arena, struct cc_text);
  char *p = cc_alloc(r->arena, (size_t)c->end + 1);
  memcpy(p, r->text->s.p, c->start);
  uint32_t n = c->start;
  for (uint32_t i = c->start; i < c->end; i++) {
    p[n++] = r->text->s.p[i];
    if (r->text->s.p[i] == '!') i++;
  }
  t->file = r->text->file;
  t->s = cc_str(p, n);
  c->end = n;
  return t;
}

/* ---- the tokens of one chunk ---- */

enum { MAX_TOKENS = 64 };

struct tokens {
  struct cc_token items[MAX_TOKENS];
  uint32_t count;
};

/* False: too many, or unreadable; such a chunk is an ordinary do-it. */
static bool tokenize(struct cc_reader *r, const struct cc_text *text, struct chunk c, struct tokens *list) {
  struct cc_diag quiet = {.arena = r->arena};
  struct cc_lexer lexer = {text, r->arena, &quiet, c.start, c.end};
  list->count = 0;
  for (;;) {
    struct cc_token t = cc_next_token(&lexer);
    if (t.kind == TOK_ERROR || list->count == MAX_TOKENS) return false;
    if (t.kind == TOK_END) return true;
    list->items[list->count++] = t;
  }
}

static bool word_is(const struct tokens *l, uint32_t i, const char *word) {
  return i < l->count && cc_str_eq(l->items[i].text, cc_str_z(word));
}
static bool kind_is(const struct tokens *l, uint32_t i, enum cc_token_kind kind) {
  return i < l->count && l->items[i].kind == kind;
}

/* The string after a keyword, or empty. */
static struct cc_str argument_of(const struct tokens *l, const char *keyword) {
  for (uint32_t i = 0; i + 1 < l->count; i++)
    if (l->items[i].kind == TOK_KEYWORD && word_is(l, i, keyword)) return l->items[i + 1].text;
  return (struct cc_str){0};
}

/* `Super subclass: #Name instanceVariableNames: '…' …` */
static bool class_definition(struct cc_reader *r, const struct cc_text *text, struct chunk c,
                             const struct tokens *l) {
  struct cc_item item = {.kind = CC_ITEM_CLASS, .text = text, .pos = c.start};
  if (!(kind_is(l, 0, TOK_IDENTIFIER) && kind_is(l, 1, TOK_KEYWORD) && kind_is(l, 2, TOK_SYMBOL)))
    return false;
  if (!cc_class_type_named(l->items[1].text, &item.type)) return false;
  item.superclass = l->items[0].text;
  item.class_name = l->items[2].text;
  item.pos = l->items[0].pos;
  item.inst_vars = cc_words(r->arena, argument_of(l, "instanceVariableNames:"));
  item.class_vars = cc_words(r->arena, argument_of(l, "classVariableNames:"));
  item.pools = cc_words(r->arena, argument_of(l, "poolDictionaries:"));
  item.category = argument_of(l, "category:");
  if (item.category.n == 0) item.category = argument_of(l, "package:");
  CC_PUSH(r->arena, *r->out, item);
  return true;
}

/* `Foo class instanceVariableNames: 'a b'` completes an earlier definition in the same file. */
static bool class_side_definition(struct cc_reader *r, const struct tokens *l) {
  if (!(l->count >= 4 && kind_is(l, 0, TOK_IDENTIFIER) && word_is(l, 1, "class") &&
        word_is(l, 2, "instanceVariableNames:") && kind_is(l, 3, TOK_STRING)))
    return false;
  for (uint32_t i = r->out->count; i-- > 0;) {
    struct cc_item *item = &r->out->items[i];
    if (item->kind != CC_ITEM_CLASS || !cc_str_eq(item->class_name, l->items[0].text)) continue;
    item->class_inst_vars = cc_words(r->arena, l->items[3].text);
    return true;
  }
  return false;
}

/* `Foo comment: '…'` */
static bool comment_definition(struct cc_reader *r, const struct cc_text *text, const struct tokens *l) {
  if (!(l->count >= 3 && l->count <= 4 && kind_is(l, 0, TOK_IDENTIFIER) && word_is(l, 1, "comment:") &&
        kind_is(l, 2, TOK_STRING)))
    return false;
  struct cc_item item = {.kind = CC_ITEM_COMMENT, .text = text, .pos = l->items[0].pos};
  item.class_name = l->items[0].text;
  item.comment = l->items[2].text;
  CC_PUSH(r->arena, *r->out, item);
  return true;
}

/* A chunk with nothing but blanks and comments does nothing. */
static void read_doit(struct cc_reader *r, struct chunk c) {
  const struct cc_text *text = chunk_text(r, &c);
  struct tokens *l = CC_NEW(r->arena, struct tokens);
  if (tokenize(r, text, c, l)) {
    if (l->count == 0 || (l->count == 1 && l->items[0].kind == TOK_STRING)) return; /* 'From Squeak…' */
    if (class_definition(r, text, c, l) || class_side_definition(r, l) || comment_definition(r, text, l))
      return;
  }
  struct cc_item item = {.kind = CC_ITEM_DOIT, .text = text, .pos = c.start, .pattern = {c.start, c.end}};
  CC_PUSH(r->arena, *r->out, item);
}

static void read_methods(struct cc_reader *r, uint32_t *pos, struct cc_item pattern) {
  struct chunk c;
  while (next_chunk(r->text->s, pos, &c)) {
    if (c.end == c.start) return; /* the empty chunk: ` !` */
    struct cc_item item = pattern;
    item.text = chunk_text(r, &c);
    item.pos = c.start;
    item.pattern = (struct cc_range){c.start, c.end};
    item.body = (struct cc_range){c.end, c.end};
    CC_PUSH(r->arena, *r->out, item);
  }
}

/* The chunk after an opening bang. */
static void read_reader(struct cc_reader *r, uint32_t *pos, struct chunk c) {
  struct tokens *l = CC_NEW(r->arena, struct tokens);
  uint32_t i = 0;
  struct cc_item item = {.kind = CC_ITEM_METHOD, .pos = c.start};
  if (tokenize(r, r->text, c, l) && kind_is(l, 0, TOK_IDENTIFIER)) {
    item.class_name = l->items[i++].text;
    if (word_is(l, i, "class")) {
      item.is_meta = true;
      i++;
    }
    if (word_is(l, i, "methodsFor:") || word_is(l, i, "methodsFor") || word_is(l, i, "publicMethodsFor:")) {
      item.category = argument_of(l, l->items[i].text.p[l->items[i].text.n - 1] == ':' ? "methodsFor:" : "");
      if (item.category.n == 0) item.category = CC_STR("as yet unclassified");
      read_methods(r, pos, item);
      return;
    }
    if (word_is(l, i, "commentStamp:")) {
      struct chunk text;
      if (!next_chunk(r->text->s, pos, &text)) return;
      const struct cc_text *t = chunk_text(r, &text);
      item.kind = CC_ITEM_COMMENT;
      item.text = t;
      item.comment = cc_str(t->s.p + text.start, text.end - text.start);
      CC_PUSH(r->arena, *r->out, item);
      return;
    }
    if (word_is(l, i, "reorganize")) { /* the next chunk lists the protocols, which methods name anyway */
      next_chunk(r->text->s, pos, &c);
      return;
    }
  }
  cc_error_at(r->diag, r->text, c.start, "a reader such as `Name methodsFor: 'protocol'` expected after '!'");
}

void cc_read_chunks(struct cc_reader *r) {
  uint32_t pos = 0;
  struct chunk c;
  if (r->text->s.n >= 3 && memcmp(r->text->s.p, "\xEF\xBB\xBF", 3) == 0) pos = 3;
  while (next_chunk(r->text->s, &pos, &c)) {
    if (c.end > c.start) {
      read_doit(r, c);
    } else if (pos < r->text->s.n && next_chunk(r->text->s, &pos, &c)) {
      if (c.end > c.start) read_reader(r, &pos, c);
    }
  }
}
