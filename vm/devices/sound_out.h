/* sound_out.h: samples to be heard: 16 bits signed, in the machine's order, left and right alternately where
 * it is stereo. What is played goes into a queue of the host, as long as the buffer that was asked for; there
 * is room in it as time passes.
 */
#ifndef VM_DEVICES_SOUND_OUT_H
#define VM_DEVICES_SOUND_OUT_H

#include <stdbool.h>
#include <stdint.h>

/* What host_device_call is asked for; web/runtime/devices/sound.js has the numbers. */
enum dev_sound_out_operation {
  SOUND_OUT_START = 1,  /* in: four words, frames of the buffer, frames per second, channels, semaphore */
  SOUND_OUT_SPACE = 2,  /* the answer: frames */
  SOUND_OUT_PLAY = 3,   /* in: samples; the answer: frames taken */
  SOUND_OUT_STOP = 4,   /* what is in the queue is not heard any more */
  SOUND_OUT_VOLUME = 5, /* in: two words, left and right, DEV_SOUND_FULL at most */
};

enum { DEV_SOUND_FULL = 1000, DEV_SOUND_LEAST_RATE = 1000, DEV_SOUND_MOST_RATE = 192000 };
enum { DEV_SOUND_MOST_FRAMES = 1 << 20 };

/* Begins to play, stopping what played before. `frames`: how many the buffer holds; `rate`: frames per
 * second; `semaphore`: the index of the external semaphore that is signalled when there is room in the
 * buffer, 0 for none. 0, or a negative enum dev_err: UNSUPPORTED where there is no sound, DENIED, FAILED for
 * figures that make no sense. */
int32_t dev_sound_out_start(uint32_t frames, uint32_t rate, bool stereo, uint32_t semaphore);
bool dev_sound_out_is_running(void);
bool dev_sound_out_is_stereo(void);
/* Frames that dev_sound_out_play would take now; 0 when it is not running. */
uint32_t dev_sound_out_space(void);
/* Queues samples, 1 or 2 for each frame; answers how many frames were taken: as many as there is room for. */
uint32_t dev_sound_out_play(const int16_t *samples, uint32_t frames);
void dev_sound_out_stop(void);

/* From 0 to DEV_SOUND_FULL; kept while nothing plays, and in snapshots. */
void dev_sound_out_volume(uint32_t *left, uint32_t *right);
void dev_sound_out_set_volume(uint32_t left, uint32_t right);

#endif
