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
import { Permissions } from '../../web/node/permissions.js';
import { coreModule } from '../../web/node/session.js';
import { STOP, VM } from '../../web/runtime/vm.js';
import { sharedFallbacks } from './generator.js';

/** @typedef {import('../../web/runtime/vm.js').Saved} Saved @typedef {Record<string, number>} Options */

/** What the prelude prints before it waits to be copied (`Rt pause`). */
const PAUSE = '=== pause';
/** How often a VM may have nothing to do but to wait for its timer. Programs set none. */
const MOST_WAITS = 100;
const MEMORY_LIMIT = 256 * 2 ** 20;

/** A VM that can go on, and what its clock says. @typedef {Saved & {now: number}} State */

/** What passes between two looks at the clock, in microseconds. */
const CLOCK_STEP = 50;

/** The host of a VM whose output is kept. Its clock counts how often it is looked at: when methods get hot, and what
 * is translated together, depends on it, and is to be the same in each run. */
class QuietHost extends NodeHost {
  /** @param {string[]} args @param {number} now */
  constructor(args, now) {
    super({
      imagePath: defaultImage,
      args,
      permissions: new Permissions({ read: [os.tmpdir()], write: [] }),
      log: (_, text) => (this.output += `log: ${text}\n`),
    });
    this.output = '';
    this.now = now;
  }

  /** @param {() => import('../../web/runtime/text.js').Views} views */
  imports(views) {
    const all = super.imports(views);
    const write = all.file_write;
    return {
      ...all,
      clock_us: () => (this.now += CLOCK_STEP),
      utc_us: () => (this.now += CLOCK_STEP),
      file_write: (/** @type {number} */ handle, /** @type {number} */ at, /** @type {number} */ from, /** @type {number} */ n) => {
        if (handle !== 1 && handle !== 2) return write(handle, at, from, n);
        this.output += views().text(from, n);
        return n;
      },
    };
  }
}

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
 * @param {(vm: VM) => void} begin @param {string[]} args @param {number} now @param {number} seconds
 * @returns {Promise<{output: string, state: State | null}>} */
async function go(begin, args, now, seconds) {
  core ??= coreModule();
  const host = new QuietHost(args, now);
  try {
    const vm = new VM(core, host);
    begin(vm);
    const end = await ending(vm, host, seconds);
    if (end === PAUSE) return { output: host.output.slice(0, -PAUSE.length - 1), state: { ...vm.state(), now: host.now } };
    return { output: host.output + end, state: null };
  } catch (error) {
    const why = /** @type {Error} */ (error).message.split('\n').slice(0, 12).join('\n');
    return { output: `${host.output}\n${why}\n`, state: null };
  }
}

/** The file that a world reads its programs from. */
const programs = path.join(os.tmpdir(), `catalyst-random-${process.pid}.st`);

/** The default image with the prelude read, about to read programs. */
export class World {
  /** @param {Options} before  options from the start, such as the size of stack pages */
  constructor(before) {
    this.before = before;
    /** @type {Promise<State> | undefined} */
    this.base = undefined;
  }

  async begin_() {
    const prelude = fs.readFileSync(path.join(root, 'tests/random/prelude.st'), 'utf8') + sharedFallbacks();
    fs.writeFileSync(programs, `${prelude}\nRt pause. FileIn file: '${programs}'!\n`);
    const { output, state } = await go((vm) => {
      // Activations are not counted while nothing is translated, so that methods of the image get hot afterwards.
      set(vm, { memory_limit: MEMORY_LIMIT, translate: 0, hot_activations: 1, ...this.before });
      vm.load(fs.readFileSync(defaultImage));
    }, ['run', programs], 0, 60);
    if (state === null) throw new Error(`the prelude does not run: ${output}`);
    return state;
  }

  /** Reads definitions up to `Rt pause`. @param {string} text @returns {Promise<{output: string, state: State | null}>} */
  async read(text) {
    const base = await (this.base ??= this.begin_());
    fs.writeFileSync(programs, text);
    try {
      return await go((vm) => vm.resume(base), ['run', programs], base.now, 60);
    } finally {
      fs.rmSync(programs, { force: true });
    }
  }
}

/** Runs on from a state under more options. @param {State} state @param {Options} options @param {number} seconds @returns {Promise<string>} */
export async function runFrom(state, options, seconds) {
  const { output } = await go((vm) => {
    vm.resume(state);
    set(vm, options);
  }, ['run', programs], state.now, seconds);
  return output;
}
