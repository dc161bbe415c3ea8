/* policy.c: what is worth translating, and when (manage.h).
 *
 * Code is translated when the interpreter has spent in it what its translation is expected to cost: whatever
 * comes afterwards, no more than twice the least possible has been paid. What it spent is counted in
 * bytecodes, by estimate; what an interpreted bytecode and a translated one cost is measured.
 *
 * Nothing is translated before the program has run for a while. The first translation is the dearest, because
 * the engine compiles the translator itself for it, and a short script is over before that has paid.
 */
#include "base/options.h"
#include "interpreter/lookup.h"
#include "translator/manage.h"

enum {
  WARM_UP = 8000000, /* bytecodes interpreted before anything is translated: between 50 and 100 ms */

  METHOD_UNITS = 24, /* a method costs as much as this many bytecodes, and its bytecodes */
  UNIT_NS = 2500,    /* a unit's cost before any is measured */
  MIN_UNIT_NS = 500,
  MAX_UNIT_NS = 10000,
  MAX_CHANGE = 4, /* a measurement counts for no more than so many times the average: the machine was busy */
  BLEND = 4,      /* and moves it by a quarter */
  TYPICAL_BYTECODES = 40, /* of the method whose threshold is told */

  INTERPRETED_NS = 8, /* a bytecode's time before it is measured */
  MIN_INTERPRETED_NS = 4,
  MAX_INTERPRETED_NS = 16,
  GAIN_PARTS = 4, /* of which translated code saves all but one */

  MAX_RUN = 30,       /* bytecodes of an activation: long methods leave much out */
  LOOP_BYTECODES = 8, /* of a round of a loop */

  SHARE_PARTS = 20,          /* translation may take a twentieth of the running time before thresholds rise */
  MAX_ROUNDS = 8,            /* … to at most this many times */
  SHARE_MEMORY_US = 1000000, /* older times count half, a quarter … */
};

static uint64_t recent_run_us, recent_translate_us, last_look_us;
static uint32_t unit_ns, interpreted_ns;
static bool translated_before, interpreted_is_measured;

/* ---- what is measured ---- */

void tr_policy_start(void) {
  recent_run_us = recent_translate_us = 0;
  unit_ns = UNIT_NS;
  interpreted_ns = INTERPRETED_NS;
  translated_before = interpreted_is_measured = false;
}

void tr_policy_slice(uint64_t now_us) { last_look_us = now_us; }

bool tr_policy_is_warm(void) { return interp.bytecodes >= (uint64_t)WARM_UP * vm_options.break_even / 100; }

static uint32_t between(uint64_t value, uint32_t least, uint32_t most) {
  return value < least ? least : value > most ? most : (uint32_t)value;
}

void tr_policy_look_at_clock(uint64_t now_us) {
  translator_stats.run_us += now_us - last_look_us;
  recent_run_us += now_us - last_look_us;
  last_look_us = now_us;
  if (recent_run_us > SHARE_MEMORY_US) {
    recent_run_us /= 2;
    recent_translate_us /= 2;
  }
  if (interpreted_is_measured || translated_before || interp.bytecodes < WARM_UP) return;
  interpreted_is_measured = true;
  interpreted_ns =
      between(translator_stats.run_us * 1000 / interp.bytecodes, MIN_INTERPRETED_NS, MAX_INTERPRETED_NS);
}

/* About as many as it has: most take one byte, some more. */
static uint32_t bytecodes_of(oop method) {
  return method != 0 && fmt_is_method(obj_format(method)) ? method_end_pc(method) - method_first_pc(method)
                                                          : 0;
}

void tr_policy_translated(uint64_t took_us, const struct tr_batch *batch) {
  translator_stats.translate_us += took_us;
  uint32_t units = 0;
  for (uint32_t i = 0; i < batch->count; i++)
    if (batch->made[i].info != 0)
      units += METHOD_UNITS + bytecodes_of(method_infos[batch->made[i].info].method);
  if (translated_before) recent_translate_us += took_us;
  if (translated_before && units > 0) {
    const uint64_t now_ns = between(took_us * 1000 / units, 0, unit_ns * MAX_CHANGE);
    unit_ns = between((unit_ns * (BLEND - 1) + now_ns) / BLEND, MIN_UNIT_NS, MAX_UNIT_NS);
  }
  translated_before = true; /* what the first took is over and says nothing about the next */
}

/* ---- what follows ---- */

uint32_t tr_rounds_needed(void) {
  uint32_t rounds = 1;
  while (rounds < MAX_ROUNDS && recent_translate_us * SHARE_PARTS > recent_run_us * rounds) rounds *= 2;
  return rounds;
}

/* The bytecodes whose interpretation costs as much more than their translation's run as it costs to translate
 * so many. */
static uint64_t threshold(uint32_t bytecodes) {
  const uint64_t cost_ns = (uint64_t)unit_ns * (METHOD_UNITS + bytecodes);
  const uint64_t gain_ns = interpreted_ns * (GAIN_PARTS - 1) / GAIN_PARTS;
  return cost_ns / gain_ns * tr_rounds_needed() * vm_options.break_even / 100;
}

bool tr_policy_look(struct method_info *info) {
  const uint32_t bytecodes = bytecodes_of(info->method);
  const uint32_t run = bytecodes / 2 < MAX_RUN ? bytecodes / 2 + 1 : MAX_RUN;
  const uint32_t spent = info->back_edges >= vm_options.hot_back_edges ? info->back_edges * LOOP_BYTECODES
                                                                       : vm_options.hot_activations * run;
  info->activations = info->back_edges = 0;
  info->interpreted = info->interpreted > UINT32_MAX - spent ? UINT32_MAX : info->interpreted + spent;
  return tr_policy_is_warm() && info->interpreted >= threshold(bytecodes);
}

struct translator_figures translator_figures(void) {
  return (struct translator_figures){.unit_ns = unit_ns,
                                     .interpreted_ns = interpreted_ns,
                                     .typical_threshold = threshold(TYPICAL_BYTECODES)};
}
