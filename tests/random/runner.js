/** runner.js: runs random programs in every mode, compares what they print, reduces those that differ and keeps them. */
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../../web/node/paths.js';
import { generate } from './generator.js';
import { GROUPS_OF_REGRESSIONS, groupsInTurn } from './modes.js';
import { comparable, savedImage } from './saved.js';
import { runOnSqueakJS } from './squeakjs.js';
import { list, node, reduce, textOf } from './tree.js';
import { World, runFrom, runImage } from './world.js';

/** @typedef {import('./generator.js').Program} Program @typedef {import('./modes.js').Mode} Mode @typedef {import('./modes.js').Group} Group */

export const regressions = path.join(root, 'tests/random/regressions');

/** @type {Map<string, World>} */
const worlds = new Map();

/** The world whose VMs begin like that. @param {import('./world.js').Start} start */
function worldOf(start) {
  const key = JSON.stringify(start);
  const world = worlds.get(key) ?? new World(start);
  worlds.set(key, world);
  return world;
}

/** Definitions, a pause, and what runs: the layout of a kept program too. @param {string[]} definitions @param {string[]} mains */
export const fileOf = (definitions, mains) => `${definitions.join('')}Rt pause!\n\n${mains.join('')}`;

/** What runs them, many in one expression: each would be a method to translate. @param {Program[]} programs */
export function mainsOf(programs) {
  const chosen = programs.filter((each) => each !== HEAP);
  const chunks = Array.from({ length: Math.ceil(chosen.length / CHUNK) }, (_, i) => chosen.slice(i * CHUNK, (i + 1) * CHUNK));
  const runs = chunks.map((chunk) => `Rt runAll: #(${chunk.map(({ name }) => `'${name}'`).join(' ')})!\n`);
  return programs.includes(HEAP) ? [...runs, HEAP.main] : runs;
}
const CHUNK = 10;

/** The last of each VM: a digest of the whole heap. @type {Program} */
const HEAP = { name: 'heap', tree: list([], ''), main: 'Rt heap!\n' };

/** What each program printed; of the last one, also how the VM ended. @param {string} output @returns {Map<string, string>} */
function byProgram(output) {
  const found = new Map();
  for (const part of output.split(/^--- /m).slice(1)) {
    const [name] = part.split('\n', 1);
    found.set(name, part.slice(name.length + 1).replace(/exit code \d+\n$/, ''));
  }
  return found;
}

/** Whether a program ran to its end. @param {string | undefined} text */
const isWhole = (text) => /^digest .*\n$/m.test(text ?? '') && !/^VM error|^the VM failed|^waits for ever|^takes longer/m.test(text ?? '');

/** Where a text has been read: in each world by itself. */
export class Text {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    /** @type {Map<World, import('./world.js').State>} */
    this.states = new Map();
    /** What goes on with it elsewhere. @type {Promise<{image: Buffer | null, output: string}> | undefined} */
    this.saved = undefined;
    /** Why it cannot be read. */
    this.error = '';
  }

  /** What each program prints in a mode; null when the text cannot be read. Where code is left at random differs from
   * seed to seed. @param {Mode} mode @param {number} seed @param {number} seconds @returns {Promise<Map<string, string> | null>} */
  async run(mode, seed, seconds) {
    const world = worldOf(mode.start);
    if (mode.start.saved) return this.runSaved_(world, mode, seconds);
    let state = this.states.get(world);
    if (state === undefined) {
      const read = await world.read(this.text);
      if (read.state === null) {
        this.error = read.output;
        return null;
      }
      this.states.set(world, (state = read.state));
    }
    return byProgram(await runFrom(state, { ...mode.options, seed }, seconds));
  }

  /** @param {World} world @param {Mode} mode @param {number} seconds */
  async runSaved_(world, { options, squeakjs }, seconds) {
    const { image, output } = await (this.saved ??= savedImage(world, this.text));
    if (image === null) {
      this.error = output;
      return null;
    }
    return byProgram(comparable(await (squeakjs ? runOnSqueakJS(squeakjs, image, seconds) : runImage(image, options, seconds))));
  }
}

/** A program that prints something else in a mode. `company` are the programs before it in its VM.
 * @typedef {{program: Program, mode: Mode, reference: Mode, expected: string, found: string, company: Program[], seed: number}} Divergence */

/** Compares many programs. */
class Comparison {
  /** @param {(text: string) => void} say */
  constructor(say) {
    this.say = say;
    this.runs = 0;
    /** @type {Divergence[]} */
    this.divergences = [];
    /** Names of programs that do not end when they are interpreted. @type {Set<string>} */
    this.leftOut = new Set();
    /** The last text: the next group's is the same at times. */
    this.text = new Text('');
  }

  /** @param {Program[]} programs */
  textOf_(programs) {
    const text = fileOf(programs.map(({ tree }) => textOf(tree)), mainsOf(programs));
    if (text !== this.text.text) this.text = new Text(text);
    return this.text;
  }

  /**
   * Runs programs in one VM for each mode, the first of which is what the others are compared with. Where one ends
   * its VM, those behind it run again without it.
   * @param {Program[]} programs @param {Mode[]} modes @param {number} seed @returns {Promise<void>}
   */
  async compare(programs, modes, seed) {
    if (programs.length === 0 || modes.length < 2) return;
    const text = this.textOf_(programs);
    const expected = await text.run(modes[0], seed, 2 + programs.length / 10);
    if (expected === null && programs.length > 1) {
      const middle = programs.length >> 1;
      await this.compare(programs.slice(0, middle), modes, seed);
      return this.compare(programs.slice(middle), modes, seed);
    }
    const broken = programs.findIndex(({ name }) => !isWhole(expected?.get(name)));
    if (broken >= 0) {
      this.leaveOut_(programs[broken], expected?.get(programs[broken].name) ?? text.error);
      return this.compare(programs.filter((_, i) => i !== broken), modes, seed);
    }
    for (const mode of modes.slice(1)) {
      const found = (await text.run(mode, seed, 20 + programs.length)) ?? new Map();
      const ended = programs.findIndex(({ name }) => !isWhole(found.get(name)));
      const some = ended < 0 ? programs : programs.slice(0, ended + 1);
      this.runs += some.filter((each) => each !== HEAP).length;
      for (const [at, program] of some.entries()) {
        const [wanted, got] = [expected?.get(program.name) ?? '', found.get(program.name) ?? '(nothing)'];
        // Another number of pages is another heap from the start.
        if (program === HEAP && mode.start !== modes[0].start) continue;
        if (wanted !== got) this.divergences.push({ program, mode, reference: modes[0], expected: wanted, found: got, company: programs.slice(0, at), seed });
      }
      await this.compare(programs.slice(some.length), [modes[0], mode], seed);
    }
  }

  /** @param {Program} program @param {string} why */
  leaveOut_({ name }, why) {
    this.leftOut.add(name);
    this.say(`program ${name} is left out: interpreted, it does not end: ${why.slice(-400)}`);
  }
}

/** The first place where two texts differ. @param {string} expected @param {string} found */
export function difference(expected, found) {
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
 * @property {(batch: number) => Group[]} [groupsOf]  what the batch of that number runs in
 * @property {(text: string) => void} [say]
 * @property {boolean} [reduces]
 * @property {string} [save]        folder for reduced programs
 */

/** How many programs share a VM. Modules cost more the more of them a VM has, methods of the image are translated in each. */
export const BATCH = 50;

/** The ranges of program numbers, one for each batch: a program is in the same company wherever the row begins.
 * @param {number} first @param {number} end */
function* batches(first, end) {
  for (let from = first; from < end; ) {
    const number = Math.floor(from / BATCH);
    const next = Math.min(end, (number + 1) * BATCH);
    yield { number, from, next };
    from = next;
  }
}

/** @param {RandomOptions} options @returns {Promise<{runs: number, failed: number}>} */
export async function runRandom({ count, seed, first = 0, groupsOf = groupsInTurn, say = () => {}, reduces = true, save = regressions }) {
  const comparison = new Comparison((text) => say(`seed ${seed} ${text}`));
  let reported = 0;
  let keptBack = 0;
  for (const { number, from, next } of batches(first, first + count)) {
    const programs = Array.from({ length: next - from }, (_, i) => generate(seed, from + i));
    const groups = groupsOf(number);
    for (const { every, modes, keepsBack } of groups) {
      const fit = programs.filter(({ name }) => Number(name) % every === 0 && !comparison.leftOut.has(name));
      const sent = fit.filter(({ tree }) => !keepsBack?.(textOf(tree)));
      keptBack += fit.length - sent.length;
      // Digests of other VMs' heaps there are none.
      const last = modes[0].start.saved ? [] : [HEAP];
      if (sent.length > 0) await comparison.compare([...sent, ...last], modes, seed + number);
    }
    const { divergences, runs } = comparison;
    for (const each of divergences.slice(reported)) {
      say(`seed ${seed} program ${each.program.name}, ${each.mode.name}:\n${difference(each.expected, each.found)}`);
      if (reduces) await keepReduced(each, seed, save, say);
    }
    reported = divergences.length;
    const warm = groups[0].modes[0].start.warm ? '; warm' : '';
    const ran = [...new Set(groups.flatMap(({ modes }) => modes.map(({ name }) => name)))].join('; ') + warm;
    const kept = keptBack > 0 ? `, ${keptBack} kept back` : '';
    say(`seed ${seed} programs ${from} to ${next - 1}: ${runs} runs, ${divergences.length} divergences${kept} (${ran})`);
  }
  return { runs: comparison.runs, failed: comparison.divergences.length };
}

/** How often a program is tried, each time left elsewhere, before it counts as running alike. */
const SEEDS = 6;

/** Whether the last program of a text prints something else in the mode. 
 * @param {string} text @param {string} name @param {Mode} reference @param {Mode} mode @param {number[]} seeds */
async function divergenceIn(text, name, reference, mode, seeds) {
  for (const seed of seeds) {
    const read = new Text(text);
    const expected = (await read.run(reference, seed, 10))?.get(name);
    if (!isWhole(expected)) return null;
    const found = (await read.run(mode, seed, 20))?.get(name);
    if (expected !== found) return { expected: expected ?? '', found: found ?? '(nothing)', seed };
  }
  return null;
}

/** The shortest list of programs, ending in the one that differs, that still makes it differ. @param {Divergence} divergence */
async function neededCompany({ program, mode, reference, company, seed }) {
  const seeds = [seed, ...Array.from({ length: mode.options.bail_stress ? SEEDS : 0 }, (_, i) => i + 1)];
  const differs = async (/** @type {Program[]} */ before) => {
    const all = [...before, program];
    return (await divergenceIn(fileOf(all.map(({ tree }) => textOf(tree)), all.map(({ main }) => main)), program.name, reference, mode, seeds)) !== null;
  };
  if (await differs([])) return [program];
  if (!(await differs(company))) return null;
  let left = company;
  for (let length = left.length >> 1; length >= 1; length >>= 1)
    for (let from = 0; from < left.length; ) {
      const fewer = [...left.slice(0, from), ...left.slice(from + length)];
      if (await differs(fewer)) left = fewer;
      else from += length;
    }
  return [...left, program];
}

/** @param {Divergence} divergence @param {number} seed of the row @param {string} save @param {(text: string) => void} say */
async function keepReduced(divergence, seed, save, say) {
  const { mode, reference, program } = divergence;
  const needed = await neededCompany(divergence);
  if (needed === null) return say('  not again: run its whole batch with the same seed');
  const mains = needed.map(({ main }) => main);
  const tree = node('programs')`${list(needed.map((each) => each.tree), '')}`;
  const seeds = [divergence.seed, ...Array.from({ length: mode.options.bail_stress ? SEEDS : 0 }, (_, i) => i + 1)];
  const differs = (/** @type {string} */ text) => divergenceIn(fileOf([text], mains), program.name, reference, mode, seeds);
  await reduce(tree, async (text) => (await differs(text)) !== null, { tries: 600, seconds: 120 });
  const text = fileOf([textOf(tree)], mains);
  const file = path.join(save, `${seed}-${program.name}.st`);
  const found = await differs(textOf(tree));
  fs.mkdirSync(save, { recursive: true });
  fs.writeFileSync(file, text);
  say(`  reduced to ${file}, seed of the VM ${found?.seed}\n${found ? difference(found.expected, found.found) : ''}`);
}

/** Runs every kept program in every mode; each is to print what it prints interpreted.
 * @param {(text: string) => void} [say] @param {Group[]} [groups] @returns {Promise<{runs: number, failed: number}>} */
export async function runRegressions(say = () => {}, groups = GROUPS_OF_REGRESSIONS) {
  const files = fs.readdirSync(regressions).filter((name) => name.endsWith('.st')).sort();
  let runs = 0;
  let failed = 0;
  for (const file of files) {
    const text = new Text(fs.readFileSync(path.join(regressions, file), 'utf8'));
    for (const { modes, keepsBack } of groups) {
      if (keepsBack?.(text.text)) continue;
      let expected = '';
      for (const mode of modes) {
        const found = (await text.run(mode, 1, 30)) ?? new Map();
        if (modes.some(({ start }) => start.saved || start !== mode.start)) found.delete(HEAP.name);
        const printed = [...found.values()].join('');
        if (mode === modes[0]) expected = printed;
        runs++;
        if (printed === expected && isWhole(printed)) continue;
        failed++;
        say(`${file}, ${mode.name}: ${text.error}\n${difference(expected, printed)}`);
      }
    }
  }
  return { runs, failed };
}
