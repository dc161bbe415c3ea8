/* Limits and odd sizes: each is either compiled and verified, or refused with an error. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "compiler/compile.h"
#include "compiler/source.h"
#include "interpreter/bytecode.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void *any_binding(void *context, struct cc_str name, uint32_t pos) { return context; }

struct outcome {
  struct cc_arena arena;
  struct cc_diag diag;
  struct cc_text text;
  struct cc_code *code;
};

static void compile(struct outcome *o, const char *p, uint32_t n) {
  *o = (struct outcome){.text = {"test", {p, n}}};
  o->diag.arena = &o->arena;
  struct cc_env env = {{0}, any_binding, o};
  struct cc_range all = {0, n}, none = {n, n};
  struct cc_method *m = cc_parse(&o->arena, &o->diag, &o->text, CC_METHOD, all, none);
  if (m != NULL) o->code = cc_compile(&o->arena, &o->diag, m, &env);
  assert_true((o->code != NULL) == (o->diag.count == 0));
  if (o->code != NULL) assert_null(cc_verify_code(o->code, 0));
}

static void expect_fine(struct cc_buffer *b) {
  struct outcome o;
  compile(&o, b->p, b->n);
  if (o.code == NULL) fail_msg("%s", o.diag.errors[0].message);
  cc_arena_free(&o.arena);
  cc_buffer_free(b);
}

static void expect_error(struct cc_buffer *b, const char *part) {
  struct outcome o;
  compile(&o, b->p, b->n);
  assert_null(o.code);
  if (strstr(o.diag.errors[0].message, part) == NULL) fail_msg("got: %s", o.diag.errors[0].message);
  cc_arena_free(&o.arena);
  cc_buffer_free(b);
}

static void repeat(struct cc_buffer *b, const char *text, int times) {
  for (int i = 0; i < times; i++) cc_putf(b, "%s", text);
}

static struct cc_buffer method(void) {
  struct cc_buffer b = {0};
  cc_putf(&b, "test\n");
  return b;
}

static void deep_nesting(void **state) {
  static const char *const open[] = {"(", "[", "{", "#(", "- (", "x := (", "[:x | ", "a foo: ("};
  for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
    struct cc_buffer b = method();
    repeat(&b, open[i], 100000);
    struct outcome o;
    compile(&o, b.p, b.n);
    assert_null(o.code);
    cc_arena_free(&o.arena);
    cc_buffer_free(&b);
  }
  struct cc_buffer b = method();
  repeat(&b, "(", 60);
  cc_putf(&b, "1");
  repeat(&b, ")", 60);
  expect_fine(&b);
}

static void long_chains(void **state) {
  struct cc_buffer b = method();
  cc_putf(&b, "^ 'a'");
  repeat(&b, " , 'b'", 500);
  expect_fine(&b);
  b = method();
  cc_putf(&b, "^ a");
  repeat(&b, " foo", 900);
  expect_fine(&b);
  b = method();
  cc_putf(&b, "^ a");
  repeat(&b, " foo", 100000);
  expect_error(&b, "too many messages");
  b = method();
  repeat(&b, "a := ", 100000);
  expect_error(&b, "nested too deeply");
  b = method();
  cc_putf(&b, "a foo");
  repeat(&b, "; foo", 20000);
  expect_fine(&b);
}

static void many_literals(void **state) {
  struct cc_buffer b = method();
  for (int i = 0; i < 1500; i++) cc_putf(&b, "a m%d: %d with: [ %d ].\n", i, 1000 + i, 5000 + i);
  cc_putf(&b, "^ Global%d := super zork: Other zork: 3", 1);
  expect_fine(&b);
}

static void many_temporaries(void **state) {
  struct cc_buffer b = method();
  cc_putf(&b, "|");
  for (int i = 0; i < 50; i++) cc_putf(&b, " t%d", i);
  cc_putf(&b, " | t49 := t0");
  expect_fine(&b);
  b = method();
  cc_putf(&b, "|");
  for (int i = 0; i < 64; i++) cc_putf(&b, " t%d", i);
  cc_putf(&b, " |");
  expect_error(&b, "more than 63 temporaries");
  b = method(); /* shared ones need one place together */
  cc_putf(&b, "|");
  for (int i = 0; i < 100; i++) cc_putf(&b, " t%d", i);
  cc_putf(&b, " | ^ [");
  for (int i = 0; i < 100; i++) cc_putf(&b, " t%d := %d.", i, i);
  cc_putf(&b, " ]");
  expect_fine(&b);
}

static void many_arguments(void **state) {
  struct cc_buffer b = {0};
  for (int i = 0; i < 15; i++) cc_putf(&b, "a: a%d ", i);
  expect_fine(&b);
  for (int i = 0; i < 16; i++) cc_putf(&b, "a: a%d ", i);
  expect_error(&b, "at most 15 arguments");
  b = method();
  cc_putf(&b, "^ self");
  repeat(&b, " a: 1", 16);
  expect_error(&b, "at most 15 arguments");
  b = method();
  cc_putf(&b, "^ [");
  for (int i = 0; i < 16; i++) cc_putf(&b, " :a%d", i);
  cc_putf(&b, " | 1 ]");
  expect_error(&b, "at most 15 arguments");
}

static void deep_stack(void **state) {
  struct cc_buffer b = method();
  repeat(&b, "a at: (", 50);
  cc_putf(&b, "1");
  repeat(&b, ")", 50);
  expect_fine(&b);
  b = method();
  repeat(&b, "a at: (", 60);
  cc_putf(&b, "1");
  repeat(&b, ")", 60);
  expect_error(&b, "more than 56");
}

/* Jumps of every length, forwards and back. */
static void jumps(void **state) {
  static const int sizes[] = {0,  1,  2,   3,   4,   5,   60,  61,   62,    63,
                              64, 65, 120, 126, 127, 128, 129, 8000, 11000, 20000};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    struct cc_buffer b = method();
    cc_putf(&b, "| x | [ x foo ] whileTrue: [ x ifTrue: [ ");
    repeat(&b, "x := x foo. ", sizes[i]);
    cc_putf(&b, "] ifFalse: [ ");
    repeat(&b, "x := x. ", sizes[i]);
    cc_putf(&b, "] ]");
    expect_fine(&b);
  }
}

static void long_brace(void **state) {
  static const int sizes[] = {0, 1, 24, 25, 127, 128, 1000};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    struct cc_buffer b = method();
    cc_putf(&b, "^ {");
    repeat(&b, "a foo. ", sizes[i]);
    cc_putf(&b, "}");
    expect_fine(&b);
  }
}

/* Every float text reads as strtod has it. */
static void floats(void **state) {
  uint32_t seed = 12345;
  struct cc_arena arena = {0};
  struct cc_diag diag = {.arena = &arena};
  for (int i = 0; i < 20000; i++) {
    char text[128];
    int n = 0;
    int digits = 1 + (int)((seed = seed * 1664525 + 1013904223) >> 27);
    for (int k = 0; k < digits; k++) {
      seed = seed * 1664525 + 1013904223;
      text[n++] = (char)('0' + (seed >> 16) % 10);
      if (k == 0) text[n++] = '.';
    }
    if (digits == 1) text[n++] = '0';
    seed = seed * 1664525 + 1013904223;
    snprintf(text + n, sizeof text - (size_t)n, "e%d", (int)(seed >> 16) % 660 - 340);
    double expected = strtod(text, NULL);
    struct cc_text t = {"number", cc_str_z(text)};
    uint32_t pos = 0;
    struct cc_literal *l = cc_read_number(&arena, &diag, &t, &pos, t.s.n);
    if (isinf(expected)) {
      assert_null(l);
    } else {
      assert_non_null(l);
      assert_int_equal(l->kind, LIT_FLOAT);
      if (memcmp(&l->number, &expected, sizeof expected) != 0)
        fail_msg("%s: %.17g, not %.17g", text, l->number, expected);
    }
    if (i % 1000 == 0) {
      cc_arena_free(&arena);
      diag = (struct cc_diag){.arena = &arena};
    }
  }
  cc_arena_free(&arena);
}

/* ---- the verifier refuses what is wrong ---- */

static const char *verify(const uint8_t *code, uint32_t size) {
  struct cc_verify_limits limits = {true, false, 2, 2, 8, 2};
  const char *e = cc_verify(code, size, &limits);
  return e == NULL ? "" : e;
}
#define VERIFY(...) verify((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))
#define ASSERT_SAYS(part, ...) assert_non_null(strstr(VERIFY(__VA_ARGS__), part))

static void verifier(void **state) {
  assert_string_equal(VERIFY(SISTA_RETURN_RECEIVER), "");
  assert_string_equal(VERIFY(SISTA_PUSH_TEMP + 1, SISTA_RETURN_TOP), "");
  ASSERT_SAYS("temporary that is not there", SISTA_PUSH_TEMP + 2, SISTA_RETURN_TOP);
  ASSERT_SAYS("literal that is not there", SISTA_PUSH_LITERAL + 2, SISTA_RETURN_TOP);
  ASSERT_SAYS("literal that is not there", SISTA_PUSH_RECEIVER, SISTA_SEND_0 + 2, SISTA_RETURN_TOP);
  ASSERT_SAYS("instance variable that is not there", SISTA_PUSH_INSTVAR + 2, SISTA_RETURN_TOP);
  ASSERT_SAYS("runs off the end", SISTA_PUSH_RECEIVER);
  ASSERT_SAYS("more operands", SISTA_RETURN_TOP);
  ASSERT_SAYS("more operands", SISTA_PUSH_RECEIVER, SISTA_SEND_1, SISTA_RETURN_TOP);
  ASSERT_SAYS("outside one", SISTA_PUSH_RECEIVER, SISTA_BLOCK_RETURN_TOP);
  ASSERT_SAYS("cut short", SISTA_LONG_PUSH_TEMP);
  ASSERT_SAYS("cut short", SISTA_EXT_A, 0);
  ASSERT_SAYS("out of the code", SISTA_LONG_JUMP, 9);
  ASSERT_SAYS("no instruction", SISTA_UNUSED_84);
  ASSERT_SAYS("overlaps", SISTA_PUSH_TRUE, SISTA_JUMP_TRUE, SISTA_LONG_PUSH_TEMP, 0, SISTA_RETURN_TOP);
  ASSERT_SAYS("different stack depths", SISTA_PUSH_TRUE, SISTA_JUMP_TRUE, SISTA_PUSH_NIL,
              SISTA_RETURN_RECEIVER);
  ASSERT_SAYS("different stack depths", SISTA_PUSH_NIL, SISTA_EXT_B, 255, SISTA_LONG_JUMP, 251);
  ASSERT_SAYS("too deep", SISTA_PUSH_NIL, SISTA_PUSH_NIL, SISTA_PUSH_NIL, SISTA_PUSH_NIL, SISTA_PUSH_NIL,
              SISTA_PUSH_NIL, SISTA_PUSH_NIL, SISTA_PUSH_NIL, SISTA_PUSH_NIL, SISTA_RETURN_TOP);
  ASSERT_SAYS("behind the start", SISTA_PUSH_NIL, SISTA_CALL_PRIMITIVE, 1, 0, SISTA_RETURN_TOP);
  assert_string_equal(VERIFY(SISTA_CALL_PRIMITIVE, 1, 0, SISTA_LONG_STORE_TEMP, 1, SISTA_RETURN_RECEIVER),
                      "");
  ASSERT_SAYS("no bytecode", );
}

/* Closures of V3 lie inside the method's code. */
static void verifier_v3(void **state) {
  struct cc_verify_limits limits = {false, false, 1, 1, 8, 0};
  const uint8_t fine[] = {V3_PUSH_CLOSURE, 1, 0, 2, V3_PUSH_TEMP, V3_BLOCK_RETURN_TOP, V3_RETURN_TOP};
  assert_null(cc_verify(fine, sizeof fine, &limits));
  const uint8_t escape[] = {V3_PUSH_CLOSURE, 1, 0, 2, V3_PUSH_TEMP, V3_JUMP, V3_DUP, V3_RETURN_TOP};
  assert_non_null(cc_verify(escape, sizeof escape, &limits));
  const uint8_t outside[] = {V3_PUSH_TEMP, V3_BLOCK_RETURN_TOP};
  assert_non_null(cc_verify(outside, sizeof outside, &limits));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(deep_nesting),   cmocka_unit_test(long_chains),      cmocka_unit_test(many_literals),
      cmocka_unit_test(many_arguments), cmocka_unit_test(many_temporaries), cmocka_unit_test(deep_stack),
      cmocka_unit_test(jumps),          cmocka_unit_test(long_brace),       cmocka_unit_test(floats),
      cmocka_unit_test(verifier),       cmocka_unit_test(verifier_v3),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
