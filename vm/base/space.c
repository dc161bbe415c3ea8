/* space.c: the 32-bit address space (space.h). */
#include "base/space.h"

#include <stdlib.h>
#include <string.h>

enum { GRAIN = 1 << 16 };

static uint32_t rounded(uint32_t bytes) { return (bytes + GRAIN - 1) & ~(uint32_t)(GRAIN - 1); }

#ifdef __wasm__

/* Blocks that were given back, for reuse; malloc's own lists could answer one below new space,
 * which a lookup by address must not. First fit from the lowest address upwards is enough: blocks
 * are few and large. */
enum { MAX_GIVEN = 64 };
static struct {
  addr at;
  uint32_t bytes;
} given[MAX_GIVEN];
static int given_count;

bool space_init(void) { return true; }

addr space_take(uint32_t bytes) {
  if (bytes == 0 || bytes > UINT32_MAX - GRAIN) return 0;
  bytes = rounded(bytes);
  for (int i = 0; i < given_count; i++) {
    if (given[i].bytes < bytes) continue;
    addr at = given[i].at;
    given[i].at += bytes;
    given[i].bytes -= bytes;
    if (given[i].bytes == 0) given[i] = given[--given_count];
    memset(AT(void, at), 0, bytes);
    return at;
  }
  void *p = aligned_alloc(GRAIN, bytes);
  if (p == NULL) return 0;
  memset(p, 0, bytes);
  return addr_of(p);
}

void space_give(addr a, uint32_t bytes) {
  if (given_count == MAX_GIVEN) return;
  given[given_count].at = a;
  given[given_count].bytes = rounded(bytes);
  given_count++;
}

#else

#include <sys/mman.h>

uint8_t *vm_base;
/* The first 16 MiB stay unmapped, so that a null or small sentinel oop faults at once. */
static uint64_t next_free = 16u << 20;

bool space_init(void) {
  if (vm_base != NULL) return true;
  void *p = mmap(NULL, 1ull << 32, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) return false;
  vm_base = p;
  return true;
}

addr space_take(uint32_t bytes) {
  if (bytes == 0 || bytes > UINT32_MAX - GRAIN) return 0;
  bytes = rounded(bytes);
  /* The last grain stays free, so that the end of a block is an address too. */
  if (next_free + bytes > (1ull << 32) - GRAIN) return 0;
  void *p = vm_base + next_free;
  if (mprotect(p, bytes, PROT_READ | PROT_WRITE) != 0) return 0;
  next_free += bytes;
  return addr_of(p);
}

void space_give(addr a, uint32_t bytes) {
  bytes = rounded(bytes);
  void *p = AT(void, a);
  madvise(p, bytes, MADV_DONTNEED);
  mprotect(p, bytes, PROT_NONE);
  if ((uint64_t)a + bytes == next_free) next_free = a;
}

#endif
