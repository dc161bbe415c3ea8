/** measure.js: runs programs by several runners in turns, so that a machine that slows down does so for all of them, and checks
 * that they answer the same. */
import { find, measurement } from './sample.js';
import { lines, progress, python } from './runners.js';

/**
 * @typedef {object} Plan
 * @property {string} part
 * @property {string[]} programs
 * @property {import('./runners.js').Runner[]} runners
 * @property {number} rounds      each in a new process
 * @property {number} iterations  in a round
 * @property {number} [inner]     else the program's own
 * @property {number} [warmer]    how many times the runners' own iterations of warming up: for a program that is over before an
 *                                engine's background threads have compiled what it runs
 */

/** @param {Plan} plan @returns {import('./sample.js').Measurement[]} */
export function measure({ part, programs, runners, rounds, iterations, inner, warmer = 1 }) {
  const found = [];
  for (const program of programs) {
    /** @type {Map<string, number[]>} */
    const samples = new Map(runners.map((runner) => [runner.name, []]));
    let answer;
    let usedInner = 0;
    for (let round = 0; round < rounds; round++) {
      progress(`${part} ${program}, round ${round + 1} of ${rounds}`);
      for (const { name, warmup, bench } of runners) {
        const args = [program, '--warmup', String(warmup * warmer), '--iterations', String(iterations)];
        const reported = lines(bench(inner === undefined ? args : [...args, '--inner', String(inner)]));
        if (reported.length !== iterations) throw new Error(`${name} did not finish ${program}`);
        for (const line of reported) {
          answer ??= line.answer;
          usedInner = line.inner;
          if (!line.ok || line.answer !== answer) throw new Error(`${name} answers ${line.answer} to ${program}, not ${answer}`);
          samples.get(name)?.push(Math.max(line.microseconds, 1) / 1000);
        }
      }
    }
    for (const [runner, times] of samples) found.push({ ...measurement(part, program, runner, usedInner, times), answer });
  }
  return found;
}

/** How fast the machine is now, for comparing with other times: Fibonacci in CPython, or in JavaScript where there is none.
 * @param {import('./runners.js').Engine} engine @param {import('./sample.js').Measurement[]} measurements  gets the samples */
export function measureYardstick(engine, measurements) {
  const runner = python() ?? engine.javascript;
  const [now] = measure({ part: 'yardstick', programs: ['Fib'], runners: [runner], rounds: 1, iterations: 3 });
  const before = find(measurements, 'yardstick', 'Fib', runner.name);
  if (before === undefined) measurements.push(now);
  else Object.assign(before, measurement('yardstick', 'Fib', runner.name, now.inner, [...before.samples, ...now.samples]));
}
