/** tree.js: a program as a tree: text with nodes in it, so that whole parts can be dropped when a failing one is reduced. */

/**
 * A list's parts are nodes that may be dropped one by one; another node's may be replaced by a part of its kind or by
 * the kind's simplest text. A quoted node is the inside of a Smalltalk string.
 * @typedef {object} Node
 * @property {string} kind
 * @property {(string | Node)[]} parts
 * @property {boolean} [list]
 * @property {string} [separator]
 * @property {boolean} [quoted]
 * @property {boolean} [risky]    its value may be bigger than its parts' values
 */

/** The simplest expression of each kind that has one. @type {Record<string, string>} */
export const SIMPLEST = {
  int: '1', num: '2.5', bool: 'true', str: "'s' copy", char: '$c', arr: '(Array new: 3)', obj: 'nil', any: 'nil', block: '[:z | z]', dict: 'Dictionary new',
  set: 'Set new',
};

/** @param {string} kind @returns {(strings: TemplateStringsArray, ...holes: (string | number | Node)[]) => Node} */
export const node = (kind) => (strings, ...holes) => {
  /** @type {(string | Node)[]} */
  const parts = [strings[0]];
  holes.forEach((hole, i) => parts.push(typeof hole === 'object' ? hole : String(hole), strings[i + 1]));
  return { kind, parts, risky: holes.some((hole) => typeof hole === 'object' && hole.risky) };
};

/** @param {Node[]} nodes @param {string} separator @returns {Node} */
export const list = (nodes, separator) => ({ kind: 'list', parts: nodes, list: true, separator });

/** @param {Node} inner @returns {Node} */
export const quoted = (inner) => ({ kind: 'quoted', parts: [inner], quoted: true });

/** @param {Node | string} tree @returns {string} */
export function textOf(tree) {
  if (typeof tree === 'string') return tree;
  const text = tree.parts.map(textOf).filter((part) => !tree.list || part !== '').join(tree.separator ?? '');
  return tree.quoted ? text.replaceAll("'", "''") : text;
}

/** @param {Node} tree @returns {Node[]} the tree's nodes, outer ones first */
function nodesOf(tree) {
  const found = [tree];
  for (let i = 0; i < found.length; i++)
    for (const part of found[i].parts) if (typeof part === 'object') found.push(part);
  return found;
}

/** A change that can be undone. @typedef {{parts: (string | Node)[], node: Node}} Edit */

/** Every change that makes the tree smaller, the biggest first. @param {Node} tree @returns {Edit[]} */
function editsOf(tree) {
  /** @type {(Edit & {gain: number})[]} */
  const edits = [];
  for (const each of nodesOf(tree)) {
    const size = textOf(each).length;
    const offer = (/** @type {(string | Node)[]} */ parts) => {
      const gain = size - textOf({ ...each, parts }).length;
      if (gain > 0) edits.push({ node: each, parts, gain });
    };
    if (each.list) {
      for (let length = each.parts.length; length >= 1; length = Math.floor(length / 2))
        for (let from = 0; from < each.parts.length; from += length)
          offer([...each.parts.slice(0, from), ...each.parts.slice(from + length)]);
      continue;
    }
    if (SIMPLEST[each.kind] !== undefined) offer([SIMPLEST[each.kind]]);
    if (each.kind in SIMPLEST || each.kind === 'stmt')
      for (const inner of nodesOf(each).slice(1, 12))
        if (inner.kind === each.kind || (each.kind === 'stmt' && inner.list)) offer([inner]);
  }
  return edits.sort((a, b) => b.gain - a.gain);
}

/**
 * Makes the tree smaller as long as it still fails, in place.
 * @param {Node} tree @param {(text: string) => Promise<boolean>} fails
 * @param {{tries: number, seconds: number}} limits
 */
export async function reduce(tree, fails, { tries, seconds }) {
  const end = performance.now() + 1000 * seconds;
  const tried = new Set();
  for (let changed = true; changed; ) {
    changed = false;
    for (const { node: at, parts } of editsOf(tree)) {
      if (tries <= 0 || performance.now() > end) return;
      const before = at.parts;
      at.parts = parts;
      const text = textOf(tree);
      if (!tried.has(text)) {
        tried.add(text);
        tries--;
        if (await fails(text)) {
          changed = true;
          break;
        }
      }
      at.parts = before;
    }
  }
}
