/* lookup.c: message lookup through the global cache, and the side table of methods (lookup.h).
 *
 * The cache holds oops without being a root: a full collection empties it, a scavenge drops what named young
 * objects. Class indices never change, so an entry needs no class.
 */
#include "interpreter/lookup.h"

#include <stdlib.h>
#include <string.h>

#include "interpreter/at.h"
#include "interpreter/bytecode.h"
#include "primitives/primitive.h"

struct lookup_entry lookup_cache[VM_LOOKUP_CACHE_ENTRIES];
struct at_entry at_cache[AT_WHICH_COUNT][AT_CACHE_ENTRIES];
struct method_info *method_infos;
uint32_t method_info_count = 1;
oop lookup_without_dictionary;
err_t lookup_fault;

static bool cache_names_young; /* a scavenge must look through the cache */

/* ---- the side table of methods ---- */

static uint32_t info_room;
static uint32_t *free_infos; /* indices below method_info_count that are free */
static uint32_t free_info_count;
static uint32_t *info_table; /* open addressing by method oop; 0: empty */
static uint32_t info_table_size;
static bool info_table_stale, infos_name_young;

static uint32_t hash_method(oop method, uint32_t start_pc) {
  return ((method >> 3) + start_pc * 31) * 0x9E3779B1u;
}

static void table_enter(uint32_t index) {
  uint32_t mask = info_table_size - 1,
           i = hash_method(method_infos[index].method, method_infos[index].start_pc) & mask;
  while (info_table[i] != 0) i = (i + 1) & mask;
  info_table[i] = index;
}

static void table_rebuild(void) {
  if (info_table_size > 0) memset(info_table, 0, info_table_size * sizeof *info_table);
  for (uint32_t i = 1; i < method_info_count; i++)
    if (method_infos[i].method != 0) table_enter(i);
  info_table_stale = false;
}

static bool infos_grow(void) {
  enum { FIRST = 1024 };
  uint32_t room = info_room == 0 ? FIRST : info_room * 2;
  struct method_info *infos = realloc(method_infos, room * sizeof *infos);
  if (infos == NULL) return false;
  method_infos = infos;
  uint32_t *free_list = realloc(free_infos, room * sizeof *free_list);
  if (free_list == NULL) return false;
  free_infos = free_list;
  uint32_t *table = realloc(info_table, 2 * room * sizeof *table);
  if (table == NULL) return false;
  info_table = table;
  info_table_size = 2 * room;
  info_room = room;
  table_rebuild();
  return true;
}

uint32_t method_info_find(oop method, uint32_t start_pc) {
  if (info_table_stale) table_rebuild();
  if (info_table_size == 0) return 0;
  uint32_t mask = info_table_size - 1;
  for (uint32_t i = hash_method(method, start_pc) & mask; info_table[i] != 0; i = (i + 1) & mask) {
    const struct method_info *info = &method_infos[info_table[i]];
    if (info->method == method && info->start_pc == start_pc) return info_table[i];
  }
  return 0;
}

uint32_t method_info_of(oop method) { return method_info_of_block(method, 0); }

uint32_t method_info_of_block(oop method, uint32_t start_pc) {
  uint32_t index = method_info_find(method, start_pc);
  if (index != 0) return index;
  if (free_info_count > 0) {
    index = free_infos[--free_info_count];
  } else {
    if (method_info_count >= info_room && !infos_grow()) return 0;
    index = method_info_count++;
  }
  method_infos[index] = (struct method_info){.method = method, .start_pc = start_pc, .is_used = 1};
  if (oop_is_young(method)) infos_name_young = true;
  table_enter(index);
  return index;
}

bool method_info_verify(uint32_t index, enum verify_kind kind, uint32_t temps) {
  struct method_info *info = &method_infos[index];
  if (index == 0) {
    lookup_fault = "out of memory: no room for what is known of a method";
    return false;
  }
  if (LIKELY(info->verified == 1 + kind && info->temps == temps)) return true;
  const oop method = info->method;
  const bool whole = kind == VERIFY_METHOD && oop_is_method(method);
  const struct verify_entry entry = {
      .method = method, .pc = whole ? method_first_pc(method) : info->start_pc, .kind = kind, .temps = temps};
  uint32_t fields;
  lookup_fault = verify_code(&entry, &fields);
  if (lookup_fault != NULL) return false;
  info->verified = (uint8_t)(1 + kind);
  info->fields = (uint16_t)fields;
  info->temps = (uint16_t)temps;
  return true;
}

void method_info_set_slot(uint32_t info, uint32_t slot) {
  method_infos[info].slot = slot;
  for (uint32_t i = 0; i < VM_LOOKUP_CACHE_ENTRIES; i++)
    if (lookup_cache[i].selector != 0 && lookup_cache[i].info == info) lookup_cache[i].slot = slot;
}

void method_info_clear_slots(void) {
  for (uint32_t i = 1; i < method_info_count; i++) method_infos[i].slot = 0;
  for (uint32_t i = 0; i < VM_LOOKUP_CACHE_ENTRIES; i++) lookup_cache[i].slot = 0;
}

static void info_free(uint32_t index) {
  method_infos[index] = (struct method_info){0};
  free_infos[free_info_count++] = index;
  info_table_stale = true;
}

void method_info_released(uint32_t index) {
  if (method_infos[index].method == 0) info_free(index);
}

static void cache_clear(void) {
  memset(lookup_cache, 0, sizeof lookup_cache);
  memset(at_cache, 0, sizeof at_cache);
  cache_names_young = false;
}

void lookup_reset(void) {
  verify_forget();
  cache_clear();
  method_info_count = 1;
  free_info_count = 0;
  if (info_table_size != 0) table_rebuild();
}

void lookup_each_root(void (*visit)(oop *slot), bool full) {
  if (full) cache_clear(); /* it may name methods that die now */
  if (full || !infos_name_young) return;
  for (uint32_t i = 1; i < method_info_count; i++)
    if (oop_is_young(method_infos[i].method)) visit(&method_infos[i].method);
}

void lookup_each_weak_root(void (*visit)(oop *slot)) {
  for (uint32_t i = 1; i < method_info_count; i++)
    if (method_infos[i].method != 0) visit(&method_infos[i].method);
}

/* Their methods have died. A free info is all zero. */
static void free_dead_infos(void) {
  for (uint32_t i = 1; i < method_info_count; i++) {
    struct method_info *info = &method_infos[i];
    if (info->method == 0 && info->is_used && info->translation == 0) info_free(i);
  }
}

void lookup_objects_moved(bool full) {
  if (full) {
    cache_clear();
    free_dead_infos();
  } else if (cache_names_young) {
    for (uint32_t i = 0; i < VM_LOOKUP_CACHE_ENTRIES; i++) {
      struct lookup_entry *e = &lookup_cache[i];
      if (e->selector != 0 && (oop_is_young(e->selector) || oop_is_young(e->method))) e->selector = 0;
    }
    cache_names_young = false;
  }
  info_table_stale = true;
  verify_forget();
  infos_name_young = false;
  for (uint32_t i = 1; i < method_info_count; i++)
    if (method_infos[i].method != 0 && oop_is_young(method_infos[i].method)) infos_name_young = true;
}

/* ---- flushing ---- */

void interp_flush_all(void) {
  cache_clear();
  if (interp_hooks.flush_all != NULL) interp_hooks.flush_all();
}

void interp_flush_selector(oop selector) {
  for (uint32_t i = 0; i < VM_LOOKUP_CACHE_ENTRIES; i++)
    if (lookup_cache[i].selector == selector) lookup_cache[i].selector = 0;
  memset(at_cache, 0, sizeof at_cache);
  if (interp_hooks.flush_selector != NULL) interp_hooks.flush_selector(selector);
}

void interp_flush_method(oop method) {
  for (uint32_t i = 0; i < VM_LOOKUP_CACHE_ENTRIES; i++)
    if (lookup_cache[i].method == method) lookup_cache[i].selector = 0;
  memset(at_cache, 0, sizeof at_cache);
  if (interp_hooks.flush_method != NULL) interp_hooks.flush_method(method);
}

void interp_method_changes(oop o) {
  if (!oop_is_pointer(o) || !fmt_is_method(obj_format(o))) return;
  if (method_info_find(o, 0) == 0 && method_info_count == 1) return; /* nothing has run */
  bool translated = false;
  for (uint32_t i = 1; i < method_info_count; i++) {
    if (method_infos[i].method != o) continue;
    translated |= method_infos[i].translation != 0;
    method_infos[i].verified = 0;
  }
  verify_forget();
  interp_flush_method(o);
  if (!translated) return;
  interp.restructured = true;
  interp_request_check();
}

/* Whether a change at pc is one of code that the info stands for. */
static bool is_verified_at(const struct method_info *info, uint32_t pc) {
  if (info->verified == 0) return false;
  const enum verify_kind kind = (enum verify_kind)(info->verified - 1);
  const struct verify_entry entry = {
      .method = info->method,
      .pc = kind == VERIFY_METHOD ? method_first_pc(info->method) : info->start_pc,
      .kind = kind,
      .temps = info->temps};
  return verify_covers(&entry, pc);
}

bool interp_method_may_change(oop method, uint32_t pc) {
  if (frame_runs(method))
    for (uint32_t i = 1; i < method_info_count; i++)
      if (method_infos[i].method == method && is_verified_at(&method_infos[i], pc)) return false;
  interp_method_changes(method);
  return true;
}

/* ---- lookup ---- */

enum { MAX_SUPERCLASSES = 1 << 16 }; /* a longer chain is a damaged image: a cycle */

/* Where a selector's places in a dictionary begin. One that has no identity hash yet is in no dictionary, and
 * looking for it does not give it one: what is looked up, and when, is nobody's business but the engine's. */
static uint32_t selector_hash(oop selector) {
  return oop_is_pointer(selector) ? obj_hash_bits(selector) & mem_conventions.hash_mask : mem_hash(selector);
}

/* The value of `selector` in a method dictionary, 0 when it is not there. Keys stand at the identity hash or
 * in the places after it, cyclically, up to the first nil. */
static oop dictionary_at(oop dictionary, oop selector) {
  if (!oop_has_fields(dictionary, DICT_KEYS + 1)) return 0;
  oop values = obj_slot(dictionary, DICT_METHODS);
  uint32_t size = obj_slots(dictionary) - DICT_KEYS;
  if (!oop_has_fields(values, size)) return 0;
  uint32_t i = selector_hash(selector) & (size - 1);
  for (uint32_t n = 0; n < size; n++, i = (i + 1) & (size - 1)) {
    oop key = obj_slot(dictionary, DICT_KEYS + i);
    if (key == selector) return obj_slot(values, i);
    if (key == mem.nil) return 0;
  }
  return 0;
}

static oop find_method(oop selector, oop class_) {
  lookup_without_dictionary = 0;
  for (uint32_t n = 0; n < MAX_SUPERCLASSES && oop_has_fields(class_, BEHAVIOR_FIELDS); n++) {
    oop dictionary = obj_slot(class_, CLASS_METHOD_DICT);
    if (dictionary == mem.nil) {
      lookup_without_dictionary = class_;
      return 0;
    }
    oop method = dictionary_at(dictionary, selector);
    if (method != 0) return method;
    class_ = obj_slot(class_, CLASS_SUPERCLASS);
  }
  return 0;
}

static oop own_dictionary(oop class_) {
  return oop_has_fields(class_, BEHAVIOR_FIELDS) ? obj_slot(class_, CLASS_METHOD_DICT) : mem.nil;
}

oop lookup_own_method(oop class_, oop selector) { return dictionary_at(own_dictionary(class_), selector); }

oop lookup_own_selector(oop class_, const char *spelled) {
  const oop dictionary = own_dictionary(class_);
  const uint32_t length = (uint32_t)strlen(spelled);
  if (!oop_has_fields(dictionary, DICT_KEYS)) return 0;
  for (uint32_t i = DICT_KEYS; i < obj_slots(dictionary); i++) {
    const oop key = obj_slot(dictionary, i);
    if (oop_is_pointer(key) && fmt_is_bytes(obj_format(key)) && obj_byte_size(key) == length &&
        memcmp(obj_bytes(key), spelled, length) == 0)
      return key;
  }
  return 0;
}

oop lookup_constant(uint32_t number) {
  switch (number) {
    case LOOKUP_QUICK_TRUE: return mem.true_;
    case LOOKUP_QUICK_FALSE: return mem.false_;
    case 259: return mem.nil;
    default: return int_oop((int32_t)number - 261); /* 260 to 263: -1, 0, 1, 2 */
  }
}

/* Beside a start pc in place of a class index: no class has such an index. */
enum { EMBEDDED_BLOCK = 1 << 30 };

enum { QUICK_SELF = 256, QUICK_CONSTANT_LAST = 263, QUICK_FIELD = 264, QUICK_FIELD_LAST = 519 };

/* value, value: … value:value:value:value: of BlockClosure, and of FullBlockClosure where it has its own. */
bool lookup_number_is_block_value(uint32_t number) {
  return (number >= 201 && number <= 205) || number == 207;
}

/* Whether the method, whose code begins at pc, wants to know why its primitive failed. */
static bool stores_error_code(oop method, uint32_t pc) {
  return *AT(uint8_t, method + pc) == (method_alternate_set(method) ? SISTA_LONG_STORE_TEMP : V3_EXT_STORE);
}

/* How the method's code is activated. */
static enum lookup_kind activation_kind(struct lookup_entry *e) {
  if (!method_info_verify(e->info, VERIFY_METHOD, frame_temps_of_method(e->method))) return LOOKUP_REFUSED;
  const uint32_t fields = method_infos[e->info].fields;
  e->flags |= fields << LOOKUP_FIELDS_SHIFT;
  return fields == 0 ? LOOKUP_ACTIVATE : LOOKUP_ACTIVATE_FIELDS;
}

static void fill_shape(struct lookup_entry *e) {
  oop method = e->method;
  if (!oop_is_pointer(method) || !fmt_is_method(obj_format(method))) {
    e->shape = (uint32_t)LOOKUP_OBJECT << LOOKUP_KIND_SHIFT;
    return;
  }
  bool context = e->class_index == CIX_CONTEXT || e->class_index == frame_block_context_cix;
  uint32_t number = method_primitive(method), pc = method_first_pc(method);
  const uint8_t *code = AT(uint8_t, method + pc);
  uint32_t call = method_alternate_set(method) ? SISTA_CALL_PRIMITIVE : V3_CALL_PRIMITIVE;
  if (method_has_primitive(method) && *code == call)
    pc += bytecode_bytes(method_alternate_set(method), *code);
  e->info = method_info_of(method);
  e->slot = e->info != 0 ? method_infos[e->info].slot : 0;
  e->primitive = NULL;
  e->flags = frame_flags_for(method, method_num_args(method), 0);
  if (context && !method_alternate_set(method)) e->flags |= FRAME_SET_V3_CONTEXT << FRAME_SET_SHIFT;
  uint32_t temps = method_num_temps(method), args = method_num_args(method);
  e->shape = pc | (temps > args ? temps - args : 0) << LOOKUP_TEMPS_SHIFT;
  enum lookup_kind kind = activation_kind(e);
  if (number == QUICK_SELF) {
    kind = LOOKUP_SELF;
  } else if (number > QUICK_SELF && number <= QUICK_CONSTANT_LAST) {
    kind = LOOKUP_CONSTANT;
    e->shape = number;
  } else if (number >= QUICK_FIELD && number <= QUICK_FIELD_LAST) {
    kind = context ? LOOKUP_CONTEXT_FIELD : LOOKUP_FIELD;
    e->shape = number - QUICK_FIELD;
  } else if ((number == PRIM_MARK_UNWIND || number == PRIM_MARK_HANDLER) && !stores_error_code(method, pc)) {
    /* Always fails: the method is activated. */
  } else if (number != 0) {
    e->primitive = prim_of_method(method);
    if (e->primitive != NULL)
      kind = lookup_number_is_block_value(number) ? LOOKUP_BLOCK_VALUE : LOOKUP_PRIMITIVE;
  }
  e->shape |= (uint32_t)kind << LOOKUP_KIND_SHIFT;
}

static struct lookup_entry *make_entry(oop selector, uint32_t class_index, oop method) {
  struct lookup_entry *first = lookup_first_probe(selector, class_index);
  struct lookup_entry *second = &lookup_cache[(uint32_t)(first - lookup_cache) ^ 1];
  if (first->selector != 0) *second = *first;
  *first = (struct lookup_entry){.selector = selector, .class_index = class_index, .method = method};
  if (oop_is_young(selector) || oop_is_young(method)) cache_names_young = true;
  return first;
}

struct lookup_entry *lookup_enter(oop selector, uint32_t class_index, oop method) {
  struct lookup_entry *e = make_entry(selector, class_index, method);
  fill_shape(e);
  return e;
}

struct lookup_entry *lookup_embedded_block(oop method, uint32_t start_pc, uint32_t num_args,
                                           uint32_t copied) {
  const uint32_t key = start_pc | EMBEDDED_BLOCK, shape = lookup_block_shape(num_args, copied);
  struct lookup_entry *e = lookup_first_probe(method, key);
  if (lookup_hit(e, method, key) && (e->flags & 0xFFFF) == shape) return e;
  e = make_entry(method, key, method);
  e->info = method_info_of_block(method, start_pc);
  e->slot = e->info != 0 ? method_infos[e->info].slot : 0;
  const bool good =
      (num_args | copied) < 0xFF && method_info_verify(e->info, VERIFY_EMBEDDED, num_args + copied);
  e->shape = (uint32_t)(good ? LOOKUP_ACTIVATE_FIELDS : LOOKUP_REFUSED) << LOOKUP_KIND_SHIFT;
  e->flags = shape | (good ? (uint32_t)method_infos[e->info].fields << LOOKUP_FIELDS_SHIFT : 0);
  return e;
}

struct lookup_entry *interp_lookup(oop selector, uint32_t class_index) {
  struct lookup_entry *first = lookup_first_probe(selector, class_index), *e = first;
  if (lookup_hit(e, selector, class_index)) return e;
  /* A second place: its neighbour. What is found there changes places with the first. */
  struct lookup_entry *second = &lookup_cache[(uint32_t)(first - lookup_cache) ^ 1];
  if (lookup_hit(second, selector, class_index)) {
    struct lookup_entry swap = *first;
    *first = *second;
    *second = swap;
    return first;
  }
  interp.cache_misses++;
  oop method = find_method(selector, mem_class_at(class_index));
  return method == 0 ? NULL : lookup_enter(selector, class_index, method);
}

bool lookup_is_block_value(oop selector, uint32_t class_index, uint32_t num_args) {
  const oop method = find_method(selector, mem_class_at(class_index));
  return method != 0 && oop_is_pointer(method) && fmt_is_method(obj_format(method)) &&
         lookup_number_is_block_value(method_primitive(method)) && method_num_args(method) == num_args &&
         prim_of_method(method) != NULL;
}

/* ---- at:, at:put:, size ---- */

enum {
  PRIM_AT = 60,
  PRIM_AT_PUT = 61,
  PRIM_SIZE = 62,
  PRIM_STRING_AT = 63,
  PRIM_STRING_AT_PUT = 64,
};

static enum at_kind kind_of_format(uint32_t format, bool string) {
  if (format == FMT_INDEXABLE || format == FMT_FIXED_INDEXABLE || format == FMT_WEAK)
    return string ? AT_SEND : AT_POINTERS;
  if (fmt_is_bytes(format)) return string ? AT_STRING : AT_BYTES;
  if (format == FMT_32 || format == FMT_32 + 1) return string ? AT_WIDE_STRING : AT_WORDS;
  if (format >= FMT_16 && format < FMT_8) return string ? AT_SEND : AT_SHORTS;
  return AT_SEND;
}

static const uint8_t at_selectors[AT_WHICH_COUNT] = {SPSEL_AT, SPSEL_AT_PUT, SPSEL_SIZE};
static const uint8_t at_plain[AT_WHICH_COUNT] = {PRIM_AT, PRIM_AT_PUT, PRIM_SIZE};

static oop at_selector(enum at_which which) {
  const oop selectors = mem_special(SPECIAL_SPECIAL_SELECTORS);
  return oop_has_fields(selectors, 2u * SPSEL_COUNT) ? obj_slot(selectors, 2u * at_selectors[which])
                                                     : mem.nil;
}

bool at_is_standard(enum at_which which, uint32_t class_index) {
  oop method = find_method(at_selector(which), mem_class_at(class_index));
  return method != 0 && oop_is_pointer(method) && fmt_is_method(obj_format(method)) &&
         method_primitive(method) == at_plain[which] && prim_of_method(method) != NULL;
}

const struct at_entry *at_cache_fill(enum at_which which, oop receiver) {
  static const uint8_t string[AT_WHICH_COUNT] = {PRIM_STRING_AT, PRIM_STRING_AT_PUT, PRIM_SIZE};
  const uint32_t cix = obj_class_index(receiver), key = at_key(receiver);
  struct at_entry *e = &at_cache[which][key % AT_CACHE_ENTRIES];
  *e = (struct at_entry){.key = key, .kind = AT_SEND};
  struct lookup_entry *found = interp_lookup(at_selector(which), cix);
  if (found == NULL || lookup_kind(found) != LOOKUP_PRIMITIVE || oop_is_context(receiver)) return e;
  uint32_t number = method_primitive(found->method), fixed = mem_fixed_fields(receiver);
  if ((number != at_plain[which] && number != string[which]) || fixed > UINT16_MAX) return e;
  e->fixed = (uint16_t)fixed;
  e->kind = (uint8_t)kind_of_format(obj_format(receiver), number == string[which] && which != AT_SIZE);
  return e;
}
