/* invalidate.c: clearing and dropping what is not true any more (manage.h).
 *
 * A replaced method is never run again: lookup does not find it, no cell names its slot, and its slot stays
 * its own until the generation ends. What still runs of it are activations that had begun, as in the
 * interpreter.
 */
#include "translator/manage.h"

#include "interpreter/lookup.h"
#include "translator/nil_tests.h"

void tr_clear_sites(void) {
  for (uint32_t i = 1; i < tr_translation_count; i++)
    for (uint32_t s = 0; s < tr_translations[i].site_count; s++)
      tr_site_clear(&AT(struct tr_site, tr_translations[i].sites)[s]);
}

void tr_translation_forget(uint32_t index) {
  tr_translations[index].info = 0;
  put32(tr_translations[index].cell, 0);
}

void tr_drop(uint32_t index) {
  const uint32_t i = tr_translations[index].info;
  if (i == 0) return;
  tr_continuations_drop(i);
  if (tr_translations[index].entry_pc != 0) return;
  struct method_info *info = &method_infos[i];
  method_info_set_slot(i, 0);
  info->translation = 0;
  info->activations = info->back_edges = 0;
  method_info_released(i);
  tr_translation_forget(index);
  translator_stats.live--;
  translator_stats.invalidations++;
}

void tr_drop_all(void) {
  tr_clear_sites();
  for (uint32_t i = 1; i < tr_translation_count; i++) tr_drop(i);
  /* Translated code that is running assumes what is not so any more: everything unwinds. */
  interp.restructured = true;
  interp_request_check();
}

/* ---- what code assumes of the image ---- */

/* Inlined `at:`, `at:put:` and `size` of Arrays assume that the standard primitives serve them. */
static bool look_at_arrays(void) {
  return at_is_standard(AT_GET, CIX_ARRAY) && at_is_standard(AT_SET, CIX_ARRAY) &&
         at_is_standard(AT_SIZE, CIX_ARRAY);
}

bool tr_arrays_are_standard;
static bool suspect; /* an image may tell of a change before it makes it: look again at the next safepoint */

void tr_check_assumptions(void) {
  if (!suspect) return;
  suspect = false;
  const bool standard = look_at_arrays();
  const bool changed = standard != tr_arrays_are_standard;
  tr_arrays_are_standard = standard;
  if (tr_look_at_nil_tests() || changed) tr_drop_all();
}

static void class_entered(oop class_) {
  if (tr_look_at_nil_tests_of(class_)) tr_drop_all();
}

/* ---- hooks ---- */

static void flush_all(void) {
  tr_clear_sites();
  suspect = true;
  tr_check_assumptions();
  suspect = true;
}

static void flush_selector(oop selector) {
  (void)selector;
  flush_all();
}

/* The method is not to be found any more, or its code was changed in place. */
static void flush_method(oop method) {
  for (uint32_t i = 1; i < method_info_count; i++) { /* the method and the blocks in it */
    if (method_infos[i].method != method) continue;
    tr_continuations_drop(i);
    if (method_infos[i].translation != 0) tr_drop(method_infos[i].translation);
    method_infos[i].flags &= (uint16_t)~METHOD_INFO_NEVER_TRANSLATE;
  }
  flush_all();
}

/* Class indices are used again after a full collection; methods may have died. */
static void objects_moved(bool full) {
  if (full) tr_clear_sites();
  tr_nil_tests_moved();
  tr_continuations_moved();
  for (uint32_t i = 1; i < tr_translation_count; i++) {
    const struct translation *t = &tr_translations[i];
    if (t->info == 0) continue;
    const oop method = method_infos[t->info].method;
    if (method == 0)
      tr_drop(i);
    else
      put32(t->cell, method);
  }
}

void tr_invalidation_start(void) {
  suspect = false;
  tr_arrays_are_standard = look_at_arrays();
  (void)tr_look_at_nil_tests();
  mem_hooks.class_entered = class_entered;
  interp_hooks.flush_all = flush_all;
  interp_hooks.flush_selector = flush_selector;
  interp_hooks.flush_method = flush_method;
  interp_hooks.objects_moved = objects_moved;
}
