/* full_gc.c: not there yet. */
#include "memory/heap.h"
#include "base/options.h"
void mem_scavenge(void) { vm_panic(__FILE__, __LINE__, "mem_scavenge is not built yet"); }
void mem_full_gc(void) { vm_panic(__FILE__, __LINE__, "mem_full_gc is not built yet"); }
void mem_collect_at_safepoint(void) {
  mem.gc_wanted = 0;
  mem.eden_limit = heap.eden_end;
}
int mem_become(oop from_array, oop to_array, bool two_way, bool copy_hash) {
  vm_panic(__FILE__, __LINE__, "mem_become is not built yet");
}
oop mem_pin(oop o, bool pin) { vm_panic(__FILE__, __LINE__, "mem_pin is not built yet"); }
oop mem_next_mourner(void) { return 0; }
err_t mem_check_heap(void) { return NULL; }
