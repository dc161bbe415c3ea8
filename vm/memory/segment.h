/* segment.h: image segments: a graph of objects as words that can be kept in a file and made objects again,
 * in the format of Spur (SpurMemoryManager>>storeImageSegmentInto:outPointers:roots:): a version, twice; then
 * the objects as they stand in the heap, the array of roots first, then the classes among them. A reference
 * is the offset of another object of the segment from the first one, or, with its top bit set, 4 times an
 * index into the out pointers, the objects outside. A class index is the offset of a class of the segment,
 * divided by 8, plus 16, or, with its top bit set, an index into the out pointers. Classes have the
 * remembered bit, and hash 0.
 *
 * What is stored is what only the roots lead to. A segment that is loaded is checked as an image is: nothing
 * in it is taken for granted, and one that is refused has changed nothing.
 */
#ifndef VM_MEMORY_SEGMENT_H
#define VM_MEMORY_SEGMENT_H

#include "memory/memory.h"

/* Stores what only the Array `roots` and its elements lead to in the words object, and what that refers to in
 * the Array out_pointers; both are cut to what is used. To be called right after mem_full_gc(). 0, or an enum
 * mem_error, with nothing changed: MEM_ERR_WRITE_PAST_OBJECT, MEM_ERR_BAD_INDEX: one of them is too short;
 * MEM_ERR_INAPPROPRIATE: a context among the objects lives in a frame. */
int mem_store_segment(oop roots, oop words, oop out_pointers);

/* Makes the objects of a segment, whose words object becomes an Array of them all; the first, the array of
 * roots, is left in *roots. GC: references change. 0, or an enum mem_error, with nothing changed. */
int mem_load_segment(oop words, oop out_pointers, oop *roots);

#endif
