/* codegen.h: inside the generator: the instruction list, and what its files offer each other. */
#ifndef COMPILER_CODEGEN_H
#define COMPILER_CODEGEN_H

#include "compiler/scope.h"
#include "interpreter/bytecode.h"

/* An instruction before it has an address: the operations of bytecode.h with their operands; a jump's `a` is
 * a label. OP_LABEL marks a place. */
enum { OP_LABEL = OP_COUNT };
struct cc_ins {
  uint8_t op;
  int32_t a, b, c;
  uint32_t pos, end; /* source */
};

struct cc_label {
  bool reached, placed;
  int32_t depth;  /* operands on the stack there */
  uint32_t index; /* of its OP_LABEL */
};

/* The generator of one method or block. */
struct cc_gen {
  struct cc_arena *arena;
  struct cc_diag *diag;
  const struct cc_text *text;
  const struct cc_env *env;
  struct cc_code *code;
  struct cc_scope *scope; /* the real one */
  struct {
    struct cc_ins *items;
    uint32_t count, capacity;
  } ins;
  struct {
    struct cc_label *items;
    uint32_t count, capacity;
  } labels;
  struct {
    struct cc_literal **items;
    uint32_t count, capacity;
  } literals;
  struct {
    struct cc_str *items;
    uint32_t count, capacity;
  } temp_names;
  int32_t depth, max_depth;
  bool dead;                 /* nothing reaches this place: what is emitted is dropped */
  uint32_t slots, max_slots; /* of the frame: in use, ever in use */
  uint32_t loops;            /* loops around this place, in this frame */
  uint32_t pos, end;         /* source of what is being emitted */
  bool failed;
};

/* The slot of the primitive's error code is the last of the frame: known when all others are. */
enum { CC_ERROR_SLOT = 0x7FFF };

/* ---- emit.c: instructions to bytes ---- */
void cc_emit(struct cc_gen *g, enum bytecode_op op, int32_t a, int32_t b, int32_t c);
int32_t cc_new_label(struct cc_gen *g);
void cc_place(struct cc_gen *g, int32_t label);
void cc_jump(struct cc_gen *g, enum bytecode_op op, int32_t label);
void cc_assemble(struct cc_gen *g);

/* ---- codegen.c ---- */
uint32_t cc_literal_index(struct cc_gen *g, struct cc_literal *l);
uint32_t cc_symbol_index(struct cc_gen *g, struct cc_str s);
void cc_gen_value(struct cc_gen *g, struct cc_node *n);  /* pushes it */
void cc_gen_effect(struct cc_gen *g, struct cc_node *n); /* leaves nothing */
/* Answers it from the method or, in_block, from the block. */
void cc_gen_answer(struct cc_gen *g, struct cc_node *n, bool in_block);
void cc_gen_send(struct cc_gen *g, struct cc_str selector, uint32_t num_args);
void cc_push_var(struct cc_gen *g, struct cc_var *v);
void cc_pop_var(struct cc_gen *g, struct cc_var *v);
void cc_store_var(struct cc_gen *g, struct cc_var *v);
void cc_push_int(struct cc_gen *g, int32_t v);
uint32_t cc_new_slot(struct cc_gen *g, struct cc_str name);
void cc_enter_scope(struct cc_gen *g, struct cc_scope *s);
void cc_leave_scope(struct cc_gen *g, uint32_t slots_before);
void cc_gen_failed(struct cc_gen *g, uint32_t pos, const char *message);

/* ---- codegen_inline.c: messages compiled without a send ---- */
enum cc_want { WANT_EFFECT, WANT_VALUE, WANT_ANSWER, WANT_BLOCK_ANSWER };
void cc_gen_inlined(struct cc_gen *g, struct cc_node *n, enum cc_want want);

#endif
