/**
 * differences.js: what SqueakJS (1.3.3) is known to do otherwise, and why that is its fault or choice. Programs with it are not
 * sent, or a primitive is made to fail where it must (squeakjs-start.js), or it is taken away, as the reason says.
 */

/** @typedef {{top: () => any, stackValue: (depth: number) => any}} Stack */

/**
 * @typedef {object} Difference
 * @property {string} feature
 * @property {string} why
 * @property {RegExp} [pattern]  in the text of programs that are not sent
 * @property {number} [primitive]  that must fail
 * @property {(vm: Stack) => boolean} [fails]  with what is on the stack
 */

/** @type {Difference[]} */
export const DIFFERENCES = [
  {
    feature: 'translated code',
    why: 'its JIT loses the value of a send in which become: happens, and translates not at all where it takes the machine for slow: the start takes it away',
  },
  {
    feature: 'quo: with zero',
    why: 'primitive 13 answers 0: it divides in JavaScript and takes the lower 32 bits',
    primitive: 13,
    fails: (vm) => vm.top() === 0,
  },
  {
    feature: 'fractionPart of negative Floats',
    why: 'primitive 52 subtracts the floor: of -2.5 it answers 0.5 instead of -0.5',
    primitive: 52,
    fails: (vm) => vm.top().float < 0,
  },
  {
    feature: 'SmallIntegers that are minus zero',
    why: "0 * -1, and what -0.0 is truncated to, is JavaScript's -0, and a Float made of it too: the start takes the sign away",
  },
  {
    feature: 'read-only objects',
    why: 'primitive 164 answers true and does nothing, 163 is missing: in the images that it runs there are none (saved.st)',
  },
  {
    feature: 'pc and stackp of the running context',
    why: 'the context has those of the moment in which thisContext was pushed',
    pattern: /thisContext (pc|stackp)/,
  },
  {
    feature: 'perform:withArguments: of what is not understood',
    why: 'the Message has an array of the array of arguments',
    pattern: /perform: #(notThere|p\d\w*):? withArguments:/,
  },
];

/** Of primitives whose success is wrong at times, when. @type {Map<number, (vm: Stack) => boolean>} */
export const PRIMITIVES_THAT_FAIL = new Map(
  DIFFERENCES.flatMap(({ primitive, fails }) => (primitive !== undefined && fails ? [[primitive, fails]] : [])),
);

/** @param {string} text of a program @returns {string | null} the feature because of which it is not sent */
export const whyNotOnSqueakJS = (text) => DIFFERENCES.find(({ pattern }) => pattern?.test(text))?.feature ?? null;
