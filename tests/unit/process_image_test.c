/* process_image_test.c: real images start and run, also with tiny stack pages, with a collection at every
 * chance, and once more after they were saved in mid-run. Each runs in a process of its own: the VM is one
 * per process. */
#include "image_support.h"

#include "base/options.h"
#include "devices/host.h"
#include "devices/host_native.h"
#include "interpreter/process.h"

#include <dirent.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EDEN = 1 << 20, SLICE_US = 20000, CHILD_FAILED = 99, RUN_MS = 1500 };

enum mode { PLAIN, SMALL_STACKS, GC_STRESS, SAVED, MODES };
static const char *const mode_names[MODES] = {"plain", "small stacks", "gc stress", "saved and reloaded"};

/* Runs until the image quits, has run so many bytecodes, or is idle with nothing to wait for. */
static err_t run(uint64_t bytecodes, uint32_t milliseconds) {
  double end = host_clock_us() + milliseconds * 1000.0;
  while (interp.bytecodes < bytecodes && host_clock_us() < end) switch (interp_run(SLICE_US)) {
      case STOP_ERROR: return interp.error;
      case STOP_QUIT: return NULL;
      case STOP_IDLE:
        if (interp.idle_until_us == UINT64_MAX) return NULL;
        usleep(1000);
        break;
      default: break;
    }
  return NULL;
}

static err_t start(const struct bytes *b) {
  err_t e = mem_init(EDEN);
  if (e == NULL) e = image_read(b->data, b->size);
  return e != NULL ? e : interp_start();
}

static err_t save_and_start_again(void) {
  struct bytes file = {0};
  if (frame_running == NULL) return NULL; /* it ended, or waits */
  if (!process_before_snapshot()) return "no memory before the snapshot";
  mem_full_gc();
  err_t e = image_write(bytes_put, &file);
  frame_pages_shutdown();
  mem_shutdown();
  if (e == NULL) e = start(&file);
  free(file.data);
  return e;
}

static err_t child(const struct bytes *b, enum mode mode, uint64_t bytecodes) {
  /* Images save themselves under their name and write beside themselves: they are nowhere. */
  host_native_set_arguments("catalyst", "/nonexistent/test.image", NULL, 0);
  if (mode == SMALL_STACKS) {
    vm_set_option("stack_pages", 4);
    vm_set_option("stack_page_bytes", 256);
  }
  if (mode == GC_STRESS) {
    vm_set_option("gc_stress", 1);
    vm_set_option("gc_stress_full", 1000);
  }
  err_t e = start(b);
  if (e == NULL) e = run(bytecodes, RUN_MS);
  if (e != NULL || mode != SAVED || interp.stop == STOP_QUIT) return e;
  e = save_and_start_again();
  if (e == NULL) e = run(bytecodes, RUN_MS);
  return e;
}

static void print_line(const char *text) { fprintf(stderr, "  %s\n", text); }

/* A folder for what images write about their troubles. */
static char folder[] = "/tmp/catalyst-test-XXXXXX";

static void remove_folder(void) {
  DIR *d = opendir(folder);
  if (d == NULL) return;
  for (struct dirent *e; (e = readdir(d)) != NULL;) unlinkat(dirfd(d), e->d_name, 0);
  closedir(d);
  rmdir(folder);
}

static void run_image(const char *name, uint64_t bytecodes) {
  struct bytes b = real_image(name);
  for (int mode = 0; mode < MODES; mode++) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
      if (chdir(folder) != 0 || freopen("/dev/null", "w", stdout) == NULL) _exit(CHILD_FAILED);
      uint64_t limit = mode == GC_STRESS ? bytecodes / 20 : bytecodes;
      err_t e = child(&b, (enum mode)mode, limit);
      if (e != NULL) {
        fprintf(stderr, "%s, %s: %s\n", name, mode_names[mode], e);
        interp_print_stack(print_line);
      }
      _exit(e != NULL ? CHILD_FAILED : 0);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fail_msg("%s, %s: failed", name, mode_names[mode]);
  }
  free(b.data);
}

static void bootstrapped(void **state) { run_image("bootstrapped.image", 3000000); }
static void headless(void **state) { run_image("headless.image", 3000000); }
static void mini(void **state) { run_image("mini-2.2.image", 10000000); }
static void benchmark(void **state) { run_image("benchmark.image", 10000000); }
static void pharo_64(void **state) { run_image("pharo-8-kernel-64.image", 10000000); }
static void cuis(void **state) { run_image("cuis-5.0-3121.image", 5000000); }

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bootstrapped), cmocka_unit_test(headless), cmocka_unit_test(mini),
      cmocka_unit_test(benchmark),    cmocka_unit_test(pharo_64), cmocka_unit_test(cuis),
  };
  if (mkdtemp(folder) == NULL) return 1;
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  remove_folder();
  return failed;
}
