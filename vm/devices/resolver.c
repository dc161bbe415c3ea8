/* resolver.c: names of machines and their addresses (resolver.h). */
#include "devices/resolver.h"

#include <string.h>

#include "devices/device.h"
#include "devices/host.h"

enum { UNKNOWN = -1000, LONGEST_NAME = 255 };
static int32_t handle = UNKNOWN;
static uint32_t signalled;

static void start(void) {
  handle = UNKNOWN;
  signalled = 0;
}

static void stop(void) {
  if (handle >= 0) (void)host_device_close(handle);
  start();
}

int32_t dev_resolver_open(uint32_t semaphore) {
  if (handle < 0) handle = host_device_open("resolver", 8);
  if (handle < 0) return handle;
  signalled = semaphore;
  return 0;
}

static int32_t call(enum dev_resolver_operation operation, const void *in, uint32_t length, void *out,
                    uint32_t room) {
  return handle < 0 ? DEV_ERR_BAD_HANDLE : host_device_call(handle, operation, in, length, out, room);
}

enum dev_resolver_status dev_resolver_status(void) {
  const int32_t status = call(RESOLVER_STATUS, NULL, 0, NULL, 0);
  return status < 0 || status > RESOLVER_FAILED ? RESOLVER_UNINITIALIZED : (enum dev_resolver_status)status;
}

int32_t dev_resolver_find_address(const char *name, uint32_t length) {
  uint8_t request[sizeof signalled + LONGEST_NAME];
  if (length > LONGEST_NAME) return DEV_ERR_NOT_FOUND;
  memcpy(request, &signalled, sizeof signalled);
  memcpy(request + sizeof signalled, name, length);
  return call(RESOLVER_FIND_ADDRESS, request, (uint32_t)sizeof signalled + length, NULL, 0);
}

int32_t dev_resolver_find_name(uint32_t address) {
  const uint32_t request[] = {signalled, address};
  return call(RESOLVER_FIND_NAME, request, sizeof request, NULL, 0);
}

void dev_resolver_abort(void) { (void)call(RESOLVER_ABORT, NULL, 0, NULL, 0); }

static int32_t address_of(enum dev_resolver_operation operation, uint32_t *address) {
  *address = 0;
  const int32_t length = call(operation, NULL, 0, address, sizeof *address);
  return length == sizeof *address ? 0 : DEV_ERR_NOT_FOUND;
}
int32_t dev_resolver_address(uint32_t *address) { return address_of(RESOLVER_ADDRESS, address); }
int32_t dev_resolver_own_address(uint32_t *address) { return address_of(RESOLVER_OWN_ADDRESS, address); }

int32_t dev_resolver_name(char *name, uint32_t room) { return call(RESOLVER_NAME, NULL, 0, name, room); }
int32_t dev_resolver_own_name(char *name, uint32_t room) {
  return call(RESOLVER_OWN_NAME, NULL, 0, name, room);
}

const struct device_record device_resolver = {.start = start, .stop = stop};
