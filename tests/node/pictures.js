/** pictures.js: looking at screenshots. */

import { PNG } from 'pngjs';

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

/** A smaller picture: each of its pixels is the mean of a square. @param {PNG} png @param {number} cell  the square's side */
export function means(png, cell) {
  const small = new PNG({ width: Math.ceil(png.width / cell), height: Math.ceil(png.height / cell) });
  for (let y = 0; y < small.height; y++)
    for (let x = 0; x < small.width; x++) {
      const sums = [0, 0, 0];
      const [right, bottom] = [Math.min((x + 1) * cell, png.width), Math.min((y + 1) * cell, png.height)];
      for (let row = y * cell; row < bottom; row++)
        for (let column = x * cell; column < right; column++)
          for (let i = 0; i < 3; i++) sums[i] += png.data[4 * (row * png.width + column) + i];
      const at = 4 * (y * small.width + x), count = (right - x * cell) * (bottom - y * cell);
      for (let i = 0; i < 3; i++) small.data[at + i] = Math.round(sums[i] / count);
      small.data[at + 3] = 255;
    }
  return small;
}
