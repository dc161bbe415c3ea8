/** screen.js: a display in a page: a canvas that shows the image's Display and its cursor, and gives it what keyboard, mouse, wheel, fingers, pens, input
 * methods and the clipboard do. */
import { clipboardOf } from '../clipboard.js';
import { VirtualDisplay } from '../display.js';
import { BUTTON, KEY, MODIFIER, NAMED_KEYS, WINDOW } from '../input.js';
import { service } from '../service.js';
import { utf8 } from '../../text.js';

/** Of a page's buttons: the left one is red, the middle one blue, the right one yellow. */
const BUTTONS = [BUTTON.RED, BUTTON.BLUE, BUTTON.YELLOW];
/** Pixels that a page scrolls by a notch, and what the core knows as one. */
const [NOTCH_PIXELS, NOTCH] = [100, 120];
const LINE_PIXELS = 16;
const DOUBLE_CLICK_MS = 500;

/** @param {{shiftKey: boolean, ctrlKey: boolean, altKey: boolean, metaKey: boolean}} event */
const modifiersOf = ({ shiftKey, ctrlKey, altKey, metaKey }) =>
  (shiftKey ? MODIFIER.SHIFT : 0) | (ctrlKey ? MODIFIER.CTRL : 0) | (altKey ? MODIFIER.OPTION : 0) | (metaKey ? MODIFIER.CMD : 0);

/** The text of bytes that an image copied: UTF-8, or else MacRoman. @param {Uint8Array} bytes */
function copiedText(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('macintosh').decode(bytes);
  }
}

export class PageScreen {
  /** @param {any} canvas  an HTML canvas of the size that the display is to have @param {any} [w]  its window */
  constructor(canvas, w = globalThis) {
    this.canvas = canvas;
    this.w = w;
    this.context = canvas.getContext('2d', { alpha: false });
    this.display = new VirtualDisplay({ width: canvas.width, height: canvas.height });
    this.display.onFrame = (rects) => this.draw_(rects);
    this.display.onCursor = (shape) => this.showCursor_(shape);
    /** @type {import('../input.js').Input | null} */
    this.input = null;
    this.composing = false;
    this.lastPress = { time: -Infinity, x: 0, y: 0, clicks: 0 };
    /** The services that were asked to tell. @type {Record<'touch' | 'pen' | 'composition', Set<(...value: unknown[]) => void>>} */
    this.watchers = { touch: new Set(), pen: new Set(), composition: new Set() };
    const { navigator } = w;
    this.clipboard = {
      bytes: new Uint8Array(0),
      get text() {
        return this.bytes;
      },
      set text(bytes) {
        this.bytes = bytes;
        navigator.clipboard?.writeText(copiedText(bytes)).catch(() => {}); // the page may have no leave to
      },
    };
  }

  /** @param {import('../display.js').Rect[]} rects */
  draw_(rects) {
    const { pixels, width, height } = this.display.picture;
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    const image = new this.w.ImageData(new Uint8ClampedArray(pixels.buffer), width, height);
    for (const { x, y, width: dx, height: dy } of rects) this.context.putImageData(image, 0, 0, x, y, dx, dy);
  }

  /** @param {import('../display.js').Shape} shape */
  showCursor_({ pixels, width, height, hotX, hotY }) {
    const canvas = this.w.document.createElement('canvas');
    canvas.width = Math.max(width, 1);
    canvas.height = Math.max(height, 1);
    if (width > 0 && height > 0) canvas.getContext('2d').putImageData(new this.w.ImageData(new Uint8ClampedArray(pixels), width, height), 0, 0);
    const clamp = (/** @type {number} */ at, /** @type {number} */ most) => Math.max(0, Math.min(Math.abs(at), most - 1));
    this.canvas.style.cursor = `url(${canvas.toDataURL()}) ${clamp(hotX, width)} ${clamp(hotY, height)}, default`;
  }

  /** Where something happened, in pixels of the display. @param {{clientX: number, clientY: number}} event */
  at_({ clientX, clientY }) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    return [Math.floor(((clientX - left) * this.display.width) / width), Math.floor(((clientY - top) * this.display.height) / height)];
  }

  /** Lets the VM hear what happens from now on. @param {import('../input.js').Input} input */
  listen(input) {
    this.input = input;
    const { canvas, w } = this;
    canvas.tabIndex = 0;
    canvas.style.touchAction = 'none';
    const on = (/** @type {any} */ target, /** @type {string} */ name, /** @type {(event: any) => void} */ act, prevent = true) =>
      target.addEventListener(name, (/** @type {any} */ event) => {
        input.modifiers = 'shiftKey' in event ? modifiersOf(event) : input.modifiers;
        act(event);
        if (prevent) event.preventDefault();
        input.vm.onWake?.();
      }, { passive: false });
    on(canvas, 'pointermove', (event) => this.pointer_('move', event));
    on(canvas, 'pointerdown', (event) => this.pointer_('start', event));
    on(canvas, 'pointerup', (event) => this.pointer_('end', event));
    on(canvas, 'pointercancel', (event) => this.pointer_('cancel', event));
    on(canvas, 'contextmenu', () => {});
    on(canvas, 'wheel', ({ deltaX, deltaY, deltaMode }) => {
      const notches = (/** @type {number} */ delta) => Math.round((-delta * (deltaMode === 0 ? 1 : LINE_PIXELS) * NOTCH) / NOTCH_PIXELS);
      input.wheel(0 - notches(deltaX), notches(deltaY));
    });
    on(canvas, 'keydown', (event) => this.keyDown_(event), false);
    on(canvas, 'keyup', ({ key }) => this.isKey_(key) && input.key(KEY.UP, key), false);
    for (const name of ['compositionstart', 'compositionupdate', 'compositionend']) on(canvas, name, (event) => this.compose_(name, event.data ?? ''), false);
    on(w, 'paste', ({ clipboardData }) => (this.clipboard.bytes = utf8(clipboardData?.getData('text/plain') ?? '')), false);
    on(canvas, 'focus', () => input.window(WINDOW.ACTIVATED), false);
    on(canvas, 'blur', () => input.window(WINDOW.DEACTIVATED), false);
  }

  /** The display has another size; the image is told. @param {number} width @param {number} height */
  resize(width, height) {
    this.display.resize(width, height);
    this.input?.window(WINDOW.RESIZED, 0, 0, width, height);
    this.input?.vm.onWake?.();
  }

  /** @param {'start' | 'move' | 'end' | 'cancel'} phase @param {any} event */
  pointer_(phase, event) {
    const { input } = this;
    if (input === null) return;
    const [x, y] = this.at_(event);
    if (event.pointerType === 'touch') this.tell_('touch', phase, event.pointerId, x, y, event.pressure);
    if (event.pointerType === 'pen') this.tell_('pen', phase, x, y, event.pressure, event.tiltX, event.tiltY, event.buttons);
    if (event.isPrimary === false) return;
    input.move(x, y);
    const button = BUTTONS[event.button] ?? 0;
    if (phase === 'start') {
      this.canvas.focus();
      this.canvas.setPointerCapture?.(event.pointerId);
      const { time, x: lastX, y: lastY, clicks } = this.lastPress;
      const again = event.timeStamp - time < DOUBLE_CLICK_MS && Math.hypot(x - lastX, y - lastY) < 5;
      this.lastPress = { time: event.timeStamp, x, y, clicks: again ? clicks + 1 : 1 };
      input.press(button, this.lastPress.clicks);
    } else if (phase !== 'move') input.release(button);
  }

  /** One that images know, or a character. @param {string} key */
  isKey_(key) {
    return key in NAMED_KEYS || [...key].length === 1;
  }

  /** @param {any} event */
  keyDown_(event) {
    const { key, isComposing, repeat } = event;
    if (this.input === null || isComposing || this.composing || !this.isKey_(key)) return;
    if (!repeat) this.input.key(KEY.DOWN, key);
    this.input.key(KEY.CHAR, key);
    // Pasting and copying are the page's too: it is told of them by events of their own.
    if (!((event.ctrlKey || event.metaKey) && /^[vcx]$/i.test(key))) event.preventDefault();
  }

  /** @param {string} name @param {string} text */
  compose_(name, text) {
    this.composing = name !== 'compositionend';
    this.tell_('composition', { compositionstart: 'start', compositionupdate: 'update', compositionend: 'end' }[name], text);
    if (name === 'compositionend') for (const character of text) this.input?.type(character);
  }

  /** @param {'touch' | 'pen' | 'composition'} what @param {unknown[]} value */
  tell_(what, ...value) {
    for (const event of this.watchers[what]) event(...value);
  }

  /** What serves the display, and all that is done with it. */
  get devices() {
    const host = 'a canvas of the page';
    const { canvas, w } = this;
    const input = { host: 'the page' };
    const watched = (/** @type {'touch' | 'pen' | 'composition'} */ what, more = {}) =>
      service('events of the page', ({ event, onClose, expect }) => {
        const unwatch = () => (this.watchers[what].delete(event), expect(false));
        onClose(unwatch);
        return { watch: () => (this.watchers[what].add(event), expect(true)), unwatch, ...more };
      });
    const isActive = () => w.document.fullscreenElement === canvas;
    return /** @type {Record<string, import('../imports.js').DeviceHost>} */ ({
      ...Object.fromEntries(Object.entries(this.display.devices).map(([name, device]) => [name, { ...device, host }])),
      keyboard: input,
      pointer: input,
      wheel: input,
      window: input,
      clipboard: { host: "the page's", call: clipboardOf(this.clipboard) },
      touch: watched('touch'),
      pen: watched('pen'),
      composition: watched('composition', { place: () => {} }),
      fullscreen: service('requestFullscreen', () => ({
        enter: async () => (await canvas.requestFullscreen(), isActive()),
        leave: async () => (await w.document.exitFullscreen(), isActive()),
        isActive,
      })),
    });
  }
}
