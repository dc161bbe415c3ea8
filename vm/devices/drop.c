/* drop.c: dropped files (drop.h). */
#include "devices/drop.h"

#include "devices/device.h"
#include "devices/host.h"
#include "devices/keyboard.h"

enum { UNKNOWN = -1000 };
static int32_t handle = UNKNOWN;

static void start(void) { handle = UNKNOWN; }
static void stop(void) {
  if (handle >= 0) (void)host_device_close(handle);
  start();
}

enum dev_event_fate dev_drop_event(const struct dev_event *event) {
  dev_keyboard_set_modifiers(event->words[DROP_MODIFIERS]);
  return FATE_QUEUE;
}

int32_t dev_drop_name(uint32_t index, char *path, uint32_t room) {
  if (handle == UNKNOWN) handle = host_device_open("drop", 4);
  return handle < 0 ? handle : host_device_call(handle, DROP_NAME, &index, sizeof index, path, room);
}

const struct device_record device_drop = {.start = start, .stop = stop};
