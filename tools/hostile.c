/* hostile.c: runs variants of an image in whose object memory bits are flipped, each in a process of its own.
 *   hostile [-n COUNT] [-s SEED] [-f FIRST] [-b BYTECODES] [-t SECONDS] [-o OPTION=N]… [--print] IMAGE
 * [ARGUMENT]…
 *
 * A variant may be refused, end in an error, or run; what it may not do is end by a signal or a sanitizer's
 * report, hang, or leave a heap that the check calls unsound. Built with the sanitizers this is the judge of
 * `./catalyst test --hostile`. --print runs nothing and writes the flips for others: a line of
 * `variant offset:bit …` each. The same seed and number are the same variant everywhere. */
#include "abi.h"
#include "base/options.h"
#include "devices/host_native.h"
#include "interpreter/interp.h"
#include "tests/hostile/flips.h"
#include "tools/read_file.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SLICE_US = 5000, EXIT_USAGE = 2, EXIT_BAD_FILE = 3, MEMORY = 96 << 20, MAX_OPTIONS = 16 };

/* How a variant ends: the exit code of its process. */
#define ENDS(X)                         \
  X(REFUSED, 10, "refused when loaded") \
  X(ERROR, 11, "ended in an error")     \
  X(QUIT, 12, "quit")                   \
  X(IDLE, 13, "waited")                 \
  X(LIMIT, 14, "ran as long as they might")
enum end {
#define X(name, code, text) END_##name = (code),
  ENDS(X)
#undef X
};

static struct {
  uint32_t count, seed, first, seconds;
  uint64_t bytecodes;
  bool print;
  const char *options[MAX_OPTIONS];
  uint32_t num_options;
} how = {.count = 100, .seed = 1, .seconds = 20, .bytecodes = 200000};

static void set_option(const char *text) {
  char name[64];
  const char *equals = strchr(text, '=');
  if (equals == NULL || (size_t)(equals - text) >= sizeof name) return;
  memcpy(name, text, (size_t)(equals - text));
  name[equals - text] = 0;
  (void)vm_set_option(name, (uint32_t)strtoul(equals + 1, NULL, 0));
}

/* ---- one variant, in its process ---- */

static enum end run_slices(void) {
  for (;;) {
    switch (vm_run(SLICE_US)) {
      case STOP_QUIT: return END_QUIT;
      case STOP_IDLE: return END_IDLE;
      case STOP_ERROR: fprintf(stderr, "%s\n", vm_error()); return END_ERROR;
      default:
        if (interp.bytecodes >= how.bytecodes) return END_LIMIT;
    }
  }
}

static enum end run_variant(const uint8_t *bytes, uint32_t size) {
  /* Of the processor's time: others may keep it busy. */
  const struct itimerval limit = {.it_value = {.tv_sec = how.seconds}};
  setitimer(ITIMER_PROF, &limit, NULL);
  err_t error = vm_load_image(bytes, size);
  if (error == NULL) error = vm_start();
  if (error != NULL) {
    fprintf(stderr, "%s\n", error);
    return END_REFUSED;
  }
  const enum end end = run_slices();
  (void)vm_stack_text();
  error = mem_check_heap();
  if (error != NULL) {
    fprintf(stderr, "afterwards the heap is unsound: %s\n", error);
    abort();
  }
  mem_full_gc();
  return end;
}

/* ---- all of them ---- */

static uint32_t ends[256], findings;

/* What the process wrote on standard error. */
static void print_log(FILE *log) {
  enum { MOST_LINES = 24 };
  char line[400];
  rewind(log);
  for (int i = 0; i < MOST_LINES && fgets(line, sizeof line, log) != NULL; i++) printf("    %s", line);
}

static void in_process(const uint8_t *bytes, uint32_t size, uint32_t variant) {
  FILE *log = tmpfile();
  fflush(stdout);
  const pid_t child = log == NULL ? -1 : fork();
  if (child < 0) {
    perror("hostile");
    exit(1);
  }
  if (child == 0) {
    dup2(fileno(log), STDERR_FILENO);
    if (freopen("/dev/null", "r", stdin) == NULL || freopen("/dev/null", "w", stdout) == NULL) _exit(1);
    _exit((int)run_variant(bytes, size));
  }
  int status = 0;
  waitpid(child, &status, 0);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  if (code >= END_REFUSED && code <= END_LIMIT) {
    ends[code]++;
  } else {
    findings++;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF)
      printf("seed %u variant %u: still busy after %u s\n", how.seed, variant, how.seconds);
    else
      printf("seed %u variant %u: %s %d\n", how.seed, variant, WIFSIGNALED(status) ? "signal" : "exit code",
             WIFSIGNALED(status) ? WTERMSIG(status) : code);
    print_log(log);
  }
  fclose(log);
}

static void print_flips(const struct flips *f, uint32_t variant) {
  printf("%u", variant);
  for (uint32_t i = 0; i < f->count; i++) printf(" %u:%u", f->at[i], f->bit[i]);
  printf("\n");
}

static void run_all(const uint8_t *image, uint32_t size) {
  struct places places;
  if (!places_find(&places, image, size)) {
    fprintf(stderr, "hostile: this is no image that it knows\n");
    exit(EXIT_BAD_FILE);
  }
  uint8_t *bytes = malloc(size);
  if (bytes == NULL) exit(1);
  for (uint32_t v = how.first; v < how.first + how.count; v++) {
    struct flips flips;
    flips_choose(&flips, &places, size, how.seed, v);
    if (how.print) {
      print_flips(&flips, v);
      continue;
    }
    memcpy(bytes, image, size);
    for (uint32_t i = 0; i < flips.count; i++) bytes[flips.at[i]] ^= (uint8_t)(1u << flips.bit[i]);
    in_process(bytes, size, v);
  }
  free(bytes);
  places_free(&places);
}

static void report(void) {
  printf("%u variants", how.count);
#define X(name, code, text) printf(", %u " text, ends[code]);
  ENDS(X)
#undef X
  printf(": %u findings\n", findings);
}

static void usage(void) {
  fprintf(stderr,
          "usage: hostile [-n COUNT] [-s SEED] [-f FIRST] [-b BYTECODES] [-t SECONDS] [-o OPTION=N]... "
          "[--print] IMAGE [ARGUMENT]...\n");
  exit(EXIT_USAGE);
}

static bool take_option(const char *name, const char *value) {
  const uint32_t number = (uint32_t)strtoul(value, NULL, 0);
  switch (name[1]) {
    case 'n': how.count = number; return true;
    case 's': how.seed = number; return true;
    case 'f': how.first = number; return true;
    case 'b': how.bytecodes = strtoull(value, NULL, 0); return true;
    case 't': how.seconds = number; return true;
    case 'o':
      if (how.num_options == MAX_OPTIONS) return false;
      how.options[how.num_options++] = value;
      return true;
    default: return false;
  }
}

int main(int argc, char **argv) {
  int i = 1;
  for (; i < argc && argv[i][0] == '-'; i++) {
    if (strcmp(argv[i], "--print") == 0)
      how.print = true;
    else if (i + 1 >= argc || !take_option(argv[i], argv[i + 1]))
      usage();
    else
      i++;
  }
  if (i >= argc) usage();
  uint32_t size = 0;
  uint8_t *image = read_file(argv[i], &size);
  if (image == NULL) {
    fprintf(stderr, "%s: cannot be read\n", argv[i]);
    return EXIT_BAD_FILE;
  }
  vm_set_option("memory_limit", MEMORY);
  for (uint32_t k = 0; k < how.num_options; k++) set_option(how.options[k]);
  host_native_set_arguments(argv[0], "/nonexistent/hostile.image", (const char *const *)argv + i + 1,
                            (uint32_t)(argc - i - 1));
  run_all(image, size);
  free(image);
  if (!how.print) report();
  return findings != 0;
}
