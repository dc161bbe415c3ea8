/** build.test.js: what the build makes, and how it refuses. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { defaultImage, root, wasmFile } from '../../web/node/paths.js';
import { ERR } from '../../web/runtime/errors.js';
import { catalyst, temporaryFolder } from './helpers.js';

const MEGABYTE = 1_000_000;

test('what the command looks at for changes is there', () => {
  const [, names] = /find ((?:[\w./-]+|\s|\\\n)+?) -newer/.exec(fs.readFileSync(path.join(root, 'catalyst'), 'utf8')) ?? [];
  for (const name of (names ?? '').split(/[\s\\]+/)) assert.ok(name !== '' && fs.existsSync(path.join(root, name)), name);
});

test('the default image is built with the same bytes each time, and is the one that is there', (t) => {
  const folder = temporaryFolder(t);
  const images = ['a.image', 'b.image'].map((name) => {
    const { code, err } = catalyst(['build', path.join(root, 'images/default'), '-o', path.join(folder, name)]);
    assert.equal(code, 0, err);
    assert.match(err, /a\.image|b\.image: [\d,]+ bytes from \d+ files\n$/);
    return fs.readFileSync(path.join(folder, name));
  });
  assert.ok(images[0].equals(images[1]));
  assert.ok(images[0].equals(fs.readFileSync(defaultImage)), 'build/default.image is out of date');
  assert.deepEqual(fs.readdirSync(folder).sort(), ['a.image', 'b.image']);
});

test('the hosts have the core\'s errors', () => {
  const table = fs.readFileSync(path.join(root, 'vm/devices/errors.h'), 'utf8');
  assert.deepEqual(Object.fromEntries([...table.matchAll(/^  X\((\w+), (-\d+),/gm)].map(([, name, number]) => [name, Number(number)])), ERR);
});

test('sizes', () => {
  assert.ok(fs.statSync(wasmFile).size < MEGABYTE);
  assert.ok(fs.statSync(defaultImage).size < 4 * MEGABYTE);
});

test('vm.wasm names no folder of the machine that built it', () => {
  assert.equal(fs.readFileSync(wasmFile).indexOf(root + path.sep), -1);
});

test('vm.wasm needs little of its surroundings', () => {
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(fs.readFileSync(wasmFile)));
  const others = imports.filter(({ module }) => module !== 'host' && module !== 'wasi_snapshot_preview1');
  assert.ok(imports.every(({ kind }) => kind === 'function'));
  assert.deepEqual(others.map(({ module, name }) => `${module}.${name}`), ['env.emscripten_notify_memory_growth']);
});

test('a built image has set itself up already, a raw one does so when it is run', (t) => {
  const raw = path.join(temporaryFolder(t), 'raw.image');
  assert.equal(catalyst(['build', '--raw', path.join(root, 'images/default'), '-o', raw]).code, 0);
  const bytecodes = [raw, 'default'].map((image) => {
    const { code, out, err } = catalyst(['run', '--stats', '--json', image, '--', 'eval', '3+4']);
    assert.equal(code, 0, err);
    assert.equal(out, '7\n');
    return JSON.parse(err).bytecodes;
  });
  assert.ok(bytecodes[1] < 20_000 && bytecodes[1] < bytecodes[0] / 10, `${bytecodes}`);
});

test('a class that cannot initialize itself: no image', (t) => {
  const { code, err } = buildWith(t, '\t1 / 0', 'More class >> initialize');
  assert.match(err, /^ZeroDivide: [^]*More class>>initialize[^]*catalyst: the new image could not set itself up\n$/);
  assert.equal(code, 1);
});

/** Builds the default image's sources with one class more. @param {import('node:test').TestContext} t
 * @param {string} method @param {string} [heading] */
function buildWith(t, method, heading = 'More >> more') {
  const folder = temporaryFolder(t);
  const file = path.join(folder, 'More.class.st');
  fs.writeFileSync(file, `Class {\n\t#name : #More,\n\t#superclass : #Object,\n\t#category : #More\n}\n\n{ #category : #more }\n${heading} [\n${method}\n]\n`);
  const image = path.join(folder, 'x.image');
  const result = catalyst(['build', path.join(root, 'images/default'), file, '-o', image]);
  assert.equal(fs.existsSync(image), result.code === 0);
  return { ...result, file };
}

test('a source that is right', (t) => assert.equal(buildWith(t, '\t^ 42').code, 0));

for (const [what, method, place, message] of [
  ['a syntax error', '\t| x |\n\tx := 3 + + 4.\n\t^ x', '10:11', "an expression expected, but here is '+'\n\tx := 3 \\+ \\+ 4\\.\n\t         \\^"],
  ['an undeclared variable', '\t^ noSuchThing foo', '9:4', "undeclared variable 'noSuchThing'\n\t\\^ noSuchThing foo\n\t  \\^"],
])
  test(`${what} gives file, line, column, the line and a caret`, (t) => {
    const { code, err, file } = buildWith(t, method);
    assert.ok(err.startsWith(`catalyst: ${file}:${place}: error: `), err);
    assert.match(err, new RegExp(`${message.replace(/'\+'/, "'\\+'")}\n$`));
    assert.equal(code, 1);
  });

test('sources that are not there', () => {
  const { code, err } = catalyst(['build', 'no/such/folder', '-o', 'x.image']);
  assert.equal(code, 3);
  assert.equal(err, 'catalyst: no/such/folder: there is no such file or folder\n');
});

test('a place that cannot be written is one line', (t) => {
  const { code, err } = catalyst(['build', path.join(root, 'images/default'), '-o', path.join(temporaryFolder(t), 'no/x.image')]);
  assert.equal(code, 1);
  assert.match(err, /^catalyst: .*no such file or directory.*\n$/);
});
