/** page_screen.test.js: a display in a page: what a canvas of the test is given and what its events become; and Cuis on a canvas of a real Chromium. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { PNG } from 'pngjs';
import { findChromium } from '../../web/node/bench/runners.js';
import { root, sharedImages, wasmFile } from '../../web/node/paths.js';
import { BUTTON, EVENT, KEY, MODIFIER } from '../../web/runtime/devices/input.js';
import { PageScreen } from '../../web/runtime/devices/page/screen.js';
import { Client } from './service_client.js';
import { temporaryFolder } from './helpers.js';

/** A canvas that keeps its listeners, and a window around it. */
function fakeCanvas() {
  /** @type {Record<string, (event: any) => void>} */
  const listeners = {};
  /** @type {any[]} */
  const drawn = [];
  const context = { putImageData: (/** @type {any[]} */ ...args) => drawn.push(args.slice(3)) };
  const canvas = {
    width: 100, height: 50, style: { cursor: '' }, focus() {}, getContext: () => context, toDataURL: () => 'data:',
    getBoundingClientRect: () => ({ left: 10, top: 20, width: 200, height: 100 }),
    addEventListener: (/** @type {string} */ name, /** @type {any} */ listener) => (listeners[name] = listener),
  };
  const copied = /** @type {string[]} */ ([]);
  const w = {
    document: { createElement: () => canvas }, addEventListener: canvas.addEventListener, navigator: { clipboard: { writeText: async (/** @type {string} */ text) => copied.push(text) } },
    ImageData: class {},
  };
  return { canvas, w, listeners, drawn, copied };
}

/** What the core would get. */
function fakeInput() {
  /** @type {any[][]} */
  const events = [];
  const note = (/** @type {string} */ what) => (/** @type {any[]} */ ...args) => events.push([what, ...args]);
  return { events, input: /** @type {any} */ ({ vm: {}, modifiers: 0, move: note('move'), press: note('press'), release: note('release'), wheel: note('wheel'), key: note('key'), type: note('type'), window: note('window') }) };
}

test('events of the page are those of the image', async () => {
  const { canvas, w, listeners } = fakeCanvas();
  const { events, input } = fakeInput();
  const screen = new PageScreen(canvas, w);
  screen.listen(input);
  const tell = (/** @type {string} */ name, /** @type {any} */ event = {}) => listeners[name]({ preventDefault() {}, ...event });
  const point = { clientX: 110, clientY: 70, pointerType: 'mouse', isPrimary: true, pointerId: 1, timeStamp: 0 };
  tell('pointerdown', { ...point, button: 2 });
  tell('pointerup', { ...point, button: 2 });
  tell('pointerdown', { ...point, button: 0, timeStamp: 10 });
  tell('wheel', { deltaX: 0, deltaY: 100, deltaMode: 0 });
  assert.deepEqual(events.splice(0), [
    ['move', 50, 25], ['press', BUTTON.YELLOW, 1], ['move', 50, 25], ['release', BUTTON.YELLOW], ['move', 50, 25], ['press', BUTTON.RED, 2], ['wheel', 0, -120],
  ]);
  tell('keydown', { key: 'a', shiftKey: true, ctrlKey: false, altKey: false, metaKey: false });
  assert.equal(input.modifiers, MODIFIER.SHIFT);
  tell('keydown', { key: 'Shift' });
  tell('keydown', { key: 'Enter', repeat: true });
  tell('keyup', { key: 'Enter' });
  assert.deepEqual(events.splice(0), [['key', KEY.DOWN, 'a'], ['key', KEY.CHAR, 'a'], ['key', KEY.CHAR, 'Enter'], ['key', KEY.UP, 'Enter']]);
  const [touch, composition] = ['touch', 'composition'].map((name) => new Client(screen.devices[name]));
  await touch.call('watch');
  await composition.call('watch');
  tell('pointermove', { ...point, pointerType: 'touch', isPrimary: false, pointerId: 7, pressure: 0.5 });
  assert.deepEqual(await touch.nextEvent(), ['move', 7, 50, 25, 0.5]);
  tell('compositionstart');
  tell('keydown', { key: 'k' });
  tell('compositionend', { data: 'か' });
  assert.deepEqual([await composition.nextEvent(), await composition.nextEvent()], [['start', ''], ['end', 'か']]);
  assert.deepEqual(events.splice(0), [['type', 'か']]);
  assert.equal(EVENT.MOUSE, 1);
});

test('what is damaged is drawn, and what is copied is the page\'s', () => {
  const { canvas, w, drawn, copied } = fakeCanvas();
  const screen = new PageScreen(canvas, w);
  screen.display.shown = { pixels: new Uint8Array(4 * 100 * 50), width: 100, height: 50 };
  screen.display.onFrame?.([{ x: 1, y: 2, width: 3, height: 4 }]);
  assert.deepEqual(drawn, [[1, 2, 3, 4]]);
  screen.display.onCursor?.({ pixels: new Uint8Array(4), width: 1, height: 1, hotX: -8, hotY: 0 });
  assert.equal(canvas.style.cursor, 'url(data:) 0 0, default');
  screen.clipboard.text = new TextEncoder().encode('Grüße');
  screen.clipboard.text = Uint8Array.of(0x8a);
  assert.deepEqual(copied, ['Grüße', 'ä']);
});

const cuis = path.join(sharedImages() ?? '', 'cuis-5.0-3121.image');
const chromium = findChromium();
const missing = chromium === null ? 'there is no Chromium' : !fs.existsSync(cuis) && 'there is no Cuis image';

test('Cuis on a canvas of Chromium', { skip: missing, timeout: 240_000 }, async (t) => {
  const types = /** @type {Record<string, string>} */ ({ '.js': 'text/javascript', '.wasm': 'application/wasm' });
  /** @type {any} */
  let server;
  const result = await new Promise((resolve, reject) => {
    server = http.createServer((request, response) => {
      const { url = '' } = request;
      if (url === '/result') {
        let body = '';
        request.on('data', (piece) => (body += piece)).on('end', () => (response.end(), resolve(JSON.parse(body))));
        return;
      }
      const file = url === '/vm.wasm' ? wasmFile : url === '/cuis.image' ? cuis : /^\/(web|tests)\/[\w/]+\.js$/.test(url) ? path.join(root, url) : null;
      if (url === '/') response.setHeader('Content-Type', 'text/html').end('<!doctype html><meta charset="utf-8"><body><script type="module" src="/tests/node/page_screen_page.js"></script>');
      else if (file !== null && fs.existsSync(file)) response.setHeader('Content-Type', types[path.extname(file)] ?? 'application/octet-stream').end(fs.readFileSync(file));
      else response.writeHead(404).end();
    }).listen(0, '127.0.0.1', () => {
      const browser = spawn(/** @type {string} */ (chromium), [
        '--headless', `--user-data-dir=${temporaryFolder(t)}`, '--no-first-run', '--disable-gpu', '--disable-extensions', '--disable-background-networking', '--disable-component-update',
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), `http://127.0.0.1:${server.address().port}/`,
      ], { stdio: 'ignore' });
      const ended = new Promise((done) => browser.on('close', done));
      ended.then(() => reject(new Error('Chromium ended')));
      t.after(async () => {
        browser.kill();
        await ended;
        server.close();
        server.closeAllConnections();
        await new Promise((later) => setTimeout(later, 500)); // the browser's helpers write a moment longer
      });
    });
  });
  assert.equal(result.error, undefined);
  const [desktop, menu] = [result.desktop, result.menu].map((url) => PNG.sync.read(Buffer.from(url.split(',')[1], 'base64')));
  if (process.env.CATALYST_PICTURES) for (const name of ['desktop', 'menu']) fs.writeFileSync(path.join(process.env.CATALYST_PICTURES, `page-${name}.png`), Buffer.from(result[name].split(',')[1], 'base64'));
  assert.deepEqual([desktop.width, desktop.height], [800, 600]);
  const colours = new Set();
  let changed = 0;
  for (let i = 0; i < desktop.data.length; i += 4) {
    colours.add(desktop.data.readUInt32LE(i));
    if (desktop.data.readUInt32LE(i) !== menu.data.readUInt32LE(i)) changed++;
  }
  assert.ok(colours.size > 100, `${colours.size} colours`);
  assert.ok(changed > 10_000, `${changed} pixels of a menu`);
  assert.match(result.cursor, /^url\("?data:image\/png/);
  const state = Object.fromEntries(result.devices.map((/** @type {any} */ each) => [each.name, each.state]));
  for (const name of ['display', 'cursor', 'keyboard', 'pointer', 'wheel', 'touch', 'composition', 'fullscreen', 'clipboard']) assert.equal(state[name], 'present', name);
  assert.ok(Object.keys(state).length >= 54);
});
