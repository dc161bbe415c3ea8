/* mem_bench.c: what the object memory's operations cost, on a heap made for it. The figures in the memory
 * sources' comments come from here. */
#include "base/options.h"
#include "memory/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static oop root[4];
static void each_root(void (*visit)(oop *slot), bool full) {
  (void)full;
  for (int i = 0; i < 4; i++) visit(&root[i]);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void must(oop o) {
  if (o != 0) return;
  fprintf(stderr, "mem_bench: out of memory\n");
  exit(1);
}

static void short_lived(uint32_t slots) {
  enum { N = 20000000 };
  double start = now();
  for (int i = 0; i < N; i++) {
    must(mem_new(CIX_ARRAY, FMT_INDEXABLE, slots));
    if (mem.gc_wanted) mem_collect_at_safepoint();
  }
  printf("allocate %u slots, all die:        %6.2f ns each\n", slots, (now() - start) * 1e6 / N);
}

/* A complete binary tree; 2 slots a node. */
static oop tree(int depth) {
  oop o = mem_new(CIX_ARRAY, FMT_INDEXABLE, 2);
  must(o);
  if (depth == 0) return o;
  mem_store(o, 0, tree(depth - 1));
  mem_store(o, 1, tree(depth - 1));
  return o;
}

/* Trees that live for a moment, as in the binary-trees benchmark. */
static void medium_lived(void) {
  enum { N = 200, DEPTH = 13 };
  double start = now();
  for (int i = 0; i < N; i++) {
    root[i % 4] = tree(DEPTH);
    if (mem.gc_wanted) mem_collect_at_safepoint();
  }
  printf("trees of %d nodes, four live:   %6.2f ns a node, %llu scavenges, %llu full, %llu tenured\n",
         (2 << DEPTH) - 1, (now() - start) * 1e6 / N / ((2 << DEPTH) - 1), (unsigned long long)mem.scavenges,
         (unsigned long long)mem.full_gcs, (unsigned long long)mem.tenured_objects);
}

static void full_collections(int depth) {
  for (int i = 0; i < 4; i++) root[i] = mem.nil;
  root[0] = tree(depth);
  root[1] = tree(depth);
  uint32_t objects = (4u << depth) - 2;
  mem_full_gc();
  double start = now();
  mem_full_gc();
  printf("full collection, %u objects, %u MB, nothing moves: %.1f ms\n", objects, mem_old_bytes() >> 20,
         now() - start);
  root[2] = root[1];
  root[0] = mem.nil;
  start = now();
  mem_full_gc();
  printf("full collection, the first half dead, the second slides: %.1f ms\n", now() - start);
}

static void becomes(int depth) {
  root[0] = tree(depth);
  mem_full_gc();
  enum { N = 10 };
  double start = now();
  for (int i = 0; i < N; i++) {
    oop x = mem_new_array(1), y = mem_new_array(1);
    mem_store(x, 0, mem_new_old(CIX_ARRAY, FMT_INDEXABLE, 3));
    mem_store(y, 0, mem_new_old(CIX_ARRAY, FMT_INDEXABLE, 10));
    if (mem_become(x, y, true, false) != MEM_OK) exit(1);
  }
  printf("become:, old, sizes differ, %u objects: %.2f ms each\n", (2u << depth) - 1, (now() - start) / N);
  start = now();
  for (int i = 0; i < 1000 * N; i++) {
    oop x = mem_new_array(1), y = mem_new_array(1);
    mem_store(x, 0, mem_new_array(3));
    mem_store(y, 0, mem_new_array(10));
    if (mem_become(x, y, true, false) != MEM_OK) exit(1);
    if (mem.gc_wanted) mem_collect_at_safepoint();
  }
  printf("become:, young, sizes differ: %.2f us each\n", (now() - start) * 1e3 / N / 1000);
  start = now();
  for (int i = 0; i < 1000 * N; i++) {
    oop x = mem_new_array(1), y = mem_new_array(1);
    mem_store(x, 0, mem_new_array(4));
    mem_store(y, 0, mem_new_array(4));
    if (mem_become(x, y, true, false) != MEM_OK) exit(1);
    if (mem.gc_wanted) mem_collect_at_safepoint();
  }
  printf("become:, same size: %.2f us each\n", (now() - start) * 1e3 / N / 1000);
}

int main(void) {
  mem_hooks = (struct mem_hooks){.each_root = each_root};
  err_t e = mem_init(0);
  if (e == NULL) e = mem_bootstrap();
  if (e != NULL) {
    fprintf(stderr, "mem_bench: %s\n", e);
    return 1;
  }
  for (int i = 0; i < 4; i++) root[i] = mem.nil;
  short_lived(2);
  short_lived(20);
  medium_lived();
  full_collections(19);
  becomes(19);
  return 0;
}
