/* dispatch.c: from a method or a number to the function of its primitive, and primitives that call others. */
#include "interpreter/bytecode.h"
#include "memory/image.h"
#include "plugins/plugin.h"
#include "primitives/table.h"

#include <string.h>

enum {
  QUICK_FIRST = 256, /* answer self, true, false, nil, -1, 0, 1, 2 */
  QUICK_INST_VAR = 264,
  QUICK_LAST = 519,
  MAX_NUMBER = 660,

  MAX_PRIMITIVE_ARGS = 15, /* what a method header can say */
};

struct row {
  prim_fn function;
  const char *name;
  uint8_t least, most; /* arguments */
};
static const struct row rows[MAX_NUMBER + 1] = {
#define P(number, function, least, most, name) [number] = {function, name, least, most},
#define PW(number, function, least, most, name) [number] = {function, name, least, most},
#define OLD(number, module, name)
#include "primitives/primitives.def"
#undef P
#undef PW
#undef OLD
};

struct old_row {
  uint32_t number;
  const char *module, *name;
};
static const struct old_row old_rows[] = {
#define P(number, function, least, most, name)
#define PW(number, function, least, most, name)
#define OLD(number, module, name) {number, module, name},
#include "primitives/primitives.def"
#undef P
#undef PW
#undef OLD
};
enum { OLD_ROWS = sizeof old_rows / sizeof *old_rows };

static bool is_old_image(void) { return !image_info.closures && image_info.format != 0; }

static const struct old_row *old_row(uint32_t number) {
  for (uint32_t i = 0; i < OLD_ROWS; i++)
    if (old_rows[i].number == number) return &old_rows[i];
  return NULL;
}

/* Quick primitives: the number says what to answer, so it is read from the method again. */
static oop prim_quick(oop *args, uint32_t argc) {
  static const oop integers[] = {(oop)-1, 1, 3, 5}; /* -1 0 1 2, tagged */
  uint32_t number = method_primitive(interp.new_method);
  oop receiver = args[0];
  switch (number) {
    case 256: return receiver;
    case 257: return mem.true_;
    case 258: return mem.false_;
    case 259: return mem.nil;
    case 260 ... 263: return integers[number - 260];
  }
  if (number < QUICK_INST_VAR || number > QUICK_LAST) return prim_fail(PRIM_ERR_BAD_METHOD);
  uint32_t index = number - QUICK_INST_VAR;
  if (!oop_is_pointer(receiver) || index >= obj_slots(receiver)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (oop_is_context(receiver)) return context_fetch(receiver, index);
  if (!fmt_is_pointers(obj_format(receiver))) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  return obj_slot(receiver, index);
}

prim_fn prim_numbered(uint32_t number) {
  if (number >= QUICK_FIRST && number <= QUICK_LAST) return prim_quick;
  if (number > MAX_NUMBER) return NULL;
  const struct old_row *old = is_old_image() ? old_row(number) : NULL;
  if (old != NULL)
    return prim_named(old->module, (uint32_t)strlen(old->module), old->name, (uint32_t)strlen(old->name));
  return rows[number].function;
}

oop prim_bad_num_args(oop *args, uint32_t argc) { return prim_fail(PRIM_ERR_BAD_NUM_ARGS); }

prim_fn prim_numbered_for(uint32_t number, uint32_t argc) {
  prim_fn f = prim_numbered(number);
  if (f == prim_quick || number > MAX_NUMBER) return f;
  bool fits = f != NULL && argc >= rows[number].least && argc <= rows[number].most;
  const struct old_row *old = is_old_image() || !fits ? old_row(number) : NULL;
  if (old != NULL)
    return prim_named_for(old->module, (uint32_t)strlen(old->module), old->name, (uint32_t)strlen(old->name),
                          argc);
  return fits || f == NULL ? f : prim_bad_num_args;
}

void prim_each(void (*f)(const char *module, const char *name, uint32_t number, void *context),
               void *context) {
  for (uint32_t i = 0; i <= MAX_NUMBER; i++)
    if (rows[i].function != NULL) f("", rows[i].name, i, context);
  for (uint32_t i = 0; plugin_at(i) != NULL; i++)
    for (uint32_t j = 0; j < plugin_at(i)->count; j++)
      f(plugin_at(i)->name, plugin_at(i)->primitives[j].name, 0, context);
}

uint32_t method_primitive(oop method) {
  if (!method_has_primitive(method)) return 0;
  if (mem_conventions.v3) return method_v3_primitive(method);
  uint32_t pc = method_first_pc(method);
  if (pc + 3 > method_end_pc(method)) return 0;
  const uint8_t *code = AT(uint8_t, method + pc);
  uint32_t number = code[1] | (uint32_t)code[2] << 8;
  if (!method_alternate_set(method)) return code[0] == V3_CALL_PRIMITIVE ? number : 0;
  return code[0] == SISTA_CALL_PRIMITIVE && !(number & INLINE_PRIMITIVE_BIT) ? number : 0;
}

/* ---- named primitives: the method's first literal is #(module name session slot) ---- */

static oop prim_not_found(oop *args, uint32_t argc) { return prim_fail(PRIM_ERR_NOT_FOUND); }

static bool is_bytes(oop o) { return oop_is_pointer(o) && fmt_is_bytes(obj_format(o)); }

/* The function for a module (a byte object, or nil for the VM's own) and a name. */
static prim_fn named_by_oops(oop module, oop name, uint32_t argc) {
  if (!is_bytes(name) || !(module == mem.nil || is_bytes(module))) return NULL;
  const char *text = module == mem.nil ? "" : (const char *)obj_bytes(module);
  uint32_t length = module == mem.nil ? 0 : obj_byte_size(module);
  return prim_named_for(text, length, (const char *)obj_bytes(name), obj_byte_size(name), argc);
}

static prim_fn external_of_method(oop method) {
  if (method_num_literals(method) == 0) return NULL;
  oop spec = method_literal(method, 0);
  if (!oop_is_pointer(spec) || !fmt_is_pointers(obj_format(spec)) || obj_slots(spec) < 2) return NULL;
  return named_by_oops(obj_slot(spec, 0), obj_slot(spec, 1), method_num_args(method));
}

prim_fn prim_of_method(oop method) {
  uint32_t number = method_primitive(method);
  if (number != PRIM_EXTERNAL_CALL) return prim_numbered_for(number, method_num_args(method));
  prim_fn f = external_of_method(method);
  return f != NULL ? f : prim_not_found;
}

bool prim_is_had(oop method) {
  const uint32_t number = method_primitive(method);
  const bool mark = number == PRIM_MARK_FAIL || number == PRIM_MARK_UNWIND || number == PRIM_MARK_HANDLER;
  const prim_fn f = prim_of_method(method);
  return mark || (number >= QUICK_FIRST && number <= QUICK_LAST) || (f != NULL && f != prim_not_found);
}

oop prim_external_call(oop *args, uint32_t argc) {
  prim_fn f = external_of_method(interp.new_method);
  return f != NULL ? f(args, argc) : prim_fail(PRIM_ERR_NOT_FOUND);
}

oop prim_ffi_call(oop *args, uint32_t argc) { return prim_fail(PRIM_ERR_UNSUPPORTED); }

/* Runs f with the elements of `array` as arguments in place of the caller's own. The caller's arguments come
 * back when f fails, so that the method's body finds them. */
static oop call_with(prim_fn f, oop receiver, oop array, oop *args, uint32_t argc) {
  uint32_t n = obj_slots(array);
  addr sp = interp.sp;
  oop saved[MAX_PRIMITIVE_ARGS + 1];
  memcpy(saved, args, (argc + 1) * sizeof *args);
  args[0] = receiver;
  for (uint32_t i = 0; i < n; i++) args[i + 1] = obj_slot(array, i);
  interp.sp = addr_of(args) + 4 * n;
  oop result = f(args, n);
  if (result == PRIM_DONE) return result;
  interp.sp = sp;
  memcpy(args, saved, (argc + 1) * sizeof *args);
  return result;
}

static bool is_argument_array(oop o) {
  return oop_has_class_index(o, CIX_ARRAY) && obj_slots(o) <= MAX_PRIMITIVE_ARGS;
}

/* tryPrimitive: number withArgs: array (118). */
oop prim_do_primitive(oop *args, uint32_t argc) {
  oop number = args[argc - 1], array = args[argc];
  if (!oop_is_int(number) || !is_argument_array(array) || oop_int(number) < 0)
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  prim_fn f = prim_numbered_for((uint32_t)oop_int(number), obj_slots(array));
  if (f == NULL || f == prim_quick) return prim_fail(PRIM_ERR_UNSUPPORTED);
  /* These read the running method, which is not theirs. */
  if (f == prim_external_call || f == prim_do_primitive) return prim_fail(PRIM_ERR_INAPPROPRIATE);
  return call_with(f, args[0], array, args, argc);
}

/* tryNamedPrimitiveIn: method for: receiver withArgs: array (218); the method names the primitive. */
oop prim_do_named_primitive(oop *args, uint32_t argc) {
  oop method = args[1], array = args[argc];
  if (!oop_is_pointer(method) || !fmt_is_method(obj_format(method)) || !is_argument_array(array))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (method_primitive(method) != PRIM_EXTERNAL_CALL || obj_slots(array) != method_num_args(method))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  prim_fn f = external_of_method(method);
  if (f == NULL) return prim_fail(PRIM_ERR_NOT_FOUND);
  return call_with(f, argc == 3 ? args[2] : args[0], array, args, argc);
}

/* ---- modules: all are built in, so there is nothing to load or unload ---- */

oop prim_flush_external(oop *args, uint32_t argc) { return args[0]; }

oop prim_unload_module(oop *args, uint32_t argc) {
  return is_bytes(args[1]) ? args[0] : prim_fail(PRIM_ERR_BAD_ARGUMENT);
}

/* The name of the nth built-in module, nil past the end. */
oop prim_list_builtin_module(oop *args, uint32_t argc) {
  if (!oop_is_int(args[1]) || oop_int(args[1]) < 1) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint32_t index = (uint32_t)oop_int(args[1]) - 1, count = 0;
  while (plugin_at(count) != NULL) count++;
  if (index >= count) return mem.nil;
  const char *name = plugin_at(index)->name;
  oop string = mem_new_string(name, (uint32_t)strlen(name));
  return string != 0 ? string : prim_fail(PRIM_ERR_NO_MEMORY);
}

oop prim_list_external_module(oop *args, uint32_t argc) { return mem.nil; }
