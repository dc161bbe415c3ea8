/* compile.h: syntax trees to SistaV1 bytecode, before there is a heap: code, literals, source positions.
 * materialize.h makes CompiledMethods of it. */
#ifndef COMPILER_COMPILE_H
#define COMPILER_COMPILE_H

#include "compiler/parser.h"

/* Where the names that are neither local nor instance variables come from. */
struct cc_env {
  struct cc_strs inst_vars;
  /* The binding of a class variable, pool variable or global; any pointer that stands for it (it comes back
   * in cc_literal.binding). NULL: undeclared, an error. */
  void *(*binding)(void *context, struct cc_str name, uint32_t pos);
  void *context;
};

/* From `pc` (bytes from the first bytecode, up to the next range) the code belongs to source [start, end). */
struct cc_range_of {
  uint32_t pc, start, end;
};

/* A method, or a block of one. */
struct cc_code {
  struct cc_str selector; /* of the method, in blocks too */
  bool is_block;
  bool needs_outer;                         /* a block that returns from its method or asks for thisContext */
  uint32_t num_args, num_copied, num_temps; /* temps: arguments and copied values included */
  uint32_t max_stack;
  uint32_t primitive; /* 0: none */
  uint8_t *bytes;
  uint32_t num_bytes;
  struct cc_literal **literals; /* all of them, the last ones that the format demands included */
  uint32_t num_literals;
  struct cc_pragma *pragmas; /* those that are not primitives */
  uint32_t num_pragmas;
  struct cc_code *outer;     /* of a block */
  struct cc_str *temp_names; /* num_temps of them; empty for hidden ones */
  struct cc_range_of *ranges;
  uint32_t num_ranges;
  const struct cc_text *text;
};

enum {
  CC_MAX_ARGS = 15,
  CC_MAX_TEMPS = 63,
  CC_MAX_LITERALS = 32767,
  CC_FRAME_SMALL = 16, /* temporaries and operands of a small context */
  CC_FRAME_LARGE = 56,
};
static inline bool cc_code_large_frame(const struct cc_code *c) {
  return c->num_temps + c->max_stack > CC_FRAME_SMALL;
}

/* The selectors with a bytecode of their own, in the order of the special objects' array; 32 of them. */
extern const char *const cc_special_selectors[];

/* NULL: errors were reported. Result and literals live in the arena. */
struct cc_code *cc_compile(struct cc_arena *arena, struct cc_diag *diag, struct cc_method *method,
                           const struct cc_env *env);

/* Checks code as the VM would run it: whole instructions, jumps onto instructions, equal stack depth wherever
 * paths meet, no underflow, no deeper than claimed, operands in range, no falling off the end, no dead code
 * that cannot be decoded. Works for any bytecodes of the set. */
struct cc_verify_limits {
  bool sista;
  bool is_block;
  uint32_t num_temps, num_literals, max_stack, num_inst_vars; /* UINT32_MAX: unknown */
};
err_t cc_verify(const uint8_t *code, uint32_t size, const struct cc_verify_limits *limits) NODISCARD;
err_t cc_verify_code(const struct cc_code *code, uint32_t num_inst_vars) NODISCARD;

/* The code and its blocks as text. */
void cc_disassemble(struct cc_buffer *out, const struct cc_code *code);

#endif
