/**
 * generator.js: a random Smalltalk program from a seed. It always ends: every loop counts, and calls use up fuel
 * (`Rt tick`), without which methods answer at once. Errors are caught and become part of the trace.
 */
import { Expressions } from './expressions.js';
import { Random } from './random.js';
import { list, node, quoted } from './tree.js';

/**
 * @typedef {import('./tree.js').Node} Node
 * @typedef {import('./expressions.js').Scope} Scope
 * @typedef {import('./expressions.js').Names} Names
 * @typedef {import('./expressions.js').Variable} Variable
 */

/** Kinds of variables of methods. */
const LOCALS = Object.entries({ x1: 'any', i1: 'int', i2: 'int', n1: 'num', s1: 'str', a1: 'arr', o1: 'obj', b1: 'block', d1: 'dict', t1: 'set' });

/**
 * How much of everything a program has. Small ones differ more from each other for the same time.
 * @typedef {{classes: [number, number], methods: [number, number], locals: number, statements: number, depth: number, parts: [number, number]}} Size
 */
/** @type {Size} */
const SMALL = { classes: [1, 3], methods: [1, 2], locals: 3, statements: 2, depth: 2, parts: [1, 2] };
/** @type {Size} */
const BIG = { classes: [2, 5], methods: [4, 9], locals: LOCALS.length, statements: 3, depth: 3, parts: [3, 7] };
const BIG_SHARE = 0.015;
/** Programs that extend the image's classes have selectors of their own, the others share these of the prelude. */
const EXTENDING_SHARE = 0.12;
const SHARED_PREFIX = 'rt';
const FIELDS = ['int', 'arr', 'any', 'num', 'block', 'dict', 'set'];
/** What they begin with. @type {Record<string, string[]>} */
const STARTS = {
  int: ['0', '1', '7', 'SmallInteger maxVal', '-3', '4294967296'],
  num: ['1.5', '0.0', '1/3', 'Float nan', '12'],
  arr: ['(Array new: 3)', '(OrderedCollection with: 1 with: 2)', '(ByteArray new: 4)', '#(1 2 3) copy', "'abc' copy"],
  any: ['nil', '#sym', '$a', "'text' copy", '3'],
  dict: ['Dictionary new', 'IdentityDictionary new'],
  set: ['Set new', '(Set with: 1 with: $a)'],
  block: ['[:z | z]', '[:z | z + 1]', '[:z | f0]'],
};

class Generator {
  /** @param {Random} random @param {Names} names @param {Size} size */
  constructor(random, names, size) {
    this.random = random;
    this.names = names;
    this.size = size;
    /** The variables that every method has: x1 and some others. */
    this.locals = LOCALS.filter(([name]) => name === 'x1' || random.chance((size.locals - 1) / (LOCALS.length - 1)));
    this.expressions = new Expressions(random);
  }

  /** @param {Scope} scope @param {number} count @param {string} [last] an expression's kind to end with @returns {Node} */
  statements(scope, count, last) {
    const { random } = this;
    const nodes = Array.from({ length: random.between(1, count) }, () => this.statement(scope));
    if (scope.returns && random.chance(0.06)) nodes.push(node('stmt')`^ ${this.expressions.bounded(scope, 'any', 2)}`);
    else if (last !== undefined) nodes.push(node('stmt')`${this.expressions.bounded(scope, last, 2)}`);
    return list(nodes, '.\n\t');
  }

  /** Now and then an error ends only its own statement. @param {Scope} scope @returns {Node} */
  statement(scope) {
    return this.random.chance(0.2) ? node('stmt')`Rt protect: [${this.unguarded(scope)}]` : this.unguarded(scope);
  }

  /** @param {Scope} scope @returns {Node} */
  unguarded(scope) {
    const { random } = this;
    const deep = scope.nesting > 2;
    return random.weighted([
      [10, () => this.assignment(scope)],
      [6, () => node('stmt')`Rt log: ${this.expressions.any(scope, this.size.depth)}`],
      [2, () => node('stmt')`${this.expressions.any(scope, this.size.depth)}`],
      [2, () => this.storing(scope)],
      [deep ? 0 : 5, () => this.conditional(scope)],
      [deep ? 0 : 7, () => this.loop(scope)],
      [deep ? 0 : 3, () => this.handled(scope)],
      [deep ? 0 : 2, () => this.unwinding(scope)],
      [2, () => node('stmt')`Rt block: ${random.below(4)} put: ${this.expressions.block(scope, this.size.depth)}`],
      [1, () => this.identity(scope)],
      [1, () => this.redefinition(scope)],
      [deep ? 0 : 1, () => this.processes(scope)],
      [1, () => node('stmt')`Rt log: ${this.expressions.object(scope, 1)}; log: ${this.expressions.integer(scope, 2)}; yourself`],
    ])();
  }

  /** @param {Scope} scope @returns {Node} */
  assignment(scope) {
    const to = this.random.of(scope.variables.filter((each) => !each.fixed));
    return node('stmt')`${to.name} := ${this.expressions.bounded(scope, to.kind, this.size.depth)}`;
  }

  /** @param {Scope} scope @returns {Node} */
  storing(scope) {
    const { random, expressions: e } = this;
    return random.weighted([
      [5, () => node('stmt')`${e.collection(scope, 0)} at: ${e.index(scope)} put: ${e.bounded(scope, random.of(['int', 'any']), 2)}`],
      [1, () => node('stmt')`${e.variable(scope, 'str') ?? "'abc' copy"} at: ${e.index(scope)} put: ${e.character(scope, 1)}`],
      [1, () => node('stmt')`${e.collection(scope, 0)} ${random.of(['add:', 'addFirst:', 'remove:'])} ${e.bounded(scope, 'any', 2)}`],
      [2, () => node('stmt')`${e.dictionary(scope, 0)} at: ${e.key(scope)} put: ${e.bounded(scope, 'any', 2)}`],
      [1, () => node('stmt')`${e.set(scope, 0)} add: ${e.key(scope)}`],
      [1, () => node('stmt')`self instVarAt: ${random.between(0, 4)} put: ${e.bounded(scope, 'any', 2)}`],
    ])();
  }

  /** @param {Scope} scope @returns {Node} */
  conditional(scope) {
    const { random, expressions: e } = this;
    const b = () => e.boolean(scope, this.size.depth);
    const s = () => this.statements(this.deeper(scope), 2);
    return random.weighted([
      [4, () => node('stmt')`${b()} ifTrue: [${s()}]`],
      [2, () => node('stmt')`${b()} ifFalse: [${s()}]`],
      [4, () => node('stmt')`${b()} ifTrue: [${s()}] ifFalse: [${s()}]`],
      [1, () => node('stmt')`${e.any(scope, 2)} ifNil: [${s()}]`],
      [1, () => node('stmt')`(${e.any(scope, 2)}) ifTrue: [${s()}]`],
      [1, () => node('stmt')`Rt log: (${b()} ifTrue: [${this.statements(this.deeper(scope), 2, 'any')}])`],
    ])();
  }

  /** @param {Scope} scope @param {...Variable} variables */
  deeper(scope, ...variables) {
    return this.expressions.with(scope, ...variables);
  }

  /** A temporary of the whole method. @param {Scope} scope */
  temporary(scope) {
    const name = this.expressions.fresh(scope);
    scope.temporaries.push(name);
    return name;
  }

  /** @param {Scope} scope @returns {Node} */
  loop(scope) {
    const { random, expressions: e } = this;
    const v = e.fresh(scope);
    const w = e.fresh(scope);
    const body = (/** @type {Variable[]} */ ...variables) => this.statements(this.deeper(scope, ...variables), this.size.statements);
    const int = { name: v, kind: 'int', fixed: true };
    const any = { name: v, kind: 'any', fixed: true };
    const times = random.of([2, 3, 4, 6, 12, 30]);
    return random.weighted([
      [5, () => node('stmt')`1 to: ${times} do: [:${v} | ${body(int)}]`],
      [1, () => node('stmt')`${random.between(-1, 3)} to: (${e.integer(scope, 1)} \\\\ ${random.of([3, 9])}) do: [:${v} | ${body(int)}]`],
      [1, () => node('stmt')`${times} to: ${random.between(-2, 2)} by: ${random.of([-1, -2, -3])} do: [:${v} | ${body(int)}]`],
      [1, () => node('stmt')`SmallInteger maxVal - ${random.between(0, 3)} to: SmallInteger maxVal + ${random.between(-1, 2)} do: [:${v} | ${body(int)}]`],
      [1, () => node('stmt')`${random.of(['1', '0.5', '1/2'])} to: ${random.of(['3', '2.5', '9/2'])} do: [:${v} | ${body({ ...int, kind: 'num' })}]`],
      [2, () => node('stmt')`${times} timesRepeat: [${body()}]`],
      [4, () => {
        const n = this.temporary(scope);
        const inside = [{ name: n, kind: 'int', fixed: true }];
        return node('stmt')`${n} := ${times}.\n\t[(${n} := ${n} - 1) >= 0${random.chance(0.4) ? node('int')` and: [${e.boolean(this.deeper(scope, ...inside), 2)}]` : ''}] whileTrue: [${body(...inside)}]`;
      }],
      [1, () => {
        const n = this.temporary(scope);
        return node('stmt')`${n} := 0.\n\t[${body({ name: n, kind: 'int', fixed: true })}. (${n} := ${n} + 1) > ${times}] whileFalse`;
      }],
      [3, () => node('stmt')`${e.collection(scope, 1)} do: [:${v} | ${body(any)}]`],
      [1, () => node('stmt')`${e.collection(scope, 1)} reverseDo: [:${v} | ${body(any)}]`],
      [1, () => node('stmt')`${e.collection(scope, 1)} withIndexDo: [:${v} :${w} | ${body(any, { name: w, kind: 'int', fixed: true })}]`],
      [1, () => node('stmt')`${e.dictionary(scope, 1)} ${random.of(['keysAndValuesDo:', 'keysAndValuesDo:', 'keysAndValuesRemove:'])} [:${v} :${w} | ${body(any, { ...any, name: w })}]`],
      [1, () => node('stmt')`${e.set(scope, 1)} do: [:${v} | ${body(any)}]`],
      [1, () => node('stmt')`${e.string(scope, 1)} do: [:${v} | ${body({ ...any, kind: 'char' })}]`],
      [2, () => this.polymorphic(scope, v, times)],
      [1, () => node('stmt')`1 to: ${random.of([50, 200, 600])} do: [:${v} | x1 := ${random.of([`Array new: ${v} \\\\ 9`, `{${v}. x1}`, `OrderedCollection with: ${v}`, `${v} printString`, `[:q | q + ${v}]`, `${v} * 1.5`, `1073741800 + ${v}`])}]`],
    ])();
  }

  /** One call site, receivers of many classes. @param {Scope} scope @param {string} v @param {number} times @returns {Node} */
  polymorphic(scope, v, times) {
    const { random, expressions: e, names } = this;
    const receivers = Array.from({ length: random.between(1, 7) }, () =>
      random.chance(0.8) ? node('obj')`${random.of(names.classes)} new` : node('obj')`${e.any(scope, 1)}`);
    const inside = this.deeper(scope, { name: v, kind: 'obj', fixed: true });
    const send = random.of([
      () => node('any')`${v} ${names.prefix}u${random.below(names.count)}`,
      () => node('any')`${v} ${names.prefix}k${random.below(names.count)}: ${e.bounded(inside, 'int', 2)}`,
      () => node('any')`${v} ${names.prefix}a${random.below(names.count)}: ${e.bounded(inside, 'any', 2)} b: ${e.bounded(inside, 'int', 1)}`,
    ])();
    const guarded = random.chance(0.5) ? node('any')`(Rt protect: [${send}])` : node('any')`(${send})`;
    return node('stmt')`${Math.min(times, 6)} timesRepeat: [{${list(receivers, '. ')}} do: [:${v} | Rt log: ${guarded}]]`;
  }

  /** @param {Scope} scope @returns {Node} */
  handled(scope) {
    const { random, expressions: e } = this;
    const x = e.fresh(scope);
    const inside = this.deeper(scope);
    const value = () => e.bounded(inside, 'any', 2);
    const count = this.temporary(scope);
    const ending = random.weighted([
      [4, () => node('stmt')`${value()}`],
      [3, () => node('stmt')`${x} return: ${value()}`],
      [3, () => node('stmt')`${x} resume: ${value()}`],
      [2, () => node('stmt')`(${count} := ${count} + 1) < ${random.between(2, 4)} ifTrue: [${x} retry]. ${x} return: ${value()}`],
      [2, () => node('stmt')`${x} pass`],
      [2, () => node('stmt')`Rt log: ${x} outer. ${value()}`],
      [1, () => node('stmt')`${x} signal`],
      [1, () => node('stmt')`${x} retryUsing: [${this.statements(inside, 2, 'any')}]`],
      [1, () => node('stmt')`(${count} := ${count} + 1) < ${random.between(2, 4)} ifTrue: [${x} resignalAs: ${e.exceptionClass(true)} new]`],
      [1, () => node('stmt')`Rt log: ${x} signalContext sender selector; log: ${x} isNested. ${value()}`],
      [1, () => (scope.returns ? node('stmt')`^ ${value()}` : node('stmt')`${x} return`)],
    ])();
    const body = this.statements(inside, this.size.statements, 'any');
    const handler = list([node('stmt')`Rt note: ${x}`, ...(random.chance(0.4) ? [this.statements(inside, 2)] : []), ending], '. ');
    return node('stmt')`${count} := 0.\n\tRt log: ([${body}] on: ${e.exceptionClass()} do: [:${x} | ${handler}])`;
  }

  /** @param {Scope} scope @returns {Node} */
  unwinding(scope) {
    const { random } = this;
    const inside = this.deeper(scope);
    return node('stmt')`Rt log: ([${this.statements(inside, this.size.statements, 'any')}] ${random.of(['ensure:', 'ensure:', 'ifCurtailed:'])} [${this.statements(inside, 2)}])`;
  }

  /** @param {Scope} scope @returns {Node} */
  identity(scope) {
    const { random, expressions: e, names } = this;
    return random.weighted([
      [3, () => node('stmt')`Rt log: (Rt swap: ${e.object(scope, 0)} with: ${e.object(scope, 0)})`],
      [1, () => node('stmt')`Rt log: (Rt forward: ${e.object(scope, 0)} to: ${e.object(scope, 0)})`],
      [1, () => node('stmt')`self setIsReadOnlyObject: ${e.boolean(scope, 0)}`],
      [1, () => node('stmt')`Rt adopt: ${e.object(scope, 0)} as: ${random.of(names.classes)}`],
    ])();
  }

  /** A method replaced, added or removed, or a class reshaped, in mid-run. @param {Scope} scope @returns {Node} */
  redefinition(scope) {
    const { random, names } = this;
    const target = random.of(names.classes);
    return random.weighted([
      [8, () => node('stmt')`${target} compile: '${quoted(this.method([], random.below(names.count)))}'`],
      [1, () => node('stmt')`${target} removeSelector: #${names.prefix}u${random.below(names.count)}`],
      [1, () => node('stmt')`(${target} instVarNames includes: 'more') ifFalse: [${target} addInstVarNamed: 'more']`],
    ])();
  }

  /** @param {Scope} scope @returns {Node} */
  processes(scope) {
    const { random, expressions: e } = this;
    const [s, t, n] = [this.temporary(scope), this.temporary(scope), e.fresh(scope)];
    const inside = { ...this.deeper(scope), returns: random.chance(0.1) && scope.returns };
    const body = (/** @type {Variable[]} */ ...variables) => this.statements({ ...inside, variables: [...inside.variables, ...variables] }, this.size.statements);
    const counter = { name: n, kind: 'int', fixed: true };
    return random.weighted([
      [3, () => node('stmt')`${s} := Semaphore new. [[Rt protect: [${body()}]] ensure: [${s} signal]] fork. ${body()}. ${s} wait`],
      [2, () => node('stmt')`${s} := Semaphore new. ${t} := Semaphore new.
	[[1 to: ${random.between(1, 4)} do: [:${n} | ${s} wait. Rt protect: [${body(counter)}]. ${t} signal]] ensure: [9 timesRepeat: [${t} signal]]] fork.
	1 to: ${random.between(1, 4)} do: [:${n} | ${s} signal. Rt protect: [${body(counter)}]. ${t} wait]`],
      [1, () => node('stmt')`[Rt protect: [${body()}]] forkAt: Processor activePriority + 1`],
      [2, () => node('stmt')`${s} := Semaphore new. 1 to: 3 do: [:${n} | [[Rt protect: [${body(counter)}. Processor yield. ${body(counter)}]] ensure: [${s} signal]] fork]. Processor yield. ${body()}. 3 timesRepeat: [${s} wait]`],
      [1, () => node('stmt')`${s} := [[Rt protect: [${body()}. Processor yield. ${body()}]] ensure: [Rt log: ${e.integer(scope, 2)}]] fork. Processor yield. ${s} terminate. Rt log: ${s} isTerminated`],
      [1, () => node('stmt')`${s} := Mutex new. ${s} critical: [[${s} critical: [Rt protect: [${body()}]]] fork. Processor yield. ${body()}]. Processor yield`],
    ])();
  }

  /** A method of a class with those fields; its name is the n-th of some shape. @param {string[]} fields @param {number} n @returns {Node} */
  method(fields, n) {
    const { random, names, expressions: e } = this;
    const { prefix } = names;
    /** @type {(head: string, ...args: Variable[]) => {head: string, args: Variable[]}} */
    const shaped = (head, ...args) => ({ head, args: args.map((each) => ({ ...each, fixed: true })) });
    const p = { name: 'p', kind: 'int' };
    const { head, args } = random.weighted([
      [4, shaped(`${prefix}u${n}`)],
      [6, shaped(`${prefix}k${n}: p`, p)],
      [4, shaped(`${prefix}a${n}: q b: p`, { name: 'q', kind: 'any' }, p)],
      [2, shaped(`${prefix}f${n}: f`, { name: 'f', kind: 'block' })],
      [1, shaped(`${prefix}r${n}: p`, p)],
    ]);
    const scope = this.scopeOf(fields, args, n);
    if (head.startsWith(`${prefix}r`)) return this.recursive(scope, head);
    const small = { ...scope, variables: scope.variables.filter((v) => !this.locals.some(([name]) => name === v.name)) };
    if (random.chance(0.15)) return node('method')`${head}\n\t^ ${random.chance(0.3) && fields.length ? random.of(fields.map((_, i) => `f${i}`)) : e.leaf(small, 'int', ['0', '1', '-1', 'nil', 'true', '2', '77', 'self'])}`;
    if (random.chance(0.25)) return node('method')`${head}\n\tRt tick ifFalse: [^ 0].\n\t^ ${e.bounded(small, random.of(['int', 'num', 'any', 'bool']), this.size.depth + 1)}`;
    return this.body(scope, head, this.size.statements);
  }

  /** @param {string[]} fields kinds @param {Variable[]} args @param {number} [level] @returns {Scope} */
  scopeOf(fields, args, level = -1) {
    const own = fields.map((kind, i) => ({ name: `f${i}`, kind }));
    const locals = this.locals.map(([name, kind]) => ({ name, kind }));
    const shared = fields.length > 0 ? [{ name: 'Shared', kind: 'int' }] : [];
    return { variables: [...locals, ...own, ...shared, ...args], temporaries: [], names: this.names, returns: true, nesting: 0, level };
  }

  /** @param {Scope} scope @param {string} head @param {number} size @returns {Node} */
  body(scope, head, size) {
    const { expressions: e, random } = this;
    const kind = random.of(['int', 'int', 'any', 'num', 'obj']);
    const starts = list(this.locals.filter(() => random.chance(0.85)).map(([name, of]) => node('stmt')`${name} := ${e.bounded({ ...scope, variables: scope.variables.filter((v) => v.fixed) }, of, 1)}`), '. ');
    const statements = this.statements(scope, size);
    const result = e.bounded(scope, kind, this.size.depth);
    const temporaries = [...this.locals.map(([name]) => name), ...scope.temporaries].join(' ');
    return node('method')`${head}\n\t| ${temporaries} |\n\tRt tick ifFalse: [^ 0].\n\t${list([starts, statements, node('stmt')`^ ${result}`], '.\n\t')}`;
  }

  /** Down some frames and back, through blocks at times. @param {Scope} scope @param {string} head @returns {Node} */
  recursive(scope, head) {
    const { expressions: e, random } = this;
    const selector = head.slice(0, -1);
    const inside = { ...scope, variables: scope.variables.filter((v) => v.fixed) };
    const down = random.of([`(self ${selector}(p - 1))`, `([self ${selector}(p - 1)] value)`, `([self ${selector}(p - 1)] ensure: [Rt log: p])`, `((1 to: 1) inject: 0 into: [:q :r | self ${selector}(p - 1)])`]);
    return node('method')`${head}\n\t(Rt tick and: [p isInteger and: [p > 0]]) ifFalse: [^ ${e.bounded(inside, 'any', this.size.depth)}].\n\t^ Rt clip: ${random.chance(0.5) ? `${down} + 1` : `p + ${down}`}`;
  }

  /** @param {string} name @param {string} superclass @param {string[]} inherited @returns {{node: Node, definition: string, fields: string[]}} */
  class(name, superclass, inherited) {
    const { random, names, expressions: e } = this;
    const own = Array.from({ length: random.below(3) }, () => random.of(FIELDS));
    const fields = [...inherited, ...own];
    const methods = Array.from({ length: random.between(...this.size.methods) }, () => this.method(fields, random.below(names.count)));
    const plain = this.scopeOf(fields, []);
    const starts = list(fields.map((kind, i) => node('stmt')`f${i} := ${random.of(STARTS[kind])}`), '. ');
    methods.push(node('method')`initialize\n\t${starts}`);
    if (random.chance(0.15)) methods.push(node('method')`doesNotUnderstand: m\n\tRt tick ifFalse: [^ 0].\n\tRt log: m selector.\n\t^ ${random.of(['m arguments size', 'super doesNotUnderstand: m', `self ${names.prefix}u0`, 'm arguments', '5'])}`);
    if (random.chance(0.1)) methods.push(node('method')`= other\n\t^ other isKindOf: ${name}`);
    const classSide = node('method')`${names.prefix}c${random.below(names.count)}: p\n\tRt tick ifFalse: [^ 0].\n\t^ ${e.bounded({ ...plain, returns: false, variables: [{ name: 'p', kind: 'int', fixed: true }], level: 1 }, 'any', this.size.depth)}`;
    const text = (/** @type {Node[]} */ nodes) => list(nodes.map((each) => node('stmt')`${each}!\n\n`), '');
    const ownNames = own.map((_, i) => `f${inherited.length + i}`).join(' ');
    return { fields, definition: definition(name, superclass, ownNames, superclass === 'RtObject' ? 'Shared' : ''), node: node('class')`!${name} methodsFor: 'random'!\n${text(methods)} !\n\n!${name} class methodsFor: 'random'!\n${text([classSide])} !\n\n` };
  }
  /** The class that runs: each round's statements are guarded one by one. @param {string} name @returns {Node} */
  main(name) {
    const { random, expressions: e } = this;
    const scope = this.scopeOf([], []);
    const parts = Array.from({ length: random.between(...this.size.parts) }, () => node('stmt')`Rt refuel. Rt protect: [${this.statements(this.deeper(scope), this.size.statements)}]`);
    const starts = list(this.locals.map(([local, kind]) => node('stmt')`${local} := ${e.bounded({ ...scope, variables: [] }, kind, 1)}`), '. ');
    const temporaries = [...this.locals.map(([local]) => local), ...scope.temporaries].join(' ');
    return node('class')`!${name} methodsFor: 'random'!\nround\n\t| ${temporaries} |\n\tRt protect: [${starts}].\n\t${list(parts, '.\n\t')}!\n
run\n\t${random.of([1, 3, 4])} timesRepeat: [Rt protect: [self round]]! !\n\n`;
  }
}

/**
 * A program: the definitions as a tree that can be reduced, and the expression that runs it.
 * @typedef {object} Program
 * @property {string} name
 * @property {Node} tree
 * @property {string} main
 * @property {boolean} [extended]  it has methods in classes of the image
 */

/** @param {number} seed @param {number} index @returns {Program} the program of that number in the seed's row */
export function generate(seed, index) {
  const random = new Random((Math.imul(seed, 0x9e3779b1) ^ Math.imul(index, 0x85ebca6b)) >>> 0);
  const size = random.chance(BIG_SHARE) ? BIG : SMALL;
  const extends_ = random.chance(EXTENDING_SHARE);
  const prefix = extends_ ? `p${index}` : SHARED_PREFIX;
  const classes = Array.from({ length: random.between(...size.classes) }, (_, i) => `P${index}C${i}`);
  const names = { prefix, classes, count: METHODS_OF_A_SHAPE, extra: 0 };
  const generator = new Generator(random, names, size);
  /** @type {{node: Node, definition: string, fields: string[]}[]} */
  const made = [];
  classes.forEach((name, i) => {
    const from = random.chance(0.25) || i === 0 ? -1 : random.below(i);
    made.push(generator.class(name, from < 0 ? 'RtObject' : classes[from], from < 0 ? [] : made[from].fields));
  });
  const extended = extends_ ? ['Integer', 'SmallInteger', 'Array', 'UndefinedObject', 'String'].filter(() => random.chance(0.4)) : [];
  const extensions = extended.map((name) =>
    node('class')`!${name} methodsFor: '*random'!\n${list([0, 1].map(() => node('stmt')`${generator.method([], random.below(names.count))}!\n\n`), '')} !\n\n`);
  if (extends_ && random.chance(0.8)) extensions.push(node('class')`${fallbacks(prefix)}`);
  const main = `P${index}Main`;
  const tree = node('program')`${made.map((each) => each.definition).join('')}${definition(main, 'Object', '', '')}${list([...made.map((each) => each.node), ...extensions], '')}${generator.main(main)}`;
  return { name: String(index), tree, main: `Rt run: '${index}'!\n`, extended: extends_ };
}

/** @param {string} name @param {string} superclass @param {string} fields @param {string} shared */
function definition(name, superclass, fields, shared) {
  return `${superclass} subclass: #${name}\n  instanceVariableNames: '${fields}'\n  classVariableNames: '${shared}'\n  package: 'Random'!\n\n`;
}

/** Messages of each shape: prefix, letter of the shape, number. */
const METHODS_OF_A_SHAPE = 4;

/** Methods by which every object understands a program's messages. @param {string} prefix */
export function fallbacks(prefix) {
  const methods = Array.from({ length: METHODS_OF_A_SHAPE }, (_, n) => [
    `${prefix}u${n}\n\t^ ${n}`, `${prefix}k${n}: p\n\t^ p`, `${prefix}a${n}: q b: p\n\t^ ${n === 1 ? 'q' : 'p'}`, `${prefix}f${n}: f\n\t^ f value: ${n}`, `${prefix}r${n}: p\n\t^ p`,
  ]).flat();
  const ofClasses = Array.from({ length: METHODS_OF_A_SHAPE }, (_, n) => `${prefix}c${n}: p\n\t^ p!\n\n`);
  return `!Object methodsFor: '*random'!\n${methods.map((each) => `${each}!\n\n`).join('')} !\n\n!Object class methodsFor: '*random'!\n${ofClasses.join('')} !\n\n`;
}

/** What programs with the shared selectors need. */
export const sharedFallbacks = () => fallbacks(SHARED_PREFIX);
