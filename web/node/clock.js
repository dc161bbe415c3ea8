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

/** What this process has computed, in milliseconds. */
function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Time passes as this process computes, and waiting takes none: what a program does by the clock does not depend on what else the machine
 * does, and is over sooner. @returns {Clock} */
export function processorClock() {
  let skipped = 0;
  const began = performance.timeOrigin;
  const now = () => skipped + processorTime();
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
      const before = processorTime();
      try {
        return work();
      } finally {
        skipped -= processorTime() - before;
      }
    },
  };
}

/** What passes when the image looks at the virtual clock or for input, and when that clock begins. */
const LOOK_US = 250, VIRTUAL_NOW_US = 1_000_000, VIRTUAL_UTC_MS = Date.UTC(2030, 0, 1, 12);
/** A program that computed so long without a look may do so for ever: the processor's time goes on for it. Milliseconds. */
const PATIENCE = 60_000;
/** How often the VM asks between two looks at the processor's time. */
const QUESTIONS = 256;

/** Time stands still while a program computes: it passes by waiting, and a little whenever the image looks at the clock or for input. So it
 * is the same in each run on every machine, interpreted and translated. @param {() => number} [used]  the processor's time
 * @returns {Clock} */
export function virtualClock(used = processorTime) {
  let us = VIRTUAL_NOW_US;
  let questions = 0;
  /** When it last passed, by the processor's time; and whether it has since that was asked for. */
  let passedAt = used();
  let passed = false;
  const pass = (/** @type {number} */ more) => {
    us += more;
    passed = true;
  };
  const wonder = () => {
    const at = used();
    if (passed) passedAt = at;
    passed = false;
    if (at - passedAt < PATIENCE) return;
    us += Math.round((at - passedAt - PATIENCE) * 1000);
    passedAt = at - PATIENCE;
  };
  return {
    now: () => {
      if (++questions % QUESTIONS === 0) wonder();
      return us / 1000;
    },
    utc: () => VIRTUAL_UTC_MS + us / 1000,
    offset: () => 0,
    look: () => {
      pass(LOOK_US);
      return true;
    },
    sleep: async (ms) => {
      pass(Math.max(1, Math.round(ms * 1000)));
      await new Promise((resolve) => setImmediate(resolve));
    },
    aside: (work) => work(),
  };
}
