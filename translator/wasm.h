/* wasm.h: the translator's IR: WebAssembly instructions in a row, and modules made of them.
 *
 * One IR, two printers: wasm_encode() writes the binary that is installed, wasm_print() the text that people
 * read, and wat2wasm of that text gives the same bytes. Instruction bytes are those of the WebAssembly core
 * specification.
 */
#ifndef TRANSLATOR_WASM_H
#define TRANSLATOR_WASM_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* What an instruction carries. */
enum wasm_immediate {
  IMM_NONE,
  IMM_BLOCK,  /* a: 0 = no result, else a value type */
  IMM_LABEL,  /* a: relative depth */
  IMM_FUNC,   /* a: function index */
  IMM_TYPE,   /* a: type index; table 0 */
  IMM_LOCAL,  /* a: local index */
  IMM_MEMORY, /* a: offset; b: log2 of the alignment */
  IMM_I32,    /* a */
  IMM_I64,    /* a: low word, b: high word */
  IMM_F64,    /* a: low word, b: high word of the bits */
};

/* X(NAME, byte, text, immediate) */
#define WASM_OPS(X)                                         \
  X(UNREACHABLE, 0x00, "unreachable", IMM_NONE)             \
  X(BLOCK, 0x02, "block", IMM_BLOCK)                        \
  X(LOOP, 0x03, "loop", IMM_BLOCK)                          \
  X(IF, 0x04, "if", IMM_BLOCK)                              \
  X(ELSE, 0x05, "else", IMM_NONE)                           \
  X(END, 0x0B, "end", IMM_NONE)                             \
  X(BR, 0x0C, "br", IMM_LABEL)                              \
  X(BR_IF, 0x0D, "br_if", IMM_LABEL)                        \
  X(RETURN, 0x0F, "return", IMM_NONE)                       \
  X(CALL, 0x10, "call", IMM_FUNC)                           \
  X(CALL_INDIRECT, 0x11, "call_indirect", IMM_TYPE)         \
  X(DROP, 0x1A, "drop", IMM_NONE)                           \
  X(SELECT, 0x1B, "select", IMM_NONE)                       \
  X(LOCAL_GET, 0x20, "local.get", IMM_LOCAL)                \
  X(LOCAL_SET, 0x21, "local.set", IMM_LOCAL)                \
  X(LOCAL_TEE, 0x22, "local.tee", IMM_LOCAL)                \
  X(I32_LOAD, 0x28, "i32.load", IMM_MEMORY)                 \
  X(I64_LOAD, 0x29, "i64.load", IMM_MEMORY)                 \
  X(F64_LOAD, 0x2B, "f64.load", IMM_MEMORY)                 \
  X(I32_LOAD8_U, 0x2D, "i32.load8_u", IMM_MEMORY)           \
  X(I32_LOAD16_U, 0x2F, "i32.load16_u", IMM_MEMORY)         \
  X(I32_STORE, 0x36, "i32.store", IMM_MEMORY)               \
  X(I64_STORE, 0x37, "i64.store", IMM_MEMORY)               \
  X(F64_STORE, 0x39, "f64.store", IMM_MEMORY)               \
  X(I32_STORE8, 0x3A, "i32.store8", IMM_MEMORY)             \
  X(I32_CONST, 0x41, "i32.const", IMM_I32)                  \
  X(I64_CONST, 0x42, "i64.const", IMM_I64)                  \
  X(F64_CONST, 0x44, "f64.const", IMM_F64)                  \
  X(I32_EQZ, 0x45, "i32.eqz", IMM_NONE)                     \
  X(I32_EQ, 0x46, "i32.eq", IMM_NONE)                       \
  X(I32_NE, 0x47, "i32.ne", IMM_NONE)                       \
  X(I32_LT_S, 0x48, "i32.lt_s", IMM_NONE)                   \
  X(I32_LT_U, 0x49, "i32.lt_u", IMM_NONE)                   \
  X(I32_GT_S, 0x4A, "i32.gt_s", IMM_NONE)                   \
  X(I32_GT_U, 0x4B, "i32.gt_u", IMM_NONE)                   \
  X(I32_LE_S, 0x4C, "i32.le_s", IMM_NONE)                   \
  X(I32_LE_U, 0x4D, "i32.le_u", IMM_NONE)                   \
  X(I32_GE_S, 0x4E, "i32.ge_s", IMM_NONE)                   \
  X(I32_GE_U, 0x4F, "i32.ge_u", IMM_NONE)                   \
  X(I64_NE, 0x52, "i64.ne", IMM_NONE)                       \
  X(F64_EQ, 0x61, "f64.eq", IMM_NONE)                       \
  X(F64_NE, 0x62, "f64.ne", IMM_NONE)                       \
  X(F64_LT, 0x63, "f64.lt", IMM_NONE)                       \
  X(F64_GT, 0x64, "f64.gt", IMM_NONE)                       \
  X(F64_LE, 0x65, "f64.le", IMM_NONE)                       \
  X(F64_GE, 0x66, "f64.ge", IMM_NONE)                       \
  X(I32_ADD, 0x6A, "i32.add", IMM_NONE)                     \
  X(I32_SUB, 0x6B, "i32.sub", IMM_NONE)                     \
  X(I32_MUL, 0x6C, "i32.mul", IMM_NONE)                     \
  X(I32_DIV_S, 0x6D, "i32.div_s", IMM_NONE)                 \
  X(I32_REM_S, 0x6F, "i32.rem_s", IMM_NONE)                 \
  X(I32_AND, 0x71, "i32.and", IMM_NONE)                     \
  X(I32_OR, 0x72, "i32.or", IMM_NONE)                       \
  X(I32_XOR, 0x73, "i32.xor", IMM_NONE)                     \
  X(I32_SHL, 0x74, "i32.shl", IMM_NONE)                     \
  X(I32_SHR_S, 0x75, "i32.shr_s", IMM_NONE)                 \
  X(I32_SHR_U, 0x76, "i32.shr_u", IMM_NONE)                 \
  X(I64_MUL, 0x7E, "i64.mul", IMM_NONE)                     \
  X(I64_OR, 0x84, "i64.or", IMM_NONE)                       \
  X(I64_SHR_U, 0x88, "i64.shr_u", IMM_NONE)                 \
  X(F64_ADD, 0xA0, "f64.add", IMM_NONE)                     \
  X(F64_SUB, 0xA1, "f64.sub", IMM_NONE)                     \
  X(F64_MUL, 0xA2, "f64.mul", IMM_NONE)                     \
  X(F64_DIV, 0xA3, "f64.div", IMM_NONE)                     \
  X(I32_WRAP_I64, 0xA7, "i32.wrap_i64", IMM_NONE)           \
  X(I64_EXTEND_I32_S, 0xAC, "i64.extend_i32_s", IMM_NONE)   \
  X(F64_CONVERT_I32_S, 0xB7, "f64.convert_i32_s", IMM_NONE) \
  X(I64_REINTERPRET_F64, 0xBD, "i64.reinterpret_f64", IMM_NONE)

enum wasm_opcode {
#define X(name, byte, text, immediate) W_##name = (byte),
  WASM_OPS(X)
#undef X
};

/* The second immediate of br_if and if: nothing is known, or that the branch is not taken, the body not run.
 */
enum wasm_hint { WASM_NO_HINT, WASM_UNLIKELY };

enum wasm_type { WASM_I32 = 0x7F, WASM_I64 = 0x7E, WASM_F64 = 0x7C };

struct wasm_op {
  uint8_t opcode; /* enum wasm_opcode */
  uint32_t a, b;  /* immediates */
  uint32_t note;  /* 1 + offset of its comment in the function's notes; 0: none */
};

struct wasm_func {
  char *name;          /* owned: any text; NULL: none. Printed as a comment */
  struct wasm_op *ops; /* owned; without the final end */
  uint32_t count, room;
  uint32_t locals;     /* i32 locals besides the parameter, which is local 0 */
  uint32_t locals_i64; /* i64 locals; their indices follow the i32 ones */
  uint32_t locals_f64; /* f64 locals, after those */
  struct text notes;   /* the comments, zero-terminated one after another */
  uint32_t next_note;  /* for the next instruction, as in wasm_op */
};

/* A helper imported from the core: all its parameters are i32; one i32 result, or none. */
struct wasm_import {
  const char *name;
  uint8_t params;
  bool result;
};

/* A module: imported helpers, then functions of type (i32) -> i32 that an active segment puts into the table
 * from slot `first_slot` on. */
struct wasm_module {
  const struct wasm_import *imports;
  uint32_t import_count;
  struct wasm_func *funcs;
  uint32_t func_count;
  uint32_t first_slot;
  bool named; /* the binary has the functions' names, for whoever profiles or reads traces */
};

/* The type index of every function, and of call_indirect. */
enum { WASM_TYPE_METHOD = 0 };

void wasm_emit(struct wasm_func *f, enum wasm_opcode opcode, uint32_t a, uint32_t b);
/* A comment for the next instruction; a second one replaces it. Copied. */
void wasm_note(struct wasm_func *f, const char *fmt, ...) PRINTF_LIKE(2, 3);
void wasm_func_free(struct wasm_func *f);

/* The binary, appended to `out`. */
void wasm_encode(const struct wasm_module *m, struct text *out);
/* The text, appended to `out`. */
void wasm_print(const struct wasm_module *m, struct text *out);

#endif
