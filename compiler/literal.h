/* literal.h: the values of literals, before there is a heap to put them in. */
#ifndef COMPILER_LITERAL_H
#define COMPILER_LITERAL_H

#include "compiler/diag.h"

enum cc_literal_kind {
  LIT_NIL,
  LIT_TRUE,
  LIT_FALSE,
  LIT_INTEGER, /* any size */
  LIT_FLOAT,
  LIT_SCALED,   /* numerator / denominator with a scale: made at run time */
  LIT_FRACTION, /* 1e-2: the same */
  LIT_CHARACTER,
  LIT_STRING,
  LIT_SYMBOL,
  LIT_ARRAY,
  LIT_BYTES,
  /* not written in source */
  LIT_BINDING,       /* of a class variable, pool variable or global */
  LIT_CLASS_BINDING, /* of the class the method belongs to */
  LIT_METHOD_CLASS,  /* the last literal of a method: the same object */
  LIT_CODE,          /* a block's code */
  LIT_OUTER_CODE,    /* the last literal of a block */
  LIT_METHOD_STATE,  /* pragmas: AdditionalMethodState */
};

/* An integer: sign and magnitude, little-endian, no leading zero byte. */
struct cc_integer {
  bool negative;
  const uint8_t *bytes;
  uint32_t count;
};

struct cc_literal {
  enum cc_literal_kind kind;
  uint32_t pos;
  union {
    struct cc_integer integer;
    double number;
    struct {
      struct cc_integer numerator, denominator;
      uint32_t scale;
    } scaled;
    uint32_t character;
    struct cc_str text; /* STRING, SYMBOL; UTF-8. BYTES: raw. BINDING: the name */
    struct {
      struct cc_literal **items;
      uint32_t count;
    } array;
    struct cc_code *code;
  };
  void *binding; /* BINDING: what the environment answered for it */
};

bool cc_integer_small(struct cc_integer i, int32_t *value); /* fits a SmallInteger (31 bits) */
struct cc_literal *cc_literal_int(struct cc_arena *arena, int64_t value);
/* Same kind and value. Strings, arrays and byte arrays are equal only to themselves: they can be changed. */
bool cc_literal_same(const struct cc_literal *a, const struct cc_literal *b);

/* Reads the number at *pos (a digit, or a minus before one when `negative_allowed`) and moves *pos behind it.
 * NULL: malformed, reported. Floats are rounded correctly whatever the number of digits. */
struct cc_literal *cc_read_number(struct cc_arena *arena, struct cc_diag *diag, const struct cc_text *text,
                                  uint32_t *pos, uint32_t end);
/* Prints as Smalltalk source, for disassembly. */
void cc_print_literal(struct cc_buffer *out, const struct cc_literal *l);

#endif
