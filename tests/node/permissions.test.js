/** permissions.test.js: a program reaches the working folder, the image's, and what --allow-read and --allow-write add. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { NodePermissions } from '../../web/node/permissions.js';
import { catalyst, temporaryFolder } from './helpers.js';

/** A working folder beside another with a secret, and links between them. @param {import('node:test').TestContext} t */
function folders(t) {
  const base = fs.realpathSync(temporaryFolder(t));
  const [inside, outside] = ['inside', 'outside'].map((name) => path.join(base, name));
  fs.mkdirSync(inside);
  fs.mkdirSync(outside);
  fs.writeFileSync(path.join(inside, 'mine'), 'mine');
  fs.writeFileSync(path.join(outside, 'secret'), 'secret');
  fs.symlinkSync('../outside', path.join(inside, 'folder-link'));
  fs.symlinkSync('../outside/secret', path.join(inside, 'file-link'));
  fs.symlinkSync('../outside/new', path.join(inside, 'dangling-link'));
  fs.symlinkSync('circle', path.join(inside, 'circle'));
  fs.symlinkSync('../inside/mine', path.join(outside, 'back-link'));
  return { base, inside, outside };
}

/** One expression a row; each row's outcome is printed on a line: its value, or the class of the error.
 * @param {string[]} expressions */
const program = (expressions) =>
  expressions
    .map((e) => `Stdio stdout nextPutAll: ([(${e}) displayString] on: Error do: [:e | e class name]); nl; flush.`)
    .join('\n');

/** @param {string} cwd @param {string[]} expressions @param {string[]} [options] */
function outcomes(cwd, expressions, options = []) {
  fs.writeFileSync(path.join(cwd, 'program.st'), program(expressions));
  const { code, out, err } = catalyst(['run', ...options, 'program.st'], { cwd });
  assert.equal(code, 0, err);
  return { lines: out.trimEnd().split('\n'), err };
}

/** @param {string} file */
const read = (file) => `'${file}' asPath contents`;
/** @param {string} file */
const write = (file) => `'${file}' asPath contents: 'changed'. 'written'`;
/** A cascade is no expression in parentheses; a block's value is. @param {string} statements */
const block = (statements) => `[${statements}] value`;

test('inside the working folder all is allowed', (t) => {
  const { inside } = folders(t);
  const { lines, err } = outcomes(inside, [
    read('mine'),
    read('../inside/mine'),
    read(`${inside}/mine`),
    block(write('new')),
    read('new'),
    `('new' asPath renameTo: 'newer') text`,
    block(`'sub' asPath createDirectory. 'sub' asPath isDirectory`),
    block(`'sub' asPath delete. 'sub' asPath exists`),
    block(`'newer' asPath delete. 'newer' asPath exists`),
    `('.' asPath children collect: [:each | each basename]) asArray`,
  ]);
  assert.equal(err, '');
  assert.deepEqual(lines, [
    'mine', 'mine', 'mine', 'written', 'changed', 'newer', 'true', 'false', 'false',
    "#('circle' 'dangling-link' 'file-link' 'folder-link' 'mine' 'program.st')",
  ]);
});

test('outside of it nothing is, whatever the path looks like', (t) => {
  const { inside, outside } = folders(t);
  const { lines, err } = outcomes(inside, [
    read('../outside/secret'),
    read(`${outside}/secret`),
    read('./../inside/../outside/secret'),
    read('folder-link/secret'),
    read('file-link'),
    read('circle'),
    read('/etc/passwd'),
    block(write('../outside/new')),
    block(write('folder-link/new')),
    block(write('file-link')),
    block(write('dangling-link')),
    `'mine' asPath renameTo: '../outside/mine'`,
    `'mine' asPath renameTo: 'folder-link/mine'`,
    `'../outside/secret' asPath renameTo: 'stolen'`,
    `'folder-link/secret' asPath renameTo: 'stolen'`,
    `'../outside/secret' asPath delete`,
    `'folder-link/secret' asPath delete`,
    `'../outside/back-link' asPath delete`,
    `'../outside/sub' asPath createDirectory`,
    `'../outside' asPath children`,
    `'folder-link' asPath children`,
    `'..' asPath children size`,
  ]);
  for (const line of lines.slice(0, -1)) assert.match(line, /^(\w*File\w*|\w*Error)$/, lines.join('\n'));
  assert.match(lines.at(-1) ?? '', /^(\w*File\w*|0)$/);
  assert.deepEqual(fs.readdirSync(outside).sort(), ['back-link', 'secret']);
  assert.equal(fs.readFileSync(path.join(outside, 'secret'), 'utf8'), 'secret');
  assert.equal(fs.readFileSync(path.join(inside, 'mine'), 'utf8'), 'mine');
  assert.match(err, /^catalyst: the image may not read \S+\/outside\S*; --allow-read=\S+ permits it\n$/);
});

test('links themselves may be removed', (t) => {
  const { inside, outside } = folders(t);
  const { lines } = outcomes(inside, [block(`'file-link' asPath delete. 'gone'`)]);
  assert.deepEqual(lines, ['gone']);
  assert.ok(fs.existsSync(path.join(outside, 'secret')));
  assert.ok(!fs.readdirSync(inside).includes('file-link'));
});

test('a listing tells nothing of what a link out of the folder leads to', (t) => {
  const { inside } = folders(t);
  const sizes = [`'file-link' asPath size`, `'mine' asPath size`];
  assert.deepEqual(outcomes(inside, sizes).lines, ['17', '4']); // the length of the link's own text
  assert.deepEqual(outcomes(inside, sizes, ['--allow-read=../outside']).lines, ['6', '4']);
});

test('--allow-read lets read, and not write', (t) => {
  const { inside, outside } = folders(t);
  const { lines } = outcomes(
    inside,
    [read('../outside/secret'), read('folder-link/secret'), `'../outside' asPath children size`, block(write('../outside/secret')), `'../outside/secret' asPath delete`],
    ['--allow-read=../outside'],
  );
  assert.deepEqual(lines.slice(0, 3), ['secret', 'secret', '2']);
  for (const line of lines.slice(3)) assert.match(line, /^(\w*File\w*|\w*Error)$/);
  assert.equal(fs.readFileSync(path.join(outside, 'secret'), 'utf8'), 'secret');
});

test('--allow-write lets both', (t) => {
  const { inside, outside } = folders(t);
  const { lines } = outcomes(
    inside,
    [read('../outside/secret'), block(write('dangling-link')), block(`'mine' asPath renameTo: '../outside/mine'. 'moved'`)],
    [`--allow-write=${outside}`],
  );
  assert.deepEqual(lines, ['secret', 'written', 'moved']);
  assert.deepEqual(fs.readdirSync(outside).sort(), ['back-link', 'mine', 'new', 'secret']);
});

test("an image's own folder is allowed, wherever the program is started", (t) => {
  const { inside, outside } = folders(t);
  const save = "Smalltalk imageName: 'a.image'. Smalltalk snapshot: true andQuit: false";
  assert.equal(catalyst(['eval', save], { cwd: outside }).code, 0);
  const { code, out, err } = catalyst(['run', '../outside/a.image'], { cwd: inside });
  assert.equal(err, '');
  assert.equal(out, 'true\n'); // the eval goes on where it was saved
  assert.equal(code, 0);
});

test('an unhandled refusal is one clear line, the exception and exit code 1', (t) => {
  const { inside } = folders(t);
  const { code, err } = catalyst(['eval', "'/etc/passwd' asPath contents"], { cwd: inside });
  assert.equal(code, 1);
  assert.match(err, /^catalyst: the image may not read \/etc\/passwd; --allow-read=\/etc permits it\nFile\w+: .*\/etc\/passwd\n {2}\S/);
});

test('the rules themselves', (t) => {
  const { base, inside, outside } = folders(t);
  const permissions = new NodePermissions({ read: [outside], write: [inside] });
  for (const [file, read, write] of /** @type {[string, boolean, boolean][]} */ ([
    ['inside', true, true],
    ['inside/no/such', true, true],
    ['inside2', false, false],
    ['inside/..', false, false],
    ['inside/..x', true, true],
    ['outside/secret', true, false],
    ['inside/dangling-link', true, false],
    ['inside/dangling-link/x', true, false],
    ['outside/back-link', true, true],
  ])) {
    assert.equal(permissions.mayRead(path.join(base, file)), read, file);
    assert.equal(permissions.mayWrite(path.join(base, file)), write, file);
  }
  assert.equal(permissions.mayReplace(path.join(outside, 'back-link')), false);
  assert.equal(permissions.mayReplace(path.join(inside, 'dangling-link')), true);
});
