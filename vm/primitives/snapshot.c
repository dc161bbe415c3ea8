/* snapshot.c: saving the heap as an image file (97, and from outside). */
#include "primitives/snapshot.h"

#include "devices/file.h"
#include "devices/process.h"
#include "interpreter/process.h"
#include "memory/image.h"
#include "primitives/checks.h"
#include "primitives/device_states.h"

/* What is put into the file, on its way there: its stamp is taken. */
struct stamped {
  dev_put put;
  void *sink;
};
static struct image_stamp stamp;

static bool put_stamped(void *sink, const void *bytes, uint32_t count) {
  const struct stamped *to = sink;
  image_stamp_add(&stamp, bytes, count);
  return to->put(to->sink, bytes, count);
}

static err_t produce_image(dev_put put, void *sink) {
  struct stamped to = {.put = put, .sink = sink};
  stamp = (struct image_stamp){0};
  return image_write(put_stamped, &to);
}

err_t snapshot_save(const char *path, uint32_t length) {
  if (length == 0) return "cannot save: the image has no file name";
  if (!process_before_snapshot()) return "cannot save: no memory for the contexts";
  mem_full_gc();
  err_t error = dev_save(path, length, produce_image);
  if (error == NULL) device_states_save(path, length, stamp);
  process_after_snapshot();
  return error;
}

err_t snapshot_save_from_outside(const char *path, uint32_t length) {
  process_deliver_timer();
  return snapshot_save(path, length);
}

/* Answers false in the running image, true in the one that is loaded from the file. */
oop prim_snapshot(oop *args, uint32_t argc) {
  uint32_t length;
  if (!dev_may_write_image()) return prim_fail(PRIM_ERR_INAPPROPRIATE);
  const char *name = dev_image_name(&length);
  /* While the file is written, the stack looks as the loaded image is to find it: the result is there and the
   * receiver is gone. For a failure it is kept where the collector sees it. */
  interp.prim_os_error = args[0];
  prim_done(argc, mem.true_);
  err_t error = snapshot_save(name, length);
  oop receiver = interp.prim_os_error;
  interp.prim_os_error = 0;
  if (error == NULL) {
    put32(interp.sp, mem.false_);
    return PRIM_DONE;
  }
  dev_log(DEV_LOG_WARNING, error);
  if (interp.stop != RUN_ON) return PRIM_DONE;
  put32(interp.sp, receiver);
  return prim_fail_late(PRIM_ERR_OS_ERROR, argc);
}
