/** json.js: reads and writes JSON that describes an invented library, character by character, without the built-in JSON. */
import { program } from './program.js';

/** @typedef {null | boolean | number | string | Value[] | Map<string, Value>} Value */

/** @type {Record<string, string>} */
const ESCAPES = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

class Reader {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.position = 0;
  }
  readAll() {
    const value = this.readValue();
    this.skipSpace();
    if (this.position < this.text.length) this.fail('the end');
    return value;
  }
  /** @returns {Value} */
  readValue() {
    this.skipSpace();
    const next = this.text[this.position];
    if (next === '{') return this.readObject();
    if (next === '[') return this.readArray();
    if (next === '"') return this.readString();
    if (next === 't') return this.readWord('true', true);
    if (next === 'f') return this.readWord('false', false);
    if (next === 'n') return this.readWord('null', null);
    if (next === '-' || isDigit(next)) return this.readNumber();
    return this.fail('a value');
  }
  readObject() {
    /** @type {Map<string, Value>} */
    const object = new Map();
    this.position++;
    if (this.skipTo('}')) return object;
    do {
      this.skipSpace();
      const key = this.readString();
      this.expect(':');
      object.set(key, this.readValue());
    } while (this.skipTo(','));
    this.expect('}');
    return object;
  }
  readArray() {
    /** @type {Value[]} */
    const array = [];
    this.position++;
    if (this.skipTo(']')) return array;
    do array.push(this.readValue());
    while (this.skipTo(','));
    this.expect(']');
    return array;
  }
  readString() {
    this.expect('"');
    let result = '';
    for (;;) {
      const next = this.text[this.position++];
      if (next === '"') return result;
      if (next === undefined) this.fail('a quote');
      result += next === '\\' ? this.readEscaped() : next;
    }
  }
  readEscaped() {
    const next = this.text[this.position++];
    if (next !== 'u') return ESCAPES[next] ?? next;
    this.position += 4;
    return String.fromCharCode(parseInt(this.text.slice(this.position - 4, this.position), 16));
  }
  readNumber() {
    const isNegative = this.skip('-');
    let value = this.readDigits();
    if (this.skip('.')) {
      const start = this.position;
      const scale = this.readDigits();
      value += scale / 10 ** (this.position - start);
    }
    if (this.skip('e') || this.skip('E')) {
      const isSmall = this.skip('-');
      this.skip('+');
      const factor = 10 ** this.readDigits();
      value = isSmall ? value / factor : value * factor;
    }
    return isNegative ? -value : value;
  }
  readDigits() {
    let value = 0;
    while (isDigit(this.text[this.position])) value = value * 10 + Number(this.text[this.position++]);
    return value;
  }
  /** @param {string} word @param {Value} value */
  readWord(word, value) {
    for (const each of word) if (this.text[this.position++] !== each) this.fail(word);
    return value;
  }
  skipSpace() {
    while (' \t\n\r'.includes(this.text[this.position] ?? 'x')) this.position++;
  }
  /** @param {string} character */
  skip(character) {
    if (this.text[this.position] !== character) return false;
    this.position++;
    return true;
  }
  /** @param {string} character */
  skipTo(character) {
    this.skipSpace();
    return this.skip(character);
  }
  /** @param {string} character */
  expect(character) {
    if (!this.skipTo(character)) this.fail(character);
  }
  /** @param {string} what @returns {never} */
  fail(what) {
    throw new Error(`JSON: expected ${what} at position ${this.position}`);
  }
}

/** @param {string | undefined} character */
const isDigit = (character) => character !== undefined && character >= '0' && character <= '9';

class Writer {
  constructor() {
    this.text = '';
  }
  /** @param {Value} value */
  write(value) {
    if (typeof value === 'string') this.writeString(value);
    else if (value instanceof Map) this.writeObject(value);
    else if (Array.isArray(value)) this.writeArray(value);
    else this.text += String(value);
  }
  /** @param {Map<string, Value>} map */
  writeObject(map) {
    let isFirst = true;
    this.text += '{';
    for (const [key, value] of map) {
      if (!isFirst) this.text += ',';
      isFirst = false;
      this.writeString(key);
      this.text += ':';
      this.write(value);
    }
    this.text += '}';
  }
  /** @param {Value[]} array */
  writeArray(array) {
    this.text += '[';
    array.forEach((each, i) => {
      if (i > 0) this.text += ',';
      this.write(each);
    });
    this.text += ']';
  }
  /** @param {string} string */
  writeString(string) {
    this.text += '"';
    for (const each of string) {
      if (each === '"' || each === '\\') this.text += '\\';
      this.text += each === '\n' ? '\\n' : each;
    }
    this.text += '"';
  }
}

/** @param {Value} value */
function write(value) {
  const writer = new Writer();
  writer.write(value);
  return writer.text;
}

/** @param {number} index @returns {Map<string, Value>} */
const book = (index) =>
  new Map(/** @type {[string, Value][]} */ ([
    ['title', `Volume ${index}`],
    ['pages', 37 * index + 100],
    ['price', index + 0.5],
    ['lent', index % 2 === 0],
    ['tags', ['red', 'line\n', index]],
  ]));

/** @param {number} count @returns {Map<string, Value>} */
const library = (count) =>
  new Map(/** @type {[string, Value][]} */ ([
    ['name', 'The "Old" Library\\of'],
    ['open', true],
    ['debts', null],
    ['books', Array.from({ length: count }, (_, i) => book(i + 1))],
  ]));

/** @param {number} inner */
function json(inner) {
  const text = write(library(60));
  /** @type {Value} */
  let value = null;
  for (let i = 0; i < inner; i++) value = new Reader(text).readAll();
  if (write(value) !== text) return -1;
  const books = /** @type {Map<string, number>[]} */ (/** @type {Map<string, Value>} */ (value).get('books'));
  return books.reduce((sum, each) => sum + (each.get('pages') ?? NaN), 0);
}

export default program('Json', 20, 1, json, () => 37 * 30 * 61 + 6000);
