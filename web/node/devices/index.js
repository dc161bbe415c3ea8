/** index.js: what serves each device under Node.js. */
import { soundOut } from '../../runtime/devices/sound.js';
import { ERR } from '../../runtime/errors.js';
import { wallClock } from '../clock.js';
import { WavFile } from './wav.js';

/** @typedef {import('../../runtime/devices/imports.js').DeviceHost} DeviceHost */

/**
 * What was asked for.
 * @typedef {object} Asked
 * @property {import('../../runtime/devices/display.js').VirtualDisplay} [display]
 * @property {import('../../runtime/devices/drop.js').DroppedFiles} [dropped]
 * @property {string} [soundFile]  where what is played is written
 * @property {import('../clock.js').Clock} [clock]
 */

/** @param {Asked} [asked] @returns {Record<string, DeviceHost>} */
export function nodeDevices({ display, dropped, soundFile, clock = wallClock } = {}) {
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
    sound_out: soundFile === undefined
      ? { host: '', absent: 'nothing is to hear it; --record-sound=FILE.wav writes what is played' }
      : soundOut('a WAV file', () => new WavFile(soundFile), () => clock.now() / 1000),
    sound_in: { host: '', absent: 'Node.js has no microphone' },
  };
}
