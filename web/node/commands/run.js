/** run: an image, Smalltalk files in the default image, or the demonstration. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openImage, runAsAsked, vmOptions, vmOptionsHelp } from '../session.js';
import { UsageError } from '../usage.js';

export const help = `Usage: ./catalyst run [OPTIONS] [IMAGE | FILE.st …] [-- ARGS]

With no argument, the default image runs its demonstration. An IMAGE (or 'default') is run as it was
saved; FILE.st … are filed into the default image one after another and their expressions executed.
ARGS are the program's own.

${vmOptionsHelp}
Examples:
  ./catalyst run
  ./catalyst run hello.st -- Anna
  ./catalyst run cuis.image --seconds 10 --stats
`;

/** @param {string[]} argv */
export async function run(argv) {
  const split = argv.indexOf('--');
  const rest = split < 0 ? [] : argv.slice(split + 1);
  const { values, positionals } = parseArgs({
    args: split < 0 ? argv : argv.slice(0, split),
    options: vmOptions,
    allowPositionals: true,
  });
  const sources = positionals.filter((name) => /\.(st|cs|tonel)$/.test(name));
  if (positionals.length === 0) return runAsAsked(openImage('default', ['demo', ...rest], values), values);
  if (sources.length === positionals.length) {
    // Who names a file lets it be read, and what lies beside it.
    const folders = sources.map((name) => path.dirname(path.resolve(name)));
    const allowed = { ...values, 'allow-read': [...(values['allow-read'] ?? []), ...folders] };
    return runAsAsked(openImage('default', ['run', ...sources, '--', ...rest], allowed), values);
  }
  if (positionals.length > 1)
    throw new UsageError(`one image, or Smalltalk files: got ${positionals.join(' ')}; a program's own arguments go after --`);
  return runAsAsked(openImage(positionals[0], rest, values), values);
}
