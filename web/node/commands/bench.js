/** bench: benchmarks interpreted, translated, and beside what else is on the machine. Times live here; tests keep
 * answers. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { awfyImage, benchAwfy } from '../bench/awfy.js';
import { compare, comparisonText } from '../bench/compare.js';
import { benchCosts } from '../bench/costs.js';
import { benchFib } from '../bench/fib.js';
import { measureYardstick } from '../bench/measure.js';
import { plot } from '../bench/plot.js';
import { benchMicro, benchPrograms, unknownPrograms } from '../bench/programs.js';
import { chromiumEngine, nodeEngine, peers, progress, python } from '../bench/runners.js';
import { find } from '../bench/sample.js';
import { text } from '../bench/table.js';
import { UsageError } from '../usage.js';

const PARTS = ['fib', 'micro', 'programs', 'awfy', 'costs'];
/** Those that need no files. */
const PAGE_PARTS = ['fib', 'micro', 'programs'];

export const help = `Usage: ./catalyst bench [--only=PART,…] [--engine=chromium | --node=PROGRAM] [--rounds=N] [--iterations=N] [--json]
                        [-o FILE] [--svg FILE] [--compare OLD.json] [NAME …]

Runs benchmarks interpreted and translated, beside the same programs in CPython and in JavaScript, by turns in processes of their
own, and prints medians, spreads and ratios. NAMEs choose programs and micro benchmarks; without one all run. The parts:

  fib        recursive Fibonacci: nanoseconds a send; "calling" makes a call for every send
  micro      bytecodes, loops with blocks, process switches, exceptions, non-local returns
  programs   the whole programs of the default image, and their ports under examples/benchmarks
  awfy       the fourteen are-we-fast-yet programs of awfy-cuis-5.0.image, where it is present (../shared/images or
             CATALYST_IMAGES), beside the published times of other VMs scaled to this machine by CPython
  costs      the share of the demonstration that is spent on translating; a short script with and without translation

--only=PART,…    just those parts
--engine=chromium  in a page of a Chromium without a window: fib, micro and programs (apt-get install chromium, or set CHROMIUM)
--node=PROGRAM   in another Node.js, such as that of: npm install --prefix /tmp/node24 node@24
--rounds=N       rounds, each with new processes (default 7 for fib, 3 for the rest)
--iterations=N   iterations that count in each round, after those that warm up (default 3)
--json           print JSON on standard output
-o FILE          write the JSON there
--svg FILE       write a plot of the ratios there
--compare FILE   flag what has become slower since that JSON was written, beyond the spread of both (exit code 1); times are scaled
                 by CPython's (JavaScript's where there is none), so that a slower machine is no regression

CATALYST_PEERS names other VMs for the same images, separated by semicolons: NAME=COMMAND, where {image} stands for the image
and {args} for its arguments. Only are-we-fast-yet needs {args}. For example:
  CATALYST_PEERS='cog=squeak -vm-display-null {image} {args};squeakjs=node /path/squeak_node.js {image}'
SqueakJS takes arguments through examples/benchmarks/squeakjs.cjs. docs/benchmarks.md tells more.
`;

/** @param {string} file @returns {any} */
function readResult(file) {
  const result = JSON.parse(fs.readFileSync(file, 'utf8'));
  if (!Array.isArray(result.measurements)) throw new UsageError(`${file}: not written by bench --json or -o: it has no measurements`);
  return result;
}

/** @param {string} name @param {string | undefined} value @param {number} otherwise */
function count(name, value, otherwise) {
  const number = value === undefined ? otherwise : Number(value);
  if (!Number.isInteger(number) || number < 1) throw new UsageError(`--${name}=${value}: a number above 0 is needed`);
  return number;
}

/** @param {{engine?: string, node?: string}} options */
function engineOf({ engine, node }) {
  if (engine === undefined || engine === 'node') return nodeEngine(node);
  if (engine !== 'chromium') throw new UsageError(`--engine=${engine}: one of node, chromium`);
  if (node !== undefined) throw new UsageError('--engine=chromium and --node: one of them');
  return chromiumEngine();
}

/** @param {string[]} argv */
export async function run(argv) {
  const { values, positionals: names } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      only: { type: 'string' },
      engine: { type: 'string' },
      node: { type: 'string' },
      rounds: { type: 'string' },
      iterations: { type: 'string' },
      output: { type: 'string', short: 'o' },
      svg: { type: 'string' },
      compare: { type: 'string' },
    },
  });
  const engine = engineOf(values);
  // Names choose among programs, unless a part is asked for.
  const wanted = values.only?.split(',') ?? (names.length > 0 ? ['programs', 'micro'] : engine.node === null ? PAGE_PARTS : PARTS);
  for (const part of wanted) if (!PARTS.includes(part)) throw new UsageError(`--only=${part}: one of ${PARTS.join(', ')}`);
  const { node } = engine;
  const nowhere = wanted.filter((part) => node === null && !PAGE_PARTS.includes(part));
  if (nowhere.length > 0) throw new UsageError(`--only=${nowhere}: not in a page, which has ${PAGE_PARTS.join(', ')}`);
  const before = values.compare === undefined ? null : readResult(values.compare);
  const rounds = count('rounds', values.rounds, 3);
  const fibRounds = count('rounds', values.rounds, 7);
  const iterations = count('iterations', values.iterations, 3);
  peers();
  if (names.length > 0 && !wanted.includes('awfy')) {
    const unknown = unknownPrograms(names);
    if (unknown.length > 0) throw new UsageError(`no benchmark ${unknown.join(', ')}: ./catalyst run default -- bench --list`);
  }
  if (wanted.includes('awfy') && awfyImage() === null) progress('no awfy-cuis-5.0.image: are-we-fast-yet is left out');

  /** @type {import('../bench/sample.js').Measurement[]} */
  const measurements = [];
  /** Measures a part if it is wanted, and the machine's speed after it.
   * @template T @param {string} part @param {() => T} work @returns {T | null} */
  const doPart = (part, work) => {
    if (!wanted.includes(part)) return null;
    const result = work();
    measureYardstick(engine, measurements);
    return result;
  };
  /** Nanoseconds a call. */
  const bestCPython = () => {
    measureYardstick(engine, measurements);
    const samples = find(measurements, 'yardstick', 'Fib', 'cpython')?.samples ?? [];
    return (Math.min(...samples) * 1e6) / YARDSTICK_CALLS;
  };
  measureYardstick(engine, measurements);
  const fib = doPart('fib', () => benchFib(engine, fibRounds, measurements));
  const micro = doPart('micro', () => benchMicro(engine, rounds, iterations, names, measurements));
  const programs = doPart('programs', () => benchPrograms(engine, rounds, iterations, names, measurements));
  const awfy = doPart('awfy', () => {
    if (node === null || awfyImage() === null) return null;
    if (!python()) {
      progress('no python3 to scale the published times by: are-we-fast-yet is left out');
      return null;
    }
    return benchAwfy(node, iterations, bestCPython, names, measurements);
  });
  const costs = doPart('costs', () => (node === null ? null : benchCosts(node, rounds)));

  const machine = { cpu: os.cpus()[0]?.model, node: process.version, engine: engine.name };
  const comparison = before === null ? null : compare(before.measurements, measurements);
  const result = { machine, fib, micro, programs, awfy, costs, measurements, ...(comparison ? { comparison } : {}) };
  const json = JSON.stringify(result, null, 2) + '\n';
  if (values.output !== undefined) fs.writeFileSync(path.resolve(values.output), json);
  if (values.svg !== undefined) fs.writeFileSync(path.resolve(values.svg), plot(measurements, machine));
  process.stdout.write(values.json ? json : text(result));
  if (comparison === null) return 0;
  (values.json ? process.stderr : process.stdout).write('\n' + comparisonText(comparison));
  return comparison.some((each) => each.isRegression) ? 1 : 0;
}

/** 26 benchFib, which the yardstick runs. */
const YARDSTICK_CALLS = 392835;
