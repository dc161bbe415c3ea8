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
 * @param {() => number} [host.clock]  milliseconds, those of the VM's clock_us
 * @param {number} [host.end]  of that clock
 * @param {(ms: number) => Promise<void>} host.sleep  may end earlier, when the image is to look around (vm.onWake)
 * @param {() => Promise<void>} host.breathe  lets everything happen that waits
 * @param {{due: (now: number) => number, play: (now: number) => void}} [host.player]  input at times
 * @param {() => number | null} [host.ended]  an exit code when somebody has ended it
 * @returns {Promise<number>} the exit code
 */
export async function runInSlices(vm, { clock = () => performance.now(), end = Infinity, sleep, breathe, player, ended }) {
  let slice = FIRST_SLICE_US;
  let turn = clock();
  for (;;) {
    player?.play(clock());
    const code = ended?.() ?? null;
    if (code !== null) return code;
    const stop = vm.run(slice);
    slice = Math.min(slice * 1.1, LAST_SLICE_US);
    if (stop === STOP.QUIT) return vm.exitCode;
    if (stop === STOP.ERROR) throw new VMError(vm.error, vm.errorCode);
    const now = clock();
    if (now >= end) return 0;
    if (stop === STOP.IDLE) {
      const until = vm.idleUntil;
      const due = player?.due(now) ?? Infinity;
      if (until < 0 && end === Infinity && due === Infinity && !vm.expectsDevices)
        throw new VMError('the image waits for ever: no process can run and no timer is set (--seconds=N ends such an image)');
      const wake = Math.min(until < 0 ? Infinity : until / 1000, end, due);
      if (wake > now) {
        await sleep(Math.min(wake - now, LONGEST_SLEEP_MS));
        turn = clock();
      }
    }
    if (now - turn > TURN_MS) {
      await breathe();
      turn = clock();
    }
  }
}
