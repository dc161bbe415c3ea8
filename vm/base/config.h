/* config.h: every knob of the core in one place, with its default and its trade-off. */
#ifndef VM_BASE_CONFIG_H
#define VM_BASE_CONFIG_H

/* Debugging builds (see docs/debugging.md). Each is 0 or 1; the build may define it.
 * At run time the same switches are set through vm_set_option(), so one binary serves
 * every test mode: the macros below only give the initial values. */
#ifndef VM_GC_STRESS
#define VM_GC_STRESS 0 /* collect at the first safepoint after every allocation */
#endif
#ifndef VM_HEAP_CHECK
#define VM_HEAP_CHECK 0 /* verify the whole heap before and after every collection */
#endif
#ifndef VM_BAIL_STRESS
#define VM_BAIL_STRESS 0 /* every safepoint of translated code bails at random */
#endif
#ifndef VM_SMALL_STACKS
#define VM_SMALL_STACKS 0 /* tiny stack pages and depth limits: rare paths become common */
#endif

/* Eden in bytes. Larger: fewer scavenges, more survivors die; smaller: better cache locality. */
#ifndef VM_EDEN_BYTES
#define VM_EDEN_BYTES (4u << 20)
#endif
/* One survivor space, in bytes. Survivors that do not fit are tenured. */
#ifndef VM_SURVIVOR_BYTES
#define VM_SURVIVOR_BYTES (768u << 10)
#endif
/* Old space grows by at least this many bytes at a time. */
#ifndef VM_GROW_BYTES
#define VM_GROW_BYTES (16u << 20)
#endif
/* Default limit of the whole heap in bytes; `--memory` changes it. */
#ifndef VM_MEMORY_LIMIT
#define VM_MEMORY_LIMIT (1024u << 20)
#endif

/* A stack page, in bytes. It bounds the wasm stack too: a translated call chain never
 * outlives its page (see docs/execution.md), so with 44-byte frames at most ~3,000
 * translated activations are on the engine's stack at once. */
#ifndef VM_STACK_PAGE_BYTES
#define VM_STACK_PAGE_BYTES (128u << 10)
#endif
#ifndef VM_STACK_PAGES
#define VM_STACK_PAGES 32
#endif

/* Entries of the global lookup cache; a power of two. */
#ifndef VM_LOOKUP_CACHE_ENTRIES
#define VM_LOOKUP_CACHE_ENTRIES 4096
#endif

/* Activations and loop back-edges after which the translator looks whether a method is worth it. */
#ifndef VM_HOT_ACTIVATIONS
#define VM_HOT_ACTIVATIONS 100
#endif
#ifndef VM_HOT_BACK_EDGES
#define VM_HOT_BACK_EDGES 1000
#endif

/* Times that a translation is seen running before it is made again together with what it calls. */
#ifndef VM_BUNDLE_SAMPLES
#define VM_BUNDLE_SAMPLES 16
#endif

/* Bytes and number of the modules of translated code; beyond either, what ran lately is kept and the rest
 * forgotten. An engine takes several times the bytes, and up to 100 KB a module (docs/execution.md). */
#ifndef VM_CODE_LIMIT
#define VM_CODE_LIMIT (16u << 20)
#endif
#ifndef VM_MODULE_LIMIT
#define VM_MODULE_LIMIT 400
#endif

#endif
