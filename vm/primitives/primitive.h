/* primitive.h: how primitives are written and found.
 *
 * A primitive gets the address of its receiver on the stack: args[0] is the receiver, args[1 … argc] the
 * arguments. It answers an oop       the result: the caller drops receiver and arguments and pushes it;
 *   PRIM_FAILED  nothing was changed; interp.prim_error says why; the method's body runs;
 *   PRIM_DONE    it has itself popped its arguments and arranged the stack or the running frame (control
 *                primitives; everything that collects): the caller reloads fp, sp and pc from interp.
 * interp.fp and interp.sp are set, and the frame's PC written, before any primitive is called.
 * Allocation does not move objects (memory.h), so oops in C variables are good throughout.
 */
#ifndef VM_PRIMITIVES_PRIMITIVE_H
#define VM_PRIMITIVES_PRIMITIVE_H

#include "interpreter/interp.h"

enum { PRIM_FAILED = 8, PRIM_DONE = 12 };

/* The number that every named primitive's method has: its first literal names module and function. */
enum { PRIM_EXTERNAL_CALL = 117 };
/* Numbers of primitives that always fail: one to try failure with, and the marks of the methods of ensure:
 * and ifCurtailed:, and of on:do: (the class comment of MethodContext). */
enum { PRIM_MARK_FAIL = 19, PRIM_MARK_UNWIND = 198, PRIM_MARK_HANDLER = 199 };

/* The error codes of the special objects array's error table (1-based index into it). */
enum prim_error {
  PRIM_ERR_GENERIC = 1,
  PRIM_ERR_BAD_RECEIVER,
  PRIM_ERR_BAD_ARGUMENT,
  PRIM_ERR_BAD_INDEX,
  PRIM_ERR_BAD_NUM_ARGS,
  PRIM_ERR_INAPPROPRIATE,
  PRIM_ERR_UNSUPPORTED,
  PRIM_ERR_NO_MODIFICATION,
  PRIM_ERR_NO_MEMORY,
  PRIM_ERR_NO_C_MEMORY,
  PRIM_ERR_NOT_FOUND,
  PRIM_ERR_BAD_METHOD,
  PRIM_ERR_NAMED_INTERNAL,
  PRIM_ERR_OBJECT_MAY_MOVE,
  PRIM_ERR_LIMIT_EXCEEDED,
  PRIM_ERR_OBJECT_IS_PINNED,
  PRIM_ERR_WRITE_PAST_OBJECT,
  PRIM_ERR_OBJECT_MOVED,
  PRIM_ERR_OBJECT_NOT_PINNED,
  PRIM_ERR_CALLBACK_ERROR,
  PRIM_ERR_OS_ERROR, /* interp.prim_os_error has the code */
};

typedef oop (*prim_fn)(oop *args, uint32_t argc);

static inline oop prim_fail(uint32_t code) {
  interp.prim_error = code;
  return PRIM_FAILED;
}
/* For primitives that end with PRIM_DONE after a normal result: pops receiver and arguments, pushes result.
 */
static inline oop prim_done(uint32_t argc, oop result) {
  interp.sp -= 4 * argc;
  put32(interp.sp, result);
  return PRIM_DONE;
}

/* The function of a numbered primitive; NULL when there is none (it then always fails). Quick primitives
 * 256…519 are answered by prim_quick, which the interpreter recognizes by number. */
prim_fn prim_numbered(uint32_t number);
/* A named primitive; module may be empty. NULL: not there. Found by plugins/registry.c. */
prim_fn prim_named(const char *module, uint32_t module_length, const char *name, uint32_t name_length);
/* The same for a caller with argc arguments: where the primitive does not take so many, a function that fails
 * with PRIM_ERR_BAD_NUM_ARGS. This is the only check of the count: primitives trust it, so whoever calls a
 * primitive's function got it from here or from prim_of_method. */
prim_fn prim_numbered_for(uint32_t number, uint32_t argc);
prim_fn prim_named_for(const char *module, uint32_t module_length, const char *name, uint32_t name_length,
                       uint32_t argc);
oop prim_bad_num_args(oop *args, uint32_t argc);
/* Calls f for each primitive the VM has, for `dump --primitives` and doctor. */
void prim_each(void (*f)(const char *module, const char *name, uint32_t number, void *context),
               void *context);

/* The primitive number of a method: from its first bytecode (callPrimitive), or from the header in converted
 * V3 methods the same; 0 when none. */
uint32_t method_primitive(oop method);
/* The function for a method, numbered or named (117 resolves its literal); NULL when there is none. */
prim_fn prim_of_method(oop method);
/* Whether the VM has what the method's primitive names: for a person, who is to know what an image lacks. */
bool prim_is_had(oop method);

/* ---- argument checks shared by primitives ---- */
/* Any integer oop (SmallInteger, LargeInteger) that fits; false otherwise. */
bool prim_int64(oop o, int64_t *value);
bool prim_uint64(oop o, uint64_t *value);
/* SmallInteger, LargeInteger that converts, or Float. */
bool prim_double(oop o, double *value);

#endif
