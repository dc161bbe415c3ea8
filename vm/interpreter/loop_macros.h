/* loop_macros.h: what the cases of the dispatch loop are written in (loop.c, which alone includes it): their
 * labels, and forms that work on the registers, locals of loop_run(). */
#ifndef VM_INTERPRETER_LOOP_MACROS_H
#define VM_INTERPRETER_LOOP_MACROS_H

#include "interpreter/arithmetic.h"
#include "interpreter/bytecode.h"
#include "interpreter/loop_frame.h"

/* ---- labels ---- */

/* The copies of the table: what is added to a bytecode. */
enum {
  SET_SIZE = 256,
  SET_V3 = FRAME_SET_V3 * SET_SIZE,
  SET_SISTA = FRAME_SET_SISTA * SET_SIZE,
  SET_OLD = FRAME_SET_V3_OLD_BLOCK * SET_SIZE,
  SET_CONTEXT = FRAME_SET_V3_CONTEXT * SET_SIZE,
  SET_MASK = 3 * SET_SIZE,
  /* from a frame's flags to the above */
  SET_FROM_FLAGS = FRAME_SET_SHIFT - 8,
};

/* Case labels for a row of the tables, by the copies that share the code. */
#define V3_RANGE(set, name) case (set) + V3_##name...(set) + V3_##name##_LAST
#define CASE_V3_PLAIN(name) V3_RANGE(SET_V3, name)
#define CASE_V3_OLD(name) V3_RANGE(SET_OLD, name)
#define CASE_V3_CONTEXT(name) V3_RANGE(SET_CONTEXT, name)
#define CASE_V3(name) V3_RANGE(SET_V3, name) : V3_RANGE(SET_OLD, name) : V3_RANGE(SET_CONTEXT, name)
#define CASE_SISTA(name) case SET_SISTA + SISTA_##name... SET_SISTA + SISTA_##name##_LAST
#define CASE_BOTH(name) CASE_V3(name) : CASE_SISTA(name)
/* A special send. */
#define CASE_SPECIAL_V3(name)                    \
  case SET_V3 + V3_SEND_SPECIAL + SPSEL_##name:  \
  case SET_OLD + V3_SEND_SPECIAL + SPSEL_##name: \
  case SET_CONTEXT + V3_SEND_SPECIAL + SPSEL_##name
#define CASE_SPECIAL_SISTA(name) case SET_SISTA + SISTA_SEND_SPECIAL + SPSEL_##name
#define CASE_SPECIAL(name) CASE_SPECIAL_V3(name) : CASE_SPECIAL_SISTA(name)

/* ---- forms ---- */

#define PUSH(v) (*++sp = (v))
#define LITERAL(i) (slots_of(fp[W_METHOD])[METHOD_LITERAL_START + (i)])
#define PC_OFFSET() ((uint32_t)(pc - AT(uint8_t, fp[W_METHOD])))
/* Everything into memory: before any call that may look at the stack. */
#define SAVE() (fp[W_PC] = PC_OFFSET(), interp.fp = addr_of(fp), interp.sp = addr_of(sp))

/* The other way round: the rest of the registers, from the frame that fp and sp are in. */
#define LOAD_FRAME()                                \
  do {                                              \
    num_args = fp[W_FLAGS] & FRAME_NUM_ARGS_MASK;   \
    set = fp[W_FLAGS] >> SET_FROM_FLAGS & SET_MASK; \
    pc = AT(uint8_t, fp[W_METHOD]) + fp[W_PC];      \
  } while (0)
/* Extensions have been used. */
#define CLEAR_EXT_B() (ext_b = 0, num_ext_b = 0)
#define CLEAR_EXTENSIONS() (ext_a = 0, CLEAR_EXT_B())
/* The operand of a long form, its extension A included. */
#define TAKE_INDEX() (index = *pc++ + (ext_a << 8), ext_a = 0)
/* The loop ends. */
#define LEAVE(result)             \
  do {                            \
    interp.bytecodes += executed; \
    return result;                \
  } while (0)

#define PUSH_CASE(labels, v) \
  labels : {                 \
    PUSH(v);                 \
    continue;                \
  }

/* What a comparison or test answers goes straight into the conditional jump that mostly follows. */
#define BRANCH_V3(condition)                             \
  do {                                                   \
    bool cond_ = (condition);                            \
    uint32_t next_ = *pc;                                \
    if (LIKELY(next_ - V3_JUMP_FALSE < 8)) {             \
      pc += 1 + (cond_ ? 0 : (next_ & 7) + 1);           \
      executed++;                                        \
    } else if (next_ - V3_LONG_JUMP_FALSE < 4) {         \
      pc += 2 + (cond_ ? 0 : (next_ & 3) * 256 + pc[1]); \
      executed++;                                        \
    } else {                                             \
      PUSH(cond_ ? mem.true_ : mem.false_);              \
    }                                                    \
  } while (0)
#define BRANCH_SISTA(condition)                  \
  do {                                           \
    bool cond_ = (condition);                    \
    uint32_t next_ = *pc;                        \
    if (LIKELY(next_ - SISTA_JUMP_FALSE < 8)) {  \
      pc += 1 + (cond_ ? 0 : (next_ & 7) + 1);   \
      executed++;                                \
    } else if (next_ - SISTA_JUMP_TRUE < 8) {    \
      pc += 1 + (cond_ ? (next_ & 7) + 1 : 0);   \
      executed++;                                \
    } else if (next_ == SISTA_LONG_JUMP_FALSE) { \
      pc += 2 + (cond_ ? 0 : pc[1]);             \
      executed++;                                \
    } else {                                     \
      PUSH(cond_ ? mem.true_ : mem.false_);      \
    }                                            \
  } while (0)

#define COMPARISON(BRANCH, op)              \
  {                                         \
    oop a_ = sp[-1], b_ = *sp;              \
    if (LIKELY(oop_both_int(a_, b_))) {     \
      sp -= 2;                              \
      BRANCH((int32_t)a_ op(int32_t) b_);   \
      continue;                             \
    }                                       \
    double x_, y_;                          \
    if (float_operands(a_, b_, &x_, &y_)) { \
      sp -= 2;                              \
      BRANCH(x_ op y_);                     \
      continue;                             \
    }                                       \
    goto send_special;                      \
  }
#define COMPARISON_CASES(name, op) \
  CASE_SPECIAL_V3(name) : COMPARISON(BRANCH_V3, op) CASE_SPECIAL_SISTA(name) : COMPARISON(BRANCH_SISTA, op)

/* The same of identity, when it is not `sent`. */
#define IDENTITY(BRANCH, op, sent) \
  {                                \
    if (sent) goto send_special;   \
    sp -= 2;                       \
    BRANCH(sp[1] op sp[2]);        \
    continue;                      \
  }
#define IDENTITY_CASES(name, op, sent) \
  CASE_SPECIAL_V3(name)                \
      : IDENTITY(BRANCH_V3, op, sent) CASE_SPECIAL_SISTA(name) : IDENTITY(BRANCH_SISTA, op, sent)

/* Arithmetic that arithmetic.h answers, or a send. */
#define ARITHMETIC_CASE(name, fast)                    \
  CASE_SPECIAL(name) : {                               \
    if (!fast(sp[-1], *sp, &value)) goto send_special; \
    *--sp = value;                                     \
    continue;                                          \
  }

/* A loop went round: counts it for the translator, and lets checks happen. */
#define BACK_EDGE()                                   \
  do {                                                \
    if (UNLIKELY(--back_edges == 0)) goto loop_turns; \
    if (UNLIKELY(--interp.countdown < 0)) goto check; \
  } while (0)

/* Pops a condition. */
#define JUMP_IF(wanted, other, distance)   \
  {                                        \
    int32_t distance_ = (distance);        \
    oop top_ = *sp--;                      \
    if (top_ == (wanted)) {                \
      pc += distance_;                     \
      continue;                            \
    }                                      \
    if (LIKELY(top_ == (other))) continue; \
    sp++;                                  \
    goto must_be_boolean;                  \
  }

/* A field of any object, which may be a context. */
#define FETCH_CAREFULLY(object, i) \
  (UNLIKELY(oop_is_context(object)) ? (SAVE(), context_fetch(object, i)) : field_of(object, i))

/* Compiled in with -DVM_TRACE_SENDS=1: a line for each send, on standard error. */
#ifndef VM_TRACE_SENDS
#define VM_TRACE_SENDS 0
#endif
#if VM_TRACE_SENDS
#include <stdio.h>
#include "interpreter/disassemble.h"
static void trace_send(uint32_t cix, oop receiver, oop selector) {
  char class_[80], what[80], name[80];
  object_print_short(mem_class_at(cix), class_, sizeof class_);
  object_print_short(receiver, what, sizeof what);
  object_print_short(selector, name, sizeof name);
  fprintf(stderr, "%s (%s) %s\n", class_, what, name);
}
#define TRACE_SEND() trace_send(cix, sp[-(int32_t)argc], selector)
#else
#define TRACE_SEND() ((void)0)
#endif

#endif
