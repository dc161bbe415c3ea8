/* image_real_test.c: real images load, with as many objects as they have, soundly; saved and loaded again
 * they are the same graph. */
#include "image_support.h"

static void free_bytes(struct bytes *b) { free(b->data); }

/* Loads, checks, saves, loads: the same graph, and the same file the second time. */
static void check_image(const char *name, uint32_t format, uint32_t objects) {
  struct bytes original = real_image(name);
  assert_loads(&original);
  assert_int_equal(image_info.format, format);
  assert_int_equal(image_info.objects, objects);
  uint64_t digest = heap_digest();
  struct bytes first = saved();
  assert_loads(&first);
  assert_int_equal(image_info.objects, objects);
  assert_int_equal(heap_digest(), digest);
  struct bytes second = saved();
  assert_int_equal(first.size, second.size);
  assert_memory_equal(first.data, second.data, first.size);
  mem_shutdown();
  free_bytes(&original);
  free_bytes(&first);
  free_bytes(&second);
}

/* Counts of objects that programs can see: those of the collection's list are eight greater, by the hidden
 * ones. */
static void cuis(void **state) { check_image("cuis-5.0-3121.image", 6521, 80769 - 8); }
static void awfy(void **state) { check_image("awfy-cuis-5.0.image", 6521, 86089); }
static void headless(void **state) { check_image("headless.image", 6521, 2444); }
static void mini(void **state) { check_image("mini-2.2.image", 6502, 17692); }
static void benchmark(void **state) { check_image("benchmark.image", 6502, 17041); }
static void bootstrapped(void **state) { check_image("bootstrapped.image", 6505, 2525); }

/* The list counts 29,904: nine are hidden; each distinct immediate float and wide SmallInteger is a new
 * object. */
static void pharo_64(void **state) { check_image("pharo-8-kernel-64.image", 68021, 29904 - 8 + 357); }

/* ---- the same files as the other byte order would have them ---- */

static uint32_t word_at(const struct bytes *b, uint32_t at) {
  uint32_t w;
  memcpy(&w, b->data + at, 4);
  return w;
}

static void swap_words(struct bytes *b, uint32_t from, uint32_t to) {
  for (uint32_t at = from; at + 4 <= to; at += 4) {
    uint32_t w = __builtin_bswap32(word_at(b, at));
    memcpy(b->data + at, &w, 4);
  }
}

enum { HEADER = 64, HALVES_AT = 36, HALVES_END = 40, SEMAPHORES_AT = 44 };

static void swap_header(struct bytes *b) {
  const uint32_t halves[] = {36, 38, 44, 46};
  for (int i = 0; i < 4; i++) {
    uint8_t *h = b->data + halves[i], t = h[0];
    h[0] = h[1];
    h[1] = t;
  }
  swap_words(b, 0, HALVES_AT);
  swap_words(b, HALVES_END, SEMAPHORES_AT);
  swap_words(b, SEMAPHORES_AT + 4, HEADER);
}

/* Pre-Spur: everything but bytes is in words. */
static void swap_v3(struct bytes *b) {
  for (uint32_t at = HEADER; at + 4 <= b->size;) {
    uint32_t type = word_at(b, at) & 3, o = at + (type == 0 ? 8 : type == 1 ? 4 : 0), base = word_at(b, o);
    uint32_t size = type == 0 ? word_at(b, at) & ~3u : base & 0xFC, format = base >> 8 & 15, words = size;
    if (format >= 8) words = format >= 12 ? 4 * (2 + (word_at(b, o + 4) >> 10 & 255)) : 4;
    swap_words(b, at, o + words);
    at = o + size;
  }
  swap_header(b);
}

static void swap_spur(struct bytes *b) {
  uint32_t end = HEADER + word_at(b, 8) - 16;
  for (uint32_t at = HEADER; at < end;) {
    uint32_t o = word_at(b, at + 4) >> 24 == 255 ? at + 8 : at, low = word_at(b, o), format = low >> 24 & 31;
    uint32_t slots = o != at ? word_at(b, at) : word_at(b, o + 4) >> 24, words = slots;
    uint32_t next = o + 8 + (slots == 0 ? 8 : (slots * 4 + 7) / 8 * 8);
    if (format >= 16) words = format >= 24 ? 1 + (word_at(b, o + 8) >> 1 & 0x7FFF) : 0;
    if ((low & 0x3FFFFF) == CIX_FLOAT) { /* the other order keeps the high word first */
      uint32_t first = word_at(b, o + 8), second = word_at(b, o + 12);
      memcpy(b->data + o + 8, &second, 4);
      memcpy(b->data + o + 12, &first, 4);
    }
    swap_words(b, at, o + 8 + 4 * words);
    at = next;
  }
  swap_words(b, end, end + 16);
  swap_header(b);
}

static void check_swapped(const char *name, void (*swap)(struct bytes *b)) {
  struct bytes b = real_image(name);
  assert_loads(&b);
  uint64_t digest = heap_digest(), objects = image_info.objects;
  swap(&b);
  assert_loads(&b);
  assert_true(image_info.swapped);
  assert_int_equal(image_info.objects, objects);
  assert_int_equal(heap_digest(), digest);
  mem_shutdown();
  free_bytes(&b);
}

static void swapped_mini(void **state) { check_swapped("mini-2.2.image", swap_v3); }
static void swapped_benchmark(void **state) { check_swapped("benchmark.image", swap_v3); }
static void swapped_headless(void **state) { check_swapped("headless.image", swap_spur); }
static void swapped_cuis(void **state) { check_swapped("cuis-5.0-3121.image", swap_spur); }

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cuis),
      cmocka_unit_test(awfy),
      cmocka_unit_test(headless),
      cmocka_unit_test(mini),
      cmocka_unit_test(benchmark),
      cmocka_unit_test(bootstrapped),
      cmocka_unit_test(pharo_64),
      cmocka_unit_test(swapped_mini),
      cmocka_unit_test(swapped_benchmark),
      cmocka_unit_test(swapped_headless),
      cmocka_unit_test(swapped_cuis),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
