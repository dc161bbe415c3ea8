/** fib.js: recursive Fibonacci as nanoseconds a send: also with every call made, where translated code would do at once what a
 * short method answers. */
import { peerRunner, peers, python } from './runners.js';
import { measure } from './measure.js';

export const FIB = 30;
/** One takes some hundredths of a second where it is fast. */
const ITERATIONS = 10;
const WARMER = 4;

/** @param {import('./runners.js').Engine} engine @param {number} rounds
 * @param {import('./sample.js').Measurement[]} measurements  gets what was measured */
export function benchFib({ interpreted, translated, calling, javascript }, rounds, measurements) {
  const cpython = python();
  const runners = [...(cpython ? [cpython] : []), javascript, interpreted, calling, translated, ...peers().map(peerRunner)];
  const found = measure({ part: 'fib', programs: ['Fib'], runners, rounds, iterations: ITERATIONS, inner: FIB, warmer: WARMER });
  measurements.push(...found);
  const calls = Number(/** @type {any} */ (found[0]).answer);
  const nsPerSend = Object.fromEntries(found.map(({ runner, median }) => [runner, (median * 1e6) / calls]));
  /** How many times faster than another the modes are. @param {string} other */
  const faster = (other) => ({
    interpreted: nsPerSend[other] / nsPerSend.interpreted,
    calling: nsPerSend[other] / nsPerSend.calling,
    translated: nsPerSend[other] / nsPerSend.translated,
  });
  return {
    inner: FIB,
    calls,
    nsPerSend,
    ...(cpython ? { timesFasterThanCPython: faster('cpython') } : {}),
    timesFasterThanPeers: Object.fromEntries(peers().map(({ name }) => [name, faster(name)])),
  };
}
