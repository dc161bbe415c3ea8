/* clock.h: the virtual clock device. */
#ifndef VM_DEVICES_CLOCK_H
#define VM_DEVICES_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

uint64_t dev_clock_us(void);   /* monotonic microseconds; timers count in these */
uint64_t dev_utc_us(void);     /* microseconds since 1970-01-01 UTC */
bool dev_clock_look(void);     /* the image looks at a clock or for input; whether that makes time pass */
int32_t dev_tz_offset_s(void); /* local time minus UTC now, in seconds; cached */
void dev_tz_update(void);      /* asks the host again */

/* The epoch of Smalltalk's clocks is 1901-01-01: this many seconds before 1970. */
#define DEV_SQUEAK_EPOCH_S 2177452800ull
static inline uint64_t dev_squeak_utc_us(void) { return dev_utc_us() + DEV_SQUEAK_EPOCH_S * 1000000; }
static inline uint64_t dev_squeak_local_us(void) {
  return dev_squeak_utc_us() + (int64_t)dev_tz_offset_s() * 1000000;
}
/* The millisecond clock of primitives 135 and 136: SmallInteger range, wraps (at 2^29 - 1, as the image's
 * Delay expects of every VM). */
enum { DEV_MS_CLOCK_MASK = 0x1FFFFFFF };
static inline uint32_t dev_ms_clock(void) { return (uint32_t)(dev_clock_us() / 1000) & DEV_MS_CLOCK_MASK; }

#endif
