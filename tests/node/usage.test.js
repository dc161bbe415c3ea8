/** usage.test.js: help, wrong usage, bad files: one line and the documented exit code. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { catalyst, temporaryFolder } from './helpers.js';

test('every command has help', () => {
  const { out } = catalyst(['--help']);
  const commands = [...out.matchAll(/^ {2}(\w+) {2,}/gm)].map((match) => match[1]);
  assert.ok(commands.length >= 8);
  for (const command of commands) {
    const { code, out: help } = catalyst([command, '--help']);
    assert.equal(code, 0, command);
    assert.match(help, new RegExp(`^Usage: ./catalyst ${command}`));
  }
});

for (const args of [['nonsense'], ['run', '--nonsense'], ['eval'], ['eval', '1', '2'], ['run', '--memory=1', 'default'], ['build', '.']])
  test(`wrong usage: ${args.join(' ')}`, () => {
    const { code, err } = catalyst(args);
    assert.equal(code, 2, err);
    assert.match(err, /^catalyst: .+\n$/);
  });

/** Bytes that are no image. */
const BAD = {
  'zero-length': () => Buffer.alloc(0),
  random: () => Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 2654435761) >>> 13)),
  truncated: (/** @type {Buffer} */ good) => good.subarray(0, good.length >> 1),
  'header-only': (/** @type {Buffer} */ good) => good.subarray(0, 64),
  'byte-swapped header': (/** @type {Buffer} */ good) => {
    const bad = Buffer.from(good);
    bad.subarray(0, 64).swap32();
    return bad;
  },
};

for (const [name, make] of Object.entries(BAD))
  test(`bad image: ${name}`, (t) => {
    const file = path.join(temporaryFolder(t), 'bad.image');
    fs.writeFileSync(file, make(fs.readFileSync(new URL('../../build/default.image', import.meta.url))));
    const { code, out, err } = catalyst(['run', file]);
    assert.equal(code, 3, err);
    assert.equal(out, '');
    assert.match(err, /^catalyst: [^\n]+\n$/);
  });

test('a missing image', () => {
  const { code, err } = catalyst(['run', 'no/such.image']);
  assert.equal(code, 3);
  assert.match(err, /^catalyst: .*no such file\n$/);
});
