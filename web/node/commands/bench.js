/** bench: benchmarks interpreted, translated, and beside what else is on the machine. Times live here; tests keep
 * answers. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root, sharedImages } from '../paths.js';

export const help = `Usage: ./catalyst bench [--json] [--only=fib|awfy] [--rounds=N] [--iterations=N]

Recursive Fibonacci in the default image, interpreted and translated, beside the same program in CPython and in JavaScript,
in one run, as nanoseconds a send and as ratios. Where the are-we-fast-yet image is present (../shared/images or
CATALYST_IMAGES), its fourteen programs too, beside the published times of other VMs scaled to this machine by CPython.

--only=PART      just that part
--rounds=N       rounds of Fibonacci (default 7; the median counts)
--iterations=N   iterations of each are-we-fast-yet program (default 3; the fastest counts)
--json           print JSON on standard output
`;

const FIB = 30;
const examples = path.join(root, 'examples/benchmarks');
/** @param {string} text */
const progress = (text) => process.stderr.write(`catalyst bench: ${text}\n`);
/** @param {number[]} values */
const geometricMean = (values) => Math.exp(values.reduce((sum, v) => sum + Math.log(v), 0) / values.length);

/** @param {string} program @param {string[]} args @param {string} [cwd] */
function output(program, args, cwd = root) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (error || status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error ?? stderr}`);
  return stdout;
}

/** Runs this command line. @param {string[]} args @param {string} [cwd] */
const catalyst = (args, cwd) =>
  output(process.execPath, ['--no-warnings', path.join(root, 'web/node/cli.js'), ...args], cwd);

/** Nanoseconds a send of benchFib in the default image. @param {string} mode @param {number} rounds */
function fibOfImage(mode, rounds) {
  const program =
    `| times calls us | times := OrderedCollection new. calls := 0. ` +
    `20 timesRepeat: [20 benchFib]. ` +
    `${rounds} timesRepeat: [us := Time microsecondsToRun: [calls := ${FIB} benchFib]. times add: us]. ` +
    `times := times asArray sort. ` +
    `calls printString , ' ' , (times at: ${(rounds >> 1) + 1}) printString`;
  const [calls, us] = catalyst(['eval', mode, program]).replace(/'/g, '').trim().split(' ').map(Number);
  return { calls, ns: (us * 1000) / calls };
}

/** @param {string} program @param {string} file @param {number} rounds */
function fibOfPeer(program, file, rounds) {
  const [calls, ns] = output(program, [path.join(examples, file), String(FIB), String(rounds)]).trim().split(' ').map(Number);
  return { calls, ns };
}

/** @param {number} rounds */
function benchFib(rounds) {
  progress('recursive Fibonacci');
  const cpython = fibOfPeer('python3', 'fib.py', rounds);
  const javascript = fibOfPeer(process.execPath, 'fib.js', rounds);
  const interpreted = fibOfImage('--no-translate', rounds);
  const translated = fibOfImage('--translate=hot', rounds);
  for (const run of [javascript, interpreted, translated])
    if (run.calls !== cpython.calls) throw new Error(`answers differ: ${run.calls} and ${cpython.calls}`);
  return {
    nsPerSend: { cpython: cpython.ns, javascript: javascript.ns, interpreted: interpreted.ns, translated: translated.ns },
    timesFasterThanCPython: { interpreted: cpython.ns / interpreted.ns, translated: cpython.ns / translated.ns },
  };
}

/** @param {string} mode @param {number} iterations @param {Record<string, number[]>} programs */
function awfyTimes(mode, iterations, programs) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'catalyst-bench-'));
  try {
    const image = path.join(folder, 'awfy.image');
    fs.copyFileSync(path.join(/** @type {string} */ (sharedImages()), 'awfy-cuis-5.0.image'), image);
    /** @type {Record<string, number>} */
    const best = {};
    for (const [name, [inner]] of Object.entries(programs)) {
      progress(`${name} ${mode}`);
      const out = path.join(folder, `${name}.txt`);
      catalyst(['run', mode, image, '--', name, String(iterations), String(inner), out], folder);
      const times = fs
        .readFileSync(out, 'latin1')
        .split(/[\r\n]+/)
        .filter((line) => line.startsWith(name + ' '))
        .map((line) => {
          if (!line.endsWith(' ok')) throw new Error(`wrong answer: ${line}`);
          return Number(line.split(' ')[3]) / 1000;
        });
      if (times.length !== iterations) throw new Error(`${name} did not finish`);
      best[name] = Math.min(...times);
    }
    return best;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {number} iterations @param {number} cpythonNs */
function benchAwfy(iterations, cpythonNs) {
  const reference = JSON.parse(fs.readFileSync(path.join(examples, 'awfy-reference.json'), 'utf8'));
  const scale = cpythonNs / reference.cpythonFibNs;
  const interpreted = awfyTimes('--no-translate', iterations, reference.programs);
  const translated = awfyTimes('--translate=hot', iterations, reference.programs);
  const rows = Object.entries(reference.programs).map(([name, values]) => ({
    name,
    interpretedMs: interpreted[name],
    translatedMs: translated[name],
    squeakjsMs: values[3] * scale,
    cogMs: values[1] * scale,
    stackMs: values[2] * scale,
  }));
  /** @param {'squeakjsMs' | 'cogMs' | 'stackMs'} peer @param {'interpretedMs' | 'translatedMs'} mode */
  const faster = (peer, mode) => geometricMean(rows.map((row) => row[peer] / row[mode]));
  return {
    scale,
    rows,
    geometricMeans: {
      interpretedOverSqueakJS: faster('squeakjsMs', 'interpretedMs'),
      translatedOverSqueakJS: faster('squeakjsMs', 'translatedMs'),
      interpretedOverStackVM: faster('stackMs', 'interpretedMs'),
      translatedOverCog: faster('cogMs', 'translatedMs'),
    },
  };
}

/** @param {any} result */
function print({ fib, awfy }) {
  const write = (/** @type {string} */ line) => process.stdout.write(line + '\n');
  if (fib) {
    write(`recursive Fibonacci, ${FIB} benchFib           ns a send   × CPython`);
    for (const [name, ns] of Object.entries(fib.nsPerSend))
      write(`  ${name.padEnd(36)} ${ns.toFixed(2).padStart(9)} ${(fib.nsPerSend.cpython / ns).toFixed(2).padStart(11)}`);
  }
  if (awfy) {
    write(`\nare-we-fast-yet (ms)   interpreted  translated    SqueakJS    Cog   (others scaled by ${awfy.scale.toFixed(2)})`);
    for (const row of awfy.rows)
      write(`  ${row.name.padEnd(20)} ${[row.interpretedMs, row.translatedMs, row.squeakjsMs, row.cogMs].map((v) => v.toFixed(0).padStart(11)).join('')}`);
    for (const [name, ratio] of Object.entries(awfy.geometricMeans)) write(`  ${name.padEnd(28)} ${Number(ratio).toFixed(2)} ×`);
  }
}

/** @param {string[]} argv */
export async function run(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      json: { type: 'boolean' },
      only: { type: 'string' },
      rounds: { type: 'string', default: '7' },
      iterations: { type: 'string', default: '3' },
    },
  });
  const fib = values.only === 'awfy' ? null : benchFib(Number(values.rounds));
  const cpythonNs = fib?.nsPerSend.cpython ?? fibOfPeer('python3', 'fib.py', Number(values.rounds)).ns;
  const hasAwfy = sharedImages() !== null && fs.existsSync(path.join(/** @type {string} */ (sharedImages()), 'awfy-cuis-5.0.image'));
  if (!hasAwfy) progress('no awfy-cuis-5.0.image: are-we-fast-yet is left out');
  const awfy = hasAwfy && values.only !== 'fib' ? benchAwfy(Number(values.iterations), cpythonNs) : null;
  const result = { machine: { cpu: os.cpus()[0]?.model, node: process.version }, fib, awfy };
  if (values.json) process.stdout.write(JSON.stringify(result, null, 2) + '\n');
  else print(result);
  return 0;
}
