/* SoundGenerationPlugin.c: the inner loops of the image's synthesizers: each mixes a slice of a sound into a
 * buffer of stereo samples and moves the sound's state on. The formulas, with their scalings, are those of
 * the methods whose primitives these are: FMSound, PluckedSound, SampledSound, LoopedSampledSound and
 * ReverbSound (mixSampleCount:into:startingAt:leftVol:rightVol:, applyReverbTo:startingAt:count:); a sample
 * computed here and one computed by those methods are the same.
 *
 * What an index can become in the loop follows from the fields at its begin, so all checks are made before.
 */
#include "plugins/plugin.h"
#include "plugins/samples.h"

/* Volumes, FM and plucked indices are scaled by 2^15, sampled ones by 2^16, looped ones by 2^9. */
enum {
  SCALE_BITS = 15,
  SCALE = 1 << SCALE_BITS,
  SAMPLED_BITS = 16,
  LOOP_BITS = 9,
  LOOP_SCALE = 1 << LOOP_BITS
};
enum { SAMPLED_OVERFLOW = 1 << 29, SAMPLE_LIMIT = 32767 };

/* Fields of AbstractSound, and where those of its subclasses begin. */
enum { SOUND_VOLUME = 3, SOUND_VOLUME_STEP, SOUND_VOLUME_LIMIT, SOUND_COUNT = 7 };
enum { FM_WAVE = 8, FM_SIZE, FM_INDEX, FM_STEP, FM_MODULATION = 14, FM_OFFSET, FM_OFFSET_STEP, FM_FIELDS };
enum { PLUCKED_RING = 8, PLUCKED_INDEX, PLUCKED_STEP, PLUCKED_LIMIT, PLUCKED_FIELDS };
enum { SAMPLED_SAMPLES = 8, SAMPLED_SIZE = 10, SAMPLED_INDEX, SAMPLED_HIGH, SAMPLED_STEP, SAMPLED_FIELDS };
enum { LOOPED_RELEASE = 8, LOOPED_LEFT = 10, LOOPED_RIGHT, LOOPED_LAST = 16, LOOPED_END };
enum { LOOPED_LENGTH = 18, LOOPED_INDEX, LOOPED_STEP, LOOPED_FIELDS };
enum { REVERB_DELAYS = 7, REVERB_GAINS, REVERB_TAPS, REVERB_SIZE, REVERB_INDEX, REVERB_LEFT };
enum { REVERB_RIGHT = 13, REVERB_FIELDS };

/* The part of a buffer that is to be mixed into, and the volume with its envelope. */
struct mix {
  oop sound;
  int16_t *slice, *end;
  int64_t left, right; /* volumes of the sides */
  int64_t volume, step, limit;
  int64_t count; /* samples that are left of the sound; not used by a reverb */
};

static void add_sample(int16_t *to, int64_t value) {
  int64_t s = *to + value;
  *to = (int16_t)(s > SAMPLE_LIMIT ? SAMPLE_LIMIT : s < -SAMPLE_LIMIT ? -SAMPLE_LIMIT : s);
}

/* Slices are pairs of samples and counted from 1. */
static bool find_slice(struct mix *m, oop buffer, oop start, oop count) {
  struct samples samples;
  uint32_t first, n;
  if (!samples_of(buffer, &samples) || !prim_index(start, &first) || !prim_index(count, &n) || first < 1)
    return false;
  if ((uint64_t)first - 1 + n > samples.count / 2) return false;
  m->slice = samples.at + 2 * (size_t)(first - 1);
  m->end = m->slice + 2 * (size_t)n;
  return true;
}

/* sound mixSampleCount: n into: buffer startingAt: index leftVol: left rightVol: right. 0, or a failure. */
static oop begin_mix(struct mix *m, oop *args, uint32_t fields) {
  m->sound = args[0];
  if (!has_plain_fields(m->sound, fields)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!oop_is_int(args[4]) || !oop_is_int(args[5])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (!find_slice(m, args[2], args[3], args[1])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (obj_is_immutable(m->sound) || obj_is_immutable(args[2])) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  m->left = oop_int(args[4]);
  m->right = oop_int(args[5]);
  if (!READ_INT_FIELDS(m->sound, {SOUND_VOLUME, &m->volume}, {SOUND_VOLUME_STEP, &m->step},
                       {SOUND_VOLUME_LIMIT, &m->limit}, {SOUND_COUNT, &m->count}))
    return prim_fail(PRIM_ERR_BAD_RECEIVER);
  return 0;
}

static void mix_pair(struct mix *m, int64_t sample) {
  if (m->left > 0) add_sample(m->slice, sample * m->left >> SCALE_BITS);
  if (m->right > 0) add_sample(m->slice + 1, sample * m->right >> SCALE_BITS);
}

/* Moves the volume on its way to the limit. */
static void step_volume(struct mix *m) {
  if (m->step == 0) return;
  m->volume += m->step;
  if (m->step > 0 ? m->volume >= m->limit : m->volume <= m->limit) {
    m->volume = m->limit;
    m->step = 0;
  }
}

static oop end_mix(const struct mix *m, int64_t count) {
  put_int_field(m->sound, SOUND_VOLUME, m->volume);
  put_int_field(m->sound, SOUND_VOLUME_STEP, m->step);
  put_int_field(m->sound, SOUND_COUNT, count);
  return m->sound;
}

/* What is left of the sound after this slice; asked before the slice is gone through. */
static int64_t count_after(const struct mix *m) { return m->count - (m->end - m->slice) / 2; }

/* ---- FMSound ---- */

static int64_t wrapped(int64_t index, int64_t size) {
  index %= size;
  return index < 0 ? index + size : index;
}

static oop primitiveMixFMSound(oop *args, uint32_t argc) {
  struct mix m;
  struct samples wave;
  int64_t size, index, step, modulation, offset_index, offset_step;
  oop failure = begin_mix(&m, args, FM_FIELDS);
  if (failure) return failure;
  if (!samples_of(obj_slot(m.sound, FM_WAVE), &wave) ||
      !READ_INT_FIELDS(m.sound, {FM_SIZE, &size}, {FM_INDEX, &index}, {FM_STEP, &step},
                       {FM_MODULATION, &modulation}, {FM_OFFSET, &offset_index},
                       {FM_OFFSET_STEP, &offset_step}))
    return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (size < 1 || (size - 1) >> SCALE_BITS >= wave.count || index < 0 || index >> SCALE_BITS >= wave.count ||
      offset_index < 0 || offset_index >> SCALE_BITS >= wave.count)
    return prim_fail(PRIM_ERR_BAD_RECEIVER);
  const int64_t count = count_after(&m);
  const bool modulated = modulation != 0 && offset_step != 0;
  for (; m.slice < m.end; m.slice += 2) {
    const int64_t sample = m.volume * wave.at[index >> SCALE_BITS] >> SCALE_BITS;
    const int64_t offset = modulated ? modulation * wave.at[offset_index >> SCALE_BITS] : 0;
    if (modulated) offset_index = wrapped(offset_index + offset_step, size);
    index = wrapped(index + step + offset, size);
    mix_pair(&m, sample);
    step_volume(&m);
  }
  put_int_field(m.sound, FM_INDEX, index);
  put_int_field(m.sound, FM_OFFSET, offset_index);
  return end_mix(&m, count);
}

/* ---- PluckedSound: a string is a ring of noise in which neighbours are averaged as it is played ---- */

static oop primitiveMixPluckedSound(oop *args, uint32_t argc) {
  struct mix m;
  struct samples ring;
  int64_t index, step, limit;
  oop failure = begin_mix(&m, args, PLUCKED_FIELDS);
  if (failure) return failure;
  const oop ring_oop = obj_slot(m.sound, PLUCKED_RING);
  if (!samples_of(ring_oop, &ring) ||
      !READ_INT_FIELDS(m.sound, {PLUCKED_INDEX, &index}, {PLUCKED_STEP, &step}, {PLUCKED_LIMIT, &limit}))
    return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (obj_is_immutable(ring_oop)) return prim_fail(PRIM_ERR_NO_MODIFICATION);
  if (index < SCALE || index >= limit || (limit - 1) >> SCALE_BITS > ring.count || step < 0 ||
      step > limit - SCALE)
    return prim_fail(PRIM_ERR_BAD_RECEIVER);
  const int64_t count = count_after(&m);
  for (; m.slice < m.end; m.slice += 2) {
    int64_t next = index + step;
    if (next >= limit) next -= limit - SCALE;
    int16_t *here = &ring.at[(index >> SCALE_BITS) - 1];
    *here = (int16_t)((*here + ring.at[(next >> SCALE_BITS) - 1]) >> 1);
    const int64_t sample = *here * m.volume >> SCALE_BITS;
    index = next;
    mix_pair(&m, sample);
    step_volume(&m);
  }
  put_int_field(m.sound, PLUCKED_INDEX, index);
  return end_mix(&m, count);
}

/* ---- SampledSound: the index is the sum of a scaled one and its high bits, as both were SmallIntegers ----
 */

static oop primitiveMixSampledSound(oop *args, uint32_t argc) {
  struct mix m;
  struct samples samples;
  int64_t size, index, high, step;
  oop failure = begin_mix(&m, args, SAMPLED_FIELDS);
  if (failure) return failure;
  if (!samples_of(obj_slot(m.sound, SAMPLED_SAMPLES), &samples) ||
      !READ_INT_FIELDS(m.sound, {SAMPLED_SIZE, &size}, {SAMPLED_INDEX, &index}, {SAMPLED_HIGH, &high},
                       {SAMPLED_STEP, &step}))
    return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (size > samples.count || index < 0 || step < 0 || high + (index >> SAMPLED_BITS) < 1)
    return prim_fail(PRIM_ERR_BAD_RECEIVER);
  const int64_t count = count_after(&m);
  for (; m.slice < m.end; m.slice += 2) {
    const int64_t here = high + (index >> SAMPLED_BITS);
    if (here > size) break;
    mix_pair(&m, samples.at[here - 1] * m.volume >> SCALE_BITS);
    step_volume(&m);
    index += step;
    if (index >= SAMPLED_OVERFLOW) {
      high += index >> SAMPLED_BITS;
      index &= (1 << SAMPLED_BITS) - 1;
    }
  }
  put_int_field(m.sound, SAMPLED_INDEX, index);
  put_int_field(m.sound, SAMPLED_HIGH, high);
  return end_mix(&m, count);
}

/* ---- LoopedSampledSound: goes back in its samples until it is released ---- */

struct loop {
  struct samples left, right;
  int64_t release, last, end, length, index, step;
  bool stereo;
};

static bool read_loop(oop sound, struct loop *l) {
  const oop left = obj_slot(sound, LOOPED_LEFT), right = obj_slot(sound, LOOPED_RIGHT);
  l->stereo = left != right;
  if (!samples_of(left, &l->left) || !samples_of(right, &l->right) ||
      !READ_INT_FIELDS(sound, {LOOPED_RELEASE, &l->release}, {LOOPED_LAST, &l->last}, {LOOPED_END, &l->end},
                       {LOOPED_LENGTH, &l->length}, {LOOPED_INDEX, &l->index}, {LOOPED_STEP, &l->step}))
    return false;
  if (l->step < 0 || l->index + l->step < LOOP_SCALE) return false;
  if (l->last > l->left.count || l->last > l->right.count) return false;
  /* No loop, or one of a sample and more that does not lead to before the first. */
  if (l->length == 0) return true;
  return l->length >= LOOP_SCALE && (l->end + 1) * LOOP_SCALE - l->length >= LOOP_SCALE &&
         l->last * LOOP_SCALE - l->length >= 0;
}

/* Between two neighbours, as far as the index is from the first. */
static int64_t between(const struct samples *s, int64_t here, int64_t next, int64_t part) {
  return (s->at[here - 1] * (LOOP_SCALE - part) + s->at[next - 1] * part) >> LOOP_BITS;
}

static oop primitiveMixLoopedSampledSound(oop *args, uint32_t argc) {
  struct mix m;
  struct loop l;
  oop failure = begin_mix(&m, args, LOOPED_FIELDS);
  if (failure) return failure;
  if (!read_loop(m.sound, &l)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  int64_t count = count_after(&m);
  for (; m.slice < m.end; m.slice += 2) {
    l.index += l.step;
    if (l.index >> LOOP_BITS > l.end && m.count > l.release) l.index -= l.length;
    const int64_t here = l.index >> LOOP_BITS, part = l.index & (LOOP_SCALE - 1);
    if (here > l.last) { /* the end of a sound that is released */
      put_int_field(m.sound, LOOPED_INDEX, l.index);
      (void)end_mix(&m, 0);
      return mem.nil;
    }
    const int64_t next = here < l.last   ? here + 1
                         : l.length == 0 ? here
                                         : ((l.index - l.length) >> LOOP_BITS) + 1;
    const int64_t left = between(&l.left, here, next, part);
    const int64_t right = l.stereo ? between(&l.right, here, next, part) : left;
    if (m.left > 0) add_sample(m.slice, (m.left * m.volume >> SCALE_BITS) * left >> SCALE_BITS);
    if (m.right > 0) add_sample(m.slice + 1, (m.right * m.volume >> SCALE_BITS) * right >> SCALE_BITS);
    step_volume(&m);
  }
  put_int_field(m.sound, LOOPED_INDEX, l.index);
  return end_mix(&m, count);
}

/* ---- ReverbSound: adds what was played some delays ago ---- */

struct reverb {
  const int32_t *delays, *gains;
  struct samples left, right;
  int64_t taps, size, index;
};

static bool read_reverb(oop sound, struct reverb *r) {
  const oop delays = obj_slot(sound, REVERB_DELAYS), gains = obj_slot(sound, REVERB_GAINS);
  if (!oop_is_words(delays) || !oop_is_words(gains) || !samples_of(obj_slot(sound, REVERB_LEFT), &r->left) ||
      !samples_of(obj_slot(sound, REVERB_RIGHT), &r->right) ||
      !READ_INT_FIELDS(sound, {REVERB_TAPS, &r->taps}, {REVERB_SIZE, &r->size}, {REVERB_INDEX, &r->index}))
    return false;
  if (r->taps > obj_slots(delays) || r->taps > obj_slots(gains)) return false;
  if (r->size > r->left.count || r->size > r->right.count || r->index < 1 || r->index > r->size) return false;
  r->delays = AT(int32_t, obj_body(delays));
  r->gains = AT(int32_t, obj_body(gains));
  for (int64_t i = 0; i < r->taps; i++)
    if (r->delays[i] < 0 || r->delays[i] > r->size) return false;
  return true;
}

static int64_t delayed(const struct reverb *r, const struct samples *buffer) {
  int64_t sum = 0;
  for (int64_t i = 0; i < r->taps; i++) {
    const int64_t at = r->index - r->delays[i];
    sum += (int64_t)r->gains[i] * buffer->at[(at < 1 ? at + r->size : at) - 1];
  }
  return sum >> SCALE_BITS;
}

/* reverb applyReverbTo: buffer startingAt: index count: n */
static oop primitiveApplyReverb(oop *args, uint32_t argc) {
  struct mix m = {.sound = args[0]};
  struct reverb r;
  if (!has_plain_fields(m.sound, REVERB_FIELDS)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (!find_slice(&m, args[1], args[2], args[3])) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (!read_reverb(m.sound, &r)) return prim_fail(PRIM_ERR_BAD_RECEIVER);
  if (obj_is_immutable(m.sound) || obj_is_immutable(args[1]) ||
      obj_is_immutable(obj_slot(m.sound, REVERB_LEFT)) || obj_is_immutable(obj_slot(m.sound, REVERB_RIGHT)))
    return prim_fail(PRIM_ERR_NO_MODIFICATION);
  for (; m.slice < m.end; m.slice += 2) {
    const int64_t left = delayed(&r, &r.left), right = delayed(&r, &r.right);
    add_sample(m.slice, left);
    add_sample(m.slice + 1, right);
    r.left.at[r.index - 1] = m.slice[0];
    r.right.at[r.index - 1] = m.slice[1];
    r.index = r.index % r.size + 1;
  }
  put_int_field(m.sound, REVERB_INDEX, r.index);
  return m.sound;
}

#define SOUND_GENERATION_PRIMITIVES(X)    \
  X(primitiveApplyReverb, 3, 3)           \
  X(primitiveMixFMSound, 5, 5)            \
  X(primitiveMixLoopedSampledSound, 5, 5) \
  X(primitiveMixPluckedSound, 5, 5)       \
  X(primitiveMixSampledSound, 5, 5)
PLUGIN_DEFINE(SoundGenerationPlugin, SOUND_GENERATION_PRIMITIVES)
