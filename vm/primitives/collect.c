/* collect.c: collection, become:, enumeration, memory figures (72, 77, 78, 112, 124, 125, 128, 130, 131, 138,
 * 139, 172, 177, 178, 180, 248, 249).
 *
 * What collects here leaves through prim_done(): oops in C variables are stale by then, the arguments on
 * the stack are not.
 */
#include "interpreter/frame_internal.h"
#include "primitives/checks.h"

/* ---- collection ---- */

oop prim_full_gc(oop *args, uint32_t argc) {
  mem_full_gc();
  oop free = mem_new_uint64(mem_bytes_left());
  return free != 0 ? prim_done(argc, free) : prim_fail(PRIM_ERR_NO_MEMORY);
}

oop prim_incremental_gc(oop *args, uint32_t argc) {
  mem_scavenge();
  oop free = mem_new_uint64(mem_bytes_left());
  return free != 0 ? prim_done(argc, free) : prim_fail(PRIM_ERR_NO_MEMORY);
}

oop prim_bytes_left(oop *args, uint32_t argc) { return prim_or_no_memory(mem_new_uint64(mem_bytes_left())); }

/* Registers the semaphore that low space signals; anything else unregisters. */
oop prim_low_space_semaphore(oop *args, uint32_t argc) {
  bool is_semaphore =
      oop_is_pointer(args[1]) && mem_class_of(args[1]) == mem_special(SPECIAL_CLASS_SEMAPHORE);
  mem_store(mem.special, SPECIAL_LOW_SPACE_SEMAPHORE, is_semaphore ? args[1] : mem.nil);
  return args[0];
}

oop prim_signal_at_bytes_left(oop *args, uint32_t argc) {
  uint32_t bytes;
  if (!prim_index(args[1], &bytes)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  mem_low_space_threshold = bytes;
  return args[0];
}

oop prim_grow_memory(oop *args, uint32_t argc) {
  uint32_t bytes;
  if (!prim_index(args[1], &bytes)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint32_t before = mem_old_bytes();
  if (!mem_grow_old(bytes)) return prim_fail(PRIM_ERR_NO_MEMORY);
  return prim_or_no_memory(mem_new_uint64(mem_old_bytes() - before));
}

/* The next fired ephemeron. */
oop prim_fetch_next_mourner(oop *args, uint32_t argc) {
  oop o = mem_next_mourner();
  return o != 0 ? o : prim_fail(PRIM_ERR_NOT_FOUND);
}

/* ---- become: ---- */

/* Contexts, and what frames are made of and were verified with. */
static bool frames_rely_on(oop o) {
  if (!oop_is_pointer(o)) return false;
  const uint32_t cix = obj_class_index(o);
  return oop_is_context(o) || cix == CIX_BLOCK_CLOSURE || cix == CIX_FULL_CLOSURE ||
         (fmt_is_method(obj_format(o)) && frame_runs(o));
}

static bool concerns_frames(oop array) {
  for (uint32_t i = 0, n = obj_slots(array); i < n; i++)
    if (frames_rely_on(obj_slot(array, i))) return true;
  return false;
}

/* Frames hold the state of contexts, and run what was verified: identities of these change only when no frame
 * is left. */
static bool without_frames(void) {
  oop running = frame_divorce_all();
  return running != 0 && (running == mem.nil || frame_activate_context(running, 0));
}

static oop become(oop *args, uint32_t argc, uint32_t others, bool two_way, bool copy_hash) {
  oop from = args[others - 1], to = args[others];
  if (!oop_is_array(from)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!oop_is_array(to) || obj_slots(from) != obj_slots(to)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  bool contexts = concerns_frames(from) || concerns_frames(to);
  if (contexts && !without_frames()) return prim_fail(PRIM_ERR_NO_MEMORY);
  for (uint32_t i = 0; i < obj_slots(from); i++) {
    interp_method_changes(obj_slot(from, i));
    interp_method_changes(obj_slot(to, i));
  }
  int error = mem_become(from, to, two_way, copy_hash);
  if (error != 0) return contexts ? prim_fail_late((uint32_t)error, argc) : prim_fail((uint32_t)error);
  /* Classes and method dictionaries may be among the exchanged. */
  interp_flush_all();
  if (!frame_settle_receivers() || !oop_has_fields(mem.special, SPECIAL_EXTERNAL_OBJECTS + 1))
    frame_stop("become: took from an object what the running code or the VM needs of it");
  if (contexts) args = AT(oop, interp.sp - 4 * argc);
  return prim_done(argc, args[0]);
}

oop prim_become(oop *args, uint32_t argc) { return become(args, argc, argc, true, false); }
oop prim_become_one_way(oop *args, uint32_t argc) { return become(args, argc, argc, false, true); }
oop prim_become_one_way_no_hash(oop *args, uint32_t argc) { return become(args, argc, argc, false, false); }
oop prim_become_one_way_copy_hash(oop *args, uint32_t argc) {
  bool copy_hash = true;
  if (argc == 2 && !prim_bool(args[2], &copy_hash)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return become(args, argc, 1, false, copy_hash);
}

/* ---- enumeration ---- */

oop prim_some_instance(oop *args, uint32_t argc) {
  if (!oop_is_behavior(args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  uint32_t cix = mem_class_index_of(args[0]);
  oop o = cix == 0 ? 0 : mem_next_instance(0, cix);
  return o != 0 ? o : prim_fail(PRIM_ERR_NOT_FOUND);
}

oop prim_next_instance(oop *args, uint32_t argc) {
  if (!oop_is_pointer(args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  oop o = mem_next_instance(args[0], obj_class_index(args[0]));
  return o != 0 ? o : prim_fail(PRIM_ERR_NOT_FOUND);
}

oop prim_some_object(oop *args, uint32_t argc) { return mem_next_object(0); }

/* 0 after the last. */
oop prim_next_object(oop *args, uint32_t argc) {
  if (!oop_is_pointer(args[argc])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  oop o = mem_next_object(args[argc]);
  return o != 0 ? o : int_oop(0);
}

oop prim_all_instances(oop *args, uint32_t argc) {
  if (!oop_is_behavior(args[argc])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  return prim_or_no_memory(mem_all_instances(args[argc]));
}

oop prim_all_objects(oop *args, uint32_t argc) { return prim_or_no_memory(mem_all_objects()); }
