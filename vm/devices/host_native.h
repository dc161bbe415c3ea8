/* host_native.h: what a native program tells its host before it starts the VM. */
#ifndef VM_DEVICES_HOST_NATIVE_H
#define VM_DEVICES_HOST_NATIVE_H

#include <stdint.h>

/* The system attributes 0 (VM), 1 (image) and 2 … (arguments). The texts stay the caller's. */
void host_native_set_arguments(const char *vm, const char *image, const char *const *args, uint32_t count);

/* Serves a device by a function of the program's (unit tests do): what host_device_call gets, without the
 * handle. NULL takes it away again. The name stays the caller's. */
typedef int32_t (*host_native_device)(uint32_t operation, const void *in, uint32_t length, void *out,
                                      uint32_t room);
void host_native_serve(const char *name, host_native_device call);

#endif
