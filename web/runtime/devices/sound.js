/** sound.js: sound, from the host's side of vm/devices/sound_out.h and sound_in.h. */
import { ERR } from '../errors.js';
import { words } from './words.js';

/** enum dev_sound_out_operation and enum dev_sound_in_operation. */
export const SOUND_OUT = Object.freeze({ START: 1, SPACE: 2, PLAY: 3, STOP: 4, VOLUME: 5 });
export const SOUND_IN = Object.freeze({ START: 1, READ: 2, STOP: 3, LEVEL: 4 });
/** DEV_SOUND_FULL. */
export const FULL = 1000;

/** Frames of a buffer, frames per second, 1 or 2. @typedef {{frames: number, rate: number, channels: number}} Format */
/**
 * Where samples end: it is told when they are to be heard, in seconds from the start.
 * @typedef {object} Sink
 * @property {(format: Format) => void} start
 * @property {(samples: Int16Array, at: number) => void} play
 * @property {() => void} stop
 * @property {(left: number, right: number) => void} volume  from 0 to 1
 * @property {() => void} close
 */

/** Plays into a sink at the pace of a clock: a queue of so many frames, which empties as time passes. */
export class PacedSound {
  /** @param {Sink} sink @param {() => number} clock  seconds @param {import('./imports.js').Signal} signal */
  constructor(sink, clock, signal) {
    this.sink = sink;
    this.clock = clock;
    this.signal = signal;
    /** @type {Format} */
    this.format = { frames: 0, rate: 1, channels: 1 };
    this.semaphore = 0;
    this.running = false;
    /** When it began, and how long what was queued takes; seconds. */
    this.began = 0;
    this.queued = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** Seconds since the start. A queue that has run empty is late from then on. */
  now_() {
    return this.clock() - this.began;
  }

  space_() {
    const waiting = Math.max(0, this.queued - this.now_());
    return this.running ? Math.max(0, Math.floor(this.format.frames - waiting * this.format.rate + 1e-6)) : 0;
  }

  /** Tells the image when a quarter of the buffer is free. */
  tellOfSpace_() {
    clearTimeout(this.timer);
    if (!this.running || this.semaphore === 0) return;
    const missing = this.format.frames / 4 - this.space_();
    this.timer = setTimeout(() => this.signal(this.semaphore), Math.max(0, (1000 * missing) / this.format.rate));
  }

  /** @param {Int32Array} request */
  start_([frames, rate, channels, semaphore]) {
    this.stop_();
    this.format = { frames, rate, channels };
    this.semaphore = semaphore;
    this.sink.start(this.format);
    this.running = true;
    this.began = this.clock();
    this.queued = 0;
    this.tellOfSpace_();
    return 0;
  }

  /** @param {Uint8Array} bytes */
  play_(bytes) {
    const frameBytes = 2 * this.format.channels;
    const frames = Math.min(this.space_(), Math.floor(bytes.length / frameBytes));
    if (frames > 0) {
      this.queued = Math.max(this.queued, this.now_());
      this.sink.play(new Int16Array(bytes.slice(0, frames * frameBytes).buffer), this.queued);
      this.queued += frames / this.format.rate;
    }
    this.tellOfSpace_();
    return frames;
  }

  stop_() {
    clearTimeout(this.timer);
    if (this.running) this.sink.stop();
    this.running = false;
    return 0;
  }

  /** @type {import('./imports.js').Opened['call']} */
  call(operation, input) {
    switch (operation) {
      case SOUND_OUT.START: return input.length === 16 ? this.start_(words(input)) : ERR.FAILED;
      case SOUND_OUT.SPACE: return this.space_();
      case SOUND_OUT.PLAY: return this.running ? this.play_(input) : 0;
      case SOUND_OUT.STOP: return this.stop_();
      case SOUND_OUT.VOLUME: {
        const [left, right] = words(input);
        this.sink.volume(left / FULL, right / FULL);
        return 0;
      }
      default: return ERR.UNSUPPORTED;
    }
  }

  expects() {
    return this.running && this.semaphore !== 0;
  }

  close() {
    this.stop_();
    this.sink.close();
  }
}

/** What serves sound_out. @param {string} host @param {() => Sink} sink @param {() => number} clock  seconds
 * @returns {import('./imports.js').DeviceHost} */
export const soundOut = (host, sink, clock) => ({ host, open: (signal) => new PacedSound(sink(), clock, signal) });

/**
 * What a microphone gives: calls back with samples as they come, and answers the rate that they really have.
 * @typedef {object} Microphone
 * @property {(format: {rate: number, channels: number}, take: (samples: Int16Array) => void) => number} start
 * @property {() => void} stop
 * @property {(level: number) => void} level  from 0 to 1
 */

/** Keeps a second of what comes. */
export class Recorder {
  /** @param {Microphone} microphone @param {import('./imports.js').Signal} signal */
  constructor(microphone, signal) {
    this.microphone = microphone;
    this.signal = signal;
    this.running = false;
    this.semaphore = 0;
    this.most = 0;
    /** Samples that came and were not read yet. @type {Int16Array[]} */
    this.pieces = [];
    this.waiting = 0;
  }

  /** @param {Int16Array} samples */
  take_(samples) {
    if (!this.running || samples.length === 0) return;
    this.pieces.push(samples);
    this.waiting += samples.length;
    while (this.waiting > this.most && this.pieces.length > 1) this.waiting -= /** @type {Int16Array} */ (this.pieces.shift()).length;
    this.signal(this.semaphore);
  }

  /** @param {Int32Array} request */
  start_([rate, channels, semaphore]) {
    this.stop_();
    this.semaphore = semaphore;
    this.running = true;
    this.most = rate * channels;
    return this.microphone.start({ rate, channels }, (samples) => this.take_(samples));
  }

  /** @param {Uint8Array} output */
  read_(output) {
    let done = 0;
    while (done < output.length && this.pieces.length > 0) {
      const [piece] = this.pieces;
      const n = Math.min(piece.length, (output.length - done) >> 1);
      if (n === 0) break;
      output.set(new Uint8Array(piece.buffer, piece.byteOffset, 2 * n), done);
      done += 2 * n;
      this.waiting -= n;
      if (n === piece.length) this.pieces.shift();
      else this.pieces[0] = piece.subarray(n);
    }
    return done;
  }

  stop_() {
    if (this.running) this.microphone.stop();
    this.running = false;
    this.pieces = [];
    this.waiting = 0;
    return 0;
  }

  /** @type {import('./imports.js').Opened['call']} */
  call(operation, input, output) {
    switch (operation) {
      case SOUND_IN.START: return input.length === 12 ? this.start_(words(input)) : ERR.FAILED;
      case SOUND_IN.READ: return this.read_(output);
      case SOUND_IN.STOP: return this.stop_();
      case SOUND_IN.LEVEL: {
        this.microphone.level(words(input)[0] / FULL);
        return 0;
      }
      default: return ERR.UNSUPPORTED;
    }
  }

  expects() {
    return this.running;
  }

  close() {
    this.stop_();
  }
}

/** What serves sound_in. @param {string} host @param {() => Microphone} microphone @returns {import('./imports.js').DeviceHost} */
export const soundIn = (host, microphone) => ({ host, open: (signal) => new Recorder(microphone(), signal) });
