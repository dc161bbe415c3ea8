/** page_host.js: a page's side of vm/devices/host.h with the least that a program needs: clocks, entropy, arguments and what it prints.
 * There are no files, and no display but one that the page shows (devices/page/screen.js). */

import { http } from './devices/http.js';
import { pageHardware } from './devices/page/hardware.js';
import { pageMachine } from './devices/page/machine.js';
import { pageSenses } from './devices/page/senses.js';
import { pageSoundIn, pageSoundOut } from './devices/page/sound.js';
import { absent } from './devices/service.js';
import { Locks, channels, locks } from './devices/together.js';
import { websocket } from './devices/websocket.js';
import { ERR } from './errors.js';

const [OUTPUT, ERRORS] = [1, 2];

/** @typedef {import('./devices/imports.js').DeviceHost} DeviceHost */

const noDisplay = absent('this page shows no display');

/** What serves each device in a page. @param {any} w  its window, or a worker's scope @param {Record<string, DeviceHost>} shown  devices of a display that it shows
 * @returns {Record<string, DeviceHost>} */
export function pageDevices(w, shown = {}) {
  return {
    clock: { host: 'performance.now' },
    timezone: { host: 'Date' },
    files: absent('a page has no files yet'),
    streams: { host: 'the page, output alone' },
    attributes: { host: 'the page' },
    environment: absent('a page has no environment'),
    locale: { host: 'navigator.language' },
    random: { host: 'crypto.getRandomValues' },
    log: { host: 'the page' },
    code: { host: 'the engine of the page' },
    display: noDisplay,
    cursor: noDisplay,
    events: { host: 'linear memory' },
    keyboard: noDisplay,
    pointer: noDisplay,
    wheel: noDisplay,
    window: noDisplay,
    drop: noDisplay,
    clipboard: { host: "the VM's own; this page shows no display to paste into" },
    sound_out: w.AudioContext === undefined ? absent('this browser plays no sound') : pageSoundOut(w),
    sound_in: w.AudioContext === undefined || !w.navigator.mediaDevices?.getUserMedia ? absent('this browser records no sound') : pageSoundIn(w),
    sockets: absent('a page may not open sockets; it has http and websocket'),
    resolver: absent('a page may not look up names; it has http and websocket'),
    http: http('fetch', (...request) => w.fetch(...request)),
    websocket: websocket('WebSocket', w.WebSocket),
    ...pageMachine(w),
    fullscreen: noDisplay,
    touch: noDisplay,
    pen: noDisplay,
    composition: noDisplay,
    ...pageHardware(w),
    ...pageSenses(w),
    locks: w.navigator.locks === undefined ? locks('this page', pageLocks) : locks('navigator.locks', w.navigator.locks),
    channels: channels('BroadcastChannel', w.BroadcastChannel),
    ...shown,
  };
}
/** Where the browser has none for all its pages. */
const pageLocks = new Locks();

export class PageHost {
  /** @param {{args: string[], print: (text: string) => void, log: (text: string) => void, imageName?: string, shown?: Record<string, DeviceHost>,
   *   permissions?: import('./devices/permissions.js').Permissions, window?: any}} options  `print` gets standard output and errors; `shown`: devices of a
   *   display that the page shows */
  constructor({ args, print, log, imageName = 'default.image', shown, permissions, window = globalThis }) {
    this.attributes = ['catalyst', imageName, ...args];
    this.devices = pageDevices(window, shown);
    this.permissions = permissions;
    this.print = print;
    this.log_ = log;
  }

  /** @param {number} _level @param {string} text */
  log(_level, text) {
    this.log_(text);
  }

  /** @param {() => import('./text.js').Views} views */
  imports(views) {
    const denied = () => ERR.DENIED;
    // A character may come in two pieces.
    const decoders = [OUTPUT, ERRORS].map(() => new TextDecoder());
    return {
      clock_us: () => performance.now() * 1000,
      utc_us: () => (performance.timeOrigin + performance.now()) * 1000,
      clock_look: () => 0,
      tz_offset_s: (/** @type {number} */ utcUs) => -60 * new Date(utcUs / 1000).getTimezoneOffset(),
      file_write: (/** @type {number} */ handle, /** @type {number} */ _at, /** @type {number} */ from, /** @type {number} */ n) => {
        if (handle !== OUTPUT && handle !== ERRORS) return ERR.DENIED;
        this.print(decoders[handle - OUTPUT].decode(views().span(from, n), { stream: true }));
        return n;
      },
      file_read: () => 0,
      file_flush: () => 0,
      file_is_terminal: () => 0,
      file_open: denied,
      file_close: denied,
      file_size: denied,
      file_truncate: denied,
      file_delete: denied,
      file_rename: denied,
      file_stat: denied,
      dir_create: denied,
      dir_delete: denied,
      dir_entry: denied,
      working_dir: (/** @type {number} */ at, /** @type {number} */ room) => views().putText('/', at, room),
      attribute: (/** @type {number} */ index, /** @type {number} */ at, /** @type {number} */ room) => {
        const text = index === 1001 ? 'web' : this.attributes[index];
        return text === undefined ? -1 : views().putText(text, at, room);
      },
      env_get: () => -1,
      env_at: () => -1,
      random: (/** @type {number} */ at, /** @type {number} */ n) => {
        const most = 65536; // of one call
        for (let done = 0; done < n; done += most) crypto.getRandomValues(views().span(at + done, Math.min(most, n - done)));
      },
      log: (/** @type {number} */ level, /** @type {number} */ at, /** @type {number} */ n) => this.log(level, views().text(at, n)),
      locale: (/** @type {number} */ at, /** @type {number} */ room) => views().putText(navigator.language, at, room),
    };
  }
}
