/** clipboard.js: a clipboard, from the host's side of vm/devices/clipboard.h. */
import { ERR } from '../errors.js';

/** enum dev_clipboard_operation. */
export const CLIPBOARD = Object.freeze({ READ: 1, WRITE: 2 });

/** Serves a clipboard whose text somebody keeps. @param {{text: Uint8Array}} keeper
 * @returns {NonNullable<import('./imports.js').DeviceHost['call']>} */
export const clipboardOf = (keeper) => (operation, input, output) => {
  if (operation === CLIPBOARD.READ) {
    output.set(keeper.text.subarray(0, output.length));
    return keeper.text.length;
  }
  if (operation !== CLIPBOARD.WRITE) return ERR.UNSUPPORTED;
  keeper.text = input.slice();
  return 0;
};
