/* error.h: errors are values. NULL is success; otherwise a message for a person, one line,
 * saying what was wrong, with what, and what to do. */
#ifndef VM_BASE_ERROR_H
#define VM_BASE_ERROR_H

#if defined(__GNUC__)
#define NODISCARD __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define NORETURN __attribute__((noreturn))
#define LIKELY(c) __builtin_expect(!!(c), 1)
#define UNLIKELY(c) __builtin_expect(!!(c), 0)
#else
#define NODISCARD
#define PRINTF_LIKE(f, a)
#define NORETURN
#define LIKELY(c) (c)
#define UNLIKELY(c) (c)
#endif

typedef const char *err_t;

/* A formatted error. The text lives in a static buffer until the next call. */
err_t err_format(const char *fmt, ...) PRINTF_LIKE(1, 2) NODISCARD;

/* A broken invariant: prints the message with the place and aborts. Never for bad input. */
NORETURN void vm_panic(const char *file, int line, const char *what);
#define VM_ASSERT(c) ((c) ? (void)0 : vm_panic(__FILE__, __LINE__, #c))
#ifdef NDEBUG
#define VM_DEBUG_ASSERT(c) ((void)0)
#else
#define VM_DEBUG_ASSERT(c) VM_ASSERT(c)
#endif

#endif
