/** session.js: from command-line options to a running VM under Node. */
import fs from 'node:fs';
import path from 'node:path';
import v8 from 'node:v8';
import { runInSlices } from '../runtime/slices.js';
import { VirtualDisplay } from '../runtime/devices/display.js';
import { VM, VMError } from '../runtime/vm.js';
import { processorClock, virtualClock, wallClock } from './clock.js';
import { NodeHost } from './host.js';
import { defaultImage, wasmFile } from './paths.js';
import { NodePermissions } from './permissions.js';
import { readScript, record, scriptPlayer } from './player.js';
import { UsageError } from './usage.js';

/** Options of every command that runs a VM, for util.parseArgs. */
export const vmOptions = /** @type {const} */ ({
  'allow-read': { type: 'string', multiple: true },
  'allow-write': { type: 'string', multiple: true },
  allow: { type: 'string', multiple: true },
  deny: { type: 'string', multiple: true },
  display: { type: 'string' },
  script: { type: 'string' },
  record: { type: 'string' },
  'record-sound': { type: 'string' },
  memory: { type: 'string' },
  'no-translate': { type: 'boolean' },
  translate: { type: 'string' },
  stats: { type: 'boolean' },
  json: { type: 'boolean' },
  seconds: { type: 'string' },
  clock: { type: 'string' },
  save: { type: 'string' },
  option: { type: 'string', multiple: true },
  'dump-modules': { type: 'string' },
});

export const vmOptionsHelp = `Options of the VM:
  --no-translate         interpret everything
  --translate=always     translate each method before its first activation
  --memory=SIZE          limit of the heap: 256M, 2G, … (default 1G)
  --allow-read=FOLDER    let the program read there; may be repeated
  --allow-write=FOLDER   let the program write there too
                         (the working folder and the image's are allowed)
  --allow=NAME,…         let the program use what needs a permission: doctor --devices lists the names
  --deny=NAME,…          do not let it, whatever else is said
  --display=WxH[xDEPTH]  a virtual display of that size, and only of that depth, if one is given
  --script=FILE.json     play input events at their times (docs/devices.md); with a display of 1024x768 if none is given
  --record=FOLDER        write what the display shows there, a PNG file each time it changes
  --record-sound=FILE    write the sound that is played into a WAV file
  --seconds=N            stop after N seconds
  --clock=processor      time passes as the VM computes, and waiting takes none: for tests and scripts
  --clock=virtual        time passes by waiting, and a little when the program looks: the same in each run
  --save=FILE            write a snapshot there when stopping
  --stats                print counts and times on stderr at the end (--json: as JSON)
  --option=NAME=VALUE    set an option of vm/base/options.h (gc_stress, heap_check, …)
  --dump-modules=FOLDER  write each translated module there as it is installed
`;

/** @param {string} text a size such as 64M or 2G; @returns {number} bytes */
export function parseSize(text) {
  const match = /^(\d+(?:\.\d+)?)([KMG]?)B?$/i.exec(text);
  const unit = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }[match?.[2].toUpperCase() ?? ''] ?? 1;
  const bytes = match ? Math.round(Number(match[1]) * unit) : NaN;
  if (!(bytes >= 8 * 2 ** 20 && bytes < 4 * 2 ** 30))
    throw new UsageError(`--memory=${text}: a size between 8M and 4G is needed, such as 512M`);
  return bytes;
}

/** @param {string} option @param {string} text  such as 500ms or 2.5s @returns {number} milliseconds */
export function parseDuration(option, text) {
  const match = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(text);
  if (!match || Number(match[1]) === 0) throw new UsageError(`${option}=${text}: a time is needed, such as 500ms or 5s`);
  return Number(match[1]) * (match[2] === 's' ? 1000 : 1);
}

/** @param {string} text  such as 1024x768 or 800x600x8 */
export function parseDisplay(text) {
  const [width, height, depth] = /^(\d+)x(\d+)(?:x(\d+))?$/.exec(text)?.slice(1).map((n) => (n === undefined ? undefined : Number(n))) ?? [];
  const largest = 16384;
  if (!width || !height || width > largest || height > largest || ![undefined, 1, 2, 4, 8, 16, 32].includes(depth))
    throw new UsageError(`--display=${text}: WIDTHxHEIGHT or WIDTHxHEIGHTxDEPTH is needed, such as 1024x768x32`);
  return { width, height, depth };
}

/** Resolves `default`. @param {string} name */
export const imagePath = (name) => (name === 'default' ? defaultImage : path.resolve(name));

/** @param {string} file */
export function readInput(file) {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    const why = { ENOENT: 'there is no such file', EISDIR: 'it is a folder', EACCES: 'permission denied' }[code ?? ''];
    throw new VMError(`${file}: ${why ?? /** @type {Error} */ (error).message}`, 3);
  }
}

/** Of V8's major versions, the last known to hear of branch hints only when asked to. */
const LAST_V8_TO_ASK = 13;

/** The compiled core. */
export function coreModule() {
  // What translated code tells of its branches; later engines listen by themselves.
  if (Number.parseInt(process.versions.v8, 10) <= LAST_V8_TO_ASK) v8.setFlagsFromString('--experimental-wasm-branch-hinting');
  return new WebAssembly.Module(readInput(wasmFile));
}

const DEFAULT_DISPLAY = '1024x768';

/** The display that was asked for. @param {{display?: string, script?: string, record?: string}} values */
export function displayOf({ display, script, record }) {
  const size = display ?? (script !== undefined || record !== undefined ? DEFAULT_DISPLAY : undefined);
  return size === undefined ? undefined : new VirtualDisplay(parseDisplay(size));
}

/** @param {{clock?: string}} values */
function clockOf({ clock = 'wall' }) {
  if (clock === 'wall') return wallClock;
  if (clock === 'processor') return processorClock();
  if (clock === 'virtual') return virtualClock();
  throw new UsageError(`--clock=${clock}: one of wall, processor, virtual`);
}

/** @param {ConstructorParameters<typeof NodePermissions>[0]} allowed */
export function permissionsOf(allowed) {
  try {
    return new NodePermissions(allowed);
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error;
  }
}

/**
 * @typedef {{[K in keyof typeof vmOptions]?: any}} Values
 * @param {string} image  path
 * @param {string[]} args what the image sees
 * @param {Values} values parsed options
 */
export function openImage(image, args, values) {
  const file = imagePath(image);
  const bytes = readInput(file);
  // The default image lives among the built files; programs run in it get the working folder only.
  const folders = [process.cwd(), ...(file === defaultImage ? [] : [path.dirname(file)])];
  const permissions = permissionsOf({
    allow: values.allow,
    deny: values.deny,
    read: [...folders, path.dirname(file), ...(values['allow-read'] ?? [])],
    write: [...folders, ...(values['allow-write'] ?? [])],
  });
  // Images look for their sources beside the VM too: that is the image's own folder here.
  const vmPath = path.join(path.dirname(file), 'catalyst');
  const display = displayOf(values);
  const soundFile = values['record-sound'] === undefined ? undefined : path.resolve(values['record-sound']);
  const host = new NodeHost({ imagePath: file, args, permissions, vmPath, display, soundFile, clock: clockOf(values) });
  const vm = new VM(coreModule(), host);
  applyOptions(vm, values);
  vm.load(bytes);
  return Object.assign(vm, { display, host });
}

/** @param {VM} vm @param {Values} values */
export function applyOptions(vm, values) {
  if (values.memory !== undefined) vm.option('memory_limit', parseSize(values.memory));
  if (values['no-translate']) vm.option('translate', 0);
  if (values.translate !== undefined) {
    const mode = { never: 0, hot: 1, always: 2 }[/** @type {string} */ (values.translate)];
    if (mode === undefined) throw new UsageError(`--translate=${values.translate}: one of never, hot, always`);
    vm.option('translate', mode);
  }
  for (const text of values.option ?? []) {
    const [name, value] = text.split('=');
    if (!/^\d+$/.test(value ?? '')) throw new UsageError(`--option=${text}: NAME=NUMBER is needed`);
    vm.option(name, Number(value));
  }
  const folder = values['dump-modules'];
  if (folder !== undefined) {
    fs.mkdirSync(folder, { recursive: true });
    let count = 0;
    vm.onInstall = (bytes) => fs.writeFileSync(path.join(folder, `module-${++count}.wasm`), bytes);
  }
}

/** The exit code of a program that Control-C ended, as shells have it. */
const INTERRUPTED = 130;

/**
 * Runs until the image quits, fails or the time is over.
 * @param {VM} vm @param {{seconds?: number, clock?: import('./clock.js').Clock, player?: import('../runtime/devices/script.js').ScriptPlayer, ended?: () => number | null}} [how]
 * @returns {Promise<number>} the exit code
 */
export async function runToEnd(vm, { seconds = Infinity, clock = wallClock, player, ended } = {}) {
  let wakeUp = () => {};
  let interrupts = 0;
  const onInterrupt = () => {
    // The image may catch the first; a person who insists gets out.
    if (++interrupts > 1) process.exit(INTERRUPTED);
    vm.interrupt();
    wakeUp();
  };
  process.on('SIGINT', onInterrupt);
  vm.onWake = () => wakeUp();
  try {
    return await runInSlices(vm, {
      clock: clock.now,
      end: clock.now() + seconds * 1000,
      player,
      ended,
      sleep: async (ms) => {
        const waking = new AbortController();
        wakeUp = () => waking.abort();
        await clock.sleep(ms, waking.signal);
        wakeUp = () => {};
      },
      breathe: () => new Promise((resolve) => setImmediate(resolve)),
    });
  } finally {
    vm.closeDevices();
    process.off('SIGINT', onInterrupt);
  }
}

/** What `--stats` prints. @param {VM} vm @param {Values} values */
export function reportStats(vm, values) {
  const stats = vm.stats();
  if (values.json) process.stderr.write(JSON.stringify(stats) + '\n');
  else {
    const { refusals, ...numbers } = stats;
    for (const [name, value] of Object.entries(numbers)) process.stderr.write(`${name.padEnd(24)} ${Number(value).toLocaleString('en')}\n`);
    process.stderr.write(refusalsText(refusals));
  }
}

/** How often which phase refused for which reason. @param {{phase: string, reason: string}[]} refusals */
export function refusalsText(refusals) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { phase, reason } of refusals) counts.set(`${phase}: ${reason}`, (counts.get(`${phase}: ${reason}`) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([what, count]) => `${String(count).padStart(6)} refused by ${what}\n`).join('');
}

/** Runs an opened image as the options say. @param {ReturnType<typeof openImage>} vm @param {Values} values */
export async function runAsAsked(vm, values) {
  const seconds = values.seconds === undefined ? Infinity : Number(values.seconds);
  if (!(seconds > 0)) throw new UsageError(`--seconds=${values.seconds}: a number above 0 is needed`);
  const played = values.script !== undefined && vm.display ? await scriptPlayer(readScript(values.script), vm, vm.display, vm.host) : {};
  const recorded = values.record !== undefined && vm.display ? await record(path.resolve(values.record), vm.display, vm.host.clock) : undefined;
  try {
    const code = await runToEnd(vm, { seconds, clock: vm.host.clock, ...played });
    if (values.save !== undefined) vm.save(path.resolve(values.save));
    return code;
  } finally {
    recorded?.();
    if (values.stats) reportStats(vm, values);
  }
}
