/** script.js: input events at times, from a list of steps. The steps are described in docs/devices.md. */
import { BUTTON, DROP, Input, KEY, MODIFIER, NAMED_KEYS, WINDOW } from './input.js';

/** Milliseconds between what one step does: slow enough for images that poll. */
const PAUSE = Object.freeze({ BEFORE: 400, BUTTON: 80, DRAG: 40, KEY: 40 });
const DRAG_STEPS = 10;
const NOTCH = 120;

/** @type {Readonly<Record<string, number>>} */
const BUTTONS = Object.freeze({ red: BUTTON.RED, left: BUTTON.RED, yellow: BUTTON.YELLOW, right: BUTTON.YELLOW, blue: BUTTON.BLUE, middle: BUTTON.BLUE });
/** @type {Readonly<Record<string, number>>} */
const MODIFIERS = Object.freeze({ shift: MODIFIER.SHIFT, ctrl: MODIFIER.CTRL, option: MODIFIER.OPTION, alt: MODIFIER.OPTION, cmd: MODIFIER.CMD });
/** @type {Readonly<Record<string, number>>} */
const WINDOW_ACTIONS = Object.freeze({ close: WINDOW.CLOSE, iconise: WINDOW.ICONISED, activate: WINDOW.ACTIVATED, deactivate: WINDOW.DEACTIVATED, paint: WINDOW.PAINT });

/**
 * What happens besides input.
 * @typedef {object} Actions
 * @property {(width: number, height: number) => void} resize
 * @property {(files: string[]) => void} drop  makes the files ready to be asked for
 * @property {(file: string) => void} screenshot
 * @property {(code: number) => void} quit
 */
/** @typedef {{at: number, run: (input: Input, actions: Actions) => unknown}} Moment */
/** @typedef {Record<string, any>} Step */

/** A script that cannot be played: says which step, and why. */
export class ScriptError extends Error {}

/** @param {unknown} value @returns {value is [number, number]} */
const isPoint = (value) => Array.isArray(value) && value.length === 2 && value.every((n) => typeof n === 'number' && Number.isFinite(n));
/** @param {Readonly<Record<string, number>>} table @param {string} name @param {string} what */
function named(table, name, what) {
  if (!Object.hasOwn(table, name)) throw new ScriptError(`there is no ${what} '${name}': ${Object.keys(table).join(', ')}`);
  return table[name];
}
/** @param {unknown} value @param {string} what @returns {[number, number]} */
function point(value, what) {
  if (!isPoint(value)) throw new ScriptError(`${what}: two numbers are needed, such as [100, 50]`);
  return [Math.round(value[0]), Math.round(value[1])];
}
/** @param {unknown} value @param {string} what @returns {string} */
function text(value, what) {
  if (typeof value !== 'string' || value === '') throw new ScriptError(`${what}: a text is needed`);
  return value;
}

/** A row of things to do, each so many milliseconds after the one before. @typedef {[number, Moment['run']][]} Acts */

/** @param {[number, number]} at @param {number} button @param {number} count @returns {Acts} */
function clicks([x, y], button, count) {
  /** @type {Acts} */
  const acts = [[0, (input) => input.move(x, y)]];
  for (let i = 1; i <= count; i++)
    acts.push([PAUSE.BUTTON, (input) => input.press(button, i)], [PAUSE.BUTTON, (input) => input.release(button)]);
  return acts;
}

/** @param {[number, number][]} points @param {number} button @returns {Acts} */
function drag([from, ...to], button) {
  /** @type {Acts} */
  const acts = [[0, (input) => input.move(...from)], [PAUSE.BUTTON, (input) => input.press(button)]];
  let [x0, y0] = from;
  for (const [x, y] of to) {
    const [x1, y1] = [x0, y0];
    for (let i = 1; i <= DRAG_STEPS; i++) {
      const part = i / DRAG_STEPS;
      acts.push([PAUSE.DRAG, (input) => input.move(Math.round(x1 + (x - x1) * part), Math.round(y1 + (y - y1) * part))]);
    }
    [x0, y0] = [x, y];
  }
  return [...acts, [PAUSE.BUTTON, (input) => input.release(button)]];
}

/** @param {string} key @returns {Acts} */
function keyActs(key) {
  if ([...key].length !== 1 && !(key in NAMED_KEYS)) throw new ScriptError(`there is no key '${key}': a character, or ${Object.keys(NAMED_KEYS).join(', ')}`);
  return [[PAUSE.KEY, (input) => input.type(key)]];
}

/** What each step can say: its key → what is done. @type {Readonly<Record<string, (value: any, step: Step) => Acts>>} */
const STEPS = Object.freeze({
  move: (value) => [[0, (input) => input.move(...point(value, 'move'))]],
  press: (value) => [[0, (input) => input.press(named(BUTTONS, value, 'button'))]],
  release: (value) => [[0, (input) => input.release(named(BUTTONS, value, 'button'))]],
  click: (value, step) => clicks(point(value, 'click'), named(BUTTONS, step.button ?? 'left', 'button'), 1),
  doubleClick: (value, step) => clicks(point(value, 'doubleClick'), named(BUTTONS, step.button ?? 'left', 'button'), 2),
  drag: (value, step) => {
    if (!Array.isArray(value) || value.length < 2) throw new ScriptError('drag: at least two points are needed');
    return drag(value.map((each) => point(each, 'drag')), named(BUTTONS, step.button ?? 'left', 'button'));
  },
  wheel: (value) => {
    const [right, up] = point(value, 'wheel');
    return [[0, (input) => input.wheel(NOTCH * right, NOTCH * up)]];
  },
  key: (value) => keyActs(text(value, 'key')),
  keyDown: (value) => [[0, (input) => input.key(KEY.DOWN, text(value, 'keyDown'))]],
  keyUp: (value) => [[0, (input) => input.key(KEY.UP, text(value, 'keyUp'))]],
  type: (value) => [...text(value, 'type')].flatMap((c) => keyActs(c === '\n' ? 'Enter' : c)),
  resize: (value) => {
    const [width, height] = point(value, 'resize');
    return [[0, (input, actions) => (actions.resize(width, height), input.window(WINDOW.RESIZED, 0, 0, width, height))]];
  },
  window: (value) => [[0, (input) => input.window(named(WINDOW_ACTIONS, value, 'window action'))]],
  drop: (value, step) => {
    if (!Array.isArray(value) || !value.every((file) => typeof file === 'string')) throw new ScriptError('drop: a list of file names is needed');
    const [x, y] = point(step.to, 'drop … to');
    return [
      [0, (input) => (input.move(x, y), input.drop(DROP.ENTER, value.length))],
      [PAUSE.BUTTON, (input) => input.drop(DROP.MOVE, value.length)],
      [PAUSE.BUTTON, (input, actions) => (actions.drop(value), input.drop(DROP.DROPPED, value.length))],
    ];
  },
  screenshot: (value) => [[0, (_input, actions) => actions.screenshot(text(value, 'screenshot'))]],
  wait: (value) => [[typeof value === 'number' ? value : NaN, () => {}]],
  quit: (value) => [[0, (_input, actions) => actions.quit(Number(value) || 0)]],
});
const BESIDES = ['at', 'after', 'modifiers', 'button', 'to', 'comment'];

/** @param {Step} step @returns {Acts} */
function actsOf(step) {
  const known = Object.keys(step).filter((key) => key in STEPS);
  const unknown = Object.keys(step).find((key) => !(key in STEPS) && !BESIDES.includes(key));
  if (unknown !== undefined) throw new ScriptError(`there is no '${unknown}': ${Object.keys(STEPS).join(', ')}`);
  if (known.length !== 1) throw new ScriptError(`one of ${Object.keys(STEPS).join(', ')} is needed`);
  const acts = STEPS[known[0]](step[known[0]], step);
  const bits = (step.modifiers ?? []).reduce((/** @type {number} */ sum, /** @type {string} */ name) => sum | named(MODIFIERS, name, 'modifier'), 0);
  if (bits === 0) return acts;
  return [[0, (input) => (input.modifiers |= bits)], ...acts, [0, (input) => (input.modifiers &= ~bits)]];
}

/** Checks a script and works out when each thing happens. @param {unknown} steps @returns {Moment[]} in milliseconds from the start */
export function momentsOf(steps) {
  if (!Array.isArray(steps)) throw new ScriptError('a list of steps is needed');
  /** @type {Moment[]} */
  const moments = [];
  let at = 0;
  steps.forEach((step, i) => {
    try {
      if (typeof step !== 'object' || step === null) throw new ScriptError('an object is needed');
      at = step.at ?? at + (step.after ?? PAUSE.BEFORE);
      for (const [pause, run] of actsOf(step)) {
        at += pause;
        moments.push({ at, run });
      }
      if (!Number.isFinite(at)) throw new ScriptError('at, after and wait are numbers of milliseconds');
    } catch (error) {
      throw error instanceof ScriptError ? new ScriptError(`step ${i + 1}: ${error.message}`) : error;
    }
  });
  return moments.sort((a, b) => a.at - b.at);
}

/** Plays moments while a VM runs. */
export class ScriptPlayer {
  /** @param {Moment[]} moments @param {Input} input @param {Actions} actions */
  constructor(moments, input, actions) {
    this.moments = [...moments];
    this.input = input;
    this.actions = actions;
    /** The clock when it began; the first look begins it. @type {number | null} */
    this.began = null;
  }

  /** When something is to happen next, of that clock; Infinity: never. @param {number} now */
  due(now) {
    this.began ??= now;
    return this.moments.length > 0 ? this.began + this.moments[0].at : Infinity;
  }

  /** Does one thing that is due: images that poll are to see each. @param {number} now */
  play(now) {
    if (this.due(now) <= now) this.moments.shift()?.run(this.input, this.actions);
  }
}
