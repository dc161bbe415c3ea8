/* wat.c: a module as WebAssembly text; `wat2wasm --enable-annotations
 * --enable-code-metadata` of it gives wasm_encode()'s bytes. */
#include "translator/wasm.h"

#include <string.h>

static const char *const op_texts[256] = {
#define X(name, byte, text, immediate) [byte] = text,
    WASM_OPS(X)
#undef X
};
static const uint8_t op_immediates[256] = {
#define X(name, byte, text, immediate) [byte] = immediate,
    WASM_OPS(X)
#undef X
};

static void print_signature(struct text *out, uint32_t params, bool result) {
  if (params > 0) text_printf(out, " (param");
  for (uint32_t i = 0; i < params; i++) text_printf(out, " i32");
  if (params > 0) text_printf(out, ")");
  if (result) text_printf(out, " (result i32)");
}

static const char *type_text(uint32_t type) {
  return type == WASM_I64 ? "i64" : type == WASM_F64 ? "f64" : "i32";
}

/* fp is local 0; the others print as $l1 … */
static void print_local(struct text *out, uint32_t i) {
  if (i == 0)
    text_printf(out, " $fp");
  else
    text_printf(out, " $l%u", i);
}

static void print_f64(struct text *out, uint64_t bits) {
  double v;
  memcpy(&v, &bits, sizeof v);
  const uint64_t payload = bits & 0xFFFFFFFFFFFFFull;
  /* The hexadecimal form is exact; a NaN keeps its payload. */
  if (v != v)
    text_printf(out, " %snan:0x%llx", bits >> 63 ? "-" : "", (unsigned long long)payload);
  else
    text_printf(out, " %a", v);
}

/* log2 of the bytes that are loaded or stored. */
static uint32_t natural_alignment(uint8_t opcode) {
  switch (opcode) {
    case W_I32_LOAD8_U:
    case W_I32_STORE8: return 0;
    case W_I32_LOAD16_U: return 1;
    case W_I32_LOAD:
    case W_I32_STORE: return 2;
    default: return 3;
  }
}

static void print_op(const struct wasm_module *m, const struct wasm_op *op, struct text *out) {
  text_printf(out, "%s", op_texts[op->opcode]);
  switch (op_immediates[op->opcode]) {
    case IMM_NONE: break;
    case IMM_BLOCK:
      if (op->a != 0) text_printf(out, " (result %s)", type_text(op->a));
      break;
    case IMM_LABEL: text_printf(out, " %u", op->a); break;
    case IMM_FUNC:
      if (op->a < m->import_count)
        text_printf(out, " $%s", m->imports[op->a].name);
      else
        text_printf(out, " $f%u", op->a - m->import_count);
      break;
    case IMM_TYPE: text_printf(out, " (type $method)"); break;
    case IMM_LOCAL: print_local(out, op->a); break;
    case IMM_MEMORY:
      if (op->a != 0) text_printf(out, " offset=%u", op->a);
      if (op->b != natural_alignment(op->opcode)) text_printf(out, " align=%u", 1u << op->b);
      break;
    case IMM_I32: text_printf(out, " %d", (int32_t)op->a); break;
    case IMM_I64: text_printf(out, " %lld", (long long)((uint64_t)op->b << 32 | op->a)); break;
    case IMM_F64: print_f64(out, (uint64_t)op->b << 32 | op->a); break;
  }
  text_printf(out, "\n");
}

static uint32_t type_of_local(const struct wasm_func *f, uint32_t i) {
  if (i <= f->locals) return WASM_I32;
  return i <= f->locals + f->locals_i64 ? WASM_I64 : WASM_F64;
}

static void print_locals(const struct wasm_func *f, struct text *out) {
  for (uint32_t i = 1; i <= f->locals + f->locals_i64 + f->locals_f64; i++)
    text_printf(out, "%s(local $l%u %s)", i % 8 == 1 ? "\n    " : " ", i, type_text(type_of_local(f, i)));
  text_printf(out, "\n");
}

static void print_func(const struct wasm_module *m, uint32_t index, struct text *out) {
  const struct wasm_func *f = &m->funcs[index];
  if (f->name != NULL) text_printf(out, "  ;; %s\n", f->name);
  text_printf(out, "  (func $f%u (type $method) (param $fp i32) (result i32)", index);
  print_locals(f, out);
  int depth = 2;
  for (uint32_t i = 0; i < f->count; i++) {
    const struct wasm_op *op = &f->ops[i];
    if (op->opcode == W_END || op->opcode == W_ELSE) depth--;
    if (op->note != 0) text_printf(out, "%*s;; %s\n", 2 * depth, "", f->notes.chars + op->note - 1);
    if ((op->opcode == W_BR_IF || op->opcode == W_IF) && op->b == WASM_UNLIKELY)
      text_printf(out, "%*s(@metadata.code.branch_hint \"\\00\")\n", 2 * depth, "");
    text_printf(out, "%*s", 2 * depth, "");
    print_op(m, op, out);
    if (op->opcode == W_BLOCK || op->opcode == W_LOOP || op->opcode == W_IF || op->opcode == W_ELSE) depth++;
  }
  text_printf(out, "  )\n");
}

void wasm_print(const struct wasm_module *m, struct text *out) {
  text_printf(out, "(module\n  (type $method (func (param i32) (result i32)))\n");
  text_printf(out,
              "  (import \"env\" \"memory\" (memory 1))\n  (import \"env\" \"table\" (table 1 funcref))\n");
  for (uint32_t i = 0; i < m->import_count; i++) {
    text_printf(out, "  (import \"core\" \"%s\" (func $%s", m->imports[i].name, m->imports[i].name);
    print_signature(out, m->imports[i].params, m->imports[i].result);
    text_printf(out, "))\n");
  }
  text_printf(out, "  (elem (i32.const %u)", m->first_slot);
  for (uint32_t i = 0; i < m->func_count; i++) text_printf(out, " $f%u", i);
  text_printf(out, ")\n");
  for (uint32_t i = 0; i < m->func_count; i++) print_func(m, i, out);
  text_printf(out, ")\n");
}
