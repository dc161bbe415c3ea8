/** squeakjs.test.js: the comparison of random programs with SqueakJS, and with a stand-in that is our own VM and lies once. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { root } from '../../web/node/paths.js';
import { DIFFERENCES, whyNotOnSqueakJS } from '../random/differences.js';
import { groupOfSqueakJS } from '../random/modes.js';
import { runRandom, runRegressions } from '../random/runner.js';
import { squeakJSIn } from '../random/squeakjs.js';
import { catalyst, temporaryFolder } from './helpers.js';

/** What starts like SqueakJS and runs the image on our VM. In its first answer it changes what `pattern` finds.
 * @param {import('node:test').TestContext} t @param {string} pattern @param {string} lie */
function standIn(t, pattern, lie) {
  const file = path.join(temporaryFolder(t), 'squeak_node.js');
  const cli = path.join(root, 'web/node/cli.js');
  fs.writeFileSync(file, `
    const { spawnSync } = require('node:child_process');
    const fs = require('node:fs');
    globalThis.Squeak = { Interpreter: function () {}, Primitives: function () {} };
    const { stdout } = spawnSync(process.execPath, ['--no-warnings', ${JSON.stringify(cli)}, 'run', '--no-translate', process.argv[2]], { encoding: 'utf8' });
    const lies = !fs.existsSync(__filename + '.lied');
    fs.writeFileSync(__filename + '.lied', '');
    console.log('Loaded module: FilePlugin');
    console.log(lies ? stdout.replace(${pattern}, ${JSON.stringify(lie)}) : stdout);`);
  return file;
}

/** @param {string} file @param {number} count */
async function compared(file, count) {
  /** @type {string[]} */
  const said = [];
  const result = await runRandom({ count, seed: 5, groupsOf: () => [groupOfSqueakJS(file)], say: (text) => said.push(text), reduces: false });
  return { ...result, said: said.join('\n') };
}

test('a VM that prints the same runs alike', async (t) => {
  const { runs, failed, said } = await compared(standIn(t, '/nothing that is printed/', ''), 10);
  assert.deepEqual({ runs, failed }, { runs: 10, failed: 0 }, said);
});

test('a VM that answers otherwise is found out', async (t) => {
  const { runs, failed, said } = await compared(standIn(t, '/(?<=^--- 7\\n.*\\n.*\\ndigest )/m', '9'), 10);
  assert.deepEqual({ runs, failed }, { runs: 10, failed: 1 }, said);
  assert.match(said, /^seed 5 program 7, squeakjs:\n {2}expected: .*\n(.*\n)* {2}found: .*(\n.*)*digest 9/m);
});

test('a VM that stops in the middle is found out, and those behind run again', async (t) => {
  const { runs, failed, said } = await compared(standIn(t, '/(?<=^--- 4\\n)[^]*/m', ''), 10);
  assert.deepEqual({ runs, failed }, { runs: 10, failed: 1 }, said);
  assert.match(said, /^seed 5 program 4, squeakjs:/m);
});

test('the command line compares with the peer of that name and fails', (t) => {
  const file = standIn(t, '/(?<=^--- 1\\n.*\\n.*\\ndigest )/m', '9');
  const { code, out } = catalyst(['test', '--random=2', '--seed=5', `--squeakjs=${file}`], { timeout: 600_000 });
  assert.match(out, /^seed 5 program 1, squeakjs:\n(.*\n)+ {2}not again: /m);
  assert.match(out, /^2 programs, \d+ runs, 1 divergences\n$/m);
  assert.equal(code, 1, out);
  const { code: usage, err } = catalyst(['test', '--random=2', '--squeakjs=nowhere.js']);
  assert.match(err, /--squeakjs=nowhere.js: there is no such file/);
  assert.equal(usage, 2);
});

test('the peer squeakjs of CATALYST_PEERS is the one', () => {
  assert.equal(squeakJSIn("cog=squeak {image};squeakjs=node start.cjs '/a path/squeak_node.js' {image} {args}"), '/a path/squeak_node.js');
  assert.equal(squeakJSIn('cog=squeak {image}'), null);
});

test('each known difference says why, and what is done about it', () => {
  for (const { feature, why, pattern, primitive, fails } of DIFFERENCES) {
    assert.ok(why.length > 20, feature);
    assert.equal(primitive !== undefined, fails !== undefined, feature);
    assert.ok(!(pattern && fails), feature);
  }
  assert.equal(whyNotOnSqueakJS('Rt log: thisContext pc'), 'pc and stackp of the running context');
  assert.equal(whyNotOnSqueakJS('thisContext sender pc'), null);
});

/** Without the real one these are skipped. */
const real = squeakJSIn(process.env.CATALYST_PEERS);
const options = { skip: real === null ? 'CATALYST_PEERS names no squeakjs' : false };

test('random programs run alike on SqueakJS', options, async (t) => {
  const { runs, failed, said } = await compared(real ?? '', 50);
  t.diagnostic(`${runs} runs`);
  assert.equal(failed, 0, said);
});

test('programs that once ran differently run alike on SqueakJS', options, async () => {
  /** @type {string[]} */
  const said = [];
  const { failed } = await runRegressions((text) => said.push(text), [groupOfSqueakJS(real ?? '')]);
  assert.equal(failed, 0, said.join('\n'));
});
