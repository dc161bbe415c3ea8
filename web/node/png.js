/** png.js: writing pictures. */
import { writeAtomically } from './files.js';

/** RGBA. @typedef {{pixels: Uint8Array, width: number, height: number}} Picture */

/** What turns a picture into a PNG file. @returns {Promise<(picture: Picture) => Buffer>} */
export async function pngEncoder() {
  const { PNG } = await import('pngjs').catch(() => {
    throw Object.assign(new Error('PNG files need the npm package pngjs: run npm ci in the folder of Catalyst'), { exitCode: 1 });
  });
  return ({ pixels, width, height }) => {
    const png = new PNG({ width, height });
    png.data = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.length);
    return PNG.sync.write(png);
  };
}

/** @param {string} file @param {Picture} picture */
export async function writePng(file, picture) {
  writeAtomically(file, (await pngEncoder())(picture));
}
