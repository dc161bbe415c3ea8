/* lexer.h: Smalltalk tokens. */
#ifndef COMPILER_LEXER_H
#define COMPILER_LEXER_H

#include "compiler/diag.h"

enum cc_token_kind {
  TOK_END,
  TOK_ERROR, /* reported already */
  TOK_IDENTIFIER,
  TOK_KEYWORD, /* with its colon */
  TOK_BINARY,  /* also | < > - */
  TOK_ASSIGN,
  TOK_NUMBER,
  TOK_STRING,
  TOK_CHARACTER,
  TOK_SYMBOL,       /* #foo #foo:bar: #+ #'x y' */
  TOK_HASH_PAREN,   /* #( */
  TOK_HASH_BRACKET, /* #[ */
  TOK_LPAREN,
  TOK_RPAREN,
  TOK_LBRACKET,
  TOK_RBRACKET,
  TOK_LBRACE,
  TOK_RBRACE,
  TOK_PERIOD,
  TOK_SEMICOLON,
  TOK_CARET,
  TOK_COLON,
};

struct cc_token {
  enum cc_token_kind kind;
  uint32_t pos, end;  /* of the token in the text */
  struct cc_str text; /* as written; strings and symbols: contents without quotes, doubled ones single */
  struct cc_literal *literal; /* TOK_NUMBER */
  uint32_t character;         /* TOK_CHARACTER */
};

struct cc_lexer {
  const struct cc_text *text;
  struct cc_arena *arena;
  struct cc_diag *diag;
  uint32_t pos, end; /* the part of the text that is read */
};

/* Reads the next token. Errors (an open string, a bad number, malformed UTF-8) are reported to diag. */
struct cc_token cc_next_token(struct cc_lexer *lexer);

bool cc_is_binary_char(uint32_t c);
bool cc_is_letter(uint32_t c); /* any character outside ASCII counts as a letter */
/* Where the bracket that closes the one at `open` stands, with strings, comments and characters skipped;
 * UINT32_MAX: nowhere before end. */
uint32_t cc_matching_bracket(struct cc_str s, uint32_t open, uint32_t end);

#endif
