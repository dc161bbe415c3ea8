/* enumerate.c: walking all objects. Free chunks, bridges and hidden objects are passed over. */
#include "memory/heap.h"

static oop next_any(oop o) {
  if (o == 0) {
    oop first = new_first();
    return first != 0 ? first : old_first();
  }
  if (o >= mem.new_end) return old_next(o);
  oop next = new_next(o);
  return next != 0 ? next : old_first();
}

static oop next_visible(oop o) {
  do o = next_any(o);
  while (o != 0 && !is_visible(o));
  return o;
}

void mem_each_object(bool (*f)(oop o, void *context), void *context) {
  mem_seal();
  for (oop o = next_visible(0); o != 0; o = next_visible(o))
    if (!f(o, context)) return;
}

oop mem_next_object(oop o) {
  mem_seal();
  return next_visible(o);
}

oop mem_next_instance(oop o, uint32_t class_index) {
  mem_seal();
  do o = next_any(o);
  while (o != 0 && obj_class_index(o) != class_index);
  return o;
}

/* The objects of a class index, or all visible ones for 0, as an Array in old space: counted, then listed.
 * The Array itself is not in it: it is made between the two walks. */
static oop list_objects(uint32_t class_index) {
  uint32_t count = 0, i = 0;
  mem_seal();
  for (oop o = next_visible(0); o != 0; o = next_visible(o))
    count += class_index == 0 || obj_class_index(o) == class_index;
  oop list = mem_new_old(CIX_ARRAY, FMT_INDEXABLE, count);
  if (list == 0) return 0;
  mem_seal();
  for (oop o = next_visible(0); o != 0; o = next_visible(o))
    if (o != list && (class_index == 0 || obj_class_index(o) == class_index)) obj_put_raw(list, i++, o);
  VM_ASSERT(i == count);
  return list;
}

oop mem_all_instances(oop class_) {
  uint32_t index = mem_known_class_index(class_);
  return index >= CIX_FIRST_REAL ? list_objects(index) : mem_new_old(CIX_ARRAY, FMT_INDEXABLE, 0);
}

oop mem_all_objects(void) { return list_objects(0); }
