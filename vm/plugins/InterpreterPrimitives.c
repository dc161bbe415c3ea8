/* InterpreterPrimitives.c: named primitives that belong to no module: images ask the VM itself for them. */
#include <string.h>

#include "devices/clock.h"
#include "devices/process.h"
#include "interpreter/process.h"
#include "interpreter/profile.h"
#include "memory/image.h"
#include "plugins/plugin.h"
#include "primitives/checks.h"

static oop text(const char *chars) {
  return prim_or_no_memory(mem_new_string(chars, (uint32_t)strlen(chars)));
}

static oop primitiveVMVersion(oop *args, uint32_t argc) { return text("Catalyst 0.1"); }
static oop primitiveInterpreterSourceVersion(oop *args, uint32_t argc) { return text("Catalyst"); }
static oop primitivePlatformSourceVersion(oop *args, uint32_t argc) { return text("Catalyst"); }

/* The format this image would be saved in. */
static oop primitiveImageFormatVersion(oop *args, uint32_t argc) {
  enum { SPUR_32 = 6521, MULTIPLE_SETS = 512 };
  uint32_t format = mem_conventions.v3 ? image_info.format : SPUR_32 | (image_info.format & MULTIPLE_SETS);
  return int_oop((int32_t)format);
}

/* Ticks of the finest clock there is: microseconds. */
static oop primitiveHighResClock(oop *args, uint32_t argc) {
  return prim_or_no_memory(mem_new_uint64(dev_clock_us()));
}

/* Microseconds since 1970 UTC and the offset of local time in seconds. */
static oop primitiveUtcWithOffset(oop *args, uint32_t argc) {
  oop pair = mem_new_array(2), now = mem_new_uint64(dev_utc_us());
  if (pair == 0 || now == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
  mem_store(pair, 0, now);
  mem_store(pair, 1, int_oop(dev_tz_offset_s()));
  return pair;
}

static oop primitiveScreenDepth(oop *args, uint32_t argc) { return int_oop(32); }
static oop primitiveInterruptChecksPerMSec(oop *args, uint32_t argc) { return args[0]; }
static oop primitiveIsYoung(oop *args, uint32_t argc) { return mem_bool(oop_is_young(args[argc])); }

/* Whether it is in the remembered set. */
static oop primitiveIsRoot(oop *args, uint32_t argc) {
  return mem_bool(oop_is_pointer(args[argc]) && obj_is_remembered(args[argc]));
}
/* No module is loaded from outside anyway. */
static oop primitiveDisableModuleLoading(oop *args, uint32_t argc) { return args[0]; }

/* The argument, a buffer, is for VMs that need one. */
static oop primitiveGetCurrentWorkingDirectory(oop *args, uint32_t argc) {
  char path[4096];
  const int32_t length = dev_working_dir(path, sizeof path);
  if (length < 0 || (uint32_t)length > sizeof path) return prim_fail(PRIM_ERR_NOT_FOUND);
  return prim_or_no_memory(mem_new_string(path, (uint32_t)length));
}

/* ---- a profiler's samples (interpreter/profile.h) ---- */

static oop primitiveProfileSemaphore(oop *args, uint32_t argc) {
  if (args[1] != mem.nil && !process_is_semaphore(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  profile_set_semaphore(args[1]);
  return args[0];
}
/* Ticks of primitiveHighResClock until the next sample; none where that is not positive. */
static oop primitiveProfileStart(oop *args, uint32_t argc) {
  if (!oop_is_int(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  profile_begin(oop_int(args[1]) > 0 ? (uint32_t)oop_int(args[1]) : 0);
  return args[0];
}
static oop primitiveProfileSample(oop *args, uint32_t argc) { return profile_take(); }
/* Samples are taken between sends, where no primitive runs. */
static oop primitiveProfilePrimitive(oop *args, uint32_t argc) { return mem.nil; }

#define INTERPRETER_PRIMITIVES(X)              \
  X(primitiveDisableModuleLoading, 0, 0)       \
  X(primitiveGetCurrentWorkingDirectory, 0, 1) \
  X(primitiveHighResClock, 0, 0)               \
  X(primitiveImageFormatVersion, 0, 0)         \
  X(primitiveInterpreterSourceVersion, 0, 0)   \
  X(primitiveInterruptChecksPerMSec, 0, 1)     \
  X(primitiveIsRoot, 0, 1)                     \
  X(primitiveIsYoung, 0, 1)                    \
  X(primitivePlatformSourceVersion, 0, 0)      \
  X(primitiveProfilePrimitive, 0, 0)           \
  X(primitiveProfileSample, 0, 0)              \
  X(primitiveProfileSemaphore, 1, 1)           \
  X(primitiveProfileStart, 1, 1)               \
  X(primitiveScreenDepth, 0, 0)                \
  X(primitiveUtcWithOffset, 0, 0)              \
  X(primitiveVMVersion, 0, 0)
PLUGIN_DEFINE_AS(InterpreterPrimitives, "", INTERPRETER_PRIMITIVES)
