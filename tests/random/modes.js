/** modes.js: the ways in which each random program runs. */
import { whyNotOnSqueakJS } from './differences.js';

/** @typedef {import('./world.js').Start} Start */

/**
 * `options` hold from the moment that the programs are loaded: compiling them is not what is tested.
 * `squeakjs` is the start file of the VM that runs them instead of ours.
 * @typedef {{name: string, start: Start, options: Record<string, number>, squeakjs?: string}} Mode
 */

/** @type {Start} */
const NORMAL = { options: {}, warm: false };
/** @type {Start} */
const SMALL_PAGES = { options: { stack_page_bytes: 4096, stack_pages: 4 }, warm: false };
const INTERPRETED = { translate: 0 };
/** Worlds count no activations (world.js) and have hot_activations at 1. */
const ALWAYS = { translate: 2 };
const HOT = { translate: 1, break_even: 0, hot_activations: 2, hot_back_edges: 20 };

/** @param {string} name @param {Record<string, number>} options @param {Start} [start] @returns {Mode} */
const mode = (name, options, start = NORMAL) => ({ name, start, options });

const interpreted = mode('interpreted', INTERPRETED);
const interpretedInSmallPages = mode('small pages, interpreted', INTERPRETED, SMALL_PAGES);

const always = mode('always', ALWAYS);
const hot = mode('hot', HOT);
const small = mode('small pages', ALWAYS, SMALL_PAGES);
const smallBailing = mode('small pages, bailing, hot', { ...HOT, bail_stress: 3 }, SMALL_PAGES);
const collecting = mode('collecting', { ...ALWAYS, gc_stress: 1, gc_stress_full: 1000 });
const collectingBailing = mode('collecting and bailing', { ...ALWAYS, gc_stress: 1, gc_stress_full: 300, bail_stress: 7 });
const collectingInterpreted = mode('collecting, interpreted', { ...INTERPRETED, gc_stress: 1, gc_stress_full: 1000 });

/**
 * Modes whose results are to be equal: the others are compared with the first. A group of slow ones takes one program in
 * `every`; what `keepsBack` has a reason against does not run in it.
 * @typedef {{every: number, modes: Mode[], keepsBack?: (text: string) => string | null}} Group
 */

/** Every mode. @type {Group[]} */
export const GROUPS = [
  {
    every: 1,
    modes: [
      interpreted,
      always,
      hot,
      mode('bailing', { ...ALWAYS, bail_stress: 5 }),
      mode('translated again', { ...ALWAYS, bundle_samples: 1, bail_stress: 20 }),
    ],
  },
  { every: 8, modes: [interpreted, interpretedInSmallPages] },
  { every: 8, modes: [interpretedInSmallPages, small, smallBailing] },
  { every: 40, modes: [interpreted, collecting, collectingBailing, collectingInterpreted] },
];

/** Programs go on from an image that is saved, which other VMs can read too. @type {Start} */
const SAVED = { options: {}, warm: false, saved: true };

/** An independent opinion. @param {string} squeakjs its start file @returns {Group} */
export const groupOfSqueakJS = (squeakjs) => ({
  every: 1,
  keepsBack: whyNotOnSqueakJS,
  modes: [mode('interpreted from an image', INTERPRETED, SAVED), { ...mode('squeakjs', {}, SAVED), squeakjs }],
});

/** When methods get hot, in turn. @type {Mode[]} */
const HOTS = [
  hot,
  mode('hot at once', { ...HOT, hot_activations: 1 }),
  mode('hot, bailing', { ...HOT, bail_stress: 3 }),
  mode('hot at once, translated again', { ...HOT, hot_activations: 1, bundle_samples: 1 }),
  mode('hot, translated again, bailing', { ...HOT, bundle_samples: 1, bail_stress: 7 }),
];

/** @param {number} density */
const bailing = (density) => mode(`bailing, one in ${density}`, { ...ALWAYS, bail_stress: density });
/** @param {number} density 0: never */
const again = (density) => mode(`translated again${density > 0 ? `, bailing, one in ${density}` : ''}`, { ...ALWAYS, bundle_samples: 1, bail_stress: density });

/** Modes that translate each method before its first activation, in turn. @type {Mode[]} */
const ALWAYS_IN_TURN = [always, bailing(7), again(0), bailing(30), always, again(20), bailing(100), bailing(3)];

/** What a batch runs in, in turn: one mode more than a hot one for all its programs, or slow ones for some of them.
 * @type {((hot: Mode) => Group[])[]} */
const TURNS = [
  ...ALWAYS_IN_TURN.map((each) => (/** @type {Mode} */ warm) => [{ every: 1, modes: [interpreted, warm, each] }]),
  (warm) => [{ every: 1, modes: [interpreted, warm, interpretedInSmallPages] }, { every: 1, modes: [interpretedInSmallPages, small] }],
  (warm) => [{ every: 1, modes: [interpreted, warm, again(100)] }],
  (warm) => [{ every: 1, modes: [interpreted, warm, interpretedInSmallPages] }, { every: 1, modes: [interpretedInSmallPages, smallBailing] }],
  (warm) => [{ every: 1, modes: [interpreted, warm, always] }, { every: 8, modes: [interpreted, collecting, collectingBailing, collectingInterpreted] }],
];

/** Each start with the image's methods translated. */
const WARM = new Map([NORMAL, SMALL_PAGES].map((start) => [start, { ...start, warm: true }]));

/** What a warm start has translated is to stay. */
const KEEPING = { module_limit: 5000 };

/** @param {Group} group @returns {Group} */
const warmed = ({ every, modes }) => ({
  every,
  modes: modes.map(({ name, options, start }) => ({ name, options: { ...options, ...KEEPING }, start: WARM.get(start) ?? start })),
});

/** One batch in so many translates the image's methods itself. */
const COLD_EVERY = 7;

/** What a batch of a long row runs in: each mode in every few batches, hot ones in all. The numbers of turns have no
 * common divisor, so all combinations come. @param {number} batch its number @returns {Group[]} */
export function groupsInTurn(batch) {
  const groups = TURNS[batch % TURNS.length](HOTS[batch % HOTS.length]);
  return batch % COLD_EVERY === 0 ? groups : groups.map(warmed);
}

const inTurn = { every: 1, modes: [interpreted, ...new Set([...HOTS, ...ALWAYS_IN_TURN])] };
/** What a program runs in that once differed in one of them. */
export const GROUPS_OF_REGRESSIONS = [...GROUPS, inTurn, warmed(inTurn)];
