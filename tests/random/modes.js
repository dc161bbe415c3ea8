/** modes.js: the ways in which each random program runs. */

/**
 * `before` holds from the start of the VM, `options` from the moment that the programs are loaded: compiling them is
 * not what is tested. A slow mode takes one program in `every`.
 * @typedef {{name: string, before: Record<string, number>, options: Record<string, number>, every: number}} Mode
 */

const SMALL_PAGES = { stack_page_bytes: 4096, stack_pages: 4 };
const INTERPRETED = { translate: 0 };
/** Worlds count no activations (world.js) and have hot_activations at 1. */
const ALWAYS = { translate: 2 };
const HOT = { translate: 1, break_even: 0, hot_activations: 2, hot_back_edges: 20 };

/** @param {string} name @param {Record<string, number>} options @param {{before?: Record<string, number>, every?: number}} [more] @returns {Mode} */
const mode = (name, options, { before = {}, every = 1 } = {}) => ({ name, before, options, every });

/** The first is what the others are compared with. */
export const MODES = [
  mode('interpreted', INTERPRETED),
  mode('always', ALWAYS),
  mode('hot', HOT),
  mode('bailing', { ...ALWAYS, bail_stress: 5 }),
  mode('translated again', { ...ALWAYS, bundle_samples: 1, bail_stress: 20 }),
  mode('small pages', ALWAYS, { before: SMALL_PAGES, every: 4 }),
  mode('small pages, interpreted', INTERPRETED, { before: SMALL_PAGES, every: 4 }),
  mode('small pages, bailing, hot', { ...HOT, bail_stress: 3 }, { before: SMALL_PAGES, every: 4 }),
  mode('collecting', { ...ALWAYS, gc_stress: 1, gc_stress_full: 1000 }, { every: 20 }),
  mode('collecting and bailing', { ...ALWAYS, gc_stress: 1, gc_stress_full: 300, bail_stress: 7 }, { every: 20 }),
  mode('collecting, interpreted', { ...INTERPRETED, gc_stress: 1, gc_stress_full: 1000 }, { every: 20 }),
];
