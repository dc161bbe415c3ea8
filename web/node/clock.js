/** clock.js: the time that a VM sees. */
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Milliseconds since some start.
 * @typedef {object} Clock
 * @property {() => number} now
 * @property {() => number} utc  since 1970
 * @property {(utc: number) => number} offset  minutes that local time is behind UTC at a moment
 * @property {() => boolean} look  the image looks at it or for input; whether that makes time pass
 * @property {(ms: number, signal: AbortSignal) => Promise<void>} sleep  may end earlier
 * @property {<T>(work: () => T) => T} aside  does what is none of the VM's work
 */

/** @param {number} utc */
const offset = (utc) => new Date(utc).getTimezoneOffset();

/** The machine's. @type {Clock} */
export const wallClock = {
  now: () => performance.now(),
  utc: () => performance.timeOrigin + performance.now(),
  offset,
  look: () => false,
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
    offset,
    look: () => false,
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

/** What passes when the image looks at the virtual clock or for input, and when that clock begins. */
const LOOK_US = 250, VIRTUAL_NOW_US = 1_000_000, VIRTUAL_UTC_MS = Date.UTC(2030, 0, 1, 12);

/** Time stands still while a program computes: it passes by waiting, and a little whenever the image looks at the clock or for input. So it is the
 * same in each run on every machine, interpreted and translated. A program that computes and never looks sees none pass.
 * @returns {Clock} */
export function virtualClock() {
  let us = VIRTUAL_NOW_US;
  return {
    now: () => us / 1000,
    utc: () => VIRTUAL_UTC_MS + us / 1000,
    offset: () => 0,
    look: () => {
      us += LOOK_US;
      return true;
    },
    sleep: async (ms) => {
      us += Math.max(1, Math.round(ms * 1000));
      await new Promise((resolve) => setImmediate(resolve));
    },
    aside: (work) => work(),
  };
}
