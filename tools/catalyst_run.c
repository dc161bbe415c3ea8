/* catalyst_run.c: runs an image natively: for tests, sanitizers and debuggers; the product runs in Node.
 *   catalyst_run [-o OPTION=N]… [-s SECONDS] [--stats] [--stack] IMAGE [ARGUMENT]… */
#include "abi.h"
#include "base/options.h"
#include "devices/host.h"
#include "devices/host_native.h"
#include "interpreter/interp.h"
#include "tools/read_file.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SLICE_US = 20000, EXIT_USAGE = 2, EXIT_BAD_FILE = 3 };

static volatile sig_atomic_t interrupted;
static void on_interrupt(int signal_number) {
  (void)signal_number;
  interrupted = 1;
}

static void set_option(const char *text) {
  char name[64];
  const char *equals = strchr(text, '=');
  if (equals == NULL || (size_t)(equals - text) >= sizeof name) {
    fprintf(stderr, "catalyst_run: -o wants NAME=NUMBER, not %s\n", text);
    exit(EXIT_USAGE);
  }
  memcpy(name, text, (size_t)(equals - text));
  name[equals - text] = 0;
  if (!vm_set_option(name, (uint32_t)strtoul(equals + 1, NULL, 0))) {
    fprintf(stderr, "catalyst_run: no option %s\n", name);
    exit(EXIT_USAGE);
  }
}

static void sleep_until(double due_us) {
  double us = due_us < 0 ? SLICE_US : due_us - host_clock_us();
  if (us > SLICE_US) us = SLICE_US;
  if (us <= 0) return;
  struct timespec t = {0, (long)(us * 1000)};
  nanosleep(&t, NULL);
}

int main(int argc, char **argv) {
  double seconds = 0;
  bool stats = false, stack = false;
  int i = 1;
  for (; i < argc && argv[i][0] == '-'; i++) {
    if (strcmp(argv[i], "-o") == 0 && i + 1 < argc)
      set_option(argv[++i]);
    else if (strcmp(argv[i], "-s") == 0 && i + 1 < argc)
      seconds = strtod(argv[++i], NULL);
    else if (strcmp(argv[i], "--stats") == 0)
      stats = true;
    else if (strcmp(argv[i], "--stack") == 0)
      stack = true;
    else
      break;
  }
  if (i >= argc || argv[i][0] == '-') {
    fprintf(stderr, "usage: catalyst_run [-o OPTION=N] [-s SECONDS] [--stats] [--stack] IMAGE [ARGUMENT]...\n");
    return EXIT_USAGE;
  }
  const char *path = argv[i];
  uint32_t size = 0;
  uint8_t *bytes = read_file(path, &size);
  if (bytes == NULL) {
    fprintf(stderr, "%s: cannot be read\n", path);
    return EXIT_BAD_FILE;
  }
  char *whole_path = realpath(path, NULL); /* images take a relative one apart for ever */
  host_native_set_arguments(argv[0], whole_path != NULL ? whole_path : path, (const char *const *)argv + i + 1, (uint32_t)(argc - i - 1));
  err_t error = vm_load_image(bytes, size);
  free(bytes);
  if (error == NULL) error = vm_start();
  if (error != NULL) {
    fprintf(stderr, "%s: %s\n", path, error);
    return EXIT_BAD_FILE;
  }
  signal(SIGINT, on_interrupt);
  double end = seconds > 0 ? host_clock_us() + seconds * 1e6 : 0;
  int32_t why;
  for (;;) {
    why = vm_run(SLICE_US);
    if (why == STOP_QUIT || why == STOP_ERROR) break;
    if (why == STOP_IDLE) sleep_until(vm_idle_until());
    if (interrupted || (end != 0 && host_clock_us() >= end)) break;
  }
  if (why == STOP_ERROR) fprintf(stderr, "%s: %s\n", path, vm_error());
  static const char *const reasons[] = {"running", "time is up", "idle", "quit", "error"};
  if (stats) fprintf(stderr, "%s, exit code %d\n", reasons[why], vm_exit_code());
  if (stack || why == STOP_ERROR) fprintf(stderr, "%s", vm_stack_text());
  if (stats) fprintf(stderr, "%s\n", vm_stats_json());
  return why == STOP_ERROR ? 1 : vm_exit_code();
}
