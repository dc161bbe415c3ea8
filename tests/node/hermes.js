/** hermes.js: makes a package that Pharo's loader Hermes reads (version 2 of its format): methods added to Object. */

/** @param {number} n a 32-bit little-endian integer */
const int32 = (n) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(n);
  return bytes;
};
/** @param {string | number[]} what bytes with their count before them */
const counted = (what) => {
  const bytes = Buffer.from(/** @type {any} */ (what), 'latin1');
  return Buffer.concat([int32(bytes.length), bytes]);
};

const SYMBOL = 9, NIL = 13; // tags of literals
const PUSH_TWO = 0x77, RETURN_TOP = 0x7c; // V3

/** A method that answers 2. Its last literal is the class's binding, which the loader fills in.
 * @param {string} selector */
const method = (selector) =>
  Buffer.concat([
    ...[selector, 'Object', 'generated', 'EncoderForV3PlusClosures'].map(counted),
    ...[0, 0, 0].map(int32), // arguments, temporaries, has a primitive
    counted([PUSH_TWO, RETURN_TOP, 0, 0, 0, 0]), // and no trailer
    int32(2),
    Buffer.from([SYMBOL]),
    counted(selector),
    Buffer.from([NIL]),
  ]);

/** @param {string[]} selectors */
export const hermesPackage = (selectors) =>
  Buffer.concat([int32(2), counted('Generated'), int32(0), int32(0), int32(selectors.length), ...selectors.map(method)]);
