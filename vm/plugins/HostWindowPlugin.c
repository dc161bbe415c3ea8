/* HostWindowPlugin.c: the window that the Display is in, number 1. There are no others: making, showing and
 * closing windows fails, and images do without.
 */
#include "devices/display.h"
#include "plugins/plugin.h"
#include "primitives/checks.h"

enum { DISPLAY_WINDOW = 1, ANY_DEPTH = 32 };

static bool is_display(oop window) { return window == int_oop(DISPLAY_WINDOW); }

static oop point(uint32_t x, uint32_t y) { return prim_new_point(int_oop((int32_t)x), int_oop((int32_t)y)); }

static oop display_size(void) {
  uint32_t width, height;
  dev_display_size(&width, &height);
  return point(width, height);
}

static oop primitiveHostWindowSize(oop *args, uint32_t argc) {
  return is_display(args[1]) ? display_size() : prim_fail(PRIM_ERR_BAD_ARGUMENT);
}
static oop primitiveHostScreenSize(oop *args, uint32_t argc) { return display_size(); }

/* window, width, height: asks for it; the answer is the size there is then. */
static oop primitiveHostWindowSizeSet(oop *args, uint32_t argc) {
  uint32_t width, height;
  if (!is_display(args[1]) || !prim_index(args[2], &width) || !prim_index(args[3], &height))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  (void)dev_display_set_mode(width, height, ANY_DEPTH, false);
  return display_size();
}

/* Where the window is, the host does not tell, nor does it let itself be told. */
static oop primitiveHostWindowPosition(oop *args, uint32_t argc) {
  return is_display(args[1]) ? point(0, 0) : prim_fail(PRIM_ERR_BAD_ARGUMENT);
}
static oop primitiveHostWindowPositionSet(oop *args, uint32_t argc) {
  if (!is_display(args[1]) || !oop_is_int(args[2]) || !oop_is_int(args[3]))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return point(0, 0);
}

static oop primitiveHostWindowTitle(oop *args, uint32_t argc) {
  if (!is_display(args[1]) || !oop_is_bytes(args[2])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return dev_display_set_title((const char *)obj_bytes(args[2]), obj_byte_size(args[2]))
             ? args[0]
             : prim_fail(PRIM_ERR_UNSUPPORTED);
}

static oop unsupported(oop *args, uint32_t argc) { return prim_fail(PRIM_ERR_UNSUPPORTED); }
static oop primitiveCreateHostWindow(oop *args, uint32_t argc) { return unsupported(args, argc); }
static oop primitiveCloseHostWindow(oop *args, uint32_t argc) { return unsupported(args, argc); }
static oop primitiveShowHostWindow(oop *args, uint32_t argc) { return unsupported(args, argc); }

#define HOST_WINDOW_PRIMITIVES(X)         \
  X(primitiveCloseHostWindow, 1, 1)       \
  X(primitiveCreateHostWindow, 5, 5)      \
  X(primitiveHostScreenSize, 0, 1)        \
  X(primitiveHostWindowPosition, 1, 1)    \
  X(primitiveHostWindowPositionSet, 3, 3) \
  X(primitiveHostWindowSize, 1, 1)        \
  X(primitiveHostWindowSizeSet, 3, 3)     \
  X(primitiveHostWindowTitle, 2, 2)       \
  X(primitiveShowHostWindow, 9, 9)
PLUGIN_DEFINE(HostWindowPlugin, HOST_WINDOW_PRIMITIVES)
