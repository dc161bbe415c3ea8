/** service.js: devices that images use by operations with names, from the host's side of vm/devices/service.h. */
import { ERR } from '../errors.js';
import { decode, encode, valueOf } from './values.js';
import { putBytes, words } from './words.js';

/** enum dev_service_operation and enum dev_message_kind. */
export const SERVICE = Object.freeze({ LISTEN: 1, CALL: 2, NEXT: 3 });
export const MESSAGE = Object.freeze({ ANSWER: 0, FAILURE: 1, EVENT: 2 });

/** What an image does not fetch is lost, the oldest first. */
const MOST = Object.freeze({ MESSAGES: 1024, BYTES: 1 << 26 });

/** @typedef {import('./imports.js').DeviceHost} DeviceHost */
/** The operations of a device by name: each answers, or promises, what valueOf can make a value of.
 * @typedef {Record<string, (...args: any[]) => unknown>} Operations */
/**
 * What an opened device tells its image.
 * @typedef {object} Session
 * @property {(...value: unknown[]) => void} event  several make an array
 * @property {(close: () => void) => void} onClose  to be done when the image closes it
 * @property {(is: boolean) => void} expect  whether events may come, so that an image that waits does not wait for ever
 */
/** @typedef {(session: Session) => Operations} Opener */

class OpenService {
  /** @param {Opener} opener @param {import('./imports.js').Signal} signal */
  constructor(opener, signal) {
    this.signal = signal;
    this.semaphore = 0;
    this.requests = 0;
    this.pending = 0;
    this.closed = false;
    this.expecting = false;
    /** @type {(() => void)[]} */
    this.closers = [];
    /** @type {Uint8Array[]} */
    this.messages = [];
    this.bytes = 0;
    this.operations = opener({
      event: (...value) => this.post_(0, MESSAGE.EVENT, value.length === 1 ? value[0] : value),
      onClose: (close) => this.closers.push(close),
      expect: (is) => (this.expecting = is),
    });
  }

  /** @param {number} request @param {number} kind @param {unknown} value */
  post_(request, kind, value) {
    if (this.closed) return;
    const message = encode([request, kind, valueOf(value)]);
    this.messages.push(message);
    this.bytes += message.length;
    while (this.messages.length > 1 && (this.messages.length > MOST.MESSAGES || this.bytes > MOST.BYTES))
      this.bytes -= /** @type {Uint8Array} */ (this.messages.shift()).length;
    if (this.semaphore !== 0) this.signal(this.semaphore);
  }

  /** @param {Uint8Array} input */
  request_(input) {
    const [name, ...args] = /** @type {import('./values.js').Value[]} */ (decode(input));
    const operation = Object.hasOwn(this.operations, String(name)) ? this.operations[String(name)] : undefined;
    if (operation === undefined) return ERR.UNSUPPORTED;
    const request = (this.requests = (this.requests % 0x1fffffff) + 1);
    const failed = (/** @type {unknown} */ error) => this.post_(request, MESSAGE.FAILURE, error instanceof Error ? error.message || error.name : String(error));
    try {
      const answer = operation(...args);
      if (!(answer instanceof Promise)) this.post_(request, MESSAGE.ANSWER, answer);
      else {
        this.pending++;
        answer.then((value) => this.post_(request, MESSAGE.ANSWER, value), failed).finally(() => this.pending--);
      }
    } catch (error) {
      failed(error);
    }
    return request;
  }

  /** @param {Uint8Array} output */
  next_(output) {
    const [message] = this.messages;
    if (message === undefined) return 0;
    if (message.length <= output.length) {
      this.messages.shift();
      this.bytes -= message.length;
    }
    return putBytes(output, message);
  }

  /** @type {import('./imports.js').Opened['call']} */
  call(operation, input, output) {
    switch (operation) {
      case SERVICE.LISTEN: {
        [this.semaphore] = words(input);
        return 0;
      }
      case SERVICE.CALL: return this.request_(input);
      case SERVICE.NEXT: return this.next_(output);
      default: return ERR.UNSUPPORTED;
    }
  }

  expects() {
    return this.pending > 0 || this.expecting;
  }

  close() {
    this.closed = true;
    for (const close of this.closers) close();
  }
}

/** What serves a device whose operations an opener makes. `opener` is there for tests.
 * @param {string} host @param {Opener} opener @returns {DeviceHost & {opener: Opener}} */
export const service = (host, opener) => ({ host, opener, open: (signal) => new OpenService(opener, signal) });

/** One that is not there. @param {string} reason @returns {DeviceHost} */
export const absent = (reason) => ({ host: '', absent: reason });
