/** files.js: files that are replaced whole or not at all. */
import fs from 'node:fs';

/** Writes beside the target, flushes, then renames over it. @param {string} file @param {Uint8Array | string} bytes */
export function writeAtomically(file, bytes) {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const fd = fs.openSync(temporary, 'w');
    try {
      fs.writeFileSync(fd, bytes);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(temporary, file);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
}
