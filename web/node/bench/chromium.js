/**
 * chromium.js: runs the default image in a page of a Chromium without a window, prints what it prints, and ends with its exit code.
 *
 *     node chromium.js [--option=NAME=VALUE …] [--stats] -- ARGUMENT…
 *
 * The page and what it needs are served to it alone, from a port of this machine, for as long as it runs; it
 * gets its arguments and gives back its output by fetch. So nothing is needed but the browser.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { defaultImage, root, wasmFile } from '../paths.js';
import { findChromium } from './runners.js';

/** A module that cannot be loaded or compiled is an answer too: else the page would be waited for, for ever. */
const FAILED = "fetch('/result', {method: 'POST', body: JSON.stringify({code: 1, output: 'the page could not load its program\\n'})})";
const PAGE = `<!doctype html><meta charset="utf-8"><title>Catalyst</title><script type="module" src="/web/node/bench/chromium_page.js" onerror="${FAILED}"></script>`;
const TYPES = /** @type {Record<string, string>} */ ({ '.js': 'text/javascript', '.wasm': 'application/wasm', '.image': 'application/octet-stream' });
const SCRIPTS = [
  'web/node/bench/chromium_page.js',
  .../** @type {string[]} */ (fs.readdirSync(path.join(root, 'web/runtime'), { recursive: true })).filter((name) => name.endsWith('.js')).map((name) => `web/runtime/${name}`),
];
const FILES = new Map([['/vm.wasm', wasmFile], ['/default.image', defaultImage], ...SCRIPTS.map((name) => /** @type {const} */ ([`/${name}`, path.join(root, name)]))]);

/** A page that is isolated has the finer clock. */
const HEADERS = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** Serves the page and its job; the promise is of what it answers.
 * @param {object} job @returns {{server: http.Server, result: Promise<{code: number, output: string, stats?: object}>}} */
function serve(job) {
  /** @type {(result: any) => void} */
  let answer;
  const result = new Promise((resolve) => (answer = resolve));
  const server = http.createServer((request, response) => {
    const send = (/** @type {string} */ type, /** @type {string | Buffer} */ body) => response.writeHead(200, { ...HEADERS, 'Content-Type': type }).end(body);
    const file = FILES.get(request.url ?? '');
    if (request.method === 'POST' && request.url === '/result') {
      let body = '';
      request.setEncoding('utf8').on('data', (piece) => (body += piece)).on('end', () => {
        send('text/plain', '');
        answer(JSON.parse(body));
      });
    } else if (request.url === '/') send('text/html', PAGE);
    else if (request.url === '/job') send('application/json', JSON.stringify(job));
    else if (file !== undefined) send(TYPES[path.extname(file)], fs.readFileSync(file));
    else response.writeHead(404).end();
  });
  return { server, result };
}

/** The browser's helpers go a moment later than itself, and write until then. @param {string} folder */
async function remove(folder) {
  for (let attempt = 1; fs.existsSync(folder); attempt++) {
    try {
      fs.rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await sleep(PAUSE_MS);
    }
  }
}
const ATTEMPTS = 100;
const PAUSE_MS = 100;

const { values, positionals: args } = parseArgs({ allowPositionals: true, options: { option: { type: 'string', multiple: true }, stats: { type: 'boolean' } } });
const options = Object.fromEntries((values.option ?? []).map((text) => text.split('=')).map(([name, value]) => [name, Number(value)]));
const chromium = findChromium();
if (chromium === null) throw new Error('there is no Chromium');
const { server, result } = serve({ args, options });
await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'catalyst-chromium-'));
const browser = spawn(
  chromium,
  [
    '--headless', `--user-data-dir=${profile}`, '--no-first-run', '--disable-gpu', '--disable-extensions', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--disable-background-timer-throttling', '--disable-renderer-backgrounding',
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), // Chromium refuses its sandbox to root
    `http://127.0.0.1:${port}/`,
  ],
  { stdio: 'ignore' },
);
const closed = new Promise((resolve) => browser.on('close', resolve));
const ended = closed.then(() => ({ code: 1, output: 'Chromium ended before the page had answered\n', stats: undefined }));
const { code, output, stats } = await Promise.race([result, ended]);
browser.kill();
await closed;
server.close();
server.closeAllConnections();
await remove(profile);
process.stdout.write(output);
if (values.stats) process.stderr.write(JSON.stringify(stats) + '\n');
process.exitCode = code;
