/** page_devices.test.js: what serves the devices in a page, against a window of the test that plays a browser. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { NodeHost } from '../../web/node/host.js';
import { NodePermissions } from '../../web/node/permissions.js';
import { coreModule } from '../../web/node/session.js';
import { SOUND_IN, SOUND_OUT } from '../../web/runtime/devices/sound.js';
import { pageDevices } from '../../web/runtime/page_host.js';
import { VM } from '../../web/runtime/vm.js';
import { fakeWindow } from './fake_page.js';
import { Client } from './service_client.js';

/** @param {any} w @param {string} name */
const client = (w, name) => new Client(pageDevices(w)[name]);

test('the operations of the core are those of a page', () => {
  const rows = new VM(coreModule(), new NodeHost({ imagePath: '', args: [], permissions: new NodePermissions({}) })).devices();
  const all = pageDevices(fakeWindow());
  for (const { name, operations } of rows) {
    const { opener } = /** @type {any} */ (all[name]);
    if (opener) assert.deepEqual(Object.keys(opener({ event() {}, onClose() {}, expect() {} })).sort(), [...operations].sort(), name);
    else if (operations.length > 0) assert.match(all[name].absent ?? '', /display/, name);
  }
});

test('a browser without any of it has devices that say so', () => {
  const bare = { navigator: {}, screen: {}, document: {}, WebSocket: class {}, BroadcastChannel };
  for (const [name, { host, absent }] of Object.entries(pageDevices(bare))) assert.equal(host === '', absent !== undefined && absent !== '', name);
});

/** Device, operation, arguments, answer. @type {[string, string, any[], any][]} */
const ANSWERS = [
  ['battery', 'state', [], [0.5, true, 60, null]],
  ['machine', 'processors', [], 8],
  ['machine', 'memory', [], [4 * 2 ** 30, null]],
  ['machine', 'load', [], null],
  ['machine', 'name', [], 'Fake 1.0'],
  ['connection', 'state', [], [true, 'wifi', 10]],
  ['screens', 'list', [], [[0, 0, 800, 600, 2, 24, true, 'the screen of this page']]],
  ['scale', 'factor', [], 2],
  ['visibility', 'isVisible', [], true],
  ['storage', 'estimate', [], [1, 10]],
  ['storage', 'persist', [], true],
  ['wakelock', 'isHeld', [], false],
  ['vibration', 'pulse', [[10, 20]], true],
  ['vibration', 'stop', [], true],
  ['gamepad', 'list', [], [[1, 'Pad', 2, 2]]],
  ['gamepad', 'read', [1], [[1, 0], [0.5, -1]]],
  ['gamepad', 'rumble', [1, 0.5, 10], null],
  ['midi', 'ports', [], [['in-1', 'input', 'Keys'], ['out-1', 'output', 'Synth']]],
  ['midi', 'send', ['out-1', Uint8Array.of(144, 60, 64)], null],
  ['serial', 'ports', [], ['port 1']],
  ['usb', 'list', [], [[1, 1, 2, 'Thing']]],
  ['hid', 'list', [], [[1, 3, 4, 'Knob']]],
  ['bluetooth', 'isAvailable', [], true],
  ['camera', 'list', [], ['Front']],
  ['camera', 'take', [1, 1], [1, 1, Uint8Array.of(1, 2, 3, 255)]],
  ['geolocation', 'position', [], [52, 13, 5, null]],
  ['magnetometer', 'read', [], [1, 2, 3]],
  ['light', 'read', [], 100],
  ['notifications', 'show', ['title', 'text', 'tag'], 'tag'],
  ['speech', 'speak', ['hello', null, 2], true],
  ['speech', 'voices', [], [['Ann', 'en']]],
  ['recognition', 'listen', ['en'], ['hello', 0.9]],
  ['printer', 'text', ['title', 'text'], null],
  ['printer', 'picture', ['title', 1, 1, new Uint8Array(4)], null],
  ['clipboard_image', 'read', [], [1, 1, Uint8Array.of(1, 2, 3, 255)]],
  ['clipboard_image', 'write', [1, 1, new Uint8Array(4)], null],
  ['clipboard_image', 'formats', [], ['image/png']],
  ['share', 'send', ['title', 'text'], null],
];

test('operations answer what the browser says', async () => {
  for (const [name, operation, args, answer] of ANSWERS) {
    const each = client(fakeWindow(), name);
    assert.deepEqual(await each.call(operation, ...args), answer, `${name} ${operation}`);
    each.close();
  }
});

test('what the browser tells comes as events', async () => {
  const w = fakeWindow();
  for (const [name, tell, event] of /** @type {[string, () => void, any][]} */ ([
    ['battery', () => w.battery.tell('levelchange'), [0.5, true, 60, null]],
    ['connection', () => w.tell('offline'), [true, 'wifi', 10]],
    ['scale', () => w.tell('resize'), 2],
    ['visibility', () => w.document.tell('visibilitychange'), true],
    ['gamepad', () => w.tell('gamepadconnected', { gamepad: w.pad }), ['connected', 1, 'Pad']],
    ['accelerometer', () => w.tell('devicemotion', { accelerationIncludingGravity: { x: 1, y: 2, z: 3 } }), [1, 2, 3]],
    ['gyroscope', () => w.tell('devicemotion', { rotationRate: { alpha: 180, beta: 0, gamma: 0 } }), [0, 0, Math.PI]],
    ['orientation', () => w.tell('deviceorientation', { alpha: 1, beta: 2, gamma: 3 }), [1, 2, 3]],
    ['geolocation', () => {}, [53, 14, 5, 30]],
    ['light', () => {}, 100],
  ])) {
    const each = client(w, name);
    await each.call('watch');
    tell();
    assert.deepEqual(await each.nextEvent(), event, name);
    assert.ok(each.expects(), name);
    each.close();
  }
  assert.ok([...w.listeners.values()].every((/** @type {Set<unknown>} */ each) => each.size === 0), 'none listens any more');
});

test('instruments, lines and what is plugged in', async () => {
  const w = fakeWindow();
  const midi = client(w, 'midi');
  await midi.call('open', 'in-1');
  w.port.onmidimessage({ data: Uint8Array.of(1, 2, 3), timeStamp: 5 });
  assert.deepEqual(await midi.nextEvent(), ['in-1', Uint8Array.of(1, 2, 3), 5]);
  await midi.call('close', 'in-1');
  assert.equal(midi.expects(), false);
  await assert.rejects(midi.call('open', 'in-2'), /there is no port 'in-2'/);
  const serial = client(w, 'serial');
  const line = await serial.call('open', 'port 1', 9600);
  w.readers.shift()({ value: Uint8Array.of(7), done: false });
  assert.deepEqual(await serial.nextEvent(), [line, Uint8Array.of(7)]);
  assert.equal(await serial.call('send', line, Uint8Array.of(1, 2)), 2);
  assert.equal(await serial.call('close', line), true);
  await assert.rejects(serial.call('send', line, Uint8Array.of(1)), /no serial line has the number 1/);
  const usb = client(w, 'usb');
  await usb.call('list');
  await usb.call('open', 1);
  assert.deepEqual(await usb.call('transferIn', 1, 1, 2), Uint8Array.of(1, 2));
  assert.equal(await usb.call('transferOut', 1, 1, Uint8Array.of(1, 2, 3)), 3);
  await assert.rejects(usb.call('open', 2), /no USB device has the number 2/);
  const hid = client(w, 'hid');
  await hid.call('list');
  await hid.call('open', 1);
  w.hid.oninputreport({ reportId: 2, data: new DataView(Uint8Array.of(5).buffer) });
  assert.deepEqual(await hid.nextEvent(), [1, 2, Uint8Array.of(5)]);
  const bluetooth = client(w, 'bluetooth');
  assert.deepEqual(await bluetooth.call('request', 'heart_rate'), [1, 'Band']);
  assert.deepEqual(await bluetooth.call('read', 1, 'heart_rate', 'rate'), Uint8Array.of(9));
  for (const each of [midi, serial, usb, hid, bluetooth]) each.close();
});

test('notes, and a screen that stays light', async () => {
  const w = fakeWindow();
  const notes = client(w, 'notifications');
  await notes.call('show', 'title', 'text', 'a');
  w.note.onclick();
  assert.deepEqual(await notes.nextEvent(), ['a', 'clicked']);
  await notes.call('close', 'a');
  assert.deepEqual(await notes.nextEvent(), ['a', 'closed']);
  const lock = client(w, 'wakelock');
  await lock.call('acquire');
  assert.equal(await lock.call('isHeld'), true);
  await lock.call('release');
  assert.equal(await lock.call('isHeld'), false);
  const camera = client(w, 'camera');
  await camera.call('take', 1, 1);
  camera.close();
  assert.ok(w.asked.some(([what = '']) => what === 'track.stop'), 'the camera is off when nobody looks');
  await assert.rejects(client(w, 'printer').call('picture', 'x', 1000000, 1000000, new Uint8Array(4)), /are no picture/);
});

test('Web Audio plays and records', async () => {
  const w = fakeWindow();
  const { sound_out, sound_in } = pageDevices(w);
  const none = new Uint8Array(0);
  const request = (/** @type {number[]} */ ...values) => new Uint8Array(Int32Array.of(...values).buffer);
  const out = /** @type {any} */ (sound_out.open?.(() => {}));
  out.call(SOUND_OUT.START, request(100, 1000, 2, 0), none);
  out.call(SOUND_OUT.VOLUME, request(500, 1000), none);
  assert.equal(out.call(SOUND_OUT.PLAY, new Uint8Array(Int16Array.of(16384, -16384).buffer), none), 1);
  const [, rate, [left, right]] = w.asked.find(([what = '']) => what === 'audio.buffer');
  assert.deepEqual([rate, left[0], right[0]], [1000, 0.25, -0.5]);
  out.close();
  const recorder = /** @type {any} */ (sound_in.open?.(() => {}));
  assert.equal(recorder.call(SOUND_IN.START, request(8000, 1, 0), none), 22050);
  w.processor.onaudioprocess({ inputBuffer: { length: 2, getChannelData: () => Float32Array.of(1, -2) } });
  const samples = new Uint8Array(10);
  assert.equal(recorder.call(SOUND_IN.READ, none, samples), 4);
  assert.deepEqual([...new Int16Array(samples.buffer, 0, 2)], [32767, -32767]);
  recorder.close();
});
