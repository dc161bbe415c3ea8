/** random.test.js: a slice of the differential tests: random programs, and those that once differed, in every mode. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { GROUPS } from '../random/modes.js';
import { runRandom, runRegressions } from '../random/runner.js';
import { catalyst } from './helpers.js';

test('programs that once ran differently run alike in every mode', async (t) => {
  /** @type {string[]} */
  const said = [];
  const { runs, failed } = await runRegressions((text) => said.push(text));
  t.diagnostic(`${runs} runs`);
  assert.equal(failed, 0, said.join('\n'));
});

// Here our own modes are compared with each other.
delete process.env.CATALYST_PEERS;

/** A row with which continuations once filled the translator's queue. */
const SEED = 1006;

test('random programs run alike in every mode', async (t) => {
  /** @type {string[]} */
  const said = [];
  const { runs, failed } = await runRandom({ count: 100, seed: SEED, groupsOf: () => GROUPS, say: (text) => said.push(text), reduces: false });
  t.diagnostic(`${runs} runs`);
  assert.equal(failed, 0, said.join('\n'));
});

test('a row of random programs in two processes ends in one sum', () => {
  const { code, out } = catalyst(['test', '--random=12', '--seed=3', '--first=45', '--jobs=2']);
  assert.equal(code, 0, out);
  assert.match(out, /^seed 3 programs 45 to 49: 10 runs/m);
  assert.match(out, /^seed 3 programs 50 to 56: 14 runs/m);
  assert.match(out, /^12 programs, 24 runs, 0 divergences\n$/m);
});
