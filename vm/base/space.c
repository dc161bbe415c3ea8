/* space.c: the 32-bit address space (space.h). */
#include "base/space.h"

#include <stdlib.h>
#include <string.h>

enum { GRAIN = 1 << 16 };

static uint32_t rounded(uint32_t bytes) { return (bytes + GRAIN - 1) & ~(uint32_t)(GRAIN - 1); }

/* Blocks that were given back, sorted by address, neighbours joined, for reuse. First fit from the lowest
 * address upwards is enough: blocks are few and large. */
enum { MAX_GIVEN = 256 };
static struct {
  addr at;
  uint32_t bytes;
} given[MAX_GIVEN];
static int given_count;

static void given_remove(int i) {
  given_count--;
  memmove(&given[i], &given[i + 1], (size_t)(given_count - i) * sizeof *given);
}

static void given_add(addr at, uint32_t bytes) {
  int i = 0;
  while (i < given_count && given[i].at < at) i++;
  bool joins_next = i < given_count && at + bytes == given[i].at;
  if (i > 0 && given[i - 1].at + given[i - 1].bytes == at) {
    given[i - 1].bytes += bytes + (joins_next ? given[i].bytes : 0);
    if (joins_next) given_remove(i);
  } else if (joins_next) {
    given[i].at = at;
    given[i].bytes += bytes;
  } else if (given_count < MAX_GIVEN) {
    memmove(&given[i + 1], &given[i], (size_t)(given_count - i) * sizeof *given);
    given[i].at = at;
    given[i].bytes = bytes;
    given_count++;
  } /* else it is lost until the end */
}

/* A block of the given ones, or 0. */
static addr given_take(uint32_t bytes) {
  for (int i = 0; i < given_count; i++) {
    if (given[i].bytes < bytes) continue;
    addr at = given[i].at;
    given[i].at += bytes;
    given[i].bytes -= bytes;
    if (given[i].bytes == 0) given_remove(i);
    return at;
  }
  return 0;
}

#ifdef __wasm__

#include <unistd.h>

bool space_init(void) { return true; }

/* Fresh memory past the break, which is zero: clearing it again would touch every page at start-up. malloc copes
 * with a break that others move. */
static addr fresh(uint32_t bytes) {
  const addr at = rounded(addr_of(sbrk(0)));
  if (at > UINT32_MAX - bytes) return 0;
  return sbrk((intptr_t)(at + bytes - addr_of(sbrk(0)))) == (void *)-1 ? 0 : at;
}

addr space_take(uint32_t bytes) {
  if (bytes == 0 || bytes > UINT32_MAX - GRAIN) return 0;
  bytes = rounded(bytes);
  const addr given_at = given_take(bytes);
  if (given_at == 0) return fresh(bytes);
  memset(AT(void, given_at), 0, bytes);
  return given_at;
}

/* Not to malloc, whose lists could answer a part of it to others and break the order of addresses. */
void space_give(addr a, uint32_t bytes) { given_add(a, rounded(bytes)); }

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
  addr at = given_take(bytes);
  if (at == 0) {
    /* The last grain stays free, so that the end of a block is an address too. */
    if (next_free + bytes > (1ull << 32) - GRAIN) return 0;
    at = (addr)next_free;
    next_free += bytes;
  }
  if (mprotect(AT(void, at), bytes, PROT_READ | PROT_WRITE) == 0) return at;
  given_add(at, bytes);
  return 0;
}

void space_give(addr a, uint32_t bytes) {
  bytes = rounded(bytes);
  void *p = AT(void, a);
  madvise(p, bytes, MADV_DONTNEED);
  mprotect(p, bytes, PROT_NONE);
  given_add(a, bytes);
}

#endif
