/* digest.c: a number for all that an object refers to, the same for equal graphs wherever they lie. Tests
 * compare by it what a program leaves behind when it runs in two ways. */
#include <math.h>
#include <stdlib.h>

#include "memory/memory.h"

/* The objects met so far, in the order in which they were met, and where each stands in it. */
struct graph {
  oop *objects;
  uint32_t count, room;
  uint32_t *places; /* open addressing: index in objects + 1; 0: free. A power of two, at most half full */
  uint32_t place_mask;
  uint32_t digest;
  bool no_memory;
};

enum { FIRST_ROOM = 256, FNV_PRIME = 16777619 };
static const uint32_t FNV_BASIS = 2166136261u;

static void add(struct graph *g, uint32_t word) {
  for (int i = 0; i < 4; i++) g->digest = (g->digest ^ (word >> 8 * i & 0xFF)) * FNV_PRIME;
}

static uint32_t *place_of(struct graph *g, oop o) {
  uint32_t at = (o >> 3) * 0x9E3779B1u & g->place_mask;
  while (g->places[at] != 0 && g->objects[g->places[at] - 1] != o) at = (at + 1) & g->place_mask;
  return &g->places[at];
}

static bool grow(struct graph *g) {
  const uint32_t room = g->room == 0 ? FIRST_ROOM : 2 * g->room;
  oop *objects = realloc(g->objects, room * sizeof *objects);
  if (objects == NULL) return false;
  g->objects = objects;
  uint32_t *places = calloc(2 * room, sizeof *places);
  if (places == NULL) return false;
  free(g->places);
  g->places = places;
  g->place_mask = 2 * room - 1;
  g->room = room;
  for (uint32_t i = 0; i < g->count; i++) *place_of(g, g->objects[i]) = i + 1;
  return true;
}

/* What stands for a reference: an immediate itself, or the number of the object. */
static void add_reference(struct graph *g, oop o) {
  if (!oop_is_pointer(o)) {
    add(g, o);
    return;
  }
  if (g->count == g->room && !grow(g)) {
    g->no_memory = true;
    return;
  }
  uint32_t *place = place_of(g, o);
  if (*place == 0) {
    g->objects[g->count] = o;
    *place = ++g->count;
  }
  add(g, *place << 2); /* no immediate has these tag bits */
}

/* A context may be a frame, whose fields are elsewhere, and those of two ways of running differ. */
static bool is_opaque(oop o) { return obj_class_index(o) == CIX_CONTEXT; }

static void add_object(struct graph *g, oop o) {
  const uint32_t slots = obj_slots(o), pointers = obj_pointer_slots(o);
  add(g, at32(o) & (HDR_CLASS_MASK | HDR_IMMUTABLE | (uint32_t)HDR_FORMAT_MASK << HDR_FORMAT_SHIFT));
  add(g, obj_hash_bits(o));
  if (is_opaque(o)) return;
  add(g, slots);
  for (uint32_t i = 0; i < pointers; i++) add_reference(g, obj_slot(o, i));
  /* The sign and payload of a NaN that arithmetic makes is the engine's choice. */
  if (obj_class_index(o) == CIX_FLOAT && isnan(mem_float(o))) return;
  for (uint32_t i = pointers; i < slots; i++) add(g, obj_slot(o, i));
}

bool mem_digest(oop root, bool follow_classes, uint32_t *digest) {
  struct graph g = {.digest = FNV_BASIS};
  add_reference(&g, root);
  for (uint32_t i = 0; i < g.count && !g.no_memory; i++) {
    const oop o = g.objects[i];
    const uint32_t index = obj_hash_bits(o);
    if (!follow_classes && index >= CIX_FIRST_REAL && mem_class_at(index) == o)
      add(&g, index);
    else
      add_object(&g, o);
  }
  free(g.objects);
  free(g.places);
  *digest = g.digest;
  return !g.no_memory;
}
