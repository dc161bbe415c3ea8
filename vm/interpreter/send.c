/* send.c: sends beyond the loop's fast path: what to do when a selector is not found, activation from
 * primitives, and the messages that the VM itself sends. */
#include "interpreter/send.h"

#include <string.h>

#include "interpreter/bytecode.h"
#include "interpreter/verify.h"

void send_stop(err_t error) {
  interp.stop = STOP_ERROR;
  interp.error = error;
  interp_request_check();
}

static void stop_no_memory(void) { send_stop("out of memory in a send; --memory sets the limit"); }

void send_refuse_closure(void) { send_stop("damaged closure: its code does not fit it"); }

static const char *const few_fields = "damaged object: it has fewer instance variables than its method names";

void send_refuse(const struct lookup_entry *e, uint32_t num_args) {
  if ((e->flags & FRAME_NUM_ARGS_MASK) != num_args)
    send_stop(err_format("damaged method: it takes %u arguments, its message has %u",
                         e->flags & FRAME_NUM_ARGS_MASK, num_args));
  else if (lookup_kind(e) == LOOKUP_ACTIVATE_FIELDS)
    send_stop(few_fields);
  else
    send_stop(method_info_verify(e->info, VERIFY_METHOD, frame_temps_of_method(e->method)) ? "damaged method"
                                                                                           : lookup_fault);
}

void interp_push(oop o) {
  interp.sp += 4;
  put32(interp.sp, o);
}

oop interp_pop(void) {
  oop o = at32(interp.sp);
  interp.sp -= 4;
  return o;
}

/* ---- what is not understood ---- */

enum { MESSAGE_SELECTOR, MESSAGE_ARGUMENTS, MESSAGE_LOOKUP_CLASS };

/* Pops the arguments into an Array. 0 without memory. */
static oop pop_arguments(uint32_t num_args) {
  oop array = mem_new_array(num_args);
  if (array == 0) return 0;
  for (uint32_t i = 0; i < num_args; i++) mem_store(array, i, at32(interp.sp - 4 * (num_args - 1 - i)));
  interp.sp -= 4 * num_args;
  return array;
}

/* Replaces the arguments on the stack by one Message (Blue Book p. 589). */
static bool push_message(oop selector, uint32_t num_args, oop lookup_class) {
  oop message = mem_instantiate(mem_special(SPECIAL_CLASS_MESSAGE), 0);
  if (message == 0 || obj_slots(message) <= MESSAGE_ARGUMENTS) return false;
  oop array = pop_arguments(num_args);
  if (array == 0) return false;
  mem_store(message, MESSAGE_SELECTOR, selector);
  mem_store(message, MESSAGE_ARGUMENTS, array);
  if (obj_slots(message) > MESSAGE_LOOKUP_CLASS) mem_store(message, MESSAGE_LOOKUP_CLASS, lookup_class);
  interp_push(message);
  return true;
}

/* `method run: selector with: arguments in: receiver`, for an object that stands in a method dictionary. */
static bool push_run_with_in(oop object, oop selector, uint32_t num_args) {
  oop array = pop_arguments(num_args);
  if (array == 0) return false;
  oop receiver = interp_pop();
  interp_push(object);
  interp_push(selector);
  interp_push(array);
  interp_push(receiver);
  return true;
}

static err_t no_such_message(oop selector) {
  bool text = oop_is_pointer(selector) && fmt_is_bytes(obj_format(selector));
  return err_format("the image cannot go on: no doesNotUnderstand: for the message '%.*s'",
                    text ? (int)obj_byte_size(selector) : 1, text ? (const char *)obj_bytes(selector) : "?");
}

struct lookup_entry *send_resolve(oop selector, uint32_t num_args, uint32_t class_index) {
  oop not_understood = 0; /* the selector of the message that failed first */
  for (;;) {
    struct lookup_entry *e = interp_lookup(selector, class_index);
    if (e != NULL && lookup_kind(e) != LOOKUP_OBJECT) {
      interp.selector = selector;
      interp.num_args = num_args;
      return e;
    }
    if (e != NULL) {
      oop object = e->method;
      if (selector == mem_special(SPECIAL_SELECTOR_RUN_WITH_IN)) {
        send_stop("the image cannot go on: run:with:in: is itself no CompiledMethod");
        return NULL;
      }
      if (!push_run_with_in(object, selector, num_args)) break;
      selector = mem_special(SPECIAL_SELECTOR_RUN_WITH_IN);
      num_args = 3;
      class_index = oop_class_index(object);
      continue;
    }
    oop holder = lookup_without_dictionary;
    oop class_ = mem_class_at(class_index);
    if (holder != 0 && selector != mem_special(SPECIAL_SELECTOR_CANNOT_INTERPRET)) {
      if (!push_message(selector, num_args, class_)) break;
      not_understood = selector;
      selector = mem_special(SPECIAL_SELECTOR_CANNOT_INTERPRET);
      class_index = mem_class_index_of(obj_slot(holder, 0)); /* the search goes on above the class */
    } else {
      if (selector == mem_special(SPECIAL_SELECTOR_DNU)) {
        send_stop(no_such_message(not_understood));
        return NULL;
      }
      if (!push_message(selector, num_args, class_)) break;
      not_understood = selector;
      selector = mem_special(SPECIAL_SELECTOR_DNU);
    }
    num_args = 1;
  }
  stop_no_memory();
  return NULL;
}

struct lookup_entry *send_block_entry(oop block_method) {
  enum { NO_CLASS = CIX_FREE }; /* no object's class: the cache's places for blocks */
  struct lookup_entry *e = lookup_first_probe(block_method, NO_CLASS);
  return lookup_hit(e, block_method, NO_CLASS) ? e : lookup_enter(block_method, NO_CLASS, block_method);
}

uint32_t send_frame_info(addr fp) {
  if (!frame_is_block(fp)) return method_info_of(frame_method(fp));
  const struct lookup_entry *e = send_closure_entry(at32(frame_pushed(fp)), frame_num_args(fp));
  return e != NULL ? e->info : 0;
}

uint32_t send_super_class_index(oop method) {
  enum { ASSOCIATION_VALUE = 1 };
  enum { DEEPEST_BLOCK = 1000 };
  oop last = method; /* a CompiledBlock's last literal is its outer code */
  for (int n = 0; oop_is_method(last) && method_num_literals(last) > 0 && n < DEEPEST_BLOCK; n++)
    last = method_literal(last, method_num_literals(last) - 1);
  if (!oop_is_pointer(last) || !fmt_is_pointers(obj_format(last)) || obj_slots(last) <= ASSOCIATION_VALUE)
    return CIX_FREE;
  oop class_ = obj_slot(last, ASSOCIATION_VALUE);
  if (!oop_is_pointer(class_) || !fmt_is_pointers(obj_format(class_)) || obj_slots(class_) == 0)
    return CIX_FREE;
  oop superclass = obj_slot(class_, CLASS_SUPERCLASS);
  return superclass == mem.nil ? CIX_FREE : mem_class_index_of(superclass);
}

/* ---- activation ---- */

/* The start of a new frame above the pushed receiver and arguments; temporaries follow. */
static void push_frame(oop method, uint32_t flags, uint32_t pc, oop receiver) {
  addr fp = interp.sp + 4;
  put32(fp + FRAME_SAVED_FP, interp.fp);
  put32(fp + FRAME_METHOD, method);
  put32(fp + FRAME_CONTEXT, mem.nil);
  put32(fp + FRAME_FLAGS, flags);
  put32(fp + FRAME_PC, pc);
  put32(fp + FRAME_RECEIVER, receiver);
  interp.fp = fp;
  interp.sp = fp + FRAME_RECEIVER;
}

static void frame_done(void) {
  interp.activations++;
  interp.countdown--;
  if (interp.fp > interp.page_limit) frame_overflow();
}

static bool fits(uint32_t info, oop receiver) {
  return method_infos[info].fields == 0 || oop_has_fields(receiver, method_infos[info].fields);
}

bool interp_activate_method(oop method, uint32_t num_args) {
  oop receiver = at32(interp.sp - 4 * num_args);
  const uint32_t info = method_info_of(method);
  if (UNLIKELY(method_num_args(method) != num_args)) {
    send_stop("damaged method: it takes another number of arguments than it is given");
    return false;
  }
  if (UNLIKELY(!method_info_verify(info, VERIFY_METHOD, frame_temps_of_method(method)) ||
               !fits(info, receiver))) {
    send_stop(lookup_fault != NULL ? lookup_fault : few_fields);
    return false;
  }
  uint32_t flags = frame_flags_with_receiver(frame_flags_for(method, num_args, 0), receiver);
  uint32_t pc = method_first_pc(method), temps = method_num_temps(method);
  bool sista = method_alternate_set(method);
  const uint8_t *code = AT(uint8_t, method + pc);
  if (method_has_primitive(method) && *code == (sista ? SISTA_CALL_PRIMITIVE : V3_CALL_PRIMITIVE))
    pc += bytecode_bytes(sista, *code);
  push_frame(method, flags, pc, receiver);
  for (uint32_t i = num_args; i < temps; i++) interp_push(mem.nil);
  send_count_activation(info);
  frame_done();
  return true;
}

oop send_error_object(void) {
  uint32_t code = interp.prim_error;
  oop table = mem_special(SPECIAL_PRIM_ERROR_TABLE);
  oop o = int_oop((int32_t)code);
  if (oop_has_class_index(table, CIX_ARRAY) && code >= 1 && code <= obj_slots(table))
    o = obj_slot(table, code - 1);
  if (code == PRIM_ERR_OS_ERROR && interp.prim_os_error != 0 && oop_is_pointer(o) && o != mem.nil &&
      fmt_is_pointers(obj_format(o)) && obj_slots(o) > 1) { /* a PrimitiveError: errorName errorCode */
    oop copy = mem_clone(o);
    if (copy != 0) {
      mem_store(copy, 1, interp.prim_os_error);
      o = copy;
    }
  }
  interp.prim_os_error = 0;
  return o;
}

void send_activate_failed(uint32_t num_args) {
  oop method = interp.new_method;
  if (!interp_activate_method(method, num_args)) return;
  /* A method that wants the code begins with a long store into the temporary that is its last. */
  uint8_t code = *AT(uint8_t, method + at32(interp.fp + FRAME_PC));
  if (code == (method_alternate_set(method) ? SISTA_LONG_STORE_TEMP : V3_EXT_STORE) &&
      method_num_temps(method) > num_args)
    put32(interp.sp, send_error_object());
  interp.prim_os_error = 0;
}

void interp_activate_closure(oop closure, uint32_t num_args) {
  const struct lookup_entry *e = send_closure_entry(closure, num_args);
  if (UNLIKELY(e == NULL)) {
    send_refuse_closure();
    return;
  }
  bool full = obj_class_index(closure) == CIX_FULL_CLOSURE;
  uint32_t copied = full ? FULL_CLO_COPIED : CLO_COPIED, slots = obj_slots(closure);
  oop method, receiver;
  uint32_t pc;
  if (full) {
    method = obj_slot(closure, CLO_START_PC_OR_METHOD);
    receiver = obj_slot(closure, FULL_CLO_RECEIVER);
    pc = method_first_pc(method);
  } else {
    oop outer = obj_slot(closure, CLO_OUTER);
    method = obj_slot(outer, CTX_METHOD);
    receiver = obj_slot(outer, CTX_RECEIVER);
    pc = closure_start_pc(closure);
  }
  push_frame(method, frame_flags_for(method, num_args, FRAME_IS_BLOCK), pc, receiver);
  for (uint32_t i = copied; i < slots; i++) interp_push(obj_slot(closure, i));
  if (full) {
    uint32_t temps = method_num_temps(method);
    for (uint32_t i = num_args + slots - copied; i < temps; i++) interp_push(mem.nil);
  }
  if (e->info != 0) send_count_activation(e->info);
  frame_done();
}

void interp_send(oop selector, uint32_t class_index, uint32_t num_args) {
  struct lookup_entry *e = send_resolve(selector, num_args, class_index);
  if (e == NULL) return;
  uint32_t argc = interp.num_args;
  oop *args = AT(oop, interp.sp - 4 * argc), result;
  interp.new_method = e->method;
  if (UNLIKELY((e->flags & FRAME_NUM_ARGS_MASK) != argc)) {
    send_refuse(e, argc);
    return;
  }
  switch (lookup_kind(e)) {
    case LOOKUP_SELF: result = args[0]; break;
    case LOOKUP_CONSTANT: result = lookup_constant(e->shape & LOOKUP_PC_MASK); break;
    case LOOKUP_FIELD: result = send_field(args[0], e->shape & LOOKUP_PC_MASK); break;
    case LOOKUP_CONTEXT_FIELD: result = context_fetch(args[0], e->shape & LOOKUP_PC_MASK); break;
    case LOOKUP_PRIMITIVE:
    case LOOKUP_BLOCK_VALUE:
      interp.primitives_called++;
      result = e->primitive(args, argc);
      if (result == PRIM_DONE) return;
      if (result_is_oop(result)) break;
      send_activate_failed(argc);
      return;
    default: (void)interp_activate_method(e->method, argc); return;
  }
  interp.sp -= 4 * argc;
  put32(interp.sp, result);
}

/* ---- messages of the VM's own ---- */

/* Sends special selector `special` to what is pushed. An image that has none cannot go on. */
static void send_special(uint32_t special, uint32_t num_args, const char *what) {
  oop selector = special < obj_slots(mem.special) ? mem_special(special) : mem.nil;
  if (selector == mem.nil) {
    send_stop(err_format("the image cannot go on: %s, and it has no selector for that", what));
    return;
  }
  interp_send(selector, oop_class_index(at32(interp.sp - 4 * num_args)), num_args);
}

/* What is tried again, or goes on, with each answer a word more cannot do so for ever. */
static bool has_room_for_answers(void) {
  return interp.sp <= interp.fp + FRAME_TEMPS + 4 * (VERIFY_MOST_WORDS + METHOD_LARGE_FRAME);
}

void send_must_be_boolean(void) {
  if (!has_room_for_answers()) {
    send_stop("the image cannot go on: mustBeBoolean answers again and again");
    return;
  }
  send_special(SPECIAL_SELECTOR_MUST_BE_BOOLEAN, 0, "a condition is no Boolean");
}

static bool push_running_context(void) {
  oop context = frame_marry(interp.fp);
  if (context == 0) {
    stop_no_memory();
    return false;
  }
  interp_push(context);
  return true;
}

void send_unknown_bytecode(void) {
  /* The bytecode is tried again when the send answers, each answer a word more. */
  if (!has_room_for_answers()) {
    send_stop("the image cannot go on: an unknown bytecode, again and again");
    return;
  }
  if (push_running_context()) send_special(SPECIAL_SELECTOR_UNKNOWN_BYTECODE, 0, "unknown bytecode");
}

void send_class_trap(void) {
  if (!has_room_for_answers()) {
    send_stop("the image cannot go on: a trap bytecode, again and again");
    return;
  }
  if (push_running_context()) send_special(SPECIAL_SELECTOR_CLASS_TRAP, 0, "a trap bytecode");
}

void send_attempt_to_assign(oop object, oop value, uint32_t index) {
  interp_push(object);
  interp_push(value);
  interp_push(int_oop((int32_t)index + 1));
  send_special(SPECIAL_SELECTOR_ATTEMPT_TO_ASSIGN, 2, "a store into an immutable object");
}
