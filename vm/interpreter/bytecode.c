/* bytecode.c: decoding of the instructions that bytecode.h tabulates. */
#include "interpreter/bytecode.h"

struct row {
  uint8_t first, last, bytes;
  int8_t effect;
  uint8_t op;
  const char *name;
};

static const struct row v3_rows[] = {
#define X(first, last, name, bytes, effect, op) {first, last, bytes, effect, OP_##op, #name},
    BYTECODES_V3(X)
#undef X
};
static const struct row sista_rows[] = {
#define X(first, last, name, bytes, effect, op) {first, last, bytes, effect, OP_##op, #name},
    BYTECODES_SISTA(X)
#undef X
};

static const struct row *row_of(bool sista, uint8_t code) {
  const struct row *row = sista ? sista_rows : v3_rows;
  while (code > row->last) row++; /* the rows are in order and cover every byte: bytecode_table_test */
  return row;
}

uint32_t bytecode_bytes(bool sista, uint8_t code) { return row_of(sista, code)->bytes; }
const char *bytecode_name(bool sista, uint8_t code) { return row_of(sista, code)->name; }

uint32_t special_selector_args(uint32_t i) {
  static const uint8_t args[SPSEL_COUNT] = {
#define X(index, name, count) [index] = count,
      SPECIAL_SELECTORS(X)
#undef X
  };
  return args[i];
}

/* The four kinds of variable that the top bits of V3's extended push and store name. */
static void decode_v3_variable(struct bytecode_insn *insn, uint8_t operand, const uint8_t ops[4]) {
  insn->op = ops[operand >> 6];
  insn->a = operand & 63;
}

static void decode_v3_double(struct bytecode_insn *insn, uint8_t kind, uint8_t index) {
  static const uint8_t ops[8] = {OP_SEND,        OP_SEND_SUPER,    OP_PUSH_INSTVAR, OP_PUSH_LITERAL,
                                 OP_PUSH_LITVAR, OP_STORE_INSTVAR, OP_POP_INSTVAR,  OP_STORE_LITVAR};
  insn->op = ops[kind >> 5];
  insn->a = index;
  insn->b = kind & 31;
}

static void decode_v3(struct bytecode_insn *insn, const uint8_t *p) {
  static const uint8_t pushes[4] = {OP_PUSH_INSTVAR, OP_PUSH_TEMP, OP_PUSH_LITERAL, OP_PUSH_LITVAR};
  static const uint8_t stores[4] = {OP_STORE_INSTVAR, OP_STORE_TEMP, OP_UNUSED, OP_STORE_LITVAR};
  static const uint8_t pops[4] = {OP_POP_INSTVAR, OP_POP_TEMP, OP_UNUSED, OP_POP_LITVAR};
  uint8_t code = p[0];
  switch (row_of(false, code)->first) {
    case V3_PUSH_SMALL: insn->a = code - V3_PUSH_SMALL - 1; break; /* -1, 0, 1, 2 */
    case V3_EXT_PUSH: decode_v3_variable(insn, p[1], pushes); break;
    case V3_EXT_STORE: decode_v3_variable(insn, p[1], stores); break;
    case V3_EXT_POP: decode_v3_variable(insn, p[1], pops); break;
    case V3_EXT_SEND:
    case V3_EXT_SUPER:
      insn->a = p[1] & 31;
      insn->b = p[1] >> 5;
      break;
    case V3_SECOND_EXT_SEND:
      insn->a = p[1] & 63;
      insn->b = p[1] >> 6;
      break;
    case V3_DOUBLE_EXT: decode_v3_double(insn, p[1], p[2]); break;
    case V3_PUSH_ARRAY:
      insn->a = p[1] & 127;
      if (p[1] > 127) insn->op = OP_POP_PUSH_ARRAY;
      break;
    case V3_CALL_PRIMITIVE: insn->a = p[1] | p[2] << 8; break;
    case V3_PUSH_REMOTE_TEMP:
    case V3_STORE_REMOTE_TEMP:
    case V3_POP_REMOTE_TEMP:
      insn->a = p[1];
      insn->b = p[2];
      break;
    case V3_PUSH_CLOSURE:
      insn->a = p[1] & 15;
      insn->b = p[1] >> 4;
      insn->c = p[2] << 8 | p[3];
      break;
    case V3_JUMP:
    case V3_JUMP_FALSE: insn->a = (code & 7) + 1; break;
    case V3_LONG_JUMP: insn->a = ((code & 7) - 4) * 256 + p[1]; break;
    case V3_LONG_JUMP_TRUE:
    case V3_LONG_JUMP_FALSE: insn->a = (code & 3) * 256 + p[1]; break;
    case V3_SEND_0: insn->a = code & 15; break;
    case V3_SEND_1:
    case V3_SEND_2:
      insn->a = code & 15;
      insn->b = code < V3_SEND_2 ? 1 : 2;
      break;
    default: insn->a = insn->op == OP_UNUSED ? code : code - row_of(false, code)->first;
  }
}

static void decode_sista(struct bytecode_insn *insn, const uint8_t *p, uint32_t ext_a, int32_t ext_b) {
  uint8_t code = p[0];
  int32_t wide_a = (int32_t)(ext_a << 8);           /* indices extend by A … */
  int32_t wide_b = (int32_t)((uint32_t)ext_b << 8); /* … distances and values by B */
  switch (row_of(true, code)->first) {
    case SISTA_PUSH_CONTEXT: insn->a = ext_b; break;
    case SISTA_SEND_1:
    case SISTA_SEND_2:
      insn->a = code & 15;
      insn->b = code < SISTA_SEND_2 ? 1 : 2;
      break;
    case SISTA_JUMP:
    case SISTA_JUMP_TRUE:
    case SISTA_JUMP_FALSE: insn->a = (code & 7) + 1; break;
    case SISTA_BLOCK_RETURN_TOP: insn->a = (int32_t)ext_a; break; /* enclosing blocks to leave */
    case SISTA_LONG_PUSH_INSTVAR:
    case SISTA_LONG_PUSH_LITVAR:
    case SISTA_LONG_PUSH_LITERAL:
    case SISTA_LONG_POP_INSTVAR:
    case SISTA_LONG_POP_LITVAR:
    case SISTA_LONG_STORE_INSTVAR:
    case SISTA_LONG_STORE_LITVAR: insn->a = p[1] + wide_a; break;
    case SISTA_LONG_PUSH_TEMP:
    case SISTA_LONG_POP_TEMP:
    case SISTA_LONG_STORE_TEMP:
    case SISTA_MAPPED_PRIMITIVE: insn->a = p[1]; break;
    case SISTA_PUSH_ARRAY:
      insn->a = p[1] & 127;
      if (p[1] > 127) insn->op = OP_POP_PUSH_ARRAY;
      break;
    case SISTA_PUSH_INT:
    case SISTA_PUSH_CHAR:
    case SISTA_LONG_JUMP:
    case SISTA_LONG_JUMP_TRUE:
    case SISTA_LONG_JUMP_FALSE: insn->a = p[1] + wide_b; break;
    case SISTA_LONG_SUPER:
      if (ext_b >= DIRECTED_SUPER_EXT) {
        insn->op = OP_SEND_DIRECTED_SUPER;
        ext_b -= DIRECTED_SUPER_EXT;
      } /* fall through */
    case SISTA_LONG_SEND:
      insn->a = (p[1] >> 3) + (int32_t)(ext_a << 5);
      insn->b = (p[1] & 7) + (int32_t)((uint32_t)ext_b << 3);
      break;
    case SISTA_CALL_PRIMITIVE:
      insn->a = p[1] | p[2] << 8;
      if (insn->a & INLINE_PRIMITIVE_BIT) {
        insn->op = OP_INLINE_PRIMITIVE;
        insn->a &= INLINE_PRIMITIVE_MASK;
      }
      break;
    case SISTA_PUSH_FULL_CLOSURE:
      insn->a = p[1] + wide_a;
      insn->b = p[2] & FULL_CLOSURE_COPIED_MASK;
      insn->c = p[2] & ~FULL_CLOSURE_COPIED_MASK;
      break;
    case SISTA_PUSH_CLOSURE: /* eeiiikkk jjjjjjjj: copied iii, arguments kkk, both extended by A */
      insn->a = (p[1] & 7) + (int32_t)(ext_a % 16) * 8;
      insn->b = (p[1] >> 3 & 7) + (int32_t)(ext_a / 16) * 8;
      insn->c = p[2] + wide_b;
      break;
    case SISTA_PUSH_REMOTE_TEMP:
    case SISTA_STORE_REMOTE_TEMP:
    case SISTA_POP_REMOTE_TEMP:
      insn->a = p[1];
      insn->b = p[2]; /* REMOTE_IS_INSTVAR kept in it */
      break;
    default: insn->a = insn->op == OP_UNUSED ? code : code - row_of(true, code)->first;
  }
}

bool bytecode_decode(bool sista, const uint8_t *code, uint32_t available, struct bytecode_insn *insn) {
  enum { MAX_PREFIX_BYTES = 32 }; /* far above what values of 32 bits need */
  uint32_t ext_a = 0, prefixes = 0;
  int32_t ext_b = 0;
  bool first_b = true;
  while (sista && prefixes < available && (code[prefixes] | 1) == SISTA_EXT_B) {
    if (prefixes + 2 > available || prefixes == MAX_PREFIX_BYTES) return false;
    uint8_t byte = code[prefixes + 1];
    if (code[prefixes] == SISTA_EXT_A) {
      ext_a = ext_a << 8 | byte;
    } else { /* the first B byte carries the sign */
      ext_b = first_b ? (int8_t)byte : (int32_t)((uint32_t)ext_b << 8 | byte);
      first_b = false;
    }
    prefixes += 2;
  }
  if (prefixes >= available) return false;
  const uint8_t *p = code + prefixes;
  const struct row *row = row_of(sista, *p);
  if (prefixes + row->bytes > available) return false;
  *insn = (struct bytecode_insn){
      .op = row->op, .bytes = (uint8_t)(prefixes + row->bytes), .prefixes = (uint8_t)prefixes, .code = *p};
  if (sista)
    decode_sista(insn, p, ext_a, ext_b);
  else
    decode_v3(insn, p);
  return true;
}

/* Values that an inlined primitive of SistaV1 takes, by its thousands; it answers one, unless it is a jump.
 */
static int32_t inline_primitive_effect(int32_t number) {
  int32_t takes = number / 1000;
  if (number >= 6000) return -(takes - 5); /* 6000, 7000, 8000: jumps of 1, 2, 3 operands */
  return 1 - takes;
}

int32_t bytecode_effect(const struct bytecode_insn *insn) {
  switch (insn->op) {
    case OP_SEND:
    case OP_SEND_SUPER: return -insn->b;
    case OP_SEND_DIRECTED_SUPER: return -insn->b - 1;
    case OP_SEND_SPECIAL: return -(int32_t)special_selector_args((uint32_t)insn->a);
    case OP_POP_PUSH_ARRAY: return 1 - insn->a;
    case OP_PUSH_CLOSURE: return 1 - insn->b;
    case OP_PUSH_FULL_CLOSURE: return 1 - insn->b - ((insn->c & FULL_CLOSURE_RECEIVER_ON_STACK) != 0);
    case OP_INLINE_PRIMITIVE: return inline_primitive_effect(insn->a);
    case OP_PUSH_INSTVAR:
    case OP_PUSH_TEMP:
    case OP_PUSH_LITERAL:
    case OP_PUSH_LITVAR:
    case OP_PUSH_RECEIVER:
    case OP_PUSH_TRUE:
    case OP_PUSH_FALSE:
    case OP_PUSH_NIL:
    case OP_PUSH_INT:
    case OP_PUSH_CHAR:
    case OP_PUSH_CONTEXT:
    case OP_PUSH_ARRAY:
    case OP_PUSH_REMOTE_TEMP:
    case OP_DUP: return 1;
    case OP_POP_INSTVAR:
    case OP_POP_TEMP:
    case OP_POP_LITVAR:
    case OP_POP_REMOTE_TEMP:
    case OP_POP:
    case OP_JUMP_TRUE:
    case OP_JUMP_FALSE:
    case OP_RETURN_TOP:
    case OP_BLOCK_RETURN_TOP: return -1;
    default: return 0;
  }
}

int32_t bytecode_needs(const struct bytecode_insn *i) {
  switch (i->op) {
    case OP_SEND:
    case OP_SEND_SUPER: return i->b + 1;
    case OP_SEND_DIRECTED_SUPER: return i->b + 2;
    case OP_SEND_SPECIAL: return (int32_t)special_selector_args((uint32_t)i->a) + 1;
    case OP_POP_PUSH_ARRAY: return i->a;
    case OP_PUSH_CLOSURE: return i->b;
    case OP_INLINE_PRIMITIVE: return i->a >= 6000 ? i->a / 1000 - 5 : i->a / 1000;
    case OP_PUSH_FULL_CLOSURE: return i->b + (i->c & FULL_CLOSURE_RECEIVER_ON_STACK ? 1 : 0);
    case OP_STORE_INSTVAR:
    case OP_STORE_TEMP:
    case OP_STORE_LITVAR:
    case OP_STORE_REMOTE_TEMP:
    case OP_DUP:
    case OP_RETURN_TOP:
    case OP_BLOCK_RETURN_TOP:
    case OP_POP:
    case OP_POP_INSTVAR:
    case OP_POP_TEMP:
    case OP_POP_LITVAR:
    case OP_POP_REMOTE_TEMP:
    case OP_JUMP_TRUE:
    case OP_JUMP_FALSE: return 1;
    default: return 0;
  }
}
