/* wasm.c: building functions, and the binary encoding of a module (WebAssembly core specification, chapter
 * 5). */
#include "translator/wasm.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- building ---- */

void wasm_emit(struct wasm_func *f, enum wasm_opcode opcode, uint32_t a, uint32_t b) {
  if (f->count == f->room) {
    f->room = 2 * f->room + 128;
    f->ops = realloc(f->ops, f->room * sizeof *f->ops);
    VM_ASSERT(f->ops != NULL);
  }
  f->ops[f->count++] = (struct wasm_op){(uint8_t)opcode, a, b, f->next_note};
  f->next_note = 0;
}

void wasm_note(struct wasm_func *f, const char *fmt, ...) {
  char line[160];
  va_list args;
  va_start(args, fmt);
  vsnprintf(line, sizeof line, fmt, args);
  va_end(args);
  for (char *c = line; *c != 0; c++)
    if ((unsigned char)*c < ' ') *c = ' ';
  f->next_note = (uint32_t)f->notes.length + 1;
  text_add(&f->notes, line, strlen(line) + 1);
}

void wasm_func_free(struct wasm_func *f) {
  free(f->name);
  free(f->ops);
  text_free(&f->notes);
  *f = (struct wasm_func){0};
}

/* ---- encoding ---- */

enum section {
  SECTION_CUSTOM = 0,
  SECTION_TYPE = 1,
  SECTION_IMPORT = 2,
  SECTION_FUNCTION = 3,
  SECTION_ELEMENT = 9,
  SECTION_CODE = 10
};
enum {
  KIND_FUNC = 0,
  KIND_TABLE = 1,
  KIND_MEMORY = 2,
  TYPE_FUNC = 0x60,
  TYPE_FUNCREF = 0x70,
  TYPE_EMPTY = 0x40
};

static void put_byte(struct text *out, uint8_t b) { text_add(out, &b, 1); }

static void put_unsigned(struct text *out, uint64_t v) {
  do {
    uint8_t b = v & 0x7F;
    v >>= 7;
    put_byte(out, v != 0 ? b | 0x80 : b);
  } while (v != 0);
}

static void put_signed(struct text *out, int64_t v) {
  for (;;) {
    uint8_t b = v & 0x7F;
    v >>= 7;
    bool last = (v == 0 && (b & 0x40) == 0) || (v == -1 && (b & 0x40) != 0);
    put_byte(out, last ? b : b | 0x80);
    if (last) return;
  }
}

static void put_name(struct text *out, const char *name) {
  put_unsigned(out, strlen(name));
  text_add(out, name, strlen(name));
}

/* Moves a finished body behind its length. */
static void put_sized(struct text *out, struct text *body) {
  put_unsigned(out, body->length);
  if (body->length > 0) text_add(out, body->chars, body->length);
  text_clear(body);
}

static void put_section(struct text *out, enum section id, struct text *body) {
  put_byte(out, (uint8_t)id);
  put_sized(out, body);
}

/* Types: the methods' own first, then each new signature of the imports in order. */
static bool same_signature(const struct wasm_import *a, const struct wasm_import *b) {
  return a->params == b->params && a->result == b->result;
}
static bool is_method_type(const struct wasm_import *a) { return a->params == 1 && a->result; }

/* Whether import i is the first of its signature, so that it adds a type. */
static bool adds_type(const struct wasm_module *m, uint32_t i) {
  if (is_method_type(&m->imports[i])) return false;
  for (uint32_t j = 0; j < i; j++)
    if (same_signature(&m->imports[j], &m->imports[i])) return false;
  return true;
}

static uint32_t import_type(const struct wasm_module *m, uint32_t i) {
  if (is_method_type(&m->imports[i])) return WASM_TYPE_METHOD;
  uint32_t type = WASM_TYPE_METHOD;
  for (uint32_t j = 0; j < m->import_count; j++) {
    if (adds_type(m, j)) type++;
    if (same_signature(&m->imports[j], &m->imports[i])) break;
  }
  return type;
}

static void put_type(struct text *out, uint32_t params, bool result) {
  put_byte(out, TYPE_FUNC);
  put_unsigned(out, params);
  for (uint32_t i = 0; i < params; i++) put_byte(out, WASM_I32);
  put_unsigned(out, result ? 1 : 0);
  if (result) put_byte(out, WASM_I32);
}

static void put_types(const struct wasm_module *m, struct text *out) {
  uint32_t count = 1;
  for (uint32_t i = 0; i < m->import_count; i++) count += adds_type(m, i);
  put_unsigned(out, count);
  put_type(out, 1, true);
  for (uint32_t i = 0; i < m->import_count; i++)
    if (adds_type(m, i)) put_type(out, m->imports[i].params, m->imports[i].result);
}

static void put_imports(const struct wasm_module *m, struct text *out) {
  put_unsigned(out, m->import_count + 2);
  put_name(out, "env");
  put_name(out, "memory");
  put_byte(out, KIND_MEMORY);
  put_byte(out, 0); /* no maximum */
  put_unsigned(out, 1);
  put_name(out, "env");
  put_name(out, "table");
  put_byte(out, KIND_TABLE);
  put_byte(out, TYPE_FUNCREF);
  put_byte(out, 0);
  put_unsigned(out, 1);
  for (uint32_t i = 0; i < m->import_count; i++) {
    put_name(out, "core");
    put_name(out, m->imports[i].name);
    put_byte(out, KIND_FUNC);
    put_unsigned(out, import_type(m, i));
  }
}

static void put_element(const struct wasm_module *m, struct text *out) {
  put_unsigned(out, 1);
  put_byte(out, 0); /* active, table 0, function indices */
  put_byte(out, W_I32_CONST);
  put_signed(out, (int32_t)m->first_slot);
  put_byte(out, W_END);
  put_unsigned(out, m->func_count);
  for (uint32_t i = 0; i < m->func_count; i++) put_unsigned(out, m->import_count + i);
}

static enum wasm_immediate immediate_of(uint8_t opcode) {
  switch (opcode) {
#define X(name, byte, text, immediate) \
  case byte: return immediate;
    WASM_OPS(X)
#undef X
  }
  return IMM_NONE;
}

static bool has_hint(const struct wasm_op *op) {
  return (op->opcode == W_BR_IF || op->opcode == W_IF) && op->b != WASM_NO_HINT;
}

static void put_op(const struct wasm_op *op, struct text *out) {
  put_byte(out, op->opcode);
  switch (immediate_of(op->opcode)) {
    case IMM_NONE: break;
    case IMM_BLOCK: put_byte(out, op->a == 0 ? TYPE_EMPTY : (uint8_t)op->a); break;
    case IMM_LABEL:
    case IMM_FUNC:
    case IMM_LOCAL: put_unsigned(out, op->a); break;
    case IMM_TYPE:
      put_unsigned(out, op->a);
      put_unsigned(out, 0);
      break;
    case IMM_MEMORY:
      put_unsigned(out, op->b);
      put_unsigned(out, op->a);
      break;
    case IMM_I32: put_signed(out, (int32_t)op->a); break;
    case IMM_I64: put_signed(out, (int64_t)((uint64_t)op->b << 32 | op->a)); break;
    case IMM_F64:
      text_add(out, &op->a, 4);
      text_add(out, &op->b, 4);
      break;
  }
}

static void put_locals(const struct wasm_func *f, struct text *out) {
  const struct {
    uint32_t count;
    enum wasm_type type;
  } groups[] = {{f->locals, WASM_I32}, {f->locals_i64, WASM_I64}, {f->locals_f64, WASM_F64}};
  enum { GROUPS = sizeof groups / sizeof *groups };
  uint32_t used = 0;
  for (uint32_t i = 0; i < GROUPS; i++) used += groups[i].count > 0;
  put_unsigned(out, used);
  for (uint32_t i = 0; i < GROUPS; i++) {
    if (groups[i].count == 0) continue;
    put_unsigned(out, groups[i].count);
    put_byte(out, (uint8_t)groups[i].type);
  }
}

/* The name section has one subsection: the names of functions by their indices. */
static void put_names(const struct wasm_module *m, struct text *out) {
  enum { SUBSECTION_FUNCTIONS = 1 };
  struct text names = {0};
  uint32_t count = 0;
  for (uint32_t i = 0; i < m->func_count; i++) count += m->funcs[i].name != NULL;
  put_unsigned(&names, count);
  for (uint32_t i = 0; i < m->func_count; i++) {
    if (m->funcs[i].name == NULL) continue;
    put_unsigned(&names, m->import_count + i);
    put_name(&names, m->funcs[i].name);
  }
  put_name(out, "name");
  put_byte(out, SUBSECTION_FUNCTIONS);
  put_sized(out, &names);
  text_free(&names);
}

/* The function's code; its branch hints, each an offset and a byte, and how many there are. */
static uint32_t put_function(const struct wasm_func *f, struct text *code, struct text *hints) {
  uint32_t count = 0;
  put_locals(f, code);
  for (uint32_t j = 0; j < f->count; j++) {
    if (has_hint(&f->ops[j])) {
      put_unsigned(hints, code->length);
      put_unsigned(hints, 1);
      put_byte(hints, 0); /* unlikely */
      count++;
    }
    put_op(&f->ops[j], code);
  }
  put_byte(code, W_END);
  return count;
}

/* The code, and before it what is known of its branches (the branch hinting proposal). */
static void put_code(const struct wasm_module *m, struct text *out) {
  struct text body = {0}, code = {0}, hints = {0}, of_function = {0}, section = {0};
  uint32_t hinted = 0;
  put_unsigned(&body, m->func_count);
  for (uint32_t i = 0; i < m->func_count; i++) {
    const uint32_t count = put_function(&m->funcs[i], &code, &of_function);
    put_sized(&body, &code);
    if (count == 0) continue;
    hinted++;
    put_unsigned(&hints, m->import_count + i);
    put_unsigned(&hints, count);
    text_add(&hints, of_function.chars, of_function.length);
    text_clear(&of_function);
  }
  if (hinted > 0) {
    put_name(&section, "metadata.code.branch_hint");
    put_unsigned(&section, hinted);
    text_add(&section, hints.chars, hints.length);
    put_section(out, SECTION_CUSTOM, &section);
  }
  put_section(out, SECTION_CODE, &body);
  text_free(&body);
  text_free(&code);
  text_free(&hints);
  text_free(&of_function);
  text_free(&section);
}

void wasm_encode(const struct wasm_module *m, struct text *out) {
  struct text body = {0};
  text_add(out, "\0asm\1\0\0\0", 8);
  put_types(m, &body);
  put_section(out, SECTION_TYPE, &body);
  put_imports(m, &body);
  put_section(out, SECTION_IMPORT, &body);
  put_unsigned(&body, m->func_count);
  for (uint32_t i = 0; i < m->func_count; i++) put_unsigned(&body, WASM_TYPE_METHOD);
  put_section(out, SECTION_FUNCTION, &body);
  put_element(m, &body);
  put_section(out, SECTION_ELEMENT, &body);
  put_code(m, out);
  if (m->named) {
    put_names(m, &body);
    put_section(out, SECTION_CUSTOM, &body);
  }
  text_free(&body);
}
