/** paths.js: where the built things are. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
export const wasmFile = process.env.CATALYST_WASM ?? path.join(root, 'build/wasm/vm.wasm');
export const defaultImage = process.env.CATALYST_DEFAULT_IMAGE ?? path.join(root, 'build/default.image');

/** The folder of real images for tests, or null. */
export function sharedImages() {
  const folder = process.env.CATALYST_IMAGES ?? path.resolve(root, '../shared/images');
  return fs.existsSync(folder) ? folder : null;
}

export function version() {
  return JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).version;
}
