/** index.js: what serves each device under Node.js. */
import { ERR } from '../../runtime/errors.js';

/** @typedef {import('../../runtime/devices/imports.js').DeviceHost} DeviceHost */

/** @param {{display?: import('../../runtime/devices/display.js').VirtualDisplay, dropped?: import('../../runtime/devices/drop.js').DroppedFiles}} [asked]
 * @returns {Record<string, DeviceHost>} */
export function nodeDevices({ display, dropped } = {}) {
  const noDisplay = { host: '', absent: 'no display was asked for; --display=WIDTHxHEIGHT gives a virtual one' };
  /** @type {DeviceHost} */
  const input = display === undefined ? noDisplay : { host: 'virtual display; --script plays it' };
  return {
    clock: { host: 'performance.now' },
    timezone: { host: 'Date' },
    files: { host: 'node:fs' },
    streams: { host: 'node:fs, descriptors 0 to 2' },
    attributes: { host: 'Node.js' },
    environment: { host: 'process.env' },
    locale: { host: 'Intl' },
    random: { host: 'webcrypto.getRandomValues' },
    log: { host: 'standard errors' },
    code: { host: `V8 ${process.versions.v8}` },
    display: noDisplay,
    cursor: noDisplay,
    ...display?.devices,
    events: { host: 'linear memory' },
    keyboard: input,
    pointer: input,
    wheel: input,
    window: input,
    drop: display === undefined ? noDisplay : { ...input, call: (...request) => dropped?.call(...request) ?? ERR.NOT_FOUND },
    clipboard: { host: "the VM's own; Node.js has none" },
  };
}
