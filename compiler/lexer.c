/* lexer.c: Smalltalk tokens. Positions are byte offsets; text is UTF-8. */
#include "compiler/lexer.h"
#include "compiler/literal.h"

static bool is_digit(uint32_t c) { return c >= '0' && c <= '9'; }

bool cc_is_letter(uint32_t c) { return (c | 32) - 'a' < 26 || c == '_' || c >= 0x80; }

bool cc_is_binary_char(uint32_t c) {
  return c != 0 && c < 0x80 && strchr("+-/\\*~<>=@%|&?,!", (int)c) != NULL;
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || c == '\x1A'; }

static char at(const struct cc_lexer *lx, uint32_t pos) { return pos < lx->end ? lx->text->s.p[pos] : 0; }

static struct cc_token fail(struct cc_lexer *lx, uint32_t pos, const char *message) {
  cc_error_at(lx->diag, lx->text, pos, "%s", message);
  lx->pos = lx->end;
  return (struct cc_token){.kind = TOK_ERROR, .pos = pos, .end = pos};
}

/* Skips spaces and comments; false: a comment is not closed (its start is in *open). */
static bool skip_blank(struct cc_lexer *lx, uint32_t *open) {
  for (;;) {
    while (lx->pos < lx->end && is_space(lx->text->s.p[lx->pos])) lx->pos++;
    /* U+FEFF at the start of a file, U+00A0 from careless editors */
    if (at(lx, lx->pos) == '\xEF' && at(lx, lx->pos + 1) == '\xBB' && at(lx, lx->pos + 2) == '\xBF') {
      lx->pos += 3;
      continue;
    }
    if (at(lx, lx->pos) == '\xC2' && at(lx, lx->pos + 1) == '\xA0') {
      lx->pos += 2;
      continue;
    }
    if (at(lx, lx->pos) != '"') return true;
    *open = lx->pos++;
    while (lx->pos < lx->end && lx->text->s.p[lx->pos] != '"') lx->pos++;
    if (lx->pos == lx->end) return false;
    lx->pos++;
  }
}

static uint32_t letter_at(const struct cc_lexer *lx, uint32_t pos, uint32_t *length) {
  uint32_t code = 0;
  if (pos >= lx->end) return 0;
  *length = cc_utf8_decode(lx->text->s.p + pos, lx->text->s.p + lx->end, &code);
  return *length == 0 ? 0 : code;
}

/* The end of the run of letters and digits at pos. */
static uint32_t skip_word(const struct cc_lexer *lx, uint32_t pos) {
  for (;;) {
    uint32_t n = 0, c = letter_at(lx, pos, &n);
    if (n == 0 || !(cc_is_letter(c) || is_digit(c))) return pos;
    pos += n;
  }
}

static bool keyword_colon(const struct cc_lexer *lx, uint32_t pos) {
  return at(lx, pos) == ':' && at(lx, pos + 1) != '=';
}

/* A quoted text; lx->pos is at the opening quote. */
static bool read_quoted(struct cc_lexer *lx, struct cc_str *out) {
  const char *s = lx->text->s.p;
  uint32_t start = ++lx->pos, doubled = 0;
  for (;; lx->pos++) {
    if (lx->pos >= lx->end) return false;
    if (s[lx->pos] != '\'') continue;
    if (at(lx, lx->pos + 1) != '\'') break;
    doubled++;
    lx->pos++;
  }
  uint32_t n = lx->pos - start;
  if (doubled == 0) {
    *out = cc_str(s + start, n);
  } else {
    char *copy = cc_alloc(lx->arena, n);
    uint32_t k = 0;
    for (uint32_t i = 0; i < n; i++) {
      copy[k++] = s[start + i];
      if (s[start + i] == '\'') i++;
    }
    *out = cc_str(copy, k);
  }
  lx->pos++;
  return true;
}

/* A run of binary-operator characters; a minus that begins a number is left to the number, and a bar is
 * always a token of its own, for it closes declarations: the parser joins || where it is a selector. */
static uint32_t skip_binary(const struct cc_lexer *lx, uint32_t pos) {
  uint32_t start = pos;
  if (at(lx, pos) == '|') return pos + 1;
  while (cc_is_binary_char((uint8_t)at(lx, pos)) && at(lx, pos) != '|') {
    if (pos > start && at(lx, pos) == '-' && is_digit((uint8_t)at(lx, pos + 1))) break;
    pos++;
  }
  return pos;
}

static struct cc_token read_hash(struct cc_lexer *lx, struct cc_token t) {
  char c = at(lx, ++lx->pos);
  while (c == '#') c = at(lx, ++lx->pos); /* ##foo, as some dialects write */
  uint32_t n = 0, code = letter_at(lx, lx->pos, &n), start = lx->pos;
  t.kind = TOK_SYMBOL;
  if (c == '(' || c == '[') {
    lx->pos++;
    t.kind = c == '(' ? TOK_HASH_PAREN : TOK_HASH_BRACKET;
  } else if (c == '\'') {
    if (!read_quoted(lx, &t.text)) return fail(lx, t.pos, "this symbol has no closing quote");
  } else if (n != 0 && cc_is_letter(code)) {
    lx->pos = skip_word(lx, lx->pos);
    while (keyword_colon(lx, lx->pos)) lx->pos = skip_word(lx, lx->pos + 1);
    t.text = cc_str(lx->text->s.p + start, lx->pos - start);
  } else if (cc_is_binary_char((uint8_t)c)) {
    while (cc_is_binary_char((uint8_t)at(lx, lx->pos))) lx->pos++;
    t.text = cc_str(lx->text->s.p + start, lx->pos - start);
  } else {
    return fail(lx, t.pos, "# is not followed by a symbol, an array or a byte array");
  }
  t.end = lx->pos;
  return t;
}

static struct cc_token read_character(struct cc_lexer *lx, struct cc_token t) {
  uint32_t n = 0, code = letter_at(lx, lx->pos + 1, &n);
  if (n == 0) return fail(lx, t.pos, "$ is not followed by a character");
  lx->pos += 1 + n;
  t.kind = TOK_CHARACTER;
  t.character = code;
  t.end = lx->pos;
  return t;
}

static enum cc_token_kind punctuation(char c) {
  switch (c) {
    case '(': return TOK_LPAREN;
    case ')': return TOK_RPAREN;
    case '[': return TOK_LBRACKET;
    case ']': return TOK_RBRACKET;
    case '{': return TOK_LBRACE;
    case '}': return TOK_RBRACE;
    case '.': return TOK_PERIOD;
    case ';': return TOK_SEMICOLON;
    case '^': return TOK_CARET;
    case ':': return TOK_COLON;
    default: return TOK_END;
  }
}

static struct cc_token read_word(struct cc_lexer *lx, struct cc_token t) {
  lx->pos = skip_word(lx, lx->pos);
  t.kind = TOK_IDENTIFIER;
  if (keyword_colon(lx, lx->pos)) {
    t.kind = TOK_KEYWORD;
    lx->pos++;
  }
  t.end = lx->pos;
  t.text = cc_str(lx->text->s.p + t.pos, t.end - t.pos);
  if (t.text.n == 1 && t.text.p[0] == '_') t.kind = TOK_ASSIGN; /* of old sources */
  if (CC_STR_IS(t.text, "\u2190")) t.kind = TOK_ASSIGN;
  return t;
}

struct cc_token cc_next_token(struct cc_lexer *lx) {
  uint32_t open = 0;
  if (!skip_blank(lx, &open)) return fail(lx, open, "this comment has no closing quote");
  struct cc_token t = {.kind = TOK_END, .pos = lx->pos, .end = lx->pos};
  if (lx->pos >= lx->end) return t;
  const char *s = lx->text->s.p;
  char c = s[lx->pos];
  uint32_t n = 0, code = letter_at(lx, lx->pos, &n);
  if (n == 0) return fail(lx, lx->pos, "malformed UTF-8");
  if (cc_is_letter(code)) return read_word(lx, t);
  if (is_digit(code)) {
    t.kind = TOK_NUMBER;
    t.literal = cc_read_number(lx->arena, lx->diag, lx->text, &lx->pos, lx->end);
    if (t.literal == NULL) {
      lx->pos = lx->end;
      t.kind = TOK_ERROR;
    }
    t.end = lx->pos;
    t.text = cc_str(s + t.pos, t.end - t.pos);
    return t;
  }
  if (c == '\'') {
    t.kind = TOK_STRING;
    if (!read_quoted(lx, &t.text)) return fail(lx, t.pos, "this string has no closing quote");
    t.end = lx->pos;
    return t;
  }
  if (c == '$') return read_character(lx, t);
  if (c == '#') return read_hash(lx, t);
  if (c == ':' && at(lx, lx->pos + 1) == '=') {
    t.kind = TOK_ASSIGN;
    lx->pos += 2;
  } else if (cc_is_binary_char(code)) {
    t.kind = TOK_BINARY;
    lx->pos = skip_binary(lx, lx->pos);
  } else if ((t.kind = punctuation(c)) != TOK_END) {
    lx->pos++;
  } else {
    return fail(lx, lx->pos, "this character does not belong here");
  }
  t.end = lx->pos;
  t.text = cc_str(s + t.pos, t.end - t.pos);
  return t;
}

uint32_t cc_matching_bracket(struct cc_str s, uint32_t open, uint32_t end) {
  uint32_t depth = 0;
  for (uint32_t i = open; i < end; i++) {
    char c = s.p[i];
    if (c == '\'' || c == '"') { /* a doubled quote is two texts in a row: no matter here */
      do i++;
      while (i < end && s.p[i] != c);
    } else if (c == '$') {
      i++;
    } else if (c == '[') {
      depth++;
    } else if (c == ']' && --depth == 0) {
      return i;
    }
  }
  return UINT32_MAX;
}
