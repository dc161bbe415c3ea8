/* sista_inline.c: the inlined primitives of SistaV1's callPrimitive (bit 15 set), which an optimizing
 * compiler in the image writes where it has proved the operands' types.
 *
 * Numbers and meanings are those of the set's definition (StackInterpreter's sistaInlinePrimitive: and what
 * it calls). They are unsafe by definition; here one whose operands are not what it demands answers false,
 * and the bytecode counts as an unknown one, so that no code can damage the heap through them.
 */
#include "interpreter/loop.h"

#include "interpreter/send.h"

/* The operand stack: v[0] is the top. */
static oop operand(uint32_t depth) { return at32(interp.sp - 4 * depth); }

/* Replaces `count` operands by a result. */
static bool answer(uint32_t count, oop result) {
  if (result == 0) return false;
  interp.sp -= 4 * (count - 1);
  put32(interp.sp, result);
  return true;
}

static bool is_object(oop o) { return oop_is_pointer(o); }
static bool is_pointers(oop o) { return oop_is_pointer(o) && fmt_is_pointers(obj_format(o)); }
static bool is_class(oop o) { return is_pointers(o) && obj_slots(o) > 2; }

/* Elements of an object that has elements of so many bytes; -1: it has not. */
static int64_t units(oop o, uint32_t bytes) {
  if (!is_object(o)) return -1;
  uint32_t f = obj_format(o);
  int64_t total = (int64_t)obj_slots(o) * 4;
  switch (bytes) {
    case 1: return fmt_is_bytes(f) ? total - (f & 7) : -1;
    case 2: return f >= FMT_16 && f < FMT_8 ? total / 2 - (f & 3) : -1;
    case 4: return f == FMT_32 || f == FMT_32 + 1 ? total / 4 : -1;
    default: return f == FMT_64 ? total / 8 : -1;
  }
}

static bool unary(uint32_t n) {
  oop o = operand(0);
  int64_t count;
  switch (n) {
    case 0: return answer(1, mem_class_of(o)); /* rawClass */
    case 1: return is_pointers(o) && answer(1, int_oop((int32_t)obj_slots(o)));
    case 2: return (count = units(o, 1)) >= 0 && answer(1, int_oop((int32_t)count));
    case 3: return (count = units(o, 2)) >= 0 && answer(1, int_oop((int32_t)count));
    case 4: return (count = units(o, 4)) >= 0 && answer(1, int_oop((int32_t)count));
    case 5: return (count = units(o, 8)) >= 0 && answer(1, int_oop((int32_t)count));
    case 11: /* rawNew, and without initializing, which here initializes too */
    case 12: return is_class(o) && answer(1, mem_instantiate(o, 0));
    case 20: return is_object(o) && answer(1, int_oop((int32_t)mem_hash(o)));
    case 21: return oop_is_int(o);
    case 22: return oop_is_char(o) && answer(1, int_oop((int32_t)oop_char(o)));
    case 24: return is_class(o) && answer(1, int_oop((int32_t)mem_class_index_of(o)));
    case 30: return oop_is_char(o) && answer(1, int_oop((int32_t)oop_char(o)));
    case 32: return oop_is_int(o) && answer(1, mem_new_float(oop_int(o)));
    case 39: return is_object(o); /* unforward: nothing is a forwarder here */
    case 40: return true;
    case 41: /* possibleRoot: prepares for unchecked stores; ours are all checked */ return is_object(o);
    default: return false;
  }
}

static bool binary_integers(uint32_t n, int32_t a, int32_t b) {
  int64_t r;
  switch (n) {
    case 0: r = (int64_t)a + b; break;
    case 1: r = (int64_t)a - b; break;
    case 2: r = (int64_t)a * b; break;
    case 3: /* / */
      if (b == 0 || a % b != 0) return false;
      r = (int64_t)a / b;
      break;
    case 4: /* // */
      if (b == 0) return false;
      r = (int64_t)a / b - (a % b != 0 && (a < 0) != (b < 0));
      break;
    case 5: /* \\ */
      if (b == 0) return false;
      r = a % b + (a % b != 0 && (a < 0) != (b < 0) ? b : 0);
      break;
    case 6: /* quo: */
      if (b == 0) return false;
      r = (int64_t)a / b;
      break;
    case 16: r = a & b; break;
    case 17: r = a | b; break;
    case 18: r = a ^ b; break;
    case 19:
      if (a < 0 || b < 0 || b > 30) return false;
      r = (int64_t)a << b;
      break;
    case 20:
      if (b < 0) return false;
      r = b > 31 ? (a < 0 ? -1 : 0) : a >> b;
      break;
    case 32: return answer(2, mem_bool(a > b));
    case 33: return answer(2, mem_bool(a < b));
    case 34: return answer(2, mem_bool(a >= b));
    case 35: return answer(2, mem_bool(a <= b));
    case 36: return answer(2, mem_bool(a == b));
    case 37: return answer(2, mem_bool(a != b));
    default: return false;
  }
  return int_fits(r) && answer(2, int_oop((int32_t)r));
}

static bool binary_at(uint32_t n, oop o, int32_t index) {
  uint32_t i = (uint32_t)index - 1;
  switch (n) {
    case 64:
    case 65: /* of a context too */
      if (!is_pointers(o)) return false;
      if (oop_is_context(o)) return n == 65 && answer(2, context_fetch(o, i));
      return i < obj_slots(o) && answer(2, obj_slot(o, i));
    case 66: return i < units(o, 1) && answer(2, int_oop(obj_bytes(o)[i]));
    case 67: return i < units(o, 2) && answer(2, int_oop(AT(uint16_t, obj_body(o))[i]));
    case 68: return i < units(o, 4) && answer(2, mem_new_uint64(obj_slot(o, i)));
    case 69: return i < units(o, 8) && answer(2, mem_new_uint64(*AT(uint64_t, obj_body(o) + 8 * i)));
    default: return false;
  }
}

static bool binary(uint32_t n) {
  oop a = operand(1), b = operand(0);
  if (n == 38 || n == 39) return answer(2, mem_bool((a == b) == (n == 38)));
  if (n == 48 || n == 49) /* rawNew: */
    return is_class(a) && oop_is_int(b) && oop_int(b) >= 0 &&
           answer(2, mem_instantiate(a, (uint32_t)oop_int(b)));
  if (n >= 64) return oop_is_int(b) && oop_int(b) >= 1 && binary_at(n, a, oop_int(b));
  return oop_both_int(a, b) && binary_integers(n, oop_int(a), oop_int(b));
}

static bool put_at(uint32_t n, oop o, uint32_t i, oop value) {
  uint64_t bits;
  switch (n) {
    case 0: /* pointerAt:put:, without and with store check, then for contexts too */
    case 1:
      if (!is_pointers(o) || oop_is_context(o) || i >= obj_slots(o)) return false;
      mem_store(o, i, value);
      return true;
    case 2:
    case 3:
      if (!is_pointers(o)) return false;
      if (oop_is_context(o)) return context_store(o, i, value);
      if (i >= obj_slots(o)) return false;
      mem_store(o, i, value);
      return true;
    case 4:
      if (i >= units(o, 1) || !oop_is_int(value)) return false;
      obj_bytes(o)[i] = (uint8_t)oop_int(value);
      return true;
    case 5:
      if (i >= units(o, 2) || !oop_is_int(value)) return false;
      AT(uint16_t, obj_body(o))[i] = (uint16_t)oop_int(value);
      return true;
    case 6:
      if (i >= units(o, 4) || !prim_uint64(value, &bits) || bits > UINT32_MAX) return false;
      obj_put_raw(o, i, (uint32_t)bits);
      return true;
    case 7:
      if (i >= units(o, 8) || !prim_uint64(value, &bits)) return false;
      *AT(uint64_t, obj_body(o) + 8 * i) = bits;
      return true;
    default: return false;
  }
}

static bool trinary(uint32_t n) {
  oop o = operand(2), index = operand(1), value = operand(0);
  if (!is_object(o) || obj_is_immutable(o) || !oop_is_int(index) || oop_int(index) < 1) return false;
  return put_at(n, o, (uint32_t)oop_int(index) - 1, value) && answer(3, value);
}

static bool jump(uint32_t operands, oop distance, bool taken) {
  const uint32_t target = at32(interp.fp + FRAME_PC) + (taken ? (uint32_t)oop_int(distance) : 0);
  if (!frame_can_go_on_at(interp.fp, target, interp.sp - 4 * operands)) return false;
  interp.sp -= 4 * operands;
  put32(interp.fp + FRAME_PC, target);
  return true;
}

static bool instance_of_one(oop o, oop classes) {
  oop class_ = mem_class_of(o);
  for (uint32_t i = 0; i < obj_slots(classes); i++)
    if (obj_slot(classes, i) == class_) return true;
  return false;
}

/* The jumps: 6000 of one operand, 7000 of two, 8000 of three; the distance is the top. */
static bool jumps(uint32_t operands, uint32_t n) {
  oop distance = operand(0), a = operand(1), b = operand(2);
  if (!oop_is_int(distance) || (operands > 1 && oop_int(distance) < 0)) return false;
  if (operands == 1) return n == 0 && oop_int(distance) < 0 && jump(1, distance, true);
  if (operands == 2) {
    if (!is_object(a)) return false;
    switch (n) {
      case 16: return jump(2, distance, !obj_is_immutable(a));
      case 17: return jump(2, distance, obj_is_immutable(a));
      case 18: return jump(2, distance, oop_is_young(a));
      case 19: return jump(2, distance, !oop_is_young(a));
      default: return false;
    }
  }
  switch (n) { /* b is tested, a is the class or the Array of classes */
    case 0: return jump(3, distance, mem_class_of(b) == a);
    case 1: return jump(3, distance, mem_class_of(b) != a);
    case 2: return is_pointers(a) && jump(3, distance, instance_of_one(b, a));
    case 3: return is_pointers(a) && jump(3, distance, !instance_of_one(b, a));
    default: return false;
  }
}

bool sista_inline_primitive(uint32_t number) {
  uint32_t n = number % 1000;
  switch (number / 1000) {
    case 1: return unary(n);
    case 2: return binary(n);
    case 3: return trinary(n);
    case 6: return jumps(1, n);
    case 7: return jumps(2, n);
    case 8: return jumps(3, n);
    default: return false;
  }
}
