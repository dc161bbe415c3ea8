/* space.h: the 32-bit address space that the heap, the stack pages and the code cells live in.
 *
 * In WebAssembly an address is an offset into linear memory and vm_base is the constant 0, so
 * at32() is one load. In a native build the space is a 4 GiB reservation and vm_base its start:
 * the same 32-bit addresses, the same image files, the same frames.
 */
#ifndef VM_BASE_SPACE_H
#define VM_BASE_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t addr; /* an address in the VM's 32-bit space */

/* AT(type, a): the host pointer for an address. Valid until the space is released; the space never moves. */
#ifdef __wasm__
#define AT(type, a) ((type *)(uintptr_t)(addr)(a))
static inline addr addr_of(const void *p) { return (addr)(uintptr_t)p; }
#else
extern uint8_t *vm_base;
#define AT(type, a) ((type *)(void *)(vm_base + (addr)(a)))
/* The address of a host pointer into the space. */
static inline addr addr_of(const void *p) { return (addr)((const uint8_t *)p - vm_base); }
#endif

static inline uint32_t at32(addr a) { return *AT(uint32_t, a); }
static inline void put32(addr a, uint32_t v) { *AT(uint32_t, a) = v; }

/* Prepares the space. Call once before anything else; calling again is harmless.
 * Answers false when the reservation fails (native only). */
bool space_init(void);

/* Takes `bytes` (rounded up to 64 KiB) of zeroed memory, aligned to 64 KiB. Answers 0 when the
 * host has no more. Given-back blocks are used again first: nothing is promised about the order. */
addr space_take(uint32_t bytes);

/* Gives a block back, for a later space_take; native returns the pages to the system meanwhile. */
void space_give(addr a, uint32_t bytes);

#endif
