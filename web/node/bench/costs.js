/** costs.js: what translation costs: the share of the demonstration that is spent on it, and what a short script pays. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { root } from '../paths.js';
import { examples, progress } from './runners.js';
import { median, spread } from './sample.js';

/** @typedef {{ms: number, openMs: number, cpuMs: number, stats: any}} Timed */

/** @param {string} node @param {string[]} options @param {string[]} args @returns {Timed} */
function timed(node, options, args) {
  const program = path.join(root, 'web/node/bench/timed.js');
  const { status, stderr, error } = spawnSync(node, ['--no-warnings', program, ...options, '--', ...args],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (error || status !== 0) throw new Error(`${args.join(' ')}: ${error ?? stderr}`);
  return JSON.parse(/** @type {string} */ (stderr.trimEnd().split('\n').at(-1)));
}

/** The two modes by turns, and the medians of each and of the ratios of neighbours. Processor time counts the engine's compiling in
 * the background too, and tells more where the machine has other work. @param {string} node @param {number} rounds @param {string[]} args */
function byTurns(node, rounds, args) {
  /** @type {Timed[]} */
  const without = [];
  /** @type {Timed[]} */
  const withIt = [];
  for (let i = 0; i < rounds; i++) {
    // Whoever comes second finds warm caches: they change places.
    if (i % 2 === 0) without.push(timed(node, ['--no-translate'], args));
    withIt.push(timed(node, ['--translate=hot'], args));
    if (i % 2 === 1) without.push(timed(node, ['--no-translate'], args));
  }
  /** @param {'ms' | 'cpuMs'} field */
  const ratios = (field) => withIt.map((each, i) => each[field] / without[i][field]);
  return {
    interpretedMs: median(without.map(({ ms }) => ms)),
    translatedMs: median(withIt.map(({ ms }) => ms)),
    interpretedCpuMs: median(without.map(({ cpuMs }) => cpuMs)),
    translatedCpuMs: median(withIt.map(({ cpuMs }) => cpuMs)),
    ratio: median(ratios('ms')),
    cpuRatio: median(ratios('cpuMs')),
    spread: spread(ratios('ms')),
    translatingMs: median(withIt.map(({ stats }) => stats.translate_us / 1000)),
    methods: withIt[0].stats.translated_methods,
    modules: withIt[0].stats.modules,
  };
}

/** @param {string} node @param {number} rounds */
export function benchCosts(node, rounds) {
  progress('what translation costs the demonstration');
  const demos = Array.from({ length: rounds }, () => timed(node, ['--translate=hot'], ['demo']));
  progress('what translation costs a short script');
  const shares = demos.map(({ ms, stats }) => stats.translate_us / 1000 / ms);
  return {
    demonstration: {
      ms: median(demos.map(({ ms }) => ms)),
      translatingMs: median(demos.map(({ stats }) => stats.translate_us / 1000)),
      share: median(shares),
      spread: spread(shares),
    },
    script: byTurns(node, 2 * rounds + 1, ['run', path.join(examples, 'script.st')]),
  };
}
