/* build.h: inside the builder: the classes and variables that the sources define, and their objects. */
#ifndef COMPILER_BUILD_H
#define COMPILER_BUILD_H

#include "compiler/builder.h"
#include "compiler/map.h"
#include "compiler/materialize.h"

/* A class variable or global: name and the association that methods refer to. */
struct build_var {
  struct cc_str name;
  oop association;
};
struct build_vars {
  struct build_var **items;
  uint32_t count, capacity;
};

struct build_method {
  const struct cc_item *item;
  struct cc_str selector;
  oop method;
};
struct build_methods {
  struct build_method *items;
  uint32_t count, capacity;
};

/* A class, or its metaclass: what they have alike. */
struct build_behavior {
  struct build_class *class_;
  bool is_meta;
  struct cc_strs own, all; /* instance variables */
  struct build_methods methods;
  struct cc_map selectors; /* to build_method.item */
  uint32_t spec;           /* enum obj_format of instances */
  uint32_t index;          /* in the class table */
  oop object;
  oop binding; /* what its methods have as their last literal */
};

struct build_classes {
  struct build_class **items;
  uint32_t count, capacity;
};

struct build_class {
  struct cc_str name;
  const struct cc_item *item;
  struct cc_str comment;
  struct build_class *superclass; /* NULL: a root */
  struct build_classes subclasses;
  struct build_behavior side[2]; /* the class, the metaclass */
  struct build_vars variables;
  struct build_var *global;
  enum cc_class_type type;
  uint32_t mark; /* while ordering */
};

struct builder {
  struct cc_arena arena;
  struct cc_diag diag;
  struct cc_items items;
  struct build_classes classes; /* superclasses first, else as the files have them */
  struct cc_map by_name;
  struct build_vars globals; /* in order */
  struct cc_map globals_by_name;
  bool lenient;
  struct cc_strs undeclared; /* lenient: what was missing */
  /* heap */
  struct cc_maker maker;
  struct cc_map symbols; /* to oops, as pointers */
  oop *symbol_list;
  uint32_t num_symbols, symbol_capacity;
};

/* ---- build_model.c ---- */
void build_model(struct builder *b);
struct build_class *build_class_named(struct builder *b, const char *name); /* NULL: none */
/* A name as a method of the behavior sees it: class variables, pools, globals. NULL: undeclared. */
struct build_var *build_lookup(struct builder *b, struct build_class *c, struct cc_str name);
struct build_var *build_global(struct builder *b, const char *name);

/* ---- build_kernel.c: what the VM and the image agree on ---- */
/* Reports every class that is missing or has other fields than the VM expects. */
void build_check_kernel(struct builder *b);
uint32_t build_fixed_index(struct cc_str class_name); /* 0: any */
/* Special objects, scheduler, process, seeds. */
void build_system(struct builder *b);

/* ---- build_heap.c ---- */
void build_heap(struct builder *b);
oop build_symbol(struct builder *b, struct cc_str name);
oop build_array(struct builder *b, uint32_t size);
/* An instance with its fields nil; variable classes get `indexed` more slots. */
oop build_instance(struct builder *b, const char *class_name, uint32_t indexed);
/* Stores into the field that the class (or metaclass) calls so. */
void build_set(struct builder *b, oop o, const struct build_behavior *of, const char *field, oop value);
struct build_behavior *build_behavior_of(struct builder *b, const char *class_name);

#endif
