/**
 * hostile.js: variants of images with flipped bits, on the sanitized native build and in WebAssembly. Which bits a
 * variant has flipped, the native program alone knows (tools/hostile.c); it tells them to the WebAssembly run.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { defaultImage, root, sharedImages } from '../../web/node/paths.js';

const program = path.join(root, 'build/asan/hostile');

/** How the variants of a row are spread over images: those that start soonest get most. A file of the real images, or
 * the default image with the arguments it sees; and of a hundred variants how many. */
const SHARES = /** @type {const} */ ([
  { file: null, args: ['test'], share: 34 },
  { file: 'bootstrapped.image', args: [], share: 20 },
  { file: 'headless.image', args: [], share: 20 },
  { file: 'mini-2.2.image', args: [], share: 10 },
  { file: 'benchmark.image', args: [], share: 10 },
  { file: 'pharo-8-kernel-64.image', args: ['eval', '3 + 4'], share: 3 },
  { file: 'cuis-5.0-3121.image', args: [], share: 3 },
]);

/** What a variant may take, in seconds of the processor's time: others may keep it busy. It ends itself after that many
 * bytecodes, or the milliseconds. */
const TIME_LIMIT = 30;
const BYTECODES = 200_000;
const RUN_MS = 400;
/** A thread runs so many variants: their memories are given back when it ends. */
const TO_A_THREAD = 40;

/** @typedef {{image: string, args: string[], count: number, first: number, seed: number}} Part */
/** @typedef {Record<string, number>} Ends  how many ended how */
/** @typedef {{variants: number, findings: number, ends: Ends}} Result */

/** @param {{count: number, first: number, seed: number, image: string | null}} row @returns {Part[]} */
export function partsOf({ count, first, seed, image }) {
  if (image !== null) return [{ image, args: [], count, first, seed }];
  const folder = sharedImages();
  const had = SHARES.filter(({ file }) => file === null || (folder !== null && fs.existsSync(path.join(folder, file))));
  const sum = had.reduce((total, { share }) => total + share, 0);
  let given = 0;
  let shares = 0;
  return had.map(({ file, args, share }) => {
    shares += share;
    const part = { image: file === null ? defaultImage : path.join(/** @type {string} */ (folder), file), args: [...args], count: Math.round((count * shares) / sum) - given, first, seed };
    given += part.count;
    return part;
  });
}

/** @param {Part} part @param {string[]} options */
const command = ({ image, args, count, first, seed }, options) =>
  [`-n${count}`, `-s${seed}`, `-f${first}`].flatMap((text) => [text.slice(0, 2), text.slice(2)]).concat(options, [image], args);

/** @param {Part} part @param {(line: string) => void} say @returns {Promise<Result>} */
async function onNative(part, say) {
  const options = ['-b', String(BYTECODES), '-t', String(TIME_LIMIT)];
  const child = spawn(program, command(part, options), { stdio: ['ignore', 'pipe', 'inherit'], cwd: path.join(root, 'build') });
  const ended = new Promise((resolve) => child.on('close', resolve));
  /** @type {Result | null} */
  let result = null;
  for await (const line of createInterface({ input: child.stdout })) {
    const found = /^(\d+) variants, (.*): (\d+) findings$/.exec(line);
    if (!found) say(`native ${path.basename(part.image)}: ${line}`);
    else result = { variants: Number(found[1]), findings: Number(found[3]), ends: endsOf(found[2]) };
  }
  const code = await ended;
  if (result === null) say(`native ${path.basename(part.image)}: ended with code ${code}`);
  return result ?? { variants: 0, findings: 1, ends: {} };
}

/** @param {string} text */
const endsOf = (text) => Object.fromEntries(text.split(', ').map((end) => [end.slice(end.indexOf(' ') + 1), Number.parseInt(end, 10)]));

/** The flips of each variant: pairs of offset and bit. @param {Part} part */
async function flipsOf(part) {
  const child = spawn(program, command(part, ['--print']), { stdio: ['ignore', 'pipe', 'inherit'] });
  const variants = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [variant, ...flips] = line.split(' ');
    variants.push({ variant: Number(variant), flips: flips.map((flip) => flip.split(':').map(Number)) });
  }
  return variants;
}

/** @param {Part} part @param {{variant: number, flips: number[][]}[]} variants @param {(line: string) => void} say @param {Result} result */
async function inThread(part, variants, say, result) {
  const worker = new Worker(new URL('./thread.js', import.meta.url), {
    workerData: { image: part.image, args: part.args, bytecodes: BYTECODES, runMs: RUN_MS },
  });
  const finding = (/** @type {number} */ variant, /** @type {string} */ what) => {
    result.findings++;
    say(`wasm ${path.basename(part.image)}: seed ${part.seed} variant ${variant}: ${what}`);
  };
  for (let next = variants.shift(); next !== undefined; next = variants.shift()) {
    const { variant } = next;
    worker.postMessage(next);
    const end = await new Promise((resolve) => {
      const start = process.cpuUsage();
      const timer = setInterval(() => {
        const { user, system } = process.cpuUsage(start);
        if (user + system > TIME_LIMIT * 1e6) done(null);
      }, 250);
      const done = (/** @type {any} */ message) => {
        clearInterval(timer);
        worker.off('message', done).off('error', failed);
        resolve(message);
      };
      const failed = (/** @type {Error} */ error) => done({ finding: `${error.stack}` });
      worker.on('message', done).on('error', failed);
    });
    result.variants++;
    if (end === null) finding(variant, `still busy after ${TIME_LIMIT} s`);
    else if (end.finding !== undefined) finding(variant, end.finding);
    else result.ends[end.end] = (result.ends[end.end] ?? 0) + 1;
    if (end === null || end.finding !== undefined) break;
  }
  await worker.terminate();
}

/** @param {Part} part @param {(line: string) => void} say @returns {Promise<Result>} */
async function inWasm(part, say) {
  const variants = await flipsOf(part);
  const result = { variants: 0, findings: 0, ends: {} };
  while (variants.length > 0) {
    const some = variants.splice(0, TO_A_THREAD);
    await inThread(part, some, say, result);
    variants.unshift(...some);
  }
  return result;
}

/** @param {string} build @param {Result} result */
const summary = (build, { variants, ends, findings }) =>
  `${build}: ${variants} variants, ${Object.entries(ends).filter(([, n]) => n > 0).map(([end, n]) => `${n} ${end}`).join(', ')}: ${findings} findings`;

/** Runs a row on both builds. @param {{count: number, first: number, seed: number, image: string | null, builds?: string[]}} row @param {(line: string) => void} say
 * @returns {Promise<number>} the findings */
export async function runHostile(row, say) {
  if (!fs.existsSync(program)) throw new Error('build/asan/hostile is not built: cmake --preset asan && cmake --build --preset asan');
  let findings = 0;
  for (const [build, run] of /** @type {const} */ ([['native', onNative], ['wasm', inWasm]])) {
    if (row.builds && !row.builds.includes(build)) continue;
    const total = { variants: 0, findings: 0, ends: /** @type {Ends} */ ({}) };
    for (const part of partsOf(row).filter(({ count }) => count > 0)) {
      const { variants, findings: found, ends } = await run(part, say);
      total.variants += variants;
      total.findings += found;
      for (const [end, n] of Object.entries(ends)) total.ends[end] = (total.ends[end] ?? 0) + n;
    }
    say(summary(build, total));
    findings += total.findings;
  }
  return findings;
}
