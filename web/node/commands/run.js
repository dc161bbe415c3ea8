/** run: an image, Smalltalk files in the default image, or the demonstration. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openImage, runAsAsked, vmOptions, vmOptionsHelp } from '../session.js';
import { UsageError } from '../usage.js';

/** @type {import('node:util').ParseArgsConfig['options']} */
const somOptions = { ...vmOptions, som: { type: 'boolean' }, 'class-path': { type: 'string' } };

export const help = `Usage: ./catalyst run [OPTIONS] [IMAGE | FILE.st …] [-- ARGS]
       ./catalyst run --som [-cp DIR:DIR] [OPTIONS] CLASS [ARGS]

With no argument, the default image runs its demonstration. An IMAGE (or 'default') is run as it was
saved; FILE.st … are filed into the default image one after another and their expressions executed.
ARGS are the program's own.

With --som, CLASS is a class of the SOM dialect, found with all the classes it names as Name.som in the folders
of -cp (or --class-path; without it the present one); it may be given as a path, DIR/CLASS.som. An instance
is made and sent run: with the arguments, the class's name first, or run.

${vmOptionsHelp}
Examples:
  ./catalyst run
  ./catalyst run hello.st -- Anna
  ./catalyst run cuis.image --seconds 10 --stats
  ./catalyst run --som -cp examples/som Hello
`;

/** A SOM program: its own arguments begin behind the class. @param {string[]} argv */
function runSom(argv) {
  const args = argv.map((arg) => (arg === '-cp' ? '--class-path' : arg));
  const { tokens } = parseArgs({ args, options: somOptions, allowPositionals: true, tokens: true, strict: false });
  const main = tokens.find((token) => token.kind === 'positional');
  if (main === undefined || main.kind !== 'positional') throw new UsageError('--som wants the class that shall run');
  /** @type {{values: {[name: string]: any}}} */
  const { values } = parseArgs({ args: args.slice(0, main.index), options: /** @type {any} */ (somOptions) });
  const folders = (values['class-path'] ?? '.').split(':').filter((/** @type {string} */ folder) => folder !== '');
  const named = main.value.endsWith('.som') || main.value.includes('/');
  if (named) folders.unshift(path.dirname(main.value));
  const name = named ? path.basename(main.value, '.som') : main.value;
  const { som: _som, 'class-path': _path, ...vm } = values;
  const allowed = { ...vm, 'allow-read': [...(vm['allow-read'] ?? []), ...folders.map((/** @type {string} */ folder) => path.resolve(folder))] };
  const rest = argv.slice(main.index + 1);
  return runAsAsked(openImage('default', ['som', folders.join(':'), name, ...rest], allowed), allowed);
}

/** @param {string[]} argv */
export async function run(argv) {
  if (argv.includes('--som') && !(argv.includes('--') && argv.indexOf('--') < argv.indexOf('--som'))) return runSom(argv);
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
