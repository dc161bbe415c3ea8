/** helpers.js: running the command line as a user does. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root, sharedImages } from '../../web/node/paths.js';

/** @param {string[]} args @param {{cwd?: string, input?: string, timeout?: number}} [options] */
export function catalyst(args, { cwd = root, input = '', timeout = 120_000 } = {}) {
  const result = spawnSync(
    process.execPath,
    ['--wasm-lazy-compilation', '--no-warnings', path.join(root, 'web/node/cli.js'), ...args],
    { cwd, input, timeout, encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  return { code: result.status, out: result.stdout, err: result.stderr };
}

/** A folder that goes away with the test. @param {import('node:test').TestContext} t */
export function temporaryFolder(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'catalyst-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A copy of a real image in a folder of its own, or null (and the test is skipped).
 * @param {import('node:test').TestContext} t @param {string} name */
export function imageCopy(t, name) {
  const from = sharedImages();
  if (from === null) {
    t.skip('no real images here (../shared/images or CATALYST_IMAGES)');
    return null;
  }
  const to = path.join(temporaryFolder(t), name);
  fs.copyFileSync(path.join(from, name), to);
  fs.chmodSync(to, 0o644);
  return to;
}
