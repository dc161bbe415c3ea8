/* LocalePlugin.c: language and country from the host's locale tag; formats are ISO's, the same everywhere. */
#include <string.h>

#include "devices/clock.h"
#include "devices/process.h"
#include "plugins/plugin.h"
#include "primitives/checks.h"

static oop text(const char *chars, size_t length) {
  return prim_or_no_memory(mem_new_string(chars, (uint32_t)length));
}

/* The nth part of the tag (en-GB); the answer has three characters, as images cut off what is too much. */
static oop tag_part(uint32_t n, const char *fallback) {
  char tag[64], part[3] = "   ";
  int32_t length = dev_locale(tag, sizeof tag - 1);
  if (length < 0) length = 0;
  tag[length < (int32_t)sizeof tag ? length : (int32_t)sizeof tag - 1] = 0;
  const char *start = tag;
  while (n-- > 0 && start != NULL) start = strchr(start, '-') != NULL ? strchr(start, '-') + 1 : NULL;
  size_t size = start == NULL ? 0 : strcspn(start, "-");
  if (size < 2 || size > sizeof part) {
    start = fallback;
    size = strlen(fallback);
  }
  memcpy(part, start, size);
  return text(part, sizeof part);
}

static oop primitiveLanguage(oop *args, uint32_t argc) { return tag_part(0, "en"); }
static oop primitiveCountry(oop *args, uint32_t argc) { return tag_part(1, "US"); }

#define TEXT(name, chars) \
  static oop name(oop *args, uint32_t argc) { return text(chars, sizeof chars - 1); }
TEXT(primitiveCurrencySymbol, "$")
TEXT(primitiveDecimalSymbol, ".")
TEXT(primitiveDigitGroupingSymbol, ",")
TEXT(primitiveLongDateFormat, "dddd, d mmmm yyyy")
TEXT(primitiveShortDateFormat, "yyyy-mm-dd")
TEXT(primitiveTimeFormat, "HH:mm:ss")

static oop primitiveCurrencyNotation(oop *args, uint32_t argc) { return mem.true_; }
static oop primitiveMeasurementMetric(oop *args, uint32_t argc) { return mem.true_; }
/* The offset below has summer time in it already. */
static oop primitiveDaylightSavings(oop *args, uint32_t argc) { return mem.false_; }
/* Minutes that local time is ahead of UTC. */
static oop primitiveTimezoneOffset(oop *args, uint32_t argc) {
  enum { SECONDS_PER_MINUTE = 60 };
  return int_oop(dev_tz_offset_s() / SECONDS_PER_MINUTE);
}

static oop primitiveVMOffsetToUTC(oop *args, uint32_t argc) { return primitiveTimezoneOffset(args, argc); }

#define LOCALE_PRIMITIVES(X)            \
  X(primitiveCountry, 0, 0)             \
  X(primitiveCurrencyNotation, 0, 0)    \
  X(primitiveCurrencySymbol, 0, 0)      \
  X(primitiveDaylightSavings, 0, 0)     \
  X(primitiveDecimalSymbol, 0, 0)       \
  X(primitiveDigitGroupingSymbol, 0, 0) \
  X(primitiveLanguage, 0, 0)            \
  X(primitiveLongDateFormat, 0, 0)      \
  X(primitiveMeasurementMetric, 0, 0)   \
  X(primitiveShortDateFormat, 0, 0)     \
  X(primitiveTimeFormat, 0, 0)          \
  X(primitiveTimezoneOffset, 0, 0)      \
  X(primitiveVMOffsetToUTC, 0, 0)
PLUGIN_DEFINE(LocalePlugin, LOCALE_PRIMITIVES)
