/** permissions.js: what a program running in the VM may use, and which files it may reach. */
import fs from 'node:fs';
import path from 'node:path';
import { Permissions } from '../runtime/devices/permissions.js';

/** @param {string} file */
function linkTarget(file) {
  try {
    return path.resolve(path.dirname(file), fs.readlinkSync(file));
  } catch {
    return null;
  }
}

/** The real path of `file`, or of its nearest existing ancestor with the rest appended: a link cannot lead out of
 * an allowed folder, and neither can a path whose last parts do not exist yet.
 * @param {string} file @param {number} [links] as many may lead from one to the next @returns {string} */
function realPath(file, links = 40) {
  if (links === 0) throw Object.assign(new Error('links in a circle'), { code: 'ELOOP' });
  const rest = [];
  for (let at = path.resolve(file); ; at = path.dirname(at)) {
    try {
      return path.join(fs.realpathSync.native(at), ...rest.reverse());
    } catch {
      // A dangling link would be followed on creation, to wherever it points.
      const target = linkTarget(at);
      if (target !== null) return path.join(realPath(target, links - 1), ...rest.reverse());
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

/** The real path of a directory entry itself, also where it is a link. @param {string} file */
const realEntry = (file) => path.join(realPath(path.dirname(path.resolve(file))), path.basename(file));

/** Permissions by name, and of files by folder. */
export class NodePermissions extends Permissions {
  /** @param {{read?: string[], write?: string[], allow?: string[], deny?: string[]}} allowed  `read`, `write`: folders or files, as far as
   * `files` is granted at all; writable ones are readable too */
  constructor({ read = [], write = [], ...names }) {
    super(names);
    if (!this.grants('files')) read = write = [];
    this.write = write.map((file) => realPath(file));
    this.read = [...read.map((file) => realPath(file)), ...this.write];
  }

  /** Lets one file more be read, or what is in a folder. @param {string} file */
  allowReading(file) {
    if (this.grants('files')) this.read.push(realPath(file));
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

  /** May the entry be removed, or replaced by another? What counts is where it is, not where it leads.
   * @param {string} file */
  mayReplace(file) {
    const real = realEntry(file);
    return this.write.some((folder) => isInside(real, folder));
  }
}
