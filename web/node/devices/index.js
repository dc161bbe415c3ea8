/** index.js: what serves each device under Node.js. */
import { http } from '../../runtime/devices/http.js';
import { absent, service } from '../../runtime/devices/service.js';
import { soundOut } from '../../runtime/devices/sound.js';
import { Locks, channels, locks } from '../../runtime/devices/together.js';
import { websocket } from '../../runtime/devices/websocket.js';
import { ERR } from '../../runtime/errors.js';
import { wallClock } from '../clock.js';
import { battery, connection, machine, sensors, storage } from './machine.js';
import { NodeResolver } from './resolver.js';
import { serial } from './serial.js';
import { NodeSockets } from './sockets.js';
import { WavFile } from './wav.js';
import { WebSocketClient } from './websocket_client.js';

/** @typedef {import('../../runtime/devices/imports.js').DeviceHost} DeviceHost */

/** @type {{new (url: string, protocols?: string[]): any}} */
const Socket = /** @type {any} */ (globalThis).WebSocket ?? WebSocketClient;
/** Of all VMs here. */
const processLocks = new Locks();

/** What a virtual display is asked besides its pixels. @param {import('../../runtime/devices/display.js').VirtualDisplay | undefined} display
 * @returns {Record<string, DeviceHost>} */
function ofDisplay(display) {
  if (display === undefined) {
    const noDisplay = absent('no display was asked for; --display=WIDTHxHEIGHT gives a virtual one');
    return { screens: noDisplay, scale: noDisplay, fullscreen: noDisplay, visibility: noDisplay };
  }
  const host = 'virtual display';
  const setFullScreen = (/** @type {boolean} */ is) => (display.fullScreen = is);
  return {
    screens: service(host, () => ({ list: () => [[0, 0, display.width, display.height, 1, display.depth ?? 32, true, host]], watch: () => {} })),
    scale: service(host, () => ({ factor: () => 1, watch: () => {} })),
    fullscreen: service(host, () => ({ enter: () => setFullScreen(true), leave: () => setFullScreen(false), isActive: () => display.fullScreen })),
    visibility: service(host, () => ({ isVisible: () => true, watch: () => {} })),
  };
}

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
    sockets: { host: 'node:net, node:dgram', open: (signal) => new NodeSockets(signal) },
    resolver: { host: 'node:dns', open: (signal) => new NodeResolver(signal) },
    battery: battery(),
    machine: machine(),
    connection: connection(),
    http: http('fetch', fetch),
    websocket: websocket(Socket === WebSocketClient ? 'node:http' : 'WebSocket', Socket),
    ...ofDisplay(display),
    touch: absent('Node.js has no touch screen; --script plays a mouse'),
    pen: absent('Node.js has no pen; --script plays a mouse'),
    composition: absent('Node.js has no input method; --script types characters'),
    gamepad: absent('Node.js has no gamepads'),
    midi: absent('Node.js has no musical instruments'),
    serial: serial(),
    usb: absent('Node.js does not reach the USB'),
    hid: absent('Node.js does not reach such devices'),
    bluetooth: absent('Node.js does not reach the radio'),
    camera: absent('Node.js has no camera'),
    geolocation: absent('Node.js does not know where it is'),
    ...sensors(),
    notifications: absent('Node.js shows no notes'),
    speech: absent('Node.js does not speak'),
    recognition: absent('Node.js has no microphone'),
    wakelock: absent('Node.js has no screen that could go dark'),
    storage: storage(process.cwd()),
    locks: locks('this process', processLocks),
    channels: channels('BroadcastChannel', /** @type {any} */ (BroadcastChannel)),
    printer: absent('Node.js has no printer; --record writes pictures'),
    clipboard_image: absent('Node.js has no clipboard'),
    vibration: absent('Node.js cannot shake the machine'),
    share: absent('Node.js has no other programs to give to'),
  };
}
