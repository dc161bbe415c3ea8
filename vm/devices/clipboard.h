/* clipboard.h: text to copy and paste. Without a host that has a clipboard, or the permission for it, the VM
 * keeps one of its own. */
#ifndef VM_DEVICES_CLIPBOARD_H
#define VM_DEVICES_CLIPBOARD_H

#include <stdbool.h>
#include <stdint.h>

/* What host_device_call is asked for; web/runtime/devices/clipboard.js has the numbers. */
enum dev_clipboard_operation {
  CLIPBOARD_READ = 1,  /* out: the text */
  CLIPBOARD_WRITE = 2, /* in: the text */
};

/* The text, as bytes of whatever encoding they were put in; good until the next call. */
const char *dev_clipboard_read(uint32_t *length);
bool dev_clipboard_write(const char *text, uint32_t length); /* false: no memory */

#endif
