/* cfg.h: from a method's bytecode to a verified control-flow graph with WebAssembly's nesting.
 *
 * A pure function of the method: decodes what can be reached, checks that stack depths agree at every merge,
 * that jumps land on instructions and operands are in range, splits it into basic blocks in bytecode order,
 * and finds scopes (wasm `block`s for forward jumps, `loop`s for backward ones) that nest.
 *
 * The graph of a continuation has what can be reached from its entry pc. Parts of the code may be in it more
 * than once: the rest of a loop's body that begins at the entry, and then the loop itself.
 */
#ifndef TRANSLATOR_CFG_H
#define TRANSLATOR_CFG_H

#include "interpreter/bytecode.h"

/* Operations of the graph alone, which stand for sends: see nil_tests.h. */
enum cfg_op { OP_IS_NIL = OP_COUNT, OP_NOT_NIL };

struct cfg_insn {
  struct bytecode_insn insn;
  uint32_t pc;    /* byte offset from the method's oop */
  uint32_t next;  /* pc of the instruction after it */
  uint32_t depth; /* operand stack depth before it, temporaries not counted */
};

struct cfg_block {
  uint32_t first, end; /* instructions [first, end) */
  int32_t succ[2];     /* blocks: goes on in (mostly the next), jumps to; -1: none */
  uint64_t valid_in;   /* whose wasm locals are good: bit 0 the receiver, bit 1 + i temporary i */
};

/* A wasm scope around blocks [first, last]. */
struct cfg_scope {
  uint32_t first, last;
  bool is_loop; /* a branch to it goes to `first`; otherwise to last + 1 */
};

struct cfg {
  bool sista;
  bool is_block;       /* its receiver is a closure: CompiledBlock, or the block at start_pc */
  uint32_t start_pc;   /* of a block inside its method (BlockClosure); else 0 */
  uint32_t entry_pc;   /* of a continuation: where it begins; else 0 */
  uint64_t entry_ints; /* of a continuation: temporaries that are SmallIntegers there, as valid_in. 0 by
                          cfg_build() */
  uint32_t first_pc;   /* of the first instruction */
  int32_t error_temp; /* the code begins by storing the primitive's error into this temporary, and first_pc is
                         after that; -1: it does not */
  uint32_t num_args, num_temps; /* arguments are counted in num_temps */
  uint32_t copied;              /* of the temporaries, after the arguments: values from the closure */
  uint32_t max_depth;
  bool block_copies; /* special selector 24 is blockCopy:, a send, in this image */
  bool makes_blocks; /* anywhere in the method: a block may return from the activation */
  struct cfg_insn *insns;
  uint32_t insn_count;
  struct cfg_block *blocks;
  uint32_t block_count;
  struct cfg_scope *scopes; /* in the order they open: outer first */
  uint32_t scope_count;
};

/* Why a method is not translated: where and what. */
struct tr_refusal {
  uint32_t pc;
  const char *reason; /* static */
};

/* Builds the graph of a CompiledMethod or CompiledBlock, or of the block inside a method whose code begins at
 * start_pc (else 0); from its beginning (entry_pc 0), or as a continuation from the instruction at entry_pc
 * on. False: refused, and nothing is owned. */
bool cfg_build(oop method, uint32_t start_pc, uint32_t entry_pc, struct cfg *cfg, struct tr_refusal *refusal);
void cfg_free(struct cfg *cfg);

/* The last step but scopes and values: blocks that push true or false and go on to a conditional jump go
 * where that would; those that go on to a conditional jump, or a return, that stands alone end in a copy of
 * it. So the values of conditions such as `a and: [b]` are never made. (cfg_thread.c) */
void cfg_thread_jumps(struct cfg *cfg);

bool cfg_has_loops(const struct cfg *cfg);
/* The receiver and the temporaries that the code names, as valid_in. */
uint64_t cfg_named_values(const struct cfg *cfg);

/* The pc that a jump goes to. */
static inline uint32_t cfg_jump_target(const struct cfg_insn *i) {
  return (uint32_t)((int32_t)i->next + i->insn.a);
}

/* Whether it is a CompiledBlock: its last literal is then the code around it. */
bool cfg_is_compiled_block(oop method);

/* Whether the instruction is a send on its ordinary path, after which nothing cached in a wasm local is good.
 */
bool cfg_is_full_send(const struct cfg *cfg, const struct cfg_insn *i);

#endif
