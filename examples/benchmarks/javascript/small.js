/** small.js: the programs that fit a screen: Fib, Sieve, Queens, Permute, Towers, Bounce, List, Storage, BinaryTrees. */
import { Random, program } from './program.js';

/** @param {number} n @returns {number} */
function benchFib(n) {
  return n < 2 ? 1 : benchFib(n - 1) + benchFib(n - 2) + 1;
}

/** @param {number} inner */
function fibExpected(inner) {
  let a = 1;
  let b = 1;
  for (let i = 0; i < inner; i++) [a, b] = [b, a + b];
  return 2 * a - 1;
}

/** @param {number} limit */
function primesUpTo(limit) {
  const isPrime = new Array(limit + 1).fill(true);
  let count = 0;
  for (let number = 2; number <= limit; number++)
    if (isPrime[number]) {
      count++;
      for (let multiple = number + number; multiple <= limit; multiple += number) isPrime[multiple] = false;
    }
  return count;
}

class Queens {
  /** @param {number} size */
  constructor(size) {
    this.size = size;
    this.freeColumns = new Array(size).fill(true);
    this.freeRising = new Array(2 * size).fill(true);
    this.freeFalling = new Array(2 * size).fill(true);
    this.solutions = 0;
  }
  /** @param {number} row */
  place(row) {
    if (row >= this.size) {
      this.solutions++;
      return;
    }
    for (let column = 0; column < this.size; column++)
      if (this.isFree(row, column)) {
        this.set(row, column, false);
        this.place(row + 1);
        this.set(row, column, true);
      }
  }
  /** @param {number} row @param {number} column */
  isFree(row, column) {
    return this.freeColumns[column] && this.freeRising[row + column] && this.freeFalling[row - column + this.size];
  }
  /** @param {number} row @param {number} column @param {boolean} value */
  set(row, column, value) {
    this.freeColumns[column] = value;
    this.freeRising[row + column] = value;
    this.freeFalling[row - column + this.size] = value;
  }
}

class Permute {
  constructor() {
    this.elements = [1, 2, 3, 4, 5, 6, 7];
    this.count = 0;
    this.checksum = 0;
  }
  /** @param {number} length  how many of the elements move */
  permute(length) {
    if (length === 1) {
      this.count++;
      this.checksum += this.elements[0];
      return;
    }
    for (let i = 0; i < length; i++) {
      this.swap(i, length - 1);
      this.permute(length - 1);
      this.swap(i, length - 1);
    }
  }
  /** @param {number} i @param {number} j */
  swap(i, j) {
    const element = this.elements[i];
    this.elements[i] = this.elements[j];
    this.elements[j] = element;
  }
}

class Disk {
  /** @param {number} radius */
  constructor(radius) {
    this.radius = radius;
    /** @type {Disk | null} */
    this.below = null;
  }
}

class Towers {
  /** @param {number} height */
  constructor(height) {
    /** @type {(Disk | null)[]} */
    this.poles = [null, null, null];
    this.moves = 0;
    for (let radius = height; radius >= 1; radius--) this.put(new Disk(radius), 0);
  }
  /** @param {Disk} disk @param {number} pole */
  put(disk, pole) {
    const top = this.poles[pole];
    if (top !== null && top.radius < disk.radius) throw new Error('a disk cannot lie on a smaller one');
    disk.below = top;
    this.poles[pole] = disk;
  }
  /** @param {number} pole */
  take(pole) {
    const top = this.poles[pole];
    if (top === null) throw new Error('no disk is there');
    this.poles[pole] = top.below;
    return top;
  }
  /** @param {number} count @param {number} source @param {number} target @param {number} other */
  move(count, source, target, other) {
    if (count === 0) return;
    this.move(count - 1, source, other, target);
    this.put(this.take(source), target);
    this.moves++;
    this.move(count - 1, other, target, source);
  }
  /** @param {number} pole */
  height(pole) {
    let height = 0;
    for (let disk = this.poles[pole]; disk !== null; disk = disk.below) height++;
    return height;
  }
}

class Ball {
  /** @param {Random} random */
  constructor(random) {
    this.x = random.next() % 500;
    this.y = random.next() % 500;
    this.xSpeed = (random.next() % 300) - 150;
    this.ySpeed = (random.next() % 300) - 150;
  }
  /** Flies for one step; tells whether it bounced. */
  move() {
    let bounced = false;
    this.x += this.xSpeed;
    this.y += this.ySpeed;
    if (this.x > 500) {
      this.x = 500;
      this.xSpeed = -Math.abs(this.xSpeed);
      bounced = true;
    }
    if (this.x < 0) {
      this.x = 0;
      this.xSpeed = Math.abs(this.xSpeed);
      bounced = true;
    }
    if (this.y > 500) {
      this.y = 500;
      this.ySpeed = -Math.abs(this.ySpeed);
      bounced = true;
    }
    if (this.y < 0) {
      this.y = 0;
      this.ySpeed = Math.abs(this.ySpeed);
      bounced = true;
    }
    return bounced;
  }
}

function bounces() {
  const random = new Random();
  const balls = Array.from({ length: 100 }, () => new Ball(random));
  let count = 0;
  for (let step = 0; step < 50; step++)
    balls.forEach((ball) => {
      if (ball.move()) count++;
    });
  return count;
}

class Element {
  /** @param {Element | null} next */
  constructor(next) {
    this.next = next;
  }
  /** @param {number} length @returns {Element | null} */
  static ofLength(length) {
    return length === 0 ? null : new Element(Element.ofLength(length - 1));
  }
  /** @returns {number} */
  length() {
    return this.next === null ? 1 : 1 + this.next.length();
  }
}

/** @param {Element | null} one @param {Element | null} other */
function isShorter(one, other) {
  while (other !== null) {
    if (one === null) return true;
    one = one.next;
    other = other.next;
  }
  return false;
}

/** @param {Element | null} x @param {Element | null} y @param {Element | null} z @returns {Element | null} */
function tak(x, y, z) {
  return isShorter(y, x)
    ? tak(tak(next(x), y, z), tak(next(y), z, x), tak(next(z), x, y))
    : z;
}

/** @param {Element | null} list */
const next = (list) => /** @type {Element} */ (list).next;

class Storage {
  constructor() {
    this.random = new Random();
    this.count = 0;
  }
  /** @param {number} depth @returns {unknown[]} */
  tree(depth) {
    this.count++;
    if (depth === 1) return new Array((this.random.next() % 10) + 1);
    const node = new Array(4);
    for (let i = 0; i < 4; i++) node[i] = this.tree(depth - 1);
    return node;
  }
}

class TreeNode {
  /** @param {TreeNode | null} left @param {TreeNode | null} right */
  constructor(left, right) {
    this.left = left;
    this.right = right;
  }
  /** @param {number} depth @returns {TreeNode} */
  static ofDepth(depth) {
    return depth === 0
      ? new TreeNode(null, null)
      : new TreeNode(TreeNode.ofDepth(depth - 1), TreeNode.ofDepth(depth - 1));
  }
  /** @returns {number} */
  count() {
    return this.left === null || this.right === null ? 1 : 1 + this.left.count() + this.right.count();
  }
}

/** @param {number} inner */
function binaryTrees(inner) {
  const lasting = TreeNode.ofDepth(inner);
  let total = TreeNode.ofDepth(inner + 1).count();
  for (let depth = 4; depth <= inner; depth += 2)
    for (let i = 1 << (inner - depth + 4); i > 0; i--) total += TreeNode.ofDepth(depth).count();
  return total + lasting.count();
}

/** @param {number} inner */
function binaryTreesExpected(inner) {
  let total = (1 << (inner + 2)) - 1 + (1 << (inner + 1)) - 1;
  for (let depth = 4; depth <= inner; depth += 2) total += (1 << (inner - depth + 4)) * ((1 << (depth + 1)) - 1);
  return total;
}

/** Does it so many times; answers the last answer. @template T @param {number} inner @param {() => T} work */
function times(inner, work) {
  let answer = work();
  for (let i = 1; i < inner; i++) answer = work();
  return answer;
}

export const small = [
  program('BinaryTrees', 10, 6, binaryTrees, binaryTreesExpected),
  program('Bounce', 50, 1, (inner) => times(inner, bounces), () => 1331),
  program('Fib', 26, 10, benchFib, fibExpected),
  program('List', 50, 1, (inner) => times(inner, () => tak(Element.ofLength(15), Element.ofLength(10), Element.ofLength(6)))?.length(), () => 10),
  program('Permute', 20, 1, (inner) => times(inner, () => {
    const permute = new Permute();
    permute.permute(7);
    return `${permute.count}->${permute.checksum}`;
  }), () => '5040->20160'),
  program('Queens', 5, 1, (inner) => times(inner, () => {
    const queens = new Queens(8);
    queens.place(0);
    return queens.solutions;
  }), () => 92),
  program('Sieve', 100, 1, (inner) => times(inner, () => primesUpTo(5000)), () => 669),
  program('Storage', 20, 1, (inner) => times(inner, () => {
    const storage = new Storage();
    storage.tree(7);
    return storage.count;
  }), () => 5461),
  program('Towers', 20, 1, (inner) => times(inner, () => {
    const towers = new Towers(13);
    towers.move(13, 0, 1, 2);
    return towers.height(1) === 13 ? towers.moves : -1;
  }), () => 8191),
];
