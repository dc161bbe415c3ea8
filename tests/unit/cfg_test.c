/* cfg_test.c: the graph of a method, from its beginning and as continuations from the middle of loops. */
#include "test_heap.h"

#include "base/text.h"
#include "translator/cfg.h"
#include "translator/nil_tests.h"

/* | i j | i := 0. [i < 2] whileTrue: [j := 0. [j < 2] whileTrue: [self send]]. ^i */
static oop nested_loops(void) {
  enum { BACK = V3_LONG_JUMP + 3, ON_FALSE = V3_LONG_JUMP_FALSE, LESS = V3_SEND_SPECIAL + SPSEL_LESS };
  return TEST_METHOD(.temps = 2, .literals = {test_symbol("send"), I(0)},
                     .code = {
                         V3_PUSH_SMALL + 1,
                         V3_POP_TEMP, /* 0 */
                         V3_PUSH_TEMP,
                         V3_PUSH_SMALL + 3,
                         LESS,
                         ON_FALSE,
                         14, /* 2 */
                         V3_PUSH_SMALL + 1,
                         V3_POP_TEMP + 1, /* 7 */
                         V3_PUSH_TEMP + 1,
                         V3_PUSH_SMALL + 3,
                         LESS,
                         ON_FALSE,
                         5, /* 9 */
                         V3_PUSH_RECEIVER,
                         V3_SEND_0,
                         V3_POP,
                         BACK,
                         (uint8_t)(-10), /* 14 */
                         BACK,
                         (uint8_t)(-19), /* 19 */
                         V3_PUSH_TEMP,
                         V3_RETURN_TOP, /* 21 */
                     });
}

/* Blocks as `first-last>successors valid`, scopes as `{first-last}` or, loops, `[first-last]`; pcs count from
 * the method's first. */
static void assert_graph(oop method, int entry, const char *expected) {
  struct cfg cfg;
  struct tr_refusal refusal;
  const uint32_t first = method_first_pc(method);
  if (!cfg_build(method, 0, entry < 0 ? 0 : first + (uint32_t)entry, &cfg, &refusal))
    fail_msg("refused: %s", refusal.reason);
  struct text out = {0};
  for (uint32_t b = 0; b < cfg.block_count; b++) {
    const struct cfg_block *block = &cfg.blocks[b];
    text_printf(&out, "%u-%u>", cfg.insns[block->first].pc - first, cfg.insns[block->end - 1].pc - first);
    for (int s = 0; s < 2; s++)
      if (block->succ[s] >= 0) text_printf(&out, "%s%d", s == 0 ? "" : ",", block->succ[s]);
    text_printf(&out, " %x\n", (unsigned)block->valid_in);
  }
  for (uint32_t i = 0; i < cfg.scope_count; i++) {
    const struct cfg_scope *s = &cfg.scopes[i];
    text_printf(&out, s->is_loop ? "[%u-%u]" : "{%u-%u}", s->first, s->last);
  }
  assert_string_equal(out.chars, expected);
  text_free(&out);
  cfg_free(&cfg);
}

static void from_the_beginning(void **state) {
  (void)state;
  assert_graph(nested_loops(), -1,
               "0-1>1 7\n"
               "2-5>2,6 4\n"
               "7-8>3 6\n"
               "9-12>4,5 0\n"
               "14-17>,3 4\n"
               "19-19>,1 4\n"
               "21-22> 6\n"
               "{1-5}[1-5]{3-4}[3-4]");
}

static void after_a_send_in_both_loops(void **state) {
  (void)state;
  assert_graph(nested_loops(), 16,
               "16-17>,1 7\n"
               "9-12>2,3 0\n"
               "14-17>,1 4\n"
               "19-19>,4 4\n"
               "2-5>5,9 4\n"
               "7-8>6 6\n"
               "9-12>7,8 0\n"
               "14-17>,6 4\n"
               "19-19>,4 4\n"
               "21-22> 6\n"
               "{0-0}{1-2}[1-2]{3-3}{4-8}[4-8]{6-7}[6-7]");
}

static void from_the_head_of_the_inner_loop(void **state) {
  (void)state;
  assert_graph(nested_loops(), 9,
               "9-12>1,2 0\n"
               "14-17>,0 4\n"
               "19-19>,3 4\n"
               "2-5>4,8 4\n"
               "7-8>5 6\n"
               "9-12>6,7 0\n"
               "14-17>,5 4\n"
               "19-19>,3 4\n"
               "21-22> 6\n"
               "{0-1}[0-1]{2-2}{3-7}[3-7]{5-6}[5-6]");
}

static void from_the_head_of_the_outer_loop(void **state) {
  (void)state;
  assert_graph(nested_loops(), 2,
               "2-5>1,5 4\n"
               "7-8>2 6\n"
               "9-12>3,4 0\n"
               "14-17>,2 4\n"
               "19-19>,0 4\n"
               "21-22> 6\n"
               "{0-4}[0-4]{2-3}[2-3]");
}

static void behind_the_loops(void **state) {
  (void)state;
  assert_graph(nested_loops(), 21, "21-22> 3\n");
}

static void not_inside_an_instruction(void **state) {
  (void)state;
  struct cfg cfg;
  struct tr_refusal refusal;
  const oop method = nested_loops();
  const uint32_t first = method_first_pc(method);
  static const uint32_t wrong[] = {6, 13, 18, 23, 1000};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_false(cfg_build(method, 0, first + wrong[i], &cfg, &refusal));
    assert_string_equal(refusal.reason, "no instruction begins there");
  }
  assert_false(cfg_build(method, 0, 4, &cfg, &refusal));
}

/* ---- conditions ---- */

/* :a :b | (a and: [b]) ifTrue: [^1]. ^2 as compilers make it: a ? b : false, and that again. */
static void a_condition_that_is_known_is_not_asked_again(void **state) {
  (void)state;
  const oop method = TEST_METHOD(.args = 2, .code = {
                                                V3_PUSH_TEMP, V3_JUMP_FALSE + 1,  /* 0 */
                                                V3_PUSH_TEMP + 1, V3_JUMP,        /* 2 */
                                                V3_PUSH_FALSE,                    /* 4 */
                                                V3_JUMP_FALSE + 1,                /* 5 */
                                                V3_PUSH_SMALL + 2, V3_RETURN_TOP, /* 6 */
                                                V3_PUSH_SMALL + 3, V3_RETURN_TOP, /* 8 */
                                            });
  assert_graph(method, -1,
               "0-1>1,3 1\n"
               "2-5>2,3 3\n"
               "6-7> 7\n"
               "8-9> 3\n"
               "{0-2}");
}

/* :a :b | ^(a or: [b]) */
static void a_return_is_copied(void **state) {
  (void)state;
  const oop method = TEST_METHOD(.args = 2, .code = {
                                                V3_PUSH_TEMP, V3_JUMP_FALSE + 1, /* 0 */
                                                V3_PUSH_TRUE, V3_JUMP,           /* 2 */
                                                V3_PUSH_TEMP + 1,                /* 4 */
                                                V3_RETURN_TOP,                   /* 5 */
                                            });
  assert_graph(method, -1,
               "0-1>1,2 1\n"
               "2-5> 3\n"
               "4-5> 3\n"
               "{0-1}");
}

/* :a :b :c | ((a and: [b]) or: [c]) ifTrue: [^1]. ^2 */
static void conditions_in_conditions(void **state) {
  (void)state;
  const oop method = TEST_METHOD(.args = 3, .code = {
                                                V3_PUSH_TEMP, V3_JUMP_FALSE + 1,  /* 0 */
                                                V3_PUSH_TEMP + 1, V3_JUMP,        /* 2 */
                                                V3_PUSH_FALSE,                    /* 4 */
                                                V3_JUMP_FALSE + 1,                /* 5 */
                                                V3_PUSH_TRUE, V3_JUMP,            /* 6 */
                                                V3_PUSH_TEMP + 2,                 /* 8 */
                                                V3_JUMP_FALSE + 1,                /* 9 */
                                                V3_PUSH_SMALL + 2, V3_RETURN_TOP, /* 10 */
                                                V3_PUSH_SMALL + 3, V3_RETURN_TOP, /* 12 */
                                            });
  assert_graph(method, -1,
               "0-1>1,2 1\n"
               "2-5>3,2 3\n"
               "8-9>3,4 3\n"
               "10-11> 3\n"
               "12-13> b\n"
               "{0-3}{0-2}{0-1}");
}

/* :a :b | [a and: [b]] whileTrue. The head of the loop stays what is gone back to. */
static void conditions_of_loops(void **state) {
  (void)state;
  const oop method = TEST_METHOD(.args = 2, .code = {
                                                V3_PUSH_TEMP, V3_JUMP_FALSE + 1, /* 0 */
                                                V3_PUSH_TEMP + 1, V3_JUMP,       /* 2 */
                                                V3_PUSH_FALSE,                   /* 4 */
                                                V3_LONG_JUMP_FALSE, 2,           /* 5 */
                                                V3_LONG_JUMP + 3, (uint8_t)(-9), /* 7 */
                                                V3_RETURN_RECEIVER,              /* 9 */
                                            });
  assert_graph(method, -1,
               "0-1>1,3 1\n"
               "2-5>2,3 3\n"
               "7-7>,0 7\n"
               "9-9> 3\n"
               "{0-2}[0-2]");
}

/* :a | a isNil ifTrue: [^1]. ^a notNil: no sends, where they are what they say. */
static void tests_for_nil(void **state) {
  (void)state;
  const oop is = test_symbol("isNil"), isnt = test_symbol("notNil");
  const oop method = TEST_METHOD(.args = 1, .literals = {is, isnt},
                                 .code = {
                                     V3_PUSH_TEMP,
                                     V3_SEND_0,
                                     V3_JUMP_FALSE + 1,
                                     V3_PUSH_SMALL + 2,
                                     V3_RETURN_TOP,
                                     V3_PUSH_TEMP,
                                     V3_SEND_0 + 1,
                                     V3_RETURN_TOP,
                                 });
  for (int k = 0; k < 2; k++) {
    tr_nil_tests = k == 0 ? (struct nil_tests){0, 0} : (struct nil_tests){is, isnt};
    struct cfg cfg;
    struct tr_refusal refusal;
    assert_true(cfg_build(method, 0, 0, &cfg, &refusal));
    assert_int_equal(cfg.insns[1].insn.op, k == 0 ? OP_SEND : OP_IS_NIL);
    assert_int_equal(cfg.insns[6].insn.op, k == 0 ? OP_SEND : OP_NOT_NIL);
    for (uint32_t i = 0; i < cfg.insn_count; i++)
      assert_int_equal(cfg_is_full_send(&cfg, &cfg.insns[i]), cfg.insns[i].insn.op == OP_SEND);
    cfg_free(&cfg);
  }
  tr_nil_tests = (struct nil_tests){0, 0};
}

#define T(name) cmocka_unit_test_setup_teardown(name, test_heap_setup, test_heap_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      T(from_the_beginning),
      T(after_a_send_in_both_loops),
      T(from_the_head_of_the_inner_loop),
      T(from_the_head_of_the_outer_loop),
      T(behind_the_loops),
      T(not_inside_an_instruction),
      T(a_condition_that_is_known_is_not_asked_again),
      T(a_return_is_copied),
      T(conditions_in_conditions),
      T(conditions_of_loops),
      T(tests_for_nil),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
