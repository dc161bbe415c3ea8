/** service_client.js: what an image is to a service, for tests: asks for operations, and fetches answers and events. */
import { MESSAGE, SERVICE } from '../../web/runtime/devices/service.js';
import { decode, encode } from '../../web/runtime/devices/values.js';

const none = new Uint8Array(0);
const SEMAPHORE = 5;

export class Client {
  /** @param {import('../../web/runtime/devices/imports.js').DeviceHost} device @param {{deaf?: boolean}} [how]  deaf: it does not fetch what it is told of */
  constructor(device, { deaf = false } = {}) {
    /** @type {any[]} */
    this.events = [];
    /** @type {((event: any) => void)[]} */
    this.waiting = [];
    /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
    this.requests = new Map();
    /** @type {any} */
    const opened = device.open?.(() => deaf || queueMicrotask(() => this.fetch()));
    if (!opened) throw new Error(`nothing to open: ${device.absent}`);
    /** @type {import('../../web/runtime/devices/imports.js').Opened} */
    this.opened = opened;
    this.operation_(SERVICE.LISTEN, new Uint8Array(Int32Array.of(SEMAPHORE).buffer));
  }

  /** @param {number} operation @param {Uint8Array} input @param {Uint8Array} [output] */
  operation_(operation, input, output = none) {
    return this.opened.call(operation, input, output, /** @type {any} */ (null));
  }

  /** @param {string} name @param {any[]} args */
  raw(name, ...args) {
    return this.operation_(SERVICE.CALL, encode([name, ...args]));
  }

  /** @param {string} name @param {any[]} args @returns {Promise<any>} */
  call(name, ...args) {
    const number = this.raw(name, ...args);
    if (number < 0) throw new Error(`there is no operation ${name}`);
    return new Promise((resolve, reject) => this.requests.set(number, { resolve, reject }));
  }

  fetch() {
    for (let length; (length = this.operation_(SERVICE.NEXT, none)) > 0; ) {
      const bytes = new Uint8Array(length);
      this.operation_(SERVICE.NEXT, none, bytes);
      const [number, kind, value] = /** @type {[number, number, any]} */ (decode(bytes));
      if (kind === MESSAGE.ANSWER) this.requests.get(number)?.resolve(value);
      else if (kind === MESSAGE.FAILURE) this.requests.get(number)?.reject(new Error(value));
      else (this.waiting.shift() ?? ((event) => this.events.push(event)))(value);
    }
  }

  /** @returns {Promise<any>} */
  nextEvent() {
    return this.events.length > 0 ? Promise.resolve(this.events.shift()) : new Promise((resolve) => this.waiting.push(resolve));
  }

  expects() {
    return this.opened.expects?.() ?? false;
  }

  close() {
    this.opened.close?.();
  }
}
