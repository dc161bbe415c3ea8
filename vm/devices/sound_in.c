/* sound_in.c: samples from a microphone (sound_in.h). */
#include "devices/sound_in.h"

#include <string.h>

#include "devices/device.h"
#include "devices/host.h"
#include "devices/sound_out.h"

enum { UNKNOWN = -1000 };
static struct {
  int32_t handle;
  bool running, stereo;
  uint32_t rate, level;
} in;

static void start(void) {
  memset(&in, 0, sizeof in);
  in.handle = UNKNOWN;
  in.level = DEV_SOUND_FULL;
}

static void stop(void) {
  if (in.handle >= 0) (void)host_device_close(in.handle);
  start();
}

static int32_t call(enum dev_sound_in_operation operation, const void *from, uint32_t length, void *to,
                    uint32_t room) {
  if (in.handle < 0) in.handle = host_device_open("sound_in", 8);
  return in.handle < 0 ? in.handle : host_device_call(in.handle, operation, from, length, to, room);
}

int32_t dev_sound_in_start(uint32_t rate, bool stereo, uint32_t semaphore) {
  const uint32_t format[] = {rate, stereo ? 2 : 1, semaphore};
  if (rate < DEV_SOUND_LEAST_RATE || rate > DEV_SOUND_MOST_RATE) return DEV_ERR_FAILED;
  dev_sound_in_stop();
  const int32_t answer = call(SOUND_IN_START, format, sizeof format, NULL, 0);
  if (answer < 0) return answer;
  in.running = true;
  in.stereo = stereo;
  in.rate = (uint32_t)answer;
  dev_sound_in_set_level(in.level);
  return 0;
}

bool dev_sound_in_is_running(void) { return in.running; }
bool dev_sound_in_is_stereo(void) { return in.stereo; }
uint32_t dev_sound_in_rate(void) { return in.running ? in.rate : 0; }

uint32_t dev_sound_in_read(int16_t *samples, uint32_t frames) {
  if (!in.running) return 0;
  if (frames > DEV_SOUND_MOST_FRAMES) frames = DEV_SOUND_MOST_FRAMES;
  const uint32_t frame = (in.stereo ? 2 : 1) * (uint32_t)sizeof *samples;
  const int32_t bytes = call(SOUND_IN_READ, NULL, 0, samples, frames * frame);
  if (bytes <= 0) return 0;
  return (uint32_t)bytes / frame < frames ? (uint32_t)bytes / frame : frames;
}

void dev_sound_in_stop(void) {
  if (in.running) (void)call(SOUND_IN_STOP, NULL, 0, NULL, 0);
  in.running = false;
}

uint32_t dev_sound_in_level(void) { return in.level; }

void dev_sound_in_set_level(uint32_t level) {
  in.level = level < DEV_SOUND_FULL ? level : DEV_SOUND_FULL;
  if (in.running) (void)call(SOUND_IN_LEVEL, &in.level, sizeof in.level, NULL, 0);
}

static void get_state(struct text *to) { text_add(to, &in.level, sizeof in.level); }

static bool set_state(const uint8_t *bytes, uint32_t length) {
  uint32_t level;
  if (length != sizeof level) return false;
  memcpy(&level, bytes, sizeof level);
  if (level > DEV_SOUND_FULL) return false;
  dev_sound_in_set_level(level);
  return true;
}

const struct device_record device_sound_in = {
    .start = start, .stop = stop, .get_state = get_state, .set_state = set_state};
