/* abi.c: what the core exports to its host (abi.h); the census of an image is census.c, a method's stages
 * dump.c. */
#include "abi.h"

#include "base/config.h"
#include "base/options.h"
#include "base/text.h"
#include "devices/device.h"
#include "devices/events.h"
#include "primitives/device_states.h"
#include "primitives/display.h"
#include "primitives/snapshot.h"
#include "translator/translator.h"
#include "interpreter/counters.h"
#include "interpreter/lookup.h"
#include "memory/image.h"

#include <stdlib.h>
#include <string.h>

void *vm_alloc(uint32_t bytes) { return malloc(bytes); }
void vm_free(void *p) { free(p); }

int32_t vm_option(const char *name, uint32_t length, uint32_t value) {
  char text[64];
  if (length >= sizeof text) return -1;
  memcpy(text, name, length);
  text[length] = 0;
  if (!vm_set_option(text, value)) return -1;
  mem_options_changed();
  return 0;
}

static struct image_stamp loaded; /* of the image file */

err_t vm_load_image(const uint8_t *bytes, uint32_t size) {
  loaded = (struct image_stamp){0};
  image_stamp_add(&loaded, bytes, size);
  err_t error = mem_init(VM_EDEN_BYTES);
  return error != NULL ? error : image_read(bytes, size);
}

err_t vm_start(void) {
  dev_start_all();
  device_states_start();
  device_states_load(loaded);
  err_t error = interp_start();
  if (error == NULL) translator_start();
  return error;
}

int32_t vm_run(uint32_t budget_us) {
  const enum interp_stop stop = interp_run(budget_us);
  display_present();
  if (stop == STOP_QUIT || stop == STOP_ERROR) dev_stop_all();
  return (int32_t)stop;
}
int32_t vm_exit_code(void) { return interp.exit_code; }
err_t vm_error(void) { return interp.error; }
double vm_idle_until(void) {
  return interp.idle_until_us == UINT64_MAX ? -1.0 : (double)interp.idle_until_us;
}

void vm_interrupt(void) {
  interp.interrupt_pending = true;
  interp_request_check();
}

void vm_signal(uint32_t external_semaphore) { process_signal_index(external_semaphore); }

void *vm_event_ring(void) { return &dev_event_ring; }

err_t vm_save(const char *path, uint32_t length) { return snapshot_save_from_outside(path, length); }

/* ---- reports ---- */

/* The counters of --stats: rows as in counters.h. */
#define STATS(X)                                                      \
  RUN_COUNTERS(X)                                                     \
  X(translated_methods, , translator_stats.methods)                   \
  X(live_translations, , translator_stats.live)                       \
  X(refused_methods, , translator_stats.refused)                      \
  X(invalidations, , translator_stats.invalidations)                  \
  X(replaced_translations, , translator_stats.replaced)               \
  X(evictions, , translator_stats.evictions)                          \
  X(continuations, , translator_stats.continuations)                  \
  X(continued, , translator_stats.continued)                          \
  X(sent_back, , translator_stats.sent_back)                          \
  X(generations, , translator_stats.generations)                      \
  X(modules, , translator_stats.modules)                              \
  X(code_bytes, , translator_stats.code_bytes)                        \
  X(translate_us, , translator_stats.translate_us)                    \
  X(run_us, , translator_stats.run_us)                                \
  X(translate_ns_per_bytecode, , translator_figures().unit_ns)        \
  X(interpret_ns_per_bytecode, , translator_figures().interpreted_ns) \
  X(translate_threshold, , translator_figures().typical_threshold)    \
  MEMORY_COUNTERS(X)                                                  \
  X(new_used_bytes, , mem_new_used_bytes())                           \
  X(segments, , mem_segment_count())                                  \
  X(allocated_bytes, , mem.allocated_bytes)                           \
  X(becomes, , mem.become_count)

static struct text report;

const char *vm_stats_json(void) {
  text_clear(&report);
  const char *separator = "{";
#define X(name, of_image, value)                                            \
  text_printf(&report, "%s\"" #name "\":%.0f", separator, (double)(value)); \
  separator = ",";
  STATS(X)
#undef X
  text_printf(&report, ",\"refusals\":");
  translator_refusals_json(&report);
  text_add(&report, "}", 1);
  return report.chars;
}

const char *vm_refusals_json(void) {
  text_clear(&report);
  translator_survey_json(&report);
  return report.chars;
}

const char *vm_image_json(void) {
  const struct image_info *i = &image_info;
  text_clear(&report);
  text_printf(&report,
              "{\"format\":%u,\"kind\":\"%s\",\"swapped\":%s,\"converted\":%s,\"closures\":%s,\"objects\":%."
              "0f,\"bytes\":%.0f,"
              "\"width\":%u,\"height\":%u}",
              i->format, i->kind, i->swapped ? "true" : "false", i->converted ? "true" : "false",
              i->closures ? "true" : "false", (double)i->objects, (double)i->bytes, i->screen_size >> 16,
              i->screen_size & 0xFFFF);
  return report.chars;
}

const char *vm_devices_json(void) {
  text_clear(&report);
  dev_json(&report);
  return report.chars;
}

static void stack_line(const char *line) { text_printf(&report, "%s\n", line); }

const char *vm_stack_text(void) {
  text_clear(&report);
  interp_print_stack(stack_line);
  return report.chars != NULL ? report.chars : "";
}
