/** test: every test of the project. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root, sharedImages } from '../paths.js';
import { UsageError } from '../usage.js';

export const help = `Usage: ./catalyst test [--only=SUITE] [--list]
       ./catalyst test --random N [--seed S] [--first I] [--jobs J] [--squeakjs=FILE]
       ./catalyst test --hostile N [--seed S] [--first I] [--image FILE] [--build native|wasm]
       ./catalyst test --operations

Runs every test: C unit tests and saved fuzz inputs under the address and undefined-behaviour sanitizers, the command
line and real images under Node.js, and the default image's SUnit suites interpreted, translated, and under each
stress mode. Tests that need the real images of ../shared/images (or CATALYST_IMAGES) are skipped without them.

--only=SUITE   just the suites whose name contains SUITE
--list         name the suites
--random N     run N random programs interpreted, translated when hot, and in one more of the other modes, which
               batches of 50 take in turn; one that does not print the same as when it is interpreted is reduced and
               kept in tests/random/regressions, which the ordinary tests run again in every mode
--seed S       another row of programs (default 1)
--first I      begin with the row's program of that number
--jobs J       in J processes at once
--squeakjs=FILE  the programs also run on the SqueakJS whose squeak_node.js that is; without this option, on the peer
               squeakjs of CATALYST_PEERS (see: bench --help), where it is set
--hostile N    run N images in whose object memory bits are flipped, on the native build with the sanitizers and in
               WebAssembly, interpreted and translated: each may be refused, run, or end in an error
--image FILE   all of them variants of that image (otherwise of the default image and the real ones)
--build NAME   on one of the builds alone
--operations   run each operation that translated code has inlined on every operand of a table, interpreted and
               translated (two minutes; the ordinary tests take some of them)
`;

/**
 * @typedef {{passed: number, failed: number, skipped?: number}} Count
 * @typedef {{name: string, run: (log: fs.WriteStream) => Promise<Count>}} Suite
 */

const logs = path.join(root, 'build/test-logs');

/** Runs a program with its output in the log; answers its exit code and output.
 * @param {string[]} command @param {fs.WriteStream} log @param {Record<string, string>} [env] */
function sh([program, ...args], log, env = {}) {
  return new Promise((resolve) => {
    let text = '';
    const child = spawn(program, args, { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const take = (/** @type {Buffer} */ data) => {
      text += data;
      log.write(data);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => resolve({ code: 127, text: String(error) }));
    child.on('close', (code) => resolve({ code: code ?? 128, text }));
  });
}

/** The number after a label in a report. @param {string} text @param {RegExp} pattern */
const number = (text, pattern) => Number(pattern.exec(text)?.[1] ?? 0);

/** A suite that did not get as far as counting has failed once. @param {Count} count @param {number} code */
const orFailed = (count, code) => (code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count);

/** @param {fs.WriteStream} log */
async function unitTests(log) {
  const jobs = String(os.availableParallelism());
  for (const command of [
    ...(fs.existsSync(path.join(root, 'build/asan/build.ninja')) ? [] : [['cmake', '--preset', 'asan']]),
    ['cmake', '--build', '--preset', 'asan', '-j', jobs],
  ])
    if (/** @type {any} */ (await sh(command, log)).code !== 0) return { passed: 0, failed: 1 };
  const { text } = /** @type {any} */ (await sh(['ctest', '--test-dir', 'build/asan', '-j', jobs, '--output-on-failure', '--timeout', '600'], log));
  const failed = number(text, /(\d+) tests? failed out of/);
  return { passed: number(text, /failed out of (\d+)/) - failed, failed };
}

/** @param {fs.WriteStream} log */
async function nodeTests(log) {
  const files = fs.readdirSync(path.join(root, 'tests/node')).filter((f) => f.endsWith('.test.js'));
  const { code, text } = /** @type {any} */ (
    await sh([process.execPath, '--test', `--test-concurrency=${os.availableParallelism()}`, ...files.map((f) => path.join('tests/node', f))], log)
  );
  const count = (/** @type {string} */ what) => number(text, new RegExp(`^[#ℹ] ${what} (\\d+)$`, 'm'));
  return orFailed({ passed: count('pass'), failed: count('fail'), skipped: count('skipped') }, code);
}

/** The JavaScript, checked by its types. @param {fs.WriteStream} log */
async function typeCheck(log) {
  const { code, text } = /** @type {any} */ (await sh([process.execPath, 'node_modules/typescript/bin/tsc', '-p', '.'], log));
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: Math.max(1, (text.match(/error TS/g) ?? []).length) };
}

/** The default image's own tests, in a mode. @param {string[]} options @returns {Suite['run']} */
const smalltalkTests = (options) => async (log) => {
  const { code, text } = /** @type {any} */ (
    await sh([process.execPath, '--no-warnings', 'web/node/cli.js', 'run', '--memory=192M', ...options, 'default', '--', 'test'], log)
  );
  const match = /^(\d+) passed, (\d+) failed/m.exec(text);
  return orFailed({ passed: Number(match?.[1] ?? 0), failed: Number(match?.[2] ?? 0) }, match ? code : 1);
};

/** Some hostile images, on both builds. @param {fs.WriteStream} log */
async function hostileSlice(log) {
  const { runHostile } = await import('../../../tests/hostile/hostile.js');
  const variants = 200;
  const failed = await runHostile({ count: variants, seed: 1, first: 0, image: null }, (text) => log.write(`${text}\n`));
  return { passed: 2 * variants - failed, failed };
}

/** @type {Suite[]} */
const SUITES = [
  { name: 'C units, sanitized', run: unitTests },
  { name: 'SUnit, interpreted', run: smalltalkTests(['--no-translate']) },
  { name: 'SUnit, translated when hot', run: smalltalkTests([]) },
  { name: 'SUnit, translated always', run: smalltalkTests(['--translate=always']) },
  { name: 'SUnit, collecting at every chance', run: smalltalkTests(['--option=gc_stress=1', '--option=gc_stress_full=500']) },
  { name: 'SUnit, translated, heap checked', run: smalltalkTests(['--translate=always', '--option=heap_check=1']) },
  { name: 'SUnit, translated early', run: smalltalkTests(['--option=break_even=0', '--option=hot_activations=2']) },
  { name: 'SUnit, bailing at random', run: smalltalkTests(['--translate=always', '--option=bail_stress=7']) },
  { name: 'JavaScript types', run: typeCheck },
  { name: 'Node', run: nodeTests },
  { name: 'hostile images', run: hostileSlice },
];

/** @param {string[]} argv */
export async function run(argv) {
  const { values } = parseArgs({ args: argv, options: {
    only: { type: 'string' }, list: { type: 'boolean' }, random: { type: 'string' }, seed: { type: 'string' }, first: { type: 'string' },
    jobs: { type: 'string' }, squeakjs: { type: 'string' }, operations: { type: 'boolean' },
    hostile: { type: 'string' }, image: { type: 'string' }, build: { type: 'string' },
  } });
  if (values.hostile !== undefined)
    return hostileImages({
      count: count('hostile', values.hostile),
      seed: count('seed', values.seed ?? '1'),
      first: count('first', values.first ?? '0'),
      image: values.image === undefined ? null : path.resolve(values.image),
      builds: values.build === undefined ? undefined : [values.build],
    });
  if (values.random !== undefined)
    return randomPrograms({
      count: count('random', values.random),
      seed: count('seed', values.seed ?? '1'),
      first: count('first', values.first ?? '0'),
      jobs: count('jobs', values.jobs ?? '1'),
      squeakjs: values.squeakjs ?? null,
    });
  if (values.operations) return everyOperation();
  if (values.list) {
    for (const { name } of SUITES) process.stdout.write(`${name}\n`);
    return 0;
  }
  fs.mkdirSync(logs, { recursive: true });
  if (sharedImages() === null) process.stdout.write('no real images at ../shared/images: their tests are skipped\n');
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const suite of SUITES.filter(({ name }) => name.toLowerCase().includes((values.only ?? '').toLowerCase()))) {
    process.stdout.write(`${suite.name.padEnd(36)} `);
    const file = path.join(logs, suite.name.replace(/\W+/g, '-') + '.log');
    const log = fs.createWriteStream(file);
    const start = performance.now();
    const count = await suite.run(log);
    await new Promise((resolve) => log.end(resolve));
    const { passed, failed, skipped = 0 } = count;
    process.stdout.write(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}  (${((performance.now() - start) / 1000).toFixed(0)} s)\n`);
    if (failed > 0) process.stdout.write(tailOf(file));
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

/** @param {string} name @param {string} text */
function count(name, text) {
  if (!/^\d+$/.test(text)) throw new UsageError(`--${name}=${text}: a number is needed`);
  return Number(text);
}

/** @param {import('../../../tests/random/jobs.js').Row} row */
async function randomPrograms(row) {
  const { runRow, summary } = await import('../../../tests/random/jobs.js');
  const { squeakJSIn } = await import('../../../tests/random/squeakjs.js');
  const squeakjs = row.squeakjs ?? squeakJSIn(process.env.CATALYST_PEERS);
  if (squeakjs !== null && !fs.existsSync(squeakjs)) throw new UsageError(`--squeakjs=${squeakjs}: there is no such file`);
  const result = await runRow({ ...row, squeakjs }, (text) => process.stdout.write(`${text}\n`));
  process.stdout.write(`${summary(row.count, result)}\n`);
  return result.failed > 0 ? 1 : 0;
}

/** @param {Parameters<typeof import('../../../tests/hostile/hostile.js').runHostile>[0]} row */
async function hostileImages(row) {
  const { runHostile } = await import('../../../tests/hostile/hostile.js');
  return (await runHostile(row, (text) => process.stdout.write(`${text}\n`))) > 0 ? 1 : 0;
}

async function everyOperation() {
  const { operations, runOperations } = await import('../../../tests/random/operations.js');
  const { runs, failed } = await runOperations(operations(), (text) => process.stdout.write(`${text}\n`));
  process.stdout.write(`${runs} runs, ${failed} differ\n`);
  return failed > 0 ? 1 : 0;
}

/** What a failed suite said last. @param {string} file */
function tailOf(file) {
  const lines = fs.readFileSync(file, 'utf8').trimEnd().split('\n');
  const telling = lines.filter((line) => /fail|error|not ok|assert/i.test(line)).slice(0, 40);
  return [...telling, `  … whole log: ${file}`].map((line) => `  ${line}\n`).join('');
}
