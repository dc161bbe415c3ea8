/** eval.test.js: the default image from the command line. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { catalyst } from './helpers.js';

/** Expression and what is printed. */
const ANSWERS = [
  ['3 + 4', '7'],
  ['100 factorial printString size', '158'],
  ['(1/3) + (2/3)', '1'],
  ['0.1 + 0.2', '0.30000000000000004'],
  ['26 benchFib', '392835'],
  ['1 benchmark', '1028'],
  ['(SmallInteger maxVal + 1) class', 'LargePositiveInteger'],
  ['[1/0] on: ZeroDivide do: [:e | e return: 42]', '42'],
  ['#(3 1 2) asSortedCollection asArray', '#(1 2 3)'],
  ["'Grüße' size", '5'],
];

for (const mode of [['--no-translate'], ['--translate=always']])
  for (const [expression, answer] of ANSWERS)
    test(`eval ${mode} ${expression}`, () => {
      const { code, out, err } = catalyst(['eval', ...mode, expression]);
      assert.equal(err, '');
      assert.equal(out, answer + '\n');
      assert.equal(code, 0);
    });

test('an unhandled error has a Smalltalk stack trace and exit code 1', () => {
  const { code, out, err } = catalyst(['eval', '(String new: 3) at: 4']);
  assert.equal(code, 1);
  assert.equal(out, '');
  assert.match(err, /SubscriptOutOfBounds|out of bounds/i);
  assert.match(err, /String.*>>.*at:/);
});

test('a syntax error has line, column and caret and exit code 1', () => {
  const { code, err } = catalyst(['eval', '3 +']);
  assert.equal(code, 1);
  assert.match(err, /1:\d/);
  assert.match(err, /\n *3 \+\n *\^/);
});

test('deep recursion answers', () => {
  const { code, out } = catalyst([
    'eval',
    '| b | b := nil. b := [:n | n = 0 ifTrue: [0] ifFalse: [1 + (b value: n - 1)]]. b value: 1000000',
  ]);
  assert.equal(out, '1000000\n');
  assert.equal(code, 0);
});

test('endless recursion ends in a clear error within the memory limit', () => {
  const { code, err } = catalyst(['eval', '--memory=128M', '| b | b := nil. b := [:n | (b value: n + 1) + 1]. b value: 1']);
  assert.equal(code, 1);
  assert.match(err, /memory/i);
});

test('a program that waits for what cannot come says so', () => {
  const { code, err } = catalyst(['eval', 'Semaphore new wait']);
  assert.equal(code, 1);
  assert.match(err, /waits for ever/);
});
