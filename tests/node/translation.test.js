/** translation.test.js: translated code answers as interpreted code does, and is what its text says. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { NodeHost } from '../../web/node/host.js';
import { defaultImage } from '../../web/node/paths.js';
import { NodePermissions } from '../../web/node/permissions.js';
import { coreModule } from '../../web/node/session.js';
import { STOP, VM } from '../../web/runtime/vm.js';
import { catalyst, temporaryFolder } from './helpers.js';

/** Each prints the same however it is run. */
const PROGRAMS = {
  'the demonstration': 'Demo compute. 0',
  closures: '| b | b := OrderedCollection new. 1 to: 50 do: [:i | | t | t := i * i. b add: [:x | t := t + x]]. b do: [:each | each value: 1]. (b collect: [:each | each value: 2]) inject: 0 into: [:s :e | s + e]',
  'non-local return and ensure': "| log | log := WriteStream on: String new. #(1 2 3) detect: [:i | [i = 2] ensure: [log print: i]] ifNone: [nil]. log contents",
  exceptions: '(1 to: 40) collect: [:i | [i odd ifTrue: [1 / 0] ifFalse: [#() first. i]] on: ZeroDivide do: [:e | e return: i negated] on: Error do: [:e | e retryUsing: [i]]]',
  resumption: '[(Warning signal: 1) + 1] on: Warning do: [:e | e resume: 41]',
  contexts: '[:n | thisContext method notNil & (thisContext tempAt: 1) printString notEmpty] value: 7',
  'large integers': '(1 to: 60) inject: 1 into: [:a :b | (a * b) - (a // b) + (a bitXor: b << 20)]',
  floats: '(1 to: 200) inject: 0.1 into: [:a :b | (a * b + 1) sin abs + (a > b ifTrue: [a sqrt] ifFalse: [b / 3])]',
  'counters that overflow': '| n s | s := 0. n := 1073741818. 1 to: 9 do: [:i | n := n + 1. s := s + n. s := s - (n * i)]. {n. s. n class}',
  'arithmetic by constants': '(-9 to: 9) collect: [:i | | n | n := 5. n := n + i. {n \\\\ 4. n // 4. n bitAnd: 3. n bitShift: 3. n bitShift: -1. 5 \\\\ 3. -7 // 2. i \\\\ 8. i // 8. i * 7}]',
  'unboxed floats': '(1 to: 40) collect: [:i | | x y z | x := i * 0.5. y := x - 3 * x. z := y. [y < (x * 20.0)] whileTrue: [z := y. y := y + x * 2 + i]. {x. y. z = y. z == z. (x := y) == x. y / (x + 1). i > 20 ifTrue: [y] ifFalse: [i]}]',
  'one Float is one object': '| a b c | a := 1.5. b := a + 2. c := b. a := b. {a == b. b == c. c + 1 == (c + 1). (c := b * 2) == c}',
  'floats and others': '| x | x := 0.5. (#(1 2.5 $a nil) , {1/2. 2 raisedTo: 70}) collect: [:each | [x := 2.0. x := x + each. x := x * 2. x > each] on: Error do: [:e | e class name]]',
  'division by zero': '(-1 to: 1) collect: [:i | | x | x := i * 1.0. [1.0 / x] on: ZeroDivide do: [:e | e return: x]]',
  'a store into a running context': '| n x c | c := thisContext. n := 1. x := 0.5. 1 to: 5 do: [:i | n := n + 1. x := x + n. i = 3 ifTrue: [c tempAt: 1 put: 41. c tempAt: 2 put: 100.5]]. {n. x}',
  processes: '| q p | q := SharedQueue new. p := [1 to: 30 do: [:i | q nextPut: i. Processor yield]] fork. (1 to: 30) collect: [:i | q next]',
  'deep recursion': '| f | f := nil. f := [:n | n = 0 ifTrue: [0] ifFalse: [(f value: n - 1) + 1]]. f value: 20000',
  'a method whose last literal leads to no class':
    '| m | m := (Association >> #key:value:) copy. m literalAt: m numLiterals put: nil -> (String new: 8 withAll: (Character value: 252)). m valueWithReceiver: nil -> nil arguments: #(1 2)',
  becoming: "| a b | a := Array new: 3. b := OrderedCollection with: a. a becomeForward: 'new' copy. b first",
};

/** A file that prints each program's value on a line of its own. */
const SOURCE = Object.values(PROGRAMS)
  .map((program) => `Stdio stdout nextPutAll: [${program}] value printString; nl; flush.`)
  .join('\n');

/** Its lines, by the programs' names; the demonstration has many. @param {string} folder @param {string[]} mode */
function run(folder, ...mode) {
  const { code, out, err } = catalyst(['run', ...mode, 'programs.st'], { cwd: folder });
  assert.equal(err, '');
  assert.equal(code, 0);
  const lines = out.trimEnd().split('\n');
  const names = Object.keys(PROGRAMS);
  return { demonstration: lines.splice(0, lines.length - names.length + 1), ...Object.fromEntries(lines.map((line, i) => [names[i + 1], line])) };
}

test('programs answer the same however they are run', (t) => {
  const folder = temporaryFolder(t);
  fs.writeFileSync(path.join(folder, 'programs.st'), SOURCE);
  const expected = run(folder, '--no-translate');
  assert.ok(expected.demonstration.length > 30);
  for (const mode of [
    ['--translate=hot'],
    ['--translate=hot', '--option=break_even=0', '--option=hot_activations=2', '--option=hot_back_edges=20'],
    ['--translate=always'],
    ['--translate=always', '--option=bail_stress=5'],
    ['--translate=always', '--option=gc_stress=1'],
    ['--translate=always', '--option=bundle_samples=1'],
    ['--translate=always', '--option=bundle_samples=1', '--option=bail_stress=5', '--option=heap_check=1'],
    ['--translate=always', '--option=heap_check=1'],
  ])
    assert.deepEqual(run(folder, ...mode), expected, mode.join(' '));
});

/** How many methods are compared, evenly spread over all. */
const SAMPLE = 200;

/** Translates each method in a VM of its own for all of them: what a translation keeps has its place by its turn.
 * @param {string[]} methods @param {string} stage @returns {{text?: string, why?: string}[]} */
function dumps(methods, stage) {
  const vm = new VM(coreModule(), new NodeHost({ imagePath: defaultImage, args: [], permissions: new NodePermissions({}) }));
  vm.load(fs.readFileSync(defaultImage));
  return methods.map((method) => {
    try {
      return { text: vm.dumpMethod(method, stage) };
    } catch (error) {
      return { why: /** @type {Error} */ (error).message };
    }
  });
}

test(`the text of ${SAMPLE} methods assembles to the bytes that are installed`, (t) => {
  const all = catalyst([
    'eval',
    `Smalltalk allClassesDo: [:class | {class. class class} do: [:each | each selectors do: [:selector |
      Stdio stdout nextPutAll: each name; nextPutAll: '>>'; nextPutAll: selector; nl]]]. nil`,
  ]).out.trimEnd().split('\n').slice(0, -1).sort();
  assert.ok(all.length > 10 * SAMPLE, `${all.length} methods`);
  const step = all.length / SAMPLE;
  const methods = Array.from({ length: SAMPLE }, (_, i) => all[Math.floor(i * step)]);
  const bytes = dumps(methods, 'wasm');
  const found = dumps(methods, 'wat').map(({ text, why }, i) => ({ method: methods[i], wat: text, hex: bytes[i].text?.replace(/\s/g, ''), why }));
  const refused = found.filter((each) => each.why !== undefined);
  for (const { why } of refused) assert.match(why ?? '', / is not translated: .+ \(pc \d+\)$/);
  const translated = found.filter((each) => each.wat !== undefined);
  assert.ok(translated.length > SAMPLE / 2, `only ${translated.length} are translated`);
  const folder = temporaryFolder(t);
  const [watFile, wasmFile] = ['a.wat', 'a.wasm'].map((name) => path.join(folder, name));
  for (const { method, wat, hex } of translated) {
    fs.writeFileSync(watFile, wat ?? '');
    const { status, stderr, error } = spawnSync('wat2wasm', ['--enable-annotations', '--enable-code-metadata', watFile, '-o', wasmFile], { encoding: 'utf8' });
    if (error) return t.skip('there is no wat2wasm (Debian package wabt)');
    assert.equal(status, 0, `${method}: ${stderr}`);
    const assembled = fs.readFileSync(wasmFile);
    assert.equal(assembled.toString('hex'), hex, method);
    assert.ok(WebAssembly.validate(assembled), method);
  }
  t.diagnostic(`${all.length} methods; of ${SAMPLE}, ${translated.length} are translated and ${refused.length} refused with a reason`);
});

test('what cannot be dumped says so', () => {
  for (const [method, message] of /** @type {[string, RegExp][]} */ ([
    ['Object>>yourself', /^catalyst: Object>>yourself is not translated: its primitive answers instead of its code \(pc 0\)\n$/],
    ['NoSuchClass>>x', /^catalyst: the image has no class NoSuchClass\n$/],
    ['Object>>noSuchMethod', /^catalyst: Object has no method noSuchMethod of its own\n$/],
    ['Object', /^catalyst: 'Object' names no method: the form is Class>>selector\n$/],
  ])) {
    const { code, err } = catalyst(['dump', 'default', method, '--stage', 'wat']);
    assert.equal(code, 1);
    assert.match(err, message);
  }
});

test('classes of immediates are found by name', () => {
  for (const method of ['SmallInteger>>asCharacter', 'Character>>printOn:', 'SmallInteger class>>maxVal']) {
    const { err } = catalyst(['dump', 'default', method]);
    assert.doesNotMatch(err, /no class/);
  }
});

/** @param {string[]} args */
function statsOf(...args) {
  const { code, err } = catalyst(['run', '--stats', '--json', ...args]);
  assert.equal(code, 0, err);
  return JSON.parse(err);
}

test('a short script is over before anything is translated; what runs on is', () => {
  const script = ['examples/benchmarks/script.st'];
  const short = statsOf(...script);
  assert.deepEqual([short.translated_methods, short.translate_us], [0, 0]);
  assert.ok(statsOf('--option=break_even=0', ...script).translated_methods > 10);
  const long = statsOf('default', '--', 'eval', '30 benchFib');
  assert.ok(long.translated_methods > 0 && long.translated_methods < 10, `${long.translated_methods}`);
  assert.ok(long.bytecodes < 15_000_000, `${long.bytecodes} of 30 million are interpreted`);
  assert.ok(long.translate_us > 0 && long.translate_us < long.run_us);
  assert.ok(long.translate_threshold > 0);
});

test('what is refused is told: of an image, and of a run', (t) => {
  const { code, out, err } = catalyst(['dump', 'default', '--refusals', '--json']);
  assert.equal(code, 0, err);
  const { tried, refused } = JSON.parse(out);
  assert.ok(tried > 4000 && refused.length < tried / 5, `${refused.length} of ${tried}`);
  for (const { method, phase, pc, reason } of refused) {
    assert.match(method, />>/);
    assert.match(phase, /^(analysis|translation)$/);
    assert.ok(Number.isInteger(pc) && reason.length > 0);
  }
  const text = catalyst(['dump', 'default', '--refusals']).out;
  assert.match(text, new RegExp(`\\n${tried} methods and blocks, ${refused.length} refused\\n`));
  t.diagnostic(text.slice(text.indexOf(`\n${tried} methods`)));
  // Each is refused for the reason told here.
  for (const { method, reason } of refused.slice(0, 5).filter((/** @type {{method: string}} */ each) => !each.method.includes('[')))
    assert.ok(catalyst(['dump', 'default', method.replace(/^.*\((.*)\)>>/, '$1>>'), '--stage', 'wat']).err.includes(reason), method);
  const stats = statsOf('--translate=always', 'default', '--', 'eval', 'Smalltalk imageName');
  assert.equal(stats.refusals.length, Math.min(stats.refused_methods, 256));
});

/** The names of a module's functions, by their indices. @param {WebAssembly.Module} module */
function functionNames(module) {
  const bytes = Buffer.from(WebAssembly.Module.customSections(module, 'name')[0]);
  let at = 0;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  assert.equal(number(), 1, 'the names of functions');
  assert.equal(number(), bytes.length - at, 'and no others');
  return new Map(Array.from({ length: number() }, () => {
    const [index, length] = [number(), number()];
    return [index, bytes.toString('latin1', at, (at += length))];
  }));
}

test('functions have the names of their methods, for profiles and traces', (t) => {
  const folder = temporaryFolder(t);
  catalyst(['eval', '--translate=always', `--dump-modules=${folder}`, '{(1 to: 3). (1 to: 3) readStream} collect: [:each | each inject: 0 into: [:a :b | a + b]]']);
  const names = fs.readdirSync(folder).flatMap((file) => {
    const module = new WebAssembly.Module(fs.readFileSync(path.join(folder, file)));
    const imports = WebAssembly.Module.imports(module).filter(({ kind }) => kind === 'function').length;
    return [...functionNames(module)].map(([index, name]) => (assert.ok(index >= imports, name), name));
  });
  for (const name of ['SequenceableCollection>>inject:into:', '[] in Stream>>inject:into:']) assert.ok(names.includes(name), name);
});

test('another VM goes on with what was translated; where nothing is to be translated it is dropped', () => {
  /** @type {string[]} */
  const printed = [];
  const started = () => {
    const args = ['eval', '30 timesRepeat: [(Delay forMilliseconds: 1) wait. 1000 printString]. 1000 factorial printString size'];
    const host = new NodeHost({ imagePath: defaultImage, args, permissions: new NodePermissions({}), log: (_, text) => printed.push(text) });
    const vm = new VM(coreModule(), host);
    vm.kept = [];
    return vm;
  };
  const first = started();
  first.option('translate', 2);
  first.load(fs.readFileSync(defaultImage));
  while (first.run(1000) !== STOP.IDLE);
  const state = first.state();
  assert.ok(state.modules.length > 10);
  /** @param {import('../../web/runtime/vm.js').Saved} from @param {number} translate */
  const goOn = (from, translate) => {
    const vm = started();
    vm.resume(from);
    vm.option('translate', translate);
    for (let stop = Number(STOP.ON); stop !== STOP.QUIT && stop !== STOP.ERROR; ) stop = vm.run(10_000);
    assert.equal(vm.exitCode, 0, `${vm.error} ${printed}`);
    return vm.stats();
  };
  const before = first.stats();
  const translated = goOn(state, 2);
  assert.equal(translated.evictions, 0);
  assert.ok(translated.live_translations >= before.live_translations && translated.translated_calls > before.translated_calls);
  const interpreted = goOn({ ...state, modules: [] }, 0);
  assert.deepEqual([interpreted.live_translations, interpreted.translated_calls], [0, before.translated_calls]);
  assert.equal(interpreted.evictions, before.live_translations);
});
