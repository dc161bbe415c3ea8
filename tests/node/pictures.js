/** pictures.js: looking at screenshots. */

/** @typedef {import('pngjs').PNG} PNG */

/** Colours as 'rrggbb', and how many pixels have each, in a rectangle of a picture.
 * @param {PNG} png @param {number} left @param {number} top @param {number} right @param {number} bottom */
export function colours(png, left, top, right, bottom) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const at = 4 * (y * png.width + x);
      const name = png.data.subarray(at, at + 3).toString('hex');
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  return counts;
}
