/* disassemble.c: bytecode as text (disassemble.h). */
#include "interpreter/disassemble.h"

#include <stdio.h>
#include <string.h>

#include "interpreter/lookup.h"

static void print_bytes(oop o, const char *before, const char *after, char *text, size_t room) {
  uint32_t n = obj_byte_size(o);
  if (n > 60) n = 60;
  snprintf(text, room, "%s%.*s%s", before, (int)n, (const char *)obj_bytes(o), after);
}

/* The name of a class: the first byte object among the fields past format, where every image keeps it. */
static oop class_name_of(oop o) {
  enum { FIRST = 3, LAST = 8 };
  if (obj_format(o) != FMT_FIXED) return 0;
  for (uint32_t i = FIRST; i <= LAST && i < obj_slots(o); i++) {
    oop name = obj_slot(o, i);
    if (oop_is_pointer(name) && fmt_is_bytes(obj_format(name))) return name;
  }
  return 0;
}

void object_print_short(oop o, char *text, size_t room) {
  if (oop_is_int(o)) {
    snprintf(text, room, "%d", oop_int(o));
  } else if (oop_is_char(o)) {
    snprintf(text, room, "$U+%04X", oop_char(o));
  } else if (o == mem.nil || o == mem.true_ || o == mem.false_) {
    snprintf(text, room, "%s", o == mem.nil ? "nil" : o == mem.true_ ? "true" : "false");
  } else if (obj_class_index(o) == CIX_FLOAT) {
    snprintf(text, room, "%.17g", mem_float(o));
  } else if (fmt_is_bytes(obj_format(o))) {
    print_bytes(o, "'", "'", text, room);
  } else {
    oop class_ = mem_class_of(o), name = class_name_of(o);
    bool is_class = name != 0 && obj_slots(o) >= 6;
    if (!is_class) name = class_name_of(class_);
    if (name == 0 && obj_slots(class_) > 0) { /* a metaclass names its only instance in its last field */
      oop sole = obj_slot(class_, obj_slots(class_) - 1);
      name = oop_is_pointer(sole) ? class_name_of(sole) : 0;
    }
    if (name == 0)
      snprintf(text, room, "an object of class index %u", obj_class_index(o));
    else
      print_bytes(name, is_class ? "" : "a ", "", text, room);
  }
}

static void print_literal(oop method, int32_t index, char *text, size_t room) {
  if (index < 0 || (uint32_t)index >= method_num_literals(method))
    snprintf(text, room, "literal %d, which there is not", index);
  else
    object_print_short(method_literal(method, (uint32_t)index), text, room);
}

static void print_variable(oop method, int32_t index, char *text, size_t room) {
  oop association = index >= 0 && (uint32_t)index < method_num_literals(method)
                        ? method_literal(method, (uint32_t)index)
                        : int_oop(index);
  if (oop_is_pointer(association) && fmt_is_pointers(obj_format(association)) && obj_slots(association) > 0)
    association = obj_slot(association, 0);
  object_print_short(association, text, room);
}

static void print_insn(oop method, const struct bytecode_insn *insn, uint32_t next, char *text, size_t room) {
  static const char *const forms[OP_COUNT] = {
#define X(op, form) [OP_##op] = form,
      BYTECODE_OPS(X)
#undef X
  };
  char piece[128];
  size_t used = 0;
  text[0] = 0;
  for (const char *f = forms[insn->op]; *f != 0; f++) {
    if (*f != '%') {
      piece[0] = *f;
      piece[1] = 0;
    } else {
      switch (*++f) {
        case 'a': snprintf(piece, sizeof piece, "%d", insn->a); break;
        case 'b': snprintf(piece, sizeof piece, "%d", insn->b); break;
        case 't': snprintf(piece, sizeof piece, "%d", (int32_t)next + insn->a - HDR_BYTES + 1); break;
        case 'v': print_variable(method, insn->a, piece, sizeof piece); break;
        default: print_literal(method, insn->a, piece, sizeof piece); break;
      }
    }
    used += (size_t)snprintf(text + used, room - used, "%s", piece);
    if (used >= room) return;
  }
}

uint32_t disassemble_one(oop method, uint32_t pc, char *text, size_t room) {
  uint32_t end = method_end_pc(method);
  struct bytecode_insn insn;
  if (pc >= end) return 0;
  if (!bytecode_decode(method_alternate_set(method), AT(uint8_t, method + pc), end - pc, &insn)) {
    snprintf(text, room, "%4u cut short", pc - HDR_BYTES + 1);
    return 0;
  }
  char hex[3 * 12 + 1] = "", form[256];
  for (uint32_t i = 0; i < insn.bytes && i < 12; i++)
    snprintf(hex + 3 * i, 4, "%02X ", *AT(uint8_t, method + pc + i));
  print_insn(method, &insn, pc + insn.bytes, form, sizeof form);
  if (insn.op == OP_SEND_SPECIAL) {
    oop array = mem_special(SPECIAL_SPECIAL_SELECTORS);
    char name[80] = "?";
    if (oop_is_pointer(array) && obj_slots(array) > 2 * (uint32_t)insn.a)
      object_print_short(obj_slot(array, 2 * (uint32_t)insn.a), name, sizeof name);
    snprintf(form, sizeof form, "send %s", name);
  }
  snprintf(text, room, "%4u %-12s %s", pc - HDR_BYTES + 1, hex, form);
  return pc + insn.bytes < end ? pc + insn.bytes : 0;
}

/* The last byte says how the source is found (CompiledMethodTrailer's kinds, in its six high bits from the
 * top): kinds that hold text have their length below; the common ones have a fixed one. */
uint32_t method_code_end(oop method) {
  uint32_t start = method_first_pc(method), end = method_end_pc(method);
  if (end <= start) return start;
  uint8_t last = *AT(uint8_t, method + end - 1);
  uint32_t trailer = last >= 252      ? 4 /* a source pointer of 26 bits */
                     : last == 0      ? 1 /* nothing, cleared */
                     : last >> 2 == 0 ? 1 /* NoTrailer */
                                      : 4;
  return end - start >= trailer ? end - trailer : start;
}

void disassemble_method(oop method, void (*line)(const char *text, void *context), void *context) {
  char text[320];
  uint32_t end = method_code_end(method);
  for (uint32_t pc = method_first_pc(method); pc != 0 && pc < end;) {
    pc = disassemble_one(method, pc, text, sizeof text);
    line(text, context);
  }
}
