/* display.c: the virtual display (display.h). */
#include "devices/display.h"

#include <stdlib.h>
#include <string.h>

#include "devices/device.h"
#include "devices/host.h"

enum { UNKNOWN = -1000 }; /* a handle: not asked for yet */

static struct {
  int32_t handle;
  bool deferred, full_screen;
  bool all; /* everything is damaged */
  uint32_t count;
  struct dev_rect rects[DEV_DISPLAY_RECTS];
  /* What was shown last: the surface's words, and its pixels as the host has them. */
  uint32_t width, height, depth, pitch;
  bool lsb;
  uint32_t *shown, *pixels;
} display = {.handle = UNKNOWN};

static void start(void) {
  free(display.shown);
  free(display.pixels);
  memset(&display, 0, sizeof display);
  display.handle = UNKNOWN;
}

static void stop(void) {
  if (display.handle >= 0) (void)host_device_close(display.handle);
  start();
}

bool dev_display_is_open(void) {
  if (display.handle == UNKNOWN) display.handle = host_device_open("display", 7);
  return display.handle >= 0;
}

static int32_t call(enum dev_display_operation operation, const void *in, uint32_t length, void *out,
                    uint32_t room) {
  if (!dev_display_is_open()) return display.handle;
  return host_device_call(display.handle, operation, in, length, out, room);
}

/* ---- size and mode ---- */

void dev_display_size(uint32_t *width, uint32_t *height) {
  uint32_t size[2];
  const bool known = call(DISPLAY_SIZE, NULL, 0, size, sizeof size) == sizeof size;
  *width = known ? size[0] : DEV_DISPLAY_WIDTH;
  *height = known ? size[1] : DEV_DISPLAY_HEIGHT;
}

bool dev_display_set_mode(uint32_t width, uint32_t height, uint32_t depth, bool full_screen) {
  const uint32_t mode[] = {width, height, depth, full_screen};
  if (!dev_display_is_open()) return true; /* one that is not there takes every mode */
  if (call(DISPLAY_MODE, mode, sizeof mode, NULL, 0) < 0) return false;
  display.full_screen = full_screen;
  return true;
}

bool dev_display_set_full_screen(bool full_screen) {
  const uint32_t on = full_screen;
  if (call(DISPLAY_FULL_SCREEN, &on, sizeof on, NULL, 0) < 0) return false;
  display.full_screen = full_screen;
  return true;
}

bool dev_display_set_title(const char *title, uint32_t length) {
  return call(DISPLAY_TITLE, title, length, NULL, 0) >= 0;
}

/* ---- damage ---- */

void dev_display_defer(bool deferred) { display.deferred = deferred; }
void dev_display_damage_all(void) { display.all = true; }

static struct dev_rect merged(struct dev_rect a, struct dev_rect b) {
  return (struct dev_rect){.left = a.left < b.left ? a.left : b.left,
                           .top = a.top < b.top ? a.top : b.top,
                           .right = a.right > b.right ? a.right : b.right,
                           .bottom = a.bottom > b.bottom ? a.bottom : b.bottom};
}
static int64_t area(struct dev_rect r) { return (int64_t)(r.right - r.left) * (r.bottom - r.top); }

/* Joins the rectangle with one that it nearly covers together; when there is no room, with the one that it
 * grows least. */
static void add_rect(struct dev_rect rect) {
  uint32_t best = 0;
  int64_t least = INT64_MAX;
  for (uint32_t i = 0; i < display.count; i++) {
    const int64_t growth = area(merged(display.rects[i], rect)) - area(display.rects[i]);
    if (growth < least) least = growth, best = i;
  }
  if (least <= area(rect) || display.count == DEV_DISPLAY_RECTS)
    display.rects[best] = merged(display.rects[best], rect);
  else
    display.rects[display.count++] = rect;
}

static struct dev_rect clipped(struct dev_rect r, uint32_t width, uint32_t height) {
  if (r.left < 0) r.left = 0;
  if (r.top < 0) r.top = 0;
  if (r.right > (int32_t)width) r.right = (int32_t)width;
  if (r.bottom > (int32_t)height) r.bottom = (int32_t)height;
  return r;
}
static bool is_empty(struct dev_rect r) { return r.left >= r.right || r.top >= r.bottom; }

void dev_display_damage(struct dev_rect rect) {
  /* No Form is larger than that; sums of coordinates below cannot overflow. */
  enum { LARGEST = 1 << 24 };
  rect = clipped(rect, LARGEST, LARGEST);
  if (!is_empty(rect)) add_rect(rect);
}

/* The bands of rows in which the surface differs from what was shown last, each as wide as it must be. */
static void add_differences(const struct dev_surface *s) {
  const uint32_t per_word = 32 / s->depth;
  bool in_band = false;
  struct dev_rect band = {0};
  for (uint32_t y = 0; y < s->height; y++) {
    const uint32_t *now = s->words + y * s->pitch, *then = display.shown + y * s->pitch;
    if (memcmp(now, then, 4 * s->pitch) == 0) {
      if (in_band) add_rect(band);
      in_band = false;
      continue;
    }
    uint32_t first = 0, last = s->pitch - 1;
    while (now[first] == then[first]) first++;
    while (now[last] == then[last]) last--;
    const struct dev_rect row = {.left = (int32_t)(first * per_word),
                                 .top = (int32_t)y,
                                 .right = (int32_t)((last + 1) * per_word),
                                 .bottom = (int32_t)y + 1};
    band = in_band ? merged(band, row) : row;
    in_band = true;
  }
  if (in_band) add_rect(band);
}

/* ---- presenting ---- */

/* Makes room for a surface of another shape. Without memory, and where no screen is so large, nothing is
 * shown. */
static bool fit(const struct dev_surface *s) {
  enum { MOST_PIXELS = 1 << 27 }; /* 512 MiB of RGBA: all sizes below fit in a size_t of 32 bits */
  if ((uint64_t)s->width * s->height > MOST_PIXELS) return false;
  if (display.shown != NULL && display.width == s->width && display.height == s->height &&
      display.depth == s->depth && display.lsb == s->lsb)
    return true;
  free(display.shown);
  free(display.pixels);
  display.shown = calloc((size_t)s->pitch * s->height, sizeof *display.shown);
  display.pixels = malloc((size_t)s->width * s->height * sizeof *display.pixels);
  display.width = s->width;
  display.height = s->height;
  display.depth = s->depth;
  display.pitch = s->pitch;
  display.lsb = s->lsb;
  display.all = true;
  if (display.shown != NULL && display.pixels != NULL) return true;
  free(display.shown);
  display.shown = NULL;
  return false;
}

static void keep_shown(const struct dev_surface *s, struct dev_rect rect) {
  const uint32_t per_word = 32 / s->depth, first = (uint32_t)rect.left / per_word;
  const uint32_t words = ((uint32_t)rect.right - 1) / per_word + 1 - first;
  for (uint32_t y = (uint32_t)rect.top; y < (uint32_t)rect.bottom; y++)
    memcpy(display.shown + y * s->pitch + first, s->words + y * s->pitch + first, 4 * words);
}

void dev_display_present(const struct dev_surface *s) {
  if (!dev_display_is_open() || s->width == 0 || s->height == 0 || !fit(s)) return;
  if (display.all) {
    display.count = 0;
    add_rect((struct dev_rect){0, 0, (int32_t)s->width, (int32_t)s->height});
  } else if (!display.deferred) {
    add_differences(s);
  }
  display.all = false;
  struct dev_display_frame frame = {.pixels = display.pixels, .width = s->width, .height = s->height};
  for (uint32_t i = 0; i < display.count; i++) {
    const struct dev_rect rect = clipped(display.rects[i], s->width, s->height);
    if (is_empty(rect)) continue;
    dev_pixels_rgba(s, rect, display.pixels);
    keep_shown(s, rect);
    frame.rects[frame.count++] = rect;
  }
  display.count = 0;
  if (frame.count > 0) (void)call(DISPLAY_FRAME, &frame, sizeof frame, NULL, 0);
}

/* ---- snapshots ---- */

static void get_state(struct text *to) {
  text_add(to, (const uint8_t[]){display.deferred, display.full_screen}, 2);
}

static bool set_state(const uint8_t *bytes, uint32_t length) {
  if (length != 2 || bytes[0] > 1 || bytes[1] > 1) return false;
  display.deferred = bytes[0];
  display.full_screen = bytes[1];
  display.all = true;
  (void)dev_display_set_full_screen(display.full_screen);
  return true;
}

const struct device_record device_display = {
    .start = start, .stop = stop, .get_state = get_state, .set_state = set_state};
