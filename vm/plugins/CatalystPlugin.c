/* CatalystPlugin.c: what this VM offers its own library beyond the numbered primitives: environment, working
 * folder, entropy, counters, the translator's mode. */
#include <string.h>

#include "base/options.h"
#include "devices/file.h"
#include "devices/process.h"
#include "plugins/plugin.h"
#include "interpreter/counters.h"
#include "interpreter/lookup.h"
#include "primitives/checks.h"

enum { MAX_TEXT = 16384 };

static oop text_result(const char *text, int32_t length) {
  if (length < 0) return mem.nil;
  return prim_or_no_memory(mem_new_string(text, (uint32_t)(length < MAX_TEXT ? length : MAX_TEXT)));
}

/* The value of an environment variable; nil when there is none. */
static oop primitiveGetenv(oop *args, uint32_t argc) {
  char text[MAX_TEXT];
  if (!oop_is_bytes(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return text_result(text,
                     dev_env_get((const char *)obj_bytes(args[1]), obj_byte_size(args[1]), text, MAX_TEXT));
}

/* Environment entry `index` (from 1) as NAME=value; nil past the last. */
static oop primitiveEnvironmentAt(oop *args, uint32_t argc) {
  char text[MAX_TEXT];
  uint32_t index;
  if (!prim_index(args[1], &index)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (index < 1) return prim_fail(PRIM_ERR_BAD_INDEX);
  return text_result(text, dev_env_at(index - 1, text, MAX_TEXT));
}

static oop primitiveWorkingDirectory(oop *args, uint32_t argc) {
  char text[MAX_TEXT];
  return text_result(text, dev_working_dir(text, MAX_TEXT));
}

/* Fills a byte object with cryptographic random bytes. */
static oop primitiveRandomBytes(oop *args, uint32_t argc) {
  if (!oop_is_bytes(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(args[1])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  dev_random(obj_bytes(args[1]), obj_byte_size(args[1]));
  return args[1];
}

/* Whether standard input is a terminal: a program then prompts. */
static oop primitiveInputIsTerminal(oop *args, uint32_t argc) {
  return mem_bool(dev_file_kind(DEV_STDIN) == DEV_KIND_TERMINAL);
}

/* Writes a line to the host's log: level 0 trace, 1 note, 2 warning, 3 error. */
static oop primitiveLog(oop *args, uint32_t argc) {
  char text[1024];
  uint32_t level;
  if (!prim_index(args[1], &level) || level > DEV_LOG_ERROR || !oop_is_bytes(args[2]))
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint32_t length = obj_byte_size(args[2]) < sizeof text ? obj_byte_size(args[2]) : sizeof text - 1;
  memcpy(text, obj_bytes(args[2]), length);
  text[length] = 0;
  dev_log((enum dev_log_level)level, text);
  return args[0];
}

/* ---- counters ---- */

/* Rows as in counters.h, in the order of the answer. */
#define COUNTERS(X)                                               \
  RUN_COUNTERS(X)                                                 \
  MEMORY_COUNTERS(X)                                              \
  X(, allocatedBytes, mem.allocated_bytes + mem_new_used_bytes()) \
  X(, translatedMethods, translated_methods())

static uint64_t translated_methods(void) {
  uint64_t count = 0;
  for (uint32_t i = 1; i < method_info_count; i++) count += method_infos[i].slot != 0;
  return count;
}

/* An Array of name, value, name, value …: names are ByteStrings. */
static oop primitiveStat(oop *args, uint32_t argc) {
  static const char *const names[] = {
#define X(of_host, name, value) #name,
      COUNTERS(X)
#undef X
  };
  enum { COUNT = sizeof names / sizeof *names };
  const uint64_t values[COUNT] = {
#define X(of_host, name, value) (value),
      COUNTERS(X)
#undef X
  };
  oop array = mem_new_array(2 * COUNT);
  if (array == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
  for (uint32_t i = 0; i < COUNT; i++) {
    oop name = mem_new_string(names[i], (uint32_t)strlen(names[i])), value = mem_new_uint64(values[i]);
    if (name == 0 || value == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
    mem_store(array, 2 * i, name);
    mem_store(array, 2 * i + 1, value);
  }
  return array;
}

/* Answers the translator's mode (0 never, 1 when hot, 2 always); an argument sets it. */
static oop primitiveTranslateMode(oop *args, uint32_t argc) {
  enum { MOST = 2 };
  uint32_t mode, old = vm_options.translate;
  if (argc == 1) {
    if (!prim_index(args[1], &mode) || mode > MOST) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
    vm_options.translate = mode;
  }
  return int_oop((int32_t)old);
}

/* Answers a number for all that the argument refers to up to classes, or for the whole heap when it is nil.
 */
static oop primitiveDigest(oop *args, uint32_t argc) {
  const bool whole = args[1] == mem.nil;
  uint32_t digest;
  if (!mem_digest(whole ? mem.special : args[1], whole, &digest)) return prim_fail(PRIM_ERR_NO_MEMORY);
  return int_oop((int32_t)((digest ^ digest >> 30) & SMALLINT_MAX));
}

#define CATALYST_PRIMITIVES(X)      \
  X(primitiveDigest, 1, 1)          \
  X(primitiveEnvironmentAt, 1, 1)   \
  X(primitiveGetenv, 1, 1)          \
  X(primitiveInputIsTerminal, 0, 0) \
  X(primitiveLog, 2, 2)             \
  X(primitiveRandomBytes, 1, 1)     \
  X(primitiveStat, 0, 0)            \
  X(primitiveTranslateMode, 0, 1)   \
  X(primitiveWorkingDirectory, 0, 0)
PLUGIN_DEFINE(CatalystPlugin, CATALYST_PRIMITIVES)
