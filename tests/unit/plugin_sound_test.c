/* plugin_sound_test.c: the sound generators and the ADPCM codec, by hand-calculated samples and with every
 * field spoilt in turn; playing and recording against a host of the test. */
#include "prim_support.h"

#include "devices/device.h"
#include "devices/host_native.h"
#include "devices/sound_in.h"
#include "devices/sound_out.h"

enum { ONE = 1 << 15, LOOP_ONE = 1 << 9, MAX_FIELDS = 24 };

static oop samples_oop(uint32_t n, const int16_t *values) {
  oop o = mem_new(CIX_BITMAP, FMT_32, (n + 1) / 2);
  if (values != NULL) memcpy(obj_bytes(o), values, 2 * n);
  return o;
}
#define SAMPLES(...) \
  samples_oop(sizeof((const int16_t[]){__VA_ARGS__}) / sizeof(int16_t), (const int16_t[]){__VA_ARGS__})
static int16_t sample(oop o, uint32_t i) { return AT(int16_t, obj_body(o))[i]; }
static void expect_samples(oop o, uint32_t n, const int16_t *values) {
  for (uint32_t i = 0; i < n; i++) assert_int_equal(sample(o, i), values[i]);
}
#define EXPECT(o, ...) \
  expect_samples(o, sizeof((const int16_t[]){__VA_ARGS__}) / sizeof(int16_t), (const int16_t[]){__VA_ARGS__})

static oop record(uint32_t fields) { return mem_instantiate(test_class(FMT_FIXED, fields), 0); }
static void put(oop o, uint32_t i, int32_t v) { mem_store(o, i, I(v)); }
static int32_t get(oop o, uint32_t i) { return oop_int(obj_slot(o, i)); }

/* A sound at full volume with an envelope that stands still. */
static oop sound(uint32_t fields) {
  oop o = record(fields);
  for (uint32_t i = 0; i < fields; i++) put(o, i, 0);
  put(o, 3, ONE);
  put(o, 7, 100);
  return o;
}
#define MIX(name, sound_oop, n, buffer, start, left, right) \
  NAMED("SoundGenerationPlugin", name, sound_oop, I(n), buffer, I(start), I(left), I(right))

static oop fm_sound(void) {
  oop o = sound(17);
  mem_store(o, 8, SAMPLES(100, 200, -300, 400));
  put(o, 9, 4 * ONE);
  put(o, 11, ONE + ONE / 2);
  return o;
}

static void fm_steps_through_its_wave(void **state) {
  (void)state;
  oop o = fm_sound(), buffer = samples_oop(12, NULL);
  assert_oop(MIX("primitiveMixFMSound", o, 4, buffer, 2, ONE, ONE / 2), o);
  EXPECT(buffer, 0, 0, 100, 50, 200, 100, 400, 200, 100, 50, 0, 0); /* indices 0, 1.5, 3, 4.5 - 4 */
  assert_int_equal(get(o, 7), 96);
  assert_int_equal(get(o, 10), 2 * ONE);
  assert_oop(MIX("primitiveMixFMSound", o, 1, buffer, 2, ONE, 0), o);
  assert_int_equal(sample(buffer, 2), 100 - 300); /* mixed, and floored arithmetic on both ways */
  assert_int_equal(sample(buffer, 3), 50);
}

static void fm_is_modulated(void **state) {
  (void)state;
  oop o = fm_sound(), buffer = samples_oop(8, NULL);
  put(o, 11, 0);
  put(o, 14, 164); /* moves the index by 164 x the wave's value */
  put(o, 16, ONE);
  (void)MIX("primitiveMixFMSound", o, 4, buffer, 1, ONE, 0);
  /* 0; 164*100 = 16400: 0; + 164*200 = 49200: 1; - 164*300 = 0 */
  EXPECT(buffer, 100, 0, 100, 0, 200, 0, 100, 0);
  assert_int_equal(get(o, 10), 164 * 400);
  assert_int_equal(get(o, 15), 0);
}

static void volumes_move_and_clip(void **state) {
  (void)state;
  oop o = fm_sound(), buffer = SAMPLES(32700, -32700, 0, 0, 0, 0, 0, 0);
  mem_store(o, 8, SAMPLES(1000, 1000, 1000, 1000));
  put(o, 4, -ONE / 2);
  put(o, 5, ONE / 4);
  (void)MIX("primitiveMixFMSound", o, 4, buffer, 1, ONE, ONE);
  EXPECT(buffer, 32767, -31700, 500, 500, 250, 250, 250, 250);
  assert_int_equal(get(o, 3), ONE / 4);
  assert_int_equal(get(o, 4), 0);
}

static oop plucked_sound(void) {
  oop o = sound(12);
  mem_store(o, 8, SAMPLES(100, 300, -500, 700));
  put(o, 9, ONE);
  put(o, 10, ONE);
  put(o, 11, 5 * ONE);
  return o;
}

static void strings_are_averaged(void **state) {
  (void)state;
  oop o = plucked_sound(), buffer = samples_oop(10, NULL);
  (void)MIX("primitiveMixPluckedSound", o, 5, buffer, 1, ONE, 0);
  EXPECT(buffer, 200, 0, -100, 0, 100, 0, 450, 0, 50, 0);
  EXPECT(obj_slot(o, 8), 50, -100, 100, 450);
  assert_int_equal(get(o, 9), 2 * ONE);
}

static oop sampled_sound(void) {
  oop o = sound(14);
  mem_store(o, 8, SAMPLES(10, 20, 30, 40));
  put(o, 10, 4);
  put(o, 11, 1 << 16);
  put(o, 13, 3 << 15);
  return o;
}

static void samples_are_stepped_through(void **state) {
  (void)state;
  oop o = sampled_sound(), buffer = samples_oop(8, NULL);
  (void)MIX("primitiveMixSampledSound", o, 4, buffer, 1, ONE, ONE);
  EXPECT(buffer, 10, 10, 20, 20, 40, 40, 0, 0); /* 1, 2.5, 4, past the end */
  assert_int_equal(get(o, 7), 96);
  assert_int_equal(get(o, 11), (1 << 16) + 3 * (3 << 15));
  put(o, 11, (1 << 29) - 1); /* what the scaled index cannot hold goes to the high bits */
  put(o, 12, -(1 << 13) + 2);
  (void)MIX("primitiveMixSampledSound", o, 1, buffer, 4, ONE, ONE);
  assert_int_equal(sample(buffer, 6), 10);
  assert_int_equal(get(o, 12), 3);
  assert_int_equal(get(o, 11), (1 << 15) - 1);
}

static oop looped_sound(void) {
  oop o = sound(21);
  mem_store(o, 10, SAMPLES(100, 200, 300, 400));
  mem_store(o, 11, SAMPLES(-100, -200, -300, -400));
  put(o, 16, 4);
  put(o, 17, 4);
  put(o, 18, 2 * LOOP_ONE);
  put(o, 19, LOOP_ONE);
  put(o, 20, LOOP_ONE / 2 * 3);
  return o;
}

static void samples_are_looped(void **state) {
  (void)state;
  oop o = looped_sound(), buffer = samples_oop(8, NULL);
  (void)MIX("primitiveMixLoopedSampledSound", o, 4, buffer, 1, ONE, ONE / 2);
  EXPECT(buffer, 250, -125, 400, -200, 350, -175, 300, -150); /* 2.5, 4, 5.5 - 2, 5 - 2 */
  assert_int_equal(get(o, 19), 3 * LOOP_ONE);
  put(o, 8, 200); /* released: to the end, and no further */
  assert_oop(MIX("primitiveMixLoopedSampledSound", o, 2, buffer, 1, ONE, ONE), mem.nil);
  assert_int_equal(get(o, 7), 0);
  EXPECT(buffer, 250 + 350, -125 - 350, 400, -200); /* 4.5, whose neighbour is 4.5 - 2 */
}

static oop reverb_sound(void) {
  oop o = sound(14);
  oop delays = words_of(2), gains = words_of(2);
  obj_put_raw(delays, 0, 1);
  obj_put_raw(delays, 1, 3);
  obj_put_raw(gains, 0, ONE / 2);
  obj_put_raw(gains, 1, (uint32_t)(-ONE / 4));
  mem_store(o, 7, delays);
  mem_store(o, 8, gains);
  put(o, 9, 2);
  put(o, 10, 3);
  put(o, 11, 1);
  mem_store(o, 12, SAMPLES(0, 0, 0, 0));
  mem_store(o, 13, SAMPLES(0, 0, 0, 0));
  return o;
}

static void reverb_adds_what_was(void **state) {
  (void)state;
  oop o = reverb_sound(), buffer = SAMPLES(1000, -1000, 0, 0, 0, 0, 0, 0);
  assert_oop(NAMED("SoundGenerationPlugin", "primitiveApplyReverb", o, buffer, I(1), I(4)), o);
  /* out(t) = in(t) + out(t-1)/2 - out(t-3)/4 */
  EXPECT(buffer, 1000, -1000, 500, -500, 250, -250, -125, 125);
  assert_int_equal(get(o, 11), 2);
}

static void wrong_sounds_fail_unchanged(void **state) {
  (void)state;
  oop buffer = samples_oop(8, NULL);
  assert_fails(MIX("primitiveMixFMSound", fm_sound(), 5, buffer, 1, ONE, ONE), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(MIX("primitiveMixFMSound", fm_sound(), 1, buffer, 0, ONE, ONE), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(MIX("primitiveMixFMSound", sound(16), 1, buffer, 1, ONE, ONE), PRIM_ERR_BAD_RECEIVER);
  assert_fails(MIX("primitiveMixFMSound", frozen(fm_sound()), 1, buffer, 1, ONE, ONE),
               PRIM_ERR_NO_MODIFICATION);
  oop o = fm_sound();
  put(o, 9, 5 * ONE); /* more than the wave has */
  assert_fails(MIX("primitiveMixFMSound", o, 1, buffer, 1, ONE, ONE), PRIM_ERR_BAD_RECEIVER);
  o = plucked_sound();
  put(o, 11, 6 * ONE);
  assert_fails(MIX("primitiveMixPluckedSound", o, 1, buffer, 1, ONE, ONE), PRIM_ERR_BAD_RECEIVER);
  o = sampled_sound();
  put(o, 10, 5);
  assert_fails(MIX("primitiveMixSampledSound", o, 1, buffer, 1, ONE, ONE), PRIM_ERR_BAD_RECEIVER);
  o = reverb_sound();
  obj_put_raw(obj_slot(o, 7), 0, 4);
  assert_fails(NAMED("SoundGenerationPlugin", "primitiveApplyReverb", o, buffer, I(1), I(1)),
               PRIM_ERR_BAD_RECEIVER);
}

/* ---- ADPCM ---- */

#define ADPCM(name, codec_oop, n) NAMED("ADPCMCodecPlugin", name, codec_oop, I(n))
enum { CODEC_WIDTH = 4, CODEC_BYTES = 200 };

/* The IMA's tables for 4 bits. */
static oop step_table(void) {
  static const int16_t steps[89] = {
      7,    8,     9,     10,    11,    12,    13,    14,    16,    17,    19,    21,    23,    25,   28,
      31,   34,    37,    41,    45,    50,    55,    60,    66,    73,    80,    88,    97,    107,  118,
      130,  143,   157,   173,   190,   209,   230,   253,   279,   307,   337,   371,   408,   449,  494,
      544,  598,   658,   724,   796,   876,   963,   1060,  1166,  1282,  1411,  1552,  1707,  1878, 2066,
      2272, 2499,  2749,  3024,  3327,  3660,  4026,  4428,  4871,  5358,  5894,  6484,  7132,  7845, 8630,
      9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767};
  return samples_oop(89, steps);
}

static oop codec(oop samples) {
  oop o = record(16);
  for (uint32_t i = 0; i < 16; i++) put(o, i, 0);
  put(o, 2, 8);
  put(o, 3, 7);
  put(o, 4, 4);
  put(o, 5, 15); /* frames of 16 */
  mem_store(o, 9, mem_new_bytes(CIX_BYTE_ARRAY, CODEC_BYTES));
  mem_store(o, 10, samples);
  put(o, 13, CODEC_WIDTH);
  mem_store(o, 14, step_table());
  mem_store(o, 15, SAMPLES(-1, -1, -1, -1, 2, 4, 6, 8));
  return o;
}

static void rewind_codec(oop o) {
  for (uint32_t i = 6; i <= 8; i++) put(o, i, 0);
  put(o, 12, 0);
}

static void codec_encodes_by_hand(void **state) {
  (void)state;
  oop o = codec(SAMPLES(100, 130, 70));
  assert_oop(ADPCM("primitiveEncodeMono", o, 3), o);
  /* header: 100, index 16 (step 31 reaches 30; named from 1). +30 with step 7: 7+3+1 and 0: value 7, change
   * 8: step of 24, 73. predicted 111; 70 - 111 = -41: 36, 4 more is not 18: 8 + 2 */
  assert_memory_equal(obj_bytes(obj_slot(o, 9)), "\x00\x64\x41\xE8", 4);
  assert_int_equal(get(o, 8), 4);
  assert_int_equal(get(o, 12), 3);
  rewind_codec(o);
  mem_store(o, 10, samples_oop(4, NULL));
  assert_oop(ADPCM("primitiveDecodeMono", o, 3), o);
  assert_int_equal(sample(obj_slot(o, 10), 0), 100);
}

static void codec_round_trips(void **state) {
  (void)state;
  enum { N = 96 };
  int16_t wave[N];
  for (int i = 0; i < N; i++)
    wave[i] = (int16_t)(i % 48 < 24 ? i % 48 * 400 - 4800 : 4800 - (i % 48 - 24) * 400);
  oop o = codec(samples_oop(N, wave));
  (void)ADPCM("primitiveEncodeMono", o, N);
  int32_t used = get(o, 8), bits = 6 * 22 + (N - 6) * CODEC_WIDTH;
  assert_int_equal(used, (bits + 7) / 8);
  rewind_codec(o);
  mem_store(o, 10, samples_oop(N, NULL));
  /* In two calls, the first of whole frames. */
  (void)ADPCM("primitiveDecodeMono", o, 32);
  (void)ADPCM("primitiveDecodeMono", o, N - 32);
  assert_int_equal(get(o, 8), used);
  for (int i = 0; i < N; i++) assert_in_range(sample(obj_slot(o, 10), (uint32_t)i) - wave[i] + 2000, 0, 4000);
  assert_int_equal(sample(obj_slot(o, 10), 16), wave[16]); /* begins a frame */
}

/* Both sides with the same differences decode to what one does. */
static void stereo_is_two_monos(void **state) {
  (void)state;
  oop o = codec(samples_oop(4, NULL));
  /* headers 100, 16 and -100, 16: 44 bits; then 3 and 11, 7 and 15 */
  mem_store(o, 9, bytes_of("\x00\x64\x43\xFE\x71\x03\xB7\xF0", 8));
  mem_store(o, 0, SAMPLES(0, 0));
  mem_store(o, 1, SAMPLES(0, 0));
  mem_store(o, 11, samples_oop(4, NULL));
  assert_oop(ADPCM("primitiveDecodeStereo", o, 3), o);
  oop left = obj_slot(o, 10), right = obj_slot(o, 11);
  assert_int_equal(sample(left, 0), 100);
  assert_int_equal(sample(right, 0), -100);
  for (uint32_t i = 1; i < 3; i++) assert_int_equal(sample(left, i) - 100, -(sample(right, i) + 100));
  assert_int_equal(sample(obj_slot(o, 0), 1), sample(right, 2));
}

static void codec_checks_room(void **state) {
  (void)state;
  oop o = codec(samples_oop(200, NULL));
  mem_store(o, 9, mem_new_bytes(CIX_BYTE_ARRAY, 10));
  assert_fails(ADPCM("primitiveEncodeMono", o, 200), PRIM_ERR_BAD_INDEX);
  assert_fails(ADPCM("primitiveDecodeMono", o, 200), PRIM_ERR_BAD_INDEX);
  assert_fails(ADPCM("primitiveDecodeMono", o, 201), PRIM_ERR_BAD_RECEIVER);
  assert_fails(ADPCM("primitiveEncodeStereo", o, 2), PRIM_ERR_UNSUPPORTED);
  assert_int_equal(get(o, 12), 0);
}

/* ---- every field of a good object spoilt ---- */

static uint32_t seed = 7;
static uint32_t pick(uint32_t n) {
  seed = seed * 1664525 + 1013904223;
  return (uint32_t)((uint64_t)seed * n >> 32);
}

static oop spoilt(oop was) {
  static const int32_t numbers[] = {
      0,   1,   -1,           2,       7,   8,       15,      16,      88,           89,
      255, 512, 4 * LOOP_ONE, ONE - 1, ONE, 4 * ONE, 5 * ONE, 1 << 29, SMALLINT_MAX, SMALLINT_MIN};
  switch (pick(8)) {
    case 0: return mem.nil;
    case 1: return samples_oop(pick(4), NULL);
    case 2: return mem_new_bytes(CIX_BYTE_ARRAY, pick(9));
    case 3: return mem_new(CIX_BITMAP, FMT_16 + 1, 2);
    case 4: return oop_is_int(was) ? I(oop_int(was) / 2 + (int32_t)pick(5) - 2) : was;
  }
  return I(numbers[pick(sizeof numbers / sizeof *numbers)]);
}

static void spoil_and_run(oop (*make)(void), const char *module, const char *name, bool mixes) {
  for (int round = 0; round < 3000; round++) {
    oop o = make(), buffer = samples_oop(32, NULL), operands[6] = {o, I(12), buffer, I(3), I(ONE), I(ONE)};
    uint32_t fields = obj_slots(o), count = mixes ? 6 : 2;
    for (uint32_t n = 1 + pick(3); n > 0; n--) {
      uint32_t i = pick(fields + count - 1);
      if (i < fields)
        mem_store(o, i, spoilt(obj_slot(o, i)));
      else
        operands[i - fields + 1] = spoilt(operands[i - fields + 1]);
    }
    (void)prim_call(prim_named_for(module, (uint32_t)strlen(module), name, (uint32_t)strlen(name), count - 1),
                    count, operands);
    if (round % 500 == 0) mem_full_gc();
  }
  fixture_assert_sound();
}

static oop any_codec(void) {
  oop o = codec(samples_oop(32, NULL));
  for (uint32_t i = 0; i < CODEC_BYTES; i++) obj_bytes(obj_slot(o, 9))[i] = (uint8_t)pick(256);
  return o;
}
static oop stereo_codec(void) {
  oop o = any_codec();
  mem_store(o, 0, samples_oop(2, NULL));
  mem_store(o, 1, samples_oop(2, NULL));
  mem_store(o, 11, samples_oop(32, NULL));
  return o;
}

static void spoilt_sounds_never_crash(void **state) {
  (void)state;
  const char *const module = "SoundGenerationPlugin";
  spoil_and_run(fm_sound, module, "primitiveMixFMSound", true);
  spoil_and_run(plucked_sound, module, "primitiveMixPluckedSound", true);
  spoil_and_run(sampled_sound, module, "primitiveMixSampledSound", true);
  spoil_and_run(looped_sound, module, "primitiveMixLoopedSampledSound", true);
  spoil_and_run(any_codec, "ADPCMCodecPlugin", "primitiveDecodeMono", false);
  spoil_and_run(any_codec, "ADPCMCodecPlugin", "primitiveEncodeMono", false);
  spoil_and_run(stereo_codec, "ADPCMCodecPlugin", "primitiveDecodeStereo", false);
  for (int round = 0; round < 3000; round++) {
    oop o = reverb_sound(), buffer = samples_oop(32, NULL);
    uint32_t i = pick(14);
    mem_store(o, i, spoilt(obj_slot(o, i)));
    (void)NAMED("SoundGenerationPlugin", "primitiveApplyReverb", o, buffer, I(1 + (int32_t)pick(8)), I(12));
  }
}

/* ---- the devices ---- */

static struct {
  uint32_t frames, rate, channels, semaphore, room, volume[2];
  int16_t played[64];
  uint32_t count;
  bool running;
} host;

static int32_t serve_out(uint32_t operation, const void *in, uint32_t length, void *out, uint32_t room) {
  (void)out;
  (void)room;
  switch (operation) {
    case SOUND_OUT_START:
      memcpy(&host, in, length);
      host.room = host.frames;
      host.count = 0;
      host.running = true;
      return 0;
    case SOUND_OUT_SPACE: return (int32_t)host.room;
    case SOUND_OUT_PLAY: {
      uint32_t n = length / 2 / host.channels;
      if (n > host.room) n = host.room;
      memcpy(host.played + host.count, in, n * 2 * host.channels);
      host.count += n * host.channels;
      host.room -= n;
      return (int32_t)n;
    }
    case SOUND_OUT_STOP: host.running = false; return 0;
    case SOUND_OUT_VOLUME: memcpy(host.volume, in, length); return 0;
  }
  return -1;
}

static int32_t serve_in(uint32_t operation, const void *in, uint32_t length, void *out, uint32_t room) {
  static const int16_t samples[] = {1, 2, 3, 4};
  (void)in;
  (void)length;
  if (operation == SOUND_IN_START) return 22050;
  if (operation != SOUND_IN_READ) return 0;
  uint32_t n = room < sizeof samples ? room : sizeof samples;
  memcpy(out, samples, n);
  return (int32_t)n;
}

#define SOUND(name, ...) NAMED("SoundPlugin", name, __VA_ARGS__)

static void the_image_plays(void **state) {
  (void)state;
  dev_start_all();
  host_native_serve("sound_out", serve_out);
  oop buffer = SAMPLES(1, 2, 3, 4, 5, 6, 7, 8);
  assert_fails(SOUND("primitiveSoundPlaySamples", mem.nil, I(1), buffer, I(1)), PRIM_ERR_INAPPROPRIATE);
  assert_oop(SOUND("primitiveSoundStartWithSemaphore", mem.true_, I(5), I(22050), mem.true_, I(9)),
             mem.true_);
  assert_int_equal(host.rate, 22050);
  assert_int_equal(host.channels, 2);
  assert_int_equal(host.semaphore, 9);
  assert_oop(SOUND("primitiveSoundAvailableSpace", mem.nil), I(20));
  assert_oop(SOUND("primitiveSoundPlaySamples", mem.nil, I(3), buffer, I(2)), I(3));
  static const int16_t expected[] = {3, 4, 5, 6, 7, 8}; /* frames 2 to 4 */
  assert_memory_equal(host.played, expected, sizeof expected);
  assert_fails(SOUND("primitiveSoundPlaySamples", mem.nil, I(4), buffer, I(2)), PRIM_ERR_BAD_INDEX);
  assert_fails(SOUND("primitiveSoundPlaySamples", mem.nil, I(1), buffer, I(0)), PRIM_ERR_BAD_INDEX);
  assert_oop(SOUND("primitiveSoundInsertSamples", mem.nil, I(1), buffer, I(0)), I(0));
  assert_oop(SOUND("primitiveSoundPlaySilence", mem.nil), I(2));
  assert_oop(SOUND("primitiveSoundAvailableSpace", mem.nil), I(0));
  assert_oop(SOUND("primitiveSoundSetLeftVolume", mem.nil, mem_new_float(0.25), mem_new_float(7)), mem.nil);
  assert_int_equal(host.volume[0], 250);
  assert_int_equal(host.volume[1], DEV_SOUND_FULL);
  assert_float(obj_slot(SOUND("primitiveSoundGetVolume", mem.nil), 0), 0.25);
  assert_oop(SOUND("primitiveSoundStop", mem.nil), mem.nil);
  assert_false(host.running);
  assert_fails(SOUND("primitiveSoundAvailableSpace", mem.nil), PRIM_ERR_INAPPROPRIATE);
  assert_fails(SOUND("primitiveSoundStart", mem.nil, I(0), I(22050), mem.true_), PRIM_ERR_UNSUPPORTED);
  assert_oop(SOUND("primitiveGetNumberOfSoundPlayerDevices", mem.nil), I(1));
  oop name = SOUND("primitiveGetDefaultSoundPlayer", mem.nil);
  assert_true(oop_is_bytes(name));
  assert_oop(SOUND("primitiveSetDefaultSoundPlayer", mem.nil, name), mem.nil);
  assert_fails(SOUND("primitiveSetDefaultSoundPlayer", mem.nil, str("none")), PRIM_ERR_NOT_FOUND);
  assert_oop(SOUND("primitiveGetSoundPlayerDeviceName", mem.nil, I(2)), mem.nil);
  dev_stop_all();
}

static void the_image_records(void **state) {
  (void)state;
  dev_start_all();
  oop buffer = samples_oop(6, NULL);
  assert_oop(SOUND("primitiveGetNumberOfSoundRecorderDevices", mem.nil), I(0));
  assert_oop(SOUND("primitiveGetDefaultSoundRecorder", mem.nil), mem.nil);
  host_native_serve("sound_in", serve_in);
  assert_fails(SOUND("primitiveSoundGetRecordingSampleRate", mem.nil), PRIM_ERR_INAPPROPRIATE);
  assert_oop(SOUND("primitiveSoundStartRecording", mem.nil, I(44100), mem.true_, I(0)), mem.nil);
  assert_float(SOUND("primitiveSoundGetRecordingSampleRate", mem.nil), 22050);
  assert_oop(SOUND("primitiveSoundRecordSamples", mem.nil, buffer, I(2)), I(4));
  EXPECT(buffer, 0, 1, 2, 3, 4, 0);
  assert_oop(SOUND("primitiveSoundRecordSamples", mem.nil, buffer, I(4)), I(2));
  assert_fails(SOUND("primitiveSoundRecordSamples", mem.nil, buffer, I(7)), PRIM_ERR_BAD_INDEX);
  assert_fails(SOUND("primitiveSoundRecordSamples", mem.nil, frozen(buffer), I(1)), PRIM_ERR_NO_MODIFICATION);
  assert_oop(SOUND("primitiveSoundSetRecordLevel", mem.nil, I(5000)), mem.nil);
  assert_oop(SOUND("primitiveSoundGetRecordLevel", mem.nil), I(DEV_SOUND_FULL));
  assert_oop(SOUND("primitiveSoundStopRecording", mem.nil), mem.nil);
  dev_stop_all();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      PRIM_TEST(fm_steps_through_its_wave),   PRIM_TEST(fm_is_modulated),
      PRIM_TEST(volumes_move_and_clip),       PRIM_TEST(strings_are_averaged),
      PRIM_TEST(samples_are_looped),          PRIM_TEST(reverb_adds_what_was),
      PRIM_TEST(samples_are_stepped_through), PRIM_TEST(codec_encodes_by_hand),
      PRIM_TEST(codec_round_trips),           PRIM_TEST(stereo_is_two_monos),
      PRIM_TEST(codec_checks_room),           PRIM_TEST(wrong_sounds_fail_unchanged),
      PRIM_TEST(spoilt_sounds_never_crash),   PRIM_TEST(the_image_plays),
      PRIM_TEST(the_image_records),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
