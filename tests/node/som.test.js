/** som.test.js: programs in the SOM dialect. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { catalyst, temporaryFolder } from './helpers.js';

/** Writes classes `name: source` and runs the first. @param {import('node:test').TestContext} t
 * @param {Record<string, string>} classes @param {string[]} [args] @param {string[]} [options] */
function runSom(t, classes, args = [], options = []) {
  const folder = temporaryFolder(t);
  for (const [name, source] of Object.entries(classes)) fs.writeFileSync(path.join(folder, `${name}.som`), source);
  return catalyst(['run', ...options, '--som', '-cp', folder, Object.keys(classes)[0], ...args]);
}

/** What a method body, `run` of a class Main, prints. */
const PRINTS = [
  ['hello', "'Hello, World!' println", 'Hello, World!\n'],
  ['arithmetic', "(7 / 2) println. (7 // 2) println. (-7 % 3) println. (1 << 40) println. (2 + 3 * 4) println", '3\n3.5\n2\n1099511627776\n20\n'],
  ['signs', '(3 - -1) println. (3-1) println. -4 abs println', '4\n2\n4\n'],
  ['doubles', '2.5 println. (1.0 + 2) println. 4.0 sqrt println', '2.5\n3.0\n2.0\n'],
  ['doubles divided', '(1.0 // 0) println. (-1 // 0.0) println. (-3.0 % 2.0) println', 'Infinity\n-Infinity\n-1.0\n'],
  ['strings', "('a\\tb' length) println. ('foo' + 'bar' + 3) println. ('it\\'s' charAt: 3) println", "3\nfoobar3\n'\n"],
  ['more strings', "('a,b' split: ',') do: [:e | e println]. ('foobar' substringFrom: 2 to: 3) println. ('12' asInteger + 1) println", 'a\nb\noo\n13\n'],
  ['symbols', "#foo println. #at:put: println. #+ println. ('foo' = #foo) println", '#foo\n#at:put:\n#+\ntrue\n'],
  ['literal arrays', "#(1 -2 #three 'four' #(5.0)) do: [:e | e println]", "1\n-2\n#three\nfour\ninstance of Array\n"],
  ['arrays', '| a | a := Array new: 3. a at: 1 put: 5. a doIndexes: [:i | a at: i put: i * i]. a sum println. a length println. (a contains: 9) println', '14\n3\ntrue\n'],
  ['vectors', '| v | v := Vector new: 1. 1 to: 5 do: [:i | v append: i]. v remove println. v removeFirst println. v size println. (v at: 1) println', '5\n1\n3\n2\n'],
  ['hashtable', "| h | h := Hashtable new. 1 to: 50 do: [:i | h at: i asString put: i]. (h get: '17') println. (h get: 'x') println. h size println", '17\nnil\n50\n'],
  ['dictionary and set', '| d s | d := Dictionary new. d at: #a put: 1. d at: #a put: 2. (d at: #a) println. s := Set new. s add: 3. s add: 3. s size println', '2\n1\n'],
  ['blocks', '| n | n := 0. [n < 3] whileTrue: [n := n + 1]. n println. ([:a :b | a - b] value: 5 with: 3) println. [] value println', '3\n2\nnil\n'],
  ['conditions', "(true && [false]) println. (3 > 2 ifTrue: 'yes' ifFalse: 'no') println. (nil ifNil: [1]) println. (3 <> 4) println", 'false\nyes\n1\ntrue\n'],
  ['loops', '5 downTo: 3 do: [:i | i print]. 1 to: 7 by: 3 do: [:i | i print]. 2 timesRepeat: [9 print]. \'\' println', '54314799\n'],
  ['reflection', '23 class println. Object class name println. (3 respondsTo: #foo) println. (3 perform: #between:and: withArguments: (Array with: 1 with: 5)) println', 'Integer\n#Object class\nfalse\ntrue\n'],
  ['globals', "(system hasGlobal: #Foo) println. system global: #Foo put: 42. Foo println. (system global: #Foo) println", 'false\n42\n42\n'],
  ['not understood', 'self frobnicate: 3', '\nERROR: Method frobnicate: not found in class Main\n'],
];

for (const [name, body, expected] of PRINTS)
  for (const mode of ['--no-translate', '--translate=always'])
    test(`som ${mode}: ${name}`, (t) => {
      const { out, err, code } = runSom(t, { Main: `Main = ( run = ( ${body} ) )` }, [], [mode]);
      assert.equal(err, '');
      assert.equal(out, expected);
      assert.equal(code, name === 'not understood' ? 1 : 0);
    });

const PROGRAM = {
  Main: `"classes of its own"
Main = (
  | escaped |
  run: args = (
    args do: [:each | each println].
    (self find: 4 in: #(1 9 4 7)) println.
    (self find: 5 in: #(1 9 4 7)) println.
    (Square side: 3) describe.
    (Square side: 4) describe.
    Shape count println.
    Square count println.
    self escape value println.
    (self clamp: 12) println.
    self nowhere println.
    (self foo: 1 bar: 2) println.
    (Thing / 3) println
  )
  find: x in: array = ( array doIndexes: [:i | (array at: i) = x ifTrue: [ ^ i ] ]. ^ 'none' )
  escape = ( ^ [ ^ 1 ] )
  escapedBlock: block = ( ^ 'escaped' )
  clamp: x = ( | limit | limit := 10. x > limit ifTrue: [ x := limit ]. ^ [ :y | | z | z := 1. y := y - z. y + 1 ] value: x )
  nowhere = ( ^ Nowhere )
  unknownGlobal: name = ( name = #Thing ifTrue: [ ^ 12 ]. ^ 'no ' + name )
  doesNotUnderstand: selector arguments: arguments = ( ^ selector asString + arguments length )
)`,
  Shape: `Shape = (
  | name |
  name: aName = ( name := aName )
  area = ( ^ self subclassResponsibility )
  describe = ( (name + ' of area ' + self area) println )
  ----
  | count |
  count = ( ^ count isNil ifTrue: [0] ifFalse: [count] )
  named: aName = ( count := self count + 1. ^ self new name: aName )
)`,
  Square: `Square = Shape (
  | side |
  side: n = ( side := n )
  area = ( ^ side * side )
  describe = ( '* ' print. super describe )
  ---------------
  side: n = ( ^ (super named: 'square') side: n )
)`,
};

test('som: arguments, classes, super, class-side fields, ^ from a block, escaped blocks, unknown globals', (t) => {
  const { out, err, code } = runSom(t, PROGRAM, ['one', '--two']);
  assert.equal(err, '');
  assert.equal(
    out,
    'Main\none\n--two\n3\nnone\n* square of area 9\n* square of area 16\n0\n2\nescaped\n10\nno Nowhere\nfoo:bar:2\n4\n',
  );
  assert.equal(code, 0);
});

/** @type {[string, RegExp][]} source of a class and what is said about it */
const ERRORS = [
  ['( run = ( ^ 3 + ) )', /Main\.som:1:24/],
  ['(\n  run = ( (1 + 2 )\n)', /Main\.som:3:2|Main\.som:4:|ends here/],
  ["( run = ( 'open ) )", /Main\.som:1:18.*closing quote/],
  ["( run = ( 'a\\qb' println ) )", /Main\.som:1:20.*escape/],
  ['(\n run = (\n  nosuch := 3 ) )', /Main\.som:3:\d+.*undeclared variable nosuch/],
  ['Missing ( run = ( ) )', /Main\.som:1:1.*superclass Missing/],
];

for (const [source, message] of ERRORS)
  test(`som: an error has file, line and column: ${source}`, (t) => {
    const { err, code } = runSom(t, { Main: `Main = ${source}` });
    assert.equal(code, 1);
    assert.match(err, message);
  });

test('som: no class, no name, an exit code', (t) => {
  const missing = catalyst(['run', '--som', 'NoSuchClass']);
  assert.equal(missing.code, 1);
  assert.match(missing.err, /NoSuchClass/);
  assert.equal(catalyst(['run', '--som']).code, 2);
  const exit = runSom(t, { Main: 'Main = ( run = ( system exit: 7 ) )' });
  assert.equal(exit.code, 7);
});

test('som: what the image knows is undisturbed by the dialect', () => {
  const { out } = catalyst(['eval', "[3 frobnicate] on: MessageNotUnderstood do: [:e | (7 // 2) printString , (Smalltalk includesKey: #Vector) printString]"]);
  assert.equal(out, "'3false'\n");
});

test('som: the example, by its path', () => {
  assert.equal(catalyst(['run', '--som', 'examples/som/Hello.som']).out, 'Hello, World!\n');
});
