/** continuation.test.js: activations that translated code has left, or whose loop is hot, go on translated, and
 * answer what interpreted ones do. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import { NodeHost } from '../../web/node/host.js';
import { defaultImage } from '../../web/node/paths.js';
import { NodePermissions } from '../../web/node/permissions.js';
import { coreModule } from '../../web/node/session.js';
import { VM } from '../../web/runtime/vm.js';
import { catalyst, comparedPrograms } from './helpers.js';

/** Methods of the class that the programs below call `C`. */
const METHODS = {
  constant: '^1',
  'loop: n': '| s i | s := 0. i := 0. [i < n] whileTrue: [s := s + (i \\\\ 7). i := i + 1]. ^s',
  'nested: n': '| s | s := 0. 1 to: n do: [:i | 1 to: i do: [:j | s := s + (i bitXor: j)]. s := s \\\\ 65536]. ^s',
  'triple: n': '| s | s := 0. 1 to: n do: [:i | 1 to: 20 do: [:j | 1 to: 20 do: [:k | (i + j + k) even ifTrue: [s := s + k] ifFalse: [k > 15 ifTrue: [s := s - j]]]]]. ^s',
  'early: n': '1 to: n do: [:i | 1 to: n do: [:j | i * j = 3000 ifTrue: [^{i. j}]. j > i ifTrue: [i even & (j = 97) ifTrue: [^#odd]]]]. ^#none',
  'step: n': 'n \\\\ 997 = 0 ifTrue: [Processor yield]. ^n + 1',
  'sends: n': '| i s | s := i := 0. [i < n] whileTrue: [i := self step: i. s := s + ((self step: i) - i)]. ^s',
  'collects: n': '| c | c := OrderedCollection new. 1 to: n do: [:i | c add: (i even ifTrue: [i] ifFalse: [(self step: i) printString size])]. ^c inject: 0 into: [:a :b | a + b]',
  'find: x in: a': 'a do: [:e | (self step: e) = x ifTrue: [^e]]. ^nil',
  'ensures: n log: log': '| s | s := 0. 1 to: n do: [:i | [s := s + i. i \\\\ 500 = 0 ifTrue: [self error: i printString]] ensure: [i \\\\ 500 = 0 ifTrue: [log add: i]]]. ^s',
  'guarded: n': '| log s | log := OrderedCollection new. s := 0. 1 to: n do: [:i | s := s + ([self ensures: i \\\\ 700 log: log. 1] on: Error do: [:e | e return: 2])]. ^{s. log size}',
  'catches: n': '| s | s := 0. 1 to: n do: [:i | s := s + ([i \\\\ 3 = 0 ifTrue: [i / 0] ifFalse: [i]] on: ZeroDivide do: [:e | e return: 5])]. ^s',
  'resumes: n': '| s | s := 0. 1 to: n do: [:i | s := s + ([(Warning signal: i) + 1] on: Warning do: [:e | e resume: i])]. ^s',
  'contexts: n': '| s t | s := 0. 1 to: n do: [:i | t := i * 3. i \\\\ 100 = 0 ifTrue: [thisContext tempAt: 3 put: i. s := s + (thisContext tempAt: 1)]. s := s + t]. ^s',
  'outer: n': '| b s | s := 0. b := [:k | 1 to: k do: [:j | s := s + j. s > 100000 ifTrue: [^s + k]]. s]. 1 to: n do: [:i | b value: i]. ^s negated',
  'boolean: x': '| i | i := 0. [i < 300] whileTrue: [i := i + 1. (i = 250 ifTrue: [x] ifFalse: [i < 0]) ifTrue: [^i]]. ^#all',
  'types: n': '| s t | s := 0. t := 1. 1 to: n do: [:i | i = (n // 2) ifTrue: [t := 0.5]. i = (n - 20) ifTrue: [t := (1 bitShift: 40)]. s := s + t]. ^s',
  'ends: n': '| i | i := 1. [i isNil] whileFalse: [i := i < n ifTrue: [i + 1]]. ^i',
  'recurse: n': 'n = 0 ifTrue: [^self loop: 700]. ^(self recurse: n - 1) + (self loop: 90)',
};

/** Each prints the same however it is run. */
const PROGRAMS = {
  'one hot loop': 'C new loop: 30000',
  'nested loops': '{C new nested: 150. C new triple: 40}',
  'left from within': '{C new early: 120. C new early: 20. C new early: 5}',
  'a loop in a block': '[:n | | s | s := 0. 1 to: n do: [:i | s := s + (i * i \\\\ 11)]. s] value: 20000',
  'a loop around closures': 'C new outer: 600',
  'callees that are left': '{C new sends: 5000. C new collects: 3000}',
  'deep frames that loop': 'C new recurse: 60',
  'non-local return': '(1 to: 40) collect: [:i | C new find: i * 100 in: (1 to: 3500)]',
  'ensure and errors': 'C new guarded: 900',
  exceptions: '{C new catches: 2000. C new resumes: 2000}',
  'this context': 'C new contexts: 3000',
  'no Boolean': "{C new boolean: true. C new boolean: false. [C new boolean: 3] on: NonBooleanReceiver do: [:e | 'none']}",
  'temporaries of changing types': '(1 to: 12) collect: [:k | {C new types: k * 300. C new ends: k * 100}]',
  'process switches': '| r s | r := OrderedCollection new. s := Semaphore new. 1 to: 8 do: [:k | [r add: (C new sends: 2500 + k). s signal] fork]. 8 timesRepeat: [s wait]. r asArray sort',
  'preempted loops': '| s n p | s := Semaphore new. n := 0. p := [[n < 20] whileTrue: [(Delay forMilliseconds: 1) wait. n := n + 1]. s signal] forkAt: Processor activePriority + 1. [n < 20] whileTrue: [C new loop: 500]. s wait. n',
  'replaced while it loops': "| s | s := 0. 1 to: 3000 do: [:i | i = 1500 ifTrue: [C compile: 'constant ^2']. s := s + C new constant]. C compile: 'constant ^1'. s",
  'large integers and floats': '| a b | a := 1. b := 0.5. 1 to: 600 do: [:i | a := a * i. a > (1 bitShift: 200) ifTrue: [a := a \\\\ 1000003]. b := (b * 1.5) fractionPart + i]. {a. b}',
};

test('activations that go on translated answer what interpreted ones do', (t) => {
  comparedPrograms('C', METHODS, PROGRAMS).answerTheSame(t, [
    ['--translate=hot'],
    ['--translate=hot', '--option=break_even=0'],
    ['--translate=hot', '--option=break_even=0', '--option=bail_stress=100', '--option=hot_back_edges=64'],
    ['--translate=always'],
    ['--translate=always', '--option=bail_stress=50'],
    ['--translate=always', '--option=bail_stress=3'],
    ['--translate=always', '--option=bail_stress=1'],
    ['--translate=always', '--option=bail_stress=7', '--option=stack_page_bytes=1500'],
    ['--translate=always', '--option=bail_stress=7', '--option=module_limit=8'],
    ['--translate=always', '--option=bail_stress=20', '--option=heap_check=1'],
  ]);
});

/** Evaluates and answers the statistics. @param {string[]} args */
function stats(...args) {
  const { code, err } = catalyst(['eval', '--stats', '--json', ...args]);
  assert.equal(code, 0, err);
  return JSON.parse(err);
}

test('one activation with a hot loop is translated while it runs', () => {
  for (const program of [
    '| s | s := 0. 1 to: 3000000 do: [:i | s := s + (i \\\\ 7)]. s',
    '| s | s := 0. 1 to: 30 do: [:i | 1 to: 100000 do: [:j | s := s + (i bitXor: j) \\\\ 1000]]. s',
    '[:n | | s | s := 0. 1 to: n do: [:i | s := s + (i \\\\ 7)]. s] value: 3000000',
  ]) {
    const { bytecodes, continuations, continued } = stats('--option=break_even=0', program);
    assert.ok(bytecodes < 1_000_000, `${bytecodes} bytecodes were interpreted: ${program}`);
    assert.ok(continuations >= 1 && continued >= 1, program);
  }
});

test('an activation that was left goes on at once where it stands', () => {
  const { continuations, continued, bytecodes } = stats(
    '--translate=always', '--option=bail_stress=10', '| s | s := 0. 1 to: 30000 do: [:i | s := s + i printString size]. s');
  assert.ok(continued > 1000, `${continued} times`);
  assert.ok(continuations < 1000, `${continuations} made`);
  assert.ok(bytecodes < 1_000_000, `${bytecodes} bytecodes were interpreted`);
});

test('whatever bytecode it begins with, a continuation is a valid module', (t) => {
  const vm = new VM(coreModule(), new NodeHost({ imagePath: defaultImage, args: [], permissions: new NodePermissions({}) }));
  vm.load(fs.readFileSync(defaultImage));
  const methods = catalyst([
    'eval',
    `#(SequenceableCollection OrderedCollection Dictionary WriteStream)
      do: [:name | (Smalltalk at: name) selectors do: [:selector |
        Stdio stdout nextPutAll: name; nextPutAll: '>>'; nextPutAll: selector; nl]]. nil`,
  ]).out.trimEnd().split('\n').slice(0, -1).sort();
  let made = 0, inLoops = 0;
  for (const method of methods) {
    const listing = vm.dumpMethod(method, 'bytecode');
    const loops = / jump (?:if \w+ )?to (\d+)/.test(listing);
    for (const [, pc] of listing.matchAll(/^ *(\d+) /gm)) {
      let hex;
      try {
        hex = vm.dumpMethod(method, `wasm@${pc}`);
      } catch (error) {
        assert.match(/** @type {Error} */ (error).message, / is not translated: .+ \(pc \d+\)$/);
        continue;
      }
      made++;
      if (loops) inLoops++;
      assert.ok(WebAssembly.validate(Buffer.from(hex.replace(/\s/g, ''), 'hex')), `${method} from ${pc} on`);
    }
  }
  t.diagnostic(`${methods.length} methods, ${made} continuations, ${inLoops} of methods with jumps`);
  assert.ok(made > 1000 && inLoops > 500);
});
