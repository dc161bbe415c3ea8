/* clock.c: the virtual clock device. */
#include "devices/clock.h"

#include "devices/host.h"

static int32_t tz_offset;
static bool tz_known;

uint64_t dev_clock_us(void) {
  double us = host_clock_us();
  return us > 0 ? (uint64_t)us : 0;
}

uint64_t dev_utc_us(void) {
  double us = host_utc_us();
  return us > 0 ? (uint64_t)us : 0;
}

bool dev_clock_look(void) { return host_clock_look() != 0; }

void dev_tz_update(void) {
  tz_offset = host_tz_offset_s(host_utc_us());
  tz_known = true;
}

int32_t dev_tz_offset_s(void) {
  if (!tz_known) dev_tz_update();
  return tz_offset;
}
