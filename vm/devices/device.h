/* device.h: the registry of virtual hardware: what devices.def lists, with what the host says of each.
 *
 * A device is a file of this folder. It talks to its host through functions of its own in host.h, or through
 * the general ones there (host_device_open and its like), which know it by its name. Most of what it does is
 * called by primitives; this is what all have alike.
 */
#ifndef VM_DEVICES_DEVICE_H
#define VM_DEVICES_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* Something that an image can ask of a device by name (service.h). */
struct dev_operation {
  const char *name, *arguments;
};

/* What a device of its own brings; any may be NULL. */
struct device_record {
  void (*start)(void); /* as new, before an image runs */
  void (*stop)(void);  /* gives back what the host lent it */
  /* What a snapshot keeps of it: bytes that set_state understands, whatever VM wrote them. set_state answers
   * false, having changed nothing, when it does not. */
  void (*get_state)(struct text *to);
  bool (*set_state)(const uint8_t *bytes, uint32_t length);
  const struct dev_operation *operations; /* for images, through DevicePlugin */
  uint32_t operation_count;
};

struct device {
  const char *name, *permission, *file, *purpose;
  bool granted; /* has the permission without asking */
  const struct device_record *record;
};

/* How a device stands with this host. */
struct device_state {
  bool present, granted;
  char host[64];    /* what serves it */
  char reason[192]; /* why it is absent */
};

/* The devices in table order, from 0; NULL past the end. */
const struct device *dev_at(uint32_t index);
void dev_state(const struct device *device, struct device_state *state);
void dev_start_all(void);
void dev_stop_all(void);

/* The states of all devices that have one, for a snapshot. Devices that another VM does not know are left
 * alone, as is one whose bytes it does not understand; false: the whole is no such text. */
void dev_get_states(struct text *to);
bool dev_set_states(const uint8_t *bytes, uint32_t length);

/* All of it as JSON, for `doctor --devices`. */
void dev_json(struct text *to);

#endif
