/** page_screen_page.js: in a page of Chromium: shows Cuis on a canvas, clicks and types by events of the document, and sends back what is seen. */
import { Input } from '../../web/runtime/devices/input.js';
import { PageScreen } from '../../web/runtime/devices/page/screen.js';
import { PageHost } from '../../web/runtime/page_host.js';
import { runInSlices } from '../../web/runtime/slices.js';
import { VM } from '../../web/runtime/vm.js';

const wait = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function run() {
  const canvas = document.createElement('canvas');
  canvas.width = 800;
  canvas.height = 600;
  document.body.append(canvas);
  const screen = new PageScreen(canvas);
  const [core, image] = await Promise.all([WebAssembly.compileStreaming(fetch('/vm.wasm')), fetch('/cuis.image').then((r) => r.arrayBuffer())]);
  /** @type {string[]} */
  const log = [];
  const vm = new VM(core, new PageHost({ args: [], print: (text) => log.push(text), log: (text) => log.push(text), imageName: 'cuis.image', shown: screen.devices }));
  vm.option('translate', 1);
  vm.load(new Uint8Array(image));
  screen.listen(new Input(vm));
  let ended = false;
  let wake = () => {};
  vm.onWake = () => wake();
  const running = runInSlices(vm, {
    sleep: (ms) => new Promise((resolve) => ((wake = () => resolve(undefined)), setTimeout(resolve, ms))),
    breathe: () => wait(0),
    ended: () => (ended ? 0 : null),
  });
  const pointer = (/** @type {string} */ name, /** @type {number} */ x, /** @type {number} */ y, button = 0, pointerType = 'mouse') => {
    const { left, top } = canvas.getBoundingClientRect();
    canvas.dispatchEvent(new PointerEvent(name, { clientX: left + x, clientY: top + y, button, pointerId: 1, pointerType, isPrimary: true, bubbles: true }));
  };
  const click = async (/** @type {number} */ x, /** @type {number} */ y) => {
    pointer('pointermove', x, y);
    await wait(300);
    pointer('pointerdown', x, y);
    await wait(200);
    pointer('pointerup', x, y);
    await wait(1000);
  };
  const key = async (/** @type {string} */ name, modifiers = {}) => {
    canvas.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true, ...modifiers }));
    canvas.dispatchEvent(new KeyboardEvent('keyup', { key: name, bubbles: true, ...modifiers }));
    await wait(100);
  };
  const picture = () => canvas.toDataURL('image/png');
  /** Waits until the picture has been the same for a while. @param {number} frames  as many have been shown by then at least */
  const settled = async (frames) => {
    for (let last = -1, same = 0, rounds = 0; same < 3 && rounds < 16; rounds++) {
      await wait(500);
      same = screen.display.frames === last && last >= frames ? same + 1 : 0;
      last = screen.display.frames;
    }
  };
  await settled(1);
  const desktop = picture();
  await click(200, 525); // the desktop's menu
  const menu = picture();
  await key('Escape');
  canvas.dispatchEvent(new WheelEvent('wheel', { deltaY: 100, cancelable: true }));
  await settled(1);
  ended = true;
  await running;
  return { desktop, menu, cursor: canvas.style.cursor, frames: screen.display.frames, devices: vm.devices(), log: log.join('\n') };
}

const result = await run().catch((error) => ({ error: `${error.stack ?? error}` }));
await fetch('/result', { method: 'POST', body: JSON.stringify(result) });
