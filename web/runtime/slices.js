/** slices.js: running a VM in time slices, with the host's loop getting its turn between them. */
import { STOP, VMError } from './vm.js';

/** Short slices first: an engine without on-stack replacement moves the loop to its fast tier at the next call. */
const FIRST_SLICE_US = 1_000;
const LAST_SLICE_US = 20_000;
/** How long the host's own timers and signals may wait; milliseconds. */
const TURN_MS = 50;
const LONGEST_SLEEP_MS = 1000;

/**
 * Runs until the image quits or fails, or the clock has reached `end`.
 * @param {import('./vm.js').VM} vm
 * @param {object} host
 * @param {number} [host.end]  of performance.now()
 * @param {(ms: number) => Promise<void>} host.sleep  may end earlier, when the image is to look around
 * @param {() => Promise<void>} host.breathe  lets everything happen that waits
 * @returns {Promise<number>} the exit code
 */
export async function runInSlices(vm, { end = Infinity, sleep, breathe }) {
  let slice = FIRST_SLICE_US;
  let turn = performance.now();
  for (;;) {
    const stop = vm.run(slice);
    slice = Math.min(slice * 1.1, LAST_SLICE_US);
    if (stop === STOP.QUIT) return vm.exitCode;
    if (stop === STOP.ERROR) throw new VMError(vm.error);
    const now = performance.now();
    if (now >= end) return 0;
    if (stop === STOP.IDLE) {
      const until = vm.idleUntil;
      if (until < 0 && end === Infinity)
        throw new VMError('the image waits for ever: no process can run and no timer is set (--seconds=N ends such an image)');
      const wake = until < 0 ? end : Math.min(until / 1000, end);
      if (wake > now) await sleep(Math.min(wake - now, LONGEST_SLEEP_MS));
      turn = performance.now();
    } else if (now - turn > TURN_MS) {
      await breathe();
      turn = performance.now();
    }
  }
}
