/** expressions.js: random expressions of a wanted kind. Kinds are soft: now and then another kind comes, and is an error. */
import { node } from './tree.js';

/** @typedef {import('./tree.js').Node} Node @typedef {import('./random.js').Random} Random */

/** @typedef {{name: string, kind: string, fixed?: boolean}} Variable */

/**
 * Where an expression stands.
 * @typedef {object} Scope
 * @property {Variable[]} variables
 * @property {string[]} temporaries  of the method; those that statements add as they need them
 * @property {Names} names
 * @property {boolean} returns       ^ may be used
 * @property {number} nesting
 * @property {number} level          calls go mostly to methods with higher numbers, so that they end
 */

/** What a program's parts are called. @typedef {{prefix: string, classes: string[], count: number, extra: number}} Names */

const INTEGERS = [
  '0', '1', '2', '3', '5', '7', '10', '31', '32', '100', '255', '256', '65535', '65536', '536870911', '536870912', '1073741822', '1073741823',
  '1073741824', '2147483647', '2147483648', '4294967295', '4294967296', '9007199254740991', '9007199254740993', '18446744073709551615',
  '18446744073709551616', '1000000000000000000000', '-1', '-2', '-3', '-7', '-256', '-1073741823', '-1073741824', '-1073741825', '-2147483648',
  '-2147483649', '-4294967296', '-9007199254740993', '-18446744073709551616', 'SmallInteger maxVal', 'SmallInteger minVal',
];
const SMALL = ['0', '1', '2', '3', '4', '5', '7', '-1', '-2', '-5'];
const FLOATS = [
  '0.0', '-0.0', '1.0', '1.5', '-2.5', '0.1', '3.0', '1.0e10', '1.0e100', '1.0e308', '-1.0e308', '5.0e-324', '1073741823.0', '1073741824.0', '-1073741825.0',
  '4.5e15', '9007199254740993.0', 'Float nan', 'Float infinity', 'Float negativeInfinity', 'Float pi', '2147483648.5', '1.0e19',
];
const ARITHMETIC = ['+', '-', '*', '+', '-', '*', '//', '\\\\', 'quo:', 'rem:', 'bitAnd:', 'bitOr:', 'bitXor:', 'min:', 'max:', 'gcd:'];
const COMPARISONS = ['<', '>', '<=', '>=', '=', '~=', '<', '=', '=='];
const GROWING = new Set(['*', '+', '-', '/', ',']);

export class Expressions {
  /** @param {Random} random */
  constructor(random) {
    this.random = random;
  }

  /** @param {Scope} scope @param {string} kind @param {number} depth @returns {Node} */
  of(scope, kind, depth) {
    if (this.random.chance(0.008)) kind = this.random.of(['int', 'num', 'bool', 'str', 'arr', 'obj', 'any', 'block', 'dict', 'set']);
    switch (kind) {
      case 'int': return this.integer(scope, depth);
      case 'num': return this.number(scope, depth);
      case 'bool': return this.boolean(scope, depth);
      case 'str': return this.string(scope, depth);
      case 'char': return this.character(scope, depth);
      case 'arr': return this.collection(scope, depth);
      case 'obj': return this.object(scope, depth);
      case 'block': return this.block(scope, depth);
      case 'dict': return this.dictionary(scope, depth);
      case 'set': return this.set(scope, depth);
      default: return this.any(scope, depth);
    }
  }

  /** A value that may be kept: its size is bounded. @param {Scope} scope @param {string} kind @param {number} depth */
  bounded(scope, kind, depth) {
    const value = this.of(scope, kind, depth);
    return value.risky ? { ...node(kind)`(Rt clip: ${value})`, risky: false } : value;
  }

  /** @param {Scope} scope @param {string} kind @returns {Node | null} */
  variable(scope, kind) {
    const known = scope.variables.filter((each) => each.kind === kind);
    return known.length > 0 ? node(kind)`${this.random.of(known).name}` : null;
  }

  /** @param {Scope} scope @param {string} kind @param {string[]} literals */
  leaf(scope, kind, literals) {
    return (this.random.chance(0.7) && this.variable(scope, kind)) || node(kind)`${this.random.of(literals)}`;
  }

  /** @param {Node} value @returns {Node} */
  risky(value) {
    return { ...value, risky: true };
  }

  /** @param {Scope} scope @param {number} depth @returns {Node} */
  integer(scope, depth) {
    const { random } = this;
    if (depth <= 0) return this.leaf(scope, 'int', random.chance(0.5) ? SMALL : INTEGERS);
    const i = () => this.of(scope, 'int', depth - 1);
    return random.weighted([
      [6, () => this.leaf(scope, 'int', random.chance(0.5) ? SMALL : INTEGERS)],
      [14, () => {
        const operator = random.of(ARITHMETIC);
        const value = node('int')`(${i()} ${operator} ${i()})`;
        return GROWING.has(operator) ? this.risky(value) : value;
      }],
      [2, () => this.risky(node('int')`(${i()} bitShift: ${random.between(-35, 35)})`)],
      [1, () => this.risky(node('int')`(${i()} ${random.of(['<<', '>>'])} ${random.below(33)})`)],
      [2, () => this.risky(node('int')`(${i()} ${random.of(['negated', 'abs', 'bitInvert', 'squared', 'sign', 'asInteger', 'bitLength'])})`)],
      [1, () => node('int')`(${this.of(scope, 'num', depth - 1)} ${random.of(['truncated', 'rounded', 'floor', 'ceiling'])})`],
      [2, () => node('int')`(${this.boolean(scope, depth - 1)} ifTrue: [${i()}] ifFalse: [${i()}])`],
      [2, () => node('int')`(${this.of(scope, 'arr', 0)} size)`],
      [2, () => node('int')`(${this.character(scope, depth - 1)} asInteger)`],
      [2, () => node('int')`(${this.string(scope, 0)} size)`],
      [1, () => node('int')`(${this.of(scope, random.of(['dict', 'set']), 0)} size)`],
      [5, () => this.send(scope, 'int', depth)],
      [1, () => node('int')`([${i()}] value)`],
      [2, () => node('int')`([:${this.fresh(scope)} | ${i()}] value: ${this.bounded(scope, 'any', depth - 1)})`],
      [2, () => this.folding(scope, depth)],
      [1, () => node('int')`([${i()}] ensure: [Rt log: ${i()}])`],
      [1, () => node('int')`([${i()}] on: ${this.exceptionClass()} do: [:${this.fresh(scope)} | ${i()}])`],
      [1, () => node('int')`(${this.of(scope, 'any', depth - 1)} ifNil: [${i()}] ifNotNil: [:${this.fresh(scope)} | ${i()}])`],
    ])();
  }

  /** A loop in an expression. @param {Scope} scope @param {number} depth @returns {Node} */
  folding(scope, depth) {
    const [sum, each] = [this.fresh(scope), this.fresh(scope)];
    const inside = this.with(scope, { name: sum, kind: 'int', fixed: true }, { name: each, kind: 'any', fixed: true });
    return node('int')`(${this.collection(scope, 0)} inject: ${this.integer(scope, 0)} into: [:${sum} :${each} | ${this.bounded(inside, 'int', depth - 1)}])`;
  }

  /** @param {Scope} scope @param {number} depth @returns {Node} */
  number(scope, depth) {
    const { random } = this;
    if (depth <= 0) return this.leaf(scope, 'num', FLOATS);
    const x = () => this.of(scope, random.chance(0.7) ? 'num' : 'int', depth - 1);
    return random.weighted([
      [3, () => this.leaf(scope, 'num', FLOATS)],
      [8, () => this.risky(node('num')`(${x()} ${random.of(['+', '-', '*', '/'])} ${x()})`)],
      [1, () => this.risky(node('num')`(${x()} ${random.of(['//', '\\\\', 'quo:', 'rem:', 'max:', 'min:'])} ${x()})`)],
      [2, () => this.risky(node('num')`(${x()} ${random.of(['negated', 'abs', 'sqrt', 'asFloat', 'fractionPart', 'reciprocal', 'asInteger', 'squared', 'sin', 'exp'])})`)],
      [2, () => this.risky(node('num')`(${this.of(scope, 'int', depth - 1)} / ${this.of(scope, 'int', depth - 1)})`)],
      [2, () => this.send(scope, 'num', depth)],
      [1, () => node('num')`(${this.boolean(scope, depth - 1)} ifTrue: [${x()}] ifFalse: [${x()}])`],
    ])();
  }

  /** @param {Scope} scope @param {number} depth @returns {Node} */
  boolean(scope, depth) {
    const { random } = this;
    if (depth <= 0) return this.leaf(scope, 'bool', ['true', 'false']);
    const b = () => this.of(scope, 'bool', depth - 1);
    const i = () => this.of(scope, random.chance(0.85) ? 'int' : 'num', depth - 1);
    return random.weighted([
      [1, () => this.leaf(scope, 'bool', ['true', 'false'])],
      [10, () => node('bool')`(${i()} ${random.of(COMPARISONS)} ${i()})`],
      [2, () => node('bool')`(${b()} ${random.of(['and:', 'or:'])} [${b()}])`],
      [1, () => node('bool')`(${b()} ${random.of(['&', '|', 'xor:'])} ${b()})`],
      [2, () => node('bool')`(${b()} not)`],
      [1, () => node('bool')`(${this.any(scope, depth - 1)} ${random.of(['isNil', 'notNil', 'isString', 'isNumber', 'isSymbol'])})`],
      [1, () => node('bool')`(${this.any(scope, depth - 1)} isKindOf: ${random.of([...scope.names.classes, 'Integer', 'SmallInteger', 'String', 'Array'])})`],
      [1, () => node('bool')`(${this.object(scope, depth - 1)} ${random.of(['==', '~~', '='])} ${this.object(scope, depth - 1)})`],
      [1, () => node('bool')`(${this.any(scope, depth - 1)} class ${random.of(['==', '~~'])} ${this.any(scope, depth - 1)} class)`],
      [1, () => node('bool')`(${this.character(scope, depth - 1)} ${random.of(['<', '=', '==', '>='])} ${this.character(scope, depth - 1)})`],
      [1, () => node('bool')`(${this.string(scope, 0)} ${random.of(['<', '='])} ${this.string(scope, 0)})`],
      [1, () => node('bool')`(${this.integer(scope, depth - 1)} ${random.of(['even', 'odd', 'isZero', 'negative'])})`],
      [1, () => node('bool')`(${this.dictionary(scope, 0)} ${random.of(['includesKey:', 'includes:'])} ${this.key(scope)})`],
      [1, () => node('bool')`(${this.set(scope, 0)} includes: ${this.key(scope)})`],
      [1, () => this.send(scope, 'bool', depth)],
    ])();
  }

  /** @param {Scope} scope @param {number} depth @returns {Node} */
  string(scope, depth) {
    const { random } = this;
    const literals = ["'abc' copy", "'x' copy", "'' copy", "'hello world' copy", '#foo', '#at:put:', '#+', '(String new: 3)'];
    if (depth <= 0) return this.leaf(scope, 'str', literals);
    const s = () => this.of(scope, 'str', depth - 1);
    return random.weighted([
      [3, () => this.leaf(scope, 'str', literals)],
      [3, () => this.risky(node('str')`(${s()} , ${s()})`)],
      [3, () => node('str')`(${this.integer(scope, depth - 1)} printString)`],
      [1, () => node('str')`(${s()} ${random.of(['reversed', 'asUppercase', 'asSymbol', 'asString', 'copy', 'reverse'])})`],
      [1, () => node('str')`(${s()} copyFrom: ${random.between(0, 3)} to: ${random.between(0, 4)})`],
      [1, () => node('str')`(${this.number(scope, depth - 1)} printString)`],
      [1, () => node('str')`(${this.any(scope, depth - 1)} class name)`],
    ])();
  }

  /** @param {Scope} scope @param {number} depth @returns {Node} */
  character(scope, depth) {
    const { random } = this;
    if (depth <= 0 || random.chance(0.5)) return node('char')`${random.of(['$a', '$z', '$0', '(Character value: 255)', '(Character value: 300)', '(Character value: 0)'])}`;
    return random.chance(0.5)
      ? node('char')`(Character value: ${this.integer(scope, depth - 1)})`
      : node('char')`(${this.string(scope, 0)} at: ${this.index(scope)})`;
  }

  /** Mostly within the bounds of small collections. @param {Scope} scope @returns {Node} */
  index(scope) {
    const { random } = this;
    return random.weighted([
      [5, () => node('int')`${random.between(1, 4)}`],
      [4, () => node('int')`(${this.integer(scope, 1)} \\\\ 4 + 1)`],
      [1, () => node('int')`${random.between(-1, 7)}`],
      [1, () => this.integer(scope, 1)],
      [0.3, () => this.any(scope, 0)],
    ].map(([weight, make]) => /** @type {[number, () => Node]} */ ([/** @type {number} */ (weight) * 10, make])))();
  }

  /** @param {Scope} scope @param {number} depth @returns {Node} */
  collection(scope, depth) {
    const { random } = this;
    const literals = [
      '(Array new: 3)', '(Array new: 4 withAll: 0)', '#(1 2 3 4) copy', '(ByteArray new: 4)', '#[1 2 250 255] copy', '(OrderedCollection new)',
      '(OrderedCollection withAll: #(3 1 2))', "#(1 $a 'str' #sym nil true (1 2)) copy", '(1 to: 4)', '(WordArray new: 3)', '(FloatArray new: 2)',
    ];
    if (depth <= 0) return this.leaf(scope, 'arr', literals);
    return random.weighted([
      [4, () => this.leaf(scope, 'arr', literals)],
      [3, () => node('arr')`{${this.bounded(scope, 'any', depth - 1)}. ${this.bounded(scope, 'int', depth - 1)}. ${this.bounded(scope, 'any', depth - 1)}}`],
      [1, () => {
        const each = this.fresh(scope);
        const inside = this.with(scope, { name: each, kind: 'any', fixed: true });
        return node('arr')`(${this.collection(scope, depth - 1)} ${random.of(['collect:', 'collect:', 'select:', 'reject:'])} [:${each} | ${this.bounded(inside, random.chance(0.5) ? 'int' : 'bool', depth - 1)}])`;
      }],
      [1, () => node('arr')`(${this.collection(scope, depth - 1)} ${random.of(['copy', 'reversed', 'reverse', 'asArray', 'asOrderedCollection'])})`],
      [1, () => node('arr')`(${this.dictionary(scope, 0)} ${random.of(['keys', 'values'])})`],
      [1, () => node('arr')`(${this.set(scope, 0)} asArray)`],
      [1, () => node('arr')`(Array with: ${this.bounded(scope, 'any', depth - 1)} with: ${this.bounded(scope, 'any', depth - 1)})`],
    ])();
  }

  /** What a dictionary or a set may hold: no collections, whose hashes change with them. @param {Scope} scope @returns {Node} */
  key(scope) {
    return this.bounded(scope, this.random.weighted([[5, 'int'], [2, 'num'], [1, 'str'], [1, 'char'], [1, 'obj'], [1, 'bool']]), 1);
  }

  /** @param {Scope} scope @param {number} depth @returns {Node} */
  dictionary(scope, depth) {
    const { random } = this;
    const literals = [
      '(Dictionary new)', '(IdentityDictionary new)', "(Dictionary new at: 1 put: 2; at: #a put: nil; at: 'b' put: $c; yourself)",
      '(IdentityDictionary new at: 1 put: 2; at: #a put: nil; at: 1.5 put: 3; yourself)',
    ];
    if (depth <= 0) return this.leaf(scope, 'dict', literals);
    const each = this.fresh(scope);
    const inside = this.with(scope, { name: each, kind: 'any', fixed: true });
    return random.weighted([
      [6, () => this.leaf(scope, 'dict', literals)],
      [1, () => node('dict')`(${this.dictionary(scope, depth - 1)} copy)`],
      [1, () => node('dict')`(${this.dictionary(scope, depth - 1)} ${random.of(['select:', 'keysSelect:'])} [:${each} | ${this.boolean(inside, depth - 1)}])`],
      [1, () => node('dict')`(${this.dictionary(scope, depth - 1)} collect: [:${each} | ${this.bounded(inside, 'any', depth - 1)}])`],
    ])();
  }

  /** @param {Scope} scope @param {number} depth @returns {Node} */
  set(scope, depth) {
    const { random } = this;
    const literals = ['(Set new)', '(IdentitySet new)', "(Set withAll: #(3 1 2 $a 'b' #b 3))", '(IdentitySet withAll: #(3 1 1.5 nil))'];
    if (depth <= 0) return this.leaf(scope, 'set', literals);
    const each = this.fresh(scope);
    const inside = this.with(scope, { name: each, kind: 'any', fixed: true });
    return random.weighted([
      [6, () => this.leaf(scope, 'set', literals)],
      [1, () => node('set')`(${this.set(scope, depth - 1)} ${random.of(['copy', 'asSet'])})`],
      [1, () => node('set')`(${this.set(scope, depth - 1)} ${random.of(['select:', 'reject:', 'collect:'])} [:${each} | ${this.boolean(inside, depth - 1)}])`],
      [1, () => node('set')`(${this.string(scope, depth - 1)} asSet)`],
    ])();
  }

  /** A value that a dictionary or a set answers. @param {Scope} scope @param {number} depth @returns {Node} */
  lookedUp(scope, depth) {
    const d = () => this.dictionary(scope, 0);
    const s = () => this.set(scope, 0);
    const k = () => this.key(scope);
    const value = () => this.bounded(scope, 'any', depth - 1);
    return this.random.weighted([
      [3, () => node('any')`(${d()} at: ${k()} ifAbsent: [${value()}])`],
      [2, () => node('any')`(${d()} at: ${k()} ifAbsentPut: [${value()}])`],
      [1, () => node('any')`(${d()} at: ${k()} put: ${value()})`],
      [1, () => node('any')`(${d()} at: ${k()})`],
      [1, () => node('any')`(${d()} at: ${k()} incrementBy: ${this.integer(scope, 1)})`],
      [1, () => node('any')`(${d()} keyAtValue: ${value()} ifAbsent: [${value()}])`],
      [1, () => node('any')`(${d()} removeKey: ${k()} ifAbsent: [${value()}])`],
      [1, () => node('any')`(${s()} add: ${k()})`],
      [1, () => node('any')`(${s()} remove: ${k()} ifAbsent: [${value()}])`],
      [1, () => node('any')`(${s()} like: ${k()})`],
    ])();
  }

  /** @param {Scope} scope @param {number} depth @returns {Node} */
  object(scope, depth) {
    const { random } = this;
    const fresh = () => node('obj')`${random.of(scope.names.classes)} new`;
    return random.weighted([
      [5, () => this.variable(scope, 'obj') ?? fresh()],
      [2, () => node('obj')`self`],
      [2, () => node('obj')`(${fresh()})`],
      [1, () => (depth > 0 ? this.send(scope, 'obj', depth) : node('obj')`self`)],
    ])();
  }

  /** Of one argument, to be called at some time. @param {Scope} scope @param {number} depth @returns {Node} */
  block(scope, depth) {
    const { random } = this;
    if (depth <= 0 || random.chance(0.3)) return this.variable(scope, 'block') ?? node('block')`(Rt block: ${random.below(4)})`;
    const x = this.fresh(scope);
    const inside = this.with(scope, { name: x, kind: 'int', fixed: true });
    const result = this.bounded(inside, random.of(['int', 'int', 'any']), depth - 1);
    if (scope.returns && random.chance(0.15))
      return node('block')`[:${x} | (Rt tick and: [${this.boolean(inside, 1)}]) ifTrue: [^ ${result}]. ${x}]`;
    const assigned = scope.variables.filter((each) => each.kind === 'int' && !each.fixed);
    const effect = assigned.length > 0 && random.chance(0.6) ? node('any')`${random.of(assigned).name} := ${this.bounded(inside, 'int', depth - 1)}. ` : '';
    return node('block')`[:${x} | Rt tick ifTrue: [${effect}${result}] ifFalse: [0]]`;
  }

  /** @param {Scope} scope @param {number} depth @returns {Node} */
  any(scope, depth) {
    const { random } = this;
    const kind = random.weighted([[8, 'int'], [3, 'num'], [2, 'bool'], [2, 'str'], [2, 'char'], [3, 'arr'], [1, 'dict'], [1, 'set'], [2, 'obj'], [1, 'block'], [8, 'any']]);
    if (kind !== 'any') return this.of(scope, kind, depth);
    if (depth <= 0) return this.leaf(scope, 'any', ['nil', '0', '#sym', '$a', "'s' copy", '1.5']);
    return random.weighted([
      [3, () => this.leaf(scope, 'any', ['nil', '0', '#sym', '$a', "'s' copy", '1.5'])],
      [5, () => node('any')`(${this.collection(scope, depth - 1)} at: ${this.index(scope)})`],
      [1, () => node('any')`(${this.collection(scope, depth - 1)} at: ${this.index(scope)} put: ${this.bounded(scope, 'any', depth - 1)})`],
      [1, () => node('any')`(${this.string(scope, 0)} at: ${this.index(scope)} put: ${this.character(scope, depth - 1)})`],
      [3, () => node('any')`(${this.block(scope, depth - 1)} value: ${this.bounded(scope, 'int', depth - 1)})`],
      [1, () => node('any')`(${this.block(scope, depth - 1)} cull: ${this.bounded(scope, 'int', depth - 1)})`],
      [1, () => node('any')`(${this.block(scope, depth - 1)} valueWithArguments: {${this.bounded(scope, 'int', depth - 1)}})`],
      [4, () => this.send(scope, 'any', depth)],
      [2, () => this.lookedUp(scope, depth)],
      [1, () => node('any')`Rt saved`],
      [1, () => node('any')`(Rt saved: ${this.bounded(scope, 'any', depth - 1)})`],
      [1, () => {
        const each = this.fresh(scope);
        const inside = this.with(scope, { name: each, kind: 'any', fixed: true });
        return node('any')`(${this.collection(scope, depth - 1)} detect: [:${each} | ${this.boolean(inside, depth - 1)}] ifNone: [${this.any(scope, depth - 1)}])`;
      }],
      [1, () => node('any')`(${this.object(scope, depth)} ${random.of(['yourself', 'copy', 'class', 'species', 'isString', 'someUnknownMessage', 'printString'])})`],
      [1, () => node('any')`(${this.object(scope, 0)} instVarAt: ${random.between(0, 4)})`],
      [1, () => node('any')`(${random.of(['thisContext depth', 'thisContext sender selector', 'thisContext home selector', 'thisContext pc', 'thisContext sender pc', 'thisContext receiver', 'thisContext method numTemps', 'thisContext sender sender selector', 'thisContext stackp'])})`],
      [1, () => node('any')`(${this.exceptionClass(true)} new signal: ${this.string(scope, 0)})`],
      [1, () => node('any')`([${this.any(scope, depth - 1)}] on: ${this.exceptionClass()} do: [:${this.fresh(scope)} | ${this.bounded(scope, 'any', depth - 1)}])`],
      [1, () => node('any')`([${this.any(scope, depth - 1)}] ${random.of(['ensure:', 'ifCurtailed:'])} [Rt log: ${this.any(scope, depth - 1)}])`],
      [1, () => node('any')`([${this.any(scope, depth - 1)}] value)`],
    ])();
  }

  /** A send of one of the program's own messages. @param {Scope} scope @param {string} kind @param {number} depth @returns {Node} */
  send(scope, kind, depth) {
    const { random } = this;
    const { prefix, count } = scope.names;
    const receiver = () => random.weighted([
      [6, () => node('obj')`self`], [1, () => node('obj')`super`], [6, () => this.object(scope, depth - 1)], [1, () => this.any(scope, depth - 1)],
    ])();
    const argument = (/** @type {string} */ wanted) => this.bounded(scope, wanted, depth - 1);
    const n = scope.level < count - 1 && random.chance(0.9) ? random.between(scope.level + 1, count - 1) : random.below(count);
    if (scope.level >= count - 1 && random.chance(0.8)) return this.of(scope, kind === 'any' ? 'int' : kind, 0);
    return random.weighted([
      [4, () => node(kind)`(${receiver()} ${prefix}u${n})`],
      [6, () => node(kind)`(${receiver()} ${prefix}k${n}: ${argument('int')})`],
      [3, () => node(kind)`(${receiver()} ${prefix}a${n}: ${argument('any')} b: ${argument('int')})`],
      [2, () => node(kind)`(${receiver()} ${prefix}f${n}: ${argument('block')})`],
      [1, () => node(kind)`(${receiver()} ${prefix}r${n}: ${random.of([1, 2, 3, 10, 40])})`],
      [1, () => node(kind)`(${random.of(scope.names.classes)} ${prefix}c${n}: ${argument('int')})`],
      [1, () => node(kind)`(${this.object(scope, 0)} perform: #${prefix}u${n})`],
      [1, () => node(kind)`(${this.object(scope, 0)} perform: #${prefix}k${n}: with: ${argument('int')})`],
      [0.5, () => node(kind)`(${this.object(scope, 0)} perform: ${random.of([`#${prefix}k${n}:`, `#${prefix}u${n}`, '#notThere:'])} withArguments: {${argument('int')}})`],
    ].map(([weight, make]) => /** @type {[number, () => Node]} */ ([/** @type {number} */ (weight) * 2, make])))();
  }

  /** @param {boolean} [signalled] */
  exceptionClass(signalled = false) {
    const classes = ['Error', 'ZeroDivide', 'MessageNotUnderstood', 'RtError', 'RtResumable', 'RtNote'];
    return this.random.of(signalled ? ['RtError', 'RtResumable', 'RtResumable', 'RtNote', 'Error'] : [...classes, 'Exception', 'RtError, ZeroDivide', 'SubscriptOutOfBounds', 'Error'].map((each) => `(${each})`));
  }

  /** A name that no other variable has. @param {Scope} scope */
  fresh(scope) {
    return `v${scope.names.extra++}`;
  }

  /** The scope with more variables. @param {Scope} scope @param {...Variable} variables @returns {Scope} */
  with(scope, ...variables) {
    return { ...scope, nesting: scope.nesting + 1, variables: [...scope.variables, ...variables] };
  }
}
