/* translator.h: translation at run time: which methods, when, and what becomes of them. */
#ifndef TRANSLATOR_TRANSLATOR_H
#define TRANSLATOR_TRANSLATOR_H

#include "base/text.h"
#include "memory/memory.h"

/* Fills in interp_hooks. After interp_start(). Without a function table in the host everything stays
 * interpreted. */
void translator_start(void);
/* Translates what waits in the queue. */
void translator_flush_queue(void);

struct translator_stats {
  uint32_t methods;       /* translated and installed since the start */
  uint32_t live;          /* of these, still in use */
  uint32_t refused;       /* methods that stay interpreted */
  uint32_t invalidations; /* translations dropped because their method changed, went or died */
  uint32_t replaced;      /* translations that were made again with what they call */
  uint32_t evictions;     /* translations that went with their generation */
  uint32_t continuations; /* translated and installed: ways back into the middle of a method */
  uint64_t continued;     /* frames that went on in one */
  uint32_t sent_back;     /* methods that bailed too often */
  uint32_t modules;
  uint32_t code_bytes;                           /* of the modules */
  uint32_t generations;                          /* begun because the one before was full */
  uint32_t generation_modules, generation_bytes; /* of the one in use */
  uint64_t translate_us;                         /* analysis, encoding and the engine's compilation */
  uint64_t run_us;                               /* in time slices, translating included */
};
extern struct translator_stats translator_stats;

/* What decides on what is translated (policy.c). */
struct translator_figures {
  uint32_t unit_ns;           /* measured: what a bytecode costs that is translated */
  uint32_t interpreted_ns;    /* and one that is interpreted */
  uint64_t typical_threshold; /* bytecodes interpreted of a method of middling size before it is translated */
};
struct translator_figures translator_figures(void);

/* The last methods that were refused, as a JSON array: method, phase, pc and reason of each. */
void translator_refusals_json(struct text *out);
/* How many methods and CompiledBlocks the image has (`tried`), and those that would be refused. */
void translator_survey_json(struct text *out);

/* The method's translation, or from an entry pc on the continuation, as text: stage "wat", or "wasm" for the
 * bytes in hex. NULL: it is in `out`; else why there is none. The addresses in it are those it would be
 * installed with. */
err_t translator_dump(oop method, uint32_t entry_pc, const char *name, bool as_text,
                      struct text *out) NODISCARD;

#endif
