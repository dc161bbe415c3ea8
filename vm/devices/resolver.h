/* resolver.h: names of machines and their IPv4 addresses, as SocketPlugin has them: one look-up at a time,
 * which signals an external semaphore when it has ended.
 */
#ifndef VM_DEVICES_RESOLVER_H
#define VM_DEVICES_RESOLVER_H

#include <stdint.h>

/* What host_device_call is asked for; web/node/devices/resolver.js has the numbers. */
enum dev_resolver_operation {
  RESOLVER_FIND_ADDRESS = 1, /* in: a semaphore's index, a name */
  RESOLVER_FIND_NAME = 2,    /* in: a semaphore's index, an address */
  RESOLVER_STATUS = 3,       /* the answer: enum dev_resolver_status */
  RESOLVER_ADDRESS = 4,      /* out: the address that was found */
  RESOLVER_NAME = 5,         /* out: the name that was found */
  RESOLVER_ABORT = 6,
  RESOLVER_OWN_ADDRESS = 7, /* out: an address of this machine */
  RESOLVER_OWN_NAME = 8,    /* out: its name */
};

enum dev_resolver_status {
  RESOLVER_UNINITIALIZED = 0,
  RESOLVER_READY = 1,
  RESOLVER_BUSY = 2,
  RESOLVER_FAILED = 3,
};

/* 0 when names can be looked up, else DENIED or UNSUPPORTED. `semaphore` is the one that is signalled. */
int32_t dev_resolver_open(uint32_t semaphore);
enum dev_resolver_status dev_resolver_status(void);
/* Begin to look; 0 or a negative enum dev_err. An address has its first number in the highest byte. */
int32_t dev_resolver_find_address(const char *name, uint32_t length);
int32_t dev_resolver_find_name(uint32_t address);
void dev_resolver_abort(void);
/* What the last look-up found. */
int32_t dev_resolver_address(uint32_t *address);
int32_t dev_resolver_name(char *name, uint32_t room); /* its whole length */
int32_t dev_resolver_own_address(uint32_t *address);
int32_t dev_resolver_own_name(char *name, uint32_t room);

#endif
