/** imports.js: the functions of vm/devices/host.h for devices without functions of their own: by their names. */
import { ERR } from '../errors.js';
import { Permissions } from './permissions.js';
import { DEVICES } from './table.js';

/**
 * What serves one device.
 * @typedef {object} DeviceHost
 * @property {string} host  who does it, for a person; '' where nobody does
 * @property {string} [absent]  why it is not there; it is, where this is missing
 * @property {(signal: Signal) => Opened | void} [open]  what serves one handle, where that is not the same for all
 * @property {Opened['call']} [call]
 * @property {() => void} [close]
 */
/**
 * @typedef {object} Opened
 * @property {(operation: number, input: Uint8Array, output: Uint8Array, views: import('../text.js').Views) => number} call  what host_device_call answers;
 *   both arrays lie in linear memory and are good during the call
 * @property {() => void} [close]
 * @property {() => boolean} [expects]  whether something may still come that the image is told of
 */
/** Signals an external semaphore of the image, by its index, and wakes the VM. @typedef {(semaphore: number) => void} Signal */

/** struct host_device_info: four words, then two texts. */
const INFO = Object.freeze({ HOST_ROOM: 64, REASON_ROOM: 192, HOST_AT: 16, REASON_AT: 80 });

/** @typedef {{devices?: Readonly<Record<string, DeviceHost>>, permissions?: Permissions, log?: (level: number, text: string) => void}} Served */

/** @param {Served} served @param {string} name @returns {DeviceHost} */
const serverOf = (served, name) => served.devices?.[name] ?? { host: '', absent: 'this host has none' };

/** A text of at most `room` bytes. @param {string} text @param {number} room */
const cut = (text, room) => (text.length < room ? text : text.slice(0, room - 1));

/** enum dev_log_level. */
const WARNING = 2;
/** Handles that one image may have open. */
const MOST_OPEN = 1024;

/** The imports, whether any device expects something, and what closes them all.
 * @param {Served} served @param {() => import('../text.js').Views} views @param {Signal} signal */
export function deviceImports(served, views, signal) {
  const permissions = served.permissions ?? new Permissions();
  /** @type {(Opened | undefined)[]} */
  const open = [];
  /** The first refusal of a permission is told to the user too. @type {Set<string>} */
  const told = new Set();
  const refuse = (/** @type {string} */ name) => {
    const permission = DEVICES[name];
    if (!told.has(permission)) served.log?.(WARNING, `the image may not use ${name}; --allow=${permission} permits it`);
    told.add(permission);
    return ERR.DENIED;
  };
  const imports = {
    device_info: (/** @type {number} */ at, /** @type {number} */ n, /** @type {number} */ to) => {
      const name = views().text(at, n);
      if (!(name in DEVICES)) return ERR.NOT_FOUND;
      const { host, absent } = serverOf(served, name);
      const { data } = views().renew();
      data.setUint32(to, absent === undefined ? 1 : 0, true);
      data.setUint32(to + 4, permissions.grantsDevice(name) ? 1 : 0, true);
      data.setUint32(to + 8, views().putText(cut(host, INFO.HOST_ROOM), to + INFO.HOST_AT, INFO.HOST_ROOM), true);
      data.setUint32(to + 12, views().putText(cut(absent ?? '', INFO.REASON_ROOM), to + INFO.REASON_AT, INFO.REASON_ROOM), true);
      return 0;
    },
    device_open: (/** @type {number} */ at, /** @type {number} */ n) => {
      const name = views().text(at, n);
      const server = serverOf(served, name);
      if (server.absent !== undefined || (server.open ?? server.call) === undefined) return ERR.UNSUPPORTED;
      if (!permissions.grantsDevice(name)) return refuse(name);
      const free = open.indexOf(undefined);
      const handle = free < 0 ? open.length : free;
      if (handle >= MOST_OPEN) return ERR.NO_SPACE;
      open[handle] = server.open?.(signal) ?? { call: /** @type {Opened['call']} */ (server.call), close: server.close };
      return handle;
    },
    device_call: (
      /** @type {number} */ handle, /** @type {number} */ operation,
      /** @type {number} */ from, /** @type {number} */ n, /** @type {number} */ to, /** @type {number} */ room,
    ) => {
      return open[handle]?.call(operation, views().span(from, n), views().span(to, room), views()) ?? ERR.BAD_HANDLE;
    },
    device_close: (/** @type {number} */ handle) => {
      if (open[handle] === undefined) return ERR.BAD_HANDLE;
      open[handle]?.close?.();
      open[handle] = undefined;
      return 0;
    },
  };
  return {
    imports,
    expects: () => open.some((each) => each?.expects?.()),
    /** The core may still know the handles: none is given to another device. */
    closeAll: () =>
      open.forEach((each, handle) => {
        each?.close?.();
        open[handle] = { call: () => ERR.BAD_HANDLE };
      }),
  };
}
