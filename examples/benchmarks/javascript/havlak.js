/** havlak.js: a large control-flow graph with nested loops, which are found by Havlak's algorithm. */
import { program } from './program.js';

class Node {
  /** @param {number} number */
  constructor(number) {
    this.number = number;
    /** @type {Node[]} */
    this.predecessors = [];
    /** @type {Node[]} */
    this.successors = [];
  }
  /** @param {Node} node */
  connectTo(node) {
    this.successors.push(node);
    node.predecessors.push(this);
  }
}

class Graph {
  constructor() {
    /** @type {Node[]} */
    this.nodes = [];
    this.addNode();
  }
  addNode() {
    const node = new Node(this.nodes.length);
    this.nodes.push(node);
    return node;
  }
  /** A choice of two ways that meet again; answers where. @param {Node} from */
  diamond(from) {
    const [left, right, end] = [this.addNode(), this.addNode(), this.addNode()];
    from.connectTo(left);
    from.connectTo(right);
    left.connectTo(end);
    right.connectTo(end);
    return end;
  }
  /** @param {number} count @param {Node} from */
  straight(count, from) {
    let node = from;
    for (let i = 0; i < count; i++) {
      const next = this.addNode();
      node.connectTo(next);
      node = next;
    }
    return node;
  }
  /** A loop with a diamond in it, and there depth - 1 loops more; answers its end. @param {number} depth @param {Node} from @returns {Node} */
  loopsNested(depth, from) {
    const head = this.straight(1, from);
    let body = this.diamond(head);
    if (depth > 1) body = this.loopsNested(depth - 1, body);
    body.connectTo(head);
    return this.straight(1, body);
  }
}

/** Stands for a node, later for the whole loop that was found around it: union leads to what has swallowed it. */
class Region {
  /** @param {Node} node */
  constructor(node) {
    this.node = node;
    /** @type {Region} */
    this.union = this;
    /** @type {Region | null} */
    this.header = null;
    this.isReducible = true;
  }
  find() {
    /** @type {Region} */
    let root = this;
    while (root.union !== root) root = root.union;
    /** @type {Region} */
    let each = this;
    while (each.union !== root) {
      const next = each.union;
      each.union = root;
      each = next;
    }
    return root;
  }
}

const UNKNOWN = -1;

class LoopFinder {
  /** @param {Graph} graph */
  constructor(graph) {
    this.graph = graph;
    this.numbers = new Array(graph.nodes.length).fill(UNKNOWN);
    this.lasts = new Array(graph.nodes.length).fill(UNKNOWN);
    /** @type {Region[]} */
    this.regions = [];
    this.loops = 0;
    this.irreducible = 0;
  }
  find() {
    this.numberFrom(this.graph.nodes[0]);
    for (let i = this.regions.length - 1; i >= 0; i--) this.findLoopAt(i);
  }
  /** Depth first, without recursion for graphs may be deep. @param {Node} from */
  numberFrom(from) {
    const nodes = [from];
    const counts = [0];
    this.enter(from);
    while (nodes.length > 0) {
      const node = nodes[nodes.length - 1];
      const count = /** @type {number} */ (counts.pop());
      if (count < node.successors.length) {
        counts.push(count + 1);
        const next = node.successors[count];
        if (this.numbers[next.number] === UNKNOWN) {
          this.enter(next);
          nodes.push(next);
          counts.push(0);
        }
      } else {
        nodes.pop();
        this.lasts[this.numbers[node.number]] = this.regions.length - 1;
      }
    }
  }
  /** @param {Node} node */
  enter(node) {
    this.numbers[node.number] = this.regions.length;
    this.regions.push(new Region(node));
  }
  /** @param {number} ancestor @param {number} descendant */
  isAncestor(ancestor, descendant) {
    return ancestor <= descendant && descendant <= this.lasts[ancestor];
  }
  /** @param {number} index */
  findLoopAt(index) {
    const header = this.regions[index];
    /** @type {Set<Region>} */
    const body = new Set();
    this.backEdgesTo(index, (region) => {
      if (region !== header) body.add(region);
    });
    if (body.size === 0 && !this.hasSelfLoop(index)) return;
    const worklist = [...body];
    for (let at = 0; at < worklist.length; at++)
      this.predecessorsOf(worklist[at], (region) => {
        if (!this.isAncestor(index, this.numbers[region.node.number])) header.isReducible = false;
        else if (region !== header && !body.has(region)) {
          body.add(region);
          worklist.push(region);
        }
      });
    this.loops++;
    if (!header.isReducible) this.irreducible++;
    for (const each of body) {
      each.header = header;
      each.union = header;
    }
  }
  /** @param {number} index @param {(region: Region) => void} visit */
  backEdgesTo(index, visit) {
    for (const each of this.regions[index].node.predecessors) {
      const number = this.numbers[each.number];
      if (number !== UNKNOWN && this.isAncestor(index, number)) visit(this.regions[number].find());
    }
  }
  /** @param {number} index */
  hasSelfLoop(index) {
    let isThere = false;
    this.backEdgesTo(index, (region) => {
      if (region === this.regions[index]) isThere = true;
    });
    return isThere;
  }
  /** Edges that come back from inside are not counted. @param {Region} region @param {(region: Region) => void} visit */
  predecessorsOf(region, visit) {
    const own = this.numbers[region.node.number];
    for (const each of region.node.predecessors) {
      const number = this.numbers[each.number];
      if (number !== UNKNOWN && !this.isAncestor(own, number)) visit(this.regions[number].find());
    }
  }
  /** How many loops are within each other, at most. */
  maximumDepth() {
    let maximum = 0;
    for (const each of this.regions) {
      let depth = 0;
      for (let region = each.header; region !== null; region = region.header) depth++;
      maximum = Math.max(maximum, depth);
    }
    return maximum;
  }
}

/** @param {number} inner */
function havlak(inner) {
  const graph = new Graph();
  let node = graph.diamond(graph.nodes[0]);
  for (let i = 0; i < inner; i++) node = graph.loopsNested(4, graph.straight(2, node));
  const finder = new LoopFinder(graph);
  finder.find();
  return `#(${finder.loops} ${finder.irreducible} ${finder.maximumDepth()})`;
}

export default program('Havlak', 200, 10, havlak, (inner) => `#(${inner * 4} 0 4)`);
