/** display.js: displays, from the host's side of vm/devices/display.h and cursor.h. */
import { ERR } from '../errors.js';
import { putWords, words } from './words.js';

/** enum dev_display_operation and enum dev_cursor_operation. */
export const DISPLAY = Object.freeze({ SIZE: 1, FRAME: 2, MODE: 3, FULL_SCREEN: 4, TITLE: 5 });
export const CURSOR = Object.freeze({ SHAPE: 1 });

/** @typedef {{x: number, y: number, width: number, height: number}} Rect */
/** A cursor's RGBA pixels, and the one that points. @typedef {{pixels: Uint8Array, width: number, height: number, hotX: number, hotY: number}} Shape */

/** Words of the structures below. */
const FRAME = Object.freeze({ PIXELS: 0, WIDTH: 1, HEIGHT: 2, COUNT: 3, RECTS: 4, RECT_WORDS: 4 });
const SHAPE = Object.freeze({ PIXELS: 0, WIDTH: 1, HEIGHT: 2, HOT_X: 3, HOT_Y: 4 });
const LARGEST = 16384;

/** A display in memory: RGBA pixels, which `onFrame` may look at after each change. */
export class VirtualDisplay {
  /** @param {{width: number, height: number, depth?: number}} size  `depth`: the only one it has; without it, every one */
  constructor({ width, height, depth }) {
    this.depth = depth;
    this.fullScreen = false;
    this.title = '';
    this.width = width;
    this.height = height;
    this.frames = 0;
    /** The picture that was shown last; it may not fill the display, or be larger.
     * @type {{pixels: Uint8Array, width: number, height: number} | null} */
    this.shown = null;
    /** @type {Shape | null} */
    this.cursor = null;
    /** @type {((rects: Rect[]) => void) | null} */
    this.onFrame = null;
    /** @type {((cursor: Shape) => void) | null} */
    this.onCursor = null;
  }

  /** The image finds the new size when it next asks. @param {number} width @param {number} height */
  resize(width, height) {
    this.width = width;
    this.height = height;
  }

  /** What there is to see. */
  get picture() {
    return this.shown ?? { pixels: new Uint8Array(4 * this.width * this.height), width: this.width, height: this.height };
  }

  /** Takes over the rectangles of a frame. @param {Int32Array} frame @param {import('../text.js').Views} views */
  show_(frame, views) {
    const [width, height] = [frame[FRAME.WIDTH], frame[FRAME.HEIGHT]];
    const shown = this.shown?.width === width && this.shown.height === height ? this.shown : { pixels: new Uint8Array(4 * width * height), width, height };
    this.shown = shown;
    const all = views.span(frame[FRAME.PIXELS], 4 * width * height);
    /** @type {Rect[]} */
    const rects = [];
    for (let i = 0; i < frame[FRAME.COUNT]; i++) {
      const at = FRAME.RECTS + FRAME.RECT_WORDS * i;
      const [left, top, right, bottom] = frame.subarray(at, at + FRAME.RECT_WORDS);
      for (let y = top; y < bottom; y++) {
        const from = 4 * (y * width + left);
        shown.pixels.set(all.subarray(from, from + 4 * (right - left)), from);
      }
      rects.push({ x: left, y: top, width: right - left, height: bottom - top });
    }
    this.frames++;
    this.onFrame?.(rects);
    return 0;
  }

  /** @param {Int32Array} mode @param {Uint8Array} output */
  setMode_([width, height, depth, fullScreen], output) {
    if (!(width > 0 && height > 0 && width <= LARGEST && height <= LARGEST)) return ERR.UNSUPPORTED;
    if (this.depth !== undefined && depth !== this.depth) return ERR.UNSUPPORTED;
    this.resize(width, height);
    this.fullScreen = fullScreen !== 0;
    return putWords(output, [width, height]);
  }

  /** @type {NonNullable<import('./imports.js').DeviceHost['call']>} */
  call(operation, input, output, views) {
    switch (operation) {
      case DISPLAY.SIZE: return putWords(output, [this.width, this.height]);
      case DISPLAY.FRAME: return this.show_(words(input), views);
      case DISPLAY.MODE: return this.setMode_(words(input), output);
      case DISPLAY.FULL_SCREEN: {
        this.fullScreen = words(input)[0] !== 0;
        return 0;
      }
      case DISPLAY.TITLE: {
        this.title = new TextDecoder().decode(input);
        return 0;
      }
      default: return ERR.UNSUPPORTED;
    }
  }

  /** @param {Uint8Array} input @param {import('../text.js').Views} views */
  setCursor_(input, views) {
    const shape = words(input);
    const [width, height] = [shape[SHAPE.WIDTH], shape[SHAPE.HEIGHT]];
    const pixels = views.span(shape[SHAPE.PIXELS], 4 * width * height).slice();
    this.cursor = { pixels, width, height, hotX: shape[SHAPE.HOT_X], hotY: shape[SHAPE.HOT_Y] };
    this.onCursor?.(this.cursor);
    return 0;
  }

  /** What serves the display and its cursor. @returns {Record<string, import('./imports.js').DeviceHost>} */
  get devices() {
    const host = `virtual display, ${this.width} × ${this.height}`;
    return {
      display: { host, call: (operation, input, output, views) => this.call(operation, input, output, views) },
      cursor: {
        host,
        call: (operation, input, _output, views) => (operation === CURSOR.SHAPE ? this.setCursor_(input, views) : ERR.UNSUPPORTED),
      },
    };
  }
}
