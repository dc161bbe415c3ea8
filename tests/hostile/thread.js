/** thread.js: a thread of hostile.js: runs variants of one image in WebAssembly, each in an instance of its own,
 * interpreted and with everything translated, and says how each ended. */
import fs from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { NodeHost } from '../../web/node/host.js';
import { NodePermissions } from '../../web/node/permissions.js';
import { coreModule } from '../../web/node/session.js';
import { STOP, VM, VMError } from '../../web/runtime/vm.js';

const { image, args, bytecodes, runMs } = workerData;
const original = fs.readFileSync(image);
const module = coreModule();

const SLICE_US = 5000;
const MEMORY = 96 * 2 ** 20;
const MODES = { interpreted: 0, translated: 2 };

/** No file, no output, no device: a program that nobody wrote is to harm nobody. */
class SealedHost extends NodeHost {
  constructor() {
    super({ imagePath: '/nonexistent/hostile.image', args, permissions: new NodePermissions({ deny: ['files'] }), log: () => {} });
  }

  /** @param {() => import('../../web/runtime/text.js').Views} views */
  imports(views) {
    return { ...super.imports(views), file_write: (/** @type {number} */ _h, /** @type {number} */ _at, /** @type {number} */ _from, /** @type {number} */ n) => n, file_read: () => 0 };
  }
}

/** @param {VM} vm */
function runAWhile(vm) {
  const start = process.cpuUsage();
  const used = () => Object.values(process.cpuUsage(start)).reduce((sum, us) => sum + us / 1000, 0);
  for (;;) {
    const stop = vm.run(SLICE_US);
    if (stop === STOP.QUIT) return 'quit';
    if (stop === STOP.IDLE) return 'waited';
    if (stop === STOP.ERROR) return 'ended in an error';
    if (used() > runMs || vm.stats().bytecodes > bytecodes) return 'ran as long as they might';
  }
}

/** @param {Uint8Array} bytes @param {number} translate */
function run(bytes, translate) {
  const vm = new VM(module, new SealedHost());
  vm.option('memory_limit', MEMORY);
  vm.option('translate', translate);
  try {
    vm.load(bytes);
  } catch (error) {
    if (error instanceof VMError && error.exitCode === 3) return 'refused when loaded';
    throw error;
  }
  try {
    return runAWhile(vm);
  } catch (error) {
    if (error instanceof VMError && error.exitCode === 3) return 'stopped by the engine';
    throw error;
  }
}

parentPort?.on('message', ({ flips }) => {
  const bytes = Uint8Array.from(original);
  for (const [at, bit] of flips) bytes[at] ^= 1 << bit;
  try {
    const ends = Object.entries(MODES).map(([mode, translate]) => `${run(bytes, translate)}, ${mode}`);
    parentPort?.postMessage({ end: ends[0].startsWith('refused') ? 'refused when loaded' : ends.join('; ') });
  } catch (error) {
    parentPort?.postMessage({ finding: /** @type {Error} */ (error).stack });
  }
});
