/* cfg_test.c: the graph of a method, from its beginning and as continuations from the middle of loops. */
#include "test_heap.h"

#include "base/text.h"
#include "translator/cfg.h"

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

#define T(name) cmocka_unit_test_setup_teardown(name, test_heap_setup, test_heap_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      T(from_the_beginning),
      T(after_a_send_in_both_loops),
      T(from_the_head_of_the_inner_loop),
      T(from_the_head_of_the_outer_loop),
      T(behind_the_loops),
      T(not_inside_an_instruction),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
