/* ScratchPlugin.c: what the application Scratch 1.x asks of its VM: filters for the pixels of costumes,
 * sounds made shorter to draw them, folders of the user. Definitions: VMMaker's ScratchPlugin; on Unix its
 * serial ports are none that a sensor board could be connected to, and so it is here. */
#include <string.h>

#include "base/text.h"
#include "devices/clipboard.h"
#include "devices/display.h"
#include "devices/process.h"
#include "plugins/plugin.h"
#include "plugins/scratch/filters.h"
#include "primitives/checks.h"

enum { MAX_NAME = 1000, MAX_PATH_BYTES = 2000, MAX_URL = 2000 };

/* ---- pictures ---- */

/* What is written must be mutable. */
static bool words(oop o, bool written, uint32_t *count) {
  if (!oop_is_words(o) || (written && obj_is_immutable(o))) return false;
  *count = obj_slots(o);
  return true;
}

/* A picture that has the words of o and is so wide. */
static bool picture_of_width(oop o, oop width, bool written, struct picture *p) {
  uint32_t count;
  if (!words(o, written, &count) || !prim_index(width, &p->width) || p->width == 0) return false;
  p->pixels = AT(uint32_t, obj_body(o));
  p->height = count / p->width;
  return true;
}

/* A picture, its width and its height, in args. */
static bool picture_at(const oop *args, bool written, struct picture *p) {
  return picture_of_width(args[0], args[1], written, p) && prim_index(args[2], &p->height) &&
         (uint64_t)p->width * p->height <= obj_slots(args[0]);
}

/* Two pictures of one size and one width: in args[1 … 3]. */
static bool two_pictures(const oop *args, struct picture *from, struct picture *to) {
  return picture_of_width(args[1], args[3], false, from) && picture_of_width(args[2], args[3], true, to) &&
         obj_slots(args[1]) == obj_slots(args[2]);
}

/* Filters that need no width take the picture as one row. */
static oop change_colours(const oop *args, filter *f) {
  struct picture from = {.height = 1}, to = {.height = 1};
  if (!words(args[1], false, &from.width) || !words(args[2], true, &to.width) || from.width != to.width ||
      !oop_is_int(args[3]))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  from.pixels = AT(uint32_t, obj_body(args[1]));
  to.pixels = AT(uint32_t, obj_body(args[2]));
  f(&from, &to, oop_int(args[3]));
  return args[0];
}

static oop primitiveHueShift(oop *args, uint32_t argc) { return change_colours(args, filter_hue); }
static oop primitiveSaturationShift(oop *args, uint32_t argc) {
  return change_colours(args, filter_saturation);
}
static oop primitiveBrightnessShift(oop *args, uint32_t argc) {
  return change_colours(args, filter_brightness);
}

static oop warp(const oop *args, filter *f, oop amount) {
  struct picture from, to;
  if (!two_pictures(args, &from, &to) || !oop_is_int(amount)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  f(&from, &to, oop_int(amount));
  return args[0];
}

static oop primitiveBlur(oop *args, uint32_t argc) { return warp(args, filter_blur, int_oop(0)); }
static oop primitiveFisheye(oop *args, uint32_t argc) { return warp(args, filter_fisheye, args[4]); }
static oop primitiveWhirl(oop *args, uint32_t argc) { return warp(args, filter_whirl, args[4]); }

/* Bitmap, width, x and y in 1024ths: the pixel there. */
static oop primitiveInterpolate(oop *args, uint32_t argc) {
  struct picture from;
  if (!picture_of_width(args[1], args[2], false, &from) || !oop_is_int(args[3]) || !oop_is_int(args[4]))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return int_oop((int32_t)filter_pixel_between(&from, oop_int(args[3]), oop_int(args[4])));
}

/* Bitmap, width, height; bitmap, width, height: the first fills the second. */
static oop primitiveScale(oop *args, uint32_t argc) {
  struct picture from, to;
  if (!picture_at(args + 1, false, &from) || !picture_at(args + 4, true, &to) || from.height == 0 ||
      to.height == 0 || from.width * from.height != obj_slots(args[1]) ||
      to.width * to.height != obj_slots(args[4]))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  filter_scale(&from, &to);
  return args[0];
}

/* Bitmap, width, height; bitmap, width, height, x and y in it. What would touch its right or lower side
 * fails: the definition says less, not at most. */
static oop primitiveDoubleSize(oop *args, uint32_t argc) {
  struct picture from;
  struct picture_part to;
  if (!picture_at(args + 1, false, &from) || !picture_at(args + 4, true, &to.of) ||
      !prim_index(args[7], &to.x) || !prim_index(args[8], &to.y) ||
      to.x + 2 * (uint64_t)from.width >= to.of.width || to.y + 2 * (uint64_t)from.height >= to.of.height)
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  filter_double_size(&from, &to);
  return args[0];
}

/* Bitmap, width, height; bitmap, width, height; x and y in the first; x and y in the second, width and height
 * of what is written there. */
static oop half_size(const oop *args, bool diagonal) {
  struct picture_part from, to;
  uint32_t width, height;
  if (!picture_at(args + 1, false, &from.of) || !picture_at(args + 4, true, &to.of) ||
      !prim_index(args[7], &from.x) || !prim_index(args[8], &from.y) || !prim_index(args[9], &to.x) ||
      !prim_index(args[10], &to.y) || !prim_index(args[11], &width) || !prim_index(args[12], &height) ||
      from.x + 2 * (uint64_t)width > from.of.width || from.y + 2 * (uint64_t)height > from.of.height ||
      (uint64_t)to.x + width > to.of.width || (uint64_t)to.y + height > to.of.height)
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  filter_half_size(&from, &to, width, height, diagonal);
  return args[0];
}

static oop primitiveHalfSizeAverage(oop *args, uint32_t argc) { return half_size(args, false); }
static oop primitiveHalfSizeDiagonal(oop *args, uint32_t argc) { return half_size(args, true); }

/* A Float of 8 bytes for each pixel. */
static double *heights(oop o, uint32_t count) {
  if ((!oop_is_words(o) && !oop_is_bytes(o)) || obj_is_immutable(o)) return NULL;
  const uint32_t bytes = oop_is_words(o) ? 4 * obj_slots(o) : obj_byte_size(o);
  return bytes / sizeof(double) >= count ? AT(double, obj_body(o)) : NULL;
}

/* Two bitmaps and their width, how many drops may fall, and the water's heights now and before. */
static oop primitiveWaterRipples1(oop *args, uint32_t argc) {
  struct picture from, to;
  if (!two_pictures(args, &from, &to) || !oop_is_int(args[4]) || oop_int(args[4]) == 0)
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  double *now = heights(args[5], from.width * from.height);
  double *before = heights(args[6], from.width * from.height);
  if (now == NULL || before == NULL || now == before) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  filter_ripples(&from, &to, oop_int(args[4]), now, before);
  return args[0];
}

/* ---- sounds: samples of 16 bits, two in a word ---- */

enum { SAMPLES_PER_WORD = 2 };

/* Sound, sound, factor: each sample of the second is the loudest of so many of the first. */
static oop primitiveCondenseSound(oop *args, uint32_t argc) {
  uint32_t from_words, to_words, factor;
  if (!words(args[1], false, &from_words) || !words(args[2], true, &to_words) ||
      !prim_index(args[3], &factor) || factor == 0)
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const uint32_t count = SAMPLES_PER_WORD * from_words / factor;
  if (SAMPLES_PER_WORD * to_words < count) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const int16_t *from = AT(int16_t, obj_body(args[1]));
  int16_t *to = AT(int16_t, obj_body(args[2]));
  for (uint32_t i = 0; i < count; i++) {
    int32_t loudest = 0;
    for (uint32_t j = 0; j < factor; j++, from++) {
      const int32_t loud = *from < 0 ? -*from : *from;
      if (loud > loudest) loudest = loud;
    }
    to[i] = (int16_t)loudest;
  }
  return args[0];
}

/* Sound of two channels, sound, whether the right channel is wanted. */
static oop primitiveExtractChannel(oop *args, uint32_t argc) {
  uint32_t count, to_words;
  bool right;
  if (!words(args[1], false, &count) || !words(args[2], true, &to_words) || !prim_bool(args[3], &right) ||
      to_words < count / SAMPLES_PER_WORD)
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (count > SAMPLES_PER_WORD * to_words) count = SAMPLES_PER_WORD * to_words;
  const int16_t *from = AT(int16_t, obj_body(args[1])) + right;
  int16_t *to = AT(int16_t, obj_body(args[2]));
  for (uint32_t i = 0; i < count; i++) to[i] = from[2 * i];
  return args[0];
}

/* ---- the user's folders, window, browser ---- */

static bool text_argument(oop o, uint32_t room) { return oop_is_bytes(o) && obj_byte_size(o) < room; }

/* Folders that have numbers, from 1: inside the home folder, which any other number is too. */
static const char *const folders[] = {"", "", "/Desktop", "/Documents", "/Pictures", "/Music"};

/* An empty text where there is no home folder that the image may know of. */
static oop primitiveGetFolderPath(oop *args, uint32_t argc) {
  char path[MAX_PATH_BYTES];
  if (!oop_is_int(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const uint32_t number = (uint32_t)oop_int(args[1]);
  const char *folder = number < sizeof folders / sizeof *folders ? folders[number] : "";
  int32_t length = dev_env_get("HOME", 4, path, sizeof path);
  if (length <= 0 || (size_t)length + strlen(folder) > sizeof path)
    return prim_or_no_memory(mem_new_string("", 0));
  memcpy(path + length, folder, strlen(folder));
  return prim_or_no_memory(mem_new_string(path, (uint32_t)length + (uint32_t)strlen(folder)));
}

/* A name is no property of a file here that would hide it. */
static oop primitiveIsHidden(oop *args, uint32_t argc) {
  return text_argument(args[1], MAX_NAME) ? mem.false_ : prim_fail(PRIM_ERR_BAD_ARGUMENT);
}

/* Short names are Windows'. */
static oop primitiveShortToLongPath(oop *args, uint32_t argc) { return prim_fail(PRIM_ERR_UNSUPPORTED); }

/* A page is not opened without a person's doing: they are told of it. */
static oop primitiveOpenURL(oop *args, uint32_t argc) {
  char text[MAX_URL + 32] = "the image asks for the page ";
  if (!text_argument(args[1], MAX_URL)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const size_t start = strlen(text);
  memcpy(text + start, obj_bytes(args[1]), obj_byte_size(args[1]));
  text[start + obj_byte_size(args[1])] = 0;
  dev_log(DEV_LOG_NOTE, text);
  return args[0];
}

static oop primitiveSetWindowTitle(oop *args, uint32_t argc) {
  if (!text_argument(args[1], MAX_NAME)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  dev_display_set_title((const char *)obj_bytes(args[1]), obj_byte_size(args[1]));
  return args[0];
}

/* ---- the clipboard: bytes of UTF-16, in the order of this machine ---- */

enum {
  HIGH_SURROGATE = 0xD800,
  LOW_SURROGATE = 0xDC00,
  SURROGATE = 0xFC00,
  SURROGATE_BITS = 0x3FF,
  UNKNOWN = 0xFFFD
};

static uint32_t surrogate(uint32_t unit) { return unit & SURROGATE; }

/* The character at a unit, and past it. */
static uint32_t next_character(const uint16_t **unit, const uint16_t *end) {
  const uint32_t first = *(*unit)++;
  if (surrogate(first) != HIGH_SURROGATE && surrogate(first) != LOW_SURROGATE) return first;
  if (surrogate(first) == LOW_SURROGATE || *unit == end || surrogate(**unit) != LOW_SURROGATE) return UNKNOWN;
  return 0x10000 + ((first & SURROGATE_BITS) << 10) + (*(*unit)++ & SURROGATE_BITS);
}

static void add_utf8(struct text *t, uint32_t code) {
  const uint32_t more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static const uint8_t marks[] = {0, 0xC0, 0xE0, 0xF0};
  char bytes[4] = {(char)(marks[more] | code >> 6 * more)};
  for (uint32_t i = 1; i <= more; i++) bytes[i] = (char)(0x80 | (code >> 6 * (more - i) & 0x3F));
  text_add(t, bytes, more + 1);
}

static oop primitiveSetUnicodePasteBuffer(oop *args, uint32_t argc) {
  if (!oop_is_bytes(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const uint16_t *unit = AT(uint16_t, obj_body(args[1])), *end = unit + obj_byte_size(args[1]) / 2;
  struct text text = {0};
  while (unit < end) add_utf8(&text, next_character(&unit, end));
  const bool kept = dev_clipboard_write(text.length > 0 ? text.chars : "", (uint32_t)text.length);
  text_free(&text);
  return kept ? args[0] : prim_fail(PRIM_ERR_NO_C_MEMORY);
}

/* ---- serial ports: there are none ---- */

static oop primPortCount(oop *args, uint32_t argc) { return int_oop(0); }
static oop primPortName(oop *args, uint32_t argc) { return prim_fail(PRIM_ERR_NOT_FOUND); }
static oop primOpenPortNamed(oop *args, uint32_t argc) { return prim_fail(PRIM_ERR_NOT_FOUND); }
static oop primIsPortOpen(oop *args, uint32_t argc) {
  return oop_is_int(args[1]) ? mem.false_ : prim_fail(PRIM_ERR_BAD_ARGUMENT);
}
static oop primClose(oop *args, uint32_t argc) {
  return oop_is_int(args[1]) ? args[0] : prim_fail(PRIM_ERR_BAD_ARGUMENT);
}
static oop primGetOption(oop *args, uint32_t argc) { return prim_fail(PRIM_ERR_NOT_FOUND); }
static oop primSetOption(oop *args, uint32_t argc) { return prim_fail(PRIM_ERR_NOT_FOUND); }
static oop primRead(oop *args, uint32_t argc) { return prim_fail(PRIM_ERR_NOT_FOUND); }
static oop primWrite(oop *args, uint32_t argc) { return prim_fail(PRIM_ERR_NOT_FOUND); }

#define SCRATCH_PRIMITIVES(X)             \
  X(primClose, 1, 1)                      \
  X(primGetOption, 2, 2)                  \
  X(primIsPortOpen, 1, 1)                 \
  X(primOpenPortNamed, 2, 2)              \
  X(primPortCount, 0, 0)                  \
  X(primPortName, 1, 1)                   \
  X(primRead, 2, 2)                       \
  X(primSetOption, 3, 3)                  \
  X(primWrite, 2, 2)                      \
  X(primitiveBlur, 3, 3)                  \
  X(primitiveBrightnessShift, 3, 3)       \
  X(primitiveCondenseSound, 3, 3)         \
  X(primitiveDoubleSize, 8, 8)            \
  X(primitiveExtractChannel, 3, 3)        \
  X(primitiveFisheye, 4, 4)               \
  X(primitiveGetFolderPath, 1, 1)         \
  X(primitiveHalfSizeAverage, 12, 12)     \
  X(primitiveHalfSizeDiagonal, 12, 12)    \
  X(primitiveHueShift, 3, 3)              \
  X(primitiveInterpolate, 4, 4)           \
  X(primitiveIsHidden, 1, 1)              \
  X(primitiveOpenURL, 1, 1)               \
  X(primitiveSaturationShift, 3, 3)       \
  X(primitiveScale, 6, 6)                 \
  X(primitiveSetUnicodePasteBuffer, 1, 1) \
  X(primitiveSetWindowTitle, 1, 1)        \
  X(primitiveShortToLongPath, 1, 1)       \
  X(primitiveWaterRipples1, 6, 6)         \
  X(primitiveWhirl, 4, 4)
PLUGIN_DEFINE(ScratchPlugin, SCRATCH_PRIMITIVES)
