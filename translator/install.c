/* install.c: modules, cells and table slots of installed translations (manage.h). */
#include "translator/manage.h"

#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "devices/code.h"
#include "interpreter/lookup.h"

enum {
  TABLE_STEP = 2048,      /* slots the table grows by: growing is dear with many modules */
  CELL_BLOCK = 256 << 10, /* bytes of cells and inline caches taken at once */
};

struct translation *tr_translations;
uint32_t tr_translation_count;
static uint32_t translation_room;

static uint32_t first_slot, next_slot, end_slot;
static bool full, looked_around;

/* ---- cells ---- */

struct block {
  addr start;
  uint32_t bytes;
};
static struct block *blocks;
static uint32_t block_count, block_used; /* blocks before block_used are taken, the last of them in part */
static addr next_cell, end_cell;

static bool next_block(uint32_t bytes) {
  if (block_used == block_count) {
    const uint32_t size = bytes > CELL_BLOCK ? bytes : CELL_BLOCK;
    const addr start = space_take(size);
    if (start == 0) return false;
    blocks = realloc(blocks, (block_count + 1) * sizeof *blocks);
    VM_ASSERT(blocks != NULL);
    blocks[block_count++] = (struct block){start, size};
  }
  next_cell = blocks[block_used].start;
  end_cell = next_cell + blocks[block_used].bytes;
  block_used++;
  return true;
}

addr tr_take_cells(uint32_t bytes) {
  while (end_cell - next_cell < bytes)
    if (!next_block(bytes)) return 0;
  const addr at = next_cell;
  next_cell += bytes;
  return at;
}

void tr_give_cells(addr at) {
  /* Only where nothing has gone on to another block since. */
  if (at < next_cell && block_used > 0 && at >= blocks[block_used - 1].start) next_cell = at;
}

/* ---- slots ---- */

static bool reserve_slots(uint32_t count) {
  if (end_slot - next_slot >= count) return true;
  const uint32_t first = dev_code_grow(TABLE_STEP);
  if (first == 0) return false;
  if (first_slot == 0) first_slot = next_slot = first;
  if (first != end_slot && end_slot != 0) return false; /* somebody else's slots stand in between */
  end_slot = first + TABLE_STEP;
  return true;
}

uint32_t tr_next_slot(void) { return next_slot; }

/* ---- generations ---- */

bool tr_code_is_full(void) { return full; }

static bool past(uint32_t used, uint32_t limit, uint32_t quarters) {
  return used >= (uint64_t)limit * quarters / 4;
}
static bool generation_past(uint32_t quarters) {
  return past(translator_stats.generation_bytes, vm_options.code_limit, quarters) ||
         past(translator_stats.generation_modules, vm_options.module_limit, quarters);
}

/* Begins to watch which methods run: every call from now on that is not made by a filled cell counts as an
 * activation, and no cell is filled. */
static void look_around(void) {
  looked_around = true;
  tr_clear_sites();
  for (uint32_t i = 1; i < tr_translation_count; i++)
    if (tr_translations[i].info != 0 && tr_translations[i].entry_pc == 0)
      tr_translations[i].seen = method_infos[tr_translations[i].info].activations;
}

static void begin_generation(void) {
  /* What ran lately is translated again at its next activation, the rest when it has become hot again. */
  for (uint32_t i = 1; i < tr_translation_count; i++) {
    const struct translation *t = &tr_translations[i];
    if (t->info == 0 || t->entry_pc != 0) continue;
    struct method_info *info = &method_infos[t->info];
    const bool ran = looked_around && info->activations != t->seen;
    info->activations = ran && vm_options.hot_activations > 0 ? vm_options.hot_activations - 1 : 0;
    info->interpreted = ran ? UINT32_MAX : 0;
    info->back_edges = 0;
    info->translation = 0;
    translator_stats.evictions++;
  }
  method_info_clear_slots();
  tr_continuations_start();
  dev_code_renew(first_slot);
  next_slot = first_slot;
  tr_translation_count = 1;
  block_used = 0;
  next_cell = end_cell = 0;
  full = looked_around = false;
  translator_stats.live = translator_stats.generation_bytes = translator_stats.generation_modules = 0;
  translator_stats.generations++;
}

void tr_code_slice(bool never) {
  if (full || (never && translator_stats.generation_modules > 0)) begin_generation();
}

bool tr_code_start(void) {
  if (first_slot != 0) {
    dev_code_renew(first_slot);
    next_slot = first_slot;
  }
  tr_continuations_start();
  tr_translation_count = 1;
  if (translation_room > 0) tr_translations[0] = (struct translation){0};
  block_used = 0;
  next_cell = end_cell = 0;
  full = looked_around = false;
  return reserve_slots(1);
}

/* ---- installing ---- */

/* Nothing calls the old translation any more: no cell is filled, and the method gets another slot. */
static void replace(uint32_t index) {
  tr_translation_forget(index);
  translator_stats.live--;
  translator_stats.replaced++;
}

static void keep(const struct translation *made) {
  if (tr_translation_count >= translation_room) {
    translation_room = translation_room == 0 ? 256 : 2 * translation_room;
    tr_translations = realloc(tr_translations, translation_room * sizeof *tr_translations);
    VM_ASSERT(tr_translations != NULL);
  }
  if (made->entry_pc != 0) {
    tr_continuation_settle(made->info, made->entry_pc, TR_CONTINUATION_MADE, tr_translation_count);
    translator_stats.continuations++;
  } else {
    if (method_infos[made->info].translation != 0) replace(method_infos[made->info].translation);
    method_infos[made->info].translation = tr_translation_count;
    method_info_set_slot(made->info, made->slot);
    translator_stats.methods++;
    translator_stats.live++;
  }
  tr_translations[tr_translation_count++] = *made;
}

/* Class>>selector, of a continuation with the pc at which it begins. */
static void name_functions(struct tr_batch *batch) {
  enum { ROOM = 256 };
  for (uint32_t i = 0; i < batch->count; i++) {
    const struct translation *made = &batch->made[i];
    if (made->info == 0) continue;
    const struct method_info *info = &method_infos[made->info];
    char method[ROOM];
    struct text name = {0};
    interp_method_name(info->method, method, sizeof method);
    text_printf(&name, "%s%s", info->start_pc != 0 ? "[] in " : "", method);
    if (info->start_pc != 0) text_printf(&name, " from %u", info->start_pc);
    if (made->entry_pc != 0) text_printf(&name, " @%u", made->entry_pc);
    batch->funcs[i].name = name.chars;
  }
}

enum tr_install_result tr_install(struct tr_batch *batch) {
  if (full) return TR_NO_ROOM;
  if (!reserve_slots(batch->count)) {
    full = true;
    return TR_NO_ROOM;
  }
  const struct wasm_module module = {.imports = tr_imports,
                                     .import_count = TRH_COUNT,
                                     .funcs = batch->funcs,
                                     .func_count = batch->count,
                                     .first_slot = next_slot,
                                     .named = true};
  struct text bytes = {0};
  name_functions(batch);
  wasm_encode(&module, &bytes);
  const bool fine = dev_code_install(bytes.chars, (uint32_t)bytes.length, next_slot, batch->count);
  if (fine) {
    if (batch->is_bundle) tr_clear_sites(); /* but those in the bundle, which name its slots */
    for (uint32_t i = 0; i < batch->count; i++) {
      if (batch->made[i].info == 0) continue;
      batch->made[i].slot = next_slot + i;
      keep(&batch->made[i]);
    }
    next_slot += batch->count;
    translator_stats.modules++;
    translator_stats.code_bytes += (uint32_t)bytes.length;
    translator_stats.generation_modules++;
    translator_stats.generation_bytes += (uint32_t)bytes.length;
    if (!looked_around && generation_past(3)) look_around();
    if (generation_past(4)) full = true;
  }
  text_free(&bytes);
  return fine ? TR_INSTALLED : TR_REFUSED_BY_HOST;
}
