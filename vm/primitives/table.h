/* table.h: declares every function that primitives.def names. */
#ifndef VM_PRIMITIVES_TABLE_H
#define VM_PRIMITIVES_TABLE_H

#include "primitives/primitive.h"

#define P(number, function, least, most, name) oop function(oop *args, uint32_t argc);
#define PW(number, function, least, most, name) __attribute__((weak)) oop function(oop *args, uint32_t argc);
#define OLD(number, module, name)
#include "primitives/primitives.def"
#undef P
#undef PW
#undef OLD

#endif
