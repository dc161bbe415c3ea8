/** doctor: what is installed, what this Node.js offers, what is missing and how to get it. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { defaultImage, sharedImages, wasmFile } from '../paths.js';

export const help = `Usage: ./catalyst doctor [--json]

Lists the tools that building and testing need, the features of this Node.js, and what has been built.
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

/** @param {string[]} argv */
export async function run(argv) {
  const rows = [
    ['node', process.version, 'https://nodejs.org'],
    ...TOOLS.map(([program, pack, why]) => [program, versionOf(program), `apt-get install ${pack} (${why})`]),
    ['vm.wasm', sizeOf(wasmFile), './catalyst run builds it'],
    ['default image', sizeOf(defaultImage), './catalyst run builds it'],
    ['test images', sharedImages(), 'set CATALYST_IMAGES; the tests that need them are skipped'],
  ];
  if (argv.includes('--json'))
    process.stdout.write(JSON.stringify(Object.fromEntries(rows.map(([what, found]) => [what, found]))) + '\n');
  else
    for (const [what, found, remedy] of rows)
      process.stdout.write(`${String(what).padEnd(14)} ${found ?? `missing: ${remedy}`}\n`);
  return 0;
}
