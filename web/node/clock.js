/** clock.js: the time that a VM sees. */
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Milliseconds since some start.
 * @typedef {object} Clock
 * @property {() => number} now
 * @property {() => number} utc  since 1970
 * @property {(ms: number, signal: AbortSignal) => Promise<void>} sleep  may end earlier
 * @property {<T>(work: () => T) => T} aside  does what is none of the VM's work
 */

/** The machine's. @type {Clock} */
export const wallClock = {
  now: () => performance.now(),
  utc: () => performance.timeOrigin + performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}),
  aside: (work) => work(),
};

/** Time passes as this process computes, and waiting takes none: what a program does by the clock does not depend on what else the machine
 * does, and is over sooner. @returns {Clock} */
export function processorClock() {
  let skipped = 0;
  const began = performance.timeOrigin;
  const used = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  const now = () => skipped + used();
  return {
    now,
    utc: () => began + now(),
    sleep: async (ms) => {
      skipped += ms;
      await new Promise((resolve) => setImmediate(resolve));
    },
    aside: (work) => {
      const before = used();
      try {
        return work();
      } finally {
        skipped -= used() - before;
      }
    },
  };
}
