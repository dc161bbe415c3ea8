/** modes.js: the ways in which each random program runs. */

/**
 * `before` holds from the start of the VM, `options` from the moment that the programs are loaded: compiling them is
 * not what is tested.
 * @typedef {{name: string, before: Record<string, number>, options: Record<string, number>}} Mode
 */

const SMALL_PAGES = { stack_page_bytes: 4096, stack_pages: 4 };
const NORMAL = {};
const INTERPRETED = { translate: 0 };
/** Worlds count no activations (world.js) and have hot_activations at 1. */
const ALWAYS = { translate: 2 };
const HOT = { translate: 1, break_even: 0, hot_activations: 2, hot_back_edges: 20 };

/** @param {string} name @param {Record<string, number>} options @param {Record<string, number>} [before] @returns {Mode} */
const mode = (name, options, before = NORMAL) => ({ name, before, options });

const interpreted = mode('interpreted', INTERPRETED);
const interpretedInSmallPages = mode('small pages, interpreted', INTERPRETED, SMALL_PAGES);

/**
 * Modes whose results are to be equal: the others are compared with the first. A group of slow ones takes one program in
 * `every`.
 * @type {{every: number, modes: Mode[]}[]}
 */
export const GROUPS = [
  {
    every: 1,
    modes: [
      interpreted,
      mode('always', ALWAYS),
      mode('hot', HOT),
      mode('bailing', { ...ALWAYS, bail_stress: 5 }),
      mode('translated again', { ...ALWAYS, bundle_samples: 1, bail_stress: 20 }),
    ],
  },
  { every: 8, modes: [interpreted, interpretedInSmallPages] },
  {
    every: 8,
    modes: [
      interpretedInSmallPages,
      mode('small pages', ALWAYS, SMALL_PAGES),
      mode('small pages, bailing, hot', { ...HOT, bail_stress: 3 }, SMALL_PAGES),
    ],
  },
  {
    every: 40,
    modes: [
      interpreted,
      mode('collecting', { ...ALWAYS, gc_stress: 1, gc_stress_full: 1000 }),
      mode('collecting and bailing', { ...ALWAYS, gc_stress: 1, gc_stress_full: 300, bail_stress: 7 }),
      mode('collecting, interpreted', { ...INTERPRETED, gc_stress: 1, gc_stress_full: 1000 }),
    ],
  },
];
