/* process.c: the running process (process.h). */
#include "devices/process.h"

#include <stdlib.h>
#include <string.h>

#include "devices/host.h"

enum { IMAGE_NAME_ATTRIBUTE = 1 };

/* Attributes that describe the VM itself, whoever hosts it: Squeak's and Pharo's SmalltalkImage
 * (vmVersion, buildDate, interpreterClass, cogitClass, interpreterSourceVersion). Pharo prints them in an
 * error report and cannot do without one. */
static const struct {
  int32_t index;
  const char *text;
} own_attributes[] = {
    {1004, "Catalyst 0.1"},        {1006, "Catalyst 0.1"}, {1007, "Catalyst interpreter"},
    {1008, "Catalyst translator"}, {1009, "Catalyst 0.1"},
};

int32_t dev_attribute(int32_t index, char *text, uint32_t room) {
  for (size_t i = 0; i < sizeof own_attributes / sizeof *own_attributes; i++)
    if (own_attributes[i].index == index) {
      size_t length = strlen(own_attributes[i].text);
      memcpy(text, own_attributes[i].text, length < room ? length : room);
      return (int32_t)length;
    }
  return host_attribute(index, text, room);
}
int32_t dev_env_get(const char *name, uint32_t length, char *value, uint32_t room) {
  return host_env_get(name, length, value, room);
}
int32_t dev_env_at(uint32_t index, char *pair, uint32_t room) { return host_env_at(index, pair, room); }
int32_t dev_working_dir(char *path, uint32_t room) { return host_working_dir(path, room); }
int32_t dev_locale(char *tag, uint32_t room) { return host_locale(tag, room); }
void dev_random(void *bytes, uint32_t count) { host_random(bytes, count); }
void dev_log(enum dev_log_level level, const char *text) {
  host_log((int32_t)level, text, (uint32_t)strlen(text));
}

static char *image_name;
static uint32_t image_name_length;

const char *dev_image_name(uint32_t *length) {
  char text[4096];
  if (image_name == NULL) {
    int32_t n = host_attribute(IMAGE_NAME_ATTRIBUTE, text, sizeof text);
    if (n < 0 || (uint32_t)n > sizeof text || !dev_set_image_name(text, (uint32_t)n)) {
      *length = 0;
      return "";
    }
  }
  *length = image_name_length;
  return image_name;
}

bool dev_set_image_name(const char *name, uint32_t length) {
  char *copy = malloc(length + 1);
  if (copy == NULL) return false;
  memcpy(copy, name, length);
  copy[length] = 0;
  free(image_name);
  image_name = copy;
  image_name_length = length;
  return true;
}

static bool image_write_forbidden;

bool dev_may_write_image(void) { return !image_write_forbidden; }
void dev_forbid_image_write(void) { image_write_forbidden = true; }
