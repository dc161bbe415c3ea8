/* memory_torture_test.c: a graph mutated at random, compared with a model of it kept in C, over many
 * collections of every kind. The seed is fixed; MEMORY_TORTURE=seed,steps tries others. */
#include "memory_fixture.h"

#include <stdio.h>

#define root fixture_root

/* The model: nodes are held by one of several root arrays in the heap ("slots"), or only by other nodes.
 * Each node's first slot is its number; the rest refer to nodes or small integers. */
enum { NODES = 600, MAX_EDGES = 12, KINDS = 6, HOLDERS = 8, HOLDER_SLOTS = NODES / HOLDERS };

struct node {
  bool used;
  int kind;            /* of object: see make_object() */
  uint32_t slots;      /* of the object, number included */
  int edge[MAX_EDGES]; /* node number, -1: integer i, for slots 1 … */
  uint32_t hash;       /* 0: not asked for */
  bool pinned;
  oop address; /* of a pinned one */
};
static struct node node[NODES];
static uint32_t seed = 12345;

static uint32_t rnd(uint32_t n) {
  seed = seed * 1664525u + 1013904223u;
  return (uint32_t)((uint64_t)(seed >> 4) * n >> 28);
}

static oop node_oop(int i) { return obj_slot(root[i / HOLDER_SLOTS], (uint32_t)(i % HOLDER_SLOTS)); }
static void set_node(int i, oop o) { mem_store(root[i / HOLDER_SLOTS], (uint32_t)(i % HOLDER_SLOTS), o); }

static uint32_t edges(const struct node *n) { return n->slots - 1 < MAX_EDGES ? n->slots - 1 : MAX_EDGES; }

static oop make_object(int kind, uint32_t slots) {
  switch (kind) {
    case 0: return mem_new_array(slots);
    case 1: return mem_new_old(CIX_ARRAY, FMT_INDEXABLE, slots);
    case 2: return mem_instantiate(fixture_weak(), slots - 1); /* its number is the strong field */
    case 3: return mem_new(CIX_CONTEXT, FMT_FIXED_INDEXABLE, slots < 6 ? 6 : slots);
    case 4: return mem_new_method(CIX_BYTE_ARRAY, int_oop((int32_t)slots), 4 * slots + 4 + rnd(9));
    default: return mem_new(CIX_ARRAY, FMT_INDEXABLE, 255 + slots);
  }
}

/* The slot of the object that holds slot i of the node. */
static uint32_t place_of(const struct node *n, uint32_t i) {
  return n->kind == 4 ? i + 1 : n->kind == 5 ? i * 20 : i;
}

static void make_node(int i) {
  struct node *n = &node[i];
  *n = (struct node){.used = true, .kind = (int)rnd(KINDS), .slots = 1 + rnd(MAX_EDGES)};
  if (n->kind == 3) n->slots = 2 + rnd(1); /* the stack pointer's slot is not ours */
  oop o = make_object(n->kind, n->slots);
  assert_true(o != 0);
  if (n->kind == 3) mem_store(o, 2, int_oop(0));
  for (uint32_t j = 0; j < edges(n); j++) {
    n->edge[j] = -1;
    mem_store(o, place_of(n, j + 1), int_oop((int32_t)j));
  }
  mem_store(o, place_of(n, 0), int_oop(i));
  set_node(i, o);
}

static void drop_node(int i) {
  struct node *n = &node[i];
  if (n->pinned) mem_pin(node_oop(i), false);
  /* Whoever refers to it loses the edge: otherwise the model had to tell reachability. */
  for (int k = 0; k < NODES; k++)
    for (uint32_t j = 0; node[k].used && j < edges(&node[k]); j++)
      if (node[k].edge[j] == i) {
        node[k].edge[j] = -1;
        mem_store(node_oop(k), place_of(&node[k], j + 1), int_oop((int32_t)j));
      }
  n->used = false;
  set_node(i, mem.nil);
}

static int any_node(void) {
  int i = (int)rnd(NODES);
  while (!node[i].used) i = (i + 1) % NODES;
  return i;
}

static void compare(void) {
  for (int i = 0; i < NODES; i++) {
    struct node *n = &node[i];
    oop o = node_oop(i);
    if (!n->used) {
      assert_int_equal(o, mem.nil);
      continue;
    }
    assert_int_equal(obj_slot(o, place_of(n, 0)), int_oop(i));
    for (uint32_t j = 0; j < edges(n); j++)
      assert_int_equal(obj_slot(o, place_of(n, j + 1)),
                       n->edge[j] < 0 ? int_oop((int32_t)j) : node_oop(n->edge[j]));
    if (n->hash != 0) assert_int_equal(obj_hash_bits(o), n->hash);
    if (n->pinned) assert_int_equal(o, n->address);
  }
}

static void exchange_nodes(int a, int b) {
  if (a == b || node[a].pinned || node[b].pinned) return;
  oop x = mem_new_array(1), y = mem_new_array(1);
  mem_store(x, 0, node_oop(a));
  mem_store(y, 0, node_oop(b));
  assert_int_equal(mem_become(x, y, true, false), MEM_OK);
  /* The identities stay where they are referred to, the contents change places. */
  struct node t = node[a];
  node[a] = node[b];
  node[b] = t;
  uint32_t hash = node[a].hash;
  node[a].hash = node[b].hash;
  node[b].hash = hash;
  mem_store(node_oop(a), place_of(&node[a], 0), int_oop(a));
  mem_store(node_oop(b), place_of(&node[b], 0), int_oop(b));
}

static void forward_node(int a, int b) {
  if (a == b || node[a].pinned || node[b].pinned) return;
  oop x = mem_new_array(1), y = mem_new_array(1);
  mem_store(x, 0, node_oop(a));
  mem_store(y, 0, node_oop(b));
  assert_int_equal(mem_become(x, y, false, false), MEM_OK);
  for (int k = 0; k < NODES; k++)
    for (uint32_t j = 0; node[k].used && j < edges(&node[k]); j++)
      if (node[k].edge[j] == a) node[k].edge[j] = b;
  node[a].used = false;
  set_node(a, mem.nil);
}

static void step(void) {
  int i = any_node(), j = any_node();
  struct node *n = &node[i];
  switch (rnd(40)) {
    case 0: i = (int)rnd(NODES); /* fall through */
    case 1:
    case 2: {
      int k = (int)rnd(NODES);
      if (!node[k].used) make_node(k);
      break;
    }
    case 3:
      if (rnd(2)) drop_node(i);
      break;
    case 4: n->hash = mem_hash(node_oop(i)); break;
    case 5:
      if (rnd(4) == 0 && !n->pinned) {
        oop p = mem_pin(node_oop(i), true);
        *n = (struct node){n->used, n->kind, n->slots, {0}, n->hash, true, p};
        for (uint32_t e = 0; e < edges(n); e++) { /* edges start afresh: simpler than keeping them above */
          n->edge[e] = -1;
          mem_store(p, place_of(n, e + 1), int_oop((int32_t)e));
        }
      } else if (n->pinned) {
        mem_pin(node_oop(i), false);
        n->pinned = false;
      }
      break;
    case 6: exchange_nodes(i, j); break;
    case 7:
      if (rnd(4) == 0) forward_node(i, j);
      break;
    case 8: mem_new_bytes(CIX_BYTE_ARRAY, rnd(20000)); break; /* garbage */
    case 9: mem_new_old(CIX_BITMAP, FMT_32, rnd(3000)); break;
    case 10:
      if (rnd(5) == 0) mem_scavenge();
      break;
    case 11:
      if (rnd(40) == 0) mem_full_gc();
      break;
    default:
      if (n->slots > 1) {
        uint32_t e = rnd(edges(n));
        n->edge[e] = j;
        mem_store(node_oop(i), place_of(n, e + 1), node_oop(j));
      }
  }
  if (mem.gc_wanted) mem_collect_at_safepoint();
}

static void torture(uint32_t steps) {
  memset(node, 0, sizeof node);
  for (int i = 0; i < HOLDERS; i++) root[i] = mem_new_array(HOLDER_SLOTS);
  for (int i = 0; i < NODES / 4; i++) make_node(i);
  for (uint32_t i = 0; i < steps; i++) {
    step();
    if (i % 500 == 0) compare();
  }
  compare();
  fixture_assert_sound();
}

static void a_random_graph_stays_what_it_is(void **state) {
  (void)state;
  uint32_t steps = 60000;
  const char *wish = getenv("MEMORY_TORTURE");
  if (wish) sscanf(wish, "%u,%u", &seed, &steps);
  vm_set_option("heap_check", 1);
  torture(steps);
  printf("  %llu scavenges, %llu full collections, %llu exchanges and forwards, %llu objects tenured\n",
         (unsigned long long)mem.scavenges, (unsigned long long)mem.full_gcs,
         (unsigned long long)mem.become_count, (unsigned long long)mem.tenured_objects);
  assert_true(mem.scavenges > 50 && mem.full_gcs > 5 && mem.become_count > 100);
}

/* Segments of 128 KiB: objects slide over many bridges and around pinned ones, segments come and go. */
static void a_random_graph_stays_what_it_is_in_many_segments(void **state) {
  (void)state;
  vm_set_option("heap_check", 1);
  vm_set_option("grow_bytes", 128 << 10);
  fixture_start(FIXTURE_EDEN);
  uint32_t most = 0;
  memset(node, 0, sizeof node);
  for (int i = 0; i < HOLDERS; i++) root[i] = mem_new_array(HOLDER_SLOTS);
  for (int i = 0; i < NODES / 4; i++) make_node(i);
  for (uint32_t i = 0; i < 6000; i++) {
    step();
    /* held for a while: a ring of larger objects in old space */
    oop big = mem_new_old(CIX_BITMAP, FMT_32, 2000 + rnd(20000));
    obj_put_raw(big, 0, i);
    root[HOLDERS + i % 40] = big;
    if (i % 100 == 0) mem_full_gc();
    if (i % 700 == 0)
      for (int k = 0; k < 40; k++) root[HOLDERS + k] = mem.nil;
    if (mem_segment_count() > most) most = mem_segment_count();
    if (i % 50 == 0) compare();
  }
  for (int k = 0; k < 40; k++)
    if (root[HOLDERS + k] != mem.nil) assert_int_equal(obj_slot(root[HOLDERS + k], 0) % 40, k);
  compare();
  assert_true(most > 10);
}

static void a_random_graph_stays_what_it_is_without_compaction(void **state) {
  (void)state;
  vm_set_option("heap_check", 1);
  vm_set_option("compact", 0);
  torture(20000);
}

static void a_random_graph_stays_what_it_is_under_stress(void **state) {
  (void)state;
  vm_set_option("heap_check", 1);
  vm_set_option("gc_stress", 1);
  vm_set_option("gc_stress_full", 4);
  mem_options_changed();
  torture(2000);
  vm_set_option("gc_stress_full", 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      T(a_random_graph_stays_what_it_is),
      T(a_random_graph_stays_what_it_is_in_many_segments),
      T(a_random_graph_stays_what_it_is_without_compaction),
      T(a_random_graph_stays_what_it_is_under_stress),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
