/* types.h: what is known of temporaries and operands along a method's control-flow graph.
 *
 * A forward analysis to a fixpoint, and a pure function of the graph and the method's literals. A type is a
 * set of kinds; translation starts each block from what the analysis says of its entry and does the same
 * steps, so both use the functions below for the type of a result.
 *
 * What a temporary was found to be stays true over a send when it is TYPE_INT: only the activation itself
 * writes its temporaries, and a store into a context from outside makes translated code leave
 * (context_store()). A Float may be changed in place by whoever has it, so of it nothing is known after a
 * send.
 */
#ifndef TRANSLATOR_TYPES_H
#define TRANSLATOR_TYPES_H

#include "translator/cfg.h"

enum type {
  TYPE_INT = 1,    /* a SmallInteger */
  TYPE_FLOAT = 2,  /* its number is in the value's f64 local; the oop local is 0, or a box that has it */
  TYPE_OBJECT = 4, /* any other oop, a Float too */
  TYPE_ANY = TYPE_INT | TYPE_OBJECT,
  /* A set with TYPE_FLOAT and others: a Float in the f64 local if the oop local is 0, else what that says. */
  TYPE_MIXED = TYPE_ANY | TYPE_FLOAT,
};

enum {
  TYPES_MAX_TEMPS = 63, /* of the temporaries after these nothing is known */
  TYPES_MAX_SHIFT = 29, /* shifts by more are left to the helper */
};

/* What code may take for granted; that sees otherwise leaves (TRH_UNFIT). */
struct types_assumed {
  /* Operations of which an operand is known take it that the other one suits, and that results of
   * SmallIntegers fit. */
  bool operands_suit;
  bool self_is_int; /* the receiver is a SmallInteger: the entry sees to that */
};

struct types {
  uint8_t *temps;   /* enum type of temporary i at the entry of block b, at b * TYPES_MAX_TEMPS + i */
  uint64_t *dirty;  /* by block: temporaries whose local may be newer than the frame; as valid_in */
  uint8_t *numeric; /* by instruction: its result is used by arithmetic, so a Float need not be boxed */
  struct types_assumed assumed; /* as types_find() was told */
  bool has_floats;
  bool shared; /* blocks of blockCopy: write the temporaries of their home: nothing is known of any */
};

void types_find(const struct cfg *cfg, oop method, struct types_assumed assumed, struct types *types);
static inline uint8_t types_of_self(const struct types *types) {
  return types->assumed.self_is_int ? TYPE_INT : TYPE_ANY;
}
void types_free(struct types *types);

/* How arithmetic with these operands is done. */
enum arithmetic_plan {
  PLAN_INT,     /* both are known to be SmallIntegers */
  PLAN_FLOAT,   /* one is known to be a Float, and the operation is one of Floats */
  PLAN_GENERIC, /* SmallIntegers first, then what else there is */
};
bool types_is_float_operation(uint32_t index);
enum arithmetic_plan types_plan(uint32_t index, uint8_t a, uint8_t b);
/* Whether PLAN_GENERIC looks for Floats before it calls the helper. */
bool types_try_floats(uint32_t index, uint8_t a, uint8_t b);

/* The divisor or shift distance: a constant, if it is known. */
struct known_int {
  bool known;
  int32_t value;
};
/* Whether a PLAN_INT operation always answers a SmallInteger. */
bool types_never_fails(uint32_t index, struct known_int b);
/* The type of an arithmetic operation's result. `numeric`: as in struct types. */
uint8_t types_result(uint32_t index, uint8_t a, uint8_t b, struct known_int b_value, bool numeric,
                     bool operands_suit);
/* After a send, or whatever else may look at the frame or change objects. */
static inline uint8_t types_after_send(uint8_t type) {
  return type == TYPE_INT ? TYPE_INT : (uint8_t)((type & ~TYPE_FLOAT) | TYPE_OBJECT);
}
/* Of a literal; a Float's number is loaded where it is pushed. */
uint8_t types_of_literal(oop literal);
/* Special sends of numbers whose result is one: arithmetic.c inlines them. */
bool types_is_arithmetic(uint32_t index);

#endif
