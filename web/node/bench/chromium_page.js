/** chromium_page.js: in the page that chromium.js serves: runs the default image as /job says and sends back what it printed. */
import { PageHost } from '../../runtime/page_host.js';
import { runInSlices } from '../../runtime/slices.js';
import { VM } from '../../runtime/vm.js';

/** Timers of a page are not as fine as its messages. */
const breathe = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(undefined);
    port2.postMessage(null);
  });

async function run() {
  const { args, options } = await (await fetch('/job')).json();
  const [core, image] = await Promise.all([WebAssembly.compileStreaming(fetch('/vm.wasm')), fetch('/default.image').then((r) => r.arrayBuffer())]);
  let output = '';
  const print = (/** @type {string} */ text) => (output += text);
  const vm = new VM(core, new PageHost({ args, print, log: (text) => print(`catalyst: ${text}\n`) }));
  for (const [name, value] of Object.entries(options)) vm.option(name, value);
  vm.load(new Uint8Array(image));
  const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const code = await runInSlices(vm, { sleep, breathe });
  return { code, output, stats: vm.stats() };
}

const result = await run().catch((error) => ({ code: 1, output: `${error.stack ?? error}\n` }));
await fetch('/result', { method: 'POST', body: JSON.stringify(result) });
