/* parser.c: a recursive-descent parser. It stops at the first error of a method: the token stream then ends
 * and every function returns. */
#include "compiler/parser.h"
#include "compiler/lexer.h"

struct parser {
  struct cc_lexer lexer;
  struct cc_arena *arena;
  struct cc_diag *diag;
  const struct cc_text *text;
  struct cc_token token;
  uint32_t last_end; /* end of the token before */
  uint32_t nesting;
  bool failed;
};

static struct cc_node *parse_expression(struct parser *p);
static struct cc_literal *parse_literal(struct parser *p, bool in_array);

/* ---- tokens and errors ---- */

static void advance(struct parser *p) {
  if (p->failed) return;
  p->last_end = p->token.end;
  p->token = cc_next_token(&p->lexer);
  if (p->token.kind == TOK_ERROR) {
    p->failed = true;
    p->token.kind = TOK_END;
  }
}

static void fail_at(struct parser *p, uint32_t pos, const char *message) {
  if (!p->failed) cc_error_at(p->diag, p->text, pos, "%s", message);
  p->failed = true;
  p->token.kind = TOK_END;
}

/* Something else was expected at the present token. */
static void fail_expected(struct parser *p, const char *expected) {
  if (p->failed) return;
  if (p->token.kind == TOK_END)
    cc_error_at(p->diag, p->text, p->last_end > 0 ? p->last_end : p->token.pos,
                "%s expected, but the source ends here", expected);
  else
    cc_error_at(p->diag, p->text, p->token.pos, "%s expected, but here is '%.*s'", expected,
                (int)(p->token.end - p->token.pos < 40 ? p->token.end - p->token.pos : 40),
                p->text->s.p + p->token.pos);
  p->failed = true;
  p->token.kind = TOK_END;
}

static bool is(const struct parser *p, enum cc_token_kind kind) { return p->token.kind == kind; }

static bool is_binary(const struct parser *p, char c) {
  return p->token.kind == TOK_BINARY && p->token.text.n == 1 && p->token.text.p[0] == c;
}

/* The lexer gives bars one by one; as a selector they belong together. */
static void join_bars(struct parser *p) {
  if (!is_binary(p, '|')) return;
  while (p->token.end < p->lexer.end && p->text->s.p[p->token.end] == '|') {
    p->lexer.pos = ++p->token.end;
    p->token.text.n++;
  }
}

static bool accept(struct parser *p, enum cc_token_kind kind) {
  if (!is(p, kind)) return false;
  advance(p);
  return true;
}

static void expect(struct parser *p, enum cc_token_kind kind, const char *what) {
  if (!accept(p, kind)) fail_expected(p, what);
}

static bool enter(struct parser *p) {
  if (++p->nesting <= CC_MAX_NESTING) return true;
  fail_at(p, p->token.pos, "nested too deeply: split the method");
  return false;
}
static void leave(struct parser *p) { p->nesting--; }

/* ---- nodes ---- */

static struct cc_node *new_node(struct parser *p, enum cc_node_kind kind, uint32_t pos) {
  struct cc_node *n = CC_NEW(p->arena, struct cc_node);
  n->kind = (uint8_t)kind;
  n->pos = pos;
  n->end = pos;
  n->depth = 1;
  return n;
}

static void adopt(struct parser *p, struct cc_node *parent, const struct cc_node *child) {
  if (child == NULL) return;
  if (child->depth >= parent->depth) parent->depth = child->depth + 1;
  if (parent->depth > CC_MAX_TREE_DEPTH)
    fail_at(p, parent->pos, "this expression is a chain of too many messages: split it");
}

/* A node for every failure, so that callers need not look. */
static struct cc_node *nothing(struct parser *p) {
  struct cc_node *n = new_node(p, NODE_LITERAL, p->token.pos);
  n->literal = CC_NEW(p->arena, struct cc_literal);
  return n;
}

/* ---- literals ---- */

static struct cc_literal *new_literal(struct parser *p, enum cc_literal_kind kind) {
  struct cc_literal *l = CC_NEW(p->arena, struct cc_literal);
  l->kind = kind;
  l->pos = p->token.pos;
  return l;
}

static struct cc_literal *text_literal(struct parser *p, enum cc_literal_kind kind) {
  struct cc_literal *l = new_literal(p, kind);
  l->text = p->token.text;
  advance(p);
  return l;
}

static bool minus_number_ahead(const struct parser *p) {
  if (!is_binary(p, '-') || p->token.end >= p->lexer.end) return false;
  char c = p->text->s.p[p->token.end];
  return c >= '0' && c <= '9';
}

static struct cc_literal *parse_negative(struct parser *p) {
  uint32_t pos = p->token.pos;
  struct cc_literal *l = cc_read_number(p->arena, p->diag, p->text, &pos, p->lexer.end);
  if (l == NULL) {
    p->failed = true;
    p->token.kind = TOK_END;
    return new_literal(p, LIT_NIL);
  }
  p->lexer.pos = pos;
  p->token.end = pos;
  advance(p);
  return l;
}

struct literals {
  struct cc_literal **items;
  uint32_t count, capacity;
};

static struct cc_literal *parse_array(struct parser *p) {
  struct cc_literal *l = new_literal(p, LIT_ARRAY);
  struct literals list = {0};
  uint32_t open = p->token.pos;
  advance(p);
  if (!enter(p)) return l;
  while (!is(p, TOK_RPAREN) && !p->failed) {
    if (is(p, TOK_END)) {
      fail_at(p, open, "this array has no closing parenthesis");
      break;
    }
    CC_PUSH(p->arena, list, parse_literal(p, true));
  }
  expect(p, TOK_RPAREN, "')'");
  leave(p);
  l->array.items = list.items;
  l->array.count = list.count;
  return l;
}

static struct cc_literal *parse_bytes(struct parser *p) {
  struct cc_literal *l = new_literal(p, LIT_BYTES);
  struct {
    char *items;
    uint32_t count, capacity;
  } list = {0};
  advance(p);
  while (is(p, TOK_NUMBER)) {
    int32_t v = -1;
    struct cc_literal *n = p->token.literal;
    if (n->kind != LIT_INTEGER || !cc_integer_small(n->integer, &v) || v < 0 || v > 255)
      fail_at(p, p->token.pos, "a byte array holds integers from 0 to 255");
    CC_PUSH(p->arena, list, (char)v);
    advance(p);
  }
  expect(p, TOK_RBRACKET, "an integer from 0 to 255 or ']'");
  l->text = cc_str(list.items, list.count);
  return l;
}

/* foo:bar: in an array is one symbol; so is foo:bar. */
static struct cc_literal *parse_keyword_symbol(struct parser *p) {
  struct cc_literal *l = new_literal(p, LIT_SYMBOL);
  uint32_t start = p->token.pos, end = p->token.end;
  advance(p);
  while ((is(p, TOK_KEYWORD) || is(p, TOK_IDENTIFIER)) && p->token.pos == end) {
    end = p->token.end;
    advance(p);
  }
  l->text = cc_str(p->text->s.p + start, end - start);
  return l;
}

static struct cc_literal *parse_word_in_array(struct parser *p) {
  struct cc_str s = p->token.text;
  struct cc_literal *l = text_literal(p, LIT_SYMBOL);
  if (CC_STR_IS(s, "nil")) l->kind = LIT_NIL;
  if (CC_STR_IS(s, "true")) l->kind = LIT_TRUE;
  if (CC_STR_IS(s, "false")) l->kind = LIT_FALSE;
  return l;
}

static struct cc_literal *parse_literal(struct parser *p, bool in_array) {
  struct cc_literal *l;
  switch (p->token.kind) {
    case TOK_NUMBER:
      l = p->token.literal;
      if (in_array && (l->kind == LIT_SCALED || l->kind == LIT_FRACTION))
        fail_at(p, p->token.pos, "a scaled decimal or fraction cannot stand in a literal array: use { }");
      advance(p);
      return l;
    case TOK_STRING: return text_literal(p, LIT_STRING);
    case TOK_SYMBOL: return text_literal(p, LIT_SYMBOL);
    case TOK_CHARACTER:
      l = new_literal(p, LIT_CHARACTER);
      l->character = p->token.character;
      advance(p);
      return l;
    case TOK_HASH_PAREN: return parse_array(p);
    case TOK_HASH_BRACKET: return parse_bytes(p);
    case TOK_BINARY:
      if (minus_number_ahead(p)) {
        l = parse_negative(p);
        if (in_array && (l->kind == LIT_SCALED || l->kind == LIT_FRACTION))
          fail_at(p, l->pos, "a scaled decimal or fraction cannot stand in a literal array: use { }");
        return l;
      }
      if (in_array) return text_literal(p, LIT_SYMBOL);
      break;
    case TOK_LPAREN:
      if (in_array) return parse_array(p);
      break;
    case TOK_LBRACKET:
      if (in_array) return parse_bytes(p);
      break;
    case TOK_IDENTIFIER:
      if (in_array) return parse_word_in_array(p);
      break;
    case TOK_KEYWORD:
      if (in_array) return parse_keyword_symbol(p);
      break;
    default: break;
  }
  fail_expected(p, in_array ? "a literal or ')'" : "a literal");
  return new_literal(p, LIT_NIL);
}

/* ---- expressions ---- */

static struct cc_node *literal_node(struct parser *p) {
  struct cc_node *n = new_node(p, NODE_LITERAL, p->token.pos);
  n->literal = parse_literal(p, false);
  n->end = p->last_end;
  return n;
}

static void parse_statements(struct parser *p, struct cc_block *b, enum cc_token_kind closer);

static void add_name(struct parser *p, struct cc_names *list, const char *what) {
  if (!is(p, TOK_IDENTIFIER)) {
    fail_expected(p, what);
    return;
  }
  struct cc_name name = {p->token.text, p->token.pos, NULL};
  CC_PUSH(p->arena, *list, name);
  advance(p);
}

static void parse_temps(struct parser *p, struct cc_names *temps) {
  while (is_binary(p, '|')) {
    advance(p);
    while (is(p, TOK_IDENTIFIER)) add_name(p, temps, "a temporary variable");
    if (!is_binary(p, '|')) {
      fail_expected(p, "a temporary variable or '|'");
      return;
    }
    advance(p);
  }
}

static struct cc_node *parse_block(struct parser *p) {
  struct cc_node *n = new_node(p, NODE_BLOCK, p->token.pos);
  struct cc_block *b = n->block = CC_NEW(p->arena, struct cc_block);
  b->pos = p->token.pos;
  advance(p);
  if (!enter(p)) return n;
  while (is(p, TOK_COLON)) {
    advance(p);
    add_name(p, &b->params, "a block argument");
  }
  if (b->params.count > 0 && !is(p, TOK_RBRACKET)) {
    if (is_binary(p, '|'))
      advance(p);
    else
      fail_expected(p, "'|' after the block arguments");
  }
  parse_temps(p, &b->temps);
  parse_statements(p, b, TOK_RBRACKET);
  if (is(p, TOK_END)) fail_at(p, n->pos, "this block has no closing bracket");
  b->end = n->end = p->token.end;
  expect(p, TOK_RBRACKET, "']'");
  for (uint32_t i = 0; i < b->statements.count; i++) adopt(p, n, b->statements.items[i]);
  leave(p);
  return n;
}

static struct cc_node *parse_brace(struct parser *p) {
  struct cc_node *n = new_node(p, NODE_BRACE, p->token.pos);
  struct cc_nodes list = {0};
  advance(p);
  if (!enter(p)) return n;
  while (!is(p, TOK_RBRACE) && !p->failed) {
    if (accept(p, TOK_PERIOD)) continue;
    CC_PUSH(p->arena, list, parse_expression(p));
    adopt(p, n, list.items[list.count - 1]);
    if (!is(p, TOK_RBRACE) && !is(p, TOK_PERIOD)) fail_expected(p, "'.' or '}'");
  }
  leave(p);
  expect(p, TOK_RBRACE, "'}'");
  n->end = p->last_end;
  n->brace.items = list.items;
  n->brace.count = list.count;
  return n;
}

static struct cc_node *parse_primary(struct parser *p) {
  struct cc_node *n;
  uint32_t open = p->token.pos;
  switch (p->token.kind) {
    case TOK_IDENTIFIER:
      n = new_node(p, NODE_VARIABLE, open);
      n->variable.name = p->token.text;
      n->end = p->token.end;
      advance(p);
      return n;
    case TOK_LBRACKET: return parse_block(p);
    case TOK_LBRACE: return parse_brace(p);
    case TOK_LPAREN:
      advance(p);
      if (!enter(p)) return nothing(p);
      n = parse_expression(p);
      leave(p);
      if (is(p, TOK_END)) fail_at(p, open, "this parenthesis is not closed");
      expect(p, TOK_RPAREN, "')'");
      return n;
    case TOK_NUMBER:
    case TOK_STRING:
    case TOK_SYMBOL:
    case TOK_CHARACTER:
    case TOK_HASH_PAREN:
    case TOK_HASH_BRACKET: return literal_node(p);
    case TOK_BINARY:
      if (minus_number_ahead(p)) return literal_node(p);
      break;
    default: break;
  }
  fail_expected(p, "an expression");
  return nothing(p);
}

static struct cc_node *new_send(struct parser *p, struct cc_node *receiver, uint32_t pos,
                                struct cc_str selector, uint32_t num_args) {
  struct cc_node *n = new_node(p, NODE_SEND, pos);
  n->send.receiver = receiver;
  n->send.selector = selector;
  n->send.num_args = num_args;
  if (num_args > 0) n->send.args = CC_NEW_ARRAY(p->arena, struct cc_node *, num_args);
  adopt(p, n, receiver);
  return n;
}

static struct cc_node *parse_unary_tail(struct parser *p, struct cc_node *receiver) {
  while (is(p, TOK_IDENTIFIER)) {
    struct cc_node *n = new_send(p, receiver, p->token.pos, p->token.text, 0);
    advance(p);
    n->end = p->last_end;
    receiver = n;
  }
  return receiver;
}

static struct cc_node *parse_binary_tail(struct parser *p, struct cc_node *receiver) {
  while (is(p, TOK_BINARY)) {
    join_bars(p);
    struct cc_node *n = new_send(p, receiver, p->token.pos, p->token.text, 1);
    advance(p);
    n->send.args[0] = parse_unary_tail(p, parse_primary(p));
    adopt(p, n, n->send.args[0]);
    n->end = p->last_end;
    receiver = n;
  }
  return receiver;
}

static struct cc_node *parse_keyword_tail(struct parser *p, struct cc_node *receiver) {
  if (!is(p, TOK_KEYWORD)) return receiver;
  uint32_t pos = p->token.pos;
  struct cc_nodes args = {0};
  struct cc_buffer selector = {0};
  while (is(p, TOK_KEYWORD)) {
    cc_put(&selector, p->token.text.p, p->token.text.n);
    advance(p);
    CC_PUSH(p->arena, args, parse_binary_tail(p, parse_unary_tail(p, parse_primary(p))));
  }
  struct cc_str s = cc_str_copy(p->arena, cc_str(selector.p, selector.n));
  cc_buffer_free(&selector);
  struct cc_node *n = new_send(p, receiver, pos, s, args.count);
  for (uint32_t i = 0; i < args.count; i++) adopt(p, n, n->send.args[i] = args.items[i]);
  n->end = p->last_end;
  return n;
}

/* One message of a cascade, its receiver left out. */
static struct cc_node *parse_cascade_part(struct parser *p) {
  uint32_t pos = p->token.pos;
  struct cc_node *n;
  if (is(p, TOK_IDENTIFIER)) {
    n = new_send(p, NULL, pos, p->token.text, 0);
    advance(p);
    n->end = p->last_end;
  } else if (is(p, TOK_BINARY)) {
    join_bars(p);
    n = new_send(p, NULL, pos, p->token.text, 1);
    advance(p);
    n->send.args[0] = parse_unary_tail(p, parse_primary(p));
    adopt(p, n, n->send.args[0]);
    n->end = p->last_end;
  } else if (is(p, TOK_KEYWORD)) {
    n = parse_keyword_tail(p, NULL);
  } else {
    fail_expected(p, "a message after ';'");
    n = nothing(p);
  }
  return n;
}

static struct cc_node *parse_cascade(struct parser *p, struct cc_node *first) {
  struct cc_node *n = new_node(p, NODE_CASCADE, first->pos);
  if (first->kind != NODE_SEND) {
    fail_at(p, p->token.pos, "there is no message before this ';'");
    return first;
  }
  struct cc_nodes parts = {0};
  n->cascade.receiver = first->send.receiver;
  first->send.receiver = NULL;
  CC_PUSH(p->arena, parts, first);
  while (accept(p, TOK_SEMICOLON)) {
    if (is(p, TOK_SEMICOLON)) continue;
    CC_PUSH(p->arena, parts, parse_cascade_part(p));
  }
  for (uint32_t i = 0; i < parts.count; i++) adopt(p, n, parts.items[i]);
  adopt(p, n, n->cascade.receiver);
  n->cascade.parts = parts.items;
  n->cascade.count = parts.count;
  n->end = p->last_end;
  return n;
}

/* variable := …, repeated; then one message expression with its cascade. */
static struct cc_node *parse_expression(struct parser *p) {
  if (!enter(p)) return nothing(p);
  struct cc_node *n = parse_primary(p);
  if (is(p, TOK_ASSIGN)) {
    if (n->kind != NODE_VARIABLE) fail_at(p, p->token.pos, "only a variable can be assigned to");
    struct cc_node *a = new_node(p, NODE_ASSIGN, n->pos);
    advance(p);
    a->assign.target = n;
    a->assign.value = parse_expression(p);
    adopt(p, a, a->assign.value);
    a->end = p->last_end;
    n = a;
  } else {
    bool parenthesized = n->kind == NODE_SEND || n->kind == NODE_CASCADE;
    struct cc_node *message = parse_keyword_tail(p, parse_binary_tail(p, parse_unary_tail(p, n)));
    if (is(p, TOK_SEMICOLON)) {
      if (message == n && parenthesized)
        fail_at(p, p->token.pos, "there is no message before this ';'");
      else
        message = parse_cascade(p, message);
    }
    n = message;
  }
  leave(p);
  return n;
}

static void parse_statements(struct parser *p, struct cc_block *b, enum cc_token_kind closer) {
  for (;;) {
    while (accept(p, TOK_PERIOD)) {
    }
    if (is(p, closer) || is(p, TOK_END)) return;
    struct cc_node *n;
    if (is(p, TOK_CARET)) {
      n = new_node(p, NODE_RETURN, p->token.pos);
      advance(p);
      n->value = parse_expression(p);
      adopt(p, n, n->value);
      n->end = p->last_end;
    } else {
      n = parse_expression(p);
    }
    CC_PUSH(p->arena, b->statements, n);
    if (!is(p, TOK_PERIOD) && !is(p, closer) && !is(p, TOK_END))
      fail_expected(p, closer == TOK_RBRACKET ? "'.' or ']'" : "'.' or the end of the method");
  }
}

/* ---- methods ---- */

static void parse_pragma(struct parser *p, struct cc_method *m) {
  struct cc_pragma pragma = {.pos = p->token.pos};
  advance(p);
  if (is(p, TOK_IDENTIFIER)) {
    pragma.selector = p->token.text;
    advance(p);
  } else if (is(p, TOK_KEYWORD)) {
    struct literals args = {0};
    struct cc_buffer selector = {0};
    while (is(p, TOK_KEYWORD)) {
      cc_put(&selector, p->token.text.p, p->token.text.n);
      advance(p);
      CC_PUSH(p->arena, args, parse_literal(p, true));
    }
    pragma.selector = cc_str_copy(p->arena, cc_str(selector.p, selector.n));
    cc_buffer_free(&selector);
    pragma.args = args.items;
    pragma.num_args = args.count;
  } else {
    fail_expected(p, "a pragma, as in <primitive: 1>");
  }
  if (!is_binary(p, '>'))
    fail_expected(p, "'>' at the end of the pragma");
  else
    advance(p);
  CC_PUSH(p->arena, m->pragmas, pragma);
}

static void parse_pattern(struct parser *p, struct cc_method *m) {
  struct cc_names *params = &m->body.params;
  if (is(p, TOK_IDENTIFIER)) {
    m->selector = p->token.text;
    advance(p);
  } else if (is(p, TOK_BINARY)) {
    join_bars(p);
    m->selector = p->token.text;
    advance(p);
    add_name(p, params, "the argument of the binary method");
  } else if (is(p, TOK_KEYWORD)) {
    struct cc_buffer selector = {0};
    while (is(p, TOK_KEYWORD)) {
      cc_put(&selector, p->token.text.p, p->token.text.n);
      advance(p);
      add_name(p, params, "an argument of the method");
    }
    m->selector = cc_str_copy(p->arena, cc_str(selector.p, selector.n));
    cc_buffer_free(&selector);
  } else {
    fail_expected(p, "a method's selector and arguments");
  }
}

static void start(struct parser *p, struct cc_arena *arena, struct cc_diag *diag, const struct cc_text *text,
                  uint32_t pos, uint32_t end) {
  *p = (struct parser){.arena = arena, .diag = diag, .text = text};
  p->lexer = (struct cc_lexer){text, arena, diag, pos, end};
  advance(p);
}

static void parse_body(struct parser *p, struct cc_method *m) {
  for (;;) { /* pragmas and temporaries in any order, as old sources have them */
    if (is_binary(p, '<'))
      parse_pragma(p, m);
    else if (is_binary(p, '|'))
      parse_temps(p, &m->body.temps);
    else
      break;
    if (p->failed) return;
  }
  parse_statements(p, &m->body, TOK_END);
}

struct cc_method *cc_parse(struct cc_arena *arena, struct cc_diag *diag, const struct cc_text *text,
                           enum cc_source_kind kind, struct cc_range pattern, struct cc_range body) {
  struct parser parser, *p = &parser;
  struct cc_method *m = CC_NEW(arena, struct cc_method);
  m->text = text;
  start(p, arena, diag, text, pattern.start, pattern.end);
  m->body.pos = pattern.start;
  if (kind == CC_DOIT) {
    m->selector = CC_STR("DoIt");
    m->is_doit = true;
  } else {
    parse_pattern(p, m);
    if (body.start < body.end || body.start > pattern.end) {
      if (!p->failed && !is(p, TOK_END)) fail_expected(p, "'['");
      if (p->failed) return NULL;
      m->body.pos = body.start;
      start(p, arena, diag, text, body.start, body.end);
    }
  }
  parse_body(p, m);
  if (!p->failed && !is(p, TOK_END)) fail_expected(p, "the end of the method");
  m->body.end = p->token.end;
  return p->failed ? NULL : m;
}

bool cc_parse_pattern(struct cc_arena *arena, struct cc_diag *diag, const struct cc_text *text,
                      struct cc_range pattern, struct cc_str *selector) {
  struct parser p;
  struct cc_method m = {.text = text};
  start(&p, arena, diag, text, pattern.start, pattern.end);
  parse_pattern(&p, &m);
  *selector = m.selector;
  return !p.failed;
}
