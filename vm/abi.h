/* abi.h: what the core exports to its host. JavaScript knows the core through these alone.
 *
 * Text goes in as pointer and length in linear memory (vm_alloc makes room) and comes out as pointers to
 * zero-terminated UTF-8 that stay good until the next call. An err_t result is 0 for success.
 */
#ifndef VM_ABI_H
#define VM_ABI_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(#name)))
#else
#define EXPORT(name)
#endif

EXPORT(vm_alloc) void *vm_alloc(uint32_t bytes);
EXPORT(vm_free) void vm_free(void *p);

/* Sets an option of base/options.h. 0, or -1 when there is no such option. */
EXPORT(vm_option) int32_t vm_option(const char *name, uint32_t length, uint32_t value);

/* Loads an image (a whole file) and prepares to run it. */
EXPORT(vm_load_image) err_t vm_load_image(const uint8_t *bytes, uint32_t size);
EXPORT(vm_start) err_t vm_start(void);
/* Runs for about budget_us microseconds; answers enum interp_stop. */
EXPORT(vm_run) int32_t vm_run(uint32_t budget_us);
EXPORT(vm_exit_code) int32_t vm_exit_code(void);
EXPORT(vm_error) err_t vm_error(void);
/* After STOP_IDLE: the clock value (host_clock_us) at which to call vm_run again; < 0: only input wakes it.
 */
EXPORT(vm_idle_until) double vm_idle_until(void);
/* From the host, between calls of vm_run. */
EXPORT(vm_interrupt) void vm_interrupt(void);
EXPORT(vm_signal) void vm_signal(uint32_t external_semaphore);
/* Where the host puts events: a struct dev_event_ring (devices/events.h). They are taken when the VM next
 * runs. */
EXPORT(vm_event_ring) void *vm_event_ring(void);

/* Saves a snapshot to `path` from outside (the image itself uses its primitive). */
EXPORT(vm_save) err_t vm_save(const char *path, uint32_t length);

/* JSON texts: statistics, what the image names, a stack trace of the active process. */
EXPORT(vm_stats_json) const char *vm_stats_json(void);
EXPORT(vm_image_json) const char *vm_image_json(void);
EXPORT(vm_primitives_json) const char *vm_primitives_json(void);
EXPORT(vm_census_json) const char *vm_census_json(void); /* classes, methods, processes */
EXPORT(vm_refusals_json) const char *vm_refusals_json(void); /* what would not be translated of the image */
EXPORT(vm_devices_json)
const char *vm_devices_json(void); /* devices.def with the state of each; needs no image */
EXPORT(vm_stack_text) const char *vm_stack_text(void);

/* A method's bytecode ("bytecode") or translation ("wat", "wasm") as text; "error: …" when it cannot be had.
 * "wat@PC", "wasm@PC": the continuation from the bytecode at that pc of the listing. The method is named
 * Class>>selector or Class class>>selector. */
EXPORT(vm_dump_method)
const char *vm_dump_method(const char *method, uint32_t length, const char *stage, uint32_t stage_length);

/* The image builder (compiler/builder.h): begin, add every source file, finish. */
EXPORT(vm_build_begin) err_t vm_build_begin(void);
/* format: 0 by the name's extension; see compiler/source.h */
EXPORT(vm_build_add)
err_t vm_build_add(const char *name, uint32_t name_length, const char *text, uint32_t length);
/* Builds and answers the image's bytes through the two functions below. */
EXPORT(vm_build_finish) err_t vm_build_finish(void);
EXPORT(vm_build_bytes) const uint8_t *vm_build_bytes(void);
EXPORT(vm_build_size) uint32_t vm_build_size(void);

#endif
