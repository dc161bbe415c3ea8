/* parameters.c: vmParameterAt: (254). Numbers and meanings are those of the family's other VMs
 * (StackInterpreterPrimitives>>primitiveGetVMParameter:); what this VM has no equal of answers 0 or nil. */
#include "base/options.h"
#include "devices/clock.h"
#include "devices/wheel.h"
#include "interpreter/process.h"
#include "memory/image.h"
#include "primitives/checks.h"

enum {
  PARAMETERS = 76,
  /* of parameter 48 */
  FLAG_PREEMPTION_STAYS = 4,           /* a preempted process goes to the front of its list */
  FLAG_WHEEL_EVENTS = 32,              /* the wheel of the mouse has events of its own */
  ALLOCATIONS_BETWEEN_COLLECTIONS = 5, /* only images from before Spur know it */
  COG_VM_FLAGS = 48,
  SPUR_32 = 6521,
  FORMAT_MULTIPLE_SETS = 512, /* an image format's bit: methods may use the second bytecode set */
};

/* Settings that images read back but that steer nothing here. */
static int32_t settings[PARAMETERS + 1] = {
    [ALLOCATIONS_BETWEEN_COLLECTIONS] = 4000,
    [6] = 2000,     /* tenuring threshold */
    [24] = 8 << 20, /* shrink threshold */
    [25] = 4 << 20, /* growth headroom */
    [26] = 2,       /* heartbeat, ms */
    [49] = 256,     /* external semaphores */
};
static const uint8_t settable[] = {6, 11, 17, 23, 24, 25, 26, 34, 43, 45, 47, 49, 55, 67, 68, 69, 74};

static bool is_settable(uint32_t index) {
  if (index == ALLOCATIONS_BETWEEN_COLLECTIONS) return mem_conventions.v3;
  for (uint32_t i = 0; i < sizeof settable; i++)
    if (settable[i] == index) return true;
  return false;
}

static uint32_t image_format(void) {
  if (mem_conventions.v3) return image_info.format;
  return SPUR_32 | (image_info.format & FORMAT_MULTIPLE_SETS);
}

/* X(number, value): all are numbers. */
#define NUMBER_PARAMETERS(X)                                      \
  X(1, mem_old_bytes())                                           \
  X(2, mem.new_end - mem.new_start)                               \
  X(3, (uint64_t)mem_old_bytes() + (mem.new_end - mem.new_start)) \
  X(7, mem.full_gcs)                                              \
  X(8, mem.full_gc_us / 1000)                                     \
  X(9, mem.scavenges)                                             \
  X(10, mem.scavenge_us / 1000)                                   \
  X(11, mem.tenured_objects)                                      \
  X(12, 0)                                                        \
  X(13, 0)                                                        \
  X(14, 0)                                                        \
  X(15, 0)                                                        \
  X(16, 0)                                                        \
  X(18, 0)                                                        \
  X(19, mem.eden_limit - mem.new_start)                           \
  X(20, started_us())                                             \
  X(21, 0)                                                        \
  X(22, 0)                                                        \
  X(27, 0)                                                        \
  X(28, 0)                                                        \
  X(29, 0)                                                        \
  X(30, 0)                                                        \
  X(31, 0)                                                        \
  X(32, 0)                                                        \
  X(33, 0)                                                        \
  X(34, mem.allocated_bytes + mem_new_used_bytes())               \
  X(35, 0)                                                        \
  X(36, dev_ms_clock())                                           \
  X(37, 0)                                                        \
  X(38, 0)                                                        \
  X(39, 0)                                                        \
  X(40, sizeof(oop))                                              \
  X(41, image_format())                                           \
  X(42, vm_options.stack_pages)                                   \
  X(44, mem.eden_limit - mem.new_start)                           \
  X(46, 0)                                                        \
  X(COG_VM_FLAGS, vm_flags())                                     \
  X(52, 0)                                                        \
  X(53, mem_segment_count())                                      \
  X(54, mem_old_free_bytes())                                     \
  X(56, interp.process_switches)                                  \
  X(58, 0)                                                        \
  X(59, 0)                                                        \
  X(60, 0)                                                        \
  X(61, 0)                                                        \
  X(62, 0)                                                        \
  X(63, 0)                                                        \
  X(64, 0)                                                        \
  X(65, 0)                                                        \
  X(66, vm_options.stack_page_bytes)                              \
  X(67, vm_options.memory_limit)                                  \
  X(70, 1)                                                        \
  X(71, 15)                                                       \
  X(72, 0)                                                        \
  X(73, 0)                                                        \
  X(75, 0)                                                        \
  X(76, 0)

/* The moment the VM started, taken when first asked: in microseconds UTC since 1901. */
static uint64_t started_us(void) {
  static uint64_t us;
  if (us == 0) us = dev_squeak_utc_us();
  return us;
}

static uint32_t vm_flags(void) {
  return (process_preemption_yields ? 0 : FLAG_PREEMPTION_STAYS) |
         (dev_wheel_sends_events() ? FLAG_WHEEL_EVENTS : 0);
}

/* The value, nil when there is none; 0 without memory. */
static oop parameter(uint32_t index) {
  switch (index) {
#define X(number, value) \
  case number: return mem_new_uint64((uint64_t)(value));
    NUMBER_PARAMETERS(X)
#undef X
  }
  return is_settable(index) ? int_oop(settings[index]) : mem.nil;
}

static oop all_parameters(void) {
  oop values = mem_new_array(PARAMETERS);
  for (uint32_t i = 1; values != 0 && i <= PARAMETERS; i++) {
    oop value = parameter(i);
    if (value == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
    mem_store(values, i - 1, value);
  }
  return prim_or_no_memory(values);
}

/* Without arguments all; with one that; with two sets it and answers the old value. */
oop prim_vm_parameter(oop *args, uint32_t argc) {
  uint32_t index;
  if (argc == 0) return all_parameters();
  if (!oop_is_int(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (!prim_index(args[1], &index) || index < 1 || index > PARAMETERS) return prim_fail(PRIM_ERR_BAD_INDEX);
  oop old = parameter(index);
  if (old == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
  if (argc == 1) return old;
  oop value = args[2];
  if (!oop_is_int(value) && !oop_is_float(value)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (index == COG_VM_FLAGS) {
    if (!oop_is_int(value)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
    process_preemption_yields = (oop_int(value) & FLAG_PREEMPTION_STAYS) == 0;
    dev_wheel_send_events((oop_int(value) & FLAG_WHEEL_EVENTS) != 0);
  } else if (is_settable(index)) {
    if (oop_is_int(value)) settings[index] = oop_int(value);
  } else {
    return prim_fail(PRIM_ERR_INAPPROPRIATE);
  }
  return old;
}
