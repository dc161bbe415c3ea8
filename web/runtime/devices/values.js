/** values.js: the values that services and images exchange, as bytes: see vm/devices/service.h. */

/** @typedef {null | boolean | number | string | Uint8Array | Value[]} Value */

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** DEV_VALUE_DEPTH. */
const DEPTH = 16;
/** The letter, and a number of 4 bytes. */
const HEAD = 5;

/** What is no value is sent as one: undefined as null, other objects as their keys and values in turn.
 * @param {unknown} value @returns {Value} */
export function valueOf(value) {
  if (value === null || value === undefined || typeof value === 'function') return null;
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string' || value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (typeof value === 'object' && Symbol.iterator in value) return Array.from(/** @type {Iterable<unknown>} */ (value), valueOf);
  return typeof value === 'object' ? Object.entries(value).flatMap(([key, each]) => [key, valueOf(each)]) : String(value);
}

/** @param {Value} value @returns {Uint8Array} */
export function encode(value) {
  /** @type {Uint8Array[]} */
  const pieces = [];
  /** @param {string} letter @param {number} [size] @param {(data: DataView) => void} [fill] */
  const put = (letter, size = 1, fill) => {
    const bytes = new Uint8Array(size);
    bytes[0] = letter.charCodeAt(0);
    fill?.(new DataView(bytes.buffer));
    pieces.push(bytes);
  };
  /** @param {string} letter @param {number} n */
  const head = (letter, n) => put(letter, HEAD, (data) => data.setUint32(1, n, true));
  /** @param {Value} each @param {number} depth */
  const add = (each, depth) => {
    if (each === null || depth > DEPTH) put('n');
    else if (typeof each === 'boolean') put(each ? 't' : 'f');
    else if (typeof each === 'number') {
      if (Number.isInteger(each) && each === (each | 0) && !Object.is(each, -0)) head('i', each);
      else put('d', 1 + 8, (data) => data.setFloat64(1, each, true));
    } else if (Array.isArray(each)) {
      head('a', each.length);
      for (const element of each) add(element, depth + 1);
    } else {
      const bytes = typeof each === 'string' ? encoder.encode(each) : each;
      head(typeof each === 'string' ? 's' : 'b', bytes.length);
      pieces.push(bytes);
    }
  };
  add(value, 0);
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** @param {Uint8Array} bytes @returns {Value} */
export function decode(bytes) {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const number = () => {
    at += 4;
    return data.getUint32(at - 4, true);
  };
  /** A copy: linear memory may move. @param {number} n */
  const take = (n) => {
    if (n > bytes.length - at) throw new RangeError('a value is cut off');
    at += n;
    return bytes.slice(at - n, at);
  };
  /** @param {number} depth @returns {Value} */
  const next = (depth) => {
    const letter = String.fromCharCode(bytes[at++]);
    switch (letter) {
      case 'n': return null;
      case 't': return true;
      case 'f': return false;
      case 'i': return number() | 0;
      case 'd':
        at += 8;
        return data.getFloat64(at - 8, true);
      case 's': return decoder.decode(take(number()));
      case 'b': return take(number());
      case 'a': {
        const count = number();
        if (count > bytes.length - at || depth > DEPTH) throw new RangeError('an array is cut off');
        return Array.from({ length: count }, () => next(depth + 1));
      }
      default: throw new RangeError(`there is no value '${letter}'`);
    }
  };
  return next(0);
}
