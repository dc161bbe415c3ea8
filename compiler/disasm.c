/* disasm.c: compiled code as text, for golden files and for people. */
#include "compiler/compile.h"
#include "interpreter/bytecode.h"

#include <stdio.h>

static const char *const forms[] = {
#define X(op, form) form,
    BYTECODE_OPS(X)
#undef X
};

/* The number of a block among the literals of its outer code. */
static void print_block_name(struct cc_buffer *out, const struct cc_code *c, uint32_t literal) {
  uint32_t n = 0;
  for (uint32_t i = 0; i <= literal; i++) n += c->literals[i]->kind == LIT_CODE;
  cc_putf(out, "block %u", n);
}

static void print_operand(struct cc_buffer *out, const struct cc_code *c, const struct bytecode_insn *i,
                          uint32_t next, char kind) {
  const struct cc_literal *l = (uint32_t)i->a < c->num_literals ? c->literals[i->a] : NULL;
  switch (kind) {
    case 'a':
      if (i->op == OP_SEND_SPECIAL)
        cc_putf(out, "%s", cc_special_selectors[i->a]);
      else
        cc_putf(out, "%d", i->a);
      break;
    case 'b': cc_putf(out, "%d", i->b); break;
    case 't': cc_putf(out, "%d", (int32_t)next + i->a); break;
    case 'v':
    case 's':
      if (l != NULL && l->kind != LIT_CLASS_BINDING)
        cc_put(out, l->text.p, l->text.n);
      else
        cc_putf(out, "the class");
      break;
    case 'l':
      if (l != NULL && l->kind == LIT_CODE)
        print_block_name(out, c, (uint32_t)i->a);
      else if (l != NULL)
        cc_print_literal(out, l);
      break;
    default: break;
  }
}

static void print_insn(struct cc_buffer *out, const struct cc_code *c, const struct bytecode_insn *i,
                       uint32_t next) {
  for (const char *f = forms[i->op]; *f != 0; f++) {
    if (*f == '%' && f[1] != 0)
      print_operand(out, c, i, next, *++f);
    else
      cc_put(out, f, 1);
  }
}

void cc_disassemble(struct cc_buffer *out, const struct cc_code *c) {
  if (c->is_block)
    cc_putf(out, "block%s: %u arguments, %u copied, ", c->needs_outer ? "" : " without outer context",
            c->num_args, c->num_copied);
  else
    cc_putf(out, "%.*s: %u arguments, ", (int)c->selector.n, c->selector.p, c->num_args);
  cc_putf(out, "%u temporaries, stack %u%s", c->num_temps, c->max_stack,
          cc_code_large_frame(c) ? ", large frame" : "");
  if (c->primitive != 0) cc_putf(out, ", primitive %u", c->primitive);
  cc_putf(out, "\n");
  for (uint32_t i = 0; i < c->num_pragmas; i++) {
    const struct cc_pragma *p = &c->pragmas[i];
    cc_putf(out, "  pragma %.*s", (int)p->selector.n, p->selector.p);
    for (uint32_t k = 0; k < p->num_args; k++) {
      cc_putf(out, " ");
      cc_print_literal(out, p->args[k]);
    }
    cc_putf(out, "\n");
  }
  for (uint32_t pc = 0; pc < c->num_bytes;) {
    struct bytecode_insn i;
    if (!bytecode_decode(true, c->bytes + pc, c->num_bytes - pc, &i)) break;
    cc_putf(out, "%5u  ", pc);
    uint32_t start = out->n;
    for (uint32_t k = 0; k < i.bytes; k++) cc_putf(out, "%02X ", c->bytes[pc + k]);
    while (out->n - start < 14) cc_put(out, " ", 1);
    pc += i.bytes;
    print_insn(out, c, &i, pc);
    cc_put(out, "\n", 1);
  }
  uint32_t n = 0;
  for (uint32_t i = 0; i < c->num_literals; i++) {
    if (c->literals[i]->kind != LIT_CODE) continue;
    cc_putf(out, "%s%u. ", c->is_block ? "inner " : "", ++n);
    cc_disassemble(out, c->literals[i]->code);
  }
}
