/** bench.test.js: bench gives well-formed results and right answers. How fast anything is, no test asks. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { compare } from '../../web/node/bench/compare.js';
import { plot } from '../../web/node/bench/plot.js';
import { findChromium, lines, peers } from '../../web/node/bench/runners.js';
import { measurement, median, spread } from '../../web/node/bench/sample.js';
import { root } from '../../web/node/paths.js';
import { catalyst, temporaryFolder } from './helpers.js';

const hasPython = spawnSync('python3', ['--version']).status === 0;

test('bench measures Fibonacci, writes JSON and a plot, and finds what a doctored file makes a regression', (t) => {
  const folder = temporaryFolder(t);
  const [file, svg, doctored] = ['bench.json', 'bench.svg', 'doctored.json'].map((name) => path.join(folder, name));
  const { code, out, err } = catalyst(['bench', '--only=fib', '--rounds=1', '--json', '-o', file, '--svg', svg]);
  assert.equal(code, 0, err);
  const result = JSON.parse(out);
  assert.deepEqual(JSON.parse(fs.readFileSync(file, 'utf8')), result);
  assert.equal(result.fib.calls, 2692537);
  const runners = [...(hasPython ? ['cpython'] : []), 'javascript', 'interpreted', 'calling', 'translated'];
  assert.deepEqual(Object.keys(result.fib.nsPerSend), runners);
  for (const ns of Object.values(result.fib.nsPerSend)) assert.ok(ns > 0 && ns < 1e6);
  if (hasPython) assert.ok(result.fib.timesFasterThanCPython.translated > 0);
  assert.equal(result.micro, null);
  assert.equal(result.awfy, null);
  assert.match(fs.readFileSync(svg, 'utf8'), /^<svg [^]*recursive Fibonacci[^]*<\/svg>\n$/);

  // As if the translator had been a thousand times as fast.
  for (const each of result.measurements) if (each.runner === 'translated') each.median /= 1000;
  fs.writeFileSync(doctored, JSON.stringify(result));
  const again = catalyst(['bench', '--only=fib', '--rounds=1', '--compare', doctored]);
  assert.equal(again.code, 1, again.err);
  assert.match(again.out, /fib Fib translated .* REGRESSION/);
});

test('a difference within the spread is no regression', () => {
  /** @param {number} ms @param {number} [cpython] @param {number} [width] */
  const run = (ms, cpython = 100, width = 0.02) => [
    measurement('programs', 'List', 'translated', 1, [ms * (1 - width), ms, ms * (1 + width)]),
    measurement('yardstick', 'Fib', 'cpython', 26, [cpython, cpython, cpython]),
  ];
  /** @param {ReturnType<typeof run>} before @param {ReturnType<typeof run>} now */
  const regressions = (before, now) => compare(before, now).filter((each) => each.isRegression).length;
  assert.equal(regressions(run(10), run(10.5)), 0);
  assert.equal(regressions(run(10), run(12)), 1);
  assert.equal(regressions(run(10), run(12, 120)), 0, 'the machine is slower');
  assert.equal(regressions(run(10), run(12, 100, 0.3)), 0, 'the spread is wide');
  assert.equal(regressions(run(12), run(10)), 0);
  assert.deepEqual(compare([], run(1)), []);
});

test('statistics', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([1, 2, 3, 4]), 2.5);
  assert.equal(spread([5]), 0);
  assert.equal(spread([8, 9, 10, 11, 12]), 0.2);
  assert.match(plot([], { engine: 'Node.js v20' }), /<\/svg>/);
});

test('peers are named by CATALYST_PEERS', () => {
  assert.deepEqual(peers(''), []);
  assert.deepEqual(peers('a=vm {image} {args}; b="two words" {image}'), [
    { name: 'a', words: ['vm', '{image}', '{args}'], takesArguments: true },
    { name: 'b', words: ['two words', '{image}'], takesArguments: false },
  ]);
  const [{ words }] = peers(`c=node ${path.relative('', path.join(root, 'package.json'))}x ${path.relative('', root) || '.'}/package.json {image}`);
  assert.equal(words[2], path.join(root, 'package.json'));
  assert.throws(() => peers('vm without a name'), /CATALYST_PEERS: 'vm without a name' is not of the form/);
});

test('a peer runs the default image without arguments', (t) => {
  // This VM is its own peer here: the image that it is given runs the benchmark by itself.
  const cli = `${process.execPath} --no-warnings ${path.join(root, 'web/node/cli.js')}`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--no-warnings', path.join(root, 'web/node/cli.js'), 'bench', 'NonLocalReturn', '--rounds=1', '--iterations=1', '--json'],
    { cwd: temporaryFolder(t), encoding: 'utf8', env: { ...process.env, CATALYST_PEERS: `self=${cli} run --no-translate {image}` } },
  );
  assert.equal(status, 0, stderr);
  const { rows } = JSON.parse(stdout).micro;
  assert.deepEqual(rows.map((/** @type {any} */ row) => row.name), ['NonLocalReturn']);
  assert.deepEqual(Object.keys(rows[0].ns), ['interpreted', 'translated', 'self']);
});

test('the ports answer as the default image does', (t) => {
  /** Name, parameter and answer. @param {string} text */
  const answers = (text) => lines(text).map(({ name, inner, answer, ok }) => ({ name, inner, answer, ok }));
  /** @param {string} program @param {string} file */
  const port = (program, file) => {
    const { status, stdout, stderr } = spawnSync(program, [path.join(root, 'examples/benchmarks', file), '--small'], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return answers(stdout);
  };
  const javascript = port(process.execPath, 'run.js');
  assert.equal(javascript.length, 15);
  assert.ok(javascript.every(({ ok }) => ok));
  const inners = [...new Set(javascript.map(({ inner }) => inner))];
  const image = inners.flatMap((inner) => {
    const names = javascript.filter((each) => each.inner === inner).map(({ name }) => name);
    const { code, out, err } = catalyst(['run', 'default', '--', 'bench', ...names, '--inner', String(inner), '--json']);
    assert.equal(code, 0, err);
    return answers(out);
  });
  /** @param {{name: string}} a @param {{name: string}} b */
  const byName = (a, b) => (a.name < b.name ? -1 : 1);
  assert.deepEqual(javascript, image.sort(byName));
  if (hasPython) assert.deepEqual(port('python3', 'run.py'), image);
  else t.diagnostic('no python3: its ports are not looked at');
});

test('wrong usage of bench', () => {
  for (const [args, message] of /** @type {[string[], RegExp][]} */ ([
    [['--only=nothing'], /^catalyst: --only=nothing: one of fib, micro, programs, awfy, costs\n$/],
    [['--rounds=0'], /^catalyst: --rounds=0: a number above 0 is needed\n$/],
    [['NoSuch'], /^catalyst: no benchmark NoSuch: /],
    [['--compare', path.join(root, 'package.json')], /not written by bench --json or -o/],
  ])) {
    const { code, err } = catalyst(['bench', ...args]);
    assert.equal(code, 2, err);
    assert.match(err, message);
  }
});

test('a page of Chromium runs the default image, interpreted and translated', { skip: findChromium() === null && 'there is no Chromium' }, () => {
  const program = path.join(root, 'web/node/bench/chromium.js');
  /** @param {string[]} args */
  const inPage = (...args) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--stats', ...args], { encoding: 'utf8', timeout: 120_000 });
    return { code: status, out: stdout, stats: JSON.parse(stderr) };
  };
  for (const [translate, sum] of [[0, 0], [2, 1]]) {
    const { code, out, stats } = inPage(`--option=translate=${translate}`, '--', 'eval', "'Grüße, Ωμέγα' reversed , 20 benchFib printString");
    assert.equal(out, "'αγέμΩ ,eßürG21891'\n");
    assert.equal(code, 0);
    assert.equal(Math.sign(stats.translated_calls), sum);
  }
  const failed = inPage('--', 'eval', "'x' asPath contents");
  assert.match(failed.out, /^FileDoesNotExist: /);
  assert.equal(failed.code, 1);
});

test('bench measures in Chromium, and says what is not there', { skip: findChromium() === null && 'there is no Chromium' }, () => {
  const { code, out, err } = catalyst(['bench', '--only=fib', '--engine=chromium', '--rounds=1', '--json']);
  assert.equal(code, 0, err);
  const { machine, fib } = JSON.parse(out);
  assert.match(machine.engine, /^\w+ \d+\./);
  assert.ok(fib.nsPerSend.translated < fib.nsPerSend.interpreted);
  assert.equal(catalyst(['bench', '--only=awfy', '--engine=chromium']).code, 2);
});

test('an engine that there is not', () => {
  const { code, err } = catalyst(['bench', '--engine=netscape']);
  assert.equal(code, 2);
  assert.match(err, /--engine=netscape: one of node, chromium/);
});
