/* frame_print.c: a stack trace of the running process for a person. */
#include <stdio.h>
#include <string.h>

#include "interpreter/frame_chain.h"
#include "interpreter/process.h"

enum {
  /* Of a deep stack the newest and the oldest activations are printed. */
  NEWEST_LINES = 150,
  OLDEST_LINES = 30,
  MAX_WALK = 100000000, /* a chain may be a ring */
  MAX_SUPERCLASSES = 100,
};

static bool is_bytes(oop o) { return oop_is_pointer(o) && fmt_is_bytes(obj_format(o)); }

static void put_string(char *to, size_t room, oop string) {
  if (!is_bytes(string)) {
    snprintf(to, room, "?");
    return;
  }
  uint32_t n = obj_byte_size(string);
  snprintf(to, room, "%.*s", (int)(n < 100 ? n : 100), (const char *)obj_bytes(string));
}

void interp_class_name(oop class_, char *to, size_t room) {
  if (oop_has_fields(class_, CLASS_NAME + 1) && is_bytes(obj_slot(class_, CLASS_NAME))) {
    put_string(to, room, obj_slot(class_, CLASS_NAME));
    return;
  }
  /* A metaclass refers to its one instance, by a field whose place differs between images. */
  snprintf(to, room, "a class");
  for (uint32_t i = CLASS_FORMAT + 1; oop_has_fields(class_, i + 1); i++) {
    oop sole = obj_slot(class_, i);
    if (!oop_has_fields(sole, CLASS_NAME + 1) || mem_class_of(sole) != class_) continue;
    put_string(to, room, obj_slot(sole, CLASS_NAME));
    size_t n = strlen(to);
    snprintf(to + n, room - n, " class");
    return;
  }
}

/* Where a method is found from `class_` upwards. */
static bool find_method(oop method, oop class_, oop *selector, oop *owner) {
  for (int i = 0; i < MAX_SUPERCLASSES && oop_has_fields(class_, 3); i++) {
    oop dict = obj_slot(class_, CLASS_METHOD_DICT);
    if (oop_has_fields(dict, DICT_KEYS)) {
      oop methods = obj_slot(dict, DICT_METHODS);
      uint32_t keys = obj_slots(dict) - DICT_KEYS;
      for (uint32_t k = 0; oop_has_fields(methods, keys) && k < keys; k++)
        if (obj_slot(methods, k) == method) {
          *selector = obj_slot(dict, DICT_KEYS + k);
          *owner = class_;
          return true;
        }
    }
    class_ = obj_slot(class_, CLASS_SUPERCLASS);
  }
  return false;
}

/* The method that a full block's code belongs to: its last literal names the outer code. */
static oop outermost_code(oop code) {
  for (int depth = 0; depth < 50; depth++) {
    uint32_t n = method_num_literals(code);
    oop outer = n == 0 ? 0 : method_literal(code, n - 1);
    if (outer == 0 || !oop_is_pointer(outer) || !fmt_is_method(obj_format(outer))) break;
    code = outer;
  }
  return code;
}

void interp_method_name(oop method, char *to, size_t room) {
  enum { BINDING_VALUE = 1 };
  char class_name[120] = "?", selector_text[120];
  const bool block = outermost_code(method) != method;
  method = outermost_code(method);
  oop selector = mem.nil, owner = mem.nil;
  const uint32_t n = method_num_literals(method);
  if (n > 0 && oop_has_fields(method_literal(method, n - 1), BINDING_VALUE + 1)) {
    const oop class_ = obj_slot(method_literal(method, n - 1), BINDING_VALUE);
    interp_class_name(class_, class_name, sizeof class_name);
    find_method(method, class_, &selector, &owner);
  }
  put_string(selector_text, sizeof selector_text, selector);
  snprintf(to, room, "%s%s>>%s", block ? "[] in " : "", class_name, selector_text);
}

static void describe(char *to, size_t room, const struct chain *c) {
  oop method, receiver;
  bool block;
  if (c->fp != 0) {
    method = frame_method(c->fp);
    receiver = frame_receiver(c->fp);
    block = (at32(c->fp + FRAME_FLAGS) & (FRAME_IS_BLOCK | FRAME_IS_OLD_BLOCK)) != 0;
  } else {
    bool old_block = oop_is_block_context(c->context);
    oop home = old_block ? obj_slot(c->context, BCTX_HOME) : c->context;
    block = old_block || context_closure(c->context) != mem.nil;
    method = oop_has_fields(home, CTX_TEMPS) ? obj_slot(home, CTX_METHOD) : mem.nil;
    receiver = oop_has_fields(home, CTX_TEMPS) ? obj_slot(home, CTX_RECEIVER) : mem.nil;
  }
  if (!oop_is_pointer(method) || !fmt_is_method(obj_format(method))) {
    snprintf(to, room, "a damaged context");
    return;
  }
  oop class_ = mem_class_of(receiver), selector = mem.nil, owner = mem.nil;
  bool found = find_method(outermost_code(method), class_, &selector, &owner);
  char class_name[120], owner_name[130] = "", selector_text[120];
  interp_class_name(class_, class_name, sizeof class_name);
  if (found && owner != class_) {
    char name[120];
    interp_class_name(owner, name, sizeof name);
    snprintf(owner_name, sizeof owner_name, "(%s)", name);
  }
  put_string(selector_text, sizeof selector_text, selector);
  snprintf(to, room, "%s%s%s>>%s", block ? "[] in " : "", class_name, owner_name, selector_text);
}

static void print_chain(const struct chain *start, void (*line)(const char *text)) {
  uint64_t count = 0, i = 0;
  struct chain c = *start;
  do count++;
  while (chain_next(&c) && count < MAX_WALK);
  c = *start;
  do {
    char text[512];
    bool skipped = count > NEWEST_LINES + OLDEST_LINES && i >= NEWEST_LINES && i < count - OLDEST_LINES;
    if (!skipped) {
      describe(text, sizeof text, &c);
      line(text);
    } else if (i == NEWEST_LINES) {
      snprintf(text, sizeof text, "… %llu more …", (unsigned long long)(count - NEWEST_LINES - OLDEST_LINES));
      line(text);
    }
  } while (chain_next(&c) && ++i < count);
}

void interp_print_stack(void (*line)(const char *text)) {
  if (frame_running == NULL) {
    line("(no process runs)");
    return;
  }
  const struct chain running = chain_of_frame(interp.fp);
  print_chain(&running, line);
}

void interp_print_process(oop process, void (*line)(const char *text)) {
  if (process == process_active() && frame_running != NULL) {
    interp_print_stack(line);
    return;
  }
  const struct chain suspended = chain_of_context(obj_slot(process, PROCESS_CONTEXT));
  if (!chain_is_end(&suspended)) print_chain(&suspended, line);
}
