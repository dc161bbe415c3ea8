/**
 * run.js: runs the JavaScript ports of the default image's benchmark programs and reports as its harness does with --json: a
 * line of JSON for each iteration, after those that warm up.
 *
 *     node run.js [NAME …] [--warmup N] [--iterations N] [--inner N] [--small] [--list]
 */
import { parseArgs } from 'node:util';
import deltablue from './javascript/deltablue.js';
import { floats } from './javascript/floats.js';
import havlak from './javascript/havlak.js';
import json from './javascript/json.js';
import richards from './javascript/richards.js';
import { small } from './javascript/small.js';

const programs = [...small, ...floats, deltablue, havlak, json, richards].sort((a, b) => (a.name < b.name ? -1 : 1));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    warmup: { type: 'string', default: '0' },
    iterations: { type: 'string', default: '1' },
    inner: { type: 'string' },
    small: { type: 'boolean' },
    list: { type: 'boolean' },
  },
});
const chosen = positionals.length === 0 ? programs : positionals.map((name) => {
  const found = programs.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (found === undefined) throw new Error(`no benchmark ${name}`);
  return found;
});

for (const program of chosen) {
  if (values.list) {
    console.log(program.name, program.defaultInner);
    continue;
  }
  const inner = Number(values.inner ?? (values.small ? program.smallInner : program.defaultInner));
  for (let i = 0; i < Number(values.warmup); i++) program.run(inner);
  for (let iteration = 1; iteration <= Number(values.iterations); iteration++) {
    const start = performance.now();
    const answer = program.run(inner);
    const microseconds = Math.round((performance.now() - start) * 1000);
    const ok = program.isRight(answer, inner);
    if (!ok) process.exitCode = 1;
    console.log(JSON.stringify({ name: program.name, iteration, inner, microseconds, answer, ok }));
  }
}
