/** clock.test.js: clocks other than the machine's. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { virtualClock } from '../../web/node/clock.js';
import { catalyst, temporaryFolder } from './helpers.js';

/** Computes, waits for a minute and for a process that wakes up ever again, and says what time it was. */
const PROGRAM = `| log ticker |
log := WriteStream on: String new.
ticker := [1 to: 5 do: [:i | (Delay forMilliseconds: 7000) wait. log print: i; space]] fork.
log print: DateAndTime now; space.
1 to: 100 do: [:i | 50 factorial. log print: Time millisecondClockValue \\\\ 10].
(Delay forSeconds: 60) wait.
log space; print: DateAndTime now.
Stdio stdout nextPutAll: log contents; nl; flush!
`;

test('by the virtual clock a program does the same whenever and however it runs, and waits for nothing', (t) => {
  const cwd = temporaryFolder(t);
  fs.writeFileSync(path.join(cwd, 'program.st'), PROGRAM);
  const began = performance.now();
  const [first, ...others] = [['--no-translate'], ['--no-translate'], ['--translate=always'], ['--translate=always', '--option=bail_stress=7']].map((mode) => {
    const { code, out, err } = catalyst(['run', '--clock=virtual', ...mode, 'program.st'], { cwd });
    assert.equal(err, '');
    assert.equal(code, 0);
    return out;
  });
  assert.ok(performance.now() - began < 60_000);
  assert.match(first, /^2030-01-01T12:00:0.*1 2 3 4 5 .*2030-01-01T12:01:0/);
  for (const out of others) assert.equal(out, first);
});

test('a clock that there is none of is refused', () => {
  const { code, err } = catalyst(['run', '--clock=sun', 'default']);
  assert.equal(code, 2);
  assert.match(err, /--clock=sun: one of wall, processor, virtual/);
});

test('for a program that computes for ever the virtual clock goes on in the end', () => {
  let used = 0;
  const clock = virtualClock(() => used);
  const after = (/** @type {number} */ ms) => {
    used += ms;
    for (let i = 0; i < 1000; i++) clock.now();
    return clock.now();
  };
  assert.equal(after(0), after(59_000), 'it has patience');
  clock.look();
  const now = clock.now();
  assert.equal(after(0), now);
  assert.equal(after(59_000), now);
  assert.equal(after(3000), now + 2000);
  assert.equal(after(500), now + 2500);
});
