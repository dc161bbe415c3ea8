/* image_synthetic.h: a small object graph, written as an image file in each format and byte order.
 *
 * The graph is described once, in terms of objects and values; emit() lays it out as the format wants it:
 * 4- or 8-byte slots, compact classes or a class table, method headers and program counters in their own way.
 */
#ifndef TESTS_IMAGE_SYNTHETIC_H
#define TESTS_IMAGE_SYNTHETIC_H

#include "image_support.h"

enum value_kind { V_REF, V_INT, V_CHAR, V_FLOAT, V_CLASS_FORMAT, V_METHOD_HEADER, V_PC };
struct value {
  enum value_kind kind;
  int64_t n; /* object, integer, code, instance spec, literals, method */
  int64_t m; /* instance size, primitive, byte index */
  double real;
};

enum thing_kind {
  T_EMPTY,
  T_FIXED,
  T_ARRAY,
  T_MIXED,
  T_WEAK,
  T_WORDS,
  T_BYTES,
  T_METHOD,
  T_FLOAT,
  T_FORWARDER
};
struct thing {
  enum thing_kind kind;
  int class_;
  uint32_t hash, class_index; /* class_index: of a class, in Spur */
  uint32_t count;             /* values, words or bytes */
  struct value values[64];
  uint8_t bytes[64]; /* of bytes and methods; words in host order */
  uint32_t byte_count;
};

enum { MAX_THINGS = 700 };
struct graph {
  struct thing things[MAX_THINGS];
  int count;
  uint32_t wordsize;
  bool v3, swapped, closures;
};

static struct graph graph;

static inline struct value ref(int thing) { return (struct value){V_REF, thing, 0, 0}; }
static inline struct value integer(int64_t n) { return (struct value){V_INT, n, 0, 0}; }
static inline struct value character(int c) { return (struct value){V_CHAR, c, 0, 0}; }
static inline struct value immediate_float(double d) { return (struct value){V_FLOAT, 0, 0, d}; }

static inline int thing(enum thing_kind kind, int class_) {
  struct thing *t = &graph.things[graph.count];
  *t = (struct thing){.kind = kind, .class_ = class_, .hash = 100 + (uint32_t)graph.count * 7};
  return graph.count++;
}
static inline void put(int o, struct value v) {
  struct thing *t = &graph.things[o];
  t->values[t->count++] = v;
}
static inline void put_text(int o, const void *bytes, uint32_t count) {
  struct thing *t = &graph.things[o];
  memcpy(t->bytes, bytes, count);
  t->byte_count = count;
}

/* The objects that tests ask about. */
enum { NIL, FALSE_, TRUE_ };
static struct names {
  int metaclass, meta, undefined, boolean, string, array, small_integer, character, real, large_pos,
      large_neg, message, context, closure, block_context, byte_array, bitmap, method_class, association,
      weak, plain, process;
  int special, probe, compact, method, context_instance, closure_instance, block_instance, char_table;
} its;

static inline int new_class(const char *name, uint32_t class_index, int spec, int size) {
  int c = thing(T_FIXED, its.meta);
  graph.things[c].class_index = class_index;
  put(c, ref(NIL));
  put(c, ref(NIL));
  put(c, (struct value){V_CLASS_FORMAT, spec, size, 0});
  for (int i = 3; i < 6; i++) put(c, ref(NIL));
  int text = thing(T_BYTES, its.string);
  put_text(text, name, (uint32_t)strlen(name));
  put(c, ref(text));
  return c;
}

static inline void make_classes(void) {
  uint32_t i = 1024;
  its.metaclass = graph.count; /* the first four are made before what they refer to has a number */
  its.meta = its.metaclass + 2;
  its.string = its.meta + 2;
  assert_int_equal(new_class("Metaclass", i++, FMT_FIXED, 3), its.metaclass);
  assert_int_equal(new_class("Meta", i++, FMT_FIXED, 3), its.meta);
  graph.things[its.meta].class_ = its.metaclass;
  assert_int_equal(new_class("ByteString", CIX_STRING, FMT_8, 0), its.string);
  its.undefined = new_class("UndefinedObject", i++, FMT_EMPTY, 0);
  its.boolean = new_class("Boolean", i++, FMT_EMPTY, 0);
  its.array = new_class("Array", CIX_ARRAY, FMT_INDEXABLE, 0);
  its.small_integer = new_class("SmallInteger", CIX_SMALLINTEGER, FMT_EMPTY, 0);
  its.character = new_class("Character", graph.v3 ? i++ : CIX_CHARACTER, FMT_FIXED, 1);
  its.real = new_class("Float", CIX_FLOAT, FMT_32, 0);
  its.large_pos = new_class("LargePositiveInteger", CIX_LARGE_POSITIVE, FMT_8, 0);
  its.large_neg = new_class("LargeNegativeInteger", CIX_LARGE_NEGATIVE, FMT_8, 0);
  graph.things[its.large_neg].values[0] = ref(its.large_pos);
  its.message = new_class("Message", CIX_MESSAGE, FMT_FIXED, 3);
  its.context = new_class("MethodContext", CIX_CONTEXT, FMT_FIXED_INDEXABLE, 6);
  its.closure = new_class("BlockClosure", CIX_BLOCK_CLOSURE, FMT_FIXED_INDEXABLE, 3);
  its.block_context = new_class("BlockContext", i++, FMT_FIXED_INDEXABLE, 6);
  its.byte_array = new_class("ByteArray", CIX_BYTE_ARRAY, FMT_8, 0);
  its.bitmap = new_class("Bitmap", CIX_BITMAP, FMT_32, 0);
  its.method_class = new_class("CompiledMethod", i++, FMT_METHOD, 0);
  its.association = new_class("Association", i++, FMT_FIXED, 2);
  its.weak = new_class("WeakArray", i++, FMT_WEAK, 0);
  its.plain = new_class("Plain", i++, FMT_FIXED, 2);
  its.process = new_class("Process", i++, FMT_FIXED, 4);
}

static inline void make_code(void) {
  int m = its.method = thing(T_METHOD, its.method_class);
  put(m, (struct value){V_METHOD_HEADER, 2, 60, 0});
  put(m, integer(-7));
  put(m, ref(its.plain));
  put_text(m, graph.v3 ? "\x70\x71\x78\x79\xFC" : "\x8B\x3C\x00\x70\x71\x78\x79\xFC", graph.v3 ? 5 : 8);
  int c = its.context_instance = thing(T_MIXED, its.context);
  put(c, ref(NIL));
  put(c, (struct value){V_PC, m, 2, 0});
  put(c, integer(1));
  put(c, ref(m));
  put(c, ref(NIL));
  put(c, ref(TRUE_));
  put(c, integer(99));
  for (int i = 0; i < 11; i++) put(c, ref(-1)); /* above the stack pointer: rubbish */
  if (graph.closures) {
    int b = its.closure_instance = thing(T_MIXED, its.closure);
    put(b, ref(c));
    put(b, (struct value){V_PC, m, 3, 0});
    put(b, integer(0));
  } else {
    int b = its.block_instance = thing(T_MIXED, its.block_context);
    put(b, ref(NIL));
    put(b, (struct value){V_PC, m, 2, 0});
    put(b, integer(0));
    put(b, integer(0));
    put(b, (struct value){V_PC, m, 2, 0});
    put(b, ref(c));
    for (int i = 0; i < 32; i++) put(b, ref(-1));
  }
}

/* What the tests look at after loading: slots of the probe array. */
enum {
  PROBE_INT,
  PROBE_CHAR,
  PROBE_FLOAT,
  PROBE_TEXT,
  PROBE_WORDS,
  PROBE_WEAK,
  PROBE_METHOD,
  PROBE_CONTEXT,
  PROBE_BLOCK,
  PROBE_CLASS,
  PROBE_ZERO_HASH,
  PROBE_WIDE,
  PROBE_NEGATIVE_WIDE,
  PROBE_TENTH,
  PROBE_TENTH_AGAIN,
  PROBE_MINUS_ZERO,
  PROBE_FORWARDED
};

static inline int text_of(const char *s) {
  int o = thing(T_BYTES, its.string);
  put_text(o, s, (uint32_t)strlen(s));
  return o;
}

static inline void make_probe(void) {
  int p = its.probe = thing(T_ARRAY, its.array);
  put(p, integer(-123456));
  put(p, character('x'));
  int f = thing(T_FLOAT, its.real);
  put(f, immediate_float(-2.5e100));
  put(p, ref(f));
  put(p, ref(text_of("seven c")));
  int w = thing(T_WORDS, its.bitmap);
  uint32_t words[3] = {0x01020304, 0xFFFFFFFF, 7};
  put_text(w, words, sizeof words);
  put(p, ref(w));
  int k = thing(T_WEAK, its.weak);
  put(k, ref(p));
  put(k, integer(5));
  put(p, ref(k));
  put(p, ref(its.method));
  put(p, ref(its.context_instance));
  put(p, ref(graph.closures ? its.closure_instance : its.block_instance));
  put(p, ref(its.plain));
  int z = thing(T_FIXED, its.plain);
  graph.things[z].hash = 0;
  put(z, ref(NIL));
  put(z, ref(z));
  put(p, ref(z));
  if (graph.wordsize == 8) {
    put(p, integer(1ll << 40));
    put(p, integer(-(1ll << 40) - 1));
    put(p, immediate_float(0.1));
    put(p, immediate_float(0.1));
    put(p, immediate_float(-0.0));
  } else {
    for (int i = PROBE_WIDE; i < PROBE_FORWARDED; i++) put(p, integer(0));
  }
  if (!graph.v3) {
    int forwarder = thing(T_FORWARDER, 0);
    put(forwarder, ref(w));
    put(p, ref(forwarder));
  }
}

static inline void make_special(void) {
  int s = its.special = thing(T_ARRAY, its.array);
  for (int i = 0; i < (graph.v3 ? 41 : SPECIAL_OBJECTS_SIZE); i++) put(s, ref(NIL));
  struct value *v = graph.things[s].values;
  v[SPECIAL_FALSE] = ref(FALSE_);
  v[SPECIAL_TRUE] = ref(TRUE_);
  int process = thing(T_FIXED, its.process), scheduler = thing(T_FIXED, its.plain),
      binding = thing(T_FIXED, its.association);
  put(process, ref(its.context_instance));
  put(process, integer(40));
  put(process, ref(NIL));
  put(process, ref(NIL));
  put(scheduler, ref(NIL));
  put(scheduler, ref(process));
  put(binding, ref(NIL));
  put(binding, ref(scheduler));
  v[SPECIAL_SCHEDULER] = ref(binding);
  int selectors = thing(T_ARRAY, its.array);
  for (int i = 0; i < 64; i++) put(selectors, integer(i));
  v[SPECIAL_SPECIAL_SELECTORS] = ref(selectors);
  v[SPECIAL_SELECTOR_DNU] = ref(text_of("doesNotUnderstand:"));
  v[SPECIAL_SMALLTALK] = ref(its.probe);
  v[SPECIAL_CLASS_BITMAP] = ref(its.bitmap);
  v[SPECIAL_CLASS_SMALLINTEGER] = ref(its.small_integer);
  v[SPECIAL_CLASS_STRING] = ref(its.string);
  v[SPECIAL_CLASS_ARRAY] = ref(its.array);
  v[SPECIAL_CLASS_FLOAT] = ref(its.real);
  v[SPECIAL_CLASS_CONTEXT] = ref(its.context);
  v[SPECIAL_CLASS_BLOCK_CONTEXT] = ref(its.block_context);
  v[SPECIAL_CLASS_LARGE_POSITIVE] = ref(its.large_pos);
  v[SPECIAL_CLASS_MESSAGE] = ref(its.message);
  v[SPECIAL_CLASS_COMPILED_METHOD] = ref(its.method_class);
  v[SPECIAL_CLASS_CHARACTER] = ref(its.character);
  v[SPECIAL_CLASS_BYTE_ARRAY] = ref(its.byte_array);
  v[SPECIAL_CLASS_PROCESS] = ref(its.process);
  v[SPECIAL_CLASS_BLOCK_CLOSURE] = ref(graph.closures ? its.closure : its.context_instance);
  if (!graph.v3) return;
  its.compact = thing(T_ARRAY, its.array);
  v[SPECIAL_COMPACT_CLASSES] = ref(its.compact);
  put(its.compact, ref(its.method_class));
  put(its.compact, ref(NIL));
  put(its.compact, ref(its.array));
  /* The character table: 256 slots do not fit a thing, so emit() fills it. */
  its.char_table = thing(T_ARRAY, its.array);
  v[SPECIAL_CHARACTER_TABLE] = ref(its.char_table);
  for (int c = 0; c < 256; c++) put(thing(T_FIXED, its.character), integer(c));
}

static inline void make_graph(uint32_t format, bool swapped) {
  memset(&graph, 0, sizeof graph);
  memset(&its, 0, sizeof its);
  uint32_t plain = format & ~512u;
  graph.v3 = plain < 6521;
  graph.wordsize = plain >= 68000 ? 8 : 4;
  graph.swapped = swapped;
  graph.closures = plain != 6502;
  thing(T_EMPTY, 0);
  thing(T_EMPTY, 0);
  thing(T_EMPTY, 0);
  make_classes();
  graph.things[NIL].class_ = its.undefined;
  graph.things[FALSE_].class_ = graph.things[TRUE_].class_ = its.boolean;
  make_code();
  make_probe();
  make_special();
}

/* ---- layout ---- */

enum { SYNTH_BASE = 0x2000000, SYNTH_GAP = 0x1000, SYNTH_SPLIT = 40 };

struct emitter {
  struct bytes out;
  uint32_t format;
  bool two_segments;
  uint64_t address[MAX_THINGS], end; /* of the oops; behind the last object */
  uint64_t roots, pages, heap_at;
  uint64_t second_at; /* file position of the second segment, or 0 */
};

static inline void p32(struct emitter *e, uint32_t w) {
  if (graph.swapped) w = __builtin_bswap32(w);
  bytes_put(&e->out, &w, 4);
}
static inline void p64(struct emitter *e, uint64_t w) {
  if (graph.swapped) w = __builtin_bswap64(w);
  bytes_put(&e->out, &w, 8);
}
static inline void word(struct emitter *e, uint64_t w) {
  if (graph.wordsize == 8)
    p64(e, w);
  else
    p32(e, (uint32_t)w);
}

static inline bool has_values(const struct thing *t) {
  return t->kind != T_WORDS && t->kind != T_BYTES && t->kind != T_FLOAT;
}
static inline uint32_t value_count(int i) {
  return graph.v3 && i == its.char_table ? 256 : graph.things[i].count;
}

static inline uint32_t slots_of_thing(int i) {
  const struct thing *t = &graph.things[i];
  uint32_t ws = graph.wordsize, bytes = (t->byte_count + ws - 1) / ws;
  if (t->kind == T_FLOAT) return 8 / ws;
  return (has_values(t) ? value_count(i) : 0) + bytes;
}

static inline uint32_t spur_format(const struct thing *t) {
  uint32_t ws = graph.wordsize, unused = (0 - t->byte_count) & (ws - 1);
  switch (t->kind) {
    case T_EMPTY: return FMT_EMPTY;
    case T_FIXED: return FMT_FIXED;
    case T_ARRAY: return FMT_INDEXABLE;
    case T_MIXED: return FMT_FIXED_INDEXABLE;
    case T_WEAK: return FMT_WEAK;
    case T_WORDS: return FMT_32 + unused / 4;
    case T_BYTES: return FMT_8 + unused;
    case T_METHOD: return FMT_METHOD + unused;
    case T_FLOAT: return FMT_32;
    default: return FMT_FORWARDED;
  }
}

static inline uint32_t v3_format_of(const struct thing *t) {
  uint32_t unused = (0 - t->byte_count) & 3;
  static const uint8_t formats[] = {
      [T_EMPTY] = 0, [T_FIXED] = 1, [T_ARRAY] = 2, [T_MIXED] = 3,   [T_WEAK] = 4,
      [T_WORDS] = 6, [T_BYTES] = 8, [T_FLOAT] = 6, [T_METHOD] = 12, [T_FORWARDER] = 0};
  return formats[t->kind] + (t->kind == T_BYTES || t->kind == T_METHOD ? unused : 0);
}

static inline uint32_t compact_index(int class_) {
  return class_ == its.method_class ? 1 : class_ == its.array ? 3 : 0;
}

static inline int64_t v3_class_format(int64_t spec, int64_t size) {
  int64_t kind = spec <= FMT_WEAK ? spec : spec == FMT_32 ? 6 : spec == FMT_8 ? 8 : 12;
  return ((size + 1) & 0x3F) << 1 | kind << 7 | ((size + 1) >> 6) << 16;
}

static inline uint64_t encode(const struct emitter *e, struct value v) {
  int64_t n = 0;
  switch (v.kind) {
    case V_REF: return v.n < 0 ? 0xBADBAD0 : e->address[v.n];
    case V_CHAR: {
      int instance = its.char_table + 1 + (int)v.n;
      return graph.v3 ? e->address[instance] : (uint64_t)v.n << (graph.wordsize == 8 ? 3 : 2) | 2;
    }
    case V_FLOAT: {
      uint64_t bits;
      memcpy(&bits, &v.real, sizeof bits);
      bits = bits << 1 | bits >> 63;
      if (bits > 1) bits -= 896ull << 53;
      return bits << 3 | 4;
    }
    case V_INT: n = v.n; break;
    case V_CLASS_FORMAT: n = graph.v3 ? v3_class_format(v.n, v.m) : v.n << 16 | v.m; break;
    case V_METHOD_HEADER: n = (graph.v3 ? v.n << 9 | v.m : v.n | 0x10000) | 3 << 18 | 1 << 24; break;
    case V_PC: n = graph.wordsize * graph.things[v.n].count + 1 + v.m + (graph.v3 ? 0 : 3); break;
  }
  return graph.wordsize == 8 ? (uint64_t)n << 3 | 1 : ((uint64_t)n << 1 | 1) & 0xFFFFFFFF;
}

static inline void put_body(struct emitter *e, int i) {
  const struct thing *t = &graph.things[i];
  if (has_values(t))
    for (uint32_t k = 0; k < value_count(i); k++)
      word(e, graph.v3 && i == its.char_table ? e->address[i + 1 + (int)k] : encode(e, t->values[k]));
  if (t->kind == T_FLOAT) {
    uint64_t bits;
    memcpy(&bits, &t->values[0].real, sizeof bits);
    bool high_first = graph.swapped || (graph.v3 && (e->format & 1) == 0);
    p32(e, (uint32_t)(high_first ? bits >> 32 : bits));
    p32(e, (uint32_t)(high_first ? bits : bits >> 32));
  } else if (t->kind == T_WORDS) {
    for (uint32_t k = 0; k < t->byte_count; k += 4) {
      uint32_t w;
      memcpy(&w, t->bytes + k, 4);
      p32(e, w);
    }
  } else {
    bytes_put(&e->out, t->bytes, t->byte_count);
  }
  while ((e->out.size - e->heap_at) % graph.wordsize != 0) bytes_put(&e->out, "", 1);
}

/* ---- pre-Spur ---- */

static inline void v3_objects(struct emitter *e, bool write) {
  uint64_t at = SYNTH_BASE;
  for (int i = 0; i < graph.count; i++) {
    const struct thing *t = &graph.things[i];
    uint32_t size = 1 + slots_of_thing(i), compact = compact_index(t->class_);
    uint32_t type = size > 63 ? 0 : compact != 0 ? 3 : 1;
    uint32_t headers = type == 0 ? 3 : type == 1 ? 2 : 1;
    if (write) {
      if (type == 0) p32(e, size * 4);
      if (type != 3) p32(e, (uint32_t)e->address[t->class_] | type);
      uint32_t short_size = type == 0 ? 0 : size;
      p32(e, type | short_size << 2 | v3_format_of(t) << 8 | compact << 12 | (t->hash & 0xFFF) << 17);
      put_body(e, i);
    }
    e->address[i] = at + (headers - 1) * 4;
    at += (headers - 1 + size) * 4;
  }
  e->end = at;
}

/* ---- Spur ---- */

static inline uint64_t spur_bytes(uint64_t slots) {
  uint64_t body = (slots * graph.wordsize + 7) & ~7ull;
  return (slots >= 255 ? 16 : 8) + (body == 0 ? 8 : body);
}

static inline void spur_header(struct emitter *e, uint32_t class_index, uint32_t format, uint32_t hash,
                               uint32_t slots) {
  if (slots >= 255) {
    p32(e, slots);
    p32(e, 0xFF000000u);
  }
  p32(e, class_index | format << 24);
  p32(e, hash | (slots >= 255 ? 255u : slots) << 24);
}

static inline void spur_pad(struct emitter *e, uint32_t slots) {
  for (uint64_t n = spur_bytes(slots) - (slots >= 255 ? 16 : 8) - slots * graph.wordsize; n > 0; n -= 4)
    p32(e, 0);
}

static inline void spur_bridge(struct emitter *e, uint32_t span_slots, uint64_t next_bytes) {
  p32(e, span_slots != 0 ? span_slots : 0x4A000003);
  p32(e, span_slots != 0 ? 0xFF000000u : 0x00800000);
  p32(e, (uint32_t)next_bytes);
  p32(e, 0);
}

static inline void spur_hidden(struct emitter *e) {
  uint32_t free_slots = graph.wordsize == 8 ? 64 : 32, nil = 0;
  spur_header(e, graph.wordsize == 8 ? 19 : 18, graph.wordsize == 8 ? 9 : 10, 0, free_slots);
  for (uint32_t i = 0; i < free_slots; i++) word(e, 0);
  spur_header(e, 16, 2, 0, 4104);
  for (uint32_t i = 0; i < 4104; i++) word(e, i < 2 ? e->pages + i * spur_bytes(1024) : e->address[nil]);
  for (uint32_t page = 0; page < 2; page++) {
    spur_header(e, 16, 2, 0, 1024);
    for (uint32_t i = 0; i < 1024; i++) {
      uint64_t entry = e->address[nil];
      uint32_t index = page * 1024 + i;
      for (int k = 0; k < graph.count; k++)
        if (graph.things[k].class_index != 0 && graph.things[k].class_index == (index == 3    ? 1
                                                                                : index == 16 ? 51
                                                                                              : index))
          entry = e->address[k];
      word(e, entry);
    }
  }
}

static inline void spur_place(struct emitter *e) {
  uint64_t at = SYNTH_BASE;
  for (int i = 0; i < graph.count; i++) {
    if (i == 3) {
      at += spur_bytes(graph.wordsize == 8 ? 64 : 32);
      e->roots = at + 8;
      at += spur_bytes(4104);
      e->pages = at + 8;
      at += 2 * spur_bytes(1024);
    }
    if (i == SYNTH_SPLIT && e->two_segments) at += 16 + SYNTH_GAP;
    e->address[i] = at + (slots_of_thing(i) >= 255 ? 8 : 0);
    at += spur_bytes(slots_of_thing(i));
  }
  e->end = at + 16;
}

static inline void spur_objects(struct emitter *e) {
  for (int i = 0; i < graph.count; i++) {
    const struct thing *t = &graph.things[i];
    if (i == 3) spur_hidden(e);
    if (i == SYNTH_SPLIT && e->two_segments) {
      uint64_t start = e->address[i] - (slots_of_thing(i) >= 255 ? 8 : 0);
      spur_bridge(e, SYNTH_GAP / graph.wordsize, e->end - start);
      e->second_at = e->out.size;
    }
    uint32_t hash = t->class_index != 0 ? t->class_index : t->hash;
    uint32_t class_index = t->kind == T_FORWARDER ? 8 : graph.things[t->class_].class_index;
    spur_header(e, class_index, spur_format(t), hash, slots_of_thing(i));
    put_body(e, i);
    spur_pad(e, slots_of_thing(i));
  }
  spur_bridge(e, 0, 0);
}

/* ---- the file ---- */

static inline void put_synthetic_header(struct emitter *e, uint64_t heap_bytes, uint64_t first_segment) {
  uint32_t start = e->out.size, header = graph.wordsize == 8 ? 128 : 64;
  p32(e, e->format);
  p32(e, header);
  word(e, heap_bytes);
  word(e, SYNTH_BASE);
  word(e, e->address[its.special]);
  word(e, 4711);
  word(e, 640u << 16 | 480);
  word(e, 2);
  for (int i = 0; i < 4; i++) p32(e, 0);
  word(e, graph.v3 ? 0 : first_segment);
  while (e->out.size - start < header) p32(e, 0);
}

static struct emitter emitter;
/* Where the last file made has an object. */
static inline uint64_t synthetic_address(int i) { return emitter.address[i]; }

/* An image file of the graph. `prefix` bytes go before the header. */
static inline struct bytes synthetic(uint32_t format, bool swapped, bool two_segments, uint32_t prefix) {
  struct emitter *e = &emitter;
  *e = (struct emitter){.format = format, .two_segments = two_segments};
  make_graph(format, swapped);
  if (graph.v3)
    v3_objects(e, false);
  else
    spur_place(e);
  uint64_t gap = two_segments ? SYNTH_GAP : 0;
  uint64_t first = two_segments ? e->address[SYNTH_SPLIT] - SYNTH_BASE - gap : e->end - SYNTH_BASE;
  for (uint32_t i = 0; i < prefix; i++) bytes_put(&e->out, "#", 1);
  put_synthetic_header(e, e->end - SYNTH_BASE - gap, first);
  e->heap_at = e->out.size;
  if (graph.v3)
    v3_objects(e, true);
  else
    spur_objects(e);
  return e->out;
}

#endif
