/** together.js: what VMs of a page or a process share: vm/devices/channels.c and locks.c. */
import { service } from './service.js';
import { decode, encode } from './values.js';

const MOST_CHANNELS = 64;

/** @param {string} host @param {typeof BroadcastChannel} Channel */
export const channels = (host, Channel) =>
  service(host, ({ event, onClose, expect }) => {
    /** @type {Map<string, BroadcastChannel>} */
    const open = new Map();
    const close = (/** @type {string} */ name) => {
      const channel = open.get(name);
      channel?.close();
      open.delete(name);
      expect(open.size > 0);
      return channel !== undefined;
    };
    onClose(() => [...open.keys()].forEach(close));
    /** A name of ours: other programs of a page have channels too. @param {string} name */
    const full = (name) => `catalyst:${name}`;
    return {
      open(/** @type {string} */ name) {
        if (open.has(name)) return false;
        if (open.size >= MOST_CHANNELS) throw new Error(`there are ${MOST_CHANNELS} channels already`);
        const channel = new Channel(full(name));
        channel.onmessage = ({ data }) => event(name, decode(data));
        open.set(name, channel);
        expect(true);
        return true;
      },
      close,
      post(/** @type {string} */ name, /** @type {import('./values.js').Value} */ value) {
        const channel = open.get(name);
        if (channel === undefined) throw new Error(`no channel '${name}' is open here`);
        channel.postMessage(encode(value));
      },
    };
  });

/** The part of navigator.locks that is used. @typedef {{request: (name: string, options: {ifAvailable?: boolean, signal?: AbortSignal}, use: (lock: unknown) => Promise<void>) => Promise<void>}} LockManager */

/** Locks of the VMs of one process: as navigator.locks does them. @implements {LockManager} */
export class Locks {
  constructor() {
    /** Who waits for a lock that somebody holds. @type {Map<string, (() => void)[]>} */
    this.queues = new Map();
  }

  /** @param {string} name @param {{ifAvailable?: boolean, signal?: AbortSignal}} options @param {(lock: unknown) => Promise<void>} use */
  async request(name, { ifAvailable = false, signal }, use) {
    const queue = this.queues.get(name);
    if (queue === undefined) this.queues.set(name, []);
    else if (ifAvailable) return use(null);
    else
      await new Promise((resolve, reject) => {
        const begin = () => resolve(undefined);
        queue.push(begin);
        signal?.addEventListener('abort', () => {
          if (queue.includes(begin)) queue.splice(queue.indexOf(begin), 1);
          reject(new Error('it was given up'));
        });
      });
    try {
      await use({ name });
    } finally {
      const next = this.queues.get(name)?.shift();
      if (next === undefined) this.queues.delete(name);
      else next();
    }
  }
}

/** @param {string} host @param {LockManager} manager */
export const locks = (host, manager) =>
  service(host, ({ onClose }) => {
    /** @type {Map<string, () => void>} */
    const held = new Map();
    const giveUp = new AbortController();
    onClose(() => {
      giveUp.abort();
      held.forEach((release) => release());
    });
    /** @param {string} name @param {boolean} ifAvailable */
    const acquire = (name, ifAvailable) =>
      new Promise((resolve, reject) => {
        if (held.has(name)) throw new Error(`the lock '${name}' is held here already`);
        const use = (/** @type {unknown} */ lock) =>
          new Promise((/** @type {(value: void) => void} */ release) => {
            if (lock === null) release();
            else held.set(name, release);
            resolve(lock !== null);
          });
        // A request that may be given up cannot ask for what is free now (navigator.locks).
        manager.request(`catalyst:${name}`, ifAvailable ? { ifAvailable } : { signal: giveUp.signal }, use).catch(reject);
      });
    return {
      acquire: (/** @type {string} */ name) => acquire(name, false),
      tryAcquire: (/** @type {string} */ name) => acquire(name, true),
      release(/** @type {string} */ name) {
        held.get(name)?.();
        return held.delete(name);
      },
      held: () => [...held.keys()],
    };
  });
