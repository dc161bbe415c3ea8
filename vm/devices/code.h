/* code.h: the host's side of translated code: modules and the function table. */
#ifndef VM_DEVICES_CODE_H
#define VM_DEVICES_CODE_H

#include <stdbool.h>
#include <stdint.h>

/* Compiles and instantiates a module that puts `count` functions into the table from slot `first` on. */
bool dev_code_install(const void *bytes, uint32_t length, uint32_t first, uint32_t count);
/* Grows the function table: the first new slot, or 0 when the host has no table. */
uint32_t dev_code_grow(uint32_t by);
/* Empties all slots from `first` on and gives their modules back. None of the functions may be running. */
void dev_code_renew(uint32_t first);

#endif
