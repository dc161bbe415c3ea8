/** png.js: writing pictures. */
import { writeAtomically } from './files.js';

/** @param {{pixels: Uint8Array, width: number, height: number}} picture  RGBA @returns {Promise<Buffer>} */
export async function pngOf({ pixels, width, height }) {
  const { PNG } = await import('pngjs').catch(() => {
    throw Object.assign(new Error('PNG files need the npm package pngjs: run npm ci in the folder of Catalyst'), { exitCode: 1 });
  });
  const png = new PNG({ width, height });
  png.data = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.length);
  return PNG.sync.write(png);
}

/** @param {string} file @param {{pixels: Uint8Array, width: number, height: number}} picture */
export async function writePng(file, picture) {
  writeAtomically(file, await pngOf(picture));
}
