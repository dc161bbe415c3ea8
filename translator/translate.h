/* translate.h: one method to one WebAssembly function (tier 1).
 *
 * The function has the signature of execution-model.md: parameter fp, the address where its frame begins; the
 * caller has pushed receiver and arguments below it and written its own fp into SAVED_FP. It answers the
 * method's result, or RESULT_BAIL with every frame in memory. A continuation is called alike, but with the
 * frame made, its operands in memory and its PC at the instruction that comes next.
 *
 * Between safepoints values live in wasm locals; at a safepoint the operand stack is in the frame, and what
 * is used afterwards is loaded again. Slow paths of inlined operations (overflow, wrong class) do a full send
 * and reload what the fast path keeps, so the fast path pays nothing for them.
 */
#ifndef TRANSLATOR_TRANSLATE_H
#define TRANSLATOR_TRANSLATE_H

#include "translator/types.h"
#include "translator/wasm.h"

/* Helpers that translated code imports from the core (translator/runtime.c).
 * X(NAME, export, parameters, has a result) */
#define TR_HELPERS(X)                              \
  X(SEND, tr_send, 3, true)                        \
  X(FIND, tr_find, 2, true)                        \
  X(SEND_SPECIAL, tr_send_special, 3, true)        \
  X(FIND_PUSHED, tr_find_pushed, 2, true)          \
  X(SEND_SUPER, tr_send_super, 3, true)            \
  X(CHECK, tr_check, 2, true)                      \
  X(BAIL, tr_bail, 2, true)                        \
  X(CONTEXT_RETURNS, tr_context_returns, 1, false) \
  X(RETURN, tr_return, 3, true)                    \
  X(REMEMBER, tr_remember, 1, false)               \
  X(AT, tr_at, 2, true)                            \
  X(AT_PUT, tr_at_put, 3, true)                    \
  X(SIZE, tr_size, 1, true)                        \
  X(ARITHMETIC, tr_arithmetic, 3, true)            \
  X(FETCH_FIELD, tr_fetch_field, 3, true)          \
  X(STORE_FIELD, tr_store_field, 3, true)          \
  X(PRIMITIVE, tr_primitive, 3, true)              \
  X(PRIMITIVE_ERROR, tr_primitive_error, 0, true)  \
  X(NEW_FLOAT, tr_new_float, 2, true)              \
  X(UNFIT, tr_unfit, 2, true)                      \
  X(PERFORM, tr_perform, 2, true)                  \
  TR_BLOCK_HELPERS(X)
/* Those of closures.c. */
#define TR_BLOCK_HELPERS(X)                           \
  X(PUSH_FULL_CLOSURE, tr_push_full_closure, 3, true) \
  X(PUSH_CLOSURE, tr_push_closure, 3, true)           \
  X(PUSH_ARRAY, tr_push_array, 3, true)               \
  X(PUSH_CONTEXT, tr_push_context, 3, true)           \
  X(ENTER_BLOCK, tr_enter_block, 2, true)             \
  X(NON_LOCAL_RETURN, tr_non_local_return, 3, true)   \
  X(UNWOUND, tr_unwound, 1, true)                     \
  X(VALUE, tr_value, 3, true)

enum tr_helper {
#define X(name, export, params, result) TRH_##name,
  TR_HELPERS(X)
#undef X
      TRH_COUNT
};
extern const struct wasm_import tr_imports[TRH_COUNT];

/* The inline cache of one send site; it lives in the VM's address space, outside the heap. */
enum {
  TR_SITE_WAYS = 6,
  TR_SITE_FAST_WAYS = 2, /* compared by translated code itself; the others by tr_find() */
};
struct tr_site {
  _Alignas(8) struct tr_way {
    uint32_t class_index; /* 0: empty, matches nothing; TR_SITE_ANY_CLASS: a super send's, filled */
    uint32_t slot;        /* table slot of the callee's translation, or of a quick method's function */
  } ways[TR_SITE_WAYS];   /* the last filled first, then those that are met often */
  uint32_t selector;      /* index of the selector among the method's literals, or of the special selector */
  uint32_t num_args;
  uint32_t method_cell; /* address of the word that holds the sending method's oop */
  uint32_t is_special;  /* the selector is one of the special selectors */
  /* Receivers with the class index are answered by the word at (receiver & value_mask) + value_at, an
   * instance variable or a constant, where the code of the send looks for that. */
  _Alignas(8) uint32_t value_class;
  uint32_t value_at, value_mask, loads_value;
  uint32_t pc, for_code; /* of the send; whether it is the cell for a closure's code */
  uint32_t detours;      /* how often tr_find() found the way */
};
/* A value send has two: before the one for the send a cell for the closure's code. In that the first
 * class_index is the oop of a CompiledBlock or method, selector the closure's field that goes with it,
 * num_args what interp.moves was. */

enum { TR_SITE_ANY_CLASS = 1 };
static inline void tr_site_clear(struct tr_site *site) {
  for (int i = 0; i < TR_SITE_WAYS; i++) site->ways[i].class_index = 0;
  site->value_class = 0;
}

/* A function of the module that the translation goes into: sends may call it directly. */
struct tr_target {
  oop selector;      /* its method's; 0: unknown, or it is a block */
  uint32_t slot;     /* that it will have in the table */
  uint32_t old_slot; /* of the translation that it replaces; 0: there is none */
  const struct cfg *cfg;
  bool may_stand_in; /* its code may be emitted in place of a call: it is found by sends and does just that */
};

/* The last argument of tr_send_special: the special selector's index; from this bit on the bytes of the send
 * when the frame has just been made for it. */
enum { TR_SEND_BYTES_SHIFT = 8 };

/* What the code of a method may embed. */
struct tr_env {
  addr method_cell;   /* word that always holds the method's oop; after it one for the primitive's function */
  uint32_t primitive; /* number of the primitive that is tried before the code; 0: none */
  addr sites;         /* array of struct tr_site, filled by the translation */
  uint32_t site_room;
  addr stack_limit; /* addresses of interp's fields */
  addr countdown;
  addr moves;
  addr eden_free, eden_limit, hidden_roots; /* and of mem's */
  oop nil, true_, false_;
  bool careful; /* the receiver may be a context: its fields are read and written by the core */
  addr new_end;
  struct types_assumed assumed;
  uint32_t array_index; /* class index of the objects whose at:, at:put: and size are inlined; 0: of none */
  const struct tr_target *targets; /* the functions of the module, in their order */
  uint32_t target_count, own_target;
  /* The inline caches of the translation that is replaced: what its sends reached. */
  const struct tr_site *seen_sites;
  uint32_t seen_site_count;
};

/* Translates. `sites` of env are initialized, *site_count is how many. False: refused, nothing is owned. */
bool tr_translate(oop method, const struct cfg *cfg, const struct tr_env *env, struct wasm_func *func,
                  uint32_t *site_count, struct tr_refusal *refusal);

/* tr_bail() was called for the frame. */
void tr_note_bail(addr fp);
/* The frame's translation was left because it took something for what it was not: the next one does not. */
void tr_note_unfit(addr fp);

#endif
