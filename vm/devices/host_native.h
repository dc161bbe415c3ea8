/* host_native.h: what a native program tells its host before it starts the VM. */
#ifndef VM_DEVICES_HOST_NATIVE_H
#define VM_DEVICES_HOST_NATIVE_H

#include <stdint.h>

/* The system attributes 0 (VM), 1 (image) and 2 … (arguments). The texts stay the caller's. */
void host_native_set_arguments(const char *vm, const char *image, const char *const *args, uint32_t count);

#endif
