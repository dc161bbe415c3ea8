/* device_states.h: what a snapshot keeps of the devices: NAME.devices beside NAME.image.
 *
 * The file belongs to one image file, whose size and beginning it names: one that another VM has written
 * since is loaded without it. It is written where a device has another state than when it is new, and else
 * removed.
 */
#ifndef VM_PRIMITIVES_DEVICE_STATES_H
#define VM_PRIMITIVES_DEVICE_STATES_H

#include <stdint.h>

/* What an image file is known by: the bytes as they come, in order, from `start` on. */
struct image_stamp {
  uint32_t size, hash;
};
void image_stamp_add(struct image_stamp *stamp, const void *bytes, uint32_t count);

/* The devices are as new: what they have then need not be kept. */
void device_states_start(void);
/* For the image file of that name, just written. A failure is logged: the image is saved all the same. */
void device_states_save(const char *image, uint32_t length, struct image_stamp stamp);
/* For the running image, whose file had that stamp. */
void device_states_load(struct image_stamp stamp);

#endif
