/** streams.test.js: standard input and output, source files, arguments, environment and exit codes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { root } from '../../web/node/paths.js';
import { catalyst, temporaryFolder } from './helpers.js';

test('repl: assignments stay, errors do not end it, an open expression goes on, EOF ends it', () => {
  const input = ['x := 3', 'y := x + 4', '(String new: 3) at: 9', 'x * y', '', 'nil foo', 'x + + y', "#(1 2", '3) size', 'it + 1', "'Grüße'", 'last := 99'];
  const { code, out, err } = catalyst(['repl'], { input: input.join('\n') });
  assert.equal(out, ['3', '7', '21', '3', '4', "'Grüße'", '99', ''].join('\n'));
  assert.match(err, /^SubscriptOutOfBounds: [^\n]+\n {2}/);
  assert.match(err, /MessageNotUnderstood: nil does not understand #foo/);
  assert.match(err, /^1:5: error: [^\n]+\nx \+ \+ y\n {4}\^/m);
  assert.equal(code, 0);
});

test('repl: empty input; input that ends within an expression', () => {
  assert.deepEqual(catalyst(['repl']), { code: 0, out: '', err: '' });
  const { code, err } = catalyst(['repl'], { input: '3 +' });
  assert.match(err, /3 \+\n *\^/);
  assert.equal(code, 0);
});

test('repl: a program in it reads the lines that follow', () => {
  const { out } = catalyst(['repl'], { input: "Stdio stdin nextLine size\nfive!\n3 + 4\n" });
  assert.equal(out, '5\n7\n');
});

test('standard input as a whole, of a megabyte', () => {
  const { code, out } = catalyst(['eval', 'Stdio stdin upToEnd size'], { input: 'ä'.repeat(500_000) });
  assert.equal(out, '500000\n');
  assert.equal(code, 0);
});

/** Source files and what running them prints. */
const FILES = {
  'expression.st': [`| who |\nwho := CommandLine current arguments first.\nStdio stdout nextPutAll: 'Hello, ' , who; nl`, 'Hello, Anna\n'],
  'chunks.st': [
    `Object subclass: #Greeter instanceVariableNames: 'who' classVariableNames: '' package: 'Greetings'!

!Greeter methodsFor: 'greeting'!
greet: someone
	who := someone.
	^ 'Hello from chunks, ' , who , '!!'! !

Stdio stdout nextPutAll: (Greeter new greet: CommandLine current arguments first); nl!
`,
    'Hello from chunks, Anna!\n',
  ],
  'Greeter.class.st': [
    `"
I greet.
"
Class {
	#name : #Greeter,
	#superclass : #Object,
	#category : #Greetings
}

{ #category : #initialization }
Greeter class >> initialize [
	Stdio stdout nextPutAll: 'Hello from Tonel, ' , CommandLine current arguments first; nl
]
`,
    'Hello from Tonel, Anna\n',
  ],
};

/** A folder with these files. @param {import('node:test').TestContext} t @param {Record<string, string>} files */
function folderOf(t, files) {
  const folder = temporaryFolder(t);
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text);
  return folder;
}

for (const [name, [source, printed]] of Object.entries(FILES))
  test(`run ${name}`, (t) => {
    const { code, out, err } = catalyst(['run', name, '--', 'Anna'], { cwd: folderOf(t, { [name]: source }) });
    assert.equal(err, '');
    assert.equal(out, printed);
    assert.equal(code, 0);
  });

test('run several files, which see each other', (t) => {
  const folder = folderOf(t, {
    'Greeter.class.st': FILES['Greeter.class.st'][0],
    'use.st': 'Stdio stdout nextPutAll: Greeter new class comment; nl',
  });
  assert.equal(catalyst(['run', 'Greeter.class.st', 'use.st', '--', 'Bo'], { cwd: folder }).out, 'Hello from Tonel, Bo\nI greet.\n');
});

test('arguments and exit code', (t) => {
  const folder = folderOf(t, { 'a.st': 'Stdio stdout nextPutAll: CommandLine current arguments printString; nl.\nSmalltalk quit: 7' });
  const { code, out, err } = catalyst(['run', 'a.st', '--', '', 'two words', '--stats', 'Ωμέγα', '--'], { cwd: folder });
  assert.equal(out, "#('' 'two words' '--stats' 'Ωμέγα' '--')\n");
  assert.equal(err, '');
  assert.equal(code, 7);
});

test('quitting unwinds and flushes', () => {
  const { code, out } = catalyst(['eval', "[Stdio stdout nextPutAll: 'half a line'. Smalltalk quit: 3] ensure: [Stdio stdout nextPutAll: ', ended']"]);
  assert.equal(out, 'half a line, ended');
  assert.equal(code, 3);
});

test('environment', () => {
  process.env.CATALYST_TEST_VALUE = 'grün = 1';
  const { out } = catalyst(['eval', "OSEnvironment current at: 'CATALYST_TEST_VALUE' ifAbsent: [nil]"]);
  delete process.env.CATALYST_TEST_VALUE;
  assert.equal(out, "'grün = 1'\n");
  assert.equal(catalyst(['eval', "OSEnvironment current at: 'CATALYST_TEST_NONE' ifAbsent: ['none']"]).out, "'none'\n");
});

test('errors in a file give file, line, column, the line and a caret', (t) => {
  const folder = folderOf(t, { 'bad.st': '3 + 4.\n\nfoo := 5 +.\n', 'error.st': '\n1 / 0' });
  const syntax = catalyst(['run', 'bad.st'], { cwd: folder });
  assert.equal(syntax.code, 1);
  assert.match(syntax.err, /^bad\.st:3:11: error: [^\n]+\nfoo := 5 \+\.\n {10}\^/);
  const error = catalyst(['run', 'error.st'], { cwd: folder });
  assert.equal(error.code, 1);
  assert.match(error.err, /^ZeroDivide/);
  const missing = catalyst(['run', 'missing.st'], { cwd: folder });
  assert.equal(missing.code, 3);
  assert.match(missing.err, /^missing\.st: no such file\n$/);
});

test('a megabyte of output arrives whole', () => {
  const { code, out } = catalyst(['eval', "20000 timesRepeat: [Stdio stdout nextPutAll: '0123456789012345678901234567890123456789012345678'; nl]. nil"]);
  assert.equal(out.length, 1_000_000 + 'nil\n'.length);
  assert.equal(code, 0);
});

/** Closes the pipe after the first bytes. @param {string} expression */
function closeEarly(expression) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--no-warnings', path.join(root, 'web/node/cli.js'), 'eval', expression]);
    let err = '';
    child.stderr.on('data', (data) => (err += data));
    child.stdout.once('data', () => child.stdout.destroy());
    child.on('close', (code, signal) => resolve({ code, signal, err }));
  });
}

for (const expression of ['String new: 1000000 withAll: $x', "[Stdio stdout nextPutAll: 'abcdefg'; nl] repeat"])
  test(`a reader that stops early ends the program without a word: ${expression}`, async () => {
    assert.deepEqual(await closeEarly(expression), { code: 0, signal: null, err: '' });
  });
