/* continuation.c: the way back into the middle of a translation (manage.h).
 *
 * A frame that translated code has left, and one whose loop is hot, can go on in a function that begins at
 * its PC. The table says which places were asked for and how often, and what was made for them. It lies
 * outside the heap and names methods by their info, so that a frame finds code made of its very own method
 * only.
 */
#include "translator/manage.h"

#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "interpreter/lookup.h"
#include "interpreter/send.h"

struct continuation {
  uint32_t info; /* 0: the place of the table is free */
  uint32_t pc;
  uint32_t state; /* enum tr_continuation_state */
  uint32_t wanted;
  uint32_t translation;
  uint64_t ints; /* as tr_frame_shape.ints: what the code may take for granted */
  bool untyped;  /* a frame came for which that was not so */
};

enum {
  FIRST_SIZE = 256, /* a power of two */
  MAX_ENTRIES = 8192,
  /* What is added when a frame that was left would have gone on there, when a loop there has gone round 64
   * times more, and when it is enough: 1,024 rounds of a loop in the interpreter. What is left of a frame
   * without loops is soon over. */
  FRAME_WANTS = 1,
  LOOP_WANTS = 3,
  WANTED_ENOUGH = 48,
};

static struct continuation *table; /* open addressing by info and pc */
static uint32_t table_size, entry_count;

/* What frames found lately, by method and pc: true until an object moves or a continuation goes. */
enum { RECENT = 64 };
static struct recent {
  oop method; /* 0: none */
  uint32_t pc, slot;
  struct tr_frame_shape shape;
} recent[RECENT];

static struct recent *recent_at(oop method, uint32_t pc) { return &recent[((method >> 3) ^ pc) % RECENT]; }

void tr_continuations_moved(void) { memset(recent, 0, sizeof recent); }

/* ---- the table ---- */

static struct continuation *place_of(uint32_t info, uint32_t pc) {
  for (uint32_t i = (info * 0x9E3779B1u ^ pc * 0x85EBCA6Bu) >> 7;; i++) {
    struct continuation *c = &table[i & (table_size - 1)];
    if (c->info == 0 || (c->info == info && c->pc == pc)) return c;
  }
}

/* NULL: not entered. */
static struct continuation *find(uint32_t info, uint32_t pc) {
  struct continuation *c = table_size == 0 ? NULL : place_of(info, pc);
  return c != NULL && c->info != 0 ? c : NULL;
}

/* Enters everything anew, but what is of `without`, in `size` places. */
static void rebuild(uint32_t size, uint32_t without) {
  struct continuation *old = table;
  const uint32_t old_size = table_size;
  table = calloc(size, sizeof *table);
  VM_ASSERT(table != NULL);
  table_size = size;
  entry_count = 0;
  for (uint32_t i = 0; i < old_size; i++) {
    if (old[i].info == 0 || old[i].info == without) continue;
    *place_of(old[i].info, old[i].pc) = old[i];
    entry_count++;
  }
  free(old);
}

static struct continuation *find_or_enter(uint32_t info, uint32_t pc) {
  if (2 * entry_count >= table_size) rebuild(table_size == 0 ? FIRST_SIZE : 2 * table_size, 0);
  struct continuation *c = place_of(info, pc);
  if (c->info != 0) return c;
  entry_count++;
  *c = (struct continuation){.info = info, .pc = pc};
  return c;
}

void tr_continuations_start(void) {
  free(table);
  table = NULL;
  table_size = entry_count = 0;
  tr_continuations_moved();
}

void tr_continuations_drop(uint32_t info) {
  bool any = false;
  for (uint32_t i = 0; i < table_size; i++) {
    if (table[i].info != info) continue;
    any = true;
    if (table[i].state == TR_CONTINUATION_MADE) tr_translation_forget(table[i].translation);
  }
  if (!any) return;
  rebuild(table_size, info);
  tr_continuations_moved();
}

bool tr_continuation_is_queued(uint32_t info, uint32_t pc) {
  const struct continuation *c = find(info, pc);
  return c != NULL && c->state == TR_CONTINUATION_QUEUED;
}

uint64_t tr_continuation_ints(uint32_t info, uint32_t pc) {
  const struct continuation *c = find(info, pc);
  return c != NULL ? c->ints : 0;
}

void tr_continuation_settle(uint32_t info, uint32_t pc, enum tr_continuation_state state,
                            uint32_t translation) {
  struct continuation *c = find(info, pc);
  if (c == NULL) return;
  c->state = state;
  c->translation = translation;
  c->wanted = 0;
}

/* ---- going on ---- */

/* A frame that can not go on otherwise is interpreted, and is not asked for again. */
static uint32_t leave_alone(addr fp) {
  put32(fp + FRAME_FLAGS, at32(fp + FRAME_FLAGS) & ~(uint32_t)FRAME_TRANSLATED);
  return 0;
}

/* Whether the frame is what the code was made for: a debugger may have changed its stack, its block another
 * number of arguments. */
static bool fits(addr fp, addr sp, const struct tr_frame_shape *shape) {
  const uint32_t kind = at32(fp + FRAME_FLAGS) & TR_FRAME_KIND_MASK;
  return kind == shape->kind && sp - fp == shape->bytes;
}

/* Whether temporaries are SmallIntegers that the code takes for such. */
static bool types_fit(addr fp, uint64_t ints) {
  const uint32_t num_args = frame_num_args(fp);
  for (uint32_t i = 0; ints >> 1 >> i != 0; i++)
    if ((ints >> 1 >> i & 1) != 0 && !oop_is_int(at32(frame_temp(fp, i, num_args)))) return false;
  return true;
}

/* The SmallIntegers among the words of the frame whose last is at `sp`. */
static uint64_t ints_of(addr fp, addr sp) {
  enum { MOST = 63 };
  const uint32_t num_args = frame_num_args(fp), words = (sp + 4 - (fp + FRAME_TEMPS)) / 4 + num_args;
  uint64_t ints = 0;
  for (uint32_t i = 0; i < words && i < MOST; i++)
    if (oop_is_int(at32(frame_temp(fp, i, num_args)))) ints |= 2ull << i;
  return ints;
}

static bool enqueue(struct continuation *c, addr fp, addr sp) {
  if (!tr_enqueue_continuation(c->info, c->pc)) return false;
  c->state = TR_CONTINUATION_QUEUED;
  c->ints = c->untyped ? 0 : ints_of(fp, sp);
  return true;
}

static bool may_enqueue(uint32_t info) {
  /* What bailed too often rests: its count of activations is below zero. */
  return tr_may_translate() && (tr_translates_always() || tr_policy_is_warm()) &&
         (int32_t)method_infos[info].activations >= 0;
}

/* The frames below stand where they will go on, too: one module does for all. */
static void enqueue_callers(addr fp) {
  for (addr sp; frame_caller_fp(fp) != 0;) {
    sp = frame_pushed(fp) - 4;
    fp = frame_caller_fp(fp);
    if ((at32(fp + FRAME_FLAGS) & FRAME_TRANSLATED) == 0) continue;
    const uint32_t info = send_frame_info(fp), pc = at32(fp + FRAME_PC);
    if (info == 0) continue;
    struct continuation *c = find_or_enter(info, pc);
    if (c->state == TR_CONTINUATION_COUNTING && !enqueue(c, fp, sp)) return;
  }
}

/* The translation for the frame, made now if need be and may be; NULL: there is none yet. */
static const struct translation *translation_for(addr fp, uint32_t pc, bool loop) {
  const uint32_t info = (at32(fp + FRAME_FLAGS) & FRAME_IS_OLD_BLOCK) == 0 ? send_frame_info(fp) : 0;
  if (info == 0 || method_infos[info].method != frame_method(fp) || entry_count >= MAX_ENTRIES) {
    (void)leave_alone(fp);
    return NULL;
  }
  struct continuation *c = find_or_enter(info, pc);
  if (c->state == TR_CONTINUATION_COUNTING) {
    const bool always = tr_translates_always();
    /* A loop that has just made its method worth translating is worth it, too. */
    const bool now = loop && (method_infos[info].flags & METHOD_INFO_QUEUED) != 0;
    c->wanted += loop ? LOOP_WANTS : FRAME_WANTS;
    const uint32_t enough = WANTED_ENOUGH * tr_rounds_needed() * vm_options.break_even / 100;
    if (!always && !now && c->wanted < enough) return NULL;
    if (!may_enqueue(info) || !enqueue(c, fp, interp.sp)) return NULL;
    if (always) {
      enqueue_callers(fp);
      translator_flush_queue();
      c = find(info, pc);
    }
  }
  if (c == NULL || c->state == TR_CONTINUATION_REFUSED) (void)leave_alone(fp);
  return c != NULL && c->state == TR_CONTINUATION_MADE ? &tr_translations[c->translation] : NULL;
}

/* The next code for the place takes nothing for granted. */
static void forget_types(addr fp, uint32_t pc) {
  struct continuation *c = find(send_frame_info(fp), pc);
  tr_translation_forget(c->translation);
  c->untyped = true;
  c->state = TR_CONTINUATION_COUNTING;
  c->wanted = WANTED_ENOUGH;
  tr_continuations_moved();
}

/* What was found lately or is in the table. */
static const struct recent *find_for(addr fp, oop method, uint32_t pc, bool loop) {
  struct recent *r = recent_at(method, pc);
  if (r->method == method && r->pc == pc) return r;
  const struct translation *t = translation_for(fp, pc, loop);
  if (t == NULL) return NULL;
  *r = (struct recent){method, pc, t->slot, t->shape};
  return r;
}

uint32_t tr_continuation(bool loop) {
  const addr fp = interp.fp;
  const oop method = frame_method(fp);
  const uint32_t pc = at32(fp + FRAME_PC);
  const struct recent *r = find_for(fp, method, pc, loop);
  if (r == NULL) return 0;
  if (!fits(fp, interp.sp, &r->shape)) return leave_alone(fp);
  if (!types_fit(fp, r->shape.ints)) {
    forget_types(fp, pc);
    r = find_for(fp, method, pc, loop);
    if (r == NULL) return 0;
  }
  put32(fp + FRAME_FLAGS, at32(fp + FRAME_FLAGS) | FRAME_TRANSLATED);
  translator_stats.continued++;
  return r->slot;
}
