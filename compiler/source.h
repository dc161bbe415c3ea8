/* source.h: source files of every format as one stream of items.
 *
 * Formats: Tonel (Name.class.st, Name.extension.st, package.st), bang-separated chunk files, FileTree
 * (a method a file, in folders), SOM (Name.som), and the bare script: statements, one do-it. */
#ifndef COMPILER_SOURCE_H
#define COMPILER_SOURCE_H

#include "compiler/parser.h"

enum cc_format {
  CC_FORMAT_AUTO, /* by name and first characters */
  CC_FORMAT_TONEL,
  CC_FORMAT_CHUNK,
  CC_FORMAT_FILETREE,
  CC_FORMAT_SCRIPT,
  CC_FORMAT_SOM,
};

enum cc_item_kind {
  CC_ITEM_CLASS,
  CC_ITEM_METHOD,
  CC_ITEM_DOIT,
  CC_ITEM_COMMENT, /* of a class, from a chunk or a FileTree file */
};

/* X(name, format, word for the chunk message's first keyword, Tonel's #type): instances of a class */
#define CC_CLASS_TYPES(X)                                 \
  X(NORMAL, "subclass:", "normal")                        \
  X(VARIABLE, "variableSubclass:", "variable")            \
  X(BYTES, "variableByteSubclass:", "bytes")              \
  X(SHORTS, "variableDoubleByteSubclass:", "doubleBytes") \
  X(WORDS, "variableWordSubclass:", "words")              \
  X(LONGS, "variableDoubleWordSubclass:", "doubleWords")  \
  X(WEAK, "weakSubclass:", "weak")                        \
  X(EPHEMERON, "ephemeronSubclass:", "ephemeron")         \
  X(IMMEDIATE, "immediateSubclass:", "immediate")         \
  X(METHOD, "variableCompiledMethodSubclass:", "compiledMethod")

enum cc_class_type {
#define X(name, keyword, tonel) CC_CLASS_##name,
  CC_CLASS_TYPES(X)
#undef X
      CC_CLASS_TYPE_COUNT
};
extern const char *const cc_class_type_names[]; /* Tonel's words */

struct cc_item {
  enum cc_item_kind kind;
  const struct cc_text *text;
  uint32_t pos;             /* for errors about the item as a whole */
  struct cc_str class_name; /* of a class, a method or a comment */
  bool is_meta;             /* a class-side method */
  struct cc_str category;   /* of the class, or the method's protocol */
  struct cc_str comment;    /* CLASS (may be empty), COMMENT */
  /* CLASS */
  struct cc_str superclass; /* `nil` for a root */
  struct cc_strs inst_vars, class_vars, class_inst_vars, pools;
  enum cc_class_type type;
  /* METHOD, DOIT: where the source stands, for cc_parse() */
  struct cc_range pattern, body;
};

struct cc_items {
  struct cc_item *items;
  uint32_t count, capacity;
};

/* Reads `text` and adds its items. Errors go to diag; what can be read is read. The name may be a path. The
 * text must stay; text that is not UTF-8 is taken as Latin-1 (and copied). */
void cc_read_source(struct cc_arena *arena, struct cc_diag *diag, const char *file, struct cc_str text,
                    enum cc_format format, struct cc_items *out);

/* A method's source in one piece: pattern, newline, body. */
struct cc_str cc_item_source(struct cc_arena *arena, const struct cc_item *item);
static inline struct cc_method *cc_parse_item(struct cc_arena *arena, struct cc_diag *diag,
                                              const struct cc_item *item) {
  return cc_parse(arena, diag, item->text, item->kind == CC_ITEM_DOIT ? CC_DOIT : CC_METHOD, item->pattern,
                  item->body);
}

/* The readers of the formats (source_*.c). */
struct cc_reader {
  struct cc_arena *arena;
  struct cc_diag *diag;
  const struct cc_text *text;
  struct cc_items *out;
};
void cc_read_tonel(struct cc_reader *r);
void cc_read_chunks(struct cc_reader *r);
void cc_read_filetree(struct cc_reader *r);
void cc_read_som(struct cc_reader *r);
bool cc_class_type_named(struct cc_str word, enum cc_class_type *type);
/* Splits at blanks. */
struct cc_strs cc_words(struct cc_arena *arena, struct cc_str s);

#endif
