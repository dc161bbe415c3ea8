/** sound.js: sound in a page, by Web Audio. */
import { soundIn, soundOut } from '../sound.js';

const FULL_SCALE = 32768;

/** Schedules each piece at its time, on the clock of the audio hardware. */
class WebAudioSink {
  /** @param {any} context */
  constructor(context) {
    this.context = context;
    this.format = { rate: 1, channels: 1 };
    this.began = 0;
    /** @type {Set<any>} */
    this.playing = new Set();
    this.gains = [1, 1];
  }

  /** @param {{rate: number, channels: number}} format */
  start(format) {
    this.format = format;
    this.began = this.context.currentTime;
    void this.context.resume(); // a page may make no sound before it was touched
  }

  /** @param {Int16Array} samples @param {number} at  seconds */
  play(samples, at) {
    const { rate, channels } = this.format;
    const buffer = this.context.createBuffer(channels, samples.length / channels, rate);
    for (let channel = 0; channel < channels; channel++) {
      const gain = this.gains[channel] / FULL_SCALE;
      const data = buffer.getChannelData(channel);
      for (let i = 0; i < data.length; i++) data[i] = samples[i * channels + channel] * gain;
    }
    const source = this.context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.context.destination);
    source.onended = () => this.playing.delete(source);
    this.playing.add(source);
    source.start(this.began + at);
  }

  stop() {
    for (const source of this.playing) source.stop();
    this.playing.clear();
  }

  /** @param {number} left @param {number} right */
  volume(left, right) {
    this.gains = [left, right];
  }

  close() {
    void this.context.close();
  }
}

/** @param {any} w */
export const pageSoundOut = (w) => ({
  ...soundOut('Web Audio', () => new WebAudioSink(new w.AudioContext()), () => performance.now() / 1000),
});

/** Samples of the microphone, in pieces. */
class WebMicrophone {
  /** @param {any} w */
  constructor(w) {
    this.w = w;
    this.gain = 1;
    /** @type {any} */
    this.context = null;
    /** @type {any} */
    this.stream = null;
  }

  /** @param {{rate: number, channels: number}} format @param {(samples: Int16Array) => void} take */
  start({ rate, channels }, take) {
    const context = (this.context = new this.w.AudioContext({ sampleRate: rate }));
    const pieces = context.createScriptProcessor(4096, channels, channels);
    pieces.onaudioprocess = (/** @type {any} */ { inputBuffer }) => {
      const samples = new Int16Array(inputBuffer.length * channels);
      for (let channel = 0; channel < channels; channel++) {
        const data = inputBuffer.getChannelData(channel);
        for (let i = 0; i < data.length; i++) samples[i * channels + channel] = Math.max(-1, Math.min(1, data[i] * this.gain)) * (FULL_SCALE - 1);
      }
      take(samples);
    };
    void this.listen_(context, pieces);
    return context.sampleRate;
  }

  /** The person may be asked first. @param {any} context @param {any} pieces */
  async listen_(context, pieces) {
    const stream = await this.w.navigator.mediaDevices.getUserMedia({ audio: true }).catch(() => null);
    if (stream === null || this.context !== context) return;
    this.stream = stream;
    context.createMediaStreamSource(stream).connect(pieces);
    pieces.connect(context.destination);
  }

  stop() {
    this.stream?.getTracks().forEach((/** @type {any} */ track) => track.stop());
    void this.context?.close();
    this.context = this.stream = null;
  }

  /** @param {number} level */
  level(level) {
    this.gain = level;
  }
}

/** @param {any} w */
export const pageSoundIn = (w) => soundIn('Web Audio', () => new WebMicrophone(w));
