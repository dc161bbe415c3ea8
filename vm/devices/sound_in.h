/* sound_in.h: samples from a microphone: 16 bits signed, in the machine's order, left and right alternately
 * where it is stereo. The host keeps what has come until it is read, a second of it; older samples are lost.
 */
#ifndef VM_DEVICES_SOUND_IN_H
#define VM_DEVICES_SOUND_IN_H

#include <stdbool.h>
#include <stdint.h>

/* What host_device_call is asked for; web/runtime/devices/sound.js has the numbers. */
enum dev_sound_in_operation {
  SOUND_IN_START = 1, /* in: three words, frames per second, channels, semaphore; the answer: the rate */
  SOUND_IN_READ = 2,  /* out: samples; the answer: their bytes */
  SOUND_IN_STOP = 3,
  SOUND_IN_LEVEL = 4, /* in: a word, DEV_SOUND_FULL at most */
};

/* Begins to record, stopping what was recorded before. `semaphore`: the index of the external semaphore that
 * is signalled when samples have come, 0 for none. 0, or a negative enum dev_err as dev_sound_out_start. */
int32_t dev_sound_in_start(uint32_t rate, bool stereo, uint32_t semaphore);
bool dev_sound_in_is_running(void);
bool dev_sound_in_is_stereo(void);
/* Frames per second, as the host really does them; 0 when it is not running. */
uint32_t dev_sound_in_rate(void);
/* Frames read, `frames` at most; 0 when there are none yet. Where it is stereo a frame takes two samples. */
uint32_t dev_sound_in_read(int16_t *samples, uint32_t frames);
void dev_sound_in_stop(void);
/* How much the microphone is amplified, from 0 to DEV_SOUND_FULL. */
uint32_t dev_sound_in_level(void);
void dev_sound_in_set_level(uint32_t level);

#endif
