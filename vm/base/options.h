/* options.h: the switches that tests and the command line set at run time. */
#ifndef VM_BASE_OPTIONS_H
#define VM_BASE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* X(name, initial value, meaning): one row per option; vm_set_option() finds them by name. */
#define VM_OPTIONS(X)                                                                                       \
  X(gc_stress, VM_GC_STRESS, "1: collect at the first safepoint after every allocation")                    \
  X(gc_stress_full, 0, "N: every Nth stress collection is a full one; 0: never")                            \
  X(heap_check, VM_HEAP_CHECK, "1: verify the whole heap around every collection")                          \
  X(bail_stress, VM_BAIL_STRESS, "N: translated safepoints bail with probability 1/N")                      \
  X(translate, 1, "0: never translate; 1: when hot; 2: before the first activation")                        \
  X(translate_limit, UINT32_MAX, "translate no more methods than this: to find the one that goes wrong")    \
  X(hot_activations, VM_HOT_ACTIVATIONS, "activations after which a method is looked at")                   \
  X(hot_back_edges, VM_HOT_BACK_EDGES, "loop back-edges after which a method is looked at")                 \
  X(break_even, 100, "percent of a translation's cost that its code must have cost interpreted; 0: none")   \
  X(bundle_samples, VM_BUNDLE_SAMPLES,                                                                      \
    "times a translation is seen running before it is made again with what it calls; 0: never")             \
  X(short_methods, 1, "0: every send makes its call; 1: what short methods answer is emitted in its place") \
  X(code_limit, VM_CODE_LIMIT, "bytes of translated modules")                                               \
  X(module_limit, VM_MODULE_LIMIT, "number of translated modules")                                          \
  X(compact, 1, "0: full collections sweep and move nothing")                                               \
  X(grow_bytes, VM_GROW_BYTES, "old space grows by at least this many bytes at a time")                     \
  X(memory_limit, VM_MEMORY_LIMIT, "bytes the heap may take")                                               \
  X(stack_page_bytes, VM_STACK_PAGE_BYTES, "bytes of a stack page; before the image starts")                \
  X(stack_pages, VM_STACK_PAGES, "number of stack pages; before the image starts")                          \
  X(seed, 0x9E3779B9, "seed for hashes and for stress decisions")

struct vm_options {
#define X(name, initial, meaning) uint32_t name;
  VM_OPTIONS(X)
#undef X
};

extern struct vm_options vm_options;

/* Sets an option by name. Answers false when there is none of that name. */
bool vm_set_option(const char *name, uint32_t value);

#endif
