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
  uint32_t methods; /* translated and installed since the start */
  uint32_t live;    /* of these, still in use */
  uint32_t refused; /* methods that stay interpreted */
  uint32_t modules;
  uint32_t code_bytes;   /* of the modules */
  uint64_t translate_us; /* analysis, encoding and the engine's compilation */
};
extern struct translator_stats translator_stats;

/* The method's translation as text: stage "wat", or "wasm" for the bytes in hex. NULL: it is in `out`; else
 * why there is none. The addresses in it are those it would be installed with. */
err_t translator_dump(oop method, const char *name, bool as_text, struct text *out) NODISCARD;

#endif
