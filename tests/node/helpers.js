/** helpers.js: running the command line as a user does. */
import assert from 'node:assert/strict';
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

/** The numbers of an enum of the core, by their names without the prefix. @param {string} file  in vm/devices @param {string} name @param {string} prefix */
export function enumOf(file, name, prefix) {
  const text = fs.readFileSync(path.join(root, 'vm/devices', file), 'utf8');
  const body = new RegExp(`enum ${name} {([^}]*)}`).exec(text)?.[1] ?? '';
  return Object.fromEntries([...body.matchAll(/(\w+) = (\d+)/g)].map(([, key, value]) => [key.replace(prefix, ''), Number(value)]));
}

/** A folder that goes away with the test. @param {import('node:test').TestContext} t */
export function temporaryFolder(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'catalyst-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Programs that are run in several ways and must answer the same: a class with methods, and expressions that use it.
 * @param {string} className @param {Record<string, string>} methods  bodies by head
 * @param {Record<string, string>} programs  by what they are about */
export function comparedPrograms(className, methods, programs) {
  const source = `Object subclass: #${className} instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Test'!
!${className} methodsFor: 'test'!
${Object.entries(methods).map(([head, body]) => `${head}\n\t${body}!`).join('\n')} !
${Object.values(programs).map((p) => `Stdio stdout nextPutAll: ([${p}] on: Error do: [:e | 'ERROR ', e class name, ': ', e messageText printString]) printString; nl; flush!`).join('\n')}
`;
  return {
    /** Runs them interpreted, where none may fail, and then in each mode.
     * @param {import('node:test').TestContext} t @param {string[][]} modes  options */
    answerTheSame(t, modes) {
      const cwd = temporaryFolder(t);
      fs.writeFileSync(path.join(cwd, 'programs.st'), source);
      /** @param {string[]} mode @returns {Record<string, string | undefined>} */
      const answers = (mode) => {
        const { code, out, err } = catalyst(['run', ...mode, 'programs.st'], { cwd });
        assert.equal(err, '', mode.join(' '));
        assert.equal(code, 0);
        const lines = out.trimEnd().split('\n');
        return Object.fromEntries(Object.keys(programs).map((name, i) => [name, lines[i]]));
      };
      const expected = answers(['--no-translate']);
      for (const [name, line] of Object.entries(expected)) assert.doesNotMatch(line ?? 'ERROR none', /ERROR/, name);
      for (const mode of modes) assert.deepEqual(answers(mode), expected, mode.join(' '));
    },
  };
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
