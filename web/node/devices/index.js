/** index.js: what serves each device under Node.js. */

/** @param {{display?: import('../../runtime/devices/display.js').VirtualDisplay}} [asked]
 * @returns {Record<string, import('../../runtime/devices/imports.js').DeviceHost>} */
export function nodeDevices({ display } = {}) {
  const noDisplay = { host: '', absent: 'no display was asked for; --display=WIDTHxHEIGHT gives a virtual one' };
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
  };
}
