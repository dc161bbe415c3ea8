/** compare.js: what has become slower since an earlier run, beyond what the spread explains. */
import { find } from './sample.js';

/** A difference below this part is never called a regression. */
const TOLERATED = 0.05;
/** What is taken for the spread of fewer than three samples. */
const UNKNOWN_SPREAD = 0.25;
/** The runners that are ours: another's slowness is no regression. */
const OURS = ['interpreted', 'calling', 'translated'];

/** @typedef {import('./sample.js').Measurement} Measurement */

/** @param {Measurement} of */
const spreadOf = ({ samples, spread }) => (samples.length < 3 ? UNKNOWN_SPREAD : spread);

/**
 * What a time is scaled by: the same program at the same time in CPython, or else the yardstick.
 * @param {Measurement[]} measurements @param {Measurement} of
 */
const scales = (measurements, of) =>
  [['cpython', of.part, of.name], ['javascript', of.part, of.name], ['cpython', 'yardstick', 'Fib'], ['javascript', 'yardstick', 'Fib']]
    .map(([runner, part, name]) => find(measurements, part, name, runner));

/**
 * @param {Measurement[]} before @param {Measurement[]} now
 * @returns {{part: string, name: string, runner: string, ratio: number, tolerance: number, isRegression: boolean}[]}
 */
export function compare(before, now) {
  return now.filter((each) => OURS.includes(each.runner)).flatMap((each) => {
    const old = find(before, each.part, each.name, each.runner);
    if (old === undefined || old.inner !== each.inner) return [];
    const oldScales = scales(before, old);
    const newScales = scales(now, each);
    const at = newScales.findIndex((scale, i) => scale !== undefined && oldScales[i] !== undefined);
    const [oldScale, newScale] = at < 0 ? [old, old] : [/** @type {Measurement} */ (oldScales[at]), /** @type {Measurement} */ (newScales[at])];
    const ratio = each.median / newScale.median / (old.median / oldScale.median);
    const tolerance = [each, old, newScale, oldScale].map(spreadOf).reduce((sum, v) => sum + v, TOLERATED);
    return [{ part: each.part, name: each.name, runner: each.runner, ratio, tolerance, isRegression: ratio > 1 + tolerance }];
  });
}

/** The lines to print. @param {ReturnType<typeof compare>} compared */
export function comparisonText(compared) {
  const slower = compared.filter((each) => each.isRegression);
  const lines = [...compared].sort((a, b) => b.ratio - a.ratio).map(({ part, name, runner, ratio, tolerance, isRegression }) =>
    `  ${`${part} ${name} ${runner}`.padEnd(38)} ${ratio.toFixed(3).padStart(8)} × the time   within ${(tolerance * 100).toFixed(0)} %${isRegression ? ': no, a REGRESSION' : ''}`);
  return `compared with before: ${compared.length} times, ${slower.length} regressions\n${lines.join('\n')}\n`;
}
