/* bytecode_table_test.c: the tables of bytecode.h cover every byte once, and decode, effect and disassembly
 * agree with the sets' definitions. */
#include "test_heap.h"

static void rows_cover_every_byte_in_order(void **state) {
  (void)state;
  int next = 0;
#define X(first, last, name, bytes, effect, op) \
  assert_int_equal(first, next);                \
  assert_true((last) >= (first));               \
  next = (last) + 1;
  BYTECODES_V3(X)
  assert_int_equal(next, 256);
  next = 0;
  BYTECODES_SISTA(X)
#undef X
  assert_int_equal(next, 256);
}

struct row {
  uint8_t first, last;
  const char *name;
  uint8_t bytes;
  int8_t effect;
};
#define X(first, last, name, bytes, effect, op) {first, last, #name, bytes, effect},
static const struct row v3_rows[] = {BYTECODES_V3(X)};
static const struct row sista_rows[] = {BYTECODES_SISTA(X)};
#undef X
enum { V3_ROWS = sizeof v3_rows / sizeof *v3_rows, SISTA_ROWS = sizeof sista_rows / sizeof *sista_rows };

/* An instruction decodes to its row's size, and a constant effect is what the operands compute to. */
static void check_row(bool sista, const struct row *row) {
  for (int c = row->first; c <= row->last; c++) {
    const uint8_t code[4] = {(uint8_t)c, 1, 1, 1};
    struct bytecode_insn insn;
    assert_int_equal(bytecode_bytes(sista, (uint8_t)c), row->bytes);
    assert_string_equal(bytecode_name(sista, (uint8_t)c), row->name);
    for (uint32_t n = 0; n < row->bytes; n++) assert_false(bytecode_decode(sista, code, n, &insn));
    if (sista && (c | 1) == SISTA_EXT_B) { /* an extension decodes with what follows */
      assert_false(bytecode_decode(sista, code, 2, &insn));
      continue;
    }
    assert_true(bytecode_decode(sista, code, 4, &insn));
    assert_int_equal(insn.bytes, row->bytes);
    assert_true(insn.op != OP_EXTENDED);
    if (row->effect != EFFECT_VARIES) assert_int_equal(bytecode_effect(&insn), row->effect);
  }
}

static void sizes_and_effects_agree(void **state) {
  (void)state;
  for (int i = 0; i < V3_ROWS; i++) check_row(false, &v3_rows[i]);
  for (int i = 0; i < SISTA_ROWS; i++) check_row(true, &sista_rows[i]);
}

struct decoded {
  bool sista;
  uint8_t code[8];
  uint8_t op;
  int32_t a, b, c, effect;
};

/* Operands as EncoderForV3PlusClosures and EncoderForSistaV1 lay them out. */
static void operands_are_decoded(void **state) {
  (void)state;
  static const struct decoded cases[] = {
      {false, {V3_PUSH_TEMP + 3}, OP_PUSH_TEMP, 3, 0, 0, 1},
      {false, {V3_PUSH_SMALL}, OP_PUSH_INT, -1, 0, 0, 1},
      {false, {V3_EXT_PUSH, 0x45}, OP_PUSH_TEMP, 5, 0, 0, 1},
      {false, {V3_EXT_PUSH, 0xC5}, OP_PUSH_LITVAR, 5, 0, 0, 1},
      {false, {V3_EXT_STORE, 0x05}, OP_STORE_INSTVAR, 5, 0, 0, 0},
      {false, {V3_EXT_POP, 0xC2}, OP_POP_LITVAR, 2, 0, 0, -1},
      {false, {V3_EXT_SEND, 0x61}, OP_SEND, 1, 3, 0, -3},
      {false, {V3_EXT_SUPER, 0x21}, OP_SEND_SUPER, 1, 1, 0, -1},
      {false, {V3_SECOND_EXT_SEND, 0xBF}, OP_SEND, 63, 2, 0, -2},
      {false, {V3_DOUBLE_EXT, 0x05, 200}, OP_SEND, 200, 5, 0, -5},
      {false, {V3_DOUBLE_EXT, 0x22, 200}, OP_SEND_SUPER, 200, 2, 0, -2},
      {false, {V3_DOUBLE_EXT, 0x40, 200}, OP_PUSH_INSTVAR, 200, 0, 0, 1},
      {false, {V3_DOUBLE_EXT, 0xC0, 200}, OP_POP_INSTVAR, 200, 0, 0, -1},
      {false, {V3_DOUBLE_EXT, 0xE0, 200}, OP_STORE_LITVAR, 200, 0, 0, 0},
      {false, {V3_PUSH_ARRAY, 5}, OP_PUSH_ARRAY, 5, 0, 0, 1},
      {false, {V3_PUSH_ARRAY, 0x85}, OP_POP_PUSH_ARRAY, 5, 0, 0, -4},
      {false, {V3_CALL_PRIMITIVE, 0x34, 0x02}, OP_CALL_PRIMITIVE, 0x234, 0, 0, 0},
      {false, {V3_PUSH_CLOSURE, 0x21, 1, 4}, OP_PUSH_CLOSURE, 1, 2, 260, -1},
      {false, {V3_LONG_JUMP, 9}, OP_JUMP, -1024 + 9, 0, 0, 0},
      {false, {V3_LONG_JUMP + 5, 9}, OP_JUMP, 256 + 9, 0, 0, 0},
      {false, {V3_LONG_JUMP_FALSE + 2, 9}, OP_JUMP_FALSE, 512 + 9, 0, 0, -1},
      {false, {V3_SEND_SPECIAL + SPSEL_AT_PUT}, OP_SEND_SPECIAL, SPSEL_AT_PUT, 0, 0, -2},
      {true, {SISTA_EXT_A, 1, SISTA_EXT_A, 2, SISTA_LONG_PUSH_LITERAL, 3}, OP_PUSH_LITERAL, 0x10203, 0, 0, 1},
      {true, {SISTA_EXT_B, 0xFF, SISTA_PUSH_INT, 0}, OP_PUSH_INT, -256, 0, 0, 1},
      {true, {SISTA_EXT_B, 0x80, SISTA_PUSH_INT, 0}, OP_PUSH_INT, -32768, 0, 0, 1},
      {true, {SISTA_EXT_B, 0x00, SISTA_EXT_B, 0x80, SISTA_PUSH_INT, 1}, OP_PUSH_INT, 0x8001, 0, 0, 1},
      {true, {SISTA_EXT_B, 0xFF, SISTA_EXT_B, 0x01, SISTA_PUSH_INT, 2}, OP_PUSH_INT, -65536 + 0x102, 0, 0, 1},
      {true, {SISTA_EXT_B, 0x01, SISTA_PUSH_CHAR, 0xF4}, OP_PUSH_CHAR, 0x1F4, 0, 0, 1},
      {true, {SISTA_EXT_A, 1, SISTA_EXT_B, 1, SISTA_LONG_SEND, 0x0B}, OP_SEND, 33, 11, 0, -11},
      {true, {SISTA_LONG_SUPER, 0x0B}, OP_SEND_SUPER, 1, 3, 0, -3},
      {true, {SISTA_EXT_B, 65, SISTA_LONG_SUPER, 0x0B}, OP_SEND_DIRECTED_SUPER, 1, 11, 0, -12},
      {true, {SISTA_EXT_B, 0xFF, SISTA_LONG_JUMP, 0xF0}, OP_JUMP, -16, 0, 0, 0},
      {true, {SISTA_EXT_B, 1, SISTA_LONG_JUMP_FALSE, 2}, OP_JUMP_FALSE, 258, 0, 0, -1},
      {true, {SISTA_PUSH_ARRAY, 0x83}, OP_POP_PUSH_ARRAY, 3, 0, 0, -2},
      {true, {SISTA_CALL_PRIMITIVE, 60, 0}, OP_CALL_PRIMITIVE, 60, 0, 0, 0},
      {true, {SISTA_CALL_PRIMITIVE, 0xD0, 0x87}, OP_INLINE_PRIMITIVE, 2000, 0, 0, -1},
      {true, {SISTA_CALL_PRIMITIVE, 0x40, 0x9F}, OP_INLINE_PRIMITIVE, 8000, 0, 0, -3},
      {true, {SISTA_EXT_A, 1, SISTA_PUSH_FULL_CLOSURE, 2, 0xC3}, OP_PUSH_FULL_CLOSURE, 258, 3, 0xC0, -3},
      {true, {SISTA_EXT_A, 0x12, SISTA_PUSH_CLOSURE, 0x0A, 7}, OP_PUSH_CLOSURE, 18, 9, 7, -8},
      {true, {SISTA_PUSH_REMOTE_TEMP, 2, 0x81}, OP_PUSH_REMOTE_TEMP, 2, 0x81, 0, 1},
      {true, {SISTA_EXT_B, 1, SISTA_PUSH_CONTEXT}, OP_PUSH_CONTEXT, 1, 0, 0, 1},
      {true, {SISTA_TRAP}, OP_TRAP, 0, 0, 0, 0},
  };
  for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
    const struct decoded *d = &cases[i];
    struct bytecode_insn insn;
    assert_true(bytecode_decode(d->sista, d->code, sizeof d->code, &insn));
    if (insn.op != d->op || insn.a != d->a || insn.b != d->b || insn.c != d->c ||
        bytecode_effect(&insn) != d->effect)
      fail_msg("case %u: op %d a %d b %d c %d effect %d", i, insn.op, insn.a, insn.b, insn.c,
               bytecode_effect(&insn));
  }
}

static char listing[1000];
static void add_line(const char *text, void *context) {
  (void)context;
  strcat(strcat(listing, text), "\n");
}

static void a_method_is_disassembled(void **state) {
  (void)state;
  oop m = TEST_METHOD(.sista = true, .literals = {test_symbol("foo:"), int_oop(7)},
                      .code = {SISTA_PUSH_RECEIVER, SISTA_PUSH_LITERAL + 1, SISTA_SEND_1, SISTA_EXT_B, 0xFF,
                               SISTA_LONG_JUMP, 0xFA});
  listing[0] = 0;
  disassemble_method(m, add_line, NULL);
  assert_string_equal(listing,
                      "  13 4C           push self\n"
                      "  14 21           push 7\n"
                      "  15 90           send 'foo:', 1 arguments\n"
                      "  16 E1 FF ED FA  jump to 14\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_cover_every_byte_in_order),
      cmocka_unit_test(sizes_and_effects_agree),
      cmocka_unit_test(operands_are_decoded),
      cmocka_unit_test_setup_teardown(a_method_is_disassembled, test_heap_setup, test_heap_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
