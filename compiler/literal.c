/* literal.c: numbers read exactly, literals compared and printed. */
#include "compiler/literal.h"
#include "base/oop.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_DIGITS = 20000, MAX_EXPONENT = 10000, MAX_RADIX = 36 };

/* ---- big naturals: little-endian 32-bit limbs in an arena ---- */

struct big {
  uint32_t *limb;
  uint32_t n, capacity;
};

static struct big big_new(struct cc_arena *arena, uint32_t capacity) {
  return (struct big){CC_NEW_ARRAY(arena, uint32_t, capacity), 0, capacity};
}

static void big_multiply_add(struct big *b, uint32_t factor, uint32_t add) {
  uint64_t carry = add;
  for (uint32_t i = 0; i < b->n; i++) {
    carry += (uint64_t)b->limb[i] * factor;
    b->limb[i] = (uint32_t)carry;
    carry >>= 32;
  }
  if (carry != 0) {
    VM_ASSERT(b->n < b->capacity);
    b->limb[b->n++] = (uint32_t)carry;
  }
}

static uint32_t big_bits(const struct big *b) {
  return b->n == 0 ? 0 : 32 * b->n - (uint32_t)__builtin_clz(b->limb[b->n - 1]);
}

static void big_shift_left(struct big *b, uint32_t bits) {
  if (b->n == 0 || bits == 0) return;
  uint32_t words = bits / 32, rest = bits % 32, n = b->n;
  VM_ASSERT(n + words + 1 <= b->capacity);
  b->limb[n + words] = 0;
  for (uint32_t i = n; i-- > 0;) {
    uint64_t v = (uint64_t)b->limb[i] << rest;
    if (i == n - 1)
      b->limb[i + words + 1] = (uint32_t)(v >> 32);
    else
      b->limb[i + words + 1] |= (uint32_t)(v >> 32);
    b->limb[i + words] = (uint32_t)v;
  }
  memset(b->limb, 0, words * sizeof *b->limb);
  b->n = n + words + (b->limb[n + words] != 0);
}

static int big_compare(const struct big *a, const struct big *b) {
  if (a->n != b->n) return a->n < b->n ? -1 : 1;
  for (uint32_t i = a->n; i-- > 0;)
    if (a->limb[i] != b->limb[i]) return a->limb[i] < b->limb[i] ? -1 : 1;
  return 0;
}

static void big_subtract(struct big *a, const struct big *b) { /* a >= b */
  int64_t borrow = 0;
  for (uint32_t i = 0; i < a->n; i++) {
    int64_t v = (int64_t)a->limb[i] - (i < b->n ? b->limb[i] : 0) + borrow;
    a->limb[i] = (uint32_t)v;
    borrow = v >> 32;
  }
  while (a->n > 0 && a->limb[a->n - 1] == 0) a->n--;
}

/* num / den rounded to nearest, ties to even, as a double. Both are used up. */
static double big_ratio(struct big *num, struct big *den) {
  if (num->n == 0) return 0;
  /* Scale so that the quotient has 54 or 55 bits: 53 and at least one to round by. */
  int shift = 55 - (int)big_bits(num) + (int)big_bits(den);
  int exponent = -shift;
  if (exponent < -1074 - 1) { /* subnormal: fewer bits, so that rounding happens once */
    shift -= -1075 - exponent;
    exponent = -1075;
  }
  if (shift > 0) big_shift_left(num, (uint32_t)shift);
  if (shift < 0) big_shift_left(den, (uint32_t)-shift);
  uint64_t quotient = 0;
  int excess = (int)big_bits(num) - (int)big_bits(den);
  if (excess > 0) big_shift_left(den, (uint32_t)excess);
  for (int i = excess < 0 ? -1 : excess; i >= 0; i--) {
    quotient <<= 1;
    if (big_compare(num, den) >= 0) {
      big_subtract(num, den);
      quotient |= 1;
    }
    uint32_t carry = 0; /* den / 2, exactly: it was shifted left before */
    if (i == 0) break;
    for (uint32_t k = den->n; k-- > 0;) {
      uint32_t v = den->limb[k];
      den->limb[k] = v >> 1 | carry << 31;
      carry = v & 1;
    }
    while (den->n > 0 && den->limb[den->n - 1] == 0) den->n--;
  }
  uint32_t drop = 0;
  while (quotient >> (53 + drop) != 0) drop++;
  if (exponent + (int)drop < -1074) drop = (uint32_t)(-1074 - exponent);
  if (drop > 0) {
    uint64_t half = (uint64_t)1 << (drop - 1), rest = quotient & (half * 2 - 1);
    quotient >>= drop;
    if (rest > half || (rest == half && (num->n != 0 || (quotient & 1)))) quotient++;
  }
  return ldexp((double)quotient, exponent + (int)drop);
}

static struct cc_integer big_integer(struct cc_arena *arena, const struct big *b, bool negative) {
  uint8_t *bytes = cc_alloc(arena, (size_t)b->n * 4 + 1);
  uint32_t count = 0;
  for (uint32_t i = 0; i < b->n * 4; i++) {
    bytes[i] = (uint8_t)(b->limb[i / 4] >> i % 4 * 8);
    if (bytes[i] != 0) count = i + 1;
  }
  return (struct cc_integer){negative && count != 0, bytes, count};
}

/* ---- reading ---- */

static int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  if (c >= 'a' && c <= 'z') return c - 'a' + 10;
  return 99;
}

struct reader {
  const char *s;
  uint32_t pos, end;
};

static char peek(const struct reader *r, uint32_t ahead) {
  return r->pos + ahead < r->end ? r->s[r->pos + ahead] : 0;
}
static bool decimal_at(const struct reader *r, uint32_t ahead) {
  char c = peek(r, ahead);
  return c >= '0' && c <= '9';
}

static void skip_digits(struct reader *r, int radix) {
  while (digit_value(peek(r, 0)) < radix) r->pos++;
}

/* A decimal number after an exponent or scale letter, limited so that arithmetic stays small. */
static int32_t read_decimal(struct reader *r) {
  int32_t v = 0;
  for (; decimal_at(r, 0); r->pos++)
    if (v <= MAX_EXPONENT) v = v * 10 + (peek(r, 0) - '0');
  return v;
}

static void add_digits(struct big *b, const char *s, uint32_t from, uint32_t to, int radix) {
  for (uint32_t i = from; i < to; i++)
    if (s[i] != '.') big_multiply_add(b, (uint32_t)radix, (uint32_t)digit_value(s[i]));
}

struct number {
  bool negative, has_fraction, has_scale;
  int radix;
  uint32_t digits, digits_end; /* the mantissa's place, with its point */
  int32_t fraction_digits, exponent, scale;
};

static struct cc_literal *make_number(struct cc_arena *arena, const char *s, const struct number *n) {
  struct cc_literal *l = CC_NEW(arena, struct cc_literal);
  uint32_t digits = n->digits_end - n->digits;
  int32_t power = n->exponent - n->fraction_digits;
  uint32_t extra = (uint32_t)abs(power);
  /* Each digit is under 6 bits; big_ratio shifts by at most the size of the other operand. */
  uint32_t capacity = (digits + extra) * 6 / 32 * 2 + 80;
  struct big num = big_new(arena, capacity), den = big_new(arena, capacity);
  add_digits(&num, s, n->digits, n->digits_end, n->radix);
  big_multiply_add(&den, 0, 1);
  for (uint32_t i = 0; i < extra; i++) big_multiply_add(power > 0 ? &num : &den, (uint32_t)n->radix, 0);
  if (n->has_scale || (!n->has_fraction && power < 0)) {
    l->kind = n->has_scale ? LIT_SCALED : LIT_FRACTION;
    l->scaled.numerator = big_integer(arena, &num, n->negative);
    l->scaled.denominator = big_integer(arena, &den, false);
    l->scaled.scale = (uint32_t)n->scale;
  } else if (n->has_fraction) {
    l->kind = LIT_FLOAT;
    double v = big_ratio(&num, &den);
    l->number = n->negative ? -v : v;
  } else {
    l->kind = LIT_INTEGER;
    l->integer = big_integer(arena, &num, n->negative);
  }
  return l;
}

struct cc_literal *cc_read_number(struct cc_arena *arena, struct cc_diag *diag, const struct cc_text *text,
                                  uint32_t *pos, uint32_t end) {
  struct reader r = {text->s.p, *pos, end};
  struct number n = {.radix = 10};
  uint32_t start = *pos;
  if (peek(&r, 0) == '-') {
    n.negative = true;
    r.pos++;
  }
  n.digits = r.pos;
  skip_digits(&r, 10);
  if (peek(&r, 0) == 'r' && (digit_value(peek(&r, 1)) < MAX_RADIX || peek(&r, 1) == '-')) {
    uint32_t digits = r.pos - n.digits;
    n.radix = 0;
    for (uint32_t i = n.digits; i < r.pos && digits < 4; i++) n.radix = n.radix * 10 + (r.s[i] - '0');
    if (n.radix < 2 || n.radix > MAX_RADIX) {
      cc_error_at(diag, text, start, "the radix of a number is between 2 and 36");
      return NULL;
    }
    r.pos++;
    if (peek(&r, 0) == '-') {
      n.negative = !n.negative;
      r.pos++;
    }
    n.digits = r.pos;
    skip_digits(&r, n.radix);
    if (r.pos == n.digits) {
      cc_error_at(diag, text, r.pos, "no digit of radix %d follows", n.radix);
      return NULL;
    }
  }
  n.digits_end = r.pos;
  if (peek(&r, 0) == '.' && digit_value(peek(&r, 1)) < n.radix) {
    uint32_t point = r.pos++;
    skip_digits(&r, n.radix);
    n.digits_end = r.pos;
    n.has_fraction = true;
    n.fraction_digits = (int32_t)(r.pos - point - 1);
  }
  char letter = peek(&r, 0);
  if ((letter == 'e' || letter == 'd' || letter == 'q') &&
      (decimal_at(&r, 1) || (peek(&r, 1) == '-' && decimal_at(&r, 2)))) {
    bool minus = peek(&r, 1) == '-';
    r.pos += decimal_at(&r, 1) ? 1 : 2;
    n.exponent = read_decimal(&r);
    if (minus) n.exponent = -n.exponent;
  } else if (letter == 's' && !(digit_value(peek(&r, 1)) < MAX_RADIX && !decimal_at(&r, 1))) {
    r.pos++;
    n.has_scale = true;
    n.scale = decimal_at(&r, 0) ? read_decimal(&r) : n.fraction_digits;
  }
  if (n.digits_end - n.digits > MAX_DIGITS || n.exponent > MAX_EXPONENT || n.exponent < -MAX_EXPONENT ||
      n.scale > MAX_EXPONENT) {
    cc_error_at(diag, text, start, "this number is too long: up to %d digits, exponent up to %d", MAX_DIGITS,
                MAX_EXPONENT);
    return NULL;
  }
  if (digit_value(peek(&r, 0)) < MAX_RADIX) {
    cc_error_at(diag, text, r.pos, "a number is followed by a letter or digit that does not belong to it");
    return NULL;
  }
  struct cc_literal *l = make_number(arena, r.s, &n);
  if (l->kind == LIT_FLOAT && isinf(l->number)) {
    cc_error_at(diag, text, start, "this number is too large for a Float");
    return NULL;
  }
  l->pos = start;
  *pos = r.pos;
  return l;
}

/* ---- values ---- */

bool cc_integer_small(struct cc_integer i, int32_t *value) {
  if (i.count > 4) return false;
  uint32_t v = 0;
  for (uint32_t k = 0; k < i.count; k++) v |= (uint32_t)i.bytes[k] << 8 * k;
  int64_t x = i.negative ? -(int64_t)v : (int64_t)v;
  if (!int_fits(x)) return false;
  *value = (int32_t)x;
  return true;
}

struct cc_literal *cc_literal_int(struct cc_arena *arena, int64_t value) {
  struct cc_literal *l = CC_NEW(arena, struct cc_literal);
  uint8_t *bytes = cc_alloc(arena, 8);
  uint64_t v = value < 0 ? -(uint64_t)value : (uint64_t)value;
  l->kind = LIT_INTEGER;
  for (; v != 0; v >>= 8) bytes[l->integer.count++] = (uint8_t)v;
  l->integer.bytes = bytes;
  l->integer.negative = value < 0;
  return l;
}

bool cc_literal_same(const struct cc_literal *a, const struct cc_literal *b) {
  if (a == b) return true;
  if (a->kind != b->kind) return false;
  switch (a->kind) {
    case LIT_NIL:
    case LIT_TRUE:
    case LIT_FALSE:
    case LIT_CLASS_BINDING: return true;
    case LIT_INTEGER:
      return a->integer.negative == b->integer.negative && a->integer.count == b->integer.count &&
             (a->integer.count == 0 || memcmp(a->integer.bytes, b->integer.bytes, a->integer.count) == 0);
    case LIT_FLOAT: return memcmp(&a->number, &b->number, sizeof a->number) == 0;
    case LIT_CHARACTER: return a->character == b->character;
    case LIT_SYMBOL: return cc_str_eq(a->text, b->text);
    case LIT_BINDING: return a->binding == b->binding && cc_str_eq(a->text, b->text);
    default: return false;
  }
}

static void print_integer(struct cc_buffer *out, struct cc_integer i) {
  int32_t small;
  if (cc_integer_small(i, &small)) {
    cc_putf(out, "%d", small);
    return;
  }
  cc_put(out, i.negative ? "-16r" : "16r", i.negative ? 4 : 3);
  for (uint32_t k = i.count; k-- > 0;) cc_putf(out, k == i.count - 1 ? "%X" : "%02X", i.bytes[k]);
}

static void print_quoted(struct cc_buffer *out, struct cc_str s) {
  cc_put(out, "'", 1);
  for (uint32_t i = 0; i < s.n; i++) cc_put(out, s.p[i] == '\'' ? "''" : &s.p[i], s.p[i] == '\'' ? 2 : 1);
  cc_put(out, "'", 1);
}

void cc_print_literal(struct cc_buffer *out, const struct cc_literal *l) {
  char utf8[4];
  switch (l->kind) {
    case LIT_NIL: cc_putf(out, "nil"); break;
    case LIT_TRUE: cc_putf(out, "true"); break;
    case LIT_FALSE: cc_putf(out, "false"); break;
    case LIT_INTEGER: print_integer(out, l->integer); break;
    case LIT_FLOAT: cc_putf(out, "%.17g", l->number); break;
    case LIT_SCALED:
    case LIT_FRACTION:
      print_integer(out, l->scaled.numerator);
      cc_put(out, "/", 1);
      print_integer(out, l->scaled.denominator);
      if (l->kind == LIT_SCALED) cc_putf(out, "s%u", l->scaled.scale);
      break;
    case LIT_CHARACTER:
      if (l->character < 32) {
        cc_putf(out, "Character value: %u", l->character);
      } else {
        cc_put(out, "$", 1);
        cc_put(out, utf8, cc_utf8_encode(utf8, l->character));
      }
      break;
    case LIT_STRING: print_quoted(out, l->text); break;
    case LIT_SYMBOL:
      cc_put(out, "#", 1);
      print_quoted(out, l->text);
      break;
    case LIT_ARRAY:
      cc_put(out, "#(", 2);
      for (uint32_t i = 0; i < l->array.count; i++) {
        if (i > 0) cc_put(out, " ", 1);
        cc_print_literal(out, l->array.items[i]);
      }
      cc_put(out, ")", 1);
      break;
    case LIT_BYTES:
      cc_put(out, "#[", 2);
      for (uint32_t i = 0; i < l->text.n; i++) cc_putf(out, i > 0 ? " %u" : "%u", (uint8_t)l->text.p[i]);
      cc_put(out, "]", 1);
      break;
    case LIT_BINDING: cc_putf(out, "binding of %.*s", (int)l->text.n, l->text.p); break;
    case LIT_CLASS_BINDING:
    case LIT_METHOD_CLASS: cc_putf(out, "binding of the method's class"); break;
    case LIT_CODE: cc_putf(out, "block"); break;
    case LIT_OUTER_CODE: cc_putf(out, "outer code"); break;
    case LIT_METHOD_STATE: cc_putf(out, "additional method state"); break;
  }
}
