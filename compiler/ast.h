/* ast.h: syntax trees of methods. */
#ifndef COMPILER_AST_H
#define COMPILER_AST_H

#include "compiler/literal.h"

enum cc_node_kind {
  NODE_LITERAL,
  NODE_VARIABLE, /* self, super, thisContext too */
  NODE_ASSIGN,
  NODE_SEND,
  NODE_CASCADE,
  NODE_BLOCK,
  NODE_BRACE,
  NODE_RETURN,
};

struct cc_node {
  uint8_t kind;      /* enum cc_node_kind */
  uint8_t inlined;   /* NODE_SEND: enum cc_inline of scope.h, set by the scope pass */
  uint32_t depth;    /* of the tree below: bounded, so that passes may recurse */
  uint32_t pos, end; /* in the text; of a send: its selector's first part, and the send's end */
  union {
    struct cc_literal *literal;
    struct {
      struct cc_str name;
      struct cc_var *var; /* set by the scope pass */
    } variable;
    struct {
      struct cc_node *target, *value;
    } assign;
    struct {
      struct cc_node *receiver; /* NULL in a cascade's parts */
      struct cc_str selector;
      struct cc_node **args;
      uint32_t num_args;
    } send;
    struct {
      struct cc_node *receiver;
      struct cc_node **parts;
      uint32_t count;
    } cascade;
    struct cc_block *block;
    struct {
      struct cc_node **items;
      uint32_t count;
    } brace;
    struct cc_node *value; /* NODE_RETURN */
  };
};

struct cc_name {
  struct cc_str name;
  uint32_t pos;
  struct cc_var *var; /* scope pass */
};

struct cc_names {
  struct cc_name *items;
  uint32_t count, capacity;
};

struct cc_nodes {
  struct cc_node **items;
  uint32_t count, capacity;
};

/* A block, or the body of a method. */
struct cc_block {
  struct cc_names params, temps;
  struct cc_nodes statements;
  uint32_t pos, end;
  struct cc_scope *scope; /* scope pass */
};

struct cc_pragma {
  struct cc_str selector;
  struct cc_literal **args;
  uint32_t num_args;
  uint32_t pos;
};

struct cc_pragmas {
  struct cc_pragma *items;
  uint32_t count, capacity;
};

struct cc_method {
  const struct cc_text *text;
  struct cc_str selector;
  struct cc_block body; /* its params are the method's arguments */
  struct cc_pragmas pragmas;
  bool is_doit;
};

#endif
