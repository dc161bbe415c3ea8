/**
 * squeakjs-start.js: starts SqueakJS under Node.js so that what an image prints does not depend on chance, and without what
 * is known to be wrong in it (differences.js).
 *
 *     node squeakjs-start.js PATH/squeak_node.js IMAGE SECONDS
 *
 * It ends when it has computed for so many seconds, whatever else the machine does.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PRIMITIVES_THAT_FAIL } from './differences.js';

const [start, image, seconds] = process.argv.slice(2);

/** Where the header of a 32-bit image tells which identity hash was given last. */
const LAST_HASH = 20;
const BITS = 0x3fffff;

let last = fs.readFileSync(image).readUInt32LE(LAST_HASH);

/** The next of the row in vm/memory/classes.c: it decides which element of a set comes first. SqueakJS takes any. */
function nextHash() {
  for (;;) {
    last = Math.imul(last, 16807) >>> 0 || 1;
    const hash = (last + (last >>> 4)) & BITS;
    if (hash !== 0) return hash;
  }
}

process.argv.splice(1, 2, path.resolve(start));
createRequire(import.meta.url)(path.resolve(start));

// It is loaded, but the image is not read yet.
const { Squeak } = /** @type {any} */ (globalThis);
Squeak.Compiler = undefined;
const interpreter = Squeak.Interpreter.prototype;
const { popNandPush } = interpreter;
interpreter.popNandPush = function (/** @type {number} */ n, /** @type {unknown} */ value) {
  popNandPush.call(this, n, value === 0 ? 0 : value);
};
const { prototype } = Squeak.Primitives;
const { doPrimitive } = prototype;
prototype.newObjectHash = nextHash;
prototype.doPrimitive = function (/** @type {number} */ index, /** @type {number} */ argCount, /** @type {unknown} */ method) {
  return !PRIMITIVES_THAT_FAIL.get(index)?.(this.vm) && doPrimitive.call(this, index, argCount, method);
};

/** SqueakJS lets timers have their turn five times a second. */
setInterval(() => {
  if (process.cpuUsage().user < Number(seconds) * 1e6) return;
  process.stdout.write(`\ntakes longer than ${seconds} s\n`);
  process.exit();
}, 200).unref();
