/** drop.js: dropped files, from the host's side of vm/devices/drop.h. */
import { ERR } from '../errors.js';
import { utf8 } from '../text.js';

/** enum dev_drop_operation. */
export const DROP_OPERATION = Object.freeze({ NAME: 1 });

export class DroppedFiles {
  constructor() {
    /** Paths, as the image gets them. @type {string[]} */
    this.files = [];
  }

  /** @type {NonNullable<import('./imports.js').DeviceHost['call']>} */
  call(operation, input, output) {
    if (operation !== DROP_OPERATION.NAME) return ERR.UNSUPPORTED;
    const name = this.files[new DataView(input.buffer, input.byteOffset).getUint32(0, true)];
    if (name === undefined) return ERR.NOT_FOUND;
    const bytes = utf8(name);
    output.set(bytes.subarray(0, output.length));
    return bytes.length;
  }
}
