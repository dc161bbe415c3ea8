/* ClipboardExtendedPlugin.c: the clipboard by formats. Text is the device's, under the names that X11 and
 * Squeak's ExtendedClipboardInterface have for it; data of other formats stays in the VM, for the image to
 * paste again.
 */
#include <stdlib.h>
#include <string.h>

#include "devices/clipboard.h"
#include "plugins/plugin.h"
#include "primitives/checks.h"

enum { THE_CLIPBOARD = 1, MOST_ITEMS = 16, FORMAT_MAX = 128 };

static const char *const text_formats[] = {"text/plain;charset=utf-8", "UTF8_STRING", "text/plain"};
enum { TEXT_FORMATS = sizeof text_formats / sizeof *text_formats };

static struct item {
  char format[FORMAT_MAX];
  uint32_t format_length, length;
  uint8_t *bytes;
} items[MOST_ITEMS];
static uint32_t item_count;

static void forget_items(void) {
  for (uint32_t i = 0; i < item_count; i++) free(items[i].bytes);
  item_count = 0;
}

static bool is_text(const char *format, uint32_t length) {
  for (uint32_t i = 0; i < TEXT_FORMATS; i++)
    if (strlen(text_formats[i]) == length && memcmp(text_formats[i], format, length) == 0) return true;
  return false;
}

static struct item *find_item(const char *format, uint32_t length) {
  for (uint32_t i = 0; i < item_count; i++)
    if (items[i].format_length == length && memcmp(items[i].format, format, length) == 0) return &items[i];
  return NULL;
}

static bool check(const oop *args, uint32_t format_at) {
  return args[1] == int_oop(THE_CLIPBOARD) && (format_at == 0 || oop_is_bytes(args[format_at]));
}

static oop ioCreateClipboard(oop *args, uint32_t argc) { return int_oop(THE_CLIPBOARD); }

static oop ioClearClipboard(oop *args, uint32_t argc) {
  if (!check(args, 0)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  forget_items();
  return dev_clipboard_write("", 0) ? args[0] : prim_fail(PRIM_ERR_NO_C_MEMORY);
}

/* clipboard, number: the name of a format that there is data of, from 1; nil past the last. */
static oop ioGetClipboardFormat(oop *args, uint32_t argc) {
  uint32_t number, length;
  if (!check(args, 0) || !prim_index(args[2], &number) || number < 1) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  (void)dev_clipboard_read(&length);
  const uint32_t texts = length > 0 ? TEXT_FORMATS : 0;
  if (number <= texts)
    return prim_or_no_memory(
        mem_new_string(text_formats[number - 1], (uint32_t)strlen(text_formats[number - 1])));
  if (number - texts > item_count) return mem.nil;
  const struct item *item = &items[number - texts - 1];
  return prim_or_no_memory(mem_new_string(item->format, item->format_length));
}

static oop data(const void *bytes, uint32_t length) {
  const oop o = mem_new_bytes(CIX_BYTE_ARRAY, length);
  if (o != 0 && length > 0) memcpy(obj_bytes(o), bytes, length);
  return prim_or_no_memory(o);
}

/* clipboard, format: a ByteArray, or nil when there is none. */
static oop ioReadClipboardData(oop *args, uint32_t argc) {
  if (!check(args, 2)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const char *format = (const char *)obj_bytes(args[2]);
  if (is_text(format, obj_byte_size(args[2]))) {
    uint32_t length;
    const char *text = dev_clipboard_read(&length);
    return data(text, length);
  }
  const struct item *item = find_item(format, obj_byte_size(args[2]));
  return item != NULL ? data(item->bytes, item->length) : mem.nil;
}

static oop keep(const char *format, uint32_t format_length, const void *bytes, uint32_t length) {
  struct item *item = find_item(format, format_length);
  if (format_length > FORMAT_MAX || (item == NULL && item_count == MOST_ITEMS))
    return prim_fail(PRIM_ERR_LIMIT_EXCEEDED);
  uint8_t *copy = malloc(length + 1);
  if (copy == NULL) return prim_fail(PRIM_ERR_NO_C_MEMORY);
  memcpy(copy, bytes, length);
  if (item == NULL) {
    item = &items[item_count++];
    memcpy(item->format, format, format_length);
    item->format_length = format_length;
  } else {
    free(item->bytes);
  }
  item->bytes = copy;
  item->length = length;
  return 0;
}

/* clipboard, data, format */
static oop ioAddClipboardData(oop *args, uint32_t argc) {
  if (!check(args, 3) || !oop_is_bytes(args[2])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  const char *format = (const char *)obj_bytes(args[3]), *bytes = (const char *)obj_bytes(args[2]);
  const uint32_t length = obj_byte_size(args[2]);
  if (is_text(format, obj_byte_size(args[3])))
    return dev_clipboard_write(bytes, length) ? args[0] : prim_fail(PRIM_ERR_NO_C_MEMORY);
  const oop failure = keep(format, obj_byte_size(args[3]), bytes, length);
  return failure != 0 ? failure : args[0];
}

#define CLIPBOARD_EXTENDED_PRIMITIVES(X) \
  X(ioAddClipboardData, 3, 3)            \
  X(ioClearClipboard, 1, 1)              \
  X(ioCreateClipboard, 0, 0)             \
  X(ioGetClipboardFormat, 2, 2)          \
  X(ioReadClipboardData, 2, 2)
PLUGIN_DEFINE(ClipboardExtendedPlugin, CLIPBOARD_EXTENDED_PRIMITIVES)
