/* nil_tests.c: which classes say what isNil and notNil answer (nil_tests.h). */
#include "translator/nil_tests.h"

#include "interpreter/lookup.h"

struct nil_tests tr_nil_tests;

static oop class_of_nil(void) { return mem_class_of(mem.nil); }

static bool answers(oop method, uint32_t constant) {
  return oop_is_pointer(method) && fmt_is_method(obj_format(method)) && method_num_args(method) == 0 &&
         method_primitive(method) == constant;
}

/* Whether instances of the class answer `of_nil` if they are nil, and the opposite else. What a class
 * inherits from one of the class table is found there. */
static bool is_standard_in(oop class_, oop selector, uint32_t of_nil) {
  enum { MAX_SUPERCLASSES = 1 << 16, KNOWN_FIELDS = CLASS_FORMAT + 1 };
  const uint32_t of_others = LOOKUP_QUICK_TRUE + LOOKUP_QUICK_FALSE - of_nil;
  const oop first = class_;
  for (uint32_t n = 0; n < MAX_SUPERCLASSES && oop_is_pointer(class_) && obj_slots(class_) >= KNOWN_FIELDS;
       n++) {
    if (obj_slot(class_, CLASS_METHOD_DICT) == mem.nil) return false;
    const oop method = lookup_own_method(class_, selector);
    if (method != 0) return answers(method, first == class_of_nil() ? of_nil : of_others);
    class_ = obj_slot(class_, CLASS_SUPERCLASS);
    if (class_ == class_of_nil()) return false;
    if (first != class_of_nil() && !mem_conventions.v3 && mem_known_class_index(class_) != 0) return true;
  }
  return false;
}

static bool is_standard(oop selector, uint32_t of_nil) {
  if (selector == 0) return false;
  for (uint32_t p = 0; p < CLASS_TABLE_PAGES; p++) {
    const oop page = obj_slot(mem.hidden_roots, p);
    if (page == mem.nil) continue;
    for (uint32_t i = 0; i < CLASS_TABLE_PAGE_SLOTS; i++) {
      const oop class_ = obj_slot(page, i);
      if (class_ != mem.nil && !is_standard_in(class_, selector, of_nil)) return false;
    }
  }
  return true;
}

static oop is_nil(void) { return lookup_own_selector(class_of_nil(), "isNil"); }
static oop not_nil(void) { return lookup_own_selector(class_of_nil(), "notNil"); }

bool tr_look_at_nil_tests(void) {
  const struct nil_tests before = tr_nil_tests;
  const oop is = is_nil(), isnt = not_nil();
  tr_nil_tests.is_nil = is_standard(is, LOOKUP_QUICK_TRUE) ? is : 0;
  tr_nil_tests.not_nil = is_standard(isnt, LOOKUP_QUICK_FALSE) ? isnt : 0;
  return (before.is_nil != 0 && tr_nil_tests.is_nil == 0) ||
         (before.not_nil != 0 && tr_nil_tests.not_nil == 0);
}

bool tr_look_at_nil_tests_of(oop class_) {
  bool changed = false;
  if (tr_nil_tests.is_nil != 0 && !is_standard_in(class_, tr_nil_tests.is_nil, LOOKUP_QUICK_TRUE)) {
    tr_nil_tests.is_nil = 0;
    changed = true;
  }
  if (tr_nil_tests.not_nil != 0 && !is_standard_in(class_, tr_nil_tests.not_nil, LOOKUP_QUICK_FALSE)) {
    tr_nil_tests.not_nil = 0;
    changed = true;
  }
  return changed;
}

void tr_nil_tests_moved(void) {
  if (tr_nil_tests.is_nil != 0) tr_nil_tests.is_nil = is_nil();
  if (tr_nil_tests.not_nil != 0) tr_nil_tests.not_nil = not_nil();
}
