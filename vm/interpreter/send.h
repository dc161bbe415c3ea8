/* send.h: the parts of a send that the dispatch loop does not do itself. All of them want interp.fp,
 * interp.sp and the running frame's PC up to date, and allocate but never collect. */
#ifndef VM_INTERPRETER_SEND_H
#define VM_INTERPRETER_SEND_H

#include "base/options.h"
#include "interpreter/closure.h"
#include "interpreter/lookup.h"

/* The entry for a send to the receiver below num_args arguments, looked up from class_index on. What cannot
 * be understood becomes the send that says so: doesNotUnderstand:, cannotInterpret:, run:with:in: (the stack
 * is changed to match). The entry's kind is never LOOKUP_OBJECT; interp.selector and interp.num_args are the
 * send's. NULL: the VM must stop (interp.stop, interp.error). */
struct lookup_entry *send_resolve(oop selector, uint32_t num_args, uint32_t class_index);

/* The entry for a full block's code, as if it had been looked up: flags and shape of its frames. */
struct lookup_entry *send_block_entry(oop block_method);
/* The answer of a quick method that answers an instance variable: nil where the receiver has not so many. */
static inline oop send_field(oop receiver, uint32_t i) {
  return LIKELY(oop_has_fields(receiver, i + 1)) ? obj_slot(receiver, i) : mem.nil;
}

static inline bool send_can_activate(const struct lookup_entry *e, uint32_t num_args, oop receiver) {
  const enum lookup_kind kind = lookup_kind(e);
  return (e->flags & FRAME_NUM_ARGS_MASK) == num_args &&
         (kind == LOOKUP_ACTIVATE ||
          (kind == LOOKUP_ACTIVATE_FIELDS && (e->flags >> LOOKUP_FIELDS_SHIFT == 0 ||
                                              oop_has_fields(receiver, e->flags >> LOOKUP_FIELDS_SHIFT))));
}
/* The entry for a closure's code, of either kind. NULL: it cannot be activated with so many arguments,
 * because it has no home, or because it or its code is damaged. */
static inline struct lookup_entry *send_closure_entry(oop closure, uint32_t num_args) {
  const uint32_t slots = obj_slots(closure);
  struct lookup_entry *e;
  oop receiver;
  if (obj_class_index(closure) == CIX_FULL_CLOSURE) {
    e = send_block_entry(obj_slot(closure, CLO_START_PC_OR_METHOD));
    if (UNLIKELY(slots - FULL_CLO_COPIED > (e->shape >> LOOKUP_TEMPS_SHIFT & LOOKUP_TEMPS_MASK))) return NULL;
    receiver = obj_slot(closure, FULL_CLO_RECEIVER);
  } else {
    const oop outer = obj_slot(closure, CLO_OUTER);
    if (!oop_has_class_index(outer, CIX_CONTEXT)) return NULL;
    e = lookup_embedded_block(obj_slot(outer, CTX_METHOD), closure_start_pc(closure), num_args,
                              slots - CLO_COPIED);
    receiver = obj_slot(outer, CTX_RECEIVER);
  }
  return LIKELY(send_can_activate(e, num_args, receiver)) ? e : NULL;
}

/* The method or block runs once more, interpreted. */
static inline void send_count_activation(uint32_t info) {
  if (UNLIKELY(++method_infos[info].activations == vm_options.hot_activations) &&
      interp_hooks.method_hot != NULL)
    interp_hooks.method_hot(info);
}

/* The index of the method_info of the method or block whose frame that is; 0: there is none. Not for the
 * frames of BlockContexts. */
uint32_t send_frame_info(addr fp);

/* The class index where a super send in `method` starts: of the superclass of the method's class. */
uint32_t send_super_class_index(oop method);

/* The object for interp.prim_error: out of the table in the special objects, else the code itself. To be
 * asked for once. */
oop send_error_object(void);
/* A frame for interp.new_method, whose primitive failed with interp.prim_error: an error code goes to the
 * temporary that the method declares for it. */
void send_activate_failed(uint32_t num_args);

/* The VM cannot go on: interp.stop and interp.error. */
void send_stop(err_t error);
/* It cannot, because what the entry names does not take these arguments or this receiver, or is refused by
 * the verifier; because the closure that was to be activated is damaged. */
void send_refuse(const struct lookup_entry *e, uint32_t num_args);
void send_refuse_closure(void);

/* Sends of the VM's own, to the object that `receiver` is, as if the next bytecode were that send. */
void send_must_be_boolean(void); /* to the top of the stack */
void send_unknown_bytecode(void);
void send_class_trap(void);
/* A store into an immutable object, index 0-based. */
void send_attempt_to_assign(oop object, oop value, uint32_t index);

#endif
