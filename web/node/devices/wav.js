/** wav.js: sound under Node.js: what is played is written to a WAV file. */
import fs from 'node:fs';

const HEADER_BYTES = 44;
const SAMPLE_BYTES = 2;

/** @param {number} rate @param {number} channels @param {number} dataBytes */
function header(rate, channels, dataBytes) {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(HEADER_BYTES - 8 + dataBytes, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16); // bytes of the format
  bytes.writeUInt16LE(1, 20); // samples as they are
  bytes.writeUInt16LE(channels, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(rate * channels * SAMPLE_BYTES, 28);
  bytes.writeUInt16LE(channels * SAMPLE_BYTES, 32);
  bytes.writeUInt16LE(8 * SAMPLE_BYTES, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(dataBytes, 40);
  return bytes;
}

/** Frames of one shape as those of another: each the nearest in time.
 * @param {Int16Array} samples @param {{rate: number, channels: number}} from @param {{rate: number, channels: number}} to */
function converted(samples, from, to) {
  if (from.rate === to.rate && from.channels === to.channels) return samples;
  const frames = Math.round((samples.length / from.channels / from.rate) * to.rate);
  return Int16Array.from({ length: frames * to.channels }, (_, i) => {
    const frame = Math.floor((Math.floor(i / to.channels) * from.rate) / to.rate);
    return samples[frame * from.channels + Math.min(i % to.channels, from.channels - 1)] ?? 0;
  });
}

/** A file with all that is played, one piece after another, in the format of the first. */
export class WavFile {
  /** @param {string} file */
  constructor(file) {
    this.file = file;
    /** @type {number | null} */
    this.fd = null;
    this.bytes = 0;
    this.gains = [1, 1];
    this.format = { rate: 1, channels: 1 };
    this.now = this.format;
  }

  /** @param {{rate: number, channels: number}} format */
  start({ rate, channels }) {
    this.now = { rate, channels };
    if (this.fd !== null) return;
    this.format = this.now;
    this.fd = fs.openSync(this.file, 'w');
    fs.writeSync(this.fd, header(rate, channels, 0));
  }

  /** @param {Int16Array} samples */
  play(samples) {
    if (this.fd === null) return;
    const { channels } = this.now;
    const loud = this.gains.every((gain) => gain === 1) ? samples : samples.map((sample, i) => sample * this.gains[channels === 2 ? i % 2 : 0]);
    const pieces = converted(loud, this.now, this.format);
    this.bytes += fs.writeSync(this.fd, new Uint8Array(pieces.buffer, pieces.byteOffset, pieces.byteLength));
  }

  stop() {}

  /** @param {number} left @param {number} right */
  volume(left, right) {
    this.gains = [left, right];
  }

  close() {
    if (this.fd === null) return;
    fs.writeSync(this.fd, header(this.format.rate, this.format.channels, this.bytes), 0, HEADER_BYTES, 0);
    fs.closeSync(this.fd);
    this.fd = null;
  }
}
