/* system.c: identity and class, clocks, names and attributes, quitting. */
#include <string.h>

#include "devices/clock.h"
#include "devices/process.h"
#include "primitives/checks.h"

enum { MAX_TEXT = 8192 };

oop prim_identical(oop *args, uint32_t argc) { return mem_bool(args[argc - 1] == args[argc]); }
oop prim_not_identical(oop *args, uint32_t argc) { return mem_bool(args[argc - 1] != args[argc]); }
oop prim_class(oop *args, uint32_t argc) { return mem_class_of(args[argc]); }

/* quit, quit: exitCode. */
oop prim_quit(oop *args, uint32_t argc) {
  int32_t code = 0;
  if (argc > 0) {
    if (!oop_is_int(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
    code = oop_int(args[1]);
  }
  interp.exit_code = code;
  interp.stop = STOP_QUIT;
  interp_request_check();
  return prim_done(argc, args[0]);
}

/* Squeak 2's reverseDisplay, which no VM of its kind does anything for. */
oop prim_noop(oop *args, uint32_t argc) { return args[0]; }

oop prim_exit_to_debugger(oop *args, uint32_t argc) { return prim_fail(PRIM_ERR_UNSUPPORTED); }

/* ---- clocks ---- */

void prim_look(void) {
  if (dev_clock_look()) interp_request_check();
}

oop prim_millisecond_clock(oop *args, uint32_t argc) {
  prim_look();
  return int_oop((int32_t)dev_ms_clock());
}

/* Seconds of local time since 1901. */
oop prim_seconds_clock(oop *args, uint32_t argc) {
  prim_look();
  return prim_or_no_memory(mem_new_uint64((uint32_t)(dev_squeak_local_us() / 1000000)));
}

oop prim_utc_microseconds(oop *args, uint32_t argc) {
  prim_look();
  return prim_or_no_memory(mem_new_uint64(dev_squeak_utc_us()));
}

oop prim_local_microseconds(oop *args, uint32_t argc) {
  prim_look();
  return prim_or_no_memory(mem_new_uint64(dev_squeak_local_us()));
}

oop prim_update_timezone(oop *args, uint32_t argc) {
  dev_tz_update();
  return args[0];
}

/* Array of UTC microseconds since 1901 and the local zone's offset in seconds. */
oop prim_utc_and_offset(oop *args, uint32_t argc) {
  oop pair = argc == 0 ? mem_new_array(2) : args[1];
  if (pair == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
  if (!oop_is_pointer(pair) || !fmt_is_pointers(obj_format(pair)) || oop_is_context(pair) ||
      obj_slots(pair) < 2)
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(pair)) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  prim_look();
  oop now = mem_new_uint64(dev_squeak_utc_us());
  if (now == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
  mem_store(pair, 0, now);
  mem_store(pair, 1, int_oop(dev_tz_offset_s()));
  return pair;
}

/* ---- names ---- */

static oop string_of(const char *text, int32_t length) {
  return prim_or_no_memory(mem_new_string(text, (uint32_t)length));
}

oop prim_get_attribute(oop *args, uint32_t argc) {
  char text[MAX_TEXT];
  if (!oop_is_int(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  int32_t length = dev_attribute(oop_int(args[1]), text, sizeof text);
  if (length < 0) return prim_fail(PRIM_ERR_NOT_FOUND);
  return string_of(text, length < MAX_TEXT ? length : MAX_TEXT);
}

/* The folder of the VM, with the delimiter. */
oop prim_vm_path(oop *args, uint32_t argc) {
  char text[MAX_TEXT];
  int32_t length = dev_attribute(0, text, sizeof text);
  if (length > MAX_TEXT) length = MAX_TEXT;
  while (length > 0 && text[length - 1] != '/') length--;
  return length > 0 ? string_of(text, length) : string_of("", 0);
}

/* Answers or sets the image's file name. */
oop prim_image_name(oop *args, uint32_t argc) {
  uint32_t length;
  if (argc == 0) {
    const char *name = dev_image_name(&length);
    return string_of(name, (int32_t)length);
  }
  if (!oop_is_bytes(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  length = obj_byte_size(args[1]);
  const char *name = (const char *)obj_bytes(args[1]);
  if (length == 0 || length >= MAX_TEXT || memchr(name, 0, length) != NULL)
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return dev_set_image_name(name, length) ? args[0] : prim_fail(PRIM_ERR_NO_C_MEMORY);
}
