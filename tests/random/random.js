/** random.js: reproducible choices: the same seed makes the same program on every machine. */

export class Random {
  /** @param {number} seed */
  constructor(seed) {
    this.state = seed >>> 0;
    for (let i = 0; i < 3; i++) this.next();
  }

  /** 32 bits (mulberry32). */
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let z = this.state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return (z ^ (z >>> 14)) >>> 0;
  }

  /** @param {number} n @returns {number} from 0 to n - 1 */
  below(n) {
    return this.next() % n;
  }

  /** @param {number} from @param {number} to */
  between(from, to) {
    return from + this.below(to - from + 1);
  }

  /** @param {number} probability */
  chance(probability) {
    return this.next() < probability * 2 ** 32;
  }

  /** @template T @param {readonly T[]} list @returns {T} */
  of(list) {
    return list[this.below(list.length)];
  }

  /** Picks by weight. @template T @param {readonly (readonly [number, T])[]} rows @returns {T} */
  weighted(rows) {
    let at = this.below(rows.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, value] of rows) if ((at -= weight) < 0) return value;
    return rows[0][1];
  }
}
