/** text.js: strings and views across the boundary to linear memory. */

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Views on a memory, renewed when it has grown (a grown memory detaches its old buffer). */
export class Views {
  /** @param {WebAssembly.Memory} memory */
  constructor(memory) {
    this.memory = memory;
    /** @type {ArrayBufferLike | null} */
    this.buffer = null;
    this.bytes = new Uint8Array(0);
    this.data = new DataView(new ArrayBuffer(0));
  }

  renew() {
    if (this.buffer !== this.memory.buffer) {
      this.buffer = this.memory.buffer;
      this.bytes = new Uint8Array(this.buffer);
      this.data = new DataView(this.buffer);
    }
    return this;
  }

  /** The bytes [at, at + length) as a live view.
   * @param {number} at @param {number} length */
  span(at, length) {
    return this.renew().bytes.subarray(at >>> 0, (at >>> 0) + length);
  }

  /** UTF-8 text of known length.
   * @param {number} at @param {number} length */
  text(at, length) {
    return decoder.decode(this.span(at, length));
  }

  /** Zero-terminated UTF-8 text; null for address 0.
   * @param {number} at @returns {string | null} */
  cString(at) {
    if (at === 0) return null;
    const { bytes } = this.renew();
    return decoder.decode(bytes.subarray(at >>> 0, bytes.indexOf(0, at >>> 0)));
  }

  /** Writes as much of `text` as fits `room` bytes; answers the text's whole length in bytes.
   * @param {string} text @param {number} at @param {number} room */
  putText(text, at, room) {
    const bytes = encoder.encode(text);
    this.span(at, room).set(bytes.subarray(0, room));
    return bytes.length;
  }
}

/** @param {string} text */
export const utf8 = (text) => encoder.encode(text);
