/** resolver.js: names of machines under Node.js, from the host's side of vm/devices/resolver.h. */
import dns from 'node:dns';
import os from 'node:os';
import { putBytes, putWords, words } from '../../runtime/devices/words.js';
import { ERR } from '../../runtime/errors.js';
import { utf8 } from '../../runtime/text.js';
import { addressOf, addressText, ownAddress } from './addresses.js';

/** enum dev_resolver_operation and enum dev_resolver_status. */
export const RESOLVER = Object.freeze({ FIND_ADDRESS: 1, FIND_NAME: 2, STATUS: 3, ADDRESS: 4, NAME: 5, ABORT: 6, OWN_ADDRESS: 7, OWN_NAME: 8 });
export const STATUS = Object.freeze({ READY: 1, BUSY: 2, FAILED: 3 });

/** How names are found: as `node:dns/promises` does. @typedef {Pick<typeof dns.promises, 'lookup' | 'lookupService'>} Finder */

/** One look-up at a time: the next one makes the one before forgotten. */
export class NodeResolver {
  /** @param {import('../../runtime/devices/imports.js').Signal} signal @param {Finder} [finder] */
  constructor(signal, finder = dns.promises) {
    this.signal = signal;
    this.finder = finder;
    this.status = /** @type {number} */ (STATUS.READY);
    this.turn = 0;
    this.address = 0;
    this.name = '';
  }

  /** @param {number} semaphore @param {() => Promise<void>} find */
  begin_(semaphore, find) {
    const turn = ++this.turn;
    const ended = (/** @type {number} */ status) => {
      if (turn !== this.turn) return;
      this.status = status;
      if (semaphore !== 0) this.signal(semaphore);
    };
    this.status = STATUS.BUSY;
    this.address = 0;
    this.name = '';
    find().then(() => ended(STATUS.READY), () => ended(STATUS.FAILED));
    return 0;
  }

  /** @type {import('../../runtime/devices/imports.js').Opened['call']} */
  call(operation, input, output) {
    const [semaphore, address] = words(input.subarray(0, 8));
    switch (operation) {
      case RESOLVER.FIND_ADDRESS: {
        const name = Buffer.from(input.subarray(4)).toString();
        return this.begin_(semaphore, async () => {
          this.address = addressOf((await this.finder.lookup(name, { family: 4 })).address);
        });
      }
      case RESOLVER.FIND_NAME:
        return this.begin_(semaphore, async () => {
          this.name = (await this.finder.lookupService(addressText(address >>> 0), 0)).hostname;
        });
      case RESOLVER.STATUS: return this.status;
      case RESOLVER.ADDRESS: return this.address === 0 ? ERR.NOT_FOUND : putWords(output, [this.address]);
      case RESOLVER.NAME: return this.name === '' ? ERR.NOT_FOUND : putBytes(output, utf8(this.name));
      case RESOLVER.ABORT: {
        this.turn++;
        this.status = STATUS.READY;
        return 0;
      }
      case RESOLVER.OWN_ADDRESS: return putWords(output, [ownAddress()]);
      case RESOLVER.OWN_NAME: return putBytes(output, utf8(os.hostname()));
      default: return ERR.UNSUPPORTED;
    }
  }

  expects() {
    return this.status === STATUS.BUSY;
  }
}
