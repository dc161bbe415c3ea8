/**
 * operations.js: every operation that translated code has inlined or a bytecode of its own for, with every operand of
 * a table, in methods compiled for it. Each prints a digest of its results, of what it signals, of the messages that a
 * recorder in the operands' place got, and of all that the operands refer to afterwards.
 */
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../../web/node/paths.js';
import { GROUPS } from './modes.js';
import { Text, difference, fileOf } from './runner.js';

const NUMBERS = [
  '0', '1', '-1', '2', '7', '-7', '31', '-31', '32', 'SmallInteger maxVal', 'SmallInteger minVal', 'SmallInteger maxVal - 1', 'SmallInteger minVal + 1',
  'SmallInteger maxVal + 1', 'SmallInteger minVal - 1', '32768', '-32768', '4294967295', '4294967296', '-4294967296', '9007199254740993', '18446744073709551616',
  '(1 bitShift: 100)', '0.0', '-0.0', '1.0', '1.5', '-2.5', '1.0e308', '5.0e-324', '1073741823.0', '1073741824.0', '-1073741825.0', '9007199254740992.0',
  'Float nan', 'Float infinity', 'Float negativeInfinity', '1/2', '-7/3',
];
/** Some of them, for what is done in many ways. */
const LIMITS = ['0', '1', '-7', '32', 'SmallInteger maxVal', 'SmallInteger minVal', 'SmallInteger maxVal + 1', '4294967296', '-0.0', '1.5', '1073741824.0', 'Float nan', '1/2', 'nil', 'OpRecorder basicNew'];
/** No CompiledMethod: its bytes tell where its literals lie, which differs from mode to mode. */
const OBJECTS = [
  'nil', 'true', 'false', '$a', '(Character value: 0)', '(Character value: 300)', "'abc' copy", "'' copy", "(String with: $a with: (Character value: 300))", '#sym',
  '#(1 2 3) copy', 'Array new', '#[1 2 250] copy', '(WordArray with: 1 with: 4294967295)', '(FloatArray new: 2)', '(OrderedCollection withAll: #(1 2))', '(1 to: 4)',
  "(Op readOnly: 'abc' copy)", '(Op readOnly: #(1 2 3) copy)', '(Op readOnly: #[1 2 3] copy)', '(WeakArray with: 1 with: nil)', '[:x | x]', '[3]',
  'thisContext', 'Object', 'Object new', '(OpVariable new: 2)', '(Op readOnly: (OpVariable new: 2))', '(1 -> 2)', '(Set with: 3)', 'OpRecorder basicNew',
  "(ReadStream on: #(1 2))", '((Op readOnly: Association new))', '((Op readOnly: 1.5 copy))', '(Message selector: #foo arguments: #(1))',
];
const OPERANDS = [...NUMBERS, ...OBJECTS];
const INDICES = ['0', '1', '2', '3', '4', '-1', 'SmallInteger maxVal', 'SmallInteger minVal', '4294967297', '1.0', '1/2', 'nil', '$a', '#sym', 'OpRecorder basicNew'];
const VALUES = ['0', '255', '256', '-1', 'SmallInteger maxVal', '4294967295', '4294967296', '1.5', '$z', '(Character value: 255)', '(Character value: 300)', 'nil', "'x' copy", 'OpRecorder basicNew'];

const BINARY = ['+', '-', '*', '/', '//', '\\\\', '<', '>', '<=', '>=', '=', '~=', '==', '~~', 'bitAnd:', 'bitOr:', 'bitXor:', 'bitShift:', '<<', '>>', 'quo:', 'rem:', 'min:', 'max:', '@', 'at:', 'value:', 'instVarAt:', ',', '->'];
/** Their results would not fit into memory: a string times a number is the string repeated. */
const SHIFTING = new Set(['bitShift:', '<<', '>>', '*']);
const TOO_FAR = new Set(['32768', '-32768', '1073741823', '-1073741824', ...NUMBERS.filter((each) => /SmallInteger|\d{10}|bitShift|e308|1073741/.test(each))]);
const COMPARING = new Set(['<', '>', '<=', '>=', '=', '~=', '==', '~~']);
const UNARY = [
  'size', 'class', 'value', 'isNil', 'notNil', 'not', 'next', 'atEnd', 'x', 'y', 'new', 'basicSize', 'negated', 'abs', 'asFloat', 'truncated', 'rounded', 'sqrt',
  'fractionPart', 'asInteger', 'hash', 'isString', 'isSymbol', 'isNumber', 'yourself', 'copy', 'shallowCopy', 'asCharacter', 'first', 'last', 'isReadOnlyObject',
];

/** @typedef {{name: string, definition: string, rows: string[][]}} Operation  each row: texts of the operands */

/** Bodies of a method with arguments a and b and a call site in this and that surroundings. @param {string} op @returns {[string, string][]} */
function bodies(op) {
  /** @type {[string, string][]} */
  const forms = [
    ['plain', `^ a ${op} b`],
    ['in a loop', `| r s | s := 0. 1 to: 3 do: [:i | r := a ${op} b. s := s + i]. ^ {r. s. a. b}`],
    ['of fields', `x := a. y := b. x := x ${op} y. ^ {x. y}`],
    ['of outer variables', `| r | r := a. #(1 2) do: [:each | r := r ${op} b]. ^ r`],
    ['dropped', `a ${op} b. ^ a`],
    ['twice', `^ (a ${op} b) ${op} (b ${op} a)`],
  ];
  if (COMPARING.has(op) || op === 'at:' || op === '+')
    forms.push(
      ['as a condition', `^ (a ${op} b) ifTrue: [1] ifFalse: [2]`],
      ['as a condition without else', `(a ${op} b) ifFalse: [^ 3]. ^ 4`],
      ['as a loop condition', `| n | n := 0. [(a ${op} b) and: [n < 3]] whileTrue: [n := n + 1]. ^ n`],
    );
  return forms;
}

/** With one operand known to the compiler. @param {string} op @param {(list: string[]) => string[]} bounded @returns {[string, string][]} */
const halves = (op, bounded) =>
  bounded(['0', '1', '-1', '2', '31', 'SmallInteger maxVal', '1073741823', '-1073741824', '1.5', '-0.0', 'nil', '$a', '#sym']).flatMap((known) => [
    /** @type {[string, string]} */ ([`to ${known}`, `^ a ${op} ${known}`]),
    /** @type {[string, string]} */ ([`of ${known}`, `^ ${known} ${op} a`]),
  ]);

/** @param {string[][]} lists @returns {string[][]} every choice of one from each */
const product = (...lists) => lists.reduce((rows, list) => rows.flatMap((row) => list.map((each) => [...row, each])), /** @type {string[][]} */ ([[]]));

/** @returns {Operation[]} */
export function operations() {
  /** @type {Operation[]} */
  const all = [];
  const add = (/** @type {string} */ name, /** @type {string} */ pattern, /** @type {string} */ body, /** @type {string[][]} */ rows) =>
    all.push({ name, definition: `op${all.length}${pattern}\n\t${body}`, rows });
  for (const op of BINARY) {
    const bounded = (/** @type {string[]} */ list) => list.filter((each) => !SHIFTING.has(op) || !TOO_FAR.has(each));
    for (const [form, body] of bodies(op)) {
      // Shifted the other way round, in `twice`, both are bounded.
      add(`${op} ${form}, numbers`, ': a with: b', body, form === 'plain' ? product(NUMBERS, op === '*' ? NUMBERS : bounded(NUMBERS)) : product(bounded(LIMITS), bounded(LIMITS)));
      add(`${op} ${form}, objects`, ': a with: b', body, product(OBJECTS, form === 'plain' ? LIMITS.filter((each) => !TOO_FAR.has(each)) : ['1', 'nil']));
      add(`${op} ${form}, with objects`, ': a with: b', body, product(['7', '1.5', "'abc' copy", 'OpRecorder basicNew'], OBJECTS));
    }
    for (const [form, body] of halves(op, bounded)) add(`${op} ${form}`, ': a', body, product(bounded(OPERANDS)));
  }
  for (const op of UNARY) {
    add(op, ': a', `^ a ${op}`, product(OPERANDS));
    add(`${op} in a loop`, ': a', `| r | 1 to: 3 do: [:i | r := a ${op}]. ^ r`, product(OPERANDS));
  }
  add('at:put:', ': a at: b put: c', '^ a at: b put: c', product(OBJECTS, INDICES, VALUES));
  add('at:put: dropped', ': a at: b put: c', 'a at: b put: c. ^ a at: b', product(OBJECTS, INDICES, VALUES));
  add('at:put: in a loop', ': a with: b', '1 to: 3 do: [:i | a at: i put: b]. ^ a', product(OBJECTS, VALUES));
  add('at: in a loop', ': a', '| s | s := OrderedCollection new. 1 to: a size do: [:i | s add: (a at: i)]. ^ s', product(OBJECTS));
  for (const [name, text] of [['and:', '^ a and: [b]'], ['or:', '^ a or: [b]'], ['ifTrue:', '^ a ifTrue: [b]'], ['ifFalse:', '^ a ifFalse: [b]'], ['ifTrue:ifFalse:', '^ a ifTrue: [b] ifFalse: [3]'], ['ifNil:', '^ a ifNil: [b]'], ['ifNotNil:', '^ a ifNotNil: [:it | {it. b}]'], ['not', '^ a not == b']])
    add(`${name} inlined`, ': a with: b', text, product(OPERANDS, ['1', 'nil', 'true']));
  add('whileTrue:', ': a', '| n | n := 0. [n < 3 ifTrue: [a] ifFalse: [false]] whileTrue: [n := n + 1]. ^ n', product(OPERANDS));
  add('to:do:', ': a with: b', '| n | n := 0. a to: b do: [:i | (n := n + 1) > 4 ifTrue: [^ {i. n}]]. ^ n', product(LIMITS, OPERANDS));
  add('to:by:do:', ': a with: b', '| n | n := 0. a to: b by: -3 do: [:i | (n := n + 1) > 4 ifTrue: [^ {i. n}]]. ^ n', product(LIMITS, NUMBERS));
  add('timesRepeat:', ': a', '| n | n := 0. a timesRepeat: [(n := n + 1) > 4 ifTrue: [^ n]]. ^ n', product(OPERANDS));
  add('a field of a receiver that may be immutable', ': a', 'x := a. ^ x', product(OPERANDS));
  add('fields in turn', ': a with: b', 'x := a. y := b. x := y. y := x. ^ {x. y}', product(OPERANDS, ['1', 'nil']));
  add('an array', ': a with: b', '^ {a. b. {b. a}}', product(OPERANDS, ['1', 'nil']));
  add('a block', ': a with: b', '| r t | r := [:p | t := p. {a. p. b}]. ^ {r value: b. t. r value: a. r numArgs}', product(OPERANDS, ['1', 'nil']));
  add('values of a block', ': a with: b', '^ {[:p | p] value: a. [:p :q | {q. p}] value: a value: b. [b] value}', product(OPERANDS, ['1', 'nil']));
  add('return from a block', ': a with: b', '[:p | p == b ifTrue: [^ 1]. p] value: a. ^ [^ a] ensure: [x := a]', product(OPERANDS, ['1', 'nil']));
  add('perform:', ': a with: b', '^ {a perform: #yourself. a perform: #= with: b. a perform: b}', product(OPERANDS, ['#class', '#size', '#value', '#foo', '3', 'nil', "'class'"]));
  add('super', ': a with: b', '^ {super = a. super yourself == self. super foo: b}', product(OPERANDS, ['1']));
  return all;
}

/** A chunk file that runs operations, with every result if they are traced. @param {Operation[]} all @param {boolean} [traced] */
export function textOfOperations(all, traced = false) {
  const names = new Map(OPERANDS.concat(INDICES, VALUES, '#class', '#size', '#value', '#foo', "'class'").map((text, i) => [text, i]));
  const parameters = ['a', 'b', 'c'];
  /** The operands of a row are made anew for each. @param {Operation} operation @param {number} n */
  const run = ({ name, definition, rows }, n) => {
    const lists = rows[0].map((_, i) => [...new Set(rows.map((row) => row[i]))]);
    const selector = /** @type {RegExpExecArray} */ (/^op\d+:( \w+ \w+:( \w+ \w+:)?)?/.exec(definition))[0].replace(/ \w+ /g, ' ').split(' ');
    const used = parameters.slice(0, lists.length);
    const call = selector.map((part, i) => `${part} ${used[i]}`).join(' ');
    const label = `'${name.replaceAll("'", "''")}'`;
    let body = `Op try: [receiver ${call}] with: {receiver. ${used.join('. ')}}`;
    body = `${used.map((each) => `${each} := each${each} value`).join('. ')}. receiver := OpReceiver new.${/immutable/.test(name) ? ' a class == SmallInteger ifFalse: [receiver beReadOnlyObject].' : ''} ${body}`;
    for (let i = lists.length - 1; i >= 0; i--) body = `(self operands: #(${lists[i].map((each) => names.get(each)).join(' ')})) do: [:each${used[i]} | ${body}]`;
    return `!Op class methodsFor: 'running'!\nrun${n}\n\t| receiver ${used.join(' ')} |\n\tself name: ${label}.\n\t${body}.\n\tself end: ${label}! !\n`;
  };
  const table = [...names].map(([text, i]) => `!Op class methodsFor: 'operands'!\noperand${i}\n\t^ ${text}! !\n`).join('');
  return fileOf(
    [
      fs.readFileSync(path.join(root, 'tests/random/operations.st'), 'utf8'),
      table,
      all.map(({ definition }) => `!OpReceiver methodsFor: 'operations'!\n${definition}! !\n`).join(''),
      all.map(run).join(''),
    ],
    [traced ? 'Op tracing!\n' : '', ...all.map((_, n) => `Op run${n}!\n`)],
  );
}

/**
 * Runs them in every mode of the first group.
 * @param {Operation[]} all @param {(text: string) => void} say @returns {Promise<{runs: number, failed: number}>}
 */
export async function runOperations(all, say) {
  const [reference, ...modes] = GROUPS[0].modes;
  const text = new Text(textOfOperations(all));
  const expected = await text.run(reference, 1, 600);
  if (expected === null || expected.size !== all.length) throw new Error(`the operations do not run: ${text.error} ${[...(expected?.values() ?? [])].at(-1)}`);
  let failed = 0;
  for (const mode of modes) {
    const found = await text.run(mode, 1, 600);
    for (const [name, wanted] of expected) {
      if (found?.get(name) === wanted) continue;
      failed++;
      const one = new Text(textOfOperations(all.filter((each) => each.name === name), true));
      const [good, bad] = [await one.run(reference, 1, 600), await one.run(mode, 1, 600)];
      say(`${name}, ${mode.name}:\n${difference(good?.get(name) ?? '', bad?.get(name) ?? found?.get(name) ?? '(nothing)')}`);
    }
  }
  return { runs: all.length * (1 + modes.length), failed };
}
