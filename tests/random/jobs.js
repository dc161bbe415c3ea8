/** jobs.js: a long row of random programs in several processes at once. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../../web/node/paths.js';
import { groupOfSqueakJS, groupsInTurn } from './modes.js';
import { BATCH, runRandom } from './runner.js';

/** Programs run on SqueakJS too where its start file is named.
 * @typedef {{count: number, seed: number, first: number, jobs: number, squeakjs: string | null}} Row @typedef {{runs: number, failed: number}} Result */

/** The last line of a row. @param {number} count @param {Result} result */
export const summary = (count, { runs, failed }) => `${count} programs, ${runs} runs, ${failed} divergences`;
const SUMMARY = /^\d+ programs, (\d+) runs, (\d+) divergences$/;

/** A part of a row in a process of its own; one that ends early has failed.
 * @param {Row} part @param {(text: string) => void} say @returns {Promise<Result>} */
async function inProcess({ count, seed, first, squeakjs }, say) {
  const options = [`--random=${count}`, `--seed=${seed}`, `--first=${first}`, ...(squeakjs ? [`--squeakjs=${squeakjs}`] : [])];
  const child = spawn(process.execPath, [...process.execArgv, path.join(root, 'web/node/cli.js'), 'test', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  /** @type {Result | null} */
  let result = null;
  for await (const line of createInterface({ input: child.stdout })) {
    const found = SUMMARY.exec(line);
    if (found) result = { runs: Number(found[1]), failed: Number(found[2]) };
    else say(line);
  }
  const code = await ended;
  if (result !== null) return result;
  say(`seed ${seed} programs ${first} to ${first + count - 1}: the process ended with code ${code}`);
  return { runs: 0, failed: 1 };
}

/** The row's parts, each a range of whole batches. @param {Row} row */
function partsOf({ count, seed, first, jobs, squeakjs }) {
  const length = Math.ceil(count / jobs / BATCH) * BATCH;
  const parts = [];
  for (let from = first; from < first + count; ) {
    const next = Math.min(first + count, from - (from % BATCH) + length);
    parts.push({ seed, first: from, count: next - from, jobs: 1, squeakjs });
    from = next;
  }
  return parts;
}

/** @param {Row} row @param {(text: string) => void} say @returns {Promise<Result>} */
export async function runRow(row, say) {
  const { squeakjs } = row;
  const more = squeakjs ? [groupOfSqueakJS(squeakjs)] : [];
  if (row.jobs <= 1) return runRandom({ ...row, groupsOf: (batch) => [...groupsInTurn(batch), ...more], say });
  const results = await Promise.all(partsOf(row).map((part) => inProcess(part, say)));
  const sum = (/** @type {'runs' | 'failed'} */ what) => results.reduce((total, each) => total + each[what], 0);
  return { runs: sum('runs'), failed: sum('failed') };
}
