/* plugin_balloon_test.c: B2DPlugin: pictures with known pixels, the protocol step by step, and work buffers
 * with anything in them. The hashes of pictures are those that VMMaker's engine gives for the same calls. */
#include "prim_support.h"

#include "plugins/balloon/balloon.h"

#define B2D(primitive, ...) NAMED("B2DPlugin", primitive, __VA_ARGS__)

enum { WIDTH = 40, HEIGHT = 30, WORK = 1 << 16 };

static oop engine;
static uint32_t work_words = WORK; /* of the pictures' engines */

static oop point(int32_t x, int32_t y) { return prim_new_point(I(x), I(y)); }
static oop color(uint32_t argb) { return mem_new_uint64(argb); }
static oop words_with(uint32_t n, const void *contents) {
  oop o = words_of(n);
  memcpy(obj_bytes(o), contents, 4 * (size_t)n);
  return o;
}
#define WORDS(...) words_with(sizeof(uint32_t[]){__VA_ARGS__} / 4, (const uint32_t[]){__VA_ARGS__})

static oop form(oop bits, int32_t width, int32_t height, int32_t depth) {
  return array_of(5, PRIM_OPERANDS(bits, I(width), I(height), I(depth), mem.nil));
}
static oop pixels(void) { return obj_slot(obj_slot(obj_slot(engine, ENGINE_BITBLT), BB_DEST), FORM_BITS); }

/* An engine that draws on a Form of 32 bits. */
static void begin(int32_t aa_level, uint32_t work_size) {
  oop point_class = test_class(FMT_FIXED, 2);
  mem_store(mem.special, SPECIAL_CLASS_POINT, point_class);
  oop span = words_of(WIDTH + 1), bitblt = mem_new_array(BB_FIELDS);
  mem_store(bitblt, BB_DEST, form(words_of(WIDTH * HEIGHT), WIDTH, HEIGHT, 32));
  mem_store(bitblt, BB_SOURCE, form(span, WIDTH + 1, 1, 32));
  mem_store(bitblt, BB_RULE, I(3));
  mem_store(bitblt, BB_HEIGHT, I(1));
  engine = mem_new_array(ENGINE_FIELDS);
  mem_store(engine, ENGINE_WORK, words_of(work_size));
  mem_store(engine, ENGINE_SPAN, span);
  mem_store(engine, ENGINE_BITBLT, bitblt);
  mem_store(engine, ENGINE_FORMS, mem_new_array(0));
  assert_oop(B2D("primitiveInitializeBuffer", mem.nil, obj_slot(engine, ENGINE_WORK)),
             obj_slot(engine, ENGINE_WORK));
  assert_oop(B2D("primitiveSetAALevel", engine, I(aa_level)), engine);
}
static void clip(int32_t left, int32_t top, int32_t right, int32_t bottom) {
  oop rectangle = array_of(2, PRIM_OPERANDS(point(left, top), point(right, bottom)));
  assert_oop(B2D("primitiveSetClipRect", engine, rectangle), engine);
}
static void flushed(void) { assert_oop(B2D("primitiveNeedsFlushPut", engine, mem.false_), engine); }
static oop render(void) { return B2D("primitiveRenderImage", engine, mem_new_array(6), mem_new_array(6)); }

/* Fowler, Noll and Vo's hash of the picture. */
static uint32_t picture_hash(void) {
  uint32_t h = 2166136261u;
  for (uint32_t i = 0; i < 4 * WIDTH * HEIGHT; i++) h = (h ^ obj_bytes(pixels())[i]) * 16777619u;
  return h;
}
static void add_form(oop f) { mem_store(engine, ENGINE_FORMS, array_of(1, &f)); }

/* ---- pictures ---- */

static void gradients_in_an_oval_and_a_rectangle(void) {
  begin(4, work_words);
  clip(0, 0, WIDTH, HEIGHT);
  oop linear = B2D("primitiveAddGradientFill", engine, WORDS(0xFF0000FF, 0xFF00FF00, 0xFFFF0000, 0xFFFFFFFF),
                   point(5, 5), point(30, 10), point(-10, 30), mem.false_);
  oop radial = B2D("primitiveAddGradientFill", engine, WORDS(0xFFFFFFFF, 0xFF00FFFF, 0xFF000000),
                   point(20, 15), point(12, 0), point(0, 12), mem.true_);
  assert_oop(B2D("primitiveAddRect", engine, point(2, 2), point(37, 27), linear, I(2), color(0xFF000000)),
             engine);
  assert_oop(B2D("primitiveNeedsFlush", engine), mem.true_);
  flushed();
  assert_oop(B2D("primitiveAddOval", engine, point(8, 4), point(32, 26), radial, I(3), color(0xFFFF0000)),
             engine);
}

static void shapes_with_a_bitmap(void) {
  begin(1, work_words);
  clip(3, 2, 40, 28);
  oop f = form(WORDS(16909060, 84281096), 4, 2, 8);
  add_form(f);
  oop fill = B2D("primitiveAddBitmapFill", engine, f, mem.nil, mem.true_, point(10, 10), point(4, 0),
                 point(0, 2), I(1));
  assert_true(oop_is_int(fill));
  (void)B2D("primitiveSetDepth", engine, I(1));
  assert_oop(B2D("primitiveGetDepth", engine), I(1));
  assert_oop(B2D("primitiveAddPolygon", engine, WORDS(1, 1, 38, 8, 12, 29, 1, 1), I(4), color(0xFF00FF00),
                 I(5), color(0xFF0000FF)),
             engine);
  flushed();
  (void)B2D("primitiveSetDepth", engine, I(0));
  const int16_t shape[] = {5, 25, 20, -15, 35, 25, 35, 25, 20, 35, 5, 25};
  assert_oop(
      B2D("primitiveAddBezierShape", engine, words_with(6, shape), I(2), color(0xFFFF0000), I(0), I(0)),
      engine);
  const int32_t corners[4][2] = {{-5, 3}, {45, 28}, {-5, 28}, {-5, 3}};
  for (int i = 0; i < 3; i++)
    assert_oop(B2D("primitiveAddLine", engine, point(corners[i][0], corners[i][1]),
                   point(corners[i + 1][0], corners[i + 1][1]), I(0), color(0xFFFFFF00)),
               engine);
}

static void transformed_shapes(void) {
  const int16_t shape[] = {2, 2, 10, -6, 25, 2, 25, 2, 30, 12, 20, 20, 20, 20, 20, 20, 2, 2};
  begin(2, work_words);
  clip(0, 0, WIDTH, HEIGHT);
  /* 0.707, -0.707, 20, 0.707, 0.707, 0 */
  oop matrix = WORDS(1060439283, 3207922931, 1101004800, 1060439283, 1060439283, 0);
  assert_oop(B2D("primitiveSetEdgeTransform", engine, matrix), engine);
  assert_oop(B2D("primitiveSetColorTransform", engine,
                 WORDS(1056964608, 1036831949, 1065353216, 0, 1065353216, 0, 1065353216, 0)),
             engine);
  oop f = form(WORDS(2147450912, 1073741824, 2147418112, 0, 31, 1040187392), 3, 3, 16);
  add_form(f);
  oop fill = B2D("primitiveAddBitmapFill", engine, f, mem.nil, mem.true_, point(5, 5), point(6, 0),
                 point(0, 6), I(1));
  oop fills = WORDS((uint32_t)oop_int(fill), 0xFF000000);
  assert_oop(B2D("primitiveAddCompressedShape", engine, words_with(9, shape), I(3), WORDS(3 << 16 | 1),
                 WORDS(3 << 16), WORDS(3 << 16 | 3), WORDS(3 << 16 | 2), fills),
             engine);
  assert_oop(
      B2D("primitiveAddBezier", engine, point(3, 20), point(25, 20), point(14, 2), I(0), color(0xFFFF00FF)),
      engine);
  assert_oop(B2D("primitiveAddLine", engine, point(25, 20), point(3, 20), I(0), color(0xFFFF00FF)), engine);
}

static const struct {
  void (*draw)(void);
  uint32_t hash;
} pictures[] = {{gradients_in_an_oval_and_a_rectangle, 3867204522u},
                {shapes_with_a_bitmap, 912645299u},
                {transformed_shapes, 4059864936u}};
enum { PICTURES = sizeof pictures / sizeof *pictures };

static void pictures_have_their_pixels(void **state) {
  (void)state;
  for (uint32_t i = 0; i < PICTURES; i++) {
    pictures[i].draw();
    assert_oop(render(), I(0));
    assert_oop(B2D("primitiveFinishedProcessing", engine), mem.true_);
    assert_int_equal(picture_hash(), pictures[i].hash);
  }
}

static void a_picture_is_rendered_line_by_line(void **state) {
  (void)state;
  for (uint32_t i = 0; i < PICTURES; i++) {
    pictures[i].draw();
    int lines = 0;
    do assert_oop(B2D("primitiveRenderScanline", engine, mem_new_array(6), mem_new_array(6)), I(0));
    while (B2D("primitiveFinishedProcessing", engine) != mem.true_ && ++lines < 1000);
    assert_int_equal(picture_hash(), pictures[i].hash);
  }
}

/* As the image's own loop does: each step of a line is a primitive. */
static void a_picture_is_rendered_step_by_step(void **state) {
  (void)state;
  for (uint32_t i = 0; i < PICTURES; i++) {
    pictures[i].draw();
    oop edge = mem_new_array(6), fill = mem_new_array(6);
    assert_oop(B2D("primitiveInitializeProcessing", engine), engine);
    for (int lines = 0; B2D("primitiveFinishedProcessing", engine) != mem.true_ && lines < 1000; lines++) {
      assert_oop(B2D("primitiveNextGlobalEdgeEntry", engine, edge), mem.true_);
      assert_oop(B2D("primitiveNextFillEntry", engine, fill), mem.true_);
      assert_oop(B2D("primitiveDisplaySpanBuffer", engine), engine);
      assert_oop(B2D("primitiveNextActiveEdgeEntry", engine, edge), mem.true_);
    }
    assert_int_equal(picture_hash(), pictures[i].hash);
  }
}

/* ---- the image's own edges ---- */

/* A rectangle whose left edge is the image's: the engine stops at it in each line. */
static void edges_of_the_image_are_asked_for(void **state) {
  (void)state;
  begin(1, WORK);
  clip(0, 0, WIDTH, HEIGHT);
  assert_oop(B2D("primitiveRegisterExternalEdge", engine, I(7), I(5), I(3), I(0), I(0), color(0xFF112233)),
             engine);
  assert_oop(B2D("primitiveAddLine", engine, point(9, 3), point(9, 6), I(0), color(0xFF112233)), engine);
  oop edge = mem_new_array(6), fill = mem_new_array(6);
  for (uint32_t i = 0; i < 6; i++) mem_store(edge, i, I(0));
  assert_oop(B2D("primitiveRenderImage", engine, edge, fill), I(STOP_GET_ENTRY));
  assert_oop(obj_slot(edge, EDGE_DATA_INDEX), I(7));
  assert_oop(obj_slot(edge, EDGE_DATA_X), I(5));
  mem_store(edge, EDGE_DATA_LINES, I(3));
  assert_oop(B2D("primitiveAddActiveEdgeEntry", engine, edge), engine);
  for (int line = 0; line < 2; line++) {
    assert_oop(B2D("primitiveRenderImage", engine, edge, fill), I(STOP_AET_ENTRY));
    mem_store(edge, EDGE_DATA_X, I(6 + line));
    assert_oop(B2D("primitiveChangedActiveEdgeEntry", engine, edge), engine);
  }
  assert_oop(B2D("primitiveRenderImage", engine, edge, fill), I(0));
  for (int32_t y = 0; y < HEIGHT; y++)
    for (int32_t x = 0; x < WIDTH; x++) {
      const bool inside = y >= 3 && y < 6 && x >= 5 + y - 3 && x < 9;
      assert_int_equal(obj_slot(pixels(), (uint32_t)(y * WIDTH + x)), inside ? 0xFF112233u : 0);
    }
}

/* ---- room and buffers ---- */

static void without_space_nothing_is_added(void **state) {
  (void)state;
  begin(4, WORK_MINIMUM + 100);
  clip(0, 0, WIDTH, HEIGHT);
  int added = 0;
  while (B2D("primitiveAddOval", engine, point(8, 4), point(32, 26), color(0xFFFFFFFF), I(0), I(0)) == engine)
    added++;
  assert_int_equal(added, 0);
  assert_int_equal(interp.prim_error, BALLOON_ENGINE_STOPPED);
  assert_oop(B2D("primitiveGetFailureReason", engine), I(STOP_NO_SPACE));
  oop old = obj_slot(engine, ENGINE_WORK), larger = words_of(WORK);
  assert_oop(B2D("primitiveCopyBuffer", mem.nil, old, larger), mem.nil);
  mem_store(engine, ENGINE_WORK, larger);
  assert_oop(B2D("primitiveAddOval", engine, point(8, 4), point(32, 26), color(0xFFFFFFFF), I(0), I(0)),
             engine);
  assert_oop(render(), I(0));
  assert_int_equal(obj_slot(pixels(), 15 * WIDTH + 20), 0xFCFCFCFCu); /* 16 times what is left of it */
  assert_fails(B2D("primitiveCopyBuffer", mem.nil, larger, old), BALLOON_SIZE_MISMATCH);
}

static void settings_are_answered(void **state) {
  (void)state;
  begin(4, WORK);
  assert_oop(B2D("primitiveGetAALevel", engine), I(4));
  (void)B2D("primitiveSetAALevel", engine, I(3));
  assert_oop(B2D("primitiveGetAALevel", engine), I(2));
  assert_oop(B2D("primitiveSetOffset", engine, point(3, -4)), engine);
  assert_oop(obj_slot(B2D("primitiveGetOffset", engine), 1), I(-4));
  clip(1, 2, 3, 4);
  oop rectangle = mem_new_array(2);
  assert_oop(B2D("primitiveGetClipRect", engine, rectangle), rectangle);
  assert_oop(obj_slot(obj_slot(rectangle, 1), 0), I(3));
  (void)B2D("primitiveSetAALevel", engine, I(1));
  oop counts = words_of(9);
  assert_oop(B2D("primitiveDoProfileStats", engine, mem.true_), mem.false_);
  (void)render();
  assert_oop(B2D("primitiveDoProfileStats", engine, mem.false_), mem.true_);
  assert_oop(B2D("primitiveGetCounts", engine, counts), engine);
  assert_int_equal(obj_slot(counts, 2), 1);
  assert_oop(B2D("primitiveGetTimes", engine, counts), engine);
  assert_oop(B2D("primitiveGetBezierStats", engine, counts), engine);
  assert_fails(B2D("primitiveGetCounts", engine, words_of(8)), PRIM_ERR_BAD_ARGUMENT);
  assert_oop(B2D("primitiveSetBitBltPlugin", engine, str("BitBltPlugin")), engine);
  assert_fails(B2D("primitiveSetBitBltPlugin", engine, str("OtherPlugin")), PRIM_ERR_BAD_ARGUMENT);
  assert_oop(B2D("primitiveAbortProcessing", engine), engine);
  assert_fails(B2D("primitiveSetAALevel", engine, I(1)), BALLOON_WRONG_STATE);
}

static void engines_that_are_none_fail(void **state) {
  (void)state;
  begin(1, WORK);
  assert_fails(B2D("primitiveGetDepth", I(1)), BALLOON_ENGINE_IS_INTEGER);
  assert_fails(B2D("primitiveGetDepth", str("x")), BALLOON_ENGINE_IS_WORDS);
  assert_fails(B2D("primitiveGetDepth", mem_new_array(3)), BALLOON_ENGINE_TOO_SMALL);
  assert_fails(B2D("primitiveInitializeBuffer", mem.nil, words_of(255)), PRIM_ERR_BAD_ARGUMENT);
  mem_store(engine, ENGINE_SPAN, str("x"));
  assert_fails(render(), BALLOON_CLASS_MISMATCH);
  begin(1, WORK);
  mem_store(engine, ENGINE_BITBLT, mem.nil);
  assert_fails(render(), BALLOON_BITBLT_LOAD_FAILED);
  begin(1, WORK);
  mem_store(engine, ENGINE_FORMS, array_of(1, PRIM_OPERANDS(I(1))));
  assert_fails(render(), BALLOON_FORM_LOAD_FAILED);
  begin(1, WORK);
  mem_store(engine, ENGINE_WORK, words_of(WORK));
  assert_fails(render(), BALLOON_WORK_BAD_MAGIC);
  begin(1, WORK);
  assert_fails(B2D("primitiveAddLine", engine, point(1, 1), I(1), I(0), I(0)), BALLOON_BAD_POINT);
  assert_fails(B2D("primitiveAddLine", engine, point(1, 1), point(1, 1), I(9999), I(0)), BALLOON_WRONG_FILL);
  assert_fails(B2D("primitiveAddPolygon", engine, words_of(3), I(4), I(0), I(1), color(0xFF000000)),
               PRIM_ERR_BAD_ARGUMENT);
  assert_fails(B2D("primitiveAddCompressedShape", engine, words_of(3), I(1), WORDS(1 << 16 | 2),
                   WORDS(1 << 16), WORDS(1 << 16), WORDS(1 << 16), WORDS(0)),
               BALLOON_ENTITY_CHECK_FAILED);
}

/* Any word of the work buffer may have been written by the image, at any time. */
static void work_buffers_with_anything_in_them_do_no_harm(void **state) {
  (void)state;
  static const uint32_t odd[] = {0, 1, 2, 4, 255, 65536, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x3FFFFFFF};
  uint32_t random = 17;
  work_words = 4096;
  for (int rounds = 0; rounds < 400; rounds++) {
    pictures[rounds % PICTURES].draw();
    const oop work = obj_slot(engine, ENGINE_WORK);
    const uint32_t used = WORK_HEADER + obj_slot(work, WORK_OBJECTS_USED);
    const int lines = rounds % 7;
    for (int i = 0; i < lines; i++)
      (void)B2D("primitiveRenderScanline", engine, mem_new_array(6), mem_new_array(6));
    for (int i = 0; i <= rounds % 4; i++) {
      random = random * 1664525 + 1013904223;
      const uint32_t at = 3 + (random >> 12) % (used - 3);
      obj_put_raw(work, at,
                  (random >> 8 & 1) != 0 ? odd[(random >> 9) % 10] : obj_slot(work, at) + (random >> 28) - 8);
    }
    (void)render();
    (void)B2D("primitiveAddOval", engine, point(8, 4), point(32, 26), color(0xFFFFFFFF), I(2),
              color(0xFF00FF00));
    (void)render();
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      PRIM_TEST(pictures_have_their_pixels),         PRIM_TEST(a_picture_is_rendered_line_by_line),
      PRIM_TEST(a_picture_is_rendered_step_by_step), PRIM_TEST(edges_of_the_image_are_asked_for),
      PRIM_TEST(without_space_nothing_is_added),     PRIM_TEST(settings_are_answered),
      PRIM_TEST(engines_that_are_none_fail),         PRIM_TEST(work_buffers_with_anything_in_them_do_no_harm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
