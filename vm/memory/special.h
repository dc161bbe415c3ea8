/* special.h: the special objects array, as every Squeak-family image lays it out
 * (SmalltalkImage>>recreateSpecialObjectsArray). One row per entry the VM uses. */
#ifndef VM_MEMORY_SPECIAL_H
#define VM_MEMORY_SPECIAL_H

/* X(index, NAME) */
#define SPECIAL_OBJECTS(X)          \
  X(0, NIL)                         \
  X(1, FALSE)                       \
  X(2, TRUE)                        \
  X(3, SCHEDULER)                   \
  X(4, CLASS_BITMAP)                \
  X(5, CLASS_SMALLINTEGER)          \
  X(6, CLASS_STRING)                \
  X(7, CLASS_ARRAY)                 \
  X(8, SMALLTALK)                   \
  X(9, CLASS_FLOAT)                 \
  X(10, CLASS_CONTEXT)              \
  X(11, CLASS_BLOCK_CONTEXT)        \
  X(12, CLASS_POINT)                \
  X(13, CLASS_LARGE_POSITIVE)       \
  X(14, DISPLAY)                    \
  X(15, CLASS_MESSAGE)              \
  X(16, CLASS_COMPILED_METHOD)      \
  X(17, LOW_SPACE_SEMAPHORE)        \
  X(18, CLASS_SEMAPHORE)            \
  X(19, CLASS_CHARACTER)            \
  X(20, SELECTOR_DNU)               \
  X(21, SELECTOR_CANNOT_RETURN)     \
  X(22, LOW_SPACE_PROCESS)          \
  X(23, SPECIAL_SELECTORS)          \
  X(24, CHARACTER_TABLE)            \
  X(25, SELECTOR_MUST_BE_BOOLEAN)   \
  X(26, CLASS_BYTE_ARRAY)           \
  X(27, CLASS_PROCESS)              \
  X(28, COMPACT_CLASSES)            \
  X(29, TIMER_SEMAPHORE)            \
  X(30, INTERRUPT_SEMAPHORE)        \
  X(31, CLASS_DOUBLE_BYTE_ARRAY)    \
  X(32, CLASS_WORD_ARRAY)           \
  X(33, CLASS_DOUBLE_WORD_ARRAY)    \
  X(34, SELECTOR_CANNOT_INTERPRET)  \
  X(36, CLASS_BLOCK_CLOSURE)        \
  X(37, CLASS_FULL_CLOSURE)         \
  X(38, EXTERNAL_OBJECTS)           \
  X(39, CLASS_MUTEX)                \
  X(40, PROCESS_IN_CALLOUT)         \
  X(41, FINALIZATION_SEMAPHORE)     \
  X(42, CLASS_LARGE_NEGATIVE)       \
  X(48, SELECTOR_ABOUT_TO_RETURN)   \
  X(49, SELECTOR_RUN_WITH_IN)       \
  X(50, SELECTOR_ATTEMPT_TO_ASSIGN) \
  X(51, PRIM_ERROR_TABLE)           \
  X(57, SELECTOR_UNKNOWN_BYTECODE)  \
  X(58, SELECTOR_COUNTER_TRIPPED)   \
  X(59, SELECTOR_CLASS_TRAP)

enum special_object {
#define X(index, name) SPECIAL_##name = (index),
  SPECIAL_OBJECTS(X)
#undef X
      SPECIAL_OBJECTS_SIZE = 60
};

#endif
