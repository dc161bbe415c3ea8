/** random.test.js: a slice of the differential tests: random programs, and those that once differed, in every mode. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { runRandom, runRegressions } from '../random/runner.js';

test('programs that once ran differently run alike in every mode', async (t) => {
  /** @type {string[]} */
  const said = [];
  const { runs, failed } = await runRegressions((text) => said.push(text));
  t.diagnostic(`${runs} runs`);
  assert.equal(failed, 0, said.join('\n'));
});

/** A row with which continuations once filled the translator's queue. */
const SEED = 1006;

test('random programs run alike in every mode', async (t) => {
  /** @type {string[]} */
  const said = [];
  const { runs, failed } = await runRandom({ count: 100, seed: SEED, say: (text) => said.push(text), reduces: false });
  t.diagnostic(`${runs} runs`);
  assert.equal(failed, 0, said.join('\n'));
});
