/* events.c: the event queue (events.h). */
#include "devices/events.h"

#include <string.h>

#include "devices/device.h"
#include "devices/drop.h"
#include "devices/keyboard.h"
#include "devices/pointer.h"
#include "devices/wheel.h"
#include "devices/window.h"

struct dev_event_ring dev_event_ring = {.slots = EVENT_SLOTS};

static struct {
  uint32_t semaphore;
  uint32_t taken; /* 1: the image has asked for events */
  uint32_t first, count;
  struct dev_event events[EVENT_SLOTS];
} queue;

static void start(void) {
  memset(&queue, 0, sizeof queue);
  dev_event_ring.read = dev_event_ring.written;
}

bool dev_events_are_taken(void) { return queue.taken != 0; }

void dev_event_queue(const struct dev_event *event) {
  if (!queue.taken) return;
  if (queue.count == EVENT_SLOTS) {
    queue.first++;
    queue.count--;
  }
  queue.events[(queue.first + queue.count++) % EVENT_SLOTS] = *event;
}

/* Events of other types are none that a device sends. */
static enum dev_event_fate seen_by_device(const struct dev_event *event) {
  switch (event->words[EVENT_TYPE]) {
    case EVENT_MOUSE: return dev_pointer_event(event);
    case EVENT_KEYBOARD: return dev_keyboard_event(event);
    case EVENT_DROP: return dev_drop_event(event);
    case EVENT_WINDOW: return dev_window_event(event);
    case EVENT_WHEEL: return dev_wheel_event(event);
  }
  return FATE_DROP;
}

struct dev_events_taken dev_events_take(void) {
  struct dev_events_taken taken = {0};
  /* The ring is the host's: a wrong count must not lead out of it. */
  if (dev_event_ring.written - dev_event_ring.read > EVENT_SLOTS)
    dev_event_ring.read = dev_event_ring.written - EVENT_SLOTS;
  while (dev_events_waiting()) {
    const struct dev_event event = dev_event_ring.events[dev_event_ring.read++ % EVENT_SLOTS];
    const enum dev_event_fate fate = seen_by_device(&event);
    if (fate == FATE_QUEUE) dev_event_queue(&event);
    taken.interrupt |= fate == FATE_INTERRUPT;
  }
  taken.queued = queue.count > 0;
  return taken;
}

bool dev_event_next(struct dev_event *event) {
  queue.taken = 1;
  if (queue.count == 0) {
    *event = (struct dev_event){0};
    return false;
  }
  *event = queue.events[queue.first++ % EVENT_SLOTS];
  queue.count--;
  return true;
}

void dev_events_set_semaphore(uint32_t index) {
  queue.semaphore = index;
  queue.taken = 1;
}
uint32_t dev_events_semaphore(void) { return queue.semaphore; }

/* ---- snapshots: what waits is part of it ---- */

static void get_state(struct text *to) {
  const uint32_t head[] = {queue.semaphore, queue.taken, queue.count};
  text_add(to, head, sizeof head);
  for (uint32_t i = 0; i < queue.count; i++)
    text_add(to, &queue.events[(queue.first + i) % EVENT_SLOTS], sizeof(struct dev_event));
}

static bool set_state(const uint8_t *bytes, uint32_t length) {
  uint32_t head[3];
  if (length < sizeof head) return false;
  memcpy(head, bytes, sizeof head);
  if (head[1] > 1 || head[2] > EVENT_SLOTS || length != sizeof head + head[2] * sizeof(struct dev_event))
    return false;
  queue.semaphore = head[0];
  queue.taken = head[1];
  queue.first = 0;
  queue.count = head[2];
  memcpy(queue.events, bytes + sizeof head, length - sizeof head);
  return true;
}

const struct device_record device_events = {.start = start, .get_state = get_state, .set_state = set_state};
