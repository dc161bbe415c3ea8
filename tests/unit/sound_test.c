/* sound_test.c: the devices sound_out and sound_in against a host that keeps what it is told. */
#include "test_heap.h"

#include "devices/device.h"
#include "devices/errors.h"
#include "devices/host_native.h"
#include "devices/sound_in.h"
#include "devices/sound_out.h"

static struct {
  uint32_t format[4], volume[2], played, stops, room;
  int16_t first;
} heard;

static int32_t serve_out(uint32_t operation, const void *in, uint32_t length, void *out, uint32_t room) {
  (void)out, (void)room;
  switch (operation) {
    case SOUND_OUT_START:
      assert_int_equal(length, sizeof heard.format);
      memcpy(heard.format, in, length);
      return 0;
    case SOUND_OUT_SPACE: return (int32_t)heard.room;
    case SOUND_OUT_PLAY:
      memcpy(&heard.first, in, sizeof heard.first);
      heard.played += length;
      return (int32_t)heard.room;
    case SOUND_OUT_STOP: heard.stops++; return 0;
    case SOUND_OUT_VOLUME:
      assert_int_equal(length, sizeof heard.volume);
      memcpy(heard.volume, in, length);
      return 0;
  }
  return DEV_ERR_UNSUPPORTED;
}

static uint32_t level, read_bytes;
static int32_t serve_in(uint32_t operation, const void *in, uint32_t length, void *out, uint32_t room) {
  (void)length;
  switch (operation) {
    case SOUND_IN_START: return 44100;
    case SOUND_IN_READ: memset(out, 7, room < read_bytes ? room : read_bytes); return (int32_t)read_bytes;
    case SOUND_IN_LEVEL: memcpy(&level, in, sizeof level); return 0;
  }
  return 0;
}

static int setup(void **unused) {
  (void)unused;
  memset(&heard, 0, sizeof heard);
  host_native_serve("sound_out", serve_out);
  host_native_serve("sound_in", serve_in);
  dev_start_all();
  return 0;
}

static int teardown(void **unused) {
  (void)unused;
  dev_stop_all();
  host_native_serve("sound_out", NULL);
  host_native_serve("sound_in", NULL);
  return 0;
}

static void samples_go_as_far_as_there_is_room(void **unused) {
  (void)unused;
  const int16_t samples[] = {1, -1, 2, -2, 3, -3};
  assert_int_equal(dev_sound_out_play(samples, 3), 0);
  assert_int_equal(dev_sound_out_space(), 0);
  assert_int_equal(dev_sound_out_start(512, 22050, true, 9), 0);
  assert_memory_equal(heard.format, ((const uint32_t[]){512, 22050, 2, 9}), sizeof heard.format);
  assert_true(dev_sound_out_is_running() && dev_sound_out_is_stereo());
  heard.room = 2;
  assert_int_equal(dev_sound_out_space(), 2);
  assert_int_equal(dev_sound_out_play(samples, 3), 2);
  assert_int_equal(heard.played, 12);
  assert_int_equal(heard.first, 1);
  heard.room = 99; /* what a host answers is not believed */
  assert_int_equal(dev_sound_out_play(samples, 3), 3);
  dev_sound_out_stop();
  dev_sound_out_stop();
  assert_int_equal(heard.stops, 1);
  assert_int_equal(dev_sound_out_play(samples, 3), 0);
}

static void figures_that_make_no_sense_are_refused(void **unused) {
  (void)unused;
  assert_int_equal(dev_sound_out_start(0, 22050, false, 0), DEV_ERR_FAILED);
  assert_int_equal(dev_sound_out_start(UINT32_MAX, 22050, false, 0), DEV_ERR_FAILED);
  assert_int_equal(dev_sound_out_start(512, 0, false, 0), DEV_ERR_FAILED);
  assert_int_equal(dev_sound_in_start(UINT32_MAX, false, 0), DEV_ERR_FAILED);
  host_native_serve("sound_out", NULL);
  assert_true(dev_sound_out_start(512, 22050, false, 0) < 0);
  assert_false(dev_sound_out_is_running());
}

static void the_volume_is_kept(void **unused) {
  (void)unused;
  uint32_t left, right;
  struct text saved = {0};
  dev_sound_out_set_volume(250, 5000);
  assert_int_equal(dev_sound_out_start(512, 22050, false, 0), 0);
  assert_memory_equal(heard.volume, ((const uint32_t[]){250, DEV_SOUND_FULL}), sizeof heard.volume);
  dev_sound_in_set_level(3);
  dev_get_states(&saved);
  dev_start_all();
  assert_true(dev_set_states((const uint8_t *)saved.chars, (uint32_t)saved.length));
  dev_sound_out_volume(&left, &right);
  assert_int_equal(left, 250);
  assert_int_equal(right, DEV_SOUND_FULL);
  assert_int_equal(dev_sound_in_level(), 3);
  text_free(&saved);
}

static void what_is_recorded_is_read_in_frames(void **unused) {
  (void)unused;
  int16_t samples[8] = {0};
  assert_int_equal(dev_sound_in_read(samples, 4), 0);
  assert_int_equal(dev_sound_in_start(22050, true, 5), 0);
  assert_int_equal(dev_sound_in_rate(), 44100);
  assert_int_equal(level, DEV_SOUND_FULL);
  read_bytes = 8;
  assert_int_equal(dev_sound_in_read(samples, 4), 2);
  assert_int_equal(samples[3], 0x0707);
  assert_int_equal(samples[4], 0);
  read_bytes = 1000;
  assert_int_equal(dev_sound_in_read(samples, 4), 4);
  dev_sound_in_stop();
  assert_int_equal(dev_sound_in_rate(), 0);
}

#define SOUND_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      SOUND_TEST(samples_go_as_far_as_there_is_room),
      SOUND_TEST(figures_that_make_no_sense_are_refused),
      SOUND_TEST(the_volume_is_kept),
      SOUND_TEST(what_is_recorded_is_read_in_frames),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
