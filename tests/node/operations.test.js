/** operations.test.js: some of the operations with an inlined path, interpreted and translated, on every operand of a table. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { operations, runOperations } from '../random/operations.js';

/** ./catalyst test --operations runs them all. */
const EVERY = 8;

test('operations run alike interpreted and translated, whatever their operands', async (t) => {
  /** @type {string[]} */
  const said = [];
  const { runs, failed } = await runOperations(operations().filter((_, i) => i % EVERY === 0), (text) => said.push(text));
  t.diagnostic(`${runs} runs`);
  assert.equal(failed, 0, said.slice(0, 20).join('\n'));
});
