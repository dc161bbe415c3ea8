/* drop.h: files that a person has dropped on the window. */
#ifndef VM_DEVICES_DROP_H
#define VM_DEVICES_DROP_H

#include "devices/events.h"

/* What host_device_call is asked for; web/runtime/devices/drop.js has the number. */
enum dev_drop_operation {
  DROP_NAME = 1, /* in: a word, the file's number from 0; out: its path */
};

enum dev_event_fate dev_drop_event(const struct dev_event *event);
/* Of the files dropped last: the path's whole length, or an error when there is no such file. The host lets
 * it be read from then on. */
int32_t dev_drop_name(uint32_t index, char *path, uint32_t room);

#endif
