/* checks.c: reading numbers out of oops. */
#include "primitives/checks.h"

#include "interpreter/send.h"

oop prim_fail_late(uint32_t code, uint32_t argc) {
  interp.prim_error = code;
  /* Called through another primitive (118, 218), that has other arguments: nil stands for the failure. */
  if (method_num_args(interp.new_method) != argc) return prim_done(argc, mem.nil);
  send_activate_failed(argc);
  return PRIM_DONE;
}

const uint8_t *prim_magnitude(oop o, uint8_t room[4], uint32_t *length, bool *negative) {
  const uint8_t *bytes = room;
  uint32_t n = 4;
  if (oop_is_int(o)) {
    int32_t v = oop_int(o);
    *negative = v < 0;
    uint32_t m = v < 0 ? 0u - (uint32_t)v : (uint32_t)v;
    for (int i = 0; i < 4; i++) room[i] = (uint8_t)(m >> 8 * i);
  } else {
    *negative = obj_class_index(o) == CIX_LARGE_NEGATIVE;
    bytes = obj_bytes(o);
    n = obj_byte_size(o);
  }
  while (n > 0 && bytes[n - 1] == 0) n--;
  *length = n;
  return bytes;
}

int prim_compare_integers(oop a, oop b) {
  if (oop_both_int(a, b)) return (int32_t)a < (int32_t)b ? -1 : a != b;
  uint8_t room_a[4], room_b[4];
  uint32_t na, nb;
  bool neg_a, neg_b;
  const uint8_t *pa = prim_magnitude(a, room_a, &na, &neg_a);
  const uint8_t *pb = prim_magnitude(b, room_b, &nb, &neg_b);
  if (na == 0 && nb == 0) return 0;
  if (neg_a != neg_b) return neg_a ? -1 : 1;
  int order = na < nb ? -1 : na > nb;
  for (uint32_t i = na; order == 0 && i-- > 0;)
    if (pa[i] != pb[i]) order = pa[i] < pb[i] ? -1 : 1;
  return neg_a ? -order : order;
}

static bool magnitude64(oop o, uint64_t *value, bool *negative) {
  uint8_t room[4];
  uint32_t n;
  if (!oop_is_large(o)) return false;
  const uint8_t *p = prim_magnitude(o, room, &n, negative);
  if (n > 8) return false;
  *value = 0;
  for (uint32_t i = n; i-- > 0;) *value = *value << 8 | p[i];
  return true;
}

bool prim_int64(oop o, int64_t *value) {
  if (oop_is_int(o)) {
    *value = oop_int(o);
    return true;
  }
  uint64_t m;
  bool negative;
  if (!magnitude64(o, &m, &negative)) return false;
  if (m > (negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX)) return false;
  *value = negative ? (int64_t)(0 - m) : (int64_t)m;
  return true;
}

bool prim_uint64(oop o, uint64_t *value) {
  if (oop_is_int(o)) {
    if (oop_int(o) < 0) return false;
    *value = (uint64_t)oop_int(o);
    return true;
  }
  bool negative;
  if (!magnitude64(o, value, &negative)) return false;
  return !negative || *value == 0;
}

bool prim_double(oop o, double *value) {
  if (oop_is_int(o)) {
    *value = oop_int(o);
    return true;
  }
  if (oop_is_float(o)) {
    *value = mem_float(o);
    return true;
  }
  uint64_t m;
  bool negative;
  if (!magnitude64(o, &m, &negative)) return false;
  *value = negative ? -(double)m : (double)m;
  return true;
}

oop prim_new_point(oop x, oop y) {
  oop class_ = mem_special(SPECIAL_CLASS_POINT);
  if (!oop_is_behavior(class_) || class_inst_size(class_) < POINT_FIELDS)
    return prim_fail(PRIM_ERR_INAPPROPRIATE);
  oop point = mem_instantiate(class_, 0);
  if (point == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
  mem_store(point, POINT_X, x);
  mem_store(point, POINT_Y, y);
  return point;
}
