/* image_spur32.c: reads Spur 32 images by copying their segments and moving every reference by the distance
 * between where its segment was saved and where it is now (SpurSegmentManager's class comment). */
#include "memory/image_internal.h"

#include <stdlib.h>

err_t image_segments(const struct image_source *s, struct image_segment *segments, uint32_t *count) {
  uint64_t at = 0, old_start = s->base, bytes = s->first_segment != 0 ? s->first_segment : s->heap_bytes;
  const uint64_t address_limit = s->wide ? 1ull << 56 : 1ull << 32;
  if (old_start % 8 != 0)
    return err_format("damaged image: saved at the odd address %llu", (unsigned long long)old_start);
  for (*count = 0; bytes != 0; (*count)++) {
    if (*count == IMAGE_MAX_SEGMENTS)
      return err_format("the image has more than %u segments", IMAGE_MAX_SEGMENTS);
    if (bytes < IMAGE_BRIDGE_BYTES || bytes % 8 != 0 || bytes > s->heap_bytes - at)
      return err_format("damaged image: segment %u takes %llu bytes, %llu are left", *count + 1,
                        (unsigned long long)bytes, (unsigned long long)(s->heap_bytes - at));
    uint64_t bridge = at + bytes - IMAGE_BRIDGE_BYTES;
    segments[*count] = (struct image_segment){at, bytes - IMAGE_BRIDGE_BYTES, old_start, 0};
    /* The bridge's first two words are an overflow size when there is a gap to span. */
    uint32_t low = image_word(s, bridge), high = image_word(s, bridge + 4);
    uint64_t span =
        high >> HDR_SLOTS_SHIFT == 0 ? 0 : ((uint64_t)(high & 0xFFFFFF) << 32 | low) * (s->wide ? 8 : 4);
    if (old_start + bytes > address_limit || span > address_limit)
      return err_format("damaged image: segment %u lies beyond the address space", *count + 1);
    old_start += bytes + span;
    at += bytes;
    bytes = (uint64_t)image_word(s, bridge + 12) << 32 | image_word(s, bridge + 8);
  }
  return NULL;
}

const struct image_segment *image_segment_of(const struct image_segment *segments, uint32_t count,
                                             uint64_t old) {
  uint32_t low = 0, high = count;
  while (high - low > 1) {
    uint32_t mid = (low + high) / 2;
    if (old < segments[mid].old_start)
      high = mid;
    else
      low = mid;
  }
  const struct image_segment *g = &segments[low];
  return old >= g->old_start && old - g->old_start < g->bytes ? g : NULL;
}

struct reader {
  struct image_segment segments[IMAGE_MAX_SEGMENTS];
  uint32_t count;
};

/* Where the object that was saved at `old` is now; 0 when no segment had that address. */
static addr moved(const struct reader *r, oop old) {
  const struct image_segment *g = image_segment_of(r->segments, r->count, old);
  return g != NULL ? (addr)(g->new_start + (old - g->old_start)) : 0;
}

/* ---- byte order ---- */

static void swap_words(oop o, uint32_t from) {
  for (uint32_t i = from; i < obj_slots(o); i++) obj_put_raw(o, i, image_swap32(obj_slot(o, i)));
}

static void exchange_pairs(oop o) {
  for (uint32_t i = 0; i + 1 < obj_slots(o); i += 2) {
    uint32_t w = obj_slot(o, i);
    obj_put_raw(o, i, obj_slot(o, i + 1));
    obj_put_raw(o, i + 1, w);
  }
}

/* Every word of the file was swapped; puts bodies right whose unit is not the word. */
static void mend_byte_order(oop o) {
  uint32_t format = obj_format(o);
  if (fmt_is_method(format))
    swap_words(o, METHOD_LITERAL_START + method_num_literals(o));
  else if (fmt_is_bytes(format))
    swap_words(o, 0);
  else if (format >= FMT_16 && format < FMT_8)
    for (uint32_t i = 0; i < obj_slots(o); i++)
      obj_put_raw(o, i, obj_slot(o, i) << 16 | obj_slot(o, i) >> 16);
  else if (format == FMT_64 || obj_class_index(o) == CIX_FLOAT)
    exchange_pairs(o);
}

/* ---- references ---- */

/* The present address of a saved reference, in *v. */
static bool relocate(const struct reader *r, const struct image_heap *h, oop *v) {
  if (!oop_is_pointer(*v)) return true;
  addr a = moved(r, *v);
  if (a == 0 || !image_starts_at(h, a)) return false;
  *v = a;
  return true;
}

static err_t bad_reference(const struct image_heap *h, oop o, uint32_t slot, oop v) {
  return err_format(
      "damaged image: slot %u of the object at heap offset %u refers to 0x%08X, where no object is", slot,
      (unsigned)(o - h->start), v);
}

/* First the forwarders (left by become:), so that the second pass can look through them. */
static err_t relocate_forwarders(const struct reader *r, const struct image_heap *h) {
  for (addr a = h->start; a < h->end;) {
    oop o = mem_object_at(a);
    a = mem_object_end(o);
    if (obj_class_index(o) != CIX_FORWARDED) continue;
    oop v = obj_slot(o, 0);
    if (!relocate(r, h, &v)) return bad_reference(h, o, 0, v);
    obj_put_raw(o, 0, v);
  }
  return NULL;
}

static bool follow(oop *v) {
  enum { MOST_HOPS = 1000 };
  for (int hops = 0; oop_has_class_index(*v, CIX_FORWARDED); hops++) {
    if (hops == MOST_HOPS) return false;
    *v = obj_slot(*v, 0);
  }
  return true;
}

static err_t relocate_object(const struct reader *r, const struct image_heap *h, oop o) {
  uint32_t count = image_pointer_slots(o), slots = fmt_is_pointers(obj_format(o)) ? obj_slots(o) : count;
  for (uint32_t i = 0; i < count; i++) {
    oop v = obj_slot(o, i), was = v;
    if (!relocate(r, h, &v) || !follow(&v)) return bad_reference(h, o, i, was);
    obj_put_raw(o, i, v);
  }
  for (uint32_t i = count; i < slots; i++) obj_put_raw(o, i, h->start);
  return NULL;
}

static err_t relocate_all(const struct reader *r, struct image_heap *h) {
  err_t e = relocate_forwarders(r, h);
  if (e != NULL) return e;
  for (addr a = h->start; a < h->end;) {
    oop o = mem_object_at(a);
    a = mem_object_end(o);
    if (obj_class_index(o) == CIX_FREE || obj_class_index(o) == CIX_FORWARDED) continue;
    e = relocate_object(r, h, o);
    if (e != NULL) return e;
  }
  return relocate(r, h, &h->special) && follow(&h->special) && oop_is_pointer(h->special)
             ? NULL
             : err_format("damaged image: the special objects array is not where the header says");
}

/* ---- hidden objects ---- */

/* The fourth and fifth object are the VM's own: free lists and hidden roots. */
static err_t find_hidden(struct image_heap *h, oop *free_lists) {
  addr a = h->start;
  for (int i = 0; i < 3; i++) {
    if (h->end - a < NONE_BYTES || mem_object_end(mem_object_at(a)) != a + NONE_BYTES)
      return "damaged image: nil, false and true do not begin the heap";
    a += NONE_BYTES;
  }
  if (a >= h->end) return "damaged image: the heap ends after true";
  *free_lists = mem_object_at(a);
  a = mem_object_end(*free_lists);
  if (!fmt_is_bits(obj_format(*free_lists)) || obj_slots(*free_lists) < FREE_LISTS || a >= h->end)
    return "damaged image: no free lists after true";
  h->hidden_roots = mem_object_at(a);
  /* What is free or forwarded has slots that nobody has looked at. */
  const uint32_t class_index = obj_class_index(h->hidden_roots);
  if (class_index == CIX_FREE || class_index == CIX_FORWARDED ||
      obj_format(h->hidden_roots) != FMT_INDEXABLE || obj_slots(h->hidden_roots) != HIDDEN_ROOTS)
    return "damaged image: no class table after the free lists";
  return NULL;
}

static void free_object(struct image_heap *h, oop o) {
  put32(o, 0);
  uint32_t unit = (o - h->start) / 8;
  h->starts[unit / 64] &= ~(1ull << unit % 64);
}

/* What a saved VM kept for itself becomes free space (object stacks, the remembered set) or, where an Array
 * was made with the hidden arrays' class index, an Array. The class table stays; forwarders have done their
 * work. */
static err_t adopt_hidden(struct image_heap *h, oop free_lists) {
  oop nil = h->start, roots = h->hidden_roots;
  for (uint32_t p = 0; p < CLASS_TABLE_PAGES; p++) {
    oop page = obj_slot(roots, p);
    if (page == nil) continue;
    if (!oop_is_pointer(page) || !fmt_is_pointers(obj_format(page)))
      return err_format("damaged image: page %u of the class table is none", p);
    put32(page + 4, at32(page + 4) | HDR_MARKED);
  }
  for (uint32_t i = CLASS_TABLE_PAGES; i < HIDDEN_ROOTS; i++) obj_put_raw(roots, i, nil);
  for (addr a = h->start; a < h->end;) {
    oop o = mem_object_at(a);
    a = mem_object_end(o);
    uint32_t class_index = obj_class_index(o);
    if (o == roots || obj_is_marked(o)) {
      put32(o, CIX_ARRAY_HIDDEN | (uint32_t)FMT_INDEXABLE << HDR_FORMAT_SHIFT);
      put32(o + 4, at32(o + 4) & ~(uint32_t)HDR_MARKED);
    } else if (o == free_lists) {
      put32(o, CIX_WORDS_HIDDEN | (uint32_t)FMT_32 << HDR_FORMAT_SHIFT);
      memset(obj_bytes(o), 0, obj_slots(o) * 4);
    } else if (class_index == CIX_ARRAY_HIDDEN && fmt_is_pointers(obj_format(o))) {
      put32(o, (at32(o) & ~(uint32_t)HDR_CLASS_MASK) | CIX_ARRAY);
    } else if (class_index < CIX_FIRST_REAL && class_index != CIX_FREE) {
      free_object(h, o);
    }
  }
  return NULL;
}

/* ---- the whole ---- */

static err_t copy_segments(const struct image_source *s, struct reader *r, struct image_heap *h) {
  uint64_t total = 0;
  for (uint32_t i = 0; i < r->count; i++) total += r->segments[i].bytes;
  uint64_t room = total + image_object_bytes(SPECIAL_OBJECTS_SIZE);
  if (room > UINT32_MAX || (h->start = mem_take_segment((uint32_t)room)) == 0)
    return err_format("not enough memory for the image: it needs %llu bytes; --memory raises the limit",
                      (unsigned long long)room);
  h->end = h->start;
  for (uint32_t i = 0; i < r->count; i++) {
    struct image_segment *g = &r->segments[i];
    g->new_start = h->end;
    memcpy(AT(uint8_t, h->end), s->heap + g->file, g->bytes);
    h->end += (uint32_t)g->bytes;
  }
  if (s->swapped)
    for (addr a = h->start; a < h->end; a += 4) put32(a, image_swap32(at32(a)));
  return NULL;
}

/* Old images have a shorter special objects array than the VM looks into: a longer copy goes behind the rest.
 */
static void lengthen_special(struct image_heap *h) {
  uint32_t slots = obj_slots(h->special);
  if (!fmt_is_pointers(obj_format(h->special)) || slots >= SPECIAL_OBJECTS_SIZE ||
      slots <= SPECIAL_EXTERNAL_OBJECTS)
    return;
  oop longer = image_put_header(h->end, CIX_ARRAY, FMT_INDEXABLE, 0, SPECIAL_OBJECTS_SIZE);
  for (uint32_t i = 0; i < SPECIAL_OBJECTS_SIZE; i++)
    obj_put_raw(longer, i, i < slots ? obj_slot(h->special, i) : h->start);
  h->special = longer;
  h->end = mem_object_end(longer);
  free(h->starts); /* does not reach that far: the check makes it anew */
  h->starts = NULL;
}

static struct reader reader; /* too large for the stack of a wasm instance */

err_t image_read_spur32(const struct image_source *s, struct image_heap *h) {
  struct reader *r = &reader;
  err_t e = image_segments(s, r->segments, &r->count);
  if (e != NULL) return e;
  if (r->count == 0 || r->segments[0].bytes < 3 * NONE_BYTES) return "damaged image: it has no objects";
  e = copy_segments(s, r, h);
  if (e != NULL) return e;
  e = image_walk(h);
  oop free_lists = 0;
  if (e == NULL && s->swapped)
    for (addr a = h->start; a < h->end;) {
      oop o = mem_object_at(a);
      a = mem_object_end(o);
      if (obj_class_index(o) != CIX_FREE) mend_byte_order(o);
    }
  h->special = (oop)s->special;
  if (e == NULL) e = relocate_all(r, h);
  if (e == NULL) e = find_hidden(h, &free_lists);
  if (e == NULL) e = adopt_hidden(h, free_lists);
  if (e == NULL) lengthen_special(h);
  return e;
}
