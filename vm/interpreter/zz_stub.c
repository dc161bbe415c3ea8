#include "interpreter/interp.h"
__attribute__((weak)) oop interp_send_from_translated(oop s, uint32_t n){ (void)s;(void)n; return 0; }
__attribute__((weak)) oop interp_send_from_class(oop s, uint32_t n, uint32_t c){ (void)s;(void)n;(void)c; return 0; }
