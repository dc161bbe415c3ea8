/** input.js: keyboard, mouse and window, from the host's side: puts events into the core's ring (vm/devices/events.h). */

/** enum dev_event_type, dev_button, dev_modifier, dev_key_action, dev_drop_action, dev_window_action. */
export const EVENT = Object.freeze({ NONE: 0, MOUSE: 1, KEYBOARD: 2, DROP: 3, WINDOW: 5, WHEEL: 7 });
export const BUTTON = Object.freeze({ BLUE: 1, YELLOW: 2, RED: 4 });
export const MODIFIER = Object.freeze({ SHIFT: 1, CTRL: 2, OPTION: 4, CMD: 8 });
export const KEY = Object.freeze({ CHAR: 0, DOWN: 1, UP: 2 });
export const DROP = Object.freeze({ ENTER: 1, MOVE: 2, LEAVE: 3, DROPPED: 4 });
export const WINDOW = Object.freeze({ RESIZED: 1, CLOSE: 2, ICONISED: 3, ACTIVATED: 4, PAINT: 5, DEACTIVATED: 7 });

/** struct dev_event_ring. */
const RING = Object.freeze({ WRITTEN: 0, READ: 4, SLOTS: 8, LOST: 12, EVENTS: 16, EVENT_WORDS: 8 });
/** DEV_MS_CLOCK_MASK of vm/devices/clock.h. */
const MS_CLOCK_MASK = 0x1fffffff;

/** Names of keys, as pages have them → the characters that images know them by. @type {Readonly<Record<string, number>>} */
export const NAMED_KEYS = Object.freeze({
  Home: 1, End: 4, Insert: 5, Backspace: 8, Tab: 9, PageUp: 11, PageDown: 12, Enter: 13, Escape: 27,
  ArrowLeft: 28, ArrowRight: 29, ArrowUp: 30, ArrowDown: 31, Delete: 127,
});

/** Unicode → MacRoman, for the characters past ASCII. */
const macRoman = new Map([...new TextDecoder('macintosh').decode(Uint8Array.from({ length: 128 }, (_, i) => i + 128))].map((c, i) => [c.codePointAt(0), i + 128]));

/** The character of a key: its MacRoman code, 0 where it has none, and its Unicode. @param {string} key  a name or a character */
export function keyCodes(key) {
  const named = NAMED_KEYS[key];
  if (named !== undefined) return { code: named, unicode: named };
  const unicode = key === '\n' ? NAMED_KEYS.Enter : (key.codePointAt(0) ?? 0);
  return { code: unicode < 128 ? unicode : (macRoman.get(unicode) ?? 0), unicode };
}

export class Input {
  /** @param {import('../vm.js').VM} vm @param {() => number} [clock]  milliseconds, those of the host's clock_us */
  constructor(vm, clock = () => performance.now()) {
    this.vm = vm;
    this.clock = clock;
    this.x = 0;
    this.y = 0;
    this.buttons = 0;
    this.modifiers = 0;
  }

  /** @param {number} type @param {number[]} words @returns {boolean} false: the ring is full */
  put(type, ...words) {
    const { data } = this.vm.views.renew();
    const ring = this.vm.exports.vm_event_ring() >>> 0;
    const written = data.getUint32(ring + RING.WRITTEN, true);
    const slots = data.getUint32(ring + RING.SLOTS, true);
    if (((written - data.getUint32(ring + RING.READ, true)) >>> 0) >= slots) {
      data.setUint32(ring + RING.LOST, data.getUint32(ring + RING.LOST, true) + 1, true);
      return false;
    }
    const at = ring + RING.EVENTS + 4 * RING.EVENT_WORDS * (written % slots);
    const event = [type, Math.trunc(this.clock()) & MS_CLOCK_MASK, ...words];
    for (let i = 0; i < RING.EVENT_WORDS; i++) data.setInt32(at + 4 * i, event[i] ?? 0, true);
    data.setUint32(ring + RING.WRITTEN, written + 1, true);
    return true;
  }

  mouse_(clicks = 0) {
    return this.put(EVENT.MOUSE, this.x, this.y, this.buttons, this.modifiers, clicks);
  }
  /** @param {number} x @param {number} y */
  move(x, y) {
    this.x = x;
    this.y = y;
    return this.mouse_();
  }
  /** @param {number} button  one of BUTTON @param {number} [clicks] */
  press(button, clicks = 1) {
    this.buttons |= button;
    return this.mouse_(clicks);
  }
  /** @param {number} button */
  release(button) {
    this.buttons &= ~button;
    return this.mouse_();
  }
  /** @param {number} right @param {number} up  120 a notch */
  wheel(right, up) {
    return this.put(EVENT.WHEEL, right, up, this.buttons, this.modifiers);
  }

  /** @param {number} action  one of KEY @param {string} key  a name or a character */
  key(action, key) {
    const { code, unicode } = keyCodes(key);
    return this.put(EVENT.KEYBOARD, code, action, this.modifiers, unicode);
  }
  /** Down, the character, up. @param {string} key */
  type(key) {
    return [KEY.DOWN, KEY.CHAR, KEY.UP].every((action) => this.key(action, key));
  }

  /** @param {number} action  one of WINDOW @param {number[]} values */
  window(action, ...values) {
    return this.put(EVENT.WINDOW, action, ...values);
  }
  /** @param {number} action  one of DROP @param {number} files */
  drop(action, files) {
    return this.put(EVENT.DROP, action, this.x, this.y, this.modifiers, files);
  }
}
