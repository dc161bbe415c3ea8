/** interrupt.test.js: Control-C reaches a program that runs and one that waits. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import test from 'node:test';
import { root } from '../../web/node/paths.js';

/** Starts a program, interrupts it once it has printed a line. @param {string[]} args */
function interrupted(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--no-warnings', path.join(root, 'web/node/cli.js'), ...args]);
    let err = '';
    child.stderr.on('data', (data) => (err += data));
    child.stdout.once('data', () => child.kill('SIGINT'));
    child.on('close', (code) => resolve({ code, err }));
  });
}

const SAY = 'Stdio stdout nextPutAll: 1 printString; nl; flush. ';

for (const [name, program] of [
  ['that runs', '[true] whileTrue: [3 + 4]'],
  ['that sends', '[10 benchFib] repeat'],
  ['that waits for time', '(Delay forSeconds: 60) wait'],
])
  for (const mode of ['--no-translate', '--translate=always'])
    test(`a program ${name}, ${mode}`, async () => {
      const { code, err } = await interrupted(['eval', mode, SAY + program]);
      assert.equal(code, 1, err);
      assert.match(err, /^UserInterrupt: interrupted\n/);
    });

test('a program may catch it and go on', async () => {
  const { code, err } = await interrupted(['eval', `[${SAY}(Delay forSeconds: 60) wait] on: UserInterrupt do: [:e | e return: 3]`]);
  assert.equal(code, 0, err);
});
