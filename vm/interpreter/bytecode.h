/* bytecode.h: the two bytecode sets, each as one table, and the decoded form of an instruction.
 *
 * The dispatch loop, the disassembler, the tests and the translator derive from these tables; nothing else
 * knows an opcode's number. V3 is the Blue Book's set (p. 596) with the closure bytecodes 138 to 143 that
 * Squeak 3.9 added (EncoderForV3PlusClosures); an image before closures simply does not use those. SistaV1 is
 * the set of EncoderForSistaV1 (Béra and Miranda, "A bytecode set for adaptive optimizations", 2014).
 */
#ifndef VM_INTERPRETER_BYTECODE_H
#define VM_INTERPRETER_BYTECODE_H

#include "memory/memory.h"

/* Stack effects that depend on the operands: bytecode_effect() computes them. */
enum { EFFECT_VARIES = 127 };

/* X(first, last, NAME, bytes, stack effect, OP): bytes first to last of the set; NAME is unique in the set;
 * OP is the operation that bytecode_decode() gives. The effect of a conditional jump or of a return is the
 * one on the path that falls through. */
#define BYTECODES_V3(X)                                     \
  X(0, 15, PUSH_INSTVAR, 1, 1, PUSH_INSTVAR)                \
  X(16, 31, PUSH_TEMP, 1, 1, PUSH_TEMP)                     \
  X(32, 63, PUSH_LITERAL, 1, 1, PUSH_LITERAL)               \
  X(64, 95, PUSH_LITVAR, 1, 1, PUSH_LITVAR)                 \
  X(96, 103, POP_INSTVAR, 1, -1, POP_INSTVAR)               \
  X(104, 111, POP_TEMP, 1, -1, POP_TEMP)                    \
  X(112, 112, PUSH_RECEIVER, 1, 1, PUSH_RECEIVER)           \
  X(113, 113, PUSH_TRUE, 1, 1, PUSH_TRUE)                   \
  X(114, 114, PUSH_FALSE, 1, 1, PUSH_FALSE)                 \
  X(115, 115, PUSH_NIL, 1, 1, PUSH_NIL)                     \
  X(116, 119, PUSH_SMALL, 1, 1, PUSH_INT)                   \
  X(120, 120, RETURN_RECEIVER, 1, 0, RETURN_RECEIVER)       \
  X(121, 121, RETURN_TRUE, 1, 0, RETURN_TRUE)               \
  X(122, 122, RETURN_FALSE, 1, 0, RETURN_FALSE)             \
  X(123, 123, RETURN_NIL, 1, 0, RETURN_NIL)                 \
  X(124, 124, RETURN_TOP, 1, -1, RETURN_TOP)                \
  X(125, 125, BLOCK_RETURN_TOP, 1, -1, BLOCK_RETURN_TOP)    \
  X(126, 127, UNUSED_126, 1, 0, UNUSED)                     \
  X(128, 128, EXT_PUSH, 2, 1, EXTENDED)                     \
  X(129, 129, EXT_STORE, 2, 0, EXTENDED)                    \
  X(130, 130, EXT_POP, 2, -1, EXTENDED)                     \
  X(131, 131, EXT_SEND, 2, EFFECT_VARIES, SEND)             \
  X(132, 132, DOUBLE_EXT, 3, EFFECT_VARIES, EXTENDED)       \
  X(133, 133, EXT_SUPER, 2, EFFECT_VARIES, SEND_SUPER)      \
  X(134, 134, SECOND_EXT_SEND, 2, EFFECT_VARIES, SEND)      \
  X(135, 135, POP, 1, -1, POP)                              \
  X(136, 136, DUP, 1, 1, DUP)                               \
  X(137, 137, PUSH_CONTEXT, 1, 1, PUSH_CONTEXT)             \
  X(138, 138, PUSH_ARRAY, 2, EFFECT_VARIES, PUSH_ARRAY)     \
  X(139, 139, CALL_PRIMITIVE, 3, 0, CALL_PRIMITIVE)         \
  X(140, 140, PUSH_REMOTE_TEMP, 3, 1, PUSH_REMOTE_TEMP)     \
  X(141, 141, STORE_REMOTE_TEMP, 3, 0, STORE_REMOTE_TEMP)   \
  X(142, 142, POP_REMOTE_TEMP, 3, -1, POP_REMOTE_TEMP)      \
  X(143, 143, PUSH_CLOSURE, 4, EFFECT_VARIES, PUSH_CLOSURE) \
  X(144, 151, JUMP, 1, 0, JUMP)                             \
  X(152, 159, JUMP_FALSE, 1, -1, JUMP_FALSE)                \
  X(160, 167, LONG_JUMP, 2, 0, JUMP)                        \
  X(168, 171, LONG_JUMP_TRUE, 2, -1, JUMP_TRUE)             \
  X(172, 175, LONG_JUMP_FALSE, 2, -1, JUMP_FALSE)           \
  X(176, 207, SEND_SPECIAL, 1, EFFECT_VARIES, SEND_SPECIAL) \
  X(208, 223, SEND_0, 1, 0, SEND)                           \
  X(224, 239, SEND_1, 1, -1, SEND)                          \
  X(240, 255, SEND_2, 1, -2, SEND)

#define BYTECODES_SISTA(X)                                              \
  X(0, 15, PUSH_INSTVAR, 1, 1, PUSH_INSTVAR)                            \
  X(16, 31, PUSH_LITVAR, 1, 1, PUSH_LITVAR)                             \
  X(32, 63, PUSH_LITERAL, 1, 1, PUSH_LITERAL)                           \
  X(64, 75, PUSH_TEMP, 1, 1, PUSH_TEMP)                                 \
  X(76, 76, PUSH_RECEIVER, 1, 1, PUSH_RECEIVER)                         \
  X(77, 77, PUSH_TRUE, 1, 1, PUSH_TRUE)                                 \
  X(78, 78, PUSH_FALSE, 1, 1, PUSH_FALSE)                               \
  X(79, 79, PUSH_NIL, 1, 1, PUSH_NIL)                                   \
  X(80, 81, PUSH_SMALL, 1, 1, PUSH_INT)                                 \
  X(82, 82, PUSH_CONTEXT, 1, 1, PUSH_CONTEXT) /* extB 1: the process */ \
  X(83, 83, DUP, 1, 1, DUP)                                             \
  X(84, 87, UNUSED_84, 1, 0, UNUSED)                                    \
  X(88, 88, RETURN_RECEIVER, 1, 0, RETURN_RECEIVER)                     \
  X(89, 89, RETURN_TRUE, 1, 0, RETURN_TRUE)                             \
  X(90, 90, RETURN_FALSE, 1, 0, RETURN_FALSE)                           \
  X(91, 91, RETURN_NIL, 1, 0, RETURN_NIL)                               \
  X(92, 92, RETURN_TOP, 1, -1, RETURN_TOP)                              \
  X(93, 93, BLOCK_RETURN_NIL, 1, 0, BLOCK_RETURN_NIL)                   \
  X(94, 94, BLOCK_RETURN_TOP, 1, -1, BLOCK_RETURN_TOP)                  \
  X(95, 95, NOP, 1, 0, NOP)                                             \
  X(96, 127, SEND_SPECIAL, 1, EFFECT_VARIES, SEND_SPECIAL)              \
  X(128, 143, SEND_0, 1, 0, SEND)                                       \
  X(144, 159, SEND_1, 1, -1, SEND)                                      \
  X(160, 175, SEND_2, 1, -2, SEND)                                      \
  X(176, 183, JUMP, 1, 0, JUMP)                                         \
  X(184, 191, JUMP_TRUE, 1, -1, JUMP_TRUE)                              \
  X(192, 199, JUMP_FALSE, 1, -1, JUMP_FALSE)                            \
  X(200, 207, POP_INSTVAR, 1, -1, POP_INSTVAR)                          \
  X(208, 215, POP_TEMP, 1, -1, POP_TEMP)                                \
  X(216, 216, POP, 1, -1, POP)                                          \
  X(217, 217, TRAP, 1, 0, TRAP)                                         \
  X(218, 223, UNUSED_218, 1, 0, UNUSED)                                 \
  X(224, 224, EXT_A, 2, 0, EXT_A)                                       \
  X(225, 225, EXT_B, 2, 0, EXT_B)                                       \
  X(226, 226, LONG_PUSH_INSTVAR, 2, 1, PUSH_INSTVAR)                    \
  X(227, 227, LONG_PUSH_LITVAR, 2, 1, PUSH_LITVAR)                      \
  X(228, 228, LONG_PUSH_LITERAL, 2, 1, PUSH_LITERAL)                    \
  X(229, 229, LONG_PUSH_TEMP, 2, 1, PUSH_TEMP)                          \
  X(230, 230, UNUSED_230, 2, 0, UNUSED)                                 \
  X(231, 231, PUSH_ARRAY, 2, EFFECT_VARIES, PUSH_ARRAY)                 \
  X(232, 232, PUSH_INT, 2, 1, PUSH_INT)                                 \
  X(233, 233, PUSH_CHAR, 2, 1, PUSH_CHAR)                               \
  X(234, 234, LONG_SEND, 2, EFFECT_VARIES, SEND)                        \
  X(235, 235, LONG_SUPER, 2, EFFECT_VARIES, SEND_SUPER)                 \
  X(236, 236, MAPPED_PRIMITIVE, 2, EFFECT_VARIES, MAPPED_PRIMITIVE)     \
  X(237, 237, LONG_JUMP, 2, 0, JUMP)                                    \
  X(238, 238, LONG_JUMP_TRUE, 2, -1, JUMP_TRUE)                         \
  X(239, 239, LONG_JUMP_FALSE, 2, -1, JUMP_FALSE)                       \
  X(240, 240, LONG_POP_INSTVAR, 2, -1, POP_INSTVAR)                     \
  X(241, 241, LONG_POP_LITVAR, 2, -1, POP_LITVAR)                       \
  X(242, 242, LONG_POP_TEMP, 2, -1, POP_TEMP)                           \
  X(243, 243, LONG_STORE_INSTVAR, 2, 0, STORE_INSTVAR)                  \
  X(244, 244, LONG_STORE_LITVAR, 2, 0, STORE_LITVAR)                    \
  X(245, 245, LONG_STORE_TEMP, 2, 0, STORE_TEMP)                        \
  X(246, 247, UNUSED_246, 2, 0, UNUSED)                                 \
  X(248, 248, CALL_PRIMITIVE, 3, EFFECT_VARIES, CALL_PRIMITIVE)         \
  X(249, 249, PUSH_FULL_CLOSURE, 3, EFFECT_VARIES, PUSH_FULL_CLOSURE)   \
  X(250, 250, PUSH_CLOSURE, 3, EFFECT_VARIES, PUSH_CLOSURE)             \
  X(251, 251, PUSH_REMOTE_TEMP, 3, 1, PUSH_REMOTE_TEMP)                 \
  X(252, 252, STORE_REMOTE_TEMP, 3, 0, STORE_REMOTE_TEMP)               \
  X(253, 253, POP_REMOTE_TEMP, 3, -1, POP_REMOTE_TEMP)                  \
  X(254, 255, UNUSED_254, 3, 0, UNUSED)

/* First and last byte of each row: V3_PUSH_TEMP, V3_PUSH_TEMP_LAST, SISTA_… */
enum bytecode_v3 {
#define X(first, last, name, bytes, effect, op) V3_##name = (first), V3_##name##_LAST = (last),
  BYTECODES_V3(X)
#undef X
};
enum bytecode_sista {
#define X(first, last, name, bytes, effect, op) SISTA_##name = (first), SISTA_##name##_LAST = (last),
  BYTECODES_SISTA(X)
#undef X
};

/* Operations: X(OP, printed form). In the form %a and %b are the operands, %l the literal a, %s the selector
 * (literal a), %v the variable's name (literal a is its association), %t the jump's target. */
#define BYTECODE_OPS(X)                                                                     \
  X(UNUSED, "unused bytecode %a")                                                           \
  X(PUSH_INSTVAR, "push instance variable %a")                                              \
  X(PUSH_TEMP, "push temp %a")                                                              \
  X(PUSH_LITERAL, "push %l")                                                                \
  X(PUSH_LITVAR, "push variable %v")                                                        \
  X(PUSH_RECEIVER, "push self")                                                             \
  X(PUSH_TRUE, "push true")                                                                 \
  X(PUSH_FALSE, "push false")                                                               \
  X(PUSH_NIL, "push nil")                                                                   \
  X(PUSH_INT, "push %a")                                                                    \
  X(PUSH_CHAR, "push character %a")                                                         \
  X(PUSH_CONTEXT, "push thisContext") /* a = 1: the active process */                       \
  X(PUSH_ARRAY, "push new array of %a")                                                     \
  X(POP_PUSH_ARRAY, "pop %a into new array")                                                \
  X(PUSH_REMOTE_TEMP, "push temp %a of vector in temp %b")                                  \
  X(PUSH_CLOSURE, "push closure of %a arguments, %b copied") /* c: bytes of its code */     \
  X(PUSH_FULL_CLOSURE, "push full closure %l, %b copied")    /* c: the flag bits 6 and 7 */ \
  X(STORE_INSTVAR, "store instance variable %a")                                            \
  X(STORE_TEMP, "store temp %a")                                                            \
  X(STORE_LITVAR, "store variable %v")                                                      \
  X(STORE_REMOTE_TEMP, "store temp %a of vector in temp %b")                                \
  X(POP_INSTVAR, "pop into instance variable %a")                                           \
  X(POP_TEMP, "pop into temp %a")                                                           \
  X(POP_LITVAR, "pop into variable %v")                                                     \
  X(POP_REMOTE_TEMP, "pop into temp %a of vector in temp %b")                               \
  X(POP, "pop")                                                                             \
  X(DUP, "dup")                                                                             \
  X(NOP, "nop")                                                                             \
  X(JUMP, "jump to %t")                                                                     \
  X(JUMP_TRUE, "jump if true to %t")                                                        \
  X(JUMP_FALSE, "jump if false to %t")                                                      \
  X(SEND, "send %s, %b arguments")                                                          \
  X(SEND_SUPER, "send to super %s, %b arguments")                                           \
  X(SEND_DIRECTED_SUPER, "send above the class on the stack %s, %b arguments")              \
  X(SEND_SPECIAL, "send special %a")                                                        \
  X(RETURN_RECEIVER, "return self")                                                         \
  X(RETURN_TRUE, "return true")                                                             \
  X(RETURN_FALSE, "return false")                                                           \
  X(RETURN_NIL, "return nil")                                                               \
  X(RETURN_TOP, "return top")                                                               \
  X(BLOCK_RETURN_TOP, "return top from block")                                              \
  X(BLOCK_RETURN_NIL, "return nil from block")                                              \
  X(CALL_PRIMITIVE, "primitive %a")                                                         \
  X(INLINE_PRIMITIVE, "inlined primitive %a")                                               \
  X(MAPPED_PRIMITIVE, "mapped inlined primitive %a")                                        \
  X(TRAP, "trap")                                                                           \
  X(EXT_A, "extend A %a") /* these three stay inside the tables: decode resolves them */    \
  X(EXT_B, "extend B %a")                                                                   \
  X(EXTENDED, "extended %a")

enum bytecode_op {
#define X(op, form) OP_##op,
  BYTECODE_OPS(X)
#undef X
      OP_COUNT
};

/* The special selectors, in the order of both sets and of the special objects' array of them.
 * X(index, NAME, arguments) */
#define SPECIAL_SELECTORS(X)                                         \
  X(0, ADD, 1)                                                       \
  X(1, SUBTRACT, 1)                                                  \
  X(2, LESS, 1)                                                      \
  X(3, GREATER, 1)                                                   \
  X(4, LESS_EQUAL, 1)                                                \
  X(5, GREATER_EQUAL, 1)                                             \
  X(6, EQUAL, 1)                                                     \
  X(7, NOT_EQUAL, 1)                                                 \
  X(8, MULTIPLY, 1)                                                  \
  X(9, DIVIDE, 1)                                                    \
  X(10, MOD, 1)                                                      \
  X(11, MAKE_POINT, 1)                                               \
  X(12, BIT_SHIFT, 1)                                                \
  X(13, DIV, 1)                                                      \
  X(14, BIT_AND, 1)                                                  \
  X(15, BIT_OR, 1)                                                   \
  X(16, AT, 1)                                                       \
  X(17, AT_PUT, 2)                                                   \
  X(18, SIZE, 0)                                                     \
  X(19, NEXT, 0)                                                     \
  X(20, NEXT_PUT, 1)                                                 \
  X(21, AT_END, 0)                                                   \
  X(22, IDENTICAL, 1)                                                \
  X(23, CLASS, 0)                                                    \
  X(24, NOT_IDENTICAL, 1) /* blockCopy: in images before closures */ \
  X(25, VALUE, 0)                                                    \
  X(26, VALUE_ARG, 1)                                                \
  X(27, DO, 1)                                                       \
  X(28, NEW, 0)                                                      \
  X(29, NEW_ARG, 1)                                                  \
  X(30, X_COORDINATE, 0)                                             \
  X(31, Y_COORDINATE, 0)

enum special_selector {
#define X(index, name, args) SPSEL_##name = (index),
  SPECIAL_SELECTORS(X)
#undef X
      SPSEL_COUNT = 32
};

/* Bits of the third byte of SISTA_PUSH_FULL_CLOSURE. */
enum { FULL_CLOSURE_COPIED_MASK = 63, FULL_CLOSURE_IGNORE_OUTER = 64, FULL_CLOSURE_RECEIVER_ON_STACK = 128 };
/* Bit 15 of callPrimitive's operand in SistaV1: an inlined operation, not the method's primitive. */
enum { INLINE_PRIMITIVE_BIT = 0x8000, INLINE_PRIMITIVE_MASK = 0x7FFF };
/* Extension B of a super send: from 64 on, the class is on the stack. */
enum { DIRECTED_SUPER_EXT = 64 };
/* The last bit of remote temp's second operand in SistaV1: an instance variable of the temp's object. */
enum { REMOTE_IS_INSTVAR = 0x80 };

/* An instruction with its extensions resolved. */
struct bytecode_insn {
  uint8_t op;       /* enum bytecode_op */
  uint8_t bytes;    /* extensions included */
  uint8_t prefixes; /* bytes of the extensions alone */
  uint8_t code;     /* the opcode after the extensions */
  int32_t a, b, c;  /* operands as BYTECODE_OPS says; for jumps a is the distance from the next instruction */
};

/* Bytes of one instruction without extensions. */
uint32_t bytecode_bytes(bool sista, uint8_t code);
/* The name of the table's row. */
const char *bytecode_name(bool sista, uint8_t code);
/* Decodes the instruction at `code`, of which `available` bytes may be read. Answers false when it is cut
 * short or has more extensions than any encoder makes. */
bool bytecode_decode(bool sista, const uint8_t *code, uint32_t available, struct bytecode_insn *insn);
/* Its stack effect, on the path that falls through. */
int32_t bytecode_effect(const struct bytecode_insn *insn);
/* How many operands must be on the stack before it. */
int32_t bytecode_needs(const struct bytecode_insn *insn);
/* Arguments of special selector i as the sets define them. */
uint32_t special_selector_args(uint32_t i);

#endif
