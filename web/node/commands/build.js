/** build: Smalltalk source to an image, by the builder in the core. */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { VM } from '../../runtime/vm.js';
import { writeAtomically } from '../files.js';
import { NodeHost } from '../host.js';
import { Permissions } from '../permissions.js';
import { coreModule, readInput } from '../session.js';
import { UsageError } from '../usage.js';

export const help = `Usage: ./catalyst build SOURCE… -o IMAGE

Compiles a folder of Smalltalk source (Tonel, FileTree, chunk files) into an image, with no other image's help. The
folder must hold the kernel classes; images/default is the default image's. The same source gives the same bytes.

Example:
  ./catalyst build images/default -o my.image
`;

const SOURCE = /\.(st|cs|json|ston|som)$/;

/** All source files under a path, in name order. @param {string} at @returns {string[]} */
function sourceFiles(at) {
  if (!fs.existsSync(at)) throw Object.assign(new Error(`${at}: there is no such file or folder`), { exitCode: 3 });
  if (!fs.statSync(at).isDirectory()) return [at];
  return fs
    .readdirSync(at)
    .sort()
    .map((name) => path.join(at, name))
    .flatMap((file) => (fs.statSync(file).isDirectory() ? sourceFiles(file) : SOURCE.test(file) ? [file] : []));
}

/** @param {string[]} argv */
export async function run(argv) {
  const { values, positionals } = parseArgs({
    args: argv,
    options: { output: { type: 'string', short: 'o' } },
    allowPositionals: true,
  });
  if (positionals.length === 0) throw new UsageError('a folder of sources is needed: ./catalyst build FOLDER -o X.image');
  if (values.output === undefined) throw new UsageError('where the image goes is needed: -o X.image');
  const sources = positionals.flatMap(sourceFiles).map((name) => ({ name, text: readInput(name) }));
  const host = new NodeHost({ imagePath: values.output, args: [], permissions: new Permissions({}) });
  const image = new VM(coreModule(), host).build(sources);
  writeAtomically(values.output, image);
  process.stderr.write(`${values.output}: ${image.length.toLocaleString('en')} bytes from ${sources.length} files\n`);
  return 0;
}
