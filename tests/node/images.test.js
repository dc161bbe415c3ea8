/** images.test.js: real images load, run, are saved and run again. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { catalyst, imageCopy } from './helpers.js';
import { hermesPackage } from './hermes.js';

/** @param {string} err what --stats --json printed last */
const statsOf = (err) => JSON.parse(err.trimEnd().split('\n').at(-1) ?? 'null');

for (const name of ['bootstrapped.image', 'headless.image'])
  for (const mode of ['--no-translate', '--translate=always'])
    test(`${name} runs to its own end, ${mode}`, (t) => {
      const image = imageCopy(t, name);
      if (image === null) return;
      const { code, err } = catalyst(['run', mode, image], { cwd: path.dirname(image) });
      assert.equal(code, 0, err);
    });

/** Image, and how many bytecodes it executes in 3 seconds at least: the first two poll their input all the time; the
 * others wait for events once they have started. */
for (const [name, least] of /** @type {[string, number][]} */ ([
  ['mini-2.2.image', 1_000_000],
  ['benchmark.image', 1_000_000],
  ['pharo-8-kernel-64.image', 1],
  ['cuis-5.0-3121.image', 100_000],
]))
  test(`${name} starts, is saved, and runs again`, (t) => {
    const image = imageCopy(t, name);
    if (image === null) return;
    const saved = path.join(path.dirname(image), 'saved.image');
    for (const [file, ...more] of [[image, `--save=${saved}`], [saved]]) {
      const { code, err } = catalyst(['run', '--stats', '--json', '--seconds=3', ...more, file], { cwd: path.dirname(image) });
      assert.equal(code, 0, err);
      assert.ok(statsOf(err).bytecodes >= least, err);
    }
  });

for (const mode of ['--no-translate', '--translate=always'])
  test(`are-we-fast-yet on Cuis answers right, ${mode}`, (t) => {
    const image = imageCopy(t, 'awfy-cuis-5.0.image');
    if (image === null) return;
    const folder = path.dirname(image);
    catalyst(['run', mode, image, '--', 'verify', '1', '1', 'OUT'], { cwd: folder, timeout: 300_000 });
    const lines = fs.readFileSync(path.join(folder, 'OUT'), 'latin1').trim().split(/[\r\n]+/);
    assert.equal(lines.filter((line) => line.endsWith(' ok')).length, 14, lines.join('\n'));
    assert.equal(lines.at(-1), 'DONE');
  });

/** An expression that writes a number into a file. @param {string} file @param {string} more */
const cuisScript = (file, more) => `'${file}' asFileEntry forceWriteStreamDo: [:s | s nextPutAll: (3 + 4) printString]. ${more}`;

for (const mode of ['--no-translate', '--translate=always'])
  test(`Cuis evaluates what its command line names, and quits with its own exit code, ${mode}`, (t) => {
    const image = imageCopy(t, 'cuis-5.0-3121.image');
    if (image === null) return;
    const cwd = path.dirname(image);
    fs.writeFileSync(path.join(cwd, 'script.st'), cuisScript('script.txt', 'Smalltalk quitPrimitive: 5'));
    const { code, err } = catalyst(['run', mode, image, '--', '-d', cuisScript('expression.txt', ''), '-s', 'script.st', 'argument'], { cwd });
    assert.equal(err, '');
    assert.equal(code, 5);
    for (const file of ['expression.txt', 'script.txt']) assert.equal(fs.readFileSync(path.join(cwd, file), 'latin1'), '7');
  });

test('Pharo finishes its own making and saves itself; then it runs a command line and quits', (t) => {
  const image = imageCopy(t, 'pharo-8-kernel-64.image');
  if (image === null) return;
  assert.deepEqual(catalyst(['run', image], { cwd: path.dirname(image) }), { code: 0, out: '', err: '' });
  const { code, out, err } = catalyst(['run', image, '--', '--list'], { cwd: path.dirname(image) });
  assert.match(out, /^Currently installed Command Line Handlers:/);
  assert.equal(err, '');
  assert.equal(code, 0);
});

for (const mode of ['--no-translate', '--translate=always'])
  test(`Pharo loads a package of 200 methods and saves itself, ${mode}`, (t) => {
    const image = imageCopy(t, 'pharo-8-kernel-64.image');
    if (image === null) return;
    const cwd = path.dirname(image);
    const selectors = Array.from({ length: 200 }, (_, i) => `generated${i}`);
    fs.writeFileSync(path.join(cwd, 'generated.hermes'), hermesPackage(selectors));
    assert.equal(catalyst(['run', mode, image], { cwd }).code, 0);
    const { code, err } = catalyst(['run', mode, '--stats', '--json', image, '--', 'loadHermes', 'generated.hermes', '--save'], { cwd });
    assert.equal(code, 0, err);
    if (mode === '--no-translate') assert.ok(statsOf(err).bytecodes >= 10_000_000, err);
    const dump = catalyst(['dump', image, 'Object>>generated199']);
    assert.match(dump.out, /push 2\n.*return top/, dump.err);
  });
