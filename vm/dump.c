/* dump.c: a method's stages as text, for the host (vm_dump_method of abi.h). */
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "base/text.h"
#include "interpreter/disassemble.h"
#include "translator/translator.h"

enum { MAX_CLASSES = 1 << 22 };

static bool has_bytes(oop o, const char *text, uint32_t length) {
  return oop_is_pointer(o) && fmt_is_bytes(obj_format(o)) && obj_byte_size(o) == length &&
         memcmp(obj_bytes(o), text, length) == 0;
}

/* The class or metaclass that goes by a name such as `Point` or `Point class`; 0 when there is none. */
static oop class_named(const char *name, uint32_t length) {
  static const char meta_suffix[] = " class";
  const uint32_t suffix = sizeof meta_suffix - 1;
  const bool meta = length > suffix && memcmp(name + length - suffix, meta_suffix, suffix) == 0;
  const uint32_t stem = meta ? length - suffix : length;
  const uint32_t field = meta ? METACLASS_THIS_CLASS : CLASS_NAME;
  for (uint32_t i = CIX_SMALLINTEGER; i < MAX_CLASSES; i++) {
    const oop class_ = mem_class_at(i);
    if (!oop_has_fields(class_, field + 1)) continue;
    oop named = obj_slot(class_, field);
    if (meta) named = oop_has_fields(named, CLASS_NAME + 1) ? obj_slot(named, CLASS_NAME) : mem.nil;
    if (has_bytes(named, name, stem)) return class_;
  }
  return 0;
}

static oop method_of_class(oop class_, const char *selector, uint32_t length) {
  const oop dict = obj_slot(class_, CLASS_METHOD_DICT);
  if (!oop_has_fields(dict, DICT_KEYS)) return 0;
  const oop methods = obj_slot(dict, DICT_METHODS);
  const uint32_t keys = obj_slots(dict) - DICT_KEYS;
  if (!oop_has_fields(methods, keys)) return 0;
  for (uint32_t k = 0; k < keys; k++)
    if (has_bytes(obj_slot(dict, DICT_KEYS + k), selector, length)) return obj_slot(methods, k);
  return 0;
}

static err_t find_method(const char *name, oop *method) {
  const char *arrow = strstr(name, ">>");
  if (arrow == NULL) return err_format("'%s' names no method: the form is Class>>selector", name);
  uint32_t length = (uint32_t)(arrow - name);
  while (length > 0 && name[length - 1] == ' ') length--;
  const char *selector = arrow + 2;
  while (*selector == ' ' || *selector == '#') selector++;
  const oop class_ = class_named(name, length);
  if (class_ == 0) return err_format("the image has no class %.*s", (int)length, name);
  *method = method_of_class(class_, selector, (uint32_t)strlen(selector));
  if (*method == 0 || !fmt_is_method(obj_format(*method)))
    return err_format("%.*s has no method %s of its own", (int)length, name, selector);
  return NULL;
}

static void add_line(const char *line, void *context) { text_printf(context, "%s\n", line); }

const char *vm_dump_method(const char *method, uint32_t length, const char *stage, uint32_t stage_length) {
  static struct text out;
  char name[300], wanted[16];
  text_clear(&out);
  if (length >= sizeof name || stage_length >= sizeof wanted) return "error: the name is too long";
  memcpy(name, method, length);
  name[length] = 0;
  memcpy(wanted, stage, stage_length);
  wanted[stage_length] = 0;
  enum { PC_IMAGE_TO_FRAME = HDR_BYTES - 1 };
  char *at = strchr(wanted, '@'); /* a continuation, by the pc that the bytecode's listing gives */
  const uint32_t entry_pc = at != NULL ? (uint32_t)strtoul(at + 1, NULL, 10) + PC_IMAGE_TO_FRAME : 0;
  if (at != NULL) *at = 0;
  oop found = 0;
  err_t error = find_method(name, &found);
  if (error == NULL) {
    if (strcmp(wanted, "bytecode") == 0)
      disassemble_method(found, add_line, &out);
    else
      error = translator_dump(found, entry_pc, name, strcmp(wanted, "wat") == 0, &out);
  }
  if (error != NULL) text_printf(&out, "error: %s", error);
  return out.chars;
}
