/** host.js: the Node.js side of vm/devices/host.h: clocks, files, arguments, environment, entropy. */
import fs from 'node:fs';
import path from 'node:path';
import { webcrypto } from 'node:crypto';
import { DroppedFiles } from '../runtime/devices/drop.js';
import { ERR } from '../runtime/errors.js';
import { wallClock } from './clock.js';
import { nodeDevices } from './devices/index.js';

/** HOST_OPEN_… of vm/devices/host.h. */
const OPEN = Object.freeze({ READ: 1, WRITE: 2, CREATE: 4, TRUNCATE: 8, EXCLUSIVE: 16 });

/** @type {Record<string, number>} */
const ERR_OF_CODE = {
  ENOENT: ERR.NOT_FOUND, EACCES: ERR.DENIED, EPERM: ERR.DENIED, EROFS: ERR.DENIED, EEXIST: ERR.EXISTS,
  ENOTEMPTY: ERR.EXISTS, ENOTDIR: ERR.NOT_DIR, EISDIR: ERR.IS_DIR, ENOSPC: ERR.NO_SPACE, EBADF: ERR.BAD_HANDLE,
};

/** Runs f; a system error becomes its host_err. @param {() => number} f */
function guarded(f) {
  try {
    return f();
  } catch (error) {
    const code = /** @type {NodeJS.ErrnoException} */ (error).code;
    if (code === undefined || code === 'EPIPE') throw error; // nobody reads on: the program ends, as by SIGPIPE
    return ERR_OF_CODE[code] ?? ERR.FAILED;
  }
}

/** Blocks this thread. @param {number} ms */
const pause = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

/** Reads or writes the whole request on a descriptor that may be non-blocking (pipes, terminals).
 * @param {() => number} attempt */
function retrying(attempt) {
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      const { code } = /** @type {NodeJS.ErrnoException} */ (error);
      // Control-C at a prompt ends the input.
      if (code === 'EOF' || code === 'EINTR') return 0;
      if (code !== 'EAGAIN') throw error;
      pause(2);
    }
  }
}

/**
 * @typedef {object} HostOptions
 * @property {string} imagePath   what attribute 1 answers
 * @property {string[]} args      attributes 2, 3, …
 * @property {string[]} [vmArguments]  attributes -1, -2, …: the options given to the VM; Pharo's image asks for --headless
 * @property {import('./permissions.js').NodePermissions} permissions
 * @property {import('../runtime/devices/display.js').VirtualDisplay} [display]  where there is to be one
 * @property {string} [soundFile]  where the sound that is played is written
 * @property {string} [vmPath]    attribute 0
 * @property {import('./clock.js').Clock} [clock]
 * @property {Record<string, string | undefined>} [environment]  what the image sees of it
 * @property {(level: number, text: string) => void} [log]
 */

export class NodeHost {
  /** @param {HostOptions} options */
  constructor(options) {
    this.options = options;
    this.permissions = options.permissions;
    this.clock = options.clock ?? wallClock;
    this.dropped = new DroppedFiles();
    this.devices = nodeDevices({ display: options.display, dropped: this.dropped, soundFile: options.soundFile, clock: this.clock });
    const environment = this.permissions.grants('environment') ? (options.environment ?? process.env) : {};
    this.environment = Object.entries(environment).map(([k, v]) => [k, v ?? '']);
    /** Open descriptors; a hole is a closed handle. @type {(number | undefined)[]} */
    this.files = [0, 1, 2];
    /** The listing that dir_entry is walking. @type {{folder: string, names: string[]} | null} */
    this.listing = null;
  }

  /** @param {number} level @param {string} text */
  log(level, text) {
    if (this.options.log) this.options.log(level, text);
    else process.stderr.write(`catalyst: ${text}\n`);
  }

  /** @param {() => import('../runtime/text.js').Views} views */
  imports(views) {
    return { ...this.clocks_(), ...this.files_(views), ...this.folders_(views), ...this.process_(views) };
  }

  clocks_() {
    return {
      clock_us: () => this.clock.now() * 1000,
      utc_us: () => this.clock.utc() * 1000,
      clock_look: () => (this.clock.look() ? 1 : 0),
      tz_offset_s: (/** @type {number} */ utcUs) => -60 * this.clock.offset(utcUs / 1000) || 0,
    };
  }

  /** @param {number} handle */
  fd_(handle) {
    const fd = this.files[handle];
    if (handle <= 2 && !this.permissions.grants('streams')) throw Object.assign(new Error('denied'), { code: 'EACCES' });
    if (fd === undefined) throw Object.assign(new Error('closed handle'), { code: 'EBADF' });
    return fd;
  }

  /** @param {string} file @param {boolean} write */
  allow_(file, write) {
    const { permissions } = this;
    if (write ? permissions.mayWrite(file) : permissions.mayRead(file)) return file;
    return this.refuse_(file, write);
  }

  /** For removing or renaming. @param {string} file */
  allowReplacing_(file) {
    return this.permissions.mayReplace(file) ? file : this.refuse_(file, true);
  }

  /** The first refusal is told to the user too. @param {string} file @param {boolean} write @returns {never} */
  refuse_(file, write) {
    const flag = write ? '--allow-write' : '--allow-read';
    if (!this.warned_) this.log(2, `the image may not ${write ? 'write' : 'read'} ${file}; ${flag}=${path.dirname(file)} permits it`);
    this.warned_ = true;
    throw Object.assign(new Error('denied'), { code: 'EACCES' });
  }

  /** @param {() => import('../runtime/text.js').Views} views */
  files_(views) {
    /** @type {(at: number, n: number) => string} */
    const file = (at, n) => path.resolve(views().text(at, n));
    return {
      file_open: (/** @type {number} */ at, /** @type {number} */ n, /** @type {number} */ flags) =>
        guarded(() => {
          const name = this.allow_(file(at, n), (flags & OPEN.WRITE) !== 0);
          const { constants: c } = fs;
          let mode = flags & OPEN.WRITE ? (flags & OPEN.READ ? c.O_RDWR : c.O_WRONLY) : c.O_RDONLY;
          if (flags & OPEN.CREATE) mode |= c.O_CREAT;
          if (flags & OPEN.TRUNCATE) mode |= c.O_TRUNC;
          if (flags & OPEN.EXCLUSIVE) mode |= c.O_EXCL;
          const fd = fs.openSync(name, mode, 0o666);
          if (fs.fstatSync(fd).isDirectory()) {
            fs.closeSync(fd);
            return ERR.IS_DIR;
          }
          let handle = this.files.indexOf(undefined, 3);
          if (handle < 0) handle = this.files.length;
          this.files[handle] = fd;
          return handle;
        }),
      file_close: (/** @type {number} */ handle) =>
        guarded(() => {
          const fd = this.fd_(handle);
          if (handle > 2) {
            fs.closeSync(fd);
            this.files[handle] = undefined;
          }
          return 0;
        }),
      file_read: (/** @type {number} */ handle, /** @type {number} */ at, /** @type {number} */ to, /** @type {number} */ n) =>
        guarded(() => {
          const fd = this.fd_(handle);
          return retrying(() => fs.readSync(fd, views().span(to, n), 0, n, at < 0 ? null : at));
        }),
      file_write: (/** @type {number} */ handle, /** @type {number} */ at, /** @type {number} */ from, /** @type {number} */ n) =>
        guarded(() => {
          const fd = this.fd_(handle);
          let done = 0;
          while (done < n)
            done += retrying(() => fs.writeSync(fd, views().span(from, n), done, n - done, at < 0 ? null : at + done));
          return done;
        }),
      file_size: (/** @type {number} */ handle) => guarded(() => fs.fstatSync(this.fd_(handle)).size),
      file_truncate: (/** @type {number} */ handle, /** @type {number} */ size) =>
        guarded(() => (fs.ftruncateSync(this.fd_(handle), size), 0)),
      file_flush: (/** @type {number} */ handle, /** @type {number} */ toDisk) =>
        guarded(() => {
          const fd = this.fd_(handle);
          if (toDisk && handle > 2) fs.fsyncSync(fd);
          return 0;
        }),
      file_is_terminal: (/** @type {number} */ handle) =>
        handle <= 2 && [process.stdin, process.stdout, process.stderr][handle].isTTY ? 1 : 0,
      file_delete: (/** @type {number} */ at, /** @type {number} */ n) =>
        guarded(() => (fs.unlinkSync(this.allowReplacing_(file(at, n))), 0)),
      file_rename: (/** @type {number} */ at, /** @type {number} */ n, /** @type {number} */ to, /** @type {number} */ m) =>
        guarded(() => (fs.renameSync(this.allowReplacing_(file(at, n)), this.allowReplacing_(file(to, m))), 0)),
    };
  }

  /** Facts of the file that a link leads to; null where it leads nowhere, or out of the allowed folders.
   * @param {string} name */
  target_(name) {
    try {
      return this.permissions.mayRead(name) ? fs.statSync(name) : null;
    } catch {
      return null;
    }
  }

  /** @param {() => import('../runtime/text.js').Views} views */
  folders_(views) {
    /** @type {(at: number, n: number) => string} */
    const file = (at, n) => path.resolve(views().text(at, n));
    /** Writes a struct host_stat. @param {string} name @param {number} at @param {number} nameLength */
    const putStat = (name, at, nameLength) => {
      const link = fs.lstatSync(name);
      const s = (link.isSymbolicLink() ? this.target_(name) : null) ?? link;
      const { data } = views().renew();
      data.setFloat64(at, s.isDirectory() ? 0 : s.size, true);
      data.setFloat64(at + 8, s.mtimeMs * 1000, true);
      data.setFloat64(at + 16, s.birthtimeMs * 1000, true);
      data.setUint32(at + 24, s.isDirectory() ? 1 : 0, true);
      data.setUint32(at + 28, link.isSymbolicLink() ? 1 : 0, true);
      data.setUint32(at + 32, s.mode & 0o7777, true);
      data.setUint32(at + 36, nameLength, true);
    };
    return {
      dir_create: (/** @type {number} */ at, /** @type {number} */ n) =>
        guarded(() => (fs.mkdirSync(this.allow_(file(at, n), true)), 0)),
      dir_delete: (/** @type {number} */ at, /** @type {number} */ n) =>
        guarded(() => (fs.rmdirSync(this.allowReplacing_(file(at, n))), 0)),
      file_stat: (/** @type {number} */ at, /** @type {number} */ n, /** @type {number} */ stat) =>
        guarded(() => (putStat(this.allow_(file(at, n), false), stat, 0), 0)),
      dir_entry: (
        /** @type {number} */ at, /** @type {number} */ n, /** @type {number} */ index,
        /** @type {number} */ name, /** @type {number} */ room, /** @type {number} */ stat,
      ) =>
        guarded(() => {
          const folder = this.allow_(file(at, n), false);
          if (index === 0 || this.listing?.folder !== folder)
            this.listing = { folder, names: fs.readdirSync(folder).sort() };
          const entry = this.listing.names[index];
          if (entry === undefined) return 0;
          putStat(path.join(folder, entry), stat, views().putText(entry, name, room));
          return 1;
        }),
      working_dir: (/** @type {number} */ at, /** @type {number} */ room) => views().putText(process.cwd(), at, room),
    };
  }

  /** @param {number} index @returns {string | undefined} */
  attribute_(index) {
    const { imagePath, args, vmArguments = ['--headless'], vmPath = process.argv[1] ?? 'catalyst' } = this.options;
    if (index < 0) return vmArguments[-1 - index];
    if (index === 0) return vmPath;
    if (index === 1) return imagePath;
    if (index >= 2 && index < 1000) return args[index - 2];
    switch (index) {
      case 1001: return 'unix';
      case 1002: return process.platform;
      case 1003: return 'wasm32';
      case 1004: return 'Catalyst 0.1';
      case 1005: return 'null';
      default: return undefined;
    }
  }

  /** @param {() => import('../runtime/text.js').Views} views */
  process_(views) {
    return {
      attribute: (/** @type {number} */ index, /** @type {number} */ at, /** @type {number} */ room) => {
        const text = this.attribute_(index);
        return text === undefined ? -1 : views().putText(text, at, room);
      },
      env_get: (/** @type {number} */ nameAt, /** @type {number} */ n, /** @type {number} */ at, /** @type {number} */ room) => {
        const name = views().text(nameAt, n);
        const pair = this.environment.find(([key]) => key === name);
        return pair === undefined ? -1 : views().putText(pair[1], at, room);
      },
      env_at: (/** @type {number} */ index, /** @type {number} */ at, /** @type {number} */ room) => {
        const pair = this.environment[index];
        return pair === undefined ? -1 : views().putText(`${pair[0]}=${pair[1]}`, at, room);
      },
      random: (/** @type {number} */ at, /** @type {number} */ n) => {
        for (let done = 0; done < n; done += 65536)
          webcrypto.getRandomValues(views().span(at + done, Math.min(65536, n - done)));
      },
      log: (/** @type {number} */ level, /** @type {number} */ at, /** @type {number} */ n) =>
        this.log(level, views().text(at, n)),
      locale: (/** @type {number} */ at, /** @type {number} */ room) =>
        views().putText(Intl.DateTimeFormat().resolvedOptions().locale, at, room),
    };
  }
}
