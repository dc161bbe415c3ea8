/* lookup.h: the global lookup cache, and what the VM knows of a method outside the heap. */
#ifndef VM_INTERPRETER_LOOKUP_H
#define VM_INTERPRETER_LOOKUP_H

#include "base/config.h"
#include "interpreter/interp.h"
#include "interpreter/verify.h"
#include "primitives/primitive.h"

/* What the VM keeps of a method that ran: found by the lookup cache entry, or by hashing the method's oop.
 * Index 0 is never used. Follows the method when that moves. Full collections hold methods
 * weakly: when one dies its index becomes free, if it is translated as soon as the translator has set slot
 * and translation to 0 (method_info_released()). */
struct method_info {
  oop method;           /* 0: it died, or the index is free */
  uint32_t start_pc;    /* 0: the method; else the block inside it whose code begins there (a frame's PC) */
  uint32_t activations; /* counts up to hot_activations, then the translator decides */
  uint32_t back_edges;
  uint32_t slot;        /* table slot of its translation; 0: none */
  uint16_t flags;       /* METHOD_INFO_… */
  uint8_t is_used;      /* 0: the index is free */
  uint8_t verified;     /* 1 + enum verify_kind: its code has passed the verifier so, entered with `temps` */
  uint16_t fields;      /* instance variables that its code names: the receiver must have so many */
  uint16_t temps;       /* arguments and temporaries it was verified with */
  uint32_t interpreted; /* bytecodes, by the translator's estimate */
  uint32_t translation; /* the translator's own index */
};
enum {
  METHOD_INFO_NEVER_TRANSLATE = 1,
  METHOD_INFO_QUEUED = 2,
  METHOD_INFO_PLAIN = 4, /* its translation takes nothing for granted */
};

/* What a send does that finds the entry: the top byte of `shape`. */
enum lookup_kind {
  LOOKUP_ACTIVATE = 0,        /* a frame for the method */
  LOOKUP_PRIMITIVE = 1,       /* `primitive`; a frame if it fails */
  LOOKUP_SELF = 2,            /* quick: answers the receiver */
  LOOKUP_CONSTANT = 3,        /* quick: answers true … 2, by the primitive's number in the low bits */
  LOOKUP_FIELD = 4,           /* quick: answers the instance variable in the low bits */
  LOOKUP_CONTEXT_FIELD = 5,   /* the same of a context */
  LOOKUP_OBJECT = 6,          /* the method is no CompiledMethod: run:with:in: */
  LOOKUP_BLOCK_VALUE = 7,     /* evaluates a closure: `primitive`, or at once what it would do */
  LOOKUP_ACTIVATE_FIELDS = 8, /* a frame for the method, if the receiver has the fields that its code names */
  LOOKUP_REFUSED = 9,         /* code that the verifier refuses */
};
enum {
  LOOKUP_PC_MASK = (1 << 18) - 1, /* first bytecode to run, as a frame's PC: past a callPrimitive */
  LOOKUP_TEMPS_SHIFT = 18,        /* temporaries to set to nil, arguments not counted: 6 bits */
  LOOKUP_TEMPS_MASK = 63,
  LOOKUP_KIND_SHIFT = 24,

  /* In `flags`, above those of the frame: how many fields the code names. */
  LOOKUP_FIELDS_SHIFT = 16,
};

/* 32 bytes in WebAssembly. */
struct lookup_entry {
  oop selector; /* 0: empty */
  uint32_t class_index;
  oop method;        /* may be an oop that is no CompiledMethod (object as method) */
  prim_fn primitive; /* NULL: none, activate at once */
  uint32_t info;     /* index of method_info */
  uint32_t slot;     /* copy of method_infos[info].slot: 0 = interpret */
  uint32_t flags;    /* FRAME_FLAGS of the frame to make */
  uint32_t shape;    /* LOOKUP_… */
};

static inline enum lookup_kind lookup_kind(const struct lookup_entry *e) {
  return (enum lookup_kind)(e->shape >> LOOKUP_KIND_SHIFT);
}

extern struct lookup_entry lookup_cache[VM_LOOKUP_CACHE_ENTRIES];
extern struct method_info *method_infos;
extern uint32_t method_info_count; /* indices in use are below it */

/* The entry where (selector, class index) is first looked for. */
static inline struct lookup_entry *lookup_first_probe(oop selector, uint32_t class_index) {
  return &lookup_cache[((selector >> 3) ^ (class_index << 2) ^ class_index) & (VM_LOOKUP_CACHE_ENTRIES - 1)];
}
static inline bool lookup_hit(const struct lookup_entry *e, oop selector, uint32_t class_index) {
  return e->selector == selector && e->class_index == class_index;
}

/* Enters (selector, class index) -> method at its first probe and answers the entry. */
struct lookup_entry *lookup_enter(oop selector, uint32_t class_index, oop method);
/* The entry of a block inside a method, of closures that bring so many arguments and copied values. Besides
 * info, slot and kind its flags mean something: what they were, and the fields. Entered on first use. */
struct lookup_entry *lookup_embedded_block(oop method, uint32_t start_pc, uint32_t num_args, uint32_t copied);
/* Those flags without the fields. */
static inline uint32_t lookup_block_shape(uint32_t num_args, uint32_t copied) {
  return (num_args & 0xFF) | (copied & 0xFF) << 8;
}

/* interp_lookup() answered NULL because a class on the way has nil for a method dictionary: that class. */
extern oop lookup_without_dictionary;

/* The value of a LOOKUP_CONSTANT entry's low bits. */
oop lookup_constant(uint32_t primitive_number);

uint32_t method_info_of(oop method); /* made on first use; 0 without memory */
/* The same for a block inside a method (BlockClosure), by the PC where its code begins. */
uint32_t method_info_of_block(oop method, uint32_t start_pc);
/* Whether its code, entered with so many arguments and temporaries, is good: verified on first use. Else
 * lookup_fault says why not. */
bool method_info_verify(uint32_t info, enum verify_kind kind, uint32_t temps);
extern err_t lookup_fault;
/* The same if there is one already; else 0. */
uint32_t method_info_find(oop method, uint32_t start_pc);
/* The translator has given up the translation of an info; it is freed if its method died. */
void method_info_released(uint32_t info);
/* Sets every translation's table slot to 0. */
void method_info_clear_slots(void);
/* Sets the translation's table slot, in the info and in every cache entry that names the method. */
void method_info_set_slot(uint32_t info, uint32_t slot);

/* How `at:`, `at:put:` and `size` reach the elements of a class's instances: what the special send of the
 * selector finds out once by lookup, by class index. */
enum at_kind {
  AT_SEND = 0, /* not by the standard primitives: send */
  AT_POINTERS,
  AT_BYTES,
  AT_STRING, /* elements are Characters, a byte each */
  AT_WORDS,
  AT_WIDE_STRING,
  AT_SHORTS,
};
struct at_entry {
  uint32_t key;   /* at_key(); 0: empty */
  uint16_t fixed; /* fixed fields before the indexed ones */
  uint8_t kind;   /* enum at_kind */
};
enum at_which { AT_GET, AT_SET, AT_SIZE, AT_WHICH_COUNT };
enum { AT_CACHE_ENTRIES = 64 };
extern struct at_entry at_cache[AT_WHICH_COUNT][AT_CACHE_ENTRIES];
/* Fills the entry for the class of `receiver` (a pointer) and answers it. */
const struct at_entry *at_cache_fill(enum at_which which, oop receiver);

/* Whether the standard primitive serves the selector for objects with the class index. Looks without
 * caching. */
bool at_is_standard(enum at_which which, uint32_t class_index);

/* Whether the selector evaluates closures of the class by primitive, with that many arguments. Looks without
 * caching: the translator runs while others hold cache entries. */
bool lookup_number_is_block_value(uint32_t primitive_number);
bool lookup_is_block_value(oop selector, uint32_t class_index, uint32_t num_args);

/* What the class's own method dictionary has for the selector; 0: nothing. And the key of that dictionary
 * that is spelled so. Both look without caching. */
oop lookup_own_method(oop class_, oop selector);
oop lookup_own_selector(oop class_, const char *spelled);
enum { LOOKUP_QUICK_TRUE = 257, LOOKUP_QUICK_FALSE = 258 }; /* primitives that answer them */

/* Forgets everything: another image. */
void lookup_reset(void);
/* For mem_hooks: roots of this file, and what to do when objects have moved. */
void lookup_each_root(void (*visit)(oop *slot), bool full);
void lookup_each_weak_root(void (*visit)(oop *slot));
void lookup_objects_moved(bool full);

#endif
