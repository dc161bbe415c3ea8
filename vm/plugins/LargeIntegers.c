/* LargeIntegers.c: arithmetic on integers of any size, magnitude and sign, in 32-bit limbs.
 *
 * Operands are read in place: the body of a LargeInteger is little-endian bytes, so its words are limbs. A
 * result is computed in a buffer and becomes an object of exactly its size, or a SmallInteger: every
 * result is normalized. Algorithms: Knuth, The Art of Computer Programming 2, 4.3.1; Montgomery,
 * "Modular multiplication without trial division", 1985.
 */
#include <stdlib.h>
#include <string.h>

#include "plugins/plugin.h"
#include "primitives/checks.h"

typedef uint32_t limb;
enum { LIMB_BITS = 32, LIMB_BYTES = 4, SMALL_BUFFER = 64, MAX_LIMBS = 1 << 26 };

struct operand {
  const limb *limbs;
  uint32_t count; /* without leading zeros */
  bool negative;
  limb small; /* the limb of a SmallInteger */
};

static bool load(struct operand *a, oop o) {
  if (oop_is_int(o)) {
    int32_t v = oop_int(o);
    a->negative = v < 0;
    a->small = v < 0 ? 0u - (uint32_t)v : (uint32_t)v;
    a->limbs = &a->small;
    a->count = v != 0;
    return true;
  }
  if (!oop_is_large(o)) return false;
  uint32_t bytes = obj_byte_size(o), count = (bytes + LIMB_BYTES - 1) / LIMB_BYTES;
  /* Bytes past the object's size are nobody's, so a file may have left anything there. */
  for (uint32_t i = bytes; i < count * LIMB_BYTES; i++) obj_bytes(o)[i] = 0;
  a->limbs = AT(limb, obj_body(o));
  while (count > 0 && a->limbs[count - 1] == 0) count--;
  a->count = count;
  a->negative = obj_class_index(o) == CIX_LARGE_NEGATIVE;
  return true;
}

/* Two operands out of receiver and argument; 0 or a failure. */
static oop load_both(struct operand *a, struct operand *b, const oop *args) {
  if (!load(a, args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  return load(b, args[1]) ? 0 : prim_fail(PRIM_ERR_BAD_ARGUMENT);
}

/* ---- results ---- */

struct buffer {
  limb *limbs;
  limb room[SMALL_BUFFER];
};

/* Room for `count` limbs, not cleared. False without memory. */
static bool buffer_init(struct buffer *b, uint32_t count) {
  b->limbs = b->room;
  if (count <= SMALL_BUFFER) return true;
  b->limbs = count <= MAX_LIMBS ? malloc((size_t)count * sizeof(limb)) : NULL;
  return b->limbs != NULL;
}
static void buffer_free(struct buffer *b) {
  if (b->limbs != b->room) free(b->limbs);
}

/* The integer for a magnitude and a sign. */
static oop integer_of(const limb *limbs, uint32_t count, bool negative) {
  while (count > 0 && limbs[count - 1] == 0) count--;
  if (count == 0) return int_oop(0);
  if (count == 1) {
    int64_t v = negative ? -(int64_t)limbs[0] : (int64_t)limbs[0];
    if (int_fits(v)) return int_oop((int32_t)v);
  }
  limb top = limbs[count - 1];
  uint32_t unused = top < 1u << 8 ? 3 : top < 1u << 16 ? 2 : top < 1u << 24 ? 1 : 0;
  oop o = mem_new(negative ? CIX_LARGE_NEGATIVE : CIX_LARGE_POSITIVE, FMT_8 + unused, count);
  if (o == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
  memcpy(obj_bytes(o), limbs, (size_t)count * sizeof(limb));
  return o;
}

static oop finish(struct buffer *b, uint32_t count, bool negative) {
  oop result = integer_of(b->limbs, count, negative);
  buffer_free(b);
  return result;
}

/* ---- magnitudes ---- */

static int compare(const limb *a, uint32_t na, const limb *b, uint32_t nb) {
  if (na != nb) return na < nb ? -1 : 1;
  for (uint32_t i = na; i-- > 0;)
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  return 0;
}

/* r = a + b with na >= nb; r has na + 1 limbs. */
static void add(limb *r, const limb *a, uint32_t na, const limb *b, uint32_t nb) {
  uint64_t carry = 0;
  for (uint32_t i = 0; i < na; i++) {
    carry += (uint64_t)a[i] + (i < nb ? b[i] : 0);
    r[i] = (limb)carry;
    carry >>= LIMB_BITS;
  }
  r[na] = (limb)carry;
}

/* r = a - b with a >= b; r has na limbs. */
static void subtract(limb *r, const limb *a, uint32_t na, const limb *b, uint32_t nb) {
  uint64_t borrow = 0;
  for (uint32_t i = 0; i < na; i++) {
    uint64_t d = (uint64_t)a[i] - (i < nb ? b[i] : 0) - borrow;
    r[i] = (limb)d;
    borrow = d >> 63;
  }
}

/* r = a * b; r has na + nb limbs. */
static void multiply(limb *r, const limb *a, uint32_t na, const limb *b, uint32_t nb) {
  memset(r, 0, (size_t)(na + nb) * sizeof *r);
  for (uint32_t i = 0; i < na; i++) {
    uint64_t carry = 0, f = a[i];
    if (f == 0) continue;
    for (uint32_t j = 0; j < nb; j++) {
      carry += f * b[j] + r[i + j];
      r[i + j] = (limb)carry;
      carry >>= LIMB_BITS;
    }
    r[i + nb] = (limb)carry;
  }
}

/* r = a << shift, of n + 1 limbs, shift < 32. */
static void shift_left(limb *r, const limb *a, uint32_t n, uint32_t shift) {
  limb carry = 0;
  for (uint32_t i = 0; i < n; i++) {
    limb v = a[i]; /* r may be a */
    r[i] = v << shift | carry;
    carry = shift == 0 ? 0 : v >> (LIMB_BITS - shift);
  }
  r[n] = carry;
}

static void shift_right(limb *r, const limb *a, uint32_t n, uint32_t shift) {
  for (uint32_t i = 0; i < n; i++)
    r[i] = a[i] >> shift | (shift != 0 && i + 1 < n ? a[i + 1] << (LIMB_BITS - shift) : 0);
}

/* q = a / d, answers the remainder. */
static limb divide_by_limb(limb *q, const limb *a, uint32_t n, limb d) {
  uint64_t rest = 0;
  for (uint32_t i = n; i-- > 0;) {
    rest = rest << LIMB_BITS | a[i];
    q[i] = (limb)(rest / d);
    rest %= d;
  }
  return (limb)rest;
}

/* Knuth's algorithm D. u has nu + 1 limbs and is left with the remainder; v has nv >= 2 limbs with the top
 * bit set; q gets nu - nv + 1 limbs. */
static void divide(limb *q, limb *u, uint32_t nu, const limb *v, uint32_t nv) {
  const uint64_t base = 1ull << LIMB_BITS;
  uint64_t v1 = v[nv - 1], v2 = v[nv - 2];
  for (uint32_t j = nu - nv + 1; j-- > 0;) {
    uint64_t top = (uint64_t)u[j + nv] << LIMB_BITS | u[j + nv - 1];
    uint64_t guess = top / v1, rest = top % v1;
    while (guess >= base || guess * v2 > (rest << LIMB_BITS | u[j + nv - 2])) {
      guess--;
      rest += v1;
      if (rest >= base) break;
    }
    uint64_t borrow = 0, carry = 0;
    for (uint32_t i = 0; i < nv; i++) {
      carry += guess * v[i];
      uint64_t d = (uint64_t)u[i + j] - (limb)carry - borrow;
      u[i + j] = (limb)d;
      borrow = d >> 63;
      carry >>= LIMB_BITS;
    }
    uint64_t d = (uint64_t)u[j + nv] - carry - borrow;
    u[j + nv] = (limb)d;
    if (d >> 63) { /* one too many: add the divisor back */
      guess--;
      uint64_t sum = 0;
      for (uint32_t i = 0; i < nv; i++) {
        sum += (uint64_t)u[i + j] + v[i];
        u[i + j] = (limb)sum;
        sum >>= LIMB_BITS;
      }
      u[j + nv] += (limb)sum;
    }
    q[j] = (limb)guess;
  }
}

/* ---- add, subtract, multiply, compare ---- */

/* Adds magnitudes; the sign is the receiver's. */
static oop primDigitAdd(oop *args, uint32_t argc) {
  struct operand a, b;
  struct buffer r;
  oop failure = load_both(&a, &b, args);
  if (failure) return failure;
  if (a.count < b.count) {
    const struct operand longer = {b.limbs, b.count, a.negative, 0}, shorter = {a.limbs, a.count, false, 0};
    if (!buffer_init(&r, longer.count + 1)) return prim_fail(PRIM_ERR_NO_C_MEMORY);
    add(r.limbs, longer.limbs, longer.count, shorter.limbs, shorter.count);
    return finish(&r, longer.count + 1, longer.negative);
  }
  if (!buffer_init(&r, a.count + 1)) return prim_fail(PRIM_ERR_NO_C_MEMORY);
  add(r.limbs, a.limbs, a.count, b.limbs, b.count);
  return finish(&r, a.count + 1, a.negative);
}

/* Subtracts magnitudes; the sign is the receiver's, turned when the argument's magnitude is larger. */
static oop primDigitSubtract(oop *args, uint32_t argc) {
  struct operand a, b;
  struct buffer r;
  oop failure = load_both(&a, &b, args);
  if (failure) return failure;
  bool less = compare(a.limbs, a.count, b.limbs, b.count) < 0;
  uint32_t n = less ? b.count : a.count;
  if (!buffer_init(&r, n)) return prim_fail(PRIM_ERR_NO_C_MEMORY);
  if (less)
    subtract(r.limbs, b.limbs, b.count, a.limbs, a.count);
  else
    subtract(r.limbs, a.limbs, a.count, b.limbs, b.count);
  return finish(&r, n, a.negative != less);
}

static oop primDigitMultiplyNegative(oop *args, uint32_t argc) {
  struct operand a, b;
  struct buffer r;
  bool negative;
  oop failure = load_both(&a, &b, args);
  if (failure) return failure;
  if (!prim_bool(args[2], &negative)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint32_t n = a.count + b.count;
  if (!buffer_init(&r, n)) return prim_fail(PRIM_ERR_NO_C_MEMORY);
  multiply(r.limbs, a.limbs, a.count, b.limbs, b.count);
  return finish(&r, n, negative);
}

/* Compares magnitudes. */
static oop primDigitCompare(oop *args, uint32_t argc) {
  struct operand a, b;
  oop failure = load_both(&a, &b, args);
  return failure ? failure : int_oop(compare(a.limbs, a.count, b.limbs, b.count));
}

/* ---- divide ---- */

static oop pair(oop quotient, oop remainder) {
  if (quotient == PRIM_FAILED || remainder == PRIM_FAILED) return PRIM_FAILED;
  oop array = mem_new_array(2);
  if (array == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
  mem_store(array, 0, quotient);
  mem_store(array, 1, remainder);
  return array;
}

static oop divide_long(const struct operand *a, const struct operand *b, bool negative) {
  struct buffer u, v, q;
  uint32_t nq = a->count - b->count + 1, shift = (uint32_t)__builtin_clz(b->limbs[b->count - 1]);
  if (!buffer_init(&u, a->count + 1)) return prim_fail(PRIM_ERR_NO_C_MEMORY);
  if (!buffer_init(&v, b->count + 1)) {
    buffer_free(&u);
    return prim_fail(PRIM_ERR_NO_C_MEMORY);
  }
  if (!buffer_init(&q, nq)) {
    buffer_free(&u);
    buffer_free(&v);
    return prim_fail(PRIM_ERR_NO_C_MEMORY);
  }
  shift_left(u.limbs, a->limbs, a->count, shift);
  shift_left(v.limbs, b->limbs, b->count, shift);
  divide(q.limbs, u.limbs, a->count, v.limbs, b->count);
  shift_right(u.limbs, u.limbs, b->count, shift);
  buffer_free(&v);
  oop quotient = finish(&q, nq, negative);
  return pair(quotient, finish(&u, b->count, a->negative));
}

/* Divides magnitudes, rounding towards zero: an Array of the quotient, with the sign asked for, and the
 * remainder, with the receiver's. */
static oop primDigitDivNegative(oop *args, uint32_t argc) {
  struct operand a, b;
  bool negative;
  oop failure = load_both(&a, &b, args);
  if (failure) return failure;
  if (!prim_bool(args[2], &negative)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (b.count == 0) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (compare(a.limbs, a.count, b.limbs, b.count) < 0)
    return pair(int_oop(0), integer_of(a.limbs, a.count, a.negative));
  if (b.count > 1) return divide_long(&a, &b, negative);
  struct buffer q;
  if (!buffer_init(&q, a.count)) return prim_fail(PRIM_ERR_NO_C_MEMORY);
  limb rest = divide_by_limb(q.limbs, a.limbs, a.count, b.limbs[0]);
  return pair(finish(&q, a.count, negative), integer_of(&rest, 1, a.negative));
}

/* ---- bits ---- */

enum bit_op { BIT_AND, BIT_OR, BIT_XOR };

/* Of positive integers only: two's complement is the image's business. */
static oop bit_logic(const oop *args, enum bit_op op) {
  struct operand a, b;
  struct buffer r;
  oop failure = load_both(&a, &b, args);
  if (failure) return failure;
  if (a.negative) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (b.negative) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint32_t n = a.count > b.count ? a.count : b.count;
  if (!buffer_init(&r, n)) return prim_fail(PRIM_ERR_NO_C_MEMORY);
  for (uint32_t i = 0; i < n; i++) {
    limb x = i < a.count ? a.limbs[i] : 0, y = i < b.count ? b.limbs[i] : 0;
    r.limbs[i] = op == BIT_AND ? x & y : op == BIT_OR ? x | y : x ^ y;
  }
  return finish(&r, n, false);
}

static oop primDigitBitAnd(oop *args, uint32_t argc) { return bit_logic(args, BIT_AND); }
static oop primDigitBitOr(oop *args, uint32_t argc) { return bit_logic(args, BIT_OR); }
static oop primDigitBitXor(oop *args, uint32_t argc) { return bit_logic(args, BIT_XOR); }

/* Shifts the magnitude (right: bits fall off) and keeps the sign. */
static oop primDigitBitShiftMagnitude(oop *args, uint32_t argc) {
  struct operand a;
  struct buffer r;
  if (!load(&a, args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!oop_is_int(args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  int32_t by = oop_int(args[1]);
  if (a.count == 0) return int_oop(0);
  uint32_t limbs = (by < 0 ? 0u - (uint32_t)by : (uint32_t)by) / LIMB_BITS;
  uint32_t bits = (by < 0 ? 0u - (uint32_t)by : (uint32_t)by) % LIMB_BITS;
  if (by < 0) {
    if (limbs >= a.count) return int_oop(0);
    uint32_t n = a.count - limbs;
    if (!buffer_init(&r, n)) return prim_fail(PRIM_ERR_NO_C_MEMORY);
    shift_right(r.limbs, a.limbs + limbs, n, bits);
    return finish(&r, n, a.negative);
  }
  uint32_t n = a.count + limbs + 1;
  if (!buffer_init(&r, n)) return prim_fail(PRIM_ERR_NO_C_MEMORY);
  memset(r.limbs, 0, (size_t)limbs * sizeof(limb));
  shift_left(r.limbs + limbs, a.limbs, a.count, bits);
  return finish(&r, n, a.negative);
}

/* Whether any of the magnitude's bits from … to (from 1) is set. */
static oop primAnyBitFromTo(oop *args, uint32_t argc) {
  struct operand a;
  uint32_t from, to;
  if (!load(&a, args[0])) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!prim_index(args[1], &from) || !prim_index(args[2], &to) || from < 1)
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  for (uint64_t bit = from - 1; bit < to && bit / LIMB_BITS < a.count;) {
    limb rest = a.limbs[bit / LIMB_BITS] >> bit % LIMB_BITS;
    if (rest != 0) return mem_bool(bit + (uint32_t)__builtin_ctz(rest) < to);
    bit = (bit / LIMB_BITS + 1) * LIMB_BITS;
  }
  return mem.false_;
}

/* ---- Montgomery multiplication ---- */

static oop primMontgomeryDigitLength(oop *args, uint32_t argc) { return int_oop(LIMB_BITS); }

/* receiver * argument / 2^(32 n) modulo m, where n is the limbs of m and -1/m mod 2^32 is given. */
static oop primMontgomeryTimesModulo(oop *args, uint32_t argc) {
  struct operand a, b, m;
  struct buffer t;
  uint32_t inverse;
  oop failure = load_both(&a, &b, args);
  if (failure) return failure;
  if (!load(&m, args[2]) || !prim_uint32(args[3], &inverse)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (m.count == 0 || a.count > m.count || b.count > m.count) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint32_t n = m.count;
  if (!buffer_init(&t, n + 2)) return prim_fail(PRIM_ERR_NO_C_MEMORY);
  memset(t.limbs, 0, ((size_t)n + 2) * sizeof(limb));
  for (uint32_t i = 0; i < n; i++) {
    uint64_t factor = i < a.count ? a.limbs[i] : 0, carry = 0;
    for (uint32_t j = 0; j < n; j++) {
      carry += factor * (j < b.count ? b.limbs[j] : 0) + t.limbs[j];
      t.limbs[j] = (limb)carry;
      carry >>= LIMB_BITS;
    }
    carry += t.limbs[n];
    t.limbs[n] = (limb)carry;
    t.limbs[n + 1] += (limb)(carry >> LIMB_BITS);
    uint64_t u = (limb)(t.limbs[0] * inverse);
    carry = (u * m.limbs[0] + t.limbs[0]) >> LIMB_BITS;
    for (uint32_t j = 1; j < n; j++) {
      carry += u * m.limbs[j] + t.limbs[j];
      t.limbs[j - 1] = (limb)carry;
      carry >>= LIMB_BITS;
    }
    carry += t.limbs[n];
    t.limbs[n - 1] = (limb)carry;
    t.limbs[n] = t.limbs[n + 1] + (limb)(carry >> LIMB_BITS);
    t.limbs[n + 1] = 0;
  }
  if (t.limbs[n] != 0 || compare(t.limbs, n, m.limbs, n) >= 0) subtract(t.limbs, t.limbs, n + 1, m.limbs, n);
  return finish(&t, n + 1, false);
}

/* ---- normalizing ---- */

/* The receiver itself when it is normalized already. */
static oop normalize(oop o) {
  struct operand a;
  if (!load(&a, o)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (oop_is_int(o)) return o;
  bool fits = a.count == 0 || (a.count == 1 && a.limbs[0] <= (uint32_t)SMALLINT_MAX + a.negative);
  uint32_t bytes = obj_byte_size(o);
  if (!fits && obj_bytes(o)[bytes - 1] != 0) return o;
  return integer_of(a.limbs, a.count, a.negative);
}

static oop primNormalizePositive(oop *args, uint32_t argc) {
  return oop_is_large(args[0]) && obj_class_index(args[0]) == CIX_LARGE_POSITIVE
             ? normalize(args[0])
             : prim_fail(PRIM_ERR_BAD_RECEIVER);
}
static oop primNormalizeNegative(oop *args, uint32_t argc) {
  return oop_is_large(args[0]) && obj_class_index(args[0]) == CIX_LARGE_NEGATIVE
             ? normalize(args[0])
             : prim_fail(PRIM_ERR_BAD_RECEIVER);
}
static oop primNormalize(oop *args, uint32_t argc) { return normalize(args[argc]); }

static oop primGetModuleName(oop *args, uint32_t argc) {
  static const char name[] = "LargeIntegers v2.0 (Catalyst)";
  return prim_or_no_memory(mem_new_string(name, sizeof name - 1));
}
static oop primCheckIfCModuleExists(oop *args, uint32_t argc) { return mem.true_; }

#define LARGE_INTEGERS(X)             \
  X(primAnyBitFromTo, 2, 2)           \
  X(primCheckIfCModuleExists, 0, 0)   \
  X(primDigitAdd, 1, 1)               \
  X(primDigitBitAnd, 1, 1)            \
  X(primDigitBitOr, 1, 1)             \
  X(primDigitBitShiftMagnitude, 1, 1) \
  X(primDigitBitXor, 1, 1)            \
  X(primDigitCompare, 1, 1)           \
  X(primDigitDivNegative, 2, 2)       \
  X(primDigitMultiplyNegative, 2, 2)  \
  X(primDigitSubtract, 1, 1)          \
  X(primGetModuleName, 0, 0)          \
  X(primMontgomeryDigitLength, 0, 0)  \
  X(primMontgomeryTimesModulo, 3, 3)  \
  X(primNormalize, 0, 1)              \
  X(primNormalizeNegative, 0, 0)      \
  X(primNormalizePositive, 0, 0)
PLUGIN_DEFINE(LargeIntegers, LARGE_INTEGERS)
