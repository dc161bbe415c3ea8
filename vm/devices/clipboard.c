/* clipboard.c: text to copy and paste (clipboard.h). */
#include "devices/clipboard.h"

#include <stdlib.h>
#include <string.h>

#include "devices/device.h"
#include "devices/host.h"

enum { UNKNOWN = -1000 };
static int32_t handle = UNKNOWN;
static char *kept;
static uint32_t kept_length;

static bool keep(const char *text, uint32_t length) {
  char *copy = malloc(length + 1);
  if (copy == NULL) return false;
  memcpy(copy, text, length);
  free(kept);
  kept = copy;
  kept_length = length;
  return true;
}

static void start(void) {
  free(kept);
  kept = NULL;
  kept_length = 0;
  handle = UNKNOWN;
}

static void stop(void) {
  if (handle >= 0) (void)host_device_close(handle);
  start();
}

static bool is_open(void) {
  if (handle == UNKNOWN) handle = host_device_open("clipboard", 9);
  return handle >= 0;
}

/* Takes over what the host's has. */
static void read_host(void) {
  const int32_t length = host_device_call(handle, CLIPBOARD_READ, NULL, 0, NULL, 0);
  if (length < 0) return;
  char *text = malloc((uint32_t)length + 1);
  if (text != NULL && host_device_call(handle, CLIPBOARD_READ, NULL, 0, text, (uint32_t)length) == length)
    (void)keep(text, (uint32_t)length);
  free(text);
}

const char *dev_clipboard_read(uint32_t *length) {
  if (is_open()) read_host();
  *length = kept_length;
  return kept_length > 0 ? kept : "";
}

bool dev_clipboard_write(const char *text, uint32_t length) {
  if (is_open()) (void)host_device_call(handle, CLIPBOARD_WRITE, text, length, NULL, 0);
  return keep(text, length);
}

static void get_state(struct text *to) { text_add(to, kept_length > 0 ? kept : "", kept_length); }
static bool set_state(const uint8_t *bytes, uint32_t length) { return keep((const char *)bytes, length); }

const struct device_record device_clipboard = {
    .start = start, .stop = stop, .get_state = get_state, .set_state = set_state};
