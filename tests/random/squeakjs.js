/** squeakjs.js: runs an image on SqueakJS under Node.js, in a process of its own. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { peers } from '../../web/node/bench/runners.js';
import { root } from '../../web/node/paths.js';
import { END } from './saved.js';
import { folder } from './world.js';

const starter = path.join(root, 'tests/random/squeakjs-start.js');
const imageFile = path.join(folder, 'squeakjs.image');

/** The start file of the peer with this name, or null. @param {string | undefined} text as in CATALYST_PEERS */
export const squeakJSIn = (text) =>
  peers(text).find(({ name }) => name === 'squeakjs')?.words.find((word) => path.basename(word) === 'squeak_node.js') ?? null;

/** A process that got no further in so much of everybody's time for each second of its own does not compute. */
const SHARE = 40;

/** What it prints until it says that it is done; then it is stopped, as it may not stop by itself. Otherwise the last line
 * tells how it ended. @param {string} start its start file @param {Uint8Array} image @param {number} seconds of processor time
 * @returns {Promise<string>} */
export async function runOnSqueakJS(start, image, seconds) {
  fs.writeFileSync(imageFile, image);
  const child = spawn(process.execPath, [starter, path.resolve(start), imageFile, String(seconds)], {
    cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], timeout: seconds * SHARE * 1000, killSignal: 'SIGKILL',
  });
  let [output, complaints] = ['', ''];
  child.stderr.on('data', (data) => (complaints += data));
  child.stdout.on('data', (data) => {
    output += data;
    if (isDone(output)) child.kill();
  });
  const code = await new Promise((resolve) => child.on('close', (code, signal) => resolve(code ?? signal)));
  fs.rmSync(imageFile, { force: true });
  return isDone(output) ? output : `${output}\nthe VM failed: ended with ${code}: ${complaints.trim().replaceAll('\n', ' | ').slice(-400)}\n`;
}

/** @param {string} output */
const isDone = (output) => output.includes(`\n${END}\n`);
