/**
 * vm.js: one Smalltalk VM: an instance of vm.wasm with its memory, its function table and its host. The same
 * class serves Node and pages; what differs is the host object (web/node/host.js in Node).
 */
import { deviceImports } from './devices/imports.js';
import { Views, utf8 } from './text.js';
import { CoreExit, wasiImports } from './wasi.js';

/** Why vm_run returned: enum interp_stop of vm/interpreter/interp.h. */
export const STOP = Object.freeze({ ON: 0, BUDGET: 1, IDLE: 2, QUIT: 3, ERROR: 4 });

/** An error of the VM itself, with the exit code that the command line documents for it. */
export class VMError extends Error {
  /** @param {string} message @param {number} [exitCode] */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The exit code for an image that cannot be run, or not on. */
export const BAD_IMAGE = 3;

/** A translated module, and the slots of the table that it fills. @typedef {{module: WebAssembly.Module, first: number, count: number}} Installed */
/** The memory of a VM without what is zero, and its translations.
 * @typedef {{size: number, slots: number, spans: {from: number, bytes: Uint8Array}[], modules: Installed[]}} Saved */
/** What an image consists of.
 * @typedef {object} Census
 * @property {number} methods            and blocks with code of their own
 * @property {number} alternate_methods  those of them in the second bytecode set, SistaV1
 * @property {{name: string, instances: number, bytes: number}[]} classes  those that have instances; bytes with headers
 * @property {{priority: number, state: string, stack: string[]}[]} processes */
/** @typedef {{format: number, kind: string, swapped: boolean, converted: boolean, closures: boolean, objects: number, bytes: number, width: number, height: number}} ImageInfo */
/** @typedef {{number: number, module: string, name: string, methods: number, have: boolean}} NamedPrimitive */
const WASM_PAGE = 65536;
const SPAN = 16384;

/**
 * @typedef {object} Host
 * @property {(views: () => Views) => Record<string, Function>} imports  the functions of module "host"
 * @property {(level: number, text: string) => void} log
 * @property {Readonly<Record<string, import('./devices/imports.js').DeviceHost>>} [devices]  what serves each device of devices/table.js
 * @property {import('./devices/permissions.js').Permissions} [permissions]
 */

export class VM {
  /**
   * @param {WebAssembly.Module} module  compiled vm.wasm
   * @param {Host} host
   */
  constructor(module, host) {
    /** Called with the bytes of every translated module before it is installed.
     * @type {((bytes: Uint8Array) => void) | null} */
    this.onInstall = null;
    /** @type {Views | null} */
    this.views_ = null;
    const views = () => /** @type {Views} */ (this.views_);
    /** Called when something has come that the image is to look at: whoever sleeps until it runs again wakes up.
     * @type {(() => void) | null} */
    this.onWake = null;
    this.devices_ = deviceImports(host, views, (semaphore) => this.signal(semaphore));
    const { install, ...code } = this.codeImports_(views, host);
    this.install_ = install;
    this.growTable_ = code.table_grow;
    /** The translations of the present generation, where they are to be part of `state`.
     * @type {Installed[] | null} */
    this.kept = null;
    const instance = new WebAssembly.Instance(module, {
      env: { emscripten_notify_memory_growth: () => {} },
      host: { ...host.imports(views), ...this.devices_.imports, ...code },
      wasi_snapshot_preview1: wasiImports(views, (text) => host.log(3, text.trimEnd())),
    });
    /** @type {any} */
    this.exports = instance.exports;
    this.memory = /** @type {WebAssembly.Memory} */ (this.exports.memory);
    this.table = /** @type {WebAssembly.Table} */ (this.exports.__indirect_function_table);
    this.views_ = new Views(this.memory);
    this.exports._initialize?.();
  }

  get views() {
    return /** @type {Views} */ (this.views_);
  }

  /** Imports through which the core installs code that it made: see "translated code" in vm/devices/host.h.
   *
   * Translated modules import a table of their own, and each function stands at the same index in the core's,
   * for the core to call. For an engine may keep every instance that imports a table as long as that table
   * (V8 does up to version 11): code is given back by making another table. The core's own functions stand in
   * it too: inline caches may name them.
   * @param {() => Views} views @param {Host} host */
  codeImports_(views, host) {
    /** @type {WebAssembly.Table | undefined} */
    let table;
    let coreSlots = 0;
    const newTable = () => {
      const made = new WebAssembly.Table({ initial: this.table.length, element: 'anyfunc' });
      for (let i = 0; i < coreSlots; i++) made.set(i, this.table.get(i));
      return made;
    };
    const install = (/** @type {Installed} */ installed) => {
      table ??= newTable();
      new WebAssembly.Instance(installed.module, { env: { memory: this.memory, table }, core: this.exports });
      for (let i = installed.first; i < installed.first + installed.count; i++) this.table.set(i, table.get(i));
      this.kept?.push(installed);
    };
    return {
      install,
      install_module: (
        /** @type {number} */ at,
        /** @type {number} */ length,
        /** @type {number} */ first,
        /** @type {number} */ count,
      ) => {
        try {
          const bytes = views().span(at, length).slice();
          this.onInstall?.(bytes);
          install({ module: new WebAssembly.Module(bytes), first, count });
          return 0;
        } catch (error) {
          host.log(2, `a translated module was refused: ${/** @type {Error} */ (error).message}`);
          return -1;
        }
      },
      table_grow: (/** @type {number} */ by) => {
        try {
          const first = this.table.grow(by);
          if (coreSlots === 0) coreSlots = first;
          table?.grow(by);
          return first;
        } catch {
          return -1;
        }
      },
      table_renew: (/** @type {number} */ first) => {
        for (let i = first; i < this.table.length; i++) this.table.set(i, null);
        table = undefined;
        if (this.kept) this.kept = [];
      },
    };
  }

  /** Calls f(pointer, length) with a copy of the bytes in linear memory.
   * @template T @param {Uint8Array | string} value @param {(at: number, length: number) => T} f @returns {T} */
  withBytes(value, f) {
    const bytes = typeof value === 'string' ? utf8(value) : value;
    const at = this.exports.vm_alloc(Math.max(bytes.length, 1)) >>> 0;
    if (at === 0) throw new VMError(`no memory for ${bytes.length} bytes`);
    try {
      this.views.span(at, bytes.length).set(bytes);
      return f(at, bytes.length);
    } finally {
      this.exports.vm_free(at);
    }
  }

  /** Throws when the core answered an error. @param {number} at an err_t @param {number} [exitCode] */
  check_(at, exitCode = 1) {
    const text = this.views.cString(at);
    if (text !== null) throw new VMError(text.trimEnd(), exitCode);
  }

  /** Sets an option of vm/base/options.h. @param {string} name @param {number} value */
  option(name, value) {
    if (this.withBytes(name, (at, n) => this.exports.vm_option(at, n, value >>> 0)) !== 0)
      throw new VMError(`there is no VM option ${name}`, 2);
  }

  /** Loads an image; the VM is ready to run afterwards. @param {Uint8Array} bytes */
  load(bytes) {
    this.withBytes(bytes, (at, n) => this.check_(this.exports.vm_load_image(at, n), BAD_IMAGE));
    this.check_(this.exports.vm_start(), BAD_IMAGE);
  }

  /** What another VM of the same module goes on from: the memory between two calls of `run`, and the
   * translations it made (see `kept`). Tests run one state in several ways. @returns {Saved} */
  state() {
    const bytes = new Uint8Array(this.memory.buffer);
    const words = new Int32Array(this.memory.buffer);
    const spans = [];
    for (let from = 0; from < bytes.length; from += SPAN) {
      const end = (from + SPAN) / 4;
      let at = from / 4;
      while (at < end && words[at] === 0) at++;
      if (at < end) spans.push({ from, bytes: bytes.slice(from, from + SPAN) });
    }
    return { size: bytes.length, slots: this.table.length, spans, modules: [...(this.kept ?? [])] };
  }

  /** Goes on from there, instead of loading an image. @param {Saved} state */
  resume({ size, slots, spans, modules }) {
    const missing = (size - this.memory.buffer.byteLength) / WASM_PAGE;
    if (missing > 0) this.memory.grow(missing);
    if (slots > this.table.length) this.growTable_(slots - this.table.length);
    const bytes = new Uint8Array(this.memory.buffer);
    for (const span of spans) bytes.set(span.bytes, span.from);
    for (const installed of modules) this.install_(installed);
  }

  /** Runs for about that long. @param {number} budgetUs @returns {number} one of STOP */
  run(budgetUs) {
    try {
      return this.exports.vm_run(budgetUs);
    } catch (error) {
      if (error instanceof CoreExit || error instanceof WebAssembly.RuntimeError || error instanceof RangeError)
        throw new VMError(`the VM failed, or the image is damaged: ${error.stack ?? error.message}\nplease report it`, BAD_IMAGE);
      throw error;
    }
  }

  /** @returns {number} */
  get exitCode() {
    return this.exports.vm_exit_code();
  }

  /** What an error of the core means to a shell: with more memory the program might have gone on, otherwise nothing
   * but another image helps. */
  get errorCode() {
    return this.error.startsWith('out of memory') ? 1 : BAD_IMAGE;
  }

  get error() {
    return this.views.cString(this.exports.vm_error()) ?? 'unknown error';
  }

  /** Clock value in microseconds at which an idle VM wants to run again; negative: only input wakes it.
   * @returns {number} */
  get idleUntil() {
    return this.exports.vm_idle_until();
  }

  interrupt() {
    this.exports.vm_interrupt();
  }

  /** Signals an external semaphore. @param {number} semaphore  its index */
  signal(semaphore) {
    this.exports.vm_signal(semaphore);
    this.onWake?.();
  }

  /** Whether a device may still bring something to an image that waits. */
  get expectsDevices() {
    return this.devices_.expects();
  }

  /** Gives back all that devices hold of the host, whatever the image does. */
  closeDevices() {
    this.devices_.closeAll();
  }

  /** Writes a snapshot from outside. @param {string} path */
  save(path) {
    this.withBytes(path, (at, n) => this.check_(this.exports.vm_save(at, n)));
  }

  /** @param {string} name @returns {any} */
  json_(name) {
    return JSON.parse(this.views.cString(this.exports[name]()) ?? 'null');
  }
  stats() {
    return this.json_('vm_stats_json');
  }
  /** @returns {ImageInfo} */
  imageInfo() {
    return this.json_('vm_image_json');
  }
  /** Those that the image's methods name. @returns {NamedPrimitive[]} */
  primitives() {
    return this.json_('vm_primitives_json');
  }
  /** What the image consists of: see `vm_census_json` of vm/abi.h. @returns {Census} */
  census() {
    return this.json_('vm_census_json');
  }
  /** The devices and how they stand; no image need be loaded.
   * @returns {{name: string, state: 'present' | 'absent', reason: string, host: string, permission: string, granted: boolean, default: boolean, file: string, purpose: string, operations: string[]}[]} */
  devices() {
    return this.json_('vm_devices_json');
  }
  /** The methods and blocks of the image that would not be translated.
   * @returns {{tried: number, refused: {method: string, phase: string, pc: number, reason: string}[]}} */
  refusals() {
    return this.json_('vm_refusals_json');
  }
  /** A method's bytecode or translation as text. @param {string} method  'Class>>selector' or 'Class class>>selector'
   * @param {string} stage  bytecode, wat or wasm; the last two also with @PC @returns {string} */
  dumpMethod(method, stage) {
    return this.withBytes(method, (at, n) =>
      this.withBytes(stage, (stageAt, m) => {
        const text = this.views.cString(this.exports.vm_dump_method(at, n, stageAt, m)) ?? '';
        if (text.startsWith('error: ')) throw new VMError(text.slice(7));
        return text;
      }),
    );
  }
  stackTrace() {
    return this.views.cString(this.exports.vm_stack_text()) ?? '';
  }

  /** Builds an image from source files. @param {{name: string, text: Uint8Array}[]} sources @returns {Uint8Array} */
  build(sources) {
    this.check_(this.exports.vm_build_begin());
    for (const { name, text } of sources)
      this.withBytes(name, (nameAt, nameLength) =>
        this.withBytes(text, (at, length) => this.check_(this.exports.vm_build_add(nameAt, nameLength, at, length))));
    this.check_(this.exports.vm_build_finish());
    return this.views.span(this.exports.vm_build_bytes(), this.exports.vm_build_size() >>> 0).slice();
  }
}
