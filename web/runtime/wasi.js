/** wasi.js: the few WASI calls that libc leaves in vm.wasm. The core does no input or output through them but
 * for panics, which libc writes to file 2. */

const OK = 0;
const BAD_FD = 8;
const NOT_SUPPORTED = 52;

/** A core that stopped itself: a broken invariant (abort) or exit. */
export class CoreExit extends Error {
  /** @param {number} code */
  constructor(code) {
    super(`the core exited with ${code}`);
    this.code = code;
  }
}

/**
 * @param {() => import('./text.js').Views} views
 * @param {(text: string) => void} log  receives what the core writes to stdout or stderr
 */
export function wasiImports(views, log) {
  return {
    /** @param {number} fd @param {number} iovs @param {number} count @param {number} written */
    fd_write(fd, iovs, count, written) {
      if (fd !== 1 && fd !== 2) return BAD_FD;
      const { data } = views().renew();
      let total = 0;
      let text = '';
      for (let i = 0; i < count; i++) {
        const at = data.getUint32(iovs + 8 * i, true);
        const length = data.getUint32(iovs + 8 * i + 4, true);
        text += views().text(at, length);
        total += length;
      }
      data.setUint32(written, total, true);
      log(text);
      return OK;
    },
    fd_read: () => NOT_SUPPORTED,
    fd_close: () => OK,
    fd_seek: () => NOT_SUPPORTED,
    environ_sizes_get(/** @type {number} */ count, /** @type {number} */ size) {
      const { data } = views().renew();
      data.setUint32(count, 0, true);
      data.setUint32(size, 0, true);
      return OK;
    },
    environ_get: () => OK,
    /** @param {number} code */
    proc_exit(code) {
      throw new CoreExit(code);
    },
    /** @param {number} _id @param {bigint} _precision @param {number} at */
    clock_time_get(_id, _precision, at) {
      views().renew().data.setBigUint64(at, BigInt(Date.now()) * 1000000n, true);
      return OK;
    },
  };
}
