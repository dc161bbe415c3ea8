/** sound.test.js: what plays and records, from the host's side, against a sink, a microphone and a clock of the test. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { WavFile } from '../../web/node/devices/wav.js';
import { ERR } from '../../web/runtime/errors.js';
import * as sound from '../../web/runtime/devices/sound.js';
import { enumOf, temporaryFolder } from './helpers.js';

const none = new Uint8Array(0);
const views = /** @type {any} */ (null);
/** @param {number[]} values */
const wordsOf = (...values) => new Uint8Array(new Int32Array(values).buffer);
/** @param {number[]} values */
const samplesOf = (...values) => new Uint8Array(new Int16Array(values).buffer);

test('the hosts have the operations of the core', () => {
  assert.deepEqual(enumOf('sound_out.h', 'dev_sound_out_operation', 'SOUND_OUT_'), { ...sound.SOUND_OUT });
  assert.deepEqual(enumOf('sound_in.h', 'dev_sound_in_operation', 'SOUND_IN_'), { ...sound.SOUND_IN });
});

test('the queue empties as time passes', () => {
  let now = 10;
  /** @type {[number[], number][]} */
  const played = [];
  const sink = { start() {}, play: (/** @type {Int16Array} */ samples, /** @type {number} */ at) => played.push([[...samples], at]), stop() {}, volume() {}, close() {} };
  const paced = new sound.PacedSound(/** @type {any} */ (sink), () => now, () => {});
  const call = (/** @type {number} */ operation, input = none) => paced.call(operation, input, none, views);
  assert.equal(call(sound.SOUND_OUT.PLAY, samplesOf(1, 2)), 0);
  assert.equal(call(sound.SOUND_OUT.START, wordsOf(4, 1000, 2, 0)), 0);
  assert.equal(call(sound.SOUND_OUT.SPACE), 4);
  assert.equal(call(sound.SOUND_OUT.PLAY, samplesOf(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)), 4);
  assert.equal(call(sound.SOUND_OUT.SPACE), 0);
  now += 0.003;
  assert.equal(call(sound.SOUND_OUT.SPACE), 3);
  assert.equal(call(sound.SOUND_OUT.PLAY, samplesOf(9, 10)), 1);
  now += 1; // it has been silent
  assert.equal(call(sound.SOUND_OUT.PLAY, samplesOf(11, 12)), 1);
  assert.deepEqual(played.map(([samples]) => samples), [[1, 2, 3, 4, 5, 6, 7, 8], [9, 10], [11, 12]]);
  assert.deepEqual(played.map(([, at]) => Math.round(at * 1000)), [0, 4, 1003]);
  assert.equal(call(sound.SOUND_OUT.STOP), 0);
  assert.equal(call(sound.SOUND_OUT.SPACE), 0);
  assert.equal(call(99), ERR.UNSUPPORTED);
  assert.equal(call(sound.SOUND_OUT.START, wordsOf(4)), ERR.FAILED);
});

test('the image is told of room in the buffer', async () => {
  const told = await new Promise((resolve) => {
    const sink = { start() {}, play() {}, stop() {}, volume() {}, close() {} };
    const paced = new sound.PacedSound(sink, () => performance.now() / 1000, (semaphore) => {
      paced.close();
      resolve(semaphore);
    });
    paced.call(sound.SOUND_OUT.START, wordsOf(100, 10000, 1, 17), none, views);
    paced.call(sound.SOUND_OUT.PLAY, new Uint8Array(200), none, views);
    assert.ok(paced.expects());
  });
  assert.equal(told, 17);
});

test('a second of what was recorded is kept', () => {
  /** @type {(samples: Int16Array) => void} */
  let come = () => {};
  let signals = 0;
  const microphone = {
    /** @param {{rate: number}} format @param {(samples: Int16Array) => void} take */
    start: ({ rate }, take) => ((come = take), rate),
    stop() {},
    level() {},
  };
  const recorder = new sound.Recorder(microphone, () => signals++);
  const read = (/** @type {number} */ bytes) => {
    const out = new Uint8Array(bytes);
    const n = recorder.call(sound.SOUND_IN.READ, none, out, views);
    return [...new Int16Array(out.slice(0, n).buffer)];
  };
  assert.equal(recorder.call(sound.SOUND_IN.START, wordsOf(4, 1, 3), none, views), 4);
  come(Int16Array.of(1, 2, 3));
  assert.deepEqual(read(4), [1, 2]);
  come(Int16Array.of(4, 5, 6));
  come(Int16Array.of(7));
  assert.deepEqual(read(100), [4, 5, 6, 7]);
  assert.equal(signals, 3);
  recorder.close();
  come(Int16Array.of(8));
  assert.deepEqual(read(100), []);
});

test('a WAV file has what was played, in the format of the first', (t) => {
  const file = path.join(temporaryFolder(t), 'x.wav');
  const wav = new WavFile(file);
  wav.start({ rate: 1000, channels: 1 });
  wav.play(Int16Array.of(1, 2, 3));
  wav.volume(0.5, 0.5);
  wav.start({ rate: 2000, channels: 2 });
  wav.play(Int16Array.of(20, 99, 20, 99, 40, 99, 40, 99));
  wav.close();
  const bytes = fs.readFileSync(file);
  assert.equal(bytes.toString('latin1', 0, 4), 'RIFF');
  assert.equal(bytes.readUInt32LE(4), bytes.length - 8);
  assert.equal(bytes.readUInt16LE(22), 1);
  assert.equal(bytes.readUInt32LE(24), 1000);
  assert.equal(bytes.readUInt32LE(40), 10);
  assert.deepEqual([...new Int16Array(bytes.buffer.slice(bytes.byteOffset + 44, bytes.byteOffset + 54))], [1, 2, 3, 10, 20]);
});
