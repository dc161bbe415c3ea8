/* manage.h: what the files share that keep translations. translator.c translates what policy.c chooses,
 * install.c keeps modules, cells and table slots, invalidate.c clears and drops what is not true any
 * more, continuation.c knows the ways back into the middle of a method.
 *
 * Translations live in a generation: one function table of the host, filled from one end. What a module
 * costs comes back only with its whole generation (devices/host.h), so when the limits are reached a new
 * generation begins, and the methods that ran lately are soon in it again.
 */
#ifndef TRANSLATOR_MANAGE_H
#define TRANSLATOR_MANAGE_H

#include "interpreter/lookup.h"
#include "translator/translate.h"
#include "translator/translator.h"

enum {
  TR_BATCH = 24,  /* methods in a module; a module costs about as much as ten methods */
  TR_BUNDLE = 40, /* … of those that are translated again */
};

/* What a frame must be for a continuation to go on with it. */
enum { TR_FRAME_KIND_MASK = FRAME_NUM_ARGS_MASK | FRAME_IS_BLOCK | FRAME_IS_OLD_BLOCK };
struct tr_frame_shape {
  uint32_t kind;  /* its flags in the mask */
  uint32_t bytes; /* sp - fp */
  uint64_t ints;  /* temporaries that are SmallIntegers, as cfg.entry_ints */
};

/* What is kept of an installed translation: of a method or block, or of a continuation of one. */
struct translation {
  addr cell;  /* the word with the method's oop; 0 in it once the translation is dropped */
  addr sites; /* its inline caches: cleared with all others until the generation ends, because the
                 function of a dropped translation may still be running */
  uint32_t site_count;
  uint32_t info; /* index of method_info; 0: dropped */
  uint32_t slot;
  uint32_t entry_pc;           /* of a continuation; else 0 */
  struct tr_frame_shape shape; /* of a continuation */
  uint32_t bails;              /* since bails_since_us */
  uint64_t bails_since_us;
  uint32_t samples; /* how often it was seen running (bundle.c) */
  bool is_bundled;  /* it has been translated again */
  uint32_t seen;    /* the method's activations when the generation was three quarters full */
};
extern struct translation *tr_translations; /* index 0 is never used */
extern uint32_t tr_translation_count;

/* ---- translator.c ---- */

/* Whether something more may be translated now. */
bool tr_may_translate(void);
bool tr_translates_always(void);
/* Puts a continuation into the queue. False: that is full. */
bool tr_enqueue_continuation(uint32_t info, uint32_t pc);

/* Translates a method or CompiledBlock for nothing. False: the phase and the reason. */
bool tr_try(oop method, const char **phase, struct tr_refusal *refusal);

/* ---- refusals.c ---- */

/* The code stays interpreted. */
void tr_note_refusal(oop method, const char *phase, const struct tr_refusal *refusal);

/* ---- continuation.c ---- */

enum tr_continuation_state {
  TR_CONTINUATION_COUNTING, /* how often it is wanted */
  TR_CONTINUATION_QUEUED,
  TR_CONTINUATION_MADE,
  TR_CONTINUATION_REFUSED,
};

/* Forgets all. */
void tr_continuations_start(void);
/* Takes those of a method or block away. */
void tr_continuations_drop(uint32_t info);
/* Addresses have changed. */
void tr_continuations_moved(void);
bool tr_continuation_is_queued(uint32_t info, uint32_t pc);
/* Of one that was queued: the temporaries and operands that were SmallIntegers then, as cfg.entry_ints. */
uint64_t tr_continuation_ints(uint32_t info, uint32_t pc);
/* What became of one that was queued. */
void tr_continuation_settle(uint32_t info, uint32_t pc, enum tr_continuation_state state,
                            uint32_t translation);
/* interp_hooks.continuation */
uint32_t tr_continuation(bool loop);

/* ---- install.c ---- */

/* A batch of methods on its way into a module. */
struct tr_batch {
  struct cfg cfgs[TR_BUNDLE];
  struct tr_target targets[TR_BUNDLE];
  struct wasm_func funcs[TR_BUNDLE];
  struct translation made[TR_BUNDLE]; /* info 0: the function is never called */
  uint32_t count;
  bool is_bundle; /* all have translations, which these replace */
};

/* Whether the host can take translated code at all. Forgets everything there was. */
bool tr_code_start(void);
/* Memory for cells and sites, valid until the generation ends; 0: there is none. */
addr tr_take_cells(uint32_t bytes);
/* Gives back what was taken last, from `at` on. */
void tr_give_cells(addr at);
/* Puts a batch into a module. */
enum tr_install_result { TR_INSTALLED, TR_NO_ROOM, TR_REFUSED_BY_HOST };
enum tr_install_result tr_install(struct tr_batch *batch);
/* The table slot that the next module begins with. */
uint32_t tr_next_slot(void);
/* The generation is full: nothing more is translated before tr_code_slice(). */
bool tr_code_is_full(void);
/* Between time slices, when no translated function is running: begins a new generation if the old one is
 * full, or if there is one where nothing is to be translated. */
void tr_code_slice(bool never);

/* ---- bundle.c ---- */

/* At safepoints: what is to be translated again in one module, as indices of method_info: at most TR_BUNDLE.
 * Answers how many. */
uint32_t tr_choose_bundle(uint32_t *infos);

/* ---- policy.c ---- */

/* Forgets what was measured. */
void tr_policy_start(void);
/* A time slice begins. */
void tr_policy_slice(uint64_t now_us);
/* At safepoints. */
void tr_policy_look_at_clock(uint64_t now_us);
/* The program has run long enough for translating to begin. */
bool tr_policy_is_warm(void);
/* So long a batch took, the refused ones included. */
void tr_policy_translated(uint64_t took_us, const struct tr_batch *batch);
/* How many times as long code must have run while translating takes more than its share of the time. */
uint32_t tr_rounds_needed(void);
/* Code has reached hot_activations or hot_back_edges, and counts from 0 again: whether it is worth
 * translating now. */
bool tr_policy_look(struct method_info *info);

/* ---- invalidate.c ---- */

/* Fills in the hooks of this file and finds out what the image's special selectors do. */
void tr_invalidation_start(void);
/* Takes the translation away from its method, and the continuations. */
void tr_drop(uint32_t translation);
/* The translation is called no more. */
void tr_translation_forget(uint32_t translation);
/* Takes all translations away and makes all running ones leave at once. */
void tr_drop_all(void);
void tr_clear_sites(void);
/* Whether Arrays are served by the standard `at:`, `at:put:` and `size`: translations may inline them. */
extern bool tr_arrays_are_standard;
/* At safepoints: drops everything when that is not so any more. */
void tr_check_assumptions(void);

#endif
