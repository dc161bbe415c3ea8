/* bundle.c: translations that stay hot are made again, together with what they call (manage.h).
 *
 * Methods become hot one by one and end in different modules, and what their sends reach was not known when
 * they were translated. So at safepoints a look at the stack counts which translations run. One that was seen
 * often is translated again, in one module with the translations that its cells name, and with those that
 * theirs name: the calls between them are direct ones then, and what the old cells know goes into the new
 * ones. Each method goes into a bundle once in a generation.
 */
#include "base/options.h"
#include "interpreter/send.h"
#include "translator/manage.h"

enum {
  LOOK_EVERY = 4, /* safepoints */
  CALLERS = 6,    /* activations of the stack that are counted */
};

static uint32_t safepoints_passed;

/* The first translation whose slot is not below `slot`: they are kept in the order of their slots. */
static uint32_t translation_at(uint32_t slot) {
  uint32_t low = 1, high = tr_translation_count;
  while (low < high) {
    const uint32_t middle = (low + high) / 2;
    if (tr_translations[middle].slot < slot)
      low = middle + 1;
    else
      high = middle;
  }
  return low < tr_translation_count && tr_translations[low].slot == slot ? low : 0;
}

/* The translation that calls of the frame's code reach; 0: none, or it is in a bundle. */
static uint32_t candidate_of_frame(addr fp) {
  const uint32_t info = (at32(fp + FRAME_FLAGS) & FRAME_TRANSLATED) != 0 ? send_frame_info(fp) : 0;
  const uint32_t translation = info != 0 ? method_infos[info].translation : 0;
  return translation != 0 && !tr_translations[translation].is_bundled ? translation : 0;
}

/* Counts the activations on top of the stack. Answers the outermost whose translation was seen often. */
static uint32_t sample(void) {
  const uint32_t wanted = vm_options.bundle_samples * tr_rounds_needed();
  uint32_t root = 0;
  addr fp = interp.fp;
  for (int i = 0; i < CALLERS && fp != 0; i++, fp = frame_caller_fp(fp)) {
    const uint32_t found = candidate_of_frame(fp);
    if (found != 0 && ++tr_translations[found].samples >= wanted) root = found;
  }
  return root;
}

static uint32_t add(uint32_t *infos, uint32_t count, uint32_t info) {
  for (uint32_t i = 0; i < count; i++)
    if (infos[i] == info) return count;
  if (count == TR_BUNDLE) return count;
  infos[count] = info;
  return count + 1;
}

/* What the sites of a translation name. */
static uint32_t add_callees(uint32_t *infos, uint32_t count, const struct translation *caller) {
  const struct tr_site *sites = AT(struct tr_site, caller->sites);
  for (uint32_t s = 0; s < caller->site_count; s++)
    for (uint32_t w = 0; w < TR_SITE_WAYS; w++) {
      if (sites[s].ways[w].class_index == 0) continue;
      const uint32_t callee = translation_at(sites[s].ways[w].slot);
      if (callee == 0 || tr_translations[callee].info == 0 || tr_translations[callee].is_bundled) continue;
      count = add(infos, count, tr_translations[callee].info);
    }
  return count;
}

uint32_t tr_choose_bundle(uint32_t *infos) {
  if (vm_options.bundle_samples == 0 || ++safepoints_passed % LOOK_EVERY != 0) return 0;
  const uint32_t root = sample();
  if (root == 0) return 0;
  uint32_t count = add(infos, 0, tr_translations[root].info);
  for (uint32_t i = 0; i < count; i++)
    count = add_callees(infos, count, &tr_translations[method_infos[infos[i]].translation]);
  return count;
}
