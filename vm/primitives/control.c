/* control.c: primitives that call: perform:, executeMethod:, blocks; and those on contexts.
 *
 * Numbers and meanings: Blue Book pp. 637-653, and for what came later the method comments of
 * Object>>perform:…, BlockClosure>>value…, ContextPart/Context and CompiledMethod in Squeak 5 and Pharo 8.
 */
#include <string.h>

#include "interpreter/frame_internal.h"
#include "interpreter/lookup.h"
#include "primitives/primitive.h"
#include "primitives/table.h"

/* ---- perform: and executeMethod: ---- */

enum { MAX_ARGS = 15 }; /* what a method header can count */

static bool is_array(oop o) { return oop_is_pointer(o) && obj_format(o) == FMT_INDEXABLE; }

/* Whether a method that would be found takes another number of arguments than there are. What is no
 * method (an object as method) is not asked; nor is doesNotUnderstand:. */
static bool wrong_arity(oop selector, uint32_t class_index, uint32_t num_args) {
  const struct lookup_entry *found = interp_lookup(selector, class_index);
  return found != NULL && oop_is_method(found->method) && method_num_args(found->method) != num_args;
}

/* Takes the `count` words at the top off, pushes the elements of the array instead. */
static void spread(uint32_t count, oop array) {
  uint32_t n = obj_slots(array);
  interp.sp -= 4 * count;
  for (uint32_t i = 0; i < n; i++) interp_push(obj_slot(array, i));
}

oop prim_perform(oop *args, uint32_t argc) {
  if (argc == 0) return prim_fail(PRIM_ERR_BAD_NUM_ARGS);
  oop selector = args[1];
  uint32_t cix = oop_class_index(args[0]);
  if (wrong_arity(selector, cix, argc - 1)) return prim_fail(PRIM_ERR_BAD_NUM_ARGS);
  memmove(args + 1, args + 2, (argc - 1) * sizeof *args);
  interp.sp -= 4;
  interp_send(selector, cix, argc - 1);
  return PRIM_DONE;
}

/* The rest of the array performs, once receiver, selector, array and class are known. The receiver of the
 * primitive is replaced by `receiver` where a mirror primitive was called. */
static oop perform_spread(oop *args, uint32_t argc, oop receiver, oop selector, oop array, uint32_t cix) {
  if (!is_array(array)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint32_t n = obj_slots(array);
  if (n > MAX_ARGS || wrong_arity(selector, cix, n)) return prim_fail(PRIM_ERR_BAD_NUM_ARGS);
  args[0] = receiver;
  spread(argc, array);
  interp_send(selector, cix, n);
  return PRIM_DONE;
}

/* Object>>perform:withArguments:, and with one more argument the mirror primitive
 * Context>>object:perform:withArguments:. */
oop prim_perform_with_args(oop *args, uint32_t argc) {
  if (argc != 2 && argc != 3) return prim_fail(PRIM_ERR_BAD_NUM_ARGS);
  const oop *a = argc == 3 ? args + 1 : args;
  return perform_spread(args, argc, a[0], a[1], a[2], oop_class_index(a[0]));
}

static bool is_kind_of(oop o, oop class_) {
  enum { MOST_SUPERCLASSES = 1 << 16 }; /* more: a damaged image's circle */
  oop c = mem_class_of(o);
  for (uint32_t n = 0; oop_has_fields(c, 3) && n < MOST_SUPERCLASSES; n++) {
    if (c == class_) return true;
    c = obj_slot(c, 0);
  }
  return false;
}

/* Object>>perform:withArguments:inSuperclass:, and with one more argument the mirror primitive
 * Context>>object:perform:withArguments:inClass:. */
oop prim_perform_in_superclass(oop *args, uint32_t argc) {
  const oop *a = argc == 4 ? args + 1 : args;
  if (argc != 3 && argc != 4) return prim_fail(PRIM_ERR_BAD_NUM_ARGS);
  if (!is_kind_of(a[0], a[3])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint32_t cix = mem_class_index_of(a[3]);
  if (cix == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
  return perform_spread(args, argc, a[0], a[1], a[2], cix);
}

/* Runs a method, primitive first, whose receiver and arguments are on top of the stack. */
static oop run_method(oop method, uint32_t num_args) {
  prim_fn primitive = method_has_primitive(method) ? prim_of_method(method) : NULL;
  interp.new_method = method;
  interp.num_args = num_args;
  interp.prim_error = 0;
  if (primitive != NULL) {
    oop result = primitive(AT(oop, interp.sp - 4 * num_args), num_args);
    if (result == PRIM_DONE) return PRIM_DONE;
    if (result != PRIM_FAILED) return prim_done(num_args, result);
  }
  (void)interp_activate_method(method, num_args);
  return PRIM_DONE;
}

/* CompiledMethod>>…executeMethod: with the arguments on the stack and the method after them. */
oop prim_execute_method(oop *args, uint32_t argc) {
  if (argc == 0) return prim_fail(PRIM_ERR_BAD_NUM_ARGS);
  oop method = args[argc];
  if (!oop_is_method(method)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (method_num_args(method) != argc - 1) return prim_fail(PRIM_ERR_BAD_NUM_ARGS);
  interp.sp -= 4;
  return run_method(method, argc - 1);
}

/* The same with the arguments in an Array; with three arguments the first is the receiver to use. */
oop prim_execute_method_with_args(oop *args, uint32_t argc) {
  if (argc != 2 && argc != 3) return prim_fail(PRIM_ERR_BAD_NUM_ARGS);
  oop method = args[argc], array = args[argc - 1], receiver = args[argc - 2];
  if (!oop_is_method(method) || !is_array(array)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint32_t n = obj_slots(array);
  if (method_num_args(method) != n) return prim_fail(PRIM_ERR_BAD_NUM_ARGS);
  args[0] = receiver;
  spread(argc, array);
  return run_method(method, n);
}

/* ---- closures ---- */

/* 0, or why the closure cannot be activated with so many arguments. */
static uint32_t closure_fault(oop closure, uint32_t num_args) {
  if (!oop_is_pointer(closure) || !fmt_is_pointers(obj_format(closure)) || obj_slots(closure) < CLO_COPIED)
    return PRIM_ERR_BAD_RECEIVER;
  if (obj_slot(closure, CLO_NUM_ARGS) != int_oop((int32_t)num_args)) return PRIM_ERR_BAD_NUM_ARGS;
  oop code = obj_slot(closure, CLO_START_PC_OR_METHOD);
  if (oop_is_method(code)) return obj_slots(closure) < FULL_CLO_COPIED ? PRIM_ERR_BAD_RECEIVER : 0;
  oop outer = obj_slot(closure, CLO_OUTER);
  if (!oop_has_class_index(outer, CIX_CONTEXT) || !oop_is_int(code)) return PRIM_ERR_BAD_RECEIVER;
  oop method = obj_slot(outer, CTX_METHOD);
  if (!oop_is_method(method)) return PRIM_ERR_BAD_RECEIVER;
  uint32_t pc = (uint32_t)oop_int(code) + PC_IMAGE_TO_FRAME;
  return pc >= method_first_pc(method) && pc < method_end_pc(method) ? 0 : PRIM_ERR_BAD_RECEIVER;
}

oop prim_closure_value(oop *args, uint32_t argc) {
  uint32_t fault = closure_fault(args[0], argc);
  if (fault != 0) return prim_fail(fault);
  interp_activate_closure(args[0], argc);
  return PRIM_DONE;
}

/* valueWithArguments:. When args[0] can take what is in the Array, that is spread and its count put in *n: 0;
 * else what is wrong. */
static uint32_t spread_arguments(oop *args, uint32_t argc, uint32_t (*fault)(oop block, uint32_t num_args),
                                 uint32_t *n) {
  enum { MOST_ARGUMENTS = 255 };
  const oop array = args[1];
  if (!is_array(array)) return PRIM_ERR_BAD_ARGUMENT;
  *n = obj_slots(array);
  const uint32_t wrong = *n > MOST_ARGUMENTS ? PRIM_ERR_BAD_NUM_ARGS : fault(args[0], *n);
  if (wrong == 0) spread(argc, array);
  return wrong;
}

oop prim_closure_value_with_args(oop *args, uint32_t argc) {
  const oop closure = args[0];
  uint32_t n, fault = spread_arguments(args, argc, closure_fault, &n);
  if (fault != 0) return prim_fail(fault);
  interp_activate_closure(closure, n);
  return PRIM_DONE;
}

/* One code for both kinds of closure: the class index tells them apart. "No context switch" means that other
 * VMs take no events on the way in; ours take them at the next check anyway. */
oop prim_closure_value_no_switch(oop *args, uint32_t argc) { return prim_closure_value(args, argc); }
oop prim_full_closure_value(oop *args, uint32_t argc) { return prim_closure_value(args, argc); }
oop prim_full_closure_value_with_args(oop *args, uint32_t argc) {
  return prim_closure_value_with_args(args, argc);
}
oop prim_full_closure_value_no_switch(oop *args, uint32_t argc) { return prim_closure_value(args, argc); }

/* ---- blocks of pre-closure images ---- */

enum { LONG_JUMP_BYTES = 2 }; /* the jump around the block's code, which follows the send of blockCopy: */

/* ContextPart>>blockCopy: (Blue Book p. 636). */
oop prim_block_copy(oop *args, uint32_t argc) {
  oop context = args[0];
  if (!oop_is_context(context) || frame_block_context_cix == 0) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!oop_is_int(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  oop home = oop_is_block_context(context) ? obj_slot(context, BCTX_HOME) : context;
  oop block = mem_new(frame_block_context_cix, obj_format(home), obj_slots(home));
  if (block == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
  oop pc = int_oop((int32_t)(at32(interp.fp + FRAME_PC) + LONG_JUMP_BYTES - PC_IMAGE_TO_FRAME));
  obj_put_raw(block, BCTX_PC, pc);
  obj_put_raw(block, BCTX_START_PC, pc);
  obj_put_raw(block, BCTX_STACKP, int_oop(0));
  obj_put_raw(block, BCTX_NUM_ARGS, args[1]);
  mem_store(block, BCTX_HOME, home);
  return block;
}

/* Whether a BlockContext can be activated with n arguments now: it is not running (it has one frame only). */
static uint32_t block_fault(oop block, uint32_t n) {
  if (!oop_is_block_context(block)) return PRIM_ERR_BAD_RECEIVER;
  if (obj_slot(block, BCTX_NUM_ARGS) != int_oop((int32_t)n)) return PRIM_ERR_BAD_NUM_ARGS;
  if (obj_slot(block, BCTX_CALLER) != mem.nil) return PRIM_ERR_INAPPROPRIATE;
  oop home = obj_slot(block, BCTX_HOME), start = obj_slot(block, BCTX_START_PC);
  if (!oop_has_class_index(home, CIX_CONTEXT) || !oop_is_int(start)) return PRIM_ERR_BAD_RECEIVER;
  oop method = obj_slot(home, CTX_METHOD);
  if (!oop_is_method(method)) return PRIM_ERR_BAD_RECEIVER;
  uint32_t pc = (uint32_t)oop_int(start) + PC_IMAGE_TO_FRAME;
  if (pc < method_first_pc(method) || pc >= method_end_pc(method)) return PRIM_ERR_BAD_RECEIVER;
  const uint32_t info = method_info_of_block(method, pc);
  const bool sound = method_info_verify(info, VERIFY_OLD_BLOCK, n) &&
                     (method_infos[info].fields == 0 ||
                      oop_has_fields(obj_slot(home, CTX_RECEIVER), method_infos[info].fields));
  return sound ? 0 : PRIM_ERR_BAD_METHOD;
}

/* The frame of a BlockContext, pushed with its n arguments: those begin the operand stack, from where the
 * block's code stores them into its home's temporaries. */
static oop activate_old_block(oop block, uint32_t n) {
  addr fp = interp.sp - 4 * n + 4;
  oop home = obj_slot(block, BCTX_HOME), method = obj_slot(home, CTX_METHOD);
  oop receiver = obj_slot(home, CTX_RECEIVER);
  memmove(AT(uint8_t, fp + FRAME_TEMPS), AT(uint8_t, fp), 4 * n);
  put32(fp + FRAME_SAVED_FP, interp.fp);
  put32(fp + FRAME_METHOD, method);
  put32(fp + FRAME_CONTEXT, block);
  put32(fp + FRAME_FLAGS, frame_flags_for(method, 0, FRAME_IS_OLD_BLOCK));
  put32(fp + FRAME_PC, (uint32_t)oop_int(obj_slot(block, BCTX_START_PC)) + PC_IMAGE_TO_FRAME);
  put32(fp + FRAME_RECEIVER, receiver);
  obj_put_raw(block, BCTX_CALLER, fp | 1);
  obj_put_raw(block, BCTX_PC, mem.nil);
  obj_put_raw(block, BCTX_STACKP, int_oop(0));
  interp.fp = fp;
  interp.sp = fp + FRAME_TEMPS + 4 * n - 4;
  interp.activations++;
  if (fp > interp.page_limit) frame_overflow();
  return PRIM_DONE;
}

oop prim_old_block_value(oop *args, uint32_t argc) {
  uint32_t fault = block_fault(args[0], argc);
  return fault != 0 ? prim_fail(fault) : activate_old_block(args[0], argc);
}

oop prim_old_block_value_with_args(oop *args, uint32_t argc) {
  const oop block = args[0];
  uint32_t n, fault = spread_arguments(args, argc, block_fault, &n);
  return fault != 0 ? prim_fail(fault) : activate_old_block(block, n);
}

/* ---- contexts ---- */

/* The stack may have been rearranged, so args is not good any more: the result goes where sp is now. */
oop prim_store_stackp(oop *args, uint32_t argc) {
  oop context = args[0];
  if (!oop_is_context(context)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!context_store(context, CTX_STACKP, args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return prim_done(argc, context);
}

static bool limit_is_good(oop o) { return o == mem.nil || oop_is_context(o); }

oop prim_find_next_unwind_context(oop *args, uint32_t argc) {
  if (!oop_is_context(args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!limit_is_good(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return context_next_unwind(args[0], args[1]);
}

oop prim_terminate_to(oop *args, uint32_t argc) {
  oop context = args[0];
  if (!oop_is_context(context)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!limit_is_good(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (!context_terminate_to(context, args[1])) return prim_fail(PRIM_ERR_INAPPROPRIATE);
  return prim_done(argc, context);
}

oop prim_find_handler_context(oop *args, uint32_t argc) {
  if (!oop_is_context(args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  return context_next_handler(args[0]);
}

/* The slot of the 1-based index among a context's temporaries and operands; 0 when it is out of bounds. */
static uint32_t context_slot(oop context, oop index) {
  if (!oop_is_int(index) || oop_int(index) < 1) return 0;
  uint32_t i = (uint32_t)oop_int(index);
  return i <= context_num_fields(context) - CTX_TEMPS ? CTX_TEMPS + i - 1 : 0;
}

oop prim_context_at(oop *args, uint32_t argc) {
  if (!oop_is_context(args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  uint32_t slot = context_slot(args[0], args[1]);
  return slot == 0 ? prim_fail(PRIM_ERR_BAD_INDEX) : context_fetch(args[0], slot);
}

oop prim_context_at_put(oop *args, uint32_t argc) {
  if (!oop_is_context(args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  uint32_t slot = context_slot(args[0], args[1]);
  if (slot == 0 || !context_store(args[0], slot, args[2])) return prim_fail(PRIM_ERR_BAD_INDEX);
  return args[2];
}

oop prim_context_size(oop *args, uint32_t argc) {
  if (!oop_is_context(args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  return int_oop((int32_t)(context_num_fields(args[0]) - CTX_TEMPS));
}

/* ---- caches ---- */

oop prim_flush_cache(oop *args, uint32_t argc) {
  interp_flush_all();
  return args[0];
}

oop prim_flush_cache_by_method(oop *args, uint32_t argc) {
  interp_flush_method(args[0]);
  return args[0];
}

oop prim_flush_cache_by_selector(oop *args, uint32_t argc) {
  if (argc == 0)
    interp_flush_selector(args[0]);
  else
    interp_flush_all();
  return args[0];
}

oop prim_void_vm_state(oop *args, uint32_t argc) {
  interp_flush_all();
  return args[0];
}
