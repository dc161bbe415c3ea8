/** program.js: what every port of a benchmark program is, and the numbers that some of them draw. */

/**
 * @typedef {object} Program
 * @property {string} name           as in the default image
 * @property {number} defaultInner   as in the default image
 * @property {number} smallInner     for tests
 * @property {(inner: number) => string} run  does the work; answers what Smalltalk prints for its answer
 * @property {(answer: string, inner: number) => boolean} isRight
 */

/**
 * A program whose answer is known.
 * @param {string} name @param {number} defaultInner @param {number} smallInner
 * @param {(inner: number) => unknown} run @param {(inner: number) => unknown} expected @returns {Program}
 */
export const program = (name, defaultInner, smallInner, run, expected) => ({
  name,
  defaultInner,
  smallInner,
  run: (inner) => String(run(inner)),
  isRight: (answer, inner) => answer === String(expected(inner)),
});

/** Very simple pseudo-random numbers, the same ones in every language. */
export class Random {
  constructor() {
    this.seed = 74755;
  }
  next() {
    this.seed = (this.seed * 1309 + 13849) & 65535;
    return this.seed;
  }
}
