/**
 * saved.js: a text's programs in an image that goes on with them wherever it is started. They are compiled already, and
 * so is what they compile while they run: a first run in our VM tells what that is.
 */
import fs from 'node:fs';
import path from 'node:path';
import { folder } from './world.js';

/** @typedef {import('./world.js').World} World */

/** What an image prints when it has run all its programs. */
export const END = '=== end';

const imageFile = path.join(folder, 'programs.image');

/** One expression of those that run programs. @param {string} mains */
const inOne = (mains) => mains.replaceAll(/!\n/g, '.\n');

/** What programs asked the compiler for, as literals. @param {string} output */
const requestsIn = (output) =>
  output.split('--- request\n').slice(1).map((each) => each.replace(/(exit code \d+\n)$/, '').trimEnd().replaceAll('!', '!!'));

/** @param {World} world @param {string} definitions @param {string} mains */
const recording = async (world, definitions, mains) =>
  (await world.read(`${definitions}RtCompiler record. ${inOne(mains)}RtCompiler recorded. Smalltalk quit: 0!\n`)).output;

/** An image with the text's programs. @param {World} world @param {string} text @returns {Promise<{image: Buffer | null, output: string}>} */
export async function savedImage(world, text) {
  const [definitions, mains] = text.split('Rt pause!\n\n');
  const compiles = /compile:|addInstVarNamed:/.test(definitions);
  const requests = compiles ? requestsIn(await recording(world, definitions, mains)) : [];
  const { output } = await world.read(
    `${definitions}RtCompiler prepare: #(${requests.join('\n')}). RtCompiler save: '${imageFile}'.\n${inOne(mains)}` +
      `Stdio stdout nextPutAll: '${END}'; nl; flush. Smalltalk quit: 0!\n`,
  );
  if (!fs.existsSync(imageFile)) return { image: null, output };
  const image = fs.readFileSync(imageFile);
  fs.rmSync(imageFile);
  return { image, output };
}

/** Of what an image prints, what another VM can print too: it has no digest of objects, and messages of its own.
 * @param {string} output */
export const comparable = (output) =>
  output.split('\n').filter((line) => /^(--- |trace |digest |exit code |VM error|the VM failed|waits for ever|takes longer)/.test(line)).map((line) => `${line}\n`).join('');
