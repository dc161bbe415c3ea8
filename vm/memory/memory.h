/* memory.h: the object memory: allocation, stores, classes, collection, become:.
 *
 * THE RULE that every caller lives by: allocation never moves an object. When eden is full an
 * allocation is served from old space and a collection is requested; the collection itself happens at the
 * next safepoint (interp_check), or in one of the few functions below marked "GC". So an
 * oop in a C variable stays good until the caller reaches a safepoint or calls a function marked GC.
 * (Cog's rule; the measured alternative, collecting inside allocation, costs handles everywhere.)
 *
 * With option gc_stress, every allocation requests a collection at the next safepoint.
 */
#ifndef VM_MEMORY_MEMORY_H
#define VM_MEMORY_MEMORY_H

#include "base/error.h"
#include "memory/object.h"
#include "memory/special.h"

/* What the collector must know about and the layers above hold. They fill this in at start-up; a member
 * left NULL is not called. */
struct mem_hooks {
  /* Calls visit once for every root slot held outside the heap (stack pages, globals, handles). The
   * visitor may overwrite the slot. `full` tells a full collection from a scavenge. */
  void (*each_root)(void (*visit)(oop *slot), bool full);
  /* The same, in full collections and become: only, for slots that do not keep what they refer to alive: when
   * that has died the visitor writes 0. A scavenge does not call it: what is young is for each_root. */
  void (*each_weak_root)(void (*visit)(oop *slot));
  /* Objects have moved: caches keyed by address are to be updated or flushed. mem_new_address()
   * is not available any more; clear what may be stale. */
  void (*objects_moved)(bool full);
  /* A class has got a class index: from now on it may have instances. */
  void (*class_entered)(oop class_);
  /* A weak or ephemeron object lost a referent: the finalization semaphore is to be signalled. */
  void (*finalization_pending)(void);
  /* Free memory fell below the low-space threshold that the image set. */
  void (*low_space)(void);
  /* A collection is wanted at the next safepoint. */
  void (*request_safepoint)(void);
  /* Microseconds of any clock that does not go back; for the statistics. */
  uint64_t (*clock_us)(void);
};
extern struct mem_hooks mem_hooks;

/* Heap state that inlined code reads. One VM per process or wasm instance, so it is global. */
struct mem_state {
  addr eden_free;         /* next free byte of eden */
  addr eden_limit;        /* allocation beyond it takes the slow path */
  addr new_start;         /* new space (eden and survivors): [new_start, new_end) */
  addr new_end;           /* every old object's address is >= new_end */
  oop nil, true_, false_; /* cached; they are old and pinned in place between full collections */
  oop special;            /* the special objects array */
  oop hidden_roots;       /* the class table root, and the VM's other hidden objects */
  uint32_t gc_wanted;     /* enum mem_gc; nonzero: collect at the next safepoint */
  uint32_t last_hash;     /* state of the identity hash generator; images keep it in their header */
  /* Statistics, in counts, bytes and microseconds. */
  uint64_t scavenges, full_gcs, scavenge_us, full_gc_us, tenured_objects, become_count;
  uint64_t allocated_bytes; /* since the start, without what is now in eden */
};
extern struct mem_state mem;

/* Values of mem.gc_wanted, the stronger the greater. */
enum mem_gc { GC_NONE, GC_SCAVENGE, GC_FULL };

/* Error codes of the functions below; the numbers are those of PRIM_ERR_… (a test holds them equal). */
enum mem_error {
  MEM_OK = 0,
  MEM_ERR_BAD_RECEIVER = 2,
  MEM_ERR_BAD_ARGUMENT = 3,
  MEM_ERR_BAD_INDEX = 4,
  MEM_ERR_INAPPROPRIATE = 6,
  MEM_ERR_NO_MODIFICATION = 8,
  MEM_ERR_NO_MEMORY = 9,
  MEM_ERR_LIMIT_EXCEEDED = 15,
  MEM_ERR_OBJECT_IS_PINNED = 16,
  MEM_ERR_WRITE_PAST_OBJECT = 17,
};

static inline bool oop_is_young(oop o) { return oop_is_pointer(o) && o < mem.new_end; }

/* ---- conventions ----
 *
 * An image of a pre-Spur format (6502, 6504, 6505) is rebuilt with Spur's headers and class table, but what
 * its own Smalltalk code reads and computes stays as that code expects it: method headers (literal count in
 * bits 9..16, primitive number in bits 0..8 and 28, no callPrimitive bytecode), Behavior's format word,
 * Characters as objects out of the character table, identity hashes of 12 bits. mem_set_conventions()
 * switches the few places that must know. */

struct mem_conventions {
  bool v3;            /* an image of a pre-Spur format */
  uint32_t hash_mask; /* what identity hashes are cut to */
  /* at: 1 of a Float is its high word (6502, 6504), although the low word comes first in memory. */
  bool float_high_word_first;
};
extern struct mem_conventions mem_conventions;
void mem_set_conventions(bool v3);

/* The Character for a code: immediate, or out of the character table. 0 when the table has none. */
static inline oop mem_char(uint32_t code);
/* The code of a Character, immediate or not. Answers false for anything else. */
bool mem_char_code(oop o, uint32_t *code);
/* The primitive number in a method's own header (v3 conventions only, else 0). */
uint32_t method_v3_primitive(oop m);

/* ---- start and end ---- */

/* Makes an empty heap with new space laid out. Image loading or the image builder fills old space. */
err_t mem_init(uint32_t eden_bytes) NODISCARD;
/* Releases everything. */
void mem_shutdown(void);
/* Adds an old-space segment of at least `bytes` free bytes. Answers false at the memory limit. */
bool mem_grow_old(uint32_t bytes);

/* For a heap made from nothing: nil, false, true, the free list object and the class table with an empty
 * first page, in the order images have them, and a special objects array of nils (its first three filled
 * in). nil, false and true get their classes by obj_set_class_index() when those exist. */
err_t mem_bootstrap(void) NODISCARD;

/* For a heap that comes from a file. mem_take_segment answers the address where `bytes` of objects go (0 at
 * the memory limit); when they are there, references adjusted, mem_add_segment makes the rest of the segment
 * free; mem_adopt_heap_roots then finds nil, false, true and the class table at the start of the first
 * segment, removes forwarders, free chunks of other VMs and leftovers above the stack pointer of contexts,
 * and rebuilds the VM's own state. Objects must be well formed: their headers, sizes and references have
 * been checked. */
addr mem_take_segment(uint32_t bytes);
void mem_add_segment(addr start, uint32_t bytes);
err_t mem_adopt_heap_roots(oop special_objects) NODISCARD;

/* Old space, segment by segment in address order, for walking it and writing it. mem_seal() first: it makes
 * the space well formed from end to end. A segment's last MEM_BRIDGE_BYTES are the bridge to the next one. */
struct mem_segment {
  addr start;
  uint32_t bytes;
};
enum { MEM_BRIDGE_BYTES = 16 };
void mem_seal(void);
uint32_t mem_segment_count(void);
struct mem_segment mem_segment(uint32_t i);
/* The object (or free chunk, or bridge) that begins at an address, and the address after an object. */
static inline oop mem_object_at(addr a) {
  return at32(a + 4) >> HDR_SLOTS_SHIFT == HDR_SLOTS_OVERFLOW ? a + 8 : a;
}
static inline addr mem_object_end(oop o) { return o + HDR_BYTES + obj_body_bytes(obj_slots(o)); }
static inline addr mem_object_start(oop o) {
  return at32(o + 4) >> HDR_SLOTS_SHIFT == HDR_SLOTS_OVERFLOW ? o - 8 : o;
}
/* Slots that hold references, from slot 0: all of a pointers object, header and literals of a method. */
static inline uint32_t obj_pointer_slots(oop o) {
  uint32_t f = obj_format(o);
  return fmt_is_pointers(f) ? obj_slots(o)
         : f >= FMT_METHOD  ? METHOD_LITERAL_START + method_num_literals(o)
                            : 0;
}

/* ---- allocation (never moves, never fails softly: answers 0 only when memory is exhausted) ---- */

/* An object with the given class index, format and slot count. Pointer slots are nil, others zero.
 * In eden while it fits, else in old space. Answers 0 when there is no memory: primitives then fail
 * with PRIM_ERR_NO_MEMORY. */
static inline oop mem_new(uint32_t class_index, uint32_t format, uint32_t slots);
oop mem_new_slow(uint32_t class_index, uint32_t format, uint32_t slots);
/* The same, always in old space. Raw stores are good in it too until the next safepoint: an old object
 * begins its life in the remembered set. */
oop mem_new_old(uint32_t class_index, uint32_t format, uint32_t slots);
/* As Behavior>>basicNew: format and size from the class; `indexed` counts indexable elements (of the class's
 * own width). The class gets a class index if it has none yet. 0: no memory or not instantiable so
 * (mem_why_not then tells: 1 = not such a class or size, 2 = no memory). */
oop mem_instantiate(oop class_, uint32_t indexed);
extern int mem_why_not;
oop mem_new_bytes(uint32_t class_index, uint32_t byte_count); /* zeroed */
oop mem_new_string(const char *bytes, uint32_t byte_count);   /* a ByteString */
oop mem_new_array(uint32_t slots);                            /* nil-filled */
/* A CompiledMethod (or subclass) with `literals` nil literals and bytes up to byte_count in all, literals and
 * header included; `header` is the SmallInteger of slot 0 and its literal count rules. */
oop mem_new_method(uint32_t class_index, oop header, uint32_t byte_count);
oop mem_new_float(double v);
/* Exact integers of any 64-bit value: SmallInteger or LargeInteger. */
oop mem_new_int64(int64_t v);
oop mem_new_uint64(uint64_t v);
/* A shallow copy (Object>>shallowCopy: same class, format, slots; own hash, mutable, unpinned). */
oop mem_clone(oop o);

double mem_float(oop f); /* the value of a boxed float; caller checked the class index */
void mem_set_float(oop f, double v);

/* Fills a body, `bytes` a multiple of 8, with a word. */
static inline void mem_fill(addr body, uint32_t bytes, uint32_t word) {
  uint64_t pair = (uint64_t)word << 32 | word;
  uint64_t *p = AT(uint64_t, body);
  for (uint32_t n = bytes >> 3; n > 0; n--) *p++ = pair;
}

static inline oop mem_new(uint32_t class_index, uint32_t format, uint32_t slots) {
  uint32_t bytes = HDR_BYTES + obj_body_bytes(slots);
  if (slots >= HDR_SLOTS_OVERFLOW || mem.eden_limit - mem.eden_free < bytes || fmt_is_method(format))
    return mem_new_slow(class_index, format, slots);
  oop o = mem.eden_free;
  mem.eden_free = o + bytes;
  put32(o, format << HDR_FORMAT_SHIFT | class_index);
  put32(o + 4, slots << HDR_SLOTS_SHIFT);
  mem_fill(o + HDR_BYTES, bytes - HDR_BYTES, fmt_is_pointers(format) ? mem.nil : 0);
  return o;
}

/* ---- access ---- */

/* A store with the write barrier. */
static inline void mem_store(oop o, uint32_t i, oop v);
void mem_remember(oop o); /* slow path: o is old and now refers to a young object */

static inline void mem_store(oop o, uint32_t i, oop v) {
  obj_put_raw(o, i, v);
  if (oop_is_young(v) && o >= mem.new_end && !obj_is_remembered(o)) mem_remember(o);
}

static inline oop mem_special(uint32_t index);
oop mem_v3_char(uint32_t code);
static inline oop mem_char(uint32_t code) { return mem_conventions.v3 ? mem_v3_char(code) : char_oop(code); }

static inline oop mem_special(uint32_t index) {
  return index < obj_slots(mem.special) ? obj_slot(mem.special, index) : mem.nil; /* old images have fewer */
}
static inline oop mem_bool(bool b) { return b ? mem.true_ : mem.false_; }

/* Fixed fields declared by the object's class (0 for immediates and bits). */
uint32_t mem_fixed_fields(oop o);
/* Elements that at: can reach: indexable size in the object's own element width. */
uint32_t mem_indexable_size(oop o);
/* Truncates a 32-bit words or pointers object in place, leaving a well-formed heap. False, and nothing
 * changed, when it would grow or when the rest (8 bytes) is too small to be a chunk of its own. */
bool mem_shorten(oop o, uint32_t slots);

/* ---- classes and hashes ---- */

enum {
  CLASS_TABLE_PAGE_BITS = 10,
  CLASS_TABLE_PAGE_SLOTS = 1 << CLASS_TABLE_PAGE_BITS,
  CLASS_TABLE_PAGES = 4096
};
/* nil when the index is free */
static inline oop mem_class_at(uint32_t class_index) {
  oop page = obj_slot(mem.hidden_roots, class_index >> CLASS_TABLE_PAGE_BITS);
  return page == mem.nil ? page : obj_slot(page, class_index & (CLASS_TABLE_PAGE_SLOTS - 1));
}
/* Puts a class at a known index (below 1024, or of an image being converted) and gives it the hash, unless
 * the index is a tag's second pattern or a pun. False: no memory for the page. */
bool mem_class_at_put(uint32_t class_index, oop class_);
static inline oop mem_class_of(oop o) { return mem_class_at(oop_class_index(o)); }
/* The index of a class, entering it in the class table if need be (its identity hash is the index).
 * 0 when memory is exhausted or the object is no possible class. */
uint32_t mem_class_index_of(oop class_);
/* The same without entering: 0 when it has no index. */
uint32_t mem_known_class_index(oop class_);
/* Fields that every image of the family has at the same place: of Behavior, of Metaclass and Class, and of
 * MethodDictionary, whose keys follow its fields and whose methods stand in an Array beside them. */
enum { CLASS_SUPERCLASS, CLASS_METHOD_DICT, CLASS_FORMAT, BEHAVIOR_FIELDS };
enum { METACLASS_THIS_CLASS = 5, CLASS_NAME = 6 };
enum { DICT_TALLY, DICT_METHODS, DICT_KEYS };
/* Whether it is an object of references with so many slots at least. */
static inline bool oop_has_fields(oop o, uint32_t count) {
  return oop_is_pointer(o) && fmt_is_pointers(obj_format(o)) && obj_slots(o) >= count;
}
/* Whether an instance of the class with that index can have the format and so many slots, as far as the VM
 * itself relies on it: of contexts, closures, Floats and ephemerons. Whoever makes an object, or gives it a
 * class, asks. */
bool mem_shape_fits(uint32_t class_index, uint32_t format, uint32_t slots);
/* BlockContext's index in images that have it, else 0: its instances have the fields of contexts. */
extern uint32_t mem_block_context_index;
/* Class format word: instance size and spec, as Behavior's third field holds it. */
static inline uint32_t class_format_bits(oop class_) {
  return oop_has_fields(class_, CLASS_FORMAT + 1) ? (uint32_t)oop_int(obj_slot(class_, CLASS_FORMAT)) : 0;
}
uint32_t class_v3_inst_size(uint32_t format_bits);
uint32_t class_v3_inst_spec(uint32_t format_bits);
/* fixed fields */
static inline uint32_t class_inst_size(oop class_) {
  uint32_t bits = class_format_bits(class_);
  return mem_conventions.v3 ? class_v3_inst_size(bits) : bits & 0xFFFF;
}
/* an obj_format; FMT_FORWARDED (7) says that instances are immediate */
static inline uint32_t class_inst_spec(oop class_) {
  uint32_t bits = class_format_bits(class_);
  return mem_conventions.v3 ? class_v3_inst_spec(bits) : bits >> 16 & HDR_FORMAT_MASK;
}
/* The identity hash, made on first use; never 0 (but for v3 conventions). Immediates hash to their value. */
uint32_t mem_hash(oop o);

/* ---- enumeration: both skip free chunks, bridges and hidden objects ---- */

/* Calls f for each object in address order (new space first) until it answers false. f must not allocate. */
void mem_each_object(bool (*f)(oop o, void *context), void *context);
/* allInstances / allObjects as an Array in old space; 0 when there is no memory. GC for class lookups is
 * not done: only reachable or not-yet-collected objects alike are listed, so callers collect first. */
oop mem_all_instances(oop class_);
oop mem_all_objects(void);
oop mem_next_object(oop o);                         /* allocation order; 0 at the end. o = 0: the first */
oop mem_next_instance(oop o, uint32_t class_index); /* after o (0: first) */

/* ---- collection: GC: these move objects; every oop in a C variable is stale afterwards ---- */

void mem_scavenge(void);
void mem_full_gc(void);
/* What a safepoint calls when mem.gc_wanted: scavenge, or full if old space grew enough. */
void mem_collect_at_safepoint(void);

/* become: on parallel arrays of equal size. two_way exchanges identities; else references to from[i]
 * go to to[i]. copy_hash (one-way only): to[i] takes from[i]'s hash. GC: references in roots change.
 * Errors: immediates, pinned or immutable objects where that cannot be, unequal sizes: answers a PRIM_ERR
 * code, nothing changed; 0 is success. */
int mem_become(oop from_array, oop to_array, bool two_way, bool copy_hash);

/* Pins (moves a young object to old space first: GC) or unpins. Answers the object's present oop, 0 without
 * memory. */
oop mem_pin(oop o, bool pin);

/* ---- finalization ---- */

/* The next fired ephemeron (now an ordinary object), or 0: what primitive 172 answers. */
oop mem_next_mourner(void);

/* ---- statistics and checks ---- */
uint32_t mem_old_free_bytes(void); /* free lists and tail */
uint32_t mem_old_bytes(void);      /* sum of the segments */
uint64_t mem_bytes_left(void);     /* what can still be allocated, growth to the limit included */
uint32_t mem_new_used_bytes(void);
/* After vm_set_option while the heap is in use: makes gc_stress take effect at once. */
void mem_options_changed(void);
extern uint32_t mem_low_space_threshold; /* bytes; 0: no signal */

/* Walks and verifies everything: headers, formats, references, class indices, remembered set, free lists.
 * NULL when sound; else what is wrong with which object. */
err_t mem_check_heap(void) NODISCARD;

/* A number for the graph of objects that `root` refers to: classes (by index), formats, identity hashes as
 * far as they were made, immutability and contents, whatever the addresses; contexts count but are not looked
 * into. Classes are leaves unless follow_classes. False: no memory. */
bool mem_digest(oop root, bool follow_classes, uint32_t *digest) NODISCARD;

#endif
