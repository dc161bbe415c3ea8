/* Any bytes as bytecode: the verifier decides without reading beyond them. What it accepts is then run the
 * way the machine would, with random branches: it never leaves the code or the stack. */
#include "compiler/compile.h"
#include "interpreter/bytecode.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEADER = 6, STEPS = 1000 };

/* Follows one path. Only the depth of the stack is kept. */
static void walk(const uint8_t *code, uint32_t size, const struct cc_verify_limits *l, uint32_t choices) {
  uint32_t pc = 0;
  int64_t depth = 0;
  for (int i = 0; i < STEPS; i++) {
    struct bytecode_insn insn;
    if (pc >= size || !bytecode_decode(l->sista, code + pc, size - pc, &insn)) abort();
    if (insn.op >= OP_RETURN_RECEIVER && insn.op <= OP_BLOCK_RETURN_NIL) return;
    depth += bytecode_effect(&insn);
    if (depth < 0 || depth > l->max_stack) abort();
    pc += insn.bytes;
    bool jumps = insn.op == OP_JUMP;
    if (insn.op == OP_JUMP_TRUE || insn.op == OP_JUMP_FALSE) {
      choices = choices * 1664525 + 1013904223;
      jumps = choices >> 31;
    }
    if (jumps) pc = (uint32_t)((int64_t)pc + insn.a);
    if (insn.op == OP_PUSH_CLOSURE) pc += (uint32_t)insn.c;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < HEADER || size > 1 << 16) return 0;
  struct cc_verify_limits limits = {.sista = (data[0] & 1) != 0,
                                    .is_block = (data[0] & 2) != 0,
                                    .num_temps = data[1],
                                    .num_literals = data[2],
                                    .max_stack = data[3],
                                    .num_inst_vars = data[4]};
  uint32_t n = (uint32_t)size - HEADER;
  uint8_t *code = malloc(n + 1); /* its end is where the sanitizer watches */
  memcpy(code, data + HEADER, n);
  if (cc_verify(code, n, &limits) == NULL)
    for (uint32_t k = 0; k < 4; k++) walk(code, n, &limits, data[5] * 4u + k);
  free(code);
  return 0;
}
