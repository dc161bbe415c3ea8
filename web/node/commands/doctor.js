/** doctor: what is installed, what this Node.js offers, what is missing and how to get it. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { VM } from '../../runtime/vm.js';
import { NodeHost } from '../host.js';
import { defaultImage, sharedImages, wasmFile } from '../paths.js';
import { coreModule, displayOf, permissionsOf, vmOptions } from '../session.js';

export const help = `Usage: ./catalyst doctor [--json]
       ./catalyst doctor --devices [--allow=NAME,…] [--deny=NAME,…] [--display=WxH] [--json]

Lists the tools that building and testing need, the features of this Node.js, and what has been built.

--devices   lists the virtual hardware instead: each device, whether it is there, which permission it needs and whether
            a program has that, and what serves it, or why nothing does
`;

/** Program, Debian package, what for. */
const TOOLS = [
  ['emcc', 'emscripten', 'building vm.wasm'],
  ['cmake', 'cmake', 'building'],
  ['ninja', 'ninja-build', 'building'],
  ['gcc', 'gcc', 'native tools and tests'],
  ['clang', 'clang', 'sanitizer and fuzzer tests'],
  ['wat2wasm', 'wabt', 'checking translated code in tests'],
  ['python3', 'python3', 'the yardstick of the benchmarks'],
  ['chromium', 'chromium', 'benchmarks in a page'],
];

/** @param {string} program */
function versionOf(program) {
  try {
    return execFileSync(program, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')[0];
  } catch {
    return null;
  }
}

/** @param {string} file */
const sizeOf = (file) => (fs.existsSync(file) ? `${fs.statSync(file).size.toLocaleString('en')} bytes` : null);

/** The devices as a program would find them that is run with these options.
 * @param {{allow?: string[], deny?: string[], display?: string, json?: boolean}} values */
function listDevices(values) {
  const permissions = permissionsOf({ allow: values.allow, deny: values.deny });
  const devices = new VM(coreModule(), new NodeHost({ imagePath: '', args: [], permissions, display: displayOf(values) })).devices();
  if (values.json) {
    process.stdout.write(JSON.stringify(devices) + '\n');
    return 0;
  }
  const rows = devices.map(({ name, state, permission, granted, host, reason, purpose }) => ({
    cells: [name, state, permission === '' ? '' : `${permission}: ${granted ? 'granted' : 'not granted'}`],
    about: [state === 'present' ? host : reason, purpose],
  }));
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map(({ cells }) => cells[column].length)));
  for (const { cells, about: [served, purpose] } of rows)
    process.stdout.write(`${cells.map((cell, column) => cell.padEnd(widths[column])).join('  ')}  ${served}\n${''.padEnd(widths[0])}  ${purpose}\n`);
  return 0;
}

/** @param {string[]} argv */
export async function run(argv) {
  const { values } = parseArgs({
    args: argv,
    options: { devices: { type: 'boolean' }, json: { type: 'boolean' }, allow: vmOptions.allow, deny: vmOptions.deny, display: vmOptions.display },
  });
  if (values.devices) return listDevices(values);
  const rows = [
    ['node', process.version, 'https://nodejs.org'],
    ...TOOLS.map(([program, pack, why]) => [program, versionOf(program), `apt-get install ${pack} (${why})`]),
    ['vm.wasm', sizeOf(wasmFile), './catalyst run builds it'],
    ['default image', sizeOf(defaultImage), './catalyst run builds it'],
    ['test images', sharedImages(), 'set CATALYST_IMAGES; the tests that need them are skipped'],
  ];
  if (values.json)
    process.stdout.write(JSON.stringify(Object.fromEntries(rows.map(([what, found]) => [what, found]))) + '\n');
  else
    for (const [what, found, remedy] of rows)
      process.stdout.write(`${String(what).padEnd(14)} ${found ?? `missing: ${remedy}`}\n`);
  return 0;
}
