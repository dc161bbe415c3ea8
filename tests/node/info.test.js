/** info.test.js: what an image is said to be before anything of it runs, and what converting it gives. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { catalyst, imageCopy, temporaryFolder } from './helpers.js';

/** @param {string} image */
function infoOf(image) {
  const { code, out, err } = catalyst(['info', image, '--json']);
  assert.equal(code, 0, err);
  return JSON.parse(out);
}

/** @param {{census: import('../../web/runtime/vm.js').Census}} description @param {string} name */
const instancesOf = ({ census }, name) => census.classes.find((each) => each.name === name)?.instances;

test('info says what the default image consists of', () => {
  const found = infoOf('default');
  assert.equal(found.info.format, 7033);
  assert.equal(found.info.swapped, false);
  assert.ok(found.census.methods > 1000);
  assert.equal(found.census.alternate_methods, found.census.methods);
  assert.ok((instancesOf(found, 'CompiledMethod') ?? 0) > 1000);
  const objects = found.census.classes.reduce((/** @type {number} */ sum, /** @type {{instances: number}} */ each) => sum + each.instances, 0);
  assert.equal(objects, found.info.objects, 'every object is an instance of a class');
  assert.deepEqual(found.census.processes.map((/** @type {{priority: number, state: string}} */ { priority, state }) => ({ priority, state })), [{ priority: 40, state: 'active' }]);
  assert.equal(found.census.processes[0].stack.at(-1), 'SmalltalkImage>>boot');
  const { out } = catalyst(['info', 'default', '--classes=1']);
  assert.match(out, /format {6}7033: Spur, 32 bits; little-endian/);
  assert.match(out, /process of priority 40, active\n {4}SmalltalkImage>>saveWhenBuilt/);
});

test('info tells what is missing: a module that there is not, but not the primitives that are there to fail', () => {
  const { out } = catalyst(['info', 'default']);
  assert.match(out, /NoSuchModule +1 primitives, 1 missing/);
  assert.doesNotMatch(out, /^missing/m);
  assert.match(catalyst(['dump', 'default', '--primitives']).out, /missing {4}1 method {3}NoSuchModule /);
});

test('an image that waits: every process with its priority, state and stack', (t) => {
  const image = imageCopy(t, 'mini-2.2.image');
  if (image === null) return;
  const found = infoOf(image);
  assert.equal(found.info.format, 6502);
  assert.equal(found.info.closures, false);
  assert.equal(found.census.alternate_methods, 0);
  const processes = found.census.processes.map((/** @type {{priority: number, state: string, stack: string[]}} */ { priority, state, stack }) => [priority, state, stack[0]]);
  assert.deepEqual(processes, [
    [8, 'waits on a Semaphore', 'Delay class>>timerInterruptWatcher'],
    [6, 'waits on a Semaphore', 'SystemDictionary>>lowSpaceWatcher'],
    [6, 'waits on a Semaphore', 'InputSensor>>userInterruptWatcher'],
    [4, 'active', 'SystemDictionary>>snapshot:andQuit:'],
    [1, 'runnable', 'ProcessorScheduler class>>idleProcess'],
  ]);
});

/** Image, the format it becomes. */
for (const [name, format] of /** @type {[string, number][]} */ ([
  ['pharo-8-kernel-64.image', 6521],
  ['cuis-5.0-3121.image', 6521],
  ['mini-2.2.image', 16520],
]))
  test(`${name} is converted to ${format}, with the same classes and instances`, (t) => {
    const image = imageCopy(t, name);
    if (image === null) return;
    const converted = path.join(temporaryFolder(t), 'converted.image');
    const { code, out, err } = catalyst(['convert', image, '-o', converted]);
    assert.equal(code, 0, err);
    assert.match(out, new RegExp(`: ${format}, `));
    const [before, after] = [infoOf(image), infoOf(converted)];
    assert.equal(after.info.format, format);
    assert.equal(after.info.swapped, false);
    assert.equal(instancesOf(after, 'CompiledMethod'), instancesOf(before, 'CompiledMethod'));
    assert.equal(instancesOf(after, 'Array') !== undefined, true);
    assert.deepEqual(after.census.processes, before.census.processes);
  });

test('convert refuses what makes no sense, and leaves the image alone', (t) => {
  const folder = temporaryFolder(t);
  const file = path.join(folder, 'a.image');
  fs.writeFileSync(file, 'no image at all');
  assert.equal(catalyst(['convert', file]).code, 2);
  assert.match(catalyst(['convert', file, '-o', file]).err, /would replace itself/);
  assert.equal(catalyst(['convert', file, '-o', path.join(folder, 'b.image')]).code, 3);
  assert.deepEqual(fs.readdirSync(folder), ['a.image']);
  assert.equal(catalyst(['info', file]).code, 3);
  assert.equal(catalyst(['info', 'default', '--classes=x']).code, 2);
});
