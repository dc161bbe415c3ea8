/* counters.h: what running and collecting count, for the statistics of the host (abi.c) and of the image
 * (CatalystPlugin). Each adds rows of its own. */
#ifndef VM_INTERPRETER_COUNTERS_H
#define VM_INTERPRETER_COUNTERS_H

#include "interpreter/interp.h"

/* X(name, the image's name, value): each a number that a double holds exactly. */
#define RUN_COUNTERS(X)                                         \
  X(bytecodes, bytecodes, interp.bytecodes)                     \
  X(sends, sends, interp.sends)                                 \
  X(activations, activations, interp.activations)               \
  X(primitives_called, primitives, interp.primitives_called)    \
  X(cache_misses, cacheMisses, interp.cache_misses)             \
  X(process_switches, processSwitches, interp.process_switches) \
  X(translated_calls, translatedCalls, interp.translated_calls) \
  X(bails, bails, interp.bails)
#define MEMORY_COUNTERS(X)                                \
  X(scavenges, scavenges, mem.scavenges)                  \
  X(full_gcs, fullGCs, mem.full_gcs)                      \
  X(scavenge_us, scavengeMicroseconds, mem.scavenge_us)   \
  X(full_gc_us, fullGCMicroseconds, mem.full_gc_us)       \
  X(tenured_objects, tenuredObjects, mem.tenured_objects) \
  X(old_bytes, oldBytes, mem_old_bytes())                 \
  X(old_free_bytes, oldFreeBytes, mem_old_free_bytes())

#endif
