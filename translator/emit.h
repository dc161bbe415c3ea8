/* emit.h: the state of one translation, and the small emitters that the files of the translation share. */
#ifndef TRANSLATOR_EMIT_H
#define TRANSLATOR_EMIT_H

#include "interpreter/interp.h"
#include "translator/translate.h"
#include "translator/types.h"

/* Where the value of an operand stack entry is. */
enum value_kind {
  VALUE_MEMORY, /* in its slot of the frame only */
  VALUE_LOCAL,  /* in wasm local `local` */
  VALUE_CONST,  /* the oop `constant`: an immediate, nil, true or false */
  VALUE_TEMP,   /* equal to temporary `temp`, whose local is valid */
  VALUE_SELF,   /* the receiver, whose local is valid */
};

struct value {
  enum value_kind kind;
  bool in_memory; /* the frame's slot has it too */
  uint8_t type;   /* enum type; of VALUE_TEMP the temporary's counts */
  uint32_t local, temp;
  oop constant;
};

/* Bytes of an object's header that instructions read. */
enum { HEADER_FORMAT_BYTE = 3, HEADER_SLOTS_BYTE = 7 };
/* Alignments as instructions have them: log2. */
enum { ALIGN_4 = 2, ALIGN_8 = 3 };

enum { TR_MAX_DEPTH = METHOD_LARGE_FRAME + 2, TR_MAX_SCOPES = 64 };

struct tr {
  const struct cfg *cfg;
  const struct tr_env *env;
  struct wasm_func *f;
  oop method;
  const struct cfg_insn *insn; /* being translated */
  struct value stack[TR_MAX_DEPTH];
  uint32_t depth;
  uint64_t valid; /* as cfg_block.valid_in */
  uint64_t dirty; /* the same for temporaries that the frame may have an older value of: some of `valid` */
  struct types types;
  uint8_t temp_types[TYPES_MAX_TEMPS]; /* enum type */
  const struct cfg_scope *open[TR_MAX_SCOPES];
  uint32_t open_count;
  bool framed;        /* the frame's header has been written: see frames.c */
  uint8_t *framed_in; /* the same at the beginning of each block */
  bool is_home;       /* a block made here may return from it */
  uint32_t nest;      /* blocks and ifs opened inside the current instruction */
  uint32_t site_count;
  /* wasm locals */
  uint32_t local_base; /* address of the pushed receiver */
  uint32_t local_self, local_temps, local_stack, local_x, local_y, local_cond, local_wide;
  uint32_t local_short;                          /* SHORT_LOCALS of them (short_methods.c) */
  uint32_t local_edges;                          /* back-edges until the countdown hears of them */
  uint32_t local_number;                         /* f64 */
  uint32_t local_float_temps, local_float_stack; /* f64; there are none when no value needs them */
};

/* ---- instructions ---- */
static inline void op(struct tr *t, enum wasm_opcode o) { wasm_emit(t->f, o, 0, 0); }
static inline void get(struct tr *t, uint32_t local) { wasm_emit(t->f, W_LOCAL_GET, local, 0); }
static inline void set(struct tr *t, uint32_t local) { wasm_emit(t->f, W_LOCAL_SET, local, 0); }
static inline void tee(struct tr *t, uint32_t local) { wasm_emit(t->f, W_LOCAL_TEE, local, 0); }
static inline void constant(struct tr *t, uint32_t v) { wasm_emit(t->f, W_I32_CONST, v, 0); }
static inline void load(struct tr *t, uint32_t offset) { wasm_emit(t->f, W_I32_LOAD, offset, ALIGN_4); }
static inline void store(struct tr *t, uint32_t offset) { wasm_emit(t->f, W_I32_STORE, offset, ALIGN_4); }
static inline void load_byte(struct tr *t, uint32_t offset) { wasm_emit(t->f, W_I32_LOAD8_U, offset, 0); }
static inline void call(struct tr *t, enum tr_helper h) { wasm_emit(t->f, W_CALL, h, 0); }
static inline void begin(struct tr *t, enum wasm_opcode o, uint32_t type) {
  wasm_emit(t->f, o, type, 0);
  t->nest++;
}
static inline void end(struct tr *t) {
  op(t, W_END);
  t->nest--;
}
/* Branches to a block or if opened in this instruction: 0 is the innermost. */
static inline void br(struct tr *t, uint32_t label) { wasm_emit(t->f, W_BR, label, 0); }
static inline void br_if(struct tr *t, uint32_t label) { wasm_emit(t->f, W_BR_IF, label, 0); }
/* The same to a slow path, and an `if` that is one: the engine is told, and lets them cost the others no
 * registers. */
static inline void br_rarely(struct tr *t, uint32_t label) { wasm_emit(t->f, W_BR_IF, label, WASM_UNLIKELY); }
static inline void begin_rarely(struct tr *t) {
  wasm_emit(t->f, W_IF, 0, WASM_UNLIKELY);
  t->nest++;
}
/* Opens a block; branches to its end are emitted by leave() and leave_rarely() from however deep inside. */
static inline uint32_t begin_block(struct tr *t) {
  begin(t, W_BLOCK, 0);
  return t->nest;
}
static inline void leave(struct tr *t, uint32_t block) { br(t, t->nest - block); }
static inline void leave_rarely(struct tr *t, uint32_t block) { br_rarely(t, t->nest - block); }

/* The SmallInteger of the number on the wasm stack. */
static inline void tag_int(struct tr *t) {
  constant(t, 1);
  op(t, W_I32_SHL);
  constant(t, OOP_INT_TAG);
  op(t, W_I32_OR);
}

/* ---- frame slots ---- */

/* Offset from fp of operand slot d. */
static inline uint32_t slot_offset(const struct tr *t, uint32_t d) {
  return FRAME_TEMPS + 4 * (t->cfg->num_temps - t->cfg->num_args) + 4 * d;
}
/* Pushes fp + offset of the top of the stack of `depth` entries: sp. */
static inline void push_sp(struct tr *t, uint32_t depth) {
  get(t, 0);
  constant(t, slot_offset(t, depth) - 4);
  op(t, W_I32_ADD);
}
/* Writes the frame's PC. */
static inline void put_pc(struct tr *t, uint32_t pc) {
  get(t, 0);
  constant(t, pc);
  store(t, FRAME_PC);
}

/* ---- where the frame is made (frames.c) ---- */

/* Finds framed_in; it is to be freed. */
void find_frames(struct tr *t);
/* Whether a block that goes on in it expects the frame. */
bool block_ends_framed(const struct tr *t, const struct cfg_block *block);
bool insn_needs_frame(const struct tr *t, const struct cfg_insn *i);
/* Writes METHOD, CONTEXT, FLAGS and RECEIVER. */
void emit_frame_header(struct tr *t);
/* The same in a slow path, unless it has been written before. */
void cold_frame(struct tr *t);

/* ---- values (value.c) ----
 *
 * A value of a type with TYPE_FLOAT may be an unboxed Float (types.h). What pushes a value as an oop boxes it
 * first, once: the box stays in the oop local, so that a value is one object to whoever compares it.
 */
void temp_validate(struct tr *t, uint32_t i); /* its local is good */
void temp_push(struct tr *t, uint32_t i);     /* the temporary's value, onto the wasm stack */
void temp_init(struct tr *t, uint32_t i);     /* from the wasm stack, at the entry */
void temp_assign(struct tr *t, uint32_t i);   /* from the top entry, which stays */
void self_push(struct tr *t);
uint8_t value_type(const struct tr *t, uint32_t d);
uint32_t value_float_local(const struct tr *t, uint32_t d); /* of an entry whose type has TYPE_FLOAT */
void value_push(struct tr *t, uint32_t d);                  /* entry d as an oop onto the wasm stack */
void value_push_local(struct tr *t, uint32_t d);   /* the same without boxing: 0 is an unboxed Float */
void value_write(struct tr *t, uint32_t d);        /* into the frame, on this path */
void value_materialize(struct tr *t, uint32_t d);  /* so that value_push(d) may be repeated cheaply */
void stack_push_local(struct tr *t);               /* a new entry from the wasm stack, into its local */
void stack_push_typed(struct tr *t, uint8_t type); /* the same of a known type */
void stack_push_const(struct tr *t, oop o);
void stack_push_value(struct tr *t, struct value v);
void stack_pop(struct tr *t, uint32_t n);
/* Entries [0, n) and all temporaries into the frame, for good: before what may look at it. */
void stack_flush(struct tr *t, uint32_t n);
/* Before a jump to block `to`, unless it is -1: the same for what it does not expect in locals. */
void edge_flush(struct tr *t, int32_t to, uint32_t n);
void stack_forget(struct tr *t); /* after a send: all entries are in memory only, no local is valid */
/* In a slow path: the same as stack_flush(), the translation's state unchanged; and back. */
void cold_spill(struct tr *t, uint32_t n);
void cold_reload(struct tr *t, uint32_t n);
/* The bytes that are left in eden onto the wasm stack; the end of its objects into the local. */
void emit_eden_room(struct tr *t, uint32_t end);
/* Allocates a Float for the number in f64 local `number`, in eden if there is room: into local `box`. */
void emit_new_float(struct tr *t, uint32_t box, uint32_t number);
/* Leaves the function at instruction `pc`, with `depth` entries in the frame. */
void emit_bail(struct tr *t, uint32_t pc, uint32_t depth);
/* In a cold path: leaves at the current instruction, because something is not what the code takes it for. */
void emit_unfit(struct tr *t);
/* Returns when the local is 0: RESULT_BAIL, or the value that a block has returned from here. */
void emit_return_if_bail(struct tr *t, uint32_t local);
/* Flushes the frame and calls a helper with it, its sp and `what`. */
void emit_call_with_stack(struct tr *t, enum tr_helper helper, uint32_t what);
/* After a store of the wasm stack's … : the write barrier for object local `object`, value local `value`. */
void emit_barrier(struct tr *t, uint32_t object, uint32_t value);
/* Array or object header: pushes the slot count of the object in `local`. */
void emit_slots(struct tr *t, uint32_t local);
/* Of the class table: pushes the page (nil, if there is none) that the class index in `local` lies in; and
 * with that page on the wasm stack, the class. */
void emit_class_page(struct tr *t, uint32_t local);
void emit_class_in_page(struct tr *t, uint32_t local);

/* ---- blocks (closures.c) ---- */

/* Where closures are made: the new object becomes the top entry. Also arrays and contexts. */
void emit_closure_insn(struct tr *t);
/* At the entry of a block: local_self holds the closure. Leaves it in local_y and the receiver in local_self;
 * a closure of another shape is left to the interpreter. Then, with the frame made, the copied values. */
void emit_block_receiver(struct tr *t);
void emit_copied_values(struct tr *t);
/* value, value: … : to a closure of the code that was met last its translation is called at once. */
bool is_value_send(const struct tr *t, uint32_t selector, uint32_t num_args, bool special);
void emit_value_send(struct tr *t, uint32_t selector, uint32_t num_args, bool special);
/* `^` in a block, of the value on the wasm stack. */
void emit_non_local_return(struct tr *t);

/* The comparison of two SmallIntegers, or of identity, that special send `index` is; W_UNREACHABLE: none. */
enum wasm_opcode int_comparison(uint32_t index);

/* ---- conditional jumps that end a block (translate.c) ---- */

bool jumps_forward(const struct tr *t, const struct cfg_block *block);
/* The jump, forward, by the condition on the wasm stack; and any, by the one in local_cond. */
void emit_branch_forward(struct tr *t, const struct cfg_block *block, const struct cfg_insn *jump);
void emit_branch(struct tr *t, const struct cfg_block *block, const struct cfg_insn *jump);

/* ---- inlined special sends (inline.c) ---- */

/* Translates special send `index` of a block. If that is a comparison and the next instruction a conditional
 * jump that takes its result, it translates both and answers true. */
bool emit_special(struct tr *t, uint32_t index, const struct cfg_block *block,
                  const struct cfg_insn *fused_jump);

/* ---- methods with primitives (primitive.c) ---- */

/* Tries the primitive of the method and returns what that answers; what follows runs when it has failed. */
void emit_primitive(struct tr *t);
/* The usual cases of some primitives, in line (primitive_inline.c); goes on when there is more to do. */
void emit_inline_primitive(struct tr *t);
/* With the frame made: the error object into the temporary that the method has for it. */
void emit_primitive_error(struct tr *t);

/* ---- short methods (short_methods.c) ---- */

/* What a callee answers before it needs a frame, in place of its call. */
enum { SHORT_LOCALS = 6 };
struct short_call {
  const struct tr_target *callee;
  uint32_t rcvr;   /* the entry; the arguments are above it */
  bool has_int;    /* the receiver is known to be a SmallInteger */
  uint32_t called; /* the block that is left with the answer in local_x */
};
/* Emits it; goes on, with nothing changed, where the call has to be made. False: there is nothing to emit. */
bool emit_short_call(struct tr *t, const struct short_call *call);
/* Whether it would emit something. */
bool is_short_call(struct tr *t, const struct tr_target *callee, uint32_t rcvr, bool has_int);

/* ---- sends (sends.c) ---- */

/* Pushes the class index of the oop in `local`. */
void emit_class_index(struct tr *t, uint32_t local);
/* A new inline cache. */
addr new_site(struct tr *t, uint32_t selector, uint32_t num_args, bool special);
/* The function of the module that the closure's cell of a value send has seen; negative: none. */
int32_t seen_block(const struct tr *t, addr cell);
/* Writes SAVED_FP of the callee whose frame begins there, and pushes its fp. */
void link_callee(struct tr *t, uint32_t callee_fp);
/* A new cell for the code of a value send's closure. */
addr new_code_cell(struct tr *t);
/* An ordinary send through the inline cache. */
void emit_send(struct tr *t, uint32_t selector, uint32_t num_args, bool special);
/* The special send `index` to what is in the frame, whose stack has `depth` entries: answers in local_x.
 * Shorter than emit_send() and slower, for the rare cases of what is inlined. */
void emit_send_pushed(struct tr *t, uint32_t index, uint32_t depth, uint32_t num_args);
/* A super send: its class is known, so the cell needs no comparison but whether it is filled. */
void emit_send_super(struct tr *t, uint32_t selector, uint32_t num_args);

#endif
