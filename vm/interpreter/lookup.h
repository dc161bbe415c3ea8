/* lookup.h: the global lookup cache, and what the VM knows of a method outside the heap. */
#ifndef VM_INTERPRETER_LOOKUP_H
#define VM_INTERPRETER_LOOKUP_H

#include "interpreter/interp.h"
#include "primitives/primitive.h"

/* What the VM keeps of a method that ran: found by the lookup cache entry, or by hashing the method's oop.
 * Index 0 is never used. Updated by the collector's hook when methods move; freed when they die. */
struct method_info {
  oop method;
  uint32_t activations; /* counts up to the threshold, then the translator decides */
  uint32_t back_edges;
  uint32_t slot;        /* table slot of its translation; 0: none */
  uint32_t flags;       /* METHOD_INFO_… */
  uint32_t translation; /* the translator's own index */
};
enum { METHOD_INFO_NEVER_TRANSLATE = 1, METHOD_INFO_QUEUED = 2 };

struct lookup_entry {
  oop selector; /* 0: empty */
  uint32_t class_index;
  oop method;        /* may be an oop that is no CompiledMethod (object as method) */
  prim_fn primitive; /* NULL: none, activate at once */
  uint32_t info;     /* index of method_info */
  uint32_t slot;     /* copy of method_infos[info].slot: 0 = interpret */
};

extern struct lookup_entry lookup_cache[];
extern struct method_info *method_infos;
extern uint32_t method_info_count;

uint32_t method_info_of(oop method); /* made on first use */
/* Sets the translation's table slot, in the info and in every cache entry that names the method. */
void method_info_set_slot(uint32_t info, uint32_t slot);

#endif
