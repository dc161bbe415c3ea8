/* remember.c: the remembered set: old objects that may refer to young ones. Each has its header bit set. */
#include "memory/heap.h"

void mem_remember(oop o) {
  if (obj_is_remembered(o)) return;
  put32(o, at32(o) | HDR_REMEMBERED);
  word_push(&heap.remembered, o);
}
