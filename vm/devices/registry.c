/* registry.c: the registry of virtual hardware (device.h). */
#include "devices/device.h"

#include <string.h>

#include "devices/host.h"
#include "devices/service.h"

#define DEVICE(name, permission, granted, file, purpose) extern const struct device_record device_##name;
#define PLAIN(name, permission, granted, file, purpose)
#include "devices/devices.def"
#undef DEVICE
#undef PLAIN

static const struct device devices[] = {
#define DEVICE(name, permission, granted, file, purpose) \
  {#name, permission, file, purpose, granted, &device_##name},
#define PLAIN(name, permission, granted, file, purpose) {#name, permission, file, purpose, granted, NULL},
#include "devices/devices.def"
#undef DEVICE
#undef PLAIN
};
enum { DEVICES = sizeof devices / sizeof *devices };

const struct device *dev_at(uint32_t index) { return index < DEVICES ? &devices[index] : NULL; }

static void copy_text(char *to, size_t room, const char *from, uint32_t length) {
  size_t n = length < room - 1 ? length : room - 1;
  memcpy(to, from, n);
  to[n] = 0;
}

void dev_state(const struct device *device, struct device_state *state) {
  struct host_device_info info = {0};
  const int32_t error = host_device_info(device->name, (uint32_t)strlen(device->name), &info);
  *state =
      (struct device_state){.present = error == 0 && info.present, .granted = error == 0 && info.granted};
  if (error != 0) {
    strcpy(state->reason, "the host does not know it");
    return;
  }
  copy_text(state->host, sizeof state->host, info.host, info.host_length);
  copy_text(state->reason, sizeof state->reason, info.reason, info.reason_length);
}

void dev_start_all(void) {
  dev_service_close_all();
  for (uint32_t i = 0; i < DEVICES; i++)
    if (devices[i].record != NULL && devices[i].record->start != NULL) devices[i].record->start();
}

void dev_stop_all(void) {
  dev_service_close_all();
  for (uint32_t i = 0; i < DEVICES; i++)
    if (devices[i].record != NULL && devices[i].record->stop != NULL) devices[i].record->stop();
}

/* ---- states: for each device the length of its name, the name, the length of its state (4 bytes, low one
 * first), the state ---- */

enum { LENGTH_BYTES = 4 };

void dev_get_states(struct text *to) {
  struct text state = {0};
  for (uint32_t i = 0; i < DEVICES; i++) {
    if (devices[i].record == NULL || devices[i].record->get_state == NULL) continue;
    text_clear(&state);
    devices[i].record->get_state(&state);
    const uint8_t name_length = (uint8_t)strlen(devices[i].name);
    const uint32_t n = (uint32_t)state.length;
    text_add(to, &name_length, 1);
    text_add(to, devices[i].name, name_length);
    text_add(to, (const uint8_t[]){n & 255, n >> 8 & 255, n >> 16 & 255, n >> 24}, LENGTH_BYTES);
    text_add(to, state.chars, n);
  }
  text_free(&state);
}

static void set_state(const uint8_t *name, uint32_t name_length, const uint8_t *bytes, uint32_t length) {
  for (uint32_t i = 0; i < DEVICES; i++)
    if (strlen(devices[i].name) == name_length && memcmp(devices[i].name, name, name_length) == 0 &&
        devices[i].record != NULL && devices[i].record->set_state != NULL)
      (void)devices[i].record->set_state(bytes, length);
}

bool dev_set_states(const uint8_t *bytes, uint32_t length) {
  for (bool really = false;; really = true) { /* looks through all of it first */
    for (uint32_t at = 0; at < length;) {
      const uint32_t name_length = bytes[at], head = 1 + name_length + LENGTH_BYTES;
      if (length - at < head) return false;
      const uint8_t *p = bytes + at + 1 + name_length;
      const uint32_t n = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
      if (length - at - head < n) return false;
      if (really) set_state(bytes + at + 1, name_length, p + LENGTH_BYTES, n);
      at += head + n;
    }
    if (really) return true;
  }
}

/* ---- for people ---- */

static void json_field(struct text *to, const char *key, const char *value) {
  text_printf(to, ",\"%s\":", key);
  text_json(to, value, strlen(value));
}

void dev_json(struct text *to) {
  for (uint32_t i = 0; i < DEVICES; i++) {
    struct device_state state;
    dev_state(&devices[i], &state);
    text_printf(to, "%s{\"name\":\"%s\"", i == 0 ? "[" : ",", devices[i].name);
    json_field(to, "state", state.present ? "present" : "absent");
    json_field(to, "reason", state.reason);
    json_field(to, "host", state.host);
    json_field(to, "permission", devices[i].permission);
    text_printf(to, ",\"granted\":%s,\"default\":%s", state.granted ? "true" : "false",
                devices[i].granted ? "true" : "false");
    json_field(to, "file", devices[i].file);
    json_field(to, "purpose", devices[i].purpose);
    text_printf(to, ",\"operations\":[");
    for (uint32_t j = 0; devices[i].record != NULL && j < devices[i].record->operation_count; j++)
      text_printf(to, "%s\"%s\"", j == 0 ? "" : ",", devices[i].record->operations[j].name);
    text_printf(to, "]}");
  }
  text_add(to, "]", 1);
}
