/** sample.js: what a measurement is, and the statistics of its samples. */

/**
 * @typedef {object} Measurement
 * @property {string} part      fib, micro, programs, awfy or yardstick
 * @property {string} name      the program
 * @property {string} runner    interpreted, calling, translated, cpython, javascript, or a peer's name
 * @property {number} inner     how often the program does its work in an iteration
 * @property {number} median    milliseconds an iteration
 * @property {number} spread    the middle half of the samples, from its least to its greatest, as a part of the median
 * @property {number[]} samples milliseconds, in the order they were taken
 */

/** The value below which the share of the values lies, between neighbours in proportion.
 * @param {number[]} sorted @param {number} share */
function quantile(sorted, share) {
  const place = (sorted.length - 1) * share;
  const low = Math.floor(place);
  return sorted[low] + ((sorted[low + 1] ?? sorted[low]) - sorted[low]) * (place - low);
}

/** @param {number[]} values */
const inOrder = (values) => [...values].sort((a, b) => a - b);
/** @param {number[]} values */
export const median = (values) => quantile(inOrder(values), 0.5);
/** @param {number[]} values */
export const geometricMean = (values) => Math.exp(values.reduce((sum, v) => sum + Math.log(v), 0) / values.length);

/** @param {number[]} values */
export function spread(values) {
  const sorted = inOrder(values);
  return (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / quantile(sorted, 0.5);
}

/** @param {string} part @param {string} name @param {string} runner @param {number} inner @param {number[]} samples
 * @returns {Measurement} */
export const measurement = (part, name, runner, inner, samples) =>
  ({ part, name, runner, inner, median: median(samples), spread: spread(samples), samples });

/** @param {Measurement[]} measurements @param {string} part @param {string} name @param {string} runner */
export const find = (measurements, part, name, runner) =>
  measurements.find((each) => each.part === part && each.name === name && each.runner === runner);
