/* scope.h: what the scope pass finds out: which variable a name means, which blocks become loops and
 * branches, which variables closures copy and which live in a vector that they share. */
#ifndef COMPILER_SCOPE_H
#define COMPILER_SCOPE_H

#include "compiler/compile.h"

/* Messages compiled without a send. Loops come last: grep ORDER INLINE. */
enum cc_inline {
  INLINE_NONE,
  INLINE_IF_TRUE,
  INLINE_IF_FALSE,
  INLINE_IF_TRUE_IF_FALSE,
  INLINE_IF_FALSE_IF_TRUE,
  INLINE_AND,
  INLINE_OR,
  INLINE_IF_NIL,
  INLINE_IF_NOT_NIL,
  INLINE_IF_NIL_IF_NOT_NIL,
  INLINE_IF_NOT_NIL_IF_NIL,
  INLINE_WHILE_TRUE,
  INLINE_WHILE_FALSE,
  INLINE_WHILE_TRUE_ALONE,
  INLINE_WHILE_FALSE_ALONE,
  INLINE_REPEAT,
  INLINE_TO_DO,
  INLINE_TO_BY_DO,
  INLINE_TIMES_REPEAT,
};

enum cc_var_kind {
  VAR_LOCAL, /* temporary or argument */
  VAR_INST,
  VAR_BINDING,
  VAR_SELF,
  VAR_SUPER,
  VAR_NIL,
  VAR_TRUE,
  VAR_FALSE,
  VAR_CONTEXT,
};

struct cc_scopes {
  struct cc_scope **items;
  uint32_t count, capacity;
};
struct cc_vars {
  struct cc_var **items;
  uint32_t count, capacity;
};

struct cc_var {
  enum cc_var_kind kind;
  struct cc_str name;
  bool is_param;
  uint32_t index;             /* INST: the field; LOCAL: place in the frame or vector, set by the generator */
  struct cc_literal *literal; /* BINDING */
  struct cc_scope *scope;     /* LOCAL: where it is declared */
  /* closures */
  bool captured, written_in_closure, remote;
  uint32_t first_capture, last_write; /* event numbers, in order of evaluation */
  struct cc_scopes capture_loops, write_loops;
  /* initialization: the first event decides whether a loop must set it to nil */
  bool seen, set_first;
};

/* A block or method body, or the extent of a loop. A real scope has a frame of its own. */
struct cc_scope {
  struct cc_scope *parent, *real;
  bool is_loop;          /* what is below runs repeatedly: no variables of its own */
  struct cc_vars vars;   /* declared here, arguments first */
  struct cc_var *vector; /* holds the remote ones, or NULL */
  /* real scopes */
  struct cc_vars captures; /* used here or below, declared outside */
  struct cc_vars copied;   /* the same with vectors for remote ones: order of the copied values */
  uint32_t num_params;
  bool needs_outer;
};

/* Fills in cc_var, cc_scope and cc_node.inlined. False: errors were reported. */
bool cc_analyze(struct cc_arena *arena, struct cc_diag *diag, struct cc_method *method,
                const struct cc_env *env, struct cc_var *primitive_error);

#endif
