#include "bitblt_cases.h"

#include <stdio.h>
#include <stdlib.h>

#include "bitblt_reference.h"
#include "prim_support.h"
#include "plugins/bitblt/bitblt.h"

enum {
  BITS_WORDS = 2048, /* of a form's bits */
  TABLES = 9,
  HALFTONES = 10,
  RULE_COUNT = 42,
};
static const uint32_t table_sizes[TABLES] = {2, 4, 16, 256, 512, 4096, 32768, 1, 0};

static struct {
  uint64_t seed;
  oop dest_words, source_words, dest_bytes, source_bytes; /* bits */
  oop dest_form, source_form, bitblt, color_map, shifts, masks, halftone_form;
  oop tables[TABLES], halftones[HALFTONES], gamma, ungamma, source_map, glyph_map, x_table, text;
  uint32_t expected[BITS_WORDS], source_copy[BITS_WORDS], table_copy[1 << 15];
} world;

/* ---- chance: a function of seed and case alone ---- */

static uint64_t state;
static uint32_t any(void) {
  uint64_t z = (state += 0x9E3779B97F4A7C15ull);
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ z >> 27) * 0x94D049BB133111EBull;
  return (uint32_t)(z >> 32 ^ z);
}
static uint32_t below(uint32_t n) { return (uint32_t)((uint64_t)any() * n >> 32); }
static int between(int from, int to) { return from + (int)below((uint32_t)to - (uint32_t)from + 1); }
static bool one_in(uint32_t n) { return below(n) == 0; }

/* Words with what rules look for: zeros, all ones, alphas of 0 and 255, few colours. */
static uint32_t any_word(uint32_t kind) {
  uint32_t w = any();
  switch (kind) {
    case 0: return w;
    case 1: return one_in(3) ? 0 : one_in(3) ? UINT32_MAX : w;
    case 2: return (w & 0xFFFFFF) | (one_in(2) ? 0 : 0xFF000000);
    case 3: return w & any() & any();
    case 4: return (w & 0x01010101) * 255;
    default: return 0;
  }
}
static void fill(uint32_t *words, uint32_t n) {
  const uint32_t kind = below(6);
  for (uint32_t i = 0; i < n; i++) words[i] = any_word(kind);
}

/* ---- the objects ---- */

static oop old(uint32_t class_index, uint32_t format, uint32_t slots) {
  const oop o = mem_new_old(class_index, format, slots);
  assert_true(o != 0);
  return o;
}
static oop old_fields(uint32_t n) { return old(CIX_ARRAY, FMT_INDEXABLE, n); }
static oop old_words(uint32_t n) { return old(CIX_BITMAP, FMT_32, n); }
static oop old_bytes(uint32_t n) { return old(CIX_BYTE_ARRAY, FMT_8, n / 4); }
static uint32_t *words_in(oop o) { return AT(uint32_t, obj_body(o)); }

void bitblt_cases_start(uint64_t seed) {
  world.seed = state = seed;
  world.dest_words = old_words(BITS_WORDS);
  world.source_words = old_words(BITS_WORDS);
  world.dest_bytes = old_bytes(4 * BITS_WORDS);
  world.source_bytes = old_bytes(4 * BITS_WORDS);
  world.dest_form = old_fields(FORM_FIELDS);
  world.source_form = old_fields(FORM_FIELDS);
  world.halftone_form = old_fields(FORM_FIELDS);
  world.bitblt = old_fields(BB_WARP_FIELDS);
  world.color_map = old_fields(MAP_FIELDS);
  world.shifts = old_words(4);
  world.masks = old_words(4);
  for (uint32_t i = 0; i < TABLES; i++) {
    world.tables[i] = old_words(table_sizes[i]);
    for (uint32_t j = 0; j < table_sizes[i]; j++) words_in(world.tables[i])[j] = any_word(i % 5);
  }
  for (uint32_t i = 0; i < HALFTONES; i++) world.halftones[i] = old_words(i + 1);
  world.gamma = old_bytes(256);
  world.ungamma = old_bytes(256);
  for (uint32_t i = 0; i < 64; i++) {
    words_in(world.gamma)[i] = any();
    words_in(world.ungamma)[i] = any();
  }
  world.source_map = old_words(256);
  for (uint32_t i = 0; i < 256; i++) words_in(world.source_map)[i] = any();
  world.glyph_map = old_fields(256);
  world.x_table = old_fields(64);
  world.text = old_bytes(16);
}

/* ---- a case, as the plugin sees it (objects) and as the reference does ---- */

static struct ref_blit ref;
static oop extra[6]; /* arguments */
static uint32_t extras;
static enum { COPY, WARP, LINE, STRING } kind;

static int any_depth(void) { return (1 << below(6)) * (one_in(2) ? 1 : -1); }

static void choose_form(oop form, oop bits, struct ref_form *f, int depth) {
  const int per_word = 32 / abs(depth);
  f->depth = depth;
  f->height = one_in(20) ? 0 : between(1, 24);
  if (one_in(ref.same_form ? 4 : 20)) { /* rows of several runs of words */
    f->height = between(1, 3);
    f->width = between(1, BITS_WORDS / f->height * per_word);
    if (f->width > 6000) f->width = between(1, 6000);
  } else {
    int most = BITS_WORDS / 24 * per_word;
    f->width = between(0, most < 90 ? most : 90);
  }
  f->words = words_in(bits);
  mem_store(form, FORM_BITS, bits);
  obj_put_raw(form, FORM_WIDTH, int_oop(f->width));
  obj_put_raw(form, FORM_HEIGHT, int_oop(f->height));
  obj_put_raw(form, FORM_DEPTH, int_oop(f->depth));
}

static void choose_forms(void) {
  ref.has_source = !one_in(6);
  ref.same_form = ref.has_source && one_in(6);
  choose_form(world.dest_form, one_in(8) ? world.dest_bytes : world.dest_words, &ref.dest, any_depth());
  int depth = one_in(3) ? ref.dest.depth : one_in(4) ? (one_in(2) ? 32 : 1) : any_depth();
  if (ref.same_form)
    ref.source = ref.dest;
  else if (ref.has_source && one_in(20)) /* another form of the same bits */
    choose_form(world.source_form, obj_slot(world.dest_form, FORM_BITS), &ref.source, depth);
  else
    choose_form(world.source_form, one_in(8) ? world.source_bytes : world.source_words, &ref.source, depth);
  oop source = ref.same_form ? world.dest_form : world.source_form;
  mem_store(world.bitblt, BB_DEST, world.dest_form);
  mem_store(world.bitblt, BB_SOURCE, ref.has_source ? source : mem.nil);
  fill(words_in(obj_slot(world.dest_form, FORM_BITS)), BITS_WORDS);
  if (ref.has_source && ref.source.words != ref.dest.words) fill(ref.source.words, BITS_WORDS);
}

/* A number of the rectangle: mostly about 0 … size, at times nil, a Float, or far away. */
static int64_t number(enum bitblt_field field, int from, int to, int64_t if_nil) {
  int64_t value = between(from, to);
  if (one_in(200)) value = one_in(2) ? SMALLINT_MAX - between(0, 9) : SMALLINT_MIN + between(0, 9);
  if (one_in(40)) {
    mem_store(world.bitblt, field, mem.nil);
    return if_nil;
  }
  if (one_in(100)) {
    const double part = (double)below(4) / 4 * (value < 0 ? -1 : 1);
    mem_store(world.bitblt, field, mem_new_float((double)value + part));
  } else {
    obj_put_raw(world.bitblt, field, int_oop((int32_t)value));
  }
  return value;
}

static void choose_rectangle(void) {
  const int w = ref.dest.width, h = ref.dest.height;
  const bool most = one_in(3);
  ref.dest_x = number(BB_DEST_X, -5, most ? 5 : w + 5, 0);
  ref.dest_y = number(BB_DEST_Y, -3, most ? 3 : h + 3, 0);
  ref.width = number(BB_WIDTH, most ? w / 2 : -2, w + 5, w);
  ref.height = number(BB_HEIGHT, most ? h / 2 : -2, h + 3, h);
  const int sw = ref.has_source ? ref.source.width : 0, sh = ref.has_source ? ref.source.height : 0;
  ref.source_x = number(BB_SOURCE_X, -5, most ? 5 : sw + 2, 0);
  ref.source_y = number(BB_SOURCE_Y, -3, most ? 3 : sh + 1, 0);
  if (ref.same_form && one_in(3)) { /* along a row */
    mem_store(world.bitblt, BB_SOURCE_Y, obj_slot(world.bitblt, BB_DEST_Y));
    ref.source_y = ref.dest_y;
  }
  const bool cuts = one_in(2);
  ref.clip_x = number(BB_CLIP_X, cuts ? -3 : 0, cuts ? w / 2 : 0, 0);
  ref.clip_y = number(BB_CLIP_Y, cuts ? -3 : 0, cuts ? h / 2 : 0, 0);
  ref.clip_width = number(BB_CLIP_WIDTH, cuts ? 0 : w, w + 3, w);
  ref.clip_height = number(BB_CLIP_HEIGHT, cuts ? 0 : h, h + 3, h);
}

static void choose_halftone(void) {
  oop halftone = mem.nil;
  ref.halftone = NULL;
  if (one_in(3)) {
    ref.halftone_height = 1 + below(HALFTONES);
    oop bits = world.halftones[ref.halftone_height - 1];
    fill(words_in(bits), ref.halftone_height);
    ref.halftone = words_in(bits);
    halftone = bits;
    if (one_in(4)) { /* a Form whose bits may be longer than its height */
      ref.halftone_height = 1 + below(ref.halftone_height);
      halftone = world.halftone_form;
      mem_store(halftone, FORM_BITS, bits);
      obj_put_raw(halftone, FORM_WIDTH, int_oop(32));
      obj_put_raw(halftone, FORM_HEIGHT, int_oop((int32_t)ref.halftone_height));
      obj_put_raw(halftone, FORM_DEPTH, int_oop(1));
    }
  }
  mem_store(world.bitblt, BB_HALFTONE, halftone);
}

static oop choose_table(void) {
  uint32_t which = below(TABLES);
  if (ref.has_source && !one_in(8)) { /* one that fits the source */
    const int depth = abs(ref.source.depth);
    which = depth <= 8 ? (uint32_t)__builtin_ctz((uint32_t)depth) : 4 + below(3);
  }
  ref.map.table = words_in(world.tables[which]);
  ref.map.table_size = table_sizes[which];
  return world.tables[which];
}

static void choose_shifts(oop map) {
  const bool identity = one_in(8);
  static const uint32_t whole[4] = {0xFF0000, 0xFF00, 0xFF, 0xFF000000};
  for (uint32_t i = 0; i < 4; i++) {
    words_in(world.shifts)[i] = identity ? 0 : (uint32_t)(one_in(20) ? between(-40, 40) : between(-12, 12));
    words_in(world.masks)[i] = identity ? whole[i] : any() & any();
  }
  const bool with_shifts = !one_in(6), with_masks = !one_in(6);
  mem_store(map, MAP_SHIFTS, with_shifts ? world.shifts : mem.nil);
  mem_store(map, MAP_MASKS, with_masks ? world.masks : mem.nil);
  ref.map.shifts = with_shifts ? AT(int32_t, obj_body(world.shifts)) : NULL;
  ref.map.masks = with_masks ? words_in(world.masks) : NULL;
}

static void choose_map(void) {
  oop map = mem.nil;
  ref.map = (struct ref_map){.implied = true};
  if (one_in(2) || ref.rule == 23 || ref.rule == 33) {
    ref.map.present = true;
    if (one_in(3)) {
      map = world.color_map;
      ref.map.implied = false;
      choose_shifts(map);
      mem_store(map, MAP_COLORS, one_in(3) ? mem.nil : choose_table());
    } else {
      map = choose_table();
    }
  }
  mem_store(world.bitblt, BB_COLOR_MAP, map);
}

static void choose_rule(void) {
  static const int common[] = {3, 3, 3, 0, 6, 24, 25, 34, 34, 37, 41};
  ref.rule = (int)below(RULE_COUNT);
  if (one_in(3)) ref.rule = common[below(sizeof common / sizeof *common)];
  obj_put_raw(world.bitblt, BB_RULE, int_oop(ref.rule));
}

static void choose_alphas(void) {
  extras = 0;
  ref.gamma = ref.ungamma = NULL;
  ref.colour = below(1 << 30);
  ref.alpha = one_in(4) ? 255 : below(256);
  if (ref.rule == 30 || ref.rule == 31) extra[extras++] = int_oop((int32_t)ref.alpha);
  if (ref.rule != 41) return;
  extra[extras++] = int_oop((int32_t)ref.colour);
  if (one_in(3)) {
    ref.alpha = 255;
    return;
  }
  extra[extras++] = int_oop((int32_t)ref.alpha);
  if (one_in(2)) return;
  extra[extras++] = one_in(3) ? mem.nil : world.gamma;
  extra[extras++] = one_in(3) ? mem.nil : world.ungamma;
  if (extra[2] != mem.nil) ref.gamma = obj_bytes(world.gamma);
  if (extra[3] != mem.nil) ref.ungamma = obj_bytes(world.ungamma);
}

static void choose_warp(void) {
  for (uint32_t corner = 0; corner < 4; corner++)
    for (uint32_t i = 0; i < 2; i++) {
      const int size = i == 0 ? ref.source.width : ref.source.height;
      ref.corners[corner][i] =
          one_in(100) ? between(SMALLINT_MIN, SMALLINT_MAX) : between(-3 * 16384, (size + 3) * 16384);
      obj_put_raw(world.bitblt, BB_WARP + 3 * corner + i, int_oop((int32_t)ref.corners[corner][i]));
    }
  ref.warping = true;
  ref.smoothing = one_in(2) ? 1 : between(2, 4);
  ref.source_map = words_in(world.source_map);
  extras = 0;
  if (ref.smoothing == 1 && one_in(2)) return;
  extra[extras++] = int_oop(ref.smoothing);
  extra[extras++] = world.source_map;
}

static int glyphs[256], x_positions[64];
static void choose_text(void) {
  for (uint32_t i = 0; i < 256; i++) {
    glyphs[i] = (int)below(62);
    obj_put_raw(world.glyph_map, i, int_oop(glyphs[i]));
  }
  for (int i = 0, x = 0; i < 64; i++, x += between(0, 9)) {
    x_positions[i] = x % (ref.has_source ? ref.source.width + 1 : 50);
    obj_put_raw(world.x_table, (uint32_t)i, int_oop(x_positions[i]));
  }
  for (uint32_t i = 0; i < 4; i++) words_in(world.text)[i] = any();
}

/* ---- running ---- */

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
/* The bits are longer than the form needs: what is behind its last row must not be touched. */
static void guard(const struct ref_form *f, bool on) {
  const int per_word = 32 / abs(f->depth);
  const uint32_t used = (uint32_t)((f->width + per_word - 1) / per_word * f->height);
  if (on)
    ASAN_POISON_MEMORY_REGION(f->words + used, 4 * (BITS_WORDS - used));
  else
    ASAN_UNPOISON_MEMORY_REGION(f->words, 4 * BITS_WORDS);
}
static void guard_forms(bool on) {
  const bool shared = ref.has_source && ref.source.words == ref.dest.words;
  if (!shared) guard(&ref.dest, on);
  if (ref.has_source && !shared) guard(&ref.source, on);
}
#else
static void guard_forms(bool on) { (void)on; }
#endif

static oop call(const char *name, uint32_t count) {
  oop operands[8] = {world.bitblt};
  memcpy(operands + 1, extra, count * sizeof *extra);
  const char *module = "BitBltPlugin";
  return prim_call(prim_named_for(module, (uint32_t)strlen(module), name, (uint32_t)strlen(name), count),
                   count + 1, operands);
}

static oop run_plugin(int across, int down, int first, int last, int kern) {
  if (kind == COPY) return call("primitiveCopyBits", extras);
  if (kind == WARP) return call("primitiveWarpBits", extras);
  if (kind == LINE) {
    extra[0] = int_oop(across);
    extra[1] = int_oop(down);
    return call("primitiveDrawLoop", 2);
  }
  const oop operands[6] = {world.text,      int_oop(first), int_oop(last),
                           world.glyph_map, world.x_table,  int_oop(kern)};
  memcpy(extra, operands, sizeof operands);
  return call("primitiveDisplayString", 6);
}

static bool must_fail(void) {
  if (ref.rule == 16 || ref.rule == 17) return true;
  return kind != COPY && (ref.rule == 30 || ref.rule == 31 || ref.rule == 41);
}

static bool differ(uint64_t number_, const char *what, uint64_t is, uint64_t should) {
  static const char *const names[] = {"copyBits", "warpBits", "drawLoop", "displayString"};
  printf("seed %llu case %llu: %s: %s is %llx, should be %llx\n", (unsigned long long)world.seed,
         (unsigned long long)number_, names[kind], what, (unsigned long long)is, (unsigned long long)should);
  printf("  rule %d, %d x %d of depth %d", ref.rule, ref.dest.width, ref.dest.height, ref.dest.depth);
  if (ref.has_source)
    printf(" from %s %d x %d of depth %d",
           ref.same_form                        ? "itself,"
           : ref.source.words == ref.dest.words ? "a form of its bits,"
                                                : "",
           ref.source.width, ref.source.height, ref.source.depth);
  printf("\n  at %lld@%lld extent %lld@%lld from %lld@%lld clipped to %lld@%lld extent %lld@%lld\n",
         (long long)ref.dest_x, (long long)ref.dest_y, (long long)ref.width, (long long)ref.height,
         (long long)ref.source_x, (long long)ref.source_y, (long long)ref.clip_x, (long long)ref.clip_y,
         (long long)ref.clip_width, (long long)ref.clip_height);
  printf("  halftone %d, map %d (implied %d, shifts %d, table of %d), alpha %d, smoothing %d\n",
         ref.halftone == NULL ? 0 : (int)ref.halftone_height, ref.map.present, ref.map.implied,
         ref.map.shifts != NULL && ref.map.masks != NULL, (int)ref.map.table_size, (int)ref.alpha,
         ref.warping ? ref.smoothing : 0);
  return false;
}

static bool same_words(uint64_t number_, const char *what, const uint32_t *is, const uint32_t *should,
                       uint32_t n) {
  if (memcmp(is, should, 4 * (size_t)n) == 0) return true;
  for (uint32_t i = 0;; i++)
    if (is[i] != should[i]) {
      printf("word %u of %s:\n", i, what);
      return differ(number_, what, is[i], should[i]);
    }
}

bool bitblt_case(uint64_t number_) {
  state = world.seed + number_ * 0xD1342543DE82EF95ull;
  const uint32_t chance = below(100);
  kind = chance < 80 ? COPY : chance < 94 ? WARP : chance < 97 ? LINE : STRING;
  ref = (struct ref_blit){.smoothing = 1};
  const addr eden = mem.eden_free;
  choose_rule();
  choose_forms();
  choose_rectangle();
  choose_halftone();
  choose_map();
  choose_alphas();
  if (kind == WARP) choose_warp();
  if (kind == STRING) choose_text();
  if (kind == LINE || kind == STRING) {   /* small rectangles, many times */
    const int64_t far = SMALLINT_MAX / 2; /* where the end could not be stored */
    if (ref.dest.width > 200 || llabs(ref.dest_x) > far || llabs(ref.dest_y) > far) kind = COPY;
    if (ref.rule == 22 || ref.rule == 32) kind = COPY;
  }
  const int across = between(-30, 30), down = between(-30, 30), first = between(1, 16), last = between(0, 16),
            kern = between(-1, 2);

  /* The reference works on copies, the plugin on the objects. */
  struct ref_blit expected = ref;
  const bool shared = ref.has_source && ref.source.words == ref.dest.words,
             tallies = ref.rule == 23 || ref.rule == 33;
  memcpy(world.expected, ref.dest.words, sizeof world.expected);
  expected.dest.words = world.expected;
  if (shared) expected.source.words = world.expected;
  if (ref.has_source && !shared) memcpy(world.source_copy, ref.source.words, sizeof world.source_copy);
  if (tallies && ref.map.table_size != 0) {
    memcpy(world.table_copy, ref.map.table, 4 * (size_t)ref.map.table_size);
    expected.map.table = world.table_copy;
  }
  uint64_t count = 0;
  if (!must_fail()) {
    if (kind == LINE)
      ref_draw_loop(&expected, across, down);
    else if (kind == STRING && last > 0)
      ref_display_string(&expected, obj_bytes(world.text) + first - 1, last - first + 1, glyphs, x_positions,
                         kern);
    else if (kind != STRING)
      count = ref_copy_bits(&expected);
  }

  guard_forms(true);
  const oop result = run_plugin(across, down, first, last, kern);
  guard_forms(false);
  const bool counts = kind == COPY && (ref.rule == 22 || ref.rule == 32);
  uint64_t counted = 0;
  bool same = true;
  if ((result == PRIM_FAILED) != must_fail()) {
    /* A rectangle of nothing needs no alpha and answers at once. */
    if (!(must_fail() && kind == WARP && result == world.bitblt))
      same = differ(number_, "failure", result == PRIM_FAILED ? interp.prim_error : 0, must_fail());
  } else if (counts) {
    if (!prim_uint64(result, &counted) || counted != count) same = differ(number_, "count", counted, count);
  } else if (result != PRIM_FAILED && result != world.bitblt) {
    same = differ(number_, "result", result, world.bitblt);
  }
  if (same) same = same_words(number_, "the destination", ref.dest.words, world.expected, BITS_WORDS);
  if (same && ref.has_source && !shared)
    same = same_words(number_, "the source", ref.source.words, world.source_copy, BITS_WORDS);
  if (tallies && ref.map.table_size != 0) {
    if (same) same = same_words(number_, "the table", ref.map.table, world.table_copy, ref.map.table_size);
    memset(ref.map.table, 0, 4 * (size_t)ref.map.table_size);
  }
  if (same && (kind == LINE || (kind == STRING && last > 0)) && result != PRIM_FAILED &&
      oop_int(obj_slot(world.bitblt, BB_DEST_X)) != expected.dest_x)
    same = differ(number_, "destX", (uint64_t)oop_int(obj_slot(world.bitblt, BB_DEST_X)),
                  (uint64_t)expected.dest_x);
  mem.eden_free = eden; /* what the case allocated is garbage */
  return same;
}
