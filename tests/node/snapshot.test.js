/** snapshot.test.js: a process killed while it saves leaves the old or the new image, whole. CATALYST_KILLS and
 * CATALYST_KILL_MB make it a longer test. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { root } from '../../web/node/paths.js';
import { catalyst, temporaryFolder } from './helpers.js';

const KILLS = Number(process.env.CATALYST_KILLS ?? 4);
const MEGABYTES = Number(process.env.CATALYST_KILL_MB ?? 20);
/** Longer than a save takes, with the collection before it. */
const LONGEST_WAIT_MS = 100 + 10 * MEGABYTES;

/** Fills the heap, then saves it again and again; a saved image adds up what it holds and ends. Each tenth of a megabyte
 * is an Array of 5000 SmallIntegers and 80,000 bytes; some eighty of each are added. */
const PROGRAM = `
| keep |
Smalltalk imageName: 'grown.image'.
keep := OrderedCollection new.
${MEGABYTES * 10} timesRepeat: [
	keep add: ((1 to: 5000) collect: [:i | i * 3]).
	keep add: (ByteArray new: 80000 withAll: 7)].
Smalltalk at: #Kept put: keep.
Smalltalk at: #Round put: 0.
[
	Smalltalk at: #Round put: (Smalltalk at: #Round) + 1.
	(Smalltalk snapshot: true andQuit: false) ifTrue: [
		| sum |
		sum := 0.
		(Smalltalk at: #Kept) do: [:each | 1 to: each size by: each size // 80 do: [:i | sum := sum + (each at: i)]].
		Stdio stdout nextPutAll: (Smalltalk at: #Round) printString , ' ' , sum printString; nl; flush.
		Smalltalk quit: 0].
	Stdio stdout nextPutAll: 'saved'; nl; flush] repeat
`;
/** Every 62nd of 5000 tripled numbers, 81 in all, and 80 sevens. */
const SUM = MEGABYTES * 10 * (3 * (81 + (62 * (80 * 81)) / 2) + 7 * 80);

/** Saves until it is killed, so many milliseconds after the first save. @param {string} folder @param {number} ms
 * @returns {Promise<{signal: string | null, saves: number}>} */
function saveUntilKilled(folder, ms) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--no-warnings', path.join(root, 'web/node/cli.js'), 'run', 'fill.st'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let saves = 0;
    child.stdout.on('data', (data) => {
      if (saves === 0) setTimeout(() => child.kill('SIGKILL'), ms);
      saves += String(data).split('saved').length - 1;
    });
    child.on('close', (_code, signal) => resolve({ signal, saves }));
  });
}

test(`kill -9 while saving ${MEGABYTES} MB, ${KILLS} times`, async (t) => {
  const folder = temporaryFolder(t);
  fs.writeFileSync(path.join(folder, 'fill.st'), PROGRAM);
  const halfWritten = () => fs.readdirSync(folder).filter((name) => name.includes('.tmp-'));
  for (let kill = 0; kill < KILLS; kill++) {
    const ms = Math.floor(Math.random() * LONGEST_WAIT_MS);
    const { signal, saves } = await saveUntilKilled(folder, ms);
    assert.equal(signal, 'SIGKILL');
    const inside = halfWritten().length > 0;
    const { code, out, err } = catalyst(['run', 'grown.image'], { cwd: folder });
    assert.equal(code, 0, `killed after ${ms} ms: ${err}`);
    const [round, sum] = out.trim().split(' ').map(Number);
    assert.equal(sum, SUM, `killed after ${ms} ms`);
    assert.ok(round === saves || round === saves + 1, `${saves} saves were told, the file is of number ${round}`);
    t.diagnostic(`killed ${ms} ms after the first of ${saves} saves${inside ? ', while writing' : ''}: the image of save ${round} is whole`);
    for (const name of halfWritten()) fs.rmSync(path.join(folder, name));
  }
});

test('what a killed save left is removed by a later one', (t) => {
  const folder = temporaryFolder(t);
  const old = new Date(Date.now() - 3600_000);
  fs.writeFileSync(path.join(folder, 'a.image.tmp-00c0ffee'), 'half');
  fs.utimesSync(path.join(folder, 'a.image.tmp-00c0ffee'), old, old);
  fs.writeFileSync(path.join(folder, 'a.image.tmp-00c0ffef'), 'half, and still written to');
  const { code, out, err } = catalyst(['eval', "Smalltalk imageName: 'a.image'. Smalltalk snapshot: true andQuit: false"], { cwd: folder });
  assert.equal(err, '');
  assert.equal(out, 'false\n');
  assert.equal(code, 0);
  assert.deepEqual(fs.readdirSync(folder), ['a.image', 'a.image.tmp-00c0ffef']);
});

test('a save that is not permitted is an error, and nothing is written', (t) => {
  const folder = temporaryFolder(t);
  const outside = temporaryFolder(t);
  const { code, err } = catalyst(['eval', `Smalltalk imageName: '${outside}/a.image'. Smalltalk snapshot: true andQuit: false`], { cwd: folder });
  assert.equal(code, 1);
  assert.match(err, /may not write .*--allow-write=/);
  assert.match(err, /could not be saved/);
  assert.deepEqual(fs.readdirSync(outside), []);
});

/** What is saved from outside in mid-run, and what it does when it is run again. */
const SAVED_FROM_OUTSIDE = {
  "(Delay forMilliseconds: 1500) wait. 'woken'": "'woken'\n",
  "Stdio stdout. (Delay forMilliseconds: 1500) wait. 'printed by streams of another run'": "'printed by streams of another run'\n",
  "| n | n := 0. [n := n + 1. n = 100000000] whileFalse. n": '100000000\n',
  "| s | s := Semaphore new. [(Delay forMilliseconds: 1500) wait. s signal] fork. s wait. 'signalled'": "'signalled'\n",
};

for (const [program, printed] of Object.entries(SAVED_FROM_OUTSIDE))
  test(`saved from outside, goes on when loaded: ${program}`, (t) => {
    const folder = temporaryFolder(t);
    const first = catalyst(['eval', '--no-translate', '--seconds=0.5', '--save=a.image', program], { cwd: folder });
    assert.deepEqual(first, { code: 0, out: '', err: '' });
    assert.deepEqual(catalyst(['run', 'a.image'], { cwd: folder }), { code: 0, out: printed, err: '' });
  });
