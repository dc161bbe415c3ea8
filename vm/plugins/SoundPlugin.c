/* SoundPlugin.c: samples to be heard and from a microphone, over the devices sound_out and sound_in. Where
 * there is no device, or no permission, starting fails and the image plays nothing.
 */
#include <math.h>
#include <string.h>

#include "devices/device.h"
#include "devices/sound_in.h"
#include "devices/sound_out.h"
#include "plugins/plugin.h"
#include "plugins/samples.h"

static uint32_t out_channels(void) { return dev_sound_out_is_stereo() ? 2 : 1; }
static uint32_t in_channels(void) { return dev_sound_in_is_stereo() ? 2 : 1; }
static oop number(uint64_t v) { return prim_or_no_memory(mem_new_uint64(v)); }

/* ---- playing ---- */

/* startBufferSize: frames rate: samplesPerSecond stereo: aBoolean [semaIndex: index] */
static oop start_playing(oop *args, oop semaphore_oop) {
  uint32_t frames, rate, semaphore;
  bool stereo;
  if (!prim_index(args[1], &frames) || !prim_index(args[2], &rate) || !prim_bool(args[3], &stereo) ||
      !prim_index(semaphore_oop, &semaphore))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return dev_sound_out_start(frames, rate, stereo, semaphore) < 0 ? prim_fail(PRIM_ERR_UNSUPPORTED) : args[0];
}

static oop primitiveSoundStart(oop *args, uint32_t argc) { return start_playing(args, int_oop(0)); }
static oop primitiveSoundStartWithSemaphore(oop *args, uint32_t argc) { return start_playing(args, args[4]); }

static oop primitiveSoundStop(oop *args, uint32_t argc) {
  dev_sound_out_stop();
  return args[0];
}

/* In bytes. */
static oop primitiveSoundAvailableSpace(oop *args, uint32_t argc) {
  if (!dev_sound_out_is_running()) return prim_fail(PRIM_ERR_INAPPROPRIATE);
  return number((uint64_t)dev_sound_out_space() * out_channels() * sizeof(int16_t));
}

/* playSamples: frameCount from: buffer startingAt: frame. Answers how many frames were taken. */
static oop primitiveSoundPlaySamples(oop *args, uint32_t argc) {
  struct samples samples;
  uint32_t frames, first;
  if (!prim_index(args[1], &frames) || !samples_of(args[2], &samples) || !prim_index(args[3], &first))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (!dev_sound_out_is_running()) return prim_fail(PRIM_ERR_INAPPROPRIATE);
  const uint32_t channels = out_channels();
  if (first < 1 || (uint64_t)first - 1 + frames > samples.count / channels)
    return prim_fail(PRIM_ERR_BAD_INDEX);
  return number(dev_sound_out_play(samples.at + (size_t)(first - 1) * channels, frames));
}

/* Fills what is free of the buffer. */
static oop primitiveSoundPlaySilence(oop *args, uint32_t argc) {
  enum { AT_ONCE = 1024 };
  static const int16_t silence[AT_ONCE * 2];
  if (!dev_sound_out_is_running()) return prim_fail(PRIM_ERR_INAPPROPRIATE);
  const uint32_t frames = dev_sound_out_space();
  uint32_t played = 0, taken = 1;
  while (played < frames && taken > 0) {
    const uint32_t left = frames - played;
    taken = dev_sound_out_play(silence, left < AT_ONCE ? left : AT_ONCE);
    played += taken;
  }
  return number(played);
}

/* What is in the queue has been handed over and cannot be mixed with: no sample is inserted, and the image
 * queues the sound behind what it plays. */
static oop primitiveSoundInsertSamples(oop *args, uint32_t argc) {
  struct samples samples;
  if (!oop_is_int(args[1]) || !samples_of(args[2], &samples) || !oop_is_int(args[3]))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return int_oop(0);
}

/* Volumes are Floats up to 1.0: of left and right. */
static oop primitiveSoundGetVolume(oop *args, uint32_t argc) {
  uint32_t volume[2];
  dev_sound_out_volume(&volume[0], &volume[1]);
  const oop pair = mem_new_array(2);
  for (uint32_t i = 0; pair != 0 && i < 2; i++) {
    const oop v = mem_new_float(volume[i] / (double)DEV_SOUND_FULL);
    if (v == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
    mem_store(pair, i, v);
  }
  return prim_or_no_memory(pair);
}

static bool volume_of(oop o, uint32_t *volume) {
  double v;
  if (!prim_double(o, &v) || isnan(v)) return false;
  *volume = (uint32_t)lround((v < 0 ? 0 : v > 1 ? 1 : v) * DEV_SOUND_FULL);
  return true;
}

static oop primitiveSoundSetLeftVolume(oop *args, uint32_t argc) {
  uint32_t left, right;
  if (!volume_of(args[1], &left) || !volume_of(args[2], &right)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  dev_sound_out_set_volume(left, right);
  return args[0];
}

/* ---- recording ---- */

/* startRecordingDesiredSampleRate: rate stereo: aBoolean semaIndex: index */
static oop primitiveSoundStartRecording(oop *args, uint32_t argc) {
  uint32_t rate, semaphore;
  bool stereo;
  if (!prim_index(args[1], &rate) || !prim_bool(args[2], &stereo) || !prim_index(args[3], &semaphore))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return dev_sound_in_start(rate, stereo, semaphore) < 0 ? prim_fail(PRIM_ERR_UNSUPPORTED) : args[0];
}

static oop primitiveSoundStopRecording(oop *args, uint32_t argc) {
  dev_sound_in_stop();
  return args[0];
}

static oop primitiveSoundGetRecordingSampleRate(oop *args, uint32_t argc) {
  if (!dev_sound_in_is_running()) return prim_fail(PRIM_ERR_INAPPROPRIATE);
  return prim_or_no_memory(mem_new_float(dev_sound_in_rate()));
}

/* recordSamplesInto: buffer startingAt: sample. Answers how many samples (not frames) have come. */
static oop primitiveSoundRecordSamples(oop *args, uint32_t argc) {
  struct samples samples;
  uint32_t first;
  if (!samples_of(args[1], &samples) || !prim_index(args[2], &first)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (first < 1 || first > samples.count) return prim_fail(PRIM_ERR_BAD_INDEX);
  if (obj_is_immutable(args[1])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  const uint32_t channels = in_channels(), frames = (samples.count - (first - 1)) / channels;
  return number((uint64_t)dev_sound_in_read(samples.at + (first - 1), frames) * channels);
}

static oop primitiveSoundGetRecordLevel(oop *args, uint32_t argc) { return number(dev_sound_in_level()); }

static oop primitiveSoundSetRecordLevel(oop *args, uint32_t argc) {
  if (!oop_is_int(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const int32_t level = oop_int(args[1]);
  dev_sound_in_set_level(level < 0 ? 0 : level > DEV_SOUND_FULL ? DEV_SOUND_FULL : (uint32_t)level);
  return args[0];
}

/* Echo cancellation is the host's own business. */
static oop primitiveSoundSupportsAEC(oop *args, uint32_t argc) { return mem.false_; }
static oop primitiveSoundEnableAEC(oop *args, uint32_t argc) {
  return args[1] == int_oop(0) ? args[0] : prim_fail(PRIM_ERR_UNSUPPORTED);
}

/* ---- names: there is one device of each kind, or none ---- */

static bool find_device(const char *name, struct device_state *state) {
  for (uint32_t i = 0; dev_at(i) != NULL; i++)
    if (strcmp(dev_at(i)->name, name) == 0) {
      dev_state(dev_at(i), state);
      return state->present;
    }
  return false;
}

static oop device_name(const char *name) {
  struct device_state state;
  if (!find_device(name, &state)) return mem.nil;
  return prim_or_no_memory(mem_new_string(state.host, (uint32_t)strlen(state.host)));
}

static oop device_count(const char *name) {
  struct device_state state;
  return int_oop(find_device(name, &state) ? 1 : 0);
}

static oop device_name_at(const char *name, oop index_oop) {
  uint32_t index;
  if (!prim_uint32(index_oop, &index)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return index == 1 ? device_name(name) : mem.nil;
}

/* The one there is can be chosen. */
static oop choose_device(const char *name, oop *args) {
  struct device_state state;
  if (!oop_is_bytes(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (!find_device(name, &state) || strlen(state.host) != obj_byte_size(args[1]) ||
      memcmp(state.host, obj_bytes(args[1]), strlen(state.host)) != 0)
    return prim_fail(PRIM_ERR_NOT_FOUND);
  return args[0];
}

#define OUT "sound_out"
#define IN "sound_in"
static oop primitiveGetDefaultSoundPlayer(oop *args, uint32_t argc) { return device_name(OUT); }
static oop primitiveGetDefaultSoundRecorder(oop *args, uint32_t argc) { return device_name(IN); }
static oop primitiveGetNumberOfSoundPlayerDevices(oop *args, uint32_t argc) { return device_count(OUT); }
static oop primitiveGetNumberOfSoundRecorderDevices(oop *args, uint32_t argc) { return device_count(IN); }
static oop primitiveGetSoundPlayerDeviceName(oop *args, uint32_t argc) {
  return device_name_at(OUT, args[1]);
}
static oop primitiveGetSoundRecorderDeviceName(oop *args, uint32_t argc) {
  return device_name_at(IN, args[1]);
}
static oop primitiveSetDefaultSoundPlayer(oop *args, uint32_t argc) { return choose_device(OUT, args); }
static oop primitiveSetDefaultSoundRecorder(oop *args, uint32_t argc) { return choose_device(IN, args); }

#define SOUND_PRIMITIVES(X)                         \
  X(primitiveGetDefaultSoundPlayer, 0, 0)           \
  X(primitiveGetDefaultSoundRecorder, 0, 0)         \
  X(primitiveGetNumberOfSoundPlayerDevices, 0, 0)   \
  X(primitiveGetNumberOfSoundRecorderDevices, 0, 0) \
  X(primitiveGetSoundPlayerDeviceName, 1, 1)        \
  X(primitiveGetSoundRecorderDeviceName, 1, 1)      \
  X(primitiveSetDefaultSoundPlayer, 1, 1)           \
  X(primitiveSetDefaultSoundRecorder, 1, 1)         \
  X(primitiveSoundAvailableSpace, 0, 0)             \
  X(primitiveSoundEnableAEC, 1, 1)                  \
  X(primitiveSoundGetRecordLevel, 0, 0)             \
  X(primitiveSoundGetRecordingSampleRate, 0, 0)     \
  X(primitiveSoundGetVolume, 0, 0)                  \
  X(primitiveSoundInsertSamples, 3, 3)              \
  X(primitiveSoundPlaySamples, 3, 3)                \
  X(primitiveSoundPlaySilence, 0, 0)                \
  X(primitiveSoundRecordSamples, 2, 2)              \
  X(primitiveSoundSetLeftVolume, 2, 2)              \
  X(primitiveSoundSetRecordLevel, 1, 1)             \
  X(primitiveSoundStart, 3, 3)                      \
  X(primitiveSoundStartRecording, 3, 3)             \
  X(primitiveSoundStartWithSemaphore, 4, 4)         \
  X(primitiveSoundStop, 0, 0)                       \
  X(primitiveSoundStopRecording, 0, 0)              \
  X(primitiveSoundSupportsAEC, 0, 0)
PLUGIN_DEFINE(SoundPlugin, SOUND_PRIMITIVES)
