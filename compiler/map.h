/* map.h: texts to pointers or numbers, by open addressing in an arena. Iteration is by the caller's own
 * lists: nothing depends on the order in here. */
#ifndef COMPILER_MAP_H
#define COMPILER_MAP_H

#include "compiler/arena.h"

struct cc_map_entry {
  struct cc_str key;
  void *value; /* NULL: a free place */
};
struct cc_map {
  struct cc_map_entry *entries;
  uint32_t count, capacity;
};

void *cc_map_at(const struct cc_map *map, struct cc_str key); /* NULL: absent */
/* The key's bytes must stay; value is not NULL. */
void cc_map_put(struct cc_arena *arena, struct cc_map *map, struct cc_str key, void *value);

#endif
