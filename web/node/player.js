/** player.js: what --script and --record do under Node.js. */
import fs from 'node:fs';
import path from 'node:path';
import { Input } from '../runtime/devices/input.js';
import { ScriptError, ScriptPlayer, momentsOf } from '../runtime/devices/script.js';
import { VMError } from '../runtime/vm.js';
import { writeAtomically } from './files.js';
import { pngEncoder } from './png.js';
import { UsageError } from './usage.js';

/**
 * @typedef {import('../runtime/vm.js').VM} VM
 * @typedef {import('../runtime/devices/display.js').VirtualDisplay} VirtualDisplay
 * @typedef {import('./host.js').NodeHost} NodeHost
 */

/** Reads a script before anything runs. @param {string} file */
export function readScript(file) {
  try {
    return momentsOf(JSON.parse(fs.readFileSync(file, 'utf8')));
  } catch (error) {
    if (error instanceof ScriptError || error instanceof SyntaxError) throw new VMError(`${file}: ${error.message}`, 3);
    throw error;
  }
}

/** A player of a script for a VM, and the exit code when the script has ended it.
 * @param {ReturnType<typeof momentsOf>} moments @param {VM} vm @param {VirtualDisplay} display @param {NodeHost} host */
export async function scriptPlayer(moments, vm, display, host) {
  const encode = await pngEncoder();
  /** @type {number | null} */
  let exitCode = null;
  if (!host.permissions.grants('input')) throw new UsageError('--script needs the permission input, which --deny took away');
  const player = new ScriptPlayer(moments, new Input(vm, host.clock.now), {
    resize: (width, height) => display.resize(width, height),
    drop: (files) => {
      const paths = files.map((file) => path.resolve(file));
      if (host.permissions.grants('drop')) for (const file of paths) host.permissions.allowReading(file);
      host.dropped.files = paths;
    },
    screenshot: (file) => host.clock.aside(() => writeAtomically(path.resolve(file), encode(display.picture))),
    quit: (code) => (exitCode = code),
  });
  return { player, ended: () => exitCode };
}

/** Writes each frame as frame-NNNNNN.png into a folder, and what changed when into frames.json.
 * @param {string} folder @param {VirtualDisplay} display @param {import('./clock.js').Clock} clock
 * @returns {Promise<() => void>} to be called at the end */
export async function record(folder, display, clock) {
  const encode = await pngEncoder();
  fs.mkdirSync(folder, { recursive: true });
  const began = clock.now();
  /** @type {{file: string, ms: number, rects: import('../runtime/devices/display.js').Rect[]}[]} */
  const frames = [];
  display.onFrame = (rects) => {
    const file = `frame-${String(frames.length + 1).padStart(6, '0')}.png`;
    frames.push({ file, ms: Math.round(clock.now() - began), rects });
    clock.aside(() => fs.writeFileSync(path.join(folder, file), encode(display.picture)));
  };
  return () => {
    display.onFrame = null;
    fs.writeFileSync(path.join(folder, 'frames.json'), JSON.stringify(frames, null, 1) + '\n');
  };
}
