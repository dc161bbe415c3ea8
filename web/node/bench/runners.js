/**
 * runners.js: who can run a benchmark program: this VM interpreting and translating, in this Node.js, another one or Chromium; CPython;
 * JavaScript; and the peers that CATALYST_PEERS names. Each runs in a process of its own and reports a line of JSON for each iteration,
 * in the form of the default image's harness.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from '../paths.js';
import { UsageError } from '../usage.js';

export const examples = path.join(root, 'examples/benchmarks');
/** @param {string} text */
export const progress = (text) => process.stderr.write(`catalyst bench: ${text}\n`);

/** Nothing that is measured takes longer; milliseconds. */
const PATIENCE = 1_200_000;

/** @param {string} program @param {string[]} args @param {string} [cwd] */
export function output(program, args, cwd = root) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 26, timeout: PATIENCE });
  if (error || status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error ?? (stderr || stdout)}`);
  return stdout;
}

/** Runs this command line. @param {string[]} args @param {string} [cwd] @param {string} [node] */
export const catalyst = (args, cwd, node = process.execPath) =>
  output(node, ['--no-warnings', path.join(root, 'web/node/cli.js'), ...args], cwd);

/** Works in a folder that goes away. @template T @param {(folder: string) => T} work */
export function inFolder(work) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'catalyst-bench-'));
  try {
    return work(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @typedef {{name: string, iteration: number, inner: number, microseconds: number, answer: string, ok: boolean}} Line
 * @typedef {object} Runner
 * @property {string} name
 * @property {number} warmup      iterations before those that count: an engine that translates needs some
 * @property {boolean} hasMicro   whether it has the micro benchmarks too, which are the default image's own
 * @property {(args: string[]) => string} bench  runs the program with the harness's arguments
 */

/** What is compiled while it runs needs some iterations more. */
const WARMUPS = 10;

/** @param {(options: string[], args: string[]) => string} bench  runs the default image's benchmarks with options of the command line */
const modes = (bench) => ({
  /** @type {Runner} */
  interpreted: { name: 'interpreted', warmup: 1, hasMicro: true, bench: (args) => bench(['--option=translate=0'], args) },
  /** @type {Runner} */
  translated: { name: 'translated', warmup: WARMUPS, hasMicro: true, bench: (args) => bench(['--option=translate=1'], args) },
  /** @type {Runner} */
  calling: { name: 'calling', warmup: WARMUPS, hasMicro: true, bench: (args) => bench(['--option=translate=1', '--option=short_methods=0'], args) },
});

/**
 * Where this VM runs.
 * @typedef {object} Engine
 * @property {string} name
 * @property {string | null} node  the Node.js that it is; null: it is none, and has the default image alone
 * @property {Runner} interpreted
 * @property {Runner} translated
 * @property {Runner} calling      translated, and no short method stands in place of its call
 * @property {Runner} javascript   the same programs in JavaScript, always in a Node.js
 */

/** @param {string} [node] @returns {Engine} */
export function nodeEngine(node = process.execPath) {
  return {
    name: `Node.js ${output(node, ['--version']).trim()}`,
    node,
    ...modes((options, args) => catalyst(['run', ...options, 'default', '--', 'bench', ...args, '--json'], undefined, node)),
    javascript: javascript(node),
  };
}

const CHROMIUMS = ['chromium', 'chromium-browser', 'google-chrome'];

/** A browser of the Chromium family, or null. */
export const findChromium = () =>
  [...(process.env.CHROMIUM ? [process.env.CHROMIUM] : []), ...CHROMIUMS].find((name) => spawnSync(name, ['--version']).status === 0) ?? null;

/** @returns {Engine} */
export function chromiumEngine() {
  const chromium = findChromium();
  if (chromium === null) throw new UsageError('there is no Chromium: apt-get install chromium, or set CHROMIUM to one');
  const program = path.join(root, 'web/node/bench/chromium.js');
  return {
    name: output(chromium, ['--version']).trim(),
    node: null,
    ...modes((options, args) => output(process.execPath, ['--no-warnings', program, ...options, '--', 'bench', ...args, '--json'])),
    javascript: javascript(process.execPath),
  };
}

/** @type {Runner} */
const cpython = {
  name: 'cpython',
  warmup: 1,
  hasMicro: false,
  bench: (args) => output('python3', [path.join(examples, 'run.py'), ...args]),
};

/** @param {string} node @returns {Runner} */
const javascript = (node) => ({
  name: 'javascript',
  warmup: WARMUPS,
  hasMicro: false,
  bench: (args) => output(node, [path.join(examples, 'run.js'), ...args]),
});

/** CPython, or null where there is none. */
export const python = () => (spawnSync('python3', ['--version']).status === 0 ? cpython : null);

/** @typedef {{name: string, words: string[], takesArguments: boolean}} Peer */

/** Peers run in their images' folders: a path from here is made whole. @param {string} word */
const fromHere = (word) => (word.includes('/') && fs.existsSync(word) ? path.resolve(word) : word);

/** `name=command {image} {args}`, several of them separated by semicolons or newlines. @param {string | undefined} text @returns {Peer[]} */
export function peers(text = process.env.CATALYST_PEERS) {
  return (text ?? '').split(/[;\n]/).map((entry) => entry.trim()).filter((entry) => entry !== '').map((entry) => {
    const match = /^(\w[\w.-]*)=(.+)$/s.exec(entry);
    const words = [...(match?.[2] ?? '').matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => fromHere(a ?? b ?? c));
    if (!match || !words.some((word) => word.includes('{image}')))
      throw new UsageError(`CATALYST_PEERS: '${entry}' is not of the form NAME=COMMAND {image} {args}`);
    return { name: match[1], words, takesArguments: words.includes('{args}') };
  });
}

/** Runs an image on a peer, in the image's folder. @param {Peer} peer @param {string} image @param {string[]} args */
export function runOnPeer(peer, image, args) {
  const [program, ...rest] = peer.words.flatMap((word) => (word === '{args}' ? args : [word.replace('{image}', image)]));
  const { stdout, stderr, error } = spawnSync(program, rest, {
    cwd: path.dirname(image), encoding: 'utf8', maxBuffer: 1 << 26, timeout: PATIENCE });
  if (error) throw new Error(`${peer.name}: ${error}`);
  return { stdout, stderr };
}

/** A Smalltalk literal. @param {string} text */
const literal = (text) => `'${text.replaceAll("'", "''")}'`;

/**
 * A peer as a runner. Not every VM hands arguments to the image, so that the default image is given one that was saved as it
 * was about to run the benchmark: started anywhere, it does that and quits.
 * @param {Peer} peer @returns {Runner}
 */
export const peerRunner = (peer) => ({
  name: peer.name,
  warmup: 1,
  hasMicro: true,
  bench: (args) =>
    inFolder((folder) => {
      const image = path.join(folder, 'bench.image');
      const list = [...args, '--json'].map(literal).join(' ');
      catalyst(['eval', `Smalltalk imageName: ${literal(image)}. Smalltalk snapshot: true andQuit: true.
        Smalltalk quit: (BenchmarkHarness runArguments: #(${list}))`], folder);
      const { stdout, stderr } = runOnPeer(peer, image, []);
      if (!stdout.includes('"microseconds"')) throw new Error(`${peer.name} ran nothing: ${stderr || stdout}`);
      return stdout;
    }),
});

/** Other VMs print more than the image does. @param {string} text @returns {Line[]} */
export const lines = (text) =>
  text.split(/[\r\n]+/).filter((line) => /^\{.*"microseconds"/.test(line)).map((line) => JSON.parse(line));
