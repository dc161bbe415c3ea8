/** build: Smalltalk source to an image, by the builder in the core. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { VM, VMError } from '../../runtime/vm.js';
import { writeAtomically } from '../files.js';
import { NodeHost } from '../host.js';
import { NodePermissions } from '../permissions.js';
import { coreModule, readInput, runToEnd } from '../session.js';
import { UsageError } from '../usage.js';

export const help = `Usage: ./catalyst build [--raw] SOURCE… -o IMAGE

Compiles a folder of Smalltalk source (Tonel, FileTree, chunk files) into an image, with no other image's help. The
folder must hold the kernel classes; images/default is the default image's. The same source gives the same bytes.
The image is run once, until it has set itself up and saved itself: that is what others find in it.

--raw  leave the image as the compiler made it; it sets itself up whenever it is run

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

/** How long an image may take to set itself up; seconds. */
const PATIENCE = 60;

/**
 * The image that a newly made one saves of itself once it is set up, so that this is not done in every run. Nothing that differs
 * from one time to another reaches it: no arguments, no environment, no files. An image that ends without
 * having saved itself stays as it is.
 * @param {Uint8Array} image @returns {Promise<Uint8Array>}
 */
async function booted(image) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'catalyst-build-'));
  try {
    const imagePath = path.join(folder, 'booted.image');
    const permissions = new NodePermissions({ write: [folder] });
    const vm = new VM(coreModule(), new NodeHost({ imagePath, args: [], vmArguments: ['--headless', '--boot'], environment: {}, permissions }));
    vm.option('translate', 0);
    vm.load(image);
    if ((await runToEnd(vm, { seconds: PATIENCE })) !== 0) throw new VMError('the new image could not set itself up');
    return fs.existsSync(imagePath) ? fs.readFileSync(imagePath) : image;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string[]} argv */
export async function run(argv) {
  const { values, positionals } = parseArgs({
    args: argv,
    options: { output: { type: 'string', short: 'o' }, raw: { type: 'boolean' } },
    allowPositionals: true,
  });
  if (positionals.length === 0) throw new UsageError('a folder of sources is needed: ./catalyst build FOLDER -o X.image');
  if (values.output === undefined) throw new UsageError('where the image goes is needed: -o X.image');
  const sources = positionals.flatMap(sourceFiles).map((name) => ({ name, text: readInput(name) }));
  const host = new NodeHost({ imagePath: values.output, args: [], permissions: new NodePermissions({}) });
  const made = new VM(coreModule(), host).build(sources);
  const image = values.raw ? made : await booted(made);
  writeAtomically(values.output, image);
  process.stderr.write(`${values.output}: ${image.length.toLocaleString('en')} bytes from ${sources.length} files\n`);
  return 0;
}
