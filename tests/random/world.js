/**
 * world.js: states of a VM from which random programs run on: with the prelude read, and with a batch of programs
 * compiled. Each mode goes on from a copy of the same memory.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { NodeHost } from '../../web/node/host.js';
import { defaultImage, root } from '../../web/node/paths.js';
import { NodePermissions } from '../../web/node/permissions.js';
import { coreModule } from '../../web/node/session.js';
import { STOP, VM } from '../../web/runtime/vm.js';
import { generate, sharedFallbacks } from './generator.js';
import { textOf } from './tree.js';

/** @typedef {import('../../web/runtime/vm.js').Saved} Saved @typedef {Record<string, number>} Options */

/** What the prelude prints before it waits to be copied (`Rt pause`). */
const PAUSE = '=== pause';
/** How often a VM may have nothing to do but to wait for its timer. Programs set none. */
const MOST_WAITS = 100;
const MEMORY_LIMIT = 256 * 2 ** 20;

/** A VM that can go on, and what its clock says. @typedef {Saved & {now: number}} State */

/** What passes between two looks at the clock, in microseconds. */
const CLOCK_STEP = 50;

/** While texts are read the clock hardly moves, so that what gets hot waits for a full module. */
const READING = { step: 1, seconds: 60 };

/** The host of a VM whose output is kept. Its clock counts how often it is looked at: when methods get hot, and what
 * is translated together, depends on it, and is to be the same in each run. */
class QuietHost extends NodeHost {
  /** @param {string[]} args @param {number} now @param {number} step */
  constructor(args, now, step) {
    super({
      imagePath: defaultImage,
      args,
      permissions: new NodePermissions({ write: [folder] }),
      log: (_, text) => (this.output += `log: ${text}\n`),
    });
    this.output = '';
    this.now = now;
    this.step = step;
  }

  /** @param {() => import('../../web/runtime/text.js').Views} views */
  imports(views) {
    const all = super.imports(views);
    const write = all.file_write;
    return {
      ...all,
      clock_us: () => (this.now += this.step),
      utc_us: () => (this.now += this.step),
      file_write: (/** @type {number} */ handle, /** @type {number} */ at, /** @type {number} */ from, /** @type {number} */ n) => {
        if (handle !== 1 && handle !== 2) return write(handle, at, from, n);
        this.output += views().text(from, n);
        return n;
      },
    };
  }
}

/** What VMs read and write. */
export const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'catalyst-random-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

/** The file that a world reads its programs from. */
const programs = path.join(folder, 'programs.st');

/** @type {WebAssembly.Module | undefined} */
let core;

/** @param {VM} vm @param {Options} options */
const set = (vm, options) => Object.entries(options).forEach(([name, value]) => vm.option(name, value));

/** In seconds, whatever else the machine does. */
const processorTime = () => process.cpuUsage().user / 1e6;

/** Runs until the VM ends, or pauses; answers how it ended. @param {VM} vm @param {QuietHost} host @param {number} seconds of processor time */
async function ending(vm, host, seconds) {
  const end = processorTime() + seconds;
  let waits = 0;
  while (processorTime() < end) {
    const stop = vm.run(20_000);
    if (stop === STOP.QUIT) return `exit code ${vm.exitCode}\n`;
    if (stop === STOP.ERROR) return `VM error: ${vm.error}\n`;
    if (stop === STOP.IDLE && host.output.endsWith(`${PAUSE}\n`)) return PAUSE;
    if (stop === STOP.IDLE && (vm.idleUntil < 0 || ++waits > MOST_WAITS)) return 'waits for ever\n';
    if (stop === STOP.IDLE) host.now = Math.max(host.now, vm.idleUntil);
    else await breathe();
  }
  return `takes longer than ${seconds} s\n${vm.stackTrace().split('\n').slice(0, 10).join('\n')}\n`;
}

/** What is printed from a state on, and the state where it paused. How the VM ended is part of what it printed.
 * @param {(vm: VM) => void} begin @param {{now: number, step: number, seconds: number}} limits
 * @returns {Promise<{output: string, state: State | null}>} */
async function go(begin, { now, step, seconds }) {
  core ??= coreModule();
  const host = new QuietHost(['run', programs], now, step);
  try {
    const vm = new VM(core, host);
    vm.kept = [];
    begin(vm);
    const end = await ending(vm, host, seconds);
    if (end === PAUSE) return { output: host.output.slice(0, -PAUSE.length - 1), state: { ...vm.state(), now: host.now } };
    return { output: host.output + end, state: null };
  } catch (error) {
    const why = /** @type {Error} */ (error).message.split('\n').slice(0, 12).join('\n');
    return { output: `${host.output}\n${why}\n`, state: null };
  }
}

/** The state in which a text that ends with a pause leaves a VM. @param {string} text @param {(vm: VM) => void} begin @param {number} now */
async function pausing(text, begin, now) {
  fs.writeFileSync(programs, text);
  const { output, state } = await go(begin, { now, ...READING });
  if (state === null) throw new Error(`the prelude does not run: ${output}`);
  return state;
}

/**
 * How the VMs of a world begin.
 * @typedef {object} Start
 * @property {Options} options  from the beginning, such as the size of stack pages
 * @property {boolean} warm     methods of the image are translated already: those that programs use
 * @property {boolean} [saved]  programs go on from an image that is saved (saved.js)
 */

/** As soon as they are activated, as many as a module takes. */
const WARM = { translate: 1, break_even: 0, hot_activations: 1 };
/** What warms a world up runs, leaves code and goes on in continuations. */
const WARMING = { ...WARM, bail_stress: 5 };
const WARMING_PROGRAMS = { seed: 1, first: 900_000_000, count: 60 };

/** Programs that no row has and that do not extend the image's classes. */
function warmingText() {
  const { seed, first, count } = WARMING_PROGRAMS;
  const all = Array.from({ length: count }, (_, i) => generate(seed, first + i)).filter(({ extended }) => !extended);
  return all.map(({ tree }) => textOf(tree)).join('') + all.map(({ main }) => main).join('');
}

/** The default image with the prelude read, about to read programs. */
export class World {
  /** @param {Start} start */
  constructor(start) {
    this.start = start;
    /** @type {Promise<State> | undefined} */
    this.base = undefined;
  }

  async begin_() {
    const part = (/** @type {string} */ name) => fs.readFileSync(path.join(root, 'tests/random', name), 'utf8');
    const prelude = part('prelude.st') + sharedFallbacks() + (this.start.saved ? part('saved.st') : '');
    const next = `\nRt pause. FileIn file: '${programs}'!\n`;
    const cold = await pausing(prelude + next, (vm) => {
      // Activations are not counted while nothing is translated, so that methods of the image get hot afterwards.
      set(vm, { memory_limit: MEMORY_LIMIT, translate: 0, hot_activations: 1, ...this.start.options });
      vm.load(fs.readFileSync(defaultImage));
    }, 0);
    if (!this.start.warm) return cold;
    return pausing(warmingText() + next, (vm) => {
      vm.resume(cold);
      set(vm, WARMING);
    }, cold.now);
  }

  /** Reads definitions up to `Rt pause`. @param {string} text @returns {Promise<{output: string, state: State | null}>} */
  async read(text) {
    const base = await (this.base ??= this.begin_());
    fs.writeFileSync(programs, text);
    try {
      return await go((vm) => {
        vm.resume(base);
        if (this.start.warm) set(vm, { ...WARM, bail_stress: 0 });
      }, { now: base.now, ...READING });
    } finally {
      fs.rmSync(programs, { force: true });
    }
  }
}

/** Runs on from a state under more options. @param {State} state @param {Options} options @param {number} seconds @returns {Promise<string>} */
export async function runFrom(state, options, seconds) {
  const { output } = await go((vm) => {
    // Where nothing is to be translated the core drops the translations at once.
    vm.resume(options.translate === 0 ? { ...state, modules: [] } : state);
    set(vm, options);
  }, { now: state.now, step: CLOCK_STEP, seconds });
  return output;
}

/** Runs an image, which goes on with what it was about to do when it was saved.
 * @param {Uint8Array} image @param {Options} options @param {number} seconds @returns {Promise<string>} */
export async function runImage(image, options, seconds) {
  const { output } = await go((vm) => {
    set(vm, { memory_limit: MEMORY_LIMIT, ...options });
    vm.load(image);
  }, { now: 0, step: CLOCK_STEP, seconds });
  return output;
}
