/**
 * squeakjs.cjs: starts SqueakJS under Node with arguments for the image. Its own start file hands none on: the VM looks for them in the
 * display object's property `argv`, which that file does not set. Every object inherits one here.
 *
 *     node squeakjs.cjs PATH/squeak_node.js IMAGE ARGUMENT…
 */
const path = require('node:path');

const [start, image, ...args] = process.argv.slice(2);
if (image === undefined) {
  console.error('usage: node squeakjs.cjs PATH/squeak_node.js IMAGE ARGUMENT…');
  process.exit(2);
}
Object.defineProperty(Object.prototype, 'argv', {
  value: ['squeakjs', path.resolve(image), ...args],
  enumerable: false,
  writable: true,
  configurable: true,
});
Object.defineProperty(process, 'argv', { value: [process.argv[0], path.resolve(start), image], writable: true });
require(path.resolve(start));
