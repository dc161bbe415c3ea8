/* sound_out.c: samples to be heard (sound_out.h). */
#include "devices/sound_out.h"

#include <string.h>

#include "devices/device.h"
#include "devices/host.h"

enum { UNKNOWN = -1000 };
static struct {
  int32_t handle;
  bool running, stereo;
  uint32_t volume[2]; /* left, right */
} out;

static void start(void) {
  memset(&out, 0, sizeof out);
  out.handle = UNKNOWN;
  out.volume[0] = out.volume[1] = DEV_SOUND_FULL;
}

static void stop(void) {
  if (out.handle >= 0) (void)host_device_close(out.handle);
  start();
}

static int32_t call(enum dev_sound_out_operation operation, const void *in, uint32_t length) {
  if (out.handle < 0) out.handle = host_device_open("sound_out", 9);
  return out.handle < 0 ? out.handle : host_device_call(out.handle, operation, in, length, NULL, 0);
}

int32_t dev_sound_out_start(uint32_t frames, uint32_t rate, bool stereo, uint32_t semaphore) {
  const uint32_t format[] = {frames, rate, stereo ? 2 : 1, semaphore};
  if (frames == 0 || frames > DEV_SOUND_MOST_FRAMES || rate < DEV_SOUND_LEAST_RATE ||
      rate > DEV_SOUND_MOST_RATE)
    return DEV_ERR_FAILED;
  dev_sound_out_stop();
  const int32_t error = call(SOUND_OUT_START, format, sizeof format);
  if (error < 0) return error;
  out.running = true;
  out.stereo = stereo;
  (void)call(SOUND_OUT_VOLUME, out.volume, sizeof out.volume);
  return 0;
}

bool dev_sound_out_is_running(void) { return out.running; }
bool dev_sound_out_is_stereo(void) { return out.stereo; }

static uint32_t frames_or_none(int32_t answer) { return answer > 0 ? (uint32_t)answer : 0; }

uint32_t dev_sound_out_space(void) {
  return out.running ? frames_or_none(call(SOUND_OUT_SPACE, NULL, 0)) : 0;
}

uint32_t dev_sound_out_play(const int16_t *samples, uint32_t frames) {
  if (!out.running || frames == 0) return 0;
  if (frames > DEV_SOUND_MOST_FRAMES) frames = DEV_SOUND_MOST_FRAMES;
  const uint32_t bytes = frames * (out.stereo ? 2 : 1) * (uint32_t)sizeof *samples;
  const uint32_t taken = frames_or_none(call(SOUND_OUT_PLAY, samples, bytes));
  return taken < frames ? taken : frames;
}

void dev_sound_out_stop(void) {
  if (out.running) (void)call(SOUND_OUT_STOP, NULL, 0);
  out.running = false;
}

void dev_sound_out_volume(uint32_t *left, uint32_t *right) {
  *left = out.volume[0];
  *right = out.volume[1];
}

void dev_sound_out_set_volume(uint32_t left, uint32_t right) {
  out.volume[0] = left < DEV_SOUND_FULL ? left : DEV_SOUND_FULL;
  out.volume[1] = right < DEV_SOUND_FULL ? right : DEV_SOUND_FULL;
  if (out.running) (void)call(SOUND_OUT_VOLUME, out.volume, sizeof out.volume);
}

/* An image that plays starts anew when it is loaded: what is kept is the volume. */
static void get_state(struct text *to) { text_add(to, out.volume, sizeof out.volume); }

static bool set_state(const uint8_t *bytes, uint32_t length) {
  uint32_t volume[2];
  if (length != sizeof volume) return false;
  memcpy(volume, bytes, sizeof volume);
  if (volume[0] > DEV_SOUND_FULL || volume[1] > DEV_SOUND_FULL) return false;
  dev_sound_out_set_volume(volume[0], volume[1]);
  return true;
}

const struct device_record device_sound_out = {
    .start = start, .stop = stop, .get_state = get_state, .set_state = set_state};
