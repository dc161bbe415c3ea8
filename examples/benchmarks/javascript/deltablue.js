/** deltablue.js: the DeltaBlue constraint solver on a chain of equalities and on many independent scalings. */
import { program } from './program.js';

const REQUIRED = 0;
const PREFERRED = 2;
const STRONG_DEFAULT = 3;
const NORMAL = 4;
const WEAKEST = 6;

class Variable {
  /** @param {number} value */
  constructor(value) {
    this.value = value;
    /** @type {Constraint[]} */
    this.constraints = [];
    /** @type {Constraint | null} */
    this.source = null;
    this.mark = 0;
    this.strength = WEAKEST;
    this.isStay = true;
  }
  /** @param {Constraint} constraint */
  remove(constraint) {
    const index = this.constraints.indexOf(constraint);
    if (index >= 0) this.constraints.splice(index, 1);
    if (this.source === constraint) this.source = null;
  }
}

/** A relation that is to hold between variables, if no stronger constraint is against it. */
class Constraint {
  /** @param {number} strength */
  constructor(strength) {
    this.strength = strength;
  }
  /** @returns {Variable} */
  get output() {
    throw new Error('a subclass knows');
  }
  get isSatisfied() {
    return false;
  }
  get isInput() {
    return false;
  }
  /** @returns {Variable[]} */
  get inputs() {
    return [];
  }
  /** @returns {Variable[]} */
  get variables() {
    return [];
  }
  /** @param {number} mark */
  choose(mark) {
    throw new Error(`a subclass chooses for ${mark}`);
  }
  recalculate() {}
  beUnsatisfied() {}
  execute() {}

  /** @param {number} mark */
  inputsKnown(mark) {
    return this.inputs.every((each) => each.mark === mark || each.isStay || each.source === null);
  }
  /** Tries to hold; answers the constraint that it overrides, or null.
   * @param {number} mark @param {Planner} planner @returns {Constraint | null} */
  satisfy(mark, planner) {
    this.choose(mark);
    if (!this.isSatisfied) {
      if (this.strength === REQUIRED) throw new Error('a required constraint cannot hold');
      return null;
    }
    for (const each of this.inputs) each.mark = mark;
    const overridden = this.output.source;
    overridden?.beUnsatisfied();
    this.output.source = this;
    if (!planner.propagate(this, mark)) throw new Error('the constraints form a cycle');
    this.output.mark = mark;
    return overridden;
  }
  /** @param {Planner} planner */
  addTo(planner) {
    for (const each of this.variables) each.constraints.push(this);
    this.beUnsatisfied();
    planner.add(this);
  }
  /** @param {Planner} planner */
  removeFrom(planner) {
    if (this.isSatisfied) planner.remove(this);
    else this.forgetVariables();
  }
  forgetVariables() {
    for (const each of this.variables) each.remove(this);
  }
}

class Unary extends Constraint {
  /** @param {Variable} variable @param {number} strength */
  constructor(variable, strength) {
    super(strength);
    this.variable = variable;
    this.satisfied = false;
  }
  /** @override */
  get output() {
    return this.variable;
  }
  /** @override */
  get isSatisfied() {
    return this.satisfied;
  }
  /** @override */
  get variables() {
    return [this.variable];
  }
  /** @override @param {number} mark */
  choose(mark) {
    this.satisfied = this.variable.mark !== mark && this.strength < this.variable.strength;
  }
  /** @override */
  recalculate() {
    this.variable.strength = this.strength;
    this.variable.isStay = !this.isInput;
    if (this.variable.isStay) this.execute();
  }
  /** @override */
  beUnsatisfied() {
    this.satisfied = false;
  }
}

/** The variable is to stay as it is. */
class Stay extends Unary {}

/** The variable is set from outside. */
class Edit extends Unary {
  /** @override */
  get isInput() {
    return true;
  }
}

const NEITHER = 0;
const FORWARD = 1;
const BACKWARD = 2;

class Binary extends Constraint {
  /** @param {Variable} first @param {Variable} second @param {number} strength */
  constructor(first, second, strength) {
    super(strength);
    this.first = first;
    this.second = second;
    this.direction = NEITHER;
  }
  /** @override */
  get output() {
    return this.direction === FORWARD ? this.second : this.first;
  }
  get input() {
    return this.direction === FORWARD ? this.first : this.second;
  }
  /** @override */
  get isSatisfied() {
    return this.direction !== NEITHER;
  }
  /** @override */
  get inputs() {
    return [this.input];
  }
  /** @override */
  get variables() {
    return [this.first, this.second];
  }
  /** @override @param {number} mark */
  choose(mark) {
    const { first, second, strength } = this;
    if (first.mark === mark) this.direction = second.mark !== mark && strength < second.strength ? FORWARD : NEITHER;
    else if (second.mark === mark) this.direction = strength < first.strength ? BACKWARD : NEITHER;
    else if (first.strength > second.strength) this.direction = strength < first.strength ? BACKWARD : NEITHER;
    else this.direction = strength < second.strength ? FORWARD : NEITHER;
  }
  get inputsStay() {
    return this.input.isStay;
  }
  /** @override */
  recalculate() {
    this.output.strength = Math.max(this.strength, this.input.strength);
    this.output.isStay = this.inputsStay;
    if (this.output.isStay) this.execute();
  }
  /** @override */
  beUnsatisfied() {
    this.direction = NEITHER;
  }
}

class Equality extends Binary {
  /** @override */
  execute() {
    this.output.value = this.input.value;
  }
}

/** The second variable is the first times scale plus offset, which are only read. */
class Scale extends Binary {
  /** @param {Variable} first @param {Variable} second @param {number} strength @param {Variable} scale @param {Variable} offset */
  constructor(first, second, strength, scale, offset) {
    super(first, second, strength);
    this.scale = scale;
    this.offset = offset;
  }
  /** @override */
  get inputs() {
    return [this.input, this.scale, this.offset];
  }
  /** @override */
  get variables() {
    return [this.first, this.second, this.scale, this.offset];
  }
  /** @override */
  get inputsStay() {
    return this.input.isStay && this.scale.isStay && this.offset.isStay;
  }
  /** @override */
  execute() {
    if (this.direction === FORWARD) this.second.value = this.first.value * this.scale.value + this.offset.value;
    else this.first.value = Math.floor((this.second.value - this.offset.value) / this.scale.value);
  }
}

class Planner {
  constructor() {
    this.lastMark = 0;
  }
  /** Satisfies it, then what it overrides, and so on. @param {Constraint} constraint */
  add(constraint) {
    const mark = ++this.lastMark;
    for (let each = constraint.satisfy(mark, this); each !== null; ) each = each.satisfy(mark, this);
  }
  /** Satisfies what could not be because of it, strongest first. @param {Constraint} constraint */
  remove(constraint) {
    const output = constraint.output;
    constraint.beUnsatisfied();
    constraint.forgetVariables();
    const unsatisfied = this.unsatisfiedAfterFreeing(output);
    for (let strength = REQUIRED; strength <= WEAKEST; strength++)
      for (const each of unsatisfied) if (each.strength === strength) this.add(each);
  }
  /** The constraints to execute, in order, when the inputs among these change. @param {Constraint[]} constraints */
  planFrom(constraints) {
    const mark = ++this.lastMark;
    const agenda = constraints.filter((each) => each.isInput && each.isSatisfied);
    const plan = [];
    for (let at = 0; at < agenda.length; at++) {
      const constraint = agenda[at];
      if (constraint.output.mark !== mark && constraint.inputsKnown(mark)) {
        plan.push(constraint);
        constraint.output.mark = mark;
        this.addConsumers(constraint.output, agenda);
      }
    }
    return plan;
  }
  /** Recalculates what is downstream; false if that comes back to its beginning.
   * @param {Constraint} constraint @param {number} mark */
  propagate(constraint, mark) {
    const agenda = [constraint];
    for (let at = 0; at < agenda.length; at++) {
      const each = agenda[at];
      if (each.output.mark === mark) {
        this.remove(constraint);
        return false;
      }
      each.recalculate();
      this.addConsumers(each.output, agenda);
    }
    return true;
  }
  /** @param {Variable} variable @param {Constraint[]} agenda */
  addConsumers(variable, agenda) {
    const source = variable.source;
    for (const each of variable.constraints) if (each !== source && each.isSatisfied) agenda.push(each);
  }
  /** @param {Variable} freed */
  unsatisfiedAfterFreeing(freed) {
    freed.source = null;
    freed.strength = WEAKEST;
    freed.isStay = true;
    /** @type {Constraint[]} */
    const unsatisfied = [];
    const agenda = [freed];
    for (let at = 0; at < agenda.length; at++) {
      const variable = agenda[at];
      for (const each of variable.constraints) if (!each.isSatisfied) unsatisfied.push(each);
      for (const each of variable.constraints)
        if (each !== variable.source && each.isSatisfied) {
          each.recalculate();
          agenda.push(each.output);
        }
    }
    return unsatisfied;
  }
}

/** A value that is put in at the front comes out at the end. @param {number} count */
function chain(count) {
  const planner = new Planner();
  const variables = Array.from({ length: count + 1 }, () => new Variable(0));
  const [first, last] = [variables[0], variables[count]];
  for (let i = 0; i < count; i++) new Equality(variables[i], variables[i + 1], REQUIRED).addTo(planner);
  new Stay(last, STRONG_DEFAULT).addTo(planner);
  const edit = new Edit(first, PREFERRED);
  edit.addTo(planner);
  const plan = planner.planFrom([edit]);
  let isRight = true;
  for (let value = 1; value <= 100; value++) {
    first.value = value;
    for (const each of plan) each.execute();
    if (last.value !== value) isRight = false;
  }
  edit.removeFrom(planner);
  return isRight;
}

/** @param {Planner} planner @param {Variable} variable @param {number} value */
function change(planner, variable, value) {
  const edit = new Edit(variable, PREFERRED);
  edit.addTo(planner);
  const plan = planner.planFrom([edit]);
  for (let i = 0; i < 10; i++) {
    variable.value = value;
    for (const each of plan) each.execute();
  }
  edit.removeFrom(planner);
}

/** Change each end of a scaling, and the scale and offset of all. @param {number} count */
function projection(count) {
  const planner = new Planner();
  const scale = new Variable(10);
  const offset = new Variable(1000);
  const sources = Array.from({ length: count }, (_, i) => new Variable(i + 1));
  const targets = Array.from({ length: count }, (_, i) => new Variable(i + 1));
  for (let i = 0; i < count; i++) {
    new Stay(sources[i], NORMAL).addTo(planner);
    new Scale(sources[i], targets[i], REQUIRED, scale, offset).addTo(planner);
  }
  /** The last scaling is not looked at: its target was edited. @param {(value: number) => number} rule */
  const allButLastObey = (rule) => {
    for (let i = 0; i < count - 1; i++) if (targets[i].value !== rule(sources[i].value)) return false;
    return true;
  };
  change(planner, sources[count - 1], 17);
  if (targets[count - 1].value !== 1170) return false;
  change(planner, targets[count - 1], 1050);
  if (sources[count - 1].value !== 5) return false;
  change(planner, scale, 5);
  if (!allButLastObey((value) => value * 5 + 1000)) return false;
  change(planner, offset, 2000);
  return allButLastObey((value) => value * 5 + 2000);
}

export default program('DeltaBlue', 1000, 20, (inner) => chain(inner) && projection(inner), () => true);
