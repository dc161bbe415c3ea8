/* loop.c: the dispatch loop.
 *
 * One switch over bytecode + copy of the table (enum frame_set), with the machine's registers in C locals.
 * The case labels come from the tables of bytecode.h. What is not on a fast path is a call: the locals are
 * saved to the frame and to `interp`, and after whatever may have changed the stack or moved objects they are
 * loaded again (`goto reload`).
 */
#include "interpreter/loop.h"

#include "base/options.h"
#include "interpreter/closure.h"
#include "interpreter/loop_macros.h"
#include "interpreter/send.h"

#include <string.h>

/* Back-edges between two credits to the running method: looking its counter up costs a hash. */
enum { BACK_EDGE_CREDIT = 64 };

err_t loop_start(void) {
  oop selectors = mem_special(SPECIAL_SPECIAL_SELECTORS);
  if (!oop_is_pointer(selectors) || obj_slots(selectors) < 2 * SPSEL_COUNT)
    return "the image has no special selectors (special object 23)";
  oop s = obj_slot(selectors, 2 * SPSEL_NOT_IDENTICAL);
  interp.selector_24_is_sent = !(oop_is_pointer(s) && fmt_is_bytes(obj_format(s)) && obj_byte_size(s) == 2 &&
                                 memcmp(obj_bytes(s), "~~", 2) == 0);
  return NULL;
}

/* ---- small things the loop calls ---- */

static void stop_no_memory(void) {
  interp.stop = STOP_ERROR;
  interp.error = "out of memory; --memory sets the limit";
  interp_request_check();
}

/* Loops of the running frame went round. Answers the function in which the frame goes on, or 0. */
static uint32_t credit_back_edges(void) {
  if (at32(interp.fp + FRAME_FLAGS) & FRAME_IS_OLD_BLOCK) return 0;
  uint32_t info = send_frame_info(interp.fp);
  if (info == 0) return 0;
  uint32_t before = method_infos[info].back_edges;
  method_infos[info].back_edges = before + BACK_EDGE_CREDIT;
  if (before < vm_options.hot_back_edges && before + BACK_EDGE_CREDIT >= vm_options.hot_back_edges &&
      interp_hooks.method_hot != NULL)
    interp_hooks.method_hot(info);
  /* The translator has decided, one way or another. */
  const bool decided = method_infos[info].translation != 0 || method_infos[info].flags != 0;
  return decided && interp_hooks.continuation != NULL ? interp_hooks.continuation(true) : 0;
}

/* ---- the loop ---- */

oop loop_run(addr entry_fp) {
  const uint8_t *pc;
  oop *sp, *fp;
  uint32_t set, num_args;
  uint32_t code;         /* the bytecode, and where a send's argument count is needed, that */
  uint32_t executed = 0; /* bytecodes, not yet in interp.bytecodes */
  uint32_t ext_a = 0, num_ext_b = 0;
  int32_t ext_b = 0;
  uint32_t back_edges = BACK_EDGE_CREDIT;
  /* For the code after the switch. */
  oop selector, value, object;
  uint32_t argc, cix, index;
  struct lookup_entry *entry;

  goto reload;

  for (;;) {
    code = *pc++;
    executed++;
    switch (code + set) {
      /* ---- pushes ---- */

      PUSH_CASE(CASE_V3_PLAIN(PUSH_INSTVAR) : CASE_SISTA(PUSH_INSTVAR), slots_of(fp[W_RECEIVER])[code & 15])
      CASE_V3_OLD(PUSH_INSTVAR) : CASE_V3_CONTEXT(PUSH_INSTVAR) : {
        value = FETCH_CAREFULLY(fp[W_RECEIVER], code & 15);
        PUSH(value);
        continue;
      }
      CASE_V3_PLAIN(PUSH_TEMP) : CASE_V3_CONTEXT(PUSH_TEMP) : CASE_SISTA(PUSH_TEMP) : {
        PUSH(*temp_at(fp, num_args, code & 15));
        continue;
      }
      CASE_V3_OLD(PUSH_TEMP) : {
        value = frame_home_temp(addr_of(fp), code & 15);
        PUSH(value);
        continue;
      }
      PUSH_CASE(CASE_BOTH(PUSH_LITERAL), LITERAL(code & 31))
      PUSH_CASE(CASE_V3(PUSH_LITVAR), field_of(LITERAL(code & 31), VARIABLE_VALUE))
      PUSH_CASE(CASE_SISTA(PUSH_LITVAR), field_of(LITERAL(code & 15), VARIABLE_VALUE))
      PUSH_CASE(CASE_BOTH(PUSH_RECEIVER), fp[W_RECEIVER])
      PUSH_CASE(CASE_BOTH(PUSH_TRUE), mem.true_)
      PUSH_CASE(CASE_BOTH(PUSH_FALSE), mem.false_)
      PUSH_CASE(CASE_BOTH(PUSH_NIL), mem.nil)
      PUSH_CASE(CASE_V3(PUSH_SMALL), int_oop((int32_t)code - V3_PUSH_SMALL - 1)) /* -1, 0, 1, 2 */
      PUSH_CASE(CASE_SISTA(PUSH_SMALL), int_oop((int32_t)code - SISTA_PUSH_SMALL))
      CASE_BOTH(DUP) : {
        value = *sp;
        PUSH(value);
        continue;
      }
      CASE_BOTH(POP) : {
        sp--;
        continue;
      }
      CASE_V3(PUSH_CONTEXT) : goto push_context;
      CASE_SISTA(PUSH_CONTEXT) : {
        if (ext_b == 0) goto push_context;
        if (ext_b != 1) goto unused;
        CLEAR_EXT_B();
        PUSH(process_active());
        continue;
      }
      CASE_SISTA(LONG_PUSH_INSTVAR) : {
        TAKE_INDEX();
        value = FETCH_CAREFULLY(fp[W_RECEIVER], index);
        PUSH(value);
        continue;
      }
      CASE_SISTA(LONG_PUSH_LITVAR) : {
        TAKE_INDEX();
        value = field_of(LITERAL(index), VARIABLE_VALUE);
        PUSH(value);
        continue;
      }
      CASE_SISTA(LONG_PUSH_LITERAL) : {
        TAKE_INDEX();
        PUSH(LITERAL(index));
        continue;
      }
      CASE_SISTA(LONG_PUSH_TEMP) : {
        index = *pc++;
        PUSH(*temp_at(fp, num_args, index));
        continue;
      }
      CASE_SISTA(PUSH_INT) : {
        PUSH(int_oop((int32_t)((uint32_t)ext_b << 8) + *pc++));
        CLEAR_EXT_B();
        continue;
      }
      CASE_SISTA(PUSH_CHAR) : {
        value = mem_char(((uint32_t)ext_b << 8) + *pc++);
        PUSH(value);
        CLEAR_EXT_B();
        continue;
      }
      CASE_V3(EXT_PUSH) : {
        index = *pc & 63;
        switch (*pc++ >> 6) {
          case 0: value = FETCH_CAREFULLY(fp[W_RECEIVER], index); break;
          case 1:
            value = set == SET_OLD ? frame_home_temp(addr_of(fp), index) : *temp_at(fp, num_args, index);
            break;
          case 2: value = LITERAL(index); break;
          default: value = field_of(LITERAL(index), VARIABLE_VALUE);
        }
        PUSH(value);
        continue;
      }

      /* ---- stores ---- */

      CASE_V3_PLAIN(POP_INSTVAR) : CASE_SISTA(POP_INSTVAR) : {
        object = fp[W_RECEIVER];
        index = code & 7;
        value = *sp--;
        if (UNLIKELY(obj_is_immutable(object))) goto attempt_to_assign;
        mem_store(object, index, value);
        continue;
      }
      CASE_V3_OLD(POP_INSTVAR) : CASE_V3_CONTEXT(POP_INSTVAR) : {
        object = fp[W_RECEIVER];
        index = code & 7;
        value = *sp--;
        goto store_field;
      }
      CASE_V3_PLAIN(POP_TEMP) : CASE_V3_CONTEXT(POP_TEMP) : CASE_SISTA(POP_TEMP) : {
        value = *sp--;
        *temp_at(fp, num_args, code & 7) = value;
        continue;
      }
      CASE_V3_OLD(POP_TEMP) : {
        frame_set_home_temp(addr_of(fp), code & 7, *sp--);
        continue;
      }
      CASE_SISTA(LONG_POP_TEMP) : {
        value = *sp--;
        *temp_at(fp, num_args, *pc++) = value;
        continue;
      }
      CASE_SISTA(LONG_STORE_TEMP) : {
        *temp_at(fp, num_args, *pc++) = *sp;
        continue;
      }
      CASE_SISTA(LONG_POP_INSTVAR) : CASE_SISTA(LONG_STORE_INSTVAR) : {
        TAKE_INDEX();
        object = fp[W_RECEIVER];
        value = *sp;
        if (code == SISTA_LONG_POP_INSTVAR) sp--;
        goto store_field;
      }
      CASE_SISTA(LONG_POP_LITVAR) : CASE_SISTA(LONG_STORE_LITVAR) : {
        TAKE_INDEX();
        object = LITERAL(index);
        index = 1;
        value = *sp;
        if (code == SISTA_LONG_POP_LITVAR) sp--;
        goto store_field;
      }
      CASE_V3(EXT_STORE) : CASE_V3(EXT_POP) : {
        index = *pc & 63;
        uint32_t kind = *pc++ >> 6;
        value = *sp;
        if (code == V3_EXT_POP) sp--;
        if (kind == 1) {
          if (set == SET_OLD)
            frame_set_home_temp(addr_of(fp), index, value);
          else
            *temp_at(fp, num_args, index) = value;
          continue;
        }
        if (kind == 2) goto unused;
        object = fp[W_RECEIVER];
        if (kind == 3) {
          object = LITERAL(index);
          index = 1;
        }
        goto store_field;
      }

      /* ---- remote temporaries, arrays, closures ---- */

      CASE_V3(PUSH_REMOTE_TEMP) : {
        value = field_of(*temp_at(fp, num_args, pc[1]), pc[0]);
        PUSH(value);
        pc += 2;
        continue;
      }
      CASE_V3(STORE_REMOTE_TEMP) : {
        object = *temp_at(fp, num_args, pc[1]);
        index = pc[0];
        pc += 2;
        if (UNLIKELY(!oop_has_fields(object, index + 1))) goto no_such_field;
        mem_store(object, index, *sp);
        continue;
      }
      CASE_V3(POP_REMOTE_TEMP) : {
        object = *temp_at(fp, num_args, pc[1]);
        index = pc[0];
        pc += 2;
        if (UNLIKELY(!oop_has_fields(object, index + 1))) goto no_such_field;
        mem_store(object, index, *sp);
        sp--;
        continue;
      }
      CASE_SISTA(PUSH_REMOTE_TEMP) : {
        object = *temp_at(fp, num_args, pc[1] & ~(uint32_t)REMOTE_IS_INSTVAR);
        index = pc[0];
        pc += 2;
        value = FETCH_CAREFULLY(object, index);
        PUSH(value);
        continue;
      }
      CASE_SISTA(STORE_REMOTE_TEMP) : CASE_SISTA(POP_REMOTE_TEMP) : {
        object = *temp_at(fp, num_args, pc[1] & ~(uint32_t)REMOTE_IS_INSTVAR);
        index = pc[0];
        bool is_field = (pc[1] & REMOTE_IS_INSTVAR) != 0;
        pc += 2;
        value = *sp;
        if (code == SISTA_POP_REMOTE_TEMP) sp--;
        if (is_field) goto store_field;
        if (UNLIKELY(!oop_has_fields(object, index + 1))) goto no_such_field;
        mem_store(object, index, value);
        continue;
      }
      CASE_BOTH(PUSH_ARRAY) : {
        index = *pc++;
        SAVE();
        if (!closure_push_array(index & 127, index > 127)) goto no_memory;
        sp = AT(oop, interp.sp);
        continue;
      }
      CASE_V3(PUSH_CLOSURE) : {
        index = pc[0]; /* copied << 4 | arguments */
        uint32_t bytes = (uint32_t)pc[1] << 8 | pc[2];
        pc += 3;
        SAVE();
        if (!closure_push(index & 15, index >> 4, fp[W_PC])) goto no_memory;
        sp = AT(oop, interp.sp);
        pc += bytes;
        continue;
      }
      CASE_SISTA(PUSH_CLOSURE) : {
        index = pc[0]; /* eeiiikkk */
        int32_t bytes = (int32_t)((uint32_t)ext_b << 8) + pc[1];
        pc += 2;
        SAVE();
        if (!closure_push((index & 7) + ext_a % 16 * 8, (index >> 3 & 7) + ext_a / 16 * 8, fp[W_PC]))
          goto no_memory;
        sp = AT(oop, interp.sp);
        pc += bytes;
        CLEAR_EXTENSIONS();
        continue;
      }
      CASE_SISTA(PUSH_FULL_CLOSURE) : {
        index = pc[0] + (ext_a << 8);
        uint32_t flags = pc[1];
        ext_a = 0;
        pc += 2;
        SAVE();
        if (UNLIKELY(!oop_is_method(LITERAL(index)))) goto no_such_field;
        if (!closure_push_full(LITERAL(index), flags)) goto no_memory;
        sp = AT(oop, interp.sp);
        continue;
      }

      /* ---- jumps ---- */

      CASE_BOTH(JUMP) : {
        pc += (code & 7) + 1;
        continue;
      }
      CASE_V3(JUMP_FALSE)
          : JUMP_IF(mem.false_, mem.true_, (int32_t)(code & 7) + 1) CASE_SISTA(JUMP_FALSE)
          : JUMP_IF(mem.false_, mem.true_, (int32_t)(code & 7) + 1) CASE_SISTA(JUMP_TRUE)
          : JUMP_IF(mem.true_, mem.false_, (int32_t)(code & 7) + 1) CASE_V3(LONG_JUMP) : {
        int32_t distance = ((int32_t)(code & 7) - 4) * 256 + *pc++;
        pc += distance;
        if (distance < 0) BACK_EDGE();
        continue;
      }
      CASE_V3(LONG_JUMP_TRUE)
          : JUMP_IF(mem.true_, mem.false_, (int32_t)((code & 3) * 256) + *pc++) CASE_V3(LONG_JUMP_FALSE)
          : JUMP_IF(mem.false_, mem.true_, (int32_t)((code & 3) * 256) + *pc++) CASE_SISTA(LONG_JUMP) : {
        int32_t distance = (int32_t)((uint32_t)ext_b << 8) + *pc++;
        CLEAR_EXT_B();
        pc += distance;
        if (distance < 0) BACK_EDGE();
        continue;
      }
      CASE_SISTA(LONG_JUMP_TRUE) : {
        int32_t far = (int32_t)((uint32_t)ext_b << 8) + *pc++;
        CLEAR_EXTENSIONS();
        JUMP_IF(mem.true_, mem.false_, far)
      }
      CASE_SISTA(LONG_JUMP_FALSE) : {
        int32_t far = (int32_t)((uint32_t)ext_b << 8) + *pc++;
        CLEAR_EXTENSIONS();
        JUMP_IF(mem.false_, mem.true_, far)
      }

      /* ---- returns ---- */

      CASE_BOTH(RETURN_RECEIVER) : {
        value = fp[W_RECEIVER];
        goto method_return;
      }
      CASE_BOTH(RETURN_TRUE) : {
        value = mem.true_;
        goto method_return;
      }
      CASE_BOTH(RETURN_FALSE) : {
        value = mem.false_;
        goto method_return;
      }
      CASE_BOTH(RETURN_NIL) : {
        value = mem.nil;
        goto method_return;
      }
      CASE_BOTH(RETURN_TOP) : {
        value = *sp;
        goto method_return;
      }
      CASE_V3(BLOCK_RETURN_TOP) : {
        value = *sp;
        goto caller_return;
      }
      CASE_SISTA(BLOCK_RETURN_TOP) : {
        /* Extension A, the number of enclosing blocks to leave, no encoder writes; no VM of the family has
         * it. */
        if (ext_a != 0) goto unused;
        value = *sp;
        goto caller_return;
      }
      CASE_SISTA(BLOCK_RETURN_NIL) : {
        if (ext_a != 0) goto unused;
        value = mem.nil;
        goto caller_return;
      }

      /* ---- arithmetic ---- */

      ARITHMETIC_CASE(ADD, fast_add)
      ARITHMETIC_CASE(SUBTRACT, fast_subtract)
      ARITHMETIC_CASE(MULTIPLY, fast_multiply)
      ARITHMETIC_CASE(DIVIDE, fast_divide)
      ARITHMETIC_CASE(MOD, fast_mod)
      ARITHMETIC_CASE(DIV, fast_div)
      ARITHMETIC_CASE(BIT_SHIFT, fast_bit_shift)
      ARITHMETIC_CASE(BIT_AND, fast_bit_and)
      ARITHMETIC_CASE(BIT_OR, fast_bit_or)
      COMPARISON_CASES(LESS, <)
      COMPARISON_CASES(GREATER, >)
      COMPARISON_CASES(LESS_EQUAL, <=)
      COMPARISON_CASES(GREATER_EQUAL, >=)
      COMPARISON_CASES(EQUAL, ==)
      COMPARISON_CASES(NOT_EQUAL, !=)

      /* ---- special sends to any object ---- */

      IDENTITY_CASES(IDENTICAL, ==, false)
      IDENTITY_CASES(NOT_IDENTICAL, !=, interp.selector_24_is_sent)
      CASE_SPECIAL(CLASS) : {
        *sp = mem_class_of(*sp);
        continue;
      }
      CASE_SPECIAL(AT) : {
        value = fast_at(sp[-1], *sp);
        if (value == 0) goto send_special;
        *--sp = value;
        continue;
      }
      CASE_SPECIAL(AT_PUT) : {
        value = *sp;
        if (!fast_at_put(sp[-2], sp[-1], value)) goto send_special;
        sp -= 2;
        *sp = value;
        continue;
      }
      CASE_SPECIAL(SIZE) : {
        value = fast_size(*sp);
        if (value == 0) goto send_special;
        *sp = value;
        continue;
      }
      CASE_SPECIAL(VALUE) : {
        argc = 0;
        goto special_value;
      }
      CASE_SPECIAL(VALUE_ARG) : {
        argc = 1;
        goto special_value;
      }
      CASE_SPECIAL(MAKE_POINT)
          : CASE_SPECIAL(NEXT)
          : CASE_SPECIAL(NEXT_PUT)
          : CASE_SPECIAL(AT_END)
          : CASE_SPECIAL(DO)
          : CASE_SPECIAL(NEW)
          : CASE_SPECIAL(NEW_ARG)
          : CASE_SPECIAL(X_COORDINATE) : CASE_SPECIAL(Y_COORDINATE) : goto send_special;

      /* ---- sends ---- */

      CASE_BOTH(SEND_0) : {
        selector = LITERAL(code & 15);
        argc = 0;
        cix = oop_class_index(*sp);
        goto send;
      }
      CASE_BOTH(SEND_1) : {
        selector = LITERAL(code & 15);
        argc = 1;
        cix = oop_class_index(sp[-1]);
        goto send;
      }
      CASE_BOTH(SEND_2) : {
        selector = LITERAL(code & 15);
        argc = 2;
        cix = oop_class_index(sp[-2]);
        goto send;
      }
      CASE_V3(EXT_SEND) : {
        selector = LITERAL(*pc & 31u);
        argc = *pc++ >> 5;
        goto send_to_receiver;
      }
      CASE_V3(SECOND_EXT_SEND) : {
        selector = LITERAL(*pc & 63u);
        argc = *pc++ >> 6;
        goto send_to_receiver;
      }
      CASE_V3(EXT_SUPER) : {
        selector = LITERAL(*pc & 31u);
        argc = *pc++ >> 5;
        goto send_super;
      }
      CASE_V3(DOUBLE_EXT) : {
        uint32_t kind = pc[0] >> 5;
        argc = pc[0] & 31;
        index = pc[1];
        pc += 2;
        object = fp[W_RECEIVER];
        switch (kind) {
          case 0: selector = LITERAL(index); goto send_to_receiver;
          case 1: selector = LITERAL(index); goto send_super;
          case 2: value = FETCH_CAREFULLY(object, index); break;
          case 3: value = LITERAL(index); break;
          case 4: value = field_of(LITERAL(index), VARIABLE_VALUE); break;
          case 5: value = *sp; goto store_field;
          case 6: value = *sp--; goto store_field;
          default:
            value = *sp;
            object = LITERAL(index);
            index = 1;
            goto store_field;
        }
        PUSH(value);
        continue;
      }
      CASE_SISTA(LONG_SEND) : {
        selector = LITERAL((*pc >> 3) + (ext_a << 5));
        argc = (*pc++ & 7) + ((uint32_t)ext_b << 3);
        CLEAR_EXTENSIONS();
        goto send_to_receiver;
      }
      CASE_SISTA(LONG_SUPER) : {
        selector = LITERAL((*pc >> 3) + (ext_a << 5));
        bool directed = ext_b >= DIRECTED_SUPER_EXT;
        argc = (*pc++ & 7) + ((uint32_t)(directed ? ext_b - DIRECTED_SUPER_EXT : ext_b) << 3);
        CLEAR_EXTENSIONS();
        if (!directed) goto send_super;
        object = *sp--; /* the search starts above this class */
        object = field_of(object, CLASS_SUPERCLASS);
        cix = object == mem.nil ? CIX_FREE : mem_class_index_of(object);
        goto send;
      }

      /* ---- extensions and the rest ---- */

      CASE_SISTA(EXT_A) : {
        ext_a = ext_a << 8 | *pc++;
        continue;
      }
      CASE_SISTA(EXT_B) : { /* the first byte carries the sign */
        ext_b = num_ext_b == 0 ? (int8_t)*pc : (int32_t)((uint32_t)ext_b << 8 | *pc);
        num_ext_b = 1;
        pc++;
        continue;
      }
      CASE_SISTA(NOP) : {
        CLEAR_EXTENSIONS();
        continue;
      }
      CASE_V3(CALL_PRIMITIVE) : { /* done when the method was activated */
        pc += 2;
        continue;
      }
      CASE_SISTA(CALL_PRIMITIVE) : {
        index = pc[0] | (uint32_t)pc[1] << 8;
        pc += 2;
        if (!(index & INLINE_PRIMITIVE_BIT)) continue;
        SAVE();
        if (!sista_inline_primitive(index & INLINE_PRIMITIVE_MASK)) {
          pc -= 2;
          goto unused;
        }
        goto reload;
      }
      CASE_SISTA(TRAP) : {
        SAVE();
        send_class_trap();
        goto reload;
      }
      CASE_V3(UNUSED_126)
          : CASE_SISTA(UNUSED_84)
          : CASE_SISTA(UNUSED_218)
          : CASE_SISTA(UNUSED_230)
          : CASE_SISTA(MAPPED_PRIMITIVE) /* the optimizing compiler's; no image on disk has them */
          : CASE_SISTA(UNUSED_246) : CASE_SISTA(UNUSED_254) : goto unused;
      default: __builtin_unreachable();
    }

    /* ---- what the cases share; none comes back up ---- */

  push_context:
    SAVE();
    value = frame_marry(addr_of(fp));
    if (value == 0) goto no_memory;
    PUSH(value);
    continue;

  store_field: /* object, index, value: any object's field */
    if (UNLIKELY(!oop_has_fields(object, index + 1) && !oop_is_context(object))) goto no_such_field;
    if (UNLIKELY(obj_is_immutable(object))) goto attempt_to_assign;
    if (LIKELY(!oop_is_context(object))) {
      mem_store(object, index, value);
      continue;
    }
    SAVE();
    (void)context_store(object, index, value);
    goto reload;

  attempt_to_assign:
    SAVE();
    send_attempt_to_assign(object, value, index);
    goto reload;

  must_be_boolean:
    SAVE();
    send_must_be_boolean();
    goto reload;

  unused: /* the pc is left at the bytecode itself */
    pc--;
    SAVE();
    CLEAR_EXTENSIONS();
    send_unknown_bytecode();
    goto reload;

  no_memory:
    stop_no_memory();
    goto reload;

  no_such_field:
    SAVE();
    send_stop("damaged method: its code stores where no field is, or makes a closure of no method");
    goto reload;

  refused: /* entry: it cannot be activated for what is pushed */
    SAVE();
    send_refuse(entry, argc);
    goto reload;

  special_value: /* value and value: to a closure need no lookup */
    object = sp[-(int32_t)argc];
    if (oop_is_pointer(object)) {
      cix = obj_class_index(object);
      if (cix - CIX_BLOCK_CLOSURE <= CIX_FULL_CLOSURE - CIX_BLOCK_CLOSURE &&
          slots_of(object)[CLO_NUM_ARGS] == int_oop((int32_t)argc))
        goto activate_closure;
    }

  send_special:
    index = (code + (set == SET_SISTA ? V3_SEND_SPECIAL - SISTA_SEND_SPECIAL : 0)) - V3_SEND_SPECIAL;
    selector = field_of(mem_special(SPECIAL_SPECIAL_SELECTORS), 2 * index);
    argc = special_selector_args(index);
    goto send_to_receiver;

  send_super:
    cix = send_super_class_index(fp[W_METHOD]);
    goto send;

  send_to_receiver:
    cix = oop_class_index(sp[-(int32_t)argc]);

  send:
    interp.sends++;
    TRACE_SEND();
    entry = lookup_first_probe(selector, cix);
    if (UNLIKELY(!lookup_hit(entry, selector, cix) || lookup_kind(entry) == LOOKUP_OBJECT)) {
      SAVE();
      entry = send_resolve(selector, argc, cix);
      if (entry == NULL) goto reload;
      argc = interp.num_args;
      sp = AT(oop, interp.sp);
      selector = interp.selector;
    }
    if (UNLIKELY((entry->flags & FRAME_NUM_ARGS_MASK) != argc)) goto refused;
    switch (lookup_kind(entry)) {
      case LOOKUP_ACTIVATE: goto activate;
      case LOOKUP_ACTIVATE_FIELDS:
        if (LIKELY(oop_has_fields(sp[-(int32_t)argc], entry->flags >> LOOKUP_FIELDS_SHIFT))) goto activate;
        goto refused;
      case LOOKUP_REFUSED: goto refused;
      case LOOKUP_SELF: sp -= argc; continue;
      case LOOKUP_CONSTANT:
        sp -= argc;
        *sp = lookup_constant(entry->shape & LOOKUP_PC_MASK);
        continue;
      case LOOKUP_FIELD:
        sp -= argc;
        *sp = field_of(*sp, entry->shape & LOOKUP_PC_MASK);
        continue;
      case LOOKUP_CONTEXT_FIELD:
        sp -= argc;
        SAVE();
        *sp = context_fetch(*sp, entry->shape & LOOKUP_PC_MASK);
        continue;
      case LOOKUP_BLOCK_VALUE:
        object = sp[-(int32_t)argc];
        if (closure_takes(object, argc)) goto activate_closure;
        break;
      default: break;
    }
    SAVE();
    interp.new_method = entry->method;
    interp.selector = selector;
    interp.num_args = argc;
    interp.primitives_called++;
    value = entry->primitive(sp - argc, argc);
    if (LIKELY(result_is_oop(value))) {
      sp -= argc;
      *sp = value;
      continue;
    }
    if (value != PRIM_DONE) send_activate_failed(argc);
    goto reload;

  activate_closure: /* object, of argc arguments */
    entry = send_closure_entry(object, argc);
    if (UNLIKELY(entry == NULL)) {
      SAVE();
      if (closure_takes(object, argc)) {
        send_refuse_closure();
        goto reload;
      }
      /* By a special send, without home: the primitive is to fail. */
      selector = field_of(mem_special(SPECIAL_SPECIAL_SELECTORS), 2 * (SPSEL_VALUE + argc));
      interp_send(selector, obj_class_index(object), argc);
      goto reload;
    }
    send_count_activation(entry->info);
    fp[W_PC] = PC_OFFSET();
#ifdef __wasm__
    if (entry->slot != 0) goto call_translated;
#endif
    sp[1 + W_SAVED_FP] = addr_of(fp);
    sp[1 + W_CONTEXT] = mem.nil;
    fp = sp + 1;
    if (obj_class_index(object) == CIX_FULL_CLOSURE) {
      sp = full_block_frame(fp, object, entry);
      index = entry->shape & LOOKUP_PC_MASK;
    } else {
      sp = embedded_block_frame(fp, object, argc);
      index = closure_start_pc(object);
    }
    pc = AT(uint8_t, fp[W_METHOD]) + index;
    goto activated;

  activate : {
    send_count_activation(entry->info);
    fp[W_PC] = PC_OFFSET();
#ifdef __wasm__
    if (entry->slot != 0) {
    call_translated:
      interp.fp = addr_of(fp);
      interp.sp = addr_of(sp);
      sp[1 + W_SAVED_FP] = addr_of(fp); /* a caller links the frame: translated code relies on it */
      interp.translated_calls++;
      value = ((translated_fn)(uintptr_t)entry->slot)(addr_of(sp + 1));
      if (UNLIKELY(!result_is_oop(value))) goto reload;
      sp -= argc;
      *sp = value;
      pc = AT(uint8_t, fp[W_METHOD]) + fp[W_PC];
      continue;
    }
#endif
    oop *nfp = sp + 1;
    uint32_t shape = entry->shape;
    nfp[W_SAVED_FP] = addr_of(fp);
    nfp[W_METHOD] = entry->method;
    nfp[W_CONTEXT] = mem.nil;
    nfp[W_FLAGS] = entry->flags;
    nfp[W_RECEIVER] = sp[-(int32_t)argc];
    pc = AT(uint8_t, entry->method) + (shape & LOOKUP_PC_MASK);
    fp = nfp;
    sp = nfp + W_RECEIVER;
    for (uint32_t n = shape >> LOOKUP_TEMPS_SHIFT & LOOKUP_TEMPS_MASK; n > 0; n--) PUSH(mem.nil);
  }

  activated:
    interp.activations++;
    num_args = argc;
    set = fp[W_FLAGS] >> SET_FROM_FLAGS & SET_MASK;
    if (UNLIKELY(addr_of(fp) > interp.stack_limit || --interp.countdown < 0)) goto check;
    continue;

  method_return: /* from the home method */
    if (UNLIKELY(fp[W_FLAGS] & (FRAME_IS_BLOCK | FRAME_IS_OLD_BLOCK))) {
      SAVE();
      interp_non_local_return(value);
      goto reload;
    }

  caller_return: /* to whoever activated this method or block */
    if (LIKELY(fp[W_CONTEXT] == mem.nil && fp[W_SAVED_FP] != 0 && addr_of(fp) != entry_fp)) {
      sp = fp - num_args - 1;
      *sp = value;
      fp = AT(oop, fp[W_SAVED_FP]);
      LOAD_FRAME();
      if (UNLIKELY(fp[W_FLAGS] & FRAME_TRANSLATED)) goto go_on;
      continue;
    }
    SAVE();
    if (entry_fp != 0 && interp.fp == entry_fp) {
      frame_return(value);
      interp.bytecodes += executed;
      if (interp.restructured || interp.stop != RUN_ON) return RESULT_BAIL;
      interp.sp -= 4;
      return value;
    }
    frame_return(value);
    goto reload;

  loop_turns:
    back_edges = BACK_EDGE_CREDIT;
    SAVE();
    index = credit_back_edges();
    if (UNLIKELY(--interp.countdown < 0)) goto check;
    if (index == 0) continue;
    goto continue_translated;

  go_on: /* translated code has left the frame */
    interp.fp = addr_of(fp);
    interp.sp = addr_of(sp);
    index = interp_hooks.continuation != NULL ? interp_hooks.continuation(false) : 0;
    if (index == 0) continue;

  continue_translated:
#ifdef __wasm__
    value = ((translated_fn)(uintptr_t)index)(addr_of(fp));
    if (UNLIKELY(!result_is_oop(value))) goto reload;
    /* The frame has returned. */
    interp.fp = fp[W_SAVED_FP];
    interp.sp = addr_of(fp - num_args - 2);
    if (addr_of(fp) == entry_fp) {
      LEAVE(value);
    }
    sp = fp - num_args - 1;
    *sp = value;
    fp = AT(oop, interp.fp);
    LOAD_FRAME();
    if (fp[W_FLAGS] & FRAME_TRANSLATED) goto go_on;
#endif
    continue;

  check:
    SAVE();
    interp.bytecodes += executed;
    executed = 0;
    interp_check();

  reload:
    if (UNLIKELY(interp.nlr_home != 0) && interp.nlr_home >= entry_fp) {
      /* A frame that this loop runs has returned, and its result is pushed on its caller. */
      interp.restructured = false;
      if (interp.nlr_home == entry_fp) {
        interp.nlr_home = 0;
        LEAVE(interp_pop());
      }
      interp.nlr_home = 0;
    }
    if (UNLIKELY(interp.countdown < 0)) interp_check(); /* activations by primitives count too */
    if (UNLIKELY(interp.restructured || interp.stop != RUN_ON)) {
      if (entry_fp != 0) {
        LEAVE(RESULT_BAIL);
      }
      interp.restructured = false;
      if (interp.stop != RUN_ON) {
        LEAVE(RESULT_BAIL);
      }
    }
    fp = AT(oop, interp.fp);
    sp = AT(oop, interp.sp);
    LOAD_FRAME();
    if (UNLIKELY(fp[W_FLAGS] & FRAME_TRANSLATED)) goto go_on;
  }
}
