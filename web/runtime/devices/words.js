/** words.js: the words and bytes that devices and their hosts exchange. */

/** The words of a request. @param {Uint8Array} bytes */
export const words = (bytes) => new Int32Array(bytes.slice(0, bytes.length & ~3).buffer);

/** Writes bytes, as many as there is room for; answers their whole length. @param {Uint8Array} to @param {Uint8Array} bytes */
export function putBytes(to, bytes) {
  to.set(bytes.subarray(0, to.length));
  return bytes.length;
}

/** The same for words. @param {Uint8Array} to @param {number[]} values */
export const putWords = (to, values) => putBytes(to, new Uint8Array(new Uint32Array(values).buffer));
