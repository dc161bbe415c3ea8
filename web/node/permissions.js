/** permissions.js: which files a program running in the VM may reach. */
import fs from 'node:fs';
import path from 'node:path';

/** The real path of `file`, or of its nearest existing ancestor with the rest appended: a link cannot lead out of
 * an allowed folder, and neither can a path whose last parts do not exist yet.
 * @param {string} file @returns {string} */
function realPath(file) {
  const rest = [];
  for (let at = path.resolve(file); ; at = path.dirname(at)) {
    try {
      return path.join(fs.realpathSync.native(at), ...rest.reverse());
    } catch {
      // A dangling link would be followed on creation, to wherever it points.
      try {
        const target = path.resolve(path.dirname(at), fs.readlinkSync(at));
        return path.join(realPath(target), ...rest.reverse());
      } catch {
        /* no link: go up */
      }
      if (path.dirname(at) === at) return path.join(at, ...rest.reverse());
      rest.push(path.basename(at));
    }
  }
}

/** @param {string} file @param {string} folder */
function isInside(file, folder) {
  const relative = path.relative(folder, file);
  return relative === '' || (!relative.startsWith('..' + path.sep) && relative !== '..' && !path.isAbsolute(relative));
}

export class Permissions {
  /** @param {{read?: string[], write?: string[]}} allowed  folders or files; writable ones are readable too */
  constructor({ read = [], write = [] }) {
    this.write = write.map(realPath);
    this.read = [...read.map(realPath), ...this.write];
  }

  /** @param {string} file */
  mayRead(file) {
    const real = realPath(file);
    return this.read.some((folder) => isInside(real, folder));
  }

  /** @param {string} file */
  mayWrite(file) {
    const real = realPath(file);
    return this.write.some((folder) => isInside(real, folder));
  }
}
