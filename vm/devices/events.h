/* events.h: the event queue: from the host's ring in linear memory to the image.
 *
 * The host writes events into dev_event_ring at any time between two time slices; the interpreter takes them
 * at a safepoint (dev_events_take). Each goes to its device first, which remembers what images that poll ask
 * for: where the pointer is, which keys wait. Images that take events (they have registered an input
 * semaphore, or asked for an event) find it in a queue as well.
 *
 * An event is eight words, as primitive 94 hands them out (Squeak's EventSensor): type, millisecond clock,
 * then mouse:    x, y, buttons, modifiers, clicks keyboard: character (MacRoman), enum dev_key_action,
 * modifiers, Unicode drop:     enum dev_drop_action, x, y, modifiers, number of files window:   enum
 * dev_window_action, and up to four values wheel:    steps right, steps up (120 a notch), buttons, modifiers
 * and the window's number last: 0.
 */
#ifndef VM_DEVICES_EVENTS_H
#define VM_DEVICES_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

/* The numbers are Squeak's; web/runtime/devices/input.js has them too. */
enum dev_event_type {
  EVENT_NONE = 0,
  EVENT_MOUSE = 1,
  EVENT_KEYBOARD = 2,
  EVENT_DROP = 3,
  EVENT_WINDOW = 5,
  EVENT_WHEEL = 7,
};
enum dev_button { BUTTON_BLUE = 1, BUTTON_YELLOW = 2, BUTTON_RED = 4 };
enum dev_modifier { MODIFIER_SHIFT = 1, MODIFIER_CTRL = 2, MODIFIER_OPTION = 4, MODIFIER_CMD = 8 };
enum dev_key_action { KEY_CHAR = 0, KEY_DOWN = 1, KEY_UP = 2 };
enum dev_drop_action { DROP_ENTER = 1, DROP_MOVE = 2, DROP_LEAVE = 3, DROP_DROPPED = 4 };
enum dev_window_action {
  WINDOW_RESIZED = 1, /* left, top, right, bottom */
  WINDOW_CLOSE = 2,
  WINDOW_ICONISED = 3,
  WINDOW_ACTIVATED = 4,
  WINDOW_PAINT = 5,
  WINDOW_DEACTIVATED = 7,
};

/* Words of an event, by type. */
enum { EVENT_TYPE, EVENT_TIME, EVENT_WINDOW_NUMBER = 7, EVENT_WORDS };
enum { MOUSE_X = 2, MOUSE_Y, MOUSE_BUTTONS, MOUSE_MODIFIERS, MOUSE_CLICKS };
enum { KEY_CODE = 2, KEY_ACTION, KEY_MODIFIERS, KEY_UNICODE };
enum { DROP_ACTION = 2, DROP_X, DROP_Y, DROP_MODIFIERS, DROP_FILES };
enum { WINDOW_ACTION = 2 };
enum { WHEEL_RIGHT = 2, WHEEL_UP, WHEEL_BUTTONS, WHEEL_MODIFIERS };

struct dev_event {
  int32_t words[EVENT_WORDS];
};

/* The host writes events[written % EVENT_SLOTS] and then adds 1 to `written`, unless `read` is EVENT_SLOTS
 * behind: then it adds 1 to `lost`. */
enum { EVENT_SLOTS = 256 };
struct dev_event_ring {
  uint32_t written, read, slots, lost;
  struct dev_event events[EVENT_SLOTS];
};
extern struct dev_event_ring dev_event_ring;

static inline bool dev_events_waiting(void) { return dev_event_ring.written != dev_event_ring.read; }

/* Takes what waits in the ring. */
struct dev_events_taken {
  bool queued;    /* there is something for dev_event_next: the input semaphore is to be signalled */
  bool interrupt; /* the interrupt key was pressed */
};
struct dev_events_taken dev_events_take(void);

/* The next event for the image; false, and one of type EVENT_NONE, when there is none. */
bool dev_event_next(struct dev_event *event);

/* The index of the external semaphore that tells of events; 0: none. */
void dev_events_set_semaphore(uint32_t index);
uint32_t dev_events_semaphore(void);

/* ---- for the devices' files ---- */

/* What becomes of an event when its device has seen it. */
enum dev_event_fate { FATE_QUEUE, FATE_DROP, FATE_INTERRUPT };
/* Puts an event into the image's queue, if the image takes events; the oldest goes when it is full. */
void dev_event_queue(const struct dev_event *event);
/* The image takes events, and need not be polled for. */
bool dev_events_are_taken(void);

#endif
