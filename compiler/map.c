/* map.c: texts to pointers. */
#include "compiler/map.h"

static struct cc_map_entry *place(const struct cc_map *map, struct cc_str key) {
  uint32_t i = cc_str_hash(key) & (map->capacity - 1);
  while (map->entries[i].value != NULL && !cc_str_eq(map->entries[i].key, key))
    i = (i + 1) & (map->capacity - 1);
  return &map->entries[i];
}

void *cc_map_at(const struct cc_map *map, struct cc_str key) {
  return map->capacity == 0 ? NULL : place(map, key)->value;
}

void cc_map_put(struct cc_arena *arena, struct cc_map *map, struct cc_str key, void *value) {
  if (map->count * 3 >= map->capacity * 2) {
    struct cc_map old = *map;
    map->capacity = old.capacity == 0 ? 64 : old.capacity * 2;
    map->entries = CC_NEW_ARRAY(arena, struct cc_map_entry, map->capacity);
    for (uint32_t i = 0; i < old.capacity; i++)
      if (old.entries[i].value != NULL) *place(map, old.entries[i].key) = old.entries[i];
  }
  struct cc_map_entry *e = place(map, key);
  if (e->value == NULL) map->count++;
  *e = (struct cc_map_entry){key, value};
}
