/** runner.js: runs random programs in every mode, compares what they print, reduces those that differ and keeps them. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises';
import { NodeHost } from '../../web/node/host.js';
import { defaultImage, root } from '../../web/node/paths.js';
import { Permissions } from '../../web/node/permissions.js';
import { coreModule } from '../../web/node/session.js';
import { STOP, VM } from '../../web/runtime/vm.js';
import { generate } from './generator.js';
import { reduce, textOf } from './tree.js';

/** @typedef {import('./generator.js').Program} Program */

/**
 * `before` holds from the start, `options` from the moment that the programs are loaded: compiling them is not what
 * is tested. A slow mode takes one program in `every`.
 * @typedef {{name: string, before?: Record<string, number>, options: Record<string, number>, every?: number}} Mode
 */

const SMALL_PAGES = { stack_page_bytes: 4096, stack_pages: 4 };

/** @type {Mode[]} the first is what the others are compared with */
export const MODES = [
  { name: 'interpreted', options: { translate: 0 } },
  { name: 'always', options: { translate: 2 } },
  { name: 'hot', options: { translate: 1, hot_activations: 2, hot_back_edges: 20 } },
  { name: 'bailing', options: { translate: 2, bail_stress: 5 } },
  { name: 'small pages', before: SMALL_PAGES, options: { translate: 2 } },
  { name: 'small pages, interpreted', before: SMALL_PAGES, options: { translate: 0 } },
  { name: 'small pages, bailing, hot', before: SMALL_PAGES, options: { translate: 1, hot_activations: 2, hot_back_edges: 20, bail_stress: 3 } },
  { name: 'collecting', options: { translate: 2, gc_stress: 1, gc_stress_full: 1000 }, every: 10 },
  { name: 'collecting and bailing', options: { translate: 2, gc_stress: 1, gc_stress_full: 300, bail_stress: 7 }, every: 10 },
  { name: 'collecting, interpreted', options: { translate: 0, gc_stress: 1, gc_stress_full: 1000 }, every: 10 },
];

const folder = path.join(root, 'tests/random');
export const regressions = path.join(folder, 'regressions');
const LOADED = '=== loaded';
const prelude = () => fs.readFileSync(path.join(folder, 'prelude.st'), 'utf8');

/** A file that defines and then runs them. @param {{text: string, main: string}[]} programs */
const fileOf = (programs) =>
  [prelude(), ...programs.map(({ text }) => text), `Stdio stdout nextPutAll: '${LOADED}'; nl; flush!\n`, ...programs.map(({ main }) => main)].join('\n');

/** The host of a VM whose standard output is kept. */
class QuietHost extends NodeHost {
  /** @param {import('../../web/node/host.js').HostOptions} options */
  constructor(options) {
    super({ ...options, log: (_, text) => (this.output += `log: ${text}\n`) });
    this.output = '';
    this.onLoaded = () => {};
  }

  /** @param {() => import('../../web/runtime/text.js').Views} views */
  imports(views) {
    const all = super.imports(views);
    const write = all.file_write;
    return {
      ...all,
      file_write: (/** @type {number} */ handle, /** @type {number} */ at, /** @type {number} */ from, /** @type {number} */ n) => {
        if (handle !== 1 && handle !== 2) return write(handle, at, from, n);
        const text = views().text(from, n);
        this.output += text;
        if (text.includes(LOADED)) this.onLoaded();
        return n;
      },
    };
  }
}

/** @type {WebAssembly.Module | undefined} */
let core;
/** @type {Buffer | undefined} */
let image;

/** Runs a file; answers all that it prints. How it ends is part of that. @param {string} text @param {Mode} mode @param {number} seconds */
async function runFile(text, mode, seconds) {
  core ??= coreModule();
  image ??= fs.readFileSync(defaultImage);
  const file = path.join(os.tmpdir(), `catalyst-random-${process.pid}.st`);
  fs.writeFileSync(file, text);
  const permissions = new Permissions({ read: [os.tmpdir()], write: [] });
  const host = new QuietHost({ imagePath: defaultImage, args: ['run', file], permissions });
  try {
    const vm = new VM(core, host);
    const set = (/** @type {Record<string, number>} */ options) => Object.entries(options).forEach(([name, value]) => vm.option(name, value));
    set({ memory_limit: 256 * 2 ** 20, translate: 0, ...mode.before });
    // Where it bails differs from one row of programs to the next, and not from run to run.
    host.onLoaded = () => set({ seed: text.length, ...mode.options });
    vm.load(image);
    const end = await ending(vm, seconds);
    host.output += end;
  } catch (error) {
    host.output += `\n${/** @type {Error} */ (error).message.split('\n').slice(0, 12).join('\n')}\n`;
  } finally {
    fs.rmSync(file, { force: true });
  }
  return host.output.slice(Math.max(0, host.output.indexOf(LOADED)));
}

/** @param {VM} vm @param {number} seconds */
async function ending(vm, seconds) {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const stop = vm.run(20_000);
    if (stop === STOP.QUIT) return `exit code ${vm.exitCode}\n`;
    if (stop === STOP.ERROR) return `VM error: ${vm.error}\n`;
    if (stop === STOP.IDLE && vm.idleUntil < 0) return 'waits for ever\n';
    if (stop === STOP.IDLE) await sleep(1);
    else await breathe();
  }
  return `takes longer than ${seconds} s\n${vm.stackTrace().split('\n').slice(0, 10).join('\n')}\n`;
}

/** What each program printed; of the last one, also how the VM ended. @param {string} output @returns {Map<string, string>} */
function byProgram(output) {
  const found = new Map();
  for (const part of output.split(/^--- /m).slice(1)) {
    const [name] = part.split('\n', 1);
    found.set(name, part.slice(name.length + 1).replace(/exit code 0\n$/, ''));
  }
  return found;
}

/** @typedef {{name: string, mode: Mode, expected: string, found: string}} Divergence */

/**
 * Runs programs together in one mode and compares. Where the VM ends early, those that are left run again without
 * the one that ended it.
 * @param {{name: string, text: string, main: string}[]} programs @param {Mode} mode @param {Map<string, string>} expected @returns {Promise<Divergence[]>}
 */
async function divergencesIn(programs, mode, expected) {
  const found = byProgram(await runFile(fileOf(programs), mode, 30 + programs.length * 2));
  const divergences = [];
  for (const [i, { name }] of programs.entries()) {
    const got = found.get(name);
    if (got === expected.get(name)) continue;
    divergences.push({ name, mode, expected: expected.get(name) ?? '(nothing)', found: got ?? '(nothing)' });
    const after = programs.slice(i + 1);
    if (after.length > 0 && !found.has(after[0].name)) return [...divergences, ...(await divergencesIn(after, mode, expected))];
  }
  return divergences;
}

/** What programs print when they are interpreted: those that end well. @param {{name: string, text: string, main: string}[]} programs */
async function interpreted(programs) {
  /** @type {Map<string, string>} */
  const expected = new Map();
  for (let left = programs; left.length > 0; ) {
    const found = byProgram(await runFile(fileOf(left), MODES[0], 60));
    for (const [name, text] of found) expected.set(name, text);
    const last = left.findIndex(({ name }) => name === [...found.keys()].at(-1));
    left = left.slice(last + 1);
    if (last < 0) break;
  }
  return expected;
}

/** Whether a program alone prints something else in the mode. @param {{name: string, text: string, main: string}} program @param {Mode} mode @returns {Promise<Divergence | null>} */
async function divergence(program, mode) {
  const [expected, found] = [byProgram(await runFile(fileOf([program]), MODES[0], 10)).get(program.name), byProgram(await runFile(fileOf([program]), mode, 20)).get(program.name)];
  return expected === found ? null : { name: program.name, mode, expected: expected ?? '(nothing)', found: found ?? '(nothing)' };
}

/** The first place where two texts differ. @param {string} expected @param {string} found */
function difference(expected, found) {
  let at = 0;
  while (at < expected.length && expected[at] === found[at]) at++;
  const from = Math.max(0, at - 60);
  return `  expected: …${expected.slice(from, at + 100)}\n  found:    …${found.slice(from, at + 400)}`;
}

/**
 * @typedef {object} RandomOptions
 * @property {number} count
 * @property {number} seed
 * @property {number} [first]       number of the first program
 * @property {number} [batch]       programs in one VM
 * @property {(text: string) => void} [say]
 * @property {boolean} [reduces]
 * @property {string} [save]        folder for reduced programs
 */

/** @param {RandomOptions} options @returns {Promise<{runs: number, failed: number}>} */
export async function runRandom({ count, seed, first = 0, batch = 50, say = () => {}, reduces = true, save = regressions }) {
  let runs = 0;
  let failed = 0;
  for (let from = first; from < first + count; from += batch) {
    const trees = Array.from({ length: Math.min(batch, first + count - from) }, (_, i) => generate(seed, from + i));
    const all = trees.map(({ name, tree, main }) => ({ name, text: textOf(tree), main }));
    const expected = await interpreted(all);
    const ends = (/** @type {string} */ name) => /^digest /m.test(expected.get(name) ?? '');
    const programs = all.filter(({ name }) => ends(name));
    for (const { name } of all.filter((each) => !ends(each.name))) say(`seed ${seed} program ${name}: interpreted, it does not end: ${(expected.get(name) ?? 'nothing').slice(-300)}`);
    /** Programs share the image, so what one prints may depend on those before it. @type {Map<number, Map<string, string>>} */
    const inCompany = new Map();
    if (programs.length === all.length) inCompany.set(1, expected);
    for (const mode of MODES.slice(1)) {
      const every = mode.every ?? 1;
      const some = programs.filter(({ name }) => Number(name) % every === 0);
      const likewise = inCompany.get(every) ?? (await interpreted(some));
      inCompany.set(every, likewise);
      const divergences = some.length > 0 ? await divergencesIn(some, mode, likewise) : [];
      runs += some.length;
      failed += divergences.length;
      for (const each of divergences.slice(0, 5)) {
        say(`seed ${seed} program ${each.name}, ${mode.name}:\n${difference(each.expected, each.found)}`);
        const program = trees.find(({ name }) => name === each.name);
        if (reduces && program) await keepReduced(program, mode, seed, save, say);
      }
    }
    say(`seed ${seed} programs ${from} to ${from + trees.length - 1}: ${runs} runs, ${failed} divergences`);
  }
  return { runs, failed };
}

/** @param {Program} program @param {Mode} mode @param {number} seed @param {string} save @param {(text: string) => void} say */
async function keepReduced({ name, tree, main }, mode, seed, save, say) {
  const program = (/** @type {string} */ text) => ({ name, text, main });
  if ((await divergence(program(textOf(tree)), mode)) === null) return say('  not alone: only in the company of the programs before it');
  await reduce(tree, async (text) => {
    const found = await divergence(program(text), mode);
    return found !== null && /^digest /m.test(found.expected);
  }, { tries: 400, seconds: 120 });
  const file = path.join(save, `${seed}-${name}.st`);
  fs.mkdirSync(save, { recursive: true });
  fs.writeFileSync(file, `${textOf(tree)}${main}`);
  fs.writeFileSync(file.replace(/st$/, 'out'), byProgram(await runFile(fileOf([program(textOf(tree))]), MODES[0], 10)).get(name) ?? '');
  const found = await divergence(program(textOf(tree)), mode);
  say(`  reduced to ${file}\n${found ? difference(found.expected, found.found) : ''}`);
}

/** Runs every kept program in every mode. @param {(text: string) => void} [say] @returns {Promise<{runs: number, failed: number}>} */
export async function runRegressions(say = () => {}) {
  const files = fs.readdirSync(regressions).filter((name) => name.endsWith('.st')).sort();
  let runs = 0;
  let failed = 0;
  const programs = files.map((file) => {
    const text = fs.readFileSync(path.join(regressions, file), 'utf8');
    const main = text.lastIndexOf('Rt begin: ');
    const name = /Rt begin: '([^']*)'/.exec(text.slice(main))?.[1] ?? file;
    return { file, name, text: text.slice(0, main), main: text.slice(main) };
  });
  for (const mode of MODES)
    for (const program of programs) {
      runs++;
      const expected = fs.readFileSync(path.join(regressions, program.file.replace(/st$/, 'out')), 'utf8');
      const found = byProgram(await runFile(fileOf([program]), mode, 30)).get(program.name) ?? '(nothing)';
      if (found === expected) continue;
      failed++;
      say(`${program.file}, ${mode.name}:\n${difference(expected, found)}`);
    }
  return { runs, failed };
}
